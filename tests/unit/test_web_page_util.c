/* test_web_page_util.c: see the header. */
#include "test_web_page_util.h"

Visitor visitor(Site *s, const char *account)
{
    Visitor v = {.s = s, .cookie = S(""), .csrf = S("")};
    if (account)
        site_session(s, account, &v.cookie, &v.csrf);
    return v;
}

static Str head_of(const Visitor *v, const char *type)
{
    Buf b = {.arena = v->s->a};
    if (v->cookie.n)
        buf_fmt(&b, "Cookie: stave=%.*s\r\n", STR_ARG(v->cookie));
    if (type)
        buf_fmt(&b, "Content-Type: %s\r\n", type);
    return b.n ? buf_view(&b) : S("");
}

int visit(Visitor *v, Str target)
{
    v->last = site_ask(v->s, "GET", target, head_of(v, NULL), S(""));
    return v->last.status;
}

static void put_encoded(Buf *b, Str text)
{
    for (size_t i = 0; i < text.n; i++)
        buf_fmt(b, "%%%02X", (unsigned char)text.p[i]);
}

static int send_form(Visitor *v, Str target, va_list ap, bool with_csrf)
{
    Buf b = {.arena = v->s->a};
    if (with_csrf)
        buf_fmt(&b, "csrf=%.*s", STR_ARG(v->csrf));
    for (const char *name = va_arg(ap, const char *); name; name = va_arg(ap, const char *)) {
        buf_z(&b, b.n ? "&" : "");
        buf_z(&b, name);
        buf_byte(&b, '=');
        put_encoded(&b, str_of(va_arg(ap, const char *)));
    }
    v->last = site_ask(v->s, "POST", target, head_of(v, "application/x-www-form-urlencoded"),
                       buf_view(&b));
    return v->last.status;
}

int visit_send(Visitor *v, Str target, ...)
{
    va_list ap;
    va_start(ap, target);
    int status = send_form(v, target, ap, true);
    va_end(ap);
    return status;
}

int visit_send_bare(Visitor *v, Str target, ...)
{
    va_list ap;
    va_start(ap, target);
    int status = send_form(v, target, ap, false);
    va_end(ap);
    return status;
}

int visit_send_file(Visitor *v, Str target, const char *field, Str bytes, ...)
{
    static const char mark[] = "------------7d21";
    Buf b = {.arena = v->s->a};
    va_list ap;
    va_start(ap, bytes);
    buf_fmt(&b, "--%s\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%.*s\r\n", mark,
            STR_ARG(v->csrf));
    for (const char *name = va_arg(ap, const char *); name; name = va_arg(ap, const char *))
        buf_fmt(&b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", mark, name,
                va_arg(ap, const char *));
    va_end(ap);
    buf_fmt(&b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n\r\n",
            mark, field, bytes.n ? "sent" : ""); /* as browsers send an input left empty */
    buf_str(&b, bytes);
    buf_fmt(&b, "\r\n--%s--\r\n", mark);
    const char *type = site_z(v->s, "multipart/form-data; boundary=%s", mark).p;
    v->last = site_ask(v->s, "POST", target, head_of(v, type), buf_view(&b));
    return v->last.status;
}

bool visit_has(const Visitor *v, const char *text)
{
    return str_find(v->last.body, str_of(text)) >= 0;
}

Str visit_place(const Visitor *v)
{
    return answer_header(&v->last, "Location");
}

Str visit_hidden(const Visitor *v, const char *name)
{
    Str mark = str_fmt(v->s->a, "name=\"%s\" value=\"", name), value, rest;
    ptrdiff_t at = str_find(v->last.body, mark);
    if (at < 0)
        return STR_NONE;
    str_cut(str_sub(v->last.body, (size_t)at + mark.n, v->last.body.n), '"', &value, &rest);
    return (Str){str_z(v->s->a, value), value.n};
}

Str visit_day(Site *s, int days_ago)
{
    Str day = day_text(s->a, env_today(s->w.env) - days_ago);
    return (Str){str_z(s->a, day), day.n};
}
