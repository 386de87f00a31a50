/* demo_city.c: what is done when and by whom in a large invented city, as arithmetic.
 *
 * The first days all households are registered. From then on each village writes every day, its
 * first secretary and its team member in turn: a diary, some visits, an issue now and then. Towns
 * accept diaries, hold trainings, solve what is passed up.                       SPEC: A1 B2 D2
 * D3 */
#include "cli/demo_city.h"

enum {
    GAP = 2,          /* days between a thing and what needs it, at least */
    FOLLOW = 4,       /* from an issue to its first step; to each further one */
    ACCEPT = 3,       /* from a diary to its review; the rest after twice that */
    TRIP_BACK = 14,   /* from the plan of a trip to its report */
    TRIP_HOME = 18,   /* ... to what the village makes of it */
    HELD = 3,         /* from the plan of a session to its day */
    POINT_EVERY = 14,
    SESSION_EVERY = 9,
    TRIP_EVERY = 25,
    DAY_MS = 86400000,
    CHINA_MS = 8 * 3600000,
    MORNING_MS = 8 * 3600000,
    VILLAGE_MS = 36000000, /* from then on, village by village */
    OFFICE_MS = 18 * 3600000 + 1800000,
};

static const DemoScale scales[] = {
    {.name = "city", .cities = 1, .counties = 8, .towns = 15, .villages = 10, .days = 140,
     .home_days = 20, .homes = 400000, .records = 1000000, .issues = 60, .points = 8,
     .sessions = 12, .trips = 4, .policies = 9},
    {.name = "town", .cities = 1, .counties = 1, .towns = 1, .villages = 10, .days = 140,
     .home_days = 20, .homes = 3340, .records = 8400, .issues = 60, .points = 8, .sessions = 12,
     .trips = 4, .policies = 9},
    {.name = "county", .cities = 1, .counties = 1, .towns = 12, .villages = 10, .days = 140,
     .home_days = 20, .homes = 40000, .records = 100000, .issues = 60, .points = 8,
     .sessions = 12, .trips = 4, .policies = 9},
    {.name = "province", .cities = 15, .counties = 10, .towns = 20, .villages = 15, .days = 30,
     .home_days = 2, .homes = 90000, .records = 300000, .issues = 1, .points = 0, .sessions = 1,
     .trips = 0, .policies = 1, .diary_every = 8},
};

const DemoScale *demo_scale(Str name)
{
    for (size_t i = 0; i < LEN(scales); i++)
        if (str_eq(name, str_of(scales[i].name)))
            return &scales[i];
    return NULL;
}

uint64_t city_dice(const City *c, int thing, int place, int ix)
{
    Dice d = {c->seed ^ (uint64_t)thing << 56 ^ (uint64_t)place << 28 ^ (uint64_t)ix};
    d.state = dice_next(&d);
    return dice_next(&d);
}

int city_town(const City *c, int village)
{
    return village / c->scale->villages;
}

static int share(int all, int of, int place)
{
    return all / of + (place < all % of);
}

int city_visits(const City *c, int village)
{
    return share(c->visit_n, c->village_n, village);
}

int city_homes(const City *c, int village)
{
    return share(c->scale->homes, c->village_n, village);
}

/* ---- days ---- */

static int work_days(const City *c)
{
    return c->scale->days - c->work_from;
}

/* Things spread evenly: those of day `day` are `*ret_from` up to the answer. */
static int spread(int n, int days, int day, int *ret_from)
{
    *ret_from = (int)((int64_t)day * n / days);
    return (int)((int64_t)(day + 1) * n / days);
}

static int spread_day(int n, int days, int ix)
{
    return (int)((((int64_t)ix + 1) * days - 1) / n);
}

/* The first secretary's days: every second one. */
static bool is_first_day(int village, int day)
{
    return (day + village) % 2 == 0;
}

static int first_day_from(int village, int day)
{
    return day + (day + village) % 2;
}

static int point_day(const City *c, int village, int ix)
{
    return first_day_from(village, c->work_from) + 2 * (village % 7) + ix * POINT_EVERY;
}

static int trip_day(const City *c, int village)
{
    return first_day_from(village, c->work_from) + 2 * (village % 20);
}

static int town_day(const City *c, int town, int ix, int every)
{
    return c->work_from + town % 5 + ix * every;
}

int city_day(const City *c, Thing thing, int place, int ix)
{
    switch (thing) {
    case THING_HOME:
        return spread_day(city_homes(c, place), c->scale->home_days, ix);
    case THING_VISIT:
        return c->work_from + spread_day(city_visits(c, place), work_days(c), ix);
    case THING_ISSUE:
        return c->work_from + spread_day(c->scale->issues, work_days(c), ix);
    case THING_DIARY:
        return c->work_from + ix;
    case THING_POINT:
        return point_day(c, place, ix);
    case THING_SESSION:
        return town_day(c, place, ix, SESSION_EVERY);
    case THING_POLICY:
        return town_day(c, place, ix, SESSION_EVERY + 3);
    case THING_TRIP:
        return trip_day(c, place);
    case THING_TOWN_TRIP:
        return town_day(c, place, ix, TRIP_EVERY);
    case THING_COURSE:
        return 0;
    }
    return 0;
}

static bool is_of_town(Thing t)
{
    return t == THING_SESSION || t == THING_TOWN_TRIP || t == THING_POLICY || t == THING_COURSE;
}

static int64_t day_ms(const City *c, int day)
{
    return ((int64_t)c->from + day) * DAY_MS - CHINA_MS;
}

static int64_t village_ms(const City *c, int village)
{
    return MORNING_MS + (int64_t)VILLAGE_MS * village / c->village_n;
}

Uuid city_id(const City *c, Thing thing, int place, int ix)
{
    uint64_t v = city_dice(c, thing, place, ix);
    int64_t ms = day_ms(c, city_day(c, thing, place, ix)) +
                 (is_of_town(thing) ? OFFICE_MS : village_ms(c, place));
    Uuid id;
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.b[6] = (uint8_t)(0x70 | (ix >> 8 & 0x0f));
    id.b[7] = (uint8_t)ix;
    memcpy(id.b + 8, &v, 8);
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
    return id;
}

/* ---- lots ---- */

static void open_lot(City *c, int day, Rank rank, int place)
{
    int64_t at = rank <= RANK_MEMBER ? village_ms(c, place) : OFFICE_MS;
    CHECK(c->day->lot_n < c->lot_max);
    c->day->lots[c->day->lot_n++] = (Lot){.rank = rank,
                                          .place = place,
                                          .from_ms = day_ms(c, day) + at,
                                          .first = c->day->deed_n};
}

static void do_it(City *c, Act act, int place, int ix)
{
    CHECK(c->day->deed_n < c->deed_max);
    c->day->deeds[c->day->deed_n++] = (Deed){.act = act, .place = place, .ix = ix};
}

static void close_lot(City *c)
{
    Lot *l = &c->day->lots[c->day->lot_n - 1];
    l->n = c->day->deed_n - l->first;
    if (!l->n)
        c->day->lot_n--;
}

/* What becomes of an issue: most are solved in the village and told; few stay open. */
typedef enum Fate { FATE_OPEN, FATE_UP, FATE_FAR_UP, FATE_DROPPED, FATE_SOLVED } Fate;
static Fate fate_of(const City *c, int village, int ix)
{
    int k = (int)(city_dice(c, THING_ISSUE + 200, village, ix) % 64);
    return k < 1 ? FATE_OPEN : k < 2 ? FATE_FAR_UP : k < 10 ? FATE_UP : k < 13 ? FATE_DROPPED
                                                                            : FATE_SOLVED;
}

/* Issues of the village that come to their n-th step on this day, the first secretary's. */
static void follow_issues(City *c, int village, int day, int step)
{
    for (int back = 0; back < 2; back++) {
        int made = day - FOLLOW * step - back - c->work_from, from;
        if (made < 0)
            continue;
        int to = spread(c->scale->issues, work_days(c), made, &from);
        for (int i = from; i < to; i++) {
            Fate f = fate_of(c, village, i);
            if (step == 1 && f == FATE_SOLVED)
                do_it(c, DO_SOLVE, village, i);
            else if (step == 1 && (f == FATE_UP || f == FATE_FAR_UP))
                do_it(c, DO_PASS, village, i);
            else if (step == 1 && f == FATE_DROPPED)
                do_it(c, DO_DROP, village, i);
            else if ((step == 2 && f == FATE_SOLVED) || (step == 3 && f == FATE_UP))
                do_it(c, DO_TELL, village, i);
        }
    }
}

static void plan_points(City *c, int village, int day)
{
    for (int i = 0; i < c->scale->points; i++)
        if (point_day(c, village, i) == day)
            do_it(c, DO_POINT, village, i);
}

static bool has_diary(const City *c, int village, int work)
{
    return !c->scale->diary_every || (village + work) % c->scale->diary_every == 0;
}

static void plan_village(City *c, int day, int village)
{
    int work = day - c->work_from, from, to;
    bool is_first = city_is_province(c) || is_first_day(village, day);
    open_lot(c, day, is_first ? RANK_FIRST : RANK_MEMBER, village);
    if (day < c->scale->home_days) {
        to = spread(city_homes(c, village), c->scale->home_days, day, &from);
        for (int i = from; i < to; i++)
            do_it(c, DO_HOME, village, i);
    }
    if (work >= 0) {
        to = spread(city_visits(c, village), work_days(c), work, &from);
        for (int i = from; i < to; i++)
            do_it(c, DO_VISIT, village, i);
        to = spread(c->scale->issues, work_days(c), work, &from);
        for (int i = from; i < to; i++)
            do_it(c, DO_ISSUE, village, i);
        if (is_first_day(village, day)) {
            for (int step = 1; step <= 3; step++)
                follow_issues(c, village, day, step);
            plan_points(c, village, day);
        }
        if (has_diary(c, village, work))
            do_it(c, DO_DIARY, village, work);
    }
    close_lot(c);
}

static void plan_trip(City *c, int day, int village)
{
    int made = trip_day(c, village);
    if (!c->scale->trips)
        return;
    open_lot(c, day, RANK_FIRST, village);
    if (day == made)
        do_it(c, DO_TRIP, village, 0);
    if (day == made + TRIP_BACK)
        do_it(c, DO_REPORT, village, 0);
    if (day == made + TRIP_HOME && village % 3 == 0)
        do_it(c, DO_ADOPT, village, 0);
    close_lot(c);
}

static void accept_diaries(City *c, int day, int village)
{
    for (int times = 1; times <= 2; times++) {
        int made = day - c->work_from - ACCEPT * times;
        if (made < 0 || !has_diary(c, village, made))
            continue;
        bool is_late = city_dice(c, THING_DIARY + 200, village, made) % 5 == 0;
        if (is_late == (times == 2))
            do_it(c, DO_ACCEPT, village, made);
    }
}

static void solve_passed(City *c, int day, int village)
{
    if (!is_first_day(village, day - FOLLOW))
        return;
    for (int back = 0; back < 2; back++) {
        int made = day - FOLLOW * 2 - back - c->work_from, from;
        if (made < 0)
            continue;
        int to = spread(c->scale->issues, work_days(c), made, &from);
        for (int i = from; i < to; i++) {
            Fate f = fate_of(c, village, i);
            if (f == FATE_UP || f == FATE_FAR_UP)
                do_it(c, f == FATE_UP ? DO_TOWN_SOLVE : DO_PASS_ON, village, i);
        }
    }
}

static void plan_sessions(City *c, int day, Rank rank, int place)
{
    Thing thing = rank == RANK_TOWN ? THING_SESSION : THING_POLICY;
    int n = rank == RANK_TOWN ? c->scale->sessions : c->scale->policies;
    open_lot(c, day, rank, place);
    if (day == 0 && rank == RANK_COUNTY)
        do_it(c, DO_COURSE, -place - 1, 0);
    for (int i = 0; i < n; i++) {
        int made = city_day(c, thing, place, i), at = rank == RANK_TOWN ? place : -place - 1;
        if (made == day)
            do_it(c, DO_SESSION, at, i);
        if (made + HELD == day)
            do_it(c, DO_HOLD, at, i);
    }
    for (int i = 0; i < c->scale->trips && rank == RANK_TOWN; i++) {
        int made = city_day(c, THING_TOWN_TRIP, place, i), at = -place - 1;
        if (made == day)
            do_it(c, DO_TRIP, at, i);
        if (made + TRIP_BACK == day)
            do_it(c, DO_REPORT, at, i);
    }
    close_lot(c);
}

static void plan_town(City *c, int day, int town)
{
    open_lot(c, day, RANK_TOWN, town);
    if (day == 0)
        do_it(c, DO_COURSE, town, 0);
    for (int v = town * c->scale->villages; v < (town + 1) * c->scale->villages; v++) {
        accept_diaries(c, day, v);
        solve_passed(c, day, v);
    }
    close_lot(c);
    plan_sessions(c, day, RANK_TOWN, town);
}

void city_plan(City *c, int day)
{
    c->day->number = day;
    c->day->lot_n = c->day->deed_n = 0;
    for (int v = 0; v < c->village_n; v++)
        plan_village(c, day, v);
    for (int v = 0; v < c->village_n; v++)
        plan_trip(c, day, v);
    for (int t = 0; t < c->town_n; t++)
        plan_town(c, day, t);
    for (int k = 0; k < c->county_n; k++)
        plan_sessions(c, day, RANK_COUNTY, k);
}

/* ---- how many ---- */

bool city_makes(Act act)
{
    return act == DO_HOME || act == DO_VISIT || act == DO_DIARY || act == DO_ISSUE ||
           act == DO_POINT || act == DO_COURSE || act == DO_SESSION || act == DO_TRIP ||
           act == DO_ADOPT;
}

int city_count(City *c, Err *e)
{
    int n = 0;
    c->visit_n = 0;
    for (int day = 0; day < c->scale->days; day++) {
        city_plan(c, day);
        for (int i = 0; i < c->day->deed_n; i++)
            n += city_makes(c->day->deeds[i].act);
    }
    if (n > c->scale->records)
        return err_set(e, ERR_LIMIT, "demo.too_few");
    c->visit_n = c->scale->records - n;
    return 0;
}

Thing city_thing(const Deed *x)
{
    switch (x->act) {
    case DO_HOME:
        return THING_HOME;
    case DO_VISIT:
        return THING_VISIT;
    case DO_DIARY:
    case DO_ACCEPT:
        return THING_DIARY;
    case DO_POINT:
        return THING_POINT;
    case DO_COURSE:
        return THING_COURSE;
    case DO_SESSION:
    case DO_HOLD:
        return x->place < 0 ? THING_POLICY : THING_SESSION;
    case DO_TRIP:
    case DO_REPORT:
    case DO_ADOPT:
        return x->place < 0 ? THING_TOWN_TRIP : THING_TRIP;
    default:
        return THING_ISSUE;
    }
}

/* ---- all of it ---- */

enum { STAFFED_DAYS = 30 }; /* people are there before the first day */

Day demo_city_from(const DemoScale *s, Day today)
{
    return today - s->days - STAFFED_DAYS;
}

static void set_acts(City *c)
{
    static const char *const names[][3] = {
        [DO_HOME] = {"household", "create"},     [DO_VISIT] = {"visit", "create", "record"},
        [DO_DIARY] = {"diary", "create", "submit"}, [DO_ACCEPT] = {"diary", "accept"},
        [DO_ISSUE] = {"issue", "create", "raise"},  [DO_PASS] = {"issue", "pass"},
        [DO_SOLVE] = {"issue", "solve"},            [DO_TELL] = {"issue", "tell"},
        [DO_DROP] = {"issue", "withdraw"},          [DO_TOWN_SOLVE] = {"issue", "solve"},
        [DO_PASS_ON] = {"issue", "pass_on"},        [DO_POINT] = {"plan_point", "create"},
        [DO_COURSE] = {"course", "create"},         [DO_SESSION] = {"session", "create"},
        [DO_HOLD] = {"session", "change", "hold"},  [DO_TRIP] = {"study_trip", "create"},
        [DO_REPORT] = {"study_trip", "change", "report"}, [DO_ADOPT] = {"study_trip", "adopt"},
    };
    for (size_t i = 0; i < LEN(names); i++) {
        const Type *t = c->acts[i].type = model_type(c->demo->app->model, str_of(names[i][0]));
        CHECK(t);
        c->acts[i].action = type_action(t, str_of(names[i][1]));
        c->acts[i].then = names[i][2] ? type_action(t, str_of(names[i][2])) : NULL;
        CHECK(c->acts[i].action);
    }
}

int demo_city(Demo *d, const DemoScale *s, uint64_t seed, Err *e)
{
    City *c = NEW(d->arena, City);
    *c = (City){.demo = d,
                .scale = s,
                .seed = seed,
                .county_n = s->cities * s->counties,
                .from = d->today - s->days,
                .work_from = s->home_days + GAP};
    c->town_n = c->county_n * s->towns;
    c->village_n = c->town_n * s->villages;
    c->lot_max = 2 * c->village_n + 2 * c->town_n + c->county_n + 1;
    int a_day = s->homes / c->village_n / s->home_days + s->records / c->village_n / work_days(c);
    c->deed_max = c->village_n * (a_day + 12) + c->town_n * 32;
    set_acts(c);
    return lanes_run(c, e);
}

void demo_city_tell(Cli *c, const DemoScale *s, Str dir)
{
    static const char *const accounts[] = {"co.root", "co.c1", "to.t1", "fs.v1", "admin"};
    Str villages = str_fmt(c->arena, "%d", s->cities * s->counties * s->towns * s->villages);
    Str records = str_fmt(c->arena, "%d", s->records);
    cli_say(c, 1, "demo.city_done", &dir, &villages, &records, NULL);
    cli_say(c, 1, "demo.sign_in_city", NULL);
    for (size_t i = 0; i < LEN(accounts); i++)
        cli_out(c, "  %s · %s\n", accounts[i], DEMO_PASSWORD);
    cli_say(c, 1, "demo.city_search", &dir, NULL);
    cli_say(c, 1, "demo.more", &dir, NULL);
}
