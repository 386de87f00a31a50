/* test_access_util.h: a database with the built-in model, a small tree and people posted in it.
 *
 *   BOTH_WORLDS(name) { ... w->access ... }     two tests, one per engine; w->clock can be moved
 */
#ifndef STAVE_TEST_ACCESS_UTIL_H
#define STAVE_TEST_ACCESS_UTIL_H

#include "access/access.h"
#include "test_store_util.h"

typedef struct World {
    TestStore t;
    Arena *a;
    Err *e;
    Store *store;
    Conn *conn;
    const Model *model;
    Access *access;
} World;

void world_begin(World *w, Engine engine);
void world_end(World *w);

/* A snapshot with the newest tree; world_close() ends it. One at a time. */
typedef struct Look {
    Tx *tx;
    const Tree *tree;
} Look;
Look world_look(World *w);
void world_close(World *w, Look *l);

/* CSV text `code,name,level,parent` without header, lines by \n, through prepare and apply. */
UnitRow *world_rows(World *w, Str csv, int *ret_n);
void world_import(World *w, const char *csv);
/* c (city) - c1 (county) - t1, t2 (towns) - v1, v2 below t1, v3 below t2; c2 (county) - t3 - v4. */
void world_tree(World *w);

Reader world_reader(World *w, Look *l, const char *account);
/* Staffs as the command line would for the demo; ends the test when it fails. */
void world_staff(World *w, const char *account, const char *role, const char *unit);
/* As `by` (NULL: the command line); the class of the first failure, its key in w->e. */
int world_staff_by(World *w, const char *by, const char *account, const char *role,
                   const char *unit, Staff *in);
int world_do(World *w, int (*apply)(Tx *, void *, Err *), void *arg);
/* Invites on the command line and redeems with the password. */
void world_password(World *w, const char *account, const char *password);
/* Right or wrong; the cookie when right. ERR_RATE when locked. */
int world_sign_in(World *w, const char *account, const char *password, Str *ret_cookie);
bool world_session(World *w, Str cookie); /* does it live */
int64_t world_ask(World *w, const char *sql);
void world_sql(World *w, const char *sql);
int world_posting(World *w, const char *account); /* the newest posting's id */

#define BOTH_WORLDS(NAME)                                                                          \
    static void world_##NAME(World *w);                                                            \
    TEST(NAME##_sqlite)                                                                            \
    {                                                                                              \
        World w;                                                                                   \
        world_begin(&w, ENGINE_SQLITE);                                                            \
        world_##NAME(&w);                                                                          \
        world_end(&w);                                                                             \
    }                                                                                              \
    TEST(NAME##_pg)                                                                                \
    {                                                                                              \
        World w;                                                                                   \
        world_begin(&w, ENGINE_PG);                                                                \
        world_##NAME(&w);                                                                          \
        world_end(&w);                                                                             \
    }                                                                                              \
    static void world_##NAME(World *w)

#endif
