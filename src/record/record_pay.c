/* record_pay.c: what an upgraded deployment is owed: figures of its records, counted type by type,
 * then duties of records that stand open, so many at a time. Each step is a change of its own; one
 * that is cut off is begun anew and finds done what is done.       SPEC: P12  DESIGN: Long work */
#include "record/record_catalogue.h"
#include "record/record_flow.h"

int record_owes(Tx *tx, bool *ret, Err *e)
{
    Str mark;
    TRY(record_meta(tx_arena(tx), tx, S("owed"), &mark, e));
    *ret = str_has(mark);
    return 0;
}

static int set_mark(Tx *tx, Str mark, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_meta_set));
    bind_str(s, 1, S("owed"));
    bind_str(s, 2, mark);
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

static int drop_mark(Tx *tx, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_meta_drop));
    bind_str(s, 1, S("owed"));
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

static bool is_owed(const Duty *d, const Record *rec, const FlowDuty *list, int n)
{
    for (int i = 0; i < n; i++)
        if (!list[i].done_ms && str_eq(list[i].name, d->name))
            return false;
    return d->while_state == rec->state;
}

/* Duties of one record that its state asks for and that are not there. */
static int open_duties(const RecordPay *x, Tx *tx, const Record *rec, Err *e)
{
    const Type *t = rec->type;
    const DutyWorld w = {.rs = x->rs,
                         .tree = x->tree,
                         .calendar = x->calendar,
                         .now_ms = env_now_ms(x->rs->env),
                         .today = env_today(x->rs->env)};
    FlowDuty *list;
    int n;
    bool is_asked = false;
    for (int i = 0; i < t->duty_n; i++)
        is_asked |= t->duties[i].while_state == rec->state;
    if (!is_asked)
        return 0;
    TRY(flow_duties_all(tx_arena(tx), tx, rec->id, &list, &n, e));
    for (int i = 0; i < t->duty_n; i++) {
        FlowStep step;
        if (!is_owed(&t->duties[i], rec, list, n))
            continue;
        TRY(duty_step(&w, tx_arena(tx), &t->duties[i], rec, &step, e));
        TRY(flow_apply(tx, &step, 1, e));
    }
    return 0;
}

static int pay_duties(RecordPay *x, Tx *tx, Err *e)
{
    const Type *t = &x->rs->model->types[x->at.type_ix];
    Arena *a = tx_arena(tx);
    Uuid ids[LIMIT_TICK];
    int64_t counties[LIMIT_TICK];
    Stmt *s;
    int n = 0, rc;
    TRY(tx_prepare(tx, x->rs->sql[t->ix].open_all, &s, e));
    bind_i64(s, 1, x->at.county);
    bind_uuid(s, 2, x->at.after);
    bind_i64(s, 3, LIMIT_TICK);
    for (; (rc = stmt_step(s, e)) > 0; n++) {
        counties[n] = col_i64(s, 0);
        ids[n] = col_uuid(s, 1);
    }
    TRY(rc);
    for (int i = 0; i < n; i++) {
        Record *rec;
        TRY(record_read_row(x->rs, a, tx, x->tree, t, counties[i], ids[i], &rec, e));
        TRY(open_duties(x, tx, rec, e));
    }
    x->to = n == LIMIT_TICK ? (PayPlace){x->at.type_ix, counties[n - 1], ids[n - 1]}
                            : (PayPlace){.type_ix = x->at.type_ix + 1, .county = INT64_MIN};
    return 0;
}

int record_pay_step(Tx *tx, void *record_pay, Err *e)
{
    RecordPay *x = record_pay; /* it may run more than once: `at` stays */
    const Model *m = x->rs->model;
    Str mark;
    TRY(record_is_current(x->rs, tx, e));
    TRY(access_tree_same(tx, x->tree->number, e));
    TRY(record_meta(tx_arena(tx), tx, S("owed"), &mark, e));
    bool is_figures = str_has(mark) && str_eq(mark, S("figures"));
    x->is_done = !str_has(mark);
    x->to = (PayPlace){.type_ix = x->at.type_ix + 1, .county = INT64_MIN};
    if (x->is_done)
        return 0;
    if (x->at.type_ix == m->type_n) { /* and from the first type again: its duties */
        x->to.type_ix = 0;
        return is_figures ? set_mark(tx, S("duties"), e) : drop_mark(tx, e);
    }
    const Type *t = &m->types[x->at.type_ix];
    if (is_figures)
        return t->figure_n ? record_recount(x->rs, tx, x->tree, t, NULL, 0, e) : 0;
    return t->duty_n ? pay_duties(x, tx, e) : 0;
}
