/* cmd_import_record.c: `stave import DIR TYPE FILE`: records of any type, tried first, then written
 * as a batch; `stave import undo DIR BATCH`.                                         SPEC: P7 */
#include "cli/cli.h"
#include "exchange/sheet.h"

/* Who imports; one hand for all steps. */
typedef struct Importer {
    Cli *c;
    Str account;
    const Tree *tree;
    const FlowCalendar *calendar;
} Importer;

static int be_reader(void *ctx, Arena *a, Tx *tx, Reader *ret, Err *e)
{
    Importer *x = ctx;
    App *app = x->c->app;
    TRY(access_tree_refresh(app->access, tx, e));
    x->tree = access_tree_hold(app->access);
    x->calendar = flow_calendar_hold(app->flow);
    int rc = access_reader_account(app->access, a, tx, x->tree, x->account, ret, e);
    if (!rc) {
        ret->lang = x->c->lang;
        ret->workdays = flow_workdays(x->calendar);
        rc = record_fill_mine(app->records, a, tx, ret, e);
    }
    if (rc < 0) {
        access_tree_drop(app->access, x->tree);
        flow_calendar_drop(app->flow, x->calendar);
    }
    return rc;
}

static void be_nobody(void *ctx, Reader *r)
{
    Importer *x = ctx;
    (void)r; /* in the step's memory */
    access_tree_drop(x->c->app->access, x->tree);
    flow_calendar_drop(x->c->app->flow, x->calendar);
}

/* --as, else whoever holds the office at the root. */
static int who_imports(Cli *c, const CliRead *r, Str *ret, Err *e)
{
    SeatLine *seats;
    int n;
    *ret = cli_option(c, "--as");
    if (str_has(*ret))
        return 0;
    if (r->tree->unit_n) {
        TRY(access_seats(c->app->access, c->arena, r->tx, r->tree, 0, &seats, &n, e));
        for (int i = 0; i < n; i++)
            if (seats[i].posting && seats[i].falls_unit_ix == 0 &&
                seats[i].falls_role == seats[i].role) {
                *ret = seats[i].account;
                return 0;
            }
    }
    return err_set(e, ERR_STATE, "cli.import_nobody");
}

/* "HEADING=FIELD; HEADING=-" */
static int take_map(Cli *c, ImportPoint **ret, int *ret_n, Err *e)
{
    Str rest = cli_option(c, "--map"), one;
    *ret = NEW_N(c->arena, ImportPoint, rest.n + 1);
    *ret_n = 0;
    while (rest.n) {
        ImportPoint p;
        (void)str_cut(rest, ';', &one, &rest); /* the last one has no mark behind it */
        if (!str_trim(one).n)
            continue;
        if (!str_cut(one, '=', &p.heading, &p.to))
            return err_set(e, ERR_INVALID, "cli.bad_map", str_trim(one));
        p.heading = str_trim(p.heading);
        p.to = str_trim(p.to);
        (*ret)[(*ret_n)++] = p;
    }
    return 0;
}

static Str number(Cli *c, int64_t n)
{
    return str_fmt(c->arena, "%lld", (long long)n);
}

static void say_found(Cli *c, const RecordImport *im)
{
    for (int i = 0; i < im->fault_n; i++) {
        const ImportFault *f = &im->faults[i];
        Str row = number(c, f->row), why = sheet_fault_text(c->arena, c->lang, f);
        cli_say(c, 2, "cli.import_row_fault", &row, &f->column, &f->value, &why, NULL);
    }
    Str unused = S("");
    for (int i = 0; i < im->column_n; i++)
        if (im->columns[i].aim == AIM_NONE && im->columns[i].heading.n)
            unused = str_fmt(c->arena, "%.*s%s%.*s", STR_ARG(unused), unused.n ? ", " : "",
                             STR_ARG(im->columns[i].heading));
    if (unused.n)
        cli_say(c, 1, "cli.import_unused", &unused, NULL);
    for (int i = 0; i < im->note_n; i++) {
        const ImportNote *n = &im->notes[i];
        Str times = number(c, n->n), row = number(c, n->row), what = i18n_get(c->lang, n->key);
        cli_say(c, 1, "cli.import_note", &n->column, &times, &what, &row, NULL);
    }
}

static int into_buf(void *ctx, Str bytes, Err *e)
{
    (void)e; /* memory alone */
    buf_str(ctx, bytes);
    return 0;
}

static int write_reasons(Cli *c, const SheetImport *x, const RecordImport *im, Err *e)
{
    Str path = cli_option(c, "--reasons");
    if (!str_has(path) || !im->fault_n)
        return 0;
    Buf b = {.arena = c->arena};
    TRY(sheet_write_reasons(c->arena, x, im, c->lang, (TableSink){into_buf, &b}, e));
    TRY(c->env->fns->write_file(c->env->self, path, buf_view(&b), 0600, e));
    cli_say(c, 1, "cli.import_reasons", &path, NULL);
    return 0;
}

static void say_counts(Cli *c, const RecordImport *im, bool is_written)
{
    Str added = number(c, im->new_n), changed = number(c, im->changed_n);
    Str same = number(c, im->same_n), bad = number(c, im->bad_n);
    if (!im->bad_n || is_written || cli_has(c, "--dry-run"))
        cli_say(c, 1, is_written ? "cli.import_done" : "cli.import_would", &added, &changed, &same,
                NULL);
    Str end = i18n_get(c->lang, is_written ? S("cli.import_left_out") : S("cli.import_kept_back"));
    if (cli_has(c, "--dry-run"))
        end = S("");
    if (im->bad_n)
        cli_say(c, 2, "cli.import_bad", &bad, &end, NULL);
}

static int write_all(Cli *c, Importer *who, RecordImport *im, SheetImport *x,
                     const ImportPoint *points, int point_n, Err *e)
{
    ImportHand h = {.rs = c->app->records,
                    .store = c->app->store,
                    .begin = be_reader,
                    .end = be_nobody,
                    .ctx = who};
    Str path = c->args[2], name = path;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/')
            name = str_sub(path, i + 1, path.n);
    TRY(sheet_import_again(x, e));
    TRY(store_conn(c->app->store, &h.conn, e));
    int rc = record_import_open(&h, im, &x->head, points, point_n,
                                utf8_prefix(name, LIMIT_NAME_CHARS), e);
    for (bool more = true; more && rc >= 0;)
        rc = record_import_step(&h, im, sheet_import_rows(x), &more, e);
    conn_close(h.conn);
    return rc;
}

static bool finds_any(const RecordImport *im)
{
    return im->key_n || im->key_has_unit || im->key_has_author || im->key_is_id;
}

/* Nothing says by what to find records: by what one could, and whether this file came before. */
static int say_unkeyed(Cli *c, Tx *tx, const RecordImport *im, Err *e)
{
    UnixMs at_ms = 0;
    int64_t made = 0;
    if (finds_any(im) || !im->new_n)
        return 0;
    Str list = S("");
    for (int i = 0; i < im->column_n; i++)
        if (im->columns[i].aim == AIM_FIELD && im->columns[i].field->kind != KIND_NOTE)
            list = str_fmt(c->arena, "%.*s%s%.*s", STR_ARG(list), list.n ? ", " : "",
                           STR_ARG(im->columns[i].heading));
    cli_say(c, 1, "cli.import_no_key", &list, NULL);
    TRY(record_import_same_file(tx, im->type, im->sm3, &at_ms, &made, e));
    Str when = ms_rfc3339(c->arena, at_ms), n = number(c, made);
    if (!made)
        return 0;
    if (!cli_has(c, "--again") && !cli_has(c, "--dry-run"))
        return err_set(e, ERR_STATE, "cli.import_again", when, n);
    cli_say(c, 2, "cli.import_again", &when, &n, NULL);
    return 0;
}

/* Prepares everything; 1: may be written. */
static int try_all(Cli *c, CliRead *r, Importer *who, RecordImport *im, SheetImport *x,
                   const ImportPoint *points, int point_n, Err *e)
{
    Reader reader;
    ImportColumn *columns;
    TRY(be_reader(who, c->arena, r->tx, &reader, e));
    int rc = record_import_columns(c->arena, r->tx, &reader, im->type, &x->head, points, point_n,
                                   &columns, &im->column_n, e);
    im->columns = columns;
    if (!rc)
        rc = record_import_begin(im, c->lang, cli_option(c, "--key"), e);
    if (!rc)
        rc = record_import_try(c->app->records, r->tx, &reader, im, sheet_import_rows(x), e);
    be_nobody(who, &reader);
    TRY(rc);
    TRY(say_unkeyed(c, r->tx, im, e));
    return !cli_has(c, "--dry-run") && (!im->bad_n || cli_has(c, "--take-good"));
}

static int run_import(Cli *c, SheetImport *x, RecordImport *im, Err *e)
{
    CliRead r;
    Importer who = {.c = c};
    ImportPoint *points;
    int point_n;
    TRY(take_map(c, &points, &point_n, e));
    TRY(cli_read_whole(c, &r, e));
    int rc = who_imports(c, &r, &who.account, e);
    if (!rc)
        rc = try_all(c, &r, &who, im, x, points, point_n, e);
    cli_read_end(c, &r);
    TRY(rc);
    bool writes = rc > 0, has_any = im->new_n + im->changed_n > 0;
    if (writes && has_any)
        TRY(write_all(c, &who, im, x, points, point_n, e));
    say_found(c, im);
    TRY(write_reasons(c, x, im, e));
    say_counts(c, im, writes);
    Str id = uuid_text(c->arena, im->batch);
    if (writes && has_any)
        cli_say(c, 1, "cli.import_batch", &id, &who.account, NULL);
    return 0;
}

int import_records(Cli *c, const Type *t, Str bytes, Err *e)
{
    SheetImport x;
    if (sheet_import_open(c->arena, bytes, cli_option(c, "--sheet"), t, &x, e) < 0)
        return cli_fail(c, e);
    uint8_t sm3[SM3_BYTES];
    sm3_of(bytes.p, bytes.n, sm3);
    RecordImport im = {.type = t,
                       .arena = c->arena,
                       .batch = env_uuid7(c->env),
                       .sm3 = {(const char *)sm3, sizeof sm3}};
    int rc = run_import(c, &x, &im, e);
    sheet_import_close(&x);
    if (rc < 0)
        return cli_fail(c, e);
    return im.bad_n ? EXIT_FAULT : EXIT_DONE;
}

/* ---- undo ---- */

static void say_undone(Cli *c, const ImportUndo *u)
{
    for (int i = 0; i < u->kept_n; i++) {
        Str row = number(c, u->kept[i].row), id = uuid_text(c->arena, u->kept[i].record);
        cli_say(c, 2, u->kept[i].is_edited ? "cli.import_kept_edited" : "cli.import_kept_stuck",
                &row, &id, NULL);
    }
    Str voided = number(c, u->voided_n), back = number(c, u->restored_n);
    Str edited = number(c, u->edited_n), stuck = number(c, u->stuck_n);
    cli_say(c, 1, "cli.import_undone", &voided, &back, &edited, &stuck, NULL);
}

int cmd_import_undo(Cli *c)
{
    Err e = err_on(c->arena);
    ImportUndo u = {.arena = c->arena};
    CliRead r;
    Importer who = {.c = c};
    if (!uuid_parse(c->args[1], &u.batch)) {
        cli_say(c, 2, "cli.not_batch", &c->args[1], NULL);
        return EXIT_FAULT;
    }
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    int rc = who_imports(c, &r, &who.account, &e);
    cli_read_end(c, &r);
    ImportHand h = {.rs = c->app->records,
                    .store = c->app->store,
                    .begin = be_reader,
                    .end = be_nobody,
                    .ctx = &who};
    if (!rc)
        rc = store_conn(c->app->store, &h.conn, &e);
    for (bool more = true; more && rc >= 0;)
        rc = record_undo_step(&h, &u, &more, &e);
    conn_close(h.conn);
    if (rc < 0)
        return cli_fail(c, &e);
    say_undone(c, &u);
    return EXIT_DONE;
}
