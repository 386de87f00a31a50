/* access_audience.c: who an audience means, whom a name may mean.   DESIGN: Who terms  SPEC: P2 */
#include "access/access_int.h"

enum { PICK_SCAN = 20000 }; /* people looked at for one name: a city has as many */

/* ---- text and value ---- */

static bool has_pair(Str value, Str pair)
{
    Str one;
    while (value.n) {
        str_cut(value, ' ', &one, &value);
        if (str_eq(one, pair))
            return true;
    }
    return false;
}

static int fault(const char **ret_key, Str *ret_arg, const char *key, Str arg)
{
    *ret_key = key;
    *ret_arg = arg;
    return ERR_INVALID;
}

static int str_order(const void *a, const void *b)
{
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

int access_audience_parse(Arena *a, const Tree *tree, const Model *m, Str typed, Str *ret,
                          const char **ret_fault_key, Str *ret_fault_arg)
{
    Str list[LIMIT_AUDIENCE], one, name, code;
    int n = 0;
    Buf b = {.arena = a};
    while (typed.n) {
        str_cut(typed, ',', &one, &typed);
        one = str_trim(one);
        if (!one.n)
            continue;
        if (!str_cut(one, '@', &name, &code))
            return fault(ret_fault_key, ret_fault_arg, "access.audience_pair", one);
        const Role *role = model_role(m, str_trim(name));
        const Unit *u = tree_unit_coded(tree, str_trim(code));
        if (!role)
            return fault(ret_fault_key, ret_fault_arg, "access.audience_role", name);
        if (!u)
            return fault(ret_fault_key, ret_fault_arg, "access.audience_unit", code);
        if (n == LIMIT_AUDIENCE)
            return fault(ret_fault_key, ret_fault_arg, "access.audience_many",
                         str_fmt(a, "%d", LIMIT_AUDIENCE));
        list[n++] = str_fmt(a, "%.*s@%lld", STR_ARG(role->name), (long long)u->id);
    }
    qsort(list, (size_t)n, sizeof *list, str_order);
    for (int i = 0; i < n; i++) {
        if (b.n && has_pair(buf_view(&b), list[i]))
            continue;
        buf_z(&b, b.n ? " " : "");
        buf_str(&b, list[i]);
    }
    *ret = b.n ? buf_view(&b) : S("");
    return 0;
}

/* ---- people ---- */

typedef struct People {
    Member *list;
    int n, cap;
    const Tree *tree;
    Arena *arena;
} People;

static void add_member(People *p, Member m)
{
    if (p->n == p->cap) {
        int cap = p->cap ? p->cap * 2 : 64;
        Member *more = NEW_N(p->arena, Member, (size_t)cap);
        if (p->n)
            memcpy(more, p->list, (size_t)p->n * sizeof *more);
        p->list = more;
        p->cap = cap;
    }
    p->list[p->n++] = m;
}

static int add_pair(People *p, Tx *tx, const Role *role, const Unit *u, Day day, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_audience));
    bind_i64(s, 1, u->id);
    bind_str(s, 2, role->name);
    bind_day(s, 3, day);
    while ((rc = stmt_step(s, e)) == 1) {
        const Unit *at = tree_unit(p->tree, col_i64(s, 2));
        if (at)
            add_member(p, (Member){.person = col_uuid(s, 0),
                                   .name = str_copy(p->arena, col_str(s, 1)),
                                   .role = role->ix,
                                   .unit_ix = at->ix});
    }
    return rc;
}

/* A unit named before it was merged: the same seat at its successor stands in its place. */
static int add_here(People *p, Tx *tx, const Role *role, const Unit *u, Day day, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_holders));
    bind_i64(s, 1, u->id);
    bind_str(s, 2, role->name);
    bind_day(s, 3, day);
    while ((rc = stmt_step(s, e)) == 1)
        add_member(p, (Member){.person = col_uuid(s, 0),
                               .name = str_copy(p->arena, col_str(s, 1)),
                               .role = role->ix,
                               .unit_ix = u->ix});
    return rc;
}

static int by_person(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    int c = memcmp(x->person.b, y->person.b, sizeof x->person.b);
    if (c)
        return c;
    return x->unit_ix != y->unit_ix ? (x->unit_ix < y->unit_ix ? -1 : 1) : x->role - y->role;
}

static int by_place(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    if (x->unit_ix != y->unit_ix)
        return x->unit_ix < y->unit_ix ? -1 : 1;
    return x->role != y->role ? x->role - y->role : str_cmp(x->name, y->name);
}

/* Each person once, by his first place; then in the tree's order. */
static void settle(People *p)
{
    int n = 0;
    if (p->n)
        qsort(p->list, (size_t)p->n, sizeof *p->list, by_person);
    for (int i = 0; i < p->n; i++)
        if (!n || !uuid_eq(p->list[n - 1].person, p->list[i].person))
            p->list[n++] = p->list[i];
    p->n = n;
    if (n)
        qsort(p->list, (size_t)n, sizeof *p->list, by_place);
}

int access_audience(Arena *a, Tx *tx, const Tree *tree, const Model *m, Str audience, Day day,
                    int max, Member **ret, int *ret_n, bool *ret_is_cut, Err *e)
{
    People p = {.tree = tree, .arena = a};
    Str pair, name, unit;
    int64_t id;
    while (audience.n) {
        str_cut(audience, ' ', &pair, &audience);
        if (!str_cut(pair, '@', &name, &unit) || !str_i64(unit, &id))
            continue;
        const Role *role = model_role(m, name);
        const Unit *u = tree_unit(tree, id);
        if (role && u)
            TRY(add_pair(&p, tx, role, u, day, e));
        while (role && u && access_is_closed(u) && u->successor_ix >= 0) {
            u = &tree->units[u->successor_ix];
            TRY(add_here(&p, tx, role, u, day, e));
        }
    }
    settle(&p);
    *ret = p.list;
    *ret_n = p.n < max ? p.n : max;
    *ret_is_cut = p.n > max;
    return 0;
}

/* ---- a name ---- */

enum { FIT_NONE, FIT_INITIALS, FIT_BEGINS, FIT_EXACT };

static int fit_of(Str name, Str account, Str typed)
{
    if (str_eq(name, typed) || str_eq(account, typed))
        return FIT_EXACT;
    if (str_starts(name, typed))
        return FIT_BEGINS;
    return text_initials_match(name, typed) ? FIT_INITIALS : FIT_NONE;
}

static int add_county(People *p, Tx *tx, const Reader *r, int64_t county, Str typed, int least,
                      Err *e)
{
    int rc = 0;
    Stmt *s = tx_sql(tx, SQL(access_list_people));
    bind_i64(s, 1, county);
    bind_day(s, 2, r->today);
    for (int seen = 0; seen < PICK_SCAN && (rc = stmt_step(s, e)) == 1; seen++) {
        const Unit *at = tree_unit(p->tree, col_i64(s, 3));
        const Role *role = model_role(r->model, col_str(s, 4));
        if (at && role && fit_of(col_str(s, 1), col_str(s, 2), typed) >= least)
            add_member(p, (Member){.person = col_uuid(s, 0),
                                   .name = str_copy(p->arena, col_str(s, 1)),
                                   .role = role->ix,
                                   .unit_ix = at->ix});
    }
    if (rc == 1)
        stmt_reset(s);
    return rc < 0 ? rc : 0;
}

int access_pick_person(Arena *a, Tx *tx, const Reader *r, Str typed, int max, Member **ret,
                       int *ret_n, Err *e)
{
    People p = {.tree = r->tree, .arena = a};
    typed = str_trim(typed);
    int64_t done[LIMIT_POSTINGS];
    int done_n = 0;
    for (int i = 0; i < r->post_n; i++) {
        int64_t county = r->tree->units[r->posts[i].unit_ix].county;
        bool is_new = done_n < LIMIT_POSTINGS;
        for (int k = 0; k < done_n; k++)
            is_new = is_new && done[k] != county;
        if (!is_new)
            continue;
        done[done_n++] = county;
        TRY(add_county(&p, tx, r, county, typed, FIT_INITIALS, e));
    }
    settle(&p);
    /* exact names in front, then beginnings, then initials; each in the tree's order */
    Member *out = NEW_N(a, Member, (size_t)p.n + 1);
    int n = 0;
    for (int fit = FIT_EXACT; fit > FIT_NONE; fit--)
        for (int i = 0; i < p.n && n < max; i++) {
            int is = fit_of(p.list[i].name, S(""), typed);
            if (is == fit || (fit == FIT_EXACT && is == FIT_NONE)) /* by his account */
                out[n++] = p.list[i];
        }
    *ret = out;
    *ret_n = n;
    return 0;
}
