/* record_duty.c: what a change does to the duties of its record: a duty stands while the record
 * stands in its state, one that began with a posting while the record is open; one met by another
 * record (`met_by`) ends when that is made.
 *                                                         SPEC: P4  DESIGN: Duties and the clock */
#include "record/record_flow.h"

typedef struct Steps {
    DutyWorld w;
    Arena *arena;
    const Change *c;  /* NULL: nobody's change */
    const FlowBy *by; /* NULL: nobody is told of this change */
    FlowStep *list;
    int n, cap;
} Steps;

static FlowStep *add_step(Steps *x, FlowDo what, Uuid record, Str name)
{
    if (x->n == x->cap) {
        int cap = x->cap ? x->cap * 2 : 4;
        FlowStep *more = NEW_N(x->arena, FlowStep, (size_t)cap);
        if (x->n)
            memcpy(more, x->list, (size_t)x->n * sizeof *more);
        x->list = more;
        x->cap = cap;
    }
    FlowStep *s = &x->list[x->n++];
    *s = (FlowStep){.what = what, .record = record, .name = name, .at_ms = x->w.now_ms,
                    .due_ms = FLOW_NO_DUE, .counted = S("")};
    return s;
}

/* ---- who is told ---- */

/* What somebody writes anew is found where it is owed; what leaves a draft nobody knew before. */
static const FlowBy *told_by(const Change *c, Arena *a, const Record *before)
{
    if (!before || !c->base || c->is_create || c->type->states[before->state].is_draft)
        return NULL;
    FlowBy *by = NEW(a, FlowBy);
    *by = (FlowBy){.actor = c->reader->person,
                   .deputy_for = c->deputy_for,
                   .seat = c->seat,
                   .act = c->action->number,
                   .state = c->type->states[c->after->state].number};
    if (!uuid_eq(c->after->author, by->actor))
        by->told_seat = c->after->seat;
    return by;
}

static void tell_with(Steps *x, FlowStep *s)
{
    s->by = x->by;
    if (x->by)
        s->notice = env_uuid7(x->w.rs->env);
}

FlowStep flow_tell_author(Env *env, const Record *rec, const FlowBy *by, UnixMs now_ms)
{
    return (FlowStep){.what = FLOW_TELL,
                      .record = rec->id,
                      .type = rec->type->number,
                      .seat = rec->seat,
                      .posting = rec->posting,
                      .at_ms = now_ms,
                      .by = by,
                      .notice = env_uuid7(env),
                      .about = rec->id};
}

/* The author, of what somebody else did with it. */
static void tell_author(Steps *x)
{
    const Record *rec = x->c->after;
    if (!x->by || uuid_eq(rec->author, x->by->actor))
        return;
    FlowStep *s = add_step(x, FLOW_TELL, rec->id, S(""));
    *s = flow_tell_author(x->w.rs->env, rec, x->by, x->w.now_ms);
    s->told = S("act");
    s->nth = rec->version;
}

/* ---- when ---- */

/* `day + 3 workdays` is counted from the day, so that it can be said how. */
static int due_by_expr(Steps *x, const Expr *due, const Record *rec, FlowStep *s, Err *e)
{
    Subject subject = record_subject(rec);
    ExprWorld world = {.subject = &subject,
                       .today = x->w.today,
                       .me = x->w.me,
                       .workdays = flow_workdays(x->w.calendar)};
    FlowTerm term = {.unit = FLOW_ON};
    const Expr *from = due;
    Value v;
    if (due->op == EXPR_SHIFT && due->b->op == EXPR_VALUE && due->b->value.i >= 0) {
        static const FlowUnit units[] = {[UNIT_DAYS] = FLOW_DAYS,
                                         [UNIT_WORKDAYS] = FLOW_WORKDAYS,
                                         [UNIT_MONTHS] = FLOW_MONTHS,
                                         [UNIT_YEARS] = FLOW_YEARS};
        term = (FlowTerm){.unit = units[due->unit], .n = due->b->value.i};
        from = due->a;
    }
    TRY(expr_eval(from, &world, &v, e));
    if (v.tag != VALUE_INT)
        return 0; /* no day was said yet */
    FlowCount count;
    TRY(flow_due_day(x->w.calendar, (Day)v.i, term, &s->due_ms, &count, e));
    s->counted = flow_count_text(x->arena, &count);
    return 0;
}

static int due_of(Steps *x, const Duty *d, const Record *rec, FlowStep *s, Err *e)
{
    if (d->due)
        return due_by_expr(x, d->due, rec, s, e);
    FlowTerm term = {.n = d->within};
    FlowCount count;
    CHECK(flow_unit_of(d->within_unit, &term.unit));
    TRY(flow_due(x->w.calendar, s->at_ms, term, &s->due_ms, &count, e));
    s->counted = flow_count_text(x->arena, &count);
    return 0;
}

/* ---- who ---- */

static int owed_by(Steps *x, const Duty *d, const Record *rec, FlowStep *s, Err *e)
{
    const Tree *tree = x->w.tree;
    const Who *w = &d->owed_by;
    int unit_ix = rec->unit_ix;
    SeatStep *chain;
    if (w->kind == WHO_ROLE_VIA) {
        const Value *v = &rec->values[w->via->ix];
        const Unit *u = v->tag == VALUE_INT ? tree_unit(tree, v->i) : NULL;
        unit_ix = u ? u->ix : unit_ix;
    }
    bool is_seat = w->kind == WHO_ROLE || w->kind == WHO_ROLE_HERE || w->kind == WHO_ROLE_VIA;
    if (is_seat) {
        s->chain_n = access_owing_chain(x->arena, tree, x->w.rs->model, unit_ix, w->role,
                                        w->kind == WHO_ROLE_HERE, &chain);
        if (!s->chain_n)
            return err_set(e, ERR_STATE, "record.nobody_owes", d->name);
        s->chain = chain;
        return 0;
    }
    s->seat = rec->seat; /* the author, and whoever answers for his posting */
    s->posting = rec->posting;
    return 0;
}

static int open_one(Steps *x, const Duty *d, const Record *rec, Err *e)
{
    FlowStep *s = add_step(x, FLOW_OPEN, rec->id, d->name);
    s->id = env_uuid7(x->w.rs->env);
    tell_with(x, s);
    s->type = rec->type->number;
    s->unit = rec->unit;
    TRY(owed_by(x, d, rec, s, e));
    return due_of(x, d, rec, s, e);
}

/* A field its day is made of has changed. */
static int shift_one(Steps *x, const Duty *d, const Record *before, const Record *after, Err *e)
{
    if (!d->due)
        return 0;
    FlowStep was = {.due_ms = FLOW_NO_DUE, .counted = S("")}, is = was;
    TRY(due_by_expr(x, d->due, before, &was, e));
    TRY(due_by_expr(x, d->due, after, &is, e));
    if (was.due_ms == is.due_ms && str_eq(was.counted, is.counted))
        return 0;
    FlowStep *s = add_step(x, FLOW_SHIFT, after->id, d->name);
    s->due_ms = is.due_ms;
    s->counted = is.counted;
    return 0;
}

/* ---- met by another record ---- */

static void meet(Steps *x, const Record *made)
{
    const Model *m = x->w.rs->model;
    for (int i = 0; i < m->type_n; i++)
        for (int k = 0; k < m->types[i].duty_n; k++) {
            const Duty *d = &m->types[i].duties[k];
            if (!str_has(d->met_by) || !str_eq(d->met_by, made->type->name))
                continue;
            for (int f = 0; f < made->type->field_n; f++) {
                const Field *link = &made->type->fields[f];
                const Value *v = &made->values[f];
                if (link->kind != KIND_LINK || v->tag != VALUE_BLOB ||
                    !str_eq(link->to, m->types[i].name))
                    continue;
                Uuid id;
                memcpy(id.b, v->s.p, sizeof id.b);
                add_step(x, FLOW_DONE, id, d->name)->type = m->types[i].number;
            }
        }
}

/* ---- with a change ---- */

static bool is_at_work(const Type *t, int state)
{
    return state >= 0 && (t->open_states & ~t->draft_states) >> state & 1;
}

/* A record that is closed asks for nothing: what nobody else meets is done with it. */
static void end_upon(Steps *x, const Type *t, int from, const Record *after)
{
    for (int i = 0; i < t->duty_n && is_at_work(t, from) && !is_at_work(t, after->state); i++)
        if (str_has(t->duties[i].upon))
            (void)add_step(x, str_has(t->duties[i].met_by) ? FLOW_LAPSE : FLOW_DONE, after->id,
                           t->duties[i].name);
}

int change_duties(Change *c, Arena *a, const Record *before, Err *e)
{
    const Type *t = c->type;
    const Reader *r = c->reader;
    const FlowCalendar *own = flow_calendar_of(r->workdays);
    Steps x = {.arena = a,
               .c = c,
               .w = {.rs = c->rs,
                     .tree = r->tree,
                     .calendar = own ? own : c->rs->calendar,
                     .now_ms = c->now_ms,
                     .today = r->today,
                     .me = r->person}};
    x.by = told_by(c, a, before);
    tell_author(&x);
    int from = before ? before->state : -1, to = c->after->state;
    c->base_state = from;
    for (int i = 0; i < t->duty_n; i++) {
        const Duty *d = &t->duties[i];
        if (d->while_state < 0)
            continue;
        if (from == to && d->while_state == to)
            TRY(shift_one(&x, d, before, c->after, e));
        else if (d->while_state == from)
            tell_with(&x, add_step(&x, FLOW_DONE, c->after->id, d->name));
    }
    end_upon(&x, t, from, c->after);
    for (int i = 0; i < t->duty_n && from != to; i++)
        if (t->duties[i].while_state == to)
            TRY(open_one(&x, &t->duties[i], c->after, e));
    bool was_draft = !before || t->states[from].is_draft;
    if (was_draft && !t->states[to].is_draft)
        meet(&x, c->after);
    c->steps = x.list;
    c->step_n = x.n;
    return 0;
}

/* ---- outside of a change ---- */

int duty_step(const DutyWorld *w, Arena *a, const Duty *d, const Record *rec, FlowStep *ret, Err *e)
{
    Steps x = {.arena = a, .w = *w};
    TRY(open_one(&x, d, rec, e));
    *ret = x.list[0];
    return 0;
}

int duty_step_for(const DutyWorld *w, Arena *a, const Duty *d, const Record *rec,
                  const FlowBegin *posting, FlowStep *ret, Err *e)
{
    Steps x = {.arena = a, .w = *w};
    FlowStep *s = add_step(&x, FLOW_OPEN, rec->id, d->name);
    s->id = env_uuid7(w->rs->env);
    s->type = rec->type->number;
    s->unit = rec->unit;
    s->seat = posting->seat;
    s->posting = posting->posting;
    TRY(due_of(&x, d, rec, s, e));
    *ret = *s;
    return 0;
}
