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

/* The tree first: types name its kinds and roles. */
static void read_trees(Reader *r, Root *roots, size_t n)
{
    Str first = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        if (!map_get(roots[i].node, "tree"))
            continue;
        r->file = roots[i].path;
        if (str_has(first)) {
            fault(r, roots[i].node, STR_NONE, "model.second_tree", first);
        } else {
            first = r->file;
            read_tree(r, roots[i].node);
        }
        roots[i].node = NULL;
    }
    if (!str_has(first) && r->is_whole) { /* else it may be in the file that cannot be read */
        r->file = S("base/tree.yaml");
        fault(r, NULL, STR_NONE, "model.no_tree");
    }
}

/* From here on a draft's type is the Model's own. */
static void collect_types(Reader *r)
{
    Model *m = r->model;
    int n = 0;
    for (const TypeDraft *d = r->types; d; d = d->next)
        n++;
    Type *types = NEW_N(r->out, Type, (size_t)n + 1);
    m->types = types;
    for (TypeDraft *d = r->types; d; d = d->next) {
        types[m->type_n] = *d->type;
        types[m->type_n].ix = m->type_n;
        d->type = &types[m->type_n++];
    }
    if (n > LIMIT_TYPES) {
        r->file = r->last_type->file;
        fault(r, NULL, STR_NONE, "model.too_many", str_fmt(r->scratch, "%d", LIMIT_TYPES));
    }
}

static void each_type(Reader *r, void (*f)(Reader *, TypeDraft *))
{
    for (TypeDraft *d = r->types; d; d = d->next) {
        r->file = d->file;
        f(r, d);
    }
}

static void finish_type(Reader *r, TypeDraft *d)
{
    finish_flow(r, d);
    read_rules(r, d);
    read_figures(r, d);
    check_overlay(r, d);
}

static void read_all(Reader *r, const ModelSource *src, size_t n)
{
    Root *roots = NEW_N(r->scratch, Root, n + 1);
    r->is_whole = true; /* else a link may lead into the file that could not be read */
    for (size_t i = 0; i < n; i++) {
        roots[i] = (Root){.path = keep(r, src[i].path), .is_overlay = src[i].is_overlay};
        roots[i].node = yaml_read(r, &src[i]);
        r->is_whole &= roots[i].node != NULL;
    }
    merge_overlays(r, roots, n);
    read_trees(r, roots, n);
    for (size_t i = 0; i < n; i++)
        if (roots[i].node) {
            r->file = roots[i].path;
            prune_type(r, &roots[i]);
        }
    for (size_t i = 0; i < n; i++)
        if (roots[i].node) {
            r->file = roots[i].path;
            read_type(r, &roots[i]);
        }
    collect_types(r);
    link_types(r);
    each_type(r, see_flow);
    each_type(r, finish_type);
    collect_figures(r);
    keep_removed(r);
}

int model_load(Arena *a, const ModelSource *src, size_t src_n, Lang lang, const Model **ret,
               ModelError **ret_errors, size_t *ret_error_n, Err *e)
{
    CHECK(lang >= 0 && lang < LANG_MAX);
    *ret_errors = NULL;
    *ret_error_n = 0; /* also when there are too many files to look into */
    if (src_n > LIMIT_MODEL_FILES)
        return err_set(e, ERR_LIMIT, "model.too_many_files", err_int(e, LIMIT_MODEL_FILES));
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
