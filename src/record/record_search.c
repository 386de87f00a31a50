/* record_search.c: finds records by words in what the reader may see.
 *
 * One question a type to the engine's inverted index: its type, one of the scopes the reader's arms
 * stand for, and the tokens of all terms, newest first. What comes is read again: the folded texts,
 * then the record itself through record_get, so permission is decided where it always is. Changes
 * the job has not taken in yet are read beside it, so an answer is exact at once after a commit.
 * The scope stands in the question itself, so a reader of few units costs what he may see, and
 * learns nothing of how much there is beside it; of a reader of many what he may not see is passed
 * over, up to a bound.                                                   SPEC: P10  STACK: 6 */
#include <stdlib.h>

#include "record/record_find_int.h"

typedef struct Fresh { /* changed since the index saw it */
    Uuid id;
    int64_t type;
} Fresh;

typedef struct Quest {
    Records *rs;
    Arena *a;
    Tx *tx;
    const Reader *r;
    Term *terms;
    int term_n;
    Fresh *fresh;
    int fresh_n;
    bool is_far_behind; /* more changes than a query reads */
} Quest;

/* What one type answers, while it is gathered. */
typedef struct Catch {
    const Type *type;
    Arms see;
    bool by_units; /* nothing but units decides: a document's unit tells before it is read */
    Str scopes[LIMIT_SEARCH_SCOPE];
    int scope_n;
    Hit *hits;
    int n, cap;
    int looked, read;
    bool is_cut;
} Catch;

/* ---- scope ---------------------------------------------------------------------------------- */

static bool add_scope(Catch *c, Str scope)
{
    for (int i = 0; i < c->scope_n; i++)
        if (str_eq(c->scopes[i], scope))
            return true;
    if (c->scope_n == LIMIT_SEARCH_SCOPE)
        return false;
    c->scopes[c->scope_n++] = scope;
    return true;
}

static bool add_units(Quest *q, Catch *c, const Arm *arm)
{
    const Tree *tree = q->r->tree;
    if (arm->to_ix - arm->from_ix > LIMIT_SEARCH_SCOPE)
        return false;
    for (int i = arm->from_ix; i < arm->to_ix; i++) {
        Buf b = {.arena = q->a};
        find_scope_number(&b, 'u', tree->units[i].id);
        if (!add_scope(c, buf_view(&b)))
            return false;
    }
    return true;
}

/* false: the scopes do not cover what the arms show; then none is asked for. */
static bool add_arms(Quest *q, Catch *c, Arms see)
{
    for (int i = 0; i < see.n; i++) {
        const Arm *arm = &see.list[i];
        Buf b = {.arena = q->a};
        bool fits = true;
        switch (arm->column) {
        case ARM_UNIT:
            fits = add_units(q, c, arm);
            break;
        case ARM_AUTHOR:
            fits = arm->number != 0; /* by any of his postings: no scope says that */
            find_scope_number(&b, 'a', arm->number);
            break;
        case ARM_UNIT_VIA:
            find_scope_number(&b, 'v', arm->number);
            break;
        case ARM_ID_VIA:
            find_scope_id(&b, arm->key);
            break;
        case ARM_AUDIENCE:
            find_scope_role(&b, q->r->model->roles[arm->role].name, arm->number);
            break;
        }
        if (!fits || (b.n && !add_scope(c, buf_view(&b))))
            return false;
    }
    return true;
}

static bool only_units(Arms see)
{
    for (int i = 0; i < see.n; i++)
        if (see.list[i].column != ARM_UNIT)
            return false;
    return true;
}

/* false: nothing of the type is his. */
static bool catch_begin(Quest *q, const Type *t, int per_type, Catch *c)
{
    *c = (Catch){.type = t, .see = access_see(q->a, q->r, t)};
    const Type *whole = t->part_of ? model_type(q->r->model, t->part_of->to) : NULL;
    Arms of_whole = {0};
    if (whole)
        of_whole = access_see(q->a, q->r, whole);
    if (!c->see.n && !of_whole.n && !whole)
        return false;
    /* A part takes its whole's unit, but nothing of the rest a whole is seen by, nor of the whole's
     * own whole. */
    bool fits = add_arms(q, c, c->see);
    if (whole)
        fits = fits && !whole->part_of && only_units(of_whole) && add_arms(q, c, of_whole);
    if (!fits)
        c->scope_n = 0;
    else if (!c->scope_n)
        return false;
    c->by_units = !whole && only_units(c->see);
    c->cap = per_type + LIMIT_SEARCH_READ + LIMIT_SEARCH_BEHIND;
    c->hits = NEW_N(q->a, Hit, (size_t)c->cap);
    return true;
}

/* ---- one record ----------------------------------------------------------------------------- */

/* Fills what is still to be told of a hit; a term is struck off `open` where it is found. */
static void look_at(Quest *q, Hit *hit, const Field *f, const Value *v, uint64_t *open, size_t mark)
{
    if ((!f->is_found && !f->is_found_by_name) || v->tag != VALUE_TEXT)
        return;
    Str folded = text_fold(q->a, v->s);
    uint64_t before = *open;
    for (int i = 0; i < q->term_n; i++)
        if (find_term_in(&q->terms[i], folded, f->is_found_by_name))
            *open &= ~((uint64_t)1 << i);
    arena_rewind(q->a, mark);
    if (hit->field || *open == before)
        return;
    if (find_passage(q->a, q->terms, q->term_n, v->s, f->is_found_by_name, hit))
        hit->field = f;
}

/* Does the record hold all terms; the first field that holds one is shown. */
static bool look_through(Quest *q, const Record *rec, Hit *hit)
{
    const Type *t = rec->type;
    uint64_t open = q->term_n == 64 ? UINT64_MAX : ((uint64_t)1 << q->term_n) - 1;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        const Value *v = &rec->values[i];
        look_at(q, hit, f, v, &open, arena_mark(q->a));
        for (int64_t k = 0; v->tag == VALUE_ROWS && k < v->i; k++)
            for (int j = 0; j < f->field_n; j++)
                look_at(q, hit, &f->fields[j], &v->rows[k].values[j], &open, arena_mark(q->a));
    }
    return !open;
}

/* A record that is gone, not his or does not fit leaves nothing. */
static int read_one(Quest *q, Catch *c, Uuid id, Err *e)
{
    Record *rec;
    Err own = err_on(e->arena);
    size_t mark = arena_mark(q->a);
    c->read++;
    int rc = record_get(q->rs, q->a, q->tx, q->r, c->type, id, &rec, NULL, &own);
    if (rc == ERR_MISSING) {
        arena_rewind(q->a, mark);
        return 0;
    }
    if (rc < 0) {
        *e = own;
        return rc;
    }
    Hit hit = {.rec = *rec};
    if (!look_through(q, rec, &hit)) {
        arena_rewind(q->a, mark);
        return 0;
    }
    CHECK(c->n < c->cap);
    c->hits[c->n++] = hit;
    return 0;
}

/* ---- the few behind the index --------------------------------------------------------------- */

static bool is_fresh(const Quest *q, Uuid id)
{
    for (int i = 0; i < q->fresh_n; i++)
        if (uuid_eq(q->fresh[i].id, id))
            return true;
    return false;
}

static int add_fresh(Quest *q, int64_t chain, int64_t at, int *left, Err *e)
{
    Stmt *s = tx_sql(q->tx, SQL(record_find_newest));
    int rc;
    bind_i64(s, 1, chain);
    bind_i64(s, 2, at);
    bind_i64(s, 3, *left + 1);
    while ((rc = stmt_step(s, e)) > 0) {
        if ((*left)-- == 0) {
            q->is_far_behind = true;
            *left = 0;
            stmt_reset(s);
            return 0;
        }
        Uuid id = col_uuid(s, 0);
        if (!is_fresh(q, id))
            q->fresh[q->fresh_n++] = (Fresh){id, col_i64(s, 1)};
    }
    return rc;
}

static int find_fresh(Quest *q, Err *e)
{
    typedef struct Behind {
        int64_t chain, at;
    } Behind;
    Buf chains = {.arena = q->a};
    Stmt *s = tx_sql(q->tx, SQL(record_find_behind));
    int rc, left = LIMIT_SEARCH_BEHIND;
    while ((rc = stmt_step(s, e)) > 0) {
        Behind one = {col_i64(s, 0), col_i64(s, 1)};
        buf_mem(&chains, &one, sizeof one);
    }
    TRY(rc);
    q->fresh = NEW_N(q->a, Fresh, LIMIT_SEARCH_BEHIND);
    for (size_t i = 0; i + sizeof(Behind) <= chains.n; i += sizeof(Behind)) {
        Behind one;
        memcpy(&one, chains.p + i, sizeof one);
        TRY(add_fresh(q, one.chain, one.at, &left, e));
    }
    return 0;
}

/* ---- the index ------------------------------------------------------------------------------ */

typedef struct Found {
    int64_t doc;
    Uuid id;
    bool fits; /* by its texts, and its unit where that decides */
} Found;

/* "t12 u5 ..." */
static bool unit_may_be_seen(const Quest *q, const Catch *c, Str body)
{
    int64_t unit;
    Str type, rest, word;
    (void)str_cut(body, ' ', &type, &rest); /* where none is, nothing stands for a unit either */
    (void)str_cut(rest, ' ', &word, &rest);
    if (!c->by_units || word.n < 2 || word.p[0] != 'u' || !str_i64(str_sub(word, 1, word.n), &unit))
        return true;
    const Unit *u = tree_unit(q->r->tree, unit);
    for (int i = 0; u && i < c->see.n; i++)
        if (u->ix >= c->see.list[i].from_ix && u->ix < c->see.list[i].to_ix)
            return true;
    return !u;
}

static int ask_index(Quest *q, const Catch *c, Str match, int64_t below, int n, Found *list,
                     int *ret_n, Err *e)
{
    Stmt *s = tx_sql(q->tx, SQL(record_find_hits));
    int rc, got = 0;
    bind_str(s, 1, match);
    bind_i64(s, 2, below);
    bind_i64(s, 3, n);
    while ((rc = stmt_step(s, e)) > 0) {
        CHECK(got < n);
        Str body = col_str(s, 2);
        list[got] = (Found){.doc = col_i64(s, 0), .id = col_uuid(s, 1)};
        list[got].fits =
            unit_may_be_seen(q, c, body) && find_terms_in_body(q->terms, q->term_n, body);
        got++;
    }
    *ret_n = got;
    return rc;
}

enum { BUCKET_BITS = 12 }; /* documents whose order is not told by their numbers alone */

/* Reads what the index names until there is one more than is shown, and all that stand in one
 * bucket with that one. */
static int read_found(Quest *q, Catch *c, const Found *list, int n, int want, int64_t *last_bucket,
                      bool *ret_is_done, Err *e)
{
    for (int i = 0; i < n; i++) {
        if (c->n >= want && list[i].doc >> BUCKET_BITS != *last_bucket) {
            *ret_is_done = true;
            return 0;
        }
        if (!list[i].fits || is_fresh(q, list[i].id))
            continue;
        if (c->read >= LIMIT_SEARCH_READ) {
            c->is_cut = *ret_is_done = true;
            return 0;
        }
        int had = c->n;
        TRY(read_one(q, c, list[i].id, e));
        if (c->n > had && c->n <= want)
            *last_bucket = list[i].doc >> BUCKET_BITS;
    }
    return 0;
}

/* SQLite opens every word of a question in every part of the index before it looks whether the
 * first has any document at all: a reader of 16 units pays over 1 ms for each type nobody uses.
 * This tells such a type for its one word, and nothing of what is not his but that it is used. */
static int is_used(Quest *q, const Catch *c, bool *ret, Err *e)
{
    *ret = true;
    if (q->rs->engine == ENGINE_PG) /* begins with the rarest word */
        return 0;
    Found one;
    int n;
    Str type = query_find_match(q->a, q->rs->engine, c->type, NULL, 0, NULL, 0);
    TRY(ask_index(q, c, type, INT64_MAX, 1, &one, &n, e));
    *ret = n > 0;
    return 0;
}

static int search_index(Quest *q, Catch *c, int per_type, Err *e)
{
    bool is_any;
    TRY(is_used(q, c, &is_any, e));
    if (!is_any)
        return 0;
    Str match =
        query_find_match(q->a, q->rs->engine, c->type, c->scopes, c->scope_n, q->terms, q->term_n);
    int64_t below = INT64_MAX, last_bucket = -1;
    int want = c->n + per_type + 1, chunk = per_type + 8;
    bool is_done = false;
    while (!is_done) {
        int n;
        if (chunk > LIMIT_SEARCH_SCAN - c->looked)
            chunk = LIMIT_SEARCH_SCAN - c->looked;
        if (chunk <= 0) {
            c->is_cut = true;
            break;
        }
        Found *list = NEW_N(q->a, Found, (size_t)chunk);
        TRY(ask_index(q, c, match, below, chunk, list, &n, e));
        c->looked += n;
        TRY(read_found(q, c, list, n, want, &last_bucket, &is_done, e));
        if (n < chunk)
            break;
        below = list[n - 1].doc;
        chunk *= 4;
    }
    return 0;
}

/* ---- the answer ----------------------------------------------------------------------------- */

static int newest_first(const void *x, const void *y)
{
    const Record *a = &((const Hit *)x)->rec, *b = &((const Hit *)y)->rec;
    if (a->at_day != b->at_day)
        return a->at_day > b->at_day ? -1 : 1;
    return uuid_cmp(b->id, a->id);
}

static int most_first(const void *x, const void *y)
{
    const HitGroup *a = x, *b = y;
    return a->n != b->n ? b->n - a->n : a->type->ix - b->type->ix;
}

static int search_type(Quest *q, const Type *t, int per_type, HitGroup *ret, bool *ret_any, Err *e)
{
    Catch *c = NEW(q->a, Catch);
    *ret_any = false;
    if (!q->rs->find[t->ix].is_found || !catch_begin(q, t, per_type, c))
        return 0;
    for (int i = 0; i < q->fresh_n; i++)
        if (q->fresh[i].type == t->number)
            TRY(read_one(q, c, q->fresh[i].id, e));
    c->read = 0;
    TRY(search_index(q, c, per_type, e));
    qsort(c->hits, (size_t)c->n, sizeof *c->hits, newest_first);
    *ret = (HitGroup){.type = t, .hits = c->hits, .n = c->n < per_type ? c->n : per_type};
    ret->has_more = c->n > per_type || c->is_cut || q->is_far_behind;
    *ret_any = c->n > 0; /* a bound reached over what is not his tells nothing */
    return 0;
}

int record_search(Records *rs, Arena *a, Tx *tx, const Reader *r, Str text, const Type *type,
                  int per_type, HitGroup **ret, int *ret_n, Err *e)
{
    CHECK(per_type >= 1 && per_type <= LIMIT_SEARCH_HITS);
    Quest q = {.rs = rs, .a = a, .tx = tx, .r = r};
    TRY(find_terms(a, text, &q.terms, &q.term_n, e));
    TRY(find_fresh(&q, e));
    bool is_other;
    TRY(find_is_other(rs, tx, &is_other, e));
    q.is_far_behind = q.is_far_behind || is_other; /* it begins anew, for other fields */
    HitGroup *list = NEW_N(a, HitGroup, (size_t)rs->model->type_n + 1);
    int n = 0;
    for (int i = 0; i < rs->model->type_n; i++) {
        bool any;
        if (type && type != &rs->model->types[i])
            continue;
        TRY(search_type(&q, &rs->model->types[i], per_type, &list[n], &any, e));
        n += any;
    }
    qsort(list, (size_t)n, sizeof *list, most_first);
    *ret = list;
    *ret_n = n;
    return 0;
}
