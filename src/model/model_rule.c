/* model_rule.c: the expressions of a type, read once all types are known, and what is made of them:
 * when a field is asked for and shown, what is computed, what is checked, what an action makes. */
#include "model/model_expr.h"
#include "model/model_int.h"

size_t when_at(Str text)
{
    static const char word[] = "when ";
    if (!str_starts(text, S("when ")))
        return 0;
    return strlen(word);
}

/* ---- one expression ---- */

/* Its nodes count columns from 1 in their own text: to the file's. */
static void place_expr(Expr *x, int line, int shift)
{
    if (!x || x->line != 1 || x->column < 0)
        return;
    x->line = line;
    x->column += shift;
    place_expr((Expr *)x->a, line, shift); /* LIMIT_EXPR_DEPTH */
    place_expr((Expr *)x->b, line, shift);
    place_expr((Expr *)x->next, line, shift);
}

/* How far the expression's first letter stands from column 1. */
static int shift_of(const Node *n, size_t skip)
{
    return n->column - 1 + (n->is_quoted ? 1 : 0) + (int)utf8_count(str_sub(n->text, 0, skip));
}

static void fault_expr(Reader *r, const Node *n, size_t skip, const Err *e)
{
    CHECK(e->field_n > 0);
    ErrField said = e->fields[0];
    const ErrField *f = &said;
    int64_t column = 1;
    Node at = *n;
    Str near = STR_NONE;
    (void)str_i64(f->args[0], &column); /* always one */
    at.column = shift_of(n, skip) + (int)column;
    for (int i = 0; str_ends(f->key, S("_near")) && i < ERR_ARGS_MAX && str_has(f->args[i]); i++)
        near = f->args[i];
    said.args[0] = str_fmt(r->scratch, "%d", at.column); /* in the file */
    fault(r, &at, near, "model.bad_expr", err_field_text(r->scratch, r->lang, f));
}

static bool fits_use(Reader *r, const Node *n, ExprUse use, const Expr *x)
{
    if (use == EXPR_USE_SEE && !expr_is_see(x)) {
        fault(r, n, STR_NONE, "model.not_see");
        return false;
    }
    if (use != EXPR_USE_ACTION && expr_counts_parts(x)) {
        fault(r, n, STR_NONE, "model.parts_in_when");
        return false;
    }
    if (use == EXPR_USE_DATE && x->kind != KIND_DATE) {
        fault(r, n, STR_NONE, "model.not_date_expr");
        return false;
    }
    return true;
}

const Expr *read_expr(Reader *r, const TypeDraft *d, const Field *rows, const Node *n, size_t skip,
                      ExprUse use, const Field *into)
{
    if (d->has_faults || (use == EXPR_USE_ACTION && r->is_part_bad))
        return NULL; /* told; what it would say of them is not sure */
    Err e = err_on(r->scratch);
    const Expr *x = NULL;
    Str text = str_copy(r->out, str_sub(n->text, skip, n->text.n));
    const Model *m = r->model;
    int rc;
    if (use == EXPR_USE_VALUE)
        rc = expr_parse_into(r->out, m, d->type, rows, into, text, &x, &e);
    else if (use == EXPR_USE_DATE)
        rc = expr_parse(r->out, m, d->type, rows, text, &x, &e);
    else
        rc = expr_parse_condition(r->out, m, d->type, rows, text, &x, &e);
    if (rc < 0) {
        fault_expr(r, n, skip, &e);
        return NULL;
    }
    if (!fits_use(r, n, use, x))
        return NULL;
    place_expr((Expr *)x, n->line, shift_of(n, skip));
    return x;
}

/* Calls f for every node; stops at the first false. */
static bool walk(const Expr *x, bool (*f)(const void *ctx, const Expr *x), const void *ctx)
{
    return !x || (f(ctx, x) && walk(x->a, f, ctx) && walk(x->b, f, ctx) && walk(x->next, f, ctx));
}

/* ---- fields ---- */

static const Expr *read_when(Reader *r, TypeDraft *d, FieldDraft *fd, int word)
{
    const Node *n = fd->got.of[word];
    size_t skip = n ? when_at(n->text) : 0;
    if (!n)
        return NULL;
    if (skip == 0) {
        if (word == FIELD_SHOWN)
            fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_WHEN].says));
        return NULL;
    }
    return read_expr(r, d, fd->field->rows, n, skip, EXPR_USE_CONDITION, NULL);
}

/* Stored: own fields and rows only; computed ones before it in the file, and not the other way. */
static bool may_compute(const void *ctx, const Expr *x)
{
    const Field *into = ctx;
    if (x->op == EXPR_STATE || x->op == EXPR_TODAY || x->op == EXPR_ME || x->op == EXPR_THIS)
        return false;
    if (x->op != EXPR_FIELD)
        return true;
    bool is_before = x->field->rows == into->rows
                         ? x->field->ix < into->ix
                         : x->field->rows != NULL; /* a row's come before the record's */
    return !x->field->computed || is_before;
}

static void read_field_rules(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    Field *f = fd->field;
    const Node *computed = fd->got.of[FIELD_COMPUTED];
    if (fd->is_bad)
        return;
    f->required_when = read_when(r, d, fd, FIELD_REQUIRED);
    f->shown_when = read_when(r, d, fd, FIELD_SHOWN);
    if (computed)
        f->computed = read_expr(r, d, f->rows, computed, 0, EXPR_USE_VALUE, f);
}

static void check_computed(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    (void)d; /* one like the other */
    if (fd->field->computed && !walk(fd->field->computed, may_compute, fd->field))
        fault(r, fd->got.of[FIELD_COMPUTED], STR_NONE, "model.computed_of", fd->field->name);
}

/* ---- checks ---- */

static void add_check(Reader *r, TypeDraft *d, const Node *n, Check *checks)
{
    Got got = {0};
    Str name = read_name(r, n->key);
    if (!read_words(r, SECTION_CHECK, n, n->key, &got) || !str_has(name))
        return;
    Check *c = &checks[d->type->check_n++];
    *c = (Check){.name = name, .label = {{S(""), S("")}}};
    if (got.of[CHECK_LABEL])
        c->label = read_label(r, got.of[CHECK_LABEL], name);
    c->law = got.of[CHECK_LAW] ? keep(r, got.of[CHECK_LAW]->text) : STR_NONE;
    if (!got.of[CHECK_THAT])
        return;
    c->that = read_expr(r, d, NULL, got.of[CHECK_THAT], 0, EXPR_USE_CONDITION, NULL);
    c->field = expr_first_field(c->that);
    if (c->that && !c->field)
        fault(r, got.of[CHECK_THAT], STR_NONE, "model.check_field");
}

static void read_checks(Reader *r, TypeDraft *d)
{
    const Node *map = d->got.of[TYPE_CHECKS];
    if (!map)
        return;
    const Node *child = read_map_children(r, map, LIMIT_CHECKS);
    Check *checks = NEW_N(r->out, Check, map->n + 1);
    d->type->checks = checks;
    for (; child; child = child->next)
        add_check(r, d, child, checks);
}

/* ---- what an action makes ---- */

static const Expr *this_expr(Reader *r, const Node *at)
{
    Expr *x = NEW(r->out, Expr);
    *x = (Expr){.op = EXPR_THIS,
                .kind = KIND_LINK,
                .mul = 1,
                .div = 1,
                .line = at->line,
                .column = at->column};
    return x;
}

static void add_made_field(Reader *r, TypeDraft *d, const TypeDraft *made, const Node *n,
                           Makes *makes, struct MakesField *fields)
{
    const Field *f = draft_field(made, n->key->text);
    if (!f) {
        fault_unknown_field(r, made, n->key, n->key->text);
        return;
    }
    const FieldDraft *fd = draft_of(made, f);
    if (fd->is_bad)
        return; /* told */
    if (f->is_asked || fd->got.of[FIELD_COMPUTED] || f->kind == KIND_ROWS) {
        fault(r, n->key, STR_NONE, "model.not_made", f->name);
        return;
    }
    if (n->shape != NODE_TEXT || n->text.n == 0) {
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_EXPR].says));
        return;
    }
    fields[makes->field_n++] =
        (struct MakesField){.field = f, .value = read_expr(r, d, NULL, n, 0, EXPR_USE_VALUE, f)};
}

static bool is_made(const Makes *m, const struct MakesField *fields, const Field *f)
{
    for (int i = 0; i < m->field_n; i++)
        if (fields[i].field == f)
            return true;
    return false;
}

/* A part of the record acted on, and all that must be there when it does not begin as a draft. */
static void finish_made(Reader *r, const TypeDraft *d, const TypeDraft *made, const Node *n,
                        Makes *makes, struct MakesField *fields)
{
    const Type *t = made->type;
    if (t->part_of && str_eq(t->part_of->to, d->type->name) && !is_made(makes, fields, t->part_of))
        fields[makes->field_n++] =
            (struct MakesField){.field = t->part_of, .value = this_expr(r, n->key)};
    if (!t->create || t->create->to < 0 || t->states[t->create->to].is_draft)
        return;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (f->is_required && !f->is_asked && !f->copy_of && f->preset.tag == VALUE_NONE &&
            !is_made(makes, fields, f))
            fault(r, n->key, STR_NONE, "model.made_missing", t->name, f->name);
    }
}

static void add_makes(Reader *r, TypeDraft *d, const Node *n, Makes *makes)
{
    const TypeDraft *made = find_type(r, n->key, n->key->text);
    if (!made)
        return;
    if (n->shape != NODE_MAP) {
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_MAKES_MAP].says));
        return;
    }
    struct MakesField *fields = NEW_N(r->out, struct MakesField, n->n + 2);
    *makes = (Makes){.type = made->type, .fields = fields};
    for (const Node *f = n->first; f; f = f->next)
        add_made_field(r, d, made, f, makes, fields);
    if (!d->has_faults && !made->has_faults)
        finish_made(r, d, made, n, makes, fields);
}

static void read_makes(Reader *r, TypeDraft *d, const Node *map, Action *a)
{
    if (!map)
        return;
    const Node *child = read_map_children(r, map, LIMIT_MAKES);
    Makes *makes = NEW_N(r->out, Makes, map->n + 1);
    a->makes = makes;
    for (; child; child = child->next) {
        add_makes(r, d, child, &makes[a->make_n]);
        a->make_n += makes[a->make_n].type != NULL;
    }
}

/* `settle.rent`: a module and its function. */
static bool is_code(Str s)
{
    Str module, function;
    return str_cut(s, '.', &module, &function) && is_name(module) && is_name(function);
}

Str read_code(Reader *r, const Node *n)
{
    if (!n)
        return STR_NONE;
    if (!is_code(n->text))
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_CODE].says));
    return keep(r, n->text);
}

static void read_action_rules(Reader *r, TypeDraft *d, Action *a)
{
    const Got *got = &d->action_gots[a->ix];
    if (got->of[ACTION_WHEN])
        a->when = read_expr(r, d, NULL, got->of[ACTION_WHEN], 0, EXPR_USE_ACTION, NULL);
    if (got->of[ACTION_DUE])
        a->due = read_expr(r, d, NULL, got->of[ACTION_DUE], 0, EXPR_USE_DATE, NULL);
    a->code = read_code(r, got->of[ACTION_CODE]);
    read_makes(r, d, got->of[ACTION_MAKES], a);
}

void read_rules(Reader *r, TypeDraft *d)
{
    each_field(r, d, read_field_rules);
    each_field(r, d, check_computed);
    read_checks(r, d);
    for (int i = 0; i < d->type->action_n; i++)
        read_action_rules(r, d, &d->actions[i]);
}
