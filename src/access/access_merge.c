/* access_merge.c: a unit closes and hangs below its successor. Its records stay where they are; its
 * seats fall to the same role there; its postings end today.                          SPEC: P1 */
#include "access/access_int.h"

static int check_merge(const Reader *r, const Merge *in, const Unit *from, const Unit *into,
                       const Tree *t, Err *e)
{
    if (!from)
        (void)err_field(e, S("from"), "access.no_unit", in->from_code);
    else if (access_is_closed(from))
        (void)err_field(e, S("from"), "access.merge_closed", from->name);
    else if (from->ix == 0)
        (void)err_field(e, S("from"), "access.merge_root");
    if (!into)
        (void)err_field(e, S("into"), "access.no_unit", in->into_code);
    else if (access_is_closed(into))
        (void)err_field(e, S("into"), "access.merge_closed", into->name);
    if (e->cls)
        return e->cls;
    if (from == into)
        return err_field(e, S("into"), "access.merge_self");
    if (from->kind != into->kind)
        return err_field(e, S("into"), "access.merge_kind", from->name, into->name);
    if (tree_is_within(t, into->ix, from->ix))
        return err_field(e, S("into"), "access.merge_below", into->name, from->name);
    int office = access_root_role(in->model, t->units[0].kind);
    bool may = !r;
    for (int i = 0; r && !r->viewer && i < r->post_n; i++)
        may = may || (r->posts[i].unit_ix == 0 && r->posts[i].role == office);
    return may ? 0 : err_set(e, ERR_DENIED, "access.merge_root_only");
}

/* The tree as it will be. false: a chain of merges is too deep. */
static bool lay_merged(Arena *a, const Tree *t, const Unit *from, const Unit *into, Day today,
                       Tree *ret)
{
    size_t n = (size_t)t->unit_n;
    Unit *nodes = NEW_N(a, Unit, n + 1);
    int *parents = NEW_N(a, int, n + 1);
    int at = 0;
    for (int i = 0; i < t->unit_n; i++) { /* siblings in their order: the merged one goes last */
        if (i == from->ix)
            continue;
        nodes[at] = t->units[i];
        parents[at++] = t->units[i].parent_ix;
    }
    nodes[at] = *from;
    nodes[at].closed = today;
    parents[at] = into->ix;
    int *place = NEW_N(a, int, n + 1);
    for (int i = 0; i < t->unit_n; i++)
        place[i] = i < from->ix ? i : i == from->ix ? t->unit_n - 1 : i - 1;
    for (int i = 0; i < t->unit_n; i++) {
        parents[i] = parents[i] < 0 ? -1 : place[parents[i]];
        nodes[i].code = str_copy(a, nodes[i].code);
        nodes[i].name = str_copy(a, nodes[i].name);
    }
    if (!access_tree_lay(a, nodes, parents, t->unit_n, ret))
        return false;
    Unit *units = (Unit *)(uintptr_t)ret->units; /* ours: laid out just now */
    for (int i = 0; i < ret->unit_n; i++)
        units[i].successor_ix = access_is_closed(&units[i]) ? units[i].parent_ix : -1;
    return true;
}

static int prepare_merge(Arena *a, Tx *tx, const Reader *r, const Tree *t, Merge *in, Err *e)
{
    const Unit *from = tree_unit_coded(t, str_trim(in->from_code));
    const Unit *into = tree_unit_coded(t, str_trim(in->into_code));
    TRY(check_merge(r, in, from, into, t, e));
    Tree *after = NEW(a, Tree);
    if (!lay_merged(a, t, from, into, in->by.today, after))
        return err_set(e, ERR_STATE, "access.merge_deep", err_int(e, LIMIT_UNIT_DEPTH));
    in->after = after;
    in->from = from->id;
    in->into = into->id;
    in->tree_number = t->number;
    in->move = access_unit_move(t, after, from->id);
    in->told = str_fmt(a, "%.*s -> %.*s", STR_ARG(from->code), STR_ARG(into->code));
    Stmt *s = tx_sql(tx, SQL(access_count_unit_postings));
    bind_i64(s, 1, from->id);
    bind_day(s, 2, in->by.today);
    int rc = stmt_step(s, e);
    TRY(rc);
    in->posting_n = (int)col_i64(s, 0);
    stmt_reset(s);
    return 0;
}

int access_prepare_merge(Access *ac, Arena *a, Tx *tx, const Reader *r, Merge *in, Err *e)
{
    const Tree *held = NULL, *t = NULL;
    TRY(access_pick_tree(ac, tx, r, in->tree, &held, &t, e));
    in->model = ac->model;
    access_asked(ac, r, &in->by);
    int rc = t->unit_n ? prepare_merge(a, tx, r, t, in, e)
                       : err_field(e, S("from"), "access.no_unit", in->from_code);
    access_tree_drop(ac, held);
    return rc;
}

static int run_unit_day(Tx *tx, const SqlDef *def, int64_t unit, Day today, Err *e)
{
    Stmt *s = tx_sql(tx, def);
    bind_i64(s, 1, unit);
    bind_day(s, 2, today);
    TRY(stmt_run(s, e));
    return 0;
}

static int run_from_into(Tx *tx, const SqlDef *def, int64_t first, int64_t second, Err *e)
{
    Stmt *s = tx_sql(tx, def);
    bind_i64(s, 1, first);
    bind_i64(s, 2, second);
    TRY(stmt_run(s, e));
    return 0;
}

/* The county of what hangs below changes with it, unless it is a county itself. */
static int move_county(Tx *tx, const Merge *in, Err *e)
{
    const Unit *from = tree_unit(in->after, in->from), *into = tree_unit(in->after, in->into);
    CHECK(from && into);
    if (from->county == from->id || from->county == into->county)
        return 0;
    Stmt *s = tx_sql(tx, SQL(access_move_county));
    bind_i64(s, 1, into->county);
    bind_i64(s, 2, from->county);
    bind_i64(s, 3, from->id);
    TRY(stmt_run(s, e));
    return 0;
}

static int end_postings(Tx *tx, const Merge *in, Err *e)
{
    /* Those that have not begun never will: nobody acted under them. */
    TRY(run_unit_day(tx, SQL(access_drop_coming_deputies), in->from, in->by.today, e));
    TRY(run_unit_day(tx, SQL(access_drop_coming_heirs), in->from, in->by.today, e));
    Stmt *s = tx_sql(tx, SQL(access_drop_coming_postings));
    bind_day(s, 1, in->by.today);
    bind_i64(s, 2, in->from);
    TRY(stmt_run(s, e));
    s = tx_sql(tx, SQL(access_end_unit_postings));
    bind_day(s, 1, in->by.today);
    bind_i64(s, 2, in->from);
    TRY(stmt_run(s, e));
    s = tx_sql(tx, SQL(access_move_reach));
    bind_i64(s, 1, in->into);
    bind_i64(s, 2, in->from);
    bind_day(s, 3, in->by.today);
    TRY(stmt_run(s, e));
    return 0;
}

int access_apply_merge(Tx *tx, void *merge, Err *e)
{
    const Merge *in = merge;
    CHECK(tx_is_write(tx) && in->after && in->from && in->into);
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_tree_same(tx, in->tree_number, e));
    Stmt *s = tx_sql(tx, SQL(access_close_unit));
    bind_day(s, 1, in->by.today);
    bind_i64(s, 2, in->into);
    bind_i64(s, 3, in->from);
    int n = stmt_run(s, e);
    TRY(n);
    CHECK(n == 1); /* the tree is still the one it was planned on */
    TRY(move_county(tx, in, e));
    TRY(access_run_id(tx, SQL(access_cut_above), in->from, e));
    TRY(run_from_into(tx, SQL(access_hang_above), in->from, in->into, e));
    TRY(end_postings(tx, in, e));
    TRY(access_refit_seats(tx, in->after, in->model, e));
    TRY(stmt_run(tx_sql(tx, SQL(access_raise_all)), e));
    TRY(access_set_tree_number(tx, in->tree_number + 1, e));
    return access_log_add(tx, in->by.now_ms, in->by.account, S("merge"), in->from_code, in->told,
                          e);
}
