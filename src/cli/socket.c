/* socket.c: DIR/stave.sock: a writing command beside a running server runs inside it.
 *
 * Request:  u32 argc, then per argument u32 length and bytes, then u32 file length + 1 (0: no file)
 *           and the bytes, u32 language.
 * Answer:   frames of u8 kind (1 stdout, 2 stderr, 0 the end), u32 length, bytes; the end carries
 *           the exit code as its length. Numbers big-endian. The folder is 0700: whoever can
 *           connect may write. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"

enum {
    ARG_BYTES_MAX = 64 * 1024,
    IO_SECONDS = 60,   /* for one piece to come or go */
    ASK_SECONDS = 120, /* for a request to come whole */
};

struct Socket {
    Env *env;
    App *app;
    int fd, stop[2];
    pthread_t thread;
    pthread_mutex_t lock;
    int client;   /* under lock: whose request is being read, -1 none */
    bool is_over; /* under lock */
    char path[108];
};

static bool put_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n) {
        ssize_t w = send(fd, at, n, MSG_NOSIGNAL);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        at += w;
        n -= (size_t)w;
    }
    return true;
}

/* Where bytes come from, and until when they may (0: without end). */
typedef struct Source {
    int fd;
    Env *env;
    int64_t until_us;
} Source;

static bool take_all(Source *s, void *p, size_t n)
{
    char *at = p;
    while (n) {
        ssize_t r = recv(s->fd, at, n, 0);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0 || (s->until_us && env_mono_us(s->env) > s->until_us))
            return false;
        at += r;
        n -= (size_t)r;
    }
    return true;
}

static bool put_u32(int fd, uint32_t v)
{
    uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    return put_all(fd, b, sizeof b);
}

static bool take_u32(Source *s, uint32_t *ret)
{
    uint8_t b[4];
    if (!take_all(s, b, sizeof b))
        return false;
    *ret = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return true;
}

static bool take_bytes(Source *s, Arena *a, size_t n, Str *ret)
{
    char *p = arena_alloc(a, n + 1);
    *ret = (Str){p, n};
    return take_all(s, p, n);
}

static bool address(const char *path, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof ret->sun_path)
        return false;
    memcpy(ret->sun_path, path, n);
    return true;
}

static void write_frame(Cli *c, int fd, Str text)
{
    int to = *(int *)c->write_ctx;
    uint8_t kind = (uint8_t)fd;
    if (!put_all(to, &kind, 1) || !put_u32(to, (uint32_t)text.n) || !put_all(to, text.p, text.n))
        (void)shutdown(to, SHUT_RDWR); /* whoever asked has gone; the command still ends */
}

static bool take_request(Source *s, Arena *a, Cli *c, Str *args, int *ret_n)
{
    uint32_t argc, n, lang;
    if (!take_u32(s, &argc) || argc < 1 || argc > CLI_ARGS_MAX)
        return false;
    for (uint32_t i = 0; i < argc; i++)
        if (!take_u32(s, &n) || n > ARG_BYTES_MAX || !take_bytes(s, a, n, &args[i]))
            return false;
    if (!take_u32(s, &n) || n > LIMIT_IMPORT_BYTES + 1)
        return false;
    c->has_file = n > 0;
    if (n && !take_bytes(s, a, n - 1, &c->file))
        return false;
    if (!take_u32(s, &lang) || lang >= LANG_MAX)
        return false;
    c->lang = (Lang)lang;
    *ret_n = (int)argc;
    return true;
}

/* A request that is still coming when the server stops is given up; a command that runs ends. */
static bool hold_client(Socket *s, int fd)
{
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    bool may = !s->is_over;
    s->client = may ? fd : -1;
    CHECK(pthread_mutex_unlock(&s->lock) == 0);
    return may;
}

static void serve_one(Socket *s, int fd)
{
    struct timeval limit = {.tv_sec = IO_SECONDS};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
                     sizeof limit); /* without it a stuck peer waits longer */
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    Arena *a = arena_new(64 * 1024);
    Cli c = {.env = s->env, .arena = a, .write = write_frame, .write_ctx = &fd};
    Str args[CLI_ARGS_MAX];
    int n, code = EXIT_USAGE;
    Source from = {fd, s->env, env_mono_us(s->env) + (int64_t)ASK_SECONDS * 1000000};
    bool is_whole = hold_client(s, fd) && take_request(&from, a, &c, args, &n);
    if (hold_client(s, -1) && is_whole) {
        code = cli_parse(&c, n, args);
        if (code == EXIT_DONE && c.command &&
            (c.command->needs == NEEDS_TO_WRITE || c.command->needs == NEEDS_TO_CHANGE)) {
            c.app = s->app;
            code = c.command->run(&c);
        }
    }
    uint8_t end = 0;
    if (!put_all(fd, &end, 1) || !put_u32(fd, (uint32_t)code))
        log_line("warn", "socket=closed_early");
    arena_free(a);
}

static void *run(void *arg)
{
    Socket *s = arg;
    struct pollfd wait[2] = {{.fd = s->fd, .events = POLLIN}, {.fd = s->stop[0], .events = POLLIN}};
    for (;;) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (wait[1].revents)
            return NULL;
        if (wait[0].revents & (POLLERR | POLLNVAL))
            return NULL;
        if (!(wait[0].revents & POLLIN))
            continue;
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) { /* out of descriptors: whoever asks waits a moment */
            (void)poll(&wait[1], 1, 100);
            continue;
        }
        serve_one(s, fd);
        (void)close(fd);
    }
}

int socket_serve(Env *env, App *app, Socket **ret, Err *e)
{
    static Socket only; /* one per process, like the lock beside it */
    Socket *s = &only;
    *s = (Socket){.env = env, .app = app, .fd = -1, .client = -1};
    CHECK(pthread_mutex_init(&s->lock, NULL) == 0);
    struct sockaddr_un at;
    int n = snprintf(s->path, sizeof s->path, "%.*s/stave.sock", STR_ARG(app->dir));
    if (n < 0 || (size_t)n >= sizeof s->path || !address(s->path, &at))
        return err_set(e, ERR_LIMIT, "cli.path_too_long", app->dir);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)unlink(
        s->path); /* left by a server that was killed; the lock says nobody else is there */
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(s->fd, 16) != 0 || pipe(s->stop) != 0 ||
        pthread_create(&s->thread, NULL, run, s) != 0)
        return err_set(e, ERR_IO, "cli.no_socket", app->dir);
    *ret = s;
    return 0;
}

void socket_stop(Socket *s)
{
    if (!s)
        return;
    (void)!write(s->stop[1], "x", 1); /* the thread also ends when the process does */
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    s->is_over = true;
    if (s->client >= 0)
        (void)shutdown(s->client, SHUT_RD); /* gone already: as good */
    CHECK(pthread_mutex_unlock(&s->lock) == 0);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
    (void)unlink(s->path);
    (void)close(s->stop[0]);
    (void)close(s->stop[1]);
    CHECK(pthread_mutex_destroy(&s->lock) == 0);
}

static bool put_str(int fd, Str s)
{
    return put_u32(fd, (uint32_t)s.n) && put_all(fd, s.p, s.n);
}

static bool send_request(Cli *c, int fd)
{
    Str head, tail, name = str_of(c->command->name);
    bool has_two = str_cut(name, ' ', &head, &tail);
    int argc = c->arg_n + c->option_n + (has_two ? 2 : 1);
    if (argc > CLI_ARGS_MAX || !put_u32(fd, (uint32_t)argc) || !put_str(fd, head) ||
        (has_two && !put_str(fd, tail)))
        return false;
    for (int i = 0; i < c->arg_n; i++)
        if (!put_str(fd, c->args[i]))
            return false;
    for (int i = 0; i < c->option_n; i++) {
        bool is_flag = cli_option_kind(c->command, c->options[i].name) == 1;
        Str value = c->options[i].value;
        char here[PATH_MAX]; /* the server stands in a folder of its own */
        if (str_eq(c->options[i].name, S("--reasons")) && !str_starts(value, S("/")) &&
            getcwd(here, sizeof here))
            value = str_fmt(c->arena, "%s/%.*s", here, STR_ARG(value));
        Str both = str_fmt(c->arena, "%.*s=%.*s", STR_ARG(c->options[i].name), STR_ARG(value));
        if (!put_str(fd, is_flag ? c->options[i].name : both))
            return false;
    }
    if (c->has_file)
        return put_u32(fd, (uint32_t)c->file.n + 1) && put_all(fd, c->file.p, c->file.n) &&
               put_u32(fd, c->lang);
    return put_u32(fd, 0) && put_u32(fd, c->lang);
}

static int take_answer(Cli *c, int fd)
{
    Source from = {.fd = fd};
    for (;;) {
        uint8_t kind;
        uint32_t n;
        if (!take_all(&from, &kind, 1) || !take_u32(&from, &n))
            break;
        if (!kind)
            return (int)(n & 0xff);
        Str text;
        if (kind > 2 || n > LIMIT_IMPORT_BYTES || !take_bytes(&from, c->arena, n, &text))
            break;
        c->write(c, kind, text);
    }
    cli_say(c, 2, "cli.socket_broken", NULL);
    return EXIT_FAULT;
}

int socket_send(Cli *c, Str dir)
{
    struct sockaddr_un at;
    Err e = err_on(c->arena);
    if (c->command->file_arg &&
        cli_file(c, c->command->file_arg, LIMIT_IMPORT_BYTES, &c->file, &e) < 0)
        return cli_fail(c, &e);
    c->has_file = c->command->file_arg > 0;
    if (!address(str_z(c->arena, str_fmt(c->arena, "%.*s/stave.sock", STR_ARG(dir))), &at))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int code = -1;
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
        if (send_request(c, fd))
            code = take_answer(c, fd);
        else {
            cli_say(c, 2, "cli.socket_broken", NULL);
            code = EXIT_FAULT;
        }
    }
    (void)close(fd);
    return code;
}
