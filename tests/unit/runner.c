/* runner.c: runs the registered tests, one process each, and prints TAP. See test.h.
 *
 *   test_X [NAME...]      only tests whose name begins with NAME
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOWER = 3 };
#else
enum { SLOWER = 1 };
#endif

static TestCase *first, **last = &first;
static uint64_t seed, dice;
static int fail_n; /* in this test's process; only its own threads may raise it, by EXPECT */

void test_register(TestCase *c)
{
    *last = c;
    last = &c->next;
}

uint64_t test_seed(void)
{
    return seed;
}

uint64_t test_random(void) /* splitmix64 */
{
    uint64_t z = __atomic_add_fetch(&dice, 0x9e3779b97f4a7c15u, __ATOMIC_RELAXED);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t test_below(uint64_t end)
{
    return end ? test_random() % end : 0;
}

static void say(const char *head, const char *fmt, va_list ap)
{
    char text[2048];
    vsnprintf(text, sizeof text, fmt, ap);
    for (char *p = text; *p; p++) /* one line, so it stays a TAP comment */
        if (*p == '\n')
            *p = ' ';
    printf("# %s%s\n", head, text);
    fflush(stdout);
}

void test_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say("", fmt, ap);
    va_end(ap);
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
    char head[256];
    va_list ap;
    __atomic_add_fetch(&fail_n, 1, __ATOMIC_RELAXED);
    snprintf(head, sizeof head, "%s:%d: not so: ", file, line);
    va_start(ap, fmt);
    say(head, fmt, ap);
    va_end(ap);
}

bool test_that(const char *file, int line, const char *what, bool is_so)
{
    if (!is_so)
        test_fail(file, line, "%s", what);
    return is_so;
}

void test_end(void)
{
    fflush(stdout);
    _exit(fail_n ? 1 : 0);
}

bool test_i64(const char *file, int line, const char *what, int64_t got, int64_t want)
{
    if (got != want)
        test_fail(file, line, "%s is %" PRId64 ", expected %" PRId64, what, got, want);
    return got == want;
}

bool test_str(const char *file, int line, const char *what, Str got, Str want)
{
    bool is_same = str_has(got) == str_has(want) && got.n == want.n &&
                   (got.n == 0 || !memcmp(got.p, want.p, got.n));
    if (!is_same)
        test_fail(file, line, "%s is %s%.*s%s, expected %s%.*s%s", what,
                  str_has(got) ? "\"" : "absent", STR_ARG(got), str_has(got) ? "\"" : "",
                  str_has(want) ? "\"" : "absent", STR_ARG(want), str_has(want) ? "\"" : "");
    return is_same;
}

void test_err(const char *file, int line, const char *what, const Err *e)
{
    test_fail(file, line, "%s: class %d, key %.*s, args [%.*s] [%.*s], set at %s:%d", what, e->cls,
              STR_ARG(e->key), STR_ARG(e->args[0]), STR_ARG(e->args[1]), e->file ? e->file : "-",
              e->line);
    for (size_t i = 0; i < e->field_n; i++)
        test_note("field %.*s: %.*s [%.*s]", STR_ARG(e->fields[i].field), STR_ARG(e->fields[i].key),
                  STR_ARG(e->fields[i].args[0]));
}

bool test_expect_err(const char *file, int line, const char *what, int got, int want, Err *e)
{
    bool is_so = got == want && e->cls == want;
    if (!is_so)
        test_fail(file, line, "%s gave %d (Err %d %.*s), expected %d", what, got, e->cls,
                  STR_ARG(e->key), want);
    err_clear(e);
    return is_so;
}

static void run_child(TestCase *c)
{
    setpgid(0, 0);
    dice = seed ^ str_hash(str_of(c->name));
    c->run();
    fflush(stdout);
    exit(fail_n ? 1 : 0); /* not _exit: the leak check runs at exit */
}

/* Waits for the child; SIGCHLD is blocked, so none is missed. Gives the wait status, -1 for a hang.
 */
static int wait_child(pid_t pid, int seconds, const sigset_t *chld)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    for (;;) {
        int status;
        pid_t got = waitpid(pid, &status, WNOHANG);
        if (got == pid)
            return status;
        if (got < 0 && errno != EINTR)
            abort();
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
            return -1;
        struct timespec rest = {.tv_sec = end.tv_sec - now.tv_sec, .tv_nsec = 100 * 1000 * 1000};
        sigtimedwait(chld, NULL, &rest);
    }
}

/* True when it passed. */
static bool run_one(TestCase *c, const sigset_t *chld, const sigset_t *old)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        printf("# fork: %s\n", strerror(errno));
        return false;
    }
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, old, NULL);
        run_child(c);
    }
    setpgid(pid, pid);
    int status = wait_child(pid, c->seconds * SLOWER, chld);
    kill(-pid, SIGKILL); /* whatever it left running */
    if (status == -1) {
        waitpid(pid, &status, 0);
        printf("# %s hung for %d s\n", c->name, c->seconds * SLOWER);
        return false;
    }
    if (WIFSIGNALED(status))
        printf("# %s died of signal %d (%s)\n", c->name, WTERMSIG(status),
               strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) > 1)
        printf("# %s ended with %d\n", c->name, WEXITSTATUS(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_wanted(const TestCase *c, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strncmp(c->name, argv[i], strlen(argv[i])))
            return true;
    return argc < 2;
}

static void choose_seed(void)
{
    const char *z = getenv("STAVE_SEED");
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    seed = z ? strtoull(z, NULL, 10)
             : ((uint64_t)t.tv_sec * 1000003u ^ (uint64_t)t.tv_nsec) % 1000000007u;
    printf("# STAVE_SEED=%" PRIu64 "\n", seed);
}

int main(int argc, char **argv)
{
    int n = 0, ran = 0, failed = 0;
    sigset_t chld, old;
    setvbuf(stdout, NULL, _IOLBF, 0);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &old);
    for (TestCase *c = first; c; c = c->next)
        n += is_wanted(c, argc, argv);
    choose_seed();
    printf("1..%d\n", n);
    for (TestCase *c = first; c; c = c->next) {
        if (!is_wanted(c, argc, argv))
            continue;
        bool is_ok = run_one(c, &chld, &old);
        failed += !is_ok;
        printf("%sok %d - %s\n", is_ok ? "" : "not ", ++ran, c->name);
    }
    return failed || n == 0;
}
