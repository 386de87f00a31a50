/* record_query_list.c: the statements of lists. All of one kind answer heads: at_day, id, state,
 * unit
 * (an author's also posting), behind a cursor (?2, ?3), newest first or oldest first, at most ?4 of
 * those that ?1 names.                                                               STYLE: R32 */
#include "record/record_int.h"

/* The states are written into the text: they are few, and a bound list would need an array. */
static Str state_list(Arena *a, const Type *t, uint32_t states)
{
    Buf in = {.arena = a};
    for (int i = 0; i < t->state_n; i++)
        if (states >> i & 1)
            buf_fmt(&in, "%s%lld", in.n ? ", " : "", (long long)t->states[i].number);
    return buf_view(&in);
}

Str query_count(Arena *a, const Type *t, CountOf of, uint32_t states)
{
    static const char *const where[] = {
        [COUNT_UNIT] = "x.unit = ?2",
        [COUNT_BELOW] = "x.unit = ua.unit AND ua.above = ?2",
        [COUNT_AUTHOR] = "x.author = ?2 AND x.posting = ?3",
    };
    return str_fmt(a,
                   "SELECT COUNT(*) FROM (SELECT 1 AS one FROM %sr_%.*s x WHERE %s "
                   "AND x.state IN (%.*s)%s LIMIT ?1) y",
                   of == COUNT_BELOW ? "unit_above ua CROSS JOIN " : "", STR_ARG(t->name),
                   where[of], STR_ARG(state_list(a, t, states)),
                   states & ~t->open_states ? "" : " AND x.is_open = 1");
}

Str query_open_posts(Arena *a, const Type *t)
{
    return str_fmt(a, "SELECT DISTINCT posting, seat FROM r_%.*s WHERE is_open = 1",
                   STR_ARG(t->name));
}

Str query_heads_many(Arena *a, const Type *t, uint32_t states, bool back)
{
    const char *way = back ? "ASC" : "DESC";
    return str_fmt(a,
                   "SELECT x.at_day, x.id, x.state, x.unit FROM unit_above ua CROSS JOIN LATERAL "
                   "(SELECT at_day, id, state, unit FROM r_%.*s WHERE unit = ua.unit "
                   "AND (at_day, id) %c (?2, ?3) AND state IN (%.*s) "
                   "ORDER BY at_day %s, id %s LIMIT ?4) x WHERE ua.above = ?1 "
                   "ORDER BY x.at_day %s, x.id %s LIMIT ?4",
                   STR_ARG(t->name), back ? '>' : '<', STR_ARG(state_list(a, t, states)), way, way,
                   way, way);
}

static Str make_open_many(Arena *a, const Type *t, bool back)
{
    const char *way = back ? "ASC" : "DESC";
    return str_fmt(a,
                   "SELECT at_day, id, state, unit FROM r_%.*s WHERE is_open = 1 AND state = ?1 "
                   "AND (at_day, id) %c (?2, ?3) "
                   "AND unit IN (SELECT unit FROM unit_above WHERE above = ?5) "
                   "ORDER BY at_day %s, id %s LIMIT ?4",
                   STR_ARG(t->name), back ? '>' : '<', way, way);
}

static Str make_heads(Arena *a, const Type *t, const char *more, Str where, bool back)
{
    const char *way = back ? "ASC" : "DESC";
    return str_fmt(a,
                   "SELECT at_day, id, state, unit%s FROM r_%.*s WHERE %.*s "
                   "AND (at_day, id) %c (?2, ?3) ORDER BY at_day %s, id %s LIMIT ?4",
                   more, STR_ARG(t->name), STR_ARG(where), back ? '>' : '<', way, way);
}

/* Records a side table names: its own index gives the ids, their rows the rest; they are sorted, so
 * the caller asks only where they are few (query_side_count). */
static Str make_side(Arena *a, const Type *t, Str side, Str column, bool back)
{
    const char *way = back ? "ASC" : "DESC";
    return str_fmt(a,
                   "SELECT x.at_day, x.id, x.state, x.unit FROM (SELECT DISTINCT record, county "
                   "FROM %.*s WHERE %.*s = ?1) c CROSS JOIN r_%.*s x "
                   "WHERE x.county = c.county AND x.id = c.record "
                   "AND (x.at_day, x.id) %c (?2, ?3) ORDER BY x.at_day %s, x.id %s LIMIT ?4",
                   STR_ARG(side), STR_ARG(column), STR_ARG(t->name), back ? '>' : '<', way, way);
}

static Str side_table(Arena *a, const Type *t, const Field *f, Str *ret_column)
{
    *ret_column = f->rows ? str_fmt(a, "\"%.*s\"", STR_ARG(f->name)) : S("target");
    if (f->rows)
        return str_fmt(a, "r_%.*s__%.*s", STR_ARG(t->name), STR_ARG(f->rows->name));
    return str_fmt(a, "l_%.*s__%.*s", STR_ARG(t->name), STR_ARG(f->name));
}

Str query_side_count(Arena *a, const Type *t, const Field *f)
{
    Str column, table = side_table(a, t, f, &column);
    return str_fmt(a,
                   "SELECT COUNT(*) FROM (SELECT 1 AS one FROM %.*s WHERE %.*s = ?1 LIMIT ?2) y",
                   STR_ARG(table), STR_ARG(column));
}

Str query_heads_field(Arena *a, const Type *t, const Field *f, bool back)
{
    if (query_is_side(f)) {
        Str column, table = side_table(a, t, f, &column);
        return make_side(a, t, table, column, back);
    }
    return make_heads(a, t, "", str_fmt(a, "\"%.*s\" = ?1", STR_ARG(f->name)), back);
}

Str query_heads_audience(Arena *a, const Type *t, const Field *f, bool back)
{
    const char *way = back ? "ASC" : "DESC";
    return str_fmt(a,
                   "SELECT c.at_day, c.record, x.state, x.unit FROM a_%.*s__%.*s c "
                   "CROSS JOIN r_%.*s x WHERE c.unit = ?1 AND c.role = ?5 "
                   "AND (c.at_day, c.record) %c (?2, ?3) AND x.county = c.county "
                   "AND x.id = c.record ORDER BY c.at_day %s, c.record %s LIMIT ?4",
                   STR_ARG(t->name), STR_ARG(f->name), STR_ARG(t->name), back ? '>' : '<', way,
                   way);
}

void query_compile_lists(Arena *a, Engine g, const Type *t, TypeSql *ret)
{
    for (int back = 0; back < 2; back++) {
        ret->heads_unit[back] = make_heads(a, t, "", S("unit = ?1"), back);
        ret->heads_author[back] = make_heads(a, t, ", posting", S("author = ?1"), back);
        ret->heads_open[back] = make_heads(a, t, "", S("is_open = 1 AND state = ?1"), back);
        if (g == ENGINE_PG)
            ret->heads_open_many[back] = make_open_many(a, t, back);
    }
}
