/* record_walk.c: the best k of what is shown, out of all sources.
 *
 * Each source is a bounded walk through one index and gives its newest heads (day, id) behind the
 * cursor. What a source gives is either shown as it is, or a candidate (an arm with a condition, a
 * part seen by its whole, a look as another): those are taken together, newest first, and asked for
 * as record_get would, so a list and a page cannot differ. After LIMIT_LIST_SCAN candidates the
 * walk
 * is cut where it stands and goes on from there.                        DESIGN: Who may */
#include "record/record_walk.h"

enum { CANDIDATES_MIN = 32, CANDIDATES_MAX = 512, SIDE_CHUNK = 64, PG_CHUNK = 256 };

static int head_cmp(const Head *x, const Head *y, bool back)
{
    int c = x->at_day != y->at_day ? (x->at_day < y->at_day ? -1 : 1) : uuid_cmp(x->id, y->id);
    return back ? c : -c;
}

/* Where it stands or would stand; *ret_has: it is there. */
static int top_place(const Top *t, const Head *h, bool *ret_has)
{
    int lo = 0, hi = t->n;
    *ret_has = false;
    while (lo < hi && !*ret_has) {
        int mid = (lo + hi) / 2, c = head_cmp(h, &t->list[mid], t->back);
        *ret_has = !c;
        if (c < 0)
            hi = mid;
        else
            lo = c ? mid + 1 : mid;
    }
    return lo;
}

/* Worse than all of a full list, so its source has nothing more to give. */
static bool is_behind(const Top *t, const Head *h)
{
    return t->n == t->k && head_cmp(h, &t->list[t->n - 1], t->back) > 0;
}

static bool top_put(Top *t, const Head *h)
{
    bool has;
    if (is_behind(t, h))
        return false;
    int at = top_place(t, h, &has);
    if (has)
        return true; /* another arm brought it already */
    int move = (t->n == t->k ? t->n - 1 : t->n) - at;
    memmove(&t->list[at + 1], &t->list[at], (size_t)move * sizeof(Head));
    t->list[at] = *h;
    if (t->n < t->k)
        t->n++;
    return true;
}

bool walk_is_behind(const Walk *w, const Head *h)
{
    return is_behind(w->into, h);
}

bool walk_put(Walk *w, const Head *h)
{
    return top_put(w->into, h);
}

bool walk_is_past_day(const Walk *w, Day day)
{
    return w->has_day && (w->back ? day > w->day : day < w->day);
}

int walk_state(const Walk *w, int64_t number, Err *e)
{
    const State *st = type_state_numbered(w->type, number);
    return st ? st->ix : err_set(e, ERR_CORRUPT, "record.bad_state", err_int(e, number));
}

/* A walk goes no further than `h`: of what is behind it something may be missing. */
static void cut_at(Walk *w, const Head *h)
{
    if (!w->is_cut || head_cmp(h, &w->cut, w->back) < 0)
        w->cut = *h;
    w->is_cut = true;
}

/* ---- one index ---- */

/* He stands for the posting it was written under, in that state. */
static bool is_his(const Walk *w, const Subject *on)
{
    for (int i = 0; i < w->see.n; i++)
        if (w->see.list[i].column == ARM_AUTHOR &&
            access_may(w->reader, (Arms){&w->see.list[i], 1}, on))
            return true;
    return false;
}

/* Counted already, by a slice of units. */
static bool is_counted(const Walk *w, int unit_ix, int state)
{
    for (int i = 0; w->is_counting && i < w->source_n; i++) {
        const Source *s = &w->sources[i];
        if (s->kind == FROM_UNITS && unit_ix >= s->from_ix && unit_ix < s->to_ix &&
            s->states >> state & 1)
            return true;
    }
    return false;
}

static bool is_wanted(const Walk *w, const Source *s, const Head *h, int64_t posting)
{
    const Unit *u = tree_unit(w->reader->tree, h->unit);
    if (!u || u->ix < w->from_ix || u->ix >= w->to_ix)
        return false;
    if (!(s->states & w->states & UINT32_C(1) << h->state))
        return false;
    if (s->kind != FROM_AUTHOR || s->is_checked)
        return true;
    if (is_counted(w, u->ix, h->state))
        return false;
    Subject on = {.type = w->type,
                  .id = h->id,
                  .state = h->state,
                  .unit_ix = u->ix,
                  .author = s->key,
                  .posting = posting};
    return w->q->mine ? access_may(w->reader, w->see, &on) != NULL : is_his(w, &on);
}

static Str source_sql(const Walk *w, const Source *s)
{
    Arena *a = tx_arena(w->tx);
    if (s->kind == FROM_AUTHOR)
        return w->rs->sql[w->type->ix].heads_author[w->back];
    if (s->kind == FROM_AUDIENCE)
        return query_heads_audience(a, w->type, s->via, w->back);
    return query_heads_field(a, w->type, s->via, w->back);
}

static int source_chunk(const Walk *w, const Source *s)
{
    if (s->via && query_is_side(s->via))
        return w->into->k + SIDE_CHUNK; /* sorted each time: no more than is likely needed */
    return w->rs->engine == ENGINE_SQLITE ? INT32_MAX : w->into->k + PG_CHUNK;
}

/* Heads of one statement from the cursor on; `key` is what ?1 is bound to unless it is a number. */
static int walk_index(Walk *w, const Source *s, Uuid key, Err *e)
{
    Str sql = source_sql(w, s);
    Head last = {.at_day = w->key_day, .id = w->key_id};
    int chunk = source_chunk(w, s), n = chunk, skipped = 0, rc = 0;
    while (n == chunk) {
        Stmt *st;
        TRY(tx_prepare(w->tx, sql, &st, e));
        if (s->number)
            bind_i64(st, 1, s->number);
        else
            bind_uuid(st, 1, key);
        bind_i64(st, 2, last.at_day);
        bind_uuid(st, 3, last.id);
        bind_i64(st, 4, chunk);
        if (s->kind == FROM_AUDIENCE)
            bind_str(st, 5, w->reader->model->roles[s->role].name);
        for (n = 0; (rc = stmt_step(st, e)) > 0; n++) {
            last = (Head){.at_day = col_day(st, 0), .id = col_uuid(st, 1), .unit = col_i64(st, 3)};
            last.state = walk_state(w, col_i64(st, 2), e);
            if (last.state < 0)
                return last.state;
            int64_t posting = s->kind == FROM_AUTHOR ? col_i64(st, 4) : 0;
            bool is_done = walk_is_past_day(w, last.at_day) || walk_is_behind(w, &last);
            if (!is_done && is_wanted(w, s, &last, posting))
                (void)walk_put(w, &last); /* not behind: it was asked */
            else if (!is_done && ++skipped == LIMIT_LIST_SCAN) {
                cut_at(w, &last);
                is_done = true;
            }
            if (is_done) {
                stmt_reset(st);
                return 0;
            }
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}

int walk_source(Walk *w, const Source *s, Err *e)
{
    if (!(s->states & w->states))
        return 0;
    if (s->kind == FROM_UNITS)
        return walk_slice(w, s, e);
    if (s->kind != FROM_WHOLES)
        return walk_index(w, s, s->key, e);
    for (int i = 0; i < s->whole_n; i++)
        TRY(walk_index(w, s, s->wholes[i], e));
    return 0;
}

/* ---- candidates ---- */

static bool holds_id(const Value *v, const Uuid *id)
{
    for (size_t at = 0; v->tag == VALUE_BLOB && at + sizeof id->b <= v->s.n; at += sizeof id->b)
        if (!memcmp(v->s.p + at, id->b, sizeof id->b))
            return true;
    return false;
}

static bool links_to(const Record *rec, const Field *f, const Uuid *id)
{
    if (!f->rows)
        return holds_id(&rec->values[f->ix], id);
    const Value *rows = &rec->values[f->rows->ix];
    for (int64_t i = 0; rows->tag == VALUE_ROWS && i < rows->i; i++)
        if (holds_id(&rows->rows[i].values[f->ix], id))
            return true;
    return false;
}

/* 1: shown, and what else the query asks. */
static int is_kept(Walk *w, const Head *h, Err *e)
{
    const ListQuery *q = w->q;
    size_t mark = arena_mark(w->arena);
    Record *rec;
    Err sub = err_on(e->arena);
    int rc = record_get(w->rs, w->arena, w->tx, w->reader, w->type, h->id, &rec, NULL, &sub);
    bool is = !rc && (!q->mine || uuid_eq(rec->author, w->reader->person)) &&
              (!q->link || links_to(rec, q->link, &q->link_to));
    if (rc && rc != ERR_MISSING) {
        *e = sub;
        return rc;
    }
    arena_rewind(w->arena, mark);
    return is;
}

/* One round of candidates, newest first. 1: there may be more behind them. */
static int check_round(Walk *w, const Top *cand, Err *e)
{
    for (int i = 0; i < cand->n; i++) {
        const Head *h = &cand->list[i];
        bool has;
        if (is_behind(&w->top, h) || (w->is_cut && head_cmp(h, &w->cut, w->back) > 0))
            return 0;
        (void)top_place(&w->top, h, &has);
        if (has)
            continue; /* shown already */
        int rc = is_kept(w, h, e);
        if (rc < 0)
            return rc;
        if (rc)
            (void)top_put(&w->top, h);
        if (--w->budget <= 0) {
            cut_at(w, h);
            return 0;
        }
    }
    return cand->n == cand->k;
}

static int walk_checked(Walk *w, Err *e)
{
    int k = w->top.k * 2;
    k = k < CANDIDATES_MIN ? CANDIDATES_MIN : k > CANDIDATES_MAX ? CANDIDATES_MAX : k;
    Top cand = {.list = NEW_N(w->arena, Head, (size_t)k + 1), .k = k, .back = w->back};
    Day day = w->key_day;
    Uuid id = w->key_id;
    int rc = 1;
    while (rc == 1) {
        cand.n = 0;
        w->into = &cand;
        rc = 0;
        for (int i = 0; i < w->source_n && !rc; i++)
            if (w->sources[i].is_checked)
                rc = walk_source(w, &w->sources[i], e);
        w->into = &w->top;
        if (!rc)
            rc = check_round(w, &cand, e);
        if (rc == 1) {
            w->key_day = cand.list[cand.n - 1].at_day;
            w->key_id = cand.list[cand.n - 1].id;
        }
    }
    w->key_day = day;
    w->key_id = id;
    return rc;
}

int walk_heads(Walk *w, int k, Err *e)
{
    bool any = false;
    if (w->top.k != k)
        w->top = (Top){.list = NEW_N(w->arena, Head, (size_t)k + 1), .k = k, .back = w->back};
    w->top.n = 0;
    w->into = &w->top;
    w->is_cut = false;
    for (int i = 0; i < w->source_n; i++) {
        any = any || w->sources[i].is_checked;
        if (!w->sources[i].is_checked)
            TRY(walk_source(w, &w->sources[i], e));
    }
    if (any)
        TRY(walk_checked(w, e));
    Top *t = &w->top;
    while (w->is_cut && t->n && head_cmp(&t->list[t->n - 1], &w->cut, t->back) > 0)
        t->n--;
    w->is_cut = w->is_cut && t->n < t->k;
    return 0;
}
