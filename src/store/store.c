/* store.c: the face; what both engines share: connections, transactions, the statements' cache. */
#include "store/store_int.h"

#include <limits.h>
#include <semaphore.h>

void *store_alloc(size_t n, size_t bytes_each)
{
    void *p = calloc(n ? n : 1, bytes_each);
    CHECK(p != NULL);
    return p;
}

/* ---- the store ----------------------------------------------------------------------------- */

static Store *store_new(Env *env, const StoreOptions *opt)
{
    CHECK(opt->sql_n == 0 || opt->sql);
    Store *s = store_alloc(1, sizeof *s);
    s->env = env;
    s->engine = opt->engine;
    s->vt = opt->engine == ENGINE_PG ? &store_vt_pg : &store_vt_lite;
    s->path = store_alloc(opt->path.n + 1, 1);
    memcpy(s->path, opt->path.p, opt->path.n);
    s->is_writer = opt->is_writer;
    s->must_exist = opt->must_exist || !opt->is_writer;
    s->no_thread = opt->no_thread;
    s->sql = opt->sql;
    s->sql_n = opt->sql_n;
    s->seal = opt->seal;
    s->seal_ctx = opt->seal_ctx;
    s->w.tail = &s->w.head;
    CHECK(pthread_mutex_init(&s->lock, NULL) == 0);
    CHECK(pthread_mutex_init(&s->w.lock, NULL) == 0);
    pthread_condattr_t attr;
    CHECK(pthread_condattr_init(&attr) == 0);
    CHECK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0); /* that of env_mono_us */
    CHECK(pthread_cond_init(&s->w.wake, &attr) == 0);
    CHECK(pthread_condattr_destroy(&attr) == 0);
    return s;
}

int store_open(Env *env, const StoreOptions *opt, Store **ret, Err *e)
{
    CHECK(env && opt && ret);
    Store *s = store_new(env, opt);
    Conn *c = NULL;
    int rc = conn_new(s, opt->is_writer ? CONN_WRITER : CONN_READER, &c, e);
    if (rc == 0 && !opt->sql_later)
        rc = conn_prepare_all(c, e);
    if (rc == 0 && opt->is_writer && opt->engine == ENGINE_SQLITE) {
        s->w.conn = c;
        rc = writer_start(s, e);
    } else if (rc == 0 && opt->is_writer) {
        s->spare = c;
    } else {
        conn_close(c);
    }
    if (rc < 0) {
        store_close(s);
        return rc;
    }
    *ret = s;
    return 0;
}

void store_close(Store *s)
{
    if (!s)
        return;
    writer_stop(s);
    while (s->spare) {
        Conn *c = s->spare;
        s->spare = c->next_spare;
        conn_close(c);
    }
    CHECK(s->conns == NULL); /* a thread still holds a connection */
    CHECK(pthread_cond_destroy(&s->w.wake) == 0);
    CHECK(pthread_mutex_destroy(&s->w.lock) == 0);
    CHECK(pthread_mutex_destroy(&s->lock) == 0);
    free(s->path);
    free(s);
}

bool store_is_writer(const Store *s)
{
    return s->is_writer;
}

Engine store_engine(const Store *s)
{
    return s->engine;
}

int store_check_sql(Store *s, Err *e)
{
    Conn *c;
    TRY(conn_new(s, CONN_READER, &c, e));
    int rc = conn_prepare_all(c, e);
    conn_close(c);
    return rc;
}

/* ---- connections --------------------------------------------------------------------------- */

/* Gives the smallest chain number no other connection of this store has. */
static void store_add_conn(Store *s, Conn *c)
{
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    for (bool is_taken = true; is_taken;) {
        is_taken = false;
        c->chain++;
        for (const Conn *o = s->conns; o; o = o->next)
            is_taken |= o->chain == c->chain;
    }
    c->next = s->conns;
    s->conns = c;
    CHECK(pthread_mutex_unlock(&s->lock) == 0);
}

static void store_take_conn(Store *s, Conn *c)
{
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    Conn **at = &s->conns;
    while (*at && *at != c)
        at = &(*at)->next;
    CHECK(*at == c);
    *at = c->next;
    CHECK(pthread_mutex_unlock(&s->lock) == 0);
}

int conn_new(Store *s, ConnRole role, Conn **ret, Err *e)
{
    Conn *c = store_alloc(1, sizeof *c);
    c->s = s;
    c->vt = s->vt;
    c->role = role;
    c->fixed = store_alloc(s->sql_n, sizeof(Stmt *));
    c->tx.c = c;
    c->tx.arena = arena_new(STORE_ARENA_BYTES);
    store_add_conn(s, c);
    int rc = c->vt->open(c, e);
    if (rc < 0) {
        conn_close(c);
        return rc;
    }
    c->is_up = true;
    *ret = c;
    return 0;
}

int store_conn(Store *s, Conn **ret, Err *e)
{
    return conn_new(s, CONN_READER, ret, e);
}

int store_conn_whole(Store *s, Conn **ret, Err *e)
{
    return conn_new(s, CONN_WHOLE, ret, e);
}

static void stmt_free(Stmt *st)
{
    if (!st)
        return;
    st->c->vt->drop(st);
    free(st->cells);
    free(st->broken_why);
    free((char *)(uintptr_t)st->text.p);
    free(st);
}

void conn_down(Conn *c)
{
    CHECK(!c->tx.is_open);
    for (size_t i = 0; i < c->s->sql_n; i++) {
        stmt_free(c->fixed[i]);
        c->fixed[i] = NULL;
    }
    for (size_t i = 0; i < STORE_BUCKETS; i++)
        while (c->buckets[i]) {
            Stmt *st = c->buckets[i];
            c->buckets[i] = st->next;
            stmt_free(st);
        }
    c->dynamic_n = 0;
    c->vt->close(c);
    c->is_up = false;
}

void conn_close(Conn *c)
{
    if (!c)
        return;
    conn_down(c);
    store_take_conn(c->s, c);
    arena_free(c->tx.arena);
    free(c->tx.pended);
    free(c->fixed);
    free(c);
}

void conn_rest(Conn *c)
{
    CHECK(c && !c->tx.is_open);
    conn_down(c);
    arena_reset(c->tx.arena);
}

/* ---- transactions -------------------------------------------------------------------------- */

int tx_open(Conn *c, bool is_write, Err *e)
{
    CHECK(c && !c->tx.is_open);
    if (!c->is_up) {
        TRY(c->vt->open(c, e));
        c->is_up = true;
    }
    Tx *tx = &c->tx;
    tx->is_write = is_write;
    tx->is_begun = tx->is_dead = tx->may_retry = false;
    tx->failed = 0;
    tx->pended_n = 0;
    tx->no++;
    TRY(c->vt->begin(tx, e));
    tx->is_open = true;
    return 0;
}

void tx_reset_used(Tx *tx)
{
    for (Stmt *st = tx->used; st;) {
        Stmt *next = st->next_used;
        stmt_reset(st);
        st->is_used = false;
        st->next_used = NULL;
        st = next;
    }
    tx->used = NULL;
}

void tx_shut(Tx *tx)
{
    CHECK(tx->used == NULL);
    tx->is_open = false;
    arena_reset(tx->arena);
}

int tx_read(Conn *c, Tx **ret, Err *e)
{
    TRY(tx_open(c, false, e));
    *ret = &c->tx;
    return 0;
}

void tx_end(Tx *tx)
{
    if (!tx)
        return;
    CHECK(tx->is_open && !tx->is_write);
    tx_reset_used(tx);
    tx->c->vt->end_read(tx);
    tx_shut(tx);
}

int tx_fail(Tx *tx, int cls)
{
    CHECK(cls < 0);
    if (tx->failed == 0)
        tx->failed = cls;
    return cls;
}

bool tx_is_write(const Tx *tx)
{
    return tx->is_write;
}
Engine tx_engine(const Tx *tx)
{
    return tx->c->s->engine;
}
Arena *tx_arena(Tx *tx)
{
    return tx->arena;
}
int tx_chain(const Tx *tx)
{
    return tx_engine(tx) == ENGINE_SQLITE ? 1 : tx->c->chain;
}

void tx_pend(Tx *tx, void *item)
{
    CHECK(tx->is_open && tx->is_write);
    if (tx->pended_n == tx->pended_cap) {
        size_t cap = tx->pended_cap ? tx->pended_cap * 2 : 64;
        void **more = realloc(tx->pended, cap * sizeof *more);
        CHECK(more != NULL);
        tx->pended = more;
        tx->pended_cap = cap;
    }
    tx->pended[tx->pended_n++] = item;
}

/* ---- writing ------------------------------------------------------------------------------- */

int job_run(Tx *tx, WriteJob *job)
{
    int rc = job->apply(tx, job->arg, &job->err);
    CHECK(rc <= 0);
    if (rc == 0 && tx->failed != 0) /* a statement failed and apply went on as if it had not */
        rc = err_set(&job->err, ERR_BUG, "store.went_on");
    else if (rc < 0 && job->err.cls == 0)
        (void)err_set(&job->err, rc, "store.refused");
    return rc;
}

void job_fail(WriteJob *job, const Err *why)
{
    CHECK(why->cls < 0);
    Str args[ERR_ARGS_MAX + 1] = {0};
    for (size_t i = 0; i < ERR_ARGS_MAX; i++)
        args[i] = why->args[i];
    err_clear(&job->err);
    job->rc = err_set_at(&job->err, why->cls, str_z(job->err.arena, why->key), why->file, why->line,
                         args);
}

void store_submit(Store *s, Conn *c, WriteJob *job)
{
    CHECK(s->is_writer && job->apply && job->err.arena);
    CHECK(!c || (c->s == s && !c->tx.is_open));
    job->next = NULL;
    job->rc = 0;
    s->vt->submit(s, c, job);
}

static void write_done(WriteJob *job)
{
    CHECK(sem_post(job->done_ctx) == 0);
}

int store_write(Store *s, Conn *c, int (*apply)(Tx *, void *, Err *), void *arg, Err *e)
{
    sem_t is_done;
    CHECK(sem_init(&is_done, 0, 0) == 0);
    WriteJob job = {.apply = apply,
                    .arg = arg,
                    .done = write_done,
                    .done_ctx = &is_done,
                    .err = err_on(e->arena)};
    store_submit(s, c, &job);
    if (s->no_thread && s->engine == ENGINE_SQLITE)
        while (sem_trywait(&is_done) != 0)
            CHECK(store_step(s) > 0);
    else
        while (sem_wait(&is_done) != 0) /* a signal woke us */
            ;
    CHECK(sem_destroy(&is_done) == 0);
    if (job.rc < 0 && e->cls == 0)
        *e = job.err;
    return job.rc;
}

size_t store_step(Store *s)
{
    CHECK(s->no_thread);
    return s->engine == ENGINE_SQLITE ? writer_step(s) : 0; /* PostgreSQL: submit has done it */
}

/* ---- statements ---------------------------------------------------------------------------- */

Str stmt_name(const Stmt *st)
{
    return str_sub(st->name, 0, 80);
}

/* A statement whose text does not prepare is kept as broken: tx_sql has no way to say so. */
static void stmt_break(Stmt *st, const Err *why)
{
    Str what = str_has(why->args[1]) ? why->args[1] : why->key;
    st->broken = why->cls;
    free(st->broken_why);
    st->broken_why = store_alloc(what.n + 1, 1);
    memcpy(st->broken_why, what.p, what.n);
}

static int stmt_prepare(Stmt *st, Str text, Err *e)
{
    TRY(st->c->vt->prepare(st, text, e));
    CHECK(st->param_n <= STORE_PARAMS_MAX);
    free(st->cells);
    st->cells = store_alloc((size_t)st->param_n, sizeof *st->cells);
    free(st->broken_why);
    st->broken_why = NULL;
    st->broken = 0;
    return 0;
}

static Str def_text(const Store *s, const SqlDef *def)
{
    return str_of(s->engine == ENGINE_PG && def->pg ? def->pg : def->text);
}

static Stmt *conn_fixed(Conn *c, size_t ix)
{
    if (!c->fixed[ix]) {
        Stmt *st = store_alloc(1, sizeof *st);
        st->c = c;
        st->name = str_of(c->s->sql[ix].name);
        st->broken = ERR_BUG;
        c->fixed[ix] = st;
    }
    return c->fixed[ix];
}

int conn_prepare_all(Conn *c, Err *e)
{
    for (size_t i = 0; i < c->s->sql_n; i++) {
        Stmt *st = conn_fixed(c, i);
        if (st->broken)
            TRY(stmt_prepare(st, def_text(c->s, &c->s->sql[i]), e));
        if (st->param_n != c->s->sql[i].param_n)
            return err_set(e, ERR_BUG, "store.bad_sql", stmt_name(st), S("number of parameters"));
    }
    return 0;
}

static Stmt *tx_got(Tx *tx, Stmt *st)
{
    if (st->is_row) /* its rows are still being read */
        check_failed(__FILE__, __LINE__, str_z(tx->arena, st->name));
    if (!st->is_used) {
        st->is_used = true;
        st->next_used = tx->used;
        tx->used = st;
    }
    st->used_no = tx->no;
    if (st->is_bound && !st->broken)
        tx->c->vt->clear(st);
    st->is_bound = false;
    return st;
}

Stmt *tx_sql(Tx *tx, const SqlDef *def)
{
    Conn *c = tx->c;
    CHECK(tx->is_open && def >= c->s->sql && def < c->s->sql + c->s->sql_n);
    Stmt *st = conn_fixed(c, (size_t)(def - c->s->sql));
    if (st->broken && !tx->failed) {
        Err e = err_on(tx->arena);
        if (stmt_prepare(st, def_text(c->s, def), &e) < 0)
            stmt_break(st, &e);
    }
    return tx_got(tx, st);
}

/* Makes room in the cache: the one not got for longest and not in this Tx goes. */
static int conn_evict(Conn *c, Err *e)
{
    Stmt **oldest = NULL;
    for (size_t i = 0; i < STORE_BUCKETS; i++)
        for (Stmt **at = &c->buckets[i]; *at; at = &(*at)->next)
            if ((*at)->used_no != c->tx.no && (!oldest || (*at)->used_no < (*oldest)->used_no))
                oldest = at;
    if (!oldest)
        return err_set(e, ERR_LIMIT, "store.many_statements", err_int(e, STORE_DYNAMIC_MAX));
    Stmt *st = *oldest;
    *oldest = st->next;
    c->dynamic_n--;
    stmt_free(st);
    return 0;
}

static int conn_dynamic(Conn *c, Str text, uint64_t hash, Stmt **ret, Err *e)
{
    if (c->dynamic_n >= STORE_DYNAMIC_MAX)
        TRY(conn_evict(c, e));
    Stmt *st = store_alloc(1, sizeof *st);
    st->c = c;
    char *copy = store_alloc(text.n + 1, 1);
    memcpy(copy, text.p, text.n);
    st->text = st->name = (Str){copy, text.n};
    st->hash = hash;
    int rc = stmt_prepare(st, st->text, e);
    if (rc < 0) {
        stmt_free(st);
        return rc;
    }
    st->next = c->buckets[hash % STORE_BUCKETS];
    c->buckets[hash % STORE_BUCKETS] = st;
    c->dynamic_n++;
    *ret = st;
    return 0;
}

int tx_prepare(Tx *tx, Str text, Stmt **ret, Err *e)
{
    CHECK(tx->is_open);
    if (tx->failed)
        return err_set(e, tx->failed, "store.went_on");
    uint64_t hash = str_hash(text);
    Stmt *st = tx->c->buckets[hash % STORE_BUCKETS];
    while (st && (st->hash != hash || !str_eq(st->text, text)))
        st = st->next;
    if (!st) {
        int rc = conn_dynamic(tx->c, text, hash, &st, e);
        if (rc < 0)
            return tx_fail(tx, rc);
    }
    *ret = tx_got(tx, st);
    return 0;
}

/* False: the statement is broken, so it takes no values and says so when stepped. */
static bool bind_at(Stmt *s, int ix)
{
    if (s->broken)
        return false;
    CHECK(ix >= 1 && ix <= s->param_n && !s->is_row);
    s->is_bound = true;
    return true;
}

void bind_i64(Stmt *s, int ix, int64_t v)
{
    if (bind_at(s, ix))
        s->c->vt->bind_int(s, ix, v);
}

void bind_null(Stmt *s, int ix)
{
    if (bind_at(s, ix))
        s->c->vt->bind_null(s, ix);
}

void bind_day(Stmt *s, int ix, Day d)
{
    if (d == DAY_NONE)
        bind_null(s, ix);
    else
        bind_i64(s, ix, d);
}

void bind_bool(Stmt *s, int ix, bool v)
{
    bind_i64(s, ix, v);
}

void bind_str(Stmt *s, int ix, Str v)
{
    CHECK(v.n <= INT_MAX);
    if (!str_has(v))
        bind_null(s, ix);
    else if (bind_at(s, ix))
        s->c->vt->bind_text(s, ix, v);
}

void bind_blob(Stmt *s, int ix, const void *p, size_t n)
{
    CHECK(n <= INT_MAX);
    if (!p)
        bind_null(s, ix);
    else if (bind_at(s, ix))
        s->c->vt->bind_blob(s, ix, (Str){p, n});
}

void bind_uuid(Stmt *s, int ix, Uuid u)
{
    if (bind_at(s, ix))
        s->c->vt->bind_uuid(s, ix, &u);
}

static int stmt_ready(Stmt *s, Err *e)
{
    Tx *tx = &s->c->tx;
    CHECK(tx->is_open && s->is_used);
    if (s->broken_why)
        return tx_fail(tx,
                       err_set(e, s->broken, s->broken == ERR_BUG ? "store.bad_sql" : "store.busy",
                               stmt_name(s), str_of(s->broken_why)));
    if (tx->failed)
        return err_set(e, tx->failed, "store.went_on");
    CHECK(!s->broken);
    return 0;
}

int stmt_step(Stmt *s, Err *e)
{
    TRY(stmt_ready(s, e));
    return s->c->vt->step(s, e);
}

int stmt_run(Stmt *s, Err *e)
{
    TRY(stmt_ready(s, e));
    CHECK(!s->is_row);
    return s->c->vt->run(s, e);
}

int stmt_send(Stmt *s, Err *e)
{
    TRY(stmt_ready(s, e));
    CHECK(!s->is_row && s->is_changing);
    return s->c->vt->send(s, e);
}

void stmt_reset(Stmt *s)
{
    if (!s->broken)
        s->c->vt->reset(s);
    s->is_row = false;
}

bool col_null(Stmt *s, int ix)
{
    CHECK(s->is_row && ix >= 0);
    return s->c->vt->col_null(s, ix);
}

int64_t col_i64(Stmt *s, int ix)
{
    CHECK(s->is_row && ix >= 0);
    return s->c->vt->col_int(s, ix);
}

Day col_day(Stmt *s, int ix)
{
    return col_null(s, ix) ? DAY_NONE : (Day)col_i64(s, ix);
}

Str col_str(Stmt *s, int ix)
{
    CHECK(s->is_row && ix >= 0);
    return s->c->vt->col_bytes(s, ix, true);
}

Str col_blob(Stmt *s, int ix)
{
    CHECK(s->is_row && ix >= 0);
    return s->c->vt->col_bytes(s, ix, false);
}

Uuid col_uuid(Stmt *s, int ix)
{
    Str v = col_blob(s, ix);
    Uuid u = {0};
    if (v.n == sizeof u.b)
        memcpy(u.b, v.p, sizeof u.b);
    return u;
}

int tx_script(Tx *tx, Str sql, Err *e)
{
    CHECK(tx->is_open && tx->is_write);
    if (tx->failed)
        return err_set(e, tx->failed, "store.went_on");
    return tx->c->vt->script(tx, sql, e);
}

int tx_ask_i64(Tx *tx, Str sql, int64_t *ret, Err *e)
{
    Stmt *st;
    TRY(tx_prepare(tx, sql, &st, e));
    int rc = stmt_step(st, e);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return err_set(e, ERR_MISSING, "store.no_row");
    *ret = col_i64(st, 0);
    stmt_reset(st);
    return 0;
}
