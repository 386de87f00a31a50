/* web.h: pages and the JSON API over the rooms below. Knows HTTP, knows no SQL.
 *
 * Life of a request: http.c parses within limits -> web_admit (I/O thread) finds the route and
 * its body limit -> gate.c on a worker: parameters, session or token, CSRF, rate, `may` -> the
 * route's `run` -> a read fills a View (page) or writes JSON (/api/v1) from the same data; a
 * write prepares, hands a job to the store with req_submit and returns REQ_PARKED; after the
 * commit its `after` runs on a worker and fills the answer -> http.c sends, the arena is
 * dropped. A route without `may` stops the server from starting. Undeclared parameters never
 * arrive. SPEC: P2 P3                                DESIGN: Interfaces that stay  STYLE: R43-R45
 */
#ifndef STAVE_WEB_H
#define STAVE_WEB_H

#include <pthread.h>

#include "exchange/exchange.h"
#include "flow/flow.h"
#include "record/record.h"
#include "web/http.h"
#include "web/view.h"

typedef struct Generation Generation;
typedef struct App App;
struct App {
    Env *env;
    Str dir;
    const Model *model;
    Store *store, *files;     /* the same Store on PostgreSQL */
    Access *access;
    Records *records;
    Flow *flow;               /* the working calendar; the same one under every model */
    bool is_demo;             /* the foot says so */
    bool is_secure;           /* behind TLS: cookies are marked Secure */
    struct Web *web;          /* private: workers' connections, rate counters, assets */
    Http *http;
    /* generation.c */
    App *root;                /* NULL: this is the root */
    Generation *newest;       /* the root's: NULL: itself; under `lock` */
    pthread_mutex_t lock, turn_lock; /* the root's; all zero is a lock nobody holds (Linux) */
};
/* The App of the model in force, kept until app_drop. Threads: any. */
App *app_hold(App *root);
void app_drop(App *app);
/* From now on requests run under this model. The arena holds the model and is freed, access and
 * records are closed, once a later one took its place and the last request under it has ended. */
void app_swap(App *root, Arena *arena_take, const Model *m, Access *access, Records *records);
/* Turns to the model of the folder where the database is under it already: after `model apply` here
 * or, on PostgreSQL, elsewhere. ERR_STATE it is not; ERR_INVALID the files are at fault. One at a
 * time. */
int app_turn(App *root, Lang lang, Err *e) MUST_USE;
void app_close(App *root); /* the newest generation, when nothing runs any more */

typedef struct Req Req;
typedef struct Route Route;

typedef enum May {
    MAY_UNSAID,      /* the server refuses to start */
    MAY_ANYONE,      /* no account needed */
    MAY_SIGNED_IN,
    MAY_TYPE,        /* :type exists and the reader has an arm on it, or may create it; else 404 */
    MAY_STAFF,       /* holds a post that fills seats, or is administrator (reading) */
    MAY_ADMIN,       /* system administrator */
    MAY_OFFICE,      /* one of the three offices of the deployment: system, security, audit */
    MAY_IMPORT,      /* administrator, or the root's office */
} May;

enum { REQ_DONE = 0, REQ_PARKED = 1 };

/* Parameters a route takes, beside those of the path. PARAMS_MODEL: the type's fields as well. */
typedef struct ParamSpec {
    const char *name;
    int max_bytes;
    bool is_many;    /* may come several times */
    bool is_file;
} ParamSpec;

struct Route {
    const char *path;         /* "/:type/:id/:action"; literal parts win over ':' parts */
    Method method;
    int (*run)(Req *rq,
               Err *e); /* REQ_DONE, REQ_PARKED or an error class: gate.c makes the answer */
    May may;
    bool is_api;
    bool takes_model;         /* fields of :type are parameters too */
    bool takes_multipart;
    bool may_looking;         /* writing: also while he looks as another post */
    bool is_raw;              /* the body is bytes as they are: rq->http->body */
    bool is_bare; /* needs neither session nor snapshot nor view: static files, health */
    size_t body_max;          /* bytes; 0: no body */
    const ParamSpec *params;  /* ends with {NULL}; may be NULL */
    const char *rate; /* "signin", "code": counted per address and account; NULL: not limited */
    const char *help;         /* i18n key of one sentence: help, site map, OpenAPI summary */
    const char *spec;         /* SPEC rows */
};
typedef struct RouteTable {
    const Route *list;
    size_t n;
} RouteTable;

struct Req {
    App *app;
    HttpReq *http;
    const Route *route;
    int worker;
    Arena *arena;             /* the request's */
    Tx *tx, *files_tx;        /* snapshots; files_tx opened on first use by req_files_tx. NULL in an
                               * `after`: req_tx() opens a new one */
    Reader reader;            /* reader.account == 0: nobody is signed in */
    Lang lang;
    bool is_big, is_api;
    Str path_param[4];        /* values of the ':' parts in order */
    Str path_name[4];
    const Type *type;         /* of :type, when MAY_TYPE */
    Params params;            /* query and form, declared ones only */
    Json json;                /* API body; JSON_NULL when none */
    View *view;               /* pages: made by the gate with the common names filled */
    int tpl;                  /* pages: TplId to render; -1: the answer is already made */
    Err *err;
    /* the write under way */
    WriteJob job;
    int (*after)(Req *rq, int rc, Err *e);
    void *state;              /* the handler's own, from run to after */
    int tries;                /* how often "record.again" sent it back */
    struct ReqOwn *own;       /* the gate's */
};

/* ---- for handlers ---- */
Str req_path(const Req *rq, const char *name);   /* ":id" -> "id" */
Str req_param(const Req *rq, const char *name);  /* STR_NONE when not sent */
const Param *req_file(const Req *rq, const char *name, int nth);
bool req_uuid(const Req *rq, const char *path_name, Uuid *ret); /* false: not an id (answer 404) */
Tx *req_files_tx(Req *rq, Err *e);               /* NULL: error */
Tx *req_tx(Req *rq, Err *e); /* the snapshot, opened anew in an `after`. NULL: error */
/* Ends the snapshots and hands the job over; nothing of rq may be touched afterwards. `after`
 * runs on a worker with the job's rc and error. ERR_BUSY "record.again" runs
 * the route's `run` anew by itself, at most three times. Returns REQ_PARKED. */
int req_submit(Req *rq, Store *store, int (*apply)(Tx *, void *, Err *), void *arg,
               int (*after)(Req *rq, int rc, Err *e));
/* Several jobs at once, each answered in itself (job->rc, job->err); `after` runs once all are,
 * with
 * rc 0, and is never begun anew by itself. At least one; they live in the request's arena. */
int req_submit_many(Req *rq, Store *store, WriteJob *jobs, int n,
                    int (*after)(Req *rq, int rc, Err *e));
void req_redirect(Req *rq, Str to);              /* 303, within the site only */
void req_said(Req *rq,
              const char *key); /* shows this sentence on the next page (short-lived cookie) */
void req_json(Req *rq, int status, Str json);
void req_bytes(Req *rq, int status, Str type, Str bytes);
void req_cookie(Req *rq, Str name, Str value,
                int64_t max_age_s); /* HttpOnly, SameSite=Lax, Path=/ */
Str req_t(Req *rq, const char *key, ...)
    __attribute__((sentinel)); /* a sentence; args are Str*, ends with NULL */
Str req_label(const Req *rq, const Label *l);
int web_status(int cls);                         /* the one function from error class to status */

/* ---- shared between pages and API (input.c) ---- */
/* The list asked for by unit, state, after, before, limit, mine, FIELD; faults as field errors. */
int web_list_query(Req *rq, ListQuery *ret, Err *e);
/* Fields from the form or JSON body, unit, `as`, `id` of a form, version (If-Match or hidden),
 * into an input.
 * `ret->then` and `ret->id` are kept as given, so begin with RecordInput in = {0}. New photos of
 * a form are
 * already stored by web_store_photos; their faults are put in `e` without failing: record_prepare
 * then
 * adds its own and fails once with all. */
int web_record_input(Req *rq, const Action *act, RecordInput *ret, Err *e);
/* Cleans and stores the photos a multipart form brought (field file.NAME), one job each, before the
 * record: their ids are then part of the field's value. REQ_PARKED until all are on disk, then
 * `next`. */
int web_store_photos(Req *rq, int (*next)(Req *rq, Err *e), Err *e);
/* Sent bytes as they are kept: a picture cleaned, a document checked; fills mime, name, bytes. */
int web_take_file(Arena *a, Str name, Str bytes, FileInput *in, Err *e) MUST_USE;

/* ---- API output (api.c): one writer, checked against /api/openapi.json ---- */
void api_record(Req *rq, Buf *b, const Record *rec);

/* ---- tables: web/routes.c lists them ---- */
extern const RouteTable *const route_tables[];
extern const size_t route_table_n;

/* ---- starting ---- */
int web_check_routes(const RouteTable *const *tables, size_t n,
                     Err *e) MUST_USE; /* every route has may, help, run */
int web_start(App *app, Str host, uint16_t port, Str hosts, Err *e) MUST_USE;
void web_stop(App *app);
Str web_openapi(Arena *a, const App *app, Lang lang); /* the document, from routes and model */
/* For tests: one request through gate and handlers without sockets. */
#endif
