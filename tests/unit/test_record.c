/* test_record.c: the diary's story, refusals in order, exactly once, history, verify. SPEC: B3 P8
 * P11 */
#include "test_record_util.h"

static bool sees(County *w, const char *account, Uuid id)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    Record *rec;
    Err e = err_on(w->a);
    int rc = record_get(w->records, w->a, tx, &r, w->diary, id, &rec, NULL, &e);
    EXPECT(rc == 0 || rc == ERR_MISSING);
    tx_end(tx);
    return !rc;
}

static Record *get(County *w, const char *account, Uuid id)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    Record *rec = NULL;
    REQUIRE_OK(record_get(w->records, w->a, tx, &r, w->diary, id, &rec, NULL, w->e), w->e);
    tx_end(tx);
    return rec;
}

BOTH_ENGINES(diary_goes_through)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-19", "上午开会。下午走访。", NULL);
    EXPECT(sees(&w, "fs111", id));
    EXPECT(!sees(&w, "town1", id)); /* a draft is its author's */
    EXPECT(!sees(&w, "county", id));
    EXPECT(!sees(&w, "tm111", id));
    Err e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "submit", NULL, 1, NULL, 0, &e), 0);
    EXPECT(sees(&w, "town1", id) && sees(&w, "county", id));
    EXPECT(!sees(&w, "town2", id) && !sees(&w, "fs112", id) && !sees(&w, "tm111", id));
    const char *remark[] = {"remark", "> 下午走访。\n是哪几户？"};
    EXPECT_EQ_I64(county_write(&w, "town1", id, "return", NULL, 2, remark, 1, &e), 0);
    EXPECT(!sees(&w, "county", id)); /* returned: between the two */
    const char *better[] = {"body", "上午开会。下午走访两户。"};
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", "submit", 3, better, 1, &e), 0);
    Record *rec = get(&w, "town1", id);
    EXPECT_EQ_I64(rec->version, 5);
    EXPECT_STR(rec->values[type_field(w.diary, S("body"))->ix].s, "上午开会。下午走访两户。");
    EXPECT_EQ_I64(county_write(&w, "town1", id, "accept", NULL, 5, NULL, 0, &e), 0);
    EXPECT_STR(w.diary->states[get(&w, "county", id)->state].name, "accepted");
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(refusals)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-19", "一。", "submit");
    Err e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs112", id, "change", NULL, 0, NULL, 0, &e), ERR_MISSING);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "county", id, "accept", NULL, 0, NULL, 0, &e), ERR_DENIED);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", NULL, 0, NULL, 0, &e), ERR_STATE);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "return", NULL, 1, NULL, 0, &e), ERR_CONFLICT);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "return", NULL, 2, NULL, 0, &e), ERR_INVALID);
    EXPECT_EQ_I64((int64_t)e.field_n, 1);
    EXPECT_STR(e.fields[0].key, "field.required");
    e = err_on(w.a);
    const char *bad[] = {"body", "", "day", "2027-01-01", "nonsense", "x"};
    EXPECT_EQ_I64(county_write(&w, "fs111", county_new_id(&w), "create", "submit", 0, bad, 3, &e),
                  ERR_INVALID);
    EXPECT_EQ_I64((int64_t)e.field_n, 3); /* all at once */
    e = err_on(w.a);
    const char *day[] = {"day", "2026-11-18"};
    EXPECT_EQ_I64(county_write(&w, "town1", county_new_id(&w), "create", NULL, 0, day, 1, &e),
                  ERR_DENIED);
    county_end(&w);
}

BOTH_ENGINES(exactly_once)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_new_id(&w);
    const char *fields[] = {"day", "2026-11-19", "body", "一。"};
    const char *other[] = {"day", "2026-11-19", "body", "二。"};
    Err e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", NULL, 0, fields, 2, &e), 0);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", NULL, 0, fields, 2, &e), ERR_EXISTS);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", NULL, 0, other, 2, &e), ERR_DIFFERS);
    EXPECT_EQ_I64((int64_t)e.field_n, 1);
    EXPECT_STR(e.fields[0].field, "body");
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "tm111", id, "create", NULL, 0, fields, 2, &e), ERR_MISSING);
    EXPECT_STR(e.key, "record.id_not_usable");
    /* what first came in counts, not what it became */
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", NULL, 1, other + 2, 1, &e), 0);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", NULL, 0, fields, 2, &e), ERR_EXISTS);
    /* a second one for the same day is refused at its field */
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", county_new_id(&w), "create", NULL, 0, fields, 2, &e),
                  ERR_INVALID);
    EXPECT_STR(e.fields[0].key, "record.not_unique");
    EXPECT_STR(e.fields[0].field, "day");
    /* the same act twice, with the version it was made on */
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "submit", NULL, 2, NULL, 0, &e), 0);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "submit", NULL, 2, NULL, 0, &e), ERR_EXISTS);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(ids_that_are_not_usable)
{
    County w;
    county_begin(&w, t);
    const char *fields[] = {"day", "2026-11-19"};
    Uuid v4 = county_new_id(&w), old = v4, ahead = v4;
    v4.b[6] = (uint8_t)(0x40 | (v4.b[6] & 0x0f));
    old.b[1] = (uint8_t)(old.b[1] - 9); /* 49 days each */
    ahead.b[1]++;                       /* 49 days */
    Uuid ids[] = {v4, old, ahead};
    for (size_t i = 0; i < LEN(ids); i++) {
        Err e = err_on(w.a);
        EXPECT_EQ_I64(county_write(&w, "fs111", ids[i], "create", NULL, 0, fields, 1, &e),
                      ERR_MISSING);
        EXPECT_STR(e.key, "record.id_not_usable");
    }
    county_end(&w);
}

BOTH_ENGINES(history_tells_old_and_new)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-19", "一。", NULL);
    const char *change[] = {"body", "二。"};
    REQUIRE_OK(county_write(&w, "fs111", id, "change", "submit", 1, change, 1, w.e), w.e);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "town1");
    Record *rec;
    HistoryItem *list;
    int n;
    REQUIRE_OK(record_get(w.records, w.a, tx, &r, w.diary, id, &rec, NULL, w.e), w.e);
    REQUIRE_OK(record_history(w.records, w.a, tx, &r, rec, &list, &n, w.e), w.e);
    tx_end(tx);
    EXPECT_EQ_I64(n, 3);
    EXPECT_STR(list[0].action->name, "create");
    EXPECT_EQ_I64(list[1].field_n, 1);
    EXPECT_STR(list[1].fields[0].before.s, "一。");
    EXPECT_STR(list[1].fields[0].after.s, "二。");
    EXPECT_STR(w.diary->states[list[2].state_to].name, "submitted");
    EXPECT_STR(list[2].actor_name, "fs111");
    EXPECT_STR(w.model->roles[list[2].role].name, "first_secretary");
    county_end(&w);
}
