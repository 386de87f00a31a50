/* page_remark.c: remarks on a text: taking a stored one apart, the sentences a reviewer chooses
 * from, and where in the text each remark stands.
 *
 * Stored form: lines that begin with "> " quote a passage, the lines behind them say what is
 * asked; text in front of any quote is on the whole.   DESIGN: The model  SPEC: B3 */
#include "web/page_int.h"

/* ---- taking apart ---- */

typedef struct Building {
    Remark *list;
    int n, cap;
    Buf quote, text;
} Building;

static void flush(Building *b)
{
    Str text = b->text.n ? str_trim(buf_view(&b->text)) : S("");
    if (!text.n && !b->quote.n)
        return;
    CHECK(b->n < b->cap);
    b->list[b->n++] = (Remark){.quote = b->quote.n ? buf_view(&b->quote) : S(""), .text = text};
    b->quote = (Buf){.arena = b->quote.arena};
    b->text = (Buf){.arena = b->text.arena};
}

static int count_lines(Str s)
{
    int n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

int remark_parse(Arena *a, Str stored, Remark **ret)
{
    Building b = {.cap = count_lines(stored), .quote = {.arena = a}, .text = {.arena = a}};
    b.list = NEW_N(a, Remark, (size_t)b.cap);
    while (stored.n) {
        Str line;
        str_cut(stored, '\n', &line, &stored);
        bool is_quote = str_starts(line, S("> "));
        if (is_quote && b.text.n)
            flush(&b);
        Buf *to = is_quote ? &b.quote : &b.text;
        if (to->n)
            buf_byte(to, '\n');
        buf_str(to, is_quote ? str_sub(line, 2, line.n) : line);
    }
    flush(&b);
    *ret = b.list;
    return b.n;
}

/* ---- sentences ---- */

static bool is_end(uint32_t cp)
{
    return cp == 0x3002 || cp == 0xFF01 || cp == 0xFF1F || cp == '!' || cp == '?';
}

static bool is_closing(uint32_t cp)
{
    return is_end(cp) || cp == 0x201D || cp == 0x2019 || cp == 0x300D || cp == 0x300F ||
           cp == 0xFF09;
}

/* Length of the first sentence, its mark and closing quotes included. */
static size_t sentence_bytes(Str text)
{
    Str rest = text;
    while (rest.n) {
        uint32_t cp = utf8_next(&rest);
        if (cp == '\n')
            break;
        if (!is_end(cp))
            continue;
        while (rest.n) {
            Str ahead = rest;
            if (!is_closing(utf8_next(&ahead)))
                break;
            rest = ahead;
        }
        break;
    }
    return text.n - rest.n;
}

int remark_sentences(Arena *a, Str text, Str **ret)
{
    int n = 0, cap = 16;
    Str *list = NEW_N(a, Str, (size_t)cap);
    while (text.n) {
        size_t bytes = sentence_bytes(text);
        Str one = str_trim(str_sub(text, 0, bytes));
        text = str_sub(text, bytes, text.n);
        if (!one.n)
            continue;
        if (n == cap) {
            Str *more = NEW_N(a, Str, (size_t)cap * 2);
            memcpy(more, list, (size_t)n * sizeof *list);
            list = more;
            cap *= 2;
        }
        list[n++] = one;
    }
    *ret = list;
    return n;
}

/* ---- where they stand ---- */

typedef struct Spot {
    size_t from, to;
    int ix;
} Spot;

static int find_spots(Arena *a, Str text, const Remark *list, int n, Spot **ret, int *top,
                      int *ret_top_n)
{
    Spot *spots = NEW_N(a, Spot, (size_t)n + 1);
    int k = 0, top_n = 0;
    for (int i = 0; i < n; i++) {
        ptrdiff_t at = list[i].quote.n ? str_find(text, list[i].quote) : -1;
        if (at < 0) {
            top[top_n++] = i;
            continue;
        }
        Spot s = {(size_t)at, (size_t)at + list[i].quote.n, i};
        int j = k++;
        for (; j > 0 && spots[j - 1].from > s.from; j--)
            spots[j] = spots[j - 1];
        spots[j] = s;
    }
    *ret = spots;
    *ret_top_n = top_n;
    return k;
}

int remark_place(Arena *a, Str text, const Remark *list, int n, Passage **ret, int **ret_order,
                 int **ret_top, int *ret_top_n)
{
    Spot *spots;
    int *top = NEW_N(a, int, (size_t)n + 1), *order = NEW_N(a, int, (size_t)n + 1);
    int k = find_spots(a, text, list, n, &spots, top, ret_top_n), m = 0;
    Passage *out = NEW_N(a, Passage, (size_t)k * 2 + 2);
    size_t at = 0;
    for (int i = 0; i < k;) {
        size_t to = spots[i].to;
        int first = i;
        for (; i < k && (i == first || spots[i].from < to);
             i++) { /* what overlaps is one passage */
            to = spots[i].to > to ? spots[i].to : to;
            order[i] = spots[i].ix;
        }
        if (spots[first].from > at)
            out[m++] = (Passage){.text = str_sub(text, at, spots[first].from - at)};
        out[m++] = (Passage){.text = str_sub(text, spots[first].from, to - spots[first].from),
                             .is_marked = true,
                             .from = first,
                             .n = i - first};
        at = to;
    }
    if (at < text.n)
        out[m++] = (Passage){.text = str_sub(text, at, text.n)};
    *ret = out;
    *ret_order = order;
    *ret_top = top;
    return m;
}

/* ---- with a record ---- */

Remarks remarks_of(Req *rq, const Record *rec, const Field *of, const HistoryItem *items,
                   int item_n)
{
    Remarks r = {0};
    const Type *t = rec->type;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (f->kind == KIND_REMARK && f->of == of && rec->values[i].tag == VALUE_TEXT)
            r.field = f;
    }
    if (!r.field)
        return r;
    r.n = remark_parse(rq->arena, rec->values[r.field->ix].s, &r.list);
    for (int i = 0; i < item_n; i++)
        for (int k = 0; k < items[i].field_n; k++)
            if (items[i].fields[k].field == r.field) {
                r.by_text = page_by(rq, items[i].actor_name, items[i].role, items[i].unit_ix);
                r.at_text = page_when(rq, items[i].at_ms);
            }
    return r;
}

void remark_view(Req *rq, View *owner, const Remarks *all, int ix, bool with_quote)
{
    View *v = view_item(owner, V_remarks);
    Str label = label_text(&all->field->label, rq->lang), i = page_n(rq, ix + 1),
        n = page_n(rq, all->n);
    view_text(v, V_label, all->n > 1 ? req_t(rq, "page.remark_n", &label, &i, &n, NULL) : label);
    if (with_quote)
        view_text(v, V_quote, all->list[ix].quote);
    view_text(v, V_text, all->list[ix].text);
    view_text(v, V_by_text, all->by_text);
    view_text(v, V_at_text, all->at_text);
}
