/* access_int.h: what the files of access share. Not for other rooms. */
#ifndef STAVE_ACCESS_INT_H
#define STAVE_ACCESS_INT_H

#include <pthread.h>

#include "access/access.h"
#include "sql.h"

/* Open addressing over the units; a slot holds place + 1, 0 is free. */
struct TreeIndex {
    uint64_t mask;
    int *by_id, *by_code;
};

/* One generation of the tree. `tree` is first, so a Tree * that was held is its box. */
typedef struct TreeBox {
    Tree tree;
    Arena *arena;
    int holds; /* under Access.lock; Access itself holds the newest */
} TreeBox;

enum {
    ACCESS_HASHES_AT_ONCE = 2, /* 19 MiB each */
    ACCESS_GHOSTS = 1024,      /* names without account whose wrong tries are counted */
    ACCESS_FAILS_FREE = 4,     /* wrong passwords before the first lock */
    ACCESS_LOCK_MAX_S = 3600,
    ACCESS_TOUCH_MS = 3600 * 1000,
    ACCESS_CODE_DIGITS = 8,
    ACCESS_SECRET_BYTES = 32,
    ACCESS_NAME_MIN = 3,
    ACCESS_NAME_MAX = 32,
};
#define ACCESS_DAY_MS ((int64_t)24 * 3600 * 1000)

/* A name nobody has: its wrong tries lock like an account's, so a lock tells nothing. */
typedef struct Ghost {
    uint64_t name;
    int fails;
    UnixMs locked_ms;
} Ghost;

struct Access {
    Env *env;
    Store *store;
    const Model *model;
    pthread_mutex_t lock; /* box, holds, ghosts, kept */
    TreeBox *box;
    Ghost ghosts[ACCESS_GHOSTS];
    struct Kept *kept[LIMIT_READERS_KEPT]; /* by account; access_kept.c */
    size_t kept_bytes;
    pthread_mutex_t hash_lock;
    pthread_cond_t hash_free;
    int hash_n;
};

/* ---- tree ---- */
/* Lays nodes (siblings in their order; parents[i] the place of node i's parent, -1 the root) out in
 * preorder with an index. false: not exactly one root, a circle, or too deep; ret untouched. */
bool access_tree_lay(Arena *a, const Unit *nodes, const int *parents, int n, Tree *ret);
int access_tree_number(Tx *tx, int64_t *ret, Err *e) MUST_USE;
/* ERR_BUSY unless the tree in the database is still the one prepare used. */
/* Where a seat's duties go while it is empty: the seat its role falls to in the nearest unit above,
 * or the root's office. The root's office gives itself. false: the tree's root has no office. */
bool access_falls(const Tree *t, const Model *m, int unit_ix, int role, int *ret_unit_ix,
                  int *ret_role);
static inline bool access_is_closed(const Unit *u) { return u->closed != DAY_NONE; }
/* The unit's place and those of all that were merged into it (they hang below it), once each. */
typedef struct Places {
    int *list, n;
} Places;
Places access_own_places(Arena *a, const Tree *t, int unit_ix);
int access_root_role(const Model *m, int kind); /* the role there that falls to itself; -1 none */

/* ---- accounts ---- */
typedef struct Account {
    int64_t id;
    Str name, person_name, password; /* password STR_NONE: only invited */
    Uuid person;
    Admin admin;
    bool is_disabled;
    int64_t access_no, fails;
    UnixMs locked_ms;
    Lang lang;
} Account;
/* ret->id 0: none. Texts in `a`. */
int access_find_account(Arena *a, Tx *tx, Str folded_name, Account *ret, Err *e) MUST_USE;
int access_get_account(Arena *a, Tx *tx, int64_t id, Account *ret, Err *e) MUST_USE;
/* The name as it is stored: trimmed, half width, lower case, blanks out of a phone number. */
Str access_fold_name(Arena *a, Str typed);
bool access_name_ok(Str folded);
int access_next_id(Tx *tx, const SqlDef *def, int64_t *ret, Err *e) MUST_USE;
/* ERR_BUSY when who asked may no longer be who he was at prepare. access_no 0: the
 * command line, maybe on someone's behalf. */
int access_same_asker(Tx *tx, const Asker *by, Err *e) MUST_USE;
void access_asked(Access *ac, const Reader *r, Asker *ret); /* r NULL: ret->account stays */
/* Posts of a person that have not ended (future ones too): may `r` staff every one of them? */
int access_may_staff_person(Arena *a, Tx *tx, const Reader *r, Uuid person, bool *ret_all,
                            int *ret_n, Err *e) MUST_USE;
int access_apply_code(Tx *tx, int64_t account, const uint8_t code_hash[SM3_BYTES], int64_t by,
                      UnixMs ends_ms, Err *e) MUST_USE;
int access_run_id(Tx *tx, const SqlDef *def, int64_t id,
                  Err *e) MUST_USE; /* one bigint parameter */

/* ---- passwords, codes, secrets ---- */
bool access_password_right(Access *ac, Arena *a, Str stored, Str typed, bool *ret_rehash);
Str access_password_hash(Access *ac, Arena *a, Str typed);
void access_password_check(Arena *a, Str typed, Str again, Str account, Err *e); /* field errors */
Str access_make_secret(Access *ac, Arena *a); /* hex of 32 random bytes */
void access_make_code(Access *ac, Arena *a, Str *ret_code, uint8_t ret_hash[SM3_BYTES]);
int access_make_new_code(Access *ac, Arena *a, Tx *tx, Str *ret_code, uint8_t ret_hash[SM3_BYTES],
                         Err *e) MUST_USE; /* no other account's */
UnixMs access_lock_until(int64_t fails, UnixMs now_ms);

/* ---- arms, stands ---- */
/* NULL: always. What cannot be worked out does not hold. */
bool access_when_holds(const Reader *r, const Expr *when, const Subject *s);
/* What posts bring along: deputyships of today, stands, loans. Fills r->posts and the others. */
int access_fill_posts(Arena *a, Tx *tx, Reader *r, Err *e) MUST_USE;
/* A holder today of a seat whose account is in use: 1, or 0. role and unit_ix are left alone. */
int access_find_holder(Arena *a, Tx *tx, int64_t seat, Day today, Member *ret, Err *e) MUST_USE;

/* ---- readers ---- */
/* What a reader's posts bring along, kept from one request to the next: posts, stands, loans.
 * Found only under the same account, access number, day and tree; copied into `a`. Threads: any. */
bool access_kept_find(Access *ac, Arena *a, Reader *r);
void access_kept_add(Access *ac, const Reader *r);
void access_kept_drop(Access *ac); /* all; when Access is closed */
int access_fill_reader(Access *ac, Arena *a, Tx *tx, const Tree *tree, const Account *acc,
                       Reader *ret, Err *e) MUST_USE;
int access_open_session(Tx *tx, const SignIn *in, Err *e) MUST_USE;
void access_make_session(Access *ac, Arena *a, SignIn *in); /* cookie, session id, csrf */

/* ---- import ---- */
typedef struct UnitPlan {
    Tree tree;         /* as it will be; new units have their ids */
    const int *ords;   /* by place in tree.units: order among siblings */
    const char *marks; /* by place: UNIT_SAME, UNIT_NEW, UNIT_CHANGED */
    int64_t first_new; /* ids from here on are new */
    Str new_rows; /* JSON: the new units' columns, in preorder: one statement writes them all */
    bool has_new;
    bool is_moved;  /* an existing unit has another parent */
    bool is_shaped; /* something a reader may see depends on has changed */
    const Model *model;
} UnitPlan;
enum { UNIT_SAME, UNIT_CHANGED, UNIT_NEW };
UnitMove access_unit_move(const Tree *was, const Tree *is, int64_t unit);
int access_refit_seats(Tx *tx, const Tree *t, const Model *m, Err *e) MUST_USE;

/* ---- seats ---- */

/* ---- postings ---- */
typedef struct Held {
    Uuid person;
    int64_t seat, unit, account;
    Str role;
    Day starts, ends;
    int64_t heir;
} Held;
int access_get_posting(Arena *a, Tx *tx, int64_t id, Held *ret, Err *e) MUST_USE;
/* May `r` staff the seat of a posting? */
bool access_may_staff_held(const Reader *r, const Held *h);
/* The tree to plan on; *ret_held is to be dropped (it may stay NULL). */
int access_pick_tree(Access *ac, Tx *tx, const Reader *r, const Tree *given, const Tree **ret_held,
                     const Tree **ret, Err *e) MUST_USE;
/* Raises the access number of whoever answers for a posting or a seat today. */
int access_raise_answering(Tx *tx, int64_t posting, int64_t seat, Day today, Err *e) MUST_USE;
int access_raise_person(Tx *tx, Uuid person, Day today, Err *e) MUST_USE; /* and his deputies */
int access_set_tree_number(Tx *tx, int64_t number, Err *e) MUST_USE;
/* "first_secretary@v1": a seat as the log names it. */
Str access_seat_text(Arena *a, Str role, const Unit *u);
Str access_span_text(Arena *a, Day starts, Day ends);

/* ---- viewing ---- */
/* `me` looking at a post: only what the post itself brings. false: not below his own any more. */
int access_view_reader(Arena *a, Tx *tx, const Reader *me, int64_t seat, int64_t unit, Str role,
                       Reader *ret, bool *ret_is, Err *e) MUST_USE;
int access_fill_lents(Arena *a, Tx *tx, Reader *r, Err *e) MUST_USE;

/* A new person and the account he signs in with (no password yet). */
int access_add_login(Tx *tx, Uuid person, Str name, Str account, Admin admin, UnixMs now_ms,
                     int64_t *ret_id, Err *e) MUST_USE;

#endif
