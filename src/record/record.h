/* record.h: records of declared types: create, change, act, show, list, history, files, verify.
 *
 * Model: a write is prepared on a worker (record_prepare: who, typed values or all field errors,
 *        permission) into a Change, plain data, and applied by the writer (record_apply:
 *        permission, state, version again on the current row; row, register, history). At the
 *        end of each batch record_seal numbers and chains the history of all its changes.
 * Invariants: versions of a record rise by one without gap, each with one history entry; entries
 *             of a chain are numbered without gap and hash(n) covers hash(n-1); an id belongs to
 *             one record for ever; nothing is read or listed but through the reader's arms.
 * Not here: who may (access.h), what a type is (model.h), HTTP.
 *                                                    SPEC: B3 P2 P8 P11  DESIGN: Data, One way in
 */
#ifndef STAVE_RECORD_H
#define STAVE_RECORD_H

#include "figure/figure.h"
#include "flow/flow.h"

typedef struct Records Records; /* one per process: model, compiled queries; immutable after open */

/* ---- opening ---- */
/* Brings the catalogue and the types' tables in line with the model: makes what is new (init, and
 * tests), or, with `may_change` false, refuses a model that differs from the catalogue
 * (ERR_STATE). */
int record_install(Env *env, Store *s, const Model *m, bool may_change, Err *e) MUST_USE;
int records_open(Env *env, Store *s, Store *files, const Model *m, Records **ret, Err *e) MUST_USE;
void records_close(Records *r);
int record_seal(Tx *tx, void *const *pended, size_t n, void *ctx,
                Err *e); /* for StoreOptions.seal */

/* ---- changing the model: SPEC P12 ---- */
typedef enum PlanKind {
    PLAN_ADD,     /* a table, a column, a choice ... comes */
    PLAN_RENAME,  /* `was:` */
    PLAN_HIDE,    /* `removed:` */
    PLAN_SHOW,    /* hidden before, back again */
    PLAN_NOTE,    /* records are not touched, but people will notice: a field is now required ... */
    PLAN_REFUSE,  /* data would be lost, or a name vanished without a word: nothing is done */
} PlanKind;
typedef struct PlanStep {
    PlanKind kind;
    Str what;      /* type field choice state action index */
    Str path, old; /* diary.body; old: before a rename */
    int64_t n;     /* records or values it touches; -1 not counted */
    Str text;      /* a sentence, translated */
} PlanStep;
typedef struct ModelPlan {
    const PlanStep *steps;
    int n, refused_n;
    bool is_same; /* the model in force already */
} ModelPlan;
int record_plan(Env *env, Arena *a, Tx *tx, const Model *m, Lang lang, ModelPlan *ret,
                Err *e) MUST_USE;
/* Carries a plan out, in steps that never keep readers waiting, each repeatable; the last switches
 * the model's number in meta, after which changes prepared under the old model are prepared anew.
 * ERR_STATE with the first refused step. */
int record_apply_model(Env *env, Store *s, const Model *m,
                       void (*progress)(void *ctx, int done, int n), void *ctx, Err *e) MUST_USE;

/* ERR_BUSY "record.model_moved" unless the database is under the model these Records are of. */
int record_is_current(Records *rs, Tx *tx, Err *e) MUST_USE;

/* ---- one record ---- */
typedef struct Record {
    Uuid id;
    const Type *type;
    int unit_ix; /* in the reader's tree */
    int64_t unit, seat, posting;
    int64_t county; /* of its row, given when it was made; the unit may have moved since */
    Uuid author;
    Day at_day;
    int state; /* index */
    int64_t version;
    UnixMs made_ms;
    Value *values; /* by field ix; rows are read by record_get, not by lists */
} Record;
Subject record_subject(const Record *rec);
/* access_may for a record read with its rows. */
const Arm *record_may(const Reader *r, Arms arms, const Record *rec);
/* The reader's own records (`me:` of their types): called by the gate once the reader is known. */
int record_fill_mine(Records *rs, Arena *a, Tx *tx, Reader *r, Err *e) MUST_USE;
/* ERR_MISSING: absent or not his, one answer. ret_by: the arm that shows it (may be NULL to
 * skip). */
int record_get(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t, Uuid id, Record **ret,
               const Arm **ret_by, Err *e) MUST_USE;
/* Actions he may do on it now, in the model's order (change included). */
int record_actions(Records *rs, Arena *a, const Reader *r, const Record *rec, const Action ***ret);

/* ---- choosing ---- */
typedef struct Pick {
    Uuid id;      /* link, links, person */
    int64_t unit; /* unit; of a record, where it sits */
    Str label;    /* what names it */
    Str place;    /* unit and what else tells it apart; never an identity number */
} Pick;
/* The same for a record at hand: `砚河镇 上栗村 · 户主出生年 1956`. */
Str record_tell_apart(Arena *a, const Reader *r, const Record *rec);
/* What fits `typed` for a link, links, unit or person field: exact name, code or id first, then
 * beginnings, then pinyin initials; only what he may see, open units and records that are not void.
 * Empty `typed`: the newest. Cost: bounded. */
int record_pick(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t, const Field *f,
                Str typed, int max, Pick **ret, int *ret_n, Err *e) MUST_USE;
/* The rows a `start:` field begins with: the people of its audience (as a Member each). */
int record_start_rows(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *rec,
                      const Field *rows, Member **ret, int *ret_n, bool *ret_is_cut,
                      Err *e) MUST_USE;

/* ---- lists ---- */
typedef struct ListQuery {
    const Type *type;
    int unit_ix;         /* at and below; -1: everything he may see */
    uint32_t states;     /* 0: all */
    bool mine;           /* only what he wrote */
    const Field *filter; /* equality on one choice, date, int, yesno field; NULL none */
    Value filter_value;
    bool has_since;
    Day since;        /* none older than this day; forwards only */
    int limit;        /* 1..LIMIT_LIST_PAGE */
    Str after;        /* cursor of an earlier answer; STR_NONE: from the newest */
    bool backwards;   /* `after` is the first of a page: the page before it, newer ones */
    /* only those whose link (or part_of, or links, or a row's) names `link_to` */
    const Field *link;
    Uuid link_to;
} ListQuery;
typedef struct RecordList {
    Record *items; /* newest day first, id breaks ties */
    int n;
    Str next;    /* cursor to older ones; STR_NONE: the end */
    Str prev;    /* cursor to newer ones; STR_NONE: this is the newest page */
    bool is_cut; /* LIMIT_LIST_SCAN was reached: next goes on from there */
} RecordList;
int record_list(Records *rs, Arena *a, Tx *tx, const Reader *r, const ListQuery *q, RecordList *ret,
                Err *e) MUST_USE;
/* How many match, counted to at most `stop` (1000: shown as 1000+). */
int record_count(Records *rs, Arena *a, Tx *tx, const Reader *r, const ListQuery *q, int stop,
                 int *ret, Err *e) MUST_USE;

/* ---- figures: every reader's number is the length or sum of his list ---- */
typedef enum FigSight {
    FIGURE_HIDDEN, /* he sees nothing that could count: not shown */
    FIGURE_PART,   /* what he sees of it, counted when asked */
    FIGURE_WHOLE,  /* all of it: from cells */
} FigSight;
typedef struct FigQuery {
    const Figure *figure; /* no share: its halves are asked one by one */
    int unit_ix;          /* at and below */
    FigPeriod period;
    bool is_split;        /* by the figure's `by` */
    const Str *dim;       /* list: only of this dim; NULL: all */
} FigQuery;
/* A figure as pages, API and command line tell it: one line; per year one a year, split one a
 * value. */
typedef struct FigLine {
    const Figure *figure;
    Day from, to;
    Str by;           /* a choice's key or a link's id; STR_NONE: not split */
    Str by_label;     /* what people read; of a link "": its page's title */
    int64_t value;    /* in the stored unit; of a share: of `over` */
    int64_t records;  /* length of the list; of a share: of `over`'s */
    int64_t of;       /* share: length of `under`'s list */
    int64_t percent_x100; /* share: 1/100 %; -1: `under` is nought or less than `least` */
} FigLine;
/* Lines of one figure, hidden ones none. `r` NULL: everything, for who runs the deployment.
 * period.from DAY_NONE: since the first day anything is booked on. */
int record_figure_lines(Records *rs, Arena *a, Tx *tx, const Tree *tree, const Reader *r,
                        const Figure *f, int unit_ix, FigPeriod p, FigLine **ret, int *ret_n,
                        Err *e) MUST_USE;
/* Costs nothing: from his arms alone. */
FigSight record_figure_sight(Arena *a, const Reader *r, const FigQuery *q);
/* Values by dim (not split: one). A hidden figure has none. Cost: cells, or the reader's own list
 * where he sees a part. */
int record_figure(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                  FigValue **ret, int *ret_n, FigSight *ret_sight, Err *e) MUST_USE;
/* ... of each unit directly below, in the tree's order; ret has room for them all
 * (record_figure_wide).
 * With `dim` only of that. Cost: the same few statements for any number of units; his own list once
 * where he sees a part. */
int record_figure_wide(const Tree *t, int unit_ix);
int record_figure_below(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                        FigValue *ret, Err *e) MUST_USE;
/* Month by month, as figure_read_months tells it; the period is not asked. *ret_can false: nobody
 * can tell (of a distinct per year, where he sees a part). */
int record_figure_months(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                         Day first, int n, int64_t *ret, bool *ret_can, Err *e) MUST_USE;
/* The list it opens to: one item a share, of a record one after the other; newest day first (what
 * lasted on a past day: in the order it began). Of a figure of duties: duties, latest first. */
typedef struct FigItem {
    const Record *rec; /* its lines: where they count, or decide whether it does */
    const Row *row; /* NULL: the record itself counts */
    const FlowDuty *duty; /* what counts is a duty of it; NULL */
    FigShare share;
    Day day; /* the record's; of a duty the day it counts on */
} FigItem;
typedef struct FigPage {
    FigItem *items;
    int n;
    Str next; /* cursor; STR_NONE: the end */
} FigPage;
/* Shares of some `limit` records (1..LIMIT_LIST_PAGE) after a cursor. */
int record_figure_list(Records *rs, Arena *a, Tx *tx, const Reader *r, const FigQuery *q,
                       int limit, Str after, FigPage *ret, Err *e) MUST_USE;
/* Counts figures of a type anew, in one change with nothing before it in its batch. `list` NULL:
 * all of them, as they are declared: what lasted and is over stays, what lasts began when it did.
 * Else those that came or are made of other things: what lasts began when its record was made. */
int record_recount(Records *rs, Tx *tx, const Tree *tree, const Type *t, const Figure *const *list,
                   int n, Err *e) MUST_USE;
/* Tables of figures and duties that came with store_upgrade are empty: their contents are owed.
 * Each step is a change of its own: the figures of one type, then the duties of at most LIMIT_TICK
 * open records, counted from today; the last takes the mark away. `at` = `to` after each, from
 * {0, INT64_MIN} on; whoever was cut off begins there again. ERR_BUSY: another tree or model. */
int record_owes(Tx *tx, bool *ret, Err *e) MUST_USE;
typedef struct PayPlace {
    int type_ix;
    int64_t county;
    Uuid after;
} PayPlace;
typedef struct RecordPay {
    Records *rs;
    const Tree *tree;
    const FlowCalendar *calendar;
    PayPlace at, to;
    bool is_done;
} RecordPay;
int record_pay_step(Tx *tx, void *record_pay, Err *e);
/* access_apply_merge, and what the merged unit counts goes to those above its successor, in the
 * same
 * change. */
typedef struct RecordMerge {
    Records *rs;
    Merge *merge; /* prepared */
} RecordMerge;
int record_apply_merge(Tx *tx, void *record_merge, Err *e);
/* access_apply_units, and what moved units count goes with them, in the same change. */
typedef struct RecordUnits {
    Records *rs;
    UnitImport *import; /* prepared */
} RecordUnits;
int record_apply_units(Tx *tx, void *record_units, Err *e);
/* access_apply_staff, and for a posting that begins the duties `upon` it, of every open record of
 * the seat; the rest of what a seat's change, the clock or a calendar does to duties, and with it
 * to figures of duties: what access or flow applies, in the same change. */
typedef struct RecordStaff {
    Records *rs;
    const Tree *tree; /* what it was prepared on */
    const FlowCalendar *calendar;
    Staff *staff; /* prepared */
} RecordStaff;
int record_apply_staff(Tx *tx, void *record_staff, Err *e);
typedef struct RecordEnd {
    Records *rs;
    EndPosting *end; /* prepared */
} RecordEnd;
int record_apply_end(Tx *tx, void *record_end, Err *e);
/* flow_apply_tick; and with each new day, at any hour, duties lapse whose posting is over and open
 * whose posting begins: at most LIMIT_TICK at once. ERR_BUSY: another tree or model is in force. */
typedef struct RecordTick {
    Records *rs;
    const Tree *tree;
    FlowTick *tick;
} RecordTick;
int record_apply_tick(Tx *tx, void *record_tick, Err *e);
typedef struct RecordStop {
    Records *rs;
    FlowStop *stop;
} RecordStop;
int record_apply_stop(Tx *tx, void *record_stop, Err *e);
typedef struct RecordDays {
    Records *rs;
    FlowImport *days; /* prepared */
} RecordDays;
int record_apply_days(Tx *tx, void *record_days, Err *e);
typedef struct RecordOffice {
    Records *rs;
    FlowSetOffice *office; /* prepared */
} RecordOffice;
int record_apply_office(Tx *tx, void *record_office, Err *e);
/* Recounts all figures and compares. *ret: findings. */
int record_verify_figures(Records *rs, Tx *tx, const Tree *tree, Lang lang,
                          void (*say)(void *ctx, Str finding), void *ctx, int64_t *ret,
                          Err *e) MUST_USE;

/* ---- history ---- */
typedef struct HistoryItem {
    int64_t chain, seq;
    UnixMs at_ms;
    int64_t version;
    const Action *action;
    Uuid actor;
    Str actor_name;
    Str deputy_for; /* name of whom he stood in for; STR_NONE */
    int64_t seat;
    int role, unit_ix;        /* of the seat; -1 unknown */
    int state_from, state_to; /* indexes; -1: none before / unchanged */
    struct HistoryField {
        const Field *field;
        Value before, after;
    } * fields;
    int field_n;
} HistoryItem;
/* Oldest first; the record must have been got by the reader (record_get) in the same snapshot. */
int record_history(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *rec,
                   HistoryItem **ret, int *ret_n, Err *e) MUST_USE;

/* ---- search ---- */
typedef struct Hit {
    Record rec;
    const Field *field; /* where it was found; a row's own where it stands in rows */
    Str passage;        /* around the first place, as written, on one line */
    int mark_at, mark_n; /* the place, in bytes of it; 0, 0: found by the initials of a name */
} Hit;
typedef struct HitGroup {
    const Type *type;
    Hit *hits; /* newest first */
    int n;
    bool has_more;
} HitGroup;
/* Words of two characters and more, all of them, in `find` fields (rows' too) of what he may see;
 * the same on both databases. Scripts without blanks are found by any stretch, words of letters and
 * digits as wholes; letters alone also by the initials of `find: name` fields. At most `per_type`
 * (1..LIMIT_SEARCH_HITS) a type, newest day first, types with most hits first, none without any.
 * `type` NULL: all. What was committed is found at once. Cost: bounded; has_more also when a bound
 * cut it. ERR_INVALID on field q: too short or too long. */
int record_search(Records *rs, Arena *a, Tx *tx, const Reader *r, Str q, const Type *type,
                  int per_type, HitGroup **ret, int *ret_n, Err *e) MUST_USE;
/* One step of the job that follows the history into the index: at most LIMIT_SEARCH_STEP changes,
 * in one write job sized to hold the writer for LIMIT_SEARCH_JOB_US. *ret_more: there is more to do
 * at once. Begins anew by itself when the model's `find:` fields are others than those the index
 * was
 * made with; does nothing while another model is in force. Threads: one a process (the server's
 * search thread, or a command that holds the lock); two processes do not harm each other. */
typedef struct SearchPace { /* {0} at first; kept from step to step */
    int docs;          /* of the next job */
    int64_t waited_us; /* for the writer, before the last job had its turn: others were at it */
    int64_t held_us;   /* from then to its commit */
} SearchPace;
int record_search_step(Records *rs, Store *s, Conn *c, SearchPace *pace, bool *ret_more,
                       Err *e) MUST_USE;
/* Steps to the end, for commands without a server: larger write jobs. */
int record_search_all(Records *rs, Store *s, Conn *c, Err *e) MUST_USE;
/* Empties the index; the steps that follow make it again. */
int record_search_rebuild(Records *rs, Store *s, Conn *c, Err *e) MUST_USE;
/* Changes not yet in the index. */
int record_search_lag(Records *rs, Tx *tx, int64_t *ret, Err *e) MUST_USE;

/* ---- comments ---- */
typedef struct Comment {
    Uuid id, record, author;
    Str author_name, deputy_for, body;
    int role, unit_ix;
    UnixMs at_ms;
} Comment;
int record_comments(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *rec,
                    Comment **ret, int *ret_n, Err *e) MUST_USE;
typedef struct CommentInput {
    Uuid id;  /* made with the form: the same twice is one */
    Str body; /* 1..LIMIT_COMMENT_CHARS; field error body */
    const Record *rec;
    struct CommentChange *change; /* made by prepare */
} CommentInput;
/* Whoever sees a record may comment on it; a comment is chained like a change and is never
 * edited. */
int record_prepare_comment(Records *rs, Arena *a, Tx *tx, const Reader *r, CommentInput *in,
                           Err *e) MUST_USE;
int record_apply_comment(Tx *tx, void *comment_input, Err *e);

/* ---- writing ---- */
/* A line of a rows field as it came. */
typedef struct RowInput {
    Uuid id; /* zero: a new one */
    const struct FieldInput *fields;
    int field_n;
} RowInput;
/* Texts of reference kinds: unit its code; person, link an id; links, photo, file ids with commas
 * between; audience "role@code, role@code"; choices names with commas between. Faults in rows are
 * named FIELD.N.NAME, N from 0 as they came. */
typedef struct FieldInput {
    Str name;
    const RowInput *rows; /* the whole list; with is_rows */
    int row_n;
    bool is_rows;
    Str text;        /* as typed, or JSON's text; empty: absent */
    bool is_int;     /* JSON gave an integer, in the stored unit: `i` counts, not `text` */
    bool is_bool;    /* JSON gave true or false, in `i` */
    bool is_json;    /* JSON gave it: numbers must be numbers, texts texts */
    bool wrong_type; /* JSON gave a kind of value no field takes (object, list where none fits) */
    int64_t i;
} FieldInput;
typedef struct RecordInput {
    const Type *type;
    Uuid id;
    const Action *action; /* the create, change or other action */
    const Action *then;   /* act on the result in the same change ("keep and send"); NULL none */
    int unit_ix;          /* create: -1 = the unit of the post */
    Str as_role;          /* create: which of his posts; STR_NONE: the one that fits */
    int64_t if_version;   /* change, act: 0 = whatever it is now (an act without If-Match) */
    const FieldInput *fields;
    int field_n;
    Tx *files_tx; /* to look photos up in; may be NULL where none are given */
} RecordInput;
typedef struct Change Change; /* plain data; lives in the request's arena */
/* ERR_INVALID all field errors, in the order of the type's fields, unknown names after; ERR_DENIED,
 * ERR_MISSING, ERR_STATE, ERR_CONFLICT (stale: see change_conflict); create of an id that exists:
 * ERR_EXISTS equal, ERR_DIFFERS with fields, "record.id_not_usable" ERR_MISSING for anyone
 * else's. */
int record_prepare(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                   Change **ret, Err *e) MUST_USE;
/* ERR_BUSY "record.again": something it was decided on moved; prepare anew (a few times), then
 * it may be ERR_CONFLICT or ERR_EXISTS. ERR_INVALID where the type allows one such record. */
int record_apply(Tx *tx, void *change, Err *e);
Uuid change_id(const Change *c);
int64_t change_version(const Change *c);
/* The record as the change leaves it, for the answer, without reading again. */
Record *change_result(Arena *a, const Change *c);
/* After ERR_CONFLICT from a change: fields both sides touched or that differ, with mine and
 * theirs. */
typedef struct Conflict {
    const Field *field;
    Value mine, theirs; /* mine: as typed (text) where it cannot be read; rows: all of them */
} Conflict;
int record_conflicts(Records *rs, Arena *a, const Record *now, const RecordInput *in,
                     const Reader *r, Conflict **ret, Err *e) MUST_USE;

/* ---- import: records of any type from a table's rows (SPEC P7) ---- */
typedef struct ImportCell {
    Str text, raw;     /* mended; as it was found */
    const char *fault; /* message key: must not be taken (digits lost, #N/A ...); NULL */
    const char *note;  /* message key: taken, and told; NULL */
    bool is_number;    /* a number in the workbook: perhaps a date's */
} ImportCell;
typedef struct ImportRow {
    int64_t row; /* as Excel numbers it */
    bool is_hidden;
    const ImportCell *cells; /* valid until the next one is asked for */
    int cell_n;
} ImportRow;
typedef struct ImportSource { /* rows below the headings; 1 a row, 0 the end, < 0 */
    int (*next)(void *ctx, ImportRow *ret, Err *e);
    void *ctx;
} ImportSource;
typedef enum ImportAim {
    AIM_UNKNOWN, /* nobody knows the heading: nothing is written until it is pointed at */
    AIM_NONE,    /* left out, and told */
    AIM_FIELD,
    AIM_UNIT,  /* code or name */
    AIM_STATE, /* name or label */
    AIM_ID,
} ImportAim;
typedef struct ImportColumn {
    Str heading;
    ImportAim aim;
    const Field *field;
    bool is_pointed;    /* somebody said so, now or before */
    bool is_remembered; /* pointed at by this account before */
} ImportColumn;
typedef struct ImportPoint { /* `to`: a field, unit, state, id; "-": left out */
    Str heading, to;
} ImportPoint;
typedef struct ImportFault {
    int64_t row;
    Str column, value; /* heading, or label of the field; what stands there */
    Str key, args[ERR_ARGS_MAX];
    Str told; /* worded already: of a job */
} ImportFault;
typedef struct ImportNote { /* what was mended: by column, once */
    Str column, key, sample;
    int64_t row, n; /* the first one; how many */
} ImportNote;
typedef struct RecordImport {
    /* given */
    const Type *type;
    const ImportColumn *columns;
    int column_n;
    Uuid batch;
    const Field *keys[8]; /* record_import_key */
    int key_n;
    bool key_has_unit, key_has_author, key_is_id;
    bool takes_good; /* rows at fault do not keep the others back */
    Str sm3;         /* of the file; STR_NONE: nobody asks whether it came before */
    /* found, in `arena` */
    Arena *arena;
    int64_t row_n, new_n, changed_n, same_n, bad_n;
    ImportFault *faults; /* at most LIMIT_IMPORT_FAULTS, in row order */
    int fault_n;
    ImportNote *notes;
    int note_n;
    struct ImportState *own;
} RecordImport;
/* How many different headings of a row are known for the type: tells titles from headings. */
int record_import_known(Arena *a, const Type *t, const ImportRow *head);
/* The field a heading names; NULL: none. */
const Field *record_import_field(Arena *a, const Type *t, Str heading);
/* A state as a column of states says it: its label, its name where that is not clear. */
Str record_import_state_text(Arena *a, const Type *t, int state, Lang lang);
/* What each heading means: by name and label of a field in either language (widths, case, blanks
 * and what stands in brackets do not matter), by `points` of now, by those remembered of him for
 * the same headings. Field errors by heading: unknown (args: the nearest), twice, no such aim,
 * a required field without column. ret_columns is filled in any case. */
int record_import_columns(Arena *a, Tx *tx, const Reader *r, const Type *t, const ImportRow *head,
                          const ImportPoint *points, int point_n, ImportColumn **ret,
                          int *ret_n, Err *e) MUST_USE;
/* By what a row finds the record that stands there already: a column id, else the type's `unique`,
 * else `keys` ("name, born", field names or labels; within one unit or one whole); without any, all
 * rows are new. Field error "key". Sets up `im`, whose type, columns, arena are given. */
int record_import_begin(RecordImport *im, Lang lang, Str keys, Err *e) MUST_USE;
/* Prepares all rows and writes nothing: counts, faults, notes. */
int record_import_try(Records *rs, Tx *tx, const Reader *r, RecordImport *im, ImportSource rows,
                      Err *e) MUST_USE;

/* What reads and writes for an import: a connection of its own, and who he is at each step. */
typedef struct ImportHand {
    Records *rs;
    Store *store;
    Conn *conn;
    int (*begin)(void *ctx, Arena *a, Tx *tx, Reader *ret, Err *e); /* holds a tree ... */
    void (*end)(void *ctx, Reader *r);                              /* ... and lets it go */
    void *ctx;
} ImportHand;
typedef struct ImportBatch {
    Uuid id;
    int64_t account;
    const Type *type; /* NULL: the model has it no more */
    Str name;         /* of the file */
    UnixMs at_ms, undone_ms;
    int64_t row_n, row_at, made, updated, same, bad;
    int phase; /* 1 being written, 2 written, 3 being undone, 4 undone */
} ImportBatch;
/* Begins writing as im->batch; the counts of `im` begin anew, points are remembered for him. */
int record_import_open(const ImportHand *h, RecordImport *im, const ImportRow *head,
                       const ImportPoint *points, int point_n, Str file_name, Err *e) MUST_USE;
/* At most LIMIT_IMPORT_STEP rows, in changes that each hold the writer for LIMIT_IMPORT_STEP_US:
 * each is whole, and names the last row dealt with. *ret_more false: all are written. Rows up to
 * the last one dealt with are passed over, so a batch can be gone on with. */
int record_import_step(const ImportHand *h, RecordImport *im, ImportSource rows, bool *ret_more,
                       Err *e) MUST_USE;
/* ERR_MISSING: not his. */
int record_batch(Records *rs, Arena *a, Tx *tx, const Reader *r, Uuid id, ImportBatch *ret,
                 Err *e) MUST_USE;
/* His of a type, newest first. */
int record_batches(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t,
                   ImportBatch **ret, int *ret_n, Err *e) MUST_USE;
/* Was this very file written before, and is still in: when last, how many records it made. */
int record_import_same_file(Tx *tx, const Type *t, Str sm3, UnixMs *ret_at_ms, int64_t *ret_made,
                            Err *e) MUST_USE;

/* ---- import jobs: a large file that a page sent, tried and written by a thread ---- */
typedef enum JobPhase {
    JOB_ASKS,    /* which columns are what: who sent it points at them */
    JOB_TRIES,
    JOB_TRIED,
    JOB_WRITES,
    JOB_WRITTEN,
    JOB_GIVEN_UP,
} JobPhase;
typedef struct ImportJob {
    Uuid id; /* that of its batch */
    int64_t account;
    const Type *type;
    Lang lang;
    Str name, keys;
    ImportPoint *points;
    int point_n;
    UnixMs at_ms, held_until;
    JobPhase phase;
    int64_t tries, row_n, done, made, updated, same, bad;
    Str notes, told;
} ImportJob;
/* Keeps the file and the job. */
int record_job_put(const ImportHand *h, const ImportJob *job, Str bytes, Err *e) MUST_USE;
/* ERR_MISSING: not his, or gone. */
int record_job(Records *rs, Arena *a, Tx *tx, const Reader *r, Uuid id, ImportJob *ret,
               Err *e) MUST_USE;
int record_jobs(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t, ImportJob **ret,
                int *ret_n, Err *e) MUST_USE; /* the latest five */
int record_job_ahead(Tx *tx, const ImportJob *job, int64_t *ret, Err *e) MUST_USE;
int record_job_bytes(Arena *a, Tx *tx, Uuid id, Str *ret, Err *e) MUST_USE;
/* As they are worded; at most `most`. */
int record_job_faults(Arena *a, Tx *tx, Uuid id, int most, ImportFault **ret, int *ret_n,
                      Err *e) MUST_USE;
/* From one phase to another, with points, notes and what is told as `job` has them; ERR_STATE:
 * somebody did already. */
int record_job_turn(const ImportHand *h, const ImportJob *job, JobPhase to, Err *e) MUST_USE;
/* For the thread: takes the oldest that waits, or whose thread said nothing more; 1, or 0. */
int record_job_claim(Records *rs, Store *store, Conn *conn, Arena *a, Uuid holder, ImportJob *ret,
                     Err *e) MUST_USE;
/* How far it is; ERR_STATE: another thread has it. */
int record_job_on(Records *rs, Store *store, Conn *conn, Uuid holder, const ImportJob *job,
                  Err *e) MUST_USE;
/* Faults from the one numbered `from` on, worded; untell: those told before are gone. */
int record_job_tell(Store *store, Conn *conn, Uuid id, const ImportFault *list, int from, int n,
                    Err *e) MUST_USE;
int record_job_untell(Store *store, Conn *conn, Uuid id, Err *e) MUST_USE;
/* Forgets what is older than LIMIT_IMPORT_KEEP_DAYS. */
int record_job_sweep(Records *rs, Store *store, Conn *conn, Err *e) MUST_USE;

typedef struct UndoKept {
    int64_t row;
    Uuid record;
    bool is_edited; /* somebody changed it since; false: nothing he may do takes it back */
} UndoKept;
typedef struct ImportUndo { /* {.arena, .batch} at first; kept from step to step */
    Arena *arena;
    Uuid batch;
    int64_t row_at, voided_n, restored_n, edited_n, stuck_n;
    UndoKept *kept; /* the first LIMIT_IMPORT_NOTES */
    int kept_n;
} ImportUndo;
/* Takes a batch back as far as nobody touched it since: what it made is made void by an action he
 * may do, what it changed gets its former values. ERR_STATE: undone before. */
int record_undo_step(const ImportHand *h, ImportUndo *u, bool *ret_more, Err *e) MUST_USE;

/* ---- files ---- */
typedef struct FileInput {
    Uuid id;
    Uuid owner;
    Str mime;                  /* image/jpeg, application/pdf ...: found in the bytes */
    Str name;                  /* of a document, as sent: for people, cleaned; STR_NONE: a photo */
    Str bytes;                 /* cleaned */
    uint8_t source[SM3_BYTES]; /* digest of what was sent */
    UnixMs now_ms;
    bool existed; /* set by apply */
} FileInput;
/* Is the id usable for this owner; ERR_EXISTS when the same bytes came before, ERR_MISSING
 * otherwise. */
int record_prepare_file(Records *rs, Tx *files_tx, const Reader *r, const FileInput *in,
                        Err *e) MUST_USE;
int record_apply_file(Tx *files_tx, void *file_input, Err *e);
/* A file through a record he may see. ERR_MISSING otherwise. `tx` main, `files_tx` files (may be
 * the same). */
int record_file(Records *rs, Arena *a, Tx *tx, Tx *files_tx, const Reader *r, Uuid id,
                Str *ret_mime, Str *ret_name, Str *ret_bytes, Err *e) MUST_USE;
/* Names, kinds and sizes of the files of a record's field, for its page. */
typedef struct FileLine {
    Uuid id, owner;
    Str name, mime;
    int64_t bytes;
} FileLine;
int record_file_lines(Arena *a, Tx *files_tx, const Value *v, FileLine **ret, int *ret_n,
                      Err *e) MUST_USE;
/* One of them by its id, as a form gives it: his own, or through a record he may see;
 * ERR_MISSING. */
int record_file_line(Records *rs, Arena *a, Tx *tx, Tx *files_tx, const Reader *r, Uuid id,
                     FileLine *ret, Err *e) MUST_USE;

/* ---- proof ---- */
typedef struct VerifyReport {
    int64_t changes, records, files, findings;
} VerifyReport;
/* Proves: chain numbers and hashes, body hashes, versions without gaps, each record's row equal
 * to what its history says, register, links, file digests. say(): one sentence with the place,
 * translated. */
int record_verify(Records *rs, Arena *a, Tx *tx, Tx *files_tx, Lang lang,
                  void (*say)(void *ctx, Str finding), void *ctx, VerifyReport *ret,
                  Err *e) MUST_USE;

/* Proves that whatever is open has somebody who answers for it on `today`; *ret: findings. */
int record_verify_owners(Records *rs, Arena *a, Tx *tx, const Tree *tree, Day today, Lang lang,
                         void (*say)(void *ctx, Str finding), void *ctx, int64_t *ret,
                         Err *e) MUST_USE;
/* SM3 over all records as they stand, with their open duties, and all figures' cells, in one
 * order on
 * both databases: two deployments that went through the same have the same. */
int record_digest(Records *rs, Tx *tx, const Tree *tree, uint8_t ret[SM3_BYTES], Err *e) MUST_USE;
/* Proves that exactly the duties are open that the records' states say, and that each notice tells
 * of a duty, a comment or a change there is; *ret: findings. */
int record_verify_duties(Records *rs, Tx *tx, const Tree *tree, Lang lang,
                         void (*say)(void *ctx, Str finding), void *ctx, int64_t *ret,
                         Err *e) MUST_USE;
/* Open records of any type at one unit, counted to at most `stop`: told before a merge. No reader:
 * whoever asks may close the unit. */
int record_open_of(Records *rs, Tx *tx, const Tree *tree, int unit_ix, int stop, int *ret,
                   Err *e) MUST_USE;

/* ---- everything, for whoever runs the deployment ---- */
/* Calls each(ctx, rec) for every record of a type at and below unit_ix (-1: all), in keyset steps
 * by (county, id). No reader: only for the command line. `rec` is valid during the call. */
int record_each(Records *rs, Tx *tx, const Tree *tree, const Type *t, int unit_ix,
                int (*each)(void *ctx, const Record *rec, Err *e), void *ctx, Err *e) MUST_USE;

#endif
