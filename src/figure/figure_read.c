/* figure_read.c: any period of any unit out of a few tens of cells. */
#include "figure/figure_int.h"

enum { DAY_FIRST = INT32_MIN, MONTH_EVER = INT32_MIN };

/* A range of whole months and up to two of days that make up a period. */
typedef struct Range {
    int64_t grain, from, to;
} Range;

static int cut(FigPeriod p, Range ret[3])
{
    int n = 0;
    if (p.from != DAY_NONE && p.to < p.from)
        return 0;
    int64_t last = month_of(p.to);
    bool ends_month = month_first(last + 1) == p.to + 1;
    int64_t first = p.from == DAY_NONE ? MONTH_EVER : month_of(p.from);
    bool begins_month = p.from == DAY_NONE || month_first(first) == p.from;
    if (!begins_month && first == last) {
        ret[n++] = (Range){GRAIN_DAY, p.from, p.to};
        return n;
    }
    if (!begins_month)
        ret[n++] = (Range){GRAIN_DAY, p.from, month_first(++first) - 1};
    int64_t whole = ends_month ? last : last - 1;
    if (whole >= first)
        ret[n++] = (Range){GRAIN_MONTH, first, whole};
    if (!ends_month)
        ret[n++] = (Range){GRAIN_DAY, month_first(last), p.to};
    return n;
}

/* What lasts is all that opened, less what closed, up to the day. */
static FigPeriod period_of(const Figure *f, FigPeriod p)
{
    if (figure_lasts(f))
        p.from = DAY_NONE;
    return p;
}

int figure_read(Tx *tx, const Figure *f, int64_t unit, FigPeriod p, FigValue *ret, Err *e)
{
    CHECK(f->kind != FIG_SHARE);
    if (f->by) { /* its cells stand by dim */
        FigValue *list, whole = {.dim = S("")};
        int n;
        TRY(figure_read_by(tx_arena(tx), tx, f, unit, p, &list, &n, e));
        for (int i = 0; i < n; i++) {
            whole.n += list[i].n;
            whole.records += list[i].records;
        }
        *ret = whole;
        return 0;
    }
    Range ranges[3];
    int n = cut(period_of(f, p), ranges);
    *ret = (FigValue){.dim = S("")};
    for (int i = 0; i < n; i++) {
        Stmt *s = tx_sql(tx, SQL(figure_cell_sum));
        bind_i64(s, 1, f->number);
        bind_i64(s, 2, unit);
        bind_i64(s, 3, ranges[i].grain);
        bind_bytes(s, 4, S(""));
        bind_i64(s, 5, ranges[i].from);
        bind_i64(s, 6, ranges[i].to);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        ret->n += col_i64(s, 0);
        ret->records += col_i64(s, 1);
        stmt_reset(s);
    }
    return 0;
}

int figure_read_by(Arena *a, Tx *tx, const Figure *f, int64_t unit, FigPeriod p, FigValue **ret,
                   int *ret_n, Err *e)
{
    Range ranges[3];
    int n = cut(period_of(f, p), ranges), rc;
    Tally sums = {.arena = a};
    for (int i = 0; i < n; i++) {
        Stmt *s = tx_sql(tx, SQL(figure_cell_by));
        bind_i64(s, 1, f->number);
        bind_i64(s, 2, unit);
        bind_i64(s, 3, ranges[i].grain);
        bind_i64(s, 4, ranges[i].from);
        bind_i64(s, 5, ranges[i].to);
        while ((rc = stmt_step(s, e)) > 0) {
            TallyKey k = tally_key(f, unit, 0, col_blob(s, 0), 0);
            TallyCell *c = tally_at(&sums, &k);
            c->n += col_i64(s, 1);
            c->records += col_i64(s, 2);
        }
        if (rc < 0)
            return rc;
    }
    TallyCell **cells = tally_sorted(&sums);
    FigValue *list = NEW_N(a, FigValue, sums.n + 1);
    *ret_n = 0;
    for (size_t i = 0; i < sums.n; i++)
        if (cells[i]->n || cells[i]->records)
            list[(*ret_n)++] =
                (FigValue){.dim = {(const char *)cells[i]->key.dim, (size_t)cells[i]->key.dim_n},
                           .n = cells[i]->n,
                           .records = cells[i]->records};
    *ret = list;
    return 0;
}

int figure_read_below(Arena *a, Tx *tx, const Figure *f, int64_t unit, FigPeriod p, FigUnit **ret,
                      int *ret_n, Err *e)
{
    Range ranges[3];
    int n = cut(period_of(f, p), ranges), rc;
    Tally sums = {.arena = a};
    for (int i = 0; i < n; i++) {
        Stmt *s = tx_sql(tx, SQL(figure_cell_below));
        bind_i64(s, 1, f->number);
        bind_i64(s, 2, ranges[i].grain);
        bind_i64(s, 3, ranges[i].from);
        bind_i64(s, 4, ranges[i].to);
        bind_i64(s, 5, unit);
        while ((rc = stmt_step(s, e)) > 0) {
            TallyKey k = tally_key(f, col_i64(s, 0), 0, col_blob(s, 1), 0);
            TallyCell *c = tally_at(&sums, &k);
            c->n += col_i64(s, 2);
            c->records += col_i64(s, 3);
        }
        if (rc < 0)
            return rc;
    }
    TallyCell **cells = tally_sorted(&sums);
    FigUnit *list = NEW_N(a, FigUnit, sums.n + 1);
    for (size_t i = 0; i < sums.n; i++)
        list[i] = (FigUnit){.unit = cells[i]->key.unit,
                            .dim = {(const char *)cells[i]->key.dim, (size_t)cells[i]->key.dim_n},
                            .n = cells[i]->n,
                            .records = cells[i]->records};
    *ret = list;
    *ret_n = (int)sums.n;
    return 0;
}

int figure_read_months(Tx *tx, const Figure *f, int64_t unit, Day from, int n, int64_t *ret,
                       Err *e)
{
    int64_t first = month_of(from), sum = 0;
    int rc;
    memset(ret, 0, (size_t)n * sizeof *ret);
    bool lasts = figure_lasts(f);
    Stmt *s = tx_sql(tx, SQL(figure_cell_months));
    bind_i64(s, 1, f->number);
    bind_i64(s, 2, unit);
    bind_i64(s, 3, lasts ? MONTH_EVER : first);
    bind_i64(s, 4, first + n - 1);
    while ((rc = stmt_step(s, e)) > 0) {
        int64_t at = col_i64(s, 0) - first;
        if (at < 0)
            sum += col_i64(s, 1);
        else
            ret[at] = col_i64(s, 1);
    }
    if (rc < 0)
        return rc;
    for (int i = 0; lasts && i < n; i++)
        ret[i] = sum += ret[i];
    return 0;
}

int figure_days(Tx *tx, const Figure *f, int64_t unit, Day *ret_first, Day *ret_last, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(figure_cell_days));
    bind_i64(s, 1, f->number);
    bind_i64(s, 2, unit);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    *ret_first = col_null(s, 0) ? DAY_NONE : col_day(s, 0);
    *ret_last = col_null(s, 1) ? DAY_NONE : col_day(s, 1);
    stmt_reset(s);
    return 0;
}

int figure_day(Tx *tx, const Figure *f, int64_t unit, Str dim, FigPeriod p, Day *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(figure_cell_day));
    bind_i64(s, 1, f->number);
    bind_i64(s, 2, unit);
    bind_bytes(s, 3, dim);
    bind_i64(s, 4, p.from);
    bind_i64(s, 5, p.to);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    *ret = rc ? col_day(s, 0) : DAY_NONE;
    stmt_reset(s);
    return 0;
}

int figure_spans(Arena *a, Tx *tx, const Figure *f, int64_t unit, Day day, const FigSpan *after,
                 int max, FigSpan **ret, int *ret_n, Err *e)
{
    FigSpan none = {.starts = DAY_FIRST};
    if (!after)
        after = &none;
    FigSpan *list = NEW_N(a, FigSpan, (size_t)max + 1);
    int rc;
    *ret_n = 0;
    Stmt *s = tx_sql(tx, SQL(figure_span_list));
    bind_i64(s, 1, f->number);
    bind_i64(s, 2, unit);
    bind_i64(s, 3, day);
    bind_i64(s, 4, after->starts);
    bind_uuid(s, 5, after->record);
    bind_uuid(s, 6, after->row);
    bind_bytes(s, 7, after->key);
    bind_i64(s, 8, max);
    while ((rc = stmt_step(s, e)) > 0)
        list[(*ret_n)++] = (FigSpan){.record = col_uuid(s, 0),
                                     .row = col_uuid(s, 1),
                                     .key = str_copy(a, col_blob(s, 2)),
                                     .dim = str_copy(a, col_blob(s, 3)),
                                     .n = col_i64(s, 4),
                                     .starts = col_day(s, 5)};
    *ret = list;
    return rc < 0 ? rc : 0;
}

/* ---- from shares ---- */

struct FigSum {
    const Figure *figure;
    Tally dims, things;
};

FigSum *figsum_new(Arena *a, const Figure *f)
{
    FigSum *s = NEW(a, FigSum);
    *s = (FigSum){.figure = f, .dims.arena = a, .things.arena = a};
    return s;
}

void figsum_add(FigSum *s, const FigShare *share)
{
    const Figure *f = s->figure;
    if (is_distinct(f)) {
        TallyKey k = tally_key(f, 0, 0, share->key, 0);
        if (tally_at(&s->things, &k)->n++)
            return;
    }
    TallyKey k = tally_key(f, 0, 0, is_distinct(f) ? S("") : share->dim, 0);
    TallyCell *c = tally_at(&s->dims, &k);
    c->n += is_distinct(f) ? 1 : share->n;
    c->records++;
}

void figsum_take(FigSum *s, bool is_split, FigValue **ret, int *ret_n)
{
    TallyCell **cells = tally_sorted(&s->dims);
    FigValue *list = NEW_N(s->dims.arena, FigValue, s->dims.n + 1);
    int n = is_split ? 0 : 1;
    list[0] = (FigValue){.dim = S("")};
    for (size_t i = 0; i < s->dims.n; i++) {
        const TallyKey *k = &cells[i]->key;
        FigValue *v = is_split ? &list[n++] : &list[0];
        if (is_split)
            v->dim = (Str){(const char *)k->dim, (size_t)k->dim_n};
        v->n += cells[i]->n;
        v->records += cells[i]->records;
    }
    *ret = list;
    *ret_n = n;
}

bool figure_is_kept(const Figure *f, FigPeriod p)
{
    if (!is_distinct(f) || !f->is_yearly)
        return true;
    int64_t year = year_of(p.to);
    return p.from == year_first(year) && p.to == year_first(year + 1) - 1;
}
