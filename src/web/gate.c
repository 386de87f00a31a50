/* gate.c: the one gate in front of every handler, readable in the order of a request:
 *
 *   gate_admit    on the I/O thread, before the body: the route, how large a body may be
 *   gate_run      on a worker. The first time:
 *     enter         parameters, snapshot, tree and reader (gate_open), may, CSRF, rate, view, run
 *                 again, after a commit:
 *     resume        `after`, or, when the change must be decided anew, enter once more
 *   settle        done: the page is rendered; parked: left alone; failed: gate_fail answers
 *   finish        snapshots, tree, scratch given back; counted
 *
 * Order of refusal: 404 path, 405 method, 413 body, 401, 404 type, 400/422 parameters, 403 CSRF,
 * 429.                                                                    STYLE: R43  SPEC: P2 */
#include <poll.h>
#include <unistd.h>

#include "web/web_int.h"

enum { SWAP_WAITS = 200, SWAP_WAIT_MS = 5 }; /* for this process to turn to a new model */
enum { TRIES_MAX = 3, IO_THREADS = 2, WORKERS_MIN = 4, WORKERS_PG = 16 };

/* ---- before the body ---- */

static bool is_api_path(Str path)
{
    return str_starts(path, S("/api/"));
}

/* An answer without a worker; the language is guessed from the header. */
static void admit_refuse(HttpReq *h, int status, int cls, const char *key)
{
    h->status = status;
    if (!is_api_path(h->path))
        return; /* http.c has a sentence for it in both languages */
    Err e = err_on(h->arena);
    (void)err_set(&e, cls, key);
    Lang lang = str_starts(http_header(h, "accept-language"), S("en")) ? LANG_EN : LANG_ZH;
    h->out = problem_text(h->arena, lang, status, &e, S(""));
    h->content_type = S("application/problem+json");
}

static void admit_other_method(HttpReq *h, uint32_t methods)
{
    static const char *const names[METHOD_MAX] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    Buf b = {.arena = h->arena};
    for (int m = 0; m < METHOD_MAX; m++)
        if (methods >> m & 1) {
            buf_z(&b, b.n ? ", " : "");
            buf_z(&b, names[m]);
        }
    http_set_header(h, S("Allow"), buf_view(&b));
    admit_refuse(h, 405, ERR_STATE, "http.method");
}

static bool has_credentials(HttpReq *h)
{
    return http_header(h, "authorization").n || http_cookie(h, S("stave")).n;
}

static void gate_admit(void *ctx, HttpReq *h)
{
    App *app = app_hold(ctx);
    RouteMatch *m = NEW(h->arena, RouteMatch);
    routes_match(app->model, h->method, h->path, m);
    app_drop(app);
    h->route = m;
    if (!m->route && m->other) {
        admit_other_method(h, m->methods);
    } else if (!m->route) {
        if (h->body_declared || (h->method != GET && h->method != HEAD))
            admit_refuse(h, 404, ERR_MISSING, "web.missing");
    } else {
        h->body_max = m->route->body_max;
        bool is_open = m->route->may == MAY_ANYONE || has_credentials(h);
        if (!is_open && h->body_max > LIMIT_STRANGER_BYTES)
            h->body_max = LIMIT_STRANGER_BYTES; /* a stranger's large body is not taken in */
        if (h->body_declared > (int64_t)h->body_max && m->route->is_api)
            admit_refuse(h, 413, ERR_LIMIT, "http.large");
    }
}

/* ---- snapshots ---- */

int web_conn(App *app, int worker, bool is_files, Conn **ret, Err *e)
{
    WebWorker *w = &app->web->workers[worker];
    bool is_other = is_files && app->files != app->store;
    Conn **at = is_other ? &w->files_conn : &w->conn;
    if (!*at)
        TRY(store_conn(is_other ? app->files : app->store, at, e));
    *ret = *at;
    return 0;
}

Tx *req_tx(Req *rq, Err *e)
{
    Conn *c;
    if (!rq->tx && (web_conn(rq->app, rq->worker, false, &c, e) < 0 || tx_read(c, &rq->tx, e) < 0))
        return NULL;
    return rq->tx;
}

Tx *req_files_tx(Req *rq, Err *e)
{
    Conn *c;
    if (rq->app->files == rq->app->store)
        return req_tx(rq, e);
    if (!rq->files_tx &&
        (web_conn(rq->app, rq->worker, true, &c, e) < 0 || tx_read(c, &rq->files_tx, e) < 0))
        return NULL;
    return rq->files_tx;
}

void gate_close(Req *rq)
{
    tx_end(rq->tx);
    tx_end(rq->files_tx);
    rq->tx = rq->files_tx = NULL;
}

static void drop_tree(Req *rq)
{
    if (rq->own->holds_tree)
        access_tree_drop(rq->app->access, rq->reader.tree);
    rq->own->holds_tree = false;
    flow_calendar_drop(rq->app->flow, rq->own->calendar);
    rq->own->calendar = NULL;
}

static int open_once(Req *rq, Err *e)
{
    App *app = rq->app;
    gate_close(rq);
    drop_tree(rq);
    rq->reader = (Reader){.model = app->model, .today = env_today(app->env), .lang = LANG_ZH};
    if (!req_tx(rq, e))
        return e->cls;
    TRY(record_is_current(app->records, rq->tx, e));
    TRY(access_tree_refresh(app->access, rq->tx, e));
    rq->reader.tree = access_tree_hold(app->access);
    rq->own->holds_tree = true;
    TRY(flow_refresh(app->flow, rq->tx, e));
    rq->own->calendar = flow_calendar_hold(app->flow);
    TRY(gate_read_session(rq, e));
    rq->reader.workdays = flow_workdays(rq->own->calendar);
    if (rq->reader.account)
        TRY(record_fill_mine(app->records, rq->arena, rq->tx, &rq->reader, e));
    return 0;
}

/* A tree imported between refresh and hold is newer than the snapshot: once more. */
int gate_open(Req *rq, Err *e)
{
    for (int n = 0;; n++) {
        int rc = open_once(rq, e);
        if (rc != ERR_BUSY || n == TRIES_MAX || str_eq(e->key, S("record.model_moved")))
            return rc;
        err_clear(e);
    }
}

Arena *req_scratch(Req *rq)
{
    WebWorker *w = &rq->app->web->workers[rq->worker];
    if (!w->scratch)
        w->scratch = arena_new(64 * 1024);
    return w->scratch;
}

/* ---- may ---- */

bool gate_may_staff(const Req *rq)
{
    const Reader *r = &rq->reader;
    if (r->is_admin)
        return true;
    for (int i = 0; i < r->post_n; i++)
        for (int k = 0; k < r->model->role_n; k++)
            if (r->model->roles[k].falls_to == r->posts[i].role)
                return true;
    return false;
}

bool gate_may_import(const Req *rq)
{
    const Reader *r = &rq->reader;
    if (r->is_admin)
        return true;
    for (int i = 0; i < r->post_n; i++)
        if (r->posts[i].unit_ix == 0 &&
            r->model->roles[r->posts[i].role].falls_to == r->posts[i].role)
            return true;
    return false;
}

static bool may_type(Req *rq)
{
    rq->type = model_type(rq->app->model, req_path(rq, "type"));
    if (!rq->type)
        return false;
    if (access_see(rq->arena, &rq->reader, rq->type).n)
        return true;
    int *posts;
    return rq->type->create &&
           access_create_posts(rq->arena, &rq->reader, rq->type, STR_NONE, &posts) > 0;
}

static int check_may(Req *rq, Err *e)
{
    May may = rq->route->may;
    if (may == MAY_ANYONE)
        return 0;
    if (!rq->reader.account)
        return err_set(e, ERR_AUTH, str_has(rq->own->session) ? "web.signed_out" : "web.sign_in");
    bool ok = may == MAY_SIGNED_IN || (may == MAY_TYPE && may_type(rq)) ||
              (may == MAY_STAFF && gate_may_staff(rq)) ||
              (may == MAY_ADMIN && rq->reader.is_admin) ||
              (may == MAY_OFFICE && rq->reader.admin != ADMIN_NONE) ||
              (may == MAY_IMPORT && gate_may_import(rq));
    return ok ? 0 : err_set(e, ERR_MISSING, "web.missing");
}

/* ---- the way in ---- */

static bool is_reading(const Req *rq)
{
    return rq->http->method == GET || rq->http->method == HEAD;
}

/* Who looks as another post only looks: nothing but stopping is done. */
static int check_looking(const Req *rq, Err *e)
{
    if (!rq->reader.viewer || rq->route->may_looking)
        return 0;
    return err_set(e, ERR_DENIED, "web.only_looking");
}

static Lang choose_lang(Req *rq)
{
    Str cookie = http_cookie(rq->http, S("lang"));
    Str asked = rq->is_api ? http_header(rq->http, "accept-language") : STR_NONE;
    if (asked.n)
        return str_starts(asked, S("en")) ? LANG_EN : LANG_ZH;
    if (cookie.n && !rq->is_api)
        return str_eq(cookie, S("en")) ? LANG_EN : LANG_ZH;
    return rq->reader.account ? rq->reader.lang : LANG_ZH;
}

static int count_try(Req *rq, Err *e)
{
    if (!rq->route->rate)
        return 0;
    TRY(rates_count(rq->app->web->rates, rq->route->rate, gate_peer(rq), req_param(rq, "account"),
                    env_now_ms(rq->app->env), e));
    rq->own->was_counted = true;
    return 0;
}

static int run_handler(Req *rq, Err *e)
{
    rq->state = NULL;
    rq->after = NULL;
    rq->tpl = -1;
    if (!rq->is_api)
        gate_make_view(rq);
    return rq->route->run(rq, e);
}

static int enter(Req *rq, Err *e)
{
    if (!rq->route) {
        TRY(gate_open(rq, e));
        rq->lang = choose_lang(rq);
        return err_set(e, ERR_MISSING, "web.missing");
    }
    if (rq->route->is_bare)
        return rq->route->run(rq, e);
    Err faults = err_on(rq->arena);
    int params_rc = gate_read_params(rq, &faults);
    TRY(gate_open(rq, e));
    rq->lang = choose_lang(rq);
    TRY(check_may(rq, e));
    if (params_rc < 0) {
        *e = faults;
        return params_rc;
    }
    if (!is_reading(rq)) {
        TRY(gate_check_csrf(rq, e));
        TRY(check_looking(rq, e));
    }
    TRY(count_try(rq, e));
    return run_handler(rq, e);
}

/* Something a change was decided on has moved: snapshot, reader and handler once more. */
static bool wants_again(const Req *rq, int rc)
{
    Str key = rq->job.err.key;
    return rc == ERR_BUSY && rq->tries < TRIES_MAX &&
           (str_eq(key, S("record.again")) || str_eq(key, S("access.again")));
}

static int resume(Req *rq, Err *e)
{
    int rc = rq->job.rc;
    Web *web = rq->app->web;
    if (wants_again(rq, rc)) {
        rq->tries++;
        atomic_fetch_add_explicit(&web->retries, 1, memory_order_relaxed);
        TRY(gate_open(rq, e));
        TRY(check_may(rq, e));
        return run_handler(rq, e);
    }
    if (rc == 0)
        atomic_fetch_add_explicit(&web->commits, 1, memory_order_relaxed);
    if (rc == 0)
        search_thread_wake(web->search);
    *e = rq->job.err;
    int (*after)(Req *, int, Err *) = rq->after;
    rq->after = NULL;
    CHECK(after != NULL);
    return after(rq, rc, e);
}

/* ---- the way out ---- */

static void log_request(const Req *rq)
{
    const Err *e = rq->err;
    log_line("error", "web: status=%d route=%s key=%.*s at=%s:%d", rq->http->status,
             rq->route ? rq->route->path : "-", STR_ARG(e->key), e->file ? e->file : "-", e->line);
}

static void finish(Req *rq)
{
    Web *web = rq->app->web;
    int status = rq->http->status;
    gate_close(rq);
    gate_touch(rq);
    drop_tree(rq);
    if (web->workers[rq->worker].scratch)
        arena_reset(web->workers[rq->worker].scratch);
    if (rq->own->was_counted && status < 400)
        rates_uncount(web->rates, rq->route->rate, gate_peer(rq), req_param(rq, "account"),
                      env_now_ms(rq->app->env));
    int hundreds = status / 100;
    atomic_fetch_add_explicit(&web->answers[hundreds >= 1 && hundreds <= 5 ? hundreds : 0], 1,
                              memory_order_relaxed);
    if (status >= 500)
        log_request(rq);
    app_drop(rq->app);
}

static void settle(Req *rq, int rc)
{
    if (rc == REQ_PARKED) {
        rq->http->is_parked = true;
        return;
    }
    if (rc < 0)
        gate_fail(rq, rc, rq->err);
    else if (rq->tpl >= 0)
        gate_render(rq);
    if (!rq->http->status) {
        (void)err_set(rq->err, ERR_BUG, "http.broken");
        gate_fail(rq, ERR_BUG, rq->err);
    }
    finish(rq);
}

static Req *begin(App *root, HttpReq *h)
{
    const RouteMatch *m = h->route;
    App *app = app_hold(root);
    Req *rq = NEW(h->arena, Req);
    *rq = (Req){.app = app, .http = h, .route = m->route, .arena = h->arena, .tpl = -1};
    rq->own = NEW(h->arena, ReqOwn);
    rq->err = NEW(h->arena, Err);
    *rq->err = err_on(h->arena);
    rq->own->photo_err = err_on(h->arena);
    rq->is_api = m->route ? m->route->is_api : is_api_path(h->path);
    rq->is_big = str_eq(http_cookie(h, S("big")), S("1"));
    rq->reader.model = app->model;
    memcpy(rq->path_param, m->param, sizeof rq->path_param);
    memcpy(rq->path_name, m->name, sizeof rq->path_name);
    h->user = rq;
    return rq;
}

/* The model was changed and this server has not turned yet, or the request began a moment before:
 * it begins anew, route and all. */
static bool is_other_model(const Req *rq, int rc)
{
    return rc == ERR_BUSY && str_eq(rq->err->key, S("record.model_moved"));
}

static Req *begin_anew(App *root, Req *old)
{
    HttpReq *h = old->http;
    gate_close(old);
    drop_tree(old);
    app_drop(old->app);
    Err sub = err_on(h->arena);
    if (app_turn(root, LANG_ZH, &sub) < 0)
        (void)poll(NULL, 0, SWAP_WAIT_MS); /* the files come a moment later: only waits */
    RouteMatch *m = NEW(h->arena, RouteMatch);
    App *app = app_hold(root);
    routes_match(app->model, h->method, h->path, m);
    app_drop(app);
    h->route = m;
    Req *rq = begin(root, h);
    rq->worker = old->worker;
    return rq;
}

static void gate_run(void *ctx, int worker_ix, HttpReq *h)
{
    bool is_first = !h->user;
    Req *rq = is_first ? begin(ctx, h) : h->user;
    rq->worker = worker_ix;
    int rc = is_first ? enter(rq, rq->err) : resume(rq, rq->err);
    for (int n = 0; is_first && is_other_model(rq, rc) && n < SWAP_WAITS; n++) {
        rq = begin_anew(ctx, rq);
        rc = enter(rq, rq->err);
    }
    settle(rq, rc);
}

/* Answered by the server while the commit was awaited. Its snapshots were closed before it parked.
 */
static void gate_drop(void *ctx, HttpReq *h)
{
    (void)ctx;
    Req *rq = h->user;
    if (rq) {
        drop_tree(rq);
        app_drop(rq->app);
    }
}

/* ---- writes ---- */

static void job_done(WriteJob *job)
{
    http_again(job->done_ctx);
}

int req_submit(Req *rq, Store *store, int (*apply)(Tx *, void *, Err *), void *arg,
               int (*after)(Req *rq, int rc, Err *e))
{
    CHECK(apply && after);
    gate_close(rq);
    rq->after = after;
    rq->job = (WriteJob){.apply = apply,
                         .arg = arg,
                         .done = job_done,
                         .done_ctx = rq->http,
                         .err = err_on(rq->arena)};
    Conn *c = NULL; /* PostgreSQL writes on the worker's own; SQLite has no use for it */
    if (store_engine(store) == ENGINE_PG)
        TRY(web_conn(rq->app, rq->worker, store != rq->app->store, &c, rq->err));
    store_submit(store, c, &rq->job);
    return REQ_PARKED;
}

/* The request goes on with the last of them. On PostgreSQL they are done here, one by one. */
static void one_done(WriteJob *job)
{
    Req *rq = job->done_ctx;
    if (atomic_fetch_sub(&rq->own->jobs_left, 1) == 1)
        http_again(rq->http);
}

int req_submit_many(Req *rq, Store *store, WriteJob *jobs, int n,
                    int (*after)(Req *rq, int rc, Err *e))
{
    CHECK(n > 0 && after);
    gate_close(rq);
    rq->after = after;
    rq->job = (WriteJob){.err = err_on(rq->arena)};
    Conn *c = NULL;
    if (store_engine(store) == ENGINE_PG)
        TRY(web_conn(rq->app, rq->worker, store != rq->app->store, &c, rq->err));
    atomic_store(&rq->own->jobs_left, n);
    for (int i = 0; i < n; i++) {
        jobs[i].done = one_done;
        jobs[i].done_ctx = rq;
    }
    for (int i = 0; i < n; i++) /* after the last of these the request may be elsewhere already */
        store_submit(store, c, &jobs[i]);
    return REQ_PARKED;
}

/* ---- starting ---- */

static void gate_idle(void *ctx, int worker_ix)
{
    const App *app = ctx;
    WebWorker *w = &app->web->workers[worker_ix];
    if (w->conn)
        conn_rest(w->conn);
    if (w->files_conn)
        conn_rest(w->files_conn);
    arena_free(w->scratch);
    w->scratch = NULL;
}

static int worker_count(const App *app)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = cores > LIMIT_WORKERS / 2 ? LIMIT_WORKERS : (int)cores * 2;
    int least = store_engine(app->store) == ENGINE_PG ? WORKERS_PG : WORKERS_MIN;
    return n < least ? least : n;
}

int web_start(App *app, Str host, uint16_t port, Str hosts, Err *e)
{
    TRY(web_check_routes(route_tables, route_table_n, e));
    Arena *a = arena_new(4096);
    Web *web = NEW(a, Web);
    web->arena = a;
    web->rates = rates_new();
    web->css = asset_href(a, "stave.css");
    web->paper = asset_href(a, "paper.css");
    web->js = asset_href(a, "stave.js");
    web->icon = asset_href(a, "stave.svg");
    app->web = web;
    HttpOptions opt = {.host = host,
                       .port = port,
                       .hosts = hosts,
                       .workers = worker_count(app),
                       .io_threads = IO_THREADS,
                       .admit = gate_admit,
                       .run = gate_run,
                       .idle = gate_idle,
                       .drop = gate_drop,
                       .ctx = app};
    int rc = http_start(app->env, &opt, &app->http, e);
    if (rc < 0)
        web_stop(app);
    else {
        web->search = search_thread_start(app, a);
        web->clock = clock_thread_start(app, a);
        web->import = import_thread_start(app, a);
    }
    return rc;
}

void web_stop(App *app)
{
    Web *web = app->web;
    if (!web)
        return;
    http_stop(app->http);
    app->http = NULL;
    search_thread_stop(web->search);
    clock_thread_stop(web->clock);
    import_thread_stop(web->import);
    for (int i = 0; i < LIMIT_WORKERS; i++) {
        conn_close(web->workers[i].conn);
        conn_close(web->workers[i].files_conn);
        arena_free(web->workers[i].scratch);
    }
    rates_free(web->rates);
    app->web = NULL;
    arena_free(web->arena);
}
