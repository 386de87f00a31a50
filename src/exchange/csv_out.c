/* csv_out.c: writes CSV that Excel and WPS open by a double click: BOM, CRLF, no formulas.
 *                                                                                       STACK: 5 */
#include "exchange/exchange_int.h"

void csv_bom(Buf *b)
{
    buf_str(b, S("\xEF\xBB\xBF"));
}

static bool csv_is_formula(Str cell)
{
    return cell.n > 0 && memchr("=+-@\t\r", cell.p[0], 6) != NULL;
}

/* Besides what RFC 4180 asks, whatever could be taken for another separator, or be trimmed away. */
static bool csv_wants_quotes(Str cell)
{
    if (cell.n == 0)
        return false;
    if (cell.p[0] == ' ' || cell.p[cell.n - 1] == ' ')
        return true;
    for (size_t i = 0; i < cell.n; i++)
        if (memchr(",;\t\"\r\n", cell.p[i], 6))
            return true;
    return false;
}

void exchange_csv_cell(Buf *b, Str cell, bool is_first, bool is_theirs)
{
    bool is_quoted = csv_wants_quotes(cell);
    if (!is_first)
        buf_byte(b, ',');
    if (is_quoted)
        buf_byte(b, '"');
    if (!is_theirs && csv_is_formula(cell))
        buf_byte(b, '\'');
    for (size_t i = 0, next; i < cell.n; i++) {
        for (next = i; next < cell.n && cell.p[next] == '\r'; next++)
            continue;
        if (next < cell.n && cell.p[next] == '\n')
            i = next; /* CRs that lead to LF are left out */
        for (; i < next; i++)
            buf_byte(b, '\r');
        if (i == cell.n)
            break;
        if (cell.p[i] == '"')
            buf_byte(b, '"');
        buf_byte(b, cell.p[i]);
    }
    if (is_quoted)
        buf_byte(b, '"');
}

void csv_cell(Buf *b, Str cell, bool is_first)
{
    exchange_csv_cell(b, cell, is_first, false);
}

void csv_end_row(Buf *b)
{
    buf_str(b, S("\r\n"));
}
