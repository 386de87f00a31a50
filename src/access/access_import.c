/* access_import.c: a file of units against the tree: every fault of every row, or the plan of the
 * tree as it will be. Places of nodes: first the units there are (in preorder), then the file's new
 * ones. SPEC: P1 P7 */
#include "access/access_int.h"

#include <stdlib.h>

typedef enum Column { COL_CODE, COL_NAME, COL_LEVEL, COL_PARENT } Column;
static const Str column_names[] = {{"code", 4}, {"name", 4}, {"level", 5}, {"parent", 6}};

typedef struct Node {
    Unit u;     /* as it will be; kind -1: not known */
    int parent; /* place; -1: the root or not found */
    int row;    /* of the file; -1: not in it */
    bool is_bad;
} Node;

typedef struct Cells {
    Str code, name, parent;
    int kind; /* -1: not known */
    int node; /* -1: the row has no usable code */
    bool is_coded, is_bad;
} Cells;

typedef struct Fault {
    UnitFault f;
    int column, seq;
} Fault;

typedef struct Work {
    Arena *arena;
    const Model *model;
    const Tree *old;
    UnitImport *in;
    Cells *cells; /* by row */
    Node *nodes;
    int node_n;
    int *slots; /* code -> row + 1 */
    uint64_t mask;
    int root; /* place; -1: none found */
    Fault *faults;
    int fault_n, fault_cap;
} Work;

/* ---- faults ---- */

static void fault(Work *w, int row, Column column, const char *key, Str arg)
{
    if (w->fault_n == w->fault_cap) {
        int cap = w->fault_cap ? w->fault_cap * 2 : 64;
        Fault *more = NEW_N(w->arena, Fault, (size_t)cap);
        for (int i = 0; i < w->fault_n; i++)
            more[i] = w->faults[i];
        w->faults = more;
        w->fault_cap = cap;
    }
    const UnitRow *r = &w->in->rows[row];
    Str value = column == COL_CODE    ? r->code
                : column == COL_NAME  ? r->name
                : column == COL_LEVEL ? r->kind
                                      : r->parent;
    Fault *f = &w->faults[w->fault_n];
    *f = (Fault){
        {r->row, column_names[column], value, str_of(key), {value, arg}}, (int)column, w->fault_n};
    w->fault_n++;
    w->cells[row].is_bad = true;
    if (w->cells[row].node >= 0)
        w->nodes[w->cells[row].node].is_bad = true;
}

static int fault_order(const void *a, const void *b)
{
    const Fault *x = a, *y = b;
    if (x->f.row != y->f.row)
        return x->f.row < y->f.row ? -1 : 1;
    return x->column != y->column ? x->column - y->column : x->seq - y->seq;
}

static void hand_faults(Work *w)
{
    w->in->fault_n = 0;
    if (!w->fault_n)
        return;
    qsort(w->faults, (size_t)w->fault_n, sizeof *w->faults, fault_order);
    w->in->faults = NEW_N(w->arena, UnitFault, (size_t)w->fault_n);
    for (int i = 0; i < w->fault_n; i++)
        w->in->faults[i] = w->faults[i].f;
    w->in->fault_n = w->fault_n;
}

/* The nearest row at or above a node; -1 none. A fault of a unit not in the file is told there. */
static int blame(const Work *w, int node)
{
    for (int i = 0; node >= 0 && i <= w->node_n; i++, node = w->nodes[node].parent)
        if (w->nodes[node].row >= 0)
            return w->nodes[node].row;
    return -1;
}

/* ---- cells ---- */

static bool code_ok(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              c == '-' || c == '_' || c == '.'))
            return false;
    }
    return true;
}

static bool name_ok(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return false;
    return true;
}

static Str kind_names(const Work *w)
{
    Buf b = {.arena = w->arena};
    for (int i = 0; i < w->model->kind_n; i++) {
        buf_z(&b, i ? ", " : "");
        buf_str(&b, w->model->kinds[i].name);
    }
    return buf_view(&b);
}

static void read_cells(Work *w, int row, Str kinds)
{
    const UnitRow *r = &w->in->rows[row];
    Cells *c = &w->cells[row];
    *c = (Cells){.code = str_trim(r->code),
                 .name = text_normal(w->arena, str_trim(r->name)),
                 .parent = str_trim(r->parent),
                 .kind = -1,
                 .node = -1};
    const UnitKind *kind = model_unit_kind(w->model, str_trim(r->kind));
    if (c->code.n == 0)
        fault(w, row, COL_CODE, "import.code_empty", STR_NONE);
    else if (c->code.n > LIMIT_CODE_CHARS)
        fault(w, row, COL_CODE, "import.code_long", str_fmt(w->arena, "%d", LIMIT_CODE_CHARS));
    else if (!code_ok(c->code))
        fault(w, row, COL_CODE, "import.code_form", STR_NONE);
    else
        c->is_coded = true;
    if (c->name.n == 0)
        fault(w, row, COL_NAME, "import.name_empty", STR_NONE);
    else if (utf8_count(c->name) > LIMIT_NAME_CHARS)
        fault(w, row, COL_NAME, "import.name_long", str_fmt(w->arena, "%d", LIMIT_NAME_CHARS));
    else if (!name_ok(c->name))
        fault(w, row, COL_NAME, "import.name_form", STR_NONE);
    if (kind)
        c->kind = kind->ix;
    else
        fault(w, row, COL_LEVEL,
              str_trim(r->kind).n ? "import.level_unknown" : "import.level_empty", kinds);
}

/* ---- rows to nodes ---- */

/* The row with a code, -1 none; `put` is entered when there was none. */
static int find_row(Work *w, Str code, int put)
{
    uint64_t h = str_hash(code) & w->mask;
    for (; w->slots[h]; h = (h + 1) & w->mask)
        if (str_eq(w->cells[w->slots[h] - 1].code, code))
            return w->slots[h] - 1;
    if (put >= 0)
        w->slots[h] = put + 1;
    return -1;
}

static void place_old(Work *w)
{
    for (int i = 0; i < w->old->unit_n; i++) {
        Node *n = &w->nodes[w->node_n++];
        *n = (Node){.u = w->old->units[i], .parent = w->old->units[i].parent_ix, .row = -1};
        n->u.code =
            str_copy(w->arena, n->u.code); /* the old tree may go before the plan is applied */
        n->u.name = str_copy(w->arena, n->u.name);
    }
}

static void place_rows(Work *w)
{
    for (int row = 0; row < w->in->row_n; row++) {
        Cells *c = &w->cells[row];
        if (!c->is_coded)
            continue;
        int first = find_row(w, c->code, row);
        if (first >= 0) {
            fault(w, row, COL_CODE, "import.code_twice",
                  str_fmt(w->arena, "%lld", (long long)w->in->rows[first].row));
            continue;
        }
        const Unit *u = tree_unit_coded(w->old, c->code);
        c->node = u ? u->ix : w->node_n++;
        Node *n = &w->nodes[c->node];
        if (!u)
            *n = (Node){.u = {.code = c->code, .opened = w->in->today, .closed = DAY_NONE},
                        .parent = -1};
        n->row = row;
        n->u.name = c->name;
        n->u.kind = c->kind;
        n->is_bad = c->is_bad;
    }
}

static int find_node(Work *w, Str code)
{
    int row = find_row(w, code, -1);
    if (row >= 0)
        return w->cells[row].node;
    const Unit *u = tree_unit_coded(w->old, code);
    return u ? u->ix : -1;
}

/* ---- parents, the root ---- */

static bool may_be_root(const Work *w, int kind)
{
    return kind >= 0 && w->model->kinds[kind].may_be_root && access_root_role(w->model, kind) >= 0;
}

/* Of the rows whose parent is nowhere: the one of the highest kind, the first of them. */
static int choose_root(const Work *w, int *ret_n)
{
    int best = -1, n = 0;
    for (int row = 0; row < w->in->row_n; row++) {
        int node = w->cells[row].node;
        if (node < 0 || w->nodes[node].parent >= 0)
            continue;
        n++;
        bool is_fit = may_be_root(w, w->nodes[node].u.kind);
        bool best_fit = best >= 0 && may_be_root(w, w->nodes[best].u.kind);
        if (best < 0 || (is_fit && (!best_fit || w->nodes[node].u.kind < w->nodes[best].u.kind)))
            best = node;
    }
    *ret_n = n;
    return best >= 0 && (n == 1 || may_be_root(w, w->nodes[best].u.kind)) ? best : -1;
}

static void find_parents(Work *w)
{
    for (int row = 0; row < w->in->row_n; row++) {
        Cells *c = &w->cells[row];
        if (c->node < 0)
            continue;
        Node *n = &w->nodes[c->node];
        n->parent = c->parent.n ? find_node(w, c->parent) : -1;
        if (n->parent == c->node) {
            n->parent = -1;
            fault(w, row, COL_PARENT, "import.parent_self", STR_NONE);
        } else if (c->node == 0 && w->old->unit_n && n->parent >= 0) {
            n->parent = -1;
            fault(w, row, COL_PARENT, "import.root_moves", STR_NONE);
        }
    }
    int candidates = 0;
    w->root = w->old->unit_n ? 0 : choose_root(w, &candidates);
    for (int row = 0; row < w->in->row_n; row++) {
        int node = w->cells[row].node;
        if (node < 0 || node == w->root || w->nodes[node].parent >= 0)
            continue;
        bool is_self = w->cells[row].parent.n && find_node(w, w->cells[row].parent) == node;
        if (!is_self)
            fault(w, row, COL_PARENT,
                  w->cells[row].parent.n ? "import.parent_unknown" : "import.parent_empty",
                  w->root >= 0 ? w->nodes[w->root].u.name : S("?"));
    }
}

static bool is_same(const Work *w, int node)
{
    const Unit *was = &w->old->units[node];
    const Node *n = &w->nodes[node];
    return str_eq(was->name, n->u.name) && was->kind == n->u.kind && was->parent_ix == n->parent;
}

/* A merged unit stays closed whatever an old file says of it: a row that says what is there is
 * fine, any other is told; and nothing new comes below it. */
static void check_closed(Work *w)
{
    for (int row = 0; row < w->in->row_n; row++) {
        int node = w->cells[row].node;
        if (node < 0)
            continue;
        const Node *n = &w->nodes[node];
        bool is_old = node < w->old->unit_n;
        if (is_old && access_is_closed(&w->old->units[node])) {
            int to = w->old->units[node].successor_ix;
            if (!is_same(w, node))
                fault(w, row, COL_CODE, "import.unit_merged",
                      to >= 0 ? w->old->units[to].name : S("?"));
            continue;
        }
        if (n->parent < 0 || n->parent >= w->old->unit_n)
            continue;
        const Unit *up = &w->old->units[n->parent];
        bool is_moved = !is_old || w->old->units[node].parent_ix != n->parent;
        if (is_moved && access_is_closed(up))
            fault(w, row, COL_PARENT, "import.parent_merged",
                  up->successor_ix >= 0 ? w->old->units[up->successor_ix].name : S("?"));
    }
}

/* Circles: every row of one is at fault. seen[]: 0 not yet, else 1 + the node whose walk came by.
 */
static void find_circles(Work *w)
{
    int *seen = NEW_N(w->arena, int, (size_t)w->node_n);
    for (int i = 0; i < w->node_n; i++) {
        int at = i;
        while (at >= 0 && !seen[at]) {
            seen[at] = i + 1;
            at = w->nodes[at].parent;
        }
        if (at < 0 || seen[at] != i + 1)
            continue;
        int stop = at;
        do { /* it came back to where this walk had been */
            int next = w->nodes[at].parent;
            if (w->nodes[at].row >= 0)
                fault(w, w->nodes[at].row, COL_PARENT, "import.circle", STR_NONE);
            w->nodes[at].is_bad = true;
            at = next;
        } while (at != stop);
    }
}

/* ---- levels ---- */

static void check_level(Work *w, int i)
{
    const Node *n = &w->nodes[i];
    if (i == w->root) {
        if (n->row >= 0 && n->u.kind >= 0 && !may_be_root(w, n->u.kind))
            fault(w, n->row, COL_LEVEL, "import.root_kind", n->u.name);
        return;
    }
    if (n->is_bad || n->parent < 0 || w->nodes[n->parent].is_bad)
        return;
    if (access_is_closed(&n->u))
        return; /* below its successor, which is of its own kind */
    const Unit *up = &w->nodes[n->parent].u;
    if (w->model->kinds[n->u.kind].under >> up->kind & 1)
        return;
    if (n->row >= 0)
        fault(w, n->row, COL_LEVEL, "import.level_under",
              str_fmt(w->arena, "%.*s (%.*s)", STR_ARG(up->name),
                      STR_ARG(w->model->kinds[up->kind].name)));
    else if (blame(w, n->parent) >= 0)
        fault(w, blame(w, n->parent), COL_LEVEL, "import.level_children", n->u.name);
}

static void check_depth(Work *w, int i)
{
    int depth = 0;
    for (int at = i; at >= 0 && depth <= LIMIT_UNIT_DEPTH; at = w->nodes[at].parent, depth++)
        if (w->nodes[at].is_bad)
            return; /* told already; it may be a circle */
    if (depth > LIMIT_UNIT_DEPTH && blame(w, i) >= 0)
        fault(w, blame(w, i), COL_PARENT, "import.too_deep",
              str_fmt(w->arena, "%d", LIMIT_UNIT_DEPTH));
}

/* A unit may become another kind only while the roles of its seats sit there too. */
static int check_seats(Work *w, Tx *tx, Err *e)
{
    bool has_change = false;
    for (int i = 0; i < w->old->unit_n; i++)
        has_change = has_change || w->nodes[i].u.kind != w->old->units[i].kind;
    if (!has_change)
        return 0;
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_all_seats));
    while ((rc = stmt_step(s, e)) == 1) {
        const Unit *u = tree_unit(w->old, col_i64(s, 1));
        const Role *role = model_role(w->model, col_str(s, 2));
        if (!u || !role || w->nodes[u->ix].u.kind == u->kind || w->nodes[u->ix].u.kind < 0)
            continue;
        if (!(role->at >> w->nodes[u->ix].u.kind & 1) && !w->nodes[u->ix].is_bad)
            fault(w, w->nodes[u->ix].row, COL_LEVEL, "import.level_seats", u->name);
    }
    return rc;
}

/* ---- the plan ---- */

static void count_rows(Work *w)
{
    for (int row = 0; row < w->in->row_n; row++) {
        int node = w->cells[row].node;
        if (node < 0 || w->nodes[node].is_bad)
            continue;
        if (node >= w->old->unit_n)
            w->in->new_n++;
        else if (is_same(w, node))
            w->in->same_n++;
        else
            w->in->changed_n++;
    }
}

static int order_cmp(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Places in an order that is right among siblings: the file's where it names all children of a
 * unit, else those that were there as they were and the newcomers behind them. */
static int *sibling_order(const Work *w)
{
    size_t n = (size_t)w->node_n;
    int *missing = NEW_N(w->arena, int, n);
    int64_t *keys = NEW_N(w->arena, int64_t, n);
    int *order = NEW_N(w->arena, int, n);
    for (int i = 0; i < w->node_n; i++)
        if (w->nodes[i].row < 0 && w->nodes[i].parent >= 0)
            missing[w->nodes[i].parent]++;
    for (int i = 0; i < w->node_n; i++) {
        const Node *node = &w->nodes[i];
        bool stays = i < w->old->unit_n && w->old->units[i].parent_ix == node->parent;
        int64_t key = node->parent < 0         ? 0
                      : !missing[node->parent] ? node->row
                      : stays                  ? i
                                               : LIMIT_UNITS + node->row;
        keys[i] = key * (2 * LIMIT_UNITS) + i;
    }
    qsort(keys, n, sizeof *keys, order_cmp);
    for (int i = 0; i < w->node_n; i++)
        order[i] = (int)(keys[i] % (2 * LIMIT_UNITS));
    return order;
}

static bool lay_plan(Work *w, UnitPlan *p)
{
    size_t n = (size_t)w->node_n;
    int *order = sibling_order(w), *place = NEW_N(w->arena, int, n),
        *parents = NEW_N(w->arena, int, n);
    Unit *units = NEW_N(w->arena, Unit, n);
    int64_t id = 0;
    for (int i = 0; i < w->old->unit_n; i++)
        id = w->old->units[i].id > id ? w->old->units[i].id : id;
    p->first_new = id + 1;
    for (int i = 0; i < w->node_n; i++) {
        place[order[i]] = i;
        if (i >= w->old->unit_n)
            w->nodes[i].u.id = ++id;
    }
    for (int i = 0; i < w->node_n; i++) {
        const Node *node = &w->nodes[order[i]];
        units[i] = node->u;
        parents[i] = node->parent < 0 ? -1 : place[node->parent];
    }
    if (!access_tree_lay(w->arena, units, parents, w->node_n, &p->tree))
        return false;
    Unit *laid = (Unit *)(uintptr_t)p->tree.units; /* ours until the plan is handed over */
    for (int i = 0; i < p->tree.unit_n; i++)
        laid[i].successor_ix = access_is_closed(&laid[i]) ? laid[i].parent_ix : -1;
    return true;
}

/* Counties, order among siblings, what is new and what has changed. */
static void mark_plan(Work *w, UnitPlan *p)
{
    const UnitKind *county = model_unit_kind(w->model, S("county"));
    Unit *units = (Unit *)(uintptr_t)p->tree.units; /* ours until the plan is handed over */
    int *children = NEW_N(w->arena, int, (size_t)w->node_n),
        *ords = NEW_N(w->arena, int, (size_t)w->node_n);
    int *old_ords = NEW_N(w->arena, int, (size_t)w->node_n);
    char *marks = NEW_N(w->arena, char, (size_t)w->node_n);
    for (int i = 1; i < w->old->unit_n; i++)
        old_ords[i] = children[w->old->units[i].parent_ix]++;
    memset(children, 0, sizeof *children * (size_t)w->node_n);
    for (int i = 0; i < w->node_n; i++) {
        Unit *u = &units[i];
        bool is_own = u->parent_ix < 0 || (county && u->kind == county->ix);
        u->county = is_own ? u->id : units[u->parent_ix].county;
        ords[i] = u->parent_ix < 0 ? 0 : children[u->parent_ix]++;
        const Unit *was = u->id < p->first_new ? tree_unit(w->old, u->id) : NULL;
        int64_t parent = u->parent_ix < 0 ? 0 : units[u->parent_ix].id;
        int64_t was_under = was && was->parent_ix >= 0 ? w->old->units[was->parent_ix].id : 0;
        bool is_moved = was && parent != was_under;
        bool is_kept = was && !is_moved && was->kind == u->kind && was->county == u->county;
        marks[i] = !was ? UNIT_NEW
                   : is_kept && str_eq(was->name, u->name) && old_ords[was->ix] == ords[i]
                       ? UNIT_SAME
                       : UNIT_CHANGED;
        p->is_moved = p->is_moved || is_moved;
        p->is_shaped = p->is_shaped || !is_kept;
    }
    p->ords = ords;
    p->marks = marks;
    p->model = w->model;
}

static int ids_above(const Tree *t, int64_t unit, int64_t *ret)
{
    int n = 0;
    for (int ix = tree_unit(t, unit)->parent_ix; ix >= 0; ix = t->units[ix].parent_ix)
        ret[n++] = t->units[ix].id; /* LIMIT_UNIT_DEPTH */
    return n;
}

UnitMove access_unit_move(const Tree *was, const Tree *is, int64_t unit)
{
    UnitMove m = {.unit = unit};
    m.was_n = ids_above(was, unit, m.was);
    m.is_n = ids_above(is, unit, m.is);
    return m;
}

static void list_moves(Work *w, const UnitPlan *p)
{
    UnitImport *in = w->in;
    in->after = &p->tree;
    in->move_n = 0;
    in->moves = p->is_moved ? NEW_N(w->arena, UnitMove, (size_t)w->old->unit_n) : NULL;
    for (int i = 0; p->is_moved && i < w->old->unit_n; i++) {
        const Unit *was = &w->old->units[i], *is = tree_unit(&p->tree, was->id);
        int64_t above = was->parent_ix < 0 ? 0 : w->old->units[was->parent_ix].id;
        if (above != (is->parent_ix < 0 ? 0 : p->tree.units[is->parent_ix].id))
            in->moves[in->move_n++] = access_unit_move(w->old, &p->tree, was->id);
    }
}

static void put_text(Buf *b, Str s)
{
    buf_z(b, ",\"");
    for (size_t i = 0; i < s.n; i++) { /* no control characters: name_ok, code_ok */
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_byte(b, '\\');
        buf_byte(b, s.p[i]);
    }
    buf_byte(b, '"');
}

static void write_new_rows(Work *w, UnitPlan *p)
{
    Buf b = {.arena = w->arena};
    for (int i = 0; i < p->tree.unit_n; i++) {
        const Unit *u = &p->tree.units[i];
        if (p->marks[i] != UNIT_NEW)
            continue;
        buf_fmt(&b, "%s[%lld,", p->has_new ? ",\n" : "[", (long long)u->id);
        if (u->parent_ix < 0)
            buf_z(&b, "null");
        else
            buf_i64(&b, p->tree.units[u->parent_ix].id);
        put_text(&b, p->model->kinds[u->kind].name);
        put_text(&b, u->code);
        put_text(&b, u->name);
        buf_fmt(&b, ",%d,%lld,%d]", u->opened, (long long)u->county, p->ords[i]);
        p->has_new = true;
    }
    buf_z(&b, p->has_new ? "]" : "[]");
    p->new_rows = buf_view(&b);
}

static int plan_units(Work *w, Tx *tx, Err *e)
{
    Str kinds = kind_names(w);
    for (int row = 0; row < w->in->row_n; row++)
        read_cells(w, row, kinds);
    place_old(w);
    place_rows(w);
    if (w->node_n > LIMIT_UNITS)
        return err_set(e, ERR_LIMIT, "import.too_many_units", err_int(e, LIMIT_UNITS));
    find_parents(w);
    check_closed(w);
    find_circles(w);
    for (int i = 0; i < w->node_n; i++)
        check_level(w, i);
    for (int i = 0; i < w->node_n; i++)
        check_depth(w, i);
    TRY(check_seats(w, tx, e));
    count_rows(w);
    hand_faults(w);
    w->in->plan = NULL;
    w->in->after = NULL;
    if (w->fault_n)
        return 0;
    UnitPlan *p = NEW(w->arena, UnitPlan);
    CHECK(lay_plan(w, p)); /* one root, no circle, not too deep: all proved above */
    mark_plan(w, p);
    write_new_rows(w, p);
    list_moves(w, p);
    w->in->plan = p;
    return 0;
}

int access_prepare_units(Access *ac, Arena *a, Tx *tx, UnitImport *in, Err *e)
{
    if (in->row_n <= 0)
        return err_set(e, ERR_INVALID, "import.no_rows");
    if (in->row_n > LIMIT_IMPORT_UNITS)
        return err_set(e, ERR_LIMIT, "import.too_many_rows", err_int(e, LIMIT_IMPORT_UNITS));
    TRY(access_tree_refresh(ac, tx, e));
    const Tree *old = access_tree_hold(ac);
    size_t size = 64, rows = (size_t)in->row_n;
    while (size < rows * 2)
        size *= 2;
    Work w = {.arena = a,
              .model = ac->model,
              .old = old,
              .in = in,
              .cells = NEW_N(a, Cells, rows),
              .nodes = NEW_N(a, Node, rows + (size_t)old->unit_n),
              .slots = NEW_N(a, int, size),
              .mask = size - 1,
              .root = -1};
    in->new_n = in->changed_n = in->same_n = 0;
    in->today = env_today(ac->env);
    in->tree_number = old->number;
    int rc = plan_units(&w, tx, e);
    access_tree_drop(ac, old);
    return rc;
}

/* ---- apply ---- */

static int add_units(Tx *tx, const UnitPlan *p, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_add_units));
    bind_str(s, 1, p->new_rows);
    return stmt_run(s, e);
}

static int set_unit(Tx *tx, const UnitPlan *p, int i, Err *e)
{
    const Unit *u = &p->tree.units[i];
    Stmt *s = tx_sql(tx, SQL(access_set_unit));
    if (u->parent_ix < 0)
        bind_null(s, 1);
    else
        bind_i64(s, 1, p->tree.units[u->parent_ix].id);
    bind_str(s, 2, p->model->kinds[u->kind].name);
    bind_str(s, 3, u->name);
    bind_i64(s, 4, u->county);
    bind_i64(s, 5, p->ords[i]);
    bind_i64(s, 6, u->id);
    return stmt_run(s, e);
}

static int write_above(Tx *tx, const UnitPlan *p, Err *e)
{
    if (p->is_moved)
        TRY(stmt_run(tx_sql(tx, SQL(access_drop_unit_above)), e));
    return access_run_id(tx, SQL(access_add_unit_above), p->is_moved ? 0 : p->first_new, e);
}

int access_apply_units(Tx *tx, void *unit_import, Err *e)
{
    const UnitImport *in = unit_import;
    const UnitPlan *p = in->plan;
    CHECK(p && in->fault_n == 0 && tx_is_write(tx));
    TRY(access_tree_same(tx, in->tree_number, e));
    int written = 0;
    if (p->has_new)
        TRY(add_units(tx, p, e)); /* first: what is there may move below them */
    for (int i = 0; i < p->tree.unit_n; i++) {
        if (p->marks[i] == UNIT_CHANGED)
            TRY(set_unit(tx, p, i, e));
        written += p->marks[i] != UNIT_SAME;
    }
    if (!written)
        return 0;
    if (p->is_shaped) {
        TRY(write_above(tx, p, e));
        TRY(access_refit_seats(tx, &p->tree, p->model, e));
        TRY(stmt_run(tx_sql(tx, SQL(access_raise_all)), e));
    }
    return access_set_tree_number(tx, in->tree_number + 1, e);
}
