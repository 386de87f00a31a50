/* replay.c: the floor of what writes many records, and of `verify`: what a deployment holds, bare.
 *
 *   replay write DIR OUT PER_COMMIT
 *                         replays the history of DIR/stave.db into OUT, an empty database or an
 *                         earlier copy of it: for each change its history row, for the first one
 *                         of a record its register and its row, for each further one an update of
 *                         the row; its duties and spans with the first one. Lines, cells of
 *                         figures, rows of an import at the end, in bulk. The settings of the
 *                         store's writer; the rows are read before the clock goes on.
 *                         Prints SECONDS RECORDS.
 *   replay read DIR       reads every column of the history, by chain and number. Prints
 *                         SECONDS CHANGES RECORDS. */
#include "bench.h" /* first: it says which libc */

#include <sqlite3.h>

enum { BATCH_MAX = 1000, COLS_MAX = 64, TYPES_MAX = 64, TABLES_MAX = 200, EXTRAS_MAX = 8 };

typedef struct Kind {
    int64_t number;
    sqlite3_stmt *get, *add, *set;
} Kind;
typedef struct Cells {
    sqlite3_value *v[COLS_MAX];
    int n;
} Cells;
typedef struct Line {
    Cells history, reg, row, extras[EXTRAS_MAX];
    int duty_n, extra_n; /* duties, then spans */
    int kind;
    bool is_first;
} Line;
typedef struct Replay {
    sqlite3 *db;
    Kind kinds[TYPES_MAX];
    int kind_n;
    sqlite3_stmt *get_reg, *add_reg, *add_history, *get_duty, *add_duty, *get_span, *add_span;
    Line *lines;
    int64_t us;
} Replay;

static void lite(Replay *c, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die("replay: %s", sqlite3_errmsg(c->db));
}

static void run(Replay *c, const char *sql)
{
    lite(c, sqlite3_exec(c->db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *stmt(Replay *c, const char *sql)
{
    sqlite3_stmt *st = NULL;
    lite(c, sqlite3_prepare_v2(c->db, sql, -1, &st, NULL));
    return st;
}

static sqlite3_stmt *stmt_of(Replay *c, const char *fmt, const char *name)
{
    char sql[4096];
    (void)snprintf(sql, sizeof sql, fmt, name);
    return stmt(c, sql);
}

/* INSERT with as many parameters as the table has columns. */
static sqlite3_stmt *insert(Replay *c, const char *table)
{
    char sql[4096], marks[COLS_MAX * 2 + 1] = "";
    sqlite3_stmt *all = stmt_of(c, "SELECT * FROM s.\"%s\" LIMIT 0", table);
    int n = sqlite3_column_count(all);
    if (n > COLS_MAX)
        die("replay: %s has %d columns", table, n);
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
            die("replay: no memory");
}

static void put(Replay *c, sqlite3_stmt *st, Cells *x)
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

static int names(Replay *c, const char *sql, char *ret[TABLES_MAX])
{
    int n = 0;
    sqlite3_stmt *st = stmt(c, sql);
    while (sqlite3_step(st) == SQLITE_ROW && n < TABLES_MAX)
        ret[n++] = sqlite3_mprintf("%s", sqlite3_column_text(st, 0));
    lite(c, sqlite3_finalize(st));
    return n;
}

static void make_tables(Replay *c)
{
    char *sql[TABLES_MAX];
    int n = names(c,
                  "SELECT sql FROM s.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
                  "'sqlite_%' AND tbl_name NOT LIKE 'find_%' ORDER BY type DESC, rowid",
                  sql);
    for (int i = 0; i < n; i++)
        run(c, sql[i]);
}

/* What changes of records bring with them: written at the end. */
static bool is_derived(const char *name)
{
    static const char *const list[] = {"cell", "seen", "batch", "batch_row", "notice"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (!strcmp(name, list[i]))
            return true;
    return strstr(name, "__") != NULL;
}

static bool is_of_changes(const char *name)
{
    return strncmp(name, "r_", 2) == 0 || !strcmp(name, "record") || !strcmp(name, "history") ||
           !strcmp(name, "duty") || !strcmp(name, "span") || is_derived(name);
}

static void copy_tables(Replay *c, bool derived)
{
    char *tables[TABLES_MAX], sql[1024];
    int n = names(c,
                  "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                  "'find_%' AND name NOT LIKE 'sqlite_%'",
                  tables);
    for (int i = 0; i < n; i++) {
        if (derived ? !is_derived(tables[i]) : is_of_changes(tables[i]))
            continue;
        (void)snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO main.\"%s\" SELECT * FROM s.\"%s\"",
                       tables[i], tables[i]);
        run(c, sql);
    }
}

static void find_kinds(Replay *c)
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
    c->get_duty = stmt(c, "SELECT * FROM s.duty WHERE record = ?1");
    c->add_duty = insert(c, "duty");
    c->get_span = stmt(c, "SELECT s.* FROM s.catalogue k JOIN s.span s ON s.figure = k.number "
                          "WHERE k.kind = 'figure' AND s.record = ?1");
    c->add_span = insert(c, "span");
}

/* ---- the loop ---- */

static void take_extras(Replay *c, sqlite3_stmt *st, Line *l)
{
    lite(c, sqlite3_bind_value(st, 1, l->history.v[3]));
    while (sqlite3_step(st) == SQLITE_ROW) {
        if (l->extra_n == EXTRAS_MAX)
            die("replay: a record of too many duties and spans");
        take(st, &l->extras[l->extra_n++]);
    }
    lite(c, sqlite3_reset(st));
}

static void read_line(Replay *c, sqlite3_stmt *h, Line *l)
{
    enum { RECORD = 3, TYPE, VERSION };
    take(h, &l->history);
    l->is_first = sqlite3_column_int64(h, VERSION) == 1;
    for (l->kind = 0; l->kind < c->kind_n; l->kind++)
        if (c->kinds[l->kind].number == sqlite3_column_int64(h, TYPE))
            break;
    if (l->kind == c->kind_n)
        die("replay: a change of no type");
    lite(c, sqlite3_bind_value(c->get_reg, 1, l->history.v[RECORD]));
    if (sqlite3_step(c->get_reg) != SQLITE_ROW)
        die("replay: a record is not in the register");
    take(c->get_reg, &l->reg);
    lite(c, sqlite3_reset(c->get_reg));
    sqlite3_stmt *get = c->kinds[l->kind].get;
    lite(c, sqlite3_bind_value(get, 1, l->reg.v[3]));
    lite(c, sqlite3_bind_value(get, 2, l->history.v[RECORD]));
    if (l->is_first && sqlite3_step(get) == SQLITE_ROW)
        take(get, &l->row);
    lite(c, sqlite3_reset(get));
    l->extra_n = 0;
    if (l->is_first)
        take_extras(c, c->get_duty, l);
    l->duty_n = l->extra_n;
    if (l->is_first)
        take_extras(c, c->get_span, l);
}

static void write_line(Replay *c, Line *l)
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
    for (int i = 0; i < l->extra_n; i++)
        put(c, i < l->duty_n ? c->add_duty : c->add_span, &l->extras[i]);
}

static int64_t write_batch(Replay *c, int n)
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
        for (int k = 0; k < c->lines[i].extra_n; k++)
            drop(&c->lines[i].extras[k]);
    }
    return firsts;
}

/* How far each chain is in OUT already. */
static void mark_chains(Replay *c)
{
    run(c, "CREATE TEMP TABLE had AS SELECT id, seq FROM main.chain");
    run(c, "CREATE UNIQUE INDEX temp.had_id ON had(id)");
}

static void write_all(Replay *c, int per_commit)
{
    sqlite3_stmt *old = stmt(c, "SELECT 1 FROM main.sqlite_schema WHERE name = 'history'");
    bool is_new = sqlite3_step(old) != SQLITE_ROW;
    lite(c, sqlite3_finalize(old));
    if (is_new)
        make_tables(c);
    mark_chains(c);
    if (is_new)
        copy_tables(c, false);
    run(c, "PRAGMA foreign_keys=ON");
    find_kinds(c);
    c->lines = calloc((size_t)per_commit, sizeof *c->lines);
    if (!c->lines)
        die("replay: no memory");
    int64_t last[2] = {0, 0}, records = 0;
    for (int n = per_commit; n == per_commit;) {
        sqlite3_stmt *h =
            stmt(c, "SELECT * FROM s.history h WHERE (chain, seq) > (?1, ?2) AND act >= 100 AND "
                    "seq > coalesce((SELECT seq FROM had WHERE id = h.chain), 0) "
                    "ORDER BY chain, seq LIMIT ?3");
        lite(c, sqlite3_bind_int64(h, 1, last[0]));
        lite(c, sqlite3_bind_int64(h, 2, last[1]));
        lite(c, sqlite3_bind_int64(h, 3, per_commit));
        for (n = 0; sqlite3_step(h) == SQLITE_ROW; n++) {
            last[0] = sqlite3_column_int64(h, 0);
            last[1] = sqlite3_column_int64(h, 1);
            read_line(c, h, &c->lines[n]);
        }
        lite(c, sqlite3_finalize(h));
        records += write_batch(c, n);
    }
    int64_t from = now_us();
    run(c, "BEGIN IMMEDIATE; PRAGMA defer_foreign_keys=ON");
    copy_tables(c, true);
    run(c, "COMMIT");
    c->us += now_us() - from;
    (void)printf("%.2f %lld\n", (double)c->us / 1e6, (long long)records);
}

static void read_all(Replay *c)
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
        die("replay: no register");
    (void)printf("%.2f %lld %lld\n", (double)us / 1e6, (long long)n,
                 (long long)sqlite3_column_int64(st, 0));
    (void)fprintf(stderr, "replay: %lld bytes of history\n", (long long)bytes);
}

int main(int argc, char **argv)
{
    bool is_write = argc == 5 && !strcmp(argv[1], "write");
    int per_commit = is_write ? (int)strtol(argv[4], NULL, 10) : 0;
    if ((!is_write && (argc != 3 || strcmp(argv[1], "read") != 0)) || per_commit > BATCH_MAX ||
        (is_write && per_commit < 1))
        die("usage: replay write DIR OUT PER_COMMIT | replay read DIR");
    Replay c = {0};
    if (sqlite3_open(is_write ? argv[3] : ":memory:", &c.db) != SQLITE_OK)
        die("replay: cannot open %s", argv[argc - 1]);
    run(&c, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA "
            "cache_size=-16384");
    char *at = sqlite3_mprintf("ATTACH '%q/stave.db' AS s", argv[2]);
    run(&c, at);
    sqlite3_free(at);
    if (is_write)
        write_all(&c, per_commit);
    else
        read_all(&c);
    return 0;
}
