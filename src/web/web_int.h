/* web_int.h: what the files of web share, beside web.h. The life of a request is told in gate.c.
 *
 * Pages (page_*.c) give page_error and page_frame and their route tables; the rest is given here.
 */
#ifndef STAVE_WEB_INT_H
#define STAVE_WEB_INT_H

#include <stdatomic.h>

#include "web/web.h"

/* ---- pages give these ---- */
extern const RouteTable page_record_routes, page_access_routes, page_home_routes,
    page_import_routes, page_import_record_routes, page_import_job_routes, page_search_routes,
    page_suggest_routes, page_deputy_routes, page_view_routes, page_merge_routes, page_admin_routes,
    page_figure_routes, page_duty_routes, page_holiday_routes, page_office_routes,
    page_notice_routes, page_feed_routes;
/* Which of the three offices he holds, in words. */
Str page_admin_name(Req *rq);
/* Fills rq->view for the error page and sets rq->tpl (TPL_ERROR). `typed`, `hiddens`, `action` are
 * filled already where there is something to give back. Nobody may be signed in. The gate sets the
 * status. */
void page_error(Req *rq, int status, const Err *e);
/* Directory and the like: called before a page is rendered while somebody is signed in. */
void page_frame(Req *rq);
bool page_concerns(Req *rq, const Type *t); /* he writes or sees such records */

/* ---- for pages, from here ---- */
/* Every value of a parameter that may come several times; *ret_n of them. */
const Str *req_params(const Req *rq, const char *name, size_t *ret_n);
/* The address asked for, with its query, encoded: what `back` is filled with. */
Str req_here(Req *rq);
Str url_encode(Arena *a, Str s); /* a part of an address */
/* The ids of a photo field as a form has them: kept ones less the dropped, then those just stored,
 * with commas between. */
Str web_photo_ids(Req *rq, const Field *f);
/* A remark put together from NAME.so_far, NAME.at and NAME: lines "> passage", then its text.
 * NAME.at holds the sentence itself, or "all". */
Str web_remark(Req *rq, const Field *f);
/* What was typed, for the error page: typed, hiddens (without secrets), action. */
void gate_give_back(Req *rq);
/* Signs in: the session cookie of this browser. STR_NONE signs out. */
void req_session_cookie(Req *rq, Str cookie);
Str req_session(const Req *rq); /* the cookie he came with; STR_NONE */
/* For each page: may he import, does he fill seats (MAY_IMPORT, MAY_STAFF as questions). */
bool gate_may_import(const Req *rq);
bool gate_may_staff(const Req *rq);

/* ---- input_json.c ---- */
/* f NULL: no such field. `path`: where it stands, for faults of its parts, which are put in e. */
FieldInput input_of_json(Req *rq, const Field *f, Str name, Str path, const Json *j, Err *e);

/* ---- input.c, input_rows.c: what a form holds ---- */
enum { LIMIT_FORM_LINES = LIMIT_ROWS + 100 }; /* lines of one field as a form may number them */
/* The text of any field but rows and audience as record takes it; a reference as typed unless it
 * was chosen. */
Str input_form_text(Req *rq, const Field *f);
Str input_part(Req *rq, Str name, const char *tail); /* NAME.TAIL, trimmed; "" */
/* What was typed, or the id in `chosen` ("ID LABEL") while its label is what stands there. */
Str input_ref_text(Str typed, Str chosen);
/* The same after a picker: NAME.pick is what was ticked there ("-": none of them), NAME.find
 * another
 * try; any may be STR_NONE. */
Str input_reference(const Req *rq, Str typed, Str chosen, Str picked, Str found);
typedef struct FormRow {
    Uuid id;    /* zero: a new one */
    Str *texts; /* by the rows field's own fields; never STR_NONE */
} FormRow;
typedef struct FormRows {
    FormRow *list;
    int n, blank_n; /* lines that say something; lines left empty */
    bool is_sent;
} FormRows;
FormRows input_rows(Req *rq, const Field *f);
FieldInput input_of_rows(Req *rq, const Field *f, const FormRows *rows);
typedef struct FormPair {
    Str role, unit; /* unit: a code, or what was typed */
} FormPair;
typedef struct FormPairs {
    FormPair *list;
    int n;
    bool is_sent;
} FormPairs;
FormPairs input_pairs(Req *rq, const Field *f);
FieldInput input_of_pairs(Req *rq, const Field *f, const FormPairs *pairs, Err *e);
/* FIELD.N.SUB taken apart; is it an input of this type. */
bool input_line_name(Str name, Str *ret_field, int *ret_line, Str *ret_sub);
bool input_is_line(const Type *t, Str name);
/* Of rows that begin with who was invited: the required choice of two to four, said of each. NULL:
 * these rows are of another sort. */
const Field *input_presence(const Field *rows);
Str input_preset(Arena *a, const Field *rows, const Field *sub); /* of an empty line; "" */
Str req_do(const Req *rq); /* which button: save, add:FIELD, drop:FIELD.N ...; "" */
bool input_do_is(const Req *rq, const char *verb, const Field *f); /* VERB:FIELD */
int input_do_line(const Req *rq, const char *verb, const Field *f); /* N of VERB:FIELD.N; -1 */
bool input_is_reshaping(const Req *rq); /* add, start, drop: nothing is saved */

/* ---- routes.c ---- */
enum { ROUTE_SEGMENTS_MAX = 6 };
typedef struct RouteMatch {
    const Route *route; /* NULL: none */
    const Route *other; /* path known, method not: one of its routes */
    Str param[4], name[4];
    uint32_t methods; /* set of methods the path knows */
} RouteMatch;
void routes_match(const Model *m, Method method, Str path, RouteMatch *ret);

/* ---- the gate's own part of a request ---- */
enum { PRE_BYTES = 16, PHOTOS_AT_ONCE = 40 };
typedef struct ReqOwn {
    Params files;       /* file parts of the form, declared ones */
    bool holds_tree;
    const FlowCalendar *calendar; /* held with the tree */
    bool may_give_back; /* the form was read: it can be given back */
    bool wants_touch;
    bool was_counted; /* by gate_rate.c: taken back when the answer is under 400 */
    Str pre;          /* the pre-session cookie, made or brought */
    Str session;
    /* photos of a form */
    struct StoredPhoto {
        Str field;
        FileInput *file;
        bool is_stored;
    } photos[PHOTOS_AT_ONCE];
    int photo_n, photo_ix;
    bool has_photos; /* stored (or none came): not again when `run` is repeated */
    Err photo_err;   /* faults of photos, told with those of the fields */
    int (*next)(Req *rq, Err *e);
    _Atomic int jobs_left; /* of req_submit_many */
} ReqOwn;

/* ---- gate_params.c ---- */
int gate_read_params(Req *rq, Err *e);

/* ---- gate_session.c ---- */
int gate_read_session(Req *rq, Err *e); /* fills rq->reader; nobody is no error */
int gate_check_csrf(Req *rq, Err *e);
void gate_pre_session(Req *rq); /* makes the pre-session cookie when there is none */
void gate_touch(Req *rq);       /* after the snapshots are closed */
Str gate_peer(Req *rq); /* the client's address as counted; "" for a socket in the file system */
bool gate_is_local(Req *rq); /* a process of this machine, not through a proxy */

/* ---- gate_rate.c: fixed windows in memory; lost at a restart ---- */
typedef struct Rates Rates;
Rates *rates_new(void);
void rates_free(Rates *r);
/* Counts one try; < 0 ERR_RATE with args[0] the minutes to wait. A try that went well (an answer
 * under 400) is taken back, so that an office behind one address is not shut out by its own
 * people. */
int rates_count(Rates *r, const char *kind, Str address, Str account, UnixMs now_ms, Err *e);
void rates_uncount(Rates *r, const char *kind, Str address, Str account, UnixMs now_ms);

/* ---- gate_error.c ---- */
void gate_fail(Req *rq, int cls, const Err *e);
/* A problem detail. `more`: further members, each with a comma in front; may be empty. */
void api_problem(Req *rq, int status, const Err *e, Str more);
Str problem_text(Arena *a, Lang lang, int status, const Err *e, Str more);
const char *status_phrase(int status);
void gate_status_headers(Req *rq, int status, const Err *e); /* Retry-After, WWW-Authenticate */

/* ---- gate_view.c ---- */
void gate_make_view(Req *rq);
void gate_render(Req *rq);     /* rq->tpl with rq->view, security headers */
void gate_headers(Req *rq);    /* CSP and caching of a page */
int web_look(Req *rq, Err *e); /* GET /look?big=|lang=|keys=&back= */

/* ---- gate.c ---- */
int gate_open(Req *rq, Err *e); /* snapshot, tree, reader: before run, and before a repetition */
void gate_close(Req *rq);       /* ends the snapshots; the tree is kept to the end */

/* ---- api.c ---- */
void api_value(Req *rq, Buf *b, const Field *f, const Value *v);
Str api_tag(Req *rq, int64_t version); /* "\"7\"" */

/* ---- figures.c: shared by pages and API ---- */
typedef struct FigAsk {
    int unit_ix;
    FigPeriod period; /* of pages: this year, unless asked otherwise; `to` alone: since ever */
} FigAsk;
/* Unit and period asked for; faults as field errors, a unit out of his reach as one there is not.
 * */
int web_figure_ask(Req *rq, FigAsk *ret, Err *e);
/* Of a share: the less of both. */
FigSight web_figure_sight(Req *rq, const Figure *f, int unit_ix, FigPeriod p);
/* Of those he has; NULL: none. Halves of shares can be named, and are no figures of their own. */
const Figure *web_figure_named(Req *rq, Str name);
const Figure *web_figure_next(Req *rq, int *ix); /* from *ix = 0 on */
bool web_figure_reaches(const Req *rq, int unit_ix); /* at, above or below a post of his */
Day web_year_first(Day of);

/* ---- duties.c: shared by pages, API and feed ---- */
typedef struct Owing { /* whose duties are his today */
    const int64_t *seats, *postings;
    int seat_n, posting_n;
} Owing;
int web_owing_of(Arena *a, Tx *tx, const Reader *r, Owing *ret, Err *e) MUST_USE;
bool web_owes(const Owing *o, const FlowDuty *d);
const Duty *web_duty_named(const Type *t, Str name); /* NULL: the model has it no more */
bool web_is_late(const Req *rq, const FlowDuty *d);
/* Where a page of them goes on; STR_NONE or "": from the first. `d` holds what ret points to. */
Str web_duty_cursor(Req *rq, const FlowDuty *d);
int web_duty_after(Req *rq, Str cursor, FlowDuty *d, const FlowDuty **ret, Err *e) MUST_USE;
/* how: take, take_over (of somebody who said he is at it), let_go. The duty is of the path's id;
 * who
 * does not owe it gets what one gets that is not there. rq->state: the FlowDuty as it was. */
int web_take(Req *rq, Str how, int (*after)(Req *rq, int rc, Err *e), Err *e);

/* ---- notices.c: shared by pages and API ---- */
UnixMs web_day_ms(Day day); /* when it begins */
int web_whose(Req *rq, FlowWhose *ret, Err *e) MUST_USE;
int web_read_upto(Req *rq, UnixMs *ret, Err *e) MUST_USE; /* what is older counts as read */
/* Where a page of them goes on; STR_NONE or "": from the newest. `at` holds what ret points to. */
int web_notice_before(Req *rq, Str cursor, const FlowWhose *w, FlowNotice *at,
                      const FlowNotice **ret, Err *e) MUST_USE;
/* Marks one as read, or (zero) all up to an instant. */
int web_read(Req *rq, Uuid notice, UnixMs upto, int (*after)(Req *rq, int rc, Err *e), Err *e);

/* ---- assets.c, system.c, api*.c ---- */
extern const RouteTable system_routes, api_routes, api_file_routes, export_routes,
    api_figure_routes, api_duty_routes, api_notice_routes;
Str asset_href(Arena *a, const char *name); /* "/static/HASH/NAME"; "": no such asset */
int web_static(Req *rq, Err *e);

/* ---- the process ---- */
typedef struct WebWorker {
    Conn *conn, *files_conn; /* opened on first use; the same on PostgreSQL */
    Arena *scratch;          /* for what must not pile up within a request; reset at its end */
} WebWorker;
typedef struct Web {
    WebWorker workers[LIMIT_WORKERS];
    Rates *rates;
    _Atomic int64_t answers[6]; /* by hundreds of the status */
    _Atomic int64_t commits, retries;
    Str css, paper, js, icon; /* addresses */
    struct SearchThread *search; /* NULL: not started */
    struct ClockThread *clock;   /* the same */
    struct ImportThread *import; /* the same */
    Arena *arena;
} Web;

/* ---- search_thread.c ---- */
typedef struct SearchThread SearchThread;
SearchThread *search_thread_start(App *root, Arena *a);
void search_thread_wake(SearchThread *s); /* something was committed. Takes NULL; any thread */
void search_thread_stop(SearchThread *s); /* before the stores close. Takes NULL */

/* ---- clock_thread.c ---- */
typedef struct ClockThread ClockThread;
ClockThread *clock_thread_start(App *root, Arena *a);
void clock_thread_stop(ClockThread *s); /* before the stores close. Takes NULL */

/* ---- import_thread.c ---- */
typedef struct ImportThread ImportThread;
ImportThread *import_thread_start(App *root, Arena *a);
void import_thread_wake(ImportThread *s); /* a job was put or turned. Takes NULL; any thread */
void import_thread_stop(ImportThread *s); /* before the stores close. Takes NULL */
/* What is wrong with a table, all of it in one text. */
Str web_why_not(Arena *a, Lang lang, const Err *e);

int web_conn(App *app, int worker, bool is_files, Conn **ret, Err *e);
Arena *req_scratch(Req *rq);

#endif
