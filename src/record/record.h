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

#include "access/access.h"

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
    Value *values; /* by field ix */
} Record;
/* ERR_MISSING: absent or not his, one answer. ret_by: the arm that shows it (may be NULL to
 * skip). */
int record_get(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t, Uuid id, Record **ret,
               const Arm **ret_by, Err *e) MUST_USE;
/* Actions he may do on it now, in the model's order (change included). */
int record_actions(Records *rs, Arena *a, const Reader *r, const Record *rec, const Action ***ret);

/* ---- lists ---- */
typedef struct ListQuery {
    const Type *type;
    int unit_ix;         /* at and below; -1: everything he may see */
    uint32_t states;     /* 0: all */
    bool mine;           /* only what he wrote */
    const Field *filter; /* equality on one choice, date, int, yesno field; NULL none */
    Value filter_value;
    int limit;        /* 1..LIMIT_LIST_PAGE */
    Str after;        /* cursor of an earlier answer; STR_NONE: from the newest */
    bool backwards;   /* `after` is the first of a page: the page before it, newer ones */
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

/* ---- history ---- */
typedef struct HistoryItem {
    int64_t chain, seq;
    UnixMs at_ms;
    int64_t version;
    const Action *action;
    Uuid actor;
    Str actor_name;
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

/* ---- writing ---- */
typedef struct FieldInput {
    Str name;
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
    Value mine, theirs;
} Conflict;
int record_conflicts(Records *rs, Arena *a, const Record *now, const RecordInput *in, Day today,
                     Conflict **ret, Err *e) MUST_USE;

/* ---- files ---- */
typedef struct FileInput {
    Uuid id;
    Uuid owner;
    Str mime;                  /* image/jpeg */
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
                Str *ret_mime, Str *ret_bytes, Err *e) MUST_USE;

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

/* ---- everything, for whoever runs the deployment ---- */
/* Calls each(ctx, rec) for every record of a type at and below unit_ix (-1: all), in keyset steps
 * by (county, id). No reader: only for the command line. `rec` is valid during the call. */
int record_each(Records *rs, Tx *tx, const Tree *tree, const Type *t, int unit_ix,
                int (*each)(void *ctx, const Record *rec, Err *e), void *ctx, Err *e) MUST_USE;

#endif
