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

void json_text(Buf *b, Str s)
{
    buf_byte(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        char brief = json_short_escape(s.p[i]);
        if (brief) {
            buf_byte(b, '\\');
            buf_byte(b, brief);
        } else if (json_wants_escape((uint8_t)s.p[i])) {
            json_escape(b, (uint8_t)s.p[i]);
        } else if (str_starts(str_sub(s, i, 3), S("\xE2\x80\xA8"))) {
            json_escape(b, 0x2028);
            i += 2;
        } else if (str_starts(str_sub(s, i, 3), S("\xE2\x80\xA9"))) {
            json_escape(b, 0x2029);
            i += 2;
        } else {
            buf_byte(b, s.p[i]);
        }
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
