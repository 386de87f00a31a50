/* test_flow_notice.c: a notice from its file into the calendar, on both databases, and what
 * reads by it. */
// tsan
#include <pthread.h>

#include "embed.h"
#include "exchange/sheet.h"
#include "sql.h"
#include "test_record_util.h"

static Day date(const char *z)
{
    Day d;
    REQUIRE(day_parse(str_of(z), &d));
    return d;
}

static void prepare(County *w, Str csv, FlowImport *in)
{
    CsvFacts facts;
    REQUIRE_OK(sheet_read_days(w->a, csv, in, &facts, w->e), w->e);
    Tx *tx = county_tx(w);
    REQUIRE_OK(flow_prepare_days(w->a, tx, in, w->e), w->e);
    tx_end(tx);
}

static void import(County *w, Str csv, FlowImport *in)
{
    prepare(w, csv, in);
    REQUIRE(in->fault_n == 0);
    REQUIRE_OK(store_write(w->store, NULL, flow_apply_days, in, w->e), w->e);
    Tx *tx = county_tx(w);
    REQUIRE_OK(flow_refresh(w->flow, tx, w->e), w->e);
    tx_end(tx);
    flow_calendar_drop(w->flow, w->calendar);
    w->calendar = flow_calendar_hold(w->flow);
}

BOTH_ENGINES(the_notices_built_in_are_the_calendar_and_a_later_one_joins_them)
{
    County w;
    FlowImport in;
    county_begin_bare(&w, t);
    EXPECT_EQ_I64(flow_known_to(w.calendar), 0);
    EXPECT(flow_is_workday(w.calendar, date("2026-10-01"))); /* Monday to Friday, and says so */
    EXPECT(!flow_is_known(w.calendar, date("2026-10-01")));
    import(&w, embed_holidays_csv, &in);
    EXPECT(in.new_n == 108 && in.changed_n == 0 && in.same_n == 0 && in.change_n == 108);
    EXPECT_EQ_I64(flow_known_to(w.calendar), 2026);
    EXPECT_STR(day_text(w.a, flow_add_workdays(w.calendar, date("2026-02-13"), 3)), "2026-02-25");
    import(&w, embed_holidays_csv, &in);
    EXPECT(in.new_n == 0 && in.changed_n == 0 && in.same_n == 108 && in.change_n == 0);

    int64_t number = flow_calendar_number(w.calendar);
    import(&w,
           S("日期,类别,节日,通知\n2027-01-01,放假,元旦,甲号\n2027-01-03,上班,元旦,甲号\n"
             "2027-10-01,holiday,国庆节,甲号\n2026-10-10,holiday,国庆节,甲号\n"
             "2026-10-07,holiday,国庆,甲号\n"),
           &in);
    EXPECT(in.new_n == 3 && in.changed_n == 2 && in.same_n == 0);
    REQUIRE(in.change_n == 5);
    EXPECT(!in.changes[0].is_turned && in.changes[0].was); /* by day: a holiday by another name */
    EXPECT(in.changes[1].is_turned && in.changes[1].now.day == date("2026-10-10"));
    EXPECT(in.changes[3].is_turned && !in.changes[3].was && in.changes[3].now.is_work);
    EXPECT_EQ_I64(flow_known_to(w.calendar), 2027);
    EXPECT_EQ_I64(flow_calendar_number(w.calendar), number + 1);
    EXPECT(!flow_is_workday(w.calendar, date("2026-10-10")));
    EXPECT(flow_is_workday(w.calendar, date("2027-01-03")));
    EXPECT_STR_EQ(flow_listed(w.calendar, date("2026-10-07"))->name, S("国庆"));
    EXPECT_STR_EQ(flow_listed(w.calendar, date("2027-01-01"))->notice, S("甲号"));
    import(&w, S("date,kind,name\n2027-01-01,holiday,元旦\n"), &in); /* takes no notice away */
    EXPECT(in.same_n == 1 && in.change_n == 0);
    county_end(&w);
}

BOTH_ENGINES(every_fault_of_a_file_is_told_with_its_row_and_nothing_is_written)
{
    static const struct {
        int64_t row;
        const char *column, *key;
    } want[] = {{2, "date", "flow.bad_date"}, {2, "kind", "flow.bad_kind"},
                {2, "name", "flow.no_name"},  {3, "date", "flow.far_date"},
                {5, "date", "flow.day_twice"}, {6, "name", "flow.bad_name"}};
    County w;
    FlowImport in;
    county_begin_bare(&w, t);
    prepare(&w,
            S("date,kind,name\n2027-02-30,feast,\n1999-12-31,holiday,元旦\n2027-01-01,holiday,元旦\n"
              "2027-01-01,workday,元旦\n2027-01-02,holiday,元|旦\n"),
            &in);
    REQUIRE(in.fault_n == (int)LEN(want));
    for (size_t i = 0; i < LEN(want); i++) {
        EXPECT_EQ_I64(in.faults[i].row, want[i].row);
        EXPECT_STR(in.faults[i].column, want[i].column);
        EXPECT_STR(in.faults[i].key, want[i].key);
    }
    EXPECT_STR(in.faults[4].args[0], "4");
    CsvFacts facts;
    EXPECT_ERR(sheet_read_days(w.a, S("date,what,name\n2027-01-01,holiday,x\n"), &in, &facts, w.e),
               ERR_INVALID, w.e);
    EXPECT_ERR(sheet_read_days(w.a, S("date,kind\n2027-01-01,holiday\n"), &in, &facts, w.e),
               ERR_INVALID, w.e);
    EXPECT_ERR(sheet_read_days(w.a, S("date,kind,name\n"), &in, &facts, w.e), ERR_INVALID, w.e);
    county_end(&w);
}

BOTH_ENGINES(two_imports_planned_at_once_are_not_both_written)
{
    County w;
    FlowImport first, second;
    county_begin_bare(&w, t);
    prepare(&w, S("date,kind,name\n2027-01-01,holiday,元旦\n"), &first);
    prepare(&w, S("date,kind,name\n2027-01-01,workday,元旦\n"), &second);
    REQUIRE_OK(store_write(w.store, NULL, flow_apply_days, &first, w.e), w.e);
    EXPECT_ERR(store_write(w.store, NULL, flow_apply_days, &second, w.e), ERR_BUSY, w.e);
    county_end(&w);
}

BOTH_ENGINES(office_hours_are_a_setting_and_who_holds_a_calendar_keeps_it)
{
    County w;
    FlowSetOffice set;
    county_begin_bare(&w, t);
    REQUIRE_OK(flow_office_parse(S("123456 09:00-16:00"), &set.office, w.e), w.e);
    REQUIRE_OK(store_write(w.store, NULL, flow_apply_office, &set, w.e), w.e);
    const FlowCalendar *before = flow_calendar_hold(w.flow);
    Tx *tx = county_tx(&w);
    REQUIRE_OK(flow_refresh(w.flow, tx, w.e), w.e);
    tx_end(tx);
    const FlowCalendar *after = flow_calendar_hold(w.flow);
    EXPECT(before != after);
    EXPECT_STR(flow_office_text(w.a, flow_calendar_office(before)),
               "12345 08:30-12:00 14:00-17:30");
    EXPECT_STR(flow_office_text(w.a, flow_calendar_office(after)), "123456 09:00-16:00");
    EXPECT(!flow_is_workday(before, date("2026-11-21")));
    EXPECT(flow_is_workday(after, date("2026-11-21"))); /* a Saturday */
    flow_calendar_drop(w.flow, before);
    flow_calendar_drop(w.flow, after);
    county_end(&w);
}

/* ---- while others read ---- */

typedef struct Reading {
    County *w;
    Arena *a;
    int bad;
} Reading;

static void *read_on(void *arg)
{
    Reading *r = arg;
    Err e = err_on(r->a);
    Conn *conn;
    if (store_conn(r->w->store, &conn, &e) < 0)
        return r->bad++, NULL;
    for (int i = 0; i < 200; i++) {
        Tx *tx;
        if (tx_read(conn, &tx, &e) < 0 || flow_refresh(r->w->flow, tx, &e) < 0)
            r->bad++;
        const FlowCalendar *c = flow_calendar_hold(r->w->flow);
        Day day = date("2026-01-01") + i;
        int64_t n = flow_workdays_between(c, day, day + 60);
        Day there = flow_add_workdays(c, day, n);
        r->bad += there > day + 60 || flow_workdays_between(c, there, day + 60) != 0;
        flow_calendar_drop(r->w->flow, c);
        tx_end(tx);
    }
    conn_close(conn);
    return NULL;
}

BOTH_ENGINES(calendars_change_under_who_reads)
{
    County w;
    FlowImport in;
    pthread_t threads[3];
    Reading readings[3];
    county_begin_bare(&w, t);
    for (size_t i = 0; i < LEN(threads); i++) {
        readings[i] = (Reading){.w = &w, .a = arena_new(64 * 1024)};
        REQUIRE(pthread_create(&threads[i], NULL, read_on, &readings[i]) == 0);
    }
    for (int i = 0; i < 8; i++)
        import(&w,
               i % 2 ? S("date,kind,name\n2026-03-02,holiday,节\n2026-03-07,workday,节\n")
                     : S("date,kind,name\n2026-03-02,workday,节\n2026-03-07,holiday,节\n"),
               &in);
    for (size_t i = 0; i < LEN(threads); i++) {
        REQUIRE(pthread_join(threads[i], NULL) == 0);
        EXPECT_EQ_I64(readings[i].bad, 0);
        arena_free(readings[i].a);
    }
    EXPECT_EQ_I64(flow_calendar_number(w.calendar), 8);
    county_end(&w);
}

/* ---- expressions ---- */

BOTH_ENGINES(workdays_in_an_expression_are_those_of_the_calendar)
{
    County w;
    FlowImport in;
    const Expr *x;
    county_begin(&w, t);
    import(&w, embed_holidays_csv, &in);
    REQUIRE_OK(expr_parse(w.a, w.model, w.diary, NULL, S("day + 3 workdays"), &x, w.e), w.e);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "fs111");
    tx_end(tx);
    Value *values = NEW_N(w.a, Value, (size_t)w.diary->field_n);
    const Field *day = type_field(w.diary, S("day"));
    REQUIRE(day != NULL);
    values[day->ix] = (Value){.tag = VALUE_INT, .i = date("2026-02-13")};
    Subject s = {.type = w.diary, .values = values};
    ExprWorld at = {.subject = &s, .today = r.today, .me = r.person, .workdays = r.workdays};
    Value v;
    REQUIRE_OK(expr_eval(x, &at, &v, w.e), w.e);
    EXPECT_STR(day_text(w.a, (Day)v.i), "2026-02-25");
    at.workdays = NULL;
    REQUIRE_OK(expr_eval(x, &at, &v, w.e), w.e);
    EXPECT_STR(day_text(w.a, (Day)v.i), "2026-02-18");
    county_end(&w);
}
