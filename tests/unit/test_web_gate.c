/* test_web_gate.c: what the gate does for every page: paths, methods, sessions, CSRF, rate,
 * headers; on both engines.                                                      SPEC: P2 P3 P13 */
#include "embed.h"
#include "test_web_util.h"

static Answer page(Site *s, const char *method, const char *target, Str cookie, const char *form)
{
    Buf b = {.arena = s->a};
    if (cookie.n)
        buf_fmt(&b, "Cookie: stave=%.*s\r\n", STR_ARG(cookie));
    if (*form)
        buf_z(&b, "Content-Type: application/x-www-form-urlencoded\r\n");
    return site_ask(s, method, str_of(target), b.n ? buf_view(&b) : S(""), str_of(form));
}

static bool has(Str text, const char *what)
{
    return str_find(text, str_of(what)) >= 0;
}

/* The value of a cookie that is set. */
static Str set_cookie(Site *s, const Answer *a, const char *name)
{
    Str rest = a->head, line, want = str_fmt(s->a, "Set-Cookie: %s=", name), value;
    while (rest.n) {
        str_cut(rest, '\n', &line, &rest);
        if (str_starts(line, want)) {
            str_cut(str_sub(line, want.n, line.n), ';', &value, &line);
            return value;
        }
    }
    return STR_NONE;
}

TEST(a_route_without_permission_stops_the_server)
{
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Route r = {.path = "/x",
               .method = GET,
               .run = route_tables[0]->list[0].run,
               .may = MAY_ANYONE,
               .help = "web.help_healthz"};
    RouteTable t = {&r, 1};
    const RouteTable *list[] = {&t, &t};
    EXPECT_OK(web_check_routes(list, 1, &e), &e);
    EXPECT_ERR(web_check_routes(list, 2, &e), ERR_BUG, &e); /* the same address twice */
    r.may = MAY_UNSAID;
    EXPECT_ERR(web_check_routes(list, 1, &e), ERR_BUG, &e);
    r.may = MAY_TYPE;
    EXPECT_ERR(web_check_routes(list, 1, &e), ERR_BUG, &e); /* no :type in its path */
    r.may = MAY_ANYONE;
    r.help = "web.no_such_sentence";
    EXPECT_ERR(web_check_routes(list, 1, &e), ERR_BUG, &e);
    r.help = "web.help_healthz";
    r.run = NULL;
    EXPECT_ERR(web_check_routes(list, 1, &e), ERR_BUG, &e);
    EXPECT_OK(web_check_routes(route_tables, route_table_n, &e), &e);
    arena_free(a);
}

BOTH_SITES(paths_and_methods)
{
    Str none = S("");
    EXPECT_EQ_I64(page(s, "GET", "/healthz", none, "").status, 200);
    EXPECT_EQ_I64(page(s, "GET", "/readyz", none, "").status, 200);
    EXPECT_EQ_I64(page(s, "GET", "/nowhere", none, "").status, 404);
    EXPECT_EQ_I64(page(s, "GET", "/diary/", none, "").status, 404);
    EXPECT_EQ_I64(page(s, "GET", "/a/b/c/d/e/f/g/h", none, "").status, 404);
    EXPECT_EQ_I64(page(s, "POST", "/nowhere", none, "x=1").status, 404);
    EXPECT_EQ_I64(page(s, "GET", "/favicon.ico", none, "").status, 404);
    Answer a = page(s, "DELETE", "/healthz", none, "");
    EXPECT_EQ_I64(a.status, 405);
    EXPECT_STR(answer_header(&a, "Allow"), "GET, HEAD");
    a = page(s, "DELETE", "/api/v1/diary/x", none, "");
    EXPECT_EQ_I64(a.status, 405);
    EXPECT_STR(answer_header(&a, "Allow"), "GET, HEAD, PUT, PATCH");
    EXPECT_STR(answer_header(&a, "Content-Type"), "application/problem+json");
    a = page(s, "HEAD", "/healthz", none, "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_EQ_I64(a.body.n, 0);
}

BOTH_SITES(counters_hold_no_names)
{
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", "/api/v1/me", "").status, 200);
    Answer a = page(s, "GET", "/metrics", S(""), "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT(has(a.body, "stave_answers_total{status=\"2xx\"} "));
    EXPECT(!has(a.body, "fs111"));
    a = site_ask(s, "GET", S("/metrics"), S("X-Forwarded-For: 10.1.2.3\r\n"), S(""));
    EXPECT_EQ_I64(a.status, 404); /* came through a proxy: not of this machine */
}

BOTH_SITES(who_is_not_signed_in_is_sent_to_sign_in)
{
    Answer a = page(s, "GET", "/diary?state=draft", S(""), "");
    EXPECT_EQ_I64(a.status, 303);
    EXPECT_STR(answer_header(&a, "Location"), "/signin?back=/diary%3Fstate%3Ddraft");
    a = page(s, "GET", "/", S(""), "");
    EXPECT_STR(answer_header(&a, "Location"), "/signin");
    a = page(s, "GET", "/diary", S("0123456789abcdef"), ""); /* a dead cookie */
    EXPECT_EQ_I64(a.status, 303);
    a = page(s, "GET", "/signin", S(""), "");
    EXPECT_EQ_I64(a.status, 200);
    Str pre = set_cookie(s, &a, "stave_pre");
    EXPECT_EQ_I64(pre.n, 32);
    EXPECT(has(a.body, str_z(s->a, pre)));
    EXPECT(has(a.head, "HttpOnly; SameSite=Lax"));
    EXPECT(has(answer_header(&a, "Content-Security-Policy"), "frame-ancestors 'none'"));
    EXPECT_STR(answer_header(&a, "X-Content-Type-Options"), "nosniff");
}

static Answer sign_in(Site *s, Str pre, const char *csrf, const char *account, const char *password)
{
    Str form =
        str_fmt(s->a, "csrf=%s&account=%s&password=%s&back=%%2Fdiary", csrf, account, password);
    Str head = str_fmt(
        s->a, "Cookie: stave_pre=%.*s\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        STR_ARG(pre));
    return site_ask(s, "POST", S("/signin"), head, form);
}

BOTH_SITES(signing_in_needs_the_form_of_this_browser)
{
    Str cookie, csrf;
    site_session(s, "fs111", &cookie, &csrf); /* sets the password */
    Answer a = page(s, "GET", "/signin", S(""), "");
    Str pre = set_cookie(s, &a, "stave_pre");
    a = sign_in(s, pre, "00000000000000000000000000000000", "fs111", "a+quiet+river+bend");
    EXPECT_EQ_I64(a.status, 403);
    a = sign_in(s, pre, str_z(s->a, pre), "fs111", "wrong+wrong+wrong");
    EXPECT_EQ_I64(a.status, 401);
    EXPECT(!has(a.body, "wrong wrong"));
    a = sign_in(s, pre, str_z(s->a, pre), "fs111", "a+quiet+river+bend");
    EXPECT_EQ_I64(a.status, 303);
    EXPECT_STR(answer_header(&a, "Location"), "/diary");
    cookie = set_cookie(s, &a, "stave");
    EXPECT_EQ_I64(cookie.n, 64);
    EXPECT_EQ_I64(page(s, "GET", "/diary", cookie, "").status, 200);
    a = page(s, "GET", "/signin?back=https://elsewhere.example/", cookie, "");
    EXPECT_STR(answer_header(&a, "Location"), "/"); /* leads nowhere else */
    a = page(s, "GET", "/signin?back=%2F%2Felsewhere.example", cookie, "");
    EXPECT_STR(answer_header(&a, "Location"), "/");
}

BOTH_SITES(too_many_tries_have_to_wait)
{
    Answer a = page(s, "GET", "/signin", S(""), "");
    Str pre = set_cookie(s, &a, "stave_pre");
    int status = 0, n = 0;
    for (; n < 40 && status != 429; n++) {
        a = sign_in(s, pre, str_z(s->a, pre), "nobody", "wrong+wrong+wrong");
        status = a.status;
    }
    EXPECT_EQ_I64(status, 429);
    EXPECT(n >= 4 && n <= 11);
    int64_t wait;
    EXPECT(str_i64(answer_header(&a, "Retry-After"), &wait) && wait >= 1 && wait <= 3600);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", "/api/v1/me", "").status,
                  200); /* who is in is not held up */
}

BOTH_SITES(a_form_without_its_secret_is_given_back)
{
    Str cookie, csrf;
    site_session(s, "fs111", &cookie, &csrf);
    Answer a =
        page(s, "POST", "/diary", cookie, "day=2026-11-20&body=a+long+day&csrf=stolen&do=save");
    EXPECT_EQ_I64(a.status, 403);
    EXPECT(has(a.body, "a long day"));
    EXPECT(has(a.body, str_z(s->a, csrf))); /* pressed once more it goes through */
    a = page(s, "POST", "/diary", S(""), "day=2026-11-20&body=a+long+day&csrf=x&do=save");
    EXPECT_EQ_I64(a.status, 401);
    EXPECT(has(a.body, "a long day"));
    a = page(s, "POST", "/diary", S("deadbeef"), "day=2026-11-20&body=a+long+%3Cday&csrf=x");
    EXPECT_EQ_I64(a.status, 401);
    EXPECT(has(a.body, "a long &lt;day"));
    a = page(s, "POST", "/diary", cookie, "day=%ff");
    EXPECT_EQ_I64(a.status, 400);
    a = site_ask(
        s, "POST", S("/diary"),
        str_fmt(s->a, "Cookie: stave=%.*s\r\nContent-Type: text/plain\r\n", STR_ARG(cookie)),
        S("x=1"));
    EXPECT_EQ_I64(a.status, 400);
    a = page(s, "GET", "/diary", cookie, "");
    EXPECT(!has(a.body, "a long day")); /* nothing was written */
}

BOTH_SITES(looks_are_cookies)
{
    Answer a = page(s, "GET", "/look?big=1&lang=en&back=%2Fsignin", S(""), "");
    EXPECT_EQ_I64(a.status, 303);
    EXPECT_STR(answer_header(&a, "Location"), "/signin");
    EXPECT_STR(set_cookie(s, &a, "big"), "1");
    EXPECT_STR(set_cookie(s, &a, "lang"), "en");
    a = site_ask(s, "GET", S("/signin"), S("Cookie: big=1; lang=en\r\n"), S(""));
    EXPECT(has(a.body, "lang=\"en\" class=\"big\""));
    a = page(s, "GET", "/look?big=0&back=/%09/elsewhere.example", S(""), "");
    EXPECT_STR(answer_header(&a, "Location"), "/");
    Str cookie, csrf;
    site_session(s, "fs111", &cookie, &csrf);
    EXPECT_EQ_I64(page(s, "GET", "/look?lang=en&back=/", cookie, "").status, 303);
    a = site_ask(s, "GET", S("/api/v1/me"),
                 str_fmt(s->a, "Cookie: stave=%.*s\r\n", STR_ARG(cookie)), S(""));
    EXPECT_STR(answer_text(&a, "lang"), "en"); /* kept with the account */
}

BOTH_SITES(assets_are_cached_for_ever)
{
    REQUIRE(embed_asset_n > 0);
    const EmbedFile *f = &embed_assets[0];
    Str at = str_fmt(s->a, "/static/%s/%.*s", f->hash, STR_ARG(f->name));
    Answer a = site_ask(s, "GET", at, S("Accept-Encoding: gzip;q=0, br\r\n"), S(""));
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_header(&a, "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ_I64(str_has(f->brotli), str_eq(answer_header(&a, "Content-Encoding"), S("br")));
    EXPECT_STR_EQ(a.body, str_has(f->brotli) ? f->brotli : f->body);
    a = site_ask(s, "GET", at, S("Accept-Encoding: br;q=0.0, gzip\r\n"), S(""));
    EXPECT_STR_EQ(a.body, str_has(f->gzip) ? f->gzip : f->body);
    a = site_ask(s, "GET", at, S(""), S(""));
    EXPECT_STR_EQ(a.body, f->body);
    EXPECT_EQ_I64(
        site_ask(s, "GET", str_fmt(s->a, "/static/0/%.*s", STR_ARG(f->name)), S(""), S("")).status,
        404);
}

static int do_nothing(Tx *tx, void *arg, Err *e)
{
    (void)tx;
    (void)arg;
    (void)e;
    return 0;
}

/* A session seen over an hour ago is kept alive; one not used for a week has ended. */
BOTH_SITES(sessions_end)
{
    Str cookie, csrf;
    site_session(s, "fs111", &cookie, &csrf);
    for (int i = 0; i < 3; i++) {
        env_test_move(s->w.env, (int64_t)5 * 86400 * 1000);
        EXPECT_EQ_I64(page(s, "GET", "/diary", cookie, "").status, 200);
        REQUIRE_OK(store_write(s->w.store, NULL, do_nothing, NULL, s->w.e),
                   s->w.e); /* what was queued is written */
    }
    env_test_move(s->w.env, (int64_t)8 * 86400 * 1000);
    EXPECT_EQ_I64(page(s, "GET", "/diary", cookie, "").status, 303);
}
