/* notices.c: what somebody was told, for pages, API and the bell alike: notices of the seats he
 * answers for and of the postings he stands for.              SPEC: P3  UX: Notices */
#include "web/web_int.h"

UnixMs web_day_ms(Day day)
{
    enum { DAY_MS = 86400000, CHINA_MS = 8 * 3600000 };
    return (int64_t)day * DAY_MS - CHINA_MS;
}

int web_whose(Req *rq, FlowWhose *ret, Err *e)
{
    Owing o;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(web_owing_of(rq->arena, tx, &rq->reader, &o, e));
    *ret = (FlowWhose){.seats = o.seats,
                       .postings = o.postings,
                       .seat_n = o.seat_n,
                       .posting_n = o.posting_n,
                       .me = rq->reader.person,
                       .account = rq->reader.viewer ? 0 : rq->reader.account};
    return 0;
}

/* Behind what he marked, at most a month back, not before he came to any of his posts. */
int web_read_upto(Req *rq, UnixMs *ret, Err *e)
{
    const Reader *r = &rq->reader;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    UnixMs upto, oldest = web_day_ms(r->today - LIMIT_BELL_DAYS);
    Day first = r->today;
    TRY(flow_mark(tx, r->account, &upto, e));
    for (int i = 0; i < r->post_n; i++)
        first = r->posts[i].starts < first ? r->posts[i].starts : first;
    if (upto < oldest)
        upto = oldest;
    *ret = upto < web_day_ms(first) ? web_day_ms(first) : upto;
    return 0;
}

int web_notice_before(Req *rq, Str cursor, const FlowWhose *w, FlowNotice *at,
                      const FlowNotice **ret, Err *e)
{
    Uuid id;
    *ret = NULL;
    if (!str_has(cursor) || !cursor.n)
        return 0;
    if (!uuid_parse(cursor, &id))
        return err_set(e, ERR_SYNTAX, "record.id_not_usable");
    TRY(flow_notice_get(rq->arena, rq->tx, w, id, at, e));
    *ret = at;
    return 0;
}

int web_read(Req *rq, Uuid notice, UnixMs upto, int (*after)(Req *rq, int rc, Err *e), Err *e)
{
    UnixMs now = env_now_ms(rq->app->env);
    if (rq->reader.viewer)
        return err_set(e, ERR_DENIED, "record.only_looking");
    FlowRead *x = NEW(rq->arena, FlowRead);
    *x = (FlowRead){
        .account = rq->reader.account, .notice = notice, .upto_ms = upto < now ? upto : now};
    return req_submit(rq, rq->app->store, flow_apply_read, x, after);
}
