/* posts.c: how long a page of the list takes for somebody who holds five posts.
 *
 *   posts DIR [N]     gives author7 (as seed names him) the offices of two towns and two more
 *                     villages beside his own, then reads N (2000) pages without HTTP: the newest,
 *                     older ones, one state, one village, his own; prints posts_bare_p50_ms,
 *                     posts_bare_p99_ms: what of a page over HTTP is the database */
#include "bench.h" /* first: it says which libc */

#include "cli/cli.h"

enum { PAGES_MAX = 100000, DEEP = 40 };

typedef struct Bench {
    Deployment *d;
    Arena *arena;
    Err *e;
    Conn *conn;
    const Tree *tree;
} Bench;

static void must(Bench *b, int rc)
{
    if (rc < 0) {
        Str text = err_text(b->arena, LANG_EN, b->e);
        die("posts: %.*s (%s:%d)", STR_ARG(text), b->e->file ? b->e->file : "?", b->e->line);
    }
}

static Tx *begin(Bench *b, const char *account, Reader *ret)
{
    App *app = &b->d->app;
    Tx *tx;
    must(b, tx_read(b->conn, &tx, b->e));
    must(b, access_tree_refresh(app->access, tx, b->e));
    b->tree = access_tree_hold(app->access);
    must(b, access_reader_account(app->access, b->arena, tx, b->tree, str_of(account), ret, b->e));
    return tx;
}

static void end(Bench *b, Tx *tx)
{
    access_tree_drop(b->d->app.access, b->tree);
    tx_end(tx);
}

/* The n-th unit of a depth, from 0. */
static const Unit *unit_at(const Tree *t, int depth, int n)
{
    for (int i = 0; i < t->unit_n; i++)
        if (t->units[i].depth == depth && !n--)
            return &t->units[i];
    die("posts: too few units");
}

static void give_posts(Bench *b)
{
    static const struct {
        const char *role;
        int depth, n;
    } posts[] = {{"town_office", 1, 2},
                 {"town_office", 1, 9},
                 {"first_secretary", 2, 70},
                 {"first_secretary", 2, 130}};
    App *app = &b->d->app;
    for (size_t i = 0; i < sizeof posts / sizeof *posts; i++) {
        Reader by;
        Tx *tx = begin(b, "county", &by);
        Staff in = {.account = S("author7"),
                    .role = str_of(posts[i].role),
                    .unit_code = unit_at(b->tree, posts[i].depth, posts[i].n)->code,
                    .starts = DAY_NONE,
                    .ends = DAY_NONE,
                    .model = app->model,
                    .tree = b->tree};
        must(b, access_prepare_staff(app->access, b->arena, tx, NULL, &in, b->e));
        tx_end(tx);
        must(b, store_write(app->store, b->conn, access_apply_staff, &in, b->e));
        access_tree_drop(app->access, b->tree);
    }
}

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static void read_pages(Bench *b, int n)
{
    static int64_t times[PAGES_MAX];
    App *app = &b->d->app;
    const Type *diary = model_type(app->model, S("diary"));
    Reader r;
    Tx *tx = begin(b, "author7", &r);
    Arena *a = arena_new(1024 * 1024);
    char after[80] = "";
    int deep = 0;
    for (int i = -50; i < n; i++) { /* the first prepare statements */
        int of = (i + 50) % 5;
        ListQuery q = {.type = diary, .unit_ix = -1, .limit = 20, .after = STR_NONE};
        if (of == 1 && after[0])
            q.after = str_of(after);
        if (of == 2)
            q.states = UINT32_C(1) << type_state(diary, S("accepted"))->ix;
        if (of == 3)
            q.unit_ix = r.posts[(i + 50) / 5 % r.post_n].unit_ix;
        q.mine = of == 4;
        RecordList list;
        int64_t from = now_us();
        must(b, record_list(app->records, a, tx, &r, &q, &list, b->e));
        if (i >= 0)
            times[i] = now_us() - from;
        if (of <= 1 && str_has(list.next) && list.next.n < sizeof after) {
            memcpy(after, list.next.p, list.next.n);
            after[list.next.n] = 0;
            if (++deep % DEEP == 0)
                after[0] = 0;
        }
        arena_reset(a);
    }
    qsort(times, (size_t)n, sizeof *times, by_time);
    printf("posts_bare_p50_ms %.2f ms\nposts_bare_p99_ms %.2f ms\n", (double)times[n / 2] / 1000,
           (double)times[n - 1 - n / 100] / 1000);
    (void)fprintf(stderr, "posts: %d posts, worst %.2f ms\n", r.post_n,
                  (double)times[n - 1] / 1000);
    arena_free(a);
    end(b, tx);
}

int main(int argc, char **argv)
{
    int n = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 2000;
    if (argc < 2 || argc > 3 || n < 100 || n > PAGES_MAX)
        die("usage: posts DIR [N]");
    Arena *a = arena_new(1024 * 1024);
    Err e = err_on(a);
    Bench b = {.arena = a, .e = &e};
    must(&b, deployment_open(env_real(), str_of(argv[1]), STR_NONE, OPEN_WRITE, LANG_ZH, &b.d, &e));
    must(&b, store_conn(b.d->app.store, &b.conn, &e));
    give_posts(&b);
    read_pages(&b, n);
    conn_close(b.conn);
    deployment_close(b.d);
    return 0;
}
