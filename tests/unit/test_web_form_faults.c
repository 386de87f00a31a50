/* test_web_form_faults.c: what the law or another record forbids, told on the form itself: it comes
 * back as it was typed, the sentence at its field, naming the law, and the record in the way to who
 * may see it.                                                           SPEC: E1 F1 P3  UX: 6 */
#include "test_web_page_util.h"

static const ModelSource sources[] = {
    {.path = S("base/letting.yaml"),
     .text = S("type: letting\n"
               "label: {zh: 出租, en: Letting}\n"
               "at: village\n"
               "dated: starts\n"
               "fields:\n"
               "  lots: {is: rows, label: {zh: 地块, en: Lots}, max: 9, of: {"
               "lot: {is: link, to: lot, label: {zh: 地, en: Lot}, required: yes, "
               "exclusive: starts..ends}}}\n"
               "  starts: {is: date, label: {zh: 起, en: From}, required: yes}\n"
               "  ends: {is: date, label: {zh: 止, en: To}, required: yes}\n"
               "  tenant: {is: text, label: {zh: 谁租, en: Tenant}, max: 30}\n"
               "checks:\n"
               "  term: {that: ends <= starts + 2 years, law: 测试法第一条, "
               "label: {zh: 租期最长两年。, en: Two years at most.}}\n"
               "states:\n"
               "  \"*\": {see: author}\n"
               "  draft: {label: {zh: 草稿, en: Draft}, draft: yes}\n"
               "  active: {label: {zh: 生效, en: Active}, see: [author, town_office]}\n"
               "  filed: {label: {zh: 备案, en: Filed}, see: [author, town_office]}\n"
               "actions:\n"
               "  create: {label: {zh: 起草, en: Draft}, to: draft, "
               "by: [first_secretary here, team_member here]}\n"
               "  change: {label: {zh: 修改, en: Edit}, from: draft, by: author}\n"
               "  sign: {label: {zh: 签好了, en: Sign}, from: draft, to: active, by: author}\n"
               "  file: {label: {zh: 备好案了, en: File}, from: draft, to: filed, by: author, "
               "asks: {where: {is: text, label: {zh: 在哪备案, en: Where}, required: yes, "
               "max: 30}}}\n")},
    {.path = S("base/lot.yaml"),
     .text = S("type: lot\n"
               "label: {zh: 地, en: Lot}\n"
               "at: village\n"
               "fields:\n"
               "  name: {is: text, label: {zh: 名, en: Name}, required: yes, max: 30}\n"
               "states:\n"
               "  held: {label: {zh: 有效, en: Held}, see: [first_secretary here, "
               "team_member here]}\n"
               "actions:\n"
               "  create: {label: {zh: 登记, en: Register}, to: held, "
               "by: first_secretary here}\n")},
};

#define BOTH_LETTINGS(NAME)                                                                        \
    static void letting_##NAME(Site *s);                                                           \
    TEST(NAME##_sqlite)                                                                            \
    {                                                                                              \
        Site s;                                                                                    \
        site_begin_model(&s, ENGINE_SQLITE, sources, LEN(sources));                                \
        letting_##NAME(&s);                                                                        \
        site_end(&s);                                                                              \
    }                                                                                              \
    TEST(NAME##_pg)                                                                                \
    {                                                                                              \
        Site s;                                                                                    \
        site_begin_model(&s, ENGINE_PG, sources, LEN(sources));                                    \
        letting_##NAME(&s);                                                                        \
        site_end(&s);                                                                              \
    }                                                                                              \
    static void letting_##NAME(Site *s)

static Str lot(Site *s)
{
    Str id = site_id(s);
    Answer a = site_api(s, "fs111", "PUT", site_z(s, "/api/v1/lot/%s", id.p).p,
                        "{\"name\":\"东地\"}");
    EXPECT_EQ_I64(a.status, 201);
    return id;
}

static int lettings(Site *s)
{
    Answer a = site_api(s, "town1", "GET", "/api/v1/letting", "");
    const Json *items = json_get(&a.json, S("items"));
    return items ? (int)items->n : -1;
}

/* A new letting from its form. */
static int let_lot(Visitor *v, const char *what, Str lot_id, const char *from, const char *to)
{
    REQUIRE(visit(v, S("/letting/new")) == 200);
    return visit_send(v, S("/letting"), "id", visit_hidden(v, "id").p, "do", what, "lots", "rows",
                      "lots.0.lot", lot_id.p, "starts", from, "ends", to, "tenant", "禾苗公司",
                      NULL);
}

BOTH_LETTINGS(a_check_on_a_form_names_its_law_at_its_field)
{
    Visitor v = visitor(s, "fs111");
    Str id = lot(s);
    EXPECT_EQ_I64(let_lot(&v, "sign", id, "2026-11-01", "2029-11-01"), 422);
    EXPECT(visit_has(&v, "href=\"#f-ends\""));
    EXPECT(visit_has(&v, "不合规定（测试法第一条）：租期最长两年。"));
    EXPECT(visit_has(&v, "value=\"禾苗公司\"") && visit_has(&v, "value=\"2029-11-01\""));
    EXPECT(visit_has(&v, id.p) && visit_has(&v, "东地"));
    EXPECT_EQ_I64(lettings(s), 0);
    EXPECT_EQ_I64(let_lot(&v, "sign", id, "2026-11-01", "2028-11-01"), 303);
    EXPECT_EQ_I64(lettings(s), 1);
}

BOTH_LETTINGS(what_is_held_already_names_the_record_in_the_way)
{
    Visitor v = visitor(s, "fs111"), other = visitor(s, "tm111");
    Str id = lot(s);
    EXPECT_EQ_I64(let_lot(&v, "sign", id, "2026-11-01", "2028-11-01"), 303);
    EXPECT_EQ_I64(let_lot(&v, "sign", id, "2027-11-01", "2029-11-01"), 422);
    EXPECT(visit_has(&v, "href=\"#f-lots.0.lot\""));
    EXPECT(visit_has(&v, "已经被“禾苗公司”占用（"));
    EXPECT(visit_has(&v, " · 2026-11-01"));
    EXPECT(visit_has(&v, "value=\"禾苗公司\"") && visit_has(&v, "value=\"2029-11-01\""));
    EXPECT(visit_has(&v, id.p) && visit_has(&v, "东地"));

    /* he wrote none of them and sees none: only that there is one */
    EXPECT_EQ_I64(let_lot(&other, "sign", id, "2027-11-01", "2029-11-01"), 422);
    EXPECT(visit_has(&other, "已经被另一份占用"));
    EXPECT(!visit_has(&other, "2026-11-01") && !visit_has(&other, "已经被“"));
    EXPECT(visit_has(&other, "value=\"禾苗公司\""));
    EXPECT_EQ_I64(lettings(s), 1);

    EXPECT_EQ_I64(let_lot(&other, "sign", id, "2028-11-02", "2029-11-01"), 303);
    EXPECT_EQ_I64(lettings(s), 2);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

/* What the action does not ask for is mended on the record's form: the faults lead there. */
BOTH_LETTINGS(an_action_that_asks_leads_to_what_it_cannot_mend)
{
    Visitor v = visitor(s, "fs111");
    Str id = lot(s);
    EXPECT_EQ_I64(let_lot(&v, "save", id, "2026-11-01", "2029-11-01"), 303);
    Str at = site_z(s, "%.*s", STR_ARG(visit_place(&v)));
    EXPECT_EQ_I64(visit_send(&v, site_z(s, "%s/file", at.p), "version", "1", "do", "file", "where",
                             "镇农经站", NULL),
                  422);
    EXPECT(visit_has(&v, "value=\"镇农经站\""));
    EXPECT(visit_has(&v, "不合规定（测试法第一条）：租期最长两年。"));
    EXPECT(visit_has(&v, site_z(s, "href=\"%s/change#f-ends\"", at.p).p));

    EXPECT_EQ_I64(visit_send(&v, site_z(s, "%s/file", at.p), "version", "1", "do", "file", "where",
                             "", NULL),
                  422);
    EXPECT(visit_has(&v, "href=\"#f-where\""));
}

/* Signed out meanwhile: what he wrote stands on the page as he would read it, no keys, no marks. */
BOTH_LETTINGS(what_was_typed_comes_back_in_words_when_he_was_signed_out)
{
    Visitor v = visitor(s, "fs111"), gone = v;
    EXPECT_EQ_I64(visit_send(&v, S("/signout"), NULL), 303);
    EXPECT_EQ_I64(visit_send(&gone, S("/issue"), "id", site_id(s).p, "do", "save", "kind",
                             "difficulty", "title", "泵坏了", "household", "陆", "household.id",
                             "abc 陆", NULL),
                  401);
    EXPECT(visit_has(&gone, "readonly>泵坏了<") && visit_has(&gone, "readonly>难处<"));
    EXPECT(!visit_has(&gone, "readonly>difficulty<") && !visit_has(&gone, "readonly>abc"));
    EXPECT(visit_has(&gone, "name=\"kind\" value=\"difficulty\"")); /* sent again as it was */
}
