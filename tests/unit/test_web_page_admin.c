/* test_web_page_admin.c: three offices, each with its own page and no sight of records.
 *                                                                              SPEC: P2 P11 */
#include "test_web_page_util.h"

static void make_system(Site *s)
{
    County *w = &s->w;
    AddAdmin in = {.account = S("sys"), .name = S("系统员")};
    REQUIRE_OK(access_prepare_admin(w->access, w->a, &in, w->e), w->e);
    REQUIRE_OK(store_write(w->store, NULL, access_apply_admin, &in, w->e), w->e);
}

BOTH_SITES(three_offices_keep_to_their_own)
{
    make_system(s);
    Uuid id = county_diary(&s->w, "fs111", visit_day(s, 3).p, "谁也不给看的话", "submit");
    Str place = str_fmt(s->a, "/diary/%.*s", STR_ARG(uuid_text(s->a, id)));
    Visitor sys = visitor(s, "sys"), town = visitor(s, "town1");
    EXPECT_EQ_I64(visit(&town, S("/admin")), 404);
    EXPECT_EQ_I64(visit_send(&town, S("/admin/account"), "account", "fs111", "do", "disable", NULL),
                  404);
    EXPECT_EQ_I64(visit(&sys, S("/admin")), 200);
    EXPECT(visit_has(&sys, "系统管理员") && visit_has(&sys, "town1") && visit_has(&sys, "/admin/add"));
    EXPECT_EQ_I64(visit_send(&sys, S("/admin/add"), "office", "audit", "name", "", "account", "au",
                             NULL),
                  422);
    EXPECT_EQ_I64(visit_send(&sys, S("/admin/add"), "name", "审计员", "account", "audit1", NULL), 422);
    EXPECT_EQ_I64(visit_send(&sys, S("/admin/add"), "office", "audit", "name", "审计员", "account",
                             "audit1", NULL),
                  200);
    EXPECT(visit_has(&sys, "class=\"code\"") && visit_has(&sys, "审计管理员"));
    EXPECT_EQ_I64(visit_send(&sys, S("/admin/add"), "office", "security", "name", "安全员",
                             "account", "guard1", NULL),
                  200);
    Visitor audit = visitor(s, "audit1"), guard = visitor(s, "guard1");
    EXPECT_EQ_I64(visit(&guard, S("/")), 303);
    EXPECT_STR(visit_place(&guard), "/admin");
    EXPECT_EQ_I64(visit(&guard, S("/admin")), 200);
    EXPECT(visit_has(&guard, "安全管理员") && visit_has(&guard, "没有锁住的"));
    EXPECT_EQ_I64(visit(&guard, S("/admin/add")), 404);
    EXPECT_EQ_I64(visit_send(&guard, S("/admin/account"), "account", "nobody", "do", "disable",
                             NULL),
                  404);
    EXPECT_EQ_I64(visit_send(&guard, S("/admin/account"), "account", "fs111", "do", "disable",
                             NULL),
                  303);
    EXPECT_EQ_I64(visit(&guard, S("/admin")), 200);
    EXPECT(visit_has(&guard, "fs111") && visit_has(&guard, "已停用"));
    EXPECT_EQ_I64(visit_send(&guard, S("/admin/account"), "account", "fs111", "do", "enable", NULL),
                  303);
    EXPECT_EQ_I64(visit_send(&guard, S("/admin/account"), "account", "town1", "do", "sessions",
                             NULL),
                  303);
    EXPECT_EQ_I64(visit(&town, S("/settings")), 303); /* signed out */
    EXPECT_EQ_I64(visit_send(&audit, S("/admin/account"), "account", "fs111", "do", "disable",
                             NULL),
                  403);
    EXPECT_EQ_I64(visit(&audit, S("/admin")), 200);
    EXPECT(visit_has(&audit, "停用账号") && visit_has(&audit, "退出所有登录") &&
           visit_has(&audit, "设管理员") && !visit_has(&audit, "/admin/account"));
    const Visitor *const offices[] = {&sys, &guard, &audit};
    for (size_t i = 0; i < LEN(offices); i++) {
        Visitor v = *offices[i];
        EXPECT_EQ_I64(visit(&v, place), 404);
        EXPECT_EQ_I64(visit(&v, S("/search?q=%E8%B0%81%E4%B9%9F")), 200);
        EXPECT(!visit_has(&v, "谁也不给看的话"));
    }
}
