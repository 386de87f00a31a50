/* page_import_record.c: records of a type from a CSV file or a workbook: tried first, told by row,
 * column and reason, written as a batch, taken back. Between trying and writing a small file
 * travels in the page itself, so that nothing is kept on the server; a larger one is a job
 * (page_import_job.c).                                                      UX: import  SPEC: P7 */
#include "web/page_import_int.h"

enum {
    FILE_MAX = 512 * 1024, /* a page carries it, written as digits */
    ROWS_MAX = 2000,       /* tried and written while the page waits; more: a job */
    MAP_MAX = 4096,
};

typedef struct Importing {
    Req *rq;
    Str bytes, name, key;
    ImportPoint *points;
    int point_n;
    SheetImport sheet;
    RecordImport im;
} Importing;

/* ---- who imports, as he is at each step ---- */

typedef struct Clerk {
    Req *rq;
    const Tree *tree;
    const FlowCalendar *calendar;
} Clerk;

static int be_reader(void *ctx, Arena *a, Tx *tx, Reader *ret, Err *e)
{
    Clerk *x = ctx;
    App *app = x->rq->app;
    TRY(access_tree_refresh(app->access, tx, e));
    x->tree = access_tree_hold(app->access);
    x->calendar = flow_calendar_hold(app->flow);
    int rc = access_reader_account(app->access, a, tx, x->tree, x->rq->reader.account_name, ret, e);
    if (!rc) {
        ret->lang = x->rq->lang;
        ret->workdays = flow_workdays(x->calendar);
        rc = record_fill_mine(app->records, a, tx, ret, e);
    }
    if (rc < 0) {
        access_tree_drop(app->access, x->tree);
        flow_calendar_drop(app->flow, x->calendar);
    }
    return rc;
}

static void be_nobody(void *ctx, Reader *r)
{
    Clerk *x = ctx;
    (void)r; /* in the step's memory */
    access_tree_drop(x->rq->app->access, x->tree);
    flow_calendar_drop(x->rq->app->flow, x->calendar);
}

ImportHand import_hand(Req *rq, Conn *conn)
{
    Clerk *who = NEW(rq->arena, Clerk);
    who->rq = rq;
    return (ImportHand){rq->app->records, rq->app->store, conn, be_reader, be_nobody, who};
}

/* ---- the file, there and back ---- */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_hex(Arena *a, Str hex, Str *ret)
{
    char *p = arena_alloc(a, hex.n / 2 + 1);
    for (size_t i = 0; i + 1 < hex.n; i += 2) {
        int hi = digit(hex.p[i]), lo = digit(hex.p[i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        p[i / 2] = (char)(hi << 4 | lo);
    }
    *ret = (Str){p, hex.n / 2};
    return hex.n % 2 == 0 && hex.n > 0;
}

void import_take_points(Req *rq, ImportPoint **ret, int *ret_n)
{
    size_t heads, aims;
    const Str *head = req_params(rq, "heading", &heads), *aim = req_params(rq, "point", &aims);
    *ret = NEW_N(rq->arena, ImportPoint, heads + 1);
    *ret_n = 0;
    for (size_t i = 0; i < heads && i < aims; i++)
        if (str_trim(head[i]).n && str_trim(aim[i]).n)
            (*ret)[(*ret_n)++] = (ImportPoint){.heading = str_trim(head[i]),
                                               .to = str_trim(aim[i])};
}

/* ---- the page ---- */

static Str fields_text(Req *rq)
{
    Buf b = {.arena = rq->arena};
    for (int i = 0; i < rq->type->field_n; i++) {
        const Field *f = &rq->type->fields[i];
        if (f->kind != KIND_ROWS && f->kind != KIND_PHOTO && f->kind != KIND_FILE && !f->computed &&
            !f->is_asked)
            buf_fmt(&b, "%s%.*s", b.n ? (rq->lang == LANG_ZH ? "、" : ", ") : "",
                    STR_ARG(label_text(&f->label, rq->lang)));
    }
    Str list = buf_view(&b);
    return req_t(rq, "page.import_fields", &list, NULL);
}

static int put_jobs(Req *rq, Err *e)
{
    static const char *const said[] = {"page.job_asks",   "page.job_tries",   "page.job_tried",
                                       "page.job_writes", "page.job_written", "page.job_given_up"};
    ImportJob *list;
    int n;
    TRY(record_jobs(rq->app->records, rq->arena, rq->tx, &rq->reader, rq->type, &list, &n, e));
    for (int i = 0; i < n; i++) {
        View *v = view_item(rq->view, V_jobs);
        Str when = page_when(rq, list[i].at_ms);
        view_text(v, V_label, req_t(rq, said[list[i].phase], &list[i].name, &when, NULL));
        view_url(v, V_href, import_job_href(rq, list[i].id));
    }
    return 0;
}

static int put_batches(Req *rq, Err *e)
{
    ImportBatch *list;
    int n;
    TRY(record_batches(rq->app->records, rq->arena, rq->tx, &rq->reader, rq->type, &list, &n, e));
    for (int i = 0; i < n; i++) {
        View *v = view_item(rq->view, V_batches);
        Str when = page_when(rq, list[i].at_ms), made = page_n(rq, list[i].made);
        Str updated = page_n(rq, list[i].updated);
        bool is_undone = list[i].phase == 4;
        view_text(v, V_text,
                  req_t(rq, is_undone ? "page.batch_undone" : "page.batch", &list[i].name, &when,
                        &made, &updated, NULL));
        view_bool(v, V_may_undo, !is_undone);
        view_url(v, V_action, page_type_href(rq, rq->type, "/import"));
        page_hidden(v, S("batch"), uuid_text(rq->arena, list[i].id));
    }
    return 0;
}

void import_put_counts(Req *rq, int64_t made, int64_t changed, int64_t same, int64_t bad,
                       bool may_apply)
{
    View *v = rq->view;
    Str n = page_n(rq, made + changed);
    view_bool(v, V_is_tried, true);
    view_i64(v, V_new_n, made);
    view_i64(v, V_changed_n, changed);
    view_i64(v, V_same_n, same);
    view_i64(v, V_bad_n, bad);
    view_bool(v, V_may_apply, may_apply && made + changed > 0);
    view_text(v, V_apply_text, req_t(rq, bad ? "page.apply_good" : "page.apply", &n, NULL));
}

void import_put_faults(Req *rq, const ImportFault *list, int n, int64_t all)
{
    View *v = rq->view;
    for (int i = 0; i < n && i < IMPORT_FAULTS_SHOWN; i++) {
        const ImportFault *f = &list[i];
        View *row = view_item(v, V_faults);
        view_text(row, V_row, page_n(rq, f->row));
        view_text(row, V_column, f->column);
        view_text(row, V_value, f->value);
        view_text(row, V_reason, sheet_fault_text(rq->arena, rq->lang, f));
    }
    Str most = page_n(rq, IMPORT_FAULTS_SHOWN);
    if (all > IMPORT_FAULTS_SHOWN)
        view_text(v, V_more_text, req_t(rq, "page.first_faults", &most, NULL));
}

static void put_aim(View *v, Str value, Str label, bool is_on)
{
    View *o = view_item(v, V_options);
    view_text(o, V_value, value);
    view_text(o, V_label, label);
    view_bool(o, V_is_on, is_on);
}

static void put_aims(Req *rq, View *v, const ImportColumn *c)
{
    const Type *t = rq->type;
    bool is_open = c->aim == AIM_UNKNOWN;
    if (is_open)
        put_aim(v, S(""), req_t(rq, "page.aim_which", NULL), true);
    put_aim(v, S("-"), req_t(rq, "page.aim_none", NULL), c->aim == AIM_NONE);
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (f->kind != KIND_ROWS && f->kind != KIND_PHOTO && f->kind != KIND_FILE && !f->computed)
            put_aim(v, f->name, label_text(&f->label, rq->lang),
                    c->aim == AIM_FIELD && c->field == f);
    }
    put_aim(v, S("unit"), req_t(rq, "page.unit", NULL), c->aim == AIM_UNIT);
    put_aim(v, S("state"), req_t(rq, "page.state", NULL), c->aim == AIM_STATE);
    put_aim(v, S("id"), i18n_get(rq->lang, S("sheet.id")), c->aim == AIM_ID);
}

View *import_put_asking(Req *rq, const ImportColumn *list, int n, Str action)
{
    View *v = NULL;
    for (int i = 0; i < n; i++) {
        if (list[i].aim != AIM_UNKNOWN && !list[i].is_pointed)
            continue;
        if (!v) {
            v = view_object(rq->view, V_asking);
            view_url(v, V_action, action);
        }
        View *p = view_item(v, V_aims);
        view_text(p, V_label, list[i].heading);
        view_text(p, V_name, str_fmt(rq->arena, "p%d", i));
        put_aims(rq, p, &list[i]);
    }
    return v;
}

static void put_file(const Importing *x, View *v)
{
    Buf hex = {.arena = x->rq->arena};
    buf_hex(&hex, x->bytes.p, x->bytes.n);
    page_hidden(v, S("rows"), buf_view(&hex));
    page_hidden(v, S("file_name"), x->name);
    page_hidden(v, S("key"), x->key);
}

static void put_columns(const Importing *x)
{
    Req *rq = x->rq;
    View *v = import_put_asking(rq, x->im.columns, x->im.column_n,
                                page_type_href(rq, rq->type, "/import"));
    if (v)
        put_file(x, v);
}

/* The same file once more, and nothing to find by what it made. */
static int put_warning(Importing *x, Err *e)
{
    Req *rq = x->rq;
    const RecordImport *im = &x->im;
    UnixMs at_ms = 0;
    int64_t made = 0;
    if (im->key_n || im->key_has_unit || im->key_has_author || im->key_is_id || !im->new_n)
        return 0;
    TRY(record_import_same_file(rq->tx, rq->type, im->sm3, &at_ms, &made, e));
    Str when = page_when(rq, at_ms), n = page_n(rq, made);
    if (made)
        view_text(rq->view, V_told, req_t(rq, "page.import_again", &when, &n, NULL));
    return 0;
}

static int put_tried(Importing *x, Err *e)
{
    Req *rq = x->rq;
    View *v = rq->view;
    RecordImport *im = &x->im;
    import_put_counts(rq, im->new_n, im->changed_n, im->same_n, im->bad_n, true);
    for (int i = 0; i < im->note_n; i++) {
        Str times = page_n(rq, im->notes[i].n), row = page_n(rq, im->notes[i].row);
        Str what = i18n_get(rq->lang, im->notes[i].key);
        view_text(view_item(v, V_notes), V_text,
                  req_t(rq, "page.import_note", &im->notes[i].column, &times, &what, &row, NULL));
    }
    import_put_faults(rq, im->faults, im->fault_n, im->fault_n);
    TRY(put_warning(x, e));
    view_url(v, V_apply_href, page_type_href(rq, rq->type, "/import"));
    put_file(x, v);
    for (int i = 0; i < x->point_n; i++) {
        page_hidden(v, S("heading"), x->points[i].heading);
        page_hidden(v, S("point"), x->points[i].to);
    }
    return 0;
}

int import_page(Req *rq, Str problem, Str key, bool is_bad, int status, Err *e)
{
    View *v = rq->view;
    Str label = label_text(&rq->type->label, rq->lang);
    page_crumbs(rq, rq->type);
    view_text(v, V_title, req_t(rq, "page.import_of", &label, NULL));
    view_url(v, V_action, page_type_href(rq, rq->type, "/import"));
    view_text(v, V_problem, problem);
    view_bool(v, V_is_bad, problem.n > 0 || is_bad);
    view_text(v, V_key, key);
    view_text(v, V_fields_text, fields_text(rq));
    TRY(put_jobs(rq, e));
    TRY(put_batches(rq, e));
    page_done(rq, TPL_IMPORTREC, status);
    return REQ_DONE;
}

static int put_page(Importing *x, Str problem, bool is_tried, int status, Err *e)
{
    if (is_tried)
        TRY(put_tried(x, e));
    put_columns(x);
    return import_page(x->rq, problem, x->key, x->im.bad_n > 0, status, e);
}

/* ---- trying, writing, taking back ---- */

static int count_rows(Importing *x, int64_t *ret, Err *e)
{
    ImportSource rows = sheet_import_rows(&x->sheet);
    ImportRow row;
    int rc;
    *ret = 0;
    while ((rc = rows.next(rows.ctx, &row, e)) > 0)
        ++*ret;
    TRY(rc);
    return sheet_import_again(&x->sheet, e);
}

static int try_rows(Importing *x, Err *e)
{
    Req *rq = x->rq;
    ImportColumn *columns;
    uint8_t *sm3 = arena_alloc(rq->arena, SM3_BYTES);
    sm3_of(x->bytes.p, x->bytes.n, sm3);
    x->im = (RecordImport){.type = rq->type,
                           .arena = rq->arena,
                           .batch = env_uuid7(rq->app->env),
                           .sm3 = {(const char *)sm3, SM3_BYTES}};
    int rc = record_import_columns(rq->arena, rq->tx, &rq->reader, rq->type, &x->sheet.head,
                                   x->points, x->point_n, &columns, &x->im.column_n, e);
    x->im.columns = columns;
    TRY(rc);
    TRY(record_import_begin(&x->im, rq->lang, x->key, e));
    return record_import_try(rq->app->records, rq->tx, &rq->reader, &x->im,
                             sheet_import_rows(&x->sheet), e);
}

static int write_rows(Importing *x, Err *e)
{
    Conn *conn;
    TRY(sheet_import_again(&x->sheet, e));
    TRY(store_conn(x->rq->app->store, &conn, e));
    ImportHand h = import_hand(x->rq, conn);
    int rc = record_import_open(&h, &x->im, &x->sheet.head, x->points, x->point_n, x->name, e);
    for (bool more = true; more && rc >= 0;)
        rc = record_import_step(&h, &x->im, sheet_import_rows(&x->sheet), &more, e);
    conn_close(conn);
    return rc;
}

static int into_buf(void *ctx, Str bytes, Err *e)
{
    (void)e; /* memory alone */
    buf_str(ctx, bytes);
    return 0;
}

int import_send_reasons(Req *rq, const SheetImport *sheet, const RecordImport *im, Err *e)
{
    Buf b = {.arena = rq->arena};
    TRY(sheet_write_reasons(rq->arena, sheet, im, rq->lang, (TableSink){into_buf, &b}, e));
    bool is_book = sheet->facts.is_workbook;
    http_set_header(rq->http, S("Content-Disposition"),
                    is_book ? S("attachment; filename=\"reasons.xlsx\"")
                            : S("attachment; filename=\"reasons.csv\""));
    req_bytes(rq, 200,
              is_book ? S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
                      : S("text/csv; charset=utf-8"),
              buf_view(&b));
    return REQ_DONE;
}

static bool is_of_input(int rc)
{
    return rc == ERR_INVALID || rc == ERR_SYNTAX || rc == ERR_LIMIT;
}

static int run_opened(Importing *x, Str what, Err *e)
{
    Req *rq = x->rq;
    int rc = try_rows(x, e);
    if (is_of_input(rc))
        return put_page(x, page_why_unread(rq, e), false, 422, e);
    TRY(rc);
    if (str_eq(what, S("reasons")))
        return import_send_reasons(rq, &x->sheet, &x->im, e);
    if (!str_eq(what, S("apply")))
        return put_page(x, S(""), true, x->im.bad_n ? 422 : 200, e);
    TRY(write_rows(x, e));
    if (x->im.fault_n) { /* those left out, and those found when it was written */
        gate_close(rq);
        if (!req_tx(rq, e))
            return e->cls;
        Str n = page_n(rq, x->im.new_n + x->im.changed_n);
        view_text(rq->view, V_told, req_t(rq, "page.said_rows_but", &n, NULL));
        import_put_counts(rq, x->im.new_n, x->im.changed_n, x->im.same_n, x->im.bad_n, false);
        view_bool(rq->view, V_is_written, true);
        view_url(rq->view, V_apply_href, page_type_href(rq, rq->type, "/import"));
        import_put_faults(rq, x->im.faults, x->im.fault_n, x->im.fault_n);
        put_file(x, rq->view);
        for (int i = 0; i < x->point_n; i++) {
            page_hidden(rq->view, S("heading"), x->points[i].heading);
            page_hidden(rq->view, S("point"), x->points[i].to);
        }
        return import_page(rq, S(""), x->key, true, 200, e);
    }
    req_said(rq, "page.said_rows_imported");
    req_redirect(rq, page_type_href(rq, rq->type, "/import"));
    return REQ_DONE;
}

static int undo_batch(Importing *x, Err *e)
{
    Req *rq = x->rq;
    ImportUndo u = {.arena = rq->arena};
    Conn *conn;
    if (!uuid_parse(req_param(rq, "batch"), &u.batch))
        return err_set(e, ERR_MISSING, "import.no_batch");
    TRY(store_conn(rq->app->store, &conn, e));
    ImportHand h = import_hand(rq, conn);
    int rc = 0;
    for (bool more = true; more && rc >= 0;)
        rc = record_undo_step(&h, &u, &more, e);
    conn_close(conn);
    TRY(rc);
    Str voided = page_n(rq, u.voided_n), back = page_n(rq, u.restored_n);
    Str edited = page_n(rq, u.edited_n), stuck = page_n(rq, u.stuck_n);
    view_text(rq->view, V_told,
              req_t(rq, "cli.import_undone", &voided, &back, &edited, &stuck, NULL));
    gate_close(rq);
    return req_tx(rq, e) ? put_page(x, S(""), false, 200, e) : e->cls;
}

bool import_may(Req *rq)
{
    int *posts;
    return rq->type->create && (rq->type->part_of || access_create_posts(rq->arena, &rq->reader,
                                                      rq->type, STR_NONE, &posts) > 0);
}

/* A job: it tries at once, unless somebody has to say which columns are what. */
static int large_file(Importing *x, int64_t row_n, Err *e)
{
    Req *rq = x->rq;
    ImportColumn *columns;
    int n;
    Err sub = err_on(rq->arena);
    int rc = record_import_columns(rq->arena, rq->tx, &rq->reader, rq->type, &x->sheet.head,
                                   x->points, x->point_n, &columns, &n, &sub);
    if (rc < 0 && !is_of_input(rc)) {
        *e = sub;
        return rc;
    }
    return import_put_job(rq, x->bytes, x->name, x->key, row_n, rc < 0, e);
}

static int import_get(Req *rq, Err *e)
{
    Importing x = {.rq = rq, .key = S("")};
    if (!import_may(rq))
        return err_set(e, ERR_MISSING, "web.missing");
    return put_page(&x, S(""), false, 200, e);
}

static Str or_empty(Str s)
{
    return s.n ? s : S("");
}

static int import_post(Req *rq, Err *e)
{
    Importing *x = NEW(rq->arena, Importing);
    Str what = req_param(rq, "do");
    const Param *file = req_file(rq, "file", 0);
    *x = (Importing){.rq = rq,
                     .key = or_empty(req_param(rq, "key")),
                     .name = or_empty(req_param(rq, "file_name"))};
    if (!import_may(rq) || rq->reader.viewer)
        return err_set(e, ERR_MISSING, "web.missing");
    if (str_eq(what, S("undo")))
        return undo_batch(x, e);
    if (file && file->value.n) {
        x->bytes = file->value;
        x->name = page_cut(rq, file->filename, LIMIT_NAME_CHARS);
    } else if (!from_hex(rq->arena, req_param(rq, "rows"), &x->bytes))
        return put_page(x, req_t(rq, "page.no_file", NULL), false, 422, e);
    import_take_points(rq, &x->points, &x->point_n);
    int rc = sheet_import_open(rq->arena, x->bytes, STR_NONE, rq->type, &x->sheet, e);
    if (is_of_input(rc))
        return put_page(x, page_why_unread(rq, e), false, 422, e);
    TRY(rc);
    int64_t row_n;
    rc = count_rows(x, &row_n, e);
    if (rc >= 0 && (row_n > ROWS_MAX || x->bytes.n > FILE_MAX))
        rc = large_file(x, row_n, e);
    else if (rc >= 0)
        rc = run_opened(x, what, e);
    sheet_import_close(&x->sheet);
    return rc;
}

static const ParamSpec import_params[] = {
    {.name = "file", .max_bytes = LIMIT_IMPORT_BYTES, .is_file = true},
    {.name = "rows", .max_bytes = FILE_MAX * 2},
    {.name = "file_name", .max_bytes = LIMIT_NAME_CHARS * 8},
    {.name = "heading", .max_bytes = MAP_MAX, .is_many = true},
    {.name = "point", .max_bytes = LIMIT_NAME_CHARS * 4, .is_many = true},
    {.name = "key", .max_bytes = MAP_MAX},
    {.name = "batch", .max_bytes = 64},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route routes[] = {
    {.path = "/:type/import",
     .method = GET,
     .run = import_get,
     .may = MAY_TYPE,
     .help = "page.help_import_records",
     .spec = "P7"},
    {.path = "/:type/import",
     .method = POST,
     .run = import_post,
     .may = MAY_TYPE,
     .params = import_params,
     .takes_multipart = true,
     .body_max = LIMIT_IMPORT_BYTES + LIMIT_FORM_BYTES,
     .help = "page.help_import_records",
     .spec = "P7"},
};
const RouteTable page_import_record_routes = {routes, LEN(routes)};
