/* test_web_page_view.c: looking as another post shows what both may see and does nothing.
 *                                                                                 SPEC: P2 */
#include "test_web_page_util.h"

BOTH_SITES(looking_as_another_post_does_nothing)
{
    Uuid sent = county_diary(&s->w, "fs111", visit_day(s, 3).p, "送出的那篇", "submit");
    Uuid draft = county_diary(&s->w, "fs111", visit_day(s, 2).p, "没送的草稿", NULL);
    Str place = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, sent)));
    Str hidden = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, draft)));
    Visitor county = visitor(s, "county"), village = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&county, str_fmt(s->a, "%.*s/who", STR_ARG(place))), 200);
    EXPECT(visit_has(&county, "/viewas?role=town_office&amp;unit=110"));
    EXPECT_EQ_I64(visit(&county, S("/viewas?role=town_office&unit=110")), 200);
    EXPECT(visit_has(&county, "以这个岗位看"));
    EXPECT_EQ_I64(visit(&village, S("/viewas?role=town_office&unit=110")), 404); /* above him */
    EXPECT_EQ_I64(visit_send(&village, S("/viewas"), "role", "town_office", "unit", "110", "reason",
                             "x", NULL),
                  404);
    EXPECT_EQ_I64(visit_send(&county, S("/viewas"), "role", "town_office", "unit", "110", "reason",
                             " ", NULL),
                  422);
    EXPECT_EQ_I64(visit_send(&county, S("/viewas"), "role", "town_office", "unit", "110", "reason",
                             "核对一下", "back", str_z(s->a, place), NULL),
                  303);
    EXPECT_EQ_I64(visit(&county, place), 200);
    EXPECT(visit_has(&county, "您正用“党建办 · 砚河镇”的眼光看") && visit_has(&county, "不看了") &&
           !visit_has(&county, "/accept") && !visit_has(&county, "/comment"));
    EXPECT_EQ_I64(visit(&county, hidden), 404);
    EXPECT_EQ_I64(visit_send(&county, str_fmt(s->a, "%.*s/accept", STR_ARG(place)), "version", "2",
                             "do", "accept", NULL),
                  403);
    EXPECT(visit_has(&county, "您正用别的岗位的眼光看"));
    EXPECT_EQ_I64(visit_send(&county, S("/viewas"), "role", "first_secretary", "unit", "111",
                             "reason", "x", NULL),
                  403);
    EXPECT_EQ_I64(visit_send(&county, S("/viewas/stop"), NULL), 303);
    EXPECT_EQ_I64(visit(&county, place), 200);
    EXPECT(!visit_has(&county, "您正用") && visit_has(&county, "/comment"));
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}
