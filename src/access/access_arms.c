/* access_arms.c: permission as one array. Who-terms and posts make arms; the arms decide may(),
 * build the lists, and read backwards tell who can see a record.                     DESIGN: Who
 * may  SPEC: P2 */
#include "access/access_int.h"

/* ---- making arms ---- */

/* States in which each post reaches its subtree and its own unit, and those an author reaches. */
typedef struct Reach {
    uint32_t *below, *here; /* by post */
    uint32_t author;
} Reach;

static Reach reach_new(Arena *a, const Reader *r)
{
    size_t n = (size_t)r->post_n + 1;
    return (Reach){NEW_N(a, uint32_t, n), NEW_N(a, uint32_t, n), 0};
}

static void reach_add(Reach *x, const Reader *r, const Who *terms, int term_n, uint32_t states)
{
    for (int i = 0; i < term_n; i++) {
        if (terms[i].kind == WHO_AUTHOR) {
            x->author |= states;
            continue;
        }
        CHECK(terms[i].kind == WHO_ROLE || terms[i].kind == WHO_ROLE_HERE);
        for (int p = 0; p < r->post_n; p++)
            if (r->posts[p].role == terms[i].role)
                *(terms[i].kind == WHO_ROLE ? &x->below[p] : &x->here[p]) |= states;
    }
}

static Arms reach_arms(Arena *a, const Reader *r, const Reach *x)
{
    Arm *list = NEW_N(a, Arm, (size_t)r->post_n * 2 + 1);
    int n = 0;
    if (x->author && r->post_n)
        list[n++] = (Arm){.column = ARM_AUTHOR, .states = x->author, .post_ix = -1};
    for (int p = 0; p < r->post_n; p++) {
        const Unit *u = &r->tree->units[r->posts[p].unit_ix];
        uint32_t here = x->here[p] & ~x->below[p];
        if (x->below[p])
            list[n++] = (Arm){.column = ARM_UNIT, .states = x->below[p], .from_ix = u->ix, .to_ix = u->end_ix, .post_ix = p};
        if (here)
            list[n++] = (Arm){.column = ARM_UNIT, .states = here, .from_ix = u->ix, .to_ix = u->ix + 1, .post_ix = p};
    }
    return (Arms){list, n};
}

/* What another arm covers anyhow is taken off, so that a list asks nothing twice. Of two equal
 * slices the first keeps its states. */
static Arms drop_covered(Arms arms)
{
    Arm *list = (Arm *)(uintptr_t)arms.list; /* ours: made by reach_arms just now */
    int kept = 0;
    for (int i = 0; i < arms.n; i++) {
        Arm arm = list[i];
        for (int j = 0; j < arms.n && arm.column == ARM_UNIT; j++) {
            const Arm *o = &list[j];
            if (j == i || o->column != ARM_UNIT || o->from_ix > arm.from_ix || o->to_ix < arm.to_ix)
                continue;
            bool is_equal = o->from_ix == arm.from_ix && o->to_ix == arm.to_ix;
            if (!is_equal || j < i)
                arm.states &= ~o->states;
        }
        list[i].states = arm.states;
    }
    for (int i = 0; i < arms.n; i++)
        if (list[i].states)
            list[kept++] = list[i];
    return (Arms){list, kept};
}

Arms access_see(Arena *a, const Reader *r, const Type *t)
{
    Reach x = reach_new(a, r);
    for (int i = 0; i < t->state_n; i++)
        reach_add(&x, r, t->states[i].see, t->states[i].see_n, UINT32_C(1) << t->states[i].ix);
    return drop_covered(reach_arms(a, r, &x));
}

Arms access_do(Arena *a, const Reader *r, const Type *t, const Action *act)
{
    (void)t;
    Reach x = reach_new(a, r);
    reach_add(&x, r, act->by, act->by_n, act->kind == ACTION_CREATE ? UINT32_MAX : act->from);
    return reach_arms(a, r, &x); /* not thinned: each post under which he may do it stays */
}

static bool holds_posting(const Reader *r, int64_t posting)
{
    for (int i = 0; i < r->post_n; i++)
        if (r->posts[i].posting == posting)
            return true;
    return false;
}

const Arm *access_may(const Reader *r, Arms arms, const Subject *s)
{
    int unit_ix = s->unit_ix, state = s->state;
    CHECK(state >= 0 && state < LIMIT_STATES);
    for (int i = 0; i < arms.n; i++) {
        const Arm *arm = &arms.list[i];
        if (!(arm->states >> state & 1))
            continue;
        if (arm->column == ARM_UNIT ? unit_ix >= arm->from_ix && unit_ix < arm->to_ix
                                    : uuid_eq(s->author, r->person) && holds_posting(r, s->posting))
            return arm;
    }
    return NULL;
}

static bool has_kind(const Tree *t, int from_ix, int to_ix, uint64_t kinds)
{
    for (int i = from_ix; i < to_ix; i++)
        if (kinds >> t->units[i].kind & 1)
            return true;
    return false;
}

int access_create_posts(Arena *a, const Reader *r, const Type *t, Str as_role, int **ret_ix)
{
    int n = 0;
    int *list = NEW_N(a, int, (size_t)r->post_n + 1);
    for (int p = 0; p < r->post_n && t->create; p++) {
        const Post *post = &r->posts[p];
        const Unit *u = &r->tree->units[post->unit_ix];
        if (str_has(as_role) && !str_eq(as_role, r->model->roles[post->role].name))
            continue;
        bool may = false;
        for (int i = 0; i < t->create->by_n; i++) {
            const Who *w = &t->create->by[i];
            int end_ix = w->kind == WHO_ROLE ? u->end_ix : u->ix + 1;
            may = may || (w->kind != WHO_AUTHOR && w->role == post->role &&
                          has_kind(r->tree, u->ix, end_ix, t->at));
        }
        if (may)
            list[n++] = p;
    }
    *ret_ix = list;
    return n;
}

bool access_may_staff(const Reader *r, int unit_ix, int role)
{
    int u = unit_ix, ro = role;
    for (int i = 0; i <= LIMIT_UNIT_DEPTH; i++) {
        int up_unit, up_role;
        if (!access_falls(r->tree, r->model, u, ro, &up_unit, &up_role))
            return false;
        bool is_root = up_unit == u && up_role == ro;
        if (is_root && i > 0)
            return false; /* looked at in the round before */
        for (int p = 0; p < r->post_n; p++)
            if (r->posts[p].unit_ix == up_unit && r->posts[p].role == up_role)
                return true;
        if (is_root)
            return false;
        u = up_unit;
        ro = up_role;
    }
    return false;
}

/* ---- read backwards ---- */

typedef struct SightList {
    Arena *arena;
    Sight *items;
    int n, cap;
} SightList;

static void add_sight(SightList *l, Sight s)
{
    if (l->n == l->cap) {
        int cap = l->cap ? l->cap * 2 : 16;
        Sight *items = NEW_N(l->arena, Sight, (size_t)cap);
        for (int i = 0; i < l->n; i++)
            items[i] = l->items[i];
        l->items = items;
        l->cap = cap;
    }
    l->items[l->n++] = s;
}

/* Holders today of one seat, or one line for the empty seat. */
static int add_holders(SightList *l, Tx *tx, const Reader *r, const Who *w, int unit_ix, Err *e)
{
    for (int i = 0; i < l->n; i++)
        if (l->items[i].rule->kind != WHO_AUTHOR && l->items[i].role == w->role &&
            l->items[i].unit_ix == unit_ix)
            return 0;
    Sight sight = {.rule = w,
                   .role = w->role,
                   .unit_ix = unit_ix,
                   .person = STR_NONE,
                   .starts = DAY_NONE,
                   .ends = DAY_NONE};
    int before = l->n, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_holders));
    bind_i64(s, 1, r->tree->units[unit_ix].id);
    bind_str(s, 2, r->model->roles[w->role].name);
    bind_day(s, 3, r->today);
    while ((rc = stmt_step(s, e)) == 1) {
        sight.is_me = uuid_eq(col_uuid(s, 0), r->person);
        sight.person = str_copy(l->arena, col_str(s, 1));
        sight.starts = col_day(s, 2);
        sight.ends = col_day(s, 3);
        add_sight(l, sight);
    }
    TRY(rc);
    if (l->n == before)
        add_sight(l, sight);
    return 0;
}

int access_who_sees(Access *ac, Arena *a, Tx *tx, const Reader *r, const Subject *on,
                    Str author_name, Sight **ret, int *ret_n, Err *e)
{
    const Type *t = on->type;
    int state = on->state, unit_ix = on->unit_ix;
    Uuid author = on->author;
    CHECK(ac && state >= 0 && state < t->state_n && unit_ix >= 0 && unit_ix < r->tree->unit_n);
    SightList l = {.arena = a};
    for (int i = 0; i < t->states[state].see_n; i++) {
        const Who *w = &t->states[state].see[i];
        if (w->kind == WHO_AUTHOR) {
            add_sight(&l, (Sight){.rule = w,
                                  .role = -1,
                                  .unit_ix = unit_ix,
                                  .person = author_name,
                                  .starts = DAY_NONE,
                                  .ends = DAY_NONE,
                                  .is_me = uuid_eq(author, r->person)});
            continue;
        }
        uint64_t at = r->model->roles[w->role].at;
        for (int u = unit_ix; u >= 0; u = w->kind == WHO_ROLE ? r->tree->units[u].parent_ix : -1)
            if (at >> r->tree->units[u].kind & 1)
                TRY(add_holders(&l, tx, r, w, u, e));
    }
    *ret = l.items;
    *ret_n = l.n;
    return 0;
}
