/* record_query.c: SQL on a type's own table; with its sisters record_query_*.c the only code that
 * builds SQL. Identifiers come from the compiled model alone and
 * are quoted, values are bound, numbers written into the text are catalogue numbers.
 *                                                                                    STYLE: R32 */
#include "record/record_int.h"

static const char engine_columns[] =
    "id, county, unit, seat, posting, author, at_day, state, version, made_ms";

bool query_has_column(const Field *f)
{
    return model_kind(f->kind)->column != 0;
}

/* Every field has its place in what is read; rows, which have a table of their own, read null. */
static void put_columns(Buf *b, const Type *t)
{
    buf_z(b, engine_columns);
    for (int i = 0; i < t->field_n; i++)
        if (query_has_column(&t->fields[i]))
            buf_fmt(b, ", \"%.*s\"", STR_ARG(t->fields[i].name));
        else
            buf_z(b, ", NULL");
}

static Str make_insert(Arena *a, const Type *t)
{
    Buf b = {.arena = a};
    buf_fmt(&b, "INSERT INTO r_%.*s(", STR_ARG(t->name));
    buf_z(&b, engine_columns);
    int n = COL_FIELDS + 1;
    for (int i = 0; i < t->field_n; i++)
        if (query_has_column(&t->fields[i])) {
            buf_fmt(&b, ", \"%.*s\"", STR_ARG(t->fields[i].name));
            n++;
        }
    buf_z(&b, ", is_open) VALUES (");
    for (int i = 1; i <= n; i++)
        buf_fmt(&b, i == 1 ? "?%d" : ", ?%d", i);
    buf_z(&b, ")");
    return buf_view(&b);
}

static Str make_get(Arena *a, const Type *t)
{
    Buf b = {.arena = a};
    buf_z(&b, "SELECT ");
    put_columns(&b, t);
    buf_fmt(&b, " FROM r_%.*s WHERE county = ?1 AND id = ?2", STR_ARG(t->name));
    return buf_view(&b);
}

static Str make_all(Arena *a, const Type *t)
{
    Buf b = {.arena = a};
    buf_z(&b, "SELECT ");
    put_columns(&b, t);
    buf_fmt(&b, ", is_open FROM r_%.*s WHERE (county, id) > (?1, ?2) ORDER BY county, id LIMIT 500",
            STR_ARG(t->name));
    return buf_view(&b);
}

void query_compile(Arena *a, Engine g, const Type *t, TypeSql *ret)
{
    ret->get = make_get(a, t);
    ret->insert = make_insert(a, t);
    ret->all = make_all(a, t);
    ret->state_of = str_fmt(a, "SELECT state FROM r_%.*s WHERE county = ?1 AND id = ?2",
                            STR_ARG(t->name));
    ret->open_all = str_fmt(a,
                            "SELECT county, id FROM r_%.*s WHERE is_open = 1 "
                            "AND (county, id) > (?1, ?2) ORDER BY county, id LIMIT ?3",
                            STR_ARG(t->name));
    ret->open_at = str_fmt(a,
                           "SELECT county, id, state FROM r_%.*s WHERE unit = ?1 AND is_open = 1 "
                           "AND id > ?2 ORDER BY id LIMIT ?3",
                           STR_ARG(t->name));
    query_compile_lists(a, g, t, ret);
    query_compile_children(a, g, t, ret);
}

void query_update(Buf *b, const Change *c)
{
    int ix = 6;
    buf_fmt(b, "UPDATE r_%.*s SET state = ?1, is_open = ?2, version = ?3, at_day = ?4",
            STR_ARG(c->type->name));
    for (int i = 0; i < c->type->field_n; i++)
        if (set_has(c->changed, i) && query_has_column(&c->type->fields[i]))
            buf_fmt(b, ", \"%.*s\" = ?%d", STR_ARG(c->type->fields[i].name), ++ix);
    buf_fmt(b, " WHERE county = ?5 AND id = ?6 AND version = ?%d", ix + 1);
}

void query_bind_value(Stmt *s, int ix, const Field *f, const Value *v)
{
    if (v->tag == VALUE_NONE)
        bind_null(s, ix);
    else if (v->tag == VALUE_INT)
        bind_i64(s, ix, v->i);
    else if (v->tag == VALUE_TEXT)
        bind_str(s, ix, v->s);
    else if (model_kind(f->kind)->column == 'u') {
        CHECK(v->s.n == sizeof(Uuid));
        Uuid u;
        memcpy(u.b, v->s.p, sizeof u.b);
        bind_uuid(s, ix, u);
    } else
        bind_blob(s, ix, v->s.p, v->s.n);
}

Value query_value(Arena *a, Stmt *s, int ix, const Field *f)
{
    if (col_null(s, ix))
        return (Value){.tag = VALUE_NONE};
    switch (model_kind(f->kind)->column) {
    case 'i':
        return (Value){.tag = VALUE_INT, .i = col_i64(s, ix)};
    case 't':
        return (Value){.tag = VALUE_TEXT, .s = str_copy(a, col_str(s, ix))};
    case 'u': {
        Uuid u = col_uuid(s, ix);
        return (Value){.tag = VALUE_BLOB, .s = {arena_copy(a, u.b, sizeof u.b), sizeof u.b}};
    }
    default:
        return (Value){.tag = VALUE_BLOB, .s = str_copy(a, col_blob(s, ix))};
    }
}

void query_unique_ddl(Buf *b, const Type *t)
{
    if (!t->unique_n)
        return;
    buf_fmt(b, "CREATE UNIQUE INDEX r_%.*s_unique ON r_%.*s(", STR_ARG(t->name), STR_ARG(t->name));
    for (int i = 0; i < t->unique_n; i++)
        buf_fmt(b, "%s\"%.*s\"", i ? ", " : "", STR_ARG(t->unique[i]));
    buf_z(b, ")");
    bool first = true;
    for (int i = 0; i < t->state_n; i++)
        if (t->void_states >> i & 1) {
            buf_fmt(b, "%s%lld", first ? " WHERE state NOT IN (" : ", ",
                    (long long)t->states[i].number);
            first = false;
        }
    buf_z(b, first ? ";\n" : ");\n");
}

void query_table_ddl(Buf *b, Engine g, const Type *t)
{
    const char *i = store_type(g, 'i'), *u = store_type(g, 'u');
    int n = (int)t->name.n;
    const char *p = t->name.p;
    buf_fmt(b,
            "CREATE TABLE r_%.*s(id %s NOT NULL, county %s NOT NULL, unit %s NOT NULL REFERENCES "
            "unit(id), "
            "seat %s NOT NULL REFERENCES seat(id), posting %s NOT NULL REFERENCES posting(id), "
            "author %s NOT NULL REFERENCES person(id), at_day %s NOT NULL, state %s NOT NULL, "
            "is_open %s NOT NULL, version %s NOT NULL, made_ms %s NOT NULL",
            n, p, u, i, i, i, i, u, i, i, i, i, i);
    for (int k = 0; k < t->field_n; k++)
        if (query_has_column(&t->fields[k]))
            buf_fmt(b, ", \"%.*s\" %s", STR_ARG(t->fields[k].name),
                    store_type(g, model_kind(t->fields[k].kind)->column));
    buf_fmt(b, ", PRIMARY KEY(county, id))%s;\n", store_table_end(g));
    buf_fmt(b, "CREATE INDEX r_%.*s_unit ON r_%.*s(unit, at_day, id, state);\n", n, p, n, p);
    buf_fmt(b, "CREATE INDEX r_%.*s_author ON r_%.*s(author, at_day, id, state, posting, unit);\n",
            n, p, n, p); /* covers what a list asks: whether he still holds the post, and where */
    buf_fmt(b, "CREATE INDEX r_%.*s_open ON r_%.*s(state, at_day, id, unit) WHERE is_open = 1;\n",
            n, p, n, p);
    query_unique_ddl(b, t);
    for (int k = 0; k < t->field_n; k++)
        query_child_ddl(b, g, t, &t->fields[k]);
}

void query_field_ddl(Buf *b, Engine g, const Type *t, const Field *f)
{
    if (f->rows) {
        buf_fmt(b, "ALTER TABLE r_%.*s__%.*s ADD COLUMN \"%.*s\" %s;\n", STR_ARG(t->name),
                STR_ARG(f->rows->name), STR_ARG(f->name),
                store_type(g, model_kind(f->kind)->column));
        query_sub_index(b, t, f->rows, f);
        return;
    }
    if (query_has_column(f))
        buf_fmt(b, "ALTER TABLE r_%.*s ADD COLUMN \"%.*s\" %s;\n", STR_ARG(t->name),
                STR_ARG(f->name), store_type(g, model_kind(f->kind)->column));
    query_child_ddl(b, g, t, f);
}
