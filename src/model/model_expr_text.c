/* model_expr_text.c: an expression in words, for a reader: labels for names, amounts with units. */
#include "model/model_expr.h"

typedef struct Saying {
    Arena *a;
    Lang lang;
} Saying;

static Str say_expr(Saying *s, const Expr *x, const Field *like);

static Str sentence(Saying *s, const char *key, Str a, Str b)
{
    Str args[] = {a, b};
    return i18n_text(s->a, s->lang, str_of(key), args, LEN(args));
}

static Str word(Saying *s, const char *key)
{
    return i18n_text(s->a, s->lang, str_of(key), NULL, 0);
}

static Str say_literal(Saying *s, const Expr *x, const Field *like)
{
    Field plain = {.kind = x->kind, .unit = S("kg")};
    const Field *f = like && like->kind == x->kind ? like : &plain;
    if (x->choice)
        return label_text(&x->choice->label, s->lang);
    if (x->state)
        return label_text(&x->state->label, s->lang);
    if (x->kind == KIND_TEXT)
        return sentence(s, "expr.say_quoted", x->value.s, STR_NONE);
    Str shown = model_kind(x->kind)->show(s->a, f, &x->value, s->lang);
    if (x->kind == KIND_PERCENT)
        return str_ends(shown, S("%")) ? shown : str_fmt(s->a, "%.*s%%", STR_ARG(shown));
    Str unit = field_unit(s->a, f, s->lang);
    return unit.n ? str_fmt(s->a, "%.*s %.*s", STR_ARG(shown), STR_ARG(unit)) : shown;
}

static const Field *field_of(const Expr *x) /* whose unit an amount beside it is in */
{
    for (; x; x = x->a) {
        if (x->op == EXPR_SUM || x->op == EXPR_MIN || x->op == EXPR_MAX)
            return field_of(x->b);
        if (x->field)
            return x->field;
        if (x->op < EXPR_NEG || x->op > EXPR_SHIFT)
            return NULL;
    }
    return NULL;
}

static bool is_joined(const Expr *x)
{
    return x->op == EXPR_AND || x->op == EXPR_OR;
}

static Str say_part(Saying *s, const Expr *x, const Field *like, bool in_brackets)
{
    Str text = say_expr(s, x, like);
    return in_brackets ? sentence(s, "expr.say_brackets", text, STR_NONE) : text;
}

static Str say_two(Saying *s, const Expr *x, const char *key)
{
    bool is_sum = x->op == EXPR_MUL || x->op == EXPR_DIV;
    bool a = is_joined(x) ? is_joined(x->a) && x->a->op != x->op
                          : is_sum && x->a->op >= EXPR_ADD && x->a->op <= EXPR_SUB;
    bool b = is_joined(x)
                 ? is_joined(x->b) && x->b->op != x->op
                 : (is_sum || x->op == EXPR_SUB) && x->b->op >= EXPR_ADD && x->b->op <= EXPR_DIV;
    return sentence(s, key, say_part(s, x->a, field_of(x->b), a),
                    say_part(s, x->b, field_of(x->a), b));
}

static Str say_list(Saying *s, const Expr *x)
{
    Str list = say_expr(s, x->b, field_of(x->a));
    for (const Expr *item = x->b->next; item; item = item->next)
        list = sentence(s, "expr.say_item", list, say_expr(s, item, field_of(x->a)));
    return sentence(s, "expr.say_in", say_expr(s, x->a, NULL), list);
}

static Str say_function(Saying *s, const Expr *x)
{
    static const char *const keys[] = {"expr.say_count", "expr.say_sum", "expr.say_min",
                                       "expr.say_max", "expr.say_any"};
    Str over = label_text(x->part ? &x->part->label : &x->rows->label, s->lang);
    if (x->b)
        over = sentence(s, "expr.say_of", over, say_expr(s, x->b, NULL));
    if (x->a)
        over = sentence(s, "expr.say_where", over, say_expr(s, x->a, NULL));
    return sentence(s, keys[x->op - EXPR_COUNT], over, STR_NONE);
}

static Str say_shift(Saying *s, const Expr *x)
{
    static const char *const units[] = {"expr.say_days", "expr.say_workdays", "expr.say_months",
                                        "expr.say_years"};
    const Expr *n = x->b;
    bool is_back = n->op == EXPR_NEG;
    Str count = sentence(s, units[x->unit], say_expr(s, is_back ? n->a : n, NULL), STR_NONE);
    return sentence(s, is_back ? "expr.say_before" : "expr.say_after", say_expr(s, x->a, NULL),
                    count);
}

static Str say_not(Saying *s, const Expr *x)
{
    if (x->a->op == EXPR_IS_EMPTY)
        return sentence(s, "expr.say_not_empty", say_expr(s, x->a->a, NULL), STR_NONE);
    return sentence(s, "expr.say_not", say_expr(s, x->a, NULL), STR_NONE);
}

static Str say_expr(Saying *s, const Expr *x, const Field *like)
{
    static const char *const two[] = {
        [EXPR_ADD] = "expr.say_add", [EXPR_SUB] = "expr.say_sub", [EXPR_MUL] = "expr.say_mul",
        [EXPR_DIV] = "expr.say_div", [EXPR_EQ] = "expr.say_eq",   [EXPR_NE] = "expr.say_ne",
        [EXPR_LT] = "expr.say_lt",   [EXPR_LE] = "expr.say_le",   [EXPR_GT] = "expr.say_gt",
        [EXPR_GE] = "expr.say_ge",   [EXPR_AND] = "expr.say_and", [EXPR_OR] = "expr.say_or"};
    switch (x->op) {
    case EXPR_VALUE:
        return say_literal(s, x, like);
    case EXPR_FIELD:
        return label_text(&x->field->label, s->lang);
    case EXPR_STATE:
        return word(s, "expr.say_state");
    case EXPR_TODAY:
        return word(s, "expr.say_today");
    case EXPR_ME:
        return word(s, "expr.say_me");
    case EXPR_THIS:
        return word(s, "expr.say_this");
    case EXPR_NEG:
        return sentence(s, "expr.say_neg", say_expr(s, x->a, like), STR_NONE);
    case EXPR_SHIFT:
        return say_shift(s, x);
    case EXPR_IN:
        return say_list(s, x);
    case EXPR_NOT:
        return say_not(s, x);
    case EXPR_IS_EMPTY:
        return sentence(s, "expr.say_empty", say_expr(s, x->a, NULL), STR_NONE);
    case EXPR_COUNT:
    case EXPR_SUM:
    case EXPR_MIN:
    case EXPR_MAX:
    case EXPR_ANY:
        return say_function(s, x);
    default:
        return say_two(s, x, two[x->op]);
    }
}

Str expr_text(Arena *a, const Expr *x, Lang lang)
{
    Saying s = {a, lang};
    return x ? say_expr(&s, x, NULL) : S("");
}
