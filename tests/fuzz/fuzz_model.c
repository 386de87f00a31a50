// uses: src/base/*.c src/model/*.c gen/embed.c
/* fuzz_model.c: any bytes as a model file: a type beside the built-in tree, the only file, and a
 * county's own over all that is built in. What is read is shown and numbered. */
#include "model/model.h"

static int give(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e)
{
    (void)kind, (void)path, (void)shape, (void)e; /* every name gets the next number */
    *ret = ++*(int64_t *)ctx;
    return 0;
}

static void load(const ModelSource *src, size_t n, Lang lang)
{
    Arena *a = arena_new(64 * 1024);
    const Model *m = NULL;
    ModelError *errors = NULL;
    size_t error_n = 0;
    Err e = err_on(a);
    int64_t last = 0;
    int rc = model_load(a, src, n, lang, &m, &errors, &error_n, &e);
    CHECK(rc == 0 ? m && error_n == 0 : rc == ERR_INVALID && !m && error_n > 0);
    for (size_t i = 0; i < error_n; i++)
        CHECK(errors[i].line > 0 && errors[i].column > 0 && utf8_valid(errors[i].message));
    if (rc == 0) {
        CHECK(model_number(m, give, &last, &e) == 0);
        CHECK(utf8_valid(model_show(a, m, NULL, lang)));
    }
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_new(64 * 1024);
    Str text = {(const char *)data, n};
    const ModelSource *builtin;
    size_t builtin_n, tree = 0;
    model_builtin(a, &builtin, &builtin_n);
    while (!str_eq(builtin[tree].path, S("base/tree.yaml")))
        CHECK(++tree < builtin_n);
    ModelSource pair[] = {builtin[tree], {.path = S("village/x.yaml"), .text = text}};
    load(pair, 2, LANG_ZH);
    load(pair + 1, 1, LANG_EN);
    ModelSource *all = NEW_N(a, ModelSource, builtin_n + 1);
    memcpy(all, builtin, builtin_n * sizeof *all);
    all[builtin_n] =
        (ModelSource){.path = S("model/village/x.yaml"), .text = text, .is_overlay = true};
    load(all, builtin_n + 1, LANG_ZH);
    arena_free(a);
    return 0;
}
