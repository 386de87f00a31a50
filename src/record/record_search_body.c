/* record_search_body.c: what search knows of a record: its scope and its folded texts. */
#include "record/record_find_int.h"

/* ---- which fields --------------------------------------------------------------------------- */

static struct FindField *find_of(FindType *ft, const Field *f)
{
    for (int i = 0; i < ft->field_n; i++)
        if (ft->fields[i].field == f)
            return &ft->fields[i];
    ft->fields[ft->field_n] = (struct FindField){.field = f, .rows = f->rows, .scope = WHO_CLOCK};
    return &ft->fields[ft->field_n++];
}

static void take_found(FindType *ft, const Field *f)
{
    if (f->is_found || f->is_found_by_name) {
        struct FindField *ff = find_of(ft, f);
        ff->is_found = true;
        ff->is_name = f->is_found_by_name;
        ft->is_found = true;
    }
    for (int i = 0; i < f->field_n; i++)
        take_found(ft, &f->fields[i]);
}

static void take_scope(FindType *ft, const Who *w)
{
    if (!w->via)
        return;
    switch (w->kind) {
    case WHO_ROLE_VIA:
    case WHO_ME_VIA:
    case WHO_ME_TYPE_VIA:
    case WHO_AUDIENCE:
        find_of(ft, w->via)->scope = w->kind;
        break;
    default:
        break;
    }
}

static void find_compile_type(Arena *a, const Type *t, FindType *ft)
{
    int most = t->field_n;
    for (int i = 0; i < t->field_n; i++)
        most += t->fields[i].field_n;
    ft->fields = NEW_N(a, struct FindField, (size_t)most + 1);
    for (int i = 0; i < t->field_n; i++)
        take_found(ft, &t->fields[i]);
    if (!ft->is_found)
        return;
    for (int i = 0; i < t->state_n; i++)
        for (int k = 0; k < t->states[i].see_n; k++)
            take_scope(ft, &t->states[i].see[k]);
    ft->get = query_find_get(a, t, ft);
    ft->rows_get = NEW_N(a, Str, (size_t)t->field_n + 1);
    for (int i = 0; i < t->field_n; i++)
        if (t->fields[i].field_n)
            ft->rows_get[i] = query_find_rows(a, t, ft, &t->fields[i]);
}

void find_compile(Arena *a, const Model *m, FindType **ret, Str *ret_made_of)
{
    FindType *list = NEW_N(a, FindType, (size_t)m->type_n + 1);
    Buf b = {.arena = a};
    for (int i = 0; i < m->type_n; i++) {
        FindType *ft = &list[i];
        find_compile_type(a, &m->types[i], ft);
        if (!ft->is_found)
            continue;
        buf_fmt(&b, "type %lld\n", (long long)m->types[i].number);
        for (int k = 0; k < ft->field_n; k++)
            buf_fmt(&b, "%lld %d %d %d\n", (long long)ft->fields[k].field->number,
                    ft->fields[k].is_found, ft->fields[k].is_name, (int)ft->fields[k].scope);
    }
    uint8_t digest[SM3_BYTES];
    sm3_of(b.p, b.n, digest);
    Buf hex = {.arena = a};
    buf_hex(&hex, digest, sizeof digest);
    *ret_made_of = buf_view(&hex);
    *ret = list;
}

/* ---- scope ---------------------------------------------------------------------------------- */

void find_scope_number(Buf *b, char what, int64_t number)
{
    buf_fmt(b, "%s%c%lld", b->n ? " " : "", what, (long long)number);
}

void find_scope_id(Buf *b, Uuid id)
{
    buf_fmt(b, "%si", b->n ? " " : "");
    buf_hex(b, id.b, sizeof id.b);
}

void find_scope_role(Buf *b, Str role, int64_t unit)
{
    buf_fmt(b, "%sr", b->n ? " " : "");
    buf_hex(b, role.p, role.n);
    buf_fmt(b, "x%lld", (long long)unit);
}

/* "first_secretary@12 town_office@3" */
static void put_audience(Buf *b, Str pairs)
{
    while (pairs.n) {
        Str pair, role, unit;
        int64_t id;
        (void)str_cut(pairs, ' ', &pair, &pairs); /* the last has no blank behind it */
        if (str_cut(pair, '@', &role, &unit) && str_i64(unit, &id))
            find_scope_role(b, role, id);
    }
}

static void put_value_scope(Buf *b, const Value *v)
{
    Uuid id;
    if (v->tag == VALUE_INT)
        find_scope_number(b, 'v', v->i);
    else if (v->tag == VALUE_TEXT)
        put_audience(b, v->s);
    else if (v->tag == VALUE_BLOB)
        for (size_t i = 0; i + sizeof id <= v->s.n; i += sizeof id) {
            memcpy(id.b, v->s.p + i, sizeof id);
            find_scope_id(b, id);
        }
}

/* ---- one record ----------------------------------------------------------------------------- */

static void take_row(Buf *scope, Buf *texts, Stmt *s, const FindType *ft, const Field *rows,
                     int col)
{
    for (int i = 0; i < ft->field_n; i++) {
        const struct FindField *ff = &ft->fields[i];
        if (ff->rows != rows)
            continue;
        Value v = query_value(texts->arena, s, col++, ff->field);
        if (ff->is_found && v.tag == VALUE_TEXT)
            find_field(texts, ff->field, v.s);
        if (ff->scope != WHO_CLOCK)
            put_value_scope(scope, &v);
    }
}

static int take_rows(Records *rs, Tx *tx, const Type *t, Uuid id, Buf *scope, Buf *texts, Err *e)
{
    const FindType *ft = &rs->find[t->ix];
    for (int i = 0; i < t->field_n; i++) {
        if (!str_has(ft->rows_get[i]))
            continue;
        Stmt *s;
        int rc;
        TRY(tx_prepare(tx, ft->rows_get[i], &s, e));
        bind_uuid(s, 1, id);
        while ((rc = stmt_step(s, e)) > 0)
            take_row(scope, texts, s, ft, &t->fields[i], 0);
        TRY(rc);
    }
    return 0;
}

int find_body(Records *rs, Arena *a, Tx *tx, const Type *t, Uuid id, Day *ret_day, Str *ret, Err *e)
{
    const FindType *ft = &rs->find[t->ix];
    int64_t type, county;
    int rc = ft->is_found ? record_registered(tx, id, &type, &county, e) : 0;
    TRY(rc);
    *ret = STR_NONE;
    if (!rc || type != t->number)
        return 0;
    Stmt *s;
    TRY(tx_prepare(tx, ft->get, &s, e));
    bind_i64(s, 1, county);
    bind_uuid(s, 2, id);
    rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    Buf scope = {.arena = a}, texts = {.arena = a};
    find_scope_number(&scope, 't', t->number);
    find_scope_number(&scope, 'u', col_i64(s, 0));
    find_scope_number(&scope, 'a', col_i64(s, 1));
    *ret_day = col_day(s, 2);
    take_row(&scope, &texts, s, ft, NULL, 3);
    stmt_reset(s);
    TRY(take_rows(rs, tx, t, id, &scope, &texts, e));
    if (!texts.n)
        return 0;
    buf_byte(&scope, BODY_SCOPE_END);
    buf_str(&scope, buf_view(&texts));
    *ret = buf_view(&scope);
    return 0;
}
