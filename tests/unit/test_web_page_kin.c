/* test_web_page_kin.c: a record's page with its rows, what hangs on it and what names it, and
 * nothing of what the reader may not see.                                  SPEC: B2 D2 P2 P3 */
#include "test_web_page_util.h"

static Str made(Site *s, const char *account, const char *type, const char *body)
{
    Str id = site_id(s);
    Str path = str_fmt(s->a, "/api/v1/%s/%.*s", type, STR_ARG(id));
    Answer a = site_api(s, account, "PUT", str_z(s->a, path), body);
    EXPECT_EQ_I64(a.status, 201);
    if (a.status != 201)
        printf("# %.*s\n", STR_ARG(a.body));
    return str_copy(s->a, id);
}

static Str person_of(Site *s, const char *account)
{
    Answer a = site_api(s, account, "GET", "/api/v1/me", "");
    return answer_text(&a, "person");
}

static Str page_of(Site *s, const char *type, Str id)
{
    return str_fmt(s->a, "/%s/%.*s", type, STR_ARG(id));
}

BOTH_SITES(a_household_shows_what_names_it)
{
    Str home = made(s, "fs111", "household", "{\"unit\":\"111\",\"name\":\"田桂英\",\"born\":1951}");
    Str issue = made(s, "fs111", "issue",
                     site_z(s,
                            "{\"unit\":\"111\",\"kind\":\"wish\",\"title\":\"想要一盏路灯\","
                            "\"household\":\"%.*s\"}",
                            STR_ARG(home))
                         .p);
    Visitor author = visitor(s, "fs111"), mate = visitor(s, "tm111"), other = visitor(s, "fs112");
    EXPECT_EQ_I64(visit(&author, page_of(s, "household", home)), 200);
    EXPECT(visit_has(&author, "<h1>田桂英</h1>") && visit_has(&author, "1951") &&
           visit_has(&author, "想要一盏路灯") && visit_has(&author, "/issue/new?household="));
    EXPECT_EQ_I64(visit(&mate, page_of(s, "household", home)), 200);
    EXPECT(!visit_has(&mate, "想要一盏路灯")); /* a draft is its author's */
    EXPECT_EQ_I64(visit(&other, page_of(s, "household", home)), 404);
    Str raise = str_fmt(s->a, "%.*s/raise", STR_ARG(page_of(s, "issue", issue)));
    EXPECT_EQ_I64(visit_send(&author, raise, "version", "1", "do", "raise", NULL), 303);
    EXPECT_EQ_I64(visit(&mate, page_of(s, "household", home)), 200);
    EXPECT(visit_has(&mate, "想要一盏路灯") && visit_has(&mate, "1 件"));
    EXPECT_EQ_I64(visit(&mate, page_of(s, "issue", issue)), 200);
    EXPECT(visit_has(&mate, "田桂英") && visit_has(&mate, "<h1>想要一盏路灯</h1>"));
    EXPECT_EQ_I64(visit(&mate, str_fmt(s->a, "/issue?household=%.*s", STR_ARG(home))), 200);
    EXPECT(visit_has(&mate, "想要一盏路灯") && visit_has(&mate, "只列“哪一户”是田桂英的"));
    EXPECT_EQ_I64(visit(&mate, str_fmt(s->a, "/issue?household=%.*s", STR_ARG(issue))), 200);
    EXPECT(!visit_has(&mate, "想要一盏路灯"));
    EXPECT_EQ_I64(visit(&mate, S("/issue?household=x")), 422);
    EXPECT_EQ_I64(visit(&mate, S("/")), 200); /* nobody owes him this */
    EXPECT(!visit_has(&mate, "想要一盏路灯"));
    EXPECT_EQ_I64(visit(&author, S("/")), 200);
    EXPECT(visit_has(&author, "想要一盏路灯") && !visit_has(&author, "田桂英"));
}

BOTH_SITES(attendance_is_read_and_its_changes_are_told_by_name)
{
    Str course = made(s, "town1", "course",
                      "{\"unit\":\"110\",\"title\":\"春季农技班\",\"line\":\"business\"}");
    Str people[] = {person_of(s, "fs111"), person_of(s, "fs112")};
    Str id = made(s, "town1", "session",
                  site_z(s,
                         "{\"unit\":\"110\",\"course\":\"%.*s\",\"day\":\"%s\",\"place\":\"站里\","
                         "\"invited\":[{\"role\":\"first_secretary\",\"unit\":\"110\"}],"
                         "\"attendance\":[{\"person\":\"%.*s\",\"came\":\"present\"},"
                         "{\"person\":\"%.*s\",\"came\":\"absent\"}]}",
                         STR_ARG(course), visit_day(s, 1).p, STR_ARG(people[0]),
                         STR_ARG(people[1]))
                      .p);
    Str path = str_fmt(s->a, "/api/v1/session/%.*s", STR_ARG(id));
    Answer a = site_api_if(s, "town1", "PATCH", str_z(s->a, path), "\"1\"",
                           site_z(s,
                                  "{\"attendance\":[{\"person\":\"%.*s\",\"came\":\"present\"},"
                                  "{\"person\":\"%.*s\",\"came\":\"absent\"}]}",
                                  STR_ARG(people[1]), STR_ARG(people[0]))
                               .p);
    EXPECT_EQ_I64(a.status, 200);
    Visitor town = visitor(s, "town1"), invited = visitor(s, "fs111"), far = visitor(s, "fs121");
    EXPECT_EQ_I64(visit(&town, page_of(s, "session", id)), 200);
    EXPECT(visit_has(&town, "春季农技班") && visit_has(&town, "到 1 · 未到 1") &&
           visit_has(&town, "class=\"st late\"") && !visit_has(&town, "class=\"st soon\""));
    EXPECT_EQ_I64(visit(&town, page_of(s, "course", course)), 200);
    EXPECT(visit_has(&town, "培训场次") && visit_has(&town, "/session/"));
    EXPECT_EQ_I64(visit(&town, str_fmt(s->a, "%.*s/history", STR_ARG(page_of(s, "session", id)))),
                  200);
    EXPECT(visit_has(&town, "留痕完整") && visit_has(&town, "出勤：fs111") &&
           visit_has(&town, "出勤：fs112"));
    EXPECT_EQ_I64(visit(&invited, page_of(s, "session", id)), 200);
    EXPECT_EQ_I64(visit(&invited, str_fmt(s->a, "%.*s/who", STR_ARG(page_of(s, "session", id)))),
                  200);
    EXPECT(visit_has(&invited, "“请谁来”里有您这个岗位"));
    EXPECT_EQ_I64(visit(&far, page_of(s, "session", id)), 404);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(what_was_sent_is_taken_back_while_nobody_acted)
{
    Uuid id = county_diary(&s->w, "fs111", visit_day(s, 3).p, "送早了的一篇", "submit");
    Str place = page_of(s, "diary", uuid_text(s->a, id));
    Visitor author = visitor(s, "fs111"), town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&author, place), 200);
    EXPECT(visit_has(&author, "收回") && !visit_has(&author, "class=\"b p\" name=\"do\""));
    EXPECT_EQ_I64(visit_send(&author, str_fmt(s->a, "%.*s/withdraw", STR_ARG(place)), "version",
                             "2", "do", "withdraw", NULL),
                  303);
    EXPECT_EQ_I64(visit(&town, place), 404);
    EXPECT_EQ_I64(visit(&author, place), 200);
    EXPECT(visit_has(&author, "草稿") && visit_has(&author, "送镇里"));
}
