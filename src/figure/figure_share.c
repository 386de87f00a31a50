/* figure_share.c: what one record gives to each figure, and what a change therefore books. Pure:
 * nothing is read but the record itself. */
#include "figure/figure_int.h"

bool figure_lasts(const Figure *f)
{
    return f->kind == FIG_LEVEL || (f->kind == FIG_DISTINCT && !f->is_yearly);
}

Str figure_dim(Arena *a, const Value *v)
{
    if (v->tag == VALUE_BLOB && v->s.n >= sizeof(Uuid))
        return str_copy(a, str_sub(v->s, 0, sizeof(Uuid)));
    if (v->tag != VALUE_INT)
        return S("");
    char *p = arena_alloc(a, 8);
    for (int i = 0; i < 8; i++)
        p[i] = (char)((uint64_t)v->i >> (56 - 8 * i));
    return (Str){p, 8};
}

int64_t figure_dim_number(Str dim)
{
    uint64_t n = 0;
    CHECK(dim.n == 8);
    for (size_t i = 0; i < dim.n; i++)
        n = n << 8 | (uint8_t)dim.p[i];
    return (int64_t)n;
}

static const Value *value_of(const Field *f, const Subject *s, const Row *row)
{
    return f->rows ? &row->values[f->ix] : &s->values[f->ix];
}

typedef struct Shares {
    Arena *arena;
    const Subject *subject;
    FigShare *list;
    int n, cap;
} Shares;

static void add_share(Shares *x, FigShare share)
{
    if (x->n == x->cap) {
        int cap = x->cap ? x->cap * 2 : 8;
        FigShare *more = NEW_N(x->arena, FigShare, (size_t)cap);
        if (x->n)
            memcpy(more, x->list, (size_t)x->n * sizeof *more);
        x->list = more;
        x->cap = cap;
    }
    x->list[x->n++] = share;
}

/* A record (row NULL) or one of its lines. */
static int share_one(Shares *x, const Figure *f, const Row *row, Err *e)
{
    const Subject *s = x->subject;
    ExprWorld world = {.subject = s, .row = row, .today = DAY_NONE};
    bool holds;
    TRY(expr_holds(f->when, &world, &holds, e));
    if (!holds)
        return 0;
    FigShare share = {.figure = f, .n = 1, .dim = S(""), .key = S("")};
    if (row)
        share.row = row->id;
    if (f->by)
        share.dim = figure_dim(x->arena, value_of(f->by, s, row));
    if (f->amount) {
        const Value *v = value_of(f->amount, s, row);
        if (v->tag != VALUE_INT)
            return 0; /* nothing there: nothing to add, nothing to open */
        share.n = v->i;
    }
    if (!f->thing) {
        add_share(x, share);
        return 0;
    }
    const Value *v = value_of(f->thing, s, row);
    if (v->tag == VALUE_INT) {
        share.key = figure_dim(x->arena, v);
        add_share(x, share);
    }
    for (size_t at = 0; v->tag == VALUE_BLOB && at + sizeof(Uuid) <= v->s.n; at += sizeof(Uuid)) {
        share.key = str_sub(v->s, at, sizeof(Uuid));
        add_share(x, share);
    }
    return 0;
}

static int share_figure(Shares *x, const Figure *f, Err *e)
{
    if (f->kind == FIG_SHARE || f->duty || !(f->states >> x->subject->state & 1))
        return 0;
    if (!f->rows)
        return share_one(x, f, NULL, e);
    const Value *rows = &x->subject->values[f->rows->ix];
    for (int64_t i = 0; rows->tag == VALUE_ROWS && i < rows->i; i++)
        TRY(share_one(x, f, &rows->rows[i], e));
    return 0;
}

int figure_shares_of(Arena *a, const Figure *f, const Subject *s, FigShare **ret, int *ret_n,
                     Err *e)
{
    Shares x = {.arena = a, .subject = s};
    TRY(share_figure(&x, f, e));
    *ret = x.list;
    *ret_n = x.n;
    return 0;
}

int figure_shares(Arena *a, const Subject *s, FigShare **ret, int *ret_n, Err *e)
{
    Shares x = {.arena = a, .subject = s};
    for (int i = 0; i < s->type->figure_n; i++)
        TRY(share_figure(&x, &s->type->figures[i], e));
    *ret = x.list;
    *ret_n = x.n;
    return 0;
}

/* ---- after - before ---- */

static bool is_same_place(const FigShare *a, const FigShare *b)
{
    return a->figure == b->figure && uuid_eq(a->row, b->row) && str_eq(a->key, b->key);
}

static bool is_equal(const FigShare *a, const FigShare *b)
{
    return is_same_place(a, b) && str_eq(a->dim, b->dim) && a->n == b->n;
}

/* Lines keep their order mostly: the place of the one before is a good first guess. */
static int find_equal(const FigShare *list, int n, const FigShare *x, int guess)
{
    for (int i = 0; i < n; i++) {
        int at = (guess + i) % n;
        if (is_equal(&list[at], x))
            return at;
    }
    return -1;
}

typedef struct Moves {
    Arena *arena;
    FigMove *list;
    int n;
    FigMove like; /* record, above */
} Moves;

static void add_move(Moves *m, const FigShare *s, bool is_more, Day day, Day today)
{
    bool lasts = figure_lasts(s->figure);
    FigMove *x = &m->list[m->n++];
    *x = m->like;
    x->what = lasts ? (is_more ? FIG_OPEN : FIG_CLOSE) : is_more ? FIG_ADD : FIG_TAKE;
    x->day = lasts ? today : day;
    x->share = *s;
    x->share.dim = str_copy(m->arena, s->dim);
    x->share.key = str_copy(m->arena, s->key);
}

static const int64_t *ids_above(Arena *a, const Tree *tree, int unit_ix, int *ret_n)
{
    int64_t *list = NEW_N(a, int64_t, LIMIT_UNIT_DEPTH + 1);
    int n = 0;
    for (int ix = unit_ix; ix >= 0 && n <= LIMIT_UNIT_DEPTH; ix = tree->units[ix].parent_ix)
        list[n++] = tree->units[ix].id;
    *ret_n = n;
    return list;
}

int figure_moves(Arena *a, const Tree *tree, FigSide before, FigSide after, Day today,
                 FigMove **ret, int *ret_n, Err *e)
{
    const Subject *any = after.subject ? after.subject : before.subject;
    FigShare *was = NULL, *is = NULL;
    int was_n = 0, is_n = 0;
    *ret_n = 0;
    if (!any || !any->type->figure_n)
        return 0;
    if (before.subject)
        TRY(figure_shares(a, before.subject, &was, &was_n, e));
    if (after.subject)
        TRY(figure_shares(a, after.subject, &is, &is_n, e));
    Moves m = {.arena = a, .list = NEW_N(a, FigMove, (size_t)(was_n + is_n) + 1)};
    m.like.record = any->id;
    m.like.above = ids_above(a, tree, any->unit_ix, &m.like.above_n);
    bool *is_kept = NEW_N(a, bool, (size_t)is_n + 1);
    for (int i = 0; i < was_n; i++) {
        int at = is_n ? find_equal(is, is_n, &was[i], i) : -1;
        if (at >= 0 && !is_kept[at] &&
            (figure_lasts(was[i].figure) || before.at_day == after.at_day))
            is_kept[at] = true;
        else
            add_move(&m, &was[i], false, before.at_day, today);
    }
    for (int i = 0; i < is_n; i++)
        if (!is_kept[i])
            add_move(&m, &is[i], true, after.at_day, today);
    *ret = m.list;
    *ret_n = m.n;
    return 0;
}
