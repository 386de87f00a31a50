/* model_expr_eval.c: an expression over one record, in C. Arithmetic is exact fractions of 128 bits
 * that are rounded where they become a value. */
#include "model/model_expr.h"

typedef __int128 Wide;
typedef struct Fraction {
    bool is_absent;
    Wide n, d; /* d > 0 */
} Fraction;

enum { WEEK = 7, WORKDAYS = 5, MONTHS = 12, SHIFT_MAX = 4 * 1000 * 1000, YEAR_MAX = 9999 };

static int overflow(const Expr *x, Err *e)
{
    return err_set(e, ERR_LIMIT, "expr.overflow", err_int(e, x->column));
}

/* ---- fractions ---- */

static const Wide wide_most = (Wide)1 << 126; /* far enough from the ends that -v is one, too */

static bool is_wide(Wide v)
{
    return v < -wide_most || v > wide_most;
}

static Wide wide_abs(Wide v)
{
    return v < 0 ? -v : v;
}

static void shorten(Wide *a, Wide *b)
{
    Wide x = wide_abs(*a), y = wide_abs(*b);
    while (y) {
        Wide rest = x % y;
        x = y;
        y = rest;
    }
    if (x > 1) {
        *a /= x;
        *b /= x;
    }
}

static int multiply(const Expr *x, Fraction a, Fraction b, Fraction *ret, Err *e)
{
    shorten(&a.n, &b.d);
    shorten(&b.n, &a.d);
    Fraction r = {.is_absent = false};
    if (__builtin_mul_overflow(a.n, b.n, &r.n) || __builtin_mul_overflow(a.d, b.d, &r.d) ||
        is_wide(r.n) || is_wide(r.d))
        return overflow(x, e);
    *ret = r;
    return 0;
}

static int add(const Expr *x, Fraction a, Fraction b, Fraction *ret, Err *e)
{
    Wide p, q;
    Fraction r = {.is_absent = false};
    if (a.d == b.d) {
        p = a.n;
        q = b.n;
        r.d = a.d;
    } else if (__builtin_mul_overflow(a.n, b.d, &p) || __builtin_mul_overflow(b.n, a.d, &q) ||
               __builtin_mul_overflow(a.d, b.d, &r.d))
        return overflow(x, e);
    if (__builtin_add_overflow(p, q, &r.n) || is_wide(r.n) || is_wide(r.d))
        return overflow(x, e);
    *ret = r;
    return 0;
}

static int eval_fraction(const Expr *x, const ExprWorld *w, Fraction *ret, Err *e);

static int eval_two(const Expr *x, const ExprWorld *w, Fraction *ret, Err *e)
{
    Fraction a, b;
    TRY(eval_fraction(x->a, w, &a, e));
    TRY(eval_fraction(x->b, w, &b, e));
    if (a.is_absent || b.is_absent || (x->op == EXPR_DIV && b.n == 0)) {
        *ret = (Fraction){.is_absent = true, .d = 1};
        return 0;
    }
    if (x->op == EXPR_SUB)
        b.n = -b.n;
    if (x->op == EXPR_ADD || x->op == EXPR_SUB)
        return add(x, a, b, ret, e);
    if (x->op == EXPR_DIV)
        b = b.n < 0 ? (Fraction){.n = -b.d, .d = -b.n} : (Fraction){.n = b.d, .d = b.n};
    TRY(multiply(x, a, b, &a, e));
    if (x->mul == 1 && x->div == 1)
        *ret = a;
    else
        return multiply(x, a, (Fraction){.n = x->mul, .d = x->div}, ret, e);
    return 0;
}

static bool is_arithmetic(const Expr *x)
{
    return x->op >= EXPR_NEG && x->op <= EXPR_DIV;
}

static int eval_fraction(const Expr *x, const ExprWorld *w, Fraction *ret, Err *e)
{
    if (x->op == EXPR_NEG) {
        Fraction a;
        TRY(eval_fraction(x->a, w, &a, e));
        a.n = -a.n;
        *ret = a;
        return 0;
    }
    if (is_arithmetic(x))
        return eval_two(x, w, ret, e);
    Value v;
    TRY(expr_eval(x, w, &v, e));
    *ret = (Fraction){.is_absent = v.tag != VALUE_INT, .n = v.i, .d = 1};
    return 0;
}

/* Half away from zero: 2.5 is 3, -2.5 is -3. */
static int round_once(const Expr *x, Fraction f, Value *ret, Err *e)
{
    if (f.is_absent) {
        *ret = (Value){.tag = VALUE_NONE};
        return 0;
    }
    Wide whole = f.n / f.d, rest = wide_abs(f.n % f.d);
    if (rest >= f.d - rest)
        whole += f.n < 0 ? -1 : 1;
    if (whole > INT64_MAX || whole < INT64_MIN)
        return overflow(x, e);
    *ret = (Value){.tag = VALUE_INT, .i = (int64_t)whole};
    return 0;
}

/* ---- days ---- */

static Day add_weekdays(Day from, int64_t n) /* Monday to Friday */
{
    int64_t in_week = day_weekday(from) - 1;
    if (n == 0)
        return from;
    int64_t monday = from - in_week;
    if (in_week >= WORKDAYS) { /* a weekend counts from the Friday before or the Monday after */
        monday += n < 0 ? WEEK : 0;
        in_week = n < 0 ? 0 : WORKDAYS - 1;
    }
    int64_t k = in_week + n, weeks = k / WORKDAYS, rest = k % WORKDAYS;
    if (rest < 0) {
        rest += WORKDAYS;
        weeks--;
    }
    return (Day)(monday + weeks * WEEK + rest);
}

static bool add_months(Day from, int64_t n, Day *ret)
{
    int year, month, day;
    day_to_ymd(from, &year, &month, &day);
    int64_t k = (int64_t)year * MONTHS + month - 1 + n;
    if (k < MONTHS || k / MONTHS > YEAR_MAX)
        return false;
    for (; day > 0; day--) /* a month's end stays one: 31 January and a month is 28 February */
        if (day_from_ymd((int)(k / MONTHS), (int)(k % MONTHS) + 1, day, ret))
            return true;
    return false;
}

static int eval_shift(const Expr *x, const ExprWorld *w, Value *ret, Err *e)
{
    Value from, n;
    Day to = DAY_NONE, first = 0, last = 0;
    CHECK(day_from_ymd(1, 1, 1, &first) && day_from_ymd(YEAR_MAX, MONTHS, 31, &last));
    TRY(expr_eval(x->a, w, &from, e));
    TRY(expr_eval(x->b, w, &n, e));
    if (from.tag == VALUE_NONE || n.tag == VALUE_NONE) {
        *ret = (Value){.tag = VALUE_NONE};
        return 0;
    }
    if (n.i > SHIFT_MAX || n.i < -SHIFT_MAX || from.i < first || from.i > last)
        return overflow(x, e);
    Day day = (Day)from.i;
    if (x->unit == UNIT_DAYS)
        to = (Day)(day + n.i);
    else if (x->unit == UNIT_WORKDAYS)
        to = w->workdays ? w->workdays->add(w->workdays->ctx, day, n.i) : add_weekdays(day, n.i);
    else if (!add_months(day, x->unit == UNIT_YEARS ? n.i * MONTHS : n.i, &to))
        return overflow(x, e);
    if (to < first || to > last)
        return overflow(x, e);
    *ret = (Value){.tag = VALUE_INT, .i = to};
    return 0;
}

/* ---- comparing ---- */

static bool compares(ExprOp op, const Value *a, const Value *b)
{
    if (a->tag == VALUE_NONE || b->tag == VALUE_NONE)
        return false;
    if (op == EXPR_EQ)
        return value_eq(a, b);
    if (op == EXPR_NE)
        return !value_eq(a, b);
    switch (op) {
    case EXPR_LT:
        return a->i < b->i;
    case EXPR_LE:
        return a->i <= b->i;
    case EXPR_GT:
        return a->i > b->i;
    default:
        return a->i >= b->i;
    }
}

static int yes_or_no(bool is_so, Value *ret)
{
    *ret = (Value){.tag = VALUE_INT, .i = is_so};
    return 0;
}

static int eval_in(const Expr *x, const ExprWorld *w, Value *ret, Err *e)
{
    Value a, b;
    TRY(expr_eval(x->a, w, &a, e));
    for (const Expr *item = x->b; item; item = item->next) {
        TRY(expr_eval(item, w, &b, e));
        if (compares(EXPR_EQ, &a, &b))
            return yes_or_no(true, ret);
    }
    return yes_or_no(false, ret);
}

static int eval_condition(const Expr *x, const ExprWorld *w, Value *ret, Err *e)
{
    bool a, b = false;
    Value va, vb;
    switch (x->op) {
    case EXPR_AND:
    case EXPR_OR:
        TRY(expr_holds(x->a, w, &a, e));
        if (a == (x->op == EXPR_AND))
            TRY(expr_holds(x->b, w, &b, e));
        return yes_or_no(x->op == EXPR_AND ? a && b : a || b, ret);
    case EXPR_NOT:
        TRY(expr_holds(x->a, w, &a, e));
        return yes_or_no(!a, ret);
    case EXPR_IS_EMPTY:
        TRY(expr_eval(x->a, w, &va, e));
        return yes_or_no(va.tag == VALUE_NONE, ret);
    case EXPR_IN:
        return eval_in(x, w, ret, e);
    default:
        TRY(expr_eval(x->a, w, &va, e));
        TRY(expr_eval(x->b, w, &vb, e));
        return yes_or_no(compares(x->op, &va, &vb), ret);
    }
}

/* ---- rows ---- */

typedef struct Tally {
    int64_t n;
    Wide sum;
    bool has_any; /* of least, most */
    int64_t least, most;
} Tally;

static int tally_row(const Expr *x, const ExprWorld *w, Tally *t, Err *e)
{
    bool is_in;
    Value v;
    TRY(expr_holds(x->a, w, &is_in, e));
    if (!is_in)
        return 0;
    t->n++;
    if (!x->b)
        return 0;
    TRY(expr_eval(x->b, w, &v, e));
    if (v.tag == VALUE_NONE)
        return 0;
    t->sum += v.i;
    t->least = !t->has_any || v.i < t->least ? v.i : t->least;
    t->most = !t->has_any || v.i > t->most ? v.i : t->most;
    t->has_any = true;
    return 0;
}

static int eval_rows(const Expr *x, const ExprWorld *w, Value *ret, Err *e)
{
    Tally t = {.n = 0};
    if (x->part) {
        if (w->count_part)
            TRY(w->count_part(w->count_ctx, x->part, x->a, &t.n, e));
        *ret = (Value){.tag = VALUE_INT, .i = t.n};
        return 0;
    }
    const Value *rows = &w->subject->values[x->rows->ix];
    ExprWorld inner = *w;
    for (int64_t i = 0; rows->tag == VALUE_ROWS && i < rows->i; i++) {
        inner.row = &rows->rows[i];
        TRY(tally_row(x, &inner, &t, e));
        if (x->op == EXPR_ANY && t.n)
            break;
    }
    if (x->op == EXPR_COUNT || x->op == EXPR_ANY)
        *ret = (Value){.tag = VALUE_INT, .i = t.n};
    else if (x->op == EXPR_SUM)
        return round_once(x, (Fraction){.n = t.sum, .d = 1}, ret, e);
    else if (!t.has_any)
        *ret = (Value){.tag = VALUE_NONE};
    else
        *ret = (Value){.tag = VALUE_INT, .i = x->op == EXPR_MIN ? t.least : t.most};
    return 0;
}

/* ---- all of it ---- */

static Value literal(const Expr *x)
{
    if (x->choice)
        return (Value){.tag = VALUE_INT, .i = x->choice->number};
    if (x->state)
        return (Value){.tag = VALUE_INT, .i = x->state->ix};
    return x->value;
}

static Value id_value(const Uuid *id)
{
    if (uuid_is_zero(*id))
        return (Value){.tag = VALUE_NONE};
    return (Value){.tag = VALUE_BLOB, .s = {(const char *)id->b, sizeof id->b}};
}

static Value field_value(const Expr *x, const ExprWorld *w)
{
    if (!x->rows)
        return w->subject->values[x->field->ix];
    return w->row ? w->row->values[x->field->ix] : (Value){.tag = VALUE_NONE};
}

int expr_eval(const Expr *x, const ExprWorld *w, Value *ret, Err *e)
{
    Fraction f;
    switch (x->op) {
    case EXPR_VALUE:
        *ret = literal(x);
        return 0;
    case EXPR_FIELD:
        *ret = field_value(x, w);
        return 0;
    case EXPR_STATE:
        *ret = (Value){.tag = VALUE_INT, .i = w->subject->state};
        return 0;
    case EXPR_TODAY:
        *ret = (Value){.tag = w->today == DAY_NONE ? VALUE_NONE : VALUE_INT, .i = w->today};
        return 0;
    case EXPR_ME:
        *ret = id_value(&w->me);
        return 0;
    case EXPR_THIS:
        *ret = id_value(&w->subject->id);
        return 0;
    case EXPR_NEG:
    case EXPR_ADD:
    case EXPR_SUB:
    case EXPR_MUL:
    case EXPR_DIV:
        TRY(eval_fraction(x, w, &f, e));
        return round_once(x, f, ret, e);
    case EXPR_SHIFT:
        return eval_shift(x, w, ret, e);
    case EXPR_COUNT:
    case EXPR_SUM:
    case EXPR_MIN:
    case EXPR_MAX:
    case EXPR_ANY:
        return eval_rows(x, w, ret, e);
    default:
        return eval_condition(x, w, ret, e);
    }
}

int expr_holds(const Expr *x, const ExprWorld *w, bool *ret, Err *e)
{
    Value v;
    if (!x) {
        *ret = true;
        return 0;
    }
    TRY(expr_eval(x, w, &v, e));
    *ret = v.tag == VALUE_INT && v.i != 0;
    return 0;
}

/* ---- what an expression asks for ---- */

static bool is_own_column(const Expr *x)
{
    return x->op == EXPR_FIELD && !x->rows && x->kind != KIND_ROWS && x->kind != KIND_LINKS;
}

static bool is_see_operand(const Expr *x)
{
    return is_own_column(x) || x->op == EXPR_VALUE || x->op == EXPR_STATE || x->op == EXPR_TODAY ||
           x->op == EXPR_ME || x->op == EXPR_THIS;
}

bool expr_is_see(const Expr *x)
{
    switch (x->op) {
    case EXPR_AND:
    case EXPR_OR:
        return expr_is_see(x->a) && expr_is_see(x->b);
    case EXPR_NOT:
        return expr_is_see(x->a);
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
        return is_see_operand(x->a) && is_see_operand(x->b);
    case EXPR_IN:
        for (const Expr *item = x->b; item; item = item->next)
            if (!is_see_operand(item))
                return false;
        return is_see_operand(x->a);
    case EXPR_IS_EMPTY:
        return is_see_operand(x->a);
    case EXPR_FIELD:
        return is_own_column(x) && x->kind == KIND_YESNO;
    case EXPR_VALUE:
        return x->kind == KIND_YESNO;
    default:
        return false;
    }
}

bool expr_counts_parts(const Expr *x)
{
    if (!x)
        return false;
    for (const Expr *item = x->op == EXPR_IN ? x->b : NULL; item; item = item->next)
        if (expr_counts_parts(item))
            return true;
    return x->part || expr_counts_parts(x->a) || (x->op != EXPR_IN && expr_counts_parts(x->b));
}

const Field *expr_first_field(const Expr *x)
{
    if (!x)
        return NULL;
    if (x->op == EXPR_FIELD && !x->rows)
        return x->field;
    if (x->rows && x->op != EXPR_FIELD)
        return x->rows;
    const Field *f = expr_first_field(x->a);
    for (const Expr *item = x->b; !f && item; item = item->next)
        f = expr_first_field(item);
    return f;
}

int expr_is_ready(const Expr *x, const ExprWorld *w, bool *ret, Err *e)
{
    *ret = true;
    if (!x || (x->op == EXPR_VALUE))
        return 0;
    if (x->op == EXPR_FIELD || x->op == EXPR_MIN || x->op == EXPR_MAX) {
        Value v;
        TRY(expr_eval(x, w, &v, e));
        *ret = v.tag != VALUE_NONE;
        return 0;
    }
    if (x->op == EXPR_COUNT || x->op == EXPR_SUM || x->op == EXPR_ANY || x->op == EXPR_IS_EMPTY)
        return 0;
    if (x->a)
        TRY(expr_is_ready(x->a, w, ret, e));
    for (const Expr *item = x->b; *ret && item; item = item->next)
        TRY(expr_is_ready(item, w, ret, e));
    return 0;
}
