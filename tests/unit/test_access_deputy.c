/* test_access_deputy.c: deputies, heirs, loans, merges, looking as another post, the three offices,
 * the log, saved lists. Named after the complaints of PEERS.md they answer.        SPEC: P1 P2
 * P11 */
#include "access/access_int.h"
#include "test_access_util.h"

#define DAY_MS INT64_C(86400000)

static void people(World *w)
{
    world_tree(w);
    world_staff(w, "root", "county_office", "c");
    world_staff(w, "county", "county_office", "c1");
    world_staff(w, "town1", "town_office", "t1");
    world_staff(w, "town2", "town_office", "t2");
    world_staff(w, "first1", "first_secretary", "v1");
    world_staff(w, "team1", "team_member", "v1");
    world_staff(w, "first2", "first_secretary", "v2");
    world_staff(w, "first3", "first_secretary", "v3");
}

static Day today(World *w)
{
    return env_today(w->t.env);
}

static void go(World *w, int days)
{
    env_test_move(w->t.env, days * DAY_MS);
}

/* An own type: a draft its author sees, then the village's secretary and the town. */
typedef struct Thing {
    Type type;
    State states[2];
    Who draft[1], open[3];
    Action act;
    Who by[1];
} Thing;

static void make_thing(World *w, Thing *t)
{
    int first = model_role(w->model, S("first_secretary"))->ix;
    int town = model_role(w->model, S("town_office"))->ix;
    t->draft[0] = (Who){.kind = WHO_AUTHOR, .role = -1};
    t->open[0] = (Who){.kind = WHO_AUTHOR, .role = -1};
    t->open[1] = (Who){.kind = WHO_ROLE_HERE, .role = first};
    t->open[2] = (Who){.kind = WHO_ROLE, .role = town};
    t->states[0] = (State){.ix = 0, .see = t->draft, .see_n = 1};
    t->states[1] = (State){.ix = 1, .see = t->open, .see_n = 3};
    t->by[0] = (Who){.kind = WHO_ROLE_HERE, .role = first};
    t->act = (Action){.kind = ACTION_OTHER, .from = 2, .by = t->by, .by_n = 1};
    t->type = (Type){.name = S("thing"), .states = t->states, .state_n = 2, .at = ~UINT64_C(0)};
}

typedef struct Written { /* by whom, under which posting, where */
    Uuid author;
    int64_t posting;
    const char *unit;
} Written;

static Written written_by(World *w, const char *account, const char *unit)
{
    int64_t posting = world_posting(w, account);
    Look l = world_look(w);
    Reader r = world_reader(w, &l, account);
    world_close(w, &l);
    return (Written){r.person, posting, unit};
}

static bool sees(World *w, const char *account, const Thing *t, Written x, int state)
{
    Look l = world_look(w);
    Reader r = world_reader(w, &l, account);
    Subject s = {.type = &t->type,
                 .state = state,
                 .unit_ix = tree_unit_coded(l.tree, str_of(x.unit))->ix,
                 .author = x.author,
                 .posting = x.posting};
    bool may = access_may(&r, access_see(w->a, &r, &t->type), &s) != NULL;
    world_close(w, &l);
    return may;
}

static bool does(World *w, const char *account, const Thing *t, Written x)
{
    Look l = world_look(w);
    Reader r = world_reader(w, &l, account);
    Subject s = {.type = &t->type,
                 .state = 1,
                 .unit_ix = tree_unit_coded(l.tree, str_of(x.unit))->ix,
                 .author = x.author,
                 .posting = x.posting};
    bool may = access_may(&r, access_do(w->a, &r, &t->type, &t->act), &s) != NULL;
    world_close(w, &l);
    return may;
}

static int64_t access_no(World *w, const char *account)
{
    return world_ask(
        w, str_z(w->a, str_fmt(w->a, "SELECT access_no FROM account WHERE name = '%s'", account)));
}

/* As `by` (NULL: the command line). */
#define AS(w, by, prepare, apply, in)                                                              \
    ({                                                                                             \
        Look look_ = world_look(w);                                                                \
        Reader as_;                                                                                \
        const char *by_ = (by);                                                                    \
        if (by_)                                                                                   \
            as_ = world_reader(w, &look_, by_);                                                    \
        int rc_ = prepare((w)->access, (w)->a, look_.tx, by_ ? &as_ : NULL, in, (w)->e);           \
        world_close(w, &look_);                                                                    \
        rc_ < 0 ? rc_ : world_do(w, apply, in);                                                    \
    })

static int deputise(World *w, const char *by, const char *of, const char *who, int from, int to)
{
    Deputise in = {.posting = world_posting(w, of),
                   .account = str_of(who),
                   .starts = today(w) + from,
                   .ends = today(w) + to};
    return AS(w, by, access_prepare_deputise, access_apply_deputise, &in);
}

static int end_posting(World *w, const char *by, const char *of)
{
    EndPosting in = {.posting = world_posting(w, of), .ends = DAY_NONE};
    return AS(w, by, access_prepare_end, access_apply_end, &in);
}

static int merge(World *w, const char *by, const char *from, const char *into, Merge *in)
{
    *in = (Merge){.from_code = str_of(from), .into_code = str_of(into)};
    return AS(w, by, access_prepare_merge, access_apply_merge, in);
}

static void hear(void *ctx, Str finding)
{
    test_note("verify: %.*s", STR_ARG(finding));
    ++*(int *)ctx;
}

static int verify(World *w)
{
    int heard = 0;
    Look l = world_look(w);
    int n = access_verify(w->access, w->a, l.tx, LANG_EN, hear, &heard, w->e);
    world_close(w, &l);
    EXPECT_EQ_I64(n, heard);
    return n;
}

static int64_t log_n(World *w, const char *what)
{
    return world_ask(
        w, str_z(w->a, str_fmt(w->a, "SELECT count(*) FROM access_log WHERE what = '%s'", what)));
}

static void add_office(World *w, const char *account, Admin admin)
{
    AddAdmin in = {.account = str_of(account), .name = str_of(account), .admin = admin};
    REQUIRE_OK(access_prepare_admin(w->access, w->a, &in, w->e), w->e);
    REQUIRE_OK(world_do(w, access_apply_admin, &in), w->e);
}

/* ---- 8: deputies ---- */

BOTH_WORLDS(peers_8_a_deputy_acts_with_both_names_and_ends_by_itself)
{
    Thing t;
    people(w);
    make_thing(w, &t);
    Written x = written_by(w, "first1", "v1");
    EXPECT(!sees(w, "team1", &t, x, 0) && !does(w, "team1", &t, x));
    int64_t before = access_no(w, "team1");
    REQUIRE_OK(deputise(w, "first1", "first1", "team1", 0, 3), w->e);
    EXPECT(access_no(w, "team1") > before);
    EXPECT(sees(w, "team1", &t, x, 0) && does(w, "team1", &t, x));
    EXPECT(sees(w, "first1", &t, x, 0)); /* he may himself, too */
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "team1");
    REQUIRE(r.post_n == 2);
    EXPECT_STR(r.posts[1].deputy_for_name, "first1");
    EXPECT(uuid_eq(r.posts[1].deputy_for, x.author) && r.posts[1].posting == x.posting);
    EXPECT(r.posts[1].ends == today(w) + 3 && uuid_is_zero(r.posts[0].deputy_for));
    SeatLine *seats;
    int n, named = 0;
    REQUIRE_OK(access_seats(w->access, w->a, l.tx, l.tree, tree_unit_coded(l.tree, S("v1"))->ix,
                            &seats, &n, w->e),
               w->e);
    for (int i = 0; i < n; i++)
        if (seats[i].posting == x.posting && seats[i].deputy_n == 1)
            named += str_eq(seats[i].deputies[0].person, S("team1"));
    EXPECT_EQ_I64(named, 1);
    Sight *list;
    Subject s = {.type = &t.type,
                 .state = 1,
                 .unit_ix = tree_unit_coded(l.tree, S("v1"))->ix,
                 .author = x.author,
                 .posting = x.posting};
    REQUIRE_OK(access_who_sees(w->access, w->a, l.tx, &r, &s, S("first1"), &list, &n, w->e), w->e);
    bool both = false;
    for (int i = 0; i < n; i++)
        both = both || (list[i].is_me && str_eq(list[i].person, S("team1")) &&
                        str_has(list[i].deputy_for) && str_eq(list[i].deputy_for, S("first1")));
    EXPECT(both);
    world_close(w, &l);
    EXPECT_EQ_I64(verify(w), 0);
    go(w, 4);
    EXPECT(!sees(w, "team1", &t, x, 0) && !does(w, "team1", &t, x));
    EXPECT(sees(w, "first1", &t, x, 0));
    /* What the deputy wrote under the post stays the post's. */
    Written by_deputy = {written_by(w, "team1", "v1").author, x.posting, "v1"};
    EXPECT(sees(w, "first1", &t, by_deputy, 0) && !sees(w, "team1", &t, by_deputy, 0));
}

BOTH_WORLDS(peers_8_deputies_are_chained_and_never_in_a_circle)
{
    Thing t;
    people(w);
    make_thing(w, &t);
    Written x = written_by(w, "first1", "v1");
    REQUIRE_OK(deputise(w, "first1", "first1", "team1", 0, 9), w->e);
    REQUIRE_OK(deputise(w, "team1", "team1", "first2", 1, 2), w->e);
    EXPECT(!sees(w, "first2", &t, x, 0));
    go(w, 1);
    EXPECT(sees(w, "first2", &t, x, 0)); /* the deputy is away: his deputy acts */
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "first2");
    REQUIRE(r.post_n == 3);
    EXPECT(r.posts[2].posting == x.posting && r.posts[2].ends == today(w) + 1);
    world_close(w, &l);
    EXPECT_ERR(deputise(w, "town1", "first2", "first1", 0, 1), ERR_INVALID, w->e); /* a circle */
    REQUIRE_OK(deputise(w, "town1", "first2", "first1", 2, 3), w->e);              /* afterwards */
    EXPECT_EQ_I64(verify(w), 0);
    go(w, 2);
    EXPECT(!sees(w, "first2", &t, x, 0));
}

BOTH_WORLDS(a_deputyship_is_checked)
{
    people(w);
    add_office(w, "boss", ADMIN_SYSTEM);
    EXPECT_ERR(deputise(w, "first1", "first1", "first1", 0, 1), ERR_INVALID, w->e);
    EXPECT_ERR(deputise(w, "first1", "first1", "nobody", 0, 1), ERR_INVALID, w->e);
    EXPECT_ERR(deputise(w, "first1", "first1", "boss", 0, 1), ERR_INVALID, w->e);
    EXPECT_ERR(deputise(w, "first1", "first1", "team1", -1, 1), ERR_INVALID, w->e);
    EXPECT_ERR(deputise(w, "first1", "first1", "team1", 2, 1), ERR_INVALID, w->e);
    EXPECT_ERR(deputise(w, "first1", "first1", "team1", 0, LIMIT_DEPUTY_DAYS), ERR_INVALID, w->e);
    EXPECT_ERR(deputise(w, "team1", "first1", "team1", 0, 1), ERR_DENIED, w->e);
    EXPECT_ERR(deputise(w, "town2", "first1", "team1", 0, 1), ERR_DENIED, w->e);
    REQUIRE_OK(deputise(w, "town1", "first1", "team1", 0, LIMIT_DEPUTY_DAYS - 1), w->e);
    EXPECT_ERR(deputise(w, "town1", "first1", "team1", 3, 4), ERR_INVALID, w->e); /* twice */
    EXPECT_EQ_I64(log_n(w, "deputise"), 1);
    EndDeputy end = {.deputy = world_ask(w, "SELECT max(id) FROM deputy")};
    EXPECT_ERR(AS(w, "first2", access_prepare_end_deputy, access_apply_end_deputy, &end),
               ERR_DENIED, w->e);
    Look l = world_look(w);
    EXPECT_EQ_I64(world_reader(w, &l, "team1").post_n, 2);
    world_close(w, &l);
    REQUIRE_OK(AS(w, "team1", access_prepare_end_deputy, access_apply_end_deputy, &end), w->e);
    l = world_look(w);
    EXPECT_EQ_I64(world_reader(w, &l, "team1").post_n, 1); /* at once */
    world_close(w, &l);
    EXPECT_ERR(AS(w, "team1", access_prepare_end_deputy, access_apply_end_deputy, &end), ERR_STATE,
               w->e);
    EXPECT_EQ_I64(verify(w), 0);
    /* No deputy outlives the posting. */
    REQUIRE_OK(deputise(w, "first1", "first1", "team1", 0, 9), w->e);
    REQUIRE_OK(end_posting(w, "town1", "first1"), w->e);
    go(w, 1);
    l = world_look(w);
    EXPECT_EQ_I64(world_reader(w, &l, "team1").post_n, 1);
    world_close(w, &l);
}

/* ---- 6: when someone leaves ---- */

static int set_heir(World *w, const char *by, int64_t posting, int64_t heir)
{
    SetHeir in = {.posting = posting, .heir = heir};
    return AS(w, by, access_prepare_heir, access_apply_heir, &in);
}

static bool owner_is(World *w, int64_t posting, const char *name)
{
    Member m;
    Look l = world_look(w);
    REQUIRE_OK(access_owner(w->a, l.tx, l.tree, w->model, posting, 0, today(w), &m, w->e), w->e);
    world_close(w, &l);
    bool is = str_eq(m.name, str_of(name));
    if (!is)
        test_note("owner: %.*s", STR_ARG(m.name));
    return is;
}

BOTH_WORLDS(peers_6_open_work_and_drafts_go_to_a_person)
{
    Thing t;
    people(w);
    make_thing(w, &t);
    Written x = written_by(w, "first1", "v1");
    REQUIRE_OK(end_posting(w, "town1", "first1"), w->e);
    EXPECT(sees(w, "first1", &t, x, 0)); /* his last day */
    go(w, 1);
    EXPECT(!sees(w, "first1", &t, x, 0) && !sees(w, "team1", &t, x, 0));
    EXPECT(sees(w, "town1", &t, x, 0) && owner_is(w, x.posting, "town1")); /* the seat is empty */
    int64_t town = access_no(w, "town1");
    world_staff(w, "second1", "first_secretary", "v1");
    EXPECT(access_no(w, "town1") > town); /* what he answered for is another's now */
    EXPECT(sees(w, "second1", &t, x, 0) && owner_is(w, x.posting, "second1"));
    EXPECT(!sees(w, "town1", &t, x, 0));
    int64_t team = world_posting(w, "team1"), second = world_posting(w, "second1");
    EXPECT_ERR(set_heir(w, "second1", x.posting, second), ERR_DENIED, w->e);
    EXPECT_ERR(set_heir(w, "town2", x.posting, team), ERR_DENIED, w->e);
    REQUIRE_OK(set_heir(w, "town1", x.posting, team), w->e);
    EXPECT(sees(w, "team1", &t, x, 0) && owner_is(w, x.posting, "team1"));
    EXPECT(!sees(w, "second1", &t, x, 0));
    EXPECT_ERR(set_heir(w, "town1", team, x.posting), ERR_INVALID, w->e); /* back to itself */
    REQUIRE_OK(end_posting(w, "town1", "team1"), w->e);
    REQUIRE_OK(set_heir(w, "town1", team, second), w->e);
    go(w, 1);
    EXPECT(sees(w, "second1", &t, x, 0) && owner_is(w, x.posting, "second1")); /* heirs of heirs */
    EXPECT_EQ_I64(verify(w), 0);
    /* An account that is closed leaves nothing behind either. */
    Disable off = {.account = S("second1")};
    town = access_no(w, "town1");
    REQUIRE_OK(AS(w, "town1", access_prepare_disable, access_apply_disable, &off), w->e);
    EXPECT(sees(w, "town1", &t, x, 0) && owner_is(w, x.posting, "town1"));
    EXPECT(access_no(w, "town1") > town);
    REQUIRE_OK(set_heir(w, "town1", x.posting, world_posting(w, "town1")),
               w->e); /* takes it himself */
    EXPECT_EQ_I64(log_n(w, "heir"), 3);
}

/* ---- 7: merging ---- */

static int fault_n(World *w, const char *csv)
{
    UnitImport in = {0};
    in.rows = world_rows(w, str_of(csv), &in.row_n);
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_units(w->access, w->a, l.tx, &in, w->e), w->e);
    world_close(w, &l);
    for (int i = 0; i < in.fault_n; i++)
        test_note("fault: %.*s", STR_ARG(in.faults[i].key));
    return in.fault_n;
}

BOTH_WORLDS(peers_7_merging_a_unit_tells_whom_it_hits)
{
    Thing t;
    Merge in;
    people(w);
    make_thing(w, &t);
    Written x = written_by(w, "first1", "v1"), y = written_by(w, "first3", "v3");
    EXPECT_ERR(merge(w, "town1", "v1", "v3", &in), ERR_DENIED, w->e);
    EXPECT_ERR(merge(w, "root", "v1", "t1", &in), ERR_INVALID, w->e);
    EXPECT_ERR(merge(w, "root", "v1", "v1", &in), ERR_INVALID, w->e);
    EXPECT_ERR(merge(w, "root", "c", "c1", &in), ERR_INVALID, w->e);
    Staff later = {.starts = today(w) + 5, .ends = DAY_NONE};
    REQUIRE_OK(world_staff_by(w, NULL, "later", "team_member", "v1", &later), w->e);
    REQUIRE_OK(merge(w, "root", "v1", "v3", &in), w->e);
    EXPECT_EQ_I64(in.posting_n, 3);
    EXPECT_EQ_I64(world_posting(w, "later"), 0); /* never begins */
    Look l = world_look(w);
    const Unit *v1 = tree_unit_coded(l.tree, S("v1")), *v3 = tree_unit_coded(l.tree, S("v3"));
    EXPECT(v1->closed == today(w) && v1->successor_ix == v3->ix && v1->parent_ix == v3->ix);
    EXPECT(v3->successor_ix == -1 && v3->closed == DAY_NONE);
    world_close(w, &l);
    EXPECT_EQ_I64(verify(w), 0);
    EXPECT(sees(w, "first3", &t, x, 1) && does(w, "first3", &t, x)); /* `here` of the successor */
    EXPECT(!sees(w, "town1", &t, x, 1) && sees(w, "town2", &t, x, 1));
    EXPECT(sees(w, "first1", &t, x, 0)); /* his last day */
    Staff new = {.starts = DAY_NONE, .ends = DAY_NONE};
    EXPECT_ERR(world_staff_by(w, NULL, "newone", "first_secretary", "v1", &new), ERR_INVALID, w->e);
    go(w, 1);
    EXPECT(!sees(w, "first1", &t, x, 1));
    EXPECT(sees(w, "first3", &t, x, 0) && owner_is(w, x.posting, "first3")); /* drafts, too */
    EXPECT(!does(w, "first2", &t, x) && sees(w, "first3", &t, y, 0));
    /* A chain of merges; nothing is reopened by an old file, and an exported one comes in again. */
    REQUIRE_OK(merge(w, NULL, "v3", "v2", &in), w->e);
    EXPECT(sees(w, "first2", &t, x, 1) && does(w, "first2", &t, x));
    EXPECT_EQ_I64(fault_n(w, "v1,Village One,village,t1\n"), 1);
    EXPECT_EQ_I64(fault_n(w, "v9,New,village,v1\n"), 1); /* nothing new under a closed one */
    EXPECT_EQ_I64(fault_n(w, "v1,Village One,village,v3\nv3,Village Three,village,v2\n"), 0);
    world_import(w, "v1,Village One,village,v3\nv2,Village Two B,village,t1\nv8,New,village,t1\n");
    l = world_look(w);
    EXPECT(tree_unit_coded(l.tree, S("v1"))->closed != DAY_NONE);
    EXPECT(tree_unit_coded(l.tree, S("v3"))->successor_ix == tree_unit_coded(l.tree, S("v2"))->ix);
    world_close(w, &l);
    EXPECT_EQ_I64(verify(w), 0);
    EXPECT_EQ_I64(log_n(w, "merge"), 2);
    EXPECT_ERR(merge(w, NULL, "v3", "v8", &in), ERR_INVALID, w->e); /* closed already */
}

BOTH_WORLDS(a_town_takes_its_villages_along)
{
    Thing t;
    Merge in;
    people(w);
    make_thing(w, &t);
    Written x = written_by(w, "first1", "v1");
    world_staff(w, "town3", "town_office", "t3"); /* in the other county */
    REQUIRE_OK(merge(w, "root", "t1", "t3", &in), w->e);
    EXPECT_EQ_I64(verify(w), 0);
    EXPECT(sees(w, "town3", &t, x, 1) && sees(w, "first1", &t, x, 0));
    Look l = world_look(w);
    int64_t c2 = tree_unit_coded(l.tree, S("c2"))->id;
    EXPECT_EQ_I64(tree_unit_coded(l.tree, S("v1"))->county, c2);
    EXPECT_EQ_I64(tree_unit_coded(l.tree, S("t1"))->county, c2);
    EXPECT_EQ_I64(tree_unit_coded(l.tree, S("v3"))->county, tree_unit_coded(l.tree, S("c1"))->id);
    world_close(w, &l);
    go(w, 1);
    Staff new = {.starts = DAY_NONE, .ends = DAY_NONE};
    REQUIRE_OK(world_staff_by(w, "town3", "newone", "team_member", "v1", &new), w->e);
    REQUIRE_OK(end_posting(w, "town3", "first1"), w->e);
    go(w, 1);
    EXPECT(owner_is(w, x.posting, "town3"));
    EXPECT_EQ_I64(verify(w), 0);
}

/* ---- 9, 10: what one sees, what another sees ---- */

BOTH_WORLDS(peers_9_exactly_my_subtree)
{
    Thing t;
    people(w);
    make_thing(w, &t);
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "town1");
    Arms arms = access_see(w->a, &r, &t.type);
    int in = 0;
    for (int u = 0; u < l.tree->unit_n; u++) {
        Subject s = {.type = &t.type, .state = 1, .unit_ix = u};
        bool is_below = tree_is_within(l.tree, u, tree_unit_coded(l.tree, S("t1"))->ix);
        EXPECT(is_below == (access_may(&r, arms, &s) != NULL));
        in += is_below;
    }
    EXPECT_EQ_I64(in, 3);
    world_close(w, &l);
}

static Reader session(World *w, Look *l, Str cookie)
{
    Reader r;
    bool touch;
    REQUIRE_OK(access_reader_session(w->access, w->a, l->tx, l->tree, cookie, &r, &touch, w->e),
               w->e);
    return r;
}

static int view_as(World *w, Str cookie, const char *role, const char *unit, const char *reason)
{
    ViewAs in = {.role = str_of(role), .unit_code = str_of(unit), .reason = str_of(reason)};
    SessionRef ref;
    access_session_ref(w->access, cookie, &ref);
    memcpy(in.session, ref.id, sizeof in.session);
    Look l = world_look(w);
    Reader r = session(w, &l, cookie);
    int rc = access_prepare_view_as(w->access, w->a, l.tx, &r, &in, w->e);
    world_close(w, &l);
    return rc < 0 ? rc : world_do(w, access_apply_view_as, &in);
}

BOTH_WORLDS(peers_10_a_preview_of_what_another_role_sees)
{
    Thing t;
    Str cookie;
    people(w);
    make_thing(w, &t);
    Written x = written_by(w, "town1", "v1");
    world_password(w, "town1", "four words for one test");
    REQUIRE(world_sign_in(w, "town1", "four words for one test", &cookie) == 1);
    EXPECT_ERR(view_as(w, cookie, "first_secretary", "v3", "to help"), ERR_INVALID, w->e);
    EXPECT_ERR(view_as(w, cookie, "first_secretary", "v1", "  "), ERR_INVALID, w->e);
    EXPECT_ERR(view_as(w, cookie, "town_office", "v1", "to help"), ERR_INVALID, w->e);
    REQUIRE_OK(view_as(w, cookie, "first_secretary", "v1", "to help"), w->e);
    Look l = world_look(w);
    Reader r = session(w, &l, cookie);
    REQUIRE(r.viewer && r.post_n == 1);
    EXPECT_STR(l.tree->units[r.posts[0].unit_ix].code, "v1");
    EXPECT_STR(r.viewer->person_name, "town1");
    EXPECT_EQ_I64(access_do(w->a, &r, &t.type, &t.act).n, 0); /* looking is not doing */
    int *posts;
    EXPECT_EQ_I64(access_create_posts(w->a, &r, &t.type, STR_NONE, &posts), 0);
    EXPECT(!access_may_staff(&r, r.posts[0].unit_ix, r.posts[0].role));
    int v1 = tree_unit_coded(l.tree, S("v1"))->ix, v2 = tree_unit_coded(l.tree, S("v2"))->ix;
    Subject here = {.type = &t.type, .state = 1, .unit_ix = v1},
            there = {.type = &t.type, .state = 1, .unit_ix = v2},
            own = {.type = &t.type, .unit_ix = v1, .author = x.author, .posting = x.posting};
    Arms arms = access_see(w->a, &r, &t.type);
    EXPECT(access_may(&r, arms, &here) && !access_may(&r, arms, &there));
    EXPECT(!access_may(&r, arms, &own)); /* the post has no drafts of anybody */
    world_close(w, &l);
    EXPECT_EQ_I64(log_n(w, "view_as"), 1);
    REQUIRE_OK(view_as(w, cookie, NULL, NULL, NULL), w->e);
    l = world_look(w);
    EXPECT(!session(w, &l, cookie).viewer);
    world_close(w, &l);
    REQUIRE_OK(view_as(w, cookie, "first_secretary", "v1", "to help"), w->e);
    env_test_move(w->t.env, (int64_t)LIMIT_VIEW_MIN * 60000);
    l = world_look(w);
    EXPECT(!session(w, &l, cookie).viewer); /* it ends by itself */
    world_close(w, &l);
}

/* ---- loans ---- */

BOTH_WORLDS(a_unit_assigned_for_a_time_is_reached_for_that_time)
{
    Thing t;
    people(w);
    make_thing(w, &t);
    world_staff(w, "helper", "helper", "c1");
    t.open[0] = (Who){.kind = WHO_ROLE_REACH, .role = model_role(w->model, S("helper"))->ix};
    Written at_v3 = {.unit = "v3"}, at_v1 = {.unit = "v1"};
    EXPECT(!sees(w, "helper", &t, at_v3, 1));
    Lend in = {.unit_code = S("c1"),
               .target_code = S("v3"),
               .role = S("helper"),
               .starts = DAY_NONE,
               .ends = today(w) + 2};
    EXPECT_ERR(AS(w, "town2", access_prepare_lend, access_apply_lend, &in), ERR_DENIED, w->e);
    int64_t before = access_no(w, "helper");
    REQUIRE_OK(AS(w, "root", access_prepare_lend, access_apply_lend, &in), w->e);
    EXPECT(access_no(w, "helper") > before);
    EXPECT(sees(w, "helper", &t, at_v3, 1) && !sees(w, "helper", &t, at_v1, 1));
    go(w, 3);
    EXPECT(!sees(w, "helper", &t, at_v3, 1));
    in = (Lend){.unit_code = S("c1"),
                .target_code = S("v1"),
                .role = S("helper"),
                .ends = DAY_NONE,
                .starts = DAY_NONE};
    REQUIRE_OK(AS(w, "root", access_prepare_lend, access_apply_lend, &in), w->e);
    EXPECT(sees(w, "helper", &t, at_v1, 1));
    in.ends = today(w) - 1; /* the same again: taken back */
    REQUIRE_OK(AS(w, "root", access_prepare_lend, access_apply_lend, &in), w->e);
    EXPECT(!sees(w, "helper", &t, at_v1, 1));
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM reach"), 2);
}

/* ---- nothing open is ever without an owner ---- */

BOTH_WORLDS(the_topmost_office_is_never_left_alone)
{
    people(w);
    EXPECT_ERR(end_posting(w, NULL, "root"), ERR_STATE, w->e);
    Disable off = {.account = S("root")};
    EXPECT_ERR(AS(w, NULL, access_prepare_disable, access_apply_disable, &off), ERR_STATE, w->e);
    world_staff(w, "root2", "county_office", "c");
    off = (Disable){.account = S("root2")};
    REQUIRE_OK(AS(w, NULL, access_prepare_disable, access_apply_disable, &off), w->e);
    off = (Disable){.account = S("root")};
    EXPECT_ERR(AS(w, NULL, access_prepare_disable, access_apply_disable, &off), ERR_STATE, w->e);
    EXPECT_ERR(end_posting(w, NULL, "root"), ERR_STATE, w->e); /* the other cannot sign in */
    off = (Disable){.account = S("root2"), .enable = true};
    REQUIRE_OK(AS(w, NULL, access_prepare_disable, access_apply_disable, &off), w->e);
    REQUIRE_OK(end_posting(w, NULL, "root"), w->e);
    go(w, 1);
    EXPECT_EQ_I64(verify(w), 0);
    world_sql(w, "UPDATE account SET disabled = 1 WHERE name = 'root2'");
    EXPECT_EQ_I64(verify(w), 0); /* nothing to answer for yet */
    world_sql(w,
              w->t.engine == ENGINE_PG
                  ? "INSERT INTO record(id, type, unit, county) SELECT "
                    "'01900000-0000-7000-8000-000000000001', 1, id, id FROM unit WHERE code = 'c'"
                  : "INSERT INTO record(id, type, unit, county) SELECT "
                    "x'01900000000070008000000000000001', 1, id, id FROM unit WHERE code = 'c'");
    EXPECT_EQ_I64(verify(w), 1);
}

BOTH_WORLDS(verify_finds_circles_of_heirs_and_deputies)
{
    people(w);
    int first = world_posting(w, "first1"), team = world_posting(w, "team1");
    world_sql(
        w, str_z(w->a, str_fmt(w->a, "UPDATE posting SET heir = %d WHERE id = %d", first, team)));
    EXPECT_EQ_I64(verify(w), 0);
    world_sql(
        w, str_z(w->a, str_fmt(w->a, "UPDATE posting SET heir = %d WHERE id = %d", team, first)));
    EXPECT_EQ_I64(verify(w), 2);
    world_sql(w, "UPDATE posting SET heir = NULL");
    REQUIRE_OK(deputise(w, "first1", "first1", "team1", 0, 3), w->e);
    EXPECT_EQ_I64(verify(w), 0);
    world_sql(w, str_z(w->a, str_fmt(w->a,
                                     "INSERT INTO deputy(id, posting, person, starts, ends, "
                                     "by_account) SELECT 99, %d, person, %d, %d, 0 FROM account "
                                     "WHERE name = 'first1'",
                                     team, today(w), today(w) + 1)));
    EXPECT_EQ_I64(verify(w), 2);
}

/* ---- the three offices ---- */

BOTH_WORLDS(three_offices_hold_each_other)
{
    Thing t;
    people(w);
    make_thing(w, &t);
    add_office(w, "boss", ADMIN_SYSTEM);
    add_office(w, "guard", ADMIN_SECURITY);
    add_office(w, "auditor", ADMIN_AUDIT);
    Look l = world_look(w);
    Reader boss = world_reader(w, &l, "boss"), guard = world_reader(w, &l, "guard"),
           auditor = world_reader(w, &l, "auditor"), town = world_reader(w, &l, "town1");
    EXPECT(boss.is_admin && !guard.is_admin && guard.admin == ADMIN_SECURITY);
    const Reader *offices[] = {&boss, &guard, &auditor};
    for (size_t i = 0; i < LEN(offices); i++)
        EXPECT_EQ_I64(access_see(w->a, offices[i], &t.type).n, 0);
    LogLine *lines;
    LockedLine *locked;
    int n;
    EXPECT_ERR(access_log(w->a, l.tx, &boss, 0, 20, &lines, &n, w->e), ERR_DENIED, w->e);
    EXPECT_ERR(access_log(w->a, l.tx, &guard, 0, 20, &lines, &n, w->e), ERR_DENIED, w->e);
    EXPECT_ERR(access_log(w->a, l.tx, &town, 0, 20, &lines, &n, w->e), ERR_DENIED, w->e);
    REQUIRE_OK(access_log(w->a, l.tx, &auditor, 0, 2, &lines, &n, w->e), w->e);
    REQUIRE(n == 2);
    EXPECT_STR(lines[0].what, "admin");
    EXPECT_STR(lines[0].about, "auditor");
    EXPECT_ERR(access_locked(w->access, w->a, l.tx, &auditor, &locked, &n, w->e), ERR_DENIED, w->e);
    EXPECT_ERR(access_locked(w->access, w->a, l.tx, &town, &locked, &n, w->e), ERR_DENIED, w->e);
    world_close(w, &l);
    Staff staff = {.starts = DAY_NONE, .ends = DAY_NONE};
    EXPECT_ERR(world_staff_by(w, "guard", "newone", "team_member", "v1", &staff), ERR_DENIED, w->e);
    Disable off = {.account = S("first1")};
    EXPECT_ERR(AS(w, "auditor", access_prepare_disable, access_apply_disable, &off), ERR_DENIED,
               w->e);
    REQUIRE_OK(AS(w, "guard", access_prepare_disable, access_apply_disable, &off), w->e);
    off = (Disable){.account = S("auditor")};
    EXPECT_ERR(AS(w, "boss", access_prepare_disable, access_apply_disable, &off), ERR_DENIED, w->e);
    UserLine *users;
    l = world_look(w);
    REQUIRE_OK(access_users(w->access, w->a, l.tx, &users, &n, w->e), w->e);
    int named = 0;
    for (int i = 0; i < n; i++)
        named += str_eq(users[i].role, S("security")) + 2 * str_eq(users[i].role, S("audit")) +
                 4 * str_eq(users[i].role, S("administrator"));
    EXPECT_EQ_I64(named, 7);
    world_close(w, &l);
}

BOTH_WORLDS(a_lock_is_logged_and_lifted_and_a_lost_password_renewed)
{
    Str cookie, again;
    people(w);
    add_office(w, "guard", ADMIN_SECURITY);
    world_password(w, "first1", "four words for one test");
    REQUIRE(world_sign_in(w, "first1", "four words for one test", &cookie) == 1);
    for (int i = 0; i < ACCESS_FAILS_FREE + 1; i++)
        EXPECT_EQ_I64(world_sign_in(w, "first1", "wrong", NULL), 0);
    EXPECT_EQ_I64(log_n(w, "sign_in_locked"), 1);
    Look l = world_look(w);
    Reader guard = world_reader(w, &l, "guard");
    LockedLine *locked;
    int n;
    REQUIRE_OK(access_locked(w->access, w->a, l.tx, &guard, &locked, &n, w->e), w->e);
    REQUIRE(n == 1);
    EXPECT_STR(locked[0].account, "first1");
    world_close(w, &l);
    EndSessions end = {.account = S("first1")};
    EXPECT_ERR(AS(w, "town1", access_prepare_end_sessions, access_apply_end_sessions, &end),
               ERR_DENIED, w->e);
    REQUIRE_OK(AS(w, "guard", access_prepare_end_sessions, access_apply_end_sessions, &end), w->e);
    EXPECT(!world_session(w, cookie));
    REQUIRE(world_sign_in(w, "first1", "four words for one test", &cookie) == 1);
    /* Forgotten: a code from the office above; until it is used nothing changes. */
    Invite code = {.account = S("first1")};
    EXPECT_ERR(AS(w, "town2", access_prepare_invite, access_apply_invite, &code), ERR_DENIED, w->e);
    REQUIRE_OK(AS(w, "town1", access_prepare_invite, access_apply_invite, &code), w->e);
    NewToken token = {.account = S("first1")};
    l = world_look(w);
    REQUIRE_OK(access_prepare_token(w->access, w->a, l.tx, &token, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_token, &token), w->e);
    EXPECT(world_session(w, cookie));
    Redeem re = {.code = code.code,
                 .password = S("five other words for it"),
                 .again = S("five other words for it")};
    l = world_look(w);
    REQUIRE_OK(access_prepare_redeem(w->access, w->a, l.tx, &re, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_redeem, &re), w->e);
    EXPECT(!world_session(w, cookie) && world_session(w, re.session.cookie));
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM token"), 0);
    EXPECT_EQ_I64(world_sign_in(w, "first1", "four words for one test", NULL), 0);
    EXPECT_EQ_I64(world_sign_in(w, "first1", "five other words for it", &again), 1);
}

/* ---- saved lists, audiences ---- */

BOTH_WORLDS(lists_are_saved_by_name_and_for_oneself)
{
    people(w);
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "town1"), other = world_reader(w, &l, "town2");
    world_close(w, &l);
    SavedList in = {
        .account = r.account, .type = S("diary"), .name = S(" Mine "), .query = S("state=draft")};
    REQUIRE_OK(world_do(w, access_apply_save_list, &in), w->e);
    in.query = S("state=submitted");
    REQUIRE_OK(world_do(w, access_apply_save_list, &in), w->e);
    in.name = S("   ");
    EXPECT_ERR(world_do(w, access_apply_save_list, &in), ERR_INVALID, w->e);
    SavedList *list;
    int n;
    l = world_look(w);
    REQUIRE_OK(access_saved(w->a, l.tx, &r, S("diary"), &list, &n, w->e), w->e);
    REQUIRE(n == 1);
    EXPECT_STR(list[0].name, "Mine");
    EXPECT_STR(list[0].query, "state=submitted");
    SavedList gone = {.id = list[0].id, .account = other.account};
    REQUIRE_OK(access_saved(w->a, l.tx, &other, S("diary"), &list, &n, w->e), w->e);
    EXPECT_EQ_I64(n, 0);
    world_close(w, &l);
    EXPECT_ERR(world_do(w, access_apply_unsave_list, &gone), ERR_MISSING, w->e);
    gone.account = r.account;
    REQUIRE_OK(world_do(w, access_apply_unsave_list, &gone), w->e);
    for (int i = 0; i < LIMIT_SAVED_LISTS; i++) {
        in.name = str_fmt(w->a, "list %d", i);
        REQUIRE_OK(world_do(w, access_apply_save_list, &in), w->e);
    }
    in.name = S("one more");
    EXPECT_ERR(world_do(w, access_apply_save_list, &in), ERR_LIMIT, w->e);
    in.name = S("list 3"); /* the same name is replaced */
    REQUIRE_OK(world_do(w, access_apply_save_list, &in), w->e);
}

BOTH_WORLDS(an_audience_is_a_rule_and_its_people)
{
    Str value, arg = STR_NONE;
    const char *key = NULL;
    Member *list;
    Merge in;
    int n;
    bool is_cut;
    people(w);
    Look l = world_look(w);
    REQUIRE(access_audience_parse(w->a, l.tree, w->model,
                                  S("first_secretary@c1, team_member@v1, first_secretary@c1"),
                                  &value, &key, &arg) == 0);
    REQUIRE_OK(access_audience(w->a, l.tx, l.tree, w->model, value, today(w), 10, &list, &n,
                               &is_cut, w->e),
               w->e);
    REQUIRE(n == 4 && !is_cut);
    EXPECT_STR(list[0].name, "first1");
    EXPECT_STR(list[1].name, "team1");
    EXPECT_STR(list[3].name, "first3");
    REQUIRE_OK(
        access_audience(w->a, l.tx, l.tree, w->model, value, today(w), 2, &list, &n, &is_cut, w->e),
        w->e);
    EXPECT(n == 2 && is_cut);
    EXPECT(access_audience_parse(w->a, l.tree, w->model, S("nobody@c1"), &value, &key, &arg) < 0);
    EXPECT(access_audience_parse(w->a, l.tree, w->model, S("team_member@x"), &value, &key, &arg) <
           0);
    REQUIRE(access_audience_parse(w->a, l.tree, w->model, S("first_secretary@v1"), &value, &key,
                                  &arg) == 0);
    world_close(w, &l);
    REQUIRE_OK(merge(w, NULL, "v1", "v2", &in), w->e);
    go(w, 1);
    l = world_look(w);
    REQUIRE_OK(
        access_audience(w->a, l.tx, l.tree, w->model, value, today(w), 9, &list, &n, &is_cut, w->e),
        w->e);
    REQUIRE(n == 1); /* named before the merge: its successor's */
    EXPECT_STR(list[0].name, "first2");
    Reader r = world_reader(w, &l, "first2");
    REQUIRE_OK(access_pick_person(w->a, l.tx, &r, S("first"), 9, &list, &n, w->e), w->e);
    EXPECT_EQ_I64(n, 2); /* first1's post is over */
    world_close(w, &l);
}
