// uses: src/base/*.c src/web/http_params.c src/web/http_check.c
/* fuzz_multipart.c: the first line is the Content-Type, the rest the body: a form or a refusal, and
 * parts lie inside the body, in order. */
#include "web/http_int.h"

static void check_text(Str s)
{
    CHECK(utf8_valid(s));
    CHECK(!s.n || !memchr(s.p, '\0', s.n));
}

static void check_part(const Param *part, Str body, const char **at)
{
    CHECK(part->name.n);
    check_text(part->name);
    if (str_has(part->filename)) {
        check_text(part->filename);
        check_text(part->type);
    } else {
        check_text(part->value);
        CHECK(!str_has(part->type));
    }
    CHECK(part->value.p >= *at && part->value.p + part->value.n <= body.p + body.n);
    *at = part->value.p + part->value.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    Arena *a = arena_new(16 * 1024);
    Err e = err_on(a);
    Str type, body;
    str_cut((Str){(const char *)p, n}, '\n', &type, &body);
    Params got;
    int rc = params_multipart(a, type, body, &got, &e);
    if (rc < 0) {
        CHECK(rc == e.cls && (rc == ERR_SYNTAX || rc == ERR_LIMIT));
    } else {
        CHECK(got.n <= LIMIT_PARAMS && e.cls == 0);
        const char *at = body.p;
        for (size_t i = 0; i < got.n; i++)
            check_part(&got.list[i], body, &at);
    }
    arena_free(a);
    return 0;
}
