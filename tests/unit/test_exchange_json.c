/* test_exchange_json.c: strict JSON in, safe JSON out. */
#include "test.h"

#include "exchange/exchange.h"

static Err failure;
static Arena *arena;

static void begin(void)
{
    arena = arena_new(4096);
    failure = err_on(arena);
}

static void end(void)
{
    arena_free(arena);
}

static Json parse(Str text)
{
    Json j;
    REQUIRE_OK(json_parse(arena, text, &j, &failure), &failure);
    return j;
}

static void refused(Str text, const char *key, const char *line, const char *column)
{
    Json j = {.i = 77};
    EXPECT_EQ_I64(json_parse(arena, text, &j, &failure), ERR_SYNTAX);
    EXPECT_EQ_I64(failure.cls, ERR_SYNTAX);
    EXPECT_EQ_I64(j.i, 77);
    EXPECT_STR(failure.key, key);
    if (line)
        EXPECT_STR(failure.args[0], line);
    if (column)
        EXPECT_STR(failure.args[1], column);
    err_clear(&failure);
}

TEST(json_values)
{
    begin();
    Json j = parse(S("{\"a\":null,\"b\":[true,false,-9223372036854775808,9223372036854775807],"
                     "\"村\":\"西向\\n\\u5317\\ud842\\udfb7\",\"o\":{}}"));
    EXPECT_EQ_I64(j.tag, JSON_OBJECT);
    EXPECT_EQ_I64(j.n, 4);
    EXPECT_STR(j.names[0], "a");
    EXPECT_STR(j.names[3], "o");
    EXPECT_EQ_I64(json_get(&j, S("a"))->tag, JSON_NULL);
    const Json *list = json_get(&j, S("b"));
    REQUIRE(list && list->tag == JSON_LIST && list->n == 4);
    EXPECT_EQ_I64(list->items[0].tag, JSON_TRUE);
    EXPECT_EQ_I64(list->items[1].tag, JSON_FALSE);
    EXPECT_EQ_I64(list->items[2].tag, JSON_INT);
    EXPECT_EQ_I64(list->items[2].i, INT64_MIN);
    EXPECT_EQ_I64(list->items[3].i, INT64_MAX);
    EXPECT_EQ_I64(json_get(&j, S("村"))->tag, JSON_TEXT);
    EXPECT_STR(json_get(&j, S("村"))->s, "西向\n北𠮷");
    EXPECT_EQ_I64(json_get(&j, S("o"))->n, 0);
    EXPECT(json_get(&j, S("zz")) == NULL);
    EXPECT(json_get(list, S("a")) == NULL);
    EXPECT_EQ_I64(parse(S(" 9007199254740993 ")).i, 9007199254740993);
    EXPECT_STR(parse(S("\"\"")).s, "");
    end();
}

TEST(json_refusals)
{
    begin();
    refused(S("{\"a\":1,\n \"a\":2}"), "json.double_name", "2", NULL);
    refused(S("{\"a\":{\"\\u0061\":1,\"a\":2}}"), "json.double_name", "1", NULL);
    refused(S("[1,\n 2, 1.5]"), "json.fraction", "2", "5");
    refused(S("[1.0]"), "json.fraction", "1", "2");
    refused(S("{\"村\":1e3}"), "json.fraction", "1", "6");
    refused(S("-1E-2"), "json.fraction", "1", "1");
    refused(S("[9223372036854775808]"), "json.big", "1", NULL);
    refused(S("[-9223372036854775809]"), "json.big", "1", NULL);
    refused(S("\"a\0b\""), "json.nul", "1", "3");
    refused(S("\"a\\u0000b\""), "json.nul", "1", NULL);
    refused(S("{\"\\u0000\":1}"), "json.nul", "1", NULL);
    refused(S("[\n\"\xFF\"]"), "json.encoding", "2", "2");
    refused(S("\"\xED\xA0\x80\""), "json.encoding", "1", "2");
    refused(S("[1] x"), "json.trailing", "1", NULL);
    refused(S("{} {}"), "json.trailing", "1", NULL);
    refused(S("[1"), "json.cut", "1", NULL);
    refused(S(""), "json.cut", NULL, NULL);
    refused(S("\"abc"), "json.cut", NULL, NULL);
    refused(S("\"abc\\"), "json.syntax", "1", NULL);
    end();
}

TEST(json_not_json)
{
    static const char *const cases[] = {
        "{'a':1}", "NaN", "[1,]", "{\"a\":1,}", "{a:1}",   "01",          "+1",      "--1", "[1 2]",
        "tru",     "]",   "}[",   "\"\t\"",     "// x\n1", "\"\\ud800\"", "\"\\x\"", "-",   "0x10"};
    begin();
    for (size_t i = 0; i < LEN(cases); i++) {
        Json j;
        if (!EXPECT_ERR(json_parse(arena, str_of(cases[i]), &j, &failure), ERR_SYNTAX, &failure))
            test_note("%s", cases[i]);
    }
    end();
}

static Str nested(size_t n, bool is_closed)
{
    Buf b = {.arena = arena};
    for (size_t i = 0; i < n; i++)
        buf_byte(&b, '[');
    for (size_t i = 0; is_closed && i < n; i++)
        buf_byte(&b, ']');
    return buf_view(&b);
}

TEST(json_depth)
{
    begin();
    EXPECT_EQ_I64(parse(nested(LIMIT_JSON_DEPTH, true)).n, 1);
    refused(nested(LIMIT_JSON_DEPTH + 1, true), "json.deep", "1", "33");
    /* Brackets in texts are no depth, nor are neighbours. */
    Str text = S("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"");
    EXPECT_EQ_I64(parse(text).s.n, text.n - 3);
    Buf b = {.arena = arena};
    buf_byte(&b, '[');
    for (int i = 0; i < 100; i++)
        buf_z(&b, "[{}],");
    buf_z(&b, "0]");
    EXPECT_EQ_I64(parse(buf_view(&b)).n, 101);
    end();
}

TEST(json_deep_or_long_input_is_cheap)
{
    begin();
    Str deep = nested(LIMIT_JSON_BYTES, false), large = nested(LIMIT_JSON_BYTES + 1, false);
    size_t held = arena_bytes(arena);
    int64_t from = env_mono_us(env_real());
    for (int i = 0; i < 100; i++)
        refused(deep, "json.deep", "1", "33");
    EXPECT(env_mono_us(env_real()) - from < 2 * 1000 * 1000);
    EXPECT(arena_bytes(arena) - held < 64 * 1024);
    Json j;
    EXPECT_ERR(json_parse(arena, large, &j, &failure), ERR_LIMIT, &failure);
    end();
}

TEST(json_text_is_safe_in_a_page)
{
    begin();
    Buf b = {.arena = arena};
    bool first = true;
    buf_byte(&b, '{');
    json_name(&b, S("a"), &first);
    json_text(&b, S("</script>&\"\\\n\r\t\x01\x7F 村\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA"));
    json_name(&b, S("b"), &first);
    buf_i64(&b, -5);
    buf_byte(&b, '}');
    EXPECT_STR(
        buf_view(&b),
        "{\"a\":\"\\u003c/script\\u003e\\u0026\\\"\\\\\\n\\r\\t\\u0001\\u007f 村\\u2028\\u2029"
        "\xE2\x80\xAA\",\"b\":-5}");
    end();
}

TEST(json_text_comes_back)
{
    begin();
    for (int round = 0; round < 500; round++) {
        Buf text = {.arena = arena}, out = {.arena = arena};
        buf_byte(&text, 'x');
        for (size_t n = test_below(20); n > 0; n--) {
            static const uint32_t from[] = {1, 0x20, 0x2020, 0x4E00, 0x10000};
            uint32_t start = from[test_below(LEN(from))];
            char utf8[4];
            buf_mem(&text, utf8, utf8_put(start + (uint32_t)test_below(0x60), utf8));
        }
        json_text(&out, buf_view(&text));
        EXPECT_STR_EQ(parse(buf_view(&out)).s, buf_view(&text));
    }
    end();
}
