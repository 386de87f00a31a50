/* model_link.c: what fields lead to, once all types are known: links and their types, the whole of
 * a part, what is copied from where, what rows begin with. */
#include "model/model_int.h"

TypeDraft *find_draft(const Reader *r, Str name)
{
    for (TypeDraft *d = r->types; d; d = d->next)
        if (str_eq(d->type->name, name))
            return d;
    return NULL;
}

TypeDraft *find_type(Reader *r, const Node *at, Str name)
{
    TypeDraft *found = find_draft(r, name);
    if (found || !r->is_whole || r->has_unnamed)
        return found; /* not found: it may be in the file that cannot be read */
    Near near = near_start(name);
    for (const TypeDraft *o = r->types; o; o = o->next)
        near_try(&near, o->type->name);
    fault(r, at, near_best(&near),
          is_removed(r, name) ? "model.type_removed" : "model.unknown_type", shown(r, name));
    return NULL;
}

/* ---- links ---- */

static void link_field(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    (void)d; /* one like the other */
    const Node *to = fd->got.of[FIELD_TO];
    Field *f = fd->field;
    const Node **items;
    if (fd->is_bad || !to)
        return;
    size_t n = read_items(r, to, &items);
    if (f->kind == KIND_LINK && n > 1) {
        fault(r, to, STR_NONE, "model.one_type");
        return;
    }
    Str *tos = NEW_N(r->out, Str, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (n > 1 && is_removed(r, items[i]->text))
            continue;                                 /* the others are left */
        (void)find_type(r, items[i], items[i]->text); /* told */
        tos[f->to_n++] = keep(r, items[i]->text);
    }
    f->tos = tos;
    f->to = f->to_n ? tos[0] : STR_NONE;
}

static void link_part(Reader *r, TypeDraft *d)
{
    const Node *n = d->got.of[TYPE_PART_OF];
    if (!n)
        return;
    const TypeDraft *whole = find_draft(r, n->text); /* told at the link */
    const Field *f = draft_field(d, n->text);
    if (!f || draft_of(d, f)->is_bad || !whole)
        return; /* told */
    if (whole == d) {
        fault(r, n, STR_NONE, "model.part_of_itself");
        return;
    }
    if (f->kind != KIND_LINK || f->is_asked || !str_eq(f->to, n->text)) {
        fault(r, n, STR_NONE, "model.part_field", f->name);
        return;
    }
    Field *own = &d->fields[f->ix];
    own->is_required = own->is_indexed = true;
    if (!draft_of(d, f)->got.of[FIELD_LABEL])
        own->label = whole->type->label;
    d->type->part_of = f;
}

/* A part sits where its whole does. */
static void find_at(Reader *r, TypeDraft *d, int depth)
{
    if (d->is_at_known || is_said(&d->got, TYPE_AT) || !d->type->part_of)
        return;
    if (depth > LIMIT_MODEL_DEPTH) {
        r->file = d->file;
        fault(r, d->got.of[TYPE_PART_OF], STR_NONE, "model.part_circle", d->type->name);
        d->is_at_known = true;
        return;
    }
    TypeDraft *whole = find_draft(r, d->type->part_of->to);
    find_at(r, whole, depth + 1);
    d->type->at = whole->type->at;
    d->is_at_known = true;
}

/* ---- copies ---- */

/* `copy: course.line`: a link of the same row or of the type, then a field of where it leads. */
static void link_copy(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_COPY];
    Field *f = fd->field;
    Str link_name, name;
    if (!n || fd->is_bad)
        return;
    if (!str_cut(n->text, '.', &link_name, &name)) {
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_COPY].says));
        return;
    }
    const Field *link = f->rows ? field_sub(f->rows, link_name) : NULL;
    if (!link)
        link = find_path(r, d, n, link_name);
    if (!link || draft_of(d, link)->is_bad)
        return; /* told */
    if (link->kind != KIND_LINK) {
        fault(r, n, STR_NONE, "model.copy_link", link->name);
        return;
    }
    const TypeDraft *from = find_draft(r, link->to);
    if (!from)
        return; /* told */
    const Field *of = draft_field(from, name);
    if (!of) {
        fault_unknown_field(r, from, n, name);
    } else if (!draft_of(from, of)->is_bad && of->kind != f->kind) {
        fault(r, n, STR_NONE, "model.copy_kind", of->name, str_of(model_kind(of->kind)->name),
              str_of(model_kind(f->kind)->name));
    } else if (!draft_of(from, of)->is_bad) {
        f->copy_link = link;
        f->copy_of = of;
    }
}

/* A copied choice has the choices of where it comes from; copies of copies take turns. */
static void share_choices(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    Field *f = fd->field;
    (void)r, (void)d; /* nothing to tell */
    if ((f->kind == KIND_CHOICE || f->kind == KIND_CHOICES) && f->copy_of && !f->choice_n) {
        f->choices = f->copy_of->choices;
        f->choice_n = f->copy_of->choice_n;
    }
}

static void check_choices(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    const Field *f = fd->field;
    (void)d; /* one like the other */
    if (f->copy_of && (f->kind == KIND_CHOICE || f->kind == KIND_CHOICES) && !f->choice_n &&
        !r->told)
        fault(r, fd->got.of[FIELD_COPY], STR_NONE, "model.copy_circle", f->name);
}

/* ---- rows ---- */

static void link_start(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_START];
    Field *f = fd->field;
    if (!n || fd->is_bad)
        return;
    const Field *audience = find_path(r, d, n, n->text);
    if (audience && audience->kind != KIND_AUDIENCE) {
        fault(r, n, STR_NONE, "model.start_field", audience->name);
        return;
    }
    bool is_sure = true;
    for (int i = 0; i < f->field_n && !f->start_person; i++) {
        is_sure &= !fd->subs[i].is_bad;
        if (f->fields[i].kind == KIND_PERSON && !fd->subs[i].is_bad)
            f->start_person = &f->fields[i];
    }
    if (!f->start_person && is_sure)
        fault(r, n, STR_NONE, "model.start_person", f->name);
    else
        f->start = audience;
}

static void link_unique(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_UNIQUE], **items;
    Field *f = fd->field;
    (void)d; /* of the row alone */
    if (!n || fd->is_bad || f->kind != KIND_ROWS)
        return;
    size_t item_n = read_items(r, n, &items);
    const Field **unique = NEW_N(r->out, const Field *, item_n + 1);
    for (size_t i = 0; i < item_n; i++) {
        const Field *sub = field_sub(f, items[i]->text);
        Near near = near_start(items[i]->text);
        for (int k = 0; k < f->field_n; k++)
            near_try(&near, f->fields[k].name);
        if (!sub)
            fault(r, items[i], near_best(&near), "model.unknown_sub", f->name,
                  shown(r, items[i]->text));
        else if (sub->kind == KIND_NOTE || sub->kind == KIND_CHOICES)
            fault(r, items[i], STR_NONE, "model.not_unique", sub->name);
        else
            unique[f->unique_n++] = sub;
    }
    f->unique = unique;
}

/* `exclusive: starts..ends`: two dates of the type. */
static void link_exclusive(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_EXCLUSIVE];
    if (!n || fd->is_bad)
        return;
    ptrdiff_t at = str_find(n->text, S(".."));
    if (at < 0) {
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_SPAN].says));
        return;
    }
    Str names[2] = {str_trim(str_sub(n->text, 0, (size_t)at)),
                    str_trim(str_sub(n->text, (size_t)at + 2, n->text.n))};
    const Field *ends[2];
    for (int i = 0; i < 2; i++) {
        ends[i] = draft_field(d, names[i]);
        if (!ends[i]) {
            fault_unknown_field(r, d, n, names[i]);
            return;
        }
        if (ends[i]->kind != KIND_DATE && !draft_of(d, ends[i])->is_bad) {
            fault(r, n, STR_NONE, "model.span_field", ends[i]->name);
            return;
        }
    }
    fd->field->exclusive_from = ends[0];
    fd->field->exclusive_to = ends[1];
    fd->field->is_indexed = true;
}

/* ---- former names ---- */

static bool has_field(const void *ctx, Str name)
{
    return type_field(ctx, name) != NULL;
}

static bool has_sub(const void *ctx, Str name)
{
    return field_sub(ctx, name) != NULL;
}

static bool has_state(const void *ctx, Str name)
{
    return type_state(ctx, name) != NULL;
}

static bool has_action(const void *ctx, Str name)
{
    return type_action(ctx, name) != NULL;
}

static bool has_type(const void *ctx, Str name)
{
    return find_draft(ctx, name) != NULL;
}

static void check_field_was(Reader *r, TypeDraft *d, FieldDraft *fd)
{
    const Node *n = fd->got.of[FIELD_WAS];
    if (fd->field->rows)
        check_was(r, n, has_sub, fd->field->rows);
    else
        check_was(r, n, has_field, d->type);
}

static void check_former(Reader *r, TypeDraft *d)
{
    check_was(r, d->got.of[TYPE_WAS], has_type, r);
    each_field(r, d, check_field_was);
    for (int i = 0; i < d->type->state_n; i++)
        check_was(r, d->state_gots[i].of[STATE_WAS], has_state, d->type);
    for (int i = 0; i < d->type->action_n; i++)
        check_was(r, d->action_gots[i].of[ACTION_WAS], has_action, d->type);
}

/* ---- together ---- */

static void link_first(Reader *r, TypeDraft *d)
{
    each_field(r, d, link_field);
    link_part(r, d);
    r->is_part_bad |= is_said(&d->got, TYPE_PART_OF) && !d->type->part_of;
}

static void link_second(Reader *r, TypeDraft *d)
{
    each_field(r, d, link_copy);
    each_field(r, d, link_start);
    each_field(r, d, link_unique);
    each_field(r, d, link_exclusive);
    check_former(r, d);
}

static void link_last(Reader *r, TypeDraft *d)
{
    each_field(r, d, check_choices);
}

static void each_draft(Reader *r, void (*f)(Reader *, TypeDraft *))
{
    for (TypeDraft *d = r->types; d; d = d->next) {
        size_t before = r->told;
        r->file = d->file;
        f(r, d);
        d->has_faults |= r->told > before;
    }
}

void link_types(Reader *r)
{
    each_draft(r, link_first);
    for (TypeDraft *d = r->types; d; d = d->next)
        find_at(r, d, 0);
    each_draft(r, link_second);
    for (int turn = 0; turn < LIMIT_MODEL_DEPTH; turn++)
        for (TypeDraft *d = r->types; d; d = d->next)
            each_field(r, d, share_choices);
    each_draft(r, link_last);
}
