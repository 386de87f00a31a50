/* test_model_kind.c: what people type is read, what cannot be meant is refused in words, and what
 * is kept comes back as it was typed. SPEC: P12 */
#include "test.h"

#include "model/model.h"

static Arena *arena;
static Day today; /* set by begin */

static void begin(void)
{
    arena = arena_new(16 * 1024);
    REQUIRE(day_from_ymd(2026, 11, 24, &today));
}

static void end(void)
{
    arena_free(arena);
}

static Field field(KindId kind)
{
    return (Field){.name = S("it"), .kind = kind, .many = 1, .max = INT64_MAX, .min = INT64_MIN};
}

/* "" read; else the key of the refusal. */
static Str parse(const Field *f, Str typed, Value *ret)
{
    Err e = err_on(arena);
    ParseCtx c = {.arena = arena, .today = today};
    int rc = model_kind(f->kind)->parse(&c, f, typed, ret, &e);
    EXPECT(rc == 0 ? e.cls == 0 : rc == ERR_INVALID && e.cls == ERR_INVALID && e.field_n == 1);
    if (rc == 0)
        return S("");
    EXPECT_STR_EQ(e.fields[0].field, f->name);
    Str zh = err_field_text(arena, LANG_ZH, &e.fields[0]),
        en = err_field_text(arena, LANG_EN, &e.fields[0]);
    EXPECT(!str_eq(zh, e.fields[0].key) && str_find(zh, S("{")) < 0 && str_find(en, S("{")) < 0);
    return e.fields[0].key;
}

typedef struct Line {
    const char *typed, *want; /* as `typed` gives it, or the key of the refusal */
    const char *shown;        /* NULL: not looked at */
    int64_t i;
} Line;

static void expect_rows(const Field *f, const Line *rows, size_t n)
{
    const Kind *k = model_kind(f->kind);
    for (size_t r = 0; r < n; r++) {
        Value v = {.tag = VALUE_BLOB}, again = {.tag = VALUE_BLOB};
        Str key = parse(f, str_of(rows[r].typed), &v);
        Str got = key.n ? key : k->typed(arena, f, &v);
        bool is_so = str_eq(got, str_of(rows[r].want));
        if (key.n)
            is_so &= v.tag == VALUE_BLOB; /* untouched */
        else
            is_so &= parse(f, got, &again).n == 0 && value_eq(&v, &again);
        if (is_so && key.n == 0 && rows[r].shown) {
            is_so &= str_eq(k->show(arena, f, &v, LANG_EN), str_of(rows[r].shown));
            is_so &= v.tag != VALUE_INT || v.i == rows[r].i;
        }
        if (!is_so)
            test_fail(__FILE__, __LINE__, "%s `%s`: want %s, got %.*s, %.*s, %lld", k->name,
                      rows[r].typed, rows[r].want, STR_ARG(got),
                      STR_ARG(key.n ? S("") : k->show(arena, f, &v, LANG_EN)), (long long)v.i);
    }
}

TEST(texts)
{
    begin();
    Field text = field(KIND_TEXT), note = field(KIND_NOTE);
    text.max = 5;
    note.max = 10;
    static const Line lines[] = {
        {" 路灯 ", "路灯", "路灯", 0},
        {"　路灯　", "路灯", NULL, 0},
        {"", "", "", 0},
        {" \n ", "", "", 0},
        {"12345", "12345", NULL, 0},
        {"一二三四五", "一二三四五", NULL, 0},
        {"一二三四五六", "field.too_long", NULL, 0},
        {"e\xcc\x81", "é", NULL, 0}, /* composed */
        {"a\tb", "a b", NULL, 0},
        {"a\nb", "field.one_line", NULL, 0},
        {"a\x01", "field.control", NULL, 0},
        {"a\x7f", "field.control", NULL, 0},
        {"a\xc2\x85z", "field.control", NULL, 0},
        {"a\xff", "field.not_text", NULL, 0},
        {"\xed\xa0\x80", "field.not_text", NULL, 0},
    };
    static const Line notes[] = {
        {"a\r\nb\rc\n", "a\nb\nc", NULL, 0},
        {"a\x1b", "field.control", NULL, 0},
        {"1234567890a", "field.too_long", NULL, 0},
    };
    expect_rows(&text, lines, LEN(lines));
    expect_rows(&note, notes, LEN(notes));
    end();
}

TEST(whole_numbers)
{
    begin();
    Field f = field(KIND_INT), small = field(KIND_INT);
    small.min = 1;
    small.max = 99;
    static const Line rows[] = {
        {"12", "12", "12", 12},
        {" １２ ", "12", "12", 12},
        {"2026", "2026", "2026", 2026},
        {"12,345", "12345", "12,345", 12345},
        {"12，345", "12345", "12,345", 12345},
        {"-7", "-7", "-7", -7},
        {"−7", "-7", "-7", -7},
        {"+7", "7", "7", 7},
        {"3.00", "3", "3", 3},
        {"", "", "", 0},
        {"0", "0", "0", 0},
        {"-0", "0", "0", 0},
        {"007", "7", "7", 7},
        {"9223372036854775807", "9223372036854775807", "9,223,372,036,854,775,807", INT64_MAX},
        {"-9223372036854775808", "-9223372036854775808", "-9,223,372,036,854,775,808", INT64_MIN},
        {"9223372036854775808", "field.too_large", NULL, 0},
        {"-9223372036854775809", "field.too_small", NULL, 0},
        {"3.5", "field.not_int", NULL, 0},
        {"1,23", "field.not_int", NULL, 0},
        {"1,2345", "field.not_int", NULL, 0},
        {",123", "field.not_int", NULL, 0},
        {"1234,567", "field.not_int", NULL, 0},
        {"1 2", "field.not_int", NULL, 0},
        {"-", "field.not_int", NULL, 0},
        {".", "field.not_int", NULL, 0},
        {"5.", "field.not_int", NULL, 0},
        {"1e3", "field.not_int", NULL, 0},
        {"0x1", "field.not_int", NULL, 0},
        {"十二", "field.not_int", NULL, 0},
        {"12个", "field.not_int", NULL, 0},
        {"\xff", "field.not_int", NULL, 0},
    };
    static const Line bounds[] = {
        {"1", "1", NULL, 0},
        {"99", "99", NULL, 0},
        {"0", "field.too_small", NULL, 0},
        {"100", "field.too_large", NULL, 0},
    };
    expect_rows(&f, rows, LEN(rows));
    expect_rows(&small, bounds, LEN(bounds));
    end();
}

TEST(amounts)
{
    begin();
    Field money = field(KIND_MONEY), price = field(KIND_PRICE), percent = field(KIND_PERCENT);
    Field area = field(KIND_AREA);
    area.min = 0;
    static const Line fen[] = {
        {"1,234.5", "1234.50", "1,234.50", 123450},
        {"１，２３４．５", "1234.50", "1,234.50", 123450},
        {"0.05", "0.05", "0.05", 5},
        {".5", "0.50", "0.50", 50},
        {"-0.05", "-0.05", "-0.05", -5},
        {"12", "12.00", "12.00", 1200},
        {"12.3400", "12.34", "12.34", 1234},
        {"92233720368547758.07", "92233720368547758.07", "92,233,720,368,547,758.07", INT64_MAX},
        {"-92233720368547758.08", "-92233720368547758.08", "-92,233,720,368,547,758.08", INT64_MIN},
        {"92233720368547758.08", "field.too_large", NULL, 0},
        {"12.345", "field.too_fine", NULL, 0},
        {"1,234.5,0", "field.not_number", NULL, 0},
        {"1.2.3", "field.not_number", NULL, 0},
        {"100元", "field.not_number", NULL, 0},
        {"¥5", "field.not_number", NULL, 0},
    };
    static const Line prices[] = {
        {"1.2345", "1.2345", "1.2345", 12345},
        {"1.2", "1.20", "1.20", 12000},
        {"1.23456", "field.too_fine", NULL, 0},
    };
    static const Line percents[] = {
        {"87.7%", "87.7", "87.7%", 8770},
        {"87.75", "87.75", "87.75%", 8775},
        {"5％", "5", "5.0%", 500},
        {"%", "field.not_number", NULL, 0},
    };
    static const Line areas[] = {
        {"3.25", "3.25", "3.25", 325},
        {"5312.16", "5312.16", "5,312.16", 531216},
        {"-1", "field.too_small", NULL, 0},
    };
    expect_rows(&money, fen, LEN(fen));
    expect_rows(&price, prices, LEN(prices));
    expect_rows(&percent, percents, LEN(percents));
    expect_rows(&area, areas, LEN(areas));
    end();
}

TEST(weights_in_their_unit)
{
    begin();
    Field kg = field(KIND_WEIGHT), jin = field(KIND_WEIGHT), g = field(KIND_WEIGHT);
    kg.unit = S("kg");
    jin.unit = S("jin");
    g.unit = S("g");
    static const Line kgs[] = {
        {"1.5", "1.5", "1.5", 1500},
        {"1,000", "1000", "1,000", 1000000},
        {"0.0001", "field.too_fine", NULL, 0},
    };
    static const Line jins[] = {
        {"1.5", "1.5", "1.5", 750},
        {"0.002", "0.002", "0.002", 1},
        {"1200", "1200", "1,200", 600000},
        {"0.001", "field.half_gram", NULL, 0},
        {"9223372036854775.806", "9223372036854775.806", "9,223,372,036,854,775.806",
         INT64_MAX / 2},
    };
    static const Line grams[] = {{"12", "12", "12", 12}, {"0.5", "field.not_int", NULL, 0}};
    expect_rows(&kg, kgs, LEN(kgs));
    expect_rows(&jin, jins, LEN(jins));
    expect_rows(&g, grams, LEN(grams));
    EXPECT_STR(field_unit(arena, &jin, LANG_ZH), "斤");
    jin.per = S("mu");
    EXPECT_STR(field_unit(arena, &jin, LANG_ZH), "斤/亩");
    EXPECT_STR(field_unit(arena, &jin, LANG_EN), "jin per mu");
    Field text = field(KIND_TEXT);
    EXPECT_STR(field_unit(arena, &text, LANG_EN), "");
    end();
}

TEST(json_integers_are_held_to_the_same_bounds)
{
    begin();
    Field money = field(KIND_MONEY);
    Value v;
    Err e = err_on(arena);
    ParseCtx c = {.arena = arena, .today = today};
    money.max = 1000;
    REQUIRE_OK(field_take_int(&c, &money, 1000, &v, &e), &e);
    EXPECT_EQ_I64(v.i, 1000);
    EXPECT_ERR(field_take_int(&c, &money, 1001, &v, &e), ERR_INVALID, &e);
    end();
}

TEST(days)
{
    begin();
    Field f = field(KIND_DATE), past = field(KIND_DATE), coming = field(KIND_DATE);
    past.max_today = true;
    coming.min_today = true;
    static const Line rows[] = {
        {"2026-11-20", "2026-11-20", "2026-11-20", 20777},
        {" 2026/11/20 ", "2026-11-20", "2026-11-20", 20777},
        {"2026.11.20", "2026-11-20", "2026-11-20", 20777},
        {"2026年11月20日", "2026-11-20", "2026-11-20", 20777},
        {"２０２６－１１－２０", "2026-11-20", "2026-11-20", 20777},
        {"20261120", "2026-11-20", "2026-11-20", 20777},
        {"2026-1-5", "2026-01-05", NULL, 0},
        {"2024-02-29", "2024-02-29", NULL, 0},
        {"1970-01-01", "1970-01-01", "1970-01-01", 0},
        {"0001-01-01", "0001-01-01", NULL, 0},
        {"9999-12-31", "9999-12-31", NULL, 0},
        {"", "", "", 0},
        {"2026-02-29", "field.not_date", NULL, 0},
        {"2026-13-01", "field.not_date", NULL, 0},
        {"2026-11/20", "field.not_date", NULL, 0},
        {"26-11-20", "field.not_date", NULL, 0},
        {"2026-11-20 8:00", "field.not_date", NULL, 0},
        {"2026-11", "field.not_date", NULL, 0},
        {"2026年11月", "field.not_date", NULL, 0},
        {"202611", "field.not_date", NULL, 0},
        {"0000-01-01", "field.not_date", NULL, 0},
        {"today", "field.not_date", NULL, 0},
        {"2026-011-20", "field.not_date", NULL, 0},
        {"\xff", "field.not_date", NULL, 0},
    };
    static const Line pasts[] = {
        {"2026-11-24", "2026-11-24", NULL, 0},
        {"2026-11-25", "field.in_future", NULL, 0},
    };
    static const Line comings[] = {
        {"2026-11-24", "2026-11-24", NULL, 0},
        {"2026-11-23", "field.in_past", NULL, 0},
    };
    expect_rows(&f, rows, LEN(rows));
    expect_rows(&past, pasts, LEN(pasts));
    expect_rows(&coming, comings, LEN(comings));
    f.min = 20777;
    static const Line bound[] = {{"2026-11-19", "field.too_small", NULL, 0}};
    expect_rows(&f, bound, LEN(bound));
    end();
}

TEST(instants)
{
    begin();
    Field f = field(KIND_INSTANT);
    static const Line rows[] = {
        {"2026-11-20 15:20", "2026-11-20 15:20", "2026-11-20 15:20", 1795159200000},
        {"2026-11-20T15:20", "2026-11-20 15:20", NULL, 0},
        {"2026年11月20日 15:20", "2026-11-20 15:20", NULL, 0},
        {"2026-11-20T07:20:00Z", "2026-11-20 15:20", "2026-11-20 15:20", 1795159200000},
        {"2026-11-20T15:20:00+08:00", "2026-11-20 15:20", "2026-11-20 15:20", 1795159200000},
        {"2026-11-20T02:20:00-05:00", "2026-11-20 15:20", "2026-11-20 15:20", 1795159200000},
        {"2026-11-20 15：20：05.25", "2026-11-20 15:20:05.250", "2026-11-20 15:20", 1795159205250},
        {"2026-11-20T07:20:05.123456Z", "2026-11-20 15:20:05.123", NULL, 0},
        {"1969-12-31 23:00", "1969-12-31 23:00", "1969-12-31 23:00", -32400000},
        {"0001-01-01 00:00", "0001-01-01 00:00", NULL, 0},
        {"9999-12-31 23:59", "9999-12-31 23:59", NULL, 0},
        {"9999-12-31T23:59:00Z", "field.not_instant", NULL, 0},
        {"", "", "", 0},
        {"2026-11-20", "field.not_instant", NULL, 0},
        {"2026-11-20 24:00", "field.not_instant", NULL, 0},
        {"2026-11-20 15:60", "field.not_instant", NULL, 0},
        {"2026-11-20 1520", "field.not_instant", NULL, 0},
        {"2026-11-20 15:20 x", "field.not_instant", NULL, 0},
        {"2026-11-20 15:20+8", "field.not_instant", NULL, 0},
    };
    expect_rows(&f, rows, LEN(rows));
    end();
}

TEST(yes_no_and_choices)
{
    begin();
    Field yesno = field(KIND_YESNO), choice = field(KIND_CHOICE);
    Choice choices[] = {{.name = S("advice"), .label = {{S("咨询"), S("Advice")}}, .number = 7},
                        {.name = S("help"), .label = {{S("求助"), S("Help")}}, .number = 9}};
    choice.choices = choices;
    choice.choice_n = 2;
    static const Line yes[] = {
        {"yes", "yes", "yes", 1},          {"no", "no", "no", 0},
        {"true", "yes", "yes", 1},         {"0", "no", "no", 0},
        {"是", "yes", "yes", 1},           {"", "", "", 0},
        {"１", "yes", "yes", 1},           {"maybe", "field.not_yesno", NULL, 0},
        {"2", "field.not_yesno", NULL, 0},
    };
    static const Line chosen[] = {
        {"help", "help", "Help", 9},           {"求助", "help", "Help", 9},
        {" Advice ", "advice", "Advice", 7},   {"", "", "", 0},
        {"Hlep", "field.not_choice", NULL, 0}, {"9", "field.not_choice", NULL, 0},
    };
    expect_rows(&yesno, yes, LEN(yes));
    expect_rows(&choice, chosen, LEN(chosen));
    EXPECT_STR(
        model_kind(KIND_YESNO)->show(arena, &yesno, &(Value){.tag = VALUE_INT, .i = 1}, LANG_ZH),
        "是");
    end();
}

#define ID1 "0197d5a0-1111-7abc-8def-000000000001"
#define ID2 "0197d5a0-1111-7abc-8def-000000000002"
#define ID3 "0197d5a0-1111-7abc-8def-000000000003"

TEST(documents_and_photos)
{
    begin();
    Field file = field(KIND_FILE), photo = field(KIND_PHOTO);
    photo.many = 2;
    static const Line files[] = {
        {ID1, ID1, "1 document", 0},
        {"0197D5A0-1111-7ABC-8DEF-000000000001", ID1, NULL, 0},
        {ID1 " " ID2, "field.too_many", NULL, 0},
        {"42", "field.not_id", NULL, 0},
        {"", "", "", 0},
    };
    static const Line photos[] = {
        {ID1, ID1, "1 photo", 0},
        {ID1 "," ID2, ID1 "," ID2, "2 photos", 0},
        {" " ID1 "，\n" ID2 " , ", ID1 "," ID2, "2 photos", 0},
        {ID1 "," ID1 "," ID2, ID1 "," ID2, "2 photos", 0},
        {ID1 "," ID2 "," ID3, "field.too_many", NULL, 0},
        {ID1 ID2, "field.not_id", NULL, 0},
        {" , ", "", "", 0},
    };
    expect_rows(&file, files, LEN(files));
    expect_rows(&photo, photos, LEN(photos));
    Value v;
    EXPECT_STR(parse(&photo, S(ID1 "," ID2), &v), "");
    EXPECT_EQ_I64(v.s.n, 32);
    end();
}

TEST(several_choices)
{
    begin();
    Field f = field(KIND_CHOICES);
    static const Choice choices[] = {
        {.name = S("rice"), .label = {{S("水稻"), S("Rice")}}, .number = 17},
        {.name = S("tea"), .label = {{S("茶"), S("Tea")}}, .number = 3},
        {.name = S("old"), .label = {{S("旧"), S("Old")}}, .number = 9, .is_retired = true}};
    f.choices = choices;
    f.choice_n = 3;
    static const Line rows[] = {
        {"rice,tea", "tea,rice", "Tea, Rice", 0},
        {"水稻、 茶", "tea,rice", NULL, 0},
        {"Tea，tea；茶", "tea", "Tea", 0},
        {"rice,maize", "field.not_choice", NULL, 0},
        {",, ,", "", "", 0},
        {"old\nrice", "old,rice", "Old, Rice", 0},
        {"rice tea", "field.not_choice", NULL, 0},
    };
    expect_rows(&f, rows, LEN(rows));
    Value v;
    EXPECT_STR(parse(&f, S("rice,tea"), &v), "");
    EXPECT(v.tag == VALUE_TEXT);
    EXPECT_STR(v.s, ",3,17,");
    end();
}

TEST(a_day_of_every_year_and_a_place)
{
    begin();
    Field day = field(KIND_MONTH_DAY), point = field(KIND_POINT);
    static const Line days[] = {
        {"6-30", "06-30", "06-30", 630},
        {"６月３０日", "06-30", "06-30", 630},
        {"12/01", "12-01", NULL, 1201},
        {"2-29", "02-29", NULL, 229},
        {"2-30", "field.not_month_day", NULL, 0},
        {"6月30", "field.not_month_day", NULL, 0},
        {"630", "field.not_month_day", NULL, 0},
        {"2026-06-30", "field.not_month_day", NULL, 0},
        {" ", "", "", 0},
    };
    static const Line points[] = {
        {"35.1, 113.123456789", "35.100000,113.123456", "35.100000,113.123456", 0},
        {"-0.5 113", "-0.500000,113.000000", NULL, 0},
        {"35.1，113", "35.100000,113.000000", NULL, 0},
        {"91,113", "field.not_point", NULL, 0},
        {"35,180.000001", "field.not_point", NULL, 0},
        {"35", "field.not_point", NULL, 0},
        {"35,", "field.not_point", NULL, 0},
        {"35,113,2", "field.not_point", NULL, 0},
        {"", "", "", 0},
    };
    expect_rows(&day, days, LEN(days));
    expect_rows(&point, points, LEN(points));
    EXPECT_STR(model_kind(KIND_MONTH_DAY)
                   ->show(arena, &day, &(Value){.tag = VALUE_INT, .i = 630}, LANG_ZH),
               "6月30日");
    end();
}

TEST(references_and_rows_show_their_ids)
{
    begin();
    Field unit = field(KIND_UNIT), rows = field(KIND_ROWS), link = field(KIND_LINKS);
    Value seven = {.tag = VALUE_INT, .i = 7}, one = {.tag = VALUE_INT, .i = 1};
    struct Row lines[2] = {{.values = &one, .value_n = 1}, {.values = &seven, .value_n = 1}};
    struct Row swapped[2] = {lines[1], lines[0]};
    REQUIRE(uuid_parse(S(ID1), &lines[0].id) && uuid_parse(S(ID2), &lines[1].id));
    swapped[0].id = lines[0].id;
    swapped[1].id = lines[1].id;
    Value all = {.tag = VALUE_ROWS, .i = 2, .rows = lines}, less = all, other = all, twin = all;
    less.i = 1;
    other.rows = swapped;
    EXPECT(value_eq(&all, &twin) && !value_eq(&all, &less) && !value_eq(&all, &other));
    EXPECT(!value_eq(&all, &(Value){.tag = VALUE_NONE}));
    EXPECT_STR(model_kind(KIND_UNIT)->typed(arena, &unit, &seven), "7");
    EXPECT_STR(model_kind(KIND_ROWS)->typed(arena, &rows, &all), ID1 "," ID2);
    EXPECT_STR(model_kind(KIND_ROWS)->show(arena, &rows, &all, LANG_EN), "2 lines");
    EXPECT_STR(
        model_kind(KIND_LINKS)
            ->typed(arena, &link, &(Value){.tag = VALUE_BLOB, .s = {(char *)lines[0].id.b, 16}}),
        ID1);
    static const KindId looked_up[] = {KIND_LINK,   KIND_LINKS,    KIND_UNIT,
                                       KIND_PERSON, KIND_AUDIENCE, KIND_ROWS};
    size_t n = 0;
    for (int k = 0; k < KIND_MAX; k++) {
        EXPECT(model_kind((KindId)k)->is_reference == (model_kind((KindId)k)->parse == NULL));
        n += model_kind((KindId)k)->is_reference;
    }
    EXPECT_EQ_I64(n, LEN(looked_up));
    for (size_t i = 0; i < LEN(looked_up); i++)
        EXPECT(model_kind(looked_up[i])->is_reference);
    end();
}

TEST(codes)
{
    begin();
    Field credit = field(KIND_CREDIT_CODE), plate = field(KIND_PLATE),
          parcel = field(KIND_PARCEL_CODE);
    static const Line credits[] = {
        {"91350100m000100y43", "91350100M000100Y43", "91350100M000100Y43", 0},
        {"９１３５０１００ M000100Y43", "91350100M000100Y43", NULL, 0},
        {"91350100M000100Y44", "field.bad_code", NULL, 0},
        {"", "", "", 0},
    };
    static const Line plates[] = {
        {"豫H·12345", "豫H12345", "豫H12345", 0},
        {" 豫h 12345", "豫H12345", NULL, 0},
        {"豫12345", "field.bad_code", NULL, 0},
        {"\xff", "field.not_text", NULL, 0},
    };
    static const Line parcels[] = {
        {"123", "field.bad_code", NULL, 0},
        {"4108221002010100123", "4108221002010100123", NULL, 0},
    };
    expect_rows(&credit, credits, LEN(credits));
    expect_rows(&plate, plates, LEN(plates));
    expect_rows(&parcel, parcels, LEN(parcels));
    end();
}

/* Whatever is typed: read or refused; what is read comes back from `typed`, and can be shown. */
TEST(random_typing_never_crashes_and_comes_back)
{
    begin();
    static const char *const bits[] = {
        "1",  "23", "4,567",  ".",    "-",    "2026", "年",  "月", "日", " ", "11", ":",
        "T",  "Z",  "+08:00", "，",   "％",   "%",    "yes", "是", "豫", "H", "é",  "\t",
        "\n", "\r", "\x01",   "\xff", "\xe5", ID1,    ",",   "　", "a",  "0"};
    Choice choices[] = {{.name = S("a"), .label = {{S("是"), S("yes")}}, .number = 3}};
    size_t read = 0;
    for (int turn = 0; turn < 40000; turn++) {
        size_t mark = arena_mark(arena);
        Field f = field((KindId)(turn % KIND_MAX));
        f.many = 3;
        f.choices = choices;
        f.choice_n = 1;
        f.unit = test_below(2) ? S("jin") : S("kg");
        Buf b = {.arena = arena};
        for (uint64_t k = test_below(8); k > 0; k--)
            buf_z(&b, bits[test_below(LEN(bits))]);
        Value v, again;
        const Kind *kind = model_kind(f.kind);
        Err e = err_on(arena);
        ParseCtx c = {.arena = arena, .today = DAY_NONE};
        if (kind->is_reference)
            continue; /* looked up by record */
        if (kind->parse(&c, &f, buf_view(&b), &v, &e) == 0) {
            Str typed = kind->typed(arena, &f, &v);
            (void)kind->show(arena, &f, &v, LANG_ZH); /* must not crash */
            bool is_back = kind->parse(&c, &f, typed, &again, &e) == 0 && value_eq(&v, &again);
            if (!is_back)
                test_fail(__FILE__, __LINE__, "%s: `%.*s` came back as `%.*s`", kind->name,
                          STR_ARG(buf_view(&b)), STR_ARG(typed));
            read += v.tag != VALUE_NONE;
        } else {
            EXPECT(e.field_n == 1);
        }
        arena_rewind(arena, mark);
    }
    EXPECT(read > 1000);
    end();
}

/* Values of any size, as a damaged database might hold them. */
TEST(any_stored_value_can_be_shown)
{
    begin();
    static const int64_t sizes[] = {0,         1,         -1,        INT64_MAX,
                                    INT64_MIN, INT32_MAX, INT32_MIN, 1795159200000};
    for (int k = 0; k < KIND_MAX; k++)
        for (size_t i = 0; i < LEN(sizes); i++) {
            Field f = field((KindId)k);
            const Kind *kind = model_kind(f.kind);
            if (!kind->column)
                continue; /* rows: not a column */
            Value v = {.tag = kind->column == 'i'   ? VALUE_INT
                              : kind->column == 't' ? VALUE_TEXT
                                                    : VALUE_BLOB,
                       .i = sizes[i],
                       .s = S("0123456789abcdefX")};
            EXPECT(str_has(kind->show(arena, &f, &v, LANG_ZH)) &&
                   str_has(kind->typed(arena, &f, &v)));
            EXPECT_STR(kind->show(arena, &f, &(Value){.tag = VALUE_NONE}, LANG_EN), "");
            EXPECT_STR(kind->typed(arena, &f, &(Value){.tag = VALUE_NONE}), "");
        }
    end();
}
