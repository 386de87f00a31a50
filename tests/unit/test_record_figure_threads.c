// tsan
/* test_record_figure_threads.c: figures while several write at once, each on a connection of his
 * own: nothing is lost, nothing booked twice; and a figure that comes meanwhile. SPEC: P5 P12 */
#include <pthread.h>
#include <sched.h>

#include "test_record_figure_util.h"

enum { WRITERS = 4, EACH = 25, TRIES = 300 };

static const char *const writers[] = {"fs111", "fs112", "fs121", "fs122"};

typedef struct Job {
    Works *x;
    pthread_t thread;
    Hand hand;
    const char *account;
    int number, done, bad;
    bool is_over; /* another model came into force */
} Job;

static int write_on(Job *j, Uuid id, const char *action, const char *then,
                    const char *const *fields, int n)
{
    for (int i = 0; i < TRIES; i++) {
        Err e = err_on(j->hand.a);
        Change *c;
        int rc = county_prepare(&j->x->w, &j->hand, j->account, id, action, then, 0, fields, n, &c,
                                &e);
        if (!rc)
            rc = store_write(j->x->w.store, j->hand.conn, record_apply, c, &e);
        if (rc != ERR_BUSY)
            return rc;
    }
    return ERR_BUSY;
}

static void *write_some(void *arg)
{
    Job *j = arg;
    const Works *x = j->x;
    for (int i = 0; i < EACH && !j->is_over; i++) {
        char plot[40], day[16];
        Str id_text = uuid_text(j->hand.a, x->plots[(i + j->number) % PLOTS]);
        snprintf(plot, sizeof plot, "%.*s", STR_ARG(id_text));
        snprintf(day, sizeof day, "2026-%02d-%02d", i % 10 + 1, i % 28 + 1);
        const char *fields[] = {"day", day, "kind", "a", "plot", plot, "size", "7"};
        Uuid id = env_uuid7(x->w.env);
        int rc = write_on(j, id, "create", "send", fields, 4);
        if (!rc && i % 3 == 0)
            rc = write_on(j, id, "cancel", NULL, NULL, 0);
        if (!rc && i % 3 == 1)
            rc = write_on(j, id, "hold", NULL, NULL, 0);
        j->is_over = rc == ERR_BUSY;
        j->done += rc == 0;
        j->x->all_done += rc == 0;
        j->bad += rc < 0 && rc != ERR_BUSY;
        arena_reset(j->hand.a);
    }
    return NULL;
}

static void start(Job *j, Works *x, int number)
{
    *j = (Job){.x = x, .account = writers[number], .number = number};
    j->hand.a = arena_new(16 * 1024);
    REQUIRE_OK(store_conn(x->w.store, &j->hand.conn, x->w.e), x->w.e);
    REQUIRE_OK(store_conn(x->w.files, &j->hand.files_conn, x->w.e), x->w.e);
    REQUIRE(pthread_create(&j->thread, NULL, write_some, j) == 0);
}

static void stop(Job *j)
{
    REQUIRE(pthread_join(j->thread, NULL) == 0);
    EXPECT_EQ_I64(j->bad, 0);
    conn_close(j->hand.conn);
    conn_close(j->hand.files_conn);
    arena_free(j->hand.a);
}

static void print_finding(void *ctx, Str finding)
{
    (void)ctx;
    printf("# %.*s\n", STR_ARG(finding));
}

static int64_t findings(Works *x, Records *rs)
{
    int64_t n = 0;
    Tx *tx = county_tx(&x->w);
    REQUIRE_OK(record_verify_figures(rs, tx, x->w.tree, LANG_EN, print_finding, NULL, &n, x->w.e),
               x->w.e);
    tx_end(tx);
    return n;
}

static int64_t number_of(Works *x, const Model *m, const char *figure)
{
    FigValue v;
    Tx *tx = county_tx(&x->w);
    const Figure *f = model_figure(m, str_of(figure));
    REQUIRE(f);
    REQUIRE_OK(figure_read(tx, f, x->w.tree->units[0].id,
                           (FigPeriod){DAY_NONE, works_today(x)}, &v, x->w.e),
               x->w.e);
    tx_end(tx);
    return v.n;
}

BOTH_ENGINES_LONG(many_who_write_at_once_book_every_change_once, 60)
{
    static Works x;
    Job jobs[WRITERS];
    works_begin(&x, t);
    x.w.diary = x.type; /* what county_prepare writes */
    for (int i = 0; i < WRITERS; i++)
        start(&jobs[i], &x, i);
    for (int i = 0; i < WRITERS; i++) {
        stop(&jobs[i]);
        EXPECT_EQ_I64(jobs[i].done, EACH);
    }
    EXPECT_EQ_I64(findings(&x, x.w.records), 0);
    EXPECT_EQ_I64(number_of(&x, x.w.model, "works_done"), WRITERS * (EACH - (EACH + 2) / 3));
    EXPECT_EQ_I64(number_of(&x, x.w.model, "size"), 7 * WRITERS * (EACH - (EACH + 2) / 3));
    EXPECT_EQ_I64(number_of(&x, x.w.model, "plots_now"), PLOTS);
    works_end(&x);
}

BOTH_ENGINES_LONG(a_figure_that_comes_while_people_write_misses_no_change, 60)
{
    static Works x;
    Job jobs[WRITERS];
    Records *rs;
    int64_t done = 0;
    works_begin(&x, t);
    x.w.diary = x.type;
    const Model *m = works_model(&x, "  sizes_later: {sum: size, by: plot}\n"
                                     "  also_later: {distinct: plot, when: state = open}\n");
    for (int i = 0; i < WRITERS; i++)
        start(&jobs[i], &x, i);
    int rc;
    while (x.all_done < WRITERS * EACH / 5)
        sched_yield();
    do /* the database may have no time for it among so many */
        rc = record_apply_model(x.w.env, x.w.store, m, NULL, NULL, x.w.e);
    while (rc == ERR_BUSY && str_eq(x.w.e->key, S("store.busy")));
    REQUIRE_OK(rc, x.w.e);
    for (int i = 0; i < WRITERS; i++) {
        stop(&jobs[i]);
        done += jobs[i].done;
    }
    printf("# %lld changes before the other model was in force\n", (long long)done);
    REQUIRE_OK(records_open(x.w.env, x.w.store, x.w.files, m, &rs, x.w.e), x.w.e);
    EXPECT_EQ_I64(findings(&x, rs), 0);
    EXPECT_EQ_I64(number_of(&x, m, "sizes_later"), number_of(&x, m, "size"));
    records_close(rs);
    works_end(&x);
}
