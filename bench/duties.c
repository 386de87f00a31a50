/* duties.c: ten thousand duties late at one minute.
 *
 *   duties DIR make N     N records of the type `job` (bench/run), by the people of `seed`: each
 *                         opens a duty, all due at the close of one day
 *   duties DIR tick       the clock's steps on the day after, until nobody is left to be told;
 *                         prints SECONDS TOLD
 *   duties DIR floor      bare SQL: the same duties marked, the same notices written, as many to a
 *                         commit; prints SECONDS TOLD */
#include "bench.h" /* first: it says which libc */

#include <sqlite3.h>

#include "cli/cli.h"
#include "record/record_int.h"

enum { STEP = 500, DUTIES_MAX = 100000 };

typedef struct Bench {
    Deployment *d;
    Arena *arena;
    Err *e;
    Conn *conn;
    const Tree *tree;
    const FlowCalendar *calendar;
} Bench;

static void must(Bench *b, int rc)
{
    if (rc < 0) {
        Str text = err_text(b->arena, LANG_EN, b->e);
        Str field = b->e->field_n ? err_field_text(b->arena, LANG_EN, &b->e->fields[0]) : S("");
        die("duties: %.*s %.*s (%s:%d)", STR_ARG(text), STR_ARG(field),
            b->e->file ? b->e->file : "?", b->e->line);
    }
}

static Tx *reading(Bench *b)
{
    Tx *tx;
    must(b, tx_read(b->conn, &tx, b->e));
    return tx;
}

static void open_bench(Bench *b, const char *dir)
{
    must(b, deployment_open(env_real(), str_of(dir), STR_NONE, OPEN_WRITE, LANG_ZH, &b->d, b->e));
    must(b, store_conn(b->d->app.store, &b->conn, b->e));
    Tx *tx = reading(b);
    must(b, access_tree_refresh(b->d->app.access, tx, b->e));
    must(b, flow_refresh(b->d->app.flow, tx, b->e));
    tx_end(tx);
    b->tree = access_tree_hold(b->d->app.access);
    b->calendar = flow_calendar_hold(b->d->app.flow);
}

static void close_bench(Bench *b)
{
    flow_calendar_drop(b->d->app.flow, b->calendar);
    access_tree_drop(b->d->app.access, b->tree);
    conn_close(b->conn);
    deployment_close(b->d);
}

/* ---- making them ---- */

typedef struct Many {
    Change *list[STEP];
    int n;
} Many;

static int apply_many(Tx *tx, void *arg, Err *e)
{
    const Many *m = arg;
    for (int i = 0; i < m->n; i++)
        TRY(record_apply(tx, m->list[i], e));
    return 0;
}

static void prepare_job(Bench *b, Arena *a, Tx *tx, const Reader *r, Change **ret)
{
    FieldInput *fields = NEW_N(a, FieldInput, 2);
    fields[0] = (FieldInput){.name = S("day"), .text = day_text(a, env_today(env_real()))};
    fields[1] = (FieldInput){.name = S("body"), .text = S("路灯坏了两盏，先修门口那盏。")};
    RecordInput *in = NEW(a, RecordInput);
    *in = (RecordInput){.type = model_type(b->d->app.model, S("job")),
                        .id = env_uuid7(env_real()),
                        .unit_ix = -1,
                        .fields = fields,
                        .field_n = 2};
    if (!in->type)
        die("duties: the model has no job");
    in->action = in->type->create;
    must(b, record_prepare(b->d->app.records, a, tx, r, in, ret, b->e));
}

static void make(Bench *b, int n)
{
    Reader *readers = NEW_N(b->arena, Reader, BENCH_AUTHORS);
    bool known[BENCH_AUTHORS] = {0};
    Arena *a = arena_new(64 * 1024);
    for (int made = 0; made < n;) {
        Many m = {.n = 0};
        Tx *tx = reading(b);
        for (; m.n < STEP && made < n; made++, m.n++) {
            int who = made % BENCH_AUTHORS;
            if (!known[who]) {
                must(b, access_reader_account(b->d->app.access, b->arena, tx, b->tree,
                                              str_fmt(b->arena, "author%d", who), &readers[who],
                                              b->e));
                readers[who].workdays = flow_workdays(b->calendar);
                known[who] = true;
            }
            prepare_job(b, a, tx, &readers[who], &m.list[m.n]);
        }
        tx_end(tx);
        must(b, store_write(b->d->app.store, b->conn, apply_many, &m, b->e));
        arena_reset(a);
    }
    arena_free(a);
}

/* ---- the clock ---- */

enum { WHEN_DAYS = 14, MORNING_MIN = 10 * 60, CHINA_MIN = 8 * 60 };

/* The morning of the first working day when they are late. */
static UnixMs when(Bench *b)
{
    Day day = flow_add_workdays(b->calendar, env_today(env_real()), WHEN_DAYS);
    return ((int64_t)day * 24 * 60 + MORNING_MIN - CHINA_MIN) * 60000;
}

static void tick(Bench *b)
{
    FlowTick t = {.env = env_real(), .calendar = b->calendar, .now_ms = when(b), .has_more = true};
    int told = 0;
    int64_t from = now_us();
    while (t.has_more) {
        must(b, store_write(b->d->app.store, b->conn, flow_apply_tick, &t, b->e));
        told += t.late_n;
    }
    (void)printf("%.3f %d\n", (double)(now_us() - from) / 1e6, told);
}

/* ---- bare ---- */

typedef struct Late {
    uint8_t id[16], record[16], notice[16];
    int64_t seat, due, type;
} Late;

static void lite(sqlite3 *db, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die("duties: %s", sqlite3_errmsg(db));
}

static sqlite3_stmt *stmt(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    lite(db, sqlite3_prepare_v2(db, sql, -1, &st, NULL));
    return st;
}

static int read_late(sqlite3 *db, Late *list)
{
    uint64_t dice = 7;
    int n = 0;
    sqlite3_stmt *st =
        stmt(db, "SELECT id, seat, due_ms, record, type FROM duty WHERE done_ms IS NULL AND "
                 "type = (SELECT number FROM catalogue WHERE kind = 'type' AND "
                 "path = 'job') ORDER BY due_ms, id");
    while (sqlite3_step(st) == SQLITE_ROW && n < DUTIES_MAX) {
        memcpy(list[n].id, sqlite3_column_blob(st, 0), 16);
        list[n].seat = sqlite3_column_int64(st, 1);
        list[n].due = sqlite3_column_int64(st, 2);
        memcpy(list[n].record, sqlite3_column_blob(st, 3), 16);
        list[n].type = sqlite3_column_int64(st, 4);
        bench_uuid(wall_ms(), (uint32_t)n, &dice, list[n].notice);
        n++;
    }
    lite(db, sqlite3_finalize(st));
    return n;
}

static void bare(const char *dir, int per_commit)
{
    char path[4096];
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/stave.db", dir);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die("duties: cannot open %s", path);
    lite(db, sqlite3_exec(db, "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384", NULL, NULL,
                          NULL));
    Late *list = calloc(DUTIES_MAX, sizeof *list);
    if (!list)
        die("duties: no memory");
    int n = read_late(db, list);
    sqlite3_stmt *set = stmt(db, "UPDATE duty SET late_ms = ?1 WHERE id = ?2");
    sqlite3_stmt *add = stmt(db, "INSERT INTO notice(id, at_ms, seat, what, about, nth, "
                                 "record, type) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    static const char *const what[] = {"late", "escalated"};
    int64_t from = now_us();
    for (int i = 0; i < n; i++) {
        if (i % per_commit == 0)
            lite(db, sqlite3_exec(db, i ? "COMMIT; BEGIN IMMEDIATE" : "BEGIN IMMEDIATE", NULL,
                                  NULL, NULL));
        lite(db, sqlite3_bind_int64(set, 1, list[i].due + 1));
        lite(db, sqlite3_bind_blob(set, 2, list[i].id, 16, SQLITE_STATIC));
        lite(db, sqlite3_step(set));
        lite(db, sqlite3_reset(set));
        for (int k = 0; k < 2; k++) {
            list[i].notice[15] ^= (uint8_t)k;
            lite(db, sqlite3_bind_blob(add, 1, list[i].notice, 16, SQLITE_STATIC));
            lite(db, sqlite3_bind_int64(add, 2, list[i].due + 1));
            lite(db, sqlite3_bind_int64(add, 3, list[i].seat));
            lite(db, sqlite3_bind_text(add, 4, what[k], -1, SQLITE_STATIC));
            lite(db, sqlite3_bind_blob(add, 5, list[i].id, 16, SQLITE_STATIC));
            lite(db, sqlite3_bind_int64(add, 6, list[i].due));
            lite(db, sqlite3_bind_blob(add, 7, list[i].record, 16, SQLITE_STATIC));
            lite(db, sqlite3_bind_int64(add, 8, list[i].type));
            lite(db, sqlite3_step(add));
            lite(db, sqlite3_reset(add));
        }
    }
    if (n)
        lite(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    (void)printf("%.3f %d\n", (double)(now_us() - from) / 1e6, n);
    lite(db, sqlite3_finalize(set));
    lite(db, sqlite3_finalize(add));
    lite(db, sqlite3_close(db));
    free(list);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 2 ? argv[2] : "";
    int n = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;
    Arena *a = arena_new(1024 * 1024);
    Err e = err_on(a);
    Bench b = {.arena = a, .e = &e};
    if (!strcmp(mode, "floor")) {
        bare(argv[1], LIMIT_TICK);
    } else if (!strcmp(mode, "tick")) {
        open_bench(&b, argv[1]);
        tick(&b);
        close_bench(&b);
    } else if (!strcmp(mode, "make") && n >= 1 && n <= DUTIES_MAX) {
        open_bench(&b, argv[1]);
        make(&b, n);
        close_bench(&b);
    } else {
        die("usage: duties DIR make N | tick | floor");
    }
    arena_free(a);
    return fflush(stdout) == 0 ? 0 : 1;
}
