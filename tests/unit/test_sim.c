/* test_sim.c: weeks of a small county under a clock that is set: people write, send twice and
 * late, act on what they owe, go on leave, leave their posts; units merge, a notice of holidays
 * comes, the machine is off for days, a node is killed in the middle of writing; on PostgreSQL two
 * nodes take turns and act at once. After each day nothing open is without an owner, every duty's
 * instant is what a walk over the days gives, each is told once and none is forgotten, figures and
 * duties equal a recount, the chain is whole. The same seed gives the same digest on both
 * databases.                             `make sim SEED=N DAYS=N`   SPEC: P4 P5 P8 P11 P13 */
#include "test_sim_util.h"

enum { DAYS = 12 };

/* ---- what is drawn ---- */

uint64_t sim_dice(Sim *s, uint64_t n)
{
    s->state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = s->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % n;
}

Uuid sim_new_id(Sim *s)
{
    env_test_move(s->t->env, 1);
    UnixMs now = env_now_ms(s->t->env);
    Uuid u;
    for (int i = 0; i < 6; i++)
        u.b[i] = (uint8_t)(now >> (40 - 8 * i));
    for (size_t i = 6; i < sizeof u.b; i++)
        u.b[i] = (uint8_t)sim_dice(s, 256);
    u.b[6] = 0x70 | (u.b[6] & 0x0f);
    u.b[8] = 0x80 | (u.b[8] & 0x3f);
    return u;
}

Str sim_day(Sim *s, int back)
{
    return day_text(s->t->arena, env_today(s->t->env) - back);
}

const char *sim_text(Sim *s, Str text)
{
    return str_z(s->t->arena, text);
}

const char *sim_villager(Sim *s)
{
    static const char *const list[] = {"fs111", "tm111", "fs112", "fs121"};
    return list[sim_dice(s, LEN(list))];
}

void sim_expect_ordinary(int rc, const Err *e)
{
    bool is_ordinary = rc == 0 || rc == ERR_INVALID || rc == ERR_DENIED || rc == ERR_MISSING ||
                       rc == ERR_STATE || rc == ERR_EXISTS || rc == ERR_DIFFERS;
    if (!is_ordinary)
        test_note("class %d key %.*s", rc, STR_ARG(e->key));
    EXPECT(is_ordinary);
}

int sim_send(County *w, const Item *it, Err *e)
{
    FieldInput diary[] = {TEXT("day", str_of(it->day ? it->day : "")), TEXT("body", it->body)};
    FieldInput issue[] = {TEXT("kind", S("wish")), TEXT("title", it->body)};
    bool is_diary = it->day != NULL;
    return house_write(w, it->account, is_diary ? "diary" : "issue", it->id, "create",
                       is_diary ? "submit" : "raise", 0, is_diary ? diary : issue, 2, e);
}

int64_t sim_ask(County *w, const char *sql)
{
    int64_t n;
    Tx *tx = county_tx(w);
    REQUIRE_OK(tx_ask_i64(tx, str_of(sql), &n, w->e), w->e);
    tx_end(tx);
    return n;
}

/* ---- what people write ---- */

static void diary(Sim *s)
{
    Err e = err_on(s->w->a);
    Item it = {.id = sim_new_id(s),
               .account = sim_villager(s),
               .day = sim_text(s, sim_day(s, (int)sim_dice(s, 4)))};
    it.body = str_fmt(s->t->arena, "走访了%d户，看了%d处水渠。", (int)sim_dice(s, 9) + 1,
                      (int)sim_dice(s, 5));
    int rc = sim_send(s->w, &it, &e);
    sim_expect_ordinary(rc, &e);
    s->written += rc == 0;
    if (rc == 0 && s->item_n < SIM_ITEMS)
        s->items[s->item_n++] = it;
}

/* A phone sends again what it was not sure had arrived; once with another text. */
static void send_again(Sim *s)
{
    if (!s->item_n)
        return;
    Err e = err_on(s->w->a);
    Item it = s->items[sim_dice(s, (uint64_t)s->item_n)];
    int rc = sim_send(s->w, &it, &e);
    EXPECT(rc == ERR_EXISTS || rc == ERR_MISSING); /* missing: he holds no post today */
    e = err_on(s->w->a);
    it.body = S("另一段话。");
    rc = sim_send(s->w, &it, &e);
    EXPECT(rc == ERR_DIFFERS || rc == ERR_MISSING);
    s->repeated++;
}

static void issue(Sim *s)
{
    Err e = err_on(s->w->a);
    Item it = {.id = sim_new_id(s), .account = sim_villager(s), .body = S("东头的路灯不亮")};
    int rc = sim_send(s->w, &it, &e);
    sim_expect_ordinary(rc, &e);
    s->written += rc == 0;
}

static void session(Sim *s)
{
    Err e = err_on(s->w->a);
    FieldInput fields[] = {TEXT("course", house_id(s->w, s->course)), TEXT("day", sim_day(s, 0)),
                           TEXT("place", S("镇会议室"))};
    int rc = house_write(s->w, sim_dice(s, 2) ? "town1" : "county", "session", sim_new_id(s),
                         "create", NULL, 0, fields, LEN(fields), &e);
    sim_expect_ordinary(rc, &e);
    s->written += rc == 0;
}

/* ---- doing what one owes ---- */

static void hold(Sim *s, const char *account, const FlowDuty *d)
{
    Err e = err_on(s->w->a);
    Uuid row = sim_new_id(s);
    FieldInput line[] = {TEXT("person", house_person(s->w, "fs111")), TEXT("came", S("present"))};
    RowInput rows[] = {{.id = row, .fields = line, .field_n = LEN(line)}};
    FieldInput fields[] = {ROWS("attendance", rows, 1)};
    int rc = house_write(s->w, account, "session", d->record, "change", "hold", 0, fields, 1, &e);
    sim_expect_ordinary(rc, &e);
    s->acted += rc == 0;
}

static void act(Sim *s, const char *account, const char *type, Uuid id, const char *action,
                const char *field, Str text)
{
    Err e = err_on(s->w->a);
    FieldInput fields[] = {{.name = str_of(field ? field : ""), .text = text}};
    int rc = house_write(s->w, account, type, id, action, NULL, 0, fields, field ? 1 : 0, &e);
    sim_expect_ordinary(rc, &e);
    s->acted += rc == 0;
}

static void do_duty(Sim *s, const char *account, const FlowDuty *d)
{
    if (str_eq(d->name, S("record")))
        hold(s, account, d);
    else if (str_eq(d->name, S("review")) && sim_dice(s, 4))
        act(s, account, "diary", d->record, "accept", NULL, STR_NONE);
    else if (str_eq(d->name, S("review")))
        act(s, account, "diary", d->record, "return", "remark", S("写清楚是哪几户"));
    else if (str_eq(d->name, S("mend")))
        act(s, account, "diary", d->record, "submit", NULL, STR_NONE);
    else if (str_eq(d->name, S("tell")))
        act(s, account, "issue", d->record, "tell", "told_day", sim_day(s, 0));
    else if (str_eq(d->name, S("handle")) && sim_dice(s, 2))
        act(s, account, "issue", d->record, "pass", "why_up", S("村里没有钱"));
    else if (str_starts(d->name, S("handle")))
        act(s, account, "issue", d->record, "solve", "answer", S("换了灯泡"));
}

static int by_due(const void *a, const void *b)
{
    const FlowDuty *x = a, *y = b;
    UnixMs x_due = x->due_ms == FLOW_NO_DUE ? INT64_MAX : x->due_ms;
    UnixMs y_due = y->due_ms == FLOW_NO_DUE ? INT64_MAX : y->due_ms;
    int record = uuid_cmp(x->record, y->record);
    return x_due != y_due ? (x_due < y_due ? -1 : 1) : record ? record : str_cmp(x->name, y->name);
}

int sim_owed(County *w, const char *account, FlowDuty **ret)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    int64_t *seats, postings[LIMIT_STANDS];
    int seat_n, n;
    REQUIRE_OK(access_answered_seats(w->a, tx, &r, &seats, &seat_n, w->e), w->e);
    for (int i = 0; i < r.stand_n; i++)
        postings[i] = r.stands[i].posting;
    REQUIRE_OK(flow_owed(w->a, tx, seats, seat_n, postings, r.stand_n, NULL, LIMIT_DUTIES_SHOWN,
                         ret, &n, w->e),
               w->e);
    tx_end(tx);
    qsort(*ret, (size_t)n, sizeof **ret, by_due); /* ids of duties are made as things come */
    return n;
}

static void work(Sim *s, const char *account)
{
    FlowDuty *list;
    int n = sim_owed(s->w, account, &list);
    for (int i = 0; i < n && i < 6; i++)
        if (sim_dice(s, 3))
            do_duty(s, account, &list[i]);
}

/* ---- what happens to posts and units ---- */

static void leave_post(Sim *s)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "fs121"), county = county_reader(w, tx, "county");
    if (r.post_n && !s->is_away) {
        EndPosting end = {
            .posting = r.posts[0].posting, .ends = r.today, .model = w->model, .tree = w->tree};
        REQUIRE_OK(access_prepare_end(w->access, w->a, tx, &county, &end, w->e), w->e);
        tx_end(tx);
        RecordEnd with = {.rs = w->records, .end = &end};
        REQUIRE_OK(store_write(w->store, NULL, record_apply_end, &with, w->e), w->e);
        s->is_away = true;
        return;
    }
    tx_end(tx);
    if (s->is_away && !r.post_n) {
        county_post(w, "fs121", "first_secretary", "121", DAY_NONE, DAY_NONE);
        s->is_away = false;
    }
}

static void deputise(Sim *s)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "fs111");
    Err e = err_on(w->a);
    Deputise in = {.posting = r.post_n ? r.posts[0].posting : 0,
                   .account = S("tm111"),
                   .starts = r.today,
                   .ends = r.today + 1 + (Day)sim_dice(s, 3)};
    int rc = r.post_n ? access_prepare_deputise(w->access, w->a, tx, &r, &in, &e) : ERR_STATE;
    tx_end(tx);
    if (!rc)
        rc = store_write(w->store, NULL, access_apply_deputise, &in, &e);
    sim_expect_ordinary(rc, &e);
}

static void merge(Sim *s)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "county");
    Merge in = {.from_code = S("112"), .into_code = S("111"), .model = w->model, .tree = w->tree};
    REQUIRE_OK(access_prepare_merge(w->access, w->a, tx, &r, &in, w->e), w->e);
    tx_end(tx);
    RecordMerge with = {.rs = w->records, .merge = &in};
    REQUIRE_OK(store_write(w->store, NULL, record_apply_merge, &with, w->e), w->e);
    county_look(w);
    s->is_merged = true;
}

/* A notice comes: a weekday off and a weekend worked, both some days ahead. */
static void notice(Sim *s)
{
    County *w = s->w;
    Day today = env_today(s->t->env);
    s->off = s->on = today + 3;
    while (day_weekday(s->off) > 5)
        s->off++;
    while (day_weekday(s->on) <= 5)
        s->on++;
    EXPECT(!flow_listed(w->calendar, s->off) && !flow_listed(w->calendar, s->on));
    FlowRow rows[] = {{day_text(w->a, s->off), S("holiday"), S("放假"), S("试"), 2},
                      {day_text(w->a, s->on), S("workday"), S("补班"), S("试"), 3}};
    FlowImport in = {.rows = rows, .row_n = LEN(rows)};
    Tx *tx = county_tx(w);
    REQUIRE_OK(flow_prepare_days(w->a, tx, &in, w->e), w->e);
    FlowShift *said;
    int n;
    REQUIRE_OK(flow_shifts(w->a, tx, in.now, SIM_ITEMS, &said, &n, w->e), w->e);
    tx_end(tx);
    EXPECT_EQ_I64(in.fault_n, 0);
    RecordDays with = {.rs = w->records, .days = &in};
    REQUIRE_OK(store_write(w->store, w->conn, record_apply_days, &with, w->e), w->e);
    EXPECT_EQ_I64(in.moved_n, n); /* what was said beforehand */
    s->notice_ms = env_now_ms(s->t->env);
    county_look(w);
}

/* ---- the day ---- */

int sim_tick(County *w)
{
    FlowTick t = {.calendar = w->calendar, .env = w->env, .has_more = true};
    int told = 0, busy = 0;
    while (t.has_more) {
        RecordTick with = {.rs = w->records, .tree = w->tree, .tick = &t};
        Err e = err_on(w->a);
        t.now_ms = env_now_ms(w->env);
        int rc = store_write(w->store, w->conn, record_apply_tick, &with, &e);
        if (rc == ERR_BUSY && ++busy < SIM_TRIES) { /* the other node was at it */
            t.has_more = true;
            continue;
        }
        REQUIRE_OK(rc, &e);
        told += t.late_n + t.reminded_n;
    }
    return told;
}

static void print_finding(void *ctx, Str finding)
{
    (void)ctx; /* printed */
    test_note("%.*s", STR_ARG(finding));
}

static bool is_worked(const Sim *s, Day d)
{
    return d != s->off && (d == s->on || day_weekday(d) <= 5);
}

/* By hand: what `counted` says is what a walk over the days gives. */
static void check_due(Sim *s, const FlowDuty *d)
{
    FlowCount k;
    if (d->due_ms == FLOW_NO_DUE || (d->done_ms && d->done_ms <= s->notice_ms))
        return; /* done under the calendar of then */
    REQUIRE_OK(flow_count_parse(s->w->a, d->counted, &k, s->w->e), s->w->e);
    Day day = k.from;
    for (int64_t left = k.term.n; k.term.unit == FLOW_WORKDAYS && left > 0;)
        left -= is_worked(s, ++day);
    if (k.term.unit == FLOW_WORKDAYS)
        EXPECT_EQ_I64(day, k.due);
    EXPECT_EQ_I64(d->due_ms, flow_close_of(s->w->calendar, k.due));
}

/* What was told and what the duty says of it are one, and each is told once. */
static void check_told(Sim *s)
{
    static const char *const none[] = {
        "SELECT count(*) FROM duty d WHERE (d.late_ms IS NOT NULL) <> EXISTS (SELECT 1 FROM "
        "notice n WHERE n.about = d.id AND n.what = 'late' AND n.nth = d.due_ms)",
        "SELECT count(*) FROM duty d WHERE (d.reminded_ms IS NOT NULL) <> EXISTS (SELECT 1 FROM "
        "notice n WHERE n.about = d.id AND n.what = 'remind' AND n.nth = d.due_ms)",
        "SELECT count(*) FROM notice n JOIN duty d ON d.id = n.about "
        "WHERE n.what IN ('late', 'remind') AND (n.seat <> d.seat OR n.record <> d.record)",
        "SELECT count(*) FROM (SELECT 1 FROM notice n JOIN duty d ON d.id = n.about WHERE n.what "
        "IN ('late', 'remind', 'escalated') GROUP BY d.record, d.name, d.opened_ms, n.what, n.nth "
        "HAVING count(*) > 1) AS x",
        "SELECT count(*) FROM (SELECT 1 FROM history GROUP BY record, version, act "
        "HAVING count(*) > 1) AS x",
    };
    for (size_t i = 0; i < LEN(none); i++)
        if (!EXPECT_EQ_I64(sim_ask(s->w, none[i]), 0))
            test_note("%s", none[i]);
}

static void check_duties(Sim *s, bool has_ticked)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    FlowDuty *open;
    int n;
    REQUIRE_OK(flow_duties_open(w->a, tx, NULL, SIM_ITEMS, &open, &n, w->e), w->e);
    for (int i = 0; i < n; i++) {
        FlowDuty *all;
        int all_n;
        REQUIRE_OK(flow_duties_of(w->a, tx, open[i].record, &all, &all_n, w->e), w->e);
        for (int k = 0; k < all_n; k++) {
            const FlowDuty *d = &all[k];
            check_due(s, d);
            if (d->late_ms)
                EXPECT(d->late_ms > d->due_ms && flow_is_open(w->calendar, d->late_ms));
            if (!d->done_ms && has_ticked && d->due_ms != FLOW_NO_DUE)
                EXPECT((d->due_ms < env_now_ms(w->env)) == (d->late_ms != 0));
        }
    }
    tx_end(tx);
}

static void check_day(Sim *s, bool has_ticked)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    int64_t owners = 0, figures = 0, duties = 0;
    REQUIRE_OK(record_verify_owners(w->records, w->a, tx, w->tree, env_today(w->env), LANG_ZH,
                                    print_finding, NULL, &owners, w->e),
               w->e);
    REQUIRE_OK(record_verify_figures(w->records, tx, w->tree, LANG_ZH, print_finding, NULL,
                                     &figures, w->e),
               w->e);
    REQUIRE_OK(
        record_verify_duties(w->records, tx, w->tree, LANG_ZH, print_finding, NULL, &duties, w->e),
        w->e);
    tx_end(tx);
    EXPECT_EQ_I64(owners, 0);
    EXPECT_EQ_I64(figures, 0);
    EXPECT_EQ_I64(duties, 0);
    EXPECT_EQ_I64(county_verify(w), 0);
    check_duties(s, has_ticked);
    check_told(s);
}

static void live_day(Sim *s, int day, int days)
{
    static const char *const people[] = {"county", "town1", "town2", "fs111",
                                         "tm111",  "fs112", "fs121"};
    for (int i = 0; i < 3 + (int)sim_dice(s, 5); i++) {
        sim_turn(s);
        diary(s);
        if (!sim_dice(s, 3))
            issue(s);
        if (!sim_dice(s, 4))
            send_again(s);
    }
    if (!sim_dice(s, 2))
        session(s);
    for (size_t i = 0; i < LEN(people); i++) {
        sim_turn(s);
        if (sim_dice(s, 2))
            work(s, people[i]);
    }
    if (!sim_dice(s, 3))
        leave_post(s);
    sim_turn(s);
    if (!sim_dice(s, 4))
        deputise(s);
    if (day == days / 3)
        notice(s);
    sim_turn(s);
    if (day == days / 2 && !s->is_merged)
        merge(s);
    if (!sim_dice(s, 3))
        sim_both(s);
    sim_turn(s);
}

/* To the next 09:00; sometimes the machine was off for some days. */
static UnixMs next_nine(Sim *s)
{
    const int64_t hour = 3600000, day_ms = 24 * hour;
    UnixMs now = env_now_ms(s->t->env), nine = (now / day_ms + 1) * day_ms + hour;
    if (!sim_dice(s, 9))
        nine += (int64_t)sim_dice(s, 8) * day_ms;
    env_test_move(s->t->env, nine - now);
    return nine;
}

static void live(Sim *s, int days, uint8_t ret[SM3_BYTES])
{
    const int64_t hour = 3600000;
    Err e = err_on(s->t->arena);
    FieldInput course[] = {TEXT("title", S("惠农政策")), TEXT("line", S("policy"))};
    REQUIRE_OK(house_write(s->w, "county", "course", s->course, "create", NULL, 0, course, 2, &e),
               &e);
    for (int d = 0; d < days; d++) {
        UnixMs nine = next_nine(s);
        sim_turn(s);
        bool works = flow_is_open(s->w->calendar, nine);
        uint64_t morning = sim_dice(s, 7); /* 0: the machine is off until the afternoon */
        if (morning == 1 || d == 1)
            sim_crash(s);
        else if (morning)
            s->told += sim_tick(s->w);
        live_day(s, d, days);
        env_test_move(s->t->env, nine + 7 * hour - env_now_ms(s->t->env)); /* 16:00 */
        s->told += sim_tick(s->w);
        check_day(s, works);
        env_test_move(s->t->env, 6 * hour); /* in the night the clock runs and tells nobody */
        EXPECT_EQ_I64(sim_tick(s->w), 0);
    }
    Tx *tx = county_tx(s->w);
    REQUIRE_OK(record_digest(s->w->records, tx, s->w->tree, ret, s->w->e), s->w->e);
    tx_end(tx);
    test_note("seed %llu: %d days, %d written, %d acts, %d sent again, %d told",
              (unsigned long long)test_seed(), days, s->written, s->acted, s->repeated, s->told);
    test_note("%d kills: %d answered before, %d not, of which %d were there; %d days both nodes at "
              "once: %d letters to both, %d made by the second",
              s->crashes, s->heard, s->unheard, s->kept, s->meetings, s->raced, s->second);
    EXPECT(s->written > days && s->acted > days && s->told > 0);
    EXPECT(s->crashes > 0 && s->meetings > 0);
}

TEST_LONG(weeks_of_a_county_keep_what_must_hold_and_are_the_same_on_both_databases, 3000)
{
    static const Engine engines[] = {ENGINE_SQLITE, ENGINE_PG};
    const char *said = getenv("STAVE_SIM_DAYS");
    int days = said ? atoi(said) : DAYS;
    uint8_t digests[LEN(engines)][SM3_BYTES];
    for (size_t i = 0; i < LEN(engines); i++) {
        TestStore t;
        Sim s;
        test_store_begin(&t, engines[i]);
        sim_begin(&s, &t);
        live(&s, days, digests[i]);
        sim_end(&s);
        test_store_end(&t);
    }
    EXPECT(memcmp(digests[0], digests[1], SM3_BYTES) == 0);
}
