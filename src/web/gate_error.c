/* gate_error.c: from an error class to an answer: RFC 9457 for the API, a page for people. */
#include "web/web_int.h"

int web_status(int cls)
{
    switch (cls) {
    case ERR_INVALID:
        return 422;
    case ERR_DENIED:
        return 403;
    case ERR_MISSING:
        return 404;
    case ERR_CONFLICT:
        return 412;
    case ERR_STATE:
        return 409;
    case ERR_EXISTS:
        return 200;
    case ERR_DIFFERS:
        return 409;
    case ERR_BUSY:
        return 503;
    case ERR_LIMIT:
        return 413;
    case ERR_SYNTAX:
        return 400;
    case ERR_AUTH:
        return 401;
    case ERR_RATE:
        return 429;
    case ERR_NEED_MATCH:
        return 428;
    default:
        return 500;
    }
}

const char *status_phrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 422:
        return "Unprocessable Content";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Error";
    }
}

/* What went wrong inside is for the log; a person is told that it did. */
static Str detail_text(Arena *a, Lang lang, int status, const Err *e)
{
    if (status == 500 || !e->key.n)
        return i18n_text(a, lang,
                         status == 422 || status == 409 ? S("base.invalid") : S("http.broken"),
                         NULL, 0);
    return err_text(a, lang, e);
}

Str problem_text(Arena *a, Lang lang, int status, const Err *e, Str more)
{
    Buf b = {.arena = a};
    buf_z(&b, "{\"type\":\"about:blank\",\"title\":\"");
    buf_z(&b, status_phrase(status));
    buf_fmt(&b, "\",\"status\":%d,\"detail\":", status);
    json_text(&b, detail_text(a, lang, status, e));
    buf_z(&b, ",\"code\":");
    json_text(&b, e->key.n ? e->key : S("base.invalid"));
    buf_z(&b, ",\"fields\":[");
    for (size_t i = 0; i < e->field_n; i++) {
        buf_z(&b, i ? ",{\"field\":" : "{\"field\":");
        json_text(&b, e->fields[i].field);
        buf_z(&b, ",\"code\":");
        json_text(&b, e->fields[i].key);
        buf_z(&b, ",\"message\":");
        json_text(&b, err_field_text(a, lang, &e->fields[i]));
        buf_byte(&b, '}');
    }
    buf_byte(&b, ']');
    buf_str(&b, more);
    buf_byte(&b, '}');
    return buf_view(&b);
}

void gate_status_headers(Req *rq, int status, const Err *e)
{
    HttpReq *h = rq->http;
    if (status == 401 && rq->is_api)
        http_set_header(h, S("WWW-Authenticate"), S("Bearer realm=\"stave\""));
    if (status == 503)
        http_set_header(h, S("Retry-After"), S("2"));
    int64_t minutes = 1;
    if (status == 429) {
        if (!str_i64(e->args[0], &minutes) || minutes < 1 || minutes > 24 * 60)
            minutes = 1;
        http_set_header(h, S("Retry-After"), str_fmt(rq->arena, "%lld", (long long)minutes * 60));
    }
}

void api_problem(Req *rq, int status, const Err *e, Str more)
{
    HttpReq *h = rq->http;
    h->status = status;
    h->content_type = S("application/problem+json");
    h->out = problem_text(rq->arena, rq->lang, status, e, more);
    h->out_is_static = false;
    http_set_header(h, S("Cache-Control"), S("no-store"));
}

/* ---- nothing typed is lost ---- */

static bool is_secret(Str name)
{
    static const char *const secrets[] = {"csrf", "password", "again", "code"};
    for (size_t i = 0; i < LEN(secrets); i++)
        if (str_eq(name, str_of(secrets[i])))
            return true;
    return false;
}

/* Not for the eye: ids, marks, buttons. */
static bool is_inner(Str name)
{
    static const char *const inner[] = {"id", "version", "do", "as", "back", "drop"};
    for (size_t i = 0; i < LEN(inner); i++)
        if (str_eq(name, str_of(inner[i])))
            return true;
    return false;
}

/* The field a form calls so: `day`, `lines.0.came`. NULL: none, as of a picker's hidden half. */
static const Field *typed_field(const Type *t, Str name)
{
    Str head, tail, line, last;
    bool is_part = str_cut(name, '.', &head, &tail);
    const Field *f = t ? type_field(t, head) : NULL;
    if (!f || f->kind != KIND_ROWS)
        return is_part && f && str_eq(tail, S("id")) ? NULL : f;
    return is_part && str_cut(tail, '.', &line, &last) ? field_sub(f, last) : NULL;
}

/* A form's own marks: lines are there, what a picker chose. */
static bool is_mark(const Type *t, Str name)
{
    Str head, tail;
    (void)str_cut(name, '.', &head, &tail);
    return t && type_field(t, head) && !typed_field(t, name);
}

/* A choice is sent by its key and read by its name. */
static Str typed_text(Req *rq, const Field *f, Str value)
{
    bool is_choice = f && (f->kind == KIND_CHOICE || f->kind == KIND_CHOICES);
    const Choice *c = is_choice ? field_choice(f, value) : NULL;
    return c ? label_text(&c->label, rq->lang) : value;
}

void gate_give_back(Req *rq)
{
    const Type *t = model_type(rq->app->model, req_path(rq, "type"));
    for (size_t i = 0; i < rq->params.n; i++) {
        const Param *p = &rq->params.list[i];
        if (is_secret(p->name))
            continue;
        View *v = view_item(rq->view, V_hiddens);
        view_text(v, V_name, p->name);
        view_text(v, V_value, p->value);
        const Field *f = typed_field(t, p->name);
        if (is_inner(p->name) || !p->value.n || is_mark(t, p->name))
            continue;
        v = view_item(rq->view, V_typed);
        view_text(v, V_label, f ? label_text(&f->label, rq->lang) : p->name);
        view_text(v, V_text, typed_text(rq, f, p->value));
    }
    view_url(rq->view, V_action, req_here(rq));
}

/* ---- the answer ---- */

static bool is_reading(const Req *rq)
{
    return rq->http->method == GET || rq->http->method == HEAD;
}

static void fail_page(Req *rq, int status, const Err *e)
{
    if (status == 401 && is_reading(rq)) {
        Str here = url_encode(rq->arena, req_here(rq));
        req_redirect(rq, str_eq(here, S("/"))
                             ? S("/signin")
                             : str_fmt(rq->arena, "/signin?back=%.*s", STR_ARG(here)));
        return;
    }
    gate_make_view(rq); /* anew: what a handler had begun to say does not count */
    bool is_lost =
        status == 401 || status == 403 || status == 409 || status == 429 || status >= 500;
    if (rq->own->may_give_back && is_lost)
        gate_give_back(rq);
    rq->http->status = status;
    page_error(rq, status, e);
    if (rq->tpl >= 0)
        gate_render(rq);
}

void gate_fail(Req *rq, int cls, const Err *e)
{
    CHECK(cls < 0);
    int status = web_status(cls);
    if (rq->is_api) {
        gate_status_headers(rq, status, e);
        api_problem(rq, status, e, S(""));
    } else {
        fail_page(rq, status, e);
    }
}

/* ---- plain answers for handlers ---- */

/* Within the site only: what might lead elsewhere leads home. */
static bool is_inside(Str to)
{
    if (!to.n || to.p[0] != '/' || (to.n > 1 && (to.p[1] == '/' || to.p[1] == '\\')))
        return false;
    for (size_t i = 0; i < to.n; i++)
        if ((unsigned char)to.p[i] < 0x20 || to.p[i] == 0x7f)
            return false;
    return true;
}

void req_redirect(Req *rq, Str to)
{
    Buf b = {.arena = rq->arena};
    if (!is_inside(to))
        to = S("/");
    for (size_t i = 0; i < to.n; i++) {
        unsigned char c = (unsigned char)to.p[i];
        if (c <= 0x20 || c >= 0x80 || c == '"' || c == '<' || c == '>' || c == '\\')
            buf_fmt(&b, "%%%02X", c);
        else
            buf_byte(&b, to.p[i]);
    }
    rq->tpl = -1;
    rq->http->status = 303;
    rq->http->out = STR_NONE;
    http_set_header(rq->http, S("Location"), buf_view(&b));
    http_set_header(rq->http, S("Cache-Control"), S("no-store"));
}

void req_bytes(Req *rq, int status, Str type, Str bytes)
{
    rq->tpl = -1;
    rq->http->status = status;
    rq->http->content_type = type;
    rq->http->out = bytes;
}

void req_json(Req *rq, int status, Str json)
{
    req_bytes(rq, status, S("application/json"), json);
    http_set_header(rq->http, S("Cache-Control"), S("no-store"));
}
