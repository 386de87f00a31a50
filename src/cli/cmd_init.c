/* cmd_init.c: `stave init`: an empty deployment and its administrator. */
#include "cli/cli.h"

int cmd_init(Cli *c)
{
    Err e = err_on(c->arena);
    Deployment *d;
    Str dir = c->args[0], db = cli_option(c, "--db");
    if (deployment_open(c->env, dir, db, OPEN_MAKE, c->lang, &d, &e) < 0)
        return cli_fail(c, &e);
    c->app = &d->app;
    AddAdmin admin = {.account = S("admin"), .name = i18n_get(c->lang, S("cli.administrator"))};
    int rc = access_prepare_admin(d->app.access, c->arena, &admin, &e);
    if (!rc)
        rc = cli_write(c, access_apply_admin, &admin, &e);
    if (!rc)
        rc = settings_write(c->env, dir, db, false, &e);
    if (!rc) {
        cli_say(c, 2, "cli.init_done", &dir, &admin.account, NULL);
        cli_out(c, "%.*s\n", STR_ARG(cli_spaced_code(c, admin.code)));
        cli_say(c, 2, "cli.init_next", &dir, NULL);
    }
    c->app = NULL;
    deployment_close(d);
    return rc < 0 ? cli_fail(c, &e) : EXIT_DONE;
}
