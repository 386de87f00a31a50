/* test_web_forms.c: rows, pickers, audiences, attendance: forms without scripts and the API, on
 * both
 * databases; whatever is wrong is told with its place and nothing is half written.
 *                                                                    SPEC: A1 D2 D3 P3  UX: 6 */
#include "test_web_page_util.h"

static bool has(Str text, const char *what)
{
    return str_find(text, str_of(what)) >= 0;
}

static Str person_of(Site *s, const char *account)
{
    Answer me = site_api(s, account, "GET", "/api/v1/me", "");
    EXPECT_EQ_I64(me.status, 200);
    return site_z(s, "%.*s", STR_ARG(answer_text(&me, "person")));
}

/* A record made over the API; its address as a page, "/session/ID". */
static Str made(Site *s, const char *account, const char *type, const char *body)
{
    Str id = site_id(s), at = site_z(s, "/%s/%s", type, id.p);
    Answer a = site_api(s, account, "PUT", site_z(s, "/api/v1%s", at.p).p, body);
    EXPECT_EQ_I64(a.status, 201);
    if (a.status != 201)
        test_fail(__FILE__, __LINE__, "%s: %.*s", type, STR_ARG(a.body));
    return at;
}

static Str id_of(Str at)
{
    ptrdiff_t cut = str_find(str_sub(at, 1, at.n), S("/"));
    return str_sub(at, (size_t)cut + 2, at.n);
}

static Str session_of(Site *s)
{
    Str course = made(s, "town1", "course", "{\"title\":\"管护办法\",\"line\":\"policy\"}");
    Str day = visit_day(s, 0);
    return made(s, "town1", "session",
                site_z(s,
                       "{\"course\":\"%.*s\",\"day\":\"%s\",\"place\":\"三楼\","
                       "\"invited\":[{\"role\":\"first_secretary\",\"unit\":\"110\"}]}",
                       STR_ARG(id_of(course)), day.p)
                    .p);
}

static Answer now(Site *s, const char *account, Str at)
{
    return site_api(s, account, "GET", site_z(s, "/api/v1%s", at.p).p, "");
}

/* ---- attendance ---- */

BOTH_SITES(attendance_in_one_press_a_late_name_and_done)
{
    Visitor v = visitor(s, "town1");
    Str at = session_of(s), change = site_z(s, "%s/change", at.p);
    Str one = person_of(s, "fs111"), two = person_of(s, "fs112"), day = visit_day(s, 0);
    EXPECT_EQ_I64(visit(&v, change), 200);
    EXPECT(visit_has(&v, "value=\"start:attendance\""));
    EXPECT(visit_has(&v, "（2 人）"));
    EXPECT(!visit_has(
        &v, "attendance.0.came\" class=\"s0\" value=\"present\" checked><span>到"
            "</span></label></span></li></ol>\n<p class=\"acts h2b\"><button class=\"b p"));

    /* one press: nothing is saved, nothing is lost */
    EXPECT_EQ_I64(visit_send(&v, change, "version", "1", "do", "start:attendance", "day", day.p,
                             "place", "四楼", "attendance", "rows", NULL),
                  200);
    EXPECT(visit_has(&v, "value=\"四楼\""));
    EXPECT(visit_has(&v, one.p) && visit_has(&v, two.p));
    Answer a = now(s, "town1", at);
    EXPECT_EQ_I64(answer_i64(&a, "version"), 1);
    EXPECT(json_get(&a.json, S("attendance"))->tag == JSON_NULL);

    /* one is away without a reason: told at his line */
    EXPECT_EQ_I64(visit_send(&v, change, "version", "1", "do", "save", "day", day.p, "place",
                             "四楼", "attendance", "rows", "attendance.0.person",
                             site_z(s, "%.*s", STR_ARG(one)).p, "attendance.0.came", "present",
                             "attendance.1.person", site_z(s, "%.*s", STR_ARG(two)).p,
                             "attendance.1.came", "leave", NULL),
                  422);
    EXPECT(visit_has(&v, "#f-attendance.1.reason"));
    EXPECT(visit_has(&v, one.p) && visit_has(&v, two.p));

    /* with it, a late name below, and done */
    EXPECT_EQ_I64(visit_send(&v, change, "version", "1", "do", "hold", "day", day.p, "place",
                             "四楼", "attendance", "rows", "attendance.0.person",
                             site_z(s, "%.*s", STR_ARG(one)).p, "attendance.0.came", "present",
                             "attendance.1.person", site_z(s, "%.*s", STR_ARG(two)).p,
                             "attendance.1.came", "leave", "attendance.1.reason", "值班",
                             "attendance.2.person", "", "attendance.2.came", "present",
                             "attendance.3.person", "tm111", "attendance.3.came", "present", NULL),
                  303);
    a = now(s, "town1", at);
    EXPECT_STR(answer_text(&a, "state"), "held");
    EXPECT_EQ_I64(answer_i64(&a, "present"), 2);
    const Json *rows = json_get(&a.json, S("attendance"));
    EXPECT(rows && rows->tag == JSON_LIST && rows->n == 3);
    EXPECT(has(a.body, "值班"));
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(three_more_lines_and_one_taken_out)
{
    Visitor v = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&v, S("/study_trip/new")), 200);
    EXPECT(visit_has(&v, "name=\"learnt.2.what\"") && !visit_has(&v, "name=\"learnt.3.what\""));
    EXPECT_EQ_I64(visit_send(&v, S("/study_trip"), "do", "add:learnt", "place", "青山", "learnt",
                             "rows", "learnt.0.what", "嫁接", "learnt.1.what", "", "learnt.2.what",
                             "滴灌", NULL),
                  200);
    EXPECT(visit_has(&v, "value=\"青山\"") && visit_has(&v, "嫁接") && visit_has(&v, "滴灌"));
    EXPECT(visit_has(&v, "name=\"learnt.5.what\"") && !visit_has(&v, "name=\"learnt.6.what\""));
    EXPECT_EQ_I64(visit_send(&v, S("/study_trip"), "do", "drop:learnt.0", "place", "青山", "learnt",
                             "rows", "learnt.0.what", "嫁接", "learnt.2.what", "滴灌", NULL),
                  200);
    EXPECT(!visit_has(&v, "嫁接") && visit_has(&v, "滴灌") && visit_has(&v, "value=\"青山\""));
    Answer a = site_api(s, "fs111", "GET", "/api/v1/study_trip", "");
    EXPECT(json_get(&a.json, S("items"))->n == 0);
}

BOTH_SITES(same_as_last_time_leaves_out_days_and_files)
{
    Visitor v = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&v, S("/study_trip/new")), 200);
    EXPECT(!visit_has(&v, "like=last"));
    (void)made(s, "fs111", "study_trip",
               "{\"day\":\"2026-03-01\",\"days\":2,\"place\":\"青山\",\"purpose\":\"嫁接\","
               "\"learnt\":[{\"what\":\"劈接\"}]}");
    EXPECT_EQ_I64(visit(&v, S("/study_trip/new")), 200);
    EXPECT(visit_has(&v, "/study_trip/new?like=last"));
    EXPECT_EQ_I64(visit(&v, S("/study_trip/new?like=last")), 200);
    EXPECT(visit_has(&v, "value=\"青山\"") && visit_has(&v, "劈接"));
    EXPECT(!visit_has(&v, "2026-03-01") && !visit_has(&v, "learnt.0.id"));
}

/* ---- who or what is meant ---- */

BOTH_SITES(a_name_that_fits_several_is_asked_and_the_rest_is_kept)
{
    Visitor v = visitor(s, "fs111");
    Str a1 = made(s, "fs111", "household", "{\"name\":\"王秀兰\",\"group\":\"二组\"}");
    Str a2 = made(s, "fs111", "household", "{\"name\":\"王秀兰\",\"group\":\"五组\"}");
    (void)made(s, "fs111", "household", "{\"name\":\"罗守田\"}");
    Str day = visit_day(s, 1), id = site_id(s);
    EXPECT_EQ_I64(visit_send(&v, S("/visit"), "id", id.p, "do", "save", "day", day.p, "household",
                             "王秀兰", "situation", "老两口都好。", NULL),
                  422);
    EXPECT(visit_has(&v, "household.pick") &&
           visit_has(&v, site_z(s, "%.*s", STR_ARG(id_of(a1))).p));
    EXPECT(visit_has(&v, site_z(s, "%.*s", STR_ARG(id_of(a2))).p) && !visit_has(&v, "罗守田"));
    EXPECT_STR(visit_hidden(&v, "situation"), "老两口都好。");
    EXPECT_STR(visit_hidden(&v, "id"), id.p);

    /* nothing ticked: asked again; another try finds one; it is saved */
    EXPECT_EQ_I64(visit_send(&v, S("/visit"), "id", id.p, "do", "save", "day", day.p,
                             "household.find", "王秀兰", "situation", "老两口都好。", NULL),
                  422);
    EXPECT_EQ_I64(visit_send(&v, S("/visit"), "id", id.p, "do", "find:save", "day", day.p,
                             "household.pick", "-", "household.find", "没有的人", "situation",
                             "老两口都好。", NULL),
                  422);
    EXPECT(visit_has(&v, "没有找到"));
    EXPECT_EQ_I64(visit_send(&v, S("/visit"), "id", id.p, "do", "save", "day", day.p,
                             "household.pick", site_z(s, "%.*s", STR_ARG(id_of(a2))).p,
                             "household.find", "王秀兰", "situation", "老两口都好。", NULL),
                  303);
    Answer a = now(s, "fs111", site_z(s, "/visit/%s", id.p));
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_text(&a, "household"), site_z(s, "%.*s", STR_ARG(id_of(a2))).p);

    /* one exact fit is taken without asking */
    EXPECT_EQ_I64(visit_send(&v, S("/visit"), "id", site_id(s).p, "do", "save", "day", day.p,
                             "household", "罗守田", "situation", "在果园。", NULL),
                  303);
}

BOTH_SITES(an_audience_is_pairs_of_role_and_unit)
{
    Visitor v = visitor(s, "town1");
    Str course = made(s, "town1", "course", "{\"title\":\"管护办法\",\"line\":\"policy\"}");
    Str id = site_id(s), day = visit_day(s, 0), at = site_z(s, "/session/%s", id.p);
    EXPECT_EQ_I64(visit(&v, S("/session/new")), 200);
    EXPECT(visit_has(&v, "name=\"invited.2.role\"") && !visit_has(&v, "attendance"));
    EXPECT_EQ_I64(visit_send(&v, S("/session"), "id", id.p, "do", "save", "course",
                             site_z(s, "%.*s", STR_ARG(id_of(course))).p, "day", day.p, "place",
                             "三楼", "invited", "pairs", "invited.0.role", "first_secretary",
                             "invited.0.unit", "没有的镇", NULL),
                  422);
    EXPECT(visit_has(&v, "没有的镇"));
    EXPECT_EQ_I64(visit_send(&v, S("/session"), "id", id.p, "do", "save", "course",
                             site_z(s, "%.*s", STR_ARG(id_of(course))).p, "day", day.p, "place",
                             "三楼", "invited", "pairs", "invited.0.role", "first_secretary",
                             "invited.0.unit", "砚河镇", "invited.1.role", "team_member",
                             "invited.1.unit", "", NULL),
                  303);
    Answer a = now(s, "town1", at);
    EXPECT(has(a.body, "{\"role\":\"first_secretary\",\"unit\":\"110\"}"));
    EXPECT(has(a.body, "{\"role\":\"team_member\",\"unit\":\"110\"}"));
    EXPECT_EQ_I64(visit(&v, site_z(s, "%s/change", at.p)), 200);
    EXPECT(visit_has(&v, "value=\"110 砚河镇\""));
}

/* ---- the API ---- */

static Str rows_json(Site *s, Str person, int n)
{
    Buf b = {.arena = s->a};
    buf_z(&b, "{\"attendance\":[");
    for (int i = 0; i < n; i++)
        buf_fmt(&b, "%s{\"person\":\"%.*s\",\"came\":\"present\"}", i ? "," : "", STR_ARG(person));
    buf_z(&b, "]}");
    return (Str){str_z(s->a, buf_view(&b)), b.n};
}

BOTH_SITES(wrong_rows_are_told_with_their_place)
{
    static const struct {
        const char *rows, *field, *code;
    } bad[] = {
        {"5", "attendance", "field.wrong_type"},
        {"\"x\"", "attendance", "field.wrong_type"},
        {"{}", "attendance", "field.wrong_type"},
        {"[5]", "attendance.0", "form.row"},
        {"[[]]", "attendance.0", "form.row"},
        {"[{\"id\":7}]", "attendance.0.id", "field.not_id"},
        {"[{\"id\":\"x\"}]", "attendance.0.id", "field.not_id"},
        {"[{\"came\":\"present\"}]", "attendance.0.person", "field.required"},
        {"[{\"came\":\"maybe\"}]", "attendance.0.came", "field.not_choice"},
        {"[{\"came\":1}]", "attendance.0.came", "field.wrong_type"},
        {"[{\"came\":[\"present\"]}]", "attendance.0.came", "field.wrong_type"},
        {"[{\"person\":\"x\"}]", "attendance.0.person", "field.not_id"},
        {"[{\"nothing\":1}]", "attendance.0.nothing", "field.unknown"},
        {"[{\"reason\":99999999999999999}]", "attendance.0.reason", "field.wrong_type"},
    };
    Str at = session_of(s);
    for (size_t i = 0; i < LEN(bad); i++) {
        Str body = site_z(s, "{\"attendance\":%s}", bad[i].rows);
        Answer a =
            site_api_if(s, "town1", "PATCH", site_z(s, "/api/v1%s", at.p).p, "\"1\"", body.p);
        EXPECT_EQ_I64(a.status, 422);
        if (!answer_has_fault(&a, bad[i].field, bad[i].code))
            test_fail(__FILE__, __LINE__, "%s: %.*s", bad[i].rows, STR_ARG(a.body));
    }
    Str one = person_of(s, "fs111"), path = site_z(s, "/api/v1%s", at.p);
    Answer a = site_api_if(s, "town1", "PATCH", path.p, "\"1\"", rows_json(s, one, 501).p);
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(has(a.body, "\"field\":\"attendance\"") && has(a.body, "500"));
    a = site_api_if(s, "town1", "PATCH", path.p, "\"1\"", rows_json(s, one, 2).p);
    EXPECT_EQ_I64(a.status, 422); /* the same person twice */
    EXPECT(has(a.body, "attendance.1"));
    static const char *const deep[] = {"{\"attendance\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]"
                                       "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                                       "{\"attendance\":[{\"came\":1e5}]}",
                                       "{\"attendance\":[{\"came\":99999999999999999999}]}"};
    for (size_t i = 0; i < LEN(deep); i++) {
        a = site_api_if(s, "town1", "PATCH", path.p, "\"1\"", deep[i]);
        EXPECT_EQ_I64(a.status, 400);
    }
    a = now(s, "town1", at);
    EXPECT_EQ_I64(answer_i64(&a, "version"), 1);
    EXPECT(json_get(&a.json, S("attendance"))->tag == JSON_NULL);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(a_change_of_rows_gives_the_whole_list)
{
    Str at = session_of(s), path = site_z(s, "/api/v1%s", at.p);
    Str one = person_of(s, "fs111"), two = person_of(s, "fs112");
    Answer a = site_api_if(s, "town1", "PATCH", path.p, "\"1\"",
                           site_z(s,
                                  "{\"attendance\":[{\"person\":\"%.*s\",\"came\":\"present\"},"
                                  "{\"person\":\"%.*s\",\"came\":\"absent\"}]}",
                                  STR_ARG(one), STR_ARG(two))
                               .p);
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_EQ_I64(answer_i64(&a, "present"), 1);
    const Json *rows = json_get(&a.json, S("attendance"));
    REQUIRE(rows && rows->tag == JSON_LIST && rows->n == 2);
    Str second = json_get(&rows->items[1], S("id"))->s;
    a = site_api_if(s, "town1", "PATCH", path.p, "\"2\"",
                    site_z(s, "{\"attendance\":[{\"id\":\"%.*s\",\"came\":\"present\"}]}",
                           STR_ARG(second))
                        .p);
    EXPECT_EQ_I64(a.status, 200);
    rows = json_get(&a.json, S("attendance"));
    REQUIRE(rows && rows->tag == JSON_LIST && rows->n == 1);
    EXPECT_STR(json_get(&rows->items[0], S("id"))->s, site_z(s, "%.*s", STR_ARG(second)).p);
    EXPECT_STR(json_get(&rows->items[0], S("person"))->s, site_z(s, "%.*s", STR_ARG(two)).p);
    a = site_api(s, "town1", "GET", "/api/v1/session", ""); /* lists leave rows out */
    EXPECT(has(a.body, "\"present\":1") && !has(a.body, "attendance"));
    a = site_api(s, "town1", "GET", site_z(s, "%s/history", path.p).p, "");
    EXPECT_EQ_I64(a.status, 200);
    a = site_api_if(s, "town1", "PATCH", path.p, "\"3\"", "{\"attendance\":null}");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT(json_get(&a.json, S("attendance"))->tag == JSON_NULL);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(wrong_audiences_choices_and_links_are_told)
{
    static const struct {
        const char *type, *body, *field, *code;
    } bad[] = {
        {"session", "{\"invited\":\"x\"}", "invited", "field.wrong_type"},
        {"session", "{\"invited\":[\"first_secretary\"]}", "invited.0", "form.pair"},
        {"session", "{\"invited\":[{\"role\":\"first_secretary\"}]}", "invited.0", "form.pair"},
        {"session", "{\"invited\":[{\"role\":\"a@b\",\"unit\":\"110\"}]}", "invited.0",
         "form.pair"},
        {"household", "{\"care\":\"alone\"}", "care", "field.wrong_type"},
        {"household", "{\"care\":[\"alone,ill\"]}", "care", "field.wrong_type"},
        {"household", "{\"care\":[\"rich\"]}", "care", "field.not_choice"},
        {"visit", "{\"household\":[\"x\"]}", "household", "field.wrong_type"},
        {"visit", "{\"household\":\"x\"}", "household", "field.not_id"},
    };
    for (size_t i = 0; i < LEN(bad); i++) {
        const char *who = !strcmp(bad[i].type, "session") ? "town1" : "fs111";
        Str at = site_z(s, "/api/v1/%s/%s", bad[i].type, site_id(s).p);
        Answer a = site_api(s, who, "PUT", at.p, bad[i].body);
        EXPECT_EQ_I64(a.status, 422);
        if (!answer_has_fault(&a, bad[i].field, bad[i].code))
            test_fail(__FILE__, __LINE__, "%s: %.*s", bad[i].body, STR_ARG(a.body));
        EXPECT_EQ_I64(site_api(s, who, "GET", at.p, "").status, 404);
    }
    Str at = made(s, "fs111", "household", "{\"name\":\"王秀兰\",\"care\":[\"ill\",\"alone\"]}");
    Answer a = now(s, "fs111", at);
    EXPECT(has(a.body, "\"care\":[\"alone\",\"ill\"]"));
}

/* ---- what scripts are given; without them all stands there and the server decides ---- */

BOTH_SITES(what_hangs_on_a_choice_is_said_in_words_a_script_follows)
{
    Visitor v = visitor(s, "fs111");
    EXPECT_EQ_I64(visit(&v, S("/study_trip/new")), 200);
    EXPECT(visit_has(&v, "<template><div class=\"item\""));
    EXPECT(visit_has(&v, "data-add=\"learnt\"") && visit_has(&v, "name=\"learnt.new.what\""));
    EXPECT(visit_has(&v, "name=\"learnt.0.what\"") && !visit_has(&v, "name=\"learnt.3.what\""));
    Str day = visit_day(s, 1);
    EXPECT_EQ_I64(visit_send(&v, S("/study_trip"), "id", site_id(s).p, "do", "add:learnt", "day",
                             day.p, "learnt", "rows", "learnt.0.what", "劈接", NULL),
                  200); /* the button remains for whom has no scripts */
    EXPECT(visit_has(&v, "劈接") && visit_has(&v, "name=\"learnt.3.what\""));
}

BOTH_SITES(a_picker_suggests_what_fits_and_he_may_see)
{
    Visitor v = visitor(s, "fs111"), other = visitor(s, "fs121"), nobody = visitor(s, NULL);
    Str a1 = made(s, "fs111", "household", "{\"name\":\"王秀兰\",\"group\":\"二组\"}");
    (void)made(s, "fs111", "household", "{\"name\":\"罗守田\"}");
    static const char *const asked[] = {"wxl", "%E7%8E%8B"}; /* initials; 王 */
    for (size_t i = 0; i < LEN(asked); i++) {
        Str at = site_z(s, "/pick?type=visit&field=household&q=%s", asked[i]);
        EXPECT_EQ_I64(visit(&v, at), 200);
        Str want = site_z(s, "{\"id\":\"%.*s\",\"label\":\"王秀兰\"", STR_ARG(id_of(a1)));
        EXPECT(visit_has(&v, want.p));
        EXPECT(!visit_has(&v, "罗守田"));
        EXPECT_EQ_I64(visit(&other, at), 200);
        EXPECT_STR(other.last.body, "[]"); /* another village's */
        EXPECT(visit(&nobody, at) != 200);
    }
    EXPECT_EQ_I64(visit(&v, S("/pick?type=visit&field=household")), 200);
    EXPECT_STR(v.last.body, "[]"); /* nothing typed: nothing listed */
    EXPECT_EQ_I64(visit(&v, S("/pick?type=visit&field=situation&q=x")), 404);
    EXPECT_EQ_I64(visit(&v, S("/pick?type=visit&field=nothing.x&q=x")), 404);
    EXPECT_EQ_I64(visit(&v, S("/pick?type=nothing&field=household&q=x")), 404);
    int status = 200;
    for (int i = 0; i < 130 && status == 200; i++)
        status = visit(&v, S("/pick?type=visit&field=household&q=w"));
    EXPECT_EQ_I64(status, 429);
    EXPECT_EQ_I64(visit(&other, S("/pick?type=visit&field=household&q=w")), 200);
    EXPECT_EQ_I64(visit(&v, S("/visit/new")), 200);
    EXPECT(visit_has(&v, "data-pick=\"/pick?type=visit&amp;field=household\""));
}
