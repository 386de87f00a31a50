/* access_deputy.c: deputies during leave, heirs of ended postings, units assigned to others for a
 * time. Each is one row; nothing else is rewritten.                                  SPEC: P1 P2 */
#include "access/access_int.h"

static bool is_own(const Reader *r, const Held *h)
{
    return !r->viewer && uuid_eq(h->person, r->person);
}

static Str held_text(Arena *a, const Tree *t, const Held *h)
{
    return access_seat_text(a, h->role, tree_unit(t, h->unit));
}

static int finds(Stmt *s, Err *e)
{
    int rc = stmt_step(s, e);
    if (rc == 1)
        stmt_reset(s);
    return rc;
}

/* ---- deputies ---- */

static void check_span(const Deputise *in, const Held *h, Err *e)
{
    if (in->starts == DAY_NONE)
        (void)err_field(e, S("starts"), "access.deputy_days");
    else if (in->starts < in->by.today || in->starts < h->starts)
        (void)err_field(e, S("starts"), "access.deputy_past");
    if (in->ends == DAY_NONE)
        (void)err_field(e, S("ends"), "access.deputy_days");
    else if (in->starts != DAY_NONE && in->ends < in->starts)
        (void)err_field(e, S("ends"), "access.ends_before");
    else if (in->starts != DAY_NONE && in->ends - in->starts >= LIMIT_DEPUTY_DAYS)
        (void)err_field(e, S("ends"), "access.deputy_long", err_int(e, LIMIT_DEPUTY_DAYS));
    else if (h->ends != DAY_NONE && in->ends > h->ends)
        (void)err_field(e, S("ends"), "access.deputy_after", day_text(e->arena, h->ends));
}

/* Nobody twice for the same days, and nobody who would be stood in for by the one on leave. */
static int check_deputy(Tx *tx, const Deputise *in, const Held *h, Err *e)
{
    if (uuid_eq(in->person, h->person))
        return err_field(e, S("account"), "access.deputy_self");
    Stmt *s = tx_sql(tx, SQL(access_find_deputy_overlap));
    bind_i64(s, 1, in->posting);
    bind_uuid(s, 2, in->person);
    bind_day(s, 3, in->ends);
    bind_day(s, 4, in->starts);
    int rc = finds(s, e);
    TRY(rc);
    if (rc)
        return err_field(e, S("account"), "access.deputy_twice");
    s = tx_sql(tx, SQL(access_find_deputy_circle));
    bind_day(s, 1, in->starts);
    bind_day(s, 2, in->ends);
    bind_uuid(s, 3, in->person);
    bind_uuid(s, 4, h->person);
    rc = finds(s, e);
    TRY(rc);
    return rc ? err_field(e, S("account"), "access.deputy_circle") : 0;
}

int access_prepare_deputise(Access *ac, Arena *a, Tx *tx, const Reader *r, Deputise *in, Err *e)
{
    Held h;
    Account acc;
    const Tree *held = NULL, *t = NULL;
    access_asked(ac, r, &in->by);
    TRY(access_get_posting(a, tx, in->posting, &h, e));
    if (r && !is_own(r, &h) && !access_may_staff_held(r, &h))
        return err_set(e, ERR_DENIED, "access.not_your_seat");
    if (h.ends != DAY_NONE && h.ends < in->by.today)
        return err_set(e, ERR_STATE, "access.already_ended");
    check_span(in, &h, e);
    TRY(access_find_account(a, tx, access_fold_name(a, in->account), &acc, e));
    in->person = acc.person;
    if (acc.id == 0)
        (void)err_field(e, S("account"), "access.no_account", in->account);
    else if (acc.admin)
        (void)err_field(e, S("account"), "access.admin_no_post");
    else if (acc.is_disabled)
        (void)err_field(e, S("account"), "access.account_disabled", acc.name);
    else if (!e->cls)
        TRY(check_deputy(tx, in, &h, e));
    if (e->cls)
        return e->cls;
    TRY(access_pick_tree(ac, tx, r, NULL, &held, &t, e));
    in->account = acc.name;
    in->told = str_fmt(a, "%.*s %.*s", STR_ARG(held_text(a, t, &h)),
                       STR_ARG(access_span_text(a, in->starts, in->ends)));
    access_tree_drop(ac, held);
    return 0;
}

int access_apply_deputise(Tx *tx, void *deputise, Err *e)
{
    const Deputise *in = deputise;
    Held h;
    Account acc;
    int64_t id = 0;
    CHECK(tx_is_write(tx) && in->starts != DAY_NONE && in->ends != DAY_NONE);
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_get_posting(tx_arena(tx), tx, in->posting, &h, e));
    TRY(access_find_account(tx_arena(tx), tx, in->account, &acc, e));
    if (acc.id == 0 || acc.is_disabled || acc.admin || !uuid_eq(acc.person, in->person))
        return err_set(e, ERR_BUSY, "access.again");
    check_span(in, &h, e); /* the posting may have been ended meanwhile */
    if (!e->cls)
        TRY(check_deputy(tx, in, &h, e));
    if (e->cls)
        return e->cls;
    TRY(access_next_id(tx, SQL(access_next_deputy), &id, e));
    Stmt *s = tx_sql(tx, SQL(access_add_deputy));
    bind_i64(s, 1, id);
    bind_i64(s, 2, in->posting);
    bind_uuid(s, 3, in->person);
    bind_day(s, 4, in->starts);
    bind_day(s, 5, in->ends);
    bind_i64(s, 6, in->by.account);
    TRY(stmt_run(s, e));
    TRY(access_raise_answering(tx, in->posting, 0, in->by.today,
                               e)); /* sees what the deputy wrote */
    TRY(access_raise_person(tx, in->person, in->by.today, e));
    return access_log_add(tx, in->by.now_ms, in->by.account, S("deputise"), in->account, in->told,
                          e);
}

typedef struct DeputyRow {
    int64_t posting;
    Uuid person;
    Day starts, ends;
    Str name;
} DeputyRow;

static int get_deputy(Arena *a, Tx *tx, int64_t id, DeputyRow *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_deputy));
    bind_i64(s, 1, id);
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return err_set(e, ERR_MISSING, "access.no_deputy");
    *ret = (DeputyRow){col_i64(s, 0), col_uuid(s, 1), col_day(s, 2), col_day(s, 3),
                       str_copy(a, col_str(s, 4))};
    stmt_reset(s);
    return 0;
}

int access_prepare_end_deputy(Access *ac, Arena *a, Tx *tx, const Reader *r, EndDeputy *in, Err *e)
{
    DeputyRow d;
    Held h;
    access_asked(ac, r, &in->by);
    TRY(get_deputy(a, tx, in->deputy, &d, e));
    TRY(access_get_posting(a, tx, d.posting, &h, e));
    bool is_deputy = r && !r->viewer && uuid_eq(d.person, r->person);
    if (r && !is_deputy && !is_own(r, &h) && !access_may_staff_held(r, &h))
        return err_set(e, ERR_DENIED, "access.not_your_seat");
    if (d.ends < in->by.today)
        return err_set(e, ERR_STATE, "access.deputy_over");
    in->told =
        str_fmt(a, "%.*s %.*s", STR_ARG(d.name), STR_ARG(access_span_text(a, d.starts, d.ends)));
    return 0;
}

int access_apply_end_deputy(Tx *tx, void *end_deputy, Err *e)
{
    const EndDeputy *in = end_deputy;
    DeputyRow d;
    CHECK(tx_is_write(tx));
    TRY(access_same_asker(tx, &in->by, e));
    TRY(get_deputy(tx_arena(tx), tx, in->deputy, &d, e));
    if (d.ends < in->by.today)
        return err_set(e, ERR_STATE, "access.deputy_over");
    TRY(access_raise_person(tx, d.person, in->by.today, e)); /* and whoever stood in for him */
    if (d.starts > in->by.today) {
        TRY(access_run_id(tx, SQL(access_drop_deputy), in->deputy, e));
    } else { /* kept: what he wrote as deputy stays the posting's */
        Stmt *s = tx_sql(tx, SQL(access_end_deputy));
        bind_day(s, 1, in->by.today - 1);
        bind_i64(s, 2, in->deputy);
        TRY(stmt_run(s, e));
    }
    TRY(access_raise_answering(tx, d.posting, 0, in->by.today, e));
    return access_log_add(tx, in->by.now_ms, in->by.account, S("deputy_end"),
                          str_fmt(tx_arena(tx), "%lld", (long long)d.posting), in->told, e);
}

/* ---- heirs ---- */

enum { HEIR_STEPS = 256 };

/* Would the heir's own heirs come back to the posting? */
static int check_heirs(Arena *a, Tx *tx, const SetHeir *in, Err *e)
{
    int64_t at = in->heir;
    for (int i = 0; at && i < HEIR_STEPS; i++) {
        Held h;
        if (at == in->posting)
            return err_field(e, S("heir"), "access.heir_circle");
        TRY(access_get_posting(a, tx, at, &h, e));
        if (i == 0 && h.ends != DAY_NONE && h.ends < in->by.today)
            return err_field(e, S("heir"), "access.heir_ended");
        at = h.heir;
    }
    return at ? err_field(e, S("heir"), "access.heir_circle") : 0;
}

int access_prepare_heir(Access *ac, Arena *a, Tx *tx, const Reader *r, SetHeir *in, Err *e)
{
    Held h, to = {0};
    const Tree *held = NULL, *t = NULL;
    access_asked(ac, r, &in->by);
    TRY(access_get_posting(a, tx, in->posting, &h, e));
    if (in->heir)
        TRY(access_get_posting(a, tx, in->heir, &to, e));
    bool may = !r || (access_may_staff_held(r, &h) &&
                      (!in->heir || is_own(r, &to) || access_may_staff_held(r, &to)));
    if (!may)
        return err_set(e, ERR_DENIED, "access.not_your_seat");
    TRY(check_heirs(a, tx, in, e));
    TRY(access_pick_tree(ac, tx, r, NULL, &held, &t, e));
    in->told = str_fmt(a, "%.*s -> %.*s", STR_ARG(held_text(a, t, &h)),
                       STR_ARG(in->heir ? held_text(a, t, &to) : S("")));
    access_tree_drop(ac, held);
    return 0;
}

int access_apply_heir(Tx *tx, void *set_heir, Err *e)
{
    const SetHeir *in = set_heir;
    CHECK(tx_is_write(tx));
    TRY(access_same_asker(tx, &in->by, e));
    TRY(check_heirs(tx_arena(tx), tx, in, e));
    TRY(access_raise_answering(tx, in->posting, 0, in->by.today, e));
    Stmt *s = tx_sql(tx, SQL(access_set_heir));
    if (in->heir)
        bind_i64(s, 1, in->heir);
    else
        bind_null(s, 1);
    bind_i64(s, 2, in->posting);
    TRY(stmt_run(s, e));
    TRY(access_raise_answering(tx, in->posting, 0, in->by.today, e));
    return access_log_add(tx, in->by.now_ms, in->by.account, S("heir"),
                          str_fmt(tx_arena(tx), "%lld", (long long)in->posting), in->told, e);
}

/* ---- units assigned to others ---- */

static bool may_staff_some(const Reader *r, int unit_ix)
{
    for (int i = 0; i < r->model->role_n; i++)
        if ((r->model->roles[i].at >> r->tree->units[unit_ix].kind & 1) &&
            access_may_staff(r, unit_ix, i))
            return true;
    return false;
}

static const Unit *lend_unit(const Tree *t, Str code, const char *field, Err *e)
{
    const Unit *u = tree_unit_coded(t, str_trim(code));
    if (!u)
        (void)err_field(e, str_of(field), "access.no_unit", code);
    else if (access_is_closed(u))
        (void)err_field(e, str_of(field), "access.unit_closed", u->name);
    return u;
}

static int find_reach(Tx *tx, const Lend *in, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_find_reach));
    bind_i64(s, 1, in->unit);
    bind_i64(s, 2, in->target);
    bind_str(s, 3, in->role);
    bind_day(s, 4, in->starts < in->by.today ? in->starts : in->by.today);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = rc ? col_i64(s, 0) : 0;
    if (rc)
        stmt_reset(s);
    return 0;
}

static int count_reach(Tx *tx, const Lend *in, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_count_reach));
    bind_i64(s, 1, in->unit);
    bind_str(s, 2, in->role);
    bind_day(s, 3, in->by.today);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = col_i64(s, 0);
    stmt_reset(s);
    return 0;
}

static int check_lend(Arena *a, Tx *tx, const Reader *r, const Tree *t, const Model *m, Lend *in,
                      Err *e)
{
    const Unit *u = lend_unit(t, in->unit_code, "unit", e);
    const Unit *to = lend_unit(t, in->target_code, "target", e);
    const Role *role = model_role(m, in->role);
    if (!role)
        (void)err_field(e, S("role"), "access.no_role", in->role);
    else if (u && !(role->at >> u->kind & 1))
        (void)err_field(e, S("role"), "access.role_not_here", u->name);
    if (in->starts == DAY_NONE)
        in->starts = in->by.today;
    if (e->cls)
        return e->cls;
    if (r && !(access_may_staff(r, u->ix, role->ix) && may_staff_some(r, to->ix)))
        return err_set(e, ERR_DENIED, "access.not_your_lend");
    in->unit = u->id;
    in->target = to->id;
    int64_t id = 0, n = 0;
    TRY(find_reach(tx, in, &id, e));
    if (!id && in->ends != DAY_NONE && in->ends < in->starts)
        return err_field(e, S("ends"), "access.ends_before");
    TRY(count_reach(tx, in, &n, e));
    if (!id && n >= LIMIT_LENT)
        return err_set(e, ERR_LIMIT, "access.too_many_lent", err_int(e, LIMIT_LENT));
    in->told = str_fmt(a, "%.*s -> %.*s %.*s", STR_ARG(access_seat_text(a, role->name, u)),
                       STR_ARG(to->code), STR_ARG(access_span_text(a, in->starts, in->ends)));
    return 0;
}

int access_prepare_lend(Access *ac, Arena *a, Tx *tx, const Reader *r, Lend *in, Err *e)
{
    const Tree *held = NULL, *t = NULL;
    access_asked(ac, r, &in->by);
    TRY(access_pick_tree(ac, tx, r, NULL, &held, &t, e));
    int rc = check_lend(a, tx, r, t, ac->model, in, e);
    access_tree_drop(ac, held);
    return rc;
}

int access_apply_lend(Tx *tx, void *lend, Err *e)
{
    const Lend *in = lend;
    int64_t id = 0;
    CHECK(tx_is_write(tx) && in->unit && in->target);
    TRY(access_same_asker(tx, &in->by, e));
    TRY(find_reach(tx, in, &id, e));
    Stmt *s;
    if (id) {
        s = tx_sql(tx, SQL(access_set_reach));
        bind_day(s, 1, in->ends);
        bind_i64(s, 2, id);
    } else {
        TRY(access_next_id(tx, SQL(access_next_reach), &id, e));
        s = tx_sql(tx, SQL(access_add_reach));
        bind_i64(s, 1, id);
        bind_i64(s, 2, in->unit);
        bind_i64(s, 3, in->target);
        bind_str(s, 4, in->role);
        bind_day(s, 5, in->starts);
        bind_day(s, 6, in->ends);
    }
    TRY(stmt_run(s, e));
    s = tx_sql(tx, SQL(access_raise_holders));
    bind_i64(s, 1, in->unit);
    bind_str(s, 2, in->role);
    bind_day(s, 3, in->by.today);
    TRY(stmt_run(s, e));
    return access_log_add(tx, in->by.now_ms, in->by.account, S("lend"), in->target_code, in->told,
                          e);
}
