/* base_day.c: dates and instants, without libc's time zones: China has one, no summer time. */
#include "base/base_int.h"

#define MS_PER_DAY INT64_C(86400000)
#define CHINA_MS INT64_C(28800000)

enum {
    DAY_MIN = -719162, /* 0001-01-01 */
    DAY_MAX = 2932896, /* 9999-12-31 */
};
/* A client's UUIDv7 can name an instant far beyond year 9999: then the nearest one there is. */
#define MS_MIN (DAY_MIN * MS_PER_DAY)
#define MS_MAX ((DAY_MAX + 1) * MS_PER_DAY - 1)

static bool is_leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

bool day_from_ymd(int year, int month, int day, Day *ret)
{
    static const int lens[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    if (day > lens[month - 1] + (month == 2 && is_leap(year)))
        return false;
    /* years begin in March, so the leap day comes last; 400 of them are an era of 146,097 days */
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400, in_era = y % 400;
    int in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    *ret = era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
    return true;
}

void day_to_ymd(Day d, int *y, int *m, int *day)
{
    CHECK(d >= DAY_MIN && d <= DAY_MAX);
    int z = d + 719468; /* positive: DAY_MIN is 306 */
    int era = z / 146097, in_era = z % 146097;
    int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * year + year / 4 - year / 100);
    int mp = (5 * in_year + 2) / 153;
    *day = in_year - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = year + era * 400 + (*m <= 2);
}

int day_weekday(Day d)
{
    CHECK(d >= DAY_MIN && d <= DAY_MAX);
    return (d - DAY_MIN) % 7 + 1; /* 0001-01-01 was a Monday */
}

/* Takes exactly n digits off s. */
static bool take_digits(Str *s, size_t n, int *ret)
{
    int v = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_sub(*s, n, s->n);
    *ret = v;
    return true;
}

static bool take_char(Str *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    *s = str_sub(*s, 1, s->n);
    return true;
}

bool day_parse(Str s, Day *ret)
{
    int y, m, d;
    return take_digits(&s, 4, &y) && take_char(&s, '-') && take_digits(&s, 2, &m) &&
           take_char(&s, '-') && take_digits(&s, 2, &d) && s.n == 0 && day_from_ymd(y, m, d, ret);
}

Str day_text(Arena *a, Day d)
{
    int y, m, day;
    if (d == DAY_NONE)
        return STR_NONE;
    day_to_ymd(d, &y, &m, &day);
    return str_fmt(a, "%04d-%02d-%02d", y, m, day);
}

static UnixMs ms_clamp(UnixMs t)
{
    return t < MS_MIN ? MS_MIN : t > MS_MAX ? MS_MAX : t;
}

/* Whole days of t, rounded down, and the rest in ms. */
static Day ms_split(UnixMs t, int64_t *ret_in_day)
{
    int64_t day = t / MS_PER_DAY, rest = t % MS_PER_DAY;
    if (rest < 0) {
        rest += MS_PER_DAY;
        day--;
    }
    *ret_in_day = rest;
    return (Day)day;
}

Day day_of_ms(UnixMs t)
{
    int64_t rest;
    return ms_split(ms_clamp(ms_clamp(t) + CHINA_MS), &rest);
}

Str ms_rfc3339(Arena *a, UnixMs t)
{
    int64_t rest;
    int y, m, d;
    day_to_ymd(ms_split(ms_clamp(t), &rest), &y, &m, &d);
    return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", y, m, d, (int)(rest / 3600000),
                   (int)(rest / 60000 % 60), (int)(rest / 1000 % 60), (int)(rest % 1000));
}

Str ms_clock(Arena *a, UnixMs t)
{
    int64_t rest;
    (void)ms_split(ms_clamp(ms_clamp(t) + CHINA_MS), &rest); /* only the time of day is wanted */
    return str_fmt(a, "%02d:%02d", (int)(rest / 3600000), (int)(rest / 60000 % 60));
}

/* .123456 : up to nine digits, what is finer than a ms is cut off; none is 0 */
static bool take_fraction(Str *s, int *ret_ms)
{
    int ms = 0, n = 0, digit;
    if (!take_char(s, '.')) {
        *ret_ms = 0;
        return true;
    }
    while (take_digits(s, 1, &digit)) {
        if (n < 3)
            ms = ms * 10 + digit;
        n++;
    }
    for (int i = n; i < 3; i++)
        ms *= 10;
    *ret_ms = ms;
    return n >= 1 && n <= 9;
}

/* Z, +08:00, -05:30 */
static bool take_offset(Str *s, int *ret_min)
{
    int h, m;
    if (take_char(s, 'Z')) {
        *ret_min = 0;
        return true;
    }
    int sign = take_char(s, '+') ? 1 : take_char(s, '-') ? -1 : 0;
    if (!sign || !take_digits(s, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, &m))
        return false;
    *ret_min = sign * (h * 60 + m);
    return h <= 23 && m <= 59;
}

bool ms_parse(Str s, UnixMs *ret)
{
    Day day;
    int h, m, sec, ms, offset_min;
    if (!day_parse(str_sub(s, 0, 10), &day))
        return false;
    s = str_sub(s, 10, s.n);
    if (!take_char(&s, 'T') || !take_digits(&s, 2, &h) || !take_char(&s, ':') ||
        !take_digits(&s, 2, &m) || !take_char(&s, ':') || !take_digits(&s, 2, &sec) ||
        !take_fraction(&s, &ms) || !take_offset(&s, &offset_min) || s.n)
        return false;
    if (h > 23 || m > 59 || sec > 59)
        return false;
    UnixMs t = day * MS_PER_DAY + ((h * 60 + m - offset_min) * 60 + sec) * INT64_C(1000) + ms;
    if (t < MS_MIN || t > MS_MAX)
        return false;
    *ret = t;
    return true;
}
