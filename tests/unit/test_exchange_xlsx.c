/* test_exchange_xlsx.c: workbooks as clerks make them, cell by cell. Packages and XML are written
 * by hand here, as Excel, WPS and other programs do it. */
#include "exchange/exchange.h"
#include "test.h"
#include "test_xlsx_util.h"

#define EXPECT_CELL(b, column, want, want_flags)                                                   \
    do {                                                                                           \
        REQUIRE((column) < (b).row.cell_n);                                                        \
        EXPECT_STR((b).row.cells[column].text, want);                                              \
        EXPECT_EQ_I64((b).row.cells[column].flags, want_flags);                                    \
    } while (0)

TEST(texts_shared_inline_rich_and_without_what_is_read_aloud)
{
    Read b = read_book((Parts){
        .strings = "<si><t>村名</t></si><si><r><rPr><b/></rPr><t>上</t></r><r><t>里村</t></r>"
                   "<rPh sb=\"0\" eb=\"1\"><t>shangli</t></rPh></si><si><t/></si>",
        .rows =
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>"
            "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>2</v></c></row>"
            "<row r=\"4\"><c t=\"inlineStr\"><is><t>a &amp; b</t></is></c>"
            "<c t=\"str\"><f>1</f><v>x</v></c></row>"});
    REQUIRE(next_row(&b) && b.row.row == 1 && b.row.cell_n == 3);
    EXPECT_CELL(b, 0, "村名", 0);
    EXPECT_CELL(b, 1, "", 0);
    EXPECT_CELL(b, 2, "上里村", 0);
    EXPECT_STR(table_place(b.arena, b.table, 1, 2), "表1!C1");
    REQUIRE(next_row(&b));
    EXPECT_EQ_I64(b.row.row, 4); /* row 3 holds nothing */
    EXPECT_CELL(b, 0, "a & b", 0);
    EXPECT_CELL(b, 1, "x", CELL_FORMULA);
    EXPECT(!next_row(&b));
    close_book(&b);
}

TEST(numbers_keep_fifteen_digits_and_no_more_is_taken_silently)
{
    static const struct {
        const char *stored, *text;
        unsigned flags;
    } cases[] = {{"1", "1", 0},
                 {"-12.5", "-12.5", 0},
                 {"0.30000000000000004", "0.3", 0},
                 {"1.1000000000000001", "1.1", 0},
                 {"1E-5", "0.00001", 0},
                 {"1.5E3", "1500", 0},
                 {"410823900101123", "410823900101123", 0},
                 {"0", "0", 0},
                 {"13800000000", "13800000000", 0},
                 {"4.1082319900101101E+17", "410823199001011008", CELL_ROUNDED},
                 {"1000000000000000", "1000000000000000", CELL_ROUNDED}};
    Buf rows = {.arena = arena_new(4096)};
    for (size_t i = 0; i < LEN(cases); i++)
        buf_fmt(&rows, "<row><c><v>%s</v></c></row>", cases[i].stored);
    buf_byte(&rows, 0);
    Read b = read_book((Parts){.rows = rows.p});
    for (size_t i = 0; i < LEN(cases); i++) {
        REQUIRE(next_row(&b));
        EXPECT_CELL(b, 0, cases[i].text, CELL_NUMBER | cases[i].flags);
    }
    close_book(&b);
    arena_free(rows.arena);
}

TEST(peers_an_identity_number_turned_into_a_power_of_ten_is_named_in_text_and_csv_too)
{
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Table *t = NULL;
    TableFacts facts;
    TableRow row;
    REQUIRE_OK(table_open(a, S("id,n\n4.10823E+17,1.5\n4.1E-3,E+1\n"), STR_NONE, &t, &facts, &e),
               &e);
    EXPECT(!facts.is_workbook && table_next(t, &row, &e) == 1 && table_next(t, &row, &e) == 1);
    EXPECT_EQ_I64(row.cells[0].flags, CELL_ROUNDED);
    EXPECT_EQ_I64(row.cells[1].flags, 0);
    EXPECT_STR(table_place(a, t, 2, 27), "AB2");
    EXPECT(table_next(t, &row, &e) == 1 && row.cells[0].flags == 0 && row.cells[1].flags == 0);
    table_close(t);
    arena_free(a);
}

TEST(dates_by_their_format_in_both_systems)
{
    static const struct {
        int style;
        const char *stored, *text, *text_1904;
        unsigned flags;
    } cases[] = {
        {1, "46143", "2026-05-01", "2030-05-02", CELL_DATE},
        {2, "46143.604166666664", "2026-05-01 14:30", "2030-05-02 14:30", CELL_DATE},
        {3, "46143", "2026-05-01", "2030-05-02", CELL_DATE | CELL_DATE_PART}, /* yyyy"年"m"月" */
        {4, "46143", "2026-05-01", "2030-05-02", CELL_DATE}, /* yyyy"年"m"月"d"日" */
        {5, "46143", "2026-05-01", "2030-05-02",
         CELL_DATE | CELL_DATE_PART}, /* 57, Chinese Excel */
        {6, "0.604166666666667", "14:30", "14:30", CELL_DATE},
        {7, "1.5", "36:00", "36:00", CELL_NUMBER}, /* [h]:mm */
        {8, "0.853", "85.3%", "85.3%", CELL_NUMBER},
        {9, "1234", "001234", "001234", CELL_NUMBER}, /* 000000 */
        {10, "46143", "46143", "46143", CELL_NUMBER}, /* "d"0.00 */
        {11, "46143", "46143", "46143", CELL_NUMBER}, /* General */
        {12, "46143.99999999", "2026-05-02", "2030-05-03", CELL_DATE}};
    for (int is_1904 = 0; is_1904 < 2; is_1904++) {
        Buf rows = {.arena = arena_new(4096)};
        for (size_t i = 0; i < LEN(cases); i++)
            buf_fmt(&rows, "<row><c s=\"%d\"><v>%s</v></c></row>", cases[i].style, cases[i].stored);
        buf_byte(&rows, 0);
        Read b = read_book((Parts){
            .rows = rows.p,
            .book_pr = is_1904 ? "<workbookPr date1904=\"1\"/>" : "",
            .styles =
                "<numFmts><numFmt numFmtId=\"164\" "
                "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/>"
                "<numFmt numFmtId=\"165\" formatCode=\"[$-804]yyyy&quot;年&quot;m&quot;月&quot;d"
                "&quot;日&quot;;@\"/><numFmt numFmtId=\"166\" formatCode=\"000000\"/>"
                "<numFmt numFmtId=\"167\" formatCode=\"&quot;d&quot;0.00\"/></numFmts>"
                "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
                "<xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"164\"/>"
                "<xf numFmtId=\"165\"/><xf numFmtId=\"57\"/><xf numFmtId=\"20\"/>"
                "<xf numFmtId=\"46\"/><xf numFmtId=\"10\"/><xf numFmtId=\"166\"/>"
                "<xf numFmtId=\"167\"/><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>"});
        for (size_t i = 0; i < LEN(cases); i++) {
            REQUIRE(next_row(&b));
            EXPECT_CELL(b, 0, is_1904 ? cases[i].text_1904 : cases[i].text, cases[i].flags);
        }
        close_book(&b);
        arena_free(rows.arena);
    }
}

TEST(days_that_never_were_are_named)
{
    Read b = read_book((Parts){.styles = "<cellXfs><xf numFmtId=\"14\"/></cellXfs>",
                               .rows = "<row><c s=\"0\"><v>59</v></c><c s=\"0\"><v>60</v></c>"
                                       "<c s=\"0\"><v>61</v></c><c s=\"0\"><v>-3</v></c>"
                                       "<c s=\"0\"><v>1e9</v></c></row>"});
    REQUIRE(next_row(&b));
    EXPECT_CELL(b, 0, "1900-02-28", CELL_DATE);
    EXPECT_CELL(b, 1, "####", CELL_DATE | CELL_ERROR);
    EXPECT_CELL(b, 2, "1900-03-01", CELL_DATE);
    EXPECT_CELL(b, 3, "####", CELL_DATE | CELL_ERROR);
    EXPECT_CELL(b, 4, "####", CELL_NUMBER | CELL_ERROR);
    close_book(&b);
}

TEST(yes_errors_formulas)
{
    Read b = read_book((Parts){.rows = "<row r=\"1\"><c r=\"A1\" t=\"b\"><v>1</v></c>"
                                       "<c r=\"B1\" t=\"b\"><v>0</v></c>"
                                       "<c r=\"C1\" t=\"e\"><f>X()</f><v>#N/A</v></c>"
                                       "<c r=\"D1\"><f>A1+1</f><v>2</v></c>"
                                       "<c r=\"E1\"><f>A1+1</f></c></row>"});
    REQUIRE(next_row(&b));
    EXPECT_CELL(b, 0, "TRUE", CELL_YESNO);
    EXPECT_CELL(b, 1, "FALSE", CELL_YESNO);
    EXPECT_CELL(b, 2, "#N/A", CELL_ERROR | CELL_FORMULA);
    EXPECT_CELL(b, 3, "2", CELL_NUMBER | CELL_FORMULA);
    EXPECT_CELL(b, 4, "", CELL_FORMULA | CELL_UNKNOWN);
    close_book(&b);
}

TEST(merged_ranges_give_their_text_to_every_cell_and_say_so)
{
    Read b = read_book((Parts){
        .rows =
            "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>村</v></c><c r=\"B1\" t=\"str\"><v>面积</v></c>"
            "<c r=\"C1\"/></row><row r=\"2\"><c r=\"B2\" t=\"str\"><v>水田</v></c>"
            "<c r=\"C2\" t=\"str\"><v>旱地</v></c></row>"
            "<row r=\"3\"><c r=\"A3\" t=\"str\"><v>上里</v></c><c r=\"B3\"><v>1</v></c></row>"
            "<row r=\"4\"><c r=\"B4\"><v>2</v></c></row><row r=\"5\"><c r=\"A5\"/></row>",
        .after = "<mergeCells><mergeCell ref=\"A3:A5\"/><mergeCell ref=\"A1:A2\"/>"
                 "<mergeCell ref=\"B1:C1\"/></mergeCells>"});
    REQUIRE(next_row(&b));
    EXPECT_CELL(b, 1, "面积", 0);
    EXPECT_CELL(b, 2, "面积", CELL_MERGED);
    REQUIRE(next_row(&b));
    EXPECT_CELL(b, 0, "村", CELL_MERGED);
    EXPECT_CELL(b, 1, "水田", 0);
    REQUIRE(next_row(&b));
    EXPECT_CELL(b, 0, "上里", 0);
    REQUIRE(next_row(&b));
    EXPECT_CELL(b, 0, "上里", CELL_MERGED);
    EXPECT_CELL(b, 1, "2", CELL_NUMBER);
    EXPECT(!next_row(&b)); /* row 5 holds nothing of its own */
    close_book(&b);
}

TEST(hidden_rows_columns_and_sheets_are_told)
{
    Read b = read_book((Parts){.cols = "<cols><col min=\"2\" max=\"2\" hidden=\"1\"/></cols>",
                               .rows = "<row r=\"1\"><c><v>1</v></c><c><v>2</v></c></row>"
                                       "<row r=\"2\" hidden=\"1\"><c><v>3</v></c></row>",
                               .hidden_first = true});
    EXPECT(b.facts.sheet_n == 2 && b.facts.sheets[0].is_hidden && b.facts.sheet_ix == 1);
    EXPECT_EQ_I64(b.facts.cell_n, 3);
    REQUIRE(next_row(&b));
    EXPECT(!b.row.is_hidden);
    EXPECT_CELL(b, 0, "1", CELL_NUMBER);
    EXPECT_CELL(b, 1, "2", CELL_NUMBER | CELL_HIDDEN);
    REQUIRE(next_row(&b));
    EXPECT(b.row.is_hidden);
    close_book(&b);
}

TEST(peers_full_width_digits_and_blanks_are_mended_and_the_raw_text_stays)
{
    static const struct {
        const char *raw, *text;
    } cases[] = {{" 上里村　", "上里村"},
                 {"１３８００", "13800"},
                 {"２０２６．５．１", "2026.5.1"},
                 {"－３％", "-3%"},
                 {"Ａ座１号（东）", "A座1号（东）"},
                 {"（）：", "（）："},
                 {"\xC2\xA0"
                  "x\xE2\x80\x8B",
                  "x"},
                 {"plain", "plain"}};
    Arena *a = arena_new(4096);
    Buf rows = {.arena = a};
    for (size_t i = 0; i < LEN(cases); i++)
        buf_fmt(&rows,
                "<row><c t=\"inlineStr\"><is><t xml:space=\"preserve\">%s</t></is></c></row>",
                cases[i].raw);
    buf_byte(&rows, 0);
    Read b = read_book((Parts){.rows = rows.p});
    for (size_t i = 0; i < LEN(cases); i++) {
        REQUIRE(next_row(&b));
        EXPECT_CELL(b, 0, cases[i].text, strcmp(cases[i].raw, cases[i].text) ? CELL_MENDED : 0);
        EXPECT_STR(b.row.cells[0].raw, cases[i].raw);
    }
    close_book(&b);
    arena_free(a);
}

TEST(sheets_by_name_prefixes_and_targets_of_other_programs)
{
    Read b = read_book((Parts){.rows = "<x:row><x:c><x:v>7</x:v></x:c></x:row>",
                               .prefix = "x:",
                               .target = "../xl/worksheets/s.xml"});
    REQUIRE(next_row(&b));
    close_book(&b);
    b = read_book((Parts){.rows = "<x:row><x:c><x:v>7</x:v></x:c></x:row>",
                          .prefix = "x:",
                          .target = "/xl/worksheets/s.xml"});
    REQUIRE(next_row(&b));
    EXPECT_CELL(b, 0, "7", CELL_NUMBER);
    close_book(&b);
    b = open_book_as((Parts){.rows = "<row><c><v>7</v></c></row>", .sheet = "没有"});
    EXPECT(b.rc == ERR_INVALID);
    EXPECT_STR(b.e.key, "xlsx.no_such_sheet");
    close_book(&b);
}
