/* xlsx_out.c: writes a workbook of one sheet, row by row. Texts are inline and of type text, so
 * nothing in them is ever a formula; numbers are written from integers, never through a double.
 *                                                                             SPEC: P7  STACK: 5 */
#include "exchange/xlsx_int.h"

enum {
    FLUSH = 32 * 1024,
    SHEET_NAME_CHARS = 31,
    CELL_CHARS = 32767,
    SERIAL_OF_DAY = 25569, /* of 1970-01-01 */
    SERIAL_MAX = 2958465,
    STYLE_PLAIN = 0,
    STYLE_HEAD,
    STYLE_DATE,
    STYLE_TEXT,
    STYLE_DECIMAL, /* + scale */
    SCALES = 10,
    WIDTH_MAX = 60,
};

struct Xlsx {
    ZipOut *zip;
    Buf out, text;
    const XlsxColumn *columns;
    size_t column_n;
    int64_t row; /* written, the head included */
    Lang lang;
};

/* & < > " and what XML cannot hold: controls become U+FFFD. */
static void put_text(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '&')
            buf_z(b, "&amp;");
        else if (c == '<')
            buf_z(b, "&lt;");
        else if (c == '>')
            buf_z(b, "&gt;");
        else if (c == '"')
            buf_z(b, "&quot;");
        else if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t')
            buf_byte(b, c);
        else if (c != '\r')
            buf_z(b, "\xEF\xBF\xBD");
    }
}

void xlsx_inline(Buf *b, const char *prefix, size_t column, int64_t row, int style, Str text)
{
    char name[16];
    cell_name(name, column, row);
    buf_fmt(b, "<%sc r=\"%s\"", prefix, name);
    if (style)
        buf_fmt(b, " s=\"%d\"", style);
    buf_fmt(b, " t=\"inlineStr\"><%sis><%st xml:space=\"preserve\">", prefix, prefix);
    put_text(b, utf8_prefix(text, CELL_CHARS));
    buf_fmt(b, "</%st></%sis></%sc>", prefix, prefix, prefix);
}

/* ---- the parts that are always the same ---- */

#define HEAD       "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN       "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELS       "http://schemas.openxmlformats.org/package/2006/relationships"
#define OFFICE     "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define TYPES      "http://schemas.openxmlformats.org/package/2006/content-types"
#define SHEET_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."

static int put_part(Xlsx *x, const char *name, Str text, Err *e)
{
    TRY(zip_out_begin(x->zip, str_of(name), e));
    TRY(zip_out_add(x->zip, text, e));
    return zip_out_end(x->zip, e);
}

static void styles(Buf *b)
{
    buf_z(b, HEAD "<styleSheet xmlns=\"" MAIN "\"><numFmts count=\"11\">"
                  "<numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>");
    for (int scale = 0; scale < SCALES; scale++)
        buf_fmt(b, "<numFmt numFmtId=\"%d\" formatCode=\"0%s%.*s\"/>", 170 + scale,
                scale ? "." : "", scale, "000000000");
    buf_z(b, "</numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
             "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
             "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
             "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
             "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border>"
             "</borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" "
             "borderId=\"0\"/></cellStyleXfs>");
    buf_fmt(b, "<cellXfs count=\"%d\">", STYLE_DECIMAL + SCALES);
    for (int i = 0; i < STYLE_DECIMAL + SCALES; i++) {
        int format = i == STYLE_DATE                      ? 164
                     : i == STYLE_TEXT || i == STYLE_HEAD ? 49
                     : i >= STYLE_DECIMAL                 ? 170 + i - STYLE_DECIMAL
                                                          : 0;
        buf_fmt(b,
                "<xf numFmtId=\"%d\" fontId=\"%d\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
                "applyNumberFormat=\"1\" applyFont=\"1\"/>",
                format, i == STYLE_HEAD);
    }
    buf_z(b, "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" "
             "builtinId=\"0\"/></cellStyles></styleSheet>");
}

/* Without []:*?/\ and ' at the ends, at most 31 UTF-16 units (here: signs, wide ones for two). */
static void sheet_name(Buf *b, Str name)
{
    size_t from = b->n, n = 0;
    for (Str rest = str_trim(name); rest.n > 0;) {
        char out[4];
        uint32_t cp = utf8_next(&rest);
        bool is_bad = cp < 0x20 || (cp < 0x80 && strchr("[]:*?/\\'", (int)cp));
        if ((n += cp > 0xFFFF ? 2 : 1) > SHEET_NAME_CHARS)
            break;
        put_text(b, is_bad ? S("_") : (Str){out, utf8_put(cp, out)});
    }
    if (b->n == from)
        buf_z(b, "Sheet1");
}

static int fixed_parts(Xlsx *x, Str name, Err *e)
{
    Buf b = {.arena = x->out.arena};
    TRY(put_part(
        x, "[Content_Types].xml",
        S(HEAD "<Types xmlns=\"" TYPES "\"><Default Extension=\"rels\" ContentType="
               "\"application/vnd.openxmlformats-package.relationships+xml\"/>"
               "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
               "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" SHEET_TYPE
               "sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"" SHEET_TYPE
               "styles+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" "
               "ContentType=\"" SHEET_TYPE "worksheet+xml\"/></Types>"),
        e));
    TRY(put_part(x, "_rels/.rels",
                 S(HEAD "<Relationships xmlns=\"" RELS "\"><Relationship Id=\"rId1\" Type=\"" OFFICE
                        "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
                 e));
    TRY(put_part(x, "xl/_rels/workbook.xml.rels",
                 S(HEAD "<Relationships xmlns=\"" RELS "\"><Relationship Id=\"rId1\" Type=\"" OFFICE
                        "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" "
                        "Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/></Relationships>"),
                 e));
    buf_z(&b, HEAD "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\"><sheets><sheet name=\"");
    sheet_name(&b, name);
    buf_z(&b, "\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
    TRY(put_part(x, "xl/workbook.xml", buf_view(&b), e));
    b.n = 0;
    styles(&b);
    return put_part(x, "xl/styles.xml", buf_view(&b), e);
}

/* ---- the sheet ---- */

static int width_of(const XlsxColumn *c)
{
    static const int least[] = {
        [XLSX_TEXT] = 12, [XLSX_INT] = 9, [XLSX_DECIMAL] = 12, [XLSX_DATE] = 12, [XLSX_YESNO] = 6};
    int head = 4; /* the sign of the filter */
    for (Str rest = c->head; rest.n > 0;)
        head += utf8_next(&rest) < 0x1100 ? 1 : 2;
    int w = c->width ? c->width : head > least[c->kind] ? head : least[c->kind];
    return w > WIDTH_MAX ? WIDTH_MAX : w;
}

static int flush(Xlsx *x, Err *e)
{
    int rc = x->out.n ? zip_out_add(x->zip, buf_view(&x->out), e) : 0;
    x->out.n = 0;
    return rc;
}

int xlsx_new(Arena *a, TableSink sink, Str sheet, const XlsxColumn *columns, size_t column_n,
             Lang lang, Xlsx **ret, Err *e)
{
    CHECK(column_n > 0 && column_n <= LIMIT_XLSX_COLUMNS);
    Xlsx *x = NEW(a, Xlsx);
    *x = (Xlsx){.zip = zip_out_new(a, sink),
                .out = {.arena = a},
                .text = {.arena = a},
                .columns = columns,
                .column_n = column_n,
                .row = 1,
                .lang = lang};
    *ret = x; /* to be closed, also if it goes wrong */
    TRY(fixed_parts(x, sheet, e));
    TRY(zip_out_begin(x->zip, S("xl/worksheets/sheet1.xml"), e));
    buf_z(&x->out, HEAD "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\">"
                        "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" "
                        "state=\"frozen\"/></sheetView></sheetViews><cols>");
    for (size_t i = 0; i < column_n; i++) {
        CHECK(columns[i].scale >= 0 && columns[i].scale < SCALES);
        buf_fmt(&x->out, "<col min=\"%zu\" max=\"%zu\" width=\"%d\" customWidth=\"1\"/>", i + 1,
                i + 1, width_of(&columns[i]));
    }
    buf_z(&x->out, "</cols><sheetData><row r=\"1\">");
    for (size_t i = 0; i < column_n; i++)
        xlsx_inline(&x->out, "", i, 1, STYLE_HEAD, columns[i].head);
    buf_z(&x->out, "</row>");
    return 0;
}

static void put_decimal(Buf *b, int64_t v, int scale)
{
    uint64_t size = v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v, unit = 1;
    for (int i = 0; i < scale; i++)
        unit *= 10;
    buf_fmt(b, "%s%llu", v < 0 ? "-" : "", (unsigned long long)(size / unit));
    if (scale)
        buf_fmt(b, ".%0*llu", scale, (unsigned long long)(size % unit));
}

static void put_number(Xlsx *x, size_t column, int style, int64_t v, int scale)
{
    char name[16];
    if (v >= 1000000000000000 || v <= -1000000000000000) { /* a spreadsheet would round it */
        x->text.n = 0;
        put_decimal(&x->text, v, scale);
        xlsx_inline(&x->out, "", column, x->row, STYLE_TEXT, buf_view(&x->text));
        return;
    }
    cell_name(name, column, x->row);
    buf_fmt(&x->out, "<c r=\"%s\" s=\"%d\"><v>", name, style);
    put_decimal(&x->out, v, scale);
    buf_z(&x->out, "</v></c>");
}

static void put_cell(Xlsx *x, size_t column, const XlsxCell *c)
{
    const XlsxColumn *def = &x->columns[column];
    char name[16];
    int64_t serial = c->i + SERIAL_OF_DAY;
    if (c->is_absent || (def->kind == XLSX_TEXT && c->s.n == 0))
        return;
    if (def->kind == XLSX_TEXT || str_has(c->s)) {
        xlsx_inline(&x->out, "", column, x->row, STYLE_TEXT, c->s);
        return;
    }
    if (def->kind == XLSX_INT)
        put_number(x, column, STYLE_PLAIN, c->i, 0);
    else if (def->kind == XLSX_DECIMAL)
        put_number(x, column, STYLE_DECIMAL + def->scale, c->i, def->scale);
    else if (def->kind == XLSX_YESNO)
        xlsx_inline(&x->out, "", column, x->row, STYLE_TEXT,
                    i18n_get(x->lang, c->i ? S("xlsx.yes") : S("xlsx.no")));
    else if (serial > 60 && serial <= SERIAL_MAX) {
        cell_name(name, column, x->row);
        buf_fmt(&x->out, "<c r=\"%s\" s=\"%d\"><v>%d</v></c>", name, STYLE_DATE, (int)serial);
    } else { /* before March 1900 Excel has its own days */
        int y, m, d;
        day_to_ymd((Day)c->i, &y, &m, &d);
        x->text.n = 0;
        buf_fmt(&x->text, "%04d-%02d-%02d", y, m, d);
        xlsx_inline(&x->out, "", column, x->row, STYLE_TEXT, buf_view(&x->text));
    }
}

int xlsx_row(Xlsx *x, const XlsxCell *cells, Err *e)
{
    if (x->row == LIMIT_XLSX_ROWS)
        return err_set(e, ERR_LIMIT, "xlsx.out_rows", err_int(e, LIMIT_XLSX_ROWS));
    x->row++;
    buf_fmt(&x->out, "<row r=\"%d\">", (int)x->row);
    for (size_t i = 0; i < x->column_n; i++)
        put_cell(x, i, &cells[i]);
    buf_z(&x->out, "</row>");
    return x->out.n >= FLUSH ? flush(x, e) : 0;
}

int xlsx_end(Xlsx *x, Err *e)
{
    char name[16];
    cell_name(name, x->column_n - 1, x->row);
    buf_fmt(&x->out, "</sheetData><autoFilter ref=\"A1:%s\"/></worksheet>", name);
    TRY(flush(x, e));
    TRY(zip_out_end(x->zip, e));
    return zip_out_finish(x->zip, e);
}

void xlsx_close(Xlsx *x)
{
    if (x)
        zip_out_close(x->zip);
}
