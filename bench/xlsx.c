/* xlsx.c: xlsx ROWS [FILE]: writes a workbook of ROWS rows of 15 cells to nowhere, or to the file,
 * and prints `SECONDS PEAK_MB BYTES`; each number of rows in a process of its own, as the peak is
 * the process's. */
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "exchange/exchange.h"

enum { COLUMNS = 15 };

typedef struct Goal {
    FILE *file; /* NULL: nowhere */
    size_t bytes;
} Goal;

static int take(void *ctx, Str bytes, Err *e)
{
    Goal *g = ctx;
    g->bytes += bytes.n;
    if (g->file && fwrite(bytes.p, 1, bytes.n, g->file) != bytes.n)
        return err_set(e, ERR_IO, "base.file_io", S("FILE"), S("write"));
    return 0;
}

static double now(void)
{
    struct timespec t;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int write_rows(Arena *a, long rows, Goal *goal, Err *e)
{
    XlsxColumn columns[COLUMNS] = {{.head = S("name")}};
    Xlsx *x = NULL;
    for (int i = 0; i < COLUMNS; i++)
        columns[i] = (XlsxColumn){.head = S("column"), .kind = (XlsxKind)(i % 5), .scale = 2};
    TRY(xlsx_new(a, (TableSink){take, goal}, S("bench"), columns, COLUMNS, LANG_ZH, &x, e));
    for (long r = 0; r < rows; r++) {
        XlsxCell c[COLUMNS];
        char text[32];
        int n = snprintf(text, sizeof text, "%ld-%08lx", r, (unsigned long)r * 2654435761U);
        for (int i = 0; i < COLUMNS; i++)
            c[i] = (XlsxCell){.i = i % 5 == XLSX_DATE ? 18000 + r % 3000 : r % (7 + i),
                              .s = i % 5 == XLSX_TEXT ? (Str){text, (size_t)n} : STR_NONE};
        c[5].s = S("=1+<&>\"");
        TRY(xlsx_row(x, c, e));
    }
    TRY(xlsx_end(x, e));
    xlsx_close(x);
    return 0;
}

int main(int argc, char **argv)
{
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    struct rusage used;
    Goal goal = {.file = argc == 3 ? fopen(argv[2], "wb") : NULL};
    double from = now();
    if (argc < 2 || argc > 3 || (argc == 3 && !goal.file) ||
        write_rows(a, strtol(argv[1], NULL, 10), &goal, &e) < 0 ||
        (goal.file && fclose(goal.file) != 0)) {
        fprintf(stderr, "usage: xlsx ROWS [FILE]\n");
        return 1;
    }
    double s = now() - from;
    CHECK(getrusage(RUSAGE_SELF, &used) == 0);
    printf("%.2f %.1f %zu\n", s, (double)used.ru_maxrss / 1024, goal.bytes);
    arena_free(a);
    return 0;
}
