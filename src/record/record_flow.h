/* record_flow.h: inside record: what follows from what was typed (record_flow.c) and what an action
 * makes (record_makes.c). */
#ifndef STAVE_RECORD_FLOW_H
#define STAVE_RECORD_FLOW_H

#include "record/record_int.h"

typedef struct Flow {
    Records *rs;
    Arena *a;
    Tx *tx;
    const Reader *r;
    const Type *t;
    const Action *action, *then; /* then: NULL */
    const Record *before;        /* NULL: create */
    Record *after;               /* its values are worked on; its state the one it ends in */
    const Taken *taken;          /* NULL: made by an action */
    const Value *past;           /* compared with what was done: copies are as they were then */
    const Record *fetched;       /* the last one copied from */
} Flow;
int flow_derive(Flow *x, Err *e) MUST_USE; /* copies, hidden, computed; faults are in e */
int flow_ask(Flow *x, Err *e) MUST_USE;    /* required, doubles among lines, checks: e->cls */
int flow_when(Flow *x, const Action *act, const Record *on, Err *e) MUST_USE;

/* record_prepare.c */
Change *change_new(Records *rs, Arena *a, const Reader *r, const Type *t, const Action *act,
                   UnixMs now_ms);
void change_body(Change *c, Arena *a, const Record *before); /* lines, entries, digest */
/* record_duty.c: duties that open, are done, or fall due on another day */
int change_duties(Change *c, Arena *a, const Record *before, Err *e) MUST_USE;
/* A step that tells the author; `told` and `nth` are the caller's to fill. */
FlowStep flow_tell_author(Env *env, const Record *rec, const FlowBy *by, UnixMs now_ms);
int change_figures(Change *c, Arena *a, const Record *before, Err *e) MUST_USE;
typedef struct DutyWorld { /* when and where a duty opens */
    Records *rs;
    const Tree *tree;
    const FlowCalendar *calendar;
    UnixMs now_ms;
    Day today;
    Uuid me;
} DutyWorld;
/* What opens a duty of a record that stands; ... for a posting that begins. */
int duty_step(const DutyWorld *w, Arena *a, const Duty *d, const Record *rec, FlowStep *ret,
              Err *e) MUST_USE;
int duty_step_for(const DutyWorld *w, Arena *a, const Duty *d, const Record *rec,
                  const FlowBegin *posting, FlowStep *ret, Err *e) MUST_USE;

/* record_makes.c: the new records of an action, each a create in the same change. `on` is the
 * record
 * as the action leaves it, `post` the one acted under (-1: any). */
int makes_prepare(Flow *x, const Action *act, const Record *on, int post_ix, Change *c,
                  Err *e) MUST_USE;

#endif
