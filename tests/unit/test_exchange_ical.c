/* test_exchange_ical.c: the feed as libical reads it, and the lines as RFC 5545 wants them. */
#include <libical/ical.h>

#include "exchange/exchange.h"
#include "test.h"

static UnixMs ms(const char *z)
{
    UnixMs t;
    REQUIRE(ms_parse(str_of(z), &t));
    return t;
}

static Day date(const char *z)
{
    Day d;
    REQUIRE(day_parse(str_of(z), &d));
    return d;
}

/* CRLF everywhere, at most 75 octets, every line whole characters. */
static void expect_lines(Str feed)
{
    int folded = 0;
    while (feed.n) {
        ptrdiff_t at = str_find(feed, S("\r\n"));
        REQUIRE(at >= 0);
        Str line = str_sub(feed, 0, (size_t)at);
        feed = str_sub(feed, (size_t)at + 2, feed.n);
        EXPECT(line.n > 0 && line.n <= 75 && utf8_valid(line));
        EXPECT(!memchr(line.p, '\n', line.n) && !memchr(line.p, '\r', line.n));
        folded += line.p[0] == ' ';
    }
    EXPECT(folded > 0);
}

static icalcomponent *read_feed(Arena *a, Str feed)
{
    icalcomponent *c = icalparser_parse_string(str_z(a, feed));
    REQUIRE(c != NULL);
    EXPECT_EQ_I64(icalcomponent_count_errors(c), 0);
    /* What RFC 5545 wants to be there. With the method libical asks as of mail between people (RFC
     * 5546): an organiser, which would make calendars offer to answer. */
    icalproperty *method = icalcomponent_get_first_property(c, ICAL_METHOD_PROPERTY);
    REQUIRE(method != NULL && icalproperty_get_method(method) == ICAL_METHOD_PUBLISH);
    icalcomponent_remove_property(c, method);
    icalproperty_free(method);
    EXPECT(icalrestriction_check(c));
    if (!EXPECT_EQ_I64(icalcomponent_count_errors(c), 0))
        test_note("%s", icalcomponent_as_ical_string(c));
    return c;
}

static void release(icalcomponent *c)
{
    icalcomponent_free(c);
    icalmemory_free_ring();
    icaltimezone_free_builtin_timezones();
}

static Str long_text(Arena *a)
{
    Buf b = {.arena = a};
    for (int i = 0; i < 40; i++)
        buf_fmt(&b, "第%d次：到户了解情况，登记；签字\\盖章\n", i);
    return buf_view(&b);
}

static Str sample(Arena *a)
{
    Buf b = {.arena = a};
    IcalItem todo = {.kind = ICAL_TODO,
                     .uid = S("0192f0c0-0000-7000-8000-000000000001@stave.example"),
                     .summary = S("审阅日记：东岭村，王某；\"11月20日\"\r\n第二行"),
                     .description = long_text(a),
                     .url = S("https://stave.example/diary/0192f0c0-0000-7000-8000-000000000001"),
                     .due_ms = ms("2026-12-01T09:30:00.000Z"),
                     .changed_ms = ms("2026-11-20T08:03:00.123Z"),
                     .version = 3,
                     .remind_min = 90};
    IcalItem day = {.kind = ICAL_DAY,
                    .uid = S("0192f0c0-0000-7000-8000-000000000002@stave.example"),
                    .summary = S("周二蹲点日"),
                    .location = S("西坡村，村部"),
                    .from_day = date("2026-12-31"),
                    .to_day = date("2026-12-31"),
                    .changed_ms = ms("2026-11-20T08:03:00.000Z"),
                    .version = 1};
    IcalItem timed = {.kind = ICAL_TIME,
                      .uid = S("0192f0c0-0000-7000-8000-000000000003@stave.example"),
                      .summary = S("培训班"),
                      .from_ms = ms("2026-12-02T00:30:00.000Z"),
                      .to_ms = ms("2026-12-02T02:00:00.000Z"),
                      .is_cancelled = true,
                      .changed_ms = ms("2026-11-21T00:00:00.000Z"),
                      .version = 2};
    ical_begin(&b, S("我的事，承办；参加"), 60);
    ical_item(&b, &todo);
    ical_item(&b, &day);
    ical_item(&b, &timed);
    ical_end(&b);
    return buf_view(&b);
}

static Str property(icalcomponent *c, icalproperty_kind kind)
{
    icalproperty *p = icalcomponent_get_first_property(c, kind);
    return p ? str_of(icalproperty_get_value_as_string(p)) : STR_NONE;
}

TEST(an_independent_reader_gets_every_word_back)
{
    Arena *a = arena_new(64 * 1024);
    Str feed = sample(a);
    expect_lines(feed);
    icalcomponent *c = read_feed(a, feed);
    EXPECT_EQ_I64(icalcomponent_count_components(c, ICAL_ANY_COMPONENT), 3);

    icalcomponent *t = icalcomponent_get_first_component(c, ICAL_VTODO_COMPONENT);
    REQUIRE(t != NULL);
    EXPECT_STR(str_of(icalcomponent_get_summary(t)), "审阅日记：东岭村，王某；\"11月20日\"\n第二行");
    EXPECT_STR_EQ(str_of(icalcomponent_get_description(t)), long_text(a));
    EXPECT_STR(property(t, ICAL_DUE_PROPERTY), "20261201T093000Z");
    EXPECT_STR(property(t, ICAL_UID_PROPERTY),
               "0192f0c0-0000-7000-8000-000000000001@stave.example");
    EXPECT_STR(property(t, ICAL_DTSTAMP_PROPERTY), "20261120T080300Z");
    EXPECT_STR(property(t, ICAL_LASTMODIFIED_PROPERTY), "20261120T080300Z");
    EXPECT_EQ_I64(icalcomponent_get_sequence(t), 2);
    EXPECT_EQ_I64(icalcomponent_get_status(t), ICAL_STATUS_NEEDSACTION);
    EXPECT_STR(property(t, ICAL_URL_PROPERTY),
               "https://stave.example/diary/0192f0c0-0000-7000-8000-000000000001");
    icalcomponent *alarm = icalcomponent_get_first_component(t, ICAL_VALARM_COMPONENT);
    REQUIRE(alarm != NULL);
    EXPECT_STR(property(alarm, ICAL_TRIGGER_PROPERTY), "-PT90M");

    icalcomponent *d = icalcomponent_get_first_component(c, ICAL_VEVENT_COMPONENT);
    REQUIRE(d != NULL);
    EXPECT_EQ_I64(icalcomponent_get_dtstart(d).is_date, 1);
    EXPECT_STR(property(d, ICAL_DTSTART_PROPERTY), "20261231");
    EXPECT_STR(property(d, ICAL_DTEND_PROPERTY), "20270101");
    EXPECT_STR(str_of(icalcomponent_get_location(d)), "西坡村，村部");

    icalcomponent *e = icalcomponent_get_next_component(c, ICAL_VEVENT_COMPONENT);
    REQUIRE(e != NULL);
    EXPECT(icaltime_is_utc(icalcomponent_get_dtstart(e)));
    EXPECT_STR(property(e, ICAL_DTSTART_PROPERTY), "20261202T003000Z");
    EXPECT_STR(property(e, ICAL_DTEND_PROPERTY), "20261202T020000Z");
    EXPECT_EQ_I64(icalcomponent_get_status(e), ICAL_STATUS_CANCELLED);
    release(c);
    arena_free(a);
}

/* Any text of any length comes back, folded wherever it falls. */
TEST(texts_of_every_length_come_back)
{
    static const char *const pieces[] = {"a", "，", ",", ";", "\\", "\n", "村", "𠮷", "\"", ":", " "};
    Arena *a = arena_new(64 * 1024);
    for (int n = 1; n < 200; n++) {
        size_t mark = arena_mark(a);
        Buf text = {.arena = a}, feed = {.arena = a};
        buf_z(&text, "始"); /* a reader may trim what a text begins with */
        for (int i = 0; i < n; i++)
            buf_z(&text, pieces[test_below(LEN(pieces))]);
        buf_z(&text, "止");
        IcalItem item = {.kind = ICAL_DAY,
                         .uid = S("one@stave.example"),
                         .summary = buf_view(&text),
                         .from_day = 20000,
                         .to_day = 20000 + (Day)test_below(9),
                         .changed_ms = 1,
                         .version = 1};
        ical_begin(&feed, S("一"), 5);
        ical_item(&feed, &item);
        ical_end(&feed);
        icalcomponent *c = read_feed(a, buf_view(&feed));
        icalcomponent *d = icalcomponent_get_first_component(c, ICAL_VEVENT_COMPONENT);
        REQUIRE(d != NULL);
        if (!EXPECT_STR_EQ(str_of(icalcomponent_get_summary(d)), buf_view(&text)))
            test_end();
        icalcomponent_free(c);
        arena_rewind(a, mark);
    }
    icalmemory_free_ring();
    arena_free(a);
}

TEST(control_characters_are_left_out_and_the_feed_is_the_same_bytes)
{
    Arena *a = arena_new(64 * 1024);
    EXPECT_STR_EQ(sample(a), sample(a));
    Buf b = {.arena = a};
    IcalItem done = {.kind = ICAL_TODO,
                     .uid = S("two@stave.example"),
                     .summary = S("a\x01\x1b\x7f" "b\rc\td"),
                     .due_ms = -1,
                     .done_ms = ms("2026-11-30T00:00:00.000Z"),
                     .is_done = true,
                     .changed_ms = ms("2026-11-30T00:00:00.000Z"),
                     .version = 1,
                     .remind_min = 5};
    ical_begin(&b, S("二"), 5);
    ical_item(&b, &done);
    ical_end(&b);
    icalcomponent *c = read_feed(a, buf_view(&b));
    icalcomponent *t = icalcomponent_get_first_component(c, ICAL_VTODO_COMPONENT);
    REQUIRE(t != NULL);
    EXPECT_STR(str_of(icalcomponent_get_summary(t)), "ab\nc\td");
    EXPECT_STR(property(t, ICAL_DUE_PROPERTY), "19691231T235959Z");
    EXPECT_EQ_I64(icalcomponent_get_status(t), ICAL_STATUS_COMPLETED);
    EXPECT(!icalcomponent_get_first_component(t, ICAL_VALARM_COMPONENT));
    release(c);
    arena_free(a);
}
