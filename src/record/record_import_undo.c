/* record_import_undo.c: a whole batch taken back, as far as nobody touched it since.
 *                                                                                    SPEC: P7 */
#include "record/record_import.h"

enum { UNDO_ROWS = 200, TRIES = 5 };
typedef enum Undone { UNDONE_NOT, UNDONE_DONE, UNDONE_EDITED, UNDONE_STUCK } Undone;

typedef struct UndoRow {
    int64_t row, before, after;
    Uuid record;
    Undone is;
    Change *change;
} UndoRow;
typedef struct UndoStep {
    const ImportUndo *u;
    UndoRow *list;
    int n, at, done;
    int failed_at;
    Env *env;
} UndoStep;

static int read_rows(Tx *tx, const ImportUndo *u, UndoRow *list, int *ret_n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_batch_rows));
    bind_uuid(s, 1, u->batch);
    bind_i64(s, 2, u->row_at);
    int rc, n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        list[n++] = (UndoRow){.row = col_i64(s, 0),
                              .record = col_uuid(s, 1),
                              .before = col_i64(s, 2),
                              .after = col_i64(s, 3),
                              .is = (Undone)col_i64(s, 4)};
    *ret_n = n;
    return rc;
}

/* An action that makes it void from where it stands; what it asks for is why. */
static const Action *void_action(const Type *t, int state)
{
    for (int i = 0; i < t->action_n; i++) {
        const Action *act = &t->actions[i];
        if (act->kind == ACTION_OTHER && act->to >= 0 && t->void_states >> act->to & 1 &&
            act->from >> state & 1)
            return act;
    }
    return NULL;
}

static Str typed_audience(Arena *a, const Reader *r, const Value *v)
{
    Buf b = {.arena = a};
    Str at = v->s, role;
    int64_t id;
    while (audience_next(&at, &role, &id)) {
        const Unit *u = tree_unit(r->tree, id);
        if (u)
            buf_fmt(&b, "%s%.*s@%.*s", b.n ? ", " : "", STR_ARG(role), STR_ARG(u->code));
    }
    return buf_view(&b);
}

static Str typed_again(Arena *a, const Reader *r, const Field *f, const Value *v)
{
    if (v->tag == VALUE_NONE)
        return S("");
    if (f->kind == KIND_UNIT) {
        const Unit *u = tree_unit(r->tree, v->i);
        return u ? u->code : S("");
    }
    return f->kind == KIND_AUDIENCE ? typed_audience(a, r, v) : model_kind(f->kind)->typed(a, f, v);
}

/* The fields the import changed, as they were. */
static int former_fields(Arena *a, Tx *tx, const Reader *r, const Record *rec, int64_t version,
                         FieldInput *list, int *ret_n, Err *e)
{
    Past p;
    int n = 0;
    TRY(record_past(a, tx, rec->type, rec->id, version, &p, e));
    for (int i = 0; i < rec->type->field_n; i++) {
        const Field *f = &rec->type->fields[i];
        if (f->kind == KIND_ROWS || f->computed || f->is_asked || p.is_blanked[i] ||
            value_eq(&p.values[i], &rec->values[i]))
            continue;
        list[n++] = (FieldInput){.name = f->name, .text = typed_again(a, r, f, &p.values[i])};
    }
    *ret_n = n;
    return 0;
}

static int undo_row(const ImportHand *h, Arena *a, Tx *tx, const Reader *r, const Type *t,
                    UndoRow *x, Err *e)
{
    Record *rec;
    Err sub = err_on(a);
    x->is = UNDONE_STUCK;
    x->change = NULL;
    int rc = record_get(h->rs, a, tx, r, t, x->record, &rec, NULL, &sub);
    if (rc == ERR_MISSING)
        return 0;
    if (rc < 0)
        return err_set(e, rc, "import.unread");
    if (rec->version != x->after) {
        x->is = UNDONE_EDITED;
        return 0;
    }
    RecordInput in = {.type = t, .id = x->record, .unit_ix = -1, .if_version = x->after};
    FieldInput *list = NEW_N(a, FieldInput, (size_t)t->field_n + 1);
    in.fields = list;
    in.as_role = STR_NONE;
    in.action = x->before ? t->change : void_action(t, rec->state);
    if (!in.action)
        return 0;
    if (x->before)
        TRY(former_fields(a, tx, r, rec, x->before, list, &in.field_n, e));
    for (int i = 0; !x->before && i < in.action->ask_n; i++) {
        const Field *f = in.action->asks[i];
        if (f->kind == KIND_TEXT || f->kind == KIND_NOTE)
            list[in.field_n++] =
                (FieldInput){.name = f->name, .text = i18n_get(r->lang, S("import.undo_why"))};
    }
    rc = record_prepare(h->rs, a, tx, r, &in, &x->change, &sub);
    if (rc == ERR_IO || rc == ERR_CORRUPT || rc == ERR_BUG)
        return err_set(e, rc, "import.unread");
    if (rc < 0)
        x->change = NULL;
    else
        x->is = UNDONE_DONE;
    return 0;
}

static int apply_undo(Tx *tx, void *arg, Err *e)
{
    UndoStep *x = arg;
    int64_t until = env_mono_us(x->env) + LIMIT_IMPORT_STEP_US;
    x->failed_at = -1;
    for (x->done = x->at; x->done < x->n; x->done++) {
        UndoRow *d = &x->list[x->done];
        if (x->done > x->at && env_mono_us(x->env) > until)
            return 0;
        int rc = d->change ? record_apply(tx, d->change, e) : 0;
        if (rc < 0) {
            x->failed_at = x->done;
            return rc;
        }
        Stmt *s = tx_sql(tx, SQL(record_batch_row_undone));
        bind_i64(s, 1, d->is);
        bind_uuid(s, 2, x->u->batch);
        bind_i64(s, 3, d->row);
        TRY(stmt_send(s, e));
    }
    return 0;
}

static void count_undone(ImportUndo *u, const UndoRow *d)
{
    u->voided_n += d->is == UNDONE_DONE && !d->before;
    u->restored_n += d->is == UNDONE_DONE && d->before;
    u->edited_n += d->is == UNDONE_EDITED;
    u->stuck_n += d->is == UNDONE_STUCK;
    if (d->is > UNDONE_DONE && u->kept_n < LIMIT_IMPORT_NOTES)
        u->kept[u->kept_n++] =
            (UndoKept){.row = d->row, .record = d->record, .is_edited = d->is == UNDONE_EDITED};
    u->row_at = d->row;
}

/* Writes what is prepared: 1 all of it, 0 the rest is to be prepared anew. */
static int write_undo(const ImportHand *h, Arena *a, ImportUndo *u, UndoStep *x, Err *e)
{
    while (x->at < x->n) {
        Err sub = err_on(a);
        int rc = store_write(h->store, h->conn, apply_undo, x, &sub);
        if (rc == ERR_BUSY)
            return 0;
        if (rc < 0 && x->failed_at >= 0 && rc != ERR_IO && rc != ERR_CORRUPT && rc != ERR_BUG) {
            x->list[x->failed_at].change = NULL;
            x->list[x->failed_at].is = UNDONE_STUCK;
            continue;
        }
        if (rc < 0)
            return err_set(e, rc, "import.unread");
        for (; x->at < x->done; x->at++)
            count_undone(u, &x->list[x->at]);
    }
    return 1;
}

static int begin_undo(const ImportHand *h, ImportUndo *u, Tx *tx, const Reader *r, Arena *a,
                      ImportBatch *ret, Err *e)
{
    TRY(record_batch(h->rs, a, tx, r, u->batch, ret, e));
    if (!ret->type)
        return err_set(e, ERR_STATE, "import.no_type");
    if (ret->phase == 4)
        return err_set(e, ERR_STATE, "import.undone_before");
    if (!u->kept)
        u->kept = NEW_N(u->arena, UndoKept, LIMIT_IMPORT_NOTES);
    return 0;
}

static int undo_in(const ImportHand *h, Arena *a, ImportUndo *u, bool *ret_more, Err *e)
{
    UndoStep x = {.u = u, .list = NEW_N(a, UndoRow, UNDO_ROWS), .env = h->rs->env};
    ImportBatch b = {0};
    bool is_read = false;
    for (int tries = 0; !is_read || x.at < x.n; tries++) {
        Tx *tx;
        Reader *r = NEW(a, Reader);
        TRY(import_look(h, a, &tx, r, e));
        int rc = is_read ? 0 : begin_undo(h, u, tx, r, a, &b, e);
        if (!rc && !is_read)
            rc = read_rows(tx, u, x.list, &x.n, e);
        for (int i = x.at; rc >= 0 && i < x.n; i++)
            if (x.list[i].is != UNDONE_DONE || is_read)
                rc = undo_row(h, a, tx, r, b.type, &x.list[i], e);
        tx_end(tx);
        if (rc >= 0 && !is_read && b.phase < 3)
            rc = import_phase(h, u->batch, 3, 0, e);
        int before = x.at;
        if (rc >= 0)
            rc = write_undo(h, a, u, &x, e);
        h->end(h->ctx, r);
        TRY(rc);
        is_read = true;
        tries = x.at > before ? 0 : tries;
        if (tries >= TRIES)
            return err_set(e, ERR_BUSY, "record.again");
    }
    *ret_more = x.n > 0;
    return *ret_more ? 0 : import_phase(h, u->batch, 4, env_now_ms(h->rs->env), e);
}

int record_undo_step(const ImportHand *h, ImportUndo *u, bool *ret_more, Err *e)
{
    Arena *a = arena_new(256 * 1024);
    int rc = undo_in(h, a, u, ret_more, e);
    arena_free(a);
    return rc;
}
