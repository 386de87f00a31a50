/* test_access_sign_in.c: passwords, the lock, sessions, tokens, invitation codes.            SPEC:
 * P2 */
#include "access/access_int.h"
#include "test_access_util.h"

static const char PASSWORD[] = "马灯 照亮 石板路 九月", OTHER[] = "another long password";

enum { SECOND = 1000, MINUTE = 60 * SECOND };
static const int64_t DAY = 24 * 60 * (int64_t)MINUTE;

static void one_user(World *w)
{
    world_tree(w);
    world_staff(w, "city", "county_office", "c");
    world_staff(w, "first1", "first_secretary", "v1");
    world_password(w, "first1", PASSWORD);
}

BOTH_WORLDS(the_right_password_opens_a_session)
{
    one_user(w);
    Str cookie;
    EXPECT_EQ_I64(world_sign_in(w, "first1", OTHER, NULL), 0);
    EXPECT_EQ_I64(world_ask(w, "SELECT fails FROM account WHERE name = 'first1'"), 1);
    EXPECT_EQ_I64(world_sign_in(w, " First1　", PASSWORD, &cookie), 1); /* folded as typed */
    EXPECT_EQ_I64(world_ask(w, "SELECT fails FROM account WHERE name = 'first1'"), 0);
    EXPECT_EQ_I64(cookie.n, 64);
    EXPECT(world_session(w, cookie));
    Look l = world_look(w);
    Reader r;
    bool touch = true;
    REQUIRE_OK(access_reader_session(w->access, w->a, l.tx, l.tree, cookie, &r, &touch, w->e),
               w->e);
    EXPECT_STR(r.account_name, "first1");
    EXPECT(r.csrf.n == 32 && !r.by_token && !touch && r.post_n == 1);
    world_close(w, &l);
    EXPECT(!world_session(w, S("")));
    EXPECT(!world_session(w, S("zz")));
    Str near = str_copy(w->a, cookie);
    ((char *)(uintptr_t)near.p)[9] = near.p[9] == 'a' ? 'b' : 'a';
    EXPECT(!world_session(w, near));
    SessionRef ref;
    access_session_ref(w->access, cookie, &ref);
    REQUIRE_OK(world_do(w, access_apply_sign_out, &ref), w->e);
    EXPECT(!world_session(w, cookie));
}

BOTH_WORLDS(sessions_end_by_age_and_by_idleness)
{
    one_user(w);
    Str idle, used;
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, &idle), 1);
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, &used), 1);
    bool was_touched = false;
    for (int day = 0; day < LIMIT_SESSION_DAYS; day++) {
        EXPECT(world_session(w, used));
        EXPECT(world_session(w, idle) == (day < LIMIT_SESSION_IDLE_MIN / 60 / 24));
        SessionRef ref;
        Reader r;
        bool touch;
        Look l = world_look(w);
        REQUIRE_OK(access_reader_session(w->access, w->a, l.tx, l.tree, used, &r, &touch, w->e),
                   w->e);
        world_close(w, &l);
        was_touched = was_touched || touch;
        access_session_ref(w->access, used, &ref);
        if (touch)
            REQUIRE_OK(world_do(w, access_apply_touch, &ref), w->e);
        env_test_move(w->t.env, DAY);
    }
    EXPECT(was_touched);
    EXPECT(!world_session(w, used));
    int64_t dead = world_ask(w, "SELECT count(*) FROM session");
    EXPECT_EQ_I64(dead, 3); /* redeeming the code opened one too */
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, &used), 1);
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM session"), 1); /* the dead are swept */
}

/* Wrong tries with growing delay; the same for a name nobody has. */
static void lockout(World *w, const char *account)
{
    for (int i = 0; i < ACCESS_FAILS_FREE; i++)
        EXPECT_EQ_I64(world_sign_in(w, account, OTHER, NULL), 0);
    int64_t delay_s = 32;
    for (int n = ACCESS_FAILS_FREE + 1; n < 16; n++) {
        EXPECT_EQ_I64(world_sign_in(w, account, OTHER, NULL), 0);
        EXPECT_ERR(world_sign_in(w, account, PASSWORD, NULL), ERR_RATE, w->e);
        env_test_move(w->t.env, delay_s * SECOND - 1);
        EXPECT_ERR(world_sign_in(w, account, PASSWORD, NULL), ERR_RATE, w->e);
        env_test_move(w->t.env, 1);
        delay_s = delay_s * 2 < 3600 ? delay_s * 2 : 3600;
    }
}

BOTH_WORLDS(wrong_passwords_lock_with_growing_delay)
{
    one_user(w);
    lockout(w, "first1");
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, NULL), 1);
    EXPECT_EQ_I64(world_sign_in(w, "first1", OTHER, NULL), 0); /* counts from nothing again */
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, NULL), 1);
}

BOTH_WORLDS(a_name_nobody_has_behaves_like_one)
{
    one_user(w);
    lockout(w, "nobody");
    EXPECT_EQ_I64(world_sign_in(w, "nobody", PASSWORD, NULL), 0);
    bool rehash = true;
    EXPECT(!access_password_right(w->access, w->a, STR_NONE, S("x"), &rehash));
    EXPECT(!rehash); /* the stand-in has the parameters in force: the same work */
}

BOTH_WORLDS(a_try_in_flight_does_not_slip_past_the_lock)
{
    one_user(w);
    SignIn right = {.account = S("first1"), .password = str_of(PASSWORD)};
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_sign_in(w->access, w->a, l.tx, &right, w->e), w->e);
    world_close(w, &l);
    for (int i = 0; i <= ACCESS_FAILS_FREE; i++)
        EXPECT_EQ_I64(world_sign_in(w, "first1", OTHER, NULL), 0);
    EXPECT(right.is_right);
    EXPECT_ERR(world_do(w, access_apply_sign_in, &right), ERR_RATE, w->e);
    EXPECT(!world_session(w, right.cookie));
}

BOTH_WORLDS(old_parameters_are_renewed_at_sign_in)
{
    one_user(w);
    /* "old parameters" with one pass and 8 MiB, made by crypto_pwhash_str */
    world_sql(w, "UPDATE account SET password = '$argon2id$v=19$m=8192,t=1,p=1$"
                 "k3o9hHXg2q9JM8Wc9Fpq9Q$H6mmkOTy+lj6fYTQzKt2fmTgA0oIJ4ZUkpQwAKVHgvM' WHERE name = "
                 "'first1'");
    EXPECT_EQ_I64(world_sign_in(w, "first1", "old parameters", NULL), 1);
    EXPECT_EQ_I64(
        world_ask(
            w, "SELECT count(*) FROM account WHERE password LIKE '$argon2id$v=19$m=19456,t=2,%'"),
        1);
    EXPECT_EQ_I64(world_sign_in(w, "first1", "old parameters", NULL), 1);
}

BOTH_WORLDS(a_disabled_account_is_out_at_once)
{
    one_user(w);
    Str cookie;
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, &cookie), 1);
    NewToken token = {.account = S("first1")};
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_token(w->access, w->a, l.tx, &token, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_token, &token), w->e);
    Reader r;
    l = world_look(w);
    REQUIRE_OK(access_reader_token(w->access, w->a, l.tx, l.tree, token.token, &r, w->e), w->e);
    EXPECT(r.by_token && r.post_n == 1);
    Disable off = {.account = S("first1")};
    REQUIRE_OK(access_prepare_disable(w->access, w->a, l.tx, NULL, &off, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_disable, &off), w->e);
    EXPECT(!world_session(w, cookie));
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM session"), 0);
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, NULL), 0);
    l = world_look(w);
    EXPECT_ERR(access_reader_token(w->access, w->a, l.tx, l.tree, token.token, &r, w->e), ERR_AUTH,
               w->e);
    EXPECT_ERR(access_reader_account(w->access, w->a, l.tx, l.tree, S("first1"), &r, w->e),
               ERR_STATE, w->e);
    Disable on = {.account = S("first1"), .enable = true};
    REQUIRE_OK(access_prepare_disable(w->access, w->a, l.tx, NULL, &on, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_disable, &on), w->e);
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, NULL), 1);
}

BOTH_WORLDS(tokens_live_thirty_days)
{
    one_user(w);
    NewToken token = {.account = S("first1")};
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_token(w->access, w->a, l.tx, &token, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_token, &token), w->e);
    Reader r;
    for (int i = 0; i < 2; i++) {
        env_test_move(w->t.env, LIMIT_TOKEN_DAYS * DAY - 1);
        l = world_look(w);
        int rc = access_reader_token(w->access, w->a, l.tx, l.tree, token.token, &r, w->e);
        world_close(w, &l);
        EXPECT_EQ_I64(rc, i ? ERR_AUTH : 0);
        err_clear(w->e);
    }
    l = world_look(w);
    EXPECT_ERR(access_reader_token(w->access, w->a, l.tx, l.tree, S("nonsense"), &r, w->e),
               ERR_AUTH, w->e);
    world_close(w, &l);
}

/* ---- codes ---- */

static Invite invite(World *w, const char *account)
{
    Invite in = {.account = str_of(account)};
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_invite(w->access, w->a, l.tx, NULL, &in, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_invite, &in), w->e);
    EXPECT_EQ_I64(in.code.n, 8);
    return in;
}

static int redeem(World *w, Str code, const char *password, const char *again, Redeem *re)
{
    *re = (Redeem){.code = code, .password = str_of(password), .again = str_of(again)};
    Look l = world_look(w);
    int rc = access_prepare_redeem(w->access, w->a, l.tx, re, w->e);
    world_close(w, &l);
    return rc < 0 ? rc : world_do(w, access_apply_redeem, re);
}

BOTH_WORLDS(a_code_works_once)
{
    one_user(w);
    Str cookie;
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, &cookie), 1);
    Invite in = invite(w, "first1");
    Str spaced = str_fmt(w->a, " %.4s-%.4s　", in.code.p, in.code.p + 4);
    Redeem re, late;
    Look l = world_look(w); /* the same code prepared twice */
    late = (Redeem){.code = in.code, .password = str_of(OTHER), .again = str_of(OTHER)};
    REQUIRE_OK(access_prepare_redeem(w->access, w->a, l.tx, &late, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(redeem(w, spaced, OTHER, OTHER, &re), w->e);
    EXPECT_STR(re.account_name, "first1");
    EXPECT(world_session(w, re.session.cookie)); /* signed in by it */
    EXPECT(!world_session(w, cookie));           /* and nobody else is left in */
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, NULL), 0);
    EXPECT_EQ_I64(world_sign_in(w, "first1", OTHER, NULL), 1);
    EXPECT_ERR(world_do(w, access_apply_redeem, &late), ERR_INVALID, w->e);
    EXPECT_ERR(redeem(w, in.code, OTHER, OTHER, &re), ERR_INVALID, w->e);
}

BOTH_WORLDS(a_code_dies_after_seven_days_or_by_a_newer_one)
{
    one_user(w);
    Redeem re;
    Invite first = invite(w, "first1"), second = invite(w, "first1");
    EXPECT_ERR(redeem(w, first.code, OTHER, OTHER, &re), ERR_INVALID, w->e);
    Look l = world_look(w);
    Invite back = {.account = S("first1"), .withdraw = true};
    REQUIRE_OK(access_prepare_invite(w->access, w->a, l.tx, NULL, &back, w->e), w->e);
    world_close(w, &l);
    REQUIRE_OK(world_do(w, access_apply_invite, &back), w->e);
    EXPECT_ERR(redeem(w, second.code, OTHER, OTHER, &re), ERR_INVALID, w->e);
    Invite third = invite(w, "first1");
    env_test_move(w->t.env, LIMIT_INVITE_DAYS * DAY);
    EXPECT_ERR(redeem(w, third.code, OTHER, OTHER, &re), ERR_INVALID, w->e);
    Invite fourth = invite(w, "first1");
    env_test_move(w->t.env, LIMIT_INVITE_DAYS * DAY - 1);
    REQUIRE_OK(redeem(w, fourth.code, OTHER, OTHER, &re), w->e);
}

static void expect_fields(World *w, const char *fields)
{
    Buf b = {.arena = w->a};
    for (size_t i = 0; i < w->e->field_n; i++) {
        buf_z(&b, i ? " " : "");
        buf_str(&b, w->e->fields[i].field);
        buf_byte(&b, ':');
        buf_str(&b, w->e->fields[i].key);
    }
    EXPECT_STR(buf_view(&b), fields);
    err_clear(w->e);
}

BOTH_WORLDS(a_password_must_be_worth_it)
{
    one_user(w);
    Invite in = invite(w, "first1");
    Redeem re;
    EXPECT_EQ_I64(redeem(w, S("1234"), "short", "shorT", &re), ERR_INVALID);
    expect_fields(
        w, "code:access.code_wrong password:access.password_short again:access.password_again");
    EXPECT_EQ_I64(redeem(w, in.code, "1234567890", "1234567890", &re), ERR_INVALID);
    expect_fields(w, "password:access.password_plain");
    EXPECT_EQ_I64(redeem(w, in.code, "啊啊啊啊啊啊啊啊啊啊", "啊啊啊啊啊啊啊啊啊啊", &re),
                  ERR_INVALID);
    expect_fields(w, "password:access.password_plain");
    char longest[LIMIT_PASSWORD_MAX + 2];
    for (size_t i = 0; i < sizeof longest - 1; i++)
        longest[i] = "abxy"[i % 4];
    longest[sizeof longest - 1] = 0;
    EXPECT_EQ_I64(redeem(w, in.code, longest, longest, &re), ERR_INVALID);
    expect_fields(w, "password:access.password_long");
    longest[LIMIT_PASSWORD_MAX] = 0;
    REQUIRE_OK(redeem(w, in.code, longest, longest, &re), w->e);
}

BOTH_WORLDS(no_secret_is_kept_in_the_clear)
{
    one_user(w);
    Str cookie;
    EXPECT_EQ_I64(world_sign_in(w, "first1", PASSWORD, &cookie), 1);
    Invite in = invite(w, "first1");
    uint8_t digest[SM3_BYTES];
    sm3_of(in.code.p, in.code.n, digest);
    EXPECT(memcmp(digest, in.code_hash, sizeof digest) == 0);
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM invite WHERE length(code) <> 32"), 0);
    EXPECT_EQ_I64(
        world_ask(
            w,
            "SELECT count(*) FROM account WHERE password LIKE '$argon2id$%' AND name = 'first1'"),
        1);
}

BOTH_WORLDS(the_language_stays_with_the_account)
{
    one_user(w);
    SetLang en = {.account = world_ask(w, "SELECT id FROM account WHERE name = 'first1'"),
                  .lang = LANG_EN};
    REQUIRE_OK(world_do(w, access_apply_lang, &en), w->e);
    Look l = world_look(w);
    EXPECT(world_reader(w, &l, "first1").lang == LANG_EN);
    EXPECT(world_reader(w, &l, "city").lang == LANG_ZH);
    world_close(w, &l);
}
