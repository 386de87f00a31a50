/* page_import_int.h: what the pages that import records share. */
#ifndef STAVE_PAGE_IMPORT_INT_H
#define STAVE_PAGE_IMPORT_INT_H

#include "exchange/sheet.h"
#include "web/page_int.h"

enum { IMPORT_FAULTS_SHOWN = 50 };

/* Title, batches, a form for another file. `problem` may be empty. */
int import_page(Req *rq, Str problem, Str key, bool is_bad, int status, Err *e) MUST_USE;
void import_put_faults(Req *rq, const ImportFault *list, int n, int64_t all);
/* How many new, changed, the same, at fault; the button that writes, unless there is none. */
void import_put_counts(Req *rq, int64_t made, int64_t changed, int64_t same, int64_t bad,
                       bool may_apply);
/* A choice for each column that nobody knows or that was pointed at; where it is sent. The hidden
 * inputs are the caller's. NULL: there is none. */
View *import_put_asking(Req *rq, const ImportColumn *list, int n, Str action);
/* What was chosen there, and what is already. */
void import_take_points(Req *rq, ImportPoint **ret, int *ret_n);
int import_send_reasons(Req *rq, const SheetImport *sheet, const RecordImport *im,
                        Err *e) MUST_USE;
bool import_may(Req *rq);
ImportHand import_hand(Req *rq, Conn *conn);
/* Keeps the file as a job and goes to its page. */
int import_put_job(Req *rq, Str bytes, Str name, Str key, int64_t row_n, bool asks, Err *e)
    MUST_USE;
Str import_job_href(Req *rq, Uuid id);

#endif
