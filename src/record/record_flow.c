/* record_flow.c: what follows from what was typed, in this order: copies, what is hidden, what is
 * computed; then what is still asked for: required fields, doubles among lines, checks.
 *
 * Settled here, as the model's words leave it open:
 *   copy       taken when its link is set or changed, unless another value than the one that stood
 *              there came with it
 *   shown      a field that is not shown is emptied when the fields are edited (create, change, or
 *              the action that asks for it); another action leaves it alone, so nothing is lost
 *              when a record goes back a state
 *   required   asked when a record leaves its draft, and at each edit outside of it; what came in
 *              under an older model passes on unasked
 *   checks     asked like required fields, once every field they name is there
 *                                                              SPEC: P4 P12  DESIGN: The model */
#include "record/record_flow.h"

static bool is_edit(const Flow *x)
{
    return x->action->kind != ACTION_OTHER;
}

static bool is_asked_now(const Flow *x, const Field *f)
{
    return f->is_asked && (input_writes(f, x->action) || (x->then && input_writes(f, x->then)));
}

static ExprWorld world_of(const Flow *x, const Subject *s, const Row *row)
{
    return (ExprWorld){.subject = s,
                       .row = row,
                       .today = x->r->today,
                       .me = x->r->person,
                       .workdays = x->r->workdays};
}

/* The number of a line as it came, for a fault's name. */
static Str path_of(const Flow *x, const Field *rows, int64_t line, Str name)
{
    const int *at = x->taken ? x->taken->rows[rows->ix].at : NULL;
    return input_path(x->a, rows, at ? at[line] : (int)line, name);
}

static bool has_fault(const Err *e, Str field)
{
    for (size_t i = 0; i < e->field_n; i++)
        if (str_eq(e->fields[i].field, field))
            return true;
    return false;
}

/* An expression that could not be worked out: too large is a fault of the field. */
static int told(const Err *sub, int rc, Str path, Err *e)
{
    if (rc != ERR_LIMIT)
        return err_set(e, rc, "record.expr_failed", path);
    return err_field(e, path, "expr.overflow", sub->args[0]);
}

static int holds(const Flow *x, const Expr *c, const Row *row, Str path, bool *ret, Err *e)
{
    *ret = true;
    if (!c)
        return 0;
    Subject s = record_subject(x->after);
    ExprWorld w = world_of(x, &s, row);
    Err sub = err_on(x->a);
    int rc = expr_holds(c, &w, ret, &sub);
    return rc < 0 ? told(&sub, rc, path, e) : 0;
}

/* ---- lines that may be written ---- */

/* Lines come out of a snapshot or an input; what is worked out goes into copies of them. */
static void own_rows(const Flow *x)
{
    for (int i = 0; i < x->t->field_n; i++) {
        Value *v = &x->after->values[i];
        if (v->tag != VALUE_ROWS)
            continue;
        const Field *f = &x->t->fields[i];
        Row *rows = arena_copy(x->a, v->rows, (size_t)v->i * sizeof *rows);
        for (int64_t k = 0; k < v->i; k++)
            rows[k].values =
                arena_copy(x->a, rows[k].values, (size_t)f->field_n * sizeof(Value));
        v->rows = rows;
    }
}

static Value *row_values(const Value *v, int64_t line)
{
    return (Value *)(uintptr_t)v->rows[line].values; /* own_rows: ours */
}

static const Row *row_with(const Value *v, Uuid id)
{
    for (int64_t i = 0; v && v->tag == VALUE_ROWS && i < v->i; i++)
        if (uuid_eq(v->rows[i].id, id))
            return &v->rows[i];
    return NULL;
}

/* ---- copies ---- */

/* A choice has a number of its own in every field that offers it; its name is the same. */
static Value as_choice(const Field *f, const Field *from, Value v)
{
    const Choice *there = v.tag == VALUE_INT ? field_choice_numbered(from, v.i) : NULL;
    const Choice *here = there ? field_choice(f, there->name) : NULL;
    return here ? (Value){.tag = VALUE_INT, .i = here->number} : (Value){.tag = VALUE_NONE};
}

static int fetch(Flow *x, const Field *f, const Value *link, Value *ret, Err *e)
{
    *ret = (Value){.tag = VALUE_NONE};
    if (link->tag != VALUE_BLOB || link->s.n != sizeof(Uuid))
        return 0;
    Uuid id;
    memcpy(id.b, link->s.p, sizeof id.b);
    if (!x->fetched || !uuid_eq(x->fetched->id, id)) {
        int64_t number, county;
        Record *rec;
        int rc = record_registered(x->tx, id, &number, &county, e);
        if (rc < 0)
            return rc;
        const Type *t = rc ? model_type_numbered(x->rs->model, number) : NULL;
        if (!t)
            return 0;
        TRY(record_read_row(x->rs, x->a, x->tx, x->r->tree, t, county, id, &rec, e));
        x->fetched = rec;
    }
    const Field *from = f->copy_of;
    if (from->ix >= x->fetched->type->field_n || &x->fetched->type->fields[from->ix] != from)
        return 0; /* a links field that leads to another type */
    *ret = x->fetched->values[from->ix];
    if (f->kind == KIND_CHOICE)
        *ret = as_choice(f, from, *ret);
    return 0;
}

/* One copy: `was` stood there, `past` is what the same thing sent before made of it. */
static int copy_one(Flow *x, const Field *f, const Value *link, const Value *link_was, bool filled,
                    const Value *was, const Value *past, Value *v, Err *e)
{
    bool is_new = !link_was || !value_eq(link, link_was);
    bool untouched = !filled || (was && value_eq(v, was));
    if (past && (!filled || x->action->kind != ACTION_CREATE))
        *v = *past;
    else if (!past && is_new && untouched && (link->tag != VALUE_NONE || link_was))
        return fetch(x, f, link, v, e);
    return 0;
}

static int copy_rows(Flow *x, const Field *rows, Err *e)
{
    Value *v = &x->after->values[rows->ix];
    const Value *before = x->before ? &x->before->values[rows->ix] : NULL;
    const Value *past = x->past ? &x->past[rows->ix] : NULL;
    const uint64_t *given = x->taken ? x->taken->rows[rows->ix].given : NULL;
    for (int k = 0; k < rows->field_n; k++) {
        const Field *f = &rows->fields[k];
        if (!f->copy_of || !given || !f->copy_link)
            continue;
        bool by_row = f->copy_link->rows != NULL;
        for (int64_t i = 0; v->tag == VALUE_ROWS && i < v->i; i++) {
            const Row *was = row_with(before, v->rows[i].id), *then = row_with(past, v->rows[i].id);
            int l = f->copy_link->ix;
            const Value *link = by_row ? &v->rows[i].values[l] : &x->after->values[l];
            const Value *link_was = !was ? NULL : by_row ? &was->values[l] : &x->before->values[l];
            TRY(copy_one(x, f, link, link_was, given[i] >> k & 1, was ? &was->values[k] : NULL,
                         then ? &then->values[k] : NULL, &row_values(v, i)[k], e));
        }
    }
    return 0;
}

static int take_copies(Flow *x, Err *e)
{
    for (int i = 0; i < x->t->field_n; i++) {
        const Field *f = &x->t->fields[i];
        if (f->kind == KIND_ROWS)
            TRY(copy_rows(x, f, e));
        if (!f->copy_of || !f->copy_link)
            continue;
        int l = f->copy_link->ix;
        const Value *was = x->before ? x->before->values : NULL;
        bool filled = x->taken && set_has(x->taken->filled, i);
        TRY(copy_one(x, f, &x->after->values[l], was ? &was[l] : NULL, filled, was ? &was[i] : NULL,
                     x->past ? &x->past[i] : NULL, &x->after->values[i], e));
    }
    return 0;
}

/* ---- hidden, computed ---- */

static bool is_touched(const Flow *x, const Field *f)
{
    return f->is_asked ? is_asked_now(x, f) : is_edit(x);
}

static int hide_rows(const Flow *x, const Field *rows, Err *e)
{
    Value *v = &x->after->values[rows->ix];
    for (int64_t i = 0; v->tag == VALUE_ROWS && i < v->i; i++)
        for (int k = 0; k < rows->field_n; k++) {
            const Field *f = &rows->fields[k];
            bool shown;
            if (!f->shown_when)
                continue;
            TRY(holds(x, f->shown_when, &v->rows[i], path_of(x, rows, i, f->name), &shown, e));
            if (!shown)
                row_values(v, i)[k] = (Value){.tag = VALUE_NONE};
        }
    return 0;
}

static int hide(const Flow *x, Err *e)
{
    for (int i = 0; i < x->t->field_n; i++) {
        const Field *f = &x->t->fields[i];
        bool shown;
        if (!is_touched(x, f))
            continue;
        TRY(holds(x, f->shown_when, NULL, f->name, &shown, e));
        if (!shown)
            x->after->values[i] = (Value){.tag = VALUE_NONE};
        else if (f->kind == KIND_ROWS)
            TRY(hide_rows(x, f, e));
    }
    return 0;
}

static int compute_one(const Flow *x, const Field *f, const Row *row, Str path, Value *ret, Err *e)
{
    Subject s = record_subject(x->after);
    ExprWorld w = world_of(x, &s, row);
    Err sub = err_on(x->a);
    Value v;
    int rc = expr_eval(f->computed, &w, &v, &sub);
    if (rc < 0)
        return told(&sub, rc, path, e);
    *ret = v.tag == VALUE_TEXT || v.tag == VALUE_BLOB ? value_copy(x->a, &v) : v;
    return 0;
}

static int compute_rows(const Flow *x, const Field *rows, Err *e)
{
    Value *v = &x->after->values[rows->ix];
    for (int k = 0; k < rows->field_n; k++)
        for (int64_t i = 0; rows->fields[k].computed && v->tag == VALUE_ROWS && i < v->i; i++)
            TRY(compute_one(x, &rows->fields[k], &v->rows[i],
                            path_of(x, rows, i, rows->fields[k].name), &row_values(v, i)[k], e));
    return 0;
}

/* Lines first, then the record's own, in the order of the model. */
static int compute(const Flow *x, Err *e)
{
    for (int i = 0; i < x->t->field_n; i++)
        if (x->t->fields[i].kind == KIND_ROWS)
            TRY(compute_rows(x, &x->t->fields[i], e));
    for (int i = 0; i < x->t->field_n; i++)
        if (x->t->fields[i].computed)
            TRY(compute_one(x, &x->t->fields[i], NULL, x->t->fields[i].name, &x->after->values[i],
                            e));
    return 0;
}

int flow_derive(Flow *x, Err *e)
{
    own_rows(x);
    TRY(take_copies(x, e));
    int rc = hide(x, e);
    if (rc >= 0)
        rc = compute(x, e);
    return rc == ERR_INVALID ? 0 : rc; /* faults are in e */
}

/* ---- what is still asked for ---- */

static bool leaves_draft(const Flow *x)
{
    bool was_draft = !x->before || x->t->states[x->before->state].is_draft;
    uint32_t out = x->t->draft_states | x->t->void_states;
    return !(out >> x->after->state & 1) && (was_draft || is_edit(x));
}

static int is_required(const Flow *x, const Field *f, const Row *row, Str path, bool *ret, Err *e)
{
    *ret = false;
    bool shown = true;
    if (f->computed || (!f->is_required && !f->required_when) || has_fault(e, path))
        return 0;
    TRY(holds(x, f->shown_when, row, path, &shown, e));
    if (!shown)
        return 0;
    if (f->is_required)
        *ret = true;
    else
        TRY(holds(x, f->required_when, row, path, ret, e));
    return 0;
}

static int require_rows(const Flow *x, const Field *rows, Err *e)
{
    const Value *v = &x->after->values[rows->ix];
    for (int64_t i = 0; v->tag == VALUE_ROWS && i < v->i; i++)
        for (int k = 0; k < rows->field_n; k++) {
            const Field *f = &rows->fields[k];
            bool asked = false;
            if (v->rows[i].values[k].tag != VALUE_NONE || (!f->is_required && !f->required_when))
                continue;
            Str path = path_of(x, rows, i, f->name);
            TRY(is_required(x, f, &v->rows[i], path, &asked, e));
            if (asked)
                (void)err_field(e, path, "field.required");
        }
    return 0;
}

static int require(const Flow *x, Err *e)
{
    bool leaves = leaves_draft(x);
    for (int i = 0; i < x->t->field_n; i++) {
        const Field *f = &x->t->fields[i];
        bool asked = false;
        if (f->is_asked ? !is_asked_now(x, f) : !leaves)
            continue;
        if (x->after->values[i].tag == VALUE_NONE)
            TRY(is_required(x, f, NULL, f->name, &asked, e));
        else if (f->kind == KIND_ROWS)
            TRY(require_rows(x, f, e));
        if (asked)
            (void)err_field(e, f->name, "field.required");
    }
    return 0;
}

static bool is_same_line(const Field *rows, const Row *a, const Row *b)
{
    for (int i = 0; i < rows->unique_n; i++) {
        const Value *v = &a->values[rows->unique[i]->ix];
        if (v->tag == VALUE_NONE || !value_eq(v, &b->values[rows->unique[i]->ix]))
            return false;
    }
    return rows->unique_n > 0;
}

static void refuse_doubles(const Flow *x, Err *e)
{
    for (int i = 0; i < x->t->field_n; i++) {
        const Field *f = &x->t->fields[i];
        const Value *v = &x->after->values[i];
        if (f->kind != KIND_ROWS || v->tag != VALUE_ROWS || !x->taken || !x->taken->rows[i].at)
            continue;
        for (int64_t k = 1; k < v->i; k++)
            for (int64_t j = 0; j < k && f->unique_n; j++)
                if (is_same_line(f, &v->rows[k], &v->rows[j])) {
                    Str path = path_of(x, f, k, f->unique[0]->name);
                    (void)err_field(e, path, "field.row_twice",
                                    err_int(e, x->taken->rows[i].at[j] + 1));
                    break;
                }
    }
}

/* Is everything there that a check speaks of? Of lines that is the number it makes of them. */
static int names_all(const Flow *x, const Expr *c, bool *ret, Err *e)
{
    Value v;
    Subject s = record_subject(x->after);
    ExprWorld w = world_of(x, &s, NULL);
    for (; c && *ret; c = c->next) {
        bool is_of_rows = c->op == EXPR_MIN || c->op == EXPR_MAX;
        if (c->op == EXPR_FIELD && !c->rows)
            *ret = x->after->values[c->field->ix].tag != VALUE_NONE;
        else if (is_of_rows) {
            TRY(expr_eval(c, &w, &v, e));
            *ret = v.tag != VALUE_NONE;
        } else if (c->op != EXPR_COUNT && c->op != EXPR_SUM && c->op != EXPR_ANY &&
                   c->op != EXPR_IS_EMPTY) {
            TRY(names_all(x, c->a, ret, e));
            if (*ret)
                TRY(names_all(x, c->b, ret, e));
        }
    }
    return 0;
}

static int check_one(const Flow *x, const Check *c, Err *e)
{
    bool asked = true, ok = true;
    Err sub = err_on(x->a);
    Str path = c->field ? c->field->rows ? c->field->rows->name : c->field->name : S("");
    int rc = names_all(x, c->that, &asked, &sub);
    if (rc < 0)
        return told(&sub, rc, path, e);
    if (!asked || has_fault(e, path))
        return 0;
    TRY(holds(x, c->that, NULL, path, &ok, e));
    if (ok)
        return 0;
    Str say = label_text(&c->label, x->r->lang);
    if (!say.n)
        say = expr_text(x->a, c->that, x->r->lang);
    if (str_has(c->law))
        return err_field(e, path, "field.check_law", say, c->law);
    return err_field(e, path, "field.check", say);
}

int flow_ask(Flow *x, Err *e)
{
    int rc = require(x, e);
    if (rc < 0 && rc != ERR_INVALID)
        return rc;
    refuse_doubles(x, e);
    for (int i = 0; leaves_draft(x) && i < x->t->check_n; i++) {
        rc = check_one(x, &x->t->checks[i], e);
        if (rc < 0 && rc != ERR_INVALID)
            return rc;
    }
    return e->cls;
}

/* ---- an action's condition ---- */

typedef struct Parts {
    const Flow *flow;
    Uuid whole;
} Parts;

static int count_part(void *ctx, const Type *part, const Expr *where, int64_t *ret, Err *e)
{
    const Parts *p = ctx;
    const Flow *x = p->flow;
    Stmt *s;
    Uuid *ids = NEW_N(x->a, Uuid, LIMIT_PARTS + 1);
    int64_t *counties = NEW_N(x->a, int64_t, LIMIT_PARTS + 1), n = 0, found = 0;
    int rc;
    TRY(tx_prepare(x->tx, x->rs->sql[part->ix].parts, &s, e));
    bind_uuid(s, 1, p->whole);
    bind_i64(s, 2, LIMIT_PARTS);
    for (; (rc = stmt_step(s, e)) > 0; n++) {
        counties[n] = col_i64(s, 0);
        ids[n] = col_uuid(s, 1);
    }
    if (rc < 0)
        return rc;
    for (int64_t i = 0; i < n && where; i++) {
        Record *rec;
        bool ok;
        TRY(record_read_row(x->rs, x->a, x->tx, x->r->tree, part, counties[i], ids[i], &rec, e));
        Subject subject = record_subject(rec);
        ExprWorld w = world_of(x, &subject, NULL);
        TRY(expr_holds(where, &w, &ok, e));
        found += ok;
    }
    *ret = where ? found : n;
    return 0;
}

/* Asked of the record as it stands, with what the action itself writes. */
int flow_when(Flow *x, const Action *act, const Record *on, Err *e)
{
    bool ok = true;
    Subject s = record_subject(on);
    Parts parts = {x, on->id};
    ExprWorld w = world_of(x, &s, NULL);
    Err sub = err_on(x->a);
    w.count_part = count_part;
    w.count_ctx = &parts;
    int rc = act->when ? expr_holds(act->when, &w, &ok, &sub) : 0;
    if (rc < 0)
        return err_set(e, rc == ERR_LIMIT ? ERR_STATE : rc, "record.expr_failed", act->name);
    if (ok)
        return 0;
    return err_set(e, ERR_STATE, "record.not_yet", expr_text(x->a, act->when, x->r->lang));
}
