/* test.h: the project's own test runner. Every test runs in a process of its own, so a crash or a
 * hang is one failure and hides nothing. Output is TAP.
 *
 *   TEST(words_are_cut) { EXPECT_STR(str_trim(S(" a ")), "a"); }
 *
 * A test file is tests/unit/test_X.c; `// tsan` on a line of its own runs it under ThreadSanitizer
 * too. EXPECT notes a failure and goes on; REQUIRE ends the test. Memory that leaks fails the test
 * (ASan).
 */
#ifndef STAVE_TEST_H
#define STAVE_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

typedef struct TestCase TestCase;
struct TestCase {
    const char *file, *name;
    void (*run)(void);
    int seconds; /* longer is a hang */
    TestCase *next;
};
void test_register(TestCase *c);

#define TEST(NAME) TEST_LONG(NAME, 10)
/* A test that may take more than ten seconds. */
#define TEST_LONG(NAME, SECONDS)                                                                   \
    static void test_run_##NAME(void);                                                             \
    static TestCase test_case_##NAME = {__FILE__, #NAME, test_run_##NAME, SECONDS, NULL};          \
    __attribute__((constructor)) static void test_add_##NAME(void)                                 \
    {                                                                                              \
        test_register(&test_case_##NAME);                                                          \
    }                                                                                              \
    static void test_run_##NAME(void)

/* The seed of this run (STAVE_SEED=N repeats one): start generators of test data from it. */
uint64_t test_seed(void);
uint64_t test_random(void);        /* from the seed, per test */
uint64_t test_below(uint64_t end); /* 0..end-1 */

void test_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void test_end(void); /* ends the test now, as failed if anything failed */
void test_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool test_i64(const char *file, int line, const char *what, int64_t got, int64_t want);
bool test_str(const char *file, int line, const char *what, Str got, Str want);

bool test_that(const char *file, int line, const char *what, bool is_so);
#define EXPECT(cond) test_that(__FILE__, __LINE__, #cond, (cond))
#define EXPECT_EQ_I64(got, want)                                                                   \
    test_i64(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(want))
#define EXPECT_STR(got, want) test_str(__FILE__, __LINE__, #got, (got), str_of(want))
#define EXPECT_STR_EQ(got, want) test_str(__FILE__, __LINE__, #got, (got), (want))
#define REQUIRE(cond) (EXPECT(cond) ? (void)0 : test_end())
/* A call with an Err: it went well, else the failure is told and the test ends. */
#define REQUIRE_OK(call, e)                                                                        \
    ((call) < 0 ? (test_err(__FILE__, __LINE__, #call, (e)), test_end()) : (void)0)
#define EXPECT_OK(call, e)                                                                         \
    ((call) < 0 ? (test_err(__FILE__, __LINE__, #call, (e)), false) : true)
/* The call fails with this class; the Err is cleared for the next one. */
#define EXPECT_ERR(call, cls, e) test_expect_err(__FILE__, __LINE__, #call, (call), (cls), (e))
void test_err(const char *file, int line, const char *what, const Err *e);
bool test_expect_err(const char *file, int line, const char *what, int got, int want, Err *e);

#endif
