/* http_check.c: the checks on a request before a byte of its body is read. libmicrohttpd 0.9.75
 * lets through doubled lengths, length beside chunked, folded lines glued to a header's name, and
 * NUL; what it hands over is therefore compared with rules of our own and, for NUL and folds, with
 * the raw bytes, which still lie in its buffer in the order they came.                      STACK:
 * 2 */
#include <strings.h>

#include "web/http_int.h"

/* ---- target ---- */

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* No controls, no blanks, no fragment: neither in path nor query. */
static bool target_bytes_ok(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= 0x20 || c == 0x7f || c == '#')
            return false;
    }
    return true;
}

static bool path_decode(Arena *a, Str raw, Str *ret)
{
    char *out = arena_alloc(a, raw.n);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == '%') {
            int hi = i + 2 < raw.n ? hex_of(raw.p[i + 1]) : -1;
            int lo = i + 2 < raw.n ? hex_of(raw.p[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return false;
            c = (char)(hi * 16 + lo);
            if (c == '/' || (unsigned char)c < 0x20 || c == 0x7f)
                return false; /* a hidden slash, NUL, a control */
            i += 2;
        }
        out[n++] = c;
    }
    *ret = (Str){out, n};
    return true;
}

bool http_check_target(Arena *a, Str raw, Str *ret_path, Str *ret_query)
{
    if (!raw.n || raw.p[0] != '/' || !target_bytes_ok(raw))
        return false;
    Str head, query = STR_NONE, path;
    if (!str_cut(raw, '?', &head, &query))
        query = STR_NONE;
    if (!path_decode(a, head, &path) || !utf8_valid(path))
        return false;
    if (str_find(path, S("..")) >= 0 || str_find(path, S("%2F")) >= 0 ||
        str_find(path, S("%2f")) >= 0)
        return false;
    *ret_path = path;
    *ret_query = query;
    return true;
}

/* ---- headers ---- */

bool http_token(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= 0x20 || c >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", c))
            return false;
    }
    return s.n > 0;
}

static bool value_ok(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static enum MHD_Result field_collect(void *cls, enum MHD_ValueKind kind, const char *name,
                                     size_t name_n, const char *value, size_t value_n)
{
    (void)kind;
    Job *job = cls;
    if (job->field_n == LIMIT_HEADERS) {
        job->refuse = REFUSE_HEADERS;
        return MHD_NO;
    }
    job->fields[job->field_n++] = (Field){{name, name_n}, {value ? value : "", value_n}};
    return MHD_YES;
}

static bool name_is(Str name, Str known)
{
    return name.n == known.n && strncasecmp(name.p, known.p, known.n) == 0;
}

/* ---- raw bytes ---- */

/* After a line that ends at `at` (a NUL that was CR or LF): the next line. */
static const char *line_after(const char *at)
{
    return at[1] == '\0' ? at + 2 : at + 1;
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/* A fold in or into one of these would speak of another request than a proxy saw. */
static bool is_framing(Str name)
{
    return name_is(name, S("content-length")) || name_is(name, S("transfer-encoding")) ||
           name_is(name, S("host")) || name_is(name, S("expect")) || name_is(name, S("connection"));
}

/* The length of a name moved away from p because of a fold: its old place is wiped up to the colon
 * before the value. -1: something else stands there. */
static ptrdiff_t wiped_name(const char *p, const char *value)
{
    const char *colon = value - 1;
    while (colon > p && (*colon == ' ' || *colon == '\t'))
        colon--;
    for (const char *at = p; at <= colon; at++)
        if (*at)
            return -1;
    return colon - p;
}

/* One header against its raw line at p. 0.9.75 glues folded lines to the *name*, in a copy; such a
 * header is marked by a name of length 0, so that nobody ever reads it. NULL: not the same bytes.
 */
static const char *raw_field(const char *p, const char *end, Field *f)
{
    const char *value = f->value.p;
    if (value <= p || value >= end)
        return NULL;
    if (f->name.p == p)
        return value == skip_blanks(p + f->name.n + 1) ? line_after(value + f->value.n) : NULL;
    ptrdiff_t glued = wiped_name(p, value);
    if (glued <= 0 || is_framing((Str){f->name.p, (size_t)glued}) || is_framing(f->name))
        return NULL;
    p = line_after(value + f->value.n);
    while (p < end && (*p == ' ' || *p == '\t')) {
        const char *text = skip_blanks(p);
        size_t n = strlen(text);
        glued += (ptrdiff_t)n;
        p = line_after(text + n);
    }
    if (p > end || (size_t)glued != f->name.n)
        return NULL;
    f->name.n = 0;
    return p;
}

/* A NUL inside a line ends it early for libmicrohttpd, so its parts do not join up. */
static bool raw_ok(Job *job, const char *method, const char *url, const char *version)
{
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(job->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    CHECK(size != NULL);
    const char *end = method + size->header_size;
    if (url != method + strlen(method) + 1 || version != url + job->target_bytes + 1)
        return false;
    const char *p = line_after(version + strlen(version));
    for (size_t i = 0; i < job->field_n; i++) {
        if (p >= end)
            return false;
        p = raw_field(p, end, &job->fields[i]);
        if (!p)
            return false;
    }
    return p == end || p + 1 == end || p + 2 == end; /* the empty line, each end LF or CRLF */
}

/* ---- host ---- */

static bool host_matches(Str host, Str allowed)
{
    if (host.n < allowed.n || strncasecmp(host.p, allowed.p, allowed.n) != 0)
        return false;
    if (host.n == allowed.n)
        return true;
    if (host.p[allowed.n] != ':' || host.n - allowed.n < 2 || host.n - allowed.n > 6)
        return false;
    for (size_t i = allowed.n + 1; i < host.n; i++)
        if (host.p[i] < '0' || host.p[i] > '9')
            return false;
    return true;
}

static bool host_allowed(const Http *h, Str host)
{
    for (size_t i = 0; i < h->host_n; i++)
        if (host_matches(host, h->hosts[i]))
            return true;
    return false;
}

/* ---- all together ---- */

static bool method_of(const char *text, Method *ret)
{
    static const char *const names[METHOD_MAX] = {
        [GET] = "GET", [HEAD] = "HEAD",   [POST] = "POST",
        [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
    };
    for (int m = 0; m < METHOD_MAX; m++)
        if (!strcmp(text, names[m])) {
            *ret = (Method)m;
            return true;
        }
    return false;
}

typedef struct Framing {
    int hosts, lengths, encodings, expects;
    Str host, length, encoding, expect;
} Framing;

static bool fields_look(const Job *job, Framing *fr)
{
    for (size_t i = 0; i < job->field_n; i++) {
        Str name = job->fields[i].name, value = job->fields[i].value;
        if (!name.n)
            continue; /* folded */
        if (!http_token(name) || !value_ok(value))
            return false;
        if (name_is(name, S("host")))
            fr->hosts++, fr->host = value;
        else if (name_is(name, S("content-length")))
            fr->lengths++, fr->length = value;
        else if (name_is(name, S("transfer-encoding")))
            fr->encodings++, fr->encoding = value;
        else if (name_is(name, S("expect")))
            fr->expects++, fr->expect = value;
    }
    return true;
}

static bool length_of(Str s, int64_t *ret)
{
    if (!s.n || s.n > 18)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return str_i64(s, ret);
}

static Refuse framing_check(Job *job, const Framing *fr, const char *version)
{
    if (fr->hosts != 1)
        return REFUSE_MALFORMED;
    if (fr->lengths + fr->encodings > 1)
        return REFUSE_MALFORMED; /* the door of request smuggling */
    if (fr->encodings) {
        if (!name_is(fr->encoding, S("chunked")) || !strcmp(version, "HTTP/1.0"))
            return REFUSE_MALFORMED;
        job->rq.body_declared = -1;
    }
    if (fr->lengths && !length_of(fr->length, &job->rq.body_declared))
        return REFUSE_MALFORMED;
    if (fr->expects && (fr->expects > 1 || !name_is(fr->expect, S("100-continue"))))
        return REFUSE_EXPECT;
    return host_allowed(job->h, fr->host) ? REFUSE_NONE : REFUSE_HOST;
}

Refuse http_check(Job *job, const char *method, const char *url, const char *version)
{
    HttpReq *rq = &job->rq;
    job->refuse = REFUSE_NONE;
    MHD_get_connection_values_n(job->mhd, MHD_HEADER_KIND, field_collect, job);
    if (job->refuse)
        return job->refuse;
    if (job->h->is_raw_checked && !raw_ok(job, method, url, version))
        return REFUSE_MALFORMED;
    Framing fr = {0};
    if (!fields_look(job, &fr))
        return REFUSE_MALFORMED;
    Refuse why = framing_check(job, &fr, version);
    if (why)
        return why;
    if (!method_of(method, &rq->method))
        return REFUSE_UNKNOWN;
    if (job->target_bytes > LIMIT_URL_BYTES)
        return REFUSE_URL_LONG;
    if (!http_check_target(rq->arena, job->target, &rq->path, &rq->query))
        return REFUSE_MALFORMED;
    return REFUSE_NONE;
}
