/* test_sim.c: weeks of a small county under a clock that is set: people write, send twice and late,
 * act on what they owe, go on leave, leave their posts; units merge. After each day nothing is open
 * without an owner, every duty's instant is what a walk over the days gives, each is told at most
 * once and none is forgotten, figures and duties equal a recount, the chain is whole. The same seed
 * gives the same digest on both databases.       `make sim SEED=N DAYS=N`   SPEC: P4 P5 P11 P13 */
#include <stdlib.h>

#include "test_record_house_util.h"

enum { DAYS = 12, ITEMS = 4000 };

typedef struct Item { /* something somebody wrote, to be sent again */
    Uuid id;
    const char *account;
    const char *day;
    Str body;
} Item;

typedef struct Sim {
    County *w;
    uint64_t state;
    Item *items;
    int item_n;
    Uuid course;
    int written, acted, repeated, told;
    bool is_merged, is_away;
} Sim;

static uint64_t dice(Sim *s, uint64_t n)
{
    s->state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = s->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % n;
}

static const char *const villagers[] = {"fs111", "tm111", "fs112", "fs121"};

static Str today_text(Sim *s, int back)
{
    return day_text(s->w->a, env_today(s->w->env) - back);
}

static const char *text_of(Sim *s, Str text)
{
    char *p = arena_alloc(s->w->a, text.n + 1);
    memcpy(p, text.p, text.n);
    p[text.n] = 0;
    return p;
}

/* What may go wrong for a person: he is not there (any more), wrote that day already, ... */
static void expect_ordinary(int rc, const Err *e)
{
    bool is_ordinary = rc == 0 || rc == ERR_INVALID || rc == ERR_DENIED || rc == ERR_MISSING ||
                       rc == ERR_STATE || rc == ERR_EXISTS || rc == ERR_DIFFERS;
    if (!is_ordinary)
        test_note("class %d key %.*s", rc, STR_ARG(e->key));
    EXPECT(is_ordinary);
}

static int write_diary(Sim *s, const Item *it, Err *e)
{
    FieldInput fields[] = {TEXT("day", str_of(it->day)), TEXT("body", it->body)};
    return house_write(s->w, it->account, "diary", it->id, "create", "submit", 0, fields,
                       LEN(fields), e);
}

static void diary(Sim *s)
{
    Err e = err_on(s->w->a);
    Item it = {.id = county_new_id(s->w),
               .account = villagers[dice(s, LEN(villagers))],
               .day = text_of(s, today_text(s, (int)dice(s, 4))),
               .body = str_fmt(s->w->a, "走访了%d户，看了%d处水渠。", (int)dice(s, 9) + 1,
                               (int)dice(s, 5))};
    int rc = write_diary(s, &it, &e);
    expect_ordinary(rc, &e);
    s->written += rc == 0;
    if (rc == 0 && s->item_n < ITEMS)
        s->items[s->item_n++] = it;
}

/* A phone sends again what it was not sure had arrived; once with another text. */
static void send_again(Sim *s)
{
    if (!s->item_n)
        return;
    Err e = err_on(s->w->a);
    Item it = s->items[dice(s, (uint64_t)s->item_n)];
    int rc = write_diary(s, &it, &e);
    EXPECT(rc == ERR_EXISTS || rc == ERR_MISSING); /* missing: he holds no post today */
    e = err_on(s->w->a);
    it.body = S("另一段话。");
    rc = write_diary(s, &it, &e);
    EXPECT(rc == ERR_DIFFERS || rc == ERR_MISSING);
    s->repeated++;
}

static void issue(Sim *s)
{
    Err e = err_on(s->w->a);
    FieldInput fields[] = {TEXT("kind", dice(s, 2) ? S("difficulty") : S("wish")),
                           TEXT("title", S("东头的路灯不亮"))};
    int rc = house_write(s->w, villagers[dice(s, LEN(villagers))], "issue", county_new_id(s->w),
                         "create", "raise", 0, fields, LEN(fields), &e);
    expect_ordinary(rc, &e);
    s->written += rc == 0;
}

static void session(Sim *s)
{
    Err e = err_on(s->w->a);
    FieldInput fields[] = {TEXT("course", house_id(s->w, s->course)),
                           TEXT("day", today_text(s, 0)), TEXT("place", S("镇会议室"))};
    int rc = house_write(s->w, dice(s, 2) ? "town1" : "county", "session", county_new_id(s->w),
                         "create", NULL, 0, fields, LEN(fields), &e);
    expect_ordinary(rc, &e);
    s->written += rc == 0;
}

/* ---- doing what one owes ---- */

static void hold(Sim *s, const char *account, const FlowDuty *d)
{
    Err e = err_on(s->w->a);
    Uuid row = county_new_id(s->w);
    FieldInput line[] = {TEXT("person", house_person(s->w, "fs111")), TEXT("came", S("present"))};
    RowInput rows[] = {{.id = row, .fields = line, .field_n = LEN(line)}};
    FieldInput fields[] = {ROWS("attendance", rows, 1)};
    int rc = house_write(s->w, account, "session", d->record, "change", "hold", 0, fields, 1, &e);
    expect_ordinary(rc, &e);
    s->acted += rc == 0;
}

static void act(Sim *s, const char *account, const char *type, Uuid id, const char *action,
                const char *field, Str text)
{
    Err e = err_on(s->w->a);
    FieldInput fields[] = {{.name = str_of(field ? field : ""), .text = text}};
    int rc = house_write(s->w, account, type, id, action, NULL, 0, fields, field ? 1 : 0, &e);
    expect_ordinary(rc, &e);
    s->acted += rc == 0;
}

static void do_duty(Sim *s, const char *account, const FlowDuty *d)
{
    if (str_eq(d->name, S("record")))
        hold(s, account, d);
    else if (str_eq(d->name, S("review")) && dice(s, 4))
        act(s, account, "diary", d->record, "accept", NULL, STR_NONE);
    else if (str_eq(d->name, S("review")))
        act(s, account, "diary", d->record, "return", "remark", S("写清楚是哪几户"));
    else if (str_eq(d->name, S("mend")))
        act(s, account, "diary", d->record, "submit", NULL, STR_NONE);
    else if (str_eq(d->name, S("tell")))
        act(s, account, "issue", d->record, "tell", "told_day", today_text(s, 0));
    else if (str_eq(d->name, S("handle")) && dice(s, 2))
        act(s, account, "issue", d->record, "pass", "why_up", S("村里没有钱"));
    else if (str_starts(d->name, S("handle")))
        act(s, account, "issue", d->record, "solve", "answer", S("换了灯泡"));
}

static int owed(Sim *s, const char *account, FlowDuty **ret)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    int64_t *seats, postings[LIMIT_STANDS];
    int seat_n, n;
    REQUIRE_OK(access_answered_seats(w->a, tx, &r, &seats, &seat_n, w->e), w->e);
    for (int i = 0; i < r.stand_n; i++)
        postings[i] = r.stands[i].posting;
    REQUIRE_OK(flow_owed(w->a, tx, seats, seat_n, postings, r.stand_n, NULL, 6, ret, &n, w->e),
               w->e);
    tx_end(tx);
    return n;
}

static void work(Sim *s, const char *account)
{
    FlowDuty *list;
    int n = owed(s, account, &list);
    for (int i = 0; i < n; i++)
        if (dice(s, 3))
            do_duty(s, account, &list[i]);
}

/* ---- what happens to posts and units ---- */

static void leave_post(Sim *s)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "fs121"), county = county_reader(w, tx, "county");
    if (r.post_n && !s->is_away) {
        EndPosting end = {.posting = r.posts[0].posting, .ends = r.today, .model = w->model,
                          .tree = w->tree};
        REQUIRE_OK(access_prepare_end(w->access, w->a, tx, &county, &end, w->e), w->e);
        tx_end(tx);
        REQUIRE_OK(store_write(w->store, NULL, access_apply_end, &end, w->e), w->e);
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
                   .ends = r.today + 1 + (Day)dice(s, 3)};
    int rc = r.post_n ? access_prepare_deputise(w->access, w->a, tx, &r, &in, &e) : ERR_STATE;
    tx_end(tx);
    if (!rc)
        rc = store_write(w->store, NULL, access_apply_deputise, &in, &e);
    expect_ordinary(rc, &e);
}

static void refresh_tree(County *w)
{
    Tx *tx = county_tx(w);
    REQUIRE_OK(access_tree_refresh(w->access, tx, w->e), w->e);
    tx_end(tx);
    access_tree_drop(w->access, w->tree);
    w->tree = access_tree_hold(w->access);
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
    refresh_tree(w);
    s->is_merged = true;
}

/* ---- the day ---- */

static void tick(Sim *s)
{
    County *w = s->w;
    FlowTick t = {.calendar = w->calendar, .env = w->env, .has_more = true};
    while (t.has_more) {
        t.now_ms = env_now_ms(w->env);
        REQUIRE_OK(store_write(w->store, w->conn, flow_apply_tick, &t, w->e), w->e);
        s->told += t.late_n + t.reminded_n;
    }
}

static void print_finding(void *ctx, Str finding)
{
    (void)ctx; /* printed */
    test_note("%.*s", STR_ARG(finding));
}

/* Monday to Friday, by hand: what `counted` says is what a walk over the days gives. */
static void check_due(Sim *s, const FlowDuty *d)
{
    FlowCount k;
    if (d->due_ms == FLOW_NO_DUE)
        return;
    REQUIRE_OK(flow_count_parse(s->w->a, d->counted, &k, s->w->e), s->w->e);
    Day day = k.from;
    for (int64_t left = k.term.n; k.term.unit == FLOW_WORKDAYS && left > 0;)
        left -= day_weekday(++day) <= 5;
    if (k.term.unit == FLOW_WORKDAYS)
        EXPECT_EQ_I64(day, k.due);
    EXPECT_EQ_I64(d->due_ms, flow_close_of(s->w->calendar, k.due));
}

static void check_duties(Sim *s, bool has_ticked)
{
    County *w = s->w;
    Tx *tx = county_tx(w);
    FlowDuty *open;
    int n;
    REQUIRE_OK(flow_duties_open(w->a, tx, NULL, ITEMS, &open, &n, w->e), w->e);
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
}

static void live_day(Sim *s, int day, int days)
{
    static const char *const people[] = {"county", "town1", "town2", "fs111",
                                         "tm111",  "fs112", "fs121"};
    for (int i = 0; i < 3 + (int)dice(s, 5); i++) {
        diary(s);
        if (!dice(s, 3))
            issue(s);
        if (!dice(s, 4))
            send_again(s);
    }
    if (!dice(s, 2))
        session(s);
    for (size_t i = 0; i < LEN(people); i++)
        if (dice(s, 2))
            work(s, people[i]);
    if (!dice(s, 3))
        leave_post(s);
    if (!dice(s, 4))
        deputise(s);
    if (day == days / 2 && !s->is_merged)
        merge(s);
}

static void live(County *w, int days, uint8_t ret[SM3_BYTES])
{
    Sim s = {.w = w, .state = test_seed(), .items = NEW_N(w->a, Item, ITEMS),
             .course = county_new_id(w)};
    Err e = err_on(w->a);
    FieldInput course[] = {TEXT("title", S("惠农政策")), TEXT("line", S("policy"))};
    REQUIRE_OK(house_write(w, "county", "course", s.course, "create", NULL, 0, course, 2, &e), &e);
    const int64_t hour = 3600000, day_ms = 24 * hour;
    for (int d = 0; d < days; d++) {
        UnixMs now = env_now_ms(w->env), nine = (now / day_ms + 1) * day_ms + hour; /* 09:00 */
        env_test_move(w->env, nine - now);
        bool works = flow_is_open(w->calendar, nine);
        if (dice(&s, 7)) /* else the machine is off until the afternoon */
            tick(&s);
        live_day(&s, d, days);
        now = env_now_ms(w->env);
        env_test_move(w->env, nine + 7 * hour - now); /* 16:00 */
        tick(&s);
        check_day(&s, works);
        env_test_move(w->env, 6 * hour); /* in the night the clock runs and tells nobody */
        int told = s.told;
        tick(&s);
        EXPECT_EQ_I64(s.told, told);
    }
    Tx *tx = county_tx(w);
    REQUIRE_OK(record_digest(w->records, tx, w->tree, ret, w->e), w->e);
    tx_end(tx);
    test_note("seed %llu: %d days, %d written, %d acts, %d sent again, %d told",
              (unsigned long long)test_seed(), days, s.written, s.acted, s.repeated, s.told);
    EXPECT(s.written > days && s.acted > days && s.told > 0);
}

TEST_LONG(weeks_of_a_county_keep_what_must_hold_and_are_the_same_on_both_databases, 3000)
{
    static const Engine engines[] = {ENGINE_SQLITE, ENGINE_PG};
    const char *said = getenv("STAVE_SIM_DAYS");
    int days = said ? atoi(said) : DAYS;
    uint8_t digests[LEN(engines)][SM3_BYTES];
    for (size_t i = 0; i < LEN(engines); i++) {
        TestStore t;
        County w;
        test_store_begin(&t, engines[i]);
        county_begin(&w, &t);
        live(&w, days, digests[i]);
        county_end(&w);
        test_store_end(&t);
    }
    EXPECT(memcmp(digests[0], digests[1], SM3_BYTES) == 0);
}
