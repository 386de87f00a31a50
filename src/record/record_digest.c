/* record_digest.c: everything that stands, as one number: the same on both databases. Catalogue
 * numbers and seats' ids are left out, they are given as things come.    DESIGN: stave digest */
#include "record/record_int.h"

typedef struct Digest {
    Sm3 *sm3;
    Tx *tx;
    const Tree *tree;
    Arena *arena;
} Digest;

static void add_str(Digest *d, Str s)
{
    uint8_t n[8];
    put_be(n, (uint64_t)s.n, 8);
    sm3_add(d->sm3, n, sizeof n);
    if (s.n)
        sm3_add(d->sm3, s.p, s.n);
}

static void add_i64(Digest *d, int64_t v)
{
    uint8_t b[8];
    put_be(b, (uint64_t)v, 8);
    sm3_add(d->sm3, b, sizeof b);
}

static void add_unit(Digest *d, int64_t id)
{
    const Unit *u = tree_unit(d->tree, id);
    add_str(d, u ? u->code : S("?"));
}

static void add_value(Digest *d, const Field *f, const Value *v)
{
    add_i64(d, v->tag);
    if (v->tag == VALUE_NONE)
        return;
    if (f->kind == KIND_UNIT) {
        add_unit(d, v->i);
        return;
    }
    for (int64_t i = 0; v->tag == VALUE_ROWS && i < v->i; i++) {
        sm3_add(d->sm3, v->rows[i].id.b, sizeof v->rows[i].id.b);
        for (int k = 0; k < f->field_n; k++)
            add_value(d, &f->fields[k], &v->rows[i].values[k]); /* rows nest once */
    }
    if (v->tag != VALUE_ROWS)
        add_str(d, model_kind(f->kind)->typed(d->arena, f, v));
}

static int add_duties(Digest *d, Uuid record, Err *e)
{
    FlowDuty *list;
    int n;
    TRY(flow_duties_of(d->arena, d->tx, record, &list, &n, e));
    for (int i = 0; i < n; i++) {
        add_str(d, list[i].name);
        add_i64(d, list[i].due_ms);
        add_i64(d, list[i].late_ms);
        add_i64(d, list[i].done_ms);
    }
    return 0;
}

static int add_record(void *ctx, const Record *rec, Err *e)
{
    Digest *d = ctx;
    const Type *t = rec->type;
    add_str(d, t->name);
    sm3_add(d->sm3, rec->id.b, sizeof rec->id.b);
    add_unit(d, rec->unit);
    sm3_add(d->sm3, rec->author.b, sizeof rec->author.b);
    add_str(d, t->states[rec->state].name);
    add_i64(d, rec->version);
    add_i64(d, rec->at_day);
    for (int i = 0; i < t->field_n; i++)
        add_value(d, &t->fields[i], &rec->values[i]);
    TRY(add_duties(d, rec->id, e));
    arena_reset(d->arena);
    return 0;
}

/* Two that say the same in another order sum up alike. */
static void add_told(Digest *all, uint64_t sum[4], const FlowTold *t)
{
    uint8_t one[SM3_BYTES];
    Digest d = *all;
    d.sm3 = sm3_new();
    sm3_begin(d.sm3);
    add_str(&d, t->n.what);
    sm3_add(d.sm3, t->n.record.b, sizeof t->n.record.b);
    add_i64(&d, t->n.at_ms);
    add_i64(&d, t->n.nth);
    add_str(&d, t->unit);
    add_str(&d, t->role);
    sm3_end(d.sm3, one);
    sm3_free(d.sm3);
    for (int i = 0; i < 4; i++)
        sum[i] += get_be((const char *)one + 8 * i, 8);
}

/* What people were told. Ids of duties may differ, so they stand in another order. */
static int add_notices(Digest *d, Err *e)
{
    enum { STEP = 1000 };
    FlowTold *list, after;
    uint64_t sum[4] = {0};
    Arena *a[2] = {arena_new(256 * 1024), arena_new(256 * 1024)};
    int n = STEP, rc = 0;
    for (int round = 0; n == STEP && !rc; round++) {
        Arena *own = a[round & 1]; /* `after` lies in the other */
        arena_reset(own);
        rc = flow_told_after(own, d->tx, round ? &after : NULL, STEP, &list, &n, e);
        for (int i = 0; i < n && !rc; i++)
            add_told(d, sum, &list[i]);
        if (n && !rc)
            after = list[n - 1];
    }
    for (int i = 0; i < 4; i++)
        add_i64(d, (int64_t)sum[i]);
    arena_free(a[0]);
    arena_free(a[1]);
    return rc;
}

static int add_figure(Digest *d, const Figure *f, Err *e)
{
    add_str(d, f->name);
    FigPeriod ever = {.from = DAY_NONE};
    CHECK(day_from_ymd(2199, 12, 31, &ever.to));
    for (int u = 0; u < d->tree->unit_n; u++) {
        FigValue v;
        TRY(figure_read(d->tx, f, d->tree->units[u].id, ever, &v, e));
        add_i64(d, v.n);
        add_i64(d, v.records);
    }
    return 0;
}

int record_digest(Records *rs, Tx *tx, const Tree *tree, uint8_t ret[SM3_BYTES], Err *e)
{
    Digest d = {.sm3 = sm3_new(), .tx = tx, .tree = tree, .arena = arena_new(64 * 1024)};
    const Model *m = rs->model;
    int rc = 0;
    sm3_begin(d.sm3);
    for (int i = 0; i < tree->unit_n; i++)
        add_str(&d, tree->units[i].code);
    for (int i = 0; i < m->type_n && !rc; i++)
        rc = record_each(rs, tx, tree, &m->types[i], -1, add_record, &d, e);
    for (int i = 0; i < m->figure_n && !rc; i++)
        if (m->figures[i]->kind != FIG_SHARE)
            rc = add_figure(&d, m->figures[i], e);
    if (!rc)
        rc = add_notices(&d, e);
    sm3_end(d.sm3, ret);
    sm3_free(d.sm3);
    arena_free(d.arena);
    return rc;
}
