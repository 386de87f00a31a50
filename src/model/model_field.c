/* model_field.c: the fields of a type, asked ones (an action's `asks`) last. */
#include "model/model_int.h"

const Field *draft_field(const TypeDraft *d, Str name)
{
    for (int i = 0; i < d->type->field_n; i++)
        if (str_eq(d->fields[i].name, name))
            return &d->fields[i];
    return NULL;
}

void fault_unknown_field(Reader *r, const TypeDraft *d, const Node *at)
{
    if (d->is_cut)
        return;
    Near near = near_start(at->text);
    for (int i = 0; i < d->type->field_n; i++)
        near_try(&near, d->fields[i].name);
    fault(r, at, near_best(&near), "model.unknown_field", utf8_prefix(at->text, LIMIT_NAME_CHARS));
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
            choices[n++] = (Choice){.name = name, .label = read_label(r, child, name)};
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
    if (is_texts(f->kind)) {
        *ret = read_count(r, n, LIMIT_TEXT_CHARS, *ret);
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

static void finish_field(Reader *r, FieldDraft *fd)
{
    static const char *const units[] = {"jin", "kg", "g"};
    static const char *const pers[] = {"mu",        "jin", "kg",    "person",
                                       "household", "day", "month", "year"};
    Field *f = fd->field;
    const Node *const *got = fd->got.of;
    f->many = 1;
    f->max = INT64_MAX;
    f->min = INT64_MIN;
    f->is_required = read_yes(r, got[FIELD_REQUIRED]);
    if (fd->is_bad)
        return;
    fd->is_bad = !got[FIELD_REQUIRED] ? (fd->got.bad & (1u << FIELD_REQUIRED)) != 0
                                      : !is_yes_or_no(got[FIELD_REQUIRED]);
    check_words_fit(r, fd);
    f->is_found = read_yes(r, got[FIELD_FIND]);
    f->is_indexed = read_yes(r, got[FIELD_INDEX]);
    f->many = (int)read_count(r, got[FIELD_MANY], LIMIT_PHOTOS, 1);
    if (f->kind == KIND_WEIGHT)
        f->unit = S("kg");
    read_measure(r, got[FIELD_UNIT], units, LEN(units), &f->unit);
    read_measure(r, got[FIELD_PER], pers, LEN(pers), &f->per);
    if ((f->kind == KIND_CHOICE || f->kind == KIND_REMARK) && !is_said(&fd->got, FIELD_OF))
        fault(r, fd->key, STR_NONE, "model.missing_of", str_of(model_kind(f->kind)->name));
    if (f->kind == KIND_LINK && !is_said(&fd->got, FIELD_TO))
        fault(r, fd->key, STR_NONE, "model.missing_to");
    if (f->kind == KIND_CHOICE)
        read_choices(r, fd);
    if (got[FIELD_TO])
        f->to = keep(r, got[FIELD_TO]->text);
    read_bounds(r, fd);
    read_preset(r, fd);
}

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
    t->field_n++;
    finish_field(r, fd);
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
            fault_unknown_field(r, d, of);
        else if (on->kind != KIND_TEXT && on->kind != KIND_NOTE)
            fault(r, of, STR_NONE, "model.remark_of", on->name);
        else
            f->of = on;
    }
}

void read_fields(Reader *r, TypeDraft *d)
{
    const Node *map = d->got.of[TYPE_FIELDS], *actions = d->got.of[TYPE_ACTIONS];
    size_t n = (map ? map->n : 0) + count_asked(actions);
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
    for (const Node *f = map ? map->first : NULL; f; f = f->next)
        read_field(r, d, f, false);
    read_asked(r, d, actions);
    resolve_remarks(r, d);
}

void check_links(Reader *r, TypeDraft *d)
{
    r->file = d->file;
    for (int i = 0; i < d->type->field_n; i++) {
        const FieldDraft *fd = &d->field_drafts[i];
        const Node *to = fd->got.of[FIELD_TO];
        if (fd->is_bad || !to || fd->field->kind != KIND_LINK)
            continue;
        Near near = near_start(to->text);
        bool is_there = false;
        for (const TypeDraft *o = r->types; o && !is_there; o = o->next) {
            is_there = str_eq(o->type->name, to->text);
            near_try(&near, o->type->name);
        }
        if (!is_there)
            fault(r, to, near_best(&near), "model.unknown_type",
                  utf8_prefix(to->text, LIMIT_NAME_CHARS));
    }
}
