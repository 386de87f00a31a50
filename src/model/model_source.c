/* model_source.c: where the texts of a model come from: the binary, and a deployment's own folder.
 */
#include "model/model_int.h"

#include "embed.h"

static const char folder_name[] = "model/";

void model_builtin(Arena *a, const ModelSource **ret, size_t *ret_n)
{
    ModelSource *src = NEW_N(a, ModelSource, embed_model_n + 1);
    for (size_t i = 0; i < embed_model_n; i++) {
        Str path = embed_models[i].name;
        CHECK(str_starts(path, str_of(folder_name)));
        src[i] = (ModelSource){.path = str_sub(path, strlen(folder_name), path.n),
                               .text = embed_models[i].body};
    }
    *ret = src;
    *ret_n = embed_model_n;
}

typedef struct Sources {
    Arena *arena;
    Env *env;
    Str root; /* DIR/model */
    ModelSource *list;
    size_t n, cap;
    Err *e;
} Sources;

static int add_source(Sources *s, Str path)
{
    Str text, name = str_fmt(s->arena, "%.*s/%.*s", STR_ARG(s->root), STR_ARG(path));
    TRY(s->env->fns->read_file(s->env->self, s->arena, name, LIMIT_MODEL_FILE_BYTES, &text, s->e));
    if (s->n == s->cap)
        return err_set(s->e, ERR_LIMIT, "model.too_many_files", err_int(s->e, (int64_t)s->cap));
    s->list[s->n++] = (ModelSource){
        .path = str_fmt(s->arena, "model/%.*s", STR_ARG(path)), .text = text, .is_overlay = true};
    return 0;
}

static bool is_yaml(Str name)
{
    return str_ends(name, S(".yaml")) && name.p[0] != '.';
}

/* A folder inside the model's: files of it only, no further folders. */
static int add_folder(Sources *s, Str folder)
{
    Str *names = NULL;
    size_t n = 0;
    Str path = str_fmt(s->arena, "%.*s/%.*s", STR_ARG(s->root), STR_ARG(folder));
    Err own = err_on(s->arena);
    int rc = s->env->fns->list_dir(s->env->self, s->arena, path, &names, &n, &own);
    if (rc < 0)
        return err_set(s->e, rc == ERR_MISSING ? ERR_INVALID : rc, "model.not_a_folder", path);
    for (size_t i = 0; i < n; i++)
        if (is_yaml(names[i]))
            TRY(add_source(s, str_fmt(s->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(names[i]))));
    return 0;
}

static int sort_sources(const void *a, const void *b)
{
    return str_cmp(((const ModelSource *)a)->path, ((const ModelSource *)b)->path);
}

int model_sources(Arena *a, Env *env, Str dir, const ModelSource **ret, size_t *ret_n, Err *e)
{
    const ModelSource *builtin;
    Sources s = {.arena = a, .env = env, .cap = LIMIT_MODEL_FILES, .e = e};
    model_builtin(a, &builtin, &s.n);
    CHECK(s.n <= s.cap);
    s.list = NEW_N(a, ModelSource, s.cap);
    memcpy(s.list, builtin, s.n * sizeof *builtin);
    s.root = str_fmt(a, "%.*s/model", STR_ARG(dir));
    Str *names = NULL;
    size_t n = 0;
    Err own = err_on(a);
    int rc = env->fns->list_dir(env->self, a, s.root, &names, &n, &own);
    if (rc < 0 && rc != ERR_MISSING) { /* no folder: nothing of one's own */
        *e = own;
        return rc;
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (is_yaml(names[i]))
            TRY(add_source(&s, names[i]));
        else if (is_name(names[i]))
            TRY(add_folder(&s, names[i]));
    }
    qsort(s.list, s.n, sizeof *s.list, sort_sources);
    *ret = s.list;
    *ret_n = s.n;
    return 0;
}
