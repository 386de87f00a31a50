/* model_kind.c: the kinds of fields, one row of functions each.                          STYLE: R41
 */
#include "model/model_int.h"

/* Values by tag: what a tag does not use is not compared. */
static bool rows_eq(const Value *a, const Value *b)
{
    if (a->i != b->i)
        return false;
    for (int64_t r = 0; r < a->i; r++) {
        const Row *x = &a->rows[r], *y = &b->rows[r];
        CHECK(x->value_n > 0 && y->value_n > 0); /* no line is without fields */
        if (memcmp(x->id.b, y->id.b, sizeof x->id.b) != 0 || x->value_n != y->value_n)
            return false;
        for (int k = 0; k < x->value_n; k++)
            if (!value_eq(&x->values[k], &y->values[k])) /* rows nest once */
                return false;
    }
    return true;
}

bool value_eq(const Value *a, const Value *b)
{
    if (a->tag != b->tag)
        return false;
    if (a->tag == VALUE_ROWS)
        return rows_eq(a, b);
    if (a->tag == VALUE_INT)
        return a->i == b->i;
    return a->tag == VALUE_NONE || str_eq(a->s, b->s);
}

Str kind_none(const Value *v)
{
    CHECK(v->tag == VALUE_NONE);
    return S("");
}

int kind_absent(Value *ret)
{
    *ret = (Value){.tag = VALUE_NONE};
    return 0;
}

int kind_refuse(Err *e, const Field *f, const char *key)
{
    (void)err_field(e, f->name, key); /* always ERR_INVALID here */
    return ERR_INVALID;
}

int kind_refuse_with(Err *e, const Field *f, const char *key, Str arg)
{
    (void)err_field(e, f->name, key, arg); /* always ERR_INVALID here */
    return ERR_INVALID;
}

/* Full-width ASCII (U+FF01..FF5E) and blanks to half-width, ends trimmed: what NFKC makes of them.
 */
Str kind_fold(Arena *a, Str s)
{
    Buf b = {.arena = a};
    while (s.n > 0) {
        uint32_t cp = utf8_next(&s);
        char out[4];
        if (cp >= 0xFF01 && cp <= 0xFF5E)
            cp -= 0xFEE0;
        else if (cp == 0x3000 || cp == 0xA0)
            cp = ' ';
        else if (cp == 0x2212)
            cp = '-'; /* the minus sign */
        buf_mem(&b, out, utf8_put(cp, out));
    }
    return b.n ? str_trim(buf_view(&b)) : S("");
}

/* ---- texts ---- */

static int parse_texts(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_text");
    Str s = str_trim(text_normal(c->arena, typed));
    Buf b = {.arena = c->arena};
    for (Str rest = s; rest.n > 0;) {
        Str at = rest;
        uint32_t cp = utf8_next(&rest);
        if (cp == '\t') {
            buf_byte(&b, ' '); /* pasted from a sheet */
            continue;
        }
        if (cp == '\n' && f->kind == KIND_TEXT)
            return kind_refuse(e, f, "field.one_line");
        if ((cp < 0x20 && cp != '\n') || (cp >= 0x7F && cp < 0xA0) || cp == 0xFEFF)
            return kind_refuse(e, f, "field.control");
        buf_mem(&b, at.p, at.n - rest.n);
    }
    if (b.n == 0)
        return kind_absent(ret);
    s = buf_view(&b);
    size_t n = utf8_count(s);
    if ((int64_t)n > f->max) {
        (void)err_field(e, f->name, "field.too_long", err_int(e, f->max), err_int(e, (int64_t)n));
        return ERR_INVALID;
    }
    *ret = (Value){.tag = VALUE_TEXT, .s = s};
    return 0;
}

Str kind_show_text(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)a, (void)f, (void)lang; /* as it is */
    return v->tag == VALUE_TEXT ? v->s : kind_none(v);
}

Str kind_typed_text(Arena *a, const Field *f, const Value *v)
{
    return kind_show_text(a, f, v, LANG_ZH);
}

/* ---- codes: letters large, blanks and dots out, then the check digit ---- */

static int parse_code(const ParseCtx *c, const Field *f, Str typed, bool (*is_ok)(Str), Value *ret,
                      Err *e)
{
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_text");
    Buf b = {.arena = c->arena};
    for (Str rest = kind_fold(c->arena, typed); rest.n > 0;) {
        Str at = rest;
        uint32_t cp = utf8_next(&rest);
        if (cp == ' ' || cp == '-' || cp == 0xB7 || cp == 0x2022 || cp == 0x30FB)
            continue; /* 豫H·12345 */
        if (cp >= 'a' && cp <= 'z')
            buf_byte(&b, (char)(cp - 'a' + 'A'));
        else
            buf_mem(&b, at.p, at.n - rest.n);
    }
    if (b.n == 0)
        return kind_absent(ret);
    if (!is_ok(buf_view(&b)))
        return kind_refuse(e, f, "field.bad_code");
    *ret = (Value){.tag = VALUE_TEXT, .s = buf_view(&b)};
    return 0;
}

static int parse_credit_code(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    return parse_code(c, f, typed, credit_code_ok, ret, e);
}

static int parse_plate(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    return parse_code(c, f, typed, plate_ok, ret, e);
}

static int parse_parcel_code(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    return parse_code(c, f, typed, parcel_code_ok, ret, e);
}

/* ---- amounts: whole numbers of a smallest part, written as decimals ---- */

static int decimals_of(const Field *f)
{
    switch (f->kind) {
    case KIND_MONEY:
    case KIND_AREA:
    case KIND_PERCENT:
        return 2;
    case KIND_PRICE:
        return 4;
    case KIND_WEIGHT:
        return str_eq(f->unit, S("g")) ? 0 : 3;
    default:
        return 0;
    }
}

typedef struct Decimal {
    bool is_negative;
    Str whole, part; /* digits; whole without commas */
} Decimal;

static bool all_digits(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* 1,234 with a comma before every three digits, or none at all. */
static bool read_whole(Arena *a, Str s, Str *ret)
{
    Buf b = {.arena = a};
    Str head, rest;
    bool has_comma = str_cut(s, ',', &head, &rest);
    if (!all_digits(head) || (has_comma && (head.n < 1 || head.n > 3)))
        return false;
    buf_str(&b, head);
    while (has_comma) {
        has_comma = str_cut(rest, ',', &head, &rest);
        if (head.n != 3 || !all_digits(head))
            return false;
        buf_str(&b, head);
    }
    *ret = buf_view(&b);
    return true;
}

static bool read_decimal(Arena *a, Str s, Decimal *ret)
{
    *ret = (Decimal){.is_negative = s.n > 0 && s.p[0] == '-'};
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_sub(s, 1, s.n);
    Str whole;
    bool has_part = str_cut(s, '.', &whole, &ret->part);
    if (!read_whole(a, whole, &ret->whole) || !all_digits(ret->part))
        return false;
    return ret->whole.n + ret->part.n > 0 && (!has_part || ret->part.n > 0);
}

/* In units of 10^-decimals. false: too large for 64 bits. The part was cut to size before. */
static bool decimal_value(const Decimal *d, int decimals, int64_t *ret)
{
    int64_t v = 0;
    size_t n = d->whole.n + (size_t)decimals;
    for (size_t i = 0; i < n; i++) {
        size_t p = i - d->whole.n;
        int digit = i < d->whole.n ? d->whole.p[i] - '0' : p < d->part.n ? d->part.p[p] - '0' : 0;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digit, &v))
            return false; /* summed downwards: the least number has no positive twin */
    }
    if (!d->is_negative && __builtin_sub_overflow((int64_t)0, v, &v))
        return false;
    *ret = v;
    return true;
}

static Str show_number(Arena *a, const Field *f, const Value *v, Lang lang);

static int check_range(Arena *a, const Field *f, int64_t i, Err *e)
{
    const Kind *k = model_kind(f->kind);
    Value bound = {.tag = VALUE_INT, .i = i < f->min ? f->min : f->max};
    if (i < f->min)
        return kind_refuse_with(e, f, "field.too_small", k->show(a, f, &bound, LANG_EN));
    if (i > f->max)
        return kind_refuse_with(e, f, "field.too_large", k->show(a, f, &bound, LANG_EN));
    return 0;
}

/* Largest value kept: a weight in jin must have its half grams within 64 bits. */
static int64_t most_of(const Field *f)
{
    return f->max < INT64_MAX ? f->max : f->kind == KIND_WEIGHT ? INT64_MAX / 2 : INT64_MAX;
}

static int parse_number(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    int decimals = decimals_of(f);
    const char *not_one = decimals ? "field.not_number" : "field.not_int";
    Decimal d;
    int64_t v;
    if (!utf8_valid(typed))
        return kind_refuse(e, f, not_one);
    Str s = kind_fold(c->arena, typed);
    if (s.n == 0)
        return kind_absent(ret);
    if (f->kind == KIND_PERCENT && str_ends(s, S("%")))
        s = str_trim(str_sub(s, 0, s.n - 1));
    if (!read_decimal(c->arena, s, &d))
        return kind_refuse(e, f, not_one);
    while (d.part.n > (size_t)decimals && d.part.p[d.part.n - 1] == '0')
        d.part.n--;
    if (d.part.n > (size_t)decimals && decimals == 0)
        return kind_refuse(e, f, "field.not_int");
    if (d.part.n > (size_t)decimals)
        return kind_refuse_with(e, f, "field.too_fine", err_int(e, decimals));
    Value most = {.tag = VALUE_INT, .i = most_of(f)}, least = {.tag = VALUE_INT, .i = f->min};
    if (!decimal_value(&d, decimals, &v)) {
        const char *key = d.is_negative ? "field.too_small" : "field.too_large";
        return kind_refuse_with(e, f, key,
                                show_number(c->arena, f, d.is_negative ? &least : &most, LANG_EN));
    }
    if (f->kind == KIND_WEIGHT && str_eq(f->unit, S("jin"))) {
        if (v % 2 != 0)
            return kind_refuse(e, f, "field.half_gram");
        v /= 2; /* a thousandth of a jin is half a gram */
    }
    if (v > most.i)
        return kind_refuse_with(e, f, "field.too_large", show_number(c->arena, f, &most, LANG_EN));
    TRY(check_range(c->arena, f, v, e));
    *ret = (Value){.tag = VALUE_INT, .i = v};
    return 0;
}

int field_take_int(const ParseCtx *c, const Field *f, int64_t i, Value *ret, Err *e)
{
    CHECK(model_kind(f->kind)->json_number);
    if (i > most_of(f)) {
        Value most = {.tag = VALUE_INT, .i = most_of(f)};
        return kind_refuse_with(e, f, "field.too_large", show_number(c->arena, f, &most, LANG_EN));
    }
    TRY(check_range(c->arena, f, i, e));
    *ret = (Value){.tag = VALUE_INT, .i = i};
    return 0;
}

/* least: decimals always shown. */
static Str decimal_text(Arena *a, const Field *f, int64_t i, int least, bool has_commas)
{
    int decimals = decimals_of(f);
    uint64_t size = i < 0 ? 0 - (uint64_t)i : (uint64_t)i, scale = 1;
    for (int n = 0; n < decimals; n++)
        scale *= 10;
    bool is_jin = f->kind == KIND_WEIGHT && str_eq(f->unit, S("jin"));
    uint64_t whole = is_jin ? size / 500 : size / scale;
    uint64_t part = is_jin ? size % 500 * 2 : size % scale;
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)whole);
    Buf b = {.arena = a};
    if (i < 0)
        buf_byte(&b, '-');
    for (int k = 0; k < n; k++) {
        if (has_commas && k > 0 && (n - k) % 3 == 0)
            buf_byte(&b, ',');
        buf_byte(&b, digits[k]);
    }
    while (decimals > least && part % 10 == 0) {
        part /= 10;
        decimals--;
    }
    if (decimals > 0)
        buf_fmt(&b, ".%0*llu", decimals, (unsigned long long)part);
    return buf_view(&b);
}

static Str show_number(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)lang; /* digits are the same */
    if (v->tag != VALUE_INT)
        return kind_none(v);
    switch (f->kind) {
    case KIND_INT: /* a year, a house number: no comma below ten thousand */
        return decimal_text(a, f, v->i, 0, v->i >= 10000 || v->i <= -10000);
    case KIND_PERCENT:
        return str_fmt(a, "%.*s%%", STR_ARG(decimal_text(a, f, v->i, 1, true)));
    case KIND_WEIGHT:
        return decimal_text(a, f, v->i, 0, true);
    default:
        return decimal_text(a, f, v->i, 2, true);
    }
}

static Str typed_number(Arena *a, const Field *f, const Value *v)
{
    if (v->tag != VALUE_INT)
        return kind_none(v);
    bool is_two = f->kind == KIND_MONEY || f->kind == KIND_PRICE || f->kind == KIND_AREA;
    return decimal_text(a, f, v->i, is_two ? 2 : 0, false);
}

/* ---- yes or no ---- */

static int parse_yesno(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    static const char *const yes[] = {"yes", "true", "1", "on", "是", "有"};
    static const char *const no[] = {"no", "false", "0", "off", "否", "无"};
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_yesno");
    Str s = kind_fold(c->arena, typed);
    if (s.n == 0)
        return kind_absent(ret);
    for (size_t i = 0; i < LEN(yes); i++) {
        bool is_yes = str_eq(s, str_of(yes[i]));
        if (is_yes || str_eq(s, str_of(no[i]))) {
            *ret = (Value){.tag = VALUE_INT, .i = is_yes};
            return 0;
        }
    }
    return kind_refuse(e, f, "field.not_yesno");
}

static Str show_yesno(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)f; /* all alike */
    if (v->tag != VALUE_INT)
        return kind_none(v);
    return i18n_text(a, lang, v->i ? S("model.yes") : S("model.no"), NULL, 0);
}

static Str typed_yesno(Arena *a, const Field *f, const Value *v)
{
    (void)a, (void)f; /* constant texts */
    return v->tag != VALUE_INT ? kind_none(v) : v->i ? S("yes") : S("no");
}

/* ---- days and instants ---- */

/* Digits at the head, at most `most` of them. */
static bool take_digits(Str *s, size_t most, size_t *ret_n, int *ret)
{
    int v = 0;
    size_t n = 0;
    while (n < most && n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    *s = str_sub(*s, n, s->n);
    *ret_n = n;
    *ret = v;
    return n > 0;
}

static bool take_mark(Str *s, Str mark)
{
    if (!str_starts(*s, mark))
        return false;
    *s = str_sub(*s, mark.n, s->n);
    return true;
}

/* 2026-11-20, 2026/11/20, 2026.11.20, 2026年11月20日, 20261120; takes it off s. */
static bool take_day(Str *s, Day *ret)
{
    static const char *const marks[] = {"-", "/", "."};
    int y, m, d;
    size_t n;
    if (!take_digits(s, 4, &n, &y) || n != 4)
        return false;
    if (take_mark(s, S("年"))) {
        if (!take_digits(s, 2, &n, &m) || !take_mark(s, S("月")) || !take_digits(s, 2, &n, &d) ||
            !take_mark(s, S("日")))
            return false;
        return day_from_ymd(y, m, d, ret);
    }
    for (size_t i = 0; i < LEN(marks); i++) {
        Str mark = str_of(marks[i]);
        if (take_mark(s, mark))
            return take_digits(s, 2, &n, &m) && take_mark(s, mark) && take_digits(s, 2, &n, &d) &&
                   day_from_ymd(y, m, d, ret);
    }
    if (!take_digits(s, 2, &n, &m) || n != 2 || !take_digits(s, 2, &n, &d) || n != 2)
        return false;
    return day_from_ymd(y, m, d, ret);
}

static int check_today(const ParseCtx *c, const Field *f, Day day, Err *e)
{
    if (c->today == DAY_NONE)
        return 0;
    if (f->max_today && day > c->today)
        return kind_refuse(e, f, "field.in_future");
    if (f->min_today && day < c->today)
        return kind_refuse(e, f, "field.in_past");
    return 0;
}

static int parse_date(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    Day day;
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_date");
    Str s = kind_fold(c->arena, typed);
    if (s.n == 0)
        return kind_absent(ret);
    if (!take_day(&s, &day) || s.n > 0)
        return kind_refuse(e, f, "field.not_date");
    TRY(check_today(c, f, day, e));
    TRY(check_range(c->arena, f, day, e));
    *ret = (Value){.tag = VALUE_INT, .i = day};
    return 0;
}

static bool is_day(int64_t i)
{
    Day least = 0, most = 0;
    return day_from_ymd(1, 1, 1, &least) && day_from_ymd(9999, 12, 31, &most) && i >= least &&
           i <= most;
}

static Str show_date(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)f, (void)lang; /* one form everywhere */
    if (v->tag != VALUE_INT)
        return kind_none(v);
    return is_day(v->i) ? day_text(a, (Day)v->i) : S("");
}

static Str typed_date(Arena *a, const Field *f, const Value *v)
{
    return show_date(a, f, v, LANG_ZH);
}

enum {
    MS_SECOND = 1000,
    MS_MINUTE = 60 * MS_SECOND,
    MS_HOUR = 60 * MS_MINUTE,
    MS_DAY = 24 * MS_HOUR
};
enum { CHINA_MS = 8 * MS_HOUR };

/* Unlike day_of_ms(): of any number, also of one no calendar has. */
static int64_t china_day(int64_t ms)
{
    int64_t at;
    if (__builtin_add_overflow(ms, (int64_t)CHINA_MS, &at))
        return INT64_MAX;
    return at / MS_DAY - (at % MS_DAY < 0);
}

/* 8:05, 08:05:09, 08:05:09.123; takes it off s. */
static bool take_clock(Str *s, int64_t *ret_ms)
{
    int h, m, sec = 0, ms = 0;
    size_t n;
    if (!take_digits(s, 2, &n, &h) || !take_mark(s, S(":")) || !take_digits(s, 2, &n, &m) || n != 2)
        return false;
    if (take_mark(s, S(":")) && (!take_digits(s, 2, &n, &sec) || n != 2))
        return false;
    if (take_mark(s, S("."))) {
        if (!take_digits(s, 3, &n, &ms))
            return false;
        for (; n < 3; n++)
            ms *= 10;
        while (s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9')
            *s = str_sub(*s, 1, s->n); /* finer than is kept */
    }
    *ret_ms = (int64_t)h * MS_HOUR + m * MS_MINUTE + sec * MS_SECOND + ms;
    return h < 24 && m < 60 && sec < 60;
}

/* Z, +08:00; nothing is China. What must be taken off the clock for UTC. */
static bool take_zone(Str *s, int64_t *ret_ms)
{
    int h, m;
    size_t n;
    *ret_ms = CHINA_MS;
    if (s->n == 0)
        return true;
    if (take_mark(s, S("Z")) || take_mark(s, S("z"))) {
        *ret_ms = 0;
        return true;
    }
    bool is_west = s->p[0] == '-';
    if (!is_west && s->p[0] != '+')
        return false;
    *s = str_sub(*s, 1, s->n);
    if (!take_digits(s, 2, &n, &h) || n != 2 || !take_mark(s, S(":")) ||
        !take_digits(s, 2, &n, &m) || n != 2 || h > 23 || m > 59)
        return false;
    *ret_ms = (h * (int64_t)MS_HOUR + m * MS_MINUTE) * (is_west ? -1 : 1);
    return true;
}

static int parse_instant(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    Day day;
    int64_t clock, zone;
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_instant");
    Str s = kind_fold(c->arena, typed);
    if (s.n == 0)
        return kind_absent(ret);
    if (!take_day(&s, &day))
        return kind_refuse(e, f, "field.not_instant");
    if (!take_mark(&s, S("T")) && !take_mark(&s, S(" ")))
        return kind_refuse(e, f, "field.not_instant");
    s = str_trim(s);
    if (!take_clock(&s, &clock))
        return kind_refuse(e, f, "field.not_instant");
    s = str_trim(s);
    if (!take_zone(&s, &zone) || s.n > 0)
        return kind_refuse(e, f, "field.not_instant");
    int64_t ms = (int64_t)day * MS_DAY + clock - zone;
    if (!is_day(china_day(ms))) /* a zone may lead out of the calendar */
        return kind_refuse(e, f, "field.not_instant");
    TRY(check_today(c, f, (Day)china_day(ms), e));
    TRY(check_range(c->arena, f, ms, e));
    *ret = (Value){.tag = VALUE_INT, .i = ms};
    return 0;
}

static Str instant_text(Arena *a, int64_t ms, bool is_whole)
{
    if (!is_day(china_day(ms)))
        return S("");
    Day day = (Day)china_day(ms);
    int64_t clock = ms + CHINA_MS - (int64_t)day * MS_DAY;
    Buf b = {.arena = a};
    buf_str(&b, day_text(a, day));
    buf_fmt(&b, " %02d:%02d", (int)(clock / MS_HOUR), (int)(clock / MS_MINUTE % 60));
    if (is_whole && clock % MS_MINUTE != 0)
        buf_fmt(&b, ":%02d.%03d", (int)(clock / MS_SECOND % 60), (int)(clock % MS_SECOND));
    return buf_view(&b);
}

static Str show_instant(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)f, (void)lang; /* one form everywhere */
    return v->tag == VALUE_INT ? instant_text(a, v->i, false) : kind_none(v);
}

static Str typed_instant(Arena *a, const Field *f, const Value *v)
{
    (void)f; /* all alike */
    return v->tag == VALUE_INT ? instant_text(a, v->i, true) : kind_none(v);
}

/* ---- a day of every year, a place ---- */

static int parse_month_day(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    int m, d;
    size_t n;
    Day day;
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_month_day");
    Str s = kind_fold(c->arena, typed);
    if (s.n == 0)
        return kind_absent(ret);
    bool ok = take_digits(&s, 2, &n, &m);
    if (ok && take_mark(&s, S("月")))
        ok = take_digits(&s, 2, &n, &d) && take_mark(&s, S("日"));
    else
        ok = ok && (take_mark(&s, S("-")) || take_mark(&s, S("/")) || take_mark(&s, S("."))) &&
             take_digits(&s, 2, &n, &d);
    if (!ok || s.n > 0 || !day_from_ymd(2000, m, d, &day)) /* a leap year: 29 February is a day */
        return kind_refuse(e, f, "field.not_month_day");
    *ret = (Value){.tag = VALUE_INT, .i = m * 100 + d};
    return 0;
}

static Str typed_month_day(Arena *a, const Field *f, const Value *v)
{
    (void)f; /* all alike */
    return v->tag == VALUE_INT ? str_fmt(a, "%02d-%02d", (int)(v->i / 100), (int)(v->i % 100))
                               : kind_none(v);
}

static Str show_month_day(Arena *a, const Field *f, const Value *v, Lang lang)
{
    if (v->tag != VALUE_INT || lang != LANG_ZH)
        return typed_month_day(a, f, v);
    return str_fmt(a, "%d月%d日", (int)(v->i / 100), (int)(v->i % 100));
}

enum { POINT_DECIMALS = 6, POINT_MICRO = 1000000 };

/* Degrees in millionths; finer digits than a step's width are dropped. */
static bool read_degrees(Arena *a, Str s, int64_t most, int64_t *ret)
{
    Decimal d;
    if (memchr(s.p, ',', s.n) || !read_decimal(a, s, &d))
        return false;
    d.part = str_sub(d.part, 0, POINT_DECIMALS);
    return decimal_value(&d, POINT_DECIMALS, ret) && *ret >= -most && *ret <= most;
}

static int parse_point(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    int64_t at[2];
    Str lat, lon;
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_point");
    Str s = kind_fold(c->arena, typed);
    if (s.n == 0)
        return kind_absent(ret);
    if (!str_cut(s, ',', &lat, &lon) && !str_cut(s, ' ', &lat, &lon))
        return kind_refuse(e, f, "field.not_point");
    lat = str_trim(lat);
    lon = str_trim(lon);
    if (lat.n == 0 || lon.n == 0 ||
        !read_degrees(c->arena, lat, INT64_C(90) * POINT_MICRO, &at[0]) ||
        !read_degrees(c->arena, lon, INT64_C(180) * POINT_MICRO, &at[1]))
        return kind_refuse(e, f, "field.not_point");
    Buf b = {.arena = c->arena};
    for (int i = 0; i < 2; i++) {
        int64_t size = at[i] < 0 ? -at[i] : at[i];
        buf_fmt(&b, "%s%s%lld.%06lld", i ? "," : "", at[i] < 0 ? "-" : "",
                (long long)(size / POINT_MICRO), (long long)(size % POINT_MICRO));
    }
    *ret = (Value){.tag = VALUE_TEXT, .s = buf_view(&b)};
    return 0;
}

/* ---- the table ---- */

const Kind *model_kind(KindId id)
{
#define TEXT_ROW   parse_texts, kind_show_text, kind_typed_text
#define NUMBER_ROW parse_number, show_number, typed_number
    static const Kind kinds[KIND_MAX] = {
        [KIND_TEXT] = {"text", 't', true, TEXT_ROW, .json_number = false},
        [KIND_NOTE] = {"note", 't', false, TEXT_ROW, .json_number = false},
        [KIND_INT] = {"int", 'i', true, NUMBER_ROW, .json_number = true},
        [KIND_YESNO] = {"yesno", 'i', true, parse_yesno, show_yesno, typed_yesno,
                        .json_bool = true},
        [KIND_DATE] = {"date", 'i', true, parse_date, show_date, typed_date, .json_number = false},
        [KIND_INSTANT] = {"instant", 'i', true, parse_instant, show_instant, typed_instant,
                          .json_utc = true},
        [KIND_CHOICE] = {"choice", 'i', true, kind_parse_choice, kind_show_choice,
                         kind_typed_choice, .json_number = false},
        [KIND_LINK] = {"link", 'u', true, NULL, kind_show_ids, kind_typed_ids,
                       .is_reference = true},
        [KIND_PHOTO] = {"photo", 'b', false, kind_parse_ids, kind_show_photo, kind_typed_ids,
                        .json_list = true},
        [KIND_REMARK] = {"remark", 't', false, TEXT_ROW, .json_number = false},
        [KIND_MONEY] = {"money", 'i', true, NUMBER_ROW, .json_number = true},
        [KIND_PRICE] = {"price", 'i', true, NUMBER_ROW, .json_number = true},
        [KIND_AREA] = {"area", 'i', true, NUMBER_ROW, .json_number = true},
        [KIND_WEIGHT] = {"weight", 'i', true, NUMBER_ROW, .json_number = true},
        [KIND_PERCENT] = {"percent", 'i', true, NUMBER_ROW, .json_number = true},
        [KIND_CREDIT_CODE] = {"credit_code", 't', true, parse_credit_code, kind_show_text,
                              kind_typed_text, .json_number = false},
        [KIND_PLATE] = {"plate", 't', true, parse_plate, kind_show_text, kind_typed_text,
                        .json_number = false},
        [KIND_PARCEL_CODE] = {"parcel_code", 't', true, parse_parcel_code, kind_show_text,
                              kind_typed_text, .json_number = false},
        [KIND_CHOICES] = {"choices", 't', false, kind_parse_choices, kind_show_choices,
                          kind_typed_choices, .json_list = true},
        [KIND_LINKS] = {"links", 'b', false, NULL, kind_show_ids, kind_typed_ids, .json_list = true,
                        .is_reference = true},
        [KIND_UNIT] = {"unit", 'i', true, NULL, kind_show_unit, kind_typed_unit,
                       .is_reference = true},
        [KIND_PERSON] = {"person", 'u', true, NULL, kind_show_ids, kind_typed_ids,
                         .is_reference = true},
        [KIND_AUDIENCE] = {"audience", 't', false, NULL, kind_show_text, kind_typed_text,
                           .is_reference = true},
        [KIND_FILE] = {"file", 'b', false, kind_parse_ids, kind_show_file, kind_typed_ids,
                       .json_list = true},
        [KIND_POINT] = {"point", 't', false, parse_point, kind_show_text, kind_typed_text,
                        .json_number = false},
        [KIND_MONTH_DAY] = {"month_day", 'i', true, parse_month_day, show_month_day,
                            typed_month_day, .json_number = false},
        [KIND_ROWS] = {"rows", 0, false, NULL, kind_show_rows, kind_typed_rows,
                       .is_reference = true},
    };
    CHECK(id >= 0 && id < KIND_MAX);
    return &kinds[id];
}

static Str unit_key(const Field *f)
{
    switch (f->kind) {
    case KIND_MONEY:
    case KIND_PRICE:
        return S("model.unit_yuan");
    case KIND_AREA:
        return S("model.unit_mu");
    case KIND_WEIGHT:
        return str_eq(f->unit, S("jin")) ? S("model.unit_jin")
               : str_eq(f->unit, S("g")) ? S("model.unit_g")
                                         : S("model.unit_kg");
    default:
        return STR_NONE;
    }
}

Str field_unit(Arena *a, const Field *f, Lang lang)
{
    static const struct {
        const char *per, *key;
    } pers[] = {
        {"mu", "model.unit_mu"},
        {"jin", "model.unit_jin"},
        {"kg", "model.unit_kg"},
        {"person", "model.per_person"},
        {"household", "model.per_household"},
        {"day", "model.per_day"},
        {"month", "model.per_month"},
        {"year", "model.per_year"},
    };
    Str key = unit_key(f);
    if (!str_has(key))
        return S("");
    Str unit = i18n_text(a, lang, key, NULL, 0);
    for (size_t i = 0; i < LEN(pers); i++)
        if (str_eq(f->per, str_of(pers[i].per))) {
            Str args[] = {unit, i18n_text(a, lang, str_of(pers[i].key), NULL, 0)};
            return i18n_text(a, lang, S("model.unit_per"), args, LEN(args));
        }
    return unit;
}
