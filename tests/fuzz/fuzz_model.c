// uses: src/base/*.c src/model/*.c gen/embed.c
/* fuzz_model.c: any bytes as a model file, beside the built-in tree; what is read is shown and
 * numbered. */
#include "model/model.h"

static int give(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e)
{
    (void)kind, (void)path, (void)shape, (void)e; /* every name gets the next number */
    *ret = ++*(int64_t *)ctx;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_new(64 * 1024);
    Str text = {(const char *)data, n};
    const ModelSource *builtin;
    size_t builtin_n;
    model_builtin(a, &builtin, &builtin_n);
    ModelSource src[] = {builtin[0], {.path = S("village/x.yaml"), .text = text}};
    CHECK(str_eq(src[0].path, S("base/tree.yaml")));
    for (size_t alone = 0; alone < 2; alone++) { /* with the tree, then as the only file */
        const Model *m = NULL;
        ModelError *errors = NULL;
        size_t error_n = 0;
        Err e = err_on(a);
        int64_t last = 0;
        int rc = model_load(a, src + alone, LEN(src) - alone, alone ? LANG_EN : LANG_ZH, &m,
                            &errors, &error_n, &e);
        CHECK(rc == 0 ? m && error_n == 0 : rc == ERR_INVALID && !m && error_n > 0);
        for (size_t i = 0; i < error_n; i++)
            CHECK(errors[i].line > 0 && errors[i].column > 0 && utf8_valid(errors[i].message));
        if (rc == 0) {
            CHECK(model_number(m, give, &last, &e) == 0);
            CHECK(utf8_valid(model_show(a, m, NULL, LANG_ZH)));
        }
    }
    arena_free(a);
    return 0;
}
