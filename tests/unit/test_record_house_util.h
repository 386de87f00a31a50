/* test_record_house_util.h: types that stress composition, over the small deployment: plots that
 * are
 * leased in deals (rows, copies, checks, exclusive), meetings with attendance (rows of people, an
 * audience, a condition), talks that are parts of them, notes that an action makes. */
#ifndef STAVE_TEST_RECORD_HOUSE_UTIL_H
#define STAVE_TEST_RECORD_HOUSE_UTIL_H

#include "test_record_util.h"

#define TEXT(NAME, WHAT) {.name = S(NAME), .text = WHAT}
#define ROWS(NAME, LIST, N) {.name = S(NAME), .is_rows = true, .rows = LIST, .row_n = N}

void house_begin(County *w, TestStore *t);
int house_prepare(County *w, const char *account, const char *type, Uuid id, const char *action,
                  const char *then, int64_t version, const FieldInput *fields, int n, Change **ret,
                  Err *e);
/* Prepares and applies; e is begun anew. */
int house_write(County *w, const char *account, const char *type, Uuid id, const char *action,
                const char *then, int64_t version, const FieldInput *fields, int n, Err *e);
Record *house_get(County *w, const char *account, const char *type, Uuid id); /* NULL: not his */
Value house_value(County *w, const Record *rec, const char *field);
Str house_id(County *w, Uuid id);
Str house_person(County *w, const char *account); /* id of an account's person, as text */
Uuid house_plot(County *w, const char *name, const char *size, const char *until);
bool house_fault(const Err *e, const char *field, const char *key);

#endif
