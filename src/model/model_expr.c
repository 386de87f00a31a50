/* model_expr.c: reads an expression: tokens, then one function for each step of precedence. The
 * kinds are worked out on the way up (model_expr_kind.c), so a mistake is told where it stands. */
#include "model/model_expr.h"

enum { TOK_END, TOK_NAME, TOK_NUMBER, TOK_DATE, TOK_TEXT, TOK_SIGN };
enum { DATE_CHARS = 10, DIGITS_MAX = 18, DECIMALS_MAX = 4, FOUND_CHARS = 20 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* ---- tokens ---- */

static void take(ExprParser *p, int kind, size_t n)
{
    Str text = str_sub(p->text, p->at, n);
    p->tok.kind = kind;
    p->tok.text = text;
    p->tok.column = p->column;
    p->at += n;
    p->column += (int)utf8_count(text);
}

static int take_text(ExprParser *p, char quote)
{
    ptrdiff_t n = -1;
    for (size_t i = p->at + 1; n < 0 && i < p->text.n; i++)
        if (p->text.p[i] == quote)
            n = (ptrdiff_t)(i - p->at - 1);
    if (n < 0)
        return expr_fail(p, p->column, "expr.open_text");
    take(p, TOK_TEXT, (size_t)n + 2);
    p->tok.text = str_sub(p->tok.text, 1, (size_t)n);
    return 0;
}

static void take_number(ExprParser *p, Str rest)
{
    Day day;
    if (rest.n >= DATE_CHARS && day_parse(str_sub(rest, 0, DATE_CHARS), &day) &&
        (rest.n == DATE_CHARS || !is_digit(rest.p[DATE_CHARS]))) {
        take(p, TOK_DATE, DATE_CHARS);
        return;
    }
    size_t n = 0;
    while (n < rest.n && is_digit(rest.p[n]))
        n++;
    if (n + 1 < rest.n && rest.p[n] == '.' && is_digit(rest.p[n + 1]))
        for (n++; n < rest.n && is_digit(rest.p[n]);)
            n++;
    take(p, TOK_NUMBER, n);
}

static int next(ExprParser *p)
{
    while (p->at < p->text.n && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\n')) {
        p->at++;
        p->column++;
    }
    Str rest = str_sub(p->text, p->at, p->text.n);
    size_t n = 0;
    if (rest.n == 0)
        take(p, TOK_END, 0);
    else if (is_digit(rest.p[0]))
        take_number(p, rest);
    else if (is_letter(rest.p[0])) {
        while (n < rest.n && (is_letter(rest.p[n]) || is_digit(rest.p[n])))
            n++;
        take(p, TOK_NAME, n);
    } else if (rest.p[0] == '"' || rest.p[0] == '\'')
        return take_text(p, rest.p[0]);
    else if (str_starts(rest, S("!=")) || str_starts(rest, S("<=")) || str_starts(rest, S(">=")))
        take(p, TOK_SIGN, 2);
    else if (strchr("=<>+-*/(),.", rest.p[0]))
        take(p, TOK_SIGN, 1);
    else
        return expr_fail(p, p->column, "expr.unreadable", utf8_prefix(rest, 1));
    return 0;
}

static bool is_tok(const ExprParser *p, int kind, const char *text)
{
    return p->tok.kind == kind && str_eq(p->tok.text, str_of(text));
}

static bool is_word(const ExprParser *p, const char *word)
{
    return is_tok(p, TOK_NAME, word);
}

static bool is_sign(const ExprParser *p, const char *sign)
{
    return is_tok(p, TOK_SIGN, sign);
}

static Str found(ExprParser *p)
{
    return utf8_prefix(p->tok.text, FOUND_CHARS);
}

static int expected_value(ExprParser *p)
{
    if (p->tok.kind == TOK_END)
        return expr_fail(p, p->tok.column, "expr.ends_value");
    return expr_fail(p, p->tok.column, "expr.want_value", found(p));
}

static int expected(ExprParser *p, const char *what)
{
    if (p->tok.kind == TOK_END)
        return expr_fail(p, p->tok.column, "expr.ends_early", str_of(what));
    return expr_fail(p, p->tok.column, "expr.expected", found(p), str_of(what));
}

static int want_sign(ExprParser *p, const char *sign)
{
    return is_sign(p, sign) ? next(p) : expected(p, sign);
}

/* ---- nodes ---- */

int expr_node(ExprParser *p, ExprOp op, KindId kind, int column, Expr **ret)
{
    if (++p->node_n > LIMIT_EXPR_NODES)
        return expr_fail(p, column, "expr.too_many", err_int(p->e, LIMIT_EXPR_NODES));
    *ret = NEW(p->arena, Expr);
    **ret = (Expr){.op = op, .kind = kind, .mul = 1, .div = 1, .line = 1, .column = column};
    return 0;
}

static int deeper(ExprParser *p)
{
    if (++p->depth > LIMIT_EXPR_DEPTH)
        return expr_fail(p, p->tok.column, "expr.too_deep", err_int(p->e, LIMIT_EXPR_DEPTH));
    return 0;
}

static int parse_or(ExprParser *p, Term *ret);
static int parse_sum(ExprParser *p, Term *ret);

/* ---- names ---- */

static const Field *row_field(const Field *rows, Str name)
{
    for (int i = 0; rows && i < rows->field_n; i++)
        if (str_eq(rows->fields[i].name, name))
            return &rows->fields[i];
    return NULL;
}

static const Field *rows_named(const ExprParser *p, Str name)
{
    const Field *f = type_field(p->type, name);
    return f && f->kind == KIND_ROWS ? f : NULL;
}

static int field_term(ExprParser *p, const Field *f, const Field *rows, Str name, int column,
                      Term *ret)
{
    Expr *x;
    TRY(expr_node(p, EXPR_FIELD, f->kind, column, &x));
    x->field = f;
    x->rows = rows;
    *ret = expr_field_term(x, f, column);
    ret->name = name;
    return 0;
}

static int word_term(ExprParser *p, ExprOp op, KindId kind, int64_t i, Str name, int column,
                     Term *ret)
{
    Expr *x;
    TRY(expr_node(p, op, kind, column, &x));
    if (op == EXPR_VALUE)
        x->value = (Value){.tag = VALUE_INT, .i = i};
    *ret = (Term){.x = x, .name = name, .column = column};
    return 0;
}

static int name_term(ExprParser *p, Str name, int column, Term *ret)
{
    static const struct {
        const char *name;
        ExprOp op;
        KindId kind;
    } words[] = {{"state", EXPR_STATE, KIND_CHOICE},
                 {"today", EXPR_TODAY, KIND_DATE},
                 {"me", EXPR_ME, KIND_PERSON},
                 {"this", EXPR_THIS, KIND_LINK}};
    for (size_t i = 0; i < LEN(words); i++)
        if (str_eq(name, str_of(words[i].name)))
            return word_term(p, words[i].op, words[i].kind, 0, name, column, ret);
    const Field *f = row_field(p->rows, name);
    if (f)
        return field_term(p, f, p->rows, name, column, ret);
    f = type_field(p->type, name);
    if (f)
        return field_term(p, f, NULL, name, column, ret);
    if (str_eq(name, S("yes")) || str_eq(name, S("no")))
        return word_term(p, EXPR_VALUE, KIND_YESNO, str_eq(name, S("yes")), name, column, ret);
    *ret = (Term){.name = name, .column = column}; /* perhaps a key */
    return 0;
}

static int fail_rows(ExprParser *p, Str name, int column)
{
    Near near = near_start(name);
    for (int i = 0; i < p->type->field_n; i++)
        if (p->type->fields[i].kind == KIND_ROWS)
            near_try(&near, p->type->fields[i].name);
    if (str_has(near_best(&near)))
        return expr_fail(p, column, "expr.unknown_rows_near", name, near_best(&near));
    return expr_fail(p, column, "expr.unknown_rows", name);
}

/* ROWS.FIELD, after the dot's turn has come. */
static int dotted_term(ExprParser *p, Str rows, int column, Term *ret)
{
    TRY(next(p));
    if (p->tok.kind != TOK_NAME)
        return expected(p, "FIELD");
    if (!p->is_in_function || !p->rows)
        return expr_fail(p, column, "expr.dot_outside", rows, p->tok.text);
    if (!str_eq(p->rows->name, rows))
        return expr_fail(p, column, "expr.other_rows", rows, p->rows->name);
    const Field *f = row_field(p->rows, p->tok.text);
    if (!f) {
        Near near = near_start(p->tok.text);
        for (int i = 0; i < p->rows->field_n; i++)
            near_try(&near, p->rows->fields[i].name);
        if (str_has(near_best(&near)))
            return expr_fail(p, p->tok.column, "expr.unknown_near", p->tok.text, near_best(&near));
        return expr_fail(p, p->tok.column, "expr.unknown", p->tok.text);
    }
    TRY(field_term(p, f, p->rows, STR_NONE, column, ret));
    return next(p);
}

/* ---- functions over rows and parts ---- */

static const Type *part_named(const ExprParser *p, Str name)
{
    const Type *t = p->model ? model_type(p->model, name) : NULL;
    return t && t->part_of && str_eq(t->part_of->to, p->type->name) ? t : NULL;
}

static int parse_where(ExprParser *p, Expr *x)
{
    if (!is_word(p, "where"))
        return 0;
    Term cond;
    TRY(next(p));
    TRY(parse_or(p, &cond));
    TRY(expr_condition(p, &cond));
    x->a = cond.x;
    return 0;
}

static int parse_count(ExprParser *p, Expr *x)
{
    if (p->tok.kind != TOK_NAME)
        return expected(p, "ROWS");
    Str name = p->tok.text;
    int column = p->tok.column;
    const Type *whole = p->type;
    x->rows = rows_named(p, name);
    if (!x->rows && x->op == EXPR_COUNT)
        x->part = part_named(p, name);
    if (!x->rows && !x->part)
        return fail_rows(p, name, column);
    TRY(next(p));
    p->rows = x->rows;
    if (x->part)
        p->type = x->part;
    int rc = parse_where(p, x);
    p->type = whole;
    TRY(rc);
    if (x->part && x->a && !expr_is_see(x->a))
        return expr_fail(p, x->a->column, "expr.part_where");
    return 0;
}

/* The rows that sum, min, max run over: the first NAME. within the parentheses. */
static int rows_ahead(ExprParser *p, const Field **ret)
{
    ExprParser ahead = *p;
    for (int open = 1; open > 0 && ahead.tok.kind != TOK_END;) {
        open += is_sign(&ahead, "(") ? 1 : is_sign(&ahead, ")") ? -1 : 0;
        struct ExprToken name = ahead.tok;
        TRY(next(&ahead));
        if (name.kind == TOK_NAME && is_sign(&ahead, ".")) {
            *ret = rows_named(p, name.text);
            return *ret ? 0 : fail_rows(p, name.text, name.column);
        }
    }
    return expected(p, "ROWS.FIELD");
}

static int parse_total(ExprParser *p, Expr *x, Term *ret)
{
    Term of;
    TRY(rows_ahead(p, &x->rows));
    p->rows = x->rows;
    TRY(parse_sum(p, &of));
    TRY(expr_settle(p, &of));
    KindId k = of.x->kind;
    if (!expr_is_amount(k) &&
        (x->op == EXPR_SUM || (k != KIND_DATE && k != KIND_INSTANT && k != KIND_MONTH_DAY)))
        return expr_fail(p, of.column, "expr.not_amount", expr_kind_name(p, &of));
    x->b = of.x;
    x->kind = k;
    ret->per = of.per;
    ret->weight = of.weight;
    return parse_where(p, x);
}

static int parse_function(ExprParser *p, ExprOp op, int column, Term *ret)
{
    Expr *x;
    if (p->is_in_function || p->rows)
        return expr_fail(p, column, "expr.nested");
    TRY(deeper(p));
    TRY(next(p)); /* the parenthesis */
    TRY(expr_node(p, op, op == EXPR_ANY ? KIND_YESNO : KIND_INT, column, &x));
    *ret = (Term){.x = x, .column = column};
    p->is_in_function = true;
    int rc = op == EXPR_COUNT || op == EXPR_ANY ? parse_count(p, x) : parse_total(p, x, ret);
    p->is_in_function = false;
    p->rows = NULL;
    TRY(rc);
    p->depth--;
    return want_sign(p, ")");
}

static bool function_named(Str name, ExprOp *ret)
{
    static const struct {
        const char *name;
        ExprOp op;
    } list[] = {{"count", EXPR_COUNT},
                {"sum", EXPR_SUM},
                {"min", EXPR_MIN},
                {"max", EXPR_MAX},
                {"any", EXPR_ANY}};
    for (size_t i = 0; i < LEN(list); i++)
        if (str_eq(name, str_of(list[i].name))) {
            *ret = list[i].op;
            return true;
        }
    return false;
}

static bool is_keyword(Str s)
{
    static const char *const words[] = {"and", "or", "not", "in", "is", "empty", "where"};
    for (size_t i = 0; i < LEN(words); i++)
        if (str_eq(s, str_of(words[i])))
            return true;
    return false;
}

static int parse_name(ExprParser *p, Term *ret)
{
    Str name = p->tok.text;
    int column = p->tok.column;
    ExprOp op;
    if (is_keyword(name))
        return expected_value(p);
    TRY(next(p));
    if (is_sign(p, ".") && p->tok.column == column + (int)name.n)
        return dotted_term(p, name, column, ret);
    if (is_sign(p, "(")) {
        if (function_named(name, &op))
            return parse_function(p, op, column, ret);
        return expr_fail(p, column, "expr.no_function", name);
    }
    return name_term(p, name, column, ret);
}

/* ---- precedence, from the innermost ---- */

static int parse_number(ExprParser *p, Term *ret)
{
    Term t = {.column = p->tok.column, .is_number = true};
    int digits = 0;
    for (size_t i = 0; i < p->tok.text.n; i++) {
        char c = p->tok.text.p[i];
        if (c == '.') {
            t.decimals = (int)(p->tok.text.n - i - 1);
            continue;
        }
        digits += digits || c != '0';
        if (digits > DIGITS_MAX)
            return expr_fail(p, t.column, "expr.too_large");
        t.digits = t.digits * 10 + (c - '0');
    }
    if (t.decimals > DECIMALS_MAX)
        return expr_fail(p, t.column, "expr.too_fine", err_int(p->e, DECIMALS_MAX));
    *ret = t;
    return next(p);
}

static int parse_primary(ExprParser *p, Term *ret)
{
    int column = p->tok.column;
    Expr *x;
    switch (p->tok.kind) {
    case TOK_NAME:
        return parse_name(p, ret);
    case TOK_NUMBER:
        return parse_number(p, ret);
    case TOK_DATE: {
        Day day = DAY_NONE;
        CHECK(day_parse(p->tok.text, &day));
        TRY(word_term(p, EXPR_VALUE, KIND_DATE, day, STR_NONE, column, ret));
        return next(p);
    }
    case TOK_TEXT:
        TRY(expr_node(p, EXPR_VALUE, KIND_TEXT, column, &x));
        x->value = (Value){.tag = VALUE_TEXT, .s = str_copy(p->arena, p->tok.text)};
        *ret = (Term){.x = x, .column = column};
        return next(p);
    default:
        break;
    }
    if (!is_sign(p, "("))
        return expected_value(p);
    TRY(deeper(p));
    TRY(next(p));
    TRY(parse_or(p, ret));
    ret->name = ret->x ? STR_NONE : ret->name;
    p->depth--;
    return want_sign(p, ")");
}

static int parse_unary(ExprParser *p, Term *ret)
{
    if (!is_sign(p, "-"))
        return parse_primary(p, ret);
    int column = p->tok.column;
    Term a;
    TRY(deeper(p));
    TRY(next(p));
    TRY(parse_unary(p, &a));
    p->depth--;
    return expr_negate(p, column, &a, ret);
}

static int parse_product(ExprParser *p, Term *ret)
{
    TRY(parse_unary(p, ret));
    while (is_sign(p, "*") || is_sign(p, "/")) {
        ExprOp op = is_sign(p, "*") ? EXPR_MUL : EXPR_DIV;
        int column = p->tok.column;
        Term a = *ret, b;
        TRY(next(p));
        TRY(parse_unary(p, &b));
        TRY(expr_calculate(p, op, column, &a, &b, ret));
    }
    return 0;
}

static bool is_unit(const ExprParser *p, ExprUnit *ret)
{
    static const struct {
        const char *name;
        ExprUnit unit;
    } units[] = {{"days", UNIT_DAYS},        {"day", UNIT_DAYS},      {"workdays", UNIT_WORKDAYS},
                 {"workday", UNIT_WORKDAYS}, {"months", UNIT_MONTHS}, {"month", UNIT_MONTHS},
                 {"years", UNIT_YEARS},      {"year", UNIT_YEARS}};
    for (size_t i = 0; i < LEN(units); i++)
        if (is_word(p, units[i].name)) {
            *ret = units[i].unit;
            return true;
        }
    return false;
}

static int parse_sum(ExprParser *p, Term *ret)
{
    TRY(parse_product(p, ret));
    while (is_sign(p, "+") || is_sign(p, "-")) {
        ExprOp op = is_sign(p, "+") ? EXPR_ADD : EXPR_SUB;
        int column = p->tok.column;
        ExprUnit unit;
        Term a = *ret, b;
        TRY(next(p));
        TRY(parse_product(p, &b));
        if (is_unit(p, &unit)) {
            TRY(expr_shift(p, op == EXPR_SUB, column, unit, &a, &b, ret));
            TRY(next(p));
        } else
            TRY(expr_calculate(p, op, column, &a, &b, ret));
    }
    return 0;
}

static int parse_is(ExprParser *p, Term *a, int column, Term *ret)
{
    Expr *x, *not_x;
    TRY(next(p));
    bool is_not = is_word(p, "not");
    if (is_not)
        TRY(next(p));
    if (!is_word(p, "empty"))
        return expected(p, "empty");
    TRY(next(p));
    TRY(expr_settle(p, a));
    if (a->x->op == EXPR_VALUE)
        return expr_fail(p, a->column, "expr.never_empty");
    TRY(expr_node(p, EXPR_IS_EMPTY, KIND_YESNO, column, &x));
    x->a = a->x;
    if (is_not) {
        TRY(expr_node(p, EXPR_NOT, KIND_YESNO, column, &not_x));
        not_x->a = x;
        x = not_x;
    }
    *ret = (Term){.x = x, .column = a->column};
    return 0;
}

static int parse_in(ExprParser *p, Term *a, bool is_not, int column, Term *ret)
{
    Expr *x, *last = NULL;
    TRY(next(p));
    TRY(expr_node(p, EXPR_IN, KIND_YESNO, column, &x));
    if (!a->x)
        TRY(expr_settle(p, a));
    x->a = a->x;
    TRY(want_sign(p, "("));
    for (;;) {
        Term item;
        TRY(parse_sum(p, &item));
        TRY(expr_fit(p, &item, a));
        if (last)
            last->next = item.x;
        else
            x->b = item.x;
        last = item.x;
        if (!is_sign(p, ","))
            break;
        TRY(next(p));
    }
    if (!is_sign(p, ")"))
        return expected(p, ", )");
    TRY(next(p));
    if (is_not) {
        Expr *n;
        TRY(expr_node(p, EXPR_NOT, KIND_YESNO, column, &n));
        n->a = x;
        x = n;
    }
    *ret = (Term){.x = x, .column = a->column};
    return 0;
}

static bool comparison(const ExprParser *p, ExprOp *ret)
{
    static const struct {
        const char *sign;
        ExprOp op;
    } list[] = {{"=", EXPR_EQ},  {"!=", EXPR_NE}, {"<", EXPR_LT},
                {"<=", EXPR_LE}, {">", EXPR_GT},  {">=", EXPR_GE}};
    for (size_t i = 0; i < LEN(list); i++)
        if (is_sign(p, list[i].sign)) {
            *ret = list[i].op;
            return true;
        }
    return false;
}

static int parse_comparison(ExprParser *p, Term *ret)
{
    Term a, b;
    ExprOp op;
    TRY(parse_sum(p, &a));
    int column = p->tok.column;
    if (comparison(p, &op)) {
        Expr *x = NULL;
        TRY(next(p));
        TRY(parse_sum(p, &b));
        TRY(expr_compare(p, op, column, &a, &b, &x));
        *ret = (Term){.x = x, .column = a.column};
        if (comparison(p, &op))
            return expr_fail(p, p->tok.column, "expr.chained");
        return 0;
    }
    if (is_word(p, "is"))
        return parse_is(p, &a, column, ret);
    bool is_not = is_word(p, "not");
    if (is_not) {
        TRY(next(p));
        if (!is_word(p, "in"))
            return expected(p, "in");
    }
    if (is_word(p, "in"))
        return parse_in(p, &a, is_not, column, ret);
    *ret = a;
    return 0;
}

static int parse_not(ExprParser *p, Term *ret)
{
    if (!is_word(p, "not"))
        return parse_comparison(p, ret);
    int column = p->tok.column;
    Expr *x;
    Term a;
    TRY(deeper(p));
    TRY(next(p));
    TRY(parse_not(p, &a));
    TRY(expr_condition(p, &a));
    p->depth--;
    TRY(expr_node(p, EXPR_NOT, KIND_YESNO, column, &x));
    x->a = a.x;
    *ret = (Term){.x = x, .column = column};
    return 0;
}

static int parse_joined(ExprParser *p, const char *word, ExprOp op,
                        int (*part)(ExprParser *, Term *), Term *ret)
{
    TRY(part(p, ret));
    while (is_word(p, word)) {
        int column = p->tok.column;
        Expr *x;
        Term b;
        TRY(expr_condition(p, ret));
        TRY(next(p));
        TRY(part(p, &b));
        TRY(expr_condition(p, &b));
        TRY(expr_node(p, op, KIND_YESNO, column, &x));
        x->a = ret->x;
        x->b = b.x;
        *ret = (Term){.x = x, .column = ret->column};
    }
    return 0;
}

static int parse_and(ExprParser *p, Term *ret)
{
    return parse_joined(p, "and", EXPR_AND, parse_not, ret);
}

static int parse_or(ExprParser *p, Term *ret)
{
    return parse_joined(p, "or", EXPR_OR, parse_and, ret);
}

/* ---- the whole ---- */

static int parse_whole(ExprParser *p, Term *ret)
{
    if (p->text.n > LIMIT_EXPR_BYTES)
        return expr_fail(p, 1, "expr.too_long", err_int(p->e, LIMIT_EXPR_BYTES));
    if (!utf8_valid(p->text))
        return expr_fail(p, 1, "expr.not_text");
    TRY(next(p));
    TRY(parse_or(p, ret));
    if (p->tok.kind != TOK_END)
        return expr_fail(p, p->tok.column, "expr.left_over", found(p));
    return 0;
}

static ExprParser parser(Arena *a, const Model *m, const Type *t, const Field *rows, Str text,
                         Err *e)
{
    CHECK(t && (!rows || rows->kind == KIND_ROWS));
    return (ExprParser){
        .arena = a, .model = m, .type = t, .rows = rows, .text = text, .column = 1, .e = e};
}

int expr_parse(Arena *a, const Model *m, const Type *t, const Field *rows, Str text,
               const Expr **ret, Err *e)
{
    ExprParser p = parser(a, m, t, rows, text, e);
    Term term;
    TRY(parse_whole(&p, &term));
    TRY(expr_settle(&p, &term));
    *ret = term.x;
    return 0;
}

int expr_parse_into(Arena *a, const Model *m, const Type *t, const Field *rows, const Field *into,
                    Str text, const Expr **ret, Err *e)
{
    ExprParser p = parser(a, m, t, rows, text, e);
    Term term;
    TRY(parse_whole(&p, &term));
    TRY(expr_settle_into(&p, &term, into));
    *ret = term.x;
    return 0;
}

int expr_parse_condition(Arena *a, const Model *m, const Type *t, const Field *rows, Str text,
                         const Expr **ret, Err *e)
{
    ExprParser p = parser(a, m, t, rows, text, e);
    Term term;
    TRY(parse_whole(&p, &term));
    TRY(expr_condition(&p, &term));
    *ret = term.x;
    return 0;
}
