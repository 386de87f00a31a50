/* store_writer.c: SQLite's one writer: queue, batch, savepoint per job, seal, one commit, answers,
 * checkpoints in the pauses.
 *
 * The thread takes all that waits under one short lock and works through it without any; whoever
 * submits only wakes it when it sleeps. There is no linger: while a commit waits for the disk the
 * next batch gathers by itself.                                                       STACK: 3
 */
#include "store/store_int.h"

#include <errno.h>

void writer_submit(Store *s, Conn *c, WriteJob *job)
{
    (void)c; /* SQLite writes on the writer's connection */
    Writer *w = &s->w;
    CHECK(pthread_mutex_lock(&w->lock) == 0);
    CHECK(!w->stop);
    *w->tail = job;
    w->tail = &job->next;
    bool is_waiting = w->is_waiting;
    w->is_waiting = false;
    CHECK(pthread_mutex_unlock(&w->lock) == 0);
    if (is_waiting)
        CHECK(pthread_cond_signal(&w->wake) == 0);
}

/* Sleeps until something waits or the store closes; false: nothing did for `most_us` (0: no end).
 */
static bool writer_sleep(Store *s, int64_t most_us)
{
    Writer *w = &s->w;
    int64_t until_us = env_mono_us(s->env) + most_us;
    struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
    int rc = 0;
    while (!w->head && !w->stop && rc == 0) {
        w->is_waiting = true;
        rc = most_us ? pthread_cond_timedwait(&w->wake, &w->lock, &until)
                     : pthread_cond_wait(&w->wake, &w->lock);
    }
    w->is_waiting = false;
    CHECK(rc == 0 || rc == ETIMEDOUT);
    return rc == 0 || w->head || w->stop;
}

/* Moves what waits to w->ready; with `may_sleep` waits until there is something or the store
 * closes. A checkpoint is made only in a real pause: clients that come back at once are not to wait
 * for it. */
static void writer_take(Store *s, bool may_sleep)
{
    Writer *w = &s->w;
    if (w->ready)
        return;
    CHECK(pthread_mutex_lock(&w->lock) == 0);
    if (may_sleep && lite_wants_checkpoint(w->conn, true) && !writer_sleep(s, STORE_PAUSE_US)) {
        CHECK(pthread_mutex_unlock(&w->lock) == 0);
        lite_checkpoint(w->conn);
        CHECK(pthread_mutex_lock(&w->lock) == 0);
    }
    if (may_sleep)
        CHECK(writer_sleep(s, 0));
    w->ready = w->head;
    w->head = NULL;
    w->tail = &w->head;
    CHECK(pthread_mutex_unlock(&w->lock) == 0);
}

/* One job in its savepoint. Returns < 0 only when the batch as a whole is lost. */
static int writer_apply(Tx *tx, WriteJob *job, Err *e)
{
    size_t pended_n = tx->pended_n;
    TRY(lite_savepoint(tx->c, e));
    job->rc = job_run(tx, job);
    tx_reset_used(tx);
    tx->failed = 0;
    if (tx->is_dead)
        return err_set(e, ERR_BUSY, "store.batch_lost");
    if (job->rc == 0)
        return lite_release(tx->c, e);
    tx->pended_n = pended_n;
    return lite_undo(tx->c, e);
}

/* Applies jobs from s->w.ready until a cap is reached; *ret_n counts the batch, also on failure. */
static int writer_apply_all(Store *s, Tx *tx, size_t *ret_n, Err *e)
{
    int64_t until_us = env_mono_us(s->env) + LIMIT_BATCH_MS * 1000;
    WriteJob *job = s->w.ready;
    size_t n = 0;
    int rc = 0;
    while (job && rc == 0 && n < LIMIT_BATCH && (n == 0 || env_mono_us(s->env) < until_us)) {
        WriteJob *next = job->next; /* apply may not touch it */
        rc = writer_apply(tx, job, e);
        job = next;
        n++;
    }
    *ret_n = n;
    return rc;
}

static int writer_seal(Store *s, Tx *tx, Err *e)
{
    if (!s->seal || tx->pended_n == 0)
        return 0;
    int rc = s->seal(tx, tx->pended, tx->pended_n, s->seal_ctx, e);
    CHECK(rc <= 0);
    tx_reset_used(tx);
    if (rc == 0 && tx->failed)
        return err_set(e, ERR_BUG, "store.went_on");
    if (rc < 0 && e->cls == 0)
        return err_set(e, rc, "store.refused");
    return rc;
}

static size_t writer_count(const WriteJob *job)
{
    size_t n = 0;
    for (; job && n < LIMIT_BATCH; job = job->next)
        n++;
    return n;
}

/* Takes n jobs off w->ready and answers them. With `why` all of them failed, also those that had
 * failed by themselves: what they saw was never on disk. */
static void writer_answer(Writer *w, size_t n, const Err *why)
{
    for (size_t i = 0; i < n; i++) {
        WriteJob *job = w->ready;
        w->ready = job->next;
        if (why)
            job_fail(job, why);
        if (job->done)
            job->done(job);
    }
}

static size_t writer_batch(Store *s)
{
    Writer *w = &s->w;
    Conn *c = w->conn;
    if (!w->ready)
        return 0;
    Arena *a = arena_new(STORE_ARENA_BYTES);
    Err e = err_on(a);
    size_t n = 0;
    int rc = tx_open(c, true, &e);
    if (rc < 0) {
        n = writer_count(w->ready);
    } else {
        rc = writer_apply_all(s, &c->tx, &n, &e);
        if (rc == 0)
            rc = writer_seal(s, &c->tx, &e);
        if (rc == 0)
            rc = c->vt->commit(&c->tx, &e);
        if (rc < 0)
            c->vt->rollback(&c->tx);
    }
    writer_answer(w, n, rc < 0 ? &e : NULL);
    if (c->tx.is_open)
        tx_shut(&c->tx);
    arena_free(a);
    if (lite_wants_checkpoint(c, false))
        lite_checkpoint(c);
    return n;
}

size_t writer_step(Store *s)
{
    writer_take(s, false);
    return writer_batch(s);
}

static void *writer_main(void *arg)
{
    Store *s = arg;
    do
        writer_take(s, true);
    while (writer_batch(s) > 0); /* nothing was there: the store closes */
    return NULL;
}

int writer_start(Store *s, Err *e)
{
    if (s->no_thread)
        return 0;
    if (pthread_create(&s->w.thread, NULL, writer_main, s) != 0)
        return err_set(e, ERR_IO, "store.no_thread");
    s->w.has_thread = true;
    return 0;
}

void writer_stop(Store *s)
{
    Writer *w = &s->w;
    CHECK(pthread_mutex_lock(&w->lock) == 0);
    w->stop = true;
    CHECK(pthread_cond_signal(&w->wake) == 0);
    CHECK(pthread_mutex_unlock(&w->lock) == 0);
    if (w->has_thread)
        CHECK(pthread_join(w->thread, NULL) == 0);
    else if (w->conn)
        while (writer_step(s) > 0)
            ;
    conn_close(w->conn);
    w->conn = NULL;
}
