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

static bool is_allowed(Day day)
{
    Day first, last;
    CHECK(day_from_ymd(LIMIT_CALENDAR_FIRST_YEAR, 1, 1, &first));
    CHECK(day_from_ymd(LIMIT_CALENDAR_LAST_YEAR, 12, 31, &last));
    return day >= first && day <= last;
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
        if (n == LIMIT_CALENDAR_DAYS || !is_allowed(d.day) ||
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
    int64_t number;
    Str text;
    FlowDay *days;
    int n;
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

static void drop(Flow *f, Box **at) /* under the lock */
{
    Box *b = *at;
    CHECK(b->holds > 0);
    if (--b->holds > 0)
        return;
    *at = b->next;
    CHECK(f->boxes);
    arena_free(b->arena);
}

int flow_refresh(Flow *f, Tx *tx, Err *e)
{
    int64_t number;
    TRY(get_number(e->arena, tx, &number, e));
    CHECK(pthread_mutex_lock(&f->lock) == 0);
    bool is_newer = !f->boxes || number > f->boxes->calendar->number;
    CHECK(pthread_mutex_unlock(&f->lock) == 0);
    if (!is_newer)
        return 0;
    Box *b;
    TRY(load_box(tx, &b, e));
    CHECK(pthread_mutex_lock(&f->lock) == 0);
    if (!f->boxes || b->calendar->number > f->boxes->calendar->number) {
        b->next = f->boxes;
        f->boxes = b;
        if (b->next)
            drop(f, &b->next);
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
    drop(f, at);
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
        drop(f, &f->boxes);
    }
    CHECK(pthread_mutex_destroy(&f->lock) == 0);
    free(f);
}

/* ---- a later notice ---- */

static void add_fault(FlowImport *in, const FlowRow *r, Str column, Str value, const char *key,
                      Str arg)
{
    FlowFault *f = &in->faults[in->fault_n++];
    *f = (FlowFault){.row = r->row, .column = column, .value = value, .key = str_of(key)};
    f->args[0] = arg;
}

static bool is_plain(Str name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ' || name.p[i] == '|' || name.p[i] == 0x7f)
            return false;
    return true;
}

static bool read_kind(Str word, bool *ret_is_work)
{
    static const Str works[] = {S("workday"), S("work"), S("上班"), S("调休上班")};
    static const Str offs[] = {S("holiday"), S("off"), S("放假"), S("休息")};
    for (size_t i = 0; i < LEN(works); i++) {
        if (str_eq(word, works[i]) || str_eq(word, offs[i])) {
            *ret_is_work = str_eq(word, works[i]);
            return true;
        }
    }
    return false;
}

/* false: the row has a fault, or faults. */
static bool read_row(Arena *a, FlowImport *in, const FlowRow *r, FlowDay *ret)
{
    int before = in->fault_n;
    *ret = (FlowDay){.name = r->name, .notice = r->notice, .row = r->row};
    Str years = str_fmt(a, "%d–%d", LIMIT_CALENDAR_FIRST_YEAR, LIMIT_CALENDAR_LAST_YEAR);
    if (!day_parse(r->day, &ret->day))
        add_fault(in, r, S("date"), r->day, "flow.bad_date", STR_NONE);
    else if (!is_allowed(ret->day))
        add_fault(in, r, S("date"), r->day, "flow.far_date", years);
    if (!read_kind(r->kind, &ret->is_work))
        add_fault(in, r, S("kind"), r->kind, "flow.bad_kind", STR_NONE);
    Str most = str_fmt(a, "%d", LIMIT_NAME_CHARS);
    if (!r->name.n)
        add_fault(in, r, S("name"), r->name, "flow.no_name", STR_NONE);
    else if (!is_plain(r->name) || utf8_count(r->name) > LIMIT_NAME_CHARS)
        add_fault(in, r, S("name"), r->name, "flow.bad_name", most);
    if (!is_plain(r->notice) || utf8_count(r->notice) > LIMIT_NAME_CHARS)
        add_fault(in, r, S("notice"), r->notice, "flow.bad_name", most);
    return in->fault_n == before;
}

/* Rows by day, file order within a day: so doubles stand beside each other. */
static int by_day_row(const void *a, const void *b)
{
    const FlowDay *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int by_fault_row(const void *a, const void *b)
{
    const FlowFault *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return str_cmp(x->column, y->column);
}

static void find_doubles(Arena *a, FlowImport *in, const FlowDay *days, int n)
{
    for (int i = 1; i < n; i++) {
        if (days[i].day != days[i - 1].day)
            continue;
        FlowRow r = {.row = days[i].row};
        add_fault(in, &r, S("date"), day_text(a, days[i].day), "flow.day_twice",
                  str_fmt(a, "%lld", (long long)days[i - 1].row));
    }
}

/* Merges the file's days into those known, and notes what is new or differs. */
static int plan_days(Arena *a, FlowImport *in, const FlowDay *days, int n, Err *e)
{
    const FlowCalendar *was = in->was;
    int all_n = 0;
    FlowDay *all = NEW_N(a, FlowDay, (size_t)(was->day_n + n) + 1);
    in->changes = NEW_N(a, FlowChange, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        const FlowDay *old = flow_listed(was, days[i].day);
        FlowDay d = days[i];
        if (old && !d.notice.n)
            d.notice = old->notice; /* a file without the column takes none away */
        bool is_same = old && old->is_work == d.is_work && str_eq(old->name, d.name) &&
                       str_eq(old->notice, d.notice);
        all[all_n++] = d;
        in->same_n += is_same;
        in->new_n += !old;
        in->changed_n += old && !is_same;
        if (!is_same)
            in->changes[in->change_n++] = (FlowChange){.was = old, .now = d};
    }
    for (int i = 0, k = 0; i < was->day_n; i++) {
        while (k < n && days[k].day < was->days[i].day)
            k++;
        if (k == n || days[k].day != was->days[i].day)
            all[all_n++] = was->days[i];
    }
    if (all_n > LIMIT_CALENDAR_DAYS)
        return err_set(e, ERR_LIMIT, "flow.too_many_days", err_int(e, LIMIT_CALENDAR_DAYS));
    in->now = flow_calendar_new(a, &was->office, all, all_n, was->number + 1);
    for (int i = 0; i < in->change_n; i++) {
        FlowChange *c = &in->changes[i];
        c->is_turned = flow_is_workday(was, c->now.day) != flow_is_workday(in->now, c->now.day);
    }
    return 0;
}

int flow_prepare_days(Arena *a, Tx *tx, FlowImport *in, Err *e)
{
    if (in->row_n <= 0)
        return err_set(e, ERR_INVALID, "flow.no_rows");
    if (in->row_n > LIMIT_CALENDAR_DAYS)
        return err_set(e, ERR_LIMIT, "flow.too_many_days", err_int(e, LIMIT_CALENDAR_DAYS));
    in->fault_n = in->change_n = in->new_n = in->changed_n = in->same_n = 0;
    in->changes = NULL;
    TRY(load(a, tx, &in->was, e));
    in->number = in->was->number;
    in->now = in->was;
    size_t rows = (size_t)in->row_n;
    FlowDay *days = NEW_N(a, FlowDay, rows);
    in->faults = NEW_N(a, FlowFault, rows * 5); /* four columns, and a double */
    int n = 0;
    for (int i = 0; i < in->row_n; i++)
        n += read_row(a, in, &in->rows[i], &days[n]);
    qsort(days, (size_t)n, sizeof *days, by_day_row);
    find_doubles(a, in, days, n);
    qsort(in->faults, (size_t)in->fault_n, sizeof *in->faults, by_fault_row);
    return in->fault_n ? 0 : plan_days(a, in, days, n, e);
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

int flow_apply_office(Tx *tx, void *set_office, Err *e)
{
    const FlowSetOffice *in = set_office;
    CHECK(tx_is_write(tx) && in->office.span_n > 0 && in->office.week);
    TRY(raise_number(tx, NULL, e));
    return set_meta(tx, S("office"), flow_office_text(tx_arena(tx), &in->office), e);
}
