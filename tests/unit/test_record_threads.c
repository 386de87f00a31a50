// tsan
/* test_record_threads.c: many threads prepare and apply at once, others list and read meanwhile:
 * every acknowledged change is there exactly once, and the chains hold.  SPEC: P8 P11 */
#include <pthread.h>

#include "test_record_util.h"

enum { WRITERS = 8, OFFICES = 2, READERS = 2, DAYS = 12, TRIES = 200, BEFORE = 10 };

static const char *const villages[] = {"111", "112", "121", "122"};
static const char *const offices[] = {"town1", "town2"};

typedef struct Job {
    County *w;
    pthread_t thread;
    Hand hand;
    char account[32];
    int number;
    int acked, again, busy, bad;
    Uuid id;           /* the race for one id */
    _Atomic int *left; /* writers still at it */
} Job;

static int start(Job *j, County *w, void *(*run)(void *))
{
    j->w = w;
    j->hand.a = arena_new(16 * 1024);
    Err e = err_on(j->hand.a);
    REQUIRE_OK(store_conn(w->store, &j->hand.conn, &e), &e);
    REQUIRE_OK(store_conn(w->files, &j->hand.files_conn, &e), &e);
    return pthread_create(&j->thread, NULL, run, j);
}

static void stop(Job *j)
{
    EXPECT(pthread_join(j->thread, NULL) == 0);
    EXPECT_EQ_I64(j->bad, 0);
    conn_close(j->hand.conn);
    conn_close(j->hand.files_conn);
    arena_free(j->hand.a);
}

/* As the gate does: what was overtaken is prepared anew; what the database has no time for comes
 * again. */
static int write_on(Job *j, Uuid id, const char *action, const char *then, int64_t version,
                    const char *const *fields, int n)
{
    for (int i = 0; i < TRIES; i++) {
        Err e = err_on(j->hand.a);
        Change *c;
        int rc = county_prepare(j->w, &j->hand, j->account, id, action, then, version, fields, n,
                                &c, &e);
        if (!rc)
            rc = store_write(j->w->store, j->hand.conn, record_apply, c, &e);
        if (rc != ERR_BUSY)
            return rc;
        bool is_again = str_eq(e.key, S("record.again"));
        j->again += is_again;
        j->busy += !is_again;
        j->bad += !is_again && !str_eq(e.key, S("store.busy"));
    }
    return ERR_BUSY;
}

static void *write_days(void *arg)
{
    Job *j = arg;
    for (int i = 0; i < DAYS; i++) {
        char day[32];
        snprintf(day, sizeof day, "2026-11-%02d", i + 1);
        const char *fields[] = {"day", day, "body", "上午开会。下午走访。"},
                   *better[] = {"body", "走访。"};
        Uuid id = env_uuid7(j->w->env);
        int rc = i % 2 ? write_on(j, id, "create", "submit", 0, fields, 2)
                       : write_on(j, id, "create", NULL, 0, fields, 2);
        if (!rc && i % 2 == 0)
            rc = write_on(j, id, "change", "submit", 1, better, 1);
        j->acked += rc == 0;
        j->bad += rc < 0;
        arena_reset(j->hand.a);
    }
    --*j->left;
    return NULL;
}

static int list_on(Job *j, uint32_t states, RecordList *ret, Err *e)
{
    Tx *tx;
    TRY(tx_read(j->hand.conn, &tx, e));
    Reader r;
    int rc =
        access_reader_account(j->w->access, j->hand.a, tx, j->w->tree, str_of(j->account), &r, e);
    ListQuery q = {
        .type = j->w->diary, .unit_ix = -1, .limit = 20, .after = STR_NONE, .states = states};
    int n = 0;
    if (!rc)
        rc = record_list(j->w->records, j->hand.a, tx, &r, &q, ret, e);
    if (!rc)
        rc = record_count(j->w->records, j->hand.a, tx, &r, &q, 1000, &n, e);
    tx_end(tx);
    if (!rc && !str_has(ret->next) && !str_has(ret->prev))
        j->bad += n != ret->n; /* one snapshot */
    return rc;
}

/* The town office accepts what comes in until nobody writes any more. */
static void *accept_all(void *arg)
{
    Job *j = arg;
    uint32_t waiting = 0;
    for (int i = 0; i < j->w->diary->state_n; i++)
        if (str_eq(j->w->diary->states[i].name, S("submitted")))
            waiting = 1u << i;
    for (bool is_last = false; !j->bad;) {
        Err e = err_on(j->hand.a);
        RecordList list = {0};
        bool was_last = is_last;
        is_last = *j->left == 0;
        j->bad += list_on(j, waiting, &list, &e) < 0;
        for (int i = 0; i < list.n && !j->bad; i++) {
            int rc = write_on(j, list.items[i].id, "accept", NULL, list.items[i].version, NULL, 0);
            j->acked += rc == 0;
            j->bad += rc < 0;
        }
        arena_reset(j->hand.a);
        if (was_last && !list.n)
            return NULL;
    }
    return NULL;
}

static void *read_on(void *arg)
{
    Job *j = arg;
    while (*j->left && !j->bad) {
        Err e = err_on(j->hand.a);
        RecordList list = {0};
        j->bad += list_on(j, 0, &list, &e) < 0;
        arena_reset(j->hand.a);
    }
    return NULL;
}

static int64_t ask(County *w, const char *sql)
{
    int64_t n = -1;
    Tx *tx = county_tx(w);
    REQUIRE_OK(tx_ask_i64(tx, str_of(sql), &n, w->e), w->e);
    tx_end(tx);
    return n;
}

static int run_sql(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, str_of(arg), e);
}

BOTH_ENGINES(everybody_at_once)
{
    County w;
    county_begin(&w, t);
    Job jobs[WRITERS + OFFICES + READERS] = {0};
    _Atomic int left = WRITERS;
    for (int i = 0; i < WRITERS; i++) {
        snprintf(jobs[i].account, sizeof jobs[i].account, "writer%d", i);
        county_post(&w, jobs[i].account, "team_member", villages[i % 4], DAY_NONE, DAY_NONE);
    }
    /* what autovacuum does sooner or later: plans by the real, small sizes, whole tables read and
     * locked */
    for (int i = 1; i <= BEFORE; i++)
        (void)county_diary(&w, "fs111", str_z(w.a, str_fmt(w.a, "2026-10-%02d", i)), "一。",
                           "submit");
    if (t->opt.engine == ENGINE_PG)
        REQUIRE_OK(store_write(w.store, NULL, run_sql, (void *)(uintptr_t) "ANALYZE", w.e), w.e);
    int64_t from_us = env_mono_us(env_real());
    for (int i = 0; i < WRITERS + OFFICES + READERS; i++) {
        Job *j = &jobs[i];
        j->left = &left;
        j->number = i;
        if (i >= WRITERS)
            snprintf(j->account, sizeof j->account, "%s",
                     i < WRITERS + OFFICES ? offices[i - WRITERS] : "county");
        REQUIRE(start(j, &w,
                      i < WRITERS             ? write_days
                      : i < WRITERS + OFFICES ? accept_all
                                              : read_on) == 0);
    }
    int acked = 0, accepted = 0, again = 0, busy = 0;
    for (int i = 0; i < WRITERS + OFFICES + READERS; i++) {
        stop(&jobs[i]);
        *(i < WRITERS ? &acked : &accepted) += jobs[i].acked;
        again += jobs[i].again;
        busy += jobs[i].busy;
    }
    int64_t us = env_mono_us(env_real()) - from_us;
    int64_t changes = ask(&w, "SELECT COUNT(*) FROM history");
    test_note("%lld changes in %lld ms, %d overtaken, %d too busy", (long long)changes,
              (long long)us / 1000, again, busy);
    EXPECT_EQ_I64(acked, WRITERS * DAYS);
    EXPECT_EQ_I64(accepted, WRITERS * DAYS + BEFORE);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_diary"), WRITERS * DAYS + BEFORE);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_diary WHERE is_open = 0"),
                  WRITERS * DAYS + BEFORE);
    EXPECT_EQ_I64(changes, WRITERS * DAYS * 3 + WRITERS * DAYS / 2 + BEFORE * 3);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

static void *race(void *arg)
{
    Job *j = arg;
    char day[32];
    snprintf(day, sizeof day, "2026-11-%02d", j->number + 1);
    const char *fields[] = {"day", day, "body", "一。"};
    int rc = write_on(j, j->id, "create", "submit", 0, fields, 2);
    j->acked = rc == 0;
    j->again = rc;
    return NULL;
}

/* One id from four hands at once, two of them the same person's: one is created, his other exists,
 * to the others it is not usable. */
BOTH_ENGINES(one_id_from_many_hands)
{
    static const char *const who[] = {"fs111", "fs111", "fs112", "fs121"};
    enum { ROUNDS = 6 };
    County w;
    county_begin(&w, t);
    for (int round = 0; round < ROUNDS; round++) {
        Job jobs[LEN(who)] = {0};
        Uuid id = county_new_id(&w);
        int made = 0, exists = 0, unusable = 0;
        for (size_t i = 0; i < LEN(who); i++) {
            snprintf(jobs[i].account, sizeof jobs[i].account, "%s", who[i]);
            jobs[i].id = id;
            jobs[i].number = round;
            REQUIRE(start(&jobs[i], &w, race) == 0);
        }
        for (size_t i = 0; i < LEN(who); i++) {
            stop(&jobs[i]);
            made += jobs[i].acked;
            exists += jobs[i].again == ERR_EXISTS;
            unusable += jobs[i].again == ERR_MISSING;
        }
        EXPECT_EQ_I64(made, 1);
        EXPECT_EQ_I64(exists + unusable, LEN(who) - 1);
        EXPECT(exists <= 1 && unusable >= 2);
    }
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}
