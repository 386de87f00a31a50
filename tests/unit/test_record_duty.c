/* test_record_duty.c: duties of records: who owes, until when, told once before and once late, done
 * with the act; nothing open is without an owner.      SPEC: P3 P4  DESIGN: Duties and the clock */
#include "test_record_util.h"

static FlowDuty open_duty(County *w, Uuid record, const char *name)
{
    Tx *tx = county_tx(w);
    FlowDuty *list, ret = {0};
    int n;
    REQUIRE_OK(flow_duties_of(w->a, tx, record, &list, &n, w->e), w->e);
    for (int i = 0; i < n; i++)
        if (!list[i].done_ms && str_eq(list[i].name, str_of(name)))
            ret = list[i];
    tx_end(tx);
    REQUIRE(str_has(ret.name));
    return ret;
}

static int owed_by(County *w, const char *account, FlowDuty **ret)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    int64_t *seats, postings[LIMIT_STANDS];
    int seat_n, n;
    REQUIRE_OK(access_answered_seats(w->a, tx, &r, &seats, &seat_n, w->e), w->e);
    for (int i = 0; i < r.stand_n; i++)
        postings[i] = r.stands[i].posting;
    REQUIRE_OK(flow_owed(w->a, tx, seats, seat_n, postings, r.stand_n, NULL, 20, ret, &n, w->e),
               w->e);
    int counted;
    REQUIRE_OK(flow_owed_count(tx, seats, seat_n, postings, r.stand_n, 1000, &counted, w->e), w->e);
    EXPECT_EQ_I64(counted, n);
    tx_end(tx);
    return n;
}

static FlowTick tick(County *w)
{
    FlowTick t = {.now_ms = env_now_ms(w->env), .calendar = w->calendar, .env = w->env};
    REQUIRE_OK(store_write(w->store, w->conn, flow_apply_tick, &t, w->e), w->e);
    return t;
}

static int told(County *w, const char *account, const char *what)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    int64_t *seats, postings[LIMIT_STANDS];
    int seat_n, n, found = 0;
    FlowNotice *list;
    REQUIRE_OK(access_answered_seats(w->a, tx, &r, &seats, &seat_n, w->e), w->e);
    for (int i = 0; i < r.stand_n; i++)
        postings[i] = r.stands[i].posting;
    FlowWhose whose = {.seats = seats,
                       .seat_n = seat_n,
                       .postings = postings,
                       .posting_n = r.stand_n,
                       .me = r.person,
                       .account = r.account};
    REQUIRE_OK(flow_notices(w->a, tx, &whose, 0, NULL, LIMIT_NOTICES, &list, &n, w->e), w->e);
    for (int i = 0; i < n; i++)
        found += str_eq(list[i].what, str_of(what));
    tx_end(tx);
    return found;
}

static void print_finding(void *ctx, Str finding)
{
    (void)ctx; /* printed */
    test_note("%.*s", STR_ARG(finding));
}

static int64_t duty_findings(County *w)
{
    Tx *tx = county_tx(w);
    int64_t n;
    REQUIRE_OK(
        record_verify_duties(w->records, tx, w->tree, LANG_ZH, print_finding, NULL, &n, w->e),
        w->e);
    tx_end(tx);
    return n;
}

static void move_days(County *w, int days)
{
    env_test_move(w->env, (int64_t)days * 86400000);
}

BOTH_ENGINES(a_sent_diary_is_owed_by_the_town_and_a_returned_one_by_its_author)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "今天走访了几户人家。", "submit");
    FlowDuty d = open_duty(&w, id, "review"), *list;
    EXPECT_EQ_I64(d.posting, 0);
    /* Friday: seven working days are the Tuesday after next, to the close of office. */
    Day due;
    REQUIRE(day_parse(S("2026-12-01"), &due));
    EXPECT_EQ_I64(d.due_ms, flow_close_of(w.calendar, due));
    FlowCount count;
    REQUIRE_OK(flow_count_parse(w.a, d.counted, &count, w.e), w.e);
    EXPECT_EQ_I64(count.due, due);
    EXPECT_EQ_I64(owed_by(&w, "town1", &list), 1);
    EXPECT(uuid_eq(list[0].record, id));
    EXPECT_EQ_I64(owed_by(&w, "town2", &list), 0);
    EXPECT_EQ_I64(owed_by(&w, "fs111", &list), 0);
    Err e = err_on(w.a);
    const char *remark[] = {"remark", "> 几户\n写清楚是哪几户"};
    REQUIRE_OK(county_write(&w, "town1", id, "return", NULL, 0, remark, 1, &e), &e);
    EXPECT_EQ_I64(owed_by(&w, "town1", &list), 0);
    EXPECT_EQ_I64(owed_by(&w, "fs111", &list), 1);
    EXPECT_STR(list[0].name, "mend");
    EXPECT(list[0].posting != 0);
    EXPECT_EQ_I64(owed_by(&w, "tm111", &list), 0); /* not his diary */
    EXPECT_EQ_I64(duty_findings(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(peers_11_a_reminder_comes_once_before_and_once_late_in_working_hours)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "修了水渠的闸门。", "submit");
    FlowTick x = tick(&w); /* seven working days ahead: nobody is told */
    EXPECT_EQ_I64(x.reminded_n + x.late_n, 0);
    move_days(&w, 10); /* Monday the 30th: due at the close of tomorrow */
    for (int i = 0; i < 3; i++)
        x = tick(&w);
    EXPECT_EQ_I64(told(&w, "town1", "remind"), 1);
    EXPECT_EQ_I64(told(&w, "fs111", "remind"), 0);
    env_test_move(w.env, 12 * 3600000LL); /* in the night nobody is told */
    move_days(&w, 1);
    x = tick(&w);
    EXPECT_EQ_I64(x.late_n, 0);
    move_days(&w, 6); /* the clock stood still for a week */
    env_test_move(w.env, 12 * 3600000LL);
    for (int i = 0; i < 3; i++)
        x = tick(&w);
    EXPECT_EQ_I64(told(&w, "town1", "late"), 1);
    EXPECT_EQ_I64(told(&w, "county", "escalated"), 1);
    EXPECT_EQ_I64(told(&w, "town1", "remind"), 1);
    FlowDuty d = open_duty(&w, id, "review"), *list;
    EXPECT(d.late_ms > d.due_ms);
    Err e = err_on(w.a);
    REQUIRE_OK(county_write(&w, "town1", id, "accept", NULL, 0, NULL, 0, &e), &e);
    EXPECT_EQ_I64(owed_by(&w, "town1", &list), 0);
    EXPECT_EQ_I64(tick(&w).late_n, 0);
    EXPECT_EQ_I64(duty_findings(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(an_empty_seat_owes_through_what_it_falls_to)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs121", "2026-11-20", "看了大棚。", "submit"); /* of town 2 */
    FlowDuty *list;
    EXPECT_EQ_I64(owed_by(&w, "town2", &list), 1);
    EXPECT_EQ_I64(owed_by(&w, "county", &list), 0);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "town2"), county = county_reader(&w, tx, "county");
    EndPosting end = {
        .posting = r.posts[0].posting, .ends = county.today, .model = w.model, .tree = w.tree};
    REQUIRE_OK(access_prepare_end(w.access, w.a, tx, &county, &end, w.e), w.e);
    tx_end(tx);
    REQUIRE_OK(store_write(w.store, w.conn, access_apply_end, &end, w.e), w.e);
    EXPECT_EQ_I64(owed_by(&w, "county", &list), 0); /* he is there until tonight */
    move_days(&w, 1);
    EXPECT_EQ_I64(owed_by(&w, "county", &list), 1);
    EXPECT(uuid_eq(list[0].record, id));
    county_end(&w);
}

BOTH_ENGINES(a_taken_duty_shows_who_is_at_it_and_a_stopped_clock_goes_on_with_what_was_left)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "开了村民会。", "submit");
    FlowDuty d = open_duty(&w, id, "review");
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "town1");
    tx_end(tx);
    FlowTake take = {.duty = d.id, .person = r.person, .now_ms = env_now_ms(w.env)};
    REQUIRE_OK(store_write(w.store, w.conn, flow_apply_take, &take, w.e), w.e);
    EXPECT(uuid_eq(open_duty(&w, id, "review").taken_by, r.person));
    take.lets_go = true;
    REQUIRE_OK(store_write(w.store, w.conn, flow_apply_take, &take, w.e), w.e);
    EXPECT(uuid_is_zero(open_duty(&w, id, "review").taken_by));

    FlowStop stop = {.duty = d.id, .now_ms = env_now_ms(w.env), .calendar = w.calendar};
    REQUIRE_OK(store_write(w.store, w.conn, flow_apply_stop, &stop, w.e), w.e);
    move_days(&w, 14); /* past the day it was due: it stands still */
    EXPECT_EQ_I64(tick(&w).late_n, 0);
    stop.goes_on = true;
    stop.now_ms = env_now_ms(w.env);
    REQUIRE_OK(store_write(w.store, w.conn, flow_apply_stop, &stop, w.e), w.e);
    FlowDuty on = open_duty(&w, id, "review");
    int64_t left = flow_left_min(w.calendar, stop.now_ms - 14 * 86400000LL, d.due_ms);
    EXPECT_EQ_I64(flow_left_min(w.calendar, stop.now_ms, on.due_ms), left);
    EXPECT(on.due_ms > d.due_ms);
    Err e = err_on(w.a);
    /* it runs */
    EXPECT_EQ_I64(store_write(w.store, w.conn, flow_apply_stop, &stop, &e), ERR_STATE);
    county_end(&w);
}

static int apply_step(Tx *tx, void *step, Err *e)
{
    return flow_apply(tx, step, 1, e);
}

BOTH_ENGINES(a_later_notice_says_which_open_duties_it_moves)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "检查了机井。", "submit");
    FlowDuty d = open_duty(&w, id, "review");
    static const FlowRow rows[] = {{.day = S("2026-11-25"),
                                    .kind = S("holiday"),
                                    .name = S("放假"),
                                    .notice = S("试"),
                                    .row = 2}};
    FlowImport in = {.rows = rows, .row_n = 1};
    Tx *tx = county_tx(&w);
    REQUIRE_OK(flow_prepare_days(w.a, tx, &in, w.e), w.e);
    EXPECT_EQ_I64(in.fault_n, 0);
    FlowShift *list;
    int n;
    REQUIRE_OK(flow_shifts(w.a, tx, in.now, 100, &list, &n, w.e), w.e);
    tx_end(tx);
    REQUIRE(n == 1);
    EXPECT(uuid_eq(list[0].duty.id, d.id));
    Day later;
    REQUIRE(day_parse(S("2026-12-02"), &later));
    EXPECT_EQ_I64(list[0].due_ms, flow_close_of(w.calendar, later));
    FlowStep step = {.what = FLOW_SHIFT,
                     .record = id,
                     .name = d.name,
                     .due_ms = list[0].due_ms,
                     .counted = list[0].counted};
    REQUIRE_OK(store_write(w.store, w.conn, apply_step, &step, w.e), w.e);
    EXPECT_EQ_I64(open_duty(&w, id, "review").due_ms, list[0].due_ms);
    county_end(&w);
}

/* ---- complaints of users of other programs: PEERS.md, section 3 ---- */

static int64_t ask(County *w, const char *sql)
{
    Tx *tx = county_tx(w);
    int64_t n;
    REQUIRE_OK(tx_ask_i64(tx, str_of(sql), &n, w->e), w->e);
    tx_end(tx);
    return n;
}

static int64_t figure(County *w, const char *name)
{
    const Figure *f = model_figure(w->model, str_of(name));
    REQUIRE(f);
    FigPeriod ever = {.from = DAY_NONE, .to = env_today(w->env)};
    FigValue v;
    Tx *tx = county_tx(w);
    REQUIRE_OK(figure_read(tx, f, w->tree->units[0].id, ever, &v, w->e), w->e);
    tx_end(tx);
    return v.n;
}

/* On the version the phone saw, so that what arrives twice is known as such; 0: a new one. */
static int write(County *w, const char *account, const char *type, Uuid id, const char *action,
                 const char *then, int64_t version, const FieldInput *fields, int n)
{
    Change *c = NULL;
    const Type *of = model_type(w->model, str_of(type));
    Err e = err_on(w->a);
    Tx *tx = county_tx(w);
    Reader *r = NEW(w->a, Reader);
    *r = county_reader(w, tx, account);
    RecordInput in = {.type = of,
                      .id = id,
                      .unit_ix = -1,
                      .if_version = version,
                      .fields = fields,
                      .field_n = n,
                      .action = type_action(of, str_of(action)),
                      .then = then ? type_action(of, str_of(then)) : NULL};
    int rc = record_prepare(w->records, w->a, tx, r, &in, &c, &e);
    tx_end(tx);
    return rc < 0 ? rc : store_write(w->store, NULL, record_apply, c, &e);
}

BOTH_ENGINES(peers_4_what_is_sent_again_is_owed_once_counted_once_and_told_once)
{
    static const char *const tables[] = {"SELECT count(*) FROM record", "SELECT count(*) FROM duty",
                                         "SELECT count(*) FROM history",
                                         "SELECT count(*) FROM notice"};
    County w;
    county_begin(&w, t);
    FieldInput fields[] = {{.name = S("kind"), .text = S("wish")},
                           {.name = S("title"), .text = S("桥头缺一盏灯")}};
    FieldInput why[] = {{.name = S("why_up"), .text = S("村里没有这笔钱")}};
    int64_t before = figure(&w, "open_issues"), rows[LEN(tables)];
    Uuid id = county_new_id(&w);
    EXPECT_EQ_I64(write(&w, "fs111", "issue", id, "create", "raise", 0, fields, 2), 0);
    EXPECT_EQ_I64(write(&w, "fs111", "issue", id, "pass", NULL, 2, why, 1), 0);
    for (size_t i = 0; i < LEN(tables); i++)
        rows[i] = ask(&w, tables[i]);
    for (int i = 0; i < 5; i++) { /* late too: the phone was in a drawer over the weekend */
        EXPECT_EQ_I64(write(&w, "fs111", "issue", id, "create", "raise", 0, fields, 2), ERR_EXISTS);
        EXPECT_EQ_I64(write(&w, "fs111", "issue", id, "pass", NULL, 2, why, 1), ERR_EXISTS);
        move_days(&w, 1);
    }
    for (size_t i = 0; i < LEN(tables); i++)
        EXPECT_EQ_I64(ask(&w, tables[i]), rows[i]);
    EXPECT_EQ_I64(figure(&w, "open_issues"), before + 1);
    FlowDuty *list;
    EXPECT_EQ_I64(owed_by(&w, "town1", &list), 1);
    EXPECT_EQ_I64(owed_by(&w, "fs111", &list), 0);
    move_days(&w, 16);
    for (int i = 0; i < 3; i++) /* and a clock that runs again tells nothing again */
        EXPECT_EQ_I64(tick(&w).late_n, i == 0);
    EXPECT_EQ_I64(told(&w, "town1", "late"), 1);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

static void take_days(County *w, const FlowRow *rows, int n)
{
    FlowImport in = {.rows = rows, .row_n = n};
    RecordDays with = {.rs = w->records, .days = &in};
    Tx *tx = county_tx(w);
    REQUIRE_OK(flow_prepare_days(w->a, tx, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, w->conn, record_apply_days, &with, w->e), w->e);
    county_look(w);
}

static void set_clock(County *w, const char *day, int hour, int minute) /* in China */
{
    Day d;
    REQUIRE(day_parse(str_of(day), &d));
    int64_t at = ((int64_t)d * 24 + hour - 8) * 3600000 + (int64_t)minute * 60000;
    REQUIRE(at >= env_now_ms(w->env));
    env_test_move(w->env, at - env_now_ms(w->env));
}

BOTH_ENGINES(peers_12_nobody_is_told_at_night_on_a_holiday_or_after_he_answered)
{
    static const FlowRow days[] = {{S("2026-12-03"), S("holiday"), S("放假"), S("试"), 2},
                                   {S("2026-12-05"), S("workday"), S("补班"), S("试"), 3}};
    static const struct {
        const char *day;
        int hour, minute;
    } closed[] = {{"2026-12-01", 17, 30}, /* both are late from here on; the office is closed */
                  {"2026-12-02", 0, 0},   {"2026-12-02", 8, 29},
                  {"2026-12-02", 12, 0}, /* it was told in the morning: below */
                  {"2026-12-03", 10, 0}, /* a Thursday, off */
                  {"2026-12-06", 10, 0}};
    County w;
    county_begin(&w, t);
    take_days(&w, days, LEN(days));
    /* Friday: seven working days are the Tuesday after next */
    Uuid answered = county_diary(&w, "fs111", "2026-11-19", "清了一段渠。", "submit");
    Uuid waiting = county_diary(&w, "fs111", "2026-11-20", "看了机井。", "submit");
    Uuid later = county_diary(&w, "fs112", "2026-11-20", "开了小组会。", "submit");
    set_clock(&w, "2026-11-30", 9, 0);
    EXPECT_EQ_I64(tick(&w).reminded_n, 3);
    set_clock(&w, "2026-12-01", 17, 0); /* half an hour before the close of its last day */
    Err e = err_on(w.a);
    REQUIRE_OK(county_write(&w, "town1", answered, "accept", NULL, 0, NULL, 0, &e), &e);
    for (size_t i = 0; i < 3; i++) {
        set_clock(&w, closed[i].day, closed[i].hour, closed[i].minute);
        EXPECT_EQ_I64(tick(&w).late_n, 0);
    }
    EXPECT_EQ_I64(told(&w, "town1", "late"), 0);
    set_clock(&w, "2026-12-02", 8,
              30); /* the office opens: two are late, the answered one is not */
    EXPECT_EQ_I64(tick(&w).late_n, 2);
    EXPECT_EQ_I64(told(&w, "town1", "late"), 2);
    EXPECT_EQ_I64(told(&w, "county", "escalated"), 2);
    REQUIRE_OK(county_write(&w, "town1", waiting, "accept", NULL, 0, NULL, 0, &e), &e);
    REQUIRE_OK(county_write(&w, "town1", later, "accept", NULL, 0, NULL, 0, &e), &e);
    for (size_t i = 3; i < LEN(closed); i++) {
        set_clock(&w, closed[i].day, closed[i].hour, closed[i].minute);
        FlowTick x = tick(&w);
        EXPECT_EQ_I64(x.late_n + x.reminded_n, 0);
    }
    set_clock(&w, "2026-12-07", 9, 0);
    EXPECT_EQ_I64(tick(&w).late_n, 0);
    EXPECT_EQ_I64(told(&w, "town1", "late"), 2);
    EXPECT_EQ_I64(told(&w, "county", "escalated"), 2);
    county_end(&w);
}

/* A made-up Saturday is a day of work like others: on it people are told; on a weekday off not. */
BOTH_ENGINES(peers_12_a_made_up_saturday_is_told_on_and_a_weekday_off_is_not)
{
    static const FlowRow days[] = {{S("2026-12-02"), S("holiday"), S("放假"), S("试"), 2},
                                   {S("2026-12-03"), S("holiday"), S("放假"), S("试"), 3},
                                   {S("2026-12-04"), S("holiday"), S("放假"), S("试"), 4},
                                   {S("2026-12-05"), S("workday"), S("补班"), S("试"), 5}};
    County w;
    county_begin(&w, t);
    take_days(&w, days, LEN(days));
    county_diary(&w, "fs111", "2026-11-20", "看了机井。", "submit"); /* due on 1 December */
    set_clock(&w, "2026-12-01", 16, 0);
    tick(&w);
    static const char *const off[] = {"2026-12-02", "2026-12-03", "2026-12-04"};
    for (size_t i = 0; i < LEN(off); i++) {
        set_clock(&w, off[i], 10, 0);
        EXPECT_EQ_I64(tick(&w).late_n, 0);
    }
    set_clock(&w, "2026-12-05", 10, 0);
    EXPECT_EQ_I64(tick(&w).late_n, 1);
    EXPECT_EQ_I64(told(&w, "town1", "late"), 1);
    county_end(&w);
}

BOTH_ENGINES(peers_13_the_clock_stands_still_while_we_wait_for_the_other_side)
{
    County w;
    county_begin(&w, t);
    /* Returned: the town waits for the author and owes nothing, however long he takes. */
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "今天走访了几户人家。", "submit");
    Err e = err_on(w.a);
    const char *remark[] = {"remark", "写清楚是哪几户"};
    const char *mended[] = {"body", "今天走访了东头三户人家。"};
    FlowDuty *list;
    set_clock(&w, "2026-12-01", 17, 0);
    REQUIRE_OK(county_write(&w, "town1", id, "return", NULL, 0, remark, 1, &e), &e);
    set_clock(&w, "2026-12-21", 10, 0);
    tick(&w);
    EXPECT_EQ_I64(told(&w, "town1", "late"), 0);
    EXPECT_EQ_I64(told(&w, "fs111", "late"), 1); /* it is he who is waited for */
    REQUIRE_OK(county_write(&w, "fs111", id, "change", "submit", 0, mended, 1, &e), &e);
    REQUIRE(owed_by(&w, "town1", &list) == 1);
    Day due;
    REQUIRE(day_parse(S("2026-12-30"), &due)); /* seven working days anew */
    EXPECT_EQ_I64(list[0].due_ms, flow_close_of(w.calendar, due));
    /* Stopped: three working days were left, so many are left after weeks; nobody is told. */
    set_clock(&w, "2026-12-25", 17, 30);
    FlowStop stop = {.duty = list[0].id, .now_ms = env_now_ms(w.env), .calendar = w.calendar};
    RecordStop with = {.rs = w.records, .stop = &stop};
    REQUIRE_OK(store_write(w.store, w.conn, record_apply_stop, &with, w.e), w.e);
    set_clock(&w, "2027-02-01", 10, 0);
    FlowTick x = tick(&w);
    EXPECT_EQ_I64(x.late_n + x.reminded_n, 0);
    set_clock(&w, "2027-02-05", 17, 30); /* a Friday evening */
    stop.goes_on = true;
    stop.now_ms = env_now_ms(w.env);
    REQUIRE_OK(store_write(w.store, w.conn, record_apply_stop, &with, w.e), w.e);
    REQUIRE(day_parse(S("2027-02-10"), &due));
    EXPECT_EQ_I64(open_duty(&w, id, "review").due_ms, flow_close_of(w.calendar, due));
    EXPECT_EQ_I64(told(&w, "town1", "late"), 0);
    EXPECT_EQ_I64(duty_findings(&w), 0);
    county_end(&w);
}
