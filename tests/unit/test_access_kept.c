// tsan
/* test_access_kept.c: what is kept of a reader between requests is what would be read anew, after
 * every kind of change, at the next request, while many threads ask.                SPEC: P1 P2 */
#include <pthread.h>

#include "access/access_int.h"
#include "test_access_util.h"

#define DAY_MS INT64_C(86400000)

enum { STEPS = 160, OPS = 8, THREADS = 4, ROUNDS = 40 };

static const char *const persons[] = {"root",   "county", "town1", "town2", "first1",
                                      "first2", "team1",  "team2", "spare"};
static const char *const units[] = {"c", "c1", "t1", "t2", "v1", "v2", "v3", "t3", "v4"};
static const char *const roles[] = {"county_office",   "county_office",   "town_office",
                                    "town_office",     "first_secretary", "team_member",
                                    "first_secretary", "town_office",     "first_secretary"};

static void people(World *w)
{
    world_tree(w);
    world_staff(w, "root", "county_office", "c");
    world_staff(w, "county", "county_office", "c1");
    world_staff(w, "town1", "town_office", "t1");
    world_staff(w, "town2", "town_office", "t2");
    world_staff(w, "first1", "first_secretary", "v1");
    world_staff(w, "first2", "first_secretary", "v2");
    world_staff(w, "team1", "team_member", "v1");
    world_staff(w, "team2", "team_member", "v2");
    world_staff(w, "spare", "first_secretary", "v3");
}

/* ---- kept against read anew ---- */

static bool same_posts(const Reader *x, const Reader *y)
{
    bool is = x->post_n == y->post_n;
    for (int i = 0; is && i < x->post_n; i++) {
        const Post *p = &x->posts[i], *q = &y->posts[i];
        is = p->posting == q->posting && p->seat == q->seat && p->role == q->role &&
             p->unit_ix == q->unit_ix && p->starts == q->starts && p->ends == q->ends &&
             uuid_eq(p->deputy_for, q->deputy_for) &&
             str_has(p->deputy_for_name) == str_has(q->deputy_for_name) &&
             str_eq(p->deputy_for_name, q->deputy_for_name);
    }
    return is;
}

static bool same_reader(const Reader *x, const Reader *y)
{
    bool is = same_posts(x, y) && x->stand_n == y->stand_n && x->lent_n == y->lent_n &&
              x->is_stands_cut == y->is_stands_cut;
    for (int i = 0; is && i < x->stand_n; i++)
        is = x->stands[i].posting == y->stands[i].posting &&
             x->stands[i].post_ix == y->stands[i].post_ix &&
             uuid_eq(x->stands[i].author, y->stands[i].author);
    for (int i = 0; is && i < x->lent_n; i++)
        is = x->lents[i].unit_ix == y->lents[i].unit_ix &&
             x->lents[i].post_ix == y->lents[i].post_ix;
    return is;
}

static Reader anew(World *w, Look *l, Reader r)
{
    r.posts = NULL;
    r.stands = NULL;
    r.lents = NULL;
    r.post_n = r.stand_n = r.lent_n = 0;
    r.is_stands_cut = false;
    REQUIRE_OK(access_fill_posts(w->a, l->tx, &r, w->e), w->e);
    return r;
}

/* Everyone asks: what he gets is what the tables say. Leaves all of them kept. */
static bool ask_all(World *w, const char *after)
{
    bool is_all = true;
    Look l = world_look(w);
    for (size_t i = 0; i < LEN(persons); i++) {
        Reader r;
        int rc = access_reader_account(w->access, w->a, l.tx, l.tree, str_of(persons[i]), &r, w->e);
        if (rc == ERR_STATE) { /* disabled */
            err_clear(w->e);
            continue;
        }
        REQUIRE_OK(rc, w->e);
        Reader now = anew(w, &l, r);
        bool is = same_reader(&r, &now);
        if (!is)
            test_note("%s after %s: %d posts, %d stands, %d loans; anew %d, %d, %d", persons[i],
                      after, r.post_n, r.stand_n, r.lent_n, now.post_n, now.stand_n, now.lent_n);
        Reader again;
        REQUIRE_OK(
            access_reader_account(w->access, w->a, l.tx, l.tree, str_of(persons[i]), &again, w->e),
            w->e);
        is_all = EXPECT(is) && EXPECT(same_reader(&again, &now)) && is_all;
    }
    world_close(w, &l);
    return is_all;
}

/* ---- changes, by the command line ---- */

#define DO(w, prepare, apply, in)                                                                  \
    ({                                                                                             \
        Look look_ = world_look(w);                                                                \
        int rc_ = prepare((w)->access, (w)->a, look_.tx, NULL, in, (w)->e);                        \
        world_close(w, &look_);                                                                    \
        rc_ < 0 ? rc_ : world_do(w, apply, in);                                                    \
    })

static Day today(World *w)
{
    return env_today(w->t.env);
}

static int staff(World *w, const char *who, size_t at, int from, int days)
{
    Staff in = {.account = str_of(who),
                .name = str_of(who),
                .role = str_of(roles[at]),
                .unit_code = str_of(units[at]),
                .starts = today(w) + from,
                .ends = days < 0 ? DAY_NONE : today(w) + from + days};
    return DO(w, access_prepare_staff, access_apply_staff, &in);
}

static int end(World *w, int64_t posting, int from_today)
{
    EndPosting in = {.posting = posting, .ends = today(w) + from_today};
    return DO(w, access_prepare_end, access_apply_end, &in);
}

static int deputise(World *w, int64_t posting, const char *who, int from, int days)
{
    Deputise in = {.posting = posting,
                   .account = str_of(who),
                   .starts = today(w) + from,
                   .ends = today(w) + from + days};
    return DO(w, access_prepare_deputise, access_apply_deputise, &in);
}

static int end_deputy(World *w, int64_t id)
{
    EndDeputy in = {.deputy = id};
    return DO(w, access_prepare_end_deputy, access_apply_end_deputy, &in);
}

static int heir(World *w, int64_t posting, int64_t to)
{
    SetHeir in = {.posting = posting, .heir = to};
    return DO(w, access_prepare_heir, access_apply_heir, &in);
}

static int lend(World *w, size_t at, const char *target, int days)
{
    Lend in = {.unit_code = str_of(units[at]),
               .target_code = str_of(target),
               .role = str_of(roles[at]),
               .starts = today(w),
               .ends = today(w) + days};
    return DO(w, access_prepare_lend, access_apply_lend, &in);
}

static int disable(World *w, const char *who, bool enable)
{
    Disable in = {.account = str_of(who), .enable = enable};
    return DO(w, access_prepare_disable, access_apply_disable, &in);
}

static int merge(World *w, const char *from, const char *into)
{
    Merge in = {.from_code = str_of(from), .into_code = str_of(into)};
    return DO(w, access_prepare_merge, access_apply_merge, &in);
}

/* ---- one of each kind ---- */

BOTH_WORLDS(what_is_kept_is_used)
{
    people(w);
    REQUIRE(ask_all(w, "the start"));
    world_sql(w,
              "UPDATE posting SET ends = starts - 1"); /* behind its back: no number was raised */
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "first1");
    EXPECT_EQ_I64(r.post_n, 1);
    world_close(w, &l);
    world_sql(w, "UPDATE account SET access_no = access_no + 1");
    l = world_look(w);
    r = world_reader(w, &l, "first1");
    EXPECT_EQ_I64(r.post_n, 0);
    world_close(w, &l);
}

/* As another node does: only the tables are shared. */
BOTH_WORLDS(another_node_sees_the_change_too)
{
    people(w);
    Access *here = w->access, *there = NULL;
    REQUIRE_OK(access_open(w->t.env, w->store, w->model, &there, w->e), w->e);
    REQUIRE(ask_all(w, "the start"));
    w->access = there;
    REQUIRE(ask_all(w, "the start, there"));
    REQUIRE_OK(end(w, world_posting(w, "first1"), 0), w->e);
    REQUIRE_OK(deputise(w, world_posting(w, "town1"), "team1", 0, 3), w->e);
    w->access = here;
    ask_all(w, "changes made there");
    access_close(there);
}

BOTH_WORLDS(every_change_is_in_force_at_the_next_request)
{
    people(w);
    REQUIRE(ask_all(w, "the start"));
    REQUIRE_OK(staff(w, "spare", 4, 0, -1), w->e);
    ask_all(w, "a second seat");
    REQUIRE_OK(deputise(w, world_posting(w, "town1"), "town2", 0, 5), w->e);
    ask_all(w, "a deputy");
    REQUIRE_OK(deputise(w, world_posting(w, "town2"), "team1", 0, 5), w->e);
    ask_all(w, "a deputy of the deputy");
    REQUIRE_OK(lend(w, 2, "t2", 9), w->e); /* town1's unit reaches t2: the deputies' deputy too */
    ask_all(w, "a loan");
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "team1");
    EXPECT_EQ_I64(r.post_n, 3);
    EXPECT_EQ_I64(r.lent_n, 1);
    world_close(w, &l);
    REQUIRE_OK(disable(w, "town1", false), w->e);
    ask_all(w, "the holder's account closed");
    REQUIRE_OK(disable(w, "town1", true), w->e);
    ask_all(w, "the account open again");
    env_test_move(w->t.env, DAY_MS);
    ask_all(w, "midnight");
    REQUIRE_OK(end(w, world_posting(w, "first2"), 0), w->e);
    ask_all(w, "a posting's last day");
    env_test_move(w->t.env, DAY_MS);
    ask_all(w, "the day after");
    REQUIRE_OK(heir(w, world_posting(w, "first2"), world_posting(w, "first1")), w->e);
    ask_all(w, "an heir");
    REQUIRE_OK(end_deputy(w, world_ask(w, "SELECT min(id) FROM deputy")), w->e);
    ask_all(w, "the end of a deputyship");
    REQUIRE_OK(merge(w, "t2", "t1"), w->e);
    ask_all(w, "a merge");
    env_test_move(w->t.env, DAY_MS);
    ask_all(w, "the day after the merge");
    world_import(w, "n1,New,village,t1\n");
    ask_all(w, "a new unit");
}

/* An heir who holds his seat takes what the posting left, but the empty seat and all below it that
 * fall to it are answered for above. */
BOTH_WORLDS(an_empty_seat_with_an_heir_is_known_above)
{
    people(w);
    REQUIRE_OK(heir(w, world_posting(w, "town1"), world_posting(w, "town2")), w->e);
    REQUIRE_OK(end(w, world_posting(w, "first1"), 0), w->e);
    env_test_move(w->t.env, DAY_MS);
    REQUIRE(ask_all(w, "the start"));
    REQUIRE_OK(disable(w, "town1", false), w->e);
    ask_all(w, "the account closed");
    REQUIRE_OK(disable(w, "town1", true), w->e);
    ask_all(w, "the account open again");
}

/* More holders of one seat than one person may have posts: all of them look again. */
BOTH_WORLDS(all_holders_of_a_crowded_seat_look_again)
{
    people(w);
    enum { CROWD = LIMIT_POSTINGS + 6 };
    for (int i = 0; i < CROWD; i++)
        world_staff(w, str_z(w->a, str_fmt(w->a, "crowd%d", i)), "town_office", "t1");
    int64_t before = world_ask(w, "SELECT sum(access_no) FROM account WHERE name LIKE 'crowd%'");
    REQUIRE_OK(end(w, world_posting(w, "first1"), 0), w->e);
    env_test_move(w->t.env, DAY_MS);
    REQUIRE_OK(heir(w, world_posting(w, "first1"), 0), w->e); /* asks who answers, twice */
    int64_t after = world_ask(w, "SELECT sum(access_no) FROM account WHERE name LIKE 'crowd%'");
    EXPECT(after >= before + CROWD);
}

/* More than are followed: the newest are there, and it is said, kept or not. */
BOTH_WORLDS(too_many_former_postings_are_said)
{
    people(w);
    Buf b = {.arena = w->a};
    buf_fmt(&b, "INSERT INTO posting(id, person, seat, starts, ends, heir) VALUES ");
    for (int i = 0; i < LIMIT_STANDS + 8; i++)
        buf_fmt(&b,
                "%s(%d, (SELECT person FROM account WHERE name = 'spare'), "
                "(SELECT seat FROM posting WHERE id = %d), %d, %d, NULL)",
                i ? ", " : "", 1000 + i, world_posting(w, "town1"), 100 + i, 100 + i);
    world_sql(w, str_z(w->a, buf_view(&b)));
    for (int i = 0; i < 2; i++) {
        Look l = world_look(w);
        Reader r = world_reader(w, &l, "town1");
        EXPECT(r.is_stands_cut);
        EXPECT_EQ_I64(r.stand_n, LIMIT_STANDS);
        r = world_reader(w, &l, "town2");
        EXPECT(!r.is_stands_cut);
        world_close(w, &l);
    }
}

/* ---- thrown ---- */

static int64_t some(World *w, const char *table)
{
    int64_t most =
        world_ask(w, str_z(w->a, str_fmt(w->a, "SELECT coalesce(max(id), 0) FROM %s", table)));
    return most ? 1 + (int64_t)test_below((uint64_t)most) : 0;
}

static int throw_change(World *w, int op)
{
    const char *who = persons[test_below(LEN(persons))];
    size_t at = test_below(LEN(units));
    switch (op) {
    case 0:
        return staff(w, who, at, (int)test_below(3), (int)test_below(6) - 1);
    case 1:
        return end(w, some(w, "posting"), (int)test_below(5) - 2);
    case 2:
        return deputise(w, some(w, "posting"), who, (int)test_below(2), (int)test_below(4));
    case 3:
        return end_deputy(w, some(w, "deputy"));
    case 4:
        return heir(w, some(w, "posting"), test_below(4) ? some(w, "posting") : 0);
    case 5:
        return lend(w, at, units[test_below(LEN(units))], (int)test_below(4) - 1);
    case 6:
        return disable(w, who, test_below(2));
    default:
        return test_below(12)
                   ? 0
                   : merge(w, units[test_below(LEN(units))], units[test_below(LEN(units))]);
    }
}

BOTH_WORLDS(whatever_changes_what_is_kept_is_what_would_be_read)
{
    static const char *const names[OPS] = {"staff", "end",  "deputise", "deputy ends",
                                           "heir",  "lend", "disable",  "merge"};
    int done[OPS] = {0};
    people(w);
    for (int i = 0; i < STEPS; i++) {
        int op = (int)test_below(OPS);
        int rc = throw_change(w, op);
        done[op] += rc >= 0;
        err_clear(w->e); /* many are refused, and then must have changed nothing */
        if (!ask_all(w, names[op]))
            break;
        if (test_below(10) == 0) {
            env_test_move(w->t.env, DAY_MS);
            if (!ask_all(w, "midnight"))
                break;
        }
    }
    for (int op = 0; op < OPS; op++)
        EXPECT(done[op] > 0);
}

/* ---- bounds, threads ---- */

TEST(what_is_kept_is_bounded)
{
    World w;
    world_begin(&w, ENGINE_SQLITE);
    world_tree(&w);
    Look l = world_look(&w);
    enum { POSTS = 400 };
    Post *posts = NEW_N(w.a, Post, POSTS);
    Reader r = {.tree = l.tree, .today = today(&w), .posts = posts, .post_n = POSTS};
    for (r.account = 1; r.account <= 3 * LIMIT_READERS_KEPT; r.account++) {
        access_kept_add(w.access, &r);
        EXPECT(w.access->kept_bytes <= LIMIT_READERS_BYTES);
    }
    r.account--;
    Reader x = {.tree = l.tree, .today = r.today, .account = r.account};
    EXPECT(access_kept_find(w.access, w.a, &x) && x.post_n == POSTS);
    x.today++;
    EXPECT(!access_kept_find(w.access, w.a, &x));
    r.account = 7;
    r.post_n = LIMIT_READER_BYTES / (int)sizeof(Post) + 1; /* too large for one: never read */
    r.posts = NEW_N(w.a, Post, (size_t)r.post_n);
    access_kept_add(w.access, &r);
    x = (Reader){.tree = l.tree, .today = r.today, .account = 7};
    EXPECT(!access_kept_find(w.access, w.a, &x));
    r.post_n = 1;
    r.access_no = 5;
    access_kept_add(w.access, &r);
    r.access_no = 4; /* an old snapshot's comes late */
    access_kept_add(w.access, &r);
    x.access_no = 5;
    EXPECT(access_kept_find(w.access, w.a, &x));
    x.access_no = 4;
    EXPECT(!access_kept_find(w.access, w.a, &x));
    world_close(&w, &l);
    world_end(&w);
}

typedef struct Questioner {
    World *w;
    pthread_t thread;
    int bad, asked;
    _Atomic bool *is_over;
} Questioner;

static int ask_once(World *w, Arena *a, Tx *tx, const Tree *t, const char *who, Err *e)
{
    Reader r, now;
    TRY(access_reader_account(w->access, a, tx, t, str_of(who), &r, e));
    now = r;
    now.posts = NULL;
    now.stands = NULL;
    now.lents = NULL;
    now.post_n = now.stand_n = now.lent_n = 0;
    TRY(access_fill_posts(a, tx, &now, e));
    return same_reader(&r, &now) ? 0 : 1;
}

static void *ask(void *arg)
{
    Questioner *j = arg;
    Arena *a = arena_new(4096);
    Conn *c = NULL;
    Err e = err_on(a);
    j->bad = store_conn(j->w->store, &c, &e) < 0;
    while (!j->bad && !*j->is_over) {
        Tx *tx = NULL;
        if (tx_read(c, &tx, &e) < 0 || access_tree_refresh(j->w->access, tx, &e) < 0) {
            j->bad++;
            tx_end(tx);
            break;
        }
        const Tree *t = access_tree_hold(j->w->access);
        for (size_t i = 0; i < LEN(persons); i++) {
            int rc = ask_once(j->w, a, tx, t, persons[i], &e);
            /* the tree may be newer than the snapshot: only then may a unit be unknown */
            j->bad += rc != 0 && rc != ERR_BUSY;
            j->asked++;
        }
        access_tree_drop(j->w->access, t);
        tx_end(tx);
        arena_reset(a);
        e = err_on(a);
    }
    conn_close(c);
    arena_free(a);
    return NULL;
}

BOTH_WORLDS(many_threads_ask_while_postings_change)
{
    people(w);
    _Atomic bool is_over = false;
    Questioner jobs[THREADS] = {0};
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (Questioner){.w = w, .is_over = &is_over};
        REQUIRE(pthread_create(&jobs[i].thread, NULL, ask, &jobs[i]) == 0);
    }
    for (int i = 0; i < ROUNDS; i++) {
        if (staff(w, "spare", 4 + (size_t)(i & 1), 0, 1) == 0)
            (void)end(w, world_posting(w, "spare"), -1);
        (void)lend(w, 2, i & 1 ? "t2" : "t3", i % 3 - 1);
        err_clear(w->e);
    }
    is_over = true;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(jobs[i].thread, NULL);
        EXPECT_EQ_I64(jobs[i].bad, 0);
        EXPECT(jobs[i].asked > 0);
    }
}
