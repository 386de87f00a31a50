/* page_saved.c: filters somebody keeps: put away under a name, links above the list, taken off.
 *                                                                                     SPEC: P3 */
#include "web/page_int.h"

/* The filters of this request as an address has them, without places in the list. */
static Str query_now(Req *rq)
{
    static const char *const moving[] = {"after", "before", "limit", "csrf", "do", "id",
                                         "version", "as", "back", "drop", "saved_name"};
    Buf b = {.arena = rq->arena};
    for (size_t i = 0; i < rq->params.n; i++) {
        const Param *p = &rq->params.list[i];
        bool skips = !p->value.n;
        for (size_t k = 0; k < LEN(moving); k++)
            skips = skips || str_eq(p->name, str_of(moving[k]));
        if (!skips)
            buf_fmt(&b, "%s%.*s=%.*s", b.n ? "&" : "", STR_ARG(p->name),
                    STR_ARG(url_encode(rq->arena, p->value)));
    }
    return b.n ? buf_view(&b) : S("");
}

int page_put_saved(Req *rq, Err *e)
{
    SavedList *list;
    int n;
    View *v = rq->view;
    Str now = query_now(rq);
    bool is_kept = false;
    TRY(access_saved(rq->arena, rq->tx, &rq->reader, rq->type->name, &list, &n, e));
    for (int i = 0; i < n; i++) {
        View *s = view_item(v, V_saved);
        Str id = str_fmt(rq->arena, "%lld", (long long)list[i].id);
        bool is_on = str_eq(list[i].query, now);
        view_text(s, V_label, list[i].name);
        view_url(s, V_href,
                 str_fmt(rq->arena, "/%.*s?%.*s", STR_ARG(rq->type->name), STR_ARG(list[i].query)));
        view_text(s, V_id, id);
        view_bool(s, V_is_on, is_on);
        is_kept = is_kept || is_on;
    }
    if (rq->reader.viewer)
        return 0;
    view_url(v, V_drop_action, page_type_href(rq, rq->type, "/saved/drop"));
    if (!now.n || is_kept || n >= LIMIT_SAVED_LISTS)
        return 0;
    view_url(v, V_save_action, page_type_href(rq, rq->type, "/saved"));
    for (size_t i = 0; i < rq->params.n; i++) {
        const Param *p = &rq->params.list[i];
        if (p->value.n && !str_eq(p->name, S("after")) && !str_eq(p->name, S("before")))
            page_hidden(v, p->name, p->value);
    }
    return 0;
}

static int saved(Req *rq, int rc, Err *e)
{
    const SavedList *s = rq->state;
    (void)e; /* told by rc */
    if (rc < 0)
        return rc;
    req_said(rq, s->name.n ? "page.said_filter" : "page.said_filter_gone");
    Str href = page_type_href(rq, rq->type, NULL);
    req_redirect(rq, s->query.n ? str_fmt(rq->arena, "%.*s?%.*s", STR_ARG(href), STR_ARG(s->query))
                                : href);
    return REQ_DONE;
}

int page_save_filter(Req *rq, Err *e)
{
    SavedList *s = NEW(rq->arena, SavedList);
    Str name = text_normal(rq->arena, str_trim(req_param(rq, "saved_name")));
    *s = (SavedList){.account = rq->reader.account,
                     .type = rq->type->name,
                     .name = name,
                     .query = query_now(rq)};
    if (!s->query.n)
        return err_set(e, ERR_INVALID, "page.filter_empty");
    if (!name.n || utf8_count(name) > LIMIT_NAME_CHARS)
        return err_field(e, S("saved_name"), name.n ? "access.name_long" : "page.filter_name",
                         err_int(e, LIMIT_NAME_CHARS));
    rq->state = s;
    return req_submit(rq, rq->app->store, access_apply_save_list, s, saved);
}

int page_drop_filter(Req *rq, Err *e)
{
    SavedList *s = NEW(rq->arena, SavedList);
    *s = (SavedList){.account = rq->reader.account, .name = S(""), .query = S("")};
    if (!str_i64(req_param(rq, "id"), &s->id))
        return err_set(e, ERR_MISSING, "web.missing");
    rq->state = s;
    return req_submit(rq, rq->app->store, access_apply_unsave_list, s, saved);
}
