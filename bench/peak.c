/* peak.c: how much memory a command held at most.
 *
 *   peak COMMAND...       runs it; then says `peak_mb N` on stderr and ends as it did */
#include "bench.h" /* first: it says which libc */

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage used;
    int status;
    if (argc < 2)
        die("usage: peak COMMAND...");
    pid_t pid = fork();
    if (pid < 0)
        die("peak: no process");
    if (pid == 0) {
        (void)execv(argv[1], argv + 1);
        die("peak: cannot run %s", argv[1]);
    }
    if (wait4(pid, &status, 0, &used) != pid)
        die("peak: it was lost");
    (void)fprintf(stderr, "peak_mb %.1f\n", (double)used.ru_maxrss / 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
