/* access_feed.c: the address of a calendar: a secret that stands for an account and lets nobody do
 * anything but read what it owes and attends. Kept as a digest, one an account; gone when the
 * account is closed or signed out everywhere.                                  SPEC: P2 P3 P9 */
#include "access/access_int.h"

int access_feed(Tx *tx, int64_t account, UnixMs *ret_made_ms, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_feed));
    bind_i64(s, 1, account);
    int rc = stmt_step(s, e);
    TRY(rc);
    *ret_made_ms = rc ? col_i64(s, 0) : 0;
    if (rc)
        stmt_reset(s);
    return 0;
}

int access_prepare_feed(Access *ac, Arena *a, const Reader *r, NewFeed *in, Err *e)
{
    if (r->viewer || r->admin != ADMIN_NONE)
        return err_set(e, ERR_DENIED, "access.no_feed");
    access_asked(ac, r, &in->by);
    in->account_name = r->account_name;
    in->secret = in->ends ? STR_NONE : access_make_secret(ac, a);
    if (!in->ends)
        sm3_of(in->secret.p, in->secret.n, in->id);
    return 0;
}

int access_apply_feed(Tx *tx, void *new_feed, Err *e)
{
    const NewFeed *in = new_feed;
    CHECK(tx_is_write(tx) && in->by.account > 0);
    TRY(access_same_asker(tx, &in->by, e));
    TRY(access_run_id(tx, SQL(access_drop_feed), in->by.account, e));
    TRY(access_log_add(tx, in->by.now_ms, in->by.account, in->ends ? S("feed_end") : S("feed"),
                       in->account_name, S(""), e));
    if (in->ends)
        return 0;
    Stmt *s = tx_sql(tx, SQL(access_add_feed));
    bind_i64(s, 1, in->by.account);
    bind_blob(s, 2, in->id, SM3_BYTES);
    bind_i64(s, 3, in->by.now_ms);
    return stmt_send(s, e);
}

int access_reader_feed(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str secret, Reader *ret,
                       Err *e)
{
    uint8_t id[SM3_BYTES];
    sm3_of(secret.p, secret.n, id);
    Stmt *s = tx_sql(tx, SQL(access_find_feed));
    bind_blob(s, 1, id, sizeof id);
    int rc = stmt_step(s, e);
    TRY(rc);
    int64_t account = rc ? col_i64(s, 0) : 0;
    if (rc)
        stmt_reset(s);
    Account acc = {0};
    if (account)
        TRY(access_get_account(a, tx, account, &acc, e));
    if (!acc.id || acc.is_disabled)
        return err_set(e, ERR_MISSING, "access.feed_gone");
    return access_fill_reader(ac, a, tx, tree, &acc, ret, e);
}
