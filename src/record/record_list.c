/* record_list.c: pages and counts of what one may see, newest day first.
 *
 * A page is the best k heads of all sources (record_walk.c) behind the cursor, then their rows. A
 * count needs no order: where units and the author decide alone, unit arms overlap nowhere, so it
 * adds them up, and of what the reader wrote only what no unit arm covers; else it walks.
 *                                                                          DESIGN: Who may */
#include "record/record_walk.h"

enum {
    DAY_MIN = -1000000, /* of a cursor; no date of ours is beyond */
    DAY_MAX = 3000000,
    FILTER_CHUNK = 1000, /* heads read at once under a filter, after a first page's worth */
};

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
    if (q->has_since && !w->back) {
        w->has_day = true;
        w->day = q->since;
    }
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
                .arena = a,
                .reader = r,
                .q = q,
                .type = q->type,
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
    return walk_sources(w, e);
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
        TRY(walk_heads(w, chunk, e));
        TRY(read_fitting(w, a, k, items, &n, e));
        read += w->top.n;
        if (w->top.n < chunk && !w->is_cut)
            break;
        const Head *last = w->is_cut ? &w->cut : &w->top.list[w->top.n - 1];
        w->key_day = last->at_day;
        w->key_id = last->id;
        cut = n < k && (w->is_cut || read >= LIMIT_LIST_SCAN);
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
        TRY(walk_heads(&w, k, e));
        n = w.top.n;
        cut = w.is_cut;
        if (cut) {
            w.key_day = w.cut.at_day;
            w.key_id = w.cut.id;
        }
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

/* ---- counting ---- */

/* Counts at most what is missing to `stop`. `posting` 0: of a unit, or of all below it. */
static int count_of(Walk *w, CountOf of, uint32_t mask, int64_t unit, const Arm *author, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(w->tx, query_count(tx_arena(w->tx), w->type, of, mask), &s, e));
    bind_i64(s, 1, w->stop - w->counted);
    if (author) {
        bind_uuid(s, 2, author->key);
        bind_i64(s, 3, author->number);
    } else
        bind_i64(s, 2, unit);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    w->counted += (int)col_i64(s, 0);
    stmt_reset(s);
    return 0;
}

/* Its part of the units wanted. */
static bool narrow_slice(const Walk *w, const Source *s, int *ret_from, int *ret_to)
{
    *ret_from = s->from_ix > w->from_ix ? s->from_ix : w->from_ix;
    *ret_to = s->to_ix < w->to_ix ? s->to_ix : w->to_ix;
    return *ret_from < *ret_to;
}

/* Do units and author decide alone, so that sources can be added up. */
static bool is_countable(const Walk *w)
{
    const Unit *units = w->reader->tree->units;
    for (int i = 0; i < w->source_n; i++) {
        const Source *s = &w->sources[i];
        int from, to;
        if (s->is_checked || s->kind > FROM_AUTHOR)
            return false;
        if (s->kind == FROM_UNITS && narrow_slice(w, s, &from, &to) && to != from + 1 &&
            to != units[from].end_ix)
            return false;
    }
    return true;
}

static int count_slice(Walk *w, const Source *s, Err *e)
{
    int from, to;
    uint32_t all = (uint32_t)((UINT64_C(1) << w->type->state_n) - 1);
    uint32_t mask = s->states & w->states & all;
    if (!mask || !narrow_slice(w, s, &from, &to))
        return 0;
    CountOf of = to == from + 1 ? COUNT_UNIT : COUNT_BELOW;
    return count_of(w, of, mask, w->reader->tree->units[from].id, NULL, e);
}

/* What he wrote, but for what units' arms have counted. Under one posting alone the engine counts
 * it. */
static int count_author(Walk *w, const Source *s, Err *e)
{
    bool is_everywhere = !w->from_ix && w->to_ix == w->reader->tree->unit_n;
    if (w->see.n == 1 && w->see.list[0].number && is_everywhere && !w->q->mine &&
        s->states & w->states)
        return count_of(w, COUNT_AUTHOR, s->states & w->states, 0, &w->see.list[0], e);
    int k = w->stop - w->counted;
    Top top = {.list = NEW_N(w->arena, Head, (size_t)k + 1), .k = k};
    w->into = &top;
    TRY(walk_source(w, s, e));
    w->counted += top.n;
    return 0;
}

static int count_sources(Walk *w, Err *e)
{
    w->is_counting = true;
    for (int i = 0; i < w->source_n && w->counted < w->stop; i++)
        if (w->sources[i].kind == FROM_UNITS)
            TRY(count_slice(w, &w->sources[i], e));
    for (int i = 0; i < w->source_n && w->counted < w->stop; i++)
        if (w->sources[i].kind == FROM_AUTHOR)
            TRY(count_author(w, &w->sources[i], e));
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
        return list_filtered(&w, a, stop, NULL, ret, &cut, e);
    }
    if (!is_countable(&w)) {
        TRY(walk_heads(&w, stop, e));
        *ret = w.top.n;
        return 0;
    }
    w.stop = stop;
    TRY(count_sources(&w, e));
    *ret = w.counted;
    return 0;
}
