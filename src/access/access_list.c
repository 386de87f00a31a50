/* access_list.c: seats of a unit, users, and the proof that the access tables hold together.
 *                                                                                    SPEC: P1 P2
 * P11 */
#include "access/access_int.h"

/* ---- seats of a unit ---- */

typedef struct SeatList {
    Arena *arena;
    SeatLine *items;
    int n, cap;
} SeatList;

static void add_line(SeatList *l, SeatLine line)
{
    if (l->n == l->cap) {
        int cap = l->cap ? l->cap * 2 : 16;
        SeatLine *items = NEW_N(l->arena, SeatLine, (size_t)cap);
        for (int i = 0; i < l->n; i++)
            items[i] = l->items[i];
        l->items = items;
        l->cap = cap;
    }
    l->items[l->n++] = line;
}

static SeatLine empty_line(const Tree *t, const Model *m, int unit_ix, int role)
{
    SeatLine line = {.role = role,
                     .unit_ix = unit_ix,
                     .person = STR_NONE,
                     .account = STR_NONE,
                     .starts = DAY_NONE,
                     .ends = DAY_NONE,
                     .falls_role = -1,
                     .falls_unit_ix = -1};
    if (role >= 0)
        (void)access_falls(t, m, unit_ix, role, &line.falls_unit_ix,
                           &line.falls_role); /* -1: none */
    return line;
}

/* All seats that were ever used, holders of today and later; sorted out by role afterwards. */
static int read_lines(Access *ac, SeatList *l, Tx *tx, const Tree *t, int unit_ix, Err *e)
{
    int rc;
    UnixMs now_ms = env_now_ms(ac->env);
    Stmt *s = tx_sql(tx, SQL(access_list_seat_lines));
    bind_day(s, 1, env_today(ac->env));
    bind_i64(s, 2, t->units[unit_ix].id);
    while ((rc = stmt_step(s, e)) == 1) {
        const Role *role = model_role(ac->model, col_str(s, 1));
        if (!role)
            continue; /* a role the model no longer has */
        SeatLine line = empty_line(t, ac->model, unit_ix, role->ix);
        line.seat = col_i64(s, 0);
        line.posting = col_i64(s, 2);
        if (line.posting) {
            line.person = str_copy(l->arena, col_str(s, 3));
            line.account = col_null(s, 4) ? STR_NONE : str_copy(l->arena, col_str(s, 4));
            line.starts = col_day(s, 5);
            line.ends = col_day(s, 6);
            line.has_password = !col_null(s, 7);
            line.is_disabled = col_i64(s, 8) != 0;
            line.is_invited = col_i64(s, 9) > now_ms;
        }
        add_line(l, line);
    }
    return rc;
}

int access_seats(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, SeatLine **ret,
                 int *ret_n, Err *e)
{
    CHECK(unit_ix >= 0 && unit_ix < t->unit_n);
    SeatList used = {.arena = a}, all = {.arena = a};
    TRY(read_lines(ac, &used, tx, t, unit_ix, e));
    for (int role = 0; role < ac->model->role_n; role++) {
        int before = all.n;
        for (int i = 0; i < used.n; i++)
            if (used.items[i].role == role)
                add_line(&all, used.items[i]);
        if (all.n == before && (ac->model->roles[role].at >> t->units[unit_ix].kind & 1))
            add_line(&all, empty_line(t, ac->model, unit_ix, role));
    }
    *ret = all.items;
    *ret_n = all.n;
    return 0;
}

/* ---- users ---- */

static int read_users(Access *ac, Arena *a, Tx *tx, const Tree *t, UserLine **ret, int *ret_n,
                      Err *e)
{
    UserLine *items = NULL;
    int n = 0, cap = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_users));
    bind_day(s, 1, env_today(ac->env));
    while ((rc = stmt_step(s, e)) == 1) {
        Admin admin = (Admin)col_i64(s, 2);
        bool is_admin = admin != ADMIN_NONE;
        const Unit *u = col_null(s, 4) ? NULL : tree_unit(t, col_i64(s, 4));
        if (!is_admin && !u)
            continue; /* holds nothing today */
        if (n == cap) {
            cap = cap ? cap * 2 : 64;
            UserLine *more = NEW_N(a, UserLine, (size_t)cap);
            for (int i = 0; i < n; i++)
                more[i] = items[i];
            items = more;
        }
        items[n++] = (UserLine){
            .account = str_copy(a, col_str(s, 0)),
            .name = str_copy(a, col_str(s, 1)),
            .role = is_admin ? S("administrator") : str_copy(a, col_str(s, 3)),
            .unit = is_admin ? STR_NONE : str_copy(a, u->code),
            .unit_name = is_admin ? STR_NONE : str_copy(a, u->name),
            .admin = admin,
        };
    }
    TRY(rc);
    *ret = items;
    *ret_n = n;
    return 0;
}

int access_users(Access *ac, Arena *a, Tx *tx, UserLine **ret, int *ret_n, Err *e)
{
    TRY(access_tree_refresh(ac, tx, e));
    const Tree *t = access_tree_hold(ac);
    int rc = read_users(ac, a, tx, t, ret, ret_n, e);
    access_tree_drop(ac, t);
    return rc;
}

/* ---- verify ---- */

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

static int prove_postings(Proof *p, Tx *tx, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_all_postings));
    while ((rc = stmt_step(s, e)) == 1) {
        Str id = number(p, col_i64(s, 0));
        Day ends = col_day(s, 3);
        if (ends != DAY_NONE && ends < col_day(s, 2))
            tell(p, "access.verify_days", id);
        if (col_null(s, 4))
            tell(p, "access.verify_no_account", id);
        else if (col_i64(s, 5))
            tell(p, "access.verify_admin", id);
    }
    return rc;
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
