/* str_*: bytes, edges of empty and absent texts. */
#include "base/base.h"
#include "test.h"

TEST(absent_is_not_empty)
{
    EXPECT(!str_has(STR_NONE));
    EXPECT(!str_has(str_of(NULL)));
    EXPECT(str_has(S("")));
    EXPECT(str_has(str_of("")));
    EXPECT(str_eq(STR_NONE, S("")));
}

TEST(compare_is_by_bytes)
{
    EXPECT(str_eq(S("沁阳"), S("沁阳")));
    EXPECT(!str_eq(S("ab"), S("abc")));
    EXPECT(str_cmp(S("ab"), S("abc")) < 0);
    EXPECT(str_cmp(S("b"), S("abc")) > 0);
    EXPECT(str_cmp(S(""), STR_NONE) == 0);
    EXPECT(str_cmp(S("\xE4"), S("z")) > 0); /* unsigned */
}

TEST(starts_and_ends)
{
    EXPECT(str_starts(S("diary.yaml"), S("diary")));
    EXPECT(str_starts(S("x"), S("")));
    EXPECT(!str_starts(S("di"), S("diary")));
    EXPECT(str_ends(S("diary.yaml"), S(".yaml")));
    EXPECT(!str_ends(S("yaml"), S(".yaml")));
    EXPECT(str_starts(STR_NONE, S("")));
}

TEST(sub_is_clamped)
{
    EXPECT_STR_EQ(str_sub(S("abcdef"), 2, 3), S("cde"));
    EXPECT_STR_EQ(str_sub(S("abc"), 2, SIZE_MAX), S("c"));
    EXPECT_STR_EQ(str_sub(S("abc"), 9, 1), S(""));
    EXPECT(!str_has(str_sub(STR_NONE, 1, 1)));
}

TEST(trim_knows_the_wide_blank)
{
    EXPECT_STR_EQ(str_trim(S(" \t　 张　三　\r\n ")), S("张　三"));
    EXPECT_STR_EQ(str_trim(S("　　")), S(""));
    EXPECT_STR_EQ(str_trim(S("ab")), S("ab"));
    EXPECT(!str_has(str_trim(STR_NONE)));
}

TEST(cut_and_find)
{
    Str head, tail;
    EXPECT(str_cut(S("a=b=c"), '=', &head, &tail));
    EXPECT_STR_EQ(head, S("a"));
    EXPECT_STR_EQ(tail, S("b=c"));
    EXPECT(str_cut(S("a="), '=', &head, &tail));
    EXPECT_STR_EQ(tail, S(""));
    EXPECT(!str_cut(S("abc"), '=', &head, &tail));
    EXPECT_STR_EQ(head, S("abc"));
    EXPECT_STR_EQ(tail, S(""));
    EXPECT(!str_cut(STR_NONE, '=', &head, &tail));
    EXPECT_EQ_I64(str_find(S("hello"), S("lo")), 3);
    EXPECT_EQ_I64(str_find(S("hello"), S("")), 0);
    EXPECT_EQ_I64(str_find(S("lo"), S("hello")), -1);
    EXPECT_EQ_I64(str_find(S("hello"), S("x")), -1);
}

TEST(integers_whole_or_not_at_all)
{
    static const char *bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "１", "--1", "1-",
                                "9223372036854775808", "-9223372036854775809",
                                "99999999999999999999999"};
    int64_t v = 7;
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT(!str_i64(str_of(bad[i]), &v));
    EXPECT(!str_i64(STR_NONE, &v));
    EXPECT_EQ_I64(v, 7);
    EXPECT(str_i64(S("9223372036854775807"), &v));
    EXPECT_EQ_I64(v, INT64_MAX);
    EXPECT(str_i64(S("-9223372036854775808"), &v));
    EXPECT(v == INT64_MIN);
    EXPECT(str_i64(S("-0"), &v));
    EXPECT_EQ_I64(v, 0);
}

TEST(hash_is_fnv1a)
{
    EXPECT(str_hash(S("")) == UINT64_C(0xcbf29ce484222325));
    EXPECT(str_hash(S("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    EXPECT(str_hash(S("foobar")) == UINT64_C(0x85944171f73967e8));
}

TEST(copies_live_on_their_own)
{
    Arena *a = arena_new(0);
    char text[] = "abc";
    Str copy = str_copy(a, str_of(text));
    char *z = str_z(a, (Str){text, 2});
    text[0] = 'x';
    EXPECT_STR_EQ(copy, S("abc"));
    EXPECT_STR_EQ(str_of(z), S("ab"));
    EXPECT(!str_has(str_copy(a, STR_NONE)));
    EXPECT_STR_EQ(str_of(str_z(a, STR_NONE)), S(""));
    EXPECT_STR_EQ(str_fmt(a, "%d-%.*s", 7, STR_ARG(copy)), S("7-abc"));
    Str wide = str_fmt(a, "%0*d|", 1000, 1); /* longer than the buffer on the stack */
    EXPECT_EQ_I64(wide.n, 1001);
    EXPECT_STR_EQ(str_sub(wide, 998, 3), S("01|"));
    EXPECT_EQ_I64(str_fmt(a, "%0*d", 255, 1).n, 255);
    EXPECT_EQ_I64(str_fmt(a, "%0*d", 256, 1).n, 256);
    arena_free(a);
}

TEST(distance_counts_edits)
{
    char longer[65];
    memset(longer, 'x', sizeof longer);
    EXPECT_EQ_I64(str_distance(S("author"), S("author")), 0);
    EXPECT_EQ_I64(str_distance(S("author"), S("autor")), 1);
    EXPECT_EQ_I64(str_distance(S("author"), S("uathor")), 1);
    EXPECT_EQ_I64(str_distance(S("kitten"), S("sitting")), 3);
    EXPECT_EQ_I64(str_distance(S(""), S("abc")), 3);
    EXPECT_EQ_I64(str_distance(S("abc"), S("")), 3);
    EXPECT_EQ_I64(str_distance(S(""), STR_NONE), 0);
    EXPECT_EQ_I64(str_distance((Str){longer, 64}, S("x")), 63);
    EXPECT_EQ_I64(str_distance((Str){longer, 65}, S("x")), 65);
}
