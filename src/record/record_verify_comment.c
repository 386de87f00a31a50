/* record_verify_comment.c: proves that the comments shown are those that were chained: each has its
 * entry (the same record, person, seat, instant and text), and each entry its comment. SPEC: P11 */
#include "record/record_int.h"

enum { STEP = 500 };

typedef struct Said {
    Uuid id, record, author, deputy_for;
    int64_t seat, at_ms, chain, seq;
    Str body;
    bool is_blanked;
} Said;

/* id, record, author, seat, deputy_for, at_ms, body */
static void read_comment(Arena *a, Stmt *s, Said *ret)
{
    *ret = (Said){.id = col_uuid(s, 0),
                  .record = col_uuid(s, 1),
                  .author = col_uuid(s, 2),
                  .seat = col_i64(s, 3),
                  .at_ms = col_i64(s, 5),
                  .body = str_copy(a, col_str(s, 6))};
    if (!col_null(s, 4))
        ret->deputy_for = col_uuid(s, 4);
}

/* record, actor, seat, deputy_for, at_ms, body. false: no comment's body. */
static bool read_entry(Arena *a, Stmt *s, Said *ret)
{
    Entry *entries;
    int n;
    uint8_t hash[SM3_BYTES];
    *ret = (Said){.record = col_uuid(s, 0),
                  .author = col_uuid(s, 1),
                  .seat = col_i64(s, 2),
                  .at_ms = col_i64(s, 4)};
    if (!col_null(s, 3))
        ret->deputy_for = col_uuid(s, 3);
    if (!body_decode(a, str_copy(a, col_blob(s, 5)), &entries, &n, hash) || n != 2 ||
        entries[0].number != ENTRY_COMMENT || entries[1].number != ENTRY_COMMENT_ID ||
        entries[1].value.s.n != sizeof ret->id.b)
        return false;
    ret->body = entries[0].value.s;
    ret->is_blanked = entries[0].is_blanked;
    memcpy(ret->id.b, entries[1].value.s.p, sizeof ret->id.b);
    return true;
}

static bool is_same(const Said *shown, const Said *chained)
{
    return uuid_eq(shown->record, chained->record) && uuid_eq(shown->author, chained->author) &&
           uuid_eq(shown->deputy_for, chained->deputy_for) && shown->seat == chained->seat &&
           shown->at_ms == chained->at_ms &&
           (chained->is_blanked || str_eq(shown->body, chained->body));
}

/* Is there an entry of its record that says it. */
static int has_entry(Arena *a, Tx *tx, const Said *shown, bool *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_verify_commented));
    bind_uuid(s, 1, shown->record);
    bind_i64(s, 2, ACT_COMMENT);
    int rc;
    *ret = false;
    while ((rc = stmt_step(s, e)) > 0) {
        size_t mark = arena_mark(a);
        Said chained;
        *ret = *ret || (read_entry(a, s, &chained) && uuid_eq(chained.id, shown->id) &&
                        is_same(shown, &chained));
        arena_rewind(a, mark);
    }
    return rc;
}

static int check_comments(Arena *a, Tx *tx, SayId say, void *ctx, Err *e)
{
    Uuid id = {{0}};
    for (int n = STEP; n == STEP;) {
        size_t mark = arena_mark(a);
        Said *list = NEW_N(a, Said, STEP);
        Stmt *s = tx_sql(tx, SQL(record_verify_comments));
        bind_uuid(s, 1, id);
        bind_i64(s, 2, STEP);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++)
            read_comment(a, s, &list[n]);
        if (rc < 0)
            return rc;
        for (int i = 0; i < n; i++) {
            bool has;
            id = list[i].id;
            TRY(has_entry(a, tx, &list[i], &has, e));
            if (!has)
                say(ctx, "verify.comment_differs", list[i].id, list[i].record);
        }
        arena_rewind(a, mark);
    }
    return 0;
}

/* Each entry's comment is there; whether it says the same check_comments has told. */
static int check_entries(Arena *a, Tx *tx, SayId say, void *ctx, Err *e)
{
    int64_t chain = 0, seq = 0;
    for (int n = STEP; n == STEP;) {
        size_t mark = arena_mark(a);
        Said *list = NEW_N(a, Said, STEP);
        Stmt *s = tx_sql(tx, SQL(record_verify_comment_entries));
        bind_i64(s, 1, ACT_COMMENT);
        bind_i64(s, 2, chain);
        bind_i64(s, 3, seq);
        bind_i64(s, 4, STEP);
        int rc;
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++) {
            (void)read_entry(a, s, &list[n]); /* what it cannot read is missed below */
            chain = col_i64(s, 6);
            seq = col_i64(s, 7);
        }
        if (rc < 0)
            return rc;
        for (int i = 0; i < n; i++) {
            s = tx_sql(tx, SQL(record_comment_get));
            bind_uuid(s, 1, list[i].id);
            rc = stmt_step(s, e);
            if (rc < 0)
                return rc;
            if (rc)
                stmt_reset(s);
            else
                say(ctx, "verify.comment_lost", list[i].id, list[i].record);
        }
        arena_rewind(a, mark);
    }
    return 0;
}

int verify_comments(Arena *a, Tx *tx, SayId say, void *ctx, Err *e)
{
    TRY(check_comments(a, tx, say, ctx, e));
    return check_entries(a, tx, say, ctx, e);
}
