/* test_record_util.c: the small deployment. */
#include "test_record_util.h"

#include "embed.h"
#include "sql.h"

static const char *const units[][4] = {
    {"100", "青垣县", "county", ""},       {"110", "砚河镇", "town", "100"},
    {"111", "上栗村", "village", "110"},   {"112", "下栗村", "village", "110"},
    {"120", "双榆镇", "town", "100"},      {"121", "槐树坪村", "village", "120"},
    {"122", "韩家渡村", "village", "120"},
};

static void open_stores(County *w, bool is_new)
{
    TestStore *t = w->t;
    bool is_pg = t->opt.engine == ENGINE_PG;
    t->opt.sql = is_pg ? sql_defs : SQL_MAIN;
    t->opt.sql_n = is_pg ? SQL_MAX : SQL_MAIN_N;
    t->opt.sql_later = true;
    t->opt.seal = record_seal;
    REQUIRE_OK(store_open(w->env, &t->opt, &w->store, w->e), w->e);
    if (is_new)
        REQUIRE_OK(store_migrate(w->store, embed_core_sql, w->e), w->e);
    w->files = w->store;
    if (!is_pg) {
        StoreOptions opt = t->opt;
        opt.path = t->files_path;
        opt.sql = SQL_FILES;
        opt.sql_n = SQL_FILES_N;
        opt.seal = NULL;
        REQUIRE_OK(store_open(w->env, &opt, &w->files, w->e), w->e);
    }
    if (is_new)
        REQUIRE_OK(store_migrate(w->files, embed_files_sql, w->e), w->e);
    REQUIRE_OK(store_check_sql(w->store, w->e), w->e);
    REQUIRE_OK(store_conn(w->store, &w->conn, w->e), w->e);
    REQUIRE_OK(store_conn(w->files, &w->files_conn, w->e), w->e);
}

Tx *county_tx(County *w)
{
    Tx *tx;
    REQUIRE_OK(tx_read(w->conn, &tx, w->e), w->e);
    return tx;
}

Tx *county_files_tx(County *w)
{
    Tx *tx;
    REQUIRE_OK(tx_read(w->files_conn, &tx, w->e), w->e);
    return tx;
}

static void refresh(County *w)
{
    if (w->tree)
        access_tree_drop(w->access, w->tree);
    Tx *tx = county_tx(w);
    REQUIRE_OK(access_tree_refresh(w->access, tx, w->e), w->e);
    tx_end(tx);
    w->tree = access_tree_hold(w->access);
}

void county_import(County *w, const char *const (*list)[4], size_t n)
{
    UnitRow *rows = NEW_N(w->a, UnitRow, n);
    for (size_t i = 0; i < n; i++)
        rows[i] = (UnitRow){str_of(list[i][0]), str_of(list[i][1]), str_of(list[i][2]),
                            str_of(list[i][3]), (int64_t)i + 2};
    UnitImport in = {.rows = rows, .row_n = (int)n};
    Tx *tx = county_tx(w);
    REQUIRE_OK(access_prepare_units(w->access, w->a, tx, &in, w->e), w->e);
    tx_end(tx);
    EXPECT_EQ_I64(in.fault_n, 0);
    RecordUnits with = {.rs = w->records, .import = &in};
    REQUIRE_OK(store_write(w->store, NULL, record_apply_units, &with, w->e), w->e);
    refresh(w);
}

void county_merge(County *w, const char *from, const char *into)
{
    Merge in = {.from_code = str_of(from), .into_code = str_of(into)};
    RecordMerge merge = {.rs = w->records, .merge = &in};
    Tx *tx = county_tx(w);
    REQUIRE_OK(access_prepare_merge(w->access, w->a, tx, NULL, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->store, NULL, record_apply_merge, &merge, w->e), w->e);
    refresh(w);
}

const Model *county_model(County *w, const ModelSource *more, size_t more_n)
{
    const ModelSource *builtin;
    size_t n, error_n = 0;
    ModelError *errors = NULL;
    model_builtin(w->a, &builtin, &n);
    ModelSource *src = NEW_N(w->a, ModelSource, n + more_n);
    memcpy(src, builtin, n * sizeof *src);
    if (more_n)
        memcpy(src + n, more, more_n * sizeof *src);
    const Model *m = NULL;
    int rc = model_load(w->a, src, n + more_n, LANG_ZH, &m, &errors, &error_n, w->e);
    for (size_t i = 0; rc < 0 && i < error_n; i++)
        printf("# %.*s:%d: %.*s\n", STR_ARG(errors[i].file), errors[i].line,
               STR_ARG(errors[i].message));
    REQUIRE_OK(rc, w->e);
    return m;
}

static void open_rooms(County *w)
{
    REQUIRE_OK(access_open(w->env, w->store, w->model, &w->access, w->e), w->e);
    REQUIRE_OK(records_open(w->env, w->store, w->files, w->model, &w->records, w->e), w->e);
    REQUIRE_OK(flow_open(w->store, &w->flow, w->e), w->e);
    w->calendar = flow_calendar_hold(w->flow);
    w->diary = model_type(w->model, S("diary"));
}

static void begin_bare(County *w, TestStore *t, const ModelSource *more, size_t more_n)
{
    *w = (County){.t = t, .env = t->env, .a = t->arena, .e = t->e};
    w->model = county_model(w, more, more_n);
    open_stores(w, true);
    REQUIRE_OK(record_install(w->env, w->store, w->model, true, w->e), w->e);
    REQUIRE_OK(record_install(w->env, w->store, w->model, false, w->e), w->e);
    open_rooms(w);
}

void county_open(County *w, TestStore *t, const Model *model, Env *env, Arena *a)
{
    *w = (County){.t = t, .env = env, .a = a, .e = NEW(a, Err), .model = model};
    *w->e = err_on(a);
    open_stores(w, false);
    open_rooms(w);
    county_look(w);
}

void county_look(County *w)
{
    refresh(w);
    Tx *tx = county_tx(w);
    REQUIRE_OK(flow_refresh(w->flow, tx, w->e), w->e);
    tx_end(tx);
    flow_calendar_drop(w->flow, w->calendar);
    w->calendar = flow_calendar_hold(w->flow);
}

void county_begin_bare(County *w, TestStore *t)
{
    begin_bare(w, t, NULL, 0);
}

void county_begin(County *w, TestStore *t)
{
    county_begin_model(w, t, NULL, 0);
}

void county_begin_model(County *w, TestStore *t, const ModelSource *more, size_t more_n)
{
    begin_bare(w, t, more, more_n);
    county_import(w, units, LEN(units));
    county_post(w, "county", "county_office", "100", DAY_NONE, DAY_NONE);
    county_post(w, "town1", "town_office", "110", DAY_NONE, DAY_NONE);
    county_post(w, "town2", "town_office", "120", DAY_NONE, DAY_NONE);
    county_post(w, "fs111", "first_secretary", "111", DAY_NONE, DAY_NONE);
    county_post(w, "tm111", "team_member", "111", DAY_NONE, DAY_NONE);
    county_post(w, "fs112", "first_secretary", "112", DAY_NONE, DAY_NONE);
    county_post(w, "fs121", "first_secretary", "121", DAY_NONE, DAY_NONE);
}

void county_end(County *w)
{
    access_tree_drop(w->access, w->tree);
    flow_calendar_drop(w->flow, w->calendar);
    flow_close(w->flow);
    records_close(w->records);
    access_close(w->access);
    conn_close(w->conn);
    conn_close(w->files_conn);
    if (w->files != w->store)
        store_close(w->files);
    store_close(w->store);
}

void county_post(County *w, const char *account, const char *role, const char *unit, Day starts,
                 Day ends)
{
    Tx *tx = county_tx(w);
    bool is_root = !strcmp(role, "county_office");
    Reader r;
    Staff in = {.account = str_of(account),
                .name = str_of(account),
                .role = str_of(role),
                .unit_code = str_of(unit),
                .starts = starts,
                .ends = ends,
                .is_root_office = is_root,
                .model = w->model,
                .tree = w->tree};
    if (!is_root)
        r = county_reader(w, tx, "county");
    REQUIRE_OK(access_prepare_staff(w->access, w->a, tx, is_root ? NULL : &r, &in, w->e), w->e);
    tx_end(tx);
    RecordStaff with = {.rs = w->records, .tree = w->tree, .calendar = w->calendar, .staff = &in};
    REQUIRE_OK(store_write(w->store, NULL, record_apply_staff, &with, w->e), w->e);
}

Reader county_reader(County *w, Tx *tx, const char *account)
{
    Reader r;
    REQUIRE_OK(access_reader_account(w->access, w->a, tx, w->tree, str_of(account), &r, w->e),
               w->e);
    r.workdays = flow_workdays(w->calendar);
    return r;
}

Uuid county_new_id(County *w)
{
    env_test_move(w->env, 1);
    return env_uuid7(w->env);
}

int county_prepare(County *w, const Hand *hand, const char *account, Uuid id, const char *action,
                   const char *then, int64_t version, const char *const *fields, int field_n,
                   Change **ret, Err *e)
{
    Tx *tx, *files_tx;
    TRY(tx_read(hand->conn, &tx, e));
    files_tx = tx;
    if (w->files != w->store)
        TRY(tx_read(hand->files_conn, &files_tx, e));
    Reader *r = NEW(hand->a, Reader); /* a Change borrows it */
    int rc = access_reader_account(w->access, hand->a, tx, w->tree, str_of(account), r, e);
    r->workdays = flow_workdays(w->calendar);
    FieldInput inputs[16] = {0};
    for (int i = 0; i < field_n; i++)
        inputs[i] = (FieldInput){.name = str_of(fields[2 * i]), .text = str_of(fields[2 * i + 1])};
    RecordInput in = {.type = w->diary,
                      .id = id,
                      .action = type_action(w->diary, str_of(action)),
                      .then = then ? type_action(w->diary, str_of(then)) : NULL,
                      .unit_ix = -1,
                      .if_version = version,
                      .fields = inputs,
                      .field_n = field_n,
                      .files_tx = files_tx};
    if (!rc)
        rc = record_prepare(w->records, hand->a, tx, r, &in, ret, e);
    if (files_tx != tx)
        tx_end(files_tx);
    tx_end(tx);
    return rc;
}

int county_write(County *w, const char *account, Uuid id, const char *action, const char *then,
                 int64_t version, const char *const *fields, int field_n, Err *e)
{
    Hand hand = {w->conn, w->files_conn, w->a};
    Change *c;
    int rc = county_prepare(w, &hand, account, id, action, then, version, fields, field_n, &c, e);
    return rc < 0 ? rc : store_write(w->store, NULL, record_apply, c, e);
}

Uuid county_photo(County *w, const char *account, const char *bytes)
{
    Tx *tx = county_tx(w);
    Reader r = county_reader(w, tx, account);
    tx_end(tx);
    FileInput in = {.id = county_new_id(w),
                    .owner = r.person,
                    .mime = S("image/jpeg"),
                    .bytes = str_of(bytes),
                    .now_ms = env_now_ms(w->env)};
    tx = county_files_tx(w);
    REQUIRE_OK(record_prepare_file(w->records, tx, &r, &in, w->e), w->e);
    tx_end(tx);
    REQUIRE_OK(store_write(w->files, NULL, record_apply_file, &in, w->e), w->e);
    return in.id;
}

Uuid county_diary(County *w, const char *account, const char *day, const char *body,
                  const char *then)
{
    Uuid id = county_new_id(w);
    const char *fields[] = {"day", day, "body", body};
    REQUIRE_OK(county_write(w, account, id, "create", then, 0, fields, 2, w->e), w->e);
    return id;
}

int county_comment(County *w, const char *account, Uuid record, Uuid id, const char *body, Err *e)
{
    Tx *tx = county_tx(w);
    Reader *r = NEW(w->a, Reader);
    *r = county_reader(w, tx, account);
    Record on = {.id = record, .type = w->diary}; /* as a page names it; read again by prepare */
    CommentInput *in = NEW(w->a, CommentInput);
    *in = (CommentInput){.id = id, .body = str_of(body), .rec = &on};
    int rc = record_prepare_comment(w->records, w->a, tx, r, in, e);
    tx_end(tx);
    return rc < 0 ? rc : store_write(w->store, NULL, record_apply_comment, in, e);
}

static void print_finding(void *ctx, Str finding)
{
    (void)ctx;
    printf("# %.*s\n", STR_ARG(finding));
}

int county_verify(County *w)
{
    Tx *tx = county_tx(w), *files_tx = w->files == w->store ? tx : county_files_tx(w);
    VerifyReport report = {0};
    REQUIRE_OK(
        record_verify(w->records, w->a, tx, files_tx, LANG_ZH, print_finding, NULL, &report, w->e),
        w->e);
    if (files_tx != tx)
        tx_end(files_tx);
    tx_end(tx);
    return (int)report.findings;
}
