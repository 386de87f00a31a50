// tsan
/* test_store_writer.c: batches, savepoints, the seal, answers, and what is on disk after a crash.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_store_util.h"

enum { ADD, BUMP, DEFS };
static const SqlDef defs[DEFS] = {
    [ADD] = {"test_add", "INSERT INTO thing(id, n) VALUES (?1, ?2)", NULL, 2, 0},
    [BUMP] = {"test_bump", "UPDATE total SET n = n + ?1 WHERE id = 1", NULL, 1, 0},
};

static int make_tables(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    Engine g = tx_engine(tx);
    return tx_script(tx,
                     str_fmt(tx_arena(tx),
                             "CREATE TABLE thing(id %s NOT NULL PRIMARY KEY, n %s)%s;"
                             "CREATE TABLE total(id %s NOT NULL PRIMARY KEY, n %s)%s;"
                             "INSERT INTO total(id, n) VALUES (1, 0)",
                             store_type(g, 'i'), store_type(g, 'i'), store_table_end(g),
                             store_type(g, 'i'), store_type(g, 'i'), store_table_end(g)),
                     e);
}

static Store *open_store(TestStore *t)
{
    Store *s;
    t->opt.sql = defs;
    t->opt.sql_n = DEFS;
    t->opt.sql_later = true;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    REQUIRE_OK(store_write(s, NULL, make_tables, NULL, t->e), t->e);
    return s;
}

static int64_t ask(TestStore *t, Store *s, Str sql)
{
    Conn *c;
    Tx *tx;
    int64_t n;
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    REQUIRE_OK(tx_ask_i64(tx, sql, &n, t->e), t->e);
    tx_end(tx);
    conn_close(c);
    return n;
}

typedef struct Add {
    WriteJob job;
    int64_t id;
    bool refuse; /* after having written */
    int done_n;
} Add;

static int apply_add(Tx *tx, void *arg, Err *e)
{
    const Add *a = arg;
    Stmt *st = tx_sql(tx, &defs[ADD]);
    bind_i64(st, 1, a->id);
    bind_i64(st, 2, tx_chain(tx));
    TRY(stmt_send(st, e));
    int64_t *item = NEW(tx_arena(tx), int64_t);
    *item = a->id;
    tx_pend(tx, item);
    st = tx_sql(tx, &defs[BUMP]);
    bind_i64(st, 1, a->id);
    TRY(stmt_run(st, e));
    return a->refuse ? err_set(e, ERR_STATE, "store.refused") : 0;
}

static void on_done(WriteJob *job)
{
    ((Add *)job->done_ctx)->done_n++;
}

static void submit(TestStore *t, Store *s, Add *a, int64_t id, bool refuse)
{
    *a = (Add){.id = id, .refuse = refuse};
    a->job = (WriteJob){
        .apply = apply_add, .arg = a, .done = on_done, .done_ctx = a, .err = err_on(t->arena)};
    store_submit(s, NULL, &a->job);
}

typedef struct Seal {
    int64_t ids[64];
    size_t n, calls;
    bool refuse;
} Seal;

static int on_seal(Tx *tx, void *const *pended, size_t n, void *ctx, Err *e)
{
    Seal *seal = ctx;
    seal->calls++;
    for (size_t i = 0; i < n; i++)
        seal->ids[seal->n++] = *(const int64_t *)pended[i];
    if (seal->refuse)
        return err_set(e, ERR_CORRUPT, "store.refused");
    Stmt *st = tx_sql(tx, &defs[BUMP]);
    bind_i64(st, 1, 1000);
    int rc = stmt_run(st, e);
    return rc < 0 ? rc : 0;
}

/* Three jobs, the middle one fails: it alone is undone, and the seal does not hear of it. */
BOTH_ENGINES(one_of_a_batch_fails)
{
    Seal seal = {0};
    Add adds[4];
    t->opt.no_thread = true;
    t->opt.seal = on_seal;
    t->opt.seal_ctx = &seal;
    Store *s = open_store(t);
    bool is_lite = t->engine == ENGINE_SQLITE;
    EXPECT_EQ_I64(store_step(s), 0);
    submit(t, s, &adds[0], 1, false);
    submit(t, s, &adds[1], 2, true);
    submit(t, s, &adds[2], 1, false); /* the same again: unique */
    submit(t, s, &adds[3], 4, false);
    if (is_lite)
        EXPECT_EQ_I64(adds[0].done_n, 0);
    EXPECT_EQ_I64(store_step(s), is_lite ? 4 : 0);
    for (int i = 0; i < 4; i++)
        EXPECT_EQ_I64(adds[i].done_n, 1);
    EXPECT_EQ_I64(adds[0].job.rc, 0);
    EXPECT_EQ_I64(adds[1].job.rc, ERR_STATE);
    EXPECT_EQ_I64(adds[1].job.err.cls, ERR_STATE);
    EXPECT_EQ_I64(adds[2].job.rc, ERR_EXISTS);
    EXPECT_STR(adds[2].job.err.args[0], "thing.id");
    EXPECT_EQ_I64(adds[3].job.rc, 0);
    EXPECT_EQ_I64(seal.n, 2);
    EXPECT_EQ_I64(seal.ids[0], 1);
    EXPECT_EQ_I64(seal.ids[1], 4);
    EXPECT_EQ_I64(seal.calls, is_lite ? 1 : 2);
    EXPECT_EQ_I64(ask(t, s, S("SELECT count(*) FROM thing")), 2);
    EXPECT_EQ_I64(ask(t, s, S("SELECT n FROM total")), is_lite ? 1005 : 2005);
    EXPECT_EQ_I64(ask(t, s, S("SELECT min(n) FROM thing")), 1); /* the chain */
    store_close(s);
}

/* A seal that fails takes the whole batch with it, also the answers of those that had failed alone.
 */
BOTH_ENGINES(a_failing_seal_fails_all)
{
    Seal seal = {.refuse = true};
    Add adds[3];
    t->opt.no_thread = true;
    t->opt.seal = on_seal;
    t->opt.seal_ctx = &seal;
    Store *s = open_store(t);
    submit(t, s, &adds[0], 1, false);
    submit(t, s, &adds[1], 2, false);
    submit(t, s, &adds[2], 1, false);
    (void)store_step(s);
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ_I64(adds[i].job.rc, ERR_CORRUPT);
        EXPECT_EQ_I64(adds[i].job.err.cls, ERR_CORRUPT);
        EXPECT_EQ_I64(adds[i].done_n, 1);
    }
    EXPECT_EQ_I64(ask(t, s, S("SELECT count(*) FROM thing")), 0);
    seal.refuse = false;
    seal.n = 0;
    submit(t, s, &adds[0], 1, false);
    (void)store_step(s);
    EXPECT_EQ_I64(adds[0].job.rc, 0);
    EXPECT_EQ_I64(seal.n, 1);
    store_close(s);
}

/* More than one batch holds: cut at LIMIT_BATCH, order kept. */
TEST(batches_are_cut)
{
    TestStore t;
    enum { N = LIMIT_BATCH + 5 };
    test_store_begin(&t, ENGINE_SQLITE);
    t.opt.no_thread = true;
    Store *s = open_store(&t);
    Add *adds = NEW_N(t.arena, Add, N);
    for (int i = 0; i < N; i++)
        submit(&t, s, &adds[i], i, false);
    EXPECT_EQ_I64(store_step(s), LIMIT_BATCH);
    EXPECT_EQ_I64(adds[LIMIT_BATCH - 1].done_n, 1);
    EXPECT_EQ_I64(adds[LIMIT_BATCH].done_n, 0);
    EXPECT_EQ_I64(store_step(s), 5);
    EXPECT_EQ_I64(store_step(s), 0);
    EXPECT_EQ_I64(ask(&t, s, S("SELECT count(*) FROM thing")), N);
    store_close(s);
    test_store_end(&t);
}

static int apply_slow(Tx *tx, void *arg, Err *e)
{
    (void)tx, (void)e;
    env_test_move(arg, LIMIT_BATCH_MS);
    return 0;
}

TEST(batches_end_in_time)
{
    TestStore t;
    WriteJob jobs[3];
    test_store_begin(&t, ENGINE_SQLITE);
    t.opt.no_thread = true;
    Store *s = open_store(&t);
    for (int i = 0; i < 3; i++) {
        jobs[i] = (WriteJob){.apply = apply_slow, .arg = t.env, .err = err_on(t.arena)};
        store_submit(s, NULL, &jobs[i]);
    }
    EXPECT_EQ_I64(store_step(s), 1);
    store_close(s); /* the queue is drained */
    test_store_end(&t);
}

typedef struct Load {
    Store *s;
    int64_t from;
    int per;
    atomic_int *wrong;
} Load;

static void *load_main(void *arg)
{
    Load *l = arg;
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Conn *c;
    if (store_conn(l->s, &c, &e) < 0)
        abort();
    for (int i = 0; i < l->per; i++) {
        Add add = {.id = l->from + i, .refuse = i % 5 == 4};
        int rc = store_write(l->s, c, apply_add, &add, &e);
        if (rc == ERR_BUSY) /* PostgreSQL after PG_TRIES: the caller's to repeat */
            i--;
        else if (rc != (add.refuse ? ERR_STATE : 0))
            atomic_fetch_add(l->wrong, 1);
        err_clear(&e);
        arena_reset(a);
    }
    conn_close(c);
    arena_free(a);
    return NULL;
}

/* Many threads at once: what was answered is there, what was refused is not. */
BOTH_ENGINES(many_write_at_once)
{
    enum { THREADS = 8 };
    int per = t->engine == ENGINE_PG ? 20 : 100;
    Store *s = open_store(t);
    pthread_t threads[THREADS];
    Load loads[THREADS];
    atomic_int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        loads[i] = (Load){s, 1 + i * 1000, per, &wrong};
        REQUIRE(pthread_create(&threads[i], NULL, load_main, &loads[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++)
        REQUIRE(pthread_join(threads[i], NULL) == 0);
    EXPECT_EQ_I64(wrong, 0);
    EXPECT_EQ_I64(ask(t, s, S("SELECT count(*) FROM thing")), THREADS * per / 5 * 4);
    EXPECT_EQ_I64(ask(t, s, S("SELECT sum(id) FROM thing")), ask(t, s, S("SELECT n FROM total")));
    store_close(s);
}

/* Writes and tells each answer through the pipe until killed. */
static void crash_child(TestStore *t, int fd)
{
    Store *s;
    t->opt.sql = defs;
    t->opt.sql_n = DEFS;
    if (store_open(env_real(), &t->opt, &s, t->e) < 0)
        _exit(3);
    for (int64_t id = 1;; id++) {
        Add add = {.id = id};
        if (store_write(s, NULL, apply_add, &add, t->e) < 0 ||
            write(fd, &id, sizeof id) != sizeof id)
            _exit(4);
    }
}

/* Killed in the middle: everything answered is there, and the two tables agree. */
BOTH_ENGINES(answered_writes_survive_a_kill)
{
    int ends[2];
    int64_t id = 0, last = 0;
    store_close(open_store(t));
    REQUIRE(pipe(ends) == 0);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0)
        crash_child(t, ends[1]);
    REQUIRE(close(ends[1]) == 0);
    while (last < 60 && read(ends[0], &id, sizeof id) == sizeof id)
        last = id;
    REQUIRE(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
    while (read(ends[0], &id, sizeof id) == sizeof id)
        last = id;
    EXPECT(last >= 60);
    Store *s;
    t->opt.sql_later = false;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    int64_t n = ask(t, s, S("SELECT count(*) FROM thing"));
    EXPECT(n == last || n == last + 1);
    EXPECT_EQ_I64(ask(t, s, S("SELECT max(id) FROM thing")), n);
    EXPECT_EQ_I64(ask(t, s, S("SELECT sum(id) FROM thing")), ask(t, s, S("SELECT n FROM total")));
    EXPECT_EQ_I64(store_check_pages(s, NULL, NULL, t->e), 0);
    store_close(s);
}
