/* base_pinyin.c: folding for comparison, and the pinyin initials of names. The tables are made by
 * tools/mkpinyin. */
#include "base/base_int.h"

#include <utf8proc.h>

enum { CP_BAD = 0xFFFD };

static bool fold_is_plain(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] >= 0x80)
            return false;
    return true;
}

Str text_fold(Arena *a, Str s)
{
    const utf8proc_option_t how =
        UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STABLE;
    if (!str_has(s))
        return s;
    char *out = arena_alloc(a, s.n * 3 + 1); /* a bad byte becomes three */
    size_t n = 0;
    if (fold_is_plain(s)) {
        for (; n < s.n; n++)
            out[n] = (char)(s.p[n] >= 'A' && s.p[n] <= 'Z' ? s.p[n] | 0x20 : s.p[n]);
        return (Str){out, n};
    }
    for (Str rest = s; rest.n;) {
        uint32_t cp = utf8_next(&rest);
        n += utf8_put(cp ? cp : CP_BAD, out + n);
    }
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)out;
    utf8proc_ssize_t want = utf8proc_decompose(p, (utf8proc_ssize_t)n, NULL, 0, how);
    CHECK(want >= 0); /* the only failures are bad UTF-8, mended above, and overflow */
    utf8proc_int32_t *cps = NEW_N(a, utf8proc_int32_t, (size_t)want + 1);
    CHECK(utf8proc_decompose(p, (utf8proc_ssize_t)n, cps, want, how) == want);
    want = utf8proc_reencode(cps, want, how);
    CHECK(want >= 0);
    return (Str){(const char *)cps, (size_t)want};
}

TextClass text_class(uint32_t cp)
{
    if (cp < 0x80)
        return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= '0' && cp <= '9')
                   ? TEXT_WORD
                   : TEXT_APART;
    if ((cp >= 0x3400 && cp < 0x4DC0) || (cp >= 0x4E00 && cp < 0xA000) || cp >= 0x20000)
        return TEXT_SIGN;
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
    if (c < UTF8PROC_CATEGORY_LU || c > UTF8PROC_CATEGORY_NO)
        return TEXT_APART;
    return (cp >= 0x2E80 && cp < 0xA4D0) || (cp >= 0xAC00 && cp < 0xD7B0) ||
                   (cp >= 0xF900 && cp < 0xFB00)
               ? TEXT_SIGN
               : TEXT_WORD;
}

/* ---- initials ------------------------------------------------------------------------------ */

static uint32_t rare_set(uint32_t cp)
{
    size_t from = 0, to = pinyin_rare_n;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (pinyin_rare[mid].cp < cp)
            from = mid + 1;
        else
            to = mid;
    }
    return from < pinyin_rare_n && pinyin_rare[from].cp == cp ? pinyin_rare[from].set : 0;
}

static uint64_t cp_initials(uint32_t cp)
{
    if (cp >= 0x4E00 && cp < 0xA000)
        return pinyin_sets[pinyin_basic[cp - 0x4E00]];
    if (cp >= 0x3400 && cp < 0x4DC0)
        return pinyin_sets[pinyin_a[cp - 0x3400]];
    return cp >= 0x20000 ? pinyin_sets[rare_set(cp)] : 0;
}

/* 'a'..'z', '0'..'9', whatever case and width it has; 0: another character. */
static char plain_letter(uint32_t cp)
{
    if (cp >= 0xFF10 && cp <= 0xFF5A)
        cp -= 0xFEE0;
    if (cp >= 'A' && cp <= 'Z')
        cp |= 0x20;
    return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ? (char)cp : 0;
}

static uint64_t letter_bit(char c)
{
    return (uint64_t)1 << (c <= '9' ? c - '0' + 26 : c - 'a');
}

static bool is_ideograph(uint32_t cp)
{
    return (cp >= 0x3400 && cp < 0x4DC0) || (cp >= 0x4E00 && cp < 0xA000) || cp == 0x3007 ||
           (cp >= 0x20000 && cp < 0x34000);
}

bool text_initials_next(Str *name, InitialsAt *at, Initials *ret)
{
    while (name->n) {
        uint32_t cp = utf8_next(name);
        char c = plain_letter(cp);
        bool was_latin = at->is_latin, is_start = !at->is_within || was_latin != (c != 0);
        if (c) {
            *at = (InitialsAt){.is_within = true, .is_latin = true};
            if (!is_start)
                continue; /* of a word of letters only the first counts */
            *ret = (Initials){letter_bit(c), true};
            return true;
        }
        if (is_ideograph(cp)) {
            *at = (InitialsAt){.is_within = true};
            *ret = (Initials){cp_initials(cp), is_start};
            return true;
        }
        *at = (InitialsAt){0};
    }
    return false;
}

bool text_initials_key(Arena *a, Str typed, Str *ret)
{
    typed = str_trim(typed);
    Buf b = {.arena = a};
    while (typed.n) {
        char c = plain_letter(utf8_next(&typed));
        if (!c)
            return false;
        buf_byte(&b, c);
    }
    if (b.n)
        *ret = buf_view(&b);
    return b.n > 0;
}

/* Does the rest of a name begin with the letters `typed`. */
static bool initials_begin(Str rest, InitialsAt at, Initials first, Str typed)
{
    for (;;) {
        char c = plain_letter(utf8_next(&typed));
        if (!c || !(first.letters & letter_bit(c)))
            return false;
        if (!typed.n)
            return true;
        if (!text_initials_next(&rest, &at, &first))
            return false;
    }
}

bool text_initials_match(Str name, Str typed)
{
    typed = str_trim(typed);
    InitialsAt at = {0};
    Initials one;
    while (typed.n && text_initials_next(&name, &at, &one))
        if (one.starts_word && initials_begin(name, at, one, typed))
            return true;
    return false;
}
