/* page_import.c: units from a table: tried first, with row, column and reason of what is wrong,
 * then written. Between the two the rows travel in the page itself, as UTF-8, so that nothing is
 * kept on the server and nothing needs scripts.   UX: import  SPEC: P1 P7 */
#include "exchange/sheet.h"
#include "web/page_int.h"

enum { ROWS_BYTES_MAX = LIMIT_IMPORT_BYTES + LIMIT_FORM_BYTES };

typedef struct Import {
    UnitImport in;
    RecordUnits with;
    CsvFacts facts;
    Str file_name, bytes;
} Import;

/* ---- the page ---- */

void page_put_cell(Buf *b, Str cell, char end)
{
    buf_byte(b, '"');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"')
            buf_byte(b, '"');
        buf_byte(b, cell.p[i]);
    }
    buf_byte(b, '"');
    buf_byte(b, end);
}

/* The rows as read, to be sent back. Not for a spreadsheet, so nothing is put in front of = and
 * the like. */
static Str rows_text(Arena *a, const UnitImport *in)
{
    Buf b = {.arena = a};
    buf_z(&b, "code,name,level,parent\n");
    for (int i = 0; i < in->row_n; i++) {
        page_put_cell(&b, in->rows[i].code, ',');
        page_put_cell(&b, in->rows[i].name, ',');
        page_put_cell(&b, in->rows[i].kind, ',');
        page_put_cell(&b, in->rows[i].parent, '\n');
    }
    return buf_view(&b);
}

static void put_fault(Req *rq, const UnitFault *f)
{
    size_t n = 0;
    while (n < ERR_ARGS_MAX && str_has(f->args[n]))
        n++;
    View *v = view_item(rq->view, V_faults);
    Str label = i18n_text(rq->arena, rq->lang,
                          str_fmt(rq->arena, "page.column_%.*s", STR_ARG(f->column)), NULL, 0);
    view_text(v, V_row, page_n(rq, f->row));
    view_text(v, V_column, label);
    view_text(v, V_value, f->value.n ? f->value : S(""));
    view_text(v, V_reason, i18n_text(rq->arena, rq->lang, f->key, f->args, n));
}

static void put_tried(Req *rq, const Import *x)
{
    View *v = rq->view;
    const UnitImport *in = &x->in;
    int bad = 0;
    for (int i = 0; i < in->fault_n; i++) {
        bad += !i || in->faults[i].row != in->faults[i - 1].row;
        if (i < LIMIT_CSV_ERRORS)
            put_fault(rq, &in->faults[i]);
    }
    int writes = in->new_n + in->changed_n;
    Str n = page_n(rq, writes), most = page_n(rq, LIMIT_CSV_ERRORS);
    view_bool(v, V_is_tried, true);
    view_text(v, V_file_name, x->file_name);
    view_i64(v, V_row_n, in->row_n);
    view_text(v, V_charset_text, x->facts.encoding);
    view_i64(v, V_new_n, in->new_n);
    view_i64(v, V_changed_n, in->changed_n);
    view_i64(v, V_same_n, in->same_n);
    view_i64(v, V_bad_n, bad);
    if (in->fault_n > LIMIT_CSV_ERRORS)
        view_text(v, V_more_text, req_t(rq, "page.first_faults", &most, NULL));
    if (in->fault_n)
        return;
    if (!writes) {
        view_text(v, V_problem, req_t(rq, "page.nothing_new", NULL));
        return;
    }
    view_bool(v, V_may_apply, true);
    view_text(v, V_apply_text, req_t(rq, "page.apply", &n, NULL));
    page_hidden(v, S("rows"), rows_text(rq->arena, in));
    page_hidden(v, S("file_name"), x->file_name);
}

static int import_page(Req *rq, const Import *x, Str problem, int status)
{
    View *v = rq->view;
    view_text(v, V_title, req_t(rq, "page.import", NULL));
    view_url(v, V_action, S("/import"));
    view_url(v, V_sample_href, S("/import/sample.csv"));
    view_url(v, V_days_href, S("/import/holidays"));
    view_text(v, V_problem, problem);
    view_bool(v, V_is_bad, problem.n > 0 || (x && x->in.fault_n));
    if (x)
        put_tried(rq, x);
    page_done(rq, TPL_IMPORT, status);
    return REQ_DONE;
}

static int import_form(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    return import_page(rq, NULL, S(""), 200);
}

/* ---- trying, writing ---- */

Str web_why_not(Arena *a, Lang lang, const Err *e)
{
    Buf b = {.arena = a};
    if (!e->field_n)
        return err_text(a, lang, e);
    for (size_t i = 0; i < e->field_n; i++) {
        Str args[] = {e->fields[i].field, err_field_text(a, lang, &e->fields[i])};
        buf_str(&b, i18n_text(a, lang, S("page.bad_column"), args, LEN(args)));
        buf_byte(&b, ' ');
    }
    return buf_view(&b);
}

Str page_why_unread(Req *rq, const Err *e)
{
    return web_why_not(rq->arena, rq->lang, e);
}

static int imported(Req *rq, int rc, Err *e)
{
    (void)e; /* rc tells; the gate shows it with what was sent */
    if (rc < 0)
        return rc;
    req_said(rq, "page.said_imported");
    req_redirect(rq, S("/unit"));
    return REQ_DONE;
}

static bool is_reading_fault(int rc)
{
    return rc == ERR_INVALID || rc == ERR_SYNTAX || rc == ERR_LIMIT;
}

static int import_post(Req *rq, Err *e)
{
    App *app = rq->app;
    bool applies = str_eq(req_param(rq, "do"), S("apply"));
    const Param *file = req_file(rq, "file", 0);
    Import *x = NEW(rq->arena, Import);
    if (applies)
        *x = (Import){.bytes = req_param(rq, "rows"), .file_name = req_param(rq, "file_name")};
    else if (file && file->value.n)
        *x = (Import){.bytes = file->value,
                      .file_name = page_cut(rq, file->filename, LIMIT_NAME_CHARS)};
    if (!x->bytes.n)
        return import_page(rq, NULL, req_t(rq, "page.no_file", NULL), 422);
    int rc = sheet_read_units(rq->arena, x->bytes, &x->in, &x->facts, e);
    if (is_reading_fault(rc))
        return import_page(rq, NULL, page_why_unread(rq, e), rc == ERR_LIMIT ? 413 : 422);
    TRY(rc);
    TRY(access_prepare_units(app->access, rq->arena, rq->tx, &x->in, e));
    if (!applies || x->in.fault_n)
        return import_page(rq, x, S(""), applies ? 422 : 200);
    x->with = (RecordUnits){.rs = app->records, .import = &x->in}; /* the figures, too */
    return req_submit(rq, app->store, record_apply_units, &x->with, imported);
}

static int import_sample(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    Buf b = {.arena = rq->arena};
    Tree none = {0};
    sheet_write_units(&b, rq->app->model, &none, -1);
    http_set_header(rq->http, S("Content-Disposition"), S("attachment; filename=\"units.csv\""));
    req_bytes(rq, 200, S("text/csv; charset=utf-8"), buf_view(&b));
    return REQ_DONE;
}

/* ---- the first page after `stave init` ---- */

static int start_page(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    View *v = rq->view;
    if (rq->reader.tree->unit_n) {
        req_redirect(rq, S("/unit"));
        return REQ_DONE;
    }
    view_text(v, V_title, req_t(rq, "ui.start_head", NULL));
    view_url(v, V_action, S("/import"));
    view_url(v, V_sample_href, S("/import/sample.csv"));
    view_text(view_item(v, V_done), V_text,
              req_t(rq, "page.start_done", &rq->reader.person_name, NULL));
    page_done(rq, TPL_START, 200);
    return REQ_DONE;
}

/* ---- addresses ---- */

static const ParamSpec import_params[] = {
    {.name = "file", .max_bytes = LIMIT_IMPORT_BYTES, .is_file = true},
    {.name = "rows", .max_bytes = ROWS_BYTES_MAX},
    {.name = "file_name", .max_bytes = LIMIT_NAME_CHARS * 8},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route import_routes[] = {
    {.path = "/import",
     .method = GET,
     .run = import_form,
     .may = MAY_IMPORT,
     .help = "page.help_import",
     .spec = "P7"},
    {.path = "/import",
     .method = POST,
     .run = import_post,
     .may = MAY_IMPORT,
     .params = import_params,
     .takes_multipart = true,
     .body_max = ROWS_BYTES_MAX,
     .help = "page.help_import",
     .spec = "P1 P7"},
    {.path = "/import/sample.csv",
     .method = GET,
     .run = import_sample,
     .may = MAY_IMPORT,
     .help = "page.help_sample",
     .spec = "P7"},
    {.path = "/start",
     .method = GET,
     .run = start_page,
     .may = MAY_ADMIN,
     .help = "page.help_start",
     .spec = "P1"},
};
const RouteTable page_import_routes = {import_routes, LEN(import_routes)};
