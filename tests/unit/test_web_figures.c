/* test_web_figures.c: figures as pages, CSV and API: for each reader the number is the length of
 * the list it opens to, read on to its end.                            SPEC: P5  DESIGN: Figures */
#include "test_web_page_util.h"

static const ModelSource sources[] = {
    {.path = S("base/outing.yaml"),
     .text = S("type: outing\n"
               "label: {zh: 出门, en: Outing}\n"
               "at: village\n"
               "dated: day\n"
               "fields:\n"
               "  day: {is: date, label: {zh: 日, en: Day}, required: yes}\n"
               "  kind: {is: choice, label: {zh: 类, en: Kind}, required: yes, "
               "of: {near: 近处, far: 远处}}\n"
               "  cost: {is: money, label: {zh: 花费, en: Cost}}\n"
               "  lines: {is: rows, label: {zh: 谁去了, en: Lines}, max: 40, of: {"
               "person: {is: person, label: {zh: 人, en: Person}}, "
               "came: {is: choice, label: {zh: 到否, en: Came}, "
               "of: {present: 到, away: 未到}, required: yes}}}\n"
               "states:\n"
               "  '*': {see: [author, first_secretary here, town_office, county_office, "
               "me via lines.person]}\n"
               "  planned: {label: {zh: 要去, en: Planned}}\n"
               "  held: {label: {zh: 去过, en: Held}, end: done}\n"
               "actions:\n"
               "  create: {label: {zh: 记, en: Write}, to: planned, by: first_secretary here}\n"
               "  hold: {label: {zh: 回来了, en: Back}, from: planned, to: held, by: author}\n"
               "duties:\n"
               "  back: {label: {zh: 记回来, en: Back}, while: planned, owed_by: author, "
               "within: 2 workdays}\n"
               "figures:\n"
               "  outing_back: {label: {zh: 按时记的, en: In time}, "
               "share: duty back in time / duty back due}\n"
               "  outings: {label: {zh: 出门次数, en: Outings}, count: record, "
               "when: state = held, by: kind}\n"
               "  outing_fen: {label: {zh: 出门花费, en: Spent}, sum: cost, when: state = held}\n"
               "  outing_people: {label: {zh: 去了的人次, en: Came}, count: lines, "
               "when: state = held and came = present}\n"
               "  outing_rate: {label: {zh: 到场率, en: Rate}, share: 'lines when came = present / "
               "lines when came in (present, away)', least: 2}\n"
               "  outing_plans: {label: {zh: 要去的, en: Planned}, level: record, "
               "when: state = planned}\n"
               "  outing_persons: {label: {zh: 几个人去过, en: Persons}, distinct: lines.person, "
               "per: year, when: state = held}\n")},
    {.path = S("base/ledger.yaml"),
     .text = S("type: ledger\n"
               "label: {zh: 底账, en: Ledger}\n"
               "at: county\n"
               "fields:\n"
               "  name: {is: text, label: {zh: 名, en: Name}, required: yes, max: 30}\n"
               "states:\n"
               "  kept: {label: {zh: 存着, en: Kept}, see: county_office}\n"
               "actions:\n"
               "  create: {label: {zh: 记, en: Write}, to: kept, by: county_office here}\n"
               "figures:\n"
               "  ledgers: {label: {zh: 底账本数, en: Ledgers}, count: record}\n")},
};

static void site_of_figures(Site *s, Engine engine)
{
    site_begin_model(s, engine, sources, LEN(sources));
}

#define BOTH_FIGURES(NAME)                                                                         \
    static void figures_##NAME(Site *s);                                                           \
    TEST(NAME##_sqlite)                                                                            \
    {                                                                                              \
        Site s;                                                                                    \
        site_of_figures(&s, ENGINE_SQLITE);                                                        \
        figures_##NAME(&s);                                                                        \
        site_end(&s);                                                                              \
    }                                                                                              \
    TEST(NAME##_pg)                                                                                \
    {                                                                                              \
        Site s;                                                                                    \
        site_of_figures(&s, ENGINE_PG);                                                            \
        figures_##NAME(&s);                                                                        \
        site_end(&s);                                                                              \
    }                                                                                              \
    static void figures_##NAME(Site *s)

static Str person_of(Site *s, const char *account)
{
    Answer a = site_api(s, account, "GET", "/api/v1/me", "");
    return answer_text(&a, "person");
}

/* An outing `days_ago` on which `came` lines came and one stayed away. */
static void outing(Site *s, const char *account, int days_ago, int came, bool is_held)
{
    Buf b = {.arena = s->a};
    Str who = person_of(s, "tm111"), id = site_id(s), day = visit_day(s, days_ago);
    buf_fmt(&b, "{\"day\":\"%s\",\"kind\":\"%s\",\"cost\":%d,\"lines\":[{\"came\":\"away\"}", day.p,
            days_ago % 3 ? "near" : "far", 1250 * came);
    for (int i = 0; i < came; i++)
        buf_fmt(&b, ",{\"came\":\"present\"%s%.*s%s}", i ? "" : ",\"person\":\"",
                (int)(i || days_ago % 2 ? 0 : who.n), who.p, i ? "" : "\"");
    buf_z(&b, "]}");
    Str body = buf_view(&b);
    if (days_ago % 2) /* nobody known */
        body = str_fmt(s->a, "{\"day\":\"%s\",\"kind\":\"near\",\"cost\":%d,\"lines\":["
                             "{\"came\":\"away\"},{\"came\":\"present\"},{\"came\":\"present\"}]}",
                       day.p, 2500);
    Answer a = site_api(s, account, "PUT", site_z(s, "/api/v1/outing/%s", id.p).p,
                        str_z(s->a, body));
    EXPECT_EQ_I64(a.status, 201);
    if (a.status != 201)
        printf("# %.*s\n", STR_ARG(a.body));
    if (!is_held)
        return;
    a = site_api_if(s, account, "POST", site_z(s, "/api/v1/outing/%s/hold", id.p).p, "\"1\"", "{}");
    EXPECT_EQ_I64(a.status, 200);
}

static void outings(Site *s)
{
    for (int i = 0; i < 24; i++)
        outing(s, "fs111", i * 3, 1 + i % 3, i % 8 != 5);
    for (int i = 0; i < 3; i++)
        outing(s, "fs112", 2 + i, 2, true);
    for (int i = 0; i < 2; i++)
        outing(s, "fs121", 4 + i * 40, 25, true);
}

/* ---- reading pages ---- */

static int count_of(Str body, const char *text)
{
    int n = 0;
    for (Str rest = body; rest.n;) {
        ptrdiff_t at = str_find(rest, str_of(text));
        if (at < 0)
            break;
        n++;
        rest = str_sub(rest, (size_t)at + 1, rest.n);
    }
    return n;
}

/* The number behind a text; -1: the text is not there. */
static int64_t number_after(Site *s, Str body, const char *text)
{
    ptrdiff_t at = str_find(body, str_of(text));
    int64_t n = -1;
    if (at < 0)
        return -1;
    Buf b = {.arena = s->a};
    for (size_t i = (size_t)at + strlen(text); i < body.n; i++) {
        char c = body.p[i];
        if (c >= '0' && c <= '9')
            buf_byte(&b, c);
        else if (c != ',' && c != ' ')
            break;
    }
    return str_i64(buf_view(&b), &n) ? n : -1;
}

/* The number in the first cell of numbers behind a row's head; -1: no such row. */
static int64_t number_of_row(Site *s, Str body, const char *head)
{
    ptrdiff_t at = str_find(body, str_of(head));
    if (at < 0)
        return -1;
    Str rest = str_sub(body, (size_t)at, body.n);
    at = str_find(rest, S("<td class=\"num\">"));
    if (at < 0)
        return -1;
    rest = str_sub(rest, (size_t)at, rest.n);
    ptrdiff_t link = str_find(rest, S("<td class=\"num\"><a"));
    if (link == 0) {
        link = str_find(rest, S("\">"));
        rest = str_sub(rest, (size_t)link + 2, rest.n); /* behind the cell's */
        link = str_find(rest, S("\">"));
        return number_after(s, str_sub(rest, (size_t)link, rest.n), "\">");
    }
    return number_after(s, rest, "\">");
}

/* Where 更早的 leads, with its & as they are; "" nowhere. */
static Str older_of(Site *s, Str body)
{
    ptrdiff_t end = str_find(body, S("#list\" rel=\"next\""));
    if (end < 0)
        return S("");
    size_t from = (size_t)end;
    while (from && body.p[from - 1] != '"')
        from--;
    Buf b = {.arena = s->a};
    for (Str rest = (Str){body.p + from, (size_t)end - from}, one; rest.n;) {
        bool is_more = str_cut(rest, '&', &one, &rest);
        buf_str(&b, one);
        if (!is_more)
            break;
        buf_byte(&b, '&');
        if (str_starts(rest, S("amp;")))
            rest = str_sub(rest, 4, rest.n);
    }
    return str_copy(s->a, buf_view(&b));
}

/* All rows of the list, page by page; each page says the same number. */
static int64_t whole_list(Visitor *v, Str target, const char *before, int64_t *ret_said)
{
    Site *s = v->s;
    int64_t rows = 0;
    *ret_said = -1;
    for (int pages = 0; target.n && pages < 40; pages++) {
        EXPECT_EQ_I64(visit(v, target), 200);
        EXPECT(v->last.body.n < 30 * 1024);
        int on_page = count_of(v->last.body, "<td class=\"t\"");
        int64_t said = number_after(s, v->last.body, before);
        EXPECT(on_page <= 20);
        EXPECT(*ret_said < 0 || said == *ret_said);
        *ret_said = said;
        rows += on_page;
        target = older_of(s, v->last.body);
    }
    return rows;
}

static int64_t csv_rows(Visitor *v, Str target)
{
    EXPECT_EQ_I64(visit(v, target), 200);
    return count_of(v->last.body, "\r\n") - 1;
}

/* ---- tests ---- */

BOTH_FIGURES(peers_18_the_number_on_the_page_is_the_length_of_its_list_for_every_reader)
{
    static const char *const readers[] = {"county", "town1", "town2", "fs111", "tm111"};
    static const char *const figures[] = {"outings",      "outing_fen",        "outing_people",
                                          "outing_plans", "outing_back.under", "outing_back.over"};
    static const struct {
        const char *unit;
        bool county, town1, town2, village;
    } units[] = {{"100", true, true, true, true},
                 {"110", true, true, false, true},
                 {"111", true, true, false, true},
                 {"121", true, false, true, false}};
    outings(s);
    int64_t seen = 0;
    Str to = visit_day(s, 0);
    for (size_t r = 0; r < LEN(readers); r++) {
        Visitor v = visitor(s, readers[r]);
        for (size_t u = 0; u < LEN(units); u++) {
            bool may[] = {units[u].county, units[u].town1, units[u].town2, units[u].village,
                          units[u].village};
            for (size_t f = 0; f < LEN(figures); f++) {
                int64_t said;
                Str q = str_fmt(s->a, "?unit=%s&to=%s", units[u].unit, to.p);
                Str page = str_fmt(s->a, "/figure/%s%.*s", figures[f], STR_ARG(q));
                if (!may[r]) { /* none of his, as one there is not */
                    EXPECT_EQ_I64(visit(&v, page), 422);
                    continue;
                }
                int64_t rows = whole_list(&v, page, "<small>共 ", &said);
                EXPECT_EQ_I64(rows, said);
                EXPECT_EQ_I64(csv_rows(&v, str_fmt(s->a, "/figure/%s.csv%.*s", figures[f],
                                                   STR_ARG(q))),
                              said);
                Answer a = site_api(s, readers[r], "GET",
                                    site_z(s, "/api/v1/figures%.*s&figure=%s", STR_ARG(q),
                                           figures[f])
                                        .p,
                                    "");
                EXPECT_EQ_I64(a.status, 200);
                int64_t told = 0;
                for (size_t i = 0; i < a.json.n; i++)
                    for (size_t k = 0; k < a.json.items[i].n; k++)
                        if (str_eq(a.json.items[i].names[k], S("records")))
                            told += a.json.items[i].items[k].i;
                EXPECT_EQ_I64(told, said);
                seen += said;
            }
        }
    }
    EXPECT(seen > 300);
}

BOTH_FIGURES(peers_18_what_is_drawn_is_in_a_table_and_adds_up)
{
    outings(s);
    Visitor county = visitor(s, "county");
    Str to = visit_day(s, 0);
    EXPECT_EQ_I64(visit(&county, str_fmt(s->a, "/figure/outings?to=%s", to.p)), 200);
    Str body = county.last.body;
    int64_t all = number_after(s, body, "<small>共 ");
    EXPECT_EQ_I64(all, 26);
    EXPECT(visit_has(&county, "<title id=\"ch-t\">近十二个月</title><desc id=\"ch-d\">") &&
           visit_has(&county, "role=\"img\" aria-labelledby=\"ch-t ch-d\""));
    EXPECT_EQ_I64(count_of(body, "<th scope=\"row\">20"), 12);
    EXPECT(!visit_has(&county, "style=") && !visit_has(&county, "<script>"));
    /* towns as they stand in the tree, whichever has more; by kind as well */
    ptrdiff_t first = str_find(body, S("<th scope=\"row\">砚河镇")),
              second = str_find(body, S("<th scope=\"row\">双榆镇"));
    EXPECT(first > 0 && second > first);
    EXPECT(visit_has(&county, "<th scope=\"row\">近处") && visit_has(&county, "不排名次"));
    EXPECT(visit_has(&county, "/figure/outings?unit=110&amp;to="));
    EXPECT(visit_has(&county, "by=near"));
    int64_t near, far, rows;
    rows = whole_list(&county, str_fmt(s->a, "/figure/outings?to=%s&by=near", to.p),
                      "<small>共 ", &near);
    EXPECT_EQ_I64(rows, near);
    rows = whole_list(&county, str_fmt(s->a, "/figure/outings?to=%s&by=far", to.p),
                      "<small>共 ", &far);
    EXPECT_EQ_I64(rows, far);
    EXPECT(near > 0 && far > 0);
    EXPECT_EQ_I64(near + far, all);
    EXPECT_EQ_I64(visit(&county, S("/figure/outings?by=nowhere")), 404);
    EXPECT_EQ_I64(visit(&county, str_fmt(s->a, "/figure/outing_rate?to=%s", to.p)), 200);
    EXPECT(visit_has(&county, "%</b>") && visit_has(&county, "/figure/outing_rate.over?") &&
           visit_has(&county, "/figure/outing_rate.under?"));
    EXPECT_EQ_I64(visit(&county, S("/figure/outing_persons?unit=111")), 200);
    EXPECT(visit_has(&county, "共 1 个"));
    EXPECT_EQ_I64(visit(&county, str_fmt(s->a, "/figure/outing_fen?to=%s", to.p)), 200);
    EXPECT(visit_has(&county, "元") && visit_has(&county, "合计"));
}

BOTH_FIGURES(peers_18_a_figure_says_in_words_how_it_is_counted)
{
    outings(s);
    Visitor county = visitor(s, "county");
    EXPECT_EQ_I64(visit(&county, S("/figure/outings")), 200);
    EXPECT(visit_has(&county, "<summary>怎么算的</summary>") && visit_has(&county, "出门有几条") &&
           visit_has(&county, "去过。草稿和作废的不算") && visit_has(&county, "“日”那天") &&
           visit_has(&county, "按“类”分开") && visit_has(&county, "您都看得到"));
    EXPECT_EQ_I64(visit(&county, S("/figure/outing_rate")), 200);
    EXPECT(visit_has(&county, "出门里的“谁去了”有几行") &&
           visit_has(&county, "分母不到 2 时不算百分比"));
    EXPECT_EQ_I64(visit(&county, S("/figure/outing_back")), 200);
    EXPECT(visit_has(&county, "出门的待办“记回来”：按时办完的") &&
           visit_has(&county, "没按时的算在到期那天") && visit_has(&county, "100.0%"));
    EXPECT_EQ_I64(visit(&county, S("/figure/outing_plans")), 200);
    EXPECT(visit_has(&county, "看某一天时，那天符合的都算"));
    EXPECT_EQ_I64(visit(&county, S("/figures")), 200);
    EXPECT(visit_has(&county, "按时记的"));
}

BOTH_FIGURES(peers_9_what_is_not_his_to_count_is_not_there)
{
    outings(s);
    Visitor county = visitor(s, "county"), town = visitor(s, "town1"), mate = visitor(s, "tm111"),
            first = visitor(s, "fs111"), nobody = visitor(s, NULL);
    EXPECT_EQ_I64(visit(&nobody, S("/figures")), 303);
    EXPECT_EQ_I64(visit(&county, S("/figure/ledgers")), 200);
    EXPECT(visit_has(&county, "底账本数") && visit_has(&county, "没有记录"));
    EXPECT_EQ_I64(visit(&town, S("/figure/ledgers")), 404);
    Str hidden = town.last.body;
    EXPECT_EQ_I64(visit(&town, S("/figure/nosuch")), 404);
    EXPECT_EQ_I64((int64_t)count_of(hidden, "底账"), 0);
    EXPECT_EQ_I64(visit(&town, S("/figure/ledgers.csv")), 404);
    EXPECT_EQ_I64(visit(&town, S("/figures")), 200);
    EXPECT(!visit_has(&town, "底账") && visit_has(&town, "出门次数") &&
           visit_has(&town, "href=\"/figures\""));
    EXPECT(!visit_has(&town, "只算您看得到的"));
    EXPECT_EQ_I64(visit(&town, S("/figures?unit=120")), 422);
    EXPECT_EQ_I64(visit(&town, S("/figures?unit=nosuch")), 422);
    EXPECT_EQ_I64(visit(&first, S("/figures?unit=100")), 200); /* above him: what he sees of it */
    EXPECT(visit_has(&first, "只算您看得到的"));
    EXPECT_EQ_I64(visit(&mate, S("/figure/outings")), 200);
    EXPECT(visit_has(&mate, "只算您看得到的"));
    Answer a = site_api(s, "town1", "GET", "/api/v1/figures?figure=ledgers", "");
    EXPECT(a.status == 422 && answer_has_fault(&a, "figure", "web.no_such_figure"));
    Answer b = site_api(s, "town1", "GET", "/api/v1/figures?figure=nosuch", "");
    EXPECT(b.status == 422 && str_eq(a.body, b.body));
    a = site_api(s, "town1", "GET", "/api/v1/figures?unit=121", "");
    EXPECT(a.status == 422 && answer_has_fault(&a, "unit", "web.no_such_unit"));
    a = site_api(s, "town1", "GET", "/api/v1/figures?from=yesterday", "");
    EXPECT(a.status == 422 && answer_has_fault(&a, "from", "field.not_date"));
    a = site_api(s, "town1", "GET", "/api/v1/figures?from=2026-05-02&to=2026-05-01", "");
    EXPECT(a.status == 422 && answer_has_fault(&a, "from", "web.days_turned"));
    a = site_api(s, NULL, "GET", "/api/v1/figures", "");
    EXPECT_EQ_I64(a.status, 401);
}

/* A bar is the number of its unit's own page, a month that of its own days: from cells, or through
 * the reader's list. */
BOTH_FIGURES(peers_18_a_bar_and_a_month_are_the_numbers_they_open)
{
    static const struct {
        const char *account, *over, *head, *below;
    } cases[] = {{"county", "100", "<th scope=\"row\">砚河镇<", "110"},
                 {"county", "100", "<th scope=\"row\">双榆镇<", "120"},
                 {"town1", "110", "<th scope=\"row\">下栗村<", "112"},
                 {"fs111", "110", "<th scope=\"row\">上栗村<", "111"},
                 {"tm111", "110", "<th scope=\"row\">上栗村<", "111"}};
    static const char *const figures[] = {"outings", "outing_people", "outing_plans"};
    outings(s);
    Str to = visit_day(s, 0);
    int64_t seen = 0;
    for (size_t i = 0; i < LEN(cases); i++)
        for (size_t f = 0; f < LEN(figures); f++) {
            Visitor v = visitor(s, cases[i].account);
            EXPECT_EQ_I64(visit(&v, str_fmt(s->a, "/figure/%s?unit=%s&to=%s", figures[f],
                                            cases[i].over, to.p)),
                          200);
            Str over = v.last.body;
            int64_t bar = number_of_row(s, over, cases[i].head), months = 0;
            Str month = str_fmt(s->a, "<th scope=\"row\">%.7s", to.p);
            int64_t now = number_of_row(s, over, str_z(s->a, month));
            EXPECT_EQ_I64(visit(&v, str_fmt(s->a, "/figure/%s?unit=%s&to=%s", figures[f],
                                            cases[i].below, to.p)),
                          200);
            EXPECT_EQ_I64(bar, number_after(s, v.last.body, "<small>共 "));
            EXPECT_EQ_I64(visit(&v, str_fmt(s->a, "/figure/%s?unit=%s&from=%.7s-01&to=%s",
                                            figures[f], cases[i].over, to.p, to.p)),
                          200);
            months = number_after(s, v.last.body, "<small>共 ");
            EXPECT_EQ_I64(now, months);
            seen += bar + months;
        }
    EXPECT(seen > 50);
}
