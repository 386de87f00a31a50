/* xlsx_int.h: what the files xlsx_*.c and table.c share: parts of a workbook, XML, cells. */
#ifndef STAVE_XLSX_INT_H
#define STAVE_XLSX_INT_H

#include "exchange/document_int.h"

/* ---- xlsx_xml.c: one part of a package as XML, unpacked and parsed piece by piece ---- */
typedef struct Xml Xml;
typedef struct XmlFns { /* names without prefix; < 0 stops it all */
    int (*start)(void *ctx, const char *name, const char **attrs, Err *e);
    int (*end)(void *ctx, const char *name, Err *e);
    int (*text)(void *ctx, Str piece, Err *e);
} XmlFns;
/* Refused: DOCTYPE, so all entities of one's own; depth, length of a tag, of the part (limits.h);
 * what is not well-formed, naming part and line. Close it, on every path. */
int xml_open(Arena *a, const ZipEntry *part, XmlFns fns, void *ctx, Xml **ret, Err *e) MUST_USE;
int xml_next(Xml *x, Err *e) MUST_USE; /* 1: xml_pause was called; 0: the end */
void xml_pause(Xml *x);                /* from within start or end */
void xml_close(Xml *x);                /* takes NULL */
/* From within: where in the unpacked part what is told now stands, and its length. */
size_t xml_at(const Xml *x, size_t *ret_n);
/* Opens, reads to the end, closes. */
int xml_read(Arena *a, const ZipEntry *part, XmlFns fns, void *ctx, Err *e) MUST_USE;
const char *xml_attr(const char **attrs, const char *name); /* NULL: none; any prefix */
bool xml_is(const char *flag);                              /* "1", "true", "on" */
int xml_unpack(Arena *a, const ZipEntry *part, Str *ret, Err *e) MUST_USE; /* all of it */

/* ---- xlsx_book.c: the parts of a workbook ---- */
typedef enum FormatKind {
    FORMAT_PLAIN,
    FORMAT_DATE,
    FORMAT_TIME,
    FORMAT_MOMENT,
    FORMAT_HOURS, /* [h]:mm */
    FORMAT_PERCENT,
    FORMAT_ZEROS /* 000000 */
} FormatKind;
typedef struct Format {
    uint8_t kind;
    uint8_t width;      /* FORMAT_ZEROS */
    bool is_part;       /* a date shown without its day or its year */
    bool has_seconds;
} Format;
typedef struct BookSheet {
    Str name;
    bool is_hidden;
    const ZipEntry *part; /* NULL: lies elsewhere, or is a chart */
} BookSheet;
typedef struct Book {
    Arena *arena;
    const ZipEntry *parts;
    size_t part_n;
    bool is_1904;
    BookSheet *sheets;
    size_t sheet_n;
    Str *strings; /* shared */
    size_t string_n;
    Format *formats; /* by style */
    size_t format_n;
    const ZipEntry *workbook;
} Book;
/* Everything but the sheets. `bytes` are borrowed as long as the book. */
int book_open(Arena *a, Str bytes, Book *ret, Err *e) MUST_USE;
const ZipEntry *book_part(const Book *b, Str name);
/* xlsx_format.c */
Format format_of_code(Str code);
Format format_builtin(int id);
/* What a spreadsheet would show of v, but never rounded; ret_flags gets CELL_...; appends. */
void format_number(Buf *b, double v, Format f, bool is_1904, unsigned *ret_flags);

/* ---- xlsx_sheet.c: one sheet, row by row ---- */
typedef struct SheetCell {
    Str text; /* {NULL}: the text stands at `from` of the reader's scratch */
    size_t from, n;
    unsigned flags;
} SheetCell;
typedef struct SheetReader SheetReader;
/* Reads the sheet once to its end: whatever is broken, is told here. ret_cell_n: cells that hold
 * something. sheet_ix: of the book. */
int sheet_open(Arena *a, const Book *b, size_t sheet_ix, SheetReader **ret, int64_t *ret_cell_n,
               Err *e) MUST_USE;
/* 1 a row that holds something, 0 the end. Valid until the next call. */
int sheet_next(SheetReader *r, int64_t *ret_row, bool *ret_is_hidden, const SheetCell **ret_cells,
               size_t *ret_n, Err *e) MUST_USE;
Str sheet_text(const SheetReader *r, const SheetCell *c);
void sheet_close(SheetReader *r); /* takes NULL */

/* "C7" and back; column from 0, row from 1. */
void cell_name(char ret[16], size_t column, int64_t row);
bool cell_parse(const char *ref, const char **ret_end, size_t *ret_column, int64_t *ret_row);

/* ---- table.c ---- */
bool table_is_book(Str bytes); /* no text: a package, or what is refused as one */
int table_book(Arena *a, Str bytes, Book *ret, Err *e) MUST_USE;

/* ---- zip_out.c: a package, written as it comes ---- */
typedef struct ZipOut ZipOut;
ZipOut *zip_out_new(Arena *a, TableSink sink);
/* Parts are written one after another; memory does not grow with them. */
int zip_out_begin(ZipOut *z, Str name, Err *e) MUST_USE;
int zip_out_add(ZipOut *z, Str bytes, Err *e) MUST_USE;
int zip_out_end(ZipOut *z, Err *e) MUST_USE;
int zip_out_raw(ZipOut *z, const ZipEntry *part, Err *e) MUST_USE; /* as it is packed */
int zip_out_finish(ZipOut *z, Err *e) MUST_USE;
void zip_out_close(ZipOut *z); /* on every path; takes NULL */

/* xlsx_out.c: a cell with a text of its own; prefix: "" or "x:", style 0: none. */
void xlsx_inline(Buf *b, const char *prefix, size_t column, int64_t row, int style, Str text);
#endif
