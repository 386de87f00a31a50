/* record_list.c: lists that never sort a subtree.
 *
 * Each arm is asked for its newest heads (day, id) behind the cursor: a slice of units by merging
 * the heads of the units' own index ranges, the author by his own index, open states by the partial
 * index. The best k of all are kept in a small sorted array; a unit is left as soon as its next
 * head is worse than the k-th. Arms are merged and freed of doubles by id, never joined by OR. A
 * count needs no order and no merging: unit arms overlap nowhere (access_see), so it adds them up,
 * and of what the reader wrote only what no unit arm covers.  DESIGN: Who may */
#include <stdlib.h>

#include "record/record_int.h"

enum {
    OPEN_UNITS_MIN = 8, /* a slice of fewer units reads its own ranges for open states too */
    PG_CHUNK_MAX = 2048,
    DAY_MIN = -1000000, /* of a cursor; no date of ours is beyond */
    DAY_MAX = 3000000,
    FILTER_CHUNK = 1000, /* heads read at once under a filter, after a first page's worth */
};

typedef struct Head {
    Day at_day;
    Uuid id;
    int64_t unit;
    int state;
} Head;

/* The best k heads so far, best first. */
typedef struct Top {
    Head *list;
    int n, k;
    bool back;
} Top;

typedef struct Walk {
    Records *rs;
    Tx *tx;
    const Reader *reader;
    const ListQuery *q;
    const Type *type;
    Arms see;
    uint32_t states;    /* wanted */
    int from_ix, to_ix; /* units wanted */
    Day key_day;        /* the cursor */
    Uuid key_id;
    bool back;
    bool has_day; /* only this day is wanted: a filter on the dated field */
    Day day;
    Top top;
    int stop, counted; /* stop > 0: counts instead of keeping */
    Arms unit_arms;    /* counting: what is covered without having written it */
} Walk;

static int head_cmp(const Head *x, const Head *y, bool back)
{
    int c = x->at_day != y->at_day ? (x->at_day < y->at_day ? -1 : 1) : uuid_cmp(x->id, y->id);
    return back ? c : -c;
}

/* false: worse than all of a full list, so its source has nothing more to give. */
static bool top_put(Top *t, const Head *h)
{
    if (t->n == t->k && head_cmp(h, &t->list[t->n - 1], t->back) > 0)
        return false;
    int lo = 0, hi = t->n;
    while (lo < hi) {
        int mid = (lo + hi) / 2, c = head_cmp(h, &t->list[mid], t->back);
        if (!c)
            return true; /* another arm brought it already */
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    int move = (t->n == t->k ? t->n - 1 : t->n) - lo;
    memmove(&t->list[lo + 1], &t->list[lo], (size_t)move * sizeof(Head));
    t->list[lo] = *h;
    if (t->n < t->k)
        t->n++;
    return true;
}

/* Worse than all that is kept, and so is what comes after it in its source. */
static bool is_behind(const Walk *w, const Head *h)
{
    const Top *t = &w->top;
    return !w->stop && t->n == t->k && head_cmp(h, &t->list[t->n - 1], t->back) > 0;
}

/* Counted or kept; false: nothing behind it in its source is wanted. */
static bool put(Walk *w, const Head *h)
{
    if (!w->stop)
        return top_put(&w->top, h);
    if (w->counted == w->stop)
        return false;
    w->counted++;
    return true;
}

static bool is_past_day(const Walk *w, Day day)
{
    return w->has_day && (w->back ? day > w->day : day < w->day);
}

static int chunk_of(const Walk *w)
{
    if (w->rs->engine == ENGINE_SQLITE)
        return INT32_MAX; /* stepped lazily */
    int n = w->stop ? w->stop : w->top.k * 4 + 16;
    return n < PG_CHUNK_MAX ? n : PG_CHUNK_MAX;
}

static void bind_key(Stmt *s, int ix, Day day, Uuid id)
{
    bind_i64(s, ix, day);
    bind_uuid(s, ix + 1, id);
}

static int state_of(const Walk *w, int64_t number, Err *e)
{
    const State *st = type_state_numbered(w->type, number);
    return st ? st->ix : err_set(e, ERR_CORRUPT, "record.bad_state", err_int(e, number));
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
        h.state = state_of(w, col_i64(s, 2), e);
        if (h.state < 0)
            return h.state;
        *ret_last = h;
        bool is_wanted = mask >> h.state & 1;
        if (is_past_day(w, h.at_day) || (is_wanted ? !put(w, &h) : is_behind(w, &h))) {
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
    int chunk = chunk_of(w);
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
        h.state = state_of(w, col_i64(s, 2), e);
        if (h.state < 0)
            return h.state;
        if (is_past_day(w, h.at_day) || is_behind(w, &h))
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
static int walk_units(Walk *w, int from, int to, uint32_t mask, Err *e)
{
    const Unit *units = w->reader->tree->units;
    Head *heads = NEW_N(tx_arena(w->tx), Head, (size_t)(to - from));
    Bound *list = NEW_N(tx_arena(w->tx), Bound, (size_t)(to - from));
    int n = 0, unit_n = 0;
    for (int i = from; i < to; i++)
        if (w->type->at >> units[i].kind & 1)
            list[unit_n++].unit = units[i].id;
    TRY(order_units(w, list, unit_n, e));
    for (int i = 0; i < unit_n; i++) {
        Head bound = {.at_day = list[i].day, .id = list[i].id};
        if (!w->back && is_behind(w, &bound))
            break; /* and so are all after it */
        int rc = first_of_unit(w, list[i].unit, mask, &heads[n], e);
        if (rc < 0)
            return rc;
        if (rc)
            (void)put(w, &heads[n++]); /* not behind: it was asked */
    }
    for (int i = 0; i < n; i++)
        if (!is_behind(w, &heads[i]))
            TRY(walk_unit(w, heads[i].unit, mask, heads[i], e));
    return 0;
}

/* PostgreSQL: all units below one in one statement; states filtered there, one round is enough. */
static int walk_many(Walk *w, int64_t above, uint32_t mask, Err *e)
{
    Stmt *s;
    Str text = query_heads_many(tx_arena(w->tx), w->type, mask, w->back);
    TRY(tx_prepare(w->tx, text, &s, e));
    bind_i64(s, 1, above);
    bind_key(s, 2, w->key_day, w->key_id);
    bind_i64(s, 4, w->top.k);
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
    bind_i64(s, 4, !below ? INT32_MAX : w->stop ? w->stop : w->top.k);
    if (below)
        bind_i64(s, 5, above);
    int rc;
    while ((rc = stmt_step(s, e)) > 0) {
        const Unit *u = tree_unit(w->reader->tree, col_i64(s, 3));
        Head h = {.at_day = col_day(s, 0), .id = col_uuid(s, 1), .state = state};
        if (is_past_day(w, h.at_day))
            break;
        if (!u || u->ix < from_ix || u->ix >= to_ix)
            continue;
        h.unit = u->id;
        if (!put(w, &h))
            break;
    }
    stmt_reset(s);
    return rc < 0 ? rc : 0;
}

/* Units of the slice where the type can stand at all. */
static int units_at(const Walk *w, int from, int to)
{
    int n = 0;
    for (int i = from; i < to; i++)
        if (w->type->at >> w->reader->tree->units[i].kind & 1)
            n++;
    return n;
}

/* Counts at most what is missing to `stop`. `posting` 0: of a unit, or of all below it. */
static int count_of(Walk *w, CountOf of, uint32_t mask, int64_t unit, int64_t posting, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(w->tx, query_count(tx_arena(w->tx), w->type, of, mask), &s, e));
    bind_i64(s, 1, w->stop - w->counted);
    if (of == COUNT_AUTHOR) {
        bind_uuid(s, 2, w->reader->person);
        bind_i64(s, 3, posting);
    } else
        bind_i64(s, 2, unit);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    w->counted += (int)col_i64(s, 0);
    stmt_reset(s);
    return 0;
}

static int walk_slice(Walk *w, const Arm *arm, Err *e)
{
    int from = arm->from_ix > w->from_ix ? arm->from_ix : w->from_ix;
    int to = arm->to_ix < w->to_ix ? arm->to_ix : w->to_ix;
    uint32_t mask = arm->states & w->states;
    if (from >= to || !mask || (w->stop && w->counted == w->stop))
        return 0;
    const Unit *units = w->reader->tree->units;
    int n = to - from;
    bool is_open_only = !(mask & ~w->type->open_states);
    if (w->stop)
        return count_of(w, n == 1 ? COUNT_UNIT : COUNT_BELOW, mask, units[from].id, 0, e);
    if (n == 1)
        return walk_unit(w, units[from].id, mask, (Head){.at_day = w->key_day, .id = w->key_id}, e);
    if (is_open_only && n >= OPEN_UNITS_MIN) {
        for (int i = 0; i < w->type->state_n; i++)
            if (mask >> i & 1)
                TRY(walk_open(w, i, from, to, units[from].id, e));
        return 0;
    }
    int at_n = n > LIMIT_LIST_UNITS ? units_at(w, from, to) : n;
    if (at_n > LIMIT_LIST_UNITS)
        return err_set(e, ERR_LIMIT, "record.too_many_units", err_int(e, at_n),
                       err_int(e, LIMIT_LIST_UNITS));
    if (w->rs->engine == ENGINE_PG)
        return walk_many(w, units[from].id, mask, e);
    return walk_units(w, from, to, mask, e);
}

/* Of what he wrote: some arm shows it; and it is not counted twice. */
static bool is_shown(const Walk *w, int unit_ix, int64_t posting, int state)
{
    Subject s = {.type = w->type,
                 .state = state,
                 .unit_ix = unit_ix,
                 .author = w->reader->person,
                 .posting = posting};
    return unit_ix >= w->from_ix && unit_ix < w->to_ix && access_may(w->reader, w->see, &s) &&
           !(w->unit_arms.n && access_may(w->reader, w->unit_arms, &s));
}

/* What he wrote: his own index; kept when some arm shows it. */
static int walk_author(Walk *w, uint32_t states, Err *e)
{
    Stmt *s;
    bool is_everywhere = !w->from_ix && w->to_ix == w->reader->tree->unit_n;
    if (w->stop && w->reader->post_n == 1 && is_everywhere && !w->unit_arms.n && !w->q->mine)
        return count_of(w, COUNT_AUTHOR, states, 0, w->reader->posts[0].posting, e);
    TRY(tx_prepare(w->tx, w->rs->sql[w->type->ix].heads_author[w->back], &s, e));
    Head last = {.at_day = w->key_day, .id = w->key_id};
    int chunk = chunk_of(w), rc, n;
    do {
        bind_uuid(s, 1, w->reader->person);
        bind_key(s, 2, last.at_day, last.id);
        bind_i64(s, 4, chunk);
        n = 0;
        while ((rc = stmt_step(s, e)) > 0) {
            n++;
            last = (Head){.at_day = col_day(s, 0), .id = col_uuid(s, 1), .unit = col_i64(s, 3)};
            last.state = state_of(w, col_i64(s, 2), e);
            if (last.state < 0)
                return last.state;
            const Unit *u = tree_unit(w->reader->tree, last.unit);
            bool is_past = is_past_day(w, last.at_day);
            if (!is_past && (!(states >> last.state & 1) || !u ||
                             !is_shown(w, u->ix, col_i64(s, 4), last.state)))
                continue;
            if (is_past || !put(w, &last)) {
                stmt_reset(s);
                return 0;
            }
        }
        if (rc < 0)
            return rc;
    } while (n == chunk);
    return 0;
}

static int walk_arms(Walk *w, Err *e)
{
    if (w->q->mine)
        return walk_author(w, w->states, e);
    for (int i = 0; i < w->see.n; i++) {
        const Arm *arm = &w->see.list[i];
        if (arm->column == ARM_UNIT)
            TRY(walk_slice(w, arm, e));
        else if (arm->states & w->states)
            TRY(walk_author(w, arm->states & w->states, e));
    }
    return 0;
}

/* The best k heads behind (key_day, key_id). */
static int walk_heads(Walk *w, Arena *a, int k, Err *e)
{
    if (w->top.k != k)
        w->top = (Top){.list = NEW_N(a, Head, (size_t)k + 1), .k = k, .back = w->back};
    w->top.n = 0;
    return walk_arms(w, e);
}

/* Cursor: "20417.01938c1e-...", the day and id it goes on from. */
static Str cursor_text(Arena *a, Day day, Uuid id)
{
    return str_fmt(a, "%d.%.*s", (int)day, STR_ARG(uuid_text(a, id)));
}

static int cursor_parse(Str s, Day *ret_day, Uuid *ret_id, Err *e)
{
    Str head, tail;
    int64_t day;
    if (!str_cut(s, '.', &head, &tail) || !str_i64(head, &day) || day < DAY_MIN || day > DAY_MAX ||
        !uuid_parse(tail, ret_id))
        return err_field(e, S("after"), "field.not_cursor");
    *ret_day = (Day)day;
    return 0;
}

/* A filter on the day the list is sorted by anyhow reads that day only. It still is a filter: a
 * record without the field stands at the day it was made. */
static void narrow_to_day(Walk *w)
{
    const ListQuery *q = w->q;
    int64_t day = q->filter_value.i;
    if (!q->filter || q->filter != w->type->dated || q->filter_value.tag != VALUE_INT ||
        day < DAY_MIN || day > DAY_MAX)
        return;
    w->has_day = true;
    w->day = (Day)day;
    if (w->back ? w->key_day < w->day : w->key_day > w->day) {
        w->key_day = w->back ? w->day : w->day + 1;
        w->key_id = (Uuid){{0}};
    }
}

static int walk_begin(Records *rs, Arena *a, Tx *tx, const Reader *r, const ListQuery *q, Walk *w,
                      Err *e)
{
    *w = (Walk){.rs = rs,
                .tx = tx,
                .reader = r,
                .q = q,
                .type = q->type,
                .see = access_see(a, r, q->type),
                .states = q->states ? q->states : ~(uint32_t)0,
                .back = q->backwards,
                .to_ix = r->tree->unit_n};
    if (q->unit_ix >= 0) {
        w->from_ix = r->tree->units[q->unit_ix].ix;
        w->to_ix = r->tree->units[q->unit_ix].end_ix;
    }
    w->back = w->back && str_has(q->after);
    w->key_day = INT32_MAX;
    if (str_has(q->after))
        TRY(cursor_parse(q->after, &w->key_day, &w->key_id, e));
    narrow_to_day(w);
    return 0;
}

/* Stands on the row of a head. It lies in the county its unit belonged to when it was made; where
 * the unit has moved since, the register knows. */
static int open_row(Walk *w, const Head *h, Stmt **ret, Err *e)
{
    const Unit *u = tree_unit(w->reader->tree, h->unit);
    int64_t county = u ? u->county : 0, type;
    for (int i = 0; u && i < 2; i++) {
        Stmt *s;
        TRY(tx_prepare(w->tx, w->rs->sql[w->type->ix].get, &s, e));
        bind_i64(s, 1, county);
        bind_uuid(s, 2, h->id);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        if (rc) {
            *ret = s;
            return 0;
        }
        rc = record_registered(w->tx, h->id, &type, &county, e);
        if (rc <= 0) {
            TRY(rc);
            break;
        }
    }
    return err_set(e, ERR_CORRUPT, "record.bad_row", uuid_text(e->arena, h->id));
}

static int read_items(Walk *w, Arena *a, const Head *heads, int n, Record *items, Err *e)
{
    for (int i = 0; i < n; i++) {
        Stmt *s;
        TRY(open_row(w, &heads[i], &s, e));
        int rc = record_from_row(a, s, w->reader->tree, w->type, &items[i], e);
        stmt_reset(s);
        TRY(rc);
    }
    return 0;
}

/* Those whose filtered field fits, up to k in all; only they are read whole, and none into NULL. */
static int read_fitting(Walk *w, Arena *a, int k, Record *items, int *n, Err *e)
{
    const Field *f = w->q->filter;
    for (int i = 0; i < w->top.n && *n < k; i++) {
        Stmt *s;
        TRY(open_row(w, &w->top.list[i], &s, e));
        size_t mark = arena_mark(a);
        Value v = query_value(a, s, COL_FIELDS + f->ix, f);
        bool fits = value_eq(&v, &w->q->filter_value);
        arena_rewind(a, mark);
        int rc = fits && items ? record_from_row(a, s, w->reader->tree, w->type, &items[*n], e) : 0;
        stmt_reset(s);
        TRY(rc);
        *n += fits;
    }
    return 0;
}

/* Under another filter: heads are read until enough of them fit or LIMIT_LIST_SCAN is reached. */
static int list_filtered(Walk *w, Arena *a, int k, Record *items, int *ret_n, bool *ret_cut, Err *e)
{
    int n = 0, chunk = LIMIT_LIST_PAGE;
    bool cut = false;
    for (int read = 0; n < k && !cut; chunk = FILTER_CHUNK) {
        TRY(walk_heads(w, a, chunk, e));
        TRY(read_fitting(w, a, k, items, &n, e));
        read += w->top.n;
        if (w->top.n < chunk)
            break;
        w->key_day = w->top.list[w->top.n - 1].at_day;
        w->key_id = w->top.list[w->top.n - 1].id;
        cut = read >= LIMIT_LIST_SCAN && n < k;
    }
    *ret_n = n;
    *ret_cut = cut;
    return 0;
}

static void reverse(Record *items, int n)
{
    for (int i = 0, j = n - 1; i < j; i++, j--) {
        Record swap = items[i];
        items[i] = items[j];
        items[j] = swap;
    }
}

/* The two cursors of a page. `more`: there are some beyond it in the direction it was read. */
static void put_cursors(const Walk *w, Arena *a, bool more, bool cut, RecordList *ret)
{
    int n = ret->n;
    Str first = n ? cursor_text(a, ret->items[0].at_day, ret->items[0].id) : STR_NONE;
    Str last = n ? cursor_text(a, ret->items[n - 1].at_day, ret->items[n - 1].id) : STR_NONE;
    Str far = cut ? cursor_text(a, w->key_day, w->key_id) : STR_NONE; /* it goes on from there */
    Str near = w->back ? last : first;
    if (!n)
        near = w->q->after;
    if (!cut && more)
        far = w->back ? first : last;
    if (!w->back && !str_has(w->q->after))
        near = STR_NONE; /* the newest page */
    ret->next = w->back ? near : far;
    ret->prev = w->back ? far : near;
}

int record_list(Records *rs, Arena *a, Tx *tx, const Reader *r, const ListQuery *q, RecordList *ret,
                Err *e)
{
    CHECK(q->limit >= 1 && q->limit <= LIMIT_LIST_PAGE);
    Walk w;
    TRY(walk_begin(rs, a, tx, r, q, &w, e));
    int k = q->limit + 1, n = 0; /* one more tells whether there is a next page */
    bool cut = false;
    Record *items = NEW_N(a, Record, (size_t)k);
    if (q->filter)
        TRY(list_filtered(&w, a, k, items, &n, &cut, e));
    else {
        TRY(walk_heads(&w, a, k, e));
        n = w.top.n;
        TRY(read_items(&w, a, w.top.list, n < q->limit ? n : q->limit, items, e));
    }
    bool more = n > q->limit;
    if (more)
        n = q->limit;
    if (w.back)
        reverse(items, n);
    *ret = (RecordList){.items = items, .n = n, .is_cut = cut};
    put_cursors(&w, a, more, cut, ret);
    return 0;
}

/* The arms that show a unit's records, whoever wrote them. */
static Arms arms_of_units(Arena *a, Arms see)
{
    Arm *list = NEW_N(a, Arm, (size_t)see.n + 1);
    int n = 0;
    for (int i = 0; i < see.n; i++)
        if (see.list[i].column == ARM_UNIT)
            list[n++] = see.list[i];
    return (Arms){list, n};
}

int record_count(Records *rs, Arena *a, Tx *tx, const Reader *r, const ListQuery *q, int stop,
                 int *ret, Err *e)
{
    CHECK(stop >= 1 && stop <= LIMIT_LIST_SCAN);
    ListQuery all = *q;
    all.after = STR_NONE;
    Walk w;
    TRY(walk_begin(rs, a, tx, r, &all, &w, e));
    if (q->filter) {
        bool cut;
        return list_filtered(&w, a, stop, NULL, ret, &cut, e);
    }
    w.stop = stop;
    if (!q->mine)
        w.unit_arms = arms_of_units(a, w.see);
    TRY(walk_arms(&w, e));
    *ret = w.counted;
    return 0;
}
