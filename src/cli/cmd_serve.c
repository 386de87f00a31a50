/* cmd_serve.c: `stave serve`: serves until SIGTERM or SIGINT, then drains and ends with 0. */
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"

static int parse_listen(Str listen, Str *ret_host, uint16_t *ret_port, Err *e)
{
    ptrdiff_t colon = -1;
    for (size_t i = 0; i < listen.n; i++)
        if (listen.p[i] == ':')
            colon = (ptrdiff_t)i;
    int64_t port = -1;
    if (colon <= 0 || !str_i64(str_sub(listen, (size_t)colon + 1, listen.n), &port) || port < 0 ||
        port > 65535)
        return err_set(e, ERR_INVALID, "cli.bad_listen", listen);
    *ret_host = str_sub(listen, 0, (size_t)colon);
    *ret_port = (uint16_t)port;
    return 0;
}

/* One datagram to whoever supervises; without a supervisor nothing happens. */
static void notify(const char *text)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, path, strlen(path));
    if (*path == '@')
        to.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    (void)sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to,
                 n); /* advice to the supervisor only */
    (void)close(fd);
}

static void wait_for_signal(const sigset_t *set)
{
    int got;
    while (sigwait(set, &got) != 0)
        ;
}

int cmd_serve(Cli *c)
{
    Err e = err_on(c->arena);
    Deployment *d = (Deployment *)((char *)c->app - offsetof(Deployment, app));
    Str listen = cli_has(c, "--listen") ? cli_option(c, "--listen") : d->listen, host;
    uint16_t port = 0;
    Socket *sock = NULL;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return EXIT_FAULT;
    if (parse_listen(listen, &host, &port, &e) < 0 ||
        web_start(c->app, host, port, d->hosts, &e) < 0)
        return cli_fail(c, &e);
    if (store_engine(c->app->store) == ENGINE_SQLITE &&
        socket_serve(c->env, c->app, &sock, &e) < 0) {
        web_stop(c->app);
        return cli_fail(c, &e);
    }
    cli_out(c, "listening on http://%.*s:%u\n", STR_ARG(host), (unsigned)http_port(c->app->http));
    (void)fflush(stdout); /* a closed pipe does not stop the server */
    notify("READY=1");
    wait_for_signal(&set);
    notify("STOPPING=1");
    socket_stop(sock);
    web_stop(c->app);
    return EXIT_DONE;
}
