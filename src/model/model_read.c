/* model_read.c: nodes to drafts: the helpers every section is read with, the tree, the head of a
 * type. Reading goes on after a mistake, so that a file's mistakes are told together; what is at
 * fault counts as absent, and nothing is said twice about it. */
#include "model/model_int.h"

#include <stdlib.h>

/* ---- telling ---- */

Str keep(Reader *r, Str s)
{
    return str_has(s) ? str_copy(r->out, s) : STR_NONE;
}

Str say(Reader *r, const char *key)
{
    return i18n_text(r->scratch, r->lang, str_of(key), NULL, 0);
}

void fault_place(Reader *r, int line, int column, Str hint, const char *key, const Str *args)
{
    r->told++;
    if (r->is_quiet)
        return;
    if (r->error_n >= LIMIT_MODEL_ERRORS)
        return;
    size_t arg_n = 0;
    while (str_has(args[arg_n]))
        arg_n++;
    r->errors[r->error_n++] = (ModelError){
        .file = r->file, /* in out: yaml_read keeps it */
        .line = line,
        .column = column,
        .message = i18n_text(r->out, r->lang, str_of(key), args, arg_n),
        .hint = keep(r, hint),
    };
}

void fault_at(Reader *r, const Node *at, Str hint, const char *key, const Str *args)
{
    Str file = r->file;
    if (at && str_has(at->file))
        r->file = at->file; /* a county's own, where it says so */
    fault_place(r, at ? at->line : 1, at ? at->column : 1, hint, key, args);
    r->file = file;
}

enum { NEAR_LONGEST = 64 };

Near near_start(Str word)
{
    size_t most = word.n < 4 ? 1 : word.n < 8 ? 2 : 3; /* edits; two letters swapped are two */
    return (Near){.word = word, .distance = most + 1};
}

void near_try(Near *n, Str candidate)
{
    if (n->word.n == 0 || n->word.n > NEAR_LONGEST || candidate.n > NEAR_LONGEST)
        return;
    size_t d = str_distance(n->word, candidate);
    if (d < n->distance && d < candidate.n && d < n->word.n) {
        n->distance = d;
        n->best = candidate;
    }
}

Str near_best(const Near *n)
{
    return n->best;
}

/* ---- words and values ---- */

Str shown(Reader *r, Str s)
{
    Str head = utf8_prefix(s, LIMIT_NAME_CHARS);
    return head.n < s.n ? str_fmt(r->scratch, "%.*s…", STR_ARG(head)) : head;
}

static Str words_of(Reader *r, const Section *s)
{
    Buf b = {.arena = r->scratch};
    for (int i = 0; i < s->word_n; i++) {
        buf_z(&b, i ? " " : "");
        buf_z(&b, s->words[i].name);
    }
    return buf_view(&b);
}

/* Gives the word that was meant, as an index; -1: no idea. */
static int fault_unknown_word(Reader *r, const Section *s, const Node *key)
{
    if (s == &sections[SECTION_ROLE] && str_eq(key->text, S("removed"))) {
        fault(r, key, STR_NONE, "model.role_stays"); /* people held it, rules name it */
        return -1;
    }
    Near near = near_start(key->text);
    for (int i = 0; i < s->word_n; i++)
        near_try(&near, str_of(s->words[i].name));
    fault(r, key, near_best(&near), "model.unknown_word", shown(r, key->text), say(r, s->title),
          words_of(r, s));
    for (int i = 0; i < s->word_n; i++)
        if (str_eq(near_best(&near), str_of(s->words[i].name)))
            return i;
    return -1;
}

bool is_said(const Got *g, int word)
{
    return g->of[word] || (g->bad & (UINT32_C(1) << word));
}

static void fault_expected(Reader *r, const Node *at, Takes takes)
{
    fault(r, at, STR_NONE, "model.expected", say(r, takes_defs[takes].says));
}

bool read_words(Reader *r, SectionId section, const Node *map, const Node *place, Got *ret)
{
    const Section *s = &sections[section];
    CHECK(s->word_n <= WORDS_IN_SECTION);
    if (map->shape != NODE_MAP) {
        fault(r, map, STR_NONE, "model.expected_words", say(r, s->title), words_of(r, s));
        return false;
    }
    for (const Node *n = map->first; n; n = n->next) {
        int ix = 0;
        while (ix < s->word_n && !str_eq(n->key->text, str_of(s->words[ix].name)))
            ix++;
        if (ix == s->word_n) {
            ix = fault_unknown_word(r, s, n->key);
            if (ix >= 0)
                ret->bad |= UINT32_C(1) << ix; /* misspelt is not missing */
            continue;
        }
        const TakesDef *takes = &takes_defs[s->words[ix].takes];
        bool is_blank = n->shape == NODE_TEXT ? n->text.n == 0 : n->shape == NODE_LIST && n->n == 0;
        if ((takes->shapes & (unsigned)n->shape) && !is_blank) {
            ret->of[ix] = n;
            continue;
        }
        fault_expected(r, n, s->words[ix].takes);
        ret->bad |= UINT32_C(1) << ix;
    }
    for (int i = 0; i < s->word_n; i++)
        if (s->words[i].is_required && !is_said(ret, i))
            fault(r, place, STR_NONE, "model.missing_word", str_of(s->words[i].name),
                  say(r, s->title));
    return true;
}

bool is_yes_or_no(const Node *n)
{
    return str_eq(n->text, S("yes")) || str_eq(n->text, S("no"));
}

bool read_yes(Reader *r, const Node *n)
{
    if (!n)
        return false;
    if (!is_yes_or_no(n))
        fault_expected(r, n, TAKES_YES);
    return str_eq(n->text, S("yes"));
}

int64_t read_count(Reader *r, const Node *n, int64_t max, int64_t without)
{
    int64_t v = 0;
    if (!n)
        return without;
    if (str_i64(n->text, &v) && v >= 1 && v <= max)
        return v;
    fault(r, n, STR_NONE, "model.expected_count", str_fmt(r->scratch, "%lld", (long long)max));
    return without;
}

bool is_name(Str s)
{
    if (s.n < 1 || s.n > 40 || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
              s.p[i] == '_'))
            return false;
    return true;
}

Str read_name(Reader *r, const Node *n)
{
    if (is_name(n->text))
        return keep(r, n->text);
    fault(r, n, STR_NONE, "model.bad_name", shown(r, n->text));
    return STR_NONE;
}

static Str read_label_text(Reader *r, const Node *n)
{
    Str s = str_trim(text_normal(r->scratch, n->text));
    if (s.n == 0 || utf8_count(s) > LIMIT_NAME_CHARS || memchr(s.p, '\n', s.n)) {
        fault(r, n, STR_NONE, "model.bad_label", str_fmt(r->scratch, "%d", LIMIT_NAME_CHARS));
        return STR_NONE;
    }
    return keep(r, s);
}

Label read_label(Reader *r, const Node *n, Str name)
{
    Label label = {.text = {name, name}};
    if (!n)
        return label;
    Str zh = STR_NONE, en = STR_NONE;
    if (n->shape == NODE_TEXT) {
        zh = read_label_text(r, n);
    } else if (n->shape == NODE_MAP) {
        Got got = {0};
        (void)read_words(r, SECTION_LABEL, n, n, &got); /* a map: only words can be wrong, told */
        zh = got.of[LABEL_ZH] ? read_label_text(r, got.of[LABEL_ZH]) : STR_NONE;
        en = got.of[LABEL_EN] ? read_label_text(r, got.of[LABEL_EN]) : STR_NONE;
    } else {
        fault_expected(r, n, TAKES_LABEL);
    }
    if (str_has(zh))
        label = (Label){.text = {zh, zh}};
    if (str_has(en))
        label.text[LANG_EN] = en;
    return label;
}

size_t read_items(Reader *r, const Node *n, const Node ***ret)
{
    size_t max = n->shape == NODE_LIST ? n->n : 1, got = 0;
    const Node **items = NEW_N(r->scratch, const Node *, max + 1);
    for (const Node *i = n->shape == NODE_LIST ? n->first : n; i; i = i->next) {
        bool is_double = false;
        if (i->shape != NODE_TEXT || i->text.n == 0) {
            fault(r, i, STR_NONE, "model.expected_text");
        } else if (got < LIMIT_MODEL_KEYS) {
            for (size_t o = 0; o < got && !is_double; o++)
                is_double = str_eq(items[o]->text, i->text);
            if (is_double)
                fault(r, i, STR_NONE, "model.twice", shown(r, i->text));
            else
                items[got++] = i;
        }
        if (n->shape != NODE_LIST)
            break;
    }
    *ret = items;
    return got;
}

const Node *read_map_children(Reader *r, const Node *map, size_t limit)
{
    if (map->n == 0)
        fault(r, map, STR_NONE, "model.nothing_in_it");
    else if (map->n > limit)
        fault(r, map->key ? map->key : map, STR_NONE, "model.too_many",
              str_fmt(r->scratch, "%zu", limit));
    return map->n <= limit ? map->first : NULL;
}

static bool is_in(const char *const *set, size_t n, Str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_of(set[i])))
            return true;
    return false;
}

/* ---- the tree ---- */

static int find_kind(const Model *m, Str name)
{
    for (int i = 0; i < m->kind_n; i++)
        if (str_eq(m->kinds[i].name, name))
            return i;
    return -1;
}

uint64_t kinds_above(const Model *m, uint64_t kinds)
{
    uint64_t above = 0;
    for (int i = 0; i < m->kind_n; i++)
        if (kinds & (UINT64_C(1) << i))
            above |= m->kinds[i].under;
    return above;
}

uint64_t read_unit_kinds(Reader *r, const Node *n)
{
    const Node **items;
    uint64_t set = 0;
    if (!n || !r->has_tree)
        return 0;
    size_t item_n = read_items(r, n, &items);
    for (size_t i = 0; i < item_n; i++) {
        int ix = find_kind(r->model, items[i]->text);
        if (ix >= 0) {
            set |= UINT64_C(1) << ix;
            continue;
        }
        Near near = near_start(items[i]->text);
        for (int k = 0; k < r->model->kind_n; k++)
            near_try(&near, r->model->kinds[k].name);
        fault(r, items[i], near_best(&near), "model.unknown_unit_kind", shown(r, items[i]->text));
    }
    return set;
}

int find_role(Reader *r, Str name)
{
    for (int i = 0; i < r->model->role_n; i++)
        if (str_eq(r->model->roles[i].name, name))
            return i;
    return -1;
}

static void read_kinds(Reader *r, const Node *map)
{
    const Node *child = read_map_children(r, map, LIMIT_UNIT_KINDS);
    UnitKind *kinds = NEW_N(r->out, UnitKind, map->n);
    const Node *in[LIMIT_UNIT_KINDS] = {0};
    int n = 0;
    r->model->kinds = kinds;
    for (; child; child = child->next) {
        Got got = {0};
        Str name = read_name(r, child->key);
        if (!read_words(r, SECTION_UNIT_KIND, child, child->key, &got) || !str_has(name))
            continue;
        in[n] = got.of[UNIT_IN];
        kinds[n] =
            (UnitKind){.name = name, .label = read_label(r, got.of[UNIT_LABEL], name), .ix = n};
        n++;
    }
    r->model->kind_n = n;
    uint64_t holds = 0;
    for (int i = 0; i < n; i++) {
        kinds[i].under = read_unit_kinds(r, in[i]);
        holds |= kinds[i].under;
    }
    for (int turn = 0; turn < n; turn++) /* levels may be skipped: what is above what is above */
        for (int i = 0; i < n; i++)
            kinds[i].under |= kinds_above(r->model, kinds[i].under);
    bool has_circle = false;
    for (int i = 0; i < n; i++) {
        uint64_t self = UINT64_C(1) << i;
        kinds[i].may_be_root = !in[i] || (holds & self);
        if ((kinds[i].under & self) && !has_circle)
            fault(r, in[i], STR_NONE, "model.kind_circle", kinds[i].name);
        has_circle |= (kinds[i].under & self) != 0; /* told once, at its first kind */
    }
}

static void check_falls_to(Reader *r, Role *role, const Node *n)
{
    if (!n)
        return;
    int ix = find_role(r, n->text);
    if (ix < 0) {
        Near near = near_start(n->text);
        for (int i = 0; i < r->model->role_n; i++)
            near_try(&near, r->model->roles[i].name);
        fault(r, n, near_best(&near), "model.unknown_role", shown(r, n->text));
        return;
    }
    role->falls_to = ix;
    const Role *to = &r->model->roles[ix];
    if (!r->is_tree_bad && ix != role->ix && role->at && to->at &&
        !(to->at & kinds_above(r->model, role->at)))
        fault(r, n, STR_NONE, "model.falls_to_below", to->name, role->name);
}

static void read_roles(Reader *r, const Node *map)
{
    static const char *const own[] = {"author", "me", "audience", "clock", "public"};
    const Node *child = read_map_children(r, map, LIMIT_ROLES);
    Role *roles = NEW_N(r->out, Role, map->n);
    const Node *falls_to[LIMIT_ROLES] = {0};
    int n = 0;
    for (; child; child = child->next) {
        Got got = {0};
        Str name = read_name(r, child->key);
        if (is_in(own, LEN(own), child->key->text))
            fault(r, child->key, STR_NONE, "model.reserved_role", child->key->text);
        if (!read_words(r, SECTION_ROLE, child, child->key, &got) || !str_has(name))
            continue;
        falls_to[n] = got.of[ROLE_FALLS_TO];
        roles[n] = (Role){.name = name,
                          .label = read_label(r, got.of[ROLE_LABEL], name),
                          .ix = n,
                          .at = read_unit_kinds(r, got.of[ROLE_AT]),
                          .falls_to = n};
        n++;
    }
    r->model->roles = roles;
    r->model->role_n = n;
    for (int i = 0; i < n; i++)
        check_falls_to(r, &roles[i], falls_to[i]);
}

void read_tree(Reader *r, const Node *root)
{
    Got file = {0}, tree = {0};
    if (!read_words(r, SECTION_TREE_FILE, root, root, &file) || !file.of[TREE_FILE_TREE])
        return;
    const Node *at = file.of[TREE_FILE_TREE];
    if (!read_words(r, SECTION_TREE, at, at->key, &tree))
        return;
    r->has_tree = tree.of[TREE_KINDS] && tree.of[TREE_ROLES];
    if (!r->has_tree)
        return;
    size_t before = r->error_n;
    read_kinds(r, tree.of[TREE_KINDS]);
    r->is_tree_bad = r->error_n > before;
    read_roles(r, tree.of[TREE_ROLES]);
}

/* ---- the head of a type ---- */

bool model_is_engine_column(Str name)
{
    static const char *const taken[] = {
        "id",      "county",  "unit",    "seat",     "posting", "author", "at_day", "state",
        "is_open", "version", "made_ms", "type",     "rowid",   "oid",    "ctid",   "xmin",
        "xmax",    "cmin",    "cmax",    "tableoid", /* the databases' */
        "limit",   "after",   "before",  "as",       "csrf",    "lang",   "format", /* a page's
                                                                                       parameters */
    };
    return is_in(taken, LEN(taken), name);
}

static bool is_path(Str name)
{
    static const char *const paths[] = {
        "me",      "file",   "files",   "figure", "figures",  "api",      "login",  "logout",
        "healthz", "readyz", "metrics", "static", "asset",    "assets",   "import", "export",
        "unit",    "units",  "person",  "people", "account",  "accounts", "invite", "who",
        "new",     "help",   "search",  "lang",   "settings", "tree",     "leave",  "viewas",
        "admin",   "signin", "signout", "look",   "start",    "i",
        "notice",  "notices", "calendar", "owed",  "duty",     "holiday",
    };
    return is_in(paths, LEN(paths), name);
}

static void read_type_name(Reader *r, TypeDraft *d, const Node *n)
{
    Str name = read_name(r, n);
    d->type->name = str_has(name) ? name : keep(r, n->text);
    if (is_path(n->text))
        fault(r, n, STR_NONE, "model.reserved_type", n->text);
    for (const TypeDraft *o = r->types; o; o = o->next)
        if (o != d && str_eq(o->type->name, n->text)) {
            fault(r, n, STR_NONE, "model.double_type", n->text, o->file);
            break;
        }
}

/* Where the directory shows it: the folder of the file. */
static Str read_folder(Reader *r, bool is_overlay)
{
    static const char *const folders[] = {"base", "village", "economy", "town", "transport"};
    Str folder, rest, path = r->file;
    if (is_overlay) /* model/village/visit.yaml */
        (void)str_cut(path, '/', &folder, &path);
    if (!str_cut(path, '/', &folder, &rest))
        return S("base");
    Near near = near_start(folder);
    for (size_t i = 0; i < LEN(folders); i++) {
        if (str_eq(folder, str_of(folders[i])))
            return str_of(folders[i]);
        near_try(&near, str_of(folders[i]));
    }
    fault(r, NULL, near_best(&near), "model.unknown_folder", folder,
          S("base village economy town transport"));
    return S("base");
}

static void read_dated(Reader *r, TypeDraft *d, const Node *n)
{
    if (!n)
        return;
    const Field *f = draft_field(d, n->text);
    if (!f)
        fault_unknown_field(r, d, n, n->text);
    else if (d->field_drafts[f->ix].is_bad)
        return; /* told; what it is meant to be is not known */
    else if (f->kind != KIND_DATE || f->is_asked || !f->is_required)
        fault(r, n, STR_NONE, "model.dated_field", f->name);
    else
        d->type->dated = f;
}

static void read_me(Reader *r, TypeDraft *d, const Node *n)
{
    if (!n)
        return;
    const Field *f = draft_field(d, n->text);
    if (!f)
        fault_unknown_field(r, d, n, n->text);
    else if (d->field_drafts[f->ix].is_bad)
        return; /* told */
    else if (f->kind != KIND_PERSON || f->is_asked)
        fault(r, n, STR_NONE, "model.me_field", f->name);
    else
        d->type->me = f;
    if (d->type->me)
        d->fields[f->ix].is_indexed = true;
}

static bool may_be_unique(const Field *f)
{
    return f->kind != KIND_NOTE && f->kind != KIND_REMARK && model_kind(f->kind)->column != 'b' &&
           f->kind != KIND_AUDIENCE && f->kind != KIND_CHOICES && f->kind != KIND_ROWS;
}

static void read_unique(Reader *r, TypeDraft *d, const Node *n)
{
    const Node **items;
    if (!n)
        return;
    size_t item_n = read_items(r, n, &items);
    Str *columns = NEW_N(r->out, Str, item_n + 1);
    int got = 0;
    for (size_t i = 0; i < item_n; i++) {
        Str name = items[i]->text;
        const Field *f = draft_field(d, name);
        bool is_engine =
            str_eq(name, S("unit")) || str_eq(name, S("author")) || str_eq(name, S("state"));
        if (!f && !is_engine)
            fault_unknown_field(r, d, items[i], name);
        else if (f && !may_be_unique(f))
            fault(r, items[i], STR_NONE, "model.not_unique", f->name);
        else
            columns[got++] = keep(r, name);
    }
    d->type->unique = columns;
    d->type->unique_n = got;
}

static const Field *title_of(const Type *t)
{
    static const KindId order[] = {KIND_TEXT, KIND_NOTE};
    for (size_t k = 0; k < LEN(order); k++)
        for (int i = 0; i < t->field_n; i++)
            if (t->fields[i].kind == order[k] && !t->fields[i].is_asked)
                return &t->fields[i];
    return NULL;
}

/* ---- former names ---- */

void read_was(Reader *r, const Node *n, const Str **ret, int *ret_n)
{
    const Node **items;
    if (!n)
        return;
    size_t item_n = read_items(r, n, &items);
    if (item_n > LIMIT_WAS) {
        fault(r, n, STR_NONE, "model.too_many", str_fmt(r->scratch, "%d", LIMIT_WAS));
        return;
    }
    Str *was = NEW_N(r->out, Str, item_n + 1);
    int got = 0;
    for (size_t i = 0; i < item_n; i++) {
        was[got] = read_name(r, items[i]);
        got += str_has(was[got]);
    }
    *ret = was;
    *ret_n = got;
}

void check_was(Reader *r, const Node *n, bool (*is_there)(const void *ctx, Str name),
               const void *ctx)
{
    for (const Node *i = n && n->shape == NODE_LIST ? n->first : n; i; i = i->next) {
        if (i->shape == NODE_TEXT && is_there(ctx, i->text))
            fault(r, i, STR_NONE, "model.was_there", shown(r, i->text));
        if (n->shape != NODE_LIST)
            break;
    }
}

/* ---- all of it ---- */

/* What it says, else the folder of that name. */
static int read_line(Reader *r, const Node *n, Str folder)
{
    static const char *const lines[] = {"policy", "village", "resources", "skills", "review"};
    for (size_t i = 0; i < LEN(lines); i++)
        if (str_eq(n ? n->text : folder, str_of(lines[i])))
            return (int)i + 1;
    if (n)
        fault_expected(r, n, TAKES_LINE);
    return 0;
}

static void read_head(Reader *r, TypeDraft *d)
{
    Type *t = d->type;
    const Node *const *got = d->got.of;
    t->label = read_label(r, got[TYPE_LABEL], t->name);
    t->at = read_unit_kinds(r, got[TYPE_AT]);
    t->is_offline = read_yes(r, got[TYPE_OFFLINE]);
    t->operator_ = got[TYPE_OPERATOR] ? keep(r, got[TYPE_OPERATOR]->text) : STR_NONE;
    t->line = read_line(r, got[TYPE_LINE], t->folder);
    t->keep = got[TYPE_KEEP] ? keep(r, got[TYPE_KEEP]->text) : STR_NONE;
    t->has_receipts = got[TYPE_RECEIPTS] != NULL;
    if (t->has_receipts && !str_eq(got[TYPE_RECEIPTS]->text, S("author")))
        fault_expected(r, got[TYPE_RECEIPTS], TAKES_RECEIPTS);
    if (!is_said(&d->got, TYPE_AT) && !is_said(&d->got, TYPE_PART_OF))
        fault(r, d->head, STR_NONE, "model.missing_word", S("at"), say(r, "model.in_type"));
    read_was(r, got[TYPE_WAS], &t->was, &t->was_n);
}

void read_type(Reader *r, const Root *root)
{
    size_t before = r->told;
    TypeDraft *d = NEW(r->scratch, TypeDraft);
    Type *t = d->type = NEW(r->out, Type);
    d->head = root->node->first ? root->node->first->key : root->node;
    if (!read_words(r, SECTION_TYPE, root->node, d->head, &d->got))
        return;
    d->key = d->got.of[TYPE_TYPE] ? d->got.of[TYPE_TYPE] : root->node;
    d->base = root->base;
    d->over = root->over;
    d->file = t->file = r->file;
    t->folder = read_folder(r, root->is_overlay);
    if (d->got.of[TYPE_TYPE])
        read_type_name(r, d, d->got.of[TYPE_TYPE]);
    r->has_unnamed |= !is_name(d->type->name);
    read_head(r, d);
    read_fields(r, d);
    read_flow(r, d);
    read_dated(r, d, d->got.of[TYPE_DATED]);
    read_me(r, d, d->got.of[TYPE_ME]);
    read_unique(r, d, d->got.of[TYPE_UNIQUE]);
    t->title = title_of(t);
    d->has_faults = r->told > before;
    if (r->last_type)
        r->last_type->next = d;
    else
        r->types = d;
    r->last_type = d;
}
