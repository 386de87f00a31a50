/* test_store_sqlite.c: what only SQLite has: the disk that fails, readers of another process, the
 * WAL. */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_store_util.h"

static const SqlDef defs[] = {
    {"test_add", "INSERT INTO thing(id, body) VALUES (?1, zeroblob(3000))", NULL, 1, 0},
};

static int make_tables(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    return tx_script(tx, S("CREATE TABLE thing(id INTEGER NOT NULL PRIMARY KEY, body BLOB) STRICT"),
                     e);
}

static int apply_add(Tx *tx, void *arg, Err *e)
{
    Stmt *st = tx_sql(tx, &defs[0]);
    bind_i64(st, 1, *(const int64_t *)arg);
    int rc = stmt_run(st, e);
    return rc < 0 ? rc : 0;
}

static Store *open_store(TestStore *t)
{
    Store *s;
    t->opt.sql = defs;
    t->opt.sql_n = LEN(defs);
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

/* ---- a disk that fails when told to: the real one behind it ---------------------------------- */

static sqlite3_vfs shim, *real_vfs;
static sqlite3_io_methods shim_methods[2]; /* the database, its WAL: they lock differently */
static const sqlite3_io_methods *real_methods[2];
static atomic_int fail_syncs, fail_writes;

static const sqlite3_io_methods *real_of(sqlite3_file *f)
{
    return real_methods[f->pMethods == &shim_methods[1]];
}

static int shim_sync(sqlite3_file *f, int flags)
{
    return fail_syncs ? SQLITE_IOERR_FSYNC : real_of(f)->xSync(f, flags);
}

static int shim_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    return fail_writes ? SQLITE_FULL : real_of(f)->xWrite(f, p, n, at);
}

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    int rc = real_vfs->xOpen(real_vfs, name, f, flags, out);
    if (rc != SQLITE_OK || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return rc;
    int ix = (flags & SQLITE_OPEN_WAL) != 0;
    real_methods[ix] = f->pMethods;
    shim_methods[ix] = *f->pMethods;
    shim_methods[ix].xSync = shim_sync;
    shim_methods[ix].xWrite = shim_write;
    f->pMethods = &shim_methods[ix];
    return rc;
}

static void shim_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.zName = "shim";
    shim.xOpen = shim_open;
    REQUIRE(sqlite3_vfs_register(&shim, 1) == SQLITE_OK);
}

static void expect_all_busy(atomic_int *fault)
{
    TestStore t;
    test_store_begin(&t, ENGINE_SQLITE);
    shim_install();
    t.opt.no_thread = true;
    Store *s = open_store(&t);
    int64_t ids[] = {1, 2, 2};
    WriteJob jobs[3];
    *fault = 1;
    for (size_t i = 0; i < LEN(jobs); i++) {
        jobs[i] = (WriteJob){.apply = apply_add, .arg = &ids[i], .err = err_on(t.arena)};
        store_submit(s, NULL, &jobs[i]);
    }
    EXPECT_EQ_I64(store_step(s), 3);
    for (size_t i = 0; i < LEN(jobs); i++) {
        EXPECT_EQ_I64(jobs[i].rc, ERR_BUSY);
        EXPECT_EQ_I64(jobs[i].err.cls, ERR_BUSY);
    }
    *fault = 0;
    EXPECT_EQ_I64(ask(&t, s, S("SELECT count(*) FROM thing")), 0);
    EXPECT_OK(store_write(s, NULL, apply_add, &ids[0], t.e), t.e); /* the disk is well again */
    EXPECT_EQ_I64(ask(&t, s, S("SELECT count(*) FROM thing")), 1);
    store_close(s);
    test_store_end(&t);
}

TEST(a_failing_sync_answers_busy_to_all)
{
    expect_all_busy(&fail_syncs);
}
TEST(a_full_disk_answers_busy_to_all)
{
    expect_all_busy(&fail_writes);
}

/* ---- another process ------------------------------------------------------------------------- */

static int reader_child(TestStore *t)
{
    Store *s;
    t->opt.is_writer = false;
    if (store_open(env_real(), &t->opt, &s, t->e) < 0)
        return 11;
    int64_t before = ask(t, s, S("SELECT count(*) FROM thing"));
    store_close(s);
    return (int)before;
}

/* A command beside a running server reads what is committed and leaves the WAL alone. */
TEST(another_process_reads_beside_the_writer)
{
    TestStore t;
    struct stat wal;
    int64_t id = 1;
    test_store_begin(&t, ENGINE_SQLITE);
    t.opt.no_thread = true; /* a fork keeps no threads */
    Store *s = open_store(&t);
    REQUIRE_OK(store_write(s, NULL, apply_add, &id, t.e), t.e);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0)
        _exit(reader_child(&t));
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    EXPECT(WIFEXITED(status));
    EXPECT_EQ_I64(WEXITSTATUS(status), 1);
    const char *path = str_z(t.arena, str_fmt(t.arena, "%.*s-wal", STR_ARG(t.opt.path)));
    EXPECT(stat(path, &wal) == 0 && wal.st_size > 0);
    id = 2;
    REQUIRE_OK(store_write(s, NULL, apply_add, &id, t.e), t.e);
    EXPECT_EQ_I64(ask(&t, s, S("SELECT count(*) FROM thing")), 2);
    store_close(s);
    EXPECT(stat(path, &wal) != 0); /* the writer, last to go, has put all of it into the file */
    t.opt.is_writer = false;       /* and readers open it with no writer about */
    REQUIRE_OK(store_open(t.env, &t.opt, &s, t.e), t.e);
    EXPECT_EQ_I64(ask(&t, s, S("SELECT count(*) FROM thing")), 2);
    store_close(s);
    test_store_end(&t);
}

TEST(the_file_is_its_owners_alone)
{
    TestStore t;
    struct stat st;
    test_store_begin(&t, ENGINE_SQLITE);
    store_close(open_store(&t));
    REQUIRE(stat(str_z(t.arena, t.opt.path), &st) == 0);
    EXPECT_EQ_I64(st.st_mode & 0777, 0600);
    test_store_end(&t);
}

/* The writer checkpoints, so the WAL starts anew and stays small. */
TEST(the_wal_stays_small)
{
    TestStore t;
    struct stat wal;
    test_store_begin(&t, ENGINE_SQLITE);
    Store *s = open_store(&t);
    for (int64_t id = 1; id <= 1500; id++)
        REQUIRE_OK(store_write(s, NULL, apply_add, &id, t.e), t.e);
    REQUIRE(stat(str_z(t.arena, str_fmt(t.arena, "%.*s-wal", STR_ARG(t.opt.path))), &wal) == 0);
    EXPECT(wal.st_size < 1200 * 4096); /* of the 4,000 pages and more that were written */
    store_close(s);
    test_store_end(&t);
}

/* A query that runs for ever is stopped after 30 s of the clock and says so. */
TEST(a_long_read_is_stopped)
{
    TestStore t;
    Conn *c;
    Tx *tx;
    Stmt *st;
    test_store_begin(&t, ENGINE_SQLITE);
    Store *s = open_store(&t);
    REQUIRE_OK(store_conn(s, &c, t.e), t.e);
    REQUIRE_OK(tx_read(c, &tx, t.e), t.e);
    REQUIRE_OK(tx_prepare(tx,
                          S("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                            " SELECT max(i) FROM n"),
                          &st, t.e),
               t.e);
    env_test_move(t.env, 30001);
    EXPECT_ERR(stmt_step(st, t.e), ERR_BUSY, t.e);
    tx_end(tx);
    REQUIRE_OK(tx_read(c, &tx, t.e), t.e);
    int64_t n;
    EXPECT_OK(tx_ask_i64(tx, S("SELECT count(*) FROM thing"), &n, t.e), t.e);
    tx_end(tx);
    conn_close(c);
    store_close(s);
    test_store_end(&t);
}
