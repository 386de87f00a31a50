/* model.h: reads and checks model/: kinds of units, roles, types with fields, states, actions, who
 * may. The only room that knows the syntax (a strict subset of YAML, DESIGN.md "The model").
 *
 * Model: a Model is one generation: immutable, in one arena, shared by all threads, swapped whole.
 *        It is made from sources (built in, then the county's own over it; a file named like a
 * built-in one takes its place for now), then numbered from the database's catalogue (record does
 * that). Invariants: names are unique ASCII identifiers; every state, role, field a term names
 * exists; a type has at least one state, a `create` action and one unit kind it sits at. Not here:
 * tables (record), people (access).                       SPEC: P12  DESIGN: The model  STYLE:
 * R39-R42
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
    KIND_MAX
} KindId;

/* A value of a field. Absent is not zero. */
typedef enum ValueTag { VALUE_NONE, VALUE_INT, VALUE_TEXT, VALUE_BLOB } ValueTag;
typedef struct Value {
    ValueTag tag;
    int64_t i; /* int, yesno 0/1, day, ms, choice number, money fen, price 1/10000, area 1/100 mu,
                  g, 1/100 % */
    Str s;     /* text, remark; blob: ids of 16 bytes each (link, photo) */
} Value;
bool value_eq(const Value *a, const Value *b);

/* What parsing needs beside the field. */
typedef struct ParseCtx {
    Arena *arena;
    Day today; /* for `max: today`; DAY_NONE: not asked for */
} ParseCtx;

/* A field kind is one row of functions (model_kind.c): R41. */
typedef struct Kind {
    const char *name; /* as written in `is:` */
    char column;      /* 'i' bigint, 't' text, 'b' blob, 'u' uuid: store_type() */
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
    bool json_list; /* JSON carries a list of ids */
} Kind;
const Kind *model_kind(KindId id);
/* A JSON integer, in the stored unit (fen, g ...), checked against the field's bounds; for kinds
 * with `json_number`. Errors as `parse`. */
int field_take_int(const ParseCtx *c, const Field *f, int64_t i, Value *ret, Err *e) MUST_USE;

struct Choice {
    Str name;
    Label label;
    int64_t number; /* catalogue; 0 until numbered */
};

struct Field {
    Str name;
    Label label;
    KindId kind;
    int ix; /* its place in Type.fields: all fields of the type, asked ones last */
    int64_t number;
    bool is_required; /* once the record leaves a draft state (or, if asked, with its action) */
    bool is_found;    /* `find: yes`: read and checked, search comes later */
    bool is_indexed;
    bool is_asked;             /* written by an action's `asks` alone */
    int many;                  /* photo: how many; 1 otherwise */
    int64_t max;               /* text: code points; numbers, dates: value; INT64_MAX none */
    int64_t min;               /* INT64_MIN none */
    bool max_today, min_today; /* `max: today` */
    Value preset;              /* `default:`; VALUE_NONE none */
    const Choice *choices;
    int choice_n;
    const Field *of; /* remark: the text field it is on */
    Str to;          /* link: name of the type */
    Str unit,
        per; /* weight: jin, kg, g (kg unless said); money, price, weight: per mu, person ... */
};

/* Who-terms of this issue; later ones are added here. */
typedef enum WhoKind { WHO_AUTHOR, WHO_ROLE, WHO_ROLE_HERE } WhoKind;
typedef struct Who {
    WhoKind kind;
    int role; /* index into Model.roles; -1 for author */
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
    bool is_many; /* `many: yes`: read and checked, many at once comes later */
};

typedef struct Duty { /* read and checked; what they do comes later */
    Str name;
    Label label;
    int while_state;
    Who owed_by;
    int within;
    Str within_unit; /* workdays, days */
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
    bool is_offline; /* read and checked */
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
    uint8_t hash[SM3_BYTES]; /* of all sources in order of path */
};

/* ---- making one ---- */
typedef struct ModelSource {
    Str path; /* village/diary.yaml; shown in messages */
    Str text;
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
/* Built-in with the *.yaml of DIR/model and of its folders over it (same path replaces). A name
 * that looks like a folder and is none is an error; other names (README, .git) are left alone. */
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
const Choice *field_choice(const Field *f, Str name);
const Choice *field_choice_numbered(const Field *f, int64_t number);
Str label_text(const Label *l, Lang lang);
Str field_unit(Arena *a, const Field *f, Lang lang); /* yuan per mu, jin, mu; empty: none */
Str who_text(Arena *a, const Model *m, const Who *w,
             Lang lang); /* the author, Town Party office ... */

/* ---- numbering (called by record with the catalogue; before the model is shared) ---- */
/* Calls give(ctx, kind, path, shape) for every named thing and stores the number it answers;
 * kind: "type" "field" "choice" "state" "action"; path: diary.body. Numbers are > 0. */
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

/* Names no field may have: id county unit seat posting author at_day state is_open version made_ms,
 * the databases' own (rowid, ctid ...) and the parameters of a page (after, limit ...). */
bool model_is_engine_column(Str name);
#endif
