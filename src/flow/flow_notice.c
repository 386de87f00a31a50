/* flow_notice.c: what a file of days says against the calendar in force: faults, what is new, what
 * differs. Pure; flow.c writes it.                                                 SPEC: P4 P7 */
#include "flow/flow_int.h"

#include <stdlib.h>

bool flow_is_allowed(Day day)
{
    Day first, last;
    CHECK(day_from_ymd(LIMIT_CALENDAR_FIRST_YEAR, 1, 1, &first));
    CHECK(day_from_ymd(LIMIT_CALENDAR_LAST_YEAR, 12, 31, &last));
    return day >= first && day <= last;
}

static void add_fault(FlowImport *in, const FlowRow *r, Str column, Str value, const char *key,
                      Str arg)
{
    FlowFault *f = &in->faults[in->fault_n++];
    *f = (FlowFault){.row = r->row, .column = column, .value = value, .key = str_of(key)};
    f->args[0] = arg;
}

static bool is_plain(Str name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ' || name.p[i] == '|' || name.p[i] == 0x7f)
            return false;
    return true;
}

static bool read_kind(Str word, bool *ret_is_work)
{
    static const Str works[] = {S("workday"), S("work"), S("上班"), S("调休上班")};
    static const Str offs[] = {S("holiday"), S("off"), S("放假"), S("休息")};
    for (size_t i = 0; i < LEN(works); i++) {
        if (str_eq(word, works[i]) || str_eq(word, offs[i])) {
            *ret_is_work = str_eq(word, works[i]);
            return true;
        }
    }
    return false;
}

/* false: the row has a fault, or faults. */
static bool read_row(Arena *a, FlowImport *in, const FlowRow *r, FlowDay *ret)
{
    int before = in->fault_n;
    *ret = (FlowDay){.name = r->name, .notice = r->notice, .row = r->row};
    Str years = str_fmt(a, "%d–%d", LIMIT_CALENDAR_FIRST_YEAR, LIMIT_CALENDAR_LAST_YEAR);
    if (!day_parse(r->day, &ret->day))
        add_fault(in, r, S("date"), r->day, "flow.bad_date", STR_NONE);
    else if (!flow_is_allowed(ret->day))
        add_fault(in, r, S("date"), r->day, "flow.far_date", years);
    if (!read_kind(r->kind, &ret->is_work))
        add_fault(in, r, S("kind"), r->kind, "flow.bad_kind", STR_NONE);
    Str most = str_fmt(a, "%d", LIMIT_NAME_CHARS);
    if (!r->name.n)
        add_fault(in, r, S("name"), r->name, "flow.no_name", STR_NONE);
    else if (!is_plain(r->name) || utf8_count(r->name) > LIMIT_NAME_CHARS)
        add_fault(in, r, S("name"), r->name, "flow.bad_name", most);
    if (!is_plain(r->notice) || utf8_count(r->notice) > LIMIT_NAME_CHARS)
        add_fault(in, r, S("notice"), r->notice, "flow.bad_name", most);
    return in->fault_n == before;
}

/* Rows by day, file order within a day: so doubles stand beside each other. */
static int by_day_row(const void *a, const void *b)
{
    const FlowDay *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int by_fault_row(const void *a, const void *b)
{
    const FlowFault *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return str_cmp(x->column, y->column);
}

static void find_doubles(Arena *a, FlowImport *in, const FlowDay *days, int n)
{
    for (int i = 1; i < n; i++) {
        if (days[i].day != days[i - 1].day)
            continue;
        FlowRow r = {.row = days[i].row};
        add_fault(in, &r, S("date"), day_text(a, days[i].day), "flow.day_twice",
                  str_fmt(a, "%lld", (long long)days[i - 1].row));
    }
}

/* Merges the file's days into those known, and notes what is new or differs. */
static int merge_days(Arena *a, FlowImport *in, const FlowDay *days, int n, Err *e)
{
    const FlowCalendar *was = in->was;
    int all_n = 0;
    FlowDay *all = NEW_N(a, FlowDay, (size_t)(was->day_n + n) + 1);
    in->changes = NEW_N(a, FlowChange, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        const FlowDay *old = flow_listed(was, days[i].day);
        FlowDay d = days[i];
        if (old && !d.notice.n)
            d.notice = old->notice; /* a file without the column takes none away */
        bool is_same = old && old->is_work == d.is_work && str_eq(old->name, d.name) &&
                       str_eq(old->notice, d.notice);
        all[all_n++] = d;
        in->same_n += is_same;
        in->new_n += !old;
        in->changed_n += old && !is_same;
        if (!is_same)
            in->changes[in->change_n++] = (FlowChange){.was = old, .now = d};
    }
    for (int i = 0, k = 0; i < was->day_n; i++) {
        while (k < n && days[k].day < was->days[i].day)
            k++;
        if (k == n || days[k].day != was->days[i].day)
            all[all_n++] = was->days[i];
    }
    if (all_n > LIMIT_CALENDAR_DAYS)
        return err_set(e, ERR_LIMIT, "flow.too_many_days", err_int(e, LIMIT_CALENDAR_DAYS));
    in->now = flow_calendar_new(a, &was->office, all, all_n, was->number + 1);
    for (int i = 0; i < in->change_n; i++) {
        FlowChange *c = &in->changes[i];
        c->is_turned = flow_is_workday(was, c->now.day) != flow_is_workday(in->now, c->now.day);
    }
    return 0;
}

int flow_plan_days(Arena *a, const FlowCalendar *was, FlowImport *in, Err *e)
{
    if (in->row_n <= 0)
        return err_set(e, ERR_INVALID, "flow.no_rows");
    if (in->row_n > LIMIT_CALENDAR_DAYS)
        return err_set(e, ERR_LIMIT, "flow.too_many_days", err_int(e, LIMIT_CALENDAR_DAYS));
    in->fault_n = in->change_n = in->new_n = in->changed_n = in->same_n = 0;
    in->changes = NULL;
    in->was = in->now = was;
    in->number = was->number;
    size_t rows = (size_t)in->row_n;
    FlowDay *days = NEW_N(a, FlowDay, rows);
    in->faults = NEW_N(a, FlowFault, rows * 5); /* four columns, and a double */
    int n = 0;
    for (int i = 0; i < in->row_n; i++)
        n += read_row(a, in, &in->rows[i], &days[n]);
    qsort(days, (size_t)n, sizeof *days, by_day_row);
    find_doubles(a, in, days, n);
    qsort(in->faults, (size_t)in->fault_n, sizeof *in->faults, by_fault_row);
    return in->fault_n ? 0 : merge_days(a, in, days, n, e);
}
