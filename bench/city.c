/* city.c: the floors of `demo` and `verify`, on what `stave demo --size city` has made.
 *
 *   city write DIR OUT    replays the history of DIR/stave.db into the empty database OUT: for each
 *                         change its history row, for the first one of a record its register and
 * its
 *                         row, for each further one an update of the row; lines, figures at the
 *                         end. 1000 changes to a commit, the settings of the store's writer; the
 *                         rows are read before the clock goes on. Prints SECONDS RECORDS.
 *   city read DIR         reads every column of the history, by chain and number. Prints
 *                         SECONDS CHANGES RECORDS. */
#include "bench.h" /* first: it says which libc */

#include <sqlite3.h>

enum { BATCH = 1000, COLS_MAX = 64, TYPES_MAX = 64, TABLES_MAX = 200 };

typedef struct Kind {
    int64_t number;
    sqlite3_stmt *get, *add, *set;
} Kind;
typedef struct Cells {
    sqlite3_value *v[COLS_MAX];
    int n;
} Cells;
typedef struct Line {
    Cells history, reg, row;
    int kind;
    bool is_first;
} Line;
typedef struct City {
    sqlite3 *db;
    Kind kinds[TYPES_MAX];
    int kind_n;
    sqlite3_stmt *get_reg, *add_reg, *add_history;
    Line *lines;
    int64_t us;
} City;

static void lite(City *c, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die("city: %s", sqlite3_errmsg(c->db));
}

static void run(City *c, const char *sql)
{
    lite(c, sqlite3_exec(c->db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *stmt(City *c, const char *sql)
{
    sqlite3_stmt *st = NULL;
    lite(c, sqlite3_prepare_v2(c->db, sql, -1, &st, NULL));
    return st;
}

static sqlite3_stmt *stmt_of(City *c, const char *fmt, const char *name)
{
    char sql[4096];
    (void)snprintf(sql, sizeof sql, fmt, name);
    return stmt(c, sql);
}

/* INSERT with as many parameters as the table has columns. */
static sqlite3_stmt *insert(City *c, const char *table)
{
    char sql[4096], marks[COLS_MAX * 2 + 1] = "";
    sqlite3_stmt *all = stmt_of(c, "SELECT * FROM s.\"%s\" LIMIT 0", table);
    int n = sqlite3_column_count(all);
    if (n > COLS_MAX)
        die("city: %s has %d columns", table, n);
    for (int i = 0; i < n; i++)
        memcpy(marks + 2 * i, i ? ",?" : " ?", 3);
    lite(c, sqlite3_finalize(all));
    (void)snprintf(sql, sizeof sql, "INSERT INTO \"%s\" VALUES(%s)", table, marks);
    return stmt(c, sql);
}

static void take(sqlite3_stmt *st, Cells *ret)
{
    ret->n = sqlite3_column_count(st);
    for (int i = 0; i < ret->n; i++)
        if (!(ret->v[i] = sqlite3_value_dup(sqlite3_column_value(st, i))))
            die("city: no memory");
}

static void put(City *c, sqlite3_stmt *st, Cells *x)
{
    for (int i = 0; i < x->n; i++)
        lite(c, sqlite3_bind_value(st, i + 1, x->v[i]));
    lite(c, sqlite3_step(st));
    lite(c, sqlite3_reset(st));
}

static void drop(Cells *x)
{
    for (int i = 0; i < x->n; i++)
        sqlite3_value_free(x->v[i]);
    x->n = 0;
}

/* ---- the empty database ---- */

static int names(City *c, const char *sql, char *ret[TABLES_MAX])
{
    int n = 0;
    sqlite3_stmt *st = stmt(c, sql);
    while (sqlite3_step(st) == SQLITE_ROW && n < TABLES_MAX)
        ret[n++] = sqlite3_mprintf("%s", sqlite3_column_text(st, 0));
    lite(c, sqlite3_finalize(st));
    return n;
}

static void make_tables(City *c)
{
    char *sql[TABLES_MAX];
    int n = names(c,
                  "SELECT sql FROM s.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
                  "'sqlite_%' AND tbl_name NOT LIKE 'find_%' ORDER BY type DESC, rowid",
                  sql);
    for (int i = 0; i < n; i++)
        run(c, sql[i]);
}

/* What is not written by changes of records. */
static bool is_beside(const char *name)
{
    return strncmp(name, "r_", 2) != 0 && !strstr(name, "__") && strcmp(name, "record") != 0 &&
           strcmp(name, "history") != 0 && strcmp(name, "cell") != 0 &&
           strcmp(name, "span") != 0 && strcmp(name, "seen") != 0;
}

static void copy_tables(City *c, bool beside)
{
    char *tables[TABLES_MAX], sql[1024];
    int n = names(c, "SELECT name FROM main.sqlite_schema WHERE type = 'table'", tables);
    for (int i = 0; i < n; i++) {
        bool is_last = !strcmp(tables[i], "cell") || !strcmp(tables[i], "span") ||
                       !strcmp(tables[i], "seen") || strstr(tables[i], "__");
        if (beside ? !is_beside(tables[i]) : !is_last)
            continue;
        (void)snprintf(sql, sizeof sql, "INSERT INTO main.\"%s\" SELECT * FROM s.\"%s\"", tables[i],
                       tables[i]);
        run(c, sql);
    }
}

static void find_kinds(City *c)
{
    sqlite3_stmt *st = stmt(c, "SELECT number, path FROM s.catalogue WHERE kind = 'type'");
    while (sqlite3_step(st) == SQLITE_ROW && c->kind_n < TYPES_MAX) {
        char table[256];
        Kind *k = &c->kinds[c->kind_n++];
        (void)snprintf(table, sizeof table, "r_%s", (const char *)sqlite3_column_text(st, 1));
        k->number = sqlite3_column_int64(st, 0);
        k->get = stmt_of(c, "SELECT * FROM s.\"%s\" WHERE county = ?1 AND id = ?2", table);
        k->set = stmt_of(c, "UPDATE \"%s\" SET version = version WHERE county = ?1 AND id = ?2",
                         table);
        k->add = insert(c, table);
    }
    lite(c, sqlite3_finalize(st));
    c->get_reg = stmt(c, "SELECT * FROM s.record WHERE id = ?1");
    c->add_reg = insert(c, "record");
    c->add_history = insert(c, "history");
}

/* ---- the loop ---- */

static void read_line(City *c, sqlite3_stmt *h, Line *l)
{
    enum { RECORD = 3, TYPE, VERSION };
    take(h, &l->history);
    l->is_first = sqlite3_column_int64(h, VERSION) == 1;
    for (l->kind = 0; l->kind < c->kind_n; l->kind++)
        if (c->kinds[l->kind].number == sqlite3_column_int64(h, TYPE))
            break;
    if (l->kind == c->kind_n)
        die("city: a change of no type");
    lite(c, sqlite3_bind_value(c->get_reg, 1, l->history.v[RECORD]));
    if (sqlite3_step(c->get_reg) != SQLITE_ROW)
        die("city: a record is not in the register");
    take(c->get_reg, &l->reg);
    lite(c, sqlite3_reset(c->get_reg));
    sqlite3_stmt *get = c->kinds[l->kind].get;
    lite(c, sqlite3_bind_value(get, 1, l->reg.v[3]));
    lite(c, sqlite3_bind_value(get, 2, l->history.v[RECORD]));
    if (l->is_first && sqlite3_step(get) == SQLITE_ROW)
        take(get, &l->row);
    lite(c, sqlite3_reset(get));
}

static void write_line(City *c, Line *l)
{
    Kind *k = &c->kinds[l->kind];
    if (l->is_first) {
        put(c, c->add_reg, &l->reg);
        put(c, k->add, &l->row);
    } else {
        lite(c, sqlite3_bind_value(k->set, 1, l->reg.v[3]));
        lite(c, sqlite3_bind_value(k->set, 2, l->history.v[3]));
        lite(c, sqlite3_step(k->set));
        lite(c, sqlite3_reset(k->set));
    }
    put(c, c->add_history, &l->history);
}

static int64_t write_batch(City *c, int n)
{
    int64_t from = now_us(), firsts = 0;
    run(c, "BEGIN IMMEDIATE");
    for (int i = 0; i < n; i++)
        write_line(c, &c->lines[i]);
    run(c, "COMMIT");
    c->us += now_us() - from;
    for (int i = 0; i < n; i++) {
        firsts += c->lines[i].is_first;
        drop(&c->lines[i].history);
        drop(&c->lines[i].reg);
        drop(&c->lines[i].row);
    }
    return firsts;
}

static void write_all(City *c)
{
    make_tables(c);
    copy_tables(c, true);
    find_kinds(c);
    c->lines = calloc(BATCH, sizeof *c->lines);
    if (!c->lines)
        die("city: no memory");
    int64_t last[2] = {0, 0}, records = 0;
    for (int n = BATCH; n == BATCH;) {
        sqlite3_stmt *h =
            stmt(c, "SELECT * FROM s.history WHERE (chain, seq) > (?1, ?2) AND act >= "
                    "100 ORDER BY chain, seq LIMIT 1000");
        lite(c, sqlite3_bind_int64(h, 1, last[0]));
        lite(c, sqlite3_bind_int64(h, 2, last[1]));
        for (n = 0; sqlite3_step(h) == SQLITE_ROW; n++) {
            last[0] = sqlite3_column_int64(h, 0);
            last[1] = sqlite3_column_int64(h, 1);
            read_line(c, h, &c->lines[n]);
        }
        lite(c, sqlite3_finalize(h));
        records += write_batch(c, n);
    }
    int64_t from = now_us();
    copy_tables(c, false);
    c->us += now_us() - from;
    (void)printf("%.1f %lld\n", (double)c->us / 1e6, (long long)records);
}

static void read_all(City *c)
{
    int64_t from = now_us(), n = 0, bytes = 0;
    sqlite3_stmt *st = stmt(c, "SELECT * FROM s.history ORDER BY chain, seq");
    for (; sqlite3_step(st) == SQLITE_ROW; n++)
        for (int i = 0; i < sqlite3_column_count(st); i++) {
            (void)sqlite3_column_blob(st, i);
            bytes += sqlite3_column_bytes(st, i);
        }
    int64_t us = now_us() - from;
    lite(c, sqlite3_finalize(st));
    st = stmt(c, "SELECT count(*) FROM s.record");
    if (sqlite3_step(st) != SQLITE_ROW)
        die("city: no register");
    (void)printf("%.2f %lld %lld\n", (double)us / 1e6, (long long)n,
                 (long long)sqlite3_column_int64(st, 0));
    (void)fprintf(stderr, "city: %lld bytes of history\n", (long long)bytes);
}

int main(int argc, char **argv)
{
    bool is_write = argc == 4 && !strcmp(argv[1], "write");
    if (!is_write && (argc != 3 || strcmp(argv[1], "read") != 0))
        die("usage: city write DIR OUT | city read DIR");
    City c = {0};
    if (sqlite3_open(is_write ? argv[3] : ":memory:", &c.db) != SQLITE_OK)
        die("city: cannot open %s", argv[argc - 1]);
    run(&c, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA "
            "cache_size=-16384");
    char *at = sqlite3_mprintf("ATTACH '%q/stave.db' AS s", argv[2]);
    run(&c, at);
    sqlite3_free(at);
    if (is_write)
        write_all(&c);
    else
        read_all(&c);
    return 0;
}
