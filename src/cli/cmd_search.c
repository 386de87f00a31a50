/* cmd_search.c: `stave search rebuild DIR`: makes the search index anew from the records. */
#include "cli/cli.h"

/* Alone in large jobs; inside a server in steps that leave the writer to people, beside its own
 * search thread, which does the same: whichever comes second to a step finds it done. */
static int make_anew(App *app, Conn *conn, Err *e)
{
    if (!app->web)
        return record_search_all(app->records, app->store, conn, e);
    SearchPace pace = {0};
    for (bool more = true; more;)
        TRY(record_search_step(app->records, app->store, conn, &pace, &more, e));
    return 0;
}

static int rebuild(App *app, int64_t *ret_lag, Err *e)
{
    Conn *conn;
    Tx *tx;
    TRY(store_conn(app->store, &conn, e));
    int rc = record_search_rebuild(app->records, app->store, conn, e);
    if (!rc)
        rc = make_anew(app, conn, e);
    if (!rc)
        rc = tx_read(conn, &tx, e);
    if (!rc) {
        rc = record_search_lag(app->records, tx, ret_lag, e);
        tx_end(tx);
    }
    conn_close(conn);
    return rc;
}

int cmd_search_rebuild(Cli *c)
{
    Err e = err_on(c->arena);
    int64_t lag = 0;
    App *app = app_hold(c->app);
    int rc = rebuild(app, &lag, &e);
    app_drop(app);
    if (rc < 0)
        return cli_fail(c, &e);
    Str left = str_fmt(c->arena, "%lld", (long long)lag);
    cli_say(c, 1, lag ? "cli.search_rebuilt_behind" : "cli.search_rebuilt", &left, NULL);
    return EXIT_DONE;
}
