/* sheet.h: tables of units and records as CSV, in and out; the same for pages and commands.
 *                                                                                SPEC: P1 P7 */
#ifndef STAVE_SHEET_H
#define STAVE_SHEET_H

#include "exchange/exchange.h"
#include "flow/flow.h"
#include "record/record.h"

/* Reads `code,name,level,parent` (any order of columns, Chinese or English heads) into rows for
 * access_prepare_units. A missing or unknown column is ERR_INVALID naming it; a row with too many
 * cells
 * too. Owns: in `a`. */
int sheet_read_units(Arena *a, Str bytes, UnitImport *ret, CsvFacts *ret_facts, Err *e) MUST_USE;
/* The same columns, in the tree's order, at and below unit_ix (-1: all). */
void sheet_write_units(Buf *b, const Model *m, const Tree *t, int unit_ix);

/* Reads `date,kind,name` and, where it is there, `notice` into rows for flow_prepare_days; as
 * above.
 */
int sheet_read_days(Arena *a, Str bytes, FlowImport *ret, CsvFacts *ret_facts, Err *e) MUST_USE;

/* The name of a person, for the author and for person fields. */
typedef struct SheetNames {
    int (*person)(void *ctx, Uuid person, Str *ret, Err *e);
    void *ctx;
} SheetNames;
/* id, unit, unit_name, author, day, state, then the fields by name: choices and states by key,
 * several with commas; units by code, an audience as "role@code, role@code", persons by name, links
 * by id. Rows have no column (a list does not read them): count them with a computed field. */
void sheet_record_head(Buf *b, const Type *t);
int sheet_record_row(Buf *b, Arena *scratch, const Tree *tree, const Record *rec, SheetNames names,
                     Err *e) MUST_USE;

/* "role@code, role@code" of an audience as it is kept. */
Str sheet_audience(Arena *a, const Tree *tree, Str value);

/* ---- the same as a workbook, for people ---- */
typedef struct SheetBook SheetBook;
/* Headings and values in words (choices, states, units, people by name), numbers and dates as such,
 * links by id: imported again unchanged by its column of ids. Memory does not grow with the rows.
 * `tree` may be another one at each row. */
int sheet_book_new(Arena *a, TableSink sink, const Type *t, const Tree *tree, Lang lang,
                   SheetBook **ret, Err *e) MUST_USE;
int sheet_book_row(SheetBook *b, Arena *scratch, const Tree *tree, const Record *rec,
                   SheetNames names, Err *e) MUST_USE;
int sheet_book_end(SheetBook *b, Err *e) MUST_USE;
void sheet_book_close(SheetBook *b); /* on every path; takes NULL */
/* As sheet_write_units. */
int sheet_book_units(Arena *a, TableSink sink, const Model *m, const Tree *t, int unit_ix,
                     Lang lang, Err *e) MUST_USE;

/* ---- figures: SPEC "The page's figures" ---- */
Str sheet_figure_value(Arena *a, const FigLine *l); /* 9; of a share 87.7, or null */
/* The object that pages of the API and `stave figures --json` give for a line. `unit`: its code. */
void sheet_figure_json(Buf *b, Arena *a, const FigLine *l, Str unit);
/* The list a figure opens to: of records as above; of lines id, unit, unit_name, at_day, state,
 * row,
 * then the line's fields. */
void sheet_figure_head(Buf *b, const Figure *f);
int sheet_figure_row(Buf *b, Arena *scratch, const Tree *tree, const FigItem *item,
                     SheetNames names, Err *e) MUST_USE;

/* ---- records in: CSV or XLSX, for record_import ---- */
typedef struct SheetImport {
    Arena *arena;
    Str bytes, sheet; /* borrowed */
    struct Table *table;
    TableFacts facts;
    ImportRow head; /* its row of headings, which may stand below titles */
    ImportCell *cells;
    size_t cell_max;
} SheetImport;
/* Finds the headings of the type among the first LIMIT_IMPORT_HEAD_ROWS rows. Errors as table_open;
 * ERR_INVALID "sheet.empty". Close it if it succeeds. */
int sheet_import_open(Arena *a, Str bytes, Str sheet, const Type *t, SheetImport *ret,
                      Err *e) MUST_USE;
int sheet_import_again(SheetImport *x, Err *e) MUST_USE; /* from the first row */
ImportSource sheet_import_rows(SheetImport *x);          /* below the headings */
void sheet_import_close(SheetImport *x);
/* What somebody reads of a fault: what is wrong and what to do. */
Str sheet_fault_text(Arena *a, Lang lang, const ImportFault *f);
/* The user's own file with a column of reasons: one cell a row, all its faults. */
int sheet_write_reasons(Arena *a, const SheetImport *x, const RecordImport *im, Lang lang,
                        TableSink sink, Err *e) MUST_USE;

#endif
