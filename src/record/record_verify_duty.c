/* record_verify_duty.c: that the open duties are those the records' states say, no more, no fewer;
 * those that began with a posting may be open while their record is.
 *                                                                              SPEC: P4 P11 */
#include <stdlib.h>

#include "record/record_int.h"

typedef struct Key { /* a duty that is open, or should be */
    Uuid record;
    Str name;
    bool is_open, should_be;
    bool may_be; /* began with a posting */
} Key;

typedef struct Proof {
    Arena *arena;
    Key *list;
    size_t n, cap;
} Proof;

static Key *add_key(Proof *p)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 1024;
        Key *more = NEW_N(p->arena, Key, cap);
        if (p->n)
            memcpy(more, p->list, p->n * sizeof *more);
        p->list = more;
        p->cap = cap;
    }
    return &p->list[p->n++];
}

static int add_due(void *ctx, const Record *rec, Err *e)
{
    Proof *p = ctx;
    (void)e; /* nothing is read */
    const Type *t = rec->type;
    bool is_at_work = (t->open_states & ~t->draft_states) >> rec->state & 1;
    for (int i = 0; i < t->duty_n; i++) {
        bool should_be = t->duties[i].while_state == rec->state;
        if (should_be || (str_has(t->duties[i].upon) && is_at_work))
            *add_key(p) = (Key){.record = rec->id,
                                .name = t->duties[i].name,
                                .should_be = should_be,
                                .may_be = !should_be};
    }
    return 0;
}

static int add_open(Proof *p, Tx *tx, Err *e)
{
    enum { STEP = 1000 };
    FlowDuty *list, after;
    int n = STEP;
    for (bool is_first = true; n == STEP; is_first = false) {
        TRY(flow_duties_open(p->arena, tx, is_first ? NULL : &after, STEP, &list, &n, e));
        for (int i = 0; i < n; i++)
            *add_key(p) = (Key){.record = list[i].record, .name = list[i].name, .is_open = true};
        if (n)
            after = list[n - 1];
    }
    return 0;
}

static int compare(const void *x, const void *y)
{
    const Key *a = x, *b = y;
    int c = memcmp(a->record.b, b->record.b, sizeof a->record.b);
    return c ? c : str_cmp(a->name, b->name);
}

/* One that is met by another record may be done while its state stands. */
static bool may_be_done(const Records *rs, Str name)
{
    for (int i = 0; i < rs->model->type_n; i++)
        for (int k = 0; k < rs->model->types[i].duty_n; k++) {
            const Duty *d = &rs->model->types[i].duties[k];
            if (str_eq(d->name, name) && str_has(d->met_by))
                return true;
        }
    return false;
}

/* A notice says what happened: its duty, its comment, its change stand where it names them. */
static int stands(Tx *tx, const FlowNotice *n, Err *e)
{
    bool is_act = str_eq(n->what, S("act")), is_comment = str_eq(n->what, S("comment"));
    Stmt *s = tx_sql(tx, is_act       ? SQL(record_notice_act)
                         : is_comment ? SQL(record_notice_comment)
                                      : SQL(record_notice_duty));
    bind_uuid(s, 1, n->about);
    bind_uuid(s, 2, n->record);
    if (is_act || is_comment)
        bind_uuid(s, 3, n->actor);
    if (is_act) {
        bind_i64(s, 4, n->nth);
        bind_i64(s, 5, n->act);
    }
    int rc = stmt_step(s, e);
    if (rc > 0)
        stmt_reset(s);
    return rc;
}

static int verify_notices(Tx *tx, Lang lang, void (*say)(void *ctx, Str finding), void *ctx,
                          int64_t *ret, Err *e)
{
    enum { STEP = 1000 };
    Arena *a[2] = {arena_new(256 * 1024), arena_new(256 * 1024)};
    FlowTold *list, after;
    int n = STEP, rc = 0;
    for (int round = 0; n == STEP && rc >= 0; round++) {
        Arena *own = a[round & 1]; /* `after` lies in the other */
        arena_reset(own);
        rc = flow_told_after(own, tx, round ? &after : NULL, STEP, &list, &n, e);
        for (int i = 0; i < n && rc >= 0; i++) {
            rc = stands(tx, &list[i].n, e);
            if (rc)
                continue;
            Str args[] = {uuid_text(own, list[i].n.record), list[i].n.what};
            say(ctx, i18n_text(own, lang, S("record.verify_notice"), args, LEN(args)));
            ++*ret;
        }
        if (n && rc >= 0)
            after = list[n - 1];
    }
    arena_free(a[0]);
    arena_free(a[1]);
    return rc < 0 ? rc : 0;
}

int record_verify_duties(Records *rs, Tx *tx, const Tree *tree, Lang lang,
                         void (*say)(void *ctx, Str finding), void *ctx, int64_t *ret, Err *e)
{
    Proof p = {.arena = arena_new(1 << 18)};
    int rc = 0;
    *ret = 0;
    for (int i = 0; i < rs->model->type_n && !rc; i++)
        if (rs->model->types[i].duty_n)
            rc = record_each(rs, tx, tree, &rs->model->types[i], -1, add_due, &p, e);
    if (!rc)
        rc = add_open(&p, tx, e);
    if (!rc && p.n)
        qsort(p.list, p.n, sizeof *p.list, compare);
    for (size_t i = 0, end; i < p.n && !rc; i = end) {
        Key k = p.list[i];
        int should_be = 0, may_be = 0, open = 0;
        for (end = i; end < p.n && compare(&k, &p.list[end]) == 0; end++) {
            should_be += p.list[end].should_be;
            may_be += p.list[end].may_be;
            open += p.list[end].is_open;
        }
        if (may_be || (open == 1 && should_be) || (!open && may_be_done(rs, k.name)))
            continue;
        k.is_open = open > 0;
        Str args[] = {uuid_text(p.arena, k.record), k.name};
        const char *key = k.is_open ? "record.verify_duty_extra" : "record.verify_duty_lacks";
        say(ctx, i18n_text(p.arena, lang, str_of(key), args, LEN(args)));
        ++*ret;
    }
    arena_free(p.arena);
    return rc < 0 ? rc : verify_notices(tx, lang, say, ctx, ret, e);
}
