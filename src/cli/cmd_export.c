/* cmd_export.c: `stave export DIR TYPE`: units or records as CSV or XLSX, in keyset steps; memory
 * does not grow with them. */
#include "cli/cli.h"
#include "exchange/sheet.h"

enum { FLUSH_BYTES = 64 * 1024 };

typedef struct Export {
    Cli *c;
    CliRead *r;
    Arena *arena;   /* of `out`: emptied with each flush */
    Arena *scratch; /* of one row: not the same, a growing `out` would lie behind its mark */
    Buf out;
    SheetBook *book; /* NULL: CSV */
    Uuid person; /* the last one looked up: rows of one village follow each other */
    char name[LIMIT_NAME_CHARS * 4];
    size_t name_n;
} Export;

static void flush(Export *x)
{
    x->c->write(x->c, 1, buf_view(&x->out));
    arena_reset(x->arena);
    x->out = (Buf){.arena = x->arena};
}

/* `ret` stands until the next one is asked for. */
static int person_name(void *ctx, Uuid person, Str *ret, Err *e)
{
    Export *x = ctx;
    if (!uuid_eq(x->person, person)) {
        Str name;
        TRY(access_person_name(x->scratch, x->r->tx, person, &name, e));
        x->person = person;
        x->name_n = name.n < sizeof x->name ? name.n : sizeof x->name;
        memcpy(x->name, name.p, x->name_n);
    }
    *ret = (Str){x->name, x->name_n};
    return 0;
}

static int put_record(void *ctx, const Record *rec, Err *e)
{
    Export *x = ctx;
    if (x->book)
        return sheet_book_row(x->book, x->scratch, x->r->tree, rec, (SheetNames){person_name, x},
                              e);
    TRY(sheet_record_row(&x->out, x->scratch, x->r->tree, rec, (SheetNames){person_name, x}, e));
    if (x->out.n >= FLUSH_BYTES)
        flush(x);
    return 0;
}

static int to_stdout(void *ctx, Str bytes, Err *e)
{
    Export *x = ctx;
    (void)e; /* write ends the program where it cannot */
    x->c->write(x->c, 1, bytes);
    return 0;
}

static int export_book(Export *x, const Type *t, int unit_ix, Err *e)
{
    Cli *c = x->c;
    TableSink sink = {to_stdout, x};
    if (!t)
        return sheet_book_units(x->arena, sink, c->app->model, x->r->tree, unit_ix, c->lang, e);
    int rc = sheet_book_new(x->arena, sink, t, x->r->tree, c->lang, &x->book, e);
    if (rc >= 0)
        rc = record_each(c->app->records, x->r->tx, x->r->tree, t, unit_ix, put_record, x, e);
    if (rc >= 0)
        rc = sheet_book_end(x->book, e);
    sheet_book_close(x->book);
    return rc;
}

static int export_opened(Cli *c, CliRead *r, Arena *arena, Arena *scratch, Err *e)
{
    int unit_ix = -1;
    if (cli_has(c, "--unit")) {
        const Unit *u = tree_unit_coded(r->tree, cli_option(c, "--unit"));
        if (!u)
            return err_field(e, S("--unit"), "cli.no_unit", cli_option(c, "--unit"));
        unit_ix = u->ix;
    }
    Export x = {.c = c, .r = r, .arena = arena, .scratch = scratch, .out = {.arena = arena}};
    const Type *t = model_type(c->app->model, c->args[1]);
    bool is_unit = str_eq(c->args[1], S("unit"));
    if (!t && !is_unit)
        return err_set(e, ERR_INVALID, "cli.no_type", c->args[1]);
    if (str_eq(cli_option(c, "--format"), S("xlsx")))
        return export_book(&x, is_unit ? NULL : t, unit_ix, e);
    if (is_unit)
        sheet_write_units(&x.out, c->app->model, r->tree, unit_ix);
    else {
        sheet_record_head(&x.out, t);
        TRY(record_each(c->app->records, r->tx, r->tree, t, unit_ix, put_record, &x, e));
    }
    flush(&x);
    return 0;
}

int cmd_export(Cli *c)
{
    Err e = err_on(c->arena);
    Str format = cli_option(c, "--format");
    if (cli_has(c, "--format") && !str_eq(format, S("csv")) && !str_eq(format, S("xlsx"))) {
        cli_say(c, 2, "cli.no_format", &format, NULL);
        return EXIT_FAULT;
    }
    CliRead r;
    if (cli_read_whole(c, &r, &e) < 0)
        return cli_fail(c, &e);
    Arena *arena = arena_new(FLUSH_BYTES * 2), *scratch = arena_new(FLUSH_BYTES);
    int rc = export_opened(c, &r, arena, scratch, &e);
    arena_free(scratch);
    arena_free(arena);
    cli_read_end(c, &r);
    return rc < 0 ? cli_fail(c, &e) : EXIT_DONE;
}
