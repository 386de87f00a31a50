/* flow_clock.c: what the clock does: one reminder before, one when late, and then to whom the seat
 * falls as well. Each is a row with a key of its own, so it happens once whoever runs it, however
 * often, after whatever.                              SPEC: P4, No burden 5  DESIGN: Duties */
#include "flow/flow_int.h"

typedef struct Due {
    Uuid id;
    int64_t seat, posting, falls_to;
    UnixMs due_ms;
} Due;

static int read_due(Tx *tx, const SqlDef *sql, UnixMs now, UnixMs soon, Due *list, int *ret_n,
                    Err *e)
{
    int rc, ix = 1;
    Stmt *s = tx_sql(tx, sql);
    bind_i64(s, ix++, now);
    if (soon)
        bind_i64(s, ix++, soon);
    bind_i64(s, ix, LIMIT_TICK);
    *ret_n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        list[(*ret_n)++] = (Due){.id = col_uuid(s, 0),
                                 .seat = col_i64(s, 1),
                                 .posting = col_i64(s, 2),
                                 .due_ms = col_i64(s, 3),
                                 .falls_to = col_i64(s, 4)};
    return rc;
}

static int tell(Tx *tx, const FlowTick *t, const Due *d, int64_t seat, int64_t posting,
                const char *what, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_notice_add));
    bind_uuid(s, 1, env_uuid7(t->env));
    bind_i64(s, 2, t->now_ms);
    bind_i64(s, 3, seat);
    if (posting)
        bind_i64(s, 4, posting);
    else
        bind_null(s, 4);
    bind_str(s, 5, str_of(what));
    bind_uuid(s, 6, d->id);
    bind_i64(s, 7, d->due_ms);
    return stmt_send(s, e);
}

/* 1: this one set it. */
static int set(Tx *tx, const SqlDef *sql, const FlowTick *t, const Due *d, Err *e)
{
    Stmt *s = tx_sql(tx, sql);
    bind_i64(s, 1, t->now_ms);
    bind_uuid(s, 2, d->id);
    return stmt_run(s, e);
}

static int tell_late(Tx *tx, FlowTick *t, const Due *d, Err *e)
{
    int rc = set(tx, SQL(flow_tick_set_late), t, d, e);
    if (rc <= 0)
        return rc;
    t->late_n++;
    TRY(tell(tx, t, d, d->seat, d->posting, "late", e));
    return d->falls_to == d->seat ? 0 : tell(tx, t, d, d->falls_to, 0, "escalated", e);
}

static int tell_soon(Tx *tx, FlowTick *t, const Due *d, Err *e)
{
    int rc = set(tx, SQL(flow_tick_set_reminded), t, d, e);
    if (rc <= 0)
        return rc;
    t->reminded_n++;
    return tell(tx, t, d, d->seat, d->posting, "remind", e);
}

int flow_apply_tick(Tx *tx, void *flow_tick, Err *e)
{
    FlowTick *t = flow_tick;
    Due *list = NEW_N(tx_arena(tx), Due, LIMIT_TICK);
    int n;
    t->reminded_n = t->late_n = 0; /* it may run more than once */
    t->has_more = false;
    if (!flow_is_open(t->calendar, t->now_ms))
        return 0;
    TRY(read_due(tx, SQL(flow_tick_late), t->now_ms, 0, list, &n, e));
    for (int i = 0; i < n; i++)
        TRY(tell_late(tx, t, &list[i], e));
    t->has_more = n == LIMIT_TICK;
    /* The close of the next working day: what is due until then is told today. */
    Day next = flow_add_workdays(t->calendar, day_of_ms(t->now_ms), 1);
    TRY(read_due(tx, SQL(flow_tick_soon), t->now_ms, flow_close_of(t->calendar, next), list, &n,
                 e));
    for (int i = 0; i < n; i++)
        TRY(tell_soon(tx, t, &list[i], e));
    t->has_more |= n == LIMIT_TICK;
    return 0;
}

int flow_notices(Arena *a, Tx *tx, const int64_t *seats, int seat_n, const int64_t *postings,
                 int posting_n, UnixMs since, int limit, FlowNotice **ret, int *ret_n, Err *e)
{
    CHECK(limit >= 1 && limit <= LIMIT_NOTICES);
    FlowNotice *list = NEW_N(a, FlowNotice, (size_t)limit + 1);
    int n = 0, rc;
    for (int i = 0; i < seat_n + posting_n; i++) {
        bool is_seat = i < seat_n;
        Stmt *s = tx_sql(tx, is_seat ? SQL(flow_notice_of_seat) : SQL(flow_notice_of_posting));
        bind_i64(s, 1, is_seat ? seats[i] : postings[i - seat_n]);
        bind_i64(s, 2, since);
        bind_i64(s, 3, limit);
        while ((rc = stmt_step(s, e)) > 0) {
            FlowNotice x = {.id = col_uuid(s, 0),
                            .duty = col_uuid(s, 1),
                            .what = str_copy(a, col_str(s, 2)),
                            .at_ms = col_i64(s, 3),
                            .due_ms = col_i64(s, 4)};
            int at = n;
            while (at > 0 && list[at - 1].at_ms < x.at_ms)
                at--;
            if (at == limit)
                continue;
            n += n < limit;
            for (int k = n - 1; k > at; k--)
                list[k] = list[k - 1];
            list[at] = x;
        }
        if (rc < 0)
            return rc;
    }
    *ret = list;
    *ret_n = n;
    return 0;
}
