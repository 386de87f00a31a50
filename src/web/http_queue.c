/* http_queue.c: requests waiting for a worker, the workers, parked requests, the pool of requests.
 *
 * One lock. Idle workers stand on a stack and each has its own condition, so the one that worked
 * last works next (its stack and caches are warm) and nobody else wakes. At most one wake is under
 * way: a worker that takes a request and leaves others behind wakes the next. So a burst of short
 * requests wakes few workers and a burst of slow ones all of them, in a chain. STACK: 2 */
#include "web/http_int.h"

/* Sanitizers want more room on the stack. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { WORKER_STACK_BYTES = 4 * 1024 * 1024 };
#else
enum { WORKER_STACK_BYTES = 512 * 1024 };
#endif

enum { JOB_ARENA_BYTES = 16 * 1024 };

/* ---- pool ---- */

Job *http_job_take(Http *h)
{
    pthread_mutex_lock(&h->pool_lock);
    Job *job = h->pool;
    if (job) {
        h->pool = job->next;
        h->pool_n--;
    }
    pthread_mutex_unlock(&h->pool_lock);
    if (!job) {
        job = calloc(1, sizeof *job);
        CHECK(job != NULL);
        job->rq.arena = arena_new(JOB_ARENA_BYTES);
    }
    job->h = h;
    job->next = NULL;
    job->rq.priv = job;
    return job;
}

static void job_free(Job *job)
{
    arena_free(job->rq.arena);
    free(job);
}

/* Back to the pool, empty. The table of headers is not cleared: field_n rules it. */
void http_job_give(Job *job)
{
    Http *h = job->h;
    Arena *arena = job->rq.arena;
    if (job->rq.is_parked && h->opt.drop)
        h->opt.drop(h->opt.ctx, &job->rq);
    if (job->body_cap) {
        atomic_fetch_sub(&h->bodies_bytes, job->body_cap);
        free(job->body);
    }
    arena_reset(arena);
    memset(job, 0, offsetof(Job, fields));
    job->rq.arena = arena;
    job->h = h;
    pthread_mutex_lock(&h->pool_lock);
    bool is_kept = h->pool_n < LIMIT_REQUESTS_KEPT;
    if (is_kept) {
        job->next = h->pool;
        h->pool = job;
        h->pool_n++;
    }
    pthread_mutex_unlock(&h->pool_lock);
    if (!is_kept)
        job_free(job);
}

void http_pool_done(Http *h)
{
    while (h->pool) {
        Job *job = h->pool;
        h->pool = job->next;
        job_free(job);
    }
}

/* ---- queue; all with h->lock held ---- */

static void wake_one(Http *h)
{
    if (h->is_waking || !h->idle_n || !h->head)
        return;
    Worker *w = h->idle[--h->idle_n];
    h->is_waking = true;
    w->is_woken = true;
    pthread_cond_signal(&w->cond);
}

static void queue_put(Http *h, Job *job)
{
    job->state = JOB_QUEUED;
    job->next = NULL;
    if (h->tail)
        h->tail->next = job;
    else
        h->head = job;
    h->tail = job;
    atomic_fetch_add_explicit(&h->queue_n, 1, memory_order_relaxed);
    wake_one(h);
}

static Job *queue_get(Http *h)
{
    Job *job = h->head;
    if (!job)
        return NULL;
    h->head = job->next;
    if (!h->head)
        h->tail = NULL;
    job->next = NULL;
    job->state = JOB_RUNNING;
    atomic_fetch_sub_explicit(&h->queue_n, 1, memory_order_relaxed);
    return job;
}

static void parked_put(Http *h, Job *job)
{
    job->state = JOB_PARKED;
    job->prev = NULL;
    job->next = h->parked;
    if (job->next)
        job->next->prev = job;
    h->parked = job;
}

static void parked_take(Http *h, Job *job)
{
    if (job->prev)
        job->prev->next = job->next;
    else
        h->parked = job->next;
    if (job->next)
        job->next->prev = job->prev;
    job->next = job->prev = NULL;
}

/* Answers a parked request without its owner, who still holds it: nothing of rq is touched. */
static void parked_expire(Http *h, Job *job, Refuse why)
{
    parked_take(h, job);
    job->state = JOB_EXPIRED;
    job->is_expired = true;
    h->ghosts++;
    http_answer_refuse(job, why);
    MHD_resume_connection(job->mhd);
}

/* ---- the public side ---- */

bool http_push(Job *job)
{
    Http *h = job->h;
    pthread_mutex_lock(&h->lock);
    bool has_room = !h->is_stopping && h->queue_n < (size_t)h->opt.queue_max;
    if (has_room)
        queue_put(h, job);
    pthread_mutex_unlock(&h->lock);
    return has_room;
}

size_t http_waiting(const Http *h)
{
    return atomic_load_explicit(&h->queue_n, memory_order_relaxed);
}

void http_again(HttpReq *rq)
{
    Job *job = job_of(rq);
    Http *h = job->h;
    bool is_mine = false, is_last = false;
    pthread_mutex_lock(&h->lock);
    switch (job->state) {
    case JOB_RUNNING:
        job->state = JOB_AGAIN;
        break;
    case JOB_PARKED:
        parked_take(h, job);
        queue_put(h, job);
        break;
    case JOB_EXPIRED:
        job->state = JOB_RETURNED;
        h->ghosts--;
        break;
    case JOB_ORPHAN:
        h->ghosts--;
        is_mine = true;
        is_last = h->is_ended && !h->ghosts;
        break;
    default:
        CHECK(job->state == JOB_PARKED); /* http_again without a parked request */
    }
    pthread_mutex_unlock(&h->lock);
    if (is_mine)
        http_job_give(job);
    if (is_last)
        http_free(h);
}

void http_job_done(Job *job)
{
    Http *h = job->h;
    if (job->is_expired) {
        pthread_mutex_lock(&h->lock);
        bool is_held = job->state == JOB_EXPIRED;
        if (is_held)
            job->state = JOB_ORPHAN;
        pthread_mutex_unlock(&h->lock);
        if (is_held)
            return;
    }
    http_job_give(job);
}

/* ---- workers ---- */

/* After run() left it unanswered: wait for http_again, or queue at once if it has come already. */
static void job_park(Http *h, Job *job)
{
    pthread_mutex_lock(&h->lock);
    if (job->state == JOB_AGAIN) {
        queue_put(h, job);
    } else {
        CHECK(job->state == JOB_RUNNING);
        parked_put(h, job);
        if (h->is_stopping)
            parked_expire(h, job, REFUSE_STOPPING);
    }
    pthread_mutex_unlock(&h->lock);
}

static void job_run(Worker *w, Job *job)
{
    Http *h = w->h;
    HttpReq *rq = &job->rq;
    bool is_first = !rq->is_parked;
    int64_t waited_us = http_now_us(h) - job->queued_us;
    if (is_first && waited_us > (int64_t)h->opt.job_ms * 1000) {
        http_answer_refuse(job, REFUSE_LATE);
    } else {
        rq->is_parked = false;
        h->opt.run(h->opt.ctx, w->ix, rq);
        if (rq->is_parked) {
            job_park(h, job);
            return;
        }
        http_answer_build(job);
    }
    MHD_resume_connection(job->mhd); /* the I/O thread's from here on */
}

/* With h->lock held: on the stack of the idle until there is something to do. */
static void worker_wait(Worker *w)
{
    Http *h = w->h;
    w->is_woken = false;
    h->idle[h->idle_n++] = w;
    while (!w->is_woken)
        pthread_cond_wait(&w->cond, &h->lock);
    if (w->has_idle_call) {
        w->has_idle_call = false;
        w->was_told = true;
        pthread_mutex_unlock(&h->lock);
        h->opt.idle(h->opt.ctx, w->ix);
        pthread_mutex_lock(&h->lock);
    } else {
        h->is_waking = false;
    }
}

static void *worker_main(void *arg)
{
    Worker *w = arg;
    Http *h = w->h;
    pthread_mutex_lock(&h->lock);
    for (;;) {
        Job *job = queue_get(h);
        if (!job && h->is_stopping)
            break;
        if (!job) {
            worker_wait(w);
            continue;
        }
        w->was_told = false;
        wake_one(h);
        pthread_mutex_unlock(&h->lock);
        job_run(w, job);
        int64_t now_us = http_now_us(h);
        pthread_mutex_lock(&h->lock);
        w->idle_us = now_us;
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

void http_workers_start(Http *h)
{
    pthread_attr_t attr;
    CHECK(pthread_attr_init(&attr) == 0);
    CHECK(pthread_attr_setstacksize(&attr, WORKER_STACK_BYTES) == 0);
    for (int i = 0; i < h->opt.workers; i++) {
        Worker *w = &h->workers[i];
        *w = (Worker){.h = h, .ix = i, .idle_us = http_now_us(h)};
        pthread_cond_init(&w->cond, NULL);
        CHECK(pthread_create(&w->thread, &attr, worker_main, w) == 0);
        h->worker_n++;
    }
    pthread_attr_destroy(&attr);
}

void http_workers_stop(Http *h)
{
    pthread_mutex_lock(&h->lock);
    h->is_stopping = true;
    for (size_t n = h->queue_n; n; n--) {
        Job *job = queue_get(h);
        if (job->rq.is_parked) { /* its commit is done: the workers still tell of it */
            queue_put(h, job);
            continue;
        }
        http_answer_refuse(job, REFUSE_STOPPING);
        MHD_resume_connection(job->mhd);
    }
    while (h->parked)
        parked_expire(h, h->parked, REFUSE_STOPPING);
    while (h->idle_n) {
        Worker *w = h->idle[--h->idle_n];
        w->is_woken = true;
        pthread_cond_signal(&w->cond);
    }
    pthread_mutex_unlock(&h->lock);
    for (int i = 0; i < h->worker_n; i++) {
        pthread_join(h->workers[i].thread, NULL);
        pthread_cond_destroy(&h->workers[i].cond);
    }
}

void http_workers_tick(Http *h, int64_t now_us)
{
    pthread_mutex_lock(&h->lock);
    for (Job *job = h->parked, *next; job; job = next) {
        next = job->next;
        if (now_us - job->queued_us > (int64_t)h->opt.job_ms * 1000)
            parked_expire(h, job, REFUSE_LATE);
    }
    int kept = 0;
    for (int i = 0; i < h->idle_n; i++) {
        Worker *w = h->idle[i];
        bool is_due = h->opt.idle && !w->was_told &&
                      now_us - w->idle_us > (int64_t)h->opt.worker_idle_ms * 1000;
        if (is_due) {
            w->has_idle_call = w->is_woken = true;
            pthread_cond_signal(&w->cond);
        } else {
            h->idle[kept++] = w;
        }
    }
    h->idle_n = kept;
    pthread_mutex_unlock(&h->lock);
}
