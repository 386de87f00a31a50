/* clock_thread.c: the thread that lets the clock take its steps: within office hours it tells who
 * owes, once before and once late; with each day duties of postings begin and end. Every node runs
 * one; what is told is a row with a key of its own, so it is told once. What fails is said in the
 * log and tried again later.
 *                                                                SPEC: P4  DESIGN: Duties */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "web/web_int.h"

enum { TICK_EVERY_MS = 20 * 1000, AGAIN_MS = 5000 };

struct ClockThread {
    App *root;
    pthread_t thread;
    int fd; /* readable: it ends */
};

/* Steps until nobody is left to be told. */
static int tick(ClockThread *s, Conn **conn, Err *e)
{
    App *app = s->root;
    if (!*conn)
        TRY(store_conn(app->store, conn, e));
    Tx *tx;
    TRY(tx_read(*conn, &tx, e));
    int rc = flow_refresh(app->flow, tx, e);
    if (!rc)
        rc = access_tree_refresh(app->access, tx, e);
    tx_end(tx);
    TRY(rc);
    FlowTick t = {.env = app->env, .has_more = true};
    const FlowCalendar *calendar = flow_calendar_hold(app->flow);
    t.calendar = calendar;
    RecordTick with = {
        .rs = app->records, .tree = access_tree_hold(app->access), .tick = &t};
    while (t.has_more && rc >= 0) {
        t.now_ms = env_now_ms(app->env);
        rc = store_write(app->store, *conn, record_apply_tick, &with, e);
    }
    access_tree_drop(app->access, with.tree);
    flow_calendar_drop(app->flow, calendar);
    return rc;
}

static void *clock_main(void *arg)
{
    ClockThread *s = arg;
    Conn *conn = NULL;
    Arena *a = arena_new(4096);
    int wait_ms = 0;
    struct pollfd fd = {.fd = s->fd, .events = POLLIN};
    while (poll(&fd, 1, wait_ms) <= 0) { /* interrupted: a look too early */
        Err e = err_on(a);
        int rc = tick(s, &conn, &e);
        if (rc < 0) {
            log_line("error", "clock: key=%.*s at=%s:%d", STR_ARG(e.key), e.file ? e.file : "-",
                     e.line);
            conn_close(conn);
            conn = NULL;
        }
        wait_ms = rc < 0 ? AGAIN_MS : TICK_EVERY_MS;
        arena_reset(a);
    }
    conn_close(conn);
    arena_free(a);
    return NULL;
}

ClockThread *clock_thread_start(App *root, Arena *a)
{
    ClockThread *s = NEW(a, ClockThread);
    s->root = root;
    s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(s->fd >= 0);
    CHECK(pthread_create(&s->thread, NULL, clock_main, s) == 0);
    return s;
}

void clock_thread_stop(ClockThread *s)
{
    if (!s)
        return;
    uint64_t one = 1;
    while (write(s->fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
    CHECK(pthread_join(s->thread, NULL) == 0);
    (void)close(s->fd); /* nothing was written that could be lost */
}
