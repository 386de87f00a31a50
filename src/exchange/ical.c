/* ical.c: a calendar feed that programs subscribe to: RFC 5545, times in UTC, lines folded at 75
 * octets between characters. Nothing in it depends on when it is asked for, so a feed that did not
 * change is the same bytes.                                                SPEC: P9  STACK: 5 */
#include "exchange/exchange_int.h"

enum { LINE_BYTES = 75, DAY_MS = 24 * 60 * 60 * 1000, MINUTE_MS = 60 * 1000 };

/* ---- lines ---- */

/* Writes a whole content line folded: no line is longer than 75 octets, none ends within a
 * character. A continuation's blank counts. */
static void put_folded(Buf *b, Str line)
{
    size_t room = LINE_BYTES;
    while (line.n > room) {
        size_t n = room;
        while (((unsigned char)line.p[n] & 0xC0) == 0x80)
            n--;
        buf_mem(b, line.p, n);
        buf_z(b, "\r\n ");
        line = str_sub(line, n, line.n);
        room = LINE_BYTES - 1;
    }
    buf_str(b, line);
    buf_z(b, "\r\n");
}

static void put_plain(Buf *b, const char *name, Str value)
{
    put_folded(b, str_fmt(b->arena, "%s:%.*s", name, STR_ARG(value)));
}

/* TEXT: backslash, semicolon, comma and line ends escaped; other controls are not allowed in it. */
static void put_text(Buf *b, const char *name, Str value)
{
    if (!str_has(value))
        return;
    Buf line = {.arena = b->arena};
    buf_z(&line, name);
    buf_byte(&line, ':');
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\' || c == ';' || c == ',') {
            buf_byte(&line, '\\');
            buf_byte(&line, c);
        } else if (c == '\n' || (c == '\r' && !(i + 1 < value.n && value.p[i + 1] == '\n'))) {
            buf_z(&line, "\\n");
        } else if (c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f)) {
            buf_byte(&line, c);
        }
    }
    put_folded(b, buf_view(&line));
}

static Str date_text(Arena *a, Day day)
{
    int y, m, d;
    day_to_ymd(day, &y, &m, &d);
    return str_fmt(a, "%04d%02d%02d", y, m, d);
}

static void put_ms(Buf *b, const char *name, UnixMs t)
{
    int64_t day = t / DAY_MS, rest = t % DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        day--;
    }
    int sec = (int)(rest / 1000);
    Str date = date_text(b->arena, (Day)day);
    put_plain(b, name,
              str_fmt(b->arena, "%.*sT%02d%02d%02dZ", STR_ARG(date), sec / 3600, sec / 60 % 60,
                      sec % 60));
}

/* ---- the feed ---- */

void ical_begin(Buf *b, Str name, int refresh_min)
{
    CHECK(refresh_min > 0);
    put_plain(b, "BEGIN", S("VCALENDAR"));
    put_plain(b, "VERSION", S("2.0"));
    put_plain(b, "PRODID", S("-//Stave//Calendar//ZH"));
    put_plain(b, "CALSCALE", S("GREGORIAN"));
    put_plain(b, "METHOD", S("PUBLISH"));
    put_text(b, "NAME", name);
    put_text(b, "X-WR-CALNAME", name); /* what calendars read that do not know NAME yet */
    Str refresh = str_fmt(b->arena, "PT%dM", refresh_min);
    put_plain(b, "REFRESH-INTERVAL;VALUE=DURATION", refresh);
    put_plain(b, "X-PUBLISHED-TTL", refresh);
}

static void put_when(Buf *b, const IcalItem *it)
{
    if (it->kind == ICAL_DAY) {
        CHECK(it->to_day >= it->from_day);
        put_plain(b, "DTSTART;VALUE=DATE", date_text(b->arena, it->from_day));
        put_plain(b, "DTEND;VALUE=DATE", date_text(b->arena, it->to_day + 1)); /* the day behind */
    } else if (it->kind == ICAL_TIME) {
        CHECK(it->to_ms >= it->from_ms);
        put_ms(b, "DTSTART", it->from_ms);
        if (it->to_ms > it->from_ms) /* an end must lie behind the start; none is an instant */
            put_ms(b, "DTEND", it->to_ms);
    } else {
        put_ms(b, "DUE", it->due_ms);
    }
}

static void put_status(Buf *b, const IcalItem *it)
{
    bool is_todo = it->kind == ICAL_TODO;
    if (it->is_cancelled)
        put_plain(b, "STATUS", S("CANCELLED"));
    else if (!is_todo)
        put_plain(b, "STATUS", S("CONFIRMED"));
    else if (!it->is_done)
        put_plain(b, "STATUS", S("NEEDS-ACTION"));
    else {
        put_plain(b, "STATUS", S("COMPLETED"));
        put_ms(b, "COMPLETED", it->done_ms);
        put_plain(b, "PERCENT-COMPLETE", S("100"));
    }
    if (it->kind == ICAL_DAY)
        put_plain(b, "TRANSP", S("TRANSPARENT")); /* a whole day marks nobody as busy */
}

static void put_alarm(Buf *b, const IcalItem *it)
{
    if (it->remind_min <= 0 || it->is_done || it->is_cancelled)
        return;
    put_plain(b, "BEGIN", S("VALARM"));
    put_plain(b, "ACTION", S("DISPLAY"));
    put_text(b, "DESCRIPTION", it->summary);
    put_plain(b, it->kind == ICAL_TODO ? "TRIGGER;RELATED=END" : "TRIGGER",
              str_fmt(b->arena, "-PT%dM", it->remind_min));
    put_plain(b, "END", S("VALARM"));
}

void ical_item(Buf *b, const IcalItem *it)
{
    CHECK(it->uid.n && str_has(it->summary) && it->version >= 1);
    Str what = it->kind == ICAL_TODO ? S("VTODO") : S("VEVENT");
    put_plain(b, "BEGIN", what);
    put_text(b, "UID", it->uid);
    put_ms(b, "DTSTAMP", it->changed_ms);
    put_ms(b, "LAST-MODIFIED", it->changed_ms);
    put_plain(b, "SEQUENCE", str_fmt(b->arena, "%lld", (long long)it->version - 1));
    put_when(b, it);
    put_text(b, "SUMMARY", it->summary);
    put_text(b, "DESCRIPTION", it->description);
    put_text(b, "LOCATION", it->location);
    put_text(b, "CATEGORIES", it->category);
    if (str_has(it->url))
        put_plain(b, "URL", it->url);
    put_status(b, it);
    put_alarm(b, it);
    put_plain(b, "END", what);
}

void ical_end(Buf *b)
{
    put_plain(b, "END", S("VCALENDAR"));
}
