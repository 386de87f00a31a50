/* test_sim_nodes_util.c: nodes of the simulation: they take turns, act at the same time, one is
 * killed in the middle of writing. What was answered must be there, nothing may be doubled by who
 * sends again. On SQLite there is one node; who would be the second acts behind the first. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test_sim_util.h"

/* ---- open and close ---- */

static bool is_pg(const Sim *s)
{
    return s->t->engine == ENGINE_PG;
}

static void open_nodes(Sim *s, const Model *model)
{
    for (int i = 0; i < (is_pg(s) ? 2 : 1); i++)
        county_open(&s->nodes[i], s->t, model, s->t->env, s->t->arena);
    s->w = &s->nodes[0];
}

void sim_begin(Sim *s, TestStore *t)
{
    *s = (Sim){.t = t, .state = test_seed(), .items = NEW_N(t->arena, Item, SIM_ITEMS)};
    house_begin(&s->nodes[0], t); /* its people and units, then as after a start */
    const Model *model = s->nodes[0].model;
    county_end(&s->nodes[0]);
    open_nodes(s, model);
    s->course = sim_new_id(s);
}

void sim_end(Sim *s)
{
    for (int i = 0; i < (is_pg(s) ? 2 : 1); i++)
        county_end(&s->nodes[i]);
}

void sim_turn(Sim *s)
{
    uint64_t i = sim_dice(s, 2); /* on SQLite too: the dice fall alike */
    s->w = &s->nodes[is_pg(s) ? i : 0];
    county_look(s->w);
}

/* A node of its own for a while: its dice and its memory, the day's hour. */
static void visit(Sim *s, County *c, uint64_t seed)
{
    Env *env = env_test_new(env_now_ms(s->t->env), seed);
    county_open(c, s->t, s->nodes[0].model, env, arena_new(64 * 1024));
}

static void leave(County *c)
{
    Env *env = c->env;
    Arena *a = c->a;
    county_end(c);
    env_test_free(env);
    arena_free(a);
}

/* ---- letters ---- */

static int letters(Sim *s, Item *ret)
{
    int n = 6 + (int)sim_dice(s, SIM_LETTERS - 6 + 1);
    for (int i = 0; i < n; i++) {
        bool is_diary = i < 2; /* of two people, so that none is in the other's way */
        ret[i] = (Item){.id = sim_new_id(s),
                        .account = i == 0   ? "fs111"
                                   : i == 1 ? "fs112"
                                            : sim_villager(s)};
        ret[i].day = is_diary ? sim_text(s, sim_day(s, (int)sim_dice(s, 4))) : NULL;
        ret[i].body = is_diary ? str_fmt(s->t->arena, "去了%d户。", i + 1)
                               : str_fmt(s->t->arena, "第%d处水渠要修", i + 1);
    }
    return n;
}

/* Until it is answered, as a phone does. */
static int deliver(County *w, const Item *it)
{
    Err e = err_on(w->a);
    int rc = ERR_BUSY;
    for (int i = 0; rc == ERR_BUSY && i < SIM_TRIES; i++)
        rc = sim_send(w, it, &e);
    sim_expect_ordinary(rc, &e);
    return rc;
}

static bool is_there(int rc)
{
    return rc == 0 || rc == ERR_EXISTS;
}

/* ---- killed ---- */

/* The node that dies: says that it is up, then each answer. Never returns; it is killed. */
static _Noreturn void write_until_killed(Sim *s, uint64_t seed, const Item *list, int n, int fd)
{
    County c;
    visit(s, &c, seed);
    for (int i = -1; i < n; i++) {
        int8_t rc = i < 0 ? 0 : (int8_t)deliver(&c, &list[i]);
        REQUIRE(write(fd, &rc, 1) == 1);
        if (i == 1)
            (void)sim_tick(&c); /* how many: the parent asks the table */
    }
    for (;;)
        pause();
}

static pid_t start(Sim *s, uint64_t seed, const Item *list, int n, int *ret_fd)
{
    int fd[2];
    REQUIRE(pipe(fd) == 0);
    fflush(stdout);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0)
        write_until_killed(s, seed, list, n, fd[1]);
    close(fd[1]);
    *ret_fd = fd[0];
    return pid;
}

/* Answers until there are `until` of them, or until the end. */
static int hear(int fd, int8_t *rcs, int n, int until)
{
    while (n < until && read(fd, &rcs[n], 1) == 1)
        n++;
    return n;
}

/* What was answered before the kill is there; the rest is sent again, everything twice. */
static void send_all_again(Sim *s, County *c, const Item *list, int n, const int8_t *rcs, int heard)
{
    for (int i = 0; i < n; i++) {
        int rc = deliver(c, &list[i]);
        if (i < heard && is_there(rcs[i]))
            EXPECT_EQ_I64(rc, ERR_EXISTS);
        if (i >= heard)
            s->kept += rc == ERR_EXISTS;
        s->written += is_there(rc);
    }
    int64_t history = sim_ask(c, "SELECT count(*) FROM history");
    int64_t duties = sim_ask(c, "SELECT count(*) FROM duty");
    for (int i = n - 1; i >= 0; i--)
        EXPECT(deliver(c, &list[i]) != 0);
    EXPECT_EQ_I64(sim_ask(c, "SELECT count(*) FROM history"), history);
    EXPECT_EQ_I64(sim_ask(c, "SELECT count(*) FROM duty"), duties);
}

void sim_crash(Sim *s)
{
    Item list[SIM_LETTERS];
    int8_t rcs[SIM_LETTERS + 1] = {0};
    int n = letters(s, list), until = 1 + (int)sim_dice(s, (uint64_t)n), fd, status;
    uint64_t seed = sim_dice(s, UINT32_MAX);
    struct timespec more = {.tv_nsec = (long)sim_dice(s, 3000000)};
    const Model *model = s->nodes[0].model;
    County c;
    if (!is_pg(s))
        sim_end(s); /* one process writes an SQLite file; it is the one that dies */
    pid_t pid = start(s, seed, list, n, &fd);
    if (is_pg(s)) { /* the other node lives on and writes meanwhile */
        visit(s, &c, seed + 1);
        (void)sim_tick(&c);
        for (int i = n - 1; i > n / 2; i--)
            EXPECT(deliver(&c, &list[i]) != ERR_BUSY);
    }
    int heard = hear(fd, rcs, 0, until);
    nanosleep(&more, NULL);
    EXPECT(kill(pid, SIGKILL) == 0);
    REQUIRE(waitpid(pid, &status, 0) == pid);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    heard = hear(fd, rcs, heard, n + 1) - 1; /* without the word that it was up */
    EXPECT(heard >= until - 1);
    close(fd);
    if (!is_pg(s))
        visit(s, &c, seed + 1);
    send_all_again(s, &c, list, n, rcs + 1, heard);
    (void)sim_tick(&c); /* what the dead one had not told */
    leave(&c);
    if (!is_pg(s))
        open_nodes(s, model);
    env_test_move(s->t->env, 1);
    s->crashes++;
    s->heard += heard;
    s->unheard += n - heard;
}

/* ---- at the same time ---- */

typedef struct Node {
    County *w;
    const Item *list;
    const FlowDuty *press; /* NULL: nothing */
    int n, rcs[SIM_LETTERS], pressed, told;
    bool is_backward;
} Node;

static void press(Node *x)
{
    Err e;
    x->pressed = ERR_BUSY;
    for (int i = 0; x->pressed == ERR_BUSY && i < SIM_TRIES; i++)
        x->pressed =
            house_write(x->w, "town1", "diary", x->press->record, "accept", NULL, 0, NULL, 0, &e);
    EXPECT(x->pressed == 0 || x->pressed == ERR_STATE || x->pressed == ERR_EXISTS);
}

static void *act_at_once(void *node)
{
    Node *x = node;
    x->told = sim_tick(x->w);
    for (int i = 0; i < x->n; i++) {
        int k = x->is_backward ? x->n - 1 - i : i;
        x->rcs[k] = deliver(x->w, &x->list[k]);
        if (i == x->n / 2 && x->press)
            press(x);
    }
    x->told += sim_tick(x->w);
    return NULL;
}

static const FlowDuty *to_accept(Sim *s)
{
    FlowDuty *list;
    int n = sim_owed(s->w, "town1", &list);
    for (int i = 0; i < n; i++)
        if (str_eq(list[i].name, S("review")))
            return &list[i];
    return NULL;
}

static void compare(Sim *s, const Node *x, const Node *y)
{
    for (int i = 0; i < x->n; i++) {
        bool is_one = (x->rcs[i] == 0) + (y->rcs[i] == 0) == 1; /* one node made it, */
        EXPECT(is_one ? is_there(x->rcs[i]) && is_there(y->rcs[i]) : x->rcs[i] == y->rcs[i]);
        s->written += is_one;
        s->raced += is_one;
        s->second += y->rcs[i] == 0;
    }
    if (x->press) /* pressed on both, done once */
        EXPECT((x->pressed == 0) + (y->pressed == 0) == 1);
    s->told += x->told + y->told;
}

static int64_t told_rows(County *w)
{
    return sim_ask(w, "SELECT count(*) FROM notice WHERE what IN ('late', 'remind')");
}

void sim_both(Sim *s)
{
    Item list[SIM_LETTERS];
    int n = letters(s, list);
    uint64_t seed = sim_dice(s, UINT32_MAX);
    const FlowDuty *button = to_accept(s);
    const Model *model = s->nodes[0].model;
    int64_t rows = told_rows(s->w);
    County a, b;
    if (!is_pg(s))
        sim_end(s);
    visit(s, &a, seed);
    if (is_pg(s))
        visit(s, &b, seed + 1);
    Node x = {.w = &a, .list = list, .n = n, .press = button};
    Node y = {.w = is_pg(s) ? &b : &a, .list = list, .n = n, .press = button, .is_backward = true};
    if (is_pg(s)) {
        pthread_t other;
        REQUIRE(pthread_create(&other, NULL, act_at_once, &y) == 0);
        act_at_once(&x);
        REQUIRE(pthread_join(other, NULL) == 0);
        leave(&b);
    } else {
        act_at_once(&x);
        act_at_once(&y);
    }
    compare(s, &x, &y);
    EXPECT_EQ_I64(told_rows(&a), rows + x.told + y.told); /* each told by one of them */
    leave(&a);
    if (!is_pg(s))
        open_nodes(s, model);
    env_test_move(s->t->env, 1);
    s->meetings++;
}
