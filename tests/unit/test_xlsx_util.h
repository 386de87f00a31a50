/* test_xlsx_util.h: small workbooks by hand, and their rows. */
#ifndef STAVE_TEST_XLSX_UTIL_H
#define STAVE_TEST_XLSX_UTIL_H

#include "exchange/exchange.h"
#include "test_zip_util.h"

typedef struct Parts { /* pieces of XML; NULL: nothing */
    const char *strings, *rows, *after, *cols, *styles, *book_pr, *prefix, *target, *sheet;
    const char *sheets, *sheet_xml; /* instead of the ones made of the rest */
    bool hidden_first;              /* a hidden sheet stands before it */
} Parts;
typedef struct Read {
    Arena *arena;
    Err e;
    int rc;
    Str bytes;
    Table *table;
    TableFacts facts;
    TableRow row;
} Read;

void book_parts(Zip *z, Parts p);
Read open_bytes(Arena *a_take, Str bytes, const char *sheet);
Read open_book_as(Parts p); /* rc tells */
Read read_book(Parts p);    /* it must open */
bool next_row(Read *b);
void close_book(Read *b);

#endif
