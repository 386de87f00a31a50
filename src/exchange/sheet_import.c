/* sheet_import.c: the rows of a CSV file or a workbook for record_import: finds the headings below
 * titles, and says of each cell what an importer must not take silently.            SPEC: P7 */
#include "exchange/sheet.h"

static ImportCell cell_of(const TableCell *c)
{
    ImportCell out = {.text = c->text, .raw = c->raw};
    out.is_number = (c->flags & CELL_NUMBER) != 0;
    if (c->flags & CELL_ROUNDED)
        out.fault = "import.rounded";
    else if (c->flags & CELL_UNKNOWN)
        out.fault = "import.formula_unknown";
    else if (c->flags & CELL_ERROR)
        out.fault = "import.cell_error";
    else if (c->flags & CELL_DATE_PART)
        out.note = "import.note_date_part";
    else if (c->flags & CELL_FORMULA)
        out.note = "import.note_formula";
    else if (c->flags & CELL_MERGED)
        out.note = "import.note_merged";
    else if (c->flags & CELL_HIDDEN)
        out.note = "import.note_hidden";
    return out;
}

static void take_row(SheetImport *x, const TableRow *t, ImportRow *ret)
{
    if (t->cell_n > x->cell_max) {
        x->cell_max = t->cell_n * 2;
        x->cells = NEW_N(x->arena, ImportCell, x->cell_max);
    }
    for (size_t i = 0; i < t->cell_n; i++)
        x->cells[i] = cell_of(&t->cells[i]);
    *ret = (ImportRow){.row = t->row,
                       .is_hidden = t->is_hidden,
                       .cells = x->cells,
                       .cell_n = (int)t->cell_n};
}

/* Headings are looked for in the first rows: where most are known. */
static int find_head(SheetImport *x, const Type *t, int64_t *ret_row, Err *e)
{
    TableRow row;
    ImportRow in;
    int best = -1, rc = 1;
    *ret_row = 0;
    for (int i = 0; i < LIMIT_IMPORT_HEAD_ROWS && (rc = table_next(x->table, &row, e)) > 0; i++) {
        take_row(x, &row, &in);
        int known = record_import_known(x->arena, t, &in);
        if (known > best) {
            best = known;
            *ret_row = row.row;
        }
    }
    if (rc < 0)
        return rc;
    return best < 0 ? err_set(e, ERR_INVALID, "sheet.empty") : 0;
}

static int keep_head(SheetImport *x, const TableRow *row)
{
    ImportRow in;
    take_row(x, row, &in);
    int n = in.cell_n;
    while (n > 0 && !str_trim(in.cells[n - 1].text).n)
        n--;
    ImportCell *cells = arena_copy(x->arena, in.cells, (size_t)n * sizeof *cells + 1);
    for (int i = 0; i < n; i++)
        cells[i].text = cells[i].raw = str_copy(x->arena, cells[i].text);
    x->head = (ImportRow){.row = in.row, .cells = cells, .cell_n = n};
    return 0;
}

int sheet_import_open(Arena *a, Str bytes, Str sheet, const Type *t, SheetImport *ret, Err *e)
{
    int64_t head_row;
    TableRow row;
    *ret = (SheetImport){.arena = a, .bytes = bytes, .sheet = sheet};
    TRY(table_open(a, bytes, sheet, &ret->table, &ret->facts, e));
    int rc = find_head(ret, t, &head_row, e);
    table_close(ret->table);
    ret->table = NULL;
    TRY(rc);
    ret->head.row = head_row;
    TRY(sheet_import_again(ret, e));
    while ((rc = table_next(ret->table, &row, e)) > 0 && row.row < head_row)
        ;
    if (rc > 0)
        rc = keep_head(ret, &row);
    if (rc < 0)
        sheet_import_close(ret);
    return rc < 0 ? rc : 0;
}

int sheet_import_again(SheetImport *x, Err *e)
{
    table_close(x->table);
    x->table = NULL;
    return table_open(x->arena, x->bytes, x->sheet, &x->table, &x->facts, e);
}

void sheet_import_close(SheetImport *x)
{
    table_close(x->table);
    x->table = NULL;
}

static int next_row(void *ctx, ImportRow *ret, Err *e)
{
    SheetImport *x = ctx;
    TableRow row;
    int rc;
    do
        rc = table_next(x->table, &row, e);
    while (rc > 0 && row.row <= x->head.row);
    if (rc > 0)
        take_row(x, &row, ret);
    return rc;
}

ImportSource sheet_import_rows(SheetImport *x)
{
    return (ImportSource){next_row, x};
}

/* ---- what is wrong, told ---- */

Str sheet_fault_text(Arena *a, Lang lang, const ImportFault *f)
{
    size_t n = 0;
    if (str_has(f->told))
        return f->told;
    while (n < ERR_ARGS_MAX && str_has(f->args[n]))
        n++;
    return i18n_text(a, lang, f->key, f->args, n);
}

int sheet_write_reasons(Arena *a, const SheetImport *x, const RecordImport *im, Lang lang,
                        TableSink sink, Err *e)
{
    TableReason *list = NEW_N(a, TableReason, (size_t)im->fault_n + 1);
    size_t n = 0;
    for (int i = 0; i < im->fault_n; i++) {
        const ImportFault *f = &im->faults[i];
        Str why = sheet_fault_text(a, lang, f);
        Str line = f->column.n ? str_fmt(a, "%.*s：%.*s", STR_ARG(f->column), STR_ARG(why)) : why;
        if (n && list[n - 1].row == f->row)
            list[n - 1].text =
                str_fmt(a, "%.*s\n%.*s", STR_ARG(list[n - 1].text), STR_ARG(line));
        else
            list[n++] = (TableReason){.row = f->row, .text = line};
    }
    return table_write_back(a, x->bytes, x->sheet, x->head.row,
                            i18n_get(lang, S("import.reason_head")), list, n, sink, e);
}
