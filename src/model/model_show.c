/* model_show.c: a type as it was understood, in words. */
#include "model/model_int.h"

typedef struct Show {
    Buf out;
    Arena *arena;
    const Model *model;
    Lang lang;
} Show;

static Str phrase(Show *s, const char *key, Str arg)
{
    return i18n_text(s->arena, s->lang, str_of(key), &arg, 1);
}

Str who_text(Arena *a, const Model *m, const Who *w, Lang lang)
{
    if (w->kind == WHO_AUTHOR)
        return i18n_text(a, lang, S("model.who_author"), NULL, 0);
    CHECK(w->role >= 0 && w->role < m->role_n);
    Str label = label_text(&m->roles[w->role].label, lang);
    return i18n_text(a, lang, w->kind == WHO_ROLE_HERE ? S("model.who_here") : S("model.who_role"),
                     &label, 1);
}

static void show_list_mark(Show *s, bool is_first)
{
    if (!is_first)
        buf_z(&s->out, s->lang == LANG_ZH ? "、" : ", ");
}

static Str who_list(Show *s, const Who *who, int n)
{
    Buf b = {.arena = s->arena};
    for (int i = 0; i < n; i++) {
        buf_z(&b, i == 0 ? "" : s->lang == LANG_ZH ? "、" : ", ");
        buf_str(&b, who_text(s->arena, s->model, &who[i], s->lang));
    }
    return buf_view(&b);
}

static void show_named(Show *s, const char *indent, Str name, const Label *label)
{
    buf_fmt(&s->out, "%s%.*s  %.*s", indent, STR_ARG(name), STR_ARG(label_text(label, s->lang)));
}

static void show_more(Show *s, Str text)
{
    buf_z(&s->out, s->lang == LANG_ZH ? "；" : "; ");
    buf_str(&s->out, text);
}

static Str bound_text(Show *s, const Field *f, int64_t i)
{
    if (f->kind == KIND_TEXT || f->kind == KIND_NOTE || f->kind == KIND_REMARK)
        return str_fmt(s->arena, "%lld", (long long)i);
    Value v = {.tag = VALUE_INT, .i = i};
    return model_kind(f->kind)->show(s->arena, f, &v, s->lang);
}

static void show_choices(Show *s, const Field *f)
{
    buf_z(&s->out, s->lang == LANG_ZH ? "：" : ": ");
    for (int i = 0; i < f->choice_n; i++) {
        show_list_mark(s, i == 0);
        buf_fmt(&s->out, "%.*s %.*s", STR_ARG(f->choices[i].name),
                STR_ARG(label_text(&f->choices[i].label, s->lang)));
    }
}

static void show_field(Show *s, const Field *f)
{
    show_named(s, "    ", f->name, &f->label);
    buf_fmt(&s->out, " (%s)", model_kind(f->kind)->name);
    if (f->choice_n)
        show_choices(s, f);
    if (f->is_required)
        show_more(s, phrase(s, "model.show_required", S("")));
    if (f->max_today)
        show_more(s, phrase(s, "model.show_max_today", S("")));
    if (f->min_today)
        show_more(s, phrase(s, "model.show_min_today", S("")));
    if (f->max < INT64_MAX)
        show_more(s, phrase(s, "model.show_max", bound_text(s, f, f->max)));
    if (f->min > INT64_MIN)
        show_more(s, phrase(s, "model.show_min", bound_text(s, f, f->min)));
    if (f->kind == KIND_PHOTO)
        show_more(s, phrase(s, "model.show_many", str_fmt(s->arena, "%d", f->many)));
    if (f->of)
        show_more(s, phrase(s, "model.show_on", label_text(&f->of->label, s->lang)));
    if (str_has(f->to))
        show_more(s, phrase(s, "model.show_link", f->to));
    Str unit = field_unit(s->arena, f, s->lang);
    if (unit.n)
        show_more(s, phrase(s, "model.show_unit", unit));
    if (f->is_found)
        show_more(s, phrase(s, "model.show_found", S("")));
    if (f->is_indexed)
        show_more(s, phrase(s, "model.show_indexed", S("")));
    if (f->preset.tag == VALUE_INT && f->kind == KIND_CHOICE)
        show_more(s, phrase(s, "model.show_default", f->preset.s));
    else if (f->preset.tag != VALUE_NONE)
        show_more(s, phrase(s, "model.show_default",
                            model_kind(f->kind)->show(s->arena, f, &f->preset, s->lang)));
    buf_byte(&s->out, '\n');
}

static void show_state(Show *s, const State *st)
{
    show_named(s, "    ", st->name, &st->label);
    if (st->is_draft)
        show_more(s, phrase(s, "model.show_draft", S("")));
    if (st->end == END_DONE)
        show_more(s, phrase(s, "model.show_done", S("")));
    if (st->end == END_VOID)
        show_more(s, phrase(s, "model.show_void", S("")));
    show_more(s, phrase(s, "model.show_seen_by", who_list(s, st->see, st->see_n)));
    buf_byte(&s->out, '\n');
}

static void show_action(Show *s, const Type *t, const Action *a)
{
    show_named(s, "    ", a->name, &a->label);
    buf_z(&s->out, s->lang == LANG_ZH ? "：" : ": ");
    bool is_first = true;
    for (int i = 0; i < t->state_n; i++)
        if (a->from & (UINT32_C(1) << i)) {
            show_list_mark(s, is_first);
            buf_str(&s->out, t->states[i].name);
            is_first = false;
        }
    if (a->to >= 0)
        buf_fmt(&s->out, "%s→ %.*s", is_first ? "" : " ", STR_ARG(t->states[a->to].name));
    show_more(s, phrase(s, "model.show_by", who_list(s, a->by, a->by_n)));
    if (a->is_many)
        show_more(s, phrase(s, "model.show_at_once", S("")));
    for (int i = 0; i < a->ask_n; i++)
        show_more(s, phrase(s, "model.show_asks", label_text(&a->asks[i]->label, s->lang)));
    buf_byte(&s->out, '\n');
}

static void show_heading(Show *s, const char *key)
{
    buf_fmt(&s->out, "  %.*s\n", STR_ARG(phrase(s, key, S(""))));
}

static void show_duties(Show *s, const Type *t)
{
    if (t->duty_n)
        show_heading(s, "model.show_duties");
    for (int i = 0; i < t->duty_n; i++) {
        const Duty *d = &t->duties[i];
        show_named(s, "    ", d->name, &d->label);
        Str args[] = {
            t->states[d->while_state].name, who_text(s->arena, s->model, &d->owed_by, s->lang),
            str_fmt(s->arena, "%d", d->within),
            phrase(s, str_eq(d->within_unit, S("days")) ? "model.days" : "model.workdays", S(""))};
        show_more(s, i18n_text(s->arena, s->lang, S("model.show_duty"), args, LEN(args)));
        buf_byte(&s->out, '\n');
    }
}

static void show_type(Show *s, const Type *t)
{
    if (s->out.n)
        buf_byte(&s->out, '\n');
    show_named(s, "", t->name, &t->label);
    buf_fmt(&s->out, "  [%.*s]\n", STR_ARG(t->file));
    Buf at = {.arena = s->arena};
    for (int i = 0; i < s->model->kind_n; i++)
        if (t->at & (UINT64_C(1) << i))
            buf_fmt(&at, "%s%.*s", at.n ? " " : "",
                    STR_ARG(label_text(&s->model->kinds[i].label, s->lang)));
    buf_fmt(&s->out, "  %.*s\n", STR_ARG(phrase(s, "model.show_at", buf_view(&at))));
    if (t->dated)
        buf_fmt(&s->out, "  %.*s\n",
                STR_ARG(phrase(s, "model.show_dated", label_text(&t->dated->label, s->lang))));
    Buf unique = {.arena = s->arena};
    for (int i = 0; i < t->unique_n; i++)
        buf_fmt(&unique, "%s%.*s", i ? " " : "", STR_ARG(t->unique[i]));
    if (t->unique_n)
        buf_fmt(&s->out, "  %.*s\n", STR_ARG(phrase(s, "model.show_unique", buf_view(&unique))));
    show_heading(s, "model.show_fields");
    for (int i = 0; i < t->field_n; i++)
        show_field(s, &t->fields[i]);
    show_heading(s, "model.show_states");
    for (int i = 0; i < t->state_n; i++)
        show_state(s, &t->states[i]);
    show_heading(s, "model.show_actions");
    for (int i = 0; i < t->action_n; i++)
        show_action(s, t, &t->actions[i]);
    show_duties(s, t);
}

Str model_show(Arena *a, const Model *m, const Type *t_or_null, Lang lang)
{
    Show s = {.out = {.arena = a}, .arena = a, .model = m, .lang = lang};
    if (t_or_null) {
        show_type(&s, t_or_null);
        return buf_view(&s.out);
    }
    for (int i = 0; i < m->role_n; i++) {
        const Role *role = &m->roles[i];
        show_named(&s, "", role->name, &role->label);
        Str to = label_text(&m->roles[role->falls_to].label, lang);
        show_more(&s, phrase(&s, "model.show_falls_to", to));
        buf_byte(&s.out, '\n');
    }
    for (int i = 0; i < m->type_n; i++)
        show_type(&s, &m->types[i]);
    return buf_view(&s.out);
}
