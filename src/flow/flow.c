/* flow.c: the calendar as it is stored: loaded, held by many, followed by a later one. */
#include "flow/flow_int.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct Box {
    const FlowCalendar *calendar;
    Arena *arena;
    int holds; /* under the lock; being the newest counts as one */
    struct Box *next;
} Box;

struct Flow {
    pthread_mutex_t lock;
    Box *boxes; /* the newest first, then those somebody still holds */
};

/* ---- reading ---- */

static int get_meta(Arena *a, Tx *tx, Str key, Str *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_get_meta));
    bind_str(s, 1, key);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = rc == 1 ? str_copy(a, col_str(s, 0)) : STR_NONE;
    stmt_reset(s);
    return 0;
}

static int set_meta(Tx *tx, Str key, Str value, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(flow_set_meta));
    bind_str(s, 1, key);
    bind_str(s, 2, value);
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

static int get_number(Arena *a, Tx *tx, int64_t *ret, Err *e)
{
    Str text;
    int64_t number = 0;
    TRY(get_meta(a, tx, S("calendar"), &text, e));
    if (str_has(text) && !str_i64(text, &number))
        return err_set(e, ERR_CORRUPT, "flow.broken", text);
    *ret = number;
    return 0;
}

static int read_days(Arena *a, Tx *tx, FlowDay **ret, int *ret_n, Err *e)
{
    FlowDay *days = NEW_N(a, FlowDay, LIMIT_CALENDAR_DAYS);
    Stmt *s = tx_sql(tx, SQL(flow_list_days));
    int n = 0, rc;
    while ((rc = stmt_step(s, e)) == 1) {
        Str kind = col_str(s, 1);
        FlowDay d = {.day = col_day(s, 0),
                     .is_work = str_eq(kind, S("work")),
                     .name = str_copy(a, col_str(s, 2)),
                     .notice = str_copy(a, col_str(s, 3))};
        if (n == LIMIT_CALENDAR_DAYS || !flow_is_allowed(d.day) ||
            (!d.is_work && !str_eq(kind, S("off")))) {
            Str day = day_text(a, d.day);
            stmt_reset(s);
            return err_set(e, ERR_CORRUPT, "flow.broken", day);
        }
        days[n++] = d;
    }
    *ret = days;
    *ret_n = n;
    return rc;
}

/* What the snapshot says, made in `a`. */
static int load(Arena *a, Tx *tx, const FlowCalendar **ret, Err *e)
{
    int64_t number = 0;
    Str text = STR_NONE;
    FlowDay *days = NULL;
    int n = 0;
    FlowOffice office = flow_office_default();
    TRY(get_number(a, tx, &number, e));
    TRY(get_meta(a, tx, S("office"), &text, e));
    if (str_has(text))
        TRY(flow_office_parse(text, &office, e));
    TRY(read_days(a, tx, &days, &n, e));
    *ret = flow_calendar_new(a, &office, days, n, number);
    return 0;
}

/* ---- Flow ---- */

static int load_box(Tx *tx, Box **ret, Err *e)
{
    Arena *a = arena_new(64 * 1024);
    Box *b = NEW(a, Box);
    *b = (Box){.arena = a, .holds = 1};
    int rc = load(a, tx, &b->calendar, e);
    if (rc < 0) {
        arena_free(a);
        return rc;
    }
    *ret = b;
    return 0;
}

static void drop(Box **at) /* under the lock */
{
    Box *b = *at;
    CHECK(b->holds > 0);
    if (--b->holds > 0)
        return;
    *at = b->next;
    arena_free(b->arena);
}

int flow_refresh(Flow *f, Tx *tx, Err *e)
{
    int64_t number = 0;
    TRY(get_number(e->arena, tx, &number, e));
    CHECK(pthread_mutex_lock(&f->lock) == 0);
    bool is_newer = !f->boxes || number > f->boxes->calendar->number;
    CHECK(pthread_mutex_unlock(&f->lock) == 0);
    if (!is_newer)
        return 0;
    Box *b = NULL;
    TRY(load_box(tx, &b, e));
    CHECK(pthread_mutex_lock(&f->lock) == 0);
    if (!f->boxes || b->calendar->number > f->boxes->calendar->number) {
        b->next = f->boxes;
        f->boxes = b;
        if (b->next)
            drop(&b->next);
        b = NULL;
    }
    CHECK(pthread_mutex_unlock(&f->lock) == 0);
    if (b) /* another thread was faster */
        arena_free(b->arena);
    return 0;
}

const FlowCalendar *flow_calendar_hold(Flow *f)
{
    CHECK(pthread_mutex_lock(&f->lock) == 0);
    f->boxes->holds++;
    const FlowCalendar *c = f->boxes->calendar;
    CHECK(pthread_mutex_unlock(&f->lock) == 0);
    return c;
}

void flow_calendar_drop(Flow *f, const FlowCalendar *c)
{
    if (!c)
        return;
    CHECK(pthread_mutex_lock(&f->lock) == 0);
    Box **at = &f->boxes;
    while (*at && (*at)->calendar != c)
        at = &(*at)->next;
    CHECK(*at);
    drop(at);
    CHECK(pthread_mutex_unlock(&f->lock) == 0);
}

int flow_open(Store *store, Flow **ret, Err *e)
{
    Flow *f = calloc(1, sizeof *f);
    CHECK(f);
    CHECK(pthread_mutex_init(&f->lock, NULL) == 0);
    Conn *conn = NULL;
    Tx *tx = NULL;
    int rc = store_conn(store, &conn, e);
    if (!rc)
        rc = tx_read(conn, &tx, e);
    if (!rc)
        rc = flow_refresh(f, tx, e);
    tx_end(tx);
    conn_close(conn);
    if (rc < 0) {
        flow_close(f);
        return rc;
    }
    *ret = f;
    return 0;
}

void flow_close(Flow *f)
{
    if (!f)
        return;
    while (f->boxes) {
        CHECK(f->boxes->holds == 1 && !f->boxes->next); /* nobody holds one any more */
        drop(&f->boxes);
    }
    CHECK(pthread_mutex_destroy(&f->lock) == 0);
    free(f);
}

/* ---- how far beginnings of postings were dealt with ---- */

int flow_begun_day(Tx *tx, Day *ret, Err *e)
{
    Str text;
    TRY(get_meta(tx_arena(tx), tx, S("begun"), &text, e));
    *ret = DAY_NONE;
    if (str_has(text) && !day_parse(text, ret))
        return err_set(e, ERR_CORRUPT, "flow.broken", text);
    return 0;
}

int flow_set_begun_day(Tx *tx, Day day, Err *e)
{
    return set_meta(tx, S("begun"), day_text(tx_arena(tx), day), e);
}

/* ---- writing ---- */

int flow_prepare_days(Arena *a, Tx *tx, FlowImport *in, Err *e)
{
    const FlowCalendar *was;
    TRY(load(a, tx, &was, e));
    return flow_plan_days(a, was, in, e);
}

/* ERR_BUSY unless the calendar is still the one it was planned against; else gives it a number. */
static int raise_number(Tx *tx, const int64_t *expected, Err *e)
{
    int64_t number;
    TRY(get_number(tx_arena(tx), tx, &number, e));
    if (expected && number != *expected)
        return err_set(e, ERR_BUSY, "flow.calendar_moved");
    return set_meta(tx, S("calendar"), str_fmt(tx_arena(tx), "%lld", (long long)number + 1), e);
}

int flow_apply_days(Tx *tx, void *flow_import, Err *e)
{
    const FlowImport *in = flow_import;
    CHECK(tx_is_write(tx) && in->fault_n == 0 && in->was);
    if (!in->change_n)
        return 0;
    TRY(raise_number(tx, &in->number, e));
    for (int i = 0; i < in->change_n; i++) {
        const FlowDay *d = &in->changes[i].now;
        Stmt *s = tx_sql(tx, SQL(flow_set_day));
        bind_day(s, 1, d->day);
        bind_str(s, 2, d->is_work ? S("work") : S("off"));
        bind_str(s, 3, d->name);
        bind_str(s, 4, d->notice);
        TRY(stmt_run(s, e));
    }
    return 0;
}

int flow_prepare_office(Arena *a, Tx *tx, FlowSetOffice *in, Err *e)
{
    const FlowCalendar *was;
    TRY(load(a, tx, &was, e));
    in->was = was;
    in->number = was->number;
    in->now = flow_calendar_new(a, &in->office, was->days, was->day_n, was->number + 1);
    return 0;
}

int flow_apply_office(Tx *tx, void *set_office, Err *e)
{
    const FlowSetOffice *in = set_office;
    CHECK(tx_is_write(tx) && in->office.span_n > 0 && in->office.week);
    TRY(raise_number(tx, in->was ? &in->number : NULL, e)); /* not prepared: whatever it is */
    return set_meta(tx, S("office"), flow_office_text(tx_arena(tx), &in->office), e);
}
