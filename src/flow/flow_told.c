/* flow_told.c: notices: written once each, read by whom they told, counted by day, marked as read.
 *                                                           SPEC: P3, No burden 5  UX: Notices */
#include "flow/flow_int.h"

void flow_bind_person(Stmt *s, int ix, Uuid person)
{
    if (uuid_is_zero(person))
        bind_null(s, ix);
    else
        bind_uuid(s, ix, person);
}

static void bind_number(Stmt *s, int ix, int64_t n)
{
    if (n)
        bind_i64(s, ix, n);
    else
        bind_null(s, ix);
}

int flow_notice_add(Tx *tx, const FlowNotice *n, int64_t seat, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_notice_add));
    bind_uuid(s, 1, n->id);
    bind_i64(s, 2, n->at_ms);
    bind_i64(s, 3, seat);
    bind_number(s, 4, n->posting);
    bind_str(s, 5, n->what);
    bind_uuid(s, 6, n->about);
    bind_i64(s, 7, n->nth);
    bind_uuid(s, 8, n->record);
    bind_i64(s, 9, n->type);
    bind_number(s, 10, n->act);
    bind_number(s, 11, n->state);
    flow_bind_person(s, 12, n->actor);
    bind_number(s, 13, n->actor_seat);
    flow_bind_person(s, 14, n->deputy_for);
    return stmt_send(s, e);
}

/* ---- reading ---- */

static FlowNotice read_notice(Arena *a, Stmt *s)
{
    return (FlowNotice){.id = col_uuid(s, 0),
                        .at_ms = col_i64(s, 1),
                        .what = str_copy(a, col_str(s, 2)),
                        .about = col_uuid(s, 3),
                        .nth = col_i64(s, 4),
                        .record = col_uuid(s, 5),
                        .type = col_i64(s, 6),
                        .act = col_i64(s, 7),
                        .state = col_i64(s, 8),
                        .actor = col_uuid(s, 9),
                        .actor_seat = col_i64(s, 10),
                        .deputy_for = col_uuid(s, 11),
                        .posting = col_i64(s, 12),
                        .is_read = col_i64(s, 13) != 0,
                        .actor_unit = col_i64(s, 14),
                        .actor_role = col_null(s, 15) ? S("") : str_copy(a, col_str(s, 15))};
}

/* The k-th of his seats, then of his postings; false: there are no more. */
static bool whose(const FlowWhose *w, int k, bool *ret_is_seat, int64_t *ret_id)
{
    *ret_is_seat = k < w->seat_n;
    if (k >= w->seat_n + w->posting_n)
        return false;
    *ret_id = *ret_is_seat ? w->seats[k] : w->postings[k - w->seat_n];
    return true;
}

static bool is_newer(const FlowNotice *a, const FlowNotice *b)
{
    return a->at_ms != b->at_ms ? a->at_ms > b->at_ms
                                : memcmp(a->id.b, b->id.b, sizeof a->id.b) > 0;
}

static void keep_newest(FlowNotice *list, int *n, int limit, FlowNotice x)
{
    int at = *n;
    while (at > 0 && is_newer(&x, &list[at - 1]))
        at--;
    if (at == limit)
        return;
    *n += *n < limit;
    for (int k = *n - 1; k > at; k--)
        list[k] = list[k - 1];
    list[at] = x;
}

int flow_notices(Arena *a, Tx *tx, const FlowWhose *w, UnixMs since, const FlowNotice *before,
                 int limit, FlowNotice **ret, int *ret_n, Err *e)
{
    CHECK(limit >= 1 && limit <= LIMIT_NOTICES);
    FlowNotice *list = NEW_N(a, FlowNotice, (size_t)limit + 1);
    int n = 0, rc;
    bool is_seat;
    int64_t id;
    for (int i = 0; whose(w, i, &is_seat, &id); i++) {
        Stmt *s = tx_sql(tx, is_seat ? SQL(flow_notice_of_seat) : SQL(flow_notice_of_posting));
        bind_i64(s, 1, w->account);
        bind_i64(s, 2, id);
        bind_i64(s, 3, since);
        bind_i64(s, 4, before ? before->at_ms : INT64_MAX);
        bind_uuid(s, 5, before ? before->id : (Uuid){{0}});
        bind_uuid(s, 6, w->me);
        bind_i64(s, 7, limit);
        while ((rc = stmt_step(s, e)) > 0)
            keep_newest(list, &n, limit, read_notice(a, s));
        TRY(rc);
    }
    *ret = list;
    *ret_n = n;
    return 0;
}

/* 1: it told him. */
static int is_his(Tx *tx, const FlowWhose *w, Uuid id, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_notice_whose));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    bool of_seat = col_null(s, 1), is_seat, found = false;
    int64_t told = of_seat ? col_i64(s, 0) : col_i64(s, 1), one;
    stmt_reset(s);
    for (int i = 0; whose(w, i, &is_seat, &one); i++)
        found = found || (is_seat == of_seat && one == told);
    return found;
}

int flow_notice_get(Arena *a, Tx *tx, const FlowWhose *w, Uuid id, FlowNotice *ret, Err *e)
{
    int rc = is_his(tx, w, id, e);
    if (rc <= 0)
        return rc < 0 ? rc : err_set(e, ERR_MISSING, "flow.no_notice");
    Stmt *s = tx_sql(tx, SQL(flow_notice_get));
    bind_i64(s, 1, w->account);
    bind_uuid(s, 2, id);
    rc = stmt_step(s, e);
    if (rc <= 0)
        return rc < 0 ? rc : err_set(e, ERR_MISSING, "flow.no_notice");
    *ret = read_notice(a, s);
    stmt_reset(s);
    return 0;
}

/* ---- counting ---- */

static void add_tally(FlowTally *list, int *n, FlowTally x)
{
    for (int i = 0; i < *n; i++)
        if (list[i].type == x.type && list[i].act == x.act && str_eq(list[i].what, x.what)) {
            list[i].n += x.n;
            return;
        }
    if (*n < LIMIT_TALLIES)
        list[(*n)++] = x;
}

int flow_tally(Arena *a, Tx *tx, const FlowWhose *w, UnixMs from, UnixMs to, FlowTally **ret,
               int *ret_n, Err *e)
{
    FlowTally *list = NEW_N(a, FlowTally, LIMIT_TALLIES);
    int n = 0, rc;
    bool is_seat;
    int64_t id;
    for (int i = 0; whose(w, i, &is_seat, &id); i++) {
        Stmt *s =
            tx_sql(tx, is_seat ? SQL(flow_notice_tally_seat) : SQL(flow_notice_tally_posting));
        bind_i64(s, 1, id);
        bind_i64(s, 2, from);
        bind_i64(s, 3, to);
        bind_uuid(s, 4, w->me);
        while ((rc = stmt_step(s, e)) > 0)
            add_tally(list, &n,
                      (FlowTally){.what = str_copy(a, col_str(s, 0)),
                                  .type = col_i64(s, 1),
                                  .act = col_i64(s, 2),
                                  .n = col_i64(s, 3)});
        TRY(rc);
    }
    *ret = list;
    *ret_n = n;
    return 0;
}

static Str ids_json(Arena *a, const int64_t *ids, int n)
{
    Buf b = {.arena = a};
    buf_byte(&b, '[');
    for (int i = 0; i < n; i++)
        buf_fmt(&b, i ? ",%lld" : "%lld", (long long)ids[i]);
    buf_byte(&b, ']');
    return buf_view(&b);
}

int flow_unread(Arena *a, Tx *tx, const FlowWhose *w, UnixMs upto, int stop, int *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_notice_unread));
    bind_str(s, 1, ids_json(a, w->seats, w->seat_n));
    bind_i64(s, 2, upto);
    bind_uuid(s, 3, w->me);
    bind_i64(s, 4, w->account);
    bind_str(s, 5, ids_json(a, w->postings, w->posting_n));
    bind_i64(s, 6, stop);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = rc ? (int)col_i64(s, 0) : 0;
    if (rc)
        stmt_reset(s);
    return 0;
}

/* ---- read ---- */

int flow_mark(Tx *tx, int64_t account, UnixMs *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_mark_get));
    bind_i64(s, 1, account);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = rc ? col_i64(s, 0) : 0;
    if (rc)
        stmt_reset(s);
    return 0;
}

int flow_apply_read(Tx *tx, void *flow_read, Err *e)
{
    const FlowRead *x = flow_read;
    bool is_all = uuid_is_zero(x->notice);
    Stmt *s = tx_sql(tx, is_all ? SQL(flow_mark_set) : SQL(flow_read_add));
    bind_i64(s, 1, x->account);
    if (!is_all) {
        bind_uuid(s, 2, x->notice);
        return stmt_send(s, e);
    }
    bind_i64(s, 2, x->upto_ms);
    TRY(stmt_send(s, e));
    s = tx_sql(tx, SQL(flow_mark_clear));
    bind_i64(s, 1, x->account);
    bind_i64(s, 2, x->upto_ms);
    return stmt_send(s, e);
}

/* ---- all of them ---- */

int flow_told_after(Arena *a, Tx *tx, const FlowTold *after, int max, FlowTold **ret, int *ret_n,
                    Err *e)
{
    FlowTold *list = NEW_N(a, FlowTold, (size_t)max + 1);
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(flow_notice_after));
    bind_uuid(s, 1, after ? after->n.about : (Uuid){{0}});
    bind_str(s, 2, after ? after->n.what : S(""));
    bind_i64(s, 3, after ? after->n.nth : INT64_MIN);
    bind_i64(s, 4, max);
    while ((rc = stmt_step(s, e)) > 0)
        list[n++] = (FlowTold){.n = {.about = col_uuid(s, 0),
                                     .what = str_copy(a, col_str(s, 1)),
                                     .nth = col_i64(s, 2),
                                     .at_ms = col_i64(s, 3),
                                     .record = col_uuid(s, 4),
                                     .type = col_i64(s, 5),
                                     .act = col_i64(s, 6),
                                     .actor = col_uuid(s, 7),
                                     .posting = col_i64(s, 10)},
                               .unit = str_copy(a, col_str(s, 8)),
                               .role = str_copy(a, col_str(s, 9))};
    *ret = list;
    *ret_n = n;
    return rc;
}
