/* record_rows.c: lines of a record: read with it, compared, kept in its history, written.
 *
 * A history body holds one entry for each line that was added, changed, moved or removed; the
 * entry's number is the rows field's, its value a blob (integers big-endian):
 *   id 16, what u8, ix 8, then for each field written: number u32, tag u8, length u32, bytes
 * Places (ix) leave gaps, so that putting one line in does not move all behind it.
 *                                                          DESIGN: Data, History, sealing,
 * erasure */
#include "record/record_int.h"

enum { ROW_GAP = 1 << 16, ROW_LEAD = 16 + 1 + 8, SUB_LEAD = 4 + 1 + 4 };

/* ---- reading ---- */

static int read_field(Records *rs, Arena *a, Tx *tx, const Record *rec, const Field *f, Value *ret,
                      Err *e)
{
    Stmt *s;
    int n = 0, cap = 16, rc;
    Row *list = NEW_N(a, Row, (size_t)cap);
    TRY(tx_prepare(tx, rs->sql[rec->type->ix].fields[f->ix].rows.of, &s, e));
    bind_uuid(s, 1, rec->id);
    while ((rc = stmt_step(s, e)) > 0) {
        if (n == cap) {
            Row *more = NEW_N(a, Row, (size_t)cap * 4);
            memcpy(more, list, (size_t)cap * sizeof *list);
            list = more;
            cap *= 4;
        }
        Value *values = NEW_N(a, Value, (size_t)f->field_n + 1);
        for (int i = 0; i < f->field_n; i++)
            values[i] = query_value(a, s, ROW_FIELDS + i, &f->fields[i]);
        list[n++] = (Row){.id = col_uuid(s, ROW_ID),
                          .ix = col_i64(s, ROW_IX),
                          .values = values,
                          .value_n = f->field_n};
    }
    if (rc < 0)
        return rc;
    *ret = n ? (Value){.tag = VALUE_ROWS, .i = n, .rows = list} : (Value){.tag = VALUE_NONE};
    return 0;
}

int rows_read(Records *rs, Arena *a, Tx *tx, Record *rec, Err *e)
{
    for (int i = 0; i < rec->type->field_n; i++)
        if (rec->type->fields[i].kind == KIND_ROWS)
            TRY(read_field(rs, a, tx, rec, &rec->type->fields[i], &rec->values[i], e));
    return 0;
}

/* ---- comparing ---- */

static int64_t count_of(const Value *v)
{
    return v && v->tag == VALUE_ROWS ? v->i : 0;
}

/* The place of a line by its id, looked for from `from` on, where it mostly is; -1. */
static int64_t find_row(const Row *rows, int64_t n, Uuid id, int64_t from)
{
    for (int64_t k = 0; k < n; k++) {
        int64_t at = from + k < n ? from + k : from + k - n;
        if (uuid_eq(rows[at].id, id))
            return at;
    }
    return -1;
}

/* Keeps the places of those that still stand in order; a new one goes half way to the next. */
static void give_places(Row *rows, int64_t n, const int64_t *was)
{
    int64_t last = 0;
    for (int64_t i = 0; i < n; i++) {
        if (was[i] >= 0 && rows[i].ix > last) {
            last = rows[i].ix;
            continue;
        }
        int64_t next = last + 2 * ROW_GAP;
        for (int64_t k = i + 1; k < n; k++)
            if (was[k] >= 0 && rows[k].ix > last) {
                next = rows[k].ix;
                break;
            }
        rows[i].ix = next - last > 1 ? last + (next - last) / 2 : last + ROW_GAP;
        last = rows[i].ix;
    }
}

static uint64_t differing(const Row *a, const Row *b)
{
    uint64_t set = 0;
    for (int i = 0; i < a->value_n; i++)
        if (!value_eq(&a->values[i], &b->values[i]))
            set |= UINT64_C(1) << i;
    return set;
}

static uint64_t filled(const Row *row)
{
    uint64_t set = 0;
    for (int i = 0; i < row->value_n; i++)
        if (row->values[i].tag != VALUE_NONE)
            set |= UINT64_C(1) << i;
    return set;
}

int rows_diff(Arena *a, const Field *f, const Value *before, Value *after, RowOp *ops)
{
    int64_t n = count_of(after), old_n = count_of(before), at = 0;
    int op_n = 0;
    Row *rows = n ? arena_copy(a, after->rows, (size_t)n * sizeof *rows) : NULL;
    int64_t *was = NEW_N(a, int64_t, (size_t)n + 1);
    bool *stays = NEW_N(a, bool, (size_t)old_n + 1);
    for (int64_t i = 0; i < n; i++) {
        was[i] = old_n ? find_row(before->rows, old_n, rows[i].id, at) : -1;
        rows[i].ix = was[i] >= 0 ? before->rows[was[i]].ix : 0;
        if (was[i] >= 0) {
            stays[was[i]] = true;
            at = (was[i] + 1) % old_n;
        }
    }
    give_places(rows, n, was);
    for (int64_t i = 0; i < n; i++) {
        const Row *old = was[i] >= 0 ? &before->rows[was[i]] : NULL;
        RowOp op = {.field = f, .row = &rows[i]};
        op.set = old ? differing(old, &rows[i]) : filled(&rows[i]);
        op.what = !old ? ROW_ADD : op.set ? ROW_SET : ROW_MOVE;
        if (op.what != ROW_MOVE || old->ix != rows[i].ix)
            ops[op_n++] = op;
    }
    for (int64_t i = 0; i < old_n; i++)
        if (!stays[i])
            ops[op_n++] = (RowOp){.field = f, .what = ROW_REMOVE, .row = &before->rows[i]};
    if (n)
        after->rows = rows;
    return op_n;
}

/* ---- history ---- */

static void put_sub(Buf *b, const Field *f, const Value *v)
{
    uint8_t head[SUB_LEAD], number[8];
    Str bytes = v->tag == VALUE_NONE ? S("") : v->s;
    if (v->tag == VALUE_INT) {
        put_be(number, (uint64_t)v->i, 8);
        bytes = (Str){(const char *)number, 8};
    }
    uint8_t *p = put_be(head, (uint64_t)f->number, 4);
    *p++ = (uint8_t)v->tag;
    put_be(p, bytes.n, 4);
    buf_mem(b, head, sizeof head);
    buf_mem(b, bytes.p, bytes.n);
}

Str row_encode(Arena *a, const RowOp *op)
{
    Buf b = {.arena = a};
    uint8_t lead[ROW_LEAD];
    memcpy(lead, op->row->id.b, 16);
    lead[16] = (uint8_t)op->what;
    put_be(lead + 17, (uint64_t)op->row->ix, 8);
    buf_mem(&b, lead, sizeof lead);
    for (int i = 0; i < op->field->field_n; i++)
        if (op->set >> i & 1)
            put_sub(&b, &op->field->fields[i], &op->row->values[i]);
    return buf_view(&b);
}

static const Field *sub_numbered(const Field *f, int64_t number)
{
    for (int i = 0; i < f->field_n; i++)
        if (f->fields[i].number == number)
            return &f->fields[i];
    return NULL; /* one the model has hidden */
}

/* Reads the fields of one entry into `values`; false: not as row_encode writes them. */
static bool take_subs(Arena *a, const Field *f, Str at, Value *values)
{
    while (at.n) {
        if (at.n < SUB_LEAD)
            return false;
        const Field *sub = sub_numbered(f, (int64_t)get_be(at.p, 4));
        ValueTag tag = (ValueTag)(uint8_t)at.p[4];
        size_t n = (size_t)get_be(at.p + 5, 4);
        if (at.n - SUB_LEAD < n)
            return false;
        Str bytes = {at.p + SUB_LEAD, n};
        at = (Str){bytes.p + n, at.n - SUB_LEAD - n};
        Value v = {.tag = tag};
        if (tag == VALUE_INT && n == 8)
            v.i = (int64_t)get_be(bytes.p, 8);
        else if (tag == VALUE_TEXT || tag == VALUE_BLOB)
            v.s = str_copy(a, bytes);
        else if (tag != VALUE_NONE || n)
            return false;
        if (sub)
            values[sub->ix] = v;
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    if (x->ix != y->ix)
        return x->ix < y->ix ? -1 : 1;
    return uuid_cmp(x->id, y->id);
}

typedef struct Folding {
    Arena *arena;
    const Field *field;
    Row *rows;
    int64_t n, hint;
} Folding;

static bool fold_one(Folding *x, Str bytes)
{
    if (bytes.n < ROW_LEAD)
        return false;
    Row row = {.ix = (int64_t)get_be(bytes.p + 17, 8), .value_n = x->field->field_n};
    memcpy(row.id.b, bytes.p, 16);
    RowDo what = (RowDo)(uint8_t)bytes.p[16];
    int64_t at = what == ROW_ADD ? x->n : find_row(x->rows, x->n, row.id, x->hint);
    if (what < ROW_ADD || what > ROW_REMOVE || at < 0)
        return false;
    x->hint = at + 1 < x->n ? at + 1 : 0;
    if (what == ROW_REMOVE) {
        memmove(x->rows + at, x->rows + at + 1, (size_t)(x->n - at - 1) * sizeof *x->rows);
        x->n--;
        x->hint = at < x->n ? at : 0;
        return bytes.n == ROW_LEAD;
    }
    size_t size = (size_t)x->field->field_n * sizeof(Value);
    Value *values = what == ROW_ADD ? arena_alloc(x->arena, size)
                                    : arena_copy(x->arena, x->rows[at].values, size);
    row.values = values;
    x->rows[at] = row;
    x->n += what == ROW_ADD;
    return take_subs(x->arena, x->field, str_sub(bytes, ROW_LEAD, bytes.n), values);
}

bool rows_fold(Arena *a, const Field *f, const Value *before, const Entry *entries, int n,
               Value *ret)
{
    int64_t mine = 0, old_n = count_of(before);
    for (int i = 0; i < n; i++)
        mine += entries[i].number == f->number;
    Folding x = {.arena = a, .field = f, .n = old_n};
    x.rows = NEW_N(a, Row, (size_t)(old_n + mine) + 1);
    if (old_n)
        memcpy(x.rows, before->rows, (size_t)old_n * sizeof *x.rows);
    bool is_whole = true;
    for (int i = 0; i < n && is_whole; i++)
        if (entries[i].number == f->number && !entries[i].is_blanked)
            is_whole = entries[i].value.tag == VALUE_BLOB && fold_one(&x, entries[i].value.s);
    qsort(x.rows, (size_t)x.n, sizeof *x.rows, by_place);
    *ret = x.n ? (Value){.tag = VALUE_ROWS, .i = x.n, .rows = x.rows} : (Value){.tag = VALUE_NONE};
    return is_whole;
}

/* ---- writing ---- */

static int apply_one(Tx *tx, const Change *c, const RowOp *op, Err *e)
{
    const RowsSql *sql = &c->rs->sql[c->type->ix].fields[op->field->ix].rows;
    Stmt *s;
    TRY(tx_prepare(tx,
                   op->what == ROW_REMOVE ? sql->remove
                   : op->what == ROW_ADD  ? sql->insert
                                          : sql->update,
                   &s, e));
    bind_uuid(s, ROW_ID + 1, op->row->id);
    bind_i64(s, ROW_COUNTY + 1, c->after->county);
    bind_uuid(s, ROW_RECORD + 1, c->after->id);
    if (op->what == ROW_REMOVE)
        return stmt_send(s, e);
    bind_i64(s, ROW_UNIT + 1, c->after->unit);
    bind_i64(s, ROW_IX + 1, op->row->ix);
    for (int i = 0; i < op->field->field_n; i++)
        query_bind_value(s, ROW_FIELDS + 1 + i, &op->field->fields[i], &op->row->values[i]);
    return stmt_send(s, e);
}

static void list_value(BindList *l, const Value *v)
{
    if (v->tag == VALUE_NONE)
        bind_list_null(l);
    else if (v->tag == VALUE_INT)
        bind_list_i64(l, v->i);
    else
        bind_list_bytes(l, v->s);
}

/* All lines of one field that are added, or written, or removed, in one statement. */
static int apply_many(Tx *tx, const Change *c, const Field *f, Str sql, const RowOp **ops, int n,
                      Err *e)
{
    Arena *a = tx_arena(tx);
    bool is_remove = ops[0]->what == ROW_REMOVE;
    Stmt *s;
    TRY(tx_prepare(tx, sql, &s, e));
    bind_i64(s, ROW_COUNTY + 1, c->after->county);
    bind_uuid(s, ROW_RECORD + 1, c->after->id);
    BindList ids = bind_list_new(a, 'u'), places = bind_list_new(a, 'i');
    for (int i = 0; i < n; i++) {
        bind_list_bytes(&ids, (Str){(const char *)ops[i]->row->id.b, sizeof(Uuid)});
        bind_list_i64(&places, ops[i]->row->ix);
    }
    bind_list(s, ROW_ID + 1, &ids);
    if (is_remove)
        return stmt_send(s, e);
    bind_i64(s, ROW_UNIT + 1, c->after->unit);
    bind_list(s, ROW_IX + 1, &places);
    for (int k = 0; k < f->field_n; k++) {
        BindList l = bind_list_new(a, model_kind(f->fields[k].kind)->column);
        for (int i = 0; i < n; i++)
            list_value(&l, &ops[i]->row->values[k]);
        bind_list(s, ROW_FIELDS + 1 + k, &l);
    }
    return stmt_send(s, e);
}

static int apply_field(Tx *tx, const Change *c, const Field *f, Err *e)
{
    const RowsSql *sql = &c->rs->sql[c->type->ix].fields[f->ix].rows;
    const Str texts[] = {sql->insert_many, sql->update_many, sql->remove_many};
    const RowOp **ops = NEW_N(tx_arena(tx), const RowOp *, (size_t)c->op_n);
    for (int k = 0; k < 3; k++) {
        int n = 0;
        for (int i = 0; i < c->op_n; i++) {
            RowDo what = c->ops[i].what;
            int kind = what == ROW_ADD ? 0 : what == ROW_REMOVE ? 2 : 1;
            if (c->ops[i].field == f && kind == k)
                ops[n++] = &c->ops[i];
        }
        if (n)
            TRY(apply_many(tx, c, f, texts[k], ops, n, e));
    }
    return 0;
}

int rows_apply(Tx *tx, const Change *c, Err *e)
{
    if (tx_engine(tx) == ENGINE_PG && c->op_n > 1) {
        for (int i = 0; i < c->type->field_n; i++)
            if (c->type->fields[i].kind == KIND_ROWS)
                TRY(apply_field(tx, c, &c->type->fields[i], e));
        return 0;
    }
    for (int i = 0; i < c->op_n; i++)
        TRY(apply_one(tx, c, &c->ops[i], e));
    return 0;
}
