/* record_duty_figure.c: figures whose source are duties: what one duty gives is a function of it
 * and of its record's state alone; whatever changes either books after - before in its own
 * transaction: a change of a record, the clock that finds it late, a clock that goes on, another
 * calendar. SPEC: P5                                                DESIGN: Figures, source duty */
#include "record/record_int.h"

typedef struct Watched {
    const Type *type;
    Uuid record;
    int64_t unit;
    int from, to; /* states of the record, -1: there is none */
    FlowDuty *was;
    int was_n;
} Watched;

bool duty_is_figured(const Type *t)
{
    for (int i = 0; i < t->figure_n; i++)
        if (t->figures[i].duty)
            return true;
    return false;
}

int duty_share(const Figure *f, const FlowDuty *d, int state, FigShare *ret, Day *ret_day)
{
    UnixMs at = flow_counts_at(d);
    if (at == FLOW_NO_DUE || state < 0 || !(f->states >> state & 1) ||
        !str_eq(f->duty->name, d->name) || (f->is_in_time && !flow_is_in_time(d)))
        return 0;
    *ret = (FigShare){.figure = f, .row = d->id, .dim = S(""), .key = S(""), .n = 1};
    *ret_day = day_of_ms(at);
    return 1;
}

/* ---- what is watched ---- */

static Watched *find(const DutyWatch *w, Uuid record)
{
    for (int i = 0; i < w->n; i++)
        if (uuid_eq(w->list[i].record, record))
            return &w->list[i];
    return NULL;
}

static int add(DutyWatch *w, Watched x, Err *e)
{
    Arena *a = tx_arena(w->tx);
    if (w->n == w->cap) {
        int cap = w->cap ? w->cap * 2 : 4;
        Watched *more = NEW_N(a, Watched, (size_t)cap);
        if (w->n)
            memcpy(more, w->list, (size_t)w->n * sizeof *more);
        w->list = more;
        w->cap = cap;
    }
    TRY(flow_duties_all(a, w->tx, x.record, &x.was, &x.was_n, e));
    w->list[w->n++] = x;
    return 0;
}

/* Where a record stands now; -1: there is none. */
static int read_state(Records *rs, Tx *tx, const Type *t, Uuid record, int64_t *ret_unit, int *ret,
                      Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_register_get));
    bind_uuid(s, 1, record);
    int rc = stmt_step(s, e);
    *ret = -1;
    if (rc <= 0)
        return rc;
    bool is_its = col_i64(s, 0) == t->number;
    int64_t county = col_i64(s, 2);
    *ret_unit = col_i64(s, 1);
    stmt_reset(s);
    if (!is_its)
        return 0;
    TRY(tx_prepare(tx, rs->sql[t->ix].state_of, &s, e));
    bind_i64(s, 1, county);
    bind_uuid(s, 2, record);
    rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    const State *st = type_state_numbered(t, col_i64(s, 0));
    stmt_reset(s);
    *ret = st ? st->ix : -1;
    return 0;
}

int duty_watch(DutyWatch *w, const Type *t, Uuid record, Err *e)
{
    if (!t || !duty_is_figured(t) || find(w, record))
        return 0;
    Watched x = {.type = t, .record = record};
    TRY(read_state(w->rs, w->tx, t, record, &x.unit, &x.from, e));
    x.to = x.from;
    return x.from < 0 ? 0 : add(w, x, e);
}

int duty_watch_change(DutyWatch *w, const Change *c, Err *e)
{
    const Record *rec = c->after;
    if (duty_is_figured(c->type) && (c->step_n || c->base_state != rec->state) && !c->is_create)
        TRY(add(w,
                (Watched){.type = c->type, .record = rec->id, .unit = rec->unit,
                          .from = c->base_state, .to = rec->state},
                e));
    for (int i = 0; i < c->step_n; i++)
        if (!uuid_eq(c->steps[i].record, rec->id))
            TRY(duty_watch(w, model_type_numbered(c->rs->model, c->steps[i].type),
                           c->steps[i].record, e));
    return 0;
}

/* ---- what it comes to ---- */

typedef struct Booking {
    Tx *tx;
    FigMove *list;
    int n, cap;
} Booking;

static int above_of(Tx *tx, int64_t unit, FigMove *ret, Err *e)
{
    int64_t *list = NEW_N(tx_arena(tx), int64_t, LIMIT_UNIT_DEPTH + 1);
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(record_units_above));
    bind_i64(s, 1, unit);
    while ((rc = stmt_step(s, e)) > 0) {
        CHECK(n <= LIMIT_UNIT_DEPTH);
        list[n++] = col_i64(s, 0);
    }
    ret->above = list;
    ret->above_n = n;
    return rc;
}

static void add_move(Booking *b, const FigMove *like, FigDo what, const FigShare *share, Day day)
{
    if (b->n == b->cap) {
        int cap = b->cap ? b->cap * 2 : 8;
        FigMove *more = NEW_N(tx_arena(b->tx), FigMove, (size_t)cap);
        if (b->n)
            memcpy(more, b->list, (size_t)b->n * sizeof *more);
        b->list = more;
        b->cap = cap;
    }
    b->list[b->n] = *like;
    b->list[b->n].what = what;
    b->list[b->n].share = *share;
    b->list[b->n++].day = day;
}

/* One duty before and after; NULL: not there. */
static void book_one(Booking *b, const FigMove *like, const Type *t, const FlowDuty *was, int from,
                     const FlowDuty *is, int to)
{
    for (int i = 0; i < t->figure_n; i++) {
        const Figure *f = &t->figures[i];
        FigShare a, z;
        Day day_a = DAY_NONE, day_z = DAY_NONE;
        bool had = f->duty && was && duty_share(f, was, from, &a, &day_a);
        bool has = f->duty && is && duty_share(f, is, to, &z, &day_z);
        if (had && has && day_a == day_z)
            continue;
        if (had)
            add_move(b, like, FIG_TAKE, &a, day_a);
        if (has)
            add_move(b, like, FIG_ADD, &z, day_z);
    }
}

static const FlowDuty *with_id(const FlowDuty *list, int n, Uuid id)
{
    for (int i = 0; i < n; i++)
        if (uuid_eq(list[i].id, id))
            return &list[i];
    return NULL;
}

static int book_watched(Booking *b, const Watched *x, Err *e)
{
    FlowDuty *is;
    int n, was_n = b->n;
    FigMove like = {.record = x->record};
    TRY(flow_duties_all(tx_arena(b->tx), b->tx, x->record, &is, &n, e));
    for (int i = 0; i < n; i++) /* none goes away */
        book_one(b, &like, x->type, with_id(x->was, x->was_n, is[i].id), x->from, &is[i], x->to);
    if (b->n == was_n)
        return 0;
    TRY(above_of(b->tx, x->unit, &like, e));
    for (int i = was_n; i < b->n; i++) {
        b->list[i].above = like.above;
        b->list[i].above_n = like.above_n;
    }
    return 0;
}

static void pend(const Booking *b)
{
    if (!b->n)
        return;
    Pended *p = NEW(tx_arena(b->tx), Pended);
    *p = (Pended){.is_figures = true, .moves = b->list, .move_n = b->n};
    tx_pend(b->tx, p);
}

int duty_book(DutyWatch *w, Err *e)
{
    Booking b = {.tx = w->tx};
    for (int i = 0; i < w->n; i++)
        TRY(book_watched(&b, &w->list[i], e));
    pend(&b);
    return 0;
}

int duty_book_late(Records *rs, Tx *tx, const FlowDuty *was, int n, Err *e)
{
    Booking b = {.tx = tx};
    for (int i = 0; i < n; i++) {
        const Type *t = model_type_numbered(rs->model, was[i].type);
        FlowDuty is;
        FigMove like = {.record = was[i].record};
        int state;
        int64_t unit;
        if (!t || !duty_is_figured(t))
            continue;
        TRY(read_state(rs, tx, t, was[i].record, &unit, &state, e));
        TRY(flow_duty_get(tx_arena(tx), tx, was[i].id, &is, e));
        TRY(above_of(tx, unit, &like, e));
        book_one(&b, &like, t, &was[i], state, &is, state);
    }
    pend(&b);
    return 0;
}
