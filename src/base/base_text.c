/* base_text.c: code points and the normal form of what is stored. */
#include "base/base_int.h"

#include <utf8proc.h>

enum { CP_BAD = 0xFFFD };

/* Length of the valid sequence at the start of s, 0 when there is none; NUL is valid here. */
static size_t utf8_len(Str s, uint32_t *ret_cp)
{
    const uint8_t *p = (const uint8_t *)s.p;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t cp;
    size_t n;
    if (p[0] < 0x80) {
        *ret_cp = p[0];
        return 1;
    }
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        n = 2;
        cp = p[0] & 0x1Fu;
    } else if ((p[0] & 0xF0) == 0xE0) {
        n = 3;
        cp = p[0] & 0x0Fu;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        n = 4;
        cp = p[0] & 0x07u;
    } else {
        return 0;
    }
    if (s.n < n)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        cp = cp << 6 | (p[i] & 0x3Fu);
    }
    if (cp < least[n] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return 0;
    *ret_cp = cp;
    return n;
}

bool utf8_valid(Str s)
{
    while (s.n) {
        uint32_t cp = 0;
        if ((uint8_t)s.p[0] - 1u < 0x7F) { /* 1..7F */
            s.p++;
            s.n--;
            continue;
        }
        size_t n = utf8_len(s, &cp);
        if (n == 0 || cp == 0)
            return false;
        s.p += n;
        s.n -= n;
    }
    return true;
}

uint32_t utf8_next(Str *s)
{
    uint32_t cp = CP_BAD;
    CHECK(s->n > 0);
    size_t n = utf8_len(*s, &cp);
    if (n == 0) {
        n = 1;
        cp = CP_BAD;
    }
    s->p += n;
    s->n -= n;
    return cp;
}

size_t utf8_count(Str s)
{
    size_t count = 0;
    for (; s.n; count++)
        (void)utf8_next(&s); /* only its length matters */
    return count;
}

size_t utf8_put(uint32_t cp, char out[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = CP_BAD;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

Str utf8_prefix(Str s, size_t code_points)
{
    Str rest = s;
    while (rest.n && code_points--)
        (void)utf8_next(&rest); /* only its length matters */
    return (Str){s.p, s.n - rest.n};
}

/* Code points that NFC leaves alone whatever stands beside them: nearly all that is ever typed. */
static bool nfc_inert(uint32_t cp)
{
    return cp < 0x300 || (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3000 && cp <= 0x3029) ||
           (cp >= 0xFF00 && cp <= 0xFFEF) || (cp >= 0x2010 && cp <= 0x2027);
}

/* CRLF and CR to LF; a bad byte or NUL, which no parser lets through, to U+FFFD. */
static Str text_lines(Arena *a, Str s, bool *ret_is_inert)
{
    char *out = arena_alloc(a, s.n * 3); /* a bad byte becomes three */
    size_t n = 0;
    bool is_inert = true;
    while (s.n) {
        uint32_t cp = utf8_next(&s);
        if (cp == '\r') {
            if (s.n && s.p[0] == '\n')
                continue;
            cp = '\n';
        }
        is_inert = is_inert && nfc_inert(cp);
        n += utf8_put(cp ? cp : CP_BAD, out + n);
    }
    *ret_is_inert = is_inert;
    return (Str){out, n};
}

/* True when s is valid, has no CR and nothing that NFC could change. */
static bool text_is_plain(Str s)
{
    while (s.n) {
        uint32_t cp = 0;
        size_t n = utf8_len(s, &cp);
        if (n == 0 || cp == 0 || cp == '\r' || !nfc_inert(cp))
            return false;
        s.p += n;
        s.n -= n;
    }
    return true;
}

Str text_normal(Arena *a, Str s)
{
    const utf8proc_option_t how = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    bool is_inert = false;
    if (!str_has(s) || text_is_plain(s))
        return str_copy(a, s);
    Str lines = text_lines(a, s, &is_inert);
    if (is_inert)
        return lines;
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)lines.p;
    utf8proc_ssize_t in = (utf8proc_ssize_t)lines.n;
    utf8proc_ssize_t n = utf8proc_decompose(p, in, NULL, 0, how);
    CHECK(n >= 0); /* the only failures are bad UTF-8, mended above, and overflow */
    utf8proc_int32_t *cps = NEW_N(a, utf8proc_int32_t, (size_t)n + 1);
    CHECK(utf8proc_decompose(p, in, cps, n, how) == n);
    n = utf8proc_reencode(cps, n, how);
    CHECK(n >= 0);
    return (Str){(const char *)cps, (size_t)n};
}
