/* test_web_page_search.c: words found in what one may see, marked, and nothing hinted at.
 *                                                                                SPEC: P10 */
#include "test_web_page_util.h"

BOTH_SITES(words_are_found_in_what_one_may_see)
{
    Uuid a = county_diary(&s->w, "fs111", visit_day(s, 3).p, "东灌渠第三个闸口一直渗水", "submit");
    Uuid b = county_diary(&s->w, "fs121", visit_day(s, 2).p, "灌渠清淤占了<麦地>", "submit");
    Str mine = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, a)));
    Str other = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, b)));
    Visitor town = visitor(s, "town1"), county = visitor(s, "county"), nobody = visitor(s, NULL);
    EXPECT_EQ_I64(visit(&nobody, S("/search?q=x")), 303);
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "href=\"/search\"") && visit_has(&town, "action=\"/search\""));
    EXPECT_EQ_I64(visit(&town, S("/search")), 200);
    EXPECT(visit_has(&town, "只查您看得到的"));
    EXPECT_EQ_I64(visit(&town, S("/search?q=%E7%81%8C%E6%B8%A0")), 200); /* 灌渠 */
    EXPECT(visit_has(&town, "<mark>灌渠</mark>") && str_find(town.last.body, mine) >= 0);
    EXPECT(str_find(town.last.body, other) < 0 && !visit_has(&town, "清淤"));
    EXPECT(visit_has(&town, "“灌渠”共 1 条"));
    EXPECT_EQ_I64(visit(&county, S("/search?q=%E7%81%8C%E6%B8%A0&type=diary")), 200);
    EXPECT(str_find(county.last.body, mine) >= 0 && str_find(county.last.body, other) >= 0 &&
           visit_has(&county, "&lt;麦地&gt;"));
    EXPECT_EQ_I64(visit(&county, S("/search?q=%E7%81%8C")), 200); /* one character */
    EXPECT(visit_has(&county, "role=\"alert\""));
    EXPECT_EQ_I64(visit(&county, S("/search?q=%E6%B2%A1%E6%9C%89%E7%9A%84")), 200);
    EXPECT(visit_has(&county, "没找到“没有的”"));
}
