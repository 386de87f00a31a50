/* page_view_as.c: looking as another post: a reason, a dark band on every page, nothing can be
 * done, it ends by itself. He sees what both may see.                       UX: View as  SPEC: P2
 * */
#include "web/page_int.h"

bool page_may_view_as(const Req *rq, int role, int unit_ix)
{
    const Reader *r = &rq->reader;
    if (r->viewer || role < 0 || unit_ix < 0 || r->tree->units[unit_ix].closed != DAY_NONE ||
        !(r->model->roles[role].at >> r->tree->units[unit_ix].kind & 1))
        return false;
    bool is_below = false;
    for (int i = 0; i < r->post_n; i++) {
        if (r->posts[i].role == role && r->posts[i].unit_ix == unit_ix)
            return false; /* his own eyes */
        is_below = is_below || tree_is_within(r->tree, unit_ix, r->posts[i].unit_ix);
    }
    return is_below;
}

Str page_view_as_href(Req *rq, int role, int unit_ix, Str back)
{
    return str_fmt(rq->arena, "/viewas?role=%.*s&unit=%.*s&back=%.*s",
                   STR_ARG(rq->app->model->roles[role].name),
                   STR_ARG(url_encode(rq->arena, rq->reader.tree->units[unit_ix].code)),
                   STR_ARG(url_encode(rq->arena, back)));
}

/* The band: which post, until when. */
void page_band(Req *rq)
{
    const Reader *r = &rq->reader;
    if (!r->viewer || !r->post_n)
        return;
    Str post = page_post(rq, r->posts[0].role, r->posts[0].unit_ix);
    Str until = ms_clock(rq->arena, r->view_until_ms);
    view_text(rq->view, V_as_head, req_t(rq, "page.as_head", &post, NULL));
    view_text(rq->view, V_as_text, req_t(rq, "page.as_text", &until, NULL));
}

typedef struct Look {
    ViewAs in;
    int role, unit_ix;
} Look;

static int look_of(Req *rq, Look *x, Err *e)
{
    const Role *role = model_role(rq->app->model, req_param(rq, "role"));
    const Unit *u = tree_unit_coded(rq->reader.tree, req_param(rq, "unit"));
    if (!role || !u || !page_may_view_as(rq, role->ix, u->ix))
        return err_set(e, ERR_MISSING, "web.missing");
    x->role = role->ix;
    x->unit_ix = u->ix;
    return 0;
}

static Str label_of(Req *rq, Str field)
{
    return str_eq(field, S("reason")) ? req_t(rq, "page.as_reason", NULL) : S("");
}

static int look_page(Req *rq, const Look *x, const Err *faults, int status)
{
    View *v = rq->view;
    Str post = page_post(rq, x->role, x->unit_ix), back = req_param(rq, "back");
    Str minutes = page_n(rq, LIMIT_VIEW_MIN), reason = req_param(rq, "reason");
    const ErrField *fault = page_fault_of(faults, S("reason"));
    view_text(v, V_title, req_t(rq, "page.as_title", &post, NULL));
    view_text(v, V_intro, req_t(rq, "page.as_intro", &minutes, NULL));
    view_url(v, V_action, S("/viewas"));
    view_url(v, V_cancel_href, back.n ? back : S("/"));
    view_bool(v, V_has_bar, true);
    page_hidden(v, S("role"), rq->app->model->roles[x->role].name);
    page_hidden(v, S("unit"), rq->reader.tree->units[x->unit_ix].code);
    page_hidden(v, S("back"), back.n ? back : S("/"));
    View *f = view_item(v, V_fields);
    view_text(f, V_name, S("reason"));
    view_text(f, V_label, req_t(rq, "page.as_reason", NULL));
    view_text(f, V_value, reason.n ? reason : S(""));
    view_text(f, V_hint, req_t(rq, "page.as_hint", NULL));
    view_bool(f, V_is_line, true);
    view_bool(f, V_is_required, true);
    if (fault)
        view_text(f, V_error, err_field_text(rq->arena, rq->lang, fault));
    page_button(v, req_t(rq, "page.as_do", NULL), S("look"), true);
    page_faults(rq, faults, label_of);
    page_done(rq, TPL_FORM, status);
    return REQ_DONE;
}

static int view_as_form(Req *rq, Err *e)
{
    Look x = {0};
    TRY(look_of(rq, &x, e));
    return look_page(rq, &x, NULL, 200);
}

static int looking(Req *rq, int rc, Err *e)
{
    const Look *x = rq->state;
    Str back = req_param(rq, "back");
    (void)e; /* told by rc */
    if (rc < 0)
        return rc;
    if (!str_has(x->in.role))
        req_said(rq, "page.said_looked");
    req_redirect(rq, back.n ? back : S("/"));
    return REQ_DONE;
}

static int set_look(Req *rq, Look *x)
{
    SessionRef ref;
    access_session_ref(rq->app->access, req_session(rq), &ref);
    memcpy(x->in.session, ref.id, sizeof x->in.session);
    rq->state = x;
    return req_submit(rq, rq->app->store, access_apply_view_as, &x->in, looking);
}

static int view_as(Req *rq, Err *e)
{
    Look *x = NEW(rq->arena, Look);
    Err faults = err_on(rq->arena);
    TRY(look_of(rq, x, e));
    x->in = (ViewAs){.role = rq->app->model->roles[x->role].name,
                     .unit_code = rq->reader.tree->units[x->unit_ix].code,
                     .reason = req_param(rq, "reason").n ? req_param(rq, "reason") : S("")};
    int rc =
        access_prepare_view_as(rq->app->access, rq->arena, rq->tx, &rq->reader, &x->in, &faults);
    if (rc == ERR_INVALID)
        return look_page(rq, x, &faults, 422);
    if (rc < 0) {
        *e = faults;
        return rc;
    }
    return set_look(rq, x);
}

static int view_stop(Req *rq, Err *e)
{
    Look *x = NEW(rq->arena, Look);
    x->in = (ViewAs){.role = STR_NONE, .unit_code = STR_NONE, .reason = STR_NONE};
    TRY(access_prepare_view_as(rq->app->access, rq->arena, rq->tx, &rq->reader, &x->in, e));
    return set_look(rq, x);
}

static const ParamSpec look_params[] = {
    {.name = "role", .max_bytes = 64},
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "back", .max_bytes = LIMIT_URL_BYTES},
    {.name = "reason", .max_bytes = LIMIT_LINE_CHARS * 12},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route view_routes[] = {
    {.path = "/viewas",
     .method = GET,
     .run = view_as_form,
     .may = MAY_SIGNED_IN,
     .params = look_params,
     .help = "page.help_view_as",
     .spec = "P2"},
    {.path = "/viewas",
     .method = POST,
     .run = view_as,
     .may = MAY_SIGNED_IN,
     .params = look_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_view_as",
     .spec = "P2"},
    {.path = "/viewas/stop",
     .method = POST,
     .run = view_stop,
     .may = MAY_SIGNED_IN,
     .may_looking = true,
     .params = look_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_view_stop",
     .spec = "P2"},
};
const RouteTable page_view_routes = {view_routes, LEN(view_routes)};
