/* record_catalogue.h: inside record: the catalogue of permanent numbers in memory, and the plan
 * that brings a database under a model.                                            SPEC: P12 */
#ifndef STAVE_RECORD_CATALOGUE_H
#define STAVE_RECORD_CATALOGUE_H

#include "record/record_int.h"

typedef struct Known { /* a row of `catalogue` */
    int64_t number;
    bool is_new;       /* it comes with this model */
    Str kind, path, shape;
    Str old;           /* its path in the database; `path` is the one after renames */
    bool is_removed, was_removed;
    bool is_met;       /* the model names it */
} Known;
typedef struct Catalogue {
    Arena *arena;
    Known *list;
    int n, cap;
    int64_t next; /* number to be given next */
    int *slots;   /* open addressing over kind and path; a slot holds place + 1 */
    size_t mask;
} Catalogue;
int catalogue_read(Catalogue *c, Tx *tx, Err *e) MUST_USE;
Known *catalogue_find(Catalogue *c, Str kind, Str path); /* NULL; valid until the next add */
const Known *catalogue_numbered(const Catalogue *c, int64_t type); /* a type; NULL */
Known *catalogue_add(Catalogue *c, Known row);
void catalogue_renamed(Catalogue *c); /* paths were changed in place */

Str record_hash_text(Arena *a, const Model *m);
int record_meta(Arena *a, Tx *tx, Str key, Str *ret, Err *e) MUST_USE; /* STR_NONE: not there */

/* One thing to do to the database. */
typedef enum MoveKind {
    MOVE_COLUMN, /* `sql`: ALTER TABLE ... ADD, CREATE TABLE: short */
    MOVE_INDEX,  /* `sql`: an index, on whatever records there are: readers read on meanwhile */
    MOVE_OPEN,   /* records of a state that now ends, or ends no more: is_open in steps */
    MOVE_LAST,   /* `sql`: renames, with the switch of the model */
    MOVE_COUNT,  /* `figure` is counted anew, with the switch */
    MOVE_LAPSE,  /* open duties `name` of type `number` are owed no more, with the switch */
    MOVE_FORGET, /* what figure `number` counted is dropped, with the switch */
} MoveKind;
typedef struct Move {
    MoveKind kind;
    Str sql;
    /* MOVE_COLUMN, _INDEX: done already where this is there (column may be none) */
    Str table, column;
    const Type *type;  /* MOVE_OPEN, MOVE_COUNT */
    int64_t state;     /* MOVE_OPEN: its number */
    const Figure *figure;
    int64_t number;    /* MOVE_FORGET, MOVE_LAPSE */
    Str name;          /* MOVE_LAPSE */
    bool is_open;
} Move;

typedef struct Planner {
    Arena *arena;
    Tx *tx;
    const Model *model;
    Lang lang;
    Catalogue catalogue;
    PlanStep *steps;
    int step_n, step_cap, refused_n;
    Move *moves;
    int move_n, move_cap;
    bool is_new; /* nothing was installed yet */
} Planner;
int plan_make(Planner *p, Err *e) MUST_USE; /* arena, tx, model, lang are given */

#endif
