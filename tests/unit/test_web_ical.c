/* test_web_ical.c: the calendar feed: its address is made, shown once, renewed, withdrawn; what
 * stands in it libical reads; who has no right address gets one answer.    SPEC: P3 P9  STACK: 5 */
#include <libical/ical.h>

#include "test_web_page_util.h"

/* Presses the button in the settings; the path of the address, NUL-terminated. */
static Str make_feed(Visitor *v)
{
    EXPECT_EQ_I64(visit_send(v, S("/settings/calendar"), "do", "make", NULL), 200);
    ptrdiff_t at = str_find(v->last.body, S("href=\"/calendar/"));
    REQUIRE(at >= 0);
    Str rest = str_sub(v->last.body, (size_t)at + 6, v->last.body.n);
    ptrdiff_t end = str_find(rest, S("\""));
    REQUIRE(end > 0);
    EXPECT(visit_has(v, "只显示这一次") && visit_has(v, "<svg class=\"qr\""));
    return site_z(v->s, "%.*s", (int)end, rest.p);
}

static icalcomponent *read_feed(Site *s, Str path)
{
    Visitor phone = visitor(s, NULL);
    EXPECT_EQ_I64(visit(&phone, path), 200);
    EXPECT_STR(answer_header(&phone.last, "content-type"), "text/calendar; charset=utf-8");
    EXPECT(str_starts(answer_header(&phone.last, "cache-control"), S("private")));
    icalcomponent *c = icalparser_parse_string(str_z(s->a, phone.last.body));
    REQUIRE(c != NULL);
    EXPECT_EQ_I64(icalcomponent_count_errors(c), 0);
    icalproperty *method = icalcomponent_get_first_property(c, ICAL_METHOD_PROPERTY);
    REQUIRE(method != NULL);
    icalcomponent_remove_property(c, method); /* test_exchange_ical.c says why */
    icalproperty_free(method);
    EXPECT(icalrestriction_check(c));
    return c;
}

static void release(icalcomponent *c)
{
    icalcomponent_free(c);
    icalmemory_free_ring();
    icaltimezone_free_builtin_timezones();
}

/* The entry whose title holds this; NULL: none. */
static icalcomponent *entry(icalcomponent *c, const char *title)
{
    for (icalcomponent *i = icalcomponent_get_first_component(c, ICAL_VEVENT_COMPONENT); i;
         i = icalcomponent_get_next_component(c, ICAL_VEVENT_COMPONENT))
        if (str_find(str_of(icalcomponent_get_summary(i)), str_of(title)) >= 0)
            return i;
    return NULL;
}

static Str starts(Site *s, icalcomponent *c)
{
    struct icaltimetype t = icalcomponent_get_dtstart(c);
    return str_fmt(s->a, "%04d-%02d-%02d%s", t.year, t.month, t.day, t.is_date ? "" : " at");
}

static Str training(Site *s, const char *account, const char *day, const char *unit)
{
    Str course = site_id(s), id = site_id(s);
    Answer a = site_api(s, account, "PUT", str_fmt(s->a, "/api/v1/course/%s", course.p).p,
                        "{\"title\":\"防汛怎么做\",\"line\":\"business\"}");
    if (!EXPECT_EQ_I64(a.status, 201))
        test_note("%.*s", STR_ARG(a.body));
    Str body = str_fmt(s->a,
                       "{\"course\":\"%s\",\"day\":\"%s\",\"place\":\"三楼\",\"invited\":"
                       "[{\"role\":\"first_secretary\",\"unit\":\"%s\"}]}",
                       course.p, day, unit);
    a = site_api(s, account, "PUT", str_fmt(s->a, "/api/v1/session/%s", id.p).p, body.p);
    if (!EXPECT_EQ_I64(a.status, 201))
        test_note("%.*s", STR_ARG(a.body));
    return id;
}

BOTH_SITES(the_feed_holds_what_he_owes_by_its_day_and_what_he_is_invited_to)
{
    (void)county_diary(&s->w, "fs111", "2026-11-20", "看了水渠", "submit");
    (void)training(s, "county", "2026-12-03", "110"); /* of his town */
    (void)training(s, "county", "2026-12-04", "120"); /* of another's */
    Visitor village = visitor(s, "fs111"), town = visitor(s, "town1");
    Str mine = make_feed(&village), towns = make_feed(&town);
    icalcomponent *c = read_feed(s, mine);
    EXPECT_EQ_I64(icalcomponent_count_components(c, ICAL_VEVENT_COMPONENT), 1);
    icalcomponent *e = entry(c, "防汛怎么做");
    REQUIRE(e != NULL);
    EXPECT_STR(starts(s, e), "2026-12-03");
    EXPECT(str_find(str_of(icalproperty_get_value_as_string(
                        icalcomponent_get_first_property(e, ICAL_URL_PROPERTY))),
                    S("/session/")) > 0);
    release(c);
    c = read_feed(s, towns);
    e = entry(c, "最晚：审阅日记");
    REQUIRE(e != NULL);
    EXPECT_STR(starts(s, e), "2026-12-01"); /* 7 working days behind a Friday */
    EXPECT(str_find(str_of(icalcomponent_get_description(e)), S("17:30")) >= 0);
    EXPECT(str_find(str_of(icalcomponent_get_uid(e)), S("@")) > 0);
    EXPECT(!entry(c, "防汛怎么做")); /* sees it, is not meant */
    release(c);
    /* the same bytes again while nothing changed */
    Visitor a = visitor(s, NULL), b = visitor(s, NULL);
    EXPECT_EQ_I64(visit(&a, towns), 200);
    env_test_move(s->w.env, 3600000);
    EXPECT_EQ_I64(visit(&b, towns), 200);
    EXPECT_STR_EQ(a.last.body, b.last.body);
}

BOTH_SITES(of_what_is_about_somebody_the_feed_says_only_kind_and_place)
{
    Str id = site_id(s);
    Answer a = site_api(s, "fs111", "PUT", str_fmt(s->a, "/api/v1/issue/%s", id.p).p,
                        "{\"title\":\"田某某家的屋顶漏雨\",\"kind\":\"difficulty\"}");
    EXPECT_EQ_I64(a.status, 201);
    a = site_api(s, "fs111", "POST", str_fmt(s->a, "/api/v1/issue/%s/raise", id.p).p, "{}");
    EXPECT_EQ_I64(a.status, 200);
    Visitor village = visitor(s, "fs111");
    icalcomponent *c = read_feed(s, make_feed(&village));
    EXPECT(!entry(c, "屋顶") && entry(c, "最晚：办村里的事，村里的事 · 上栗村"));
    release(c);
}

BOTH_SITES(an_address_is_shown_once_and_dies_when_changed_withdrawn_or_closed)
{
    Visitor v = visitor(s, "fs111"), phone = visitor(s, NULL), guess = visitor(s, NULL);
    EXPECT_EQ_I64(visit(&v, S("/settings")), 200);
    EXPECT(visit_has(&v, "给我一个日历地址") && !visit_has(&v, "收回地址"));
    Str first = make_feed(&v);
    EXPECT_EQ_I64(first.n, 10 + 64 + 4); /* 256 bits */
    EXPECT_EQ_I64(visit(&phone, first), 200);
    EXPECT(!str_has(answer_header(&phone.last, "set-cookie")) ||
           str_find(answer_header(&phone.last, "set-cookie"), S("stave=")) < 0);
    EXPECT_EQ_I64(visit(&v, S("/settings")), 200);
    EXPECT(!visit_has(&v, "/calendar/") && visit_has(&v, "收回地址"));
    Str second = make_feed(&v);
    EXPECT(!str_eq(first, second));
    EXPECT_EQ_I64(visit(&phone, first), 404);
    EXPECT_EQ_I64(visit(&phone, second), 200);
    /* withdrawn and never made are one answer */
    EXPECT_EQ_I64(visit_send(&v, S("/settings/calendar"), "do", "end", NULL), 303);
    EXPECT_EQ_I64(visit(&phone, second), 404);
    EXPECT_EQ_I64(visit(&guess, S("/calendar/0123456789abcdef.ics")), 404);
    EXPECT(visit_has(&phone, "没有，或者不归您看") && visit_has(&guess, "没有，或者不归您看"));
    EXPECT(!visit_has(&phone, "fs111"));
    EXPECT_EQ_I64(visit(&guess, str_sub(second, 0, second.n - 4)), 404);
    Str third = make_feed(&v);
    EXPECT_EQ_I64(visit(&phone, third), 200);
    Tx *tx = county_tx(&s->w);
    Disable d = {.account = S("fs111")};
    REQUIRE_OK(access_prepare_disable(s->w.access, s->a, tx, NULL, &d, s->w.e), s->w.e);
    tx_end(tx);
    REQUIRE_OK(store_write(s->w.store, s->w.conn, access_apply_disable, &d, s->w.e), s->w.e);
    EXPECT_EQ_I64(visit(&phone, third), 404);
    d.enable = true; /* and it does not come back with it */
    REQUIRE_OK(store_write(s->w.store, s->w.conn, access_apply_disable, &d, s->w.e), s->w.e);
    EXPECT_EQ_I64(visit(&phone, third), 404);
}

BOTH_SITES(addresses_cannot_be_tried_out)
{
    Visitor v = visitor(s, "fs111"), guess = visitor(s, NULL);
    Str right = make_feed(&v);
    int last = 404, n = 0;
    for (; n < 60 && last == 404; n++)
        last = visit(&guess, str_fmt(s->a, "/calendar/%064d.ics", n));
    EXPECT_EQ_I64(last, 429);
    EXPECT_EQ_I64(n, 31);
    EXPECT_EQ_I64(visit(&guess, right), 429);
    env_test_move(s->w.env, 5 * 60000);
    EXPECT_EQ_I64(visit(&guess, right), 200);
}

BOTH_SITES(a_feed_is_made_by_himself_alone)
{
    Visitor county = visitor(s, "county"), v = visitor(s, "fs111");
    EXPECT_EQ_I64(visit_send(&county, S("/viewas"), "role", "town_office", "unit", "110", "reason",
                             "核对一下", NULL),
                  303);
    EXPECT_EQ_I64(visit(&county, S("/settings")), 200);
    EXPECT(!visit_has(&county, "日历地址"));
    EXPECT_EQ_I64(visit_send(&county, S("/settings/calendar"), "do", "make", NULL), 403);
    EXPECT_EQ_I64(visit_send_bare(&v, S("/settings/calendar"), "do", "make", NULL), 403);
}
