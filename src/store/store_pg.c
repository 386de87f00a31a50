/* store_pg.c: PostgreSQL behind the vtable. The only file that knows libpq-fe.h.
 *
 * A connection stands in pipeline mode: statements are sent, and pg_collect sends one sync and
 * reads all answers. So BEGIN travels with the first statement, stmt_send with the next one, and
 * the end of a read is sent without waiting (`owed` syncs are read with the next answers). Values
 * go and come in binary; what a parameter is, the server says when the statement is prepared.
 * STACK: 4
 */
#include "store/store_int.h"

#include <endian.h>
#include <libpq-fe.h>
#include <poll.h>

enum { /* of pg_type.h; never change */
       PG_BOOL = 16,
       PG_BYTEA = 17,
       PG_NAME = 19,
       PG_INT8 = 20,
       PG_INT2 = 21,
       PG_INT4 = 23,
       PG_TEXT = 25,
       PG_OID = 26,
       PG_VARCHAR = 1043,
       PG_NUMERIC = 1700,
       PG_UUID = 2950,
};

/* ---- errors -------------------------------------------------------------------------------- */

/* The first line of a message without its end. */
static Str pg_line(const char *z)
{
    Str head, tail;
    (void)str_cut(str_of(z ? z : ""), '\n', &head, &tail); /* no line end: the whole */
    return str_trim(head);
}

static int pg_lost(Conn *c, Err *e)
{
    c->is_lost = true;
    c->tx.may_retry = true; /* pg_commit takes it back */
    return tx_fail(&c->tx, err_set(e, ERR_BUSY, "store.lost", pg_line(PQerrorMessage(c->pg))));
}

/* `table.column, table.column` out of `Key (a, b)=(...) ...`, as SQLite says it. */
static Str pg_columns(Arena *a, const PGresult *r)
{
    Str table = str_of(PQresultErrorField(r, PG_DIAG_TABLE_NAME));
    Str detail = str_of(PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL));
    ptrdiff_t from = str_find(detail, S("(")), to = str_find(detail, S(")=("));
    if (!str_has(table) || from < 0 || to < from)
        return str_of(PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
    Str names = str_sub(detail, (size_t)from + 1, (size_t)(to - from - 1));
    Buf out = {.arena = a};
    for (bool more = true; more;) {
        Str name;
        more = str_cut(names, ',', &name, &names);
        buf_fmt(&out, "%s%.*s.%.*s", out.n ? ", " : "", STR_ARG(table), STR_ARG(str_trim(name)));
    }
    return buf_view(&out);
}

/* The class of a failed result; the Tx has failed with it. */
static int pg_fail(Conn *c, Str name, const PGresult *r, Err *e)
{
    Str state = str_of(PQresultErrorField(r, PG_DIAG_SQLSTATE));
    if (PQstatus(c->pg) != CONNECTION_OK || !str_has(state) || str_starts(state, S("08")) ||
        str_starts(state, S("57P")) || str_eq(state, S("25P03")))
        return pg_lost(c, e);
    Str what = str_fmt(e->arena, "%.*s %s", STR_ARG(state),
                       PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
    int cls;
    if (str_eq(state, S("23505"))) {
        cls = err_set(e, ERR_EXISTS, "store.exists", pg_columns(e->arena, r));
    } else if (str_eq(state, S("23503"))) {
        cls = err_set(e, ERR_MISSING, "store.points_nowhere", pg_columns(e->arena, r));
    } else if (str_eq(state, S("40001")) || str_eq(state, S("40P01"))) {
        c->tx.may_retry = true;
        cls = err_set(e, ERR_BUSY, "store.busy");
    } else if (str_eq(state, S("55P03"))) {
        cls = err_set(e, ERR_BUSY, "store.busy");
    } else if (str_eq(state, S("57014"))) {
        cls = err_set(e, ERR_BUSY, "store.too_slow");
    } else if (str_starts(state, S("53"))) {
        cls = err_set(e, ERR_BUSY, "store.full", name, what);
    } else if (str_starts(state, S("XX00")) && !str_eq(state, S("XX000"))) {
        cls = err_set(e, ERR_CORRUPT, "store.corrupt", name, what);
    } else if (str_starts(state, S("58"))) {
        cls = err_set(e, ERR_IO, "store.io", name, what);
    } else {
        cls = err_set(e, ERR_BUG, "store.bug", name, what);
    }
    return tx_fail(&c->tx, cls);
}

/* ---- sending and collecting ---------------------------------------------------------------- */

/* Syncs and reads the answers to all that was sent. *ret (NULL: not wanted) is the last answer, the
 * caller's to clear. On failure everything is read all the same and the first error is told. */
static int pg_collect(Conn *c, Str name, PGresult **ret, Err *e)
{
    if (PQpipelineSync(c->pg) != 1)
        return pg_lost(c, e);
    PGresult *last = NULL;
    int rc = 0;
    bool is_end = false;
    for (int nulls = 0; !is_end && nulls < 3;) {
        PGresult *r = PQgetResult(c->pg);
        nulls = r ? 0 : nulls + 1; /* one NULL ends each statement; more: nobody answers */
        switch (r ? PQresultStatus(r) : PGRES_EMPTY_QUERY) {
        case PGRES_PIPELINE_SYNC:
            is_end = c->owed == 0;
            c->owed -= is_end ? 0 : 1;
            break;
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            if (c->owed == 0) {
                PQclear(last);
                last = r;
                r = NULL;
            }
            break;
        case PGRES_PIPELINE_ABORTED:
        case PGRES_EMPTY_QUERY:
            break;
        default:
            if (rc == 0 && (c->owed == 0 || PQstatus(c->pg) != CONNECTION_OK))
                rc = pg_fail(c, name, r, e);
            break;
        }
        PQclear(r);
    }
    if (!is_end && rc == 0)
        rc = pg_lost(c, e);
    c->is_lost |= !is_end;
    if (rc == 0 && ret)
        *ret = last;
    else
        PQclear(last);
    return rc;
}

static int pg_send_text(Conn *c, const char *sql, Err *e)
{
    if (PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 1) != 1)
        return pg_lost(c, e);
    return 0;
}

static int pg_send_begin(Tx *tx, Err *e)
{
    if (tx->is_begun)
        return 0;
    TRY(pg_send_text(tx->c,
                     tx->is_write ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
                                  : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                     e));
    tx->is_begun = true;
    return 0;
}

static int pg_send_stmt(Stmt *st, Err *e)
{
    Conn *c = st->c;
    if (st->is_misbound)
        return tx_fail(&c->tx, err_set(e, ERR_BUG, "store.bug", stmt_name(st),
                                       S("a value does not fit its parameter")));
    TRY(pg_send_begin(&c->tx, e));
    if (PQsendQueryPrepared(c->pg, st->pg_name, st->param_n, st->pg_values, st->pg_lengths,
                            st->pg_formats, 1) != 1)
        return pg_lost(c, e);
    return 0;
}

/* ---- connections --------------------------------------------------------------------------- */

static void pg_notice(void *arg, const char *message)
{
    (void)arg, (void)message; /* "relation exists, skipping" and the like concern nobody */
}

static bool pg_is_near(Str host)
{
    return host.n == 0 || host.p[0] == '/' || host.p[0] == '@' || str_eq(host, S("localhost")) ||
           str_eq(host, S("::1")) || str_starts(host, S("127."));
}

/* Beyond this machine the server must prove who it is, unless the connection string says otherwise.
 */
static int pg_ssl_mode(Conn *c, const char **ret, Err *e)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(c->s->path, &why);
    if (!options) {
        int rc = err_set(e, ERR_IO, "store.pg_open_failed", pg_line(why));
        PQfreemem(why);
        return rc;
    }
    Str host = str_of(getenv("PGHOST"));
    for (const PQconninfoOption *o = options; o->keyword; o++)
        if (o->val && (strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "hostaddr") == 0))
            host = str_of(o->val);
    *ret = getenv("PGSSLMODE") || pg_is_near(host) ? NULL : "verify-full";
    PQconninfoFree(options);
    return 0;
}

static int pg_connect(Conn *c, Err *e)
{
    const char *ssl_mode = NULL;
    TRY(pg_ssl_mode(c, &ssl_mode, e));
    const char *const keys[] = {"sslmode",         "connect_timeout", "application_name",
                                "keepalives",      "keepalives_idle", "tcp_user_timeout",
                                "client_encoding", "dbname",          NULL};
    const char *const values[] = {ssl_mode, "5",    "stave",    "1", "30",
                                  "30000",  "UTF8", c->s->path, NULL};
    c->pg = PQconnectdbParams(keys, values, 1);
    CHECK(c->pg != NULL);
    if (PQstatus(c->pg) != CONNECTION_OK)
        return err_set(e, ERR_IO, "store.pg_open_failed", pg_line(PQerrorMessage(c->pg)));
    (void)PQsetNoticeProcessor(c->pg, pg_notice, NULL); /* gives the old one */
    const char *encoding = PQparameterStatus(c->pg, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return err_set(e, ERR_IO, "store.pg_encoding", str_of(encoding ? encoding : "?"));
    return 0;
}

/* A small table read from end to end is locked as a whole under SERIALIZABLE, then any two writers
 * are in each other's way: so no such plans. A whole reader has no deadlines. */
static int pg_open(Conn *c, Err *e)
{
    TRY(pg_connect(c, e));
    PGresult *r = PQexec(c->pg, "SET statement_timeout = '15s';"
                                "SET idle_in_transaction_session_timeout = '30s';"
                                "SET lock_timeout = '5s'; SET synchronous_commit = on;"
                                "SET enable_seqscan = off; SET jit = off;"
                                "SET enable_hashjoin = off; SET enable_mergejoin = off");
    if (c->role == CONN_WHOLE && PQresultStatus(r) == PGRES_COMMAND_OK) {
        PQclear(r);
        r = PQexec(c->pg, "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
                          "SET enable_hashjoin = on; SET enable_mergejoin = on");
    }
    int rc = PQresultStatus(r) == PGRES_COMMAND_OK
                 ? 0
                 : err_set(e, ERR_IO, "store.pg_open_failed", pg_line(PQresultErrorMessage(r)));
    PQclear(r);
    if (rc == 0 && PQenterPipelineMode(c->pg) != 1)
        rc = err_set(e, ERR_IO, "store.pg_open_failed", pg_line(PQerrorMessage(c->pg)));
    c->is_lost = false;
    c->owed = 0;
    return rc;
}

static void pg_close(Conn *c)
{
    PQfinish(c->pg); /* takes NULL */
    c->pg = NULL;
}

/* ---- transactions -------------------------------------------------------------------------- */

/* Reads what lies there unasked; the end of the stream shows as a failure. */
static bool pg_is_alive(Conn *c)
{
    if (c->is_lost || PQstatus(c->pg) != CONNECTION_OK)
        return false;
    struct pollfd fd = {.fd = PQsocket(c->pg), .events = POLLIN};
    while (poll(&fd, 1, 0) > 0)
        if (PQconsumeInput(c->pg) != 1 || PQstatus(c->pg) != CONNECTION_OK)
            return false;
    return true;
}

/* A connection the server has dropped meanwhile is made anew; BEGIN itself goes with the first
 * statement. */
static int pg_begin(Tx *tx, Err *e)
{
    Conn *c = tx->c;
    if (pg_is_alive(c))
        return 0;
    conn_down(c);
    TRY(pg_open(c, e));
    c->is_up = true;
    return 0;
}

/* After COMMIT was sent a lost connection means "unknown": ERR_BUSY, and nothing is repeated. */
static int pg_commit(Tx *tx, Err *e)
{
    Conn *c = tx->c;
    if (!tx->is_begun)
        return 0;
    PGresult *r = NULL;
    int rc = pg_send_text(c, "COMMIT", e);
    if (rc == 0)
        rc = pg_collect(c, S("COMMIT"), &r, e);
    if (c->is_lost)
        tx->may_retry = false;
    if (rc == 0 && strcmp(PQcmdStatus(r), "COMMIT") != 0) /* ROLLBACK: something had failed */
        rc = tx_fail(tx, err_set(e, ERR_BUSY, "store.batch_lost"));
    PQclear(r);
    return rc;
}

/* Sends the end of a Tx without waiting for it. */
static void pg_leave(Tx *tx, const char *how)
{
    Conn *c = tx->c;
    tx_reset_used(tx);
    if (!tx->is_begun || c->is_lost)
        return;
    Err e = err_on(tx->arena);
    if (pg_send_text(c, how, &e) < 0 || PQpipelineSync(c->pg) != 1)
        c->is_lost = true; /* the next begin connects anew */
    else
        c->owed++;
}

static void pg_rollback(Tx *tx)
{
    pg_leave(tx, "ROLLBACK");
}
static void pg_end_read(Tx *tx)
{
    pg_leave(tx, "COMMIT");
}

/* ---- a job --------------------------------------------------------------------------------- */

static int pg_seal(Store *s, Tx *tx, Err *e)
{
    if (!s->seal || tx->pended_n == 0)
        return 0;
    int rc = s->seal(tx, tx->pended, tx->pended_n, s->seal_ctx, e);
    CHECK(rc <= 0);
    if (rc == 0 && tx->failed)
        return err_set(e, ERR_BUG, "store.went_on");
    if (rc < 0 && e->cls == 0)
        return err_set(e, rc, "store.refused");
    return rc;
}

/* One try. True: it failed by others' doing, another try may succeed. */
static bool pg_try(Conn *c, WriteJob *job)
{
    job->rc = tx_open(c, true, &job->err);
    if (job->rc < 0)
        return false; /* connecting has its own patience */
    Tx *tx = &c->tx;
    job->rc = job_run(tx, job);
    if (job->rc == 0)
        job->rc = pg_seal(c->s, tx, &job->err);
    tx_reset_used(tx);
    if (job->rc == 0)
        job->rc = pg_commit(tx, &job->err);
    if (job->rc < 0)
        pg_rollback(tx);
    bool may_retry = job->rc < 0 && tx->may_retry;
    tx_shut(tx);
    return may_retry;
}

static void pg_wait(Store *s, int try)
{
    uint32_t dice;
    env_random(s->env, &dice, sizeof dice);
    struct timespec t = {0, (long)(dice % STORE_PG_WAIT_US) * try * 1000};
    (void)nanosleep(&t, NULL); /* woken early: no matter */
}

static Conn *pg_borrow(Store *s, Err *e)
{
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    Conn *c = s->spare;
    if (c)
        s->spare = c->next_spare;
    CHECK(pthread_mutex_unlock(&s->lock) == 0);
    if (!c && conn_new(s, CONN_WRITER, &c, e) < 0)
        return NULL;
    return c;
}

static void pg_give_back(Store *s, Conn *c)
{
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    c->next_spare = s->spare;
    s->spare = c;
    CHECK(pthread_mutex_unlock(&s->lock) == 0);
}

static void pg_submit(Store *s, Conn *given, WriteJob *job)
{
    Conn *c = given ? given : pg_borrow(s, &job->err);
    if (c) {
        int try = 1;
        bool may_retry = pg_try(c, job);
        for (; may_retry && try < PG_TRIES; try++) {
            err_clear(&job->err);
            pg_wait(s, try);
            may_retry = pg_try(c, job);
        }
        if (may_retry) { /* apply may have called it something else */
            err_clear(&job->err);
            job->rc = err_set(&job->err, ERR_BUSY, "store.busy");
        }
        if (!given)
            pg_give_back(s, c);
    } else {
        job->rc = job->err.cls;
    }
    if (job->done)
        job->done(job);
}

/* Several statements in one text need the simple protocol, so the pipeline is left for a moment. */
static int pg_script(Tx *tx, Str sql, Err *e)
{
    Conn *c = tx->c;
    TRY(pg_send_begin(tx, e));
    TRY(pg_collect(c, S("BEGIN"), NULL, e));
    if (PQexitPipelineMode(c->pg) != 1)
        return pg_lost(c, e);
    PGresult *r = PQexec(c->pg, str_z(tx->arena, sql));
    ExecStatusType status = PQresultStatus(r);
    int rc = 0;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        rc = pg_fail(c, str_sub(sql, 0, 80), r, e);
    PQclear(r);
    if (PQenterPipelineMode(c->pg) != 1 && rc == 0)
        rc = pg_lost(c, e);
    return rc;
}

/* ---- statements ---------------------------------------------------------------------------- */

static int pg_prepare(Stmt *st, Str text, Err *e)
{
    Conn *c = st->c;
    (void)snprintf(st->pg_name, sizeof st->pg_name, "s%llu", (unsigned long long)++c->name_no);
    Arena *a = e->arena;
    Str sql = sql_numbered(a, text);
    if (PQsendPrepare(c->pg, st->pg_name, str_z(a, sql), 0, NULL) != 1 ||
        PQsendDescribePrepared(c->pg, st->pg_name) != 1)
        return pg_lost(c, e);
    PGresult *r = NULL;
    Err why = err_on(a);
    int rc = pg_collect(c, stmt_name(st), &r, &why);
    if (rc == ERR_BUG)
        return err_set(e, ERR_BUG, "store.bad_sql", stmt_name(st), why.args[1]);
    if (rc < 0) {
        *e = why;
        return rc;
    }
    int n = PQnparams(r);
    size_t count = (size_t)n;
    st->param_n = n;
    st->pg_types = store_alloc(count, sizeof *st->pg_types);
    st->pg_values = store_alloc(count, sizeof *st->pg_values);
    st->pg_lengths = store_alloc(count, sizeof *st->pg_lengths);
    st->pg_formats = store_alloc(count, sizeof *st->pg_formats);
    for (int i = 0; i < n; i++)
        st->pg_types[i] = PQparamtype(r, i);
    st->is_changing = PQnfields(r) == 0; /* or RETURNING: then it is stepped like a query */
    PQclear(r);
    return 0;
}

static void pg_drop(Stmt *st)
{
    Conn *c = st->c;
    PQclear(st->pg_res);
    free(st->pg_types);
    free(st->pg_values);
    free(st->pg_lengths);
    free(st->pg_formats);
    if (c->tx.is_open && !c->tx.failed &&
        st->pg_types) { /* pushed out of the cache: the server's copy goes too */
        char sql[64];
        (void)snprintf(sql, sizeof sql, "DEALLOCATE %s", st->pg_name);
        Err e = err_on(c->tx.arena);
        (void)pg_send_text(c, sql, &e); /* a lost connection shows at the next statement */
    }
}

static void pg_clear(Stmt *st)
{
    for (int i = 0; i < st->param_n; i++)
        st->pg_values[i] = NULL;
    st->is_misbound = false;
}

static void pg_bind(Stmt *st, int ix, const void *p, size_t n, bool is_binary)
{
    st->pg_values[ix - 1] = p;
    st->pg_lengths[ix - 1] = (int)n;
    st->pg_formats[ix - 1] = is_binary;
}

static void pg_bind_int(Stmt *st, int ix, int64_t v)
{
    char *cell = (char *)st->cells[ix - 1];
    if (st->pg_types[ix - 1] == PG_INT8) {
        uint64_t big = htobe64((uint64_t)v);
        memcpy(cell, &big, sizeof big);
        pg_bind(st, ix, cell, sizeof big, true);
    } else { /* int4 of `x = 1`, a boolean, a text: the server reads digits as what it wants */
        int n = snprintf(cell, STORE_CELL_BYTES, "%lld", (long long)v);
        pg_bind(st, ix, cell, (size_t)n, false);
    }
}

static void pg_bind_blob(Stmt *st, int ix, Str v)
{
    pg_bind(st, ix, v.p, v.n, true);
}

static void pg_bind_uuid(Stmt *st, int ix, const Uuid *v)
{
    uint8_t *cell = st->cells[ix - 1];
    unsigned type = st->pg_types[ix - 1];
    memcpy(cell, v->b, sizeof v->b);
    pg_bind(st, ix, cell, sizeof v->b, true);
    st->is_misbound |= type != PG_UUID && type != PG_BYTEA;
}

static void pg_bind_text(Stmt *st, int ix, Str v)
{
    unsigned type = st->pg_types[ix - 1];
    Uuid u;
    if (type == PG_UUID && uuid_parse(v, &u))
        pg_bind_uuid(st, ix, &u);
    else
        pg_bind(st, ix, v.p, v.n, true);
    st->is_misbound |= type != PG_TEXT && type != PG_VARCHAR && type != PG_NAME &&
                       type != PG_BYTEA && type != PG_UUID;
}

static void pg_bind_null(Stmt *st, int ix)
{
    pg_bind(st, ix, NULL, 0, true);
}

static void pg_reset(Stmt *st)
{
    PQclear(st->pg_res);
    st->pg_res = NULL;
}

static int pg_step(Stmt *st, Err *e)
{
    if (!st->is_row) {
        TRY(pg_send_stmt(st, e));
        TRY(pg_collect(st->c, stmt_name(st), &st->pg_res, e));
        st->pg_row = -1;
        st->pg_row_n = PQntuples(st->pg_res);
    }
    st->is_row = ++st->pg_row < st->pg_row_n;
    if (st->is_row)
        return 1;
    pg_reset(st);
    return 0;
}

static int pg_run(Stmt *st, Err *e)
{
    PGresult *r = NULL;
    TRY(pg_send_stmt(st, e));
    TRY(pg_collect(st->c, stmt_name(st), &r, e));
    int64_t n = 0;
    (void)str_i64(str_of(PQcmdTuples(r)), &n); /* empty for what counts nothing: 0 */
    PQclear(r);
    return n > INT32_MAX ? INT32_MAX : (int)n;
}

static bool pg_col_null(Stmt *st, int ix)
{
    CHECK(ix < PQnfields(st->pg_res));
    return PQgetisnull(st->pg_res, st->pg_row, ix) != 0;
}

/* sum(bigint) is numeric: base 10,000 digits after number, weight, sign, scale. Fractions are cut.
 */
static int64_t pg_numeric(const char *p, size_t n)
{
    uint16_t head[4], digit;
    CHECK(n >= sizeof head);
    memcpy(head, p, sizeof head);
    int16_t weight = (int16_t)be16toh(head[1]);
    uint16_t sign = be16toh(head[2]);
    CHECK(sign == 0 || sign == 0x4000); /* not NaN, not infinite */
    CHECK(weight < 5 && n >= sizeof head + 2u * be16toh(head[0]));
    int64_t v = 0;
    for (int i = 0; i <= weight; i++) {
        digit = 0;
        if (i < be16toh(head[0]))
            memcpy(&digit, p + sizeof head + 2 * (size_t)i, sizeof digit);
        CHECK(
            !__builtin_mul_overflow(v, 10000, &v)); /* built negative: INT64_MIN has no positive */
        CHECK(!__builtin_sub_overflow(v, be16toh(digit), &v));
    }
    CHECK(sign != 0 || v != INT64_MIN);
    return sign ? v : -v;
}

static int64_t pg_col_int(Stmt *st, int ix)
{
    if (pg_col_null(st, ix))
        return 0;
    const char *p = PQgetvalue(st->pg_res, st->pg_row, ix);
    size_t n = (size_t)PQgetlength(st->pg_res, st->pg_row, ix);
    uint64_t u64;
    uint32_t u32;
    uint16_t u16;
    int64_t v = 0;
    switch (PQftype(st->pg_res, ix)) {
    case PG_INT8:
        memcpy(&u64, p, sizeof u64);
        return (int64_t)be64toh(u64);
    case PG_INT4:
        memcpy(&u32, p, sizeof u32);
        return (int32_t)be32toh(u32);
    case PG_OID:
        memcpy(&u32, p, sizeof u32);
        return be32toh(u32);
    case PG_INT2:
        memcpy(&u16, p, sizeof u16);
        return (int16_t)be16toh(u16);
    case PG_BOOL:
        return p[0] != 0;
    case PG_NUMERIC:
        return pg_numeric(p, n);
    default:
        (void)str_i64((Str){p, n}, &v); /* as SQLite: a text that is no number counts 0 */
        return v;
    }
}

static Str pg_col_bytes(Stmt *st, int ix, bool is_text)
{
    (void)is_text; /* both are the bytes as they came */
    if (pg_col_null(st, ix))
        return STR_NONE;
    return (Str){PQgetvalue(st->pg_res, st->pg_row, ix),
                 (size_t)PQgetlength(st->pg_res, st->pg_row, ix)};
}

const StoreVt store_vt_pg = {
    .open = pg_open,
    .close = pg_close,
    .prepare = pg_prepare,
    .drop = pg_drop,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .end_read = pg_end_read,
    .clear = pg_clear,
    .bind_int = pg_bind_int,
    .bind_text = pg_bind_text,
    .bind_blob = pg_bind_blob,
    .bind_uuid = pg_bind_uuid,
    .bind_null = pg_bind_null,
    .step = pg_step,
    .run = pg_run,
    .send = pg_send_stmt,
    .reset = pg_reset,
    .col_null = pg_col_null,
    .col_int = pg_col_int,
    .col_bytes = pg_col_bytes,
    .script = pg_script,
    .submit = pg_submit,
};
