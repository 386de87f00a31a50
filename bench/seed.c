/* seed.c: makes the deployment that is measured: people through the rooms themselves, records in
 * bulk.
 *
 *   seed DIR RECORDS [DB]
 *       RECORDS diaries, two authors in 300 villages, one a day each going back from yesterday;
 *       all accepted but those of the last two days. DIR/who: accounts, ids.
 *
 * The records' rows and history are what the rooms would have written (the same encoders make
 * them, and `stave verify` proves it), but go straight into SQLite, indexes last: a million in
 * about a minute. On PostgreSQL (DB given) they go through record_apply. */
#include "bench.h" /* first: it says which libc */

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "cli/cli.h"
#include "record/record_int.h"

typedef struct Author {
    Uuid person;
    int64_t posting, seat, unit, town_seat;
    Uuid town_person;
} Author;

typedef struct Seed {
    Deployment *d;
    Arena *arena;
    Err *e;
    Conn *conn;
    const Tree *tree;
    const char *dir;
    FILE *who;
    Day today;
    int64_t record_n;
    Str hash; /* of the one password */
} Seed;

static void must(Seed *s, int rc)
{
    if (rc < 0) {
        Str text = err_text(s->arena, LANG_EN, s->e);
        Str field = s->e->field_n ? err_field_text(s->arena, LANG_EN, &s->e->fields[0]) : S("");
        die("seed: %.*s %.*s (%s:%d)", STR_ARG(text), STR_ARG(field), s->e->file ? s->e->file : "?",
            s->e->line);
    }
}

static Tx *reading(Seed *s)
{
    Tx *tx;
    must(s, tx_read(s->conn, &tx, s->e));
    return tx;
}

/* Many changes in one, so that they share one commit on either engine. */
typedef struct Many {
    int (*apply)(Tx *, void *, Err *);
    void **args;
    int n;
} Many;

static int apply_many(Tx *tx, void *arg, Err *e)
{
    const Many *m = arg;
    for (int i = 0; i < m->n; i++)
        TRY(m->apply(tx, m->args[i], e));
    return 0;
}

static void write_many(Seed *s, int (*apply)(Tx *, void *, Err *), void **args, int n)
{
    Many m = {apply, args, n};
    must(s, store_write(s->d->app.store, s->conn, apply_many, &m, s->e));
}

/* ---- units and people ---- */

static void add_units(Seed *s)
{
    int n = 1 + BENCH_TOWNS + BENCH_VILLAGES, at = 0;
    Arena *a = s->arena;
    UnitRow *rows = NEW_N(a, UnitRow, (size_t)n);
    rows[at++] = (UnitRow){S("990199000000"), S("测量县"), S("county"), S(""), 2};
    for (int t = 0; t < BENCH_TOWNS; t++) {
        Str code = str_fmt(a, "990199%03d000", 100 + t);
        rows[at++] =
            (UnitRow){code, str_fmt(a, "第%d镇", t + 1), S("town"), S("990199000000"), at + 2};
        for (int v = 0; v < BENCH_PER_TOWN; v++, at++)
            rows[at] =
                (UnitRow){str_fmt(a, "990199%03d%03d", 100 + t, 200 + v),
                          str_fmt(a, "第%d镇第%d村", t + 1, v + 1), S("village"), code, at + 2};
    }
    UnitImport in = {.rows = rows, .row_n = n};
    Tx *tx = reading(s);
    must(s, access_prepare_units(s->d->app.access, a, tx, &in, s->e));
    tx_end(tx);
    if (in.fault_n)
        die("seed: the units are at fault");
    must(s, store_write(s->d->app.store, s->conn, access_apply_units, &in, s->e));
    tx = reading(s);
    must(s, access_tree_refresh(s->d->app.access, tx, s->e));
    tx_end(tx);
    s->tree = access_tree_hold(s->d->app.access);
}

static Staff staff_of(Seed *s, int i)
{
    Arena *a = s->arena;
    Staff st = {
        .starts = s->today - 3000, .ends = DAY_NONE, .model = s->d->app.model, .tree = s->tree};
    if (i == 0) {
        st.account = S("county"), st.role = S("county_office"), st.unit_code = S("990199000000");
        st.is_root_office = true;
    } else if (i <= BENCH_TOWNS) {
        st.account = str_fmt(a, "town%d", i), st.role = S("town_office");
        st.unit_code = str_fmt(a, "990199%03d000", 99 + i);
    } else {
        int k = i - 1 - BENCH_TOWNS, v = k / 2;
        st.account = str_fmt(a, "author%d", k),
        st.role = k % 2 ? S("team_member") : S("first_secretary");
        st.unit_code =
            str_fmt(a, "990199%03d%03d", 100 + v / BENCH_PER_TOWN, 200 + v % BENCH_PER_TOWN);
    }
    st.name = st.account;
    return st;
}

static void add_people(Seed *s)
{
    enum { N = 1 + BENCH_TOWNS + BENCH_AUTHORS };
    Arena *a = s->arena;
    Access *ac = s->d->app.access;
    Staff *staff = NEW_N(a, Staff, N);
    Redeem *redeem = NEW_N(a, Redeem, N);
    NewToken *token = NEW_N(a, NewToken, N);
    void *args[N];
    Tx *tx = reading(s);
    for (int i = 0; i < N; i++) {
        staff[i] = staff_of(s, i);
        must(s, access_prepare_staff(ac, a, tx, NULL, &staff[i], s->e));
        args[i] = &staff[i];
    }
    tx_end(tx);
    write_many(s, access_apply_staff, args, N);
    tx = reading(s);
    for (int i = 0; i < N; i++) {
        redeem[i] = (Redeem){.code = staff[i].code,
                             .password = str_of(BENCH_PASSWORD),
                             .again = str_of(BENCH_PASSWORD),
                             .hash = i ? redeem[0].hash : STR_NONE};
        must(s, access_prepare_redeem(ac, a, tx, &redeem[i], s->e));
        args[i] = &redeem[i];
    }
    tx_end(tx);
    write_many(s, access_apply_redeem, args, N);
    tx = reading(s);
    for (int i = 0; i < N; i++) {
        token[i] = (NewToken){.account = staff[i].account};
        must(s, access_prepare_token(ac, a, tx, &token[i], s->e));
        args[i] = &token[i];
    }
    tx_end(tx);
    write_many(s, access_apply_token, args, N);
    for (int i = 0; i < N; i++)
        (void)fprintf(s->who, "%c %d %.*s %.*s %.*s\n",
                      i == 0             ? 'c'
                      : i <= BENCH_TOWNS ? 't'
                                         : 'v',
                      i == 0             ? 0
                      : i <= BENCH_TOWNS ? i - 1
                                         : (i - 1 - BENCH_TOWNS) / 2,
                      STR_ARG(staff[i].unit_code), STR_ARG(token[i].token),
                      STR_ARG(redeem[i].session.cookie));
}

static void note_id(Seed *s, int64_t i, Uuid id, int author)
{
    char text[37];
    int64_t every = s->record_n / BENCH_IDS + 1;
    if (i % every || i / BENCH_AUTHORS < 3) /* the newest ones may not be accepted yet */
        return;
    hex_uuid(id.b, text);
    (void)fprintf(s->who, "i %s %d\n", text, author);
}

/* ---- bulk, SQLite ---- */

typedef struct Bulk {
    Seed *s;
    sqlite3 *db;
    sqlite3_stmt *row, *reg, *hist, *duty;
    const Type *t;
    Author authors[BENCH_AUTHORS];
    int64_t seq;
    uint8_t head[SM3_BYTES];
    uint64_t dice;
    int64_t county;
    Arena *arena; /* of one record */
} Bulk;

static void lite(Bulk *b, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die("seed: %s", sqlite3_errmsg(b->db));
}

static void run(Bulk *b, const char *sql)
{
    lite(b, sqlite3_exec(b->db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *stmt(Bulk *b, const char *sql)
{
    sqlite3_stmt *st = NULL;
    lite(b, sqlite3_prepare_v2(b->db, sql, -1, &st, NULL));
    return st;
}

static void find_authors(Bulk *b)
{
    sqlite3_stmt *st =
        stmt(b, "SELECT a.person, p.id, p.seat, s.unit, ts.id, tp.person, u.county FROM account a "
                "JOIN posting p ON p.person = a.person JOIN seat s ON s.id = p.seat "
                "JOIN unit u ON u.id = s.unit JOIN seat ts ON ts.unit = u.parent "
                "JOIN posting tp ON tp.seat = ts.id "
                "WHERE a.name = 'author' || ?1 AND ts.role = 'town_office'");
    for (int i = 0; i < BENCH_AUTHORS; i++) {
        Author *x = &b->authors[i];
        lite(b, sqlite3_bind_int(st, 1, i));
        if (sqlite3_step(st) != SQLITE_ROW)
            die("seed: author %d is not there", i);
        memcpy(x->person.b, sqlite3_column_blob(st, 0), 16);
        x->posting = sqlite3_column_int64(st, 1);
        x->seat = sqlite3_column_int64(st, 2);
        x->unit = sqlite3_column_int64(st, 3);
        x->town_seat = sqlite3_column_int64(st, 4);
        memcpy(x->town_person.b, sqlite3_column_blob(st, 5), 16);
        b->county = sqlite3_column_int64(st, 6);
        lite(b, sqlite3_reset(st));
    }
    lite(b, sqlite3_finalize(st));
}

static void add_history(Bulk *b, const Pended *p)
{
    history_hash(b->head, 1, ++b->seq, p, b->head);
    sqlite3_stmt *h = b->hist;
    (void)sqlite3_bind_int64(
        h, 1, b->seq); /* all of these fail only for a wrong index: step would tell */
    (void)sqlite3_bind_int64(h, 2, p->at_ms);
    (void)sqlite3_bind_blob(h, 3, p->record.b, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(h, 4, p->type);
    (void)sqlite3_bind_int64(h, 5, p->version);
    (void)sqlite3_bind_int64(h, 6, p->act);
    (void)sqlite3_bind_blob(h, 7, p->actor.b, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(h, 8, p->seat);
    (void)sqlite3_bind_blob(h, 9, p->body.p, (int)p->body.n, SQLITE_STATIC);
    (void)sqlite3_bind_blob(h, 10, p->body_hash, SM3_BYTES, SQLITE_STATIC);
    (void)sqlite3_bind_blob(h, 11, b->head, SM3_BYTES, SQLITE_STATIC);
    lite(b, sqlite3_step(h));
    lite(b, sqlite3_reset(h));
}

static Entry entry(Bulk *b, int64_t number, Value v)
{
    Entry en = {.number = number, .value = v};
    for (int i = 0; i < SALT_BYTES; i += 8) {
        uint64_t salt = roll(&b->dice);
        memcpy(en.salt + i, &salt, 8);
    }
    return en;
}

static Value of_i64(int64_t i)
{
    return (Value){.tag = VALUE_INT, .i = i};
}

static void add_act(Bulk *b, Pended *p, const char *action, const char *state, Uuid actor,
                    int64_t seat)
{
    Entry en = entry(b, ENTRY_STATE, of_i64(type_state(b->t, str_of(state))->number));
    p->act = type_action(b->t, str_of(action))->number;
    p->body = body_encode(b->arena, &en, 1, p->body_hash);
    p->actor = actor;
    p->seat = seat;
    p->version++;
    p->at_ms += 3600 * 1000;
    add_history(b, p);
}

static void add_row(Bulk *b, const Author *x, Uuid id, Day day, const State *st, int64_t version,
                    int64_t made_ms, Str body)
{
    sqlite3_stmt *r = b->row;
    (void)sqlite3_bind_blob(r, 1, id.b, 16, SQLITE_STATIC); /* as above */
    (void)sqlite3_bind_int64(r, 2, b->county);
    (void)sqlite3_bind_int64(r, 3, x->unit);
    (void)sqlite3_bind_int64(r, 4, x->seat);
    (void)sqlite3_bind_int64(r, 5, x->posting);
    (void)sqlite3_bind_blob(r, 6, x->person.b, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(r, 7, day);
    (void)sqlite3_bind_int64(r, 8, st->number);
    (void)sqlite3_bind_int64(r, 9, b->t->open_states >> st->ix & 1);
    (void)sqlite3_bind_int64(r, 10, version);
    (void)sqlite3_bind_int64(r, 11, made_ms);
    (void)sqlite3_bind_int64(r, 12, day);
    (void)sqlite3_bind_text(r, 13, body.p, (int)body.n, SQLITE_STATIC);
    lite(b, sqlite3_step(r));
    lite(b, sqlite3_reset(r));
    (void)sqlite3_bind_blob(b->reg, 1, id.b, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(b->reg, 2, b->t->number);
    (void)sqlite3_bind_int64(b->reg, 3, x->unit);
    (void)sqlite3_bind_int64(b->reg, 4, b->county);
    lite(b, sqlite3_step(b->reg));
    lite(b, sqlite3_reset(b->reg));
}

/* What is sent is owed by the town, seven days from then. */
static void add_duty(Bulk *b, const Author *x, Uuid record, int64_t sent_ms)
{
    Uuid id = record;
    id.b[15] ^= 1;
    sqlite3_stmt *r = b->duty;
    (void)sqlite3_bind_blob(r, 1, id.b, 16, SQLITE_STATIC); /* as above */
    (void)sqlite3_bind_blob(r, 2, record.b, 16, SQLITE_STATIC);
    (void)sqlite3_bind_int64(r, 3, b->t->number);
    (void)sqlite3_bind_int64(r, 4, x->unit);
    (void)sqlite3_bind_int64(r, 5, x->town_seat);
    (void)sqlite3_bind_int64(r, 6, sent_ms);
    (void)sqlite3_bind_int64(r, 7, sent_ms + INT64_C(7) * 86400 * 1000);
    lite(b, sqlite3_step(r));
    lite(b, sqlite3_reset(r));
}

/* Records from the oldest day on, so that ids and the keys made of them rise. */
static void add_record(Bulk *b, int64_t i)
{
    Seed *s = b->s;
    int author = (int)(i % BENCH_AUTHORS);
    const Author *x = &b->authors[author];
    int back = (int)(i / BENCH_AUTHORS) + 1;
    Day day = s->today - back;
    size_t mark = arena_mark(b->arena);
    char text[1024];
    Str body = {text, bench_body(&b->dice, text, sizeof text)};
    int64_t ms = ((int64_t)day * 24 + 10) * 3600 * 1000 + author * 100;
    Uuid id;
    bench_uuid(ms, (uint32_t)author, &b->dice, id.b);
    Pended p = {.at_ms = ms,
                .record = id,
                .actor = x->person,
                .type = b->t->number,
                .version = 1,
                .act = b->t->create->number,
                .seat = x->seat};
    Entry list[] = {
        entry(b, ENTRY_STATE, of_i64(type_state(b->t, S("draft"))->number)),
        entry(b, ENTRY_UNIT, of_i64(x->unit)),
        entry(b, ENTRY_POSTING, of_i64(x->posting)),
        entry(b, type_field(b->t, S("day"))->number, of_i64(day)),
        entry(b, type_field(b->t, S("body"))->number, (Value){.tag = VALUE_TEXT, .s = body}),
    };
    p.body = body_encode(b->arena, list, (int)LEN(list), p.body_hash);
    add_history(b, &p);
    add_act(b, &p, "submit", "submitted", x->person, x->seat);
    bool is_done = back > 2;
    int64_t sent_ms = p.at_ms;
    if (is_done)
        add_act(b, &p, "accept", "accepted", x->town_person, x->town_seat);
    add_row(b, x, id, day, type_state(b->t, is_done ? S("accepted") : S("submitted")), p.version,
            ms, body);
    if (!is_done)
        add_duty(b, x, id, sent_ms);
    note_id(s, i, id, author);
    arena_rewind(b->arena, mark);
}

enum { INDEXES_MAX = 32 };

static int drop_indexes(Bulk *b, char *ret[INDEXES_MAX])
{
    int n = 0;
    char *drops[INDEXES_MAX];
    sqlite3_stmt *st =
        stmt(b, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL "
                "AND tbl_name IN ('r_diary', 'history')");
    while (sqlite3_step(st) == SQLITE_ROW && n < INDEXES_MAX) {
        drops[n] = sqlite3_mprintf("DROP INDEX \"%w\"", sqlite3_column_text(st, 0));
        ret[n++] = sqlite3_mprintf("%s", sqlite3_column_text(st, 1));
    }
    lite(b, sqlite3_finalize(st));
    for (int i = 0; i < n; i++)
        run(b, drops[i]);
    return n;
}

static void bulk(Seed *s, const Type *t)
{
    Bulk *b = NEW(s->arena, Bulk);
    *b = (Bulk){.s = s, .t = t, .dice = 42, .arena = arena_new(64 * 1024)};
    char *indexes[INDEXES_MAX], path[4096];
    (void)snprintf(path, sizeof path, "%s/stave.db", s->dir);
    if (sqlite3_open_v2(path, &b->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die("seed: cannot open %s", path);
    run(b, "PRAGMA journal_mode=DELETE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA "
           "cache_size=-400000;"
           "PRAGMA temp_store=MEMORY; PRAGMA locking_mode=EXCLUSIVE; PRAGMA threads=2; BEGIN");
    find_authors(b);
    int n = drop_indexes(b, indexes);
    b->row =
        stmt(b, "INSERT INTO r_diary(id, county, unit, seat, posting, author, at_day, state, "
                "is_open, version, "
                "made_ms, \"day\", \"body\") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)");
    b->reg = stmt(b, "INSERT INTO record(id, type, unit, county) VALUES (?1,?2,?3,?4)");
    b->hist = stmt(
        b, "INSERT INTO history(chain, seq, at_ms, record, type, version, act, actor, seat, body, "
           "body_hash, hash) VALUES (1,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)");
    b->duty = stmt(b, "INSERT INTO duty(id, record, type, name, unit, seat, opened_ms, due_ms, "
                      "counted) VALUES (?1,?2,?3,'review',?4,?5,?6,?7,'')");
    for (int64_t i = s->record_n - 1; i >= 0; i--) {
        add_record(b, i);
        if (i % 100000 == 99999)
            (void)fprintf(stderr, "seed: %lld records to go\n", (long long)i);
    }
    (void)fprintf(stderr, "seed: indexes\n");
    sqlite3_stmt *chain = stmt(b, "INSERT INTO chain(id, seq, hash) VALUES (1, ?1, ?2)");
    (void)sqlite3_bind_int64(chain, 1, b->seq);
    (void)sqlite3_bind_blob(chain, 2, b->head, SM3_BYTES, SQLITE_STATIC);
    if (b->seq)
        lite(b, sqlite3_step(chain));
    sqlite3_stmt *all[] = {b->row, b->reg, b->hist, b->duty, chain};
    for (size_t i = 0; i < LEN(all); i++)
        (void)sqlite3_finalize(all[i]); /* they told their failures */
    for (int i = 0; i < n; i++)
        run(b, indexes[i]);
    run(b, "COMMIT; PRAGMA locking_mode=NORMAL; PRAGMA journal_mode=WAL");
    if (sqlite3_close(b->db) != SQLITE_OK)
        die("seed: cannot close %s", path);
    arena_free(b->arena);
}

/* ---- through record_apply, PostgreSQL ---- */

static void apply_records(Seed *s, const Type *t)
{
    enum { STEP = BENCH_AUTHORS };
    Reader *readers = NEW_N(s->arena, Reader, BENCH_AUTHORS);
    uint64_t dice = 42;
    void *args[STEP];
    Arena *a = arena_new(64 * 1024);
    for (int64_t from = 0; from < s->record_n; from += STEP) {
        int n = 0;
        Tx *tx = reading(s);
        for (int64_t i = from; i < from + STEP && i < s->record_n; i++) {
            int author = (int)(i % BENCH_AUTHORS);
            char text[1024];
            Uuid id;
            Str name = str_fmt(a, "author%d", author);
            if (from == 0)
                must(s, access_reader_account(s->d->app.access, s->arena, tx, s->tree, name,
                                              &readers[author], s->e));
            size_t len = bench_body(&dice, text, sizeof text);
            FieldInput *fields = NEW_N(a, FieldInput, 2);
            fields[0] = (FieldInput){.name = S("day"),
                                     .text = day_text(a, s->today - 1 - (Day)(i / BENCH_AUTHORS))};
            fields[1] = (FieldInput){.name = S("body"), .text = str_copy(a, (Str){text, len})};
            bench_uuid(wall_ms(), (uint32_t)n, &dice, id.b);
            RecordInput *in = NEW(a, RecordInput);
            *in = (RecordInput){.type = t,
                                .id = id,
                                .action = t->create,
                                .then = type_action(t, S("submit")),
                                .unit_ix = -1,
                                .fields = fields,
                                .field_n = 2};
            must(s, record_prepare(s->d->app.records, a, tx, &readers[author], in,
                                   (Change **)&args[n++], s->e));
            note_id(s, i, id, author);
        }
        tx_end(tx);
        write_many(s, record_apply, args, n);
        arena_reset(a);
    }
    arena_free(a);
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        die("usage: seed DIR RECORDS [DB]");
    Arena *a = arena_new(1024 * 1024);
    Err e = err_on(a);
    Seed s = {.arena = a,
              .e = &e,
              .dir = argv[1],
              .record_n = strtoll(argv[2], NULL, 10),
              .today = env_today(env_real())};
    Str db = argc == 4 ? str_of(argv[3]) : STR_NONE;
    must(&s, deployment_open(env_real(), str_of(argv[1]), db, OPEN_MAKE, LANG_ZH, &s.d, &e));
    must(&s, store_conn(s.d->app.store, &s.conn, &e));
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/who", argv[1]);
    s.who = fopen(path, "w");
    if (!s.who)
        die("seed: cannot write %s", path);
    add_units(&s);
    add_people(&s);
    const Type *t = model_type(s.d->app.model, S("diary"));
    if (argc == 4)
        apply_records(&s, t);
    must(&s, settings_write(env_real(), str_of(argv[1]), db, true, &e));
    access_tree_drop(s.d->app.access, s.tree);
    conn_close(s.conn);
    if (argc == 4) {
        deployment_close(s.d);
    } else { /* the model is of the deployment's arena: the stores close, the file is ours */
        store_close(s.d->app.store);
        store_close(s.d->app.files);
        bulk(&s, t);
    }
    if (fclose(s.who) != 0)
        die("seed: cannot write %s", path);
    return 0;
}
