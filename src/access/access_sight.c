/* access_sight.c: the who-terms read backwards: who can see one record today, and by which rule.
 *                                                                     DESIGN: Who may  SPEC: P2 */
#include "access/access_int.h"

typedef struct SightList {
    Arena *arena;
    Tx *tx;
    const Reader *r;
    const Subject *on;
    Sight *items;
    int n, cap;
} SightList;

static const Sight nobody = {.role = -1,
                             .unit_ix = -1,
                             .person = STR_NONE,
                             .deputy_for = STR_NONE,
                             .starts = DAY_NONE,
                             .ends = DAY_NONE};

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

/* ---- one seat ---- */

static int add_deputies(SightList *l, Sight of, int64_t posting, Err *e)
{
    int rc;
    Stmt *s = tx_sql(l->tx, SQL(access_list_posting_deputies));
    bind_i64(s, 1, posting);
    bind_day(s, 2, l->r->today);
    while ((rc = stmt_step(s, e)) == 1) {
        Sight x = of;
        x.is_me = uuid_eq(col_uuid(s, 0), l->r->person);
        x.person = str_copy(l->arena, col_str(s, 1));
        x.deputy_for = of.person;
        x.starts = col_day(s, 2);
        x.ends = col_day(s, 3);
        add_sight(l, x);
    }
    return rc;
}

typedef struct Holding {
    Sight sight;
    int64_t posting;
} Holding;

static int read_holders(SightList *l, Sight line, Holding *ret, int *ret_n, Err *e)
{
    int n = 0, rc;
    Stmt *s = tx_sql(l->tx, SQL(access_list_holders));
    bind_i64(s, 1, l->r->tree->units[line.unit_ix].id);
    bind_str(s, 2, l->r->model->roles[line.role].name);
    bind_day(s, 3, l->r->today);
    while ((rc = stmt_step(s, e)) == 1) {
        if (n == LIMIT_POSTINGS) {
            stmt_reset(s);
            break; /* a seat of 64: the rule is told, not every name */
        }
        line.is_me = uuid_eq(col_uuid(s, 0), l->r->person);
        line.person = str_copy(l->arena, col_str(s, 1));
        line.starts = col_day(s, 2);
        line.ends = col_day(s, 3);
        ret[n++] = (Holding){line, col_i64(s, 4)};
    }
    TRY(rc);
    *ret_n = n;
    return 0;
}

/* Holders today of one seat and their deputies, or one line for the empty seat of an open unit. */
static int add_holders(SightList *l, const Who *w, int role, int unit_ix, Err *e)
{
    for (int i = 0; i < l->n; i++)
        if (l->items[i].rule->kind != WHO_AUTHOR && !l->items[i].is_group &&
            l->items[i].role == role && l->items[i].unit_ix == unit_ix)
            return 0;
    Holding held[LIMIT_POSTINGS];
    int n = 0;
    Sight line = nobody;
    line.rule = w;
    line.role = role;
    line.unit_ix = unit_ix;
    TRY(read_holders(l, line, held, &n, e));
    for (int i = 0; i < n; i++) {
        add_sight(l, held[i].sight);
        TRY(add_deputies(l, held[i].sight, held[i].posting, e));
    }
    if (n == 0 && !access_is_closed(&l->r->tree->units[unit_ix]))
        add_sight(l, line);
    return 0;
}

/* The role at a unit, and at what it was merged into. */
static int add_here(SightList *l, const Who *w, int role, int unit_ix, Err *e)
{
    const Unit *units = l->r->tree->units;
    for (int u = unit_ix; u >= 0; u = access_is_closed(&units[u]) ? units[u].successor_ix : -1)
        if (l->r->model->roles[role].at >> units[u].kind & 1)
            TRY(add_holders(l, w, role, u, e));
    return 0;
}

/* ---- the terms ---- */

/* The author while his posting lasts; then whoever answers for it. */
static int add_author(SightList *l, const Who *w, Str author_name, Err *e)
{
    Sight line = nobody;
    line.rule = w;
    line.unit_ix = l->on->unit_ix;
    line.person = author_name;
    line.is_me = uuid_eq(l->on->author, l->r->person);
    if (l->on->posting == 0) {
        add_sight(l, line);
        return 0;
    }
    Member who = {0};
    Err sub = err_on(l->arena);
    int rc = access_owner(l->arena, l->tx, l->r->tree, l->r->model, l->on->posting, 0, l->r->today,
                          &who, &sub);
    if (rc < 0 && rc != ERR_STATE && rc != ERR_MISSING)
        return err_set(e, rc, "access.again");
    if (rc < 0) /* nobody answers today: verify tells it */
        return 0;
    if (!uuid_eq(who.person, l->on->author)) {
        line.person = who.name;
        line.role = who.role;
        line.unit_ix = who.unit_ix;
        line.is_me = uuid_eq(who.person, l->r->person);
    }
    add_sight(l, line);
    return add_deputies(l, line, l->on->posting, e);
}

/* Does he hold the role there or below; `merged`: or at what that was merged into. */
static bool holds_below(const Reader *r, int role, int unit_ix, bool merged)
{
    const Unit *units = r->tree->units;
    for (int i = 0; i < r->post_n; i++) {
        if (r->posts[i].role != role)
            continue;
        if (tree_is_within(r->tree, r->posts[i].unit_ix, unit_ix))
            return true;
        for (int u = units[unit_ix].successor_ix; merged && u >= 0; u = units[u].successor_ix)
            if (u == r->posts[i].unit_ix)
                return true;
    }
    return false;
}

static void add_group(SightList *l, const Who *w, int role, int unit_ix)
{
    Sight line = nobody;
    line.rule = w;
    line.role = role;
    line.unit_ix = unit_ix;
    line.is_group = true;
    line.is_me = role >= 0 ? holds_below(l->r, role, unit_ix, w->kind == WHO_AUDIENCE)
                           : w->kind == WHO_PUBLIC;
    add_sight(l, line);
}

/* Values of the field, or of the field in each row. */
static int field_values(SightList *l, const Field *f, const Value **ret)
{
    const Value *values = l->on->values;
    CHECK(values && f);
    int n = 0;
    int64_t rows = f->rows ? values[f->rows->ix].i : 1;
    bool has_rows = f->rows && values[f->rows->ix].tag == VALUE_ROWS;
    Value *list = NEW_N(l->arena, Value, (size_t)(has_rows ? rows : 1) + 1);
    if (!f->rows)
        list[n++] = values[f->ix];
    for (int64_t i = 0; has_rows && i < rows; i++)
        list[n++] = values[f->rows->ix].rows[i].values[f->ix];
    *ret = list;
    return n;
}

static int add_via_units(SightList *l, const Who *w, Err *e)
{
    const Value *v;
    int n = field_values(l, w->via, &v);
    for (int i = 0; i < n; i++) {
        const Unit *u = v[i].tag == VALUE_INT ? tree_unit(l->r->tree, v[i].i) : NULL;
        if (u)
            TRY(add_here(l, w, w->role, u->ix, e));
    }
    return 0;
}

static int add_person(SightList *l, const Who *w, Uuid person, Err *e)
{
    Stmt *s = tx_sql(l->tx, SQL(access_find_posted_person));
    bind_uuid(s, 1, person);
    bind_day(s, 2, l->r->today);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc; /* named, but holds no post */
    Sight line = nobody;
    line.rule = w;
    line.unit_ix = l->on->unit_ix;
    line.person = str_copy(l->arena, col_str(s, 0));
    line.is_me = uuid_eq(person, l->r->person);
    stmt_reset(s);
    for (int i = 0; i < l->n; i++)
        if (l->items[i].rule == w && str_eq(l->items[i].person, line.person))
            return 0;
    add_sight(l, line);
    return 0;
}

static int add_via_persons(SightList *l, const Who *w, Err *e)
{
    const Value *v;
    int n = field_values(l, w->via, &v);
    for (int i = 0; i < n; i++)
        for (size_t at = 0; v[i].tag == VALUE_BLOB && at + sizeof(Uuid) <= v[i].s.n;
             at += sizeof(Uuid)) {
            Uuid person;
            memcpy(person.b, v[i].s.p + at, sizeof person.b);
            TRY(add_person(l, w, person, e));
        }
    return 0;
}

/* One line a pair: the rule by role and unit, not everybody it means. */
static void add_audience(SightList *l, const Who *w)
{
    CHECK(w->via && l->on->values);
    const Value *v = &l->on->values[w->via->ix];
    Str rest = v->tag == VALUE_TEXT ? v->s : S(""), pair, role_name, unit;
    int64_t id;
    while (rest.n) {
        (void)str_cut(rest, ' ', &pair, &rest);
        if (!str_cut(pair, '@', &role_name, &unit) || !str_i64(unit, &id))
            continue;
        const Role *role = model_role(l->r->model, role_name);
        const Unit *u = tree_unit(l->r->tree, id);
        if (role && u)
            add_group(l, w, role->ix, u->ix);
    }
}

static int add_reaching(SightList *l, const Who *w, Err *e)
{
    const Unit *units = l->r->tree->units;
    for (int u = l->on->unit_ix; u >= 0;
         u = access_is_closed(&units[u]) ? units[u].successor_ix : -1) {
        int from[LIMIT_LENT], n = 0, rc;
        Stmt *s = tx_sql(l->tx, SQL(access_list_reaching));
        bind_i64(s, 1, units[u].id);
        bind_str(s, 2, l->r->model->roles[w->role].name);
        bind_day(s, 3, l->r->today);
        while ((rc = stmt_step(s, e)) == 1) {
            const Unit *x = tree_unit(l->r->tree, col_i64(s, 0));
            if (x && n < LIMIT_LENT)
                from[n++] = x->ix;
        }
        TRY(rc);
        for (int i = 0; i < n; i++)
            TRY(add_holders(l, w, w->role, from[i], e));
    }
    return 0;
}

static int add_term(SightList *l, const Who *w, Str author_name, Err *e)
{
    const Unit *units = l->r->tree->units;
    switch (w->kind) {
    case WHO_AUTHOR:
        return add_author(l, w, author_name, e);
    case WHO_ROLE:
        for (int u = l->on->unit_ix; u >= 0; u = units[u].parent_ix)
            if (l->r->model->roles[w->role].at >> units[u].kind & 1)
                TRY(add_holders(l, w, w->role, u, e));
        return 0;
    case WHO_ROLE_HERE:
        return add_here(l, w, w->role, l->on->unit_ix, e);
    case WHO_ROLE_BELOW:
        add_group(l, w, w->role, l->on->unit_ix);
        return 0;
    case WHO_ROLE_REACH:
        return add_reaching(l, w, e);
    case WHO_ROLE_VIA:
        return add_via_units(l, w, e);
    case WHO_ME_VIA:
        return add_via_persons(l, w, e);
    case WHO_AUDIENCE:
        add_audience(l, w);
        return 0;
    case WHO_ME_TYPE_VIA:
    case WHO_PUBLIC:
        add_group(l, w, -1, l->on->unit_ix);
        return 0;
    case WHO_CLOCK:
        return 0;
    }
    return 0;
}

int access_who_sees(Access *ac, Arena *a, Tx *tx, const Reader *r, const Subject *on,
                    Str author_name, Sight **ret, int *ret_n, Err *e)
{
    const Type *t = on->type;
    CHECK(ac && on->state >= 0 && on->state < t->state_n);
    CHECK(on->unit_ix >= 0 && on->unit_ix < r->tree->unit_n);
    SightList l = {.arena = a, .tx = tx, .r = r, .on = on};
    for (int i = 0; i < t->states[on->state].see_n; i++) {
        const Who *w = &t->states[on->state].see[i];
        if (access_when_holds(r, w->when, on))
            TRY(add_term(&l, w, author_name, e));
    }
    *ret = l.items;
    *ret_n = l.n;
    return 0;
}
