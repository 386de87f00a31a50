/* test_record_open.c: open work of a unit is counted; none of it is ever without an owner. */
#include "test_record_util.h"

static int run_script(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, *(Str *)arg, e);
}

static void count_finding(void *ctx, Str finding)
{
    (void)finding;
    ++*(int *)ctx;
}

static int open_of(County *w, const char *unit, int stop)
{
    int n = -1;
    Tx *tx = county_tx(w);
    REQUIRE_OK(record_open_of(w->records, tx, w->tree, tree_unit_coded(w->tree, str_of(unit))->ix,
                              stop, &n, w->e),
               w->e);
    tx_end(tx);
    return n;
}

static int ownerless(County *w)
{
    int said = 0;
    int64_t n = -1;
    Tx *tx = county_tx(w);
    REQUIRE_OK(record_verify_owners(w->records, w->a, tx, w->tree, env_today(w->env), LANG_ZH,
                                    count_finding, &said, &n, w->e),
               w->e);
    tx_end(tx);
    EXPECT_EQ_I64(said, n);
    return (int)n;
}

BOTH_ENGINES(open_records_of_one_unit)
{
    County w;
    county_begin(&w, t);
    EXPECT_EQ_I64(open_of(&w, "111", 1000), 0);
    (void)county_diary(&w, "fs111", "2026-11-10", "一。", "submit");
    (void)county_diary(&w, "tm111", "2026-11-10", "二。", NULL);
    Uuid done = county_diary(&w, "fs111", "2026-11-11", "三。", "submit");
    (void)county_diary(&w, "fs112", "2026-11-11", "四。", "submit");
    REQUIRE_OK(county_write(&w, "town1", done, "accept", NULL, 0, NULL, 0, w.e), w.e);
    EXPECT_EQ_I64(open_of(&w, "111", 1000), 2);
    EXPECT_EQ_I64(open_of(&w, "111", 1), 1);
    EXPECT_EQ_I64(open_of(&w, "112", 1000), 1);
    EXPECT_EQ_I64(open_of(&w, "110", 1000), 0); /* its own, not those below */
    county_end(&w);
}

/* A posting that ended without an heir falls to the office above; only where not even the root's
 * office is held is anything ownerless, and verify says so. */
BOTH_ENGINES(peers_6_nothing_open_is_without_an_owner)
{
    County w;
    county_begin(&w, t);
    (void)county_diary(&w, "fs111", "2026-11-10", "一。", "submit");
    EXPECT_EQ_I64(ownerless(&w), 0);
    static const char *const ends[] = {"fs111", "town1", "county"};
    for (size_t i = 0; i < LEN(ends); i++) {
        Str sql = str_fmt(w.a,
                          "UPDATE posting SET ends = starts - 1 WHERE person = "
                          "(SELECT person FROM account WHERE name = '%s')",
                          ends[i]);
        REQUIRE_OK(store_write(w.store, NULL, run_script, &sql, w.e), w.e);
        EXPECT_EQ_I64(ownerless(&w), i == 2);
    }
    county_end(&w);
}
