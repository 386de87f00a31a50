/* access_arms.c: permission as one array. Who-terms, posts and what else a reader stands for make
 * arms; the arms decide may(), build the lists, and read backwards (access_sight.c) tell who can
 * see a record.                                                       DESIGN: Who may  SPEC: P2 */
#include "access/access_int.h"

/* ---- making arms ---- */

/* A who-term with all the states it stands at. */
typedef struct Term {
    const Who *who;
    uint32_t states;
} Term;
typedef struct Terms {
    Term *list;
    int n;
} Terms;

typedef struct Making {
    Arena *arena;
    const Reader *r;
    Arm *list;
    int n, cap;
    bool is_create;
} Making;

static bool same_term(const Who *a, const Who *b)
{
    return a->kind == b->kind && a->role == b->role && a->via == b->via &&
           a->me_type == b->me_type && a->when == b->when;
}

static void add_terms(Terms *t, const Who *who, int who_n, uint32_t states)
{
    for (int i = 0; i < who_n; i++) {
        int at = 0;
        while (at < t->n && !same_term(t->list[at].who, &who[i]))
            at++;
        if (at == t->n)
            t->list[t->n++] = (Term){&who[i], 0};
        t->list[at].states |= states;
    }
}

static Arm *push(Making *m, const Term *t, ArmColumn column, int post_ix)
{
    if (m->n == m->cap) {
        int cap = m->cap ? m->cap * 2 : 16;
        Arm *list = NEW_N(m->arena, Arm, (size_t)cap);
        if (m->n)
            memcpy(list, m->list, sizeof *list * (size_t)m->n);
        m->list = list;
        m->cap = cap;
    }
    Arm *arm = &m->list[m->n++];
    *arm = (Arm){.column = column,
                 .states = t->states,
                 .post_ix = post_ix,
                 .via = t->who->via,
                 .when = t->who->when,
                 .role = t->who->role,
                 .rule = t->who,
                 .is_create = m->is_create};
    return arm;
}

static void push_slice(Making *m, const Term *t, int from_ix, int to_ix, int post_ix)
{
    Arm *arm = push(m, t, ARM_UNIT, post_ix);
    arm->from_ix = from_ix;
    arm->to_ix = to_ix;
}

static void push_named(Making *m, const Term *t, ArmColumn column, int unit_ix, int post_ix)
{
    push(m, t, column, post_ix)->number = m->r->tree->units[unit_ix].id;
}

static void push_id(Making *m, const Term *t, Uuid key)
{
    push(m, t, ARM_ID_VIA, -1)->key = key;
}

/* His unit and what was merged into it: as slices of one, or as units a field may name. */
static void push_own(Making *m, const Term *t, ArmColumn column, int unit_ix, int post_ix)
{
    Places own = access_own_places(m->arena, m->r->tree, unit_ix);
    for (int i = 0; i < own.n; i++) {
        if (column == ARM_UNIT)
            push_slice(m, t, own.list[i], own.list[i] + 1, post_ix);
        else
            push_named(m, t, column, own.list[i], post_ix);
    }
}

/* A term that names a role, for one post that has it. */
static void push_post(Making *m, const Term *t, int p)
{
    const Tree *tree = m->r->tree;
    const Unit *u = &tree->units[m->r->posts[p].unit_ix];
    switch (t->who->kind) {
    case WHO_ROLE:
        push_slice(m, t, u->ix, u->end_ix, p);
        break;
    case WHO_ROLE_HERE:
        push_own(m, t, ARM_UNIT, u->ix, p);
        break;
    case WHO_ROLE_BELOW:
        for (int up = u->ix; up >= 0; up = tree->units[up].parent_ix)
            push_slice(m, t, up, up + 1, p);
        break;
    case WHO_ROLE_VIA:
        push_own(m, t, ARM_UNIT_VIA, u->ix, p);
        break;
    case WHO_ROLE_REACH:
        for (int i = 0; i < m->r->lent_n; i++)
            if (m->r->lents[i].post_ix == p)
                push_own(m, t, ARM_UNIT, m->r->lents[i].unit_ix, p);
        break;
    default:
        CHECK(!"a kind that names no role");
    }
}

/* `audience` names no role: each of his posts counts with its own, at its unit and at all above. */
static void push_audience(Making *m, const Term *t, int p)
{
    const Tree *tree = m->r->tree;
    int first = m->n, unit_ix = m->r->posts[p].unit_ix;
    push_own(m, t, ARM_AUDIENCE, unit_ix, p);
    for (int up = tree->units[unit_ix].parent_ix; up >= 0; up = tree->units[up].parent_ix)
        push_named(m, t, ARM_AUDIENCE, up, p);
    for (int i = first; i < m->n; i++)
        m->list[i].role = m->r->posts[p].role;
}

static void push_term(Making *m, const Term *t)
{
    const Reader *r = m->r;
    switch (t->who->kind) {
    case WHO_AUTHOR:
        for (int i = 0; i < r->stand_n; i++) {
            Arm *arm = push(m, t, ARM_AUTHOR, r->stands[i].post_ix);
            arm->key = r->stands[i].author;
            arm->number = r->stands[i].posting;
        }
        break;
    case WHO_ME_VIA:
        if (r->post_n && !uuid_is_zero(r->person))
            push_id(m, t, r->person);
        break;
    case WHO_ME_TYPE_VIA:
        for (int i = 0; i < r->mine_n && r->post_n; i++)
            if (r->mine[i].type == t->who->me_type)
                push_id(m, t, r->mine[i].id);
        break;
    case WHO_AUDIENCE:
        for (int p = 0; p < r->post_n; p++)
            push_audience(m, t, p);
        break;
    case WHO_PUBLIC:
        push_slice(m, t, 0, r->tree->unit_n, -1);
        break;
    case WHO_CLOCK:
        break; /* nobody */
    default:
        for (int p = 0; p < r->post_n; p++)
            if (r->posts[p].role == t->who->role)
                push_post(m, t, p);
    }
}

static Making make_arms(Arena *a, const Reader *r, const Terms *terms, bool is_create)
{
    Making m = {.arena = a, .r = r, .is_create = is_create};
    for (int i = 0; i < terms->n && r->admin == ADMIN_NONE; i++) /* an office of the deployment */
        push_term(&m, &terms->list[i]);                          /* has no arms */
    return m;
}

/* ---- making them fewer ---- */

static bool same_slice(const Arm *a, const Arm *b)
{
    return a->from_ix == b->from_ix && a->to_ix == b->to_ix;
}

/* What another arm covers anyhow is taken off, so that a list asks little twice: `o` must hold
 * whenever `arm` does. Of two equal ones the first keeps its states. */
static void take_covered(Arm *list, int n, int i)
{
    Arm *arm = &list[i];
    for (int j = 0; j < n && arm->states; j++) {
        const Arm *o = &list[j];
        if (j == i || o->column != ARM_UNIT || o->from_ix > arm->from_ix || o->to_ix < arm->to_ix ||
            (o->when && o->when != arm->when))
            continue;
        bool is_equal = same_slice(o, arm) && o->when == arm->when;
        if (!is_equal || j < i)
            arm->states &= ~o->states;
    }
}

/* Arms over one slice under one condition become one; it keeps the first one's post and rule only
 * if they are the same post's. */
static void join_equal(Arm *list, int i)
{
    for (int j = 0; j < i && list[i].states; j++)
        if (list[j].states && list[j].column == ARM_UNIT && same_slice(&list[j], &list[i]) &&
            list[j].when == list[i].when && list[j].post_ix == list[i].post_ix) {
            list[j].states |= list[i].states;
            list[i].states = 0;
        }
}

static Arms drop_covered(Making *m)
{
    int kept = 0;
    for (int i = 0; i < m->n; i++)
        if (m->list[i].column == ARM_UNIT)
            take_covered(m->list, m->n, i);
    for (int i = 0; i < m->n; i++)
        if (m->list[i].column == ARM_UNIT)
            join_equal(m->list, i);
    for (int i = 0; i < m->n; i++)
        if (m->list[i].states)
            m->list[kept++] = m->list[i];
    return (Arms){m->list, kept};
}

Arms access_see(Arena *a, const Reader *r, const Type *t)
{
    int most = 0;
    for (int i = 0; i < t->state_n; i++)
        most += t->states[i].see_n;
    Terms terms = {NEW_N(a, Term, (size_t)most + 1), 0};
    for (int i = 0; i < t->state_n; i++)
        add_terms(&terms, t->states[i].see, t->states[i].see_n, UINT32_C(1) << t->states[i].ix);
    Making m = make_arms(a, r, &terms, false);
    return drop_covered(&m);
}

Arms access_do(Arena *a, const Reader *r, const Type *t, const Action *act)
{
    (void)t;
    if (r->viewer)
        return (Arms){0}; /* looking is not doing */
    bool is_create = act->kind == ACTION_CREATE;
    Terms terms = {NEW_N(a, Term, (size_t)act->by_n + 1), 0};
    add_terms(&terms, act->by, act->by_n, is_create ? UINT32_MAX : act->from);
    Making m = make_arms(a, r, &terms, is_create);
    return (Arms){m.list, m.n}; /* not thinned: each post under which he may do it stays */
}

/* ---- asking them ---- */

static bool value_names(const Arm *arm, const Value *v)
{
    switch (arm->column) {
    case ARM_UNIT_VIA:
        return v->tag == VALUE_INT && v->i == arm->number;
    case ARM_ID_VIA:
        for (size_t i = 0; v->tag == VALUE_BLOB && i + sizeof arm->key.b <= v->s.n; i += 16)
            if (memcmp(v->s.p + i, arm->key.b, sizeof arm->key.b) == 0)
                return true;
        return false;
    default:
        CHECK(!"a column that names no field");
        return false;
    }
}

static bool audience_names(const Reader *r, const Arm *arm, const Value *v)
{
    Str rest = v->tag == VALUE_TEXT ? v->s : S(""), pair, role, unit;
    int64_t id;
    while (rest.n) {
        (void)str_cut(rest, ' ', &pair, &rest);
        if (str_cut(pair, '@', &role, &unit) && str_i64(unit, &id) && id == arm->number &&
            str_eq(role, r->model->roles[arm->role].name))
            return true;
    }
    return false;
}

/* Does the field, or the field of any row, name what the arm is about. */
static bool field_names(const Arm *arm, const Subject *s)
{
    const Field *f = arm->via;
    CHECK(f && s->values);
    if (!f->rows)
        return value_names(arm, &s->values[f->ix]);
    const Value *rows = &s->values[f->rows->ix];
    for (int64_t i = 0; rows->tag == VALUE_ROWS && i < rows->i; i++)
        if (value_names(arm, &rows->rows[i].values[f->ix]))
            return true;
    return false;
}

static bool reaches(const Reader *r, const Arm *arm, const Subject *s)
{
    switch (arm->column) {
    case ARM_UNIT:
        return s->unit_ix >= arm->from_ix && s->unit_ix < arm->to_ix;
    case ARM_AUTHOR:
        return uuid_eq(s->author, arm->key) && s->posting == arm->number;
    case ARM_UNIT_VIA:
    case ARM_ID_VIA:
        return field_names(arm, s);
    case ARM_AUDIENCE:
        CHECK(arm->via && s->values);
        return audience_names(r, arm, &s->values[arm->via->ix]);
    }
    return false;
}

bool access_when_holds(const Reader *r, const Expr *when, const Subject *s)
{
    if (!when)
        return true;
    Arena *a = arena_new(256); /* for the words of an error nobody reads: it means "no" */
    Err e = err_on(a);
    ExprWorld w = {.subject = s, .today = r->today, .me = r->person, .workdays = r->workdays};
    bool holds = false;
    if (expr_holds(when, &w, &holds, &e) < 0)
        holds = false;
    arena_free(a);
    return holds;
}

bool access_covers(const Reader *r, const Arm *arm, const Subject *s)
{
    CHECK(s->state >= 0 && s->state < LIMIT_STATES);
    if (!(arm->states >> s->state & 1) || !reaches(r, arm, s))
        return false;
    if (arm->is_create && access_is_closed(&r->tree->units[s->unit_ix]))
        return false;
    return access_when_holds(r, arm->when, s);
}

const Arm *access_may(const Reader *r, Arms arms, const Subject *s)
{
    for (int i = 0; i < arms.n; i++)
        if (access_covers(r, &arms.list[i], s))
            return &arms.list[i];
    return NULL;
}

/* ---- creating, staffing ---- */

static bool has_open(const Tree *t, int from_ix, int to_ix, uint64_t kinds)
{
    for (int i = from_ix; i < to_ix; i++)
        if ((kinds >> t->units[i].kind & 1) && !access_is_closed(&t->units[i]))
            return true;
    return false;
}

/* Is there a unit at which this post may make one by this term? Terms over a field depend on what
 * will be typed: the post itself must be one the term can mean. */
static bool may_create(const Reader *r, const Type *t, const Who *w, int p)
{
    const Tree *tree = r->tree;
    const Unit *u = &tree->units[r->posts[p].unit_ix];
    bool is_role = w->role == r->posts[p].role;
    switch (w->kind) {
    case WHO_ROLE:
        return is_role && has_open(tree, u->ix, u->end_ix, t->at);
    case WHO_ROLE_HERE:
        return is_role && has_open(tree, u->ix, u->ix + 1, t->at);
    case WHO_ROLE_BELOW:
        for (int up = u->ix; is_role && up >= 0; up = tree->units[up].parent_ix)
            if (has_open(tree, up, up + 1, t->at))
                return true;
        return false;
    case WHO_ROLE_REACH:
        for (int i = 0; is_role && i < r->lent_n; i++)
            if (r->lents[i].post_ix == p &&
                has_open(tree, r->lents[i].unit_ix, r->lents[i].unit_ix + 1, t->at))
                return true;
        return false;
    case WHO_ROLE_VIA:
        return is_role;
    case WHO_ME_VIA:
    case WHO_AUDIENCE:
    case WHO_PUBLIC:
        return true;
    case WHO_ME_TYPE_VIA:
        for (int i = 0; i < r->mine_n; i++)
            if (r->mine[i].type == w->me_type)
                return true;
        return false;
    case WHO_AUTHOR:
    case WHO_CLOCK:
        return false;
    }
    return false;
}

int access_create_posts(Arena *a, const Reader *r, const Type *t, Str as_role, int **ret_ix)
{
    int n = 0;
    int *list = NEW_N(a, int, (size_t)r->post_n + 1);
    for (int p = 0; p < r->post_n && t->create && !r->viewer; p++) {
        if (str_has(as_role) && !str_eq(as_role, r->model->roles[r->posts[p].role].name))
            continue;
        bool may = false;
        for (int i = 0; i < t->create->by_n && !may; i++)
            may = may_create(r, t, &t->create->by[i], p);
        if (may)
            list[n++] = p;
    }
    *ret_ix = list;
    return n;
}

bool access_may_staff(const Reader *r, int unit_ix, int role)
{
    int u = unit_ix, ro = role;
    if (r->viewer)
        return false;
    for (int i = 0; i <= LIMIT_UNIT_DEPTH + 1; i++) {
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
