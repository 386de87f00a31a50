/* test_web_page_units.c: units, seats and import on pages; what the administrator sees.   SPEC:
 * P1 P2 P7 */
#include "test_web_page_util.h"

static Str code_shown(Visitor *v)
{
    Str code, rest, mark = S("<p class=\"code\">");
    ptrdiff_t at = str_find(v->last.body, mark);
    REQUIRE(at >= 0);
    str_cut(str_sub(v->last.body, (size_t)at + mark.n, v->last.body.n), '<', &code, &rest);
    return (Str){str_z(v->s->a, code), code.n};
}

BOTH_SITES(a_seat_is_filled_from_above)
{
    Visitor town = visitor(s, "town1"), nobody = visitor(s, NULL), author = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&author, S("/unit")), 404); /* fills no seats */
    EXPECT_EQ_I64(visit(&town, S("/unit")), 200);
    EXPECT(visit_has(&town, "砚河镇") && visit_has(&town, "上栗村") &&
           !visit_has(&town, "槐树坪村"));
    EXPECT_EQ_I64(visit(&town, S("/unit/112")), 200);
    EXPECT(visit_has(&town, "空着") && visit_has(&town, "待办归砚河镇党建办"));
    EXPECT_EQ_I64(visit(&town, S("/unit/121")), 404); /* another town's */
    EXPECT_EQ_I64(visit(&town, S("/unit/121/staff?role=team_member")), 404);
    EXPECT_EQ_I64(visit(&town, S("/unit/112/staff?role=county_office")), 404);
    EXPECT_EQ_I64(visit(&town, S("/unit/112/staff?role=team_member")), 200);
    EXPECT_EQ_I64(visit_send(&town, S("/unit/112/staff"), "role", "team_member", "account", "X",
                             "name", "康小满", "starts", "nix", "ends", "", NULL),
                  422);
    EXPECT(visit_has(&town, "康小满") && visit_has(&town, "看不懂这个日期"));
    EXPECT_EQ_I64(visit_send(&town, S("/unit/112/staff"), "role", "team_member", "account", "!!",
                             "name", "康小满", "starts", "", "ends", "", NULL),
                  422);
    EXPECT(visit_has(&town, "康小满"));
    EXPECT_EQ_I64(visit_send(&town, S("/unit/112/staff"), "role", "team_member", "account",
                             "kangxm", "name", "康小满", "starts", "", "ends", "", NULL),
                  200);
    EXPECT(visit_has(&town, "kangxm") && visit_has(&town, "<path d=\"M4 4h7v1h-7z"));
    Str code = code_shown(&town);
    EXPECT_EQ_I64(visit(&nobody, S("/i/12345678")), 200);
    EXPECT(visit_has(&nobody, "12345678"));
    Str pre, rest;
    str_cut(str_sub(answer_header(&nobody.last, "Set-Cookie"), 10, 200), ';', &pre, &rest);
    Str head = str_fmt(
        s->a, "Cookie: stave_pre=%.*s\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        STR_ARG(pre));
    Str digits = str_fmt(s->a, "%.*s%.*s", 4, code.p, 4, code.p + 5);
    Str form = str_fmt(s->a, "csrf=%.*s&code=%.*s&password=short&again=other", STR_ARG(pre),
                       STR_ARG(digits));
    Answer a = site_ask(s, "POST", S("/i"), head, form);
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(str_find(a.body, S("至少 10 个")) >= 0 && str_find(a.body, S("short")) < 0);
    form = str_fmt(s->a, "csrf=%.*s&code=%.*s&password=a+quiet+river+bend&again=a+quiet+river+bend",
                   STR_ARG(pre), STR_ARG(digits));
    EXPECT_EQ_I64(site_ask(s, "POST", S("/i"), head, form).status, 303);
    EXPECT_EQ_I64(site_ask(s, "POST", S("/i"), head, form).status, 422); /* once only */
    EXPECT_EQ_I64(visit_send(&town, S("/unit/112/withdraw/nobody"), "do", "withdraw", NULL), 404);
    EXPECT_EQ_I64(visit_send(&town, S("/unit/112/invite/kangxm"), "do", "invite", NULL), 200);
    EXPECT_EQ_I64(visit_send(&town, S("/unit/112/withdraw/kangxm"), "do", "withdraw", NULL), 303);
}

BOTH_SITES(a_posting_ends)
{
    Visitor town = visitor(s, "town1"), other = visitor(s, "town2"), author = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&town, S("/unit/111")), 200);
    Str mark = S("/unit/111/end?posting="), href, rest;
    ptrdiff_t at = str_find(town.last.body, mark);
    REQUIRE(at >= 0);
    str_cut(str_sub(town.last.body, (size_t)at, town.last.body.n), '"', &href, &rest);
    const char *posting = str_z(s->a, str_sub(href, mark.n, href.n));
    EXPECT_EQ_I64(visit(&other, href), 404);
    EXPECT_EQ_I64(visit(&town, S("/unit/112/end?posting=nix")), 404);
    EXPECT_EQ_I64(visit(&town, href), 200);
    EXPECT(visit_has(&town, "结束fs111的任职"));
    EXPECT_EQ_I64(
        visit_send(&town, S("/unit/111/end"), "posting", posting, "ends", "2001-01-01", NULL), 422);
    EXPECT_EQ_I64(visit_send(&other, S("/unit/111/end"), "posting", posting, "ends", "", NULL),
                  404);
    EXPECT_EQ_I64(visit_send(&town, S("/unit/111/end"), "posting", posting, "ends", "", NULL), 303);
    EXPECT_EQ_I64(visit(&author, S("/diary/new")), 200); /* its last day is today */
    env_test_move(s->w.env, 24LL * 3600 * 1000);
    EXPECT_EQ_I64(visit(&author, S("/diary/new")), 404);
}

BOTH_SITES(units_come_from_a_table)
{
    Visitor root = visitor(s, "county"), town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&town, S("/import")), 404);
    EXPECT_EQ_I64(visit(&root, S("/import")), 200);
    EXPECT_EQ_I64(visit(&root, S("/import/sample.csv")), 200);
    EXPECT(visit_has(&root, "code,name,level,parent"));
    Str bad = S("code,name,level,parent\r\n113,新村,village,110\r\n114,,village,110\r\n115,坏村,"
                "hamlet,999\r\n");
    EXPECT_EQ_I64(visit_send_file(&root, S("/import"), "file", bad, "do", "try", NULL), 200);
    EXPECT(visit_has(&root, "写不进去") && visit_has(&root, "名称 name") &&
           visit_has(&root, "hamlet") && visit_has(&root, "上级代码 parent") &&
           !visit_has(&root, "value=\"apply\""));
    EXPECT_EQ_I64(visit_send_file(&root, S("/import"), "file", S("a;b\n1;2\n"), "do", "try", NULL),
                  422);
    EXPECT(visit_has(&root, "不认识这一列"));
    EXPECT_EQ_I64(visit_send_file(&root, S("/import"), "file", S(""), "do", "try", NULL), 422);
    EXPECT_EQ_I64(visit_send_file(&root, S("/import"), "file", S("\"open"), "do", "try", NULL),
                  422);
    Str good = S("code;name;level;parent\n113;\"新\"\"村\";village;110\n");
    EXPECT_EQ_I64(visit_send_file(&root, S("/import"), "file", good, "do", "try", NULL), 200);
    EXPECT(visit_has(&root, "写入 1 行"));
    EXPECT_EQ_I64(visit(&root, S("/unit/113")), 404); /* nothing was written */
    EXPECT_EQ_I64(
        visit_send_file(&root, S("/import"), "file", S(""), "do", "apply", "file_name", "x.csv",
                        "rows",
                        "code,name,level,parent\n\"113\",\"新\"\"村\",\"village\",\"110\"\n", NULL),
        303);
    EXPECT_EQ_I64(visit(&root, S("/unit/113")), 200);
    EXPECT(visit_has(&root, "新&quot;村"));
}

BOTH_SITES(the_administrator_sees_no_record)
{
    AddAdmin in = {.account = S("admin"), .name = S("管理员")};
    REQUIRE_OK(access_prepare_admin(s->w.access, s->a, &in, s->w.e), s->w.e);
    REQUIRE_OK(store_write(s->w.store, NULL, access_apply_admin, &in, s->w.e), s->w.e);
    Uuid id = county_diary(&s->w, "fs111", visit_day(s, 1).p, "不归管理员看", "submit");
    Str place = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, id)));
    Visitor admin = visitor(s, "admin");
    EXPECT_EQ_I64(visit(&admin, S("/")), 303);
    EXPECT_STR(visit_place(&admin), "/unit");
    EXPECT_EQ_I64(visit(&admin, S("/start")), 303);
    EXPECT_EQ_I64(visit(&admin, place), 404);
    EXPECT_EQ_I64(visit(&admin, S("/diary")), 404);
    EXPECT_EQ_I64(visit(&admin, S("/diary/new")), 404);
    EXPECT_EQ_I64(visit(&admin, S("/new")), 200);
    EXPECT(!visit_has(&admin, "驻村日记"));
    EXPECT_EQ_I64(visit(&admin, S("/unit/111")), 200);
    EXPECT(visit_has(&admin, "fs111") && !visit_has(&admin, "/staff?role="));
    EXPECT_EQ_I64(visit(&admin, S("/unit/111/staff?role=team_member")), 403);
    EXPECT_EQ_I64(visit_send(&admin, S("/unit/111/staff"), "role", "team_member", "account", "abcd",
                             "name", "某某", NULL),
                  403);
    EXPECT_EQ_I64(visit_send(&admin, S("/unit/111/invite/fs111"), "do", "invite", NULL), 403);
    EXPECT_EQ_I64(visit(&admin, S("/settings")), 200);
    EXPECT_EQ_I64(visit_send(&admin, S("/signout"), NULL), 303);
    EXPECT_EQ_I64(visit(&admin, S("/settings")), 303);
}
