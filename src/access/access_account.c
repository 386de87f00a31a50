/* access_account.c: invitation codes, disabling, administrators, bearer tokens.            SPEC: P2
 */
#include "access/access_int.h"

int access_next_id(Tx *tx, const SqlDef *def, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, def);
    int rc = stmt_step(s, e);
    TRY(rc);
    CHECK(rc == 1);
    *ret = col_i64(s, 0);
    stmt_reset(s);
    return 0;
}

int access_run_id(Tx *tx, const SqlDef *def, int64_t id, Err *e)
{
    Stmt *s = tx_sql(tx, def);
    bind_i64(s, 1, id);
    TRY(stmt_run(s, e));
    return 0;
}

/* ---- codes ---- */

int access_apply_code(Tx *tx, int64_t account, const uint8_t code_hash[SM3_BYTES], int64_t by,
                      UnixMs ends_ms, Err *e)
{
    TRY(access_run_id(tx, SQL(access_drop_invites), account, e));
    Stmt *s = tx_sql(tx, SQL(access_add_invite));
    bind_blob(s, 1, code_hash, SM3_BYTES);
    bind_i64(s, 2, account);
    if (by)
        bind_i64(s, 3, by);
    else
        bind_null(s, 3);
    bind_i64(s, 4, ends_ms);
    TRY(stmt_run(s, e));
    return 0;
}

static int known_account(Arena *a, Tx *tx, Str typed, Account *ret, Err *e)
{
    TRY(access_find_account(a, tx, access_fold_name(a, typed), ret, e));
    return ret->id ? 0 : err_set(e, ERR_MISSING, "access.no_account", typed);
}

/* On pages: an account with posts, every one of them the reader's to staff. */
static int check_above(Arena *a, Tx *tx, const Reader *r, const Account *acc, Err *e)
{
    bool all = false;
    int n = 0;
    TRY(access_may_staff_person(a, tx, r, acc->person, &all, &n, e));
    if (acc->admin || n == 0 || !all)
        return err_set(e, ERR_DENIED, "access.not_your_account");
    return 0;
}

int access_prepare_invite(Access *ac, Arena *a, Tx *tx, const Reader *r, Invite *in, Err *e)
{
    Account acc;
    TRY(known_account(a, tx, in->account, &acc, e));
    if (r)
        TRY(check_above(a, tx, r, &acc, e));
    if (acc.is_disabled && !in->withdraw)
        return err_set(e, ERR_STATE, "access.account_disabled", acc.name);
    in->account_id = acc.id;
    access_asked(ac, r, &in->by);
    in->ends_ms = in->by.now_ms + LIMIT_INVITE_DAYS * ACCESS_DAY_MS;
    in->code = STR_NONE;
    return in->withdraw ? 0 : access_make_new_code(ac, a, tx, &in->code, in->code_hash, e);
}

int access_apply_invite(Tx *tx, void *invite, Err *e)
{
    const Invite *in = invite;
    Account acc;
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_get_account(tx_arena(tx), tx, in->account_id, &acc, e));
    TRY(access_log_add(tx, in->by.now_ms, in->by.account,
                       in->withdraw ? S("invite_withdraw") : S("invite"), acc.name, S(""), e));
    if (in->withdraw)
        return access_run_id(tx, SQL(access_drop_invites), in->account_id, e);
    if (acc.is_disabled)
        return err_set(e, ERR_BUSY, "access.again");
    return access_apply_code(tx, in->account_id, in->code_hash, in->by.account, in->ends_ms, e);
}

/* ---- disabling ---- */

/* The root's office is never left without somebody who can sign in: nobody could fill it again. */
static int check_last_root(Tx *tx, Uuid person, Day today, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_is_last_root));
    bind_uuid(s, 1, person);
    bind_day(s, 2, today);
    int rc = stmt_step(s, e);
    if (rc == 1)
        stmt_reset(s);
    TRY(rc);
    return rc ? err_set(e, ERR_STATE, "access.last_root") : 0;
}

int access_prepare_disable(Access *ac, Arena *a, Tx *tx, const Reader *r, Disable *in, Err *e)
{
    Account acc;
    access_asked(ac, r, &in->by);
    TRY(known_account(a, tx, in->account, &acc, e));
    bool is_guard = r && (r->admin == ADMIN_SYSTEM || r->admin == ADMIN_SECURITY);
    if (is_guard && acc.admin && r->account != acc.id)
        return err_set(e, ERR_DENIED, "access.not_your_account");
    if (r && !is_guard)
        TRY(check_above(a, tx, r, &acc, e));
    if (r && r->account == acc.id && !in->enable)
        return err_set(e, ERR_STATE, "access.not_yourself");
    if (!in->enable)
        TRY(check_last_root(tx, acc.person, in->by.today, e));
    in->account = acc.name;
    in->account_id = acc.id;
    return 0;
}

enum { POSTINGS_MOST = 4 * LIMIT_POSTINGS };

/* Whoever answers for the person's postings while he cannot. */
static int raise_answering(Tx *tx, Uuid person, Day today, Err *e)
{
    int64_t ids[POSTINGS_MOST];
    int n = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_posts));
    bind_uuid(s, 1, person);
    bind_day(s, 2, today);
    while ((rc = stmt_step(s, e)) == 1)
        if (n < POSTINGS_MOST)
            ids[n++] = col_i64(s, 0);
    TRY(rc);
    for (int i = 0; i < n; i++)
        TRY(access_raise_answering(tx, ids[i], 0, today, e));
    return 0;
}

int access_apply_disable(Tx *tx, void *disable, Err *e)
{
    const Disable *in = disable;
    CHECK(tx_is_write(tx) && in->account_id > 0);
    Account acc;
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_get_account(tx_arena(tx), tx, in->account_id, &acc, e));
    if (!in->enable)
        TRY(check_last_root(tx, acc.person, in->by.today, e));
    TRY(raise_answering(tx, acc.person, in->by.today, e));
    Stmt *s = tx_sql(tx, SQL(access_set_disabled));
    bind_bool(s, 1, !in->enable);
    bind_i64(s, 2, in->account_id);
    TRY(stmt_run(s, e));
    TRY(access_run_id(tx, SQL(access_raise_account), in->account_id, e));
    TRY(raise_answering(tx, acc.person, in->by.today, e));
    TRY(access_log_add(tx, in->by.now_ms, in->by.account, in->enable ? S("enable") : S("disable"),
                       in->account, S(""), e));
    if (in->enable)
        return 0;
    TRY(access_run_id(tx, SQL(access_drop_sessions), in->account_id, e));
    TRY(access_run_id(tx, SQL(access_drop_tokens), in->account_id, e));
    TRY(access_run_id(tx, SQL(access_drop_feed), in->account_id, e));
    return access_run_id(tx, SQL(access_drop_invites), in->account_id, e);
}

/* ---- the administrator ---- */

int access_prepare_admin(Access *ac, Arena *a, AddAdmin *in, Err *e)
{
    in->account = access_fold_name(a, in->account);
    in->name = text_normal(a, str_trim(in->name));
    if (!access_name_ok(in->account))
        (void)err_field(e, S("account"), "access.account_form");
    if (in->name.n == 0)
        (void)err_field(e, S("name"), "access.name_needed");
    else if (utf8_count(in->name) > LIMIT_NAME_CHARS)
        (void)err_field(e, S("name"), "access.name_long", err_int(e, LIMIT_NAME_CHARS));
    if (e->cls)
        return e->cls;
    in->person = env_uuid7(ac->env);
    in->by.now_ms = env_now_ms(ac->env);
    in->ends_ms = in->by.now_ms + LIMIT_INVITE_DAYS * ACCESS_DAY_MS;
    access_make_code(ac, a, &in->code, in->code_hash);
    return 0;
}

int access_add_login(Tx *tx, Uuid person, Str name, Str account, Admin admin, UnixMs now_ms,
                     int64_t *ret_id, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_add_person));
    bind_uuid(s, 1, person);
    bind_str(s, 2, name);
    bind_i64(s, 3, now_ms);
    TRY(stmt_run(s, e));
    int64_t id = 0;
    TRY(access_next_id(tx, SQL(access_next_account), &id, e));
    s = tx_sql(tx, SQL(access_add_account));
    bind_i64(s, 1, id);
    bind_uuid(s, 2, person);
    bind_str(s, 3, account);
    bind_i64(s, 4, admin);
    bind_i64(s, 5, now_ms);
    TRY(stmt_run(s, e));
    *ret_id = id;
    return 0;
}

int access_apply_admin(Tx *tx, void *add_admin, Err *e)
{
    const AddAdmin *in = add_admin;
    Account acc;
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_find_account(tx_arena(tx), tx, in->account, &acc, e));
    if (acc.id)
        return err_field(e, S("account"), "access.account_taken", in->account);
    int64_t id = 0;
    TRY(access_add_login(tx, in->person, in->name, in->account,
                         in->admin ? in->admin : ADMIN_SYSTEM, in->by.now_ms, &id, e));
    TRY(access_log_add(tx, in->by.now_ms, in->by.account, S("admin"), in->account,
                       in->admin == ADMIN_SECURITY ? S("security")
                       : in->admin == ADMIN_AUDIT  ? S("audit")
                                                   : S("administrator"),
                       e));
    return access_apply_code(tx, id, in->code_hash, in->by.account, in->ends_ms, e);
}

/* ---- tokens ---- */

int access_prepare_token(Access *ac, Arena *a, Tx *tx, NewToken *in, Err *e)
{
    Account acc;
    TRY(known_account(a, tx, in->account, &acc, e));
    if (acc.is_disabled)
        return err_set(e, ERR_STATE, "access.account_disabled", acc.name);
    in->account_id = acc.id;
    in->token = access_make_secret(ac, a);
    sm3_of(in->token.p, in->token.n, in->id);
    in->ends_ms = env_now_ms(ac->env) + LIMIT_TOKEN_DAYS * ACCESS_DAY_MS;
    return 0;
}

int access_apply_token(Tx *tx, void *new_token, Err *e)
{
    const NewToken *in = new_token;
    Account acc;
    TRY(access_get_account(tx_arena(tx), tx, in->account_id, &acc, e));
    if (acc.id == 0 || acc.is_disabled)
        return err_set(e, ERR_BUSY, "access.again");
    Stmt *s = tx_sql(tx, SQL(access_add_token));
    bind_blob(s, 1, in->id, SM3_BYTES);
    bind_i64(s, 2, in->account_id);
    bind_i64(s, 3, in->ends_ms);
    TRY(stmt_run(s, e));
    return 0;
}
