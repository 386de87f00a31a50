/* xlsx_format.c: numbers of a workbook as text: dates by their format, all digits kept.
 *                                                                             SPEC: P7  STACK: 5 */
#include "exchange/xlsx_int.h"

#include <math.h>

enum {
    DAYS_1904 = 1462,
    SERIAL_FALSE = 60,     /* 29 February 1900, which never was */
    SERIAL_END = 2958466,  /* 1 January 10000 */
    DAY_OF_SERIAL = -25569 /* of serial 0, counted from after the false day */
};

static Format date_format(int id) /* those of Chinese Excel, and 14 to 17, 22 */
{
    switch (id) {
    case 17:
    case 27:
    case 36:
    case 50:
    case 52:
    case 57:
        return (Format){.kind = FORMAT_DATE, .is_part = true}; /* without the day */
    case 16:
    case 28:
    case 29:
    case 51:
    case 53:
    case 54:
    case 58:
        return (Format){.kind = FORMAT_DATE, .is_part = true}; /* without the year */
    case 22:
        return (Format){.kind = FORMAT_MOMENT};
    case 32:
    case 33:
    case 34:
    case 35:
    case 55:
    case 56:
        return (Format){.kind = FORMAT_TIME};
    default:
        return (Format){.kind = FORMAT_DATE};
    }
}

Format format_builtin(int id)
{
    if (id == 9 || id == 10)
        return (Format){.kind = FORMAT_PERCENT};
    if ((id >= 18 && id <= 21) || id == 45 || id == 47)
        return (Format){.kind = FORMAT_TIME};
    if (id == 46)
        return (Format){.kind = FORMAT_HOURS};
    if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
        return date_format(id);
    return (Format){.kind = FORMAT_PLAIN};
}

typedef struct Letters { /* of the first section of a format, outside quotes */
    bool y, m, d, h, s, hours, percent, other;
    size_t zeros;
} Letters;

/* Skips what only is shown: "text", \x, _x, *x; [Red], [$-804]; notes [h] [mm] [ss]. */
static size_t skip_shown(Str code, size_t i, Letters *l)
{
    char c = code.p[i], close = c == '"' ? '"' : ']';
    if (c == '\\' || c == '_' || c == '*')
        return i + 1;
    size_t end = i + 1;
    while (end < code.n && code.p[end] != close)
        end++;
    char first = end > i + 1 && c == '[' ? (char)(code.p[i + 1] | 0x20) : 0;
    bool is_time = first == 'h' || first == 'm' || first == 's';
    for (size_t k = i + 1; k < end; k++)
        is_time = is_time && (code.p[k] | 0x20) == first;
    l->hours = l->hours || is_time;
    return end;
}

static Letters letters_of(Str code)
{
    Letters l = {.zeros = 0};
    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i], low = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        if (c == ';')
            break;
        if (strchr("\"[\\_*", c) && c) {
            i = skip_shown(code, i, &l);
            l.other = true;
            continue;
        }
        l.y =
            l.y || low == 'y' || (low == 'e' && (i + 1 == code.n || !strchr("+-", code.p[i + 1])));
        l.m = l.m || low == 'm';
        l.d = l.d || low == 'd';
        l.h = l.h || low == 'h';
        l.s = l.s || low == 's';
        l.percent = l.percent || c == '%';
        if (c == '0')
            l.zeros++;
        else
            l.other = true;
        if ((i + 7 <= code.n && !strncasecmp(code.p + i, "general", 7)) || c == '@')
            return (Letters){.other = true};
    }
    return l;
}

Format format_of_code(Str code)
{
    Letters l = letters_of(code);
    if (l.hours)
        return (Format){.kind = FORMAT_HOURS};
    bool is_time = l.h || l.s, is_date = l.y || l.d || (l.m && !is_time);
    if (is_date)
        return (Format){.kind = is_time ? FORMAT_MOMENT : FORMAT_DATE, .is_part = !l.y || !l.d};
    if (is_time)
        return (Format){.kind = FORMAT_TIME};
    if (l.percent)
        return (Format){.kind = FORMAT_PERCENT};
    if (!l.other && l.zeros > 1 && l.zeros <= 20)
        return (Format){.kind = FORMAT_ZEROS, .width = (uint8_t)l.zeros};
    return (Format){.kind = FORMAT_PLAIN};
}

/* 15 digits are what a double keeps, and what Excel shows; no exponent. */
static void plain_number(Buf *b, double v, unsigned *flags)
{
    char text[400];
    if (v == 0) {
        buf_byte(b, '0');
        return;
    }
    int n = snprintf(text, sizeof text, "%.14e", v), sign = 1, size = 0;
    const char *power = strchr(text, 'e') + 1;
    CHECK(n > 0 && (*power == '+' || *power == '-'));
    sign = *power++ == '-' ? -1 : 1;
    for (; *power; power++)
        size = 10 * size + (*power - '0');
    int decimals = 14 - sign * size;
    decimals = decimals < 0 ? 0 : decimals > 40 ? 40 : decimals;
    n = snprintf(text, sizeof text, "%.*f", decimals, v);
    CHECK(n > 0 && n < (int)sizeof text);
    if (decimals > 0) {
        while (text[n - 1] == '0')
            n--;
        if (text[n - 1] == '.')
            n--;
    }
    if (fabs(v) >= 1e15)
        *flags |= CELL_ROUNDED;
    buf_mem(b, text, (size_t)n);
}

static void clock_text(Buf *b, int64_t seconds)
{
    buf_fmt(b, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    if (seconds % 60)
        buf_fmt(b, ":%02d", (int)(seconds % 60));
}

static void date_text(Buf *b, double v, Format f, bool is_1904, unsigned *flags)
{
    int y, m, d;
    double whole = floor(v);
    int64_t seconds = (int64_t)llround((v - whole) * 86400), serial = (int64_t)whole;
    if (seconds == 86400) {
        seconds = 0;
        serial++;
    }
    *flags = (*flags & ~(unsigned)CELL_NUMBER) | CELL_DATE;
    if (f.kind == FORMAT_TIME && serial == 0) {
        clock_text(b, seconds);
        return;
    }
    serial += is_1904 ? DAYS_1904 : 0;
    if (serial < 1 || serial >= SERIAL_END || serial == SERIAL_FALSE) {
        *flags |= CELL_ERROR;
        buf_z(b, "####");
        return;
    }
    day_to_ymd((Day)(serial + DAY_OF_SERIAL + (serial < SERIAL_FALSE ? 1 : 0)), &y, &m, &d);
    buf_fmt(b, "%04d-%02d-%02d", y, m, d);
    if (f.is_part)
        *flags |= CELL_DATE_PART;
    if (seconds || f.kind == FORMAT_MOMENT) {
        buf_byte(b, ' ');
        clock_text(b, seconds);
    }
}

void format_number(Buf *b, double v, Format f, bool is_1904, unsigned *flags)
{
    size_t from = b->n;
    *flags |= CELL_NUMBER;
    switch ((FormatKind)f.kind) {
    case FORMAT_DATE:
    case FORMAT_TIME:
    case FORMAT_MOMENT:
        if (v > -1e7 && v < 1e7) {
            date_text(b, v, f, is_1904, flags);
            return;
        }
        *flags |= CELL_ERROR;
        buf_z(b, "####");
        return;
    case FORMAT_HOURS:
        if (v >= 0 && v < 1e6) {
            clock_text(b, (int64_t)llround(v * 86400));
            return;
        }
        break;
    case FORMAT_PERCENT:
        plain_number(b, v * 100, flags);
        buf_byte(b, '%');
        return;
    case FORMAT_ZEROS:
        if (v >= 0 && v < 1e15 && v == floor(v)) {
            buf_fmt(b, "%0*.0f", f.width, v);
            return;
        }
        break;
    case FORMAT_PLAIN:
        break;
    }
    b->n = from;
    plain_number(b, v, flags);
}
