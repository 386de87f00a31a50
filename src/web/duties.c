/* duties.c: what somebody owes, for pages, API and calendar feed alike: the duties of seats he
 * answers for and of postings he stands for.                 SPEC: P3  DESIGN: Duties and the
 * clock */
#include "web/web_int.h"

int web_owing_of(Arena *a, Tx *tx, const Reader *r, Owing *ret, Err *e)
{
    int64_t *postings = NEW_N(a, int64_t, (size_t)r->stand_n + 1);
    Owing o = {.postings = postings};
    for (int i = 0; i < r->stand_n; i++) {
        bool is_new = true;
        for (int k = 0; k < o.posting_n; k++)
            is_new = is_new && postings[k] != r->stands[i].posting;
        if (is_new)
            postings[o.posting_n++] = r->stands[i].posting;
    }
    int64_t *seats;
    TRY(access_answered_seats(a, tx, r, &seats, &o.seat_n, e));
    o.seats = seats;
    *ret = o;
    return 0;
}

bool web_owes(const Owing *o, const FlowDuty *d)
{
    for (int i = 0; d->posting && i < o->posting_n; i++)
        if (o->postings[i] == d->posting)
            return true;
    for (int i = 0; !d->posting && i < o->seat_n; i++)
        if (o->seats[i] == d->seat)
            return true;
    return false;
}

const Duty *web_duty_named(const Type *t, Str name)
{
    for (int i = 0; t && i < t->duty_n; i++)
        if (str_eq(t->duties[i].name, name))
            return &t->duties[i];
    return NULL;
}

bool web_is_late(const Req *rq, const FlowDuty *d)
{
    return !d->done_ms && !d->stopped_ms && d->due_ms != FLOW_NO_DUE &&
           d->due_ms < env_now_ms(rq->app->env);
}

/* ---- "from here on" of a page of them ---- */

Str web_duty_cursor(Req *rq, const FlowDuty *d)
{
    return uuid_text(rq->arena, d->id);
}

/* The duty the cursor names, though it may be done by now: its place is what counts. */
int web_duty_after(Req *rq, Str cursor, FlowDuty *d, const FlowDuty **ret, Err *e)
{
    Uuid id;
    *ret = NULL;
    if (!str_has(cursor) || !cursor.n)
        return 0;
    if (!uuid_parse(cursor, &id))
        return err_set(e, ERR_SYNTAX, "record.id_not_usable");
    TRY(flow_duty_get(rq->arena, rq->tx, id, d, e));
    *ret = d;
    return 0;
}

/* ---- taking ---- */

int web_take(Req *rq, Str how, int (*after)(Req *rq, int rc, Err *e), Err *e)
{
    Owing o;
    FlowDuty *d = NEW(rq->arena, FlowDuty);
    FlowTake *take = NEW(rq->arena, FlowTake);
    Uuid id;
    if (!req_uuid(rq, "id", &id))
        return err_set(e, ERR_MISSING, "flow.no_duty");
    TRY(web_owing_of(rq->arena, rq->tx, &rq->reader, &o, e));
    TRY(flow_duty_get(rq->arena, rq->tx, id, d, e));
    if (!web_owes(&o, d))
        return err_set(e, ERR_MISSING, "flow.no_duty"); /* as one there is not */
    if (rq->reader.viewer)
        return err_set(e, ERR_DENIED, "record.may_not");
    *take = (FlowTake){.duty = id,
                       .person = rq->reader.person,
                       .now_ms = env_now_ms(rq->app->env),
                       .lets_go = str_eq(how, S("let_go")),
                       .takes_over = str_eq(how, S("take_over"))};
    rq->state = d;
    return req_submit(rq, rq->app->store, flow_apply_take, take, after);
}
