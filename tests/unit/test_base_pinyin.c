/* text_fold, text_initials_* */
#include "base/base.h"
#include "test.h"

TEST(initials_of_every_reading_match)
{
    static const struct {
        const char *name, *typed;
    } yes[] = {
        {"张三", "zs"},         {"张三丰", "zs"},      {"张三丰", "ZSF"},
        {"重庆", "cq"},         {"重庆", "zq"},        {"单于燕", "syy"}, /* both readings count */
        {"单国强", "sgq"},      {"单国强", "dgq"},     {"曾小贤", "zxx"},
        {"曾小贤", "cxx"},      {"仇英", "qy"},        {"解放", "xf"},
        {"区家麟", "ojl"},      {"查良庸", "zly"},     {"尉迟恭", "ycg"},
        {"长孙无忌", "zswj"},   {"朴树", "ps"},        {"任我行", "rwx"},
        {"乐毅", "yy"},         {"乐毅", "ly"},        {"盖叫天", "gjt"},
        {"万俟卨", "mqx"},      {"覃海洋", "qhy"},     {"覃海洋", "thy"},
        {"欧阳震华", "oyzh"},   {"𠮷田", "jt"},        {"䶮玉", "yy"},
        {"张三（二组）", "ez"}, {"大王村 第3组", "3z"}, {"Wang Xiaoming", "wx"},
        {"王小明", "ｗｘ"},     {"王小明", " wxm "},   {"恩平", "ep"},
    };
    for (size_t i = 0; i < LEN(yes); i++)
        if (!text_initials_match(str_of(yes[i].name), str_of(yes[i].typed)))
            EXPECT_STR_EQ(str_of(yes[i].name), str_of(yes[i].typed));
}

TEST(initials_that_do_not_match)
{
    static const struct {
        const char *name, *typed;
    } no[] = {
        {"张三", "zsf"}, {"张三", "s"},   {"张三", ""},    {"", "z"},     {"张三", "张"},
        {"张三", "z s"}, {"张三", "ls"},  {"王 三", "ws2"}, {"", ""},      {"，。", "a"},
        {"张三", "z-"},  {"王小明", "xm"}, {"张\xFF三", "zz"},
    };
    for (size_t i = 0; i < LEN(no); i++)
        if (text_initials_match(str_of(no[i].name), str_of(no[i].typed)))
            EXPECT_STR_EQ(str_of(no[i].name), str_of(no[i].typed));
}

TEST(nearly_every_character_of_the_basic_plane_has_an_initial)
{
    int without = 0;
    for (uint32_t cp = 0x4E00; cp < 0x9FA6; cp++) {
        char b[4];
        Str name = {b, utf8_put(cp, b)};
        InitialsAt at = {0};
        Initials one = {0};
        EXPECT(text_initials_next(&name, &at, &one));
        without += !one.letters;
    }
    EXPECT(without < 100); /* 20,902 of them */
}

TEST(what_is_typed_becomes_a_key_or_is_none)
{
    Arena *a = arena_new(1024);
    Str key = S("kept");
    EXPECT(text_initials_key(a, S(" ＺｓF3 "), &key));
    EXPECT_STR_EQ(key, S("zsf3"));
    EXPECT(!text_initials_key(a, S("z,s"), &key));
    EXPECT(!text_initials_key(a, S("张s"), &key));
    EXPECT(!text_initials_key(a, S(""), &key));
    EXPECT_STR_EQ(key, S("zsf3"));
    arena_free(a);
}

TEST(folding_takes_width_case_and_forms_away)
{
    Arena *a = arena_new(1024);
    EXPECT_STR_EQ(text_fold(a, S("ABC １２３ ｘＹ")), S("abc 123 xy"));
    EXPECT_STR_EQ(text_fold(a, S("Straße ① ㎡ ﬁ")), S("strasse 1 m2 fi"));
    EXPECT_STR_EQ(text_fold(a, S("张三")), S("张三"));
    EXPECT_STR_EQ(text_fold(a, S("e\xCC\x81")), text_fold(a, S("É")));
    EXPECT_STR_EQ(text_fold(a, (Str){"a\xFF" "b", 3}), S("a\xEF\xBF\xBD" "b"));
    EXPECT(!str_has(text_fold(a, STR_NONE)));
    EXPECT_STR_EQ(text_fold(a, S("")), S(""));
    arena_free(a);
}
