/* table_back.c: the file somebody brought, back with a column of reasons. In a workbook only the
 * XML of the one sheet is touched, and there only the places where cells are put in.
 *                                                                             SPEC: P7  STACK: 5 */
#include "exchange/xlsx_int.h"

typedef struct Back {
    Xml *xml;
    Str sheet;   /* the XML as it was */
    size_t done; /* copied so far */
    Buf out;
    size_t column; /* of the reasons */
    int64_t head_row, row;
    Str head;
    const TableReason *reasons;
    size_t n, next;
    Str prefix; /* of the sheet's elements: "x:" */
    bool is_head_done;
} Back;

static void copy_to(Back *b, size_t end)
{
    CHECK(end >= b->done && end <= b->sheet.n);
    buf_str(&b->out, str_sub(b->sheet, b->done, end - b->done));
    b->done = end;
}

/* What belongs into this row; empty: nothing. Moves on. */
static Str take_text(Back *b, int64_t row)
{
    while (b->next < b->n && b->reasons[b->next].row < row)
        b->next++;
    if (row == b->head_row && !b->is_head_done) {
        b->is_head_done = true;
        return b->head;
    }
    if (b->next < b->n && b->reasons[b->next].row == row)
        return b->reasons[b->next++].text;
    return S("");
}

static int64_t next_row(const Back *b)
{
    int64_t row = b->next < b->n ? b->reasons[b->next].row : INT64_MAX;
    return !b->is_head_done && b->head_row < row ? b->head_row : row;
}

static void put_cell(Back *b, int64_t row)
{
    Str text = take_text(b, row);
    if (text.n)
        xlsx_inline(&b->out, str_z(b->out.arena, b->prefix), b->column, row, 0, text);
}

/* Rows that the sheet does not have, before `row`. */
static void put_rows_before(Back *b, int64_t row)
{
    for (int64_t at = next_row(b); at < row; at = next_row(b)) {
        buf_fmt(&b->out, "<%.*srow r=\"%d\">", STR_ARG(b->prefix), (int)at);
        put_cell(b, at);
        buf_fmt(&b->out, "</%.*srow>", STR_ARG(b->prefix));
    }
}

static Str tag(Back *b, size_t *ret_at)
{
    size_t n;
    *ret_at = xml_at(b->xml, &n);
    return str_sub(b->sheet, *ret_at, n);
}

static void find_prefix(Back *b, Str start) /* <x:sheetData> */
{
    ptrdiff_t colon = str_find(start, S(":")), name = str_find(start, S("sheetData"));
    b->prefix = colon > 0 && colon < name ? str_sub(start, 1, (size_t)colon) : S("");
}

/* Copies the tag without its spans, which would be too short now. */
static void copy_row_tag(Back *b, Str t, size_t at, bool is_empty)
{
    ptrdiff_t spans = str_find(t, S(" spans=\""));
    if (spans > 0) {
        size_t from = at + (size_t)spans, end = from + 8;
        while (end < at + t.n && b->sheet.p[end] != '"')
            end++;
        copy_to(b, from);
        b->done = end < at + t.n ? end + 1 : end;
    }
    if (is_empty) {
        copy_to(b, at + t.n - 2);
        buf_byte(&b->out, '>');
        b->done = at + t.n;
    } else {
        copy_to(b, at + t.n);
    }
}

static int back_start(void *ctx, const char *name, const char **attrs, Err *e)
{
    Back *b = ctx;
    size_t at;
    Str t = tag(b, &at);
    const char *no = xml_attr(attrs, "r");
    (void)e;
    if (!strcmp(name, "sheetData")) {
        find_prefix(b, t);
        if (str_ends(t, S("/>"))) { /* an empty sheet */
            copy_to(b, at + t.n - 2);
            buf_byte(&b->out, '>');
            b->done = at + t.n;
        }
        return 0;
    }
    if (strcmp(name, "row"))
        return 0;
    int64_t row = b->row + 1;
    if (no && !str_i64(str_of(no), &row))
        return err_set(e, ERR_SYNTAX, "document.broken"); /* sheet_open had read it */
    b->row = row;
    copy_to(b, at);
    put_rows_before(b, row);
    copy_row_tag(b, t, at, str_ends(t, S("/>")));
    return 0;
}

static int back_end(void *ctx, const char *name, Err *e)
{
    Back *b = ctx;
    size_t at;
    Str t = tag(b, &at);
    bool is_row = !strcmp(name, "row");
    (void)e;
    if (!is_row && strcmp(name, "sheetData"))
        return 0;
    bool has_end_tag = str_starts(t, S("</"));
    if (has_end_tag)
        copy_to(b, at);
    if (is_row)
        put_cell(b, b->row);
    else
        put_rows_before(b, INT64_MAX);
    if (!has_end_tag)
        buf_fmt(&b->out, "</%.*s%s>", STR_ARG(b->prefix), name);
    return 0;
}

/* The last column in which any row of the sheet has something, and one more. */
static int last_column(Arena *a, const Book *book, size_t ix, size_t *ret, Err *e)
{
    SheetReader *r;
    const SheetCell *cells;
    int64_t total, row;
    bool is_hidden;
    size_t n, most = 0;
    int rc;
    TRY(sheet_open(a, book, ix, &r, &total, e));
    while ((rc = sheet_next(r, &row, &is_hidden, &cells, &n, e)) > 0)
        most = n > most ? n : most;
    sheet_close(r);
    TRY(rc);
    *ret = most;
    return 0;
}

static int rewrite_sheet(Arena *a, const ZipEntry *part, Back *b, Err *e)
{
    XmlFns fns = {.start = back_start, .end = back_end};
    TRY(xml_unpack(a, part, &b->sheet, e));
    Str start = str_sub(b->sheet, 0, 200);
    ptrdiff_t said = str_find(start, S("encoding="));
    Str code = said > 0 ? str_sub(start, (size_t)said + 10, 5) : S("UTF-8");
    if (str_starts(start, S("\xFE\xFF")) || str_starts(start, S("\xFF\xFE")) ||
        strncasecmp(code.p, "utf-8", 5))
        return err_set(e, ERR_INVALID, "xlsx.coding");
    TRY(xml_open(a, part, fns, b, &b->xml, e));
    int rc = xml_next(b->xml, e);
    xml_close(b->xml);
    TRY(rc);
    copy_to(b, b->sheet.n);
    return 0;
}

static int write_parts(ZipOut *z, const Book *book, const ZipEntry *sheet, Str xml, Err *e)
{
    for (size_t i = 0; i < book->part_n; i++) {
        if (&book->parts[i] != sheet) {
            TRY(zip_out_raw(z, &book->parts[i], e));
            continue;
        }
        TRY(zip_out_begin(z, sheet->name, e));
        TRY(zip_out_add(z, xml, e));
        TRY(zip_out_end(z, e));
    }
    return zip_out_finish(z, e);
}

static int book_back(Arena *a, Str bytes, Str sheet, Back *b, TableSink sink, Err *e)
{
    Book book;
    Table *t = NULL;
    TableFacts facts;
    TRY(table_open(a, bytes, sheet, &t, &facts, e)); /* which sheet it was */
    table_close(t);
    TRY(table_book(a, bytes, &book, e));
    const ZipEntry *part = book.sheets[facts.sheet_ix].part;
    TRY(last_column(a, &book, facts.sheet_ix, &b->column, e));
    TRY(rewrite_sheet(a, part, b, e));
    ZipOut *z = zip_out_new(a, sink);
    int rc = write_parts(z, &book, part, buf_view(&b->out), e);
    zip_out_close(z);
    return rc;
}

/* ---- CSV ---- */

static int csv_back(Arena *a, Str bytes, Back *b, TableSink sink, Err *e)
{
    Csv *c;
    CsvFacts facts;
    CsvRow row;
    size_t most = 0;
    int rc;
    TRY(csv_open(a, bytes, &c, &facts, e));
    while ((rc = csv_next(c, &row, e)) > 0)
        most = row.cell_n > most ? row.cell_n : most;
    TRY(rc);
    TRY(csv_open(a, bytes, &c, &facts, e));
    csv_bom(&b->out);
    for (int64_t at = 1; (rc = csv_next(c, &row, e)) > 0; at++) {
        for (; at < row.row; at++)
            csv_end_row(&b->out); /* so that rows keep their numbers */
        Str text = take_text(b, row.row);
        for (size_t i = 0; i < most; i++)
            exchange_csv_cell(&b->out, i < row.cell_n ? row.cells[i] : S(""), i == 0, true);
        csv_cell(&b->out, text, false);
        csv_end_row(&b->out);
        if (b->out.n > LIMIT_FILE_CHUNK) {
            TRY(sink.write(sink.ctx, buf_view(&b->out), e));
            b->out.n = 0;
        }
    }
    TRY(rc);
    return b->out.n ? sink.write(sink.ctx, buf_view(&b->out), e) : 0;
}

int table_write_back(Arena *a, Str bytes, Str sheet, int64_t head_row, Str head,
                     const TableReason *reasons, size_t reason_n, TableSink sink, Err *e)
{
    Back b = {
        .out = {.arena = a}, .head_row = head_row, .head = head, .reasons = reasons, .n = reason_n};
    for (size_t i = 0; i < reason_n; i++)
        CHECK(reasons[i].row > 0 && reasons[i].row <= LIMIT_XLSX_ROWS &&
              (i == 0 || reasons[i].row > reasons[i - 1].row));
    return table_is_book(bytes) ? book_back(a, bytes, sheet, &b, sink, e)
                                : csv_back(a, bytes, &b, sink, e);
}
