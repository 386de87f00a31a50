/* record_query_plan.c: the statements a change of the model needs. Identifiers come from the
 * compiled
 * model and from the catalogue, which only ever held names a model had; numbers are catalogue
 * numbers.
 *                                                                          STYLE: R32  SPEC: P12 */
#include "record/record_int.h"

Str query_count_all(Arena *a, Str type)
{
    return str_fmt(a, "SELECT COUNT(*) FROM r_%.*s", STR_ARG(type));
}

void query_hold(Buf *b, Str type)
{
    buf_fmt(b, "LOCK TABLE r_%.*s IN SHARE MODE;\n", STR_ARG(type));
}

Str query_count_open(Arena *a, Str type)
{
    return str_fmt(a, "SELECT COUNT(*) FROM r_%.*s WHERE is_open = 1", STR_ARG(type));
}

Str query_count_state(Arena *a, Str type, int64_t state)
{
    return str_fmt(a, "SELECT COUNT(*) FROM r_%.*s WHERE state = %lld", STR_ARG(type),
                   (long long)state);
}

Str query_count_filled(Arena *a, Str type, Str field)
{
    return str_fmt(a, "SELECT COUNT(\"%.*s\") FROM r_%.*s", STR_ARG(field), STR_ARG(type));
}

Str query_count_doubles(Arena *a, const Type *t)
{
    Buf cols = {.arena = a}, where = {.arena = a};
    for (int i = 0; i < t->unique_n; i++) {
        buf_fmt(&cols, "%s\"%.*s\"", i ? ", " : "", STR_ARG(t->unique[i]));
        buf_fmt(&where, "%s\"%.*s\" IS NOT NULL", i ? " AND " : "", STR_ARG(t->unique[i]));
    }
    for (int i = 0; i < t->state_n; i++)
        if (t->void_states >> i & 1)
            buf_fmt(&where, " AND state <> %lld", (long long)t->states[i].number);
    return str_fmt(a,
                   "SELECT COUNT(*) FROM (SELECT 1 AS one FROM r_%.*s WHERE %.*s GROUP BY %.*s "
                   "HAVING COUNT(*) > 1) x",
                   STR_ARG(t->name), STR_ARG(buf_view(&where)), STR_ARG(buf_view(&cols)));
}

Str query_step_open(Arena *a, const Type *t)
{
    return str_fmt(a,
                   "UPDATE r_%.*s SET is_open = ?1 WHERE (county, id) IN (SELECT county, id FROM "
                   "r_%.*s WHERE state = ?2 AND is_open <> ?1 LIMIT 200)",
                   STR_ARG(t->name), STR_ARG(t->name));
}

/* A type's own indexes carry its name: after a rename they are made anew under the new one. */
static void drop_indexes(Buf *b, Tx *tx, Str table)
{
    Stmt *s;
    Err e = err_on(tx_arena(tx));
    Str ask =
        tx_engine(tx) == ENGINE_PG
            ? S("SELECT indexname FROM pg_catalog.pg_indexes WHERE schemaname = "
                "current_schema() AND tablename = ?1 AND indexname NOT LIKE '%\\_pkey' ORDER BY 1")
            : S("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND "
                "sql IS NOT NULL ORDER BY 1");
    if (tx_prepare(tx, ask, &s, &e) < 0)
        return; /* the Tx has failed: whatever follows in it says so */
    bind_str(s, 1, table);
    while (stmt_step(s, &e) > 0)
        buf_fmt(b, "DROP INDEX \"%.*s\";\n", STR_ARG(col_str(s, 0)));
}

static void make_indexes(Buf *b, Tx *tx, const Type *t, Str table)
{
    Buf ddl = {.arena = b->arena};
    query_table_ddl(&ddl, tx_engine(tx), t);
    Str on = str_fmt(b->arena, " ON %.*s(", STR_ARG(table));
    for (Str rest = buf_view(&ddl), line; rest.n;) {
        (void)str_cut(rest, '\n', &line, &rest); /* the last line has its end, too */
        bool is_unique = str_starts(line, S("CREATE UNIQUE INDEX "));
        bool is_index = is_unique || str_starts(line, S("CREATE INDEX "));
        bool is_its = false;
        for (size_t i = 0; i + on.n < line.n && !is_its; i++)
            is_its = str_starts(str_sub(line, i, line.n), on);
        if (is_index && is_its)
            buf_fmt(b, "%s IF NOT EXISTS %.*s\n",
                    is_unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX",
                    STR_ARG(str_sub(line, is_unique ? 20 : 13, line.n)));
    }
}

static bool has_table_of_its_own(const Field *f)
{
    return f->kind == KIND_ROWS || f->kind == KIND_LINKS || f->kind == KIND_AUDIENCE;
}

static char table_lead(const Field *f)
{
    return f->kind == KIND_ROWS ? 'r' : f->kind == KIND_LINKS ? 'l' : 'a';
}

static void rename_side(Buf *b, Tx *tx, const Field *f, Str from_type, Str from, const Type *t)
{
    Arena *a = b->arena;
    Str old = str_fmt(a, "%c_%.*s__%.*s", table_lead(f), STR_ARG(from_type), STR_ARG(from));
    if (has_table_of_its_own(f) && store_has_table(tx, old))
        buf_fmt(b, "ALTER TABLE %.*s RENAME TO %c_%.*s__%.*s;\n", STR_ARG(old), table_lead(f),
                STR_ARG(t->name), STR_ARG(f->name));
}

/* Side tables go by what their fields are called now; a field renamed at once with its type is
 * renamed a statement later, under the new type. */
void query_rename_type(Buf *b, Tx *tx, Str old, const Type *t)
{
    Str from = str_fmt(b->arena, "r_%.*s", STR_ARG(old));
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        rename_side(b, tx, f, old, f->name, t);
        for (int w = 0; w < f->was_n; w++) {
            Str side = str_fmt(b->arena, "%c_%.*s__%.*s", table_lead(f), STR_ARG(old),
                               STR_ARG(f->was[w]));
            if (has_table_of_its_own(f) && store_has_table(tx, side))
                buf_fmt(b, "ALTER TABLE %.*s RENAME TO %c_%.*s__%.*s;\n", STR_ARG(side),
                        table_lead(f), STR_ARG(t->name), STR_ARG(f->was[w]));
        }
    }
    drop_indexes(b, tx, from);
    buf_fmt(b, "ALTER TABLE %.*s RENAME TO r_%.*s;\n", STR_ARG(from), STR_ARG(t->name));
}

void query_index_type(Buf *b, Tx *tx, const Type *t)
{
    make_indexes(b, tx, t, str_fmt(b->arena, "r_%.*s", STR_ARG(t->name)));
}

/* Indexes of fields are called by their numbers: they stay as they are. */
void query_rename_field(Buf *b, const Type *t, const Field *rows, const Field *f, Str old)
{
    Arena *a = b->arena;
    if (has_table_of_its_own(f))
        buf_fmt(b, "ALTER TABLE %c_%.*s__%.*s RENAME TO %c_%.*s__%.*s;\n", table_lead(f),
                STR_ARG(t->name), STR_ARG(old), table_lead(f), STR_ARG(t->name), STR_ARG(f->name));
    if (f->kind == KIND_ROWS)
        return;
    Str table = rows ? str_fmt(a, "r_%.*s__%.*s", STR_ARG(t->name), STR_ARG(rows->name))
                     : str_fmt(a, "r_%.*s", STR_ARG(t->name));
    buf_fmt(b, "ALTER TABLE %.*s RENAME COLUMN \"%.*s\" TO \"%.*s\";\n", STR_ARG(table),
            STR_ARG(old), STR_ARG(f->name));
}

/* ---- scripts taken apart ---- */

/* The statements of a script, one by one. */
static bool next_statement(Str *rest, Str *ret)
{
    *rest = str_trim(*rest);
    if (!rest->n)
        return false;
    for (size_t i = 0; i + 1 < rest->n; i++)
        if (rest->p[i] == ';' && rest->p[i + 1] == '\n') {
            *ret = str_sub(*rest, 0, i + 1);
            *rest = str_sub(*rest, i + 2, rest->n);
            return true;
        }
    *ret = *rest;
    *rest = S("");
    return true;
}

static Str word_after(Str sql, Str lead)
{
    for (size_t i = 0; i + lead.n < sql.n; i++)
        if (str_starts(str_sub(sql, i, sql.n), lead)) {
            size_t n = i + lead.n, from = n;
            while (n < sql.n && sql.p[n] != ' ' && sql.p[n] != '(' && sql.p[n] != ';')
                n++;
            return str_sub(sql, from, n - from);
        }
    return S("");
}

bool query_next_ddl(Str *rest, Ddl *ret)
{
    static const struct {
        const char *lead;
        DdlKind kind;
    } kinds[] = {
        {"ALTER TABLE ", DDL_COLUMN},
        {"CREATE TABLE ", DDL_TABLE},
        {"CREATE UNIQUE INDEX ", DDL_INDEX},
        {"CREATE INDEX ", DDL_INDEX},
    };
    if (!next_statement(rest, &ret->sql))
        return false;
    for (size_t i = 0; i < LEN(kinds); i++)
        if (str_starts(ret->sql, str_of(kinds[i].lead))) {
            ret->kind = kinds[i].kind;
            ret->name = word_after(ret->sql, str_of(kinds[i].lead));
            return true;
        }
    CHECK(!"a statement the schema does not write");
    return false;
}

void query_drop_unique(Buf *b, const Type *t)
{
    buf_fmt(b, "DROP INDEX IF EXISTS r_%.*s_unique;\n", STR_ARG(t->name));
}
