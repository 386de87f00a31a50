/* store.h: one face over SQLite and PostgreSQL. The only room that knows an engine.
 *
 * Model: a Store is one database. Readers have connections of their own and never wait for the
 * writer. Every change is a WriteJob: a function that applies it inside a transaction.
 *   SQLite      one writer thread takes what is queued: BEGIN IMMEDIATE, a savepoint per job, the
 *               seal, one COMMIT (synchronous=FULL), then every job's `done`. A job that fails is
 *               rolled back to its savepoint alone; a commit that fails answers ERR_BUSY to all.
 *   PostgreSQL  the submitting thread runs the job on its own connection, SERIALIZABLE, repeated
 *               on 40001/40P01 at most PG_TRIES times, then ERR_BUSY; `done` is called before
 *               submit returns. A connection lost at COMMIT is "unknown": ERR_BUSY, not repeated.
 * Invariants: a job whose `rc` is 0 in `done` is on disk. Only one process writes an SQLite Store
 *             (the caller holds DIR/lock). apply functions may run more than once (PostgreSQL) and
 *             so write nothing but through their Tx and memory they reset themselves.
 * SQL: fixed SQL comes from the rooms' .sql files through tools/mksql (SqlDef). Parameters are
 *      ?1..?N in both engines' text; the store numbers them for PostgreSQL. Types: bigint, text,
 *      blob, uuid. A parameter's type must follow from where it stands (PostgreSQL decides it).
 * Not here: what the tables mean.                   SPEC: P13  STACK: 3, 4  STYLE: R30-R37
 */
#ifndef STAVE_STORE_H
#define STAVE_STORE_H

#include "base/base.h"

typedef struct Store Store;
typedef struct Conn Conn; /* one connection; one thread at a time */
typedef struct Tx Tx;     /* one transaction on a Conn */
typedef struct Stmt Stmt; /* a prepared statement of a Conn, bound and stepped; belongs to its Tx */

typedef enum Engine { ENGINE_SQLITE, ENGINE_PG } Engine;

/* One named block of a .sql file. `pg` is NULL when the text is the same on both. */
typedef struct SqlDef {
    const char *name;
    const char *text; /* ?1..?N */
    const char *pg;
    uint8_t param_n, col_n;
} SqlDef;

/* Runs at the end of each batch, inside the transaction, over what the jobs of the batch left with
 * tx_pend, in order; a rolled-back job leaves nothing. Fails the whole batch when it fails. */
typedef int (*SealFn)(Tx *tx, void *const *pended, size_t n, void *ctx, Err *e);

typedef struct StoreOptions {
    Engine engine;
    Str path;        /* SQLite: the file. PostgreSQL: a libpq URL or connection string */
    bool is_writer;  /* false: readers only (a command beside a running server) */
    bool must_exist; /* false: the file is created */
    bool no_thread;  /* the writer is stepped by store_step(); for tests */
    const SqlDef *sql; /* all fixed SQL, prepared at open on the engine in use unless `sql_later` */
    size_t sql_n;
    bool sql_later; /* the tables are not made yet; store_check_sql() prepares all once they are */
    SealFn seal;    /* may be NULL */
    void *seal_ctx;
} StoreOptions;

/* Errors: ERR_MISSING no such file; ERR_IO cannot be opened or reached; ERR_CORRUPT not a database;
 * ERR_BUG a fixed statement does not prepare (named in the Err). Owns: copies all it keeps. */
int store_open(Env *env, const StoreOptions *opt, Store **ret, Err *e) MUST_USE;
void store_close(Store *s); /* waits for the queue to drain; takes NULL */
Engine store_engine(const Store *s);
bool store_is_writer(const Store *s);
int store_check_sql(Store *s, Err *e) MUST_USE;

/* ---- reading ---- */
/* A connection of one's own for one thread, read-only. Cached statements live as long as it does.
 * An idle worker may conn_rest() it: caches are given back, it reopens by itself. */
int store_conn(Store *s, Conn **ret, Err *e) MUST_USE;
/* The same without a deadline for one read: proofs, copies, exports. Not for a request. */
int store_conn_whole(Store *s, Conn **ret, Err *e) MUST_USE;
void conn_close(Conn *c); /* takes NULL */
void conn_rest(Conn *c);
int tx_read(Conn *c, Tx **ret, Err *e) MUST_USE; /* a snapshot; one at a time per Conn */
void tx_end(Tx *tx);                             /* ends a read; takes NULL */

/* ---- writing ---- */
typedef struct WriteJob WriteJob;
struct WriteJob {
    int (*apply)(Tx *tx, void *arg, Err *e); /* on the writer's thread; must not block */
    void *arg;
    void (*done)(WriteJob *job); /* after the commit or the failure, on the writer's thread;
                                  * must only hand on (it may free the job). NULL: none */
    void *done_ctx;
    Err err;        /* caller gives an arena; safe: one thread at a time */
    int rc;         /* set before done */
    WriteJob *next; /* the queue's */
};
/* Hands a job to the writer; `job` stays valid until done. `c` is the caller's connection to this
 * store (used by PostgreSQL, which writes on it; ignored by SQLite; NULL opens one for this job).
 */
void store_submit(Store *s, Conn *c, WriteJob *job);
/* The same and waits; returns job.rc with the error in e. */
int store_write(Store *s, Conn *c, int (*apply)(Tx *, void *, Err *), void *arg, Err *e) MUST_USE;
/* With no_thread: takes what is queued, one batch, returns how many jobs it answered. */
size_t store_step(Store *s);
bool tx_is_write(const Tx *tx);
Engine tx_engine(const Tx *tx);
/* Write: lives to the end of the batch (what is pended goes here). Read: to tx_end. */
Arena *tx_arena(Tx *tx);
void tx_pend(Tx *tx, void *item); /* write only: for the seal */
/* The history chain this writer seals: SQLite 1; PostgreSQL by connection, 1.. (a number given up
 * by a closed connection is used again; two processes may hold the same one, and then wait). */
int tx_chain(const Tx *tx);

/* ---- statements ---- */
/* Fixed: `def` is an element of the table given at open (SQL(name) of the generated
 * build/gen/sql.h). That table is borrowed for the Store's life. Reset and unbound when got; a
 * statement may be got again only after it was stepped to its end or reset (it is CHECKed).
 * Dynamic: text with ?1..?N, kept by text in the Conn for its life (at most STORE_DYNAMIC_MAX). */
Stmt *tx_sql(Tx *tx, const SqlDef *def);
int tx_prepare(Tx *tx, Str text, Stmt **ret, Err *e) MUST_USE;
void bind_i64(Stmt *s, int ix, int64_t v); /* ix from 1 */
void bind_day(Stmt *s, int ix, Day d);     /* DAY_NONE is null */
void bind_bool(Stmt *s, int ix, bool v);   /* 0 or 1 */
void bind_str(Stmt *s, int ix, Str v); /* STR_NONE is null; borrowed until the statement is done */
void bind_blob(Stmt *s, int ix, const void *p, size_t n); /* borrowed; p NULL is null */
void bind_uuid(Stmt *s, int ix, Uuid u);                  /* blob of 16 / uuid */
void bind_null(Stmt *s, int ix);
/* PostgreSQL: many values in one parameter, for `unnest(?1::uuid[])`. kind as store_type: the
 * element's. Built in an arena, bound like a blob (borrowed); never empty. */
typedef struct BindList {
    Buf bytes;
    char kind;
    uint32_t n;
    bool has_null;
} BindList;
BindList bind_list_new(Arena *a, char kind);
void bind_list_i64(BindList *l, int64_t v); /* kind 'i' */
void bind_list_bytes(BindList *l, Str v);   /* kinds 't', 'b', 'u' (16 bytes) */
void bind_list_null(BindList *l);
void bind_list(Stmt *s, int ix, BindList *l);
/* A failed statement ends its Tx (its job): all that follow fail too, on both engines, and a job
 * that goes on and returns 0 all the same is ERR_BUG. Ask with ON CONFLICT DO NOTHING where a
 * double is no failure.
 * 1 a row is there, 0 no more (reset), < 0 an error. A unique or foreign key
 * violation is ERR_EXISTS / ERR_MISSING with the constraint's or column's name as args[0]. */
int stmt_step(Stmt *s, Err *e) MUST_USE;
/* Steps to the end; returns rows changed (clamped to INT_MAX) or < 0. */
int stmt_run(Stmt *s, Err *e) MUST_USE;
/* Like stmt_run for a change whose count is not wanted. SQLite does it at once; PostgreSQL sends it
 * along with the next statement (a round trip saved), and its failure may come up there or at the
 * commit. */
int stmt_send(Stmt *s, Err *e) MUST_USE;
void stmt_reset(Stmt *s);
/* Columns from 0; texts are valid until the next step or reset. Null gives 0, STR_NONE, zero. */
bool col_null(Stmt *s, int ix);
int64_t col_i64(Stmt *s, int ix);
Day col_day(Stmt *s, int ix);
Str col_str(Stmt *s, int ix);
Str col_blob(Stmt *s, int ix);
Uuid col_uuid(Stmt *s, int ix);
/* Several statements without parameters, separated by ';' (schema). Write only. */
int tx_script(Tx *tx, Str sql, Err *e) MUST_USE;
/* Reads the one integer a statement without parameters answers. */
int tx_ask_i64(Tx *tx, Str sql, int64_t *ret, Err *e) MUST_USE;

/* ---- schema ---- */
/* The engine's type words, for DDL built from the model: kind 'i' bigint, 't' text, 'b' blob, 'u'
 * uuid. SQLite tables end with " STRICT". */
const char *store_type(Engine g, char kind);
const char *store_table_end(Engine g);
/* Makes the tables of core.sql (generated core_sql per engine) and records the migration number.
 * core.sql is written once with the words BIGINT, TEXT, BLOB, UUID, STRICT; the store rewrites
 * them. Tables of an older program are ERR_CONFLICT. */
int store_migrate(Store *s, Str core_sql, Err *e) MUST_USE;
/* Brings an older database to the tables of this program in one change: the steps of migrate.sql,
 * then what `tables_sql` has and it has not. *ret_from: the number it had, this program's own when
 * nothing was to do; 0 for a database that has none (attachments). ERR_CONFLICT: a newer one. */
int store_upgrade(Store *s, Str tables_sql, Str steps_sql, int64_t *ret_from, Err *e) MUST_USE;
/* ERR_CONFLICT when it is older or newer than this program: what is there, and what to do. */
int store_check_schema(Store *s, Err *e) MUST_USE;
int store_schema(void); /* the number of this program's tables */
bool store_has_table(Tx *tx, Str name);
bool store_has_column(Tx *tx, Str table, Str column);
bool store_has_index(Tx *tx, Str name);

/* ---- whole database ---- */
/* A consistent copy made while others write. SQLite: VACUUM INTO path. PostgreSQL: ERR_DENIED
 * (pg_dump). */
int store_copy_to(Store *s, Str path, Err *e) MUST_USE;
/* Checks pages and indexes (SQLite integrity_check). Calls say() per finding; returns their number
 * or < 0. */
int store_check_pages(Store *s, void (*say)(void *ctx, Str finding), void *ctx, Err *e) MUST_USE;

enum {
    STORE_DYNAMIC_MAX = 512,
    PG_TRIES = 12, /* updates near each other in an index are in each other's way */
};
#endif
