/* test_record_flow.c: what follows from what was typed, and what an action leads to: copies, hidden
 * and computed fields, conditions, checks with their law, nothing held twice, parts, records that
 * an action makes, deputies.                            SPEC: A1 F1 P2 P4  DESIGN: The model, Who
 * may */
#include "test_record_house_util.h"

#define LINE(...)                                                                                  \
    {.fields = (FieldInput[]){__VA_ARGS__},                                                        \
     .field_n = (int)(sizeof((FieldInput[]){__VA_ARGS__}) / sizeof(FieldInput))}

static int deal(County *w, Uuid id, const char *then, Uuid plot, const char *from, const char *to,
                Err *e)
{
    RowInput rows[] = {LINE(TEXT("plot", house_id(w, plot)))};
    FieldInput fields[] = {ROWS("plots", rows, 1), TEXT("starts", str_of(from)),
                           TEXT("ends", str_of(to)), TEXT("rent", S("cash")),
                           TEXT("cash", S("500"))};
    return house_write(w, "fs111", "deal", id, "create", then, 0, fields, LEN(fields), e);
}

BOTH_ENGINES(a_copy_is_taken_with_its_link_and_then_its_own)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid east = house_plot(&w, "东地", "1.5", "2046-01-01");
    Uuid west = house_plot(&w, "西地", "2.25", "2040-01-01"), id = county_new_id(&w);
    RowInput rows[] = {LINE(TEXT("plot", house_id(&w, east)), TEXT("size", S(""))),
                       LINE(TEXT("plot", house_id(&w, west)), TEXT("size", S("2")))};
    FieldInput fields[] = {ROWS("plots", rows, 2), TEXT("main", house_id(&w, east))};
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "create", NULL, 0, fields, 2, &e), &e);
    EXPECT_EQ_I64(house_write(&w, "fs111", "deal", id, "create", NULL, 0, fields, 2, &e),
                  ERR_EXISTS);
    Record *rec = house_get(&w, "fs111", "deal", id);
    Value v = house_value(&w, rec, "plots");
    EXPECT_EQ_I64(v.rows[0].values[1].i, 150); /* the plot's */
    EXPECT_EQ_I64(v.rows[1].values[1].i, 200); /* what was typed */
    EXPECT_EQ_I64(house_value(&w, rec, "size").i, 350);
    Value kind = house_value(&w, rec, "kind");
    const Choice *c = field_choice_numbered(type_field(rec->type, S("kind")), kind.i);
    REQUIRE(c);
    EXPECT_STR(c->name, "wet");
    /* the plot's size changes afterwards: the deal keeps its own */
    FieldInput bigger[] = {TEXT("size", S("9"))};
    REQUIRE_OK(house_write(&w, "fs111", "plot", east, "change", NULL, 0, bigger, 1, &e), &e);
    RowInput swap[] = {{.id = v.rows[0].id},
                       {.id = v.rows[1].id,
                        .fields = (FieldInput[]){TEXT("plot", house_id(&w, east))},
                        .field_n = 1}};
    FieldInput change[] = {ROWS("plots", swap, 2)};
    EXPECT_EQ_I64(house_write(&w, "fs111", "deal", id, "change", NULL, 0, change, 1, &e),
                  ERR_INVALID);
    EXPECT(house_fault(&e, "plots.1.plot", "field.row_twice"));
    RowInput one[] = {swap[1]};
    FieldInput only[] = {ROWS("plots", one, 1)};
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "change", NULL, 0, only, 1, &e), &e);
    v = house_value(&w, house_get(&w, "fs111", "deal", id), "plots");
    EXPECT_EQ_I64(v.i, 1);
    EXPECT_EQ_I64(v.rows[0].values[1].i, 900); /* its link changed: taken anew */
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(a_hidden_field_is_emptied_and_not_asked_for)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid plot = house_plot(&w, "东地", "1.5", "2046-01-01"), id = county_new_id(&w);
    REQUIRE_OK(deal(&w, id, NULL, plot, "2026-11-01", "2030-11-01", &e), &e);
    FieldInput wheat[] = {TEXT("rent", S("wheat"))};
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "change", NULL, 0, wheat, 1, &e), &e);
    EXPECT_EQ_I64(house_value(&w, house_get(&w, "fs111", "deal", id), "cash").tag, VALUE_NONE);
    EXPECT_EQ_I64(house_write(&w, "fs111", "deal", id, "sign", NULL, 0, NULL, 0, &e), ERR_INVALID);
    EXPECT(house_fault(&e, "wheat", "field.required"));
    EXPECT_EQ_I64((int64_t)e.field_n, 1);
    FieldInput more[] = {TEXT("wheat", S("800"))};
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "change", "sign", 0, more, 1, &e), &e);
    county_end(&w);
}

BOTH_ENGINES(a_check_names_its_law_once_the_draft_is_left)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid plot = house_plot(&w, "东地", "1.5", "2028-01-01"), id = county_new_id(&w);
    REQUIRE_OK(deal(&w, id, NULL, plot, "2026-11-01", "2030-11-01", &e), &e); /* a draft may */
    EXPECT_EQ_I64(house_write(&w, "fs111", "deal", id, "sign", NULL, 0, NULL, 0, &e), ERR_INVALID);
    EXPECT(house_fault(&e, "ends", "field.check_law"));
    EXPECT_STR(e.fields[0].args[1], "测试法第一条");
    EXPECT_EQ_I64(deal(&w, county_new_id(&w), "sign", plot, "2026-11-01", "2030-11-01", &e),
                  ERR_INVALID);
    FieldInput sooner[] = {TEXT("ends", S("2027-11-01"))};
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "change", "sign", 0, sooner, 1, &e), &e);
    EXPECT_EQ_I64(house_write(&w, "fs111", "deal", id, "cancel", NULL, 0, NULL, 0, &e), 0);
    county_end(&w);
}

/* Two deals prepared side by side for one plot over common days: one of them stands. */
BOTH_ENGINES(nothing_is_held_twice_over_common_days)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid plot = house_plot(&w, "东地", "1.5", "2046-01-01");
    Uuid first = county_new_id(&w), second = county_new_id(&w), later = county_new_id(&w);
    REQUIRE_OK(deal(&w, first, NULL, plot, "2026-11-01", "2030-11-01", &e), &e);
    REQUIRE_OK(deal(&w, second, NULL, plot, "2030-11-01", "2031-11-01", &e), &e); /* drafts may */
    Change *a, *b;
    REQUIRE_OK(house_prepare(&w, "fs111", "deal", first, "sign", NULL, 0, NULL, 0, &a, &e), &e);
    REQUIRE_OK(house_prepare(&w, "fs111", "deal", second, "sign", NULL, 0, NULL, 0, &b, &e), &e);
    e = err_on(w.a);
    REQUIRE_OK(store_write(w.store, NULL, record_apply, a, &e), &e);
    EXPECT_EQ_I64(store_write(w.store, NULL, record_apply, b, &e), ERR_INVALID);
    EXPECT(house_fault(&e, "plots.0.plot", "record.double_booked_by"));
    REQUIRE_OK(deal(&w, later, "sign", plot, "2030-11-02", "2031-11-01", &e), &e);
    FieldInput longer[] = {TEXT("ends", S("2031-01-01"))};
    EXPECT_EQ_I64(house_write(&w, "fs111", "deal", first, "change", NULL, 0, longer, 1, &e),
                  ERR_INVALID);
    REQUIRE_OK(house_write(&w, "fs111", "deal", later, "cancel", NULL, 0, NULL, 0, &e), &e);
    REQUIRE_OK(house_write(&w, "fs111", "deal", first, "change", NULL, 0, longer, 1, &e), &e);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* A link to what one may not see and one to what is not there get the same answer. */
BOTH_ENGINES(links_lead_to_what_one_may_see)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid plot = house_plot(&w, "东地", "1.5", "2046-01-01"), id = county_new_id(&w);
    const Str ids[] = {house_id(&w, plot), house_id(&w, county_new_id(&w))};
    for (size_t i = 0; i < LEN(ids); i++) {
        FieldInput fields[] = {TEXT("main", ids[i]), TEXT("visits", ids[i])};
        EXPECT_EQ_I64(house_write(&w, "fs112", "deal", county_new_id(&w), "create", NULL, 0, fields,
                                  2, &e),
                      ERR_INVALID);
        EXPECT(house_fault(&e, "main", "field.no_such_record"));
        EXPECT(house_fault(&e, "visits", "field.no_such_record"));
    }
    FieldInput seen[] = {TEXT("visits", ids[0])};
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "create", NULL, 0, seen, 1, &e), &e);
    REQUIRE_OK(house_write(&w, "fs111", "plot", plot, "void", NULL, 0, NULL, 0, &e), &e);
    EXPECT(!house_get(&w, "fs111", "plot", plot));
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "change", NULL, 0, seen, 1, &e), &e);
    county_end(&w);
}

static Uuid meeting(County *w, const char *day, bool came)
{
    Err e;
    Uuid id = county_new_id(w);
    RowInput rows[] = {LINE(TEXT("person", house_person(w, "fs121")), TEXT("came", S("present")))};
    FieldInput fields[] = {TEXT("title", S("秋收")), TEXT("day", str_of(day)),
                           ROWS("attendance", rows, came)};
    REQUIRE_OK(house_write(w, "town1", "meeting", id, "create", NULL, 0, fields, 3, &e), &e);
    return id;
}

BOTH_ENGINES(an_action_waits_for_its_condition)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid empty = meeting(&w, "2026-11-19", false), ahead = meeting(&w, "2026-12-19", true);
    Uuid ready = meeting(&w, "2026-11-19", true);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", empty, "hold", NULL, 0, NULL, 0, &e),
                  ERR_STATE);
    EXPECT_STR(e.key, "record.not_yet");
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", ahead, "hold", NULL, 0, NULL, 0, &e),
                  ERR_STATE);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", ready, "hold", NULL, 0, NULL, 0, &e), 0);
    /* named in a line: he sees it, from another town */
    EXPECT(house_get(&w, "fs121", "meeting", ready) && !house_get(&w, "fs121", "meeting", empty));
    county_end(&w);
}

BOTH_ENGINES(a_part_lies_in_its_whole_and_is_seen_with_it)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid whole = meeting(&w, "2026-11-19", true), id = county_new_id(&w);
    Uuid other = meeting(&w, "2026-11-18", false);
    FieldInput fields[] = {TEXT("meeting", house_id(&w, whole)), TEXT("title", S("一"))};
    EXPECT_EQ_I64(house_write(&w, "town2", "talk", id, "create", NULL, 0, fields, 2, &e),
                  ERR_INVALID); /* does not see the whole */
    EXPECT(house_fault(&e, "meeting", "field.no_such_record"));
    EXPECT_EQ_I64(house_write(&w, "fs121", "talk", id, "create", NULL, 0, fields, 2, &e),
                  ERR_DENIED); /* sees it, may not */
    REQUIRE_OK(house_write(&w, "town1", "talk", id, "create", NULL, 0, fields, 2, &e), &e);
    EXPECT_EQ_I64(house_write(&w, "town1", "talk", id, "create", NULL, 0, fields, 2, &e),
                  ERR_EXISTS);
    Record *rec = house_get(&w, "fs121", "talk", id); /* through the whole alone */
    REQUIRE(rec);
    EXPECT_STR(w.tree->units[rec->unit_ix].code, "110");
    EXPECT(!house_get(&w, "town2", "talk", id) && !house_get(&w, "fs111", "talk", id));
    FieldInput move[] = {TEXT("meeting", house_id(&w, other))};
    EXPECT_EQ_I64(house_write(&w, "town1", "talk", id, "change", NULL, 0, move, 1, &e),
                  ERR_INVALID);
    EXPECT(house_fault(&e, "meeting", "record.part_stays"));
    REQUIRE_OK(house_write(&w, "town1", "meeting", other, "cancel", NULL, 0, NULL, 0, &e), &e);
    FieldInput late[] = {TEXT("meeting", house_id(&w, other)), TEXT("title", S("二"))};
    EXPECT_EQ_I64(
        house_write(&w, "town1", "talk", county_new_id(&w), "create", NULL, 0, late, 2, &e),
        ERR_INVALID);
    EXPECT(house_fault(&e, "meeting", "record.whole_void"));
    county_end(&w);
}

static int count_memos(void *ctx, const Record *rec, Err *e)
{
    (void)e;
    *(Record *)ctx = *rec;
    ((Record *)ctx)->values = NULL;
    return 0;
}

/* Nobody types the same thing twice: what an action leads to is opened by it, filled, in one
 * change. */
BOTH_ENGINES(an_action_makes_the_next_record)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid id = meeting(&w, "2026-11-19", true);
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "hold", NULL, 0, NULL, 0, &e), &e);
    FieldInput lesson[] = {TEXT("lesson", S("先排水"))};
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "wrap", NULL, 2, lesson, 1, &e),
                  ERR_STATE); /* no talk yet: counted over the parts' table */
    FieldInput talk[] = {TEXT("meeting", house_id(&w, id)), TEXT("title", S("一"))};
    REQUIRE_OK(house_write(&w, "town1", "talk", county_new_id(&w), "create", NULL, 0, talk, 2, &e),
               &e);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "wrap", NULL, 2, NULL, 0, &e),
                  ERR_INVALID); /* the memo would lack its title */
    EXPECT(house_fault(&e, "memo.title", "field.required"));
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "wrap", NULL, 2, lesson, 1, &e), &e);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "wrap", NULL, 2, lesson, 1, &e),
                  ERR_EXISTS); /* and makes no second one */
    Record made = {0};
    Tx *tx = county_tx(&w);
    REQUIRE_OK(record_each(w.records, tx, w.tree, model_type(w.model, S("memo")), -1, count_memos,
                           &made, w.e),
               w.e);
    tx_end(tx);
    Record *memo = house_get(&w, "town1", "memo", made.id);
    REQUIRE(memo);
    EXPECT_STR(house_value(&w, memo, "title").s, "先排水");
    EXPECT(!memcmp(house_value(&w, memo, "meeting").s.p, id.b, sizeof id.b));
    EXPECT_EQ_I64(memo->version, 1);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* During leave: what he writes stands under the one he stands in for, and both names are told. */
BOTH_ENGINES(peers_8_a_deputy_acts_with_both_names)
{
    County w;
    Err e;
    house_begin(&w, t);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "fs111");
    Day today = env_today(w.env);
    Deputise in = {.posting = r.posts[0].posting,
                   .account = S("tm111"),
                   .starts = today,
                   .ends = today + 5,
                   .by = {.account = r.account}};
    REQUIRE_OK(access_prepare_deputise(w.access, w.a, tx, &r, &in, w.e), w.e);
    tx_end(tx);
    REQUIRE_OK(store_write(w.store, NULL, access_apply_deputise, &in, w.e), w.e);
    Uuid id = county_new_id(&w);
    FieldInput fields[] = {TEXT("name", S("东地")), TEXT("size", S("1.5"))};
    REQUIRE_OK(house_write(&w, "tm111", "plot", id, "create", NULL, 0, fields, 2, &e), &e);
    Record *rec = house_get(&w, "fs111", "plot", id);
    REQUIRE(rec);
    EXPECT(uuid_eq(rec->author, r.person));
    tx = county_tx(&w);
    HistoryItem *list;
    int n;
    REQUIRE_OK(record_history(w.records, w.a, tx, &r, rec, &list, &n, w.e), w.e);
    tx_end(tx);
    EXPECT_EQ_I64(n, 1);
    EXPECT_STR(list[0].actor_name, "tm111");
    EXPECT_STR(list[0].deputy_for, "fs111");
    EXPECT_EQ_I64(house_write(&w, "tm111", "plot", id, "create", NULL, 0, fields, 2, &e),
                  ERR_EXISTS);
    EXPECT_EQ_I64(county_verify(&w), 0);
    env_test_move(w.env, INT64_C(7) * 86400000);
    EXPECT_EQ_I64(house_write(&w, "tm111", "plot", id, "change", NULL, 0, fields, 1, &e),
                  ERR_DENIED); /* it ended by itself */
    county_end(&w);
}

static int run_script(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, str_of(arg), e);
}

/* A change prepared under one model is not applied under the next. */
BOTH_ENGINES(a_change_of_an_older_model_is_prepared_anew)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid id = county_new_id(&w);
    FieldInput fields[] = {TEXT("name", S("东地")), TEXT("size", S("1.5"))};
    Change *c;
    REQUIRE_OK(house_prepare(&w, "fs111", "plot", id, "create", NULL, 0, fields, 2, &c, &e), &e);
    REQUIRE_OK(store_write(w.store, NULL, run_script,
                           (char[]){"UPDATE meta SET value = 'other' WHERE key = 'model'"}, &e),
               &e);
    EXPECT_EQ_I64(store_write(w.store, NULL, record_apply, c, &e), ERR_BUSY);
    EXPECT_STR(e.key, "record.again");
    county_end(&w);
}
