/* document.c: what may be attached to a record beside photos. The kind is found in the bytes; the
 * name is for people and must not claim another one.                            STACK: 7 */
#include "exchange/document_int.h"

#include <errno.h>
#include <iconv.h>

enum { NAME_CHARS = 100, TAR_AT = 257, EXTENSION_MAX = 8 };

typedef struct KindDef {
    const char *mime;
    const char *extensions; /* the first is given to a name without one */
} KindDef;

static const KindDef kinds[DOC_KINDS] = {
    [DOC_PDF] = {"application/pdf", "pdf"},
    [DOC_JPEG] = {"image/jpeg", "jpg jpeg jpe jfif"},
    [DOC_PNG] = {"image/jpeg", "png"},
    [DOC_TEXT] = {"text/plain", "txt csv"},
    [DOC_DOCX] = {"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                  "docx"},
    [DOC_XLSX] = {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    [DOC_PPTX] = {"application/vnd.openxmlformats-officedocument.presentationml.presentation",
                  "pptx ppsx"},
    [DOC_OFD] = {"application/ofd", "ofd"},
    [DOC_ODT] = {"application/vnd.oasis.opendocument.text", "odt"},
    [DOC_ODS] = {"application/vnd.oasis.opendocument.spreadsheet", "ods"},
    [DOC_ODP] = {"application/vnd.oasis.opendocument.presentation", "odp"},
    [DOC_DOC] = {"application/msword", "doc wps"},
    [DOC_XLS] = {"application/vnd.ms-excel", "xls et"},
    [DOC_PPT] = {"application/vnd.ms-powerpoint", "ppt pps dps"},
};

/* ---- what no document begins with ---- */

#define HEAD(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
static const struct {
    Str head;
    const char *key;
} refused[] = {
    {HEAD("MZ"), "document.program"},
    {HEAD("\x7F"
          "ELF"),
     "document.program"},
    {HEAD("\xCA\xFE\xBA\xBE"), "document.program"},
    {HEAD("\xFE\xED\xFA"), "document.program"},
    {HEAD("\xCE\xFA\xED\xFE"), "document.program"},
    {HEAD("\xCF\xFA\xED\xFE"), "document.program"},
    {HEAD("dex\n"), "document.program"},
    {HEAD("\0asm"), "document.program"},
    {HEAD("!<arch>"), "document.program"},
    {HEAD("#!"), "document.program"},
    {HEAD("\x4C\0\0\0\x01\x14\x02\0"), "document.program"}, /* a shortcut of Windows */
    {HEAD("PK\x03\x04"), "document.archive"},
    {HEAD("PK\x05\x06"), "document.archive"},
    {HEAD("PK\x07\x08"), "document.archive"},
    {HEAD("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "document.archive"},
    {HEAD("Rar!\x1A\x07"), "document.archive"},
    {HEAD("7z\xBC\xAF\x27\x1C"), "document.archive"},
    {HEAD("\x1F\x8B"), "document.archive"},
    {HEAD("BZh"), "document.archive"},
    {HEAD("\xFD"
          "7zXZ"),
     "document.archive"},
    {HEAD("\x28\xB5\x2F\xFD"), "document.archive"},
    {HEAD("MSCF"), "document.archive"},
    {HEAD("{\\rtf"), "document.rtf"},
};

const char *document_refused(Str head)
{
    for (size_t i = 0; i < LEN(refused); i++)
        if (str_starts(head, refused[i].head))
            return refused[i].key;
    return str_eq(str_sub(head, TAR_AT, 5), S("ustar")) ? "document.archive" : NULL;
}

/* ---- names ---- */

static bool is_hidden(uint32_t cp) /* controls, and what turns or hides writing */
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF ||
           (cp >= 0xFFF9 && cp <= 0xFFFD);
}

static Str clean_name(Arena *a, Str name)
{
    Buf b = {.arena = a};
    if (!str_has(name) || !utf8_valid(name))
        return S("");
    for (Str rest = text_normal(a, name); rest.n > 0;) {
        char out[4];
        uint32_t cp = utf8_next(&rest);
        if (cp == '/' || cp == '\\')
            b.n = 0; /* the last part of a path */
        else if (cp < 0x80 && strchr("<>:\"|?*", (int)cp) && cp)
            buf_byte(&b, '_');
        else if (!is_hidden(cp))
            buf_mem(&b, out, utf8_put(cp, out));
    }
    Str s = b.n ? str_trim(buf_view(&b)) : S("");
    while (s.n && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ' '))
        s.n--;
    while (s.n && s.p[0] == '.')
        s = str_sub(s, 1, s.n);
    return s;
}

/* The part behind the last dot in small letters; empty: none, or too long for one. */
static Str extension(Arena *a, Str name)
{
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    if (dot < 2 || dot == name.n || name.n - dot > EXTENSION_MAX)
        return S("");
    Buf b = {.arena = a};
    for (size_t i = dot; i < name.n; i++) {
        char c = name.p[i];
        if (c == ' ' || (c & 0x80))
            return S(""); /* a sentence with a dot in it */
        buf_byte(&b, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    return buf_view(&b);
}

static bool is_one_of(Str word, const char *list)
{
    Str rest = str_of(list), one;
    while (rest.n) {
        str_cut(rest, ' ', &one, &rest);
        if (str_eq(word, one))
            return true;
    }
    return false;
}

static int name_of(Arena *a, Str name, DocumentKind kind, Str *ret_mime, Str *ret_name, Err *e)
{
    Str clean = clean_name(a, name), ext = extension(a, clean);
    const KindDef *k = &kinds[kind];
    Str first, rest;
    bool is_photo = kind == DOC_JPEG || kind == DOC_PNG;
    (void)str_cut(str_of(k->extensions), ' ', &first, &rest); /* one word: the whole */
    if (ext.n && !is_one_of(ext, k->extensions))
        return err_set(e, ERR_INVALID, "document.wrong_extension", ext, first);
    if (ext.n)
        clean.n -= ext.n + 1;
    else
        ext = first;
    if (is_photo)
        ext = S("jpg"); /* what it is made into */
    clean = str_trim(utf8_prefix(clean, NAME_CHARS - ext.n - 1));
    *ret_name = str_fmt(a, "%.*s.%.*s", STR_ARG(clean.n ? clean : S("document")), STR_ARG(ext));
    *ret_mime = str_eq(ext, S("csv")) ? S("text/csv") : str_of(k->mime);
    return 0;
}

/* ---- kinds ---- */

static bool is_gb18030(Str bytes, Err *e, int *ret_rc)
{
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    *ret_rc = 0;
    if (cd == (iconv_t)-1) {
        *ret_rc = err_set(e, ERR_IO, "csv.no_gb18030");
        return false;
    }
    char *in_p = (char *)(uintptr_t)bytes.p; /* iconv wants it so, and does not write there */
    size_t in_n = bytes.n, rc = 0;
    char out[4096];
    do {
        char *out_p = out;
        size_t out_n = sizeof out;
        rc = iconv(cd, &in_p, &in_n, &out_p, &out_n);
    } while (rc == (size_t)-1 && errno == E2BIG);
    CHECK(iconv_close(cd) == 0);
    return rc != (size_t)-1;
}

static int check_text(Str bytes, Err *e)
{
    Str s = str_starts(bytes, S("\xEF\xBB\xBF")) ? str_sub(bytes, 3, bytes.n) : bytes;
    int rc = 0;
    if (str_starts(bytes, S("\xFF\xFE")) || str_starts(bytes, S("\xFE\xFF")))
        return err_set(e, ERR_INVALID, "document.utf16");
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7F)
            return err_set(e, ERR_INVALID, "document.unknown");
    }
    size_t first = 0;
    while (first < s.n && strchr(" \t\r\n\f", s.p[first]))
        first++;
    if (first < s.n && s.p[first] == '<')
        return err_set(e, ERR_INVALID, "document.markup");
    if (!utf8_valid(s) && !is_gb18030(s, e, &rc))
        return rc ? rc : err_set(e, ERR_INVALID, "document.unknown");
    return 0;
}

int document_kind(Arena *a, Str bytes, DocumentKind *ret, Err *e)
{
    if (str_starts(bytes, S("%PDF-"))) {
        *ret = DOC_PDF;
        return document_pdf(a, bytes, e);
    }
    if (str_starts(bytes, S("\xFF\xD8\xFF")) || str_starts(bytes, S("\x89PNG\r\n\x1A\n"))) {
        *ret = bytes.p[0] == '\x89' ? DOC_PNG : DOC_JPEG;
        return 0;
    }
    if (str_starts(bytes, S("PK\x03\x04")))
        return document_zip(a, bytes, ret, e);
    if (str_starts(bytes, S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")))
        return document_ole(a, bytes, ret, e);
    const char *key = document_refused(bytes);
    if (key)
        return err_set(e, ERR_INVALID, key);
    *ret = DOC_TEXT;
    return check_text(bytes, e);
}

/* A picture of a kind that cannot be used is told so. */
static int picture_advice(Arena *a, Str bytes, Err *e)
{
    Err sub = err_on(e->arena);
    Str jpeg;
    int w, h;
    int rc = bytes.n <= LIMIT_PHOTO_BYTES ? photo_clean(a, bytes, &jpeg, &w, &h, &sub) : 0;
    if (rc < 0 && !str_eq(sub.key, S("photo.not_one")))
        *e = sub;
    return e->cls;
}

int document_check(Arena *a, Str name, Str bytes, Str *ret_mime, Str *ret_name, Err *e)
{
    DocumentKind kind = DOC_KINDS;
    if (bytes.n == 0)
        return err_set(e, ERR_INVALID, "document.empty");
    if (bytes.n > LIMIT_FILE_BYTES)
        return err_set(e, ERR_LIMIT, "document.large", err_int(e, LIMIT_FILE_BYTES / 1024 / 1024));
    Err sub = err_on(e->arena);
    int rc = document_kind(a, bytes, &kind, &sub);
    if (rc < 0 && str_eq(sub.key, S("document.unknown")))
        rc = picture_advice(a, bytes, &sub);
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    return name_of(a, name, kind, ret_mime, ret_name, e);
}
