/* test_store_schema.c: rewriting of SQL, the first schema, the check and the copy of the whole. */
#include <fcntl.h>
#include <unistd.h>

#include "embed.h"
#include "store/store_int.h"
#include "test_store_util.h"

TEST(parameters_are_numbered_outside_quotes)
{
    Arena *a = arena_new(4096);
    EXPECT_STR(sql_numbered(a, S("a=?1 AND b='?2''?3' OR \"?4\"=?12 -- ?5\n+?6 /* ?7 ' */ ? x")),
               "a=$1 AND b='?2''?3' OR \"?4\"=$12 -- ?5\n+$6 /* ?7 ' */ ? x");
    EXPECT_STR(sql_numbered(a, S("'?1")), "'?1");
    EXPECT_STR(sql_numbered(a, S("/* ?1")), "/* ?1");
    EXPECT_STR(sql_numbered(a, S("1-?1/?2")), "1-$1/$2");
    arena_free(a);
}

TEST(schema_speaks_each_engine)
{
    Arena *a = arena_new(4096);
    Str sql =
        S("CREATE TABLE t(a BIGINT, b TEXT, c BLOB, d UUID, BIGINTS BIGINT) STRICT; -- TEXT BLOB");
    EXPECT_STR(
        sql_schema(a, ENGINE_SQLITE, sql),
        "CREATE TABLE t(a INTEGER, b TEXT, c BLOB, d BLOB, BIGINTS INTEGER) STRICT; -- TEXT BLOB");
    EXPECT_STR(sql_schema(a, ENGINE_PG, sql),
               "CREATE TABLE t(a bigint, b text COLLATE \"C\", c bytea, d uuid, BIGINTS bigint) ;"
               " -- TEXT BLOB");
    arena_free(a);
}

static int has_tables(Tx *tx, void *arg, Err *e)
{
    (void)arg, (void)e;
    EXPECT(store_has_table(tx, S("meta")));
    EXPECT(store_has_table(tx, S("history")));
    EXPECT(!store_has_table(tx, S("histor_")));
    return 0;
}

static int set_newer(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    return tx_script(tx, S("UPDATE meta SET value = '99' WHERE key = 'schema'"), e);
}

BOTH_ENGINES(schema_is_made_once)
{
    Store *s;
    Conn *c;
    Tx *tx;
    int64_t n;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    REQUIRE_OK(store_migrate(s, embed_core_sql, t->e), t->e);
    REQUIRE_OK(store_migrate(s, embed_core_sql, t->e), t->e);
    REQUIRE_OK(store_write(s, NULL, has_tables, NULL, t->e), t->e);
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    EXPECT_OK(tx_ask_i64(tx,
                         S("SELECT count(*) FROM meta WHERE (key = 'schema' AND value = '3')"
                           " OR (key = 'made_ms' AND value = '1795161600000')"),
                         &n, t->e),
              t->e);
    EXPECT_EQ_I64(n, 2);
    tx_end(tx);
    conn_close(c);
    REQUIRE_OK(store_write(s, NULL, set_newer, NULL, t->e), t->e);
    EXPECT_ERR(store_migrate(s, embed_core_sql, t->e), ERR_CONFLICT, t->e);
    store_close(s);
}

/* Attachments: a file of their own, or the same database. */
BOTH_ENGINES(files_schema_goes_beside)
{
    Store *s, *f;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    REQUIRE_OK(store_migrate(s, embed_core_sql, t->e), t->e);
    t->opt.path = t->files_path;
    REQUIRE_OK(store_open(t->env, &t->opt, &f, t->e), t->e);
    REQUIRE_OK(store_migrate(f, embed_files_sql, t->e), t->e);
    REQUIRE_OK(store_migrate(f, embed_files_sql, t->e), t->e);
    store_close(f);
    store_close(s);
}

static int add_meta(Tx *tx, void *arg, Err *e)
{
    Stmt *st;
    TRY(tx_prepare(tx, S("INSERT INTO meta(key, value) VALUES(?1, 'x')"), &st, e));
    bind_str(st, 1, str_fmt(tx_arena(tx), "k%d", *(const int *)arg));
    int rc = stmt_run(st, e);
    return rc < 0 ? rc : 0;
}

static void *keep_writing(void *arg)
{
    TestStore *t = ((void **)arg)[0];
    Store *s = ((void **)arg)[1];
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    (void)t;
    for (int i = 0; i < 200; i++)
        EXPECT_OK(store_write(s, NULL, add_meta, &i, &e), &e);
    arena_free(a);
    return NULL;
}

BOTH_ENGINES(a_copy_is_whole)
{
    Store *s, *b;
    Conn *c;
    Tx *tx;
    int64_t n;
    Str path = str_fmt(t->arena, "%.*s/copy.db", STR_ARG(t->dir));
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    REQUIRE_OK(store_migrate(s, embed_core_sql, t->e), t->e);
    if (t->engine == ENGINE_PG) {
        EXPECT_ERR(store_copy_to(s, path, t->e), ERR_DENIED, t->e);
        store_close(s);
        return;
    }
    pthread_t thread;
    void *arg[] = {t, s};
    REQUIRE(pthread_create(&thread, NULL, keep_writing, arg) == 0);
    REQUIRE_OK(store_copy_to(s, path, t->e), t->e);
    EXPECT_ERR(store_copy_to(s, path, t->e), ERR_EXISTS, t->e);
    REQUIRE(pthread_join(thread, NULL) == 0);
    store_close(s);
    StoreOptions opt = {.engine = ENGINE_SQLITE, .path = path};
    REQUIRE_OK(store_open(t->env, &opt, &b, t->e), t->e);
    EXPECT_EQ_I64(store_check_pages(b, NULL, NULL, t->e), 0);
    REQUIRE_OK(store_conn(b, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    REQUIRE_OK(tx_ask_i64(tx, S("SELECT count(*) FROM meta"), &n, t->e), t->e);
    EXPECT(n >= 2 && n <= 202);
    int64_t last;
    REQUIRE_OK(tx_ask_i64(tx, S("SELECT count(*) FROM meta WHERE key = 'schema'"), &last, t->e),
               t->e);
    EXPECT_EQ_I64(last, 1);
    tx_end(tx);
    conn_close(c);
    store_close(b);
}

static void on_finding(void *ctx, Str finding)
{
    EXPECT(finding.n > 0);
    ++*(int *)ctx;
}

static int fill(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    Str big = str_fmt(tx_arena(tx), "%0400d", 0);
    for (int i = 0; i < 200; i++) {
        Stmt *st;
        TRY(tx_prepare(tx, S("INSERT INTO meta(key, value) VALUES(?1, ?2)"), &st, e));
        bind_str(st, 1, str_fmt(tx_arena(tx), "fill%d", i));
        bind_str(st, 2, big);
        TRY(stmt_run(st, e));
    }
    return 0;
}

BOTH_ENGINES(pages_are_checked)
{
    Store *s;
    int said = 0;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    REQUIRE_OK(store_migrate(s, embed_core_sql, t->e), t->e);
    REQUIRE_OK(store_write(s, NULL, fill, NULL, t->e), t->e);
    EXPECT_EQ_I64(store_check_pages(s, on_finding, &said, t->e), 0);
    EXPECT_EQ_I64(said, 0);
    store_close(s);
    if (t->engine == ENGINE_PG)
        return;
    int fd = open(str_z(t->arena, t->opt.path), O_RDWR);
    char junk[4096];
    memset(junk, 0x5a, sizeof junk);
    off_t end = lseek(fd, 0, SEEK_END);
    REQUIRE(end >= 20 * 4096);
    REQUIRE(pwrite(fd, junk, sizeof junk, end - 4096) == (ssize_t)sizeof junk);
    REQUIRE(pwrite(fd, junk, sizeof junk, end - 6 * 4096) == (ssize_t)sizeof junk);
    REQUIRE(close(fd) == 0);
    t->opt.is_writer = false;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    int n = store_check_pages(s, on_finding, &said, t->e);
    EXPECT(n > 0 || n == ERR_CORRUPT);
    EXPECT(n < 0 || n == said);
    store_close(s);
}

TEST(junk_is_not_a_database)
{
    TestStore t;
    Store *s;
    test_store_begin(&t, ENGINE_SQLITE);
    FILE *f = fopen(str_z(t.arena, t.opt.path), "w");
    REQUIRE(f && fputs("this is a letter, and it is long enough to be no empty file", f) >= 0);
    for (int i = 0; i < 2000; i++)
        fputs(" and so on", f);
    REQUIRE(fclose(f) == 0);
    EXPECT_ERR(store_open(t.env, &t.opt, &s, t.e), ERR_CORRUPT, t.e);
    test_store_end(&t);
}
