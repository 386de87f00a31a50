/* sheet_in.c: tables of units and of days as others bring them: columns found by their heads.
 *                                                                                  SPEC: P4 P7 */
#include "exchange/sheet.h"

typedef const char *Heads[5]; /* the words one column may be called, the first as in the API */

static Str head_words(Arena *a, const Heads *heads, int n)
{
    Buf b = {.arena = a};
    for (int k = 0; k < n; k++)
        buf_fmt(&b, "%s%s", k ? ", " : "", heads[k][0]);
    return buf_view(&b);
}

/* Where each of n columns stands; the last `optional_n` may be missing (-1). */
static int find_heads(const CsvRow *row, const Heads *heads, int n, int optional_n, int *at, Err *e)
{
    for (int k = 0; k < n; k++)
        at[k] = -1;
    for (size_t i = 0; i < row->cell_n; i++) {
        Str head = str_trim(row->cells[i]);
        int found = -1;
        for (int k = 0; k < n; k++)
            for (size_t w = 0; w < LEN(heads[k]); w++)
                if (heads[k][w] && str_eq(head, str_of(heads[k][w])))
                    found = k;
        if (found < 0 && head.n)
            err_field(e, head, "sheet.unknown_column", head_words(e->arena, heads, n));
        else if (found >= 0 && at[found] >= 0)
            err_field(e, head, "sheet.column_twice");
        else if (found >= 0)
            at[found] = (int)i;
    }
    for (int k = 0; k < n - optional_n; k++)
        if (at[k] < 0)
            err_field(e, str_of(heads[k][0]), "sheet.no_column");
    return e->cls;
}

static Str cell_at(Arena *a, const CsvRow *row, int ix)
{
    return ix >= 0 && (size_t)ix < row->cell_n ? text_normal(a, str_trim(row->cells[ix])) : S("");
}

static bool is_blank(const CsvRow *row)
{
    for (size_t i = 0; i < row->cell_n; i++)
        if (str_trim(row->cells[i]).n)
            return false;
    return true;
}

/* ---- units ---- */

typedef enum UnitColumn {
    UNIT_CODE,
    UNIT_NAME,
    UNIT_LEVEL,
    UNIT_PARENT,
    UNIT_COLUMN_MAX
} UnitColumn;

static const Heads unit_heads[UNIT_COLUMN_MAX] = {
    {"code", "代码", "编码", "单位代码", "单位编码"},
    {"name", "名称", "单位名称", "单位", "全称"},
    {"level", "层级", "级别", "类别", "单位类别"},
    {"parent", "上级代码", "上级编码", "上级", "上级单位"}};

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
    TRY(find_heads(&row, unit_heads, UNIT_COLUMN_MAX, 0, at, e));
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

/* ---- days ---- */

typedef enum DayColumn { DAY_DATE, DAY_KIND, DAY_NAME, DAY_NOTICE, DAY_COLUMN_MAX } DayColumn;

static const Heads day_heads[DAY_COLUMN_MAX] = {{"date", "日期", "day"},
                                                {"kind", "类别", "类型"},
                                                {"name", "名称", "节日", "节假日"},
                                                {"notice", "通知", "文号", "依据"}};

int sheet_read_days(Arena *a, Str bytes, FlowImport *ret, CsvFacts *ret_facts, Err *e)
{
    Csv *csv;
    CsvRow row;
    CsvFacts facts;
    TRY(csv_open(a, bytes, &csv, &facts, e));
    int rc = csv_next(csv, &row, e), at[DAY_COLUMN_MAX], n = 0;
    if (rc < 0)
        return rc;
    if (!rc)
        return err_set(e, ERR_INVALID, "sheet.empty");
    TRY(find_heads(&row, day_heads, DAY_COLUMN_MAX, 1, at, e));
    size_t width = row.cell_n;
    FlowRow *rows = NEW_N(a, FlowRow, LIMIT_CALENDAR_DAYS);
    while ((rc = csv_next(csv, &row, e)) > 0) {
        if (is_blank(&row))
            continue;
        if (row.cell_n > width)
            return err_set(e, ERR_INVALID, "sheet.too_many_cells", err_int(e, row.row),
                           err_int(e, (int64_t)width));
        if (n == LIMIT_CALENDAR_DAYS)
            return err_set(e, ERR_LIMIT, "sheet.too_many_rows", err_int(e, LIMIT_CALENDAR_DAYS));
        rows[n++] = (FlowRow){.day = cell_at(a, &row, at[DAY_DATE]),
                              .kind = cell_at(a, &row, at[DAY_KIND]),
                              .name = cell_at(a, &row, at[DAY_NAME]),
                              .notice = cell_at(a, &row, at[DAY_NOTICE]),
                              .row = row.row};
    }
    if (rc < 0)
        return rc;
    if (!n)
        return err_set(e, ERR_INVALID, "sheet.empty");
    *ret = (FlowImport){.rows = rows, .row_n = n};
    *ret_facts = facts;
    return 0;
}
