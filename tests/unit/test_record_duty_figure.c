/* test_record_duty_figure.c: figures of duties are their lists for every reader, whatever finishes,
 * stops, moves or voids; duties that begin with a posting; another week of office; what an
 * upgraded deployment is owed.                      SPEC: P4 P5 B2  DESIGN: Duties, Figures */
#include "test_record_house_util.h"

enum { MATTERS = 120 };

static const ModelSource sources[] = {
    {.path = S("base/matter.yaml"),
     .text =
         S("type: matter\n"
           "label: {zh: 事, en: Matter}\n"
           "at: village\n"
           "dated: day\n"
           "fields:\n"
           "  day: {is: date, label: {zh: 日, en: Day}, required: yes}\n"
           "states:\n"
           "  draft: {label: {zh: 草稿, en: Draft}, draft: yes, see: author}\n"
           "  open: {label: {zh: 在办, en: Open}, see: [author, first_secretary here, "
           "town_office, county_office]}\n"
           "  back: {label: {zh: 退回, en: Back}, see: [author, town_office, "
           "county_office]}\n"
           "  over: {label: {zh: 办结, en: Over}, end: done, see: [author, first_secretary here, "
           "town_office, county_office]}\n"
           "  off: {label: {zh: 作废, en: Off}, end: void, see: [author, town_office, "
           "county_office]}\n"
           "actions:\n"
           "  create: {label: {zh: 记, en: Write}, to: draft, "
           "by: [first_secretary here, team_member here]}\n"
           "  change: {label: {zh: 改, en: Edit}, from: [draft, open, back], "
           "by: [author, town_office]}\n"
           "  send: {label: {zh: 报, en: Send}, from: [draft, back], to: open, by: author}\n"
           "  give: {label: {zh: 退, en: Give back}, from: open, to: back, by: town_office}\n"
           "  redo: {label: {zh: 撤, en: Redo}, from: [open, back], to: draft, by: author}\n"
           "  close: {label: {zh: 办结, en: Close}, from: open, to: over, by: town_office}\n"
           "  drop: {label: {zh: 作废, en: Drop}, from: [draft, open, back, over], to: off, "
           "by: [author, town_office]}\n"
           "duties:\n"
           "  handle: {label: {zh: 办, en: Handle}, while: open, owed_by: town_office, "
           "within: 3 workdays}\n"
           "  mend: {label: {zh: 改好, en: Mend}, while: back, owed_by: author, "
           "due: day + 5 workdays}\n"
           "  visit: {label: {zh: 走访, en: Visit}, upon: posting first_secretary here, "
           "within: 10 workdays, met_by: call}\n"
           "figures:\n"
           "  handled: {share: duty handle in time / duty handle due}\n"
           "  mended: {share: duty mend in time / duty mend due}\n"
           "  visited: {share: duty visit in time / duty visit due}\n")},
    {.path = S("base/call.yaml"),
     .text = S("type: call\n"
               "label: {zh: 走访, en: Call}\n"
               "at: village\n"
               "fields:\n"
               "  matter: {is: link, to: matter, label: {zh: 事, en: Matter}, required: yes}\n"
               "states:\n"
               "  held: {label: {zh: 已访, en: Held}, end: done, see: [author, town_office]}\n"
               "actions:\n"
               "  create: {label: {zh: 记, en: Write}, to: held, by: first_secretary here}\n")},
};

typedef struct World {
    County w;
    const Type *type;
    Uuid ids[MATTERS];
    const char *authors[MATTERS];
    int n, done, refused;
} World;

static const char *const accounts[] = {"county", "town1", "town2", "fs111",
                                       "fs112",  "fs121", "tm111", "tm121"};

static int below(int n)
{
    return (int)test_below((uint64_t)n);
}

static void begin(World *x, TestStore *t)
{
    memset(x, 0, sizeof *x);
    county_begin_model(&x->w, t, sources, LEN(sources));
    county_post(&x->w, "tm121", "team_member", "121", DAY_NONE, DAY_NONE);
    x->type = model_type(x->w.model, S("matter"));
    REQUIRE(x->type);
}

static Day today(World *x)
{
    return day_of_ms(env_now_ms(x->w.env));
}

static void move_days(World *x, int days)
{
    env_test_move(x->w.env, (int64_t)days * 86400000);
}

static FlowTick tick(World *x)
{
    County *w = &x->w;
    FlowTick t = {.calendar = w->calendar, .env = w->env, .has_more = true};
    RecordTick with = {.rs = w->records, .tree = w->tree, .tick = &t};
    FlowTick all = {0};
    while (t.has_more) {
        t.now_ms = env_now_ms(w->env);
        REQUIRE_OK(store_write(w->store, w->conn, record_apply_tick, &with, w->e), w->e);
        all.late_n += t.late_n;
        all.reminded_n += t.reminded_n;
    }
    return all;
}

static void take_calendar(County *w)
{
    Tx *tx = county_tx(w);
    flow_calendar_drop(w->flow, w->calendar);
    REQUIRE_OK(flow_refresh(w->flow, tx, w->e), w->e);
    w->calendar = flow_calendar_hold(w->flow);
    tx_end(tx);
}

static void print_finding(void *ctx, Str finding)
{
    (void)ctx; /* printed */
    printf("# %.*s\n", STR_ARG(finding));
}

static void keep_silent(void *ctx, Str finding)
{
    (void)ctx; /* expected: counted alone */
    (void)finding;
}

static int64_t findings(World *x)
{
    County *w = &x->w;
    int64_t figures, duties;
    Tx *tx = county_tx(w);
    REQUIRE_OK(record_verify_figures(w->records, tx, w->tree, LANG_EN, print_finding, NULL,
                                     &figures, w->e),
               w->e);
    REQUIRE_OK(record_verify_duties(w->records, tx, w->tree, LANG_EN, print_finding, NULL, &duties,
                                    w->e),
               w->e);
    tx_end(tx);
    return figures + duties;
}

static int try_matter(World *x, const char *account, const char *then, Uuid *ret, Err *e)
{
    FieldInput fields[] = {TEXT("day", day_text(x->w.a, today(x)))};
    *ret = county_new_id(&x->w);
    int rc = house_write(&x->w, account, "matter", *ret, "create", then, 0, fields, 1, e);
    if (rc >= 0) {
        x->authors[x->n] = account;
        x->ids[x->n++] = *ret;
    }
    return rc;
}

static Uuid add_matter(World *x, const char *account, const char *then)
{
    Err e;
    Uuid id;
    REQUIRE_OK(try_matter(x, account, then, &id, &e), &e);
    return id;
}

static int act(World *x, const char *account, Uuid id, const char *action)
{
    Err e;
    return house_write(&x->w, account, "matter", id, action, NULL, 0, NULL, 0, &e);
}

static int call(World *x, const char *account, Uuid matter)
{
    Err e;
    FieldInput fields[] = {TEXT("matter", uuid_text(x->w.a, matter))};
    return house_write(&x->w, account, "call", county_new_id(&x->w), "create", NULL, 0, fields, 1,
                       &e);
}

static FlowDuty duty_of(World *x, Uuid record, const char *name, bool is_open)
{
    County *w = &x->w;
    Tx *tx = county_tx(w);
    FlowDuty *list, ret = {.name = STR_NONE};
    int n;
    REQUIRE_OK(flow_duties_all(w->a, tx, record, &list, &n, w->e), w->e);
    for (int i = 0; i < n; i++)
        if (str_eq(list[i].name, str_of(name)) && is_open == !list[i].done_ms)
            ret = list[i];
    tx_end(tx);
    return ret;
}

/* ---- number = list = going through it ---- */

typedef struct Look {
    World *x;
    Tx *tx;
    Reader reader;
    const Figure *figure;
    FigQuery q;
} Look;

static bool is_in(Look *l, const Record *rec)
{
    const Tree *t = l->reader.tree;
    const Unit *u = &t->units[l->q.unit_ix];
    return rec->unit_ix >= u->ix && rec->unit_ix < u->end_ix;
}

/* Without a cell, an index or a cursor; said over again in the test's own words. */
static int64_t naive(Look *l)
{
    World *x = l->x;
    const Figure *f = l->figure;
    int64_t sum = 0;
    for (int i = 0; i < x->n; i++) {
        Record *rec;
        FlowDuty *list;
        int n;
        Err e = err_on(x->w.a);
        if (record_get(x->w.records, x->w.a, l->tx, &l->reader, x->type, x->ids[i], &rec, NULL,
                       &e) < 0)
            continue;
        Str state = x->type->states[rec->state].name;
        if (!is_in(l, rec) || str_eq(state, S("draft")) || str_eq(state, S("off")))
            continue;
        REQUIRE_OK(flow_duties_all(x->w.a, l->tx, rec->id, &list, &n, &e), &e);
        for (int k = 0; k < n; k++) {
            const FlowDuty *d = &list[k];
            if (!str_eq(d->name, f->duty->name) || d->due_ms == FLOW_NO_DUE)
                continue;
            bool in_time = d->done_ms && d->done_ms <= d->due_ms;
            if ((!d->done_ms && !d->late_ms) || (str_ends(f->name, S(".over")) && !in_time))
                continue;
            Day day = day_of_ms(in_time ? d->done_ms : d->due_ms);
            sum += day <= l->q.period.to &&
                   (l->q.period.from == DAY_NONE || day >= l->q.period.from);
        }
    }
    return sum;
}

static int64_t walk(Look *l, int limit)
{
    World *x = l->x;
    int64_t sum = 0;
    Str after = STR_NONE;
    do {
        FigPage page;
        REQUIRE_OK(record_figure_list(x->w.records, x->w.a, l->tx, &l->reader, &l->q, limit, after,
                                      &page, x->w.e),
                   x->w.e);
        for (int i = 0; i < page.n; i++) {
            sum += page.items[i].share.n;
            EXPECT(page.items[i].duty && page.items[i].day <= l->q.period.to);
        }
        after = page.next;
    } while (str_has(after));
    return sum;
}

static void look_one(Look *l, int *whole, int *part)
{
    World *x = l->x;
    FigValue *values;
    FigSight sight;
    int n;
    REQUIRE_OK(record_figure(x->w.records, x->w.a, l->tx, &l->reader, &l->q, &values, &n, &sight,
                             x->w.e),
               x->w.e);
    int64_t listed = walk(l, 1 + below(7)), want = naive(l);
    if (sight == FIGURE_HIDDEN) {
        EXPECT_EQ_I64(n, 0);
        EXPECT_EQ_I64(listed, 0);
        return;
    }
    REQUIRE(n == 1);
    *whole += sight == FIGURE_WHOLE && want;
    *part += sight == FIGURE_PART && want;
    if (values[0].n != listed || values[0].n != want)
        test_fail(__FILE__, __LINE__, "%.*s of %.*s: number %lld, list %lld, all %lld",
                  STR_ARG(l->figure->name), STR_ARG(l->reader.account_name),
                  (long long)values[0].n, (long long)listed, (long long)want);
    FigValue parts[16];
    int64_t sum = 0;
    int wide = record_figure_wide(l->reader.tree, l->q.unit_ix);
    REQUIRE(wide < 16);
    REQUIRE_OK(record_figure_below(x->w.records, x->w.a, l->tx, &l->reader, &l->q, parts, x->w.e),
               x->w.e);
    for (int i = 0; i < wide; i++)
        sum += parts[i].n;
    if (l->reader.tree->units[l->q.unit_ix].depth < 2) /* matters are of villages */
        EXPECT_EQ_I64(sum, values[0].n);
}

static void look_all(World *x, int *whole, int *part)
{
    EXPECT_EQ_I64(findings(x), 0);
    for (size_t k = 0; k < LEN(accounts); k++) {
        Look l = {.x = x};
        if (k > 2 && below(2))
            continue;
        l.tx = county_tx(&x->w);
        l.reader = county_reader(&x->w, l.tx, accounts[k]);
        for (int i = 0; i < x->type->figure_n; i++) {
            l.figure = &x->type->figures[i];
            if (l.figure->kind == FIG_SHARE)
                continue;
            Day from = below(2) ? DAY_NONE : today(x) - below(40);
            l.q = (FigQuery){.figure = l.figure,
                             .unit_ix = below(3) ? 0 : below(l.reader.tree->unit_n),
                             .period = {from, below(2) ? today(x) : today(x) - below(9)}};
            if (from == DAY_NONE || from <= l.q.period.to)
                look_one(&l, whole, part);
        }
        tx_end(l.tx);
    }
}

static void throw_calendar(World *x)
{
    County *w = &x->w;
    FlowRow row = {.day = day_text(w->a, today(x) + 1 + below(4)),
                   .kind = below(2) ? S("holiday") : S("workday"),
                   .name = S("试"),
                   .notice = S("试"),
                   .row = 2};
    FlowImport in = {.rows = &row, .row_n = 1};
    RecordDays with = {.rs = w->records, .days = &in};
    Tx *tx = county_tx(w);
    REQUIRE_OK(flow_prepare_days(w->a, tx, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, w->conn, record_apply_days, &with, w->e), w->e);
    take_calendar(w);
}

static void throw_stop(World *x, Uuid id)
{
    County *w = &x->w;
    FlowDuty d = duty_of(x, id, below(2) ? "handle" : "visit", true);
    if (!str_has(d.name) || d.due_ms == FLOW_NO_DUE)
        return;
    FlowStop stop = {.duty = d.id, .now_ms = env_now_ms(w->env), .calendar = w->calendar,
                     .goes_on = d.stopped_ms != 0};
    RecordStop with = {.rs = w->records, .stop = &stop};
    REQUIRE_OK(store_write(w->store, w->conn, record_apply_stop, &with, w->e), w->e);
}

/* As an office fills a seat. */
static void post(World *x, const char *account, const char *role, const char *unit, Day starts,
                 Day ends)
{
    County *w = &x->w;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "county");
    Staff in = {.account = str_of(account), .name = str_of(account), .role = str_of(role),
                .unit_code = str_of(unit), .starts = starts, .ends = ends,
                .model = w->model, .tree = w->tree};
    REQUIRE_OK(access_prepare_staff(w->access, w->a, tx, &r, &in, w->e), w->e);
    tx_end(tx);
    RecordStaff with = {
        .rs = w->records, .tree = w->tree, .calendar = w->calendar, .staff = &in};
    REQUIRE_OK(store_write(w->store, w->conn, record_apply_staff, &with, w->e), w->e);
}

static void throw_one(World *x)
{
    static const char *const acts[] = {"send", "give", "redo", "close", "drop",
                                       "send", "give", "send", "close"};
    static const char *const authors[] = {"fs111", "fs112", "fs121", "tm111", "tm121"};
    if (x->n < MATTERS && !below(x->n < 20 ? 2 : 5)) {
        Err e;
        Uuid made;
        int made_rc = try_matter(x, authors[below(LEN(authors))], below(5) ? "send" : NULL, &made,
                                 &e);
        x->done += made_rc >= 0;
        x->refused += made_rc < 0; /* his village was merged */
        EXPECT(made_rc >= 0 || made_rc == ERR_DENIED || made_rc == ERR_MISSING);
        return;
    }
    if (!x->n)
        return;
    int at = below(x->n);
    Uuid id = x->ids[at];
    const char *author = x->authors[at], *who = accounts[1 + below(LEN(accounts) - 1)];
    if (below(3)) /* he or his town's office */
        who = below(2) ? author : strstr(author, "12") ? "town2" : "town1";
    if (!below(12)) {
        throw_stop(x, id);
        return;
    }
    int rc = !below(6) ? call(x, who, id) : act(x, who, id, acts[below(LEN(acts))]);
    x->done += rc >= 0;
    x->refused += rc < 0;
    EXPECT(rc >= 0 || rc == ERR_DENIED || rc == ERR_MISSING || rc == ERR_STATE ||
           rc == ERR_INVALID);
}

BOTH_ENGINES_LONG(peers_17_a_share_of_duties_in_time_is_its_list_for_every_reader, 240)
{
    static World x; /* large */
    int whole = 0, part = 0;
    begin(&x, t);
    bool is_pg = t->engine == ENGINE_PG;
    for (int round = 0; round < (is_pg ? 5 : 8); round++) {
        for (int i = 0; i < (is_pg ? 60 : 120); i++) {
            throw_one(&x);
            if (!below(12)) {
                move_days(&x, 1 + below(3));
                tick(&x);
            }
            if (!below(60))
                throw_calendar(&x);
        }
        if (round == 1)
            post(&x, "fs122", "first_secretary", "122", DAY_NONE, DAY_NONE);
        if (round == 2) /* visits begin; some are never made */
            post(&x, "fs111b", "first_secretary", "111", DAY_NONE, today(&x) + 25);
        if (round == 3)
            county_merge(&x.w, "112", "121");
        if (round == 4)
            post(&x, "fs121b", "first_secretary", "121", today(&x) + 2, DAY_NONE);
        look_all(&x, &whole, &part);
    }
    EXPECT(x.done > 60);
    EXPECT(whole > 5);
    EXPECT(part > 2);
    printf("# %d changes, %d refused, %d whole, %d part\n", x.done, x.refused, whole, part);
    county_end(&x.w);
}

static int recount(Tx *tx, void *arg, Err *e)
{
    World *x = arg;
    return record_recount(x->w.records, tx, x->w.tree, x->type, NULL, 0, e);
}

static int run_sql(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, str_of(arg), e);
}

BOTH_ENGINES(a_damaged_figure_of_duties_is_found_and_counting_anew_mends_it)
{
    static World x;
    begin(&x, t);
    Uuid id = add_matter(&x, "fs111", "send");
    REQUIRE(act(&x, "town1", id, "close") >= 0);
    EXPECT_EQ_I64(findings(&x), 0);
    REQUIRE_OK(store_write(x.w.store, NULL, run_sql, (void *)"UPDATE cell SET n = n + 1", x.w.e),
               x.w.e);
    EXPECT(findings(&x) > 0);
    REQUIRE_OK(store_write(x.w.store, NULL, recount, &x, x.w.e), x.w.e);
    EXPECT_EQ_I64(findings(&x), 0);
    county_end(&x.w);
}

/* ---- upon: posting ---- */

static int64_t number(World *x, const char *name)
{
    County *w = &x->w;
    Tx *tx = county_tx(w);
    FigValue v;
    const Figure *f = model_figure(w->model, str_of(name));
    REQUIRE(f);
    REQUIRE_OK(figure_read(tx, f, w->tree->units[0].id, (FigPeriod){DAY_NONE, today(x) + 400}, &v,
                           w->e),
               w->e);
    tx_end(tx);
    return v.n;
}

BOTH_ENGINES(a_posting_that_begins_owes_a_visit_to_every_open_record_of_its_seat_once)
{
    static World x;
    begin(&x, t);
    Uuid mine = add_matter(&x, "tm111", "send"), draft = add_matter(&x, "tm111", NULL);
    Uuid other = add_matter(&x, "fs112", "send"), over = add_matter(&x, "tm111", "send");
    REQUIRE(act(&x, "town1", over, "close") >= 0);
    EXPECT(!str_has(duty_of(&x, mine, "visit", true).name)); /* nobody began since it is there */
    post(&x, "new111", "first_secretary", "111", DAY_NONE, DAY_NONE);
    FlowDuty d = duty_of(&x, mine, "visit", true);
    REQUIRE(str_has(d.name));
    Day due = flow_add_workdays(x.w.calendar, today(&x), 10);
    EXPECT_EQ_I64(d.due_ms, flow_close_of(x.w.calendar, due));
    Tx *tx = county_tx(&x.w);
    Reader r = county_reader(&x.w, tx, "new111");
    tx_end(tx);
    EXPECT_EQ_I64(d.posting, r.posts[0].posting);
    EXPECT(!str_has(duty_of(&x, draft, "visit", true).name));
    EXPECT(!str_has(duty_of(&x, other, "visit", true).name));
    EXPECT(!str_has(duty_of(&x, over, "visit", true).name));
    for (int i = 0; i < 3; i++)
        tick(&x);
    EXPECT(uuid_eq(duty_of(&x, mine, "visit", true).id, d.id));
    REQUIRE(call(&x, "new111", mine) >= 0);
    EXPECT(!str_has(duty_of(&x, mine, "visit", true).name));
    move_days(&x, 1);
    tick(&x); /* the clock does not begin again what was done */
    EXPECT(!str_has(duty_of(&x, mine, "visit", true).name));
    EXPECT_EQ_I64(number(&x, "visited.over"), 1);
    EXPECT_EQ_I64(number(&x, "visited.under"), 1);
    EXPECT_EQ_I64(findings(&x), 0);
    county_end(&x.w);
}

BOTH_ENGINES(a_posting_that_begins_later_owes_from_its_first_day_though_nobody_looked_that_day)
{
    static World x;
    begin(&x, t);
    Uuid id = add_matter(&x, "tm111", "send");
    tick(&x);
    Day starts = today(&x) + 3;
    post(&x, "new111", "first_secretary", "111", starts, DAY_NONE);
    EXPECT(!str_has(duty_of(&x, id, "visit", true).name));
    move_days(&x, 1);
    tick(&x);
    EXPECT(!str_has(duty_of(&x, id, "visit", true).name));
    move_days(&x, 9); /* switched off for a week */
    tick(&x);
    FlowDuty d = duty_of(&x, id, "visit", true);
    REQUIRE(str_has(d.name));
    EXPECT_EQ_I64(d.due_ms,
                  flow_close_of(x.w.calendar, flow_add_workdays(x.w.calendar, starts, 10)));
    tick(&x);
    EXPECT(uuid_eq(duty_of(&x, id, "visit", true).id, d.id));
    EXPECT_EQ_I64(findings(&x), 0);
    county_end(&x.w);
}

BOTH_ENGINES(what_a_posting_owed_lapses_when_it_is_over_and_what_was_late_stays_late)
{
    static World x;
    begin(&x, t);
    Uuid id = add_matter(&x, "tm111", "send"), late = add_matter(&x, "tm121", "send");
    tick(&x);
    post(&x, "new111", "first_secretary", "111", DAY_NONE, today(&x) + 4);
    post(&x, "new121", "first_secretary", "121", DAY_NONE, today(&x) + 20);
    move_days(&x, 4);
    tick(&x); /* his last day */
    EXPECT(str_has(duty_of(&x, id, "visit", true).name));
    move_days(&x, 1);
    tick(&x);
    EXPECT(!str_has(duty_of(&x, id, "visit", true).name));
    EXPECT_EQ_I64(number(&x, "visited.under"), 0); /* not done, never due */
    move_days(&x, 17);
    tick(&x);
    EXPECT(!str_has(duty_of(&x, late, "visit", true).name));
    EXPECT_EQ_I64(number(&x, "visited.under"), 1);
    EXPECT_EQ_I64(number(&x, "visited.over"), 0);
    EXPECT_EQ_I64(findings(&x), 0);
    county_end(&x.w);
}

/* ---- office hours ---- */

BOTH_ENGINES(other_office_hours_move_open_due_dates_and_take_back_what_was_late)
{
    static World x;
    County *w = &x.w;
    begin(&x, t);
    Uuid id = add_matter(&x, "fs111", "send"); /* a Friday: due on Wednesday */
    FlowDuty d = duty_of(&x, id, "handle", true);
    move_days(&x, 6);
    EXPECT_EQ_I64(tick(&x).late_n, 1);
    EXPECT_EQ_I64(number(&x, "handled.under"), 1);
    FlowSetOffice in = {.office = {.spans = {{9 * 60, 12 * 60}, {13 * 60, 17 * 60}},
                                   .span_n = 2, .week = 0x7f}};
    Tx *tx = county_tx(w);
    FlowShift *list;
    int n;
    REQUIRE_OK(flow_prepare_office(w->a, tx, &in, w->e), w->e);
    REQUIRE_OK(flow_shifts(w->a, tx, in.now, 100, &list, &n, w->e), w->e);
    tx_end(tx);
    REQUIRE(n == 1);
    EXPECT(list[0].due_ms < d.due_ms); /* Saturday and Sunday are worked now */
    RecordOffice with = {.rs = w->records, .office = &in};
    REQUIRE_OK(store_write(w->store, w->conn, record_apply_office, &with, w->e), w->e);
    EXPECT_EQ_I64(in.moved_n, 1);
    EXPECT_EQ_I64(duty_of(&x, id, "handle", true).due_ms, list[0].due_ms);
    EXPECT_EQ_I64(number(&x, "handled.under"), 0); /* told anew */
    EXPECT_EQ_I64(findings(&x), 0);
    take_calendar(w);
    EXPECT_EQ_I64(flow_calendar_office(w->calendar)->week, 0x7f);
    Err e = err_on(w->a);
    in.office.week = 0x1f; /* prepared on hours that are no more */
    EXPECT_EQ_I64(store_write(w->store, w->conn, record_apply_office, &with, &e), ERR_BUSY);
    tick(&x);
    EXPECT_EQ_I64(number(&x, "handled.under"), 1);
    EXPECT_EQ_I64(findings(&x), 0);
    county_end(w);
}

/* ---- upgraded deployments ---- */

BOTH_ENGINES(an_upgraded_deployment_gets_the_duties_of_what_stands_open_step_by_step)
{
    static World x;
    County *w = &x.w;
    begin(&x, t);
    enum { MANY = 230 }; /* more than a step */
    Uuid first = {{0}};
    for (int i = 0; i < MANY; i++) {
        x.n = 0;
        Uuid id = add_matter(&x, "fs111", i % 10 ? "send" : NULL);
        if (i == 1)
            first = id;
    }
    Uuid kept = x.ids[0];
    FlowDuty old = duty_of(&x, kept, "handle", true);
    REQUIRE_OK(store_write(w->store, NULL, run_sql,
                           str_z(w->a, str_fmt(w->a,
                                               "DELETE FROM duty WHERE record <> %s; "
                                               "INSERT INTO meta(key, value) "
                                               "VALUES('owed', 'figures');",
                                               "(SELECT record FROM duty "
                                               "ORDER BY record DESC LIMIT 1)")),
                           w->e),
               w->e);
    Tx *before = county_tx(w);
    int64_t lacking;
    REQUIRE_OK(record_verify_duties(w->records, before, w->tree, LANG_EN, keep_silent, NULL,
                                    &lacking, w->e),
               w->e);
    tx_end(before);
    EXPECT(lacking > 200);
    RecordPay pay = {.rs = w->records, .tree = w->tree, .calendar = w->calendar,
                     .at.county = INT64_MIN};
    int steps = 0;
    while (!pay.is_done) {
        REQUIRE_OK(store_write(w->store, w->conn, record_pay_step, &pay, w->e), w->e);
        pay.at = pay.to;
        if (++steps == w->model->type_n + 5) /* cut off: begun anew */
            pay.at = (PayPlace){.county = INT64_MIN};
    }
    EXPECT_EQ_I64(findings(&x), 0);
    FlowDuty d = duty_of(&x, first, "handle", true);
    REQUIRE(str_has(d.name));
    Day due = flow_add_workdays(w->calendar, today(&x), 3);
    EXPECT_EQ_I64(d.due_ms, flow_close_of(w->calendar, due));
    EXPECT(uuid_eq(duty_of(&x, kept, "handle", true).id, old.id)); /* what was there stays */
    bool is_owed = true;
    Tx *tx = county_tx(w);
    REQUIRE_OK(record_owes(tx, &is_owed, w->e), w->e);
    tx_end(tx);
    EXPECT(!is_owed);
    county_end(w);
}
