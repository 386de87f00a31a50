/* test_web_page.c: a diary goes through, on pages and without scripts: written, returned with a
 * remark, mended, accepted, read by the county and by nobody else; whatever goes wrong, what was
 * typed stays. SPEC: B3 P2 P8 P11 */
#include "test_web_page_util.h"

#define BODY     "上午把第三季度账过了一遍，缺两张票。还帮两户协调了灌溉用水。晚上值班。"
#define SENTENCE "还帮两户协调了灌溉用水。"
#define MENDED   "上午把第三季度账过了一遍。还帮两户协调了灌溉用水：康水生、罗守田。晚上值班。"

static Str sub(Site *s, Str place, const char *tail)
{
    return str_fmt(s->a, "%.*s/%s", STR_ARG(place), tail);
}

/* A new diary; returns its address. */
static Str written(Visitor *v, int days_ago, const char *body, const char *button)
{
    EXPECT_EQ_I64(visit(v, S("/diary/new")), 200);
    Str id = visit_hidden(v, "id");
    REQUIRE(id.n == 36);
    EXPECT_EQ_I64(visit_send(v, S("/diary"), "id", id.p, "day", visit_day(v->s, days_ago).p, "body",
                             body, "do", button, NULL),
                  303);
    Str place = visit_place(v);
    EXPECT_STR_EQ(place, str_fmt(v->s->a, "/diary/%.*s", STR_ARG(id)));
    return place;
}

static void nobody_else_sees(Site *s, Str place, const char *const *accounts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Visitor v = visitor(s, accounts[i]);
        EXPECT_EQ_I64(visit(&v, place), 404);
        EXPECT_EQ_I64(visit(&v, sub(s, place, "history")), 404);
        EXPECT_EQ_I64(visit(&v, sub(s, place, "who")), 404);
        EXPECT_EQ_I64(visit(&v, sub(s, place, "change")), 404);
        EXPECT_EQ_I64(visit(&v, sub(s, place, "accept")), 404);
        EXPECT_EQ_I64(visit_send(&v, sub(s, place, "accept"), "version", "1", NULL), 404);
        EXPECT_EQ_I64(visit(&v, S("/diary")), 200);
        EXPECT(!visit_has(&v, place.p) && !visit_has(&v, "第三季度"));
    }
}

BOTH_SITES(a_diary_goes_through)
{
    Visitor author = visitor(s, "fs111"), town = visitor(s, "town1"), county = visitor(s, "county");
    static const char *const others[] = {"fs112", "tm111", "town2", "fs121"};
    static const char *const above[] = {"town1", "county"};
    EXPECT_EQ_I64(visit(&author, S("/")), 200);
    EXPECT(visit_has(&author, "今天没有要办的。") && visit_has(&author, "上栗村"));
    EXPECT_EQ_I64(visit(&author, S("/new")), 200);
    EXPECT(visit_has(&author, "/diary/new"));
    Str place = written(&author, 3, BODY, "save");
    place = (Str){str_z(s->a, place), place.n};
    EXPECT_EQ_I64(visit(&author, place), 200);
    EXPECT(visit_has(&author, "草稿") && visit_has(&author, "送镇里") &&
           visit_has(&author, "谁能看到：您。"));
    nobody_else_sees(s, place, others, LEN(others));
    nobody_else_sees(s, place, above, LEN(above));
    EXPECT_EQ_I64(
        visit_send(&author, sub(s, place, "submit"), "version", "1", "do", "submit", NULL), 303);
    nobody_else_sees(s, place, others, LEN(others));

    town = visitor(s, "town1"); /* his session was ended by the one above */
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, place.p) && visit_has(&town, "审阅日记") && visit_has(&town, "fs111"));
    EXPECT_EQ_I64(visit(&town, sub(s, place, "return")), 200);
    EXPECT(visit_has(&town, SENTENCE) && visit_has(&town, "整篇") &&
           visit_has(&town, "退给fs111（上栗村）"));
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "return"), "version", "2", "do", "return",
                             "remark", "", "remark.at", SENTENCE, NULL),
                  422);
    EXPECT(visit_has(&town, "value=\"" SENTENCE "\" checked")); /* the choice stays */
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "return"), "version", "2", "do", "add", "remark",
                             "是哪两户？", "remark.at", SENTENCE, NULL),
                  200);
    Str so_far = visit_hidden(&town, "remark.so_far");
    EXPECT_STR(so_far, "&gt; " SENTENCE "\n是哪两户？");
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "return"), "version", "2", "do", "return",
                             "remark", "写清楚就行。", "remark.at", "all", "remark.so_far",
                             "> " SENTENCE "\n是哪两户？", NULL),
                  303);

    EXPECT_EQ_I64(visit(&author, S("/")), 200);
    EXPECT(visit_has(&author, "改日记"));
    EXPECT_EQ_I64(visit(&author, place), 200);
    EXPECT(visit_has(&author, "<q>" SENTENCE "</q>") && visit_has(&author, "是哪两户？") &&
           visit_has(&author, "写清楚就行。"));
    EXPECT_EQ_I64(visit(&author, sub(s, place, "change")), 200);
    EXPECT(visit_has(&author, "<q>" SENTENCE "</q>") && visit_has(&author, BODY));
    EXPECT_EQ_I64(visit_send(&author, sub(s, place, "change"), "version", "3", "day",
                             visit_day(s, 3).p, "body", MENDED, "do", "submit", NULL),
                  303);
    EXPECT_EQ_I64(visit(&author, place), 200);
    EXPECT(visit_has(&author, "等审阅") &&
           visit_has(&author, "<span>" MENDED "</span>")); /* none is marked */
    EXPECT(
        visit_has(&author, "<blockquote><q>" SENTENCE "</q></blockquote>")); /* it is on top now */

    county = visitor(s, "county");
    EXPECT_EQ_I64(visit(&county, sub(s, place, "accept")), 403);
    EXPECT(visit_has(&county, "党建办"));
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "accept"), "version", "4", "do", "accept", NULL),
                  412);
    EXPECT(visit_has(&town, "您打开以后，fs111"));
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "accept"), "version", "5", "do", "accept", NULL),
                  303);
    EXPECT_EQ_I64(visit_send(&town, sub(s, place, "accept"), "version", "5", "do", "accept", NULL),
                  303); /* twice */
    EXPECT_EQ_I64(visit(&county, place), 200);
    EXPECT(visit_has(&county, "已通过") && visit_has(&county, MENDED));
    EXPECT_EQ_I64(visit(&county, sub(s, place, "history")), 200);
    EXPECT(visit_has(&county, "留痕完整") && visit_has(&county, "第 6 版") &&
           visit_has(&county, "<del>") && visit_has(&county, "<ins>"));
    EXPECT_EQ_I64(visit(&county, sub(s, place, "who")), 200);
    EXPECT(visit_has(&county, "上栗村在青垣县下面") && visit_has(&county, "town1") &&
           !visit_has(&county, "fs112"));
    nobody_else_sees(s, place, others, LEN(others));
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(what_is_typed_stays)
{
    Visitor v = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&v, S("/diary/new")), 200);
    Str id = visit_hidden(&v, "id"), today = visit_day(s, 0);
    EXPECT(visit_has(&v, today.p)); /* today stands there already */
    EXPECT_EQ_I64(
        visit_send(&v, S("/diary"), "id", id.p, "day", "", "body", "", "do", "submit", NULL), 422);
    EXPECT(visit_has(&v, "还有 2 处没填，没有送出。您写的都在。") &&
           visit_has(&v, "href=\"#f-body\"") && visit_has(&v, "<title>有误："));
    EXPECT_STR_EQ(visit_hidden(&v, "id"), id);
    EXPECT_EQ_I64(visit_send(&v, S("/diary"), "id", id.p, "day", visit_day(s, -5).p, "body",
                             "<b>没到的一天</b>", "do", "save", NULL),
                  422);
    EXPECT(visit_has(&v, "这一天还没有到") && visit_has(&v, "&lt;b&gt;没到的一天&lt;/b&gt;"));
    char *longer = arena_alloc(s->a, 8002);
    memset(longer, 'x', 8001);
    EXPECT_EQ_I64(
        visit_send(&v, S("/diary"), "id", id.p, "day", today.p, "body", longer, "do", "save", NULL),
        422);
    EXPECT(visit_has(&v, "8001") && visit_has(&v, longer));
    EXPECT_EQ_I64(
        visit_send_bare(&v, S("/diary"), "id", id.p, "day", today.p, "body", "没有令牌的字", NULL),
        403);
    EXPECT(visit_has(&v, "没有令牌的字") && visit_has(&v, "再送一次"));
    Visitor gone = v;
    gone.cookie = S("00000000000000000000000000000000000000000000000000000000000000ff");
    EXPECT_EQ_I64(
        visit_send(&gone, S("/diary"), "id", id.p, "day", today.p, "body", "过期时写的字", NULL),
        401);
    EXPECT(visit_has(&gone, "过期时写的字") && visit_has(&gone, "登录过期了，写的还在"));
    EXPECT_EQ_I64(visit(&gone, S("/diary/new")), 303);
    EXPECT_STR(visit_place(&gone), "/signin?back=/diary/new");
    (void)written(&v, 1, "这一天的第一篇", "save"); /* its own checks tell */
    EXPECT_EQ_I64(visit_send(&v, S("/diary"), "id", site_id(s).p, "day", visit_day(s, 1).p, "body",
                             "第二篇也别丢", "do", "save", NULL),
                  422);
    EXPECT(visit_has(&v, "第二篇也别丢") && visit_has(&v, "已经写过一篇"));
}

BOTH_SITES(twice_is_once)
{
    Visitor v = visitor(s, "fs111"), other = visitor(s, "fs112");
    Str id = site_id(s), day = visit_day(s, 2);
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ_I64(
            visit_send(&v, S("/diary"), "id", id.p, "day", day.p, "body", BODY, "do", "save", NULL),
            303);
        EXPECT_STR_EQ(visit_place(&v), str_fmt(s->a, "/diary/%.*s", STR_ARG(id)));
    }
    EXPECT_EQ_I64(visit(&v, S("/diary")), 200);
    EXPECT(visit_has(&v, "共 1 条"));
    EXPECT_EQ_I64(
        visit_send(&other, S("/diary"), "id", id.p, "day", day.p, "body", "抢来的号", NULL), 404);
    EXPECT(visit_has(&other, "抢来的号")); /* the text is kept, under another id */
    EXPECT(!str_eq(visit_hidden(&other, "id"), id));
    EXPECT_EQ_I64(visit_send(&v, S("/diary"), "id", id.p, "day", day.p, "body", "同号不同文", NULL),
                  409);
    EXPECT(visit_has(&v, "同号不同文") && visit_has(&v, BODY)); /* both */
}

BOTH_SITES(two_change_the_same)
{
    Visitor v = visitor(s, "fs111");
    Str place = written(&v, 4, "原来的话", "save"), change = sub(s, place, "change");
    Str day = visit_day(s, 4), other_day = visit_day(s, 5);
    EXPECT_EQ_I64(visit_send(&v, change, "version", "1", "day", day.p, "body", "先改的话", "do",
                             "save", NULL),
                  303);
    EXPECT_EQ_I64(visit_send(&v, change, "version", "1", "day", day.p, "body", "后改的话", "do",
                             "save", NULL),
                  412);
    EXPECT(visit_has(&v, "先改的话") && visit_has(&v, "后改的话") && !visit_has(&v, " checked"));
    EXPECT_STR(visit_hidden(&v, "version"), "2");
    EXPECT_EQ_I64(visit_send(&v, change, "version", "2", "day", day.p, "body.mine", "后改的话",
                             "body.theirs", "先改的话", "body.own", "我重写的", "do", "save", NULL),
                  422);
    EXPECT(visit_has(&v, "我重写的") && visit_has(&v, "还没选"));
    EXPECT_EQ_I64(visit_send(&v, change, "version", "2", "day", day.p, "body.mine", "后改的话",
                             "body.theirs", "先改的话", "body.own", "我重写的", "body.pick", "own",
                             "do", "save", NULL),
                  303);
    EXPECT_EQ_I64(visit(&v, place), 200);
    EXPECT(visit_has(&v, "我重写的"));
    /* one side the day, the other the text: put together by itself */
    EXPECT_EQ_I64(visit_send(&v, change, "version", "3", "day", other_day.p, "body", "我重写的",
                             "do", "save", NULL),
                  303);
    EXPECT_EQ_I64(visit_send(&v, change, "version", "3", "day", day.p, "body", "只改了文", "do",
                             "save", NULL),
                  303);
    EXPECT_EQ_I64(visit(&v, change), 200);
    EXPECT(visit_has(&v, "只改了文") && visit_has(&v, other_day.p));
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(photos_of_a_form)
{
    Visitor v = visitor(s, "fs111"), other = visitor(s, "fs112");
    Str id = site_id(s), place = str_fmt(s->a, "/diary/%.*s", STR_ARG(id));
    EXPECT_EQ_I64(visit_send_file(&v, S("/diary"), "file.photos", S("no picture at all"), "id",
                                  id.p, "day", visit_day(s, 1).p, "body", "放错了文件", "do",
                                  "save", NULL),
                  422);
    EXPECT(visit_has(&v, "放错了文件") && visit_has(&v, "这不是照片"));
    EXPECT_EQ_I64(visit_send_file(&v, S("/diary"), "file.photos", site_jpeg(), "id", id.p, "day",
                                  visit_day(s, 1).p, "body", "有一张照片", "do", "save", NULL),
                  303);
    EXPECT_EQ_I64(visit(&v, sub(s, place, "change")), 200);
    Str photo = visit_hidden(&v, "photos"), address = str_fmt(s->a, "/file/%.*s", STR_ARG(photo));
    REQUIRE(photo.n == 36);
    EXPECT_EQ_I64(visit(&v, address), 200);
    EXPECT_EQ_I64(visit(&other, address), 404);
    /* taking it away in the form keeps what is typed and changes nothing yet */
    EXPECT_EQ_I64(visit_send_file(&v, sub(s, place, "change"), "file.photos", S(""), "version", "1",
                                  "day", visit_day(s, 1).p, "body", "写到一半", "photos", photo.p,
                                  "drop", photo.p, NULL),
                  200);
    EXPECT(visit_has(&v, "写到一半") && !str_has(visit_hidden(&v, "photos")));
    EXPECT_EQ_I64(visit(&v, place), 200);
    EXPECT(visit_has(&v, address.p) && !visit_has(&v, "写到一半"));
    EXPECT_EQ_I64(visit_send_file(&v, sub(s, place, "change"), "file.photos", S(""), "version", "1",
                                  "day", visit_day(s, 1).p, "body", "没有照片了", "do", "save",
                                  NULL),
                  303);
    EXPECT_EQ_I64(visit(&v, place), 200);
    EXPECT(!visit_has(&v, "/file/") && visit_has(&v, "没有照片了"));
}

BOTH_SITES(lists_and_filters)
{
    Visitor v = visitor(s, "fs111"), town = visitor(s, "town1");
    for (int i = 0; i < 23; i++)
        (void)county_diary(&s->w, "fs111", visit_day(s, i).p, "每天一篇", i % 2 ? "submit" : NULL);
    EXPECT_EQ_I64(visit(&v, S("/diary")), 200);
    EXPECT(visit_has(&v, "共 23 条") && visit_has(&v, "更早的") && !visit_has(&v, "更新的"));
    EXPECT(v.last.body.n < 30 * 1024);
    Str href = S("href=\"/diary?after="), older, rest;
    ptrdiff_t at = str_find(v.last.body, href);
    REQUIRE(at >= 0);
    str_cut(str_sub(v.last.body, (size_t)at + 6, v.last.body.n), '"', &older, &rest);
    EXPECT_EQ_I64(visit(&v, older), 200);
    EXPECT(visit_has(&v, "更新的") && !visit_has(&v, "更早的") &&
           visit_has(&v, visit_day(s, 22).p));
    EXPECT_EQ_I64(visit(&v, S("/diary?state=draft&mine=1")), 200);
    EXPECT(visit_has(&v, "共 12 条"));
    EXPECT_EQ_I64(visit(&town, S("/diary?unit=111")), 200);
    EXPECT(visit_has(&town, "共 11 条") && visit_has(&town, "下栗村") &&
           !visit_has(&town, "槐树坪村"));
    EXPECT_EQ_I64(visit(&town, S("/diary?unit=121")), 200);
    EXPECT(visit_has(&town, "没有符合的"));
    EXPECT_EQ_I64(visit(&town, S("/")), 200);
    EXPECT(visit_has(&town, "<small>11 件</small>") && !visit_has(&town, "/owed"));
    EXPECT_EQ_I64(visit(&v, S("/diary?state=nix")), 422);
    EXPECT_EQ_I64(visit(&v, S("/diary?after=nix")), 422);
    EXPECT_EQ_I64(visit(&v, S("/diary?day=nix")), 422);
    EXPECT_EQ_I64(visit(&v, S("/diary/nix")), 404);
    EXPECT_EQ_I64(visit(&v, S("/diary?lang=en")), 200);
}
