/* view.c: the tree of values behind a page, and how each is written.
 * A View holds few names (at most some forty), so finding one is a scan of an array of small slots.
 */
#include "web/view.h"

typedef enum SlotTag { SLOT_TEXT, SLOT_INT, SLOT_VIEWS } SlotTag;

struct ViewSlot {
    int key;
    SlotTag tag;
    union {
        Str text;
        int64_t i;
        struct {
            View *first, *last;
        } views;
    } as;
};

struct View {
    Arena *arena;
    ViewSlot *slots;
    uint32_t n, cap;
    View *next; /* in its list */
};

enum { SLOTS_FIRST = 8 };

View *view_new(Arena *a)
{
    View *v = NEW(a, View);
    v->arena = a;
    return v;
}

static inline ViewSlot *find(const View *v, int key)
{
    for (ViewSlot *s = v->slots, *end = s + v->n; s < end; s++)
        if (s->key == key)
            return s;
    return NULL;
}

static ViewSlot *slot_of(View *v, int key, SlotTag tag)
{
    CHECK(v && key > 0);
    ViewSlot *s = find(v, key);
    if (!s) {
        if (v->n == v->cap) {
            uint32_t cap = v->cap ? v->cap * 2 : SLOTS_FIRST;
            ViewSlot *more = NEW_N(v->arena, ViewSlot, cap);
            if (v->n)
                memcpy(more, v->slots, v->n * sizeof *more);
            v->slots = more;
            v->cap = cap;
        }
        s = &v->slots[v->n++];
        s->key = key;
        s->tag = tag;
    }
    CHECK(s->tag == tag);
    return s;
}

void view_text(View *v, TextKey key, Str text)
{
    slot_of(v, (int)key, SLOT_TEXT)->as.text = text;
}

static bool is_inside(Str url)
{
    if (!url.n)
        return true;
    for (size_t i = 0; i < url.n; i++) /* browsers drop tabs and line breaks: "/\t/x" is "//x" */
        if ((uint8_t)url.p[i] < 0x20)
            return false;
    if (url.p[0] == '#' || url.p[0] == '?')
        return true;
    /* browsers take a backslash for a slash, so "/\x" would lead away as "//x" does */
    return url.p[0] == '/' && (url.n == 1 || (url.p[1] != '/' && url.p[1] != '\\'));
}

void view_url(View *v, UrlKey key, Str url)
{
    slot_of(v, (int)key, SLOT_TEXT)->as.text = is_inside(url) ? url : S("#");
}

void view_html(View *v, HtmlKey key, Str html)
{
    slot_of(v, (int)key, SLOT_TEXT)->as.text = html;
}

void view_i64(View *v, IntKey key, int64_t n)
{
    slot_of(v, (int)key, SLOT_INT)->as.i = n;
}

void view_bool(View *v, BoolKey key, bool is)
{
    slot_of(v, (int)key, SLOT_INT)->as.i = is;
}

View *view_item(View *v, ListKey key)
{
    ViewSlot *s = slot_of(v, (int)key, SLOT_VIEWS);
    View *item = view_new(v->arena);
    if (s->as.views.last)
        s->as.views.last->next = item;
    else
        s->as.views.first = item;
    s->as.views.last = item;
    return item;
}

View *view_object(View *v, ObjectKey key)
{
    ViewSlot *s = slot_of(v, (int)key, SLOT_VIEWS);
    if (!s->as.views.first)
        s->as.views.first = s->as.views.last = view_new(v->arena);
    return s->as.views.first;
}

/* ---- old and new ---- */

enum { SHARED_CHARS = 40 };

static bool is_inner(char c)
{
    return ((uint8_t)c & 0xC0) == 0x80; /* not the first byte of a character */
}

/* The last SHARED_CHARS characters of s, or all of it. */
static Str shared_head(Arena *a, Str s)
{
    size_t at = s.n;
    for (int chars = 0; at && chars < SHARED_CHARS; chars++)
        do
            at--;
        while (at && is_inner(s.p[at]));
    return at ? str_fmt(a, "……%.*s", (int)(s.n - at), s.p + at) : s;
}

static Str shared_tail(Arena *a, Str s)
{
    Str first = utf8_prefix(s, SHARED_CHARS);
    return first.n < s.n ? str_fmt(a, "%.*s……", STR_ARG(first)) : s;
}

void view_change(View *change, Str before, Str after)
{
    size_t least = before.n < after.n ? before.n : after.n, head = 0, tail = 0;
    while (head < least && before.p[head] == after.p[head])
        head++;
    while (head && ((head < before.n && is_inner(before.p[head])) ||
                    (head < after.n && is_inner(after.p[head]))))
        head--;
    while (tail < least - head && before.p[before.n - 1 - tail] == after.p[after.n - 1 - tail])
        tail++;
    while (tail && is_inner(before.p[before.n - tail]))
        tail--;
    Arena *a = change->arena;
    view_text(change, V_head, shared_head(a, str_sub(before, 0, head)));
    view_text(change, V_gone, str_sub(before, head, before.n - head - tail));
    view_text(change, V_added, str_sub(after, head, after.n - head - tail));
    view_text(change, V_tail, shared_tail(a, str_sub(before, before.n - tail, tail)));
    view_bool(change, V_was_empty, !before.n);
    view_bool(change, V_is_gone, !after.n);
}

/* ---- what the templates call ---- */

const ViewSlot *view_find(const View *v, int key)
{
    return find(v, key);
}

bool view_is(const View *v, int key)
{
    const ViewSlot *s = find(v, key);
    if (!s)
        return false;
    if (s->tag == SLOT_TEXT)
        return s->as.text.n > 0;
    return s->tag == SLOT_INT ? s->as.i != 0 : s->as.views.first != NULL;
}

const View *view_first(const View *v, int key)
{
    const ViewSlot *s = find(v, key);
    return s ? s->as.views.first : NULL;
}

const View *view_next(const View *v)
{
    return v->next;
}

static const struct Entity {
    const char *p;
    size_t n;
} entities[256] = {
    ['&'] = {"&amp;", 5},  ['<'] = {"&lt;", 4},   ['>'] = {"&gt;", 4},
    ['"'] = {"&quot;", 6}, ['\''] = {"&#39;", 5},
};

void view_put_text(Buf *b, const View *v, int key)
{
    const ViewSlot *s = find(v, key);
    if (!s)
        return;
    const char *p = s->as.text.p, *from = p, *end = p + s->as.text.n;
    for (; p < end; p++) {
        const struct Entity *e = &entities[(uint8_t)*p];
        if (!e->n)
            continue;
        buf_mem(b, from, (size_t)(p - from));
        buf_mem(b, e->p, e->n);
        from = p + 1;
    }
    buf_mem(b, from, (size_t)(end - from));
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void view_put_part(Buf *b, const View *v, int key)
{
    static const char hex[] = "0123456789ABCDEF";
    const ViewSlot *s = find(v, key);
    for (size_t i = 0; s && i < s->as.text.n; i++) {
        char c = s->as.text.p[i];
        if (is_unreserved(c)) {
            buf_byte(b, c);
        } else {
            buf_byte(b, '%');
            buf_byte(b, hex[(uint8_t)c >> 4]);
            buf_byte(b, hex[(uint8_t)c & 15]);
        }
    }
}

void view_put_html(Buf *b, const View *v, int key)
{
    const ViewSlot *s = find(v, key);
    if (s)
        buf_str(b, s->as.text);
}

void view_put_int(Buf *b, const View *v, int key)
{
    const ViewSlot *s = find(v, key);
    buf_i64(b, s ? s->as.i : 0);
}

void view_put_count(Buf *b, const View *v, int key)
{
    const ViewSlot *s = find(v, key);
    int64_t i = s ? s->as.i : 0;
    uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    char digits[32];
    size_t at = sizeof digits;
    for (int n = 0; n == 0 || u; n++, u /= 10) {
        if (n && n % 3 == 0)
            digits[--at] = ',';
        digits[--at] = (char)('0' + u % 10);
    }
    if (i < 0)
        digits[--at] = '-';
    buf_mem(b, digits + at, sizeof digits - at);
}
