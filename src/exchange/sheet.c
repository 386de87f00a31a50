/* sheet.c: units and records as tables. */
#include "exchange/sheet.h"

typedef enum UnitColumn {
    UNIT_CODE,
    UNIT_NAME,
    UNIT_LEVEL,
    UNIT_PARENT,
    UNIT_COLUMN_MAX
} UnitColumn;

static const char *const unit_heads[UNIT_COLUMN_MAX][5] = {
    {"code", "代码", "编码", "单位代码", "单位编码"},
    {"name", "名称", "单位名称", "单位", "全称"},
    {"level", "层级", "级别", "类别", "单位类别"},
    {"parent", "上级代码", "上级编码", "上级", "上级单位"}};

static int find_heads(const CsvRow *row, int at[UNIT_COLUMN_MAX], Err *e)
{
    for (int k = 0; k < UNIT_COLUMN_MAX; k++)
        at[k] = -1;
    for (size_t i = 0; i < row->cell_n; i++) {
        Str head = str_trim(row->cells[i]);
        int found = -1;
        for (int k = 0; k < UNIT_COLUMN_MAX; k++)
            for (size_t w = 0; w < LEN(unit_heads[k]); w++)
                if (str_eq(head, str_of(unit_heads[k][w])))
                    found = k;
        if (found < 0 && head.n)
            err_field(e, head, "sheet.unknown_column");
        else if (found >= 0 && at[found] >= 0)
            err_field(e, head, "sheet.column_twice");
        else if (found >= 0)
            at[found] = (int)i;
    }
    for (int k = 0; k < UNIT_COLUMN_MAX; k++)
        if (at[k] < 0)
            err_field(e, str_of(unit_heads[k][0]), "sheet.no_column");
    return e->cls;
}

static Str cell_at(Arena *a, const CsvRow *row, int ix)
{
    return (size_t)ix < row->cell_n ? text_normal(a, str_trim(row->cells[ix])) : S("");
}

static bool is_blank(const CsvRow *row)
{
    for (size_t i = 0; i < row->cell_n; i++)
        if (str_trim(row->cells[i]).n)
            return false;
    return true;
}

int sheet_read_units(Arena *a, Str bytes, UnitImport *ret, CsvFacts *ret_facts, Err *e)
{
    Csv *csv;
    CsvRow row;
    CsvFacts facts;
    TRY(csv_open(a, bytes, &csv, &facts, e));
    int rc = csv_next(csv, &row, e), at[UNIT_COLUMN_MAX];
    if (rc < 0)
        return rc;
    if (!rc)
        return err_set(e, ERR_INVALID, "sheet.empty");
    TRY(find_heads(&row, at, e));
    size_t width = row.cell_n;
    int n = 0, cap = 256;
    UnitRow *rows = NEW_N(a, UnitRow, (size_t)cap);
    while ((rc = csv_next(csv, &row, e)) > 0) {
        if (is_blank(&row))
            continue;
        if (row.cell_n > width)
            return err_set(e, ERR_INVALID, "sheet.too_many_cells", err_int(e, row.row),
                           err_int(e, (int64_t)width));
        if (n == LIMIT_IMPORT_UNITS)
            return err_set(e, ERR_LIMIT, "sheet.too_many_rows", err_int(e, LIMIT_IMPORT_UNITS));
        if (n == cap) {
            UnitRow *more = NEW_N(a, UnitRow, (size_t)cap * 2);
            memcpy(more, rows, (size_t)cap * sizeof *rows);
            rows = more;
            cap *= 2;
        }
        rows[n++] = (UnitRow){.code = cell_at(a, &row, at[UNIT_CODE]),
                              .name = cell_at(a, &row, at[UNIT_NAME]),
                              .kind = cell_at(a, &row, at[UNIT_LEVEL]),
                              .parent = cell_at(a, &row, at[UNIT_PARENT]),
                              .row = row.row};
    }
    if (rc < 0)
        return rc;
    if (!n)
        return err_set(e, ERR_INVALID, "sheet.empty");
    *ret = (UnitImport){.rows = rows, .row_n = n};
    *ret_facts = facts;
    return 0;
}

void sheet_write_units(Buf *b, const Model *m, const Tree *t, int unit_ix)
{
    csv_bom(b);
    for (int k = 0; k < UNIT_COLUMN_MAX; k++)
        csv_cell(b, str_of(unit_heads[k][0]), k == 0);
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
static Str audience_cell(Arena *a, const Tree *tree, Str value)
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
        *ret = v->tag == VALUE_TEXT ? audience_cell(a, tree, v->s) : S("");
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
