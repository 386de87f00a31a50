/* test_record_util.h: a small deployment for a test: one county, two towns, two villages in each,
 * people on seats, the built-in model. Both engines. */
#ifndef STAVE_TEST_RECORD_UTIL_H
#define STAVE_TEST_RECORD_UTIL_H

#include "flow/flow.h"
#include "record/record.h"
#include "test_store_util.h"

typedef struct County {
    TestStore *t;
    Env *env;
    Arena *a;
    Err *e;
    const Model *model;
    Store *store, *files;
    Conn *conn, *files_conn;
    Access *access;
    Records *records;
    Flow *flow;
    const FlowCalendar *calendar; /* held; what its readers count by */
    const Tree *tree; /* held */
    const Type *diary;
} County;

/* What one thread reads and prepares with. */
typedef struct Hand {
    Conn *conn, *files_conn;
    Arena *a;
} Hand;

void county_begin(County *w, TestStore *t);
/* The same with types of the test's own beside the built-in ones. */
void county_begin_model(County *w, TestStore *t, const ModelSource *more, size_t more_n);
void county_begin_bare(County *w, TestStore *t); /* no units, nobody posted */
/* Rows of code, name, kind, parent; adds or changes units, and takes the new tree. */
void county_import(County *w, const char *const (*list)[4], size_t n);
/* The built-in model with types beside it, read alone. */
const Model *county_model(County *w, const ModelSource *more, size_t more_n);
/* Merges a unit into another of its kind, and takes the new tree. */
void county_merge(County *w, const char *from, const char *into);
/* Opens what is there, under a model it was made with: after a restart, or as a second node. Its
 * env and its arena are its own; county_end closes it. */
void county_open(County *w, TestStore *t, const Model *model, Env *env, Arena *a);
/* Takes the tree and the calendar as they are now, as a server does with each request. */
void county_look(County *w);
void county_end(County *w);
/* Puts a person on a seat from `starts` (DAY_NONE: today) and gives him a password-less account. */
void county_post(County *w, const char *account, const char *role, const char *unit, Day starts,
                 Day ends);
/* Opens a snapshot; close with tx_end. */
Tx *county_tx(County *w);
Tx *county_files_tx(County *w);
/* Who `account` is now, in `tx`. */
Reader county_reader(County *w, Tx *tx, const char *account);
/* Prepares and applies; returns the error class of whichever failed. `fields` are name, text
 * pairs. */
int county_write(County *w, const char *account, Uuid id, const char *action, const char *then,
                 int64_t version, const char *const *fields, int field_n, Err *e);
/* The first half of it, by a thread of its own. */
int county_prepare(County *w, const Hand *hand, const char *account, Uuid id, const char *action,
                   const char *then, int64_t version, const char *const *fields, int field_n,
                   Change **ret, Err *e);
Uuid county_photo(County *w, const char *account,
                  const char *bytes); /* sent, not yet in any record */
Uuid county_new_id(County *w);
/* Creates a diary for a day and (if then) submits it; returns its id. */
Uuid county_diary(County *w, const char *account, const char *day, const char *body,
                  const char *then);
/* The class of the first failure, as county_write. */
int county_comment(County *w, const char *account, Uuid record, Uuid id, const char *body, Err *e);
int county_verify(County *w); /* findings, each printed */

#endif
