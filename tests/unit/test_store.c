// tsan
/* test_store.c: the face on both engines: values, statements, failures, snapshots. */
#include <unistd.h>

#include "test_store_util.h"

enum { ADD, GET, COUNT, ADD_CHILD, SUM, DEFS };
static const SqlDef defs[DEFS] = {
    [ADD] = {"test_add", "INSERT INTO thing(id, n, t, b, u) VALUES (?1, ?2, ?3, ?4, ?5)", NULL, 5,
             0},
    [GET] = {"test_get", "SELECT id, n, t, b, u FROM thing WHERE id = ?1", NULL, 1, 5},
    [COUNT] = {"test_count", "SELECT count(*) FROM thing", NULL, 0, 1},
    [ADD_CHILD] = {"test_add_child", "INSERT INTO child(id, thing) VALUES (?1, ?2)", NULL, 2, 0},
    [SUM] = {"test_sum", "SELECT 'lite', sum(n) FROM thing", "SELECT 'pg', sum(n) FROM thing", 0,
             2},
};

static int make_tables(Tx *tx, void *arg, Err *e)
{
    Engine g = tx_engine(tx);
    (void)arg;
    Str sql =
        str_fmt(tx_arena(tx),
                "CREATE TABLE thing(id %s NOT NULL PRIMARY KEY, n %s, t %s UNIQUE, b %s, u %s)%s;\n"
                "-- a comment; with a semicolon\n"
                "CREATE TABLE child(id %s NOT NULL PRIMARY KEY,"
                " thing %s NOT NULL REFERENCES thing(id))%s;",
                store_type(g, 'i'), store_type(g, 'i'), store_type(g, 't'), store_type(g, 'b'),
                store_type(g, 'u'), store_table_end(g), store_type(g, 'i'), store_type(g, 'i'),
                store_table_end(g));
    return tx_script(tx, sql, e);
}

static Store *open_store(TestStore *t)
{
    Store *s;
    t->opt.sql = defs;
    t->opt.sql_n = DEFS;
    t->opt.sql_later = true;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    REQUIRE_OK(store_write(s, NULL, make_tables, NULL, t->e), t->e);
    REQUIRE_OK(store_check_sql(s, t->e), t->e);
    return s;
}

typedef struct Thing {
    int64_t id, n;
    Str t, b;
    Uuid u;
    bool is_empty; /* all but the id null */
} Thing;

static int add_thing(Tx *tx, void *arg, Err *e)
{
    const Thing *x = arg;
    Stmt *st = tx_sql(tx, &defs[ADD]);
    EXPECT(tx_is_write(tx));
    bind_i64(st, 1, x->id);
    if (!x->is_empty) {
        bind_i64(st, 2, x->n);
        bind_str(st, 3, x->t);
        bind_blob(st, 4, x->b.p, x->b.n);
        bind_uuid(st, 5, x->u);
    }
    int rc = stmt_run(st, e);
    if (rc >= 0)
        EXPECT_EQ_I64(rc, 1);
    return rc < 0 ? rc : 0;
}

static int64_t count_things(TestStore *t, Tx *tx)
{
    Stmt *st = tx_sql(tx, &defs[COUNT]);
    REQUIRE(stmt_step(st, t->e) == 1);
    int64_t n = col_i64(st, 0);
    stmt_reset(st);
    return n;
}

static void expect_thing(TestStore *t, Conn *c, const Thing *x)
{
    Tx *tx;
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    EXPECT(!tx_is_write(tx));
    Stmt *st = tx_sql(tx, &defs[GET]);
    bind_i64(st, 1, x->id);
    REQUIRE(stmt_step(st, t->e) == 1);
    EXPECT_EQ_I64(col_i64(st, 0), x->id);
    for (int i = 1; i < 5; i++)
        EXPECT(col_null(st, i) == x->is_empty);
    EXPECT_EQ_I64(col_i64(st, 1), x->n);
    EXPECT_STR_EQ(col_str(st, 2), x->t);
    EXPECT_STR_EQ(col_blob(st, 3), x->b);
    EXPECT(uuid_eq(col_uuid(st, 4), x->u));
    EXPECT_EQ_I64(stmt_step(st, t->e), 0);
    tx_end(tx);
}

BOTH_ENGINES(values_come_back)
{
    Store *s = open_store(t);
    Conn *c;
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    static const uint8_t every[] = {0, 1, 2, 0xff, 0, 0x27, 0x5c};
    Thing things[] = {
        {1,
         INT64_MAX,
         S("𠮷野䶮 '\"\\ $1 ?1"),
         {(const char *)every, sizeof every},
         {{1, 2, 0, 255}},
         false},
        {2, INT64_MIN, {"", 0}, {"", 0}, {{0}}, false},
        {3, 0, STR_NONE, STR_NONE, {{0}}, true},
        {-4, -1, S("a\nb"), {"x", 1}, env_uuid7(t->env), false},
    };
    for (size_t i = 0; i < LEN(things); i++) {
        REQUIRE_OK(store_write(s, c, add_thing, &things[i], t->e), t->e);
        expect_thing(t, c, &things[i]);
    }
    conn_rest(c); /* opens again by itself */
    expect_thing(t, c, &things[0]);
    conn_close(c);
    store_close(s);
}

/* Days, booleans, a sum, a variant text, numbers in small places. */
BOTH_ENGINES(small_values)
{
    Store *s = open_store(t);
    Conn *c;
    Tx *tx;
    Stmt *st;
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    for (int64_t i = 1; i <= 3; i++) {
        Thing x = {i, i * 100000, STR_NONE, STR_NONE, {{0}}, false};
        REQUIRE_OK(store_write(s, c, add_thing, &x, t->e), t->e);
    }
    Thing most = {9, -5000000001, S("x"), STR_NONE, {{0}}, false};
    REQUIRE_OK(store_write(s, c, add_thing, &most, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    st = tx_sql(tx, &defs[SUM]);
    REQUIRE(stmt_step(st, t->e) == 1);
    EXPECT_STR(col_str(st, 0), t->engine == ENGINE_PG ? "pg" : "lite");
    EXPECT_EQ_I64(col_i64(st, 1), 600000 - 5000000001);
    stmt_reset(st);
    REQUIRE_OK(tx_prepare(tx,
                          S("SELECT n FROM thing WHERE n > ?1 AND (?2 = 1 OR t = ?3)"
                            " ORDER BY n LIMIT ?4"),
                          &st, t->e),
               t->e);
    bind_day(st, 1, 100000);
    bind_bool(st, 2, true);
    bind_day(st, 3, DAY_NONE);
    bind_i64(st, 4, 1);
    REQUIRE(stmt_step(st, t->e) == 1);
    EXPECT_EQ_I64(col_day(st, 0), 200000);
    EXPECT_EQ_I64(stmt_step(st, t->e), 0);
    REQUIRE_OK(tx_prepare(tx, S("SELECT id FROM thing WHERE t = ?1"), &st, t->e), t->e);
    EXPECT_EQ_I64(stmt_step(st, t->e), 0); /* nothing bound is null: no row */
    int64_t n;
    EXPECT_OK(
        tx_ask_i64(tx, S("SELECT count(*) FROM thing WHERE '?1' = '?1' AND n > 0 -- ?9"), &n, t->e),
        t->e);
    EXPECT_EQ_I64(n, 3);
    tx_end(tx);
    conn_close(c);
    store_close(s);
}

/* Values of one use are not there in the next. */
BOTH_ENGINES(a_statement_is_got_unbound)
{
    Store *s = open_store(t);
    Conn *c;
    Thing a = {1, 7, S("a"), S("b"), {{1}}, false}, b = {2, 0, STR_NONE, STR_NONE, {{0}}, true};
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(store_write(s, c, add_thing, &a, t->e), t->e);
    REQUIRE_OK(store_write(s, c, add_thing, &b, t->e), t->e);
    expect_thing(t, c, &b);
    conn_close(c);
    store_close(s);
}

static int add_child(Tx *tx, void *arg, Err *e)
{
    Stmt *st = tx_sql(tx, &defs[ADD_CHILD]);
    bind_i64(st, 1, 1);
    bind_i64(st, 2, *(const int64_t *)arg);
    int rc = stmt_run(st, e);
    return rc < 0 ? rc : 0;
}

BOTH_ENGINES(constraints_have_their_classes)
{
    Store *s = open_store(t);
    Thing x = {1, 7, S("a"), S("b"), {{1}}, false};
    int64_t nobody = 99;
    REQUIRE_OK(store_write(s, NULL, add_thing, &x, t->e), t->e);
    EXPECT_EQ_I64(store_write(s, NULL, add_thing, &x, t->e), ERR_EXISTS);
    EXPECT_STR(t->e->args[0], "thing.id");
    err_clear(t->e);
    x.id = 2;
    EXPECT_EQ_I64(store_write(s, NULL, add_thing, &x, t->e), ERR_EXISTS);
    EXPECT_STR(t->e->args[0], "thing.t");
    err_clear(t->e);
    EXPECT_EQ_I64(store_write(s, NULL, add_child, &nobody, t->e), ERR_MISSING);
    EXPECT(str_starts(t->e->args[0], S("child")));
    err_clear(t->e);
    store_close(s);
}

static int go_on(Tx *tx, void *arg, Err *e)
{
    Err mine = err_on(tx_arena(tx));
    (void)e;
    EXPECT_EQ_I64(add_thing(tx, arg, &mine), ERR_EXISTS);
    ((Thing *)arg)->id++;
    EXPECT_EQ_I64(add_thing(tx, arg, &mine), ERR_EXISTS); /* the Tx has failed */
    ((Thing *)arg)->id--;
    return 0;
}

BOTH_ENGINES(a_failed_statement_ends_the_job)
{
    Store *s = open_store(t);
    Conn *c;
    Tx *tx;
    Thing x = {1, 7, STR_NONE, S("b"), {{1}}, false};
    REQUIRE_OK(store_write(s, NULL, add_thing, &x, t->e), t->e);
    EXPECT_ERR(store_write(s, NULL, go_on, &x, t->e), ERR_BUG, t->e);
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    EXPECT_EQ_I64(count_things(t, tx), 1);
    tx_end(tx);
    conn_close(c);
    store_close(s);
}

static int run_text(Tx *tx, void *arg, Err *e)
{
    Stmt *st;
    TRY(tx_prepare(tx, *(const Str *)arg, &st, e));
    return stmt_run(st, e);
}

/* A reader's connection cannot write. */
BOTH_ENGINES(readers_only_read)
{
    Store *s = open_store(t);
    Conn *c;
    Tx *tx;
    Str sql = S("INSERT INTO thing(id) VALUES (5)");
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    EXPECT(run_text(tx, &sql, t->e) < 0);
    err_clear(t->e);
    tx_end(tx);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    EXPECT_EQ_I64(count_things(t, tx), 0);
    tx_end(tx);
    conn_close(c);
    store_close(s);
}

BOTH_ENGINES(bad_sql_is_named)
{
    static const SqlDef bad[] = {
        {"test_good", "SELECT 1", NULL, 0, 1},
        {"test_bad", "SELECT nothing FROM nowhere", NULL, 0, 1},
    };
    Store *s;
    Tx *tx;
    Conn *c;
    Stmt *st;
    t->opt.sql = bad;
    t->opt.sql_n = LEN(bad);
    EXPECT_EQ_I64(store_open(t->env, &t->opt, &s, t->e), ERR_BUG);
    EXPECT_STR(t->e->args[0], "test_bad");
    err_clear(t->e);
    t->opt.sql_later = true;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    EXPECT_ERR(store_check_sql(s, t->e), ERR_BUG, t->e);
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    EXPECT_EQ_I64(stmt_step(tx_sql(tx, &bad[1]), t->e), ERR_BUG);
    EXPECT_STR(t->e->args[0], "test_bad");
    err_clear(t->e);
    EXPECT_ERR(tx_prepare(tx, S("SELEC"), &st, t->e), ERR_BUG, t->e);
    tx_end(tx);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e); /* the connection is good for the next */
    EXPECT_EQ_I64(stmt_step(tx_sql(tx, &bad[0]), t->e), 1);
    tx_end(tx);
    conn_close(c);
    store_close(s);
}

/* A reader sees what was there when it began, whatever is committed meanwhile. */
BOTH_ENGINES(a_read_is_a_snapshot)
{
    Store *s = open_store(t);
    Conn *a, *b;
    Tx *tx, *ty;
    Thing x = {1, 1, STR_NONE, STR_NONE, {{0}}, true};
    REQUIRE_OK(store_conn(s, &a, t->e), t->e);
    REQUIRE_OK(store_conn(s, &b, t->e), t->e);
    REQUIRE_OK(tx_read(a, &tx, t->e), t->e);
    EXPECT_EQ_I64(count_things(t, tx), 0);
    for (x.id = 1; x.id <= 20; x.id++)
        REQUIRE_OK(store_write(s, NULL, add_thing, &x, t->e), t->e);
    EXPECT_EQ_I64(count_things(t, tx), 0);
    REQUIRE_OK(tx_read(b, &ty, t->e), t->e);
    EXPECT_EQ_I64(count_things(t, ty), 20);
    tx_end(ty);
    tx_end(tx);
    REQUIRE_OK(tx_read(a, &tx, t->e), t->e);
    EXPECT_EQ_I64(count_things(t, tx), 20);
    tx_end(tx);
    conn_close(a);
    conn_close(b);
    store_close(s);
}

/* More dynamic texts than the cache holds; those of one Tx all stay. */
BOTH_ENGINES(dynamic_statements_are_cached)
{
    Store *s = open_store(t);
    Conn *c;
    Tx *tx;
    Stmt *st, *again;
    int64_t n;
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    for (int i = 0; i < STORE_DYNAMIC_MAX + 40; i++) {
        if (i % 100 == 0)
            REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
        Str sql = str_fmt(tx_arena(tx), "SELECT %d + count(*) FROM thing", i);
        REQUIRE_OK(tx_prepare(tx, sql, &st, t->e), t->e);
        REQUIRE_OK(tx_prepare(tx, sql, &again, t->e), t->e);
        EXPECT(st == again);
        REQUIRE_OK(tx_ask_i64(tx, sql, &n, t->e), t->e);
        EXPECT_EQ_I64(n, i);
        if (i % 100 == 99)
            tx_end(tx);
    }
    tx_end(tx);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    int rc = 0;
    for (int i = 0; rc == 0 && i < STORE_DYNAMIC_MAX + 1; i++)
        rc = tx_prepare(tx, str_fmt(tx_arena(tx), "SELECT %d - count(*) FROM thing", i), &st, t->e);
    EXPECT_ERR(rc, ERR_LIMIT, t->e);
    tx_end(tx);
    conn_close(c);
    store_close(s);
}

BOTH_ENGINES(a_store_that_is_not_there)
{
    Store *s;
    t->opt.must_exist = true;
    t->opt.path = t->engine == ENGINE_PG ? S("host=/nowhere dbname=x")
                                         : str_fmt(t->arena, "%.*s/none.db", STR_ARG(t->dir));
    EXPECT_ERR(store_open(t->env, &t->opt, &s, t->e), t->engine == ENGINE_PG ? ERR_IO : ERR_MISSING,
               t->e);
}
