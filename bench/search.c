/* search.c: how fast the search index is made, and how long a question takes.
 *
 *   search DIR index          takes all of the history in, as a command without a server does;
 *                             prints search_index_texts_per_s, search_index_steps_per_s (the same
 * in
 *                             jobs small enough for a running server, over the first seconds)
 *   search DIR ask [N]        N questions (300) by readers of a village, a town and the county;
 * some
 *                             of words half the records hold, some of rare ones, some of none;
 *                             prints search_READER_p50_ms, _p99_ms, search_p99_ms */
#include "bench.h" /* first: it says which libc */

#include "cli/cli.h"

enum { STEP_SECONDS = 5, ASK_MAX = 100000 };

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

static void make_index(Bench *b)
{
    App *app = &b->d->app;
    bool more = true;
    SearchPace pace = {0};
    must(b, record_search_rebuild(app->records, app->store, b->conn, b->e));
    int64_t from = now_us(), n = 0;
    while (more && now_us() - from < STEP_SECONDS * 1000000)
        must(b, record_search_step(app->records, app->store, b->conn, &pace, &more, b->e));
    n = count_docs(b);
    printf("search_index_steps_per_s %.0f texts/s\n", (double)n * 1e6 / (double)(now_us() - from));
    from = now_us();
    must(b, record_search_all(app->records, app->store, b->conn, b->e));
    int64_t all = count_docs(b);
    if (all > n)
        printf("search_index_texts_per_s %.0f texts/s\n",
               (double)(all - n) * 1e6 / (double)(now_us() - from));
}

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static Str question(Arena *a, uint64_t *dice)
{
    static const char *const common[] = {"玉米", "老人", "水利站", "走访三户", "路灯 学校",
                                         "会计 冷库", "单据 收割机 返工", "院坝会"};
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
        qsort(times, (size_t)n, sizeof *times, by_time);
        double p99 = (double)times[n - 1 - n / 100] / 1000;
        worst = p99 > worst ? p99 : worst;
        printf("search_%s_p50_ms %.2f ms\nsearch_%s_p99_ms %.2f ms\n", what[i],
               (double)times[n / 2] / 1000, what[i], p99);
        (void)fprintf(stderr, "search: %s found %lld\n", what[i], (long long)hits);
    }
    printf("search_p99_ms %.2f ms\n", worst);
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
        make_index(&b);
    else
        ask_all(&b, n);
    conn_close(b.conn);
    deployment_close(b.d);
    return 0;
}
