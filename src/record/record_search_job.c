/* record_search_job.c: the job that follows the history into the search index.
 *
 * A step reads the next changes of one chain, makes each record's body anew from one snapshot, and
 * hands them to the writer in jobs that are small enough to leave it to people's requests. Each job
 * moves the chain's mark from where it read it, so of two processes that do the same only one
 * writes; a record read later than its change is only ahead of its time, and its body is then found
 * equal when its turn comes.                                                     STACK: 6 */
#include "record/record_find_int.h"

enum { LINES_EACH = 4 }; /* changes looked at for each document */
enum { DOCS_FIRST = 16, DOCS_MIN = 8, DOCS_MAX = 256 }; /* in one write job */

typedef struct Doc {
    Uuid id;
    Day day;
    Str body; /* STR_NONE: not to be found */
} Doc;

typedef struct Step {
    Records *rs;
    int64_t chain, at; /* in the index up to here */
    struct StepEntry {
        int64_t seq;
        const Doc *doc; /* NULL: nothing to do for it */
    } *entries;
    int n;
    int doc_n, doc_most;
} Step;

/* The write job of a step. */
typedef struct Portion {
    const Step *step;
    int64_t at, to_seq;
    int to;
    bool is_lost; /* another process has done it */
    int64_t began_us;
} Portion;

static int meta_is(Tx *tx, Str key, Str value, bool *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_meta_get));
    bind_str(s, 1, key);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    *ret = rc && str_eq(col_str(s, 0), value);
    stmt_reset(s);
    return 0;
}

/* ---- what is written ------------------------------------------------------------------------ */

static int tokens_out(Tx *tx, int64_t doc, Str body, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_find_remove_tokens));
    bind_i64(s, 1, doc);
    bind_str(s, 2, find_body_tokens(tx_arena(tx), body));
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

/* A number no document has, near the key: within its bucket, else in an older one. */
static int free_number(Tx *tx, int64_t key, int64_t *ret, Err *e)
{
    const int64_t bucket = 1 << 12;
    for (int64_t i = 0;; i++) {
        int64_t doc = (key & ~(bucket - 1)) - i / bucket * bucket + ((key + i) & (bucket - 1));
        Stmt *s = tx_sql(tx, SQL(record_find_taken));
        bind_i64(s, 1, doc);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        stmt_reset(s);
        if (!rc) {
            *ret = doc;
            return 0;
        }
    }
}

static int doc_add(Tx *tx, int64_t number, const Doc *d, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_find_add));
    bind_i64(s, 1, number);
    bind_uuid(s, 2, d->id);
    bind_str(s, 3, d->body);
    int rc = stmt_run(s, e);
    TRY(rc < 0 ? rc : 0);
    s = tx_sql(tx, SQL(record_find_add_tokens));
    bind_i64(s, 1, number);
    bind_str(s, 2, find_body_tokens(tx_arena(tx), d->body));
    rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

static int doc_put(Tx *tx, const Doc *d, Err *e)
{
    const int64_t bucket_bits = 12;
    int64_t key = find_key(d->day, d->id), had = 0;
    Str body = STR_NONE;
    Stmt *s = tx_sql(tx, SQL(record_find_get));
    bind_uuid(s, 1, d->id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (rc) {
        had = col_i64(s, 0);
        body = str_copy(tx_arena(tx), col_str(s, 1));
        stmt_reset(s);
        if (str_has(d->body) && str_eq(body, d->body) && had >> bucket_bits == key >> bucket_bits)
            return 0;
        TRY(tokens_out(tx, had, body, e));
        s = tx_sql(tx, SQL(record_find_remove));
        bind_uuid(s, 1, d->id);
        rc = stmt_run(s, e);
        TRY(rc < 0 ? rc : 0);
    }
    if (!str_has(d->body))
        return 0;
    TRY(free_number(tx, key, &had, e));
    return doc_add(tx, had, d, e);
}

static int move_mark(Tx *tx, Portion *p, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_find_at_begin));
    bind_i64(s, 1, p->step->chain);
    int rc = stmt_run(s, e);
    TRY(rc < 0 ? rc : 0);
    s = tx_sql(tx, SQL(record_find_at_move));
    bind_i64(s, 1, p->to_seq);
    bind_i64(s, 2, p->step->chain);
    bind_i64(s, 3, p->at);
    rc = stmt_run(s, e);
    p->is_lost = rc == 0;
    return rc < 0 ? rc : 0;
}

static int portion_apply(Tx *tx, void *arg, Err *e)
{
    Portion *p = arg;
    bool is_same;
    p->began_us = env_mono_us(p->step->rs->env);
    TRY(meta_is(tx, S("find"), p->step->rs->find_made_of, &is_same, e));
    if (!is_same) { /* another model's job has begun anew */
        p->is_lost = true;
        return 0;
    }
    TRY(move_mark(tx, p, e));
    for (int i = 0; i < p->to && !p->is_lost; i++)
        if (p->step->entries[i].doc)
            TRY(doc_put(tx, p->step->entries[i].doc, e));
    return 0;
}

/* ---- what is read --------------------------------------------------------------------------- */

/* Records of this step, by id. */
typedef struct Met {
    Doc *list;
    int n;
    int *slots; /* 1 + index; 0: free */
    int mask;
} Met;

/* NULL: met before. */
static Doc *meet(Met *m, Uuid id)
{
    uint32_t h;
    memcpy(&h, id.b + 12, sizeof h); /* the random end of it */
    for (int i = (int)(h & (uint32_t)m->mask);; i = (i + 1) & m->mask) {
        if (!m->slots[i]) {
            m->list[m->n] = (Doc){.id = id};
            m->slots[i] = ++m->n;
            return &m->list[m->n - 1];
        }
        if (uuid_eq(m->list[m->slots[i] - 1].id, id))
            return NULL;
    }
}

typedef struct Line {
    int64_t seq, type;
    Uuid record;
} Line;

static int read_lines(Tx *tx, int64_t chain, int64_t at, int most, Line *list, int *ret_n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_find_next));
    int rc, n = 0;
    bind_i64(s, 1, chain);
    bind_i64(s, 2, at);
    bind_i64(s, 3, most);
    while ((rc = stmt_step(s, e)) > 0)
        list[n++] = (Line){.seq = col_i64(s, 0), .type = col_i64(s, 2), .record = col_uuid(s, 1)};
    *ret_n = n;
    return rc;
}

static int read_bodies(Records *rs, Arena *a, Tx *tx, const Line *lines, Step *step, Err *e)
{
    Met met = {.list = NEW_N(a, Doc, LIMIT_SEARCH_STEP), .mask = 4095};
    _Static_assert(LIMIT_SEARCH_STEP < 4096, "room in the table");
    met.slots = NEW_N(a, int, 4096);
    step->entries = NEW_N(a, struct StepEntry, (size_t)step->n + 1);
    for (int i = 0; i < step->n; i++) {
        if (step->doc_n == step->doc_most) {
            step->n = i; /* the next step goes on from here */
            break;
        }
        step->entries[i].seq = lines[i].seq;
        const Type *t = model_type_numbered(rs->model, lines[i].type);
        if (!t || !rs->find[t->ix].is_found)
            continue;
        Doc *d = meet(&met, lines[i].record);
        if (!d)
            continue;
        TRY(find_body(rs, a, tx, t, d->id, &d->day, &d->body, e));
        step->entries[i].doc = d;
        step->doc_n++;
    }
    return 0;
}

/* ---- the step ------------------------------------------------------------------------------- */

static Str model_hex(Arena *a, const Model *m)
{
    Buf b = {.arena = a};
    buf_hex(&b, m->hash, sizeof m->hash);
    return buf_view(&b);
}

static int empty_apply(Tx *tx, void *arg, Err *e)
{
    const Records *rs = arg;
    const SqlDef *const empty[] = {SQL(record_find_empty_tokens), SQL(record_find_empty),
                                   SQL(record_find_at_empty)};
    for (size_t i = 0; i < LEN(empty); i++) {
        int rc = stmt_run(tx_sql(tx, empty[i]), e);
        TRY(rc < 0 ? rc : 0);
    }
    Stmt *s = tx_sql(tx, SQL(record_meta_set));
    bind_str(s, 1, S("find"));
    bind_str(s, 2, rs->find_made_of);
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

int find_is_same(Records *rs, Tx *tx, bool *ret, Err *e)
{
    return meta_is(tx, S("find"), rs->find_made_of, ret, e);
}

int find_is_other(Records *rs, Tx *tx, bool *ret, Err *e)
{
    bool is_same;
    TRY(find_is_same(rs, tx, &is_same, e));
    int rc = 0;
    if (!is_same) {
        Stmt *s = tx_sql(tx, SQL(record_find_begun));
        TRY(rc = stmt_step(s, e));
        stmt_reset(s);
    }
    *ret = rc > 0;
    return 0;
}

int record_search_rebuild(Records *rs, Store *s, Conn *c, Err *e)
{
    return store_write(s, c, empty_apply, rs, e);
}

/* What the step will do, from one snapshot. */
static int step_read(Records *rs, Arena *a, Tx *tx, Step *step, bool *ret_is_ours,
                     bool *ret_is_same, Err *e)
{
    TRY(meta_is(tx, S("model"), model_hex(a, rs->model), ret_is_ours, e));
    TRY(find_is_same(rs, tx, ret_is_same, e));
    if (!*ret_is_ours || !*ret_is_same)
        return 0;
    Stmt *s = tx_sql(tx, SQL(record_find_behind));
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    step->chain = col_i64(s, 0);
    step->at = col_i64(s, 1);
    stmt_reset(s);
    Line *lines = NEW_N(a, Line, LIMIT_SEARCH_STEP);
    int most = step->doc_most * LINES_EACH;
    TRY(read_lines(tx, step->chain, step->at, most < LIMIT_SEARCH_STEP ? most : LIMIT_SEARCH_STEP,
                   lines, &step->n, e));
    return read_bodies(rs, a, tx, lines, step, e);
}

/* How many documents the next job takes, after one of `docs` held the writer for so long. */
static int next_size(int docs, int64_t us)
{
    int64_t n = us > 0 ? (int64_t)docs * LIMIT_SEARCH_JOB_US / us : DOCS_MAX;
    if (n > (int64_t)docs * 2)
        n = (int64_t)docs * 2; /* not at one stroke */
    return n < DOCS_MIN ? DOCS_MIN : n > DOCS_MAX ? DOCS_MAX : (int)n;
}

static int step_write(const Step *step, Store *s, Conn *c, SearchPace *pace, Err *e)
{
    Env *env = step->rs->env;
    Portion p = {.step = step, .at = step->at, .to = step->n};
    if (!step->n)
        return 0;
    p.to_seq = step->entries[step->n - 1].seq;
    int64_t from_us = env_mono_us(env);
    TRY(store_write(s, c, portion_apply, &p, e));
    pace->waited_us = p.began_us - from_us;
    pace->held_us = env_mono_us(env) - p.began_us;
    if (step->doc_n >= pace->docs)
        pace->docs = next_size(pace->docs, pace->held_us);
    return 0;
}

static int search_step(Records *rs, Store *s, Conn *c, SearchPace *pace, bool *ret_more, Err *e)
{
    Arena *a = arena_new(256 * 1024);
    Step step = {.rs = rs, .doc_most = pace->docs};
    bool is_ours = false, is_same = false;
    Tx *tx;
    int rc = tx_read(c, &tx, e);
    if (!rc) {
        rc = step_read(rs, a, tx, &step, &is_ours, &is_same, e);
        tx_end(tx);
    }
    if (!rc && is_ours)
        rc = is_same ? step_write(&step, s, c, pace, e) : record_search_rebuild(rs, s, c, e);
    arena_free(a);
    if (!rc)
        *ret_more = is_ours && (!is_same || step.n > 0);
    return rc;
}

int record_search_step(Records *rs, Store *s, Conn *c, SearchPace *pace, bool *ret_more, Err *e)
{
    if (!pace->docs)
        pace->docs = DOCS_FIRST;
    return search_step(rs, s, c, pace, ret_more, e);
}

int record_search_all(Records *rs, Store *s, Conn *c, Err *e)
{
    bool more = true;
    while (more) {
        SearchPace pace = {.docs = LIMIT_SEARCH_STEP}; /* nobody waits */
        TRY(search_step(rs, s, c, &pace, &more, e));
    }
    return 0;
}

int record_search_lag(Records *rs, Tx *tx, int64_t *ret, Err *e)
{
    (void)rs;
    Stmt *s = tx_sql(tx, SQL(record_find_lag));
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    *ret = rc ? col_i64(s, 0) : 0;
    stmt_reset(s);
    return 0;
}
