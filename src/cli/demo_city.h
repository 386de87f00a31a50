/* demo_city.h: what the files of `stave demo --size city` and `--size province` share.
 *
 * Model: everything is worked out from the seed, a kind of thing, a place and a number: when it is
 *        made, under which id, what it says. So nothing of a million records is kept in memory, and
 *        who links to a thing works out its id anew. Each day is a list of lots: what one person
 *        does one after the other. Lots are prepared on several threads while the writer applies
 *        those of the day before (demo_lanes.c).
 * Invariants: what a deed needs of others was made two days before or earlier; the order of deeds,
 *             their ids, instants and dice do not depend on the threads. */
#ifndef STAVE_DEMO_CITY_H
#define STAVE_DEMO_CITY_H

#include "cli/demo.h"

struct DemoScale {
    const char *name;
    int cities, counties, towns, villages; /* counties of a city, towns of a county ... */
    int days;            /* before today */
    int home_days;       /* the first of them: households are registered */
    int homes, records;  /* in all */
    int issues, points;  /* of one village */
    int sessions, trips; /* of one town */
    int policies;        /* trainings of one county */
    int diary_every;     /* a village writes on every n-th day only; 0: every day */
};

/* Things that are made; the numbers are part of the ids' dice. */
typedef enum Thing {
    THING_HOME = 1,
    THING_VISIT,
    THING_DIARY,
    THING_ISSUE,
    THING_POINT,
    THING_COURSE,
    THING_SESSION,
    THING_POLICY, /* a session of a county */
    THING_TRIP,
    THING_TOWN_TRIP,
} Thing;

typedef enum Act {
    DO_HOME,
    DO_VISIT,
    DO_DIARY,
    DO_ACCEPT,
    DO_ISSUE,
    DO_PASS,
    DO_SOLVE,
    DO_TELL,
    DO_DROP,
    DO_TOWN_SOLVE,
    DO_PASS_ON,
    DO_POINT,
    DO_COURSE,
    DO_SESSION,
    DO_HOLD,
    DO_TRIP,
    DO_REPORT,
    DO_ADOPT,
} Act;

typedef struct Deed {
    Act act;
    int place, ix; /* of the thing it is done to; offices' own: -1 - place */
    Change *change;
} Deed;

typedef enum Rank { RANK_FIRST, RANK_MEMBER, RANK_TOWN, RANK_COUNTY, RANK_ROOT } Rank;
typedef struct Lot {
    Rank rank;
    int place;       /* village, town, county by rank */
    int64_t from_ms; /* its first deed; each next one a second later */
    int first, n;    /* deeds */
} Lot;

typedef struct DayPlan {
    int number;
    Lot *lots;
    Deed *deeds;
    int lot_n, deed_n;
} DayPlan;

typedef struct City {
    Demo *demo;
    const DemoScale *scale;
    uint64_t seed;
    int city_n, county_n, town_n, village_n, visit_n;
    Day from;      /* day 0 */
    int work_from; /* number of the first day of visits, diaries, issues */
    DayPlan *day;  /* the one that is planned */
    int lot_max, deed_max;
    struct {
        const Type *type;
        const Action *action, *then;
    } acts[DO_ADOPT + 1];
} City;

/* demo_crowd.c: units and people */
const char *crowd_family(uint64_t dice);
const char *crowd_given(uint64_t dice);
Str crowd_account(Arena *a, Rank rank, int place);
Str crowd_code(const City *c, Arena *a, Rank rank, int place); /* of the unit */
int crowd_add(City *c, Err *e);

/* demo_city.c: when what is done by whom */
uint64_t city_dice(const City *c, int thing, int place, int ix);
Uuid city_id(const City *c, Thing thing, int place, int ix);
int city_day(const City *c, Thing thing, int place, int ix); /* number of the day it is made on */
int city_town(const City *c, int village);
int city_visits(const City *c, int village);
int city_homes(const City *c, int village);
Thing city_thing(const Deed *x);
bool city_makes(Act act);         /* a record */
void city_plan(City *c, int day); /* fills c->day */
int city_count(City *c, Err *e);  /* visit_n, so that all together are as many as wanted */

/* demo_deeds.c: what it says */
enum { DEED_FIELDS_MAX = 8 };
typedef struct Told { /* for deeds with lines: who was there */
    Member *list;
    int n;
} Told;
int deed_fields(const City *c, Arena *a, const Deed *x, Day day, Told told,
                FieldInput ret[DEED_FIELDS_MAX]);
Str deed_audience(const City *c, Arena *a, const Deed *x); /* STR_NONE: none is asked */

/* demo_lanes.c: does it */
int lanes_run(City *c, Err *e);

static inline bool city_is_province(const City *c)
{
    return c->scale->cities > 1;
}

#endif
