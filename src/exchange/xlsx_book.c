/* xlsx_book.c: what a workbook says of itself: its sheets, shared texts, formats. Parts are found
 * through their relations, never by name. What lies outside the file is not looked at. STACK: 5 */
#include "exchange/xlsx_int.h"

#include <stdlib.h>

typedef struct Relation {
    Str id, type, target; /* the part's whole name */
} Relation;

typedef struct Relations {
    Arena *arena;
    Str folder; /* of the part they belong to, ends in / or is empty */
    Relation *list;
    size_t n, cap;
} Relations;

const ZipEntry *book_part(const Book *b, Str name)
{
    for (size_t i = 0; i < b->part_n; i++)
        if (str_eq(b->parts[i].name, name))
            return &b->parts[i];
    return NULL;
}

static Str last_word(Str path) /* behind the last / */
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_sub(path, at, path.n);
}

/* ---- relations ---- */

static Str resolve(Arena *a, Str folder, Str target)
{
    if (str_starts(target, S("/")))
        return str_copy(a, str_sub(target, 1, target.n));
    for (;;) {
        if (str_starts(target, S("./"))) {
            target = str_sub(target, 2, target.n);
        } else if (str_starts(target, S("../"))) {
            target = str_sub(target, 3, target.n);
            folder.n -= folder.n > 0;
            folder.n -= last_word(folder).n;
        } else {
            return str_fmt(a, "%.*s%.*s", STR_ARG(folder), STR_ARG(target));
        }
    }
}

static int relation_start(void *ctx, const char *name, const char **attrs, Err *e)
{
    Relations *r = ctx;
    const char *id = xml_attr(attrs, "Id"), *type = xml_attr(attrs, "Type"),
               *target = xml_attr(attrs, "Target"), *mode = xml_attr(attrs, "TargetMode");
    if (strcmp(name, "Relationship") || !id || !type || !target)
        return 0;
    if (mode && !strcmp(mode, "External"))
        return 0; /* never followed */
    if (r->n == LIMIT_FILE_PARTS)
        return err_set(e, ERR_LIMIT, "document.many_parts", err_int(e, LIMIT_FILE_PARTS));
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 16;
        Relation *list = NEW_N(r->arena, Relation, cap);
        if (r->n)
            memcpy(list, r->list, r->n * sizeof *list);
        r->list = list;
        r->cap = cap;
    }
    r->list[r->n++] = (Relation){.id = str_copy(r->arena, str_of(id)),
                                 .type = last_word(str_copy(r->arena, str_of(type))),
                                 .target = resolve(r->arena, r->folder, str_of(target))};
    return 0;
}

static int read_relations(const Book *b, Str of, Relations *ret, Err *e)
{
    Str last = last_word(of), folder = str_sub(of, 0, of.n - last.n);
    Relations r = {.arena = b->arena, .folder = folder};
    const ZipEntry *part =
        book_part(b, str_fmt(b->arena, "%.*s_rels/%.*s.rels", STR_ARG(folder), STR_ARG(last)));
    if (part)
        TRY(xml_read(b->arena, part, (XmlFns){.start = relation_start}, &r, e));
    *ret = r;
    return 0;
}

static const ZipEntry *part_of_type(const Book *b, const Relations *r, Str type)
{
    for (size_t i = 0; i < r->n; i++)
        if (str_eq(r->list[i].type, type))
            return book_part(b, r->list[i].target);
    return NULL;
}

/* ---- workbook.xml ---- */

typedef struct WorkbookReader {
    Book *book;
    const Relations *relations;
    size_t cap;
} WorkbookReader;

static int add_sheet(WorkbookReader *w, const char **attrs, Err *e)
{
    Book *b = w->book;
    const char *name = xml_attr(attrs, "name"), *state = xml_attr(attrs, "state"),
               *id = xml_attr(attrs, "id");
    if (!name || !id)
        return err_set(e, ERR_SYNTAX, "document.broken");
    if (b->sheet_n == LIMIT_XLSX_SHEETS)
        return err_set(e, ERR_LIMIT, "xlsx.many_sheets", err_int(e, LIMIT_XLSX_SHEETS));
    BookSheet *s = &b->sheets[b->sheet_n++];
    s->name = str_copy(b->arena, str_of(name));
    s->is_hidden = state && strcmp(state, "visible");
    for (size_t i = 0; i < w->relations->n; i++) {
        const Relation *r = &w->relations->list[i];
        if (str_eq(r->id, str_of(id)) && str_eq(r->type, S("worksheet")))
            s->part = book_part(b, r->target);
    }
    return 0;
}

static int workbook_start(void *ctx, const char *name, const char **attrs, Err *e)
{
    WorkbookReader *w = ctx;
    if (!strcmp(name, "workbookPr"))
        w->book->is_1904 = xml_is(xml_attr(attrs, "date1904"));
    return strcmp(name, "sheet") ? 0 : add_sheet(w, attrs, e);
}

/* ---- shared strings ---- */

typedef struct StringReader {
    Book *book;
    size_t cap;
    Buf text;
    bool is_in_item, is_in_text;
    int phonetic; /* depth within rPh: how it is read aloud, no part of the text */
} StringReader;

static int string_start(void *ctx, const char *name, const char **attrs, Err *e)
{
    StringReader *r = ctx;
    (void)attrs, (void)e;
    if (!strcmp(name, "si")) {
        r->text.n = 0;
        r->is_in_item = true;
    }
    r->phonetic += !strcmp(name, "rPh");
    r->is_in_text = r->is_in_item && !r->phonetic && !strcmp(name, "t");
    return 0;
}

static int string_text(void *ctx, Str piece, Err *e)
{
    StringReader *r = ctx;
    if (!r->is_in_text)
        return 0;
    if (r->text.n + piece.n > LIMIT_CSV_CELL_BYTES)
        return err_set(e, ERR_LIMIT, "xlsx.text_long", err_int(e, LIMIT_CSV_CELL_BYTES / 1024));
    buf_str(&r->text, piece);
    return 0;
}

static int string_end(void *ctx, const char *name, Err *e)
{
    StringReader *r = ctx;
    Book *b = r->book;
    r->is_in_text = false;
    r->phonetic -= !strcmp(name, "rPh");
    if (strcmp(name, "si"))
        return 0;
    if (b->string_n == LIMIT_XLSX_STRINGS)
        return err_set(e, ERR_LIMIT, "xlsx.many_texts", err_int(e, LIMIT_XLSX_STRINGS));
    if (b->string_n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 1024;
        Str *list = NEW_N(b->arena, Str, r->cap);
        if (b->string_n)
            memcpy(list, b->strings, b->string_n * sizeof *list);
        b->strings = list;
    }
    b->strings[b->string_n++] = r->text.n ? str_copy(b->arena, buf_view(&r->text)) : S("");
    r->is_in_item = false;
    return 0;
}

/* ---- styles ---- */

typedef struct CodeDef {
    int64_t id;
    Format format;
} CodeDef;

typedef struct StyleReader {
    Book *book;
    CodeDef *codes;
    size_t code_n;
    bool is_in_xfs;
} StyleReader;

static int64_t attr_int(const char **attrs, const char *name, int64_t otherwise)
{
    int64_t v;
    const char *text = xml_attr(attrs, name);
    return text && str_i64(str_of(text), &v) ? v : otherwise;
}

static Format format_of_id(const StyleReader *r, int64_t id)
{
    for (size_t i = r->code_n; i > 0; i--)
        if (r->codes[i - 1].id == id)
            return r->codes[i - 1].format;
    return id >= 0 && id < 164 ? format_builtin((int)id) : (Format){.kind = FORMAT_PLAIN};
}

enum { CODES_MAX = 4096 };

static int style_start(void *ctx, const char *name, const char **attrs, Err *e)
{
    StyleReader *r = ctx;
    Book *b = r->book;
    const char *code = xml_attr(attrs, "formatCode");
    if (!strcmp(name, "numFmt") && code && !r->is_in_xfs) {
        if (r->code_n == CODES_MAX)
            return err_set(e, ERR_LIMIT, "xlsx.many_styles", err_int(e, CODES_MAX));
        r->codes[r->code_n++] = (CodeDef){.id = attr_int(attrs, "numFmtId", -1),
                                          .format = format_of_code(str_of(code))};
    }
    if (!strcmp(name, "cellXfs"))
        r->is_in_xfs = true;
    if (r->is_in_xfs && !strcmp(name, "xf")) {
        if (b->format_n == LIMIT_XLSX_STYLES)
            return err_set(e, ERR_LIMIT, "xlsx.many_styles", err_int(e, LIMIT_XLSX_STYLES));
        b->formats[b->format_n++] = format_of_id(r, attr_int(attrs, "numFmtId", 0));
    }
    return 0;
}

static int style_end(void *ctx, const char *name, Err *e)
{
    StyleReader *r = ctx;
    (void)e;
    if (!strcmp(name, "cellXfs"))
        r->is_in_xfs = false;
    return 0;
}

/* ---- the whole ---- */

static int by_name(const void *a, const void *b)
{
    return str_cmp((*(const ZipEntry *const *)a)->name, (*(const ZipEntry *const *)b)->name);
}

static int by_place(const void *a, const void *b)
{
    uint32_t x = (*(const ZipEntry *const *)a)->at, y = (*(const ZipEntry *const *)b)->at;
    return (x > y) - (x < y);
}

/* Names that lead out, twice the same, parts that lie over one another. */
static int check_parts(const Book *b, Err *e)
{
    const ZipEntry **p = NEW_N(b->arena, const ZipEntry *, b->part_n);
    for (size_t i = 0; i < b->part_n; i++) {
        Str name = b->parts[i].name;
        p[i] = &b->parts[i];
        if (!utf8_valid(name))
            return err_set(e, ERR_INVALID, "xlsx.path", S("?"));
        if (name.p[0] == '/' || str_starts(name, S("../")) || str_find(name, S("/../")) >= 0 ||
            str_find(name, S("\\")) >= 0 || str_find(name, S(":")) >= 0)
            return err_set(e, ERR_INVALID, "xlsx.path", utf8_prefix(name, LIMIT_NAME_CHARS));
    }
    qsort(p, b->part_n, sizeof(const ZipEntry *), by_name);
    for (size_t i = 1; i < b->part_n; i++)
        if (str_eq(p[i - 1]->name, p[i]->name))
            return err_set(e, ERR_INVALID, "xlsx.twice", utf8_prefix(p[i]->name, LIMIT_NAME_CHARS));
    qsort(p, b->part_n, sizeof(const ZipEntry *), by_place);
    for (size_t i = 1; i < b->part_n; i++)
        if (p[i - 1]->bytes.p + p[i - 1]->bytes.n > p[i]->bytes.p || p[i - 1]->at == p[i]->at)
            return err_set(e, ERR_INVALID, "xlsx.overlap",
                           utf8_prefix(p[i]->name, LIMIT_NAME_CHARS));
    return 0;
}

static int read_parts(Book *b, Err *e)
{
    Relations top, mine;
    TRY(read_relations(b, S(""), &top, e));
    b->workbook = part_of_type(b, &top, S("officeDocument"));
    if (!b->workbook)
        return err_set(e, ERR_INVALID, "xlsx.no_sheet");
    TRY(read_relations(b, b->workbook->name, &mine, e));
    b->sheets = NEW_N(b->arena, BookSheet, LIMIT_XLSX_SHEETS);
    WorkbookReader w = {.book = b, .relations = &mine};
    TRY(xml_read(b->arena, b->workbook, (XmlFns){.start = workbook_start}, &w, e));
    const ZipEntry *styles = part_of_type(b, &mine, S("styles")),
                   *strings = part_of_type(b, &mine, S("sharedStrings"));
    if (styles) {
        b->formats = NEW_N(b->arena, Format, LIMIT_XLSX_STYLES);
        StyleReader r = {.book = b, .codes = NEW_N(b->arena, CodeDef, CODES_MAX)};
        TRY(xml_read(b->arena, styles, (XmlFns){.start = style_start, .end = style_end}, &r, e));
    }
    if (strings) {
        StringReader r = {.book = b, .text = {.arena = b->arena}};
        XmlFns fns = {.start = string_start, .end = string_end, .text = string_text};
        TRY(xml_read(b->arena, strings, fns, &r, e));
    }
    return 0;
}

int book_open(Arena *a, Str bytes, Book *ret, Err *e)
{
    Book b = {.arena = a};
    ZipEntry *parts;
    TRY(document_zip_list(a, bytes, &parts, &b.part_n, e));
    b.parts = parts;
    TRY(check_parts(&b, e));
    TRY(read_parts(&b, e));
    *ret = b;
    return 0;
}
