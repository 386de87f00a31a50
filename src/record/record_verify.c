/* record_verify.c: proves that what is stored is what was written.
 *
 *   chains    numbers without gap, hash(n) over hash(n-1), body hash over the entries, head as
 *             kept, and every type, action and field the catalogue's
 *   records   versions 1..n without gap, each row equal to the fold of its history, its author,
 *             post and instant those of its first change, the post the author's; register and row
 *             agree; lines, links and audiences stand beside it as it says, and no others
 *   files     digest and order of the chunks; what a record ever showed is there, sent by who put
 *             it in, and open through this record and no other
 *   comments  each is as it was chained (record_verify_comment.c)
 * Not covered by any digest, so not proved: of a file its media type, its instant, the digest of
 * what was sent, and the owner of one that no record shows. Everything is read in keyset steps.
 * Findings are sentences with the place; nothing is mended.                            SPEC: P11 */
#include "record/record_int.h"

/* A permanent number that was given, and what for. */
typedef struct Given {
    int64_t number;
    char kind; /* first letter of the catalogue's word: type, field, choice, state, action */
    bool has_files; /* a field of photos or documents: its ids count though the model hides it */
} Given;

typedef struct Proof {
    Records *rs;
    Arena *arena; /* emptied between steps */
    Arena *words;
    Tx *tx, *files_tx;
    Lang lang;
    void (*say)(void *ctx, Str finding);
    void *ctx;
    VerifyReport *report;
    Given *given; /* by number */
    int given_n;
    int64_t *beside; /* of the type at hand, by field ix: lines, links, pairs that belong there */
} Proof;

#define find(c, key, ...) find_at((c), (key), (Str[]){__VA_ARGS__ __VA_OPT__(, ) STR_NONE})
static void find_at(Proof *c, const char *key, const Str *args)
{
    size_t n = 0, mark = arena_mark(c->words);
    while (str_has(args[n]))
        n++;
    c->report->findings++;
    c->say(c->ctx, i18n_text(c->words, c->lang, str_of(key), args, n));
    arena_rewind(c->words, mark);
}

static Str num(Proof *c, int64_t v)
{
    return str_fmt(c->arena, "%lld", (long long)v);
}

static int read_given(Proof *c, Err *e)
{
    int cap = 0, rc;
    Stmt *s = tx_sql(c->tx, SQL(record_catalogue_all));
    while ((rc = stmt_step(s, e)) > 0) {
        if (c->given_n == cap) {
            Given *more = NEW_N(c->arena, Given, (size_t)cap * 2 + 256);
            if (cap)
                memcpy(more, c->given, (size_t)cap * sizeof *more);
            c->given = more;
            cap = cap * 2 + 256;
        }
        Str kind = col_str(s, 1);
        c->given[c->given_n++] = (Given){
            col_i64(s, 0), kind.n ? kind.p[0] : ' ',
            str_eq(col_str(s, 3), S("photo")) || str_eq(col_str(s, 3), S("file"))};
    }
    return rc;
}

static const Given *given_of(const Proof *c, int64_t number)
{
    int lo = 0, hi = c->given_n;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (c->given[mid].number < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->given_n && c->given[lo].number == number ? &c->given[lo] : NULL;
}

static bool is_given(const Proof *c, int64_t number, char kind)
{
    const Given *g = given_of(c, number);
    return g && g->kind == kind;
}

static bool is_entry_number(const Proof *c, int64_t n)
{
    return n < CATALOGUE_FIRST ? n >= ENTRY_STATE && n <= ENTRY_POSTING : is_given(c, n, 'f');
}

typedef struct Link {
    int64_t chain, seq;
    uint8_t hash[SM3_BYTES];
} Link;

static void check_entry(Proof *c, Stmt *s, Link *at)
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
    if (!col_null(s, 11))
        p.deputy_for = col_uuid(s, 11);
    Entry *entries;
    int n;
    uint8_t hash[SM3_BYTES];
    Str body_hash = col_blob(s, 9), stored = col_blob(s, 10);
    if (body_hash.n != SM3_BYTES || stored.n != SM3_BYTES) {
        find(c, "verify.entry_broken", num(c, at->chain), num(c, seq));
        at->seq = seq;
        return;
    }
    bool is_whole = body_decode(c->arena, col_blob(s, 8), &entries, &n, hash);
    if (!is_whole || memcmp(hash, body_hash.p, SM3_BYTES) != 0)
        find(c, "verify.body_changed", num(c, at->chain), num(c, seq),
             uuid_text(c->arena, p.record));
    bool is_comment = p.act == ACT_COMMENT;
    bool is_known = is_given(c, p.type, 't') && (is_comment || is_given(c, p.act, 'a'));
    for (int i = 0; i < n && is_whole && !is_comment; i++) /* what one holds: verify_comments */
        is_known = is_known && is_entry_number(c, entries[i].number);
    if (!is_known)
        find(c, "verify.unknown_number", num(c, at->chain), num(c, seq),
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

static int check_chain(Proof *c, int64_t chain, int64_t want_seq, const uint8_t *want_hash, Err *e)
{
    Link at = {.chain = chain};
    for (int n = 1; n;) {
        size_t mark = arena_mark(c->arena);
        Stmt *s = tx_sql(c->tx, SQL(record_verify_entries));
        bind_i64(s, 1, chain);
        bind_i64(s, 2, at.seq);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++) {
            check_entry(c, s, &at);
            arena_rewind(c->arena, mark);
        }
        if (rc < 0)
            return rc;
    }
    if (at.seq != want_seq || memcmp(at.hash, want_hash, SM3_BYTES) != 0)
        find(c, "verify.chain_short", num(c, chain), num(c, want_seq), num(c, at.seq));
    return 0;
}

static int check_chains(Proof *c, Err *e)
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

/* A file some version of a record showed, and who put it in. */
typedef struct Shown {
    Uuid file, actor;
} Shown;

/* What its history says a record is. */
typedef struct Fold {
    const Type *type;
    Value *values;
    bool *blanked;
    int64_t state, unit, posting, version;
    int64_t seat; /* of the first change, and its author and instant */
    Uuid author;
    UnixMs made_ms;
    Shown *shown;
    int shown_n, shown_cap;
    bool is_whole, is_other_type;
} Fold;

static void add_shown(Proof *c, Fold *f, const Value *v, Uuid actor)
{
    for (size_t at = 0; v->tag == VALUE_BLOB && at + sizeof(Uuid) <= v->s.n; at += sizeof(Uuid)) {
        Shown one = {.actor = actor};
        memcpy(one.file.b, v->s.p + at, sizeof one.file.b);
        bool is_new = true;
        for (int i = 0; i < f->shown_n; i++)
            is_new = is_new && !uuid_eq(f->shown[i].file, one.file);
        if (!is_new)
            continue;
        if (f->shown_n == f->shown_cap) {
            int cap = f->shown_cap * 2 + 16;
            Shown *more = NEW_N(c->arena, Shown, (size_t)cap);
            if (f->shown_n)
                memcpy(more, f->shown, (size_t)f->shown_n * sizeof *more);
            f->shown = more;
            f->shown_cap = cap;
        }
        f->shown[f->shown_n++] = one;
    }
}

static void show_files(Proof *c, Fold *f, const Field *field, const Value *v, Uuid actor)
{
    if (field_has_files(field))
        add_shown(c, f, v, actor);
    for (int64_t i = 0; v->tag == VALUE_ROWS && i < v->i; i++)
        for (int k = 0; k < field->field_n; k++)
            show_files(c, f, &field->fields[k], &v->rows[i].values[k], actor);
}

static void fold_body(Proof *c, Fold *f, const Entry *entries, int n, Uuid actor)
{
    for (int i = 0; i < n; i++) {
        const Entry *en = &entries[i];
        if (en->number == ENTRY_STATE)
            f->state = en->value.i;
        else if (en->number == ENTRY_UNIT)
            f->unit = en->value.i;
        else if (en->number == ENTRY_POSTING)
            f->posting = en->value.i;
        bool is_shown = false;
        for (int k = 0; k < f->type->field_n; k++) {
            const Field *field = &f->type->fields[k];
            if (field->number != en->number)
                continue;
            is_shown = true;
            bool is_rows = field->kind == KIND_ROWS;
            f->blanked[k] = en->is_blanked || (is_rows && f->blanked[k]);
            if (!is_rows)
                f->values[k] = value_copy(c->arena, &en->value);
            else if (i && entries[i - 1].number == en->number)
                continue; /* folded with the first of them */
            else if (!rows_fold(c->arena, field, &f->values[k], entries, n, &f->values[k]))
                f->is_whole = false;
            show_files(c, f, field, &f->values[k], actor);
        }
        const Given *hidden = is_shown ? NULL : given_of(c, en->number);
        if (hidden && hidden->kind == 'f' && hidden->has_files)
            add_shown(c, f, &en->value, actor);
    }
}

static int fold_history(Proof *c, const Type *t, Uuid id, Fold *ret, Err *e)
{
    *ret = (Fold){.type = t,
                  .values = NEW_N(c->arena, Value, (size_t)t->field_n + 1),
                  .blanked = NEW_N(c->arena, bool, (size_t)t->field_n + 1),
                  .is_whole = true};
    Stmt *s = tx_sql(c->tx, SQL(record_verify_folds));
    bind_uuid(s, 1, id);
    int rc;
    while ((rc = stmt_step(s, e)) > 0) {
        int64_t version = col_i64(s, 0);
        if (version != ret->version + 1)
            find(c, "verify.version_gap", uuid_text(c->arena, id), num(c, ret->version + 1));
        Uuid actor = col_uuid(s, 3);
        if (!ret->version) {
            ret->made_ms = col_i64(s, 1);
            ret->author = col_null(s, 6) ? actor : col_uuid(s, 6);
            ret->seat = col_i64(s, 4);
        }
        ret->version = version;
        ret->is_other_type = ret->is_other_type || col_i64(s, 2) != t->number;
        Entry *entries;
        int n;
        uint8_t hash[SM3_BYTES];
        if (!body_decode(c->arena, col_blob(s, 5), &entries, &n, hash)) {
            ret->is_whole = false; /* told by check_entry already */
            continue;
        }
        bool was_whole = ret->is_whole;
        fold_body(c, ret, entries, n, actor);
        if (was_whole && !ret->is_whole)
            find(c, "verify.row_entry", t->name, uuid_text(c->arena, id), num(c, version));
    }
    return rc;
}

static Day fold_day(const Fold *f, UnixMs made_ms)
{
    const Field *dated = f->type->dated;
    if (dated && f->values[dated->ix].tag == VALUE_INT)
        return (Day)f->values[dated->ix].i;
    return day_of_ms(made_ms);
}

typedef struct Found {
    const Type *type;
    Uuid id, author;
    int64_t county, unit, seat, posting, state, version, is_open;
    UnixMs made_ms;
    Day at_day;
    Value *values;
} Found;

/* The register says the same, and the post is its author's. */
static int check_origin(Proof *c, const Type *t, const Found *row, Err *e)
{
    Stmt *s = tx_sql(c->tx, SQL(record_verify_origin));
    bind_i64(s, 1, row->posting);
    bind_uuid(s, 2, row->id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    Str id = uuid_text(c->arena, row->id);
    if (!rc || col_i64(s, 0) != t->number || col_i64(s, 1) != row->unit ||
        col_i64(s, 2) != row->county)
        find(c, "verify.register_differs", t->name, id);
    if (rc && (!uuid_eq(col_uuid(s, 3), row->author) || col_i64(s, 4) != row->seat))
        find(c, "verify.post_differs", t->name, id);
    if (rc)
        stmt_reset(s);
    return 0;
}

/* Every file it ever showed is there and was sent by who put it in. */
static int check_shown(Proof *c, const Fold *f, Str id, Err *e)
{
    for (int i = 0; i < f->shown_n; i++) {
        Stmt *s = tx_sql(c->files_tx, SQL(file_get));
        bind_uuid(s, 1, f->shown[i].file);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        if (!rc)
            find(c, "verify.file_lost", uuid_text(c->arena, f->shown[i].file));
        else if (!uuid_eq(col_uuid(s, 0), f->shown[i].actor))
            find(c, "verify.file_foreign", uuid_text(c->arena, f->shown[i].file), id);
        if (rc)
            stmt_reset(s);
    }
    return 0;
}

/* file_use opens exactly these through this record. */
static int check_uses(Proof *c, const Fold *f, Uuid record, Err *e)
{
    int found = 0, rc;
    Str id = uuid_text(c->arena, record);
    Stmt *s = tx_sql(c->tx, SQL(record_verify_uses));
    bind_uuid(s, 1, record);
    while ((rc = stmt_step(s, e)) > 0) {
        Uuid file = col_uuid(s, 0);
        bool is_shown = false;
        for (int i = 0; i < f->shown_n; i++)
            is_shown = is_shown || uuid_eq(f->shown[i].file, file);
        found += is_shown;
        if (!is_shown)
            find(c, "verify.use_foreign", uuid_text(c->arena, file), id);
    }
    if (rc < 0)
        return rc;
    if (found < f->shown_n)
        find(c, "verify.use_lost", id, num(c, f->shown_n - found));
    return check_shown(c, f, id, e);
}

/* The lines of one rows field: ids, order, places and values as folded, unit and county the
 * record's. `want` NULL: blanked, only counted. */
static int check_lines(Proof *c, const Found *row, const Field *f, const FieldSql *sql,
                       const Value *want, Err *e)
{
    int64_t n = 0, want_n = want && want->tag == VALUE_ROWS ? want->i : 0;
    bool is_same = true;
    int rc;
    Stmt *s;
    TRY(tx_prepare(c->tx, sql->rows.of, &s, e));
    bind_uuid(s, 1, row->id);
    for (; (rc = stmt_step(s, e)) > 0; n++) {
        const Row *line = n < want_n ? &want->rows[n] : NULL;
        is_same = is_same && line && uuid_eq(col_uuid(s, ROW_ID), line->id) &&
                  col_i64(s, ROW_IX) == line->ix && col_i64(s, ROW_COUNTY) == row->county &&
                  col_i64(s, ROW_UNIT) == row->unit;
        for (int k = 0; k < f->field_n && is_same; k++) {
            Value v = query_value(c->arena, s, ROW_FIELDS + k, &f->fields[k]);
            is_same = value_eq(&v, &line->values[k]);
        }
    }
    c->beside[f->ix] += n;
    if (!rc && want && (!is_same || n != want_n))
        find(c, "verify.lines_differ", row->type->name, uuid_text(c->arena, row->id), f->name);
    return rc;
}

static int check_links(Proof *c, const Found *row, const Field *f, const FieldSql *sql,
                       const Value *want, Err *e)
{
    Buf got = {.arena = c->arena};
    int rc;
    Stmt *s;
    TRY(tx_prepare(c->tx, sql->of, &s, e));
    bind_i64(s, 1, row->county);
    bind_uuid(s, 2, row->id);
    while ((rc = stmt_step(s, e)) > 0) {
        Uuid target = col_uuid(s, 0);
        buf_mem(&got, target.b, sizeof target.b);
    }
    c->beside[f->ix] += (int64_t)(got.n / sizeof(Uuid));
    Str ids = want->tag == VALUE_BLOB ? want->s : S("");
    if (!rc && !str_eq(buf_view(&got), ids))
        find(c, "verify.links_differ", row->type->name, uuid_text(c->arena, row->id), f->name);
    return rc;
}

static int check_audience(Proof *c, const Found *row, const Field *f, const FieldSql *sql,
                          const Value *want, Err *e)
{
    Str at = want->tag == VALUE_TEXT ? want->s : S(""), role;
    int64_t unit;
    bool is_same = true;
    while (audience_next(&at, &role, &unit)) {
        Stmt *s;
        TRY(tx_prepare(c->tx, sql->of, &s, e));
        bind_str(s, 1, role);
        bind_i64(s, 2, unit);
        bind_i64(s, 3, row->at_day);
        bind_uuid(s, 4, row->id);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        is_same = is_same && rc && col_i64(s, 0) == row->county;
        c->beside[f->ix] += rc;
        if (rc)
            stmt_reset(s);
    }
    if (!is_same)
        find(c, "verify.audience_differs", row->type->name, uuid_text(c->arena, row->id), f->name);
    return 0;
}

/* What stands beside the row is what the fold says (or, blanked, what the row itself says). */
static int check_beside(Proof *c, const Fold *f, const Found *row, Err *e)
{
    for (int i = 0; i < f->type->field_n; i++) {
        const Field *field = &f->type->fields[i];
        const FieldSql *sql = &c->rs->sql[f->type->ix].fields[i];
        if (field->kind == KIND_ROWS)
            TRY(check_lines(c, row, field, sql, f->blanked[i] ? NULL : &f->values[i], e));
        else if (field->kind == KIND_LINKS)
            TRY(check_links(c, row, field, sql, &row->values[i], e));
        else if (field->kind == KIND_AUDIENCE)
            TRY(check_audience(c, row, field, sql, &row->values[i], e));
    }
    return 0;
}

/* And nothing stands beside that belongs to no record. */
static int check_strays(Proof *c, const Type *t, Err *e)
{
    for (int i = 0; i < t->field_n; i++) {
        Str count = c->rs->sql[t->ix].fields[i].count;
        int64_t n;
        if (!str_has(count))
            continue;
        TRY(tx_ask_i64(c->tx, count, &n, e));
        if (n != c->beside[i])
            find(c, "verify.strays", t->name, t->fields[i].name, num(c, n - c->beside[i]));
    }
    return 0;
}

static int check_row(Proof *c, const Type *t, const Found *row, Err *e)
{
    Str id = uuid_text(c->arena, row->id);
    Fold f;
    TRY(fold_history(c, t, row->id, &f, e));
    TRY(check_origin(c, t, row, e));
    c->report->records++;
    if (f.version != row->version)
        find(c, "verify.version_differs", t->name, id, num(c, row->version), num(c, f.version));
    if (!f.is_whole)
        return 0;
    if (f.state != row->state || f.unit != row->unit || f.posting != row->posting ||
        f.is_other_type)
        find(c, "verify.place_differs", t->name, id);
    if (!uuid_eq(f.author, row->author) || f.seat != row->seat || f.made_ms != row->made_ms)
        find(c, "verify.author_differs", t->name, id);
    const State *st = type_state_numbered(t, row->state);
    if (!st || row->is_open != (t->open_states >> st->ix & 1) ||
        row->at_day != fold_day(&f, row->made_ms))
        find(c, "verify.index_differs", t->name, id);
    for (int i = 0; i < t->field_n; i++)
        if (t->fields[i].kind != KIND_ROWS && !f.blanked[i] &&
            !value_eq(&f.values[i], &row->values[i]))
            find(c, "verify.field_differs", t->name, id, t->fields[i].name);
    TRY(check_beside(c, &f, row, e));
    return check_uses(c, &f, row->id, e);
}

static int read_rows(Proof *c, const Type *t, int64_t county, Uuid id, Found *rows, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(c->tx, c->rs->sql[t->ix].all, &s, e));
    bind_i64(s, 1, county);
    bind_uuid(s, 2, id);
    int n = 0, rc;
    while ((rc = stmt_step(s, e)) > 0) {
        Found *r = &rows[n++];
        *r = (Found){.type = t,
                   .id = col_uuid(s, COL_ID),
                   .author = col_uuid(s, COL_AUTHOR),
                   .seat = col_i64(s, COL_SEAT),
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

static int check_rows(Proof *c, const Type *t, Err *e)
{
    enum { STEP = 500 }; /* as the statement's LIMIT */
    int64_t county = INT64_MIN;
    Uuid id = {{0}};
    c->beside = NEW_N(c->words, int64_t, (size_t)t->field_n + 1);
    for (int n = STEP; n;) {
        size_t mark = arena_mark(c->arena);
        Found *rows = NEW_N(c->arena, Found, STEP);
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
    return check_strays(c, t, e);
}

/* One finding for each id a statement gives. */
static int find_ids(Proof *c, const SqlDef *sql, const char *key, Err *e)
{
    Stmt *s = tx_sql(c->tx, sql);
    int rc;
    while ((rc = stmt_step(s, e)) > 0)
        find_at(c, key, (Str[]){uuid_text(c->arena, col_uuid(s, 0)), STR_NONE});
    return rc;
}

/* Every id of the register has its row, every history its record. */
static int check_registered(Proof *c, Err *e)
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
    TRY(find_ids(c, SQL(record_verify_orphans), "verify.orphan_history", e));
    TRY(find_ids(c, SQL(record_verify_lost_actors), "verify.actor_lost", e));
    TRY(find_ids(c, SQL(record_verify_lost_deputies), "verify.actor_lost", e));
    return find_ids(c, SQL(record_verify_stray_uses), "verify.use_stray", e);
}

static int check_file(Proof *c, Uuid id, int64_t bytes, const uint8_t *sm3, Err *e)
{
    Sm3 *h = sm3_new();
    sm3_begin(h);
    int64_t n = 0;
    int rc;
    bool in_order = true;
    Stmt *s = tx_sql(c->files_tx, SQL(file_chunks));
    bind_uuid(s, 1, id);
    for (int64_t ix = 0; (rc = stmt_step(s, e)) > 0; ix++) {
        Str part = col_blob(s, 1);
        in_order = in_order && col_i64(s, 0) == ix && part.n;
        sm3_add(h, part.p, part.n);
        n += (int64_t)part.n;
    }
    uint8_t got[SM3_BYTES];
    sm3_end(h, got);
    sm3_free(h);
    if (!rc && (!in_order || n != bytes || memcmp(got, sm3, SM3_BYTES) != 0))
        find(c, "verify.file_changed", uuid_text(c->arena, id));
    c->report->files++;
    return rc;
}

static int check_files(Proof *c, Err *e)
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

static void say_comment(void *ctx, const char *key, Uuid id, Uuid record)
{
    Proof *c = ctx;
    find(c, key, uuid_text(c->arena, id), uuid_text(c->arena, record));
}

static void say_search(void *ctx, const char *key, Str id)
{
    find((Proof *)ctx, key, id);
}

int record_verify(Records *rs, Arena *a, Tx *tx, Tx *files_tx, Lang lang,
                  void (*say)(void *ctx, Str finding), void *ctx, VerifyReport *ret, Err *e)
{
    VerifyReport report = {0};
    Proof c = {.rs = rs,
               .arena = arena_new(64 * 1024),
               .words = a,
               .tx = tx,
               .files_tx = files_tx,
               .lang = lang,
               .say = say,
               .ctx = ctx,
               .report = &report};
    int rc = read_given(&c, e);
    if (!rc)
        rc = check_chains(&c, e);
    for (int i = 0; i < rs->model->type_n && !rc; i++)
        rc = check_rows(&c, &rs->model->types[i], e);
    if (!rc)
        rc = check_registered(&c, e);
    if (!rc)
        rc = check_files(&c, e);
    if (!rc)
        rc = verify_comments(c.arena, tx, say_comment, &c, e);
    if (!rc)
        rc = verify_search(rs, tx, say_search, &c, e);
    arena_free(c.arena);
    if (rc < 0)
        return rc;
    *ret = report;
    return 0;
}
