/* demo_work.c: what people work on beside diaries, day by day since the round began: households,
 * visits, issues in every state, courses with their sessions and attendance, study trips and what
 * became of them, a lease, leave with a deputy, two villages that became one.
 *
 * Every event has its day; what one needs of another stands on an earlier day. The figures of the
 * page come out of these records: 9 policy trainings, 35 business trainings, 22 study trips.
 *                                                            SPEC: A1 B2 C1 D2 D3 F1 P1 */
#include <stdarg.h>

#include "cli/demo.h"

enum {
    TOWNS_FROM = 3,
    TOWNS = 7,
    VILLAGES_FROM = 10,
    HOMES = 5,         /* households of a village */
    POLICY = 9,        /* held by the two counties */
    BUSINESS = 5,      /* held by each town */
    EVENTS_MAX = 3000,
    FIELDS_MAX = 12,
    PEOPLE_IN_MAX = 80,
    LEAVE_DAYS_AGO = 3,
};

typedef struct Event Event;
typedef int (*EventFn)(DemoWork *w, Event *ev, Err *e);
struct Event {
    Day day;
    int minute;
    EventFn run;
    int unit, ix; /* what it is about: index of a unit, a number within it */
};

struct DemoWork {
    Demo *demo;
    Arena *arena, *scratch;
    Event events[EVENTS_MAX];
    int event_n, next;
    Day from; /* first day of work */
    Uuid homes[64][HOMES];       /* by village */
    Uuid issues[64][4], trips[32], courses[16], sessions[64];
    Uuid lease, parcels[3], price;
    int merged_unit;
};

static int villages(void)
{
    return demo_unit_n - VILLAGES_FROM;
}

static void plan(DemoWork *w, Day day, int minute, EventFn run, int unit, int ix)
{
    CHECK(w->event_n < EVENTS_MAX);
    if (day >= w->demo->today)
        day = w->demo->today - 1;
    w->events[w->event_n++] = (Event){day, minute, run, unit, ix};
}

/* ---- one act ---- */

static FieldInput text_of(const char *name, Str text)
{
    return (FieldInput){.name = str_of(name), .text = text};
}

/* Who holds a role at a unit on the day: the account. STR_NONE: nobody. */
static Str holder(DemoWork *w, int unit, const char *role, Day day)
{
    const Demo *d = w->demo;
    for (int i = 0; i < d->person_n; i++) {
        Day starts, ends;
        const DemoPerson *p = &d->people[i];
        demo_term(d, p, &starts, &ends);
        if (p->unit == unit && !strcmp(p->role, role) && starts <= day &&
            (ends == DAY_NONE || ends >= day))
            return demo_account(w->scratch, p);
    }
    return STR_NONE;
}

/* The first secretary, or whoever else is in the village. */
static Str villager(DemoWork *w, int unit, Day day)
{
    Str fs = holder(w, unit, "first_secretary", day);
    return str_has(fs) ? fs : holder(w, unit, "team_member", day);
}

/* As deputy somebody has two posts; what he writes himself is under his own. */
static Str own_role(DemoWork *w, Str account)
{
    const Demo *d = w->demo;
    for (int i = 0; i < d->person_n; i++)
        if (str_eq(demo_account(w->scratch, &d->people[i]), account))
            return str_of(d->people[i].role);
    return STR_NONE;
}

static int prepare(DemoWork *w, Tx *tx, Tx *files_tx, Str account, const RecordInput *in,
                   Change **ret, Err *e)
{
    Demo *d = w->demo;
    Reader *r = NEW(w->scratch, Reader);
    TRY(access_reader_account(d->app->access, w->scratch, tx, d->tree, account, r, e));
    r->workdays = flow_workdays(d->calendar);
    TRY(record_fill_mine(d->app->records, w->scratch, tx, r, e));
    RecordInput with = *in;
    with.files_tx = files_tx;
    return record_prepare(d->app->records, w->scratch, tx, r, &with, ret, e);
}

static int begin(Demo *d, Tx **ret_tx, Tx **ret_files, Err *e)
{
    TRY(tx_read(d->conn, ret_tx, e));
    *ret_files = *ret_tx;
    if (d->files_conn == d->conn)
        return 0;
    int rc = tx_read(d->files_conn, ret_files, e);
    if (rc < 0)
        tx_end(*ret_tx);
    return rc;
}

static int act(DemoWork *w, Str account, const char *type, Uuid *id, const char *action,
               const char *then, const FieldInput *fields, int field_n, Err *e)
{
    Demo *d = w->demo;
    const Type *t = model_type(d->app->model, str_of(type));
    Tx *tx, *files_tx;
    Change *c = NULL;
    CHECK(t && str_has(account));
    bool is_new = !strcmp(action, "create");
    if (is_new)
        *id = env_uuid7(demo_clock_env(d->clock));
    RecordInput in = {.type = t,
                      .id = *id,
                      .action = type_action(t, str_of(action)),
                      .then = then ? type_action(t, str_of(then)) : NULL,
                      .unit_ix = -1,
                      .as_role = is_new ? own_role(w, account) : STR_NONE,
                      .fields = fields,
                      .field_n = field_n};
    CHECK(in.action);
    TRY(begin(d, &tx, &files_tx, e));
    int rc = prepare(w, tx, files_tx, account, &in, &c, e);
    if (files_tx != tx)
        tx_end(files_tx);
    tx_end(tx);
    void *arg = c;
    return rc < 0 ? rc : demo_apply(d, false, record_apply, &arg, 1, e);
}

#define ACT(w, account, type, id, action, then, e, ...)                                            \
    act((w), (account), (type), (id), (action), (then),                                            \
        (const FieldInput[]){{.name = STR_NONE}, __VA_ARGS__} + 1,                                 \
        (int)(sizeof((const FieldInput[]){{.name = STR_NONE}, __VA_ARGS__}) /                      \
              sizeof(FieldInput)) -                                                                \
            1,                                                                                     \
        (e))

static Str number(DemoWork *w, int n)
{
    return str_fmt(w->scratch, "%d", n);
}

/* ---- households and visits ---- */

static const char *const families[] = {"单", "仇", "解", "曾", "查", "郗", "逄", "亓", "璩", "濮",
                                       "仲", "柴", "芮", "储", "靳", "邴", "糜", "隗", "鄢", "佟"};
static const char *const givens[] = {"长发", "福来", "满囤", "桂枝", "玉兰", "春生", "冬梅", "有粮",
                                     "守田", "来顺", "秀禾", "金锁", "麦香", "石头", "拴柱", "喜凤"};
static const char *const groups[] = {"一组", "二组", "三组", "四组"};
static const char *const cares[] = {"alone", "ill", "child", "low"};

/* The first village has two of one name, told apart by year and group; the name has two readings.
 * */
static Str home_name(DemoWork *w, int unit, int ix)
{
    if (unit == VILLAGES_FROM && ix < 2)
        return S("单长发");
    int k = unit * 7 + ix * 3;
    return str_fmt(w->scratch, "%s%s", families[k % (int)LEN(families)],
                   givens[(k * 5 + ix) % (int)LEN(givens)]);
}

static int add_home(DemoWork *w, Event *ev, Err *e)
{
    Uuid *id = &w->homes[ev->unit - VILLAGES_FROM][ev->ix];
    Str who = villager(w, ev->unit, ev->day);
    int k = ev->unit * 3 + ev->ix;
    return ACT(w, who, "household", id, "create", NULL, e,
               text_of("name", home_name(w, ev->unit, ev->ix)),
               text_of("born", number(w, 1942 + (k * 11) % 45)),
               text_of("group", str_of(groups[k % 4])), text_of("members", number(w, 1 + k % 6)),
               text_of("care", k % 3 ? S("") : str_of(cares[k / 3 % 4])));
}

static const char *const situations[] = {
    "老两口身体还行，冬煤备了一半。儿子在外跑车，腊月才回。",
    "玉米卖了，钱到账。想把西边那块地也流转出去，问了价。",
    "孙子在镇上上学，接送靠电动车，路滑的日子不放心。",
    "刚出院，药按时吃。门诊慢病的本子还没办下来。",
    "院里压水井冻住了，邻居先给提水。屋里收拾得利索。",
    "合作社的工每月能做二十天，家里比去年宽裕。",
};
static const char *const troubles[] = {
    "东渠闸口渗水，下边三十多亩浇不上。", "门诊慢病补助的材料差一张，不知道找谁。",
    "去镇上的路有一段没灯，孩子下晚自习怕。", "后墙裂缝又宽了，下雨怕塌。",
    "想学修农机，不知道哪里有班。",         "低保复核的单子收到了，看不懂要填什么。",
};
static const char *const subjects[] = {"东渠闸口渗水浇不上地", "慢病补助材料差一张",
                                       "上学路有一段没有路灯", "老屋后墙裂缝要加固",
                                       "想参加农机维修班",     "低保复核不会填表"};

static int add_visit(DemoWork *w, Event *ev, Err *e)
{
    int v = ev->unit - VILLAGES_FROM, k = ev->unit + ev->ix * 5;
    Str who = villager(w, ev->unit, ev->day);
    bool has = ev->ix == 1 || ev->ix == 4;
    Uuid id;
    TRY(ACT(w, who, "visit", &id, "create", "record", e,
            text_of("day", day_text(w->scratch, ev->day)),
            text_of("household", uuid_text(w->scratch, w->homes[v][ev->ix % HOMES])),
            text_of("met", ev->ix % 2 ? S("户主和老伴") : S("户主")),
            text_of("situation", str_of(situations[k % (int)LEN(situations)])),
            text_of("difficulty", has ? str_of(troubles[k % (int)LEN(troubles)]) : S(""))));
    if (ev->ix != 1)
        return 0;
    return ACT(w, who, "visit", &id, "raise", NULL, e,
               text_of("subject", str_of(subjects[k % (int)LEN(subjects)])));
}

/* ---- issues: three a village, each at another point of its way ---- */

static int add_issue(DemoWork *w, Event *ev, Err *e)
{
    static const char *const kinds[] = {"difficulty", "wish", "finding"};
    int v = ev->unit - VILLAGES_FROM, k = ev->unit * 2 + ev->ix;
    return ACT(w, villager(w, ev->unit, ev->day), "issue", &w->issues[v][ev->ix], "create",
               k % 7 == 6 ? NULL : "raise", e, text_of("kind", str_of(kinds[k % 3])),
               text_of("title", str_of(subjects[k % (int)LEN(subjects)])),
               text_of("body", str_of(troubles[k % (int)LEN(troubles)])),
               text_of("household", uuid_text(w->scratch, w->homes[v][ev->ix])));
}

static int pass_issue(DemoWork *w, Event *ev, Err *e)
{
    return ACT(w, villager(w, ev->unit, ev->day), "issue",
               &w->issues[ev->unit - VILLAGES_FROM][ev->ix], "pass", NULL, e,
               text_of("why_up", S("要动用镇里的工程款，村里没有这笔钱。")));
}

static int solve_issue(DemoWork *w, Event *ev, Err *e)
{
    bool is_town = ev->ix == 0;
    int unit = is_town ? demo_units[ev->unit].parent : ev->unit;
    Str who = is_town ? holder(w, unit, "town_office", ev->day) : villager(w, unit, ev->day);
    return ACT(w, who, "issue", &w->issues[ev->unit - VILLAGES_FROM][ev->ix], "solve", NULL, e,
               text_of("answer", is_town ? S("镇水利站换了止水，当天放水试过，不再渗。")
                                         : S("带着去把材料补齐了，窗口当场收下。")));
}

static int tell_issue(DemoWork *w, Event *ev, Err *e)
{
    return ACT(w, villager(w, ev->unit, ev->day), "issue",
               &w->issues[ev->unit - VILLAGES_FROM][ev->ix], "tell", NULL, e,
               text_of("told_day", day_text(w->scratch, ev->day)));
}

static int up_issue(DemoWork *w, Event *ev, Err *e)
{
    return ACT(w, holder(w, demo_units[ev->unit].parent, "town_office", ev->day), "issue",
               &w->issues[ev->unit - VILLAGES_FROM][ev->ix], "pass_on", NULL, e,
               text_of("why_county", S("水渠归县水利局管，镇里改不了。")));
}

static int drop_issue(DemoWork *w, Event *ev, Err *e)
{
    return act(w, villager(w, ev->unit, ev->day), "issue",
               &w->issues[ev->unit - VILLAGES_FROM][ev->ix], "withdraw", NULL, NULL, 0, e);
}

/* ---- trainings ---- */

static const char *const policy_titles[] = {"乡村振兴促进法要点", "耕地保护与土地流转政策",
                                            "防止返贫监测帮扶政策"};
static const char *const business_titles[] = {"四议两公开怎么开", "三会一课怎么记",
                                              "村务公开的格式",   "入户走访的方法",
                                              "项目资料怎么归档", "村账常见差错",
                                              "调解记录怎么写"};

static int add_course(DemoWork *w, Event *ev, Err *e)
{
    bool is_policy = ev->unit < TOWNS_FROM;
    return ACT(
        w, holder(w, ev->unit, is_policy ? "county_office" : "town_office", ev->day), "course",
        &w->courses[ev->ix], "create", NULL, e,
        text_of("title", str_of(is_policy ? policy_titles[ev->ix] : business_titles[ev->ix - 3])),
        text_of("line", is_policy ? S("policy") : S("business")),
        text_of("target", S("驻村第一书记、工作队员")),
        text_of("outline", S("先讲规定，再看两个村的实例，最后每人写一份。")));
}

static Str invited(DemoWork *w, int unit)
{
    const char *code = demo_units[unit].code;
    return str_fmt(w->scratch, "first_secretary@%s, team_member@%s", code, code);
}

static int plan_session(DemoWork *w, Event *ev, Err *e)
{
    bool is_policy = ev->unit < TOWNS_FROM;
    int course = is_policy ? ev->ix % 3 : 3 + ev->unit - TOWNS_FROM;
    Day day = ev->day + 10;
    return ACT(w, holder(w, ev->unit, is_policy ? "county_office" : "town_office", ev->day),
               "session", &w->sessions[ev->ix], "create", NULL, e,
               text_of("course", uuid_text(w->scratch, w->courses[course])),
               text_of("day", day_text(w->scratch, day)),
               text_of("place", is_policy ? S("县委党校报告厅") : S("镇政府二楼会议室")),
               text_of("lecturer", is_policy ? S("县委党校 邝老师") : S("镇党建办")),
               text_of("invited", invited(w, ev->unit)));
}

static int invite_rows(DemoWork *w, Str audience_typed, Day day, Member **ret, int *ret_n, Err *e)
{
    Demo *d = w->demo;
    const char *fault = NULL;
    Str value, arg;
    Tx *tx;
    bool is_cut;
    CHECK(access_audience_parse(w->scratch, d->tree, d->app->model, audience_typed, &value, &fault,
                                &arg) == 0);
    TRY(tx_read(d->conn, &tx, e));
    int rc = access_audience(w->scratch, tx, d->tree, d->app->model, value, day, PEOPLE_IN_MAX, ret,
                             ret_n, &is_cut, e);
    tx_end(tx);
    return rc;
}

/* Lines of people: most as expected, some not, with the reason asked for. */
static FieldInput rows_of(DemoWork *w, const char *name, const Member *list, int n, const char *how,
                          const char *const words[3], const char *reason)
{
    Dice *dice = &w->demo->dice;
    RowInput *rows = NEW_N(w->scratch, RowInput, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        FieldInput *f = NEW_N(w->scratch, FieldInput, 3);
        int roll = dice_below(dice, 100), k = roll < 88 ? 0 : roll < 96 ? 1 : 2;
        f[0] = text_of("person", uuid_text(w->scratch, list[i].person));
        f[1] = text_of(how, str_of(words[k] ? words[k] : words[0]));
        f[2] = text_of("reason", k == 1 ? str_of(reason) : S(""));
        rows[i] = (RowInput){.fields = f, .field_n = k == 1 ? 3 : 2};
    }
    return (FieldInput){.name = str_of(name), .rows = rows, .row_n = n, .is_rows = true};
}

static int hold_session(DemoWork *w, Event *ev, Err *e)
{
    static const char *const came[3] = {"present", "leave", "absent"};
    bool is_policy = ev->unit < TOWNS_FROM;
    Member *list;
    int n;
    TRY(invite_rows(w, invited(w, ev->unit), ev->day, &list, &n, e));
    CHECK(n > 0);
    return ACT(w, holder(w, ev->unit, is_policy ? "county_office" : "town_office", ev->day),
               "session", &w->sessions[ev->ix], "change", "hold", e,
               rows_of(w, "attendance", list, n, "came", came, "值班走不开"),
               text_of("notes", S("讲完当场答疑，问得最多的是材料格式。")));
}

static int cancel_session(DemoWork *w, Event *ev, Err *e)
{
    return ACT(w, holder(w, ev->unit, "town_office", ev->day), "session", &w->sessions[ev->ix],
               "cancel", NULL, e, text_of("why", S("当天防汛，改期再定。")));
}

/* ---- study trips ---- */

static const char *const places[] = {"东岭县梨园村", "北湾市集体经济示范村", "南川县枣岗村",
                                     "西原县蔬菜合作社", "云渡市养老互助点"};
static const char *const lessons[][3] = {
    {"烘干房几家合用，按斤收费", "梨园村支书", "村里的核桃也能这么烘"},
    {"账每月贴墙，一笔一张票", "示范村会计", "从下个月起照样贴"},
    {"土地托管，农忙不用回来", "枣岗村合作社", "先找二十户试"},
    {"分拣用旧校舍，不盖新房", "蔬菜合作社", "小学旧址正好空着"},
    {"老人中午一顿热饭，子女每月交一百", "互助点管理员", "先从独居的几户开始"},
};

static int plan_trip(DemoWork *w, Event *ev, Err *e)
{
    const char *role = ev->unit < TOWNS_FROM        ? "county_office"
                       : ev->unit < VILLAGES_FROM ? "town_office"
                                                  : "first_secretary";
    return ACT(w, holder(w, ev->unit, role, ev->day), "study_trip", &w->trips[ev->ix], "create",
               NULL, e, text_of("day", day_text(w->scratch, ev->day + 6)),
               text_of("days", number(w, 1 + ev->ix % 3)),
               text_of("place", str_of(places[ev->ix % 5])),
               text_of("purpose", S("看人家怎么把集体的事办起来")),
               text_of("invited", invited(w, ev->unit)));
}

static int report_trip(DemoWork *w, Event *ev, Err *e)
{
    static const char *const went[3] = {"yes_", "no_", NULL};
    const char *role = ev->unit < TOWNS_FROM        ? "county_office"
                       : ev->unit < VILLAGES_FROM ? "town_office"
                                                  : "first_secretary";
    const char *const *l = lessons[ev->ix % 5];
    FieldInput learnt[3] = {text_of("what", str_of(l[0])), text_of("from_", str_of(l[1])),
                            text_of("use", str_of(l[2]))};
    RowInput row = {.fields = learnt, .field_n = 3};
    Member *list;
    int n;
    TRY(invite_rows(w, invited(w, ev->unit), ev->day, &list, &n, e));
    return ACT(w, holder(w, ev->unit, role, ev->day), "study_trip", &w->trips[ev->ix], "change",
               "report", e, rows_of(w, "people", list, n, "went", went, "家里有事"),
               {.name = S("learnt"), .rows = &row, .row_n = 1, .is_rows = true});
}

/* Somebody of a village that took part takes it home. */
static int adopt_trip(DemoWork *w, Event *ev, Err *e)
{
    const char *const *l = lessons[ev->ix % 5];
    int unit = ev->unit;
    for (int i = VILLAGES_FROM; i < demo_unit_n && unit < VILLAGES_FROM; i++) {
        int town = demo_units[i].parent;
        bool is_below = town == ev->unit || demo_units[town].parent == ev->unit;
        if (is_below && str_has(holder(w, i, "first_secretary", ev->day)))
            unit = i;
    }
    return ACT(w, holder(w, unit, "first_secretary", ev->day), "study_trip", &w->trips[ev->ix],
               "adopt", NULL, e, text_of("point", str_of(l[2])),
               text_of("goal", day_text(w->scratch, ev->day + 120)));
}

/* ---- a lease ---- */

static int add_price(DemoWork *w, Event *ev, Err *e)
{
    return ACT(w, holder(w, ev->unit, "agriculture_office", ev->day), "price_series", &w->price,
               "create", NULL, e, text_of("name", S("小麦最低收购价（三等，斤）")),
               text_of("source", S("国家发展改革委公告")));
}

static int add_parcel(DemoWork *w, Event *ev, Err *e)
{
    static const char *const names[] = {"东渠南", "柿树坡", "河滩地"};
    return ACT(w, holder(w, ev->unit, "company", ev->day), "parcel", &w->parcels[ev->ix], "create",
               NULL, e,
               text_of("code", str_fmt(w->scratch, "9901211002%09d", 201010 + ev->ix)),
               text_of("name", str_of(names[ev->ix])),
               text_of("contract_area", str_fmt(w->scratch, "%d.%d5", 3 + ev->ix, ev->ix)),
               text_of("household", uuid_text(w->scratch, w->homes[0][0])),
               text_of("contract_end", S("2028-09-30")));
}

static int sign_lease(DemoWork *w, Event *ev, Err *e)
{
    Str company = holder(w, ev->unit, "company", ev->day);
    FieldInput lines[2][1] = {{text_of("parcel", uuid_text(w->scratch, w->parcels[0]))},
                              {text_of("parcel", uuid_text(w->scratch, w->parcels[1]))}};
    RowInput rows[2] = {{.fields = lines[0], .field_n = 1}, {.fields = lines[1], .field_n = 1}};
    FieldInput pay[2] = {text_of("due", S("6-30")), text_of("part", S("100"))};
    RowInput payment = {.fields = pay, .field_n = 2};
    TRY(ACT(w, company, "lease", &w->lease, "create", NULL, e,
            text_of("household", uuid_text(w->scratch, w->homes[0][0])),
            {.name = S("parcels"), .rows = rows, .row_n = 2, .is_rows = true},
            text_of("starts", day_text(w->scratch, ev->day)), text_of("ends", S("2028-09-30")),
            text_of("rent", S("wheat")), text_of("wheat", S("900")),
            text_of("price", uuid_text(w->scratch, w->price)),
            {.name = S("payments"), .rows = &payment, .row_n = 1, .is_rows = true}));
    return ACT(w, company, "lease", &w->lease, "sign", NULL, e,
               text_of("filed", day_text(w->scratch, ev->day)));
}

/* ---- people: a leave with a deputy, two villages that become one ---- */

static int go_on_leave(DemoWork *w, Event *ev, Err *e)
{
    Demo *d = w->demo;
    Reader r;
    Tx *tx;
    Deputise in = {.account = holder(w, ev->unit, "team_member", ev->day),
                   .starts = ev->day,
                   .ends = ev->day + 9};
    TRY(tx_read(d->conn, &tx, e));
    int rc = access_reader_account(d->app->access, w->scratch, tx, d->tree,
                                   holder(w, ev->unit, "first_secretary", ev->day), &r, e);
    if (!rc) {
        in.posting = r.posts[0].posting;
        rc = access_prepare_deputise(d->app->access, w->scratch, tx, &r, &in, e);
    }
    tx_end(tx);
    void *arg = &in;
    return rc < 0 ? rc : demo_apply(d, false, access_apply_deputise, &arg, 1, e);
}

/* As deputy: what the first secretary on leave would have done. */
static int act_as_deputy(DemoWork *w, Event *ev, Err *e)
{
    return ACT(w, holder(w, ev->unit, "team_member", ev->day), "issue",
               &w->issues[ev->unit - VILLAGES_FROM][2], "pass", NULL, e,
               text_of("why_up", S("要镇卫生院派人来，村里定不了。")));
}

static int merge_villages(DemoWork *w, Event *ev, Err *e)
{
    Demo *d = w->demo;
    Tx *tx;
    Merge in = {.from_code = str_of(demo_units[ev->unit].code),
                .into_code = str_of(demo_units[ev->ix].code),
                .model = d->app->model,
                .tree = d->tree};
    TRY(tx_read(d->conn, &tx, e));
    int rc = access_prepare_merge(d->app->access, w->arena, tx, NULL, &in, e);
    tx_end(tx);
    RecordMerge with = {.rs = d->app->records, .merge = &in};
    void *arg = &with;
    if (!rc)
        rc = demo_apply(d, false, record_apply_merge, &arg, 1, e);
    if (!rc)
        rc = tx_read(d->conn, &tx, e);
    if (rc < 0)
        return rc;
    rc = access_tree_refresh(d->app->access, tx, e);
    tx_end(tx);
    access_tree_drop(d->app->access, d->tree);
    d->tree = access_tree_hold(d->app->access);
    return rc;
}

/* ---- the plan ---- */

static void plan_village(DemoWork *w, int unit)
{
    Day from = w->from, today = w->demo->today;
    int v = unit - VILLAGES_FROM;
    for (int i = 0; i < HOMES; i++)
        plan(w, from + 4 + v % 5, 10 * 60 + i * 7, add_home, unit, i);
    for (int i = 0; i < 6; i++)
        plan(w, from + 12 + v % 7 + i * 16, 15 * 60 + i * 11, add_visit, unit, i);
    for (int i = 0; i < 3; i++)
        plan(w, today - 30 + v % 9 + i * 4, 16 * 60 + i, add_issue, unit, i);
    if ((unit * 2) % 7 != 6) { /* the first goes to the town, most come back solved and told */
        plan(w, today - 19 + v % 4, 9 * 60, pass_issue, unit, 0);
        if (v % 5 == 1)
            plan(w, today - 13, 9 * 60 + v, up_issue, unit, 0);
        else if (v % 3)
            plan(w, today - 12 + v % 5, 14 * 60, solve_issue, unit, 0);
        if (v % 5 != 1 && v % 3 == 1)
            plan(w, today - 5, 11 * 60 + v, tell_issue, unit, 0);
    }
    if ((unit * 2 + 1) % 7 != 6 && v % 4 == 0)
        plan(w, today - 9, 17 * 60, solve_issue, unit, 1);
    if ((unit * 2 + 1) % 7 != 6 && v % 6 == 3)
        plan(w, today - 8, 17 * 60, drop_issue, unit, 1);
}

static void plan_trainings(DemoWork *w)
{
    Day from = w->from + 3, today = w->demo->today;
    int days = today - from - 12, n = 0;
    for (int i = 0; i < 3; i++)
        plan(w, from - 2, 9 * 60 + i, add_course, 0, i); /* the city's, for both counties */
    for (int t = 0; t < TOWNS; t++)
        plan(w, from - 2, 10 * 60 + t, add_course, TOWNS_FROM + t, 3 + t);
    for (int i = 0; i < POLICY; i++, n++) {
        Day at = from + days * i / POLICY;
        plan(w, at, 8 * 60 + 30, plan_session, i % 2 ? 2 : 1, n);
        plan(w, at + 10, 17 * 60, hold_session, i % 2 ? 2 : 1, n);
    }
    for (int t = 0; t < TOWNS; t++)
        for (int i = 0; i < BUSINESS; i++, n++) {
            Day at = from + days * i / BUSINESS + t;
            plan(w, at, 8 * 60 + 40 + t, plan_session, TOWNS_FROM + t, n);
            plan(w, at + 10, 16 * 60 + t, hold_session, TOWNS_FROM + t, n);
        }
    for (int t = 0; t < 3; t++, n++) /* still to come */
        plan(w, today - 6 + t, 9 * 60 + t, plan_session, TOWNS_FROM + t, n);
    plan(w, today - 40, 9 * 60, plan_session, TOWNS_FROM + 3, n);
    plan(w, today - 33, 9 * 60, cancel_session, TOWNS_FROM + 3, n);
}

static void plan_trips(DemoWork *w)
{
    int n = 0, days = w->demo->today - w->from - 40;
    for (int c = 1; c < TOWNS_FROM; c++)
        for (int i = 0; i < 2; i++, n++)
            plan(w, w->from + 14 + days * n / 24, 9 * 60, plan_trip, c, n);
    for (int t = 0; t < TOWNS; t++)
        for (int i = 0; i < 2; i++, n++)
            plan(w, w->from + 14 + days * n / 24, 9 * 60, plan_trip, TOWNS_FROM + t, n);
    for (int v = 0; v < 4; v++, n++)
        plan(w, w->from + 14 + days * n / 24, 9 * 60, plan_trip, VILLAGES_FROM + v, n);
    for (int i = w->event_n - n, k = 0; k < n; k++, i++) {
        plan(w, w->events[i].day + 8, 20 * 60, report_trip, w->events[i].unit, k);
        if (k % 3 == 0)
            plan(w, w->events[i].day + 12, 20 * 60, adopt_trip, w->events[i].unit, k);
    }
    plan(w, w->demo->today - 2, 9 * 60, plan_trip, TOWNS_FROM, n); /* not gone yet */
}

static void plan_lease(DemoWork *w)
{
    Day day = w->from + 20;
    plan(w, day, 9 * 60, add_price, 1, 0);
    for (int i = 0; i < 3; i++)
        plan(w, day + 1, 9 * 60 + i, add_parcel, VILLAGES_FROM, i);
    plan(w, day + 2, 10 * 60, sign_lease, VILLAGES_FROM, 0);
}

static int by_time(const void *a, const void *b)
{
    const Event *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->minute != y->minute)
        return x->minute - y->minute;
    return x->unit != y->unit ? x->unit - y->unit : x->ix - y->ix;
}

DemoWork *demo_work_new(Demo *d, Day *ret_from)
{
    DemoWork *w = NEW(d->arena, DemoWork);
    *w = (DemoWork){.demo = d, .arena = d->arena, .from = d->round_starts};
    w->scratch = arena_new(64 * 1024);
    CHECK(villages() <= (int)LEN(w->homes));
    int away = VILLAGES_FROM + 2, last = demo_unit_n - 1;
    for (int u = VILLAGES_FROM; u < demo_unit_n; u++)
        plan_village(w, u);
    plan_trainings(w);
    plan_trips(w);
    plan_lease(w);
    plan(w, d->today - LEAVE_DAYS_AGO, 8 * 60, go_on_leave, away, 0);
    plan(w, d->today - 1, 10 * 60, act_as_deputy, away, 2);
    plan(w, d->today - DEMO_MERGED_DAYS_AGO, 18 * 60, merge_villages, last, last - 1);
    w->merged_unit = last;
    qsort(w->events, (size_t)w->event_n, sizeof w->events[0], by_time);
    *ret_from = w->events[0].day;
    return w;
}

/* What was to be done by people of a village that is no more is left undone. */
static bool is_over(const DemoWork *w, const Event *ev)
{
    return ev->unit == w->merged_unit && ev->run != merge_villages &&
           ev->day > w->demo->today - DEMO_MERGED_DAYS_AGO;
}

int demo_merged_unit(void)
{
    return demo_unit_n - 1;
}

int demo_work_until(DemoWork *w, Day day, int minute, Err *e)
{
    for (; w->next < w->event_n; w->next++) {
        Event *ev = &w->events[w->next];
        if (ev->day > day || (ev->day == day && ev->minute > minute))
            return 0;
        demo_clock_set(w->demo->clock, ev->day, ev->minute);
        if (!is_over(w, ev))
            TRY(ev->run(w, ev, e));
        arena_reset(w->scratch);
    }
    return 0;
}

void demo_work_free(DemoWork *w)
{
    arena_free(w->scratch);
}
