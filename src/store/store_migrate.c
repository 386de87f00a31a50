/* store_migrate.c: an older database is brought to the tables of this program: the steps of
 * migrate.sql since its schema number, then whatever table or index core.sql has and it has not.
 * All of it in one transaction: a run that is cut off leaves the older database.
 *
 * SQLite keeps attachments in a database of its own, which has no number: every step is looked at
 * there, and what is done already is passed over.                                     SPEC: P12 */
#include "store/store_int.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Cuts the next statement, comments before it left out. */
static bool next_statement(Str *rest, Str *ret)
{
    size_t i = 0;
    while (i < rest->n) {
        size_t skip = sql_opaque(*rest, i);
        if (!skip && !is_blank(rest->p[i]))
            break;
        i += skip ? skip : 1;
    }
    size_t from = i;
    while (i < rest->n && rest->p[i] != ';') {
        size_t skip = sql_opaque(*rest, i);
        i += skip ? skip : 1;
    }
    *ret = str_sub(*rest, from, i - from);
    *rest = i < rest->n ? str_sub(*rest, i + 1, rest->n) : S("");
    return ret->n > 0;
}

static bool is_end(char c)
{
    return is_blank(c) || c == '(';
}

static Str next_word(Str *rest)
{
    size_t i = 0, n;
    while (i < rest->n && is_blank(rest->p[i]))
        i++;
    for (n = i; n < rest->n && !is_end(rest->p[n]);)
        n++;
    Str word = str_sub(*rest, i, n - i);
    *rest = str_sub(*rest, n, rest->n);
    return word;
}

/* CREATE TABLE t, CREATE [UNIQUE] INDEX i: is it there? */
static bool is_made(Tx *tx, Str sql)
{
    CHECK(str_eq(next_word(&sql), S("CREATE")));
    Str what = next_word(&sql);
    if (str_eq(what, S("UNIQUE")))
        what = next_word(&sql);
    Str name = next_word(&sql);
    CHECK(str_eq(what, S("TABLE")) || str_eq(what, S("INDEX")));
    return str_eq(what, S("TABLE")) ? store_has_table(tx, name) : store_has_index(tx, name);
}

/* ALTER TABLE t ADD COLUMN c, ALTER TABLE t RENAME COLUMN was TO c: nothing to do here? Any other
 * statement is to be run. */
static bool is_passed(Tx *tx, Str sql)
{
    if (!str_eq(next_word(&sql), S("ALTER")))
        return false;
    (void)next_word(&sql); /* TABLE */
    Str table = next_word(&sql), how = next_word(&sql);
    (void)next_word(&sql); /* COLUMN */
    Str column = next_word(&sql);
    if (str_eq(how, S("RENAME"))) {
        (void)next_word(&sql); /* TO */
        column = next_word(&sql);
    }
    return !store_has_table(tx, table) || store_has_column(tx, table, column);
}

static int run_one(Tx *tx, Str sql, Err *e)
{
    Arena *a = tx_arena(tx);
    return tx_script(tx, sql_schema(a, tx_engine(tx), str_copy(a, sql)), e);
}

/* The text after `-- schema: N`, up to the next such line. */
static bool next_step(Str *rest, int64_t *ret_to, Str *ret)
{
    const Str mark = S("\n-- schema: ");
    size_t at = 0, end;
    while (at < rest->n && !str_starts(str_sub(*rest, at, rest->n), mark))
        at++;
    if (at == rest->n)
        return false;
    Str line, body;
    CHECK(str_cut(str_sub(*rest, at + mark.n, rest->n), '\n', &line, &body));
    CHECK(str_i64(line, ret_to));
    for (end = 0; end < body.n && !str_starts(str_sub(body, end, body.n), mark);)
        end++;
    *ret = str_sub(body, 0, end);
    *rest = str_sub(body, end, body.n);
    return true;
}

typedef struct Upgrade {
    Str tables, steps;
    int64_t from;
} Upgrade;

static int run_steps(Tx *tx, const Upgrade *u, Err *e)
{
    Str rest = u->steps, step, sql;
    int64_t to;
    bool has_meta = store_has_table(tx, S("meta"));
    while (next_step(&rest, &to, &step)) {
        if (to <= u->from)
            continue;
        while (next_statement(&step, &sql)) {
            bool is_alter = str_starts(sql, S("ALTER "));
            if (is_alter ? !is_passed(tx, sql) : has_meta)
                TRY(run_one(tx, sql, e));
        }
    }
    return 0;
}

/* core.sql begins with the table that holds the number. */
static bool is_main(Str tables)
{
    Str sql;
    return next_statement(&tables, &sql) && str_starts(sql, S("CREATE TABLE meta("));
}

static int upgrade_apply(Tx *tx, void *arg, Err *e)
{
    Upgrade *u = arg;
    Stmt *st;
    u->from = 0;
    bool has_meta = store_has_table(tx, S("meta"));
    if (has_meta) {
        TRY(schema_number(tx, &u->from, e));
        if (u->from == STORE_SCHEMA)
            return 0;
    } else if (is_main(u->tables))
        return err_set(e, ERR_CORRUPT, "store.no_schema_number");
    TRY(run_steps(tx, u, e));
    Str rest = u->tables, sql;
    while (next_statement(&rest, &sql))
        if (!is_made(tx, sql))
            TRY(run_one(tx, sql, e));
    TRY(schema_find_text(tx, e));
    if (!has_meta)
        return 0;
    TRY(tx_prepare(tx, S("UPDATE meta SET value = ?1 WHERE key = 'schema'"), &st, e));
    bind_str(st, 1, str_fmt(tx_arena(tx), "%d", STORE_SCHEMA));
    int rc = stmt_run(st, e);
    return rc < 0 ? rc : 0;
}

int store_upgrade(Store *s, Str tables_sql, Str steps_sql, int64_t *ret_from, Err *e)
{
    Upgrade u = {.tables = tables_sql, .steps = steps_sql};
    TRY(store_write(s, NULL, upgrade_apply, &u, e));
    *ret_from = u.from;
    return 0;
}

int store_schema(void)
{
    return STORE_SCHEMA;
}

int store_check_schema(Store *s, Err *e)
{
    Conn *conn;
    Tx *tx;
    int64_t at;
    TRY(store_conn(s, &conn, e));
    int rc = tx_read(conn, &tx, e);
    if (!rc) {
        rc = !store_has_table(tx, S("meta")) ? err_set(e, ERR_CORRUPT, "store.no_schema_number")
                                             : schema_number(tx, &at, e);
        tx_end(tx);
    }
    conn_close(conn);
    if (!rc && at < STORE_SCHEMA)
        rc = err_set(e, ERR_CONFLICT, "store.older", err_int(e, at), err_int(e, STORE_SCHEMA));
    return rc;
}
