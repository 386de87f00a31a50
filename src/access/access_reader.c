/* access_reader.c: from a cookie, a token or a name to who is asking and the posts held today. */
#include "access/access_int.h"

/* ---- accounts ---- */

enum { ACCOUNT_COLS = 11 }; /* first in each statement that reads an account */

static Account account_row(Arena *a, Stmt *s)
{
    return (Account){
        .id = col_i64(s, 0),
        .name = str_copy(a, col_str(s, 1)),
        .person = col_uuid(s, 2),
        .person_name = str_copy(a, col_str(s, 3)),
        .admin = (Admin)col_i64(s, 4),
        .is_disabled = col_i64(s, 5) != 0,
        .access_no = col_i64(s, 6),
        .lang = str_eq(col_str(s, 7), S("en")) ? LANG_EN : LANG_ZH,
        .password = col_null(s, 8) ? STR_NONE : str_copy(a, col_str(s, 8)),
        .fails = col_i64(s, 9),
        .locked_ms = col_i64(s, 10),
    };
}

static int read_account(Arena *a, Stmt *s, Account *ret, Err *e)
{
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = rc ? account_row(a, s) : (Account){0};
    stmt_reset(s);
    return 0;
}

int access_find_account(Arena *a, Tx *tx, Str folded_name, Account *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_find_account));
    bind_str(s, 1, folded_name);
    return read_account(a, s, ret, e);
}

int access_get_account(Arena *a, Tx *tx, int64_t id, Account *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_account));
    bind_i64(s, 1, id);
    return read_account(a, s, ret, e);
}

int access_same_asker(Tx *tx, const Asker *by, Err *e)
{
    if (by->access_no == 0) /* the command line, maybe on someone's behalf */
        return 0;
    Account acc;
    TRY(access_get_account(tx_arena(tx), tx, by->account, &acc, e));
    if (acc.id == 0 || acc.is_disabled || acc.access_no != by->access_no)
        return err_set(e, ERR_BUSY, "access.again");
    return 0;
}

void access_asked(Access *ac, const Reader *r, Asker *ret)
{
    *ret = (Asker){.account = r ? r->account : ret->account,
                   .access_no = r ? r->access_no : 0,
                   .today = env_today(ac->env),
                   .now_ms = env_now_ms(ac->env)};
}

/* ---- the reader ---- */

int access_fill_reader(Access *ac, Arena *a, Tx *tx, const Tree *tree, const Account *acc,
                       Reader *ret, Err *e)
{
    Reader r = {
        .account = acc->id,
        .account_name = acc->name,
        .person_name = acc->person_name,
        .person = acc->person,
        .admin = acc->admin,
        .is_admin = acc->admin == ADMIN_SYSTEM,
        .csrf = S(""),
        .lang = acc->lang,
        .access_no = acc->access_no,
        .today = env_today(ac->env),
        .tree = tree,
        .model = ac->model,
    };
    /* The offices hold no posting, whatever the table says. Inside a change nothing is kept: it
     * may be rolled back and its access number given again. */
    bool is_kept = r.admin == ADMIN_NONE && !tx_is_write(tx);
    if (r.admin == ADMIN_NONE && !(is_kept && access_kept_find(ac, a, &r))) {
        TRY(access_fill_posts(a, tx, &r, e));
        if (is_kept)
            access_kept_add(ac, &r);
    }
    *ret = r;
    return 0;
}

int access_may_staff_person(Arena *a, Tx *tx, const Reader *r, Uuid person, bool *ret_all,
                            int *ret_n, Err *e)
{
    (void)a;
    bool all = true;
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_posts));
    bind_uuid(s, 1, person);
    bind_day(s, 2, r->today);
    while ((rc = stmt_step(s, e)) == 1) {
        const Role *role = model_role(r->model, col_str(s, 2));
        const Unit *unit = tree_unit(r->tree, col_i64(s, 3));
        all = all && role && unit && access_may_staff(r, unit->ix, role->ix);
        n++;
    }
    TRY(rc);
    *ret_all = all;
    *ret_n = n;
    return 0;
}

/* ---- who is asking ---- */

static bool unhex(Str s, uint8_t *out, size_t n)
{
    if (s.n != n * 2)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (v < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | v : v << 4);
    }
    return true;
}

static bool session_id(Str cookie, uint8_t ret[SM3_BYTES])
{
    uint8_t secret[ACCESS_SECRET_BYTES];
    if (!unhex(cookie, secret, sizeof secret))
        return false;
    sm3_of(secret, sizeof secret, ret);
    return true;
}

int access_reader_session(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str cookie, Reader *ret,
                          bool *ret_touch, Err *e)
{
    uint8_t id[SM3_BYTES];
    if (!session_id(cookie, id))
        return err_set(e, ERR_AUTH, "access.no_session");
    Stmt *s = tx_sql(tx, SQL(access_find_session));
    bind_blob(s, 1, id, sizeof id);
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return err_set(e, ERR_AUTH, "access.no_session");
    enum { CSRF = ACCOUNT_COLS, MADE, SEEN, VIEW_SEAT, VIEW_UNTIL, VIEW_UNIT, VIEW_ROLE };
    Account acc = account_row(a, s);
    Str csrf = str_copy(a, col_str(s, CSRF));
    UnixMs made_ms = col_i64(s, MADE), seen_ms = col_i64(s, SEEN), now_ms = env_now_ms(ac->env);
    UnixMs view_until_ms = col_null(s, VIEW_UNTIL) ? 0 : col_i64(s, VIEW_UNTIL);
    int64_t view_seat = view_until_ms > now_ms ? col_i64(s, VIEW_SEAT) : 0;
    int64_t view_unit = col_i64(s, VIEW_UNIT);
    Str view_role = str_copy(a, col_null(s, VIEW_ROLE) ? S("") : col_str(s, VIEW_ROLE));
    stmt_reset(s);
    if (made_ms <= now_ms - LIMIT_SESSION_DAYS * ACCESS_DAY_MS ||
        seen_ms <= now_ms - (int64_t)LIMIT_SESSION_IDLE_MIN * 60000)
        return err_set(e, ERR_AUTH, "access.session_ended");
    if (acc.is_disabled) /* as good as none */
        return err_set(e, ERR_AUTH, "access.no_session");
    Reader r;
    TRY(access_fill_reader(ac, a, tx, tree, &acc, &r, e));
    r.csrf = csrf;
    bool is_view = false;
    Reader as;
    if (view_seat && r.post_n)
        TRY(access_view_reader(a, tx, &r, view_seat, view_unit, view_role, &as, &is_view, e));
    *ret = is_view ? as : r;
    ret->view_until_ms = is_view ? view_until_ms : 0;
    *ret_touch = seen_ms <= now_ms - ACCESS_TOUCH_MS;
    return 0;
}

int access_reader_token(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str token, Reader *ret,
                        Err *e)
{
    uint8_t id[SM3_BYTES];
    sm3_of(token.p, token.n, id);
    Stmt *s = tx_sql(tx, SQL(access_find_token));
    bind_blob(s, 1, id, sizeof id);
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return err_set(e, ERR_AUTH, "access.no_token");
    Account acc = account_row(a, s);
    UnixMs ends_ms = col_i64(s, ACCOUNT_COLS);
    stmt_reset(s);
    if (ends_ms <= env_now_ms(ac->env))
        return err_set(e, ERR_AUTH, "access.no_token");
    if (acc.is_disabled)
        return err_set(e, ERR_AUTH, "access.no_session");
    Reader r;
    TRY(access_fill_reader(ac, a, tx, tree, &acc, &r, e));
    r.by_token = true;
    *ret = r;
    return 0;
}

int access_reader_account(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str account, Reader *ret,
                          Err *e)
{
    Account acc;
    TRY(access_find_account(a, tx, access_fold_name(a, account), &acc, e));
    if (acc.id == 0)
        return err_set(e, ERR_MISSING, "access.no_account", account);
    if (acc.is_disabled)
        return err_set(e, ERR_STATE, "access.account_disabled", acc.name);
    return access_fill_reader(ac, a, tx, tree, &acc, ret, e);
}

void access_session_ref(Access *ac, Str cookie, SessionRef *ret)
{
    *ret = (SessionRef){.now_ms = env_now_ms(ac->env)};
    if (!session_id(cookie, ret->id))
        memset(ret->id, 0, sizeof ret->id); /* no session has that id */
}

int access_account_name(Arena *a, Tx *tx, int64_t account, Str *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_account_name));
    bind_i64(s, 1, account);
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return err_set(e, ERR_MISSING, "access.no_account");
    *ret = str_copy(a, col_str(s, 0));
    stmt_reset(s);
    return 0;
}

int access_person_name(Arena *a, Tx *tx, Uuid person, Str *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_person));
    bind_uuid(s, 1, person);
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return err_set(e, ERR_MISSING, "access.no_person");
    *ret = str_copy(a, col_str(s, 0));
    stmt_reset(s);
    return 0;
}
