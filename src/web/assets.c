/* assets.c: style sheet, script and icon out of the binary, under an address that holds their
 * digest, so they are cached for ever.                                                  STACK: 7 */
#include <strings.h>

#include "embed.h"
#include "web/web_int.h"

Str asset_href(Arena *a, const char *name)
{
    const EmbedFile *f = embed_find_asset(str_of(name));
    return f ? str_fmt(a, "/static/%s/%s", f->hash, name) : S("");
}

/* Is this coding in an Accept-Encoding, and not with q=0. */
static bool accepts(Str header, Str coding)
{
    Str one, name, q;
    while (header.n) {
        str_cut(header, ',', &one, &header);
        (void)str_cut(one, ';', &name, &q); /* without a quality it is wanted */
        name = str_trim(name);
        q = str_trim(q);
        if (name.n != coding.n || strncasecmp(name.p, coding.p, coding.n) != 0)
            continue;
        bool is_zero = str_starts(q, S("q=0"));
        for (size_t i = 3; is_zero && i < q.n; i++)
            is_zero = q.p[i] == '.' || q.p[i] == '0';
        return !is_zero;
    }
    return false;
}

int web_static(Req *rq, Err *e)
{
    HttpReq *h = rq->http;
    const EmbedFile *f = embed_find_asset(req_path(rq, "name"));
    if (!f || !str_eq(req_path(rq, "hash"), str_of(f->hash)))
        return err_set(e, ERR_MISSING, "web.missing");
    Str codings = http_header(h, "accept-encoding"), body = f->body;
    if (str_has(f->brotli) && accepts(codings, S("br"))) {
        body = f->brotli;
        http_set_header(h, S("Content-Encoding"), S("br"));
    } else if (str_has(f->gzip) && accepts(codings, S("gzip"))) {
        body = f->gzip;
        http_set_header(h, S("Content-Encoding"), S("gzip"));
    }
    http_set_header(h, S("Vary"), S("Accept-Encoding"));
    http_set_header(h, S("Cache-Control"), S("public, max-age=31536000, immutable"));
    http_set_header(h, S("ETag"), str_fmt(rq->arena, "\"%s\"", f->hash));
    req_bytes(rq, 200, str_of(f->mime), body);
    h->out_is_static = true;
    return REQ_DONE;
}
