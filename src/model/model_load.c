/* model_load.c: sources to one Model: every file read, then what holds between files. */
#include "model/model_int.h"

#include <stdlib.h>

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const ModelSource *)a)->path, ((const ModelSource *)b)->path);
}

static int by_place(const void *a, const void *b)
{
    const ModelError *x = a, *y = b;
    int c = str_cmp(x->file, y->file);
    if (c == 0)
        c = (x->line > y->line) - (x->line < y->line);
    if (c == 0)
        c = (x->column > y->column) - (x->column < y->column);
    return c ? c : str_cmp(x->message, y->message);
}

/* Paths, lengths and texts, so that no two sets of sources look alike. */
static void hash_sources(const ModelSource *src, size_t n, uint8_t ret[SM3_BYTES])
{
    Sm3 *s = sm3_new();
    sm3_begin(s);
    for (size_t i = 0; i < n; i++) {
        uint8_t len[16];
        for (size_t b = 0; b < 8; b++) {
            len[b] = (uint8_t)((uint64_t)src[i].path.n >> (8 * b));
            len[8 + b] = (uint8_t)((uint64_t)src[i].text.n >> (8 * b));
        }
        sm3_add(s, len, sizeof len);
        sm3_add(s, src[i].path.p, src[i].path.n);
        sm3_add(s, src[i].text.p, src[i].text.n);
    }
    sm3_end(s, ret);
    sm3_free(s);
}

static bool is_tree(const Node *root)
{
    for (const Node *n = root->shape == NODE_MAP ? root->first : NULL; n; n = n->next)
        if (str_eq(n->key->text, S("tree")))
            return true;
    return false;
}

/* The tree first: types name its kinds and roles. */
static void read_trees(Reader *r, const ModelSource *src, size_t n, const Node **roots)
{
    Str first = STR_NONE;
    bool has_bad = false;
    for (size_t i = 0; i < n; i++) {
        has_bad |= roots[i] == NULL;
        if (!roots[i] || !is_tree(roots[i]))
            continue;
        r->file = keep(r, src[i].path);
        if (str_has(first)) {
            fault(r, roots[i], STR_NONE, "model.second_tree", first);
        } else {
            first = r->file;
            read_tree(r, roots[i]);
        }
        roots[i] = NULL;
    }
    if (!str_has(first) && !has_bad) { /* else it may be in the file that cannot be read */
        r->file = S("base/tree.yaml");
        fault(r, NULL, STR_NONE, "model.no_tree");
    }
}

static void collect_types(Reader *r)
{
    Model *m = r->model;
    int n = 0;
    for (const TypeDraft *d = r->types; d; d = d->next)
        n++;
    Type *types = NEW_N(r->out, Type, (size_t)n + 1);
    m->types = types;
    for (const TypeDraft *d = r->types; d; d = d->next) {
        types[m->type_n] = *d->type;
        types[m->type_n].ix = m->type_n;
        m->type_n++;
    }
}

static void read_all(Reader *r, const ModelSource *src, size_t n)
{
    const Node **roots = NEW_N(r->scratch, const Node *, n + 1);
    bool is_whole = true; /* else a link may lead into the file that could not be read */
    for (size_t i = 0; i < n; i++) {
        roots[i] = yaml_read(r, &src[i]);
        is_whole &= roots[i] != NULL;
    }
    read_trees(r, src, n, roots);
    for (size_t i = 0; i < n; i++)
        if (roots[i]) {
            r->file = keep(r, src[i].path);
            read_type(r, roots[i]);
        }
    for (TypeDraft *d = r->types; d && is_whole && !r->has_unnamed; d = d->next)
        check_links(r, d);
    collect_types(r);
}

int model_load(Arena *a, const ModelSource *src, size_t src_n, Lang lang, const Model **ret,
               ModelError **ret_errors, size_t *ret_error_n, Err *e)
{
    CHECK(lang >= 0 && lang < LANG_MAX);
    *ret_errors = NULL;
    *ret_error_n = 0; /* also when there are too many files to look into */
    if (src_n > LIMIT_TYPES + 1)
        return err_set(e, ERR_LIMIT, "model.too_many_files", err_int(e, LIMIT_TYPES + 1));
    Reader r = {.out = a, .scratch = arena_new(64 * 1024), .lang = lang, .model = NEW(a, Model)};
    r.errors = NEW_N(a, ModelError, LIMIT_MODEL_ERRORS);
    ModelSource *sorted = NEW_N(r.scratch, ModelSource, src_n + 1);
    if (src_n > 0)
        memcpy(sorted, src, src_n * sizeof *src);
    qsort(sorted, src_n, sizeof *sorted, by_path);
    hash_sources(sorted, src_n, r.model->hash);
    read_all(&r, sorted, src_n);
    arena_free(r.scratch);
    if (r.error_n > 0) {
        qsort(r.errors, r.error_n, sizeof *r.errors, by_place);
        *ret_errors = r.errors;
        *ret_error_n = r.error_n;
        return err_set(e, ERR_INVALID, "model.invalid", err_int(e, (int64_t)r.error_n));
    }
    *ret = r.model;
    return 0;
}
