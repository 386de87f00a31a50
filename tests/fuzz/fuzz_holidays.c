// uses: src/base/*.c src/exchange/csv.c src/exchange/sheet_in.c
// uses: src/flow/flow_calendar.c src/flow/flow_due.c src/flow/flow_notice.c
/* fuzz_holidays.c: any file of days is a plan or is refused with its rows; a plan's calendar counts
 * as a walk does, and planning it again changes nothing. */
#include "exchange/sheet.h"

static void check_walk(const FlowCalendar *c, Day day)
{
    Day to = day;
    for (int n = 3; n > 0;)
        n -= flow_is_workday(c, ++to);
    CHECK(flow_add_workdays(c, day, 3) == to && flow_workdays_between(c, day, to) == 3);
}

static void check_plan(Arena *a, FlowImport *in)
{
    for (int i = 0; i < in->change_n; i++) {
        const FlowDay *d = &in->changes[i].now, *l = flow_listed(in->now, d->day);
        CHECK(l && l->is_work == d->is_work && flow_is_workday(in->now, d->day) == d->is_work);
        CHECK(i == 0 || in->changes[i - 1].now.day < d->day);
        if (i < 20)
            check_walk(in->now, d->day);
    }
    FlowImport again = {.rows = in->rows, .row_n = in->row_n};
    Err e = err_on(a);
    CHECK(flow_plan_days(a, in->now, &again, &e) == 0 && again.fault_n == 0);
    CHECK(again.change_n == 0 && again.same_n == in->row_n);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    Arena *a = arena_new(64 * 1024);
    Err e = err_on(a);
    FlowOffice office = flow_office_default();
    FlowDay one = {.day = 20777, .name = S("x"), .notice = S("")};
    const FlowCalendar *was = flow_calendar_new(a, &office, &one, 1, 1);
    FlowImport in = {0};
    CsvFacts facts;
    int rc = sheet_read_days(a, (Str){(const char *)p, n}, &in, &facts, &e);
    CHECK(rc == 0 || rc == ERR_SYNTAX || rc == ERR_LIMIT || rc == ERR_INVALID);
    if (rc == 0) {
        rc = flow_plan_days(a, was, &in, &e);
        CHECK(rc == 0 || rc == ERR_LIMIT);
        for (int i = 0; i < in.fault_n; i++)
            CHECK(in.faults[i].row >= 2 && in.faults[i].key.n);
        if (rc == 0 && in.fault_n == 0)
            check_plan(a, &in);
    }
    arena_free(a);
    return 0;
}
