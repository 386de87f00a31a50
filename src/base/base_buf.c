/* base_buf.c: growable output; it grows where it lies unless its arena gave out more behind it. */
#include "base/base_int.h"

enum { BUF_FIRST = 64 };

static void buf_reserve(Buf *b, size_t more)
{
    size_t need = 0;
    CHECK(b->arena != NULL);
    CHECK(!__builtin_add_overflow(b->n, more, &need));
    if (need <= b->cap)
        return;
    size_t cap = b->cap ? b->cap * 2 : BUF_FIRST;
    if (cap < need)
        cap = need;
    if (b->p && arena_extend(b->arena, b->p, b->cap, cap)) {
        b->cap = cap;
        return;
    }
    char *p = arena_alloc(b->arena, cap);
    if (b->n)
        memcpy(p, b->p, b->n);
    b->p = p;
    b->cap = cap;
}

void buf_byte(Buf *b, char c)
{
    if (b->n == b->cap)
        buf_reserve(b, 1);
    b->p[b->n++] = c;
}

void buf_mem(Buf *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    if (n > b->cap - b->n)
        buf_reserve(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void buf_str(Buf *b, Str s)
{
    buf_mem(b, s.p, s.n);
}

void buf_z(Buf *b, const char *z)
{
    buf_mem(b, z, strlen(z));
}

void buf_i64(Buf *b, int64_t v)
{
    char text[20];
    size_t at = sizeof text;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        text[--at] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (v < 0)
        text[--at] = '-';
    buf_mem(b, text + at, sizeof text - at);
}

void buf_fmt(Buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    buf_reserve(b, BUF_FIRST);
    int n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, args);
    CHECK(n >= 0);
    if ((size_t)n >= b->cap - b->n) { /* vsnprintf wants room for a NUL */
        buf_reserve(b, (size_t)n + 1);
        n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
        CHECK(n >= 0);
    }
    b->n += (size_t)n;
    va_end(again);
    va_end(args);
}

void buf_hex(Buf *b, const void *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = p;
    if (n == 0)
        return;
    CHECK(n <= SIZE_MAX / 2);
    buf_reserve(b, n * 2);
    for (size_t i = 0; i < n; i++) {
        b->p[b->n++] = digits[bytes[i] >> 4];
        b->p[b->n++] = digits[bytes[i] & 15];
    }
}

Str buf_view(const Buf *b)
{
    return b->p ? (Str){b->p, b->n} : S("");
}
