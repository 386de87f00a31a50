/* log_line: one event, one line, whatever is quoted in it */
#include <unistd.h>

#include "base/base.h"
#include "test.h"

/* What is logged meanwhile. */
static Str caught(Arena *a, const char *level, const char *text)
{
    int pipes[2], old = dup(STDERR_FILENO);
    char *got = arena_alloc(a, 8192);
    CHECK(old >= 0 && pipe(pipes) == 0);
    CHECK(dup2(pipes[1], STDERR_FILENO) >= 0);
    log_line(level, "what=%s", text);
    CHECK(dup2(old, STDERR_FILENO) >= 0);
    CHECK(close(pipes[1]) == 0 && close(old) == 0);
    ssize_t n = read(pipes[0], got, 8192);
    CHECK(n >= 0 && close(pipes[0]) == 0);
    return (Str){got, (size_t)n};
}

TEST(an_event_is_one_line)
{
    Arena *a = arena_new(0);
    Str got = caught(a, "info", "a\nlevel=error\r\x1b[1m b");
    EXPECT(str_starts(got, S("ts=20")));
    EXPECT(str_ends(got, S(" level=info what=a level=error  [1m b\n")));
    EXPECT_EQ_I64(str_find(got, S("\n")), (int64_t)got.n - 1);
    arena_free(a);
}

TEST(long_lines_are_cut_between_characters)
{
    Arena *a = arena_new(0);
    for (size_t shift = 0; shift < 3; shift++) {
        Buf b = {.arena = a};
        for (size_t i = 0; i < shift; i++)
            buf_byte(&b, 'x');
        for (int i = 0; i < 2000; i++)
            buf_z(&b, "村");
        Str got = caught(a, "warn", str_z(a, buf_view(&b)));
        EXPECT(got.n > 2000 && got.n <= 2048);
        EXPECT(str_ends(got, S("村\n")));
        EXPECT(utf8_valid(got));
    }
    arena_free(a);
}
