/* api_notice.c: what he was told, for programs; all marked as read.                     SPEC: P3 */
#include "web/web_int.h"

enum { NOTICES_PAGE = 50 };

static void put_item(Req *rq, Buf *b, const FlowNotice *n, bool is_unread)
{
    const Type *t = model_type_numbered(rq->app->model, n->type);
    const Action *act = t ? type_action_numbered(t, n->act) : NULL;
    buf_z(b, "{\"notice\":");
    json_text(b, uuid_text(rq->arena, n->id));
    buf_z(b, ",\"at\":");
    json_text(b, ms_rfc3339(rq->arena, n->at_ms));
    buf_z(b, ",\"what\":");
    json_text(b, n->what);
    buf_z(b, ",\"type\":");
    json_text(b, t ? t->name : S(""));
    buf_z(b, ",\"id\":");
    json_text(b, uuid_text(rq->arena, n->record));
    buf_z(b, ",\"act\":");
    if (act)
        json_text(b, act->name);
    else
        buf_z(b, "null");
    buf_z(b, ",\"actor\":");
    if (uuid_is_zero(n->actor))
        buf_z(b, "null");
    else
        json_text(b, uuid_text(rq->arena, n->actor));
    buf_fmt(b, ",\"unread\":%s}", is_unread ? "true" : "false");
}

static int api_notices(Req *rq, Err *e)
{
    FlowWhose w;
    FlowNotice *list, at;
    const FlowNotice *before;
    UnixMs upto;
    int n;
    TRY(web_whose(rq, &w, e));
    TRY(web_read_upto(rq, &upto, e));
    TRY(web_notice_before(rq, req_param(rq, "after"), &w, &at, &before, e));
    TRY(flow_notices(rq->arena, rq->tx, &w, 0, before, NOTICES_PAGE, &list, &n, e));
    Buf b = {.arena = rq->arena};
    buf_z(&b, "{\"items\":[");
    for (int i = 0; i < n; i++) {
        buf_z(&b, i ? "," : "");
        put_item(rq, &b, &list[i], !list[i].is_read && list[i].at_ms > upto);
    }
    buf_z(&b, "],\"next\":");
    if (n == NOTICES_PAGE)
        json_text(&b, uuid_text(rq->arena, list[n - 1].id));
    else
        buf_z(&b, "null");
    buf_byte(&b, '}');
    req_json(rq, 200, buf_view(&b));
    return REQ_DONE;
}

static const ParamSpec list_params[] = {{.name = "after", .max_bytes = 64}, {.name = NULL}};

static const Route list[] = {
    {.path = "/api/v1/notices",
     .method = GET,
     .run = api_notices,
     .may = MAY_SIGNED_IN,
     .is_api = true,
     .params = list_params,
     .help = "web.help_notices",
     .spec = "P3"},
};
const RouteTable api_notice_routes = {list, LEN(list)};
