/* figure.h: numbers by unit and period, kept as records change.
 *
 * Model: what one record gives to a figure is a pure function of the record and its own rows
 *        (figure_shares). A change books after - before (figure_moves): counts and sums at the
 *        record's day; what lasts (level, distinct while) as a span opened or closed on the day of
 *        the change. Cells hold the sums by day and by month, at the unit itself and at every unit
 *        above it, so any period of any unit is a few tens of cells.
 * Invariants: a cell is the sum of the shares (or span ends) that fall on it; `seen` counts, for a
 *             unit and a distinct thing, the shares that name it, and a distinct cell moves by one
 *             where that number leaves or reaches nought. `stave verify` recounts all of it.
 * Not here: which records there are and who may see them (record.h), drawing (web).
 *                                                    SPEC: P5  DESIGN: Figures  decisions/009
 */
#ifndef STAVE_FIGURE_H
#define STAVE_FIGURE_H

#include "access/access.h"

/* ---- one record's part ---- */
typedef struct FigShare {
    const Figure *figure;
    Uuid row;    /* the line; zero: the record */
    Str dim;     /* what it is split by, as cells keep it; empty: not split, or nothing there */
    Str key;     /* distinct: the thing, 16 bytes (a unit: its id, 8 bytes); else empty */
    int64_t n;   /* what it adds */
} FigShare;
/* All shares of a record, none of void ones and drafts; borrows from `s`. ERR_LIMIT: a condition
 * overflows. Cost: figures x rows. */
int figure_shares(Arena *a, const Subject *s, FigShare **ret, int *ret_n, Err *e) MUST_USE;
/* ... of one figure. */
int figure_shares_of(Arena *a, const Figure *f, const Subject *s, FigShare **ret, int *ret_n,
                     Err *e) MUST_USE;
/* Lasts from a day to a day (level, distinct while); else it stands at the record's day. */
bool figure_lasts(const Figure *f);
/* A choice's number or a link's id as a dim, and back. */
Str figure_dim(Arena *a, const Value *v);
int64_t figure_dim_number(Str dim); /* of a choice, or of a unit as a distinct thing: 8 bytes */

/* ---- a change's part ---- */
typedef enum FigDo { FIG_ADD, FIG_TAKE, FIG_OPEN, FIG_CLOSE } FigDo;
typedef struct FigMove {
    FigDo what;
    FigShare share; /* its texts in the arena of figure_moves */
    Uuid record;
    Day day;              /* it is booked on */
    const int64_t *above; /* the record's unit, then those above it */
    int above_n;
} FigMove;
typedef struct FigSide { /* a record before or after; subject NULL: it was not there */
    const Subject *subject;
    Day at_day;
} FigSide;
/* What books `after` in place of `before`. `today`: of the change. */
int figure_moves(Arena *a, const Tree *tree, FigSide before, FigSide after, Day today,
                 FigMove **ret, int *ret_n, Err *e) MUST_USE;
/* Spans, at once, inside the change's transaction. */
int figure_apply(Tx *tx, const FigMove *moves, int n, Err *e) MUST_USE;
/* Cells and `seen`, once for all changes of a batch: each cell is written once. */
int figure_book(Tx *tx, FigMove *const *moves, const int *ns, size_t list_n, Err *e) MUST_USE;

/* ---- reading ---- */
typedef struct FigPeriod {
    Day from, to; /* both within; from DAY_NONE: since ever. What lasts is read at `to` */
} FigPeriod;
typedef struct FigValue {
    Str dim;       /* empty: the whole */
    int64_t n;     /* the number */
    int64_t records; /* length of the list it opens to */
} FigValue;
/* From cells: at and below a unit. Of a distinct per year the period must lie in one year and
 * begin it (the number of that year). `f` is no share. Cost: some tens of cells. */
int figure_read(Tx *tx, const Figure *f, int64_t unit, FigPeriod p, FigValue *ret,
                Err *e) MUST_USE;
/* ... of each unit that hangs directly below `unit` and has cells, in order of id; as many
 * statements
 * at any number of units. */
typedef struct FigUnit {
    int64_t unit;
    Str dim; /* empty: not split */
    int64_t n, records;
} FigUnit;
int figure_read_below(Arena *a, Tx *tx, const Figure *f, int64_t unit, FigPeriod p, FigUnit **ret,
                      int *ret_n, Err *e) MUST_USE;
/* Split by `by`: one value a dim that is not nought, in order of dim. */
int figure_read_by(Arena *a, Tx *tx, const Figure *f, int64_t unit, FigPeriod p, FigValue **ret,
                   int *ret_n, Err *e) MUST_USE;
/* The same from shares one by one, for who sees only some of the records: values by dim. */
typedef struct FigSum FigSum;
FigSum *figsum_new(Arena *a, const Figure *f);
void figsum_add(FigSum *s, const FigShare *share);
void figsum_take(FigSum *s, bool is_split, FigValue **ret, int *ret_n); /* not split: one value */
/* Is the period one that cells answer for (of a distinct per year: whole years, one). */
bool figure_is_kept(const Figure *f, FigPeriod p);

/* Month by month, `n` of them from the month of `from`: what was added in each; what lasts as it
 * stood at each month's end. */
int figure_read_months(Tx *tx, const Figure *f, int64_t unit, Day from, int n, int64_t *ret,
                       Err *e) MUST_USE;
/* The newest day of the period with something in it that a list may hold; DAY_NONE: none. A count
 * or a sum; `dim` as its cells stand: "" where it is not split. O(log n). */
int figure_day(Tx *tx, const Figure *f, int64_t unit, Str dim, FigPeriod p, Day *ret,
               Err *e) MUST_USE;
/* The first and the last day anything was booked on; DAY_NONE: never. */
int figure_days(Tx *tx, const Figure *f, int64_t unit, Day *ret_first, Day *ret_last,
                Err *e) MUST_USE;
/* Spans of a figure open at the end of a day at and below a unit, in order of (starts, record,
 * row); after (starts, record, row), at most `max`. */
typedef struct FigSpan {
    Uuid record, row;
    Str key, dim;
    int64_t n;
    Day starts;
} FigSpan;
int figure_spans(Arena *a, Tx *tx, const Figure *f, int64_t unit, Day day, const FigSpan *after,
                 int max, FigSpan **ret, int *ret_n, Err *e) MUST_USE;

/* ---- counting anew ---- */
typedef struct FigCount FigCount; /* cells in memory, made from shares; in an arena of its own */
FigCount *figcount_new(const Tree *tree);
void figcount_free(FigCount *c);
/* One record's shares: counts and sums at its day, what lasts as open since `since`. */
void figcount_add(FigCount *c, const FigShare *shares, int n, Uuid record, int64_t unit,
                  Day at_day, Day since);
/* Writes a figure's cells, seen and spans anew from what was added of it. `keeps`: spans that are
 * over stay, and what lasts began when it was found to. */
int figcount_write(FigCount *c, Tx *tx, const Figure *f, bool keeps, Err *e) MUST_USE;
/* Drops all that is kept of a figure. */
int figure_forget(Tx *tx, int64_t number, Err *e) MUST_USE;
/* Compares: say() is given the figure, the unit and what should be there and is. Also proves that
 * the cells of what lasts are the fold of all spans. Returns findings or < 0. */
int figcount_verify(FigCount *c, Tx *tx, const Figure *f,
                    void (*say)(void *ctx, const Figure *f, int64_t unit, int64_t should,
                                int64_t is),
                    void *ctx, Err *e) MUST_USE;

/* Units now hang elsewhere (merged, moved): what they count leaves the units they were below and
 * comes to those they are below. Same transaction as the move, after all that was booked before. */
int figure_rehang(Tx *tx, const Model *m, const Tree *after, const UnitMove *moves, int n,
                  Err *e) MUST_USE;

#endif
