/* access.h: who somebody is, where he sits, and what he may therefore see and do.
 *
 * Model: the tree of units is an immutable array in preorder (a subtree is a slice); seats are one
 * role at one unit; postings put persons on seats from a day to a day; accounts sign in. Permission
 * compiles to arms: (column, slice of the tree or the author, states, by which post). The same
 * array decides access_may() and builds the list query, so "may I see this" and "list what I may
 * see" cannot differ; read backwards it answers "who can see this". Invariants: a seat's falls_to
 * is never empty; an arm ends with its posting's last day (China); the system administrator holds
 * no posting, so he has no arms; whatever changes what an account may do raises its access_no. Not
 * here: what a record is (record.h).                       SPEC: P1 P2  DESIGN: Who may
 */
#ifndef STAVE_ACCESS_H
#define STAVE_ACCESS_H

#include "model/model.h"
#include "store/store.h"

/* ---- the tree ---- */
typedef struct Unit {
    int64_t id;
    int64_t county; /* unit id */
    int ix;         /* preorder place */
    int end_ix;     /* its subtree is units[ix .. end_ix) */
    int parent_ix;  /* -1: the root */
    int depth;      /* 0: the root */
    int kind;       /* index into Model.kinds */
    Str code, name;
    Day opened, closed; /* DAY_NONE: open */
} Unit;
typedef struct Tree {
    const Unit *units;
    int unit_n;              /* 0: nothing imported yet */
    int64_t number;          /* meta 'tree'; raised by each change */
    Str name;                /* of the deployment: the root's name, or "" */
    struct TreeIndex *index; /* private: by id, by code */
} Tree;
const Unit *tree_unit(const Tree *t, int64_t id);     /* NULL: none. O(1) */
const Unit *tree_unit_coded(const Tree *t, Str code); /* O(1) */
bool tree_is_within(const Tree *t, int unit_ix, int above_ix);
int tree_above_at(const Tree *t, int unit_ix,
                  uint64_t kinds); /* nearest of a kind at or above; -1 none */

/* ---- Access: one per process, internally locked ---- */
typedef struct Access Access;
int access_open(Env *env, Store *store, const Model *model, Access **ret, Err *e) MUST_USE;
void access_close(Access *a);
/* The newest tree known; holds it until access_tree_drop. Threads: any. */
const Tree *access_tree_hold(Access *a);
void access_tree_drop(Access *a, const Tree *t);
/* Reloads when meta 'tree' differs from what is held. Called by the gate with each request's
 * snapshot. */
int access_tree_refresh(Access *a, Tx *tx, Err *e) MUST_USE;

/* ---- who is asking ---- */
typedef struct Post {
    int64_t posting, seat;
    int role; /* index into Model.roles */
    int unit_ix;
    Day starts, ends; /* DAY_NONE: open */
} Post;
typedef struct Reader {
    int64_t account;
    Str account_name, person_name;
    Uuid person;
    bool is_admin; /* accounts, model, backups; no records */
    bool by_token; /* API; no CSRF needed */
    Str csrf;
    Lang lang;
    int64_t access_no;
    Day today;
    const Tree *tree; /* held by the request */
    const Model *model;
    const Post *posts; /* held today */
    int post_n;
} Reader;
/* A session's cookie text or a bearer token to a Reader. ERR_AUTH: dead, ended, disabled.
 * ret_touch: the session's seen_ms is over an hour old (then submit access_apply_touch). */
int access_reader_session(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str cookie, Reader *ret,
                          bool *ret_touch, Err *e) MUST_USE;
int access_reader_token(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str token, Reader *ret,
                        Err *e) MUST_USE;
/* By account name, for the command line and tests. */
int access_reader_account(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str account, Reader *ret,
                          Err *e) MUST_USE;

/* ---- arms ---- */
typedef enum ArmColumn { ARM_UNIT, ARM_AUTHOR } ArmColumn;
typedef struct Arm {
    ArmColumn column;
    uint32_t states;    /* set of state indexes of the type */
    int from_ix, to_ix; /* ARM_UNIT: slice of the tree */
    int post_ix;        /* ARM_UNIT: the post it comes from; ARM_AUTHOR: -1 (any post held today) */
} Arm;
typedef struct Arms {
    const Arm *list;
    int n;
} Arms;
/* What the reader may see of a type: arms of equal slice and post are one with their states merged;
 * a slice within another with the same states is dropped. In `a`. Cost: posts x terms. */
Arms access_see(Arena *a, const Reader *r, const Type *t);
/* What he may do: arms whose states are those the action starts from (create: states ~0, units of
 * his posts). */
Arms access_do(Arena *a, const Reader *r, const Type *t, const Action *act);
/* The first arm that covers it, NULL: none. `posting` is the record's: an author's arm counts only
 * while he still holds the posting under which he wrote. */
const Arm *access_may(const Reader *r, Arms arms, int unit_ix, Uuid author, int64_t posting,
                      int state);
/* Posts under which he may create a type, as indexes into r->posts; `as_role` STR_NONE: all. */
int access_create_posts(Arena *a, const Reader *r, const Type *t, Str as_role, int **ret_ix);
/* May he fill, end or invite for this seat: he holds a seat on its chain of falls_to above it (at
 * the root: the root's office itself). */
bool access_may_staff(const Reader *r, int unit_ix, int role);

/* Who can see one record, and by which rule: the same terms read backwards. */
typedef struct Sight {
    WhoKind rule;
    int role; /* -1: author */
    int unit_ix;
    Str person;       /* name of a holder today; STR_NONE: the seat is empty */
    Day starts, ends; /* of the posting */
    bool is_me;
} Sight;
int access_who_sees(Access *ac, Arena *a, Tx *tx, const Reader *r, const Type *t, int state,
                    int unit_ix, Uuid author, Str author_name, Sight **ret, int *ret_n,
                    Err *e) MUST_USE;
/* Name of a person; of whoever holds a posting: "贺长林", role and unit. */
int access_person_name(Arena *a, Tx *tx, Uuid person, Str *ret, Err *e) MUST_USE;

/* ---- signing in ---- */
typedef struct SignIn {
    Str account, password; /* as typed */
    /* found by prepare */
    int64_t account_id;
    bool is_right;
    Str rehash; /* STR_NONE: parameters are current */
    Str cookie; /* hex of 32 random bytes: the browser's */
    uint8_t session_id[SM3_BYTES];
    Str csrf;
    UnixMs now_ms;
    int64_t access_no; /* of the account then; apply refuses another (ERR_BUSY) */
} SignIn;
/* Reads the account, checks the lock (ERR_RATE with minutes) and the password (argon2id, at most
 * two at a time, the same time for an unknown account). A wrong password is no error here: apply
 * counts it. Threads: worker. */
int access_prepare_sign_in(Access *ac, Arena *a, Tx *tx, SignIn *in, Err *e) MUST_USE;
/* Right: opens the session, clears fails. Wrong: raises fails, locks (2^n s from the 5th on, at
 * most 1 h) and returns ERR_AUTH only through in->is_right; the count must be kept, so it returns
 * 0. */
int access_apply_sign_in(Tx *tx, void *sign_in, Err *e);
typedef struct SessionRef {
    uint8_t id[SM3_BYTES];
    UnixMs now_ms;
} SessionRef;
void access_session_ref(Access *ac, Str cookie, SessionRef *ret);
int access_apply_sign_out(Tx *tx, void *session_ref, Err *e);
int access_apply_touch(Tx *tx, void *session_ref, Err *e);
typedef struct SetLang {
    int64_t account;
    Lang lang;
} SetLang;
int access_apply_lang(Tx *tx, void *set_lang, Err *e);

/* ---- accounts, seats, postings: each a plain struct, prepared on a worker, applied by the writer
 * ---- */
typedef struct Staff { /* put a person on a seat; makes person and account when new */
    Str account;       /* sign-in name: [a-z0-9._-]{3,32} or a phone number, folded to lower case */
    Str name;          /* of the person; may be empty for an account that exists */
    Str role, unit_code;
    Day starts, ends;    /* DAY_NONE: today / open */
    bool is_root_office; /* the command line's one naming: refused once any seat has a holder */
    int64_t by_account;  /* 0: the command line */
    /* made by prepare */
    int64_t unit_id;
    int role_ix;
    Uuid new_person;
    uint8_t code_hash[SM3_BYTES];
    Str code; /* eight digits, shown once: "4827 3910" is for the eye. STR_NONE: none,
               * the account has a password or another office invites it */
    UnixMs now_ms, ends_ms;
    const Model *model;
    const Tree *tree; /* the caller's; NULL: the reader's, or the newest while prepare runs */
    const struct SeatStep *chain; /* the seat and all it falls to, up to the root's office */
    int chain_n;
    int64_t tree_number;  /* apply refuses another (ERR_BUSY) */
    int64_t account_id;   /* 0: a new account */
    int64_t by_access_no; /* of who asked, then; apply refuses another (ERR_BUSY) */
    Day today;
    /* set by apply */
    bool has_password; /* the account exists and can sign in: no code was needed */
} Staff;
/* Checks all fields (field errors account, name, role, unit, starts, ends) and, unless from the
 * command line, access_may_staff (ERR_DENIED). `r` NULL: the command line. */
int access_prepare_staff(Access *ac, Arena *a, Tx *tx, const Reader *r, Staff *in, Err *e) MUST_USE;
int access_apply_staff(Tx *tx, void *staff, Err *e);
typedef struct EndPosting {
    int64_t posting;
    Day ends; /* its last day; DAY_NONE: today */
    const Model *model;
    const Tree *tree; /* as in Staff */
    /* made by prepare */
    int64_t by_account, by_access_no;
    int64_t account;     /* of the holder; 0 none */
    bool is_root_office; /* never left without a holder */
    Day today;
} EndPosting;
int access_prepare_end(Access *ac, Arena *a, Tx *tx, const Reader *r, EndPosting *in,
                       Err *e) MUST_USE;
int access_apply_end(Tx *tx, void *end_posting, Err *e);
typedef struct Invite {
    Str account;
    int64_t account_id;
    uint8_t code_hash[SM3_BYTES];
    Str code;
    UnixMs now_ms, ends_ms;
    int64_t by_account;
    bool withdraw;
    int64_t by_access_no;
} Invite;
/* `r` NULL: the command line. On pages: whoever may staff every seat the account's person holds or
 * will hold, so nobody comes by another office's sight through a new password; never for
 * administrators. */
int access_prepare_invite(Access *ac, Arena *a, Tx *tx, const Reader *r, Invite *in,
                          Err *e) MUST_USE;
int access_apply_invite(Tx *tx, void *invite, Err *e); /* replaces an older code of the account */
typedef struct Redeem {
    Str code, password, again;
    int64_t account_id;
    Str hash;
    Str account_name, person_name;
    uint8_t code_hash[SM3_BYTES];
    SignIn session;
} Redeem;
/* The code's holder sets a password and is signed in. ERR_INVALID on field code / password / again.
 */
int access_prepare_redeem(Access *ac, Arena *a, Tx *tx, Redeem *in, Err *e) MUST_USE;
int access_apply_redeem(Tx *tx, void *redeem, Err *e);
typedef struct Disable {
    Str account;
    int64_t account_id;
    bool enable;
    int64_t by_account, by_access_no;
} Disable;
/* The command line, the administrator, or who may staff every seat of the account's person. */
int access_prepare_disable(Access *ac, Arena *a, Tx *tx, const Reader *r, Disable *in,
                           Err *e) MUST_USE;
int access_apply_disable(Tx *tx, void *disable, Err *e); /* ends its sessions and tokens */
typedef struct AddAdmin {
    Str account, name;
    Uuid person;
    uint8_t code_hash[SM3_BYTES];
    Str code;
    UnixMs now_ms, ends_ms;
} AddAdmin;
int access_prepare_admin(Access *ac, Arena *a, AddAdmin *in, Err *e) MUST_USE; /* `stave init` */
int access_apply_admin(Tx *tx, void *add_admin, Err *e);
typedef struct NewToken {
    Str account;
    int64_t account_id;
    Str token;
    uint8_t id[SM3_BYTES];
    UnixMs ends_ms;
} NewToken;
int access_prepare_token(Access *ac, Arena *a, Tx *tx, NewToken *in, Err *e) MUST_USE;
int access_apply_token(Tx *tx, void *new_token, Err *e);

/* ---- lists for pages and commands ---- */
typedef struct SeatLine {
    int role;
    int unit_ix;
    int64_t seat;    /* 0: nobody ever sat there */
    int64_t posting; /* 0: empty */
    Str person, account;
    Day starts, ends;
    bool has_password, is_disabled, is_invited;
    int falls_role, falls_unit_ix; /* where its duties go while empty */
} SeatLine;
int access_seats(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, SeatLine **ret,
                 int *ret_n, Err *e) MUST_USE;
typedef struct UserLine {
    Str account, name, role, unit, unit_name;
    bool is_admin;
} UserLine; /* one per posting held today; admins once */
int access_users(Access *ac, Arena *a, Tx *tx, UserLine **ret, int *ret_n, Err *e) MUST_USE;

/* ---- importing units ---- */
typedef struct UnitRow {
    Str code, name, kind, parent;
    int64_t row;
} UnitRow;
typedef struct UnitFault {
    int64_t row;
    Str column, value;
    Str key;
    Str args[ERR_ARGS_MAX];
} UnitFault; /* key: import.* */
typedef struct UnitImport {
    const UnitRow *rows;
    int row_n; /* at most LIMIT_IMPORT_UNITS: it is one change */
    /* made by prepare */
    UnitFault *faults; /* in row order; nothing is written while there is one */
    int fault_n;
    int new_n, changed_n, same_n;
    struct UnitPlan *plan;
    Day today;
    int64_t tree_number; /* what it was planned against; apply refuses another (ERR_BUSY) */
} UnitImport;
/* Checks codes, names, kinds, parents (in the file or in the tree), one root, cycles, kinds under
 * kinds. Existing codes are updated (name, parent, kind unless seats forbid). Returns 0 with faults
 * filled. */
int access_prepare_units(Access *ac, Arena *a, Tx *tx, UnitImport *in, Err *e) MUST_USE;
int access_apply_units(Tx *tx, void *unit_import, Err *e);
/* Rows as `stave export DIR unit` and the page write them: preorder; the root's parent code is "".
 */
/* Proves closure of the tree, seats, postings; says each finding; returns their number or < 0. */
int access_verify(Access *ac, Arena *a, Tx *tx, Lang lang, void (*say)(void *ctx, Str finding),
                  void *ctx, Err *e) MUST_USE;

#endif
