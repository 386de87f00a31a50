/* flow_due.c: instants: the close of office, working time between two, when something falls due and
 * how that was counted.                                                          DOMAIN: 7.2 7.3 */
#include "flow/flow_int.h"

enum { ZONE_MIN = 8 * 60, MONTHS = 12, YEAR_MAX = 9999 };

UnixMs flow_ms_at(Day day, int min)
{
    return ((int64_t)day * DAY_MIN + min - ZONE_MIN) * MIN_MS;
}

/* ---- office hours ---- */

UnixMs flow_close_of(const FlowCalendar *c, Day day)
{
    return flow_ms_at(day, c->office.spans[c->office.span_n - 1].to_min);
}

UnixMs flow_next_close(const FlowCalendar *c, UnixMs t)
{
    Day day = flow_workday_at_or_after(c, day_of_ms(t));
    UnixMs close = flow_close_of(c, day);
    return close >= t ? close : flow_close_of(c, flow_add_workdays(c, day, 1));
}

UnixMs flow_next_open(const FlowCalendar *c, UnixMs t)
{
    Day day = flow_workday_at_or_after(c, day_of_ms(t));
    for (int i = 0; i < c->office.span_n; i++) {
        UnixMs from = flow_ms_at(day, c->office.spans[i].from_min);
        if (t < from)
            return from;
        if (t < flow_ms_at(day, c->office.spans[i].to_min))
            return t;
    }
    return flow_ms_at(flow_add_workdays(c, day, 1), c->office.spans[0].from_min);
}

bool flow_is_open(const FlowCalendar *c, UnixMs t)
{
    return flow_next_open(c, t) == t;
}

/* Working time of the day of `t` before t. */
static int64_t done_today_ms(const FlowCalendar *c, UnixMs t)
{
    Day day = day_of_ms(t);
    int64_t n = 0;
    if (!flow_is_workday(c, day))
        return 0;
    for (int i = 0; i < c->office.span_n; i++) {
        UnixMs from = flow_ms_at(day, c->office.spans[i].from_min);
        UnixMs to = flow_ms_at(day, c->office.spans[i].to_min);
        if (t > from)
            n += (t < to ? t : to) - from;
    }
    return n;
}

int64_t flow_work_ms(const FlowCalendar *c, UnixMs from, UnixMs to)
{
    if (to <= from)
        return 0;
    int64_t days = flow_workdays_between(c, day_of_ms(from) - 1, day_of_ms(to) - 1);
    return days * c->day_min * MIN_MS - done_today_ms(c, from) + done_today_ms(c, to);
}

int64_t flow_left_min(const FlowCalendar *c, UnixMs from, UnixMs due)
{
    return (flow_work_ms(c, from, due) + MIN_MS - 1) / MIN_MS;
}

/* The first instant by which so much was worked since `from`; a full day ends at its close. */
static UnixMs work_on(const FlowCalendar *c, UnixMs from, int64_t ms)
{
    if (ms == 0)
        return from;
    Day day = day_of_ms(from);
    int64_t day_ms = (int64_t)c->day_min * MIN_MS;
    if (!flow_is_workday(c, day))
        day = flow_workday_at_or_after(c, day);
    else
        ms += done_today_ms(c, from);
    day = flow_add_workdays(c, day, (ms - 1) / day_ms);
    ms = (ms - 1) % day_ms + 1;
    for (int i = 0; i < c->office.span_n; i++) {
        const FlowSpan *s = &c->office.spans[i];
        int64_t span_ms = (int64_t)(s->to_min - s->from_min) * MIN_MS;
        if (ms <= span_ms)
            return flow_ms_at(day, s->from_min) + ms;
        ms -= span_ms;
    }
    check_failed(__FILE__, __LINE__, "a day's work fits into its spans");
}

/* ---- how it was counted ---- */

bool flow_unit_of(Str word, FlowUnit *ret)
{
    static const struct {
        Str word;
        FlowUnit unit;
    } words[] = {{S("workdays"), FLOW_WORKDAYS},
                 {S("workhours"), FLOW_WORKHOURS},
                 {S("days"), FLOW_DAYS}};
    for (size_t i = 0; i < LEN(words); i++)
        if (str_eq(word, words[i].word)) {
            *ret = words[i].unit;
            return true;
        }
    return false;
}

static void add_skip(FlowCount *k, FlowWhy why, Str name)
{
    for (int i = 0; i < k->skip_n; i++)
        if (k->skips[i].why == why && str_eq(k->skips[i].name, name)) {
            k->skips[i].days++;
            return;
        }
    if (k->skip_n == FLOW_SKIPS_MAX)
        k->skips[FLOW_SKIPS_MAX - 1].days++;
    else
        k->skips[k->skip_n++] = (FlowSkip){.why = why, .days = 1, .name = name};
}

static bool is_week_day(const FlowCalendar *c, Day day)
{
    return c->office.week >> (day_weekday(day) - 1) & 1;
}

/* Notes what every day in (from, due] was, where working days were counted; else only what was
 * passed over at the end. */
static void tell_days(const FlowCalendar *c, FlowCount *k, Day behind)
{
    FlowSkip weekends = {.why = FLOW_WEEKEND, .name = S("")};
    for (Day d = behind + 1; d <= k->due; d++) {
        const FlowDay *l = flow_listed(c, d);
        if (l && l->is_work && !is_week_day(c, d))
            add_skip(k, FLOW_MADE_UP, l->name);
        else if (l && !l->is_work)
            add_skip(k, FLOW_HOLIDAY, l->name);
        else if (!flow_is_workday(c, d))
            weekends.days++;
    }
    if (!weekends.days)
        return;
    if (k->skip_n == FLOW_SKIPS_MAX)
        k->skip_n--;
    memmove(k->skips + 1, k->skips, (size_t)k->skip_n * sizeof *k->skips);
    k->skips[0] = weekends;
    k->skip_n++;
}

static bool is_assumed(const FlowCalendar *c, Day from, Day to)
{
    int y, last, m, d;
    day_to_ymd(from + 1 > to ? to : from + 1, &y, &m, &d);
    day_to_ymd(to, &last, &m, &d);
    for (; y <= last; y++) {
        Day first;
        if (!day_from_ymd(y, 1, 1, &first) || !flow_is_known(c, first))
            return true;
    }
    return false;
}

static Day add_months(Day from, int64_t n)
{
    int y, m, d;
    Day to = from;
    day_to_ymd(from, &y, &m, &d);
    int64_t k = (int64_t)y * MONTHS + m - 1 + n;
    while (!day_from_ymd((int)(k / MONTHS), (int)(k % MONTHS) + 1, d, &to))
        d--; /* a month's end stays one */
    return to;
}

static int check_term(Day from, FlowTerm t, Err *e)
{
    int y, m, d, last;
    day_to_ymd(from, &y, &m, &d);
    int64_t max = t.unit == FLOW_LEFT_MIN ? LIMIT_TERM_MIN : t.unit == FLOW_ON ? 0 : LIMIT_TERM;
    int64_t years = t.unit == FLOW_YEARS ? t.n : t.unit == FLOW_MONTHS ? t.n / MONTHS + 1 : 0;
    last = YEAR_MAX - 2 * LIMIT_TERM / WEEK_DAYS; /* so that no count leaves the calendar */
    if (t.n < 0 || t.n > max || y > last || y + years > last)
        return err_set(e, ERR_LIMIT, "flow.term", err_int(e, t.n), err_int(e, max));
    return 0;
}

static void due_by_day(const FlowCalendar *c, FlowTerm term, FlowCount *k)
{
    Day behind = k->from, to = k->from;
    if (term.unit == FLOW_WORKDAYS) {
        to = flow_add_workdays(c, k->from, term.n);
        k->due = flow_workday_at_or_after(c, to);
    } else {
        to = term.unit == FLOW_DAYS     ? (Day)(k->from + term.n)
             : term.unit == FLOW_MONTHS ? add_months(k->from, term.n)
             : term.unit == FLOW_YEARS  ? add_months(k->from, term.n * MONTHS)
                                        : k->from;
        k->due = flow_workday_at_or_after(c, to);
        behind = to - 1;
    }
    k->is_moved = k->due != to;
    if (term.unit == FLOW_WORKDAYS && term.n == 0)
        behind = k->from - 1;
    tell_days(c, k, behind);
    /* The days themselves are only asked for where working ones were counted. */
    k->is_assumed = is_assumed(c, behind, k->due);
}

int flow_due_day(const FlowCalendar *c, Day from, FlowTerm term, UnixMs *ret_due,
                 FlowCount *ret_count, Err *e)
{
    TRY(check_term(from, term, e));
    if (term.unit == FLOW_WORKHOURS || term.unit == FLOW_LEFT_MIN)
        return flow_due(c, flow_ms_at(from, 0), term, ret_due, ret_count, e);
    FlowCount k = {.from = from, .term = term};
    due_by_day(c, term, &k);
    *ret_due = flow_close_of(c, k.due);
    *ret_count = k;
    return 0;
}

int flow_due(const FlowCalendar *c, UnixMs from, FlowTerm term, UnixMs *ret_due,
             FlowCount *ret_count, Err *e)
{
    Day day = day_of_ms(from);
    if (term.unit != FLOW_WORKHOURS && term.unit != FLOW_LEFT_MIN)
        return flow_due_day(c, day, term, ret_due, ret_count, e);
    TRY(check_term(day, term, e));
    FlowCount k = {.from = day, .term = term};
    UnixMs due = work_on(c, from, term.n * (term.unit == FLOW_WORKHOURS ? 60 : 1) * MIN_MS);
    k.due = day_of_ms(due > from ? due - 1 : due); /* midnight may be the close of a day */
    tell_days(c, &k, day - 1);
    k.is_assumed = is_assumed(c, day - 1, k.due);
    *ret_due = due;
    *ret_count = k;
    return 0;
}

/* ---- kept ---- */

/* FROM DUE UNIT N ASSUMED MOVED, then WHY:DAYS:NAME; between | which no name may hold. */
Str flow_count_text(Arena *a, const FlowCount *k)
{
    Buf b = {.arena = a};
    buf_fmt(&b, "%d|%d|%d|%lld|%d|%d", k->from, k->due, k->term.unit, (long long)k->term.n,
            k->is_assumed, k->is_moved);
    for (int i = 0; i < k->skip_n; i++)
        buf_fmt(&b, "|%d:%d:%.*s", k->skips[i].why, k->skips[i].days, STR_ARG(k->skips[i].name));
    return buf_view(&b);
}

static bool take_i64(Str *rest, int64_t min, int64_t max, int64_t *ret)
{
    Str one;
    (void)str_cut(*rest, '|', &one, rest);
    return str_i64(one, ret) && *ret >= min && *ret <= max;
}

static bool take_skip(Arena *a, Str one, FlowSkip *ret)
{
    Str why, days, name;
    int64_t w, n;
    if (!str_cut(one, ':', &why, &one) || !str_cut(one, ':', &days, &name) || !str_i64(why, &w) ||
        !str_i64(days, &n) || w < 0 || w > FLOW_MADE_UP || n < 1 || n > INT32_MAX)
        return false;
    *ret = (FlowSkip){(FlowWhy)w, (int)n, str_copy(a, name)};
    return true;
}

int flow_count_parse(Arena *a, Str text, FlowCount *ret, Err *e)
{
    int64_t from, due, unit, n, assumed, moved;
    Str rest = text, one;
    FlowCount k = {0};
    bool is_good = take_i64(&rest, INT32_MIN, INT32_MAX, &from) &&
                   take_i64(&rest, INT32_MIN, INT32_MAX, &due) &&
                   take_i64(&rest, 0, FLOW_UNIT_MAX - 1, &unit) &&
                   take_i64(&rest, 0, LIMIT_TERM_MIN, &n) && take_i64(&rest, 0, 1, &assumed) &&
                   take_i64(&rest, 0, 1, &moved);
    while (is_good && rest.n) {
        (void)str_cut(rest, '|', &one, &rest);
        is_good = k.skip_n < FLOW_SKIPS_MAX && take_skip(a, one, &k.skips[k.skip_n]);
        k.skip_n += is_good;
    }
    if (!is_good)
        return err_set(e, ERR_CORRUPT, "flow.count", text);
    k.from = (Day)from;
    k.due = (Day)due;
    k.term = (FlowTerm){(FlowUnit)unit, n};
    k.is_assumed = assumed;
    k.is_moved = moved;
    *ret = k;
    return 0;
}

/* ---- what another calendar moves ---- */

static int due_of(const FlowCalendar *c, const FlowClock *k, UnixMs *ret, Err *e)
{
    FlowCount count;
    return k->is_by_day ? flow_due_day(c, k->from_day, k->term, ret, &count, e)
                        : flow_due(c, k->from_ms, k->term, ret, &count, e);
}

int flow_moves(Arena *a, const FlowCalendar *was, const FlowCalendar *now, const FlowClock *clocks,
               int clock_n, FlowMove **ret, int *ret_n, Err *e)
{
    CHECK(clock_n >= 0);
    FlowMove *moves = NEW_N(a, FlowMove, (size_t)clock_n + 1);
    int n = 0;
    for (int i = 0; i < clock_n; i++) {
        FlowMove m = {.key = clocks[i].key};
        TRY(due_of(was, &clocks[i], &m.from_ms, e));
        TRY(due_of(now, &clocks[i], &m.to_ms, e));
        if (m.from_ms != m.to_ms)
            moves[n++] = m;
    }
    *ret = moves;
    *ret_n = n;
    return 0;
}
