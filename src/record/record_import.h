/* record_import.h: what the files of an import share. */
#ifndef STAVE_RECORD_IMPORT_H
#define STAVE_RECORD_IMPORT_H

#include "record/record_int.h"

/* Texts met before: what they stand for. Grows in its arena. */
typedef struct Seen {
    Str key, value; /* value: an id, a code; STR_NONE with `fault` */
    int64_t n;
    const char *fault;
    Str arg;
} Seen;
typedef struct SeenSet {
    Arena *arena;
    Seen *slots;
    size_t n, cap; /* cap: a power of two */
} SeenSet;
Seen *seen_at(SeenSet *s, Str key, bool *ret_is_new); /* key is copied when it is new */

struct ImportState {
    SeenSet names; /* references, units by name */
    SeenSet keys;  /* keys of rows that came before in the file: n is the row */
    int64_t row_at; /* the last one written */
};

/* One row on its way. */
typedef enum RowIs { ROW_IS_BAD, ROW_IS_NEW, ROW_IS_CHANGED, ROW_IS_SAME } RowIs;
typedef struct ImportDone {
    RowIs is;
    int64_t row;
    int64_t version_before; /* 0: new */
    Change *change;         /* NULL: bad, same */
} ImportDone;
/* Prepares one row; faults go to `im`. What it gives lives in `a`. */
int import_row(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
               const ImportRow *row, bool is_counted, ImportDone *ret, Err *e) MUST_USE;
void import_fault(RecordImport *im, int64_t row, Str column, Str value, Str key, const Str *args);
int import_error(RecordImport *im, int64_t row, const ImportRow *cells, const Err *sub);
Uuid import_row_id(Uuid batch, int64_t row);

/* record_import_refs.c: a name, code or id as the text record_prepare takes. ret_fault NULL:
 * found. */
int import_reference(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                     const Field *f, int unit_ix, Str typed, Str *ret, const char **ret_fault,
                     Str *ret_arg, Err *e) MUST_USE;
/* A unit by code or name; -1 with a fault. */
int import_unit(Arena *a, const Reader *r, RecordImport *im, Str typed, const char **ret_fault,
                Str *ret_arg);
/* record_import_batch.c */
int import_phase(const ImportHand *h, Uuid batch, int phase, UnixMs undone_ms, Err *e) MUST_USE;
int import_look(const ImportHand *h, Arena *a, Tx **ret_tx, Reader *ret, Err *e) MUST_USE;

/* record_import_columns.c */
Str import_heads(Arena *a, const ImportRow *head); /* SM3 of all headings, folded */
Str import_folded(Arena *a, Str heading);
const State *import_state(Arena *a, const Type *t, Str text); /* NULL */
const Field *import_field(Arena *a, const Type *t, Str heading);
int import_column_of(const RecordImport *im, const Field *f); /* -1 */

/* record_query_key.c: ids and counties of at most two records by key: fields, then unit, author */
Str query_by_key(Arena *a, const RecordImport *im);

#endif
