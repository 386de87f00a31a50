/* test_access_list.c: seats of a unit, users, and what verify finds.                      SPEC: P1
 * P2 P11 */
#include "test_access_util.h"

static void some(World *w)
{
    world_tree(w);
    world_staff(w, "city", "county_office", "c");
    world_staff(w, "town1", "town_office", "t1");
    world_staff(w, "team1", "team_member", "v1");
    world_staff(w, "team2", "team_member", "v1");
    world_password(w, "team1", "a password of some length");
}

BOTH_WORLDS(a_unit_tells_its_seats)
{
    some(w);
    Day today = env_today(w->t.env);
    Staff later = {.starts = today + 3, .ends = today + 9};
    REQUIRE_OK(world_staff_by(w, NULL, "later", "first_secretary", "v1", &later), w->e);
    SeatLine *list;
    int n;
    Look l = world_look(w);
    int v1 = tree_unit_coded(l.tree, S("v1"))->ix, t1 = tree_unit_coded(l.tree, S("t1"))->ix;
    REQUIRE_OK(access_seats(w->access, w->a, l.tx, l.tree, v1, &list, &n, w->e), w->e);
    int roles = 0;
    for (int i = 0; i < w->model->role_n; i++)
        roles += (w->model->roles[i].at >> l.tree->units[v1].kind & 1) != 0;
    REQUIRE(n == roles + 1); /* two at one seat, every other seat once */
    EXPECT_STR(list[0].person, "later"); /* in the order of the model's roles */
    EXPECT(list[0].starts == today + 3 && list[0].ends == today + 9 && list[0].is_invited &&
           !list[0].has_password);
    EXPECT_STR(list[1].account, "team1");
    EXPECT(list[1].has_password && !list[1].is_invited && !list[1].is_disabled &&
           list[1].seat == list[2].seat);
    EXPECT_STR(list[2].account, "team2");
    int v2 = tree_unit_coded(l.tree, S("v2"))->ix;
    REQUIRE_OK(access_seats(w->access, w->a, l.tx, l.tree, v2, &list, &n, w->e), w->e);
    REQUIRE(n == roles);
    EXPECT(list[0].seat == 0 && list[0].posting == 0 && !str_has(list[0].person));
    EXPECT(list[0].falls_unit_ix == t1 &&
           list[0].falls_role == model_role(w->model, S("town_office"))->ix);
    world_close(w, &l);
}

BOTH_WORLDS(users_are_postings_held_today_and_administrators)
{
    some(w);
    AddAdmin boss = {.account = S("boss"), .name = S("Boss")};
    REQUIRE_OK(access_prepare_admin(w->access, w->a, &boss, w->e), w->e);
    REQUIRE_OK(world_do(w, access_apply_admin, &boss), w->e);
    AddAdmin twin = boss;
    twin.person = (Uuid){{7}};
    EXPECT_ERR(world_do(w, access_apply_admin, &twin), ERR_INVALID, w->e);
    Day today = env_today(w->t.env);
    Staff later = {.starts = today + 1, .ends = DAY_NONE};
    REQUIRE_OK(world_staff_by(w, NULL, "later", "team_member", "v3", &later), w->e);
    world_staff(w, "team2", "first_secretary", "v2");
    UserLine *list;
    int n;
    Look l = world_look(w);
    REQUIRE_OK(access_users(w->access, w->a, l.tx, &list, &n, w->e), w->e);
    world_close(w, &l);
    Buf b = {.arena = w->a};
    for (int i = 0; i < n; i++)
        buf_fmt(&b, "%.*s/%.*s/%.*s ", STR_ARG(list[i].account), STR_ARG(list[i].role),
                str_has(list[i].unit) ? (int)list[i].unit.n : 1,
                str_has(list[i].unit) ? list[i].unit.p : "-");
    EXPECT_STR(
        buf_view(&b),
        "city/county_office/c town1/town_office/t1 team1/team_member/v1 team2/team_member/v1 "
        "team2/first_secretary/v2 boss/administrator/- ");
}

static void count(void *ctx, Str finding)
{
    EXPECT(finding.n > 0);
    *(int *)ctx += 1;
}

static int verify(World *w)
{
    int said = 0;
    Look l = world_look(w);
    int n = access_verify(w->access, w->a, l.tx, LANG_ZH, count, &said, w->e);
    world_close(w, &l);
    REQUIRE_OK(n, w->e);
    EXPECT_EQ_I64(n, said);
    return n;
}

BOTH_WORLDS(verify_finds_what_does_not_hold)
{
    some(w);
    EXPECT_EQ_I64(verify(w), 0);
    world_sql(w, "DELETE FROM unit_above WHERE unit = (SELECT id FROM unit WHERE code = 'v1') AND "
                 "above <> unit");
    EXPECT_EQ_I64(verify(w), 1);
    world_sql(
        w,
        "UPDATE unit_above SET above = (SELECT id FROM unit WHERE code = 'c2') WHERE above = unit"
        " AND unit = (SELECT id FROM unit WHERE code = 'v2')");
    EXPECT_EQ_I64(verify(w), 2);
    world_sql(w, "UPDATE seat SET falls_to = id WHERE role = 'team_member'");
    EXPECT_EQ_I64(verify(w), 3);
    world_sql(w, "UPDATE posting SET ends = starts - 1 WHERE id = 2");
    EXPECT_EQ_I64(verify(w), 4);
    world_sql(w, "UPDATE account SET admin = 1 WHERE name = 'city'");
    EXPECT_EQ_I64(verify(w), 5);
    world_sql(w, "UPDATE seat SET role = 'nothing' WHERE role = 'town_office'");
    EXPECT(verify(w) > 5);
}
