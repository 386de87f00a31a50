/* base_log.c: one line an event on stderr; journald, or whoever reads, keeps it. */
#include "base/base_int.h"

#include <unistd.h>

enum { LOG_LINE_MAX = 2048 }; /* below PIPE_BUF: lines of two threads do not mix */

void log_line(const char *level, const char *fmt, ...)
{
    char line[LOG_LINE_MAX];
    va_list args;
    Arena *a = arena_new(0);
    Str when = ms_rfc3339(a, env_now_ms(env_real()));
    int head = snprintf(line, sizeof line, "ts=%.*s level=%s ", STR_ARG(when), level);
    arena_free(a);
    CHECK(head > 0 && (size_t)head < sizeof line);
    va_start(args, fmt);
    int tail = vsnprintf(line + head, sizeof line - (size_t)head, fmt, args);
    va_end(args);
    CHECK(tail >= 0);
    size_t n = (size_t)head + (size_t)tail;
    if (n > sizeof line - 1) { /* cut, but not inside a character */
        n = sizeof line - 1;
        while (n && ((uint8_t)line[n - 1] & 0xC0) == 0x80)
            n--;
        n--;
    }
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = ' '; /* an event stays one line, whatever was quoted in it */
    line[n++] = '\n';
    /* a log that cannot be written has nobody to tell */
    ssize_t put = write(STDERR_FILENO, line, n);
    (void)put;
}
