/* test_web_page_util.h: somebody at a browser without scripts: pages and forms of a Site. */
#ifndef STAVE_TEST_WEB_PAGE_UTIL_H
#define STAVE_TEST_WEB_PAGE_UTIL_H

#include "test_web_util.h"

typedef struct Visitor {
    Site *s;
    Str cookie, csrf; /* cookie empty: nobody */
    Answer last;
} Visitor;

Visitor visitor(Site *s, const char *account); /* NULL: nobody */
int visit(Visitor *v, Str target);             /* GET; the status */
/* POST of a form: name, value pairs, then NULL; csrf is put in. */
int visit_send(Visitor *v, Str target, ...) __attribute__((sentinel));
int visit_send_bare(Visitor *v, Str target, ...) __attribute__((sentinel)); /* without csrf */
/* POST as multipart with one file under `file_name`. */
int visit_send_file(Visitor *v, Str target, const char *field, Str bytes, ...)
    __attribute__((sentinel));
bool visit_has(const Visitor *v, const char *text);
Str visit_place(const Visitor *v);                    /* Location of the last answer */
Str visit_hidden(const Visitor *v, const char *name); /* value of an input of that name; STR_NONE */
Str visit_day(Site *s, int days_ago);                 /* 2026-11-20; NUL-terminated */

#endif
