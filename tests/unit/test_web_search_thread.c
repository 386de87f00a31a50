// tsan
/* test_web_search_thread.c: the search thread follows while people write and ask: what was
 * acknowledged is found at once, what it left behind is proved, and it stops when told, at work or
 * at rest.                                                       SPEC: P10  STACK: 6 */
#include <pthread.h>

#include "test_record_util.h"
#include "web/web_int.h"

enum { WRITERS = 2, READERS = 2, NOTES = 20, TRIES = 200 };

static const char *const who[WRITERS] = {"fs111", "fs121"};

typedef struct Job {
    County *w;
    SearchThread *search;
    pthread_t thread;
    Hand hand;
    int number, bad, asked;
    _Atomic int kept; /* a writer's: so many are acknowledged */
    const struct Job *writers;
    _Atomic int *left; /* writers still at it */
} Job;

static Str word(Arena *a, int writer, int note)
{
    return str_fmt(a, "plot%dx%d", writer, note);
}

static int keep_one(Job *j, int note)
{
    char day[32];
    snprintf(day, sizeof day, "2026-10-%02d", note + 1);
    char *body = str_z(j->hand.a, str_fmt(j->hand.a, "看了地块 %.*s",
                                          STR_ARG(word(j->hand.a, j->number, note))));
    const char *fields[] = {"day", day, "body", body};
    Uuid id = env_uuid7(j->w->env);
    for (int i = 0; i < TRIES; i++) {
        Err e = err_on(j->hand.a);
        Change *c;
        int rc = county_prepare(j->w, &j->hand, who[j->number], id, "create", "submit", 0, fields,
                                2, &c, &e);
        if (!rc)
            rc = store_write(j->w->store, j->hand.conn, record_apply, c, &e);
        if (rc != ERR_BUSY)
            return rc;
    }
    return ERR_BUSY;
}

static void *keep_all(void *arg)
{
    Job *j = arg;
    for (int i = 0; i < NOTES && !j->bad; i++) {
        j->bad += keep_one(j, i) < 0;
        j->kept = i + 1;
        search_thread_wake(j->search);
        arena_reset(j->hand.a);
    }
    --*j->left;
    return NULL;
}

/* How many the county's office finds. */
static int found(Job *j, Str q)
{
    Tx *tx;
    Reader r;
    HitGroup *list = NULL;
    int n = 0;
    Err e = err_on(j->hand.a);
    if (tx_read(j->hand.conn, &tx, &e) < 0)
        return -1;
    int rc = access_reader_account(j->w->access, j->hand.a, tx, j->w->tree, S("county"), &r, &e);
    if (!rc)
        rc = record_search(j->w->records, j->hand.a, tx, &r, q, NULL, LIMIT_SEARCH_HITS, &list, &n,
                           &e);
    tx_end(tx);
    return rc < 0 ? -1 : n ? list[0].n : 0;
}

static void *ask_on(void *arg)
{
    Job *j = arg;
    for (int i = j->number; *j->left && !j->bad; i++) {
        const Job *by = &j->writers[i % WRITERS];
        int kept = by->kept; /* before the snapshot: it holds that one */
        if (kept) {
            j->bad += found(j, word(j->hand.a, by->number, kept - 1)) != 1;
            j->asked++;
        }
        arena_reset(j->hand.a);
    }
    return NULL;
}

static void begin(Job *j, County *w, SearchThread *search, int number, _Atomic int *left,
                  const Job *writers)
{
    *j = (Job){.w = w, .search = search, .number = number, .left = left, .writers = writers};
    j->hand.a = arena_new(16 * 1024);
    REQUIRE_OK(store_conn(w->store, &j->hand.conn, w->e), w->e);
    REQUIRE_OK(store_conn(w->files, &j->hand.files_conn, w->e), w->e);
}

static void end(Job *j)
{
    EXPECT_EQ_I64(j->bad, 0);
    conn_close(j->hand.conn);
    conn_close(j->hand.files_conn);
    arena_free(j->hand.a);
}

static int64_t lag(County *w)
{
    int64_t n = -1;
    Tx *tx = county_tx(w);
    REQUIRE_OK(record_search_lag(w->records, tx, &n, w->e), w->e);
    tx_end(tx);
    return n;
}

static void write_and_ask(County *w, SearchThread *search)
{
    Job jobs[WRITERS + READERS];
    _Atomic int left = WRITERS;
    for (int i = 0; i < WRITERS + READERS; i++)
        begin(&jobs[i], w, search, i < WRITERS ? i : i - WRITERS, &left, jobs);
    for (int i = 0; i < WRITERS + READERS; i++)
        REQUIRE(pthread_create(&jobs[i].thread, NULL, i < WRITERS ? keep_all : ask_on, &jobs[i]) ==
                0);
    int asked = 0;
    for (int i = 0; i < WRITERS + READERS; i++) {
        EXPECT(pthread_join(jobs[i].thread, NULL) == 0);
        asked += jobs[i].asked;
    }
    test_note("asked %d times meanwhile", asked);
    for (int i = 0; i < WRITERS; i++)
        for (int k = 0; k < NOTES; k++)
            EXPECT_EQ_I64(found(&jobs[i], word(w->a, i, k)), 1);
    for (int i = 0; i < WRITERS + READERS; i++)
        end(&jobs[i]);
}

BOTH_ENGINES(the_search_thread_follows_those_who_write)
{
    County w;
    county_begin(&w, t);
    App root = {.env = w.env, .dir = t->dir, .model = w.model, .store = w.store, .files = w.files,
                .access = w.access, .records = w.records};
    SearchThread *search = search_thread_start(&root, w.a);
    write_and_ask(&w, search);
    while (lag(&w)) /* nobody else makes the index: without the thread this never ends */
        (void)nanosleep(&(struct timespec){0, 20000000}, NULL);
    search_thread_stop(search); /* at rest */
    EXPECT_EQ_I64(lag(&w), 0);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* What it had not come to is there for the next one. */
BOTH_ENGINES(the_search_thread_stops_at_work)
{
    County w;
    county_begin(&w, t);
    App root = {.env = w.env, .dir = t->dir, .model = w.model, .store = w.store, .files = w.files,
                .access = w.access, .records = w.records};
    for (int i = 0; i < 4; i++) {
        county_diary(&w, "fs111", str_z(w.a, str_fmt(w.a, "2026-11-%02d", i + 1)), "看了水渠",
                     "submit");
        SearchThread *search = search_thread_start(&root, w.a);
        search_thread_wake(search);
        search_thread_stop(search);
    }
    search_thread_wake(NULL);
    search_thread_stop(NULL);
    SearchThread *search = search_thread_start(&root, w.a);
    while (lag(&w))
        (void)nanosleep(&(struct timespec){0, 20000000}, NULL);
    search_thread_stop(search);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}
