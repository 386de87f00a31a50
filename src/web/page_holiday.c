/* page_holiday.c: a notice of holidays from a table: tried first, with the days that turn and the
 * duties that then fall due at another instant, then written, both in one change. Between the two
 * the rows travel in the page itself.                              UX: import  SPEC: P4 P7 */
#include "exchange/sheet.h"
#include "web/page_int.h"

enum { ROWS_BYTES_MAX = LIMIT_IMPORT_BYTES + LIMIT_FORM_BYTES, MOVED_STOP = 1000, SHOWN = 50 };

typedef struct Import {
    FlowImport in;
    RecordDays with;
    CsvFacts facts;
    Str file_name, bytes;
    FlowShift *moved;
    int moved_n;
} Import;

static Str rows_text(Arena *a, const FlowImport *in)
{
    Buf b = {.arena = a};
    buf_z(&b, "date,kind,name,notice\n");
    for (int i = 0; i < in->row_n; i++) {
        page_put_cell(&b, in->rows[i].day, ',');
        page_put_cell(&b, in->rows[i].kind, ',');
        page_put_cell(&b, in->rows[i].name, ',');
        page_put_cell(&b, in->rows[i].notice, '\n');
    }
    return buf_view(&b);
}

static void put_fault(Req *rq, const FlowFault *f)
{
    size_t n = 0;
    while (n < ERR_ARGS_MAX && str_has(f->args[n]))
        n++;
    View *v = view_item(rq->view, V_faults);
    Str key = str_fmt(rq->arena, "page.day_column_%.*s", STR_ARG(f->column));
    view_text(v, V_row, page_n(rq, f->row));
    view_text(v, V_column, i18n_text(rq->arena, rq->lang, key, NULL, 0));
    view_text(v, V_value, f->value.n ? f->value : S(""));
    view_text(v, V_reason, i18n_text(rq->arena, rq->lang, f->key, f->args, n));
}

static void put_turn(Req *rq, const FlowImport *in, const FlowChange *k)
{
    bool was = flow_is_workday(in->was, k->now.day), now = flow_is_workday(in->now, k->now.day);
    View *v = view_item(rq->view, V_turns);
    view_text(v, V_title, page_day_due(rq, k->now.day));
    view_text(v, V_label, k->now.name);
    view_text(v, V_from_text, i18n_get(rq->lang, was ? S("flow.worked") : S("flow.off")));
    view_text(v, V_to_text, i18n_get(rq->lang, now ? S("flow.worked") : S("flow.off")));
}

static Str instant_text(Req *rq, UnixMs t, bool has_clock)
{
    enum { CHINA_MIN = 8 * 60, DAY_MIN = 24 * 60, MIN_MS = 60000 };
    int min = (int)((t / MIN_MS + CHINA_MIN) % DAY_MIN);
    Str day = page_day_due(rq, day_of_ms(t));
    return has_clock ? str_fmt(rq->arena, "%.*s %d:%02d", STR_ARG(day), min / 60, min % 60) : day;
}

/* No title of a record: who brings the days need not see it. */
void page_put_move(Req *rq, const FlowShift *s, bool has_clock)
{
    const Type *t = model_type_numbered(rq->app->model, s->duty.type);
    const Duty *d = web_duty_named(t, s->duty.name);
    const Unit *u = tree_unit(rq->reader.tree, s->duty.unit);
    View *v = view_item(rq->view, V_moves);
    Str type = t ? label_text(&t->label, rq->lang) : S("");
    Str label = d ? label_text(&d->label, rq->lang) : s->duty.name;
    view_text(v, V_title, req_t(rq, "page.group", &type, &label, NULL));
    view_text(v, V_label, u ? u->name : S(""));
    view_text(v, V_from_text, instant_text(rq, s->duty.due_ms, has_clock));
    view_text(v, V_to_text, instant_text(rq, s->due_ms, has_clock));
}

static void put_plan(Req *rq, const Import *x)
{
    const FlowImport *in = &x->in;
    View *v = rq->view;
    int turn_n = 0;
    for (int i = 0; i < in->change_n; i++)
        if (in->changes[i].is_turned && ++turn_n <= SHOWN)
            put_turn(rq, in, &in->changes[i]);
    for (int i = 0; i < x->moved_n && i < SHOWN; i++)
        page_put_move(rq, &x->moved[i], false);
    Str turns = page_n(rq, turn_n), moves = page_n(rq, x->moved_n);
    view_text(v, V_turn_text, req_t(rq, "page.days_turn", &turns, NULL));
    view_text(v, V_move_text,
              req_t(rq, x->moved_n == MOVED_STOP ? "page.duties_move_more" : "page.duties_move",
                    &moves, NULL));
    if (x->moved_n > SHOWN) {
        Str shown = page_n(rq, SHOWN);
        view_text(v, V_more_text, req_t(rq, "page.first_moves", &shown, NULL));
    }
    Str n = page_n(rq, in->change_n);
    view_bool(v, V_may_apply, true);
    view_text(v, V_apply_text, req_t(rq, "page.days_apply", &n, NULL));
    page_hidden(v, S("rows"), rows_text(rq->arena, in));
    page_hidden(v, S("file_name"), x->file_name);
}

static void put_tried(Req *rq, const Import *x)
{
    const FlowImport *in = &x->in;
    View *v = rq->view;
    int bad = 0;
    for (int i = 0; i < in->fault_n; i++) {
        bad += !i || in->faults[i].row != in->faults[i - 1].row;
        if (i < LIMIT_CSV_ERRORS)
            put_fault(rq, &in->faults[i]);
    }
    view_bool(v, V_is_tried, true);
    view_text(v, V_file_name, x->file_name);
    view_i64(v, V_row_n, in->row_n);
    view_text(v, V_charset_text, x->facts.encoding);
    view_i64(v, V_new_n, in->new_n);
    view_i64(v, V_changed_n, in->changed_n);
    view_i64(v, V_same_n, in->same_n);
    view_i64(v, V_bad_n, bad);
    if (!in->fault_n && in->change_n)
        put_plan(rq, x);
    else if (!in->fault_n)
        view_text(v, V_problem, req_t(rq, "page.nothing_new", NULL));
}

static int holiday_page(Req *rq, const Import *x, Str problem, int status)
{
    View *v = rq->view;
    const FlowCalendar *c = rq->own->calendar;
    int known = c ? flow_known_to(c) : 0;
    Str year = str_fmt(rq->arena, "%d", known);
    view_text(v, V_title, req_t(rq, "page.holidays", NULL));
    page_crumb(rq, req_t(rq, "page.import", NULL), S("/import"));
    view_url(v, V_action, S("/import/holidays"));
    view_url(v, V_sample_href, S("/import/holidays.csv"));
    view_url(v, V_days_href, S("/import/office"));
    view_text(v, V_intro, known ? req_t(rq, "page.holidays_known", &year, NULL)
                                : req_t(rq, "page.holidays_none", NULL));
    view_text(v, V_problem, problem);
    view_bool(v, V_is_bad, problem.n > 0 || (x && x->in.fault_n));
    if (x)
        put_tried(rq, x);
    page_done(rq, TPL_HOLIDAYS, status);
    return REQ_DONE;
}

static int holiday_form(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    return holiday_page(rq, NULL, S(""), 200);
}

/* ---- trying, writing ---- */

static int imported(Req *rq, int rc, Err *e)
{
    const Import *x = rq->state;
    (void)e; /* rc tells; the gate shows it with what was sent */
    if (rc < 0)
        return rc;
    req_said(rq, x->in.moved_n ? "page.said_days_moved" : "page.said_days");
    req_redirect(rq, S("/import/holidays"));
    return REQ_DONE;
}

static int holiday_post(Req *rq, Err *e)
{
    bool applies = str_eq(req_param(rq, "do"), S("apply"));
    const Param *file = req_file(rq, "file", 0);
    Import *x = NEW(rq->arena, Import);
    if (applies)
        *x = (Import){.bytes = req_param(rq, "rows"), .file_name = req_param(rq, "file_name")};
    else if (file && file->value.n)
        *x = (Import){.bytes = file->value,
                      .file_name = page_cut(rq, file->filename, LIMIT_NAME_CHARS)};
    if (!x->bytes.n)
        return holiday_page(rq, NULL, req_t(rq, "page.no_file", NULL), 422);
    int rc = sheet_read_days(rq->arena, x->bytes, &x->in, &x->facts, e);
    if (rc >= 0)
        rc = flow_prepare_days(rq->arena, rq->tx, &x->in, e);
    if (rc == ERR_INVALID || rc == ERR_SYNTAX || rc == ERR_LIMIT)
        return holiday_page(rq, NULL, page_why_unread(rq, e), rc == ERR_LIMIT ? 413 : 422);
    TRY(rc);
    if (!x->in.fault_n)
        TRY(flow_shifts(rq->arena, rq->tx, x->in.now, MOVED_STOP, &x->moved, &x->moved_n, e));
    if (!applies || x->in.fault_n)
        return holiday_page(rq, x, S(""), applies ? 422 : 200);
    rq->state = x;
    x->with = (RecordDays){.rs = rq->app->records, .days = &x->in};
    return req_submit(rq, rq->app->store, record_apply_days, &x->with, imported);
}

static int holiday_sample(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    Buf b = {.arena = rq->arena};
    csv_bom(&b);
    buf_z(&b, "date,kind,name,notice\r\n");
    http_set_header(rq->http, S("Content-Disposition"), S("attachment; filename=\"holidays.csv\""));
    req_bytes(rq, 200, S("text/csv; charset=utf-8"), buf_view(&b));
    return REQ_DONE;
}

static const ParamSpec holiday_params[] = {
    {.name = "file", .max_bytes = LIMIT_IMPORT_BYTES, .is_file = true},
    {.name = "rows", .max_bytes = ROWS_BYTES_MAX},
    {.name = "file_name", .max_bytes = LIMIT_NAME_CHARS * 8},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route holiday_routes[] = {
    {.path = "/import/holidays",
     .method = GET,
     .run = holiday_form,
     .may = MAY_IMPORT,
     .help = "page.help_holidays",
     .spec = "P4 P7"},
    {.path = "/import/holidays",
     .method = POST,
     .run = holiday_post,
     .may = MAY_IMPORT,
     .params = holiday_params,
     .takes_multipart = true,
     .body_max = ROWS_BYTES_MAX,
     .help = "page.help_holidays",
     .spec = "P4 P7"},
    {.path = "/import/holidays.csv",
     .method = GET,
     .run = holiday_sample,
     .may = MAY_IMPORT,
     .help = "page.help_holidays_sample",
     .spec = "P7"},
};
const RouteTable page_holiday_routes = {holiday_routes, LEN(holiday_routes)};
