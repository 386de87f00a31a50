/* http.h: the HTTP server: sockets to requests and answers to sockets. Inside web only.
 *
 * Shape (STACK 2): two epoll threads of libmicrohttpd parse and count; on the first callback,
 * before a byte of body is read, `admit` looks at method, path and headers; when the body is in,
 * the connection is suspended and the request queued; one of the workers runs `run`; the answer is
 * built and the connection resumed. A worker may leave a request unanswered (rq->is_parked) and
 * http_again() puts it back in the queue later (a write waiting for its commit). A reaper closes
 * what dawdles. Not here: routes, sessions, permission (gate.c).                           STACK: 2
 */
#ifndef STAVE_HTTP_H
#define STAVE_HTTP_H

#include "base/base.h"

typedef struct Http Http;
typedef struct HttpReq HttpReq;

typedef enum Method { GET, HEAD, POST, PUT, PATCH, DELETE, METHOD_MAX } Method;

typedef struct HttpOptions {
    Str host;            /* 127.0.0.1; a path that begins with '/' is a Unix socket */
    uint16_t port;       /* 0: a free one */
    Str hosts;           /* Host values allowed besides `host` and localhost, separated by blanks
                          * (settings); without a port any port passes */
    int workers;         /* at most LIMIT_WORKERS */
    int io_threads;
    /* For tests and settings; 0 means the limit of limits.h. */
    int send_ms;         /* LIMIT_SEND_MS */
    int job_ms;          /* LIMIT_JOB_MS */
    int drain_ms;        /* LIMIT_DRAIN_MS */
    int queue_max;       /* LIMIT_QUEUE */
    int worker_idle_ms;  /* LIMIT_WORKER_IDLE_MS */
    /* On an I/O thread, before the body: sets rq->body_max (0: no body allowed) and rq->route, or
     * rq->status != 0 for an immediate answer (404, 405, 413, 503). Must not block. */
    void (*admit)(void *ctx, HttpReq *rq);
    /* On a worker. Fills the answer, or parks. worker_ix 0..workers-1. */
    void (*run)(void *ctx, int worker_ix, HttpReq *rq);
    void (*idle)(void *ctx, int worker_ix); /* nothing to do for 5 min; may be NULL */
    /* A parked request was answered in the meantime (late, stopping) and will not be run again:
     * gives back what it holds. When its owner is through with it; any thread; must not block. May
     * be NULL. */
    void (*drop)(void *ctx, HttpReq *rq);
    void *ctx;
} HttpOptions;

struct HttpReq {
    Arena *arena;        /* dies with the answer */
    Method method;
    /* decoded, checked: valid UTF-8, starts with '/', no NUL, no '..', no %2F */
    Str path;
    Str query;           /* raw, after '?'; STR_NONE without one */
    Str body;            /* whole, at most body_max */
    size_t body_max;
    int64_t body_declared; /* Content-Length; -1 chunked, 0 none */
    const void *route;   /* the gate's */
    void *user;          /* the gate's Req */
    bool is_parked;
    int64_t start_us;
    /* the answer */
    int status;
    Str content_type;
    Str out;             /* in arena, or static when out_is_static */
    bool out_is_static;
    struct HttpHeader { Str name, value; struct HttpHeader *next; } *headers;
    /* the server's */
    void *priv;
};

int http_start(Env *env, const HttpOptions *opt, Http **ret, Err *e) MUST_USE;
uint16_t http_port(const Http *h);
/* Quiesce, finish what runs (at most drain_ms, then until handlers return), stop. Takes NULL. */
void http_stop(Http *h);
/* Any thread, exactly once for each parking: run() will be called once more for rq. A request
 * parked for longer than job_ms, or while the server stops, has been answered 503 by then: drop()
 * is called instead; rq with its arena lives until here (its headers do not). */
void http_again(HttpReq *rq);
/* Of the request, any letter case; STR_NONE when absent. Blanks at the ends are cut; bytes that
 * are not UTF-8 come as '?'; a header sent in folded lines counts as absent. */
Str http_header(HttpReq *rq, const char *name);
Str http_cookie(HttpReq *rq, Str name);
Str http_peer(HttpReq *rq); /* who connected, 127.0.0.1 or ::1; "" on a Unix socket */
/* Adds one; copies both. CHECKs name (a token) and value (no CR, LF, NUL). The server itself sets
 * Date, Content-Type, Content-Length, and unless set here X-Content-Type-Options and
 * Referrer-Policy. */
void http_set_header(HttpReq *rq, Str name, Str value);
size_t http_waiting(const Http *h);       /* queue length, for /metrics */

/* ---- parameters: one strict parser each, bounded, for hostile input ---- */
typedef struct Param {
    Str name, value;
    Str filename, type;  /* multipart parts with a file; STR_NONE otherwise */
} Param;
typedef struct Params {
    Param *list;
    size_t n;
} Params;
/* application/x-www-form-urlencoded (and the query). Errors: ERR_SYNTAX bad escape or UTF-8 or NUL;
 * ERR_LIMIT too many. The order stays; names may repeat. */
int params_urlencoded(Arena *a, Str text, Params *ret, Err *e) MUST_USE;
/* multipart/form-data, RFC 7578; `content_type` is the header with its boundary. Values are
 * borrowed from `body`; file parts keep raw bytes. */
int params_multipart(Arena *a, Str content_type, Str body, Params *ret, Err *e) MUST_USE;
Str params_get(const Params *p, Str name);  /* the first; STR_NONE */
#endif
