/* access_stand.c: what somebody's posts bring along: deputyships of today, postings he answers for,
 * units assigned to his; and read the other way, who answers for a posting.        SPEC: P1 P2 */
#include "access/access_int.h"

enum {
    ANSWER_STEPS = 256,               /* heirs of heirs, seats above seats: more is a circle */
    LIMIT_POSTS = 2 * LIMIT_POSTINGS, /* own and deputised */
};

/* ---- posts ---- */

/* A seat of the database as the tree and the model know it. 1: known; 0: a role the model no longer
 * has, which gives nothing. */
static int place_post(Reader *r, Post *p, Str role_name, int64_t unit_id, Err *e)
{
    const Role *role = model_role(r->model, role_name);
    const Unit *unit = tree_unit(r->tree, unit_id);
    if (!role)
        return 0;
    if (!unit)
        return err_set(e, ERR_BUSY, "access.tree_moved");
    p->role = role->ix;
    p->unit_ix = unit->ix;
    return 1;
}

static int read_own(Tx *tx, Reader *r, Post *posts, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_posts));
    bind_uuid(s, 1, r->person);
    bind_day(s, 2, r->today);
    while ((rc = stmt_step(s, e)) == 1) {
        Post p = {.posting = col_i64(s, 0),
                  .seat = col_i64(s, 1),
                  .starts = col_day(s, 4),
                  .ends = col_day(s, 5),
                  .deputy_for_name = STR_NONE};
        if (p.starts > r->today)
            continue;
        int known = place_post(r, &p, col_str(s, 2), col_i64(s, 3), e);
        if (known < 0)
            stmt_reset(s);
        TRY(known);
        if (known && r->post_n == LIMIT_POSTINGS) {
            stmt_reset(s);
            return err_set(e, ERR_LIMIT, "access.too_many_posts", err_int(e, LIMIT_POSTINGS));
        }
        if (known)
            posts[r->post_n++] = p;
    }
    return rc;
}

static bool has_posting(const Post *posts, int n, int64_t posting)
{
    for (int i = 0; i < n; i++)
        if (posts[i].posting == posting)
            return true;
    return false;
}

static int read_deputyships(Arena *a, Tx *tx, Reader *r, Post *posts, Err *e)
{
    int rc;
    Stmt *s = tx_sql(tx, SQL(access_list_deputyships));
    bind_uuid(s, 1, r->person);
    bind_day(s, 2, r->today);
    while ((rc = stmt_step(s, e)) == 1) {
        Post p = {.posting = col_i64(s, 0),
                  .seat = col_i64(s, 1),
                  .starts = col_day(s, 4),
                  .ends = col_day(s, 5),
                  .deputy_for = col_uuid(s, 6)};
        if (has_posting(posts, r->post_n, p.posting))
            continue; /* by a shorter way already */
        int known = place_post(r, &p, col_str(s, 2), col_i64(s, 3), e);
        if (known < 0)
            stmt_reset(s);
        TRY(known);
        p.deputy_for_name = str_copy(a, col_str(s, 7));
        if (known)
            posts[r->post_n++] = p;
        if (r->post_n == LIMIT_POSTS) { /* his own and the nearest deputyships are in */
            stmt_reset(s);
            break;
        }
    }
    return rc;
}

/* ---- what they bring along ---- */

/* [[posting, seat, unit], ...]: one parameter for all of them. */
static Str posts_json(Arena *a, const Reader *r)
{
    Buf b = {.arena = a};
    for (int i = 0; i < r->post_n; i++)
        buf_fmt(&b, "%s[%lld,%lld,%lld]", i ? "," : "[", (long long)r->posts[i].posting,
                (long long)r->posts[i].seat, (long long)r->tree->units[r->posts[i].unit_ix].id);
    buf_byte(&b, ']');
    return buf_view(&b);
}

static int post_of(const Reader *r, int64_t posting)
{
    for (int i = 0; i < r->post_n; i++)
        if (r->posts[i].posting == posting)
            return i;
    return -1;
}

static int read_stands(Arena *a, Tx *tx, Reader *r, Str posts, Err *e)
{
    Stand list[LIMIT_STANDS];
    int n = 0, rc;
    for (int i = 0; i < r->post_n; i++)
        list[n++] =
            (Stand){uuid_is_zero(r->posts[i].deputy_for) ? r->person : r->posts[i].deputy_for,
                    r->posts[i].posting, i};
    Stmt *s = tx_sql(tx, SQL(access_list_stands));
    bind_str(s, 1, posts);
    bind_day(s, 2, r->today);
    bind_i64(s, 3, 4 * LIMIT_STANDS); /* several of his posts may bring the same */
    while ((rc = stmt_step(s, e)) == 1) {
        Stand x = {col_uuid(s, 2), col_i64(s, 1), post_of(r, col_i64(s, 0))};
        CHECK(x.post_ix >= 0);
        bool is_double =
            n && list[n - 1].posting == x.posting && uuid_eq(list[n - 1].author, x.author);
        for (int i = 0; i < r->post_n && !is_double; i++)
            is_double = list[i].posting == x.posting && uuid_eq(list[i].author, x.author);
        if (is_double)
            continue;
        if (n == LIMIT_STANDS) {
            r->is_stands_cut = true; /* told on his pages: page_frame */
            log_line("warn", "access: account=%lld answers for more than %d postings; name heirs",
                     (long long)r->account, LIMIT_STANDS);
            stmt_reset(s);
            break;
        }
        list[n++] = x;
    }
    TRY(rc);
    r->stands = arena_copy(a, list, sizeof *list * (size_t)n);
    r->stand_n = n;
    return 0;
}

static int read_lents(Arena *a, Tx *tx, Reader *r, Str posts, Err *e)
{
    Lent *list = NULL;
    int n = 0, cap = 0, rc;
    Stmt *s = tx_sql(tx, SQL(access_list_lents));
    bind_str(s, 1, posts);
    bind_day(s, 2, r->today);
    while ((rc = stmt_step(s, e)) == 1) {
        const Unit *unit = tree_unit(r->tree, col_i64(s, 0));
        const Unit *target = tree_unit(r->tree, col_i64(s, 2));
        const Role *role = model_role(r->model, col_str(s, 1));
        for (int p = 0; p < r->post_n && unit && target && role; p++) {
            bool is_known = r->posts[p].unit_ix != unit->ix || r->posts[p].role != role->ix;
            for (int i = 0; i < n && !is_known; i++)
                is_known = list[i].unit_ix == target->ix && list[i].post_ix == p;
            if (is_known)
                continue;
            if (n == cap) { /* LIMIT_LENT for each unit and role: access_prepare_lend */
                cap = cap ? cap * 2 : 16;
                Lent *more = NEW_N(a, Lent, (size_t)cap);
                for (int i = 0; i < n; i++)
                    more[i] = list[i];
                list = more;
            }
            list[n++] = (Lent){target->ix, p};
        }
    }
    TRY(rc);
    r->lents = list;
    r->lent_n = n;
    return 0;
}

int access_fill_lents(Arena *a, Tx *tx, Reader *r, Err *e)
{
    return read_lents(a, tx, r, posts_json(a, r), e);
}

int access_fill_posts(Arena *a, Tx *tx, Reader *r, Err *e)
{
    Post posts[LIMIT_POSTS];
    r->post_n = 0;
    TRY(read_own(tx, r, posts, e));
    TRY(read_deputyships(a, tx, r, posts, e));
    if (r->post_n == 0)
        return 0;
    r->posts = arena_copy(a, posts, sizeof *posts * (size_t)r->post_n);
    Str json = posts_json(a, r);
    TRY(read_stands(a, tx, r, json, e));
    return read_lents(a, tx, r, json, e);
}

/* ---- who answers ---- */

static int member_at(const Tree *t, const Model *m, int64_t unit, Str role, Member *ret, Err *e)
{
    const Unit *u = tree_unit(t, unit);
    const Role *ro = model_role(m, role);
    if (!u)
        return err_set(e, ERR_BUSY, "access.tree_moved");
    ret->unit_ix = u->ix;
    ret->role = ro ? ro->ix : -1;
    return 0;
}

/* Its holder, or the heirs' in turn; 0: the seat is asked. */
static int posting_owner(Arena *a, Tx *tx, const Tree *t, const Model *m, int64_t posting,
                         Day today, int64_t *ret_seat, Member *ret, Err *e)
{
    for (int i = 0; posting && i < ANSWER_STEPS; i++) {
        Stmt *s = tx_sql(tx, SQL(access_get_answer));
        bind_day(s, 1, today);
        bind_i64(s, 2, posting);
        int rc = stmt_step(s, e);
        TRY(rc);
        if (rc == 0)
            return err_set(e, ERR_MISSING, "access.no_posting");
        Member who = {.person = col_uuid(s, 0), .name = str_copy(a, col_str(s, 1))};
        int64_t unit = col_i64(s, 3), heir = col_i64(s, 5);
        Str role = str_copy(a, col_str(s, 4));
        bool is_live = col_i64(s, 6) != 0;
        *ret_seat = col_i64(s, 2);
        stmt_reset(s);
        if (is_live) {
            TRY(member_at(t, m, unit, role, &who, e));
            *ret = who;
            return 1;
        }
        posting = heir;
    }
    return 0;
}

int access_find_holder(Arena *a, Tx *tx, int64_t seat, Day today, Member *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_find_usable_holder));
    bind_i64(s, 1, seat);
    bind_day(s, 2, today);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    *ret = (Member){.person = col_uuid(s, 0), .name = str_copy(a, col_str(s, 1))};
    stmt_reset(s);
    return 1;
}

int access_owner(Arena *a, Tx *tx, const Tree *t, const Model *m, int64_t posting, int64_t seat,
                 Day today, Member *ret, Err *e)
{
    if (posting) {
        int rc = posting_owner(a, tx, t, m, posting, today, &seat, ret, e);
        if (rc)
            return rc < 0 ? rc : 0;
    }
    for (int i = 0; i < ANSWER_STEPS; i++) {
        Member who;
        int found = access_find_holder(a, tx, seat, today, &who, e);
        TRY(found);
        Stmt *s = tx_sql(tx, SQL(access_get_seat));
        bind_i64(s, 1, seat);
        int rc = stmt_step(s, e);
        TRY(rc);
        if (rc == 0)
            return err_set(e, ERR_MISSING, "access.no_seat");
        int64_t unit = col_i64(s, 0), up = col_i64(s, 2);
        Str role = str_copy(a, col_str(s, 1));
        stmt_reset(s);
        if (found) {
            TRY(member_at(t, m, unit, role, &who, e));
            *ret = who;
            return 0;
        }
        if (up == seat)
            break;
        seat = up;
    }
    return err_set(e, ERR_STATE, "access.ownerless");
}

/* ---- who must look again ---- */

int access_raise_person(Tx *tx, Uuid person, Day today, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_raise_deputies));
    bind_uuid(s, 1, person);
    bind_day(s, 2, today);
    TRY(stmt_run(s, e));
    return 0;
}

/* Its holders today and their deputies; 0: nobody holds it. */
static int raise_seat(Tx *tx, int64_t seat, Day today, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_raise_seat));
    bind_i64(s, 1, seat);
    bind_day(s, 2, today);
    return stmt_run(s, e);
}

static int seat_above(Tx *tx, int64_t seat, int64_t *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(access_get_seat));
    bind_i64(s, 1, seat);
    int rc = stmt_step(s, e);
    TRY(rc);
    if (rc == 0)
        return err_set(e, ERR_MISSING, "access.no_seat");
    *ret = col_i64(s, 2);
    stmt_reset(s);
    return 0;
}

/* The seat's holders, else those of the nearest held seat it falls to. */
static int raise_chain(Tx *tx, int64_t seat, Day today, Err *e)
{
    for (int i = 0; i < ANSWER_STEPS; i++) {
        int64_t up = seat;
        int n = raise_seat(tx, seat, today, e);
        TRY(n);
        TRY(seat_above(tx, seat, &up, e));
        if (n || up == seat)
            break;
        seat = up;
    }
    return 0;
}

int access_raise_answering(Tx *tx, int64_t posting, int64_t seat, Day today, Err *e)
{
    int64_t own = 0; /* seat of the posting itself: empty, it opens the seats that fall to it */
    bool is_live = false;
    for (int i = 0; posting && !is_live && i < ANSWER_STEPS; i++) {
        Stmt *s = tx_sql(tx, SQL(access_get_answer));
        bind_day(s, 1, today);
        bind_i64(s, 2, posting);
        int rc = stmt_step(s, e);
        TRY(rc);
        if (rc == 0)
            return err_set(e, ERR_MISSING, "access.no_posting");
        Uuid person = col_uuid(s, 0);
        is_live = col_i64(s, 6) != 0;
        seat = col_i64(s, 2);
        posting = col_i64(s, 5);
        stmt_reset(s);
        if (is_live)
            TRY(access_raise_person(tx, person, today, e));
        if (is_live && i == 0)
            return 0; /* nobody stands there but its holder and who acts for him */
        own = own ? own : seat;
    }
    if (own)
        TRY(raise_chain(tx, own, today, e));
    return is_live || seat == own ? 0 : raise_chain(tx, seat, today, e);
}

/* ---- seats that owe ---- */

int access_answered_seats(Arena *a, Tx *tx, const Reader *r, int64_t **ret, int *ret_n, Err *e)
{
    int64_t *list = NEW_N(a, int64_t, LIMIT_STANDS);
    int n = 0, rc = 0;
    if (r->post_n) {
        Stmt *s = tx_sql(tx, SQL(access_list_answered));
        bind_str(s, 1, posts_json(a, r));
        bind_day(s, 2, r->today);
        bind_i64(s, 3, LIMIT_STANDS);
        while ((rc = stmt_step(s, e)) == 1)
            list[n++] = col_i64(s, 0);
    }
    *ret = list;
    *ret_n = n;
    return rc;
}

int access_owing_chain(Arena *a, const Tree *t, const Model *m, int unit_ix, int role,
                       bool is_here, SeatStep **ret)
{
    for (int steps = 0; steps <= m->role_n; steps++) { /* no unit above has it: whom it falls to */
        int at = is_here ? unit_ix : tree_above_at(t, unit_ix, m->roles[role].at);
        if (at >= 0)
            return access_seat_chain(a, t, m, at, role, ret);
        role = m->roles[role].falls_to;
    }
    return 0;
}
