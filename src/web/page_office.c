/* page_office.c: office hours: those in force; others are tried first, with the duties that then
 * fall due at another instant, and written together with them, in one change.
 *                                                              UX: import  SPEC: P4 */
#include "web/page_int.h"

enum { MOVED_STOP = 1000, SHOWN = 50, WEEK_DAYS = 7 };

typedef struct Hours {
    FlowSetOffice in;
    RecordOffice with;
    FlowShift *moved;
    int moved_n;
    bool is_tried;
} Hours;

static Str field_label(Req *rq, Str name)
{
    return i18n_text(rq->arena, rq->lang,
                     str_fmt(rq->arena, "page.office_%.*s", STR_ARG(name)), NULL, 0);
}

static View *put_field(Req *rq, const char *name, const Err *faults)
{
    View *v = view_item(rq->view, V_fields);
    const ErrField *fault = page_fault_of(faults, str_of(name));
    view_text(v, V_name, str_of(name));
    view_text(v, V_label, field_label(rq, str_of(name)));
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    return v;
}

static void put_fields(Req *rq, const FlowOffice *o, const Err *faults)
{
    View *f = put_field(rq, "hours", faults);
    Str typed = req_param(rq, "hours");
    view_bool(f, V_is_line, true);
    view_bool(f, V_is_required, true);
    view_text(f, V_value, typed.n ? typed : flow_office_hours(rq->arena, o));
    view_text(f, V_hint, req_t(rq, "page.office_hint", NULL));
    f = put_field(rq, "week", faults);
    view_bool(f, V_is_ticks, true);
    view_bool(f, V_is_required, true);
    for (int i = 0; i < WEEK_DAYS; i++) {
        View *day = view_item(f, V_options);
        view_text(day, V_value, str_fmt(rq->arena, "%d", i + 1));
        view_text(day, V_label, page_z(rq, "weekday", i + 1));
        view_bool(day, V_is_on, o->week >> i & 1);
    }
}

static void put_plan(Req *rq, const Hours *x)
{
    View *v = rq->view;
    Str moves = page_n(rq, x->moved_n);
    for (int i = 0; i < x->moved_n && i < SHOWN; i++)
        page_put_move(rq, &x->moved[i], true);
    view_bool(v, V_is_tried, true);
    view_text(v, V_move_text,
              req_t(rq, x->moved_n == MOVED_STOP ? "page.duties_move_more" : "page.duties_move",
                    &moves, NULL));
    view_text(v, V_apply_text, req_t(rq, "page.office_apply", NULL));
    page_hidden(v, S("hours"), flow_office_hours(rq->arena, &x->in.office));
    page_hidden(v, S("week"), flow_office_week(rq->arena, &x->in.office));
}

static int office_page(Req *rq, const Hours *x, const Err *faults, int status)
{
    View *v = rq->view;
    const FlowOffice *is = flow_calendar_office(rq->own->calendar);
    Str hours = flow_office_hours(rq->arena, is);
    Str days[WEEK_DAYS];
    int n = 0;
    for (int i = 0; i < WEEK_DAYS; i++)
        if (is->week >> i & 1)
            days[n++] = page_z(rq, "weekday", i + 1);
    Str week = page_join(rq, days, n);
    view_text(v, V_title, req_t(rq, "page.office_title", NULL));
    page_crumb(rq, req_t(rq, "page.import", NULL), S("/import"));
    view_url(v, V_action, S("/import/office"));
    view_text(v, V_intro, req_t(rq, "page.office_is", &week, &hours, NULL));
    put_fields(rq, x && !faults ? &x->in.office : is, faults);
    if (x && x->is_tried)
        put_plan(rq, x);
    page_faults(rq, faults, field_label);
    page_done(rq, TPL_OFFICE, status);
    return REQ_DONE;
}

static int office_form(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    return office_page(rq, NULL, NULL, 200);
}

/* ---- trying, writing ---- */

static int set(Req *rq, int rc, Err *e)
{
    const Hours *x = rq->state;
    (void)e; /* rc tells; the gate shows it with what was sent */
    if (rc < 0)
        return rc;
    req_said(rq, x->in.moved_n ? "page.said_office_moved" : "page.said_office");
    req_redirect(rq, S("/import/office"));
    return REQ_DONE;
}

/* 12345, of ticks that came one by one or all in one. */
static Str week_typed(Req *rq)
{
    size_t n;
    const Str *list = req_params(rq, "week", &n);
    Buf b = {.arena = rq->arena};
    for (size_t i = 0; i < n; i++)
        buf_str(&b, str_trim(list[i]));
    return b.n ? buf_view(&b) : S("");
}

static int office_post(Req *rq, Err *e)
{
    Hours *x = NEW(rq->arena, Hours);
    Err faults = err_on(rq->arena);
    int rc = flow_office_typed(rq->arena, week_typed(rq), req_param(rq, "hours"), &x->in.office,
                               &faults);
    if (rc < 0)
        return office_page(rq, x, &faults, 422);
    TRY(flow_prepare_office(rq->arena, rq->tx, &x->in, e));
    TRY(flow_shifts(rq->arena, rq->tx, x->in.now, MOVED_STOP, &x->moved, &x->moved_n, e));
    x->is_tried = true;
    if (!str_eq(req_param(rq, "do"), S("apply")))
        return office_page(rq, x, NULL, 200);
    rq->state = x;
    x->with = (RecordOffice){.rs = rq->app->records, .office = &x->in};
    return req_submit(rq, rq->app->store, record_apply_office, &x->with, set);
}

static const ParamSpec params[] = {
    {.name = "hours", .max_bytes = 256},
    {.name = "week", .max_bytes = 16, .is_many = true},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route list[] = {
    {.path = "/import/office",
     .method = GET,
     .run = office_form,
     .may = MAY_IMPORT,
     .help = "page.help_office",
     .spec = "P4"},
    {.path = "/import/office",
     .method = POST,
     .run = office_post,
     .may = MAY_IMPORT,
     .params = params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_office",
     .spec = "P4"},
};
const RouteTable page_office_routes = {list, LEN(list)};
