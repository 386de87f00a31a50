/* record_walk.h: what the files of lists share: a walk through the sources of heads. */
#ifndef STAVE_RECORD_WALK_H
#define STAVE_RECORD_WALK_H

#include "record/record_int.h"

typedef struct Head {
    Day at_day;
    Uuid id;
    int64_t unit;
    int state;
} Head;

/* The best k heads so far, best first. */
typedef struct Top {
    Head *list;
    int n, k;
    bool back;
} Top;

typedef enum SourceKind {
    FROM_UNITS,    /* a slice of the tree */
    FROM_AUTHOR,   /* `key` wrote it */
    FROM_FIELD,    /* `via` is `number` (a unit) or `key` (a person, a record) */
    FROM_AUDIENCE, /* `via` names `role` at unit `number` */
    FROM_WHOLES,   /* parts of `wholes` */
} SourceKind;

/* One bounded walk through one index. Arms of one source are one, their states together. */
typedef struct Source {
    SourceKind kind;
    uint32_t states;
    bool is_checked; /* its heads are candidates: each is asked for as record_get would */
    int from_ix, to_ix;
    const Field *via;
    Uuid key;
    int64_t number;
    int role;
    const Uuid *wholes;
    int whole_n;
} Source;

typedef struct Walk {
    Records *rs;
    Tx *tx;
    Arena *arena;
    const Reader *reader;
    const ListQuery *q;
    const Type *type;
    Arms see; /* the type's own */
    Source *sources;
    int source_n, source_cap;
    uint32_t states;    /* wanted */
    int from_ix, to_ix; /* units wanted */
    Day key_day;        /* the cursor */
    Uuid key_id;
    bool back;
    bool has_day; /* only this day is wanted: a filter on the dated field */
    Day day;
    Top top;   /* what is shown */
    Top *into; /* where sources put heads: `top`, or candidates to be checked */
    int budget;  /* candidates that may still be looked at */
    bool is_cut; /* it is spent: `top` ends at (key_day, key_id) of `cut` */
    Head cut;
    int stop, counted; /* record_count: at most so many, so far */
    bool is_counting;  /* what units' arms cover is not wanted from its author as well */
} Walk;

/* record_walk.c */
int walk_heads(Walk *w, int k, Err *e); /* the best k heads shown behind (key_day, key_id) */
bool walk_is_behind(const Walk *w, const Head *h);
int walk_state(const Walk *w, int64_t number, Err *e); /* its index */
bool walk_is_past_day(const Walk *w, Day day);
bool walk_put(Walk *w, const Head *h); /* false: nothing behind it in its source is wanted */
int walk_source(Walk *w, const Source *s, Err *e);

/* record_slice.c */
int walk_slice(Walk *w, const Source *s, Err *e);

/* record_parts.c */
void walk_add(Walk *w, Source s);
int walk_sources(Walk *w, Err *e); /* what the reader's arms, or the query, make of it */

#endif
