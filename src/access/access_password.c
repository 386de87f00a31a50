/* access_password.c: argon2id, invitation codes, secrets, names of accounts.    STACK: 7  SPEC: P2
 */
#include "access/access_int.h"

#include <sodium.h>

enum { HASH_OPS = 2, HASH_BYTES = 19 * 1024 * 1024 };

/* Of 32 random bytes nobody kept, with the parameters above: an unknown account costs the same
 * work. */
static const char NOBODY[] = "$argon2id$v=19$m=19456,t=2,p=1$EV68srbJ97RlNSUR8AjVhw$"
                             "OMgTxfrSVHTRsotW9pALlbIo6e8dRog/COcqz5Hi220";

/* ---- argon2id, at most two at a time ---- */

static void hash_enter(Access *ac)
{
    pthread_mutex_lock(&ac->hash_lock);
    while (ac->hash_n >= ACCESS_HASHES_AT_ONCE)
        pthread_cond_wait(&ac->hash_free, &ac->hash_lock);
    ac->hash_n++;
    pthread_mutex_unlock(&ac->hash_lock);
}

static void hash_leave(Access *ac)
{
    pthread_mutex_lock(&ac->hash_lock);
    CHECK(ac->hash_n > 0);
    ac->hash_n--;
    pthread_cond_signal(&ac->hash_free);
    pthread_mutex_unlock(&ac->hash_lock);
}

bool access_password_right(Access *ac, Arena *a, Str stored, Str typed, bool *ret_rehash)
{
    const char *z = str_has(stored) ? str_z(a, stored) : NOBODY;
    Str text = text_normal(a, typed);
    hash_enter(ac);
    bool is_right = crypto_pwhash_str_verify(z, text.n ? text.p : "", text.n) == 0;
    hash_leave(ac);
    *ret_rehash = crypto_pwhash_str_needs_rehash(z, HASH_OPS, HASH_BYTES) != 0;
    return is_right && str_has(stored);
}

Str access_password_hash(Access *ac, Arena *a, Str typed)
{
    char out[crypto_pwhash_STRBYTES];
    Str text = text_normal(a, typed);
    hash_enter(ac);
    int rc = crypto_pwhash_str(out, text.n ? text.p : "", text.n, HASH_OPS, HASH_BYTES);
    hash_leave(ac);
    CHECK(rc == 0); /* it fails only without memory */
    return str_copy(a, str_of(out));
}

/* All one sign, or each the next after the one before: guessed first. */
static bool is_plain(Str s)
{
    uint32_t before = utf8_next(&s);
    bool is_same = true, is_run = true;
    while (s.n) {
        uint32_t cp = utf8_next(&s);
        is_same = is_same && cp == before;
        is_run = is_run && (cp == before + 1 || cp + 1 == before || (before == '9' && cp == '0'));
        before = cp;
    }
    return is_same || is_run;
}

void access_password_check(Arena *a, Str typed, Str again, Str account, Err *e)
{
    size_t n = utf8_count(typed);
    if (n < LIMIT_PASSWORD_MIN)
        (void)err_field(e, S("password"), "access.password_short", err_int(e, LIMIT_PASSWORD_MIN));
    else if (n > LIMIT_PASSWORD_MAX)
        (void)err_field(e, S("password"), "access.password_long", err_int(e, LIMIT_PASSWORD_MAX));
    else if (is_plain(typed) || (str_has(account) && str_eq(access_fold_name(a, typed), account)))
        (void)err_field(e, S("password"), "access.password_plain");
    if (!str_eq(typed, again))
        (void)err_field(e, S("again"), "access.password_again");
}

UnixMs access_lock_until(int64_t fails, UnixMs now_ms)
{
    if (fails <= ACCESS_FAILS_FREE)
        return 0;
    int64_t s = fails < 12 ? INT64_C(1) << fails : ACCESS_LOCK_MAX_S;
    return now_ms + (s < ACCESS_LOCK_MAX_S ? s : ACCESS_LOCK_MAX_S) * 1000;
}

/* ---- secrets ---- */

Str access_make_secret(Access *ac, Arena *a)
{
    uint8_t bytes[ACCESS_SECRET_BYTES];
    env_random(ac->env, bytes, sizeof bytes);
    Buf b = {.arena = a};
    buf_hex(&b, bytes, sizeof bytes);
    return buf_view(&b);
}

void access_make_session(Access *ac, Arena *a, SignIn *in)
{
    uint8_t secret[ACCESS_SECRET_BYTES], csrf[16];
    env_random(ac->env, secret, sizeof secret);
    env_random(ac->env, csrf, sizeof csrf);
    Buf cookie = {.arena = a}, form = {.arena = a};
    buf_hex(&cookie, secret, sizeof secret);
    buf_hex(&form, csrf, sizeof csrf);
    in->cookie = buf_view(&cookie);
    in->csrf = buf_view(&form);
    sm3_of(secret, sizeof secret, in->session_id);
}

void access_make_code(Access *ac, Arena *a, Str *ret_code, uint8_t ret_hash[SM3_BYTES])
{
    uint64_t dice;
    env_random(ac->env, &dice, sizeof dice);
    Str code = str_fmt(a, "%08llu", (unsigned long long)(dice % 100000000));
    CHECK(code.n == ACCESS_CODE_DIGITS);
    sm3_of(code.p, code.n, ret_hash);
    *ret_code = code;
}

int access_make_new_code(Access *ac, Arena *a, Tx *tx, Str *ret_code, uint8_t ret_hash[SM3_BYTES],
                         Err *e)
{
    for (;;) {
        access_make_code(ac, a, ret_code, ret_hash);
        Stmt *s = tx_sql(tx, SQL(access_find_invite));
        bind_blob(s, 1, ret_hash, SM3_BYTES);
        int rc = stmt_step(s, e);
        TRY(rc);
        if (rc == 0)
            return 0;
        stmt_reset(s);
    }
}

/* ---- names of accounts ---- */

Str access_fold_name(Arena *a, Str typed)
{
    Buf b = {.arena = a};
    Str s = str_trim(typed);
    bool is_phone = true;
    while (s.n) {
        uint32_t cp = utf8_next(&s);
        if (cp >= 0xFF01 && cp <= 0xFF5E)
            cp -= 0xFEE0; /* full width */
        if (cp >= 'A' && cp <= 'Z')
            cp += 'a' - 'A';
        char out[4];
        is_phone = is_phone && ((cp >= '0' && cp <= '9') || cp == ' ' || cp == 0x3000);
        buf_mem(&b, out, utf8_put(cp, out));
    }
    if (!is_phone || b.n == 0)
        return b.n ? buf_view(&b) : S("");
    Buf digits = {.arena = a};
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] >= '0' && b.p[i] <= '9')
            buf_byte(&digits, b.p[i]);
    return digits.n ? buf_view(&digits) : S("");
}

bool access_name_ok(Str folded)
{
    if (folded.n < ACCESS_NAME_MIN || folded.n > ACCESS_NAME_MAX)
        return false;
    for (size_t i = 0; i < folded.n; i++) {
        char c = folded.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}
