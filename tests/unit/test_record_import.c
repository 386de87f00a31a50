/* test_record_import.c: records of any type from tables: what is wrong is named by row and column,
 * what was there before is updated, a batch is taken back.                          SPEC: P7 */
#include "exchange/sheet.h"
#include "test_record_util.h"


typedef struct Clerk {
    County *w;
    const char *account;
    SheetImport sheet;
    RecordImport im;
} Clerk;

static int be(void *ctx, Arena *a, Tx *tx, Reader *ret, Err *e)
{
    Clerk *k = ctx;
    (void)a, (void)e; /* a test's world ends the test */
    *ret = county_reader(k->w, tx, k->account);
    return 0;
}

static void be_not(void *ctx, Reader *r)
{
    (void)ctx, (void)r; /* the world holds its tree */
}

static ImportHand hand(Clerk *k)
{
    return (ImportHand){.rs = k->w->records,
                        .store = k->w->store,
                        .conn = k->w->conn,
                        .begin = be,
                        .end = be_not,
                        .ctx = k};
}

/* Opens, finds columns, tries all rows; the class of what failed. */
static int try_bytes(Clerk *k, County *w, const char *account, const char *type, Str text,
                     const ImportPoint *points, int point_n, const char *keys)
{
    Err *e = w->e;
    *k = (Clerk){.w = w, .account = account};
    k->im = (RecordImport){
        .type = model_type(w->model, str_of(type)), .arena = w->a, .batch = county_new_id(w)};
    REQUIRE_OK(sheet_import_open(w->a, text, STR_NONE, k->im.type, &k->sheet, e), e);
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    ImportColumn *columns;
    int rc = record_import_columns(w->a, tx, &r, k->im.type, &k->sheet.head, points, point_n,
                                   &columns, &k->im.column_n, e);
    k->im.columns = columns;
    if (!rc)
        rc = record_import_begin(&k->im, LANG_ZH, str_of(keys), e);
    if (!rc)
        rc = record_import_try(w->records, tx, &r, &k->im, sheet_import_rows(&k->sheet), e);
    tx_end(tx);
    return rc;
}

static int try_file(Clerk *k, County *w, const char *account, const char *type, const char *text,
                    const ImportPoint *points, int point_n, const char *keys)
{
    return try_bytes(k, w, account, type, str_of(text), points, point_n, keys);
}

static void write_file(Clerk *k, const ImportPoint *points, int point_n)
{
    ImportHand h = hand(k);
    Err *e = k->w->e;
    REQUIRE_OK(sheet_import_again(&k->sheet, e), e);
    REQUIRE_OK(record_import_open(&h, &k->im, &k->sheet.head, points, point_n, S("f.csv"), e), e);
    for (bool more = true; more;)
        REQUIRE_OK(record_import_step(&h, &k->im, sheet_import_rows(&k->sheet), &more, e), e);
}

static void done(Clerk *k)
{
    sheet_import_close(&k->sheet);
}

static bool has_fault(const Clerk *k, int64_t row, const char *column, const char *key)
{
    for (int i = 0; i < k->im.fault_n; i++) {
        const ImportFault *f = &k->im.faults[i];
        if (f->row == row && str_eq(f->column, str_of(column)) && str_eq(f->key, str_of(key)))
            return true;
    }
    return false;
}

static int64_t households(County *w, const char *account)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    const Type *t = model_type(w->model, S("household"));
    ListQuery q = {.type = t, .unit_ix = -1, .states = t->open_states, .limit = 1};
    int n;
    REQUIRE_OK(record_count(w->records, w->a, tx, &r, &q, 5000, &n, w->e), w->e);
    tx_end(tx);
    return n;
}

static Str good(County *w, int n)
{
    Buf b = {.arena = w->a};
    buf_z(&b, "农户台账,,\n户主,户主出生年,人 口（人）\n");
    for (int i = 0; i < n; i++)
        buf_fmt(&b, "户主%d,19%02d,%d\n", i, i % 90 + 10, i % 9 + 1);
    buf_byte(&b, '\0');
    return (Str){b.p, b.n - 1};
}

BOTH_ENGINES(peers_17_an_import_tells_row_column_and_reason)
{
    County w;
    Clerk k;
    county_begin(&w, t);
    REQUIRE(try_file(&k, &w, "fs111", "household",
                     "户主,户主出生年,人口,要多走动的\n"
                     "韦石榴,1960,3,独居老人、有病人\n"
                     "燕小满,196O,3,\n"
                     ",1950,2,\n"
                     "牛耕山,1971,99,外星\n"
                     "池望江,1.97E+16,2,\n"
                     "韦石榴,１９６０,3,\n",
                     NULL, 0, "name, born") == 0);
    EXPECT_EQ_I64(k.im.row_n, 6);
    EXPECT_EQ_I64(k.im.new_n, 1);
    EXPECT_EQ_I64(k.im.bad_n, 5);
    EXPECT(has_fault(&k, 3, "户主出生年", "field.not_int"));
    EXPECT(has_fault(&k, 4, "户主", "field.required"));
    EXPECT(has_fault(&k, 5, "人口", "field.too_large"));
    EXPECT(has_fault(&k, 5, "要多走动的", "field.not_choice"));
    EXPECT(has_fault(&k, 6, "户主出生年", "import.rounded"));
    EXPECT(has_fault(&k, 7, "", "import.twice"));
    EXPECT_EQ_I64(households(&w, "fs111"), 0); /* tried only */
    write_file(&k, NULL, 0);                   /* the good ones */
    EXPECT_EQ_I64(k.im.new_n, 1);
    EXPECT_EQ_I64(k.im.bad_n, 5);
    EXPECT_EQ_I64(households(&w, "fs111"), 1);
    done(&k);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(peers_17_unknown_headings_are_named_pointed_at_and_remembered)
{
    County w;
    Clerk k;
    const char *text = "户主名,生于,备注\n韦石榴,1960,x\n";
    ImportPoint points[] = {{S("户主名"), S("name")}, {S("生于"), S("born")}, {S("备注"), S("-")}};
    county_begin(&w, t);
    EXPECT(try_file(&k, &w, "fs111", "household", text, NULL, 0, "") == ERR_INVALID);
    EXPECT_EQ_I64(w.e->field_n, 4); /* each heading, and that the name has no column */
    EXPECT_STR(w.e->fields[0].key, "import.unknown_near");
    err_clear(w.e);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "household", text, points, 3, "name") == 0);
    EXPECT_EQ_I64(k.im.new_n, 1);
    write_file(&k, points, 3);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "household", text, NULL, 0, "name") == 0);
    EXPECT(k.im.columns[0].is_remembered);
    EXPECT_EQ_I64(k.im.same_n, 1);
    done(&k);
    EXPECT(try_file(&k, &w, "tm111", "household", text, NULL, 0, "") == ERR_INVALID); /* not his */
    err_clear(w.e);
    done(&k);
    county_end(&w);
}

BOTH_ENGINES(peers_17_a_batch_is_undone_but_for_what_somebody_edited_since)
{
    County w;
    Clerk k;
    bool more = true;
    county_begin(&w, t);
    Str text = good(&w, 450); /* three steps */
    REQUIRE(try_file(&k, &w, "fs111", "household", text.p, NULL, 0, "name,born") == 0);
    EXPECT_EQ_I64(k.im.new_n, 450);
    write_file(&k, NULL, 0);
    EXPECT_EQ_I64(households(&w, "fs111"), 450);
    ImportHand h = hand(&k);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "household", text.p, NULL, 0, "name,born") == 0);
    EXPECT_EQ_I64(k.im.same_n, 450);
    EXPECT_EQ_I64(k.im.new_n, 0);
    done(&k);
    /* A second file changes two and adds one; then somebody edits one of the two. */
    REQUIRE(try_file(&k, &w, "fs111", "household",
                     "户主,户主出生年,人口\n户主0,1910,8\n户主1,1911,8\n新来的,1980,2\n", NULL, 0,
                     "name,born") == 0);
    EXPECT_EQ_I64(k.im.changed_n, 2);
    EXPECT_EQ_I64(k.im.new_n, 1);
    write_file(&k, NULL, 0);
    ImportUndo u = {.arena = w.a, .batch = k.im.batch};
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "tm111");
    ImportBatch b;
    EXPECT_ERR(record_batch(w.records, w.a, tx, &r, u.batch, &b, w.e), ERR_MISSING, w.e);
    const Type *house = model_type(w.model, S("household"));
    ListQuery q = {.type = house, .unit_ix = -1, .states = house->open_states, .limit = 100};
    RecordList page;
    Uuid one = {{0}};
    r = county_reader(&w, tx, "fs111");
    do {
        REQUIRE_OK(record_list(w.records, w.a, tx, &r, &q, &page, w.e), w.e);
        for (int i = 0; i < page.n; i++)
            if (str_eq(page.items[i].values[0].s, S("户主1")))
                one = page.items[i].id;
        q.after = page.next;
    } while (str_has(page.next));
    FieldInput edit = {.name = S("group"), .text = S("一组")};
    RecordInput in = {.type = house,
                      .id = one,
                      .action = house->change,
                      .unit_ix = -1,
                      .fields = &edit,
                      .field_n = 1};
    Change *c;
    REQUIRE_OK(record_prepare(w.records, w.a, tx, &r, &in, &c, w.e), w.e);
    tx_end(tx);
    REQUIRE_OK(store_write(w.store, w.conn, record_apply, c, w.e), w.e);
    while (more)
        REQUIRE_OK(record_undo_step(&h, &u, &more, w.e), w.e);
    EXPECT_EQ_I64(u.voided_n, 1);
    EXPECT_EQ_I64(u.restored_n, 1);
    EXPECT_EQ_I64(u.edited_n, 1);
    EXPECT_EQ_I64(u.kept_n, 1);
    EXPECT(u.kept[0].row == 3 && uuid_eq(u.kept[0].record, one));
    EXPECT_EQ_I64(households(&w, "fs111"), 450);
    more = true;
    EXPECT_ERR(record_undo_step(&h, &u, &more, w.e), ERR_STATE, w.e);
    done(&k);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(an_import_gone_on_with_doubles_nothing)
{
    County w;
    Clerk k;
    bool more = true;
    county_begin(&w, t);
    Str text = good(&w, 300);
    REQUIRE(try_file(&k, &w, "fs111", "household", text.p, NULL, 0, "") == 0);
    ImportHand h = hand(&k);
    REQUIRE_OK(sheet_import_again(&k.sheet, w.e), w.e);
    REQUIRE_OK(record_import_open(&h, &k.im, &k.sheet.head, NULL, 0, S("f"), w.e), w.e);
    REQUIRE_OK(record_import_step(&h, &k.im, sheet_import_rows(&k.sheet), &more, w.e), w.e);
    EXPECT_EQ_I64(households(&w, "fs111"), 200);
    Uuid batch = k.im.batch;
    done(&k);
    /* It ended there. The same file again, as the same batch, from the first row. */
    REQUIRE(try_file(&k, &w, "fs111", "household", text.p, NULL, 0, "") == 0);
    k.im.batch = batch;
    write_file(&k, NULL, 0);
    EXPECT_EQ_I64(households(&w, "fs111"), 300);
    Tx *tx = county_tx(&w);
    Reader r = county_reader(&w, tx, "fs111");
    ImportBatch b;
    REQUIRE_OK(record_batch(w.records, w.a, tx, &r, batch, &b, w.e), w.e);
    EXPECT_EQ_I64(b.made, 300);
    EXPECT_EQ_I64(b.phase, 2);
    tx_end(tx);
    done(&k);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}

BOTH_ENGINES(who_may_not_write_may_not_import_and_names_are_looked_up)
{
    County w;
    Clerk k;
    county_begin(&w, t);
    REQUIRE(try_file(&k, &w, "town1", "household", "户主,单位\n韦石榴,上栗村\n", NULL, 0, "") == 0);
    EXPECT_EQ_I64(k.im.bad_n, 1);
    EXPECT_EQ_I64(k.im.fault_n, 1);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "household", "户主\n韦石榴\n燕小满\n燕小满\n", NULL, 0, "") ==
            0);
    write_file(&k, NULL, 0);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "visit",
                     "日期,农户,情况\n"
                     "2026/11/3,韦石榴,好\n"
                     "2026年11月4日,燕小满,好\n"
                     "2026-11-05,没有的人,好\n"
                     "2027-11-05,韦石榴,好\n",
                     NULL, 0, "") == 0);
    EXPECT_EQ_I64(k.im.new_n, 1);
    EXPECT(has_fault(&k, 3, "农户", "import.several"));
    EXPECT(has_fault(&k, 4, "农户", "import.nobody"));
    EXPECT_EQ_I64(k.im.bad_n, 3);
    done(&k);
    county_end(&w);
}

/* ---- out and in again ---- */

typedef struct Out {
    County *w;
    Tx *tx;
    Buf *csv;
    SheetBook *book;
    Arena *scratch;
    int n;
} Out;

static int to_buf(void *ctx, Str bytes, Err *e)
{
    (void)e; /* memory alone */
    buf_str(ctx, bytes);
    return 0;
}

static int name_of(void *ctx, Uuid person, Str *ret, Err *e)
{
    Out *x = ctx;
    return access_person_name(x->w->a, x->tx, person, ret, e);
}

static int put_one(void *ctx, const Record *rec, Err *e)
{
    Out *x = ctx;
    SheetNames names = {name_of, x};
    x->n++;
    TRY(sheet_book_row(x->book, x->scratch, x->w->tree, rec, names, e));
    return sheet_record_row(x->csv, x->scratch, x->w->tree, rec, names, e);
}

/* All records of a type in both formats; how many. */
static int export_both(County *w, const char *type, Lang lang, Buf *csv, Buf *xlsx)
{
    Out x = {.w = w, .csv = csv, .scratch = arena_new(4096)};
    const Type *t = model_type(w->model, str_of(type));
    x.tx = county_tx(w);
    sheet_record_head(csv, t);
    REQUIRE_OK(sheet_book_new(w->a, (TableSink){to_buf, xlsx}, t, w->tree, lang, &x.book, w->e),
               w->e);
    REQUIRE_OK(record_each(w->records, x.tx, w->tree, t, -1, put_one, &x, w->e), w->e);
    REQUIRE_OK(sheet_book_end(x.book, w->e), w->e);
    sheet_book_close(x.book);
    tx_end(x.tx);
    arena_free(x.scratch);
    return x.n;
}

static void expect_unchanged(County *w, const char *account, const char *type, Str file, int n)
{
    Clerk k;
    REQUIRE_OK(try_bytes(&k, w, account, type, file, NULL, 0, ""), w->e);
    for (int i = 0; i < k.im.fault_n; i++)
        printf("%s row %d %.*s: %.*s\n", type, (int)k.im.faults[i].row,
               STR_ARG(k.im.faults[i].column), STR_ARG(k.im.faults[i].key));
    EXPECT_EQ_I64(k.im.row_n, n);
    EXPECT_EQ_I64(k.im.same_n, n);
    done(&k);
}

BOTH_ENGINES(an_export_comes_back_unchanged_in_either_format)
{
    County w;
    Clerk k;
    county_begin(&w, t);
    REQUIRE(try_file(&k, &w, "fs111", "household",
                     "户主,户主出生年,人口,要多走动的\n"
                     "=1+1,1960,3,独居老人、有病人\n"
                     "-2 的人,1961,1,\n"
                     "Ａ家,1962,,有病人\n"
                     "\"@x\n行\",,,\n",
                     NULL, 0, "") == 0);
    write_file(&k, NULL, 0);
    int made = (int)k.im.new_n;
    EXPECT(made >= 3);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "visit",
                     "日期,农户,情况\n2026/11/3,-2 的人,+好\n2026-11-04,Ａ家,\"=HYPERLINK(\"\"x\"\")\"\n",
                     NULL, 0, "") == 0);
    write_file(&k, NULL, 0);
    EXPECT_EQ_I64(k.im.new_n, 2);
    done(&k);
    for (int lang = 0; lang < LANG_MAX; lang++) {
        const char *types[] = {"household", "visit"};
        for (size_t i = 0; i < LEN(types); i++) {
            Buf csv = {.arena = w.a}, xlsx = {.arena = w.a};
            int n = export_both(&w, types[i], (Lang)lang, &csv, &xlsx);
            EXPECT_EQ_I64(n, i ? 2 : made);
            expect_unchanged(&w, "fs111", types[i], buf_view(&csv), n);
            expect_unchanged(&w, "fs111", types[i], buf_view(&xlsx), n);
            Str text = buf_view(&csv);
            EXPECT(str_find(text, i ? S(",'+好") : S("'=1+1")) > 0);
            EXPECT(str_find(text, i ? S(",+好") : S(",=1+1")) < 0);
        }
    }
    county_end(&w);
}

BOTH_ENGINES(an_empty_cell_leaves_what_stands_there_and_a_word_clears_it)
{
    County w;
    Clerk k;
    county_begin(&w, t);
    REQUIRE(try_file(&k, &w, "fs111", "household", "户主,户主出生年,人口\n韦石榴,1960,3\n", NULL,
                     0, "name") == 0);
    write_file(&k, NULL, 0);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "household", "户主,户主出生年,人口\n韦石榴,,\n", NULL, 0,
                     "name") == 0);
    EXPECT_EQ_I64(k.im.same_n, 1);
    done(&k);
    REQUIRE(try_file(&k, &w, "fs111", "household", "户主,户主出生年,人口\n韦石榴,清空,\n", NULL,
                     0, "name") == 0);
    EXPECT_EQ_I64(k.im.changed_n, 1);
    EXPECT_EQ_I64(k.im.note_n, 1);
    EXPECT_STR(k.im.notes[0].key, "import.note_cleared");
    write_file(&k, NULL, 0);
    done(&k);
    Buf csv = {.arena = w.a}, xlsx = {.arena = w.a};
    EXPECT_EQ_I64(export_both(&w, "household", LANG_ZH, &csv, &xlsx), 1);
    EXPECT(str_find(buf_view(&csv), S("1960")) < 0);
    EXPECT_EQ_I64(county_verify(&w), 0);
    county_end(&w);
}
