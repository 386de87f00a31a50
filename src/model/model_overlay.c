/* model_overlay.c: what a county's own files say of built-in types is merged over them, node by
 * node: maps key by key, texts and lists replace. What is `removed` is taken out here and its
 * catalogue paths are kept.                                   SPEC: P12  DESIGN: The model */
#include "model/model_int.h"

const Node *map_find(const Node *map, Str key)
{
    for (const Node *n = map && map->shape == NODE_MAP ? map->first : NULL; n; n = n->next)
        if (str_eq(n->key->text, key))
            return n;
    return NULL;
}

const Node *map_get(const Node *map, const char *key)
{
    return map_find(map, str_of(key));
}

/* ---- merging ---- */

static void append(Node *map, Node *n)
{
    n->next = NULL;
    if (map->last)
        map->last->next = n;
    else
        map->first = n;
    map->last = n;
    map->n++;
}

static Node *copy_node(Reader *r, const Node *n)
{
    Node *copy = NEW(r->scratch, Node);
    *copy = *n;
    copy->next = NULL;
    return copy;
}

static bool is_label(const Node *n)
{
    return n->shape == NODE_TEXT || map_get(n, "zh") || map_get(n, "en");
}

static bool is_full(const Node *n)
{
    return map_get(n, "label") || map_get(n, "was") || map_get(n, "removed");
}

/* A choice written as its label alone: {label: ...}, so that both ways of writing merge. */
static const Node *full_choice(Reader *r, const Node *n)
{
    Node *map = NEW(r->scratch, Node), *label = copy_node(r, n), *key = NEW(r->scratch, Node);
    *map = (Node){
        .shape = NODE_MAP, .line = n->line, .column = n->column, .file = n->file, .key = n->key};
    *key = (Node){.shape = NODE_TEXT,
                  .line = n->line,
                  .column = n->column,
                  .file = n->file,
                  .text = S("label")};
    label->key = key;
    append(map, label);
    return map;
}

static Node *merge(Reader *r, const Node *base, const Node *over, bool is_in_of)
{
    if (is_in_of && is_label(base) && over->shape == NODE_MAP && is_full(over))
        base = full_choice(r, base);
    else if (is_in_of && is_label(over) && base->shape == NODE_MAP && is_full(base) &&
             !map_get(base, "is"))
        over = full_choice(r, over);
    Node *merged = copy_node(r, over);
    if (base->shape != NODE_MAP || over->shape != NODE_MAP)
        return merged;
    bool is_of = merged->key && str_eq(merged->key->text, S("of"));
    merged->first = merged->last = NULL;
    merged->n = 0;
    for (const Node *b = base->first; b; b = b->next) {
        const Node *o = map_find(over, b->key->text);
        append(merged, o ? merge(r, b, o, is_of) : copy_node(r, b)); /* LIMIT_MODEL_DEPTH */
    }
    for (const Node *o = over->first; o; o = o->next)
        if (!map_find(base, o->key->text))
            append(merged, copy_node(r, o));
    return merged;
}

static Str subject_of(const Node *root)
{
    const Node *type = map_get(root, "type");
    if (map_get(root, "tree"))
        return S("tree:"); /* no type is called so */
    return type && type->shape == NODE_TEXT ? type->text : STR_NONE;
}

void merge_overlays(Reader *r, Root *roots, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Root *over = &roots[i], *base = NULL;
        Str name = over->node && over->is_overlay ? subject_of(over->node) : STR_NONE;
        for (size_t b = 0; str_has(name) && b < n && !base; b++)
            if (roots[b].node && !roots[b].is_overlay && str_eq(subject_of(roots[b].node), name))
                base = &roots[b];
        if (!base)
            continue; /* a type of its own */
        if (base->over) {
            const Node *at = map_get(over->node, "type");
            fault(r, at ? at : over->node, STR_NONE, "model.second_overlay",
                  at ? at->text : S("tree"), base->over->file);
        } else {
            base->base = base->node;
            base->over = over->node;
            base->node = merge(r, base->node, over->node, false);
        }
        over->node = NULL;
    }
}

/* ---- what is removed ---- */

void add_removed(Reader *r, Str path)
{
    if (is_removed(r, path))
        return;
    Removed *x = NEW(r->scratch, Removed);
    *x = (Removed){.path = keep(r, path), .next = r->removed};
    r->removed = x;
}

bool is_removed(const Reader *r, Str path)
{
    for (const Removed *x = r->removed; x; x = x->next)
        if (str_eq(x->path, path))
            return true;
    return false;
}

void keep_removed(Reader *r)
{
    int n = 0;
    for (const Removed *x = r->removed; x; x = x->next)
        n++;
    Str *list = NEW_N(r->out, Str, (size_t)n + 1);
    r->model->removed = list;
    r->model->removed_n = n;
    for (const Removed *x = r->removed; x; x = x->next)
        list[--n] = x->path;
}

static Str path_of(Reader *r, Str whole, Str name)
{
    return str_fmt(r->scratch, "%.*s.%.*s", STR_ARG(whole), STR_ARG(name));
}

static bool is_gone(const Node *n)
{
    const Node *removed = map_get(n, "removed");
    return removed && removed->shape == NODE_TEXT && str_eq(removed->text, S("yes"));
}

/* A field with its choices or its rows' fields. */
static void remove_field(Reader *r, Str whole, const Node *n)
{
    Str path = path_of(r, whole, n->key->text);
    add_removed(r, path);
    const Node *of = map_get(n, "of");
    for (const Node *c = of && of->shape == NODE_MAP ? of->first : NULL; c; c = c->next) {
        if (map_get(c, "is"))
            remove_field(r, path, c); /* LIMIT_MODEL_DEPTH */
        else
            add_removed(r, path_of(r, path, c->key->text));
    }
}

static void remove_named(Reader *r, Str whole, const Node *n)
{
    add_removed(r, path_of(r, whole, n->key->text));
    const Node *asks = map_get(n, "asks");
    for (const Node *f = asks && asks->shape == NODE_MAP ? asks->first : NULL; f; f = f->next)
        remove_field(r, whole, f);
}

/* Takes `n`, which stands behind `before` (NULL: first), out of a map. */
static void take_out(Node *map, Node *before, const Node *n)
{
    if (before)
        before->next = n->next;
    else
        map->first = n->next;
    if (map->last == n)
        map->last = before;
    map->n--;
}

/* Takes what says `removed: yes` out of a map. `is_all`: everything goes. */
static void prune_map(Reader *r, Str whole, const Node *map, bool is_all,
                      void (*remove)(Reader *, Str, const Node *))
{
    Node *m = (Node *)map, *before = NULL; /* nodes are the reader's own */
    if (!map || map->shape != NODE_MAP)
        return;
    for (Node *n = m->first; n; n = n->next) {
        bool gone = is_gone(n);
        if (gone && map_get(n, "was"))
            fault(r, map_get(n, "removed"), STR_NONE, "model.removed_was", n->key->text);
        if ((gone || is_all) && remove && !str_eq(n->key->text, S("*")))
            remove(r, whole, n);
        if (!gone) {
            before = n;
            continue;
        }
        take_out(m, before, n);
    }
}

/* A part of a type that may be absent: it goes itself when all in it goes. */
static void prune_part(Reader *r, Str whole, const Node *type, const char *key, bool is_all,
                       void (*remove)(Reader *, Str, const Node *))
{
    Node *before = NULL;
    for (Node *n = type->first; n; before = n, n = n->next) {
        if (!str_eq(n->key->text, str_of(key)))
            continue;
        bool had_any = n->shape == NODE_MAP && n->n;
        prune_map(r, whole, n, is_all, remove);
        if (had_any && !n->n)
            take_out((Node *)type, before, n); /* nodes are the reader's own */
        return;
    }
}

/* Fields keep their retired choices: they stay readable where they stand. */
static void prune_inside(Reader *r, Str whole, const Node *fields)
{
    for (const Node *f = fields && fields->shape == NODE_MAP ? fields->first : NULL; f;
         f = f->next) {
        const Node *of = map_get(f, "of"), *is = map_get(f, "is");
        Str path = path_of(r, whole, f->key->text);
        if (!of || of->shape != NODE_MAP || !is)
            continue;
        if (str_eq(is->text, S("rows"))) {
            prune_map(r, path, of, false, remove_field);
            prune_inside(r, path, of); /* LIMIT_MODEL_DEPTH */
            continue;
        }
        for (const Node *c = of->first; c; c = c->next)
            if (is_gone(c))
                add_removed(r, path_of(r, path, c->key->text));
    }
}

/* `removed: [kind, kind.advice]` of a type: names that are no longer in its file. */
static void remove_names(Reader *r, Str type, const Node *root, const Node *removed)
{
    const Node **items;
    size_t n = read_items(r, removed, &items);
    for (size_t i = 0; i < n; i++) {
        Str rest = items[i]->text, head;
        bool is_ok = rest.n > 0;
        while (rest.n > 0 && is_ok) {
            Str tail = STR_NONE;
            head = rest;
            (void)str_cut(rest, '.', &head, &tail); /* without a point: the last name */
            is_ok = is_name(head);
            rest = tail;
        }
        if (!is_ok)
            fault(r, items[i], STR_NONE, "model.bad_name", shown(r, items[i]->text));
        else if (map_find(map_get(root, "fields"), items[i]->text) ||
                 map_find(map_get(root, "states"), items[i]->text) ||
                 map_find(map_get(root, "actions"), items[i]->text) ||
                 map_find(map_get(root, "duties"), items[i]->text) ||
                 map_find(map_get(root, "figures"), items[i]->text))
            fault(r, items[i], STR_NONE, "model.removed_there", shown(r, items[i]->text));
        else
            add_removed(r, path_of(r, type, items[i]->text));
    }
}

void prune_type(Reader *r, Root *root)
{
    const Node *node = root->node, *name = map_get(node, "type"), *removed;
    if (!name || name->shape != NODE_TEXT)
        return; /* told when it is read */
    const Node *fields = map_get(node, "fields"), *states = map_get(node, "states"),
               *actions = map_get(node, "actions");
    bool is_all = is_gone(node);
    if (is_all && map_get(node, "was"))
        fault(r, map_get(node, "removed"), STR_NONE, "model.removed_was", name->text);
    if (is_all)
        add_removed(r, name->text);
    prune_map(r, name->text, fields, is_all, remove_field);
    prune_inside(r, name->text, fields);
    prune_map(r, name->text, states, is_all, remove_named);
    for (const Node *a = actions && actions->shape == NODE_MAP ? actions->first : NULL; a;
         a = a->next) {
        prune_map(r, name->text, map_get(a, "asks"), false, remove_field);
        prune_inside(r, name->text, map_get(a, "asks"));
    }
    prune_map(r, name->text, actions, is_all, remove_named);
    prune_part(r, name->text, node, "checks", false, NULL); /* not in the catalogue */
    prune_part(r, name->text, node, "duties", is_all, remove_named);
    prune_part(r, name->text, node, "figures", is_all, remove_named);
    removed = map_get(node, "removed");
    if (is_all)
        root->node = NULL;
    else if (removed && !str_eq(removed->text, S("no")))
        remove_names(r, name->text, node, removed);
}
