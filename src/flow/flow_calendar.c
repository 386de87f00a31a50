/* flow_calendar.c: which day is worked. The years that notices name lie in a table with the number
 * of days worked before each, so counting is one subtraction and adding one bisection; outside it
 * the days of the week are counted by arithmetic.                                  DOMAIN: 7.3 */
#include "flow/flow_int.h"

#include <stdlib.h>

enum { DEFAULT_WEEK = 0x1f };

/* ---- office hours ---- */

FlowOffice flow_office_default(void)
{
    return (FlowOffice){.spans = {{8 * 60 + 30, 12 * 60}, {14 * 60, 17 * 60 + 30}},
                        .span_n = 2,
                        .week = DEFAULT_WEEK};
}

static bool take_number(Str *s, int digits, int max, int *ret)
{
    int v = 0;
    if (s->n < (size_t)digits)
        return false;
    for (int i = 0; i < digits; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_sub(*s, (size_t)digits, s->n);
    *ret = v;
    return v <= max;
}

static bool take_char(Str *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    *s = str_sub(*s, 1, s->n);
    return true;
}

static bool take_time(Str *s, int *ret)
{
    int hour, min;
    if (!take_number(s, 2, 24, &hour) || !take_char(s, ':') || !take_number(s, 2, 59, &min))
        return false;
    *ret = hour * 60 + min;
    return *ret <= DAY_MIN;
}

static bool take_week(Str *s, unsigned *ret)
{
    unsigned week = 0;
    while (s->n && s->p[0] >= '1' && s->p[0] <= '7') {
        unsigned bit = 1u << (s->p[0] - '1');
        if (week >= bit) /* in order, none twice */
            return false;
        week |= bit;
        *s = str_sub(*s, 1, s->n);
    }
    *ret = week;
    return week != 0;
}

int flow_office_parse(Str text, FlowOffice *ret, Err *e)
{
    FlowOffice o = {0};
    Str s = str_trim(text);
    bool is_good = take_week(&s, &o.week);
    int at = -1;
    while (is_good && s.n) {
        FlowSpan p;
        is_good = o.span_n < FLOW_SPANS_MAX && take_char(&s, ' ') && take_time(&s, &p.from_min) &&
                  take_char(&s, '-') && take_time(&s, &p.to_min) && p.from_min > at &&
                  p.to_min > p.from_min;
        if (is_good) {
            o.spans[o.span_n++] = p;
            at = p.to_min;
        }
    }
    if (!is_good || !o.span_n)
        return err_set(e, ERR_INVALID, "flow.office", text);
    *ret = o;
    return 0;
}

Str flow_office_text(Arena *a, const FlowOffice *o)
{
    Buf b = {.arena = a};
    for (int i = 0; i < WEEK_DAYS; i++)
        if (o->week >> i & 1)
            buf_byte(&b, (char)('1' + i));
    for (int i = 0; i < o->span_n; i++) {
        const FlowSpan *s = &o->spans[i];
        buf_fmt(&b, " %02d:%02d-%02d:%02d", s->from_min / 60, s->from_min % 60, s->to_min / 60,
                s->to_min % 60);
    }
    return buf_view(&b);
}

Str flow_office_week(Arena *a, const FlowOffice *o)
{
    Str week, hours;
    (void)str_cut(flow_office_text(a, o), ' ', &week, &hours); /* a blank stands between them */
    return week;
}

Str flow_office_hours(Arena *a, const FlowOffice *o)
{
    Str week, hours;
    (void)str_cut(flow_office_text(a, o), ' ', &week, &hours); /* as above */
    return hours;
}

/* What stands between spans is one blank; dashes and colons of any width are the narrow ones. */
static Str spans_typed(Arena *a, Str hours)
{
    static const struct {
        Str of, to;
    } forms[] = {{S(","), S(" ")}, {S("，"), S(" ")}, {S("、"), S(" ")}, {S(";"), S(" ")},
                 {S("；"), S(" ")}, {S("："), S(":")}, {S("－"), S("-")}, {S("—"), S("-")},
                 {S("–"), S("-")}, {S("～"), S("-")}, {S("~"), S("-")}};
    Buf b = {.arena = a};
    Str s = text_normal(a, str_trim(hours));
    for (size_t i = 0; i < s.n;) {
        Str rest = str_sub(s, i, s.n), put = str_sub(s, i, 1);
        size_t n = 1;
        for (size_t k = 0; k < LEN(forms); k++)
            if (str_starts(rest, forms[k].of)) {
                put = forms[k].to;
                n = forms[k].of.n;
            }
        i += n;
        if (!str_eq(put, S(" ")) || (b.n && b.p[b.n - 1] != ' '))
            buf_str(&b, put);
    }
    return str_trim(b.n ? buf_view(&b) : S(""));
}

int flow_office_typed(Arena *a, Str week, Str hours, FlowOffice *ret, Err *e)
{
    unsigned days;
    Str s = text_normal(a, str_trim(week));
    if (!take_week(&s, &days) || s.n)
        (void)err_field(e, S("week"), "flow.office_week", week);
    Err sub = err_on(a);
    Str text = str_fmt(a, "1 %.*s", STR_ARG(spans_typed(a, hours)));
    if (flow_office_parse(text, ret, &sub) < 0)
        (void)err_field(e, S("hours"), "flow.office_hours", hours);
    if (e->cls)
        return e->cls;
    ret->week = days;
    return 0;
}

int flow_office_min(const FlowOffice *o)
{
    int n = 0;
    for (int i = 0; i < o->span_n; i++)
        n += o->spans[i].to_min - o->spans[i].from_min;
    return n;
}

/* ---- days of the week alone ---- */

/* Days worked before `day`, from the Monday of the week of 1970-01-01. */
static int64_t week_count(const FlowCalendar *c, int64_t day)
{
    int64_t from = day + 3, weeks = from / WEEK_DAYS, rest = from % WEEK_DAYS; /* a Thursday */
    if (rest < 0) {
        rest += WEEK_DAYS;
        weeks--;
    }
    return weeks * c->week_n + c->week_before[rest];
}

/* The day before which k are worked, itself one that is. */
static Day week_nth(const FlowCalendar *c, int64_t k)
{
    int64_t weeks = k / c->week_n, rest = k % c->week_n;
    if (rest < 0) {
        rest += c->week_n;
        weeks--;
    }
    return (Day)(weeks * WEEK_DAYS + c->week_at[rest] - 3);
}

/* ---- the whole calendar ---- */

static bool is_in_table(const FlowCalendar *c, Day day)
{
    return day >= c->first && day < c->end;
}

/* Days worked before `day`, from the table's first; negative before it. */
static int64_t count_before(const FlowCalendar *c, int64_t day)
{
    if (day < c->first)
        return week_count(c, day) - week_count(c, c->first);
    if (day <= c->end)
        return c->before[day - c->first];
    return c->before[c->end - c->first] + week_count(c, day) - week_count(c, c->end);
}

/* The working day before which k are worked. */
static Day nth(const FlowCalendar *c, int64_t k)
{
    int64_t total = c->before[c->end - c->first];
    if (k < 0)
        return week_nth(c, week_count(c, c->first) + k);
    if (k >= total)
        return week_nth(c, week_count(c, c->end) + k - total);
    int lo = 0, hi = c->end - c->first; /* before[lo] <= k < before[hi] */
    while (hi - lo > 1) {
        int mid = lo + (hi - lo) / 2;
        if (c->before[mid] <= k)
            lo = mid;
        else
            hi = mid;
    }
    return c->first + lo;
}

int64_t flow_calendar_number(const FlowCalendar *c)
{
    return c->number;
}

const FlowOffice *flow_calendar_office(const FlowCalendar *c)
{
    return &c->office;
}

const FlowDay *flow_listed(const FlowCalendar *c, Day day)
{
    int32_t at = is_in_table(c, day) ? c->listed[day - c->first] : 0;
    return at ? &c->days[at - 1] : NULL;
}

bool flow_is_known(const FlowCalendar *c, Day day)
{
    if (!is_in_table(c, day))
        return false;
    int y, m, d;
    day_to_ymd(day, &y, &m, &d);
    return c->known[y - c->first_year];
}

int flow_known_to(const FlowCalendar *c)
{
    for (int i = c->year_n - 1; i >= 0; i--)
        if (c->known[i])
            return c->first_year + i;
    return 0;
}

bool flow_is_workday(const FlowCalendar *c, Day day)
{
    return count_before(c, (int64_t)day + 1) > count_before(c, day);
}

Day flow_add_workdays(const FlowCalendar *c, Day day, int64_t n)
{
    if (n == 0)
        return day;
    return n > 0 ? nth(c, count_before(c, (int64_t)day + 1) + n - 1)
                 : nth(c, count_before(c, day) + n);
}

int64_t flow_workdays_between(const FlowCalendar *c, Day from, Day to)
{
    return count_before(c, (int64_t)to + 1) - count_before(c, (int64_t)from + 1);
}

Day flow_workday_at_or_after(const FlowCalendar *c, Day day)
{
    return nth(c, count_before(c, day));
}

static Day hook_add(const void *ctx, Day from, int64_t n)
{
    return flow_add_workdays(ctx, from, n);
}

const WorkDays *flow_workdays(const FlowCalendar *c)
{
    return &c->hook;
}

/* ---- making one ---- */

static int by_day(const void *a, const void *b)
{
    const FlowDay *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static void make_week(FlowCalendar *c)
{
    for (int i = 0; i < WEEK_DAYS; i++) {
        c->week_before[i] = c->week_n;
        if (c->office.week >> i & 1)
            c->week_at[c->week_n++] = i;
    }
    CHECK(c->week_n > 0 && c->office.span_n > 0);
}

static Day year_start(int year)
{
    Day d;
    CHECK(day_from_ymd(year, 1, 1, &d));
    return d;
}

static bool lists_off(const FlowCalendar *c, int year, int month)
{
    Day d;
    CHECK(day_from_ymd(year, month, 1, &d));
    const FlowDay *l = flow_listed(c, d);
    return l && !l->is_work;
}

static void make_table(Arena *a, FlowCalendar *c)
{
    int last_year = c->first_year - 1, m, d;
    if (c->day_n) {
        day_to_ymd(c->days[0].day, &c->first_year, &m, &d);
        day_to_ymd(c->days[c->day_n - 1].day, &last_year, &m, &d);
        CHECK(c->first_year >= LIMIT_CALENDAR_FIRST_YEAR && last_year <= LIMIT_CALENDAR_LAST_YEAR);
    }
    c->year_n = last_year - c->first_year + 1;
    c->first = year_start(c->first_year);
    c->end = year_start(last_year + 1);
    size_t n = (size_t)(c->end - c->first);
    c->before = NEW_N(a, int32_t, n + 1);
    c->listed = NEW_N(a, int32_t, n + 1);
    c->known = NEW_N(a, bool, (size_t)c->year_n + 1);
    for (int i = 0; i < c->day_n; i++) {
        int32_t *at = &c->listed[c->days[i].day - c->first];
        CHECK(!*at);
        *at = i + 1;
    }
    for (Day day = c->first; day < c->end; day++) {
        const FlowDay *l = flow_listed(c, day);
        bool is_work = l ? l->is_work : c->office.week >> (day_weekday(day) - 1) & 1;
        c->before[day + 1 - c->first] = c->before[day - c->first] + is_work;
    }
    for (int i = 0; i < c->year_n; i++)
        c->known[i] = lists_off(c, c->first_year + i, 1) && lists_off(c, c->first_year + i, 10);
}

const FlowCalendar *flow_calendar_new(Arena *a, const FlowOffice *office, const FlowDay *days,
                                      int day_n, int64_t number)
{
    CHECK(day_n >= 0 && day_n <= LIMIT_CALENDAR_DAYS);
    FlowCalendar *c = NEW(a, FlowCalendar);
    FlowDay *own = NEW_N(a, FlowDay, (size_t)day_n + 1);
    for (int i = 0; i < day_n; i++) {
        own[i] = days[i];
        own[i].name = str_copy(a, days[i].name);
        own[i].notice = str_copy(a, days[i].notice);
    }
    qsort(own, (size_t)day_n, sizeof *own, by_day);
    *c = (FlowCalendar){.number = number,
                        .office = *office,
                        .day_min = flow_office_min(office),
                        .days = own,
                        .day_n = day_n,
                        .first_year = LIMIT_CALENDAR_FIRST_YEAR};
    c->hook = (WorkDays){.add = hook_add, .ctx = c};
    make_week(c);
    make_table(a, c);
    return c;
}
