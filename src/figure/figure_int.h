/* figure_int.h: what the files of figure share. */
#ifndef STAVE_FIGURE_INT_H
#define STAVE_FIGURE_INT_H

#include "figure/figure.h"
#include "sql.h"

enum { GRAIN_DAY, GRAIN_MONTH };
enum { PERIOD_WHILE = 0 };
enum { DIM_BYTES = 16 };

/* Sums in memory, by key; in an arena. */
typedef struct TallyKey {
    int64_t figure, unit, at; /* at: day, month, or period of what was seen */
    int64_t grain;
    uint8_t dim[DIM_BYTES]; /* or a distinct thing's key */
    int64_t dim_n;
} TallyKey; /* no padding: compared and hashed as bytes */
typedef struct TallyCell {
    TallyKey key;
    int64_t n, records;
    bool is_met; /* verify's own */
    bool is_used;
} TallyCell;
typedef struct Tally {
    Arena *arena;
    TallyCell *cells; /* open addressing, a power of two */
    size_t cap, n;
} Tally;
TallyCell *tally_at(Tally *t, const TallyKey *k); /* made when it is not there */
TallyKey tally_key(const Figure *f, int64_t unit, int64_t grain, Str dim, int64_t at);
TallyCell **tally_sorted(Tally *t); /* by key: writers take them in one order */
/* One day's sum at a unit, by day and by month. */
void tally_add(Tally *t, const Figure *f, int64_t unit, Str dim, Day day, int64_t n,
               int64_t records);
int tally_write(const Tally *t, Tx *tx, Err *e) MUST_USE;

/* A thing may be named elsewhere too: what is distinct is folded anew. `out`: lowest first by the
 * old tree; `in`: highest first by the new one. */
int rehang_things(Tx *tx, const Figure *f, const Tree *after, UnitMove *const *out,
                  UnitMove *const *in, int n, Err *e) MUST_USE;

int64_t month_of(Day d);  /* months since year 0 */
Day month_first(int64_t month);
int64_t year_of(Day d);
Day year_first(int64_t year);
/* No bytes are not null. */
static inline void bind_bytes(Stmt *s, int ix, Str v)
{
    bind_blob(s, ix, v.n ? v.p : "", v.n);
}
static inline bool is_distinct(const Figure *f)
{
    return f->kind == FIG_DISTINCT;
}

#endif
