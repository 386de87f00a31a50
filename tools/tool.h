/* tool.h: what the build's own small programs share: reading, writing, telling a mistake's place.
 * They run at build time only and end with the process, so nothing is freed.
 */
#ifndef STAVE_TOOL_H
#define STAVE_TOOL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Growable text, always followed by a NUL that n does not count. {0} is an empty one. */
typedef struct Text {
    char *p;
    size_t n, cap;
} Text;

void text_add(Text *t, const void *p, size_t n);
void text_z(Text *t, const char *z);
void text_fmt(Text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_c_string(Text *t, const char *p, size_t n); /* as a C literal with its quotes */

void *tool_alloc(size_t bytes); /* zeroed; ends the program when there is none */
void *tool_grow(void *p, size_t bytes);
char *tool_copy(const char *p, size_t n); /* NUL-terminated */

Text tool_read(const char *path); /* ends the program when it cannot */
/* Writes a temporary file and renames it; a file that holds the same already is left alone. */
void tool_write(const char *path, const Text *t);

_Noreturn void tool_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "file:line: error: ..."; counted, the program goes on to find more. */
void tool_error(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int tool_errors(void);

#endif
