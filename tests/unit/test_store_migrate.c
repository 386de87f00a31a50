/* test_store_migrate.c: a database made by the first program (tests/data/schema_1) is refused to
 * who reads and brought up to today's tables by who writes, with all that stood in it. */
#include <fcntl.h>

#include "embed.h"
#include "store/store_int.h"
#include "test_store_util.h"

/* Rows of the first program: an administrator who is signed in, a change of a record, a photo. */
static const char rows[] =
    "INSERT INTO meta VALUES('schema', '1'), ('made_ms', '5');"
    "INSERT INTO unit VALUES(1, NULL, 'county', 'c', 'County', 0, NULL, NULL, 1, 1);"
    "INSERT INTO seat VALUES(1, 1, 'head', 1);";

static Str read_old(TestStore *t, const char *name)
{
    Str text;
    REQUIRE_OK(env_real()->fns->read_file(env_real()->self, t->arena,
                                          str_fmt(t->arena, "tests/data/schema_1/%s", name),
                                          1 << 20, &text, t->e),
               t->e);
    return text;
}

static int put_old(Tx *tx, void *arg, Err *e)
{
    Str *sql = arg;
    Arena *a = tx_arena(tx);
    Uuid person = {{7}};
    Stmt *s;
    TRY(tx_script(tx, sql_schema(a, tx_engine(tx), sql[0]), e));
    if (sql[1].n)
        TRY(tx_script(tx, sql_schema(a, tx_engine(tx), sql[1]), e));
    TRY(tx_script(tx, str_of(rows), e));
    TRY(tx_prepare(tx, S("INSERT INTO person VALUES(?1, '陈', 5)"), &s, e));
    bind_uuid(s, 1, person);
    TRY(stmt_run(s, e));
    TRY(tx_prepare(
        tx, S("INSERT INTO account VALUES(1, ?1, 'admin', NULL, 1, 0, 3, 0, 0, 'zh', 5)"), &s, e));
    bind_uuid(s, 1, person);
    TRY(stmt_run(s, e));
    TRY(tx_prepare(tx, S("INSERT INTO session VALUES(?1, 1, 'c', 5, 6)"), &s, e));
    bind_blob(s, 1, "session", 7);
    TRY(stmt_run(s, e));
    TRY(tx_prepare(tx,
                   S("INSERT INTO history VALUES(1, 1, 5, ?1, 2, 1, 3, ?1, NULL, ?2, ?2, ?2)"), &s,
                   e));
    bind_uuid(s, 1, person);
    bind_blob(s, 2, "body", 4);
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

static int put_old_files(Tx *tx, void *arg, Err *e)
{
    const Str *sql = arg;
    Uuid id = {{9}};
    Stmt *s;
    if (!store_has_table(tx, S("file")))
        TRY(tx_script(tx, sql_schema(tx_arena(tx), tx_engine(tx), *sql), e));
    TRY(tx_prepare(tx,
                   S("INSERT INTO file(id, owner, mime, bytes, sm3, source, made_ms)"
                     " VALUES(?1, ?1, 'image/jpeg', 4, ?2, ?2, 5)"),
                   &s, e));
    bind_uuid(s, 1, id);
    bind_blob(s, 2, "body", 4);
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

/* Columns and indexes, sorted, as one text: two databases of the same tables have the same. */
static Str shape_of(TestStore *t, Store *s)
{
    Conn *c;
    Tx *tx;
    Stmt *st;
    Buf b = {.arena = t->arena};
    Str ask = t->engine == ENGINE_PG
                  ? S("SELECT table_name || '.' || column_name || ' ' || data_type || ' ' ||"
                      " is_nullable FROM information_schema.columns"
                      " WHERE table_schema = current_schema() UNION ALL SELECT indexdef FROM"
                      " pg_catalog.pg_indexes WHERE schemaname = current_schema() ORDER BY 1")
                  : S("SELECT m.name || '.' || p.name || ' ' || p.type || ' ' || p.\"notnull\""
                      " FROM sqlite_schema m, pragma_table_info(m.name) p ORDER BY 1");
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    REQUIRE_OK(tx_prepare(tx, ask, &st, t->e), t->e);
    int rc;
    while ((rc = stmt_step(st, t->e)) == 1)
        buf_fmt(&b, "%.*s\n", STR_ARG(col_str(st, 0)));
    EXPECT_EQ_I64(rc, 0);
    tx_end(tx);
    conn_close(c);
    return buf_view(&b);
}

static int64_t ask(TestStore *t, Store *s, Str sql)
{
    Conn *c;
    Tx *tx;
    int64_t n = -1;
    REQUIRE_OK(store_conn(s, &c, t->e), t->e);
    REQUIRE_OK(tx_read(c, &tx, t->e), t->e);
    EXPECT_OK(tx_ask_i64(tx, sql, &n, t->e), t->e);
    tx_end(tx);
    conn_close(c);
    return n;
}

static Str both_sql(TestStore *t)
{
    return t->engine == ENGINE_PG ? str_fmt(t->arena, "%.*s\n%.*s", STR_ARG(embed_core_sql),
                                            STR_ARG(embed_files_sql))
                                  : embed_core_sql;
}

static void open_old(TestStore *t, Store **ret, Store **ret_files)
{
    Str core[] = {read_old(t, "core.sql"), S("")}, files = read_old(t, "files.sql");
    REQUIRE_OK(store_open(t->env, &t->opt, ret, t->e), t->e);
    REQUIRE_OK(store_write(*ret, NULL, put_old, core, t->e), t->e);
    *ret_files = *ret;
    if (t->engine == ENGINE_SQLITE) {
        StoreOptions opt = t->opt;
        opt.path = t->files_path;
        REQUIRE_OK(store_open(t->env, &opt, ret_files, t->e), t->e);
    }
    REQUIRE_OK(store_write(*ret_files, NULL, put_old_files, &files, t->e), t->e);
}

/* A second opening finds nothing to do. */
static void upgrade(TestStore *t, Store *s, Store *f, int64_t from)
{
    int64_t was = -1;
    if (f != s) {
        REQUIRE_OK(store_upgrade(f, embed_files_sql, embed_migrate_sql, &was, t->e), t->e);
        EXPECT_EQ_I64(was, 0);
    }
    REQUIRE_OK(store_upgrade(s, both_sql(t), embed_migrate_sql, &was, t->e), t->e);
    EXPECT_EQ_I64(was, from);
}

BOTH_ENGINES(an_older_database_is_refused_then_brought_up)
{
    Store *s, *f, *fresh;
    open_old(t, &s, &f);
    EXPECT(store_check_schema(s, t->e) == ERR_CONFLICT);
    EXPECT_STR(t->e->key, "store.older");
    EXPECT_STR(t->e->args[0], "1");
    err_clear(t->e);
    EXPECT_ERR(store_migrate(s, embed_core_sql, t->e), ERR_CONFLICT, t->e);
    err_clear(t->e);
    upgrade(t, s, f, 1);
    EXPECT_OK(store_check_schema(s, t->e), t->e);
    EXPECT_EQ_I64(ask(t, s, S("SELECT admin FROM account WHERE name = 'admin'")), 1);
    EXPECT_EQ_I64(ask(t, s, S("SELECT count(*) FROM session WHERE view_seat IS NULL AND"
                              " view_until IS NULL AND seen_ms = 6")), 1);
    EXPECT_EQ_I64(ask(t, s, S("SELECT count(*) FROM history WHERE deputy_for IS NULL AND seq = 1")),
                  1);
    EXPECT_EQ_I64(ask(t, f, S("SELECT count(*) FROM file WHERE name IS NULL AND bytes = 4")), 1);
    EXPECT_EQ_I64(ask(t, s, S("SELECT count(*) FROM meta WHERE key = 'owed'")), 1);
    EXPECT_EQ_I64(ask(t, s, S("SELECT count(*) FROM cell")), 0);
    upgrade(t, s, f, store_schema());
    StoreOptions opt = t->opt;
    opt.path = test_store_more(t, "fresh");
    REQUIRE_OK(store_open(t->env, &opt, &fresh, t->e), t->e);
    REQUIRE_OK(store_migrate(fresh, embed_core_sql, t->e), t->e);
    if (t->engine == ENGINE_PG)
        REQUIRE_OK(store_migrate(fresh, embed_files_sql, t->e), t->e);
    Str is = shape_of(t, s), should = shape_of(t, fresh);
    EXPECT(should.n > 2000);
    EXPECT_STR(is, str_z(t->arena, should));
    store_close(fresh);
    if (f != s)
        store_close(f);
    store_close(s);
}

/* A step that fails leaves the older database as it was. */
BOTH_ENGINES(a_step_that_fails_leaves_all_as_it_was)
{
    Store *s, *f;
    int64_t from = -7;
    open_old(t, &s, &f);
    Str before = shape_of(t, s);
    Str bad = str_fmt(t->arena, "%.*s\nINSERT INTO nosuch VALUES(1);\n",
                      STR_ARG(embed_migrate_sql));
    EXPECT(store_upgrade(s, both_sql(t), bad, &from, t->e) < 0);
    err_clear(t->e);
    EXPECT_EQ_I64(from, -7);
    EXPECT_STR(shape_of(t, s), str_z(t->arena, before));
    EXPECT_ERR(store_check_schema(s, t->e), ERR_CONFLICT, t->e);
    err_clear(t->e);
    upgrade(t, s, f, 1);
    if (f != s)
        store_close(f);
    store_close(s);
}

BOTH_ENGINES(what_is_no_database_of_ours_is_not_brought_up)
{
    Store *s;
    int64_t from = -7;
    REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
    EXPECT_ERR(store_upgrade(s, embed_core_sql, embed_migrate_sql, &from, t->e), ERR_CORRUPT, t->e);
    err_clear(t->e);
    EXPECT_ERR(store_check_schema(s, t->e), ERR_CORRUPT, t->e);
    EXPECT_EQ_I64(from, -7);
    store_close(s);
}
