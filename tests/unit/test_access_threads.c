// tsan
/* test_access_threads.c: Access is shared by all workers: the tree changes under held ones, and no
 * more than two passwords are worked out at a time. */
#include <pthread.h>

#include "access/access_int.h"
#include "test_access_util.h"

enum { THREADS = 5, ROUNDS = 30 };

typedef struct Job {
    World *w;
    pthread_t thread;
    int number;
    int bad;
    _Atomic bool *is_over;
} Job;

static void *read_trees(void *arg)
{
    Job *j = arg;
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Conn *c = NULL;
    if (store_conn(j->w->store, &c, &e) < 0) {
        j->bad = 1;
        arena_free(a);
        return NULL;
    }
    while (!*j->is_over) {
        Tx *tx = NULL;
        if (tx_read(c, &tx, &e) < 0 || access_tree_refresh(j->w->access, tx, &e) < 0) {
            j->bad++;
            break;
        }
        const Tree *t = access_tree_hold(j->w->access);
        tx_end(tx);
        for (int i = 0; i < t->unit_n; i++)
            j->bad += tree_unit(t, t->units[i].id) != &t->units[i] || t->units[i].ix != i;
        access_tree_drop(j->w->access, t);
    }
    conn_close(c);
    arena_free(a);
    return NULL;
}

BOTH_WORLDS(trees_change_while_they_are_read)
{
    world_tree(w);
    _Atomic bool is_over = false;
    Job jobs[THREADS] = {0};
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (Job){.w = w, .number = i, .is_over = &is_over};
        REQUIRE(pthread_create(&jobs[i].thread, NULL, read_trees, &jobs[i]) == 0);
    }
    for (int i = 0; i < ROUNDS; i++)
        world_import(w, str_z(w->a, str_fmt(w->a, "n%d,New %d,village,t1\n", i, i)));
    is_over = true;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(jobs[i].thread, NULL);
        EXPECT_EQ_I64(jobs[i].bad, 0);
    }
    Look l = world_look(w);
    EXPECT_EQ_I64(l.tree->unit_n, 10 + ROUNDS);
    world_close(w, &l);
}

static void *hash_some(void *arg)
{
    Job *j = arg;
    Arena *a = arena_new(4096);
    for (int i = 0; i < 3; i++) {
        Str typed = str_fmt(a, "password %d of %d", i, j->number);
        bool rehash;
        j->bad += !access_password_right(
            j->w->access, a, access_password_hash(j->w->access, a, typed), typed, &rehash);
    }
    arena_free(a);
    return NULL;
}

static void *watch(void *arg)
{
    Job *j = arg;
    while (!*j->is_over) {
        pthread_mutex_lock(&j->w->access->hash_lock);
        int now = j->w->access->hash_n;
        pthread_mutex_unlock(&j->w->access->hash_lock);
        j->number = now > j->number ? now : j->number;
    }
    return NULL;
}

BOTH_WORLDS(two_passwords_at_a_time)
{
    _Atomic bool is_over = false;
    Job jobs[THREADS] = {0}, watcher = {.w = w, .is_over = &is_over};
    REQUIRE(pthread_create(&watcher.thread, NULL, watch, &watcher) == 0);
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (Job){.w = w, .number = i};
        REQUIRE(pthread_create(&jobs[i].thread, NULL, hash_some, &jobs[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(jobs[i].thread, NULL);
        EXPECT_EQ_I64(jobs[i].bad, 0);
    }
    is_over = true;
    pthread_join(watcher.thread, NULL);
    EXPECT_EQ_I64(watcher.number, ACCESS_HASHES_AT_ONCE);
}
