/* test_web_http_util.h: a small server to test against, and a client that speaks raw bytes. */
#ifndef STAVE_TEST_WEB_HTTP_UTIL_H
#define STAVE_TEST_WEB_HTTP_UTIL_H

#include <stdatomic.h>

#include "test.h"
#include "web/http.h"

/* Paths of the test server:
 *   /hello        "hello"                    /echo     the body, at most 1000 bytes (POST)
 *   /big          at most 8 MB, answers with the number of bytes
 *   /say?TEXT     method, path and query     /header   X-Asked, cookie `b`; sets headers
 *   /sleep        "slept" after 300 ms       /park     parked, then "again N"
 *   /lost         parked until server_release(), then "found"
 *   /gone         admit says 404             /denied   admit says 405 with a text of its own
 *   /peer         who connected              /none     leaves no status */
typedef struct Server {
    Arena *arena;
    Http *h;
    HttpOptions opt;
    _Atomic int runs, idles, drops;
    _Atomic int sleepers; /* inside /sleep now */
    _Atomic(HttpReq *) lost;
    _Atomic bool is_blocked; /* /sleep waits while this holds */
} Server;

Server *server_new(void); /* options may be changed before server_open */
void server_open(Server *s);
void server_close(Server *s);   /* http_stop and free */
void server_release(Server *s); /* http_again for /lost */

int client_open(Server *s);
void client_send(int fd, Str bytes);
bool client_try_send(int fd, Str bytes); /* false: the server has closed */
/* Until the server closes or falls silent, waiting at most `first_ms` for the first byte; without
 * ret_closed only until one answer is whole. */
Str client_read(Server *s, int fd, int first_ms, bool *ret_closed);
/* Sends, reads until closed or silent. */
Str client_ask(Server *s, Str bytes, bool *ret_closed);
int client_status(Str answer);  /* of the first answer; 0: none */
int client_answers(Str answer); /* how many status lines */
Str client_body(Str answer);
int64_t client_ms(void);
void client_nap(int ms);

#endif
