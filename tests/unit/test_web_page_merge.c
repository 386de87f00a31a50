/* test_web_page_merge.c: units merge, postings end and somebody carries on, units are assigned for
 * a time; whoever does it sees beforehand what it means.                                  SPEC:
 * P1 */
#include "test_web_page_util.h"

BOTH_SITES(a_village_is_merged_after_a_look)
{
    Uuid id = county_diary(&s->w, "fs112", visit_day(s, 3).p, "并村以前写的", "submit");
    Str place = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, id)));
    Visitor county = visitor(s, "county"), town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&town, S("/unit/112/merge")), 403);
    EXPECT_EQ_I64(visit(&county, S("/unit/112")), 200);
    EXPECT(visit_has(&county, "/unit/112/merge"));
    EXPECT_EQ_I64(visit(&county, S("/unit/112/merge")), 200);
    EXPECT(visit_has(&county, "上栗村") && !visit_has(&county, "value=\"121\""));
    EXPECT_EQ_I64(visit_send(&county, S("/unit/112/merge"), "into", "", "do", "look", NULL), 422);
    EXPECT_EQ_I64(visit_send(&county, S("/unit/112/merge"), "into", "120", "do", "look", NULL),
                  422);
    EXPECT_EQ_I64(visit_send(&county, S("/unit/112/merge"), "into", "111", "do", "look", NULL),
                  200);
    EXPECT(visit_has(&county, "把下栗村并入上栗村") && visit_has(&county, "1 段任职") &&
           visit_has(&county, "没办完的 1 条"));
    EXPECT_EQ_I64(visit(&county, S("/unit/112")), 200);
    EXPECT(!visit_has(&county, "原来的记录都在")); /* only looked */
    EXPECT_EQ_I64(visit_send(&county, S("/unit/112/merge"), "into", "111", "do", "merge", NULL),
                  303);
    EXPECT_STR(visit_place(&county), "/unit/111");
    EXPECT_EQ_I64(visit(&county, S("/unit/112")), 200);
    EXPECT(visit_has(&county, "并入上栗村") && !visit_has(&county, "/unit/112/staff"));
    EXPECT_EQ_I64(visit(&county, place), 200);
    EXPECT_EQ_I64(visit(&county, S("/unit/111/merge")), 200);
    EXPECT(!visit_has(&county, "value=\"112\"")); /* closed */
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

static Str number_after(const Visitor *v, const char *mark)
{
    ptrdiff_t at = str_find(v->last.body, str_of(mark));
    REQUIRE(at > 0);
    Str rest = str_sub(v->last.body, (size_t)at + strlen(mark), 12);
    size_t n = 0;
    while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
        n++;
    return (Str){str_z(v->s->a, str_sub(rest, 0, n)), n};
}

/* PEERS 9: whoever left took his cases with him. */
BOTH_SITES(peers_9_somebody_carries_on)
{
    Uuid draft = county_diary(&s->w, "fs111", visit_day(s, 3).p, "没写完的一篇", NULL);
    Str place = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, draft)));
    Visitor town = visitor(s, "town1"), heir = visitor(s, "tm111");
    EXPECT_EQ_I64(visit(&heir, place), 404);
    EXPECT_EQ_I64(visit(&town, S("/unit/111")), 200);
    Str posting = number_after(&town, "/unit/111/end?posting=");
    EXPECT_EQ_I64(visit_send(&town, S("/unit/111/end"), "posting", posting.p, "ends",
                             visit_day(s, 0).p, NULL),
                  303);
    Str form = str_fmt(s->a, "/unit/111/heir?posting=%s", posting.p);
    EXPECT_STR_EQ(visit_place(&town), form);
    EXPECT_EQ_I64(visit(&town, form), 200);
    EXPECT(visit_has(&town, "由谁接") && visit_has(&town, "tm111"));
    ptrdiff_t at = str_find(town.last.body, S(">tm111"));
    REQUIRE(at > 0);
    Str before = str_sub(town.last.body, (size_t)at - 12, 12), value, unused;
    ptrdiff_t quote = str_find(before, S("\""));
    REQUIRE(quote >= 0);
    str_cut(str_sub(before, (size_t)quote + 1, before.n), '"', &value, &unused);
    EXPECT_EQ_I64(visit_send(&town, S("/unit/111/heir"), "posting", posting.p, "heir",
                             str_z(s->a, value), NULL),
                  303);
    env_test_move(s->w.env, 24 * 3600 * 1000);
    heir = visitor(s, "tm111");
    EXPECT_EQ_I64(visit(&heir, place), 200);
    EXPECT_EQ_I64(visit(&heir, str_fmt(s->a, "%.*s/who", STR_ARG(place))), 200);
    EXPECT(visit_has(&heir, "由您接着办"));
    town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&town, S("/unit/111")), 200);
    EXPECT(visit_has(&town, "结束的任职") && visit_has(&town, "由tm111接"));
}

BOTH_SITES(a_unit_is_assigned_for_a_time)
{
    Visitor county = visitor(s, "county"), town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&county, S("/unit/100/lend")), 200);
    EXPECT_EQ_I64(visit_send(&county, S("/unit/100/lend"), "role", "inspector", "target", "", NULL),
                  422);
    EXPECT_EQ_I64(visit_send(&county, S("/unit/100/lend"), "role", "inspector", "target",
                             "没有的镇", NULL),
                  422);
    EXPECT_EQ_I64(visit_send(&county, S("/unit/100/lend"), "role", "inspector", "target", "砚河镇",
                             "starts", visit_day(s, 0).p, "ends", visit_day(s, -9).p, NULL),
                  303);
    EXPECT_EQ_I64(visit(&county, S("/unit/100")), 200);
    EXPECT(visit_has(&county, "临时联系的单位") && visit_has(&county, "督导组"));
    EXPECT_EQ_I64(visit(&town, S("/unit/100/lend")), 404);
    /* ended before its time, by the button of that loan, and not by whoever does not run the unit
     * */
    Str end = site_z(s, "/unit/100/lend?role=inspector&target=110&starts=%s", visit_day(s, 0).p);
    EXPECT(visit_has(&county, "提前收回砚河镇"));
    EXPECT_EQ_I64(visit_send(&town, end, "do", "end", NULL), 404);
    EXPECT_EQ_I64(visit_send(&county, end, "do", "end", NULL), 303);
    EXPECT_EQ_I64(visit(&county, S("/unit/100")), 200);
    EXPECT(!visit_has(&county, "提前收回砚河镇"));
}
