/* test_access_arms.c: the arms against a plain reading of the who-terms, and read backwards. */
#include "access/access_int.h"
#include "test_access_util.h"

enum { KINDS = 4, ROLES = 6, STATES = 5 };

typedef struct Case {
    Arena *a;
    Model model;
    Role roles[ROLES];
    Tree tree;
    Type type;
    State states[STATES];
    Reader r;
} Case;

static Who random_term(void)
{
    int kind = (int)test_below(3);
    return kind == 0 ? (Who){.kind = WHO_AUTHOR, .role = -1}
                     : (Who){.kind = kind == 1 ? WHO_ROLE : WHO_ROLE_HERE,
                             .role = (int)test_below(ROLES)};
}

static const Arm *may(const Reader *r, Arms arms, int unit_ix, Uuid author, int64_t posting,
                      int state)
{
    Subject s = {.unit_ix = unit_ix, .author = author, .posting = posting, .state = state};
    return access_may(r, arms, &s);
}

static const Who *random_terms(Arena *a, int *ret_n)
{
    *ret_n = (int)test_below(5);
    Who *terms = NEW_N(a, Who, 5);
    for (int i = 0; i < *ret_n; i++)
        terms[i] = random_term();
    return terms;
}

static void random_tree(Case *c)
{
    int n = 1 + (int)test_below(40);
    Unit *nodes = NEW_N(c->a, Unit, (size_t)n);
    int *parents = NEW_N(c->a, int, (size_t)n);
    for (int i = 0; i < n; i++) {
        parents[i] = i ? (int)test_below((uint64_t)i) : -1;
        for (int up = i, depth = 0; up >= 0; up = parents[up])
            if (++depth >= LIMIT_UNIT_DEPTH)
                parents[i] = 0;
        nodes[i] = (Unit){.id = 100 + i,
                          .kind = (int)test_below(KINDS),
                          .code = str_fmt(c->a, "u%d", i),
                          .name = S("x"),
                          .closed = DAY_NONE,
                          .successor_ix = -1};
    }
    REQUIRE(access_tree_lay(c->a, nodes, parents, n, &c->tree));
}

static void random_case(Case *c)
{
    c->model = (Model){.roles = c->roles, .role_n = ROLES, .kind_n = KINDS};
    for (int i = 0; i < ROLES; i++)
        c->roles[i] = (Role){.ix = i,
                             .at = (1u << KINDS) - 1,
                             .falls_to = i ? (int)test_below((uint64_t)i) : 0,
                             .name = str_fmt(c->a, "role%d", i)};
    random_tree(c);
    c->type = (Type){.states = c->states, .state_n = STATES, .at = 1 + test_below(15)};
    for (int i = 0; i < STATES; i++) {
        c->states[i] = (State){.ix = i};
        c->states[i].see = random_terms(c->a, &c->states[i].see_n);
    }
    c->r = (Reader){.tree = &c->tree, .model = &c->model, .person.b = {1}};
    Post *posts = NEW_N(c->a, Post, 6);
    c->r.post_n = (int)test_below(6);
    for (int i = 0; i < c->r.post_n; i++)
        posts[i] = (Post){.posting = 10 + i,
                          .seat = i,
                          .role = (int)test_below(ROLES),
                          .unit_ix = (int)test_below((uint64_t)c->tree.unit_n)};
    c->r.posts = posts;
    Stand *stands = NEW_N(c->a, Stand, 6);
    for (int i = 0; i < c->r.post_n; i++)
        stands[i] = (Stand){c->r.person, posts[i].posting, i};
    c->r.stands = stands;
    c->r.stand_n = c->r.post_n;
}

/* The who-terms as DESIGN.md words them, over parents, without slices. */
static bool plainly(const Case *c, const Who *terms, int term_n, int unit_ix, bool is_mine,
                    int64_t posting)
{
    for (int i = 0; i < term_n; i++)
        for (int p = 0; p < c->r.post_n; p++) {
            const Post *post = &c->r.posts[p];
            if (terms[i].kind == WHO_AUTHOR && is_mine && post->posting == posting)
                return true;
            if (terms[i].kind == WHO_AUTHOR || post->role != terms[i].role)
                continue;
            if (post->unit_ix == unit_ix)
                return true;
            for (int up = unit_ix; terms[i].kind == WHO_ROLE && up >= 0;
                 up = c->tree.units[up].parent_ix)
                if (up == post->unit_ix)
                    return true;
        }
    return false;
}

static int covering(Arms arms, int unit_ix, int state)
{
    int n = 0;
    for (int i = 0; i < arms.n; i++)
        n += arms.list[i].column == ARM_UNIT && (arms.list[i].states >> state & 1) &&
             unit_ix >= arms.list[i].from_ix && unit_ix < arms.list[i].to_ix;
    return n;
}

TEST(arms_are_the_who_terms)
{
    int seen = 0, hidden = 0;
    for (int round = 0; round < 400; round++) {
        Case c = {.a = arena_new(16 * 1024)};
        random_case(&c);
        Arms arms = access_see(c.a, &c.r, &c.type);
        Uuid me = c.r.person, other = {{2}};
        for (int u = 0; u < c.tree.unit_n; u++)
            for (int s = 0; s < STATES; s++) {
                const State *st = &c.states[s];
                for (int64_t posting = 9; posting < 17; posting++) {
                    bool mine = may(&c.r, arms, u, me, posting, s) != NULL;
                    REQUIRE(mine == plainly(&c, st->see, st->see_n, u, true, posting));
                    seen += mine;
                    hidden += !mine;
                }
                bool is_his = may(&c.r, arms, u, other, 10, s) != NULL;
                REQUIRE(is_his == plainly(&c, st->see, st->see_n, u, false, 10));
                REQUIRE(covering(arms, u, s) == is_his); /* what the list asks: exactly once */
            }
        arena_free(c.a);
    }
    EXPECT(seen > 1000 && hidden > 1000);
}

TEST(what_one_may_do_is_by_the_terms_of_the_action)
{
    for (int round = 0; round < 200; round++) {
        Case c = {.a = arena_new(16 * 1024)};
        random_case(&c);
        Action act = {.kind = ACTION_OTHER, .from = (uint32_t)test_below(1u << STATES)};
        act.by = random_terms(c.a, &act.by_n);
        Arms arms = access_do(c.a, &c.r, &c.type, &act);
        for (int u = 0; u < c.tree.unit_n; u++)
            for (int s = 0; s < STATES; s++) {
                bool is_his = may(&c.r, arms, u, c.r.person, 10, s) != NULL;
                REQUIRE(is_his ==
                        ((act.from >> s & 1) && plainly(&c, act.by, act.by_n, u, true, 10)));
            }
        Action create = {.kind = ACTION_CREATE, .by = act.by, .by_n = act.by_n};
        c.type.create = &create;
        int *posts;
        int n = access_create_posts(c.a, &c.r, &c.type, STR_NONE, &posts);
        arms = access_do(c.a, &c.r, &c.type, &create);
        for (int i = 0; i < n; i++) {
            bool has = false; /* each post offered has a unit it may create at */
            for (int u = 0; u < c.tree.unit_n; u++)
                for (int k = 0; k < arms.n; k++)
                    has =
                        has || (arms.list[k].post_ix == posts[i] && u >= arms.list[k].from_ix &&
                                u < arms.list[k].to_ix && (c.type.at >> c.tree.units[u].kind & 1));
            REQUIRE(has);
        }
        arena_free(c.a);
    }
}

TEST(the_administrator_has_no_arms)
{
    Case c = {.a = arena_new(16 * 1024)};
    random_case(&c);
    c.r.admin = ADMIN_SYSTEM;
    c.r.is_admin = true;
    EXPECT_EQ_I64(access_see(c.a, &c.r, &c.type).n, 0);
    arena_free(c.a);
}

TEST(a_preorder_tree_is_laid_out)
{
    for (int round = 0; round < 100; round++) {
        Case c = {.a = arena_new(16 * 1024)};
        random_tree(&c);
        const Tree *t = &c.tree;
        for (int i = 0; i < t->unit_n; i++) {
            REQUIRE(t->units[i].ix == i && tree_unit(t, t->units[i].id) == &t->units[i]);
            REQUIRE(tree_unit_coded(t, t->units[i].code) == &t->units[i]);
            for (int j = 0; j < t->unit_n; j++) {
                bool is_below = false;
                for (int up = j; up >= 0; up = t->units[up].parent_ix)
                    is_below = is_below || up == i;
                REQUIRE(is_below == tree_is_within(t, j, i));
            }
        }
        EXPECT(!tree_unit(t, 99) && !tree_unit_coded(t, S("nope")));
        arena_free(c.a);
    }
    Unit nodes[3] = {{.id = 1}, {.id = 2}, {.id = 3}};
    Arena *a = arena_new(4096);
    Tree t;
    EXPECT(!access_tree_lay(a, nodes, (int[]){-1, 2, 1}, 3, &t));  /* a circle */
    EXPECT(!access_tree_lay(a, nodes, (int[]){-1, -1, 0}, 3, &t)); /* two roots */
    arena_free(a);
}

/* ---- with people in a database ---- */

static const char *const ACCOUNTS[] = {"city",   "county", "town1", "town2", "first1", "team1",
                                       "team1b", "first3", "later", "gone",  "boss"};

static void people(World *w)
{
    world_tree(w);
    world_staff(w, "city", "county_office", "c");
    world_staff(w, "county", "county_office", "c1");
    world_staff(w, "town1", "town_office", "t1");
    world_staff(w, "town2", "town_office", "t2");
    world_staff(w, "first1", "first_secretary", "v1");
    world_staff(w, "team1", "team_member", "v1");
    world_staff(w, "team1b", "team_member", "v1");
    world_staff(w, "first3", "first_secretary", "v3");
    world_staff(w, "first3", "team_member", "v4");
    Day today = env_today(w->t.env);
    Staff later = {.starts = today + 1, .ends = DAY_NONE},
          gone = {.starts = today - 9, .ends = today - 1};
    REQUIRE_OK(world_staff_by(w, NULL, "later", "town_office", "t1", &later), w->e);
    REQUIRE_OK(world_staff_by(w, NULL, "gone", "county_office", "c1", &gone), w->e);
    AddAdmin boss = {.account = S("boss"), .name = S("boss")};
    REQUIRE_OK(access_prepare_admin(w->access, w->a, &boss, w->e), w->e);
    REQUIRE_OK(world_do(w, access_apply_admin, &boss), w->e);
}

static bool in_sights(const Sight *list, int n, Str person)
{
    for (int i = 0; i < n; i++)
        if (list[i].rule->kind != WHO_AUTHOR && str_has(list[i].person) &&
            str_eq(list[i].person, person))
            return true;
    return false;
}

BOTH_WORLDS(who_can_see_is_the_arms_read_backwards)
{
    people(w);
    const Type *t = model_type(w->model, S("diary"));
    REQUIRE(t);
    Look l = world_look(w);
    Reader asker = world_reader(w, &l, "county");
    Uuid nobody = {{9}};
    int seen = 0;
    for (int u = 0; u < l.tree->unit_n; u++)
        for (int s = 0; s < t->state_n; s++) {
            Sight *list;
            int n;
            Subject on = {.type = t, .state = s, .unit_ix = u, .author = nobody};
            REQUIRE_OK(
                access_who_sees(w->access, w->a, l.tx, &asker, &on, S("Author"), &list, &n, w->e),
                w->e);
            for (size_t i = 0; i < LEN(ACCOUNTS); i++) {
                Reader r = world_reader(w, &l, ACCOUNTS[i]);
                Arms arms = access_see(w->a, &r, t);
                bool is_his = may(&r, arms, u, nobody, 0, s) != NULL;
                EXPECT(is_his == in_sights(list, n, r.person_name));
                seen += is_his;
            }
        }
    EXPECT(seen > 10);
    world_close(w, &l);
}

BOTH_WORLDS(a_post_counts_from_its_first_to_its_last_day)
{
    people(w);
    Look l = world_look(w);
    Reader later = world_reader(w, &l, "later"), gone = world_reader(w, &l, "gone");
    EXPECT_EQ_I64(later.post_n, 0);
    EXPECT_EQ_I64(gone.post_n, 0);
    EXPECT_EQ_I64(world_reader(w, &l, "first3").post_n, 2);
    EXPECT(world_reader(w, &l, "boss").is_admin);
    world_close(w, &l);
    env_test_move(w->t.env, 24 * 3600 * 1000);
    l = world_look(w);
    later = world_reader(w, &l, "later");
    EXPECT_EQ_I64(later.post_n, 1);
    EXPECT(access_see(w->a, &later, model_type(w->model, S("diary"))).n > 0);
    world_close(w, &l);
}

BOTH_WORLDS(empty_seats_are_named_and_me)
{
    people(w);
    const Type *t = model_type(w->model, S("diary"));
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "city");
    Sight *list;
    int n;
    int state = type_state(t, S("submitted"))->ix, v4 = tree_unit_coded(l.tree, S("v4"))->ix;
    Subject on = {.type = t, .state = state, .unit_ix = v4, .author = r.person};
    REQUIRE_OK(access_who_sees(w->access, w->a, l.tx, &r, &on, S("Me"), &list, &n, w->e), w->e);
    /* author; town_office t3 empty; county_office c2 empty and c held by the reader */
    REQUIRE(n == 4);
    EXPECT(list[0].rule->kind == WHO_AUTHOR && list[0].is_me && list[0].role == -1);
    EXPECT(!str_has(list[1].person) && list[1].unit_ix == tree_unit_coded(l.tree, S("t3"))->ix);
    EXPECT(!str_has(list[2].person));
    EXPECT(list[3].is_me && list[3].unit_ix == 0);
    world_close(w, &l);
}
