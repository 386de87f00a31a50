/* clock.c: a clock that is set, for a server under test: cc -shared -fPIC, LD_PRELOAD, and
 * STAVE_CLOCK_SHIFT_S says how many seconds the time of day is put on. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *t)
{
    const char *shift = getenv("STAVE_CLOCK_SHIFT_S");
    int rc = (int)syscall(SYS_clock_gettime, id, t);
    if (rc == 0 && id == CLOCK_REALTIME && shift)
        t->tv_sec += atoll(shift);
    return rc;
}
