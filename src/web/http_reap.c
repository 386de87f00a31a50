/* http_reap.c: connections, their deadlines, and the thread that cuts what dawdles.
 *
 * A deadline is an instant per connection, set by its I/O thread at each turn: accepted, request
 * line in, headers in, answer queued, answer sent. So whatever drips in or out, it ends. STACK: 2
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/http_int.h"

enum {
    REAP_EVERY_MS = 500,
    LINGER_MS = 2000,
    LINGER_BYTES = 4 * 1024 * 1024,
    LINGER_CHUNK = 16 * 1024,
};

/* ---- connections ---- */

void http_conns_init(Http *h)
{
    h->conns = calloc(LIMIT_CONNECTIONS, sizeof *h->conns);
    CHECK(h->conns != NULL);
    for (int i = LIMIT_CONNECTIONS - 1; i >= 0; i--) {
        h->conns[i].next = h->conn_free;
        h->conn_free = &h->conns[i];
    }
}

void http_conns_done(Http *h)
{
    free(h->conns);
}

void http_conn_due(const Http *h, Conn *c, int64_t ms)
{
    int64_t at = ms < 0 ? INT64_MAX : http_now_us(h) + ms * 1000;
    atomic_store_explicit(&c->deadline_us, at, memory_order_relaxed);
}

Conn *http_conn_take(Http *h, int fd)
{
    pthread_mutex_lock(&h->conn_lock);
    Conn *c = h->conn_free;
    if (c) {
        h->conn_free = c->next;
        c->fd = fd;
        c->is_kept = false;
        http_conn_due(h, c, h->opt.send_ms);
        c->prev = NULL;
        c->next = h->conn_live;
        if (c->next)
            c->next->prev = c;
        h->conn_live = c;
    }
    pthread_mutex_unlock(&h->conn_lock);
    return c;
}

void http_conn_give(Http *h, Conn *c)
{
    pthread_mutex_lock(&h->conn_lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        h->conn_live = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->next = h->conn_free;
    h->conn_free = c;
    pthread_mutex_unlock(&h->conn_lock);
}

/* The lock keeps a descriptor from being closed and given out anew under our hands. */
static void conns_reap(Http *h, int64_t now_us)
{
    pthread_mutex_lock(&h->conn_lock);
    for (Conn *c = h->conn_live; c; c = c->next)
        if (now_us > atomic_load_explicit(&c->deadline_us, memory_order_relaxed)) {
            (void)shutdown(c->fd, SHUT_RDWR); /* gone already: all the better */
            http_conn_due(h, c, -1);
        }
    pthread_mutex_unlock(&h->conn_lock);
}

/* ---- lingering: reading on for a while ----
 * Closing a socket with unread bytes sends a reset, which may overtake the answer that says why. */

static void reaper_wake(Http *h)
{
    ssize_t n = write(h->reaper_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)n; /* full: it is awake already */
}

void http_conn_linger(Http *h, int fd)
{
    bool is_added = false;
    pthread_mutex_lock(&h->linger_lock);
    if (h->linger_n < LIMIT_LINGER) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        is_added = copy >= 0; /* else it closes hard, as without lingering */
        if (is_added)
            h->linger[h->linger_n++] = (Linger){copy, http_now_us(h) + LINGER_MS * 1000, 0};
    }
    pthread_mutex_unlock(&h->linger_lock);
    if (is_added)
        reaper_wake(h);
}

/* True: done with it. */
static bool linger_read(Linger *l, int64_t now_us)
{
    static const int flags = MSG_DONTWAIT;
    char bytes[LINGER_CHUNK];
    for (int i = 0; i < 64; i++) {
        ssize_t n = recv(l->fd, bytes, sizeof bytes, flags);
        if (n <= 0)
            return n == 0 || (errno != EAGAIN && errno != EINTR) || now_us > l->until_us;
        l->bytes += (size_t)n;
        if (l->bytes > LINGER_BYTES)
            return true;
    }
    return now_us > l->until_us;
}

static void lingers_reap(Http *h, int64_t now_us)
{
    pthread_mutex_lock(&h->linger_lock);
    size_t kept = 0;
    for (size_t i = 0; i < h->linger_n; i++) {
        Linger l = h->linger[i];
        if (linger_read(&l, now_us))
            close(l.fd);
        else
            h->linger[kept++] = l;
    }
    h->linger_n = kept;
    pthread_mutex_unlock(&h->linger_lock);
}

/* ---- the thread ---- */

static size_t reaper_fds(Http *h, struct pollfd *fds)
{
    fds[0] = (struct pollfd){.fd = h->reaper_fd, .events = POLLIN};
    pthread_mutex_lock(&h->linger_lock);
    size_t n = h->linger_n;
    for (size_t i = 0; i < n; i++)
        fds[i + 1] = (struct pollfd){.fd = h->linger[i].fd, .events = POLLIN};
    pthread_mutex_unlock(&h->linger_lock);
    return n + 1;
}

static void *reaper_main(void *arg)
{
    Http *h = arg;
    struct pollfd fds[LIMIT_LINGER + 1];
    int64_t next_us = http_now_us(h);
    while (!atomic_load(&h->is_reaper_ending)) {
        size_t n = reaper_fds(h, fds);
        (void)poll(fds, n, REAP_EVERY_MS); /* interrupted: a tick early */
        uint64_t wakes;
        ssize_t got = read(h->reaper_fd, &wakes, sizeof wakes);
        (void)got; /* not blocking; only to empty it */
        int64_t now_us = http_now_us(h);
        lingers_reap(h, now_us);
        if (now_us < next_us)
            continue;
        next_us = now_us + REAP_EVERY_MS * 900;
        conns_reap(h, now_us);
        http_workers_tick(h, now_us);
    }
    return NULL;
}

void http_reaper_start(Http *h)
{
    h->reaper_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(h->reaper_fd >= 0);
    CHECK(pthread_create(&h->reaper, NULL, reaper_main, h) == 0);
}

void http_reaper_stop(Http *h)
{
    atomic_store(&h->is_reaper_ending, true);
    reaper_wake(h);
    pthread_join(h->reaper, NULL);
    close(h->reaper_fd);
    for (size_t i = 0; i < h->linger_n; i++)
        close(h->linger[i].fd);
}
