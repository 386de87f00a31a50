/* test_record_notice.c: what people are told of changes: once, by the change itself, whoever a
 * record concerns and did not do it himself.        SPEC: P3, No burden 5  DESIGN: Duties */
#include "test_record_house_util.h"

static FlowWhose whose_of(County *w, Tx *tx, const char *account)
{
    Reader r = county_reader(w, tx, account);
    int64_t *seats, *postings = NEW_N(w->a, int64_t, (size_t)r.stand_n + 1);
    FlowWhose x = {.posting_n = r.stand_n, .me = r.person, .account = r.account};
    REQUIRE_OK(access_answered_seats(w->a, tx, &r, &seats, &x.seat_n, w->e), w->e);
    for (int i = 0; i < r.stand_n; i++)
        postings[i] = r.stands[i].posting;
    x.seats = seats;
    x.postings = postings;
    return x;
}

/* "return@2 comment": sorts of an account's notices, the newest first. */
static Str told(County *w, const char *account)
{
    Tx *tx = county_tx(w);
    FlowWhose x = whose_of(w, tx, account);
    FlowNotice *list;
    int n;
    Buf b = {.arena = w->a};
    REQUIRE_OK(flow_notices(w->a, tx, &x, 0, NULL, LIMIT_NOTICES, &list, &n, w->e), w->e);
    for (int i = 0; i < n; i++) {
        const Type *t = model_type_numbered(w->model, list[i].type);
        const Action *act = t ? type_action_numbered(t, list[i].act) : NULL;
        buf_z(&b, i ? " " : "");
        buf_str(&b, list[i].what);
        if (act)
            buf_fmt(&b, ":%.*s", STR_ARG(act->name));
        if (str_eq(list[i].what, S("act")))
            buf_fmt(&b, "@%lld", (long long)list[i].nth);
    }
    tx_end(tx);
    return b.n ? buf_view(&b) : S("");
}

static int unread(County *w, const char *account)
{
    Tx *tx = county_tx(w);
    FlowWhose x = whose_of(w, tx, account);
    UnixMs upto;
    int n;
    REQUIRE_OK(flow_mark(tx, x.account, &upto, w->e), w->e);
    REQUIRE_OK(flow_unread(w->a, tx, &x, upto, 100, &n, w->e), w->e);
    tx_end(tx);
    return n;
}

static void act(County *w, const char *account, Uuid id, const char *action, const char *field,
                const char *text)
{
    const char *fields[] = {field, text};
    Err e = err_on(w->a);
    env_test_move(w->env, 1000);
    REQUIRE_OK(county_write(w, account, id, action, NULL, 0, fields, field ? 1 : 0, &e), &e);
}

static void print_finding(void *ctx, Str finding)
{
    (void)ctx; /* printed */
    test_note("%.*s", STR_ARG(finding));
}

static int64_t findings(County *w)
{
    Tx *tx = county_tx(w);
    int64_t n;
    REQUIRE_OK(
        record_verify_duties(w->records, tx, w->tree, LANG_ZH, print_finding, NULL, &n, w->e),
        w->e);
    tx_end(tx);
    return n;
}

BOTH_ENGINES(who_writes_is_told_what_others_did_and_nobody_of_what_he_did_himself)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "今天走访了几户人家。", "submit");
    EXPECT_STR(told(&w, "fs111"), ""); /* his own */
    EXPECT_STR(told(&w, "town1"), ""); /* it is owed: my day has it */
    act(&w, "town1", id, "return", "remark", "> 几户\n写清楚是哪几户");
    EXPECT_STR(told(&w, "fs111"), "act:return@3");
    EXPECT_STR(told(&w, "town1"), "");
    EXPECT_STR(told(&w, "tm111"), "");
    act(&w, "fs111", id, "submit", NULL, NULL);
    EXPECT_STR(told(&w, "town1"), "owed:submit"); /* it is back */
    act(&w, "fs111", id, "withdraw", NULL, NULL);
    EXPECT_STR(told(&w, "town1"), "ended:withdraw owed:submit");
    act(&w, "fs111", id, "submit", NULL, NULL); /* a draft again: as new */
    EXPECT_STR(told(&w, "town1"), "ended:withdraw owed:submit");
    act(&w, "town1", id, "accept", NULL, NULL);
    EXPECT_STR(told(&w, "fs111"), "act:accept@7 act:return@3");
    EXPECT_STR(told(&w, "town2"), "");
    EXPECT_EQ_I64(findings(&w), 0);
    county_end(&w);
}

static void issue(County *w, const char *account, Uuid id, const char *action, const char *then,
                  const char *field, const char *text)
{
    FieldInput in = {.name = str_of(field), .text = str_of(text)};
    Err e = err_on(w->a);
    env_test_move(w->env, 1000);
    REQUIRE_OK(house_write(w, account, "issue", id, action, then, 0, &in, 1, &e), &e);
}

BOTH_ENGINES(peers_15_who_raised_an_issue_is_told_when_it_is_passed_on_given_back_and_solved)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_new_id(&w);
    issue(&w, "tm111", id, "create", "raise", "title", "东头的路灯坏了");
    EXPECT_STR(told(&w, "fs111"), ""); /* created: it stands in what he owes */
    issue(&w, "fs111", id, "pass", NULL, "why_up", "村里没有修理工");
    EXPECT_STR(told(&w, "tm111"), "act:pass@3");
    EXPECT_STR(told(&w, "town1"), "owed:pass");
    issue(&w, "town1", id, "give_back", NULL, "why_back", "这笔钱村里有");
    EXPECT_STR(told(&w, "fs111"), "owed:give_back");
    issue(&w, "fs111", id, "solve", NULL, "answer", "换了灯泡");
    EXPECT_STR(told(&w, "tm111"), "act:solve@5 act:give_back@4 act:pass@3");
    EXPECT_EQ_I64(findings(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(peers_4_an_act_sent_twice_is_told_once)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "修了水渠的闸门。", "submit");
    Err e = err_on(w.a);
    REQUIRE_OK(county_write(&w, "town1", id, "accept", NULL, 2, NULL, 0, &e), &e);
    EXPECT_EQ_I64(county_write(&w, "town1", id, "accept", NULL, 2, NULL, 0, &e), ERR_EXISTS);
    EXPECT_STR(told(&w, "fs111"), "act:accept@3");
    Uuid said = county_new_id(&w);
    e = err_on(w.a);
    env_test_move(w.env, 1000);
    REQUIRE_OK(county_comment(&w, "county", id, said, "写得清楚", &e), &e);
    REQUIRE_OK(county_comment(&w, "county", id, said, "写得清楚", &e), &e);
    EXPECT_STR(told(&w, "fs111"), "comment act:accept@3");
    EXPECT_STR(told(&w, "county"), "");
    EXPECT_EQ_I64(findings(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(an_authors_comment_reaches_who_owes_something_about_it)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "开了村民会。", "submit");
    Err e = err_on(w.a);
    REQUIRE_OK(county_comment(&w, "fs111", id, county_new_id(&w), "会议照片明天补上", &e), &e);
    EXPECT_STR(told(&w, "town1"), "comment");
    EXPECT_STR(told(&w, "fs111"), "");
    EXPECT_STR(told(&w, "county"), "");
    county_end(&w);
}

static void read_one(County *w, const char *account, Uuid notice, UnixMs upto)
{
    Tx *tx = county_tx(w);
    FlowRead x = {.account = whose_of(w, tx, account).account, .notice = notice, .upto_ms = upto};
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, w->conn, flow_apply_read, &x, w->e), w->e);
}

BOTH_ENGINES(what_was_read_is_read_for_him_alone_one_by_one_or_all)
{
    County w;
    county_begin(&w, t);
    Uuid a = county_diary(&w, "fs111", "2026-11-19", "看了大棚。", "submit");
    Uuid b = county_diary(&w, "fs111", "2026-11-20", "修了闸门。", "submit");
    act(&w, "town1", a, "accept", NULL, NULL);
    act(&w, "town1", b, "accept", NULL, NULL);
    EXPECT_EQ_I64(unread(&w, "fs111"), 2);
    Tx *tx = county_tx(&w);
    FlowWhose x = whose_of(&w, tx, "fs111"), other = whose_of(&w, tx, "tm111");
    FlowNotice *list, one;
    int n, m;
    REQUIRE_OK(flow_notices(w.a, tx, &x, 0, NULL, 1, &list, &n, w.e), w.e);
    REQUIRE(n == 1 && uuid_eq(list[0].record, b) && !list[0].is_read);
    one = list[0];
    /* the page behind it */
    REQUIRE_OK(flow_notices(w.a, tx, &x, 0, &one, 10, &list, &n, w.e), w.e);
    EXPECT(n == 1 && uuid_eq(list[0].record, a));
    FlowTally *sorts;
    REQUIRE_OK(flow_tally(w.a, tx, &x, one.at_ms - 86400000, one.at_ms + 1, &sorts, &m, w.e), w.e);
    EXPECT(m == 1 && sorts[0].n == 2 && str_eq(sorts[0].what, S("act")));
    Err e = err_on(w.a);
    EXPECT_EQ_I64(flow_notice_get(w.a, tx, &other, one.id, &list[0], &e), ERR_MISSING);
    tx_end(tx);
    read_one(&w, "fs111", one.id, 0);
    read_one(&w, "fs111", one.id, 0);
    EXPECT_EQ_I64(unread(&w, "fs111"), 1);
    read_one(&w, "fs111", (Uuid){{0}}, one.at_ms);
    read_one(&w, "fs111", (Uuid){{0}}, one.at_ms - 5000); /* never back */
    EXPECT_EQ_I64(unread(&w, "fs111"), 0);
    county_end(&w);
}

static int test_apply_step(Tx *tx, void *step, Err *e)
{
    return flow_apply(tx, step, 1, e);
}

BOTH_ENGINES(verify_finds_a_notice_of_nothing)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-20", "修了闸门。", "submit");
    Tx *tx = county_tx(&w);
    FlowWhose x = whose_of(&w, tx, "fs111");
    Reader town = county_reader(&w, tx, "town1");
    tx_end(tx);
    EXPECT_EQ_I64(findings(&w), 0);
    FlowBy by = {.actor = town.person, .act = 1, .state = 1};
    FlowStep s = {.what = FLOW_TELL,
                  .record = id,
                  .type = w.diary->number,
                  .seat = town.posts[0].seat,
                  .posting = x.postings[0],
                  .by = &by,
                  .notice = county_new_id(&w),
                  .told = S("act"),
                  .about = id,
                  .nth = 9};
    REQUIRE_OK(store_write(w.store, w.conn, test_apply_step, &s, w.e), w.e);
    EXPECT_EQ_I64(findings(&w), 1);
    county_end(&w);
}
