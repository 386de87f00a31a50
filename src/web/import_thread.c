/* import_thread.c: the thread that tries and writes large files, one after another; every node has
 * one, and what a crash cut off goes on where it was, here or on another node.
 *                                                            SPEC: P7  DESIGN: Long work */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "exchange/sheet.h"
#include "web/web_int.h"

enum {
    LOOK_EVERY_MS = 2000, /* other nodes take jobs, too */
    AGAIN_MS = 5000,      /* after a failure */
    SAY_EVERY_US = 500 * 1000,
    SWEEP_EVERY = 1800, /* looks */
};

struct ImportThread {
    App *root;
    pthread_t thread;
    int fd; /* readable: there is something to do, or it ends */
    _Atomic bool is_ending;
    Uuid me;
};

/* One job under way. */
typedef struct Work {
    ImportThread *s;
    App *app;
    Conn *conn, *says; /* says: how far it is, while conn reads */
    Arena *arena;
    ImportJob job;
    SheetImport sheet;
    RecordImport im;
    ImportSource rows; /* of the sheet */
    Str account;
    const Tree *tree;
    const FlowCalendar *calendar;
    int64_t said_us;
} Work;

/* ---- who imports, as he is now ---- */

static int be_reader(void *ctx, Arena *a, Tx *tx, Reader *ret, Err *e)
{
    Work *w = ctx;
    TRY(access_tree_refresh(w->app->access, tx, e));
    w->tree = access_tree_hold(w->app->access);
    w->calendar = flow_calendar_hold(w->app->flow);
    int rc = access_reader_account(w->app->access, a, tx, w->tree, w->account, ret, e);
    if (!rc) {
        ret->lang = w->job.lang;
        ret->workdays = flow_workdays(w->calendar);
        rc = record_fill_mine(w->app->records, a, tx, ret, e);
    }
    if (rc < 0) {
        access_tree_drop(w->app->access, w->tree);
        flow_calendar_drop(w->app->flow, w->calendar);
    }
    return rc;
}

static void be_nobody(void *ctx, Reader *r)
{
    Work *w = ctx;
    (void)r; /* in the step's memory */
    access_tree_drop(w->app->access, w->tree);
    flow_calendar_drop(w->app->flow, w->calendar);
}

static ImportHand hand(Work *w)
{
    return (ImportHand){w->app->records, w->app->store, w->conn, be_reader, be_nobody, w};
}

/* ---- how far it is ---- */

static int say(Work *w, bool is_forced, Err *e)
{
    int64_t now = env_mono_us(w->app->env);
    if (!is_forced && now - w->said_us < SAY_EVERY_US)
        return 0;
    w->said_us = now;
    return record_job_on(w->app->records, w->app->store, w->says, w->s->me, &w->job, e);
}

/* The rows of the file, counted as they are asked for. */
static int next_row(void *ctx, ImportRow *ret, Err *e)
{
    Work *w = ctx;
    if (atomic_load(&w->s->is_ending))
        return err_set(e, ERR_BUSY, "record.again");
    int rc = w->rows.next(w->rows.ctx, ret, e);
    if (rc <= 0 || w->job.phase != JOB_TRIES)
        return rc;
    w->job.done++;
    w->job.made = w->im.new_n;
    w->job.updated = w->im.changed_n;
    w->job.same = w->im.same_n;
    w->job.bad = w->im.bad_n;
    TRY(say(w, false, e));
    return rc;
}

static void word(Work *w, int from)
{
    for (int i = from; i < w->im.fault_n; i++) {
        ImportFault *f = &w->im.faults[i];
        f->told = str_copy(w->arena, sheet_fault_text(w->arena, w->job.lang, f));
    }
}

/* ---- trying ---- */

static Str notes_text(Work *w)
{
    Buf b = {.arena = w->arena};
    for (int i = 0; i < w->im.note_n; i++) {
        const ImportNote *n = &w->im.notes[i];
        Str args[] = {n->column, str_fmt(w->arena, "%lld", (long long)n->n),
                      i18n_get(w->job.lang, n->key), str_fmt(w->arena, "%lld", (long long)n->row)};
        buf_str(&b, i18n_text(w->arena, w->job.lang, S("page.import_note"), args, LEN(args)));
        buf_byte(&b, '\n');
    }
    return b.n ? buf_view(&b) : S("");
}

static int begin(Work *w, Tx *tx, Reader *r, Err *e)
{
    ImportColumn *columns;
    w->im = (RecordImport){.type = w->job.type, .arena = w->arena, .batch = w->job.id};
    TRY(record_import_columns(w->arena, tx, r, w->job.type, &w->sheet.head, w->job.points,
                              w->job.point_n, &columns, &w->im.column_n, e));
    w->im.columns = columns;
    return record_import_begin(&w->im, w->job.lang, w->job.keys, e);
}

static int try_all(Work *w, Err *e)
{
    Tx *tx;
    Reader r;
    TRY(record_job_untell(w->app->store, w->says, w->job.id, e));
    TRY(tx_read(w->conn, &tx, e));
    int rc = be_reader(w, w->arena, tx, &r, e);
    if (rc >= 0) {
        rc = begin(w, tx, &r, e);
        if (rc >= 0)
            rc = record_import_try(w->app->records, tx, &r, &w->im, (ImportSource){next_row, w},
                                   e);
        be_nobody(w, &r);
    }
    tx_end(tx);
    TRY(rc);
    w->job.done = w->job.row_n;
    w->job.made = w->im.new_n;
    w->job.updated = w->im.changed_n;
    w->job.same = w->im.same_n;
    w->job.bad = w->im.bad_n;
    word(w, 0);
    TRY(record_job_tell(w->app->store, w->says, w->job.id, w->im.faults, 0, w->im.fault_n, e));
    TRY(say(w, true, e));
    w->job.notes = notes_text(w);
    ImportHand h = hand(w);
    return record_job_turn(&h, &w->job, JOB_TRIED, e);
}

/* ---- writing ---- */

static int write_step(Work *w, const ImportHand *h, const ImportBatch *before, int *told,
                      bool *ret_more, Err *e)
{
    TRY(record_import_step(h, &w->im, (ImportSource){next_row, w}, ret_more, e));
    word(w, *told);
    TRY(record_job_tell(w->app->store, w->says, w->job.id, w->im.faults, *told, w->im.fault_n, e));
    *told = w->im.fault_n;
    w->job.made = before->made + w->im.new_n;
    w->job.updated = before->updated + w->im.changed_n;
    w->job.same = before->same + w->im.same_n;
    w->job.bad = before->bad + w->im.bad_n;
    w->job.done = w->job.made + w->job.updated + w->job.same + w->job.bad;
    return say(w, false, e);
}

static int write_all(Work *w, Err *e)
{
    Tx *tx;
    Reader r;
    ImportBatch before = {0};
    Err sub = err_on(w->arena);
    TRY(tx_read(w->conn, &tx, e));
    int rc = be_reader(w, w->arena, tx, &r, e);
    if (rc >= 0) {
        rc = begin(w, tx, &r, e);
        if (rc >= 0 &&
            record_batch(w->app->records, w->arena, tx, &r, w->job.id, &before, &sub) < 0) {
            before = (ImportBatch){0};
            rc = sub.cls == ERR_MISSING ? 0 : err_set(e, sub.cls, "import.unread");
        }
        be_nobody(w, &r);
    }
    tx_end(tx);
    TRY(rc);
    ImportHand h = hand(w);
    uint8_t sm3[SM3_BYTES];
    sm3_of(w->sheet.bytes.p, w->sheet.bytes.n, sm3);
    w->im.sm3 = (Str){(const char *)sm3, sizeof sm3};
    w->im.row_n = w->job.row_n;
    if (!before.row_at)
        TRY(record_job_untell(w->app->store, w->says, w->job.id, e));
    TRY(record_import_open(&h, &w->im, &w->sheet.head, w->job.points, w->job.point_n, w->job.name,
                           e));
    int told = 0;
    for (bool more = before.phase < 2; more;)
        TRY(write_step(w, &h, &before, &told, &more, e));
    TRY(say(w, true, e));
    return record_job_turn(&h, &w->job, JOB_WRITTEN, e);
}

/* ---- a job ---- */

static int open_file(Work *w, Err *e)
{
    Tx *tx;
    Str bytes = STR_NONE;
    TRY(tx_read(w->conn, &tx, e));
    int rc = record_job_bytes(w->arena, tx, w->job.id, &bytes, e);
    if (rc >= 0)
        rc = access_account_name(w->arena, tx, w->job.account, &w->account, e);
    tx_end(tx);
    TRY(rc);
    return sheet_import_open(w->arena, bytes, STR_NONE, w->job.type, &w->sheet, e);
}

static int give_up(Work *w, Str told, Err *e)
{
    ImportHand h = hand(w);
    w->job.told = told;
    return record_job_turn(&h, &w->job, JOB_GIVEN_UP, e);
}

static bool is_for_good(int rc)
{
    return rc == ERR_INVALID || rc == ERR_SYNTAX || rc == ERR_LIMIT || rc == ERR_MISSING ||
           rc == ERR_DENIED || rc == ERR_CORRUPT;
}

static int run_job(Work *w, Err *e)
{
    if (w->job.tries > LIMIT_IMPORT_TRIES)
        return give_up(w, i18n_get(w->job.lang, S("import.job_failed")), e);
    Err sub = err_on(w->arena);
    int rc = w->job.type ? open_file(w, &sub) : err_set(&sub, ERR_STATE, "import.no_type");
    if (!rc) {
        w->rows = sheet_import_rows(&w->sheet);
        rc = w->job.phase == JOB_WRITES ? write_all(w, &sub) : try_all(w, &sub);
        sheet_import_close(&w->sheet);
    }
    if (rc < 0 && (is_for_good(rc) || !w->job.type))
        return give_up(w, web_why_not(w->arena, w->job.lang, &sub), e);
    if (rc < 0)
        *e = sub;
    return rc;
}

/* 1: there was one. What fails is let go: it waits out its time and is taken again. */
static int look(ImportThread *s, Conn **conn, Conn **says, Err *e)
{
    App *app = app_hold(s->root);
    Arena *a = arena_new(256 * 1024);
    Work *w = NEW(a, Work);
    int rc = *conn ? 0 : store_conn(app->store, conn, e);
    if (rc >= 0 && !*says)
        rc = store_conn(app->store, says, e);
    *w = (Work){.s = s, .app = app, .conn = *conn, .says = *says, .arena = a};
    if (rc >= 0)
        rc = record_job_claim(app->records, app->store, *conn, a, s->me, &w->job, e);
    if (rc > 0) {
        Err sub = err_on(a);
        int done = run_job(w, &sub);
        if (done < 0 && !atomic_load(&s->is_ending))
            log_line("error", "import: key=%.*s at=%s:%d", STR_ARG(sub.key),
                     sub.file ? sub.file : "-", sub.line);
        rc = done < 0 && done != ERR_STATE ? err_set(e, done, "import.unread") : 1;
    }
    arena_free(a);
    app_drop(app);
    return rc;
}

static void *import_main(void *arg)
{
    ImportThread *s = arg;
    Conn *conn = NULL, *says = NULL;
    Arena *a = arena_new(4096);
    struct pollfd fd = {.fd = s->fd, .events = POLLIN};
    int wait_ms = 0;
    for (int looks = 0;; looks++) {
        (void)poll(&fd, 1, wait_ms); /* interrupted: a look too early */
        uint64_t n;
        ssize_t got = read(s->fd, &n, sizeof n);
        (void)got; /* not blocking; only to empty it */
        if (atomic_load(&s->is_ending))
            break;
        Err e = err_on(a);
        int rc = look(s, &conn, &says, &e);
        if (!rc && looks % SWEEP_EVERY == 0)
            rc = record_job_sweep(s->root->records, s->root->store, conn, &e);
        if (rc < 0) {
            log_line("error", "import: key=%.*s at=%s:%d", STR_ARG(e.key), e.file ? e.file : "-",
                     e.line);
            conn_close(conn);
            conn_close(says);
            conn = says = NULL;
        }
        wait_ms = rc < 0 ? AGAIN_MS : rc > 0 ? 0 : LOOK_EVERY_MS;
        arena_reset(a);
    }
    conn_close(conn);
    conn_close(says);
    arena_free(a);
    return NULL;
}

static void ring(ImportThread *s)
{
    uint64_t one = 1;
    while (write(s->fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

void import_thread_wake(ImportThread *s)
{
    if (s)
        ring(s);
}

ImportThread *import_thread_start(App *root, Arena *a)
{
    ImportThread *s = NEW(a, ImportThread);
    s->root = root;
    s->me = env_uuid7(root->env);
    s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(s->fd >= 0);
    CHECK(pthread_create(&s->thread, NULL, import_main, s) == 0);
    return s;
}

void import_thread_stop(ImportThread *s)
{
    if (!s)
        return;
    atomic_store(&s->is_ending, true);
    ring(s);
    CHECK(pthread_join(s->thread, NULL) == 0);
    (void)close(s->fd); /* nothing was written that could be lost */
}
