/* table.c: tables people bring, CSV and workbooks by one interface; what is mended in their cells.
 *                                                                             SPEC: P7  STACK: 5 */
#include "exchange/xlsx_int.h"

enum { WIDE_MAX = 64 /* bytes; a longer text may have its full width */ };

struct Table {
    Arena *arena, *row_arena;
    Csv *csv;
    SheetReader *sheet;
    Str sheet_name;
    TableCell cells[LIMIT_CSV_COLUMNS];
};

/* ---- mending ---- */

static bool is_blank(uint32_t cp)
{
    return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == 0xA0 || cp == 0x3000 ||
           (cp >= 0x2000 && cp <= 0x200B) || cp == 0x202F || cp == 0x205F || cp == 0x2060 ||
           cp == 0xFEFF;
}

static Str trim_all(Str s)
{
    Str rest = s, kept = STR_NONE;
    while (rest.n > 0) {
        Str here = rest;
        if (is_blank(utf8_next(&rest)))
            continue;
        if (!str_has(kept))
            kept.p = here.p;
        kept.n = (size_t)(rest.p - kept.p);
    }
    return str_has(kept) ? kept : str_sub(s, 0, 0);
}

static uint32_t narrow(uint32_t cp) /* 0: has no other width */
{
    return cp >= 0xFF01 && cp <= 0xFF5E ? cp - 0xFEE0 : 0;
}

static bool is_letter(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || ((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z');
}

static Str narrow_text(Arena *a, Str s)
{
    bool has_wide = false, has_digit = false, is_number = true;
    for (Str rest = s; rest.n > 0;) {
        uint32_t cp = utf8_next(&rest), as = narrow(cp), low = as ? as : cp;
        has_wide = has_wide || as;
        has_digit = has_digit || (low >= '0' && low <= '9');
        is_number = is_number && low < 0x80 && (is_letter(low) || strchr("+-.,:/%", (int)low));
    }
    if (!has_wide)
        return s;
    Buf b = {.arena = a};
    for (Str rest = s; rest.n > 0;) {
        char out[4];
        uint32_t cp = utf8_next(&rest), as = narrow(cp);
        bool is_changed = as && (is_letter(as) || (is_number && has_digit));
        buf_mem(&b, out, utf8_put(is_changed ? as : cp, out));
    }
    return str_eq(buf_view(&b), s) ? s : buf_view(&b);
}

Str table_mend(Arena *a, Str s)
{
    Str trimmed = trim_all(s);
    if (trimmed.n == s.n)
        trimmed = s;
    return trimmed.n && trimmed.n <= WIDE_MAX ? narrow_text(a, trimmed) : trimmed;
}

/* 4.10823E+17: what a spreadsheet shows of a long number, saved as text. */
static bool is_rounded_text(Str s)
{
    size_t i = 0, digits = 0;
    int64_t power;
    for (; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.'); i++)
        digits += s.p[i] != '.';
    return digits > 0 && i + 2 < s.n && (s.p[i] | 0x20) == 'e' && s.p[i + 1] == '+' &&
           str_i64(str_sub(s, i + 2, s.n), &power) && power >= (int64_t)digits;
}

static TableCell cell_of(Table *t, Str raw, unsigned flags)
{
    Str text = table_mend(t->row_arena, raw);
    if (text.p != raw.p || text.n != raw.n)
        flags |= CELL_MENDED;
    if (!(flags & CELL_NUMBER) && is_rounded_text(text))
        flags |= CELL_ROUNDED;
    return (TableCell){.text = text, .raw = raw, .flags = flags};
}

/* ---- opening ---- */

/* What the bytes are, told for somebody who imports. */
static int refuse_kind(DocumentKind kind, Err *e)
{
    switch (kind) {
    case DOC_XLS:
        return err_set(e, ERR_SYNTAX, "xlsx.old");
    case DOC_ODS:
        return err_set(e, ERR_SYNTAX, "xlsx.other_book");
    default:
        return err_set(e, ERR_SYNTAX, "xlsx.no_table");
    }
}

static int refuse_as(const Err *sub, Err *e)
{
    static const struct {
        const char *key, *as;
    } words[] = {{"document.archive", "xlsx.no_table"},
                 {"document.unknown", "xlsx.no_table"},
                 {"document.program", "xlsx.no_table"},
                 {"document.rtf", "xlsx.no_table"},
                 {"document.bomb", "xlsx.bomb"}};
    for (size_t i = 0; i < LEN(words); i++)
        if (str_eq(sub->key, str_of(words[i].key)))
            return err_set(e, sub->cls, words[i].as, sub->args[0]);
    *e = *sub;
    return sub->cls;
}

/* A page or SpreadsheetML of 2003, which many systems hand out as .xls. */
static bool is_markup(Str bytes)
{
    Str s = str_starts(bytes, S("\xEF\xBB\xBF")) ? str_sub(bytes, 3, bytes.n) : bytes;
    s = str_trim(str_sub(s, 0, 256));
    static const char *const heads[] = {"<html", "<!doctype", "<table", "<?xml", "<meta", "<head"};
    for (size_t i = 0; i < LEN(heads); i++)
        if (s.n >= strlen(heads[i]) && !strncasecmp(s.p, heads[i], strlen(heads[i])))
            return true;
    return false;
}

static int find_sheet(Arena *a, const Book *b, Str name, SheetReader **ret, TableFacts *facts,
                      Err *e)
{
    for (size_t i = 0; i < b->sheet_n; i++) {
        SheetReader *r = NULL;
        const BookSheet *s = &b->sheets[i];
        if (str_has(name) ? !str_eq(s->name, name) : s->is_hidden || !s->part)
            continue;
        TRY(sheet_open(a, b, i, &r, &facts->cell_n, e));
        if (str_has(name) || facts->cell_n > 0) {
            facts->sheet_ix = i;
            *ret = r;
            return 0;
        }
        sheet_close(r);
    }
    if (str_has(name))
        return err_set(e, ERR_INVALID, "xlsx.no_such_sheet", utf8_prefix(name, LIMIT_NAME_CHARS));
    return err_set(e, ERR_INVALID, "xlsx.no_sheet");
}

int table_book(Arena *a, Str bytes, Book *ret, Err *e)
{
    DocumentKind kind;
    Err sub = err_on(e->arena);
    if (bytes.n > LIMIT_IMPORT_BYTES)
        return err_set(e, ERR_LIMIT, "csv.large", err_int(e, LIMIT_IMPORT_BYTES / 1024 / 1024));
    if (document_kind(a, bytes, &kind, &sub) < 0)
        return refuse_as(&sub, e);
    if (kind != DOC_XLSX)
        return refuse_kind(kind, e);
    return book_open(a, bytes, ret, e);
}

static int open_book(Table *t, Str bytes, Str sheet, TableFacts *facts, Err *e)
{
    Arena *a = t->arena;
    Book *b = NEW(a, Book);
    TRY(table_book(a, bytes, b, e));
    TableSheet *sheets = NEW_N(a, TableSheet, b->sheet_n + 1);
    for (size_t i = 0; i < b->sheet_n; i++)
        sheets[i] = (TableSheet){.name = b->sheets[i].name, .is_hidden = b->sheets[i].is_hidden};
    *facts = (TableFacts){.is_workbook = true, .sheets = sheets, .sheet_n = b->sheet_n};
    TRY(find_sheet(a, b, sheet, &t->sheet, facts, e));
    t->sheet_name = b->sheets[facts->sheet_ix].name;
    return 0;
}

bool table_is_book(Str bytes)
{
    static const Str heads[] = {S("PK\x03\x04"), S("PK\x05\x06"),   S("\xD0\xCF\x11\xE0"),
                                S("%PDF-"),      S("\xFF\xD8\xFF"), S("\x89PNG"),
                                S("{\\rtf"),     S("Rar!"),         S("7z\xBC\xAF"),
                                S("\x1F\x8B")};
    for (size_t i = 0; i < LEN(heads); i++)
        if (str_starts(bytes, heads[i]))
            return true;
    return false;
}

int table_open(Arena *a, Str bytes, Str sheet, Table **ret, TableFacts *ret_facts, Err *e)
{
    Table *t = NEW(a, Table);
    TableFacts facts = {.is_workbook = false};
    t->arena = a;
    if (bytes.n == 0)
        return err_set(e, ERR_INVALID, "document.empty");
    if (is_markup(bytes))
        return err_set(e, ERR_SYNTAX, "xlsx.web_page");
    if (table_is_book(bytes))
        TRY(open_book(t, bytes, sheet, &facts, e));
    else
        TRY(csv_open(a, bytes, &t->csv, &facts.csv, e));
    t->row_arena = arena_new(4096);
    *ret = t;
    *ret_facts = facts;
    return 0;
}

void table_close(Table *t)
{
    if (!t)
        return;
    sheet_close(t->sheet);
    arena_free(t->row_arena);
}

/* ---- rows ---- */

static int next_csv(Table *t, TableRow *ret, Err *e)
{
    CsvRow row;
    int rc = csv_next(t->csv, &row, e);
    if (rc <= 0)
        return rc;
    for (size_t i = 0; i < row.cell_n; i++)
        t->cells[i] = cell_of(t, row.cells[i], 0);
    *ret = (TableRow){.row = row.row, .cells = t->cells, .cell_n = row.cell_n};
    return 1;
}

static int next_sheet(Table *t, TableRow *ret, Err *e)
{
    const SheetCell *cells;
    TableRow row = {.cells = t->cells};
    int rc = sheet_next(t->sheet, &row.row, &row.is_hidden, &cells, &row.cell_n, e);
    if (rc <= 0)
        return rc;
    for (size_t i = 0; i < row.cell_n; i++)
        t->cells[i] = cell_of(t, sheet_text(t->sheet, &cells[i]), cells[i].flags);
    *ret = row;
    return 1;
}

int table_next(Table *t, TableRow *ret, Err *e)
{
    for (;;) {
        TableRow row = {.row = 0};
        arena_reset(t->row_arena);
        int rc = t->csv ? next_csv(t, &row, e) : next_sheet(t, &row, e);
        if (rc <= 0)
            return rc;
        for (size_t i = 0; i < row.cell_n; i++)
            if (row.cells[i].text.n > 0 || (row.cells[i].flags & CELL_UNKNOWN)) {
                *ret = row;
                return 1;
            }
    }
}

Str table_place(Arena *a, const Table *t, int64_t row, size_t column)
{
    char name[16];
    cell_name(name, column, row);
    if (!str_has(t->sheet_name))
        return str_copy(a, str_of(name));
    return str_fmt(a, "%.*s!%s", STR_ARG(t->sheet_name), name);
}
