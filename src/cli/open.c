/* open.c: opens a deployment: folder, settings, lock, stores, model, access, records. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/cli.h"
#include "embed.h"
#include "exchange/sheet.h"
#include "sql.h"

enum { SETTINGS_BYTES_MAX = 64 * 1024 };

static Str in_dir(Arena *a, Str dir, const char *name)
{
    return str_fmt(a, "%.*s/%s", STR_ARG(dir), name);
}

int settings_write(Env *env, Str dir, Str db, bool is_demo, Err *e)
{
    Buf b = {.arena = e->arena};
    buf_z(&b, "# listen: address of `stave serve`. db: a PostgreSQL address; empty: stave.db in "
              "this folder.\n"
              "# hosts: further names this server is called by. secure: yes behind a TLS proxy.\n"
              "listen = 127.0.0.1:8080\n");
    buf_fmt(&b, "db = %.*s\nhosts =\nsecure = no\ndemo = %s\n", STR_ARG(db),
            is_demo ? "yes" : "no");
    return env->fns->write_file(env->self, in_dir(e->arena, dir, "settings"), buf_view(&b), 0600,
                                e);
}

static int yes_no(Str value, int line, Str name, bool *ret, Err *e)
{
    if (value.n && !str_eq(value, S("yes")) && !str_eq(value, S("no")))
        return err_set(e, ERR_INVALID, "cli.bad_yes_no", err_int(e, line), name, value);
    *ret = str_eq(value, S("yes"));
    return 0;
}

static int settings_read(Env *env, Deployment *d, Str dir, Err *e)
{
    Str text;
    TRY(env->fns->read_file(env->self, d->arena, in_dir(d->arena, dir, "settings"),
                            SETTINGS_BYTES_MAX, &text, e));
    d->listen = S("127.0.0.1:8080");
    if (str_starts(text, S("\xEF\xBB\xBF"))) /* an editor's mark */
        text = str_sub(text, 3, text.n);
    for (int line = 1; text.n; line++) {
        Str row, name, value;
        (void)str_cut(text, '\n', &row, &text); /* the last line may lack its end */
        row = str_trim(row);
        if (!row.n || row.p[0] == '#')
            continue;
        bool has = str_cut(row, '=', &name, &value);
        name = str_trim(name);
        value = str_trim(value);
        if (has && str_eq(name, S("listen")))
            d->listen = value.n ? value : d->listen;
        else if (has && str_eq(name, S("db")))
            d->db = value;
        else if (has && str_eq(name, S("hosts")))
            d->hosts = value;
        else if (has && str_eq(name, S("secure")))
            TRY(yes_no(value, line, name, &d->app.is_secure, e));
        else if (has && str_eq(name, S("demo")))
            TRY(yes_no(value, line, name, &d->app.is_demo, e));
        else
            return err_set(e, ERR_INVALID, "cli.bad_setting", err_int(e, line), name);
    }
    return 0;
}

static int take_lock(Deployment *d, Str dir, Err *e)
{
    char *path = str_z(d->arena, in_dir(d->arena, dir, "lock"));
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock_fd < 0)
        return err_set(e, ERR_IO, "cli.no_lock", dir);
    if (flock(d->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return err_set(e, ERR_BUSY, "cli.locked", dir);
    return 0;
}

Str model_error_place(Arena *a, const ModelError *m)
{
    return str_fmt(a, "%.*s:%d:%d", STR_ARG(m->file), m->line, m->column);
}

Str model_error_text(Arena *a, Lang lang, const ModelError *m)
{
    if (!str_has(m->hint))
        return m->message;
    Str hint = i18n_text(a, lang, S("cli.did_you_mean"), &m->hint, 1);
    return str_fmt(a, "%.*s%.*s", STR_ARG(m->message), STR_ARG(hint));
}

static int load_model(Env *env, Deployment *d, Str dir, Lang lang, Err *e)
{
    const ModelSource *src;
    size_t n;
    ModelError *errors;
    size_t error_n;
    TRY(model_sources(d->arena, env, dir, &src, &n, e));
    Err sub = err_on(e->arena);
    if (!model_load(d->arena, src, n, lang, &d->app.model, &errors, &error_n, &sub))
        return 0;
    for (size_t i = 0; i < error_n; i++)
        err_field(e, model_error_place(e->arena, &errors[i]), "cli.as_it_is",
                  model_error_text(e->arena, lang, &errors[i]));
    return err_set(e, ERR_INVALID, "cli.model_bad");
}

static int open_stores(Env *env, Deployment *d, Str dir, OpenAs as, Err *e)
{
    bool is_pg = d->db.n > 0;
    StoreOptions opt = {.engine = is_pg ? ENGINE_PG : ENGINE_SQLITE,
                        .path = is_pg ? d->db : in_dir(d->arena, dir, "stave.db"),
                        .is_writer = as != OPEN_READ && as != OPEN_PLAN,
                        .must_exist = as != OPEN_MAKE,
                        .sql = is_pg ? sql_defs : SQL_MAIN,
                        .sql_n = is_pg ? SQL_MAX : SQL_MAIN_N,
                        .sql_later = true,
                        .seal = record_seal};
    TRY(store_open(env, &opt, &d->app.store, e));
    if (is_pg) {
        d->app.files = d->app.store;
        return 0;
    }
    opt.path = in_dir(d->arena, dir, "files.db");
    opt.sql = SQL_FILES;
    opt.sql_n = SQL_FILES_N;
    opt.seal = NULL;
    return store_open(env, &opt, &d->app.files, e);
}

static int make_tables(Deployment *d, Err *e)
{
    TRY(store_migrate(d->app.store, embed_core_sql, e));
    return store_migrate(d->app.files, embed_files_sql, e);
}

/* The days of the notices this binary was built with; later ones are imported. */
static int put_days(App *app, Err *e)
{
    FlowImport in;
    CsvFacts facts;
    Conn *conn;
    Tx *tx;
    TRY(sheet_read_days(e->arena, embed_holidays_csv, &in, &facts, e));
    TRY(store_conn(app->store, &conn, e));
    int rc = tx_read(conn, &tx, e);
    if (!rc) {
        rc = flow_prepare_days(e->arena, tx, &in, e);
        tx_end(tx);
    }
    conn_close(conn);
    TRY(rc);
    CHECK(in.fault_n == 0); /* the table is ours */
    return store_write(app->store, NULL, flow_apply_days, &in, e);
}

/* Before anything is asked of the tables: an older database is brought to those of this program by
 * whoever may write, and refused to whoever only reads. Attachments come first: what counts as done
 * is the number in the main database. */
static int meet_schema(Deployment *d, OpenAs as, Err *e)
{
    if (as == OPEN_READ || as == OPEN_PLAN)
        return store_check_schema(d->app.store, e);
    Str tables = embed_core_sql;
    int64_t from;
    if (d->app.files == d->app.store)
        tables = str_fmt(d->arena, "%.*s\n%.*s", STR_ARG(embed_core_sql), STR_ARG(embed_files_sql));
    else
        TRY(store_upgrade(d->app.files, embed_files_sql, embed_migrate_sql, &from, e));
    TRY(store_upgrade(d->app.store, tables, embed_migrate_sql, &from, e));
    if (from < store_schema())
        log_line("info", "schema %lld is now %d", (long long)from, store_schema());
    return 0;
}

/* Step by step, so that a long one can be cut off and others write meanwhile. */
static int pay_all(App *app, Err *e)
{
    const FlowCalendar *calendar = flow_calendar_hold(app->flow);
    RecordPay pay = {.rs = app->records,
                     .tree = access_tree_hold(app->access),
                     .calendar = calendar,
                     .at.county = INT64_MIN};
    int rc = 0;
    while (rc >= 0 && !pay.is_done) {
        rc = store_write(app->store, NULL, record_pay_step, &pay, e);
        pay.at = pay.to;
    }
    access_tree_drop(app->access, pay.tree);
    flow_calendar_drop(app->flow, calendar);
    return rc;
}

/* What the new tables of an upgraded database hold: days of the notices, figures of its records,
 * duties of those that stand open. */
int app_pay(App *app, Err *e)
{
    Conn *conn;
    Tx *tx;
    bool is_owed = false;
    TRY(store_conn(app->store, &conn, e));
    int rc = tx_read(conn, &tx, e);
    if (!rc) {
        rc = record_owes(tx, &is_owed, e);
        tx_end(tx);
    }
    if (!rc && is_owed)
        rc = put_days(app, e);
    if (!rc && is_owed)
        rc = tx_read(conn, &tx, e);
    if (!rc && is_owed) {
        rc = flow_refresh(app->flow, tx, e);
        tx_end(tx);
    }
    conn_close(conn);
    TRY(rc);
    return is_owed ? pay_all(app, e) : 0;
}

static int make_folders(Env *env, Arena *a, Str dir, Err *e)
{
    int rc = env->fns->make_dir(env->self, dir, e);
    if (rc < 0 && rc != ERR_EXISTS)
        return rc;
    err_clear(e);
    Str ignored;
    rc = env->fns->read_file(env->self, a, in_dir(a, dir, "settings"), SETTINGS_BYTES_MAX, &ignored,
                             e);
    if (rc != ERR_MISSING)
        return rc < 0 ? rc : err_set(e, ERR_EXISTS, "cli.deployment_exists", dir);
    err_clear(e);
    static const char *const folders[] = {"model", "fonts", "keys"};
    for (size_t i = 0; i < LEN(folders); i++) {
        rc = env->fns->make_dir(env->self, in_dir(a, dir, folders[i]), e);
        if (rc < 0 && rc != ERR_EXISTS)
            return rc;
        err_clear(e);
    }
    return 0;
}

static int open_all(Env *env, Deployment *d, Str dir, OpenAs as, Lang lang, Err *e)
{
    TRY(load_model(env, d, dir, lang, e));
    bool is_reading = as == OPEN_READ || as == OPEN_PLAN;
    if (!is_reading && !d->db.n)
        TRY(take_lock(d, dir, e));
    TRY(open_stores(env, d, dir, as, e));
    if (as == OPEN_MAKE)
        TRY(make_tables(d, e));
    else
        TRY(meet_schema(d, as, e));
    TRY(store_check_sql(d->app.store, e));
    if (d->app.files != d->app.store)
        TRY(store_check_sql(d->app.files, e));
    if (as == OPEN_PLAN || as == OPEN_CHANGE)
        return 0;
    TRY(record_install(env, d->app.store, d->app.model, as == OPEN_MAKE, e));
    if (as == OPEN_MAKE)
        TRY(put_days(&d->app, e));
    TRY(flow_open(d->app.store, &d->app.flow, e));
    TRY(access_open(env, d->app.store, d->app.model, &d->app.access, e));
    TRY(records_open(env, d->app.store, d->app.files, d->app.model, &d->app.records, e));
    return as == OPEN_WRITE ? app_pay(&d->app, e) : 0;
}

int deployment_open(Env *env, Str dir, Str db, OpenAs as, Lang lang, Deployment **ret, Err *e)
{
    Arena *a = arena_new(64 * 1024);
    Deployment *d = NEW(a, Deployment);
    *d = (Deployment){.arena = a, .lock_fd = -1, .app = {.env = env, .dir = str_copy(a, dir)}};
    int rc = as == OPEN_MAKE ? make_folders(env, a, dir, e) : settings_read(env, d, dir, e);
    if (rc == ERR_MISSING && as != OPEN_MAKE) {
        err_clear(e);
        rc = err_set(e, ERR_MISSING, "cli.no_deployment", dir);
    }
    if (!rc && str_has(db))
        d->db = str_copy(a, db);
    if (!rc)
        rc = open_all(env, d, d->app.dir, as, lang, e);
    if (rc < 0) {
        deployment_close(d);
        return rc;
    }
    *ret = d;
    return 0;
}

void deployment_close(Deployment *d)
{
    if (!d)
        return;
    if (d->app.files != d->app.store)
        store_close(d->app.files);
    store_close(
        d->app.store); /* the writer ends first: what it answers last still uses the two below */
    app_close(&d->app);
    records_close(d->app.records);
    access_close(d->app.access);
    flow_close(d->app.flow);
    if (d->lock_fd >= 0)
        (void)close(d->lock_fd); /* the lock goes with it */
    arena_free(d->arena);
}
