/* xlsx_sheet.c: one sheet of a workbook, row by row. It is read twice: first to its end, which
 * finds what is broken and the merged ranges, that stand behind the cells; then for its rows.
 *                                                                                       STACK: 5 */
#include "exchange/xlsx_int.h"

#include <math.h>
#include <stdlib.h>

typedef enum CellKind {
    KIND_NUMBER,
    KIND_SHARED,
    KIND_TEXT,
    KIND_BOOL,
    KIND_ERROR,
    KIND_ISO
} CellKind;

typedef struct Merge {
    int64_t from_row, to_row;
    size_t from_column, to_column;
    SheetCell first; /* once its row was read */
} Merge;

struct SheetReader {
    Arena *arena;
    const Book *book;
    const BookSheet *sheet;
    Xml *xml;
    bool is_scan, is_in_data;
    int64_t row; /* as numbered, 0: before the first */
    int64_t cell_total;
    bool is_row_hidden;
    size_t next_column; /* of a cell that does not say it */
    SheetCell cells[LIMIT_CSV_COLUMNS];
    size_t cell_n; /* up to the last one with something in it */
    Buf scratch;   /* texts of the row */
    bool is_column_hidden[LIMIT_CSV_COLUMNS];
    Merge *merges; /* by first row */
    size_t merge_n, merge_cap, merge_next;
    const Merge *active[LIMIT_CSV_COLUMNS];
    size_t active_n;
    /* the cell under way */
    bool is_in_cell, is_capturing, has_value, has_formula;
    int phonetic;
    CellKind kind;
    size_t column, text_from, style;
};

/* ---- names of cells ---- */

void cell_name(char ret[16], size_t column, int64_t row)
{
    char letters[8];
    size_t n = 0, at = 0;
    for (size_t c = column + 1; c > 0; c = (c - 1) / 26)
        letters[n++] = (char)('A' + (c - 1) % 26);
    while (n > 0)
        ret[at++] = letters[--n];
    (void)snprintf(ret + at, 16 - at, "%d", (int)row); /* at most XFD1048576 */
}

bool cell_parse(const char *ref, const char **ret_end, size_t *ret_column, int64_t *ret_row)
{
    size_t column = 0;
    int64_t row = 0;
    for (; *ref >= 'A' && *ref <= 'Z'; ref++)
        if ((column = column * 26 + (size_t)(*ref - 'A' + 1)) > LIMIT_XLSX_COLUMNS)
            return false;
    for (; *ref >= '0' && *ref <= '9'; ref++)
        if ((row = row * 10 + (*ref - '0')) > LIMIT_XLSX_ROWS)
            return false;
    if (!column || !row)
        return false;
    *ret_end = ref;
    *ret_column = column - 1;
    *ret_row = row;
    return true;
}

static Str place(SheetReader *r, Err *e)
{
    char name[16];
    cell_name(name, r->column, r->row > 0 ? r->row : 1);
    return str_fmt(e->arena, "%.*s!%s", STR_ARG(utf8_prefix(r->sheet->name, LIMIT_NAME_CHARS)),
                   name);
}

static int bad_cell(SheetReader *r, Err *e)
{
    return err_set(e, ERR_SYNTAX, "xlsx.cell", place(r, e));
}

/* ---- cells ---- */

static int start_row(SheetReader *r, const char **attrs, Err *e)
{
    const char *no = xml_attr(attrs, "r");
    int64_t row = r->row + 1;
    if ((no && !str_i64(str_of(no), &row)) || row <= r->row || row > LIMIT_XLSX_ROWS)
        return err_set(e, ERR_SYNTAX, "xlsx.order", utf8_prefix(r->sheet->name, LIMIT_NAME_CHARS),
                       err_int(e, r->row));
    r->row = row;
    r->is_row_hidden = xml_is(xml_attr(attrs, "hidden"));
    r->next_column = r->cell_n = 0;
    r->scratch.n = 0;
    return 0;
}

static int start_cell(SheetReader *r, const char **attrs, Err *e)
{
    static const struct {
        const char *name;
        CellKind kind;
    } kinds[] = {{"n", KIND_NUMBER},       {"s", KIND_SHARED}, {"str", KIND_TEXT},
                 {"inlineStr", KIND_TEXT}, {"b", KIND_BOOL},   {"e", KIND_ERROR},
                 {"d", KIND_ISO}};
    const char *ref = xml_attr(attrs, "r"), *type = xml_attr(attrs, "t"),
               *style = xml_attr(attrs, "s"), *end;
    int64_t row = r->row, style_ix = 0;
    size_t column = r->next_column;
    r->column = column;
    if (ref && (!cell_parse(ref, &end, &column, &row) || *end))
        return bad_cell(r, e);
    if (row != r->row || column < r->next_column || column >= LIMIT_XLSX_COLUMNS)
        return bad_cell(r, e);
    r->column = column;
    r->next_column = column + 1;
    r->kind = KIND_NUMBER;
    bool is_known = !type;
    for (size_t i = 0; type && i < LEN(kinds); i++)
        if (!strcmp(type, kinds[i].name)) {
            r->kind = kinds[i].kind;
            is_known = true;
        }
    if (!is_known || (style && (!str_i64(str_of(style), &style_ix) || style_ix < 0)))
        return bad_cell(r, e);
    r->style = (size_t)style_ix;
    r->is_in_cell = true;
    r->is_capturing = r->has_value = r->has_formula = false;
    r->text_from = r->scratch.n;
    return 0;
}

/* A double of what stands there, and nothing else. */
static bool parse_number(Arena *a, Str text, double *ret)
{
    size_t mark = arena_mark(a);
    Str trimmed = str_trim(text);
    char *z = str_z(a, str_sub(trimmed, 0, 64)), *end;
    bool is_plain = trimmed.n > 0 && trimmed.n < 64 && z[strspn(z, "0123456789+-.eE")] == 0;
    double v = is_plain ? strtod(z, &end) : 0;
    bool is_good = is_plain && *end == 0 && isfinite(v);
    arena_rewind(a, mark);
    if (is_good)
        *ret = v;
    return is_good;
}

static int finish_number(SheetReader *r, Str text, SheetCell *c, Err *e)
{
    double v;
    Format f = {.kind = FORMAT_PLAIN};
    if (r->style < r->book->format_n)
        f = r->book->formats[r->style];
    if (!parse_number(r->arena, text, &v))
        return bad_cell(r, e);
    r->scratch.n = r->text_from;
    format_number(&r->scratch, v, f, r->book->is_1904, &c->flags);
    return 0;
}

/* What was captured becomes the cell's text. */
static int finish_value(SheetReader *r, SheetCell *c, Err *e)
{
    Str text = r->scratch.n > r->text_from
                   ? (Str){r->scratch.p + r->text_from, r->scratch.n - r->text_from}
                   : S("");
    int64_t ix;
    switch (r->kind) {
    case KIND_SHARED:
        if (text.n == 0)
            return 0;
        if (!str_i64(str_trim(text), &ix) || ix < 0 || (size_t)ix >= r->book->string_n)
            return bad_cell(r, e);
        c->text = r->book->strings[ix];
        r->scratch.n = r->text_from;
        return 0;
    case KIND_NUMBER:
        return text.n ? finish_number(r, text, c, e) : 0;
    case KIND_BOOL:
        if (text.n == 0)
            return 0;
        c->flags |= CELL_YESNO;
        c->text = xml_is(str_eq(text, S("1"))      ? "1"
                         : str_eq(text, S("true")) ? "1"
                                                   : "0")
                      ? S("TRUE")
                      : S("FALSE");
        r->scratch.n = r->text_from;
        return 0;
    case KIND_ERROR:
        c->flags |= CELL_ERROR;
        return 0;
    case KIND_ISO: /* 2026-05-01T00:00:00 */
        c->flags |= CELL_DATE;
        if (text.n > 10 && text.p[10] == 'T') {
            r->scratch.p[r->text_from + 10] = ' ';
            if (str_starts(str_sub(text, 11, text.n), S("00:00:00")))
                r->scratch.n = r->text_from + 10;
        }
        return 0;
    case KIND_TEXT:
        return 0;
    }
    return 0;
}

static int finish_cell(SheetReader *r, Err *e)
{
    SheetCell c = {.from = r->text_from};
    r->is_in_cell = false;
    TRY(finish_value(r, &c, e));
    c.n = r->scratch.n - r->text_from;
    size_t n = str_has(c.text) ? c.text.n : c.n;
    if (r->has_formula)
        c.flags |= CELL_FORMULA | (r->has_value ? 0U : (unsigned)CELL_UNKNOWN);
    if (n == 0 && !(c.flags & CELL_UNKNOWN))
        return 0; /* only a look */
    if (r->column >= LIMIT_CSV_COLUMNS)
        return err_set(e, ERR_LIMIT, "xlsx.columns", place(r, e), err_int(e, LIMIT_CSV_COLUMNS));
    if (n > LIMIT_CSV_CELL_BYTES)
        return err_set(e, ERR_LIMIT, "xlsx.cell_long", place(r, e),
                       err_int(e, LIMIT_CSV_CELL_BYTES / 1024));
    if (++r->cell_total > LIMIT_XLSX_CELLS)
        return err_set(e, ERR_LIMIT, "xlsx.many_cells",
                       utf8_prefix(r->sheet->name, LIMIT_NAME_CHARS), err_int(e, LIMIT_XLSX_CELLS));
    if (r->is_column_hidden[r->column])
        c.flags |= CELL_HIDDEN;
    while (r->cell_n < r->column)
        r->cells[r->cell_n++] = (SheetCell){.text = S("")};
    r->cells[r->cell_n++] = c;
    return 0;
}

/* ---- columns and merged ranges ---- */

static void hide_columns(SheetReader *r, const char **attrs)
{
    const char *from = xml_attr(attrs, "min"), *to = xml_attr(attrs, "max");
    int64_t first, last;
    if (!xml_is(xml_attr(attrs, "hidden")) || !from || !to || !str_i64(str_of(from), &first) ||
        !str_i64(str_of(to), &last) || first < 1)
        return;
    for (int64_t c = first; c <= last && c <= LIMIT_CSV_COLUMNS; c++)
        r->is_column_hidden[c - 1] = true;
}

static int add_merge(SheetReader *r, const char **attrs, Err *e)
{
    const char *ref = xml_attr(attrs, "ref"), *end;
    Merge m = {.from_row = 0};
    if (!r->is_scan)
        return 0;
    if (!ref || !cell_parse(ref, &end, &m.from_column, &m.from_row))
        return bad_cell(r, e);
    m.to_column = m.from_column;
    m.to_row = m.from_row;
    if ((*end == ':' && !cell_parse(end + 1, &end, &m.to_column, &m.to_row)) || *end ||
        m.to_row < m.from_row || m.to_column < m.from_column)
        return bad_cell(r, e);
    if (m.from_column >= LIMIT_CSV_COLUMNS)
        return 0;
    if (m.to_column >= LIMIT_CSV_COLUMNS)
        m.to_column = LIMIT_CSV_COLUMNS - 1;
    if (r->merge_n == LIMIT_XLSX_MERGES)
        return err_set(e, ERR_LIMIT, "xlsx.many_merges",
                       utf8_prefix(r->sheet->name, LIMIT_NAME_CHARS),
                       err_int(e, LIMIT_XLSX_MERGES));
    if (r->merge_n == r->merge_cap) {
        r->merge_cap = r->merge_cap ? 2 * r->merge_cap : 64;
        Merge *list = NEW_N(r->arena, Merge, r->merge_cap);
        if (r->merge_n)
            memcpy(list, r->merges, r->merge_n * sizeof *list);
        r->merges = list;
    }
    r->merges[r->merge_n++] = m;
    return 0;
}

static int by_row(const void *a, const void *b)
{
    int64_t x = ((const Merge *)a)->from_row, y = ((const Merge *)b)->from_row;
    return (x > y) - (x < y);
}

/* Ranges that begin in this row, or began above it and reach it; those that overlap are no ranges
 * Excel makes, so there are at most as many as columns. */
static int enter_merges(SheetReader *r, Err *e)
{
    size_t n = 0;
    for (size_t i = 0; i < r->active_n; i++)
        if (r->active[i]->to_row >= r->row)
            r->active[n++] = r->active[i];
    r->active_n = n;
    for (; r->merge_next < r->merge_n && r->merges[r->merge_next].from_row <= r->row;
         r->merge_next++) {
        Merge *m = &r->merges[r->merge_next];
        m->first = (SheetCell){.text = S("")};
        if (m->to_row < r->row)
            continue;
        if (r->active_n == LIMIT_CSV_COLUMNS)
            return err_set(e, ERR_LIMIT, "xlsx.many_merges",
                           utf8_prefix(r->sheet->name, LIMIT_NAME_CHARS),
                           err_int(e, LIMIT_CSV_COLUMNS));
        if (m->from_row == r->row && m->from_column < r->cell_n) {
            m->first = r->cells[m->from_column];
            if (!str_has(m->first.text))
                m->first.text = str_copy(r->arena, sheet_text(r, &m->first));
        }
        r->active[r->active_n++] = m;
    }
    return 0;
}

static int spread_merges(SheetReader *r, Err *e)
{
    TRY(enter_merges(r, e));
    for (size_t i = 0; i < r->active_n; i++) {
        const Merge *m = r->active[i];
        for (size_t c = m->from_column; c <= m->to_column && m->first.text.n; c++) {
            if (c == m->from_column && r->row == m->from_row)
                continue;
            while (r->cell_n <= c)
                r->cells[r->cell_n++] = (SheetCell){.text = S("")};
            r->cells[c] = m->first;
            r->cells[c].flags &= ~(unsigned)CELL_HIDDEN;
            r->cells[c].flags |=
                CELL_MERGED | (r->is_column_hidden[c] ? (unsigned)CELL_HIDDEN : 0U);
        }
    }
    return 0;
}

/* ---- the XML ---- */

static int sheet_start(void *ctx, const char *name, const char **attrs, Err *e)
{
    SheetReader *r = ctx;
    if (!strcmp(name, "sheetData"))
        r->is_in_data = true;
    else if (!strcmp(name, "col"))
        hide_columns(r, attrs);
    else if (!strcmp(name, "mergeCell"))
        return add_merge(r, attrs, e);
    if (!r->is_in_data)
        return 0;
    if (!strcmp(name, "row"))
        return r->is_in_cell ? bad_cell(r, e) : start_row(r, attrs, e);
    if (!strcmp(name, "c"))
        return r->is_in_cell || r->row == 0 ? bad_cell(r, e) : start_cell(r, attrs, e);
    if (!r->is_in_cell)
        return 0;
    r->phonetic += !strcmp(name, "rPh");
    r->has_formula = r->has_formula || !strcmp(name, "f");
    r->is_capturing = !strcmp(name, "v") || (!strcmp(name, "t") && !r->phonetic);
    return 0;
}

static int sheet_piece(void *ctx, Str piece, Err *e)
{
    SheetReader *r = ctx;
    if (!r->is_capturing)
        return 0;
    if (r->scratch.n - r->text_from + piece.n > LIMIT_CSV_CELL_BYTES)
        return err_set(e, ERR_LIMIT, "xlsx.cell_long", place(r, e),
                       err_int(e, LIMIT_CSV_CELL_BYTES / 1024));
    r->has_value = true;
    buf_str(&r->scratch, piece);
    return 0;
}

static int sheet_end(void *ctx, const char *name, Err *e)
{
    SheetReader *r = ctx;
    r->is_capturing = false;
    if (!r->is_in_data)
        return 0;
    if (!strcmp(name, "sheetData"))
        r->is_in_data = false;
    if (!strcmp(name, "rPh"))
        r->phonetic -= r->phonetic > 0;
    if (!strcmp(name, "c") && r->is_in_cell)
        return finish_cell(r, e);
    if (!strcmp(name, "row") && !r->is_scan && r->cell_n > 0)
        xml_pause(r->xml);
    return 0;
}

static const XmlFns sheet_fns = {.start = sheet_start, .end = sheet_end, .text = sheet_piece};

Str sheet_text(const SheetReader *r, const SheetCell *c)
{
    if (str_has(c->text))
        return c->text;
    return c->n ? (Str){r->scratch.p + c->from, c->n} : S("");
}

int sheet_open(Arena *a, const Book *b, size_t sheet_ix, SheetReader **ret, int64_t *ret_cell_n,
               Err *e)
{
    CHECK(sheet_ix < b->sheet_n);
    SheetReader *r = NEW(a, SheetReader);
    r->arena = a;
    r->book = b;
    r->sheet = &b->sheets[sheet_ix];
    r->scratch = (Buf){.arena = a};
    if (!r->sheet->part)
        return err_set(e, ERR_INVALID, "xlsx.sheet_gone",
                       utf8_prefix(r->sheet->name, LIMIT_NAME_CHARS));
    r->is_scan = true;
    TRY(xml_read(a, r->sheet->part, sheet_fns, r, e));
    int64_t total = r->cell_total;
    if (r->merge_n)
        qsort(r->merges, r->merge_n, sizeof *r->merges, by_row);
    r->is_scan = false;
    r->row = r->cell_total = 0;
    TRY(xml_open(a, r->sheet->part, sheet_fns, r, &r->xml, e));
    *ret = r;
    *ret_cell_n = total;
    return 0;
}

int sheet_next(SheetReader *r, int64_t *ret_row, bool *ret_is_hidden, const SheetCell **ret_cells,
               size_t *ret_n, Err *e)
{
    int rc = xml_next(r->xml, e);
    if (rc <= 0)
        return rc;
    TRY(spread_merges(r, e));
    *ret_row = r->row;
    *ret_is_hidden = r->is_row_hidden;
    *ret_cells = r->cells;
    *ret_n = r->cell_n;
    return 1;
}

void sheet_close(SheetReader *r)
{
    if (r)
        xml_close(r->xml);
}
