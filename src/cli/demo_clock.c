/* demo_clock.c: an outside whose clock stands where the story is and whose dice repeat; the disk
 * is real. */
#include <stdatomic.h>

#include "cli/demo.h"

struct DemoClock {
    Env env;
    Env *real;
    _Atomic int64_t now_ms;
    _Atomic uint64_t dice;
};

/* Where a thread of its own stands: several prepare at once. */
typedef struct Here {
    const DemoClock *of; /* NULL: where all stand */
    int64_t now_ms;
    uint64_t dice;
    _Atomic uint64_t last_id; /* so that ids do not tell which thread was quicker */
} Here;
static _Thread_local Here here;

uint64_t dice_next(Dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

int dice_below(Dice *d, int n)
{
    CHECK(n > 0);
    return (int)(dice_next(d) % (uint64_t)n);
}

bool dice_chance(Dice *d, int percent)
{
    return dice_below(d, 100) < percent;
}

static UnixMs clock_now(void *self)
{
    if (here.of == self)
        return here.now_ms;
    return atomic_load(&((DemoClock *)self)->now_ms);
}

static int64_t clock_mono(void *self)
{
    return env_mono_us(((DemoClock *)self)->real);
}

static void clock_random(void *self, void *p, size_t n)
{
    uint8_t *out = p;
    while (n) {
        Dice d = {here.of == self ? here.dice++
                                  : atomic_fetch_add(&((DemoClock *)self)->dice,
                                                     UINT64_C(0x9E3779B97F4A7C15))};
        uint64_t v = dice_next(&d);
        size_t take = n < sizeof v ? n : sizeof v;
        memcpy(out, &v, take);
        out += take;
        n -= take;
    }
}

static int clock_read(void *self, Arena *a, Str path, size_t max, Str *ret, Err *e)
{
    const Env *r = ((DemoClock *)self)->real;
    return r->fns->read_file(r->self, a, path, max, ret, e);
}

static int clock_write(void *self, Str path, Str data, int mode, Err *e)
{
    const Env *r = ((DemoClock *)self)->real;
    return r->fns->write_file(r->self, path, data, mode, e);
}

static int clock_make_dir(void *self, Str path, Err *e)
{
    const Env *r = ((DemoClock *)self)->real;
    return r->fns->make_dir(r->self, path, e);
}

static int clock_list_dir(void *self, Arena *a, Str path, Str **ret, size_t *ret_n, Err *e)
{
    const Env *r = ((DemoClock *)self)->real;
    return r->fns->list_dir(r->self, a, path, ret, ret_n, e);
}

static int clock_remove(void *self, Str path, Err *e)
{
    const Env *r = ((DemoClock *)self)->real;
    return r->fns->remove(r->self, path, e);
}

static _Atomic uint64_t *clock_last_id(void *self)
{
    return here.of == self ? &here.last_id : &((DemoClock *)self)->env.last_id;
}

static const EnvFns clock_fns = {
    .now_ms = clock_now,
    .mono_us = clock_mono,
    .random = clock_random,
    .read_file = clock_read,
    .write_file = clock_write,
    .make_dir = clock_make_dir,
    .list_dir = clock_list_dir,
    .remove = clock_remove,
    .last_id = clock_last_id,
};

DemoClock *demo_clock_new(Env *real, uint64_t seed)
{
    DemoClock *c = calloc(1, sizeof *c);
    CHECK(c != NULL);
    c->env.fns = &clock_fns;
    c->env.self = c;
    c->real = real;
    atomic_store(&c->now_ms, env_now_ms(real));
    atomic_store(&c->dice, seed);
    return c;
}

void demo_clock_free(DemoClock *c)
{
    free(c);
}

Env *demo_clock_env(DemoClock *c)
{
    return &c->env;
}

void demo_clock_set(DemoClock *c, Day day, int minute)
{
    enum { CHINA_MIN = 8 * 60 };
    atomic_store(&c->now_ms, ((int64_t)day * 24 * 60 + minute - CHINA_MIN) * 60000);
}

void demo_clock_here(const DemoClock *c, int64_t now_ms, uint64_t dice)
{
    here = (Here){.of = c, .now_ms = now_ms, .dice = dice};
}
