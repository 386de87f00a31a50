/* record_figure.c: figures as a reader has them. Who sees every record that can count has the
 * cells;
 * who sees some has what his own list adds up to. Either way the number is the list.
 *                                                              SPEC: P5  DESIGN: Figures */
#include "record/record_catalogue.h"

/* What a figure counts in a past state may stand in a later one today. */
static bool is_past(const Reader *r, const FigQuery *q)
{
    return figure_lasts(q->figure) && q->period.to < r->today;
}

FigSight record_figure_sight(Arena *a, const Reader *r, const FigQuery *q)
{
    const Figure *f = q->figure;
    const Unit *u = &r->tree->units[q->unit_ix];
    uint32_t needed = is_past(r, q) ? f->later : f->states, covered = 0, some = 0;
    Arms see = access_see(a, r, f->type);
    for (int i = 0; i < see.n; i++) {
        const Arm *arm = &see.list[i];
        some |= arm->states & needed;
        if (arm->column == ARM_UNIT && !arm->when && arm->from_ix <= u->ix &&
            arm->to_ix >= u->end_ix)
            covered |= arm->states;
    }
    if (f->type->part_of && !some)
        return FIGURE_PART; /* through its whole, if at all: his list knows */
    if (!some)
        return FIGURE_HIDDEN;
    return (needed & ~covered) == 0 && !r->viewer ? FIGURE_WHOLE : FIGURE_PART;
}

/* ---- the list ---- */

typedef struct Items {
    Arena *arena;
    const FigQuery *q;
    FigItem *list;
    int n, cap;
} Items;

static void add_item(Items *x, FigItem item)
{
    if (x->n == x->cap) {
        int cap = x->cap ? x->cap * 2 : 32;
        FigItem *more = NEW_N(x->arena, FigItem, (size_t)cap);
        if (x->n)
            memcpy(more, x->list, (size_t)x->n * sizeof *more);
        x->list = more;
        x->cap = cap;
    }
    x->list[x->n++] = item;
}

static const Row *row_of(const Record *rec, const Field *rows, Uuid id)
{
    const Value *v = rows ? &rec->values[rows->ix] : NULL;
    for (int64_t i = 0; v && v->tag == VALUE_ROWS && i < v->i; i++)
        if (uuid_eq(v->rows[i].id, id))
            return &v->rows[i];
    return NULL;
}

static bool is_wanted(const FigQuery *q, const FigShare *s)
{
    return !q->dim || str_eq(s->dim, *q->dim);
}

/* Its lines count, or decide whether it does. */
static bool needs_rows(const Figure *f)
{
    return f->rows || (f->when && !expr_is_see(f->when));
}

static int add_shares(Records *rs, Items *x, Tx *tx, Record *rec, Err *e)
{
    FigShare *shares;
    int n;
    if (needs_rows(x->q->figure))
        TRY(rows_read(rs, x->arena, tx, rec, e));
    Subject s = record_subject(rec);
    TRY(figure_shares_of(x->arena, x->q->figure, &s, &shares, &n, e));
    for (int i = 0; i < n; i++)
        if (is_wanted(x->q, &shares[i]))
            add_item(x, (FigItem){.rec = rec,
                                  .row = row_of(rec, x->q->figure->rows, shares[i].row),
                                  .share = shares[i],
                                  .day = rec->at_day});
    return 0;
}

/* Behind all of that day. */
static Str day_cursor(Arena *a, Day day)
{
    return str_fmt(a, "%d.%.*s", (int)day, STR_ARG(uuid_text(a, (Uuid){{0}})));
}

/* Days on which nothing counts for anybody are passed over: the cells know the next one, from the
 * cursor's on. DAY_NONE: there is none; p.to + 1: they cannot tell. */
static int next_day(Items *x, Tx *tx, const Reader *r, Str *after, Day *ret, Err *e)
{
    const FigQuery *q = x->q;
    const Figure *f = q->figure;
    FigPeriod p = q->period;
    Str day, rest;
    Uuid id;
    int64_t at;
    *ret = p.to + 1;
    if ((f->kind != FIG_COUNT && f->kind != FIG_SUM) || (f->by && !q->dim))
        return 0;
    if (str_cut(*after, '.', &day, &rest) && str_i64(day, &at) && uuid_parse(rest, &id)) {
        at -= uuid_is_zero(id); /* a day_cursor */
        p.to = at < p.to ? (Day)at : p.to;
    } /* what is no cursor the list refuses */
    TRY(figure_day(tx, f, r->tree->units[q->unit_ix].id, q->dim ? *q->dim : S(""), p, ret, e));
    if (*ret != DAY_NONE && *ret < p.to)
        *after = day_cursor(x->arena, *ret + 1);
    return 0;
}

/* By the records as they stand: all but what lasted on a past day. */
static int list_now(Records *rs, Items *x, Tx *tx, const Reader *r, int limit, Str after,
                    FigPage *ret, Err *e)
{
    const FigQuery *q = x->q;
    bool lasts = figure_lasts(q->figure);
    Day day = DAY_NONE;
    if (!str_has(after) && !lasts) /* the first of the day after */
        after = day_cursor(x->arena, q->period.to + 1);
    if (!lasts) {
        TRY(next_day(x, tx, r, &after, &day, e));
        if (day == DAY_NONE)
            return 0;
    }
    bool is_one_day = !lasts && day <= q->period.to;
    ListQuery lq = {.type = q->figure->type,
                    .unit_ix = q->unit_ix,
                    .states = q->figure->states,
                    .limit = is_one_day ? LIMIT_LIST_PAGE : limit,
                    .after = after,
                    .has_since = !lasts && (is_one_day || q->period.from != DAY_NONE),
                    .since = is_one_day ? day : q->period.from};
    RecordList page;
    TRY(record_list(rs, x->arena, tx, r, &lq, &page, e));
    ret->next = page.next;
    if (is_one_day && !str_has(page.next))
        ret->next = day_cursor(x->arena, day);
    for (int i = 0; i < page.n; i++)
        TRY(add_shares(rs, x, tx, &page.items[i], e));
    return 0;
}

/* DAY.RECORD.LINE.THING: the last span of the page before. */
static int span_cursor(Arena *a, Str s, FigSpan *ret, Err *e)
{
    Str day, rest, record, row, key;
    int64_t starts;
    if (!str_cut(s, '.', &day, &rest) || !str_i64(day, &starts) ||
        !str_cut(rest, '.', &record, &rest) || !uuid_parse(record, &ret->record) ||
        !str_cut(rest, '.', &row, &key) || !uuid_parse(row, &ret->row) || starts < INT32_MIN ||
        starts > INT32_MAX || key.n > 2 * sizeof(Uuid) || key.n % 2)
        return err_field(e, S("after"), "field.not_cursor");
    ret->starts = (Day)starts;
    uint8_t *bytes = arena_alloc(a, sizeof(Uuid));
    for (size_t i = 0; i < key.n; i++) {
        int digit = key.p[i] >= '0' && key.p[i] <= '9'   ? key.p[i] - '0'
                    : key.p[i] >= 'a' && key.p[i] <= 'f' ? key.p[i] - 'a' + 10
                                                         : -1;
        if (digit < 0)
            return err_field(e, S("after"), "field.not_cursor");
        bytes[i / 2] = (uint8_t)(i % 2 ? bytes[i / 2] | digit : digit << 4);
    }
    ret->key = (Str){(const char *)bytes, key.n / 2};
    return 0;
}

static Str span_cursor_text(Arena *a, const FigSpan *s)
{
    Buf b = {.arena = a};
    buf_fmt(&b, "%d.%.*s.%.*s.", (int)s->starts, STR_ARG(uuid_text(a, s->record)),
            STR_ARG(uuid_text(a, s->row)));
    buf_hex(&b, s->key.p, s->key.n);
    return buf_view(&b);
}

/* What lasted on a day gone by, of what he may still see. */
static int list_past(Records *rs, Items *x, Tx *tx, const Reader *r, int limit, Str after,
                     FigPage *ret, Err *e)
{
    const FigQuery *q = x->q;
    FigSpan from, *spans;
    int n;
    if (str_has(after))
        TRY(span_cursor(x->arena, after, &from, e));
    TRY(figure_spans(x->arena, tx, q->figure, r->tree->units[q->unit_ix].id, q->period.to,
                     str_has(after) ? &from : NULL, limit, &spans, &n, e));
    for (int i = 0; i < n; i++) {
        Record *rec;
        Err sub = err_on(x->arena);
        int rc =
            record_get(rs, x->arena, tx, r, q->figure->type, spans[i].record, &rec, NULL, &sub);
        if (rc == ERR_MISSING)
            continue;
        if (rc < 0)
            return err_set(e, rc, "record.link_unread");
        FigShare s = {.figure = q->figure,
                      .row = spans[i].row,
                      .key = spans[i].key,
                      .dim = spans[i].dim,
                      .n = spans[i].n};
        if (is_wanted(q, &s))
            add_item(x, (FigItem){.rec = rec, .row = row_of(rec, q->figure->rows, s.row),
                                  .share = s, .day = rec->at_day});
    }
    if (n == limit)
        ret->next = span_cursor_text(x->arena, &spans[n - 1]);
    return 0;
}

/* INSTANT.DUTY: the last one of the page before. */
static int duty_cursor(Str s, FlowCounted *ret, Err *e)
{
    Str at, id;
    if (!str_cut(s, '.', &at, &id) || !str_i64(at, &ret->after_ms) || !uuid_parse(id, &ret->after))
        return err_field(e, S("after"), "field.not_cursor");
    return 0;
}

/* Duties that count and whose record he may see. */
static int list_duties(Records *rs, Items *x, Tx *tx, const Reader *r, int limit, Str after,
                       FigPage *ret, Err *e)
{
    const FigQuery *q = x->q;
    const Figure *f = q->figure;
    FlowCounted ask = {.type = f->type->number,
                       .unit = r->tree->units[q->unit_ix].id,
                       .name = f->duty->name,
                       .in_time = f->is_in_time,
                       .from = q->period.from,
                       .to = q->period.to,
                       .after_ms = INT64_MAX};
    FlowDuty *list;
    int n;
    if (str_has(after))
        TRY(duty_cursor(after, &ask, e));
    TRY(flow_duties_counted(x->arena, tx, &ask, limit, &list, &n, e));
    for (int i = 0; i < n; i++) {
        Record *rec;
        Err sub = err_on(x->arena);
        int rc = record_get(rs, x->arena, tx, r, f->type, list[i].record, &rec, NULL, &sub);
        if (rc == ERR_MISSING)
            continue;
        if (rc < 0)
            return err_set(e, rc, "record.link_unread");
        FigShare share;
        Day day;
        if (duty_share(f, &list[i], rec->state, &share, &day) && is_wanted(q, &share))
            add_item(x, (FigItem){.rec = rec, .duty = &list[i], .share = share, .day = day});
    }
    if (n == limit)
        ret->next = str_fmt(x->arena, "%lld.%.*s", (long long)flow_counts_at(&list[n - 1]),
                            STR_ARG(uuid_text(x->arena, list[n - 1].id)));
    return 0;
}

int record_figure_list(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                       int limit, Str after, FigPage *ret, Err *e)
{
    CHECK(limit >= 1 && limit <= LIMIT_LIST_PAGE && q->figure->kind != FIG_SHARE);
    Items x = {.arena = a, .q = q};
    *ret = (FigPage){.next = STR_NONE};
    if (q->figure->duty)
        TRY(list_duties(rs, &x, tx, r, limit, after, ret, e));
    else
        TRY(is_past(r, q) ? list_past(rs, &x, tx, r, limit, after, ret, e)
                          : list_now(rs, &x, tx, r, limit, after, ret, e));
    ret->items = x.list;
    ret->n = x.n;
    return 0;
}

/* ---- the number ---- */

/* A page at a time, each in an arena that is emptied: memory stays small at any length. */
static int sum_list(Records *rs, Tx *tx, const Reader *r, const FigQuery *q, FigSum *sum, Err *e)
{
    Arena *page_arena = arena_new(64 * 1024);
    char kept[160];
    Str after = STR_NONE;
    int rc;
    do {
        FigPage page;
        rc = record_figure_list(rs, page_arena, tx, r, q, LIMIT_LIST_PAGE, after, &page, e);
        if (rc < 0)
            break;
        for (int i = 0; i < page.n; i++)
            figsum_add(sum, &page.items[i].share);
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

int record_figure(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                  FigValue **ret, int *ret_n, FigSight *ret_sight, Err *e)
{
    const Figure *f = q->figure;
    int64_t unit = r->tree->units[q->unit_ix].id;
    bool is_split = q->is_split && f->by;
    *ret_sight = record_figure_sight(a, r, q);
    *ret = NULL;
    *ret_n = 0;
    if (*ret_sight == FIGURE_HIDDEN)
        return 0;
    if (*ret_sight == FIGURE_WHOLE && figure_is_kept(f, q->period)) {
        if (is_split)
            return figure_read_by(a, tx, f, unit, q->period, ret, ret_n, e);
        *ret = NEW(a, FigValue);
        *ret_n = 1;
        return figure_read(tx, f, unit, q->period, *ret, e);
    }
    FigSum *sum = figsum_new(a, f);
    TRY(sum_list(rs, tx, r, q, sum, e));
    figsum_take(sum, is_split, ret, ret_n);
    return 0;
}

/* ---- counting anew ---- */

typedef struct Recount {
    FigCount *count;
    Arena *arena;
    Tx *tx;
} Recount;

static int count_duties(Recount *x, const Record *rec, Err *e)
{
    FlowDuty *list;
    int n;
    TRY(flow_duties_all(x->arena, x->tx, rec->id, &list, &n, e));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < rec->type->figure_n; k++) {
            const Figure *f = &rec->type->figures[k];
            FigShare share;
            Day day;
            if (f->duty && duty_share(f, &list[i], rec->state, &share, &day))
                figcount_add(x->count, &share, 1, rec->id, rec->unit, day, day);
        }
    return 0;
}

static int count_record(void *ctx, const Record *rec, Err *e)
{
    Recount *x = ctx;
    FigShare *shares;
    int n;
    Subject s = record_subject(rec);
    TRY(figure_shares(x->arena, &s, &shares, &n, e));
    figcount_add(x->count, shares, n, rec->id, rec->unit, rec->at_day, day_of_ms(rec->made_ms));
    if (duty_is_figured(rec->type))
        TRY(count_duties(x, rec, e));
    arena_reset(x->arena);
    return 0;
}

static int count_type(Records *rs, Tx *tx, const Tree *tree, const Type *t, FigCount *into, Err *e)
{
    Recount x = {.count = into, .arena = arena_new(16 * 1024), .tx = tx};
    int rc = record_each(rs, tx, tree, t, -1, count_record, &x, e);
    arena_free(x.arena);
    return rc;
}

static bool is_listed(const Figure *f, const Figure *const *list, int n)
{
    for (int i = 0; i < n; i++)
        if (list[i] == f)
            return true;
    return !list;
}

int record_recount(Records *rs, Tx *tx, const Tree *tree, const Type *t, const Figure *const *list,
                   int n, Err *e)
{
    FigCount *c = figcount_new(tree);
    int rc = count_type(rs, tx, tree, t, c, e);
    for (int i = 0; i < t->figure_n && rc >= 0; i++)
        if (is_listed(&t->figures[i], list, n) && t->figures[i].kind != FIG_SHARE)
            rc = figcount_write(c, tx, &t->figures[i], !list, e);
    figcount_free(c);
    return rc;
}

/* ---- a unit hangs elsewhere ---- */

static void pend_rehang(Tx *tx, Rehang rehang)
{
    Pended *p = NEW(tx_arena(tx), Pended);
    *p = (Pended){.rehang = arena_copy(tx_arena(tx), &rehang, sizeof rehang)};
    tx_pend(tx, p);
}

int record_apply_merge(Tx *tx, void *record_merge, Err *e)
{
    const RecordMerge *x = record_merge;
    const Merge *m = x->merge;
    TRY(record_is_current(x->rs, tx, e));
    TRY(access_apply_merge(tx, x->merge, e));
    pend_rehang(tx, (Rehang){x->rs->model, m->after, &m->move, 1});
    return 0;
}

int record_apply_units(Tx *tx, void *record_units, Err *e)
{
    const RecordUnits *x = record_units;
    const UnitImport *in = x->import;
    TRY(record_is_current(x->rs, tx, e));
    TRY(access_apply_units(tx, x->import, e));
    if (in->move_n)
        pend_rehang(tx, (Rehang){x->rs->model, in->after, in->moves, in->move_n});
    return 0;
}

typedef struct Proof {
    Arena *arena;
    const Tree *tree;
    Lang lang;
    void (*say)(void *ctx, Str finding);
    void *ctx;
} Proof;

static void say_figure(void *ctx, const Figure *f, int64_t unit, int64_t should, int64_t is)
{
    Proof *p = ctx;
    const Unit *u = tree_unit(p->tree, unit);
    Str args[] = {f->name, u ? u->name : S("?"), str_fmt(p->arena, "%lld", (long long)is),
                  str_fmt(p->arena, "%lld", (long long)should)};
    p->say(p->ctx, i18n_text(p->arena, p->lang, S("record.verify_figure"), args, LEN(args)));
    arena_reset(p->arena);
}

int record_verify_figures(Records *rs, Tx *tx, const Tree *tree, Lang lang,
                          void (*say)(void *ctx, Str finding), void *ctx, int64_t *ret, Err *e)
{
    Proof p = {.arena = arena_new(4096), .tree = tree, .lang = lang, .say = say, .ctx = ctx};
    int rc = 0;
    *ret = 0;
    for (int i = 0; i < rs->model->type_n && rc >= 0; i++) {
        const Type *t = &rs->model->types[i];
        if (!t->figure_n)
            continue;
        FigCount *c = figcount_new(tree);
        rc = count_type(rs, tx, tree, t, c, e);
        for (int k = 0; k < t->figure_n && rc >= 0; k++) {
            if (t->figures[k].kind == FIG_SHARE)
                continue;
            rc = figcount_verify(c, tx, &t->figures[k], say_figure, &p, e);
            *ret += rc > 0 ? rc : 0;
        }
        figcount_free(c);
    }
    arena_free(p.arena);
    return rc < 0 ? rc : 0;
}
