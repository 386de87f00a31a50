/* document_pdf.c: Portable Document Format: whole, and without what runs or opens by itself. Names
 * are read as a viewer reads them (#61 is a), in the file and in its object streams, which are
 * unpacked within the bounds packages have.                                     STACK: 7 */
#include "exchange/document_int.h"

#include <zlib.h>

enum {
    PDF_TAIL = 2048,
    PDF_HEAD = 8,
    DICT_MAX = 4096,
    NAME_MAX_BYTES = 24,
    STEP = 64 * 1024,
    RATIO_FROM = 1 << 20, /* what unpacks to less is small, whatever its ratio */
};

static bool is_delimiter(char c)
{
    return c == 0 || strchr(" \t\r\n\f()<>[]{}/%", c);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* The name after a slash, escapes read; longer than any that matters: cut. */
static size_t read_name(Str s, size_t at, char out[NAME_MAX_BYTES])
{
    size_t n = 0;
    while (at < s.n && n < NAME_MAX_BYTES && !is_delimiter(s.p[at])) {
        int high = s.p[at] == '#' && at + 2 < s.n ? hex_digit(s.p[at + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.p[at + 2]) : -1;
        out[n++] = (char)(low >= 0 ? high << 4 | low : s.p[at]);
        at += low >= 0 ? 3 : 1;
    }
    return n;
}

static bool has_name(Str s, const char *const *names, size_t name_n)
{
    char name[NAME_MAX_BYTES];
    const char *end = s.p + s.n;
    for (const char *p = s.p; p < end && (p = memchr(p, '/', (size_t)(end - p))); p++) {
        size_t n = read_name(s, (size_t)(p - s.p) + 1, name);
        for (size_t i = 0; i < name_n; i++)
            if (str_eq((Str){name, n}, str_of(names[i])))
                return true;
    }
    return false;
}

/* "JS" is too short to look for where bytes are packed: chance writes it there. */
static bool is_active(Str s, bool is_plain)
{
    static const char *const names[] = {"JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles",
                                        "RichMedia", "JS"};
    return s.n && has_name(s, names, is_plain ? LEN(names) : LEN(names) - 1);
}

typedef struct Pdf {
    Str bytes;
    uint64_t inflated;
    Err *e;
    char buf[STEP + NAME_MAX_BYTES * 3]; /* what came last stays in front: a name may be cut */
} Pdf;

static int refuse(Pdf *p)
{
    return err_set(p->e, ERR_INVALID, "document.active_pdf");
}

/* Looks through one object stream; what cannot be unpacked cannot be vouched for. */
static int inflate_objects(Pdf *p, z_stream *z, Str packed)
{
    size_t kept = 0;
    z->next_in = (Bytef *)(uintptr_t)packed.p; /* read only, whatever its kind says */
    z->avail_in = (uInt)packed.n;
    for (int rc = Z_OK; rc != Z_STREAM_END;) {
        z->next_out = (Bytef *)p->buf + kept;
        z->avail_out = STEP;
        rc = inflate(z, Z_NO_FLUSH);
        size_t n = STEP - z->avail_out;
        if (rc != Z_STREAM_END && (rc != Z_OK || (n == 0 && z->avail_in == 0))) {
            static const char *const locked[] = {"Encrypt"};
            return err_set(p->e, ERR_INVALID, has_name(p->bytes, locked, 1) ? "document.locked"
                                                                         : "document.broken");
        }
        p->inflated += n;
        if (p->inflated > LIMIT_FILE_INFLATED_BYTES ||
            (p->inflated > RATIO_FROM && p->inflated / LIMIT_FILE_RATIO > p->bytes.n))
            return err_set(p->e, ERR_LIMIT, "document.bomb",
                           err_int(p->e, LIMIT_FILE_INFLATED_BYTES / 1024 / 1024));
        Str seen = {p->buf, kept + n};
        if (is_active(seen, true))
            return refuse(p);
        kept = seen.n < NAME_MAX_BYTES * 3 ? seen.n : NAME_MAX_BYTES * 3;
        memmove(p->buf, p->buf + seen.n - kept, kept);
    }
    return 0;
}

static int look_at_objects(Pdf *p, Str packed)
{
    z_stream z = {.next_in = NULL};
    if (inflateInit(&z) != Z_OK)
        return err_set(p->e, ERR_IO, "document.no_memory");
    int rc = inflate_objects(p, &z, packed);
    CHECK(inflateEnd(&z) == Z_OK);
    return rc;
}

/* The dictionary that ends at `at`: from the last "obj" before it, not before `from`. */
static Str dict_before(Str s, size_t from, size_t at)
{
    if (at - from > DICT_MAX)
        from = at - DICT_MAX;
    for (size_t i = at; i >= from + 3; i--)
        if (!memcmp(s.p + i - 3, "obj", 3))
            return str_sub(s, i, at - i);
    return str_sub(s, from, at - from);
}

static int look_at_streams(Pdf *p)
{
    static const char *const objects[] = {"ObjStm"}, *const flate[] = {"FlateDecode", "Fl"},
                             *const other[] = {"LZWDecode", "LZW", "ASCIIHexDecode", "AHx",
                                               "ASCII85Decode", "A85", "RunLengthDecode", "RL",
                                               "Crypt", "Predictor"};
    Str s = p->bytes;
    for (size_t at = 0; at < s.n;) {
        ptrdiff_t next = str_find(str_sub(s, at, s.n), S("stream"));
        if (next < 0)
            break;
        size_t word = at + (size_t)next, body = word + 6;
        size_t from = at;
        at = body;
        if (word >= 3 && !memcmp(s.p + word - 3, "end", 3))
            continue;
        Str dict = dict_before(s, from, word);
        if (!has_name(dict, objects, LEN(objects)))
            continue;
        while (body < s.n && (s.p[body] == '\r' || s.p[body] == '\n'))
            body++;
        Str rest = str_sub(s, body, s.n);
        if (has_name(dict, other, LEN(other))) /* no writer does so; nothing here reads it */
            return refuse(p);
        if (has_name(dict, flate, LEN(flate)))
            TRY(look_at_objects(p, rest)); /* not packed: it was seen with the whole file */
    }
    return 0;
}

int document_pdf(Arena *a, Str bytes, Err *e)
{
    Str tail = bytes.n > PDF_TAIL ? str_sub(bytes, bytes.n - PDF_TAIL, PDF_TAIL) : bytes;
    if (bytes.n < PDF_HEAD || str_find(tail, S("%%EOF")) < 0)
        return err_set(e, ERR_INVALID, "document.broken");
    Pdf *p = NEW(a, Pdf);
    p->bytes = bytes;
    p->inflated = 0;
    p->e = e;
    return is_active(bytes, false) ? refuse(p) : look_at_streams(p);
}
