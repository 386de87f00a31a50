/* test_record_house_util.c: the types, and writing them. */
#include "test_record_house_util.h"

static const ModelSource sources[] = {
    {.path = S("base/plot.yaml"),
     .text = S("type: plot\n"
               "label: {zh: 地块, en: Plot}\n"
               "at: village\n"
               "fields:\n"
               "  name: {is: text, label: {zh: 名, en: Name}, required: yes, max: 30}\n"
               "  size: {is: area, label: {zh: 面积, en: Size}, required: yes}\n"
               "  kind: {is: choice, label: {zh: 类, en: Kind}, of: {dry: 旱地, wet: 水田}}\n"
               "  until: {is: date, label: {zh: 到, en: Until}}\n"
               "states:\n"
               "  held: {label: {zh: 有效, en: Held}, see: [author, first_secretary here, "
               "team_member here, town_office]}\n"
               "  gone: {label: {zh: 作废, en: Gone}, end: void, see: [town_office]}\n"
               "actions:\n"
               "  create: {label: {zh: 登记, en: Register}, to: held, by: first_secretary here}\n"
               "  change: {label: {zh: 改, en: Edit}, from: held, by: first_secretary here}\n"
               "  void: {label: {zh: 作废, en: Void}, from: held, to: gone, "
               "by: first_secretary here}\n")},
    {.path = S("base/deal.yaml"),
     .text = S("type: deal\n"
               "label: {zh: 合同, en: Deal}\n"
               "at: village\n"
               "dated: starts\n"
               "fields:\n"
               "  main: {is: link, to: plot, label: {zh: 主地块, en: Main}}\n"
               "  kind: {is: choice, label: {zh: 类, en: Kind}, copy: main.kind}\n"
               "  plots: {is: rows, label: {zh: 地块, en: Plots}, unique: [plot], max: 60, of: {"
               "plot: {is: link, to: plot, label: {zh: 地块, en: Plot}, required: yes, "
               "exclusive: starts..ends}, "
               "size: {is: area, label: {zh: 面积, en: Size}, copy: plot.size, required: yes}, "
               "until: {is: date, label: {zh: 到, en: Until}, copy: plot.until}}}\n"
               "  size: {is: area, label: {zh: 合计, en: In all}, computed: sum(plots.size)}\n"
               "  starts: {is: date, label: {zh: 起, en: From}, required: yes}\n"
               "  ends: {is: date, label: {zh: 止, en: To}, required: yes}\n"
               "  rent: {is: choice, label: {zh: 租, en: Rent}, of: {cash: 现金, wheat: 小麦}, "
               "required: yes}\n"
               "  cash: {is: money, label: {zh: 钱, en: Cash}, required: when rent = cash, "
               "shown: when rent = cash}\n"
               "  wheat: {is: weight, label: {zh: 麦, en: Wheat}, required: when rent = wheat, "
               "shown: when rent = wheat}\n"
               "  visits: {is: links, to: [plot], label: {zh: 看过, en: Seen}}\n"
               "checks:\n"
               "  term: {that: ends <= min(plots.until) and ends <= starts + 20 years, "
               "law: 测试法第一条, label: {zh: 不能超过承包期, en: Not past the contract}}\n"
               "states:\n"
               "  \"*\": {see: [first_secretary here, town_office]}\n"
               "  draft: {label: {zh: 草稿, en: Draft}, draft: yes, see: first_secretary here}\n"
               "  active: {label: {zh: 生效, en: Active}}\n"
               "  off: {label: {zh: 作废, en: Off}, end: void}\n"
               "actions:\n"
               "  create: {label: {zh: 起草, en: Draft}, to: draft, by: first_secretary here}\n"
               "  change: {label: {zh: 改, en: Edit}, from: [draft, active], "
               "by: first_secretary here}\n"
               "  sign: {label: {zh: 签, en: Sign}, from: draft, to: active, "
               "by: first_secretary here}\n"
               "  cancel: {label: {zh: 作废, en: Off}, from: [draft, active], to: off, "
               "by: first_secretary here}\n")},
    {.path = S("base/meeting.yaml"),
     .text = S("type: meeting\n"
               "label: {zh: 会, en: Meeting}\n"
               "at: town\n"
               "dated: day\n"
               "fields:\n"
               "  title: {is: text, label: {zh: 题, en: Title}, required: yes, max: 60}\n"
               "  day: {is: date, label: {zh: 日, en: Day}, required: yes}\n"
               "  invited: {is: audience, label: {zh: 请, en: Invited}}\n"
               "  attendance: {is: rows, label: {zh: 出勤, en: Attendance}, unique: [person], "
               "max: 500, of: {"
               "person: {is: person, label: {zh: 人, en: Person}}, "
               "name: {is: text, label: {zh: 名, en: Name}, max: 30}, "
               "came: {is: choice, label: {zh: 到否, en: Came}, of: {present: 到, away: 未到}, "
               "required: yes}, "
               "reason: {is: text, label: {zh: 因, en: Reason}, max: 60, "
               "required: when came = away, shown: when came = away}}}\n"
               "  present: {is: int, label: {zh: 到了, en: Present}, "
               "computed: count(attendance where came = present)}\n"
               "states:\n"
               "  \"*\": {see: [author, town_office, audience, me via attendance.person]}\n"
               "  planned: {label: {zh: 计划, en: Planned}}\n"
               "  held: {label: {zh: 已办, en: Held}, end: done}\n"
               "  off: {label: {zh: 取消, en: Off}, end: void}\n"
               "actions:\n"
               "  create: {label: {zh: 安排, en: Plan}, to: planned, by: town_office here}\n"
               "  change: {label: {zh: 改, en: Edit}, from: planned, by: town_office here}\n"
               "  hold: {label: {zh: 办结, en: Hold}, from: planned, to: held, "
               "by: town_office here, when: present > 0 and day <= today}\n"
               "  cancel: {label: {zh: 取消, en: Cancel}, from: planned, to: off, "
               "by: town_office here}\n"
               "  wrap: {label: {zh: 收尾, en: Wrap up}, from: held, to: held, "
               "by: town_office here, when: count(talk) > 0, "
               "asks: {lesson: {is: text, label: {zh: 心得, en: Lesson}, max: 80}}, "
               "makes: {memo: {title: lesson, meeting: this, day: day}}}\n")},
    {.path = S("base/talk.yaml"),
     .text = S("type: talk\n"
               "label: {zh: 发言, en: Talk}\n"
               "at: town\n"
               "part_of: meeting\n"
               "fields:\n"
               "  title: {is: text, label: {zh: 题, en: Title}, required: yes, max: 60}\n"
               "states:\n"
               "  open: {label: {zh: 在, en: Open}, see: author}\n"
               "actions:\n"
               "  create: {label: {zh: 加, en: Add}, to: open, by: [town_office here]}\n"
               "  change: {label: {zh: 改, en: Edit}, from: open, by: town_office here}\n")},
    {.path = S("base/memo.yaml"),
     .text = S("type: memo\n"
               "label: {zh: 备忘, en: Memo}\n"
               "at: town\n"
               "fields:\n"
               "  title: {is: text, label: {zh: 题, en: Title}, required: yes, max: 80}\n"
               "  meeting: {is: link, to: meeting, label: {zh: 会, en: Meeting}}\n"
               "  day: {is: date, label: {zh: 日, en: Day}}\n"
               "states:\n"
               "  open: {label: {zh: 在, en: Open}, see: town_office}\n"
               "actions:\n"
               "  create: {label: {zh: 写, en: Write}, to: open, by: town_office here}\n")},
};

void house_begin(County *w, TestStore *t)
{
    county_begin_model(w, t, sources, LEN(sources));
}

int house_prepare(County *w, const char *account, const char *type, Uuid id, const char *action,
                  const char *then, int64_t version, const FieldInput *fields, int n, Change **ret,
                  Err *e)
{
    const Type *t = model_type(w->model, str_of(type));
    REQUIRE(t);
    Tx *tx = county_tx(w);
    Reader *r = NEW(w->a, Reader); /* a Change borrows it */
    *r = county_reader(w, tx, account);
    RecordInput in = {.type = t,
                      .id = id,
                      .action = type_action(t, str_of(action)),
                      .then = then ? type_action(t, str_of(then)) : NULL,
                      .unit_ix = -1,
                      .if_version = version,
                      .fields = fields,
                      .field_n = n};
    REQUIRE(in.action);
    *e = err_on(w->a);
    int rc = record_prepare(w->records, w->a, tx, r, &in, ret, e);
    tx_end(tx);
    return rc;
}

int house_write(County *w, const char *account, const char *type, Uuid id, const char *action,
                const char *then, int64_t version, const FieldInput *fields, int n, Err *e)
{
    Change *c = NULL;
    int rc = house_prepare(w, account, type, id, action, then, version, fields, n, &c, e);
    return rc < 0 ? rc : store_write(w->store, NULL, record_apply, c, e);
}

Record *house_get(County *w, const char *account, const char *type, Uuid id)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    Record *rec = NULL;
    Err e = err_on(w->a);
    int rc = record_get(w->records, w->a, tx, &r, model_type(w->model, str_of(type)), id, &rec,
                        NULL, &e);
    EXPECT(rc == 0 || rc == ERR_MISSING);
    tx_end(tx);
    return rc < 0 ? NULL : rec;
}

Value house_value(County *w, const Record *rec, const char *field)
{
    (void)w; /* the record carries its type */
    const Field *f = type_field(rec->type, str_of(field));
    REQUIRE(f);
    return rec->values[f->ix];
}

Str house_id(County *w, Uuid id)
{
    return uuid_text(w->a, id);
}

Str house_person(County *w, const char *account)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    tx_end(tx);
    return uuid_text(w->a, r.person);
}

Uuid house_plot(County *w, const char *name, const char *size, const char *until)
{
    Err e;
    Uuid id = county_new_id(w);
    FieldInput fields[] = {TEXT("name", str_of(name)), TEXT("size", str_of(size)),
                           TEXT("until", str_of(until)), TEXT("kind", S("wet"))};
    REQUIRE_OK(house_write(w, "fs111", "plot", id, "create", NULL, 0, fields, LEN(fields), &e), &e);
    return id;
}

bool house_fault(const Err *e, const char *field, const char *key)
{
    for (size_t i = 0; i < e->field_n; i++)
        if (str_eq(e->fields[i].field, str_of(field)) && str_eq(e->fields[i].key, str_of(key)))
            return true;
    for (size_t i = 0; i < e->field_n; i++)
        printf("# %.*s: %.*s\n", STR_ARG(e->fields[i].field), STR_ARG(e->fields[i].key));
    return false;
}
