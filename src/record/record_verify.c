/* record_verify.c: proves that what is stored is what was written.
 *
 *   chains    numbers without gap, hash(n) over hash(n-1), body hash over the entries, head as kept
 *   records   versions 1..n without gap, each row equal to the fold of its history, register and row agree
 *   files     digest of the chunks, every file a record shows is there
 * Everything is read in keyset steps. Findings are sentences with the place; nothing is mended.
 *                                                                                       SPEC: P11 */
#include "record/record_int.h"

typedef struct Check {
    Records *rs;
    Arena *arena; /* emptied between steps */
    Arena *words;
    Tx *tx, *files_tx;
    Lang lang;
    void (*say)(void *ctx, Str finding);
    void *ctx;
    VerifyReport *report;
} Check;

#define find(c, key, ...) find_at((c), (key), (Str[]){__VA_ARGS__ __VA_OPT__(, ) STR_NONE})
static void find_at(Check *c, const char *key, const Str *args)
{
    size_t n = 0, mark = arena_mark(c->words);
    while (str_has(args[n]))
        n++;
    c->report->findings++;
    c->say(c->ctx, i18n_text(c->words, c->lang, str_of(key), args, n));
    arena_rewind(c->words, mark);
}

static Str num(Check *c, int64_t v)
{
    return str_fmt(c->arena, "%lld", (long long)v);
}

typedef struct Link {
    int64_t chain, seq;
    uint8_t hash[SM3_BYTES];
} Link;

static void check_entry(Check *c, Stmt *s, Link *at)
{
    int64_t seq = col_i64(s, 0);
    if (seq != at->seq + 1)
        find(c, "verify.gap", num(c, at->chain), num(c, at->seq + 1), num(c, seq));
    Pended p = {.at_ms = col_i64(s, 1),
                .record = col_uuid(s, 2),
                .type = col_i64(s, 3),
                .version = col_i64(s, 4),
                .act = col_i64(s, 5),
                .actor = col_uuid(s, 6),
                .seat = col_i64(s, 7)};
    Entry *entries;
    int n;
    uint8_t hash[SM3_BYTES];
    Str body_hash = col_blob(s, 9), stored = col_blob(s, 10);
    if (body_hash.n != SM3_BYTES || stored.n != SM3_BYTES) {
        find(c, "verify.entry_broken", num(c, at->chain), num(c, seq));
        at->seq = seq;
        return;
    }
    if (!body_decode(c->arena, col_blob(s, 8), &entries, &n, hash) ||
        memcmp(hash, body_hash.p, SM3_BYTES) != 0)
        find(c, "verify.body_changed", num(c, at->chain), num(c, seq),
             uuid_text(c->arena, p.record));
    memcpy(p.body_hash, body_hash.p, SM3_BYTES);
    history_hash(at->hash, at->chain, seq, &p, hash);
    if (memcmp(hash, stored.p, SM3_BYTES) != 0)
        find(c, "verify.chain_broken", num(c, at->chain), num(c, seq),
             uuid_text(c->arena, p.record));
    at->seq = seq;
    memcpy(at->hash, stored.p,
           SM3_BYTES); /* go on from what stands there: one break, one finding */
    c->report->changes++;
}

static int check_chain(Check *c, int64_t chain, int64_t want_seq, const uint8_t *want_hash, Err *e)
{
    Link at = {.chain = chain};
    for (int n = 1; n;) {
        size_t mark = arena_mark(c->arena);
        Stmt *s = tx_sql(c->tx, SQL(record_verify_entries));
        bind_i64(s, 1, chain);
        bind_i64(s, 2, at.seq);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++)
            check_entry(c, s, &at);
        if (rc < 0)
            return rc;
        arena_rewind(c->arena, mark);
    }
    if (at.seq != want_seq || memcmp(at.hash, want_hash, SM3_BYTES) != 0)
        find(c, "verify.chain_short", num(c, chain), num(c, want_seq), num(c, at.seq));
    return 0;
}

static int check_chains(Check *c, Err *e)
{
    enum { CHAINS_MAX = 1024 };
    Link *heads = NEW_N(c->arena, Link, CHAINS_MAX);
    int n = 0, rc;
    Stmt *s = tx_sql(c->tx, SQL(record_verify_chains));
    while ((rc = stmt_step(s, e)) > 0) {
        if (n == CHAINS_MAX)
            return err_set(e, ERR_LIMIT, "verify.too_many_chains", err_int(e, CHAINS_MAX));
        heads[n] = (Link){.chain = col_i64(s, 0), .seq = col_i64(s, 1)};
        Str hash = col_blob(s, 2);
        if (hash.n == SM3_BYTES)
            memcpy(heads[n].hash, hash.p, SM3_BYTES);
        n++;
    }
    if (rc < 0)
        return rc;
    for (int i = 0; i < n; i++)
        TRY(check_chain(c, heads[i].chain, heads[i].seq, heads[i].hash, e));
    s = tx_sql(c->tx, SQL(record_verify_stray));
    rc = stmt_step(s, e);
    if (rc > 0) {
        if (col_i64(s, 0))
            find(c, "verify.stray_entries", num(c, col_i64(s, 0)));
        stmt_reset(s);
    }
    return rc < 0 ? rc : 0;
}

/* What its history says a record is. */
typedef struct Fold {
    Value *values;
    bool *blanked;
    int64_t state, unit, posting, version;
    bool is_whole;
} Fold;

static int fold_history(Check *c, const Type *t, Uuid id, Fold *ret, Err *e)
{
    *ret = (Fold){.values = NEW_N(c->arena, Value, (size_t)t->field_n + 1),
                  .blanked = NEW_N(c->arena, bool, (size_t)t->field_n + 1),
                  .is_whole = true};
    Stmt *s = tx_sql(c->tx, SQL(record_verify_folds));
    bind_uuid(s, 1, id);
    int rc;
    while ((rc = stmt_step(s, e)) > 0) {
        int64_t version = col_i64(s, 0);
        if (version != ret->version + 1)
            find(c, "verify.version_gap", uuid_text(c->arena, id), num(c, ret->version + 1));
        ret->version = version;
        Entry *entries;
        int n;
        uint8_t hash[SM3_BYTES];
        if (!body_decode(c->arena, str_copy(c->arena, col_blob(s, 1)), &entries, &n, hash)) {
            ret->is_whole = false; /* told by check_entry already */
            continue;
        }
        for (int i = 0; i < n; i++) {
            const Entry *en = &entries[i];
            if (en->number == ENTRY_STATE)
                ret->state = en->value.i;
            else if (en->number == ENTRY_UNIT)
                ret->unit = en->value.i;
            else if (en->number == ENTRY_POSTING)
                ret->posting = en->value.i;
            for (int k = 0; k < t->field_n; k++)
                if (t->fields[k].number == en->number) {
                    ret->values[k] = en->value;
                    ret->blanked[k] = en->is_blanked;
                }
        }
    }
    return rc;
}

static int check_register(Check *c, const Type *t, Uuid id, int64_t county, int64_t unit, Err *e)
{
    Stmt *s = tx_sql(c->tx, SQL(record_register_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (!rc || col_i64(s, 0) != t->number || col_i64(s, 1) != unit || col_i64(s, 2) != county)
        find(c, "verify.register_differs", t->name, uuid_text(c->arena, id));
    if (rc)
        stmt_reset(s);
    return 0;
}

static Day fold_day(const Type *t, const Fold *f, UnixMs made_ms)
{
    if (t->dated && f->values[t->dated->ix].tag == VALUE_INT)
        return (Day)f->values[t->dated->ix].i;
    return day_of_ms(made_ms);
}

typedef struct Row {
    Uuid id;
    int64_t county, unit, posting, state, version, is_open;
    UnixMs made_ms;
    Day at_day;
    Value *values;
} Row;

static int check_row(Check *c, const Type *t, const Row *row, Err *e)
{
    Str id = uuid_text(c->arena, row->id);
    Fold f;
    TRY(fold_history(c, t, row->id, &f, e));
    TRY(check_register(c, t, row->id, row->county, row->unit, e));
    if (f.version != row->version)
        find(c, "verify.version_differs", t->name, id, num(c, row->version), num(c, f.version));
    if (!f.is_whole)
        return 0;
    if (f.state != row->state || f.unit != row->unit || f.posting != row->posting)
        find(c, "verify.place_differs", t->name, id);
    const State *st = type_state_numbered(t, row->state);
    if (!st || row->is_open != (t->open_states >> st->ix & 1) ||
        row->at_day != fold_day(t, &f, row->made_ms))
        find(c, "verify.index_differs", t->name, id);
    for (int i = 0; i < t->field_n; i++)
        if (!f.blanked[i] && !value_eq(&f.values[i], &row->values[i]))
            find(c, "verify.field_differs", t->name, id, t->fields[i].name);
    c->report->records++;
    return 0;
}

static int read_rows(Check *c, const Type *t, int64_t county, Uuid id, Row *rows, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(c->tx, c->rs->sql[t->ix].all, &s, e));
    bind_i64(s, 1, county);
    bind_uuid(s, 2, id);
    int n = 0, rc;
    while ((rc = stmt_step(s, e)) > 0) {
        Row *r = &rows[n++];
        *r = (Row){.id = col_uuid(s, COL_ID),
                   .county = col_i64(s, COL_COUNTY),
                   .unit = col_i64(s, COL_UNIT),
                   .posting = col_i64(s, COL_POSTING),
                   .state = col_i64(s, COL_STATE),
                   .version = col_i64(s, COL_VERSION),
                   .made_ms = col_i64(s, COL_MADE_MS),
                   .at_day = col_day(s, COL_AT_DAY),
                   .is_open = col_i64(s, COL_FIELDS + t->field_n)};
        r->values = NEW_N(c->arena, Value, (size_t)t->field_n + 1);
        for (int i = 0; i < t->field_n; i++)
            r->values[i] = query_value(c->arena, s, COL_FIELDS + i, &t->fields[i]);
    }
    return rc < 0 ? rc : n;
}

static int check_rows(Check *c, const Type *t, Err *e)
{
    enum { STEP = 500 }; /* as the statement's LIMIT */
    int64_t county = INT64_MIN;
    Uuid id = {{0}};
    for (int n = STEP; n;) {
        size_t mark = arena_mark(c->arena);
        Row *rows = NEW_N(c->arena, Row, STEP);
        n = read_rows(c, t, county, id, rows, e);
        if (n < 0)
            return n;
        for (int i = 0; i < n; i++) {
            size_t inner = arena_mark(c->arena);
            TRY(check_row(c, t, &rows[i], e));
            arena_rewind(c->arena, inner);
        }
        if (n) {
            county = rows[n - 1].county;
            id = rows[n - 1].id;
        }
        arena_rewind(c->arena, mark);
    }
    return 0;
}

/* Every id of the register has its row, every history its record. */
static int check_registered(Check *c, Err *e)
{
    enum { STEP = 500 };
    typedef struct Reg {
        Uuid id;
        int64_t type, county;
    } Reg;
    Uuid id = {{0}};
    for (int n = STEP; n;) {
        size_t mark = arena_mark(c->arena);
        Reg *list = NEW_N(c->arena, Reg, STEP);
        Stmt *s = tx_sql(c->tx, SQL(record_verify_register));
        bind_uuid(s, 1, id);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++)
            list[n] = (Reg){col_uuid(s, 0), col_i64(s, 1), col_i64(s, 3)};
        if (rc < 0)
            return rc;
        for (int i = 0; i < n; i++) {
            const Type *t = model_type_numbered(c->rs->model, list[i].type);
            id = list[i].id;
            if (!t)
                continue; /* hidden by the model */
            TRY(tx_prepare(c->tx, c->rs->sql[t->ix].get, &s, e));
            bind_i64(s, 1, list[i].county);
            bind_uuid(s, 2, id);
            rc = stmt_step(s, e);
            if (rc < 0)
                return rc;
            if (rc)
                stmt_reset(s);
            else
                find(c, "verify.row_lost", t->name, uuid_text(c->arena, id));
        }
        arena_rewind(c->arena, mark);
    }
    Stmt *s = tx_sql(c->tx, SQL(record_verify_orphans));
    int rc;
    while ((rc = stmt_step(s, e)) > 0)
        find(c, "verify.orphan_history", uuid_text(c->arena, col_uuid(s, 0)));
    return rc;
}

static int check_file(Check *c, Uuid id, int64_t bytes, const uint8_t *sm3, Err *e)
{
    Sm3 *h = sm3_new();
    sm3_begin(h);
    int64_t n = 0;
    int rc;
    Stmt *s = tx_sql(c->files_tx, SQL(file_chunks));
    bind_uuid(s, 1, id);
    while ((rc = stmt_step(s, e)) > 0) {
        Str part = col_blob(s, 1);
        sm3_add(h, part.p, part.n);
        n += (int64_t)part.n;
    }
    uint8_t got[SM3_BYTES];
    sm3_end(h, got);
    sm3_free(h);
    if (!rc && (n != bytes || memcmp(got, sm3, SM3_BYTES) != 0))
        find(c, "verify.file_changed", uuid_text(c->arena, id));
    c->report->files++;
    return rc;
}

static int check_files(Check *c, Err *e)
{
    enum { STEP = 100 };
    typedef struct Kept {
        Uuid id;
        int64_t bytes;
        uint8_t sm3[SM3_BYTES];
    } Kept;
    Uuid id = {{0}};
    for (int n = STEP; n;) {
        size_t mark = arena_mark(c->arena);
        Kept *list = NEW_N(c->arena, Kept, STEP);
        Stmt *s = tx_sql(c->files_tx, SQL(file_verify_all));
        bind_uuid(s, 1, id);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++) {
            list[n] = (Kept){.id = col_uuid(s, 0), .bytes = col_i64(s, 1)};
            Str sm3 = col_blob(s, 2);
            if (sm3.n == SM3_BYTES)
                memcpy(list[n].sm3, sm3.p, SM3_BYTES);
        }
        if (rc < 0)
            return rc;
        for (int i = 0; i < n; i++) {
            TRY(check_file(c, list[i].id, list[i].bytes, list[i].sm3, e));
            id = list[i].id;
        }
        arena_rewind(c->arena, mark);
    }
    return 0;
}

static int check_uses(Check *c, Err *e)
{
    enum { STEP = 500 };
    Uuid last = {{0}};
    for (int n = STEP; n;) {
        size_t mark = arena_mark(c->arena);
        Uuid *list = NEW_N(c->arena, Uuid, STEP);
        Stmt *s = tx_sql(c->tx, SQL(record_verify_uses));
        bind_uuid(s, 1, last);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++)
            list[n] = col_uuid(s, 0);
        if (rc < 0)
            return rc;
        for (int i = 0; i < n; i++) {
            s = tx_sql(c->files_tx, SQL(file_get));
            bind_uuid(s, 1, list[i]);
            rc = stmt_step(s, e);
            if (rc < 0)
                return rc;
            if (rc)
                stmt_reset(s);
            else
                find(c, "verify.file_lost", uuid_text(c->arena, list[i]));
            last = list[i];
        }
        arena_rewind(c->arena, mark);
    }
    return 0;
}

int record_verify(Records *rs, Arena *a, Tx *tx, Tx *files_tx, Lang lang,
                  void (*say)(void *ctx, Str finding), void *ctx, VerifyReport *ret, Err *e)
{
    VerifyReport report = {0};
    Check c = {.rs = rs,
               .arena = arena_new(64 * 1024),
               .words = a,
               .tx = tx,
               .files_tx = files_tx,
               .lang = lang,
               .say = say,
               .ctx = ctx,
               .report = &report};
    int rc = check_chains(&c, e);
    for (int i = 0; i < rs->model->type_n && !rc; i++)
        rc = check_rows(&c, &rs->model->types[i], e);
    if (!rc)
        rc = check_registered(&c, e);
    if (!rc)
        rc = check_files(&c, e);
    if (!rc)
        rc = check_uses(&c, e);
    arena_free(c.arena);
    if (rc < 0)
        return rc;
    *ret = report;
    return 0;
}
