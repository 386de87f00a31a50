/* access_staff.c: seats, putting a person on one, ending a posting.                    SPEC: P1 P2
 */
#include "access/access_int.h"

/* ---- seats ---- */

static int find_seat(Tx *tx, int64_t unit, Str role, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_find_seat));
    bind_i64(s, 1, unit);
    bind_str(s, 2, role);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = rc ? col_i64(s, 0) : 0;
    stmt_reset(s);
    return 0;
}

int access_seat_chain(Arena *a, const Tree *t, const Model *m, int unit_ix, int role,
                      SeatStep **ret)
{
    SeatStep *chain = NEW_N(a, SeatStep, LIMIT_UNIT_DEPTH + 1);
    int n = 0, u = unit_ix, ro = role;
    for (;;) {
        int up_unit, up_role;
        CHECK(n <= LIMIT_UNIT_DEPTH); /* every step but the last goes up */
        chain[n++] = (SeatStep){t->units[u].id, str_copy(a, m->roles[ro].name)};
        if (!access_falls(t, m, u, ro, &up_unit, &up_role))
            return 0;
        if (up_unit == u && up_role == ro)
            break;
        u = up_unit;
        ro = up_role;
    }
    *ret = chain;
    return n;
}

int access_ensure_seats(Tx *tx, const SeatStep *chain, int n, int64_t *ret, Err *e)
{
    CHECK(n > 0);
    int64_t id = 0, up = 0;
    for (int i = n - 1; i >= 0; i--, up = id) {
        TRY(find_seat(tx, chain[i].unit, chain[i].role, &id, e));
        if (id)
            continue;
        TRY(access_next_id(tx, SQL(access_next_seat), &id, e));
        Stmt *s = tx_sql(tx, SQL(access_add_seat));
        bind_i64(s, 1, id);
        bind_i64(s, 2, chain[i].unit);
        bind_str(s, 3, chain[i].role);
        bind_i64(s, 4, i == n - 1 ? id : up);
        TRY(stmt_run(s, e));
    }
    *ret = id;
    return 0;
}

/* ---- staffing: prepare ---- */

static int check_account(Arena *a, Tx *tx, Staff *in, Account *acc, Err *e)
{
    in->account = access_fold_name(a, in->account);
    in->name = text_normal(a, str_trim(in->name));
    *acc = (Account){0};
    bool is_named = access_name_ok(in->account);
    if (!is_named)
        (void)err_field(e, S("account"), "access.account_form");
    else
        TRY(access_find_account(a, tx, in->account, acc, e));
    if (acc->admin)
        (void)err_field(e, S("account"), "access.admin_no_post");
    else if (acc->is_disabled)
        (void)err_field(e, S("account"), "access.account_disabled", acc->name);
    else if (acc->id && in->name.n && !str_eq(in->name, acc->person_name))
        (void)err_field(e, S("account"), "access.account_other_name", acc->name);
    if (!acc->id && in->name.n == 0 && is_named)
        (void)err_field(e, S("name"), "access.name_needed");
    else if (utf8_count(in->name) > LIMIT_NAME_CHARS)
        (void)err_field(e, S("name"), "access.name_long", err_int(e, LIMIT_NAME_CHARS));
    in->account_id = acc->id;
    return 0;
}

static void check_seat(Staff *in, const Unit *u, const Role *role, Err *e)
{
    if (!role)
        (void)err_field(e, S("role"), "access.no_role", in->role);
    else if (u && !(role->at >> u->kind & 1))
        (void)err_field(e, S("role"), "access.role_not_here", u->name);
    else if (in->is_root_office && u && (u->ix != 0 || role->falls_to != role->ix))
        (void)err_field(e, S("role"), "access.root_office_only");
    if (!u)
        (void)err_field(e, S("unit"), "access.no_unit", in->unit_code);
    else if (u->closed != DAY_NONE)
        (void)err_field(e, S("unit"), "access.unit_closed", u->name);
}

static void check_days(Staff *in, Err *e)
{
    if (in->starts == DAY_NONE)
        in->starts = in->by.today;
    if (in->ends != DAY_NONE && in->ends < in->starts)
        (void)err_field(e, S("ends"), "access.ends_before");
}

static int find_overlap(Tx *tx, Uuid person, int64_t seat, Day starts, Day ends, bool *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_find_overlap));
    bind_uuid(s, 1, person);
    bind_i64(s, 2, seat);
    bind_day(s, 3, ends == DAY_NONE ? INT32_MAX : ends);
    bind_day(s, 4, starts);
    int rc = stmt_step(s, e);
    TRY(rc);
    stmt_reset(s);
    *ret = rc == 1;
    return 0;
}

static int count_posts(Tx *tx, Uuid person, Day today, int *ret, Err *e)
{
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_posts));
    bind_uuid(s, 1, person);
    bind_day(s, 2, today);
    while ((rc = stmt_step(s, e)) == 1)
        n++;
    TRY(rc);
    *ret = n;
    return 0;
}

static int check_person(Tx *tx, const Staff *in, const Account *acc, Err *e)
{
    int64_t seat = 0;
    bool is_double = false;
    int n = 0;
    TRY(find_seat(tx, in->unit_id, in->chain[0].role, &seat, e));
    if (seat)
        TRY(find_overlap(tx, acc->person, seat, in->starts, in->ends, &is_double, e));
    if (is_double)
        (void)err_field(e, S("account"), "access.already_posted", acc->person_name);
    TRY(count_posts(tx, acc->person, in->by.today, &n, e));
    if (n >= LIMIT_POSTINGS)
        (void)err_field(e, S("account"), "access.too_many_posts", err_int(e, LIMIT_POSTINGS));
    return 0;
}

static int check_root_free(Tx *tx, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_any_posting));
    int rc = stmt_step(s, e);
    TRY(rc);
    stmt_reset(s);
    return rc ? err_set(e, ERR_STATE, "access.root_taken") : 0;
}

/* A code for a person who has no password yet: his own office's to give, not that of another seat.
 */
static int give_code(Access *ac, Arena *a, Tx *tx, const Reader *r, Staff *in, const Account *acc,
                     Err *e)
{
    bool may = true;
    int n = 0;
    in->code = STR_NONE;
    if (acc->id && r)
        TRY(access_may_staff_person(a, tx, r, acc->person, &may, &n, e));
    if (may && !str_has(acc->password))
        TRY(access_make_new_code(ac, a, tx, &in->code, in->code_hash, e));
    return 0;
}

static int prepare_staff(Access *ac, Arena *a, Tx *tx, const Reader *r, const Tree *t, Staff *in,
                         Err *e)
{
    const Unit *u = tree_unit_coded(t, str_trim(in->unit_code));
    const Role *role = model_role(ac->model, in->role);
    if (r && (r->admin || (u && role && !access_may_staff(r, u->ix, role->ix))))
        return err_set(e, ERR_DENIED,
                       r->admin ? "access.admin_no_staff" : "access.not_your_seat");
    if (in->is_root_office)
        TRY(check_root_free(tx, e));
    Account acc;
    TRY(check_account(a, tx, in, &acc, e));
    check_seat(in, u, role, e);
    check_days(in, e);
    if (e->cls)
        return e->cls;
    SeatStep *chain = NULL;
    in->unit_id = u->id;
    in->role_ix = role->ix;
    in->chain_n = access_seat_chain(a, t, ac->model, u->ix, role->ix, &chain);
    in->chain = chain;
    if (in->chain_n == 0)
        return err_set(e, ERR_STATE, "access.no_root_office");
    if (acc.id)
        TRY(check_person(tx, in, &acc, e));
    if (e->cls)
        return e->cls;
    in->new_person = env_uuid7(ac->env);
    in->told = str_fmt(a, "%.*s %.*s", STR_ARG(access_seat_text(a, role->name, u)),
                       STR_ARG(access_span_text(a, in->starts, in->ends)));
    in->tree_number = t->number;
    return give_code(ac, a, tx, r, in, &acc, e);
}

int access_pick_tree(Access *ac, Tx *tx, const Reader *r, const Tree *given, const Tree **ret_held,
                     const Tree **ret, Err *e)
{
    *ret = given ? given : r ? r->tree : NULL;
    if (*ret)
        return 0;
    TRY(access_tree_refresh(ac, tx, e));
    *ret = *ret_held = access_tree_hold(ac);
    return 0;
}

int access_prepare_staff(Access *ac, Arena *a, Tx *tx, const Reader *r, Staff *in, Err *e)
{
    CHECK(!(r && in->is_root_office));
    const Tree *held = NULL, *t = NULL;
    TRY(access_pick_tree(ac, tx, r, in->tree, &held, &t, e));
    in->model = ac->model;
    access_asked(ac, r, &in->by);
    in->ends_ms = in->by.now_ms + LIMIT_INVITE_DAYS * ACCESS_DAY_MS;
    int rc = prepare_staff(ac, a, tx, r, t, in, e);
    access_tree_drop(ac, held);
    return rc;
}

/* ---- staffing: apply ---- */

static int add_person(Tx *tx, const Staff *in, Account *ret, Err *e)
{
    int64_t id = 0;
    TRY(access_add_login(tx, in->new_person, in->name, in->account, ADMIN_NONE, in->by.now_ms, &id,
                         e));
    *ret = (Account){.id = id, .person = in->new_person, .password = STR_NONE};
    return 0;
}

static int add_posting(Tx *tx, Staff *in, Uuid person, int64_t seat, Err *e)
{
    int64_t id = 0;
    TRY(access_next_id(tx, SQL(access_next_posting), &id, e));
    Stmt *s = tx_sql(tx, SQL(access_add_posting));
    bind_i64(s, 1, id);
    bind_uuid(s, 2, person);
    bind_i64(s, 3, seat);
    bind_day(s, 4, in->starts);
    bind_day(s, 5, in->ends);
    TRY(stmt_run(s, e));
    s = tx_sql(tx, SQL(access_raise_person));
    bind_uuid(s, 1, person);
    TRY(stmt_run(s, e));
    in->posting = id;
    in->seat = seat;
    return 0;
}

int access_apply_staff(Tx *tx, void *staff, Err *e)
{
    Staff *in = staff;
    CHECK(in->chain_n > 0 && tx_is_write(tx));
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_tree_same(tx, in->tree_number, e));
    if (in->is_root_office)
        TRY(check_root_free(tx, e));
    Account acc;
    TRY(access_find_account(tx_arena(tx), tx, in->account, &acc, e));
    if (acc.id != in->account_id || acc.admin || acc.is_disabled)
        return err_set(e, ERR_BUSY, "access.again");
    if (acc.id == 0)
        TRY(add_person(tx, in, &acc, e));
    else
        TRY(check_person(tx, in, &acc, e));
    if (e->cls)
        return e->cls;
    int64_t seat = 0;
    TRY(access_ensure_seats(tx, in->chain, in->chain_n, &seat, e));
    TRY(access_raise_answering(tx, 0, seat, in->by.today, e)); /* who answered for it until now */
    TRY(add_posting(tx, in, acc.person, seat, e));
    TRY(access_log_add(tx, in->by.now_ms, in->by.account, S("staff"), in->account, in->told, e));
    in->has_password = str_has(acc.password);
    if (!in->has_password && str_has(in->code))
        TRY(access_apply_code(tx, acc.id, in->code_hash, in->by.account, in->ends_ms, e));
    return 0;
}

/* ---- ending a posting ---- */

int access_get_posting(Arena *a, Tx *tx, int64_t id, Held *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_posting));
    bind_i64(s, 1, id);
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return err_set(e, ERR_MISSING, "access.no_posting");
    *ret = (Held){
        col_uuid(s, 0), col_i64(s, 1), col_i64(s, 2), col_i64(s, 6), str_copy(a, col_str(s, 3)),
        col_day(s, 4),  col_day(s, 5), col_i64(s, 7)};
    stmt_reset(s);
    return 0;
}

bool access_may_staff_held(const Reader *r, const Held *h)
{
    const Unit *u = tree_unit(r->tree, h->unit);
    const Role *role = model_role(r->model, h->role);
    return u && role && access_may_staff(r, u->ix, role->ix);
}

Str access_seat_text(Arena *a, Str role, const Unit *u)
{
    return str_fmt(a, "%.*s@%.*s", STR_ARG(role), STR_ARG(u ? u->code : S("?")));
}

Str access_span_text(Arena *a, Day starts, Day ends)
{
    return str_fmt(a, "%.*s..%.*s", STR_ARG(day_text(a, starts)),
                   STR_ARG(ends == DAY_NONE ? S("") : day_text(a, ends)));
}

/* The root's office is never left without a holder: nobody could fill it again. */
static int check_root_kept(Tx *tx, const EndPosting *in, const Held *h, Err *e)
{
    if (!in->is_root_office)
        return 0;
    Stmt *s = tx_sql(tx, SQL(access_find_other_open));
    bind_i64(s, 1, h->seat);
    bind_i64(s, 2, in->posting);
    bind_day(s, 3, in->by.today);
    int rc = stmt_step(s, e);
    TRY(rc);
    stmt_reset(s);
    return rc ? 0 : err_set(e, ERR_STATE, "access.last_root");
}

static int prepare_end(Arena *a, Tx *tx, const Reader *r, const Tree *t, EndPosting *in, Err *e)
{
    Held h;
    TRY(access_get_posting(a, tx, in->posting, &h, e));
    const Unit *u = tree_unit(t, h.unit);
    const Role *role = model_role(in->model, h.role);
    if (r && !access_may_staff_held(r, &h))
        return err_set(e, ERR_DENIED, "access.not_your_seat");
    if (h.ends != DAY_NONE && h.ends < in->by.today)
        return err_set(e, ERR_STATE, "access.already_ended");
    if (in->ends == DAY_NONE)
        in->ends = in->by.today < h.starts ? h.starts : in->by.today;
    if (in->ends < h.starts)
        return err_field(e, S("ends"), "access.ends_before");
    in->account = h.account;
    in->told = str_fmt(a, "%.*s %.*s", STR_ARG(access_seat_text(a, h.role, u)),
                       STR_ARG(access_span_text(a, h.starts, in->ends)));
    in->is_root_office =
        u && role && u->ix == 0 && access_root_role(in->model, u->kind) == role->ix;
    return check_root_kept(tx, in, &h, e);
}

int access_prepare_end(Access *ac, Arena *a, Tx *tx, const Reader *r, EndPosting *in, Err *e)
{
    const Tree *held = NULL, *t = NULL;
    TRY(access_pick_tree(ac, tx, r, in->tree, &held, &t, e));
    in->model = ac->model;
    access_asked(ac, r, &in->by);
    int rc = prepare_end(a, tx, r, t, in, e);
    access_tree_drop(ac, held);
    return rc;
}

int access_apply_end(Tx *tx, void *end_posting, Err *e)
{
    const EndPosting *in = end_posting;
    CHECK(tx_is_write(tx) && in->ends != DAY_NONE);
    Held h;
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_get_posting(tx_arena(tx), tx, in->posting, &h, e));
    if (h.ends != DAY_NONE && h.ends < in->by.today)
        return err_set(e, ERR_STATE, "access.already_ended");
    if (in->ends < h.starts)
        return err_field(e, S("ends"), "access.ends_before");
    TRY(check_root_kept(tx, in, &h, e));
    Stmt *s = tx_sql(tx, SQL(access_set_posting));
    bind_day(s, 1, in->ends);
    bind_i64(s, 2, in->posting);
    TRY(stmt_run(s, e));
    TRY(access_raise_person(tx, h.person, in->by.today, e));
    TRY(access_raise_answering(tx, in->posting, 0, in->by.today, e));
    return access_log_add(tx, in->by.now_ms, in->by.account, S("end"),
                          str_fmt(tx_arena(tx), "%lld", (long long)in->posting), in->told, e);
}
