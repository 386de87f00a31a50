/* page_import_job.c: a large file on its way in: which columns are what, how far it is, what is
 * wrong, writing it. Only who sent it sees it. Without scripts it asks anew by itself. UX: import
 *                                                                                       SPEC: P7 */
#include "web/page_import_int.h"

Str import_job_href(Req *rq, Uuid id)
{
    return page_type_href(rq, rq->type,
                          str_z(rq->arena, str_fmt(rq->arena, "/import/%.*s",
                                                   STR_ARG(uuid_text(rq->arena, id)))));
}

int import_put_job(Req *rq, Str bytes, Str name, Str key, int64_t row_n, bool asks, Err *e)
{
    Conn *conn;
    ImportJob job = {.id = env_uuid7(rq->app->env),
                     .account = rq->reader.account,
                     .type = rq->type,
                     .lang = rq->lang,
                     .name = name,
                     .keys = key,
                     .at_ms = env_now_ms(rq->app->env),
                     .phase = asks ? JOB_ASKS : JOB_TRIES,
                     .row_n = row_n};
    import_take_points(rq, &job.points, &job.point_n);
    TRY(store_conn(rq->app->store, &conn, e));
    ImportHand h = import_hand(rq, conn);
    int rc = record_job_put(&h, &job, bytes, e);
    conn_close(conn);
    TRY(rc);
    import_thread_wake(rq->app->web->import);
    req_redirect(rq, import_job_href(rq, job.id));
    return REQ_DONE;
}

/* ---- the page ---- */

static int open_sheet(Req *rq, const ImportJob *job, SheetImport *ret, Err *e)
{
    Str bytes;
    TRY(record_job_bytes(rq->arena, rq->tx, job->id, &bytes, e));
    return sheet_import_open(rq->arena, bytes, STR_NONE, job->type, ret, e);
}

/* What is still to be said of the columns. */
static int put_asking(Req *rq, const ImportJob *job, Str *ret_problem, Err *e)
{
    SheetImport sheet;
    ImportColumn *columns;
    int n;
    Err sub = err_on(rq->arena);
    TRY(open_sheet(rq, job, &sheet, e));
    int rc = record_import_columns(rq->arena, rq->tx, &rq->reader, rq->type, &sheet.head,
                                   job->points, job->point_n, &columns, &n, &sub);
    sheet_import_close(&sheet);
    (void)import_put_asking(rq, columns, n, import_job_href(rq, job->id));
    *ret_problem = rc < 0 ? page_why_unread(rq, &sub) : S("");
    return 0;
}

static int put_progress(Req *rq, const ImportJob *job, Err *e)
{
    View *v = rq->view;
    int64_t ahead = 0;
    bool is_held = job->held_until > env_now_ms(rq->app->env);
    Str done = page_n(rq, job->done), all = page_n(rq, job->row_n), n;
    TRY(record_job_ahead(rq->tx, job, &ahead, e));
    n = page_n(rq, ahead);
    if (is_held || job->done)
        view_text(v, V_told,
                  req_t(rq, job->phase == JOB_WRITES ? "page.job_writing" : "page.job_trying",
                        &job->name, &done, &all, NULL));
    else
        view_text(v, V_told, req_t(rq, ahead ? "page.job_waits" : "page.job_next", &job->name, &n,
                                   NULL));
    view_bool(v, V_is_running, true);
    view_i64(v, V_done_n, job->done);
    view_i64(v, V_row_n, job->row_n ? job->row_n : 1);
    view_url(v, V_again_href, import_job_href(rq, job->id));
    http_set_header(rq->http, S("Refresh"), S("2"));
    return 0;
}

static int put_found(Req *rq, const ImportJob *job, Err *e)
{
    ImportFault *list;
    int n;
    View *v = rq->view;
    bool is_tried = job->phase == JOB_TRIED;
    TRY(record_job_faults(rq->arena, rq->tx, job->id, IMPORT_FAULTS_SHOWN + 1, &list, &n, e));
    import_put_counts(rq, job->made, job->updated, job->same, job->bad, is_tried);
    view_bool(v, V_is_written, !is_tried);
    view_url(v, V_apply_href, import_job_href(rq, job->id));
    import_put_faults(rq, list, n, n);
    page_hidden(v, S("of"), S("job"));
    Str rest = job->notes, line;
    while (rest.n) {
        (void)str_cut(rest, '\n', &line, &rest); /* each line has its end */
        if (line.n)
            view_text(view_item(v, V_notes), V_text, line);
    }
    if (!is_tried) {
        Str made = page_n(rq, job->made + job->updated);
        view_text(v, V_told,
                  req_t(rq, job->bad ? "page.said_rows_but" : "page.job_all_in", &made, NULL));
    }
    return 0;
}

static int job_page(Req *rq, const ImportJob *job, Str problem, int status, Err *e)
{
    if (job->phase == JOB_ASKS)
        TRY(put_asking(rq, job, &problem, e));
    else if (job->phase == JOB_TRIES || job->phase == JOB_WRITES)
        TRY(put_progress(rq, job, e));
    else if (job->phase == JOB_TRIED || job->phase == JOB_WRITTEN)
        TRY(put_found(rq, job, e));
    else
        problem = job->told;
    return import_page(rq, problem, job->keys, false, status, e);
}

static int read_job(Req *rq, ImportJob *ret, Err *e)
{
    Uuid id;
    if (!import_may(rq) || rq->reader.viewer || !req_uuid(rq, "id", &id))
        return err_set(e, ERR_MISSING, "web.missing");
    TRY(record_job(rq->app->records, rq->arena, rq->tx, &rq->reader, id, ret, e));
    return ret->type == rq->type ? 0 : err_set(e, ERR_MISSING, "web.missing");
}

static int job_get(Req *rq, Err *e)
{
    ImportJob job;
    TRY(read_job(rq, &job, e));
    return job_page(rq, &job, S(""), 200, e);
}

/* ---- what one may do ---- */

static int send_back(Req *rq, const ImportJob *job, Err *e)
{
    SheetImport sheet;
    RecordImport im = {0};
    TRY(record_job_faults(rq->arena, rq->tx, job->id, LIMIT_IMPORT_FAULTS, &im.faults, &im.fault_n,
                          e));
    TRY(open_sheet(rq, job, &sheet, e));
    int rc = import_send_reasons(rq, &sheet, &im, e);
    sheet_import_close(&sheet);
    return rc;
}

static int turn(Req *rq, const ImportJob *job, JobPhase to, Err *e)
{
    Conn *conn;
    TRY(store_conn(rq->app->store, &conn, e));
    ImportHand h = import_hand(rq, conn);
    int rc = record_job_turn(&h, job, to, e);
    conn_close(conn);
    if (rc < 0 && rc != ERR_STATE) /* pressed twice: it is on its way */
        return rc;
    err_clear(e);
    import_thread_wake(rq->app->web->import);
    req_redirect(rq, import_job_href(rq, job->id));
    return REQ_DONE;
}

static int job_post(Req *rq, Err *e)
{
    ImportJob job;
    Str what = req_param(rq, "do");
    TRY(read_job(rq, &job, e));
    if (str_eq(what, S("reasons")))
        return send_back(rq, &job, e);
    if (str_eq(what, S("apply")) && job.phase == JOB_TRIED)
        return turn(rq, &job, JOB_WRITES, e);
    if (str_eq(what, S("try")) && job.phase == JOB_ASKS) {
        import_take_points(rq, &job.points, &job.point_n);
        SheetImport sheet;
        ImportColumn *columns;
        int n;
        Err sub = err_on(rq->arena);
        TRY(open_sheet(rq, &job, &sheet, e));
        int rc = record_import_columns(rq->arena, rq->tx, &rq->reader, rq->type, &sheet.head,
                                       job.points, job.point_n, &columns, &n, &sub);
        sheet_import_close(&sheet);
        return rc < 0 ? job_page(rq, &job, S(""), 422, e) : turn(rq, &job, JOB_TRIES, e);
    }
    req_redirect(rq, import_job_href(rq, job.id)); /* it went on meanwhile */
    return REQ_DONE;
}

static const ParamSpec params[] = {
    {.name = "heading", .max_bytes = 4096, .is_many = true},
    {.name = "point", .max_bytes = LIMIT_NAME_CHARS * 4, .is_many = true},
    {.name = "of", .max_bytes = 32},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route routes[] = {
    {.path = "/:type/import/:id",
     .method = GET,
     .run = job_get,
     .may = MAY_TYPE,
     .help = "page.help_import_job",
     .spec = "P7"},
    {.path = "/:type/import/:id",
     .method = POST,
     .run = job_post,
     .may = MAY_TYPE,
     .params = params,
     .takes_multipart = true,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_import_job",
     .spec = "P7"},
};
const RouteTable page_import_job_routes = {routes, LEN(routes)};
