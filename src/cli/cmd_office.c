/* cmd_office.c: `stave office`: the hours due dates close by: told, or set together with the open
 * duties that then fall due at another instant. */
#include "cli/cli.h"

enum { MOVED_SHOWN = 1000 };

static Str instant_text(Cli *c, UnixMs t)
{
    enum { CHINA_MIN = 8 * 60, DAY_MIN = 24 * 60, MIN_MS = 60000 };
    int min = (int)((t / MIN_MS + CHINA_MIN) % DAY_MIN);
    return str_fmt(c->arena, "%.*s %02d:%02d", STR_ARG(day_text(c->arena, day_of_ms(t))), min / 60,
                   min % 60);
}

/* No title: who sets hours need not see records. */
static void say_moved(Cli *c, const FlowShift *s)
{
    const Type *t = model_type_numbered(c->app->model, s->duty.type);
    Str what = str_fmt(c->arena, "%.*s %.*s", STR_ARG(t ? t->name : S("?")),
                       STR_ARG(uuid_text(c->arena, s->duty.record)));
    Str from = instant_text(c, s->duty.due_ms), to = instant_text(c, s->due_ms);
    cli_say(c, 1, "cli.import_duty_moves", &what, &s->duty.name, &from, &to, NULL);
}

static void say_office(Cli *c, const FlowOffice *o)
{
    Str week = flow_office_week(c->arena, o), hours = flow_office_hours(c->arena, o);
    cli_say(c, 1, "cli.office", &week, &hours, NULL);
}

static int find_moved(Cli *c, FlowSetOffice *in, FlowShift **ret, int *ret_n, Err *e)
{
    CliRead r;
    FlowOffice typed = in->office;
    TRY(cli_read(c, &r, e));
    int rc = flow_prepare_office(c->arena, r.tx, in, e); /* for what is there */
    if (rc >= 0) {
        const FlowOffice *was = flow_calendar_office(in->was);
        Str week = cli_has(c, "--week") ? cli_option(c, "--week")
                                        : flow_office_week(c->arena, was);
        Str hours = cli_has(c, "--hours") ? cli_option(c, "--hours")
                                          : flow_office_hours(c->arena, was);
        rc = flow_office_typed(c->arena, week, hours, &typed, e);
    }
    in->office = typed;
    if (rc >= 0)
        rc = flow_prepare_office(c->arena, r.tx, in, e);
    if (rc >= 0)
        rc = flow_shifts(c->arena, r.tx, in->now, MOVED_SHOWN, ret, ret_n, e);
    cli_read_end(c, &r);
    return rc;
}

int cmd_office(Cli *c)
{
    Err e = err_on(c->arena);
    bool is_dry = cli_has(c, "--dry-run");
    FlowSetOffice in = {.office = flow_office_default()};
    FlowShift *moved;
    int n;
    if (find_moved(c, &in, &moved, &n, &e) < 0)
        return cli_fail(c, &e);
    if (!cli_has(c, "--week") && !cli_has(c, "--hours")) {
        say_office(c, flow_calendar_office(in.was));
        return EXIT_DONE;
    }
    for (int i = 0; i < n; i++)
        say_moved(c, &moved[i]);
    RecordOffice with = {.rs = c->app->records, .office = &in};
    if (!is_dry && cli_write(c, record_apply_office, &with, &e) < 0)
        return cli_fail(c, &e);
    Str count = str_fmt(c->arena, "%d", is_dry ? n : in.moved_n);
    cli_say(c, 1, is_dry && n == MOVED_SHOWN ? "cli.import_moved_more" : "cli.import_moved", &count,
            NULL);
    if (is_dry)
        cli_say(c, 1, "cli.office_tried", NULL);
    say_office(c, is_dry ? flow_calendar_office(in.was) : &in.office);
    return EXIT_DONE;
}
