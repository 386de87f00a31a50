/* record_search_text.c: how search reads text: terms, tokens, places. */
#include "record/record_find_int.h"

static void put_hex(Buf *b, Str s)
{
    buf_hex(b, s.p, s.n < LIMIT_SEARCH_WORD_BYTES ? s.n : LIMIT_SEARCH_WORD_BYTES);
}

/* Takes a whole word off s, of which `from` is the beginning. */
static Str take_word(Str *s, Str from)
{
    while (s->n) {
        Str rest = *s;
        if (text_class(utf8_next(&rest)) != TEXT_WORD)
            break;
        *s = rest;
    }
    return (Str){from.p, from.n - s->n};
}

int find_term_tokens(Buf *b, Str folded, const char *sep)
{
    uint32_t sign = 0; /* the one before, if nothing stands between */
    bool after_word = false;
    int n = 0;
    while (folded.n) {
        Str from = folded;
        uint32_t cp = utf8_next(&folded);
        switch (text_class(cp)) {
        case TEXT_WORD:
            if (sign) {
                buf_fmt(b, "%sc%x", sep, sign);
                n++;
            }
            buf_fmt(b, "%sw", sep);
            put_hex(b, take_word(&folded, from));
            n++;
            sign = 0;
            after_word = true;
            continue;
        case TEXT_SIGN:
            if (sign || after_word) {
                if (sign)
                    buf_fmt(b, "%sb%04x%04x", sep, sign, cp);
                else
                    buf_fmt(b, "%sc%x", sep, cp);
                n++;
            }
            sign = cp;
            break;
        default:
            sign = 0;
        }
        after_word = false;
    }
    return n;
}

static char initial_letter(int bit)
{
    return (char)(bit < 26 ? 'a' + bit : '0' + bit - 26);
}

static int put_pairs(Buf *b, uint64_t first, uint64_t second, const char *sep)
{
    int n = 0;
    for (int i = 0; i < 36; i++)
        for (int k = 0; first >> i & 1 && k < 36; k++)
            if (second >> k & 1) {
                buf_fmt(b, "%sn%c%c", sep, initial_letter(i), initial_letter(k));
                n++;
            }
    return n;
}

/* Each pair of neighbours, in every reading of both: few, however long the name. */
static int put_name_pairs(Buf *b, Str folded, const char *sep)
{
    InitialsAt at = {0};
    Initials one;
    uint64_t before = 0;
    int n = 0;
    while (text_initials_next(&folded, &at, &one)) {
        n += put_pairs(b, before, one.letters, sep);
        before = one.letters;
    }
    return n;
}

int find_initials_tokens(Buf *b, Str letters, const char *sep)
{
    int n = 0;
    for (size_t i = 0; i + 1 < letters.n; i++, n++)
        buf_fmt(b, "%sn%c%c", sep, letters.p[i], letters.p[i + 1]);
    return n;
}

/* ---- bodies --------------------------------------------------------------------------------- */

void find_field(Buf *body, const Field *f, Str text)
{
    buf_byte(body, f->is_found_by_name ? BODY_NAME : BODY_TEXT);
    Str folded = text_fold(body->arena, text);
    for (size_t i = 0; i < folded.n; i++)
        buf_byte(body, (unsigned char)folded.p[i] < ' ' ? ' ' : folded.p[i]);
}

/* Takes the next text off what follows the scope. */
static bool next_text(Str *rest, Str *ret, bool *ret_is_name)
{
    if (!rest->n)
        return false;
    *ret_is_name = rest->p[0] == BODY_NAME;
    size_t n = 1;
    while (n < rest->n && rest->p[n] != BODY_NAME && rest->p[n] != BODY_TEXT)
        n++;
    *ret = str_sub(*rest, 1, n - 1);
    *rest = str_sub(*rest, n, rest->n);
    return true;
}

Str find_body_tokens(Arena *a, Str body)
{
    Str scope, rest, text;
    bool is_name;
    if (!str_cut(body, BODY_SCOPE_END, &scope, &rest))
        return S("");
    Buf b = {.arena = a};
    buf_str(&b, scope);
    while (next_text(&rest, &text, &is_name)) {
        (void)find_term_tokens(&b, text, " "); /* how many is no matter */
        if (is_name)
            (void)put_name_pairs(&b, text, " ");
    }
    return buf_view(&b);
}

bool find_terms_in_body(const Term *terms, int n, Str body)
{
    Str scope, texts, text;
    bool is_name;
    if (!str_cut(body, BODY_SCOPE_END, &scope, &texts))
        return false;
    for (int i = 0; i < n; i++) {
        bool is_in = false;
        for (Str rest = texts; !is_in && next_text(&rest, &text, &is_name);)
            is_in = find_term_in(&terms[i], text, is_name);
        if (!is_in)
            return false;
    }
    return true;
}

/* ---- terms ---------------------------------------------------------------------------------- */

static bool is_plain_letters(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80 || text_class((uint32_t)s.p[i]) != TEXT_WORD)
            return false;
    return s.n > 0;
}

static void add_term(Arena *a, Term *list, int *n, Str text)
{
    Term t = {.text = text, .is_letters = is_plain_letters(text)};
    for (int i = 0; i < *n; i++)
        if (str_eq(list[i].text, text))
            return;
    Buf tokens = {.arena = a};
    t.has_token = find_term_tokens(&tokens, text, " ") > 0;
    list[(*n)++] = t;
}

int find_terms(Arena *a, Str q, Term **ret, int *ret_n, Err *e)
{
    if (utf8_count(q) > LIMIT_SEARCH_CHARS)
        return err_field(e, S("q"), "record.search_long", err_int(e, LIMIT_SEARCH_CHARS));
    Term *list = NEW_N(a, Term, LIMIT_SEARCH_CHARS + 1);
    Str folded = text_fold(a, q), text = {folded.p, 0};
    int n = 0;
    bool is_enough = false;
    for (Str rest = folded; n < LIMIT_SEARCH_CHARS;) {
        Str next = rest;
        bool is_end = !rest.n || text_class(utf8_next(&next)) == TEXT_APART;
        if (!is_end) {
            text.n = (size_t)(next.p - text.p);
        } else {
            is_enough = is_enough || utf8_count(text) >= 2;
            if (text.n)
                add_term(a, list, &n, text);
            text = (Str){next.p, 0};
        }
        if (!rest.n)
            break;
        rest = next;
    }
    if (!is_enough)
        return err_field(e, S("q"), "record.search_short");
    *ret = list;
    *ret_n = n;
    return 0;
}

static uint32_t cp_before(Str s, size_t at)
{
    size_t i = at - 1;
    while (i > 0 && ((unsigned char)s.p[i] & 0xC0) == 0x80)
        i--;
    Str one = str_sub(s, i, at - i);
    return utf8_next(&one);
}

static bool is_word_at(Str s)
{
    return s.n && text_class(utf8_next(&s)) == TEXT_WORD;
}

/* Does a stretch of s, which holds the term's bytes, cut no word at either end. */
static bool is_whole(Str s, size_t at, size_t n)
{
    Str term = str_sub(s, at, n);
    if (at && is_word_at(term) && text_class(cp_before(s, at)) == TEXT_WORD)
        return false;
    return !is_word_at(str_sub(s, at + n, s.n)) || text_class(cp_before(s, at + n)) != TEXT_WORD;
}

/* Byte of the first place from `from` on; -1. */
static ptrdiff_t term_place(Str term, Str s)
{
    for (size_t from = 0; from + term.n <= s.n;) {
        ptrdiff_t at = str_find(str_sub(s, from, s.n), term);
        if (at < 0)
            return -1;
        if (is_whole(s, from + (size_t)at, term.n))
            return (ptrdiff_t)from + at;
        from += (size_t)at + 1;
    }
    return -1;
}

bool find_term_in(const Term *t, Str folded, bool is_name)
{
    return term_place(t->text, folded) >= 0 ||
           (is_name && t->is_letters && t->text.n >= 2 && text_initials_match(folded, t->text));
}

/* ---- passages ------------------------------------------------------------------------------- */

enum { PASSAGE_BEFORE = 16, PASSAGE_AFTER = 48 }; /* code points around a place */

/* A text folded sign by sign, with the place in the text of each byte. A composition over several
 * signs is missed: then the passage is the text's beginning. */
typedef struct Folded {
    Str s;
    uint32_t *from; /* [n + 1] */
} Folded;

static Folded fold_with_places(Arena *a, Str text)
{
    Buf b = {.arena = a}, from = {.arena = a};
    for (Str rest = text; rest.n;) {
        Str one = rest;
        uint32_t at = (uint32_t)(rest.p - text.p);
        uint32_t cp = utf8_next(&rest);
        one.n = (size_t)(rest.p - one.p);
        size_t n = b.n;
        if (cp < 0x80)
            buf_byte(&b, (char)(cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp < ' ' ? ' ' : cp));
        else
            buf_str(&b, cp >= 0x4E00 && cp < 0xA000 ? one : text_fold(a, one));
        for (; n < b.n; n++)
            buf_mem(&from, &at, sizeof at);
    }
    uint32_t end = (uint32_t)text.n;
    buf_mem(&from, &end, sizeof end);
    uint32_t *list = NEW_N(a, uint32_t, from.n / sizeof end);
    memcpy(list, from.p, from.n);
    return (Folded){buf_view(&b), list};
}

/* The byte `n` code points before `at`. */
static size_t step_back(Str s, size_t at, int n)
{
    while (at > 0 && n--)
        do
            at--;
        while (at > 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80);
    return at;
}

static void put_passage(Arena *a, Str text, size_t at, size_t n, Hit *ret)
{
    size_t from = step_back(text, at, PASSAGE_BEFORE);
    Str after = utf8_prefix(str_sub(text, at + n, text.n), PASSAGE_AFTER);
    size_t to = at + n + after.n;
    Buf b = {.arena = a};
    if (from)
        buf_z(&b, "…");
    ret->mark_at = (int)(b.n + at - from);
    ret->mark_n = (int)n;
    for (size_t i = from; i < to; i++)
        buf_byte(&b, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
    if (to < text.n)
        buf_z(&b, "…");
    ret->passage = buf_view(&b);
}

bool find_passage(Arena *a, const Term *terms, int n, Str text, bool is_name, Hit *ret)
{
    Str folded = text_fold(a, text);
    bool is_in = false;
    for (int i = 0; i < n && !is_in; i++)
        is_in = find_term_in(&terms[i], folded, is_name);
    if (!is_in)
        return false;
    Folded f = fold_with_places(a, text);
    ptrdiff_t first = -1;
    size_t first_n = 0;
    for (int i = 0; i < n; i++) {
        ptrdiff_t at = term_place(terms[i].text, f.s);
        if (at >= 0 && (first < 0 || at < first)) {
            first = at;
            first_n = terms[i].text.n;
        }
    }
    if (first < 0) {
        put_passage(a, text, 0, 0, ret);
        ret->mark_at = 0;
        return true;
    }
    uint32_t from = f.from[first], to = f.from[(size_t)first + first_n];
    put_passage(a, text, from, to > from ? to - from : 0, ret);
    return true;
}

/* ---- order ---------------------------------------------------------------------------------- */

/* 16 bits of day from 1970 on, 41 of the id's instant from 2020 on, 6 that tell apart what was made
 * in the same millisecond. Days outside stand at the ends. */
int64_t find_key(Day at_day, Uuid id)
{
    const int64_t begin_ms = 1577836800000, most_ms = ((int64_t)1 << 41) - 1;
    int64_t day = at_day < 0 ? 0 : at_day > 0xFFFF ? 0xFFFF : at_day;
    int64_t ms = uuid_ms(id) - begin_ms;
    ms = ms < 0 ? 0 : ms > most_ms ? most_ms : ms;
    return day << 47 | ms << 6 | (id.b[7] & 0x3F);
}
