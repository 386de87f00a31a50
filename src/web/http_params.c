/* http_params.c: forms. Two strict parsers over a body that is in memory whole; values of a
 * multipart form are borrowed from it. Nothing is repaired: what is not a form as browsers send it
 * is refused, with a sentence. STACK: 2 */
#include <strings.h>

#include "web/http_int.h"

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

static int text_check(Str s, Err *e)
{
    if (memchr(s.p ? s.p : "", '\0', s.n))
        return err_set(e, ERR_SYNTAX, "http.form_nul");
    if (!utf8_valid(s))
        return err_set(e, ERR_SYNTAX, "http.form_utf8");
    return 0;
}

Str params_get(const Params *p, Str name)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->list[i].name, name))
            return p->list[i].value;
    return STR_NONE;
}

/* ---- application/x-www-form-urlencoded ---- */

static int url_decode(Arena *a, Str raw, Str *ret, Err *e)
{
    char *out = arena_alloc(a, raw.n);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int hi = raw.n - i > 2 ? hex_of(raw.p[i + 1]) : -1;
            int lo = raw.n - i > 2 ? hex_of(raw.p[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return err_set(e, ERR_SYNTAX, "http.form_escape");
            c = (char)(hi * 16 + lo);
            i += 2;
        }
        out[n++] = c;
    }
    Str text = {out, n};
    TRY(text_check(text, e));
    *ret = text;
    return 0;
}

int params_urlencoded(Arena *a, Str text, Params *ret, Err *e)
{
    if (text.n > LIMIT_FORM_BYTES)
        return err_set(e, ERR_LIMIT, "http.form_bytes", err_int(e, LIMIT_FORM_BYTES / 1024));
    size_t max = 0;
    for (Str rest = text, one; rest.n;) {
        str_cut(rest, '&', &one, &rest);
        max += one.n > 0;
    }
    if (max > LIMIT_PARAMS)
        return err_set(e, ERR_LIMIT, "http.form_fields", err_int(e, LIMIT_PARAMS));
    Params out = {NEW_N(a, Param, max + 1), 0};
    for (Str rest = text, one; rest.n;) {
        str_cut(rest, '&', &one, &rest);
        if (!one.n)
            continue;
        Str name, value;
        if (!str_cut(one, '=', &name, &value))
            value = S("");
        Param *p = &out.list[out.n++];
        TRY(url_decode(a, name, &p->name, e));
        TRY(url_decode(a, value, &p->value, e));
    }
    *ret = out;
    return 0;
}

/* ---- header values with parameters: form-data; name="a"; filename="b" ---- */

enum { BOUNDARY_MAX = 70 }; /* RFC 2046 */

static Str skip_blanks(Str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = str_sub(s, 1, s.n);
    return s;
}

static bool same_name(Str s, Str known)
{
    return s.n == known.n && strncasecmp(s.p, known.p, known.n) == 0;
}

/* Takes `; name=value` off the front of *s. Quoted values end at the next quote: browsers write a
 * quote inside as %22 and a backslash as itself. False: not of that form. */
static bool attr_take(Str *s, Str *ret_name, Str *ret_value)
{
    Str r = skip_blanks(*s);
    if (!r.n || r.p[0] != ';')
        return false;
    r = skip_blanks(str_sub(r, 1, r.n));
    Str name, value;
    if (!str_cut(r, '=', &name, &r) || !http_token(name))
        return false;
    if (r.n && r.p[0] == '"') {
        if (!str_cut(str_sub(r, 1, r.n), '"', &value, &r))
            return false;
    } else {
        size_t n = 0;
        while (n < r.n && r.p[n] != ';' && r.p[n] != ' ' && r.p[n] != '\t')
            n++;
        value = str_sub(r, 0, n);
        r = str_sub(r, n, r.n);
        if (!http_token(value))
            return false;
    }
    *ret_name = name;
    *ret_value = value;
    *s = r;
    return true;
}

/* Cuts the first word off a value with attributes. */
static Str attr_head(Str s, Str *ret_rest)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != ';' && s.p[n] != ' ' && s.p[n] != '\t')
        n++;
    *ret_rest = str_sub(s, n, s.n);
    return str_sub(s, 0, n);
}

static bool boundary_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("'()+_,-./:=? ", c));
}

static int boundary_of(Str content_type, Str *ret, Err *e)
{
    Str rest, name, value, found = STR_NONE;
    if (!same_name(attr_head(str_trim(content_type), &rest), S("multipart/form-data")))
        return err_set(e, ERR_SYNTAX, "http.form_type");
    while (skip_blanks(rest).n) {
        if (!attr_take(&rest, &name, &value))
            return err_set(e, ERR_SYNTAX, "http.form_boundary");
        if (!same_name(name, S("boundary")))
            continue;
        if (str_has(found))
            return err_set(e, ERR_SYNTAX, "http.form_boundary");
        found = value;
    }
    bool ok = found.n && found.n <= BOUNDARY_MAX && found.p[found.n - 1] != ' ';
    for (size_t i = 0; ok && i < found.n; i++)
        ok = boundary_byte(found.p[i]);
    if (!ok)
        return err_set(e, ERR_SYNTAX, "http.form_boundary");
    *ret = found;
    return 0;
}

/* ---- multipart/form-data ---- */

/* %22 is how browsers write a quote in a name. */
static Str quote_decode(Arena *a, Str s)
{
    if (str_find(s, S("%22")) < 0)
        return s;
    Buf b = {.arena = a};
    while (s.n) {
        bool is_quote = str_starts(s, S("%22"));
        buf_byte(&b, is_quote ? '"' : s.p[0]);
        s = str_sub(s, is_quote ? 3 : 1, s.n);
    }
    return buf_view(&b);
}

static int disposition_parse(Arena *a, Str value, Param *p, Err *e)
{
    Str rest, name, text;
    if (!same_name(attr_head(value, &rest), S("form-data")) || str_has(p->name))
        return err_set(e, ERR_SYNTAX, "http.form_part");
    while (skip_blanks(rest).n) {
        if (!attr_take(&rest, &name, &text))
            return err_set(e, ERR_SYNTAX, "http.form_part");
        TRY(text_check(text, e));
        bool is_name = same_name(name, S("name")), is_file = same_name(name, S("filename"));
        if ((is_name && str_has(p->name)) || (is_file && str_has(p->filename)))
            return err_set(e, ERR_SYNTAX, "http.form_part");
        if (is_name)
            p->name = quote_decode(a, text);
        else if (is_file)
            p->filename = quote_decode(a, text);
    }
    return 0;
}

static int part_header(Arena *a, Str line, Param *p, Err *e)
{
    Str name, value;
    if (!str_cut(line, ':', &name, &value) || !http_token(name))
        return err_set(e, ERR_SYNTAX, "http.form_part");
    value = str_trim(value);
    if (same_name(name, S("content-disposition")))
        return disposition_parse(a, value, p, e);
    if (same_name(name, S("content-type"))) {
        TRY(text_check(value, e));
        p->type = value;
    }
    if (same_name(name, S("content-transfer-encoding")) && !same_name(value, S("binary")) &&
        !same_name(value, S("8bit")) && !same_name(value, S("7bit")))
        return err_set(e, ERR_SYNTAX, "http.form_part");
    return 0;
}

/* The next CRLF; -1: none within `max`. */
static ptrdiff_t line_end(Str s, size_t max)
{
    size_t end = s.n < max ? s.n : max;
    for (size_t i = 0; i + 1 < end; i++)
        if (s.p[i] == '\r' && s.p[i + 1] == '\n')
            return (ptrdiff_t)i;
    return -1;
}

/* Headers of a part up to and with the empty line. */
static int part_head(Arena *a, Str *body, Param *p, Err *e)
{
    size_t left = LIMIT_PART_HEAD_BYTES;
    for (;;) {
        ptrdiff_t n = line_end(*body, left);
        if (n < 0)
            return err_set(e, ERR_SYNTAX, "http.form_part");
        Str line = str_sub(*body, 0, (size_t)n);
        *body = str_sub(*body, (size_t)n + 2, body->n);
        left -= (size_t)n + 2;
        if (!n)
            break;
        TRY(part_header(a, line, p, e));
    }
    if (!p->name.n)
        return err_set(e, ERR_SYNTAX, "http.form_part");
    return 0;
}

/* Where `\r\n--boundary` begins; -1: nowhere. A boundary holds no CR, so this is linear. */
static ptrdiff_t delimiter_find(Str s, Str delimiter)
{
    const char *p = s.p, *end = s.p + s.n;
    while ((size_t)(end - p) >= delimiter.n) {
        p = memchr(p, '\r', (size_t)(end - p) - delimiter.n + 1);
        if (!p)
            return -1;
        if (!memcmp(p, delimiter.p, delimiter.n))
            return p - s.p;
        p++;
    }
    return -1;
}

static int part_take(Arena *a, Str *body, Str delimiter, Param *ret, Err *e)
{
    Param p = {0};
    TRY(part_head(a, body, &p, e));
    /* an empty value has its delimiter's CRLF right behind the empty line */
    ptrdiff_t n = delimiter_find(*body, delimiter);
    if (n < 0)
        return err_set(e, ERR_SYNTAX, "http.form_end");
    p.value = str_sub(*body, 0, (size_t)n);
    *body = str_sub(*body, (size_t)n + delimiter.n, body->n);
    if (!str_has(p.filename)) {
        TRY(text_check(p.value, e));
        p.type = STR_NONE;
    }
    *ret = p;
    return 0;
}

int params_multipart(Arena *a, Str content_type, Str body, Params *ret, Err *e)
{
    Str boundary = STR_NONE;
    TRY(boundary_of(content_type, &boundary, e));
    Str delimiter = str_fmt(a, "\r\n--%.*s", STR_ARG(boundary));
    Str first = str_sub(delimiter, 2, delimiter.n);
    if (!str_starts(body, first))
        return err_set(e, ERR_SYNTAX, "http.form_end");
    body = str_sub(body, first.n, body.n);
    Params out = {NEW_N(a, Param, LIMIT_PARAMS), 0};
    while (str_starts(body, S("\r\n"))) {
        if (out.n == LIMIT_PARAMS)
            return err_set(e, ERR_LIMIT, "http.form_fields", err_int(e, LIMIT_PARAMS));
        body = str_sub(body, 2, body.n);
        TRY(part_take(a, &body, delimiter, &out.list[out.n], e));
        out.n++;
    }
    if (!str_eq(body, S("--\r\n")) && !str_eq(body, S("--")))
        return err_set(e, ERR_SYNTAX, "http.form_end");
    *ret = out;
    return 0;
}
