/* system.c: what machines ask: is it alive, is it ready, how much does it do; and the looks of
 * pages. */
#include "web/web_int.h"

#define TEXT_PLAIN S("text/plain; charset=utf-8")

static int healthz(Req *rq, Err *e)
{
    (void)e;
    http_set_header(rq->http, S("Cache-Control"), S("no-store"));
    req_bytes(rq, 200, TEXT_PLAIN, S("ok\n"));
    return REQ_DONE;
}

/* Ready: the store answers, the files' store opens. */
static int readyz(Req *rq, Err *e)
{
    Tx *tx = req_tx(rq, e);
    bool ok = tx && access_tree_refresh(rq->app->access, tx, e) == 0 && req_files_tx(rq, e);
    http_set_header(rq->http, S("Cache-Control"), S("no-store"));
    if (!ok)
        log_line("error", "web: not ready key=%.*s", STR_ARG(e->key));
    req_bytes(rq, ok ? 200 : 503, TEXT_PLAIN, ok ? S("ready\n") : S("not ready\n"));
    return REQ_DONE;
}

static void put_count(Buf *b, const char *name, int64_t n)
{
    buf_fmt(b, "%s %lld\n", name, (long long)n);
}

/* Sums only; and only for a process of this machine. */
static int metrics(Req *rq, Err *e)
{
    static const char *const classes[] = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};
    Web *web = rq->app->web;
    Buf b = {.arena = rq->arena};
    if (!gate_is_local(rq))
        return err_set(e, ERR_MISSING, "web.missing");
    buf_z(&b, "# TYPE stave_answers_total counter\n");
    for (size_t i = 1; i < LEN(classes); i++)
        buf_fmt(&b, "stave_answers_total{status=\"%s\"} %lld\n", classes[i],
                (long long)atomic_load_explicit(&web->answers[i], memory_order_relaxed));
    buf_z(&b, "# TYPE stave_commits_total counter\n");
    put_count(&b, "stave_commits_total", atomic_load_explicit(&web->commits, memory_order_relaxed));
    buf_z(&b, "# TYPE stave_retries_total counter\n");
    put_count(&b, "stave_retries_total", atomic_load_explicit(&web->retries, memory_order_relaxed));
    buf_z(&b, "# TYPE stave_waiting gauge\n");
    put_count(&b, "stave_waiting", rq->app->http ? (int64_t)http_waiting(rq->app->http) : 0);
    int64_t lag;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(record_search_lag(rq->app->records, tx, &lag, e));
    buf_z(&b, "# TYPE stave_search_lag gauge\n");
    put_count(&b, "stave_search_lag", lag);
    http_set_header(rq->http, S("Cache-Control"), S("no-store"));
    req_bytes(rq, 200, TEXT_PLAIN, buf_view(&b));
    return REQ_DONE;
}

static int openapi(Req *rq, Err *e)
{
    (void)e;
    Lang lang = str_starts(http_header(rq->http, "accept-language"), S("en")) ? LANG_EN : LANG_ZH;
    req_bytes(rq, 200, S("application/json"), web_openapi(rq->arena, rq->app, lang));
    http_set_header(rq->http, S("Cache-Control"), S("no-cache"));
    http_set_header(rq->http, S("Vary"), S("Accept-Language"));
    return REQ_DONE;
}

static const ParamSpec look_params[] = {
    {.name = "big", .max_bytes = 4},
    {.name = "lang", .max_bytes = 4},
    {.name = "keys", .max_bytes = 4},
    {.name = "back", .max_bytes = LIMIT_URL_BYTES},
    {.name = NULL},
};
static const Route list[] = {
    {.path = "/healthz",
     .method = GET,
     .run = healthz,
     .may = MAY_ANYONE,
     .is_bare = true,
     .help = "web.help_healthz",
     .spec = "P13"},
    {.path = "/readyz",
     .method = GET,
     .run = readyz,
     .may = MAY_ANYONE,
     .is_bare = true,
     .help = "web.help_readyz",
     .spec = "P13"},
    {.path = "/metrics",
     .method = GET,
     .run = metrics,
     .may = MAY_ANYONE,
     .is_bare = true,
     .help = "web.help_metrics",
     .spec = "P13"},
    {.path = "/static/:hash/:name",
     .method = GET,
     .run = web_static,
     .may = MAY_ANYONE,
     .is_bare = true,
     .help = "web.help_static",
     .spec = "P3"},
    {.path = "/look",
     .method = GET,
     .run = web_look,
     .may = MAY_ANYONE,
     .params = look_params,
     .help = "web.help_look",
     .spec = "P3"},
    {.path = "/api/openapi.json",
     .method = GET,
     .run = openapi,
     .may = MAY_ANYONE,
     .is_api = true,
     .is_bare = true,
     .help = "web.help_openapi",
     .spec = "P7"},
};
const RouteTable system_routes = {list, LEN(list)};
