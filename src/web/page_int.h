/* page_int.h: what the page_*.c files share: dates and names in words, parts of views, forms of
 * records.
 *
 * Everything is told in rq->lang and lives in rq->arena. */
#ifndef STAVE_PAGE_INT_H
#define STAVE_PAGE_INT_H

#include "web/web_int.h"

/* ---- page_text.c: words ---- */
Str page_z(Req *rq, const char *stem, int n); /* the sentence page.STEM with a number behind it */
Str page_n(Req *rq, int64_t n);
Str page_day(Req *rq, Day d);             /* 11月27日; the year only if it is not this one */
Str page_day_due(Req *rq, Day d);         /* 11月27日（周五） */
Str page_today(Req *rq);                  /* 11月24日 星期二 */
Str page_when(Req *rq, UnixMs t);         /* 11月23日 9:12; today only the clock */
Str page_span(Req *rq, Day from, Day to); /* 2025-07-01 — 2027-06-30 */
Str page_role(Req *rq, int role);
Str page_unit(Req *rq, int unit_ix);
Str page_post(Req *rq, int role, int unit_ix);   /* 第一书记 · 上栗村 */
Str page_office(Req *rq, int role, int unit_ix); /* 砚河镇党建办 */
Str page_by(Req *rq, Str name, int role,
            int unit_ix); /* 孟雨桐（砚河镇党建办）; unit_ix -1: the name alone */
/* 明向阳（代 贺长林，上栗村第一书记）; deputy_for STR_NONE: as page_by. */
Str page_by_for(Req *rq, Str name, Str deputy_for, int role, int unit_ix);
Str page_join(Req *rq, const Str *list, int n);    /* a、b、c */
Str page_person(Req *rq, Uuid person);             /* his name; "" when it cannot be read */
Str page_opening(Req *rq, const Record *rec, size_t chars); /* first words of what names it */
int page_mark(const Type *t);                               /* 1..5; 0: none of the five lines */
Str page_line_name(Req *rq, int mark);
Str page_cut(Req *rq, Str s, size_t chars); /* at most that many characters, … behind */

/* ---- page_value.c ---- */
/* Its own name; else 走访 田桂英 · 11月24日, or 驻村日记 11月19日 · 上栗村. */
Str page_record_title(Req *rq, const Record *rec);
Str page_value(Req *rq, const Field *f, const Value *v); /* shown, with its unit; names for ids */
Str page_audience(Req *rq, Str value);                   /* 砚河镇各级第一书记、… */
/* Into a `part`: text, links, photos, or a table of rows. */
void page_put_value(Req *rq, View *part, const Field *f, const Value *v);
/* A link as a fact, if he may see what it names. */
void page_link_fact(Req *rq, View *v, const Field *f, const Value *value);
/* Into a `step`: lines added, changed, taken out, each by its name. */
void page_put_row_changes(Req *rq, View *step, const Field *rows, const Value *before,
                          const Value *after);
int page_ids(Arena *a, const Value *v, Uuid **ret); /* of a blob; how many */
int page_targets(Req *rq, const Field *f, const Type **ret); /* of a link; at most LIMIT_TYPES */

/* ---- page_holiday.c ---- */
void page_put_move(Req *rq, const FlowShift *s, bool has_clock); /* an item of `moves` */

/* ---- page_who.c ---- */
int page_who(Req *rq, Err *e);
/* Who can see a record in this state, in one sentence: roles and units, no list of people. */
void page_who_line(Req *rq, const Type *t, int state, int unit_ix, bool is_mine, const char *key);

/* ---- page_text.c: states and what follows ---- */
/* The author has it back: open, no draft, and his to change. */
bool page_is_back(const Type *t, int state);
void page_state(Req *rq, View *v, const Type *t, int state);
/* What the author presses when it is ready: asks nothing, leads on out of the drafts. NULL:
 * none. */
const Action *page_forward(Req *rq, const Type *t, int state, int unit_ix, Uuid author,
                           int64_t posting);
const Action *page_forward_of(Req *rq, const Record *rec);

/* ---- page_text.c: addresses, parts of views ---- */
Str page_href(Req *rq, const Record *rec, const char *tail); /* /diary/ID, /diary/ID/tail */
Str page_type_href(Req *rq, const Type *t, const char *tail);
void page_crumbs(Req *rq, const Type *t); /* 村情 › 驻村日记; sets the page's line */
void page_crumb(Req *rq, Str label, Str href);
/* A record as an entry of a section: title, state, first words. */
View *page_entry(Req *rq, View *section, const Record *rec);
View *page_fact(View *v, ListKey list, Str label, Str text);
void page_hidden(View *v, Str name, Str value);
void page_button(View *v, Str label, Str value, bool is_main);
View *page_link(View *v, ListKey list, Str label, Str href);
void page_done(Req *rq, TplId tpl, int status); /* this page, with this status */
/* Faults of a form: the summary and a list that links to the fields. `label_of` gives a field's
 * label. */
void page_faults(Req *rq, const Err *e, Str (*label_of)(Req *rq, Str field));
/* On the page of an action: what it does not ask is mended on the form at `change_href`, or
 * (STR_NONE) not by him. */
void page_act_faults(Req *rq, const Err *e, Str (*label_of)(Req *rq, Str field), const Action *act,
                     Str change_href);
const ErrField *page_fault_of(const Err *e, Str field); /* NULL: none */

/* ---- page_remark.c ---- */
typedef struct Remark {
    Str quote; /* "": on the whole text */
    Str text;
} Remark;
/* Takes a stored remark apart. Returns how many. */
int remark_parse(Arena *a, Str stored, Remark **ret);
/* The sentences of a text, cut behind 。！？ and at line breaks. */
int remark_sentences(Arena *a, Str text, Str **ret);
/* A text in stretches; a marked one is quoted by remarks first .. first+n of `order`. */
typedef struct Passage {
    Str text;
    bool is_marked;
    int from, n;
} Passage;
/* Where each remark stands: order[] holds their indexes as the passages name them; those whose
 * passage stands no more, or that are on the whole, are in top[0..*ret_top_n). Returns how many
 * passages. */
int remark_place(Arena *a, Str text, const Remark *list, int n, Passage **ret, int **ret_order,
                 int **ret_top, int *ret_top_n);
/* Everything said about one text field of a record, by whom and when. */
typedef struct Remarks {
    const Field *field; /* the remark field; NULL: none */
    Remark *list;
    int n;
    Str by_text, at_text;
} Remarks;
Remarks remarks_of(Req *rq, const Record *rec, const Field *of, const HistoryItem *items,
                   int item_n);
void remark_view(Req *rq, View *owner, const Remarks *all, int ix, bool with_quote);

/* ---- page_form.c: the form of a record, and what happens when it does not go through ---- */
typedef struct Form {
    const Action *act;  /* create, change */
    const Record *rec;  /* NULL: a new one */
    const Record *like; /* a new one, filled in like this; NULL */
    Uuid id;
    bool is_posted;    /* shows what was typed */
    const Err *faults; /* NULL: none */
    int status;
    Str intro;
} Form;
int page_form(Req *rq, const Form *f, Err *e);

/* ---- page_field.c: one input ---- */
/* `name` is the input's: its field's, or FIELD.N.SUB. Short ones (selects, low notes) in lines. */
void page_input(Req *rq, View *v, const Field *f, Str name, Str text, const Err *faults);
void page_field(Req *rq, View *v, const Field *f, Str text, const Err *faults);

void page_option(View *v, Str value, Str label, bool is_on);

/* ---- page_rows.c: lines ---- */
Str page_typed(Req *rq, const Field *f, const Value *v); /* as an input holds it: a unit's code */
FormRows page_rows_of(Req *rq, const Form *form, const Field *f);
/* Empty lines below them; always some, or only where there is nothing else. */
int page_blank_lines(Req *rq, const Form *form, const Field *f, const FormRows *rows,
                     bool is_always);
void page_rows_field(Req *rq, View *v, const Form *form, const Field *f);
void page_pairs_field(Req *rq, View *v, const Form *form, const Field *f);
Str page_line_label(Req *rq, Str path); /* of FIELD.N.SUB: 出勤 3：原因; "" */

/* ---- page_attend.c: rows that begin with who was invited ---- */
bool page_is_attend(const Form *form, const Field *f);
int page_attend_field(Req *rq, View *v, const Form *form, const Field *f, Err *e);

/* ---- page_suggest.c: what scripts need of forms ---- */
/* The address that lists names for this field, where it is one that is looked up. */
void page_put_pick(Req *rq, View *v, const Field *f);
/* `when` in words a script can follow; false: it is beyond them. `line`: FIELD.N of a row. */
bool page_put_when(Req *rq, View *v, TextKey key, const Expr *x, Str line);

/* ---- page_pick.c: names to ids ---- */
/* Looks up what was typed; *ret_asked: it must be said which one, and that page is made. */
int page_settle(Req *rq, RecordInput *in, Str action, Str cancel, bool *ret_asked, Err *e);
void page_keep_input(Req *rq, const RecordInput *in); /* rows, references, lists as hidden fields */
Str page_do(const Req *rq); /* the button, also of the form a picker stands between */

typedef struct Write {
    RecordInput in;
    Change *change;
    const Record *before; /* of a change: to tell one that changes nothing; NULL otherwise */
    int merges; /* how often changes of both sides were put together */
} Write;
/* Prepares and hands over; page_saved or page_refused answer. */
int page_write(Req *rq, Write *w, Err *e);
int page_refused(Req *rq, Write *w, int rc, Err *e);
int page_saved(Req *rq, const Write *w);

/* ---- page_conflict.c ---- */
int page_conflict(Req *rq, Write *w, Err *e); /* both texts, field by field; or merges and saves */
bool page_is_choice(Req *rq, const Type *t);  /* the form is a conflict page's */
/* Puts what was chosen into the input; false: something is not chosen yet. */
bool page_take_choice(Req *rq, RecordInput *in);

/* ---- page_act.c ---- */
int page_act_form(Req *rq, const Action *act, const Record *rec, const Err *faults, int status,
                  Str note, Err *e);
int page_act_get(Req *rq, Err *e);
int page_act_post(Req *rq, Err *e);

/* ---- handlers in files of their own ---- */
int page_list(Req *rq, Err *e);
int page_show(Req *rq, Err *e);
int page_history(Req *rq, Err *e);
int page_new_form(Req *rq, Err *e);
int page_create(Req *rq, Err *e);
int page_change_form(Req *rq, Err *e);
int page_change(Req *rq, Err *e);
/* Reads the record of the address. */
int page_get_record(Req *rq, Record **ret, const Arm **ret_by, Err *e);

/* A code, shown once, with its QR (page_units.c). */
int page_put_invitation(Req *rq, Str person, Str post, Str account, Str code, UnixMs ends_ms,
                        Err *e);

/* ---- page_merge.c ---- */
bool page_may_merge(const Req *rq, const Unit *u);
bool page_may_lend(const Req *rq, const Unit *u);
int page_put_over(Req *rq, const Unit *u, Err *e); /* ended postings, loans; what may be done */
Str page_unit_href(Req *rq, int unit_ix, const char *tail); /* page_units.c */
bool page_unit_reaches(const Req *rq, int unit_ix);

/* ---- page_view_as.c ---- */
bool page_may_view_as(const Req *rq, int role, int unit_ix);
Str page_view_as_href(Req *rq, int role, int unit_ix, Str back);
void page_band(Req *rq); /* while he looks as another post */

/* ---- page_deputy.c ---- */
Str page_leave_href(Req *rq, int unit_ix, int64_t posting, bool from_settings);
Str page_leave_end_href(Req *rq, int unit_ix, int64_t posting, int64_t deputy, bool from_settings);
int page_leave_form(Req *rq, Err *e);
int page_leave(Req *rq, Err *e);
int page_leave_end(Req *rq, Err *e);

/* ---- page_home.c ---- */
Str page_only_him(Req *rq); /* who can see a page of his own, in a sentence */

/* ---- page_duty.c ---- */
Str page_duty_label(Req *rq, const Type *t, const FlowDuty *d);
Str page_due(Req *rq, const FlowDuty *d);     /* 今天 17:30 前; late in words */
Str page_counted(Req *rq, const FlowDuty *d); /* how that was counted; "": nothing was */
int page_put_owed(Req *rq, int *ret_n, Err *e); /* what he owes, of my day */
int page_put_duties(Req *rq, const Record *rec, Err *e); /* what is open on a record */

/* ---- page_notice.c ---- */
int page_put_changes(Req *rq, Err *e); /* what he was told since the last working day, of my day */
void page_bell(Req *rq);               /* unread ones, in the head of every page */

/* ---- page_feed.c ---- */
int page_put_feed(Req *rq, Err *e); /* the address of his calendar, in the settings */
int page_settings(Req *rq, Err *e); /* page_home.c */
enum { PAGE_QR_QUIET = 4 };
Str page_qr_moved(Req *rq, Str path); /* page_units.c: within its quiet zone */

/* ---- page_comment.c ---- */
int page_put_comments(Req *rq, const Record *rec, const Err *faults, Err *e);
int page_comment(Req *rq, Err *e);
/* The record's page with what was typed wrongly into its comment (page_show.c). */
int page_show_again(Req *rq, const Record *rec, const Err *faults, int status, Err *e);

/* ---- page_saved.c ---- */
int page_put_saved(Req *rq, Err *e); /* above a list */
int page_save_filter(Req *rq, Err *e);
int page_drop_filter(Req *rq, Err *e);

/* ---- page_search.c ---- */
int page_search(Req *rq, Err *e);

/* ---- page_many.c ---- */
/* What he may do with many of a type at once; NULL: nothing. */
const Action *page_many_action(Req *rq, const Type *t);
Str page_many_href(Req *rq, const Type *t, const Action *act);
int page_many(Req *rq, Err *e);
int page_many_post(Req *rq, Err *e);

/* ---- page_units.c, page_import.c ---- */
int page_unit_show(Req *rq, Err *e);
int page_staff_form(Req *rq, Err *e);
int page_staff(Req *rq, Err *e);
int page_end_form(Req *rq, Err *e);
int page_end(Req *rq, Err *e);
int page_invite(Req *rq, Err *e);
int page_withdraw(Req *rq, Err *e);
int page_unit_home(Req *rq, Err *e);
void page_put_cell(Buf *b, Str cell, char end); /* of rows that are sent back */
Str page_why_unread(Req *rq, const Err *e);     /* why a file was not a table of these */

#endif
