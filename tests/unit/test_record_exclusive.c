// tsan
/* test_record_exclusive.c: `exclusive: starts..ends` while six hands apply at once: no two leases
 * in force hold one lot on one day, none is refused that stands in nobody's way.  SPEC: E1 P8 */
#include <pthread.h>

#include "test_record_house_util.h"

enum { HANDS = 6, ROUNDS = 6, TRIES = 200 };

static const ModelSource source = {
    .path = S("base/letting.yaml"),
    .text = S("type: letting\n"
              "label: {zh: 出租, en: Letting}\n"
              "at: village\n"
              "dated: starts\n"
              "fields:\n"
              "  lot: {is: link, to: lot, label: {zh: 地, en: Lot}, exclusive: starts..ends}\n"
              "  more: {is: rows, label: {zh: 别的地, en: More}, max: 9, of: {"
              "lot: {is: link, to: lot, label: {zh: 地, en: Lot}, required: yes, "
              "exclusive: starts..ends}}}\n"
              "  starts: {is: date, label: {zh: 起, en: From}, required: yes}\n"
              "  ends: {is: date, label: {zh: 止, en: To}, required: yes}\n"
              "states:\n"
              "  \"*\": {see: first_secretary here}\n"
              "  draft: {label: {zh: 草稿, en: Draft}, draft: yes}\n"
              "  active: {label: {zh: 生效, en: Active}}\n"
              "actions:\n"
              "  create: {label: {zh: 起草, en: Draft}, to: draft, by: first_secretary here}\n"
              "  sign: {label: {zh: 签, en: Sign}, from: draft, to: active, "
              "by: first_secretary here}\n")};
static const ModelSource lot_source = {
    .path = S("base/lot.yaml"),
    .text = S("type: lot\n"
              "label: {zh: 地, en: Lot}\n"
              "at: village\n"
              "fields:\n"
              "  name: {is: text, label: {zh: 名, en: Name}, required: yes, max: 30}\n"
              "states:\n"
              "  held: {label: {zh: 有效, en: Held}, see: first_secretary here}\n"
              "actions:\n"
              "  create: {label: {zh: 登记, en: Register}, to: held, by: first_secretary here}\n")};

typedef struct Letter {
    County *w;
    pthread_t thread;
    pthread_barrier_t *gate; /* all apply at once */
    Hand hand;
    bool in_rows;
    Str lots[ROUNDS];
    int number, bad, busy;
    bool has[ROUNDS]; /* it got the lot */
} Letter;

static int prepare(Letter *l, int round, Change **ret, Err *e)
{
    Arena *a = l->hand.a;
    const Type *t = model_type(l->w->model, S("letting"));
    Tx *tx;
    TRY(tx_read(l->hand.conn, &tx, e));
    Reader *r = NEW(a, Reader); /* the Change borrows it */
    FieldInput lot[] = {TEXT("lot", l->lots[round])};
    RowInput row = {.fields = lot, .field_n = 1};
    /* the last day of a term is the first one of the next hand's */
    FieldInput fields[] = {
        TEXT("starts", str_fmt(a, "20%02d-01-01", 26 + l->number)),
        TEXT("ends", str_fmt(a, "20%02d-01-01", 27 + l->number)),
        lot[0],
    };
    if (l->in_rows)
        fields[2] = (FieldInput)ROWS("more", &row, 1);
    RecordInput in = {.type = t,
                      .id = env_uuid7(l->w->env),
                      .action = type_action(t, S("create")),
                      .then = type_action(t, S("sign")),
                      .unit_ix = -1,
                      .fields = fields,
                      .field_n = LEN(fields)};
    int rc = access_reader_account(l->w->access, a, tx, l->w->tree, S("fs111"), r, e);
    if (!rc)
        rc = record_prepare(l->w->records, a, tx, r, &in, ret, e);
    tx_end(tx);
    return rc;
}

static void let_one(Letter *l, int round)
{
    for (int i = 0; i < TRIES; i++) {
        Err e = err_on(l->hand.a);
        Change *c = NULL;
        int rc = prepare(l, round, &c, &e);
        l->bad += rc < 0;
        if (!i) /* every hand has prepared, and none has applied */
            (void)pthread_barrier_wait(l->gate);
        if (rc < 0)
            return;
        rc = store_write(l->w->store, l->hand.conn, record_apply, c, &e);
        if (rc == ERR_BUSY) {
            l->busy++;
            continue;
        }
        l->has[round] = rc == 0;
        l->bad += rc < 0 && !(rc == ERR_INVALID && e.field_n == 1 &&
                              str_starts(e.fields[0].key, S("record.double_booked")));
        return;
    }
    l->bad++;
}

static void *let_all(void *arg)
{
    Letter *l = arg;
    for (int round = 0; round < ROUNDS; round++) {
        let_one(l, round);
        arena_reset(l->hand.a);
    }
    return NULL;
}

static void run_hands(County *w, Letter *hands, bool in_rows)
{
    Str lots[ROUNDS];
    pthread_barrier_t gate;
    REQUIRE(pthread_barrier_init(&gate, NULL, HANDS) == 0);
    for (int i = 0; i < ROUNDS; i++) {
        Uuid id = county_new_id(w);
        FieldInput name[] = {TEXT("name", str_fmt(w->a, "地%d", i))};
        REQUIRE_OK(house_write(w, "fs111", "lot", id, "create", NULL, 0, name, 1, w->e), w->e);
        lots[i] = uuid_text(w->a, id);
    }
    for (int i = 0; i < HANDS; i++) {
        Letter *l = &hands[i];
        *l = (Letter){.w = w, .gate = &gate, .number = i, .in_rows = in_rows};
        memcpy(l->lots, lots, sizeof lots);
        l->hand.a = arena_new(16 * 1024);
        REQUIRE_OK(store_conn(w->store, &l->hand.conn, w->e), w->e);
    }
    for (int i = 0; i < HANDS; i++)
        REQUIRE(pthread_create(&hands[i].thread, NULL, let_all, &hands[i]) == 0);
    for (int i = 0; i < HANDS; i++) {
        EXPECT(pthread_join(hands[i].thread, NULL) == 0);
        EXPECT_EQ_I64(hands[i].bad, 0);
        conn_close(hands[i].hand.conn);
        arena_free(hands[i].hand.a);
    }
    REQUIRE(pthread_barrier_destroy(&gate) == 0);
}

/* A hand shares a day with the one before it and the one after it, with nobody else. */
static void hands_fight(TestStore *t, bool in_rows)
{
    County w;
    const ModelSource more[] = {lot_source, source};
    county_begin_model(&w, t, more, LEN(more));
    Letter hands[HANDS];
    run_hands(&w, hands, in_rows);
    int got = 0, busy = 0;
    for (int i = 0; i < HANDS; i++) {
        busy += hands[i].busy;
        for (int k = 0; k < ROUNDS; k++) {
            bool before = i && hands[i - 1].has[k];
            bool after = i + 1 < HANDS && hands[i + 1].has[k];
            got += hands[i].has[k];
            EXPECT(hands[i].has[k] ? !before && !after : before || after);
        }
    }
    test_note("%d of %d have a lot, %d times anew", got, HANDS * ROUNDS, busy);
    int64_t n = -1;
    Tx *tx = county_tx(&w);
    REQUIRE_OK(tx_ask_i64(tx, S("SELECT COUNT(*) FROM r_letting"), &n, w.e), w.e);
    EXPECT_EQ_I64(n, got); /* what was refused left nothing */
    Str both = in_rows ? S("SELECT COUNT(*) FROM r_letting__more a JOIN r_letting__more b "
                           "ON b.lot = a.lot AND b.record > a.record "
                           "JOIN r_letting x ON x.id = a.record "
                           "JOIN r_letting y ON y.id = b.record "
                           "WHERE x.starts <= y.ends AND y.starts <= x.ends")
                       : S("SELECT COUNT(*) FROM r_letting x JOIN r_letting y "
                           "ON y.lot = x.lot AND y.id > x.id "
                           "WHERE x.starts <= y.ends AND y.starts <= x.ends");
    REQUIRE_OK(tx_ask_i64(tx, both, &n, w.e), w.e);
    tx_end(tx);
    EXPECT_EQ_I64(n, 0);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(six_hands_let_one_lot_at_once)
{
    hands_fight(t, false);
}

BOTH_ENGINES(six_hands_let_lots_in_lines_at_once)
{
    hands_fight(t, true);
}
