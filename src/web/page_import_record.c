/* page_import_record.c: records of a type from a CSV file or a workbook: tried first, told by row,
 * column and reason, written as a batch, taken back. Between trying and writing the file travels in
 * the page itself, so that nothing is kept on the server.    UX: import  SPEC: P7 */
#include "exchange/sheet.h"
#include "web/page_int.h"

enum {
    FILE_MAX = 2 * 1024 * 1024, /* a page carries it, written as digits */
    ROWS_MAX = 2000,            /* written while the page waits; more: the command line */
    SHOWN = 50,
    MAP_MAX = 4096,
};

typedef struct Importing {
    Req *rq;
    Str bytes, name, map, key;
    ImportPoint *points;
    int point_n;
    SheetImport sheet;
    RecordImport im;
    const Tree *tree;
    const FlowCalendar *calendar;
} Importing;

static int be_reader(void *ctx, Arena *a, Tx *tx, Reader *ret, Err *e)
{
    Importing *x = ctx;
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
    Importing *x = ctx;
    (void)r; /* in the step's memory */
    access_tree_drop(x->rq->app->access, x->tree);
    flow_calendar_drop(x->rq->app->flow, x->calendar);
}

static ImportHand hand(Importing *x, Conn *conn)
{
    App *app = x->rq->app;
    return (ImportHand){app->records, app->store, conn, be_reader, be_nobody, x};
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

static void take_points(Importing *x)
{
    Str rest = x->map, one;
    x->points = NEW_N(x->rq->arena, ImportPoint, rest.n + 1);
    while (rest.n) {
        ImportPoint p;
        (void)str_cut(rest, ';', &one, &rest); /* the last one has no mark behind it */
        if (str_cut(one, '=', &p.heading, &p.to) && str_trim(p.heading).n)
            x->points[x->point_n++] =
                (ImportPoint){.heading = str_trim(p.heading), .to = str_trim(p.to)};
    }
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

static void put_tried(Importing *x)
{
    Req *rq = x->rq;
    View *v = rq->view;
    RecordImport *im = &x->im;
    view_bool(v, V_is_tried, true);
    view_i64(v, V_new_n, im->new_n);
    view_i64(v, V_changed_n, im->changed_n);
    view_i64(v, V_same_n, im->same_n);
    view_i64(v, V_bad_n, im->bad_n);
    for (int i = 0; i < im->note_n; i++) {
        Str times = page_n(rq, im->notes[i].n), row = page_n(rq, im->notes[i].row);
        Str what = i18n_get(rq->lang, im->notes[i].key);
        view_text(view_item(v, V_notes), V_text,
                  req_t(rq, "page.import_note", &im->notes[i].column, &times, &what, &row, NULL));
    }
    for (int i = 0; i < im->fault_n && i < SHOWN; i++) {
        const ImportFault *f = &im->faults[i];
        View *row = view_item(v, V_faults);
        view_text(row, V_row, page_n(rq, f->row));
        view_text(row, V_column, f->column);
        view_text(row, V_value, f->value);
        view_text(row, V_reason, sheet_fault_text(rq->arena, rq->lang, f));
    }
    Str most = page_n(rq, SHOWN), n = page_n(rq, im->new_n + im->changed_n);
    if (im->fault_n > SHOWN)
        view_text(v, V_more_text, req_t(rq, "page.first_faults", &most, NULL));
    view_bool(v, V_may_apply, im->new_n + im->changed_n > 0);
    view_text(v, V_apply_text,
              req_t(rq, im->bad_n ? "page.apply_good" : "page.apply", &n, NULL));
    Buf hex = {.arena = rq->arena};
    buf_hex(&hex, x->bytes.p, x->bytes.n);
    page_hidden(v, S("rows"), buf_view(&hex));
    page_hidden(v, S("file_name"), x->name);
    page_hidden(v, S("map"), x->map);
    page_hidden(v, S("key"), x->key);
}

static int put_page(Importing *x, Str problem, bool is_tried, int status, Err *e)
{
    Req *rq = x->rq;
    View *v = rq->view;
    Str label = label_text(&rq->type->label, rq->lang);
    page_crumbs(rq, rq->type);
    view_text(v, V_title, req_t(rq, "page.import_of", &label, NULL));
    view_url(v, V_action, page_type_href(rq, rq->type, "/import"));
    view_text(v, V_problem, problem);
    view_bool(v, V_is_bad, problem.n > 0 || x->im.bad_n);
    view_text(v, V_map, x->map);
    view_text(v, V_key, x->key);
    view_text(v, V_fields_text, fields_text(rq));
    if (is_tried)
        put_tried(x);
    TRY(put_batches(rq, e));
    page_done(rq, TPL_IMPORTREC, status);
    return REQ_DONE;
}

static Str why_not(Req *rq, const Err *e)
{
    Buf b = {.arena = rq->arena};
    if (!e->field_n)
        return err_text(rq->arena, rq->lang, e);
    for (size_t i = 0; i < e->field_n; i++) {
        Str head = e->fields[i].field, why = err_field_text(rq->arena, rq->lang, &e->fields[i]);
        buf_str(&b, req_t(rq, "page.bad_column", &head, &why, NULL));
        buf_byte(&b, ' ');
    }
    return buf_view(&b);
}

/* ---- trying, writing, taking back ---- */

static int try_rows(Importing *x, Err *e)
{
    Req *rq = x->rq;
    ImportColumn *columns;
    x->im = (RecordImport){
        .type = rq->type, .arena = rq->arena, .batch = env_uuid7(rq->app->env)};
    TRY(record_import_columns(rq->arena, rq->tx, &rq->reader, rq->type, &x->sheet.head, x->points,
                              x->point_n, &columns, &x->im.column_n, e));
    x->im.columns = columns;
    TRY(record_import_begin(&x->im, rq->lang, x->key, e));
    TRY(record_import_try(rq->app->records, rq->tx, &rq->reader, &x->im,
                          sheet_import_rows(&x->sheet), e));
    Str most = err_int(e, ROWS_MAX);
    return x->im.row_n > ROWS_MAX ? err_set(e, ERR_LIMIT, "import.too_many_here", most) : 0;
}

static int write_rows(Importing *x, Err *e)
{
    Conn *conn;
    TRY(sheet_import_again(&x->sheet, e));
    TRY(store_conn(x->rq->app->store, &conn, e));
    ImportHand h = hand(x, conn);
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

static int send_reasons(Importing *x, Err *e)
{
    Req *rq = x->rq;
    Buf b = {.arena = rq->arena};
    TRY(sheet_write_reasons(rq->arena, &x->sheet, &x->im, rq->lang, (TableSink){into_buf, &b}, e));
    bool is_book = x->sheet.facts.is_workbook;
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
        return put_page(x, why_not(rq, e), false, 422, e);
    TRY(rc);
    if (str_eq(what, S("reasons")))
        return send_reasons(x, e);
    if (!str_eq(what, S("apply")))
        return put_page(x, S(""), true, x->im.bad_n ? 422 : 200, e);
    TRY(write_rows(x, e));
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
    ImportHand h = hand(x, conn);
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

static bool may_create(Req *rq)
{
    int *posts;
    return rq->type->create && (rq->type->part_of || access_create_posts(rq->arena, &rq->reader,
                                                      rq->type, STR_NONE, &posts) > 0);
}

static int import_get(Req *rq, Err *e)
{
    Importing x = {.rq = rq, .map = S(""), .key = S("")};
    if (!may_create(rq))
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
                     .map = or_empty(req_param(rq, "map")),
                     .key = or_empty(req_param(rq, "key")),
                     .name = or_empty(req_param(rq, "file_name"))};
    if (!may_create(rq) || rq->reader.viewer)
        return err_set(e, ERR_MISSING, "web.missing");
    if (str_eq(what, S("undo")))
        return undo_batch(x, e);
    if (file && file->value.n) {
        x->bytes = file->value;
        x->name = page_cut(rq, file->filename, LIMIT_NAME_CHARS);
    } else if (!from_hex(rq->arena, req_param(rq, "rows"), &x->bytes))
        return put_page(x, req_t(rq, "page.no_file", NULL), false, 422, e);
    Str most = page_n(rq, ROWS_MAX);
    if (x->bytes.n > FILE_MAX)
        return put_page(x, req_t(rq, "import.too_many_here", &most, NULL), false, 413, e);
    take_points(x);
    int rc = sheet_import_open(rq->arena, x->bytes, STR_NONE, rq->type, &x->sheet, e);
    if (is_of_input(rc))
        return put_page(x, why_not(rq, e), false, 422, e);
    TRY(rc);
    rc = run_opened(x, what, e);
    sheet_import_close(&x->sheet);
    return rc;
}

static const ParamSpec import_params[] = {
    {.name = "file", .max_bytes = LIMIT_IMPORT_BYTES, .is_file = true},
    {.name = "rows", .max_bytes = FILE_MAX * 2},
    {.name = "file_name", .max_bytes = LIMIT_NAME_CHARS * 8},
    {.name = "map", .max_bytes = MAP_MAX},
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
