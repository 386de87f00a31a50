/* test_access_staff.c: who may fill, end and invite for which seat; days; the root's office.  SPEC:
 * P1 P2 */
#include "access/access_int.h"
#include "test_access_util.h"

static Staff fresh(void)
{
    return (Staff){.starts = DAY_NONE, .ends = DAY_NONE};
}

static void offices(World *w)
{
    world_tree(w);
    world_staff(w, "city", "county_office", "c");
    world_staff(w, "one", "county_office", "c1");
    world_staff(w, "two", "county_office", "c2");
    world_staff(w, "town1", "town_office", "t1");
    world_staff(w, "town2", "town_office", "t2");
    world_staff(w, "first1", "first_secretary", "v1");
}

static void expect_fields(World *w, const char *fields)
{
    Buf b = {.arena = w->a};
    for (size_t i = 0; i < w->e->field_n; i++)
        buf_fmt(&b, "%s%.*s:%.*s", i ? " " : "", STR_ARG(w->e->fields[i].field),
                STR_ARG(w->e->fields[i].key));
    EXPECT_STR(buf_view(&b), fields);
    err_clear(w->e);
}

/* ---- the matrix ---- */

typedef struct Cell {
    const char *role, *unit, *who; /* who may fill it, in words between blanks */
} Cell;

static const Cell MATRIX[] = {
    {"county_office", "c", " city "},
    {"county_office", "c1", " city "},
    {"county_office", "c2", " city "},
    {"town_office", "t1", " city one "},
    {"town_office", "t2", " city one "},
    {"town_office", "t3", " city two "},
    {"first_secretary", "v1", " city one town1 "},
    {"team_member", "v2", " city one town1 "},
    {"first_secretary", "v3", " city one town2 "},
    {"team_member", "v4", " city two "},
};
static const char *const ASKERS[] = {"city", "one", "two", "town1", "town2", "first1", "boss"};

static void add_boss(World *w)
{
    AddAdmin boss = {.account = S("boss"), .name = S("boss")};
    REQUIRE_OK(access_prepare_admin(w->access, w->a, &boss, w->e), w->e);
    REQUIRE_OK(world_do(w, access_apply_admin, &boss), w->e);
}

BOTH_WORLDS(seats_are_filled_from_above)
{
    offices(w);
    add_boss(w);
    Look l = world_look(w);
    for (size_t i = 0; i < LEN(MATRIX); i++)
        for (size_t j = 0; j < LEN(ASKERS); j++) {
            Reader r = world_reader(w, &l, ASKERS[j]);
            const char *word = str_z(w->a, str_fmt(w->a, " %s ", ASKERS[j]));
            bool want = strstr(MATRIX[i].who, word) != NULL;
            int unit_ix = tree_unit_coded(l.tree, str_of(MATRIX[i].unit))->ix;
            int role = model_role(w->model, str_of(MATRIX[i].role))->ix;
            if (access_may_staff(&r, unit_ix, role) != want)
                test_fail(__FILE__, __LINE__, "%s for %s at %s", ASKERS[j], MATRIX[i].role,
                          MATRIX[i].unit);
            Staff in = fresh();
            in.account = S("somebody");
            in.name = S("Somebody");
            in.role = str_of(MATRIX[i].role);
            in.unit_code = str_of(MATRIX[i].unit);
            int rc = access_prepare_staff(w->access, w->a, l.tx, &r, &in, w->e);
            EXPECT_EQ_I64(rc, want ? 0 : ERR_DENIED);
            err_clear(w->e);
        }
    world_close(w, &l);
}

BOTH_WORLDS(staffing_makes_person_account_seats_and_code)
{
    offices(w);
    Staff in = fresh();
    in.name = S("贺长林");
    REQUIRE_OK(world_staff_by(w, "town1", "He.ChangLin", "first_secretary", "v2", &in), w->e);
    EXPECT(!in.has_password && in.code.n == 8);
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "he.changlin");
    EXPECT_STR(r.person_name, "贺长林");
    REQUIRE(r.post_n == 1);
    EXPECT_EQ_I64(r.posts[0].starts, env_today(w->t.env));
    EXPECT_EQ_I64(r.posts[0].unit_ix, tree_unit_coded(l.tree, S("v2"))->ix);
    int64_t before = r.access_no;
    world_close(w, &l);
    /* v2's seat falls to t1, that to c1, that to c, c to itself */
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM seat s JOIN seat f ON f.id = s.falls_to JOIN "
                               "unit u ON u.id = s.unit"
                               " JOIN unit v ON v.id = f.unit WHERE (u.code, v.code) IN"
                               " (('v2','t1'), ('t1','c1'), ('c1','c'), ('c','c'))"),
                  4);
    in = fresh();
    in.name = S("");
    REQUIRE_OK(world_staff_by(w, "town1", "he.changlin", "team_member", "v1", &in), w->e);
    l = world_look(w);
    r = world_reader(w, &l, "he.changlin");
    EXPECT_EQ_I64(r.post_n, 2);
    EXPECT(r.access_no > before);
    world_close(w, &l);
}

BOTH_WORLDS(an_empty_office_in_between_still_has_its_seat)
{
    world_tree(w);
    world_staff(w, "first4", "first_secretary", "v4"); /* nobody at t3, c2, c */
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM seat"), 4);
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM seat WHERE falls_to = id"), 1);
}

BOTH_WORLDS(a_county_can_be_the_root_and_levels_be_skipped)
{
    world_import(w,
                 "k,County,county,0\nt,Town,town,k\nv,Village,village,t\nx,Straight,village,k\n");
    Staff in = fresh();
    in.is_root_office = true;
    REQUIRE_OK(world_staff_by(w, NULL, "office", "county_office", "k", &in), w->e);
    in = fresh();
    REQUIRE_OK(world_staff_by(w, "office", "straight", "first_secretary", "x", &in), w->e);
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM seat s JOIN seat f ON f.id = s.falls_to JOIN "
                               "unit u ON u.id = f.unit"
                               " WHERE u.code = 'k'"),
                  2);
    in = fresh();
    REQUIRE_OK(world_staff_by(w, "office", "second", "county_office", "k", &in), w->e);
}

/* ---- the command line's one naming ---- */

BOTH_WORLDS(the_roots_office_is_named_once)
{
    world_tree(w);
    const char *const wrong[][2] = {{"town_office", "t1"}, {"county_office", "c1"}};
    for (size_t i = 0; i < LEN(wrong); i++) {
        Staff in = fresh();
        in.is_root_office = true;
        EXPECT_EQ_I64(world_staff_by(w, NULL, "office", wrong[i][0], wrong[i][1], &in),
                      ERR_INVALID);
        expect_fields(w, "role:access.root_office_only");
    }
    Staff late = fresh(), in = fresh();
    late.is_root_office = in.is_root_office = true;
    late.account = S("late");
    late.name = S("Late");
    late.role = S("county_office");
    late.unit_code = S("c");
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_staff(w->access, w->a, l.tx, NULL, &late, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_staff_by(w, NULL, "office", "county_office", "c", &in), w->e);
    EXPECT_ERR(world_do(w, access_apply_staff, &late), ERR_STATE, w->e); /* again at apply */
    Staff again = fresh();
    again.is_root_office = true;
    EXPECT_ERR(world_staff_by(w, NULL, "office2", "county_office", "c", &again), ERR_STATE, w->e);
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM posting"), 1);
}

/* ---- fields ---- */

BOTH_WORLDS(all_fields_at_fault_are_told_in_order)
{
    offices(w);
    Staff in = fresh();
    in.name = S(" ");
    in.starts = 20000;
    in.ends = 19999;
    EXPECT_EQ_I64(world_staff_by(w, NULL, "a b!", "king", "nowhere", &in), ERR_INVALID);
    expect_fields(w, "account:access.account_form role:access.no_role unit:access.no_unit "
                     "ends:access.ends_before");
    in = fresh();
    in.name = S(" ");
    EXPECT_EQ_I64(world_staff_by(w, NULL, "new.one", "town_office", "v1", &in), ERR_INVALID);
    expect_fields(w, "name:access.name_needed role:access.role_not_here");
    in = fresh();
    in.name = S("Somebody else");
    EXPECT_EQ_I64(world_staff_by(w, NULL, "first1", "team_member", "v2", &in), ERR_INVALID);
    expect_fields(w, "account:access.account_other_name");
    in = fresh();
    EXPECT_EQ_I64(world_staff_by(w, NULL, "first1", "first_secretary", "v1", &in), ERR_INVALID);
    expect_fields(w, "account:access.already_posted");
    add_boss(w);
    in = fresh();
    EXPECT_EQ_I64(world_staff_by(w, NULL, "boss", "team_member", "v2", &in), ERR_INVALID);
    expect_fields(w, "account:access.admin_no_post");
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM posting"), 6);
}

TEST(names_of_accounts_are_folded)
{
    Arena *a = arena_new(4096);
    EXPECT_STR(access_fold_name(a, S("  Zhang.San　")), "zhang.san");
    EXPECT_STR(access_fold_name(a, S("ＺＨＡＮＧ－３")), "zhang-3");
    EXPECT_STR(access_fold_name(a, S("138 0000 1234")), "13800001234");
    EXPECT_STR(access_fold_name(a, S("a b")), "a b");
    EXPECT(access_name_ok(S("abc")) && access_name_ok(S("13800001234")));
    EXPECT(!access_name_ok(S("ab")) && !access_name_ok(S("a b")) && !access_name_ok(S("张三三")));
    EXPECT(!access_name_ok(S("a23456789012345678901234567890123")));
    arena_free(a);
}

/* ---- ending ---- */

static int end_by(World *w, const char *by, int64_t posting, Day ends)
{
    EndPosting in = {.posting = posting, .ends = ends};
    Look l = world_look(w);
    Reader r;
    if (by)
        r = world_reader(w, &l, by);
    int rc = access_prepare_end(w->access, w->a, l.tx, by ? &r : NULL, &in, w->e);
    world_close(w, &l);
    return rc < 0 ? rc : world_do(w, access_apply_end, &in);
}

BOTH_WORLDS(a_posting_is_ended_from_above)
{
    offices(w);
    int64_t first1 = world_posting(w, "first1");
    Day today = env_today(w->t.env);
    EXPECT_ERR(end_by(w, "first1", first1, DAY_NONE), ERR_DENIED, w->e);
    EXPECT_ERR(end_by(w, "town2", first1, DAY_NONE), ERR_DENIED, w->e);
    EXPECT_ERR(end_by(w, "two", first1, DAY_NONE), ERR_DENIED, w->e);
    EXPECT_ERR(end_by(w, "town1", 999, DAY_NONE), ERR_MISSING, w->e);
    EXPECT_EQ_I64(end_by(w, "town1", first1, today - 1), ERR_INVALID);
    expect_fields(w, "ends:access.ends_before");
    Look l = world_look(w);
    int64_t before = world_reader(w, &l, "first1").access_no;
    world_close(w, &l);
    REQUIRE_OK(end_by(w, "town1", first1, DAY_NONE), w->e);
    l = world_look(w);
    Reader r = world_reader(w, &l, "first1");
    EXPECT(r.post_n == 1 && r.access_no > before); /* to the end of its last day */
    world_close(w, &l);
    env_test_move(w->t.env, ACCESS_DAY_MS);
    l = world_look(w);
    r = world_reader(w, &l, "first1");
    EXPECT_EQ_I64(r.post_n, 0);
    EXPECT_EQ_I64(access_see(w->a, &r, model_type(w->model, S("diary"))).n, 0);
    world_close(w, &l);
    EXPECT_ERR(end_by(w, "town1", first1, today + 5), ERR_STATE, w->e); /* no second life */
}

BOTH_WORLDS(the_roots_office_is_never_left_empty)
{
    offices(w);
    int64_t city = world_posting(w, "city");
    EXPECT_ERR(end_by(w, "city", city, DAY_NONE), ERR_STATE, w->e);
    Staff in = fresh();
    REQUIRE_OK(world_staff_by(w, "city", "heir", "county_office", "c", &in), w->e);
    REQUIRE_OK(end_by(w, "heir", city, DAY_NONE), w->e);
    EXPECT_ERR(end_by(w, "heir", world_posting(w, "heir"), DAY_NONE), ERR_STATE, w->e);
}

/* ---- codes for others ---- */

static int invite_by(World *w, const char *by, const char *account)
{
    Invite in = {.account = str_of(account)};
    Look l = world_look(w);
    Reader r = world_reader(w, &l, by);
    int rc = access_prepare_invite(w->access, w->a, l.tx, &r, &in, w->e);
    world_close(w, &l);
    rc = rc < 0 ? rc : world_do(w, access_apply_invite, &in);
    err_clear(w->e);
    return rc;
}

BOTH_WORLDS(a_code_is_given_from_above_all_posts)
{
    offices(w);
    add_boss(w);
    EXPECT_EQ_I64(invite_by(w, "town1", "first1"), 0);
    EXPECT_EQ_I64(invite_by(w, "town2", "first1"), ERR_DENIED);
    EXPECT_EQ_I64(invite_by(w, "boss", "first1"), ERR_DENIED); /* else he would come by sight */
    EXPECT_EQ_I64(invite_by(w, "city", "boss"), ERR_DENIED);
    EXPECT_EQ_I64(invite_by(w, "city", "nobody"), ERR_MISSING);
    Staff in = fresh();
    in.name = S("");
    REQUIRE_OK(world_staff_by(w, "town2", "first1", "team_member", "v3", &in), w->e);
    EXPECT(!str_has(in.code)); /* town2 does not get the key to what first1 sees at v1 */
    EXPECT_EQ_I64(invite_by(w, "town1", "first1"), ERR_DENIED);
    EXPECT_EQ_I64(invite_by(w, "town2", "first1"), ERR_DENIED);
    EXPECT_EQ_I64(invite_by(w, "one", "first1"), 0);
    world_password(w, "first1", "a password of some length");
    in = fresh();
    in.name = S("");
    REQUIRE_OK(world_staff_by(w, "one", "first1", "team_member", "v2", &in), w->e);
    EXPECT(in.has_password && !str_has(in.code));
}

BOTH_WORLDS(disabling_is_for_those_above_and_the_administrator)
{
    offices(w);
    add_boss(w);
    static const struct {
        const char *by, *account;
        int rc;
    } cases[] = {
        {"town2", "first1", ERR_DENIED}, {"first1", "first1", ERR_DENIED},
        {"boss", "boss", ERR_STATE},     {"city", "boss", ERR_DENIED},
        {"town1", "first1", 0},          {"boss", "two", 0},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        Disable in = {.account = str_of(cases[i].account)};
        Look l = world_look(w);
        Reader r = world_reader(w, &l, cases[i].by);
        EXPECT_EQ_I64(access_prepare_disable(w->access, w->a, l.tx, &r, &in, w->e), cases[i].rc);
        err_clear(w->e);
        world_close(w, &l);
        if (cases[i].rc == 0)
            REQUIRE_OK(world_do(w, access_apply_disable, &in), w->e);
    }
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM account WHERE disabled = 1"), 2);
}

/* ---- between prepare and apply ---- */

BOTH_WORLDS(who_asks_must_still_be_who_he_was)
{
    offices(w);
    Staff in = fresh();
    in.account = S("newcomer");
    in.name = S("Newcomer");
    in.role = S("team_member");
    in.unit_code = S("v1");
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "town1");
    REQUIRE_OK(access_prepare_staff(w->access, w->a, l.tx, &r, &in, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(end_by(w, "one", world_posting(w, "town1"), DAY_NONE), w->e);
    EXPECT_ERR(world_do(w, access_apply_staff, &in), ERR_BUSY, w->e);
    l = world_look(w);
    r = world_reader(w, &l, "one");
    REQUIRE_OK(access_prepare_staff(w->access, w->a, l.tx, &r, &in, w->e), w->e);
    world_close(w, &l);
    world_import(w, "t9,Town Nine,town,c1\n"); /* raises everybody's number, and the tree's */
    EXPECT_ERR(world_do(w, access_apply_staff, &in), ERR_BUSY, w->e);
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM account WHERE name = 'newcomer'"), 0);
}
