/* flow_clock.c: what the clock does: one reminder before, one when late, and then to whom the seat
 * falls as well. Each is a row with a key of its own, so it happens once whoever runs it, however
 * often, after whatever.                              SPEC: P4, No burden 5  DESIGN: Duties */
#include "flow/flow_int.h"

typedef struct Due {
    Uuid id, record;
    int64_t seat, posting, falls_to, type;
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
                                 .falls_to = col_i64(s, 4),
                                 .record = col_uuid(s, 5),
                                 .type = col_i64(s, 6)};
    return rc;
}

static int tell(Tx *tx, const FlowTick *t, const Due *d, int64_t seat, int64_t posting,
                const char *what, Err *e)
{
    FlowNotice n = {.id = env_uuid7(t->env),
                    .about = d->id,
                    .record = d->record,
                    .what = str_of(what),
                    .nth = d->due_ms,
                    .type = d->type,
                    .posting = posting,
                    .at_ms = t->now_ms};
    return flow_notice_add(tx, &n, seat, e);
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
    t->late[t->late_n++] = d->id;
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
    t->late = NEW_N(tx_arena(tx), Uuid, LIMIT_TICK);
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
