/* env.c: the real outside: the machine's clocks, OpenSSL's random numbers, the disk. The only file
 * that asks libc for the time. */
#include "base/base_int.h"
#include "base/ossl.h"

#include <stdatomic.h>

static int64_t clock_us(clockid_t id)
{
    struct timespec t;
    CHECK(clock_gettime(id, &t) == 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static UnixMs real_now_ms(void *self)
{
    (void)self;
    return clock_us(CLOCK_REALTIME) / 1000;
}

static int64_t real_mono_us(void *self)
{
    (void)self;
    return clock_us(CLOCK_MONOTONIC);
}

static void real_random(void *self, void *p, size_t n)
{
    (void)self;
    CHECK(n <= INT32_MAX);
    CHECK(RAND_bytes(p, (int)n) == 1); /* ids and tokens must never be guessable: better to stop */
}

static const EnvFns real_fns = {
    .now_ms = real_now_ms,
    .mono_us = real_mono_us,
    .random = real_random,
    .read_file = file_read,
    .write_file = file_write,
    .make_dir = file_make_dir,
    .list_dir = file_list_dir,
    .remove = file_remove,
};

Env *env_real(void)
{
    static Env env = {.fns = &real_fns}; /* its one mutable part is the atomic last_id */
    return &env;
}

/* 48 bits of ms, version, 12 bits of counter, variant, 62 random bits (RFC 9562). ms and counter
 * are one number that only rises: a full counter borrows from the next ms, and while a clock was
 * put back the counter alone goes on. */
Uuid env_uuid7(Env *env)
{
    Uuid u;
    UnixMs now = env_now_ms(env);
    CHECK(now >= 0 && now < INT64_C(1) << 48);
    uint64_t fresh = (uint64_t)now << 12;
    _Atomic uint64_t *at = env->fns->last_id ? env->fns->last_id(env->self) : &env->last_id;
    uint64_t last = atomic_load(at), next;
    do {
        next = last < fresh ? fresh : last + 1;
    } while (!atomic_compare_exchange_weak(at, &last, next));
    env_random(env, u.b + 8, 8);
    for (size_t i = 0; i < 6; i++)
        u.b[i] = (uint8_t)(next >> (52 - 8 * i));
    u.b[6] = (uint8_t)(0x70 | (next >> 8 & 0x0F));
    u.b[7] = (uint8_t)next;
    u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3F));
    return u;
}

Day env_today(Env *env)
{
    return day_of_ms(env_now_ms(env));
}
