/* sheet.h: tables of units and records as CSV, in and out; the same for pages and commands.
 *                                                                                SPEC: P1 P7 */
#ifndef STAVE_SHEET_H
#define STAVE_SHEET_H

#include "exchange/exchange.h"
#include "record/record.h"

/* Reads `code,name,level,parent` (any order of columns, Chinese or English heads) into rows for
 * access_prepare_units. A missing or unknown column is ERR_INVALID naming it; a row with too many
 * cells
 * too. Owns: in `a`. */
int sheet_read_units(Arena *a, Str bytes, UnitImport *ret, CsvFacts *ret_facts, Err *e) MUST_USE;
/* The same columns, in the tree's order, at and below unit_ix (-1: all). */
void sheet_write_units(Buf *b, const Model *m, const Tree *t, int unit_ix);

/* id, unit, unit_name, author, day, state, then the fields by name; choices and states by key. */
void sheet_record_head(Buf *b, const Type *t);
void sheet_record_row(Buf *b, Arena *scratch, const Tree *tree, const Record *rec, Str author_name);

#endif
