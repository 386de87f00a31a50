/* ready.c: how long a server takes from exec to its line `listening on`: the median of some
 * starts, in ms.
 *
 *   ready TIMES STAVE ARG...     each server is ended with SIGTERM and must end with 0 */
#include "bench.h" /* first: it says which libc */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static double start_once(char **argv)
{
    int fds[2], status = -1;
    char line[256];
    if (pipe(fds) != 0)
        die("ready: no pipe");
    int64_t start = now_us();
    pid_t pid = fork();
    if (pid < 0)
        die("ready: cannot fork");
    if (pid == 0) {
        if (dup2(fds[1], 1) < 0)
            _exit(127);
        (void)close(fds[0]);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    (void)close(fds[1]);
    FILE *f = fdopen(fds[0], "r");
    if (!f || !fgets(line, sizeof line, f) || strncmp(line, "listening on ", 13) != 0)
        die("ready: %s said nothing", argv[0]);
    double ms = (double)(now_us() - start) / 1000;
    if (kill(pid, SIGTERM) != 0 || waitpid(pid, &status, 0) != pid || status != 0)
        die("ready: the server did not end with 0 (status %d)", status);
    (void)fclose(f);
    return ms;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
    double ms[64];
    int n = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    if (n < 1 || n > 64)
        die("usage: ready TIMES STAVE ARG...");
    for (int i = 0; i < n; i++)
        ms[i] = start_once(argv + 2);
    qsort(ms, (size_t)n, sizeof ms[0], by_size);
    (void)printf("%.1f\n", ms[n / 2]);
    return 0;
}
