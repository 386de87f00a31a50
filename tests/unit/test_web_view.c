/* Views and templates: everything is escaped where it stands, every page is whole, both languages
 * are complete, the colours can be read. */
#include "embed.h"
#include "test.h"
#include "web/view.h"

#define EVIL "<script>alert(1)</script>\"'&"

typedef struct Fill {
    Str text, url;
    bool is;
    int lists; /* items of each list */
} Fill;

/* Every name there is, on `depth` levels: more than any template asks for. */
static void fill(View *v, const Fill *f, int depth)
{
    for (int k = 1; k < TextKey_MAX; k++)
        view_text(v, (TextKey)k, f->text);
    for (int k = TextKey_MAX; k < UrlKey_MAX; k++)
        view_url(v, (UrlKey)k, f->url);
    for (int k = HtmlKey_MAX; k < IntKey_MAX; k++)
        view_i64(v, (IntKey)k, f->is ? 3 : 0);
    for (int k = IntKey_MAX; k < BoolKey_MAX; k++)
        view_bool(v, (BoolKey)k, f->is);
    for (int k = BoolKey_MAX; depth && k < ListKey_MAX; k++)
        for (int i = 0; i < f->lists; i++)
            fill(view_item(v, (ListKey)k), f, depth - 1);
    for (int k = ListKey_MAX; depth && k < ObjectKey_MAX; k++)
        fill(view_object(v, (ObjectKey)k), f, depth - 1);
}

static Str render(Arena *a, TplId tpl, const View *v, Lang lang)
{
    Buf b = {.arena = a};
    EXPECT_EQ_I64(tpl_render(tpl, v, lang, &b), 0);
    return buf_view(&b);
}

static int count(Str in, const char *what)
{
    int n = 0;
    Str w = str_of(what);
    for (ptrdiff_t at; (at = str_find(in, w)) >= 0; n++)
        in = str_sub(in, (size_t)at + w.n, in.n);
    return n;
}

static bool is_void(Str tag)
{
    static const char *const names[] = {"meta", "link", "input", "img", "br", "!doctype"};
    for (size_t i = 0; i < LEN(names); i++)
        if (str_eq(tag, str_of(names[i])))
            return true;
    return false;
}

/* Takes one tag off the text, quotes respected: its name, and whether it opens, closes or is whole.
 */
static Str take_tag(Str *s, bool *ret_opens, bool *ret_closes)
{
    bool in_quotes = false;
    size_t i = 1, from = s->p[1] == '/' ? 2 : 1, to = 0;
    for (; i < s->n && (in_quotes || s->p[i] != '>'); i++) {
        if (s->p[i] == '"')
            in_quotes = !in_quotes;
        EXPECT(in_quotes || s->p[i] != '<');
        if (!to && i > from && (s->p[i] == ' ' || s->p[i] == '/'))
            to = i;
    }
    EXPECT(i < s->n && !in_quotes);
    Str tag = str_sub(*s, from, (to ? to : i) - from);
    *ret_closes = from == 2 || (i > 1 && s->p[i - 1] == '/') || is_void(tag);
    *ret_opens = from == 1;
    *s = str_sub(*s, i + 1, s->n);
    return tag;
}

/* Every tag that opens is closed in order. */
static bool is_balanced(Str page, Str *ret_at)
{
    Str open[64];
    int n = 0;
    for (ptrdiff_t at; (at = str_find(page, S("<"))) >= 0;) {
        page = str_sub(page, (size_t)at, page.n);
        *ret_at = utf8_prefix(page, 80);
        bool opens, closes;
        Str tag = take_tag(&page, &opens, &closes);
        if (opens && !closes) {
            if (n == LEN(open))
                return false;
            open[n++] = tag;
        } else if (!opens && (n == 0 || !str_eq(open[--n], tag))) {
            return false;
        }
    }
    return n == 0;
}

/* Every symbol a page points to is in it. */
static void expect_symbols(Arena *a, TplId tpl, Str page)
{
    Str rest = page, mark = S("<use href=\"#");
    for (ptrdiff_t at; (at = str_find(rest, mark)) >= 0;) {
        rest = str_sub(rest, (size_t)at + mark.n, rest.n);
        Str id = str_sub(rest, 0, (size_t)str_find(rest, S("\"")));
        if (str_find(page, str_fmt(a, " id=\"%.*s\"", STR_ARG(id))) < 0)
            test_fail(__FILE__, __LINE__, "%.*s has no symbol %.*s", STR_ARG(tpl_name(tpl)),
                      STR_ARG(id));
    }
}

static void expect_page(TplId tpl, Str page)
{
    Str at = STR_NONE;
    if (!is_balanced(page, &at))
        test_fail(__FILE__, __LINE__, "%.*s is not balanced at %.*s", STR_ARG(tpl_name(tpl)),
                  STR_ARG(at));
    EXPECT(str_starts(page, S("<!doctype html>")));
    EXPECT_EQ_I64(count(page, "<h1"), 1);
    EXPECT_EQ_I64(count(page, "<main "), 1);
    EXPECT_EQ_I64(count(page, " id=\"main\""), 1);
    EXPECT_EQ_I64(count(page, " style="), 0);
    EXPECT(utf8_valid(page));
}

TEST(every_page_is_whole_empty_and_full)
{
    static const Fill fills[] = {
        {{NULL, 0}, {NULL, 0}, false, 0},
        {{"late", 4}, {"/x", 2}, true, 2},
        {{"late", 4}, {"/x", 2}, false, 1},
        {{NULL, 0}, {NULL, 0}, true, 1},
    };
    for (size_t i = 0; i < LEN(fills); i++) {
        Arena *a = arena_new(1 << 20);
        View *v = view_new(a);
        if (fills[i].lists)
            fill(v, &fills[i], 2);
        for (int t = 0; t < TPL_MAX; t++)
            for (int l = 0; l < LANG_MAX; l++) {
                Str page = render(a, (TplId)t, v, (Lang)l);
                expect_page((TplId)t, page);
                expect_symbols(a, (TplId)t, page);
            }
        arena_free(a);
    }
}

TEST(nothing_typed_becomes_markup)
{
    for (int is = 0; is < 2; is++) {
        Arena *a = arena_new(1 << 20);
        View *v = view_new(a);
        Fill f = {S(EVIL), S("/\"><script>alert(1)</script>"), is, 1};
        fill(v, &f, 2);
        for (int t = 0; t < TPL_MAX; t++) {
            Str page = render(a, (TplId)t, v, LANG_ZH);
            EXPECT_EQ_I64(count(page, "alert(1)</script>"), 0);
            EXPECT(count(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;") > 3);
            expect_page((TplId)t, page);
        }
        arena_free(a);
    }
}

TEST(an_address_stays_inside)
{
    static const char *const out[] = {
        "//example.org",
        "/\\example.org",
        "https://example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        " /x",
        "/\t/example.org",
        "x",
        "\\\\x",
        "/\n/x",
    };
    Arena *a = arena_new(4096);
    for (size_t i = 0; i < LEN(out); i++) {
        View *v = view_new(a);
        view_url(v, V_css_href, str_of(out[i]));
        EXPECT(count(render(a, TPL_ERROR, v, LANG_ZH), "stylesheet\" href=\"#\"") == 1);
    }
    static const char *const in[] = {"/", "/diary?unit=1", "#f-day", "?after=x", "/a/b"};
    for (size_t i = 0; i < LEN(in); i++) {
        View *v = view_new(a);
        view_url(v, V_css_href, str_of(in[i]));
        Str want = str_fmt(a, "stylesheet\" href=\"%s\"", in[i]);
        EXPECT(str_find(render(a, TPL_ERROR, v, LANG_ZH), want) > 0);
    }
    arena_free(a);
}

TEST(a_part_of_an_address_is_percent_encoded)
{
    Arena *a = arena_new(4096);
    View *v = view_new(a);
    View *state = view_object(v, V_state);
    view_text(state, V_label, S("退回"));
    view_text(state, V_look, S("x\" y/村?"));
    Str page = render(a, TPL_SHOW, v, LANG_ZH);
    EXPECT(str_find(page, S("href=\"#s-x%22%20y%2F%E6%9D%91%3F\"")) > 0);
    EXPECT(str_find(page, S("class=\"st x&quot; y/村?\"")) > 0);
    arena_free(a);
}

TEST(english_is_complete)
{
    Arena *a = arena_new(1 << 20);
    View *v = view_new(a);
    Fill f = {S("x"), S("/x"), true, 1};
    fill(v, &f, 2);
    for (int t = 0; t < TPL_MAX; t++) {
        Str page = render(a, (TplId)t, v, LANG_EN);
        EXPECT(str_find(page, S("<html lang=\"en\"")) > 0);
        int other = count(page, ">中文</a>");
        EXPECT(other > 0);
        int chinese = 0;
        while (page.n) {
            uint32_t cp = utf8_next(&page);
            chinese += cp >= 0x3000 && cp < 0xA000;
        }
        if (chinese != other * 2)
            test_fail(__FILE__, __LINE__, "%.*s speaks Chinese", STR_ARG(tpl_name((TplId)t)));
    }
    arena_free(a);
}

TEST(values_lists_and_numbers)
{
    Arena *a = arena_new(4096);
    View *v = view_new(a);
    view_text(v, V_title, S("one"));
    view_text(v, V_title, S("two"));
    view_bool(v, V_is_tried, true);
    view_i64(v, V_row_n, 1234567);
    view_i64(v, V_new_n, -1000);
    view_i64(v, V_changed_n, 999);
    view_i64(v, V_same_n, INT64_MIN);
    for (int i = 0; i < 3; i++)
        view_text(view_item(v, V_faults), V_reason, str_fmt(a, "reason%d", i));
    EXPECT(view_object(v, V_state) == view_object(v, V_state));
    Str page = render(a, TPL_IMPORT, v, LANG_EN);
    EXPECT(str_find(page, S("<h1>two</h1>")) > 0);
    EXPECT(str_find(page, S("has 1,234,567 rows")) > 0);
    EXPECT(str_find(page, S("<dd>-1,000</dd>")) > 0);
    EXPECT(str_find(page, S("<dd>999</dd>")) > 0);
    EXPECT(str_find(page, S("<dd>-9,223,372,036,854,775,808</dd>")) > 0);
    EXPECT(str_find(page, S("<dd>0</dd>")) > 0);
    ptrdiff_t at0 = str_find(page, S("reason0")), at1 = str_find(page, S("reason1"));
    EXPECT(at0 > 0 && at1 > at0 && str_find(page, S("reason2")) > at1);
    view_i64(v, V_line, 1234);
    EXPECT(str_find(render(a, TPL_IMPORT, v, LANG_EN), S("class=\"stave l1234\"")) > 0);
    arena_free(a);
}

TEST(a_name_left_out_does_not_come_from_outside)
{
    Arena *a = arena_new(4096);
    View *v = view_new(a);
    view_text(v, V_title, S("outer"));
    View *entry = view_item(view_item(v, V_sections), V_entries);
    view_url(entry, V_href, S("/d"));
    Str page = render(a, TPL_MYDAY, v, LANG_ZH);
    EXPECT(str_find(page, S("<b></b>")) > 0);
    EXPECT_EQ_I64(count(page, "outer"), 2);
    arena_free(a);
}

static Str changed(Arena *a, Str before, Str after)
{
    View *v = view_new(a);
    view_change(view_item(view_item(v, V_steps), V_changes), before, after);
    Str page = render(a, TPL_HISTORY, v, LANG_ZH), mark = S("<dd>改成</dd></div><div><dt></dt>");
    ptrdiff_t at = str_find(page, mark);
    REQUIRE(at > 0);
    page = str_sub(page, (size_t)at + mark.n, page.n);
    return str_sub(page, 0, (size_t)str_find(page, S("</div>")));
}

TEST(old_and_new_show_where_they_differ)
{
    Arena *a = arena_new(1 << 16);
    EXPECT_STR(changed(a, S("水管没到"), S("水管 25日到")),
               "<dd>水管<del>没</del>到</dd><dd>水管<ins> 25日</ins>到</dd>");
    EXPECT_STR(changed(a, S("修好了"), S("没修好")),
               "<dd><del>修好了</del></dd><dd><ins>没修好</ins></dd>");
    EXPECT_STR(changed(a, STR_NONE, S("a")),
               "<dd><span class=\"mut\">没有</span></dd><dd><ins>a</ins></dd>");
    EXPECT_STR(changed(a, S("a"), STR_NONE),
               "<dd><del>a</del></dd><dd><span class=\"mut\">没有</span></dd>");
    EXPECT_STR(changed(a, S("aaa"), S("aaaa")), "<dd>aaa</dd><dd>aaa<ins>a</ins></dd>");
    /* U+6751 and U+6752 share two bytes, U+6751 and U+5751 the last: neither may be torn */
    EXPECT_STR(changed(a, S("村"), S("杒")), "<dd><del>村</del></dd><dd><ins>杒</ins></dd>");
    EXPECT_STR(changed(a, S("村"), S("坑")), "<dd><del>村</del></dd><dd><ins>坑</ins></dd>");
    Buf b = {.arena = a}, c = {.arena = a};
    for (int i = 0; i < 8000; i++) {
        buf_z(&b, "字");
        buf_z(&c, i == 4000 ? "句" : "字");
    }
    Str got = changed(a, buf_view(&b), buf_view(&c));
    EXPECT(got.n < 1500);
    EXPECT_EQ_I64(count(got, "……"), 4);
    EXPECT(str_find(got, S("字<del>字</del>字")) > 0 && str_find(got, S("字<ins>句</ins>字")) > 0);
    arena_free(a);
}

TEST(changes_never_tear_a_character)
{
    Arena *a = arena_new(1 << 16);
    static const char *const parts[] = {"a", "é", "村", "杒", "坑", "𠮷", "𠮸", ""};
    for (int round = 0; round < 2000; round++) {
        arena_reset(a);
        Buf x = {.arena = a}, y = {.arena = a};
        for (int i = 0; i < 6; i++) {
            const char *p = parts[test_below(LEN(parts))];
            buf_z(&x, p);
            buf_z(&y, test_below(2) ? p : parts[test_below(LEN(parts))]);
        }
        EXPECT(utf8_valid(changed(a, buf_view(&x), buf_view(&y))));
    }
    arena_free(a);
}

TEST(a_list_of_twenty_is_a_small_page)
{
    Arena *a = arena_new(1 << 16);
    View *v = view_new(a);
    for (int i = 0; i < 20; i++) {
        View *row = view_item(v, V_items);
        for (int c = 0; c < 8; c++) {
            View *cell = view_item(row, V_cells);
            view_text(cell, V_text,
                      S("四十个字四十个字四十个字四十个字四十个字四十个字四十个字四十个"));
            view_text(cell, V_label, S("说明"));
            view_url(cell, V_href, S("/diary/018f0000-0000-7000-8000-000000000000"));
        }
    }
    Str page = render(a, TPL_LIST, v, LANG_ZH);
    EXPECT(page.n > 20 * 8 * 90);
    EXPECT(page.n - 20 * 8 * (93 + 6 + 43) < 12 * 1024);
    arena_free(a);
}

/* ---- the style sheet's colours: WCAG contrast of each pair used for text ---- */

static double channel(int c)
{
    double x = c / 255.0;
    if (x <= 0.03928)
        return x / 12.92;
    /* ((x + 0.055) / 1.055) ^ 2.4 = y^2 * y^0.4; y^0.4 by Newton on r^5 = y^2 */
    double y = (x + 0.055) / 1.055, r = 1;
    for (int i = 0; i < 60; i++)
        r -= (r * r * r * r * r - y * y) / (5 * r * r * r * r);
    return y * y * r;
}

static int hex_pair(const char *p)
{
    int n = 0;
    for (int i = 0; i < 2; i++)
        n = n * 16 + (p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return n;
}

static double luminance(Str css, const char *token)
{
    char name[24];
    snprintf(name, sizeof name, "--%s:", token);
    ptrdiff_t at = str_find(css, str_of(name));
    REQUIRE(at >= 0);
    const char *p = css.p + at + strlen(name);
    p += *p == ' ';
    REQUIRE(*p == '#');
    char six[6];
    bool is_short = p[4] == ';' || p[4] == '}' || p[4] == ' ';
    for (int i = 0; i < 6; i++)
        six[i] = is_short ? p[1 + i / 2] : p[1 + i];
    return 0.2126 * channel(hex_pair(six)) + 0.7152 * channel(hex_pair(six + 2)) +
           0.0722 * channel(hex_pair(six + 4));
}

static void expect_contrast(Str css, const char *front, const char *ground, double least)
{
    double f = luminance(css, front), g = luminance(css, ground);
    double ratio = f > g ? (f + 0.05) / (g + 0.05) : (g + 0.05) / (f + 0.05);
    if (ratio < least)
        test_fail(__FILE__, __LINE__, "--%s on --%s: %.2f, at least %.1f", front, ground, ratio,
                  least);
}

TEST(colours_can_be_read_in_light_and_dark)
{
    const EmbedFile *f = embed_find_asset(S("stave.css"));
    REQUIRE(f != NULL);
    Str light = f->body;
    ptrdiff_t at = str_find(light, S("prefers-color-scheme"));
    REQUIRE(at > 0);
    Str dark = str_sub(light, (size_t)at, light.n);
    const Str modes[] = {str_sub(light, 0, (size_t)at), dark};
    static const char *const inks[] = {"ink",  "ink2", "ink3", "acc",
                                       "acc2", "late", "soon", "back"};
    for (size_t m = 0; m < LEN(modes); m++) {
        for (size_t i = 0; i < LEN(inks); i++) {
            expect_contrast(modes[m], inks[i], "sheet", 4.5);
            expect_contrast(modes[m], inks[i], "paper", 4.5);
            expect_contrast(modes[m], inks[i], "tint", 4.5);
        }
        expect_contrast(modes[m], "on", "acc", 4.5);
        expect_contrast(modes[m], "on", "acc2", 4.5);
        expect_contrast(modes[m], "ink", "mark", 4.5);
        expect_contrast(modes[m], "late", "late-t", 4.5);
        expect_contrast(modes[m], "soon", "soon-t", 4.5);
        expect_contrast(modes[m], "back", "back-t", 4.5);
        expect_contrast(modes[m], "ink3", "back-t", 4.5);
        expect_contrast(modes[m], "edge", "sheet", 3.0);
    }
}

TEST(assets_are_small)
{
    static const struct {
        const char *name;
        size_t most;
    } assets[] = {{"stave.css", 20 * 1024},
                {"paper.css", 6 * 1024 - 1}, /* both together under 26 KB: UX 8 */
                {"stave.js", 10240},
                {"stave.svg", 1024}};
    for (size_t i = 0; i < LEN(assets); i++) {
        const EmbedFile *f = embed_find_asset(str_of(assets[i].name));
        REQUIRE(f != NULL);
        EXPECT(f->body.n > 100 && f->body.n <= assets[i].most);
    }
}
