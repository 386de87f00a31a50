/* main.c: finds the command, opens what it needs, runs it. */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

const Command commands[] = {
    {"init", cmd_init, NEEDS_NOTHING, 1, 1, "--db=", "cli.help_init",
     "stave init DIR [--db postgresql://...]", 0},
    {"demo", cmd_demo, NEEDS_NOTHING, 1, 1, "--db= --size= --seed=", "cli.help_demo",
     "stave demo DIR [--db postgresql://...] [--size page|town|county|city|province] [--seed N]",
     0},
    {"serve", cmd_serve, NEEDS_ALONE, 1, 1, "--db= --listen=", "cli.help_serve",
     "stave serve DIR [--listen 127.0.0.1:8080] [--db postgresql://...]", 0},
    {"user list", cmd_user_list, NEEDS_TO_READ, 1, 1, "--json", "cli.help_user_list",
     "stave user list DIR [--json]", 0},
    {"user add", cmd_user_add, NEEDS_TO_WRITE, 2, 2, "--name= --role= --unit=", "cli.help_user_add",
     "stave user add DIR ACCOUNT --name NAME --role ROLE --unit CODE", 0},
    {"user invite", cmd_user_invite, NEEDS_TO_WRITE, 2, 2, "", "cli.help_user_invite",
     "stave user invite DIR ACCOUNT", 0},
    {"user disable", cmd_user_disable, NEEDS_TO_WRITE, 2, 2, "", "cli.help_user_disable",
     "stave user disable DIR ACCOUNT", 0},
    {"token", cmd_token, NEEDS_TO_WRITE, 2, 2, "", "cli.help_token", "stave token DIR ACCOUNT", 0},
    {"model check", cmd_model_check, NEEDS_NOTHING, 0, 1, "", "cli.help_model_check",
     "stave model check [DIR]", 0},
    {"model show", cmd_model_show, NEEDS_NOTHING, 0, 1, "", "cli.help_model_show",
     "stave model show [TYPE]", 0},
    {"model help", cmd_model_help, NEEDS_NOTHING, 0, 1, "--markdown", "cli.help_model_help",
     "stave model help [WORD] [--markdown]", 0},
    {"model plan", cmd_model_plan, NEEDS_NOTHING, 1, 1, "--json", "cli.help_model_plan",
     "stave model plan DIR [--json]", 0},
    {"model apply", cmd_model_apply, NEEDS_TO_CHANGE, 1, 1, "", "cli.help_model_apply",
     "stave model apply DIR", 0},
    {"import undo", cmd_import_undo, NEEDS_TO_WRITE, 2, 2, "--as=", "cli.help_import_undo",
     "stave import undo DIR BATCH [--as ACCOUNT]", 0},
    {"import", cmd_import, NEEDS_TO_WRITE, 3, 3,
     "--dry-run --take-good --again --as= --map= --key= --sheet= --reasons=", "cli.help_import",
     "stave import DIR unit|holiday|TYPE FILE [--dry-run] [--take-good] [--again] [--as ACCOUNT] "
     "[--map \"HEADING=FIELD; ...\"] [--key \"FIELD, ...\"] [--sheet NAME] [--reasons OUT]",
     3},
    {"office", cmd_office, NEEDS_TO_WRITE, 1, 1, "--hours= --week= --dry-run", "cli.help_office",
     "stave office DIR [--hours \"08:30-12:00 14:00-17:30\"] [--week 12345] [--dry-run]", 0},
    {"export", cmd_export, NEEDS_TO_READ, 2, 2, "--format= --unit=", "cli.help_export",
     "stave export DIR TYPE [--format csv|xlsx] [--unit CODE]", 0},
    {"figures", cmd_figures, NEEDS_TO_READ, 1, 1, "--unit= --from= --to= --as= --json",
     "cli.help_figures",
     "stave figures DIR [--unit CODE] [--from DATE] [--to DATE] [--as ACCOUNT] [--json]", 0},
    {"figures recount", cmd_figures_recount, NEEDS_TO_WRITE, 1, 1, "", "cli.help_figures_recount",
     "stave figures recount DIR", 0},
    {"digest", cmd_digest, NEEDS_TO_READ, 1, 1, "", "cli.help_digest", "stave digest DIR", 0},
    {"verify", cmd_verify, NEEDS_NOTHING, 1, 1, "--db=", "cli.help_verify",
     "stave verify DIR|BACKUP", 0},
    {"search rebuild", cmd_search_rebuild, NEEDS_TO_WRITE, 1, 1, "", "cli.help_search_rebuild",
     "stave search rebuild DIR", 0},
    {"backup", cmd_backup, NEEDS_TO_READ, 2, 2, "", "cli.help_backup", "stave backup DIR FILE", 0},
    {"restore", cmd_restore, NEEDS_NOTHING, 2, 2, "", "cli.help_restore", "stave restore FILE DIR",
     0},
    {"help", cmd_help, NEEDS_NOTHING, 0, 2, "", "cli.help_help", "stave help [COMMAND]", 0},
};
const int command_n = (int)LEN(commands);

static void write_terminal(Cli *c, int fd, Str text)
{
    (void)c; /* no state: straight to the terminal */
    FILE *f = fd == 2 ? stderr : stdout;
    (void)fwrite(text.p, 1, text.n, f); /* a closed pipe shows when stdout is flushed at the end */
}

static Lang lang_of_terminal(void)
{
    const char *z = getenv("LC_ALL");
    if (!z || !*z)
        z = getenv("LANG");
    return z && !strncmp(z, "en", 2) ? LANG_EN : LANG_ZH;
}

/* NEEDS_TO_WRITE beside a server goes through its socket; everything else opens the deployment
 * here. */
static int run_opened(Cli *c, OpenAs as)
{
    Err e = err_on(c->arena);
    Deployment *d;
    int rc = deployment_open(c->env, c->args[0], cli_option(c, "--db"), as, c->lang, &d, &e);
    if (rc == ERR_BUSY &&
        (c->command->needs == NEEDS_TO_WRITE || c->command->needs == NEEDS_TO_CHANGE)) {
        int code = socket_send(c, c->args[0]);
        if (code >= 0)
            return code;
    }
    if (rc < 0)
        return cli_fail(c, &e);
    c->app = &d->app;
    int code = c->command->run(c);
    c->app = NULL;
    deployment_close(d);
    return code;
}

/* Before any thread starts: each inherits it, so that only `serve`, waiting for them, takes them.
 * A thread without the mask would die of a signal that comes between the first line and the
 * waiting. */
static void hold_signals(void)
{
    sigset_t set;
    CHECK(sigemptyset(&set) == 0 && sigaddset(&set, SIGTERM) == 0 && sigaddset(&set, SIGINT) == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); /* cannot fail for a known signal */
    (void)umask(077);               /* a deployment is nobody else's to read; gives the old mask */
    Arena *arena = arena_new(64 * 1024);
    Cli c = {
        .env = env_real(), .arena = arena, .lang = lang_of_terminal(), .write = write_terminal};
    Str *args = NEW_N(arena, Str, (size_t)argc + 1);
    for (int i = 1; i < argc; i++)
        args[i - 1] = str_of(argv[i]);
    int code = cli_parse(&c, argc - 1, args);
    if (code == EXIT_DONE && c.command) {
        Needs needs = c.command->needs;
        if (c.command->run == cmd_serve)
            hold_signals();
        if (needs == NEEDS_NOTHING)
            code = c.command->run(&c);
        else
            code = run_opened(&c, needs == NEEDS_TO_READ     ? OPEN_READ
                                  : needs == NEEDS_TO_CHANGE ? OPEN_CHANGE
                                                             : OPEN_WRITE);
    }
    if (fflush(stdout) != 0 && code == EXIT_DONE) {
        cli_say(&c, 2, "cli.stdout_closed", NULL);
        code = EXIT_FAULT;
    }
    arena_free(arena);
    return code;
}
