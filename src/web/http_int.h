/* http_int.h: what the files http*.c share. A socket is a Conn, a request is a Job.
 *
 * Who touches a Job: the I/O thread of its connection until it is queued, then one worker, then
 * again the I/O thread. A parked Job belongs to whoever will call http_again. `state` and the links
 * are under Http.lock. Our locks are never nested in each other. STACK: 2 */
#ifndef STAVE_HTTP_INT_H
#define STAVE_HTTP_INT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "web/http.h"

/* Why the server itself refuses; each has a ready answer made at start. */
typedef enum Refuse {
    REFUSE_NONE,
    REFUSE_MALFORMED, /* 400 */
    REFUSE_MISSING,   /* 404 */
    REFUSE_METHOD,    /* 405, known but not here */
    REFUSE_LARGE,     /* 413 */
    REFUSE_URL_LONG,  /* 414 */
    REFUSE_EXPECT,    /* 417 */
    REFUSE_HOST,      /* 421 */
    REFUSE_HEADERS,   /* 431 */
    REFUSE_BROKEN,    /* 500 */
    REFUSE_UNKNOWN,   /* 501, no such method */
    REFUSE_BUSY,      /* 503, queue full */
    REFUSE_LATE,      /* 503, took too long */
    REFUSE_STOPPING,  /* 503 */
    REFUSE_MAX
} Refuse;

typedef enum JobState {
    JOB_RECEIVING, /* with the I/O thread */
    JOB_QUEUED,
    JOB_RUNNING,
    JOB_AGAIN, /* http_again came before run() returned */
    JOB_PARKED,
    JOB_ANSWERED, /* resumed, with the I/O thread */
    JOB_EXPIRED,  /* answered by the server while parked: http_again is still to come */
    JOB_ORPHAN,   /* expired and its connection is done: http_again frees it */
    JOB_RETURNED, /* expired and http_again came: the connection's end frees it */
} JobState;

/* A connection. `deadline_us` is the instant the reaper cuts it, INT64_MAX while the server works.
 */
typedef struct Conn {
    struct Conn *next, *prev;
    int fd;
    bool is_kept; /* has had an answer before */
    _Atomic int64_t deadline_us;
} Conn;

typedef struct Field {
    Str name, value;
} Field;

typedef struct Job {
    HttpReq rq; /* first: rq.priv is the Job */
    Http *h;
    struct Job *next, *prev; /* queue, parked list or pool */
    Conn *conn;
    struct MHD_Connection *mhd;
    JobState state;
    Str target;          /* as sent, in the arena */
    size_t target_bytes; /* its length even when too long to be kept */
    Refuse refuse;
    bool is_begun;               /* first callback seen */
    bool is_expired;             /* see JOB_EXPIRED */
    bool is_lingering;           /* refused before its body was read */
    struct MHD_Response *answer; /* to be queued by the I/O thread */
    int answer_status;
    int64_t queued_us;
    int64_t send_until_us; /* deadline of the request's arrival */
    char *body;            /* malloc'ed: a body may be a thousand arenas large */
    size_t body_n, body_cap;
    size_t field_n;
    Field fields[LIMIT_HEADERS];
} Job;

typedef struct Worker {
    Http *h;
    int ix;
    pthread_t thread;
    pthread_cond_t cond;
    bool is_woken;
    bool has_idle_call; /* woken for opt.idle */
    bool was_told;      /* opt.idle called since the last job */
    int64_t idle_us;
} Worker;

typedef struct Linger {
    int fd;
    int64_t until_us;
    size_t bytes;
} Linger;

struct Http {
    Env *env;
    HttpOptions opt;
    Arena *arena;
    struct MHD_Daemon *mhd;
    uint16_t port;
    Str *hosts;
    size_t host_n;
    bool is_raw_checked; /* headers are compared with the bytes they came in (0.9.x) */
    struct MHD_Response *refusals[REFUSE_MAX];
    Str raw_large; /* 413 as bytes, for a chunked body that grew too large */

    pthread_mutex_t lock; /* queue and workers */
    Job *head, *tail;
    _Atomic size_t queue_n;
    Job *parked;
    Worker workers[LIMIT_WORKERS];
    int worker_n;
    Worker *idle[LIMIT_WORKERS]; /* a stack: the warmest on top */
    int idle_n;
    bool is_waking;   /* a worker has been signalled and is not yet here */
    bool is_stopping; /* nothing is queued any more */
    size_t ghosts;    /* expired jobs whose http_again has not come */
    bool is_ended;    /* http_stop is through: the last ghost frees all */

    pthread_mutex_t pool_lock;
    Job *pool;
    size_t pool_n;

    pthread_mutex_t conn_lock;
    Conn *conns; /* LIMIT_CONNECTIONS of them */
    Conn *conn_free, *conn_live;

    pthread_mutex_t linger_lock;
    Linger linger[LIMIT_LINGER];
    size_t linger_n;

    pthread_t reaper;
    int reaper_fd; /* an eventfd: wakes it */
    _Atomic bool is_reaper_ending;
    _Atomic bool is_draining;
    _Atomic size_t running; /* requests begun and not completed */
    _Atomic size_t bodies_bytes;
};

static inline int64_t http_now_us(const Http *h)
{
    return env_mono_us(h->env);
}
static inline Job *job_of(HttpReq *rq)
{
    return rq->priv;
}

/* ---- http_check.c: is this request one we want to read? ---- */
/* Splits and decodes a request target. False: malformed. */
bool http_check_target(Arena *a, Str raw, Str *ret_path, Str *ret_query);
/* Everything about line and headers; fills method, path, query, fields, body_declared. */
Refuse http_check(Job *job, const char *method, const char *url, const char *version);
bool http_token(Str s); /* RFC 9110 token: names of headers and methods */

/* ---- http.c ---- */
void http_free(Http *h);

/* ---- http_answer.c ---- */
void http_refusals_init(Http *h);
void http_refusals_done(Http *h);
void http_answer_refuse(Job *job, Refuse why); /* sets job->answer to a ready one */
void http_answer_build(Job *job);              /* from rq->status, rq->out, rq->headers */

/* ---- http_queue.c ---- */
Job *http_job_take(Http *h);
void http_job_give(Job *job);
void http_pool_done(Http *h);
bool http_push(Job *job); /* false: full or stopping */
void http_workers_start(Http *h);
void http_workers_stop(Http *h); /* refuses what waits, expires what is parked, joins */
void http_workers_tick(Http *h, int64_t now_us); /* reaper: late parked jobs, idle workers */
void http_job_done(Job *job);                    /* the connection is through with it */

/* ---- http_reap.c: connections and their deadlines ---- */
void http_conns_init(Http *h);
void http_conns_done(Http *h);
Conn *http_conn_take(Http *h, int fd); /* NULL: too many */
void http_conn_due(const Http *h, Conn *c, int64_t ms);
void http_conn_give(Http *h, Conn *c);
void http_conn_linger(Http *h, int fd);
void http_reaper_start(Http *h);
void http_reaper_stop(Http *h);

#endif
