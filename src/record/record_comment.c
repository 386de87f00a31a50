/* record_comment.c: what people say about a record. Whoever sees it may; a comment is chained in
 * the
 * history like a change (act ACT_COMMENT, at the version the record stands at) and never edited.
 *                                                                       SPEC: P3 P11 */
#include "record/record_flow.h"

typedef struct CommentChange {
    Records *rs;
    Record rec; /* as it was seen: its version must still stand */
    Uuid id, author, deputy_for;
    int64_t seat, account, access_no, tree_no;
    Day today;
    UnixMs now_ms;
    Str text, body; /* as told; as chained */
    uint8_t body_hash[SM3_BYTES];
    FlowBy by;
    FlowStep *steps; /* who is told */
    int step_n;
} CommentChange;

/* ---- reading ---- */

int record_comments(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *rec,
                    Comment **ret, int *ret_n, Err *e)
{
    Comment *list = NEW_N(a, Comment, LIMIT_COMMENTS);
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(record_comments_of));
    bind_uuid(s, 1, rec->id);
    bind_i64(s, 2, LIMIT_COMMENTS);
    while ((rc = stmt_step(s, e)) > 0) {
        const Role *role = model_role(rs->model, col_str(s, 6));
        const Unit *unit = tree_unit(r->tree, col_i64(s, 7));
        list[n++] = (Comment){.id = col_uuid(s, 0),
                              .record = rec->id,
                              .author = col_uuid(s, 1),
                              .author_name = str_copy(a, col_str(s, 2)),
                              .deputy_for = col_null(s, 3) ? STR_NONE : str_copy(a, col_str(s, 3)),
                              .at_ms = col_i64(s, 4),
                              .body = str_copy(a, col_str(s, 5)),
                              .role = role && unit ? role->ix : -1,
                              .unit_ix = role && unit ? unit->ix : -1};
    }
    if (rc < 0)
        return rc;
    *ret = list;
    *ret_n = n;
    return 0;
}

/* ---- writing ---- */

/* 1: came before, the same; 0: the id is free. */
static int came_before(Tx *tx, const CommentChange *c, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_comment_get));
    bind_uuid(s, 1, c->id);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    bool is_his = uuid_eq(col_uuid(s, 0), c->rec.id) && uuid_eq(col_uuid(s, 1), c->author);
    bool is_same = is_his && str_eq(col_str(s, 2), c->text);
    stmt_reset(s);
    if (!is_his)
        return err_set(e, ERR_MISSING, "record.id_not_usable");
    return is_same ? 1 : err_set(e, ERR_DIFFERS, "record.exists_differs");
}

static int check_room(Tx *tx, Uuid record, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_comment_count));
    bind_uuid(s, 1, record);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    int64_t n = col_i64(s, 0);
    stmt_reset(s);
    return n < LIMIT_COMMENTS
               ? 0
               : err_set(e, ERR_LIMIT, "record.many_comments", err_int(e, LIMIT_COMMENTS));
}

/* Under which post: the one that shows it to him, else his first. */
static const Post *post_of(const Reader *r, const Arm *by)
{
    if (by && by->post_ix >= 0)
        return &r->posts[by->post_ix];
    return r->post_n ? &r->posts[0] : NULL;
}

static void encode(CommentChange *c, Arena *a)
{
    Entry entries[] = {
        {.number = ENTRY_COMMENT, .value = {.tag = VALUE_TEXT, .s = c->text}},
        {.number = ENTRY_COMMENT_ID,
         .value = {.tag = VALUE_BLOB, .s = {arena_copy(a, c->id.b, sizeof c->id.b), 16}}},
    };
    for (size_t i = 0; i < LEN(entries); i++)
        env_random(c->rs->env, entries[i].salt, SALT_BYTES);
    c->body = body_encode(a, entries, LEN(entries), c->body_hash);
}

static int check_text(Arena *a, Str typed, Str *ret, Err *e)
{
    Field f = {.name = S("body"), .kind = KIND_NOTE, .max = LIMIT_COMMENT_CHARS, .min = INT64_MIN};
    ParseCtx ctx = {.arena = a, .today = DAY_NONE};
    Value v = {0};
    TRY(model_kind(KIND_NOTE)->parse(&ctx, &f, typed, &v, e));
    if (v.tag == VALUE_NONE)
        return err_field(e, f.name, "field.required");
    *ret = v.s;
    return 0;
}

/* The author; of his own, whoever owes something about it. */
static int prepare_told(CommentChange *c, Arena *a, Tx *tx, Err *e)
{
    FlowDuty *duties;
    int n;
    c->by = (FlowBy){.actor = c->author, .deputy_for = c->deputy_for, .seat = c->seat};
    TRY(flow_duties_of(a, tx, c->rec.id, &duties, &n, e));
    c->steps = NEW_N(a, FlowStep, (size_t)n + 1);
    FlowStep one = flow_tell_author(c->rs->env, &c->rec, &c->by, c->now_ms);
    one.told = S("comment");
    one.about = c->id;
    if (!uuid_eq(c->author, c->rec.author))
        c->steps[c->step_n++] = one;
    for (int i = 0; i < n && uuid_eq(c->author, c->rec.author); i++) {
        if (duties[i].done_ms || duties[i].posting || duties[i].seat == c->seat)
            continue;
        one.notice = env_uuid7(c->rs->env);
        one.nth = c->step_n;
        one.seat = duties[i].seat;
        one.posting = 0;
        c->steps[c->step_n++] = one;
    }
    return 0;
}

int record_prepare_comment(Records *rs, Arena *a, Tx *tx, const Reader *r, CommentInput *in, Err *e)
{
    UnixMs now = env_now_ms(rs->env), made = uuid_ms(in->id), day = 86400000;
    Record *rec;
    const Arm *by = NULL;
    TRY(record_get(rs, a, tx, r, in->rec->type, in->rec->id, &rec, &by, e));
    const Post *post = post_of(r, by);
    if (r->viewer || !post)
        return err_set(e, ERR_DENIED, "record.may_not_comment");
    if (!uuid_is_v7(in->id) || made < now - LIMIT_ID_AGE_DAYS * day ||
        made > now + LIMIT_ID_AHEAD_DAYS * day)
        return err_set(e, ERR_MISSING, "record.id_not_usable");
    CommentChange *c = NEW(a, CommentChange);
    *c = (CommentChange){.rs = rs,
                         .rec = *rec,
                         .id = in->id,
                         .author = r->person,
                         .deputy_for = post->deputy_for,
                         .seat = post->seat,
                         .account = r->account,
                         .access_no = r->access_no,
                         .tree_no = r->tree->number,
                         .today = r->today,
                         .now_ms = now};
    TRY(check_text(a, in->body, &c->text, e));
    int rc = came_before(tx, c, e);
    if (rc < 0)
        return rc;
    if (!rc)
        TRY(check_room(tx, rec->id, e));
    encode(c, a);
    TRY(prepare_told(c, a, tx, e));
    in->change = c;
    return 0;
}

/* What he saw still stands: his access, the tree, the day, the record's version. */
static int check_stands(Tx *tx, const CommentChange *c, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_basis));
    bind_i64(s, 1, c->account);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    int64_t tree_no = 0;
    bool holds = rc && col_i64(s, 0) == c->access_no && str_i64(col_str(s, 1), &tree_no) &&
                 tree_no == c->tree_no && day_of_ms(c->now_ms) == c->today;
    if (rc)
        stmt_reset(s);
    TRY(tx_prepare(tx, c->rs->sql[c->rec.type->ix].get, &s, e));
    bind_i64(s, 1, c->rec.county);
    bind_uuid(s, 2, c->rec.id);
    rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    holds = holds && rc && col_i64(s, COL_VERSION) == c->rec.version;
    if (rc)
        stmt_reset(s);
    return holds ? 0 : err_set(e, ERR_BUSY, "record.again");
}

int record_apply_comment(Tx *tx, void *comment_input, Err *e)
{
    const CommentChange *c = ((CommentInput *)comment_input)->change;
    CHECK(tx_is_write(tx) && c);
    int rc = came_before(tx, c, e);
    if (rc)
        return rc < 0 ? rc : 0; /* the same twice is one */
    TRY(check_stands(tx, c, e));
    TRY(check_room(tx, c->rec.id, e));
    Stmt *s = tx_sql(tx, SQL(record_comment_add));
    bind_uuid(s, 1, c->id);
    bind_uuid(s, 2, c->rec.id);
    bind_uuid(s, 3, c->author);
    bind_i64(s, 4, c->seat);
    if (uuid_is_zero(c->deputy_for))
        bind_null(s, 5);
    else
        bind_uuid(s, 5, c->deputy_for);
    bind_i64(s, 6, c->now_ms);
    bind_str(s, 7, c->text);
    rc = stmt_run(s, e);
    if (rc <= 0)
        return rc < 0 ? rc : err_set(e, ERR_BUSY, "record.again");
    TRY(flow_apply(tx, c->steps, c->step_n, e));
    Pended *p = NEW(tx_arena(tx), Pended);
    *p = (Pended){.at_ms = c->now_ms,
                  .record = c->rec.id,
                  .actor = c->author,
                  .deputy_for = c->deputy_for,
                  .type = c->rec.type->number,
                  .version = c->rec.version,
                  .act = ACT_COMMENT,
                  .seat = c->seat,
                  .body = c->body};
    memcpy(p->body_hash, c->body_hash, SM3_BYTES);
    tx_pend(tx, p);
    return 0;
}
