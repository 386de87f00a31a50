/* flow_int.h: what the files of flow share. */
#ifndef STAVE_FLOW_INT_H
#define STAVE_FLOW_INT_H

#include "flow/flow.h"
#include "sql.h"

enum { WEEK_DAYS = 7, DAY_MIN = 24 * 60, MIN_MS = 60 * 1000 };

struct FlowCalendar {
    int64_t number;
    FlowOffice office;
    int day_min;               /* of work in a day */
    int week_n;                /* days worked in a week */
    int week_before[WEEK_DAYS]; /* of them before Monday .. Sunday */
    int week_at[WEEK_DAYS];     /* which day of the week the k-th is */
    Day first, end;            /* the years listed: tables hold [first, end) */
    int32_t *before;           /* end - first + 1: days worked in the table before each */
    int32_t *listed;           /* end - first: place in `days` + 1; 0: no notice names it */
    const FlowDay *days;       /* by day */
    int day_n;
    int first_year, year_n;
    bool *known;               /* by year */
    WorkDays hook;
};

bool flow_is_allowed(Day day); /* within the years notices may name */
void flow_bind_person(Stmt *s, int ix, Uuid person); /* zero: null */
/* Told once: the same again is nothing. n->posting 0: the seat. */
int flow_notice_add(Tx *tx, const FlowNotice *n, int64_t seat, Err *e) MUST_USE;
UnixMs flow_ms_at(Day day, int min); /* an instant from a day and its minute in China */

/* flow_duty.c */
FlowDuty flow_read_duty(Arena *a, Stmt *s); /* the columns all statements on duties give */

#endif
