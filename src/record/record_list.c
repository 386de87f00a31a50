/* record_list.c: lists that never sort a subtree.
 *
 * Each arm is asked for its newest heads (day, id) behind the cursor: a slice of units by merging the
 * heads of the units' own index ranges, the author by his own index, open states by the partial index.
 * The best k of all are kept in a small sorted array; a unit is left as soon as its next head is worse
 * than the k-th. Arms are merged and freed of doubles by id, never joined by OR.      DESIGN: Who may
 */
#include "record/record_int.h"

enum {
    OPEN_UNITS_MIN = 8, /* a slice of fewer units reads its own ranges for open states too */
    PG_CHUNK_MAX = 2048,
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
    Top top;
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

static int chunk_of(const Walk *w)
{
    if (w->rs->engine == ENGINE_SQLITE)
        return INT32_MAX; /* stepped lazily */
    int n = w->top.k * 4 + 16;
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
        if (!(mask >> h.state & 1))
            continue;
        if (!top_put(&w->top, &h)) {
            *ret_full = true;
            stmt_reset(s);
            return rows;
        }
    }
    return rc < 0 ? rc : rows;
}

static int walk_unit(Walk *w, int64_t unit, uint32_t mask, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(w->tx, w->rs->sql[w->type->ix].heads_unit[w->back], &s, e));
    Head last = {.at_day = w->key_day, .id = w->key_id};
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

/* PostgreSQL: all units below one in one statement; states filtered there, so one round is enough. */
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
    bind_i64(s, 4, below ? w->top.k : INT32_MAX);
    if (below)
        bind_i64(s, 5, above);
    int rc;
    while ((rc = stmt_step(s, e)) > 0) {
        const Unit *u = tree_unit(w->reader->tree, col_i64(s, 3));
        if (!u || u->ix < from_ix || u->ix >= to_ix)
            continue;
        Head h = {.at_day = col_day(s, 0), .id = col_uuid(s, 1), .unit = u->id, .state = state};
        if (!top_put(&w->top, &h))
            break;
    }
    stmt_reset(s);
    return rc < 0 ? rc : 0;
}

static int walk_slice(Walk *w, const Arm *arm, Err *e)
{
    int from = arm->from_ix > w->from_ix ? arm->from_ix : w->from_ix;
    int to = arm->to_ix < w->to_ix ? arm->to_ix : w->to_ix;
    uint32_t mask = arm->states & w->states;
    if (from >= to || !mask)
        return 0;
    const Unit *units = w->reader->tree->units;
    int n = to - from;
    bool is_open_only = !(mask & ~w->type->open_states);
    if (n == 1)
        return walk_unit(w, units[from].id, mask, e);
    if (is_open_only && n >= OPEN_UNITS_MIN) {
        for (int i = 0; i < w->type->state_n; i++)
            if (mask >> i & 1)
                TRY(walk_open(w, i, from, to, units[from].id, e));
        return 0;
    }
    if (n > LIMIT_LIST_UNITS)
        return err_set(e, ERR_LIMIT, "record.too_many_units", err_int(e, n),
                       err_int(e, LIMIT_LIST_UNITS));
    if (w->rs->engine == ENGINE_PG)
        return walk_many(w, units[from].id, mask, e);
    for (int i = from; i < to; i++)
        if (w->type->at >> units[i].kind & 1)
            TRY(walk_unit(w, units[i].id, mask, e));
    return 0;
}

/* What he wrote: his own index; kept when some arm shows it. */
static int walk_author(Walk *w, uint32_t states, Err *e)
{
    Stmt *s;
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
            if (!(states >> last.state & 1) || !u || u->ix < w->from_ix || u->ix >= w->to_ix ||
                !access_may(w->reader, w->see, u->ix, w->reader->person, col_i64(s, 4), last.state))
                continue;
            if (!top_put(&w->top, &last)) {
                stmt_reset(s);
                return 0;
            }
        }
        if (rc < 0)
            return rc;
    } while (n == chunk);
    return 0;
}

/* The best k heads behind (key_day, key_id). */
static int walk_heads(Walk *w, Arena *a, int k, Err *e)
{
    w->top = (Top){.list = NEW_N(a, Head, (size_t)k + 1), .k = k, .back = w->back};
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

/* Cursor: "20417.01938c1e-...", the day and id it goes on from. */
static Str cursor_text(Arena *a, Day day, Uuid id)
{
    return str_fmt(a, "%d.%.*s", (int)day, STR_ARG(uuid_text(a, id)));
}

static int cursor_parse(Str s, Day *ret_day, Uuid *ret_id, Err *e)
{
    Str head, tail;
    int64_t day;
    if (!str_cut(s, '.', &head, &tail) || !str_i64(head, &day) || day < -1000000 || day > 3000000 ||
        !uuid_parse(tail, ret_id))
        return err_field(e, S("after"), "field.not_cursor");
    *ret_day = (Day)day;
    return 0;
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
    if (str_has(q->after))
        return cursor_parse(q->after, &w->key_day, &w->key_id, e);
    w->back = false;
    w->key_day = INT32_MAX;
    return 0;
}

static int read_items(Walk *w, Arena *a, const Head *heads, int n, Record *items, Err *e)
{
    const TypeSql *sql = &w->rs->sql[w->type->ix];
    Stmt *s;
    TRY(tx_prepare(w->tx, sql->get, &s, e));
    for (int i = 0; i < n; i++) {
        const Unit *u = tree_unit(w->reader->tree, heads[i].unit);
        if (!u)
            return err_set(e, ERR_CORRUPT, "record.bad_row", uuid_text(e->arena, heads[i].id));
        bind_i64(s, 1, u->county);
        bind_uuid(s, 2, heads[i].id);
        int rc = stmt_step(s, e);
        if (rc <= 0)
            return rc < 0 ? rc
                          : err_set(e, ERR_CORRUPT, "record.bad_row",
                                    uuid_text(e->arena, heads[i].id));
        TRY(record_from_row(a, s, w->reader->tree, w->type, &items[i], e));
        stmt_reset(s);
    }
    return 0;
}

/* Under another filter: pages of heads are read until enough of them fit or LIMIT_LIST_SCAN is reached. */
static int list_filtered(Walk *w, Arena *a, int k, Record *items, int *ret_n, bool *ret_cut, Err *e)
{
    int n = 0;
    *ret_cut = false;
    for (int read = 0; n < k;) {
        TRY(walk_heads(w, a, LIMIT_LIST_PAGE, e));
        Record *page = NEW_N(a, Record, (size_t)w->top.n + 1);
        TRY(read_items(w, a, w->top.list, w->top.n, page, e));
        for (int i = 0; i < w->top.n && n < k; i++)
            if (value_eq(&page[i].values[w->q->filter->ix], &w->q->filter_value))
                items[n++] = page[i];
        read += w->top.n;
        if (w->top.n < LIMIT_LIST_PAGE)
            break;
        w->key_day = w->top.list[w->top.n - 1].at_day;
        w->key_id = w->top.list[w->top.n - 1].id;
        if (read >= LIMIT_LIST_SCAN && n < k) {
            *ret_cut = true;
            break;
        }
    }
    *ret_n = n;
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
    bool has_older = w.back ? true : more, has_newer = w.back ? more : str_has(q->after);
    *ret = (RecordList){.items = items, .n = n, .next = STR_NONE, .prev = STR_NONE, .is_cut = cut};
    if (cut)
        ret->next = cursor_text(a, w.key_day, w.key_id);
    else if (n && has_older)
        ret->next = cursor_text(a, items[n - 1].at_day, items[n - 1].id);
    if (n && has_newer)
        ret->prev = cursor_text(a, items[0].at_day, items[0].id);
    return 0;
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
        Record *items = NEW_N(a, Record, (size_t)stop);
        return list_filtered(&w, a, stop, items, ret, &cut, e);
    }
    TRY(walk_heads(&w, a, stop, e));
    *ret = w.top.n;
    return 0;
}
