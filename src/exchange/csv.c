/* csv.c: reads what a spreadsheet calls CSV: commas, semicolons or tabs, UTF-8 or GB18030.
 *
 * The separators, quotes and line ends are all below 0x30, or ';' 0x3B, which never are the second
 * byte of a GB18030 character. So places (row, column) can be counted in bytes of either encoding,
 * before anything is converted.                                               SPEC: P7  STACK: 5 */
#include "exchange/exchange_int.h"

#include <errno.h>
#include <iconv.h>

struct Csv {
    Str text;
    size_t at;    /* the next row begins here */
    int64_t line; /* its line, from 1 */
    int64_t row;  /* rows taken so far */
    char separator;
    Buf scratch; /* cells whose text differs from the file's: doubled quotes, CRLF */
    size_t cell_n;
    bool is_cooked[LIMIT_CSV_COLUMNS]; /* the cell is an offset into scratch */
    size_t from[LIMIT_CSV_COLUMNS];
    size_t bytes[LIMIT_CSV_COLUMNS];
    Str cells[LIMIT_CSV_COLUMNS];
};

/* Where the reader stands within a row; copied back to the Csv only when the whole row was good. */
typedef struct Cursor {
    size_t at;
    int64_t line;
} Cursor;

size_t exchange_utf8_bad(Str s)
{
    if (utf8_valid(s))
        return s.n;
    Str rest = s;
    while (rest.n > 0) {
        Str here = rest;
        uint32_t cp = utf8_next(&rest);
        if (cp == 0)
            return s.n - here.n;
        if (cp == 0xFFFD && !str_starts(here, S("\xEF\xBF\xBD")))
            return s.n - here.n;
    }
    return s.n;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* ---- one cell -------------------------------------------------------------------------------- */

static int csv_add_cell(Csv *c, bool is_cooked, size_t from, size_t bytes, Err *e)
{
    if (bytes > LIMIT_CSV_CELL_BYTES)
        return err_set(e, ERR_LIMIT, "csv.cell_long", err_int(e, c->row + 1),
                       err_int(e, (int64_t)c->cell_n + 1), err_int(e, LIMIT_CSV_CELL_BYTES / 1024));
    c->is_cooked[c->cell_n] = is_cooked;
    c->from[c->cell_n] = from;
    c->bytes[c->cell_n] = bytes;
    c->cell_n++;
    return 0;
}

static int csv_plain_cell(Csv *c, Cursor *k, Err *e)
{
    size_t end = k->at;
    while (end < c->text.n && c->text.p[end] != c->separator && !is_line_end(c->text.p[end]))
        end++;
    TRY(csv_add_cell(c, false, k->at, end - k->at, e));
    k->at = end;
    return 0;
}

/* Finds the closing quote; false: there is none. */
static bool csv_closing_quote(Str text, size_t from, size_t *ret_at, bool *ret_is_doubled)
{
    bool is_doubled = false;
    for (size_t at = from; at < text.n;) {
        const char *quote = memchr(text.p + at, '"', text.n - at);
        if (!quote)
            return false;
        at = (size_t)(quote - text.p);
        if (at + 1 < text.n && text.p[at + 1] == '"') {
            is_doubled = true;
            at += 2;
            continue;
        }
        *ret_at = at;
        *ret_is_doubled = is_doubled;
        return true;
    }
    return false;
}

static int64_t csv_count_lines(Str s, bool *ret_has_crlf)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_line_end(s.p[i]))
            continue;
        n++;
        if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n') {
            *ret_has_crlf = true;
            i++;
        }
    }
    return n;
}

static void csv_cook(Buf *b, Str raw)
{
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '"')
            i++; /* a quote in here is one of two */
        if (raw.p[i] == '\r' && i + 1 < raw.n && raw.p[i + 1] == '\n')
            continue;
        buf_byte(b, raw.p[i]);
    }
}

static int csv_quoted_cell(Csv *c, Cursor *k, Err *e)
{
    size_t close_at;
    bool has_doubled, has_crlf = false;
    if (!csv_closing_quote(c->text, k->at + 1, &close_at, &has_doubled))
        return err_set(e, ERR_SYNTAX, "csv.quote_open", err_int(e, k->line), err_int(e, c->row + 1),
                       err_int(e, (int64_t)c->cell_n + 1));
    Str raw = str_sub(c->text, k->at + 1, close_at - k->at - 1);
    int64_t line_n = csv_count_lines(raw, &has_crlf);
    size_t end = close_at + 1;
    if (end < c->text.n && c->text.p[end] != c->separator && !is_line_end(c->text.p[end]))
        return err_set(e, ERR_SYNTAX, "csv.after_quote", err_int(e, k->line + line_n),
                       err_int(e, c->row + 1), err_int(e, (int64_t)c->cell_n + 1));
    if ((has_doubled || has_crlf) && raw.n <= 2 * LIMIT_CSV_CELL_BYTES) {
        size_t from = c->scratch.n;
        csv_cook(&c->scratch, raw);
        TRY(csv_add_cell(c, true, from, c->scratch.n - from, e));
    } else {
        TRY(csv_add_cell(c, false, k->at + 1, raw.n, e));
    }
    k->at = end;
    k->line += line_n;
    return 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int csv_read_row(Csv *c, Cursor *k, Err *e)
{
    c->cell_n = 0;
    c->scratch.n = 0;
    for (;;) {
        if (c->cell_n == LIMIT_CSV_COLUMNS)
            return err_set(e, ERR_LIMIT, "csv.columns", err_int(e, c->row + 1),
                           err_int(e, LIMIT_CSV_COLUMNS));
        bool is_quoted = k->at < c->text.n && c->text.p[k->at] == '"';
        TRY(is_quoted ? csv_quoted_cell(c, k, e) : csv_plain_cell(c, k, e));
        if (k->at == c->text.n)
            return 0;
        if (c->text.p[k->at] != c->separator)
            break;
        k->at++;
    }
    DCHECK(is_line_end(c->text.p[k->at]));
    if (c->text.p[k->at] == '\r' && k->at + 1 < c->text.n && c->text.p[k->at + 1] == '\n')
        k->at++;
    k->at++;
    k->line++;
    return 0;
}

static bool csv_row_is_empty(const Csv *c)
{
    for (size_t i = 0; i < c->cell_n; i++)
        if (c->bytes[i] > 0)
            return false;
    return true;
}

int csv_next(Csv *c, CsvRow *ret, Err *e)
{
    while (c->at < c->text.n) {
        Cursor k = {.at = c->at, .line = c->line};
        TRY(csv_read_row(c, &k, e));
        CHECK(k.at > c->at && c->cell_n > 0);
        int64_t first_line = c->line;
        c->at = k.at;
        c->line = k.line;
        c->row++;
        if (csv_row_is_empty(c))
            continue;
        for (size_t i = 0; i < c->cell_n; i++) {
            const char *base = c->is_cooked[i] ? c->scratch.p : c->text.p;
            c->cells[i] = (Str){base + c->from[i], c->bytes[i]};
        }
        *ret = (CsvRow){.line = first_line, .row = c->row, .cells = c->cells, .cell_n = c->cell_n};
        return 1;
    }
    return 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* The commonest of comma, semicolon and tab outside quotes in the first line that has text. */
static char csv_find_separator(Str text)
{
    static const char known[] = {',', ';', '\t'};
    size_t n[LEN(known)] = {0};
    bool is_inside = false, has_text = false;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (ch == '"')
            is_inside = !is_inside;
        if (is_line_end(ch) && !is_inside && has_text)
            break;
        if (is_inside || is_line_end(ch))
            continue;
        bool is_known = false;
        for (size_t j = 0; j < LEN(known); j++) {
            n[j] += known[j] == ch;
            is_known = is_known || known[j] == ch;
        }
        has_text = has_text || !is_known;
    }
    size_t best = 0;
    for (size_t j = 1; j < LEN(known); j++)
        if (n[j] > n[best])
            best = j;
    return known[best];
}

static Csv *csv_new(Arena *a, Str text)
{
    Csv *c = NEW(a, Csv);
    c->text = text;
    c->line = 1;
    c->separator = csv_find_separator(text);
    c->scratch = (Buf){.arena = a};
    return c;
}

/* Fails naming row and column of bytes.p[at], by reading what stands before it. */
static int csv_fail_at(Arena *a, Str bytes, size_t at, const char *key, Err *e)
{
    CHECK(at < bytes.n);
    Csv *c = csv_new(a, str_sub(bytes, 0, at));
    CsvRow row;
    Err ignored = err_on(a); /* only the place counts: the piece may well end inside quotes */
    int rc;
    do
        rc = csv_next(c, &row, &ignored);
    while (rc > 0);
    int64_t row_no = c->row, column = (int64_t)c->cell_n;
    if (rc < 0) {
        row_no++;
        column++;
    } else if (at == 0 || is_line_end(bytes.p[at - 1])) {
        row_no++;
        column = 1;
    }
    return err_set(e, ERR_SYNTAX, key, err_int(e, row_no), err_int(e, column));
}

/* Converts all of it; on failure *ret_bad is where the first bad character begins. */
static int csv_from_gb18030(Arena *a, Str bytes, Str *ret, size_t *ret_bad, Err *e)
{
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    if (cd == (iconv_t)-1)
        return err_set(e, ERR_IO, "csv.no_gb18030");
    size_t room = bytes.n + bytes.n / 2 + 16; /* 2 bytes become 3, 4 become 4 */
    char *out = arena_alloc(a, room);
    char *in_p = (char *)(uintptr_t)bytes.p; /* iconv wants it so, and does not write there */
    char *out_p = out;
    size_t in_n = bytes.n, out_n = room;
    size_t rc = iconv(cd, &in_p, &in_n, &out_p, &out_n);
    CHECK(rc != (size_t)-1 || errno != E2BIG);
    CHECK(iconv_close(cd) == 0);
    if (rc == (size_t)-1) {
        *ret_bad = bytes.n - in_n;
        return 0;
    }
    *ret_bad = bytes.n;
    *ret = (Str){out, room - out_n};
    return 0;
}

static int csv_refuse_other_formats(Str bytes, Err *e)
{
    if (str_starts(bytes, S("PK\x03\x04")) || str_starts(bytes, S("\xD0\xCF\x11\xE0")))
        return err_set(e, ERR_SYNTAX, "csv.is_workbook");
    if (str_starts(bytes, S("\xFF\xFE")) || str_starts(bytes, S("\xFE\xFF")))
        return err_set(e, ERR_SYNTAX, "csv.is_utf16");
    return 0;
}

int csv_open(Arena *a, Str bytes, Csv **ret, CsvFacts *ret_facts, Err *e)
{
    static const Str bom = S("\xEF\xBB\xBF");
    if (bytes.n > LIMIT_IMPORT_BYTES)
        return err_set(e, ERR_LIMIT, "csv.large", err_int(e, LIMIT_IMPORT_BYTES / 1024 / 1024));
    TRY(csv_refuse_other_formats(bytes, e));
    CsvFacts facts = {.encoding = S("UTF-8"), .had_bom = str_starts(bytes, bom)};
    Str text = facts.had_bom ? str_sub(bytes, bom.n, bytes.n) : bytes;
    const char *nul = text.n ? memchr(text.p, 0, text.n) : NULL;
    if (nul)
        return csv_fail_at(a, text, (size_t)(nul - text.p), "csv.nul", e);
    size_t bad = exchange_utf8_bad(text);
    if (bad < text.n && facts.had_bom)
        return csv_fail_at(a, text, bad, "csv.encoding", e);
    if (bad < text.n) {
        size_t bad_gb = 0;
        Str converted = STR_NONE;
        TRY(csv_from_gb18030(a, text, &converted, &bad_gb, e));
        /* Neither: the encoding that got further is the one that was meant. */
        if (bad_gb < text.n)
            return csv_fail_at(a, text, bad_gb > bad ? bad_gb : bad, "csv.encoding", e);
        facts.encoding = S("GB18030");
        facts.had_bom = str_starts(converted, bom);
        text = facts.had_bom ? str_sub(converted, bom.n, converted.n) : converted;
        CHECK(utf8_valid(text));
    }
    Csv *c = csv_new(a, text);
    facts.separator = c->separator;
    *ret = c;
    *ret_facts = facts;
    return 0;
}
