/* model_int.h: inside model: the nodes of a file, the tables of words, the reader's state.
 *
 * A file goes text -> nodes (model_yaml.c) -> a county's own laid over the built-in ones
 * (model_overlay.c) -> words checked against the tables of model_words.c -> drafts, names first
 * (model_read.c, model_field.c, model_flow.c) -> then, with all types known, what leads from one to
 * the other (model_link.c), who may (model_who.c, model_flow.c), expressions and what is made of
 * them (model_rule.c). Nodes and drafts live in a scratch arena; what the Model keeps is copied
 * into the caller's. */
#ifndef STAVE_MODEL_INT_H
#define STAVE_MODEL_INT_H

#include "model/model.h"

/* ---- nodes: every scalar is text; each knows its place ---- */
typedef enum NodeShape { NODE_TEXT = 1, NODE_LIST = 2, NODE_MAP = 4 } NodeShape;
typedef struct Node Node;
struct Node {
    NodeShape shape;
    bool is_quoted;
    int line, column; /* from 1; columns count code points */
    Str file;         /* it stands in */
    Str text;
    const Node *key; /* of a value in a map */
    Node *first, *last, *next;
    size_t n; /* children */
};

/* ---- the tables of words: the parser and the help are both made of them ---- */
typedef enum Takes {
    TAKES_NAME,
    TAKES_LABEL,
    TAKES_YES,
    TAKES_NAME_LIST,
    TAKES_COLUMNS,
    TAKES_STATES,
    TAKES_WHO,
    TAKES_ONE_WHO,
    TAKES_KIND,
    TAKES_COUNT,
    TAKES_BOUND,
    TAKES_VALUE,
    TAKES_OF,
    TAKES_END,
    TAKES_WITHIN,
    TAKES_UNIT,
    TAKES_PER,
    TAKES_TREE_MAP,
    TAKES_KIND_MAP,
    TAKES_ROLE_MAP,
    TAKES_FIELD_MAP,
    TAKES_STATE_MAP,
    TAKES_ACTION_MAP,
    TAKES_DUTY_MAP,
    TAKES_TEXT,
    TAKES_YES_WHEN,
    TAKES_WHEN,
    TAKES_EXPR,
    TAKES_FIND,
    TAKES_TYPES,
    TAKES_FIELDS,
    TAKES_COPY,
    TAKES_SPAN,
    TAKES_CHECK_MAP,
    TAKES_FIGURE_MAP,
    TAKES_RUN_MAP,
    TAKES_MAKES_MAP,
    TAKES_WAS,
    TAKES_REMOVED,
    TAKES_REMOVED_NAMES,
    TAKES_CODE,
    TAKES_LINE,
    TAKES_RECEIPTS,
    TAKES_UPON,
    TAKES_COUNTED,
    TAKES_GRAIN,
    TAKES_MAX
} Takes;

typedef struct TakesDef {
    unsigned shapes;  /* of NodeShape */
    const char *says; /* message key: what to write */
} TakesDef;
extern const TakesDef takes_defs[TAKES_MAX];

typedef struct Word {
    const char *name;
    Takes takes;
    bool is_required;
    uint32_t kinds;   /* field words: the kinds they belong to; 0: all */
    const char *help; /* message key */
} Word;

typedef enum SectionId {
    SECTION_TREE_FILE,
    SECTION_TREE,
    SECTION_UNIT_KIND,
    SECTION_ROLE,
    SECTION_TYPE,
    SECTION_FIELD,
    SECTION_STATE,
    SECTION_STATE_REST,
    SECTION_ACTION,
    SECTION_DUTY,
    SECTION_CHOICE,
    SECTION_CHECK,
    SECTION_FIGURE,
    SECTION_RUN,
    SECTION_LABEL,
    SECTION_MAX
} SectionId;
typedef struct Section {
    const char *name;  /* as help knows it: type, field ... */
    const char *title; /* message key: what it is called in a message */
    const char *help;  /* message key: what it is for */
    const Word *words;
    int word_n;
} Section;
extern const Section sections[SECTION_MAX];
const char *kind_help(KindId id);

/* Indexes into the tables' rows; test_model_words.c holds both in step. */
enum { TREE_FILE_TREE };
enum { TREE_KINDS, TREE_ROLES };
enum { UNIT_LABEL, UNIT_IN };
enum { ROLE_LABEL, ROLE_AT, ROLE_FALLS_TO };
enum {
    TYPE_TYPE,
    TYPE_LABEL,
    TYPE_AT,
    TYPE_DATED,
    TYPE_PART_OF,
    TYPE_ME,
    TYPE_FIELDS,
    TYPE_UNIQUE,
    TYPE_CHECKS,
    TYPE_STATES,
    TYPE_ACTIONS,
    TYPE_DUTIES,
    TYPE_FIGURES,
    TYPE_RUNS,
    TYPE_OFFLINE,
    TYPE_OPERATOR,
    TYPE_LINE,
    TYPE_KEEP,
    TYPE_RECEIPTS,
    TYPE_WAS,
    TYPE_REMOVED
};
enum {
    FIELD_IS,
    FIELD_LABEL,
    FIELD_REQUIRED,
    FIELD_SHOWN,
    FIELD_COMPUTED,
    FIELD_COPY,
    FIELD_MAX,
    FIELD_MIN,
    FIELD_MANY,
    FIELD_FIND,
    FIELD_INDEX,
    FIELD_DEFAULT,
    FIELD_OF,
    FIELD_TO,
    FIELD_UNIT,
    FIELD_PER,
    FIELD_PARTY,
    FIELD_PERSONAL,
    FIELD_PURPOSE,
    FIELD_START,
    FIELD_UNIQUE,
    FIELD_EXCLUSIVE,
    FIELD_WAS,
    FIELD_REMOVED
};
enum { STATE_LABEL, STATE_DRAFT, STATE_END, STATE_SEE, STATE_WAS, STATE_REMOVED };
enum {
    ACTION_LABEL,
    ACTION_FROM,
    ACTION_TO,
    ACTION_BY,
    ACTION_WHEN,
    ACTION_MANY,
    ACTION_DUE,
    ACTION_ASKS,
    ACTION_MAKES,
    ACTION_CODE,
    ACTION_WAS,
    ACTION_REMOVED
};
enum { DUTY_LABEL, DUTY_WHILE, DUTY_UPON, DUTY_OWED_BY, DUTY_WITHIN, DUTY_DUE, DUTY_MET_BY,
       DUTY_REMOVED };
enum { CHOICE_LABEL, CHOICE_WAS, CHOICE_REMOVED };
enum { CHECK_LABEL, CHECK_THAT, CHECK_LAW, CHECK_REMOVED };
enum {
    FIGURE_LABEL,
    FIGURE_COUNT,
    FIGURE_SUM,
    FIGURE_LEVEL,
    FIGURE_DISTINCT,
    FIGURE_SHARE,
    FIGURE_WHEN,
    FIGURE_BY,
    FIGURE_PER,
    FIGURE_LEAST,
    FIGURE_WAS,
    FIGURE_REMOVED
};
enum { RUN_LABEL, RUN_BY, RUN_CODE, RUN_MAKES };
enum { LABEL_ZH, LABEL_EN };
enum { WORDS_IN_SECTION = 32 };

/* ---- the reader ---- */
typedef struct TypeDraft TypeDraft;
typedef struct Removed {
    Str path;
    struct Removed *next;
} Removed;
typedef struct Reader {
    Arena *out;     /* the model and the errors */
    Arena *scratch; /* nodes, drafts */
    Lang lang;
    Str file; /* being read */
    ModelError *errors;
    size_t error_n;
    size_t told;   /* mistakes so far, also those no longer kept */
    bool is_quiet; /* what is at fault counts as absent and is not told */
    Model *model;
    bool is_tree_bad; /* then who sits above whom is not checked */
    bool has_unnamed; /* a type whose name is at fault: links are not looked up */
    bool is_whole;    /* every file could be read: what is not found is not there */
    bool is_part_bad; /* a part without its whole: told; what counts parts is not read */
    bool has_tree;    /* else roles and kinds of units are not looked up: one error is enough */
    TypeDraft *types; /* for checks between types */
    TypeDraft *last_type;
    Removed *removed; /* catalogue paths, last first */
} Reader;

/* The words of one map, by the indexes above; NULL: not there or at fault (told). */
typedef struct Got {
    const Node *of[WORDS_IN_SECTION];
    uint32_t bad; /* set of those that are there and at fault */
} Got;
bool is_said(const Got *g, int word); /* there, if perhaps at fault */

typedef struct FieldDraft {
    Field *field;
    const Node *key;
    Got got;
    bool is_bad; /* its kind or `required` is not known: told, nothing more is said */
    struct FieldDraft *subs; /* of rows: by ix of field->fields */
} FieldDraft;

/* A file's nodes; of a built-in one, what a county's own says of it is merged in. */
typedef struct Root {
    const Node *node;        /* NULL: not to be read, or merged into another */
    const Node *base, *over; /* as they were before; NULL: nothing was laid over it */
    Str path;
    bool is_overlay;
} Root;

struct TypeDraft {
    Type *type; /* in Model.types once all are read */
    Str file;
    const Node *key;  /* the name's place */
    const Node *head; /* the first word */
    const Node *base, *over;
    bool is_cut;     /* too many fields: not read, told */
    bool has_faults; /* told: expressions over it are not read */
    bool is_at_known; /* of a part: its whole's units were looked up */
    Got got;
    Field *fields;
    FieldDraft *field_drafts;
    State *states;
    const Node **state_keys;
    Got *state_gots;
    Got rest; /* "*" */
    Action *actions;
    const Node **action_keys;
    Got *action_gots;
    TypeDraft *next;
};

/* Tells a mistake at a node (NULL: the top of the file). Arguments: Str. */
#define fault(r, at, hint, key, ...)                                                               \
    fault_at((r), (at), (hint), (key), (Str[]){__VA_ARGS__ __VA_OPT__(, ) STR_NONE})
void fault_at(Reader *r, const Node *at, Str hint, const char *key, const Str *args);
void fault_place(Reader *r, int line, int column, Str hint, const char *key, const Str *args);
Str say(Reader *r, const char *key); /* a sentence without arguments */

/* Nearest of a set of words, or STR_NONE. */
typedef struct Near {
    Str word, best;
    size_t distance;
} Near;
Near near_start(Str word);
void near_try(Near *n, Str candidate);
Str near_best(const Near *n);

/* model_kind.c: what rows of the table share */
Str kind_none(const Value *v); /* the text of an absent value */
int kind_absent(Value *ret);
int kind_refuse(Err *e, const Field *f, const char *key);
int kind_refuse_with(Err *e, const Field *f, const char *key, Str arg);
Str kind_fold(Arena *a, Str s);
Str kind_show_text(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_typed_text(Arena *a, const Field *f, const Value *v);
/* model_kind_choice.c */
int kind_parse_choice(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e);
Str kind_show_choice(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_typed_choice(Arena *a, const Field *f, const Value *v);
int kind_parse_choices(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e);
Str kind_show_choices(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_typed_choices(Arena *a, const Field *f, const Value *v);
/* model_kind_ref.c */
int kind_parse_ids(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e);
Str kind_show_ids(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_typed_ids(Arena *a, const Field *f, const Value *v);
Str kind_show_photo(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_show_file(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_show_unit(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_typed_unit(Arena *a, const Field *f, const Value *v);
Str kind_show_rows(Arena *a, const Field *f, const Value *v, Lang lang);
Str kind_typed_rows(Arena *a, const Field *f, const Value *v);

/* model_yaml.c: NULL when the file cannot be read at all (told). */
Node *yaml_read(Reader *r, const ModelSource *src);

/* model_read.c: helpers over nodes */
bool read_words(Reader *r, SectionId section, const Node *map, const Node *place, Got *ret);
bool is_yes_or_no(const Node *n);
bool read_yes(Reader *r, const Node *n); /* NULL: no */
int64_t read_count(Reader *r, const Node *n, int64_t max, int64_t without);
Str read_name(Reader *r, const Node *n); /* checked, in out; STR_NONE when bad */
bool is_name(Str s);
Label read_label(Reader *r, const Node *n, Str name);
size_t read_items(Reader *r, const Node *n, const Node ***ret); /* a text is a list of one */
const Node *read_map_children(Reader *r, const Node *map,
                              size_t limit); /* NULL when empty or too many */
Str keep(Reader *r, Str s);
uint64_t read_unit_kinds(Reader *r, const Node *n);
uint64_t kinds_above(const Model *m, uint64_t kinds);
int find_role(Reader *r, Str name);
void read_tree(Reader *r, const Node *root);
void read_type(Reader *r, const Root *root);

Str shown(Reader *r, Str s); /* for a message: cut short */
void read_was(Reader *r, const Node *n, const Str **ret, int *ret_n);
/* A former name is none that still stands. */
void check_was(Reader *r, const Node *n, bool (*is_there)(const void *ctx, Str name),
               const void *ctx);

/* model_overlay.c */
void merge_overlays(Reader *r, Root *roots, size_t n);
void prune_type(Reader *r, Root *root); /* takes out what is removed; all of it: root->node NULL */
void add_removed(Reader *r, Str path);
bool is_removed(const Reader *r, Str path);
void keep_removed(Reader *r);
const Node *map_find(const Node *map, Str key); /* NULL: no map, or not in it */
const Node *map_get(const Node *map, const char *key);

/* model_tighten.c: of a type a county speaks of: nothing widened, no law loosened */
void check_overlay(Reader *r, const TypeDraft *d);

/* model_field.c */
void read_fields(Reader *r, TypeDraft *d);
const Field *draft_field(const TypeDraft *d, Str name);
FieldDraft *draft_of(const TypeDraft *d, const Field *f); /* also of a row's field */
void fault_unknown_field(Reader *r, const TypeDraft *d, const Node *at, Str name);
/* FIELD or ROWS.FIELD; NULL: told, or at fault itself. */
const Field *find_path(Reader *r, const TypeDraft *d, const Node *at, Str path);
void each_field(Reader *r, TypeDraft *d, void (*f)(Reader *, TypeDraft *, FieldDraft *));

/* model_link.c: with all types known: what fields lead to */
void link_types(Reader *r);
TypeDraft *find_draft(const Reader *r, Str name);
TypeDraft *find_type(Reader *r, const Node *at, Str name); /* told when there is none */

/* model_who.c */
typedef enum WhoUse { WHO_SEES, WHO_ACTS, WHO_CREATES, WHO_OWES } WhoUse;
bool read_term(Reader *r, const TypeDraft *d, const Node *at, WhoUse use, Who *ret);
void read_who(Reader *r, const TypeDraft *d, const Node *n, WhoUse use, const Who **ret,
              int *ret_n);
bool who_covers(const Who *a, const Who *b); /* does seeing as `a` include seeing as `b`? */

/* model_flow.c: states, actions, duties */
void read_flow(Reader *r, TypeDraft *d);   /* their names */
void see_flow(Reader *r, TypeDraft *d);    /* who sees what; of all types before the rest */
void finish_flow(Reader *r, TypeDraft *d); /* who acts and owes, and whether it fits together */
int find_state(const TypeDraft *d, Str name);

/* model_rule.c: expressions and what is made of them */
typedef enum ExprUse { EXPR_USE_CONDITION, EXPR_USE_SEE, EXPR_USE_ACTION, EXPR_USE_DATE,
                       EXPR_USE_VALUE } ExprUse;
/* The text after `skip` bytes of n's. `into`: of EXPR_USE_VALUE, what it is for. NULL: told, or the
 * type is at fault. */
const Expr *read_expr(Reader *r, const TypeDraft *d, const Field *rows, const Node *n, size_t skip,
                      ExprUse use, const Field *into);
void read_rules(Reader *r, TypeDraft *d);
Str read_code(Reader *r, const Node *n); /* settle.rent; NULL: STR_NONE */
size_t when_at(Str text); /* `when EXPR`: where the expression begins; 0: it is none */

/* model_figure.c: figures, and runs, read and checked */
void read_figures(Reader *r, TypeDraft *d);
void collect_figures(Reader *r); /* of all types, in their order */

#endif
