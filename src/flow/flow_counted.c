/* flow_counted.c: duties as figures count them, and those that begin and end with a posting.
 *                                                      SPEC: P5 B2  DESIGN: Figures, Duties */
#include "flow/flow_int.h"

UnixMs flow_midnight(Day day)
{
    return flow_ms_at(day, 0);
}

UnixMs flow_counts_at(const FlowDuty *d)
{
    if (d->due_ms == FLOW_NO_DUE || (!d->done_ms && !d->late_ms))
        return FLOW_NO_DUE;
    return flow_is_in_time(d) ? d->done_ms : d->due_ms;
}

bool flow_is_in_time(const FlowDuty *d)
{
    return d->done_ms && d->done_ms <= d->due_ms;
}

static int read_list(Arena *a, Stmt *s, FlowDuty **ret, int *ret_n, Err *e)
{
    int cap = 16, n = 0, rc;
    FlowDuty *list = NEW_N(a, FlowDuty, (size_t)cap);
    while ((rc = stmt_step(s, e)) > 0) {
        if (n == cap) {
            FlowDuty *more = NEW_N(a, FlowDuty, (size_t)cap * 2);
            memcpy(more, list, (size_t)n * sizeof *more);
            list = more;
            cap *= 2;
        }
        list[n++] = flow_read_duty(a, s);
    }
    *ret = list;
    *ret_n = n;
    return rc;
}

int flow_duties_all(Arena *a, Tx *tx, Uuid record, FlowDuty **ret, int *ret_n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_duty_all));
    bind_uuid(s, 1, record);
    return read_list(a, s, ret, ret_n, e);
}

int flow_duties_counted(Arena *a, Tx *tx, const FlowCounted *q, int max, FlowDuty **ret, int *ret_n,
                        Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_duty_counted));
    int ix = 1;
    bind_i64(s, ix++, q->unit);
    bind_i64(s, ix++, q->type);
    bind_str(s, ix++, q->name);
    bind_i64(s, ix++, !q->in_time);
    bind_i64(s, ix++, q->from == DAY_NONE ? INT64_MIN : flow_midnight(q->from));
    bind_i64(s, ix++, flow_midnight(q->to + 1));
    bind_i64(s, ix++, q->after_ms);
    bind_uuid(s, ix++, q->after);
    bind_i64(s, ix, max);
    return read_list(a, s, ret, ret_n, e);
}

/* ---- postings ---- */

int flow_begins(Arena *a, Tx *tx, Day behind, Day today, int64_t after, int max, FlowBegin **ret,
                int *ret_n, Err *e)
{
    FlowBegin *list = NEW_N(a, FlowBegin, (size_t)max + 1);
    int rc;
    Stmt *s = tx_sql(tx, SQL(flow_posting_begins));
    bind_day(s, 1, behind);
    bind_day(s, 2, today);
    bind_i64(s, 3, after);
    bind_i64(s, 4, max);
    *ret_n = 0;
    while ((rc = stmt_step(s, e)) > 0)
        list[(*ret_n)++] = (FlowBegin){.posting = col_i64(s, 0),
                                       .seat = col_i64(s, 1),
                                       .unit = col_i64(s, 2),
                                       .role = str_copy(a, col_str(s, 3)),
                                       .starts = col_day(s, 4)};
    *ret = list;
    return rc;
}

int flow_duties_over(Arena *a, Tx *tx, int64_t type, Str name, Day today, int max, FlowDuty **ret,
                     int *ret_n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_posting_over));
    bind_day(s, 1, today);
    bind_i64(s, 2, type);
    bind_str(s, 3, name);
    bind_i64(s, 4, max);
    return read_list(a, s, ret, ret_n, e);
}
