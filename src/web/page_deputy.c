/* page_deputy.c: leave, and who stands in: named by the holder himself or by whoever fills the
 * seat, for some days, ending by itself. Every act then shows both names.    SPEC: P1  UX: units */
#include "web/page_int.h"

enum { SIBLINGS_MAX = 60 };

typedef struct Leave {
    int unit_ix;
    SeatLine seat;
    bool is_mine;  /* his own post */
    bool staffs;   /* he fills this seat */
    Deputise in;
    EndDeputy end;
} Leave;

Str page_leave_href(Req *rq, int unit_ix, int64_t posting, bool from_settings)
{
    return str_fmt(rq->arena, "/leave?unit=%.*s&posting=%lld%s",
                   STR_ARG(url_encode(rq->arena, rq->reader.tree->units[unit_ix].code)),
                   (long long)posting, from_settings ? "&from=settings" : "");
}

Str page_leave_end_href(Req *rq, int unit_ix, int64_t posting, int64_t deputy, bool from_settings)
{
    return str_fmt(rq->arena, "/leave/end?unit=%.*s&posting=%lld&deputy=%lld%s",
                   STR_ARG(url_encode(rq->arena, rq->reader.tree->units[unit_ix].code)),
                   (long long)posting, (long long)deputy, from_settings ? "&from=settings" : "");
}

/* The posting of the address: his own, or on a seat he fills; anything else is not there. */
static int leave_of(Req *rq, Leave *x, Err *e)
{
    const Reader *r = &rq->reader;
    const Unit *u = tree_unit_coded(r->tree, req_param(rq, "unit"));
    SeatLine *seats;
    int n;
    int64_t posting = 0;
    if (!u || !str_i64(req_param(rq, "posting"), &posting) || posting <= 0)
        return err_set(e, ERR_MISSING, "web.missing");
    x->unit_ix = u->ix;
    TRY(access_seats(rq->app->access, rq->arena, rq->tx, r->tree, u->ix, &seats, &n, e));
    for (int i = 0; i < n; i++)
        if (seats[i].posting == posting)
            x->seat = seats[i];
    for (int i = 0; i < r->post_n; i++)
        x->is_mine = x->is_mine || (r->posts[i].posting == posting &&
                                    uuid_is_zero(r->posts[i].deputy_for));
    if (!x->seat.posting)
        return err_set(e, ERR_MISSING, "web.missing");
    x->staffs = r->admin == ADMIN_NONE && access_may_staff(r, u->ix, x->seat.role);
    return x->is_mine || x->staffs ? 0 : err_set(e, ERR_MISSING, "web.missing");
}

/* ---- who could ---- */

static void put_option(View *f, Str value, Str label, Str note, bool is_on)
{
    View *o = view_item(f, V_options);
    view_text(o, V_value, value);
    view_text(o, V_label, label);
    view_text(o, V_note, note);
    view_bool(o, V_is_on, is_on);
}

static int put_people(Req *rq, View *f, const Leave *x, int unit_ix, bool same_role, Err *e)
{
    SeatLine *seats;
    int n;
    Day today = rq->reader.today;
    Str typed = req_param(rq, "account");
    TRY(access_seats(rq->app->access, rq->arena, rq->tx, rq->reader.tree, unit_ix, &seats, &n, e));
    for (int i = 0; i < n; i++) {
        const SeatLine *s = &seats[i];
        bool fits = s->posting && str_has(s->account) && !s->is_disabled &&
                    s->posting != x->seat.posting && !str_eq(s->account, x->seat.account) &&
                    (s->starts == DAY_NONE || s->starts <= today) &&
                    (!same_role || s->role == x->seat.role);
        if (!fits)
            continue;
        Str post = page_post(rq, s->role, unit_ix);
        put_option(f, s->account, req_t(rq, "page.by", &s->person, &post, NULL), S(""),
                   str_has(typed) && str_eq(typed, s->account));
    }
    return 0;
}

/* His own unit, the one above, then the same post next door. */
static int put_colleagues(Req *rq, View *f, const Leave *x, Err *e)
{
    const Tree *t = rq->reader.tree;
    int parent = t->units[x->unit_ix].parent_ix, n = 0;
    put_option(f, S(""), req_t(rq, "page.choose", NULL), S(""), false);
    TRY(put_people(rq, f, x, x->unit_ix, false, e));
    if (parent < 0)
        return 0;
    TRY(put_people(rq, f, x, parent, false, e));
    for (int u = parent + 1; u < t->units[parent].end_ix && n < SIBLINGS_MAX;
         u = t->units[u].end_ix, n++)
        if (u != x->unit_ix && t->units[u].closed == DAY_NONE)
            TRY(put_people(rq, f, x, u, true, e));
    return 0;
}

/* ---- the page ---- */

static Str leave_label(Req *rq, Str field)
{
    return str_eq(field, S("account"))  ? req_t(rq, "page.deputy", NULL)
           : str_eq(field, S("starts")) ? req_t(rq, "page.starts", NULL)
           : str_eq(field, S("ends"))   ? req_t(rq, "page.ends", NULL)
                                        : S("");
}

static View *put_input(Req *rq, const char *name, const char *label, const Err *faults)
{
    View *v = view_item(rq->view, V_fields);
    const ErrField *fault = page_fault_of(faults, str_of(name));
    Str typed = req_param(rq, name);
    view_text(v, V_name, str_of(name));
    view_text(v, V_label, req_t(rq, label, NULL));
    view_text(v, V_value, typed.n ? typed : S(""));
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    return v;
}

static void put_now(Req *rq, const Leave *x)
{
    for (int i = 0; i < x->seat.deputy_n; i++) {
        const struct DeputyLine *d = &x->seat.deputies[i];
        Str days = page_span(rq, d->starts, d->ends);
        page_fact(rq->view, V_known, req_t(rq, "page.deputy_now", NULL),
                  str_fmt(rq->arena, "%.*s %.*s", STR_ARG(d->person), STR_ARG(days)));
    }
}

static Str back_of(Req *rq, const Leave *x)
{
    Str code = url_encode(rq->arena, rq->reader.tree->units[x->unit_ix].code);
    return str_eq(req_param(rq, "from"), S("settings")) || !x->staffs
               ? S("/settings")
               : str_fmt(rq->arena, "/unit/%.*s", STR_ARG(code));
}

static int leave_page(Req *rq, const Leave *x, const Err *faults, int status, Err *e)
{
    View *v = rq->view;
    if (!req_tx(rq, e))
        return e->cls;
    Str who = x->seat.person, post = page_post(rq, x->seat.role, x->unit_ix);
    view_text(v, V_title, req_t(rq, "page.leave", NULL));
    view_text(v, V_intro, req_t(rq, "page.leave_intro", &who, NULL));
    view_url(v, V_action, S("/leave"));
    view_url(v, V_cancel_href, back_of(rq, x));
    view_bool(v, V_has_bar, true);
    page_hidden(v, S("unit"), rq->reader.tree->units[x->unit_ix].code);
    page_hidden(v, S("posting"), str_fmt(rq->arena, "%lld", (long long)x->seat.posting));
    if (str_eq(req_param(rq, "from"), S("settings")))
        page_hidden(v, S("from"), S("settings"));
    page_fact(v, V_known, req_t(rq, "page.person_name", NULL), who);
    page_fact(v, V_known, req_t(rq, "ui.post", NULL), post);
    put_now(rq, x);
    View *f = put_input(rq, "account", "page.deputy", faults);
    view_bool(f, V_is_select, true);
    view_bool(f, V_is_required, true);
    TRY(put_colleagues(rq, f, x, e));
    f = put_input(rq, "other", "page.deputy_other", NULL);
    view_bool(f, V_is_line, true);
    view_bool(f, V_is_optional, true);
    view_text(f, V_hint, req_t(rq, "page.deputy_hint", NULL));
    f = put_input(rq, "starts", "page.starts", faults);
    view_bool(f, V_is_date, true);
    view_bool(f, V_is_required, true);
    if (!str_has(req_param(rq, "starts")))
        view_text(f, V_value, day_text(rq->arena, rq->reader.today));
    f = put_input(rq, "ends", "page.ends", faults);
    view_bool(f, V_is_date, true);
    view_bool(f, V_is_required, true);
    view_text(f, V_hint, req_t(rq, "page.leave_ends_hint", NULL));
    page_button(v, req_t(rq, "page.leave_do", NULL), S("leave"), true);
    page_faults(rq, faults, leave_label);
    page_done(rq, TPL_FORM, status);
    return REQ_DONE;
}

int page_leave_form(Req *rq, Err *e)
{
    Leave x = {0};
    TRY(leave_of(rq, &x, e));
    return leave_page(rq, &x, NULL, 200, e);
}

static int left(Req *rq, int rc, Err *e)
{
    const Leave *x = rq->state;
    if (rc == ERR_INVALID) {
        Err faults = *e;
        err_clear(e);
        return leave_page(rq, x, &faults, 422, e);
    }
    if (rc < 0)
        return rc;
    req_said(rq, "page.said_leave");
    req_redirect(rq, back_of(rq, x));
    return REQ_DONE;
}

static Day typed_day(Req *rq, const char *name, Err *faults)
{
    Day d = DAY_NONE;
    Str text = str_trim(req_param(rq, name));
    if (!text.n)
        (void)err_field(faults, str_of(name), "field.required");
    else if (!day_parse(text, &d))
        (void)err_field(faults, str_of(name), "field.not_date");
    return d;
}

int page_leave(Req *rq, Err *e)
{
    Leave *x = NEW(rq->arena, Leave);
    TRY(leave_of(rq, x, e));
    Str other = str_trim(req_param(rq, "other"));
    Err faults = err_on(rq->arena);
    x->in = (Deputise){.posting = x->seat.posting,
                       .account = other.n ? other : req_param(rq, "account")};
    if (!x->in.account.n)
        (void)err_field(&faults, S("account"), "field.required");
    x->in.starts = typed_day(rq, "starts", &faults);
    x->in.ends = typed_day(rq, "ends", &faults);
    if (!faults.cls) {
        int rc = access_prepare_deputise(rq->app->access, rq->arena, rq->tx, &rq->reader, &x->in,
                                         &faults);
        if (rc < 0 && rc != ERR_INVALID) {
            *e = faults;
            return rc;
        }
    }
    if (faults.cls)
        return leave_page(rq, x, &faults, 422, e);
    rq->state = x;
    return req_submit(rq, rq->app->store, access_apply_deputise, &x->in, left);
}

/* ---- back before it ends by itself ---- */

static int came_back(Req *rq, int rc, Err *e)
{
    const Leave *x = rq->state;
    (void)e; /* told by rc */
    if (rc < 0)
        return rc;
    req_said(rq, "page.said_back");
    req_redirect(rq, back_of(rq, x));
    return REQ_DONE;
}

int page_leave_end(Req *rq, Err *e)
{
    Leave *x = NEW(rq->arena, Leave);
    int64_t id = 0;
    TRY(leave_of(rq, x, e));
    if (!str_i64(req_param(rq, "deputy"), &id))
        return err_set(e, ERR_MISSING, "web.missing");
    for (int i = 0; i < x->seat.deputy_n; i++)
        if (x->seat.deputies[i].id == id)
            x->end.deputy = id;
    if (!x->end.deputy)
        return err_set(e, ERR_MISSING, "web.missing");
    TRY(access_prepare_end_deputy(rq->app->access, rq->arena, rq->tx, &rq->reader, &x->end, e));
    rq->state = x;
    return req_submit(rq, rq->app->store, access_apply_end_deputy, &x->end, came_back);
}

static const ParamSpec leave_params[] = {
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "posting", .max_bytes = 32},
    {.name = "account", .max_bytes = 256},
    {.name = "other", .max_bytes = 256},
    {.name = "starts", .max_bytes = 32},
    {.name = "ends", .max_bytes = 32},
    {.name = "from", .max_bytes = 16},
    {.name = "deputy", .max_bytes = 32},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route deputy_routes[] = {
    {.path = "/leave",
     .method = GET,
     .run = page_leave_form,
     .may = MAY_SIGNED_IN,
     .params = leave_params,
     .help = "page.help_leave",
     .spec = "P1"},
    {.path = "/leave",
     .method = POST,
     .run = page_leave,
     .may = MAY_SIGNED_IN,
     .params = leave_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_leave",
     .spec = "P1"},
    {.path = "/leave/end",
     .method = POST,
     .run = page_leave_end,
     .may = MAY_SIGNED_IN,
     .params = leave_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_leave_end",
     .spec = "P1"},
};
const RouteTable page_deputy_routes = {deputy_routes, LEN(deputy_routes)};
