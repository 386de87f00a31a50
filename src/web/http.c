/* http.c: start, stop, and the callbacks of libmicrohttpd. The order of a request:
 *
 *   on_connection started   a Conn with its deadline
 *   on_target               request line in: a Job with its arena, the target kept as sent
 *   on_request, first       headers in: http_check, then the gate's admit; refused here, the
 *                           connection ends with the answer
 *   on_request, with bytes  the body is counted and kept
 *   on_request, last        suspended and queued; http_queue.c runs it; resumed with its answer
 *   on_request, once more   the answer is handed to the library
 *   on_completed            the Job goes back to the pool
 *
 * All of these run on the connection's own I/O thread.                                  STACK: 2 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "web/http_int.h"

enum {
    LISTEN_BACKLOG = 511,
    IO_STACK_BYTES = 512 * 1024,
    BODY_FIRST_BYTES = 16 * 1024,
    DRAIN_STEP_MS = 10,
};

/* ---- callbacks ---- */

static Conn *conn_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    Http *h = cls;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        *context = http_conn_take(h, fd);
    } else if (*context) {
        http_conn_give(h, *context);
        *context = NULL;
    }
}

/* The path is decoded by http_check, from the bytes as sent. */
static size_t on_unescape(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    Http *h = cls;
    Conn *c = conn_of(mhd);
    if (!c)
        return NULL;
    Job *job = http_job_take(h);
    job->conn = c;
    job->mhd = mhd;
    job->target_bytes = target ? strlen(target) : 0;
    if (job->target_bytes <= LIMIT_URL_BYTES)
        job->target = str_copy(job->rq.arena, (Str){target, job->target_bytes});
    if (c->is_kept)
        http_conn_due(h, c, h->opt.send_ms);
    return job;
}

static enum MHD_Result answer_now(Job *job)
{
    int64_t bytes = job->refuse ? 0 : (int64_t)job->rq.out.n; /* rq may be with its parker */
    http_conn_due(job->h, job->conn, LIMIT_ANSWER_MS + bytes * 1000 / LIMIT_SEND_BYTES_PER_S);
    struct MHD_Response *r = job->answer;
    enum MHD_Result ok = MHD_queue_response(job->mhd, (unsigned)job->answer_status, r);
    if (!job->refuse) {
        MHD_destroy_response(r); /* the library holds it now */
        job->answer = NULL;
    }
    return ok;
}

/* Before the body: the connection ends with this answer. */
static enum MHD_Result refuse_now(Job *job, Refuse why)
{
    job->is_lingering = true;
    http_answer_refuse(job, why);
    return answer_now(job);
}

/* The gate has said no in admit. Without a body the connection may go on afterwards. */
static enum MHD_Result refuse_by_gate(Job *job)
{
    http_answer_build(job);
    if (job->rq.body_declared == 0)
        return MHD_YES;
    job->is_lingering = true;
    return answer_now(job);
}

static enum MHD_Result job_begin(Job *job, const char *method, const char *url, const char *version)
{
    Http *h = job->h;
    HttpReq *rq = &job->rq;
    job->is_begun = true;
    atomic_fetch_add_explicit(&h->running, 1, memory_order_relaxed);
    rq->start_us = http_now_us(h);
    Refuse why = http_check(job, method, url, version);
    if (why)
        return refuse_now(job, why);
    if (http_waiting(h) >= (size_t)h->opt.queue_max)
        return refuse_now(job, REFUSE_BUSY);
    h->opt.admit(h->opt.ctx, rq);
    if (rq->status)
        return refuse_by_gate(job);
    if (rq->body_declared > (int64_t)rq->body_max)
        return refuse_now(job, REFUSE_LARGE);
    if (rq->body_declared > 0)
        http_conn_due(h, job->conn,
                      h->opt.send_ms + rq->body_declared * 1000 / LIMIT_SEND_BYTES_PER_S);
    return MHD_YES;
}

/* Says 413 itself: the library takes no answer in the middle of a body. Nothing of this request has
 * been answered yet and earlier answers are out, so the bytes cannot get between others. */
static enum MHD_Result body_refuse(Job *job)
{
    Str text = job->h->raw_large;
    ssize_t n = send(job->conn->fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)n; /* a client that does not read gets the closed connection alone */
    job->is_lingering = true;
    return MHD_NO;
}

/* Doubles up to what is declared, so that a length alone takes no memory. */
static bool body_grow(Job *job, size_t need)
{
    Http *h = job->h;
    size_t cap = job->body_cap ? job->body_cap : BODY_FIRST_BYTES;
    while (cap < need)
        cap *= 2;
    if (job->rq.body_declared >= 0 && cap > (size_t)job->rq.body_declared)
        cap = (size_t)job->rq.body_declared;
    size_t more = cap - job->body_cap;
    if (atomic_fetch_add(&h->bodies_bytes, more) + more > LIMIT_BODIES_BYTES) {
        atomic_fetch_sub(&h->bodies_bytes, more);
        return false;
    }
    job->body = realloc(job->body, cap);
    CHECK(job->body != NULL);
    job->body_cap = cap;
    return true;
}

static enum MHD_Result job_body(Job *job, const char *bytes, size_t *n)
{
    Http *h = job->h;
    HttpReq *rq = &job->rq;
    size_t need = job->body_n + *n;
    if (need > rq->body_max)
        return body_refuse(job);
    if (need > job->body_cap && !body_grow(job, need)) {
        log_line("warn", "http: bodies take all their memory, connection closed");
        return MHD_NO;
    }
    memcpy(job->body + job->body_n, bytes, *n);
    job->body_n = need;
    *n = 0;
    if (rq->body_declared < 0) { /* chunked: time for what has come */
        int64_t ms = h->opt.send_ms + (int64_t)need * 1000 / LIMIT_SEND_BYTES_PER_S;
        atomic_store_explicit(&job->conn->deadline_us, rq->start_us + ms * 1000,
                              memory_order_relaxed);
    }
    return MHD_YES;
}

/* All is in: over to the workers. Suspended first, as a worker may resume it at once. */
static enum MHD_Result job_queue(Job *job)
{
    job->rq.body = (Str){job->body ? job->body : "", job->body_n};
    job->queued_us = http_now_us(job->h);
    http_conn_due(job->h, job->conn, -1);
    MHD_suspend_connection(job->mhd);
    if (!http_push(job)) {
        bool is_ending = atomic_load(&job->h->is_draining);
        http_answer_refuse(job, is_ending ? REFUSE_STOPPING : REFUSE_BUSY);
        MHD_resume_connection(job->mhd);
    }
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **context)
{
    (void)cls;
    (void)mhd;
    Job *job = *context;
    if (!job)
        return MHD_NO; /* no Conn was free */
    if (!job->is_begun)
        return job_begin(job, method, url, version);
    if (*n)
        return job_body(job, bytes, n);
    if (job->answer)
        return answer_now(job);
    return job_queue(job);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode why)
{
    (void)mhd;
    (void)why;
    Http *h = cls;
    Job *job = *context;
    *context = NULL;
    if (!job)
        return;
    if (job->answer && !job->refuse)
        MHD_destroy_response(job->answer); /* made, never sent */
    if (job->is_lingering)
        http_conn_linger(h, job->conn->fd);
    if (job->is_begun)
        atomic_fetch_sub_explicit(&h->running, 1, memory_order_relaxed);
    job->conn->is_kept = true;
    http_conn_due(h, job->conn, LIMIT_IDLE_MS);
    http_job_done(job);
}

/* ---- listening ---- */

static int listen_fail(int fd, const HttpOptions *opt, Arena *a, Err *e)
{
    Str why = str_of(strerror(errno));
    if (fd >= 0)
        close(fd);
    return err_set(e, ERR_IO, "http.listen", opt->host, str_fmt(a, "%u", opt->port), why);
}

static int listen_unix(const HttpOptions *opt, Arena *a, int *ret_fd, Err *e)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (opt->host.n >= sizeof at.sun_path)
        return err_set(e, ERR_LIMIT, "http.listen_path", opt->host);
    memcpy(at.sun_path, opt->host.p, opt->host.n);
    (void)unlink(at.sun_path); /* of a former run; if it stays, bind tells */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, LISTEN_BACKLOG) < 0)
        return listen_fail(fd, opt, a, e);
    *ret_fd = fd;
    return 0;
}

static int listen_inet(const HttpOptions *opt, Arena *a, int *ret_fd, uint16_t *ret_port, Err *e)
{
    struct addrinfo want = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                            .ai_socktype = SOCK_STREAM},
                    *at;
    char port[8];
    snprintf(port, sizeof port, "%u", opt->port);
    if (getaddrinfo(str_z(a, opt->host), port, &want, &at) != 0)
        return err_set(e, ERR_INVALID, "http.listen_address", opt->host);
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
              bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0;
    int error = errno;
    freeaddrinfo(at);
    errno = error;
    struct sockaddr_storage own;
    socklen_t own_n = sizeof own;
    if (!ok || getsockname(fd, (struct sockaddr *)&own, &own_n) < 0)
        return listen_fail(fd, opt, a, e);
    *ret_port = own.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&own)->sin6_port)
                                          : ntohs(((struct sockaddr_in *)&own)->sin_port);
    *ret_fd = fd;
    return 0;
}

/* ---- start and stop ---- */

/* The address it listens on, localhost, and those of the settings. */
static void hosts_init(Http *h)
{
    Str rest = h->opt.hosts, one;
    size_t max = 2;
    for (size_t i = 0; i < rest.n; i++)
        max += rest.p[i] == ' ';
    h->hosts = NEW_N(h->arena, Str, max + 1);
    h->hosts[h->host_n++] = S("localhost");
    if (h->opt.host.n && str_find(h->opt.host, S(":")) >= 0)
        h->hosts[h->host_n++] = str_fmt(h->arena, "[%.*s]", STR_ARG(h->opt.host));
    else if (h->opt.host.n)
        h->hosts[h->host_n++] = str_copy(h->arena, h->opt.host);
    while (rest.n) {
        str_cut(rest, ' ', &one, &rest);
        if (one.n)
            h->hosts[h->host_n++] = str_copy(h->arena, one);
    }
}

static void options_init(Http *h, const HttpOptions *opt)
{
    HttpOptions *o = &h->opt;
    *o = *opt;
    CHECK(o->admit && o->run);
    o->workers = o->workers < 1 ? 1 : o->workers > LIMIT_WORKERS ? LIMIT_WORKERS : o->workers;
    o->io_threads = o->io_threads < 1 ? 1 : o->io_threads;
    o->send_ms = o->send_ms ? o->send_ms : LIMIT_SEND_MS;
    o->job_ms = o->job_ms ? o->job_ms : LIMIT_JOB_MS;
    o->drain_ms = o->drain_ms ? o->drain_ms : LIMIT_DRAIN_MS;
    o->queue_max = o->queue_max ? o->queue_max : LIMIT_QUEUE;
    o->worker_idle_ms = o->worker_idle_ms ? o->worker_idle_ms : LIMIT_WORKER_IDLE_MS;
}

/* 0.9.x keeps a request's head in its buffer byte for byte but for the ends it marks with NUL. */
static bool is_old_library(void)
{
    return strncmp(MHD_get_version(), "0.9.", 4) == 0;
}

static struct MHD_Daemon *daemon_start(Http *h, int fd)
{
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, h->opt.io_threads, NULL}, /* 1 would be ignored */
        {MHD_OPTION_END, 0, NULL},
    };
    if (h->opt.io_threads < 2)
        pool[0].option = MHD_OPTION_END;
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL, NULL,
        on_request, h, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)LIMIT_HEADER_BYTES, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, 0u, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)(LIMIT_IDLE_MS / 1000), MHD_OPTION_THREAD_STACK_SIZE, (size_t)IO_STACK_BYTES,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        h, MHD_OPTION_URI_LOG_CALLBACK, on_target, h, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, h,
        MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
}

void http_free(Http *h)
{
    http_refusals_done(h);
    http_pool_done(h);
    http_conns_done(h);
    pthread_mutex_destroy(&h->lock);
    pthread_mutex_destroy(&h->pool_lock);
    pthread_mutex_destroy(&h->conn_lock);
    pthread_mutex_destroy(&h->linger_lock);
    arena_free(h->arena);
    free(h);
}

int http_start(Env *env, const HttpOptions *opt, Http **ret, Err *e)
{
    int fd = -1;
    uint16_t port = 0;
    bool is_unix = opt->host.n && opt->host.p[0] == '/';
    if (is_unix)
        TRY(listen_unix(opt, e->arena, &fd, e));
    else
        TRY(listen_inet(opt, e->arena, &fd, &port, e));
    Http *h = calloc(1, sizeof *h);
    CHECK(h != NULL);
    h->env = env;
    h->port = port;
    h->arena = arena_new(4096);
    h->is_raw_checked = is_old_library();
    options_init(h, opt);
    hosts_init(h);
    pthread_mutex_init(&h->lock, NULL);
    pthread_mutex_init(&h->pool_lock, NULL);
    pthread_mutex_init(&h->conn_lock, NULL);
    pthread_mutex_init(&h->linger_lock, NULL);
    http_conns_init(h);
    http_refusals_init(h);
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    http_workers_start(h);
    http_reaper_start(h);
    h->mhd = daemon_start(h, fd);
    if (!h->mhd) {
        int rc = listen_fail(fd, opt, e->arena, e);
        http_workers_stop(h);
        http_reaper_stop(h);
        http_free(h);
        return rc;
    }
    *ret = h;
    return 0;
}

uint16_t http_port(const Http *h)
{
    return h->port;
}

void http_stop(Http *h)
{
    if (!h)
        return;
    atomic_store(&h->is_draining, true);
    MHD_socket fd = MHD_quiesce_daemon(h->mhd);
    if (fd != MHD_INVALID_SOCKET)
        (void)shutdown(fd, SHUT_RDWR); /* refuses from now; an I/O thread may still be in accept */
    for (int ms = 0; ms < h->opt.drain_ms && atomic_load(&h->running); ms += DRAIN_STEP_MS)
        (void)poll(NULL, 0, DRAIN_STEP_MS);
    http_workers_stop(h); /* from here on nothing is suspended for longer than a moment */
    /* The last answers are with the I/O threads now; stopping at once would cut them off. */
    for (int ms = 0; ms < LIMIT_LAST_ANSWERS_MS && atomic_load(&h->running); ms += DRAIN_STEP_MS)
        (void)poll(NULL, 0, DRAIN_STEP_MS);
    MHD_stop_daemon(h->mhd);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
    http_reaper_stop(h);
    pthread_mutex_lock(&h->lock);
    size_t ghosts = h->ghosts;
    h->is_ended = true;
    pthread_mutex_unlock(&h->lock);
    if (ghosts) /* their http_again may still come: the last one frees the rest */
        log_line("warn", "http: stopped with %zu requests unfinished", ghosts);
    else
        http_free(h);
}
