/* env_test.c: an outside for tests: the clock is held, the dice repeat, the disk is real. */
#include "base/base_int.h"

#include <stdatomic.h>

typedef struct EnvTest {
    Env env;
    _Atomic int64_t now_ms;
    _Atomic int64_t mono_us;
    _Atomic uint64_t dice;
} EnvTest;

static UnixMs test_now_ms(void *self)
{
    return atomic_load(&((EnvTest *)self)->now_ms);
}

static int64_t test_mono_us(void *self)
{
    return atomic_load(&((EnvTest *)self)->mono_us);
}

/* splitmix64: its state is a counter, so threads need no lock and one seed gives one sequence */
static uint64_t test_dice(EnvTest *t)
{
    uint64_t z = atomic_fetch_add(&t->dice, UINT64_C(0x9E3779B97F4A7C15)) +
                 UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void test_random(void *self, void *p, size_t n)
{
    uint8_t *out = p;
    while (n) {
        uint64_t v = test_dice(self);
        size_t take = n < sizeof v ? n : sizeof v;
        memcpy(out, &v, take);
        out += take;
        n -= take;
    }
}

static const EnvFns test_fns = {
    .now_ms = test_now_ms,
    .mono_us = test_mono_us,
    .random = test_random,
    .read_file = file_read,
    .write_file = file_write,
    .make_dir = file_make_dir,
    .list_dir = file_list_dir,
    .remove = file_remove,
};

Env *env_test_new(UnixMs now_ms, uint64_t seed)
{
    EnvTest *t = calloc(1, sizeof *t);
    CHECK(t != NULL);
    t->env.fns = &test_fns;
    t->env.self = t;
    atomic_store(&t->now_ms, now_ms);
    atomic_store(&t->dice, seed);
    return &t->env;
}

void env_test_move(Env *env, int64_t ms)
{
    CHECK(env->fns == &test_fns);
    EnvTest *t = env->self;
    atomic_fetch_add(&t->now_ms, ms);
    if (ms > 0) /* a wall clock may be put back, the other never */
        atomic_fetch_add(&t->mono_us, ms * 1000);
}

void env_test_free(Env *env)
{
    if (!env)
        return;
    CHECK(env->fns == &test_fns);
    free(env->self);
}
