/* model.h: reads and checks model/: kinds of units, roles, types with fields, states, actions, who
 * may. The only room that knows the syntax (a strict subset of YAML, DESIGN.md "The model").
 *
 * Model: a Model is one generation: immutable, in one arena, shared by all threads, swapped whole.
 *        It is made from sources (built in, the county's own merged over it type by type), then
 *        numbered from the database's catalogue (record does that). Invariants: names are unique
 *        ASCII identifiers; every state, role, field a term names exists; a type has at least one
 *        state, a `create` action and one unit kind it sits at. Not here: tables (record), people
 *        (access).                          SPEC: P12  DESIGN: The model  STYLE: R39-R42
 */
#ifndef STAVE_MODEL_H
#define STAVE_MODEL_H

#include "base/base.h"

typedef struct Model Model;
typedef struct Type Type;
typedef struct Field Field;
typedef struct State State;
typedef struct Action Action;
typedef struct Choice Choice;
typedef struct Role Role;
typedef struct UnitKind UnitKind;

typedef struct Label {
    Str text[LANG_MAX]; /* never empty: a bare text is the zh and stands for both */
} Label;

typedef enum KindId {
    KIND_TEXT,
    KIND_NOTE,
    KIND_INT,
    KIND_YESNO,
    KIND_DATE,
    KIND_INSTANT,
    KIND_CHOICE,
    KIND_LINK,
    KIND_PHOTO,
    KIND_REMARK,
    KIND_MONEY,
    KIND_PRICE,
    KIND_AREA,
    KIND_WEIGHT,
    KIND_PERCENT,
    KIND_CREDIT_CODE,
    KIND_PLATE,
    KIND_PARCEL_CODE,
    KIND_CHOICES,   /* several of `of`; VALUE_TEXT: their numbers, rising, ",3,17," */
    KIND_LINKS,     /* VALUE_BLOB: ids of records */
    KIND_UNIT,      /* VALUE_INT: id of a unit */
    KIND_PERSON,    /* VALUE_BLOB: id of a person */
    KIND_AUDIENCE,  /* VALUE_TEXT: "first_secretary@12 town_office@3": role and unit id, sorted */
    KIND_FILE,      /* VALUE_BLOB: ids of documents */
    KIND_POINT,     /* VALUE_TEXT: "35.123456,113.123456" */
    KIND_MONTH_DAY, /* VALUE_INT: month * 100 + day */
    KIND_ROWS,      /* VALUE_ROWS */
    KIND_MAX
} KindId;

/* A value of a field. Absent is not zero; no rows is VALUE_NONE. */
typedef enum ValueTag { VALUE_NONE, VALUE_INT, VALUE_TEXT, VALUE_BLOB, VALUE_ROWS } ValueTag;
typedef struct Row Row;
typedef struct Value {
    ValueTag tag;
    int64_t i; /* int, yesno 0/1, day, ms, choice number, money fen, price 1/10000, area 1/100 mu,
                  g, 1/100 %, unit id; rows: how many */
    Str s;     /* text, remark; blob: ids of 16 bytes each (link, links, person, photo, file) */
    const Row *rows; /* VALUE_ROWS: in their order */
} Value;
struct Row { /* a line inside a record, without a life of its own */
    Uuid id;
    int64_t ix;          /* its place; rows stand in rising order of it, with gaps */
    const Value *values; /* by ix of the rows field's own fields */
    int value_n;         /* how many they are: field_n of the rows field */
};
bool value_eq(const Value *a, const Value *b); /* rows: same ids, order and values; not ix */

/* What parsing needs beside the field. */
typedef struct ParseCtx {
    Arena *arena;
    Day today; /* for `max: today`; DAY_NONE: not asked for */
} ParseCtx;

/* A field kind is one row of functions (model_kind.c): R41. */
typedef struct Kind {
    const char *name; /* as written in `is:` */
    char column;      /* 'i' bigint, 't' text, 'b' blob, 'u' uuid: store_type(); 0: none (rows) */
    bool in_lists;    /* shown as a column of a list */
    /* Typed text of a form (leading/trailing blanks, full-width digits, commas in numbers are fine)
     * or JSON text to a Value, checked against the field: length, min, max, choice exists. A choice
     * is known by its name or by one of its labels. Empty text is VALUE_NONE (`required` is the
     * caller's). Errors: adds one field error `field.*` to e and returns ERR_INVALID. */
    int (*parse)(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e);
    /* As a person reads it in a page: 2026-11-20, 1,234.50, the choice's label, 2 photos ...; a
     * link is its id (the caller knows its title). Units are not in it: field_unit(). VALUE_NONE is
     * empty. */
    Str (*show)(Arena *a, const Field *f, const Value *v, Lang lang);
    /* As it stands in a form's input and in CSV; parse(typed(v)) == v. */
    Str (*typed)(Arena *a, const Field *f, const Value *v);
    bool json_number; /* JSON carries an integer; json_bool true/false; else a string (or list of
                         ids) */
    bool json_bool;
    bool json_utc;  /* JSON carries ms_rfc3339(v->i); `typed` is China's clock */
    bool json_list; /* JSON carries a list: of ids; of choices, their names */
    bool is_reference; /* unit, person, link, links, audience, rows: what is typed is looked up by
                        * record (record_prepare.c), which knows the tree and the records; parse
                        * is NULL, show and typed give the ids (a unit's number, an audience as it
                        * is kept; show of rows, how many), pages and API put names to them */
} Kind;
const Kind *model_kind(KindId id);
/* A JSON integer, in the stored unit (fen, g ...), checked against the field's bounds; for kinds
 * with `json_number`. Errors as `parse`. */
int field_take_int(const ParseCtx *c, const Field *f, int64_t i, Value *ret, Err *e) MUST_USE;

struct Choice {
    Str name;
    Label label;
    int64_t number; /* catalogue; 0 until numbered */
    bool is_retired; /* `removed: yes`: readable where it stands, offered no more */
    const Str *was;
    int was_n;
};

/* A total expression (model_expr.c): DESIGN "Expressions". NULL stands for "not said". */
typedef struct Expr Expr;

struct Field {
    Str name;
    Label label;
    KindId kind;
    int ix; /* its place in Type.fields: all fields of the type, asked ones last; of a row's field:
             * its place in the rows field's `fields` */
    int64_t number;
    bool is_required; /* once the record leaves a draft state (or, if asked, with its action) */
    bool is_found;    /* `find: yes`: search finds its words */
    bool is_found_by_name; /* `find: name`: by the pinyin initials of a name, too */
    bool is_indexed;       /* `index: yes`, or a `via` term, `me`, `part_of` names it */
    bool is_party;         /* the person or household it is about */
    bool is_personal;
    Str purpose; /* why it is asked; STR_NONE: not said */
    const Expr *required_when, *shown_when;
    const Expr *computed; /* stored; nobody writes it */
    const struct Field *copy_link, *copy_of; /* `copy: course.line`: taken when that link (of this
                                              * type, or of the same row) is set, then its own */
    /* rows */
    const struct Field *fields; /* of a row */
    int field_n;
    const struct Field *start;        /* an audience field: one press fills in its people */
    const struct Field *start_person; /* the row's person field they go into */
    const struct Field *const *unique; /* among the rows of one record */
    int unique_n;
    const struct Field *rows; /* of a row's field: the rows field it stands in; NULL */
    const struct Field *exclusive_from, *exclusive_to; /* dates of the type: no two records that are
                           * neither void nor draft may hold this link over days they share */
    const Str *was; /* former names */
    int was_n;
    bool is_asked;             /* written by an action's `asks` alone */
    int many;                  /* photo, file, links, audience, rows: how many; 1 otherwise */
    int64_t max;               /* text: code points; numbers, dates: value; INT64_MAX none */
    int64_t min;               /* INT64_MIN none */
    bool max_today, min_today; /* `max: today` */
    Value preset;              /* `default:`; VALUE_NONE none */
    const Choice *choices;
    int choice_n;
    const Field *of; /* remark: the text field it is on */
    Str to;          /* link, links: name of the type; of several, the first */
    const Str *tos;  /* links: names of all types it may lead to */
    int to_n;
    Str unit,
        per; /* weight: jin, kg, g (kg unless said); money, price, weight: per mu, person ... */
};

/* Who-terms, as DESIGN "Who terms" words them. */
typedef enum WhoKind {
    WHO_AUTHOR,      /* who made it, then the heir of his posting, and his deputy */
    WHO_ROLE,        /* his unit is the record's or above it */
    WHO_ROLE_HERE,   /* the record's own unit (or one that was merged into it) */
    WHO_ROLE_BELOW,  /* his unit is the record's or under it: documents */
    WHO_ROLE_REACH,  /* the record's unit is assigned to his for a time */
    WHO_ROLE_VIA,    /* `via`: a unit field of the record or of its rows names his unit */
    WHO_ME_VIA,      /* `via`: a person field of the record or of its rows names him */
    WHO_ME_TYPE_VIA, /* `via`: a link that names a record of `me_type` which is his (its `me`) */
    WHO_AUDIENCE,    /* `via`: the audience field (one a type): he holds such a role there, below */
    WHO_CLOCK,       /* nobody: the clock acts */
    WHO_PUBLIC,      /* everybody */
} WhoKind;
typedef struct Who {
    WhoKind kind;
    int role;                /* index into Model.roles; -1 where none is named */
    const Field *via;        /* a field of the type, or a field of one of its rows */
    const struct Type *me_type;
    const Expr *when;        /* `town_office when level = public`; NULL: always. In `see` from the
                              * subset that is SQL, too: expr_is_see */
} Who;

typedef enum StateEnd { END_OPEN, END_DONE, END_VOID } StateEnd;
struct State {
    Str name;
    Label label;
    int ix;
    int64_t number;
    bool is_draft;
    StateEnd end;
    const Who *see;
    int see_n;
    const Str *was;
    int was_n;
};

typedef enum ActionKind { ACTION_CREATE, ACTION_CHANGE, ACTION_OTHER } ActionKind;
struct Action {
    Str name;
    Label label;
    ActionKind kind;
    int ix;
    int64_t number;
    uint32_t from; /* set of states; 0 for create */
    int to;        /* state index; -1: stays where it is (change) */
    const Who *by;
    int by_n;
    const Field *const *asks;
    int ask_n;
    bool is_many;     /* `many: yes`: for a whole page of the list at once */
    const Expr *when; /* may also count parts */
    const Expr *due;  /* read and checked; the clock comes later */
    Str code;         /* a module's function; STR_NONE */
    const struct Makes *makes; /* new records filled from this one, in the same change */
    int make_n;
    const Str *was;
    int was_n;
};
typedef struct Makes {
    const struct Type *type;
    const struct MakesField {
        const Field *field;
        const Expr *value; /* in the world of the record acted on */
    } * fields;
    int field_n;
} Makes;

/* `checks:` tried while typing and again at the gate, once the record leaves its draft. */
typedef struct Check {
    Str name;
    Label label;      /* what to do about it; empty: made from the expression */
    const Expr *that; /* absent values make a comparison false: a check is asked only when all the
                       * fields it names are there */
    Str law;          /* STR_NONE: none. An overlay may not loosen it */
    const Field *field; /* where the fault is shown: the first field it names */
} Check;

/* ---- figures: DESIGN "Figures", SPEC P5 ---- */
typedef enum FigKind {
    FIG_COUNT,    /* of records, or of lines of rows, at the record's day */
    FIG_SUM,      /* of `amount`, at the record's day */
    FIG_LEVEL,    /* how many there are, or how much, on a day */
    FIG_DISTINCT, /* how many different `thing`s there are on a day, or in a year */
    FIG_SHARE,    /* `over` of `under`, both figures of their own */
} FigKind;
typedef struct Figure {
    Str name; /* unique in the model; of half a share: NAME.over, NAME.under */
    Label label;
    FigKind kind;
    int ix;                     /* its place in Model.figures */
    int64_t number;             /* catalogue */
    const struct Type *type;    /* whose records are counted */
    const Field *rows;          /* whose lines are; NULL: the record */
    const Field *amount, *thing; /* of the record, or of a line of `rows` */
    const Field *by;            /* split by a choice or a link of the same; NULL */
    const Expr *when;           /* over the record, with `rows` over the line; NULL: always */
    uint32_t states;            /* set of states in which it may count: none void, none a draft */
    uint32_t later;             /* ... and all that a record can come to from them */
    bool is_yearly;             /* anew each January */
    int64_t least;              /* share: with fewer in `under` no percentage is shown */
    const struct Figure *over, *under; /* share */
    const struct Figure *half_of;      /* NULL: it stands for itself */
    const struct Duty *duty;    /* counted are duties of this name when they are done or late, while
                                 * their record stands in one of `states` ... */
    bool is_in_time;            /* ... only those done in time */
    const Str *was;
    int was_n;
    Str made_of; /* what it is made of, in one line: another text, other numbers */
} Figure;

typedef struct Duty {
    Str name;
    Label label;
    int while_state; /* -1: `upon` a posting */
    Str upon;        /* `posting ROLE here`: the term, which is also `owed_by` (ROLE or ROLE here):
                      * opens for each open record of the seat when a posting begins; STR_NONE */
    Who owed_by;
    int within;      /* 0: `due` says when */
    Str within_unit; /* workdays, days, workhours */
    const Expr *due;
    Str met_by; /* a type: done when a record of it links here; STR_NONE */
} Duty;

struct Type {
    Str name;
    Label label;
    Str folder; /* base village economy town transport: where the directory shows it */
    int ix;
    int64_t number;
    uint64_t at; /* set of unit kinds (index bits) */
    const Field *fields;
    int field_n;
    const Field *dated; /* NULL: the day it was made */
    /* `unique: [unit, author, day]`: columns among what is not void; engine columns as names */
    const Str *unique;
    int unique_n;
    const State *states;
    int state_n;
    uint32_t open_states, void_states, draft_states;
    const Action *actions;
    int action_n;
    const Action *create, *change; /* NULL: nobody may */
    const Duty *duties;
    int duty_n;
    const Figure *figures; /* halves of shares included */
    int figure_n;
    const Field *part_of; /* the link to its whole (named like the whole's type); NULL: no part. A
                           * part takes its whole's unit, is seen by whoever sees the whole and by
                           * its own `see` */
    const Field *me;      /* the person field that makes a record his; NULL */
    const Field *audience; /* its one audience field that `see` names; NULL */
    const Check *checks;
    int check_n;
    bool is_offline;      /* read and checked */
    bool has_receipts;    /* `receipts: author`: read and checked */
    int line;             /* of the five 1..5: policy village resources skills review; 0: none */
    Str operator_, keep;  /* read and checked */
    const Str *was;
    int was_n;
    Str file;        /* where it was declared, for messages */
    const Field
        *title; /* what names a record in lists beside its day: first short text, else first note */
};

struct UnitKind {
    Str name;
    Label label;
    int ix;
    uint64_t under; /* kinds it may sit under, directly or with levels skipped; 0: only a root */
    bool may_be_root;
};

struct Role {
    Str name;
    Label label;
    int ix;
    uint64_t at;  /* kinds of unit */
    int falls_to; /* role in the nearest unit above (or, at the root, itself) */
};

struct Model {
    const UnitKind *kinds;
    int kind_n;
    const Role *roles;
    int role_n;
    const Type *types;
    int type_n;
    const Figure *const *figures; /* of all types */
    int figure_n;
    const Str *removed; /* catalogue paths (diary.kind, diary.kind.advice ...) that are said to be
                         * gone: hidden, never dropped */
    int removed_n;
    uint8_t hash[SM3_BYTES]; /* of all sources in order of path */
};

/* ---- making one ---- */
typedef struct ModelSource {
    Str path; /* village/diary.yaml, a county's own model/village/diary.yaml; shown in messages */
    Str text;
    bool is_overlay; /* of DIR/model: laid over what is built in */
} ModelSource;

typedef struct ModelError {
    Str file;
    int line, column; /* from 1 */
    Str message;      /* in English or Chinese, as asked: place's word, what was expected */
    Str hint;         /* nearest known word, or STR_NONE */
} ModelError;

/* Parses and checks. On failure all mistakes of all files are in ret_errors (at most
 * LIMIT_MODEL_ERRORS), sorted by file and line; returns ERR_INVALID. Owns: everything in `a`. */
int model_load(Arena *a, const ModelSource *src, size_t src_n, Lang lang, const Model **ret,
               ModelError **ret_errors, size_t *ret_error_n, Err *e) MUST_USE;
/* The built-in sources (generated from model/), sorted by path. */
void model_builtin(Arena *a, const ModelSource **ret, size_t *ret_n);
/* Built-in, and the *.yaml of DIR/model and of its folders: what a county says of a type that is
 * built in is merged over it (maps key by key, texts and lists replace). A name that looks like a
 * folder and is none is an error; other names (README, .git) are left alone. */
int model_sources(Arena *a, Env *env, Str dir, const ModelSource **ret, size_t *ret_n,
                  Err *e) MUST_USE;

/* ---- asking it ---- */
const Type *model_type(const Model *m, Str name); /* NULL: none */
const Type *model_type_numbered(const Model *m, int64_t number);
const Role *model_role(const Model *m, Str name);
const UnitKind *model_unit_kind(const Model *m, Str name);
const Field *type_field(const Type *t, Str name);
const State *type_state(const Type *t, Str name);
const State *type_state_numbered(const Type *t, int64_t number);
const Action *type_action(const Type *t, Str name);
const Action *type_action_numbered(const Type *t, int64_t number);
const Figure *model_figure(const Model *m, Str name); /* NULL: none */
const Figure *model_figure_numbered(const Model *m, int64_t number);
const Choice *field_choice(const Field *f, Str name);
const Choice *field_choice_numbered(const Field *f, int64_t number);
Str label_text(const Label *l, Lang lang);
Str field_unit(Arena *a, const Field *f, Lang lang); /* yuan per mu, jin, mu; empty: none */
Str who_text(Arena *a, const Model *m, const Who *w,
             Lang lang); /* the author, Town Party office ... */

/* ---- expressions ---- */
/* One record as permission and expressions look at it. */
typedef struct Subject {
    const Type *type;
    Uuid id;
    int state; /* index */
    const Value *values; /* by field ix */
    int unit_ix;
    Uuid author;
    int64_t posting;
} Subject;
typedef enum ExprOp {
    EXPR_VALUE, /* a literal: `value`; a choice or a state stands in `choice`, `state`: a choice is
                 * its number, a state its ix in C and its number in SQL */
    EXPR_FIELD, /* `field`, of the record or (within count/sum/...) of the row */
    EXPR_STATE,
    EXPR_TODAY,
    EXPR_ME,
    EXPR_THIS, /* the record itself, as a link (in `makes`) */
    EXPR_NEG,
    EXPR_ADD,
    EXPR_SUB,
    EXPR_MUL,
    EXPR_DIV,
    EXPR_SHIFT, /* date a + b * `unit` */
    EXPR_EQ,
    EXPR_NE,
    EXPR_LT,
    EXPR_LE,
    EXPR_GT,
    EXPR_GE,
    EXPR_IN, /* a in list (next) */
    EXPR_AND,
    EXPR_OR,
    EXPR_NOT,
    EXPR_IS_EMPTY,
    EXPR_COUNT, /* of `rows` (or, in an action's `when`, of `part`) where a; sum, min, max of b */
    EXPR_SUM,
    EXPR_MIN,
    EXPR_MAX,
    EXPR_ANY,
} ExprOp;
typedef enum ExprUnit { UNIT_DAYS, UNIT_WORKDAYS, UNIT_MONTHS, UNIT_YEARS } ExprUnit;
struct Expr {
    ExprOp op;
    KindId kind;  /* of the result; KIND_YESNO for conditions, KIND_CHOICE also for states */
    Value value;
    const Field *field, *rows; /* rows: of a function; of a row's field, where it stands */
    const Type *part;
    const Choice *choice;
    const State *state;
    ExprUnit unit;
    int64_t mul, div; /* arithmetic between units: result = a op b * mul / div; a chain of it is
                       * exact and rounded once, half away from zero, where it becomes a value */
    const Expr *a, *b, *next; /* next: of a list */
    int line, column; /* in `file`, for messages */
};
/* The working calendar (flow.h stands above): moves a day by workdays. */
typedef struct WorkDays {
    Day (*add)(const void *ctx, Day from, int64_t n);
    const void *ctx;
} WorkDays;
typedef struct ExprWorld {
    const Subject *subject;
    const Row *row; /* NULL outside rows */
    Day today;
    Uuid me;
    /* Parts of the record for which `where` holds; NULL: none can be asked for (counts 0). */
    int (*count_part)(void *ctx, const Type *part, const Expr *where, int64_t *ret, Err *e);
    void *count_ctx;
    const WorkDays *workdays; /* NULL: Monday to Friday */
} ExprWorld;
/* Parses `text` as written in a model file or a test over the fields of `t` (`rows` not NULL: first
 * those of that row). Mistakes: field error "expr" with column (args[0]) and reason; ERR_INVALID.
 * Depth and length are bounded (LIMIT_EXPR_*). The grammar and what fits with what:
 * model/model_expr.h, which also knows what kind the result must have. */
int expr_parse(Arena *a, const Model *m, const Type *t, const Field *rows, Str text,
               const Expr **ret, Err *e) MUST_USE;
/* Absent operands: arithmetic gives absent, a comparison is false and its `not` true, sum of none
 * is 0, min and max of none absent; so is what is divided by nought. ERR_LIMIT "expr.overflow".
 * What comes back is borrowed from the record and the world. Cost: rows x size; no I/O but
 * count_part. */
int expr_eval(const Expr *x, const ExprWorld *w, Value *ret, Err *e) MUST_USE;
int expr_holds(const Expr *x, const ExprWorld *w, bool *ret, Err *e) MUST_USE; /* NULL x: true */
const Field *expr_first_field(const Expr *x); /* of the record, as written; NULL: none */
/* Are all fields it names there, and every min and max something? Only then is a check asked. */
int expr_is_ready(const Expr *x, const ExprWorld *w, bool *ret, Err *e) MUST_USE;
/* May it be SQL: compare, in, and, or, not, is empty, own columns. */
bool expr_is_see(const Expr *x);
Str expr_text(Arena *a, const Expr *x, Lang lang); /* in words, labels for names */

/* ---- numbering (called by record with the catalogue; before the model is shared) ---- */
/* Calls give(ctx, kind, path, shape) for every named thing and stores the number it answers;
 * kind: "type" "field" "choice" "state" "action" "figure"; path: diary.body. Numbers are > 0. */
int model_number(const Model *m,
                 int (*give)(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e),
                 void *ctx, Err *e) MUST_USE;

/* ---- telling about it ---- */
/* The grammar as Markdown (docs/model.md) or plain text, from the parser's own tables; `word`
 * narrows to what is called so (a word, a kind of field, a section); STR_NONE when nothing is. The
 * whole as Markdown is one page in both languages, whatever `lang` says. */
Str model_help(Arena *a, Lang lang, Str word, bool markdown);
/* One type (or all) as it was understood: fields, states, who may do what, in words. */
Str model_show(Arena *a, const Model *m, const Type *t_or_null, Lang lang);
/* What who holds a role has of a figure today, at his unit and below, whoever he is. */
typedef enum RoleSight { SIGHT_NONE, SIGHT_PART, SIGHT_WHOLE } RoleSight;
RoleSight model_figure_sight(const Model *m, const Figure *f, int role);
/* A line a figure: which roles have it whole, in part, not at all. */
Str model_show_sights(Arena *a, const Model *m, const Type *t_or_null, Lang lang);

/* Names no field may have: id county unit seat posting author at_day state is_open version made_ms,
 * the databases' own (rowid, ctid ...) and the parameters of a page (after, limit ...). */
bool model_is_engine_column(Str name);
const Field *field_sub(const Field *rows, Str name); /* a row's field; NULL */
const Field *type_sub_numbered(const Type *t, int64_t number); /* any field, rows' own included */
#endif
