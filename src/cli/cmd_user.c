/* cmd_user.c: `stave user ...` and `stave token`: accounts from the command line. */
#include "cli/cli.h"

static void put_field(Buf *b, const char *name, Str value, bool *first)
{
    json_name(b, str_of(name), first);
    if (str_has(value))
        json_text(b, value);
    else
        buf_z(b, "null");
}

static void list_json(Cli *c, const UserLine *list, int n)
{
    Buf b = {.arena = c->arena};
    buf_byte(&b, '[');
    for (int i = 0; i < n; i++) {
        bool first = true;
        buf_z(&b, i ? ",\n {" : "\n {");
        put_field(&b, "account", list[i].account, &first);
        put_field(&b, "name", list[i].name, &first);
        put_field(&b, "role", list[i].role, &first);
        put_field(&b, "unit", list[i].admin ? STR_NONE : list[i].unit, &first);
        put_field(&b, "unit_name", list[i].admin ? STR_NONE : list[i].unit_name, &first);
        buf_byte(&b, '}');
    }
    buf_z(&b, n ? "\n]\n" : "]\n");
    c->write(c, 1, buf_view(&b));
}

int cmd_user_list(Cli *c)
{
    Err e = err_on(c->arena);
    CliRead r;
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    UserLine *list;
    int n, rc = access_users(c->app->access, c->arena, r.tx, &list, &n, &e);
    cli_read_end(c, &r);
    if (rc < 0)
        return cli_fail(c, &e);
    if (cli_has(c, "--json")) {
        list_json(c, list, n);
        return EXIT_DONE;
    }
    for (int i = 0; i < n; i++)
        cli_out(c, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(list[i].account),
                STR_ARG(list[i].name), STR_ARG(list[i].role), STR_ARG(list[i].unit),
                STR_ARG(list[i].unit_name));
    return EXIT_DONE;
}

static int tell_code(Cli *c, Str account, Str code)
{
    Str eye = cli_spaced_code(c, code);
    cli_say(c, 2, "cli.code_for", &account, NULL);
    cli_out(c, "%.*s\n", STR_ARG(eye));
    return EXIT_DONE;
}

int cmd_user_add(Cli *c)
{
    Err e = err_on(c->arena);
    Staff staff = {.account = c->args[1],
                   .name = cli_option(c, "--name"),
                   .role = cli_option(c, "--role"),
                   .unit_code = cli_option(c, "--unit"),
                   .starts = DAY_NONE,
                   .ends = DAY_NONE,
                   .is_root_office = true,
                   .model = c->app->model};
    CliRead r;
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    staff.tree = r.tree;
    int rc = access_prepare_staff(c->app->access, c->arena, r.tx, NULL, &staff, &e);
    const FlowCalendar *calendar = flow_calendar_hold(c->app->flow);
    RecordStaff with = {
        .rs = c->app->records, .tree = r.tree, .calendar = calendar, .staff = &staff};
    if (!rc)
        rc = cli_write(c, record_apply_staff, &with, &e);
    flow_calendar_drop(c->app->flow, calendar);
    cli_read_end(c, &r);
    return rc < 0 ? cli_fail(c, &e) : tell_code(c, staff.account, staff.code);
}

int cmd_user_invite(Cli *c)
{
    Err e = err_on(c->arena);
    Invite in = {.account = c->args[1]};
    CliRead r;
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    int rc = access_prepare_invite(c->app->access, c->arena, r.tx, NULL, &in, &e);
    cli_read_end(c, &r);
    if (!rc)
        rc = cli_write(c, access_apply_invite, &in, &e);
    return rc < 0 ? cli_fail(c, &e) : tell_code(c, in.account, in.code);
}

int cmd_user_disable(Cli *c)
{
    Err e = err_on(c->arena);
    Disable in = {.account = c->args[1]};
    CliRead r;
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    int rc = access_prepare_disable(c->app->access, c->arena, r.tx, NULL, &in, &e);
    cli_read_end(c, &r);
    if (!rc)
        rc = cli_write(c, access_apply_disable, &in, &e);
    if (rc < 0)
        return cli_fail(c, &e);
    cli_say(c, 1, "cli.disabled", &in.account, NULL);
    return EXIT_DONE;
}

int cmd_token(Cli *c)
{
    Err e = err_on(c->arena);
    NewToken in = {.account = c->args[1]};
    CliRead r;
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    int rc = access_prepare_token(c->app->access, c->arena, r.tx, &in, &e);
    cli_read_end(c, &r);
    if (!rc)
        rc = cli_write(c, access_apply_token, &in, &e);
    if (rc < 0)
        return cli_fail(c, &e);
    cli_out(c, "%.*s\n", STR_ARG(in.token));
    return EXIT_DONE;
}
