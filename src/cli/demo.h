/* demo.h: what the files of `stave demo` share: an invented city, its people, what they write,
 * pictures.
 *
 * Model: everything is drawn from dice of the given seed and from today's date, so the same seed
 * on the same
 *        day makes the same deployment. All names of places and people are invented. */
#ifndef STAVE_DEMO_H
#define STAVE_DEMO_H

#include "cli/cli.h"

#define DEMO_PASSWORD "stave-demo-2026"

/* splitmix64 */
typedef struct Dice {
    uint64_t state;
} Dice;
uint64_t dice_next(Dice *d);
int dice_below(Dice *d, int n); /* 0 .. n-1 */
bool dice_chance(Dice *d, int percent);

/* ---- places and people (demo_places.c) ---- */
typedef struct DemoUnit {
    const char *code, *name, *kind;
    const char *key; /* pinyin, last part of account names */
    int parent;      /* index; -1 the root */
} DemoUnit;
extern const DemoUnit demo_units[];
extern const int demo_unit_n;

typedef enum DemoTerm {
    TERM_ROUND, /* the whole current round */
    TERM_OPEN,  /* an office: open end */
    TERM_ENDED, /* was called back three weeks ago */
    TERM_SINCE, /* came in his place the day after */
    TERM_NEXT,  /* begins next month */
    TERM_MERGED, /* until the village became part of another */
} DemoTerm;
typedef struct DemoPerson {
    const char *account; /* before the dot; the unit's key follows */
    const char *name;
    const char *role;
    int unit; /* index */
    DemoTerm term;
} DemoPerson;
enum { DEMO_PEOPLE_MAX = 200 };
int demo_people(DemoPerson ret[DEMO_PEOPLE_MAX]); /* how many */

/* ---- what is written (demo_text.c) ---- */
typedef struct DemoText {
    Str body;   /* as first sent: one sentence in it is vague */
    Str remark; /* what the town answers: "> " quotes that sentence */
    Str mended; /* the text again, that sentence made plain */
} DemoText;
void demo_text(Arena *a, Dice *d, Day day, DemoText *ret);
void demo_text_first(Arena *a, DemoText *ret); /* the fixed one every tour shows */

/* ---- pictures (demo_photo.c) ---- */
/* A drawn landscape as a JPEG, as a phone would send it. */
Str demo_photo(Arena *a, Dice *d);

/* ---- the clock (demo_clock.c) ---- */
typedef struct DemoClock DemoClock; /* an Env whose clock is put where the story is */
DemoClock *demo_clock_new(Env *real, uint64_t seed);
void demo_clock_free(DemoClock *c);
Env *demo_clock_env(DemoClock *c);
void demo_clock_set(DemoClock *c, Day day, int minute); /* of the day, in China */
/* For the calling thread alone: instant, dice and the ids made from them, until it ends. */
void demo_clock_here(const DemoClock *c, int64_t now_ms, uint64_t dice);

/* ---- weeks of it (demo_weeks.c) ---- */
typedef struct Demo {
    Cli *cli;
    App *app;
    Arena *arena; /* for all of it */
    DemoClock *clock;
    Dice dice;
    Conn *conn, *files_conn; /* the same on PostgreSQL */
    const Tree *tree;
    const FlowCalendar *calendar;
    Day today, round_starts, round_ends;
    DemoPerson people[DEMO_PEOPLE_MAX];
    int person_n;
    Str password_hash; /* one for all, once the first has it */
    char kept_hash[256];
} Demo;
/* Everybody redeems his code with the password of the demo; the sessions that come with it are
 * closed. */
int demo_passwords(Demo *d, const Str *codes, int n, Err *e);
Str demo_account(Arena *a, const DemoPerson *p);
void demo_term(const Demo *d, const DemoPerson *p, Day *ret_starts,
               Day *ret_ends); /* DAY_NONE: open */
/* One batch: hands all to the writer, waits for all of them. The first failure is told. */
int demo_apply(Demo *d, bool is_files, int (*apply)(Tx *, void *, Err *), void *const *args, int n,
               Err *e);
int demo_weeks(Demo *d, Err *e);

/* ---- what else is worked on (demo_work.c) ---- */
typedef struct DemoWork DemoWork;
DemoWork *demo_work_new(Demo *d, Day *ret_from); /* its first day */
/* Does what stands up to that minute; the tree may be another afterwards. */
int demo_work_until(DemoWork *w, Day day, int minute, Err *e);
void demo_work_free(DemoWork *w);
int demo_merged_unit(void); /* the village that became part of another, and how long ago */
enum { DEMO_MERGED_DAYS_AGO = 12 };

/* ---- a large one (demo_city.c) ---- */
typedef struct DemoScale DemoScale;
const DemoScale *demo_scale(Str name); /* NULL: none of that name */
int demo_city_model(Cli *c, const DemoScale *s, Str dir, Err *e); /* before it is opened */
Day demo_city_from(const DemoScale *s, Day today);
int demo_city(Demo *d, const DemoScale *s, uint64_t seed, Err *e);
void demo_city_tell(Cli *c, const DemoScale *s, Str dir);

#endif
