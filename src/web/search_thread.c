/* search_thread.c: the thread that follows the history into the search index. It lets changes
 * gather for a moment, takes a step at a time, and rests longer than it held the writer while
 * people's requests wait for it: what they sent is found all the same, record_search reads the few
 * changes behind the index by itself. Whatever fails is told and tried again later.
 *                                                                            SPEC: P10  STACK: 6 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "web/web_int.h"

enum {
    LOOK_EVERY_MS = 1000, /* other processes commit, too */
    GATHER_MS = 100,
    AGAIN_MS = 5000, /* after a failure */
    BUSY_US = 200,   /* waited for the writer so long: others are at it, ... */
    BUSY_RESTS = 3,  /* ... so it is left to them so many times as long as it was held, ... */
    REST_MAX_MS = 100, /* ... but never longer than this */
};

struct SearchThread {
    App *root;
    pthread_t thread;
    int fd; /* readable: there is something to do, or it ends */
    _Atomic bool is_woken, is_ending;
};

static void ring(SearchThread *s)
{
    uint64_t one = 1;
    while (write(s->fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

void search_thread_wake(SearchThread *s)
{
    if (s && !atomic_exchange(&s->is_woken, true))
        ring(s);
}

/* Waits until woken, at most so long. */
static void listen_for(SearchThread *s, int ms)
{
    struct pollfd fd = {.fd = s->fd, .events = POLLIN};
    (void)poll(&fd, 1, ms); /* interrupted: a look too early */
    uint64_t n;
    ssize_t got = read(s->fd, &n, sizeof n);
    (void)got; /* not blocking; only to empty it */
    atomic_store(&s->is_woken, false);
}

/* Sleeps that only the end cuts short: what wakes it meanwhile is only noted. */
static void rest(const SearchThread *s, int64_t us)
{
    const int piece_ms = 20;
    int ms = us / 1000 > REST_MAX_MS ? REST_MAX_MS : (int)(us / 1000) + 1;
    for (; ms > 0 && !atomic_load(&s->is_ending); ms -= piece_ms)
        (void)poll(NULL, 0, ms < piece_ms ? ms : piece_ms);
}

static int step(SearchThread *s, Conn **conn, SearchPace *pace, bool *ret_more, Err *e)
{
    if (!*conn)
        TRY(store_conn(s->root->store, conn, e));
    App *app = app_hold(s->root);
    int rc = record_search_step(app->records, app->store, *conn, pace, ret_more, e);
    app_drop(app);
    return rc;
}

/* Steps until nothing is left, it fails or ends. */
static int follow(SearchThread *s, Conn **conn, SearchPace *pace, Err *e)
{
    bool more = true;
    while (more && !atomic_load(&s->is_ending)) {
        TRY(step(s, conn, pace, &more, e));
        if (more && pace->waited_us > BUSY_US)
            rest(s, pace->held_us * BUSY_RESTS);
    }
    return 0;
}

static void *search_main(void *arg)
{
    SearchThread *s = arg;
    Conn *conn = NULL;
    SearchPace pace = {0};
    Arena *a = arena_new(4096);
    int wait_ms = 0;
    for (;;) {
        listen_for(s, wait_ms);
        if (atomic_load(&s->is_ending))
            break;
        if (wait_ms)
            rest(s, GATHER_MS * 1000);
        Err e = err_on(a);
        int rc = follow(s, &conn, &pace, &e);
        if (rc < 0) {
            log_line("error", "search: key=%.*s at=%s:%d", STR_ARG(e.key), e.file ? e.file : "-",
                     e.line);
            conn_close(conn);
            conn = NULL;
            rest(s, REST_MAX_MS * 1000);
        }
        wait_ms = rc < 0 ? AGAIN_MS : LOOK_EVERY_MS;
        arena_reset(a);
    }
    conn_close(conn);
    arena_free(a);
    return NULL;
}

SearchThread *search_thread_start(App *root, Arena *a)
{
    SearchThread *s = NEW(a, SearchThread);
    s->root = root;
    s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(s->fd >= 0);
    CHECK(pthread_create(&s->thread, NULL, search_main, s) == 0);
    return s;
}

void search_thread_stop(SearchThread *s)
{
    if (!s)
        return;
    atomic_store(&s->is_ending, true);
    ring(s);
    CHECK(pthread_join(s->thread, NULL) == 0);
    (void)close(s->fd); /* nothing was written that could be lost */
}
