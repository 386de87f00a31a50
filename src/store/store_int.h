/* store_int.h: what the store's own files share. One vtable per engine; no engine's header here.
 *
 * Model: a Conn holds one connection, its statements and its one Tx. Statements live as long as the
 * connection; a Tx keeps the list of those it used and resets them when it (or its job) ends.
 * Invariants: tx.failed is the class of the Tx's first failed statement; nothing runs after it, on
 *             either engine, and such a job cannot succeed.
 */
#ifndef STAVE_STORE_INT_H
#define STAVE_STORE_INT_H

#include <pthread.h>

#include "store/store.h"

enum {
    STORE_BUCKETS = 1024,  /* of the dynamic statements' table */
    STORE_CELL_BYTES = 24, /* a bound integer (also as text) or uuid */
    STORE_ARENA_BYTES = 16384,
    STORE_READ_MS = 30000,         /* a longer reader would keep the WAL from shrinking */
    STORE_BUSY_MS = 5000,          /* wait for a lock held by a process in recovery */
    STORE_WAL_PAUSE_PAGES = 250,   /* checkpointed in a pause */
    STORE_PAUSE_US = 2000,         /* so long nothing must come for it to be a pause */
    STORE_WAL_PAGES = 1000,        /* checkpointed after the batch, waiting or not */
    STORE_WAL_LARGE_PAGES = 16384, /* 64 MB: worth keeping readers from using it for a moment */
    STORE_WAL_WAIT_MS = 50,        /* that moment */
    STORE_PARAMS_MAX = 2000,       /* of one statement */
    STORE_DEPTH_MAX = 200,         /* of an expression */
    STORE_SCHEMA = 3,              /* migration number of core.sql */
    STORE_PG_WAIT_US = 3000,       /* before a retry: at most this times the number of the try */
};

typedef enum ConnRole {
    CONN_READER,
    CONN_WRITER, /* SQLite: the one that writes and checkpoints. PostgreSQL: a job's own */
    CONN_WHOLE,  /* reads the whole database: no deadline */
} ConnRole;

struct Stmt {
    Conn *c;
    Stmt *next;       /* in its bucket (dynamic) */
    Stmt *next_used;  /* in its Tx */
    uint64_t used_no; /* number of the Tx that got it last */
    Str name;         /* fixed: of the SqlDef; dynamic: its text; for messages */
    Str text;         /* dynamic: owned; the key */
    uint64_t hash;
    int param_n;
    bool is_used; /* in the Tx's list */
    bool is_row;  /* stands on a row */
    bool is_bound;
    bool is_changing; /* not a query */
    bool is_misbound; /* PostgreSQL: a value that does not fit the parameter's type */
    int broken;       /* class of the failure to prepare; told by the first step */
    char *broken_why; /* owned */
    uint8_t (*cells)[STORE_CELL_BYTES]; /* one a parameter */
    /* SQLite */
    struct sqlite3_stmt *lite;
    /* PostgreSQL */
    char pg_name[24];
    unsigned *pg_types;
    const char **pg_values;
    int *pg_lengths;
    int *pg_formats;
    struct pg_result *pg_res;
    int pg_row, pg_row_n;
};

struct Tx {
    Conn *c;
    bool is_open, is_write;
    bool is_begun;  /* PostgreSQL: BEGIN was sent (with the first statement) */
    bool is_dead;   /* SQLite: the engine gave the whole batch up */
    bool may_retry; /* PostgreSQL: failed by others' doing, before a COMMIT was sent */
    int failed;
    uint64_t no;
    Stmt *used;
    Arena *arena;
    void **pended; /* kept from batch to batch */
    size_t pended_n, pended_cap;
};

typedef struct StoreVt StoreVt;

enum { LITE_OWN_MAX = 7 };

struct Conn {
    Store *s;
    const StoreVt *vt;
    ConnRole role;
    Conn *next; /* of the store's */
    Conn *next_spare;
    int chain;
    bool is_up;
    Tx tx;
    Stmt **fixed; /* by the SqlDef's index; NULL: not prepared yet */
    Stmt *buckets[STORE_BUCKETS];
    size_t dynamic_n;
    uint64_t name_no;
    /* SQLite */
    struct sqlite3 *db;
    struct sqlite3_stmt *own[LITE_OWN_MAX];
    int wal_pages;
    int64_t until_us; /* of the running read; 0: none */
    /* PostgreSQL */
    struct pg_conn *pg;
    bool is_lost;
    int owed; /* syncs sent and not read yet */
};

typedef struct Writer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    WriteJob *head, **tail; /* under lock */
    bool is_waiting, stop;  /* under lock */
    bool has_thread;
    WriteJob *ready; /* the writer's own: taken, not yet in a batch */
    Conn *conn;
} Writer;

struct Store {
    Env *env;
    Engine engine;
    const StoreVt *vt;
    char *path;
    bool is_writer, must_exist, no_thread;
    const SqlDef *sql;
    size_t sql_n;
    SealFn seal;
    void *seal_ctx;
    Writer w;             /* SQLite */
    pthread_mutex_t lock; /* conns, spare */
    Conn *conns;
    Conn *spare; /* PostgreSQL: for jobs that bring none */
};

struct StoreVt {
    int (*open)(Conn *c, Err *e);
    void (*close)(Conn *c); /* statements are gone already */
    int (*prepare)(Stmt *st, Str text, Err *e);
    void (*drop)(Stmt *st);
    int (*begin)(Tx *tx, Err *e);
    int (*commit)(Tx *tx, Err *e);
    void (*rollback)(Tx *tx);
    void (*end_read)(Tx *tx);
    void (*clear)(Stmt *st); /* unbinds */
    void (*bind_int)(Stmt *st, int ix, int64_t v);
    void (*bind_text)(Stmt *st, int ix, Str v);
    void (*bind_blob)(Stmt *st, int ix, Str v);
    void (*bind_uuid)(Stmt *st, int ix, const Uuid *v);
    void (*bind_null)(Stmt *st, int ix);
    int (*step)(Stmt *st, Err *e);
    int (*run)(Stmt *st, Err *e);
    int (*send)(Stmt *st, Err *e);
    void (*reset)(Stmt *st);
    bool (*col_null)(Stmt *st, int ix);
    int64_t (*col_int)(Stmt *st, int ix);
    Str (*col_bytes)(Stmt *st, int ix, bool is_text);
    int (*script)(Tx *tx, Str sql, Err *e);
    void (*submit)(Store *s, Conn *c, WriteJob *job);
};

extern const StoreVt store_vt_lite;
extern const StoreVt store_vt_pg;

/* store.c */
void *store_alloc(size_t n, size_t bytes_each); /* zeroed; out of memory aborts */
int conn_new(Store *s, ConnRole role, Conn **ret, Err *e) MUST_USE;
void conn_down(Conn *c); /* drops statements and connection; the Conn stays */
int conn_prepare_all(Conn *c, Err *e) MUST_USE;
int tx_open(Conn *c, bool is_write, Err *e) MUST_USE;
void tx_shut(Tx *tx);       /* after commit, rollback or end_read */
void tx_reset_used(Tx *tx); /* statements back to rest, between jobs */
int tx_fail(Tx *tx, int cls);
Str stmt_name(const Stmt *st);
int job_run(Tx *tx, WriteJob *job); /* apply, and the check that nothing failed unseen */
void job_fail(WriteJob *job, const Err *why);

/* store_writer.c */
int writer_start(Store *s, Err *e) MUST_USE;
void writer_stop(Store *s);
void writer_submit(Store *s, Conn *c, WriteJob *job);
size_t writer_step(Store *s);

/* store_sqlite.c */
int lite_savepoint(Conn *c, Err *e) MUST_USE;
int lite_release(Conn *c, Err *e) MUST_USE;
int lite_undo(Conn *c, Err *e) MUST_USE; /* ROLLBACK TO and RELEASE */
bool lite_wants_checkpoint(const Conn *c, bool is_pause);
void lite_checkpoint(Conn *c);
int lite_copy_to(Store *s, Str path, Err *e) MUST_USE;

/* store_schema.c */
/* ERR_CONFLICT: newer than this program */
int schema_number(Tx *tx, int64_t *ret, Err *e) MUST_USE;
int schema_find_text(Tx *tx, Err *e) MUST_USE; /* makes the inverted index where it is missing */
size_t sql_opaque(Str sql, size_t i); /* length of the quoted text or comment at i, else 0 */
Str sql_numbered(Arena *a, Str sql);  /* ?N -> $N */
Str sql_schema(Arena *a, Engine g, Str sql);

#endif
