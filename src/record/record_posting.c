/* record_posting.c: duties that begin and end with a posting (`upon`), and what the clock, a
 * stopped clock and another calendar do to duties, with the figures that count them: each wraps
 * what access or flow does, in the same change. A posting that begins today or began before gets
 * its duties with the change that fills the seat; one that begins later gets them from the clock
 * on its first day. So it happens once: of a record, a posting has a duty of a name once, whoever
 * looks how often. SPEC: P4 P5 B2                                   DESIGN: Duties and the clock */
#include "record/record_flow.h"

static bool has_upon(const Model *m)
{
    for (int i = 0; i < m->type_n; i++)
        for (int k = 0; k < m->types[i].duty_n; k++)
            if (str_has(m->types[i].duties[k].upon))
                return true;
    return false;
}

/* ---- a posting begins ---- */

typedef struct Beginning {
    DutyWorld w;
    Tx *tx;
    const FlowBegin *posting;
    int left; /* duties that may still be opened in this change */
} Beginning;

/* Open records of one unit, drafts left out. */
static int begin_at(Beginning *x, const Type *t, const Duty *d, int64_t unit, Err *e)
{
    enum { STEP = LIMIT_TICK };
    Arena *a = tx_arena(x->tx);
    Uuid ids[STEP], after = {{0}};
    int64_t counties[STEP];
    int n = STEP;
    while (n == STEP && x->left > 0) {
        Stmt *s;
        int rc;
        bool is_draft[STEP];
        TRY(tx_prepare(x->tx, x->w.rs->sql[t->ix].open_at, &s, e));
        bind_i64(s, 1, unit);
        bind_uuid(s, 2, after);
        bind_i64(s, 3, STEP);
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++) {
            counties[n] = col_i64(s, 0);
            after = ids[n] = col_uuid(s, 1);
            const State *st = type_state_numbered(t, col_i64(s, 2));
            is_draft[n] = !st || st->is_draft;
        }
        TRY(rc);
        for (int i = 0; i < n && x->left > 0; i++) {
            Record *rec;
            FlowStep step;
            if (is_draft[i])
                continue;
            TRY(record_read_row(x->w.rs, a, x->tx, x->w.tree, t, counties[i], ids[i], &rec, e));
            TRY(duty_step_for(&x->w, a, d, rec, x->posting, &step, e));
            TRY(rc = flow_open_once(x->tx, &step, e));
            x->left -= rc;
        }
    }
    return 0;
}

/* Is the unit's work the seat's: `ROLE here` its own unit and what was merged into it, `ROLE` what
 * has no nearer unit with such a seat. */
static bool is_its_work(const Beginning *x, const Duty *d, int seat_ix, int unit_ix)
{
    const Tree *t = x->w.tree;
    if (d->owed_by.kind == WHO_ROLE)
        return tree_above_at(t, unit_ix, x->w.rs->model->roles[d->owed_by.role].at) == seat_ix;
    while (unit_ix != seat_ix && unit_ix >= 0 && t->units[unit_ix].closed != DAY_NONE)
        unit_ix = t->units[unit_ix].parent_ix;
    return unit_ix == seat_ix;
}

static int begin_posting(Beginning *x, Err *e)
{
    const Model *m = x->w.rs->model;
    const Tree *tree = x->w.tree;
    const Unit *u = tree_unit(tree, x->posting->unit);
    const Role *role = model_role(m, x->posting->role);
    for (int i = 0; u && role && i < m->type_n; i++)
        for (int k = 0; k < m->types[i].duty_n; k++) {
            const Duty *d = &m->types[i].duties[k];
            if (!str_has(d->upon) || d->owed_by.role != role->ix)
                continue;
            for (int ix = u->ix; ix < u->end_ix && x->left > 0; ix++)
                if (is_its_work(x, d, u->ix, ix))
                    TRY(begin_at(x, &m->types[i], d, tree->units[ix].id, e));
        }
    return 0;
}

int record_apply_staff(Tx *tx, void *record_staff, Err *e)
{
    const RecordStaff *x = record_staff;
    Staff *in = x->staff;
    TRY(access_apply_staff(tx, in, e));
    if (!has_upon(x->rs->model) || in->starts > in->by.today ||
        (in->ends != DAY_NONE && in->ends < in->by.today))
        return 0;
    if (x->tree->number != in->tree_number) /* apply_staff held it to be the one in force */
        return err_set(e, ERR_BUSY, "access.tree_moved");
    FlowBegin posting = {.posting = in->posting, .seat = in->seat, .unit = in->unit_id,
                         .role = in->chain[0].role, .starts = in->starts};
    Beginning b = {.tx = tx,
                   .posting = &posting,
                   .left = INT32_MAX,
                   .w = {.rs = x->rs,
                         .tree = x->tree,
                         .calendar = x->calendar,
                         .now_ms = in->by.now_ms,
                         .today = in->by.today}};
    return begin_posting(&b, e);
}

/* ---- postings that are over ---- */

static int lapse(Records *rs, Tx *tx, const FlowDuty *list, int n, UnixMs now_ms, Err *e)
{
    for (int i = 0; i < n; i++) {
        FlowStep step = {.what = FLOW_LAPSE, .id = list[i].id, .record = list[i].record,
                         .name = list[i].name, .at_ms = now_ms};
        TRY(flow_apply(tx, &step, 1, e));
    }
    return duty_book_late(rs, tx, list, n, e);
}

/* At most `max`; *ret is how many. */
static int end_duties(Records *rs, Tx *tx, Day today, UnixMs now_ms, int max, int *ret, Err *e)
{
    const Model *m = rs->model;
    *ret = 0;
    for (int i = 0; i < m->type_n; i++)
        for (int k = 0; k < m->types[i].duty_n && *ret < max; k++) {
            FlowDuty *list;
            int n;
            if (!str_has(m->types[i].duties[k].upon))
                continue;
            TRY(flow_duties_over(tx_arena(tx), tx, m->types[i].number, m->types[i].duties[k].name,
                                 today, max - *ret, &list, &n, e));
            TRY(lapse(rs, tx, list, n, now_ms, e));
            *ret += n;
        }
    return 0;
}

int record_apply_end(Tx *tx, void *record_end, Err *e)
{
    enum { STEP = LIMIT_TICK };
    const RecordEnd *x = record_end;
    int n = STEP;
    TRY(access_apply_end(tx, x->end, e));
    if (x->end->ends >= x->end->by.today || !has_upon(x->rs->model))
        return 0; /* the day after his last the clock ends them */
    while (n == STEP)
        TRY(end_duties(x->rs, tx, x->end->by.today, x->end->by.now_ms, STEP, &n, e));
    return 0;
}

/* ---- the clock ---- */

/* Once a day: what ended until yesterday lapses, what began since the last time opens. */
static int turn_of_day(Tx *tx, const RecordTick *x, Err *e)
{
    FlowTick *t = x->tick;
    Day today = day_of_ms(t->now_ms), begun;
    int ended;
    TRY(flow_begun_day(tx, &begun, e));
    if (begun != DAY_NONE && begun >= today)
        return 0;
    TRY(record_is_current(x->rs, tx, e));
    TRY(access_tree_same(tx, x->tree->number, e));
    TRY(end_duties(x->rs, tx, today, t->now_ms, LIMIT_TICK, &ended, e));
    Beginning b = {.tx = tx,
                   .left = LIMIT_TICK - ended,
                   .w = {.rs = x->rs, .tree = x->tree, .calendar = t->calendar, .today = today}};
    FlowBegin *list;
    int64_t after = 0;
    for (int n = LIMIT_TICK; n == LIMIT_TICK && begun != DAY_NONE && b.left > 0;) {
        TRY(flow_begins(tx_arena(tx), tx, begun, today, after, LIMIT_TICK, &list, &n, e));
        for (int i = 0; i < n && b.left > 0; i++) {
            b.posting = &list[i];
            b.w.now_ms = flow_midnight(list[i].starts); /* counted from his first day */
            TRY(begin_posting(&b, e));
            after = list[i].posting;
        }
    }
    if (b.left <= 0) {
        t->has_more = true;
        return 0;
    }
    return flow_set_begun_day(tx, today, e);
}

static bool has_figured(const Model *m)
{
    for (int i = 0; i < m->type_n; i++)
        if (duty_is_figured(&m->types[i]))
            return true;
    return false;
}

int record_apply_tick(Tx *tx, void *record_tick, Err *e)
{
    const RecordTick *x = record_tick;
    FlowTick *t = x->tick;
    TRY(flow_apply_tick(tx, t, e));
    if (has_upon(x->rs->model))
        TRY(turn_of_day(tx, x, e));
    if (!t->late_n || !has_figured(x->rs->model))
        return 0;
    FlowDuty *was = NEW_N(tx_arena(tx), FlowDuty, (size_t)t->late_n);
    for (int i = 0; i < t->late_n; i++) {
        TRY(flow_duty_get(tx_arena(tx), tx, t->late[i], &was[i], e));
        was[i].late_ms = 0;
    }
    return duty_book_late(x->rs, tx, was, t->late_n, e);
}

int record_apply_stop(Tx *tx, void *record_stop, Err *e)
{
    const RecordStop *x = record_stop;
    FlowDuty was;
    TRY(flow_duty_get(tx_arena(tx), tx, x->stop->duty, &was, e));
    TRY(flow_apply_stop(tx, x->stop, e));
    return duty_book_late(x->rs, tx, &was, 1, e);
}

/* ---- another calendar ---- */

int record_apply_days(Tx *tx, void *record_days, Err *e)
{
    const RecordDays *x = record_days;
    TRY(flow_apply_days_and_duties(tx, x->days, e));
    return duty_book_late(x->rs, tx, x->days->late, x->days->late_n, e);
}

int record_apply_office(Tx *tx, void *record_office, Err *e)
{
    const RecordOffice *x = record_office;
    TRY(flow_apply_office_and_duties(tx, x->office, e));
    return duty_book_late(x->rs, tx, x->office->late, x->office->late_n, e);
}
