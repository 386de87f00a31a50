/* test_store_pg.c: what only PostgreSQL has: retries, lost connections, chains by connection. */
#include <time.h>

#include "test_store_util.h"

static int make_tables(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    return tx_script(tx,
                     S("CREATE TABLE total(id bigint NOT NULL PRIMARY KEY, n bigint);"
                       "INSERT INTO total VALUES (1, 0)"),
                     e);
}

static Store *open_store(TestStore *t)
{
    Store *s;
    test_store_begin(t, ENGINE_PG);
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    REQUIRE_OK(store_write(s, NULL, make_tables, NULL, t->e), t->e);
    return s;
}

static int run(Tx *tx, Str sql, Err *e)
{
    Stmt *st;
    TRY(tx_prepare(tx, sql, &st, e));
    int rc = stmt_run(st, e);
    return rc < 0 ? rc : 0;
}

static int bump(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    return run(tx, S("UPDATE total SET n = n + 1 WHERE id = 1"), e);
}

typedef struct Clash {
    Store *s;
    Conn *other;
    int tries, clashes; /* how often it ran; in how many of them another commit comes in between */
} Clash;

/* Reads, then lets another connection change what it read, then writes: 40001. */
static int apply_clash(Tx *tx, void *arg, Err *e)
{
    Clash *k = arg;
    int64_t n;
    TRY(tx_ask_i64(tx, S("SELECT n FROM total WHERE id = 1"), &n, e));
    if (++k->tries <= k->clashes) {
        Arena *a = arena_new(1024);
        Err mine = err_on(a);
        EXPECT_OK(store_write(k->s, k->other, bump, NULL, &mine), &mine);
        arena_free(a);
    }
    return bump(tx, NULL, e);
}

static int64_t total(TestStore *t, Store *s)
{
    Conn *c;
    Tx *tx;
    int64_t n;
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    REQUIRE_OK(tx_ask_i64(tx, S("SELECT n FROM total"), &n, t->e), t->e);
    tx_end(tx);
    conn_close(c);
    return n;
}

TEST(a_clash_is_tried_again)
{
    TestStore t;
    Store *s = open_store(&t);
    Conn *a, *b;
    REQUIRE_OK(store_conn(s, &a, t.e), t.e);
    REQUIRE_OK(store_conn(s, &b, t.e), t.e);
    Clash k = {s, b, 0, 2};
    EXPECT_OK(store_write(s, a, apply_clash, &k, t.e), t.e);
    EXPECT_EQ_I64(k.tries, 3);
    EXPECT_EQ_I64(total(&t, s), 3);
    k = (Clash){s, b, 0, 99};
    EXPECT_ERR(store_write(s, a, apply_clash, &k, t.e), ERR_BUSY, t.e);
    EXPECT_EQ_I64(k.tries, PG_TRIES);
    EXPECT_EQ_I64(total(&t, s), 3 + PG_TRIES);
    EXPECT_OK(store_write(s, a, bump, NULL, t.e), t.e);
    conn_close(a);
    conn_close(b);
    store_close(s);
    test_store_end(&t);
}

static int ask_pid(Conn *c, int64_t *ret, Err *e)
{
    Tx *tx;
    TRY(tx_read(c, &tx, e));
    int rc = tx_ask_i64(tx, S("SELECT pg_backend_pid()"), ret, e);
    tx_end(tx);
    return rc;
}

static int kill_pid(Tx *tx, void *arg, Err *e)
{
    int64_t n;
    return tx_ask_i64(
        tx, str_fmt(tx_arena(tx), "SELECT pg_terminate_backend(%lld)", (long long)*(int64_t *)arg),
        &n, e);
}

/* A connection the server has ended is made anew, unseen. */
TEST(an_idle_connection_may_die)
{
    TestStore t;
    Store *s = open_store(&t);
    Conn *c;
    int64_t pid, again;
    REQUIRE_OK(store_conn(s, &c, t.e), t.e);
    REQUIRE_OK(ask_pid(c, &pid, t.e), t.e);
    REQUIRE_OK(store_write(s, NULL, kill_pid, &pid, t.e), t.e);
    struct timespec rest = {0, 200 * 1000 * 1000};
    nanosleep(&rest, NULL);
    EXPECT_OK(ask_pid(c, &again, t.e), t.e);
    EXPECT(again != pid);
    EXPECT_OK(store_write(s, c, bump, NULL, t.e), t.e);
    conn_close(c);
    store_close(s);
    test_store_end(&t);
}

/* Dies within the job, before its commit: the job is repeated on a new connection, once in effect.
 */
static int apply_die(Tx *tx, void *arg, Err *e)
{
    TRY(bump(tx, NULL, e));
    if (++*(int *)arg > 1)
        return 0;
    int64_t n;
    return tx_ask_i64(tx, S("SELECT pg_terminate_backend(pg_backend_pid())"), &n, e);
}

TEST(a_job_outlives_its_connection)
{
    TestStore t;
    Store *s = open_store(&t);
    int tries = 0;
    EXPECT_OK(store_write(s, NULL, apply_die, &tries, t.e), t.e);
    EXPECT_EQ_I64(tries, 2);
    EXPECT_EQ_I64(total(&t, s), 1);
    store_close(s);
    test_store_end(&t);
}

/* A deferred trigger that ends its own session runs inside COMMIT: nobody knows, nobody repeats. */
static int make_trap(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    return tx_script(tx,
                     S("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                       " PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1);"
                       " RETURN NULL; END $$;"
                       "CREATE CONSTRAINT TRIGGER trap AFTER UPDATE ON total DEFERRABLE"
                       " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()"),
                     e);
}

static int counted_bump(Tx *tx, void *arg, Err *e)
{
    ++*(int *)arg;
    return bump(tx, NULL, e);
}

TEST(a_connection_lost_at_commit_is_not_repeated)
{
    TestStore t;
    Store *s = open_store(&t);
    int tries = 0;
    REQUIRE_OK(store_write(s, NULL, make_trap, NULL, t.e), t.e);
    EXPECT_ERR(store_write(s, NULL, counted_bump, &tries, t.e), ERR_BUSY, t.e);
    EXPECT_EQ_I64(tries, 1);
    EXPECT_EQ_I64(total(&t, s), 0);
    store_close(s);
    test_store_end(&t);
}

static int get_chain(Tx *tx, void *arg, Err *e)
{
    (void)e;
    *(int *)arg = tx_chain(tx);
    return 0;
}

TEST(chains_go_by_connection)
{
    TestStore t;
    Store *s = open_store(&t);
    Conn *a, *b;
    int x = 0, y = 0, z = 0;
    REQUIRE_OK(store_conn(s, &a, t.e), t.e);
    REQUIRE_OK(store_conn(s, &b, t.e), t.e);
    EXPECT_OK(store_write(s, a, get_chain, &x, t.e), t.e);
    EXPECT_OK(store_write(s, b, get_chain, &y, t.e), t.e);
    EXPECT(x >= 1 && y >= 1 && x != y);
    conn_close(a);
    REQUIRE_OK(store_conn(s, &a, t.e), t.e);
    EXPECT_OK(store_write(s, a, get_chain, &z, t.e), t.e);
    EXPECT_EQ_I64(z, x); /* numbers are used again, so chains stay few */
    conn_close(a);
    conn_close(b);
    store_close(s);
    test_store_end(&t);
}

static int send_then_run(Tx *tx, void *arg, Err *e)
{
    Stmt *st;
    (void)arg;
    TRY(tx_prepare(tx, S("INSERT INTO total VALUES (1, 5)"), &st, e));
    TRY(stmt_send(st, e)); /* a double; told by the commit */
    return 0;
}

TEST(what_was_sent_fails_at_the_commit)
{
    TestStore t;
    Store *s = open_store(&t);
    EXPECT_EQ_I64(store_write(s, NULL, send_then_run, NULL, t.e), ERR_EXISTS);
    EXPECT_STR(t.e->args[0], "total.id");
    err_clear(t.e);
    EXPECT_EQ_I64(total(&t, s), 0);
    store_close(s);
    test_store_end(&t);
}

static int write_lists(Tx *tx, void *arg, Err *e)
{
    Stmt *st;
    (void)arg;
    BindList n = bind_list_new(tx_arena(tx), 'i'), word = bind_list_new(tx_arena(tx), 't'),
             blob = bind_list_new(tx_arena(tx), 'b'), id = bind_list_new(tx_arena(tx), 'u');
    for (int64_t i = 0; i < 3; i++) {
        Uuid u = {{(uint8_t)i}};
        bind_list_i64(&n, i - 1);
        if (i == 1)
            bind_list_null(&word);
        else
            bind_list_bytes(&word, i ? S("二") : S(""));
        bind_list_bytes(&blob, (Str){"\0x", (size_t)i});
        bind_list_bytes(&id, (Str){(const char *)u.b, sizeof u.b});
    }
    TRY(tx_prepare(tx,
                   S("INSERT INTO listed SELECT * FROM unnest(?1::bigint[], ?2::text[], "
                     "?3::bytea[], ?4::uuid[])"),
                   &st, e));
    bind_list(st, 1, &n);
    bind_list(st, 2, &word);
    bind_list(st, 3, &blob);
    bind_list(st, 4, &id);
    return stmt_send(st, e);
}

static int make_listed(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    return tx_script(tx, S("CREATE TABLE listed(n bigint, word text, raw bytea, id uuid)"), e);
}

TEST(many_values_go_in_one_parameter)
{
    TestStore t;
    Store *s = open_store(&t);
    Conn *c;
    Tx *tx;
    Stmt *st;
    REQUIRE_OK(store_write(s, NULL, make_listed, NULL, t.e), t.e);
    REQUIRE_OK(store_write(s, NULL, write_lists, NULL, t.e), t.e);
    REQUIRE_OK(store_conn(s, &c, t.e), t.e);
    REQUIRE_OK(tx_read(c, &tx, t.e), t.e);
    REQUIRE_OK(tx_prepare(tx, S("SELECT n, word, raw, id FROM listed ORDER BY n"), &st, t.e), t.e);
    for (int64_t i = 0; i < 3; i++) {
        REQUIRE(stmt_step(st, t.e) == 1);
        EXPECT_EQ_I64(col_i64(st, 0), i - 1);
        EXPECT(col_null(st, 1) == (i == 1));
        EXPECT_STR_EQ(col_str(st, 1), i == 0 ? S("") : i == 1 ? STR_NONE : S("二"));
        EXPECT_STR_EQ(col_blob(st, 2), ((Str){"\0x", (size_t)i}));
        EXPECT_EQ_I64(col_uuid(st, 3).b[0], i);
    }
    EXPECT_EQ_I64(stmt_step(st, t.e), 0);
    tx_end(tx);
    conn_close(c);
    store_close(s);
    test_store_end(&t);
}
