/* demo_lanes.c: a large invented city done day by day: the lots of one day are prepared on several
 * threads (lanes) while the writer applies those of the day before. Everything goes the one way in:
 * record_prepare, record_apply.
 *
 * Only main submits, lot after lot, so that the history has the same order however the lanes were
 * quick. What is prepared lives in arenas of its day, of which there are two in turn.       */
#include <pthread.h>
#include <stdatomic.h>

#include "cli/demo_city.h"

enum {
    LANES = 2,
    JOB_DEEDS = 64, /* one job for the writer holds so many, to whole lots */
    PEOPLE_MAX = 400,
    SAY_US = 2000000,
};

typedef struct Lanes Lanes;
typedef struct Lane {
    Lanes *all;
    pthread_t thread;
    Conn *conn;
    Arena *arenas[2], *words;
    Err err;
    int rc;
} Lane;

/* What the writer has of one day. */
typedef struct Batch {
    pthread_mutex_t lock;
    pthread_cond_t done;
    int left;
    WriteJob *jobs;
    int job_n;
    int64_t records, changes;
    Arena *arena;
} Batch;

struct Lanes {
    City *city;
    Lane lanes[LANES];
    pthread_mutex_t lock;
    pthread_cond_t go, idle;
    int round, busy; /* how many times they were sent off, how many still work */
    bool stop;
    _Atomic int next; /* lot */
    _Atomic bool failed;
    int side; /* of the arenas */
    DayPlan days[2];
    Batch batches[2];
    int64_t from_us, said_us, records, changes;
};

/* ---- preparing ---- */

static int told_of(City *c, Arena *a, Tx *tx, const Deed *x, Day day, Told *ret, Err *e)
{
    const char *fault = NULL;
    Str value, arg;
    bool is_cut;
    *ret = (Told){NULL, 0};
    if (x->act != DO_HOLD && x->act != DO_REPORT)
        return 0;
    CHECK(access_audience_parse(a, c->demo->tree, c->demo->app->model, deed_audience(c, a, x),
                                &value, &fault, &arg) == 0);
    return access_audience(a, tx, c->demo->tree, c->demo->app->model, value, day, PEOPLE_MAX,
                           &ret->list, &ret->n, &is_cut, e);
}

static int prepare_deed(City *c, Arena *a, Tx *tx, const Reader *r, Deed *x, Err *e)
{
    FieldInput *fields = NEW_N(a, FieldInput, DEED_FIELDS_MAX);
    int place = x->place < 0 && x->act != DO_COURSE ? -1 - x->place : x->place;
    Told told;
    TRY(told_of(c, a, tx, x, r->today, &told, e));
    RecordInput in = {.type = c->acts[x->act].type,
                      .id = city_id(c, city_thing(x), place, x->ix),
                      .action = c->acts[x->act].action,
                      .then = c->acts[x->act].then,
                      .unit_ix = -1,
                      .fields = fields};
    in.field_n = deed_fields(c, a, x, r->today, told, fields);
    return record_prepare(c->demo->app->records, a, tx, r, &in, &x->change, e);
}

static int prepare_lot(Lane *l, DayPlan *day, const Lot *lot, Tx *tx)
{
    City *c = l->all->city;
    Demo *d = c->demo;
    Arena *a = l->arenas[l->all->side];
    Reader *r = NEW(a, Reader);
    Err *e = &l->err;
    uint64_t dice = city_dice(c, 400, (int)(lot - day->lots), day->number);
    demo_clock_here(d->clock, lot->from_ms, dice);
    TRY(access_reader_account(d->app->access, a, tx, d->tree,
                              crowd_account(a, lot->rank, lot->place), r, e));
    r->workdays = flow_workdays(d->calendar);
    TRY(record_fill_mine(d->app->records, a, tx, r, e));
    for (int i = 0; i < lot->n; i++) {
        demo_clock_here(d->clock, lot->from_ms + 1000 * i, city_dice(c, 500, (int)dice, i));
        TRY(prepare_deed(c, a, tx, r, &day->deeds[lot->first + i], e));
    }
    return 0;
}

static int take_lot(Lane *l, DayPlan *day, const Lot *lot)
{
    Tx *tx;
    TRY(tx_read(l->conn, &tx, &l->err));
    int rc = prepare_lot(l, day, lot, tx);
    tx_end(tx);
    return rc;
}

static void work(Lane *l)
{
    Lanes *all = l->all;
    DayPlan *day = all->city->day;
    int i;
    while (!all->failed && (i = atomic_fetch_add(&all->next, 1)) < day->lot_n)
        if ((l->rc = take_lot(l, day, &day->lots[i])) < 0)
            all->failed = true;
}

static void *lane_main(void *arg)
{
    Lane *l = arg;
    Lanes *all = l->all;
    for (int round = 1;; round++) {
        CHECK(pthread_mutex_lock(&all->lock) == 0);
        while (all->round < round && !all->stop)
            CHECK(pthread_cond_wait(&all->go, &all->lock) == 0);
        bool stop = all->stop;
        CHECK(pthread_mutex_unlock(&all->lock) == 0);
        if (stop)
            return NULL;
        work(l);
        CHECK(pthread_mutex_lock(&all->lock) == 0);
        if (--all->busy == 0)
            CHECK(pthread_cond_signal(&all->idle) == 0);
        CHECK(pthread_mutex_unlock(&all->lock) == 0);
    }
}

static void send_off(Lanes *all)
{
    for (int i = 0; i < LANES; i++)
        arena_reset(all->lanes[i].arenas[all->side]);
    CHECK(pthread_mutex_lock(&all->lock) == 0);
    all->next = 0;
    all->busy = LANES;
    all->round++;
    CHECK(pthread_cond_broadcast(&all->go) == 0);
    CHECK(pthread_mutex_unlock(&all->lock) == 0);
}

static void wait_idle(Lanes *all)
{
    CHECK(pthread_mutex_lock(&all->lock) == 0);
    while (all->busy > 0)
        CHECK(pthread_cond_wait(&all->idle, &all->lock) == 0);
    CHECK(pthread_mutex_unlock(&all->lock) == 0);
}

static int hand_on(const Err *why, int rc, Err *e)
{
    if (!why->field_n)
        return err_set(e, rc, str_z(e->arena, why->key));
    return err_field(e, str_copy(e->arena, why->fields[0].field),
                     str_z(e->arena, why->fields[0].key));
}

static int what_failed(Lanes *all, Err *e)
{
    for (int i = 0; i < LANES; i++)
        if (all->lanes[i].rc < 0)
            return hand_on(&all->lanes[i].err, all->lanes[i].rc, e);
    return 0;
}

/* ---- applying ---- */

typedef struct Many {
    Change **list;
    int n;
} Many;

static int apply_many(Tx *tx, void *arg, Err *e)
{
    const Many *m = arg;
    for (int i = 0; i < m->n; i++)
        TRY(record_apply(tx, m->list[i], e));
    return 0;
}

static void job_done(WriteJob *job)
{
    Batch *b = job->done_ctx;
    CHECK(pthread_mutex_lock(&b->lock) == 0);
    if (--b->left == 0)
        CHECK(pthread_cond_signal(&b->done) == 0);
    CHECK(pthread_mutex_unlock(&b->lock) == 0);
}

static void add_job(Batch *b, Change **list, int n)
{
    Many *m = NEW(b->arena, Many);
    *m = (Many){list, n};
    b->jobs[b->job_n++] = (WriteJob){.apply = apply_many,
                                     .arg = m,
                                     .done = job_done,
                                     .done_ctx = b,
                                     .err = err_on(b->arena)};
}

static void submit(Lanes *all, DayPlan *day, Batch *b)
{
    Demo *d = all->city->demo;
    Change **list = NEW_N(b->arena, Change *, (size_t)day->deed_n + 1);
    b->jobs = NEW_N(b->arena, WriteJob, (size_t)day->lot_n + 1);
    b->job_n = 0;
    b->records = 0;
    b->changes = day->deed_n;
    int from = 0, n = 0;
    for (int i = 0; i < day->lot_n; i++) {
        const Lot *lot = &day->lots[i];
        for (int k = 0; k < lot->n; k++) {
            list[n++] = day->deeds[lot->first + k].change;
            b->records += city_makes(day->deeds[lot->first + k].act);
        }
        if (n - from >= JOB_DEEDS || i == day->lot_n - 1) {
            add_job(b, list + from, n - from);
            from = n;
        }
    }
    b->left = b->job_n;
    for (int i = 0; i < b->job_n; i++)
        store_submit(d->app->store, d->conn, &b->jobs[i]);
}

static int wait_done(Lanes *all, Batch *b, Err *e)
{
    CHECK(pthread_mutex_lock(&b->lock) == 0);
    while (b->left > 0)
        CHECK(pthread_cond_wait(&b->done, &b->lock) == 0);
    CHECK(pthread_mutex_unlock(&b->lock) == 0);
    int rc = 0;
    for (int i = 0; i < b->job_n && rc == 0; i++)
        if (b->jobs[i].rc < 0)
            rc = hand_on(&b->jobs[i].err, b->jobs[i].rc, e);
    all->records += b->records;
    all->changes += b->changes;
    b->job_n = 0;
    b->records = b->changes = 0;
    arena_reset(b->arena);
    return rc;
}

static void say(Lanes *all, Env *env, bool is_end)
{
    int64_t now = env_mono_us(env);
    Cli *cli = all->city->demo->cli;
    if (!is_end && now - all->said_us < SAY_US)
        return;
    all->said_us = now;
    size_t mark = arena_mark(cli->arena);
    double s = (double)(now - all->from_us) / 1e6;
    Str done = str_fmt(cli->arena, "%lld", (long long)all->records),
        of = str_fmt(cli->arena, "%d", all->city->scale->records),
        rate = str_fmt(cli->arena, "%.0f", s > 0 ? (double)all->records / s : 0.0),
        secs = str_fmt(cli->arena, "%.0f", s);
    cli_say(cli, 2, "demo.progress", &done, &of, &secs, &rate, NULL);
    arena_rewind(cli->arena, mark);
}

/* ---- all days ---- */

static int do_days(Lanes *all, Err *e)
{
    City *c = all->city;
    Env *env = c->demo->cli->env;
    int rc = 0;
    for (int day = 0; day < c->scale->days && rc == 0; day++) {
        all->side = day & 1;
        c->day = &all->days[all->side];
        city_plan(c, day);
        send_off(all);
        if (day) /* on PostgreSQL it is done when this returns */
            submit(all, &all->days[!all->side], &all->batches[!all->side]);
        wait_idle(all);
        rc = what_failed(all, e);
        if (day && wait_done(all, &all->batches[!all->side], rc ? &all->lanes[0].err : e) < 0 &&
            !rc)
            rc = e->cls;
        say(all, env, false);
    }
    if (rc == 0) {
        submit(all, c->day, &all->batches[all->side]);
        rc = wait_done(all, &all->batches[all->side], e);
        say(all, env, true);
    }
    return rc;
}

static void lanes_make(Lanes *all, City *c)
{
    *all = (Lanes){.city = c, .lock = PTHREAD_MUTEX_INITIALIZER, .go = PTHREAD_COND_INITIALIZER,
                   .idle = PTHREAD_COND_INITIALIZER};
    Arena *a = c->demo->arena;
    for (int i = 0; i < 2; i++) {
        all->days[i].lots = NEW_N(a, Lot, (size_t)c->lot_max);
        all->days[i].deeds = NEW_N(a, Deed, (size_t)c->deed_max);
        all->batches[i] = (Batch){.lock = PTHREAD_MUTEX_INITIALIZER,
                                  .done = PTHREAD_COND_INITIALIZER,
                                  .arena = arena_new(64 * 1024)};
    }
    for (int i = 0; i < LANES; i++) {
        Lane *l = &all->lanes[i];
        l->all = all;
        l->words = arena_new(4096);
        l->err = err_on(l->words);
        l->arenas[0] = arena_new(64 * 1024);
        l->arenas[1] = arena_new(64 * 1024);
    }
}

static void lanes_end(Lanes *all, int started)
{
    CHECK(pthread_mutex_lock(&all->lock) == 0);
    all->stop = true;
    CHECK(pthread_cond_broadcast(&all->go) == 0);
    CHECK(pthread_mutex_unlock(&all->lock) == 0);
    for (int i = 0; i < started; i++)
        CHECK(pthread_join(all->lanes[i].thread, NULL) == 0);
    for (int i = 0; i < LANES; i++) {
        Lane *l = &all->lanes[i];
        conn_close(l->conn);
        arena_free(l->arenas[0]);
        arena_free(l->arenas[1]);
        arena_free(l->words);
    }
    for (int i = 0; i < 2; i++)
        arena_free(all->batches[i].arena);
}

int lanes_run(City *c, Err *e)
{
    Lanes *all = NEW(c->demo->arena, Lanes);
    int started = 0, rc = 0;
    lanes_make(all, c);
    c->day = &all->days[0];
    rc = city_count(c, e);
    if (rc == 0)
        rc = crowd_add(c, e);
    all->from_us = all->said_us = env_mono_us(c->demo->cli->env);
    for (int i = 0; i < LANES && rc == 0; i++)
        rc = store_conn(c->demo->app->store, &all->lanes[i].conn, e);
    for (; started < LANES && rc == 0; started++)
        if (pthread_create(&all->lanes[started].thread, NULL, lane_main, &all->lanes[started])) {
            rc = err_set(e, ERR_IO, "store.no_thread");
            break;
        }
    if (rc == 0)
        rc = do_days(all, e);
    lanes_end(all, started);
    return rc;
}
