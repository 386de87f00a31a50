/* record_import_job.c: a large file that a page sent, kept until a thread has tried and written it.
 * One thread has a job at a time, as long as it says so; what a crash cut off is another's soon.
 *                                                            SPEC: P7  DESIGN: Long work */
#include "record/record_import.h"

enum { US = 0x1f, RS = 0x1e, JOBS_SHOWN = 5, TOLD_STEP = 500 };

/* ---- as it is kept ---- */

static Str points_text(Arena *a, const ImportPoint *list, int n)
{
    Buf b = {.arena = a};
    for (int i = 0; i < n; i++) {
        buf_str(&b, list[i].heading);
        buf_byte(&b, US);
        buf_str(&b, list[i].to);
        buf_byte(&b, RS);
    }
    return b.n ? buf_view(&b) : S("");
}

static void read_points(Arena *a, Str text, ImportJob *ret)
{
    Str one;
    ret->points = NEW_N(a, ImportPoint, text.n + 1);
    while (text.n && str_cut(text, RS, &one, &text)) {
        ImportPoint p;
        if (str_cut(one, US, &p.heading, &p.to))
            ret->points[ret->point_n++] = p;
    }
}

static void read_job(Records *rs, Arena *a, Stmt *s, ImportJob *ret)
{
    *ret = (ImportJob){.id = col_uuid(s, 0),
                       .account = col_i64(s, 1),
                       .type = model_type_numbered(rs->model, col_i64(s, 2)),
                       .lang = col_i64(s, 3) == LANG_EN ? LANG_EN : LANG_ZH,
                       .name = str_copy(a, col_str(s, 4)),
                       .keys = str_copy(a, col_str(s, 6)),
                       .at_ms = col_i64(s, 7),
                       .phase = (JobPhase)col_i64(s, 8),
                       .held_until = col_i64(s, 9),
                       .tries = col_i64(s, 10),
                       .row_n = col_i64(s, 11),
                       .done = col_i64(s, 12),
                       .made = col_i64(s, 13),
                       .updated = col_i64(s, 14),
                       .same = col_i64(s, 15),
                       .bad = col_i64(s, 16),
                       .notes = str_copy(a, col_str(s, 17)),
                       .told = str_copy(a, col_str(s, 18))};
    read_points(a, str_copy(a, col_str(s, 5)), ret);
}

static int get_job(Records *rs, Arena *a, Tx *tx, Uuid id, ImportJob *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_job_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc > 0) {
        read_job(rs, a, s, ret);
        stmt_reset(s);
    }
    return rc;
}

int record_job(Records *rs, Arena *a, Tx *tx, const Reader *r, Uuid id, ImportJob *ret, Err *e)
{
    ImportJob job = {0};
    int rc = get_job(rs, a, tx, id, &job, e);
    if (rc < 0)
        return rc;
    if (!rc || job.account != r->account || !job.type)
        return err_set(e, ERR_MISSING, "import.no_job");
    *ret = job;
    return 0;
}

int record_jobs(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t, ImportJob **ret,
                int *ret_n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_job_of));
    bind_i64(s, 1, r->account);
    bind_i64(s, 2, t->number);
    ImportJob *list = NEW_N(a, ImportJob, JOBS_SHOWN);
    int rc, n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        read_job(rs, a, s, &list[n++]);
    *ret = list;
    *ret_n = n;
    return rc;
}

int record_job_ahead(Tx *tx, const ImportJob *job, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_job_ahead));
    bind_i64(s, 1, job->at_ms);
    bind_uuid(s, 2, job->id);
    int rc = stmt_step(s, e);
    if (rc > 0) {
        *ret = col_i64(s, 0);
        stmt_reset(s);
    }
    return rc < 0 ? rc : 0;
}

int record_job_bytes(Arena *a, Tx *tx, Uuid id, Str *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_job_parts));
    Buf b = {.arena = a};
    bind_uuid(s, 1, id);
    int rc;
    while ((rc = stmt_step(s, e)) > 0)
        buf_str(&b, col_blob(s, 0));
    if (rc < 0)
        return rc;
    if (!b.n)
        return err_set(e, ERR_MISSING, "import.no_job");
    *ret = buf_view(&b);
    return 0;
}

int record_job_faults(Arena *a, Tx *tx, Uuid id, int most, ImportFault **ret, int *ret_n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_job_faults));
    bind_uuid(s, 1, id);
    bind_i64(s, 2, most);
    ImportFault *list = NEW_N(a, ImportFault, (size_t)most + 1);
    int rc, n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        list[n++] = (ImportFault){.row = col_i64(s, 0),
                                  .column = str_copy(a, col_str(s, 1)),
                                  .value = str_copy(a, col_str(s, 2)),
                                  .told = str_copy(a, col_str(s, 3))};
    *ret = list;
    *ret_n = n;
    return rc;
}

/* ---- writing ---- */

typedef struct Part {
    Uuid job;
    int64_t ix;
    Str data;
} Part;

static int apply_part(Tx *tx, void *arg, Err *e)
{
    const Part *p = arg;
    Stmt *s = tx_sql(tx, SQL(record_job_part_add));
    bind_uuid(s, 1, p->job);
    bind_i64(s, 2, p->ix);
    bind_blob(s, 3, p->data.p, p->data.n);
    return stmt_send(s, e);
}

typedef struct Put {
    const ImportJob *job;
    Str points;
} Put;

static int apply_put(Tx *tx, void *arg, Err *e)
{
    const Put *p = arg;
    const ImportJob *j = p->job;
    Stmt *s = tx_sql(tx, SQL(record_job_add));
    bind_uuid(s, 1, j->id);
    bind_i64(s, 2, j->account);
    bind_i64(s, 3, j->type->number);
    bind_i64(s, 4, j->lang);
    bind_str(s, 5, j->name);
    bind_str(s, 6, p->points);
    bind_str(s, 7, j->keys);
    bind_i64(s, 8, j->at_ms);
    bind_i64(s, 9, j->phase);
    bind_i64(s, 10, j->row_n);
    return stmt_send(s, e);
}

int record_job_put(const ImportHand *h, const ImportJob *job, Str bytes, Err *e)
{
    Arena *a = arena_new(4096);
    Put put = {.job = job, .points = points_text(a, job->points, job->point_n)};
    int rc = 0;
    for (int64_t ix = 0; bytes.n && rc >= 0; ix++) { /* each holds the writer for a moment only */
        size_t n = bytes.n < LIMIT_FILE_CHUNK ? bytes.n : LIMIT_FILE_CHUNK;
        Part p = {.job = job->id, .ix = ix, .data = str_sub(bytes, 0, n)};
        rc = store_write(h->store, h->conn, apply_part, &p, e);
        bytes = str_sub(bytes, n, bytes.n);
    }
    if (rc >= 0)
        rc = store_write(h->store, h->conn, apply_put, &put, e);
    arena_free(a);
    return rc;
}

typedef struct Turn {
    const ImportJob *job;
    Str points;
    JobPhase to;
} Turn;

static int apply_turn(Tx *tx, void *arg, Err *e)
{
    const Turn *t = arg;
    const ImportJob *j = t->job;
    Stmt *s = tx_sql(tx, SQL(record_job_phase));
    bind_i64(s, 1, t->to);
    bind_str(s, 2, t->points);
    bind_str(s, 3, str_has(j->notes) ? j->notes : S(""));
    bind_str(s, 4, str_has(j->told) ? j->told : S(""));
    bind_uuid(s, 5, j->id);
    bind_i64(s, 6, j->phase);
    int rc = stmt_run(s, e);
    if (rc < 0)
        return rc;
    if (!rc)
        return err_set(e, ERR_STATE, "import.job_moved");
    if (t->to != JOB_TRIES && t->to != JOB_WRITES)
        return 0;
    s = tx_sql(tx, SQL(record_job_begins));
    bind_uuid(s, 1, j->id);
    return stmt_send(s, e);
}

int record_job_turn(const ImportHand *h, const ImportJob *job, JobPhase to, Err *e)
{
    Arena *a = arena_new(4096);
    Turn t = {.job = job, .points = points_text(a, job->points, job->point_n), .to = to};
    int rc = store_write(h->store, h->conn, apply_turn, &t, e);
    arena_free(a);
    return rc;
}

/* ---- the thread's ---- */

typedef struct Claim {
    Uuid id, holder;
    UnixMs now_ms;
    bool is_mine;
} Claim;

static int apply_claim(Tx *tx, void *arg, Err *e)
{
    Claim *c = arg;
    Stmt *s = tx_sql(tx, SQL(record_job_claim));
    bind_uuid(s, 1, c->holder);
    bind_i64(s, 2, c->now_ms + LIMIT_IMPORT_HELD_MS);
    bind_uuid(s, 3, c->id);
    bind_i64(s, 4, c->now_ms);
    int rc = stmt_run(s, e);
    c->is_mine = rc > 0;
    return rc < 0 ? rc : 0;
}

int record_job_claim(Records *rs, Store *store, Conn *conn, Arena *a, Uuid holder, ImportJob *ret,
                     Err *e)
{
    Tx *tx;
    Claim c = {.holder = holder, .now_ms = env_now_ms(rs->env)};
    TRY(tx_read(conn, &tx, e));
    Stmt *s = tx_sql(tx, SQL(record_job_next));
    bind_i64(s, 1, c.now_ms);
    int rc = stmt_step(s, e);
    if (rc > 0) {
        c.id = col_uuid(s, 0);
        stmt_reset(s);
    }
    tx_end(tx);
    if (rc <= 0)
        return rc;
    TRY(store_write(store, conn, apply_claim, &c, e));
    if (!c.is_mine)
        return 0;
    TRY(tx_read(conn, &tx, e));
    rc = get_job(rs, a, tx, c.id, ret, e);
    tx_end(tx);
    return rc;
}

typedef struct On {
    Uuid holder;
    UnixMs until;
    const ImportJob *job;
} On;

static int apply_on(Tx *tx, void *arg, Err *e)
{
    const On *o = arg;
    Stmt *s = tx_sql(tx, SQL(record_job_on));
    bind_i64(s, 1, o->until);
    bind_i64(s, 2, o->job->done);
    bind_i64(s, 3, o->job->made);
    bind_i64(s, 4, o->job->updated);
    bind_i64(s, 5, o->job->same);
    bind_i64(s, 6, o->job->bad);
    bind_uuid(s, 7, o->job->id);
    bind_uuid(s, 8, o->holder);
    int rc = stmt_run(s, e);
    if (rc < 0)
        return rc;
    return rc ? 0 : err_set(e, ERR_STATE, "import.job_moved");
}

int record_job_on(Records *rs, Store *store, Conn *conn, Uuid holder, const ImportJob *job, Err *e)
{
    On o = {
        .holder = holder, .until = env_now_ms(rs->env) + LIMIT_IMPORT_HELD_MS, .job = job};
    return store_write(store, conn, apply_on, &o, e);
}

typedef struct Tell {
    Uuid id;
    const ImportFault *list;
    int from, to;
} Tell;

static int apply_tell(Tx *tx, void *arg, Err *e)
{
    const Tell *t = arg;
    for (int i = t->from; i < t->to; i++) {
        const ImportFault *f = &t->list[i];
        Stmt *s = tx_sql(tx, SQL(record_job_fault_add));
        bind_uuid(s, 1, t->id);
        bind_i64(s, 2, f->row * LIMIT_CSV_COLUMNS + i % LIMIT_CSV_COLUMNS);
        bind_i64(s, 3, f->row);
        bind_str(s, 4, f->column);
        bind_str(s, 5, f->value);
        bind_str(s, 6, f->told);
        TRY(stmt_send(s, e));
    }
    return 0;
}

int record_job_tell(Store *store, Conn *conn, Uuid id, const ImportFault *list, int from, int n,
                    Err *e)
{
    Tell t = {.id = id, .list = list, .from = from};
    while (t.from < n) {
        t.to = n - t.from < TOLD_STEP ? n : t.from + TOLD_STEP;
        TRY(store_write(store, conn, apply_tell, &t, e));
        t.from = t.to;
    }
    return 0;
}

static int apply_untell(Tx *tx, void *arg, Err *e)
{
    const Uuid *id = arg;
    Stmt *s = tx_sql(tx, SQL(record_job_faults_gone));
    bind_uuid(s, 1, *id);
    return stmt_send(s, e);
}

int record_job_untell(Store *store, Conn *conn, Uuid id, Err *e)
{
    return store_write(store, conn, apply_untell, &id, e);
}

static int apply_gone(Tx *tx, void *arg, Err *e)
{
    const Uuid *id = arg;
    Stmt *all[] = {tx_sql(tx, SQL(record_job_parts_gone)), tx_sql(tx, SQL(record_job_faults_gone)),
                   tx_sql(tx, SQL(record_job_gone))};
    for (size_t i = 0; i < LEN(all); i++) {
        bind_uuid(all[i], 1, *id);
        TRY(stmt_send(all[i], e));
    }
    return 0;
}

int record_job_sweep(Records *rs, Store *store, Conn *conn, Err *e)
{
    enum { MOST = 20 }; /* as the statement says */
    const int64_t day_ms = 24 * 3600 * 1000;
    Uuid list[MOST];
    Tx *tx;
    int rc, n = 0;
    TRY(tx_read(conn, &tx, e));
    Stmt *s = tx_sql(tx, SQL(record_job_old));
    bind_i64(s, 1, env_now_ms(rs->env) - LIMIT_IMPORT_KEEP_DAYS * day_ms);
    while ((rc = stmt_step(s, e)) > 0)
        list[n++] = col_uuid(s, 0);
    tx_end(tx);
    for (int i = 0; i < n && rc >= 0; i++)
        rc = store_write(store, conn, apply_gone, &list[i], e);
    return rc;
}
