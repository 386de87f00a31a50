/* record_refs.c: what a record points at: derived indexes of links and audiences, and what typed
 * references name.                                                          DESIGN: Data */
#include "record/record_int.h"

bool audience_next(Str *at, Str *ret_role, int64_t *ret_unit)
{
    Str pair, unit;
    if (!at->n)
        return false;
    str_cut(*at, ' ', &pair, at);
    return str_cut(pair, '@', ret_role, &unit) && str_i64(unit, ret_unit);
}

/* ---- derived indexes ---- */

static int apply_links(Tx *tx, const Change *c, const FieldSql *sql, const Value *v, Err *e)
{
    Stmt *s;
    if (!c->is_create) {
        TRY(tx_prepare(tx, sql->remove, &s, e));
        bind_i64(s, 1, c->after->county);
        bind_uuid(s, 2, c->after->id);
        TRY(stmt_send(s, e));
    }
    for (size_t at = 0; v->tag == VALUE_BLOB && at + sizeof(Uuid) <= v->s.n; at += sizeof(Uuid)) {
        Uuid target;
        memcpy(target.b, v->s.p + at, sizeof target.b);
        TRY(tx_prepare(tx, sql->add, &s, e));
        bind_i64(s, 1, c->after->county);
        bind_uuid(s, 2, c->after->id);
        bind_i64(s, 3, (int64_t)(at / sizeof(Uuid)));
        bind_uuid(s, 4, target);
        TRY(stmt_send(s, e));
    }
    return 0;
}

/* Every pair of a value, put in or taken out, under a day. */
static int apply_pairs(Tx *tx, const Change *c, Str sql, const Value *v, Day day, Err *e)
{
    Str at = v->tag == VALUE_TEXT ? v->s : S(""), role;
    int64_t unit;
    while (audience_next(&at, &role, &unit)) {
        Stmt *s;
        TRY(tx_prepare(tx, sql, &s, e));
        bind_str(s, 1, role);
        bind_i64(s, 2, unit);
        bind_i64(s, 3, day);
        bind_uuid(s, 4, c->after->id);
        bind_i64(s, 5, c->after->county);
        TRY(stmt_send(s, e));
    }
    return 0;
}

static int apply_audience(Tx *tx, const Change *c, int ix, Err *e)
{
    const FieldSql *sql = &c->rs->sql[c->type->ix].fields[ix];
    bool is_new = set_has(c->changed, ix);
    const Value none = {.tag = VALUE_NONE}, *old = c->base ? &c->base[ix] : &none;
    if (!is_new && c->base_day == c->after->at_day)
        return 0;
    if (!c->is_create)
        TRY(apply_pairs(tx, c, sql->remove, old, c->base_day, e));
    return apply_pairs(tx, c, sql->add, is_new ? &c->after->values[ix] : old, c->after->at_day, e);
}

int refs_apply(Tx *tx, const Change *c, Err *e)
{
    for (int i = 0; i < c->type->field_n; i++) {
        const Field *f = &c->type->fields[i];
        if (f->kind == KIND_LINKS && set_has(c->changed, i))
            TRY(apply_links(tx, c, &c->rs->sql[c->type->ix].fields[i], &c->after->values[i], e));
        else if (f->kind == KIND_AUDIENCE)
            TRY(apply_audience(tx, c, i, e));
    }
    return 0;
}
