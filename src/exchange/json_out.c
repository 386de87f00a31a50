/* json_out.c: JSON text straight into a Buf; safe inside a script element as well.      STACK: 5 */
#include "exchange/exchange_int.h"

static void json_escape(Buf *b, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {
        '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
    buf_mem(b, text, sizeof text);
}

/* 0: the byte stands for itself. */
static char json_short_escape(char c)
{
    switch (c) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static bool json_wants_escape(uint8_t c)
{
    return c < 0x20 || c == 0x7F || c == '<' || c == '>' || c == '&';
}

/* Where the next byte stands that may not stand for itself; 0xE2 begins U+2028. */
static size_t json_plain_end(Str s, size_t i)
{
    while (i < s.n && s.p[i] != '"' && s.p[i] != '\\' && (uint8_t)s.p[i] != 0xE2 &&
           !json_wants_escape((uint8_t)s.p[i]))
        i++;
    return i;
}

/* Writes what stands at the front of `s`; answers how many bytes of it that took. */
static size_t json_special(Buf *b, Str s)
{
    char brief = json_short_escape(s.p[0]);
    if (brief) {
        buf_byte(b, '\\');
        buf_byte(b, brief);
    } else if (json_wants_escape((uint8_t)s.p[0])) {
        json_escape(b, (uint8_t)s.p[0]);
    } else if (str_starts(s, S("\xE2\x80\xA8")) || str_starts(s, S("\xE2\x80\xA9"))) {
        json_escape(b, s.p[2] == '\xA8' ? 0x2028 : 0x2029);
        return 3;
    } else {
        buf_byte(b, s.p[0]);
    }
    return 1;
}

void json_text(Buf *b, Str s)
{
    buf_byte(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t end = json_plain_end(s, i);
        if (end > i)
            buf_mem(b, s.p + i, end - i);
        i = end < s.n ? end + json_special(b, str_sub(s, end, s.n)) : end;
    }
    buf_byte(b, '"');
}

void json_name(Buf *b, Str name, bool *first)
{
    if (!*first)
        buf_byte(b, ',');
    *first = false;
    json_text(b, name);
    buf_byte(b, ':');
}
