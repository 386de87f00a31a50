/* env_*: clock, dice, ids, disk */
// tsan
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "test.h"

TEST(the_test_clock_stands)
{
    Env *env = env_test_new(INT64_C(1795161780123), 1);
    EXPECT_EQ_I64(env_now_ms(env), INT64_C(1795161780123));
    EXPECT_EQ_I64(env_now_ms(env), INT64_C(1795161780123));
    EXPECT_EQ_I64(env_today(env), 20777);
    int64_t mono = env_mono_us(env);
    env_test_move(env, 8 * 3600 * 1000);
    EXPECT_EQ_I64(env_today(env), 20778);
    EXPECT_EQ_I64(env_mono_us(env) - mono, INT64_C(8) * 3600 * 1000000);
    mono = env_mono_us(env);
    env_test_move(env, -1000);
    EXPECT_EQ_I64(env_mono_us(env), mono);
    EXPECT_EQ_I64(env_now_ms(env), INT64_C(1795161780123) + 8 * 3600 * 1000 - 1000);
    env_test_free(env);
    env_test_free(NULL);
}

TEST(the_dice_repeat_with_their_seed)
{
    uint8_t a[37], b[37], c[37];
    Env *one = env_test_new(0, 5), *two = env_test_new(0, 5), *three = env_test_new(0, 6);
    env_random(one, a, sizeof a);
    env_random(two, b, sizeof b);
    env_random(three, c, sizeof c);
    EXPECT(memcmp(a, b, sizeof a) == 0);
    EXPECT(memcmp(a, c, sizeof a) != 0);
    env_random(one, b, sizeof b);
    EXPECT(memcmp(a, b, sizeof a) != 0);
    EXPECT(uuid_eq(env_uuid7(one), env_uuid7(one)) == false);
    env_test_free(one);
    env_test_free(two);
    env_test_free(three);
}

TEST(ids_rise_even_when_the_clock_goes_back)
{
    Env *env = env_test_new(INT64_C(1795161780123), 1);
    Uuid last = env_uuid7(env);
    EXPECT(uuid_is_v7(last));
    EXPECT_EQ_I64(uuid_ms(last), INT64_C(1795161780123));
    for (int i = 0; i < 10000; i++) { /* more than a ms has counters for */
        if (i == 5000)
            env_test_move(env, -60000);
        Uuid u = env_uuid7(env);
        EXPECT(uuid_cmp(last, u) < 0);
        EXPECT(uuid_is_v7(u));
        last = u;
    }
    EXPECT(uuid_ms(last) <= INT64_C(1795161780123) + 3);
    env_test_move(env, 120000);
    EXPECT_EQ_I64(uuid_ms(env_uuid7(env)), INT64_C(1795161780123) + 60000);
    env_test_free(env);
}

enum { THREADS = 4, IDS = 5000 };
static Uuid made[THREADS][IDS]; /* too large for a stack under TSan */

static void *make_ids(void *to)
{
    Uuid *u = to;
    for (int i = 0; i < IDS; i++)
        u[i] = env_uuid7(env_real());
    return NULL;
}

static int by_id(const void *a, const void *b)
{
    return uuid_cmp(*(const Uuid *)a, *(const Uuid *)b);
}

TEST(real_ids_are_unique_over_threads)
{
    pthread_t t[THREADS];
    Uuid *all = made[0];
    int wrong = 0;
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&t[i], NULL, make_ids, made[i]) == 0);
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_join(t[i], NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        for (int j = 1; j < IDS; j++)
            wrong += uuid_cmp(made[i][j - 1], made[i][j]) >= 0;
    EXPECT_EQ_I64(wrong, 0);
    qsort(all, THREADS * IDS, sizeof *all, by_id);
    for (int i = 1; i < THREADS * IDS; i++)
        wrong += memcmp(all[i - 1].b, all[i].b, 8) == 0; /* by time and counter alone */
    EXPECT_EQ_I64(wrong, 0);
}

TEST(real_clocks_and_dice)
{
    Env *env = env_real();
    uint8_t a[32] = {0}, b[32] = {0};
    EXPECT(env_now_ms(env) > INT64_C(1700000000000));
    int64_t before = env_mono_us(env);
    EXPECT(env_mono_us(env) >= before);
    env_random(env, a, sizeof a);
    env_random(env, b, sizeof b);
    EXPECT(memcmp(a, b, sizeof a) != 0);
}

typedef struct Disk {
    Arena *a;
    Env *env;
    Err e;
    Str dir;
} Disk;

static Disk disk_open(void)
{
    char tmp[] = "/tmp/test_base_XXXXXX";
    Disk d = {.a = arena_new(0), .env = env_real()};
    CHECK(mkdtemp(tmp) != NULL);
    d.e = err_on(d.a);
    d.dir = str_copy(d.a, str_of(tmp));
    return d;
}

static void disk_close(Disk *d)
{
    EXPECT_EQ_I64(d->env->fns->remove(d->env->self, d->dir, &d->e), 0); /* fails unless empty */
    arena_free(d->a);
}

static Str in_dir(Disk *d, const char *name)
{
    return str_fmt(d->a, "%.*s/%s", STR_ARG(d->dir), name);
}

TEST(files_are_written_whole_and_read_back)
{
    Disk d = disk_open();
    const EnvFns *f = d.env->fns;
    Str path = in_dir(&d, "a.txt"), got = S("untouched");
    struct stat st;
    EXPECT_EQ_I64(f->read_file(NULL, d.a, path, 100, &got, &d.e), ERR_MISSING);
    EXPECT_STR_EQ(d.e.key, S("base.file_missing"));
    EXPECT_STR_EQ(got, S("untouched"));
    err_clear(&d.e);
    EXPECT_EQ_I64(f->write_file(NULL, path, S("one\0two"), 0600, &d.e), 0);
    EXPECT_EQ_I64(f->read_file(NULL, d.a, path, 7, &got, &d.e), 0);
    EXPECT_STR_EQ(got, S("one\0two"));
    EXPECT(stat(str_z(d.a, path), &st) == 0);
    EXPECT_EQ_I64(st.st_mode & 07777, 0600);
    EXPECT_EQ_I64(f->write_file(NULL, path, S(""), 0640, &d.e), 0);
    EXPECT_EQ_I64(f->read_file(NULL, d.a, path, 0, &got, &d.e), 0);
    EXPECT(str_has(got) && got.n == 0);
    EXPECT(stat(str_z(d.a, path), &st) == 0);
    EXPECT_EQ_I64(st.st_mode & 07777, 0640);
    EXPECT_EQ_I64(d.e.cls, 0);
    EXPECT_EQ_I64(f->remove(NULL, path, &d.e), 0);
    EXPECT_EQ_I64(f->remove(NULL, path, &d.e), ERR_MISSING);
    err_clear(&d.e);
    disk_close(&d); /* also: no temporary file is left */
}

TEST(large_files_and_the_limit)
{
    Disk d = disk_open();
    const EnvFns *f = d.env->fns;
    Str path = in_dir(&d, "big"), got = STR_NONE;
    char *data = arena_alloc(d.a, 3000000);
    for (size_t i = 0; i < 3000000; i++)
        data[i] = (char)(i * 31 >> 3);
    EXPECT_EQ_I64(f->write_file(NULL, path, (Str){data, 3000000}, 0600, &d.e), 0);
    EXPECT_EQ_I64(f->read_file(NULL, d.a, path, 3000000, &got, &d.e), 0);
    EXPECT(got.n == 3000000 && memcmp(got.p, data, got.n) == 0);
    EXPECT_EQ_I64(f->read_file(NULL, d.a, path, 2999999, &got, &d.e), ERR_LIMIT);
    EXPECT_STR_EQ(d.e.args[1], S("2999999"));
    err_clear(&d.e);
    /* a file without a length of its own */
    EXPECT_EQ_I64(f->read_file(NULL, d.a, S("/dev/zero"), 100000, &got, &d.e), ERR_LIMIT);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->read_file(NULL, d.a, S("/proc/self/stat"), 100000, &got, &d.e), 0);
    EXPECT(got.n > 10);
    EXPECT_EQ_I64(f->read_file(NULL, d.a, d.dir, 100, &got, &d.e), ERR_IO);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->remove(NULL, path, &d.e), 0);
    disk_close(&d);
}

TEST(folders_and_listing)
{
    Disk d = disk_open();
    const EnvFns *f = d.env->fns;
    Str sub = in_dir(&d, "sub/"), *names = NULL;
    size_t n = 9;
    struct stat st;
    EXPECT_EQ_I64(f->list_dir(NULL, d.a, d.dir, &names, &n, &d.e), 0);
    EXPECT_EQ_I64(n, 0);
    EXPECT_EQ_I64(f->make_dir(NULL, sub, &d.e), 0);
    EXPECT(stat(str_z(d.a, sub), &st) == 0);
    EXPECT_EQ_I64(st.st_mode & 0777, 0700);
    EXPECT_EQ_I64(f->make_dir(NULL, sub, &d.e), ERR_EXISTS);
    err_clear(&d.e);
    for (int i = 39; i >= 0; i--)
        EXPECT_EQ_I64(f->write_file(NULL, in_dir(&d, str_z(d.a, str_fmt(d.a, "f%02d", i))),
                                    S("x"), 0600, &d.e), 0);
    EXPECT_EQ_I64(f->list_dir(NULL, d.a, d.dir, &names, &n, &d.e), 0);
    EXPECT_EQ_I64(n, 41);
    EXPECT_STR_EQ(names[0], S("f00"));
    EXPECT_STR_EQ(names[39], S("f39"));
    EXPECT_STR_EQ(names[40], S("sub"));
    EXPECT_EQ_I64(f->make_dir(NULL, in_dir(&d, "f00"), &d.e), ERR_IO);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->make_dir(NULL, in_dir(&d, "no/sub"), &d.e), ERR_MISSING);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->remove(NULL, d.dir, &d.e), ERR_IO); /* not empty */
    err_clear(&d.e);
    EXPECT_EQ_I64(f->list_dir(NULL, d.a, in_dir(&d, "no"), &names, &n, &d.e), ERR_MISSING);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->list_dir(NULL, d.a, d.dir, &names, &n, &d.e), 0);
    for (size_t i = 0; i < n; i++)
        EXPECT_EQ_I64(f->remove(NULL, in_dir(&d, str_z(d.a, names[i])), &d.e), 0);
    disk_close(&d);
}

TEST(a_write_that_fails_leaves_nothing)
{
    Disk d = disk_open();
    const EnvFns *f = d.env->fns;
    Str sub = in_dir(&d, "sub");
    EXPECT_EQ_I64(f->make_dir(NULL, sub, &d.e), 0);
    EXPECT_EQ_I64(f->write_file(NULL, sub, S("x"), 0600, &d.e), ERR_IO); /* a folder is there */
    EXPECT_STR_EQ(d.e.key, S("base.file_io"));
    err_clear(&d.e);
    EXPECT_EQ_I64(f->write_file(NULL, in_dir(&d, "no/a"), S("x"), 0600, &d.e), ERR_MISSING);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->write_file(NULL, S("/dev/full/a"), S("x"), 0600, &d.e), ERR_MISSING);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->write_file(NULL, S("a\0b"), S("x"), 0600, &d.e), ERR_INVALID);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->write_file(NULL, S(""), S("x"), 0600, &d.e), ERR_INVALID);
    err_clear(&d.e);
    EXPECT_EQ_I64(f->remove(NULL, sub, &d.e), 0);
    disk_close(&d);
}
