/* page_merge.c: what changes units rather than seats: merging one into its neighbour, who answers
 * for an ended posting, units assigned to another for a time.             UX: units  SPEC: P1 */
#include "web/page_int.h"

enum { OPEN_STOP = 1000, HEIR_UNITS = 4 };

/* ---- shared ---- */

static int unit_here(Req *rq, const Unit **ret, Err *e)
{
    const Unit *u = tree_unit_coded(rq->reader.tree, req_path(rq, "code"));
    if (!u || !page_unit_reaches(rq, u->ix))
        return err_set(e, ERR_MISSING, "web.missing");
    *ret = u;
    return 0;
}

static View *put_field(Req *rq, const char *name, Str label, const Err *faults)
{
    View *v = view_item(rq->view, V_fields);
    const ErrField *fault = page_fault_of(faults, str_of(name));
    Str typed = req_param(rq, name);
    view_text(v, V_name, str_of(name));
    view_text(v, V_label, label);
    view_text(v, V_value, typed.n ? typed : S(""));
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    return v;
}

static void put_option(View *f, Str value, Str label, bool is_on)
{
    View *o = view_item(f, V_options);
    view_text(o, V_value, value);
    view_text(o, V_label, label);
    view_bool(o, V_is_on, is_on);
}

static void put_form(Req *rq, const Unit *u, Str title, const char *tail)
{
    View *v = rq->view;
    page_crumb(rq, u->name, page_unit_href(rq, u->ix, ""));
    view_text(v, V_title, title);
    view_url(v, V_action, page_unit_href(rq, u->ix, tail));
    view_url(v, V_cancel_href, page_unit_href(rq, u->ix, ""));
    view_bool(v, V_has_bar, true);
}

static Str label_of(Req *rq, Str field)
{
    return str_eq(field, S("into"))     ? req_t(rq, "page.merge_into", NULL)
           : str_eq(field, S("heir"))   ? req_t(rq, "page.heir", NULL)
           : str_eq(field, S("target")) ? req_t(rq, "page.lend_target", NULL)
           : str_eq(field, S("role"))   ? req_t(rq, "ui.post", NULL)
           : str_eq(field, S("starts")) ? req_t(rq, "page.starts", NULL)
           : str_eq(field, S("ends"))   ? req_t(rq, "page.ends", NULL)
                                        : S("");
}

static int done_here(Req *rq, int unit_ix, const char *key)
{
    req_said(rq, key);
    req_redirect(rq, page_unit_href(rq, unit_ix, ""));
    return REQ_DONE;
}

/* ---- merging ---- */

typedef struct Merging {
    Merge in;
    RecordMerge with; /* the figures, too */
    const Unit *from;
} Merging;

bool page_may_merge(const Req *rq, const Unit *u)
{
    const Reader *r = &rq->reader;
    return !r->viewer && r->admin == ADMIN_NONE && u->ix > 0 && u->closed == DAY_NONE &&
           gate_may_import(rq);
}

static int merge_page(Req *rq, const Unit *from, const Err *faults, int status)
{
    const Tree *t = rq->reader.tree;
    put_form(rq, from, req_t(rq, "page.merge_title", &from->name, NULL), "/merge");
    view_text(rq->view, V_intro, req_t(rq, "page.merge_intro", NULL));
    View *f = put_field(rq, "into", req_t(rq, "page.merge_into", NULL), faults);
    Str typed = req_param(rq, "into");
    view_bool(f, V_is_select, true);
    view_bool(f, V_is_required, true);
    put_option(f, S(""), req_t(rq, "page.choose", NULL), false);
    int over = from->parent_ix;
    for (int u = over + 1; u < t->units[over].end_ix; u = t->units[u].end_ix) {
        const Unit *x = &t->units[u];
        if (x != from && x->kind == from->kind && x->closed == DAY_NONE)
            put_option(f, x->code, x->name, str_has(typed) && str_eq(typed, x->code));
    }
    page_button(rq->view, req_t(rq, "page.merge_look", NULL), S("look"), true);
    page_faults(rq, faults, label_of);
    page_done(rq, TPL_FORM, status);
    return REQ_DONE;
}

/* What it will mean, before it is done. */
static int merge_preview(Req *rq, Merging *x, Err *e)
{
    View *v = rq->view;
    const Unit *into = tree_unit_coded(rq->reader.tree, x->in.into_code);
    CHECK(into != NULL);
    TRY(record_open_of(rq->app->records, rq->tx, rq->reader.tree, x->from->ix, OPEN_STOP,
                       &x->in.open_n, e));
    Str posts = page_n(rq, x->in.posting_n), open = page_n(rq, x->in.open_n);
    put_form(rq, x->from, req_t(rq, "page.merge_title", &x->from->name, NULL), "/merge");
    view_text(v, V_act_text, req_t(rq, "page.merge_text", &x->from->name, &into->name, NULL));
    view_text(v, V_act_note,
              req_t(rq, x->in.open_n >= OPEN_STOP ? "page.merge_note_more" : "page.merge_note",
                    &posts, &open, &into->name, NULL));
    view_text(v, V_look, S("late"));
    page_hidden(v, S("into"), into->code);
    page_button(v, req_t(rq, "page.merge_do", &into->name, NULL), S("merge"), true);
    page_done(rq, TPL_ACT, 200);
    return REQ_DONE;
}

static int merged(Req *rq, int rc, Err *e)
{
    const Merging *x = rq->state;
    (void)e; /* told by rc */
    if (rc < 0)
        return rc;
    req_said(rq, "page.said_merged");
    req_redirect(rq, str_fmt(rq->arena, "/unit/%.*s",
                             STR_ARG(url_encode(rq->arena, x->in.into_code))));
    return REQ_DONE;
}

static int merge_here(Req *rq, const Unit **ret, Err *e)
{
    TRY(unit_here(rq, ret, e));
    return page_may_merge(rq, *ret) ? 0 : err_set(e, ERR_DENIED, "access.merge_root_only");
}

static int merge_form(Req *rq, Err *e)
{
    const Unit *from;
    TRY(merge_here(rq, &from, e));
    return merge_page(rq, from, NULL, 200);
}

static int merge_post(Req *rq, Err *e)
{
    Merging *x = NEW(rq->arena, Merging);
    TRY(merge_here(rq, &x->from, e));
    Str into = str_trim(req_param(rq, "into"));
    Err faults = err_on(rq->arena);
    x->in = (Merge){.from_code = x->from->code, .into_code = into};
    if (!into.n)
        (void)err_field(&faults, S("into"), "field.required");
    int rc = faults.cls ? faults.cls
                        : access_prepare_merge(rq->app->access, rq->arena, rq->tx, &rq->reader,
                                               &x->in, &faults);
    if (rc == ERR_INVALID)
        return merge_page(rq, x->from, &faults, 422);
    if (rc < 0) {
        *e = faults;
        return rc;
    }
    if (!str_eq(req_param(rq, "do"), S("merge")))
        return merge_preview(rq, x, e);
    rq->state = x;
    x->with = (RecordMerge){.rs = rq->app->records, .merge = &x->in};
    return req_submit(rq, rq->app->store, record_apply_merge, &x->with, merged);
}

/* ---- who answers for what an ended posting left ---- */

typedef struct Heir {
    SetHeir in;
    const Unit *unit;
    int role;
    Str person;
} Heir;

/* The posting of the address: over already, or with a last day. */
static int heir_of(Req *rq, Heir *x, Err *e)
{
    SeatLine *seats;
    EndedLine *over;
    int n, m;
    int64_t posting = 0;
    TRY(unit_here(rq, &x->unit, e));
    if (!str_i64(req_param(rq, "posting"), &posting) || posting <= 0)
        return err_set(e, ERR_MISSING, "access.no_posting");
    TRY(access_seats(rq->app->access, rq->arena, rq->tx, rq->reader.tree, x->unit->ix, &seats, &n,
                     e));
    TRY(access_ended(rq->app->access, rq->arena, rq->tx, rq->reader.tree, x->unit->ix,
                     LIMIT_LIST_PAGE, &over, &m, e));
    x->role = -1;
    for (int i = 0; i < n; i++)
        if (seats[i].posting == posting && seats[i].ends != DAY_NONE) {
            x->role = seats[i].role;
            x->person = seats[i].person;
        }
    for (int i = 0; i < m; i++)
        if (over[i].posting == posting) {
            x->role = over[i].role;
            x->person = over[i].person;
        }
    if (x->role < 0)
        return err_set(e, ERR_MISSING, "access.no_posting");
    if (rq->reader.admin != ADMIN_NONE || !access_may_staff(&rq->reader, x->unit->ix, x->role))
        return err_set(e, ERR_DENIED, "access.not_your_seat");
    x->in.posting = posting;
    return 0;
}

static int put_heirs(Req *rq, View *f, const Heir *x, int unit_ix, Err *e)
{
    SeatLine *seats;
    int n;
    Str typed = req_param(rq, "heir");
    TRY(access_seats(rq->app->access, rq->arena, rq->tx, rq->reader.tree, unit_ix, &seats, &n, e));
    for (int i = 0; i < n; i++) {
        const SeatLine *s = &seats[i];
        if (!s->posting || s->is_disabled || s->posting == x->in.posting)
            continue;
        Str post = page_post(rq, s->role, unit_ix);
        Str value = str_fmt(rq->arena, "%lld", (long long)s->posting);
        put_option(f, value, req_t(rq, "page.by", &s->person, &post, NULL),
                   str_has(typed) && str_eq(typed, value));
    }
    return 0;
}

static int heir_page(Req *rq, const Heir *x, const Err *faults, int status, Err *e)
{
    const Tree *t = rq->reader.tree;
    Str post = page_post(rq, x->role, x->unit->ix);
    if (!req_tx(rq, e))
        return e->cls;
    put_form(rq, x->unit, req_t(rq, "page.heir_title", &x->person, NULL), "/heir");
    view_text(rq->view, V_intro, req_t(rq, "page.heir_intro", &x->person, &post, NULL));
    page_hidden(rq->view, S("posting"), str_fmt(rq->arena, "%lld", (long long)x->in.posting));
    View *f = put_field(rq, "heir", req_t(rq, "page.heir", NULL), faults);
    view_bool(f, V_is_select, true);
    put_option(f, S("0"), req_t(rq, "page.heir_none", NULL), false);
    int u = x->unit->successor_ix >= 0 ? x->unit->successor_ix : x->unit->ix;
    for (int i = 0; u >= 0 && i < HEIR_UNITS; i++, u = t->units[u].parent_ix)
        if (page_unit_reaches(rq, u))
            TRY(put_heirs(rq, f, x, u, e));
    page_button(rq->view, req_t(rq, "page.heir_do", NULL), S("heir"), true);
    page_faults(rq, faults, label_of);
    page_done(rq, TPL_FORM, status);
    return REQ_DONE;
}

static int heir_form(Req *rq, Err *e)
{
    Heir x = {0};
    TRY(heir_of(rq, &x, e));
    return heir_page(rq, &x, NULL, 200, e);
}

static int inherited(Req *rq, int rc, Err *e)
{
    const Heir *x = rq->state;
    if (rc == ERR_INVALID) {
        Err faults = *e;
        err_clear(e);
        return heir_page(rq, x, &faults, 422, e);
    }
    return rc < 0 ? rc : done_here(rq, x->unit->ix, "page.said_heir");
}

static int heir_post(Req *rq, Err *e)
{
    Heir *x = NEW(rq->arena, Heir);
    TRY(heir_of(rq, x, e));
    Err faults = err_on(rq->arena);
    if (!str_i64(req_param(rq, "heir"), &x->in.heir) || x->in.heir < 0)
        (void)err_field(&faults, S("heir"), "field.required");
    int rc = faults.cls ? faults.cls
                        : access_prepare_heir(rq->app->access, rq->arena, rq->tx, &rq->reader,
                                              &x->in, &faults);
    if (rc == ERR_INVALID)
        return heir_page(rq, x, &faults, 422, e);
    if (rc < 0) {
        *e = faults;
        return rc;
    }
    rq->state = x;
    return req_submit(rq, rq->app->store, access_apply_heir, &x->in, inherited);
}

/* ---- units assigned for a time ---- */

typedef struct Lending {
    Lend in;
    const Unit *unit;
} Lending;

static int lend_page(Req *rq, const Unit *u, const Err *faults, int status)
{
    const Model *m = rq->app->model;
    put_form(rq, u, req_t(rq, "page.lend_title", &u->name, NULL), "/lend");
    view_text(rq->view, V_intro, req_t(rq, "page.lend_intro", NULL));
    Str typed = req_param(rq, "role");
    View *f = put_field(rq, "role", req_t(rq, "ui.post", NULL), faults);
    view_bool(f, V_is_select, true);
    for (int i = 0; i < m->role_n; i++)
        if ((m->roles[i].at >> u->kind & 1) && access_may_staff(&rq->reader, u->ix, i))
            put_option(f, m->roles[i].name, page_role(rq, i),
                       str_has(typed) && str_eq(typed, m->roles[i].name));
    f = put_field(rq, "target", req_t(rq, "page.lend_target", NULL), faults);
    view_bool(f, V_is_line, true);
    view_bool(f, V_is_required, true);
    view_text(f, V_hint, req_t(rq, "page.lend_hint", NULL));
    f = put_field(rq, "starts", req_t(rq, "page.starts", NULL), faults);
    view_bool(f, V_is_date, true);
    if (!str_has(req_param(rq, "starts")))
        view_text(f, V_value, day_text(rq->arena, rq->reader.today));
    f = put_field(rq, "ends", req_t(rq, "page.ends", NULL), faults);
    view_bool(f, V_is_date, true);
    view_bool(f, V_is_optional, true);
    page_button(rq->view, req_t(rq, "page.lend_do", NULL), S("lend"), true);
    page_faults(rq, faults, label_of);
    page_done(rq, TPL_FORM, status);
    return REQ_DONE;
}

bool page_may_lend(const Req *rq, const Unit *u)
{
    const Reader *r = &rq->reader;
    if (r->viewer || r->admin != ADMIN_NONE || u->closed != DAY_NONE)
        return false;
    for (int i = 0; i < r->model->role_n; i++)
        if ((r->model->roles[i].at >> u->kind & 1) && access_may_staff(r, u->ix, i))
            return true;
    return false;
}

static int lend_here(Req *rq, const Unit **ret, Err *e)
{
    TRY(unit_here(rq, ret, e));
    return page_may_lend(rq, *ret) ? 0 : err_set(e, ERR_DENIED, "access.not_your_seat");
}

static int lend_form(Req *rq, Err *e)
{
    const Unit *u;
    TRY(lend_here(rq, &u, e));
    return lend_page(rq, u, NULL, 200);
}

static int lent(Req *rq, int rc, Err *e)
{
    const Lending *x = rq->state;
    if (rc == ERR_INVALID)
        return lend_page(rq, x->unit, e, 422);
    bool is_over = x->in.ends != DAY_NONE && x->in.ends < x->in.by.today;
    return rc < 0 ? rc
                  : done_here(rq, x->unit->ix, is_over ? "page.said_lend_ended" : "page.said_lent");
}

/* A code, or the one name that fits. */
static Str code_of(const Req *rq, Str typed)
{
    const Tree *t = rq->reader.tree;
    int found = -1;
    if (tree_unit_coded(t, typed))
        return typed;
    for (int i = 0; i < t->unit_n; i++)
        if (str_eq(t->units[i].name, typed)) {
            if (found >= 0)
                return typed; /* two are called so: the code decides */
            found = i;
        }
    return found >= 0 ? t->units[found].code : typed;
}

static Day typed_day(Req *rq, const char *name, Err *faults)
{
    Day d = DAY_NONE;
    Str text = str_trim(req_param(rq, name));
    if (text.n && !day_parse(text, &d))
        (void)err_field(faults, str_of(name), "field.not_date");
    return d;
}

static int lend_post(Req *rq, Err *e)
{
    Lending *x = NEW(rq->arena, Lending);
    TRY(lend_here(rq, &x->unit, e));
    Err faults = err_on(rq->arena);
    Str target = str_trim(req_param(rq, "target"));
    x->in = (Lend){.unit_code = x->unit->code,
                   .target_code = target.n ? code_of(rq, target) : S(""),
                   .role = req_param(rq, "role").n ? req_param(rq, "role") : S(""),
                   .starts = typed_day(rq, "starts", &faults),
                   .ends = typed_day(rq, "ends", &faults)};
    if (!target.n)
        (void)err_field(&faults, S("target"), "field.required");
    if (str_eq(req_param(rq, "do"), S("end")))
        x->in.ends = rq->reader.today - 1;
    int rc = faults.cls ? faults.cls
                        : access_prepare_lend(rq->app->access, rq->arena, rq->tx, &rq->reader,
                                              &x->in, &faults);
    if (rc == ERR_INVALID)
        return lend_page(rq, x->unit, &faults, 422);
    if (rc < 0) {
        *e = faults;
        return rc;
    }
    rq->state = x;
    return req_submit(rq, rq->app->store, access_apply_lend, &x->in, lent);
}

/* ---- on the page of a unit ---- */

/* A loan is ended before its time with one press. */
static void put_lend_end(Req *rq, View *fact, const Unit *u, const LoanLine *loan)
{
    Arena *a = rq->arena;
    const Unit *target = &rq->reader.tree->units[loan->target_ix];
    View *v = view_item(fact, V_acts);
    view_text(v, V_label, req_t(rq, "page.lend_end", &target->name, NULL));
    view_bool(v, V_is_post, true);
    view_url(v, V_action,
             str_fmt(a, "%.*s?role=%.*s&target=%.*s&starts=%.*s",
                     STR_ARG(page_unit_href(rq, u->ix, "/lend")),
                     STR_ARG(rq->app->model->roles[loan->role].name),
                     STR_ARG(url_encode(a, target->code)), STR_ARG(day_text(a, loan->starts))));
    view_text(v, V_value, S("end"));
}

int page_put_over(Req *rq, const Unit *u, Err *e)
{
    EndedLine *over;
    LoanLine *loans;
    int n, m;
    enum { OVER_SHOWN = 10 };
    TRY(access_ended(rq->app->access, rq->arena, rq->tx, rq->reader.tree, u->ix, OVER_SHOWN, &over,
                     &n, e));
    for (int i = 0; i < n; i++) {
        Str post = page_role(rq, over[i].role), days = page_span(rq, over[i].starts, over[i].ends);
        View *f = page_fact(rq->view, V_over, post,
                            str_fmt(rq->arena, "%.*s %.*s", STR_ARG(over[i].person),
                                    STR_ARG(days)));
        if (str_has(over[i].heir))
            view_text(f, V_note, req_t(rq, "page.heir_is", &over[i].heir, NULL));
        if (!rq->reader.viewer && rq->reader.admin == ADMIN_NONE &&
            access_may_staff(&rq->reader, u->ix, over[i].role))
            page_link(f, V_links, req_t(rq, "page.heir", NULL),
                      str_fmt(rq->arena, "%.*s?posting=%lld",
                              STR_ARG(page_unit_href(rq, u->ix, "/heir")),
                              (long long)over[i].posting));
    }
    TRY(access_loans(rq->app->access, rq->arena, rq->tx, rq->reader.tree, u->ix, &loans, &m, e));
    for (int i = 0; i < m; i++) {
        Str target = page_unit(rq, loans[i].target_ix);
        Str days = page_span(rq, loans[i].starts, loans[i].ends);
        View *f = page_fact(rq->view, V_loans, page_role(rq, loans[i].role),
                            str_fmt(rq->arena, "%.*s %.*s", STR_ARG(target), STR_ARG(days)));
        if (page_may_lend(rq, u) && access_may_staff(&rq->reader, u->ix, loans[i].role))
            put_lend_end(rq, f, u, &loans[i]);
    }
    if (page_may_lend(rq, u) && (m || u->end_ix > u->ix + 1)) /* a village looks after itself */
        view_url(rq->view, V_lend_href, page_unit_href(rq, u->ix, "/lend"));
    if (page_may_merge(rq, u))
        view_url(rq->view, V_merge_href, page_unit_href(rq, u->ix, "/merge"));
    return 0;
}

static const ParamSpec unit_params[] = {
    {.name = "into", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "posting", .max_bytes = 32},
    {.name = "heir", .max_bytes = 32},
    {.name = "role", .max_bytes = 64},
    {.name = "target", .max_bytes = LIMIT_NAME_CHARS * 8},
    {.name = "starts", .max_bytes = 32},
    {.name = "ends", .max_bytes = 32},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
#define UNIT_ROUTE(PATH, FORM, SEND, HELP)                                                         \
    {.path = PATH, .method = GET, .run = FORM, .may = MAY_STAFF, .params = unit_params,            \
     .help = HELP, .spec = "P1"},                                                                  \
    {.path = PATH, .method = POST, .run = SEND, .may = MAY_STAFF, .params = unit_params,           \
     .body_max = LIMIT_FORM_BYTES, .help = HELP, .spec = "P1"}
static const Route merge_routes[] = {
    UNIT_ROUTE("/unit/:code/merge", merge_form, merge_post, "page.help_merge"),
    UNIT_ROUTE("/unit/:code/heir", heir_form, heir_post, "page.help_heir"),
    UNIT_ROUTE("/unit/:code/lend", lend_form, lend_post, "page.help_lend"),
};
const RouteTable page_merge_routes = {merge_routes, LEN(merge_routes)};
