/* record_apply.c: the only code that writes records. Short, repeatable, no parsing, no waiting.
 *
 * What prepare decided holds exactly while five things are as they were: the account's access
 * number, the tree, the model, the day, the record's version. Apply compares these instead of
 * deciding again;
 * where one moved, the change is prepared anew (ERR_BUSY "record.again"), which then also tells a
 * conflict from the same thing sent twice at once.  DESIGN: One way in, one way out */
#include "record/record_int.h"

static int check_basis(Tx *tx, const Change *c, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_basis));
    bind_i64(s, 1, c->account);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    int64_t tree_no = 0;
    bool holds = rc && col_i64(s, 0) == c->access_no && str_i64(col_str(s, 1), &tree_no) &&
                 tree_no == c->tree_no && str_eq(col_str(s, 2), c->rs->model_hash) &&
                 day_of_ms(c->now_ms) == c->today;
    if (rc)
        stmt_reset(s);
    return holds ? 0 : err_set(e, ERR_BUSY, "record.again");
}

static const Field *unique_field(const Type *t)
{
    const Field *f = NULL;
    for (int i = 0; i < t->unique_n; i++)
        if (type_field(t, t->unique[i]))
            f = type_field(t, t->unique[i]);
    return f;
}

/* The engine refused a second record where the type allows one. */
static int not_unique(const Change *c, Err *e)
{
    const Field *f = unique_field(c->type);
    Arena *a = e->arena;
    *e = err_on(a);
    return err_field(e, f ? f->name : S(""), "record.not_unique");
}

static void pend(Tx *tx, const Change *c)
{
    Pended *p = NEW(tx_arena(tx), Pended);
    *p = (Pended){.at_ms = c->now_ms,
                  .record = c->after->id,
                  .actor = c->reader->person,
                  .type = c->type->number,
                  .version = c->after->version,
                  .act = c->action->number,
                  .seat = c->seat,
                  .deputy_for = c->deputy_for,
                  .body = c->body,
                  .moves = c->moves,
                  .move_n = c->move_n};
    memcpy(p->body_hash, c->body_hash, SM3_BYTES);
    tx_pend(tx, p);
    newest_raise(c->rs->newest, c->type->ix, c->after->unit, c->after->at_day, c->after->id);
}

static int use_files(Tx *tx, Uuid record, const Value *v, Err *e)
{
    for (size_t at = 0; v->tag == VALUE_BLOB && at + sizeof(Uuid) <= v->s.n; at += sizeof(Uuid)) {
        Uuid file;
        memcpy(file.b, v->s.p + at, sizeof file.b);
        Stmt *s = tx_sql(tx, SQL(record_file_use_add));
        bind_uuid(s, 1, file);
        bind_uuid(s, 2, record);
        TRY(stmt_send(s, e));
    }
    return 0;
}

/* Files that are new in a field or in a line are opened through this record. */
static int add_file_uses(Tx *tx, const Change *c, Err *e)
{
    for (int i = 0; i < c->type->field_n; i++)
        if (field_has_files(&c->type->fields[i]) && set_has(c->changed, i))
            TRY(use_files(tx, c->after->id, &c->after->values[i], e));
    for (int i = 0; i < c->op_n; i++)
        for (int k = 0; k < c->ops[i].field->field_n; k++)
            if (c->ops[i].set >> k & 1 && field_has_files(&c->ops[i].field->fields[k]))
                TRY(use_files(tx, c->after->id, &c->ops[i].row->values[k], e));
    return 0;
}

/* ---- exclusive ---- */

static int64_t day_or(const Change *c, const Field *f, int64_t open)
{
    const Value *v = &c->after->values[f->ix];
    return v->tag == VALUE_INT ? v->i : open;
}

/* Which line of ours is the one that somebody else holds, for the fault's name. */
static Str line_path(const Change *c, const Field *rows, const Field *f, Uuid id, Arena *a)
{
    const Value *v = &c->after->values[rows->ix];
    for (int64_t i = 0; v->tag == VALUE_ROWS && i < v->i; i++) {
        const Value *x = &v->rows[i].values[f->ix];
        if (x->tag == VALUE_BLOB && !memcmp(x->s.p, id.b, sizeof id.b))
            return input_path(a, rows, (int)i, f->name);
    }
    return rows->name;
}

/* The record in the way is named to who may see it; to others it is only "another". */
static int tell_clash(Tx *tx, const Change *c, Str path, Uuid holder, Err *e)
{
    Arena *a = tx_arena(tx);
    Record *rec;
    Err sub = err_on(e->arena);
    int rc = record_get(c->rs, a, tx, c->reader, c->type, holder, &rec, NULL, &sub);
    if (rc == ERR_MISSING)
        return err_field(e, path, "record.double_booked");
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    return err_field(e, path, "record.double_booked_by", record_title(a, rec, c->reader->lang),
                     record_tell_apart(a, c->reader, rec));
}

/* Asked after our own lines stand there, in the same transaction: nobody comes in between. */
static int check_clash(Tx *tx, const Change *c, Str sql, const Field *rows, const Field *f, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(tx, sql, &s, e));
    bind_uuid(s, 1, c->after->id);
    bind_i64(s, 2, day_or(c, f->exclusive_from, INT64_MIN));
    bind_i64(s, 3, day_or(c, f->exclusive_to, INT64_MAX));
    if (!rows)
        bind_i64(s, 4, c->after->county);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    Uuid id = col_uuid(s, 0), holder = col_uuid(s, 1);
    stmt_reset(s);
    Str path = rows ? line_path(c, rows, f, id, tx_arena(tx)) : f->name;
    return tell_clash(tx, c, path, holder, e);
}

static int check_exclusive(Tx *tx, const Change *c, Err *e)
{
    const Type *t = c->type;
    if ((t->draft_states | t->void_states) >> c->after->state & 1)
        return 0;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        const FieldSql *sql = &c->rs->sql[t->ix].fields[i];
        if (f->exclusive_from)
            TRY(check_clash(tx, c, sql->clash, NULL, f, e));
        for (int k = 0; k < f->field_n; k++)
            if (f->fields[k].exclusive_from)
                TRY(check_clash(tx, c, sql->sub_clash[k], f, &f->fields[k], e));
    }
    return 0;
}

/* What stands beside the row: lines, derived indexes, files. */
static int apply_beside(Tx *tx, const Change *c, Err *e)
{
    TRY(rows_apply(tx, c, e));
    TRY(refs_apply(tx, c, e));
    TRY(add_file_uses(tx, c, e));
    DutyWatch w = {.rs = c->rs, .tx = tx};
    TRY(duty_watch_change(&w, c, e));
    TRY(flow_apply(tx, c->steps, c->step_n, e));
    TRY(duty_book(&w, e));
    TRY(figure_apply(tx, c->moves, c->move_n, e));
    return check_exclusive(tx, c, e);
}

static int insert_row(Tx *tx, const Change *c, Err *e)
{
    const Record *rec = c->after;
    const Type *t = c->type;
    Stmt *s;
    TRY(tx_prepare(tx, c->rs->sql[t->ix].insert, &s, e));
    bind_uuid(s, COL_ID + 1, rec->id);
    bind_i64(s, COL_COUNTY + 1, rec->county);
    bind_i64(s, COL_UNIT + 1, rec->unit);
    bind_i64(s, COL_SEAT + 1, rec->seat);
    bind_i64(s, COL_POSTING + 1, rec->posting);
    bind_uuid(s, COL_AUTHOR + 1, rec->author);
    bind_i64(s, COL_AT_DAY + 1, rec->at_day);
    bind_i64(s, COL_STATE + 1, t->states[rec->state].number);
    bind_i64(s, COL_VERSION + 1, rec->version);
    bind_i64(s, COL_MADE_MS + 1, rec->made_ms);
    int at = COL_FIELDS;
    for (int i = 0; i < t->field_n; i++)
        if (query_has_column(&t->fields[i]))
            query_bind_value(s, ++at, &t->fields[i], &rec->values[i]);
    bind_bool(s, at + 1, t->open_states >> rec->state & 1);
    int rc = stmt_run(s, e);
    return rc == ERR_EXISTS ? not_unique(c, e) : rc < 0 ? rc : 0;
}

static int apply_create(Tx *tx, Change *c, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_register_add));
    bind_uuid(s, 1, c->after->id);
    bind_i64(s, 2, c->type->number);
    bind_i64(s, 3, c->after->unit);
    bind_i64(s, 4, c->after->county);
    int rc = stmt_run(s, e);
    if (rc < 0)
        return rc;
    if (!rc) /* the same id came in between: prepared anew it is compared with what came first */
        return err_set(e, ERR_BUSY, "record.again");
    CHECK(rc == 1);
    TRY(insert_row(tx, c, e));
    TRY(apply_beside(tx, c, e));
    pend(tx, c);
    return 0;
}

static int apply_act(Tx *tx, Change *c, Err *e)
{
    const Type *t = c->type;
    const Record *rec = c->after;
    Buf sql = {.arena = tx_arena(tx)};
    query_update(&sql, c);
    Stmt *s;
    TRY(tx_prepare(tx, buf_view(&sql), &s, e));
    bind_i64(s, 1, t->states[rec->state].number);
    bind_bool(s, 2, t->open_states >> rec->state & 1);
    bind_i64(s, 3, rec->version);
    bind_i64(s, 4, rec->at_day);
    bind_i64(s, 5, rec->county);
    bind_uuid(s, 6, rec->id);
    int ix = 6;
    for (int i = 0; i < t->field_n; i++)
        if (set_has(c->changed, i) && query_has_column(&t->fields[i]))
            query_bind_value(s, ++ix, &t->fields[i], &rec->values[i]);
    bind_i64(s, ix + 1, c->base_version);
    int rc = stmt_run(s, e);
    if (rc == ERR_EXISTS)
        return not_unique(c, e);
    if (rc < 0)
        return rc;
    if (!rc)
        return err_set(e, ERR_BUSY, "record.again"); /* anew it is a conflict, or done already */
    CHECK(rc == 1);
    TRY(apply_beside(tx, c, e));
    pend(tx, c);
    return 0;
}

/* What the action makes, in the same change: all of it or nothing. */
static int apply_made(Tx *tx, const Change *c, Err *e)
{
    for (Change *m = c->made; m; m = m->next_made)
        TRY(apply_create(tx, m, e));
    return 0;
}

int record_apply(Tx *tx, void *change, Err *e)
{
    Change *c = change;
    CHECK(tx_is_write(tx) && c->after->version == c->base_version + 1);
    TRY(check_basis(tx, c, e));
    TRY(c->is_create ? apply_create(tx, c, e) : apply_act(tx, c, e));
    TRY(apply_made(tx, c, e));
    if (!c->then)
        return 0;
    TRY(apply_act(tx, c->then, e));
    return apply_made(tx, c->then, e);
}

Uuid change_id(const Change *c)
{
    return c->after->id;
}

int64_t change_version(const Change *c)
{
    return c->then ? c->then->after->version : c->after->version;
}

Record *change_result(Arena *a, const Change *c)
{
    return arena_copy(a, c->then ? c->then->after : c->after, sizeof(Record));
}
