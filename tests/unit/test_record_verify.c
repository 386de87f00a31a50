/* test_record_verify.c: whatever single value is changed behind Stave's back, verify finds it.
 *
 * Any row of any column of the tables below gets another value (a bit of a number, a byte of a
 * text or blob, a value where there was none); verify must find something. It looks from inside the
 * writing transaction, which is then rolled back. What the engine itself refuses (unique, foreign
 * key) cannot be done this way and is counted apart. */
#include "test_record_util.h"

typedef struct Spoil {
    const char *table, *column;
    char kind; /* i, t, b, u as in store_type */
    bool in_files;
    Engine engine;
    int64_t row; /* which, counted from 0 */
    Str place;   /* rowid or ctid, as text */
    Str old;     /* bytes, or the number as text; STR_NONE: null */
    Arena *a;
    County *w;
    const char *sql; /* instead of a column: statements */
    int found;
} Spoil;

static const struct {
    const char *table, *columns;
    bool in_files;
} tables[] = {
    {"r_diary",
     "u:id i:county i:unit i:seat i:posting u:author i:at_day i:state i:is_open i:version "
     "i:made_ms i:day "
     "t:body b:photos t:remark",
     false},
    {"record", "u:id i:type i:unit i:county", false},
    {"chain", "i:id i:seq b:hash", false},
    {"history",
     "i:chain i:seq i:at_ms u:record i:type i:version i:act u:actor i:seat b:body b:body_hash "
     "b:hash",
     false},
    {"file_use", "u:file u:record", false},
    {"comment", "u:id u:record u:author i:seat u:deputy_for i:at_ms t:body", false},
    {"file", "u:id u:owner i:bytes b:sm3", true},
    {"file_chunk", "u:file i:ix b:data", true},
};

static Str other_value(const Spoil *x)
{
    if (x->kind == 'i') {
        int64_t v = 0;
        (void)str_i64(x->old, &v); /* null counts as 0 */
        return str_fmt(x->a, "%lld", (long long)(v ^ (INT64_C(1) << test_below(20))));
    }
    if (!str_has(x->old) || !x->old.n)
        return x->kind == 'u' || x->kind == 'b' ? S("0123456789abcdef") : S("x");
    char *p = str_z(x->a, x->old);
    size_t at = test_below(x->old.n);
    if (x->kind == 't') /* stays valid UTF-8: one ASCII character more somewhere at the end */
        return str_fmt(x->a, "%.*sx", STR_ARG(x->old));
    p[at] = (char)(p[at] ^ (1 << test_below(8)));
    return (Str){p, x->old.n};
}

static void bind(const Spoil *x, Stmt *s, Str v)
{
    int64_t i = 0;
    Uuid u;
    if (!str_has(v))
        bind_null(s, 1);
    else if (x->kind == 'i' && str_i64(v, &i))
        bind_i64(s, 1, i);
    else if (x->kind == 't')
        bind_str(s, 1, v);
    else if (x->kind == 'u') {
        memcpy(u.b, v.p, sizeof u.b);
        bind_uuid(s, 1, u);
    } else
        bind_blob(s, 1, v.p, v.n);
}

static int find_place(Tx *tx, Spoil *x, Err *e)
{
    bool is_pg = x->engine == ENGINE_PG;
    Stmt *s;
    TRY(tx_prepare(tx,
                   str_fmt(x->a, "SELECT %s, \"%s\" FROM %s ORDER BY %s LIMIT 1 OFFSET %lld",
                           is_pg ? "ctid::text" : "CAST(rowid AS TEXT)", x->column, x->table,
                           is_pg ? "ctid" : "rowid", (long long)x->row),
                   &s, e));
    int rc = stmt_step(s, e);
    TRY(rc);
    if (!rc)
        return err_set(e, ERR_STATE, "store.no_row");
    x->place = str_copy(x->a, col_str(s, 0));
    x->old = col_null(s, 1)   ? STR_NONE
             : x->kind == 'i' ? str_fmt(x->a, "%lld", (long long)col_i64(s, 1))
                              : str_copy(x->a, col_blob(s, 1));
    stmt_reset(s);
    return 0;
}

static int change_value(Tx *tx, Spoil *x, Err *e)
{
    TRY(find_place(tx, x, e));
    Stmt *s;
    TRY(tx_prepare(tx,
                   str_fmt(x->a,
                           x->engine == ENGINE_PG ? "UPDATE %s SET \"%s\" = ?1 WHERE ctid = '%.*s'"
                                                  : "UPDATE %s SET \"%s\" = ?1 WHERE rowid = %.*s",
                           x->table, x->column, STR_ARG(x->place)),
                   &s, e));
    bind(x, s, other_value(x));
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : rc == 1 ? 0 : err_set(e, ERR_BUG, "store.no_row");
}

static void count_finding(void *ctx, Str finding)
{
    (void)ctx, (void)finding; /* the report counts them */
}

/* Spoils, verifies, and fails with ERR_STATE so that all of it is rolled back. */
static int spoil(Tx *tx, void *arg, Err *e)
{
    Spoil *x = arg;
    County *w = x->w;
    TRY(x->sql ? tx_script(tx, str_of(x->sql), e) : change_value(tx, x, e));
    Tx *other = NULL;
    VerifyReport report = {0};
    if (w->files != w->store)
        TRY(tx_read(x->in_files ? w->conn : w->files_conn, &other, e));
    Tx *main_tx = other && x->in_files ? other : tx, *files_tx = other && !x->in_files ? other : tx;
    int rc = record_verify(w->records, x->a, main_tx, files_tx, LANG_ZH, count_finding, NULL,
                           &report, e);
    tx_end(other);
    x->found = (int)report.findings;
    return rc < 0 ? rc : err_set(e, ERR_STATE, "store.no_row");
}

static int spoil_once(County *w, Spoil *x)
{
    x->w = w;
    x->engine = w->t->opt.engine;
    x->a = arena_new(4096);
    Err e = err_on(x->a);
    int rc = store_write(x->in_files ? w->files : w->store, NULL, spoil, x, &e);
    if (rc != ERR_STATE && rc != ERR_EXISTS && rc != ERR_MISSING)
        REQUIRE_OK(rc, &e);
    arena_free(x->a);
    return rc;
}

static void story(County *w)
{
    const char *remark[] = {"remark", "哪几户？"};
    for (int i = 0; i < 4; i++) {
        Uuid id = county_new_id(w), first = county_photo(w, "fs111", "a picture"),
             more = county_photo(w, "fs111", "two");
        const char *photos = str_z(w->a, str_fmt(w->a, "%.*s,%.*s", STR_ARG(uuid_text(w->a, first)),
                                                 STR_ARG(uuid_text(w->a, more))));
        const char *fields[] = {"day",    str_z(w->a, str_fmt(w->a, "2026-11-1%d", i)),
                                "body",   "走访。",
                                "photos", photos};
        REQUIRE_OK(county_write(w, "fs111", id, "create", i ? "submit" : NULL, 0, fields, 3, w->e),
                   w->e);
        if (i == 2)
            REQUIRE_OK(county_write(w, "town1", id, "return", NULL, 2, remark, 1, w->e), w->e);
        if (i == 3)
            REQUIRE_OK(county_write(w, "town1", id, "accept", NULL, 2, NULL, 0, w->e), w->e);
    }
    Uuid last = county_diary(w, "fs112", "2026-11-15", "开会。", NULL);
    for (int i = 0; i < 5; i++)
        REQUIRE_OK(county_comment(w, "fs112", last, county_new_id(w), "补一句。", w->e), w->e);
}

BOTH_ENGINES(any_changed_value_is_found)
{
    enum { ROUNDS = 2 };
    County w;
    county_begin(&w, t);
    story(&w);
    REQUIRE(county_verify(&w) == 0);
    int tried = 0, refused = 0;
    for (size_t i = 0; i < LEN(tables); i++) {
        Str rest = str_of(tables[i].columns), word;
        while (rest.n) {
            (void)str_cut(rest, ' ', &word, &rest); /* the last has no blank behind it */
            char column[32];
            snprintf(column, sizeof column, "%.*s", STR_ARG(str_sub(word, 2, word.n)));
            for (int round = 0; round < ROUNDS; round++) {
                Spoil x = {.table = tables[i].table,
                           .column = column,
                           .kind = word.p[0],
                           .in_files = tables[i].in_files,
                           .row = i == 2 ? 0 : (int64_t)test_below(5)};
                int rc = spoil_once(&w, &x);
                tried++;
                refused += rc != ERR_STATE;
                if (rc == ERR_STATE && !EXPECT(x.found > 0))
                    test_note("%s.%s row %d", x.table, x.column, (int)x.row);
            }
        }
    }
    EXPECT(refused < tried / 2);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* Rows taken away, put in, changed many at once. */
BOTH_ENGINES(rows_that_came_or_went_are_found)
{
    static const struct {
        const char *sql;
        bool in_files;
    } spoils[] = {
        {"DELETE FROM file_use", false},
        {"INSERT INTO file_use(file, record) SELECT u.file, r.id FROM file_use u, record r ORDER "
         "BY r.id DESC LIMIT 1",
         false},
        {"DELETE FROM file_chunk", true},
        {"DELETE FROM chain", false},
        {"DELETE FROM history WHERE version = 1", false},
        {"DELETE FROM r_diary", false},
        {"DELETE FROM history WHERE seq = (SELECT MAX(seq) FROM history)", false},
        {"UPDATE chain SET seq = seq - 1", false},
        {"UPDATE history SET body = body_hash WHERE seq = 2", false},
        {"UPDATE r_diary SET version = 7", false},
        {"DELETE FROM comment", false},
        {"DELETE FROM history WHERE act = 10", false},
        {"UPDATE posting SET person = (SELECT person FROM account WHERE name = 'town2')", false},
    };
    County w;
    county_begin(&w, t);
    story(&w);
    for (size_t i = 0; i < LEN(spoils); i++) {
        Spoil x = {.sql = spoils[i].sql, .in_files = spoils[i].in_files};
        EXPECT_EQ_I64(spoil_once(&w, &x), ERR_STATE);
        if (!EXPECT(x.found > 0))
            test_note("%s", spoils[i].sql);
    }
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}
