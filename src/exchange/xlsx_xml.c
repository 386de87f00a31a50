/* xlsx_xml.c: one part of a package, unpacked and parsed piece by piece. document_zip has looked at
 * the package before: what a part says of its size and sum is true. DOCTYPE is refused, so there
 * are no entities but the five of XML itself.                                         STACK: 5 */
#include "exchange/xlsx_int.h"

#include <expat.h>
#include <zlib.h>

enum { STEP = 32 * 1024, METHOD_STORED = 0 };

struct Xml {
    XML_Parser parser;
    z_stream z;
    bool is_stored, is_paused, is_last;
    const ZipEntry *part;
    size_t given;
    int depth;
    XmlFns fns;
    void *ctx;
    Err *e; /* of the call under way */
    int rc;
};

static const char *local(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *xml_attr(const char **attrs, const char *name)
{
    for (; attrs[0]; attrs += 2)
        if (!strcmp(local(attrs[0]), name) && strncmp(attrs[0], "xmlns", 5))
            return attrs[1];
    return NULL;
}

bool xml_is(const char *flag)
{
    return flag && (!strcmp(flag, "1") || !strcmp(flag, "true") || !strcmp(flag, "on"));
}

static Str part_name(const ZipEntry *part)
{
    return utf8_valid(part->name) ? utf8_prefix(part->name, LIMIT_NAME_CHARS) : S("?");
}

static void stop(Xml *x, int rc)
{
    if (x->rc == 0)
        x->rc = rc;
    (void)XML_StopParser(x->parser, XML_FALSE); /* fails only when it is stopped already */
}

static int fail(Xml *x, int cls, const char *key)
{
    return err_set(x->e, cls, key, part_name(x->part),
                   err_int(x->e, (int64_t)XML_GetCurrentLineNumber(x->parser)));
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attrs)
{
    Xml *x = ctx;
    if (x->rc)
        return;
    if (++x->depth > LIMIT_XLSX_DEPTH) {
        stop(x, fail(x, ERR_LIMIT, "xlsx.deep"));
        return;
    }
    int rc = x->fns.start ? x->fns.start(x->ctx, local(name), attrs, x->e) : 0;
    if (rc < 0)
        stop(x, rc);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
    Xml *x = ctx;
    if (x->rc)
        return;
    x->depth--;
    int rc = x->fns.end ? x->fns.end(x->ctx, local(name), x->e) : 0;
    if (rc < 0)
        stop(x, rc);
}

static void XMLCALL on_text(void *ctx, const XML_Char *p, int n)
{
    Xml *x = ctx;
    if (x->rc)
        return;
    int rc = x->fns.text ? x->fns.text(x->ctx, (Str){p, (size_t)n}, x->e) : 0;
    if (rc < 0)
        stop(x, rc);
}

static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *sysid,
                               const XML_Char *pubid, int has_internal)
{
    Xml *x = ctx;
    (void)name, (void)sysid, (void)pubid, (void)has_internal; /* refused, whatever it is */
    stop(x, fail(x, ERR_SYNTAX, "xlsx.doctype"));
}

int xml_open(Arena *a, const ZipEntry *part, XmlFns fns, void *ctx, Xml **ret, Err *e)
{
    if (part->whole > LIMIT_XLSX_PART_BYTES)
        return err_set(e, ERR_LIMIT, "xlsx.part_large", part_name(part),
                       err_int(e, LIMIT_XLSX_PART_BYTES / 1024 / 1024));
    Xml *x = NEW(a, Xml);
    x->part = part;
    x->fns = fns;
    x->ctx = ctx;
    x->is_stored = part->method == METHOD_STORED;
    x->z.next_in = (Bytef *)(uintptr_t)part->bytes.p; /* read only, whatever its kind says */
    x->z.avail_in = (uInt)part->bytes.n;
    if (!x->is_stored && inflateInit2(&x->z, -MAX_WBITS) != Z_OK)
        return err_set(e, ERR_IO, "document.no_memory");
    x->parser = XML_ParserCreate(NULL);
    CHECK(x->parser);
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    *ret = x;
    return 0;
}

void xml_close(Xml *x)
{
    if (!x)
        return;
    XML_ParserFree(x->parser);
    if (!x->is_stored)
        CHECK(inflateEnd(&x->z) == Z_OK);
}

/* The next bytes; *ret_n < STEP only at the end. */
static int unpack_step(z_stream *z, bool is_stored, uint8_t *out, size_t room, size_t *ret_n,
                       bool *ret_is_last)
{
    z->next_out = out;
    z->avail_out = (uInt)room;
    *ret_is_last = false;
    if (is_stored) {
        size_t n = z->avail_in < room ? z->avail_in : room;
        if (n)
            memcpy(out, z->next_in, n);
        z->next_in += n;
        z->avail_in -= (uInt)n;
        *ret_n = n;
        *ret_is_last = z->avail_in == 0;
        return 0;
    }
    while (z->avail_out > 0) {
        int rc = inflate(z, Z_NO_FLUSH);
        *ret_is_last = rc == Z_STREAM_END;
        if (rc == Z_STREAM_END)
            break;
        if (rc != Z_OK)
            return ERR_INVALID;
    }
    *ret_n = room - z->avail_out;
    return 0;
}

static int feed(Xml *x, enum XML_Status *ret)
{
    void *room = XML_GetBuffer(x->parser, STEP);
    size_t n = 0;
    CHECK(room);
    if (unpack_step(&x->z, x->is_stored, room, STEP, &n, &x->is_last))
        return err_set(x->e, ERR_INVALID, "document.broken");
    x->given += n;
    *ret = XML_ParseBuffer(x->parser, (int)n, x->is_last);
    return 0;
}

int xml_next(Xml *x, Err *e)
{
    x->e = e;
    for (;;) {
        enum XML_Status status = XML_STATUS_OK;
        if (x->rc)
            return x->rc;
        if (x->is_paused) {
            x->is_paused = false;
            status = XML_ResumeParser(x->parser);
        } else if (x->is_last) {
            return 0;
        } else {
            x->rc = feed(x, &status);
        }
        if (x->rc == 0 && status == XML_STATUS_ERROR)
            x->rc = fail(x, ERR_SYNTAX, "xlsx.xml");
        if (x->rc)
            return x->rc;
        if (status == XML_STATUS_SUSPENDED) {
            x->is_paused = true;
            return 1;
        }
        XML_Index at = XML_GetCurrentByteIndex(x->parser);
        if (!x->is_last && x->given - (at < 0 ? 0 : (size_t)at) > LIMIT_XLSX_TAG_BYTES)
            return x->rc = fail(x, ERR_LIMIT, "xlsx.tag_long");
    }
}

void xml_pause(Xml *x)
{
    (void)XML_StopParser(x->parser, XML_TRUE); /* fails only when it is stopped already */
}

size_t xml_at(const Xml *x, size_t *ret_n)
{
    *ret_n = (size_t)XML_GetCurrentByteCount(x->parser);
    return (size_t)XML_GetCurrentByteIndex(x->parser);
}

int xml_read(Arena *a, const ZipEntry *part, XmlFns fns, void *ctx, Err *e)
{
    Xml *x;
    TRY(xml_open(a, part, fns, ctx, &x, e));
    int rc = xml_next(x, e);
    CHECK(rc <= 0); /* nothing pauses it */
    xml_close(x);
    return rc;
}

int xml_unpack(Arena *a, const ZipEntry *part, Str *ret, Err *e)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)part->bytes.p, .avail_in = (uInt)part->bytes.n};
    bool is_stored = part->method == METHOD_STORED, is_last = false;
    if (part->whole > LIMIT_XLSX_PART_BYTES)
        return err_set(e, ERR_LIMIT, "xlsx.part_large", part_name(part),
                       err_int(e, LIMIT_XLSX_PART_BYTES / 1024 / 1024));
    char *p = arena_alloc(a, (size_t)part->whole + 1);
    size_t n = 0;
    if (!is_stored && inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return err_set(e, ERR_IO, "document.no_memory");
    int rc = unpack_step(&z, is_stored, (uint8_t *)p, (size_t)part->whole + 1, &n, &is_last);
    if (!is_stored)
        CHECK(inflateEnd(&z) == Z_OK);
    if (rc || !is_last || n != part->whole)
        return err_set(e, ERR_INVALID, "document.broken");
    *ret = (Str){p, n};
    return 0;
}
