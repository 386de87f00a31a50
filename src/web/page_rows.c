/* page_rows.c: lines of a form: rows as frames (a table on a wide screen) and audiences as pairs of
 * role and unit. Buttons answer with the form again, nothing saved, nothing lost.  UX: 6 */
#include "web/page_int.h"

enum { BLANK_LINES = 3 };

/* ---- which lines ---- */

static Str value_text(Req *rq, const Field *f, const Value *v)
{
    const Unit *u = f->kind == KIND_UNIT && v->tag == VALUE_INT ? tree_unit(rq->reader.tree, v->i)
                                                                : NULL;
    if (v->tag == VALUE_NONE)
        return S("");
    if (f->kind == KIND_UNIT)
        return u ? u->code : S("");
    return model_kind(f->kind)->typed(rq->arena, f, v);
}

Str page_typed(Req *rq, const Field *f, const Value *v)
{
    return value_text(rq, f, v);
}

static FormRows stored_rows(Req *rq, const Field *f, const Value *v, bool with_ids)
{
    FormRows out = {0};
    if (v->tag != VALUE_ROWS)
        return out;
    out.list = NEW_N(rq->arena, FormRow, (size_t)v->i + 1);
    for (int64_t r = 0; r < v->i; r++) {
        FormRow *row = &out.list[out.n++];
        row->id = with_ids ? v->rows[r].id : (Uuid){{0}};
        row->texts = NEW_N(rq->arena, Str, (size_t)f->field_n + 1);
        for (int i = 0; i < f->field_n; i++)
            row->texts[i] = value_text(rq, &f->fields[i], &v->rows[r].values[i]);
    }
    return out;
}

FormRows page_rows_of(Req *rq, const Form *form, const Field *f)
{
    if (form->is_posted)
        return input_rows(rq, f);
    if (form->rec)
        return stored_rows(rq, f, &form->rec->values[f->ix], true);
    return form->like ? stored_rows(rq, f, &form->like->values[f->ix], false) : (FormRows){0};
}

int page_blank_lines(Req *rq, const Form *form, const Field *f, const FormRows *rows,
                     bool is_always)
{
    int n = is_always || !rows->n ? BLANK_LINES : 0;
    if (form->is_posted)
        n = rows->blank_n;
    if (form->is_posted && input_do_is(rq, "add", f))
        n += BLANK_LINES;
    if (is_always && n < BLANK_LINES)
        n = BLANK_LINES;
    int most = LIMIT_FORM_LINES - rows->n;
    return n < most ? n : most;
}

/* ---- one line ---- */

/* What is computed, or copied and there, is shown; what was copied comes along unseen. */
static void put_plain(Req *rq, View *v, const Field *sub, Str name, Str text)
{
    Value value;
    Err sink = err_on(rq->arena);
    ParseCtx ctx = {.arena = rq->arena, .today = DAY_NONE};
    const Kind *k = model_kind(sub->kind);
    view_text(v, V_name, name);
    view_text(v, V_label, label_text(&sub->label, rq->lang));
    view_bool(v, V_is_plain, true);
    view_text(v, V_chosen, sub->computed ? S("") : text);
    bool ok = k->parse && text.n && k->parse(&ctx, sub, text, &value, &sink) == 0;
    view_text(v, V_value, ok ? page_value(rq, sub, &value) : text);
}

static void put_cell(Req *rq, View *v, const Field *sub, Str line, Str text, const Err *faults)
{
    Str name = str_fmt(rq->arena, "%.*s.%.*s", STR_ARG(line), STR_ARG(sub->name));
    bool is_copied = sub->copy_of && text.n && !page_fault_of(faults, name);
    if (sub->computed || is_copied) {
        put_plain(rq, v, sub, name, text);
        return;
    }
    page_input(rq, v, sub, name, text, faults);
    (void)page_put_when(rq, v, V_shown, sub->shown_when, line);
    (void)page_put_when(rq, v, V_need, sub->required_when, line);
    view_text(v, V_hint, S("")); /* once above the lines is enough */
    if (sub->copy_of) {
        view_bool(v, V_is_required, false);
        view_text(v, V_auto, S("off"));
    }
}

typedef struct Line {
    const FormRow *row; /* NULL: an empty one */
    int n; /* -1: what scripts make more of */
    bool is_focus;
} Line;

static void put_line(Req *rq, View *v, const Form *form, const Field *f, Line x)
{
    View *line = view_item(v, x.n < 0 ? V_blank : V_lines);
    Str no = x.n < 0 ? S("{n}") : page_n(rq, x.n + 1), label = label_text(&f->label, rq->lang);
    Str name = x.n < 0 ? str_fmt(rq->arena, "%.*s.new", STR_ARG(f->name))
                       : str_fmt(rq->arena, "%.*s.%d", STR_ARG(f->name), x.n);
    view_text(line, V_name, name);
    view_text(line, V_label, req_t(rq, "form.line", &label, &no, NULL));
    if (x.row && !uuid_is_zero(x.row->id))
        view_text(line, V_id, uuid_text(rq->arena, x.row->id));
    for (int i = 0; i < f->field_n; i++) {
        const Field *sub = &f->fields[i];
        View *cell = view_item(line, V_inputs);
        Str text = x.row ? x.row->texts[i] : input_preset(rq->arena, f, sub);
        put_cell(rq, cell, sub, name, text, form->faults);
        view_bool(cell, V_is_focus, x.is_focus && i == 0);
    }
}

static void put_lines_head(Req *rq, View *v, const Form *form, const Field *f)
{
    const ErrField *fault = page_fault_of(form->faults, f->name);
    view_text(v, V_name, f->name);
    view_text(v, V_label, label_text(&f->label, rq->lang));
    view_bool(v, V_is_required, f->is_required);
    view_bool(v, V_is_optional, !f->is_required);
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
}

void page_rows_field(Req *rq, View *v, const Form *form, const Field *f)
{
    FormRows rows = page_rows_of(rq, form, f);
    int blank_n = page_blank_lines(rq, form, f, &rows, false);
    int fresh = input_do_is(rq, "add", f) ? rows.n + rows.blank_n : -1;
    put_lines_head(rq, v, form, f);
    view_bool(v, V_is_rows, true);
    view_text(v, V_hint, req_t(rq, "form.rows_hint", NULL));
    for (int i = 0; i < rows.n + blank_n; i++)
        put_line(rq, v, form, f, (Line){i < rows.n ? &rows.list[i] : NULL, i, i == fresh});
    put_line(rq, v, form, f, (Line){NULL, -1, false});
}

/* ---- audiences ---- */

static FormPairs stored_pairs(Req *rq, const Value *v)
{
    FormPairs out = {.list = NEW_N(rq->arena, FormPair, LIMIT_FORM_LINES)};
    Str rest = v->tag == VALUE_TEXT ? v->s : S(""), one, role, id;
    int64_t n;
    while (rest.n && out.n < LIMIT_AUDIENCE) {
        str_cut(rest, ' ', &one, &rest);
        const Unit *u = str_cut(one, '@', &role, &id) && str_i64(id, &n)
                            ? tree_unit(rq->reader.tree, n)
                            : NULL;
        if (u)
            out.list[out.n++] = (FormPair){.role = role, .unit = u->code};
    }
    return out;
}

static FormPairs pairs_of(Req *rq, const Form *form, const Field *f)
{
    if (form->is_posted)
        return input_pairs(rq, f);
    if (form->rec)
        return stored_pairs(rq, &form->rec->values[f->ix]);
    return form->like ? stored_pairs(rq, &form->like->values[f->ix]) : (FormPairs){0};
}

static void put_pair(Req *rq, View *v, const Field *f, const FormPair *x, int n)
{
    const Model *m = rq->app->model;
    View *line = view_item(v, V_lines);
    Str no = page_n(rq, n + 1), label = label_text(&f->label, rq->lang);
    Str name = str_fmt(rq->arena, "%.*s.%d", STR_ARG(f->name), n);
    const Unit *u = x ? tree_unit_coded(rq->reader.tree, x->unit) : NULL;
    view_text(line, V_name, name);
    view_text(line, V_label, req_t(rq, "form.line", &label, &no, NULL));
    page_put_pick(rq, line, f);
    view_text(line, V_value, u ? u->name : x ? x->unit : S(""));
    if (u)
        view_text(line, V_chosen, str_fmt(rq->arena, "%.*s %.*s", STR_ARG(u->code),
                                          STR_ARG(u->name)));
    for (int i = 0; i < m->role_n; i++) {
        View *o = view_item(line, V_options);
        view_text(o, V_value, m->roles[i].name);
        view_text(o, V_label, label_text(&m->roles[i].label, rq->lang));
        view_bool(o, V_is_on, x && str_eq(x->role, m->roles[i].name));
    }
}

void page_pairs_field(Req *rq, View *v, const Form *form, const Field *f)
{
    FormPairs pairs = pairs_of(rq, form, f);
    int blank_n = !pairs.n ? BLANK_LINES : input_do_is(rq, "add", f) ? BLANK_LINES : 1;
    put_lines_head(rq, v, form, f);
    view_bool(v, V_is_pairs, true);
    view_text(v, V_hint, req_t(rq, "form.pairs_hint", NULL));
    for (size_t i = 0; form->faults && i < form->faults->field_n; i++) {
        const ErrField *x = &form->faults->fields[i];
        Str head, rest;
        if (str_cut(x->field, '.', &head, &rest) && str_eq(head, f->name))
            view_text(v, V_error, err_field_text(rq->arena, rq->lang, x));
    }
    for (int i = 0; i < pairs.n + blank_n && i < LIMIT_AUDIENCE; i++) {
        put_pair(rq, v, f, i < pairs.n ? &pairs.list[i] : NULL, i);
    }
}

/* ---- faults in lines ---- */

Str page_line_label(Req *rq, Str path)
{
    Str field, sub;
    int n;
    const Field *f = NULL;
    if (input_line_name(path, &field, &n, &sub))
        f = type_field(rq->type, field);
    else if (str_cut(path, '.', &field, &sub))
        f = type_field(rq->type, field);
    if (!f)
        return S("");
    const Field *s = f->kind == KIND_ROWS ? field_sub(f, sub) : NULL;
    Str label = label_text(&f->label, rq->lang), no = page_n(rq, n + 1);
    Str line = sub.n ? req_t(rq, "form.line", &label, &no, NULL) : label;
    if (!s)
        return line;
    Str name = label_text(&s->label, rq->lang);
    return req_t(rq, "form.line_field", &line, &name, NULL);
}
