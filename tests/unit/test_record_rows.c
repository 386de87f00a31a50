/* test_record_rows.c: lines of a record: written, kept in history, compared, proved; links and
 * audiences beside them.                                   SPEC: A1 F1 P8 P11  DESIGN: Data, Rows
 * */
#include "test_record_house_util.h"

#define PRESENT {.name = S("came"), .text = S("present")}

/* A meeting with so many lines, their names n0, n1 ...; ids: those lines stood under, or NULL. */
static FieldInput attendance(County *w, int n, const Value *ids)
{
    RowInput *rows = NEW_N(w->a, RowInput, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        FieldInput line[] = {TEXT("name", str_fmt(w->a, "n%d", i)), PRESENT};
        rows[i] = (RowInput){.fields = arena_copy(w->a, line, sizeof line), .field_n = 2};
        if (ids && i < ids->i)
            rows[i].id = ids->rows[i].id;
    }
    return (FieldInput){.name = S("attendance"), .is_rows = true, .rows = rows, .row_n = n};
}

static Uuid meeting(County *w, int lines)
{
    Err e;
    Uuid id = county_new_id(w);
    FieldInput fields[] = {TEXT("title", S("秋收")), TEXT("day", S("2026-11-19")),
                           attendance(w, lines, NULL)};
    REQUIRE_OK(house_write(w, "town1", "meeting", id, "create", NULL, 0, fields, 3, &e), &e);
    return id;
}

static Str name_of(const Value *v, int line)
{
    return v->rows[line].values[1].s;
}

static HistoryItem *history(County *w, const char *type, Uuid id, int *ret_n)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "town1");
    Record *rec;
    HistoryItem *list;
    REQUIRE_OK(record_get(w->records, w->a, tx, &r, model_type(w->model, str_of(type)), id, &rec,
                          NULL, w->e),
               w->e);
    REQUIRE_OK(record_history(w->records, w->a, tx, &r, rec, &list, ret_n, w->e), w->e);
    tx_end(tx);
    return list;
}

BOTH_ENGINES(lines_come_back_in_their_order)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid id = meeting(&w, 3);
    Record *rec = house_get(&w, "town1", "meeting", id);
    REQUIRE(rec);
    Value v = house_value(&w, rec, "attendance");
    EXPECT_EQ_I64(v.i, 3);
    EXPECT_STR(name_of(&v, 0), "n0");
    EXPECT_STR(name_of(&v, 2), "n2");
    EXPECT_EQ_I64(house_value(&w, rec, "present").i, 3);
    /* the last comes first, the middle one goes, a new one between */
    RowInput rows[] = {{.id = v.rows[2].id},
                       {.fields = (FieldInput[]){TEXT("name", S("新")), PRESENT}, .field_n = 2},
                       {.id = v.rows[0].id}};
    FieldInput fields[] = {ROWS("attendance", rows, 3)};
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "change", NULL, 1, fields, 1, &e), &e);
    Value got = house_value(&w, house_get(&w, "town1", "meeting", id), "attendance");
    EXPECT_EQ_I64(got.i, 3);
    EXPECT_STR(name_of(&got, 0), "n2");
    EXPECT_STR(name_of(&got, 1), "新");
    EXPECT_STR(name_of(&got, 2), "n0");
    EXPECT(uuid_eq(got.rows[0].id, v.rows[2].id) && uuid_eq(got.rows[2].id, v.rows[0].id));
    int n;
    HistoryItem *list = history(&w, "meeting", id, &n);
    EXPECT_EQ_I64(n, 2);
    EXPECT_EQ_I64(list[1].field_n, 1);
    EXPECT(value_eq(&list[1].fields[0].before, &v));
    EXPECT(value_eq(&list[1].fields[0].after, &got));
    FieldInput none[] = {ROWS("attendance", NULL, 0)};
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "change", NULL, 2, none, 1, &e), &e);
    EXPECT_EQ_I64(house_value(&w, house_get(&w, "town1", "meeting", id), "attendance").tag,
                  VALUE_NONE);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(faults_in_lines_name_the_line)
{
    County w;
    Err e;
    house_begin(&w, t);
    Str fs = house_person(&w, "fs111");
    RowInput rows[] = {
        {.fields = (FieldInput[]){TEXT("person", fs), PRESENT}, .field_n = 2},
        {.fields = (FieldInput[]){TEXT("name", S(""))}, .field_n = 1}, /* blank: no line at all */
        {.fields = (FieldInput[]){TEXT("person", fs), TEXT("came", S("away"))}, .field_n = 2},
        {.fields = (FieldInput[]){TEXT("name", S("甲")), TEXT("size", S("1"))}, .field_n = 2},
        {.id = county_new_id(&w)},
        {.fields = (FieldInput[]){TEXT("person", house_id(&w, county_new_id(&w))), PRESENT},
         .field_n = 2}};
    FieldInput fields[] = {TEXT("title", S("秋收")), TEXT("day", S("2026-11-19")),
                           ROWS("attendance", rows, 6), TEXT("present", S("9"))};
    EXPECT_EQ_I64(
        house_write(&w, "town1", "meeting", county_new_id(&w), "create", NULL, 0, fields, 4, &e),
        ERR_INVALID);
    EXPECT(house_fault(&e, "attendance.2.person", "field.row_twice"));
    EXPECT(house_fault(&e, "attendance.2.reason", "field.required"));
    EXPECT(house_fault(&e, "attendance.3.size", "field.unknown"));
    EXPECT(house_fault(&e, "attendance.3.came", "field.required"));
    EXPECT(house_fault(&e, "attendance.4.id", "field.no_such_row"));
    EXPECT(house_fault(&e, "attendance.5.person", "field.no_such_person"));
    EXPECT(house_fault(&e, "present", "field.unknown")); /* computed: nobody writes it */
    FieldInput many[] = {TEXT("title", S("秋收")), TEXT("day", S("2026-11-19")),
                         attendance(&w, 501, NULL)};
    EXPECT_EQ_I64(
        house_write(&w, "town1", "meeting", county_new_id(&w), "create", NULL, 0, many, 3, &e),
        ERR_INVALID);
    EXPECT(house_fault(&e, "attendance", "field.too_many_rows"));
    county_end(&w);
}

BOTH_ENGINES(lines_sent_twice_are_one)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid id = county_new_id(&w);
    FieldInput fields[] = {TEXT("title", S("秋收")), TEXT("day", S("2026-11-19")),
                           attendance(&w, 3, NULL)};
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "create", NULL, 0, fields, 3, &e), 0);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "create", NULL, 0, fields, 3, &e),
                  ERR_EXISTS);
    fields[2] = attendance(&w, 4, NULL);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "create", NULL, 0, fields, 3, &e),
                  ERR_DIFFERS);
    EXPECT(house_fault(&e, "attendance", "record.differs"));
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "change", NULL, 1, fields + 2, 1, &e), 0);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "change", NULL, 1, fields + 2, 1, &e),
                  ERR_EXISTS);
    EXPECT_EQ_I64(house_get(&w, "town1", "meeting", id)->version, 2);
    county_end(&w);
}

/* Two people had the same lines open: whoever is later sees both lists, nothing is lost. */
BOTH_ENGINES(peers_5_two_people_edited_the_lines_both_are_shown)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid id = meeting(&w, 2);
    Value v = house_value(&w, house_get(&w, "town1", "meeting", id), "attendance");
    FieldInput first[] = {TEXT("name", S("甲"))}, second[] = {TEXT("name", S("乙"))};
    RowInput one[] = {{.id = v.rows[0].id, .fields = first, .field_n = 1}, {.id = v.rows[1].id}};
    RowInput two[] = {{.id = v.rows[0].id, .fields = (FieldInput[]){TEXT("name", S("n0")), PRESENT},
                       .field_n = 2},
                      {.id = v.rows[1].id, .fields = second, .field_n = 1}};
    FieldInput a[] = {ROWS("attendance", one, 2)}, b[] = {ROWS("attendance", two, 2)};
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "change", NULL, 1, a, 1, &e), 0);
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "change", NULL, 1, b, 1, &e),
                  ERR_CONFLICT);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "town1");
    const Type *type = model_type(w.model, S("meeting"));
    Record *now;
    Conflict *list;
    REQUIRE_OK(record_get(w.records, w.a, tx, &r, type, id, &now, NULL, w.e), w.e);
    RecordInput in = {.type = type, .id = id, .action = type->change, .fields = b, .field_n = 1};
    int n = record_conflicts(w.records, w.a, now, &in, &r, &list, w.e);
    EXPECT_EQ_I64(n, 1);
    EXPECT_STR(name_of(&list[0].mine, 1), "乙");
    EXPECT_STR(name_of(&list[0].theirs, 0), "甲");
    tx_end(tx);
    county_end(&w);
}

/* Nothing but the lines that changed is written, and each of them says what changed in it. */
BOTH_ENGINES(only_changed_lines_are_entries)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid id = meeting(&w, 500);
    Value v = house_value(&w, house_get(&w, "town1", "meeting", id), "attendance");
    EXPECT_EQ_I64(v.i, 500);
    RowInput *rows = NEW_N(w.a, RowInput, 500);
    for (int i = 0; i < 499; i++)
        rows[i].id = v.rows[i + 1].id; /* the first is taken out: the others stay as they are */
    FieldInput away[] = {TEXT("came", S("away")), TEXT("reason", S("下雨"))};
    rows[7].fields = away;
    rows[7].field_n = 2;
    FieldInput fields[] = {ROWS("attendance", rows, 499)};
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "change", NULL, 1, fields, 1, &e), &e);
    Tx *tx = county_tx(&w);
    Stmt *s;
    REQUIRE_OK(tx_prepare(tx, S("SELECT LENGTH(body) FROM history WHERE version = 2"), &s, w.e),
               w.e);
    REQUIRE(stmt_step(s, w.e) == 1);
    EXPECT(col_i64(s, 0) < 400);
    stmt_reset(s);
    tx_end(tx);
    Record *rec = house_get(&w, "town1", "meeting", id);
    EXPECT_EQ_I64(house_value(&w, rec, "present").i, 498);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

static int run_script(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, str_of(arg), e);
}

BOTH_ENGINES(whatever_is_changed_beside_a_record_is_found)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid p = house_plot(&w, "东地", "1.5", "2046-01-01"), id = county_new_id(&w);
    RowInput rows[] = {{.fields = (FieldInput[]){TEXT("plot", house_id(&w, p))}, .field_n = 1}};
    FieldInput deal[] = {ROWS("plots", rows, 1), TEXT("visits", house_id(&w, p))};
    REQUIRE_OK(house_write(&w, "fs111", "deal", id, "create", NULL, 0, deal, 2, &e), &e);
    FieldInput fields[] = {TEXT("title", S("秋收")), TEXT("day", S("2026-11-19")),
                           TEXT("invited", S("first_secretary@110,team_member@111"))};
    REQUIRE_OK(house_write(&w, "town1", "meeting", county_new_id(&w), "create", NULL, 0, fields, 3,
                           &e),
               &e);
    EXPECT_EQ_I64(county_verify(&w), 0);
    static const char *const spoils[][2] = {
        {"UPDATE r_deal__plots SET \"size\" = \"size\" + 1",
         "UPDATE r_deal__plots SET \"size\" = \"size\" - 1"},
        {"UPDATE r_deal__plots SET ix = ix + 1", "UPDATE r_deal__plots SET ix = ix - 1"},
        {"UPDATE r_deal__plots SET unit = unit + 1", "UPDATE r_deal__plots SET unit = unit - 1"},
        {"UPDATE l_deal__visits SET target = record",
         "UPDATE l_deal__visits SET target = (SELECT id FROM r_plot)"},
        {"UPDATE a_meeting__invited SET unit = unit + 100",
         "UPDATE a_meeting__invited SET unit = unit - 100"},
        {"UPDATE a_meeting__invited SET at_day = at_day + 1",
         "UPDATE a_meeting__invited SET at_day = at_day - 1"},
        {"DELETE FROM r_deal__plots", ""},
    };
    for (size_t i = 0; i < LEN(spoils); i++) {
        e = err_on(w.a);
        REQUIRE_OK(store_write(w.store, NULL, run_script, (void *)(uintptr_t)spoils[i][0], &e), &e);
        if (!EXPECT(county_verify(&w) > 0))
            test_note("not found: %s", spoils[i][0]);
        if (spoils[i][1][0]) {
            REQUIRE_OK(store_write(w.store, NULL, run_script, (void *)(uintptr_t)spoils[i][1], &e),
                       &e);
            EXPECT_EQ_I64(county_verify(&w), 0);
        }
    }
    county_end(&w);
}

/* The audience moves with the day it is sorted by, and opens the record to those it means. */
BOTH_ENGINES(an_audience_follows_its_day)
{
    County w;
    Err e;
    house_begin(&w, t);
    Uuid id = county_new_id(&w);
    FieldInput fields[] = {TEXT("title", S("秋收")), TEXT("day", S("2026-11-19")),
                           TEXT("invited", S("first_secretary@110"))};
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "create", NULL, 0, fields, 3, &e), &e);
    EXPECT(house_get(&w, "fs111", "meeting", id) && house_get(&w, "fs112", "meeting", id));
    EXPECT(!house_get(&w, "tm111", "meeting", id) && !house_get(&w, "fs121", "meeting", id));
    FieldInput later[] = {TEXT("day", S("2026-11-20"))};
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "change", NULL, 1, later, 1, &e), &e);
    EXPECT_EQ_I64(county_verify(&w), 0);
    FieldInput other[] = {TEXT("invited", S("team_member@111")), TEXT("day", S("2026-11-18"))};
    REQUIRE_OK(house_write(&w, "town1", "meeting", id, "change", NULL, 2, other, 2, &e), &e);
    EXPECT(!house_get(&w, "fs112", "meeting", id) && house_get(&w, "tm111", "meeting", id));
    EXPECT_EQ_I64(county_verify(&w), 0);
    FieldInput bad[] = {TEXT("invited", S("nobody@111"))};
    EXPECT_EQ_I64(house_write(&w, "town1", "meeting", id, "change", NULL, 3, bad, 1, &e),
                  ERR_INVALID);
    county_end(&w);
}
