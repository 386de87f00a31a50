/* test_exchange_xlsx_out.c: workbooks written and read again; the user's own file back. What
 * another program makes of them: tests/suites/xlsx.sh. */
#include "exchange/exchange.h"
#include "test.h"
#include "test_xlsx_util.h"

static int take(void *ctx, Str bytes, Err *e)
{
    (void)e;
    buf_str(ctx, bytes);
    return 0;
}

static const XlsxColumn columns[] = {{.head = S("证号")},
                                     {.head = S("数"), .kind = XLSX_INT},
                                     {.head = S("亩"), .kind = XLSX_DECIMAL, .scale = 2},
                                     {.head = S("日期"), .kind = XLSX_DATE},
                                     {.head = S("是否"), .kind = XLSX_YESNO}};

static void row_of(XlsxCell c[5], const char *text, int64_t n)
{
    memset(c, 0, 5 * sizeof *c);
    c[0].s = str_of(text);
    c[1].i = c[2].i = n;
    c[3].i = 20574;
    c[4].i = 1;
}

TEST(what_is_written_is_read_back_and_texts_are_never_formulas)
{
    static const struct {
        const char *text;
        int64_t n;
        const char *whole, *decimal;
    } rows[] = {{"410000199001010000", 7, "7", "0.07"},
                {"=1+1", -5, "-5", "-0.05"},
                {"+x<&>\"\n", 999999999999999, "999999999999999", "9999999999999.99"},
                {"@a", 1000000000000000, "1000000000000000", "10000000000000.00"},
                {"-2", INT64_MIN, "-9223372036854775808", "-92233720368547758.08"}};
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Buf out = {.arena = a};
    Xlsx *x = NULL;
    REQUIRE_OK(xlsx_new(a, (TableSink){take, &out}, S("名[册]:a/b"), columns, LEN(columns), LANG_ZH,
                        &x, &e),
               &e);
    for (size_t i = 0; i < LEN(rows); i++) {
        XlsxCell c[5];
        row_of(c, rows[i].text, rows[i].n);
        REQUIRE_OK(xlsx_row(x, c, &e), &e);
    }
    REQUIRE_OK(xlsx_end(x, &e), &e);
    xlsx_close(x);
    Str mime, name;
    EXPECT_OK(document_check(a, S("a.xlsx"), buf_view(&out), &mime, &name, &e), &e);
    Read b = open_bytes(arena_new(4096), buf_view(&out), NULL);
    REQUIRE_OK(b.rc, &b.e);
    EXPECT_STR(b.facts.sheets[0].name, "名_册__a_b");
    REQUIRE(next_row(&b));
    EXPECT_STR(b.row.cells[0].text, "证号");
    for (size_t i = 0; i < LEN(rows); i++) {
        REQUIRE(next_row(&b) && b.row.cell_n == 5);
        EXPECT_STR(b.row.cells[0].raw, rows[i].text);
        EXPECT_EQ_I64(b.row.cells[0].flags & ~(unsigned)CELL_MENDED, 0); /* text, no formula */
        EXPECT_STR(b.row.cells[1].text, rows[i].whole);
        EXPECT_STR(b.row.cells[2].text, rows[i].decimal);
        EXPECT_STR(b.row.cells[3].text, "2026-05-01");
        EXPECT_EQ_I64(b.row.cells[3].flags, CELL_DATE);
        EXPECT_STR(b.row.cells[4].text, "是");
    }
    EXPECT(!next_row(&b));
    close_book(&b);
    arena_free(a);
}

static int count(void *ctx, Str bytes, Err *e)
{
    (void)e;
    *(size_t *)ctx += bytes.n;
    return 0;
}

TEST(memory_does_not_grow_with_the_rows)
{
    size_t held[2] = {0, 0}, bytes = 0;
    for (int k = 0; k < 2; k++) {
        Arena *a = arena_new(4096);
        Err e = err_on(a);
        Xlsx *x = NULL;
        REQUIRE_OK(
            xlsx_new(a, (TableSink){count, &bytes}, S("x"), columns, LEN(columns), LANG_ZH, &x, &e),
            &e);
        for (int i = 0; i < (k ? 20000 : 1000); i++) {
            XlsxCell c[5];
            row_of(c, "上里村", i);
            c[3].i = -40000; /* text, as Excel has no such day */
            c[1].i = INT64_MAX;
            REQUIRE_OK(xlsx_row(x, c, &e), &e);
        }
        REQUIRE_OK(xlsx_end(x, &e), &e);
        xlsx_close(x);
        held[k] = arena_bytes(a);
        arena_free(a);
    }
    EXPECT_EQ_I64(held[0], held[1]);
}

static int refuse(void *ctx, Str bytes, Err *e)
{
    (void)ctx, (void)bytes;
    return err_set(e, ERR_IO, "document.no_memory");
}

TEST(a_sink_that_fails_ends_it_and_nothing_leaks)
{
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Xlsx *x = NULL;
    EXPECT_ERR(xlsx_new(a, (TableSink){refuse, NULL}, S("x"), columns, 5, LANG_ZH, &x, &e), ERR_IO,
               &e);
    xlsx_close(x);
    arena_free(a);
}

/* ---- the user's own file ---- */

#define OWN_SHEET                                                                                  \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<worksheet><sheetData>"                           \
    "<row r=\"1\" spans=\"1:2\"><c r=\"A1\" t=\"str\"><v>村</v></c><c r=\"B1\" "                  \
    "t=\"str\"><v>数</v>"                                                                         \
    "</c></row><row r=\"2\"><c r=\"A2\" t=\"str\"><f>X</f><v>上里</v></c></row><row r=\"3\"/>"   \
    "<row r=\"6\" ht=\"20\"><c r=\"B6\"><v>5</v></c></row></sheetData><!-- kept --></worksheet>"

static Str back(Arena *a, Str bytes, int64_t head_row, const TableReason *r, size_t n, Err *e)
{
    Buf *out = NEW(a, Buf);
    out->arena = a;
    REQUIRE_OK(
        table_write_back(a, bytes, STR_NONE, head_row, S("原因"), r, n, (TableSink){take, out}, e),
        e);
    return buf_view(out);
}

TEST(peers_the_users_own_workbook_comes_back_with_a_column_of_reasons)
{
    static const TableReason reasons[] = {
        {2, S("=没有这个村")}, {3, S("空行")}, {4, S("四")}, {6, S("六")}, {9, S("九")}};
    static const char *const want[] = {"原因", "=没有这个村", "空行", "四", "六", "九"};
    static const int64_t rows[] = {1, 2, 3, 4, 6, 9};
    Read old = read_book((Parts){.sheet_xml = OWN_SHEET});
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Str made = back(a, old.bytes, 1, reasons, LEN(reasons), &e);
    Read b = open_bytes(arena_new(4096), made, NULL);
    REQUIRE_OK(b.rc, &b.e);
    for (size_t i = 0; i < LEN(rows); i++) {
        REQUIRE(next_row(&b));
        EXPECT_EQ_I64(b.row.row, rows[i]);
        REQUIRE(b.row.cell_n == 3);
        EXPECT_STR(b.row.cells[2].text, want[i]);
        if (i == 1)
            EXPECT(b.row.cells[0].flags == CELL_FORMULA && b.row.cells[2].flags == 0);
    }
    EXPECT(!next_row(&b));
    /* the parts before the sheet are there byte by byte, but for the day in their heads */
    ptrdiff_t old_at = str_find(old.bytes, S("xl/workbook.xml")),
              at = str_find(made, S("xl/workbook.xml"));
    EXPECT(old_at > 0 && old_at == at &&
           str_eq(str_sub(old.bytes, (size_t)old_at, 60), str_sub(made, (size_t)at, 60)));
    close_book(&b);
    close_book(&old);
    arena_free(a);
}

TEST(an_own_workbook_of_another_program_with_an_empty_row_element)
{
    static const TableReason reasons[] = {{2, S("r")}};
    Read old = read_book((Parts){.prefix = "x:",
                                 .rows = "<x:row><x:c><x:v>1</x:v></x:c></x:row>"
                                         "<x:row><x:c><x:v>2</x:v></x:c></x:row>"});
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Read b = open_bytes(arena_new(4096), back(a, old.bytes, 1, reasons, 1, &e), NULL);
    REQUIRE(b.rc == 0 && next_row(&b) && next_row(&b));
    EXPECT_STR(b.row.cells[1].text, "r");
    close_book(&b);
    close_book(&old);
    arena_free(a);
}

TEST(own_csv_comes_back_too_and_its_numbers_stay)
{
    static const TableReason reasons[] = {{2, S("=x")}, {4, S("一,二")}};
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    EXPECT_STR(back(a, S("a;b\n-5\n\n\"x;y\";2;3\n"), 1, reasons, 2, &e),
               "\xEF\xBB\xBF"
               "a,b,,原因\r\n-5,,,'=x\r\n\r\n\"x;y\",2,3,\"一,二\"\r\n");
    arena_free(a);
}
