/* gate_session.c: who is asking (bearer token, session cookie), cookies, CSRF.
 *
 * A session's forms carry its own secret (`csrf`); forms of somebody not signed in carry what the
 * cookie `stave_pre` says, which another site can neither read nor set. A bearer token is sent by
 * no browser on its own, so it needs neither.                                           SPEC: P2 */
#include <strings.h>

#include "web/web_int.h"

/* ---- cookies ---- */

void req_cookie(Req *rq, Str name, Str value, int64_t max_age_s)
{
    Buf b = {.arena = rq->arena};
    buf_str(&b, name);
    buf_byte(&b, '=');
    for (size_t i = 0; i < value.n; i++) { /* only what a cookie may hold */
        unsigned char c = (unsigned char)value.p[i];
        CHECK(c > 0x20 && c < 0x7f && c != ';' && c != ',' && c != '"' && c != '\\');
    }
    buf_str(&b, value);
    buf_z(&b, "; Path=/; HttpOnly; SameSite=Lax");
    if (rq->app->is_secure)
        buf_z(&b, "; Secure");
    if (max_age_s >= 0)
        buf_fmt(&b, "; Max-Age=%lld", (long long)max_age_s);
    http_set_header(rq->http, S("Set-Cookie"), buf_view(&b));
}

void req_session_cookie(Req *rq, Str cookie)
{
    if (str_has(cookie))
        req_cookie(rq, S("stave"), cookie, (int64_t)LIMIT_SESSION_DAYS * 86400);
    else
        req_cookie(rq, S("stave"), S(""), 0);
    req_cookie(rq, S("stave_pre"), S(""), 0);
}

Str req_session(const Req *rq)
{
    return rq->own->session;
}

/* ---- who ---- */

/* STR_NONE: no bearer token. */
static Str bearer_of(HttpReq *h)
{
    Str value = http_header(h, "authorization"), scheme, token;
    if (!str_cut(value, ' ', &scheme, &token))
        return STR_NONE;
    return scheme.n == 6 && !strncasecmp(scheme.p, "bearer", 6) ? str_trim(token) : STR_NONE;
}

int gate_read_session(Req *rq, Err *e)
{
    App *app = rq->app;
    Str token = bearer_of(rq->http), cookie = http_cookie(rq->http, S("stave"));
    const Tree *tree = rq->reader.tree;
    Err sub = err_on(rq->arena);
    Reader r = rq->reader;
    bool touch = false;
    int rc;
    if (str_has(token)) {
        rc = access_reader_token(app->access, rq->arena, rq->tx, tree, token, &r, &sub);
    } else if (cookie.n) {
        rq->own->session = cookie;
        rc = access_reader_session(app->access, rq->arena, rq->tx, tree, cookie, &r, &touch, &sub);
    } else {
        return 0;
    }
    if (rc == ERR_AUTH)
        return 0; /* nobody: whoever needs somebody says 401 */
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    rq->reader = r;
    rq->own->wants_touch = touch;
    return 0;
}

/* ---- a session stays alive while it is used ---- */

typedef struct Touch {
    WriteJob job;
    SessionRef ref;
    Arena *arena; /* holds this; its own, as the request is answered meanwhile */
} Touch;

static void touch_done(WriteJob *job)
{
    Touch *t = job->done_ctx;
    arena_free(t->arena); /* not written: the next request tries again */
}

void gate_touch(Req *rq)
{
    App *app = rq->app;
    Conn *c = NULL;
    Err sub = err_on(rq->arena);
    if (!rq->own->wants_touch || web_conn(app, rq->worker, false, &c, &sub) < 0)
        return;
    rq->own->wants_touch = false;
    Arena *a = arena_new(1024);
    Touch *t = NEW(a, Touch);
    t->arena = a;
    access_session_ref(app->access, rq->own->session, &t->ref);
    t->job = (WriteJob){.apply = access_apply_touch,
                        .arg = &t->ref,
                        .done = touch_done,
                        .done_ctx = t,
                        .err = err_on(a)};
    store_submit(app->store, c, &t->job);
}

/* ---- CSRF ---- */

static bool is_hex(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return true;
}

void gate_pre_session(Req *rq)
{
    ReqOwn *own = rq->own;
    if (own->pre.n)
        return;
    own->pre = http_cookie(rq->http, S("stave_pre"));
    if (own->pre.n == PRE_BYTES * 2 && is_hex(own->pre))
        return;
    uint8_t dice[PRE_BYTES];
    env_random(rq->app->env, dice, sizeof dice);
    Buf b = {.arena = rq->arena};
    buf_hex(&b, dice, sizeof dice);
    own->pre = buf_view(&b);
    req_cookie(rq, S("stave_pre"), own->pre, -1);
}

static bool same_secret(Str given, Str secret)
{
    return secret.n && given.n == secret.n && bytes_eq_secret(given.p, secret.p, secret.n);
}

int gate_check_csrf(Req *rq, Err *e)
{
    if (rq->reader.by_token)
        return 0;
    if (rq->is_api && !rq->reader.account)
        return 0; /* no cookie speaks for anybody */
    Str given = http_header(rq->http, "x-csrf-token");
    if (!given.n)
        given = req_param(rq, "csrf");
    bool ok = same_secret(given, rq->reader.csrf);
    if (!ok && rq->route->may == MAY_ANYONE) {
        Str pre = http_cookie(rq->http, S("stave_pre"));
        ok = pre.n == PRE_BYTES * 2 && same_secret(given, pre);
    }
    return ok ? 0 : err_set(e, ERR_DENIED, "web.csrf");
}

/* ---- from where ---- */

static bool is_loopback(Str peer)
{
    return !peer.n || str_starts(peer, S("127.")) || str_eq(peer, S("::1")) ||
           str_starts(peer, S("::ffff:127."));
}

/* Behind TLS there is a proxy in front, on this machine: the last address it wrote is the
 * client's. */
Str gate_peer(Req *rq)
{
    Str peer = http_peer(rq->http), forwarded = http_header(rq->http, "x-forwarded-for");
    if (!rq->app->is_secure || !is_loopback(peer) || !forwarded.n)
        return peer;
    Str rest = forwarded, last = STR_NONE;
    while (rest.n)
        str_cut(rest, ',', &last, &rest);
    last = str_trim(last);
    return last.n && last.n <= 45 ? last : peer;
}

bool gate_is_local(Req *rq)
{
    return is_loopback(http_peer(rq->http)) && !http_header(rq->http, "x-forwarded-for").n &&
           !http_header(rq->http, "forwarded").n && !http_header(rq->http, "x-real-ip").n;
}
