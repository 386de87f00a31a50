/* test_web_http_params.c: the two form parsers. */
#include "test.h"
#include "web/http.h"

static Arena *arena;
static Err err;

static void start(void)
{
    arena = arena_new(4096);
    err = err_on(arena);
}

static void expect_urlencoded(Str text, int cls, const char *key)
{
    Params p = {0};
    Err e = err_on(arena);
    if (EXPECT_EQ_I64(params_urlencoded(arena, text, &p, &e), cls))
        EXPECT_STR(e.key, key);
    EXPECT(p.list == NULL && p.n == 0);
}

TEST(urlencoded_is_decoded_in_order)
{
    start();
    Params p;
    Str text = S("name=%E6%9D%8E+%e5%9b%9b&a=1&&b&c=&a=2%26%3d%2B&=x&d=1=2");
    REQUIRE_OK(params_urlencoded(arena, text, &p, &err), &err);
    static const char *const want[][2] = {{"name", "李 四"}, {"a", "1"}, {"b", ""},   {"c", ""},
                                          {"a", "2&=+"},     {"", "x"},  {"d", "1=2"}};
    REQUIRE(p.n == LEN(want));
    for (size_t i = 0; i < p.n; i++) {
        EXPECT_STR(p.list[i].name, want[i][0]);
        EXPECT_STR(p.list[i].value, want[i][1]);
        EXPECT(!str_has(p.list[i].filename) && !str_has(p.list[i].type));
    }
    EXPECT_STR(params_get(&p, S("a")), "1");
    EXPECT(str_has(params_get(&p, S("c"))) && !params_get(&p, S("c")).n);
    EXPECT(!str_has(params_get(&p, S("nobody"))));
    REQUIRE_OK(params_urlencoded(arena, S(""), &p, &err), &err);
    EXPECT_EQ_I64(p.n, 0);
    REQUIRE_OK(params_urlencoded(arena, STR_NONE, &p, &err), &err);
    EXPECT_EQ_I64(p.n, 0);
    arena_free(arena);
}

TEST(urlencoded_refuses)
{
    start();
    expect_urlencoded(S("a=%"), ERR_SYNTAX, "http.form_escape");
    expect_urlencoded(S("a=%4"), ERR_SYNTAX, "http.form_escape");
    expect_urlencoded(S("a=%4&b=1"), ERR_SYNTAX, "http.form_escape");
    expect_urlencoded(S("a=%4x"), ERR_SYNTAX, "http.form_escape");
    expect_urlencoded(S("%g0=1"), ERR_SYNTAX, "http.form_escape");
    expect_urlencoded(S("a=%00"), ERR_SYNTAX, "http.form_nul");
    expect_urlencoded(S("a=b\0c"), ERR_SYNTAX, "http.form_nul");
    expect_urlencoded(S("a%00=b"), ERR_SYNTAX, "http.form_nul");
    expect_urlencoded(S("a=%ff"), ERR_SYNTAX, "http.form_utf8");
    expect_urlencoded(S("a=%E6%9D"), ERR_SYNTAX, "http.form_utf8");
    expect_urlencoded(S("a=%c0%80"), ERR_SYNTAX, "http.form_utf8");
    expect_urlencoded(S("a=%ed%a0%80"), ERR_SYNTAX, "http.form_utf8");
    expect_urlencoded(S("\xff=1"), ERR_SYNTAX, "http.form_utf8");
    arena_free(arena);
}

TEST(urlencoded_is_bounded)
{
    start();
    Buf b = {.arena = arena};
    for (int i = 0; i < LIMIT_PARAMS; i++)
        buf_z(&b, "a=1&");
    Params p;
    REQUIRE_OK(params_urlencoded(arena, buf_view(&b), &p, &err), &err);
    EXPECT_EQ_I64(p.n, LIMIT_PARAMS);
    buf_z(&b, "a");
    expect_urlencoded(buf_view(&b), ERR_LIMIT, "http.form_fields");
    b = (Buf){.arena = arena};
    buf_z(&b, "a=");
    while (b.n < LIMIT_FORM_BYTES)
        buf_byte(&b, 'x');
    REQUIRE_OK(params_urlencoded(arena, buf_view(&b), &p, &err), &err);
    buf_byte(&b, 'x');
    expect_urlencoded(buf_view(&b), ERR_LIMIT, "http.form_bytes");
    arena_free(arena);
}

/* ---- multipart ---- */

#define TYPE       "multipart/form-data; boundary=--x.y"
#define PART(head) "----x.y\r\n" head "\r\n\r\n"
#define NAME(n)    "Content-Disposition: form-data; name=\"" n "\""
#define END        "\r\n----x.y--\r\n"

static void expect_multipart(const char *file, int line, Str type, Str body, int cls,
                             const char *key)
{
    Params p = {0};
    Err e = err_on(arena);
    int rc = params_multipart(arena, type, body, &p, &e);
    if (rc != cls || !str_eq(e.key, str_of(key)) || p.list)
        test_fail(file, line, "%d %.*s, expected %d %s", rc, STR_ARG(e.key), cls, key);
}
#define REFUSED(type, body, key)                                                                   \
    expect_multipart(__FILE__, __LINE__, S(type), S(body), ERR_SYNTAX, key)

TEST(multipart_is_cut_into_its_parts)
{
    start();
    Params p;
    /* clang-format off */
    Str body = S(
        PART(NAME("text")) "五线\r\n谱\r\n"
        PART(NAME("empty")) "\r\n"
        PART("content-disposition: FORM-DATA ;filename=\"a \\%22b\\;.jpg\" ; name=\"photo\"\r\n"
             "Content-Type:  image/jpeg ") "\xff\xd8\0\r\n----x.\r\n--\r\n"
        PART(NAME("none") "; filename=\"\"\r\nContent-Type: application/octet-stream") "\r\n"
        PART(NAME("%22q%22") "\r\nX-Other: y\r\nContent-Transfer-Encoding: 8bit\r\n"
             "Content-Type: text/plain") "1" END);
    /* clang-format on */
    REQUIRE_OK(params_multipart(arena, S(TYPE), body, &p, &err), &err);
    REQUIRE(p.n == 5);
    EXPECT_STR(p.list[0].name, "text");
    EXPECT_STR(p.list[0].value, "五线\r\n谱");
    EXPECT(!str_has(p.list[0].filename));
    EXPECT(str_has(p.list[1].value) && p.list[1].value.n == 0);
    EXPECT_STR(p.list[2].name, "photo");
    EXPECT_STR(p.list[2].filename, "a \\\"b\\;.jpg");
    EXPECT_STR(p.list[2].type, "image/jpeg");
    EXPECT_STR_EQ(p.list[2].value, S("\xff\xd8\0\r\n----x.\r\n--"));
    EXPECT(str_has(p.list[3].filename) && p.list[3].filename.n == 0 && p.list[3].value.n == 0);
    EXPECT_STR(p.list[4].name, "\"q\"");
    EXPECT(!str_has(p.list[4].type)); /* only files have one */
    arena_free(arena);
}

TEST(multipart_finds_its_boundary)
{
    start();
    Params p;
    static const char *const types[] = {
        "Multipart/Form-Data;boundary=--x.y",
        "multipart/form-data; boundary=\"--x.y\"",
        "multipart/form-data ; charset=utf-8; boundary=--x.y ",
    };
    for (size_t i = 0; i < LEN(types); i++) {
        REQUIRE_OK(params_multipart(arena, str_of(types[i]), S(PART(NAME("a")) "1" END), &p, &err),
                   &err);
        EXPECT_STR(params_get(&p, S("a")), "1");
    }
    REQUIRE_OK(params_multipart(arena, S(TYPE), S("----x.y--\r\n"), &p, &err), &err);
    EXPECT_EQ_I64(p.n, 0);
    REFUSED("multipart/mixed; boundary=--x.y", PART(NAME("a")) "1" END, "http.form_type");
    REFUSED("", "", "http.form_type");
    REFUSED("multipart/form-data", "", "http.form_boundary");
    REFUSED("multipart/form-data; boundary=", "", "http.form_boundary");
    REFUSED("multipart/form-data; boundary=a; boundary=b", "", "http.form_boundary");
    REFUSED("multipart/form-data; boundary=\"a", "", "http.form_boundary");
    REFUSED("multipart/form-data; boundary=\"a\rb\"", "", "http.form_boundary");
    REFUSED("multipart/form-data; boundary=\"a \"", "", "http.form_boundary");
    REFUSED("multipart/form-data; boundary=a b", "", "http.form_boundary");
    REFUSED("multipart/form-data; boundary="
            "12345678901234567890123456789012345678901234567890123456789012345678901",
            "", "http.form_boundary");
    arena_free(arena);
}

TEST(multipart_refuses)
{
    start();
    REFUSED(TYPE, "", "http.form_end");
    REFUSED(TYPE, "x" PART(NAME("a")) "1" END, "http.form_end");
    REFUSED(TYPE, PART(NAME("a")) "1", "http.form_end");
    REFUSED(TYPE, PART(NAME("a")) "1\r\n----x.y", "http.form_end");
    REFUSED(TYPE, PART(NAME("a")) "1\r\n----x.y-", "http.form_end");
    REFUSED(TYPE, PART(NAME("a")) "1" END "more", "http.form_end");
    REFUSED(TYPE, PART(NAME("a")) "1\r\n----x.yz\r\n", "http.form_end");
    REFUSED(TYPE, "----x.y\n" NAME("a") "\n\n1" END, "http.form_end");
    REFUSED(TYPE, "----x.y\r\n" NAME("a") "\r\n", "http.form_part");
    REFUSED(TYPE, "----x.y\r\n" NAME("a") "\n\n1" END, "http.form_part");
    REFUSED(TYPE, PART("X: y") "1" END, "http.form_part");
    REFUSED(TYPE, "----x.y\r\n\r\n1" END, "http.form_part");
    REFUSED(TYPE, PART("Content-Disposition: form-data") "1" END, "http.form_part");
    REFUSED(TYPE, PART("Content-Disposition: form-data; name=\"\"") "1" END, "http.form_part");
    REFUSED(TYPE, PART("Content-Disposition: attachment; name=\"a\"") "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") "; name=\"b\"") "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") "\r\n" NAME("a")) "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") "; filename=\"x\"; filename=\"y\"") "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") " x") "1" END, "http.form_part");
    REFUSED(TYPE, PART("Content-Disposition: form-data; name=\"a") "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") "\r\nno colon") "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") "\r\nX : y") "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") "\r\n folded") "1" END, "http.form_part");
    REFUSED(TYPE, PART(NAME("a") "\r\nContent-Transfer-Encoding: base64") "1" END,
            "http.form_part");
    REFUSED(TYPE, PART(NAME("a")) "\xff" END, "http.form_utf8");
    REFUSED(TYPE, PART(NAME("a")) "1\0" END, "http.form_nul");
    REFUSED(TYPE, PART(NAME("\xff")) "1" END, "http.form_utf8");
    REFUSED(TYPE, PART(NAME("a\0b")) "1" END, "http.form_nul");
    REFUSED(TYPE, PART(NAME("a") "; filename=\"\xff\"") "1" END, "http.form_utf8");
    arena_free(arena);
}

TEST(multipart_is_bounded)
{
    start();
    Params p;
    Buf b = {.arena = arena};
    for (int i = 0; i < LIMIT_PARAMS; i++)
        buf_fmt(&b, "%s" PART(NAME("a")) "1", i ? "\r\n" : "");
    size_t n = b.n;
    buf_z(&b, END);
    REQUIRE_OK(params_multipart(arena, S(TYPE), buf_view(&b), &p, &err), &err);
    EXPECT_EQ_I64(p.n, LIMIT_PARAMS);
    b.n = n;
    buf_z(&b, "\r\n" PART(NAME("a")) "1" END);
    expect_multipart(__FILE__, __LINE__, S(TYPE), buf_view(&b), ERR_LIMIT, "http.form_fields");
    b = (Buf){.arena = arena};
    buf_z(&b, "----x.y\r\n" NAME("a") "\r\nX: ");
    for (int i = 0; i < LIMIT_PART_HEAD_BYTES; i++)
        buf_byte(&b, 'y');
    buf_z(&b, "\r\n\r\n1" END);
    expect_multipart(__FILE__, __LINE__, S(TYPE), buf_view(&b), ERR_SYNTAX, "http.form_part");
    arena_free(arena);
}

/* Every prefix of a good form is refused, none is read past its end. */
TEST(multipart_cut_anywhere_is_refused)
{
    start();
    Str body = S(PART(NAME("text")) "abc\r\n" PART(NAME("f") "; filename=\"x\"") "\r\n\r" END);
    Params p;
    REQUIRE_OK(params_multipart(arena, S(TYPE), body, &p, &err), &err);
    for (size_t n = 0; n < body.n - 2; n++) { /* the last CRLF may be missing */
        char *copy = malloc(n + !n);          /* its own block, for ASan */
        memcpy(copy, body.p, n);
        Err e = err_on(arena);
        if (params_multipart(arena, S(TYPE), (Str){copy, n}, &p, &e) != ERR_SYNTAX)
            test_fail(__FILE__, __LINE__, "accepted when cut at %zu", n);
        free(copy);
    }
    arena_free(arena);
}
