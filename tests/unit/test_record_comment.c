/* test_record_comment.c: whoever sees a record may comment on it; a comment is one however often it
 * is sent, carries both names of a deputy, and cannot be changed unseen. */
#include "test_record_util.h"

static int comments(County *w, const char *account, Uuid id, Comment **ret)
{
    int n = 0;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    Record *rec;
    REQUIRE_OK(record_get(w->records, w->a, tx, &r, w->diary, id, &rec, NULL, w->e), w->e);
    REQUIRE_OK(record_comments(w->records, w->a, tx, &r, rec, ret, &n, w->e), w->e);
    tx_end(tx);
    return n;
}

static int run_script(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, *(Str *)arg, e);
}

static void script(County *w, const char *sql)
{
    Str text = str_of(sql);
    REQUIRE_OK(store_write(w->store, NULL, run_script, &text, w->e), w->e);
}

BOTH_ENGINES(comments_are_seen_by_who_sees_the_record)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-18", "走访。", "submit"), one = county_new_id(&w);
    Comment *list;
    REQUIRE_OK(county_comment(&w, "town1", id, one, "  写得细。\r\n继续。 ", w.e), w.e);
    REQUIRE_OK(county_comment(&w, "fs111", id, county_new_id(&w), "好的。", w.e), w.e);
    REQUIRE_OK(county_comment(&w, "town1", id, one, "写得细。\n继续。", w.e), w.e); /* sent again */
    EXPECT_EQ_I64(comments(&w, "county", id, &list), 2);
    EXPECT_STR(list[0].body, "写得细。\n继续。");
    EXPECT_STR(list[0].author_name, "town1");
    EXPECT(!str_has(list[0].deputy_for));
    EXPECT_EQ_I64(list[0].unit_ix, tree_unit_coded(w.tree, S("110"))->ix);
    EXPECT_STR(list[1].author_name, "fs111");
    static const struct {
        const char *who, *body, *key;
        bool same_id;
        int rc;
    } bad[] = {
        {"fs112", "看不见。", "web.missing", false, ERR_MISSING},
        {"town2", "看不见。", "web.missing", false, ERR_MISSING},
        {"town1", "写得不细。", "record.exists_differs", true, ERR_DIFFERS},
        {"fs111", "写得细。\n继续。", "record.id_not_usable", true, ERR_MISSING},
        {"fs111", " \n ", NULL, false, ERR_INVALID},
    };
    for (size_t i = 0; i < LEN(bad); i++) {
        Err e = err_on(w.a);
        Uuid new_id = bad[i].same_id ? one : county_new_id(&w);
        EXPECT_EQ_I64(county_comment(&w, bad[i].who, id, new_id, bad[i].body, &e), bad[i].rc);
        if (bad[i].key)
            EXPECT_STR(e.key, bad[i].key);
        else
            EXPECT_STR(e.fields[0].field, "body");
    }
    Err e = err_on(w.a);
    char *much = memset(arena_alloc(w.a, 3001), 'x', 3000);
    EXPECT_EQ_I64(county_comment(&w, "fs111", id, county_new_id(&w), much, &e), ERR_INVALID);
    EXPECT_EQ_I64(comments(&w, "fs111", id, &list), 2);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* A comment takes no version: what was sent before it still fits, and the history has its changes
 * alone. */
BOTH_ENGINES(comments_are_no_changes)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-18", "走访。", "submit");
    REQUIRE_OK(county_comment(&w, "fs111", id, county_new_id(&w), "补一句。", w.e), w.e);
    const char *remark[] = {"remark", "哪几户？"};
    REQUIRE_OK(county_write(&w, "town1", id, "return", NULL, 2, remark, 1, w.e), w.e);
    REQUIRE_OK(county_comment(&w, "fs111", id, county_new_id(&w), "就改。", w.e), w.e);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "fs111");
    Record *rec;
    HistoryItem *items;
    int n;
    REQUIRE_OK(record_get(w.records, w.a, tx, &r, w.diary, id, &rec, NULL, w.e), w.e);
    REQUIRE_OK(record_history(w.records, w.a, tx, &r, rec, &items, &n, w.e), w.e);
    EXPECT_EQ_I64(rec->version, 3);
    EXPECT_EQ_I64(n, 3);
    tx_end(tx);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(peers_8_a_deputy_comments_with_both_names)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-18", "走访。", "submit");
    script(&w,
           str_z(w.a, str_fmt(w.a,
                              "INSERT INTO deputy(id, posting, person, starts, ends, by_account) "
                              "SELECT 1, p.id, b.person, %d, %d, a.id FROM account a, account b, "
                              "posting p WHERE a.name = 'town1' AND b.name = 'fs112' "
                              "AND p.person = a.person; UPDATE account SET "
                              "access_no = access_no + 1",
                              (int)env_today(w.env), (int)env_today(w.env) + 3)));
    REQUIRE_OK(county_comment(&w, "fs112", id, county_new_id(&w), "代看。", w.e), w.e);
    Comment *list;
    EXPECT_EQ_I64(comments(&w, "town1", id, &list), 1);
    EXPECT_STR(list[0].author_name, "fs112");
    EXPECT_STR(list[0].deputy_for, "town1");
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}
