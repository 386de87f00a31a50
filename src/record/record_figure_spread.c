/* record_figure_spread.c: a figure spread over the units below and over months: from cells for who
 * has them, else from one walk through the reader's own list.          SPEC: P5  DESIGN: Figures */
#include "record/record_int.h"

int record_figure_wide(const Tree *t, int unit_ix)
{
    int n = 0;
    for (int i = unit_ix + 1; i < t->units[unit_ix].end_ix; i = t->units[i].end_ix)
        n++;
    return n;
}

/* ---- one walk ---- */

typedef struct Walk {
    Records *rs;
    Tx *tx;
    const Reader *reader;
    const FigQuery *q;
    FigSum **sums;
    int (*place)(const struct Walk *w, const FigItem *item); /* which sum; -1: none */
    int64_t first; /* months: the first one's number */
    int n;
} Walk;

/* A page at a time, each in an arena that is emptied. */
static int walk_list(const Walk *w, Err *e)
{
    Arena *page_arena = arena_new(64 * 1024);
    char kept[128];
    Str after = STR_NONE;
    int rc;
    do {
        FigPage page;
        rc = record_figure_list(w->rs, page_arena, w->tx, w->reader, w->q, LIMIT_LIST_PAGE, after,
                                &page, e);
        if (rc < 0)
            break;
        for (int i = 0; i < page.n; i++) {
            int at = w->place(w, &page.items[i]);
            if (at >= 0 && at < w->n)
                figsum_add(w->sums[at], &page.items[i].share);
        }
        after = STR_NONE;
        if (str_has(page.next)) {
            CHECK(page.next.n <= sizeof kept);
            memcpy(kept, page.next.p, page.next.n);
            after = (Str){kept, page.next.n};
        }
        arena_reset(page_arena);
    } while (str_has(after));
    arena_free(page_arena);
    return rc;
}

static FigSum **new_sums(Arena *a, const Figure *f, int n)
{
    FigSum **list = NEW_N(a, FigSum *, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        list[i] = figsum_new(a, f);
    return list;
}

static FigValue take_one(FigSum *s)
{
    FigValue *list;
    int n;
    figsum_take(s, false, &list, &n);
    return list[0];
}

/* ---- below ---- */

static int place_below(const Walk *w, const FigItem *item)
{
    int unit_ix = item->rec->unit_ix;
    const Tree *t = w->reader->tree;
    int at = 0;
    for (int i = w->q->unit_ix + 1; i < t->units[w->q->unit_ix].end_ix; i = t->units[i].end_ix) {
        if (unit_ix >= i && unit_ix < t->units[i].end_ix)
            return at;
        at++;
    }
    return -1; /* the unit's own */
}

static int below_of(const Tree *t, int unit_ix, int64_t id)
{
    int at = 0;
    for (int i = unit_ix + 1; i < t->units[unit_ix].end_ix; i = t->units[i].end_ix) {
        if (t->units[i].id == id)
            return at;
        at++;
    }
    return -1;
}

static int below_cells(Arena *a, Tx *tx, const Tree *t, const FigQuery *q, FigValue *ret, Err *e)
{
    FigUnit *list;
    int n;
    TRY(figure_read_below(a, tx, q->figure, t->units[q->unit_ix].id, q->period, &list, &n, e));
    for (int i = 0; i < n; i++) {
        int at = below_of(t, q->unit_ix, list[i].unit);
        if (at < 0 || (q->dim && !str_eq(*q->dim, list[i].dim)))
            continue;
        ret[at].n += list[i].n;
        ret[at].records += list[i].records;
    }
    return 0;
}

int record_figure_below(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                        FigValue *ret, Err *e)
{
    const Figure *f = q->figure;
    int n = record_figure_wide(r->tree, q->unit_ix);
    FigSight sight = record_figure_sight(a, r, q);
    memset(ret, 0, (size_t)n * sizeof *ret);
    if (sight == FIGURE_HIDDEN)
        return 0;
    if (sight == FIGURE_WHOLE && figure_is_kept(f, q->period))
        return below_cells(a, tx, r->tree, q, ret, e);
    Walk w = {.rs = rs, .tx = tx, .reader = r, .q = q, .sums = new_sums(a, f, n),
              .place = place_below, .n = n};
    TRY(walk_list(&w, e));
    for (int i = 0; i < n; i++)
        ret[i] = take_one(w.sums[i]);
    return 0;
}

/* ---- months ---- */

static int64_t month_number(Day d)
{
    int y, m, day;
    day_to_ymd(d, &y, &m, &day);
    return (int64_t)y * 12 + m - 1;
}

static Day month_day(int64_t month)
{
    Day d = DAY_NONE;
    CHECK(day_from_ymd((int)(month / 12), (int)(month % 12) + 1, 1, &d));
    return d;
}

static int place_month(const Walk *w, const FigItem *item)
{
    int64_t at = month_number(item->day) - w->first;
    return at >= 0 && at < w->n ? (int)at : -1;
}

/* What lasts, as it stood at each month's end, and today. */
static int months_lasting(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                          int64_t first, int n, int64_t *ret, Err *e)
{
    for (int i = 0; i < n; i++) {
        FigQuery one = *q;
        FigValue *list;
        FigSight sight;
        int list_n;
        Day last = month_day(first + i + 1) - 1;
        one.period = (FigPeriod){DAY_NONE, last < r->today ? last : r->today};
        one.is_split = false;
        TRY(record_figure(rs, a, tx, r, &one, &list, &list_n, &sight, e));
        ret[i] = list_n ? list[0].n : 0;
    }
    return 0;
}

int record_figure_months(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                         Day first, int n, int64_t *ret, bool *ret_can, Err *e)
{
    const Figure *f = q->figure;
    int64_t month = month_number(first);
    FigQuery all = *q;
    all.period = (FigPeriod){month_day(month), month_day(month + n) - 1};
    if (figure_lasts(f)) /* the earliest day that is asked: the widest sight */
        all.period.to = month_day(month + 1) - 1;
    FigSight sight = record_figure_sight(a, r, &all);
    memset(ret, 0, (size_t)n * sizeof *ret);
    *ret_can = sight != FIGURE_HIDDEN && !(q->dim && figure_lasts(f));
    if (!*ret_can)
        return 0;
    if (sight == FIGURE_WHOLE && !q->dim)
        return figure_read_months(tx, f, r->tree->units[q->unit_ix].id, all.period.from, n, ret,
                                  e);
    if (f->kind == FIG_DISTINCT && f->is_yearly) {
        *ret_can = false;
        return 0;
    }
    if (figure_lasts(f))
        return months_lasting(rs, a, tx, r, &all, month, n, ret, e);
    Walk w = {.rs = rs, .tx = tx, .reader = r, .q = &all, .sums = new_sums(a, f, n),
              .place = place_month, .first = month, .n = n};
    TRY(walk_list(&w, e));
    for (int i = 0; i < n; i++)
        ret[i] = take_one(w.sums[i]).n;
    return 0;
}
