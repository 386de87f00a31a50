/* record_query_expr.c: a condition of `see` as SQL over the record's own columns.
 *
 * NULL must not leak: whatever can be null is asked for first (`x IS NOT NULL AND x = 5`), so every
 * part is true or false, as in C, and NOT turns it round. Names come from the model and are quoted;
 * numbers are written by us; texts go as the hexadecimal of their bytes, so nothing in them can be
 * read as SQL or as a parameter.                                            STYLE: R32, R42 */
#include "record/record_int.h"

static void put_column(Buf *b, const QueryExpr *q, Str name)
{
    if (q->alias)
        buf_fmt(b, "%s.", q->alias);
    buf_fmt(b, "\"%.*s\"", STR_ARG(name));
}

static void put_text(Buf *b, const QueryExpr *q, Str text)
{
    buf_z(b, q->engine == ENGINE_PG ? "convert_from(decode('" : "CAST(X'");
    buf_hex(b, text.p, text.n);
    buf_z(b, q->engine == ENGINE_PG ? "', 'hex'), 'UTF8')" : "' AS TEXT)");
}

static void put_literal(Buf *b, const QueryExpr *q, const Expr *x)
{
    if (x->choice)
        buf_i64(b, x->choice->number);
    else if (x->state)
        buf_i64(b, x->state->number);
    else if (x->value.tag == VALUE_TEXT)
        put_text(b, q, x->value.s);
    else {
        CHECK(x->value.tag == VALUE_INT);
        buf_i64(b, x->value.i);
    }
}

static void put_operand(Buf *b, const QueryExpr *q, const Expr *x)
{
    switch (x->op) {
    case EXPR_FIELD:
        CHECK(!x->rows);
        put_column(b, q, x->field->name);
        return;
    case EXPR_STATE:
        put_column(b, q, S("state"));
        return;
    case EXPR_THIS:
        put_column(b, q, S("id"));
        return;
    case EXPR_TODAY:
        buf_fmt(b, "CAST(?%d AS BIGINT)", q->today_ix);
        return;
    case EXPR_ME: /* PostgreSQL must be told its kind; in SQLite it is a blob already */
        buf_fmt(b, q->engine == ENGINE_PG ? "CAST(?%d AS UUID)" : "?%d", q->me_ix);
        return;
    default:
        CHECK(x->op == EXPR_VALUE);
        put_literal(b, q, x);
    }
}

static bool may_be_null(const Expr *x)
{
    return x->op == EXPR_FIELD || x->op == EXPR_TODAY || x->op == EXPR_ME;
}

static void put_there(Buf *b, const QueryExpr *q, const Expr *x)
{
    if (!may_be_null(x))
        return;
    put_operand(b, q, x);
    buf_z(b, " IS NOT NULL AND ");
}

static void put_two(Buf *b, const QueryExpr *q, const Expr *a, const char *sign, const Expr *c)
{
    put_operand(b, q, a);
    buf_z(b, sign);
    put_operand(b, q, c);
}

static void put_compare(Buf *b, const QueryExpr *q, const Expr *x)
{
    static const char *const signs[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    buf_z(b, "(");
    put_there(b, q, x->a);
    put_there(b, q, x->b);
    put_two(b, q, x->a, signs[x->op - EXPR_EQ], x->b);
    buf_z(b, ")");
}

static void put_in(Buf *b, const QueryExpr *q, const Expr *x)
{
    buf_z(b, "(");
    put_there(b, q, x->a);
    for (const Expr *item = x->b; item; item = item->next) {
        buf_z(b, item == x->b ? "(" : " OR ");
        buf_z(b, may_be_null(item) ? "(" : "");
        put_there(b, q, item);
        put_two(b, q, x->a, " = ", item);
        buf_z(b, may_be_null(item) ? ")" : "");
    }
    buf_z(b, "))");
}

static void put_truth(Buf *b, bool is_so)
{
    buf_z(b, is_so ? "(1 = 1)" : "(1 = 0)");
}

static void put_yesno(Buf *b, const QueryExpr *q, const Expr *x)
{
    buf_z(b, "(");
    put_there(b, q, x);
    put_operand(b, q, x);
    buf_z(b, " <> 0)");
}

static void put_empty(Buf *b, const QueryExpr *q, const Expr *x)
{
    if (!may_be_null(x)) {
        put_truth(b, false);
        return;
    }
    buf_z(b, "(");
    put_operand(b, q, x);
    buf_z(b, " IS NULL)");
}

static void put_condition(Buf *b, const QueryExpr *q, const Expr *x)
{
    switch (x->op) {
    case EXPR_AND:
    case EXPR_OR:
        buf_z(b, "(");
        put_condition(b, q, x->a);
        buf_z(b, x->op == EXPR_AND ? " AND " : " OR ");
        put_condition(b, q, x->b);
        buf_z(b, ")");
        return;
    case EXPR_NOT:
        buf_z(b, "(NOT ");
        put_condition(b, q, x->a);
        buf_z(b, ")");
        return;
    case EXPR_IN:
        put_in(b, q, x);
        return;
    case EXPR_IS_EMPTY:
        put_empty(b, q, x->a);
        return;
    case EXPR_FIELD:
        put_yesno(b, q, x);
        return;
    case EXPR_VALUE:
        put_truth(b, x->value.i != 0);
        return;
    default:
        put_compare(b, q, x);
    }
}

void query_expr(Buf *b, const QueryExpr *q, const Expr *x)
{
    CHECK(expr_is_see(x));
    put_condition(b, q, x);
}
