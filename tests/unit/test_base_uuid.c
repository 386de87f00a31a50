/* uuid_*, sm3_* */
// tsan
#include <pthread.h>

#include "base/base.h"
#include "test.h"

TEST(uuid_texts)
{
    static const char *bad[] = {
        "",
        "0192f0a4-6b1c-7abc-8def-0123456789a",
        "0192f0a4-6b1c-7abc-8def-0123456789abc",
        "0192f0a46b1c7abc8def0123456789ab",
        "0192f0a4-6b1c-7abc-8def-0123456789ag",
        "0192f0a-46b1c-7abc-8def-0123456789ab",
        "{192f0a4-6b1c-7abc-8def-0123456789ab",
    };
    Arena *a = arena_new(0);
    Uuid u = {{1}}, lower;
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT(!uuid_parse(str_of(bad[i]), &u));
    EXPECT_EQ_I64(u.b[0], 1);
    EXPECT(uuid_parse(S("0192F0A4-6B1C-7ABC-8DEF-0123456789AB"), &u));
    EXPECT_STR_EQ(uuid_text(a, u), S("0192f0a4-6b1c-7abc-8def-0123456789ab"));
    EXPECT(uuid_parse(uuid_text(a, u), &lower));
    EXPECT(uuid_eq(u, lower));
    EXPECT(uuid_cmp(u, lower) == 0);
    lower.b[15] = 0xAC;
    EXPECT(!uuid_eq(u, lower));
    EXPECT(uuid_cmp(u, lower) < 0 && uuid_cmp(lower, u) > 0);
    EXPECT(uuid_is_v7(u));
    EXPECT_EQ_I64(uuid_ms(u), 0x0192f0a46b1c);
    EXPECT(!uuid_is_zero(u));
    EXPECT(uuid_is_zero((Uuid){{0}}));
    u.b[6] = 0x4A;
    EXPECT(!uuid_is_v7(u));
    u.b[6] = 0x7A;
    u.b[8] = 0xCD;
    EXPECT(!uuid_is_v7(u));
    arena_free(a);
}

static Str sm3_hex(Arena *a, Str s)
{
    uint8_t d[SM3_BYTES];
    Buf b = {.arena = a};
    sm3_of(s.p, s.n, d);
    buf_hex(&b, d, sizeof d);
    return buf_view(&b);
}

TEST(sm3_examples_of_the_standard)
{
    Arena *a = arena_new(0);
    EXPECT_STR_EQ(sm3_hex(a, S("abc")),
               S("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
    EXPECT_STR_EQ(sm3_hex(a, S("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd")),
               S("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"));
    EXPECT_STR_EQ(sm3_hex(a, STR_NONE),
               S("1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"));
    arena_free(a);
}

TEST(sm3_in_pieces_is_the_same)
{
    char text[1000];
    uint8_t whole[SM3_BYTES], parts[SM3_BYTES];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    sm3_of(text, sizeof text, whole);
    Sm3 *s = sm3_new();
    for (size_t piece = 1; piece < 200; piece += 13) {
        sm3_begin(s); /* one context, used again and again */
        for (size_t at = 0; at < sizeof text; at += piece)
            sm3_add(s, text + at, sizeof text - at < piece ? sizeof text - at : piece);
        sm3_end(s, parts);
        EXPECT(bytes_eq_secret(whole, parts, SM3_BYTES));
    }
    sm3_begin(s);
    sm3_add(s, "left behind", 11);
    sm3_begin(s); /* begins anew */
    sm3_add(s, text, sizeof text);
    sm3_end(s, parts);
    EXPECT(bytes_eq_secret(whole, parts, SM3_BYTES));
    parts[31] ^= 1;
    EXPECT(!bytes_eq_secret(whole, parts, SM3_BYTES));
    EXPECT(bytes_eq_secret(whole, parts, 31));
    sm3_free(s);
    sm3_free(NULL);
}

static void *sm3_thread(void *ret_ok)
{
    uint8_t first[SM3_BYTES], d[SM3_BYTES];
    *(bool *)ret_ok = true;
    sm3_of("abc", 3, first);
    for (int i = 0; i < 1000; i++) {
        sm3_of("abc", 3, d);
        if (!bytes_eq_secret(first, d, SM3_BYTES) || d[0] != 0x66)
            *(bool *)ret_ok = false;
    }
    return NULL;
}

TEST(sm3_in_many_threads)
{
    enum { N = 8 };
    pthread_t t[N];
    bool ok[N] = {false};
    for (int i = 0; i < N; i++)
        EXPECT(pthread_create(&t[i], NULL, sm3_thread, &ok[i]) == 0);
    for (int i = 0; i < N; i++) {
        EXPECT(pthread_join(t[i], NULL) == 0);
        EXPECT(ok[i]);
    }
}
