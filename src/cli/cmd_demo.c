/* cmd_demo.c: `stave demo`: a deployment with an invented city, its people and six weeks of their
 * diaries. */
#include "cli/demo.h"

enum { OFFICES_BEFORE = 540 }; /* days an office has been held */

Str demo_account(Arena *a, const DemoPerson *p)
{
    return str_fmt(a, "%s.%s", p->account, demo_units[p->unit].key);
}

/* ---- terms ---- */

/* The round began on the last 1 July that is 13 weeks ago, and lasts two years. */
static void set_round(Demo *d)
{
    int y, m, day;
    day_to_ymd(d->today - 91, &y, &m, &day);
    if (m < 7)
        y--;
    CHECK(day_from_ymd(y, 7, 1, &d->round_starts) && day_from_ymd(y + 2, 6, 30, &d->round_ends));
}

void demo_term(const Demo *d, const DemoPerson *p, Day *ret_starts, Day *ret_ends)
{
    enum { CALLED_BACK = 21 };
    int y, m, day;
    *ret_starts = d->round_starts;
    *ret_ends = d->round_ends;
    switch (p->term) {
    case TERM_ROUND:
        break;
    case TERM_OPEN:
        *ret_starts = d->today - OFFICES_BEFORE;
        *ret_ends = DAY_NONE;
        break;
    case TERM_ENDED:
        *ret_ends = d->today - CALLED_BACK;
        break;
    case TERM_SINCE:
        *ret_starts = d->today - CALLED_BACK + 1;
        break;
    case TERM_MERGED:
        *ret_ends = d->today - DEMO_MERGED_DAYS_AGO - 1;
        break;
    case TERM_NEXT:
        day_to_ymd(d->today, &y, &m, &day);
        CHECK(day_from_ymd(m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1, 1, ret_starts));
        break;
    }
}

/* ---- units, people ---- */

static int add_units(Demo *d, Err *e)
{
    UnitRow *rows = NEW_N(d->arena, UnitRow, (size_t)demo_unit_n);
    for (int i = 0; i < demo_unit_n; i++) {
        const DemoUnit *u = &demo_units[i];
        rows[i] = (UnitRow){str_of(u->code), str_of(u->name), str_of(u->kind),
                            u->parent < 0 ? S("") : str_of(demo_units[u->parent].code), i + 2};
    }
    UnitImport in = {.rows = rows, .row_n = demo_unit_n};
    void *arg = &in;
    Tx *tx;
    TRY(tx_read(d->conn, &tx, e));
    int rc = access_prepare_units(d->app->access, d->arena, tx, &in, e);
    tx_end(tx);
    TRY(rc);
    CHECK(in.fault_n == 0); /* the table is ours */
    TRY(demo_apply(d, false, access_apply_units, &arg, 1, e));
    TRY(tx_read(d->conn, &tx, e));
    rc = access_tree_refresh(d->app->access, tx, e);
    tx_end(tx);
    if (rc == 0) {
        d->tree = access_tree_hold(d->app->access);
        d->calendar = flow_calendar_hold(d->app->flow);
    }
    return rc;
}

static int prepare_people(Demo *d, Tx *tx, Staff *staff, Err *e)
{
    for (int i = 0; i < d->person_n; i++) {
        const DemoPerson *p = &d->people[i];
        Day starts, ends;
        demo_term(d, p, &starts, &ends);
        staff[i] = (Staff){.account = demo_account(d->arena, p),
                           .name = str_of(p->name),
                           .role = str_of(p->role),
                           .unit_code = str_of(demo_units[p->unit].code),
                           .starts = starts,
                           .ends = ends,
                           .is_root_office = i == 0,
                           .model = d->app->model,
                           .tree = d->tree};
        TRY(access_prepare_staff(d->app->access, d->arena, tx, NULL, &staff[i], e));
    }
    return 0;
}

int demo_passwords(Demo *d, const Str *codes, int n, Err *e)
{
    Redeem *redeems = NEW_N(d->arena, Redeem, (size_t)n);
    SessionRef *refs = NEW_N(d->arena, SessionRef, (size_t)n);
    void **args = NEW_N(d->arena, void *, (size_t)n);
    Tx *tx;
    int rc = 0;
    TRY(tx_read(d->conn, &tx, e));
    for (int i = 0; i < n && rc == 0; i++) {
        redeems[i] = (Redeem){.code = codes[i],
                              .password = str_of(DEMO_PASSWORD),
                              .again = str_of(DEMO_PASSWORD),
                              .hash = i ? redeems[0].hash : d->password_hash};
        args[i] = &redeems[i];
        rc = access_prepare_redeem(d->app->access, d->arena, tx, &redeems[i], e);
    }
    tx_end(tx);
    TRY(rc);
    if (!str_has(d->password_hash)) {
        char *kept = d->kept_hash;
        CHECK(redeems[0].hash.n <= sizeof d->kept_hash);
        memcpy(kept, redeems[0].hash.p, redeems[0].hash.n);
        d->password_hash = (Str){kept, redeems[0].hash.n};
    }
    TRY(demo_apply(d, false, access_apply_redeem, args, n, e));
    for (int i = 0; i < n; i++) {
        access_session_ref(d->app->access, redeems[i].session.cookie, &refs[i]);
        args[i] = &refs[i];
    }
    return demo_apply(d, false, access_apply_sign_out, args, n, e);
}

static int add_people(Demo *d, Err *e)
{
    int n = d->person_n;
    Staff *staff = NEW_N(d->arena, Staff, (size_t)n);
    void **args = NEW_N(d->arena, void *, (size_t)n);
    Str *codes = NEW_N(d->arena, Str, (size_t)n + 1);
    AddAdmin admin = {.account = S("admin"), .name = S("冉清禾")};
    void *admin_arg = &admin;
    Tx *tx;
    TRY(access_prepare_admin(d->app->access, d->arena, &admin, e));
    TRY(demo_apply(d, false, access_apply_admin, &admin_arg, 1, e));
    TRY(tx_read(d->conn, &tx, e));
    int rc = prepare_people(d, tx, staff, e);
    tx_end(tx);
    TRY(rc);
    for (int i = 0; i < n; i++) {
        args[i] = &staff[i];
        codes[i] = staff[i].code;
    }
    codes[n] = admin.code;
    TRY(demo_apply(d, false, access_apply_staff, args, n, e));
    return demo_passwords(d, codes, n + 1, e);
}

/* ---- all of it ---- */

static int fill_page(Demo *d, Err *e)
{
    TRY(add_units(d, e));
    TRY(add_people(d, e));
    TRY(demo_weeks(d, e));
    return record_search_all(d->app->records, d->app->store, d->conn, e);
}

static int fill(Demo *d, const DemoScale *size, uint64_t seed, Err *e)
{
    int rc = store_conn(d->app->store, &d->conn, e);
    d->files_conn = d->conn;
    if (rc == 0 && d->app->files != d->app->store) {
        d->files_conn = NULL;
        rc = store_conn(d->app->files, &d->files_conn, e);
    }
    if (rc == 0)
        rc = size ? demo_city(d, size, seed, e) : fill_page(d, e);
    if (d->tree)
        access_tree_drop(d->app->access, d->tree);
    flow_calendar_drop(d->app->flow, d->calendar);
    if (d->files_conn != d->conn)
        conn_close(d->files_conn);
    conn_close(d->conn);
    return rc;
}

static void tell_one(Cli *c, const Demo *d, const DemoPerson *p)
{
    const Role *role = model_role(d->app->model, str_of(p->role));
    CHECK(role);
    Str label = role->label.text[c->lang];
    Str account = demo_account(c->arena, p);
    cli_out(c, "  %.*s · %s · %s · %.*s · %s\n", STR_ARG(label), demo_units[p->unit].name, p->name,
            STR_ARG(account), DEMO_PASSWORD);
}

/* Address, then one sign-in for each role: the first of it below the first county and village. */
static void tell(Cli *c, const Demo *d, Str dir)
{
    static const char *const accounts[] = {"co.qingyuan", "to.yanhe", "fs.shangli", "tm.shangli"};
    Str admin = i18n_get(c->lang, S("cli.administrator"));
    cli_say(c, 1, "demo.done", &dir, NULL);
    cli_say(c, 1, "demo.sign_in", NULL);
    for (size_t k = 0; k < LEN(accounts); k++)
        for (int i = 0; i < d->person_n; i++)
            if (str_eq(demo_account(c->arena, &d->people[i]), str_of(accounts[k])))
                tell_one(c, d, &d->people[i]);
    cli_out(c, "  %.*s · admin · %s\n", STR_ARG(admin), DEMO_PASSWORD);
    cli_say(c, 1, "demo.more", &dir, NULL);
}

/* Where the story begins: nobody was there before. */
static Day first_day(const Demo *d, const DemoScale *size)
{
    Day offices = d->today - OFFICES_BEFORE / 2;
    if (size)
        return demo_city_from(size, d->today);
    return offices < d->round_starts ? offices : d->round_starts;
}

static int make(Cli *c, Str dir, Str db, const DemoScale *size, uint64_t seed, Err *e)
{
    Deployment *dep;
    DemoClock *clock = demo_clock_new(c->env, seed);
    Demo *d = NEW(c->arena, Demo);
    *d = (Demo){
        .cli = c, .arena = c->arena, .clock = clock, .dice = {seed}, .today = env_today(c->env)};
    d->person_n = demo_people(d->people);
    set_round(d);
    demo_clock_set(clock, first_day(d, size), 9 * 60);
    int rc = size ? demo_city_model(c, size, dir, e) : 0;
    if (rc == 0)
        rc = deployment_open(demo_clock_env(clock), dir, db, OPEN_MAKE, c->lang, &dep, e);
    if (rc == 0) {
        d->app = &dep->app;
        rc = fill(d, size, seed, e);
        if (rc == 0)
            rc = settings_write(c->env, dir, db, true, e);
        if (rc == 0 && size)
            demo_city_tell(c, size, dir);
        else if (rc == 0)
            tell(c, d, dir);
        deployment_close(dep);
    }
    demo_clock_free(clock);
    return rc;
}

static int check_empty(Cli *c, Str dir, Err *e)
{
    Str *names;
    size_t n;
    int rc = c->env->fns->list_dir(c->env->self, c->arena, dir, &names, &n, e);
    if (rc == ERR_MISSING) {
        err_clear(e);
        return 0;
    }
    TRY(rc);
    return n ? err_set(e, ERR_EXISTS, "cli.demo_exists", dir) : 0;
}

int cmd_demo(Cli *c)
{
    Err e = err_on(c->arena);
    Str dir = c->args[0], size = cli_option(c, "--size"), seed_text = cli_option(c, "--seed");
    int64_t seed = 1;
    if (str_has(seed_text) && !str_i64(seed_text, &seed)) {
        cli_say(c, 2, "demo.bad_seed", &seed_text, NULL);
        return EXIT_USAGE;
    }
    const DemoScale *scale = str_has(size) ? demo_scale(size) : NULL;
    if (str_has(size) && !scale && !str_eq(size, S("page"))) {
        cli_say(c, 2, "demo.size_unknown", &size, NULL);
        return EXIT_USAGE;
    }
    int rc = check_empty(c, dir, &e);
    if (rc == 0)
        rc = make(c, dir, cli_option(c, "--db"), scale, (uint64_t)seed, &e);
    return rc < 0 ? cli_fail(c, &e) : EXIT_DONE;
}
