/* record_history.c: the audit trail.
 *
 * A body is a run of entries: number u32, salt 16, tag u8, length u32, bytes (integers big-endian,
 * an int value is 8 bytes). A blanked entry keeps its digest as bytes, so the chain still holds.
 *   digest  = SM3(salt, number, tag, value)
 *   body_hash = SM3(digests in order)
 *   hash(n) = SM3(hash(n-1), chain, seq, at_ms, record, type, version, act, actor, seat, body_hash,
 *                 and, where one stood in for somebody, deputy_for)
 * Numbers are given by record_seal at the end of the batch: a change that was rolled back leaves no
 * gap.                                         SPEC: P11  DESIGN: History, sealing, erasure */
#include "record/record_int.h"

enum { TAG_BLANKED = 255, HEADER_BYTES = 8 * 6 + 16 * 2 + SM3_BYTES * 2 };

static Str value_bytes(const Value *v, uint8_t buf[8])
{
    if (v->tag == VALUE_NONE)
        return (Str){"", 0};
    if (v->tag != VALUE_INT)
        return v->s;
    put_be(buf, (uint64_t)v->i, 8);
    return (Str){(const char *)buf, 8};
}

void entry_digest(Entry *en)
{
    enum { LEAD = SALT_BYTES + 5 };
    uint8_t buf[8], small[512];
    Str bytes = value_bytes(&en->value, buf);
    memcpy(small, en->salt, SALT_BYTES);
    uint8_t *p = put_be(small + SALT_BYTES, (uint64_t)en->number, 4);
    *p = (uint8_t)en->value.tag;
    if (bytes.n <= sizeof small - LEAD) {
        memcpy(small + LEAD, bytes.p, bytes.n);
        sm3_of(small, LEAD + bytes.n, en->digest);
        return;
    }
    Sm3 *s = sm3_new();
    sm3_begin(s);
    sm3_add(s, small, LEAD);
    sm3_add(s, bytes.p, bytes.n);
    sm3_end(s, en->digest);
    sm3_free(s);
}

static void hash_digests(Arena *a, const Entry *entries, int n, uint8_t ret[SM3_BYTES])
{
    uint8_t *all = arena_alloc(a, (size_t)n * SM3_BYTES + 1);
    for (int i = 0; i < n; i++)
        memcpy(all + (size_t)i * SM3_BYTES, entries[i].digest, SM3_BYTES);
    sm3_of(all, (size_t)n * SM3_BYTES, ret);
}

Str body_encode(Arena *a, Entry *entries, int n, uint8_t ret_hash[SM3_BYTES])
{
    Buf b = {.arena = a};
    for (int i = 0; i < n; i++) {
        Entry *en = &entries[i];
        uint8_t head[4 + SALT_BYTES + 1 + 4], buf[8];
        Str bytes;
        if (en->is_blanked)
            bytes = (Str){(const char *)en->digest, SM3_BYTES};
        else {
            entry_digest(en);
            bytes = value_bytes(&en->value, buf);
        }
        uint8_t *p = put_be(head, (uint64_t)en->number, 4);
        if (en->is_blanked)
            memset(p, 0, SALT_BYTES);
        else
            memcpy(p, en->salt, SALT_BYTES);
        p += SALT_BYTES;
        *p++ = en->is_blanked ? TAG_BLANKED : (uint8_t)en->value.tag;
        put_be(p, bytes.n, 4);
        buf_mem(&b, head, sizeof head);
        buf_mem(&b, bytes.p, bytes.n);
    }
    hash_digests(a, entries, n, ret_hash);
    return buf_view(&b);
}

enum { FRONT = 4 + SALT_BYTES + 1 + 4 };

/* As many as begin in it, broken or not. */
static int count_entries(Str body)
{
    int n = 0;
    while (body.n >= FRONT && n <= LIMIT_CHANGE_ENTRIES) {
        size_t skip = FRONT + (size_t)get_be(body.p + FRONT - 4, 4);
        body = skip < body.n ? (Str){body.p + skip, body.n - skip} : (Str){body.p, 0};
        n++;
    }
    return n;
}

static bool decode_one(Str *body, Entry *ret)
{
    if (body->n < FRONT)
        return false;
    *ret = (Entry){.number = (int64_t)get_be(body->p, 4)};
    memcpy(ret->salt, body->p + 4, SALT_BYTES);
    uint8_t tag = (uint8_t)body->p[4 + SALT_BYTES];
    size_t n = (size_t)get_be(body->p + 4 + SALT_BYTES + 1, 4);
    if (body->n - FRONT < n)
        return false;
    Str bytes = {body->p + FRONT, n};
    *body = (Str){body->p + FRONT + n, body->n - FRONT - n};
    if (tag == TAG_BLANKED) {
        ret->is_blanked = true;
        if (n == SM3_BYTES)
            memcpy(ret->digest, bytes.p, n);
        return n == SM3_BYTES;
    }
    ret->value.tag = (ValueTag)tag;
    if (tag == VALUE_INT && n == 8)
        ret->value.i = (int64_t)get_be(bytes.p, 8);
    else if (tag == VALUE_TEXT || tag == VALUE_BLOB)
        ret->value.s = bytes;
    else if (tag != VALUE_NONE || n)
        return false;
    entry_digest(ret);
    return true;
}

bool body_decode(Arena *a, Str body, Entry **ret, int *ret_n, uint8_t ret_hash[SM3_BYTES])
{
    int n = 0, cap = count_entries(body);
    if (cap > LIMIT_CHANGE_ENTRIES)
        return false;
    Entry *list = NEW_N(a, Entry, (size_t)cap + 1);
    for (; body.n; n++)
        if (n == cap || !decode_one(&body, &list[n]))
            return false;
    hash_digests(a, list, n, ret_hash);
    *ret = list;
    *ret_n = n;
    return true;
}

void history_hash(const uint8_t previous[SM3_BYTES], int64_t chain, int64_t seq, const Pended *p,
                  uint8_t ret[SM3_BYTES])
{
    uint8_t buf[HEADER_BYTES + 8 + 16], *at = buf;
    memcpy(at, previous, SM3_BYTES);
    at = put_be(at + SM3_BYTES, (uint64_t)chain, 8);
    at = put_be(at, (uint64_t)seq, 8);
    at = put_be(at, (uint64_t)p->at_ms, 8);
    memcpy(at, p->record.b, 16);
    at = put_be(at + 16, (uint64_t)p->type, 8);
    at = put_be(at, (uint64_t)p->version, 8);
    at = put_be(at, (uint64_t)p->act, 8);
    memcpy(at, p->actor.b, 16);
    at = put_be(at + 16, (uint64_t)p->seat, 8);
    memcpy(at, p->body_hash, SM3_BYTES);
    at += SM3_BYTES;
    if (!uuid_is_zero(p->deputy_for)) { /* the length tells the two apart */
        memcpy(at, p->deputy_for.b, 16);
        at += 16;
    }
    sm3_of(buf, (size_t)(at - buf), ret);
}

/* A number that is taken must not pass for "came before, is equal": nothing of the batch was
 * written. On PostgreSQL two processes may begin one chain at the same time; on SQLite the chain is
 * spoilt. */
static int seal_failed(Tx *tx, int rc, Err *e)
{
    if (rc != ERR_EXISTS && rc != ERR_MISSING)
        return rc;
    *e = err_on(e->arena);
    if (tx_engine(tx) == ENGINE_PG)
        return err_set(e, ERR_BUSY, "record.again");
    return err_set(e, ERR_CORRUPT, "record.bad_chain", err_int(e, tx_chain(tx)));
}

static int add_entry(Tx *tx, int chain, int64_t seq, const Pended *p, const uint8_t *hash, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_history_add));
    bind_i64(s, 1, chain);
    bind_i64(s, 2, seq);
    bind_i64(s, 3, p->at_ms);
    bind_uuid(s, 4, p->record);
    bind_i64(s, 5, p->type);
    bind_i64(s, 6, p->version);
    bind_i64(s, 7, p->act);
    bind_uuid(s, 8, p->actor);
    if (p->seat)
        bind_i64(s, 9, p->seat);
    else
        bind_null(s, 9);
    if (uuid_is_zero(p->deputy_for))
        bind_null(s, 10);
    else
        bind_uuid(s, 10, p->deputy_for);
    bind_blob(s, 11, p->body.p, p->body.n);
    bind_blob(s, 12, p->body_hash, SM3_BYTES);
    bind_blob(s, 13, hash, SM3_BYTES);
    return stmt_send(s, e);
}

static bool is_change(const Pended *p)
{
    return !p->rehang && !p->is_figures;
}

static int book_moves(Tx *tx, void *const *pended, size_t n, Err *e)
{
    Arena *a = tx_arena(tx);
    FigMove **moves = NEW_N(a, FigMove *, n + 1);
    int *ns = NEW_N(a, int, n + 1);
    size_t list_n = 0;
    for (size_t i = 0; i < n; i++) {
        const Pended *p = pended[i];
        if (!p->move_n)
            continue;
        moves[list_n] = (FigMove *)p->moves;
        ns[list_n++] = p->move_n;
    }
    return list_n ? figure_book(tx, moves, ns, list_n, e) : 0;
}

/* In order: what was booked before a unit moved goes with it. */
static int book_figures(Tx *tx, void *const *pended, size_t n, Err *e)
{
    size_t from = 0;
    int rc = 0;
    for (size_t i = 0; i <= n && rc >= 0; i++) {
        const Rehang *h = i < n ? ((const Pended *)pended[i])->rehang : NULL;
        if (i < n && !h)
            continue;
        rc = book_moves(tx, pended + from, i - from, e);
        if (rc >= 0 && h)
            rc = figure_rehang(tx, h->model, h->after, h->moves, h->move_n, e);
        from = i + 1;
    }
    return rc < 0 ? seal_failed(tx, rc, e) : 0;
}

static int seal_changes(Tx *tx, void *const *pended, size_t n, Err *e)
{
    int chain = tx_chain(tx);
    int64_t seq = 0;
    uint8_t head[SM3_BYTES] = {0};
    Stmt *s = tx_sql(tx, SQL(record_chain_get));
    bind_i64(s, 1, chain);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (rc) {
        Str hash = col_blob(s, 1);
        if (hash.n != SM3_BYTES)
            return err_set(e, ERR_CORRUPT, "record.bad_chain", err_int(e, chain));
        seq = col_i64(s, 0);
        memcpy(head, hash.p, SM3_BYTES);
        stmt_reset(s);
    }
    for (size_t i = 0; i < n; i++) {
        const Pended *p = pended[i];
        if (!is_change(p))
            continue;
        history_hash(head, chain, ++seq, p, head);
        rc = add_entry(tx, chain, seq, p, head, e);
        if (rc < 0)
            return seal_failed(tx, rc, e);
    }
    s = tx_sql(tx, SQL(record_chain_set));
    bind_i64(s, 1, chain);
    bind_i64(s, 2, seq);
    bind_blob(s, 3, head, SM3_BYTES);
    rc = stmt_run(s, e); /* waits: what the entries met shows here, not at the commit */
    return rc < 0 ? seal_failed(tx, rc, e) : 0;
}

int record_seal(Tx *tx, void *const *pended, size_t n, void *ctx, Err *e)
{
    (void)ctx; /* all it needs was pended */
    bool has_changes = false;
    for (size_t i = 0; i < n; i++)
        has_changes |= is_change(pended[i]);
    if (has_changes)
        TRY(seal_changes(tx, pended, n, e));
    return book_figures(tx, pended, n, e);
}

Value value_copy(Arena *a, const Value *v)
{
    Value c = *v;
    if (v->tag == VALUE_TEXT || v->tag == VALUE_BLOB)
        c.s = str_copy(a, v->s);
    CHECK(v->tag != VALUE_ROWS); /* an entry holds one line: rows_fold */
    return c;
}

static const Field *field_numbered(const Type *t, int64_t number)
{
    for (int i = 0; i < t->field_n; i++)
        if (t->fields[i].number == number)
            return &t->fields[i];
    return NULL;
}

/* Lines of one rows field stand together and are folded with the first of them. */
static bool is_further(const Entry *entries, int i)
{
    return i > 0 && entries[i - 1].number == entries[i].number;
}

/* Folds one body over the record as it stood; *values and *state become what it stands at now.
 * false: a line of rows does not fit. */
static bool fold(Arena *a, const Type *t, const Entry *entries, int n, Value *values, int *state,
                 HistoryItem *ret)
{
    ret->state_from = *state;
    ret->state_to = -1;
    ret->fields = NEW_N(a, struct HistoryField, (size_t)t->field_n + 1);
    for (int i = 0; i < n; i++) {
        const Entry *en = &entries[i];
        if (en->number == ENTRY_STATE) {
            const State *st = type_state_numbered(t, en->value.i);
            *state = ret->state_to = st ? st->ix : -1;
            continue;
        }
        const Field *f = field_numbered(t, en->number);
        if (!f || is_further(entries, i))
            continue; /* an engine entry, a field the model has hidden, one more line of rows */
        Value after;
        if (f->kind != KIND_ROWS)
            after = value_copy(a, &en->value);
        else if (!rows_fold(a, f, &values[f->ix], entries, n, &after))
            return false;
        ret->fields[ret->field_n++] =
            (struct HistoryField){.field = f, .before = values[f->ix], .after = after};
        values[f->ix] = after;
    }
    return true;
}

/* What the model has no more is still told: under a name that says so. */
static const Action *gone_action(Arena *a)
{
    Action *act = NEW(a, Action);
    *act = (Action){.name = S("removed"), .kind = ACTION_OTHER, .to = -1};
    for (int l = 0; l < LANG_MAX; l++)
        act->label.text[l] = i18n_get((Lang)l, S("record.gone_action"));
    return act;
}

int record_history(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *rec,
                   HistoryItem **ret, int *ret_n, Err *e)
{
    const Type *t = rec->type;
    int n = 0, cap = 16, state = -1, rc;
    HistoryItem *list = NEW_N(a, HistoryItem, (size_t)cap);
    Value *values = NEW_N(a, Value, (size_t)t->field_n + 1);
    Stmt *s = tx_sql(tx, SQL(record_history_of));
    bind_uuid(s, 1, rec->id);
    while ((rc = stmt_step(s, e)) > 0) {
        if (n == cap) {
            HistoryItem *more = NEW_N(a, HistoryItem, (size_t)cap * 2);
            memcpy(more, list, (size_t)cap * sizeof *list);
            list = more;
            cap *= 2;
        }
        HistoryItem *h = &list[n++];
        *h = (HistoryItem){.chain = col_i64(s, 0),
                           .seq = col_i64(s, 1),
                           .at_ms = col_i64(s, 2),
                           .version = col_i64(s, 3),
                           .action = type_action_numbered(t, col_i64(s, 4)),
                           .actor = col_uuid(s, 5),
                           .actor_name = str_copy(a, col_str(s, 6)),
                           .seat = col_i64(s, 7),
                           .role = -1,
                           .unit_ix = -1};
        const Role *role = model_role(rs->model, col_str(s, 8));
        const Unit *unit = tree_unit(r->tree, col_i64(s, 9));
        if (role && unit) {
            h->role = role->ix;
            h->unit_ix = unit->ix;
        }
        Entry *entries;
        int entry_n;
        uint8_t hash[SM3_BYTES];
        if (!col_null(s, 11))
            h->deputy_for = str_copy(a, col_str(s, 11));
        if (!h->action)
            h->action = gone_action(a);
        if (!body_decode(a, str_copy(a, col_blob(s, 10)), &entries, &entry_n, hash) ||
            !fold(a, t, entries, entry_n, values, &state, h))
            return err_set(e, ERR_CORRUPT, "record.bad_history", err_int(e, h->seq));
    }
    if (rc < 0)
        return rc;
    *ret = list;
    *ret_n = n;
    return 0;
}

static bool fold_past(Arena *a, const Type *t, const Entry *entries, int n, Past *p)
{
    for (int i = 0; i < n; i++) {
        const Field *f = field_numbered(t, entries[i].number);
        if (entries[i].number == ENTRY_UNIT)
            p->unit = entries[i].value.i;
        if (entries[i].number == ENTRY_STATE) {
            const State *st = type_state_numbered(t, entries[i].value.i);
            p->state = st ? st->ix : -1;
        }
        if (!f)
            continue;
        bool was = f->kind == KIND_ROWS && p->is_blanked[f->ix];
        p->is_blanked[f->ix] = entries[i].is_blanked || was;
        if (f->kind != KIND_ROWS)
            p->values[f->ix] = value_copy(a, &entries[i].value);
        else if (!is_further(entries, i) &&
                 !rows_fold(a, f, &p->values[f->ix], entries, n, &p->values[f->ix]))
            return false;
    }
    return true;
}

int record_past(Arena *a, Tx *tx, const Type *t, Uuid id, int64_t version, Past *ret, Err *e)
{
    Past p = {.state = -1, .values = NEW_N(a, Value, (size_t)t->field_n + 1),
              .is_blanked = NEW_N(a, bool, (size_t)t->field_n + 1)};
    Stmt *s = tx_sql(tx, SQL(record_history_upto));
    bind_uuid(s, 1, id);
    bind_i64(s, 2, version);
    int rc, n;
    while ((rc = stmt_step(s, e)) > 0) {
        Entry *entries;
        uint8_t hash[SM3_BYTES];
        if (!body_decode(a, col_blob(s, 3), &entries, &n, hash) ||
            !fold_past(a, t, entries, n, &p)) {
            stmt_reset(s);
            return err_set(e, ERR_CORRUPT, "record.bad_history", uuid_text(e->arena, id));
        }
        p.version = col_i64(s, 0);
        p.before = p.last;
        p.last.act = col_i64(s, 1);
        p.last.actor = col_uuid(s, 2);
    }
    if (rc < 0)
        return rc;
    *ret = p;
    return 0;
}
