/* record_makes.c: `makes`: records an action opens, filled from the one it was done on. They are
 * whoever's did it, in the record's unit where their type sits there, else in the unit of his post;
 * their history begins with their own `create`.                           DESIGN: States, actions
 * */
#include "record/record_flow.h"

static int fill(Flow *x, const Makes *m, const Record *on, Record *made, Err *e)
{
    Subject s = record_subject(on);
    ExprWorld w = {.subject = &s,
                   .today = x->r->today,
                   .me = x->r->person,
                   .workdays = x->r->workdays};
    for (int i = 0; i < m->type->field_n; i++)
        made->values[i] = m->type->fields[i].preset;
    for (int i = 0; i < m->field_n; i++) {
        const Field *f = m->fields[i].field;
        Value v;
        Err sub = err_on(x->a);
        int rc = expr_eval(m->fields[i].value, &w, &v, &sub);
        if (rc == ERR_LIMIT)
            return err_field(e, f->name, "expr.overflow", sub.args[0]);
        if (rc < 0)
            return err_set(e, rc, "record.expr_failed", f->name);
        made->values[f->ix] = v.tag == VALUE_ROWS ? v : value_copy(x->a, &v);
    }
    return 0;
}

/* Where it sits, under which post it is written. */
static int place(const Flow *x, const Makes *m, const Record *on, int post_ix, Record *made, Err *e)
{
    const Tree *tree = x->r->tree;
    if (!x->r->post_n)
        return err_set(e, ERR_DENIED, "record.no_post");
    bool sits = m->type->part_of || m->type->at >> tree->units[on->unit_ix].kind & 1;
    for (int i = 0; post_ix < 0 && i < x->r->post_n && !sits; i++) /* named in it: one that fits */
        if (m->type->at >> tree->units[x->r->posts[i].unit_ix].kind & 1)
            post_ix = i;
    const Post *post = &x->r->posts[post_ix < 0 ? 0 : post_ix];
    const Unit *unit = &tree->units[sits ? on->unit_ix : post->unit_ix];
    if (!sits && !(m->type->at >> unit->kind & 1))
        return err_set(e, ERR_DENIED, "record.makes_nowhere",
                       label_text(&m->type->label, x->r->lang));
    made->unit_ix = unit->ix;
    made->unit = unit->id;
    made->county = unit->county;
    made->seat = post->seat;
    made->posting = post->posting;
    made->author = uuid_is_zero(post->deputy_for) ? x->r->person : post->deputy_for;
    return 0;
}

/* A fault of what was to be made is no field of the form: TYPE.FIELD. */
static int fault_of(const Flow *x, const Type *t, const Err *sub, Err *e)
{
    for (size_t i = 0; i < sub->field_n; i++) {
        const ErrField *f = &sub->fields[i];
        Str args[ERR_ARGS_MAX + 1] = {f->args[0], f->args[1], f->args[2], f->args[3], STR_NONE};
        Str path = str_fmt(x->a, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(f->field));
        (void)err_field_at(e, path, str_z(x->a, f->key), sub->file, sub->line, args);
    }
    if (sub->field_n)
        return ERR_INVALID;
    Str args[ERR_ARGS_MAX + 1] = {sub->args[0], sub->args[1], sub->args[2], sub->args[3], STR_NONE};
    return err_set_at(e, sub->cls, str_z(x->a, sub->key), sub->file, sub->line, args);
}

static int make_one(Flow *x, const Makes *m, const Record *on, int post_ix, Change *from,
                    Change **ret, Err *e)
{
    const Type *t = m->type;
    CHECK(t->create);
    Change *c = change_new(x->rs, x->a, x->r, t, t->create, from->now_ms);
    c->after = NEW(x->a, Record);
    *c->after = (Record){.id = env_uuid7(x->rs->env),
                         .type = t,
                         .state = t->create->to,
                         .version = 1,
                         .made_ms = c->now_ms,
                         .values = NEW_N(x->a, Value, (size_t)t->field_n + 1)};
    TRY(place(x, m, on, post_ix, c->after, e));
    TRY(fill(x, m, on, c->after, e));
    Flow flow = {.rs = x->rs,
                 .a = x->a,
                 .tx = x->tx,
                 .r = x->r,
                 .t = t,
                 .action = t->create,
                 .after = c->after,
                 .fetched = on}; /* as the action leaves it, not as it was read */
    Err sub = err_on(x->a);
    int rc = flow_derive(&flow, &sub);
    if (!rc)
        rc = flow_ask(&flow, &sub);
    if (rc < 0)
        return fault_of(x, t, &sub, e);
    for (int i = 0; i < t->field_n; i++)
        if (c->after->values[i].tag != VALUE_NONE)
            set_add(c->changed, i);
    c->seat = c->after->seat;
    c->deputy_for = from->deputy_for;
    c->after->at_day = record_day(t, c->after->values, c->after->made_ms);
    change_body(c, x->a, NULL);
    TRY(change_figures(c, x->a, NULL, e));
    TRY(change_duties(c, x->a, NULL, e));
    *ret = c;
    return 0;
}

int makes_prepare(Flow *x, const Action *act, const Record *on, int post_ix, Change *c, Err *e)
{
    Change **last = &c->made;
    for (int i = 0; i < act->make_n; i++) {
        TRY(make_one(x, &act->makes[i], on, post_ix, c, last, e));
        last = &(*last)->next_made;
    }
    return 0;
}
