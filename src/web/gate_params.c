/* gate_params.c: what was sent, read strictly, and only what the route declared. An API route says
 * what it does not know (422); to a page undeclared parameters never arrive.          STYLE: R43 */
#include <ctype.h>
#include <strings.h>

#include "web/web_int.h"

/* What forms of records carry beside their fields. */
static const ParamSpec form_params[] = {
    {.name = "csrf", .max_bytes = 128},
    {.name = "do", .max_bytes = 160},
    {.name = "id", .max_bytes = 64},
    {.name = "version", .max_bytes = 32},
    {.name = "as", .max_bytes = 64},
    {.name = "back", .max_bytes = LIMIT_URL_BYTES},
    {.name = "drop", .max_bytes = 64},
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = NULL},
};
static const ParamSpec csrf_param = {.name = "csrf", .max_bytes = 128};
static const ParamSpec model_param = {.name = "", .max_bytes = LIMIT_FORM_BYTES, .is_many = true};
static const ParamSpec model_file = {
    .name = "", .max_bytes = LIMIT_UPLOAD_BYTES, .is_many = true, .is_file = true};

static const ParamSpec *spec_in(const ParamSpec *list, Str name)
{
    for (; list && list->name; list++)
        if (str_eq(name, str_of(list->name)))
            return list;
    return NULL;
}

/* NAME, file.NAME, NAME.at, NAME.3.SUB ...: the inputs a field of the type has on pages. */
static const ParamSpec *spec_of_model(const Req *rq, const Type *t, Str name)
{
    static const char *const tails[] = {"at",  "so_far", "pick", "mine", "theirs",
                                        "own", "id",     "find", "add"};
    if (type_field(t, name))
        return &model_param;
    if (rq->is_api)
        return NULL;
    Str head, tail;
    if (!str_cut(name, '.', &head, &tail))
        return NULL;
    if (input_is_line(t, name))
        return &model_param;
    if (str_eq(head, S("file")))
        return type_field(t, tail) ? &model_file : NULL;
    for (size_t i = 0; i < LEN(tails); i++)
        if (str_eq(tail, str_of(tails[i])))
            return type_field(t, head) ? &model_param : NULL;
    return NULL;
}

static const ParamSpec *spec_of(const Req *rq, const Type *t, Str name)
{
    const Route *route = rq->route;
    const ParamSpec *s = spec_in(route->params, name);
    if (!s && str_eq(name, S("csrf")))
        s = &csrf_param;
    if (!s && route->takes_model && !rq->is_api)
        s = spec_in(form_params, name);
    if (!s && route->takes_model && t && (!rq->is_api || rq->http->method <= HEAD))
        s = spec_of_model(rq, t, name);
    return s;
}

/* Takes over what is declared. */
static void take(Req *rq, const Params *from, Params *to, Err *faults)
{
    const Type *t = model_type(rq->app->model, req_path(rq, "type"));
    for (size_t i = 0; i < from->n; i++) {
        const Param *p = &from->list[i];
        const ParamSpec *s = spec_of(rq, t, p->name);
        bool is_file = str_has(p->filename);
        if (!s || s->is_file != is_file) {
            if (rq->is_api)
                (void)err_field(faults, p->name, "field.unknown");
            continue;
        }
        if (p->value.n > (size_t)s->max_bytes) {
            (void)err_field(faults, p->name, "web.param_long");
            continue;
        }
        if (rq->is_api && !s->is_many && str_has(params_get(to, p->name))) {
            (void)err_field(faults, p->name, "field.twice");
            continue;
        }
        if (is_file)
            rq->own->files.list[rq->own->files.n++] = *p;
        else
            to->list[to->n++] = *p;
    }
}

static bool has_word(Str s, Str word)
{
    return s.n >= word.n && !strncasecmp(s.p, word.p, word.n);
}

static int read_form(Req *rq, Params *ret, Err *e)
{
    Str type = http_header(rq->http, "content-type"), body = rq->http->body;
    if (!body.n)
        return 0;
    if (has_word(type, S("application/x-www-form-urlencoded")))
        return params_urlencoded(rq->arena, body, ret, e);
    if (has_word(type, S("multipart/form-data")) && rq->route->takes_multipart)
        return params_multipart(rq->arena, type, body, ret, e);
    return err_set(e, ERR_SYNTAX, "web.form_type");
}

static int read_json(Req *rq, Err *e)
{
    Str body = rq->http->body;
    if (!body.n)
        return 0;
    TRY(json_parse(rq->arena, body, &rq->json, e));
    return rq->json.tag == JSON_OBJECT ? 0 : err_set(e, ERR_SYNTAX, "web.json_object");
}

int gate_read_params(Req *rq, Err *e)
{
    Params query = {0}, form = {0};
    TRY(params_urlencoded(rq->arena, rq->http->query, &query, e));
    if (rq->is_api && !rq->route->is_raw)
        TRY(read_json(rq, e));
    else if (!rq->is_api)
        TRY(read_form(rq, &form, e));
    rq->params.list = NEW_N(rq->arena, Param, form.n + query.n + 1);
    rq->own->files.list = NEW_N(rq->arena, Param, form.n + 1);
    take(rq, &form, &rq->params, e); /* what a form says goes before what its address says */
    take(rq, &query, &rq->params, e);
    rq->own->may_give_back = form.n > 0;
    return e->cls;
}

/* ---- for handlers ---- */

Str req_path(const Req *rq, const char *name)
{
    for (size_t i = 0; i < LEN(rq->path_name); i++)
        if (str_has(rq->path_name[i]) && str_eq(rq->path_name[i], str_of(name)))
            return rq->path_param[i];
    return STR_NONE;
}

Str req_param(const Req *rq, const char *name)
{
    return params_get(&rq->params, str_of(name));
}

const Str *req_params(const Req *rq, const char *name, size_t *ret_n)
{
    Str *list = NEW_N(rq->arena, Str, rq->params.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < rq->params.n; i++)
        if (str_eq(rq->params.list[i].name, str_of(name)))
            list[n++] = rq->params.list[i].value;
    *ret_n = n;
    return list;
}

const Param *req_file(const Req *rq, const char *name, int nth)
{
    const Params *files = &rq->own->files;
    for (size_t i = 0; i < files->n; i++)
        if (str_eq(files->list[i].name, str_of(name)) && nth-- == 0)
            return &files->list[i];
    return NULL;
}

bool req_uuid(const Req *rq, const char *path_name, Uuid *ret)
{
    return uuid_parse(req_path(rq, path_name), ret);
}

Str url_encode(Arena *a, Str s)
{
    static const char hex[] = "0123456789ABCDEF";
    Buf b = {.arena = a};
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (isalnum(c) || (c && strchr("-._~/", c))) {
            buf_byte(&b, (char)c);
        } else {
            buf_byte(&b, '%');
            buf_byte(&b, hex[c >> 4]);
            buf_byte(&b, hex[c & 15]);
        }
    }
    return b.n ? buf_view(&b) : S("");
}

Str req_here(Req *rq)
{
    Buf b = {.arena = rq->arena};
    buf_str(&b, url_encode(rq->arena, rq->http->path));
    if (rq->http->query.n) {
        buf_byte(&b, '?');
        buf_str(&b, rq->http->query); /* as sent: encoded already */
    }
    return buf_view(&b);
}
