/* test_web_page_import.c: a large file is tried and written while its page says how far it is; only
 * who sent it sees it; columns are chosen; lists come out as workbooks.              SPEC: P7 */
#include <time.h>

#include "exchange/sheet.h"
#include "test_web_page_util.h"
#include "web/web_int.h"

static Str rows(Site *s, const char *head, int n)
{
    Buf b = {.arena = s->a};
    buf_fmt(&b, "%s\n", head);
    for (int i = 0; i < n; i++)
        buf_fmt(&b, "甲%d,19%02d,%d\n", i, i % 90 + 10, i == 7 ? 99 : i % 9 + 1);
    return buf_view(&b);
}

/* Looks until it is no more under way. */
static void await(Visitor *v, Str place, const char *text)
{
    for (int i = 0; i < 1200; i++) {
        EXPECT_EQ_I64(visit(v, place), 200);
        if (!visit_has(v, "<progress"))
            break;
        EXPECT_STR(answer_header(&v->last, "Refresh"), "2");
        (void)nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    EXPECT(visit_has(v, text));
}

BOTH_SITES(peers_17_a_large_file_is_tried_and_written_by_itself)
{
    enum { N = 2300 };
    Visitor v = visitor(s, "fs111"), other = visitor(s, "fs121");
    Str file = rows(s, "户主,户主出生年,人口", N);
    EXPECT_EQ_I64(visit_send_file(&v, S("/household/import"), "file", file, "do", "try", NULL),
                  303);
    Str place = str_copy(s->a, visit_place(&v));
    EXPECT(str_starts(place, S("/household/import/")));
    EXPECT_EQ_I64(visit(&other, place), 404);
    await(&v, place, "name=\"do\" value=\"apply\"");
    EXPECT(visit_has(&v, "2,299") && visit_has(&v, "人口"));
    EXPECT_EQ_I64(visit_send(&v, place, "do", "reasons", NULL), 200);
    EXPECT(str_find(v.last.body, S("甲7,1917,99,")) > 0);
    EXPECT_EQ_I64(visit_send(&other, place, "do", "apply", NULL), 404);
    EXPECT_EQ_I64(visit_send(&v, place, "do", "apply", NULL), 303);
    EXPECT_EQ_I64(visit_send(&v, place, "do", "apply", NULL), 303); /* pressed twice */
    await(&v, place, "写进去 2,299 行");
    EXPECT(visit_has(&v, "撤销这一批"));
    EXPECT_EQ_I64(visit_send(&v, place, "do", "reasons", NULL), 200);
    EXPECT(str_find(v.last.body, S("甲7,1917,99,")) > 0);
    EXPECT_EQ_I64(visit(&v, S("/household/export.xlsx")), 200);
    EXPECT(str_starts(v.last.body, S("PK\x03\x04")));
    /* The same again: nothing says by what to find them. */
    Str nine = rows(s, "户主,户主出生年,人口", 9);
    EXPECT_EQ_I64(visit_send_file(&v, S("/household/import"), "file", nine,
                                  "do", "apply", NULL),
                  200); /* one row at fault */
    EXPECT(visit_has(&v, "写进去 8 行"));
    EXPECT_EQ_I64(visit_send_file(&v, S("/household/import"), "file", nine,
                                  "do", "try", NULL),
                  422);
    EXPECT(visit_has(&v, "已经导入过"));
    EXPECT_EQ_I64(visit_send_file(&v, S("/household/import"), "file", nine,
                                  "do", "try", "key", "户主,户主出生年", NULL),
                  422);
    EXPECT(!visit_has(&v, "已经导入过"));
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(peers_17_columns_are_chosen_and_remembered)
{
    Visitor v = visitor(s, "fs111");
    Str small = rows(s, "户主名,生于,几口", 3);
    Str large = rows(s, "户主名,生于,几口", 2100);
    EXPECT_EQ_I64(visit_send_file(&v, S("/household/import"), "file", small, "do", "try", NULL),
                  422);
    EXPECT(visit_has(&v, "<option value=\"born\">") && visit_has(&v, "不要这一列"));
    Str carried = str_copy(s->a, visit_hidden(&v, "rows"));
    EXPECT(carried.n == small.n * 2);
    EXPECT_EQ_I64(visit_send_file(&v, S("/household/import"), "file", large, "do", "try", NULL),
                  303);
    Str place = str_copy(s->a, visit_place(&v));
    await(&v, place, "<option value=\"born\">");
    EXPECT_EQ_I64(
        visit_send(&v, place, "do", "try", "heading", "户主名", "point", "name", NULL), 422);
    EXPECT_EQ_I64(visit_send(&v, place, "do", "try", "heading", "户主名", "point", "name",
                             "heading", "生于", "point", "born", "heading", "几口", "point", "-",
                             NULL),
                  303);
    await(&v, place, "写入 2,100 行");
    EXPECT_EQ_I64(visit_send(&v, place, "do", "apply", NULL), 303);
    await(&v, place, "2,100 行都写进去了");
    EXPECT_EQ_I64(visit_send_file(&v, S("/household/import"), "file", small, "do", "try", NULL),
                  200);
    EXPECT(visit_has(&v, "<option value=\"born\" selected>")); /* remembered, may be changed */
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

/* ---- cut off ---- */

typedef struct Clerk {
    County *w;
    SheetImport sheet;
    RecordImport im;
    ImportJob job;
} Clerk;

static int be(void *ctx, Arena *a, Tx *tx, Reader *ret, Err *e)
{
    Clerk *k = ctx;
    (void)a, (void)e; /* a test's world ends the test */
    *ret = county_reader(k->w, tx, "fs111");
    return 0;
}

static void be_not(void *ctx, Reader *r)
{
    (void)ctx, (void)r; /* the world holds its tree */
}

static void put_job(Clerk *k, const ImportHand *h, Str file, int n)
{
    County *w = k->w;
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "fs111");
    tx_end(tx);
    k->job = (ImportJob){.id = county_new_id(w),
                         .account = r.account,
                         .type = model_type(w->model, S("household")),
                         .name = S("f.csv"),
                         .keys = S(""),
                         .at_ms = env_now_ms(w->env),
                         .phase = JOB_WRITES,
                         .row_n = n};
    REQUIRE_OK(record_job_put(h, &k->job, file, w->e), w->e);
}

/* As a thread would that is cut off behind its first step. */
static void write_one_step(Clerk *k, const ImportHand *h, Str file)
{
    County *w = k->w;
    bool more;
    ImportColumn *columns;
    k->im = (RecordImport){.type = k->job.type, .arena = w->a, .batch = k->job.id};
    REQUIRE_OK(sheet_import_open(w->a, file, STR_NONE, k->im.type, &k->sheet, w->e), w->e);
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, "fs111");
    REQUIRE_OK(record_import_columns(w->a, tx, &r, k->im.type, &k->sheet.head, NULL, 0, &columns,
                                     &k->im.column_n, w->e),
               w->e);
    tx_end(tx);
    k->im.columns = columns;
    REQUIRE_OK(record_import_begin(&k->im, LANG_ZH, S(""), w->e), w->e);
    REQUIRE_OK(record_import_open(h, &k->im, &k->sheet.head, NULL, 0, k->job.name, w->e), w->e);
    REQUIRE_OK(record_import_step(h, &k->im, sheet_import_rows(&k->sheet), &more, w->e), w->e);
    sheet_import_close(&k->sheet);
}

static ImportJob job_now(Clerk *k)
{
    ImportJob job;
    Tx *tx = county_tx(k->w);
    Reader r = county_reader(k->w, tx, "fs111");
    REQUIRE_OK(record_job(k->w->records, k->w->a, tx, &r, k->job.id, &job, k->w->e), k->w->e);
    tx_end(tx);
    return job;
}

BOTH_ENGINES(an_import_cut_off_goes_on_by_itself_and_doubles_nothing)
{
    enum { N = 700 };
    County w;
    ImportJob got;
    county_begin(&w, t);
    Clerk k = {.w = &w};
    ImportHand h = {w.records, w.store, w.conn, be, be_not, &k};
    Buf b = {.arena = w.a};
    buf_z(&b, "户主,人口\n");
    for (int i = 0; i < N; i++)
        buf_fmt(&b, "甲%d,%d\n", i, i == 650 ? 99 : 3);
    put_job(&k, &h, buf_view(&b), N);
    Uuid first = county_new_id(&w), second = county_new_id(&w);
    EXPECT(record_job_claim(w.records, w.store, w.conn, w.a, first, &got, w.e) == 1);
    EXPECT(record_job_claim(w.records, w.store, w.conn, w.a, second, &got, w.e) == 0);
    write_one_step(&k, &h, buf_view(&b));
    env_test_move(w.env, LIMIT_IMPORT_HELD_MS + 1); /* the thread is gone */
    App root = {.env = w.env, .dir = t->dir, .model = w.model, .store = w.store, .files = w.files,
                .access = w.access, .records = w.records, .flow = w.flow};
    ImportThread *thread = import_thread_start(&root, w.a);
    for (int i = 0; i < 600 && job_now(&k).phase == JOB_WRITES; i++)
        (void)nanosleep(&(struct timespec){0, 50000000}, NULL);
    import_thread_stop(thread);
    got = job_now(&k);
    EXPECT_EQ_I64(got.phase, JOB_WRITTEN);
    EXPECT_EQ_I64(got.made, N - 1);
    EXPECT_EQ_I64(got.bad, 1);
    EXPECT_EQ_I64(got.done, N);
    ImportFault *faults;
    int n;
    Tx *tx = county_tx(&w);
    REQUIRE_OK(record_job_faults(w.a, tx, k.job.id, 10, &faults, &n, w.e), w.e);
    tx_end(tx);
    REQUIRE(n == 1);
    EXPECT_EQ_I64(faults[0].row, 652);
    /* The first one wakes up late: it is another's by now. */
    EXPECT_ERR(record_job_on(w.records, w.store, w.conn, first, &k.job, w.e), ERR_STATE, w.e);
    env_test_move(w.env, (LIMIT_IMPORT_KEEP_DAYS + 1) * 24 * 3600 * 1000LL);
    REQUIRE_OK(record_job_sweep(w.records, w.store, w.conn, w.e), w.e);
    tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "fs111");
    EXPECT_ERR(record_job(w.records, w.a, tx, &r, k.job.id, &got, w.e), ERR_MISSING, w.e);
    tx_end(tx);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}
