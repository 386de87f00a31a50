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
    Day opened, closed; /* DAY_NONE: open. A merged unit is closed and hangs below its successor */
    int successor_ix;   /* -1: none */
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
/* ERR_BUSY unless the tree of this number is the one in force. */
int access_tree_same(Tx *tx, int64_t number, Err *e) MUST_USE;

/* ---- who is asking ---- */
typedef struct Post {
    int64_t posting, seat;
    int role; /* index into Model.roles */
    int unit_ix;
    Day starts, ends; /* DAY_NONE: open; of a deputy: of the deputyship */
    Uuid deputy_for;  /* whom he stands in for; zero: the post is his own */
    Str deputy_for_name;
} Post;
/* Under which postings somebody counts as the author of what was written there: his own, those he
 * is deputy of, and ended ones that answer through him (their heir, else their seat, else what the
 * seat falls to while nobody holds it). */
typedef struct Stand {
    Uuid author;
    int64_t posting;
    int post_ix; /* of posts: through which he stands there */
} Stand;
typedef struct Mine { /* a record that is his: its type's `me` field names him */
    const Type *type;
    Uuid id;
} Mine;
typedef struct Lent { /* units assigned to a post's unit for a time (`ROLE reach`) */
    int unit_ix, post_ix;
} Lent;
/* The three offices of a deployment; none of them sees records by it. */
typedef enum Admin { ADMIN_NONE, ADMIN_SYSTEM, ADMIN_SECURITY, ADMIN_AUDIT } Admin;
typedef struct Reader Reader;
struct Reader {
    int64_t account;
    Str account_name, person_name;
    Uuid person;
    Admin admin;
    bool is_admin; /* ADMIN_SYSTEM: accounts, model, backups; no records */
    bool by_token; /* API; no CSRF needed */
    Str csrf;
    Lang lang;
    int64_t access_no;
    Day today;
    const WorkDays *workdays; /* the calendar the request holds; NULL: Monday to Friday */
    const Tree *tree; /* held by the request */
    const Model *model;
    const Post *posts; /* held today, and as deputy today */
    int post_n;
    const Stand *stands;
    int stand_n;
    bool is_stands_cut; /* more than LIMIT_STANDS: the newest are there; heirs must be named */
    const Lent *lents;
    int lent_n;
    const Mine *mine; /* filled by record_fill_mine */
    int mine_n;
    UnixMs view_until_ms; /* with viewer: the look ends by itself */
    const Reader *viewer; /* "view as": this reader is a post looked at; `viewer` is who looks. He
                           * sees what both may see, and may do nothing. NULL: himself */
};
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
typedef enum ArmColumn {
    ARM_UNIT,     /* units of a slice of the tree */
    ARM_AUTHOR,   /* written by `key` under `number` (a posting he stands for) */
    ARM_UNIT_VIA, /* field `via` is unit `number` */
    ARM_ID_VIA,   /* field `via` (person, link, links) holds `key` */
    ARM_AUDIENCE, /* field `via` names `role` at unit `number` */
} ArmColumn;
typedef struct Arm {
    ArmColumn column;
    uint32_t states;    /* set of state indexes of the type */
    int from_ix, to_ix; /* ARM_UNIT: slice of the tree */
    int post_ix;        /* the post it comes from; ARM_ID_VIA: -1 (any post held today) */
    const Field *via;
    const Expr *when;   /* the term's condition; NULL: none */
    Uuid key;
    int64_t number;
    int role;           /* ARM_AUDIENCE */
    bool is_create;     /* covers nothing at a closed unit */
    const Who *rule;    /* the term it was made from (of several: the first) */
} Arm;
typedef struct Arms {
    const Arm *list;
    int n;
} Arms;
/* What the reader may see of a type by its own `see` (a part: also by its whole, which record
 * asks): arms of equal slice, post and condition are one with their states merged; a slice within
 * another with the same states is dropped. In `a`. Cost: posts x terms. */
Arms access_see(Arena *a, const Reader *r, const Type *t);
/* What he may do: arms whose states are those the action starts from (create: states ~0, units of
 * his posts). None while he looks as another. */
Arms access_do(Arena *a, const Reader *r, const Type *t, const Action *act);
/* The first arm that covers it, NULL: none. An author's arm counts only through a posting he
 * stands for. `s->values` holds every field a `via` or a condition names, rows included. */
const Arm *access_may(const Reader *r, Arms arms, const Subject *s);
/* Does one arm cover it (access_may is the first of those that do). */
bool access_covers(const Reader *r, const Arm *arm, const Subject *s);
/* Posts under which he may create a type, as indexes into r->posts; `as_role` STR_NONE: all. */
int access_create_posts(Arena *a, const Reader *r, const Type *t, Str as_role, int **ret_ix);
/* May he fill, end or invite for this seat: he holds a seat on its chain of falls_to above it (at
 * the root: the root's office itself). */
bool access_may_staff(const Reader *r, int unit_ix, int role);

/* Who can see one record, and by which rule: the same terms read backwards. */
typedef struct Sight {
    const Who *rule;
    int role; /* -1: author, a person named in it */
    int unit_ix;
    Str person;       /* name of a holder today; STR_NONE: the seat is empty */
    Str deputy_for;   /* he sees it as this one's deputy; STR_NONE */
    Day starts, ends; /* of the posting */
    bool is_me;
    bool is_group; /* all who hold `role` at `unit_ix` or below (-1: no role; whoever the rule
                    * means): a rule, not a list of people; `person` is STR_NONE */
} Sight;
int access_who_sees(Access *ac, Arena *a, Tx *tx, const Reader *r, const Subject *s,
                    Str author_name, Sight **ret, int *ret_n, Err *e) MUST_USE;
/* Name of a person; of whoever holds a posting: "贺长林", role and unit. */
int access_person_name(Arena *a, Tx *tx, Uuid person, Str *ret, Err *e) MUST_USE;
/* What an account signs in by. */
int access_account_name(Arena *a, Tx *tx, int64_t account, Str *ret, Err *e) MUST_USE;

typedef struct Member {
    Uuid person;
    Str name;
    int role, unit_ix;
} Member;
/* Who answers today for what was written under a posting: its holder while it lasts and his account
 * is in use, else its heir (and his heir ...), else the seat's holders, else what the seat falls to
 * while nobody holds it. `posting` 0: for `seat`. ERR_STATE: not even the root's office is held. */
int access_owner(Arena *a, Tx *tx, const Tree *t, const Model *m, int64_t posting, int64_t seat,
                 Day today, Member *ret, Err *e) MUST_USE;

/* ---- seats that owe ---- */
typedef struct SeatStep {
    int64_t unit;
    Str role;
} SeatStep;
/* The seat, what it falls to, what that falls to, ... the root's office last. 0: the root has no
 * office. */
int access_seat_chain(Arena *a, const Tree *t, const Model *m, int unit_ix, int role,
                      SeatStep **ret);
/* The id of the chain's first seat; whichever of them nobody used before is made. */
int access_ensure_seats(Tx *tx, const SeatStep *chain, int n, int64_t *ret, Err *e) MUST_USE;
/* Which seat a term means for a record of a unit: the role at the nearest unit at or above that has
 * it (`is_here`: at the unit itself). 0: the tree has none. */
int access_owing_chain(Arena *a, const Tree *t, const Model *m, int unit_ix, int role,
                       bool is_here, SeatStep **ret);
/* Seats whose duties are his today: those he holds or stands in for, and empty ones that fall to
 * them. At most LIMIT_STANDS. */
int access_answered_seats(Arena *a, Tx *tx, const Reader *r, int64_t **ret, int *ret_n,
                          Err *e) MUST_USE;

/* ---- people of an audience ---- */
/* Who holds, on `day`, one of the roles of an audience value at its unit or below, each person
 * once, in the tree's order; at most `max` (ret_is_cut tells). Value: "role@unit role@unit". */
int access_audience(Arena *a, Tx *tx, const Tree *tree, const Model *m, Str audience, Day day,
                    int max, Member **ret, int *ret_n, bool *ret_is_cut, Err *e) MUST_USE;
/* Persons whose name, account or pinyin initials match `typed`, who sit today at or below one of
 * the units the reader's posts stand at or above (his county): what a picker offers. */
int access_pick_person(Arena *a, Tx *tx, const Reader *r, Str typed, int max, Member **ret,
                       int *ret_n, Err *e) MUST_USE;
/* Audience text "role@code, role@code" (as API and forms give it) to its value and back. */
int access_audience_parse(Arena *a, const Tree *tree, const Model *m, Str typed, Str *ret,
                          const char **ret_fault_key, Str *ret_fault_arg) MUST_USE;

/* Who asks for a change of what follows, and when: prepare fills it from the reader (NULL: the
 * command line, whose account is 0 or whom it acts for); apply refuses (ERR_BUSY) where what he may
 * do has changed since. */
typedef struct Asker {
    int64_t account, access_no;
    Day today;
    UnixMs now_ms;
} Asker;

/* ---- deputies, loans of units, merges ---- */
typedef struct Deputise { /* during leave `account`'s person acts for a posting, both named */
    int64_t posting;
    Str account;
    Day starts, ends; /* both asked for; it ends by itself */
    Asker by;
    /* made by prepare */
    Uuid person;
    Str told; /* for the log */
} Deputise;
/* By the holder himself or whoever may staff the seat (`r` NULL: the command line). While the
 * deputy is away himself, his own deputy acts (bounded; circles are refused). Field errors account,
 * starts, ends. */
int access_prepare_deputise(Access *ac, Arena *a, Tx *tx, const Reader *r, Deputise *in,
                            Err *e) MUST_USE;
int access_apply_deputise(Tx *tx, void *deputise, Err *e);
typedef struct EndDeputy {
    int64_t deputy;
    Asker by;
    Str told;
} EndDeputy;
/* At once. By the holder, the deputy or whoever may staff the seat. */
int access_prepare_end_deputy(Access *ac, Arena *a, Tx *tx, const Reader *r, EndDeputy *in,
                              Err *e) MUST_USE;
int access_apply_end_deputy(Tx *tx, void *end_deputy, Err *e);
typedef struct SetHeir { /* who answers for what an ended posting left; rewrites nothing */
    int64_t posting, heir; /* heir 0: none, its seat answers */
    Asker by;
    Str told;
} SetHeir;
/* By whoever may staff both seats; the heir may also be a posting of his own. Circles are
 * refused. */
int access_prepare_heir(Access *ac, Arena *a, Tx *tx, const Reader *r, SetHeir *in,
                        Err *e) MUST_USE;
int access_apply_heir(Tx *tx, void *set_heir, Err *e);
typedef struct Lend { /* reach: `target_code` is assigned to `unit_code` for `role` */
    Str unit_code, target_code, role;
    Day starts, ends;
    Asker by;
    int64_t unit, target;
    Str told;
} Lend;
/* By whoever may staff that seat and some seat of the target. The same loan again changes its last
 * day; a last day before today ends it. */
int access_prepare_lend(Access *ac, Arena *a, Tx *tx, const Reader *r, Lend *in, Err *e) MUST_USE;
int access_apply_lend(Tx *tx, void *lend, Err *e);
/* An existing unit that comes to hang elsewhere, with all below it: ids above it, nearest first. */
typedef struct UnitMove {
    int64_t unit, was[LIMIT_UNIT_DEPTH], is[LIMIT_UNIT_DEPTH];
    int was_n, is_n;
} UnitMove;
typedef struct Merge { /* `from` closes today and hangs below `into`; its postings end,
                        * its seats fall to the same role there (or to what that falls to); its
                        * records stay, `here` roles of the successor see and do with them */
    Str from_code, into_code;
    Asker by;
    int64_t from, into, tree_number;
    const Model *model;
    const Tree *tree;
    int posting_n, open_n; /* told before it is done: postings that end; the caller fills open_n */
    const Tree *after;     /* as the tree will be */
    UnitMove move;
    Str told;
} Merge;
/* By the root's office (or the command line, r NULL). Same kind, both open, not the root. */
int access_prepare_merge(Access *ac, Arena *a, Tx *tx, const Reader *r, Merge *in,
                         Err *e) MUST_USE;
int access_apply_merge(Tx *tx, void *merge, Err *e);

/* ---- viewing as another post ---- */
typedef struct ViewAs { /* kept with the session; logged with its reason */
    uint8_t session[SM3_BYTES];
    Str role, unit_code, reason; /* role STR_NONE: stop */
    Asker by;
    UnixMs ends_ms;               /* LIMIT_VIEW_MIN from now */
    const struct SeatStep *chain; /* the seat and all it falls to */
    int chain_n;
    int64_t tree_number;
    Str told;
} ViewAs;
/* Only posts at or below his own units. */
int access_prepare_view_as(Access *ac, Arena *a, Tx *tx, const Reader *r, ViewAs *in,
                           Err *e) MUST_USE;
int access_apply_view_as(Tx *tx, void *view_as, Err *e);

/* ---- what was done with accounts, posts and looks: for the audit office alone ---- */
typedef struct LogLine {
    UnixMs at_ms;
    Str actor, what, about, detail; /* what: staff end deputise heir merge view_as invite disable
                                     * sign_in_locked ... */
} LogLine;
int access_log(Arena *a, Tx *tx, const Reader *r, UnixMs before_ms, int limit, LogLine **ret,
               int *ret_n, Err *e) MUST_USE; /* ERR_DENIED but for ADMIN_AUDIT */
/* Inside the same transaction as what it tells. */
int access_log_add(Tx *tx, UnixMs at_ms, int64_t account, Str what, Str about, Str detail, Err *e);

/* ---- for the security office ---- */
typedef struct LockedLine {
    Str account, name;
    int64_t fails;
    UnixMs locked_ms; /* until then */
    bool is_disabled;
} LockedLine;
/* Accounts that are locked now or disabled; ERR_DENIED but for ADMIN_SECURITY and ADMIN_SYSTEM. */
int access_locked(Access *ac, Arena *a, Tx *tx, const Reader *r, LockedLine **ret, int *ret_n,
                  Err *e) MUST_USE;
typedef struct EndSessions { /* signs an account out everywhere, and unlocks it */
    Str account;
    int64_t account_id;
    Asker by;
} EndSessions;
int access_prepare_end_sessions(Access *ac, Arena *a, Tx *tx, const Reader *r, EndSessions *in,
                                Err *e) MUST_USE;
int access_apply_end_sessions(Tx *tx, void *end_sessions, Err *e);

/* ---- saved filters ---- */
typedef struct SavedList {
    int64_t id, account;
    Str type, name, query; /* query: as in the address, checked again when it is opened */
} SavedList;
int access_saved(Arena *a, Tx *tx, const Reader *r, Str type, SavedList **ret, int *ret_n,
                 Err *e) MUST_USE;
int access_apply_save_list(Tx *tx, void *saved_list, Err *e);   /* same name: replaced */
int access_apply_unsave_list(Tx *tx, void *saved_list, Err *e); /* by id and account */

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
    Asker by; /* the demo says on whose behalf */
    /* made by prepare */
    int64_t unit_id;
    int role_ix;
    Uuid new_person;
    uint8_t code_hash[SM3_BYTES];
    Str code; /* eight digits, shown once: "4827 3910" is for the eye. STR_NONE: none,
               * the account has a password or another office invites it */
    UnixMs ends_ms;
    const Model *model;
    const Tree *tree; /* the caller's; NULL: the reader's, or the newest while prepare runs */
    const struct SeatStep *chain; /* the seat and all it falls to, up to the root's office */
    int chain_n;
    int64_t tree_number;  /* apply refuses another (ERR_BUSY) */
    Str told;             /* for the log */
    int64_t account_id;   /* 0: a new account */
    /* set by apply */
    bool has_password; /* the account exists and can sign in: no code was needed */
    int64_t posting, seat;
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
    Asker by;
    int64_t account;     /* of the holder; 0 none */
    bool is_root_office; /* never left without a holder */
    Str told;
} EndPosting;
int access_prepare_end(Access *ac, Arena *a, Tx *tx, const Reader *r, EndPosting *in,
                       Err *e) MUST_USE;
int access_apply_end(Tx *tx, void *end_posting, Err *e);
typedef struct Invite {
    Str account;
    int64_t account_id;
    uint8_t code_hash[SM3_BYTES];
    Str code;
    UnixMs ends_ms;
    Asker by;
    bool withdraw;
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
    Asker by;
} Disable;
/* The command line, the system or security office, or who may staff every seat of the account's
 * person. An account of an office: the command line alone. Never the last one in use of the root's
 * office (ERR_STATE). */
int access_prepare_disable(Access *ac, Arena *a, Tx *tx, const Reader *r, Disable *in,
                           Err *e) MUST_USE;
int access_apply_disable(Tx *tx, void *disable, Err *e); /* ends its sessions and tokens */
typedef struct AddAdmin {
    Str account, name;
    Admin admin; /* ADMIN_NONE counts as ADMIN_SYSTEM */
    Uuid person;
    uint8_t code_hash[SM3_BYTES];
    Str code;
    UnixMs ends_ms;
    Asker by; /* the system administrator; account 0: the command line */
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

/* ---- the address of a calendar (table feed) ---- */
typedef struct NewFeed {
    bool ends; /* withdraws it; else a new one takes its place */
    /* made by prepare */
    Asker by; /* whose it is */
    Str account_name, secret; /* secret: 256 bits as hex, shown once */
    uint8_t id[SM3_BYTES];
} NewFeed;
int access_prepare_feed(Access *ac, Arena *a, const Reader *r, NewFeed *in, Err *e) MUST_USE;
int access_apply_feed(Tx *tx, void *new_feed, Err *e);
int access_feed(Tx *tx, int64_t account, UnixMs *ret_made_ms, Err *e) MUST_USE; /* 0: none */
/* Who has the address may read what the account owes and attends, as it is now; ERR_MISSING: it is
 * none, was withdrawn, or its account is closed. */
int access_reader_feed(Access *ac, Arena *a, Tx *tx, const Tree *tree, Str secret, Reader *ret,
                       Err *e) MUST_USE;

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
    struct DeputyLine {
        int64_t id;
        Str person;
        Day starts, ends;
    } * deputies; /* today's and coming ones */
    int deputy_n;
} SeatLine;
int access_seats(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, SeatLine **ret,
                 int *ret_n, Err *e) MUST_USE;
/* Postings of a unit that are over and say no heir, or whose heir's name is `heir`: newest first.
 * */
typedef struct EndedLine {
    int64_t posting;
    int role;
    Str person, heir; /* STR_NONE: its seat answers */
    Day starts, ends;
} EndedLine;
int access_ended(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, int max,
                 EndedLine **ret, int *ret_n, Err *e) MUST_USE;
/* Units assigned to this one, today's and coming. */
typedef struct LoanLine {
    int role, target_ix;
    Day starts, ends;
} LoanLine;
int access_loans(Access *ac, Arena *a, Tx *tx, const Tree *t, int unit_ix, LoanLine **ret,
                 int *ret_n, Err *e) MUST_USE;
typedef struct UserLine {
    Str account, name, role, unit, unit_name;
    Admin admin;
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
    const Tree *after; /* as the tree will be; NULL: at fault */
    UnitMove *moves;
    int move_n;
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
