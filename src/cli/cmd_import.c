/* cmd_import.c: `stave import DIR unit|holiday FILE`: the tree of units, the days of a notice; with
 * a dry run. Records of a type: cmd_import_record.c. */
#include "cli/cli.h"
#include "exchange/sheet.h"

enum { MOVED_SHOWN = 1000 };

static void tell_fault(Cli *c, int64_t at, const Str *column, const Str *value, Str key,
                       const Str *args)
{
    size_t n = 0;
    while (n < ERR_ARGS_MAX && str_has(args[n]))
        n++;
    Str why = i18n_text(c->arena, c->lang, key, args, n);
    Str row = str_fmt(c->arena, "%lld", (long long)at);
    cli_say(c, 2, "cli.import_fault", &row, column, value, &why, NULL);
}

static int say_done(Cli *c, int new_n, int changed_n, int same_n)
{
    Str added = str_fmt(c->arena, "%d", new_n), changed = str_fmt(c->arena, "%d", changed_n);
    Str same = str_fmt(c->arena, "%d", same_n);
    bool dry = cli_has(c, "--dry-run");
    cli_say(c, 1, dry ? "cli.import_would" : "cli.import_done", &added, &changed, &same, NULL);
    return EXIT_DONE;
}

static int import_units(Cli *c, Str bytes, Err *e)
{
    UnitImport in = {0};
    RecordUnits with = {.rs = c->app->records, .import = &in};
    CsvFacts facts;
    CliRead r;
    if (sheet_read_units(c->arena, bytes, &in, &facts, e) < 0 || cli_read(c, &r, e) < 0)
        return cli_fail(c, e);
    int rc = access_prepare_units(c->app->access, c->arena, r.tx, &in, e);
    cli_read_end(c, &r);
    if (rc < 0)
        return cli_fail(c, e);
    for (int i = 0; i < in.fault_n; i++) {
        const UnitFault *f = &in.faults[i];
        tell_fault(c, f->row, &f->column, &f->value, f->key, f->args);
    }
    if (in.fault_n)
        return EXIT_FAULT;
    if (!cli_has(c, "--dry-run") && cli_write(c, record_apply_units, &with, e) < 0)
        return cli_fail(c, e);
    return say_done(c, in.new_n, in.changed_n, in.same_n);
}

/* One line a day that is new or differs; those that turn from worked to off or back are what moves
 * due dates. */
static void say_change(Cli *c, const FlowImport *in, const FlowChange *k)
{
    bool was = flow_is_workday(in->was, k->now.day), now = flow_is_workday(in->now, k->now.day);
    Str day = day_text(c->arena, k->now.day);
    Str from = i18n_get(c->lang, was ? S("flow.worked") : S("flow.off"));
    Str to = i18n_get(c->lang, now ? S("flow.worked") : S("flow.off"));
    if (k->is_turned)
        cli_say(c, 1, "cli.import_day_turns", &day, &k->now.name, &from, &to, NULL);
    else
        cli_say(c, 1, "cli.import_day_stays", &day, &k->now.name, &to, NULL);
}

/* No title: who imports days need not see records. */
static void say_moved(Cli *c, const FlowShift *s)
{
    const Type *t = model_type_numbered(c->app->model, s->duty.type);
    Str what = str_fmt(c->arena, "%.*s %.*s", STR_ARG(t ? t->name : S("?")),
                       STR_ARG(uuid_text(c->arena, s->duty.record)));
    Str from = day_text(c->arena, day_of_ms(s->duty.due_ms));
    Str to = day_text(c->arena, day_of_ms(s->due_ms));
    cli_say(c, 1, "cli.import_duty_moves", &what, &s->duty.name, &from, &to, NULL);
}

static int import_days(Cli *c, Str bytes, Err *e)
{
    FlowImport in = {0};
    CsvFacts facts;
    CliRead r;
    if (sheet_read_days(c->arena, bytes, &in, &facts, e) < 0 || cli_read(c, &r, e) < 0)
        return cli_fail(c, e);
    FlowShift *moved = NULL;
    int moved_n = 0, rc = flow_prepare_days(c->arena, r.tx, &in, e);
    if (rc >= 0 && !in.fault_n && cli_has(c, "--dry-run"))
        rc = flow_shifts(c->arena, r.tx, in.now, MOVED_SHOWN, &moved, &moved_n, e);
    cli_read_end(c, &r);
    if (rc < 0)
        return cli_fail(c, e);
    for (int i = 0; i < in.fault_n; i++) {
        const FlowFault *f = &in.faults[i];
        tell_fault(c, f->row, &f->column, &f->value, f->key, f->args);
    }
    if (in.fault_n)
        return EXIT_FAULT;
    for (int i = 0; i < in.change_n; i++)
        say_change(c, &in, &in.changes[i]);
    for (int i = 0; i < moved_n; i++)
        say_moved(c, &moved[i]);
    RecordDays with = {.rs = c->app->records, .days = &in};
    if (!cli_has(c, "--dry-run") && cli_write(c, record_apply_days, &with, e) < 0)
        return cli_fail(c, e);
    moved_n = cli_has(c, "--dry-run") ? moved_n : in.moved_n;
    Str n = str_fmt(c->arena, "%d", moved_n);
    cli_say(c, 1, moved_n == MOVED_SHOWN && moved ? "cli.import_moved_more" : "cli.import_moved",
            &n, NULL);
    int known = flow_known_to(in.now);
    Str year = str_fmt(c->arena, "%d", known);
    if (known)
        cli_say(c, 1, "cli.import_known_to", &year, NULL);
    return say_done(c, in.new_n, in.changed_n, in.same_n);
}

int cmd_import(Cli *c)
{
    Err e = err_on(c->arena);
    bool is_days = str_eq(c->args[1], S("holiday"));
    const Type *t = model_type(c->app->model, c->args[1]);
    if (!is_days && !t && !str_eq(c->args[1], S("unit"))) {
        cli_say(c, 2, "cli.import_what", &c->args[1], NULL);
        return EXIT_FAULT;
    }
    Str bytes;
    if (cli_file(c, 3, LIMIT_IMPORT_BYTES, &bytes, &e) < 0)
        return cli_fail(c, &e);
    if (t)
        return import_records(c, t, bytes, &e);
    return is_days ? import_days(c, bytes, &e) : import_units(c, bytes, &e);
}
