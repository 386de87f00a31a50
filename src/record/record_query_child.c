/* record_query_child.c: SQL on what stands beside a type's table because of one of its fields:
 *
 *   r_TYPE__FIELD(county, id, record, unit, ix, sub-fields)     rows
 *   l_TYPE__FIELD(county, record, ix, target)                   derived from a links column
 *   a_TYPE__FIELD(role, unit, at_day, record, county)           derived from an audience column
 *
 * Indexes of fields are called by the field's permanent number, so renaming leaves them alone.
 *                                                                       DESIGN: Data  STYLE: R32 */
#include "record/record_int.h"

typedef struct Names {
    int n, fn; /* for %.*s: of the type, of the field */
    const char *p, *fp;
} Names;

static Names names_of(const Type *t, const Field *f)
{
    return (Names){(int)t->name.n, (int)f->name.n, t->name.p, f->name.p};
}

/* ---- rows ---- */

static Str make_rows_insert(Arena *a, const Names *x, const Field *f)
{
    Buf b = {.arena = a};
    buf_fmt(&b, "INSERT INTO r_%.*s__%.*s(id, county, record, unit, ix", x->n, x->p, x->fn, x->fp);
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(&b, ", \"%.*s\"", STR_ARG(f->fields[i].name));
    buf_z(&b, ") VALUES (?1, ?2, ?3, ?4, ?5");
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(&b, ", ?%d", ROW_FIELDS + 1 + i);
    buf_z(&b, ")");
    return buf_view(&b);
}

static Str make_rows_update(Arena *a, const Names *x, const Field *f)
{
    Buf b = {.arena = a};
    buf_fmt(&b, "UPDATE r_%.*s__%.*s SET unit = ?4, ix = ?5", x->n, x->p, x->fn, x->fp);
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(&b, ", \"%.*s\" = ?%d", STR_ARG(f->fields[i].name), ROW_FIELDS + 1 + i);
    buf_z(&b, " WHERE county = ?2 AND id = ?1 AND record = ?3");
    return buf_view(&b);
}

static Str make_rows_of(Arena *a, const Names *x, const Field *f)
{
    Buf b = {.arena = a};
    buf_z(&b, "SELECT id, county, record, unit, ix");
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(&b, ", \"%.*s\"", STR_ARG(f->fields[i].name));
    buf_fmt(&b, " FROM r_%.*s__%.*s WHERE record = ?1 ORDER BY ix, id", x->n, x->p, x->fn, x->fp);
    return buf_view(&b);
}

/* store_type without the collation of texts, which no list has. */
static const char *list_type(char kind)
{
    return kind == 't' ? "text" : store_type(ENGINE_PG, kind);
}

/* `x`: many lines as a table. */
static void put_lines(Buf *b, const Field *f)
{
    buf_fmt(b, " FROM unnest(?%d::uuid[], ?%d::bigint[]", ROW_ID + 1, ROW_IX + 1);
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(b, ", ?%d::%s[]", ROW_FIELDS + 1 + i,
                list_type(model_kind(f->fields[i].kind)->column));
    buf_z(b, ") AS x(id, ix");
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(b, ", \"%.*s\"", STR_ARG(f->fields[i].name));
    buf_z(b, ")");
}

static Str make_insert_many(Arena *a, const Names *x, const Field *f)
{
    Buf b = {.arena = a};
    buf_fmt(&b, "INSERT INTO r_%.*s__%.*s(id, county, record, unit, ix", x->n, x->p, x->fn, x->fp);
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(&b, ", \"%.*s\"", STR_ARG(f->fields[i].name));
    buf_fmt(&b, ") SELECT x.id, ?%d::bigint, ?%d::uuid, ?%d::bigint, x.ix", ROW_COUNTY + 1,
            ROW_RECORD + 1, ROW_UNIT + 1);
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(&b, ", x.\"%.*s\"", STR_ARG(f->fields[i].name));
    put_lines(&b, f);
    return buf_view(&b);
}

/* An insert that always meets what is there goes line by line over the primary key; a join of the
 * lists with the table would, before its statistics are made, hold each line against every other.
 * */
static Str make_update_many(Arena *a, Str insert, const Names *x, const Field *f)
{
    Buf b = {.arena = a};
    buf_str(&b, insert);
    buf_z(&b, " ON CONFLICT (county, id) DO UPDATE SET unit = excluded.unit, ix = excluded.ix");
    for (int i = 0; i < f->field_n; i++)
        buf_fmt(&b, ", \"%.*s\" = excluded.\"%.*s\"", STR_ARG(f->fields[i].name),
                STR_ARG(f->fields[i].name));
    buf_fmt(&b, " WHERE r_%.*s__%.*s.record = excluded.record", x->n, x->p, x->fn, x->fp);
    return buf_view(&b);
}

static Str make_remove_many(Arena *a, const Names *x)
{
    return str_fmt(a,
                   "DELETE FROM r_%.*s__%.*s WHERE county = ?%d AND id = ANY(?%d::uuid[]) "
                   "AND record IS NOT DISTINCT FROM ?%d",
                   x->n, x->p, x->fn, x->fp, ROW_COUNTY + 1, ROW_ID + 1, ROW_RECORD + 1);
}

static void compile_rows(Arena *a, Engine g, const Names *x, const Field *f, FieldSql *ret)
{
    if (g == ENGINE_PG) {
        ret->rows.insert_many = make_insert_many(a, x, f);
        ret->rows.update_many = make_update_many(a, ret->rows.insert_many, x, f);
        ret->rows.remove_many = make_remove_many(a, x);
    }
    ret->rows.insert = make_rows_insert(a, x, f);
    ret->rows.update = make_rows_update(a, x, f);
    ret->rows.of = make_rows_of(a, x, f);
    ret->rows.remove =
        str_fmt(a, "DELETE FROM r_%.*s__%.*s WHERE county = ?2 AND id = ?1 AND record = ?3", x->n,
                x->p, x->fn, x->fp);
    ret->count = str_fmt(a, "SELECT COUNT(*) FROM r_%.*s__%.*s", x->n, x->p, x->fn, x->fp);
}

void query_sub_index(Buf *b, const Type *t, const Field *rows, const Field *f)
{
    if (f->is_indexed || f->exclusive_from)
        buf_fmt(b, "CREATE INDEX i_%lld ON r_%.*s__%.*s(\"%.*s\", record);\n",
                (long long)f->number, STR_ARG(t->name), STR_ARG(rows->name), STR_ARG(f->name));
}

static void rows_ddl(Buf *b, Engine g, const Type *t, const Field *f)
{
    Names names = names_of(t, f), *x = &names;
    const char *i = store_type(g, 'i'), *u = store_type(g, 'u');
    buf_fmt(b,
            "CREATE TABLE r_%.*s__%.*s(id %s NOT NULL, county %s NOT NULL, record %s NOT NULL "
            "REFERENCES record(id), unit %s NOT NULL, ix %s NOT NULL",
            x->n, x->p, x->fn, x->fp, u, i, u, i, i);
    for (int k = 0; k < f->field_n; k++)
        buf_fmt(b, ", \"%.*s\" %s", STR_ARG(f->fields[k].name),
                store_type(g, model_kind(f->fields[k].kind)->column));
    buf_fmt(b, ", PRIMARY KEY(county, id))%s;\n", store_table_end(g));
    buf_fmt(b, "CREATE INDEX i_%lld ON r_%.*s__%.*s(record, ix);\n", (long long)f->number, x->n,
            x->p, x->fn, x->fp);
    for (int k = 0; k < f->field_n; k++)
        query_sub_index(b, t, f, &f->fields[k]);
}

/* ---- derived indexes ---- */

static void compile_links(Arena *a, const Names *x, FieldSql *ret)
{
    ret->add = str_fmt(
        a, "INSERT INTO l_%.*s__%.*s(county, record, ix, target) VALUES (?1, ?2, ?3, ?4)", x->n,
        x->p, x->fn, x->fp);
    ret->remove = str_fmt(a, "DELETE FROM l_%.*s__%.*s WHERE county = ?1 AND record = ?2", x->n,
                          x->p, x->fn, x->fp);
    ret->of = str_fmt(
        a, "SELECT target FROM l_%.*s__%.*s WHERE county = ?1 AND record = ?2 ORDER BY ix", x->n,
        x->p, x->fn, x->fp);
    ret->count = str_fmt(a, "SELECT COUNT(*) FROM l_%.*s__%.*s", x->n, x->p, x->fn, x->fp);
}

static void links_ddl(Buf *b, Engine g, const Names *x, const Field *f)
{
    const char *i = store_type(g, 'i'), *u = store_type(g, 'u');
    buf_fmt(b,
            "CREATE TABLE l_%.*s__%.*s(county %s NOT NULL, record %s NOT NULL, ix %s NOT NULL, "
            "target %s NOT NULL, PRIMARY KEY(county, record, ix))%s;\n",
            x->n, x->p, x->fn, x->fp, i, u, i, u, store_table_end(g));
    buf_fmt(b, "CREATE INDEX i_%lld ON l_%.*s__%.*s(target, record);\n", (long long)f->number,
            x->n, x->p, x->fn, x->fp);
}

static void compile_audience(Arena *a, const Names *x, FieldSql *ret)
{
    ret->add = str_fmt(a,
                       "INSERT INTO a_%.*s__%.*s(role, unit, at_day, record, county) "
                       "VALUES (?1, ?2, ?3, ?4, ?5)",
                       x->n, x->p, x->fn, x->fp);
    ret->remove = str_fmt(a,
                          "DELETE FROM a_%.*s__%.*s WHERE role = ?1 AND unit = ?2 AND at_day = ?3 "
                          "AND record = ?4 AND county = ?5",
                          x->n, x->p, x->fn, x->fp);
    ret->of = str_fmt(a,
                      "SELECT county FROM a_%.*s__%.*s WHERE role = ?1 AND unit = ?2 "
                      "AND at_day = ?3 AND record = ?4",
                      x->n, x->p, x->fn, x->fp);
    ret->count = str_fmt(a, "SELECT COUNT(*) FROM a_%.*s__%.*s", x->n, x->p, x->fn, x->fp);
}

static void audience_ddl(Buf *b, Engine g, const Names *x)
{
    const char *i = store_type(g, 'i'), *u = store_type(g, 'u'), *t = store_type(g, 't');
    buf_fmt(b,
            "CREATE TABLE a_%.*s__%.*s(role %s NOT NULL, unit %s NOT NULL, at_day %s NOT NULL, "
            "record %s NOT NULL, county %s NOT NULL, PRIMARY KEY(role, unit, at_day, record))%s;\n",
            x->n, x->p, x->fn, x->fp, t, i, i, u, i, store_table_end(g));
}

/* ---- exclusive ---- */

static Str exclusive_states(Arena *a, const Type *t)
{
    Buf b = {.arena = a};
    uint32_t out = t->draft_states | t->void_states;
    for (int i = 0; i < t->state_n; i++)
        if (out >> i & 1)
            buf_fmt(&b, "%s%lld", b.n ? ", " : " AND x.state NOT IN (",
                    (long long)t->states[i].number);
    buf_z(&b, b.n ? ")" : "");
    return buf_view(&b);
}

/* Of record ?1 with days ?2..?3: a target somebody else holds on one of these days, and the
 * record that holds it. An open end never ends. Serializable on PostgreSQL, one writer on SQLite:
 * what it reads stays so. */
static Str make_clash(Arena *a, const Type *t, const Field *rows, const Field *f)
{
    Names x = names_of(t, rows ? rows : f);
    Buf b = {.arena = a};
    int fn = (int)f->name.n;
    const char *fp = f->name.p;
    if (rows)
        buf_fmt(&b,
                "SELECT m.\"%.*s\", x.id FROM r_%.*s__%.*s m CROSS JOIN r_%.*s__%.*s o "
                "CROSS JOIN r_%.*s x WHERE m.record = ?1 AND o.\"%.*s\" = m.\"%.*s\" "
                "AND o.record <> ?1 AND x.county = o.county AND x.id = o.record",
                fn, fp, x.n, x.p, x.fn, x.fp, x.n, x.p, x.fn, x.fp, x.n, x.p, fn, fp, fn, fp);
    else
        buf_fmt(&b,
                "SELECT m.\"%.*s\", x.id FROM r_%.*s m CROSS JOIN r_%.*s x WHERE m.county = ?4 "
                "AND m.id = ?1 AND x.\"%.*s\" = m.\"%.*s\" AND x.id <> ?1",
                fn, fp, x.n, x.p, x.n, x.p, fn, fp, fn, fp);
    buf_str(&b, exclusive_states(a, t));
    buf_fmt(&b,
            " AND (x.\"%.*s\" IS NULL OR x.\"%.*s\" <= ?3) "
            "AND (x.\"%.*s\" IS NULL OR x.\"%.*s\" >= ?2) LIMIT 1",
            STR_ARG(f->exclusive_from->name), STR_ARG(f->exclusive_from->name),
            STR_ARG(f->exclusive_to->name), STR_ARG(f->exclusive_to->name));
    return buf_view(&b);
}

/* ---- all of it ---- */

void query_child_ddl(Buf *b, Engine g, const Type *t, const Field *f)
{
    Names x = names_of(t, f);
    if (f->kind == KIND_ROWS)
        rows_ddl(b, g, t, f);
    else if (f->kind == KIND_LINKS)
        links_ddl(b, g, &x, f);
    else if (f->kind == KIND_AUDIENCE)
        audience_ddl(b, g, &x);
    else if (f->is_indexed || f->is_party || f->exclusive_from)
        buf_fmt(b, "CREATE INDEX i_%lld ON r_%.*s(\"%.*s\", at_day, id, state, unit);\n",
                (long long)f->number, x.n, x.p, x.fn, x.fp);
}

void query_compile_children(Arena *a, Engine g, const Type *t, TypeSql *ret)
{
    ret->fields = NEW_N(a, FieldSql, (size_t)t->field_n + 1);
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        FieldSql *sql = &ret->fields[i];
        Names x = names_of(t, f);
        if (f->kind == KIND_ROWS)
            compile_rows(a, g, &x, f, sql);
        else if (f->kind == KIND_LINKS)
            compile_links(a, &x, sql);
        else if (f->kind == KIND_AUDIENCE)
            compile_audience(a, &x, sql);
        if (f->exclusive_from)
            sql->clash = make_clash(a, t, NULL, f);
        sql->sub_clash = NEW_N(a, Str, (size_t)f->field_n + 1);
        for (int k = 0; k < f->field_n; k++)
            if (f->fields[k].exclusive_from)
                sql->sub_clash[k] = make_clash(a, t, f, &f->fields[k]);
    }
    if (t->me)
        ret->mine = str_fmt(a,
                            "SELECT id, state FROM r_%.*s WHERE \"%.*s\" = ?1 "
                            "ORDER BY at_day DESC, id DESC LIMIT ?2",
                            STR_ARG(t->name), STR_ARG(t->me->name));
    if (t->part_of)
        ret->parts = str_fmt(a,
                             "SELECT county, id FROM r_%.*s WHERE \"%.*s\" = ?1 "
                             "ORDER BY at_day, id LIMIT ?2",
                             STR_ARG(t->name), STR_ARG(t->part_of->name));
}
