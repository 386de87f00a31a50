/* rows.c: how long a change of 500 lines of one record takes.
 *
 *   rows DIR PORT [N]     a session with 500 lines of attendance, then N (200) times all of them
 *                         changed by PATCH, one after the other; prints P50_MS P99_MS
 *   rows DIR floor [N]    no server by then: bare SQL writes the same rows and the same bytes of
 *                         history, one transaction each: no HTTP, no JSON, no permission, nothing
 *                         read, nothing hashed. What is left of it proves nothing any more */
#include "bench.h" /* first: it says which libc */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/cli.h"

enum { LINES = 500, N_MAX = 10000, ANSWER_BYTES = 1024 * 1024, FLOOR_CHAIN = 9999 };

typedef struct Line {
    Uuid id, person;
    int64_t county, unit, ix, came;
} Line;

typedef struct Bench {
    Deployment *d;
    Arena *arena;
    Err *e;
    Conn *conn;
    Line lines[LINES];
    const Login *county;
    uint64_t dice;
    int fd, port;
    char *answer;
    /* of the floor */
    int64_t seq;
    Str body;
    Uuid record;
} Bench;

static void must(Bench *b, int rc)
{
    if (rc < 0) {
        Str text = err_text(b->arena, LANG_EN, b->e);
        die("rows: %.*s (%s:%d)", STR_ARG(text), b->e->file ? b->e->file : "?", b->e->line);
    }
}

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static void tell(int64_t *times, int n)
{
    qsort(times, (size_t)n, sizeof *times, by_time);
    printf("%.3f %.3f\n", (double)times[n / 2] / 1000, (double)times[n - 1 - n / 100] / 1000);
}

/* ---- over HTTP ---- */

static void dial(Bench *b)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)b->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    b->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (b->fd < 0 || connect(b->fd, (struct sockaddr *)&to, sizeof to) != 0 ||
        setsockopt(b->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
        die("rows: cannot connect to port %d", b->port);
}

static void send_all(Bench *b, Str s)
{
    while (s.n) {
        ssize_t n = send(b->fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            die("rows: the server does not listen any more");
        s = (Str){s.p + n, s.n - (size_t)n};
    }
}

static void ask(Bench *b, const char *method, const char *path, int64_t version, Str json, int want)
{
    Str head = str_fmt(b->arena,
                       "%s /api/v1%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
                       "If-Match: \"%lld\"\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       method, path, b->port, b->county->token, (long long)version, json.n);
    size_t n = 0, whole = 0;
    int status = 0;
    send_all(b, head);
    send_all(b, json);
    while (!whole || n < whole) {
        ssize_t got = recv(b->fd, b->answer + n, ANSWER_BYTES - n - 1, 0);
        if (got <= 0)
            die("rows: the answer broke off");
        n += (size_t)got;
        b->answer[n] = 0;
        char *end = whole ? NULL : strstr(b->answer, "\r\n\r\n");
        if (!end)
            continue;
        const char *len = strcasestr(b->answer, "\r\ncontent-length:");
        if (!len || sscanf(b->answer, "HTTP/1.1 %d", &status) != 1)
            die("rows: no answer with a length");
        whole = (size_t)(end + 4 - b->answer) + strtoull(len + 17, NULL, 10);
    }
    if (status != want)
        die("rows: %s %s: status %d where %d was wanted:\n%.1500s", method, path, status, want,
            b->answer);
}

static void find_people(Bench *b)
{
    Tx *tx;
    Stmt *s;
    int n = 0, rc;
    must(b, tx_read(b->conn, &tx, b->e));
    must(b, tx_prepare(tx,
                       S("SELECT person FROM account WHERE name LIKE 'author%' "
                         "ORDER BY name LIMIT 500"),
                       &s, b->e));
    while ((rc = stmt_step(s, b->e)) > 0) {
        b->lines[n++].person = col_uuid(s, 0);
    }
    must(b, rc);
    tx_end(tx);
    if (n != LINES)
        die("rows: %d people where %d were wanted", n, LINES);
}

/* Lines have no ids until they are made: the answer tells them, in the order they were sent. */
static void note_ids(Bench *b)
{
    const char *at = strstr(b->answer, "\"attendance\":[");
    for (int i = 0; i < LINES; i++) {
        at = at ? strstr(at, "\"id\":\"") : NULL;
        if (!at || !uuid_parse((Str){at + 6, 36}, &b->lines[i].id))
            die("rows: the answer does not name line %d:\n%.500s", i, b->answer);
        at += 6;
    }
}

static void put_lines(Buf *out, const Bench *b, bool is_new, bool came)
{
    buf_z(out, "\"attendance\":[");
    for (int i = 0; i < LINES; i++) {
        char id[37], person[37];
        hex_uuid(b->lines[i].id.b, id);
        hex_uuid(b->lines[i].person.b, person);
        buf_fmt(out, "%s{", i ? "," : "");
        if (!is_new)
            buf_fmt(out, "\"id\":\"%s\",", id);
        buf_fmt(out, "\"person\":\"%s\",\"came\":\"%s\"}", person, came ? "present" : "absent");
    }
    buf_z(out, "]");
}

static Str make_session(Bench *b)
{
    char course[37], session[37], path[64];
    Uuid id;
    Buf json = {.arena = b->arena};
    bench_uuid(wall_ms(), 0, &b->dice, id.b);
    hex_uuid(id.b, course);
    bench_uuid(wall_ms(), 1, &b->dice, id.b);
    hex_uuid(id.b, session);
    (void)snprintf(path, sizeof path, "/course/%s", course);
    ask(b, "PUT", path, 0,
        str_fmt(b->arena, "{\"unit\":\"%s\",\"title\":\"政策培训\",\"line\":\"policy\"}",
                b->county->unit),
        201);
    Str day = day_text(b->arena, env_today(env_real()));
    buf_fmt(&json, "{\"unit\":\"%s\",\"course\":\"%s\",\"day\":\"%.*s\",\"place\":\"礼堂\",",
            b->county->unit, course, STR_ARG(day));
    put_lines(&json, b, true, false);
    buf_z(&json, "}");
    Str to = str_fmt(b->arena, "/session/%s", session);
    ask(b, "PUT", to.p, 0, buf_view(&json), 201);
    note_ids(b);
    return to;
}

static void change_lines(Bench *b, int port, int n)
{
    static int64_t times[N_MAX];
    Str texts[2];
    b->port = port;
    b->answer = malloc(ANSWER_BYTES);
    if (!b->answer)
        die("rows: no memory");
    dial(b);
    find_people(b);
    Str path = make_session(b);
    for (int i = 0; i < 2; i++) {
        Buf json = {.arena = b->arena};
        buf_z(&json, "{");
        put_lines(&json, b, false, i == 0);
        buf_z(&json, "}");
        texts[i] = buf_view(&json);
    }
    for (int i = -10; i < n; i++) { /* the first prepare statements */
        size_t mark = arena_mark(b->arena);
        int64_t from = now_us();
        ask(b, "PATCH", path.p, i + 11, texts[(i + 10) % 2], 200);
        if (i >= 0)
            times[i] = now_us() - from;
        arena_rewind(b->arena, mark);
    }
    (void)close(b->fd);
    tell(times, n);
}

/* ---- bare SQL ---- */

static void read_lines(Bench *b)
{
    Tx *tx;
    Stmt *s;
    int n = 0, rc;
    must(b, tx_read(b->conn, &tx, b->e));
    must(b, tx_prepare(tx,
                       S("SELECT id, person, county, unit, ix, came, record "
                         "FROM r_session__attendance ORDER BY record, ix LIMIT 500"),
                       &s, b->e));
    while ((rc = stmt_step(s, b->e)) > 0) {
        b->lines[n++] = (Line){.id = col_uuid(s, 0),
                               .person = col_uuid(s, 1),
                               .county = col_i64(s, 2),
                               .unit = col_i64(s, 3),
                               .ix = col_i64(s, 4),
                               .came = col_i64(s, 5)};
        b->record = col_uuid(s, 6);
    }
    must(b, rc);
    must(b, tx_prepare(
                tx, S("SELECT body FROM history WHERE record = ?1 ORDER BY version DESC LIMIT 1"),
                &s, b->e));
    bind_uuid(s, 1, b->record);
    if (n != LINES || stmt_step(s, b->e) <= 0)
        die("rows: the record with %d lines is not there", LINES);
    b->body = str_copy(b->arena, col_blob(s, 0));
    stmt_reset(s);
    tx_end(tx);
    (void)fprintf(stderr, "rows: %zu bytes of history a change\n", b->body.n);
}

static int write_lines(Tx *tx, const Bench *b, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(tx,
                   S("UPDATE r_session__attendance SET unit = ?4, ix = ?5, person = ?6, came = ?7 "
                     "WHERE county = ?2 AND id = ?1 AND record = ?3"),
                   &s, e));
    for (int i = 0; i < LINES; i++) {
        const Line *line = &b->lines[i];
        bind_uuid(s, 1, line->id);
        bind_i64(s, 2, line->county);
        bind_uuid(s, 3, b->record);
        bind_i64(s, 4, line->unit);
        bind_i64(s, 5, line->ix);
        bind_uuid(s, 6, line->person);
        bind_i64(s, 7, line->came + b->seq % 2);
        TRY(stmt_send(s, e));
    }
    return 0;
}

static int write_floor(Tx *tx, void *arg, Err *e)
{
    const Bench *b = arg;
    Stmt *s;
    TRY(tx_prepare(tx,
                   S("UPDATE r_session SET version = version + 1, present = ?3 "
                     "WHERE county = ?1 AND id = ?2"),
                   &s, e));
    bind_i64(s, 1, b->lines[0].county);
    bind_uuid(s, 2, b->record);
    bind_i64(s, 3, b->seq % 2 ? 0 : LINES);
    TRY(stmt_send(s, e));
    TRY(write_lines(tx, b, e));
    TRY(tx_prepare(tx,
                   S("INSERT INTO history(chain, seq, at_ms, record, type, version, act, "
                     "actor, seat, body, body_hash, hash) VALUES (?1,?2,?2,?3,1,?2,1,?3,1,"
                     "?4,?5,?5)"),
                   &s, e));
    bind_i64(s, 1, FLOOR_CHAIN);
    bind_i64(s, 2, b->seq);
    bind_uuid(s, 3, b->record);
    bind_blob(s, 4, b->body.p, b->body.n);
    bind_blob(s, 5, b->body.p, 32);
    TRY(stmt_send(s, e));
    TRY(tx_prepare(tx,
                   S("INSERT INTO chain(id, seq, hash) VALUES (?1, ?2, ?3) ON CONFLICT(id) "
                     "DO UPDATE SET seq = excluded.seq, hash = excluded.hash"),
                   &s, e));
    bind_i64(s, 1, FLOOR_CHAIN);
    bind_i64(s, 2, b->seq);
    bind_blob(s, 3, b->body.p, 32);
    return stmt_send(s, e);
}

static void write_bare(Bench *b, int n)
{
    static int64_t times[N_MAX];
    read_lines(b);
    for (int i = -10; i < n; i++) {
        int64_t from = now_us();
        b->seq++;
        must(b, store_write(b->d->app.store, b->conn, write_floor, b, b->e));
        if (i >= 0)
            times[i] = now_us() - from;
    }
    tell(times, n);
}

int main(int argc, char **argv)
{
    bool is_floor = argc > 2 && !strcmp(argv[2], "floor");
    int n = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 200;
    int port = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (argc < 3 || argc > 4 || n < 1 || n > N_MAX || (!is_floor && port < 1))
        die("usage: rows DIR PORT|floor [N]");
    static Bench b;
    char who[4096];
    Arena *a = arena_new(1024 * 1024);
    Err e = err_on(a);
    b = (Bench){.arena = a, .e = &e, .dice = (uint64_t)wall_ms()};
    (void)snprintf(who, sizeof who, "%s/who", argv[1]);
    b.county = &read_people(who)->county;
    must(&b, deployment_open(env_real(), str_of(argv[1]), STR_NONE,
                             is_floor ? OPEN_WRITE : OPEN_READ, LANG_ZH, &b.d, &e));
    must(&b, store_conn(b.d->app.store, &b.conn, &e));
    if (is_floor)
        write_bare(&b, n);
    else
        change_lines(&b, port, n);
    conn_close(b.conn);
    deployment_close(b.d);
    return 0;
}
