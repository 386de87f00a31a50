/* figure_count.c: figures made anew in memory from all records, to write them or to prove them. */
#include "figure/figure_int.h"

typedef struct Span {
    const Figure *figure;
    int64_t unit, n;
    Uuid record, row;
    Str key, dim;
    Day starts, ends; /* DAY_NONE: it lasts */
} Span;

struct FigCount {
    Arena *arena;
    const Tree *tree;
    Tally cells; /* own units' and above */
    Tally seen;  /* key.at: the period */
    Span *spans;
    size_t span_n, span_cap;
};

FigCount *figcount_new(const Tree *tree)
{
    Arena *a = arena_new(1 << 20);
    FigCount *c = NEW(a, FigCount);
    *c = (FigCount){.arena = a, .tree = tree, .cells.arena = a, .seen.arena = a};
    return c;
}

void figcount_free(FigCount *c)
{
    if (c)
        arena_free(c->arena);
}

static void add_span(FigCount *c, Span s)
{
    if (c->span_n == c->span_cap) {
        size_t cap = c->span_cap ? c->span_cap * 2 : 256;
        Span *more = NEW_N(c->arena, Span, cap);
        if (c->span_n)
            memcpy(more, c->spans, c->span_n * sizeof *more);
        c->spans = more;
        c->span_cap = cap;
    }
    c->spans[c->span_n++] = s;
}

static void add_above(FigCount *c, const Figure *f, int64_t unit, Str dim, Day day, int64_t n,
                      int64_t records)
{
    const Unit *u = tree_unit(c->tree, unit);
    for (int ix = u ? u->ix : -1; ix >= 0; ix = c->tree->units[ix].parent_ix)
        tally_add(&c->cells, f, c->tree->units[ix].id, dim, day, n, records);
}

static void see_above(FigCount *c, const Figure *f, int64_t unit, Str key, int64_t period,
                      int64_t n)
{
    const Unit *u = tree_unit(c->tree, unit);
    for (int ix = u ? u->ix : -1; ix >= 0; ix = c->tree->units[ix].parent_ix) {
        TallyKey k = tally_key(f, c->tree->units[ix].id, 0, key, period);
        tally_at(&c->seen, &k)->n += n;
    }
}

void figcount_add(FigCount *c, const FigShare *shares, int n, Uuid record, int64_t unit,
                  Day at_day, Day since)
{
    for (int i = 0; i < n; i++) {
        const FigShare *s = &shares[i];
        if (figure_lasts(s->figure))
            add_span(c, (Span){.figure = s->figure,
                               .unit = unit,
                               .n = s->n,
                               .record = record,
                               .row = s->row,
                               .key = str_copy(c->arena, s->key),
                               .dim = str_copy(c->arena, s->dim),
                               .starts = since,
                               .ends = DAY_NONE});
        else if (is_distinct(s->figure))
            see_above(c, s->figure, unit, s->key, year_of(at_day), 1);
        else
            add_above(c, s->figure, unit, s->dim, at_day, s->n, 1);
    }
}

/* ---- distinct things over time ---- */

typedef struct Event { /* a thing begins or ends to be named, at a unit */
    int64_t unit;
    Str key;
    Day day;
    int n;
} Event;

static int compare_events(const void *x, const void *y)
{
    const Event *a = x, *b = y;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    int key = str_cmp(a->key, b->key);
    return key ? key : a->day < b->day ? -1 : a->day > b->day;
}

/* A distinct cell moves by one on the days after which a thing is there and was not, or is not and
 * was. */
static void fold_things(FigCount *c, const Figure *f, const Span *spans, size_t n)
{
    Event *list = NEW_N(c->arena, Event, n * 2 * (LIMIT_UNIT_DEPTH + 1) + 1);
    size_t events = 0;
    for (size_t i = 0; i < n; i++) {
        const Unit *u = tree_unit(c->tree, spans[i].unit);
        for (int ix = u ? u->ix : -1; ix >= 0; ix = c->tree->units[ix].parent_ix) {
            int64_t unit = c->tree->units[ix].id;
            list[events++] = (Event){unit, spans[i].key, spans[i].starts, 1};
            if (spans[i].ends != DAY_NONE)
                list[events++] = (Event){unit, spans[i].key, spans[i].ends, -1};
        }
    }
    qsort(list, events, sizeof *list, compare_events);
    int64_t there = 0;
    for (size_t i = 0; i < events;) {
        bool is_first = i == 0 || list[i].unit != list[i - 1].unit ||
                        !str_eq(list[i].key, list[i - 1].key);
        int64_t was = is_first ? 0 : there;
        there = was;
        size_t at = i;
        for (; i < events && list[i].unit == list[at].unit && str_eq(list[i].key, list[at].key) &&
               list[i].day == list[at].day;
             i++)
            there += list[i].n;
        int moved = (there > 0) - (was > 0);
        if (moved)
            tally_add(&c->cells, f, list[at].unit, S(""), list[at].day, moved, moved);
    }
}

/* Cells of what lasts, and what is seen now, from all its spans. */
static void fold_spans(FigCount *c, const Figure *f, const Span *spans, size_t n)
{
    if (is_distinct(f)) {
        for (size_t i = 0; i < n; i++)
            if (spans[i].ends == DAY_NONE)
                see_above(c, f, spans[i].unit, spans[i].key, PERIOD_WHILE, 1);
        fold_things(c, f, spans, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        add_above(c, f, spans[i].unit, spans[i].dim, spans[i].starts, spans[i].n, 1);
        if (spans[i].ends != DAY_NONE)
            add_above(c, f, spans[i].unit, spans[i].dim, spans[i].ends, -spans[i].n, -1);
    }
}

/* Of a distinct per year: one in its January for each thing seen. */
static void fold_years(FigCount *c, const Figure *f)
{
    for (size_t i = 0; i < c->seen.cap; i++) {
        const TallyCell *s = &c->seen.cells[i];
        if (s->is_used && s->key.figure == f->number && s->n > 0)
            tally_add(&c->cells, f, s->key.unit, S(""), year_first(s->key.at), 1, 1);
    }
}

static int compare_spans(const void *x, const void *y)
{
    const Span *a = x, *b = y;
    int c = memcmp(a->record.b, b->record.b, sizeof a->record.b);
    if (!c)
        c = memcmp(a->row.b, b->row.b, sizeof a->row.b);
    if (!c)
        c = str_cmp(a->key, b->key);
    return c ? c : a->starts < b->starts ? -1 : a->starts > b->starts;
}

/* The added spans of one figure, in order. */
static Span *spans_of(FigCount *c, const Figure *f, size_t *ret_n)
{
    Span *list = NEW_N(c->arena, Span, c->span_n + 1);
    *ret_n = 0;
    for (size_t i = 0; i < c->span_n; i++)
        if (c->spans[i].figure == f)
            list[(*ret_n)++] = c->spans[i];
    qsort(list, *ret_n, sizeof *list, compare_spans);
    return list;
}

static void fold(FigCount *c, const Figure *f, const Span *spans, size_t n)
{
    if (figure_lasts(f))
        fold_spans(c, f, spans, n);
    else if (is_distinct(f))
        fold_years(c, f);
}

/* ---- writing ---- */

static int clear(Tx *tx, const SqlDef *sql, const Figure *f, Err *e)
{
    Stmt *s = tx_sql(tx, sql);
    bind_i64(s, 1, f->number);
    return stmt_send(s, e);
}

int figure_forget(Tx *tx, int64_t number, Err *e)
{
    const Figure f = {.number = number};
    TRY(clear(tx, SQL(figure_cell_clear), &f, e));
    TRY(clear(tx, SQL(figure_span_clear), &f, e));
    return clear(tx, SQL(figure_seen_clear), &f, e);
}

static int write_seen(FigCount *c, Tx *tx, const Figure *f, Err *e)
{
    for (size_t i = 0; i < c->seen.cap; i++) {
        const TallyCell *x = &c->seen.cells[i];
        if (!x->is_used || x->key.figure != f->number || !x->n)
            continue;
        Stmt *s = tx_sql(tx, SQL(figure_seen_add));
        bind_i64(s, 1, f->number);
        bind_i64(s, 2, x->key.unit);
        bind_i64(s, 3, x->key.at);
        bind_blob(s, 4, x->key.dim, (size_t)x->key.dim_n);
        bind_i64(s, 5, x->n);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        stmt_reset(s);
    }
    return 0;
}

static int write_cells(FigCount *c, Tx *tx, const Figure *f, Err *e)
{
    Tally own = {.arena = c->arena};
    for (size_t i = 0; i < c->cells.cap; i++)
        if (c->cells.cells[i].is_used && c->cells.cells[i].key.figure == f->number)
            *tally_at(&own, &c->cells.cells[i].key) = c->cells.cells[i];
    TRY(clear(tx, SQL(figure_cell_clear), f, e));
    return tally_write(&own, tx, e);
}

static int read_spans(FigCount *c, Tx *tx, const Figure *f, Span **ret, size_t *ret_n, Err *e)
{
    size_t cap = 256, n = 0;
    Span *list = NEW_N(c->arena, Span, cap);
    int rc;
    Stmt *s = tx_sql(tx, SQL(figure_span_all));
    bind_i64(s, 1, f->number);
    while ((rc = stmt_step(s, e)) > 0) {
        if (n == cap) {
            Span *more = NEW_N(c->arena, Span, cap * 2);
            memcpy(more, list, n * sizeof *list);
            list = more;
            cap *= 2;
        }
        list[n++] = (Span){.figure = f,
                           .unit = col_i64(s, 0),
                           .record = col_uuid(s, 1),
                           .row = col_uuid(s, 2),
                           .key = str_copy(c->arena, col_blob(s, 3)),
                           .dim = str_copy(c->arena, col_blob(s, 4)),
                           .n = col_i64(s, 5),
                           .starts = col_day(s, 6),
                           .ends = col_null(s, 7) ? DAY_NONE : col_day(s, 7)};
    }
    *ret = list;
    *ret_n = n;
    return rc < 0 ? rc : 0;
}

static int compare_places(const Span *a, const Span *b)
{
    Span x = *a, y = *b;
    x.starts = y.starts = 0;
    return compare_spans(&x, &y);
}

/* What is over stays as it was; what lasts began when it began, or, where nothing was kept of it,
 * not before what is over of the same. `made` are spans that last, in order; so are `kept`. */
static Span *with_kept(FigCount *c, Span *made, size_t made_n, const Span *kept, size_t kept_n,
                       size_t *ret_n)
{
    Span *list = NEW_N(c->arena, Span, made_n + kept_n + 1);
    size_t n = 0, k = 0;
    for (size_t i = 0; i < made_n; i++) {
        for (; k < kept_n && compare_places(&kept[k], &made[i]) < 0; k++)
            if (kept[k].ends != DAY_NONE)
                list[n++] = kept[k];
        for (; k < kept_n && compare_places(&kept[k], &made[i]) == 0; k++) {
            if (kept[k].ends == DAY_NONE)
                made[i].starts = kept[k].starts;
            else if (kept[k].ends > made[i].starts)
                made[i].starts = kept[k].ends;
            if (kept[k].ends != DAY_NONE)
                list[n++] = kept[k];
        }
        list[n++] = made[i];
    }
    for (; k < kept_n; k++)
        if (kept[k].ends != DAY_NONE)
            list[n++] = kept[k];
    *ret_n = n;
    return list;
}

static int write_span(Tx *tx, const Figure *f, const Span *x, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(figure_span_put));
    bind_i64(s, 1, f->number);
    bind_uuid(s, 2, x->record);
    bind_uuid(s, 3, x->row);
    bind_bytes(s, 4, x->key);
    bind_day(s, 5, x->starts);
    bind_day(s, 6, x->ends);
    bind_i64(s, 7, x->unit);
    bind_bytes(s, 8, x->dim);
    bind_i64(s, 9, x->n);
    return stmt_send(s, e);
}

int figcount_write(FigCount *c, Tx *tx, const Figure *f, bool keeps, Err *e)
{
    size_t n, kept_n;
    Span *spans = spans_of(c, f, &n), *kept;
    if (keeps && figure_lasts(f)) {
        TRY(read_spans(c, tx, f, &kept, &kept_n, e));
        spans = with_kept(c, spans, n, kept, kept_n, &n);
    }
    fold(c, f, spans, n);
    TRY(clear(tx, SQL(figure_span_clear), f, e));
    TRY(clear(tx, SQL(figure_seen_clear), f, e));
    for (size_t i = 0; i < n; i++)
        TRY(write_span(tx, f, &spans[i], e));
    TRY(write_seen(c, tx, f, e));
    return write_cells(c, tx, f, e);
}

/* ---- proof ---- */

typedef struct Proof {
    FigCount *c;
    const Figure *f;
    void (*say)(void *ctx, const Figure *f, int64_t unit, int64_t should, int64_t is);
    void *ctx;
    int findings;
} Proof;

static void find(Proof *p, int64_t unit, int64_t should, int64_t is)
{
    p->findings++;
    p->say(p->ctx, p->f, unit, should, is);
}

/* Spans that last must be the shares of the records as they stand. */
static void prove_spans(Proof *p, const Span *list, size_t n)
{
    size_t should_n, at = 0;
    Span *should = spans_of(p->c, p->f, &should_n);
    for (size_t i = 0; i < n; i++) {
        if (list[i].ends != DAY_NONE)
            continue;
        Span key = list[i];
        while (at < should_n && (key.starts = should[at].starts,
                                 compare_spans(&should[at], &key) < 0)) {
            find(p, should[at].unit, should[at].n, 0);
            at++;
        }
        bool is_there = at < should_n && compare_spans(&should[at], &key) == 0;
        if (!is_there)
            find(p, list[i].unit, 0, list[i].n);
        else if (should[at].n != list[i].n || should[at].unit != list[i].unit ||
                 !str_eq(should[at].dim, list[i].dim))
            find(p, list[i].unit, should[at].n, list[i].n);
        at += is_there;
    }
    for (; at < should_n; at++)
        find(p, should[at].unit, should[at].n, 0);
}

static int prove_cells(Proof *p, Tx *tx, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(figure_cell_all));
    bind_i64(s, 1, p->f->number);
    while ((rc = stmt_step(s, e)) > 0) {
        int64_t unit = col_i64(s, 0), n = col_i64(s, 4), records = col_i64(s, 5);
        TallyKey k = tally_key(p->f, unit, col_i64(s, 1), col_blob(s, 2), col_i64(s, 3));
        TallyCell *c = tally_at(&p->c->cells, &k);
        c->is_met = true;
        if (c->n != n || c->records != records)
            find(p, unit, c->n, n);
    }
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < p->c->cells.cap; i++) {
        const TallyCell *c = &p->c->cells.cells[i];
        if (c->is_used && !c->is_met && c->key.figure == p->f->number && (c->n || c->records))
            find(p, c->key.unit, c->n, 0);
    }
    return 0;
}

static int prove_seen(Proof *p, Tx *tx, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(figure_seen_all));
    bind_i64(s, 1, p->f->number);
    while ((rc = stmt_step(s, e)) > 0) {
        int64_t unit = col_i64(s, 0), n = col_i64(s, 3);
        TallyKey k = tally_key(p->f, unit, 0, col_blob(s, 2), col_i64(s, 1));
        TallyCell *c = tally_at(&p->c->seen, &k);
        c->is_met = true;
        if (c->n != n)
            find(p, unit, c->n, n);
    }
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < p->c->seen.cap; i++) {
        const TallyCell *c = &p->c->seen.cells[i];
        if (c->is_used && !c->is_met && c->key.figure == p->f->number && c->n)
            find(p, c->key.unit, c->n, 0);
    }
    return 0;
}

int figcount_verify(FigCount *c, Tx *tx, const Figure *f,
                    void (*say)(void *ctx, const Figure *f, int64_t unit, int64_t should,
                                int64_t is),
                    void *ctx, Err *e)
{
    Proof p = {.c = c, .f = f, .say = say, .ctx = ctx};
    Span *spans = NULL;
    size_t n = 0;
    if (figure_lasts(f)) {
        TRY(read_spans(c, tx, f, &spans, &n, e));
        prove_spans(&p, spans, n);
    }
    fold(c, f, spans, n);
    TRY(prove_cells(&p, tx, e));
    TRY(prove_seen(&p, tx, e));
    return p.findings;
}

/* ---- units move ---- */

/* What is seen at a unit goes out of, or into, the sums above it. */
static void hang_seen(Tally *seen, const UnitMove *m, bool is_to)
{
    const TallyCell *cells = seen->cells; /* as they are; none of the unit's own is touched */
    size_t cap = seen->cap;
    const int64_t *above = is_to ? m->is : m->was;
    for (size_t c = 0; c < cap; c++)
        for (int i = 0; cells[c].is_used && cells[c].key.unit == m->unit &&
                        i < (is_to ? m->is_n : m->was_n);
             i++) {
            TallyKey k = cells[c].key;
            k.unit = above[i];
            tally_at(seen, &k)->n += is_to ? cells[c].n : -cells[c].n;
        }
}

static int read_seen(FigCount *c, Tx *tx, const Figure *f, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(figure_seen_all));
    bind_i64(s, 1, f->number);
    while ((rc = stmt_step(s, e)) > 0) {
        TallyKey k = tally_key(f, col_i64(s, 0), 0, col_blob(s, 2), col_i64(s, 1));
        tally_at(&c->seen, &k)->n += col_i64(s, 3);
    }
    return rc < 0 ? rc : 0;
}

int rehang_things(Tx *tx, const Figure *f, const Tree *after, UnitMove *const *out,
                  UnitMove *const *in, int n, Err *e)
{
    FigCount *c = figcount_new(after);
    Span *spans = NULL;
    size_t span_n = 0;
    int rc = figure_lasts(f) ? read_spans(c, tx, f, &spans, &span_n, e) : read_seen(c, tx, f, e);
    for (int i = 0; !figure_lasts(f) && i < n; i++)
        hang_seen(&c->seen, out[i], false);
    for (int i = 0; !figure_lasts(f) && i < n; i++)
        hang_seen(&c->seen, in[i], true);
    if (rc >= 0) {
        fold(c, f, spans, span_n);
        rc = clear(tx, SQL(figure_seen_clear), f, e);
    }
    if (rc >= 0)
        rc = write_seen(c, tx, f, e);
    if (rc >= 0)
        rc = write_cells(c, tx, f, e);
    figcount_free(c);
    return rc < 0 ? rc : 0;
}
