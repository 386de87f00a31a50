/* enter.c: signs an account of a demo in.
 *
 *   enter DIR ACCOUNT     prints the session's cookie, for load */
#include "bench.h" /* first: it says which libc */

#include "cli/cli.h"

static void must(int rc, Arena *a, Err *e)
{
    if (rc < 0) {
        Str text = err_text(a, LANG_EN, e);
        die("enter: %.*s (%s:%d)", STR_ARG(text), e->file ? e->file : "?", e->line);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        die("usage: enter DIR ACCOUNT");
    Arena *a = arena_new(64 * 1024);
    Err e = err_on(a);
    Deployment *d;
    Conn *conn;
    Tx *tx;
    SignIn in = {.account = str_of(argv[2]), .password = str_of(BENCH_PASSWORD)};
    must(deployment_open(env_real(), str_of(argv[1]), STR_NONE, OPEN_WRITE, LANG_ZH, &d, &e), a,
         &e);
    must(store_conn(d->app.store, &conn, &e), a, &e);
    must(tx_read(conn, &tx, &e), a, &e);
    int rc = access_prepare_sign_in(d->app.access, a, tx, &in, &e);
    tx_end(tx);
    must(rc, a, &e);
    must(store_write(d->app.store, conn, access_apply_sign_in, &in, &e), a, &e);
    if (!in.is_right)
        die("enter: %s is not let in", argv[2]);
    (void)printf("%.*s\n", STR_ARG(in.cookie));
    conn_close(conn);
    deployment_close(d);
    return 0;
}
