/* test_exchange_csv.c: what clerks' spreadsheets write is read; what is not CSV is told by place.
 */
#include "test.h"

#include "exchange/exchange.h"

#include <iconv.h>

static Err failure; /* of the last call of a test; one process each */
static Arena *arena;

static void begin(void)
{
    arena = arena_new(4096);
    failure = err_on(arena);
}

static void end(void)
{
    arena_free(arena);
}

/* All rows as text: cells in [], rows ended by their line and row number. */
static Str read_all(Str bytes, CsvFacts *facts)
{
    Csv *c;
    CsvRow row;
    Buf b = {.arena = arena};
    REQUIRE_OK(csv_open(arena, bytes, &c, facts, &failure), &failure);
    int rc;
    while ((rc = csv_next(c, &row, &failure)) > 0) {
        for (size_t i = 0; i < row.cell_n; i++)
            buf_fmt(&b, "[%.*s]", STR_ARG(row.cells[i]));
        buf_fmt(&b, "%d:%d ", (int)row.line, (int)row.row);
    }
    REQUIRE_OK(rc, &failure);
    EXPECT_EQ_I64(csv_next(c, &row, &failure), 0);
    return buf_view(&b);
}

/* Reads to the failure and compares class, key and arguments "a b c". */
static void expect_failure(Str bytes, int cls, const char *key, const char *args)
{
    Csv *c;
    CsvRow row;
    CsvFacts facts;
    Buf b = {.arena = arena};
    int rc = csv_open(arena, bytes, &c, &facts, &failure);
    bool is_open = rc == 0;
    while (is_open && (rc = csv_next(c, &row, &failure)) > 0)
        continue;
    EXPECT_EQ_I64(rc, cls);
    EXPECT_EQ_I64(failure.cls, cls);
    EXPECT_STR(failure.key, key);
    for (size_t i = 0; i < ERR_ARGS_MAX && str_has(failure.args[i]); i++)
        buf_fmt(&b, "%s%.*s", i ? " " : "", STR_ARG(failure.args[i]));
    if (args)
        EXPECT_STR(str_fmt(arena, "%.*s", STR_ARG(buf_view(&b))), args);
    err_clear(&failure);
    if (is_open)
        EXPECT_ERR(csv_next(c, &row, &failure), cls, &failure);
}

static Str to_gb18030(Str utf8)
{
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    REQUIRE(cd != (iconv_t)-1);
    size_t room = utf8.n * 2 + 8, left = room, in_n = utf8.n;
    char *out = arena_alloc(arena, room), *out_p = out, *in_p = str_z(arena, utf8);
    REQUIRE(iconv(cd, &in_p, &in_n, &out_p, &left) != (size_t)-1);
    iconv_close(cd);
    return (Str){out, room - left};
}

TEST(csv_comma_and_line_ends)
{
    CsvFacts f;
    begin();
    EXPECT_STR(read_all(S("code,name\r\n1,甲\n2,\r3,丙"), &f),
               "[code][name]1:1 [1][甲]2:2 [2][]3:3 [3][丙]4:4 ");
    EXPECT_STR(f.encoding, "UTF-8");
    EXPECT(!f.had_bom);
    EXPECT_EQ_I64(f.separator, ',');
    EXPECT_STR(read_all(S(""), &f), "");
    EXPECT_STR(read_all(S("\xEF\xBB\xBF\r\n\r\n"), &f), "");
    EXPECT(f.had_bom);
    EXPECT_STR(read_all(S("one column\nof text"), &f), "[one column]1:1 [of text]2:2 ");
    end();
}

TEST(csv_separators)
{
    CsvFacts f;
    begin();
    EXPECT_STR(read_all(S("code;name, full;x\n1;a,b,c,d,e;2\n"), &f),
               "[code][name, full][x]1:1 [1][a,b,c,d,e][2]2:2 ");
    EXPECT_EQ_I64(f.separator, ';');
    EXPECT_STR(read_all(S("a\tb\n1,5\t2\n"), &f), "[a][b]1:1 [1,5][2]2:2 ");
    EXPECT_EQ_I64(f.separator, '\t');
    /* Separators inside quotes say nothing; nor does a blank line above the header. */
    EXPECT_STR(read_all(S("\n;;\n\"a,b,c,d\";e\n"), &f), "[a,b,c,d][e]3:3 ");
    EXPECT_EQ_I64(f.separator, ';');
    end();
}

TEST(csv_quotes)
{
    CsvFacts f;
    begin();
    EXPECT_STR(
        read_all(S("a,b\n\"he said \"\"no\"\"\",\"x,y\"\n\"two\r\nlines\",\"\"\n5\" pipe,z\n"), &f),
        "[a][b]1:1 [he said \"no\"][x,y]2:2 [two\nlines][]3:3 [5\" pipe][z]5:4 ");
    EXPECT_STR(read_all(S("a\n\"\"\"\"\n\"\"\"x\"\"\""), &f), "[a]1:1 [\"]2:2 [\"x\"]3:3 ");
    EXPECT_STR(read_all(S("a,b\n\"1\r2\n3\",\"q\"\"\n\"\nlast,row"), &f),
               "[a][b]1:1 [1\r2\n3][q\"\n]2:2 [last][row]6:3 ");
    end();
}

TEST(csv_blank_rows_count_but_are_not_given)
{
    CsvFacts f;
    begin();
    EXPECT_STR(read_all(S("a,b\n\n,\n1,2\n,,,,\n\"\",\n3,4\n\n"), &f),
               "[a][b]1:1 [1][2]4:4 [3][4]7:7 ");
    end();
}

TEST(csv_utf8_with_bom)
{
    CsvFacts f;
    begin();
    EXPECT_STR(read_all(S("\xEF\xBB\xBF"
                          "编码,名称\n410882,沁阳市\n"),
                        &f),
               "[编码][名称]1:1 [410882][沁阳市]2:2 ");
    EXPECT(f.had_bom);
    EXPECT_STR(f.encoding, "UTF-8");
    end();
}

TEST(csv_gb18030_with_rare_names)
{
    CsvFacts f;
    begin();
    Str text = S("姓名,村\n𠮷田,西向\n䶮,\"引,号\"\n");
    Str gb = to_gb18030(text);
    EXPECT(!utf8_valid(gb));
    EXPECT_STR(read_all(gb, &f), "[姓名][村]1:1 [𠮷田][西向]2:2 [䶮][引,号]3:3 ");
    EXPECT_STR(f.encoding, "GB18030");
    EXPECT(!f.had_bom);
    Str with_bom = str_fmt(arena, "\x84\x31\x95\x33%.*s", STR_ARG(gb));
    EXPECT_STR(read_all(with_bom, &f), "[姓名][村]1:1 [𠮷田][西向]2:2 [䶮][引,号]3:3 ");
    EXPECT(f.had_bom);
    end();
}

TEST(csv_bad_bytes_are_told_by_row_and_column)
{
    begin();
    expect_failure(S("a,b,c\n1,2,3\n4,\xFFx,6\n"), ERR_SYNTAX, "csv.encoding", "3 2");
    expect_failure(S("\xFF"), ERR_SYNTAX, "csv.encoding", "1 1");
    expect_failure(S("a;b\n\xFF"), ERR_SYNTAX, "csv.encoding", "2 1");
    expect_failure(S("a,b\n\"x\ny\",\"z\xFF\"\n"), ERR_SYNTAX, "csv.encoding", "2 2");
    /* Both encodings fail: the one that came further is the one meant. */
    expect_failure(S("甲,乙\n丙,丁\xFF\n"), ERR_SYNTAX, "csv.encoding", "2 2");
    Str gb = str_fmt(arena, "%.*s,\xFF", STR_ARG(to_gb18030(S("甲,乙\n丙"))));
    expect_failure(gb, ERR_SYNTAX, "csv.encoding", "2 2");
    /* A BOM promises UTF-8, so GB18030 is not tried. */
    expect_failure(S("\xEF\xBB\xBF"
                     "a,b\n1,\xBC\xD7\n"),
                   ERR_SYNTAX, "csv.encoding", "2 2");
    expect_failure(S("a,b\n1,x\0y\n"), ERR_SYNTAX, "csv.nul", "2 2");
    end();
}

TEST(csv_unclosed_quote_names_its_line)
{
    begin();
    expect_failure(S("a,b\n1,2\n\n3,\"open\n4,5\n6,7\n"), ERR_SYNTAX, "csv.quote_open", "4 4 2");
    expect_failure(S("a,\""), ERR_SYNTAX, "csv.quote_open", "1 1 2");
    expect_failure(S("a\n\"x\"\"\n\"\" y"), ERR_SYNTAX, "csv.quote_open", "2 2 1");
    /* Far longer than a cell may be: still told as what it is. */
    Buf b = {.arena = arena};
    buf_z(&b, "a,b\n1,\"2\n");
    for (int i = 0; i < 100000; i++)
        buf_z(&b, "3,4\n");
    expect_failure(buf_view(&b), ERR_SYNTAX, "csv.quote_open", "2 2 2");
    expect_failure(S("a,b\n\"x\ny\" z,1\n"), ERR_SYNTAX, "csv.after_quote", "3 2 1");
    end();
}

TEST(csv_limits)
{
    begin();
    Buf b = {.arena = arena};
    for (int i = 0; i < LIMIT_CSV_COLUMNS - 1; i++)
        buf_byte(&b, ',');
    buf_z(&b, "x\n");
    CsvFacts f;
    Csv *c;
    CsvRow row;
    REQUIRE_OK(csv_open(arena, buf_view(&b), &c, &f, &failure), &failure);
    EXPECT_EQ_I64(csv_next(c, &row, &failure), 1);
    EXPECT_EQ_I64(row.cell_n, LIMIT_CSV_COLUMNS);
    expect_failure(str_fmt(arena, ",%.*s", STR_ARG(buf_view(&b))), ERR_LIMIT, "csv.columns",
                   "1 256");
    for (int cooked = 0; cooked < 2; cooked++) {
        Buf fits = {.arena = arena}, over = {.arena = arena};
        buf_z(&fits, cooked ? "a\n1\n\"\"\"" : "a\n1\n");
        for (int i = cooked; i < LIMIT_CSV_CELL_BYTES; i++)
            buf_byte(&fits, 'x');
        buf_str(&over, buf_view(&fits));
        buf_byte(&over, 'x');
        buf_z(&fits, cooked ? "\"" : "");
        buf_z(&over, cooked ? "\"" : "");
        REQUIRE_OK(csv_open(arena, buf_view(&fits), &c, &f, &failure), &failure);
        while (csv_next(c, &row, &failure) > 0 && row.row < 3)
            continue;
        EXPECT_EQ_I64(row.cells[0].n, LIMIT_CSV_CELL_BYTES);
        EXPECT_EQ_I64(row.cells[0].p[0], cooked ? '"' : 'x');
        expect_failure(buf_view(&over), ERR_LIMIT, "csv.cell_long", "3 1 64");
    }
    expect_failure((Str){arena_alloc(arena, LIMIT_IMPORT_BYTES + 1), LIMIT_IMPORT_BYTES + 1},
                   ERR_LIMIT, "csv.large", "16");
    end();
}

/* 16 MB of separators, quotes or one cell: an error in an instant, hardly any memory. */
TEST(csv_large_nonsense_is_cheap)
{
    static const struct {
        const char *fill, *key;
        int cls;
    } cases[] = {
        {",", "csv.columns", ERR_LIMIT},
        {"x", "csv.cell_long", ERR_LIMIT},
        {"\"", NULL, 0},
        {"\"\n", NULL, 0},
        {"\"a\"\"\"\n", NULL, 0},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        begin();
        Buf b = {.arena = arena};
        while (b.n + 8 <= LIMIT_IMPORT_BYTES)
            buf_z(&b, cases[i].fill);
        size_t held = arena_bytes(arena);
        if (cases[i].key) {
            expect_failure(buf_view(&b), cases[i].cls, cases[i].key, NULL);
        } else {
            Csv *c;
            CsvRow row;
            CsvFacts f;
            REQUIRE_OK(csv_open(arena, buf_view(&b), &c, &f, &failure), &failure);
            while (csv_next(c, &row, &failure) > 0)
                continue;
            EXPECT(failure.cls == 0 || failure.cls == ERR_LIMIT || failure.cls == ERR_SYNTAX);
        }
        EXPECT(arena_bytes(arena) - held < 1024 * 1024);
        end();
    }
}

TEST(csv_other_formats_get_advice)
{
    begin();
    expect_failure(S("PK\x03\x04rest"), ERR_SYNTAX, "csv.is_workbook", "");
    expect_failure(S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), ERR_SYNTAX, "csv.is_workbook", "");
    expect_failure(S("\xFF\xFE"
                     "a\0,\0b\0"),
                   ERR_SYNTAX, "csv.is_utf16", "");
    end();
}

TEST(csv_out_quotes_and_disarms)
{
    begin();
    Buf b = {.arena = arena};
    csv_bom(&b);
    static const char *const cells[] = {
        "甲",  "a,b", "he said \"no\"", "two\r\r\nlines", "=1+1", "+86",
        "-5",  "@x",  "\ttab",          "=\"x\"",         "",     " pad",
        "a;b", "x=1"};
    for (size_t i = 0; i < LEN(cells); i++)
        csv_cell(&b, str_of(cells[i]), i == 0);
    csv_end_row(&b);
    EXPECT_STR(buf_view(&b),
               "\xEF\xBB\xBF甲,\"a,b\",\"he said \"\"no\"\"\",\"two\nlines\",'=1+1,'+86,'-5,'@x,"
               "\"'\ttab\",\"'=\"\"x\"\"\",,\" pad\",\"a;b\",x=1\r\n");
    end();
}

/* Whatever is written is read back the same, but for the ' in front of formulas. */
TEST(csv_out_comes_back)
{
    static const char letters[] = "a,;\t\"\n' x=1";
    for (int round = 0; round < 300; round++) {
        begin();
        Buf out = {.arena = arena}, want = {.arena = arena};
        csv_bom(&out);
        size_t row_n = 1 + test_below(4), cell_n = 2 + test_below(4);
        for (size_t r = 0; r < row_n; r++) {
            for (size_t i = 0; i < cell_n; i++) {
                Buf cell = {.arena = arena};
                buf_byte(&cell, 'c');
                for (size_t n = test_below(8); n > 0; n--)
                    buf_byte(&cell, letters[test_below(sizeof letters - 1)]);
                csv_cell(&out, buf_view(&cell), i == 0);
                buf_fmt(&want, "[%.*s]", STR_ARG(buf_view(&cell)));
            }
            csv_end_row(&out);
        }
        Csv *c;
        CsvRow row;
        CsvFacts f;
        Buf got = {.arena = arena};
        REQUIRE_OK(csv_open(arena, buf_view(&out), &c, &f, &failure), &failure);
        while (csv_next(c, &row, &failure) > 0) {
            EXPECT_EQ_I64(row.cell_n, cell_n);
            for (size_t i = 0; i < row.cell_n; i++)
                buf_fmt(&got, "[%.*s]", STR_ARG(row.cells[i]));
        }
        EXPECT_EQ_I64(failure.cls, 0);
        EXPECT_STR_EQ(buf_view(&got), buf_view(&want));
        end();
    }
}
