/* cmd_verify.c: `stave verify DIR|BACKUP`: proves chain, links, versions; says what is wrong and
 * where. */
#include <sys/stat.h>

#include "cli/backup.h"
#include "cli/cli.h"

static void say(void *ctx, Str finding)
{
    Cli *c = ctx;
    size_t mark = arena_mark(c->arena);
    cli_err(c, "%.*s", STR_ARG(finding));
    arena_rewind(c->arena, mark); /* there may be as many as records */
}

static int check_pages(Cli *c, Err *e)
{
    int n = store_check_pages(c->app->store, say, c, e);
    if (n < 0 || c->app->files == c->app->store)
        return n;
    int files = store_check_pages(c->app->files, say, c, e);
    return files < 0 ? files : n + files;
}

static int verify_opened(Cli *c)
{
    Err e = err_on(c->arena);
    CliRead r;
    if (cli_read_whole(c, &r, &e) < 0)
        return cli_fail(c, &e);
    VerifyReport report = {0};
    int pages = check_pages(c, &e);
    int access =
        pages < 0 ? pages : access_verify(c->app->access, c->arena, r.tx, c->lang, say, c, &e);
    int rc = access < 0 ? access
                        : record_verify(c->app->records, c->arena, r.tx, r.files_tx, c->lang, say,
                                        c, &report, &e);
    int64_t ownerless = 0;
    if (rc >= 0)
        rc = record_verify_owners(c->app->records, c->arena, r.tx, r.tree, env_today(c->env),
                                  c->lang, say, c, &ownerless, &e);
    int64_t figures = 0, duties = 0;
    if (rc >= 0)
        rc = record_verify_duties(c->app->records, r.tx, r.tree, c->lang, say, c, &duties, &e);
    if (rc >= 0)
        rc = record_verify_figures(c->app->records, r.tx, r.tree, c->lang, say, c, &figures, &e);
    cli_read_end(c, &r);
    if (rc < 0)
        return cli_fail(c, &e);
    Str changes = str_fmt(c->arena, "%lld", (long long)report.changes);
    Str records = str_fmt(c->arena, "%lld", (long long)report.records);
    Str files = str_fmt(c->arena, "%lld", (long long)report.files);
    int64_t n = report.findings + ownerless + figures + duties + pages + access;
    Str findings = str_fmt(c->arena, "%lld", (long long)n);
    cli_say(c, 1, n ? "cli.verify_bad" : "cli.verify_ok", &changes, &records, &files, &findings,
            NULL);
    return n ? EXIT_FAULT : EXIT_DONE;
}

static int verify_dir(Cli *c, Str dir, Str db)
{
    Err e = err_on(c->arena);
    Deployment *d;
    if (deployment_open(c->env, dir, db, OPEN_READ, c->lang, &d, &e) < 0)
        return cli_fail(c, &e);
    c->app = &d->app;
    int code = verify_opened(c);
    c->app = NULL;
    deployment_close(d);
    return code;
}

int cmd_verify(Cli *c)
{
    struct stat st;
    if (stat(str_z(c->arena, c->args[0]), &st) != 0 || S_ISDIR(st.st_mode))
        return verify_dir(c, c->args[0], cli_option(c, "--db"));
    Err e = err_on(c->arena);
    Str dir;
    if (backup_unpack_temp(c->env, c->arena, c->args[0], &dir, &e) < 0)
        return cli_fail(c, &e);
    int code = verify_dir(c, dir, S("")); /* its own stave.db, whatever its settings name */
    if (backup_remove_temp(c->env, c->arena, dir, &e) < 0)
        return cli_fail(c, &e);
    return code;
}

int cmd_digest(Cli *c)
{
    Err e = err_on(c->arena);
    CliRead r;
    if (cli_read_whole(c, &r, &e) < 0)
        return cli_fail(c, &e);
    uint8_t sm3[SM3_BYTES];
    int rc = record_digest(c->app->records, r.tx, r.tree, sm3, &e);
    cli_read_end(c, &r);
    if (rc < 0)
        return cli_fail(c, &e);
    for (size_t i = 0; i < sizeof sm3; i++)
        cli_out(c, "%02x", sm3[i]);
    cli_out(c, "\n");
    return EXIT_DONE;
}
