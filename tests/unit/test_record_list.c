/* test_record_list.c: a list is exactly what its reader may see, in order, page by page, both ways.
 *
 * The oracle reads every record and asks nobody but a naive rule written here anew: author (while
 * he holds the post he wrote under), town and county offices at or above, each in the states the
 * model names. */
#include "test_record_util.h"

static const char *const everyone[] = {"county", "town1", "town2", "fs111",
                                       "tm111",  "fs112", "fs121"};
static const char *const writers[] = {"fs111", "tm111", "fs112", "fs121"};
static const char *const office_unit[] = {"100", "110", "120"}; /* of the first three of everyone */

typedef struct All {
    Record *list;
    int n;
    Arena *a;
} All;

static uint64_t dice(uint64_t n)
{
    return test_random() % n;
}

static int take(void *ctx, const Record *rec, Err *e)
{
    (void)e;
    All *all = ctx;
    all->list[all->n] = *rec;
    all->list[all->n].values =
        arena_copy(all->a, rec->values, (size_t)rec->type->field_n * sizeof(Value));
    all->n++;
    return 0;
}

static bool naive_sees(const County *w, const Reader *r, int who, const Record *rec)
{
    const char *state = str_z(w->a, w->diary->states[rec->state].name);
    if (uuid_eq(rec->author, r->person))
        return true;
    if (who > 2 || !strcmp(state, "draft") || (!strcmp(state, "returned") && who == 0))
        return false;
    return tree_is_within(w->tree, rec->unit_ix,
                          tree_unit_coded(w->tree, str_of(office_unit[who]))->ix);
}

static int by_newest(const void *x, const void *y)
{
    const Record *a = x, *b = y;
    if (a->at_day != b->at_day)
        return a->at_day > b->at_day ? -1 : 1;
    return -uuid_cmp(a->id, b->id);
}

static void make_records(County *w, int n)
{
    for (int i = 0; i < n; i++) {
        const char *who = writers[dice(LEN(writers))];
        Day day = env_today(w->env) - (Day)dice(40);
        Uuid id = county_new_id(w);
        const char *fields[] = {"day", str_z(w->a, day_text(w->a, day)), "body", "走访。开会。"};
        Err e = err_on(w->a);
        int rc = county_write(w, who, id, "create", dice(3) ? "submit" : NULL, 0, fields, 2, &e);
        EXPECT(rc == 0 || rc == ERR_INVALID); /* the day may be taken */
        const char *town = !strcmp(who, "fs121") ? "town2" : "town1";
        const char *remark[] = {"remark", "哪几户？"};
        e = err_on(w->a);
        if (!rc && !dice(3))
            (void)county_write(w, town, id, "accept", NULL, 0, NULL, 0, &e); /* drafts refuse */
        e = err_on(w->a);
        if (!rc && !dice(4))
            (void)county_write(w, town, id, "return", NULL, 0, remark, 1,
                               &e); /* only from submitted */
    }
}

/* All pages from the newest on, then back again; each page must be the oracle's slice. */
static void walk(County *w, Tx *tx, const Reader *r, ListQuery q, const Record *want, int want_n)
{
    int at = 0;
    RecordList page;
    for (;;) {
        REQUIRE_OK(record_list(w->records, w->a, tx, r, &q, &page, w->e), w->e);
        EXPECT(page.n <= q.limit && at + page.n <= want_n);
        for (int i = 0; i < page.n && at + i < want_n; i++)
            EXPECT(uuid_eq(page.items[i].id, want[at + i].id));
        at += page.n;
        if (!str_has(page.next))
            break;
        q.after = page.next;
    }
    EXPECT_EQ_I64(at, want_n);
    at -= page.n;
    while (str_has(page.prev)) {
        q.after = page.prev;
        q.backwards = true;
        REQUIRE_OK(record_list(w->records, w->a, tx, r, &q, &page, w->e), w->e);
        at -= page.n;
        EXPECT(at >= 0);
        for (int i = 0; i < page.n; i++)
            EXPECT(uuid_eq(page.items[i].id, want[at + i].id));
    }
    EXPECT_EQ_I64(at, 0);
}

static void check_reader(County *w, Tx *tx, int who, const All *all)
{
    Reader r = county_reader(w, tx, everyone[who]);
    static const char *const below[] = {NULL, "110", "111", "122"};
    for (int state = -1; state < w->diary->state_n; state++)
        for (size_t u = 0; u < LEN(below); u++)
            for (int mine = 0; mine < 2; mine++) {
                const Unit *unit = below[u] ? tree_unit_coded(w->tree, str_of(below[u])) : NULL;
                ListQuery q = {.type = w->diary,
                               .unit_ix = unit ? unit->ix : -1,
                               .mine = mine,
                               .states = state < 0 ? 0 : (uint32_t)1 << state,
                               .limit = (int)dice(7) + 1,
                               .after = STR_NONE};
                Record *want = NEW_N(w->a, Record, (size_t)all->n + 1);
                int n = 0, count;
                for (int i = 0; i < all->n; i++) {
                    const Record *rec = &all->list[i];
                    if (naive_sees(w, &r, who, rec) && (state < 0 || rec->state == state) &&
                        (!unit || tree_is_within(w->tree, rec->unit_ix, unit->ix)) &&
                        (!mine || uuid_eq(rec->author, r.person)))
                        want[n++] = *rec;
                }
                walk(w, tx, &r, q, want, n);
                REQUIRE_OK(record_count(w->records, w->a, tx, &r, &q, 1000, &count, w->e), w->e);
                EXPECT_EQ_I64(count, n);
            }
    for (int i = 0; i < all->n; i++) { /* may and list cannot differ */
        Record *rec;
        Err e = err_on(w->a);
        int rc = record_get(w->records, w->a, tx, &r, w->diary, all->list[i].id, &rec, NULL, &e);
        EXPECT_EQ_I64(rc, naive_sees(w, &r, who, &all->list[i]) ? 0 : ERR_MISSING);
    }
}

BOTH_ENGINES(list_is_what_one_may_see)
{
    County w;
    county_begin(&w, t);
    make_records(&w, 90);
    All all = {.list = NEW_N(w.a, Record, 200), .a = w.a};
    Tx *tx = county_tx(&w);
    REQUIRE_OK(record_each(w.records, tx, w.tree, w.diary, -1, take, &all, w.e), w.e);
    EXPECT(all.n > 40);
    qsort(all.list, (size_t)all.n, sizeof(Record), by_newest);
    for (size_t who = 0; who < LEN(everyone); who++)
        check_reader(&w, tx, (int)who, &all);
    tx_end(tx);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(filter_by_day)
{
    County w;
    county_begin(&w, t);
    (void)county_diary(&w, "fs111", "2026-11-18", "一。", "submit");
    Uuid id = county_diary(&w, "fs111", "2026-11-17", "二。", "submit");
    (void)county_diary(&w, "fs112", "2026-11-16", "三。", "submit");
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "county");
    ListQuery q = {.type = w.diary,
                   .unit_ix = -1,
                   .limit = 20,
                   .filter = type_field(w.diary, S("day")),
                   .after = STR_NONE};
    Day day;
    EXPECT(day_parse(S("2026-11-17"), &day));
    q.filter_value = (Value){.tag = VALUE_INT, .i = day};
    RecordList list;
    REQUIRE_OK(record_list(w.records, w.a, tx, &r, &q, &list, w.e), w.e);
    EXPECT_EQ_I64(list.n, 1);
    EXPECT(uuid_eq(list.items[0].id, id));
    q.after = S("nonsense");
    Err e = err_on(w.a);
    EXPECT_EQ_I64(record_list(w.records, w.a, tx, &r, &q, &list, &e), ERR_INVALID);
    tx_end(tx);
    county_end(&w);
}

/* One day of the list, page by page both ways; what has no day yet stands at the day it was made,
 * and is not of that day. */
BOTH_ENGINES(pages_under_a_filter)
{
    County w;
    county_begin(&w, t);
    make_records(&w, 60);
    const char *no_day[] = {"body", "还没有日期。"};
    Err e = err_on(w.a);
    REQUIRE_OK(county_write(&w, "fs112", county_new_id(&w), "create", NULL, 0, no_day, 1, &e), &e);
    All all = {.list = NEW_N(w.a, Record, 200), .a = w.a};
    Tx *tx = county_tx(&w);
    REQUIRE_OK(record_each(w.records, tx, w.tree, w.diary, -1, take, &all, w.e), w.e);
    qsort(all.list, (size_t)all.n, sizeof(Record), by_newest);
    const Field *day = type_field(w.diary, S("day"));
    for (int who = 0; who < (int)LEN(everyone); who++)
        for (Day d = env_today(w.env) - 40; d <= env_today(w.env); d++) {
            Reader r = county_reader(&w, tx, everyone[who]);
            ListQuery q = {.type = w.diary,
                           .unit_ix = -1,
                           .limit = 1 + (int)dice(2),
                           .after = STR_NONE,
                           .filter = day,
                           .filter_value = {.tag = VALUE_INT, .i = d}};
            Record want[200];
            int n = 0, count;
            for (int i = 0; i < all.n; i++)
                if (naive_sees(&w, &r, who, &all.list[i]) &&
                    value_eq(&all.list[i].values[day->ix], &q.filter_value))
                    want[n++] = all.list[i];
            walk(&w, tx, &r, q, want, n);
            REQUIRE_OK(record_count(w.records, w.a, tx, &r, &q, 1000, &count, w.e), w.e);
            EXPECT_EQ_I64(count, n);
        }
    tx_end(tx);
    county_end(&w);
}

/* He wrote them and sees them by his office as well: listed once, counted once, up to where one
 * stops. */
BOTH_ENGINES(two_ways_to_see_count_once)
{
    County w;
    county_begin(&w, t);
    county_post(&w, "fs111", "town_office", "110", DAY_NONE, DAY_NONE);
    make_records(&w, 60);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "fs111");
    EXPECT_EQ_I64(r.post_n, 2);
    ListQuery q = {.type = w.diary, .unit_ix = -1, .limit = 100, .after = STR_NONE};
    RecordList list;
    int n;
    REQUIRE_OK(record_list(w.records, w.a, tx, &r, &q, &list, w.e), w.e);
    REQUIRE_OK(record_count(w.records, w.a, tx, &r, &q, 1000, &n, w.e), w.e);
    EXPECT(list.n > 10 && !str_has(list.next));
    EXPECT_EQ_I64(n, list.n);
    REQUIRE_OK(record_count(w.records, w.a, tx, &r, &q, list.n - 3, &n, w.e), w.e);
    EXPECT_EQ_I64(n, list.n - 3);
    tx_end(tx);
    county_end(&w);
}

BOTH_ENGINES(sight_ends_with_the_post)
{
    County w;
    county_begin(&w, t);
    Day today = env_today(w.env);
    county_post(&w, "late", "first_secretary", "122", today, today + 2);
    Uuid id = county_diary(&w, "late", "2026-11-18", "一。", "submit");
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "late");
    Record *rec;
    REQUIRE_OK(record_get(w.records, w.a, tx, &r, w.diary, id, &rec, NULL, w.e), w.e);
    tx_end(tx);
    env_test_move(w.env, 3 * 86400000LL);
    tx = county_tx(&w);
    r = county_reader(&w, tx, "late");
    Err e = err_on(w.a);
    EXPECT_EQ_I64(r.post_n, 0);
    EXPECT_EQ_I64(record_get(w.records, w.a, tx, &r, w.diary, id, &rec, NULL, &e), ERR_MISSING);
    r = county_reader(&w, tx, "town2");
    EXPECT_EQ_I64(record_get(w.records, w.a, tx, &r, w.diary, id, &rec, NULL, w.e), 0);
    tx_end(tx);
    county_end(&w);
}

BOTH_ENGINES(files_only_through_a_record)
{
    County w;
    county_begin(&w, t);
    Uuid file = county_new_id(&w);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "fs111"), other = county_reader(&w, tx, "fs112");
    tx_end(tx);
    FileInput in = {.id = file,
                    .owner = r.person,
                    .mime = S("image/jpeg"),
                    .bytes = S("not really a picture"),
                    .now_ms = env_now_ms(w.env)};
    tx = county_files_tx(&w);
    REQUIRE_OK(record_prepare_file(w.records, tx, &r, &in, w.e), w.e);
    tx_end(tx);
    REQUIRE_OK(store_write(w.files, NULL, record_apply_file, &in, w.e), w.e);
    tx = county_files_tx(&w);
    Err e = err_on(w.a);
    EXPECT_EQ_I64(record_prepare_file(w.records, tx, &r, &in, &e), ERR_EXISTS);
    FileInput theirs = in;
    theirs.owner = other.person;
    e = err_on(w.a);
    EXPECT_EQ_I64(record_prepare_file(w.records, tx, &other, &theirs, &e), ERR_MISSING);
    tx_end(tx);
    const char *id = str_z(w.a, uuid_text(w.a, file));
    const char *fields[] = {"day", "2026-11-18", "body", "有照片。", "photos", id};
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs112", county_new_id(&w), "create", NULL, 0, fields, 3, &e),
                  ERR_INVALID);
    EXPECT_STR(e.fields[0].key, "field.no_such_file");
    REQUIRE_OK(county_write(&w, "fs111", county_new_id(&w), "create", "submit", 0, fields, 3, w.e),
               w.e);
    static const struct {
        const char *who;
        int rc;
    } readers[] = {
        {"fs111", 0}, {"town1", 0}, {"county", 0}, {"fs112", ERR_MISSING}, {"town2", ERR_MISSING}};
    for (size_t i = 0; i < LEN(readers); i++) {
        tx = county_tx(&w);
        Tx *files_tx = w.files == w.store ? tx : county_files_tx(&w);
        Reader one = county_reader(&w, tx, readers[i].who);
        Str mime, name, bytes;
        e = err_on(w.a);
        EXPECT_EQ_I64(record_file(w.records, w.a, tx, files_tx, &one, file, &mime, &name,
                                  &bytes, &e),
                      readers[i].rc);
        if (!readers[i].rc)
            EXPECT_STR(bytes, "not really a picture");
        if (files_tx != tx)
            tx_end(files_tx);
        tx_end(tx);
    }
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* The newest of the county's first page. */
static Uuid newest(County *w)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "county");
    ListQuery q = {.type = w->diary, .unit_ix = -1, .limit = 1, .after = STR_NONE};
    RecordList list = {0};
    REQUIRE_OK(record_list(w->records, w->a, tx, &r, &q, &list, w->e), w->e);
    tx_end(tx);
    EXPECT_EQ_I64(list.n, 1);
    return list.items[0].id;
}

/* Bounds on units' newest records are learnt by the first list; what comes after must show. */
BOTH_ENGINES(first_page_shows_what_came_since_the_last)
{
    County w;
    county_begin(&w, t);
    (void)county_diary(&w, "fs111", "2026-11-08", "零。", "submit"); /* with it the page is full */
    Uuid a = county_diary(&w, "fs111", "2026-11-10", "一。", "submit");
    EXPECT(uuid_eq(newest(&w), a));
    Uuid b = county_diary(&w, "fs112", "2026-11-11", "二。", "submit"); /* a unit known to be empty */
    EXPECT(uuid_eq(newest(&w), b));
    Uuid c = county_diary(&w, "fs121", "2026-11-09", "三。", NULL);
    EXPECT(uuid_eq(newest(&w), b));
    const char *day[] = {"day", "2026-11-12"}; /* a change moves it to the front */
    REQUIRE_OK(county_write(&w, "fs121", c, "change", "submit", 1, day, 1, w.e), w.e);
    EXPECT(uuid_eq(newest(&w), c));
    Err e = err_on(w.a);
    const char *twice[] = {"day", "2026-11-11", "body", "又。"};
    EXPECT_EQ_I64(county_write(&w, "fs112", county_new_id(&w), "create", "submit", 0, twice, 2, &e),
                  ERR_INVALID); /* rolled back: leaves nothing behind */
    EXPECT(uuid_eq(newest(&w), c));
    Uuid d = county_diary(&w, "fs111", "2026-11-12", "四。", "submit"); /* the id decides */
    EXPECT(uuid_eq(newest(&w), d));
    county_end(&w);
}

/* A city's villages are more than one merge takes heads of: the list is exact all the same. */
BOTH_ENGINES(twelve_hundred_villages_in_one_list)
{
    enum { VILLAGES = 1200, WRITERS = 12, EACH = 3 };
    County w;
    county_begin(&w, t);
    const char *(*rows)[4] = arena_alloc(w.a, VILLAGES * sizeof *rows);
    for (int i = 0; i < VILLAGES; i++) {
        rows[i][0] = str_z(w.a, str_fmt(w.a, "v%04d", i));
        rows[i][1] = str_z(w.a, str_fmt(w.a, "村%04d", i));
        rows[i][2] = "village";
        rows[i][3] = i % 2 ? "110" : "120";
    }
    county_import(&w, (const char *const (*)[4])rows, VILLAGES);
    for (int i = 0; i < WRITERS; i++) {
        const char *who = str_z(w.a, str_fmt(w.a, "far%d", i));
        county_post(&w, who, "first_secretary", rows[i * (VILLAGES / WRITERS)][0], DAY_NONE,
                    DAY_NONE);
        for (int k = 0; k < EACH; k++)
            (void)county_diary(&w, who,
                               str_z(w.a, day_text(w.a, env_today(w.env) - (Day)(i % 4 + k * 4))),
                               "走访。", dice(4) ? "submit" : NULL);
    }
    All all = {.list = NEW_N(w.a, Record, 200), .a = w.a};
    Tx *tx = county_tx(&w);
    REQUIRE_OK(record_each(w.records, tx, w.tree, w.diary, -1, take, &all, w.e), w.e);
    EXPECT_EQ_I64(all.n, WRITERS * EACH);
    qsort(all.list, (size_t)all.n, sizeof(Record), by_newest);
    for (int who = 0; who < 3; who++)
        for (int round = 0; round < 3; round++) {
            Reader r = county_reader(&w, tx, everyone[who]);
            ListQuery q = {.type = w.diary,
                           .unit_ix = -1,
                           .limit = 1 + (int)dice(9),
                           .after = STR_NONE};
            Record want[200];
            int n = 0, count;
            for (int i = 0; i < all.n; i++)
                if (naive_sees(&w, &r, who, &all.list[i]))
                    want[n++] = all.list[i];
            walk(&w, tx, &r, q, want, n);
            REQUIRE_OK(record_count(w.records, w.a, tx, &r, &q, 1000, &count, w.e), w.e);
            EXPECT_EQ_I64(count, n);
        }
    tx_end(tx);
    county_end(&w);
}
