/* day_*, ms_* */
#include "base/base.h"
#include "test.h"

TEST(every_day_there_and_back)
{
    Day expect = -719162;
    int wrong = 0, weekday = 1; /* 0001-01-01, a Monday */
    for (int y = 1; y <= 9999; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; d <= 31; d++) {
                Day day;
                int y2, m2, d2;
                if (!day_from_ymd(y, m, d, &day))
                    continue;
                day_to_ymd(day, &y2, &m2, &d2);
                if (day != expect || y2 != y || m2 != m || d2 != d || day_weekday(day) != weekday)
                    wrong++;
                expect++;
                weekday = weekday % 7 + 1;
            }
    EXPECT_EQ_I64(wrong, 0);
    EXPECT_EQ_I64(expect, 2932897);
}

TEST(known_days)
{
    Day d = 5;
    EXPECT(day_from_ymd(1970, 1, 1, &d));
    EXPECT_EQ_I64(d, 0);
    EXPECT_EQ_I64(day_weekday(d), 4);
    EXPECT(day_from_ymd(2026, 11, 20, &d));
    EXPECT_EQ_I64(d, 20777);
    EXPECT_EQ_I64(day_weekday(d), 5);
    EXPECT(day_from_ymd(2024, 2, 29, &d));
    EXPECT(day_from_ymd(2000, 2, 29, &d));
    d = 5;
    EXPECT(!day_from_ymd(1900, 2, 29, &d));
    EXPECT(!day_from_ymd(2026, 2, 29, &d));
    EXPECT(!day_from_ymd(2026, 13, 1, &d));
    EXPECT(!day_from_ymd(2026, 0, 1, &d));
    EXPECT(!day_from_ymd(2026, 4, 31, &d));
    EXPECT(!day_from_ymd(2026, 4, 0, &d));
    EXPECT(!day_from_ymd(0, 1, 1, &d));
    EXPECT(!day_from_ymd(10000, 1, 1, &d));
    EXPECT_EQ_I64(d, 5);
}

TEST(day_texts)
{
    static const char *bad[] = {"",           "2026-2-01",  "2026-02-1",   "2026-02-30",
                                "2026/02/01", "2026-02-01 ", "02026-02-01", " 2026-02-01",
                                "0000-01-01", "2026-02-0a", "20260201",    "-026-02-01"};
    Arena *a = arena_new(0);
    Day d = 3;
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT(!day_parse(str_of(bad[i]), &d));
    EXPECT(!day_parse(STR_NONE, &d));
    EXPECT_EQ_I64(d, 3);
    EXPECT(day_parse(S("0001-01-01"), &d));
    EXPECT_STR_EQ(day_text(a, d), S("0001-01-01"));
    EXPECT(day_parse(S("9999-12-31"), &d));
    EXPECT_STR_EQ(day_text(a, d), S("9999-12-31"));
    EXPECT(!str_has(day_text(a, DAY_NONE)));
    arena_free(a);
}

TEST(instants)
{
    static const char *bad[] = {
        "",
        "2026-11-20",
        "2026-11-20T08:03:00",
        "2026-11-20 08:03:00Z",
        "2026-11-20T08:03Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T08:60:00Z",
        "2026-11-20T08:03:60Z",
        "2026-11-20T08:03:00.Z",
        "2026-11-20T08:03:00.1234567890Z",
        "2026-11-20T08:03:00+8:00",
        "2026-11-20T08:03:00+08:60",
        "2026-11-20T08:03:00+24:00",
        "2026-11-20T08:03:00Zx",
        "2026-02-30T08:03:00Z",
        "0001-01-01T00:00:00+08:00",
    };
    Arena *a = arena_new(0);
    UnixMs t = 9;
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT(!ms_parse(str_of(bad[i]), &t));
    EXPECT_EQ_I64(t, 9);
    EXPECT(ms_parse(S("2026-11-20T08:03:00.123Z"), &t));
    EXPECT_EQ_I64(t, INT64_C(1795161780123));
    EXPECT_STR_EQ(ms_rfc3339(a, t), S("2026-11-20T08:03:00.123Z"));
    EXPECT(ms_parse(S("2026-11-20T16:03:00.1239999+08:00"), &t));
    EXPECT_EQ_I64(t, INT64_C(1795161780123));
    EXPECT(ms_parse(S("2026-11-20T02:33:00-05:30"), &t));
    EXPECT_EQ_I64(t, INT64_C(1795161780000));
    EXPECT(ms_parse(S("1969-12-31T23:59:59.9Z"), &t));
    EXPECT_EQ_I64(t, -100);
    EXPECT_STR_EQ(ms_rfc3339(a, t), S("1969-12-31T23:59:59.900Z"));
    arena_free(a);
}

TEST(china_is_eight_hours_ahead)
{
    Arena *a = arena_new(0);
    UnixMs t = 0;
    Day d = 0;
    REQUIRE(ms_parse(S("2026-11-20T15:59:59.999Z"), &t));
    REQUIRE(day_parse(S("2026-11-20"), &d));
    EXPECT_EQ_I64(day_of_ms(t), d);
    EXPECT_STR_EQ(ms_clock(a, t), S("23:59"));
    EXPECT_EQ_I64(day_of_ms(t + 1), d + 1);
    EXPECT_STR_EQ(ms_clock(a, t + 1), S("00:00"));
    EXPECT_EQ_I64(day_of_ms(-28800001), -1);
    arena_free(a);
}

TEST(instants_beyond_the_calendar_stop_at_its_ends)
{
    Arena *a = arena_new(0);
    EXPECT_STR_EQ(ms_rfc3339(a, INT64_MAX), S("9999-12-31T23:59:59.999Z"));
    EXPECT_STR_EQ(ms_rfc3339(a, INT64_MIN), S("0001-01-01T00:00:00.000Z"));
    EXPECT_STR_EQ(day_text(a, day_of_ms(INT64_MAX)), S("9999-12-31"));
    EXPECT_STR_EQ(day_text(a, day_of_ms(INT64_MIN)), S("0001-01-01"));
    EXPECT_EQ_I64(ms_clock(a, INT64_MAX).n, 5);
    arena_free(a);
}
