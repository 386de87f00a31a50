/* test_record_pick.c: what a picker offers: exact name, code or id first, then beginnings, then
 * initials; two of one name both, told apart; nothing one may not see. */
#include "test_record_util.h"

static const char home_text[] =
    "type: home\n"
    "label: {zh: 农户, en: Home}\n"
    "at: village\n"
    "fields:\n"
    "  name: {is: text, label: {zh: 户主, en: Name}, required: yes, max: 20, find: name}\n"
    "  born: {is: int, label: {zh: 出生年, en: Born}, index: yes}\n"
    "  secret: {is: text, label: {zh: 备注, en: Aside}, max: 40}\n"
    "states:\n"
    "  kept: {label: {zh: 在册, en: Kept}, see: [first_secretary here, town_office]}\n"
    "  gone: {label: {zh: 作废, en: Gone}, end: void, see: [first_secretary here, town_office]}\n"
    "actions:\n"
    "  create: {label: {zh: 登记, en: Enter}, to: kept, by: [first_secretary here]}\n"
    "  drop:   {label: {zh: 作废, en: Drop}, from: kept, to: gone, by: [first_secretary here]}\n";
static const char visit_text[] =
    "type: call\n"
    "label: {zh: 走访, en: Call}\n"
    "at: village\n"
    "fields:\n"
    "  home:  {is: link, label: {zh: 农户, en: Home}, to: home}\n"
    "  where: {is: unit, label: {zh: 单位, en: Unit}}\n"
    "  whom:  {is: person, label: {zh: 人, en: Person}}\n"
    "states: {kept: {label: {zh: 在册, en: Kept}, see: [first_secretary here]}}\n"
    "actions: {create: {label: {zh: 登记, en: Enter}, to: kept, by: [first_secretary here]}}\n";

static void begin(County *w, TestStore *t)
{
    ModelSource more[] = {{S("village/home.yaml"), str_of(home_text), false},
                          {S("village/call.yaml"), str_of(visit_text), false}};
    county_begin_model(w, t, more, LEN(more));
}

static int act(County *w, const char *who, const char *action, Uuid id, const char *name,
               const char *born)
{
    const Type *home = model_type(w->model, S("home"));
    Tx *tx = county_tx(w);
    Reader *r = NEW(w->a, Reader);
    *r = county_reader(w, tx, who);
    FieldInput f[] = {{.name = S("name"), .text = str_of(name)},
                      {.name = S("born"), .text = str_of(born)},
                      {.name = S("secret"), .text = S("999999195603070017")}};
    RecordInput in = {.type = home,
                      .id = id,
                      .action = type_action(home, str_of(action)),
                      .unit_ix = -1,
                      .fields = f,
                      .field_n = strcmp(action, "create") ? 0 : LEN(f)};
    Change *c;
    int rc = record_prepare(w->records, w->a, tx, r, &in, &c, w->e);
    tx_end(tx);
    return rc < 0 ? rc : store_write(w->store, NULL, record_apply, c, w->e);
}

static Uuid home(County *w, const char *who, const char *name, const char *born)
{
    Uuid id = county_new_id(w);
    REQUIRE_OK(act(w, who, "create", id, name, born), w->e);
    return id;
}

static int pick(County *w, const char *who, const char *field, const char *typed, int max,
                Pick **ret)
{
    const Type *call = model_type(w->model, S("call"));
    int n = -1;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, who);
    REQUIRE_OK(record_pick(w->records, w->a, tx, &r, call, type_field(call, str_of(field)),
                           str_of(typed), max, ret, &n, w->e),
               w->e);
    tx_end(tx);
    return n;
}

BOTH_ENGINES(two_readings_of_one_name_are_both_offered)
{
    County w;
    begin(&w, t);
    Pick *p;
    Uuid a = home(&w, "fs111", "单长乐", "1956"), b = home(&w, "fs112", "单长乐", "1971"),
         c = home(&w, "fs111", "单长乐之子", "1990"), d = home(&w, "fs121", "单长乐", "1960"),
         gone = home(&w, "fs111", "单长乐", "1930");
    REQUIRE_OK(act(&w, "fs111", "drop", gone, "", ""), w.e);
    static const char *const typed[] = {"单长乐", "scl", "dcl", "SCL", " 单长 "};
    for (size_t i = 0; i < LEN(typed); i++) {
        int n = pick(&w, "town1", "home", typed[i], 20, &p);
        bool has_a = false, has_b = false, has_c = false;
        for (int k = 0; k < n; k++) {
            has_a = has_a || uuid_eq(p[k].id, a);
            has_b = has_b || uuid_eq(p[k].id, b);
            has_c = has_c || uuid_eq(p[k].id, c);
            EXPECT(!uuid_eq(p[k].id, d)); /* another town's */
            EXPECT(!uuid_eq(p[k].id, gone));
            EXPECT(str_find(p[k].place, S("999999")) < 0 && str_find(p[k].label, S("999999")) < 0);
        }
        bool all = has_a && has_b && has_c && n == 3;
        if (!EXPECT(all))
            test_note("%s: %d", typed[i], n);
    }
    EXPECT_EQ_I64(pick(&w, "town1", "home", "单长乐", 20, &p), 3);
    EXPECT_STR(p[2].label, "单长乐之子"); /* exact names before beginnings */
    EXPECT(uuid_eq(p[0].id, b) && uuid_eq(p[1].id, a)); /* the newest of equals first */
    EXPECT(str_find(p[0].place, S("下栗村")) >= 0 && str_find(p[0].place, S("1971")) >= 0);
    EXPECT(str_find(p[1].place, S("上栗村")) >= 0 && str_find(p[1].place, S("1956")) >= 0);
    EXPECT_EQ_I64(pick(&w, "town1", "home", "", 2, &p), 2); /* the newest */
    EXPECT(uuid_eq(p[0].id, c));
    EXPECT_EQ_I64(pick(&w, "town1", "home", str_z(w.a, uuid_text(w.a, a)), 5, &p), 1);
    EXPECT_EQ_I64(pick(&w, "town1", "home", str_z(w.a, uuid_text(w.a, d)), 5, &p), 0);
    EXPECT_EQ_I64(pick(&w, "town1", "home", "没有这户", 5, &p), 0);
    county_end(&w);
}

BOTH_ENGINES(units_are_picked_by_name_code_and_initials)
{
    static const struct {
        const char *typed, *first;
    } cases[] = {{"下栗村", "下栗村"}, {"112", "下栗村"}, {"xlc", "下栗村"},
                 {"韩家", "韩家渡村"}, {"120", "双榆镇"}, {"", "上栗村"}};
    County w;
    begin(&w, t);
    Pick *p;
    for (size_t i = 0; i < LEN(cases); i++) {
        int n = pick(&w, "fs111", "where", cases[i].typed, 20, &p);
        if (EXPECT(n > 0))
            EXPECT_STR(p[0].label, cases[i].first);
    }
    EXPECT_EQ_I64(pick(&w, "fs111", "where", "栗村", 20, &p), 2);
    EXPECT_STR(p[0].place, "砚河镇");
    EXPECT_EQ_I64(pick(&w, "fs111", "where", "", 3, &p), 3);
    county_end(&w);
}

BOTH_ENGINES(people_are_picked_by_name)
{
    County w;
    begin(&w, t);
    Pick *p;
    EXPECT_EQ_I64(pick(&w, "fs111", "whom", "town2", 20, &p), 1);
    EXPECT_STR(p[0].label, "town2");
    EXPECT(str_find(p[0].place, S("双榆镇")) >= 0);
    county_end(&w);
}
