/* test_web_util.h: the small county of test_record_util.h behind a real server on a free port, and
 * a client that holds every answer of the API against /api/openapi.json.
 *
 *   BOTH_SITES(name) { Answer a = site_api(s, "fs111", "GET", "/api/v1/me", ""); ... }
 */
#ifndef STAVE_TEST_WEB_UTIL_H
#define STAVE_TEST_WEB_UTIL_H

#include "test_record_util.h"
#include "web/web.h"

typedef struct Site {
    TestStore t;
    County w;
    App app;
    Arena *a;
    Json doc; /* /api/openapi.json */
    struct {
        const char *account;
        Str token;
    } tokens[8];
    int token_n;
} Site;

typedef struct Answer {
    int status;
    Str head, body; /* head: all lines, CRLF between */
    Json json;      /* JSON_NULL when the body is none */
} Answer;

void site_begin(Site *s, Engine engine);
/* The same with more model files beside the built-in ones. */
void site_begin_model(Site *s, Engine engine, const ModelSource *more, size_t more_n);
void site_end(Site *s);
/* One request on a connection of its own. `headers`: whole lines with CRLF. */
Answer site_ask(Site *s, const char *method, Str target, Str headers, Str body);
/* With the token of this account (NULL: without); `target` from /api/v1 on or a page's. */
Answer site_api(Site *s, const char *account, const char *method, const char *target,
                const char *body);
Answer site_api_if(Site *s, const char *account, const char *method, const char *target,
                   const char *if_match, const char *body);
Str site_token(Site *s, const char *account);
/* A session as after signing in. */
void site_session(Site *s, const char *account, Str *ret_cookie, Str *ret_csrf);
Str answer_header(const Answer *a, const char *name); /* STR_NONE: absent */
Str answer_text(const Answer *a, const char *name); /* of a JSON object; STR_NONE: absent or null */
int64_t answer_i64(const Answer *a, const char *name);
/* Is this field among the faults, with this code. */
bool answer_has_fault(const Answer *a, const char *field, const char *code);
Str site_id(Site *s);                                        /* a new UUIDv7 */
Str site_jpeg(void);                                         /* a small photo */
Str site_z(Site *s, const char *fmt, ...) PRINTF_LIKE(2, 3); /* NUL-terminated in .p */

#define BOTH_SITES(NAME)                                                                           \
    static void site_##NAME(Site *s);                                                              \
    TEST(NAME##_sqlite)                                                                            \
    {                                                                                              \
        Site s;                                                                                    \
        site_begin(&s, ENGINE_SQLITE);                                                             \
        site_##NAME(&s);                                                                           \
        site_end(&s);                                                                              \
    }                                                                                              \
    TEST(NAME##_pg)                                                                                \
    {                                                                                              \
        Site s;                                                                                    \
        site_begin(&s, ENGINE_PG);                                                                 \
        site_##NAME(&s);                                                                           \
        site_end(&s);                                                                              \
    }                                                                                              \
    static void site_##NAME(Site *s)

#endif
