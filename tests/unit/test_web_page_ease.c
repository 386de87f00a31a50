/* test_web_page_ease.c: everyday ease: comments on a record, filters that are kept, leave with a
 * deputy whose acts show both names.                                               SPEC: P1 P3 */
#include "test_web_page_util.h"

static Str placed(Site *s, Uuid id)
{
    Str text = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, id)));
    return (Str){str_z(s->a, text), text.n};
}

static Str sub(Site *s, Str place, const char *tail)
{
    return str_fmt(s->a, "%.*s/%s", STR_ARG(place), tail);
}

BOTH_SITES(a_comment_is_said_once_and_stays)
{
    Uuid id = county_diary(&s->w, "fs111", visit_day(s, 3).p, "巡渠一天", "submit");
    Str place = placed(s, id);
    Visitor town = visitor(s, "town1"), author = visitor(s, "fs111"), other = visitor(s, "fs112");
    EXPECT_EQ_I64(visit(&town, place), 200);
    Str form = visit_hidden(&town, "id");
    REQUIRE(form.n == 36);
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "comment"), "id", form.p, "body", "  ", NULL),
                  422);
    EXPECT(visit_has(&town, "aria-invalid") && visit_has(&town, "巡渠一天"));
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "comment"), "id", form.p, "body",
                             "哪一段渠？<b>", NULL),
                  303);
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "comment"), "id", form.p, "body",
                             "哪一段渠？<b>", NULL),
                  303); /* twice is once */
    EXPECT_EQ_I64(visit(&author, place), 200);
    EXPECT(visit_has(&author, "哪一段渠？&lt;b&gt;") && visit_has(&author, "town1"));
    ptrdiff_t at = str_find(author.last.body, S("哪一段渠"));
    EXPECT(at > 0 && str_find(str_sub(author.last.body, (size_t)at + 3, author.last.body.n),
                              S("哪一段渠")) < 0);
    EXPECT_EQ_I64(visit_send(&other, sub(s, place, "comment"), "id", form.p, "body", "x", NULL),
                  404);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(a_filter_is_kept_under_its_name)
{
    Visitor town = visitor(s, "town1"), county = visitor(s, "county");
    EXPECT_EQ_I64(visit(&town, S("/diary")), 200);
    EXPECT(!visit_has(&town, "saved_name"));
    EXPECT_EQ_I64(visit(&town, S("/diary?state=submitted")), 200);
    EXPECT(visit_has(&town, "saved_name") && visit_has(&town, "记住这个筛选"));
    EXPECT_EQ_I64(visit_send(&town, S("/diary/saved"), "state", "submitted", "evil", "1",
                             "saved_name", "等我看的", NULL),
                  303);
    EXPECT_STR(visit_place(&town), "/diary?state=submitted");
    EXPECT_EQ_I64(visit(&town, S("/diary")), 200);
    EXPECT(visit_has(&town, "等我看的") && visit_has(&town, "href=\"/diary?state=submitted\""));
    EXPECT_EQ_I64(visit(&county, S("/diary")), 200);
    EXPECT(!visit_has(&county, "等我看的"));
    EXPECT_EQ_I64(visit(&town, S("/diary?state=submitted")), 200);
    Str id = visit_hidden(&town, "id");
    REQUIRE(id.n > 0);
    EXPECT_EQ_I64(visit_send(&county, S("/diary/saved/drop"), "id", id.p, NULL), 404);
    EXPECT_EQ_I64(visit(&town, S("/diary")), 200);
    EXPECT(visit_has(&town, "等我看的")); /* nobody else's to take off */
    EXPECT_EQ_I64(visit_send(&town, S("/diary/saved/drop"), "id", id.p, NULL), 303);
    EXPECT_EQ_I64(visit(&town, S("/diary")), 200);
    EXPECT(!visit_has(&town, "等我看的"));
    EXPECT_EQ_I64(visit_send(&town, S("/diary/saved"), "saved_name", "空的", NULL), 422);
    EXPECT_EQ_I64(visit_send(&town, S("/diary/saved"), "state", "draft", "saved_name", " ", NULL),
                  422);
}

/* The address of the form, from the settings of whoever goes on leave. */
static Str leave_form(Visitor *v)
{
    EXPECT_EQ_I64(visit(v, S("/settings")), 200);
    ptrdiff_t at = str_find(v->last.body, S("/leave?unit="));
    REQUIRE(at > 0);
    Str href, rest;
    str_cut(str_sub(v->last.body, (size_t)at, v->last.body.n), '"', &href, &rest);
    Buf b = {.arena = v->s->a};
    while (href.n) { /* &amp; */
        Str head;
        bool more = str_cut(href, '&', &head, &href);
        buf_str(&b, head);
        if (more) {
            buf_byte(&b, '&');
            href = str_sub(href, 4, href.n);
        } else {
            break;
        }
    }
    return buf_view(&b);
}

/* PEERS 8: work stood still while somebody was away, or passwords were lent. */
BOTH_SITES(peers_8_a_deputy_acts_with_both_names)
{
    Uuid id = county_diary(&s->w, "fs111", visit_day(s, 3).p, "请假前写的", "submit");
    Str place = placed(s, id);
    Visitor holder = visitor(s, "town1"), deputy = visitor(s, "town2"), county;
    EXPECT_EQ_I64(visit(&deputy, place), 404);
    Str form = leave_form(&holder);
    EXPECT_EQ_I64(visit(&holder, form), 200);
    EXPECT(visit_has(&holder, "请假并指定代办") && visit_has(&holder, "town2"));
    Str posting = visit_hidden(&holder, "posting");
    EXPECT_EQ_I64(visit_send(&holder, S("/leave"), "unit", "110", "posting", posting.p, "from",
                             "settings", "account", "", "starts", "", "ends", "", NULL),
                  422);
    EXPECT_EQ_I64(visit_send(&holder, S("/leave"), "unit", "110", "posting", posting.p, "from",
                             "settings", "account", "town2", "starts", visit_day(s, 0).p, "ends",
                             visit_day(s, -5).p, NULL),
                  303);
    EXPECT_STR(visit_place(&holder), "/settings");
    deputy = visitor(s, "town2");
    EXPECT_EQ_I64(visit(&deputy, S("/")), 200);
    EXPECT(visit_has(&deputy, place.p) && visit_has(&deputy, "代 town1"));
    EXPECT_EQ_I64(visit(&deputy, sub(s, place, "who")), 200);
    EXPECT(visit_has(&deputy, "您现在代town1办事"));
    EXPECT_EQ_I64(
        visit_send(&deputy, sub(s, place, "accept"), "version", "2", "do", "accept", NULL), 303);
    county = visitor(s, "county");
    EXPECT_EQ_I64(visit(&county, sub(s, place, "history")), 200);
    EXPECT(visit_has(&county, "town2（代 town1"));
    EXPECT_EQ_I64(visit(&county, S("/unit/110")), 200);
    EXPECT(visit_has(&county, "代：town2") && visit_has(&county, "结束town2的代办"));
    EXPECT_EQ_I64(visit(&deputy, str_fmt(s->a, "/leave?unit=100&posting=1")), 404); /* not his */
    ptrdiff_t at = str_find(county.last.body, S("deputy="));
    REQUIRE(at > 0);
    Str no = str_sub(county.last.body, (size_t)at + 7, 1);
    EXPECT_EQ_I64(visit_send(&county,
                             str_fmt(s->a, "/leave/end?unit=110&posting=%.*s&deputy=%.*s",
                                     STR_ARG(posting), STR_ARG(no)),
                             "do", "end", NULL),
                  303);
    deputy = visitor(s, "town2");
    EXPECT_EQ_I64(visit(&deputy, place), 404);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}
