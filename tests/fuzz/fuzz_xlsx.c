// uses: src/base/*.c src/exchange/[cdptxz]*.c
/* fuzz_xlsx.c: any bytes are a table or a refusal. Bytes that are no package become the sheet of
 * one, stored, as no mutation would hit the sums of a packed one. What was read goes back with a
 * reason, and is read again. */
#include <zlib.h>

#include "exchange/xlsx_int.h"

static int take(void *ctx, Str bytes, Err *e)
{
    (void)e;
    buf_str(ctx, bytes);
    return 0;
}

static void part(Arena *a, ZipOut *z, const char *name, Str text)
{
    Err e = err_on(a);
    ZipEntry p = {.name = str_of(name),
                  .crc = (uint32_t)crc32(0, (const Bytef *)text.p, (uInt)text.n),
                  .packed = (uint32_t)text.n,
                  .whole = (uint32_t)text.n,
                  .bytes = text};
    CHECK(zip_out_raw(z, &p, &e) == 0);
}

#define OFFICE "http://x/relationships/"
static Str book_around(Arena *a, Str sheet)
{
    Buf *out = NEW(a, Buf);
    out->arena = a;
    ZipOut *z = zip_out_new(a, (TableSink){take, out});
    Err e = err_on(a);
    part(a, z, "[Content_Types].xml", S("<Types>spreadsheetml.sheet.main+xml</Types>"));
    part(a, z, "_rels/.rels",
         S("<r><Relationship Id='a' Type='" OFFICE "officeDocument' "
           "Target='w.xml'/></r>"));
    part(a, z, "w.xml", S("<w><sheets><sheet name='s' id='b'/></sheets></w>"));
    part(a, z, "_rels/w.xml.rels",
         S("<r><Relationship Id='b' Type='" OFFICE "worksheet' "
           "Target='s.xml'/><Relationship Id='c' Type='" OFFICE "styles' Target='f.xml'/></r>"));
    part(a, z, "f.xml",
         S("<f><numFmt numFmtId='200' formatCode='yyyy\"n\"m'/><cellXfs>"
           "<xf numFmtId='14'/><xf numFmtId='200'/><xf numFmtId='46'/></cellXfs></f>"));
    part(a, z, "s.xml", sheet);
    CHECK(zip_out_finish(z, &e) == 0);
    zip_out_close(z);
    return buf_view(out);
}

/* Rows with something in them; -1: refused. */
static int64_t read_all(Arena *a, Str bytes)
{
    Err e = err_on(a);
    Table *t = NULL;
    TableFacts facts;
    TableRow row;
    int64_t n = 0, last = 0;
    int rc = table_open(a, bytes, STR_NONE, &t, &facts, &e);
    while (rc >= 0 && (rc = table_next(t, &row, &e)) > 0) {
        CHECK(row.row > last && row.row <= LIMIT_XLSX_ROWS + LIMIT_IMPORT_BYTES);
        CHECK(row.cell_n > 0 && row.cell_n <= LIMIT_CSV_COLUMNS);
        last = row.row;
        n++;
        for (size_t i = 0; i < row.cell_n; i++)
            CHECK(utf8_valid(row.cells[i].text) && row.cells[i].raw.n <= LIMIT_CSV_CELL_BYTES &&
                  row.cells[i].text.n <= row.cells[i].raw.n);
    }
    CHECK(rc == 0 ? e.cls == 0 : rc == e.cls && str_has(e.key));
    table_close(t);
    return rc == 0 ? n : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const TableReason reasons[] = {{2, {"=r", 2}}, {7, {"<&>", 3}}};
    Arena *a = arena_new(64 * 1024);
    Err e = err_on(a);
    Str bytes = {(const char *)p, n};
    Buf out = {.arena = a};
    if (!table_is_book(bytes))
        bytes = book_around(a, bytes);
    int64_t rows = read_all(a, bytes);
    int rc = table_write_back(a, bytes, STR_NONE, 1, S("why"), reasons, LEN(reasons),
                              (TableSink){take, &out}, &e);
    CHECK(rows >= 0 || rc < 0);
    if (rc == 0) {
        int64_t again = read_all(a, buf_view(&out));
        CHECK(again >= rows || again == -1); /* one column too many, a cell too long */
    }
    arena_free(a);
    return 0;
}
