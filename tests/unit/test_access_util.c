/* test_access_util.c: see the header. */
#include "test_access_util.h"

#include "embed.h"
#include "sql.h"

void world_begin(World *w, Engine engine)
{
    memset(w, 0, sizeof *w);
    test_store_begin(&w->t, engine);
    w->a = w->t.arena;
    w->e = w->t.e;
    w->t.opt.sql = SQL_MAIN;
    w->t.opt.sql_n = SQL_MAIN_N;
    w->t.opt.sql_later = true;
    REQUIRE_OK(store_open(w->t.env, &w->t.opt, &w->store, w->e), w->e);
    REQUIRE_OK(store_migrate(w->store, embed_core_sql, w->e), w->e);
    REQUIRE_OK(store_check_sql(w->store, w->e), w->e);
    REQUIRE_OK(store_conn(w->store, &w->conn, w->e), w->e);
    const ModelSource *src;
    ModelError *errors;
    size_t n, error_n;
    model_builtin(w->a, &src, &n);
    REQUIRE_OK(model_load(w->a, src, n, LANG_EN, &w->model, &errors, &error_n, w->e), w->e);
    REQUIRE_OK(access_open(w->t.env, w->store, w->model, &w->access, w->e), w->e);
}

void world_end(World *w)
{
    access_close(w->access);
    conn_close(w->conn);
    store_close(w->store);
    test_store_end(&w->t);
}

Look world_look(World *w)
{
    Look l = {0};
    REQUIRE_OK(tx_read(w->conn, &l.tx, w->e), w->e);
    REQUIRE_OK(access_tree_refresh(w->access, l.tx, w->e), w->e);
    l.tree = access_tree_hold(w->access);
    return l;
}

void world_close(World *w, Look *l)
{
    access_tree_drop(w->access, l->tree);
    tx_end(l->tx);
}

int world_do(World *w, int (*apply)(Tx *, void *, Err *), void *arg)
{
    return store_write(w->store, w->conn, apply, arg, w->e);
}

UnitRow *world_rows(World *w, Str csv, int *ret_n)
{
    int n = 0, cap = 1;
    for (size_t i = 0; i < csv.n; i++)
        cap += csv.p[i] == '\n';
    UnitRow *rows = NEW_N(w->a, UnitRow, (size_t)cap);
    Str line;
    while (csv.n) {
        (void)str_cut(csv, '\n', &line, &csv);
        if (line.n == 0)
            continue;
        UnitRow r = {.row = n + 2};
        (void)str_cut(line, ',', &r.code, &line);
        (void)str_cut(line, ',', &r.name, &line);
        (void)str_cut(line, ',', &r.kind, &r.parent);
        rows[n++] = r;
    }
    *ret_n = n;
    return rows;
}

void world_import(World *w, const char *csv)
{
    UnitImport in = {0};
    in.rows = world_rows(w, str_of(csv), &in.row_n);
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_units(w->access, w->a, l.tx, &in, w->e), w->e);
    world_close(w, &l);
    REQUIRE(in.fault_n == 0 && in.plan);
    REQUIRE_OK(world_do(w, access_apply_units, &in), w->e);
}

void world_tree(World *w)
{
    world_import(w,
                 "c,City,city,0\nc1,One,county,c\nt1,Town One,town,c1\nv1,Village One,village,t1\n"
                 "v2,Village Two,village,t1\nt2,Town Two,town,c1\nv3,Village Three,village,t2\n"
                 "c2,Two,county,c\nt3,Town Three,town,c2\nv4,Village Four,village,t3\n");
}

Reader world_reader(World *w, Look *l, const char *account)
{
    Reader r;
    REQUIRE_OK(access_reader_account(w->access, w->a, l->tx, l->tree, str_of(account), &r, w->e),
               w->e);
    return r;
}

int world_staff_by(World *w, const char *by, const char *account, const char *role,
                   const char *unit, Staff *in)
{
    Look l = world_look(w);
    Reader r;
    if (by)
        r = world_reader(w, &l, by);
    in->account = str_of(account);
    if (!str_has(in->name))
        in->name = str_of(account);
    in->role = str_of(role);
    in->unit_code = str_of(unit);
    int rc = access_prepare_staff(w->access, w->a, l.tx, by ? &r : NULL, in, w->e);
    world_close(w, &l);
    return rc < 0 ? rc : world_do(w, access_apply_staff, in);
}

void world_staff(World *w, const char *account, const char *role, const char *unit)
{
    Staff in = {.starts = DAY_NONE, .ends = DAY_NONE};
    REQUIRE_OK(world_staff_by(w, NULL, account, role, unit, &in), w->e);
}

void world_password(World *w, const char *account, const char *password)
{
    Invite in = {.account = str_of(account)};
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_invite(w->access, w->a, l.tx, NULL, &in, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_invite, &in), w->e);
    Redeem re = {.code = in.code, .password = str_of(password), .again = str_of(password)};
    l = world_look(w);
    REQUIRE_OK(access_prepare_redeem(w->access, w->a, l.tx, &re, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_redeem, &re), w->e);
}

int world_sign_in(World *w, const char *account, const char *password, Str *ret_cookie)
{
    SignIn in = {.account = str_of(account), .password = str_of(password)};
    Look l = world_look(w);
    int rc = access_prepare_sign_in(w->access, w->a, l.tx, &in, w->e);
    world_close(w, &l);
    if (rc == 0)
        rc = world_do(w, access_apply_sign_in, &in);
    if (ret_cookie)
        *ret_cookie = in.cookie;
    return rc < 0 ? rc : in.is_right ? 1 : 0;
}

bool world_session(World *w, Str cookie)
{
    Reader r;
    bool touch;
    Look l = world_look(w);
    int rc = access_reader_session(w->access, w->a, l.tx, l.tree, cookie, &r, &touch, w->e);
    world_close(w, &l);
    if (rc < 0)
        EXPECT_EQ_I64(rc, ERR_AUTH);
    err_clear(w->e);
    return rc == 0;
}

int64_t world_ask(World *w, const char *sql)
{
    int64_t n = 0;
    Look l = world_look(w);
    REQUIRE_OK(tx_ask_i64(l.tx, str_of(sql), &n, w->e), w->e);
    world_close(w, &l);
    return n;
}

static int run_script(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, *(Str *)arg, e);
}

void world_sql(World *w, const char *sql)
{
    Str text = str_of(sql);
    REQUIRE_OK(world_do(w, run_script, &text), w->e);
}

int world_posting(World *w, const char *account)
{
    return (int)world_ask(
        w, str_z(w->a, str_fmt(w->a,
                               "SELECT coalesce(max(p.id), 0) FROM posting p JOIN account a ON "
                               "a.person = p.person WHERE a.name = '%s'",
                               account)));
}
