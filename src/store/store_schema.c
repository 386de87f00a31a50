/* store_schema.c: SQL text rewritten per engine, the first schema, check and copy of the whole. */
#include "store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---- text ---------------------------------------------------------------------------------- */

size_t sql_opaque(Str sql, size_t i)
{
    char c = sql.p[i];
    size_t j = i + 1;
    if (c == '\'' || c == '"') { /* a doubled quote ends one text and starts the next: no matter */
        while (j < sql.n && sql.p[j] != c)
            j++;
        return (j < sql.n ? j + 1 : j) - i;
    }
    if (c == '-' && j < sql.n && sql.p[j] == '-') {
        while (j < sql.n && sql.p[j] != '\n')
            j++;
        return j - i;
    }
    if (c == '/' && j < sql.n && sql.p[j] == '*') {
        for (j++; j < sql.n; j++)
            if (sql.p[j] == '*' && j + 1 < sql.n && sql.p[j + 1] == '/')
                return j + 2 - i;
        return sql.n - i;
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

Str sql_numbered(Arena *a, Str sql)
{
    Buf out = {.arena = a};
    for (size_t i = 0; i < sql.n;) {
        size_t skip = sql_opaque(sql, i);
        if (skip) {
            buf_mem(&out, sql.p + i, skip);
            i += skip;
            continue;
        }
        bool is_param = sql.p[i] == '?' && i + 1 < sql.n && is_digit(sql.p[i + 1]);
        buf_byte(&out, is_param ? '$' : sql.p[i]);
        i++;
    }
    return buf_view(&out);
}

static const struct {
    Str word;
    const char *lite, *pg;
} schema_words[] = {
    {S("BIGINT"), "INTEGER", "bigint"},
    {S("TEXT"), "TEXT", "text COLLATE \"C\""}, /* by code point whatever the database's own is */
    {S("BLOB"), "BLOB", "bytea"},
    {S("UUID"), "BLOB", "uuid"},
    {S("STRICT"), "STRICT", ""},
    {S("KEYED"), "STRICT, WITHOUT ROWID", ""}, /* small rows that are found by their key alone */
};

static const char *schema_word(Engine g, Str word)
{
    for (size_t i = 0; i < LEN(schema_words); i++)
        if (str_eq(schema_words[i].word, word))
            return g == ENGINE_PG ? schema_words[i].pg : schema_words[i].lite;
    return NULL;
}

Str sql_schema(Arena *a, Engine g, Str sql)
{
    Buf out = {.arena = a};
    for (size_t i = 0; i < sql.n;) {
        size_t n = sql_opaque(sql, i);
        const char *instead = NULL;
        if (n == 0 && is_word(sql.p[i])) {
            while (i + n < sql.n && is_word(sql.p[i + n]))
                n++;
            instead = schema_word(g, (Str){sql.p + i, n});
        }
        if (n == 0)
            n = 1;
        if (instead)
            buf_z(&out, instead);
        else
            buf_mem(&out, sql.p + i, n);
        i += n;
    }
    return buf_view(&out);
}

const char *store_type(Engine g, char kind)
{
    switch (kind) {
    case 'i':
        return schema_word(g, S("BIGINT"));
    case 't':
        return schema_word(g, S("TEXT"));
    case 'b':
        return schema_word(g, S("BLOB"));
    case 'u':
        return schema_word(g, S("UUID"));
    default:
        check_failed(__FILE__, __LINE__, "kind of a column is one of i t b u");
    }
}

const char *store_table_end(Engine g)
{
    return g == ENGINE_PG ? "" : " STRICT";
}

/* ---- the first schema ---------------------------------------------------------------------- */

static bool has_row(Tx *tx, Str ask, Str first, Str second)
{
    Err e = err_on(tx_arena(tx));
    Stmt *st;
    if (tx_prepare(tx, ask, &st, &e) < 0)
        return false; /* the Tx has failed: whatever follows in it says so */
    bind_str(st, 1, first);
    if (str_has(second))
        bind_str(st, 2, second);
    bool has = stmt_step(st, &e) == 1;
    stmt_reset(st);
    return has;
}

bool store_has_table(Tx *tx, Str name)
{
    return has_row(tx,
                   tx_engine(tx) == ENGINE_PG
                       ? S("SELECT 1 FROM pg_catalog.pg_tables"
                           " WHERE schemaname = current_schema() AND tablename = ?1")
                       : S("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1"),
                   name, STR_NONE);
}

bool store_has_column(Tx *tx, Str table, Str column)
{
    return has_row(tx,
                   tx_engine(tx) == ENGINE_PG
                       ? S("SELECT 1 FROM information_schema.columns WHERE table_schema ="
                           " current_schema() AND table_name = ?1 AND column_name = ?2")
                       : S("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2"),
                   table, column);
}

bool store_has_index(Tx *tx, Str name)
{
    return has_row(tx,
                   tx_engine(tx) == ENGINE_PG
                       ? S("SELECT 1 FROM pg_catalog.pg_indexes"
                           " WHERE schemaname = current_schema() AND indexname = ?1")
                       : S("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1"),
                   name, STR_NONE);
}

/* The name of the first table a schema makes. */
static Str schema_first_table(Str sql)
{
    const Str create = S("CREATE TABLE ");
    for (size_t i = 0; i < sql.n;) {
        size_t n = sql_opaque(sql, i);
        if (n == 0 && str_starts(str_sub(sql, i, create.n), create)) {
            Str name = {sql.p + i + create.n, 0};
            while (i + create.n + name.n < sql.n && is_word(name.p[name.n]))
                name.n++;
            return name;
        }
        i += n ? n : 1;
    }
    return STR_NONE;
}

static int meta_put(Tx *tx, Str key, Str value, Err *e)
{
    Stmt *st;
    TRY(tx_prepare(tx, S("INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT DO NOTHING"), &st,
                   e));
    bind_str(st, 1, key);
    bind_str(st, 2, value);
    int rc = stmt_run(st, e);
    return rc < 0 ? rc : 0;
}

int schema_number(Tx *tx, int64_t *ret, Err *e)
{
    Stmt *st;
    TRY(tx_prepare(tx, S("SELECT value FROM meta WHERE key = 'schema'"), &st, e));
    int rc = stmt_step(st, e);
    if (rc < 0)
        return rc;
    int64_t at = 0;
    if (rc == 0 || !str_i64(col_str(st, 0), &at))
        rc = err_set(e, ERR_CORRUPT, "store.no_schema_number");
    else if (at > STORE_SCHEMA)
        rc = err_set(e, ERR_CONFLICT, "store.newer", err_int(e, at), err_int(e, STORE_SCHEMA));
    else {
        *ret = at;
        rc = 0;
    }
    stmt_reset(st);
    return rc;
}

/* The inverted index behind search: tokens of a document, words of ASCII letters and digits with
 * blanks between. SQLite keeps no text of it, so to take a document out its tokens are given again.
 */
static Str find_text_ddl(Engine g)
{
    return g == ENGINE_PG
               ? S("CREATE TABLE find_text(doc bigint NOT NULL PRIMARY KEY,"
                   " tokens tsvector NOT NULL);"
                   "CREATE INDEX find_text_tokens ON find_text USING gin(tokens)")
               : S("CREATE VIRTUAL TABLE find_text USING fts5(tokens, content='', detail=none,"
                   " columnsize=0, tokenize='ascii')");
}

int schema_find_text(Tx *tx, Err *e)
{
    if (!store_has_table(tx, S("find_doc")) || store_has_table(tx, S("find_text")))
        return 0;
    return tx_script(tx, find_text_ddl(tx_engine(tx)), e);
}

typedef struct Migration {
    Store *s;
    Str sql;
} Migration;

static int migrate_apply(Tx *tx, void *arg, Err *e)
{
    const Migration *m = arg;
    Str first = schema_first_table(m->sql);
    CHECK(str_has(first));
    if (!store_has_table(tx, first))
        TRY(tx_script(tx, sql_schema(tx_arena(tx), tx_engine(tx), m->sql), e));
    TRY(schema_find_text(tx, e));
    if (!store_has_table(tx, S("meta"))) /* files.db has none */
        return 0;
    Arena *a = tx_arena(tx);
    if (str_eq(first, S("meta"))) {
        TRY(meta_put(tx, S("schema"), str_fmt(a, "%d", STORE_SCHEMA), e));
        TRY(meta_put(tx, S("made_ms"), str_fmt(a, "%lld", (long long)env_now_ms(m->s->env)), e));
    }
    int64_t at;
    TRY(schema_number(tx, &at, e));
    return at == STORE_SCHEMA ? 0
                              : err_set(e, ERR_CONFLICT, "store.older", err_int(e, at),
                                        err_int(e, STORE_SCHEMA));
}

int store_migrate(Store *s, Str core_sql, Err *e)
{
    Migration m = {s, core_sql};
    return store_write(s, NULL, migrate_apply, &m, e);
}

/* ---- the whole database -------------------------------------------------------------------- */

typedef struct Findings {
    void (*say)(void *ctx, Str finding);
    void *ctx;
    int n;
} Findings;

static void find_add(Findings *f, Str what)
{
    f->n++;
    if (f->say)
        f->say(f->ctx, what);
}

static int check_lite(Tx *tx, Findings *f, Err *e)
{
    Stmt *st;
    int rc;
    TRY(tx_prepare(tx, S("PRAGMA integrity_check(100)"), &st, e));
    while ((rc = stmt_step(st, e)) == 1)
        if (!str_eq(col_str(st, 0), S("ok")))
            find_add(f, col_str(st, 0));
    if (rc < 0)
        return rc;
    TRY(tx_prepare(tx, S("PRAGMA foreign_key_check"), &st, e));
    while ((rc = stmt_step(st, e)) == 1) {
        Str row =
            col_null(st, 1) ? S("?") : str_fmt(tx_arena(tx), "%lld", (long long)col_i64(st, 1));
        find_add(f, str_fmt(tx_arena(tx), "%.*s: row %.*s points at nothing in %.*s",
                            STR_ARG(col_str(st, 0)), STR_ARG(row), STR_ARG(col_str(st, 2))));
    }
    return rc;
}

/* PostgreSQL checks its page sums when it reads, so every table is read through. */
static int check_pg_table(Conn *c, Str table, Findings *f, Err *e)
{
    Tx *tx;
    Arena *a = e->arena;
    TRY(tx_read(c, &tx, e));
    Err fault = err_on(a);
    int64_t n;
    Buf sql = {.arena = a};
    buf_fmt(&sql, "SELECT count(*) FROM \"%.*s\"", STR_ARG(table));
    int rc = tx_ask_i64(tx, S("SELECT set_config('statement_timeout', '0', true) IS NOT NULL"), &n,
                        &fault);
    if (rc == 0)
        rc = tx_ask_i64(tx, buf_view(&sql), &n, &fault);
    tx_end(tx);
    if (rc == 0)
        return 0;
    if (rc != ERR_CORRUPT && rc != ERR_IO) {
        *e = fault;
        return rc;
    }
    find_add(f, str_fmt(a, "%.*s: %.*s", STR_ARG(table), STR_ARG(fault.args[1])));
    return 0;
}

typedef struct Names {
    Str *items;
    size_t n, cap;
} Names;

static void names_add(Arena *a, Names *names, Str name)
{
    if (names->n == names->cap) {
        size_t cap = names->cap ? names->cap * 2 : 64;
        Str *more = NEW_N(a, Str, cap);
        for (size_t i = 0; i < names->n; i++)
            more[i] = names->items[i];
        names->items = more;
        names->cap = cap;
    }
    names->items[names->n++] = str_copy(a, name);
}

static int check_pg_names(Tx *tx, Arena *a, Str sql, Names *ret, Err *e)
{
    Stmt *st;
    int rc;
    TRY(tx_prepare(tx, sql, &st, e));
    while ((rc = stmt_step(st, e)) == 1)
        names_add(a, ret, col_str(st, 0));
    return rc;
}

static int check_pg(Conn *c, Findings *f, Err *e)
{
    Tx *tx;
    Names tables = {0}, bad = {0};
    TRY(tx_read(c, &tx, e));
    int rc = check_pg_names(tx, e->arena,
                            S("SELECT tablename::text FROM pg_catalog.pg_tables"
                              " WHERE schemaname = current_schema() ORDER BY 1"),
                            &tables, e);
    if (rc == 0)
        rc = check_pg_names(tx, e->arena,
                            S("SELECT c.relname::text FROM pg_catalog.pg_index i"
                              " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
                              " WHERE NOT i.indisvalid ORDER BY 1"),
                            &bad, e);
    tx_end(tx);
    for (size_t i = 0; rc == 0 && i < bad.n; i++)
        find_add(f, str_fmt(e->arena, "index %.*s is not valid", STR_ARG(bad.items[i])));
    for (size_t i = 0; rc == 0 && i < tables.n; i++)
        rc = check_pg_table(c, tables.items[i], f, e);
    return rc;
}

int store_check_pages(Store *s, void (*say)(void *ctx, Str finding), void *ctx, Err *e)
{
    Findings f = {say, ctx, 0};
    Conn *c;
    TRY(conn_new(s, CONN_WHOLE, &c, e));
    int rc;
    if (s->engine == ENGINE_PG) {
        rc = check_pg(c, &f, e);
    } else {
        Tx *tx;
        rc = tx_read(c, &tx, e);
        if (rc == 0) {
            rc = check_lite(tx, &f, e);
            tx_end(tx);
        }
    }
    conn_close(c);
    return rc < 0 ? rc : f.n;
}

static int copy_sync(const char *path, Err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (rc < 0)
        (void)err_set(e, ERR_IO, "store.copy_failed", str_of(path), str_of(strerror(errno)));
    if (fd >= 0)
        (void)close(fd); /* read only: nothing can be lost */
    return rc < 0 ? ERR_IO : 0;
}

int store_copy_to(Store *s, Str path, Err *e)
{
    if (s->engine == ENGINE_PG)
        return err_set(e, ERR_DENIED, "store.copy_pg");
    const char *z = str_z(e->arena, path);
    if (access(z, F_OK) == 0)
        return err_set(e, ERR_EXISTS, "store.copy_exists", path);
    int rc = lite_copy_to(s, path, e);
    if (rc == 0)
        rc = copy_sync(z, e);
    if (rc < 0)
        (void)unlink(z); /* half a copy is worse than none; it may not be there at all */
    return rc;
}
