/* base_str.c: borrowed texts, bytes only; what knows code points is in base_text.c. */
#include "base/base_int.h"

enum { DISTANCE_MAX = 64 };

Str str_of(const char *nul_terminated)
{
    return nul_terminated ? (Str){nul_terminated, strlen(nul_terminated)} : STR_NONE;
}

bool str_eq(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int str_cmp(Str a, Str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c)
        return c < 0 ? -1 : 1;
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

bool str_starts(Str s, Str prefix)
{
    return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool str_ends(Str s, Str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

Str str_sub(Str s, size_t from, size_t n)
{
    if (!s.p)
        return s;
    if (from > s.n)
        from = s.n;
    if (n > s.n - from)
        n = s.n - from;
    return (Str){s.p + from, n};
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Str str_trim(Str s)
{
    const Str wide = S("\xE3\x80\x80"); /* U+3000, what a Chinese input method puts for a blank */
    for (;;) {
        if (s.n && is_blank(s.p[0]))
            s = str_sub(s, 1, s.n);
        else if (str_starts(s, wide))
            s = str_sub(s, wide.n, s.n);
        else if (s.n && is_blank(s.p[s.n - 1]))
            s.n--;
        else if (str_ends(s, wide))
            s.n -= wide.n;
        else
            return s;
    }
}

bool str_cut(Str s, char at, Str *ret_head, Str *ret_tail)
{
    const char *hit = s.n ? memchr(s.p, at, s.n) : NULL;
    if (!hit) {
        *ret_head = s;
        *ret_tail = S("");
        return false;
    }
    size_t head = (size_t)(hit - s.p);
    *ret_head = (Str){s.p, head};
    *ret_tail = (Str){hit + 1, s.n - head - 1};
    return true;
}

ptrdiff_t str_find(Str s, Str needle)
{
    if (needle.n == 0)
        return 0;
    if (needle.n > s.n)
        return -1;
    const char *hit = memmem(s.p, s.n, needle.p, needle.n);
    return hit ? hit - s.p : -1;
}

bool str_i64(Str s, int64_t *ret)
{
    bool is_neg = s.n && s.p[0] == '-';
    int64_t v = 0;
    if (s.n == (size_t)is_neg)
        return false;
    for (size_t i = is_neg; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        /* summed up on the side of its sign, as INT64_MIN has no positive twin */
        if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
            __builtin_add_overflow(v, (int64_t)(is_neg ? -digit : digit), &v))
            return false;
    }
    *ret = v;
    return true;
}

uint64_t str_hash(Str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (uint8_t)s.p[i]) * 1099511628211u;
    return h;
}

Str str_copy(Arena *a, Str s)
{
    return s.p ? (Str){arena_copy(a, s.p, s.n), s.n} : s;
}

char *str_z(Arena *a, Str s)
{
    char *z = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(z, s.p, s.n);
    return z;
}

Str str_fmt(Arena *a, const char *fmt, ...)
{
    va_list args, again;
    char small[256];
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, fmt, args);
    CHECK(n >= 0);
    char *p = arena_alloc(a, (size_t)n + 1);
    if ((size_t)n < sizeof small)
        memcpy(p, small, (size_t)n);
    else
        (void)vsnprintf(p, (size_t)n + 1, fmt, again); /* the same arguments: the same length */
    va_end(again);
    va_end(args);
    return (Str){p, (size_t)n};
}

/* Insert, drop, replace, swap of two neighbours cost 1 each; three rows of the usual table. A text
 * over DISTANCE_MAX is nobody's typing mistake: the longer length, the most there can be. */
size_t str_distance(Str a, Str b)
{
    size_t rows[3][DISTANCE_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    if (a.n > DISTANCE_MAX || b.n > DISTANCE_MAX)
        return a.n > b.n ? a.n : b.n;
    for (size_t j = 0; j <= b.n; j++) {
        row[j] = j;
        above[j] = before[j] = 0;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
    }
    return row[b.n];
}
