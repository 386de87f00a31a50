/* record_import_batch.c: an import written in steps, each a change of its own that can be repeated:
 * what it did is kept by row beside the records.             SPEC: P7  DESIGN: Long work */
#include "record/record_import.h"

enum { TRIES = 5 };

typedef struct Step {
    Env *env;
    RecordImport *im;
    ImportDone *list;
    int n, at;        /* those before `at` are written */
    int done;         /* set by apply: the first one not written */
    int failed_at;    /* set by apply */
    int64_t row_was;
} Step;

/* ---- beginning ---- */

typedef struct Opening {
    const RecordImport *im;
    Str name;
    UnixMs now_ms;
    int64_t account;
    Str heads;
    const ImportPoint *points;
    int point_n;
} Opening;

static int remember(Tx *tx, const Opening *o, Err *e)
{
    for (int i = 0; i < o->point_n; i++) {
        Stmt *s = tx_sql(tx, SQL(record_import_map_set));
        bind_i64(s, 1, o->account);
        bind_str(s, 2, o->im->type->name);
        bind_blob(s, 3, o->heads.p, o->heads.n);
        bind_str(s, 4, import_folded(tx_arena(tx), o->points[i].heading));
        bind_str(s, 5, o->points[i].to);
        TRY(stmt_send(s, e));
    }
    return 0;
}

static int apply_open(Tx *tx, void *arg, Err *e)
{
    const Opening *o = arg;
    Stmt *s = tx_sql(tx, SQL(record_batch_add));
    bind_uuid(s, 1, o->im->batch);
    bind_i64(s, 2, o->account);
    bind_i64(s, 3, o->im->type->number);
    bind_str(s, 4, o->name);
    bind_i64(s, 5, o->now_ms);
    bind_i64(s, 6, o->im->row_n);
    TRY(stmt_send(s, e));
    if (str_has(o->im->sm3)) {
        s = tx_sql(tx, SQL(record_batch_file_add));
        bind_uuid(s, 1, o->im->batch);
        bind_i64(s, 2, o->im->type->number);
        bind_blob(s, 3, o->im->sm3.p, o->im->sm3.n);
        TRY(stmt_send(s, e));
    }
    return remember(tx, o, e);
}

/* Who he is now, in a snapshot. */
typedef struct Look {
    Tx *tx;
    Reader reader;
} Look;

static int look(const ImportHand *h, Arena *a, Look *ret, Err *e)
{
    TRY(tx_read(h->conn, &ret->tx, e));
    int rc = h->begin(h->ctx, a, ret->tx, &ret->reader, e);
    if (rc < 0)
        tx_end(ret->tx);
    return rc;
}

static void look_away(const ImportHand *h, Look *l)
{
    h->end(h->ctx, &l->reader);
}

int record_import_open(const ImportHand *h, RecordImport *im, const ImportRow *head,
                       const ImportPoint *points, int point_n, Str file_name, Err *e)
{
    Look l;
    TRY(look(h, im->arena, &l, e));
    ImportBatch there = {0};
    Err sub = err_on(im->arena);
    int rc = record_batch(h->rs, im->arena, l.tx, &l.reader, im->batch, &there, &sub);
    tx_end(l.tx);
    if (rc < 0 && rc != ERR_MISSING) {
        look_away(h, &l);
        return err_set(e, rc, "import.unread");
    }
    im->own->row_at = there.row_at; /* gone on with, or 0 */
    Opening o = {.im = im,
                 .name = file_name,
                 .now_ms = env_now_ms(h->rs->env),
                 .account = l.reader.account,
                 .heads = import_heads(im->arena, head),
                 .points = points,
                 .point_n = point_n};
    rc = store_write(h->store, h->conn, apply_open, &o, e);
    look_away(h, &l);
    im->new_n = im->changed_n = im->same_n = im->bad_n = 0;
    im->fault_n = im->note_n = 0;
    return rc;
}

/* ---- writing ---- */

static int add_row(Tx *tx, const Step *x, const ImportDone *d, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_batch_row_add));
    bind_uuid(s, 1, x->im->batch);
    bind_i64(s, 2, d->row);
    bind_uuid(s, 3, change_id(d->change));
    bind_i64(s, 4, d->version_before);
    bind_i64(s, 5, change_version(d->change));
    return stmt_send(s, e);
}

static int note_step(Tx *tx, const Step *x, Err *e)
{
    int64_t n[4] = {0};
    for (int i = x->at; i < x->done; i++)
        n[x->list[i].is]++;
    Stmt *s = tx_sql(tx, SQL(record_batch_step));
    bind_i64(s, 1, x->list[x->done - 1].row);
    bind_i64(s, 2, n[ROW_IS_NEW]);
    bind_i64(s, 3, n[ROW_IS_CHANGED]);
    bind_i64(s, 4, n[ROW_IS_SAME]);
    bind_i64(s, 5, n[ROW_IS_BAD]);
    bind_uuid(s, 6, x->im->batch);
    bind_i64(s, 7, x->row_was);
    int rc = stmt_run(s, e);
    if (rc < 0)
        return rc;
    return rc ? 0 : err_set(e, ERR_STATE, "import.moved_on");
}

static int apply_step(Tx *tx, void *arg, Err *e)
{
    Step *x = arg;
    int64_t until = env_mono_us(x->env) + LIMIT_IMPORT_STEP_US;
    x->failed_at = -1;
    for (x->done = x->at; x->done < x->n; x->done++) {
        const ImportDone *d = &x->list[x->done];
        if (!d->change)
            continue;
        if (x->done > x->at && env_mono_us(x->env) > until)
            break;
        int rc = record_apply(tx, d->change, e);
        if (rc < 0) {
            x->failed_at = x->done;
            return rc;
        }
        TRY(add_row(tx, x, d, e));
    }
    return note_step(tx, x, e);
}

static bool is_of_row(int rc)
{
    return rc == ERR_INVALID || rc == ERR_EXISTS || rc == ERR_MISSING || rc == ERR_DENIED ||
           rc == ERR_STATE || rc == ERR_CONFLICT;
}

/* Rows of their own in `a`. */
static int gather(Arena *a, ImportSource rows, int64_t after, ImportRow *list, int *ret_n, Err *e)
{
    ImportRow row;
    int rc = 1, n = 0;
    while (n < LIMIT_IMPORT_STEP && (rc = rows.next(rows.ctx, &row, e)) > 0) {
        if (row.row <= after)
            continue;
        ImportCell *cells = arena_copy(a, row.cells, (size_t)row.cell_n * sizeof *cells);
        for (int i = 0; i < row.cell_n; i++) {
            cells[i].text = str_copy(a, cells[i].text);
            cells[i].raw = str_copy(a, cells[i].raw);
        }
        row.cells = cells;
        list[n++] = row;
    }
    *ret_n = n;
    return rc < 0 ? rc : 0;
}

static int prepare_step(const ImportHand *h, Arena *a, RecordImport *im, const ImportRow *rows,
                        Step *x, Look *l, Err *e)
{
    int faults = im->fault_n;
    while (faults > 0 && im->faults[faults - 1].row >= rows[x->at].row)
        faults--; /* prepared anew */
    im->fault_n = faults;
    TRY(look(h, a, l, e));
    int rc = 0;
    for (int i = x->at; i < x->n && rc >= 0; i++)
        rc = import_row(h->rs, a, l->tx, &l->reader, im, &rows[i], true, &x->list[i], e);
    tx_end(l->tx);
    if (rc < 0)
        look_away(h, l);
    return rc;
}

static void count_step(RecordImport *im, const Step *x)
{
    for (int i = x->at; i < x->done; i++) {
        RowIs is = x->list[i].is;
        im->new_n += is == ROW_IS_NEW;
        im->changed_n += is == ROW_IS_CHANGED;
        im->same_n += is == ROW_IS_SAME;
        im->bad_n += is == ROW_IS_BAD;
    }
}

/* Writes what was prepared until it is all there (1), or something moved and the rest is to be
 * prepared anew (0). */
static int write_step(const ImportHand *h, Arena *a, RecordImport *im, const ImportRow *rows,
                      Step *x, Err *e)
{
    while (x->at < x->n) {
        Err sub = err_on(a);
        int rc = store_write(h->store, h->conn, apply_step, x, &sub);
        if (rc == ERR_BUSY)
            return 0;
        if (rc < 0 && x->failed_at >= 0 && is_of_row(rc)) {
            ImportDone *d = &x->list[x->failed_at];
            d->change = NULL;
            d->is = ROW_IS_BAD;
            TRY(import_error(im, d->row, &rows[x->failed_at], &sub));
            continue;
        }
        if (rc < 0) {
            *e = sub;
            e->key = str_copy(im->arena, sub.key);
            return rc;
        }
        count_step(im, x);
        x->row_was = x->list[x->done - 1].row;
        x->at = x->done;
    }
    return 1;
}

typedef struct Close {
    Uuid batch;
    int64_t phase, undone_ms;
} Close;

static int apply_phase(Tx *tx, void *arg, Err *e)
{
    const Close *c = arg;
    Stmt *s = tx_sql(tx, SQL(record_batch_phase));
    bind_i64(s, 1, c->phase);
    if (c->undone_ms)
        bind_i64(s, 2, c->undone_ms);
    else
        bind_null(s, 2);
    bind_uuid(s, 3, c->batch);
    return stmt_send(s, e);
}

static int step_in(const ImportHand *h, Arena *a, RecordImport *im, ImportSource rows,
                   bool *ret_more, Err *e)
{
    ImportRow *list = NEW_N(a, ImportRow, LIMIT_IMPORT_STEP);
    Step x = {.env = h->rs->env,
              .im = im,
              .list = NEW_N(a, ImportDone, LIMIT_IMPORT_STEP),
              .row_was = im->own->row_at};
    TRY(gather(a, rows, im->own->row_at, list, &x.n, e));
    *ret_more = x.n > 0;
    for (int tries = 0; x.at < x.n; tries++) {
        Look l;
        TRY(prepare_step(h, a, im, list, &x, &l, e));
        for (int i = x.at; i < x.n; i++)
            x.list[i].row = list[i].row;
        int before = x.at, rc = write_step(h, a, im, list, &x, e);
        look_away(h, &l);
        TRY(rc);
        tries = x.at > before ? 0 : tries;
        if (!rc && tries >= TRIES)
            return err_set(e, ERR_BUSY, "record.again");
    }
    im->own->row_at = x.row_was;
    if (*ret_more)
        return 0;
    Close c = {.batch = im->batch, .phase = 2};
    return store_write(h->store, h->conn, apply_phase, &c, e);
}

int record_import_step(const ImportHand *h, RecordImport *im, ImportSource rows, bool *ret_more,
                       Err *e)
{
    Arena *a = arena_new(256 * 1024);
    int rc = step_in(h, a, im, rows, ret_more, e);
    if (rc < 0) { /* told from what is about to go */
        Err kept = err_on(im->arena);
        Str args[ERR_ARGS_MAX + 1] = {e->args[0], e->args[1], e->args[2], e->args[3], STR_NONE};
        (void)err_set_at(&kept, rc, str_z(im->arena, e->key), e->file, e->line, args);
        *e = kept;
    }
    arena_free(a);
    return rc;
}

/* ---- looking at batches ---- */

static void read_batch(Records *rs, Arena *a, Stmt *s, ImportBatch *ret)
{
    *ret = (ImportBatch){.id = col_uuid(s, 0),
                         .account = col_i64(s, 1),
                         .type = model_type_numbered(rs->model, col_i64(s, 2)),
                         .name = str_copy(a, col_str(s, 3)),
                         .at_ms = col_i64(s, 4),
                         .row_n = col_i64(s, 5),
                         .row_at = col_i64(s, 6),
                         .made = col_i64(s, 7),
                         .updated = col_i64(s, 8),
                         .same = col_i64(s, 9),
                         .bad = col_i64(s, 10),
                         .phase = (int)col_i64(s, 11),
                         .undone_ms = col_i64(s, 12)};
}

int record_batch(Records *rs, Arena *a, Tx *tx, const Reader *r, Uuid id, ImportBatch *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_batch_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    ImportBatch b = {0};
    if (rc) {
        read_batch(rs, a, s, &b);
        stmt_reset(s);
    }
    if (!rc || b.account != r->account)
        return err_set(e, ERR_MISSING, "import.no_batch");
    *ret = b;
    return 0;
}

int record_batches(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t,
                   ImportBatch **ret, int *ret_n, Err *e)
{
    enum { MOST = 20 }; /* as the statement says */
    Stmt *s = tx_sql(tx, SQL(record_batch_of));
    bind_i64(s, 1, r->account);
    bind_i64(s, 2, t->number);
    ImportBatch *list = NEW_N(a, ImportBatch, MOST);
    int rc, n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        read_batch(rs, a, s, &list[n++]);
    *ret = list;
    *ret_n = n;
    return rc;
}

int import_phase(const ImportHand *h, Uuid batch, int phase, UnixMs undone_ms, Err *e)
{
    Close c = {.batch = batch, .phase = phase, .undone_ms = undone_ms};
    return store_write(h->store, h->conn, apply_phase, &c, e);
}

int import_look(const ImportHand *h, Arena *a, Tx **ret_tx, Reader *ret, Err *e)
{
    Look l;
    TRY(look(h, a, &l, e));
    *ret_tx = l.tx;
    *ret = l.reader;
    return 0;
}

int record_import_same_file(Tx *tx, const Type *t, Str sm3, UnixMs *ret_at_ms, int64_t *ret_made,
                            Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_batch_same_file));
    bind_i64(s, 1, t->number);
    bind_blob(s, 2, sm3.p, sm3.n);
    *ret_made = 0;
    int rc = stmt_step(s, e);
    if (rc > 0) {
        *ret_at_ms = col_i64(s, 0);
        *ret_made = col_i64(s, 1);
        stmt_reset(s);
    }
    return rc < 0 ? rc : 0;
}
