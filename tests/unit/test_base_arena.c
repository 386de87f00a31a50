/* arena_*, buf_* */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "test.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

static bool all_zero(const void *p, size_t n)
{
    const char *c = p;
    for (size_t i = 0; i < n; i++)
        if (c[i])
            return false;
    return true;
}

TEST(memory_is_zero_and_aligned)
{
    Arena *a = arena_new(0);
    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 3000; n += 7) {
            char *p = arena_alloc(a, n);
            EXPECT(p != NULL && (uintptr_t)p % 16 == 0);
            EXPECT(all_zero(p, n));
            if (n)
                memset(p, 0xAA, n);
        }
        arena_reset(a);
        EXPECT_EQ_I64(arena_bytes(a), 0);
    }
    arena_free(a);
    arena_free(NULL);
}

TEST(mark_and_rewind_across_blocks)
{
    Arena *a = arena_new(1024);
    uint64_t *kept = NEW_N(a, uint64_t, 4);
    kept[3] = 42;
    for (int round = 0; round < 100; round++) {
        size_t mark = arena_mark(a);
        for (int i = 0; i < 50; i++) {
            char *p = arena_alloc(a, 333);
            EXPECT(all_zero(p, 333));
            memset(p, 0x55, 333);
        }
        EXPECT(arena_bytes(a) >= mark + 50 * 333);
        arena_rewind(a, mark);
        EXPECT_EQ_I64(arena_bytes(a), mark);
    }
    EXPECT_EQ_I64(kept[3], 42);
    EXPECT(all_zero(kept, 3 * sizeof *kept));
    arena_free(a);
}

TEST(marks_nest_at_every_point)
{
    enum { N = 200 };
    Arena *a = arena_new(1024);
    size_t marks[N];
    uint8_t *p[N];
    for (size_t i = 0; i < N; i++) {
        marks[i] = arena_mark(a);
        p[i] = arena_alloc(a, 16 + i);
        memset(p[i], (int)i, 16 + i);
    }
    for (size_t i = N; i-- > 0;) {
        EXPECT_EQ_I64(p[i][15 + i], (uint8_t)i);
        arena_rewind(a, marks[i]);
        if (i)
            EXPECT_EQ_I64(p[i - 1][0], (uint8_t)(i - 1)); /* what is before the mark stays */
    }
    EXPECT_EQ_I64(arena_bytes(a), 0);
    arena_free(a);
}

TEST(large_pieces_and_reset)
{
    Arena *a = arena_new(4096);
    for (int round = 0; round < 5; round++) {
        char *big = arena_alloc(a, 5 * 1024 * 1024);
        EXPECT(all_zero(big, 5 * 1024 * 1024));
        memset(big, 1, 5 * 1024 * 1024);
        char *small = arena_alloc(a, 10);
        EXPECT(all_zero(small, 10));
        arena_reset(a);
    }
    arena_free(a);
    a = arena_new(ARENA_KEEP_BYTES * 4);
    memset(arena_alloc(a, ARENA_KEEP_BYTES * 3), 1, ARENA_KEEP_BYTES * 3);
    arena_reset(a);
    EXPECT(all_zero(arena_alloc(a, 5000), 5000));
    arena_free(a);
}

TEST(copy_and_arrays)
{
    Arena *a = arena_new(0);
    int src[3] = {1, 2, 3};
    int *copy = arena_copy(a, src, sizeof src);
    src[2] = 9;
    EXPECT_EQ_I64(copy[2], 3);
    EXPECT(arena_copy(a, NULL, 0) != NULL);
    EXPECT(NEW_N(a, int, 0) != NULL);
    arena_free(a);
}

TEST(buf_grows_and_keeps_what_it_has)
{
    Arena *a = arena_new(1024);
    Buf b = {.arena = a}, other = {.arena = a};
    EXPECT(str_has(buf_view(&b)));
    EXPECT_STR_EQ(buf_view(&b), S(""));
    for (int i = 0; i < 20000; i++) {
        buf_byte(&b, (char)('a' + i % 26));
        if (i % 3 == 0)
            buf_byte(&other, 'x'); /* two in one arena must not run into each other */
    }
    EXPECT_EQ_I64(b.n, 20000);
    size_t wrong = 0;
    for (size_t i = 0; i < b.n; i++)
        wrong += b.p[i] != (char)('a' + i % 26);
    for (size_t i = 0; i < other.n; i++)
        wrong += other.p[i] != 'x';
    EXPECT_EQ_I64(wrong, 0);
    EXPECT_EQ_I64(other.n, 6667);
    arena_free(a);
}

TEST(buf_writes_every_kind)
{
    Arena *a = arena_new(0);
    Buf b = {.arena = a};
    buf_i64(&b, 0);
    buf_byte(&b, ' ');
    buf_i64(&b, INT64_MIN);
    buf_byte(&b, ' ');
    buf_i64(&b, INT64_MAX);
    buf_str(&b, STR_NONE);
    buf_z(&b, " z ");
    buf_hex(&b, "\x00\xAB\xff", 3);
    buf_mem(&b, NULL, 0);
    buf_fmt(&b, " %s|%d", "f", 5);
    EXPECT_STR_EQ(buf_view(&b),
               S("0 -9223372036854775808 9223372036854775807 z 00abff f|5"));
    for (int width = 1; width < 600; width++) { /* every place of the border */
        Buf c = {.arena = a};
        size_t mark = arena_mark(a);
        buf_fmt(&c, "%0*d", width, 7);
        EXPECT_EQ_I64(c.n, width);
        EXPECT_EQ_I64(c.p[c.n - 1], '7');
        arena_rewind(a, mark);
    }
    arena_free(a);
}

TEST(buf_grows_in_place_over_dirty_memory)
{
    Arena *a = arena_new(32 * 1024);
    memset(arena_alloc(a, 30000), 0xEE, 30000);
    arena_reset(a);
    Buf b = {.arena = a};
    buf_byte(&b, '1');
    const char *first = b.p;
    for (int i = 0; i < 5000; i++)
        buf_byte(&b, '2');
    EXPECT(b.p == first);
    EXPECT(all_zero(b.p + b.n, b.cap - b.n));
    EXPECT(all_zero(arena_alloc(a, 100), 100));
    arena_free(a);
}

/* What a CHECK does: the process must die by it. */
static bool aborts(void (*run)(Arena *a))
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        CHECK(null >= 0 && dup2(null, STDERR_FILENO) >= 0);
        (void)signal(SIGABRT, SIG_DFL); /* fails for no signal that there is */
        run(arena_new(0));
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void too_many(Arena *a)
{
    (void)NEW_N(a, uint64_t, SIZE_MAX / 4);
}

static void too_large(Arena *a)
{
    (void)arena_alloc(a, SIZE_MAX - 3);
}

static void rewinds_forward(Arena *a)
{
    arena_rewind(a, 16);
}

static void nothing_wrong(Arena *a)
{
    arena_rewind(a, 0);
}

TEST(misuse_stops_the_program)
{
    EXPECT(aborts(too_many));
    EXPECT(aborts(too_large));
    EXPECT(aborts(rewinds_forward));
    EXPECT(!aborts(nothing_wrong));
}

#if defined(__SANITIZE_ADDRESS__)
TEST(asan_sees_what_is_gone_and_what_lies_behind)
{
    Arena *a = arena_new(1024);
    char *p = arena_alloc(a, 20);
    EXPECT(!__asan_address_is_poisoned(p + 19));
    EXPECT(__asan_address_is_poisoned(p + 20));
    size_t mark = arena_mark(a);
    char *same = arena_alloc(a, 100), *next = arena_alloc(a, 3000);
    EXPECT(!__asan_address_is_poisoned(same) && !__asan_address_is_poisoned(next + 2999));
    arena_rewind(a, mark);
    EXPECT(__asan_address_is_poisoned(same) && __asan_address_is_poisoned(next));
    EXPECT(!__asan_address_is_poisoned(p));
    arena_reset(a);
    EXPECT(__asan_address_is_poisoned(p));
    arena_free(a);
}
#endif
