/* exchange.h: formats others bring and take: CSV in any encoding a town clerk's Excel writes, CSV
 * out, workbooks (XLSX) in and out, JSON in strict form, iCalendar out, QR codes, photos. The
 * OpenAPI document is web's, made from its routes.
 *                                                                             SPEC: P7  STACK: 5 */
#ifndef STAVE_EXCHANGE_H
#define STAVE_EXCHANGE_H

#include "base/base.h"

/* ---- CSV in ---- */
typedef struct Csv Csv;
typedef struct CsvRow {
    int64_t line;     /* where the row begins in the file, from 1 */
    int64_t row;      /* as Excel numbers it, the header is 1: blank rows count, unseen */
    const Str *cells; /* valid until the next csv_next */
    size_t cell_n;    /* at least 1; a short row has fewer than the header */
} CsvRow;
typedef struct CsvFacts {
    Str encoding; /* UTF-8, GB18030: what was assumed */
    bool had_bom;
    char separator; /* , ; or tab: found in the first line */
} CsvFacts;
/* Takes the whole file (at most LIMIT_IMPORT_BYTES, else ERR_LIMIT): valid UTF-8 (BOM dropped) as
 * it is, else GB18030 through iconv; a byte that is neither is ERR_SYNTAX with row and column. NUL
 * is ERR_SYNTAX, so are workbooks and UTF-16, with advice. `bytes` are borrowed as long as the Csv.
 * Cells keep their text but for CRLF inside quotes (LF). Rows of nothing but empty cells are blank.
 * Limits: LIMIT_CSV_COLUMNS, LIMIT_CSV_CELL_BYTES. An unclosed quote is ERR_SYNTAX naming the line
 * where it opened; so is text between a closing quote and the next separator. */
int csv_open(Arena *a, Str bytes, Csv **ret, CsvFacts *ret_facts, Err *e) MUST_USE;
/* 1 a row, 0 the end, < 0: it does not go on behind an error, the next call fails alike. */
int csv_next(Csv *c, CsvRow *ret, Err *e) MUST_USE;

/* ---- CSV out ---- */
/* BOM once, CRLF, quotes where needed; a cell that begins with = + - @ tab CR gets ' in front.
 * CRs in front of LF are left out, as the reader would have it. */
void csv_bom(Buf *b);
void csv_cell(Buf *b, Str cell, bool is_first);
void csv_end_row(Buf *b);

/* ---- tables in: CSV and XLSX by one interface ---- */
typedef struct Table Table;
enum { /* of a cell; what changed it, or what an importer must not take silently */
    CELL_MENDED = 1 << 0,   /* blanks around it or full-width digits are gone; `raw` has them */
    CELL_NUMBER = 1 << 1,   /* a number in the workbook, no text */
    CELL_DATE = 1 << 2,     /* a date there: 2026-05-01, 2026-05-01 14:30, or a time 14:30 */
    CELL_DATE_PART = 1 << 3, /* ... and it is shown without its day or its year */
    CELL_ROUNDED = 1 << 4,  /* more than 15 digits, or 4.10823E+17: digits are lost for good */
    CELL_FORMULA = 1 << 5,  /* the value it had when the workbook was saved */
    CELL_UNKNOWN = 1 << 6,  /* a formula that was never worked out: empty */
    CELL_ERROR = 1 << 7,    /* #N/A, #REF! ...; ####: a date there is not */
    CELL_MERGED = 1 << 8,   /* of a merged range, not its first cell: text is that one's */
    CELL_HIDDEN = 1 << 9,   /* in a hidden column */
    CELL_YESNO = 1 << 10,   /* TRUE or FALSE there */
};
typedef struct TableCell {
    Str text;
    Str raw; /* as it was found; the same text, unless CELL_MENDED */
    unsigned flags;
} TableCell;
typedef struct TableRow {
    int64_t row;     /* as Excel numbers it; rows without anything are left out */
    bool is_hidden;  /* by hand or by a filter */
    const TableCell *cells; /* valid until the next table_next */
    size_t cell_n;
} TableRow;
typedef struct TableSheet {
    Str name;
    bool is_hidden;
} TableSheet;
typedef struct TableFacts {
    bool is_workbook;
    CsvFacts csv;             /* if it is not */
    const TableSheet *sheets; /* if it is: all, in its order, and the one that is read */
    size_t sheet_n, sheet_ix;
    int64_t cell_n; /* of that sheet, holding something */
} TableFacts;
/* Tells by the bytes (at most LIMIT_IMPORT_BYTES) what it is. sheet: STR_NONE is the first that is
 * not hidden and not empty; CSV has none. A workbook's sheet is read once before the first row is
 * given, so what is broken (ERR_SYNTAX, ERR_INVALID) or too much (ERR_LIMIT) is told here, with
 * place and advice. .xls, .et, .ods and web pages named .xls: "save as .xlsx". External links and
 * macros are never followed. `bytes` are borrowed until table_close, which every table needs. */
int table_open(Arena *a, Str bytes, Str sheet, Table **ret, TableFacts *ret_facts,
               Err *e) MUST_USE;
/* 1 a row, 0 the end, < 0 as csv_next. Merged ranges: each cell has the first one's text. */
int table_next(Table *t, TableRow *ret, Err *e) MUST_USE;
void table_close(Table *t); /* takes NULL */
/* "Sheet1!C7", of CSV "C7"; column from 0. */
Str table_place(Arena *a, const Table *t, int64_t row, size_t column);
/* The text without blanks around it (U+00A0, U+3000, zero-width ones too), digits and letters of
 * full width in a short text as ordinary ones, so with signs in what is otherwise a number or a
 * date. The same Str if there was nothing to mend. */
Str table_mend(Arena *a, Str s);

/* ---- XLSX out ---- */
typedef struct TableSink { /* takes the bytes as they come */
    int (*write)(void *ctx, Str bytes, Err *e);
    void *ctx;
} TableSink;
typedef enum XlsxKind {
    XLSX_TEXT, /* never a formula, whatever it begins with; identity numbers are such */
    XLSX_INT,
    XLSX_DECIMAL, /* i / 10^scale */
    XLSX_DATE,    /* i is a Day */
    XLSX_YESNO
} XlsxKind;
typedef struct XlsxColumn {
    Str head;
    XlsxKind kind;
    int scale; /* 0..9 */
    int width; /* in digits; 0: of its head and kind */
} XlsxColumn;
typedef struct XlsxCell {
    bool is_absent;
    int64_t i;
    Str s; /* XLSX_TEXT, cut at the 32,767 signs a cell holds; other kinds: this text instead */
} XlsxCell;
typedef struct Xlsx Xlsx;
/* One sheet: head bold, frozen, with a filter. `sheet` is made a name that Excel takes. Memory does
 * not grow with the rows; integers of more than 15 digits become text. lang: the words of yesno. */
int xlsx_new(Arena *a, TableSink sink, Str sheet, const XlsxColumn *columns, size_t column_n,
             Lang lang, Xlsx **ret, Err *e) MUST_USE;
int xlsx_row(Xlsx *x, const XlsxCell *cells, Err *e) MUST_USE; /* column_n cells */
int xlsx_end(Xlsx *x, Err *e) MUST_USE;
void xlsx_close(Xlsx *x); /* on every path; takes NULL */

/* ---- the user's own file back, with a column of reasons ---- */
typedef struct TableReason {
    int64_t row; /* rising */
    Str text;
} TableReason;
/* Behind the last column: `head` in row head_row, a reason in each row named. All other parts of a
 * workbook stay as they are, byte by byte, the sheet but for the new cells; CSV becomes UTF-8. */
int table_write_back(Arena *a, Str bytes, Str sheet, int64_t head_row, Str head,
                     const TableReason *reasons, size_t reason_n, TableSink sink, Err *e) MUST_USE;

/* ---- JSON in: strict (STACK 5), into plain values ---- */
typedef enum JsonTag {
    JSON_NULL,
    JSON_TRUE,
    JSON_FALSE,
    JSON_INT,
    JSON_TEXT,
    JSON_LIST,
    JSON_OBJECT
} JsonTag;
typedef struct Json Json;
struct Json {
    JsonTag tag;
    int64_t i;
    Str s;
    Str *names; /* object: names[k] goes with items[k], in order */
    Json *items;
    size_t n;
};
/* Double names, NUL, bad UTF-8, fractions and exponents, integers beyond int64, trailing text,
 * depth over LIMIT_JSON_DEPTH: ERR_SYNTAX with line and column. Over LIMIT_JSON_BYTES: ERR_LIMIT.
 * The values are copies in `a`. */
int json_parse(Arena *a, Str text, Json *ret, Err *e) MUST_USE;
const Json *json_get(const Json *object, Str name); /* NULL: not in it, or not an object */

/* ---- JSON out ---- */
/* Appends a quoted string; < > & U+2028 U+2029 and controls escaped. */
void json_text(Buf *b, Str s);
void json_name(Buf *b, Str name, bool *first); /* comma if not first, "name": */

/* ---- iCalendar out (RFC 5545) ---- */
typedef enum IcalKind { ICAL_DAY, ICAL_TIME, ICAL_TODO } IcalKind;
typedef struct IcalItem {
    IcalKind kind;
    Str uid;               /* the same for ever: the record's id, "@", the deployment's */
    Str summary;
    Str description, location, category, url; /* STR_NONE: left out */
    Day from_day, to_day;  /* ICAL_DAY: the last day is in it */
    UnixMs from_ms, to_ms; /* ICAL_TIME: equal for an instant */
    UnixMs due_ms, done_ms; /* ICAL_TODO */
    bool is_done, is_cancelled;
    UnixMs changed_ms; /* LAST-MODIFIED and DTSTAMP: a feed nothing changed in is the same bytes */
    int64_t version;   /* 1.. of the record: SEQUENCE is one less */
    int remind_min;    /* before the start, or a todo's due instant; 0: no alarm */
} IcalItem;
/* A feed: one ical_begin, items, ical_end. Texts are valid UTF-8; , ; \ and line ends are escaped,
 * other controls left out; lines are folded at 75 octets between characters, CRLF. All instants are
 * in UTC, so no time zone needs to travel. Scratch is taken from b's arena. */
void ical_begin(Buf *b, Str name, int refresh_min);
void ical_item(Buf *b, const IcalItem *it);
void ical_end(Buf *b);

/* ---- QR ---- */
/* An SVG path ("M0 0h7v1h-7z...") of a level-M code without quiet zone; ret_modules is its width.
 * Empty text is ERR_INVALID, more than the largest code holds (2,331 bytes) ERR_LIMIT. */
int qr_path(Arena *a, Str text, Str *ret_path, int *ret_modules, Err *e) MUST_USE;

/* ---- photos ---- */
/* Decodes a JPEG or PNG (told by its bytes; PNG on white), applies the EXIF orientation, shrinks to
 * LIMIT_PHOTO_EDGE, encodes a progressive JPEG of quality 80 without any metadata. Header first:
 * more than LIMIT_PHOTO_PIXELS (LIMIT_PHOTO_WHOLE_PIXELS if progressive or interlaced),
 * LIMIT_PHOTO_SIDE or LIMIT_PHOTO_BYTES is ERR_LIMIT before memory is taken. Anything else, WebP,
 * HEIC, GIF, SVG, cut or broken data included, is ERR_INVALID with advice (photo.not_one ...).
 * Memory: about 12 MB of `a`, 80 MB for the largest interlaced PNG, given back on success. */
int photo_clean(Arena *a, Str bytes, Str *ret_jpeg, int *ret_w, int *ret_h, Err *e) MUST_USE;

/* ---- documents ---- */
/* What may be attached: PDF, Office Open XML, OFD, OpenDocument, Office 97-2003 and WPS, text and
 * CSV in UTF-8 or GB18030, JPEG and PNG (their mime is image/jpeg: photo_clean makes it so). The
 * kind is found in the bytes; packages are unpacked whole and counted (LIMIT_FILE_INFLATED_BYTES,
 * LIMIT_FILE_RATIO, LIMIT_FILE_PARTS), whatever they say of themselves. Refused with advice
 * (document.*): programs, scripts, markup, archives and packages within packages, locked or with
 * macros, cut ones, names that claim another kind, more than LIMIT_FILE_BYTES (ERR_LIMIT, as for
 * the other limits; else ERR_INVALID). ret_name: the last part of `name` (STR_NONE: none) without
 * control characters, at most 100, ending as the kind does. `bytes` may be kept as they are. */
int document_check(Arena *a, Str name, Str bytes, Str *ret_mime, Str *ret_name, Err *e) MUST_USE;
#endif
