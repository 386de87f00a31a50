/* test_figure.c: cells and spans by hand: what a few moves book, read over periods that cut months
 * and years, at a unit and above it.                                  SPEC: P5  decisions/009 */
#include "test_record_util.h"

enum { COUNT = 900001, SUM, LEVEL, DISTINCT, MOVES = 8 };

typedef struct World {
    County w;
    int64_t above[3]; /* the village, its town, the county */
    FigMove moves[MOVES];
    int n;
} World;

static void begin(World *x, TestStore *t)
{
    memset(x, 0, sizeof *x);
    county_begin(&x->w, t);
    static const char *const codes[] = {"111", "110", "100"};
    for (size_t i = 0; i < LEN(codes); i++)
        for (int k = 0; k < x->w.tree->unit_n; k++)
            if (str_eq(x->w.tree->units[k].code, str_of(codes[i])))
                x->above[i] = x->w.tree->units[k].id;
    REQUIRE(x->above[0] && x->above[1] && x->above[2]);
}

static Day day(const char *text)
{
    Day d;
    REQUIRE(day_parse(str_of(text), &d));
    return d;
}

/* `from`: 0 at the village, 1 at its town: what lies below a town is not the town's own. */
static void move(World *x, const Figure *f, FigDo what, const char *at, int64_t n, Str key,
                 int from)
{
    REQUIRE(x->n < MOVES);
    x->moves[x->n++] = (FigMove){
        .what = what,
        .share = {.figure = f, .dim = S(""), .key = key, .n = n},
        .record = county_new_id(&x->w),
        .day = day(at),
        .above = x->above + from,
        .above_n = 3 - from,
    };
}

static int book(Tx *tx, void *world, Err *e)
{
    World *x = world;
    FigMove *list = x->moves;
    TRY(figure_apply(tx, list, x->n, e));
    return figure_book(tx, &list, &x->n, 1, e);
}

static void write(World *x)
{
    REQUIRE_OK(store_write(x->w.store, NULL, book, x, x->w.e), x->w.e);
    x->n = 0;
}

static int64_t read(World *x, const Figure *f, int unit, const char *from, const char *to)
{
    FigPeriod p = {.from = from ? day(from) : DAY_NONE, .to = day(to)};
    FigValue v;
    Tx *tx = county_tx(&x->w);
    REQUIRE_OK(figure_read(tx, f, x->above[unit], p, &v, x->w.e), x->w.e);
    tx_end(tx);
    return v.n;
}

BOTH_ENGINES(a_count_over_any_period_is_the_days_in_it)
{
    World x;
    begin(&x, t);
    const Figure f = {.kind = FIG_COUNT, .number = COUNT};
    static const char *const days[] = {"2026-01-30", "2026-01-31", "2026-02-01",
                                       "2026-02-28", "2026-03-15", "2027-01-01"};
    for (size_t i = 0; i < LEN(days); i++)
        move(&x, &f, FIG_ADD, days[i], 1, S(""), i == 4); /* the fifth at the town itself */
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 0, NULL, "2027-12-31"), 5);
    EXPECT_EQ_I64(read(&x, &f, 1, NULL, "2027-12-31"), 6);
    EXPECT_EQ_I64(read(&x, &f, 2, NULL, "2027-12-31"), 6);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-01-01", "2026-12-31"), 5); /* a year of whole months */
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-01-31", "2026-03-15"), 4); /* both ends within months */
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-01-31", "2026-03-14"), 3);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-02-01", "2026-02-28"), 2); /* one month */
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-02-02", "2026-02-27"), 0); /* within one */
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-02-28", "2026-02-28"), 1); /* one day */
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-03-16", "2026-12-31"), 0);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-03-15", "2026-02-01"), 0); /* turned: nothing */
    move(&x, &f, FIG_TAKE, "2026-01-31", 1, S(""), 0); /* back-dated: taken where it stood */
    move(&x, &f, FIG_ADD, "2025-12-31", 1, S(""), 0);
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-01-01", "2026-01-31"), 1);
    EXPECT_EQ_I64(read(&x, &f, 2, "2025-01-01", "2025-12-31"), 1);
    EXPECT_EQ_I64(read(&x, &f, 2, NULL, "2027-12-31"), 6);
    county_end(&x.w);
}

BOTH_ENGINES(a_sum_adds_what_is_there_below_nought_too)
{
    World x;
    begin(&x, t);
    const Figure f = {.kind = FIG_SUM, .number = SUM};
    move(&x, &f, FIG_ADD, "2026-05-31", 250, S(""), 0);
    move(&x, &f, FIG_ADD, "2026-06-01", -300, S(""), 0);
    move(&x, &f, FIG_ADD, "2026-06-30", 70, S(""), 1);
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 0, "2026-05-01", "2026-06-30"), -50);
    EXPECT_EQ_I64(read(&x, &f, 1, "2026-05-01", "2026-06-30"), 20);
    EXPECT_EQ_I64(read(&x, &f, 1, "2026-06-01", "2026-06-30"), -230);
    move(&x, &f, FIG_TAKE, "2026-06-01", -300, S(""), 0); /* mended to 130 */
    move(&x, &f, FIG_ADD, "2026-06-01", 130, S(""), 0);
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 1, "2026-06-01", "2026-06-30"), 200);
    int64_t months[3];
    Tx *tx = county_tx(&x.w);
    REQUIRE_OK(figure_read_months(tx, &f, x.above[1], day("2026-04-01"), 3, months, x.w.e), x.w.e);
    Day first, last;
    REQUIRE_OK(figure_days(tx, &f, x.above[0], &first, &last, x.w.e), x.w.e);
    tx_end(tx);
    EXPECT(months[0] == 0 && months[1] == 250 && months[2] == 200);
    EXPECT_EQ_I64(first, day("2026-05-31"));
    EXPECT_EQ_I64(last, day("2026-06-01"));
    county_end(&x.w);
}

/* What lasts is read at the end of a day: open on it, and not the day it closes. */
BOTH_ENGINES(a_level_is_what_stands_open_at_the_end_of_the_day)
{
    World x;
    begin(&x, t);
    const Figure f = {.kind = FIG_LEVEL, .number = LEVEL};
    move(&x, &f, FIG_OPEN, "2026-01-10", 1, S(""), 0);
    FigMove first = x.moves[0];
    move(&x, &f, FIG_OPEN, "2026-02-01", 1, S(""), 1);
    write(&x);
    x.moves[x.n++] = first; /* the same record's span, closed */
    x.moves[0].what = FIG_CLOSE;
    x.moves[0].day = day("2026-02-05");
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 2, NULL, "2026-01-09"), 0);
    EXPECT_EQ_I64(read(&x, &f, 2, NULL, "2026-01-10"), 1);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-02-03", "2026-02-04"), 2); /* where it began is no matter */
    EXPECT_EQ_I64(read(&x, &f, 2, NULL, "2026-02-05"), 1);
    EXPECT_EQ_I64(read(&x, &f, 0, NULL, "2026-02-05"), 0);
    EXPECT_EQ_I64(read(&x, &f, 0, NULL, "2026-02-04"), 1);
    FigSpan *list;
    int n;
    Tx *tx = county_tx(&x.w);
    Day then = day("2026-02-04"), after = day("2026-02-05");
    REQUIRE_OK(figure_spans(x.w.a, tx, &f, x.above[2], then, NULL, 10, &list, &n, x.w.e), x.w.e);
    EXPECT_EQ_I64(n, 2);
    EXPECT_EQ_I64(list[0].starts, day("2026-01-10"));
    REQUIRE_OK(figure_spans(x.w.a, tx, &f, x.above[2], after, NULL, 10, &list, &n, x.w.e), x.w.e);
    EXPECT_EQ_I64(n, 1);
    EXPECT_EQ_I64(list[0].starts, day("2026-02-01"));
    tx_end(tx);
    county_end(&x.w);
}

/* Two records name one person: he is one, at the village and above; gone from one he is still. */
BOTH_ENGINES(a_distinct_thing_named_twice_is_one)
{
    World x;
    begin(&x, t);
    const Figure f = {.kind = FIG_DISTINCT, .number = DISTINCT, .is_yearly = true};
    const Str one = {"0123456789abcdef", 16}, two = {"fedcba9876543210", 16};
    move(&x, &f, FIG_ADD, "2026-01-05", 1, one, 0);
    move(&x, &f, FIG_ADD, "2026-03-05", 1, one, 1);
    move(&x, &f, FIG_ADD, "2026-03-06", 1, two, 1);
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 0, "2026-01-01", "2026-12-31"), 1);
    EXPECT_EQ_I64(read(&x, &f, 1, "2026-01-01", "2026-12-31"), 2);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-01-01", "2026-12-31"), 2);
    EXPECT_EQ_I64(read(&x, &f, 2, "2027-01-01", "2027-12-31"), 0);
    move(&x, &f, FIG_TAKE, "2026-01-05", 1, one, 0); /* the town still names him */
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 0, "2026-01-01", "2026-12-31"), 0);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-01-01", "2026-12-31"), 2);
    move(&x, &f, FIG_TAKE, "2026-03-05", 1, one, 1);
    write(&x);
    EXPECT_EQ_I64(read(&x, &f, 2, "2026-01-01", "2026-12-31"), 1);
    county_end(&x.w);
}
