/* document_zip.c: packages (Office Open XML, OFD, OpenDocument): a reader of ZIP that bounds and
 * counts everything itself. No encryption, nothing is believed: the list at the end, the head in
 * front of each part and what really comes out must say the same. ZIP64 only as programs write it
 * that stream small files: sizes told in 64 bits, which fit 32. */
#include "exchange/document_int.h"

#include <zlib.h>

enum {
    END_BYTES = 22,
    END64_BYTES = 56, /* and what says where it stands: */
    FINDER64_BYTES = 20,
    LIST_BYTES = 46, /* of one entry of the list at the end, without its name */
    HEAD_BYTES = 30,
    COMMENT_MAX = 65535,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    FLAG_ENCRYPTED = 1,
    FLAG_STRONG = 1 << 6,
    STEP = 64 * 1024,
    KEPT_MAX = 256 * 1024,        /* of a part that tells the kind */
    RATIO_FROM = 4 * 1024 * 1024, /* what unpacks to less is small, whatever its ratio */
    HEAD_LOOK = 300, /* bytes of a part that are looked at; 257: where a tar says what it is */
};

typedef struct Package {
    Arena *arena;
    Str bytes;
    size_t list_at, list_end;
    int n;
    uint64_t inflated, packed;
    uint8_t *step;
    Str types, mimetype, manifest; /* [Content_Types].xml, mimetype, META-INF/manifest.xml */
    bool has_ofd, has_macro;
    Err *e;
} Package;

static const uint8_t *at(const Package *p, size_t i)
{
    return (const uint8_t *)p->bytes.p + i;
}

static int broken(Package *p)
{
    return err_set(p->e, ERR_INVALID, "document.broken");
}

static int find_list(Package *p)
{
    size_t n = p->bytes.n;
    if (n < END_BYTES)
        return broken(p);
    for (size_t back = 0; back <= COMMENT_MAX && END_BYTES + back <= n; back++) {
        size_t end = n - END_BYTES - back;
        const uint8_t *q = at(p, end);
        if (memcmp(q, "PK\x05\x06", 4) || le16(q + 20) != back)
            continue;
        uint32_t bytes = le32(q + 12);
        p->n = (int)le16(q + 10);
        p->list_at = le32(q + 16);
        p->list_end = end;
        if (end >= END64_BYTES + FINDER64_BYTES &&
            !memcmp(at(p, end - FINDER64_BYTES), "PK\x06\x07", 4) &&
            !memcmp(at(p, end - FINDER64_BYTES - END64_BYTES), "PK\x06\x06", 4))
            p->list_end = end -= FINDER64_BYTES + END64_BYTES;
        if (le16(q + 4) || le16(q + 6) || le16(q + 8) != le16(q + 10) || !p->n ||
            p->list_at > end || end - p->list_at != bytes)
            return broken(p);
        if (p->n > LIMIT_FILE_PARTS)
            return err_set(p->e, ERR_LIMIT, "document.many_parts", err_int(p->e, LIMIT_FILE_PARTS));
        return 0;
    }
    return broken(p);
}

/* Sizes that are all ones stand in 64 bits behind the name. */
static int wide_sizes(Package *p, ZipEntry *en, const uint8_t *extra, size_t n)
{
    uint32_t *sizes[] = {&en->whole, &en->packed, &en->at};
    while (n >= 4) {
        size_t id = le16(extra), bytes = le16(extra + 2);
        extra += 4;
        n -= 4;
        if (bytes > n)
            return 0; /* not a list of fields: some programs pad with anything */
        for (size_t i = 0, from = 0; id == 1 && i < LEN(sizes); i++) {
            if (*sizes[i] != UINT32_MAX)
                continue;
            if (bytes - from < 8 || le32(extra + from + 4))
                return broken(p);
            *sizes[i] = le32(extra + from);
            from += 8;
        }
        extra += bytes;
        n -= bytes;
    }
    return 0;
}

/* One entry of the list; moves *from behind it. */
static int read_entry(Package *p, size_t *from, ZipEntry *ret)
{
    if (p->list_end - *from < LIST_BYTES || memcmp(at(p, *from), "PK\x01\x02", 4))
        return broken(p);
    const uint8_t *q = at(p, *from);
    size_t name_n = le16(q + 28), rest = le16(q + 30) + le16(q + 32);
    if (p->list_end - *from - LIST_BYTES < name_n + rest || !name_n)
        return broken(p);
    *ret = (ZipEntry){.name = {(const char *)q + LIST_BYTES, name_n},
                   .flags = le16(q + 8),
                   .method = le16(q + 10),
                   .crc = le32(q + 16),
                   .packed = le32(q + 20),
                   .whole = le32(q + 24),
                   .at = le32(q + 42)};
    *from += LIST_BYTES + name_n + rest;
    return wide_sizes(p, ret, q + LIST_BYTES + name_n, le16(q + 30));
}

/* Where the part's own bytes stand; its head must name it as the list does. */
static int part_bytes(Package *p, const ZipEntry *en, Str *ret)
{
    if (en->at > p->list_at || p->list_at - en->at < HEAD_BYTES ||
        memcmp(at(p, en->at), "PK\x03\x04", 4))
        return broken(p);
    const uint8_t *q = at(p, en->at);
    size_t name_n = le16(q + 26), head = HEAD_BYTES + name_n + le16(q + 28);
    size_t room = p->list_at - en->at;
    if (room < head || room - head < en->packed || le16(q + 8) != en->method ||
        !str_eq(en->name, (Str){(const char *)q + HEAD_BYTES, name_n}))
        return broken(p);
    p->packed += en->packed;
    if (p->packed > p->bytes.n)
        return broken(p); /* parts that lie over one another */
    *ret = (Str){p->bytes.p + en->at + head, en->packed};
    return 0;
}

static bool ends_in(Str name, const char *tail) /* letters of either case */
{
    size_t n = strlen(tail);
    if (name.n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = name.p[name.n - n + i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != tail[i])
            return false;
    }
    return true;
}

static Str *kept(Package *p, Str name)
{
    if (str_eq(name, S("[Content_Types].xml")))
        return &p->types;
    if (str_eq(name, S("mimetype")))
        return &p->mimetype;
    return str_eq(name, S("META-INF/manifest.xml")) ? &p->manifest : NULL;
}

typedef struct Flow { /* what comes out of one part */
    uint64_t n;
    uLong crc;
    Buf head; /* the first bytes; all of a kept part */
    size_t head_max;
} Flow;

static int take(Package *p, Flow *f, const uint8_t *q, size_t n)
{
    f->n += n;
    p->inflated += n;
    f->crc = crc32(f->crc, q, (uInt)n);
    if (f->head.n < f->head_max)
        buf_mem(&f->head, q, n < f->head_max - f->head.n ? n : f->head_max - f->head.n);
    if (p->inflated > LIMIT_FILE_INFLATED_BYTES ||
        (p->inflated > RATIO_FROM && p->inflated / LIMIT_FILE_RATIO > p->bytes.n))
        return err_set(p->e, ERR_LIMIT, "document.bomb",
                       err_int(p->e, LIMIT_FILE_INFLATED_BYTES / 1024 / 1024));
    return 0;
}

static int inflate_part(Package *p, z_stream *z, Str packed, Flow *f)
{
    z->next_in = (Bytef *)(uintptr_t)packed.p; /* read only, whatever its kind says */
    z->avail_in = (uInt)packed.n;
    for (int rc = Z_OK; rc != Z_STREAM_END;) {
        z->next_out = p->step;
        z->avail_out = STEP;
        rc = inflate(z, Z_NO_FLUSH);
        size_t n = STEP - z->avail_out;
        if (rc != Z_STREAM_END && (rc != Z_OK || (n == 0 && z->avail_in == 0)))
            return broken(p);
        TRY(take(p, f, p->step, n));
    }
    return z->avail_in ? broken(p) : 0;
}

static int unpack(Package *p, const ZipEntry *en, Str packed, Flow *f)
{
    if (en->method == METHOD_STORED)
        return take(p, f, (const uint8_t *)packed.p, packed.n);
    z_stream z = {.next_in = NULL};
    if (en->method != METHOD_DEFLATED)
        return broken(p);
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return err_set(p->e, ERR_IO, "document.no_memory");
    int rc = inflate_part(p, &z, packed, f);
    CHECK(inflateEnd(&z) == Z_OK);
    return rc;
}

static int read_part(Package *p, const ZipEntry *en)
{
    Str packed = STR_NONE;
    if (en->flags & (FLAG_ENCRYPTED | FLAG_STRONG))
        return err_set(p->e, ERR_INVALID, "document.locked");
    TRY(part_bytes(p, en, &packed));
    size_t mark = arena_mark(p->arena);
    Str *keep = kept(p, en->name);
    Flow f = {.crc = crc32(0, NULL, 0),
              .head = {.arena = p->arena},
              .head_max = keep ? KEPT_MAX : HEAD_LOOK};
    TRY(unpack(p, en, packed, &f));
    if (f.n != en->whole || f.crc != en->crc || (keep && f.n > KEPT_MAX))
        return broken(p);
    const char *refused = document_refused(buf_view(&f.head));
    bool is_drawing = ends_in(en->name, ".emz") || ends_in(en->name, ".wmz"); /* gzip, by right */
    if (refused && !(is_drawing && str_starts(buf_view(&f.head), S("\x1F\x8B"))))
        return err_set(p->e, ERR_INVALID,
                       !strcmp(refused, "document.program") ? refused : "document.nested",
                       utf8_valid(en->name) ? utf8_prefix(en->name, LIMIT_NAME_CHARS) : S("?"));
    p->has_ofd = p->has_ofd || str_eq(en->name, S("OFD.xml"));
    p->has_macro = p->has_macro || ends_in(en->name, "vbaproject.bin") ||
                   str_starts(en->name, S("Basic/")) || str_starts(en->name, S("Scripts/"));
    if (keep && !str_has(*keep))
        *keep = f.head.n ? buf_view(&f.head) : S("");
    else
        arena_rewind(p->arena, mark);
    return 0;
}

static bool has(Str text, const char *what)
{
    return str_has(text) && str_find(text, str_of(what)) >= 0;
}

static int kind_of(Package *p, DocumentKind *ret)
{
    static const struct {
        const char *type;
        DocumentKind kind;
    } types[] = {{"wordprocessingml.document.main+xml", DOC_DOCX},
                 {"spreadsheetml.sheet.main+xml", DOC_XLSX},
                 {"presentationml.presentation.main+xml", DOC_PPTX},
                 {"presentationml.slideshow.main+xml", DOC_PPTX}};
    static const struct {
        const char *mime;
        DocumentKind kind;
    } mimes[] = {{"application/vnd.oasis.opendocument.text", DOC_ODT},
                 {"application/vnd.oasis.opendocument.spreadsheet", DOC_ODS},
                 {"application/vnd.oasis.opendocument.presentation", DOC_ODP}};
    if (p->has_macro || has(p->types, "macroEnabled") || has(p->types, "ms-excel.macrosheet"))
        return err_set(p->e, ERR_INVALID, "document.macro");
    if (has(p->manifest, "encryption-data"))
        return err_set(p->e, ERR_INVALID, "document.locked");
    for (size_t i = 0; i < LEN(types); i++)
        if (has(p->types, types[i].type)) {
            *ret = types[i].kind;
            return 0;
        }
    for (size_t i = 0; i < LEN(mimes); i++)
        if (str_has(p->mimetype) && str_eq(str_trim(p->mimetype), str_of(mimes[i].mime))) {
            *ret = mimes[i].kind;
            return 0;
        }
    if (!p->has_ofd)
        return err_set(p->e, ERR_INVALID, "document.archive");
    *ret = DOC_OFD;
    return 0;
}

int document_zip(Arena *a, Str bytes, DocumentKind *ret, Err *e)
{
    Package p = {.arena = a, .bytes = bytes, .e = e};
    TRY(find_list(&p));
    p.step = arena_alloc(a, STEP);
    size_t from = p.list_at;
    for (int i = 0; i < p.n; i++) {
        ZipEntry en = {.at = 0};
        TRY(read_entry(&p, &from, &en));
        TRY(read_part(&p, &en));
    }
    if (from != p.list_end)
        return broken(&p);
    return kind_of(&p, ret);
}

int document_zip_list(Arena *a, Str bytes, ZipEntry **ret, size_t *ret_n, Err *e)
{
    Package p = {.arena = a, .bytes = bytes, .e = e};
    TRY(find_list(&p));
    ZipEntry *list = NEW_N(a, ZipEntry, (size_t)p.n);
    size_t from = p.list_at;
    for (int i = 0; i < p.n; i++) {
        TRY(read_entry(&p, &from, &list[i]));
        TRY(part_bytes(&p, &list[i], &list[i].bytes));
    }
    *ret = list;
    *ret_n = (size_t)p.n;
    return 0;
}
