/* flow_duty.c: duties: opened and done with a record's change, owed by a seat or an author's
 * posting, taken, stopped, and shifted by a later calendar.      SPEC: P3 P4  DESIGN: Duties */
#include "flow/flow_int.h"

static void bind_or_null(Stmt *s, int ix, int64_t v, int64_t none)
{
    if (v == none)
        bind_null(s, ix);
    else
        bind_i64(s, ix, v);
}

/* ---- with a change ---- */

static int tell_of(Tx *tx, const FlowStep *x, Str what, Uuid about, int64_t nth, int64_t seat,
                   Err *e)
{
    const FlowBy *by = x->by;
    FlowNotice n = {.id = x->notice,
                    .about = about,
                    .record = x->record,
                    .what = what,
                    .nth = nth,
                    .type = x->type,
                    .act = by->act,
                    .state = by->state,
                    .actor = by->actor,
                    .actor_seat = by->seat,
                    .deputy_for = by->deputy_for,
                    .posting = x->posting,
                    .at_ms = x->at_ms};
    return flow_notice_add(tx, &n, seat, e);
}

static void bind_new(Stmt *s, const FlowStep *x, int64_t seat)
{
    bind_uuid(s, 1, x->id);
    bind_uuid(s, 2, x->record);
    bind_i64(s, 3, x->type);
    bind_str(s, 4, x->name);
    bind_i64(s, 5, x->unit);
    bind_i64(s, 6, seat);
    bind_or_null(s, 7, x->posting, 0);
    bind_i64(s, 8, x->at_ms);
    bind_or_null(s, 9, x->due_ms, FLOW_NO_DUE);
    bind_str(s, 10, str_has(x->counted) ? x->counted : S(""));
}

static int open_duty(Tx *tx, const FlowStep *x, Err *e)
{
    int64_t seat = x->seat;
    if (x->chain)
        TRY(access_ensure_seats(tx, x->chain, x->chain_n, &seat, e));
    Stmt *s = tx_sql(tx, SQL(flow_duty_add));
    bind_new(s, x, seat);
    TRY(stmt_send(s, e));
    const FlowBy *by = x->by;
    if (!by || x->posting || by->seat == seat || by->told_seat == seat)
        return 0; /* he opened it for himself, or the author hears of it as such */
    return tell_of(tx, x, S("owed"), x->id, 0, seat, e);
}

int flow_open_once(Tx *tx, const FlowStep *x, Err *e)
{
    CHECK(x->what == FLOW_OPEN && x->posting && !x->chain);
    Stmt *s = tx_sql(tx, SQL(flow_duty_had));
    bind_uuid(s, 1, x->record);
    bind_str(s, 2, x->name);
    bind_i64(s, 3, x->posting);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (rc) {
        stmt_reset(s);
        return 0;
    }
    s = tx_sql(tx, SQL(flow_duty_add));
    bind_new(s, x, x->seat);
    rc = stmt_run(s, e);
    return rc < 0 ? rc : 1;
}

/* Those who were at it hear that there is no more to do, unless they did it. */
static int tell_ended(Tx *tx, const FlowStep *x, Err *e)
{
    const FlowBy *by = x->by;
    Stmt *s = tx_sql(tx, SQL(flow_notice_ended));
    bind_uuid(s, 1, x->notice);
    bind_i64(s, 2, x->at_ms);
    bind_i64(s, 3, by->act);
    bind_i64(s, 4, by->state);
    bind_uuid(s, 5, by->actor);
    bind_or_null(s, 6, by->seat, 0);
    flow_bind_person(s, 7, by->deputy_for);
    bind_uuid(s, 8, x->record);
    bind_str(s, 9, x->name);
    bind_i64(s, 10, by->seat);
    return stmt_send(s, e);
}

static int lapse_duty(Tx *tx, const FlowStep *x, Err *e)
{
    bool is_one = !uuid_is_zero(x->id);
    Stmt *s = tx_sql(tx, is_one ? SQL(flow_duty_lapse_one) : SQL(flow_duty_lapse));
    bind_i64(s, 1, x->at_ms);
    bind_uuid(s, 2, is_one ? x->id : x->record);
    if (!is_one)
        bind_str(s, 3, x->name);
    return stmt_send(s, e);
}

int flow_open_names(Arena *a, Tx *tx, FlowOpen **ret, int *ret_n, Err *e)
{
    int n = 0, cap = 16, rc;
    FlowOpen *list = NEW_N(a, FlowOpen, (size_t)cap);
    Stmt *s = tx_sql(tx, SQL(flow_duty_open_names));
    while ((rc = stmt_step(s, e)) > 0) {
        if (n == cap) {
            FlowOpen *more = NEW_N(a, FlowOpen, (size_t)cap * 2);
            memcpy(more, list, (size_t)n * sizeof *list);
            list = more;
            cap *= 2;
        }
        list[n++] = (FlowOpen){
            .type = col_i64(s, 0), .name = str_copy(a, col_str(s, 1)), .n = col_i64(s, 2)};
    }
    TRY(rc);
    *ret = list;
    *ret_n = n;
    return 0;
}

int flow_lapse_all(Tx *tx, int64_t type, Str name, UnixMs now_ms, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_duty_lapse_all));
    bind_i64(s, 1, now_ms);
    bind_i64(s, 2, type);
    bind_str(s, 3, name);
    return stmt_send(s, e);
}

static int close_duty(Tx *tx, const FlowStep *x, Err *e)
{
    if (x->by)
        TRY(tell_ended(tx, x, e));
    Stmt *s = tx_sql(tx, SQL(flow_duty_done));
    bind_i64(s, 1, x->at_ms);
    bind_uuid(s, 2, x->record);
    bind_str(s, 3, x->name);
    return stmt_send(s, e);
}

static int shift_duty(Tx *tx, const FlowStep *x, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_duty_shift));
    bind_or_null(s, 1, x->due_ms, FLOW_NO_DUE);
    bind_str(s, 2, str_has(x->counted) ? x->counted : S(""));
    bind_uuid(s, 3, x->record);
    bind_str(s, 4, x->name);
    return stmt_send(s, e);
}

int flow_apply(Tx *tx, const FlowStep *steps, int n, Err *e)
{
    for (int i = 0; i < n; i++)
        switch (steps[i].what) {
        case FLOW_OPEN:
            TRY(open_duty(tx, &steps[i], e));
            break;
        case FLOW_DONE:
            TRY(close_duty(tx, &steps[i], e));
            break;
        case FLOW_SHIFT:
            TRY(shift_duty(tx, &steps[i], e));
            break;
        case FLOW_TELL:
            TRY(tell_of(tx, &steps[i], steps[i].told, steps[i].about, steps[i].nth, steps[i].seat,
                        e));
            break;
        case FLOW_LAPSE:
            TRY(lapse_duty(tx, &steps[i], e));
            break;
        }
    return 0;
}

/* ---- reading ---- */

FlowDuty flow_read_duty(Arena *a, Stmt *s)
{
    return (FlowDuty){.id = col_uuid(s, 0),
                      .record = col_uuid(s, 1),
                      .type = col_i64(s, 2),
                      .name = str_copy(a, col_str(s, 3)),
                      .unit = col_i64(s, 4),
                      .seat = col_i64(s, 5),
                      .posting = col_i64(s, 6),
                      .opened_ms = col_i64(s, 7),
                      .due_ms = col_null(s, 8) ? FLOW_NO_DUE : col_i64(s, 8),
                      .counted = str_copy(a, col_str(s, 9)),
                      .stopped_ms = col_i64(s, 10),
                      .late_ms = col_i64(s, 11),
                      .done_ms = col_i64(s, 12),
                      .taken_by = col_uuid(s, 13),
                      .taken_ms = col_i64(s, 14)};
}

/* By due instant, those without one last; the id breaks ties. */
static int compare(const FlowDuty *a, const FlowDuty *b)
{
    bool a_none = a->due_ms == FLOW_NO_DUE, b_none = b->due_ms == FLOW_NO_DUE;
    if (a_none != b_none)
        return a_none ? 1 : -1;
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms ? -1 : 1;
    return memcmp(a->id.b, b->id.b, sizeof a->id.b);
}

typedef struct Best {
    Arena *arena;
    const FlowDuty *after;
    FlowDuty *list; /* sorted, at most limit */
    int n, limit;
} Best;

static void keep_best(Best *b, FlowDuty d)
{
    if (b->after && compare(&d, b->after) <= 0)
        return;
    int at = b->n;
    while (at > 0 && compare(&d, &b->list[at - 1]) < 0)
        at--;
    if (at == b->limit)
        return;
    if (b->n < b->limit)
        b->n++;
    for (int i = b->n - 1; i > at; i--)
        b->list[i] = b->list[i - 1];
    b->list[at] = d;
}

/* One seat's or posting's, first those with a day, then, if there is room, those without. */
static int take_of(Best *b, Tx *tx, const SqlDef *sql, int64_t id, Err *e)
{
    bool is_behind = b->after && b->after->due_ms == FLOW_NO_DUE;
    for (int has_due = is_behind ? 0 : 1; has_due >= 0; has_due--) {
        Stmt *s = tx_sql(tx, sql);
        bind_i64(s, 1, id);
        bind_i64(s, 2, has_due);
        bind_i64(s, 3, has_due && b->after ? b->after->due_ms : INT64_MIN);
        bind_i64(s, 4, has_due ? b->limit * 2 : LIMIT_TICK); /* some of one instant are behind */
        int rc, n = 0;
        while ((rc = stmt_step(s, e)) > 0) {
            keep_best(b, flow_read_duty(b->arena, s));
            n++;
        }
        TRY(rc);
    }
    return 0;
}

int flow_owed(Arena *a, Tx *tx, const int64_t *seats, int seat_n, const int64_t *postings,
              int posting_n, const FlowDuty *after, int limit, FlowDuty **ret, int *ret_n, Err *e)
{
    CHECK(limit >= 1 && limit <= LIMIT_DUTIES_SHOWN);
    Best b = {.arena = a, .after = after, .list = NEW_N(a, FlowDuty, (size_t)limit + 1),
              .limit = limit};
    for (int i = 0; i < seat_n; i++)
        TRY(take_of(&b, tx, SQL(flow_duty_of_seat), seats[i], e));
    for (int i = 0; i < posting_n; i++)
        TRY(take_of(&b, tx, SQL(flow_duty_of_posting), postings[i], e));
    *ret = b.list;
    *ret_n = b.n;
    return 0;
}

static int count_of(Tx *tx, const SqlDef *sql, int64_t id, int stop, int *n, Err *e)
{
    if (*n >= stop)
        return 0;
    Stmt *s = tx_sql(tx, sql);
    bind_i64(s, 1, id);
    bind_i64(s, 2, stop - *n);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    *n += (int)col_i64(s, 0);
    stmt_reset(s);
    return 0;
}

int flow_owed_count(Tx *tx, const int64_t *seats, int seat_n, const int64_t *postings,
                    int posting_n, int stop, int *ret, Err *e)
{
    *ret = 0;
    for (int i = 0; i < seat_n; i++)
        TRY(count_of(tx, SQL(flow_duty_count_seat), seats[i], stop, ret, e));
    for (int i = 0; i < posting_n; i++)
        TRY(count_of(tx, SQL(flow_duty_count_posting), postings[i], stop, ret, e));
    return 0;
}

static int read_all(Arena *a, Stmt *s, int max, FlowDuty **ret, int *ret_n, Err *e)
{
    FlowDuty *list = NEW_N(a, FlowDuty, (size_t)max + 1);
    int rc;
    *ret_n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        list[(*ret_n)++] = flow_read_duty(a, s);
    *ret = list;
    return rc;
}

int flow_duties_of(Arena *a, Tx *tx, Uuid record, FlowDuty **ret, int *ret_n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_duty_of_record));
    bind_uuid(s, 1, record);
    bind_i64(s, 2, LIMIT_DUTIES_SHOWN);
    return read_all(a, s, LIMIT_DUTIES_SHOWN, ret, ret_n, e);
}

int flow_duties_open(Arena *a, Tx *tx, const FlowDuty *after, int max, FlowDuty **ret, int *ret_n,
                     Err *e)
{
    FlowDuty *list = NEW_N(a, FlowDuty, (size_t)max + 1);
    int rc;
    Stmt *s = tx_sql(tx, SQL(flow_duty_open_of));
    bind_uuid(s, 1, after ? after->record : (Uuid){{0}});
    bind_str(s, 2, after ? after->name : S(""));
    bind_uuid(s, 3, after ? after->id : (Uuid){{0}});
    bind_i64(s, 4, max);
    *ret_n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        list[(*ret_n)++] = (FlowDuty){.record = col_uuid(s, 0),
                                      .type = col_i64(s, 1),
                                      .name = str_copy(a, col_str(s, 2)),
                                      .posting = col_i64(s, 3),
                                      .id = col_uuid(s, 4)};
    *ret = list;
    return rc;
}

int flow_duty_get(Arena *a, Tx *tx, Uuid id, FlowDuty *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_duty_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc < 0 ? rc : err_set(e, ERR_MISSING, "flow.no_duty");
    *ret = flow_read_duty(a, s);
    stmt_reset(s);
    return 0;
}

/* ---- taken, stopped ---- */

int flow_apply_take(Tx *tx, void *flow_take, Err *e)
{
    const FlowTake *x = flow_take;
    Stmt *s = tx_sql(tx, x->lets_go ? SQL(flow_duty_let_go) : SQL(flow_duty_take));
    if (x->lets_go) {
        bind_uuid(s, 1, x->duty);
        bind_uuid(s, 2, x->person);
    } else {
        bind_uuid(s, 1, x->person);
        bind_i64(s, 2, x->now_ms);
        bind_uuid(s, 3, x->duty);
        bind_i64(s, 4, x->takes_over);
    }
    int rc = stmt_run(s, e);
    if (rc)
        return rc < 0 ? rc : 0;
    FlowDuty d;
    TRY(flow_duty_get(tx_arena(tx), tx, x->duty, &d, e));
    if (d.done_ms)
        return err_set(e, ERR_STATE, "flow.duty_done");
    return x->lets_go ? 0 : err_set(e, ERR_STATE, "flow.duty_taken"); /* it was not his: let go */
}

static int go_on(Tx *tx, const FlowStop *x, Err *e)
{
    Arena *a = tx_arena(tx);
    Stmt *s = tx_sql(tx, SQL(flow_duty_left));
    bind_uuid(s, 1, x->duty);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (!rc || col_null(s, 0)) {
        if (rc)
            stmt_reset(s);
        return err_set(e, ERR_STATE, "flow.duty_runs");
    }
    FlowTerm left = {.unit = FLOW_LEFT_MIN, .n = col_i64(s, 0)};
    stmt_reset(s);
    UnixMs due;
    FlowCount count;
    TRY(flow_due(x->calendar, x->now_ms, left, &due, &count, e));
    s = tx_sql(tx, SQL(flow_duty_go));
    bind_i64(s, 1, due);
    bind_str(s, 2, flow_count_text(a, &count));
    bind_uuid(s, 3, x->duty);
    rc = stmt_run(s, e);
    return rc < 0 ? rc : rc ? 0 : err_set(e, ERR_STATE, "flow.duty_runs");
}

int flow_apply_stop(Tx *tx, void *flow_stop, Err *e)
{
    const FlowStop *x = flow_stop;
    if (x->goes_on)
        return go_on(tx, x, e);
    FlowDuty d;
    TRY(flow_duty_get(tx_arena(tx), tx, x->duty, &d, e));
    if (d.due_ms == FLOW_NO_DUE)
        return err_set(e, ERR_STATE, "flow.duty_no_clock");
    Stmt *s = tx_sql(tx, SQL(flow_duty_stop));
    bind_i64(s, 1, x->now_ms);
    bind_i64(s, 2, flow_left_min(x->calendar, x->now_ms, d.due_ms));
    bind_uuid(s, 3, x->duty);
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : rc ? 0 : err_set(e, ERR_STATE, "flow.duty_done");
}

/* ---- another calendar ---- */

/* 1: another instant. 0: the same one, or it was not counted. */
static int shift_of(Arena *a, const FlowCalendar *now, const FlowDuty *d, FlowShift *ret, Err *e)
{
    FlowCount was, is;
    UnixMs due;
    Err sub = err_on(a);
    if (!d->counted.n || flow_count_parse(a, d->counted, &was, &sub) < 0)
        return 0; /* a day that was said, not counted; what cannot be read verify tells */
    bool is_by_hour = was.term.unit == FLOW_WORKHOURS || was.term.unit == FLOW_LEFT_MIN;
    TRY(is_by_hour ? flow_due(now, d->opened_ms, was.term, &due, &is, e)
                   : flow_due_day(now, was.from, was.term, &due, &is, e));
    *ret = (FlowShift){.duty = *d, .due_ms = due, .counted = flow_count_text(a, &is)};
    return due != d->due_ms;
}

/* Goes on behind *after, which it moves; ret_n < limit: there are no more. */
static int shifts_after(Arena *a, Tx *tx, const FlowCalendar *now, Uuid *after, int limit,
                        FlowShift *list, int *ret_n, Err *e)
{
    int n = 0, rc, read = LIMIT_TICK;
    FlowDuty *duties = NEW_N(a, FlowDuty, LIMIT_TICK);
    while (n < limit && read == LIMIT_TICK) {
        Stmt *s = tx_sql(tx, SQL(flow_duty_after));
        bind_uuid(s, 1, *after);
        bind_i64(s, 2, LIMIT_TICK);
        for (read = 0; (rc = stmt_step(s, e)) > 0;)
            duties[read++] = flow_read_duty(a, s);
        TRY(rc);
        for (int i = 0; i < read && n < limit; i++) {
            TRY(rc = shift_of(a, now, &duties[i], &list[n], e));
            n += rc;
            *after = duties[i].id;
        }
    }
    *ret_n = n;
    return 0;
}

int flow_shifts(Arena *a, Tx *tx, const FlowCalendar *now, int limit, FlowShift **ret, int *ret_n,
                Err *e)
{
    Uuid after = {{0}};
    FlowShift *list = NEW_N(a, FlowShift, (size_t)limit + 1);
    TRY(shifts_after(a, tx, now, &after, limit, list, ret_n, e));
    *ret = list;
    return 0;
}

typedef struct Moved {
    int n;
    FlowDuty *late; /* those that were told late */
    int late_n, late_cap;
} Moved;

static void keep_late(Arena *a, Moved *m, const FlowDuty *d)
{
    if (m->late_n == m->late_cap) {
        int cap = m->late_cap ? m->late_cap * 2 : 16;
        FlowDuty *more = NEW_N(a, FlowDuty, (size_t)cap);
        if (m->late_n)
            memcpy(more, m->late, (size_t)m->late_n * sizeof *more);
        m->late = more;
        m->late_cap = cap;
    }
    m->late[m->late_n++] = *d;
}

/* All open duties that fall due at another instant now. */
static int move_all(Tx *tx, const FlowCalendar *now, Moved *ret, Err *e)
{
    Uuid after = {{0}};
    int n = LIMIT_TICK;
    FlowShift *list = NEW_N(tx_arena(tx), FlowShift, LIMIT_TICK + 1);
    while (n == LIMIT_TICK) {
        TRY(shifts_after(tx_arena(tx), tx, now, &after, LIMIT_TICK, list, &n, e));
        for (int i = 0; i < n; i++) {
            if (list[i].duty.late_ms)
                keep_late(tx_arena(tx), ret, &list[i].duty);
            FlowStep step = {.what = FLOW_SHIFT,
                             .record = list[i].duty.record,
                             .name = list[i].duty.name,
                             .due_ms = list[i].due_ms,
                             .counted = list[i].counted};
            TRY(flow_apply(tx, &step, 1, e));
        }
        ret->n += n;
    }
    return 0;
}

int flow_apply_days_and_duties(Tx *tx, void *flow_import, Err *e)
{
    FlowImport *in = flow_import;
    Moved moved = {0}; /* it may run more than once */
    TRY(flow_apply_days(tx, in, e));
    if (in->change_n)
        TRY(move_all(tx, in->now, &moved, e));
    in->moved_n = moved.n;
    in->late = moved.late;
    in->late_n = moved.late_n;
    return 0;
}

int flow_apply_office_and_duties(Tx *tx, void *set_office, Err *e)
{
    FlowSetOffice *in = set_office;
    Moved moved = {0};
    bool is_same = str_eq(flow_office_text(tx_arena(tx), flow_calendar_office(in->was)),
                          flow_office_text(tx_arena(tx), &in->office));
    if (!is_same) {
        TRY(flow_apply_office(tx, in, e));
        TRY(move_all(tx, in->now, &moved, e));
    }
    in->moved_n = moved.n;
    in->late = moved.late;
    in->late_n = moved.late_n;
    return 0;
}

const FlowCalendar *flow_calendar_of(const WorkDays *w)
{
    return w ? w->ctx : NULL;
}
