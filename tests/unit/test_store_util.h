/* test_store_util.h: a fresh database for a test, on either engine.
 *
 *   BOTH_ENGINES(rows_come_back)       two tests: rows_come_back_sqlite, rows_come_back_pg
 *   {
 *       Store *s;
 *       t->opt.no_thread = true;   (engine, path, is_writer are set; env, arena, e are made)
 *       REQUIRE_OK(store_open(t->env, &t->opt, &s, t->e), t->e);
 *       ...
 *       store_close(s);
 *   }
 *
 * The PostgreSQL cluster is started by tests/pg.sh and named in STAVE_TEST_PG; without it the test
 * fails.
 */
#ifndef STAVE_TEST_STORE_UTIL_H
#define STAVE_TEST_STORE_UTIL_H

#include "store/store.h"
#include "test.h"

typedef struct TestStore {
    Engine engine;
    Env *env;         /* env_test_new at 2026-11-20T08:00:00Z, seeded */
    Arena *arena;
    Err *e;           /* on the arena */
    StoreOptions opt; /* engine, path of a new empty database, is_writer */
    Str dir;          /* an empty folder of the test's own */
    Str files_path;   /* SQLite: a second file for attachments; PostgreSQL: opt.path */
    char db[64];      /* PostgreSQL: the database's name */
} TestStore;

/* Both end the test when they cannot do their work. Close stores and connections before the end. */
void test_store_begin(TestStore *t, Engine engine);
void test_store_end(TestStore *t);
/* The path of one more empty database (SQLite: a file in the folder), dropped at the end as well.
 */
Str test_store_more(TestStore *t, const char *suffix);

#define BOTH_ENGINES(NAME) BOTH_ENGINES_LONG(NAME, 10)
#define BOTH_ENGINES_LONG(NAME, SECONDS)                                                           \
    static void both_##NAME(TestStore *t);                                                         \
    TEST_LONG(NAME##_sqlite, SECONDS)                                                              \
    {                                                                                              \
        TestStore t;                                                                               \
        test_store_begin(&t, ENGINE_SQLITE);                                                       \
        both_##NAME(&t);                                                                           \
        test_store_end(&t);                                                                        \
    }                                                                                              \
    TEST_LONG(NAME##_pg, SECONDS)                                                                  \
    {                                                                                              \
        TestStore t;                                                                               \
        test_store_begin(&t, ENGINE_PG);                                                           \
        both_##NAME(&t);                                                                           \
        test_store_end(&t);                                                                        \
    }                                                                                              \
    static void both_##NAME(TestStore *t)

#endif
