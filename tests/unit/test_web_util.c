/* test_web_util.c: see the header. */
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test_web_util.h"

void site_begin(Site *s, Engine engine)
{
    site_begin_model(s, engine, NULL, 0);
}

void site_begin_model(Site *s, Engine engine, const ModelSource *more, size_t more_n)
{
    memset(s, 0, sizeof *s);
    test_store_begin(&s->t, engine);
    county_begin_model(&s->w, &s->t, more, more_n);
    County *w = &s->w;
    s->a = w->a;
    s->app = (App){.env = w->env,
                   .dir = s->t.dir,
                   .model = w->model,
                   .store = w->store,
                   .files = w->files,
                   .access = w->access,
                   .records = w->records,
                   .flow = w->flow};
    REQUIRE_OK(web_start(&s->app, S("127.0.0.1"), 0, S(""), w->e), w->e);
    Answer doc = site_ask(s, "GET", S("/api/openapi.json"), S(""), S(""));
    REQUIRE(doc.status == 200);
    s->doc = doc.json;
    REQUIRE(s->doc.tag == JSON_OBJECT);
}

void site_end(Site *s)
{
    web_stop(&s->app);
    county_end(&s->w);
    test_store_end(&s->t);
}

/* ---- client ---- */

static Str exchange(Site *s, Str request)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(http_port(s->app.http)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    while (request.n) {
        ssize_t n = send(fd, request.p, request.n, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* refused early: the answer tells */
        request = str_sub(request, (size_t)n, request.n);
    }
    Buf b = {.arena = s->a};
    char chunk[16 * 1024];
    for (ssize_t n; (n = recv(fd, chunk, sizeof chunk, 0)) > 0;)
        buf_mem(&b, chunk, (size_t)n);
    close(fd);
    return b.n ? buf_view(&b) : S("");
}

Str answer_header(const Answer *a, const char *name)
{
    Str rest = a->head, line, key, value;
    while (rest.n) {
        str_cut(rest, '\n', &line, &rest);
        if (str_cut(line, ':', &key, &value) && key.n == strlen(name) &&
            !strncasecmp(key.p, name, key.n))
            return str_trim(value);
    }
    return STR_NONE;
}

/* ---- the document ---- */

static const Json *follow(const Site *s, const Json *schema)
{
    const Json *ref = json_get(schema, S("$ref"));
    if (!ref)
        return schema;
    Str name = str_sub(ref->s, strlen("#/components/schemas/"), ref->s.n);
    const Json *all = json_get(json_get(&s->doc, S("components")), S("schemas"));
    const Json *found = json_get(all, name);
    if (!found)
        test_fail(__FILE__, __LINE__, "no schema %.*s", STR_ARG(name));
    REQUIRE(found != NULL);
    return found;
}

static bool has_type(const Json *want, const char *name)
{
    if (want->tag == JSON_TEXT)
        return str_eq(want->s, str_of(name));
    for (size_t i = 0; i < want->n; i++)
        if (str_eq(want->items[i].s, str_of(name)))
            return true;
    return false;
}

static bool same_json(const Json *a, const Json *b)
{
    return a->tag == b->tag && (a->tag != JSON_TEXT || str_eq(a->s, b->s)) &&
           (a->tag != JSON_INT || a->i == b->i);
}

static bool format_ok(Str format, Str s)
{
    Uuid id;
    Day d;
    UnixMs t;
    if (str_eq(format, S("uuid")))
        return uuid_parse(s, &id);
    if (str_eq(format, S("date")))
        return day_parse(s, &d);
    return str_eq(format, S("date-time")) && ms_parse(s, &t);
}

static void against(const Site *s, const Json *schema, const Json *v, const char *where);

static void object_against(const Site *s, const Json *schema, const Json *v, const char *where)
{
    const Json *must = json_get(schema, S("required")), *props = json_get(schema, S("properties"));
    const Json *more = json_get(schema, S("additionalProperties"));
    for (size_t i = 0; must && i < must->n; i++)
        if (!json_get(v, must->items[i].s))
            test_fail(__FILE__, __LINE__, "%s: %.*s is missing", where, STR_ARG(must->items[i].s));
    for (size_t i = 0; i < v->n; i++) {
        const Json *sub = props ? json_get(props, v->names[i]) : NULL;
        char place[256];
        snprintf(place, sizeof place, "%s.%.*s", where, STR_ARG(v->names[i]));
        if (sub)
            against(s, sub, &v->items[i], place);
        else if (more && more->tag == JSON_FALSE)
            test_fail(__FILE__, __LINE__, "%s: the document does not know it", place);
        else if (more && more->tag == JSON_OBJECT)
            against(s, more, &v->items[i], place);
    }
}

static void scalar_against(const Json *schema, const Json *v, const char *where)
{
    const Json *format = json_get(schema, S("format")), *longest = json_get(schema, S("maxLength"));
    const Json *min = json_get(schema, S("minimum")), *max = json_get(schema, S("maximum"));
    const Json *choice = json_get(schema, S("enum"));
    bool ok = !choice;
    for (size_t i = 0; choice && i < choice->n; i++)
        ok = ok || same_json(&choice->items[i], v);
    ok = ok && (!format || v->tag != JSON_TEXT || format_ok(format->s, v->s));
    ok = ok && (!longest || v->tag != JSON_TEXT || utf8_count(v->s) <= (size_t)longest->i);
    ok = ok && (!min || v->tag != JSON_INT || v->i >= min->i);
    ok = ok && (!max || v->tag != JSON_INT || v->i <= max->i);
    if (!ok)
        test_fail(__FILE__, __LINE__, "%s: value not as described", where);
}

static void against(const Site *s, const Json *schema, const Json *v, const char *where)
{
    static const char *const names[] = {"null",   "boolean", "boolean", "integer",
                                        "string", "array",   "object"};
    schema = follow(s, schema);
    const Json *all = json_get(schema, S("allOf")), *type = json_get(schema, S("type"));
    for (size_t i = 0; all && i < all->n; i++)
        against(s, &all->items[i], v, where);
    if (type && !has_type(type, names[v->tag])) {
        test_fail(__FILE__, __LINE__, "%s: is %s", where, names[v->tag]);
        return;
    }
    scalar_against(schema, v, where);
    if (v->tag == JSON_OBJECT)
        object_against(s, schema, v, where);
    const Json *items = json_get(schema, S("items"));
    for (size_t i = 0; v->tag == JSON_LIST && items && i < v->n; i++)
        against(s, items, &v->items[i], where);
}

/* "/api/v1/diary/{id}" fits "/api/v1/diary/0192..."; *ret_n: how much of it is literal. */
static bool path_fits(Str pattern, Str path, size_t *ret_n)
{
    *ret_n = 0;
    while (pattern.n && path.n) {
        Str p, q;
        str_cut(pattern, '/', &p, &pattern);
        str_cut(path, '/', &q, &path);
        if (p.n && p.p[0] == '{')
            continue;
        if (!str_eq(p, q))
            return false;
        *ret_n += p.n;
    }
    return !pattern.n && !path.n;
}

static const Json *operation_of(const Site *s, const char *method, Str target)
{
    const Json *paths = json_get(&s->doc, S("paths")), *best = NULL;
    Str path, query;
    size_t most = 0;
    str_cut(target, '?', &path, &query);
    for (size_t i = 0; i < paths->n; i++) {
        size_t n;
        char low[8] = "";
        for (size_t k = 0; method[k] && k < 7; k++)
            low[k] = (char)(method[k] | 32);
        const Json *op = json_get(&paths->items[i], str_of(low));
        if (op && path_fits(paths->names[i], path, &n) && (!best || n > most)) {
            best = op;
            most = n;
        }
    }
    return best;
}

static void check_answer(const Site *s, const char *method, Str target, const Answer *a)
{
    char code[8], where[128];
    const Json *op = operation_of(s, method, target);
    if (!op || a->json.tag == JSON_NULL)
        return; /* a path that is none: nothing is promised */
    snprintf(code, sizeof code, "%d", a->status);
    snprintf(where, sizeof where, "%s %.60s %d", method, str_z(s->a, target), a->status);
    const Json *answers = json_get(op, S("responses")), *answer = json_get(answers, str_of(code));
    if (!answer && a->status >= 400)
        answer = json_get(answers, S("default"));
    if (!answer) {
        test_fail(__FILE__, __LINE__, "%s: not described", where);
        return;
    }
    Str type = answer_header(a, "Content-Type");
    const Json *as = json_get(json_get(answer, S("content")), type);
    if (!as) {
        test_fail(__FILE__, __LINE__, "%s: %.*s not described", where, STR_ARG(type));
        return;
    }
    against(s, json_get(as, S("schema")), &a->json, where);
}

Answer site_ask(Site *s, const char *method, Str target, Str headers, Str body)
{
    Buf b = {.arena = s->a};
    buf_fmt(&b, "%s %.*s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%.*s", method,
            STR_ARG(target), STR_ARG(headers));
    if (body.n || !strcmp(method, "POST") || !strcmp(method, "PUT") || !strcmp(method, "PATCH"))
        buf_fmt(&b, "Content-Length: %zu\r\n", body.n);
    buf_z(&b, "\r\n");
    buf_str(&b, body);
    Str got = exchange(s, buf_view(&b));
    Answer a = {0};
    ptrdiff_t end = str_find(got, S("\r\n\r\n"));
    int64_t status = 0;
    if (end < 0 || !str_i64(str_sub(got, 9, 3), &status)) {
        test_fail(__FILE__, __LINE__, "%s %.*s: no answer", method, STR_ARG(target));
        return a;
    }
    a.status = (int)status;
    a.head = str_sub(got, 0, (size_t)end);
    a.body = str_sub(got, (size_t)end + 4, got.n);
    Err e = err_on(s->a);
    bool is_json = str_find(answer_header(&a, "Content-Type"), S("json")) >= 0;
    if (is_json && strcmp(method, "HEAD") != 0 && json_parse(s->a, a.body, &a.json, &e) < 0)
        test_err(__FILE__, __LINE__, "json_parse", &e);
    if (str_starts(target, S("/api/v1/")) && s->doc.tag == JSON_OBJECT)
        check_answer(s, method, target, &a);
    return a;
}

Str site_token(Site *s, const char *account)
{
    for (int i = 0; i < s->token_n; i++)
        if (!strcmp(s->tokens[i].account, account))
            return s->tokens[i].token;
    County *w = &s->w;
    NewToken in = {.account = str_of(account)};
    Tx *tx = county_tx(w);
    REQUIRE_OK(access_prepare_token(w->access, s->a, tx, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, NULL, access_apply_token, &in, w->e), w->e);
    REQUIRE(s->token_n < (int)LEN(s->tokens));
    s->tokens[s->token_n].account = account;
    s->tokens[s->token_n++].token = in.token;
    return in.token;
}

Answer site_api_if(Site *s, const char *account, const char *method, const char *target,
                   const char *if_match, const char *body)
{
    Buf b = {.arena = s->a};
    if (account)
        buf_fmt(&b, "Authorization: Bearer %.*s\r\n", STR_ARG(site_token(s, account)));
    if (if_match)
        buf_fmt(&b, "If-Match: %s\r\n", if_match);
    buf_z(&b, "Content-Type: application/json\r\n");
    return site_ask(s, method, str_of(target), buf_view(&b), str_of(body));
}

Answer site_api(Site *s, const char *account, const char *method, const char *target,
                const char *body)
{
    return site_api_if(s, account, method, target, NULL, body);
}

void site_session(Site *s, const char *account, Str *ret_cookie, Str *ret_csrf)
{
    County *w = &s->w;
    Invite in = {.account = str_of(account)};
    Tx *tx = county_tx(w);
    REQUIRE_OK(access_prepare_invite(w->access, s->a, tx, NULL, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, NULL, access_apply_invite, &in, w->e), w->e);
    Redeem redeem = {
        .code = in.code, .password = S("a quiet river bend"), .again = S("a quiet river bend")};
    tx = county_tx(w);
    REQUIRE_OK(access_prepare_redeem(w->access, s->a, tx, &redeem, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, NULL, access_apply_redeem, &redeem, w->e), w->e);
    s->token_n = 0; /* a new password ended them */
    *ret_cookie = redeem.session.cookie;
    *ret_csrf = redeem.session.csrf;
}

Str answer_text(const Answer *a, const char *name)
{
    const Json *j = json_get(&a->json, str_of(name));
    return j && j->tag == JSON_TEXT ? j->s : STR_NONE;
}

int64_t answer_i64(const Answer *a, const char *name)
{
    const Json *j = json_get(&a->json, str_of(name));
    return j && j->tag == JSON_INT ? j->i : INT64_MIN;
}

bool answer_has_fault(const Answer *a, const char *field, const char *code)
{
    const Json *list = json_get(&a->json, S("fields"));
    for (size_t i = 0; list && i < list->n; i++)
        if (str_eq(json_get(&list->items[i], S("field"))->s, str_of(field)) &&
            str_eq(json_get(&list->items[i], S("code"))->s, str_of(code)))
            return true;
    return false;
}

Str site_id(Site *s)
{
    return (Str){str_z(s->a, uuid_text(s->a, county_new_id(&s->w))), 36};
}

Str site_z(Site *s, const char *fmt, ...)
{
    char text[8192];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    REQUIRE(n >= 0 && n < (int)sizeof text);
    return (Str){str_z(s->a, (Str){text, (size_t)n}), (size_t)n};
}

/* The smallest JPEG a camera could send: 8 x 8, grey. */
Str site_jpeg(void)
{
    static const uint8_t bytes[] = {
        0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x10, 0x0b, 0x0c, 0x0e, 0x0c, 0x0a, 0x10, 0x0e,
        0x0d, 0x0e, 0x12, 0x11, 0x10, 0x13, 0x18, 0x28, 0x1a, 0x18, 0x16, 0x16, 0x18, 0x31, 0x23,
        0x25, 0x1d, 0x28, 0x3a, 0x33, 0x3d, 0x3c, 0x39, 0x33, 0x38, 0x37, 0x40, 0x48, 0x5c, 0x4e,
        0x40, 0x44, 0x57, 0x45, 0x37, 0x38, 0x50, 0x6d, 0x51, 0x57, 0x5f, 0x62, 0x67, 0x68, 0x67,
        0x3e, 0x4d, 0x71, 0x79, 0x70, 0x64, 0x78, 0x5c, 0x65, 0x67, 0x63, 0xff, 0xc0, 0x00, 0x0b,
        0x08, 0x00, 0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x14, 0x00, 0x01,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x03, 0xff, 0xc4, 0x00, 0x14, 0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00,
        0x00, 0x3f, 0x00, 0x37, 0xff, 0xd9};
    return (Str){(const char *)bytes, sizeof bytes};
}
