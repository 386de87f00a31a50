/* input_rows.c: lines of a form: FIELD.N.NAME into rows, FIELD.N.role and FIELD.N.unit into an
 * audience. One pass over what was sent; lines left empty or taken out do not count, the others
 * close up, so that a fault's number is the line's number in the form that comes back.
 *                                                                        UX: 6  STYLE: R44 */
#include "web/web_int.h"

/* "12" of FIELD.12.NAME: 0..LIMIT_FORM_LINES-1, written one way only. */
static bool line_number(Str s, int *ret)
{
    int64_t n;
    if (!s.n || s.n > 4 || (s.p[0] == '0' && s.n > 1) || !str_i64(s, &n) || n < 0 ||
        n >= LIMIT_FORM_LINES)
        return false;
    *ret = (int)n;
    return true;
}

bool input_line_name(Str name, Str *ret_field, int *ret_line, Str *ret_sub)
{
    Str rest, n;
    return str_cut(name, '.', ret_field, &rest) && str_cut(rest, '.', &n, ret_sub) &&
           line_number(n, ret_line);
}

/* What a line may carry beside its fields' own inputs. */
static bool is_tail(Str s)
{
    return str_eq(s, S("id")) || str_eq(s, S("find")) || str_eq(s, S("pick"));
}

bool input_is_line(const Type *t, Str name)
{
    Str field, sub, head, tail;
    int n;
    if (!input_line_name(name, &field, &n, &sub))
        return false;
    const Field *f = type_field(t, field);
    if (!f)
        return false;
    if (f->kind == KIND_AUDIENCE)
        return str_eq(sub, S("role")) || str_eq(sub, S("unit")) || str_eq(sub, S("unit.id"));
    if (f->kind != KIND_ROWS)
        return false;
    if (field_sub(f, sub) || str_eq(sub, S("id")) || str_eq(sub, S("drop")))
        return true;
    return str_cut(sub, '.', &head, &tail) && is_tail(tail) && field_sub(f, head) != NULL;
}

/* ---- references ---- */

Str input_ref_text(Str typed, Str chosen)
{
    Str id, label;
    typed = str_trim(str_has(typed) ? typed : S(""));
    if (str_cut(str_has(chosen) ? chosen : S(""), ' ', &id, &label) && str_eq(label, typed))
        return id;
    return typed;
}

/* ---- rows ---- */

typedef struct Line {
    Uuid id;
    bool is_dropped;
    Str *texts, *chosen, *found, *picked; /* by ix; STR_NONE not sent */
} Line;

static Line *line_at(Arena *a, Line **lines, const Field *f, int n)
{
    size_t max = (size_t)f->field_n + 1;
    if (!lines[n]) {
        lines[n] = NEW(a, Line);
        *lines[n] = (Line){.texts = NEW_N(a, Str, max), .chosen = NEW_N(a, Str, max),
                           .found = NEW_N(a, Str, max), .picked = NEW_N(a, Str, max)};
        for (size_t i = 0; i < max; i++)
            lines[n]->texts[i] = lines[n]->chosen[i] = lines[n]->found[i] =
                lines[n]->picked[i] = STR_NONE;
    }
    return lines[n];
}

/* Several of one name are joined with commas: ticked choices, ids. */
static void add_text(Arena *a, Str *to, const Field *sub, Str value)
{
    bool is_list = model_kind(sub->kind)->json_list;
    if (!str_has(*to) || !is_list)
        *to = str_has(*to) ? *to : value;
    else if (value.n)
        *to = to->n ? str_fmt(a, "%.*s,%.*s", STR_ARG(*to), STR_ARG(value)) : value;
}

static void take_line(Arena *a, Line *l, const Field *f, Str name, Str value)
{
    Str head, tail;
    const Field *sub = field_sub(f, name);
    if (sub)
        add_text(a, &l->texts[sub->ix], sub, value);
    else if (str_eq(name, S("id")))
        (void)uuid_parse(value, &l->id);
    else if (str_eq(name, S("drop")))
        l->is_dropped = value.n > 0;
    else if (str_cut(name, '.', &head, &tail) && (sub = field_sub(f, head)))
        *(str_eq(tail, S("id"))     ? &l->chosen[sub->ix]
          : str_eq(tail, S("pick")) ? &l->picked[sub->ix]
                                    : &l->found[sub->ix]) = value;
}

const Field *input_presence(const Field *f)
{
    enum { LEAST = 2, MOST = 4 };
    for (int i = 0; f->kind == KIND_ROWS && f->start && f->start_person && i < f->field_n; i++) {
        const Field *s = &f->fields[i];
        if (s->kind == KIND_CHOICE && s->is_required && s->choice_n >= LEAST && s->choice_n <= MOST)
            return s;
    }
    return NULL;
}

Str input_preset(Arena *a, const Field *rows, const Field *sub)
{
    if (sub->preset.tag != VALUE_NONE)
        return model_kind(sub->kind)->typed(a, sub, &sub->preset);
    return input_presence(rows) == sub ? sub->choices[0].name : S("");
}

/* Nothing but what was in it when it was shown empty. */
static bool is_blank(Arena *a, const Field *f, const FormRow *row)
{
    if (!uuid_is_zero(row->id))
        return false;
    for (int i = 0; i < f->field_n; i++) {
        Str t = str_trim(row->texts[i]);
        if (t.n && !str_eq(t, input_preset(a, f, &f->fields[i])))
            return false;
    }
    return true;
}

Str input_reference(const Req *rq, Str typed, Str chosen, Str picked, Str found)
{
    bool is_finding = str_starts(req_do(rq), S("find:"));
    if (str_has(picked) && picked.n && !is_finding)
        return str_eq(picked, S("-")) ? S("") : picked; /* none of those offered */
    return str_has(found) && str_trim(found).n ? str_trim(found) : input_ref_text(typed, chosen);
}

static bool is_single(const Field *f)
{
    return f->kind == KIND_LINK || f->kind == KIND_PERSON || f->kind == KIND_UNIT;
}

static FormRow row_of(Req *rq, const Field *f, const Line *l)
{
    FormRow row = {.id = l->id, .texts = NEW_N(rq->arena, Str, (size_t)f->field_n + 1)};
    for (int i = 0; i < f->field_n; i++) {
        row.texts[i] = str_has(l->texts[i]) ? l->texts[i] : S("");
        if (is_single(&f->fields[i]))
            row.texts[i] = input_reference(rq, l->texts[i], l->chosen[i], l->picked[i],
                                           l->found[i]);
    }
    return row;
}

FormRows input_rows(Req *rq, const Field *f)
{
    CHECK(f->kind == KIND_ROWS);
    Line **lines = NEW_N(rq->arena, Line *, LIMIT_FORM_LINES);
    FormRows out = {0};
    int most = -1, n;
    for (size_t i = 0; i < rq->params.n; i++) {
        const Param *p = &rq->params.list[i];
        Str field, sub;
        if (str_eq(p->name, f->name))
            out.is_sent = true;
        if (!input_line_name(p->name, &field, &n, &sub) || !str_eq(field, f->name))
            continue;
        out.is_sent = true;
        most = n > most ? n : most;
        take_line(rq->arena, line_at(rq->arena, lines, f, n), f, sub, p->value);
    }
    int dropped = input_do_line(rq, "drop", f);
    out.list = NEW_N(rq->arena, FormRow, (size_t)most + 2);
    for (int i = 0; i <= most; i++) {
        if (!lines[i] || lines[i]->is_dropped || i == dropped)
            continue;
        FormRow row = row_of(rq, f, lines[i]);
        if (is_blank(rq->arena, f, &row))
            out.blank_n++;
        else
            out.list[out.n++] = row;
    }
    return out;
}

FieldInput input_of_rows(Req *rq, const Field *f, const FormRows *rows)
{
    RowInput *list = NEW_N(rq->arena, RowInput, (size_t)rows->n + 1);
    for (int r = 0; r < rows->n; r++) {
        FieldInput *fields = NEW_N(rq->arena, FieldInput, (size_t)f->field_n + 1);
        int n = 0;
        for (int i = 0; i < f->field_n; i++) {
            const Field *sub = &f->fields[i];
            if (sub->computed || (sub->copy_link && !rows->list[r].texts[i].n))
                continue;
            fields[n++] = (FieldInput){.name = sub->name, .text = rows->list[r].texts[i]};
        }
        list[r] = (RowInput){.id = rows->list[r].id, .fields = fields, .field_n = n};
    }
    return (FieldInput){.name = f->name, .text = S(""), .is_rows = true, .rows = list,
                        .row_n = rows->n};
}

/* ---- buttons: add:FIELD, start:FIELD, drop:FIELD.N ---- */

Str req_do(const Req *rq)
{
    Str s = req_param(rq, "do");
    return str_has(s) ? s : S("");
}

bool input_do_is(const Req *rq, const char *verb, const Field *f)
{
    Str head, rest;
    return str_cut(req_do(rq), ':', &head, &rest) && str_eq(head, str_of(verb)) &&
           str_eq(rest, f->name);
}

int input_do_line(const Req *rq, const char *verb, const Field *f)
{
    Str head, rest, field, no;
    int n;
    if (!str_cut(req_do(rq), ':', &head, &rest) || !str_eq(head, str_of(verb)) ||
        !str_cut(rest, '.', &field, &no) || !str_eq(field, f->name) || !line_number(no, &n))
        return -1;
    return n;
}

bool input_is_reshaping(const Req *rq)
{
    Str s = req_do(rq);
    return str_starts(s, S("add:")) || str_starts(s, S("start:")) || str_starts(s, S("drop:"));
}

/* ---- audiences ---- */

FormPairs input_pairs(Req *rq, const Field *f)
{
    FormPairs out = {.list = NEW_N(rq->arena, FormPair, LIMIT_FORM_LINES)};
    int n, most = -1, dropped = input_do_line(rq, "drop", f);
    Str *chosen = NEW_N(rq->arena, Str, LIMIT_FORM_LINES);
    for (size_t i = 0; i < rq->params.n; i++) {
        const Param *p = &rq->params.list[i];
        Str field, sub;
        out.is_sent = out.is_sent || str_eq(p->name, f->name);
        if (!input_line_name(p->name, &field, &n, &sub) || !str_eq(field, f->name) || n == dropped)
            continue;
        out.is_sent = true;
        most = n > most ? n : most;
        if (str_eq(sub, S("role")))
            out.list[n].role = str_trim(p->value);
        else if (str_eq(sub, S("unit")))
            out.list[n].unit = str_trim(p->value);
        else
            chosen[n] = p->value;
    }
    for (int i = 0; i <= most; i++) {
        FormPair x = out.list[i];
        if (!x.role.n && !x.unit.n)
            continue;
        out.list[out.n++] = (FormPair){.role = x.role.n ? x.role : S(""),
                                       .unit = input_ref_text(x.unit, chosen[i])};
    }
    return out;
}

/* A code, or the name of one unit only; empty: his own. */
static bool unit_code(const Req *rq, Str typed, Str *ret)
{
    const Tree *t = rq->reader.tree;
    if (!typed.n && rq->reader.post_n > 0) {
        *ret = t->units[rq->reader.posts[0].unit_ix].code;
        return true;
    }
    if (tree_unit_coded(t, typed)) {
        *ret = typed;
        return true;
    }
    int found = -1;
    for (int i = 0; i < t->unit_n; i++) {
        if (t->units[i].closed != DAY_NONE || !str_eq(t->units[i].name, typed))
            continue;
        if (found >= 0)
            return false;
        found = i;
    }
    if (found >= 0)
        *ret = t->units[found].code;
    return found >= 0;
}

FieldInput input_of_pairs(Req *rq, const Field *f, const FormPairs *pairs, Err *e)
{
    Buf b = {.arena = rq->arena};
    for (int i = 0; i < pairs->n; i++) {
        Str code, at = str_fmt(rq->arena, "%.*s.%d", STR_ARG(f->name), i);
        if (!pairs->list[i].role.n) {
            (void)err_field(e, at, "form.pair_role");
            continue;
        }
        if (!unit_code(rq, pairs->list[i].unit, &code)) {
            (void)err_field(e, at, "form.pair_unit", pairs->list[i].unit);
            continue;
        }
        buf_fmt(&b, "%s%.*s@%.*s", b.n ? ", " : "", STR_ARG(pairs->list[i].role), STR_ARG(code));
    }
    return (FieldInput){.name = f->name, .text = b.n ? buf_view(&b) : S("")};
}
