/* See test_web_http_util.h. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test_web_http_util.h"

int64_t client_ms(void)
{
    return env_mono_us(env_real()) / 1000;
}

void client_nap(int ms)
{
    (void)poll(NULL, 0, ms);
}

/* ---- the server ---- */

static void admit(void *ctx, HttpReq *rq)
{
    (void)ctx;
    if (str_eq(rq->path, S("/echo")))
        rq->body_max = 1000;
    if (str_eq(rq->path, S("/big")))
        rq->body_max = 8 * 1024 * 1024;
    if (str_eq(rq->path, S("/gone")))
        rq->status = 404;
    if (str_eq(rq->path, S("/denied"))) {
        rq->status = 405;
        rq->out = S("own words");
        rq->content_type = S("text/plain");
        http_set_header(rq, S("Allow"), S("GET"));
    }
}

static void *park_later(void *arg)
{
    client_nap(30);
    http_again(arg);
    return NULL;
}

static void *park_now(void *arg)
{
    http_again(arg);
    return NULL;
}

static void run_park(HttpReq *rq, void *(*then)(void *))
{
    int *n = rq->user;
    if (!n)
        rq->user = n = NEW(rq->arena, int);
    if (++*n <= 3) {
        rq->is_parked = true;
        pthread_t t;
        CHECK(pthread_create(&t, NULL, then, rq) == 0);
        if (then == park_now)
            client_nap(2); /* so that http_again comes before this returns */
        pthread_detach(t);
        return;
    }
    rq->status = 200;
    rq->out = str_fmt(rq->arena, "again %d", *n);
}

static void run_header(HttpReq *rq)
{
    Str asked = http_header(rq, "x-asked"), cookie = http_cookie(rq, S("b"));
    http_set_header(rq, S("Set-Cookie"), S("one=1"));
    http_set_header(rq, S("Set-Cookie"), S("two=2"));
    http_set_header(rq, S("Referrer-Policy"), S("no-referrer"));
    rq->status = 200;
    rq->out = str_fmt(rq->arena, "[%.*s%s][%.*s%s]", STR_ARG(asked), str_has(asked) ? "" : "-",
                      STR_ARG(cookie), str_has(cookie) ? "" : "-");
}

static void run_say(HttpReq *rq)
{
    static const char *const names[METHOD_MAX] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    rq->status = 200;
    rq->out = str_fmt(rq->arena, "%s %.*s ? %.*s", names[rq->method], STR_ARG(rq->path),
                      STR_ARG(rq->query));
}

static void run(void *ctx, int worker_ix, HttpReq *rq)
{
    Server *s = ctx;
    (void)worker_ix;
    atomic_fetch_add(&s->runs, 1);
    Str path = rq->path;
    rq->status = str_eq(path, S("/none")) ? 0 : 200;
    if (str_eq(path, S("/hello"))) {
        rq->out = S("hello");
        rq->out_is_static = true;
    } else if (str_eq(path, S("/echo"))) {
        rq->out = rq->body;
    } else if (str_eq(path, S("/big"))) {
        rq->out = str_fmt(rq->arena, "%zu", rq->body.n);
    } else if (str_starts(path, S("/say"))) {
        run_say(rq);
    } else if (str_eq(path, S("/header"))) {
        run_header(rq);
    } else if (str_eq(path, S("/sleep"))) {
        int64_t until = client_ms() + 300;
        atomic_fetch_add(&s->sleepers, 1);
        while (client_ms() < until || atomic_load(&s->is_blocked))
            client_nap(5);
        atomic_fetch_sub(&s->sleepers, 1);
        rq->out = S("slept");
    } else if (str_eq(path, S("/park"))) {
        run_park(rq, park_later);
    } else if (str_eq(path, S("/parknow"))) {
        run_park(rq, park_now);
    } else if (str_eq(path, S("/peer"))) {
        rq->out = http_peer(rq);
    } else if (str_eq(path, S("/lost")) && rq->user) {
        rq->out = S("found");
    } else if (str_eq(path, S("/lost"))) {
        rq->user = s;
        rq->is_parked = true;
        rq->status = 0;
        atomic_store(&s->lost, rq);
    }
}

static void idle(void *ctx, int worker_ix)
{
    (void)worker_ix;
    Server *s = ctx;
    atomic_fetch_add(&s->idles, 1);
}

static void drop(void *ctx, HttpReq *rq)
{
    Server *s = ctx;
    CHECK(str_eq(rq->path, S("/lost")));
    atomic_fetch_add(&s->drops, 1);
}

Server *server_new(void)
{
    Server *s = calloc(1, sizeof *s);
    CHECK(s != NULL);
    s->arena = arena_new(64 * 1024);
    s->opt = (HttpOptions){.host = S("127.0.0.1"),
                           .hosts = S("stave.example.cn  [::1]"),
                           .workers = 4,
                           .io_threads = 2,
                           .admit = admit,
                           .run = run,
                           .idle = idle,
                           .drop = drop,
                           .ctx = s};
    return s;
}

void server_open(Server *s)
{
    Err e = err_on(s->arena);
    REQUIRE_OK(http_start(env_real(), &s->opt, &s->h, &e), &e);
}

void server_close(Server *s)
{
    http_stop(s->h);
    arena_free(s->arena);
    free(s);
}

void server_release(Server *s)
{
    HttpReq *rq = atomic_exchange(&s->lost, NULL);
    CHECK(rq != NULL);
    http_again(rq);
}

/* ---- the client ---- */

int client_open(Server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(http_port(s->h)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

bool client_try_send(int fd, Str bytes)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n < 0)
            return false;
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return true;
}

void client_send(int fd, Str bytes)
{
    REQUIRE(client_try_send(fd, bytes));
}

/* One answer with its Content-Length is here. */
static bool is_whole(Str got)
{
    ptrdiff_t at = str_find(got, S("Content-Length: ")), end = str_find(got, S("\r\n\r\n"));
    if (at < 0 || end < at)
        return false;
    Str length, rest;
    int64_t n;
    str_cut(str_sub(got, (size_t)at + 16, got.n), '\r', &length, &rest);
    return str_i64(length, &n) && got.n - (size_t)end - 4 >= (size_t)n;
}

Str client_read(Server *s, int fd, int first_ms, bool *ret_closed)
{
    enum { QUIET_MS = 200 }; /* an answer comes in one go */
    Buf b = {.arena = s->arena};
    bool closed = false;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (!closed && poll(&p, 1, b.n ? QUIET_MS : first_ms) > 0) {
        char chunk[4096];
        ssize_t n = recv(fd, chunk, sizeof chunk, 0);
        closed = n <= 0;
        if (n > 0)
            buf_mem(&b, chunk, (size_t)n);
        if (!ret_closed && is_whole(buf_view(&b)))
            break;
    }
    buf_byte(&b, '\0');
    if (ret_closed)
        *ret_closed = closed;
    return (Str){b.p, b.n - 1};
}

Str client_ask(Server *s, Str bytes, bool *ret_closed)
{
    int fd = client_open(s);
    (void)client_try_send(fd, bytes); /* a refused request is cut short: the answer tells */
    Str answer = client_read(s, fd, 3000, ret_closed);
    close(fd);
    return answer;
}

int client_status(Str answer)
{
    if (!str_starts(answer, S("HTTP/1.1 ")) || answer.n < 12)
        return 0;
    int64_t status;
    return str_i64(str_sub(answer, 9, 3), &status) ? (int)status : 0;
}

int client_answers(Str answer)
{
    int n = 0;
    for (ptrdiff_t at; (at = str_find(answer, S("HTTP/1.1 "))) >= 0; n++)
        answer = str_sub(answer, (size_t)at + 9, answer.n);
    return n;
}

Str client_body(Str answer)
{
    ptrdiff_t at = str_find(answer, S("\r\n\r\n"));
    return at < 0 ? S("") : str_sub(answer, (size_t)at + 4, answer.n);
}
