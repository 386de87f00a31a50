/* access_sign_in.c: signing in and out, sessions, the lock after wrong passwords, redeeming a code.
 *                                                                                          SPEC: P2
 */
#include "access/access_int.h"

/* ---- names without account ---- */

static Ghost *ghost_of(Access *ac, Str name) /* under the lock */
{
    uint64_t hash = str_hash(name);
    Ghost *g = &ac->ghosts[hash % ACCESS_GHOSTS];
    if (g->name != hash)
        *g = (Ghost){.name = hash};
    return g;
}

static UnixMs ghost_locked(Access *ac, Str name)
{
    pthread_mutex_lock(&ac->lock);
    UnixMs locked_ms = ghost_of(ac, name)->locked_ms;
    pthread_mutex_unlock(&ac->lock);
    return locked_ms;
}

static void ghost_fail(Access *ac, Str name, UnixMs now_ms)
{
    pthread_mutex_lock(&ac->lock);
    Ghost *g = ghost_of(ac, name);
    g->fails += g->fails < INT32_MAX;
    g->locked_ms = access_lock_until(g->fails, now_ms);
    pthread_mutex_unlock(&ac->lock);
}

/* ---- sign in ---- */

static int locked(UnixMs locked_ms, UnixMs now_ms, Err *e)
{
    return err_set(e, ERR_RATE, "access.locked", err_int(e, (locked_ms - now_ms + 59999) / 60000));
}

int access_prepare_sign_in(Access *ac, Arena *a, Tx *tx, SignIn *in, Err *e)
{
    Account acc;
    Str name = access_fold_name(a, in->account);
    in->now_ms = env_now_ms(ac->env);
    TRY(access_find_account(a, tx, name, &acc, e));
    UnixMs locked_ms = acc.id ? acc.locked_ms : ghost_locked(ac, name);
    if (locked_ms > in->now_ms)
        return locked(locked_ms, in->now_ms, e);
    bool needs_rehash;
    bool is_right =
        access_password_right(ac, a, acc.id ? acc.password : STR_NONE, in->password, &needs_rehash);
    if (!acc.id)
        ghost_fail(ac, name, in->now_ms);
    in->account_id = acc.id;
    in->access_no = acc.access_no;
    in->is_right = is_right && !acc.is_disabled;
    in->rehash =
        in->is_right && needs_rehash ? access_password_hash(ac, a, in->password) : STR_NONE;
    access_make_session(ac, a, in);
    return 0;
}

static int set_fails(Tx *tx, int64_t account, int64_t fails, UnixMs locked_ms, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_set_fails));
    bind_i64(s, 1, fails);
    bind_i64(s, 2, locked_ms);
    bind_i64(s, 3, account);
    return stmt_run(s, e);
}

static int set_password(Tx *tx, int64_t account, Str hash, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_set_password));
    bind_str(s, 1, hash);
    bind_i64(s, 2, account);
    return stmt_run(s, e);
}

int access_open_session(Tx *tx, const SignIn *in, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_drop_old_sessions));
    bind_i64(s, 1, in->account_id);
    bind_i64(s, 2, in->now_ms - LIMIT_SESSION_DAYS * ACCESS_DAY_MS);
    bind_i64(s, 3, in->now_ms - (int64_t)LIMIT_SESSION_IDLE_MIN * 60000);
    TRY(stmt_run(s, e));
    s = tx_sql(tx, SQL(access_add_session));
    bind_blob(s, 1, in->session_id, SM3_BYTES);
    bind_i64(s, 2, in->account_id);
    bind_str(s, 3, in->csrf);
    bind_i64(s, 4, in->now_ms);
    bind_i64(s, 5, in->now_ms);
    TRY(stmt_run(s, e));
    return 0;
}

int access_apply_sign_in(Tx *tx, void *sign_in, Err *e)
{
    const SignIn *in = sign_in;
    if (in->account_id == 0)
        return 0; /* nobody's name: counted by prepare */
    Account acc;
    TRY(access_get_account(tx_arena(tx), tx, in->account_id, &acc, e));
    if (acc.id == 0)
        return err_set(e, ERR_AUTH, "access.wrong_password");
    if (acc.locked_ms > in->now_ms) /* locked while this try was being worked out */
        return locked(acc.locked_ms, in->now_ms, e);
    if (!in->is_right) {
        UnixMs until = access_lock_until(acc.fails + 1, in->now_ms);
        TRY(set_fails(tx, acc.id, acc.fails + 1, until, e));
        if (until > in->now_ms)
            TRY(access_log_add(tx, in->now_ms, acc.id, S("sign_in_locked"), acc.name,
                               str_fmt(tx_arena(tx), "%lld", (long long)acc.fails + 1), e));
        return 0;
    }
    if (acc.is_disabled || acc.access_no != in->access_no)
        return err_set(e, ERR_BUSY, "access.again");
    if (acc.fails)
        TRY(set_fails(tx, acc.id, 0, 0, e));
    if (str_has(in->rehash))
        TRY(set_password(tx, acc.id, in->rehash, e));
    return access_open_session(tx, in, e);
}

int access_apply_sign_out(Tx *tx, void *session_ref, Err *e)
{
    const SessionRef *ref = session_ref;
    Stmt *s = tx_sql(tx, SQL(access_drop_session));
    bind_blob(s, 1, ref->id, SM3_BYTES);
    TRY(stmt_run(s, e));
    return 0;
}

int access_apply_touch(Tx *tx, void *session_ref, Err *e)
{
    const SessionRef *ref = session_ref;
    Stmt *s = tx_sql(tx, SQL(access_touch_session));
    bind_i64(s, 1, ref->now_ms);
    bind_blob(s, 2, ref->id, SM3_BYTES);
    TRY(stmt_run(s, e));
    return 0;
}

int access_apply_lang(Tx *tx, void *set_lang, Err *e)
{
    const SetLang *in = set_lang;
    Stmt *s = tx_sql(tx, SQL(access_set_lang));
    bind_str(s, 1, in->lang == LANG_EN ? S("en") : S("zh"));
    bind_i64(s, 2, in->account);
    TRY(stmt_run(s, e));
    return 0;
}

/* ---- redeeming a code ---- */

/* Digits only: blanks, dashes and full-width digits are how people copy it. */
static Str code_digits(Arena *a, Str typed)
{
    Buf b = {.arena = a};
    while (typed.n) {
        uint32_t cp = utf8_next(&typed);
        if (cp >= 0xFF10 && cp <= 0xFF19)
            cp -= 0xFF10 - '0';
        if (cp >= '0' && cp <= '9')
            buf_byte(&b, (char)cp);
        else if (cp != ' ' && cp != '-' && cp != 0x3000)
            return S("");
    }
    return b.n ? buf_view(&b) : S("");
}

/* The account a living code belongs to; 0: none. */
static int find_invited(Tx *tx, const uint8_t hash[SM3_BYTES], UnixMs now_ms, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_find_invite));
    bind_blob(s, 1, hash, SM3_BYTES);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret = rc == 1 && col_i64(s, 1) > now_ms ? col_i64(s, 0) : 0;
    stmt_reset(s);
    return 0;
}

int access_prepare_redeem(Access *ac, Arena *a, Tx *tx, Redeem *in, Err *e)
{
    Str code = code_digits(a, in->code);
    Account acc = {0};
    int64_t account = 0;
    UnixMs now_ms = env_now_ms(ac->env);
    if (code.n == ACCESS_CODE_DIGITS) {
        sm3_of(code.p, code.n, in->code_hash);
        TRY(find_invited(tx, in->code_hash, now_ms, &account, e));
    }
    if (account)
        TRY(access_get_account(a, tx, account, &acc, e));
    if (acc.id == 0 || acc.is_disabled)
        (void)err_field(e, S("code"), "access.code_wrong");
    access_password_check(a, in->password, in->again, acc.id ? acc.name : STR_NONE, e);
    if (e->cls)
        return e->cls;
    in->account_id = acc.id;
    in->account_name = acc.name;
    in->person_name = acc.person_name;
    if (!str_has(in->hash))
        in->hash = access_password_hash(ac, a, in->password);
    in->session =
        (SignIn){.account = acc.name, .account_id = acc.id, .is_right = true, .now_ms = now_ms};
    access_make_session(ac, a, &in->session);
    return 0;
}

int access_apply_redeem(Tx *tx, void *redeem, Err *e)
{
    const Redeem *in = redeem;
    int64_t account = 0;
    Account acc;
    TRY(find_invited(tx, in->code_hash, in->session.now_ms, &account, e));
    TRY(access_get_account(tx_arena(tx), tx, in->account_id, &acc, e));
    if (account == 0 || account != in->account_id || acc.id == 0 || acc.is_disabled)
        return err_field(e, S("code"), "access.code_wrong");
    TRY(access_run_id(tx, SQL(access_drop_invites), acc.id, e));
    TRY(access_run_id(tx, SQL(access_drop_sessions), acc.id, e));
    TRY(access_run_id(tx, SQL(access_drop_tokens), acc.id, e));
    TRY(access_run_id(tx, SQL(access_drop_feed), acc.id, e));
    TRY(access_log_add(tx, in->session.now_ms, acc.id, S("redeem"), acc.name, S(""), e));
    TRY(set_password(tx, acc.id, in->hash, e));
    TRY(set_fails(tx, acc.id, 0, 0, e));
    TRY(access_run_id(tx, SQL(access_raise_account), acc.id, e));
    return access_open_session(tx, &in->session, e);
}
