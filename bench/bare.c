/* bare.c: the floor of `create`: a bare loop that writes the same rows into the same tables and
 * indexes.
 *
 *   bare DB SECONDS [PER_COMMIT]
 *       DB: a copy of the database the server wrote to. Prints rows a second.
 *
 * For each diary one row of r_diary, record, history and, once a commit, chain. The rows are made
 * before the clock starts, hashes included; the settings are those of the store's writer. No
 * HTTP, no permission, no savepoint, no second thread: what is left is SQLite and the disk. */
#include "bench.h" /* first: it says which libc */

#include <sqlite3.h>

#include "record/record_int.h"

enum { ROWS_MAX = 400000, COMMIT_ROWS = 64 };

typedef struct BareRow {
    uint8_t id[16], body_hash[SM3_BYTES], hash[SM3_BYTES];
    int author;
    int64_t day, ms;
    Str text, body;
} BareRow;
typedef struct Author {
    uint8_t person[16];
    int64_t posting, seat, unit;
} Author;
typedef struct Bare {
    sqlite3 *db;
    Arena *arena;
    Author authors[BENCH_AUTHORS];
    int64_t county, seq;
    uint8_t head[SM3_BYTES];
    int64_t n_type, n_draft, n_create, n_day, n_body;
    BareRow *rows;
    int row_n;
} Bare;

static void lite(Bare *b, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die("bare: %s", sqlite3_errmsg(b->db));
}

static sqlite3_stmt *stmt(Bare *b, const char *sql)
{
    sqlite3_stmt *st = NULL;
    lite(b, sqlite3_prepare_v3(b->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL));
    return st;
}

static void must_row(Bare *b, sqlite3_stmt *st, const char *what)
{
    int code = sqlite3_step(st);
    lite(b, code);
    if (code != SQLITE_ROW)
        die("bare: %s is not there", what);
}

static int64_t number(Bare *b, const char *kind, const char *path)
{
    sqlite3_stmt *st = stmt(b, "SELECT number FROM catalogue WHERE kind = ?1 AND path = ?2");
    lite(b, sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC));
    lite(b, sqlite3_bind_text(st, 2, path, -1, SQLITE_STATIC));
    must_row(b, st, path);
    int64_t n = sqlite3_column_int64(st, 0);
    lite(b, sqlite3_finalize(st));
    return n;
}

static void read_people_of(Bare *b)
{
    sqlite3_stmt *st = stmt(b, "SELECT a.person, p.id, p.seat, s.unit, u.county FROM account a "
                               "JOIN posting p ON p.person = a.person JOIN seat s ON s.id = p.seat "
                               "JOIN unit u ON u.id = s.unit WHERE a.name = 'author' || ?1");
    for (int i = 0; i < BENCH_AUTHORS; i++) {
        Author *x = &b->authors[i];
        lite(b, sqlite3_bind_int(st, 1, i));
        must_row(b, st, "an author");
        memcpy(x->person, sqlite3_column_blob(st, 0), 16);
        x->posting = sqlite3_column_int64(st, 1);
        x->seat = sqlite3_column_int64(st, 2);
        x->unit = sqlite3_column_int64(st, 3);
        b->county = sqlite3_column_int64(st, 4);
        lite(b, sqlite3_reset(st));
    }
    lite(b, sqlite3_finalize(st));
    st = stmt(b, "SELECT seq, hash FROM chain WHERE id = 1");
    if (sqlite3_step(st) == SQLITE_ROW) {
        b->seq = sqlite3_column_int64(st, 0);
        memcpy(b->head, sqlite3_column_blob(st, 1), SM3_BYTES);
    }
    lite(b, sqlite3_finalize(st));
    b->n_type = number(b, "type", "diary");
    b->n_draft = number(b, "state", "diary.draft");
    b->n_create = number(b, "action", "diary.create");
    b->n_day = number(b, "field", "diary.day");
    b->n_body = number(b, "field", "diary.body");
}

static Entry entry(uint64_t *dice, int64_t number, Value v)
{
    Entry en = {.number = number, .value = v};
    for (int i = 0; i < SALT_BYTES; i += 8) {
        uint64_t salt = roll(dice);
        memcpy(en.salt + i, &salt, 8);
    }
    return en;
}

static Value of_i64(int64_t i)
{
    return (Value){.tag = VALUE_INT, .i = i};
}

/* As 64 clients would write them: in turn by author, a day further back each round. */
static void make_rows(Bare *b, int n)
{
    uint64_t dice = 7;
    const char *skip = getenv("BENCH_SKIP"); /* as for load */
    int64_t first = skip ? strtoll(skip, NULL, 10) : 0;
    int64_t today = (wall_ms() + 8 * 3600 * 1000) / 86400000, seq = b->seq,
            base = wall_ms() - n / 20;
    b->rows = calloc((size_t)n, sizeof *b->rows);
    if (!b->rows)
        die("bare: no memory");
    b->row_n = n;
    for (int i = 0; i < n; i++) {
        BareRow *r = &b->rows[i];
        char text[1024];
        r->author = i % BENCH_AUTHORS;
        r->day = today - BENCH_FLAT_OUT_DAYS - (first + i) / BENCH_AUTHORS;
        r->ms = base + i / 20;
        size_t len = bench_body(&dice, text, sizeof text);
        r->text = str_copy(b->arena, (Str){text, len});
        bench_uuid(r->ms, (uint32_t)i % 20, &dice, r->id);
        const Author *x = &b->authors[r->author];
        Entry list[] = {
            entry(&dice, ENTRY_STATE, of_i64(b->n_draft)),
            entry(&dice, ENTRY_UNIT, of_i64(x->unit)),
            entry(&dice, ENTRY_POSTING, of_i64(x->posting)),
            entry(&dice, b->n_day, of_i64(r->day)),
            entry(&dice, b->n_body, (Value){.tag = VALUE_TEXT, .s = r->text}),
        };
        r->body = body_encode(b->arena, list, (int)LEN(list), r->body_hash);
        Pended p = {
            .at_ms = r->ms, .type = b->n_type, .version = 1, .act = b->n_create, .seat = x->seat};
        memcpy(p.record.b, r->id, 16);
        memcpy(p.actor.b, x->person, 16);
        memcpy(p.body_hash, r->body_hash, SM3_BYTES);
        history_hash(b->head, 1, ++seq, &p, b->head);
        memcpy(r->hash, b->head, SM3_BYTES);
    }
}

static void bind_diary(sqlite3_stmt *s, const Bare *b, const BareRow *r, const Author *x)
{
    (void)sqlite3_bind_blob(s, 1, r->id, 16, SQLITE_STATIC); /* these fail only for a wrong index */
    (void)sqlite3_bind_int64(s, 2, b->county);
    (void)sqlite3_bind_int64(s, 3, x->unit);
    (void)sqlite3_bind_int64(s, 4, x->seat);
    (void)sqlite3_bind_int64(s, 5, x->posting);
    (void)sqlite3_bind_blob(s, 6, x->person, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(s, 7, r->day);
    (void)sqlite3_bind_int64(s, 8, b->n_draft);
    (void)sqlite3_bind_int64(s, 9, r->ms);
    (void)sqlite3_bind_text(s, 10, r->text.p, (int)r->text.n, SQLITE_STATIC);
}

static void bind_history(sqlite3_stmt *s, Bare *b, const BareRow *r, const Author *x)
{
    (void)sqlite3_bind_int64(s, 1, ++b->seq); /* as above */
    (void)sqlite3_bind_int64(s, 2, r->ms);
    (void)sqlite3_bind_blob(s, 3, r->id, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(s, 4, b->n_type);
    (void)sqlite3_bind_int64(s, 5, b->n_create);
    (void)sqlite3_bind_blob(s, 6, x->person, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(s, 7, x->seat);
    (void)sqlite3_bind_blob(s, 8, r->body.p, (int)r->body.n, SQLITE_STATIC);
    (void)sqlite3_bind_blob(s, 9, r->body_hash, SM3_BYTES, SQLITE_STATIC);
    (void)sqlite3_bind_blob(s, 10, r->hash, SM3_BYTES, SQLITE_STATIC);
}

static void step(Bare *b, sqlite3_stmt *s)
{
    if (sqlite3_step(s) != SQLITE_DONE || sqlite3_reset(s) != SQLITE_OK)
        die("bare: %s", sqlite3_errmsg(b->db));
}

static double loop(Bare *b, int64_t for_us, int per_commit)
{
    sqlite3_stmt *begin = stmt(b, "BEGIN IMMEDIATE"), *commit = stmt(b, "COMMIT");
    sqlite3_stmt *reg = stmt(b, "INSERT INTO record(id, type, unit, county) VALUES (?1,?2,?3,?4)");
    sqlite3_stmt *row = stmt(
        b, "INSERT INTO r_diary(id, county, unit, seat, posting, author, at_day, state, is_open, "
           "version, made_ms, \"day\", \"body\") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,1,1,?9,?7,?10)");
    sqlite3_stmt *hist = stmt(
        b, "INSERT INTO history(chain, seq, at_ms, record, type, version, act, actor, seat, body, "
           "body_hash, hash) VALUES (1,?1,?2,?3,?4,1,?5,?6,?7,?8,?9,?10)");
    sqlite3_stmt *chain =
        stmt(b, "INSERT INTO chain(id, seq, hash) VALUES (1,?1,?2) "
                "ON CONFLICT(id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash");
    int64_t start = now_us(), end = start;
    int done = 0;
    while (done + per_commit <= b->row_n && end - start < for_us) {
        step(b, begin);
        for (int k = 0; k < per_commit; k++) {
            const BareRow *r = &b->rows[done++];
            const Author *x = &b->authors[r->author];
            (void)sqlite3_bind_blob(reg, 1, r->id, 16, SQLITE_STATIC);
            (void)sqlite3_bind_int64(reg, 2, b->n_type);
            (void)sqlite3_bind_int64(reg, 3, x->unit);
            (void)sqlite3_bind_int64(reg, 4, b->county);
            step(b, reg);
            bind_diary(row, b, r, x);
            step(b, row);
            bind_history(hist, b, r, x);
            step(b, hist);
        }
        (void)sqlite3_bind_int64(chain, 1, b->seq);
        (void)sqlite3_bind_blob(chain, 2, b->rows[done - 1].hash, SM3_BYTES, SQLITE_STATIC);
        step(b, chain);
        step(b, commit);
        end = now_us();
    }
    sqlite3_stmt *all[] = {begin, commit, reg, row, hist, chain};
    for (size_t i = 0; i < LEN(all); i++)
        (void)sqlite3_finalize(all[i]); /* they told their failures */
    (void)fprintf(stderr, "bare: %d rows in %.2f s, %d to a commit\n", done,
                  (double)(end - start) / 1e6, per_commit);
    return done * 1e6 / (double)(end - start);
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        die("usage: bare DB SECONDS [PER_COMMIT]");
    Bare b = {.arena = arena_new(1024 * 1024)};
    int64_t s = strtoll(argv[2], NULL, 10);
    int per_commit = argc == 4 ? (int)strtoll(argv[3], NULL, 10) : COMMIT_ROWS;
    if (s < 1 || per_commit < 1)
        die("bare: seconds and rows to a commit are at least 1");
    if (sqlite3_open_v2(argv[1], &b.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        die("bare: cannot open %s", argv[1]);
    lite(&b, sqlite3_exec(
                 b.db,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                 "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"
                 "PRAGMA mmap_size=0; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=1000;"
                 "PRAGMA journal_size_limit=67108864",
                 NULL, NULL, NULL));
    read_people_of(&b);
    make_rows(&b, (int)(s * 50000 < ROWS_MAX ? s * 50000 : ROWS_MAX));
    (void)printf("%.0f\n", loop(&b, s * 1000000, per_commit));
    if (sqlite3_close(b.db) != SQLITE_OK)
        die("bare: %s", sqlite3_errmsg(b.db));
    arena_free(b.arena);
    return 0;
}
