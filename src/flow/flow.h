/* flow.h: time that counts: the working calendar, and when something falls due by it.
 *
 * Model: a day is worked or not. What a notice of the State Council says of a day goes before the
 * days of the week; a year is *known* when its notice lists 1 January and 1 October, and what is
 * counted through a year that is not is *assumed* and says so. Office hours are spans of a day.
 * Invariants: a calendar never changes; a later notice makes another one, and who holds the old one
 * keeps it. A due instant is the close of office of a working day, or within office hours.
 * Not here: what a record is (record.h), where a duty stands on a page (web.h).
 *                                                               SPEC: P4  DOMAIN: 7  STYLE: R12 */
#ifndef STAVE_FLOW_H
#define STAVE_FLOW_H

#include "access/access.h"

/* ---- the calendar ---- */
typedef struct FlowCalendar FlowCalendar; /* immutable */

enum { FLOW_SPANS_MAX = 4, FLOW_OFFICE_TEXT_MAX = 80 };
typedef struct FlowSpan {
    int from_min, to_min; /* of the day in China */
} FlowSpan;
typedef struct FlowOffice {
    FlowSpan spans[FLOW_SPANS_MAX]; /* one after the other, at least one */
    int span_n;
    unsigned week; /* bit 0 Monday .. bit 6 Sunday: worked unless a notice says otherwise */
} FlowOffice;
/* Monday to Friday, 08:30-12:00 and 14:00-17:30. */
FlowOffice flow_office_default(void);
/* "12345 08:30-12:00 14:00-17:30": days of the week, then the spans. ERR_INVALID "flow.office". */
int flow_office_parse(Str text, FlowOffice *ret, Err *e) MUST_USE;
Str flow_office_text(Arena *a, const FlowOffice *o);
Str flow_office_hours(Arena *a, const FlowOffice *o); /* 08:30-12:00 14:00-17:30 */
Str flow_office_week(Arena *a, const FlowOffice *o);  /* 12345 */
/* As people type them: full-width forms, commas between spans. Field errors week, hours. */
int flow_office_typed(Arena *a, Str week, Str hours, FlowOffice *ret, Err *e) MUST_USE;
int flow_office_min(const FlowOffice *o); /* minutes of a working day */

typedef struct FlowDay { /* what a notice says of a day */
    Day day;
    bool is_work;     /* worked though it may be a weekend; else off */
    Str name, notice; /* 国庆节; which notice, "" where it was not said */
    int64_t row;      /* of the file it came from */
} FlowDay;
/* Borrows nothing: rows are copied into `a`, in any order, no day twice, all within
 * LIMIT_CALENDAR_FIRST_YEAR .. LAST_YEAR (CHECKed). Cost: days of the years listed,
 * 4 bytes each. */
const FlowCalendar *flow_calendar_new(Arena *a, const FlowOffice *office, const FlowDay *days,
                                      int day_n, int64_t number);
int64_t flow_calendar_number(const FlowCalendar *c);
const FlowOffice *flow_calendar_office(const FlowCalendar *c);
const FlowDay *flow_listed(const FlowCalendar *c, Day day); /* NULL: no notice names it. O(1) */
bool flow_is_known(const FlowCalendar *c, Day day); /* its year's notice is there. O(1) */
int flow_known_to(const FlowCalendar *c);           /* the last known year; 0: none */
bool flow_is_workday(const FlowCalendar *c, Day day); /* O(1) */
/* The n-th working day behind `day`, or before it (n < 0); 0: `day` itself, worked or not.
 * O(log days); any n within 10 million. */
Day flow_add_workdays(const FlowCalendar *c, Day day, int64_t n);
/* Working days in (from, to]; negative when `to` comes first. O(1) */
int64_t flow_workdays_between(const FlowCalendar *c, Day from, Day to);
Day flow_workday_at_or_after(const FlowCalendar *c, Day day);
/* For ExprWorld: borrowed from the calendar. */
const WorkDays *flow_workdays(const FlowCalendar *c);

/* ---- instants ---- */
UnixMs flow_close_of(const FlowCalendar *c, Day day);     /* worked or not */
UnixMs flow_next_close(const FlowCalendar *c, UnixMs t);  /* of the first working day, >= t */
bool flow_is_open(const FlowCalendar *c, UnixMs t);       /* within office hours; not at its end */
UnixMs flow_next_open(const FlowCalendar *c, UnixMs t);   /* t itself within office hours */
/* Working time in [from, to); 0 when `to` comes first. */
int64_t flow_work_ms(const FlowCalendar *c, UnixMs from, UnixMs to);
/* The same in minutes, begun ones whole: what a stopped clock keeps, so stopping takes nothing. */
int64_t flow_left_min(const FlowCalendar *c, UnixMs from, UnixMs due);

typedef enum FlowUnit {
    FLOW_WORKDAYS,  /* to the close of office */
    FLOW_WORKHOURS, /* within office hours */
    FLOW_DAYS,      /* these four: to the close of office of the day, or the next working one */
    FLOW_MONTHS,
    FLOW_YEARS,
    FLOW_ON,        /* the day itself; n is 0 */
    FLOW_LEFT_MIN,  /* a clock that goes on: minutes of work */
    FLOW_UNIT_MAX
} FlowUnit;
typedef struct FlowTerm {
    FlowUnit unit;
    int64_t n; /* 0..LIMIT_TERM; left minutes 0..LIMIT_TERM_MIN */
} FlowTerm;
/* "workdays", "workhours", "days" as a model says it (Duty.within_unit); false: none of them. */
bool flow_unit_of(Str word, FlowUnit *ret);

/* How a due instant was counted: kept beside it, so that a later calendar does not change what was
 * said. No text but names of holidays; pages make the sentence. */
typedef enum FlowWhy { FLOW_WEEKEND, FLOW_HOLIDAY, FLOW_MADE_UP } FlowWhy;
typedef struct FlowSkip {
    FlowWhy why; /* WEEKEND, HOLIDAY: were skipped; MADE_UP: a day of the week off that counts */
    int days;
    Str name; /* of the holiday; "" for weekends */
} FlowSkip;
enum { FLOW_SKIPS_MAX = 24 };
typedef struct FlowCount {
    Day from; /* counting starts behind it */
    Day due;
    FlowTerm term;
    bool is_assumed; /* a day was counted in a year whose notice is not known */
    bool is_moved;   /* days, months, years, on: the next working day is due instead */
    FlowSkip skips[FLOW_SKIPS_MAX]; /* weekends first, then by day; days past the last are added to
                                     * it */
    int skip_n;
} FlowCount;
/* From an instant (a duty's start, a clock going on) or from a day (`due: DAY + N workdays`: the
 * instant does not matter). The day of the start never counts. Names are borrowed from `c`.
 * Errors: ERR_LIMIT flow.term (n out of range). Cost: O(days between). Threads: any. */
int flow_due(const FlowCalendar *c, UnixMs from, FlowTerm term, UnixMs *ret_due,
             FlowCount *ret_count, Err *e) MUST_USE;
int flow_due_day(const FlowCalendar *c, Day from, FlowTerm term, UnixMs *ret_due,
                 FlowCount *ret_count, Err *e) MUST_USE;
/* One line for a column of the database, and back (ERR_CORRUPT flow.count). */
Str flow_count_text(Arena *a, const FlowCount *k);
int flow_count_parse(Arena *a, Str text, FlowCount *ret, Err *e) MUST_USE;

/* ---- what another calendar moves ---- */
typedef struct FlowClock { /* an open due date, as it was counted */
    int64_t key;           /* the caller's */
    bool is_by_day;
    Day from_day;    /* is_by_day */
    UnixMs from_ms;  /* else */
    FlowTerm term;
} FlowClock;
typedef struct FlowMove {
    int64_t key;
    UnixMs from_ms, to_ms;
} FlowMove;
/* Those of `clocks` that fall due at another instant under `now` than under `was`, in their order.
 * Pure; writes nothing. */
int flow_moves(Arena *a, const FlowCalendar *was, const FlowCalendar *now, const FlowClock *clocks,
               int clock_n, FlowMove **ret, int *ret_n, Err *e) MUST_USE;

/* ---- duties: DESIGN "Duties and the clock" ---- */
/* What a change does to them: plain data, made on a worker (record), applied with the change. */
typedef enum FlowDo {
    /* `chain`: the owing seat and what it falls to; or `posting` and `seat`, an author's */
    FLOW_OPEN,
    FLOW_DONE, /* whatever of `record` and `name` is open */
    FLOW_SHIFT, /* its due instant is another now: reminders begin anew */
    FLOW_TELL,  /* `posting` and `seat`, an author's, of what `by` did */
    /* not done, but owed no more: of `id`, or of `record` and `name`. Late ones stay late; others
     * were never due */
    FLOW_LAPSE
} FlowDo;
/* Who did what: with it, those whom a step concerns are told of it, once. */
typedef struct FlowBy {
    Uuid actor, deputy_for;      /* deputy_for zero: himself */
    int64_t seat, act, state;    /* under which post (0: none); numbers of the catalogue, 0: none */
    int64_t told_seat;           /* hears of it already, as the author's; 0 */
} FlowBy;
typedef struct FlowStep {
    FlowDo what;
    Uuid id, record;
    int64_t type, unit, seat, posting; /* posting 0: the seat owes */
    Str name;
    const struct SeatStep *chain; /* access.h; NULL: seat is known */
    int chain_n;
    UnixMs at_ms;
    UnixMs due_ms; /* FLOW_NO_DUE: none was said */
    Str counted;   /* flow_count_text, "" */
    const FlowBy *by; /* NULL: nobody is told */
    Uuid notice;      /* its id; with `by` */
    Str told;         /* TELL: act, comment */
    Uuid about;       /* TELL: the record, the comment */
    int64_t nth;      /* TELL: of an act, the version it led to */
} FlowStep;
#define FLOW_NO_DUE INT64_MIN
int flow_apply(Tx *tx, const FlowStep *steps, int n, Err *e) MUST_USE;

typedef struct FlowDuty {
    Uuid id, record;
    int64_t type, unit, seat, posting;
    Str name, counted;
    UnixMs opened_ms, due_ms; /* FLOW_NO_DUE */
    UnixMs stopped_ms, late_ms, done_ms; /* 0: not */
    Uuid taken_by; /* zero: nobody */
    UnixMs taken_ms;
} FlowDuty;
/* Open duties of seats (owed by the seat) and of postings (owed by an author), the earliest due
 * first, those without a day last; at most `limit` (1..LIMIT_DUTIES_SHOWN) after `after` (NULL:
 * from
 * the first). Cost: seats and postings x limit. */
int flow_owed(Arena *a, Tx *tx, const int64_t *seats, int seat_n, const int64_t *postings,
              int posting_n, const FlowDuty *after, int limit, FlowDuty **ret, int *ret_n,
              Err *e) MUST_USE;
/* How many, counted to at most `stop`. */
int flow_owed_count(Tx *tx, const int64_t *seats, int seat_n, const int64_t *postings,
                    int posting_n, int stop, int *ret, Err *e) MUST_USE;
/* All of a record, open ones first. */
int flow_duties_of(Arena *a, Tx *tx, Uuid record, FlowDuty **ret, int *ret_n, Err *e) MUST_USE;
/* Open ones of all records in order of (record, name, id), after `after` (NULL: from the first):
 * these, type and posting alone. For verify. */
int flow_duties_open(Arena *a, Tx *tx, const FlowDuty *after, int max, FlowDuty **ret, int *ret_n,
                     Err *e) MUST_USE;
int flow_duty_get(Arena *a, Tx *tx, Uuid id, FlowDuty *ret, Err *e) MUST_USE; /* ERR_MISSING */
/* All of a record, done ones too, in order of id: what figures and proofs are made of. */
int flow_duties_all(Arena *a, Tx *tx, Uuid record, FlowDuty **ret, int *ret_n, Err *e) MUST_USE;
/* The instant a duty counts at: done in time, then; late (done, or told so), when it was due.
 * FLOW_NO_DUE: not yet, or it was never due. */
UnixMs flow_counts_at(const FlowDuty *d);
bool flow_is_in_time(const FlowDuty *d); /* of one that counts */
typedef struct FlowCounted {
    int64_t type, unit; /* at and below */
    Str name;
    bool in_time;       /* only those */
    Day from, to;       /* from DAY_NONE: since ever */
    UnixMs after_ms;    /* behind this one; INT64_MAX: from the newest */
    Uuid after;
} FlowCounted;
/* Duties that count, newest first. */
int flow_duties_counted(Arena *a, Tx *tx, const FlowCounted *q, int max, FlowDuty **ret, int *ret_n,
                        Err *e) MUST_USE;

/* ---- duties that begin with a posting: `upon` ---- */
typedef struct FlowBegin { /* a posting that begins */
    int64_t posting, seat, unit;
    Str role;
    Day starts;
} FlowBegin;
/* Those that began after a day, up to `today`, and last, in order of posting after `after`. */
int flow_begins(Arena *a, Tx *tx, Day behind, Day today, int64_t after, int max, FlowBegin **ret,
                int *ret_n, Err *e) MUST_USE;
/* Names of which duties are open, by type (its number) and name. */
typedef struct FlowOpen {
    int64_t type, n;
    Str name;
} FlowOpen;
int flow_open_names(Arena *a, Tx *tx, FlowOpen **ret, int *ret_n, Err *e) MUST_USE;
/* FLOW_LAPSE of all open ones of a name: the model has them no more. */
int flow_lapse_all(Tx *tx, int64_t type, Str name, UnixMs now_ms, Err *e) MUST_USE;
/* FLOW_OPEN, but for a posting that had such a duty of the record before. 1: opened, 0: not. */
int flow_open_once(Tx *tx, const FlowStep *step, Err *e) MUST_USE;
/* Open duties of a name whose posting is over; at most `max`. */
int flow_duties_over(Arena *a, Tx *tx, int64_t type, Str name, Day today, int max, FlowDuty **ret,
                     int *ret_n, Err *e) MUST_USE;
/* The day up to which beginnings were dealt with; DAY_NONE: none was yet. */
int flow_begun_day(Tx *tx, Day *ret, Err *e) MUST_USE;
int flow_set_begun_day(Tx *tx, Day day, Err *e) MUST_USE;
UnixMs flow_midnight(Day day); /* its first instant in China */

/* Says who is at it. ERR_STATE: another is (flow.duty_taken), unless it is taken over; it is done.
 * The clock stops and goes on: what is left
 * of working time is kept (`cal` as prepared on; apply writes what prepare found). */
typedef struct FlowTake {
    Uuid duty, person;
    UnixMs now_ms;
    bool lets_go, takes_over;
} FlowTake;
int flow_apply_take(Tx *tx, void *flow_take, Err *e);
typedef struct FlowStop {
    Uuid duty;
    bool goes_on;
    UnixMs now_ms;
    const FlowCalendar *calendar;
} FlowStop;
int flow_apply_stop(Tx *tx, void *flow_stop, Err *e);

/* ---- the clock: one step, for the thread of a server and for tests ---- */
typedef struct FlowTick {
    UnixMs now_ms;
    const FlowCalendar *calendar;
    Env *env;                      /* ids */
    int reminded_n, late_n;        /* set by apply */
    Uuid *late;                    /* the late_n; in the transaction's arena */
    bool has_more;
} FlowTick;
/* Within office hours: tells who owes, once before (a working day ahead) and once when late, and
 * then also what his seat falls to. At most LIMIT_TICK duties; each told once, however often and on
 * however many nodes it runs. Outside office hours: nothing. */
int flow_apply_tick(Tx *tx, void *flow_tick, Err *e);

/* ---- notices: what somebody was told (table notice) ---- */
typedef struct FlowNotice {
    Uuid id, about, record;
    Str what; /* remind late escalated: of the duty `about`; owed ended: a duty that somebody's
               * change opened or took; act, comment */
    int64_t nth, type, act, state; /* numbers of the catalogue; 0: none */
    Uuid actor, deputy_for;        /* zero: the clock; himself */
    int64_t actor_seat, actor_unit; /* 0: none; unit and role of that seat */
    Str actor_role;
    int64_t posting;               /* told was an author's posting; 0: a seat */
    UnixMs at_ms;
    bool is_read; /* singly; see flow_mark */
} FlowNotice;
typedef struct FlowWhose { /* whose notices, and who reads them: what he did himself is left out */
    const int64_t *seats, *postings;
    int seat_n, posting_n;
    Uuid me;
    int64_t account; /* 0: nobody's marks */
} FlowWhose;
/* Those since an instant, newest first, behind `before` (NULL: from the newest); at most `limit`
 * (1..LIMIT_NOTICES). Cost: seats and postings x limit. */
int flow_notices(Arena *a, Tx *tx, const FlowWhose *w, UnixMs since, const FlowNotice *before,
                 int limit, FlowNotice **ret, int *ret_n, Err *e) MUST_USE;
/* ERR_MISSING: there is none, or it told somebody else. */
int flow_notice_get(Arena *a, Tx *tx, const FlowWhose *w, Uuid id, FlowNotice *ret,
                    Err *e) MUST_USE;
/* How many of one sort in [from, to): for a day in one sentence. */
typedef struct FlowTally {
    Str what;
    int64_t type, act, n;
} FlowTally;
int flow_tally(Arena *a, Tx *tx, const FlowWhose *w, UnixMs from, UnixMs to, FlowTally **ret,
               int *ret_n, Err *e) MUST_USE;
/* Up to where the account has read all; 0: nothing yet. */
int flow_mark(Tx *tx, int64_t account, UnixMs *ret, Err *e) MUST_USE;
/* How many unread ones behind `upto`, counted to at most `stop`; one statement. */
int flow_unread(Arena *a, Tx *tx, const FlowWhose *w, UnixMs upto, int stop, int *ret,
                Err *e) MUST_USE;
typedef struct FlowRead { /* `notice` zero: all up to `upto_ms` are read */
    int64_t account;
    Uuid notice;
    UnixMs upto_ms;
} FlowRead;
int flow_apply_read(Tx *tx, void *flow_read, Err *e);
/* All of them in the order of (about, what, nth), behind `after` (NULL: from the first): for verify
 * and digest. Unit and role are whom it told; at_ms, record, type, act, actor as above. */
typedef struct FlowTold {
    FlowNotice n;
    Str unit, role; /* code of the unit */
} FlowTold;
int flow_told_after(Arena *a, Tx *tx, const FlowTold *after, int max, FlowTold **ret, int *ret_n,
                    Err *e) MUST_USE;

/* Open duties whose due instant another calendar moves: shown before it does, and then done. */
typedef struct FlowShift {
    FlowDuty duty;
    UnixMs due_ms; /* as it will be */
    Str counted;
} FlowShift;
int flow_shifts(Arena *a, Tx *tx, const FlowCalendar *now, int limit, FlowShift **ret, int *ret_n,
                Err *e) MUST_USE;

/* The calendar behind a reader's workdays; NULL: none. */
const FlowCalendar *flow_calendar_of(const WorkDays *w);

/* ---- Flow: one per process, internally locked ---- */
typedef struct Flow Flow;
int flow_open(Store *store, Flow **ret, Err *e) MUST_USE;
void flow_close(Flow *f); /* takes NULL */
/* The newest calendar known; kept until flow_calendar_drop. Threads: any. */
const FlowCalendar *flow_calendar_hold(Flow *f);
void flow_calendar_drop(Flow *f, const FlowCalendar *c); /* takes NULL */
/* Reloads when meta 'calendar' differs from what is held; with each request's snapshot. */
int flow_refresh(Flow *f, Tx *tx, Err *e) MUST_USE;

/* ---- a later notice ---- */
typedef struct FlowFault {
    int64_t row;
    Str column, value;
    Str key; /* flow.* */
    Str args[ERR_ARGS_MAX];
} FlowFault;
typedef struct FlowRow { /* as written */
    Str day, kind, name, notice;
    int64_t row;
} FlowRow;
typedef struct FlowChange {
    const FlowDay *was; /* NULL: no notice named it */
    FlowDay now;
    bool is_turned; /* worked before and off now, or the other way: dates move */
} FlowChange;
typedef struct FlowImport {
    const FlowRow *rows;
    int row_n; /* at most LIMIT_CALENDAR_DAYS */
    /* made by prepare */
    FlowFault *faults; /* in row order; nothing is written while there is one */
    int fault_n;
    FlowChange *changes; /* by day: what is new or differs */
    int change_n, new_n, changed_n, same_n;
    const FlowCalendar *was; /* as it was found, */
    const FlowCalendar *now; /* and as it will be: for flow_moves. Both in the caller's arena */
    int64_t number;          /* what it was planned against; apply refuses another (ERR_BUSY) */
    int moved_n;             /* set by flow_apply_days_and_duties */
    FlowDuty *late;          /* of them those that were told late, as they were; in tx's arena */
    int late_n;
} FlowImport;
/* Checks every row: a date that exists within the years allowed, holiday or workday, a name, no day
 * twice. Days known are updated, none is dropped. Returns 0 with faults or the plan filled. The
 * first works against the calendar stored, the second against any and is pure. */
int flow_prepare_days(Arena *a, Tx *tx, FlowImport *in, Err *e) MUST_USE;
int flow_plan_days(Arena *a, const FlowCalendar *was, FlowImport *in, Err *e) MUST_USE;
int flow_apply_days(Tx *tx, void *flow_import, Err *e);
/* The same, and with it all open duties that `now` moves (flow_shifts): one change. */
int flow_apply_days_and_duties(Tx *tx, void *flow_import, Err *e);

/* Office hours, as a setting of the deployment: both make another calendar. */
typedef struct FlowSetOffice {
    FlowOffice office;
    /* made by prepare */
    const FlowCalendar *was, *now;
    int64_t number; /* what it was planned against; apply_and_duties refuses another (ERR_BUSY) */
    /* set by flow_apply_office_and_duties, as FlowImport has them */
    int moved_n;
    FlowDuty *late;
    int late_n;
} FlowSetOffice;
int flow_prepare_office(Arena *a, Tx *tx, FlowSetOffice *in, Err *e) MUST_USE;
int flow_apply_office(Tx *tx, void *set_office, Err *e);
/* The same, and with it all open duties that `now` moves: one change. The same hours: nothing. */
int flow_apply_office_and_duties(Tx *tx, void *set_office, Err *e);

#endif
