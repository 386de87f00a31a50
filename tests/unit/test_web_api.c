/* test_web_api.c: the API end to end: sockets, gate, records, both engines; every JSON answer is
 * held against the OpenAPI document by the client.                            SPEC: P2 P8 P11 B3 */
// tsan
#include <pthread.h>

#include "test_web_util.h"

#define DAY "2026-11-20"

static Answer put(Site *s, const char *who, Str id, const char *body)
{
    return site_api(s, who, "PUT", site_z(s, "/api/v1/diary/%s", id.p).p, body);
}

static Answer get(Site *s, const char *who, Str id)
{
    return site_api(s, who, "GET", site_z(s, "/api/v1/diary/%s", id.p).p, "");
}

static Answer act(Site *s, const char *who, Str id, const char *what, const char *body)
{
    return site_api(s, who, "POST", site_z(s, "/api/v1/diary/%s/%s", id.p, what).p, body);
}

BOTH_SITES(who_am_i)
{
    Answer a = site_api(s, "fs111", "GET", "/api/v1/me", "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_text(&a, "account"), "fs111");
    const Json *posts = json_get(&a.json, S("postings"));
    REQUIRE(posts && posts->n == 1);
    EXPECT_STR(json_get(&posts->items[0], S("role"))->s, "first_secretary");
    EXPECT_STR(json_get(&posts->items[0], S("unit"))->s, "111");
    EXPECT_EQ_I64(site_api(s, NULL, "GET", "/api/v1/me", "").status, 401);
    a = site_ask(s, "GET", S("/api/v1/me"), S("Authorization: Bearer nonsense\r\n"), S(""));
    EXPECT_EQ_I64(a.status, 401);
    EXPECT_STR(answer_header(&a, "WWW-Authenticate"), "Bearer realm=\"stave\"");
}

BOTH_SITES(a_record_is_created_once)
{
    Str id = site_id(s);
    Answer a =
        put(s, "fs111", id, "{\"unit\":\"111\",\"day\":\"" DAY "\",\"body\":\"去了三户。\"}");
    EXPECT_EQ_I64(a.status, 201);
    EXPECT_STR(answer_header(&a, "ETag"), "\"1\"");
    EXPECT_STR_EQ(answer_text(&a, "id"), id);
    EXPECT_STR(answer_text(&a, "unit"), "111");
    EXPECT_STR(answer_text(&a, "state"), "draft");
    EXPECT_STR(answer_text(&a, "body"), "去了三户。");
    EXPECT(json_get(&a.json, S("photos"))->tag == JSON_NULL);
    a = put(s, "fs111", id, "{\"unit\":\"111\",\"day\":\"" DAY "\",\"body\":\"去了三户。\"}");
    EXPECT_EQ_I64(a.status, 200);
    a = put(s, "fs111", id, "{\"unit\":\"111\",\"day\":\"" DAY "\",\"body\":\"去了四户。\"}");
    EXPECT_EQ_I64(a.status, 409);
    EXPECT(answer_has_fault(&a, "body", "record.differs"));
    a = put(s, "fs112", id, "{\"day\":\"" DAY "\",\"body\":\"去了三户。\"}");
    EXPECT_EQ_I64(a.status, 404);
    EXPECT_STR(answer_text(&a, "code"), "record.id_not_usable");
    a = get(s, "fs111", id);
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_EQ_I64(answer_i64(&a, "version"), 1);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(what_is_not_his_is_absent)
{
    Str id = site_id(s), none = site_id(s);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"day\":\"" DAY "\",\"body\":\"x\"}").status, 201);
    Answer foreign = get(s, "fs112", id), absent = get(s, "fs112", none);
    EXPECT_EQ_I64(foreign.status, 404);
    EXPECT_STR_EQ(foreign.body, absent.body); /* one and the same answer */
    EXPECT_EQ_I64(act(s, "fs112", id, "submit", "").status, 404);
    EXPECT_EQ_I64(
        site_api_if(s, "fs112", "PATCH", site_z(s, "/api/v1/diary/%s", id.p).p, "\"1\"", "{}")
            .status,
        404);
    EXPECT_EQ_I64(
        site_api(s, "fs112", "GET", site_z(s, "/api/v1/diary/%s/history", id.p).p, "").status, 404);
    EXPECT_EQ_I64(get(s, "town1", id).status, 404); /* a draft is its author's */
    EXPECT_EQ_I64(put(s, "fs111", site_id(s), "{\"unit\":\"112\",\"day\":\"" DAY "\"}").status,
                  404);
    EXPECT_EQ_I64(put(s, "fs111", site_id(s), "{\"unit\":\"999\",\"day\":\"" DAY "\"}").status,
                  404);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", "/api/v1/nothing", "").status, 404);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", "/api/v1/diary/not-an-id", "").status, 404);
    EXPECT_EQ_I64(act(s, "fs111", id, "create", "").status, 404);
    EXPECT_EQ_I64(act(s, "fs111", id, "nothing", "").status, 404);
}

BOTH_SITES(the_diary_goes_through)
{
    Str id = site_id(s);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"day\":\"" DAY "\",\"body\":\"修了水渠。\"}").status, 201);
    Answer a = act(s, "fs111", id, "submit", "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_text(&a, "state"), "submitted");
    EXPECT_EQ_I64(act(s, "fs111", id, "accept", "").status, 403); /* sees it, may not */
    EXPECT_EQ_I64(act(s, "fs111", id, "submit", "").status, 409);
    a = act(s, "town1", id, "return", "{}");
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(answer_has_fault(&a, "remark", "field.required"));
    a = act(s, "town1", id, "return", "{\"remark\":\"> 修了水渠。\\n哪一段？\"}");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_text(&a, "state"), "returned");
    a = site_api_if(s, "fs111", "PATCH", site_z(s, "/api/v1/diary/%s", id.p).p, "\"3\"",
                    "{\"body\":\"修了北段水渠。\"}");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_header(&a, "ETag"), "\"4\"");
    EXPECT_EQ_I64(act(s, "fs111", id, "submit", "").status, 200);
    EXPECT_EQ_I64(act(s, "town2", id, "accept", "").status, 404);
    a = site_api_if(s, "town1", "POST", site_z(s, "/api/v1/diary/%s/accept", id.p).p, "\"5\"", "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_text(&a, "state"), "accepted");
    EXPECT_EQ_I64(get(s, "county", id).status, 200);
    a = site_api(s, "county", "GET", site_z(s, "/api/v1/diary/%s/history", id.p).p, "");
    EXPECT_EQ_I64(a.status, 200);
    const Json *items = json_get(&a.json, S("items"));
    REQUIRE(items && items->n == 6);
    EXPECT_STR(json_get(&items->items[0], S("act"))->s, "create");
    EXPECT(json_get(&items->items[0], S("state_from"))->tag == JSON_NULL);
    EXPECT_STR(json_get(&items->items[2], S("state_to"))->s, "returned");
    EXPECT_STR(json_get(&items->items[2], S("role"))->s, "town_office");
    const Json *body = json_get(json_get(&items->items[3], S("changes")), S("body"));
    REQUIRE(body != NULL);
    EXPECT_STR(json_get(body, S("from"))->s, "修了水渠。");
    EXPECT_STR(json_get(body, S("to"))->s, "修了北段水渠。");
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(a_stale_change_gets_both_texts)
{
    Str id = site_id(s), at = site_z(s, "/api/v1/diary/%s", id.p);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"day\":\"" DAY "\",\"body\":\"一\"}").status, 201);
    Answer a = site_api(s, "fs111", "PATCH", at.p, "{\"body\":\"二\"}");
    EXPECT_EQ_I64(a.status, 428);
    EXPECT_EQ_I64(site_api_if(s, "fs111", "PATCH", at.p, "seven", "{\"body\":\"二\"}").status, 400);
    EXPECT_EQ_I64(site_api_if(s, "fs111", "PATCH", at.p, "\"1\"", "{\"body\":\"二\"}").status, 200);
    a = site_api_if(s, "fs111", "PATCH", at.p, "\"1\"", "{\"body\":\"三\"}");
    EXPECT_EQ_I64(a.status, 412);
    EXPECT_STR(answer_header(&a, "ETag"), "\"2\"");
    EXPECT_STR(json_get(json_get(&a.json, S("current")), S("body"))->s, "二");
    EXPECT_STR(json_get(json_get(&a.json, S("mine")), S("body"))->s, "三");
    a = site_api_if(s, "fs111", "PATCH", at.p, "\"1\"", "{\"body\":\"二\"}"); /* sent twice */
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_EQ_I64(answer_i64(&a, "version"), 2);
}

BOTH_SITES(all_faults_are_told_at_once)
{
    Answer a = put(s, "fs111", site_id(s),
                   "{\"day\":\"2026-02-30\",\"body\":7,\"nonsense\":1,\"photos\":\"x\"}");
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(answer_has_fault(&a, "day", "field.not_date"));
    EXPECT(answer_has_fault(&a, "body", "field.wrong_type"));
    EXPECT(answer_has_fault(&a, "photos", "field.wrong_type"));
    EXPECT(answer_has_fault(&a, "nonsense", "field.unknown"));
    EXPECT_STR(answer_header(&a, "Content-Type"), "application/problem+json");
    a = put(s, "fs111", site_id(s), "{\"unit\":7}");
    EXPECT(answer_has_fault(&a, "unit", "field.wrong_type"));
    a = site_api(s, "fs111", "PUT", site_z(s, "/api/v1/diary/%s?wrong=1", site_id(s).p).p, "{}");
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(answer_has_fault(&a, "wrong", "field.unknown"));
    a = site_api(s, "fs111", "GET", "/api/v1/diary?limit=1000&unit=999&state=gone&nope=1", "");
    EXPECT_EQ_I64(a.status, 422);
    a = site_api(s, "fs111", "GET", "/api/v1/diary?limit=1000&unit=999&state=gone", "");
    EXPECT(answer_has_fault(&a, "limit", "web.limit"));
    EXPECT(answer_has_fault(&a, "unit", "web.no_such_unit"));
    EXPECT(answer_has_fault(&a, "state", "web.no_such_state"));
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", "/api/v1/diary?after=xyz", "").status, 422);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", "/api/v1/diary?body=x", "").status, 422);
}

BOTH_SITES(bodies_that_cannot_be_read)
{
    Str id = site_id(s);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"day\":").status, 400);
    EXPECT_EQ_I64(put(s, "fs111", id, "[1,2]").status, 400);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"day\":1.5}").status, 400);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"body\":\"\xff\"}").status, 400);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"body\":\"a\",\"body\":\"b\"}").status, 400);
    Str big = {arena_alloc(s->a, LIMIT_JSON_BYTES + 10), LIMIT_JSON_BYTES + 10};
    memset((char *)(uintptr_t)big.p, ' ', big.n);
    Answer a = put(s, "fs111", id, str_z(s->a, big));
    EXPECT_EQ_I64(a.status, 413);
    EXPECT_STR(answer_header(&a, "Content-Type"), "application/problem+json");
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", "/api/v1/diary?x=%ff", "").status, 400);
    EXPECT_EQ_I64(put(s, NULL, id, "{\"day\":").status, 401); /* who, before what */
}

BOTH_SITES(lists_page_by_cursor)
{
    for (int i = 1; i <= 5; i++) {
        Str body = site_z(s, "{\"day\":\"2026-11-%02d\",\"body\":\"%d\"}", 10 + i, i);
        Str id = site_id(s);
        EXPECT_EQ_I64(put(s, "fs111", id, body.p).status, 201);
        if (i != 3)
            EXPECT_EQ_I64(act(s, "fs111", id, "submit", "").status, 200);
    }
    Answer a = site_api(s, "town1", "GET", "/api/v1/diary?limit=3", "");
    EXPECT_EQ_I64(a.status, 200);
    const Json *items = json_get(&a.json, S("items"));
    REQUIRE(items && items->n == 3);
    EXPECT_STR(json_get(&items->items[0], S("body"))->s, "5");
    EXPECT_STR(json_get(&items->items[2], S("body"))->s, "2"); /* 3 is a draft */
    Str next = answer_text(&a, "next");
    REQUIRE(str_has(next));
    a = site_api(s, "town1", "GET", site_z(s, "/api/v1/diary?limit=3&after=%.*s", STR_ARG(next)).p,
                 "");
    items = json_get(&a.json, S("items"));
    REQUIRE(items && items->n == 1);
    EXPECT(json_get(&a.json, S("next"))->tag == JSON_NULL);
    a = site_api(s, "fs111", "GET", "/api/v1/diary?state=draft", "");
    EXPECT_EQ_I64(json_get(&a.json, S("items"))->n, 1);
    a = site_api(s, "fs111", "GET", "/api/v1/diary?day=2026-11-12", "");
    EXPECT_EQ_I64(json_get(&a.json, S("items"))->n, 1);
    a = site_api(s, "town2", "GET", "/api/v1/diary", "");
    EXPECT_EQ_I64(json_get(&a.json, S("items"))->n, 0);
    a = site_api(s, "county", "GET", "/api/v1/diary?unit=110&limit=100", "");
    EXPECT_EQ_I64(json_get(&a.json, S("items"))->n, 4);
    a = site_api(s, "county", "GET", "/api/v1/diary?unit=120", "");
    EXPECT_EQ_I64(json_get(&a.json, S("items"))->n, 0);
}

static Answer put_photo(Site *s, const char *who, Str id, Str bytes)
{
    Str head = str_fmt(s->a, "Authorization: Bearer %.*s\r\nContent-Type: image/jpeg\r\n",
                       STR_ARG(site_token(s, who)));
    return site_ask(s, "PUT", str_fmt(s->a, "/api/v1/file/%.*s", STR_ARG(id)), head, bytes);
}

BOTH_SITES(photos_come_out_through_their_record)
{
    Str photo = site_id(s), id = site_id(s), at = site_z(s, "/api/v1/file/%s", photo.p);
    EXPECT_EQ_I64(put_photo(s, "fs111", photo, S("not a photo at all")).status, 422);
    EXPECT_EQ_I64(put_photo(s, "fs111", photo, site_jpeg()).status, 201);
    EXPECT_EQ_I64(put_photo(s, "fs111", photo, site_jpeg()).status, 200);
    EXPECT_EQ_I64(put_photo(s, "fs112", photo, site_jpeg()).status, 404);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", at.p, "").status, 404); /* no record shows it yet */
    Answer a =
        put(s, "fs112", id, site_z(s, "{\"day\":\"" DAY "\",\"photos\":[\"%s\"]}", photo.p).p);
    EXPECT(answer_has_fault(&a, "photos", "field.no_such_file"));
    a = put(s, "fs111", id,
            site_z(s, "{\"day\":\"" DAY "\",\"body\":\"x\",\"photos\":[\"%s\"]}", photo.p).p);
    EXPECT_EQ_I64(a.status, 201);
    const Json *photos = json_get(&a.json, S("photos"));
    REQUIRE(photos && photos->tag == JSON_LIST && photos->n == 1);
    EXPECT_STR_EQ(photos->items[0].s, photo);
    a = site_api(s, "fs111", "GET", at.p, "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_header(&a, "Content-Type"), "image/jpeg");
    EXPECT(str_starts(a.body, S("\xff\xd8")));
    EXPECT(str_find(answer_header(&a, "Content-Security-Policy"), S("sandbox")) >= 0);
    EXPECT(str_find(answer_header(&a, "Cache-Control"), S("private")) >= 0);
    EXPECT_STR(answer_header(&a, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ_I64(site_api(s, "fs112", "GET", at.p, "").status, 404);
    EXPECT_EQ_I64(site_api(s, "fs112", "GET", site_z(s, "/file/%s", photo.p).p, "").status, 404);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", site_z(s, "/file/%s", photo.p).p, "").status, 200);
}

BOTH_SITES(the_list_goes_out_as_csv)
{
    Str id = site_id(s);
    EXPECT_EQ_I64(put(s, "fs111", id, "{\"day\":\"" DAY "\",\"body\":\"=1+1\"}").status, 201);
    EXPECT_EQ_I64(act(s, "fs111", id, "submit", "").status, 200);
    Answer a = site_api(s, "town1", "GET", "/diary/export", "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_header(&a, "Content-Type"), "text/csv; charset=utf-8");
    EXPECT(str_starts(a.body, S("\xef\xbb\xbf")));
    EXPECT(str_find(a.body, id) > 0);
    EXPECT(str_find(a.body, S("111,上栗村,fs111," DAY ",submitted")) > 0);
    EXPECT(str_find(a.body, S(",=1+1")) < 0); /* a formula stays a text */
    a = site_api(s, "town1", "GET", "/diary/export?state=accepted", "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT(str_find(a.body, id) < 0);
    a = site_api(s, "fs112", "GET", "/diary/export", "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT(str_find(a.body, id) < 0);
}

BOTH_SITES(tokens_and_cookies_on_the_api)
{
    Str cookie, csrf;
    site_session(s, "fs111", &cookie, &csrf);
    Str id = site_id(s), at = str_fmt(s->a, "/api/v1/diary/%.*s", STR_ARG(id));
    Str head = str_fmt(s->a, "Cookie: stave=%.*s\r\n", STR_ARG(cookie));
    EXPECT_EQ_I64(site_ask(s, "GET", S("/api/v1/me"), head, S("")).status, 200);
    Str body = S("{\"day\":\"" DAY "\",\"body\":\"x\"}");
    Answer a = site_ask(s, "PUT", at, head, body);
    EXPECT_EQ_I64(a.status, 403);
    EXPECT_STR(answer_text(&a, "code"), "web.csrf");
    Str with = str_fmt(s->a, "%.*sX-CSRF-Token: %.*s\r\n", STR_ARG(head), STR_ARG(csrf));
    EXPECT_EQ_I64(site_ask(s, "PUT", at, with, body).status, 201);
}

/* The administrator holds no posting: he sees no record, and its type is no page of his. */
BOTH_SITES(the_administrator_sees_no_record)
{
    County *w = &s->w;
    AddAdmin in = {.account = S("keeper"), .name = S("管理员")};
    REQUIRE_OK(access_prepare_admin(w->access, s->a, &in, w->e), w->e);
    REQUIRE_OK(store_write(w->store, NULL, access_apply_admin, &in, w->e), w->e);
    EXPECT_EQ_I64(site_api(s, "keeper", "GET", "/api/v1/me", "").status, 200);
    EXPECT_EQ_I64(site_api(s, "keeper", "GET", "/api/v1/diary", "").status, 404);
    EXPECT_EQ_I64(put_photo(s, "keeper", site_id(s), site_jpeg()).status, 403);
}

/* ---- many at once ---- */

enum { CLIENTS = 8, EACH = 12 };

typedef struct Client {
    Site site;
    int ix, made, existed, odd;
} Client;

static void *client_main(void *arg)
{
    Client *c = arg;
    static const char *const who[] = {"fs111", "tm111", "fs112", "fs121"};
    const char *me = who[c->ix % 4];
    for (int i = 0; i < EACH; i++) {
        Str day = day_text(c->site.a, (Day)(20000 - c->ix / 4 * EACH - i)), id = site_id(&c->site);
        Str body = str_fmt(c->site.a, "{\"day\":\"%.*s\",\"body\":\"x\"}", STR_ARG(day));
        for (int twice = 0; twice < 2; twice++) { /* as after a lost answer */
            int status = put(&c->site, me, id, str_z(c->site.a, body)).status;
            c->made += status == 201;
            c->existed += status == 200;
            c->odd += status != 201 && status != 200;
        }
    }
    return NULL;
}

BOTH_SITES(many_clients_at_once)
{
    static const char *const who[] = {"fs111", "tm111", "fs112", "fs121"};
    Client *all = NEW_N(s->a, Client, CLIENTS);
    pthread_t threads[CLIENTS];
    for (size_t i = 0; i < LEN(who); i++)
        (void)site_token(s, who[i]);
    for (int i = 0; i < CLIENTS; i++) {
        all[i] = (Client){.site = *s, .ix = i};
        all[i].site.a = arena_new(64 * 1024);
        REQUIRE(pthread_create(&threads[i], NULL, client_main, &all[i]) == 0);
    }
    int made = 0, existed = 0, odd = 0;
    for (int i = 0; i < CLIENTS; i++) {
        REQUIRE(pthread_join(threads[i], NULL) == 0);
        made += all[i].made;
        existed += all[i].existed;
        odd += all[i].odd;
        arena_free(all[i].site.a);
    }
    EXPECT_EQ_I64(made, CLIENTS * EACH);
    EXPECT_EQ_I64(existed, CLIENTS * EACH);
    EXPECT_EQ_I64(odd, 0);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}
