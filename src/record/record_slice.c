/* record_slice.c: the heads of a slice of the tree: units' own index ranges merged, open states by
 * the partial index. A unit is left as soon as its next head is worse than the k-th best.
 *                                                                                DESIGN: Who may */
#include <stdlib.h>

#include "record/record_walk.h"

enum {
    OPEN_UNITS_MIN = 8, /* a slice of fewer units reads its own ranges for open states too */
    PG_CHUNK_MAX = 2048,
};

static int walk_chunk(const Walk *w)
{
    if (w->rs->engine == ENGINE_SQLITE)
        return INT32_MAX; /* stepped lazily */
    int n = w->into->k * 4 + 16;
    return n < PG_CHUNK_MAX ? n : PG_CHUNK_MAX;
}

static void bind_key(Stmt *s, int ix, Day day, Uuid id)
{
    bind_i64(s, ix, day);
    bind_uuid(s, ix + 1, id);
}

/* Steps one statement over (at_day, id, state, unit, ...) rows of one unit or many.
 * Answers how many rows it gave; *ret_full: it stopped because the rest is worse. */
static int take_unit_rows(Walk *w, Stmt *s, uint32_t mask, Head *ret_last, bool *ret_full, Err *e)
{
    int rows = 0, rc;
    *ret_full = false;
    while ((rc = stmt_step(s, e)) > 0) {
        rows++;
        Head h = {.at_day = col_day(s, 0), .id = col_uuid(s, 1), .unit = col_i64(s, 3)};
        h.state = walk_state(w, col_i64(s, 2), e);
        if (h.state < 0)
            return h.state;
        *ret_last = h;
        bool is_wanted = mask >> h.state & 1;
        if (walk_is_past_day(w, h.at_day) ||
            (is_wanted ? !walk_put(w, &h) : walk_is_behind(w, &h))) {
            *ret_full = true;
            stmt_reset(s);
            return rows;
        }
    }
    return rc < 0 ? rc : rows;
}

/* One unit's range, from behind `last` on. */
static int walk_unit(Walk *w, int64_t unit, uint32_t mask, Head last, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(w->tx, w->rs->sql[w->type->ix].heads_unit[w->back], &s, e));
    int chunk = walk_chunk(w);
    for (;;) {
        bool full;
        bind_i64(s, 1, unit);
        bind_key(s, 2, last.at_day, last.id);
        bind_i64(s, 4, chunk);
        int n = take_unit_rows(w, s, mask, &last, &full, e);
        if (n < 0)
            return n;
        if (full || n < chunk)
            return 0;
    }
}

/* The newest wanted row of one unit alone; 1 and *ret_head when there is one that is not behind. */
static int first_of_unit(Walk *w, int64_t unit, uint32_t mask, Head *ret_head, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(w->tx, w->rs->sql[w->type->ix].heads_unit[w->back], &s, e));
    bind_i64(s, 1, unit);
    bind_key(s, 2, w->key_day, w->key_id);
    bind_i64(s, 4, INT32_MAX);
    int rc, found = 0;
    while (!found && (rc = stmt_step(s, e)) > 0) {
        Head h = {.at_day = col_day(s, 0), .id = col_uuid(s, 1), .unit = col_i64(s, 3)};
        h.state = walk_state(w, col_i64(s, 2), e);
        if (h.state < 0)
            return h.state;
        if (walk_is_past_day(w, h.at_day) || walk_is_behind(w, &h))
            break;
        if (mask >> h.state & 1) {
            *ret_head = h;
            found = 1;
        }
    }
    if (!found && rc < 0)
        return rc;
    stmt_reset(s);
    return found;
}

static int by_newest_bound(const void *x, const void *y)
{
    const Bound *a = x, *b = y;
    if (a->day != b->day)
        return a->day > b->day ? -1 : 1;
    return -uuid_cmp(a->id, b->id);
}

/* A unit nobody has asked about since the start: its newest record, whatever its state. */
static int learn_bound(Walk *w, Bound *b, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(w->tx, w->rs->sql[w->type->ix].heads_unit[0], &s, e));
    bind_i64(s, 1, b->unit);
    bind_key(s, 2, INT32_MAX, (Uuid){{0}});
    bind_i64(s, 4, 1);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    b->day = rc ? col_day(s, 0) : INT32_MIN;
    b->id = rc ? col_uuid(s, 1) : (Uuid){{0}};
    if (rc)
        stmt_reset(s);
    newest_learn(w->rs->newest, w->type->ix, b->unit, b->day, b->id);
    return 0;
}

/* Units by their bounds, newest first; a page that goes on from a cursor takes them as is. */
static int order_units(Walk *w, Bound *list, int n, Err *e)
{
    bool is_first_page = w->key_day == INT32_MAX && !w->back;
    if (!is_first_page || !w->rs->newest) {
        for (int i = 0; i < n; i++)
            list[i].day = INT32_MAX; /* never behind */
        return 0;
    }
    newest_get(w->rs->newest, w->type->ix, list, n);
    for (int i = 0; i < n; i++)
        if (!list[i].is_known)
            TRY(learn_bound(w, &list[i], e));
    qsort(list, (size_t)n, sizeof *list, by_newest_bound);
    return 0;
}

/* Units one after another (SQLite). The first row of each settles which units matter at all: at
 * most k go on, whatever order the units stand in; where bounds are known, the others rest. */
static int walk_units_in(Walk *w, Bound *list, int unit_n, uint32_t mask, Err *e)
{
    Head *heads = NEW_N(tx_arena(w->tx), Head, (size_t)unit_n + 1);
    int n = 0;
    TRY(order_units(w, list, unit_n, e));
    for (int i = 0; i < unit_n; i++) {
        Head bound = {.at_day = list[i].day, .id = list[i].id};
        if (!w->back && walk_is_behind(w, &bound))
            break; /* and so are all after it */
        int rc = first_of_unit(w, list[i].unit, mask, &heads[n], e);
        if (rc < 0)
            return rc;
        if (rc)
            (void)walk_put(w, &heads[n++]); /* not behind: it was asked */
    }
    for (int i = 0; i < n; i++)
        if (!walk_is_behind(w, &heads[i]))
            TRY(walk_unit(w, heads[i].unit, mask, heads[i], e));
    return 0;
}

static int walk_units(Walk *w, int from, int to, uint32_t mask, Err *e)
{
    const Unit *units = w->reader->tree->units;
    size_t mark = arena_mark(tx_arena(w->tx)); /* a list may be walked in many steps */
    int n = 0;
    for (int i = from; i < to; i++)
        n += w->type->at >> units[i].kind & 1 ? 1 : 0;
    Bound *list = NEW_N(tx_arena(w->tx), Bound, (size_t)n + 1);
    n = 0;
    for (int i = from; i < to; i++)
        if (w->type->at >> units[i].kind & 1)
            list[n++].unit = units[i].id;
    int rc = walk_units_in(w, list, n, mask, e);
    arena_rewind(tx_arena(w->tx), mark);
    return rc;
}

/* PostgreSQL: all units below one in one statement; states filtered there, one round is enough. */
static int walk_many(Walk *w, int64_t above, uint32_t mask, Err *e)
{
    Stmt *s;
    Str text = query_heads_many(tx_arena(w->tx), w->type, mask, w->back);
    TRY(tx_prepare(w->tx, text, &s, e));
    bind_i64(s, 1, above);
    bind_key(s, 2, w->key_day, w->key_id);
    bind_i64(s, 4, w->into->k);
    Head last;
    bool full;
    int n = take_unit_rows(w, s, mask, &last, &full, e);
    return n < 0 ? n : 0;
}

/* Open work: the partial index of one state over all units, units filtered here. */
static int walk_open(Walk *w, int state, int from_ix, int to_ix, int64_t above, Err *e)
{
    const TypeSql *sql = &w->rs->sql[w->type->ix];
    bool below = w->rs->engine == ENGINE_PG;
    Stmt *s;
    TRY(tx_prepare(w->tx, below ? sql->heads_open_many[w->back] : sql->heads_open[w->back], &s, e));
    bind_i64(s, 1, w->type->states[state].number);
    bind_key(s, 2, w->key_day, w->key_id);
    bind_i64(s, 4, below ? w->into->k : INT32_MAX);
    if (below)
        bind_i64(s, 5, above);
    int rc;
    while ((rc = stmt_step(s, e)) > 0) {
        const Unit *u = tree_unit(w->reader->tree, col_i64(s, 3));
        Head h = {.at_day = col_day(s, 0), .id = col_uuid(s, 1), .state = state};
        if (walk_is_past_day(w, h.at_day))
            break;
        if (!u || u->ix < from_ix || u->ix >= to_ix)
            continue;
        h.unit = u->id;
        if (!walk_put(w, &h))
            break;
    }
    stmt_reset(s);
    return rc < 0 ? rc : 0;
}

int walk_slice(Walk *w, const Source *src, Err *e)
{
    int from = src->from_ix > w->from_ix ? src->from_ix : w->from_ix;
    int to = src->to_ix < w->to_ix ? src->to_ix : w->to_ix;
    uint32_t all = (uint32_t)((UINT64_C(1) << w->type->state_n) - 1);
    uint32_t mask = src->states & w->states & all;
    if (from >= to || !mask)
        return 0;
    const Unit *units = w->reader->tree->units;
    int n = to - from;
    bool is_open_only = !(mask & ~w->type->open_states), is_whole = units[from].end_ix == to;
    if (n == 1)
        return walk_unit(w, units[from].id, mask, (Head){.at_day = w->key_day, .id = w->key_id}, e);
    if (is_open_only && n >= OPEN_UNITS_MIN && is_whole) {
        for (int i = 0; i < w->type->state_n; i++)
            if (mask >> i & 1)
                TRY(walk_open(w, i, from, to, units[from].id, e));
        return 0;
    }
    if (w->rs->engine == ENGINE_SQLITE)
        return walk_units(w, from, to, mask, e);
    if (is_whole)
        return walk_many(w, units[from].id, mask, e);
    for (int i = from; i < to; i++)
        TRY(walk_unit(w, units[i].id, mask, (Head){.at_day = w->key_day, .id = w->key_id}, e));
    return 0;
}
