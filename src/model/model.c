/* model.c: asking a Model, and giving it its permanent numbers. */
#include "model/model_int.h"

const Type *model_type(const Model *m, Str name)
{
    for (int i = 0; i < m->type_n; i++)
        if (str_eq(m->types[i].name, name))
            return &m->types[i];
    return NULL;
}

const Type *model_type_numbered(const Model *m, int64_t number)
{
    for (int i = 0; i < m->type_n; i++)
        if (m->types[i].number == number)
            return &m->types[i];
    return NULL;
}

const Role *model_role(const Model *m, Str name)
{
    for (int i = 0; i < m->role_n; i++)
        if (str_eq(m->roles[i].name, name))
            return &m->roles[i];
    return NULL;
}

const UnitKind *model_unit_kind(const Model *m, Str name)
{
    for (int i = 0; i < m->kind_n; i++)
        if (str_eq(m->kinds[i].name, name))
            return &m->kinds[i];
    return NULL;
}

const Field *type_field(const Type *t, Str name)
{
    for (int i = 0; i < t->field_n; i++)
        if (str_eq(t->fields[i].name, name))
            return &t->fields[i];
    return NULL;
}

const Field *type_sub_numbered(const Type *t, int64_t number)
{
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (f->number == number)
            return f;
        for (int k = 0; k < f->field_n; k++)
            if (f->fields[k].number == number)
                return &f->fields[k];
    }
    return NULL;
}

const State *type_state(const Type *t, Str name)
{
    for (int i = 0; i < t->state_n; i++)
        if (str_eq(t->states[i].name, name))
            return &t->states[i];
    return NULL;
}

const State *type_state_numbered(const Type *t, int64_t number)
{
    for (int i = 0; i < t->state_n; i++)
        if (t->states[i].number == number)
            return &t->states[i];
    return NULL;
}

const Action *type_action(const Type *t, Str name)
{
    for (int i = 0; i < t->action_n; i++)
        if (str_eq(t->actions[i].name, name))
            return &t->actions[i];
    return NULL;
}

const Action *type_action_numbered(const Type *t, int64_t number)
{
    for (int i = 0; i < t->action_n; i++)
        if (t->actions[i].number == number)
            return &t->actions[i];
    return NULL;
}

const Figure *model_figure(const Model *m, Str name)
{
    for (int i = 0; i < m->figure_n; i++)
        if (str_eq(m->figures[i]->name, name))
            return m->figures[i];
    return NULL;
}

const Figure *model_figure_numbered(const Model *m, int64_t number)
{
    for (int i = 0; i < m->figure_n; i++)
        if (m->figures[i]->number == number)
            return m->figures[i];
    return NULL;
}

const Choice *field_choice(const Field *f, Str name)
{
    for (int i = 0; i < f->choice_n; i++)
        if (str_eq(f->choices[i].name, name))
            return &f->choices[i];
    return NULL;
}

const Choice *field_choice_numbered(const Field *f, int64_t number)
{
    for (int i = 0; i < f->choice_n; i++)
        if (f->choices[i].number == number)
            return &f->choices[i];
    return NULL;
}

const Field *field_sub(const Field *rows, Str name)
{
    for (int i = 0; i < rows->field_n; i++)
        if (str_eq(rows->fields[i].name, name))
            return &rows->fields[i];
    return NULL;
}

Str label_text(const Label *l, Lang lang)
{
    CHECK(lang >= 0 && lang < LANG_MAX);
    return l->text[lang];
}

/* ---- numbering: the one time a Model is written after it was made, before anybody shares it ----
 */

typedef struct Numbering {
    int (*give)(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e);
    void *ctx;
    Arena *scratch;
    Err *e;
} Numbering;

static int number_one(Numbering *n, Str kind, Str path, Str shape, int64_t *ret)
{
    int64_t number = 0;
    TRY(n->give(n->ctx, kind, path, shape, &number, n->e));
    CHECK(number > 0);
    *ret = number;
    return 0;
}

static Str path_of(Numbering *n, Str whole, Str part)
{
    return str_fmt(n->scratch, "%.*s.%.*s", STR_ARG(whole), STR_ARG(part));
}

static int number_field(Numbering *n, Str whole, Field *f)
{
    Str path = path_of(n, whole, f->name);
    TRY(number_one(n, S("field"), path, str_of(model_kind(f->kind)->name), &f->number));
    Choice *choices = (Choice *)f->choices;
    bool is_copied =
        f->copy_of && f->copy_of->choices == f->choices; /* numbered where they stand */
    for (int i = 0; !is_copied && i < f->choice_n; i++)
        TRY(number_one(n, S("choice"), path_of(n, path, choices[i].name), S(""),
                       &choices[i].number));
    if (f->kind == KIND_CHOICE && f->preset.tag == VALUE_INT && str_has(f->preset.s)) {
        const Choice *c = field_choice(f, f->preset.s); /* known by name until now */
        CHECK(c);
        f->preset.i = c->number;
    }
    for (int i = 0; i < f->field_n; i++)
        TRY(number_field(n, path, (Field *)&f->fields[i])); /* rows nest once */
    return 0;
}

static int number_type(Numbering *n, Type *t)
{
    TRY(number_one(n, S("type"), t->name, S(""), &t->number));
    for (int i = 0; i < t->field_n; i++)
        TRY(number_field(n, t->name, (Field *)&t->fields[i]));
    for (int i = 0; i < t->state_n; i++)
        TRY(number_one(n, S("state"), path_of(n, t->name, t->states[i].name), S(""),
                       &((State *)t->states)[i].number));
    for (int i = 0; i < t->action_n; i++)
        TRY(number_one(n, S("action"), path_of(n, t->name, t->actions[i].name), S(""),
                       &((Action *)t->actions)[i].number));
    for (int i = 0; i < t->figure_n; i++)
        TRY(number_one(n, S("figure"), path_of(n, t->name, t->figures[i].name), S(""),
                       &((Figure *)t->figures)[i].number));
    return 0;
}

int model_number(const Model *m,
                 int (*give)(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e),
                 void *ctx, Err *e)
{
    Numbering n = {.give = give, .ctx = ctx, .scratch = arena_new(4096), .e = e};
    int rc = 0;
    for (int i = 0; i < m->type_n && rc == 0; i++)
        rc = number_type(&n, &((Type *)m->types)[i]);
    arena_free(n.scratch);
    return rc;
}
