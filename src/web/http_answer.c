/* http_answer.c: answers: those of the handlers, and the ready ones of the server itself. */
#include <arpa/inet.h>
#include <strings.h>

#include "web/http_int.h"

/* ---- ready refusals ---- */

typedef struct RefuseRow {
    int status;
    const char *key;
    bool may_retry; /* Retry-After */
} RefuseRow;

static const RefuseRow refuse_rows[REFUSE_MAX] = {
    [REFUSE_MALFORMED] = {400, "http.malformed", false},
    [REFUSE_MISSING] = {404, "http.missing", false},
    [REFUSE_METHOD] = {405, "http.method", false},
    [REFUSE_LARGE] = {413, "http.large", false},
    [REFUSE_URL_LONG] = {414, "http.url_long", false},
    [REFUSE_EXPECT] = {417, "http.expect", false},
    [REFUSE_HOST] = {421, "http.host", false},
    [REFUSE_HEADERS] = {431, "http.headers", false},
    [REFUSE_BROKEN] = {500, "http.broken", false},
    [REFUSE_UNKNOWN] = {501, "http.unknown_method", false},
    [REFUSE_BUSY] = {503, "http.busy", true},
    [REFUSE_LATE] = {503, "http.late", true},
    [REFUSE_STOPPING] = {503, "http.stopping", true},
};

#define TEXT_PLAIN    "text/plain; charset=utf-8"
#define NOSNIFF       "X-Content-Type-Options"
#define REFERRER      "Referrer-Policy"
#define RETRY_AFTER_S "2"

/* The client's language is not known here: both. */
static Str refuse_text(Arena *a, const char *key)
{
    Str zh = i18n_get(LANG_ZH, str_of(key)), en = i18n_get(LANG_EN, str_of(key));
    return str_fmt(a, "%.*s\n%.*s\n", STR_ARG(zh), STR_ARG(en));
}

static void header_add(struct MHD_Response *r, const char *name, const char *value)
{
    CHECK(MHD_add_response_header(r, name, value) == MHD_YES);
}

static struct MHD_Response *response_of(Str out)
{
    void *bytes = (void *)(uintptr_t)out.p; /* the library only reads it */
    struct MHD_Response *r = MHD_create_response_from_buffer(out.n, bytes, MHD_RESPMEM_PERSISTENT);
    CHECK(r != NULL); /* out of memory */
    return r;
}

void http_refusals_init(Http *h)
{
    for (int i = REFUSE_NONE + 1; i < REFUSE_MAX; i++) {
        struct MHD_Response *r = response_of(refuse_text(h->arena, refuse_rows[i].key));
        header_add(r, "Content-Type", TEXT_PLAIN);
        header_add(r, NOSNIFF, "nosniff");
        header_add(r, REFERRER, "same-origin");
        if (refuse_rows[i].may_retry)
            header_add(r, "Retry-After", RETRY_AFTER_S);
        if (i == REFUSE_STOPPING)
            header_add(r, "Connection", "close");
        h->refusals[i] = r;
    }
    Str text = refuse_text(h->arena, refuse_rows[REFUSE_LARGE].key);
    h->raw_large = str_fmt(h->arena,
                           "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
                           "Content-Type: " TEXT_PLAIN "\r\n" NOSNIFF ": nosniff\r\n" REFERRER
                           ": same-origin\r\nContent-Length: %zu\r\n\r\n%.*s",
                           text.n, STR_ARG(text));
}

void http_refusals_done(Http *h)
{
    for (int i = 0; i < REFUSE_MAX; i++)
        if (h->refusals[i])
            MHD_destroy_response(h->refusals[i]);
}

void http_answer_refuse(Job *job, Refuse why)
{
    job->refuse = why;
    job->answer = job->h->refusals[why];
    job->answer_status = refuse_rows[why].status;
}

/* ---- answers of handlers ---- */

/* An answer without a body of its own, for a status the gate set in admit. */
static void out_default(HttpReq *rq)
{
    if (rq->out.n || rq->status < 400)
        return;
    for (int i = REFUSE_NONE + 1; i < REFUSE_MAX; i++)
        if (refuse_rows[i].status == rq->status) {
            rq->out = refuse_text(rq->arena, refuse_rows[i].key);
            rq->content_type = S(TEXT_PLAIN);
            return;
        }
}

void http_answer_build(Job *job)
{
    HttpReq *rq = &job->rq;
    if (rq->status < 200 || rq->status > 599) {
        log_line("error", "http: a handler left no status for %.*s", STR_ARG(rq->path));
        http_answer_refuse(job, REFUSE_BROKEN);
        return;
    }
    out_default(rq);
    struct MHD_Response *r = response_of(rq->out);
    bool has_nosniff = false, has_referrer = false;
    if (rq->out.n)
        header_add(r, "Content-Type",
                   rq->content_type.n ? str_z(rq->arena, rq->content_type) : TEXT_PLAIN);
    for (struct HttpHeader *hd = rq->headers; hd; hd = hd->next) {
        has_nosniff |= !strcasecmp(hd->name.p, NOSNIFF);
        has_referrer |= !strcasecmp(hd->name.p, REFERRER);
        if (hd->value.n) /* the library knows no empty ones */
            header_add(r, hd->name.p, hd->value.p);
    }
    if (!has_nosniff)
        header_add(r, NOSNIFF, "nosniff");
    if (!has_referrer)
        header_add(r, REFERRER, "same-origin");
    if (atomic_load_explicit(&job->h->is_draining, memory_order_relaxed))
        header_add(r, "Connection", "close");
    job->answer = r;
    job->answer_status = rq->status;
}

void http_set_header(HttpReq *rq, Str name, Str value)
{
    CHECK(http_token(name));
    for (size_t i = 0; i < value.n; i++)
        CHECK(value.p[i] != '\r' && value.p[i] != '\n' && value.p[i] != '\0');
    struct HttpHeader *hd = NEW(rq->arena, struct HttpHeader);
    hd->name = (Str){str_z(rq->arena, name), name.n};
    hd->value = (Str){str_z(rq->arena, value), value.n};
    struct HttpHeader **at = &rq->headers;
    while (*at)
        at = &(*at)->next;
    *at = hd;
}

/* ---- request headers ---- */

/* A value with stray bytes is still there: who asks for X-Forwarded-For wants to know. */
static Str value_text(HttpReq *rq, Str value)
{
    if (utf8_valid(value))
        return str_trim(value);
    char *text = arena_copy(rq->arena, value.p, value.n);
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)text[i] >= 0x80)
            text[i] = '?';
    return str_trim((Str){text, value.n});
}

Str http_header(HttpReq *rq, const char *name)
{
    const Job *job = job_of(rq);
    size_t n = strlen(name);
    for (size_t i = 0; i < job->field_n; i++) {
        const Field *f = &job->fields[i];
        if (f->name.n == n && !strncasecmp(f->name.p, name, n))
            return value_text(rq, f->value);
    }
    return STR_NONE;
}

Str http_cookie(HttpReq *rq, Str name)
{
    Str rest = http_header(rq, "cookie");
    while (rest.n) {
        Str pair, key, value;
        str_cut(rest, ';', &pair, &rest);
        if (str_cut(str_trim(pair), '=', &key, &value) && str_eq(key, name))
            return value;
    }
    return STR_NONE;
}

Str http_peer(HttpReq *rq)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(job_of(rq)->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info ? info->client_addr : NULL;
    char text[INET6_ADDRSTRLEN];
    const void *bytes = NULL;
    if (at && at->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)at)->sin_addr;
    else if (at && at->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)at)->sin6_addr;
    if (!bytes || !inet_ntop(at->sa_family, bytes, text, sizeof text))
        return S("");
    return str_copy(rq->arena, str_of(text));
}
