/* test_flow_calendar.c: the working calendar against the vectors of DOMAIN 7.3 and a walk day by
 * day. */
#include "flow/flow.h"
#include "test.h"

typedef struct World {
    Arena *a;
    Err err, *e;
    FlowDay days[400];
    int n;
    const FlowCalendar *c;
} World;

static Day date(const char *z)
{
    Day d;
    REQUIRE(day_parse(str_of(z), &d));
    return d;
}

static UnixMs at(const char *day, int hour, int min)
{
    return ((int64_t)date(day) * 24 * 60 + hour * 60 + min - 8 * 60) * 60000;
}

/* The file as it is in the tree: three columns, no quotes. */
static void begin(World *w)
{
    memset(w, 0, sizeof *w);
    w->a = arena_new(64 * 1024);
    w->err = err_on(w->a);
    w->e = &w->err;
    Env *env = env_real();
    Str text, line, day, kind, name;
    REQUIRE_OK(env->fns->read_file(env->self, w->a, S("data/holidays.csv"), 1 << 20, &text, w->e),
               w->e);
    (void)str_cut(text, '\n', &line, &text);
    EXPECT_STR(line, "date,kind,name");
    while (text.n) {
        (void)str_cut(text, '\n', &line, &text);
        REQUIRE(str_cut(line, ',', &day, &line) && str_cut(line, ',', &kind, &name));
        FlowDay *d = &w->days[w->n++];
        REQUIRE(day_parse(day, &d->day));
        REQUIRE(str_eq(kind, S("workday")) || str_eq(kind, S("holiday")));
        d->is_work = str_eq(kind, S("workday"));
        d->name = name;
        d->notice = S("");
    }
    FlowOffice office = flow_office_default();
    w->c = flow_calendar_new(w->a, &office, w->days, w->n, 1);
}

static void end(World *w)
{
    arena_free(w->a);
}

TEST(every_month_of_three_years_has_its_working_days)
{
    static const int want[3][12] = {{22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22},
                                    {19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23},
                                    {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}};
    static const int of_year[3] = {251, 248, 248};
    World w;
    begin(&w);
    for (int y = 0; y < 3; y++) {
        Day jan, next;
        REQUIRE(day_from_ymd(2024 + y, 1, 1, &jan) && day_from_ymd(2025 + y, 1, 1, &next));
        EXPECT_EQ_I64(flow_workdays_between(w.c, jan - 1, next - 1), of_year[y]);
        for (int m = 0; m < 12; m++) {
            Day first, after;
            REQUIRE(day_from_ymd(2024 + y, m + 1, 1, &first));
            REQUIRE(day_from_ymd(2024 + y + m / 11, (m + 1) % 12 + 1, 1, &after));
            EXPECT_EQ_I64(flow_workdays_between(w.c, first - 1, after - 1), want[y][m]);
        }
    }
    EXPECT_EQ_I64(flow_known_to(w.c), 2026);
    EXPECT(flow_is_known(w.c, date("2024-01-01")) && flow_is_known(w.c, date("2026-12-31")));
    EXPECT(!flow_is_known(w.c, date("2027-01-01")) && !flow_is_known(w.c, date("2023-12-31")));
    end(&w);
}

TEST(peers_11_due_days_go_by_the_notices)
{
    static const struct {
        const char *from;
        int n;
        const char *due;
    } vectors[] = {{"2024-02-08", 1, "2024-02-09"}, {"2024-09-13", 2, "2024-09-18"},
                   {"2025-01-24", 5, "2025-02-07"}, {"2025-09-26", 5, "2025-10-10"},
                   {"2025-12-31", 1, "2026-01-04"}, {"2026-02-13", 3, "2026-02-25"},
                   {"2026-09-18", 5, "2026-09-24"}, {"2026-09-30", 1, "2026-10-08"}};
    World w;
    begin(&w);
    for (size_t i = 0; i < LEN(vectors); i++) {
        Day from = date(vectors[i].from);
        EXPECT_STR(day_text(w.a, flow_add_workdays(w.c, from, vectors[i].n)), vectors[i].due);
        EXPECT_EQ_I64(flow_workdays_between(w.c, from, date(vectors[i].due)), vectors[i].n);
        UnixMs due;
        FlowCount k;
        REQUIRE_OK(flow_due(w.c, at(vectors[i].from, 23, 59),
                            (FlowTerm){FLOW_WORKDAYS, vectors[i].n}, &due, &k, w.e),
                   w.e);
        EXPECT_EQ_I64(due, at(vectors[i].due, 17, 30));
        EXPECT(!k.is_assumed);
    }
    end(&w);
}

/* ---- against a walk ---- */

static bool naive_works(const World *w, const FlowOffice *o, Day d)
{
    for (int i = 0; i < w->n; i++)
        if (w->days[i].day == d)
            return w->days[i].is_work;
    return o->week >> (day_weekday(d) - 1) & 1;
}

static Day naive_add(const World *w, const FlowOffice *o, Day d, int n)
{
    int step = n < 0 ? -1 : 1;
    while (n) {
        d += step;
        if (naive_works(w, o, d))
            n -= step;
    }
    return d;
}

static int64_t naive_work_min(const World *w, const FlowOffice *o, int64_t from, int64_t to)
{
    int64_t n = 0;
    for (int64_t m = from; m < to; m++) { /* minutes of China since 1970 */
        int of_day = (int)(m % (24 * 60));
        if (!naive_works(w, o, (Day)(m / (24 * 60))))
            continue;
        for (int i = 0; i < o->span_n; i++)
            n += of_day >= o->spans[i].from_min && of_day < o->spans[i].to_min;
    }
    return n;
}

static void walk_under(World *w, const char *hours)
{
    FlowOffice o;
    REQUIRE_OK(flow_office_parse(str_of(hours), &o, w->e), w->e);
    const FlowCalendar *c = flow_calendar_new(w->a, &o, w->days, w->n, 2);
    Day first = date("2020-01-01"), last = date("2030-12-31");
    for (Day d = first; d < last; d++) /* more than ten years, the known ones within */
        if (!EXPECT(flow_is_workday(c, d) == naive_works(w, &o, d)))
            test_end();
    for (int i = 0; i < 3000; i++) {
        Day from = first + (Day)test_below((uint64_t)(last - first));
        int n = (int)test_below(121) - 60;
        Day to = naive_add(w, &o, from, n);
        if (!EXPECT_EQ_I64(flow_add_workdays(c, from, n), to))
            test_end();
        Day other = from + (Day)test_below(400);
        int64_t between = 0;
        for (Day d = from + 1; d <= other; d++)
            between += naive_works(w, &o, d);
        if (!EXPECT_EQ_I64(flow_workdays_between(c, from, other), between) ||
            !EXPECT_EQ_I64(flow_workdays_between(c, other, from), -between))
            test_end();
    }
    for (int i = 0; i < 300; i++) {
        int64_t from = (int64_t)first * 1440 + (int64_t)test_below((uint64_t)(last - first) * 1440);
        int64_t to = from + (int64_t)test_below(20 * 1440);
        UnixMs from_ms = (from - 480) * 60000, to_ms = (to - 480) * 60000, due;
        int64_t left = naive_work_min(w, &o, from, to);
        if (!EXPECT_EQ_I64(flow_left_min(c, from_ms, to_ms), left))
            test_end();
        /* A clock stopped and going on at once is due no later, with nothing worked in between. */
        FlowCount k;
        REQUIRE_OK(flow_due(c, from_ms, (FlowTerm){FLOW_LEFT_MIN, left}, &due, &k, w->e), w->e);
        if (!EXPECT(due <= to_ms) || !EXPECT_EQ_I64(flow_work_ms(c, from_ms, due), left * 60000) ||
            !EXPECT(left == 0 || !flow_is_open(c, due) || flow_is_open(c, due - 1)))
            test_end();
        UnixMs open = flow_next_open(c, from_ms), close = flow_next_close(c, from_ms);
        if (!EXPECT(open >= from_ms && flow_is_open(c, open) && close >= from_ms) ||
            !EXPECT_EQ_I64(flow_work_ms(c, from_ms, open), 0) ||
            !EXPECT(flow_is_workday(c, day_of_ms(close - 1))))
            test_end();
    }
}

TEST(counting_is_a_walk_day_by_day)
{
    World w;
    begin(&w);
    walk_under(&w, "12345 08:30-12:00 14:00-17:30");
    walk_under(&w, "123456 09:00-17:00");
    walk_under(&w, "7 00:00-08:15 08:30-09:00 10:00-12:00 23:00-24:00");
    w.n = 0; /* no notice at all */
    walk_under(&w, "12345 08:30-12:00 14:00-17:30");
    end(&w);
}

/* ---- due ---- */

static UnixMs due(World *w, UnixMs from, FlowUnit unit, int64_t n, FlowCount *k)
{
    UnixMs ms = 0;
    REQUIRE_OK(flow_due(w->c, from, (FlowTerm){unit, n}, &ms, k, w->e), w->e);
    EXPECT_EQ_I64(k->due, day_of_ms(ms));
    EXPECT(flow_is_workday(w->c, k->due) || unit == FLOW_LEFT_MIN);
    return ms;
}

static Str skips(World *w, const FlowCount *k)
{
    static const char *const whys[] = {"weekend", "off", "worked"};
    Buf b = {.arena = w->a};
    for (int i = 0; i < k->skip_n; i++)
        buf_fmt(&b, "%s%s %d%s%.*s", i ? ", " : "", whys[k->skips[i].why], k->skips[i].days,
                k->skips[i].name.n ? " " : "", STR_ARG(k->skips[i].name));
    return b.n ? buf_view(&b) : S("");
}

TEST(a_due_instant_tells_how_it_was_counted)
{
    World w;
    FlowCount k;
    begin(&w);
    EXPECT_EQ_I64(due(&w, at("2026-11-20", 16, 0), FLOW_WORKDAYS, 7, &k), at("2026-12-01", 17, 30));
    EXPECT_STR(skips(&w, &k), "weekend 4");
    EXPECT(!k.is_assumed && !k.is_moved);
    due(&w, at("2026-09-18", 9, 0), FLOW_WORKDAYS, 8, &k); /* a Sunday counts, then two festivals */
    EXPECT_STR(day_text(w.a, k.due), "2026-09-30");
    EXPECT_STR(skips(&w, &k), "weekend 1, worked 1 国庆节, off 3 中秋节");
    due(&w, at("2026-12-25", 9, 0), FLOW_WORKDAYS, 7, &k);
    EXPECT_STR(day_text(w.a, k.due), "2027-01-05");
    EXPECT(k.is_assumed);
    due(&w, at("2026-12-25", 9, 0), FLOW_WORKDAYS, 4, &k);
    EXPECT(!k.is_assumed);
    due(&w, at("2026-10-03", 9, 0), FLOW_WORKDAYS, 0, &k); /* nought days from a holiday */
    EXPECT_STR(day_text(w.a, k.due), "2026-10-08");
    EXPECT_STR(skips(&w, &k), "off 5 国庆节");
    end(&w);
}

TEST(days_months_and_years_end_on_a_working_day)
{
    World w;
    FlowCount k;
    begin(&w);
    EXPECT_EQ_I64(due(&w, at("2026-09-21", 9, 0), FLOW_DAYS, 10, &k), at("2026-10-08", 17, 30));
    EXPECT(k.is_moved);
    EXPECT_STR(skips(&w, &k), "off 7 国庆节");
    EXPECT_EQ_I64(due(&w, at("2026-09-21", 9, 0), FLOW_DAYS, 8, &k), at("2026-09-29", 17, 30));
    EXPECT(!k.is_moved && k.skip_n == 0);
    due(&w, at("2025-12-31", 9, 0), FLOW_MONTHS, 2, &k); /* 28 February 2026 is worked */
    EXPECT_STR(day_text(w.a, k.due), "2026-02-28");
    due(&w, at("2024-02-29", 9, 0), FLOW_YEARS, 1, &k);
    EXPECT_STR(day_text(w.a, k.due), "2025-02-28");
    due(&w, at("2026-05-02", 9, 0), FLOW_ON, 0, &k);
    EXPECT_STR(day_text(w.a, k.due), "2026-05-06");
    UnixMs ms;
    EXPECT_ERR(flow_due(w.c, 0, (FlowTerm){FLOW_DAYS, -1}, &ms, &k, w.e), ERR_LIMIT, w.e);
    EXPECT_ERR(flow_due(w.c, 0, (FlowTerm){FLOW_WORKDAYS, LIMIT_TERM + 1}, &ms, &k, w.e), ERR_LIMIT,
               w.e);
    EXPECT_ERR(flow_due(w.c, 0, (FlowTerm){FLOW_ON, 1}, &ms, &k, w.e), ERR_LIMIT, w.e);
    EXPECT_ERR(flow_due_day(w.c, date("9999-12-31"), (FlowTerm){FLOW_DAYS, 1}, &ms, &k, w.e),
               ERR_LIMIT, w.e);
    end(&w);
}

TEST(working_hours_stop_at_noon_at_night_and_on_holidays)
{
    World w;
    FlowCount k;
    begin(&w);
    EXPECT_EQ_I64(due(&w, at("2026-11-20", 11, 0), FLOW_WORKHOURS, 2, &k), at("2026-11-20", 15, 0));
    EXPECT_EQ_I64(due(&w, at("2026-11-20", 17, 0), FLOW_WORKHOURS, 1, &k), at("2026-11-23", 9, 0));
    EXPECT_STR(skips(&w, &k), "weekend 2");
    EXPECT_EQ_I64(due(&w, at("2026-11-21", 3, 0), FLOW_WORKHOURS, 7, &k), at("2026-11-23", 17, 30));
    EXPECT_EQ_I64(due(&w, at("2026-09-30", 17, 29), FLOW_WORKHOURS, 4, &k),
                  at("2026-10-08", 14, 29));
    EXPECT_EQ_I64(flow_next_close(w.c, at("2026-11-20", 17, 30)), at("2026-11-20", 17, 30));
    EXPECT_EQ_I64(flow_next_close(w.c, at("2026-11-20", 17, 30) + 1), at("2026-11-23", 17, 30));
    EXPECT_EQ_I64(flow_next_open(w.c, at("2026-11-20", 12, 0)), at("2026-11-20", 14, 0));
    EXPECT(!flow_is_open(w.c, at("2026-11-20", 17, 30)));
    EXPECT(flow_is_open(w.c, at("2026-11-20", 17, 29)));
    /* Stopped half a minute before the hour: the minute begun is kept whole. */
    EXPECT_EQ_I64(flow_left_min(w.c, at("2026-11-20", 16, 59) + 30000, at("2026-11-23", 9, 0)), 61);
    end(&w);
}

TEST(how_it_was_counted_is_kept_and_read_back)
{
    World w;
    FlowCount k, back;
    begin(&w);
    due(&w, at("2026-09-18", 9, 0), FLOW_WORKDAYS, 20, &k);
    Str text = flow_count_text(w.a, &k);
    REQUIRE_OK(flow_count_parse(w.a, text, &back, w.e), w.e);
    EXPECT_STR_EQ(flow_count_text(w.a, &back), text);
    EXPECT_STR_EQ(skips(&w, &back), skips(&w, &k));
    EXPECT(back.from == k.from && back.due == k.due && back.term.n == 20);
    static const char *const bad[] = {"",           "1|2|3",         "1|2|0|7|0|0|x",
                                      "1|2|9|7|0|0", "1|2|0|7|0|0|3:1:", "1|2|0|7|2|0",
                                      "1|2|0|7|0|0|0:0:"};
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT_ERR(flow_count_parse(w.a, str_of(bad[i]), &back, w.e), ERR_CORRUPT, w.e);
    end(&w);
}

TEST(office_hours_are_read_and_written)
{
    World w;
    begin(&w);
    FlowOffice o = flow_office_default();
    EXPECT_STR(flow_office_text(w.a, &o), "12345 08:30-12:00 14:00-17:30");
    EXPECT_EQ_I64(flow_office_min(&o), 7 * 60);
    static const char *const bad[] = {
        "",                  "12345",                   "8 08:00-09:00",
        "11 08:00-09:00",    "21 08:00-09:00",          "12345 09:00-08:00",
        "12345 8:00-9:00",   "12345 08:00-12:00 11:00-13:00", "12345 08:00-25:00",
        "12345 08:00-24:01", "12345 08:60-09:00",       "12345 08:00-09:00 x",
        "1 01:00-02:00 03:00-04:00 05:00-06:00 07:00-08:00 09:00-10:00"};
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT_ERR(flow_office_parse(str_of(bad[i]), &o, w.e), ERR_INVALID, w.e);
    end(&w);
}

TEST(a_later_notice_says_which_due_dates_move)
{
    World w;
    begin(&w);
    FlowClock clocks[] = {
        {.key = 1, .from_ms = at("2026-12-28", 9, 0), .term = {FLOW_WORKDAYS, 5}},
        {.key = 2, .is_by_day = true, .from_day = date("2026-12-30"), .term = {FLOW_DAYS, 2}},
        {.key = 3, .from_ms = at("2026-12-28", 9, 0), .term = {FLOW_WORKDAYS, 2}},
        {.key = 4, .from_ms = at("2026-12-31", 17, 0), .term = {FLOW_WORKHOURS, 1}}};
    const FlowCalendar *was = w.c;
    const char *off[] = {"2027-01-01", "2027-01-02", "2027-01-03"};
    for (size_t i = 0; i < LEN(off); i++)
        w.days[w.n++] = (FlowDay){.day = date(off[i]), .name = S("元旦"), .notice = S("")};
    FlowOffice o = flow_office_default();
    w.c = flow_calendar_new(w.a, &o, w.days, w.n, 2);
    FlowMove *moves;
    int n;
    REQUIRE_OK(flow_moves(w.a, was, w.c, clocks, LEN(clocks), &moves, &n, w.e), w.e);
    REQUIRE(n == 3);
    EXPECT(moves[0].key == 1 && moves[1].key == 2 && moves[2].key == 4);
    EXPECT_EQ_I64(moves[0].from_ms, at("2027-01-04", 17, 30));
    EXPECT_EQ_I64(moves[0].to_ms, at("2027-01-05", 17, 30));
    EXPECT_EQ_I64(moves[1].from_ms, at("2027-01-01", 17, 30));
    EXPECT_EQ_I64(moves[1].to_ms, at("2027-01-04", 17, 30));
    EXPECT_EQ_I64(moves[2].from_ms, at("2027-01-01", 9, 0));
    EXPECT_EQ_I64(moves[2].to_ms, at("2027-01-04", 9, 0));
    EXPECT(!flow_is_known(w.c, date("2027-01-04"))); /* the year's notice is not whole */
    end(&w);
}
