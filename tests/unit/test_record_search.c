/* record_search: what is found, by whom, at once and after the job; the job and the rebuild. */
#include "test_record_util.h"

#include <stdlib.h>

static void take_in(County *w)
{
    REQUIRE_OK(record_search_all(w->records, w->store, w->conn, w->e), w->e);
}

/* Hits of diaries for somebody; -1: refused. */
static int search(County *w, const char *account, const char *q, int per_type, HitGroup *ret)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    HitGroup *list;
    int n = 0;
    Err e = err_on(w->a);
    int rc = record_search(w->records, w->a, tx, &r, str_of(q), NULL, per_type, &list, &n, &e);
    tx_end(tx);
    if (rc < 0) {
        EXPECT_EQ_I64(rc, ERR_INVALID);
        EXPECT_EQ_I64((int64_t)e.field_n, 1);
        EXPECT_STR_EQ(e.fields[0].field, S("q"));
        return -1;
    }
    *ret = n ? list[0] : (HitGroup){0};
    return n ? list[0].n : 0;
}

static int found(County *w, const char *account, const char *q)
{
    HitGroup g;
    return search(w, account, q, LIMIT_SEARCH_HITS, &g);
}

/* The same before and after the job has taken it in. */
#define EXPECT_FOUND(w, account, q, n)                                                             \
    do {                                                                                           \
        EXPECT_EQ_I64(found(w, account, q), n);                                                    \
        take_in(w);                                                                                \
        EXPECT_EQ_I64(found(w, account, q), n);                                                    \
    } while (0)

BOTH_ENGINES(two_characters_are_enough_and_one_is_not)
{
    County w;
    county_begin(&w, t);
    county_diary(&w, "fs111", "2026-11-18", "今天走访了李桂兰家，她家的玉米还没有收。", "submit");
    county_diary(&w, "fs111", "2026-11-19", "开会。ABC１２３号地块，Wheat price", "submit");
    EXPECT_FOUND(&w, "fs111", "玉米", 1);
    EXPECT_FOUND(&w, "fs111", "桂兰家", 1);
    EXPECT_FOUND(&w, "fs111", "走访 玉米", 1);
    EXPECT_FOUND(&w, "fs111", "走访，玉米！", 1);
    EXPECT_FOUND(&w, "fs111", "走访 小麦", 0);
    EXPECT_FOUND(&w, "fs111", "桂玉", 0); /* both characters, not beside each other */
    EXPECT_FOUND(&w, "fs111", "家她", 0); /* a comma between */
    EXPECT_FOUND(&w, "fs111", "abc123", 1);
    EXPECT_FOUND(&w, "fs111", "ａｂｃ123号", 1);
    EXPECT_FOUND(&w, "fs111", "bc123", 0); /* a word of letters only as a whole */
    EXPECT_FOUND(&w, "fs111", "WHEAT", 1);
    EXPECT_FOUND(&w, "fs111", "whea", 0);
    EXPECT_FOUND(&w, "fs111", "号地块", 1);
    EXPECT_FOUND(&w, "fs111", "3号地块", 0);
    EXPECT_FOUND(&w, "fs111", "收 玉米", 1); /* a single one beside a longer */
    EXPECT_FOUND(&w, "fs111", "收", -1);
    EXPECT_FOUND(&w, "fs111", "收 米", -1);
    EXPECT_FOUND(&w, "fs111", "", -1);
    EXPECT_FOUND(&w, "fs111", "' OR \" * AND (", 0);
    EXPECT_FOUND(&w, "fs111",
                 "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
                 "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五",
                 -1);
    county_end(&w);
}

BOTH_ENGINES(a_passage_shows_the_place)
{
    County w;
    HitGroup g;
    county_begin(&w, t);
    county_diary(&w, "fs111", "2026-11-18",
                 "一早到村部，和支部书记商量合作社分红的事情，\n随后入户。下午去地里看"
                 "ＸＹＺ牌旋耕机，回来写了材料，又和几位老人谈了谈养老的事，晚上值班。",
                 "submit");
    for (int i = 0; i < 2; i++) {
        REQUIRE(search(&w, "town1", "xyz牌 旋耕机", 5, &g) == 1);
        EXPECT_STR_EQ(g.hits[0].field->name, S("body"));
        Str p = g.hits[0].passage;
        EXPECT_STR_EQ(str_sub(p, (size_t)g.hits[0].mark_at, (size_t)g.hits[0].mark_n),
                      S("ＸＹＺ牌"));
        EXPECT(str_starts(p, S("…")) && !str_ends(p, S("…")));
        EXPECT(str_find(p, S("\n")) < 0 && utf8_valid(p));
        EXPECT(!g.has_more);
        take_in(&w);
    }
    county_end(&w);
}

BOTH_ENGINES(what_changed_is_found_as_it_stands_now)
{
    County w;
    county_begin(&w, t);
    Uuid id = county_diary(&w, "fs111", "2026-11-18", "看了大豆田。", NULL);
    take_in(&w);
    EXPECT_EQ_I64(found(&w, "fs111", "大豆"), 1);
    const char *fields[] = {"day", "2026-11-17", "body", "看了花生田。"};
    REQUIRE_OK(county_write(&w, "fs111", id, "change", NULL, 1, fields, 2, w.e), w.e);
    EXPECT_FOUND(&w, "fs111", "大豆", 0);
    EXPECT_FOUND(&w, "fs111", "花生", 1);
    const char *again[] = {"body", "看了大豆田和花生田。"};
    REQUIRE_OK(county_write(&w, "fs111", id, "change", NULL, 2, again, 1, w.e), w.e);
    EXPECT_FOUND(&w, "fs111", "大豆", 1);
    EXPECT_FOUND(&w, "fs111", "豆田和花", 1);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

static Uuid diary_on(County *w, const char *account, int day, const char *body, const char *then)
{
    Day d = env_today(w->env) - day;
    return county_diary(w, account, str_z(w->a, day_text(w->a, d)), body, then);
}

BOTH_ENGINES(not_yours_is_neither_found_nor_counted)
{
    County w;
    HitGroup g;
    county_begin(&w, t);
    diary_on(&w, "fs111", 20, "大棚里的番茄红了", NULL); /* a draft: his alone */
    for (int i = 1; i < 10; i++)
        diary_on(&w, "fs112", i, "番茄", "submit");
    diary_on(&w, "fs121", 3, "种番茄", "submit");
    for (int i = 0; i < 2; i++) {
        EXPECT_EQ_I64(search(&w, "fs111", "番茄", 1, &g), 1);
        EXPECT(!g.has_more);
        EXPECT_EQ_I64(found(&w, "fs112", "番茄"), 9);
        EXPECT_EQ_I64(found(&w, "tm111", "番茄"), 0);
        EXPECT_EQ_I64(found(&w, "town1", "番茄"), 9);
        EXPECT_EQ_I64(found(&w, "town2", "番茄"), 1);
        EXPECT_EQ_I64(found(&w, "county", "番茄"), 10);
        EXPECT_EQ_I64(found(&w, "county", "大棚"), 0);
        EXPECT_EQ_I64(search(&w, "town2", "番茄", 1, &g), 1);
        EXPECT(!g.has_more);
        EXPECT_EQ_I64(search(&w, "county", "番茄", 9, &g), 9);
        EXPECT(g.has_more);
        take_in(&w);
    }
    county_end(&w);
}

BOTH_ENGINES(who_comes_and_who_goes_is_heard_at_once)
{
    County w;
    county_begin(&w, t);
    Uuid id = diary_on(&w, "fs111", 2, "修了水渠", NULL);
    take_in(&w);
    EXPECT_EQ_I64(found(&w, "town1", "水渠"), 0);
    REQUIRE_OK(county_write(&w, "fs111", id, "submit", NULL, 1, NULL, 0, w.e), w.e);
    EXPECT_FOUND(&w, "town1", "水渠", 1);
    county_post(&w, "late", "town_office", "120", DAY_NONE, env_today(w.env));
    EXPECT_EQ_I64(found(&w, "late", "水渠"), 0);
    county_post(&w, "late", "town_office", "110", DAY_NONE, env_today(w.env));
    EXPECT_EQ_I64(found(&w, "late", "水渠"), 1);
    env_test_move(w.env, 24 * 3600 * 1000);
    EXPECT_EQ_I64(found(&w, "late", "水渠"), 0); /* his posting has ended */
    EXPECT_EQ_I64(found(&w, "town1", "水渠"), 1);
    county_end(&w);
}

BOTH_ENGINES(the_newest_day_comes_first)
{
    County w;
    HitGroup g;
    county_begin(&w, t);
    const int days[] = {9, 3, 30, 1, 12, 400, 2};
    for (size_t i = 0; i < LEN(days); i++)
        diary_on(&w, "fs111", days[i], "测土配方", "submit");
    for (int turn = 0; turn < 2; turn++) {
        for (int k = 1; k <= 7; k++) {
            REQUIRE(search(&w, "town1", "配方", k, &g) == k);
            EXPECT(g.has_more == (k < 7));
            for (int i = 0; i + 1 < k; i++)
                EXPECT(g.hits[i].rec.at_day > g.hits[i + 1].rec.at_day);
            EXPECT_EQ_I64(g.hits[0].rec.at_day, env_today(w.env) - 1);
        }
        take_in(&w);
    }
    county_end(&w);
}

BOTH_ENGINES(the_index_is_made_again_from_the_records)
{
    County w;
    int64_t lag;
    bool more = false;
    SearchPace pace = {0};
    county_begin(&w, t);
    for (int i = 1; i < 8; i++)
        diary_on(&w, "fs111", i, i % 2 ? "小麦" : "玉米", "submit");
    Tx *tx = county_tx(&w);
    REQUIRE_OK(record_search_lag(w.records, tx, &lag, w.e), w.e);
    tx_end(tx);
    EXPECT_EQ_I64(lag, 14); /* made and sent: two changes each */
    take_in(&w);
    tx = county_tx(&w);
    REQUIRE_OK(record_search_lag(w.records, tx, &lag, w.e), w.e);
    tx_end(tx);
    EXPECT_EQ_I64(lag, 0);
    EXPECT_EQ_I64(found(&w, "town1", "小麦"), 4);
    EXPECT_EQ_I64(county_verify(&w), 0);
    REQUIRE_OK(record_search_rebuild(w.records, w.store, w.conn, w.e), w.e);
    tx = county_tx(&w);
    REQUIRE_OK(record_search_lag(w.records, tx, &lag, w.e), w.e);
    tx_end(tx);
    EXPECT_EQ_I64(lag, 14);
    EXPECT_EQ_I64(found(&w, "town1", "小麦"), 4);
    int steps = 0;
    do
        REQUIRE_OK(record_search_step(w.records, w.store, w.conn, &pace, &more, w.e), w.e);
    while (more && ++steps < 100);
    EXPECT(!more);
    EXPECT_EQ_I64(found(&w, "town1", "小麦"), 4);
    EXPECT_EQ_I64(found(&w, "town1", "玉米"), 3);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* ---- against plain reading ------------------------------------------------------------------ */

static const char *const words[] = {"玉米", "小麦", "大豆", "合作社", "分红", "走访", "张老汉",
                                    "水渠", "党员", "会议", "地块", "米大"};
static const char *const latin[] = {"ABC", "2026", "k12"}; /* never beside each other: not cut */

static Str random_text(Arena *a)
{
    Buf b = {.arena = a};
    int n = 1 + (int)test_below(6);
    for (int i = 0; i < n; i++)
        switch (test_below(4)) {
        case 0:
            buf_fmt(&b, "，%s。", words[test_below(LEN(words))]);
            break;
        case 1:
            buf_fmt(&b, " %s ", latin[test_below(LEN(latin))]);
            break;
        default:
            buf_z(&b, words[test_below(LEN(words))]);
        }
    return buf_view(&b);
}

/* Terms of two or more signs, all of them somewhere; none of the words used here can be cut. */
static bool holds(Arena *a, Str body, Str q)
{
    Str folded = text_fold(a, body), rest = text_fold(a, q), term;
    while (rest.n) {
        (void)str_cut(rest, ' ', &term, &rest);
        if (term.n && str_find(folded, term) < 0)
            return false;
    }
    return true;
}

typedef struct Scan {
    County *w;
    Tx *tx;
    Reader *r;
    Str q;
    Uuid ids[400];
    int n;
} Scan;

static int scan_one(void *ctx, const Record *rec, Err *e)
{
    Scan *s = ctx;
    Record *got;
    Err own = err_on(s->w->a);
    (void)e;
    if (record_get(s->w->records, s->w->a, s->tx, s->r, rec->type, rec->id, &got, NULL, &own) < 0)
        return 0;
    const Value *v = &rec->values[type_field(rec->type, S("body"))->ix];
    if (v->tag == VALUE_TEXT && holds(s->w->a, v->s, s->q)) {
        REQUIRE(s->n < (int)LEN(s->ids));
        s->ids[s->n++] = rec->id;
    }
    return 0;
}

static int by_id(const void *x, const void *y)
{
    return memcmp(x, y, sizeof(Uuid));
}

static void compare_with_scan(County *w, const char *account, Str q)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    Scan s = {.w = w, .tx = tx, .r = &r, .q = q};
    REQUIRE_OK(record_each(w->records, tx, w->tree, w->diary, -1, scan_one, &s, w->e), w->e);
    HitGroup *list;
    int n;
    REQUIRE_OK(record_search(w->records, w->a, tx, &r, q, w->diary, LIMIT_SEARCH_HITS, &list, &n,
                             w->e),
               w->e);
    tx_end(tx);
    EXPECT_EQ_I64(n ? list[0].n : 0, s.n);
    REQUIRE(s.n == (n ? list[0].n : 0) && s.n <= LIMIT_SEARCH_HITS);
    Uuid ids[LIMIT_SEARCH_HITS];
    for (int i = 0; i < s.n; i++)
        ids[i] = list[0].hits[i].rec.id;
    qsort(ids, (size_t)s.n, sizeof *ids, by_id);
    qsort(s.ids, (size_t)s.n, sizeof *ids, by_id);
    REQUIRE(!memcmp(ids, s.ids, (size_t)s.n * sizeof *ids));
}

static void random_write(County *w, const char *const *who, int day, Uuid *ids, int *owner, int *n)
{
    Err e = err_on(w->a); /* a refused one (sent already, not his) is no matter here */
    if (*n && !test_below(3)) {
        int k = (int)test_below((uint64_t)*n);
        Str text = random_text(w->a);
        const char *fields[] = {"body", str_z(w->a, text)};
        (void)county_write(w, who[owner[k]], ids[k], test_below(2) ? "change" : "submit", NULL, 0,
                           fields, 1, &e);
        return;
    }
    owner[*n] = (int)test_below(4);
    Str text = random_text(w->a);
    ids[*n] = diary_on(w, who[owner[*n]], day, str_z(w->a, text), test_below(2) ? "submit" : NULL);
    (*n)++;
}

BOTH_ENGINES(peers_9_search_finds_what_plain_reading_finds)
{
    static const char *const who[] = {"fs111", "tm111", "fs112", "fs121"};
    static const char *const readers[] = {"fs111", "tm111", "fs112", "fs121",
                                          "town1", "town2", "county"};
    County w;
    Uuid ids[120];
    int owner[120], n = 0;
    county_begin(&w, t);
    for (int round = 0; round < 12; round++) {
        for (int i = 0; i < 10; i++)
            random_write(&w, who, round * 10 + i, ids, owner, &n);
        if (test_below(2))
            take_in(&w);
        for (int i = 0; i < 12; i++) {
            Str q = str_fmt(w.a, "%s%s%s", words[test_below(LEN(words))],
                            test_below(2) ? " " : "", words[test_below(LEN(words))]);
            if (!test_below(3))
                q = str_of(words[test_below(LEN(words))]);
            else if (!test_below(4))
                q = str_fmt(w.a, "%s %s", latin[test_below(LEN(latin))], words[0]);
            compare_with_scan(&w, readers[test_below(LEN(readers))], q);
        }
    }
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}
/* ---- names ---------------------------------------------------------------------------------- */

static const char villager_yaml[] =
    "type: villager\n"
    "label: {zh: 村民, en: Villager}\n"
    "at: village\n"
    "fields:\n"
    "  name: {is: text, label: 姓名, required: yes, find: name}\n"
    "  work: {is: text, label: 做什么, find: yes}\n"
    "  code: {is: text, label: 编号}\n"
    "states: {\"*\": {see: [author, town_office]}, known: {label: 在册}}\n"
    "actions: {create: {to: known, by: first_secretary here}, change: {from: known, by: author}}\n";

BOTH_ENGINES(a_name_is_found_by_initials_in_every_reading)
{
    static const char *const names[] = {"重阳", "单晓燕", "曾国强", "仇大鹏", "尉迟明", "王晓明"};
    static const struct {
        const char *q;
        int n;
    } asked[] = {{"cy", 1},  {"zy", 1},  {"sxy", 1}, {"DXY", 1}, {"zgq", 1}, {"cgq", 1},
                 {"qdp", 1}, {"ycm", 1}, {"wcm", 1}, {"wxm", 1}, {"xm", 0},  {"wxm 木匠", 1},
                 {"mj", 0},  {"sx", 1},  {"晓明", 1}, {"zz", 0}, {"qm", 0}};
    County w;
    HitGroup g;
    ModelSource more = {.path = S("village/villager.yaml"), .text = str_of(villager_yaml)};
    county_begin_model(&w, t, &more, 1);
    w.diary = model_type(w.model, S("villager"));
    for (size_t i = 0; i < LEN(names); i++) {
        const char *fields[] = {"name", names[i], "work", "木匠", "code", "qm"};
        REQUIRE_OK(county_write(&w, "fs111", county_new_id(&w), "create", NULL, 0, fields, 3, w.e),
                   w.e);
    }
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < LEN(asked); i++)
            EXPECT_EQ_I64(found(&w, "fs111", asked[i].q), asked[i].n);
        REQUIRE(search(&w, "town1", "sxy", 5, &g) == 1);
        EXPECT_STR_EQ(g.hits[0].passage, S("单晓燕"));
        EXPECT_EQ_I64(g.hits[0].mark_n, 0);
        EXPECT_EQ_I64(found(&w, "fs112", "sxy"), 0);
        take_in(&w);
    }
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

static const Model *load_beside(County *w, const char *from, const char *to)
{
    const ModelSource *builtin;
    const Model *m;
    ModelError *errors;
    size_t n, error_n;
    Buf text = {.arena = w->a};
    Str all = str_of(villager_yaml);
    ptrdiff_t at = str_find(all, str_of(from));
    REQUIRE(at >= 0);
    buf_mem(&text, all.p, (size_t)at);
    buf_z(&text, to);
    buf_str(&text, str_sub(all, (size_t)at + strlen(from), all.n));
    model_builtin(w->a, &builtin, &n);
    ModelSource *src = NEW_N(w->a, ModelSource, n + 1);
    memcpy(src, builtin, n * sizeof *src);
    src[n] = (ModelSource){.path = S("village/villager.yaml"), .text = buf_view(&text)};
    REQUIRE_OK(model_load(w->a, src, n + 1, LANG_ZH, &m, &errors, &error_n, w->e), w->e);
    return m;
}

BOTH_ENGINES(another_model_makes_the_index_anew)
{
    County w;
    bool more = false;
    SearchPace pace = {0};
    ModelSource own = {.path = S("village/villager.yaml"), .text = str_of(villager_yaml)};
    county_begin_model(&w, t, &own, 1);
    w.diary = model_type(w.model, S("villager"));
    const char *fields[] = {"name", "单晓燕", "work", "木匠", "code", "甲子"};
    REQUIRE_OK(county_write(&w, "fs111", county_new_id(&w), "create", NULL, 0, fields, 3, w.e),
               w.e);
    take_in(&w);
    EXPECT_EQ_I64(found(&w, "fs111", "甲子"), 0);
    const Model *m = load_beside(&w, "{is: text, label: 编号}", "{is: text, label: 编号, find: yes}");
    Records *before = w.records;
    const Model *old = w.model;
    REQUIRE_OK(record_apply_model(w.env, w.store, m, NULL, NULL, w.e), w.e);
    REQUIRE_OK(record_search_step(before, w.store, w.conn, &pace, &more, w.e), w.e);
    EXPECT(!more); /* the old one has nothing to say any more */
    REQUIRE_OK(record_install(w.env, w.store, m, false, w.e), w.e);
    access_tree_drop(w.access, w.tree);
    access_close(w.access);
    REQUIRE_OK(access_open(w.env, w.store, m, &w.access, w.e), w.e);
    REQUIRE_OK(records_open(w.env, w.store, w.files, m, &w.records, w.e), w.e);
    records_close(before);
    w.model = m;
    w.diary = model_type(m, S("villager"));
    w.tree = NULL;
    Tx *tx = county_tx(&w);
    REQUIRE_OK(access_tree_refresh(w.access, tx, w.e), w.e);
    tx_end(tx);
    w.tree = access_tree_hold(w.access);
    EXPECT(memcmp(old->hash, m->hash, sizeof m->hash) != 0);
    take_in(&w);
    EXPECT_EQ_I64(found(&w, "fs111", "甲子"), 1);
    EXPECT_EQ_I64(found(&w, "fs111", "sxy"), 1);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

/* ---- proof ---------------------------------------------------------------------------------- */

static int run_script(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, *(Str *)arg, e);
}

BOTH_ENGINES(an_index_that_differs_is_told)
{
    static const char *const damage[] = {
        "UPDATE find_doc SET body = body || 'x' WHERE doc = (SELECT MIN(doc) FROM find_doc)",
        "DELETE FROM find_doc WHERE doc = (SELECT MAX(doc) FROM find_doc)",
    };
    for (size_t i = 0; i < LEN(damage); i++) {
        County w;
        Str sql = str_of(damage[i]);
        if (i)
            test_store_end(t), test_store_begin(t, t->engine);
        county_begin(&w, t);
        for (int k = 1; k < 5; k++)
            diary_on(&w, "fs111", k, "小麦", "submit");
        take_in(&w);
        diary_on(&w, "fs111", 5, "玉米", NULL); /* not taken in yet: nothing amiss */
        EXPECT_EQ_I64(county_verify(&w), 0);
        REQUIRE_OK(store_write(w.store, w.conn, run_script, &sql, w.e), w.e);
        EXPECT(county_verify(&w) > 0);
        REQUIRE_OK(record_search_rebuild(w.records, w.store, w.conn, w.e), w.e);
        take_in(&w);
        EXPECT_EQ_I64(county_verify(&w), 0);
        county_end(&w);
    }
}
