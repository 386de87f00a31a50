/* test_record_figure.c: a number is the length or the sum of its list, for every reader, after any
 * changes; and equals what going through everything gives.    SPEC: P5  PEERS: 11, 13, 17 */
#include "test_record_figure_util.h"

static void print_finding(void *ctx, Str finding)
{
    if (ctx)
        printf("# %.*s\n", STR_ARG(finding));
}

static int64_t findings(Works *x, bool is_told)
{
    County *w = &x->w;
    int64_t n = 0;
    Tx *tx = county_tx(w);
    REQUIRE_OK(record_verify_figures(w->records, tx, w->tree, LANG_EN, print_finding,
                                     is_told ? x : NULL, &n, w->e),
               w->e);
    tx_end(tx);
    return n;
}

typedef struct Looker {
    Works *x;
    Tx *tx;
    Reader reader;
    const char *account;
    bool may_see[WORKS];
    int whole, part; /* readings of each kind */
} Looker;

/* What the list adds up to, walked to its end by pages of some size. */
static int64_t walk(Looker *l, const FigQuery *q, int limit)
{
    Works *x = l->x;
    FigSum *sum = figsum_new(x->w.a, q->figure);
    Str after = STR_NONE;
    FigValue *values;
    int n;
    do {
        FigPage page;
        REQUIRE_OK(record_figure_list(x->w.records, x->w.a, l->tx, &l->reader, q, limit, after,
                                      &page, x->w.e),
                   x->w.e);
        for (int i = 0; i < page.n; i++)
            figsum_add(sum, &page.items[i].share);
        after = page.next;
    } while (str_has(after));
    figsum_take(sum, false, &values, &n);
    return n ? values[0].n : 0;
}

static Str told(Looker *l, const FigQuery *q)
{
    return str_fmt(l->x->w.a, "%.*s for %s at %.*s from %d to %d, today %d",
                   STR_ARG(q->figure->name), l->account,
                   STR_ARG(l->reader.tree->units[q->unit_ix].code), (int)q->period.from,
                   (int)q->period.to, (int)works_today(l->x));
}

static void expect_same(Looker *l, const FigQuery *q, const char *what, int64_t is, int64_t want)
{
    if (is != want)
        test_fail(__FILE__, __LINE__, "%.*s: %s %lld, number %lld", STR_ARG(told(l, q)), what,
                  (long long)is, (long long)want);
}

static void look_split(Looker *l, FigQuery q, int64_t whole)
{
    Works *x = l->x;
    FigValue *values;
    FigSight sight;
    int n;
    int64_t sum = 0;
    q.is_split = true;
    REQUIRE_OK(record_figure(x->w.records, x->w.a, l->tx, &l->reader, &q, &values, &n, &sight,
                             x->w.e),
               x->w.e);
    for (int i = 0; i < n; i++) {
        q.dim = &values[i].dim;
        Wanted want = {q.figure,      l->reader.tree->units[q.unit_ix].id,
                       q.period.from, q.period.to,
                       l->may_see,    q.dim};
        expect_same(l, &q, "a part's list", walk(l, &q, 4), values[i].n);
        expect_same(l, &q, "a part by going through it", works_naive(x, &want), values[i].n);
        sum += values[i].n;
    }
    expect_same(l, &q, "its parts", sum, whole);
}

static void look_one(Looker *l, const Figure *f, int unit_ix, FigPeriod p)
{
    Works *x = l->x;
    FigQuery q = {.figure = f, .unit_ix = unit_ix, .period = p};
    Wanted want = {f, l->reader.tree->units[unit_ix].id, p.from, p.to, l->may_see, NULL};
    FigValue *values;
    FigSight sight;
    int n;
    REQUIRE_OK(record_figure(x->w.records, x->w.a, l->tx, &l->reader, &q, &values, &n, &sight,
                             x->w.e),
               x->w.e);
    int64_t listed = walk(l, &q, 1 + (int)test_below(9));
    if (sight == FIGURE_HIDDEN) {
        EXPECT_EQ_I64(n, 0);
        expect_same(l, &q, "the list of what is hidden", listed, 0);
        return;
    }
    REQUIRE(n == 1);
    l->whole += sight == FIGURE_WHOLE;
    l->part += sight == FIGURE_PART;
    expect_same(l, &q, "its list", listed, values[0].n);
    expect_same(l, &q, "going through it", works_naive(x, &want), values[0].n);
    if (f->by)
        look_split(l, q, values[0].n);
}

static FigPeriod throw_period(const Works *x)
{
    Day today = works_today(x), from = today - (Day)test_below(500),
        first = x->snap_n ? x->snaps[0].day : today;
    int y, m, d;
    FigPeriod year = {0};
    switch (test_below(6)) {
    case 0:
        return (FigPeriod){DAY_NONE, today};
    case 1:
        return (FigPeriod){from, from + (Day)test_below(90)};
    case 2:
        return (FigPeriod){DAY_NONE, first + (Day)test_below((uint64_t)(today - first + 1))};
    case 3:
        return (FigPeriod){today - 10, today + 10};
    default:
        day_to_ymd(from, &y, &m, &d);
        REQUIRE(day_from_ymd(y, 1, 1, &year.from) && day_from_ymd(y, 12, 31, &year.to));
        return year;
    }
}

static void look_at(Works *x, const char *account, int *whole, int *part)
{
    Looker l = {.x = x, .account = account};
    County *w = &x->w;
    l.tx = county_tx(w);
    l.reader = county_reader(w, l.tx, account);
    for (int i = 0; i < x->n; i++) {
        Record *rec;
        Err e = err_on(w->a);
        int rc =
            record_get(w->records, w->a, l.tx, &l.reader, x->type, x->list[i].id, &rec, NULL, &e);
        REQUIRE(rc == 0 || rc == ERR_MISSING);
        l.may_see[i] = rc == 0;
    }
    for (int i = 0; i < x->type->figure_n; i++)
        for (int k = 0; k < 3 && x->type->figures[i].kind != FIG_SHARE; k++)
            look_one(&l, &x->type->figures[i],
                     k ? (int)test_below((uint64_t)l.reader.tree->unit_n) : 0, throw_period(x));
    *whole += l.whole;
    *part += l.part;
    tx_end(l.tx);
}

static void look_all(Works *x)
{
    int whole = 0, part = 0;
    EXPECT_EQ_I64(findings(x, true), 0);
    for (int i = 0; works_account(i); i++)
        if (!i || !test_below(x->is_pg ? 4 : 2)) /* a round trip a statement takes its time */
            look_at(x, works_account(i), &whole, &part);
    EXPECT(whole > 10);
    EXPECT(part > 0);
}

static void throw_some(Works *x, int n)
{
    for (int i = 0; i < n; i++) {
        works_change(x);
        if (!test_below(x->is_pg ? 30 : 70) && x->snap_n < SNAPS)
            works_next_day(x, 1 + (int)test_below(8));
    }
}

/* Merges and files that hang units elsewhere. */
static void move_units(County *w, int round)
{
    static const char *const more[][4] = {{"130", "河口镇", "town", "100"},
                                          {"131", "河口村", "village", "130"}};
    static const char *const crossed[][4] = {{"111", "上栗村", "village", "120"},
                                             {"121", "槐树坪村", "village", "110"},
                                             {"122", "韩家渡村", "village", "130"}};
    static const char *const back[][4] = {{"111", "上栗村", "village", "130"},
                                          {"121", "槐树坪村", "village", "120"}};
    switch (round) {
    case 1:
        county_import(w, more, LEN(more));
        county_import(w, crossed, LEN(crossed));
        break;
    case 2:
        county_merge(w, "112", "121");
        break;
    case 3: /* with what was merged into it */
        county_import(w, back, LEN(back));
        break;
    case 4: /* from one town to another */
        county_merge(w, "122", "111");
        break;
    case 6: /* a town with what hangs below it */
        county_merge(w, "120", "110");
        break;
    default:
        break;
    }
}

BOTH_ENGINES_LONG(peers_17_a_number_is_its_list_for_every_reader, 240)
{
    static Works x; /* large */
    works_begin(&x, t);
    look_all(&x);
    for (int round = 0; round < 8; round++) {
        throw_some(&x, x.is_pg ? 100 : 250);
        look_all(&x);
        move_units(&x.w, round);
        look_all(&x);
    }
    EXPECT(x.done > 300);
    EXPECT(x.snap_n > 5);
    printf("# %d changes, %d refused, %d records, %d days\n", x.done, x.refused, x.n, x.snap_n);
    EXPECT_EQ_I64(county_verify(&x.w), 0);
    works_end(&x);
}

static int run_sql(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, str_of(arg), e);
}

static int recount(Tx *tx, void *arg, Err *e)
{
    Works *x = arg;
    return record_recount(x->w.records, tx, x->w.tree, x->type, NULL, 0, e);
}

BOTH_ENGINES_LONG(what_is_damaged_is_named_and_counting_anew_mends_it, 60)
{
    static Works x;
    static const char *const damage[] = {
        "UPDATE cell SET n = n + 1 WHERE grain = 1",
        "DELETE FROM cell WHERE grain = 0",
        "UPDATE span SET amount = amount + 1",
        "DELETE FROM span WHERE ends IS NULL",
        "UPDATE seen SET n = n + 1",
        "DELETE FROM seen",
    };
    int whole = 0, part = 0;
    works_begin(&x, t);
    for (int i = 0; i < 80; i++)
        works_change(&x);
    REQUIRE(x.done > 20);
    EXPECT_EQ_I64(findings(&x, true), 0);
    for (size_t i = 0; i < LEN(damage); i++) {
        REQUIRE_OK(store_write(x.w.store, NULL, run_sql, (void *)damage[i], x.w.e), x.w.e);
        if (findings(&x, false) == 0)
            test_fail(__FILE__, __LINE__, "nothing found after %s", damage[i]);
        REQUIRE_OK(store_write(x.w.store, NULL, recount, &x, x.w.e), x.w.e);
        EXPECT_EQ_I64(findings(&x, true), 0);
    }
    look_at(&x, "county", &whole, &part); /* the day has not moved on: nothing is past */
    EXPECT(whole > 0);
    works_end(&x);
}

BOTH_ENGINES_LONG(counting_anew_leaves_what_lasted_on_days_gone_by, 60)
{
    static Works x;
    int whole = 0, part = 0;
    works_begin(&x, t);
    for (int day = 0; day < 6; day++) {
        for (int i = 0; i < 20; i++)
            works_change(&x);
        works_next_day(&x, 1 + (int)test_below(3));
    }
    REQUIRE_OK(store_write(x.w.store, NULL, recount, &x, x.w.e), x.w.e);
    EXPECT_EQ_I64(findings(&x, true), 0);
    look_at(&x, "county", &whole, &part); /* past days too */
    look_at(&x, "town1", &whole, &part);
    EXPECT(whole > 0);
    REQUIRE_OK(store_write(x.w.store, NULL, run_sql,
                           (void *)"DELETE FROM span WHERE ends IS NULL", x.w.e),
               x.w.e);
    REQUIRE_OK(store_write(x.w.store, NULL, recount, &x, x.w.e), x.w.e);
    EXPECT_EQ_I64(findings(&x, true), 0); /* what lasts begins anew, not within what is over */
    works_end(&x);
}
