/* access_tree.c: the tree of units as one immutable array in preorder, and Access itself. */
#include "access/access_int.h"

#include <sodium.h>
#include <stdlib.h>

/* ---- laying it out ---- */

static uint64_t id_hash(int64_t id)
{
    return (uint64_t)id * 0x9E3779B97F4A7C15u >> 20;
}

static void make_index(Arena *a, Tree *t)
{
    struct TreeIndex *ix = NEW(a, struct TreeIndex);
    size_t size = 16;
    while (size < (size_t)t->unit_n * 2)
        size *= 2;
    ix->mask = size - 1;
    ix->by_id = NEW_N(a, int, size);
    ix->by_code = NEW_N(a, int, size);
    for (int i = 0; i < t->unit_n; i++) {
        uint64_t h = id_hash(t->units[i].id) & ix->mask;
        while (ix->by_id[h])
            h = (h + 1) & ix->mask;
        ix->by_id[h] = i + 1;
        h = str_hash(t->units[i].code) & ix->mask;
        while (ix->by_code[h])
            h = (h + 1) & ix->mask;
        ix->by_code[h] = i + 1;
    }
    t->index = ix;
}

typedef struct Links {
    int *first, *last, *next;
} Links;

/* Children in the order of the nodes; returns the root, -1 unless there is exactly one. */
static int link_nodes(Arena *a, const int *parents, int n, Links *ret)
{
    size_t size = (size_t)n;
    *ret = (Links){NEW_N(a, int, size), NEW_N(a, int, size), NEW_N(a, int, size)};
    for (int i = 0; i < n; i++)
        ret->first[i] = ret->last[i] = ret->next[i] = -1;
    int root = -1;
    for (int i = 0; i < n; i++) {
        int p = parents[i];
        if (p < 0) {
            if (root >= 0)
                return -1;
            root = i;
        } else if (ret->last[p] < 0) {
            ret->first[p] = ret->last[p] = i;
        } else {
            ret->next[ret->last[p]] = i;
            ret->last[p] = i;
        }
    }
    return root;
}

bool access_tree_lay(Arena *a, const Unit *nodes, const int *parents, int n, Tree *ret)
{
    Links links;
    int root = link_nodes(a, parents, n, &links);
    if (root < 0)
        return false;
    Unit *units = NEW_N(a, Unit, (size_t)n);
    int *place = NEW_N(a, int, (size_t)n);
    int done = 0;
    for (int at = root; at >= 0;) {
        Unit *u = &units[done];
        *u = nodes[at];
        u->ix = place[at] = done++;
        u->parent_ix = parents[at] < 0 ? -1 : place[parents[at]];
        u->depth = u->parent_ix < 0 ? 0 : units[u->parent_ix].depth + 1;
        if (u->depth >= LIMIT_UNIT_DEPTH)
            return false;
        int go = links.first[at];
        while (go < 0 && at >= 0) {
            units[place[at]].end_ix = done;
            go = at == root ? -1 : links.next[at];
            at = parents[at];
        }
        at = go;
    }
    if (done != n)
        return false;
    *ret = (Tree){.units = units, .unit_n = n, .name = units[0].name};
    make_index(a, ret);
    return true;
}

/* ---- asking it ---- */

const Unit *tree_unit(const Tree *t, int64_t id)
{
    if (t->unit_n == 0)
        return NULL;
    const struct TreeIndex *ix = t->index;
    for (uint64_t h = id_hash(id) & ix->mask; ix->by_id[h]; h = (h + 1) & ix->mask)
        if (t->units[ix->by_id[h] - 1].id == id)
            return &t->units[ix->by_id[h] - 1];
    return NULL;
}

const Unit *tree_unit_coded(const Tree *t, Str code)
{
    if (t->unit_n == 0)
        return NULL;
    const struct TreeIndex *ix = t->index;
    for (uint64_t h = str_hash(code) & ix->mask; ix->by_code[h]; h = (h + 1) & ix->mask)
        if (str_eq(t->units[ix->by_code[h] - 1].code, code))
            return &t->units[ix->by_code[h] - 1];
    return NULL;
}

bool tree_is_within(const Tree *t, int unit_ix, int above_ix)
{
    CHECK(unit_ix >= 0 && unit_ix < t->unit_n && above_ix >= 0 && above_ix < t->unit_n);
    return unit_ix >= above_ix && unit_ix < t->units[above_ix].end_ix;
}

int tree_above_at(const Tree *t, int unit_ix, uint64_t kinds)
{
    CHECK(unit_ix < t->unit_n);
    for (int i = unit_ix; i >= 0; i = t->units[i].parent_ix)
        if (kinds >> t->units[i].kind & 1)
            return i;
    return -1;
}

static int merged_places(const Tree *t, int unit_ix, int *list)
{
    const Unit *u = &t->units[unit_ix];
    int n = 0;
    for (int c = u->ix + 1; c < u->end_ix; c = t->units[c].end_ix) {
        if (!access_is_closed(&t->units[c]) || t->units[c].successor_ix != u->ix)
            continue;
        if (list)
            list[n] = c;
        n++;
        n += merged_places(t, c, list ? list + n : NULL); /* no deeper than the tree */
    }
    return n;
}

Places access_own_places(Arena *a, const Tree *t, int unit_ix)
{
    int n = 1 + merged_places(t, unit_ix, NULL);
    Places p = {NEW_N(a, int, (size_t)n), n};
    p.list[0] = unit_ix;
    if (n > 1)
        (void)merged_places(t, unit_ix, p.list + 1); /* counted just now */
    return p;
}

int access_root_role(const Model *m, int kind)
{
    for (int i = 0; i < m->role_n; i++)
        if (m->roles[i].falls_to == i && (m->roles[i].at >> kind & 1))
            return i;
    return -1;
}

/* The nearest open unit of a kind at or above; -1 none. A closed one hangs below its successor. */
static int open_above_at(const Tree *t, int unit_ix, uint64_t kinds)
{
    for (int i = unit_ix; i >= 0; i = t->units[i].parent_ix)
        if ((kinds >> t->units[i].kind & 1) && !access_is_closed(&t->units[i]))
            return i;
    return -1;
}

bool access_falls(const Tree *t, const Model *m, int unit_ix, int role, int *ret_unit_ix,
                  int *ret_role)
{
    CHECK(unit_ix >= 0 && unit_ix < t->unit_n && role >= 0 && role < m->role_n);
    const Unit *u = &t->units[unit_ix];
    int parent = u->parent_ix;
    /* Of a closed unit the same role at its successor answers, where there is such a role. */
    int next = access_is_closed(u) ? role : m->roles[role].falls_to;
    /* A level may be skipped: then the role that the missing one falls to answers. */
    for (int i = 0; parent >= 0 && i <= m->role_n; i++) {
        int found = open_above_at(t, parent, m->roles[next].at);
        if (found >= 0) {
            *ret_unit_ix = found;
            *ret_role = next;
            return true;
        }
        if (m->roles[next].falls_to == next)
            break;
        next = m->roles[next].falls_to;
    }
    int office = t->unit_n ? access_root_role(m, t->units[0].kind) : -1;
    if (office < 0)
        return false;
    *ret_unit_ix = 0;
    *ret_role = office;
    return true;
}

/* ---- loading ---- */

int access_tree_number(Tx *tx, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_tree_number));
    int rc = stmt_step(s, e);
    TRY(rc);
    int64_t number = 0;
    if (rc == 1) {
        bool is_number = str_i64(col_str(s, 0), &number);
        stmt_reset(s);
        if (!is_number)
            return err_set(e, ERR_CORRUPT, "access.tree_broken");
    }
    *ret = number;
    return 0;
}

int access_set_tree_number(Tx *tx, int64_t number, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_set_tree_number));
    bind_str(s, 1, str_fmt(tx_arena(tx), "%lld", (long long)number));
    TRY(stmt_run(s, e));
    return 0;
}

int access_tree_same(Tx *tx, int64_t number, Err *e)
{
    int64_t now = 0;
    TRY(access_tree_number(tx, &now, e));
    return now == number ? 0 : err_set(e, ERR_BUSY, "access.tree_moved");
}

typedef struct UnitList {
    Unit *units;
    int64_t *parents, *successors; /* ids; 0: none */
    int n, cap;
} UnitList;

static void add_unit(Arena *a, UnitList *l, Unit u, int64_t parent, int64_t successor)
{
    if (l->n == l->cap) {
        int cap = l->cap ? l->cap * 2 : 256;
        Unit *units = NEW_N(a, Unit, (size_t)cap);
        int64_t *parents = NEW_N(a, int64_t, (size_t)cap);
        int64_t *successors = NEW_N(a, int64_t, (size_t)cap);
        for (int i = 0; i < l->n; i++) {
            units[i] = l->units[i];
            parents[i] = l->parents[i];
            successors[i] = l->successors[i];
        }
        *l = (UnitList){units, parents, successors, l->n, cap};
    }
    l->units[l->n] = u;
    l->successors[l->n] = successor;
    l->parents[l->n++] = parent;
}

static int read_units(Access *ac, Arena *a, Tx *tx, UnitList *l, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_list_units));
    int rc;
    while ((rc = stmt_step(s, e)) == 1) {
        const UnitKind *kind = model_unit_kind(ac->model, col_str(s, 2));
        if (!kind || l->n >= LIMIT_UNITS) {
            rc = kind ? err_set(e, ERR_LIMIT, "access.too_many_units", err_int(e, LIMIT_UNITS))
                      : err_set(e, ERR_STATE, "access.kind_gone", col_str(s, 2), col_str(s, 3));
            stmt_reset(s);
            return rc;
        }
        Unit u = {.id = col_i64(s, 0),
                  .kind = kind->ix,
                  .code = str_copy(a, col_str(s, 3)),
                  .name = str_copy(a, col_str(s, 4)),
                  .opened = col_day(s, 5),
                  .closed = col_day(s, 6),
                  .county = col_i64(s, 7),
                  .successor_ix = -1};
        add_unit(a, l, u, col_i64(s, 1), col_i64(s, 8));
    }
    return rc;
}

/* Place of the unit with an id among unsorted nodes, by a table of slots (place + 1). */
static int find_place(const UnitList *l, const int *slots, uint64_t mask, int64_t id)
{
    for (uint64_t h = id_hash(id) & mask; slots[h]; h = (h + 1) & mask)
        if (l->units[slots[h] - 1].id == id)
            return slots[h] - 1;
    return -1;
}

/* A closed unit hangs below its successor, an open one has none. */
static bool link_successors(const UnitList *l, Tree *t)
{
    Unit *units = (Unit *)(uintptr_t)t->units; /* ours: laid out just now */
    for (int i = 0; i < l->n; i++) {
        const Unit *to = l->successors[i] ? tree_unit(t, l->successors[i]) : NULL;
        const Unit *u = tree_unit(t, l->units[i].id);
        if (access_is_closed(u) != (l->successors[i] != 0) || (to && u->parent_ix != to->ix))
            return false;
        units[u->ix].successor_ix = to ? to->ix : -1;
    }
    return true;
}

static bool lay_list(Arena *a, const UnitList *l, Tree *ret)
{
    size_t size = 16;
    while (size < (size_t)l->n * 2)
        size *= 2;
    int *slots = NEW_N(a, int, size);
    int *parents = NEW_N(a, int, (size_t)l->n);
    for (int i = 0; i < l->n; i++) {
        uint64_t h = id_hash(l->units[i].id) & (size - 1);
        while (slots[h])
            h = (h + 1) & (size - 1);
        slots[h] = i + 1;
    }
    for (int i = 0; i < l->n; i++) {
        parents[i] = l->parents[i] ? find_place(l, slots, size - 1, l->parents[i]) : -1;
        if (l->parents[i] && parents[i] < 0)
            return false;
    }
    return access_tree_lay(a, l->units, parents, l->n, ret) && link_successors(l, ret);
}

static int load_tree(Access *ac, Tx *tx, TreeBox **ret, Err *e)
{
    Arena *a = arena_new(64 * 1024);
    TreeBox *box = calloc(1, sizeof *box);
    CHECK(box);
    *box = (TreeBox){.arena = a, .holds = 1, .tree.name = S("")};
    UnitList l = {0};
    int64_t number = 0;
    int rc = access_tree_number(tx, &number, e);
    if (rc == 0)
        rc = read_units(ac, a, tx, &l, e);
    if (rc == 0 && l.n && !lay_list(a, &l, &box->tree))
        rc = err_set(e, ERR_CORRUPT, "access.tree_broken");
    if (rc < 0) {
        arena_free(a);
        free(box);
        return rc;
    }
    box->tree.number = number;
    *ret = box;
    return 0;
}

/* ---- Access ---- */

static void drop_box(TreeBox *box) /* under the lock */
{
    CHECK(box->holds > 0);
    if (--box->holds == 0) {
        arena_free(box->arena);
        free(box);
    }
}

int access_tree_refresh(Access *a, Tx *tx, Err *e)
{
    int64_t number = 0;
    TRY(access_tree_number(tx, &number, e));
    pthread_mutex_lock(&a->lock);
    bool is_newer = number > a->box->tree.number;
    pthread_mutex_unlock(&a->lock);
    if (!is_newer)
        return 0;
    TreeBox *box = NULL;
    TRY(load_tree(a, tx, &box, e));
    pthread_mutex_lock(&a->lock);
    if (box->tree.number > a->box->tree.number) {
        TreeBox *old = a->box;
        a->box = box;
        box = old;
    }
    drop_box(box);
    pthread_mutex_unlock(&a->lock);
    return 0;
}

const Tree *access_tree_hold(Access *a)
{
    pthread_mutex_lock(&a->lock);
    TreeBox *box = a->box;
    box->holds++;
    pthread_mutex_unlock(&a->lock);
    return &box->tree;
}

void access_tree_drop(Access *a, const Tree *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&a->lock);
    drop_box((TreeBox *)(uintptr_t)t); /* the tree is the box's first member */
    pthread_mutex_unlock(&a->lock);
}

static int first_tree(Access *ac, Err *e)
{
    Conn *c = NULL;
    TRY(store_conn(ac->store, &c, e));
    Tx *tx = NULL;
    int rc = tx_read(c, &tx, e);
    if (rc == 0) {
        rc = load_tree(ac, tx, &ac->box, e);
        tx_end(tx);
    }
    conn_close(c);
    return rc;
}

int access_open(Env *env, Store *store, const Model *model, Access **ret, Err *e)
{
    CHECK(env && store && model);
    CHECK(sodium_init() >= 0);
    Access *ac = calloc(1, sizeof *ac);
    CHECK(ac);
    ac->env = env;
    ac->store = store;
    ac->model = model;
    pthread_mutex_init(&ac->lock, NULL);
    pthread_mutex_init(&ac->hash_lock, NULL);
    pthread_cond_init(&ac->hash_free, NULL);
    int rc = first_tree(ac, e);
    if (rc < 0) {
        access_close(ac);
        return rc;
    }
    *ret = ac;
    return 0;
}

void access_close(Access *a)
{
    if (!a)
        return;
    access_kept_drop(a);
    if (a->box) {
        CHECK(a->box->holds == 1); /* no request is left */
        drop_box(a->box);
    }
    pthread_cond_destroy(&a->hash_free);
    pthread_mutex_destroy(&a->hash_lock);
    pthread_mutex_destroy(&a->lock);
    free(a);
}
