/* model_sight.c: which part of a figure a role has as of today, from the terms of the model alone:
 * what record_figure_sight works out for a reader, told before anybody reads.
 *                                                              SPEC: P5  DESIGN: Figures */
#include "model/model_int.h"

/* Everything at and below his unit. */
static bool covers(const Model *m, const Figure *f, const Who *w, int role)
{
    if (w->when)
        return false;
    if (w->kind == WHO_PUBLIC)
        return true;
    if (w->role != role)
        return false;
    uint64_t at = m->roles[role].at;
    return w->kind == WHO_ROLE ||
           (w->kind == WHO_ROLE_HERE && at == f->type->at && !(at & (at - 1)));
}

/* May show some of it to who holds the role. */
static bool reaches(const Type *t, const Who *w, int role)
{
    switch (w->kind) {
    case WHO_CLOCK:
        return false;
    case WHO_AUTHOR: /* who may write one */
        for (int i = 0; t->create && i < t->create->by_n; i++)
            if (t->create->by[i].role == role)
                return true;
        return false;
    default:
        return w->role < 0 || w->role == role;
    }
}

RoleSight model_figure_sight(const Model *m, const Figure *f, int role)
{
    const Type *t = f->type;
    bool is_whole = f->states != 0, is_part = t->part_of != NULL;
    for (int i = 0; i < t->state_n; i++) {
        bool is_covered = false;
        if (!(f->states >> i & 1))
            continue;
        for (int k = 0; k < t->states[i].see_n; k++) {
            is_covered |= covers(m, f, &t->states[i].see[k], role);
            is_part |= reaches(t, &t->states[i].see[k], role);
        }
        is_whole &= is_covered;
    }
    return is_whole ? SIGHT_WHOLE : is_part ? SIGHT_PART : SIGHT_NONE;
}

static Str roles_of(Arena *a, const Model *m, const Figure *f, RoleSight sight, Lang lang)
{
    Buf b = {.arena = a};
    for (int i = 0; i < m->role_n; i++)
        if (model_figure_sight(m, f, i) == sight)
            buf_fmt(&b, "%s%.*s", !b.n ? "" : lang == LANG_ZH ? "、" : ", ",
                    STR_ARG(label_text(&m->roles[i].label, lang)));
    return b.n ? buf_view(&b) : S("-");
}

Str model_show_sights(Arena *a, const Model *m, const Type *t_or_null, Lang lang)
{
    Buf b = {.arena = a};
    for (int i = 0; i < m->figure_n; i++) {
        const Figure *f = m->figures[i];
        if (f->half_of || (t_or_null && f->type != t_or_null))
            continue;
        Str args[] = {f->name, label_text(&f->label, lang),
                      roles_of(a, m, f, SIGHT_WHOLE, lang), roles_of(a, m, f, SIGHT_PART, lang),
                      roles_of(a, m, f, SIGHT_NONE, lang)};
        buf_fmt(&b, "    %.*s\n",
                STR_ARG(i18n_text(a, lang, S("model.show_sight"), args, LEN(args))));
    }
    return b.n ? buf_view(&b) : S("");
}
