/* access_log.c: what was done with accounts, posts and looks; looking as another post; saved lists;
 * what the security office may do.                                                 SPEC: P2 P11 */
#include "access/access_int.h"

/* ---- the log ---- */

int access_log_add(Tx *tx, UnixMs at_ms, int64_t account, Str what, Str about, Str detail, Err *e)
{
    int64_t id = 0;
    CHECK(tx_is_write(tx) && what.n);
    TRY(access_next_id(tx, SQL(access_next_log), &id, e));
    Stmt *s = tx_sql(tx, SQL(access_add_log));
    bind_i64(s, 1, id);
    bind_i64(s, 2, at_ms);
    if (account)
        bind_i64(s, 3, account);
    else
        bind_null(s, 3);
    bind_str(s, 4, what);
    bind_str(s, 5, str_has(about) ? about : S(""));
    bind_str(s, 6, str_has(detail) ? detail : S(""));
    TRY(stmt_run(s, e));
    return 0;
}

int access_log(Arena *a, Tx *tx, const Reader *r, UnixMs before_ms, int limit, LogLine **ret,
               int *ret_n, Err *e)
{
    if (r->admin != ADMIN_AUDIT)
        return err_set(e, ERR_DENIED, "access.audit_only");
    CHECK(limit > 0 && limit <= LIMIT_LIST_PAGE);
    LogLine *list = NEW_N(a, LogLine, (size_t)limit);
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_log));
    bind_i64(s, 1, before_ms > 0 ? before_ms : INT64_MAX);
    bind_i64(s, 2, limit);
    while ((rc = stmt_step(s, e)) == 1) {
        CHECK(n < limit);
        list[n++] = (LogLine){.at_ms = col_i64(s, 0),
                              .actor = col_null(s, 1) ? STR_NONE : str_copy(a, col_str(s, 1)),
                              .what = str_copy(a, col_str(s, 2)),
                              .about = str_copy(a, col_str(s, 3)),
                              .detail = str_copy(a, col_str(s, 4))};
    }
    TRY(rc);
    *ret = list;
    *ret_n = n;
    return 0;
}

/* ---- viewing as another post ---- */

static bool is_below_own(const Reader *me, int unit_ix)
{
    for (int i = 0; i < me->post_n; i++)
        if (tree_is_within(me->tree, unit_ix, me->posts[i].unit_ix))
            return true;
    return false;
}

static void check_view(const Reader *me, ViewAs *in, const Unit *u, const Role *role, Err *e)
{
    in->reason = str_trim(in->reason);
    if (!u)
        (void)err_field(e, S("unit"), "access.no_unit", in->unit_code);
    else if (access_is_closed(u))
        (void)err_field(e, S("unit"), "access.unit_closed", u->name);
    else if (!is_below_own(me, u->ix))
        (void)err_field(e, S("unit"), "access.view_not_below", u->name);
    if (!role)
        (void)err_field(e, S("role"), "access.no_role", in->role);
    else if (u && !(role->at >> u->kind & 1))
        (void)err_field(e, S("role"), "access.role_not_here", u->name);
    if (in->reason.n == 0)
        (void)err_field(e, S("reason"), "access.view_reason");
    else if (utf8_count(in->reason) > LIMIT_LINE_CHARS)
        (void)err_field(e, S("reason"), "access.reason_long", err_int(e, LIMIT_LINE_CHARS));
}

int access_prepare_view_as(Access *ac, Arena *a, Tx *tx, const Reader *r, ViewAs *in, Err *e)
{
    CHECK(r && tx);
    const Reader *me = r->viewer ? r->viewer : r;
    access_asked(ac, me, &in->by);
    in->ends_ms = in->by.now_ms + (int64_t)LIMIT_VIEW_MIN * 60000;
    in->told = S("");
    in->tree_number = me->tree->number;
    if (!str_has(in->role)) /* stop */
        return 0;
    if (me->post_n == 0)
        return err_set(e, ERR_DENIED, "access.view_no_post");
    const Unit *u = tree_unit_coded(me->tree, str_trim(in->unit_code));
    const Role *role = model_role(me->model, in->role);
    check_view(me, in, u, role, e);
    if (e->cls)
        return e->cls;
    SeatStep *chain = NULL;
    in->chain_n = access_seat_chain(a, me->tree, me->model, u->ix, role->ix, &chain);
    in->chain = chain;
    if (in->chain_n == 0)
        return err_set(e, ERR_STATE, "access.no_root_office");
    in->told = access_seat_text(a, role->name, u);
    return 0;
}

int access_apply_view_as(Tx *tx, void *view_as, Err *e)
{
    const ViewAs *in = view_as;
    bool is_stop = !str_has(in->role);
    int64_t seat = 0;
    TRY(access_same_asker(tx, &in->by, e));
    if (!is_stop) {
        TRY(access_tree_same(tx, in->tree_number, e));
        TRY(access_ensure_seats(tx, in->chain, in->chain_n, &seat, e));
    }
    Stmt *s = tx_sql(tx, SQL(access_set_view));
    if (is_stop) {
        bind_null(s, 1);
        bind_null(s, 2);
    } else {
        bind_i64(s, 1, seat);
        bind_i64(s, 2, in->ends_ms);
    }
    bind_blob(s, 3, in->session, SM3_BYTES);
    bind_i64(s, 4, in->by.account);
    int n = stmt_run(s, e);
    TRY(n);
    if (n == 0) /* a token looks as nobody else; or the session is gone */
        return err_set(e, ERR_AUTH, "access.no_session");
    return access_log_add(tx, in->by.now_ms, in->by.account, is_stop ? S("view_end") : S("view_as"),
                          in->told, is_stop ? S("") : in->reason, e);
}

int access_view_reader(Arena *a, Tx *tx, const Reader *me, int64_t seat, int64_t unit, Str role,
                       Reader *ret, bool *ret_is, Err *e)
{
    const Unit *u = tree_unit(me->tree, unit);
    const Role *ro = model_role(me->model, role);
    *ret_is = u && ro && is_below_own(me, u->ix);
    if (!*ret_is)
        return 0;
    Post *post = NEW(a, Post);
    *post = (Post){.seat = seat,
                   .role = ro->ix,
                   .unit_ix = u->ix,
                   .starts = me->today,
                   .ends = DAY_NONE,
                   .deputy_for_name = STR_NONE};
    Reader r = *me; /* account, names, language: who looks. The post has no person, so no drafts */
    r.viewer = arena_copy(a, me, sizeof *me);
    r.person = (Uuid){{0}};
    r.posts = post;
    r.post_n = 1;
    r.stands = NULL;
    r.mine = NULL;
    r.stand_n = r.mine_n = 0;
    TRY(access_fill_lents(a, tx, &r, e));
    *ret = r;
    return 0;
}

/* ---- saved lists ---- */

int access_saved(Arena *a, Tx *tx, const Reader *r, Str type, SavedList **ret, int *ret_n, Err *e)
{
    SavedList *list = NEW_N(a, SavedList, LIMIT_SAVED_LISTS + 1);
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_saved));
    bind_i64(s, 1, r->account);
    bind_str(s, 2, type);
    while ((rc = stmt_step(s, e)) == 1)
        if (n < LIMIT_SAVED_LISTS)
            list[n++] = (SavedList){.id = col_i64(s, 0),
                                    .account = r->account,
                                    .type = type,
                                    .name = str_copy(a, col_str(s, 1)),
                                    .query = str_copy(a, col_str(s, 2))};
    TRY(rc);
    *ret = list;
    *ret_n = n;
    return 0;
}

int access_apply_save_list(Tx *tx, void *saved_list, Err *e)
{
    SavedList *in = saved_list;
    CHECK(tx_is_write(tx) && in->account && in->type.n);
    Str name = str_trim(in->name);
    if (name.n == 0)
        return err_field(e, S("name"), "access.list_name");
    if (utf8_count(name) > LIMIT_NAME_CHARS)
        return err_field(e, S("name"), "access.list_name_long", err_int(e, LIMIT_NAME_CHARS));
    if (in->query.n > LIMIT_URL_BYTES)
        return err_set(e, ERR_LIMIT, "access.list_long");
    Stmt *s = tx_sql(tx, SQL(access_count_saved));
    bind_i64(s, 1, in->account);
    bind_str(s, 2, in->type);
    bind_str(s, 3, name);
    int rc = stmt_step(s, e);
    TRY(rc);
    int64_t others = rc ? col_i64(s, 0) : 0, id = 0;
    stmt_reset(s);
    if (others >= LIMIT_SAVED_LISTS)
        return err_set(e, ERR_LIMIT, "access.too_many_lists", err_int(e, LIMIT_SAVED_LISTS));
    TRY(access_next_id(tx, SQL(access_next_saved), &id, e));
    s = tx_sql(tx, SQL(access_add_saved));
    bind_i64(s, 1, id);
    bind_i64(s, 2, in->account);
    bind_str(s, 3, in->type);
    bind_str(s, 4, name);
    bind_str(s, 5, str_has(in->query) ? in->query : S(""));
    TRY(stmt_run(s, e));
    return 0;
}

int access_apply_unsave_list(Tx *tx, void *saved_list, Err *e)
{
    const SavedList *in = saved_list;
    Stmt *s = tx_sql(tx, SQL(access_drop_saved));
    bind_i64(s, 1, in->id);
    bind_i64(s, 2, in->account);
    int n = stmt_run(s, e);
    TRY(n);
    return n ? 0 : err_set(e, ERR_MISSING, "access.no_list"); /* not there, or not his */
}

/* ---- the security office ---- */

static int check_guard(const Reader *r, Err *e)
{
    bool may = r->admin == ADMIN_SECURITY || r->admin == ADMIN_SYSTEM;
    return may ? 0 : err_set(e, ERR_DENIED, "access.guard_only");
}

int access_locked(Access *ac, Arena *a, Tx *tx, const Reader *r, LockedLine **ret, int *ret_n,
                  Err *e)
{
    TRY(check_guard(r, e));
    LockedLine *list = NULL;
    int n = 0, cap = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_locked));
    bind_i64(s, 1, env_now_ms(ac->env));
    while ((rc = stmt_step(s, e)) == 1) {
        if (n == cap) {
            cap = cap ? cap * 2 : 32;
            LockedLine *more = NEW_N(a, LockedLine, (size_t)cap);
            for (int i = 0; i < n; i++)
                more[i] = list[i];
            list = more;
        }
        list[n++] = (LockedLine){.account = str_copy(a, col_str(s, 0)),
                                 .name = str_copy(a, col_str(s, 1)),
                                 .fails = col_i64(s, 2),
                                 .locked_ms = col_i64(s, 3),
                                 .is_disabled = col_i64(s, 4) != 0};
    }
    TRY(rc);
    *ret = list;
    *ret_n = n;
    return 0;
}

int access_prepare_end_sessions(Access *ac, Arena *a, Tx *tx, const Reader *r, EndSessions *in,
                                Err *e)
{
    Account acc;
    if (r)
        TRY(check_guard(r, e));
    TRY(access_find_account(a, tx, access_fold_name(a, in->account), &acc, e));
    if (acc.id == 0)
        return err_set(e, ERR_MISSING, "access.no_account", in->account);
    in->account = acc.name;
    in->account_id = acc.id;
    access_asked(ac, r, &in->by);
    return 0;
}

int access_apply_end_sessions(Tx *tx, void *end_sessions, Err *e)
{
    const EndSessions *in = end_sessions;
    CHECK(tx_is_write(tx) && in->account_id > 0);
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_run_id(tx, SQL(access_drop_sessions), in->account_id, e));
    TRY(access_run_id(tx, SQL(access_drop_tokens), in->account_id, e));
    TRY(access_run_id(tx, SQL(access_drop_feed), in->account_id, e));
    Stmt *s = tx_sql(tx, SQL(access_set_fails));
    bind_i64(s, 1, 0);
    bind_i64(s, 2, 0);
    bind_i64(s, 3, in->account_id);
    TRY(stmt_run(s, e));
    return access_log_add(tx, in->by.now_ms, in->by.account, S("end_sessions"), in->account, S(""),
                          e);
}
