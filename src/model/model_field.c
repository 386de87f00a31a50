/* model_field.c: the fields of a type, asked ones (an action's `asks`) last. */
#include "model/model_int.h"

const Field *draft_field(const TypeDraft *d, Str name)
{
    for (int i = 0; i < d->type->field_n; i++)
        if (str_eq(d->fields[i].name, name))
            return &d->fields[i];
    return NULL;
}

FieldDraft *draft_of(const TypeDraft *d, const Field *f)
{
    return f->rows ? &d->field_drafts[f->rows->ix].subs[f->ix] : &d->field_drafts[f->ix];
}

void each_field(Reader *r, TypeDraft *d, void (*f)(Reader *, TypeDraft *, FieldDraft *))
{
    for (int i = 0; i < d->type->field_n; i++) {
        FieldDraft *fd = &d->field_drafts[i];
        f(r, d, fd);
        for (int k = 0; k < fd->field->field_n; k++)
            f(r, d, &fd->subs[k]);
    }
}

void fault_unknown_field(Reader *r, const TypeDraft *d, const Node *at, Str name)
{
    if (d->is_cut)
        return;
    Near near = near_start(name);
    for (int i = 0; i < d->type->field_n; i++)
        near_try(&near, d->fields[i].name);
    fault(r, at, near_best(&near), "model.unknown_field", shown(r, name));
}

const Field *find_path(Reader *r, const TypeDraft *d, const Node *at, Str path)
{
    Str name, sub;
    bool has_sub = str_cut(path, '.', &name, &sub);
    const Field *f = draft_field(d, name);
    if (!f) {
        fault_unknown_field(r, d, at, name);
        return NULL;
    }
    if (draft_of(d, f)->is_bad || !has_sub)
        return draft_of(d, f)->is_bad ? NULL : f;
    if (f->kind != KIND_ROWS) {
        fault(r, at, STR_NONE, "model.no_rows", name);
        return NULL;
    }
    const Field *in = field_sub(f, sub);
    if (!in) {
        Near near = near_start(sub);
        for (int i = 0; i < f->field_n; i++)
            near_try(&near, f->fields[i].name);
        fault(r, at, near_best(&near), "model.unknown_sub", name, shown(r, sub));
        return NULL;
    }
    return draft_of(d, in)->is_bad ? NULL : in;
}

static Str kind_names(Reader *r, uint32_t kinds)
{
    Buf b = {.arena = r->scratch};
    for (int k = 0; k < KIND_MAX; k++)
        if (kinds & (UINT32_C(1) << k)) {
            buf_z(&b, b.n ? " " : "");
            buf_z(&b, model_kind((KindId)k)->name);
        }
    return buf_view(&b);
}

static bool read_kind(Reader *r, const Node *n, KindId *ret)
{
    Near near = near_start(n->text);
    for (int k = 0; k < KIND_MAX; k++) {
        Str name = str_of(model_kind((KindId)k)->name);
        if (str_eq(name, n->text)) {
            *ret = (KindId)k;
            return true;
        }
        near_try(&near, name);
    }
    static const char *const sealed[] = {"id_number", "phone", "card"};
    for (size_t i = 0; i < LEN(sealed); i++)
        if (str_eq(n->text, str_of(sealed[i]))) {
            fault(r, n, STR_NONE, "model.sealed_later", n->text);
            return false;
        }
    fault(r, n, near_best(&near), "model.unknown_kind", utf8_prefix(n->text, LIMIT_NAME_CHARS),
          kind_names(r, UINT32_MAX));
    return false;
}

/* Words that do not belong to the field's kind are told and taken out. */
static void check_words_fit(Reader *r, FieldDraft *fd)
{
    const Section *s = &sections[SECTION_FIELD];
    uint32_t bit = UINT32_C(1) << fd->field->kind;
    for (int i = 0; i < s->word_n; i++) {
        const Word *w = &s->words[i];
        if (!fd->got.of[i] || !w->kinds || (w->kinds & bit))
            continue;
        fault(r, fd->got.of[i]->key, STR_NONE, "model.not_for_kind", str_of(w->name),
              str_of(model_kind(fd->field->kind)->name), kind_names(r, w->kinds));
        fd->got.of[i] = NULL;
    }
}

static bool is_full_choice(const Node *n)
{
    return map_get(n, "label") || map_get(n, "was") || map_get(n, "removed");
}

static bool has_choice(const void *ctx, Str name)
{
    return map_find(ctx, name) != NULL;
}

/* A label, or {label, was, removed}. */
static void read_choice(Reader *r, const Node *of, const Node *n, Str name, Choice *ret)
{
    *ret = (Choice){.name = name};
    if (n->shape != NODE_MAP || !is_full_choice(n)) {
        ret->label = read_label(r, n, name);
        return;
    }
    Got got = {0};
    (void)read_words(r, SECTION_CHOICE, n, n->key, &got); /* a map: only words can be wrong, told */
    ret->label = read_label(r, got.of[CHOICE_LABEL], name);
    ret->is_retired = read_yes(r, got.of[CHOICE_REMOVED]);
    read_was(r, got.of[CHOICE_WAS], &ret->was, &ret->was_n);
    check_was(r, got.of[CHOICE_WAS], has_choice, of);
}

static void read_choices(Reader *r, FieldDraft *fd)
{
    const Node *of = fd->got.of[FIELD_OF];
    if (!of)
        return;
    if (of->shape != NODE_MAP) {
        fault(r, of, STR_NONE, "model.expected_choices");
        return;
    }
    const Node *child = read_map_children(r, of, LIMIT_CHOICES);
    Choice *choices = NEW_N(r->out, Choice, of->n + 1);
    int n = 0;
    for (; child; child = child->next) {
        Str name = read_name(r, child->key);
        if (child->shape == NODE_LIST || (child->shape == NODE_TEXT && child->text.n == 0)) {
            fault(r, child, STR_NONE, "model.expected", say(r, takes_defs[TAKES_LABEL].says));
            continue;
        }
        if (str_has(name))
            read_choice(r, of, child, name, &choices[n++]);
    }
    fd->field->choices = choices;
    fd->field->choice_n = n;
}

static void read_measure(Reader *r, const Node *n, const char *const *words, size_t word_n,
                         Str *ret)
{
    if (!n)
        return;
    Near near = near_start(n->text);
    Buf all = {.arena = r->scratch};
    for (size_t i = 0; i < word_n; i++) {
        if (str_eq(n->text, str_of(words[i]))) {
            *ret = str_of(words[i]);
            return;
        }
        near_try(&near, str_of(words[i]));
        buf_z(&all, i ? " " : "");
        buf_z(&all, words[i]);
    }
    fault(r, n, near_best(&near), "model.expected_one_of", buf_view(&all));
}

/* A value written in the file as a person would type it; false: told. */
static bool read_value(Reader *r, const Field *f, const Node *n, Value *ret)
{
    Err e = err_on(r->scratch);
    ParseCtx c = {.arena = r->out, .today = DAY_NONE};
    int rc = model_kind(f->kind)->parse(&c, f, n->text, ret, &e);
    if (rc == 0)
        return true;
    CHECK(e.field_n > 0);
    fault(r, n, STR_NONE, "model.bad_value", str_of(model_kind(f->kind)->name),
          err_field_text(r->scratch, r->lang, &e.fields[0]));
    return false;
}

static bool is_texts(KindId k)
{
    return k == KIND_TEXT || k == KIND_NOTE || k == KIND_REMARK;
}

static void read_bound(Reader *r, FieldDraft *fd, int word, int64_t *ret, bool *ret_today)
{
    const Node *n = fd->got.of[word];
    Field *f = fd->field;
    Value v;
    if (!n)
        return;
    if (is_texts(f->kind) || f->kind == KIND_ROWS) {
        *ret = read_count(r, n, f->kind == KIND_ROWS ? LIMIT_ROWS : LIMIT_TEXT_CHARS, *ret);
        return;
    }
    if ((f->kind == KIND_DATE || f->kind == KIND_INSTANT) && str_eq(n->text, S("today"))) {
        *ret_today = true;
        return;
    }
    Field bare = *f;
    bare.max = INT64_MAX;
    bare.min = INT64_MIN;
    bare.max_today = bare.min_today = false;
    if (read_value(r, &bare, n, &v) && v.tag == VALUE_INT)
        *ret = v.i;
}

static void read_bounds(Reader *r, FieldDraft *fd)
{
    Field *f = fd->field;
    f->max = INT64_MAX;
    f->min = INT64_MIN;
    if (f->kind == KIND_TEXT)
        f->max = LIMIT_LINE_CHARS;
    else if (f->kind == KIND_NOTE || f->kind == KIND_REMARK)
        f->max = LIMIT_TEXT_CHARS;
    else if (f->kind == KIND_AREA || f->kind == KIND_WEIGHT)
        f->min = 0; /* there is no negative land or grain */
    else if (f->kind == KIND_ROWS)
        f->max = LIMIT_ROWS;
    read_bound(r, fd, FIELD_MAX, &f->max, &f->max_today);
    read_bound(r, fd, FIELD_MIN, &f->min, &f->min_today);
    if (f->min > f->max)
        fault(r, fd->got.of[FIELD_MIN] ? fd->got.of[FIELD_MIN] : fd->got.of[FIELD_MAX], STR_NONE,
              "model.min_over_max");
}

static void read_preset(Reader *r, FieldDraft *fd)
{
    Field *f = fd->field;
    const Node *n = fd->got.of[FIELD_DEFAULT];
    Value v;
    if (!n)
        return;
    if (f->kind == KIND_CHOICE) { /* its number is given later: known by name until then */
        const Choice *c = field_choice(f, n->text);
        Near near = near_start(n->text);
        for (int i = 0; !c && i < f->choice_n; i++)
            near_try(&near, f->choices[i].name);
        if (c)
            f->preset = (Value){.tag = VALUE_INT, .s = c->name};
        else
            fault(r, n, near_best(&near), "model.unknown_choice", n->text);
        return;
    }
    if (read_value(r, f, n, &v))
        f->preset = v;
}

/* How many: photos, documents, links; of rows `max` says it. */
static int read_many(Reader *r, const FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_MANY];
    switch (fd->field->kind) {
    case KIND_PHOTO:
        return (int)read_count(r, n, LIMIT_PHOTOS, 1);
    case KIND_FILE:
        return (int)read_count(r, n, LIMIT_FILES, 1);
    case KIND_LINKS:
        return (int)read_count(r, n, LIMIT_LINKS, LIMIT_LINKS);
    case KIND_AUDIENCE:
        return LIMIT_AUDIENCE;
    case KIND_ROWS:
        return (int)fd->field->max;
    default:
        return 1;
    }
}

/* `required: yes | no | when EXPR`. True: it can be told which. */
static bool read_required(Reader *r, FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_REQUIRED];
    if (!n)
        return (fd->got.bad & (1u << FIELD_REQUIRED)) == 0;
    if (when_at(n->text) > 0)
        return true; /* read with the expressions */
    if (!is_yes_or_no(n))
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_YES_WHEN].says));
    fd->field->is_required = str_eq(n->text, S("yes"));
    return is_yes_or_no(n);
}

static void read_find(Reader *r, FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_FIND];
    Field *f = fd->field;
    if (!n)
        return;
    if (str_eq(n->text, S("name")) && f->kind == KIND_TEXT)
        f->is_found_by_name = true;
    else if (!is_yes_or_no(n))
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_FIND].says));
    f->is_found = f->is_found_by_name || str_eq(n->text, S("yes"));
}

static void check_needed(Reader *r, const FieldDraft *fd)
{
    const Field *f = fd->field;
    const Node *const *got = fd->got.of;
    bool needs_of = f->kind == KIND_CHOICE || f->kind == KIND_CHOICES || f->kind == KIND_REMARK ||
                    f->kind == KIND_ROWS;
    bool may_copy = (f->kind == KIND_CHOICE || f->kind == KIND_CHOICES);
    if (needs_of && !is_said(&fd->got, FIELD_OF) && !(may_copy && is_said(&fd->got, FIELD_COPY)))
        fault(r, fd->key, STR_NONE, "model.missing_of", str_of(model_kind(f->kind)->name));
    if (may_copy && got[FIELD_OF] && got[FIELD_COPY])
        fault(r, got[FIELD_OF]->key, STR_NONE, "model.of_and_copy");
    if ((f->kind == KIND_LINK || f->kind == KIND_LINKS) && !is_said(&fd->got, FIELD_TO))
        fault(r, fd->key, STR_NONE, "model.missing_to", str_of(model_kind(f->kind)->name));
    static const int not_computed[] = {FIELD_REQUIRED, FIELD_COPY, FIELD_DEFAULT, FIELD_SHOWN};
    for (size_t i = 0; got[FIELD_COMPUTED] && i < LEN(not_computed); i++)
        if (got[not_computed[i]])
            fault(r, got[not_computed[i]]->key, STR_NONE, "model.not_computed",
                  str_of(sections[SECTION_FIELD].words[not_computed[i]].name));
    if (got[FIELD_COMPUTED] && f->is_asked)
        fault(r, got[FIELD_COMPUTED]->key, STR_NONE, "model.asked_computed");
    if (f->is_personal && !got[FIELD_PURPOSE])
        fault(r, fd->key, STR_NONE, "model.missing_purpose");
}

static void read_rows(Reader *r, TypeDraft *d, FieldDraft *fd);

static void finish_field(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    static const char *const units[] = {"jin", "kg", "g"};
    static const char *const pers[] = {"mu",        "jin", "kg",    "person",
                                       "household", "day", "month", "year"};
    Field *f = fd->field;
    const Node *const *got = fd->got.of;
    f->many = 1;
    f->max = INT64_MAX;
    f->min = INT64_MIN;
    bool is_known = read_required(r, fd);
    if (fd->is_bad)
        return;
    fd->is_bad = !is_known;
    check_words_fit(r, fd);
    read_find(r, fd);
    f->is_indexed = read_yes(r, got[FIELD_INDEX]);
    f->is_party = read_yes(r, got[FIELD_PARTY]);
    f->is_personal = read_yes(r, got[FIELD_PERSONAL]);
    f->purpose = got[FIELD_PURPOSE] ? keep(r, got[FIELD_PURPOSE]->text) : STR_NONE;
    read_was(r, got[FIELD_WAS], &f->was, &f->was_n);
    if (f->kind == KIND_WEIGHT)
        f->unit = S("kg");
    read_measure(r, got[FIELD_UNIT], units, LEN(units), &f->unit);
    read_measure(r, got[FIELD_PER], pers, LEN(pers), &f->per);
    check_needed(r, fd);
    if (f->kind == KIND_CHOICE || f->kind == KIND_CHOICES)
        read_choices(r, fd);
    read_bounds(r, fd);
    f->many = read_many(r, fd);
    read_preset(r, fd);
    if (f->kind == KIND_ROWS)
        read_rows(r, d, fd);
}

/* ---- rows: their fields, one level ---- */

static bool is_row_kind(KindId k)
{
    return k != KIND_ROWS && k != KIND_REMARK && k != KIND_AUDIENCE && k != KIND_LINKS &&
           k != KIND_PHOTO && k != KIND_FILE;
}

static void read_sub(Reader *r, TypeDraft *d, FieldDraft *rows, Field *fields, const Node *n)
{
    Field *in = rows->field;
    Str name = read_name(r, n->key);
    FieldDraft *fd = &rows->subs[in->field_n];
    *fd = (FieldDraft){.key = n->key, .field = &fields[in->field_n]};
    if (model_is_engine_column(n->key->text) || str_eq(n->key->text, S("record")) ||
        str_eq(n->key->text, S("ix")))
        fault(r, n->key, STR_NONE, "model.reserved_field", n->key->text);
    if (!read_words(r, SECTION_FIELD, n, n->key, &fd->got) || !str_has(name))
        return;
    Field *f = fd->field;
    *f = (Field){.name = name, .ix = in->field_n, .rows = in, .is_asked = in->is_asked};
    f->label = read_label(r, fd->got.of[FIELD_LABEL], name);
    fd->is_bad = !fd->got.of[FIELD_IS] || !read_kind(r, fd->got.of[FIELD_IS], &f->kind);
    if (!fd->is_bad && !is_row_kind(f->kind)) {
        fault(r, fd->got.of[FIELD_IS], STR_NONE,
              f->kind == KIND_ROWS ? "model.rows_nest" : "model.not_in_rows",
              str_of(model_kind(f->kind)->name));
        fd->is_bad = true;
        f->kind = KIND_TEXT;
    }
    in->field_n++;
    finish_field(r, d, fd);
}

static void read_rows(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    const Node *of = fd->got.of[FIELD_OF];
    if (!of)
        return;
    if (of->shape != NODE_MAP) {
        fault(r, of, STR_NONE, "model.expected_rows");
        return;
    }
    const Node *child = read_map_children(r, of, LIMIT_ROW_FIELDS);
    size_t n = child ? of->n : 0;
    Field *fields = NEW_N(r->out, Field, n + 1);
    fd->subs = NEW_N(r->scratch, FieldDraft, n + 1);
    fd->field->fields = fields;
    for (; child; child = child->next)
        read_sub(r, d, fd, fields, child);
    int rows_n = 0;
    for (int i = 0; i < d->type->field_n; i++)
        rows_n += d->fields[i].kind == KIND_ROWS;
    if (rows_n == LIMIT_ROWS_FIELDS + 1)
        fault(r, fd->key, STR_NONE, "model.too_many_rows",
              str_fmt(r->scratch, "%d", LIMIT_ROWS_FIELDS));
}

enum { LONGEST_TABLE = 48 }; /* r_TYPE__FIELD and its indexes: 63 bytes in PostgreSQL */

static void read_field(Reader *r, TypeDraft *d, const Node *n, bool is_asked)
{
    Type *t = d->type;
    Str name = read_name(r, n->key);
    FieldDraft *fd = &d->field_drafts[t->field_n];
    *fd = (FieldDraft){.key = n->key, .field = &d->fields[t->field_n]};
    if (model_is_engine_column(n->key->text))
        fault(r, n->key, STR_NONE, "model.reserved_field", n->key->text);
    if (str_has(name) && draft_field(d, name)) {
        fault(r, n->key, STR_NONE, "model.double_field", name);
        return;
    }
    if (!read_words(r, SECTION_FIELD, n, n->key, &fd->got) || !str_has(name))
        return;
    Field *f = fd->field;
    *f = (Field){.name = name, .ix = t->field_n, .is_asked = is_asked};
    f->label = read_label(r, fd->got.of[FIELD_LABEL], name);
    fd->is_bad = !fd->got.of[FIELD_IS] || !read_kind(r, fd->got.of[FIELD_IS], &f->kind);
    if ((f->kind == KIND_ROWS || f->kind == KIND_LINKS) && t->name.n + name.n > LONGEST_TABLE)
        fault(r, n->key, STR_NONE, "model.names_too_long",
              str_fmt(r->scratch, "%d", LONGEST_TABLE));
    t->field_n++;
    finish_field(r, d, fd);
}

/* The maps under `asks` of all actions, as they stand in the file: model_flow.c reads the rest. */
static size_t count_asked(const Node *actions)
{
    size_t n = 0;
    for (const Node *a = actions ? actions->first : NULL; a; a = a->next)
        for (const Node *w = a->shape == NODE_MAP ? a->first : NULL; w; w = w->next)
            if (str_eq(w->key->text, S("asks")) && w->shape == NODE_MAP)
                n += w->n;
    return n;
}

static void read_asked(Reader *r, TypeDraft *d, const Node *actions)
{
    for (const Node *a = actions ? actions->first : NULL; a; a = a->next)
        for (const Node *w = a->shape == NODE_MAP ? a->first : NULL; w; w = w->next)
            if (str_eq(w->key->text, S("asks")) && w->shape == NODE_MAP)
                for (const Node *f = w->first; f; f = f->next)
                    read_field(r, d, f, true);
}

static void resolve_remarks(Reader *r, TypeDraft *d)
{
    for (int i = 0; i < d->type->field_n; i++) {
        Field *f = &d->fields[i];
        const FieldDraft *fd = &d->field_drafts[i];
        const Node *of = fd->got.of[FIELD_OF];
        if (fd->is_bad || f->kind != KIND_REMARK || !of)
            continue;
        const Field *on = of->shape == NODE_TEXT ? draft_field(d, of->text) : NULL;
        if (of->shape != NODE_TEXT)
            fault(r, of, STR_NONE, "model.expected", say(r, "model.takes_name"));
        else if (!on)
            fault_unknown_field(r, d, of, of->text);
        else if (on->kind != KIND_TEXT && on->kind != KIND_NOTE)
            fault(r, of, STR_NONE, "model.remark_of", on->name);
        else
            f->of = on;
    }
}

static Node *new_node(Reader *r, const Node *at, NodeShape shape, Str text)
{
    Node *n = NEW(r->scratch, Node);
    *n = (Node){
        .shape = shape, .line = at->line, .column = at->column, .file = at->file, .text = text};
    return n;
}

static void add_word(Reader *r, Node *map, const char *word, Str text)
{
    Node *n = new_node(r, map, NODE_TEXT, text);
    n->key = new_node(r, map, NODE_TEXT, str_of(word));
    if (map->last)
        map->last->next = n;
    else
        map->first = n;
    map->last = n;
    map->n++;
}

/* `part_of: demand` is a field `demand: {is: link, to: demand, required: yes, index: yes}`. */
static void add_part_of(Reader *r, TypeDraft *d)
{
    const Node *whole = d->got.of[TYPE_PART_OF];
    Node *n = new_node(r, whole, NODE_MAP, STR_NONE);
    n->key = new_node(r, whole, NODE_TEXT, whole->text);
    add_word(r, n, "is", S("link"));
    add_word(r, n, "to", whole->text);
    add_word(r, n, "required", S("yes"));
    read_field(r, d, n, false);
}

void read_fields(Reader *r, TypeDraft *d)
{
    const Node *map = d->got.of[TYPE_FIELDS], *actions = d->got.of[TYPE_ACTIONS];
    const Node *whole = d->got.of[TYPE_PART_OF];
    size_t n = (map ? map->n : 0) + count_asked(actions) + (whole != NULL);
    if (n > LIMIT_FIELDS) {
        fault(r, map && map->key ? map->key : d->key, STR_NONE, "model.too_many",
              str_fmt(r->scratch, "%d", LIMIT_FIELDS));
        d->is_cut = true;
        return;
    }
    d->fields = NEW_N(r->out, Field, n + 1);
    d->field_drafts = NEW_N(r->scratch, FieldDraft, n + 1);
    d->type->fields = d->fields;
    if (map && map->n == 0)
        fault(r, map, STR_NONE, "model.nothing_in_it");
    if (whole && is_name(whole->text) && !(map && map_find(map, whole->text)))
        add_part_of(r, d);
    for (const Node *f = map ? map->first : NULL; f; f = f->next)
        read_field(r, d, f, false);
    read_asked(r, d, actions);
    resolve_remarks(r, d);
}
