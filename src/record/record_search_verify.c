/* record_search_verify.c: is the search index what the records say. Each record is read again and
 * its body compared; whether the engine's index holds a document's tokens is asked of some, and
 * whether it holds documents that are none by counting each type's. What the job has not taken in
 * yet is passed over, and all of it where the index was made with other fields: it begins anew by
 * itself.                                                                 STYLE: R35 */
#include "record/record_find_int.h"

enum { TOKENS_EACH = 500, TOKENS_FIRST = 50, TOKENS_AT_ONCE = 60, STEP = 500 };

typedef struct Look {
    Records *rs;
    Arena *arena; /* emptied between steps */
    Tx *tx;
    void (*say)(void *ctx, const char *key, Str id);
    void *ctx;
    int64_t *docs; /* by type ix, as their bodies say */
    int64_t seen;
} Look;

/* Was the record changed after the index saw it. */
static int is_behind(Look *c, Uuid id, bool *ret, Err *e)
{
    Stmt *s = tx_sql(c->tx, SQL(record_find_is_behind));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    stmt_reset(s);
    *ret = rc > 0;
    return 0;
}

static int differs(Look *c, const char *key, Uuid id, Err *e)
{
    bool behind;
    TRY(is_behind(c, id, &behind, e));
    if (!behind)
        c->say(c->ctx, key, uuid_text(c->arena, id));
    return 0;
}

static int has_tokens(Look *c, int64_t doc, Str tokens, bool *ret, Err *e)
{
    Stmt *s = tx_sql(c->tx, SQL(record_find_has));
    bind_str(s, 1, query_find_all(c->arena, c->rs->engine, tokens));
    bind_i64(s, 2, doc);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    stmt_reset(s);
    *ret = rc > 0;
    return 0;
}

/* Some at a time: a question has its bounds, too. */
static int check_tokens(Look *c, int64_t doc, Uuid id, Str body, Err *e)
{
    Str rest = find_body_tokens(c->arena, body);
    bool is_in = true;
    while (rest.n && is_in) {
        size_t n = 0;
        for (int words = 0; n < rest.n && (words += rest.p[n] == ' ') < TOKENS_AT_ONCE;)
            n++;
        TRY(has_tokens(c, doc, str_sub(rest, 0, n), &is_in, e));
        rest = str_sub(rest, n, rest.n);
        rest = str_trim(rest);
    }
    return is_in ? 0 : differs(c, "record.verify_find_tokens", id, e);
}

typedef struct Stored {
    int64_t doc;
    Uuid id;
    Str body;
} Stored;

/* "t12 u5 ..." */
static void count_doc(Look *c, Str body)
{
    Str type, rest;
    int64_t number;
    if (!str_cut(body, ' ', &type, &rest) || !str_i64(str_sub(type, 1, type.n), &number))
        return; /* told as one that differs */
    const Type *t = model_type_numbered(c->rs->model, number);
    if (t)
        c->docs[t->ix]++;
}

static int check_doc(Look *c, const Stored *d, Err *e)
{
    int64_t number, county;
    Str body = STR_NONE;
    Day day = DAY_NONE;
    count_doc(c, d->body);
    int rc = record_registered(c->tx, d->id, &number, &county, e);
    TRY(rc);
    const Type *t = rc ? model_type_numbered(c->rs->model, number) : NULL;
    if (t)
        TRY(find_body(c->rs, c->arena, c->tx, t, d->id, &day, &body, e));
    if (!t || !str_has(body))
        return differs(c, "record.verify_find_stray", d->id, e);
    if (!str_eq(body, d->body) || find_key(day, d->id) >> 47 != d->doc >> 47)
        return differs(c, "record.verify_find_differs", d->id, e);
    bool is_asked = c->seen < TOKENS_FIRST || c->seen % TOKENS_EACH == 0;
    c->seen++;
    return is_asked ? check_tokens(c, d->doc, d->id, d->body, e) : 0;
}

static int check_docs(Look *c, Err *e)
{
    int64_t below = INT64_MAX;
    for (int n = STEP; n == STEP;) {
        arena_reset(c->arena);
        Stored *list = NEW_N(c->arena, Stored, STEP);
        Stmt *s = tx_sql(c->tx, SQL(record_find_verify));
        bind_i64(s, 1, below);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++)
            list[n] =
                (Stored){col_i64(s, 0), col_uuid(s, 1), str_copy(c->arena, col_str(s, 2))};
        TRY(rc);
        for (int i = 0; i < n; i++)
            TRY(check_doc(c, &list[i], e));
        if (n)
            below = list[n - 1].doc;
    }
    return 0;
}

/* A record with something to find that has no document. */
static int check_lacking(Look *c, const Type *t, Uuid id, Err *e)
{
    Str body;
    Day day;
    TRY(find_body(c->rs, c->arena, c->tx, t, id, &day, &body, e));
    return str_has(body) ? differs(c, "record.verify_find_lacks", id, e) : 0;
}

static int check_records(Look *c, Err *e)
{
    Uuid id = {{0}};
    for (int n = STEP; n == STEP;) {
        arena_reset(c->arena);
        Uuid *ids = NEW_N(c->arena, Uuid, STEP);
        int64_t *types = NEW_N(c->arena, int64_t, STEP);
        Stmt *s = tx_sql(c->tx, SQL(record_find_lacking));
        bind_uuid(s, 1, id);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++) {
            ids[n] = id = col_uuid(s, 0);
            types[n] = col_null(s, 2) ? col_i64(s, 1) : 0;
        }
        TRY(rc);
        for (int i = 0; i < n; i++) {
            const Type *t = types[i] ? model_type_numbered(c->rs->model, types[i]) : NULL;
            if (t && c->rs->find[t->ix].is_found)
                TRY(check_lacking(c, t, ids[i], e));
        }
    }
    return 0;
}

/* Documents of a type the engine knows against those that are kept. */
static int check_counts(Look *c, Err *e)
{
    for (int i = 0; i < c->rs->model->type_n; i++) {
        arena_reset(c->arena);
        const Type *t = &c->rs->model->types[i];
        Stmt *s = tx_sql(c->tx, SQL(record_find_count));
        bind_str(s, 1, str_fmt(c->arena, "t%lld", (long long)t->number));
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        int64_t n = col_i64(s, 0);
        stmt_reset(s);
        if (n > c->docs[i])
            c->say(c->ctx, "record.verify_find_more", t->name);
    }
    return 0;
}

int verify_search(Records *rs, Tx *tx, void (*say)(void *ctx, const char *key, Str id), void *ctx,
                  Err *e)
{
    Look c = {.rs = rs, .arena = arena_new(256 * 1024), .tx = tx, .say = say, .ctx = ctx};
    Arena *own = arena_new(4096);
    c.docs = NEW_N(own, int64_t, (size_t)rs->model->type_n + 1);
    bool is_same;
    int rc = find_is_same(rs, tx, &is_same, e);
    if (!rc && is_same) {
        rc = check_docs(&c, e);
        if (!rc)
            rc = check_records(&c, e);
        if (!rc)
            rc = check_counts(&c, e);
    }
    arena_free(c.arena);
    arena_free(own);
    return rc;
}
