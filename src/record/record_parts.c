/* record_parts.c: from a reader's arms to the sources a list walks; of a part also from the arms of
 * its whole: slices of units carry over (a part lies in its whole's unit), the rest goes through
 * the
 * wholes themselves.                                                          DESIGN: Who may */
#include "record/record_walk.h"


static bool is_same_walk(const Source *x, const Source *y)
{
    return x->kind == y->kind && x->from_ix == y->from_ix && x->to_ix == y->to_ix &&
           x->via == y->via && uuid_eq(x->key, y->key) && x->number == y->number &&
           x->role == y->role && x->kind != FROM_WHOLES;
}

static bool is_within(const Source *in, const Source *out)
{
    return is_same_walk(in, out) || (in->kind == FROM_UNITS && out->kind == FROM_UNITS &&
                                     out->from_ix <= in->from_ix && out->to_ix >= in->to_ix);
}

/* No index is walked twice for the same states; what is shown unasked is not asked for as well. */
void walk_add(Walk *w, Source s)
{
    for (int i = 0; i < w->source_n && s.states; i++) {
        Source *o = &w->sources[i];
        if (s.kind == FROM_AUTHOR && is_same_walk(&s, o)) { /* postings differ: one walk for all */
            o->states |= s.states;
            o->is_checked |= s.is_checked;
            return;
        }
        if (o->is_checked <= s.is_checked && is_within(&s, o))
            s.states &= ~o->states;
        else if (s.is_checked <= o->is_checked && is_within(o, &s))
            o->states &= ~s.states;
        if (s.states && s.is_checked == o->is_checked && is_same_walk(&s, o)) {
            o->states |= s.states;
            return;
        }
    }
    if (!s.states)
        return;
    if (w->source_n == w->source_cap) {
        int cap = w->source_cap * 2 + 8;
        Source *more = NEW_N(w->arena, Source, (size_t)cap);
        if (w->source_n)
            memcpy(more, w->sources, (size_t)w->source_n * sizeof *more);
        w->sources = more;
        w->source_cap = cap;
    }
    w->sources[w->source_n++] = s;
}

static void add_everything(Walk *w)
{
    walk_add(w, (Source){.kind = FROM_UNITS,
                         .states = UINT32_MAX,
                         .is_checked = true,
                         .to_ix = w->reader->tree->unit_n});
}

/* Links and rows are sorted by their walk: only where few name the key. */
static int is_wide(Walk *w, const Source *s, bool *ret, Err *e)
{
    *ret = s->via && s->via->rows && s->via->kind == KIND_LINKS; /* nothing names one of several */
    if (*ret || !s->via || s->kind != FROM_FIELD || !query_is_side(s->via))
        return 0;
    Stmt *st;
    TRY(tx_prepare(w->tx, query_side_count(tx_arena(w->tx), w->type, s->via), &st, e));
    if (s->number)
        bind_i64(st, 1, s->number);
    else
        bind_uuid(st, 1, s->key);
    bind_i64(st, 2, LIMIT_LIST_SCAN);
    int rc = stmt_step(st, e);
    if (rc <= 0)
        return rc;
    *ret = col_i64(st, 0) >= LIMIT_LIST_SCAN;
    stmt_reset(st);
    return 0;
}

static int add_unless_wide(Walk *w, Source s, Err *e)
{
    bool wide;
    TRY(is_wide(w, &s, &wide, e));
    if (wide)
        add_everything(w);
    else
        walk_add(w, s);
    return 0;
}

static int add_arm(Walk *w, const Arm *arm, Err *e)
{
    Source s = {.states = arm->states, .is_checked = w->reader->viewer || arm->when};
    switch (arm->column) {
    case ARM_UNIT:
        s.kind = FROM_UNITS;
        s.from_ix = arm->from_ix;
        s.to_ix = arm->to_ix;
        break;
    case ARM_AUTHOR:
        s.kind = FROM_AUTHOR;
        s.key = uuid_is_zero(arm->key) ? w->reader->person : arm->key;
        break;
    case ARM_UNIT_VIA:
        s.kind = FROM_FIELD;
        s.via = arm->via;
        s.number = arm->number;
        break;
    case ARM_ID_VIA:
        s.kind = FROM_FIELD;
        s.via = arm->via;
        s.key = arm->key;
        break;
    case ARM_AUDIENCE:
        s.kind = FROM_AUDIENCE;
        s.via = arm->via;
        s.number = arm->number;
        s.role = arm->role;
        break;
    }
    return add_unless_wide(w, s, e);
}

/* The whole's slices, with the part's own states; its own whole's likewise. */
static void add_whole_slices(Walk *w, const Type *whole, int depth)
{
    Arms see = access_see(w->arena, w->reader, whole);
    uint32_t all = (uint32_t)((UINT64_C(1) << whole->state_n) - 1);
    for (int i = 0; i < see.n; i++) {
        const Arm *arm = &see.list[i];
        bool is_sure = !arm->when && !w->reader->viewer && !(all & ~arm->states);
        if (arm->column == ARM_UNIT)
            walk_add(w, (Source){.kind = FROM_UNITS,
                                 .states = UINT32_MAX,
                                 .is_checked = !is_sure,
                                 .from_ix = arm->from_ix,
                                 .to_ix = arm->to_ix});
    }
    const Type *up = whole->part_of ? model_type(w->rs->model, whole->part_of->to) : NULL;
    if (up && depth + 1 < LIMIT_PART_DEPTH)
        add_whole_slices(w, up, depth + 1);
}

static int add_wholes(Walk *w, int depth, Err *e);

/* Everything but slices; `depth`: how many wholes lie between this type and the one listed. */
static int add_others(Walk *w, int depth, Err *e)
{
    for (int i = 0; i < w->see.n; i++)
        if (w->see.list[i].column != ARM_UNIT)
            TRY(add_arm(w, &w->see.list[i], e));
    return add_wholes(w, depth, e);
}

/* Wholes shown otherwise than by a slice, and their parts. Too many: all parts are candidates. */
static int add_wholes(Walk *w, int depth, Err *e)
{
    const Field *f = w->type->part_of;
    const Type *whole = f ? model_type(w->rs->model, f->to) : NULL;
    if (!whole || depth >= LIMIT_PART_DEPTH)
        return 0;
    ListQuery q = {.type = whole, .unit_ix = -1};
    Reader *alone = arena_copy(w->arena, w->reader, sizeof *alone);
    alone->viewer = NULL; /* who looks may see the part otherwise: each candidate is asked for */
    Walk up = {.rs = w->rs,
               .tx = w->tx,
               .arena = w->arena,
               .reader = alone,
               .q = &q,
               .type = whole,
               .see = access_see(w->arena, w->reader, whole),
               .states = UINT32_MAX,
               .to_ix = w->reader->tree->unit_n,
               .key_day = INT32_MAX,
               .budget = LIMIT_LIST_SCAN};
    TRY(add_others(&up, depth + 1, e));
    if (!up.source_n)
        return 0;
    TRY(walk_heads(&up, LIMIT_LIST_UNITS, e));
    if (up.is_cut || up.top.n == LIMIT_LIST_UNITS) {
        add_everything(w);
        return 0;
    }
    Uuid *ids = NEW_N(w->arena, Uuid, (size_t)up.top.n + 1);
    for (int i = 0; i < up.top.n; i++)
        ids[i] = up.top.list[i].id;
    if (up.top.n)
        walk_add(w, (Source){.kind = FROM_WHOLES,
                             .states = UINT32_MAX,
                             .is_checked = w->reader->viewer,
                             .via = f,
                             .wholes = ids,
                             .whole_n = up.top.n});
    return 0;
}

/* Can a head tell alone: no condition, no field, no whole decides. */
static bool is_plain(const Walk *w)
{
    bool is = !w->reader->viewer && !w->type->part_of;
    for (int i = 0; i < w->see.n; i++)
        is = is && !w->see.list[i].when &&
             (w->see.list[i].column == ARM_UNIT || w->see.list[i].column == ARM_AUTHOR);
    return is;
}

/* Records that link to one: by the link's own index where it has one (record_query_child.c). */
static int add_linking(Walk *w, Err *e)
{
    const Field *f = w->q->link;
    if (f->kind != KIND_LINKS && !f->is_indexed && !f->is_party && !f->exclusive_from) {
        add_everything(w);
        return 0;
    }
    return add_unless_wide(w,
                           (Source){.kind = FROM_FIELD,
                                    .states = UINT32_MAX,
                                    .is_checked = true,
                                    .via = f,
                                    .key = w->q->link_to},
                           e);
}

int walk_sources(Walk *w, Err *e)
{
    const ListQuery *q = w->q;
    w->see = access_see(w->arena, w->reader, w->type);
    w->budget = LIMIT_LIST_SCAN;
    if (!w->see.n && !w->type->part_of)
        return 0;
    if (q->link)
        return add_linking(w, e);
    if (q->mine) {
        walk_add(w, (Source){.kind = FROM_AUTHOR,
                             .states = UINT32_MAX,
                             .is_checked = !is_plain(w),
                             .key = w->reader->person});
        return 0;
    }
    for (int i = 0; i < w->see.n; i++)
        if (w->see.list[i].column == ARM_UNIT)
            TRY(add_arm(w, &w->see.list[i], e));
    const Type *whole = w->type->part_of ? model_type(w->rs->model, w->type->part_of->to) : NULL;
    if (whole)
        add_whole_slices(w, whole, 0);
    return add_others(w, 0, e);
}
