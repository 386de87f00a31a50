/* test_record_repeat.c: what happens twice, at once, or on ground that has moved: the same thing
 * sent again, a change applied after its permission, its tree or its record changed, a batch with
 * failing jobs. */
#include "test_record_util.h"

static Change *prepare(County *w, const char *account, Uuid id, const char *action,
                       const char *then, int64_t version, const char *const *fields, int n)
{
    Hand hand = {w->conn, w->files_conn, w->a};
    Change *c = NULL;
    REQUIRE_OK(county_prepare(w, &hand, account, id, action, then, version, fields, n, &c, w->e),
               w->e);
    return c;
}

static int apply(County *w, Change *c, Err *e)
{
    *e = err_on(w->a);
    return store_write(w->store, NULL, record_apply, c, e);
}

static int64_t version_of(County *w, const char *account, Uuid id)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    Record *rec = NULL;
    REQUIRE_OK(record_get(w->records, w->a, tx, &r, w->diary, id, &rec, NULL, w->e), w->e);
    tx_end(tx);
    return rec->version;
}

static const char *const one[] = {"day", "2026-11-19", "body", "一。"};
static const char *const two[] = {"day", "2026-11-19", "body", "二。"};

/* Kept, then "keep and send" of the same form: it is sent, once. */
BOTH_ENGINES(keep_then_keep_and_send)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_new_id(&w);
    Err e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", NULL, 0, one, 2, &e), 0);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", "submit", 0, one, 2, &e), 0);
    EXPECT_EQ_I64(version_of(&w, "town1", id), 2);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", "submit", 0, one, 2, &e), ERR_EXISTS);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", "submit", 0, two, 2, &e), ERR_DIFFERS);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "accept", NULL, 2, NULL, 0, &e), 0);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "create", "submit", 0, one, 2, &e), ERR_EXISTS);
    EXPECT_EQ_I64(version_of(&w, "town1", id), 3);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* A late retry of a change or an act that was done is no conflict, whatever happened since. */
BOTH_ENGINES(late_retries_of_acts)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-19", "一。", NULL);
    Err e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", "submit", 1, two, 2, &e), 0);
    const char *remark[] = {"remark", "哪几户？"}, *other[] = {"remark", "哪几天？"};
    EXPECT_EQ_I64(county_write(&w, "town1", id, "return", NULL, 3, remark, 1, &e), 0);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", "submit", 4, one, 2, &e), 0);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", "submit", 1, two, 2, &e), ERR_EXISTS);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", "submit", 1, one, 2, &e), ERR_CONFLICT);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "change", NULL, 1, two, 2, &e), ERR_EXISTS);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "return", NULL, 3, remark, 1, &e), ERR_EXISTS);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "return", NULL, 3, other, 1, &e), ERR_CONFLICT);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "accept", NULL, 3, NULL, 0, &e), ERR_CONFLICT);
    EXPECT_EQ_I64(version_of(&w, "fs111", id), 6);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* The same press twice at once: both are prepared on the same version; the second is told to look
 * again and then finds that it is done. */
BOTH_ENGINES(the_same_press_twice_at_once)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-19", "一。", NULL), fresh = county_new_id(&w);
    Err e = err_on(w.a);
    Change *a = prepare(&w, "fs111", id, "submit", NULL, 1, NULL, 0);
    Change *b = prepare(&w, "fs111", id, "submit", NULL, 1, NULL, 0);
    EXPECT_EQ_I64(apply(&w, a, &e), 0);
    EXPECT_EQ_I64(apply(&w, b, &e), ERR_BUSY);
    EXPECT_STR(e.key, "record.again");
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", id, "submit", NULL, 1, NULL, 0, &e), ERR_EXISTS);
    const char *day[] = {"day", "2026-11-18", "body", "一。"};
    a = prepare(&w, "fs111", fresh, "create", NULL, 0, day, 2);
    b = prepare(&w, "fs111", fresh, "create", NULL, 0, day, 2);
    Change *c = prepare(&w, "fs112", fresh, "create", NULL, 0, day, 2);
    EXPECT_EQ_I64(apply(&w, a, &e), 0);
    EXPECT_EQ_I64(apply(&w, b, &e), ERR_BUSY);
    EXPECT_EQ_I64(apply(&w, c, &e), ERR_BUSY);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs111", fresh, "create", NULL, 0, day, 2, &e), ERR_EXISTS);
    e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "fs112", fresh, "create", NULL, 0, day, 2, &e), ERR_MISSING);
    EXPECT_STR(e.key, "record.id_not_usable");
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

static void expect_again(County *w, Change *c)
{
    Err e;
    EXPECT_EQ_I64(apply(w, c, &e), ERR_BUSY);
    EXPECT_STR(e.key, "record.again");
}

static void disable(County *w, const char *account)
{
    Disable in = {.account = str_of(account)};
    Tx *tx = county_tx(w);
    REQUIRE_OK(access_prepare_disable(w->access, w->a, tx, NULL, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, NULL, access_apply_disable, &in, w->e), w->e);
}

static void end_posting(County *w, const char *account)
{
    Tx *tx = county_tx(w);
    Reader office = county_reader(w, tx, "county"), r = county_reader(w, tx, account);
    EndPosting in = {.posting = r.posts[0].posting, .ends = env_today(w->env) - 1};
    REQUIRE_OK(access_prepare_end(w->access, w->a, tx, &office, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, NULL, access_apply_end, &in, w->e), w->e);
}

BOTH_ENGINES(ground_that_moved_between)
{
    County w;
    county_begin(&w, t);
    Day today = env_today(w.env);
    county_post(&w, "gone", "first_secretary", "122", today - 9, DAY_NONE);
    Uuid id = county_diary(&w, "fs111", "2026-11-19", "一。", "submit");
    Change *by_gone = prepare(&w, "gone", county_new_id(&w), "create", NULL, 0, one, 2);
    end_posting(&w, "gone");
    expect_again(&w, by_gone);
    Change *by_disabled = prepare(&w, "tm111", county_new_id(&w), "create", NULL, 0, one, 2);
    disable(&w, "tm111");
    expect_again(&w, by_disabled);
    Change *on_old_tree = prepare(&w, "town1", id, "accept", NULL, 2, NULL, 0);
    static const char *const more[][4] = {{"123", "新村", "village", "120"}};
    county_import(&w, more, 1);
    expect_again(&w, on_old_tree);
    Err e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "accept", NULL, 2, NULL, 0, &e), 0);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* A town goes to another county; its records stay where they were made, and are read, listed and
 * changed. */
BOTH_ENGINES(a_town_moves_to_another_county)
{
    static const char *const before[][4] = {
        {"10", "青垣市", "city", ""},        {"100", "青垣县", "county", "10"},
        {"200", "白石县", "county", "10"},   {"110", "砚河镇", "town", "100"},
        {"111", "上栗村", "village", "110"}, {"112", "下栗村", "village", "110"}};
    static const char *const after[][4] = {{"110", "砚河镇", "town", "200"}};
    County w;
    county_begin_bare(&w, t);
    county_import(&w, before, LEN(before));
    county_post(&w, "county", "county_office", "10", DAY_NONE, DAY_NONE);
    county_post(&w, "town1", "town_office", "110", DAY_NONE, DAY_NONE);
    county_post(&w, "fs111", "first_secretary", "111", DAY_NONE, DAY_NONE);
    Uuid id = county_diary(&w, "fs111", "2026-11-19", "一。", "submit");
    county_import(&w, after, 1);
    EXPECT_STR(
        w.tree->units[tree_above_at(w.tree, tree_unit_coded(w.tree, S("111"))->ix, UINT64_C(2))]
            .code,
        "200");
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "town1");
    ListQuery q = {.type = w.diary, .unit_ix = -1, .limit = 20, .after = STR_NONE};
    RecordList list;
    REQUIRE_OK(record_list(w.records, w.a, tx, &r, &q, &list, w.e), w.e);
    EXPECT_EQ_I64(list.n, 1);
    tx_end(tx);
    Err e = err_on(w.a);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "accept", NULL, 2, NULL, 0, &e), 0);
    Uuid next = county_diary(&w, "fs111", "2026-11-18", "二。", "submit");
    EXPECT_EQ_I64(version_of(&w, "town1", next), 2);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

static int spoil(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, str_of(arg), e);
}

/* A number of the chain that is taken fails the change: never "came before, is equal". */
BOTH_ENGINES(a_taken_number_is_no_success)
{
    County w;
    county_begin(&w, t);
    (void)county_diary(&w, "fs111", "2026-11-19", "一。", "submit");
    Change *c = prepare(&w, "fs112", county_new_id(&w), "create", NULL, 0, one, 2);
    char sql[] = "UPDATE chain SET seq = seq - 1";
    REQUIRE_OK(store_write(w.store, NULL, spoil, sql, w.e), w.e);
    Err e;
    EXPECT_EQ_I64(apply(&w, c, &e), t->opt.engine == ENGINE_PG ? ERR_BUSY : ERR_CORRUPT);
    county_end(&w);
}

enum { JOBS = 12 };

static void count_done(WriteJob *job)
{
    int *n = job->done_ctx;
    ++*n;
}

/* SQLite: one commit for all, and each failing job is rolled back alone, its history with it. */
TEST(a_batch_with_failing_jobs_sqlite)
{
    TestStore t;
    test_store_begin(&t, ENGINE_SQLITE);
    t.opt.no_thread = true;
    County w;
    county_begin(&w, &t);
    Uuid stale = county_diary(&w, "fs121", "2026-11-19", "一。", NULL);
    WriteJob jobs[JOBS];
    int done = 0, want[JOBS];
    for (int i = 0; i < JOBS; i++) {
        Change *c = NULL;
        const char *day[] = {"day", str_z(w.a, str_fmt(w.a, "2026-11-%02d", 1 + i / 3)), "body",
                             "一。"};
        if (i % 3 == 2) {
            c = prepare(&w, "fs121", stale, "change", NULL, 1, two + 2,
                        1); /* the first of them wins */
            want[i] = i == 2 ? 0 : ERR_BUSY;
        } else { /* two for one day: the second is refused */
            c = prepare(&w, "fs111", county_new_id(&w), "create", "submit", 0, day, 2);
            want[i] = i % 3 ? ERR_INVALID : 0;
        }
        jobs[i] = (WriteJob){.apply = record_apply,
                             .arg = c,
                             .done = count_done,
                             .done_ctx = &done,
                             .err = err_on(w.a)};
    }
    for (int i = 0; i < JOBS; i++)
        store_submit(w.store, NULL, &jobs[i]);
    EXPECT_EQ_I64((int64_t)store_step(w.store), JOBS);
    EXPECT_EQ_I64(done, JOBS);
    for (int i = 0; i < JOBS; i++)
        EXPECT_EQ_I64(jobs[i].rc, want[i]);
    EXPECT_STR(jobs[1].err.fields[0].key, "record.not_unique");
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
    test_store_end(&t);
}
