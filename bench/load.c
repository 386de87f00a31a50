/* load.c: an HTTP client for measuring: one thread, epoll, connections kept.
 *
 *   load create PORT WHO CLIENTS SECONDS [TYPE]
 *       diaries by PUT as fast as they are answered, or another type with a day and a body; prints
 *       how many a second
 *   load mixed PORT WHO CLIENTS SECONDS
 *       seven pages, three diaries in ten, flat out; prints answers a second
 *   load paced PORT WHO SECONDS PAGES WRITES [COOKIE PATH...]
 *       so many pages and diaries a second, at set instants; prints KIND P50_MS P99_MS N MAX_MS,
 *       KIND being list|record _ village|town|county; with a COOKIE these paths in turn, as `file`
 *   load file PORT PATH SECONDS RATE [COOKIE PATH...]
 *       one path at set instants, or these too in turn; prints file P50_MS P99_MS N MAX_MS
 *   load get PORT PATH [COOKIE [CODING]]
 *       prints the body as it came; the status on stderr
 *
 * A paced request's time runs from the instant it was due, so a slow answer is not forgiven by
 * sending less.
 * An answer of another status than wanted ends it all with exit 1. */
#include "bench.h" /* first: it says which libc */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    IN_BYTES = 512 * 1024,
    OUT_BYTES = 4096,
    CONNS_MAX = 256,
    DUE_MAX = 65536,
    SAMPLES_MAX = 200000
};

typedef enum Kind {
    LIST_VILLAGE,
    LIST_TOWN,
    LIST_COUNTY,
    RECORD_VILLAGE,
    RECORD_TOWN,
    RECORD_COUNTY,
    CREATE,
    PAGES = CREATE, /* those before it */
    PLAIN,
    KIND_MAX,
} Kind;
static const char *const kind_names[KIND_MAX] = {
    "list_village", "list_town",     "list_county", "record_village",
    "record_town",  "record_county", "create",      "file",
};

typedef struct Conn {
    int fd;
    bool busy;
    Kind kind;
    int login; /* for lists: whose page it is */
    int64_t due_us;
    char out[OUT_BYTES], *in;
    size_t out_n, in_n, want; /* want: whole answer, 0 unknown yet */
    int status;
} Conn;

typedef struct Load {
    int epoll, port;
    Conn conns[CONNS_MAX];
    int conn_n;
    People *people;
    uint64_t dice;
    int64_t created, create_from_day; /* creates begun; the first day written */
    char **paths;                     /* PLAIN: in turn, with this cookie */
    int path_n, path_ix;
    const char *cookie;
    const char *type; /* of what is created */
    char older[3][512]; /* link to older ones of the last list of each kind */
    int older_login[3];
    uint32_t *samples[KIND_MAX];
    int sample_n[KIND_MAX];
    int64_t done[KIND_MAX];
    int64_t refused; /* 503: come again */
} Load;

/* ---- connections ---- */

static int dial(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("load: cannot connect to port %d: %s", port, strerror(errno));
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
        die("load: setsockopt: %s", strerror(errno));
    return fd;
}

static void join(Load *l, Conn *c)
{
    c->fd = dial(l->port);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) != 0)
        die("load: epoll: %s", strerror(errno));
}

static void open_load(Load *l, int port, int conns)
{
    if (conns < 1 || conns > CONNS_MAX)
        die("load: 1 to %d clients", CONNS_MAX);
    l->port = port;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->conn_n = conns;
    l->dice = (uint64_t)wall_ms();
    const char *skip =
        getenv("BENCH_SKIP"); /* a second run on the same deployment: so many were written */
    l->create_from_day = (wall_ms() + 8 * 3600 * 1000) / 86400000;
    l->created = skip ? strtoll(skip, NULL, 10) : 0;
    for (int k = 0; k < KIND_MAX; k++)
        if (!(l->samples[k] = malloc(SAMPLES_MAX * sizeof(uint32_t))))
            die("load: no memory");
    for (int i = 0; i < conns; i++) {
        if (!(l->conns[i].in = malloc(IN_BYTES)))
            die("load: no memory");
        l->conns[i].fd = -1;
    }
}

/* ---- requests ---- */

static int below(Load *l, int n)
{
    return (int)(roll(&l->dice) % (uint64_t)n);
}

static void day_text_of(int64_t day, char out[16])
{
    time_t t = (time_t)(day * 86400);
    struct tm tm;
    if (!gmtime_r(&t, &tm) || !strftime(out, 16, "%Y-%m-%d", &tm))
        die("load: no such day");
}

static void make_create(Load *l, Conn *c)
{
    int64_t k = l->created++;
    const Login *w = &l->people->authors[k % BENCH_AUTHORS];
    uint8_t id[16];
    char text[1024], day[16], name[37], json[2048];
    size_t n = bench_body(&l->dice, text, sizeof text);
    bench_uuid(wall_ms(), (uint32_t)k, &l->dice, id);
    hex_uuid(id, name);
    day_text_of(l->create_from_day - k / BENCH_AUTHORS, day);
    int len = snprintf(json, sizeof json, "{\"unit\":\"%s\",\"day\":\"%s\",\"body\":\"%.*s\"}",
                       w->unit, day, (int)n, text);
    c->out_n = (size_t)snprintf(
        c->out, sizeof c->out,
        "PUT /api/v1/%s/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        l->type, name, l->port, w->token, len, json);
}

static void make_get(Load *l, Conn *c, const char *path, const char *cookie)
{
    c->out_n = (size_t)snprintf(
        c->out, sizeof c->out, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s%s\r\n", path, l->port,
        *cookie ? "Cookie: stave=" : "", cookie, *cookie ? "\r\n" : "");
}

static const Login *login_of(Load *l, int place, int author)
{
    if (place == 0)
        return &l->people->authors[author];
    return place == 1 ? &l->people->towns[author / 2 / BENCH_PER_TOWN] : &l->people->county;
}

/* A page of a village's, a town's or the county's reader: his list, or an older page of it, or a
 * record of his. */
static void make_page(Load *l, Conn *c, Kind kind)
{
    char path[600];
    int place = (int)kind % 3, author = below(l, BENCH_AUTHORS);
    if (kind >= RECORD_VILLAGE) {
        int ix = below(l, l->people->id_n);
        author = l->people->ids[ix].author;
        (void)snprintf(path, sizeof path, "/diary/%s", l->people->ids[ix].id);
    } else if (l->older[place][0] && below(l, 3) == 0) {
        author = l->older_login[place];
        (void)snprintf(path, sizeof path, "%s", l->older[place]);
    } else {
        (void)snprintf(path, sizeof path, "/diary");
    }
    c->login = author;
    make_get(l, c, path, login_of(l, place, author)->cookie);
}

static void begin(Load *l, Conn *c, Kind kind, int64_t due_us)
{
    c->kind = kind;
    c->busy = true;
    c->due_us = due_us;
    c->in_n = c->want = 0;
    if (c->fd < 0) /* only now: a server need not keep who says nothing */
        join(l, c);
    if (kind == CREATE)
        make_create(l, c);
    else if (kind == PLAIN)
        make_get(l, c, l->paths[l->path_ix++ % l->path_n], l->cookie);
    else
        make_page(l, c, kind);
    if (c->out_n >= sizeof c->out)
        die("load: a request is too long");
    if (send(c->fd, c->out, c->out_n, MSG_NOSIGNAL) !=
        (ssize_t)c->out_n) /* 2 KB always fit an idle socket */
        die("load: send: %s", strerror(errno));
}

/* ---- answers ---- */

static bool parse_head(Conn *c)
{
    char *end = memmem(c->in, c->in_n, "\r\n\r\n", 4);
    if (!end)
        return false;
    *end = 0;
    if (sscanf(c->in, "HTTP/1.1 %d", &c->status) != 1)
        die("load: no HTTP answer");
    const char *len = strcasestr(c->in, "\r\ncontent-length:");
    if (!len)
        die("load: an answer without length:\n%s", c->in);
    *end = '\r';
    c->want = (size_t)(end - c->in) + 4 + (size_t)strtoull(len + 17, NULL, 10);
    if (c->want >= IN_BYTES)
        die("load: an answer of %zu bytes", c->want);
    return true;
}

/* The link to older ones, as the page has it. */
static void note_older(Load *l, Conn *c)
{
    int place = (int)c->kind % 3;
    char *at = memmem(c->in, c->in_n, "after=", 6), *to = l->older[place];
    if (!at)
        return;
    while (at > c->in && at[-1] != '"')
        at--;
    size_t n = 0;
    for (; *at != '"' && n < sizeof l->older[place] - 1; at++) {
        to[n++] = *at;
        if (!strncmp(at, "&amp;", 5))
            at += 4;
    }
    to[n] = 0;
    if (to[0] != '/') { /* a query only: of the same page */
        char copy[500];
        (void)snprintf(copy, sizeof copy, "%s", to);
        (void)snprintf(to, sizeof l->older[place], "/diary%s", copy);
    }
    l->older_login[place] = c->login;
}

static void finish(Load *l, Conn *c)
{
    int want = c->kind == CREATE ? 201 : 200;
    if (c->status == 503) { /* asked to come again: counted apart, never as done */
        l->refused++;
        c->busy = false;
        return;
    }
    if (c->status != want)
        die("load: status %d where %d was wanted, for\n%.300s\nanswered\n%.1500s", c->status, want,
            c->out, c->in);
    if (c->kind < RECORD_VILLAGE)
        note_older(l, c);
    c->busy = false;
    l->done[c->kind]++;
    if (l->sample_n[c->kind] < SAMPLES_MAX)
        l->samples[c->kind][l->sample_n[c->kind]++] = (uint32_t)(now_us() - c->due_us);
}

/* true: the answer is whole */
static bool hear(Load *l, Conn *c)
{
    ssize_t n = recv(c->fd, c->in + c->in_n, IN_BYTES - c->in_n - 1, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0)
        die("load: the server closed a connection (%s)", n ? strerror(errno) : "end");
    c->in_n += (size_t)n;
    c->in[c->in_n] = 0;
    if ((!c->want && !parse_head(c)) || c->in_n < c->want)
        return false;
    finish(l, c);
    return true;
}

/* ---- flat out ---- */

static Kind next_mixed(Load *l)
{
    int k = below(l, 10);
    return k < 3 ? CREATE : (Kind)below(l, PAGES);
}

static void flat_out(Load *l, int64_t for_us, bool is_mixed)
{
    int64_t start = now_us(), end = start + for_us, sum = 0;
    l->create_from_day -= BENCH_FLAT_OUT_DAYS;
    for (int i = 0; i < l->conn_n; i++)
        begin(l, &l->conns[i], is_mixed ? next_mixed(l) : CREATE, start);
    for (int left = l->conn_n; left > 0;) {
        struct epoll_event ev[64];
        int n = epoll_wait(l->epoll, ev, 64, 10000);
        if (n <= 0)
            die("load: no answer for ten seconds");
        int64_t now = now_us();
        for (int i = 0; i < n; i++) {
            Conn *c = ev[i].data.ptr;
            if (!hear(l, c))
                continue;
            if (now < end)
                begin(l, c, is_mixed ? next_mixed(l) : CREATE, now);
            else
                left--;
        }
    }
    double took = (double)(now_us() - start) / 1e6;
    for (int k = 0; k < KIND_MAX; k++)
        sum += l->done[k];
    (void)printf("%.0f\n", (double)sum / took);
    (void)fprintf(stderr, "load: %lld answers in %.2f s, %lld of them creates; %lld refused\n",
                  (long long)sum, took, (long long)l->done[CREATE], (long long)l->refused);
}

/* ---- paced ---- */

static int by_size(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void tell(Load *l)
{
    for (int k = 0; k < KIND_MAX; k++) {
        int n = l->sample_n[k];
        if (!n)
            continue;
        qsort(l->samples[k], (size_t)n, sizeof(uint32_t), by_size);
        (void)printf("%s %.3f %.3f %d %.3f\n", kind_names[k], l->samples[k][n / 2] / 1000.0,
                     l->samples[k][(int)((n - 1) * 0.99)] / 1000.0, n,
                     l->samples[k][n - 1] / 1000.0);
    }
}

typedef struct Due {
    Kind kind;
    int64_t at_us;
} Due;

static Kind due_kind(const Load *l, int64_t ix, int pages, int writes, int64_t *page_ix)
{
    bool is_write =
        writes && (ix * writes) / (pages + writes) != ((ix + 1) * writes) / (pages + writes);
    if (is_write)
        return CREATE;
    return l->path_n ? PLAIN : (Kind)((*page_ix)++ % PAGES);
}

/* A request is sent when it is due, on a connection that is free; if none is, it waits and its
 * time runs. */
static void paced(Load *l, int64_t seconds, int pages, int writes)
{
    int64_t rate = pages + writes, total = seconds * rate, made = 0, page_ix = 0, done = 0,
            late = 0;
    int64_t start = now_us() + 50000;
    static Due due[DUE_MAX]; /* a ring: what is due and waits for a connection */
    int64_t head = 0, tail = 0;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL}, got[64];
    if (timer < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, timer, &ev) != 0)
        die("load: timer: %s", strerror(errno));
    while (done < total) {
        int64_t now = now_us(), next = start + made * 1000000 / rate;
        for (; made < total && next <= now; next = start + ++made * 1000000 / rate) {
            if (tail - head == DUE_MAX)
                die("load: the server cannot keep this pace");
            due[tail++ % DUE_MAX] = (Due){due_kind(l, made, pages, writes, &page_ix), next};
        }
        for (int i = 0; i < l->conn_n && head < tail; i++)
            if (!l->conns[i].busy) {
                const Due *d = &due[head++ % DUE_MAX];
                begin(l, &l->conns[i], d->kind, d->at_us);
            }
        late = tail - head > late ? tail - head : late;
        if (made < total) {
            struct itimerspec t = {.it_value = {next / 1000000, next % 1000000 * 1000}};
            if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &t, NULL) != 0)
                die("load: timer: %s", strerror(errno));
        }
        int n = epoll_wait(l->epoll, got, 64, 10000);
        if (n <= 0)
            die("load: no answer for ten seconds");
        for (int i = 0; i < n; i++) {
            uint64_t ticks;
            if (!got[i].data.ptr)
                (void)!read(timer, &ticks, sizeof ticks); /* it only wakes */
            else if (hear(l, got[i].data.ptr))
                done++;
        }
    }
    (void)close(timer);
    (void)fprintf(stderr,
                  "load: %lld requests at %lld a second, at most %lld waiting for a connection\n",
                  (long long)total, (long long)rate, (long long)late);
}

/* ---- one page ---- */

static void get(int port, const char *path, const char *cookie, const char *coding)
{
    static char out[OUT_BYTES];
    Conn c = {.in = malloc(IN_BYTES), .fd = dial(port)};
    size_t n =
        (size_t)snprintf(out, sizeof out,
                         "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
                         "%s%s%s%s%s%s\r\n",
                         path, port, *cookie ? "Cookie: stave=" : "", cookie, *cookie ? "\r\n" : "",
                         *coding ? "Accept-Encoding: " : "", coding, *coding ? "\r\n" : "");
    if (!c.in || n >= sizeof out || send(c.fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
        die("load: cannot ask for %s", path);
    while (!c.want || c.in_n < c.want) {
        ssize_t got = recv(c.fd, c.in + c.in_n, IN_BYTES - c.in_n - 1, 0);
        if (got <= 0)
            die("load: %s: the answer broke off", path);
        c.in_n += (size_t)got;
        c.in[c.in_n] = 0;
        if (!c.want)
            (void)parse_head(&c); /* false: not all of it came yet */
    }
    char *body = memmem(c.in, c.in_n, "\r\n\r\n", 4);
    (void)fwrite(body + 4, 1, c.want - (size_t)(body + 4 - c.in), stdout);
    (void)fprintf(stderr, "%d\n", c.status);
    if (c.status != 200)
        die("load: %s answered %d", path, c.status);
}

static int number(const char *text)
{
    char *end;
    long v = strtol(text, &end, 10);
    if (*end || v < 0 || v > 1000000)
        die("load: %s is no number that fits", text);
    return (int)v;
}

int main(int argc, char **argv)
{
    static Load l = {.type = "diary"};
    const char *mode = argc > 2 ? argv[1] : "";
    if (!strcmp(mode, "get") && argc >= 4 && argc <= 6) {
        get(number(argv[2]), argv[3], argc > 4 ? argv[4] : "", argc > 5 ? argv[5] : "");
    } else if ((!strcmp(mode, "create") && argc == 7) ||
               ((!strcmp(mode, "create") || !strcmp(mode, "mixed")) && argc == 6)) {
        l.people = read_people(argv[3]);
        l.type = argc == 7 ? argv[6] : l.type;
        open_load(&l, number(argv[2]), number(argv[4]));
        flat_out(&l, number(argv[5]) * INT64_C(1000000), !strcmp(mode, "mixed"));
    } else if (!strcmp(mode, "paced") && (argc == 7 || argc >= 9)) {
        l.people = read_people(argv[3]);
        l.cookie = argc > 7 ? argv[7] : "";
        l.paths = argv + 8;
        l.path_n = argc > 7 ? argc - 8 : 0;
        open_load(&l, number(argv[2]), 32);
        paced(&l, number(argv[4]), number(argv[5]), number(argv[6]));
        tell(&l);
    } else if (!strcmp(mode, "file") && argc >= 6) {
        static char *paths[64];
        paths[l.path_n++] = argv[3];
        for (int i = 7; i < argc && l.path_n < 64; i++)
            paths[l.path_n++] = argv[i];
        l.paths = paths;
        l.cookie = argc > 6 ? argv[6] : "";
        open_load(&l, number(argv[2]), 32);
        paced(&l, number(argv[4]), number(argv[5]), 0);
        tell(&l);
    } else {
        die("usage: load create|mixed PORT WHO CLIENTS SECONDS [TYPE] | paced PORT WHO SECONDS "
            "PAGES WRITES [COOKIE PATH...] | file PORT PATH SECONDS RATE [COOKIE PATH...] | "
            "get PORT PATH [COOKIE [CODING]]");
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
