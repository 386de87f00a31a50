/* record_int.h: what the files of record share. */
#ifndef STAVE_RECORD_INT_H
#define STAVE_RECORD_INT_H

#include "record/record.h"
#include "sql.h"

/* Numbers of history entries that are no field; the catalogue begins at CATALOGUE_FIRST. */
enum { ENTRY_STATE = 1, ENTRY_UNIT = 2, ENTRY_POSTING = 3, CATALOGUE_FIRST = 100 };
/* A comment is an entry of its own kind: an act, and what its body holds. */
enum { ACT_COMMENT = 10, ENTRY_COMMENT = 10, ENTRY_COMMENT_ID = 11 };
enum { SALT_BYTES = 16 };

/* The statements of one rows field's table (record_query_child.c). */
typedef struct RowsSql {
    Str of;             /* the rows of record ?1 in their order: id, county, record, unit, ix, all
                         * sub-fields */
    Str insert, update; /* in the same order */
    Str remove;         /* id, county, record */
    /* PostgreSQL: the same for many lines of one record at once: id, ix and sub-fields are lists;
     * STR_NONE on SQLite, where a statement costs no way to a server */
    Str insert_many, update_many, remove_many;
} RowsSql;

/* What stands beside a type's table because of one field: rows, links, audience. */
typedef struct FieldSql {
    RowsSql rows;
    Str add, remove; /* of a derived index: links (all of a record), audience (one pair) */
    Str of, count;   /* verify: of one record or pair; the whole table */
    Str clash;       /* `exclusive`: what another record holds over common days */
    Str *sub_clash;  /* ... of a row's field */
} FieldSql;

/* The statements of one type's table, made once at open (record_query.c). */
typedef struct TypeSql {
    Str get; /* by county, id: engine columns, then all fields */
    Str insert, update_head;
    Str heads_unit[2]; /* [backwards] one unit's range: at_day, id, state */
    Str heads_author[2];
    Str heads_open[2];      /* partial index, one state */
    Str heads_open_many[2]; /* PostgreSQL: the same below one unit */
    Str all;                /* verify: after (county, id) */
    FieldSql *fields;       /* by field ix */
    Str mine;               /* `me`: ids of who is ?1, newest first; STR_NONE: no such field */
    Str parts;              /* `part_of`: those of record ?1; STR_NONE */
    Str state_of;           /* by county, id */
    Str open_all;           /* county, id of open ones behind (?1, ?2), at most ?3 */
    Str open_at;            /* county, id, state: open ones of unit ?1 behind id ?2, at most ?3 */
} TypeSql;

typedef struct Newest Newest; /* record_newest.c */

struct Records {
    Env *env;
    Store *store, *files;
    const Model *model;
    Arena *arena;
    Engine engine;
    Str model_hash; /* as meta has it */
    Newest *newest;      /* NULL: not the one writer of an SQLite store */
    TypeSql *sql; /* by type ix */
    struct FindType *find; /* record_find_int.h, by type ix */
    const FlowCalendar *calendar; /* where a reader brings none: Monday to Friday */
    Str find_made_of;      /* digest of what of the model the search index is made of */
};

/* Engine columns as `get` answers them. */
enum {
    COL_ID,
    COL_COUNTY,
    COL_UNIT,
    COL_SEAT,
    COL_POSTING,
    COL_AUTHOR,
    COL_AT_DAY,
    COL_STATE,
    COL_VERSION,
    COL_MADE_MS,
    COL_FIELDS
};
enum { ROW_ID, ROW_COUNTY, ROW_RECORD, ROW_UNIT, ROW_IX, ROW_FIELDS }; /* ... and those of rows */

/* One salted entry of a history body. */
typedef struct Entry {
    int64_t number;
    Value value;
    bool is_blanked;
    uint8_t salt[SALT_BYTES];
    uint8_t digest[SM3_BYTES]; /* SM3(salt, number, tag, value); kept when blanked */
} Entry;

/* Units now hang elsewhere: after what the batch booked so far under the old tree. */
typedef struct Rehang {
    const Model *model;
    const Tree *after;
    const UnitMove *moves;
    int move_n;
} Rehang;

/* What record_seal writes. */
typedef struct Pended {
    UnixMs at_ms;
    Uuid record, actor, deputy_for; /* deputy_for zero: himself */
    int64_t type, version, act, seat; /* seat 0: null */
    Str body;
    uint8_t body_hash[SM3_BYTES];
    const FigMove *moves; /* of figures: booked with the batch */
    int move_n;
    const Rehang *rehang; /* not NULL: this alone; no record changed */
    bool is_figures;      /* `moves` alone: no record changed */
} Pended;

/* What becomes of one line of a rows field; encoded in history as one entry. */
typedef enum RowDo { ROW_ADD = 1, ROW_SET, ROW_MOVE, ROW_REMOVE } RowDo;
typedef struct RowOp {
    const Field *field; /* the rows field */
    RowDo what;
    const Row *row; /* as it will stand; removed: as it stood */
    uint64_t set;   /* set of its fields' ixs that are written; ROW_SET */
} RowOp;

struct Change {
    Records *rs;
    const Reader *reader; /* borrowed from the request */
    const Type *type;
    const Action *action;
    bool is_create;
    Record *after;                       /* as it will stand; version is the new one */
    int64_t base_version;                /* 0: create */
    uint64_t changed[2];                 /* set of field ixs to write */
    int64_t account, access_no, tree_no; /* what the permission was decided on */
    Day today;
    int64_t seat; /* under which post he acts; 0: as author, the record's */
    UnixMs now_ms;
    Str body;
    uint8_t body_hash[SM3_BYTES];
    const Value *base; /* what stood there before, by field ix; NULL: create */
    Day base_day;      /* at_day then */
    RowOp *ops;
    int op_n;
    FigMove *moves; /* of figures */
    int move_n;
    FlowStep *steps; /* of duties */
    int step_n;
    int base_state;  /* before it; -1: create */
    Uuid deputy_for; /* whom he stands in for; zero: himself */
    Change *then;
    Change *made; /* `makes`: new records, a list by `next_made` */
    Change *next_made;
};

/* Big-endian, as history has its numbers. */
static inline uint8_t *put_be(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        *p++ = (uint8_t)(v >> (8 * i));
    return p;
}
static inline uint64_t get_be(const char *p, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | (uint8_t)p[i];
    return v;
}

static inline bool field_has_files(const Field *f)
{
    return f->kind == KIND_PHOTO || f->kind == KIND_FILE;
}

static inline void set_add(uint64_t set[2], int ix)
{
    set[ix >> 6] |= (uint64_t)1 << (ix & 63);
}
static inline bool set_has(const uint64_t set[2], int ix)
{
    return set[ix >> 6] >> (ix & 63) & 1;
}

/* record_newest.c */
enum { NEWEST_UNITS_MAX = 1 << 20 }; /* ids of units are given in a row */
typedef struct Bound {
    int64_t unit;
    bool is_known;
    Day day; /* no record of the unit is newer than (day, id) */
    Uuid id;
} Bound;
Newest *newest_new(int type_n);
void newest_free(Newest *nw);
void newest_raise(Newest *nw, int type_ix, int64_t unit, Day day, Uuid id); /* before the commit */
void newest_learn(Newest *nw, int type_ix, int64_t unit, Day day, Uuid id); /* from a snapshot */
void newest_get(Newest *nw, int type_ix, Bound *list, int n);

/* record_query_child.c */
void query_compile_children(Arena *a, Engine g, const Type *t, TypeSql *ret);
void query_sub_index(Buf *b, const Type *t, const Field *rows, const Field *f);
/* tables and indexes of it */
void query_child_ddl(Buf *b, Engine g, const Type *t, const Field *f);

/* record_query.c */
bool query_has_column(const Field *f); /* rows have none */
void query_compile(Arena *a, Engine g, const Type *t, TypeSql *ret);
void query_update(Buf *b, const Change *c);                   /* UPDATE with the changed columns */
void query_bind_value(Stmt *s, int ix, const Field *f, const Value *v);
Value query_value(Arena *a, Stmt *s, int ix, const Field *f); /* copied into a */
void query_table_ddl(Buf *b, Engine g, const Type *t);
/* What one more field needs: a column, a table of its own, an index. Of a row's field: the same on
 * the rows' table. One statement a line. */
void query_field_ddl(Buf *b, Engine g, const Type *t, const Field *f);
void query_unique_ddl(Buf *b, const Type *t);

/* record_query_plan.c */
typedef enum DdlKind { DDL_COLUMN, DDL_TABLE, DDL_INDEX } DdlKind;
typedef struct Ddl {
    DdlKind kind;
    Str sql, name; /* of the table or the index */
} Ddl;
bool query_next_ddl(Str *rest, Ddl *ret); /* takes a script's statements one by one */
void query_drop_unique(Buf *b, const Type *t);
Str query_count_all(Arena *a, Str type);
void query_hold(Buf *b, Str type); /* PostgreSQL: nobody writes its records meanwhile */
Str query_count_open(Arena *a, Str type);
Str query_count_state(Arena *a, Str type, int64_t state);
Str query_count_filled(Arena *a, Str type, Str field);
Str query_count_doubles(Arena *a, const Type *t); /* groups that `unique` would not allow */
Str query_step_open(Arena *a, const Type *t); /* ?1 is_open, ?2 state: 200 records */
void query_rename_type(Buf *b, Tx *tx, Str old, const Type *t);
void query_index_type(Buf *b, Tx *tx, const Type *t); /* its own indexes, after a rename */
void query_rename_field(Buf *b, const Type *t, const Field *rows, const Field *f, Str old);

/* record_query_list.c */
void query_compile_lists(Arena *a, Engine g, const Type *t, TypeSql *ret);
Str query_heads_many(Arena *a, const Type *t, uint32_t states, bool back); /* PostgreSQL: LATERAL */
/* A field that stands in a table of its own beside the type's: a row's, or links. */
static inline bool query_is_side(const Field *f)
{
    return f->rows || f->kind == KIND_LINKS;
}
Str query_side_count(Arena *a, const Type *t, const Field *f); /* how many name ?1, at most ?2 */
Str query_heads_field(Arena *a, const Type *t, const Field *f, bool back);    /* field names ?1 */
Str query_heads_audience(Arena *a, const Type *t, const Field *f, bool back); /* unit ?1, role ?5 */
Str query_open_posts(Arena *a, const Type *t); /* postings and seats its open records stand under */
typedef enum CountOf { COUNT_UNIT, COUNT_BELOW, COUNT_AUTHOR } CountOf;
/* How many, at most ?1: of unit ?2; of all units below ?2; by author ?2 under posting ?3. */
Str query_count(Arena *a, const Type *t, CountOf of, uint32_t states);

/* record_query_expr.c: a condition for which expr_is_see holds, as SQL that is never null. */
typedef struct QueryExpr {
    Engine engine;
    const char *alias;   /* of the record's table; NULL: none */
    int me_ix, today_ix; /* the parameters of the reader's person and of the day */
} QueryExpr;
void query_expr(Buf *b, const QueryExpr *q, const Expr *x);

/* record.c */
int record_read_row(Records *rs, Arena *a, Tx *tx, const Tree *tree, const Type *t, int64_t county,
                    Uuid id, Record **ret, Err *e); /* without permission; ERR_MISSING */
int record_registered(Tx *tx, Uuid id, int64_t *ret_type, int64_t *ret_county,
                      Err *e); /* 1, 0: nobody has the id, < 0 */
int record_from_row(Arena *a, Stmt *s, const Tree *tree, const Type *t, Record *ret, Err *e);

/* record_history.c */
void entry_digest(Entry *en); /* from salt, number, value */
Str body_encode(Arena *a, Entry *entries, int n,
                uint8_t ret_hash[SM3_BYTES]); /* digests filled by it */
/* false: not a body. Values are borrowed from `body`. */
bool body_decode(Arena *a, Str body, Entry **ret, int *ret_n, uint8_t ret_hash[SM3_BYTES]);
void history_hash(const uint8_t previous[SM3_BYTES], int64_t chain, int64_t seq, const Pended *p,
                  uint8_t ret[SM3_BYTES]);
Value value_copy(Arena *a, const Value *v);
/* A record as it stood at an earlier version, by its history. */
typedef struct Past {
    Value *values;         /* by field ix */
    bool *is_blanked;      /* erased: whatever it was */
    int64_t unit, version; /* the newest of at most the one asked for; 0: nothing */
    int state;             /* index; -1: hidden by the model */
    struct {
        int64_t act;
        Uuid actor;
    } last, before; /* of that version and of the one before it */
} Past;
int record_past(Arena *a, Tx *tx, const Type *t, Uuid id, int64_t version, Past *ret, Err *e);

/* record_rows.c */
int rows_read(Records *rs, Arena *a, Tx *tx, Record *rec, Err *e); /* all rows fields of it */
/* Gives `after` its rows' places (ix), as few of them new as may be, and adds what is to be written
 * to `ops` (room for rows of both). */
int rows_diff(Arena *a, const Field *f, const Value *before, Value *after, RowOp *ops);
Str row_encode(Arena *a, const RowOp *op);
/* The value of a rows field after one body: entries of other fields are passed over. false: one of
 * them is no row entry or does not fit what stood there. */
bool rows_fold(Arena *a, const Field *f, const Value *before, const Entry *entries, int n,
               Value *ret);
int rows_apply(Tx *tx, const Change *c, Err *e);

/* record_refs.c: derived indexes of links and audiences, and what references name */
int refs_apply(Tx *tx, const Change *c, Err *e);
/* Takes the next pair off an audience value. */
bool audience_next(Str *at, Str *ret_role, int64_t *ret_unit);

/* record_pick.c: what names a record in a choice or a sentence */
Str record_title(Arena *a, const Record *rec, Lang lang);

/* record_people.c */
int pick_people(Arena *a, Tx *tx, const Reader *r, Str typed, int max, Pick **ret, int *ret_n,
                Err *e) MUST_USE;

/* record_verify_comment.c: says key, comment, record for each finding */
typedef void (*SayId)(void *ctx, const char *key, Uuid id, Uuid record);
int verify_comments(Arena *a, Tx *tx, SayId say, void *ctx, Err *e);
/* record_prepare.c */
Day record_day(const Type *t, const Value *values, UnixMs made_ms); /* at_day */

/* record_input.c */
typedef struct TakenRows { /* of one rows field that came */
    uint64_t *given;       /* by line: its fields that came with a value */
    int *at;               /* by line: its number as it came; NULL: the field did not come */
} TakenRows;
typedef struct Taken {
    Value *values;      /* by field ix: what came over what stood there */
    uint64_t given[2];  /* fields that came, and presets */
    uint64_t filled[2]; /* ... with a value */
    TakenRows *rows;    /* by field ix */
} Taken;
int input_take(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
               const Value *before, bool is_compared, Taken *ret, Err *e) MUST_USE;
/* May this action write this field: asked ones by their action alone, the others by create and
 * change; computed ones nobody. */
bool input_writes(const Field *f, const Action *act);
const FieldInput *input_named(const FieldInput *list, int n, Str name); /* NULL */
Value input_as_typed(Records *rs, Arena *a, const Reader *r, const Field *f, const FieldInput *x);
Str input_path(Arena *a, const Field *rows, int at, Str name);          /* FIELD.N.NAME */

/* record_pick.c: what is called exactly so, or, if nothing is, has exactly these initials. */
int pick_exact(Records *rs, Arena *a, Tx *tx, const Reader *r, const Field *f, Str typed,
               Pick **ret, int *ret_n, Err *e) MUST_USE;

/* record_duty_figure.c: figures of duties. What changes duties is watched: what each of them gave
 * before is taken, what it gives after is added, with the batch. */
typedef struct DutyWatch {
    Records *rs;
    Tx *tx;
    struct Watched *list;
    int n, cap;
} DutyWatch;
bool duty_is_figured(const Type *t); /* does any figure count its duties */
int duty_watch(DutyWatch *w, const Type *t, Uuid record, Err *e); /* before; once is enough */
/* The record itself changes with it: from -1 (it comes) or a state to another. */
int duty_watch_change(DutyWatch *w, const Change *c, Err *e);
int duty_book(DutyWatch *w, Err *e); /* after */
/* Duties as they were; they stand changed already. */
int duty_book_late(Records *rs, Tx *tx, const FlowDuty *was, int n, Err *e);
/* Shares of a figure, one a duty that counts; each stands at its own day. */
int duty_share(const Figure *f, const FlowDuty *d, int state, FigShare *ret, Day *ret_day); /* 1 */

/* record_search_verify.c: say() is given a message key and what its {0} is. */
int verify_search(Records *rs, Tx *tx, void (*say)(void *ctx, const char *key, Str id), void *ctx,
                  Err *e);

#endif
