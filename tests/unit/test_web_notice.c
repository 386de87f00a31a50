/* test_web_notice.c: what somebody is told: under the bell, by day, read one by one or all; on my
 * day; over the API; and only by whom it concerns.            SPEC: P3, No burden 5  UX: Notices */
#include "test_web_page_util.h"

static Str sent(Site *s, const char *account, const char *day, const char *body)
{
    Uuid id = county_diary(&s->w, account, day, body, "submit");
    Str text = uuid_text(s->a, id);
    return (Str){str_z(s->a, text), text.n};
}

static void give_back(Site *s, Visitor *town, Str id, const char *version)
{
    env_test_move(s->w.env, 60000);
    EXPECT_EQ_I64(visit_send(town, str_fmt(s->a, "/diary/%s/return", id.p), "version", version,
                             "do", "return", "remark", "写清楚", "remark.at", "all", NULL),
                  303);
}

/* Where the first notice of the page leads to. */
static Str first_notice(Visitor *v)
{
    ptrdiff_t at = str_find(v->last.body, S("href=\"/notice/"));
    REQUIRE(at >= 0);
    return site_z(v->s, "%.*s", STR_ARG(str_sub(v->last.body, (size_t)at + 6, 8 + 36)));
}

BOTH_SITES(a_returned_diary_is_told_under_the_bell_on_my_day_and_read_when_opened)
{
    Str id = sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor town = visitor(s, "town1"), author = visitor(s, "fs111"), other = visitor(s, "tm111");
    EXPECT_EQ_I64(visit(&author, S("/")), 200);
    EXPECT(!visit_has(&author, "条未读") && !visit_has(&author, "有变化的"));
    give_back(s, &town, id, "2");
    EXPECT_EQ_I64(visit(&author, S("/diary")), 200);
    EXPECT(visit_has(&author, "aria-label=\"通知，1 条未读\"") &&
           visit_has(&author, "<span class=\"n\">1</span>"));
    EXPECT_EQ_I64(visit(&author, S("/")), 200);
    EXPECT(visit_has(&author, "有变化的") && visit_has(&author, "今天：退回 1 件。") &&
           visit_has(&author, "退回：town1（砚河镇党建办）"));
    EXPECT_EQ_I64(visit(&author, S("/notices")), 200);
    EXPECT(visit_has(&author, "未读</span>") && visit_has(&author, "都标为已读") &&
           visit_has(&author, "驻村日记 11月20日 · 上栗村") && visit_has(&author, "只有您自己"));
    EXPECT(author.last.body.n < 30 * 1024);
    Str notice = first_notice(&author);
    /* nobody else's */
    EXPECT_EQ_I64(visit(&other, S("/notices")), 200);
    EXPECT(visit_has(&other, "没有通知") && !visit_has(&other, "退回"));
    EXPECT_EQ_I64(visit(&other, notice), 404);
    EXPECT_EQ_I64(visit(&town, S("/notices")), 200);
    EXPECT(visit_has(&town, "没有通知")); /* he did it himself */
    EXPECT_EQ_I64(visit(&author, notice), 303);
    EXPECT_STR_EQ(visit_place(&author), str_fmt(s->a, "/diary/%s", id.p));
    EXPECT_EQ_I64(visit(&author, S("/notices")), 200);
    EXPECT(!visit_has(&author, "条未读") && !visit_has(&author, "未读</span>") &&
           visit_has(&author, "退回：town1") && !visit_has(&author, "都标为已读"));
}

/* PEERS 3, 8: a deputy acts, both names are told. */
BOTH_SITES(peers_8_a_notice_of_a_deputys_act_has_both_names)
{
    county_post(&s->w, "helper", "team_member", "112", DAY_NONE, DAY_NONE);
    Tx *tx = county_tx(&s->w);
    Reader town = county_reader(&s->w, tx, "town1");
    Deputise d = {.posting = town.posts[0].posting,
                  .account = S("helper"),
                  .starts = town.today,
                  .ends = town.today + 3};
    REQUIRE_OK(access_prepare_deputise(s->w.access, s->a, tx, &town, &d, s->w.e), s->w.e);
    tx_end(tx);
    REQUIRE_OK(store_write(s->w.store, s->w.conn, access_apply_deputise, &d, s->w.e), s->w.e);
    Str id = sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor helper = visitor(s, "helper"), author = visitor(s, "fs111"), own = visitor(s, "town1");
    give_back(s, &helper, id, "2");
    EXPECT_EQ_I64(visit(&author, S("/notices")), 200);
    EXPECT(visit_has(&author, "退回：helper（代 town1，砚河镇党建办）"));
    EXPECT_EQ_I64(visit(&own, S("/notices")), 200);
    EXPECT(visit_has(&own, "没有通知")); /* it was his post's own doing */
}

BOTH_SITES(all_are_marked_as_read_up_to_those_that_were_shown)
{
    Str a = sent(s, "fs111", "2026-11-19", "看了水渠"),
        b = sent(s, "fs111", "2026-11-20", "看了田");
    Visitor town = visitor(s, "town1"), author = visitor(s, "fs111");
    give_back(s, &town, a, "2");
    EXPECT_EQ_I64(visit(&author, S("/notices")), 200);
    Str upto = visit_hidden(&author, "upto");
    REQUIRE(str_has(upto));
    give_back(s, &town, b, "2"); /* behind what he saw */
    EXPECT_EQ_I64(visit_send(&author, S("/notices/read"), "upto", str_z(s->a, upto), NULL), 303);
    EXPECT_EQ_I64(visit(&author, S("/notices")), 200);
    EXPECT(visit_has(&author, "，1 条未读") && visit_has(&author, "今天：退回 2 件。"));
    EXPECT_EQ_I64(visit_send(&author, S("/notices/read"), "upto", "9999999999999", NULL), 303);
    EXPECT_EQ_I64(visit(&author, S("/notices")), 200);
    EXPECT(!visit_has(&author, "条未读"));
    EXPECT_EQ_I64(visit_send(&author, S("/notices/read"), "upto", "heute", NULL), 400);
    EXPECT_EQ_I64(visit_send_bare(&author, S("/notices/read"), "upto", "1", NULL), 403);
}

BOTH_SITES(what_he_may_not_see_any_more_has_no_title)
{
    Str id = sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor town = visitor(s, "town1"), author = visitor(s, "fs111");
    give_back(s, &town, id, "2");
    Str at = str_fmt(s->a, "/diary/%s", id.p);
    EXPECT_EQ_I64(visit_send(&author, str_fmt(s->a, "/diary/%s/submit", id.p), "version", "3", "do",
                             "submit", NULL),
                  303);
    EXPECT_EQ_I64(visit(&town, S("/notices")), 200);
    EXPECT(visit_has(&town, "交来要办：送镇里，fs111（上栗村第一书记）") &&
           visit_has(&town, "驻村日记 11月20日 · 上栗村"));
    Str notice = first_notice(&town);
    EXPECT_EQ_I64(visit_send(&author, str_fmt(s->a, "/diary/%s/withdraw", id.p), "version", "4",
                             "do", "withdraw", NULL),
                  303);
    EXPECT_EQ_I64(visit(&town, S("/notices")), 200);
    EXPECT(visit_has(&town, "不用再办了：收回") && !visit_has(&town, "驻村日记 11月20日") &&
           !visit_has(&town, at.p) && !visit_has(&town, "/notice/"));
    EXPECT_EQ_I64(visit(&town, notice), 303); /* told him still, but shows nothing */
    EXPECT_STR(visit_place(&town), "/notices");
}

BOTH_SITES(many_notices_come_in_pages_by_day_and_over_the_api)
{
    enum { MANY = 53 };
    Uuid id = county_diary(&s->w, "fs111", "2026-11-20", "看了水渠", "submit");
    Visitor author = visitor(s, "fs111");
    for (int i = 0; i < MANY; i++) {
        Err e = err_on(s->a);
        env_test_move(s->w.env, 60000);
        REQUIRE_OK(county_comment(&s->w, "county", id, county_new_id(&s->w),
                                  str_fmt(s->a, "第 %d 句", i).p, &e),
                   &e);
    }
    EXPECT_EQ_I64(visit(&author, S("/notices")), 200);
    EXPECT(visit_has(&author, "，53 条未读") && visit_has(&author, "今天：留言 53 条。"));
    ptrdiff_t more = str_find(author.last.body, S("/notices?before="));
    REQUIRE(more >= 0);
    Str next = str_sub(author.last.body, (size_t)more, 16 + 36);
    EXPECT_EQ_I64(visit(&author, next), 200);
    int n = 0;
    for (Str rest = author.last.body; str_find(rest, S("href=\"/notice/")) >= 0; n++)
        rest = str_sub(rest, (size_t)str_find(rest, S("href=\"/notice/")) + 10, rest.n);
    EXPECT_EQ_I64(n, MANY - 50);
    EXPECT(!visit_has(&author, "?before="));
    Answer a = site_api(s, "fs111", "GET", "/api/v1/notices", "");
    EXPECT_EQ_I64(a.status, 200);
    const Json *items = json_get(&a.json, S("items"));
    REQUIRE(items && items->n == 50);
    EXPECT(json_get(&items->items[0], S("unread"))->tag == JSON_TRUE &&
           str_eq(json_get(&items->items[0], S("what"))->s, S("comment")) &&
           str_eq(json_get(&items->items[0], S("id"))->s, uuid_text(s->a, id)));
    Str after = json_get(&a.json, S("next"))->s;
    a = site_api(s, "fs111", "GET", site_z(s, "/api/v1/notices?after=%.*s", STR_ARG(after)).p, "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_EQ_I64(json_get(&a.json, S("items"))->n, MANY - 50);
    EXPECT(json_get(&a.json, S("next"))->tag == JSON_NULL);
    /* a cursor of somebody else's is none */
    EXPECT_EQ_I64(
        site_api(s, "town1", "GET", site_z(s, "/api/v1/notices?after=%.*s", STR_ARG(after)).p, "")
            .status,
        404);
}

/* PEERS 3, 10: who looks as another post is not told that he is alone. */
BOTH_SITES(peers_10_my_day_of_another_says_that_somebody_looks)
{
    Str id = sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor county = visitor(s, "county");
    EXPECT_EQ_I64(visit(&county, S("/")), 200);
    EXPECT(visit_has(&county, "这一页只有您自己能看到"));
    EXPECT_EQ_I64(visit_send(&county, S("/viewas"), "role", "town_office", "unit", "110", "reason",
                             "核对一下", NULL),
                  303);
    EXPECT_EQ_I64(visit(&county, S("/")), 200);
    EXPECT(!visit_has(&county, "只有您自己") && visit_has(&county, "借他的眼光看") &&
           visit_has(&county, id.p));
    EXPECT_EQ_I64(visit(&county, S("/notices")), 200);
    EXPECT(!visit_has(&county, "只有您自己") && !visit_has(&county, "都标为已读"));
    EXPECT_EQ_I64(visit_send(&county, S("/notices/read"), "upto", "1", NULL), 403);
}
