/* test_web_home.c: my day: what somebody owes, until when and how it was counted, who is at it.
 *                                                                              SPEC: P3 P4 */
#include "test_web_page_util.h"

static Str sent(Site *s, const char *account, const char *day, const char *body)
{
    Uuid id = county_diary(&s->w, account, day, body, "submit");
    Str text = uuid_text(s->a, id);
    return (Str){str_z(s->a, text), text.n};
}

static Str duty_of(Visitor *v)
{
    ptrdiff_t at = str_find(v->last.body, S("action=\"/duty/"));
    REQUIRE(at >= 0);
    return site_z(v->s, "%.*s", STR_ARG(str_sub(v->last.body, (size_t)at + 14, 36)));
}

static void move(Site *s, int days)
{
    env_test_move(s->w.env, (int64_t)days * 86400000);
}

BOTH_SITES(my_day_is_what_he_owes_with_the_day_and_how_it_was_counted)
{
    Str id = sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor town = visitor(s, "town1"), other = visitor(s, "town2"), author = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "驻村日记 · 审阅日记") && visit_has(&town, id.p));
    EXPECT(visit_has(&town, "12月1日（周二） 17:30 前"));
    EXPECT(visit_has(&town, "11月20日（周五）起 7 个工作日，跳过周末 4 天 → 12月1日（周二） 17:30"));
    EXPECT(visit_has(&town, "我来办") && visit_has(&town, "上栗村"));
    EXPECT(town.last.body.n < 30 * 1024);
    EXPECT_EQ_I64(visit(&other, S("/")), 200);
    EXPECT(visit_has(&other, "今天没有要办的") && !visit_has(&other, id.p));
    EXPECT_EQ_I64(visit(&author, S("/")), 200);
    EXPECT(visit_has(&author, "今天没有要办的"));
    /* sent back: now the author owes it, and it stands there once */
    EXPECT_EQ_I64(visit_send(&town, str_fmt(s->a, "/diary/%s/return", id.p), "version", "2", "do",
                             "return", "remark", "写清楚", "remark.at", "all", NULL),
                  303);
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "今天没有要办的"));
    EXPECT_EQ_I64(visit(&author, S("/")), 200);
    EXPECT(visit_has(&author, "驻村日记 · 改日记"));
    Str link = str_fmt(s->a, "href=\"/diary/%s\"", id.p), rest = author.last.body;
    ptrdiff_t at = str_find(rest, link);
    REQUIRE(at >= 0);
    EXPECT(str_find(str_sub(rest, (size_t)at + link.n, rest.n), link) < 0);
}

BOTH_SITES(the_earliest_due_comes_first_and_late_is_said_in_words)
{
    Str late = sent(s, "fs111", "2026-11-20", "先送的");
    move(s, 12); /* Wednesday the 2nd: due yesterday */
    Str later = sent(s, "fs112", "2026-11-30", "后送的");
    Visitor town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "晚了 1 个工作日，该在 12月1日（周二）办完"));
    EXPECT(str_find(town.last.body, late) < str_find(town.last.body, later));
    EXPECT(visit_has(&town, "/diary/many/accept"));
    EXPECT_EQ_I64(visit(&town, str_fmt(s->a, "/diary/%s", late.p)), 200);
    EXPECT(visit_has(&town, "晚了 1 个工作日") && visit_has(&town, "由 town1"));
    Answer a = site_api(s, "town1", "GET", "/api/v1/owed", "");
    EXPECT_EQ_I64(a.status, 200);
    const Json *items = json_get(&a.json, S("items"));
    REQUIRE(items && items->n == 2);
    EXPECT(json_get(&items->items[0], S("late"))->tag == JSON_TRUE);
    EXPECT(json_get(&items->items[1], S("late"))->tag == JSON_FALSE);
    EXPECT(str_eq(json_get(&items->items[0], S("id"))->s, late));
}

/* PEERS 3: two clerks of one office did the same thing. */
BOTH_SITES(peers_who_is_at_it_is_seen_by_the_others_of_his_post)
{
    county_post(&s->w, "town1b", "town_office", "110", DAY_NONE, DAY_NONE);
    Str id = sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor a = visitor(s, "town1"), b = visitor(s, "town1b"), author = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&a, S("/")), 200);
    Str duty = duty_of(&a), take = str_fmt(s->a, "/duty/%s/take", duty.p);
    EXPECT_EQ_I64(visit_send(&author, take, "do", "take", NULL), 404); /* he owes nothing */
    EXPECT_EQ_I64(visit_send_bare(&a, take, "do", "take", NULL), 403);
    EXPECT_EQ_I64(visit_send(&a, take, "do", "take", "back", "day", NULL), 303);
    EXPECT_EQ_I64(visit(&a, S("/")), 200);
    EXPECT(visit_has(&a, "您在办") && visit_has(&a, "不办了"));
    EXPECT_EQ_I64(visit_send(&b, take, "do", "take", NULL), 409); /* opened before that */
    EXPECT(visit_has(&b, "别人刚说了他在办"));
    EXPECT_EQ_I64(visit(&b, S("/")), 200);
    EXPECT(visit_has(&b, "town1在办") && visit_has(&b, "改由我办"));
    EXPECT_EQ_I64(visit_send(&b, take, "do", "take_over", "back", "record", NULL), 303);
    EXPECT_STR(visit_place(&b), site_z(s, "/diary/%s", id.p).p);
    EXPECT_EQ_I64(visit(&author, str_fmt(s->a, "/diary/%s", id.p)), 200);
    EXPECT(visit_has(&author, "town1b在办") && !visit_has(&author, "我来办"));
    Answer x = site_api(s, "town1b", "POST", site_z(s, "/api/v1/duty/%s/take?how=let_go", duty.p).p,
                        "");
    EXPECT_EQ_I64(x.status, 200);
    EXPECT(json_get(&x.json, S("taken_by"))->tag == JSON_NULL);
    x = site_api(s, "fs111", "POST", site_z(s, "/api/v1/duty/%s/take", duty.p).p, "");
    EXPECT_EQ_I64(x.status, 404);
}

BOTH_SITES(more_than_twenty_are_reached_page_by_page)
{
    for (int i = 0; i < 53; i++)
        (void)county_diary(&s->w, i % 2 ? "fs111" : "fs112", visit_day(s, i / 2).p, "每天一篇",
                           "submit");
    Visitor town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "href=\"/owed\"") && visit_has(&town, "全部 53 件"));
    EXPECT(town.last.body.n < 30 * 1024);
    EXPECT_EQ_I64(visit(&town, S("/owed")), 200);
    Str start = S("href=\"/owed?after="), next, rest;
    ptrdiff_t at = str_find(town.last.body, start);
    REQUIRE(at >= 0);
    str_cut(str_sub(town.last.body, (size_t)at + 6, town.last.body.n), '"', &next, &rest);
    EXPECT_EQ_I64(visit(&town, next), 200);
    int n = 0;
    for (rest = town.last.body; (at = str_find(rest, S("action=\"/duty/"))) >= 0; n++)
        rest = str_sub(rest, (size_t)at + 14, rest.n);
    EXPECT_EQ_I64(n, 3);
    EXPECT(!visit_has(&town, "/owed?after="));
    EXPECT_EQ_I64(visit(&town, S("/owed?after=nonsense")), 400);
}

BOTH_SITES(a_notice_of_holidays_shows_what_it_moves_before_it_does)
{
    Str id = sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor county = visitor(s, "county"), town = visitor(s, "town1");
    Str file = S("date,kind,name,notice\n2026-11-25,holiday,丰收节,县通知\n");
    EXPECT_EQ_I64(visit(&town, S("/import/holidays")), 404);
    EXPECT_EQ_I64(visit(&county, S("/import")), 200);
    EXPECT(visit_has(&county, "/import/holidays"));
    EXPECT_EQ_I64(visit_send_file(&county, S("/import/holidays"), "file", file, "do", "try", NULL),
                  200);
    EXPECT(visit_has(&county, "期限会移动的待办：1 件") && visit_has(&county, "审阅日记"));
    EXPECT(visit_has(&county, "12月1日（周二）") && visit_has(&county, "12月2日（周三）"));
    EXPECT(visit_has(&county, "上班、放假变了的日子：1 天") && visit_has(&county, "丰收节"));
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "12月1日（周二） 17:30 前")); /* nothing was written */
    EXPECT_EQ_I64(visit_send(&county, S("/import/holidays"), "do", "apply", "rows", file.p,
                             "file_name", "h.csv", NULL),
                  303);
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "12月2日（周三） 17:30 前") && visit_has(&town, "丰收节跳过 1 天"));
    EXPECT_EQ_I64(visit_send_file(&county, S("/import/holidays"), "file",
                                  S("date,kind,name\n2026-02-30,holiday,无此日\n"), "do", "try",
                                  NULL),
                  200);
    EXPECT(visit_has(&county, "没有这一天") && !visit_has(&county, "value=\"apply\""));
    EXPECT_EQ_I64(visit_send(&county, S("/import/holidays"), "do", "apply", "rows", file.p,
                             "file_name", "h.csv", NULL),
                  303); /* again: nothing more to do */
    EXPECT_EQ_I64(visit(&town, str_fmt(s->a, "/diary/%s", id.p)), 200);
    EXPECT(visit_has(&town, "12月2日（周三） 17:30 前"));
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(other_office_hours_show_what_they_move_before_they_do)
{
    (void)sent(s, "fs111", "2026-11-20", "看了水渠");
    Visitor county = visitor(s, "county"), town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&town, S("/import/office")), 404);
    EXPECT_EQ_I64(visit(&county, S("/import/holidays")), 200);
    EXPECT(visit_has(&county, "/import/office"));
    EXPECT_EQ_I64(visit(&county, S("/import/office")), 200);
    EXPECT(visit_has(&county, "08:30-12:00 14:00-17:30") && visit_has(&county, "周一"));
    EXPECT_EQ_I64(visit_send(&county, S("/import/office"), "do", "try", "hours",
                             "08:30-12:00，15:00-18:30", "week", "12345", NULL),
                  200);
    EXPECT(visit_has(&county, "期限会移动的待办：1 件") && visit_has(&county, "审阅日记"));
    EXPECT(visit_has(&county, "12月1日（周二） 17:30") && visit_has(&county, "12月1日（周二） 18:30"));
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "12月1日（周二） 17:30 前")); /* nothing was written */
    EXPECT_EQ_I64(visit_send(&county, S("/import/office"), "do", "apply", "hours", "8-12", "week",
                             "", NULL),
                  422);
    EXPECT(visit_has(&county, "“8-12”不是时段") && visit_has(&county, "不是上班的日子"));
    EXPECT_EQ_I64(visit_send(&county, S("/import/office"), "do", "apply", "hours",
                             "08:30-12:00 15:00-18:30", "week", "12345", NULL),
                  303);
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "12月1日（周二） 18:30 前"));
    EXPECT_EQ_I64(visit(&county, S("/import/office")), 200);
    EXPECT(visit_has(&county, "15:00-18:30"));
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}
