/* tool.c: see tool.h. */
#include "tool.h"

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int error_n;

void tool_die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("error: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

void tool_error(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s:%d: error: ", file, line);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    error_n++;
}

int tool_errors(void)
{
    return error_n;
}

void *tool_grow(void *p, size_t bytes)
{
    void *q = realloc(p, bytes);
    if (!q)
        tool_die("out of memory");
    return q;
}

void *tool_alloc(size_t bytes)
{
    return memset(tool_grow(NULL, bytes), 0, bytes);
}

char *tool_copy(const char *p, size_t n)
{
    char *z = tool_alloc(n + 1);
    memcpy(z, p, n);
    return z;
}

void text_add(Text *t, const void *p, size_t n)
{
    if (t->cap - t->n < n + 1) {
        t->cap = (t->cap + n + 1) * 2;
        t->p = tool_grow(t->p, t->cap);
    }
    if (n)
        memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = 0;
}

void text_z(Text *t, const char *z)
{
    text_add(t, z, strlen(z));
}

void text_fmt(Text *t, const char *fmt, ...)
{
    char *z = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&z, fmt, ap);
    va_end(ap);
    if (n < 0)
        tool_die("out of memory");
    text_add(t, z, (size_t)n);
    free(z);
}

void text_c_string(Text *t, const char *p, size_t n)
{
    text_z(t, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '"' || c == '\\')
            text_fmt(t, "\\%c", c);
        else if (c == '\n')
            text_z(t, "\\n");
        else if (c < 32 || c == 127 || (c == '?' && i && p[i - 1] == '?'))
            text_fmt(t, "\\%03o", c);
        else
            text_add(t, &p[i], 1);
    }
    text_z(t, "\"");
}

static bool read_into(const char *path, Text *t)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char block[16384];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
        text_add(t, block, n);
    if (ferror(f))
        tool_die("%s: %s", path, strerror(errno));
    fclose(f);
    text_add(t, "", 0);
    return true;
}

Text tool_read(const char *path)
{
    Text t = {0};
    if (!read_into(path, &t))
        tool_die("%s: %s", path, strerror(errno));
    return t;
}

void tool_write(const char *path, const Text *t)
{
    Text old = {0}, temp = {0};
    if (read_into(path, &old) && old.n == t->n && (t->n == 0 || !memcmp(old.p, t->p, t->n)))
        return;
    text_fmt(&temp, "%s.%ld", path, (long)getpid());
    FILE *f = fopen(temp.p, "wb");
    if (!f || fwrite(t->p, 1, t->n, f) != t->n || fclose(f) || rename(temp.p, path))
        tool_die("%s: %s", path, strerror(errno));
}
