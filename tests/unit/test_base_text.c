/* utf8_*, text_normal */
#include "base/base.h"
#include "test.h"

TEST(only_strict_utf8_is_valid)
{
    static const Str bad[] = {
        {"\x80", 1},             /* continuation alone */
        {"\xC0\xAF", 2},         /* overlong slash */
        {"\xC1\xBF", 2},         {"\xE0\x80\xAF", 3},     {"\xF0\x80\x80\xAF", 4},
        {"\xED\xA0\x80", 3},     /* surrogate */
        {"\xED\xBF\xBF", 3},     {"\xF4\x90\x80\x80", 4}, /* over 10FFFF */
        {"\xF5\x80\x80\x80", 4}, {"\xFF", 1},             {"\xE4\xB8", 2}, /* cut */
        {"\xE4\xB8\x41", 3},     {"a\0b", 3},
    };
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT(!utf8_valid(bad[i]));
    EXPECT(utf8_valid(S("沁阳 a é 𠮷 \xEF\xBF\xBD \xF4\x8F\xBF\xBF \x7F")));
    EXPECT(utf8_valid(S("")));
    EXPECT(utf8_valid(STR_NONE));
}

TEST(counting_and_prefix)
{
    EXPECT_EQ_I64(utf8_count(S("张𠮷é")), 3);
    EXPECT_EQ_I64(utf8_count(S("")), 0);
    EXPECT_STR_EQ(utf8_prefix(S("张𠮷é"), 2), S("张𠮷"));
    EXPECT_STR_EQ(utf8_prefix(S("张"), 9), S("张"));
    EXPECT_STR_EQ(utf8_prefix(S("张"), 0), S(""));
}

TEST(next_takes_one_and_survives_bad_bytes)
{
    Str s = S("a\xE4\xB8\xFF𠮷");
    EXPECT_EQ_I64(utf8_next(&s), 'a');
    EXPECT_EQ_I64(utf8_next(&s), 0xFFFD);
    EXPECT_EQ_I64(utf8_next(&s), 0xFFFD);
    EXPECT_EQ_I64(utf8_next(&s), 0xFFFD);
    EXPECT_EQ_I64(utf8_next(&s), 0x20BB7);
    EXPECT_EQ_I64(s.n, 0);
}

TEST(put_and_next_agree_on_every_code_point)
{
    size_t wrong = 0;
    for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
        char out[4];
        if (cp == 0xD800)
            cp = 0xE000;
        size_t n = utf8_put(cp, out);
        Str s = {out, n};
        if (!utf8_valid(s) || utf8_next(&s) != cp || s.n)
            wrong++;
    }
    EXPECT_EQ_I64(wrong, 0);
    char out[4];
    Str s = {out, utf8_put(0xD800, out)};
    EXPECT_EQ_I64(utf8_next(&s), 0xFFFD);
}

TEST(normal_form)
{
    Arena *a = arena_new(0);
    EXPECT_STR_EQ(text_normal(a, S("一\r\n二\r三\n")), S("一\n二\n三\n"));
    EXPECT_STR_EQ(text_normal(a, S("\r\r\n\r")), S("\n\n\n"));
    EXPECT_STR_EQ(text_normal(a, S("e\xCC\x81")), S("\xC3\xA9"));
    EXPECT_STR_EQ(text_normal(a, S("\r\ne\xCC\x81村")), S("\n\xC3\xA9村"));
    EXPECT_STR_EQ(text_normal(a, S("\xE1\x84\x80\xE1\x85\xA1")), S("가"));
    EXPECT_STR_EQ(text_normal(a, S("\xEF\xA4\x80")), S("豈")); /* F900: a singleton */
    EXPECT_STR_EQ(text_normal(a, S("全角ＡＢ１２ ㎡ ①")), S("全角ＡＢ１２ ㎡ ①")); /* NFC, not NFKC */
    EXPECT_STR_EQ(text_normal(a, S("𠮷䶮㛃")), S("𠮷䶮㛃"));
    EXPECT_STR_EQ(text_normal(a, S("a\xFF""e\xCC\x81")), S("a\xEF\xBF\xBD\xC3\xA9"));
    EXPECT_STR_EQ(text_normal(a, S("")), S(""));
    EXPECT(!str_has(text_normal(a, STR_NONE)));
    arena_free(a);
}

TEST(normal_form_is_a_copy_and_stable)
{
    Arena *a = arena_new(0);
    char text[] = "abc";
    Str n = text_normal(a, str_of(text));
    text[0] = 'x';
    EXPECT_STR_EQ(n, S("abc"));
    /* every code point after an 'e': twice is the same as once, and valid */
    size_t wrong = 0;
    for (uint32_t cp = 1; cp <= 0x2FFFF; cp++) {
        char out[8] = "e";
        if (cp == 0xD800)
            cp = 0xE000;
        Str s = {out, 1 + utf8_put(cp, out + 1)};
        size_t mark = arena_mark(a);
        Str once = text_normal(a, s);
        Str twice = text_normal(a, once);
        if (!utf8_valid(once) || !str_eq(once, twice))
            wrong++;
        arena_rewind(a, mark);
    }
    EXPECT_EQ_I64(wrong, 0);
    arena_free(a);
}
