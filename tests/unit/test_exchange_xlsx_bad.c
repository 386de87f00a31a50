/* test_exchange_xlsx_bad.c: workbooks that are no workbooks, or mean harm: each is refused with a
 * reason and, where there is one, a place. */
#include "exchange/exchange.h"
#include "test.h"
#include "test_xlsx_util.h"

static void expect_refused(const char *file, int line, Read b, int cls, const char *key,
                           const char *in_text)
{
    Str text = err_text(b.arena, LANG_EN, &b.e);
    test_i64(file, line, "class", b.rc, cls);
    test_str(file, line, "key", b.e.key, str_of(key));
    if (!test_that(file, line, in_text, str_find(text, str_of(in_text)) >= 0))
        test_note("%.*s", STR_ARG(text));
    close_book(&b);
}
#define EXPECT_REFUSED(read, cls, key, in_text)                                                    \
    expect_refused(__FILE__, __LINE__, (read), (cls), (key), (in_text))
#define BYTES(literal) open_bytes(arena_new(4096), S(literal), NULL)
#define ROWS(xml)      open_book_as((Parts){.rows = (xml)})

TEST(other_files_are_told_to_be_saved_as_xlsx)
{
    EXPECT_REFUSED(BYTES("<html><table><tr><td>1"), ERR_SYNTAX, "xlsx.web_page", ".xlsx");
    EXPECT_REFUSED(BYTES("<?xml version=\"1.0\"?><Workbook>"), ERR_SYNTAX, "xlsx.web_page",
                   ".xlsx");
    EXPECT_REFUSED(BYTES("%PDF-1.4\n%%EOF"), ERR_SYNTAX, "xlsx.no_table", ".xlsx");
    EXPECT_REFUSED(BYTES(""), ERR_INVALID, "document.empty", "empty");
    EXPECT_REFUSED(BYTES("PK\x03\x04 cut"), ERR_INVALID, "document.broken", "incomplete");
    EXPECT_REFUSED(BYTES("\x89PNG\r\n\x1A\n"), ERR_SYNTAX, "xlsx.no_table", ".xlsx");
    EXPECT_REFUSED(BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), ERR_INVALID, "document.broken", "");
    Arena *a = arena_new(4096);
    Zip z = zip_begin(a);
    zip_part(&z, "[Content_Types].xml", S("wordprocessingml.document.main+xml"));
    EXPECT_REFUSED(open_bytes(a, zip_end(&z), NULL), ERR_SYNTAX, "xlsx.no_table", ".xlsx");
    a = arena_new(4096);
    z = zip_begin(a);
    zip_part(&z, "mimetype", S("application/vnd.oasis.opendocument.spreadsheet"));
    EXPECT_REFUSED(open_bytes(a, zip_end(&z), NULL), ERR_SYNTAX, "xlsx.other_book", ".xlsx");
}

TEST(xml_that_is_broken_or_brings_entities_is_refused_with_part_and_line)
{
    EXPECT_REFUSED(open_book_as((Parts){.sheet_xml = "<worksheet><sheetData>\n<row><c></row>"}),
                   ERR_SYNTAX, "xlsx.xml",
                   "xl/worksheets/s.xml of the workbook is damaged at line 2");
    EXPECT_REFUSED(open_book_as((Parts){.sheet_xml = ""}), ERR_SYNTAX, "xlsx.xml", "line 1");
    EXPECT_REFUSED(open_book_as((Parts){.sheet_xml = "<worksheet><sheetData><row><c><v>1</v>"}),
                   ERR_SYNTAX, "xlsx.xml", "line 1");
    EXPECT_REFUSED(open_book_as((Parts){
                       .sheet_xml = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
                                    "<worksheet>&b;</worksheet>"}),
                   ERR_SYNTAX, "xlsx.doctype", "DOCTYPE");
    EXPECT_REFUSED(open_book_as((Parts){.sheet_xml = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">"
                                                     "<worksheet/>"}),
                   ERR_SYNTAX, "xlsx.doctype", "DOCTYPE");
    EXPECT_REFUSED(ROWS("<row><c t=\"str\"><v>&x;</v></c></row>"), ERR_SYNTAX, "xlsx.xml",
                   "line 2");
    Buf b = {.arena = arena_new(4096)};
    for (int i = 0; i < 40; i++)
        buf_z(&b, "<a>");
    buf_byte(&b, 0);
    EXPECT_REFUSED(ROWS(b.p), ERR_LIMIT, "xlsx.deep", "line 2");
    b.n = 0;
    buf_z(&b, "<row x=\"");
    for (int i = 0; i < LIMIT_XLSX_TAG_BYTES / 10 * 2; i++)
        buf_fmt(&b, "%09d,", i * 7919 % 1000003);
    buf_z(&b, "\"/>");
    buf_byte(&b, 0);
    EXPECT_REFUSED(ROWS(b.p), ERR_LIMIT, "xlsx.tag_long", "line 2");
    arena_free(b.arena);
}

TEST(cells_that_cannot_be_are_named)
{
    static const char *const bad[] = {"<row r=\"7\"><c r=\"C7\" t=\"s\"><v>0</v></c></row>",
                                      "<row r=\"7\"><c r=\"C7\" t=\"s\"><v>-1</v></c></row>",
                                      "<row r=\"7\"><c r=\"C7\"><v>abc</v></c></row>",
                                      "<row r=\"7\"><c r=\"C7\"><v>1e999</v></c></row>",
                                      "<row r=\"7\"><c r=\"C7\"><v>0x10</v></c></row>",
                                      "<row r=\"7\"><c r=\"C7\" t=\"zzz\"><v>1</v></c></row>",
                                      "<row r=\"7\"><c r=\"C7\" s=\"-1\"><v>1</v></c></row>"};
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT_REFUSED(ROWS(bad[i]), ERR_SYNTAX, "xlsx.cell", "表1!C7");
    EXPECT_REFUSED(ROWS("<row r=\"7\"><c r=\"C8\"><v>1</v></c></row>"), ERR_SYNTAX, "xlsx.cell",
                   "A7");
    EXPECT_REFUSED(ROWS("<row r=\"7\"><c r=\"B7\"/><c r=\"A7\"/></row>"), ERR_SYNTAX, "xlsx.cell",
                   "C7");
    EXPECT_REFUSED(ROWS("<row r=\"7\"><c r=\"ZZZZ7\"/></row>"), ERR_SYNTAX, "xlsx.cell", "A7");
    EXPECT_REFUSED(ROWS("<row r=\"7\"/><row r=\"7\"/>"), ERR_SYNTAX, "xlsx.order", "row 7");
    EXPECT_REFUSED(ROWS("<row r=\"9999999\"/>"), ERR_SYNTAX, "xlsx.order", "row 0");
    EXPECT_REFUSED(ROWS("<row r=\"7\"><c r=\"ZZ7\"><v>1</v></c></row>"), ERR_LIMIT, "xlsx.columns",
                   "ZZ7");
}

TEST(a_workbook_with_nothing_to_see)
{
    EXPECT_REFUSED(ROWS(""), ERR_INVALID, "xlsx.no_sheet", "visible");
    EXPECT_REFUSED(
        open_book_as((Parts){.sheets = "<sheet name=\"a\" state=\"veryHidden\" r:id=\"r1\"/>",
                             .rows = "<row><c><v>1</v></c></row>"}),
        ERR_INVALID, "xlsx.no_sheet", "visible");
    EXPECT_REFUSED(open_book_as((Parts){.target = "http://x/y", .sheet = "表1"}), ERR_INVALID,
                   "xlsx.sheet_gone", "表1");
}

TEST(a_thousand_sheets_and_a_million_cells_are_too_many)
{
    Buf b = {.arena = arena_new(4096)};
    for (int i = 0; i < 1000; i++)
        buf_fmt(&b, "<sheet name=\"s%d\" sheetId=\"%d\" r:id=\"r1\"/>", i, i + 1);
    buf_byte(&b, 0);
    EXPECT_REFUSED(open_book_as((Parts){.sheets = b.p}), ERR_LIMIT, "xlsx.many_sheets", "255");
    b.n = 0;
    uint64_t x = 1;
    for (int i = 0; i <= LIMIT_XLSX_CELLS / 100; i++) {
        buf_z(&b, "<row>");
        for (int c = 0; c < 100; c++) { /* not too much alike: it would be a bomb */
            x = x * 6364136223846793005U + 1442695040888963407U;
            buf_fmt(&b, "<c><v>%u</v></c>", (unsigned)(x >> 60));
        }
        buf_z(&b, "</row>");
    }
    buf_byte(&b, 0);
    EXPECT_REFUSED(ROWS(b.p), ERR_LIMIT, "xlsx.many_cells", "1000000");
    arena_free(b.arena);
}

TEST(a_bomb_is_refused_before_it_is_read)
{
    Buf b = {.arena = arena_new(4096)};
    for (int i = 0; i < 6 * 1024 * 1024; i++)
        buf_byte(&b, ' ');
    buf_byte(&b, 0);
    EXPECT_REFUSED(ROWS(b.p), ERR_LIMIT, "xlsx.bomb", "too large");
    arena_free(b.arena);
}

static Read with_part(const char *name, Str text, unsigned flags)
{
    Arena *a = arena_new(4096);
    Zip z = zip_begin(a);
    book_parts(&z, (Parts){.rows = "<row><c><v>1</v></c></row>"});
    z.flags = flags;
    zip_part(&z, name, text);
    return open_bytes(a, zip_end(&z), NULL);
}

TEST(parts_that_lead_out_are_double_locked_or_macros)
{
    EXPECT_REFUSED(with_part("../../etc/x", S("x"), 0), ERR_INVALID, "xlsx.path", "../../etc/x");
    EXPECT_REFUSED(with_part("/etc/x", S("x"), 0), ERR_INVALID, "xlsx.path", "/etc/x");
    EXPECT_REFUSED(with_part("C:\\x", S("x"), 0), ERR_INVALID, "xlsx.path", "C:");
    EXPECT_REFUSED(with_part("xl/workbook.xml", S("x"), 0), ERR_INVALID, "xlsx.twice",
                   "xl/workbook");
    EXPECT_REFUSED(with_part("xl/x.xml", S("x"), 1), ERR_INVALID, "document.locked", "password");
    EXPECT_REFUSED(with_part("xl/vbaProject.bin", S("x"), 0), ERR_INVALID, "document.macro",
                   "macro");
    Read b = with_part("xl/externalLinks/externalLink1.xml", S("<!DOCTYPE not looked at"), 0);
    EXPECT(b.rc == 0 && next_row(&b)); /* never read */
    close_book(&b);
}

TEST(parts_that_lie_over_one_another)
{
    Arena *a = arena_new(4096);
    Zip z = zip_begin(a);
    book_parts(&z, (Parts){.rows = "<row><c><v>1</v></c></row>"});
    Str inner =
        S("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\x83\x16\xDC\x8C\x01\0\0\0\x01\0\0\0\x01\0\0\0yx");
    uint32_t at = (uint32_t)z.out.n + 30 + 1; /* in the next part's own bytes */
    zip_raw(&z, S("w"), 0, inner, inner.n, 0);
    size_t mark = z.out.n, list = z.list.n;
    zip_raw(&z, S("y"), 0, S("x"), 1, 0x8CDC1683);
    z.out.n = mark; /* the second one's bytes are the first one's */
    for (int i = 0; i < 4; i++)
        z.list.p[list + 42 + (size_t)i] = (char)(at >> (8 * i) & 255);
    Read b = open_bytes(a, zip_end(&z), NULL);
    EXPECT(b.rc == ERR_INVALID);
    close_book(&b);
}
