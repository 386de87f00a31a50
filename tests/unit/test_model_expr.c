/* test_model_expr.c: expressions: how they are read, what they come to, how they fail. */
#include "model/model_expr.h"
#include "test.h"

/* A lease with parcels and a session's people, made by hand: no model file is needed. */
enum {
    F_STARTS,
    F_ENDS,
    F_AREA,
    F_RENT,
    F_CASH,
    F_WHEAT,
    F_GRAIN,
    F_PRICE,
    F_COUNT,
    F_TOTAL,
    F_SHARE,
    F_NAME,
    F_FINE,
    F_ASKER,
    F_PERSON,
    F_PARCELS,
    F_PEOPLE,
    F_MANY,
    F_EACH,
    F_MAX
};
enum { P_AREA, P_END, P_RATE, P_MAX };
enum { A_CAME, A_REASON, A_HOURS, A_MAX };

static Choice rents[] = {
    {.name = {"cash", 4}, .label = {{{"现金", 6}, {"cash", 4}}}, .number = 11},
    {.name = {"wheat", 5}, .label = {{{"小麦", 6}, {"wheat", 5}}}, .number = 12}};
static Choice comes[] = {{.name = {"present", 7}, .number = 21},
                         {.name = {"leave", 5}, .number = 22},
                         {.name = {"absent", 6}, .number = 23}};

#define FIELD(i, n, k, ...)                                                                        \
    [i] = {.name = {n, sizeof(n) - 1},                                                             \
           .label = {{{n, sizeof(n) - 1}, {n, sizeof(n) - 1}}},                                    \
           .kind = k,                                                                              \
           .ix = i,                                                                                \
           .max = INT64_MAX,                                                                       \
           .min = INT64_MIN,                                                                       \
           __VA_ARGS__}
#define TEXT(z)                                                                                    \
    {                                                                                              \
        z, sizeof(z) - 1                                                                           \
    }
static const Field parcel_fields[P_MAX] = {
    FIELD(P_AREA, "area", KIND_AREA, ),
    FIELD(P_END, "contract_end", KIND_DATE, ),
    FIELD(P_RATE, "rate", KIND_MONEY, .per = TEXT("mu")),
};
static const Field people_fields[A_MAX] = {
    FIELD(A_CAME, "came", KIND_CHOICE, .choices = comes, .choice_n = 3),
    FIELD(A_REASON, "reason", KIND_TEXT, ),
    FIELD(A_HOURS, "hours", KIND_INT, ),
};
static const Field fields[F_MAX] = {
    FIELD(F_STARTS, "starts", KIND_DATE, ),
    FIELD(F_ENDS, "ends", KIND_DATE, ),
    FIELD(F_AREA, "area", KIND_AREA, ),
    FIELD(F_RENT, "rent", KIND_CHOICE, .choices = rents, .choice_n = 2),
    FIELD(F_CASH, "cash", KIND_MONEY, .per = TEXT("mu")),
    FIELD(F_WHEAT, "wheat", KIND_WEIGHT, .unit = TEXT("jin"), .per = TEXT("mu")),
    FIELD(F_GRAIN, "grain", KIND_WEIGHT, .unit = TEXT("jin")),
    FIELD(F_PRICE, "price", KIND_PRICE, .per = TEXT("jin")),
    FIELD(F_COUNT, "n", KIND_INT, ),
    FIELD(F_TOTAL, "total", KIND_MONEY, ),
    FIELD(F_SHARE, "share", KIND_PERCENT, ),
    FIELD(F_NAME, "name", KIND_TEXT, ),
    FIELD(F_FINE, "fine", KIND_YESNO, ),
    FIELD(F_ASKER, "asker", KIND_LINK, .to = TEXT("household")),
    FIELD(F_PERSON, "person", KIND_PERSON, ),
    FIELD(F_PARCELS, "parcels", KIND_ROWS, .fields = parcel_fields, .field_n = P_MAX),
    FIELD(F_PEOPLE, "people", KIND_ROWS, .fields = people_fields, .field_n = A_MAX),
    FIELD(F_MANY, "mentions", KIND_LINKS, .to = TEXT("household")),
    FIELD(F_EACH, "each", KIND_MONEY, .per = TEXT("person")),
};
static const State states[] = {{.name = {"draft", 5}, .ix = 0, .number = 31},
                               {.name = {"active", 6}, .ix = 1, .number = 32},
                               {.name = {"ended", 5}, .ix = 2, .number = 33}};
static const Field item_fields[] = {FIELD(0, "lease", KIND_LINK, .to = TEXT("lease"))};
static const Type types[] = {
    {.name = {"lease", 5}, .fields = fields, .field_n = F_MAX, .states = states, .state_n = 3},
    {.name = {"item", 4},
     .ix = 1,
     .fields = item_fields,
     .field_n = 1,
     .part_of = item_fields,
     .states = states,
     .state_n = 3}};
static const Model model = {.types = types, .type_n = 2};

typedef struct World {
    Arena *a;
    Err e;
    Value values[F_MAX];
    Subject subject;
    ExprWorld w;
} World;

static Value int_of(int64_t i)
{
    return (Value){.tag = VALUE_INT, .i = i};
}

static Day date(const char *z)
{
    Day d = DAY_NONE;
    REQUIRE(day_parse(str_of(z), &d));
    return d;
}

static void world_begin(World *w)
{
    *w = (World){.a = arena_new(64 * 1024)};
    w->e = err_on(w->a);
    w->subject = (Subject){.type = &types[0], .state = 1, .values = w->values};
    w->subject.id.b[0] = 7;
    w->w = (ExprWorld){.subject = &w->subject, .today = date("2026-11-20")};
    w->w.me.b[0] = 9;
}

static const Expr *parse(World *w, const char *text)
{
    const Expr *x = NULL;
    if (expr_parse(w->a, &model, &types[0], NULL, str_of(text), &x, &w->e) < 0) {
        test_note("%s: %.*s", text, STR_ARG(err_field_text(w->a, LANG_EN, &w->e.fields[0])));
        REQUIRE(x != NULL);
    }
    return x;
}

static Value value(World *w, const char *text)
{
    Value v = {.tag = VALUE_NONE};
    REQUIRE_OK(expr_eval(parse(w, text), &w->w, &v, &w->e), &w->e);
    return v;
}

static bool holds(World *w, const char *text)
{
    bool is_so = false;
    const Expr *x = parse(w, text);
    REQUIRE(x->kind == KIND_YESNO);
    REQUIRE_OK(expr_holds(x, &w->w, &is_so, &w->e), &w->e);
    return is_so;
}

static void rows_of(World *w, int f, int n, const Value *cells, int cell_n)
{
    Row *rows = NEW_N(w->a, Row, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        rows[i].values = &cells[i * cell_n];
        rows[i].id.b[0] = (uint8_t)i;
    }
    w->values[f] = (Value){.tag = VALUE_ROWS, .i = n, .rows = rows};
}

#define HOLDS(text)          test_that(__FILE__, __LINE__, (text), holds(&w, (text)))
#define FAILS(text)          test_that(__FILE__, __LINE__, "not: " text, !holds(&w, (text)))
#define COMES_TO(text, want) test_i64(__FILE__, __LINE__, (text), value(&w, (text)).i, (want))
#define IS_ABSENT(text)                                                                            \
    test_that(__FILE__, __LINE__, "absent: " text, value(&w, (text)).tag == VALUE_NONE)

TEST(the_conditions_of_the_design_hold)
{
    World w;
    world_begin(&w);
    static const Value people[][A_MAX] = {{{.tag = VALUE_INT, .i = 21}, {0}, {0}},
                                          {{.tag = VALUE_INT, .i = 22}, {0}, {0}},
                                          {{.tag = VALUE_INT, .i = 21}, {0}, {0}}};
    Value parcels[2][P_MAX] = {{int_of(325), int_of(date("2046-10-01")), {0}},
                               {int_of(150), int_of(date("2050-01-01")), {0}}};
    rows_of(&w, F_PEOPLE, 3, people[0], A_MAX);
    rows_of(&w, F_PARCELS, 2, parcels[0], P_MAX);
    w.values[F_STARTS] = int_of(date("2026-10-01"));
    w.values[F_ENDS] = int_of(date("2046-10-01"));
    w.values[F_RENT] = int_of(12);
    COMES_TO("count(people where came = present)", 2);
    COMES_TO("sum(parcels.area)", 475);
    HOLDS("ends <= min(parcels.contract_end) and ends <= starts + 20 years");
    w.values[F_ENDS] = int_of(date("2046-10-02"));
    FAILS("ends <= min(parcels.contract_end) and ends <= starts + 20 years");
    HOLDS("rent = wheat");
    FAILS("rent = cash");
    HOLDS("state in (active, ended)");
    HOLDS("state not in (draft, ended)");
    HOLDS("count(people where came = present) > 0 and starts <= today");
    HOLDS("any(people where came = leave)");
    FAILS("any(people where came = absent)");
    HOLDS("sum(parcels.area where contract_end < 2047-01-01) = 3.25");
    HOLDS("max(parcels.area) = 3.25 and not area = 3.25");
    HOLDS("any(people where came = present and state = active)");
    arena_free(w.a);
}

TEST(absent_is_false_and_its_not_is_true)
{
    World w;
    world_begin(&w);
    static const char *const conditions[] = {"n = 3",
                                             "n != 3",
                                             "n < 3",
                                             "n in (1, 3)",
                                             "n = n",
                                             "rent != cash",
                                             "name != \"a\"",
                                             "fine",
                                             "fine = no",
                                             "asker = asker",
                                             "n + 1 > 0",
                                             "n / 0 = 1",
                                             "starts + 3 days > today",
                                             "max(parcels.area) >= 0",
                                             "any(parcels)",
                                             "n * 2 != 5"};
    for (size_t i = 0; i < LEN(conditions); i++) {
        test_that(__FILE__, __LINE__, conditions[i], !holds(&w, conditions[i]));
        Str not_so = str_fmt(w.a, "not (%s)", conditions[i]);
        test_that(__FILE__, __LINE__, str_z(w.a, not_so), holds(&w, str_z(w.a, not_so)));
    }
    HOLDS("n is empty");
    FAILS("n is not empty");
    HOLDS("parcels is empty");
    HOLDS("mentions is empty");
    COMES_TO("sum(parcels.area)", 0);
    EXPECT(value(&w, "sum(parcels.area)").tag == VALUE_INT);
    IS_ABSENT("min(parcels.area)");
    IS_ABSENT("n + 1");
    w.values[F_COUNT] = int_of(0);
    IS_ABSENT("5 / n");
    HOLDS("n is not empty and n = 0");
    w.values[F_FINE] = int_of(1);
    HOLDS("fine and fine = yes and not fine = no");
    arena_free(w.a);
}

TEST(amounts_are_reckoned_in_their_units_and_rounded_once)
{
    World w;
    world_begin(&w);
    w.values[F_AREA] = int_of(333);        /* 3.33 mu */
    w.values[F_CASH] = int_of(80050);      /* 800.50 yuan per mu */
    w.values[F_WHEAT] = int_of(450 * 500); /* 450 jin per mu */
    w.values[F_GRAIN] = int_of(1001 * 500);
    w.values[F_PRICE] = int_of(12345); /* 1.2345 yuan per jin */
    w.values[F_COUNT] = int_of(7);
    w.values[F_TOTAL] = int_of(100001);
    w.values[F_SHARE] = int_of(1250); /* 12.5 % */
    w.values[F_EACH] = int_of(1999);
    COMES_TO("area * cash", 266567); /* 2665.665 */
    COMES_TO("cash * area", 266567);
    COMES_TO("-(area * cash)", -266567);      /* half away from zero */
    COMES_TO("grain * price", 123573);        /* 1235.7345 */
    COMES_TO("area * wheat", 749250);         /* 1498.5 jin */
    COMES_TO("area * wheat * price", 184990); /* 1849.898: once, not 1498.5 first */
    COMES_TO("total * share", 12500);
    COMES_TO("total / 7 * 7", 100001);
    COMES_TO("total / n", 14286);
    COMES_TO("n / 2", 4);
    COMES_TO("-n / 2", -4);
    COMES_TO("n * 0.5", 4);
    COMES_TO("total * 1.05", 105001);
    COMES_TO("3 / n", 4286);         /* 42.86 % */
    COMES_TO("total / area", 30030); /* per mu */
    COMES_TO("total / grain", 100);  /* per jin */
    COMES_TO("total / cash", 125);   /* mu */
    COMES_TO("each * n", 13993);
    COMES_TO("total / total", 10000);
    HOLDS("area = 3.33 and cash = 800.5 and wheat = 450 and grain > 1000.99 and price = 1.2345");
    HOLDS("total = 1000.01 and share = 12.5 and share < 12.51");
    HOLDS("area * cash + 0.33 = 2666");
    HOLDS("total / n = total / n and each < total / n");
    HOLDS("1 < n and 2.00 < n");
    HOLDS("n in (1, 7) and area in (1.1, 3.33)");
    arena_free(w.a);
}

TEST(sums_that_are_too_large_are_errors)
{
    World w;
    world_begin(&w);
    Value v = int_of(5);
    static const char *const list[] = {"n + 1",
                                       "n * n",
                                       "n * n * n * n * n * n * n",
                                       "-(0 - n) * 2",
                                       "sum(people.hours)",
                                       "starts + n days",
                                       "starts + n workdays",
                                       "starts + n months",
                                       "starts - n years",
                                       "total * n / 3"};
    Value people[2][A_MAX] = {{{0}, {0}, int_of(INT64_MAX)}, {{0}, {0}, int_of(1)}};
    rows_of(&w, F_PEOPLE, 2, people[0], A_MAX);
    w.values[F_COUNT] = int_of(INT64_MAX);
    w.values[F_TOTAL] = int_of(INT64_MIN);
    w.values[F_STARTS] = int_of(date("2026-11-20"));
    for (size_t i = 0; i < LEN(list); i++) {
        const Expr *x = parse(&w, list[i]);
        err_clear(&w.e);
        test_that(__FILE__, __LINE__, list[i], expr_eval(x, &w.w, &v, &w.e) == ERR_LIMIT);
        EXPECT_STR_EQ(w.e.key, S("expr.overflow"));
        err_clear(&w.e);
    }
    EXPECT_EQ_I64(v.i, 5);
    COMES_TO("n * 3 / 3", INT64_MAX); /* what comes out fits */
    COMES_TO("n - 1 + 1", INT64_MAX);
    w.values[F_COUNT] = int_of(INT64_MIN);
    COMES_TO("n / 1", INT64_MIN);
    arena_free(w.a);
}

TEST(days_move_by_days_workdays_months_and_years)
{
    World w;
    world_begin(&w);
    static const struct {
        const char *from, *by, *to;
    } list[] = {
        {"2026-01-31", "+ 1 months", "2026-02-28"},
        {"2028-01-31", "+ 1 month", "2028-02-29"},
        {"2026-03-31", "- 1 months", "2026-02-28"},
        {"2028-02-29", "+ 1 years", "2029-02-28"},
        {"2028-02-29", "+ 4 years", "2032-02-29"},
        {"2026-12-31", "+ 1 days", "2027-01-01"},
        {"2026-11-20", "+ 0 workdays", "2026-11-20"},
        {"2026-11-20", "+ 1 workdays", "2026-11-23"},
        {"2026-11-20", "+ 5 workdays", "2026-11-27"},
        {"2026-11-21", "+ 1 workdays", "2026-11-23"},
        {"2026-11-22", "+ 5 workdays", "2026-11-27"},
        {"2026-11-23", "- 1 workdays", "2026-11-20"},
        {"2026-11-22", "- 1 workdays", "2026-11-20"},
        {"2026-11-21", "- 5 workdays", "2026-11-16"},
        {"2026-11-18", "- 13 workdays", "2026-10-30"},
        {"2026-11-18", "+ n days", "2026-11-20"},
        {"2026-11-18", "+ n * 2 days", "2026-11-22"},
        {"2026-11-18", "+ 1 years - 1 days", "2027-11-17"},
    };
    w.values[F_COUNT] = int_of(2);
    for (size_t i = 0; i < LEN(list); i++) {
        w.values[F_STARTS] = int_of(date(list[i].from));
        Str text = str_fmt(w.a, "starts %s", list[i].by);
        Value v = value(&w, str_z(w.a, text));
        if (!EXPECT_STR(day_text(w.a, (Day)v.i), list[i].to))
            test_note("%s %s", list[i].from, list[i].by);
    }
    w.values[F_ENDS] = int_of(date("2026-12-01"));
    COMES_TO("ends - starts", 13);
    HOLDS("today = 2026-11-20 and today < ends");
    arena_free(w.a);
}

/* Weekday arithmetic against steps of one day. */
TEST(workdays_are_those_counted_one_by_one)
{
    World w;
    world_begin(&w);
    const Expr *x = parse(&w, "starts + n workdays");
    for (int start = 0; start < 7; start++)
        for (int n = -30; n <= 30; n++) {
            Day day = date("2026-11-16") + start;
            w.values[F_STARTS] = int_of(day);
            w.values[F_COUNT] = int_of(n);
            for (int left = n < 0 ? -n : n; left > 0;) {
                day += n < 0 ? -1 : 1;
                left -= day_weekday(day) <= 5;
            }
            Value v = {0};
            REQUIRE_OK(expr_eval(x, &w.w, &v, &w.e), &w.e);
            if (!EXPECT_EQ_I64(v.i, day))
                test_note("start %d n %d", start, n);
        }
    arena_free(w.a);
}

TEST(who_and_which_record)
{
    World w;
    world_begin(&w);
    w.values[F_PERSON] = (Value){.tag = VALUE_BLOB, .s = {(const char *)w.w.me.b, 16}};
    HOLDS("person = me");
    HOLDS("person in (me)");
    w.w.me.b[0] = 1;
    Uuid other = {{9}};
    w.values[F_PERSON].s.p = (const char *)other.b;
    FAILS("person = me");
    HOLDS("person != me");
    Value v = value(&w, "this");
    EXPECT(v.tag == VALUE_BLOB && v.s.n == 16 && !memcmp(v.s.p, w.subject.id.b, 16));
    w.w.me = (Uuid){{0}};
    FAILS("person != me"); /* nobody is signed in */
    arena_free(w.a);
}

static int count_items(void *ctx, const Type *part, const Expr *where, int64_t *ret, Err *e)
{
    (void)e;
    EXPECT(part == &types[1]);
    *ret = where ? 2 : *(int64_t *)ctx;
    return 0;
}

TEST(parts_are_counted_by_who_can)
{
    World w;
    world_begin(&w);
    int64_t five = 5;
    COMES_TO("count(item)", 0);
    w.w.count_part = count_items;
    w.w.count_ctx = &five;
    COMES_TO("count(item)", 5);
    HOLDS("count(item where state = active) = 2 and 1 = 1");
    EXPECT(expr_counts_parts(parse(&w, "n > 3 or count(item) > 1")));
    EXPECT(!expr_counts_parts(parse(&w, "n > 3 or count(people) > 1")));
    arena_free(w.a);
}

TEST(mistakes_name_the_place_and_the_nearest_word)
{
    World w;
    world_begin(&w);
    static const struct {
        const char *text, *key, *column, *more;
    } list[] = {
        {"", "expr.ends_value", "1", NULL},
        {"n >", "expr.ends_value", "4", NULL},
        {"n > )", "expr.want_value", "5", ")"},
        {"n > 3 4", "expr.left_over", "7", "4"},
        {"(n > 3", "expr.ends_early", "7", ")"},
        {"aera > 3", "expr.unknown_near", "1", "aera"},
        {"area > 3 and stats = 1", "expr.unknown_near", "14", "stats"},
        {"zzzzzz = 3", "expr.unknown", "1", "zzzzzz"},
        {"zzzzzz", "expr.unknown", "1", "zzzzzz"},
        {"rent = csah", "expr.no_choice_near", "8", "csah"},
        {"rent = 荞麦", "expr.unreadable", "8", "荞"},
        {"name = \"荞\" or 荞", "expr.unreadable", "15", "荞"},
        {"state = actve", "expr.no_state_near", "9", "actve"},
        {"state in (active, zzzzzz)", "expr.no_state", "19", "zzzzzz"},
        {"sum(parcel.area) > 1", "expr.unknown_rows_near", "5", "parcel"},
        {"sum(parcels.aera) > 1", "expr.unknown_near", "13", "aera"},
        {"count(zzzzzz)", "expr.unknown_rows", "7", "zzzzzz"},
        {"sum(area)", "expr.expected", "5", "area"},
        {"parcels.area > 1", "expr.dot_outside", "1", "parcels"},
        {"asker.name = 1", "expr.dot_outside", "1", "asker"},
        {"sum(parcels.area where people.came = leave)", "expr.other_rows", "24", "people"},
        {"count(people where count(parcels) > 1)", "expr.nested", "20", NULL},
        {"average(people.hours)", "expr.no_function", "1", "average"},
        {"area > starts", "expr.mismatch", "6", "area"},
        {"cash > total", "expr.mismatch", "6", "money/mu"},
        {"total > price", "expr.mismatch", "7", "money"},
        {"area * area", "expr.no_sum", "6", "area"},
        {"area + total", "expr.no_sum", "6", "area"},
        {"starts + 3", "expr.say_unit", "10", NULL},
        {"area + 3 days", "expr.no_date", "1", "area"},
        {"starts + area days", "expr.no_int", "10", "area"},
        {"name > \"a\"", "expr.no_order", "6", "text"},
        {"rent < cash", "expr.no_order", "6", "choice"},
        {"mentions = asker", "expr.mismatch", "10", "links"},
        {"starts = 3", "expr.no_number", "10", "date"},
        {"area = 3.255", "expr.too_fine", "8", "2"},
        {"n = 3.5", "expr.too_fine", "5", "0"},
        {"n = 99999999999999999999", "expr.too_large", "5", NULL},
        {"cash = 999999999999999999", "expr.too_large", "8", NULL},
        {"n and n > 3", "expr.no_condition", "1", "int"},
        {"not n", "expr.no_condition", "5", "int"},
        {"3 is empty", "expr.never_empty", "1", NULL},
        {"1 < n < 3", "expr.chained", "7", NULL},
        {"name = \"a", "expr.open_text", "8", NULL},
        {"state = rent", "expr.mismatch", "7", "state"},
        {"asker = person", "expr.mismatch", "7", "link"},
        {"this = asker", "expr.mismatch", "6", "link"},
        {"count(item where lease = asker) > 1", "expr.unknown", "26", "asker"},
        {"sum(people.reason)", "expr.not_amount", "5", "text"},
        {"where > 3", "expr.want_value", "1", "where"},
        {"n is not full", "expr.expected", "10", "full"},
        {"n not (3)", "expr.expected", "7", "("},
    };
    for (size_t i = 0; i < LEN(list); i++) {
        const Expr *x = NULL;
        err_clear(&w.e);
        int rc = expr_parse(w.a, &model, &types[0], NULL, str_of(list[i].text), &x, &w.e);
        bool is_so = test_that(__FILE__, __LINE__, list[i].text,
                               rc == ERR_INVALID && !x && w.e.field_n == 1);
        REQUIRE(is_so);
        const ErrField *f = &w.e.fields[0];
        is_so = EXPECT_STR(f->key, list[i].key) & EXPECT_STR(f->args[0], list[i].column) &
                (!list[i].more || EXPECT_STR(f->args[1], list[i].more)) &
                EXPECT_STR(f->field, "expr");
        if (!is_so)
            test_note("%s", list[i].text);
        for (int lang = 0; lang < LANG_MAX; lang++)
            EXPECT(!str_eq(err_field_text(w.a, (Lang)lang, f), f->key));
    }
    arena_free(w.a);
}

static int parse_many(World *w, Str unit, int n, Str tail)
{
    Buf b = {.arena = w->a};
    const Expr *x;
    for (int i = 0; i < n; i++)
        buf_str(&b, unit);
    buf_str(&b, tail);
    err_clear(&w->e);
    return expr_parse(w->a, &model, &types[0], NULL, buf_view(&b), &x, &w->e);
}

TEST(depth_length_and_parts_are_bounded)
{
    World w;
    world_begin(&w);
    EXPECT_ERR(parse_many(&w, S("("), 300, S("n")), ERR_INVALID, &w.e);
    EXPECT_ERR(parse_many(&w, S("-"), 300, S("n")), ERR_INVALID, &w.e);
    EXPECT_ERR(parse_many(&w, S("not "), 240, S("fine")), ERR_INVALID, &w.e);
    EXPECT_ERR(parse_many(&w, S("n+"), 400, S("n")), ERR_INVALID, &w.e);
    EXPECT_ERR(parse_many(&w, S("n + "), 400, S("n")), ERR_INVALID, &w.e);
    EXPECT_OK(parse_many(&w, S("n+"), 99, S("n")), &w.e);
    EXPECT_OK(parse_many(&w, S("not "), LIMIT_EXPR_DEPTH, S("fine")), &w.e);
    arena_free(w.a);
}

TEST(a_value_for_a_field_must_fit_it)
{
    World w;
    world_begin(&w);
    static const struct {
        int into;
        const char *text;
        bool fits;
    } list[] = {
        {F_RENT, "cash", true},
        {F_RENT, "leave", false},
        {F_TOTAL, "500", true},
        {F_TOTAL, "area * cash", true},
        {F_CASH, "area * cash", false},
        {F_CASH, "total / area", true},
        {F_AREA, "sum(parcels.area)", true},
        {F_AREA, "3", true},
        {F_NAME, "\"甲\"", true},
        {F_NAME, "3", false},
        {F_PERSON, "me", true},
        {F_ASKER, "asker", true},
        {F_ASKER, "this", false},
        {F_STARTS, "ends + 1 years", true},
        {F_FINE, "n > 3", true},
        {F_EACH, "total / n", true},
        {F_TOTAL, "total / n", true},
        {F_CASH, "total / n", false},
        {F_MANY, "mentions", true},
        {F_COUNT, "count(people)", true},
        {F_SHARE, "n / n", true},
    };
    for (size_t i = 0; i < LEN(list); i++) {
        const Expr *x;
        err_clear(&w.e);
        int rc = expr_parse_into(w.a, &model, &types[0], NULL, &fields[list[i].into],
                                 str_of(list[i].text), &x, &w.e);
        test_that(__FILE__, __LINE__, list[i].text, (rc == 0) == list[i].fits);
    }
    const Expr *x;
    err_clear(&w.e);
    EXPECT_OK(expr_parse(w.a, &model, &types[0], &fields[F_PARCELS],
                         S("area > 3 and starts > today"), &x, &w.e),
              &w.e);
    EXPECT(x->a->a->field == &parcel_fields[P_AREA] && x->b->a->field == &fields[F_STARTS]);
    EXPECT_OK(expr_parse_condition(w.a, &model, &types[0], NULL, S("fine"), &x, &w.e), &w.e);
    EXPECT_ERR(expr_parse_condition(w.a, &model, &types[0], NULL, S("n"), &x, &w.e), ERR_INVALID,
               &w.e);
    arena_free(w.a);
}

TEST(what_can_be_sql_and_when_a_check_is_asked)
{
    World w;
    world_begin(&w);
    EXPECT(expr_is_see(parse(&w, "rent = cash and not (state in (draft) or n is empty) or fine")));
    EXPECT(!expr_is_see(parse(&w, "n + 1 > 3")));
    EXPECT(!expr_is_see(parse(&w, "rent = cash or any(people)")));
    EXPECT(!expr_is_see(parse(&w, "mentions is empty")));
    EXPECT(!expr_is_see(parse(&w, "ends < today + 3 days")));
    bool is_ready = true;
    const Expr *x = parse(&w, "ends <= min(parcels.contract_end) and ends <= starts + 20 years");
    EXPECT(expr_first_field(x) == &fields[F_ENDS]);
    REQUIRE_OK(expr_is_ready(x, &w.w, &is_ready, &w.e), &w.e);
    EXPECT(!is_ready);
    w.values[F_ENDS] = w.values[F_STARTS] = int_of(1);
    REQUIRE_OK(expr_is_ready(x, &w.w, &is_ready, &w.e), &w.e);
    EXPECT(!is_ready); /* no parcel says when its contract ends */
    Value parcels[1][P_MAX] = {{int_of(325), int_of(9), {0}}};
    rows_of(&w, F_PARCELS, 1, parcels[0], P_MAX);
    REQUIRE_OK(expr_is_ready(x, &w.w, &is_ready, &w.e), &w.e);
    EXPECT(is_ready);
    arena_free(w.a);
}

TEST(an_expression_is_told_in_words)
{
    World w;
    world_begin(&w);
    EXPECT_STR(expr_text(w.a, parse(&w, "rent in (cash, wheat) and n > 3"), LANG_ZH),
               "rent是下列之一：现金、小麦，并且n大于3");
    EXPECT_STR(expr_text(w.a, parse(&w, "ends <= starts + 20 years and grain >= 12.5"), LANG_EN),
               "ends is at most 20 years after starts, and grain is at least 12.5 jin");
    EXPECT_STR(expr_text(w.a, parse(&w, "(n = 1 or n = 2) and name is not empty"), LANG_EN),
               "(n is 1, or n is 2), and name is filled in");
    EXPECT_STR(
        expr_text(w.a, parse(&w, "sum(parcels.area where contract_end > 2030-01-01) > 1"), LANG_ZH),
        "“contract_end大于2030-01-01”的parcels的area的合计大于1.00 亩");
    arena_free(w.a);
}
