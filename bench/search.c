/* search.c: how fast the search index is made, and how long a question takes.
 *
 *   search DIR index      takes all of the history in, as a command without a server does; prints
 *                         search_index_texts_per_s, search_index_steps_per_s (the same in jobs
 *                         small enough for a running server, over the first seconds),
 *                         search_index_bare_per_s (floor: the same words of some of the texts into
 *                         the same table and FTS index by a bare loop), search_lag_s: how long the
 *                         index was behind all the creates, search_lag_floor_s: at the bare pace
 *   search DIR ask [N]    N questions (300) by readers of a village, a town and the county; some
 *                         of words half the records hold, some of rare ones, some of none;
 *                         prints search_READER_p50_ms, _p99_ms, search_p99_ms; search_floor_p50_ms,
 *                         _p99_ms: the same words asked of FTS, bare: 20 newest hits of anybody's
 * */
#include "bench.h" /* first: it says which libc */

#include <sqlite3.h>
#include <unistd.h>

#include "cli/cli.h"
#include "record/record_find_int.h"

enum { STEP_SECONDS = 5, ASK_MAX = 100000, BARE_DOCS = 50000, BARE_COMMIT = 1000, BARE_HITS = 20 };

typedef struct Bench {
    Deployment *d;
    Arena *arena;
    Err *e;
    Conn *conn;
} Bench;

static void must(Bench *b, int rc)
{
    if (rc < 0) {
        Str text = err_text(b->arena, LANG_EN, b->e);
        die("search: %.*s (%s:%d)", STR_ARG(text), b->e->file ? b->e->file : "?", b->e->line);
    }
}

static int64_t count_docs(Bench *b)
{
    Tx *tx;
    int64_t n;
    must(b, tx_read(b->conn, &tx, b->e));
    must(b, tx_ask_i64(tx, S("SELECT COUNT(*) FROM find_doc"), &n, b->e));
    tx_end(tx);
    return n;
}

/* ---- bare: the same texts, their words made before the clock starts ---- */

typedef struct BareDoc {
    Str body, tokens;
} BareDoc;

static int read_docs(Bench *b, Arena *a, BareDoc *docs)
{
    Tx *tx;
    Stmt *s;
    int n = 0, rc;
    must(b, tx_read(b->conn, &tx, b->e));
    must(b, tx_prepare(tx, S("SELECT body FROM find_doc ORDER BY doc LIMIT 50000"), &s, b->e));
    while ((rc = stmt_step(s, b->e)) > 0) {
        Str body = str_copy(a, col_str(s, 0));
        docs[n++] = (BareDoc){body, find_body_tokens(a, body)};
    }
    must(b, rc);
    tx_end(tx);
    return n;
}

static void lite(sqlite3 *db, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die("search: bare: %s", sqlite3_errmsg(db));
}

static void bare_doc(sqlite3 *db, sqlite3_stmt *doc, sqlite3_stmt *text, int ix, const BareDoc *d)
{
    uint8_t id[16] = {(uint8_t)(ix >> 16), (uint8_t)(ix >> 8), (uint8_t)ix};
    lite(db, sqlite3_bind_int(doc, 1, ix));
    lite(db, sqlite3_bind_blob(doc, 2, id, 16, SQLITE_STATIC));
    lite(db, sqlite3_bind_text(doc, 3, d->body.p, (int)d->body.n, SQLITE_STATIC));
    lite(db, sqlite3_step(doc));
    lite(db, sqlite3_reset(doc));
    lite(db, sqlite3_bind_int(text, 1, ix));
    lite(db, sqlite3_bind_text(text, 2, d->tokens.p, (int)d->tokens.n, SQLITE_STATIC));
    lite(db, sqlite3_step(text));
    lite(db, sqlite3_reset(text));
}

static double bare_per_s(Bench *b, const char *dir)
{
    Arena *a = arena_new(1024 * 1024);
    BareDoc *docs = calloc(BARE_DOCS, sizeof *docs);
    char path[4096];
    sqlite3 *db;
    sqlite3_stmt *doc, *text;
    int n = docs ? read_docs(b, a, docs) : 0;
    (void)snprintf(path, sizeof path, "%s/bare.db", dir);
    (void)unlink(path); /* it need not be there */
    if (!n || sqlite3_open(path, &db) != SQLITE_OK)
        die("search: no texts, or no place for %s", path);
    lite(db, sqlite3_exec(db,
                          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                          "PRAGMA cache_size=-16384;"
                          "CREATE TABLE find_doc(doc INTEGER PRIMARY KEY, record BLOB NOT NULL, "
                          "body TEXT NOT NULL); CREATE UNIQUE INDEX find_doc_record ON "
                          "find_doc(record); CREATE VIRTUAL TABLE find_text USING fts5(tokens, "
                          "content='', detail=none, columnsize=0, tokenize='ascii')",
                          NULL, NULL, NULL));
    lite(db, sqlite3_prepare_v2(db, "INSERT INTO find_doc VALUES (?1, ?2, ?3)", -1, &doc, NULL));
    lite(db, sqlite3_prepare_v2(db, "INSERT INTO find_text(rowid, tokens) VALUES (?1, ?2)", -1,
                                &text, NULL));
    int64_t from = now_us();
    for (int i = 0; i < n; i++) {
        if (i % BARE_COMMIT == 0)
            lite(db, sqlite3_exec(db, i ? "COMMIT; BEGIN" : "BEGIN", NULL, NULL, NULL));
        bare_doc(db, doc, text, i + 1, &docs[i]);
    }
    lite(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    double per_s = n * 1e6 / (double)(now_us() - from);
    lite(db, sqlite3_finalize(doc));
    lite(db, sqlite3_finalize(text));
    if (sqlite3_close(db) != SQLITE_OK || unlink(path) != 0)
        die("search: cannot take %s away", path);
    free(docs);
    arena_free(a);
    return per_s;
}

static void make_index(Bench *b, const char *dir)
{
    App *app = &b->d->app;
    bool more = true;
    SearchPace pace = {0};
    must(b, record_search_rebuild(app->records, app->store, b->conn, b->e));
    int64_t start = now_us(), from = start, n = 0;
    while (more && now_us() - from < STEP_SECONDS * 1000000)
        must(b, record_search_step(app->records, app->store, b->conn, &pace, &more, b->e));
    n = count_docs(b);
    printf("search_index_steps_per_s %.0f texts/s\n", (double)n * 1e6 / (double)(now_us() - from));
    from = now_us();
    must(b, record_search_all(app->records, app->store, b->conn, b->e));
    int64_t end = now_us(), all = count_docs(b);
    if (all == n) /* the steps took all of a small one */
        n = 0, from = start;
    double bare = bare_per_s(b, dir);
    printf("search_index_texts_per_s %.0f texts/s\n",
           (double)(all - n) * 1e6 / (double)(end - from));
    printf("search_index_bare_per_s %.0f texts/s\n", bare);
    printf("search_lag_s %.2f s\nsearch_lag_floor_s %.2f s\n", (double)(end - start) / 1e6,
           (double)all / bare);
}

/* ---- questions ---- */

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static Str question(Arena *a, uint64_t *dice)
{
    static const char *const common[] = {"玉米",      "老人",      "水利站",           "走访三户",
                                         "路灯 学校", "会计 冷库", "单据 收割机 返工", "院坝会"};
    static const char *const none[] = {"玉灯", "拖拉机", "wheat", "医保 拖拉机"};
    switch (roll(dice) % 4) {
    case 0: /* one in a million */
        return str_fmt(a, "第%06llu条", (unsigned long long)(roll(dice) % 1000000));
    case 1:
        return str_of(none[roll(dice) % LEN(none)]);
    default:
        return str_of(common[roll(dice) % LEN(common)]);
    }
}

static int64_t ask(Bench *b, Arena *a, const char *account, int n, uint64_t *dice, int64_t *times)
{
    App *app = &b->d->app;
    int64_t hits = 0;
    for (int i = 0; i < n; i++) {
        Tx *tx;
        Reader r;
        HitGroup *list;
        int group_n;
        must(b, tx_read(b->conn, &tx, b->e));
        must(b, access_tree_refresh(app->access, tx, b->e));
        const Tree *tree = access_tree_hold(app->access);
        must(b, access_reader_account(app->access, a, tx, tree, str_of(account), &r, b->e));
        Str q = question(a, dice);
        int64_t from = now_us();
        must(b, record_search(app->records, a, tx, &r, q, NULL, 5, &list, &group_n, b->e));
        times[i] = now_us() - from;
        if (getenv("BENCH_SAY") && times[i] > 5000)
            (void)fprintf(stderr, "%s %.*s: %lld us\n", account, STR_ARG(q), (long long)times[i]);
        for (int k = 0; k < group_n; k++)
            hits += list[k].n;
        access_tree_drop(app->access, tree);
        tx_end(tx);
        arena_reset(a);
    }
    return hits;
}

/* Only what the engine does: no reader, no type, no row of a record. */
static void ask_bare(Bench *b, Arena *a, int n, uint64_t *dice, int64_t *times)
{
    for (int i = 0; i < n; i++) {
        Tx *tx;
        Stmt *s;
        Buf match = {.arena = a};
        Str word, rest = question(a, dice);
        for (bool more = true; more;) {
            more = str_cut(rest, ' ', &word, &rest);
            (void)find_term_tokens(&match, word, " AND ");
        }
        Str m = str_sub(buf_view(&match), strlen(" AND "), buf_view(&match).n);
        must(b, tx_read(b->conn, &tx, b->e));
        int64_t from = now_us();
        must(b, tx_prepare(tx,
                           S("SELECT f.rowid, d.record, d.body FROM find_text f CROSS JOIN "
                             "find_doc d ON d.doc = f.rowid WHERE f.find_text MATCH ?1 "
                             "ORDER BY f.rowid DESC LIMIT ?2"),
                           &s, b->e));
        bind_str(s, 1, m);
        bind_i64(s, 2, BARE_HITS);
        int rc;
        while ((rc = stmt_step(s, b->e)) > 0)
            (void)col_str(s, 2);
        must(b, rc);
        times[i] = now_us() - from;
        tx_end(tx);
        arena_reset(a);
    }
}

static double p99(int64_t *times, int n)
{
    qsort(times, (size_t)n, sizeof *times, by_time);
    return (double)times[n - 1 - n / 100] / 1000;
}

static void ask_all(Bench *b, int n)
{
    static const char *const what[] = {"village", "town", "county"};
    static int64_t times[ASK_MAX];
    static const char *const accounts[] = {"author7", "town3", "county"}; /* as seed names them */
    Arena *a = arena_new(1024 * 1024);
    uint64_t dice = 7;
    double worst = 0;
    for (int i = 0; i < 3; i++) {
        (void)ask(b, a, accounts[i], 5, &dice, times); /* statements are prepared */
        int64_t hits = ask(b, a, accounts[i], n, &dice, times);
        double late = p99(times, n);
        worst = late > worst ? late : worst;
        printf("search_%s_p50_ms %.2f ms\nsearch_%s_p99_ms %.2f ms\n", what[i],
               (double)times[n / 2] / 1000, what[i], late);
        (void)fprintf(stderr, "search: %s found %lld\n", what[i], (long long)hits);
    }
    printf("search_p99_ms %.2f ms\n", worst);
    ask_bare(b, a, 5, &dice, times);
    ask_bare(b, a, n, &dice, times);
    double late = p99(times, n);
    printf("search_floor_p50_ms %.2f ms\nsearch_floor_p99_ms %.2f ms\n",
           (double)times[n / 2] / 1000, late);
    arena_free(a);
}

int main(int argc, char **argv)
{
    bool is_index = argc == 3 && !strcmp(argv[2], "index");
    bool is_ask = argc >= 3 && argc <= 4 && !strcmp(argv[2], "ask");
    int n = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 300;
    if ((!is_index && !is_ask) || n < 1 || n > ASK_MAX)
        die("usage: search DIR index | search DIR ask [N]");
    Arena *a = arena_new(1024 * 1024);
    Err e = err_on(a);
    Bench b = {.arena = a, .e = &e};
    must(&b, deployment_open(env_real(), str_of(argv[1]), STR_NONE,
                             is_index ? OPEN_WRITE : OPEN_READ, LANG_ZH, &b.d, &e));
    must(&b, store_conn(b.d->app.store, &b.conn, &e));
    if (is_index)
        make_index(&b, argv[1]);
    else
        ask_all(&b, n);
    conn_close(b.conn);
    deployment_close(b.d);
    return 0;
}
