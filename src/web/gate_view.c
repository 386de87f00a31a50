/* gate_view.c: what every page is given, and how it leaves: CSP, caching. */
#include "web/web_int.h"

/* Nothing from elsewhere, nothing inline, in nobody's frame. */
#define PAGE_CSP                                                                                   \
    "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; form-action 'self'; " \
    "base-uri 'none'"

enum { SAID_S = 60, LOOK_S = 400 * 86400 };

static Str look_href(Req *rq, const char *what, const char *value)
{
    Str back = url_encode(rq->arena, req_here(rq));
    return str_fmt(rq->arena, "/look?%s=%s&back=%.*s", what, value, STR_ARG(back));
}

static void view_me(Req *rq, View *v)
{
    const Reader *r = &rq->reader;
    view_text(v, V_me_name, r->person_name.n ? r->person_name : r->account_name);
    if (r->admin != ADMIN_NONE) {
        Str post = page_admin_name(rq);
        view_text(v, V_me_post, str_eq(post, r->person_name) ? S("") : post);
    } else if (r->post_n) {
        Str role = label_text(&r->model->roles[r->posts[0].role].label, rq->lang);
        Str unit = r->tree->units[r->posts[0].unit_ix].name;
        view_text(v, V_me_post, str_fmt(rq->arena, "%.*s · %.*s", STR_ARG(role), STR_ARG(unit)));
    }
}

void gate_make_view(Req *rq)
{
    View *v = rq->view = view_new(rq->arena);
    const Web *web = rq->app->web;
    const Tree *tree = rq->reader.tree;
    if (tree && tree->name.n)
        view_text(v, V_deployment, tree->name);
    if (rq->http->method <= HEAD) { /* elsewhere it would lose what is typed */
        view_url(v, V_big_href, look_href(rq, "big", rq->is_big ? "0" : "1"));
        view_url(v, V_lang_href, look_href(rq, "lang", rq->lang == LANG_EN ? "zh" : "en"));
    }
    view_url(v, V_css_href, web->css);
    view_url(v, V_paper_href, web->paper);
    view_url(v, V_js_href, web->js);
    view_url(v, V_icon_href, web->icon);
    view_bool(v, V_is_big, rq->is_big);
    view_bool(v, V_is_demo, rq->app->is_demo);
    view_bool(v, V_is_keys, !str_eq(http_cookie(rq->http, S("keys")), S("0")));
    if (rq->reader.account) {
        view_text(v, V_csrf, rq->reader.csrf);
        view_me(rq, v);
    } else {
        gate_pre_session(rq);
        view_text(v, V_csrf, rq->own->pre);
    }
}

/* ---- said once ---- */

void req_said(Req *rq, const char *key)
{
    req_cookie(rq, S("said"), str_of(key), SAID_S);
}

static void view_said(Req *rq)
{
    Str key = http_cookie(rq->http, S("said"));
    if (!key.n)
        return;
    req_cookie(rq, S("said"), S(""), 0);
    for (size_t i = 0; i < key.n; i++)
        if (!(key.p[i] == '_' || key.p[i] == '.' || (key.p[i] >= 'a' && key.p[i] <= 'z')))
            return;
    Str text = i18n_get(rq->lang, key);
    if (!str_eq(text, key)) /* an unknown one says nothing */
        view_text(rq->view, V_said, text);
}

/* ---- out ---- */

void gate_headers(Req *rq)
{
    http_set_header(rq->http, S("Content-Security-Policy"), S(PAGE_CSP));
    http_set_header(rq->http, S("Cache-Control"), S("private, no-cache"));
}

void gate_render(Req *rq)
{
    HttpReq *h = rq->http;
    if (rq->reader.account)
        page_frame(rq);
    if (h->status < 400)
        view_said(rq);
    Buf b = {.arena = rq->arena};
    (void)tpl_render((TplId)rq->tpl, rq->view, rq->lang, &b); /* always 0 */
    if (!h->status)
        h->status = 200;
    gate_status_headers(rq, h->status, rq->err);
    h->content_type = S("text/html; charset=utf-8");
    h->out = buf_view(&b);
    gate_headers(rq);
    rq->tpl = -1;
}

/* ---- sentences ---- */

Str req_t(Req *rq, const char *key, ...)
{
    Str args[ERR_ARGS_MAX];
    size_t n = 0;
    va_list ap;
    va_start(ap, key);
    for (const Str *s = va_arg(ap, const Str *); s; s = va_arg(ap, const Str *)) {
        CHECK(n < LEN(args));
        args[n++] = *s;
    }
    va_end(ap);
    return i18n_text(rq->arena, rq->lang, str_of(key), args, n);
}

Str req_label(const Req *rq, const Label *l)
{
    return label_text(l, rq->lang);
}

/* ---- /look: large type, language, shortcuts: cookies, without an account too ---- */

static int look_after(Req *rq, int rc, Err *e)
{
    (void)rq;
    (void)e;
    return rc; /* the answer is made */
}

int web_look(Req *rq, Err *e)
{
    (void)e;
    Str big = req_param(rq, "big"), lang = req_param(rq, "lang"), keys = req_param(rq, "keys");
    if (big.n)
        req_cookie(rq, S("big"), str_eq(big, S("1")) ? S("1") : S("0"), LOOK_S);
    if (keys.n)
        req_cookie(rq, S("keys"), str_eq(keys, S("0")) ? S("0") : S("1"), LOOK_S);
    if (lang.n)
        req_cookie(rq, S("lang"), str_eq(lang, S("en")) ? S("en") : S("zh"), LOOK_S);
    req_redirect(rq, req_param(rq, "back"));
    Lang to = str_eq(lang, S("en")) ? LANG_EN : LANG_ZH;
    if (!lang.n || !rq->reader.account || rq->reader.lang == to)
        return REQ_DONE;
    SetLang *set = NEW(rq->arena, SetLang);
    *set = (SetLang){.account = rq->reader.account, .lang = to};
    return req_submit(rq, rq->app->store, access_apply_lang, set, look_after);
}
