/* model_expr_kind.c: what fits with what in an expression, and the kind of what comes out. */
#include "model/model_expr.h"

enum { HUNDRED = 100, PERCENT_WHOLE = 100 * 100, PRICE_PER_FEN = 100, JIN_G = 500, KG_G = 1000 };

bool expr_is_amount(KindId k)
{
    return k == KIND_INT || k == KIND_MONEY || k == KIND_PRICE || k == KIND_AREA ||
           k == KIND_WEIGHT || k == KIND_PERCENT;
}

static bool is_words(KindId k)
{
    return k == KIND_TEXT || k == KIND_NOTE || k == KIND_REMARK || k == KIND_CREDIT_CODE ||
           k == KIND_PLATE || k == KIND_PARCEL_CODE;
}

static bool is_ordered(KindId k)
{
    return expr_is_amount(k) || k == KIND_DATE || k == KIND_INSTANT || k == KIND_MONTH_DAY;
}

static bool is_single(KindId k) /* one value, so that it can be equal to another */
{
    return is_ordered(k) || is_words(k) || k == KIND_YESNO || k == KIND_CHOICE || k == KIND_LINK ||
           k == KIND_PERSON || k == KIND_UNIT;
}

static ExprPer per_named(Str s)
{
    static const char *const names[] = {"",          "mu",  "jin",   "kg",  "person",
                                        "household", "day", "month", "year"};
    for (size_t i = 1; i < LEN(names); i++)
        if (str_eq(s, str_of(names[i])))
            return (ExprPer)i;
    return PER_NONE;
}

static bool is_head(ExprPer per) /* per person, household, day, month, year: times an int */
{
    return per >= PER_PERSON && per <= PER_YEAR;
}

static bool is_per_same(ExprPer a, ExprPer b)
{
    return a == b || (a == PER_ANY_HEAD && (b == PER_NONE || is_head(b))) ||
           (b == PER_ANY_HEAD && (a == PER_NONE || is_head(a)));
}

Term expr_field_term(Expr *x, const Field *f, int column)
{
    Term t = {.x = x, .column = column, .per = per_named(f->per)};
    if (f->kind == KIND_WEIGHT)
        t.weight = str_has(f->unit) && f->unit.n ? per_named(f->unit) : PER_KG;
    return t;
}

static bool is_state(const Expr *x)
{
    return x->op == EXPR_STATE || x->state;
}

Str expr_kind_name(ExprParser *p, const Term *t)
{
    static const char *const pers[] = {"",           "/mu",  "/jin",   "/kg",   "/person",
                                       "/household", "/day", "/month", "/year", ""};
    if (!t->x)
        return t->is_number ? S("number") : utf8_prefix(t->name, LIMIT_NAME_CHARS);
    if (is_state(t->x))
        return S("state");
    return str_fmt(p->arena, "%s%s", model_kind(t->x->kind)->name, pers[t->per]);
}

/* ---- names and numbers that wait for the other side ---- */

int expr_unknown(ExprParser *p, const Term *t)
{
    Near near = near_start(t->name);
    for (int i = 0; p->rows && i < p->rows->field_n; i++)
        near_try(&near, p->rows->fields[i].name);
    for (int i = 0; i < p->type->field_n; i++)
        near_try(&near, p->type->fields[i].name);
    static const char *const words[] = {"state", "today", "me", "this", "yes", "no"};
    for (size_t i = 0; i < LEN(words); i++)
        near_try(&near, str_of(words[i]));
    Str name = utf8_prefix(t->name, LIMIT_NAME_CHARS);
    if (str_has(near_best(&near)))
        return expr_fail(p, t->column, "expr.unknown_near", name, near_best(&near));
    return expr_fail(p, t->column, "expr.unknown", name);
}

static int number_value(ExprParser *p, Term *t, KindId kind, int64_t times, int decimals)
{
    int64_t v = t->digits;
    if (t->decimals > decimals) {
        for (int i = decimals; i < t->decimals; i++) {
            if (v % 10)
                return expr_fail(p, t->column, "expr.too_fine", err_int(p->e, decimals));
            v /= 10;
        }
    } else
        for (int i = t->decimals; i < decimals; i++)
            if (__builtin_mul_overflow(v, 10, &v))
                return expr_fail(p, t->column, "expr.too_large");
    if (__builtin_mul_overflow(v, times, &v))
        return expr_fail(p, t->column, "expr.too_large");
    TRY(expr_node(p, EXPR_VALUE, kind, t->column, &t->x));
    t->x->value = (Value){.tag = VALUE_INT, .i = v};
    t->is_number = false;
    return 0;
}

/* A number in the unit of `like`: 3.25 mu, 12.5 %, 800 jin. */
static int number_like(ExprParser *p, Term *t, const Term *like)
{
    KindId k = like->x->kind;
    t->per = like->per;
    t->weight = like->weight;
    switch (k) {
    case KIND_INT:
        return number_value(p, t, k, 1, 0);
    case KIND_MONEY:
    case KIND_AREA:
    case KIND_PERCENT:
        return number_value(p, t, k, 1, 2);
    case KIND_PRICE:
        return number_value(p, t, k, 1, 4);
    case KIND_WEIGHT: /* jin: thousandths of it are half grams; 2 digits are whole grams */
        if (like->weight == PER_JIN)
            return number_value(p, t, k, JIN_G / HUNDRED, 2);
        return number_value(p, t, k, 1, like->weight == PER_KG ? 3 : 0);
    default:
        return expr_fail(p, t->column, "expr.no_number", expr_kind_name(p, like));
    }
}

static bool is_choice_literal(const Expr *x)
{
    return x->op == EXPR_VALUE && (x->choice || x->state);
}

/* A bare name beside a state or a choice field is one of its keys, if there is such a key. */
static int key_like(ExprParser *p, Term *t, const Expr *like)
{
    if (!str_has(t->name) || like->kind != KIND_CHOICE || is_choice_literal(like))
        return 0;
    const State *state = is_state(like) ? type_state(p->type, t->name) : NULL;
    const Choice *choice =
        !is_state(like) && like->field ? field_choice(like->field, t->name) : NULL;
    Near near = near_start(t->name);
    for (int i = 0; is_state(like) && i < p->type->state_n; i++)
        near_try(&near, p->type->states[i].name);
    for (int i = 0; !is_state(like) && like->field && i < like->field->choice_n; i++)
        near_try(&near, like->field->choices[i].name);
    if (!state && !choice) {
        if (t->x)
            return 0; /* a field */
        const char *key = is_state(like) ? "expr.no_state" : "expr.no_choice";
        const char *key_near = is_state(like) ? "expr.no_state_near" : "expr.no_choice_near";
        Str name = utf8_prefix(t->name, LIMIT_NAME_CHARS);
        if (str_has(near_best(&near)))
            return expr_fail(p, t->column, key_near, name, near_best(&near));
        return expr_fail(p, t->column, key, name);
    }
    TRY(expr_node(p, EXPR_VALUE, KIND_CHOICE, t->column, &t->x));
    t->x->choice = choice;
    t->x->state = state;
    t->x->field = like->field; /* whose key it is */
    return 0;
}

int expr_settle(ExprParser *p, Term *t)
{
    if (t->x)
        return 0;
    if (!t->is_number)
        return expr_unknown(p, t);
    return number_value(p, t, KIND_INT, 1, 0);
}

int expr_condition(ExprParser *p, Term *t)
{
    if (!t->x && !t->is_number)
        return expr_unknown(p, t);
    if (!t->x || t->x->kind != KIND_YESNO)
        return expr_fail(p, t->column, "expr.no_condition", expr_kind_name(p, t));
    return 0;
}

/* ---- comparing ---- */

static bool same_choices(const Expr *a, const Expr *b)
{
    if (is_state(a) || is_state(b))
        return is_state(a) && is_state(b);
    return a->field && b->field && (a->field == b->field || a->field->choices == b->field->choices);
}

static bool is_link_same(const Type *t, const Expr *a, const Expr *b)
{
    Str to_a = a->op == EXPR_THIS ? t->name : a->field ? a->field->to : STR_NONE;
    Str to_b = b->op == EXPR_THIS ? t->name : b->field ? b->field->to : STR_NONE;
    return str_eq(to_a, to_b);
}

static bool is_comparable(const ExprParser *p, const Term *a, const Term *b)
{
    KindId ka = a->x->kind, kb = b->x->kind;
    if (!is_single(ka) || !is_single(kb))
        return false;
    if (is_words(ka) && is_words(kb))
        return true;
    if (ka != kb)
        return false;
    if (ka == KIND_CHOICE)
        return same_choices(a->x, b->x);
    if (ka == KIND_LINK)
        return is_link_same(p->type, a->x, b->x);
    return is_per_same(a->per, b->per);
}

/* Gives both sides a kind, each by the other. */
static int meet(ExprParser *p, Term *a, Term *b)
{
    if (!a->x && !b->x) {
        if (!a->is_number || !b->is_number)
            return expr_unknown(p, a->is_number ? b : a);
        TRY(expr_settle(p, a));
        return expr_settle(p, b);
    }
    if (b->x)
        TRY(key_like(p, a, b->x));
    if (a->x)
        TRY(key_like(p, b, a->x));
    if (!a->x && !a->is_number)
        return expr_unknown(p, a);
    if (!b->x && !b->is_number)
        return expr_unknown(p, b);
    if (!a->x)
        return number_like(p, a, b);
    if (!b->x)
        return number_like(p, b, a);
    return 0;
}

static int fit(ExprParser *p, int column, Term *a, Term *b)
{
    TRY(meet(p, a, b));
    if (!is_comparable(p, a, b))
        return expr_fail(p, column, "expr.mismatch", expr_kind_name(p, a), expr_kind_name(p, b));
    return 0;
}

int expr_compare(ExprParser *p, ExprOp op, int column, Term *a, Term *b, Expr **ret)
{
    Expr *x;
    TRY(fit(p, column, a, b));
    if (op != EXPR_EQ && op != EXPR_NE && !is_ordered(a->x->kind))
        return expr_fail(p, column, "expr.no_order", expr_kind_name(p, a));
    TRY(expr_node(p, op, KIND_YESNO, column, &x));
    x->a = a->x;
    x->b = b->x;
    *ret = x;
    return 0;
}

int expr_fit(ExprParser *p, Term *item, const Term *like)
{
    Term left = *like;
    left.name = STR_NONE; /* it has its kind already */
    return fit(p, item->column, &left, item);
}

int expr_settle_into(ExprParser *p, Term *t, const Field *into)
{
    Expr like = {.op = EXPR_FIELD, .kind = into->kind, .field = into};
    Term wanted = expr_field_term(&like, into, t->column);
    TRY(key_like(p, t, &like));
    if (!t->x && t->is_number)
        TRY(number_like(p, t, &wanted));
    if (!t->x)
        return expr_unknown(p, t);
    if (into->kind == t->x->kind && !is_single(into->kind) && t->x->op == EXPR_FIELD)
        return 0; /* links, photos ... as they are */
    if (!is_comparable(p, &wanted, t))
        return expr_fail(p, t->column, "expr.mismatch", expr_kind_name(p, &wanted),
                         expr_kind_name(p, t));
    return 0;
}

/* ---- arithmetic ---- */

typedef struct Rule { /* what comes out; mul 0: nothing does */
    KindId kind;
    ExprPer per, weight;
    int64_t mul, div;
} Rule;

static Rule keep_kind(const Term *t, int64_t mul, int64_t div)
{
    return (Rule){t->x->kind, t->per, t->weight, mul, div};
}

static int64_t grams_of(ExprPer per)
{
    return per == PER_JIN ? JIN_G : per == PER_KG ? KG_G : 0;
}

/* a * b where b is what is taken per a; or {0}. */
static Rule times(const Term *a, const Term *b, bool is_literal)
{
    KindId ka = a->x->kind, kb = b->x->kind;
    int64_t fen = kb == KIND_PRICE ? PRICE_PER_FEN : 1;
    KindId money = kb == KIND_PRICE ? KIND_MONEY : kb;
    if (ka == KIND_INT && is_literal)
        return keep_kind(b, 1, 1);
    if (ka == KIND_INT && kb == KIND_INT)
        return keep_kind(b, 1, 1);
    if (ka == KIND_INT) { /* 12 persons, at so much each */
        Rule r = keep_kind(b, 1, kb == KIND_PRICE && b->per != PER_MU ? fen : 1);
        if (kb == KIND_PRICE && b->per != PER_MU)
            r.kind = KIND_MONEY;
        if (is_head(b->per) || b->per == PER_ANY_HEAD)
            r.per = PER_NONE;
        return r;
    }
    if (ka == KIND_PERCENT)
        return keep_kind(b, 1, PERCENT_WHOLE);
    if (ka == KIND_AREA && b->per == PER_MU)
        return (Rule){money, a->per, b->weight, 1, HUNDRED * fen};
    if (ka == KIND_WEIGHT && (kb == KIND_MONEY || kb == KIND_PRICE) && grams_of(b->per))
        return (Rule){money, a->per, PER_NONE, 1, grams_of(b->per) * fen};
    return (Rule){.mul = 0};
}

/* a / b; or {0}. */
static Rule over(const Term *a, const Term *b, bool is_literal)
{
    KindId ka = a->x->kind, kb = b->x->kind;
    if (kb == KIND_INT && is_literal)
        return keep_kind(a, 1, 1);
    if (ka == kb && is_per_same(a->per, b->per))
        return (Rule){KIND_PERCENT, PER_NONE, PER_NONE, PERCENT_WHOLE, 1};
    if (kb == KIND_INT) {
        Rule r = keep_kind(a, 1, 1);
        r.per = a->per == PER_NONE ? PER_ANY_HEAD : a->per;
        return r;
    }
    if (kb == KIND_PERCENT)
        return keep_kind(a, PERCENT_WHOLE, 1);
    if (a->per == PER_NONE && b->per == PER_NONE) {
        if (kb == KIND_AREA && (ka == KIND_MONEY || ka == KIND_WEIGHT))
            return (Rule){ka, PER_MU, a->weight, HUNDRED, 1};
        if (kb == KIND_WEIGHT && ka == KIND_MONEY && grams_of(b->weight))
            return (Rule){ka, b->weight, PER_NONE, grams_of(b->weight), 1};
    }
    if (ka == kb && a->per == PER_NONE && b->per == PER_MU)
        return (Rule){KIND_AREA, PER_NONE, PER_NONE, HUNDRED, 1};
    if (ka == kb && a->per == PER_NONE && grams_of(b->per))
        return (Rule){KIND_WEIGHT, PER_NONE, b->per, grams_of(b->per), 1};
    return (Rule){.mul = 0};
}

static Rule plus(ExprOp op, const Term *a, const Term *b)
{
    KindId ka = a->x->kind, kb = b->x->kind;
    if (ka == KIND_DATE && kb == KIND_DATE && op == EXPR_SUB)
        return (Rule){KIND_INT, PER_NONE, PER_NONE, 1, 1};
    if (ka == kb && expr_is_amount(ka) && is_per_same(a->per, b->per))
        return keep_kind(a->per == PER_ANY_HEAD ? b : a, 1, 1);
    return (Rule){.mul = 0};
}

/* A number that multiplies or divides is bare: its digits, and 10^decimals go into the node. */
static int bare_number(ExprParser *p, Term *t, int64_t *ret_tens)
{
    if (!t->x && !t->is_number)
        return expr_unknown(p, t);
    for (int i = 0; !t->x && i < t->decimals; i++)
        *ret_tens *= 10;
    if (!t->x) {
        t->decimals = 0;
        TRY(number_value(p, t, KIND_INT, 1, 0));
    }
    return 0;
}

static int rule_of(ExprParser *p, ExprOp op, Term *a, Term *b, Rule *ret)
{
    bool is_bare_a = !a->x && a->is_number, is_bare_b = !b->x && b->is_number;
    int64_t tens_a = 1, tens_b = 1;
    if (op == EXPR_ADD || op == EXPR_SUB) {
        if (is_bare_a != is_bare_b && (is_bare_a ? b : a)->x &&
            (is_bare_a ? b : a)->x->kind == KIND_DATE)
            return expr_fail(p, (is_bare_a ? a : b)->column, "expr.say_unit");
        TRY(meet(p, a, b));
        *ret = plus(op, a, b);
        return 0;
    }
    TRY(bare_number(p, a, &tens_a));
    TRY(bare_number(p, b, &tens_b));
    if (!expr_is_amount(a->x->kind) || !expr_is_amount(b->x->kind)) {
        *ret = (Rule){.mul = 0};
        return 0;
    }
    if (op == EXPR_DIV) {
        *ret = over(a, b, is_bare_b);
        ret->mul *= tens_b;
        ret->div *= tens_a;
        return 0;
    }
    *ret = times(a, b, is_bare_a);
    if (!ret->mul || (a->x->kind == KIND_INT && is_bare_b && !is_bare_a))
        *ret = times(b, a, is_bare_b);
    ret->div *= tens_a * tens_b;
    return 0;
}

int expr_calculate(ExprParser *p, ExprOp op, int column, Term *a, Term *b, Term *ret)
{
    Rule rule = {.mul = 0};
    Expr *x;
    TRY(rule_of(p, op, a, b, &rule));
    if (!rule.mul)
        return expr_fail(p, column, "expr.no_sum", expr_kind_name(p, a), expr_kind_name(p, b));
    TRY(expr_node(p, op, rule.kind, column, &x));
    x->a = a->x;
    x->b = b->x;
    x->mul = rule.mul;
    x->div = rule.div;
    *ret = (Term){.x = x, .column = a->column, .per = rule.per, .weight = rule.weight};
    return 0;
}

int expr_negate(ExprParser *p, int column, Term *a, Term *ret)
{
    if (a->x && !expr_is_amount(a->x->kind))
        return expr_fail(p, a->column, "expr.not_amount", expr_kind_name(p, a));
    if (!a->x && !a->is_number)
        return expr_unknown(p, a);
    *ret = *a;
    ret->column = column;
    ret->name = STR_NONE;
    if (!a->x) {
        ret->digits = -a->digits;
        return 0;
    }
    TRY(expr_node(p, EXPR_NEG, a->x->kind, column, &ret->x));
    ret->x->a = a->x;
    return 0;
}

int expr_shift(ExprParser *p, bool is_back, int column, ExprUnit unit, Term *a, Term *b, Term *ret)
{
    Term n = *b;
    Expr *x;
    if (!a->x && !a->is_number)
        return expr_unknown(p, a);
    if (!a->x || a->x->kind != KIND_DATE)
        return expr_fail(p, a->column, "expr.no_date", expr_kind_name(p, a));
    TRY(expr_settle(p, &n));
    if (n.x->kind != KIND_INT)
        return expr_fail(p, n.column, "expr.no_int", expr_kind_name(p, &n));
    if (is_back) {
        Expr *neg;
        TRY(expr_node(p, EXPR_NEG, KIND_INT, n.column, &neg));
        neg->a = n.x;
        n.x = neg;
    }
    TRY(expr_node(p, EXPR_SHIFT, KIND_DATE, column, &x));
    x->a = a->x;
    x->b = n.x;
    x->unit = unit;
    *ret = (Term){.x = x, .column = a->column};
    return 0;
}
