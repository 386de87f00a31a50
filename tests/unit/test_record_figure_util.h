/* test_record_figure_util.h: a type that bears every kind of figure, thrown about at random,
 * beside a
 * naive copy of it that figures are worked out from by going through all of it. */
#ifndef STAVE_TEST_RECORD_FIGURE_UTIL_H
#define STAVE_TEST_RECORD_FIGURE_UTIL_H

#include "test_record_house_util.h"

enum { WORKS = 240, LINES = 5, PLOTS = 5, PERSONS = 5, SNAPS = 64 };

typedef struct Line {
    Uuid id;
    int person, plot; /* -1: none */
    bool came;
    int64_t acre; /* 1/100 mu; -1: none */
} Line;
typedef struct Work {
    Uuid id;
    int64_t unit, version;
    int author, state, kind, plot; /* state: index; kind: 0 a, 1 b, 2 c */
    Day day;
    int64_t size; /* -1: none */
    uint32_t also; /* set of plots */
    Line lines[LINES];
    int line_n;
} Work;
typedef struct Snap { /* as all of it stood when a day ended */
    Day day;
    int n;
    Work *works;
} Snap;
typedef struct Works {
    County w;
    const Type *type;
    Work list[WORKS];
    int n;
    Snap snaps[SNAPS];
    int snap_n;
    Uuid plots[PLOTS], persons[PERSONS];
    int done, refused; /* changes */
    bool is_pg;
    _Atomic int all_done; /* by threads */
} Works;

void works_begin(Works *x, TestStore *t);
/* Another model: the same with these lines at the end of its figures. */
const Model *works_model(Works *x, const char *more_figures);
void works_end(Works *x);
/* One change by somebody: a new one, fields, lines, day, a step to another state; refused ones
 * count
 * in `refused`. */
void works_change(Works *x);
void works_next_day(Works *x, int days);
Day works_today(const Works *x);
const char *works_account(int i); /* NULL: no more */

/* What a figure is by going through all of it. `may_see` NULL: everything; else by place in list.
 * `dim` NULL: all. */
typedef struct Wanted {
    const Figure *figure; /* no share */
    int64_t unit;
    Day from, to; /* from DAY_NONE: since ever */
    const bool *may_see;
    const Str *dim;
} Wanted;
int64_t works_naive(const Works *x, const Wanted *q);

#endif
