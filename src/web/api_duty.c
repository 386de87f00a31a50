/* api_duty.c: what he owes, and taking one, for programs.                               SPEC: P3 */
#include "web/web_int.h"

enum { OWED_PAGE = 50 };

static void put_item(Req *rq, Buf *b, const FlowDuty *d)
{
    const Type *t = model_type_numbered(rq->app->model, d->type);
    const Unit *u = tree_unit(rq->reader.tree, d->unit);
    buf_z(b, "{\"duty\":");
    json_text(b, uuid_text(rq->arena, d->id));
    buf_z(b, ",\"name\":");
    json_text(b, d->name);
    buf_z(b, ",\"type\":");
    json_text(b, t ? t->name : S(""));
    buf_z(b, ",\"id\":");
    json_text(b, uuid_text(rq->arena, d->record));
    buf_z(b, ",\"unit\":");
    json_text(b, u ? u->code : S(""));
    buf_z(b, ",\"due\":");
    if (d->due_ms == FLOW_NO_DUE)
        buf_z(b, "null");
    else
        json_text(b, ms_rfc3339(rq->arena, d->due_ms));
    buf_fmt(b, ",\"late\":%s,\"taken_by\":", web_is_late(rq, d) ? "true" : "false");
    if (uuid_is_zero(d->taken_by))
        buf_z(b, "null");
    else
        json_text(b, uuid_text(rq->arena, d->taken_by));
    buf_byte(b, '}');
}

static int api_owed(Req *rq, Err *e)
{
    Owing o;
    FlowDuty *list, at;
    const FlowDuty *after;
    int n;
    TRY(web_duty_after(rq, req_param(rq, "after"), &at, &after, e));
    TRY(web_owing_of(rq->arena, rq->tx, &rq->reader, &o, e));
    TRY(flow_owed(rq->arena, rq->tx, o.seats, o.seat_n, o.postings, o.posting_n, after, OWED_PAGE,
                  &list, &n, e));
    Buf b = {.arena = rq->arena};
    buf_z(&b, "{\"items\":[");
    for (int i = 0; i < n; i++) {
        buf_z(&b, i ? "," : "");
        put_item(rq, &b, &list[i]);
    }
    buf_z(&b, "],\"next\":");
    if (n == OWED_PAGE)
        json_text(&b, web_duty_cursor(rq, &list[n - 1]));
    else
        buf_z(&b, "null");
    buf_byte(&b, '}');
    req_json(rq, 200, buf_view(&b));
    return REQ_DONE;
}

static int taken(Req *rq, int rc, Err *e)
{
    const FlowDuty *was = rq->state;
    if (rc < 0)
        return rc;
    FlowDuty d;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(flow_duty_get(rq->arena, tx, was->id, &d, e));
    Buf b = {.arena = rq->arena};
    put_item(rq, &b, &d);
    req_json(rq, 200, buf_view(&b));
    return REQ_DONE;
}

static int api_take(Req *rq, Err *e)
{
    Str how = req_param(rq, "how");
    return web_take(rq, str_has(how) ? how : S("take"), taken, e);
}

static const ParamSpec owed_params[] = {{.name = "after", .max_bytes = 64}, {.name = NULL}};
static const ParamSpec take_params[] = {{.name = "how", .max_bytes = 16}, {.name = NULL}};

static const Route list[] = {
    {.path = "/api/v1/owed",
     .method = GET,
     .run = api_owed,
     .may = MAY_SIGNED_IN,
     .is_api = true,
     .params = owed_params,
     .help = "web.help_owed",
     .spec = "P3"},
    {.path = "/api/v1/duty/:id/take",
     .method = POST,
     .run = api_take,
     .may = MAY_SIGNED_IN,
     .is_api = true,
     .params = take_params,
     .help = "web.help_take",
     .spec = "P3"},
};
const RouteTable api_duty_routes = {list, LEN(list)};
