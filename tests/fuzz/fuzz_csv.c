// uses: src/base/*.c src/exchange/csv.c src/exchange/csv_out.c
/* fuzz_csv.c: any bytes are rows or a refusal; rows written out are read back the same. */
#include "exchange/exchange.h"

/* Rows written again; *ret_cell_n counts their cells. False: the input was refused on the way. */
static bool write_again(Arena *a, Csv *c, Buf *out, size_t *ret_cell_n)
{
    Err e = err_on(a);
    CsvRow row;
    int rc;
    while ((rc = csv_next(c, &row, &e)) > 0) {
        CHECK(row.cell_n > 0 && row.cell_n <= LIMIT_CSV_COLUMNS && row.line >= row.row);
        for (size_t i = 0; i < row.cell_n; i++) {
            CHECK(utf8_valid(row.cells[i]) && row.cells[i].n <= LIMIT_CSV_CELL_BYTES);
            csv_cell(out, row.cells[i], i == 0);
        }
        csv_end_row(out);
        *ret_cell_n += row.cell_n;
    }
    CHECK(rc == 0 ? e.cls == 0 : rc == e.cls && (rc == ERR_SYNTAX || rc == ERR_LIMIT));
    return rc == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    Arena *a = arena_new(64 * 1024);
    Err e = err_on(a);
    Csv *c;
    CsvFacts facts;
    Buf first = {.arena = a}, second = {.arena = a};
    size_t first_n = 0, second_n = 0;
    csv_bom(&first);
    csv_bom(&second);
    int rc = csv_open(a, (Str){(const char *)p, n}, &c, &facts, &e);
    CHECK(rc == 0 || (rc == ERR_SYNTAX && e.cls == rc));
    if (rc == 0 && write_again(a, c, &first, &first_n)) {
        /* The ' in front of formulas stands after one round, so the second changes nothing. */
        CHECK(csv_open(a, buf_view(&first), &c, &facts, &e) == 0 && facts.had_bom);
        if (facts.separator == ',' && write_again(a, c, &second, &second_n)) {
            CHECK(first_n == second_n);
            CHECK(str_eq(buf_view(&first), buf_view(&second)));
        }
    }
    arena_free(a);
    return 0;
}
