/* access_list.c: seats of a unit, users.                                            SPEC: P1 P2 */
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

static void add_deputy(Arena *a, SeatLine *line, struct DeputyLine d)
{
    struct DeputyLine *list = NEW_N(a, struct DeputyLine, (size_t)line->deputy_n + 1);
    for (int i = 0; i < line->deputy_n; i++)
        list[i] = line->deputies[i];
    list[line->deputy_n++] = d;
    line->deputies = list;
}

static int read_deputies(Access *ac, SeatList *l, Tx *tx, const Tree *t, int unit_ix, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_unit_deputies));
    bind_i64(s, 1, t->units[unit_ix].id);
    bind_day(s, 2, env_today(ac->env));
    while ((rc = stmt_step(s, e)) == 1)
        for (int i = 0; i < l->n; i++)
            if (l->items[i].posting == col_i64(s, 1))
                add_deputy(l->arena, &l->items[i],
                           (struct DeputyLine){col_i64(s, 0), str_copy(l->arena, col_str(s, 2)),
                                               col_day(s, 3), col_day(s, 4)});
    return rc;
}

int access_seats(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, SeatLine **ret,
                 int *ret_n, Err *e)
{
    CHECK(unit_ix >= 0 && unit_ix < t->unit_n);
    SeatList used = {.arena = a}, all = {.arena = a};
    TRY(read_lines(ac, &used, tx, t, unit_ix, e));
    TRY(read_deputies(ac, &used, tx, t, unit_ix, e));
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

/* ---- postings that are over, units lent ---- */

int access_ended(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, int max,
                 EndedLine **ret, int *ret_n, Err *e)
{
    CHECK(max > 0 && max <= LIMIT_LIST_PAGE);
    EndedLine *list = NEW_N(a, EndedLine, (size_t)max);
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_ended));
    bind_i64(s, 1, t->units[unit_ix].id);
    bind_day(s, 2, env_today(ac->env));
    bind_i64(s, 3, max);
    while ((rc = stmt_step(s, e)) == 1) {
        const Role *role = model_role(ac->model, col_str(s, 1));
        if (role && n < max)
            list[n++] = (EndedLine){
                .posting = col_i64(s, 0),
                .role = role->ix,
                .person = str_copy(a, col_str(s, 2)),
                .starts = col_day(s, 3),
                .ends = col_day(s, 4),
                .heir = col_null(s, 5) ? STR_NONE : str_copy(a, col_str(s, 5))};
    }
    TRY(rc);
    *ret = list;
    *ret_n = n;
    return 0;
}

int access_loans(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, LoanLine **ret,
                 int *ret_n, Err *e)
{
    LoanLine *list = NEW_N(a, LoanLine, LIMIT_LIST_PAGE);
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_loans));
    bind_i64(s, 1, t->units[unit_ix].id);
    bind_day(s, 2, env_today(ac->env));
    bind_i64(s, 3, LIMIT_LIST_PAGE);
    while ((rc = stmt_step(s, e)) == 1) {
        const Role *role = model_role(ac->model, col_str(s, 0));
        const Unit *u = tree_unit(t, col_i64(s, 1));
        if (role && u && n < LIMIT_LIST_PAGE)
            list[n++] = (LoanLine){role->ix, u->ix, col_day(s, 2), col_day(s, 3)};
    }
    TRY(rc);
    *ret = list;
    *ret_n = n;
    return 0;
}

/* ---- users ---- */

static Str admin_key(Admin admin)
{
    return admin == ADMIN_SECURITY ? S("security")
           : admin == ADMIN_AUDIT  ? S("audit")
                                   : S("administrator");
}

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
            .role = is_admin ? admin_key(admin) : str_copy(a, col_str(s, 3)),
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
