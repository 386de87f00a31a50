/* sheet.c: units and records as tables. */
#include "exchange/sheet.h"

static const char *const unit_heads[] = {"code", "name", "level", "parent"};

void sheet_write_units(Buf *b, const Model *m, const Tree *t, int unit_ix)
{
    csv_bom(b);
    for (size_t k = 0; k < LEN(unit_heads); k++)
        csv_cell(b, str_of(unit_heads[k]), k == 0);
    csv_end_row(b);
    int from = unit_ix < 0 ? 0 : unit_ix, to = unit_ix < 0 ? t->unit_n : t->units[unit_ix].end_ix;
    for (int i = from; i < to; i++) {
        const Unit *u = &t->units[i];
        csv_cell(b, u->code, true);
        csv_cell(b, u->name, false);
        csv_cell(b, m->kinds[u->kind].name, false);
        csv_cell(b, u->parent_ix < 0 ? S("") : t->units[u->parent_ix].code, false);
        csv_end_row(b);
    }
}

void sheet_record_head(Buf *b, const Type *t)
{
    static const char *const heads[] = {"id", "unit", "unit_name", "author", "at_day", "state"};
    csv_bom(b);
    for (size_t i = 0; i < LEN(heads); i++)
        csv_cell(b, str_of(heads[i]), i == 0);
    for (int i = 0; i < t->field_n; i++)
        if (t->fields[i].kind != KIND_ROWS)
            csv_cell(b, t->fields[i].name, false);
    csv_end_row(b);
}

/* "role@12 role@3" with codes and commas. */
Str sheet_audience(Arena *a, const Tree *tree, Str value)
{
    Buf b = {.arena = a};
    Str one, role, id;
    while (value.n) {
        int64_t n;
        str_cut(value, ' ', &one, &value);
        bool ok = str_cut(one, '@', &role, &id) && str_i64(id, &n);
        const Unit *u = ok ? tree_unit(tree, n) : NULL;
        if (u)
            buf_fmt(&b, "%s%.*s@%.*s", b.n ? ", " : "", STR_ARG(role), STR_ARG(u->code));
    }
    return b.n ? buf_view(&b) : S("");
}

static int cell_of(Arena *a, const Tree *tree, const Field *f, const Value *v, SheetNames names,
                   Str *ret, Err *e)
{
    const Unit *u = f->kind == KIND_UNIT && v->tag == VALUE_INT ? tree_unit(tree, v->i) : NULL;
    Uuid id;
    if (f->kind == KIND_UNIT) {
        *ret = u ? u->code : S("");
    } else if (f->kind == KIND_AUDIENCE) {
        *ret = v->tag == VALUE_TEXT ? sheet_audience(a, tree, v->s) : S("");
    } else if (f->kind == KIND_PERSON && v->tag == VALUE_BLOB && v->s.n == sizeof id) {
        memcpy(id.b, v->s.p, sizeof id.b);
        return names.person(names.ctx, id, ret, e);
    } else {
        *ret = model_kind(f->kind)->typed(a, f, v);
    }
    return 0;
}

int sheet_record_row(Buf *b, Arena *scratch, const Tree *tree, const Record *rec, SheetNames names,
                     Err *e)
{
    CHECK(b->arena != scratch);
    size_t mark = arena_mark(scratch);
    const Type *t = rec->type;
    Str cell;
    csv_cell(b, uuid_text(scratch, rec->id), true);
    csv_cell(b, tree->units[rec->unit_ix].code, false);
    csv_cell(b, tree->units[rec->unit_ix].name, false);
    TRY(names.person(names.ctx, rec->author, &cell, e));
    csv_cell(b, cell, false);
    csv_cell(b, day_text(scratch, rec->at_day), false);
    csv_cell(b, t->states[rec->state].name, false);
    for (int i = 0; i < t->field_n; i++) {
        if (t->fields[i].kind == KIND_ROWS)
            continue;
        TRY(cell_of(scratch, tree, &t->fields[i], &rec->values[i], names, &cell, e));
        csv_cell(b, cell, false);
    }
    csv_end_row(b);
    arena_rewind(scratch, mark);
    return 0;
}

/* ---- figures ---- */

void sheet_figure_head(Buf *b, const Figure *f)
{
    static const char *const heads[] = {"id", "unit", "unit_name", "at_day", "state", "row"};
    static const char *const of_duty[] = {"id",   "unit", "unit_name", "at_day", "state",
                                          "duty", "day",  "due",       "done"};
    if (f->duty) {
        csv_bom(b);
        for (size_t i = 0; i < LEN(of_duty); i++)
            csv_cell(b, str_of(of_duty[i]), i == 0);
        csv_end_row(b);
        return;
    }
    if (!f->rows) {
        sheet_record_head(b, f->type);
        return;
    }
    csv_bom(b);
    for (size_t i = 0; i < LEN(heads); i++)
        csv_cell(b, str_of(heads[i]), i == 0);
    for (int i = 0; i < f->rows->field_n; i++)
        csv_cell(b, f->rows->fields[i].name, false);
    csv_end_row(b);
}

static void put_head(Buf *b, Arena *scratch, const Tree *tree, const Record *rec)
{
    csv_cell(b, uuid_text(scratch, rec->id), true);
    csv_cell(b, tree->units[rec->unit_ix].code, false);
    csv_cell(b, tree->units[rec->unit_ix].name, false);
    csv_cell(b, day_text(scratch, rec->at_day), false);
    csv_cell(b, rec->type->states[rec->state].name, false);
}

static void put_duty(Buf *b, Arena *scratch, const FigItem *item)
{
    const FlowDuty *d = item->duty;
    csv_cell(b, d->name, false);
    csv_cell(b, day_text(scratch, item->day), false);
    csv_cell(b, ms_rfc3339(scratch, d->due_ms), false);
    csv_cell(b, d->done_ms ? ms_rfc3339(scratch, d->done_ms) : S(""), false);
    csv_end_row(b);
}

int sheet_figure_row(Buf *b, Arena *scratch, const Tree *tree, const FigItem *item,
                     SheetNames names, Err *e)
{
    const Record *rec = item->rec;
    const Field *rows = item->share.figure->rows;
    if (!rows && !item->duty)
        return sheet_record_row(b, scratch, tree, rec, names, e);
    size_t mark = arena_mark(scratch);
    put_head(b, scratch, tree, rec);
    if (item->duty) {
        put_duty(b, scratch, item);
        arena_rewind(scratch, mark);
        return 0;
    }
    csv_cell(b, uuid_text(scratch, item->share.row), false);
    for (int i = 0; i < rows->field_n; i++) {
        Str cell = S(""); /* the line is gone: what lasted on a past day */
        if (item->row)
            TRY(cell_of(scratch, tree, &rows->fields[i], &item->row->values[i], names, &cell, e));
        csv_cell(b, cell, false);
    }
    csv_end_row(b);
    arena_rewind(scratch, mark);
    return 0;
}

Str sheet_figure_value(Arena *a, const FigLine *l)
{
    if (l->figure->kind != FIG_SHARE)
        return str_fmt(a, "%lld", (long long)l->value);
    if (l->percent_x100 < 0)
        return S("null");
    if (l->percent_x100 % 100 == 0)
        return str_fmt(a, "%lld", (long long)(l->percent_x100 / 100));
    return str_fmt(a, "%lld.%02lld", (long long)(l->percent_x100 / 100),
                   (long long)(l->percent_x100 % 100));
}

void sheet_figure_json(Buf *b, Arena *a, const FigLine *l, Str unit)
{
    bool first = true;
    buf_byte(b, '{');
    json_name(b, S("figure"), &first);
    json_text(b, l->figure->name);
    json_name(b, S("unit"), &first);
    json_text(b, unit);
    json_name(b, S("from"), &first);
    json_text(b, day_text(a, l->from));
    json_name(b, S("to"), &first);
    json_text(b, day_text(a, l->to));
    if (str_has(l->by)) {
        json_name(b, S("by"), &first);
        json_text(b, l->by);
    }
    json_name(b, S("value"), &first);
    buf_str(b, sheet_figure_value(a, l));
    json_name(b, S("records"), &first);
    buf_fmt(b, "%lld", (long long)l->records);
    if (l->figure->kind == FIG_SHARE) {
        json_name(b, S("of"), &first);
        buf_fmt(b, "%lld", (long long)l->of);
    }
    buf_byte(b, '}');
}
