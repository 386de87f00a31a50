/* page_attend.c: rows that begin with who was invited and say one thing of each: all names in one
 * list, preset to the first choice; whoever else came below. No type is named: whatever is declared
 * so looks so.                                             UX: attendance  SPEC: A1 D2 */
#include <stdlib.h>

#include "web/page_int.h"

typedef struct Attend {
    Req *rq;
    const Form *form;
    const Field *f, *said; /* the rows; what is said of each */
    Member *members;       /* who was invited; sorted by id */
    int member_n;
    bool is_cut;
} Attend;

/* ---- who was invited ---- */

static int by_person(const void *a, const void *b)
{
    return memcmp(((const Member *)a)->person.b, ((const Member *)b)->person.b, sizeof(Uuid));
}

static const Member *member_of(const Attend *x, const Member *sorted, Str person)
{
    Member key = {0};
    if (!x->member_n || !uuid_parse(person, &key.person))
        return NULL;
    return bsearch(&key, sorted, (size_t)x->member_n, sizeof key, by_person);
}

/* The record with the audience as the form has it now. */
static const Record *with_audience(const Attend *x)
{
    Req *rq = x->rq;
    const Field *f = x->f->start;
    FormPairs pairs = x->form->is_posted ? input_pairs(rq, f) : (FormPairs){0};
    Record *rec = NEW(rq->arena, Record);
    Err sink = err_on(rq->arena); /* its faults are told where it stands */
    const char *fault = NULL;
    Str arg = S(""), value;
    *rec = *x->form->rec;
    if (!pairs.is_sent)
        return rec;
    FieldInput in = input_of_pairs(rq, f, &pairs, &sink);
    if (!in.text.n || access_audience_parse(rq->arena, rq->reader.tree, rq->app->model, in.text,
                                            &value, &fault, &arg) < 0)
        return rec;
    rec->values = NEW_N(rq->arena, Value, (size_t)rec->type->field_n);
    memcpy(rec->values, x->form->rec->values, (size_t)rec->type->field_n * sizeof(Value));
    rec->values[f->ix] = (Value){.tag = VALUE_TEXT, .s = value};
    return rec;
}

static int read_members(Attend *x, Err *e)
{
    Req *rq = x->rq;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    return record_start_rows(rq->app->records, rq->arena, tx, &rq->reader, with_audience(x), x->f,
                             &x->members, &x->member_n, &x->is_cut, e);
}

/* ---- the rows ---- */

static FormRow fresh_row(const Attend *x, Uuid person)
{
    const Field *f = x->f;
    FormRow row = {.texts = NEW_N(x->rq->arena, Str, (size_t)f->field_n + 1)};
    for (int i = 0; i < f->field_n; i++)
        row.texts[i] = input_preset(x->rq->arena, f, &f->fields[i]);
    row.texts[f->start_person->ix] = uuid_text(x->rq->arena, person);
    return row;
}

/* Those invited who stand in no row yet; adds them when `rows` is given room for. */
static int add_missing(const Attend *x, FormRows *rows, bool is_adding)
{
    int at = x->f->start_person->ix, missing = 0;
    Member *sorted = NEW_N(x->rq->arena, Member, (size_t)x->member_n + 1);
    bool *is_in = NEW_N(x->rq->arena, bool, (size_t)x->member_n + 1);
    if (x->member_n)
        memcpy(sorted, x->members, (size_t)x->member_n * sizeof *sorted);
    qsort(sorted, (size_t)x->member_n, sizeof *sorted, by_person);
    for (int i = 0; i < rows->n; i++) {
        const Member *m = member_of(x, sorted, rows->list[i].texts[at]);
        if (m)
            is_in[m - sorted] = true;
    }
    FormRow *more = NEW_N(x->rq->arena, FormRow, (size_t)(rows->n + x->member_n) + 1);
    if (rows->n)
        memcpy(more, rows->list, (size_t)rows->n * sizeof *more);
    for (int i = 0; i < x->member_n; i++) { /* in the tree's order */
        const Member *m = member_of(x, sorted, uuid_text(x->rq->arena, x->members[i].person));
        if (!m || is_in[m - sorted])
            continue;
        if (is_adding)
            more[rows->n++] = fresh_row(x, x->members[i].person);
        else
            missing++;
    }
    rows->list = more;
    return missing;
}

/* ---- one line ---- */

static void put_said(const Attend *x, View *line, Str now)
{
    for (int i = 0; i < x->said->choice_n; i++) {
        const Choice *c = &x->said->choices[i];
        View *o = view_item(line, V_options);
        Str no = page_n(x->rq, i);
        view_text(o, V_value, c->name);
        view_text(o, V_label, label_text(&c->label, x->rq->lang));
        view_text(o, V_note, no); /* its colour: 0 as expected */
        view_bool(o, V_is_on, str_eq(now, c->name));
    }
}

/* Everything of the row but the person and what is said of him. */
static void put_rest(const Attend *x, View *line, Str name, const FormRow *row)
{
    for (int i = 0; i < x->f->field_n; i++) {
        const Field *sub = &x->f->fields[i];
        if (sub == x->said || sub == x->f->start_person || sub->computed)
            continue;
        View *v = view_item(line, V_inputs);
        Str n = str_fmt(x->rq->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(sub->name));
        page_input(x->rq, v, sub, n, row ? row->texts[i] : S(""), x->form->faults);
        view_text(v, V_hint, S(""));
        view_bool(v, V_is_why, sub->required_when || sub->shown_when);
        view_bool(v, V_is_required, false);
    }
}

static Str line_error(const Attend *x, Str name)
{
    const Err *e = x->form->faults;
    for (size_t i = 0; e && i < e->field_n; i++) {
        Str rest = e->fields[i].field;
        bool is_here = str_starts(rest, name) && (rest.n == name.n || rest.p[name.n] == '.');
        if (is_here)
            return err_field_text(x->rq->arena, x->rq->lang, &e->fields[i]);
    }
    return S("");
}

static View *put_line(const Attend *x, View *v, ListKey list, const FormRow *row, int n)
{
    Req *rq = x->rq;
    View *line = view_item(v, list);
    Str name = str_fmt(rq->arena, "%.*s.%d", STR_ARG(x->f->name), n);
    view_text(line, V_name, name);
    view_text(line, V_no_text, page_n(rq, n + 1));
    view_text(line, V_person, x->f->start_person->name);
    view_text(line, V_said, x->said->name);
    view_text(line, V_error, line_error(x, name));
    if (row && !uuid_is_zero(row->id))
        view_text(line, V_id, uuid_text(rq->arena, row->id));
    put_said(x, line, row ? row->texts[x->said->ix] : x->said->choices[0].name);
    put_rest(x, line, name, row);
    return line;
}

static void put_known_line(const Attend *x, View *v, const Member *sorted, const FormRow *row,
                           int n)
{
    Str person = row->texts[x->f->start_person->ix];
    const Member *m = member_of(x, sorted, person);
    Uuid id;
    View *line = put_line(x, v, V_lines, row, n);
    Str name = m ? m->name : uuid_parse(person, &id) ? page_person(x->rq, id) : person;
    view_text(line, V_value, person);
    view_text(line, V_label, name);
    if (m)
        view_text(line, V_note, page_unit(x->rq, m->unit_ix));
}

static void put_late_line(const Attend *x, View *v, const FormRow *row, int n, int late_n,
                          bool is_focus)
{
    Str no = page_n(x->rq, late_n);
    View *line = put_line(x, v, V_late, row, n);
    page_put_pick(x->rq, line, x->f->start_person);
    view_text(line, V_value, row ? row->texts[x->f->start_person->ix] : S(""));
    view_text(line, V_label, req_t(x->rq, "form.late_n", &no, NULL));
    view_bool(line, V_is_focus, is_focus);
}

/* 38 人：到 35，请假 2，未到 1 */
static void put_count(const Attend *x, View *v, const FormRows *rows)
{
    Req *rq = x->rq;
    Str *parts = NEW_N(rq->arena, Str, (size_t)x->said->choice_n + 1);
    for (int i = 0; i < x->said->choice_n; i++) {
        int n = 0;
        for (int r = 0; r < rows->n; r++)
            n += str_eq(rows->list[r].texts[x->said->ix], x->said->choices[i].name);
        parts[i] = str_fmt(rq->arena, "%.*s %d",
                           STR_ARG(label_text(&x->said->choices[i].label, rq->lang)), n);
    }
    Str all = page_n(rq, rows->n), each = page_join(rq, parts, x->said->choice_n);
    if (rows->n)
        view_text(v, V_count_text, req_t(rq, "form.attend_count", &all, &each, NULL));
}

static void put_lines(const Attend *x, View *v, const FormRows *rows)
{
    Uuid id;
    int late = 0, at = x->f->start_person->ix;
    Member *sorted = NEW_N(x->rq->arena, Member, (size_t)x->member_n + 1);
    if (x->member_n)
        memcpy(sorted, x->members, (size_t)x->member_n * sizeof *sorted);
    qsort(sorted, (size_t)x->member_n, sizeof *sorted, by_person);
    for (int i = 0; i < rows->n; i++)
        if (uuid_parse(rows->list[i].texts[at], &id))
            put_known_line(x, v, sorted, &rows->list[i], i);
        else
            put_late_line(x, v, &rows->list[i], i, ++late, false);
    int blank_n = page_blank_lines(x->rq, x->form, x->f, rows, true);
    int fresh = input_do_is(x->rq, "add", x->f) ? rows->n + rows->blank_n : -1;
    for (int i = rows->n; i < rows->n + blank_n; i++)
        put_late_line(x, v, NULL, i, ++late, i == fresh);
}

bool page_is_attend(const Form *form, const Field *f)
{
    return form->rec && input_presence(f) != NULL;
}

int page_attend_field(Req *rq, View *v, const Form *form, const Field *f, Err *e)
{
    Attend x = {.rq = rq, .form = form, .f = f, .said = input_presence(f)};
    const ErrField *fault = page_fault_of(form->faults, f->name);
    FormRows rows = page_rows_of(rq, form, f);
    TRY(read_members(&x, e));
    bool is_adding = input_do_is(rq, "start", f);
    int missing = add_missing(&x, &rows, is_adding);
    Str n = page_n(rq, missing);
    view_bool(rq->view, V_is_paper, true);
    view_bool(v, V_is_attend, true);
    view_text(v, V_name, f->name);
    view_text(v, V_label, label_text(&f->label, rq->lang));
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    if (!x.member_n && !rows.n)
        view_text(v, V_hint, req_t(rq, "form.nobody_invited", NULL));
    else if (rows.n) {
        Str first = label_text(&x.said->choices[0].label, rq->lang);
        view_text(v, V_hint, req_t(rq, "form.attend_hint", &first, NULL));
    }
    view_bool(v, V_is_empty, !rows.n);
    if (missing)
        view_text(v, V_start_text, req_t(rq, rows.n ? "form.start_again" : "form.start", &n, NULL));
    put_count(&x, v, &rows);
    put_lines(&x, v, &rows);
    return 0;
}
