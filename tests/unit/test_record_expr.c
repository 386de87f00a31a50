/* test_record_expr.c: a condition of `see` says the same in C and in SQL, on both databases, for
 * generated conditions over generated records, absent values included. */
#include "record/record_int.h"
#include "test_store_util.h"

enum {
    N_ONE,
    N_TWO,
    MONEY,
    PRICE,
    AREA,
    WEIGHT,
    PERCENT,
    DAY_ONE,
    DAY_TWO,
    INSTANT,
    SEASON,
    CHOICE,
    YES,
    WORDS,
    NOTE,
    PLATE,
    LINK,
    PERSON,
    OTHER,
    UNIT,
    FIELD_N
};
enum { RECORDS = 80, QUERIES = 150, PER_QUERY = 20, DEPTH = 4, IDS = 3 };

static const Choice choices[] = {{.name = {"low", 3}, .number = 201},
                                 {.name = {"mid", 3}, .number = 202},
                                 {.name = {"high", 4}, .number = 203}};
#define FIELD(i, n, k, ...)                                                                        \
    [i] = {.name = {n, sizeof(n) - 1},                                                             \
           .kind = k,                                                                              \
           .ix = i,                                                                                \
           .max = INT64_MAX,                                                                       \
           .min = INT64_MIN,                                                                       \
           __VA_ARGS__}
static const Field fields[FIELD_N] = {
    FIELD(N_ONE, "n_one", KIND_INT, ),
    FIELD(N_TWO, "n_two", KIND_INT, ),
    FIELD(MONEY, "money", KIND_MONEY, ),
    FIELD(PRICE, "price", KIND_PRICE, ),
    FIELD(AREA, "area", KIND_AREA, ),
    FIELD(WEIGHT, "weight", KIND_WEIGHT, .unit = {"jin", 3}),
    FIELD(PERCENT, "percent", KIND_PERCENT, ),
    FIELD(DAY_ONE, "day_one", KIND_DATE, ),
    FIELD(DAY_TWO, "day_two", KIND_DATE, ),
    FIELD(INSTANT, "moment", KIND_INSTANT, ),
    FIELD(SEASON, "season", KIND_MONTH_DAY, ),
    FIELD(CHOICE, "level", KIND_CHOICE, .choices = choices, .choice_n = LEN(choices)),
    FIELD(YES, "fine", KIND_YESNO, ),
    FIELD(WORDS, "words", KIND_TEXT, ),
    FIELD(NOTE, "order", KIND_NOTE, ), /* a word of SQL */
    FIELD(PLATE, "plate", KIND_PLATE, ),
    FIELD(LINK, "link", KIND_LINK, .to = {"thing", 5}),
    FIELD(PERSON, "person", KIND_PERSON, ),
    FIELD(OTHER, "other", KIND_PERSON, ),
    FIELD(UNIT, "place", KIND_UNIT, ),
};
static const State states[] = {{.name = {"draft", 5}, .ix = 0, .number = 301},
                               {.name = {"open", 4}, .ix = 1, .number = 302},
                               {.name = {"done", 4}, .ix = 2, .number = 303}};
static const Type thing = {.name = {"thing", 5},
                           .fields = fields,
                           .field_n = FIELD_N,
                           .states = states,
                           .state_n = LEN(states)};

static const char *const texts[] = {
    "a",         "b",       "o'clock",     "x'); DROP TABLE thing; --",
    "?1 and ?2", "$1",      "back\\slash", "\\'",
    "\\x41",     "%s%n",    "驻村",        "",
    "ａ",        "A",       "\U0001F33E",  ":me",
    "/* */",     "\"quoted"};

static Uuid ids[IDS];

typedef struct World {
    TestStore *t;
    Store *store;
    Conn *conn;
    Subject subjects[RECORDS];
    Value values[RECORDS][FIELD_N];
    Day today;
} World;

/* ---- records ---- */

static Value random_value(const Field *f)
{
    if (test_below(4) == 0)
        return (Value){.tag = VALUE_NONE};
    switch (f->kind) {
    case KIND_CHOICE:
        return (Value){.tag = VALUE_INT, .i = choices[test_below(LEN(choices))].number};
    case KIND_YESNO:
        return (Value){.tag = VALUE_INT, .i = (int64_t)test_below(2)};
    case KIND_DATE:
        return (Value){.tag = VALUE_INT, .i = 20777 + (int64_t)test_below(3)};
    case KIND_TEXT:
    case KIND_NOTE:
    case KIND_PLATE: {
        Str s = str_of(texts[test_below(LEN(texts))]);
        return s.n ? (Value){.tag = VALUE_TEXT, .s = s} : (Value){.tag = VALUE_NONE};
    }
    case KIND_LINK:
    case KIND_PERSON: {
        const Uuid *u = &ids[test_below(IDS)];
        return (Value){.tag = VALUE_BLOB, .s = {(const char *)u->b, sizeof u->b}};
    }
    default:
        break;
    }
    static const int64_t numbers[] = {0, 1, -1, 100, 150, 500, 1000, 10000, INT64_MAX, INT64_MIN};
    return (Value){.tag = VALUE_INT, .i = numbers[test_below(LEN(numbers))]};
}

static int make_table(Tx *tx, void *arg, Err *e)
{
    World *w = arg;
    Engine g = tx_engine(tx);
    Buf b = {.arena = tx_arena(tx)};
    buf_fmt(&b, "CREATE TABLE thing(ix %s NOT NULL PRIMARY KEY, id %s NOT NULL, state %s NOT NULL",
            store_type(g, 'i'), store_type(g, 'u'), store_type(g, 'i'));
    for (int i = 0; i < FIELD_N; i++)
        buf_fmt(&b, ", \"%.*s\" %s", STR_ARG(fields[i].name),
                store_type(g, model_kind(fields[i].kind)->column));
    buf_fmt(&b, ")%s;", store_table_end(g));
    TRY(tx_script(tx, buf_view(&b), e));
    b.n = 0;
    buf_z(&b, "INSERT INTO thing VALUES (?1, ?2, ?3");
    for (int i = 0; i < FIELD_N; i++)
        buf_fmt(&b, ", ?%d", i + 4);
    buf_z(&b, ")");
    for (int r = 0; r < RECORDS; r++) {
        Stmt *s;
        TRY(tx_prepare(tx, buf_view(&b), &s, e));
        bind_i64(s, 1, r);
        bind_uuid(s, 2, w->subjects[r].id);
        bind_i64(s, 3, states[w->subjects[r].state].number);
        for (int i = 0; i < FIELD_N; i++)
            query_bind_value(s, i + 4, &fields[i], &w->values[r][i]);
        TRY(stmt_run(s, e));
    }
    return 0;
}

static void world_begin(World *w, TestStore *t)
{
    *w = (World){.t = t, .today = 20778};
    for (int i = 0; i < IDS; i++)
        ids[i] = env_uuid7(t->env);
    for (int r = 0; r < RECORDS; r++) {
        w->subjects[r] = (Subject){.type = &thing,
                                   .id = ids[test_below(IDS)],
                                   .state = (int)test_below(LEN(states)),
                                   .values = w->values[r]};
        for (int i = 0; i < FIELD_N; i++)
            w->values[r][i] = random_value(&fields[i]);
    }
    REQUIRE_OK(store_open(t->env, &t->opt, &w->store, t->e), t->e);
    REQUIRE_OK(store_write(w->store, NULL, make_table, w, t->e), t->e);
    REQUIRE_OK(store_conn(w->store, &w->conn, t->e), t->e);
}

static void world_end(World *w)
{
    conn_close(w->conn);
    store_close(w->store);
}

/* ---- conditions ---- */

static const char *one_of(const char *const *list, size_t n)
{
    return list[test_below(n)];
}
#define ONE_OF(...)                                                                                \
    one_of((const char *const[]){__VA_ARGS__}, LEN(((const char *const[]){__VA_ARGS__})))

static void put_quoted(Buf *b)
{
    for (;;) {
        const char *text = one_of(texts, LEN(texts));
        const char *quote = strchr(text, '"') ? "'" : "\"";
        if (strchr(text, quote[0]))
            continue;
        buf_fmt(b, "%s%s%s", quote, text, quote);
        return;
    }
}

enum {
    GROUP_INT,
    GROUP_MONEY,
    GROUP_PRICE,
    GROUP_AREA,
    GROUP_WEIGHT,
    GROUP_PERCENT,
    GROUP_DATE,
    GROUP_INSTANT,
    GROUP_SEASON,
    GROUP_CHOICE,
    GROUP_STATE,
    GROUP_YES,
    GROUP_TEXT,
    GROUP_LINK,
    GROUP_PERSON,
    GROUP_UNIT,
    GROUPS
};

static const char *field_of(int group)
{
    switch (group) {
    case GROUP_INT:
        return ONE_OF("n_one", "n_two");
    case GROUP_DATE:
        return ONE_OF("day_one", "day_two", "today");
    case GROUP_TEXT:
        return ONE_OF("words", "order", "plate");
    case GROUP_LINK:
        return ONE_OF("link", "this");
    case GROUP_PERSON:
        return ONE_OF("person", "other", "me");
    case GROUP_UNIT:
        return "place";
    default:
        break;
    }
    static const char *const names[GROUPS] = {
        [GROUP_MONEY] = "money",   [GROUP_PRICE] = "price",     [GROUP_AREA] = "area",
        [GROUP_WEIGHT] = "weight", [GROUP_PERCENT] = "percent", [GROUP_INSTANT] = "moment",
        [GROUP_SEASON] = "season", [GROUP_CHOICE] = "level",    [GROUP_STATE] = "state",
        [GROUP_YES] = "fine"};
    return names[group];
}

static void put_other_side(Buf *b, int group)
{
    if (group == GROUP_TEXT && test_below(2))
        put_quoted(b);
    else if (group == GROUP_CHOICE && test_below(4))
        buf_z(b, ONE_OF("low", "mid", "high"));
    else if (group == GROUP_STATE && test_below(4))
        buf_z(b, ONE_OF("draft", "open", "done"));
    else if (group == GROUP_YES && test_below(2))
        buf_z(b, ONE_OF("yes", "no"));
    else if (group == GROUP_DATE && test_below(2))
        buf_z(b, ONE_OF("2026-11-20", "2026-11-21", "2026-11-22"));
    else if (group <= GROUP_PERCENT && test_below(2))
        buf_z(b,
              group == GROUP_INT ? ONE_OF("0", "1", "100", "-1") : ONE_OF("0", "1", "1.5", "-1"));
    else
        buf_z(b, field_of(group));
}

static void put_comparison(Buf *b)
{
    int group = (int)test_below(GROUPS);
    bool is_ordered = group <= GROUP_SEASON;
    buf_fmt(b, "%s %s ", field_of(group),
            is_ordered ? ONE_OF("=", "!=", "<", "<=", ">", ">=") : ONE_OF("=", "!="));
    put_other_side(b, group);
}

static void put_list(Buf *b)
{
    int group = (int)test_below(GROUPS), n = 1 + (int)test_below(3);
    buf_fmt(b, "%s %s (", field_of(group), ONE_OF("in", "not in"));
    for (int i = 0; i < n; i++) {
        buf_z(b, i ? ", " : "");
        put_other_side(b, group);
    }
    buf_z(b, ")");
}

static void put_condition(Buf *b, int depth)
{
    switch (test_below(depth > 0 ? 8 : 4)) {
    case 0:
        put_list(b);
        return;
    case 1:
        buf_fmt(b, "%s is %s", field_of((int)test_below(GROUPS)), ONE_OF("empty", "not empty"));
        return;
    case 2:
        buf_z(b, ONE_OF("fine", "fine", "yes", "no"));
        return;
    case 3:
        put_comparison(b);
        return;
    case 4:
        buf_z(b, "not (");
        break;
    default:
        buf_z(b, "(");
        put_condition(b, depth - 1);
        buf_fmt(b, ") %s (", ONE_OF("and", "or"));
    }
    put_condition(b, depth - 1);
    buf_z(b, ")");
}

/* ---- both ways ---- */

static bool in_c(World *w, const Expr *x, int r, const Uuid *me)
{
    ExprWorld at = {.subject = &w->subjects[r], .today = w->today, .me = *me};
    bool is_so = false;
    REQUIRE_OK(expr_holds(x, &at, &is_so, w->t->e), w->t->e);
    return is_so;
}

/* 0, 1, or 2 where SQL knows no answer, for PER_QUERY conditions over all records. */
static void in_sql(World *w, const Expr *const *list, const Uuid *me, int ret[PER_QUERY][RECORDS])
{
    TestStore *t = w->t;
    Buf b = {.arena = t->arena};
    QueryExpr q = {.engine = t->engine, .alias = "t", .me_ix = 1, .today_ix = 2};
    buf_z(&b,
          t->engine == ENGINE_PG
              ? "SELECT CASE WHEN CAST(?1 AS UUID) IS NULL AND CAST(?2 AS BIGINT) > 0 THEN 1 END"
              : "SELECT CASE WHEN ?1 IS NULL AND ?2 > 0 THEN 1 END");
    for (int i = 0; i < PER_QUERY; i++) {
        Buf one = {.arena = t->arena};
        query_expr(&one, &q, list[i]);
        buf_fmt(&b, ", CASE WHEN %.*s THEN 1", STR_ARG(buf_view(&one)));
        buf_fmt(&b, " WHEN NOT %.*s THEN 0 ELSE 2 END", STR_ARG(buf_view(&one)));
    }
    buf_z(&b, " FROM thing t ORDER BY ix");
    Tx *tx;
    Stmt *s;
    REQUIRE_OK(tx_read(w->conn, &tx, t->e), t->e);
    REQUIRE_OK(tx_prepare(tx, buf_view(&b), &s, t->e), t->e);
    if (uuid_is_zero(*me))
        bind_null(s, 1);
    else
        bind_uuid(s, 1, *me);
    bind_day(s, 2, w->today);
    for (int r = 0; r < RECORDS; r++) {
        int rc = stmt_step(s, t->e);
        REQUIRE_OK(rc, t->e);
        REQUIRE(rc == 1);
        for (int i = 0; i < PER_QUERY; i++)
            ret[i][r] = (int)col_i64(s, i + 1);
    }
    EXPECT_EQ_I64(stmt_step(s, t->e), 0);
    tx_end(tx);
}

BOTH_ENGINES(a_condition_says_the_same_in_c_and_in_sql)
{
    World *w = NEW(t->arena, World);
    static int got[PER_QUERY][RECORDS];
    int holds_n = 0, asked_n = 0;
    world_begin(w, t);
    for (int k = 0; k < QUERIES; k++) {
        size_t mark = arena_mark(t->arena);
        const Expr *list[PER_QUERY];
        Str text[PER_QUERY];
        Uuid nobody = {{0}}, me = test_below(4) ? ids[test_below(IDS)] : nobody;
        for (int i = 0; i < PER_QUERY; i++) {
            Buf b = {.arena = t->arena};
            put_condition(&b, (int)test_below(DEPTH));
            text[i] = str_copy(t->arena, buf_view(&b));
            if (!EXPECT_OK(expr_parse(t->arena, NULL, &thing, NULL, text[i], &list[i], t->e), t->e))
                test_note("%.*s", STR_ARG(text[i]));
            REQUIRE(expr_is_see(list[i]));
        }
        in_sql(w, list, &me, got);
        for (int i = 0; i < PER_QUERY; i++)
            for (int r = 0; r < RECORDS; r++, asked_n++) {
                int want = in_c(w, list[i], r, &me);
                holds_n += want;
                if (!EXPECT_EQ_I64(got[i][r], want)) {
                    test_note("seed %" PRIu64 ", record %d: %.*s", test_seed(), r,
                              STR_ARG(text[i]));
                    test_end();
                }
            }
        arena_rewind(t->arena, mark);
    }
    EXPECT(holds_n > asked_n / 10 && holds_n < asked_n * 9 / 10); /* both answers came up */
    world_end(w);
}

/* Whatever stands in a text: only digits and letters of ours reach the statement. */
TEST(a_text_cannot_leave_its_quotes)
{
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    for (int g = ENGINE_SQLITE; g <= ENGINE_PG; g++)
        for (size_t i = 0; i < LEN(texts); i++) {
            const Expr *x;
            const char *quote = strchr(texts[i], '"') ? "'" : "\"";
            if (strchr(texts[i], quote[0]))
                continue;
            Str text = str_fmt(a, "words = %s%s%s", quote, texts[i], quote);
            REQUIRE_OK(expr_parse(a, NULL, &thing, NULL, text, &x, &e), &e);
            Buf b = {.arena = a}, hex = {.arena = a};
            query_expr(&b, &(QueryExpr){.engine = (Engine)g}, x);
            buf_hex(&hex, texts[i], strlen(texts[i]));
            Str want = str_fmt(
                a,
                g == ENGINE_PG ? "(\"words\" IS NOT NULL AND \"words\" = "
                                 "convert_from(decode('%.*s', 'hex'), 'UTF8'))"
                               : "(\"words\" IS NOT NULL AND \"words\" = CAST(X'%.*s' AS TEXT))",
                STR_ARG(buf_view(&hex)));
            EXPECT_STR_EQ(buf_view(&b), want);
        }
    arena_free(a);
}
