// uses: src/base/*.c src/web/http_params.c src/web/http_check.c
/* fuzz_params.c: any bytes are a form or a refusal; a form written again is read back the same. The
 * same bytes as a request's target are a clean path or a refusal. */
#include "web/http_int.h"

static void check_text(Str s)
{
    CHECK(utf8_valid(s));
    CHECK(!s.n || !memchr(s.p, '\0', s.n));
}

static void put_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        buf_byte(b, '%');
        buf_hex(b, s.p + i, 1);
    }
}

static void check_form(Arena *a, Str text)
{
    Err e = err_on(a);
    Params p, again;
    int rc = params_urlencoded(a, text, &p, &e);
    if (rc < 0) {
        CHECK(rc == e.cls && (rc == ERR_SYNTAX || rc == ERR_LIMIT));
        return;
    }
    CHECK(p.n <= LIMIT_PARAMS && e.cls == 0);
    Buf b = {.arena = a};
    for (size_t i = 0; i < p.n; i++) {
        check_text(p.list[i].name);
        check_text(p.list[i].value);
        put_escaped(&b, p.list[i].name);
        buf_byte(&b, '=');
        put_escaped(&b, p.list[i].value);
        buf_byte(&b, '&');
    }
    if (b.n > LIMIT_FORM_BYTES)
        return;
    CHECK(params_urlencoded(a, buf_view(&b), &again, &e) == 0 && again.n == p.n);
    for (size_t i = 0; i < p.n; i++)
        CHECK(str_eq(p.list[i].name, again.list[i].name) &&
              str_eq(p.list[i].value, again.list[i].value));
}

static void check_target(Arena *a, Str raw)
{
    Str path, query;
    if (!http_check_target(a, raw, &path, &query))
        return;
    check_text(path);
    CHECK(path.n && path.n <= raw.n && path.p[0] == '/');
    CHECK(str_find(path, S("..")) < 0 && str_find(path, S("%2F")) < 0);
    for (size_t i = 0; i < path.n; i++)
        CHECK((unsigned char)path.p[i] >= 0x20 && path.p[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    Arena *a = arena_new(16 * 1024);
    Str text = {(const char *)p, n};
    check_form(a, text);
    check_target(a, text);
    arena_free(a);
    return 0;
}
