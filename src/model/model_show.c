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

/* `attendance.person` as `出勤·姓名`. */
static Str via_text(Arena *a, const Field *f, Lang lang)
{
    Str own = label_text(&f->label, lang);
    if (!f->rows)
        return own;
    return str_fmt(a, "%.*s·%.*s", STR_ARG(label_text(&f->rows->label, lang)), STR_ARG(own));
}

static Str term_text(Arena *a, const Model *m, const Who *w, Lang lang)
{
    static const struct {
        const char *key;
        bool has_role, has_via, has_type;
    } says[] = {
        [WHO_AUTHOR] = {"model.who_author", false, false, false},
        [WHO_ROLE] = {"model.who_role", true, false, false},
        [WHO_ROLE_HERE] = {"model.who_here", true, false, false},
        [WHO_ROLE_BELOW] = {"model.who_below", true, false, false},
        [WHO_ROLE_REACH] = {"model.who_reach", true, false, false},
        [WHO_ROLE_VIA] = {"model.who_via", true, true, false},
        [WHO_ME_VIA] = {"model.who_me_via", false, true, false},
        [WHO_ME_TYPE_VIA] = {"model.who_me_type_via", false, true, true},
        [WHO_AUDIENCE] = {"model.who_audience", false, true, false},
        [WHO_CLOCK] = {"model.who_clock", false, false, false},
        [WHO_PUBLIC] = {"model.who_public", false, false, false},
    };
    CHECK(w->kind >= 0 && (size_t)w->kind < LEN(says));
    Str args[2];
    size_t n = 0;
    if (says[w->kind].has_role) {
        CHECK(w->role >= 0 && w->role < m->role_n);
        args[n++] = label_text(&m->roles[w->role].label, lang);
    }
    if (says[w->kind].has_type)
        args[n++] = label_text(&w->me_type->label, lang);
    if (says[w->kind].has_via)
        args[n++] = w->via ? via_text(a, w->via, lang) : S("");
    return i18n_text(a, lang, str_of(says[w->kind].key), args, n);
}

Str who_text(Arena *a, const Model *m, const Who *w, Lang lang)
{
    Str term = term_text(a, m, w, lang);
    if (!w->when)
        return term;
    Str args[] = {term, expr_text(a, w->when, lang)};
    return i18n_text(a, lang, S("model.who_when"), args, LEN(args));
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
    if (f->kind == KIND_TEXT || f->kind == KIND_NOTE || f->kind == KIND_REMARK ||
        f->kind == KIND_ROWS)
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
        if (f->choices[i].is_retired)
            buf_str(&s->out, phrase(s, "model.show_retired", S("")));
    }
}

static void show_expr(Show *s, const char *key, const Expr *x)
{
    if (x)
        show_more(s, phrase(s, key, expr_text(s->arena, x, s->lang)));
}

/* What a field takes and how much of it. */
static void show_bounds(Show *s, const Field *f)
{
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
    if (f->kind == KIND_FILE || f->kind == KIND_LINKS)
        show_more(s, phrase(s, "model.show_max", str_fmt(s->arena, "%d", f->many)));
    if (f->of)
        show_more(s, phrase(s, "model.show_on", label_text(&f->of->label, s->lang)));
    Str unit = field_unit(s->arena, f, s->lang);
    if (unit.n)
        show_more(s, phrase(s, "model.show_unit", unit));
}

/* Where its value comes from, but by typing. */
static void show_origin(Show *s, const Field *f)
{
    for (int i = 0; i < f->to_n; i++)
        show_more(s, phrase(s, "model.show_link", f->tos[i]));
    show_expr(s, "model.show_computed", f->computed);
    if (f->copy_of)
        show_more(s, phrase(s, "model.show_copy",
                            str_fmt(s->arena, "%.*s·%.*s",
                                    STR_ARG(label_text(&f->copy_link->label, s->lang)),
                                    STR_ARG(label_text(&f->copy_of->label, s->lang)))));
    if (f->start)
        show_more(s, phrase(s, "model.show_start", label_text(&f->start->label, s->lang)));
    for (int i = 0; i < f->unique_n; i++)
        show_more(s, phrase(s, "model.show_unique", label_text(&f->unique[i]->label, s->lang)));
    if (f->exclusive_from) {
        Str args[] = {label_text(&f->exclusive_from->label, s->lang),
                      label_text(&f->exclusive_to->label, s->lang)};
        show_more(s, i18n_text(s->arena, s->lang, S("model.show_exclusive"), args, LEN(args)));
    }
    if (f->preset.tag == VALUE_INT && f->kind == KIND_CHOICE)
        show_more(s, phrase(s, "model.show_default", f->preset.s));
    else if (f->preset.tag != VALUE_NONE)
        show_more(s, phrase(s, "model.show_default",
                            model_kind(f->kind)->show(s->arena, f, &f->preset, s->lang)));
}

static void show_field(Show *s, const Field *f)
{
    show_named(s, f->rows ? "      " : "    ", f->name, &f->label);
    buf_fmt(&s->out, " (%s)", model_kind(f->kind)->name);
    if (f->choice_n)
        show_choices(s, f);
    if (f->is_required)
        show_more(s, phrase(s, "model.show_required", S("")));
    show_expr(s, "model.show_required_when", f->required_when);
    show_expr(s, "model.show_shown", f->shown_when);
    show_bounds(s, f);
    show_origin(s, f);
    if (f->is_found)
        show_more(s, phrase(s, "model.show_found", S("")));
    if (f->is_indexed)
        show_more(s, phrase(s, "model.show_indexed", S("")));
    if (str_has(f->purpose))
        show_more(s, phrase(s, "model.show_purpose", f->purpose));
    buf_byte(&s->out, '\n');
    for (int i = 0; i < f->field_n; i++)
        show_field(s, &f->fields[i]); /* rows nest once */
}

static void show_state(Show *s, const Type *t, const State *st)
{
    show_named(s, "    ", st->name, &st->label);
    if (st->is_draft)
        show_more(s, phrase(s, "model.show_draft", S("")));
    if (st->end == END_DONE)
        show_more(s, phrase(s, "model.show_done", S("")));
    if (st->end == END_VOID)
        show_more(s, phrase(s, "model.show_void", S("")));
    if (st->see_n)
        show_more(s, phrase(s, "model.show_seen_by", who_list(s, st->see, st->see_n)));
    if (t->part_of)
        show_more(s, phrase(s, "model.show_seen_whole", label_text(&t->part_of->label, s->lang)));
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
    show_expr(s, "model.show_when", a->when);
    show_expr(s, "model.show_due", a->due);
    if (a->is_many)
        show_more(s, phrase(s, "model.show_at_once", S("")));
    for (int i = 0; i < a->ask_n; i++)
        show_more(s, phrase(s, "model.show_asks", label_text(&a->asks[i]->label, s->lang)));
    for (int i = 0; i < a->make_n; i++)
        show_more(s, phrase(s, "model.show_makes", label_text(&a->makes[i].type->label, s->lang)));
    buf_byte(&s->out, '\n');
}

static void show_heading(Show *s, const char *key)
{
    buf_fmt(&s->out, "  %.*s\n", STR_ARG(phrase(s, key, S(""))));
}

static Str duty_text(Show *s, const Duty *d, const Type *t)
{
    Str who = who_text(s->arena, s->model, &d->owed_by, s->lang);
    if (d->while_state < 0)
        return phrase(s, "model.show_duty_upon", who);
    Str state = t->states[d->while_state].name;
    if (d->due) {
        Str args[] = {state, who, expr_text(s->arena, d->due, s->lang)};
        return i18n_text(s->arena, s->lang, S("model.show_duty_due"), args, LEN(args));
    }
    const char *unit = str_eq(d->within_unit, S("days"))       ? "model.days"
                       : str_eq(d->within_unit, S("workdays")) ? "model.workdays"
                                                               : "model.workhours";
    Str args[] = {state, who, str_fmt(s->arena, "%d", d->within), phrase(s, unit, S(""))};
    return i18n_text(s->arena, s->lang, S("model.show_duty"), args, LEN(args));
}

static void show_duties(Show *s, const Type *t)
{
    if (t->duty_n)
        show_heading(s, "model.show_duties");
    for (int i = 0; i < t->duty_n; i++) {
        show_named(s, "    ", t->duties[i].name, &t->duties[i].label);
        show_more(s, duty_text(s, &t->duties[i], t));
        buf_byte(&s->out, '\n');
    }
}

static void show_checks(Show *s, const Type *t)
{
    if (t->check_n)
        show_heading(s, "model.show_checks");
    for (int i = 0; i < t->check_n; i++) {
        const Check *c = &t->checks[i];
        Str label = label_text(&c->label, s->lang);
        buf_fmt(&s->out, "    %.*s  %.*s", STR_ARG(c->name), STR_ARG(label));
        if (label.n)
            show_more(s, expr_text(s->arena, c->that, s->lang));
        else
            buf_str(&s->out, expr_text(s->arena, c->that, s->lang));
        if (str_has(c->law))
            show_more(s, phrase(s, "model.show_law", c->law));
        buf_byte(&s->out, '\n');
    }
}

static void show_line(Show *s, const char *key, Str text)
{
    buf_fmt(&s->out, "  %.*s\n", STR_ARG(phrase(s, key, text)));
}

static void show_head(Show *s, const Type *t)
{
    show_named(s, "", t->name, &t->label);
    buf_fmt(&s->out, "  [%.*s]\n", STR_ARG(t->file));
    Buf at = {.arena = s->arena}, unique = {.arena = s->arena};
    for (int i = 0; i < s->model->kind_n; i++)
        if (t->at & (UINT64_C(1) << i))
            buf_fmt(&at, "%s%.*s", at.n ? " " : "",
                    STR_ARG(label_text(&s->model->kinds[i].label, s->lang)));
    show_line(s, "model.show_at", at.n ? buf_view(&at) : S(""));
    if (t->part_of)
        show_line(s, "model.show_part_of", label_text(&t->part_of->label, s->lang));
    if (t->me)
        show_line(s, "model.show_me", label_text(&t->me->label, s->lang));
    if (t->dated)
        show_line(s, "model.show_dated", label_text(&t->dated->label, s->lang));
    for (int i = 0; i < t->unique_n; i++)
        buf_fmt(&unique, "%s%.*s", i ? " " : "", STR_ARG(t->unique[i]));
    if (t->unique_n)
        show_line(s, "model.show_unique", buf_view(&unique));
}

static void show_type(Show *s, const Type *t)
{
    if (s->out.n)
        buf_byte(&s->out, '\n');
    show_head(s, t);
    show_heading(s, "model.show_fields");
    for (int i = 0; i < t->field_n; i++)
        show_field(s, &t->fields[i]);
    show_checks(s, t);
    show_heading(s, "model.show_states");
    for (int i = 0; i < t->state_n; i++)
        show_state(s, t, &t->states[i]);
    show_heading(s, "model.show_actions");
    for (int i = 0; i < t->action_n; i++)
        show_action(s, t, &t->actions[i]);
    show_duties(s, t);
    Str sights = model_show_sights(s->arena, s->model, t, s->lang);
    if (sights.n) {
        show_heading(s, "model.show_figures");
        buf_str(&s->out, sights);
    }
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
    for (int i = 0; i < m->removed_n; i++)
        show_line(&s, "model.show_removed", m->removed[i]);
    return buf_view(&s.out);
}
