/* test_web_page_many.c: twenty waiting diaries taken at one press, each a change of its own.
 *                                                                                 SPEC: P3 */
#include "test_web_page_util.h"

static Str diary(Site *s, const char *account, int days_ago, const char *body)
{
    Uuid id = county_diary(&s->w, account, visit_day(s, days_ago).p, body, "submit");
    Str text = uuid_text(s->a, id);
    return (Str){str_z(s->a, text), text.n};
}

static const char *tick(Site *s, Str id, int version)
{
    return site_z(s, "%s.%d", id.p, version).p;
}

/* PEERS 3: every single one had to be opened to be accepted. */
BOTH_SITES(peers_many_are_accepted_at_one_press)
{
    Str a = diary(s, "fs111", 9, "最早的一篇"), b = diary(s, "fs112", 8, "第二篇"),
        c = diary(s, "fs111", 7, "第三篇"), other = diary(s, "fs121", 6, "别的镇的");
    Visitor town = visitor(s, "town1"), county = visitor(s, "county");
    EXPECT_EQ_I64(visit(&town, S("/diary")), 200);
    EXPECT(visit_has(&town, "/diary/many/accept"));
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "/diary/many/accept"));
    EXPECT_EQ_I64(visit(&town, S("/diary/many/accept")), 200);
    EXPECT(visit_has(&town, "最早的一篇") && visit_has(&town, "第三篇") &&
           !visit_has(&town, "别的镇的") && !visit_has(&town, "checked"));
    EXPECT(str_find(town.last.body, a) < str_find(town.last.body, c)); /* oldest first */
    EXPECT_EQ_I64(visit_send(&town, S("/diary/many/accept"), "do", "all", NULL), 200);
    EXPECT(visit_has(&town, " checked"));
    EXPECT_EQ_I64(visit_send(&town, S("/diary/many/accept"), "do", "none", NULL), 200);
    EXPECT(!visit_has(&town, " checked"));
    EXPECT_EQ_I64(visit_send(&town, S("/diary/many/accept"), "do", "accept", NULL), 200);
    EXPECT(visit_has(&town, "还没有勾选"));

    /* b was sent back meanwhile, c changed, the other town's is not his: a alone is done */
    EXPECT_EQ_I64(visit_send(&town, str_fmt(s->a, "/diary/%s/return", b.p), "version", "2", "do",
                             "return", "remark", "写清楚", "remark.at", "all", NULL),
                  303);
    EXPECT_EQ_I64(visit_send(&town, S("/diary/many/accept"), "do", "accept", "pick", tick(s, a, 2),
                             "pick", tick(s, b, 2), "pick", tick(s, c, 1), "pick",
                             tick(s, other, 2), "pick", tick(s, a, 2), NULL),
                  200);
    EXPECT(visit_has(&town, "通过了 1 条") && visit_has(&town, "没有办成的") &&
           visit_has(&town, "已退回") && visit_has(&town, "有人改过") &&
           visit_has(&town, "不再归您看") && !visit_has(&town, "别的镇的"));
    EXPECT_EQ_I64(visit(&town, str_fmt(s->a, "/diary/%s", a.p)), 200);
    EXPECT(visit_has(&town, "已通过"));
    EXPECT_EQ_I64(visit(&town, str_fmt(s->a, "/diary/%s", c.p)), 200);
    EXPECT(visit_has(&town, "等审阅"));

    EXPECT_EQ_I64(visit_send(&town, S("/diary/many/accept"), "do", "accept", "pick", tick(s, a, 2),
                             "pick", tick(s, c, 2), NULL),
                  200); /* pressed twice: what was done stays done once */
    EXPECT(visit_has(&town, "通过了 1 条") && visit_has(&town, "没有等着一起办的"));
    EXPECT_EQ_I64(visit(&county, S("/diary/many/accept")), 403);
    EXPECT_EQ_I64(visit_send(&county, S("/diary/many/accept"), "do", "accept", NULL), 403);
    EXPECT_EQ_I64(visit(&town, S("/diary/many/return")), 404); /* asks for something */
    EXPECT_EQ_I64(visit_send(&town, S("/diary/many/accept"), "do", "accept", "pick", "x.1", NULL),
                  400);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}
