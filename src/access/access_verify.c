/* access_verify.c: the proof that the access tables hold together, and bringing seats in line after
 * the tree has changed.                                                        SPEC: P1 P2 P11 */
#include "access/access_int.h"

typedef struct Proof {
    Access *ac;
    Arena *arena;
    const Tree *t;
    Lang lang;
    void (*say)(void *ctx, Str finding);
    void *ctx;
    int findings;
} Proof;

#define tell(p, key, ...) tell_args((p), S(key), (Str[]){__VA_ARGS__ __VA_OPT__(, ) STR_NONE})
static void tell_args(Proof *p, Str key, const Str *args)
{
    size_t n = 0;
    while (str_has(args[n]))
        n++;
    p->say(p->ctx, i18n_text(p->arena, p->lang, key, args, n));
    p->findings++;
}

static Str number(Proof *p, int64_t n)
{
    return str_fmt(p->arena, "%lld", (long long)n);
}

/* unit_above is the tree's closure, neither more nor less. */
static int prove_above(Proof *p, Tx *tx, Err *e)
{
    int64_t want = 0, have = 0;
    int rc;
    for (int i = 0; i < p->t->unit_n; i++)
        want += p->t->units[i].depth + 1;
    Stmt *s = tx_sql(tx, SQL(access_list_unit_above));
    while ((rc = stmt_step(s, e)) == 1) {
        const Unit *above = tree_unit(p->t, col_i64(s, 0)), *u = tree_unit(p->t, col_i64(s, 1));
        if (!above || !u || !tree_is_within(p->t, u->ix, above->ix))
            tell(p, "access.verify_above", number(p, col_i64(s, 0)), number(p, col_i64(s, 1)));
        else
            have++;
    }
    TRY(rc);
    if (have != want)
        tell(p, "access.verify_above_n", number(p, have), number(p, want));
    return 0;
}

typedef struct SeatRow {
    int64_t id, falls_to;
    int unit_ix, role;
} SeatRow;

static int read_seats(Arena *a, Tx *tx, const Tree *t, const Model *m, SeatRow **ret, int *ret_n,
                      Err *e)
{
    SeatRow *rows = NULL;
    int n = 0, cap = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_all_seats));
    while ((rc = stmt_step(s, e)) == 1) {
        if (n == cap) {
            cap = cap ? cap * 2 : 256;
            SeatRow *more = NEW_N(a, SeatRow, (size_t)cap);
            for (int i = 0; i < n; i++)
                more[i] = rows[i];
            rows = more;
        }
        const Unit *u = tree_unit(t, col_i64(s, 1));
        const Role *role = model_role(m, col_str(s, 2));
        rows[n++] = (SeatRow){col_i64(s, 0), col_i64(s, 3), u ? u->ix : -1, role ? role->ix : -1};
    }
    TRY(rc);
    *ret = rows;
    *ret_n = n;
    return 0;
}

static const SeatRow *seat_row(const SeatRow *rows, int n, int64_t id) /* sorted by id */
{
    int from = 0, to = n;
    while (from < to) {
        int mid = from + (to - from) / 2;
        if (rows[mid].id == id)
            return &rows[mid];
        if (rows[mid].id < id)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

/* Every seat falls to the one the tree and the model say, so every chain ends at the root's office.
 */
static int prove_seats(Proof *p, Tx *tx, Err *e)
{
    SeatRow *rows;
    int n;
    TRY(read_seats(p->arena, tx, p->t, p->ac->model, &rows, &n, e));
    for (int i = 0; i < n; i++) {
        int up_unit, up_role;
        const SeatRow *up = seat_row(rows, n, rows[i].falls_to);
        if (rows[i].unit_ix < 0 || rows[i].role < 0) {
            tell(p, "access.verify_seat", number(p, rows[i].id));
            continue;
        }
        const Unit *u = &p->t->units[rows[i].unit_ix];
        if (!(p->ac->model->roles[rows[i].role].at >> u->kind & 1))
            tell(p, "access.verify_seat_kind", number(p, rows[i].id), u->name);
        if (!access_falls(p->t, p->ac->model, u->ix, rows[i].role, &up_unit, &up_role) || !up ||
            up->unit_ix != up_unit || up->role != up_role)
            tell(p, "access.verify_falls", number(p, rows[i].id), u->name);
    }
    return 0;
}

typedef struct HeirRow {
    int64_t id, heir;
} HeirRow;
typedef struct Heirs {
    HeirRow *list;
    int n, cap;
} Heirs;

static void add_heir(Arena *a, Heirs *h, int64_t id, int64_t heir)
{
    if (h->n == h->cap) {
        int cap = h->cap ? h->cap * 2 : 64;
        HeirRow *list = NEW_N(a, HeirRow, (size_t)cap);
        for (int i = 0; i < h->n; i++)
            list[i] = h->list[i];
        h->list = list;
        h->cap = cap;
    }
    h->list[h->n++] = (HeirRow){id, heir};
}

static int64_t heir_of(const Heirs *h, int64_t id) /* sorted by id */
{
    int from = 0, to = h->n;
    while (from < to) {
        int mid = from + (to - from) / 2;
        if (h->list[mid].id == id)
            return h->list[mid].heir;
        if (h->list[mid].id < id)
            from = mid + 1;
        else
            to = mid;
    }
    return 0;
}

/* Walking from heir to heir never comes back. */
static void prove_heirs(Proof *p, const Heirs *h)
{
    for (int i = 0; i < h->n; i++) {
        int64_t at = h->list[i].heir;
        int steps = 0;
        while (at && at != h->list[i].id && steps++ <= h->n)
            at = heir_of(h, at);
        if (at == h->list[i].id)
            tell(p, "access.verify_heirs", number(p, h->list[i].id));
    }
}

static int prove_deputies(Proof *p, Tx *tx, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_all_deputies));
    while ((rc = stmt_step(s, e)) == 1) {
        Str id = number(p, col_i64(s, 0));
        Uuid deputy = col_uuid(s, 1), holder = col_uuid(s, 4);
        Day starts = col_day(s, 2), ends = col_day(s, 3);
        if (uuid_eq(deputy, holder))
            tell(p, "access.verify_deputy_self", id);
        if (starts < col_day(s, 5))
            tell(p, "access.verify_deputy_days", id);
        Stmt *c = tx_sql(tx, SQL(access_find_deputy_circle));
        bind_day(c, 1, starts);
        bind_day(c, 2, ends);
        bind_uuid(c, 3, deputy);
        bind_uuid(c, 4, holder);
        int circle = uuid_eq(deputy, holder) ? 0 : stmt_step(c, e);
        if (circle == 1)
            tell(p, "access.verify_deputy_circle", id);
        stmt_reset(c);
        if (circle < 0) {
            stmt_reset(s);
            return circle;
        }
    }
    return rc;
}

/* Nothing open is ever without an owner: every seat's chain ends at the root's office
 * (prove_seats), and somebody who can sign in holds that today, once there is anything to answer
 * for. */
static int prove_root(Proof *p, Tx *tx, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_any_record));
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return 0;
    stmt_reset(s);
    s = tx_sql(tx, SQL(access_root_seat));
    rc = stmt_step(s, e);
    TRY(rc);
    int64_t seat = rc ? col_i64(s, 0) : 0;
    if (rc)
        stmt_reset(s);
    Member who;
    int found = 0;
    if (seat)
        found = access_find_holder(p->arena, tx, seat, env_today(p->ac->env), &who, e);
    TRY(found);
    if (!found)
        tell(p, "access.verify_root");
    return 0;
}

/* A closed unit's successors end in an open one (the tree loads only with a successor each). */
static void prove_closed(Proof *p)
{
    for (int i = 0; i < p->t->unit_n; i++) {
        int at = i;
        while (at >= 0 && access_is_closed(&p->t->units[at]))
            at = p->t->units[at].successor_ix;
        if (at < 0)
            tell(p, "access.verify_closed", p->t->units[i].name);
    }
}

static int prove_postings(Proof *p, Tx *tx, Err *e)
{
    int rc;
    Heirs heirs = {0};
    Stmt *s = tx_sql(tx, SQL(access_list_all_postings));
    while ((rc = stmt_step(s, e)) == 1) {
        if (!col_null(s, 6))
            add_heir(p->arena, &heirs, col_i64(s, 0), col_i64(s, 6));
        Str id = number(p, col_i64(s, 0));
        Day ends = col_day(s, 3);
        if (ends != DAY_NONE && ends < col_day(s, 2))
            tell(p, "access.verify_days", id);
        if (col_null(s, 4))
            tell(p, "access.verify_no_account", id);
        else if (col_i64(s, 5))
            tell(p, "access.verify_admin", id);
    }
    TRY(rc);
    prove_heirs(p, &heirs);
    return 0;
}

int access_verify(Access *ac, Arena *a, Tx *tx, Lang lang, void (*say)(void *ctx, Str finding),
                  void *ctx, Err *e)
{
    TRY(access_tree_refresh(ac, tx, e));
    const Tree *t = access_tree_hold(ac);
    Proof p = {ac, a, t, lang, say, ctx, 0};
    int rc = prove_above(&p, tx, e);
    if (rc == 0)
        rc = prove_seats(&p, tx, e);
    if (rc == 0)
        rc = prove_postings(&p, tx, e);
    if (rc == 0)
        rc = prove_deputies(&p, tx, e);
    if (rc == 0)
        rc = prove_root(&p, tx, e);
    prove_closed(&p);
    access_tree_drop(ac, t);
    return rc < 0 ? rc : p.findings;
}

/* ---- after the tree has changed ---- */

int access_refit_seats(Tx *tx, const Tree *t, const Model *m, Err *e)
{
    Arena *a = tx_arena(tx);
    SeatRow *rows;
    int n;
    TRY(read_seats(a, tx, t, m, &rows, &n, e));
    for (int i = 0; i < n; i++) {
        int up_unit, up_role;
        if (rows[i].unit_ix < 0 || rows[i].role < 0)
            continue; /* a role the model no longer has: left as it is */
        if (!access_falls(t, m, rows[i].unit_ix, rows[i].role, &up_unit, &up_role))
            return err_set(e, ERR_STATE, "access.no_root_office");
        const SeatRow *up = seat_row(rows, n, rows[i].falls_to);
        if (up && up->unit_ix == up_unit && up->role == up_role)
            continue;
        SeatStep *chain = NULL;
        int64_t id = 0;
        int chain_n = access_seat_chain(a, t, m, up_unit, up_role, &chain);
        if (chain_n == 0)
            return err_set(e, ERR_STATE, "access.no_root_office");
        TRY(access_ensure_seats(tx, chain, chain_n, &id, e));
        Stmt *s = tx_sql(tx, SQL(access_set_seat));
        bind_i64(s, 1, id);
        bind_i64(s, 2, rows[i].id);
        TRY(stmt_run(s, e));
    }
    return 0;
}
