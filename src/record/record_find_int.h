/* record_find_int.h: what the files of search share.
 *
 * A record's *body* is what search knows of it: words that say who may see it (its scope), then the
 * texts of its `find` fields, folded. Its tokens follow from the body alone, so the index can take
 * them out again whatever has become of the model since:
 *   w + hex    a word of letters and digits (its first bytes)
 *   b + hex    two signs beside each other; c + hex  a sign beside a word
 *   n + ab     two initials beside each other in a name
 *   t12 u5 a9  its type, unit, the posting it was written under; v5 i.. r..x5  units, persons or
 *              records, and roles at units that `see` names in it
 */
#ifndef STAVE_RECORD_FIND_INT_H
#define STAVE_RECORD_FIND_INT_H

#include "record/record_int.h"

enum { BODY_SCOPE_END = 0x1d, BODY_NAME = 0x1e, BODY_TEXT = 0x1f };

/* record_search_text.c */
typedef struct Term {
    Str text;        /* folded; letters, digits and signs only */
    bool is_letters; /* nothing but: may be the initials of a name */
    bool has_token;
} Term;
/* ERR_INVALID on field q. */
int find_terms(Arena *a, Str q, Term **ret, int *ret_n, Err *e);
bool find_term_in(const Term *t, Str folded, bool is_name);
bool find_terms_in_body(const Term *terms, int n, Str body);
void find_field(Buf *body, const Field *f, Str text); /* with text_fold */
Str find_body_tokens(Arena *a, Str body);
/* Adds the tokens of a term, each after `sep`; returns how many. */
int find_term_tokens(Buf *b, Str folded, const char *sep);
int find_initials_tokens(Buf *b, Str letters, const char *sep);
/* Around the first place of one of the terms; false: none of them is in it. */
bool find_passage(Arena *a, const Term *terms, int n, Str text, bool is_name, Hit *ret);
int64_t find_key(Day at_day, Uuid id);

/* record_search_body.c */
struct FindField {
    const Field *field, *rows; /* rows: the field it stands in; NULL */
    bool is_found, is_name;
    WhoKind scope; /* how `see` names it; WHO_CLOCK: not at all */
};
typedef struct FindType {
    struct FindField *fields;
    int field_n;
    bool is_found; /* has any to find */
    Str get;       /* unit, posting, at_day and the type's own of the fields, by county and id */
    Str *rows_get; /* by field ix: those of one rows field, by record */
} FindType;
void find_compile(Arena *a, const Model *m, FindType **ret, Str *ret_made_of);
/* As it stands in `tx`; STR_NONE: there is nothing to find, or no such record. */
int find_body(Records *rs, Arena *a, Tx *tx, const Type *t, Uuid id, Day *ret_day, Str *ret,
              Err *e);
void find_scope_number(Buf *b, char what, int64_t number);
void find_scope_id(Buf *b, Uuid id);
void find_scope_role(Buf *b, Str role, int64_t unit);

/* record_search_job.c: was the index made with this model's fields */
int find_is_same(Records *rs, Tx *tx, bool *ret, Err *e);
int find_is_other(Records *rs, Tx *tx, bool *ret, Err *e); /* ... with others; not: not yet made */

/* record_query_search.c */
Str query_find_get(Arena *a, const Type *t, const FindType *ft);
Str query_find_rows(Arena *a, const Type *t, const FindType *ft, const Field *rows);
/* The engine's words for: of this type, by one of the scopes (none: by any), with all terms. */
Str query_find_match(Arena *a, Engine g, const Type *t, const Str *scopes, int scope_n,
                     const Term *terms, int term_n);
Str query_find_all(Arena *a, Engine g, Str tokens); /* all of these, for verify */

#endif
