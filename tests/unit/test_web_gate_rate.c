/* test_web_gate_rate.c: fixed windows for signing in and codes.                       SPEC: P2 */
#include "test.h"
#include "web/web_int.h"

enum { MINUTE_MS = 60 * 1000 };

/* How many tries pass before one has to wait; at most 1000. */
static int tries(Rates *r, const char *kind, const char *address, const char *account, UnixMs at)
{
    Arena *a = arena_new(4096);
    int n = 0;
    for (; n < 1000; n++) {
        Err e = err_on(a);
        if (rates_count(r, kind, str_of(address), str_of(account), at, &e) < 0) {
            EXPECT_EQ_I64(e.cls, ERR_RATE);
            int64_t minutes;
            EXPECT(str_i64(e.args[0], &minutes) && minutes >= 1 && minutes <= 15);
            break;
        }
    }
    arena_free(a);
    return n;
}

TEST(an_address_and_an_account_have_their_windows)
{
    Rates *r = rates_new();
    UnixMs at = 1795161600000;
    EXPECT_EQ_I64(tries(r, "signin", "10.0.0.1", "wang", at), 10);
    EXPECT_EQ_I64(tries(r, "signin", "10.0.0.2", "WANG", at), 0); /* the same account elsewhere */
    EXPECT_EQ_I64(tries(r, "signin", "10.0.0.3", "", at), 30);
    EXPECT_EQ_I64(tries(r, "signin", "10.0.0.3", "li", at), 0);
    EXPECT_EQ_I64(tries(r, "code", "10.0.0.3", "", at), 20); /* counted apart */
    EXPECT_EQ_I64(tries(r, "signin", "10.0.0.1", "wang", at + 5 * MINUTE_MS), 10);
    rates_free(r);
}

TEST(what_went_well_is_taken_back)
{
    Rates *r = rates_new();
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    UnixMs at = 1795161600000;
    for (int i = 0; i < 200; i++) { /* an office behind one address */
        REQUIRE_OK(rates_count(r, "signin", S("10.0.0.1"), S("wang"), at, &e), &e);
        rates_uncount(r, "signin", S("10.0.0.1"), S("wang"), at);
    }
    EXPECT_EQ_I64(tries(r, "signin", "10.0.0.1", "wang", at), 10);
    arena_free(a);
    rates_free(r);
}

TEST(a_household_of_ipv6_is_one_address)
{
    Rates *r = rates_new();
    UnixMs at = 1795161600000;
    EXPECT_EQ_I64(tries(r, "code", "2001:db8:1:2:aaaa::1", "", at), 20);
    EXPECT_EQ_I64(tries(r, "code", "2001:db8:1:2:bbbb::2", "", at), 0);
    EXPECT_EQ_I64(tries(r, "code", "2001:db8:1:3:bbbb::2", "", at), 20);
    rates_free(r);
}

TEST(codes_are_counted_in_all)
{
    Rates *r = rates_new();
    UnixMs at = 1795161600000;
    int all = 0;
    char address[32];
    for (int i = 0; i < 60; i++) {
        snprintf(address, sizeof address, "10.1.0.%d", i);
        all += tries(r, "code", address, "", at);
    }
    EXPECT(all <= 500 + 60 && all >= 450); /* sets overflow: the least tried give way */
    rates_free(r);
}
