/* store_sqlite.c: SQLite behind the vtable. The only file that knows sqlite3.h.
 *
 * One connection of one process writes and checkpoints; all others are read-only and never
 * checkpoint, not even on close: so the WAL-reset race of 3.40 cannot happen.           STACK: 3
 */
#include "store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

enum { OWN_BEGIN, OWN_COMMIT, OWN_ROLLBACK, OWN_SAVEPOINT, OWN_RELEASE, OWN_UNDO, OWN_READ };

/* ---- errors -------------------------------------------------------------------------------- */

/* After `prefix` the message lists table.column, table.column. */
static Str lite_columns(Str message)
{
    const Str mark = S("constraint failed: ");
    ptrdiff_t at = str_find(message, mark);
    return at < 0 ? message : str_sub(message, (size_t)at + mark.n, message.n);
}

/* SQLite does not say which foreign key: the table that was written is the nearest. */
static Str lite_table(Str sql)
{
    static const Str before[] = {S("INTO "), S("UPDATE "), S("DELETE FROM ")};
    for (size_t i = 0; i < LEN(before); i++) {
        ptrdiff_t at = str_find(sql, before[i]);
        if (at < 0)
            continue;
        Str name = str_sub(sql, (size_t)at + before[i].n, sql.n);
        size_t n = 0;
        while (n < name.n && name.p[n] != ' ' && name.p[n] != '(' && name.p[n] != '\n')
            n++;
        return str_sub(name, 0, n);
    }
    return S("?");
}

/* The class and message of a failed call. Not for the Tx's books: see lite_fail. */
static int lite_err(Conn *c, int code, Str name, Err *e)
{
    Str message = str_of(c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(code));
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        check_failed(__FILE__, __LINE__, "out of memory");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(e, ERR_BUSY, "store.busy");
    case SQLITE_INTERRUPT:
        return err_set(e, ERR_BUSY, "store.too_slow");
    case SQLITE_FULL:
        return err_set(e, ERR_BUSY, "store.full", name, message);
    case SQLITE_IOERR:
        return err_set(e, c->role == CONN_WRITER ? ERR_BUSY : ERR_IO, "store.io", name, message);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return err_set(e, ERR_IO, "store.io", name, message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_set(e, ERR_CORRUPT, "store.corrupt", name, message);
    default:
        return err_set(e, ERR_BUG, "store.bug", name, message);
    }
}

static int lite_constraint(Stmt *st, int code, Err *e)
{
    Str message = str_of(sqlite3_errmsg(st->c->db));
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return err_set(e, ERR_EXISTS, "store.exists", lite_columns(message));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return err_set(e, ERR_MISSING, "store.points_nowhere",
                       lite_table(str_of(sqlite3_sql(st->lite))));
    default:
        return err_set(e, ERR_BUG, "store.bug", stmt_name(st), message);
    }
}

static int lite_fail(Stmt *st, Err *e)
{
    Conn *c = st->c;
    int code = sqlite3_extended_errcode(c->db);
    int cls = (code & 0xff) == SQLITE_CONSTRAINT ? lite_constraint(st, code, e)
                                                 : lite_err(c, code, stmt_name(st), e);
    if (c->tx.is_write && (cls == ERR_BUSY || sqlite3_get_autocommit(c->db)))
        c->tx.is_dead = true;
    return tx_fail(&c->tx, cls);
}

/* ---- connections --------------------------------------------------------------------------- */

/* SQLite's own settings are the process's; they hold when made before its first use. */
static void lite_config(void)
{
    (void)sqlite3_config(
        SQLITE_CONFIG_MULTITHREAD); /* MISUSE: someone was first; NOMUTEX says it too */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int lite_deadline(void *arg)
{
    const Conn *c = arg;
    return c->until_us != 0 && env_mono_us(c->s->env) > c->until_us;
}

static int lite_on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    ((Conn *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static int lite_exec(Conn *c, const char *sql, Err *e)
{
    int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : lite_err(c, code, str_of(sql), e);
}

/* Makes the file itself, so it is nobody else's to read whatever the umask. */
static int lite_create(Store *s, Err *e)
{
    if (access(s->path, F_OK) == 0)
        return 0;
    if (s->must_exist)
        return err_set(e, ERR_MISSING, "store.no_file", str_of(s->path));
    int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || close(fd) < 0)
        return err_set(e, ERR_IO, "store.open_failed", str_of(s->path), str_of(strerror(errno)));
    return 0;
}

static int lite_ask_text(Conn *c, const char *sql, char *ret, size_t ret_size, Err *e)
{
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    int rc = 0;
    if (code == SQLITE_ROW)
        (void)snprintf(ret, ret_size, "%s", (const char *)sqlite3_column_text(st, 0));
    else
        rc = lite_err(c, code, str_of(c->s->path), e);
    (void)sqlite3_finalize(st); /* repeats the step's failure */
    return rc;
}

static int lite_set_up(Conn *c, Err *e)
{
    static const struct {
        int what, value;
    } flags[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    };
    for (size_t i = 0; i < LEN(flags); i++)
        CHECK(sqlite3_db_config(c->db, flags[i].what, flags[i].value, NULL) == SQLITE_OK);
    if (c->role != CONN_WRITER)
        CHECK(sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK);
    (void)sqlite3_limit(c->db, SQLITE_LIMIT_EXPR_DEPTH, STORE_DEPTH_MAX); /* gives the old one */
    (void)sqlite3_limit(c->db, SQLITE_LIMIT_VARIABLE_NUMBER, STORE_PARAMS_MAX);
    (void)sqlite3_busy_timeout(c->db, STORE_BUSY_MS);
    TRY(lite_exec(c,
                  "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                  "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA synchronous=FULL",
                  e));
    char answer[64] = "";
    if (c->role == CONN_WRITER) {
        TRY(lite_exec(c, "PRAGMA page_size=4096; PRAGMA cache_size=-16384", e));
        TRY(lite_ask_text(c, "PRAGMA journal_mode=WAL", answer, sizeof answer, e));
        if (strcmp(answer, "wal") != 0)
            return err_set(e, ERR_IO, "store.no_wal", str_of(c->s->path));
        TRY(lite_exec(c, "PRAGMA journal_size_limit=67108864", e));
        (void)sqlite3_wal_hook(c->db, lite_on_wal, c); /* instead of wal_autocheckpoint */
    } else {
        TRY(lite_exec(c, "PRAGMA cache_size=-2000; PRAGMA wal_autocheckpoint=0", e));
        if (c->role == CONN_READER)
            TRY(lite_exec(c, "PRAGMA query_only=ON", e));
    }
    return lite_ask_text(c, "SELECT count(*) FROM sqlite_schema", answer, sizeof answer, e);
}

static int lite_own(Conn *c, Err *e)
{
    static const char *const texts[LITE_OWN_MAX] = {
        [OWN_BEGIN] = "BEGIN IMMEDIATE",
        [OWN_COMMIT] = "COMMIT",
        [OWN_ROLLBACK] = "ROLLBACK",
        [OWN_SAVEPOINT] = "SAVEPOINT r",
        [OWN_RELEASE] = "RELEASE r",
        [OWN_UNDO] = "ROLLBACK TO r",
        [OWN_READ] = "BEGIN",
    };
    for (size_t i = 0; i < LITE_OWN_MAX; i++) {
        int code =
            sqlite3_prepare_v3(c->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &c->own[i], NULL);
        if (code != SQLITE_OK)
            return lite_err(c, code, str_of(texts[i]), e);
    }
    return 0;
}

static int lite_open(Conn *c, Err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CHECK(pthread_once(&once, lite_config) == 0);
    if (c->role == CONN_WRITER)
        TRY(lite_create(c->s, e));
    else if (access(c->s->path, F_OK) != 0)
        return err_set(e, ERR_MISSING, "store.no_file", str_of(c->s->path));
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (c->role == CONN_WRITER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    int code = sqlite3_open_v2(c->s->path, &c->db, flags, NULL);
    if (code != SQLITE_OK)
        return err_set(e, ERR_IO, "store.open_failed", str_of(c->s->path),
                       str_of(c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(code)));
    TRY(lite_set_up(c, e));
    TRY(lite_own(c, e));
    if (c->role == CONN_READER)
        sqlite3_progress_handler(c->db, 10000, lite_deadline, c);
    return 0;
}

static void lite_close(Conn *c)
{
    for (size_t i = 0; i < LITE_OWN_MAX; i++) {
        (void)sqlite3_finalize(c->own[i]); /* repeats an earlier failure */
        c->own[i] = NULL;
    }
    CHECK(sqlite3_close(c->db) == SQLITE_OK); /* BUSY: a statement was left */
    c->db = NULL;
}

/* ---- transactions -------------------------------------------------------------------------- */

static int lite_do(Conn *c, int which, Err *e)
{
    int code = sqlite3_step(c->own[which]);
    int rc = code == SQLITE_DONE ? 0 : lite_err(c, code, str_of(sqlite3_sql(c->own[which])), e);
    (void)sqlite3_reset(c->own[which]); /* repeats the step's failure */
    return rc;
}

static int lite_begin(Tx *tx, Err *e)
{
    Conn *c = tx->c;
    c->until_us = 0;
    if (!tx->is_write && c->role == CONN_READER)
        c->until_us = env_mono_us(c->s->env) + (int64_t)STORE_READ_MS * 1000;
    return lite_do(c, tx->is_write ? OWN_BEGIN : OWN_READ, e);
}

static int lite_commit(Tx *tx, Err *e)
{
    return lite_do(tx->c, OWN_COMMIT, e);
}

static void lite_rollback(Tx *tx)
{
    Conn *c = tx->c;
    tx_reset_used(tx);
    Err e = err_on(tx->arena);
    if (!sqlite3_get_autocommit(c->db)) /* else the engine has done it */
        CHECK(lite_do(c, OWN_ROLLBACK, &e) == 0 || sqlite3_get_autocommit(c->db));
}

static void lite_end_read(Tx *tx)
{
    tx->c->until_us = 0;
    lite_rollback(tx);
}

int lite_savepoint(Conn *c, Err *e)
{
    return lite_do(c, OWN_SAVEPOINT, e);
}
int lite_release(Conn *c, Err *e)
{
    return lite_do(c, OWN_RELEASE, e);
}

int lite_undo(Conn *c, Err *e)
{
    TRY(lite_do(c, OWN_UNDO, e));
    return lite_do(c, OWN_RELEASE, e);
}

bool lite_wants_checkpoint(const Conn *c, bool is_pause)
{
    return c->wal_pages > (is_pause ? STORE_WAL_PAUSE_PAGES : STORE_WAL_PAGES);
}

/* A failed checkpoint loses nothing: the pages stay in the WAL and the next one tries again; a disk
 * that is really broken fails the next commit, which is answered for. */
void lite_checkpoint(Conn *c)
{
    bool is_large = c->wal_pages > STORE_WAL_LARGE_PAGES;
    int log = -1, done = -1;
    if (is_large)
        (void)sqlite3_busy_timeout(c->db, STORE_WAL_WAIT_MS);
    int code = sqlite3_wal_checkpoint_v2(
        c->db, NULL, is_large ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &log, &done);
    if (is_large)
        (void)sqlite3_busy_timeout(c->db, STORE_BUSY_MS);
    if (code == SQLITE_OK && log == done)
        c->wal_pages = 0;
}

static int lite_script(Tx *tx, Str sql, Err *e)
{
    int rc = lite_exec(tx->c, str_z(tx->arena, sql), e);
    if (rc == 0)
        return 0;
    if (sqlite3_get_autocommit(tx->c->db))
        tx->is_dead = true;
    return tx_fail(tx, rc);
}

int lite_copy_to(Store *s, Str path, Err *e)
{
    Conn *c;
    TRY(conn_new(s, CONN_WHOLE, &c, e));
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(c->db, "VACUUM INTO ?1", -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(st, 1, path.p, (int)path.n, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    int rc = code == SQLITE_DONE
                 ? 0
                 : err_set(e, (code & 0xff) == SQLITE_CORRUPT ? ERR_CORRUPT : ERR_IO,
                           "store.copy_failed", path, str_of(sqlite3_errmsg(c->db)));
    (void)sqlite3_finalize(st); /* repeats the step's failure */
    conn_close(c);
    return rc;
}

/* ---- statements ---------------------------------------------------------------------------- */

static int lite_prepare(Stmt *st, Str text, Err *e)
{
    Conn *c = st->c;
    const char *tail = NULL;
    CHECK(!st->lite);
    int code =
        sqlite3_prepare_v3(c->db, text.p, (int)text.n, SQLITE_PREPARE_PERSISTENT, &st->lite, &tail);
    if (code != SQLITE_OK || !st->lite) {
        if (code == SQLITE_OK || code == SQLITE_ERROR)
            return err_set(e, ERR_BUG, "store.bad_sql", stmt_name(st),
                           str_of(sqlite3_errmsg(c->db)));
        return lite_err(c, code, stmt_name(st), e);
    }
    st->param_n = sqlite3_bind_parameter_count(st->lite);
    st->is_changing = !sqlite3_stmt_readonly(st->lite);
    return 0;
}

static void lite_drop(Stmt *st)
{
    (void)sqlite3_finalize(st->lite); /* repeats an earlier failure */
    st->lite = NULL;
}

static void lite_clear(Stmt *st)
{
    (void)sqlite3_clear_bindings(st->lite); /* always OK */
}

static void lite_bind_int(Stmt *st, int ix, int64_t v)
{
    CHECK(sqlite3_bind_int64(st->lite, ix, v) == SQLITE_OK);
}

static void lite_bind_text(Stmt *st, int ix, Str v)
{
    CHECK(sqlite3_bind_text(st->lite, ix, v.p, (int)v.n, SQLITE_STATIC) == SQLITE_OK);
}

static void lite_bind_blob(Stmt *st, int ix, Str v)
{
    CHECK(sqlite3_bind_blob(st->lite, ix, v.p, (int)v.n, SQLITE_STATIC) == SQLITE_OK);
}

static void lite_bind_uuid(Stmt *st, int ix, const Uuid *v)
{
    uint8_t *cell = st->cells[ix - 1]; /* the caller's copy is gone before the step */
    memcpy(cell, v->b, sizeof v->b);
    CHECK(sqlite3_bind_blob(st->lite, ix, cell, sizeof v->b, SQLITE_STATIC) == SQLITE_OK);
}

static void lite_bind_null(Stmt *st, int ix)
{
    CHECK(sqlite3_bind_null(st->lite, ix) == SQLITE_OK);
}

static int lite_step(Stmt *st, Err *e)
{
    int code = sqlite3_step(st->lite);
    st->is_row = code == SQLITE_ROW;
    if (st->is_row)
        return 1;
    int rc = code == SQLITE_DONE ? 0 : lite_fail(st, e);
    (void)sqlite3_reset(st->lite); /* repeats the step's failure */
    return rc;
}

static int lite_run(Stmt *st, Err *e)
{
    int rc, n = 0;
    while ((rc = lite_step(st, e)) == 1)
        n++;
    if (rc < 0)
        return rc;
    return st->is_changing ? sqlite3_changes(st->c->db) : n;
}

static int lite_send(Stmt *st, Err *e)
{
    CHECK(sqlite3_column_count(st->lite) == 0); /* no RETURNING: PostgreSQL would not wait for it */
    int rc = lite_run(st, e);
    return rc < 0 ? rc : 0;
}

static void lite_reset(Stmt *st)
{
    (void)sqlite3_reset(st->lite); /* repeats a step's failure */
}

static bool lite_col_null(Stmt *st, int ix)
{
    DCHECK(ix < sqlite3_column_count(st->lite));
    return sqlite3_column_type(st->lite, ix) == SQLITE_NULL;
}

static int64_t lite_col_int(Stmt *st, int ix)
{
    DCHECK(ix < sqlite3_column_count(st->lite));
    return sqlite3_column_int64(st->lite, ix);
}

static Str lite_col_bytes(Stmt *st, int ix, bool is_text)
{
    if (lite_col_null(st, ix))
        return STR_NONE;
    const char *p = is_text ? (const char *)sqlite3_column_text(st->lite, ix)
                            : sqlite3_column_blob(st->lite, ix);
    size_t n = (size_t)sqlite3_column_bytes(st->lite, ix);
    CHECK(p || n == 0);
    return (Str){p ? p : "", n}; /* an empty blob has no address */
}

const StoreVt store_vt_lite = {
    .open = lite_open,
    .close = lite_close,
    .prepare = lite_prepare,
    .drop = lite_drop,
    .begin = lite_begin,
    .commit = lite_commit,
    .rollback = lite_rollback,
    .end_read = lite_end_read,
    .clear = lite_clear,
    .bind_int = lite_bind_int,
    .bind_text = lite_bind_text,
    .bind_blob = lite_bind_blob,
    .bind_uuid = lite_bind_uuid,
    .bind_null = lite_bind_null,
    .step = lite_step,
    .run = lite_run,
    .send = lite_send,
    .reset = lite_reset,
    .col_null = lite_col_null,
    .col_int = lite_col_int,
    .col_bytes = lite_col_bytes,
    .script = lite_script,
    .submit = writer_submit,
};
