/* model_expr.h: expressions, inside model: what the reader of model files asks for beside
 * expr_parse, and what the files model_expr*.c share.
 *
 *   or, and, not     = != < <= > >=   in (a, b)   not in (a, b)   is empty   is not empty
 *   + -   * /   unary minus   ( )     DATE + N days|workdays|months|years
 *   count(ROWS where C)  any(ROWS where C)  sum|min|max(ROWS.F where C)   count(PART where C)
 *   FIELD  ROWS.FIELD (within sum ...)  state today me this yes no  12.5  2026-11-20  "text"
 *
 * Keys of choices and states stand bare where they are compared with such a field, and go before
 * fields of the same name. A number takes the kind of what it is compared with or added to: area
 * 3.25 is 3.25 mu, percent 12.5 is 12.5 %.
 *
 * Arithmetic between units (P: per, of the field):
 *   X + X, X - X       the same kind and per; date - date is days (int)
 *   number * X         X;  int * X per person, day ... is X;  int * price is money
 *   percent * X        X, that part of it
 *   area * X per mu    X;  weight * money (or price) per jin, kg is money
 *   X / number         X;  X / int is X;  int / int is percent, and so is X / X
 *   X / percent        X
 *   money / area       money per mu; weight / area too; money / weight is money per jin or kg
 *   X / X per mu       area; X / X per jin, kg: weight
 * A chain of these is exact and is rounded once, half away from zero, where it becomes a value: the
 * result, one side of a comparison, a line of a sum. By nought: absent. */
#ifndef STAVE_MODEL_EXPR_H
#define STAVE_MODEL_EXPR_H

#include "model/model_int.h"

/* `per`, as arithmetic knows it. */
typedef enum ExprPer {
    PER_NONE,
    PER_MU,
    PER_JIN,
    PER_KG,
    PER_PERSON,
    PER_HOUSEHOLD,
    PER_DAY,
    PER_MONTH,
    PER_YEAR,
    PER_ANY_HEAD /* of a division by an int: none, per person, per day ... as wanted */
} ExprPer;

/* An operand while it is read. */
typedef struct Term {
    Expr *x;  /* NULL: a number or a name whose kind the other side decides */
    Str name; /* bare: may be a choice's or a state's key */
    int column;
    bool is_number; /* digits / 10^decimals */
    int64_t digits;
    int decimals;
    ExprPer per;
    ExprPer weight; /* of a weight: PER_JIN, PER_KG as it is typed, PER_NONE: grams */
} Term;

typedef struct ExprParser {
    Arena *arena;
    const Model *model;
    const Type *type;    /* whose fields, or of the part within count(PART ...) */
    const Field *rows;   /* whose fields go first; NULL */
    bool is_in_function; /* count, sum ... do not nest */
    Str text;
    size_t at;  /* the next byte */
    int column; /* of it, in code points from 1 */
    int depth, node_n;
    struct ExprToken {
        int kind; /* model_expr.c */
        Str text;
        int column;
    } tok;
    Err *e;
} ExprParser;

/* All return ERR_INVALID with one field error "expr": args[0] the column, then what it names; where
 * a near word is known the key ends in "_near" and it is the last argument. */
#define expr_fail(p, column, key, ...)                                                             \
    err_field((p)->e, S("expr"), (key), err_int((p)->e, (column)) __VA_OPT__(, ) __VA_ARGS__)
int expr_node(ExprParser *p, ExprOp op, KindId kind, int column, Expr **ret);

/* model_expr_kind.c: what fits with what */
Str expr_kind_name(ExprParser *p, const Term *t);
int expr_unknown(ExprParser *p, const Term *t); /* the name of a pending term */
int expr_compare(ExprParser *p, ExprOp op, int column, Term *a, Term *b, Expr **ret);
int expr_fit(ExprParser *p, Term *item, const Term *like); /* of `in`: like the left side */
int expr_settle(ExprParser *p, Term *t); /* a number alone is an int; a name is unknown */
int expr_settle_into(ExprParser *p, Term *t, const Field *into);
int expr_condition(ExprParser *p, Term *t);
int expr_calculate(ExprParser *p, ExprOp op, int column, Term *a, Term *b, Term *ret);
int expr_negate(ExprParser *p, int column, Term *a, Term *ret);
int expr_shift(ExprParser *p, bool is_back, int column, ExprUnit unit, Term *a, Term *b, Term *ret);
Term expr_field_term(Expr *x, const Field *f, int column);
bool expr_is_amount(KindId k); /* int, money, price, area, weight, percent */

/* ---- for the reader of model files ---- */
/* The value is for this field: `computed`, `makes`. Its kind and `per` must fit; a bare key is one
 * of its choices, a number is in its unit. */
int expr_parse_into(Arena *a, const Model *m, const Type *t, const Field *rows, const Field *into,
                    Str text, const Expr **ret, Err *e) MUST_USE;
/* It must be a condition: `when`, `that`, `see`. */
int expr_parse_condition(Arena *a, const Model *m, const Type *t, const Field *rows, Str text,
                         const Expr **ret, Err *e) MUST_USE;
bool expr_counts_parts(const Expr *x); /* count(PART ...): for an action's `when` alone */

#endif
