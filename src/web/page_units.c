/* page_units.c: units and their seats: who sits where, posting somebody, inviting him, ending a
 * posting. Names of people are shown at and below the reader's own units only.   UX: units
 * SPEC: P1 P2 */
#include "web/page_int.h"

enum { TREE_DEPTH_MAX = 6, QR_MARK_DIGITS_MAX = 4 };

/* ---- which unit ---- */

bool page_unit_reaches(const Req *rq, int unit_ix)
{
    const Reader *r = &rq->reader;
    if (r->admin != ADMIN_NONE)
        return true;
    for (int i = 0; i < r->post_n; i++)
        if (tree_is_within(r->tree, unit_ix, r->posts[i].unit_ix))
            return true;
    return false;
}

static int unit_of_path(Req *rq, int *ret, Err *e)
{
    const Unit *u = tree_unit_coded(rq->reader.tree, req_path(rq, "code"));
    if (!u || !page_unit_reaches(rq, u->ix))
        return err_set(e, ERR_MISSING, "web.missing");
    *ret = u->ix;
    return 0;
}

Str page_unit_href(Req *rq, int unit_ix, const char *tail)
{
    Str code = url_encode(rq->arena, rq->reader.tree->units[unit_ix].code);
    return str_fmt(rq->arena, "/unit/%.*s%s", STR_ARG(code), tail);
}

/* ---- the tree beside it ---- */

static void put_branch(Req *rq, int unit_ix, int depth, int chosen)
{
    const Tree *t = rq->reader.tree;
    const Unit *u = &t->units[unit_ix];
    int below = 0;
    for (int i = u->ix + 1; i < u->end_ix; i = t->units[i].end_ix)
        below++;
    Str n = page_n(rq, below);
    View *v = view_item(rq->view, V_tree);
    view_i64(v, V_depth, depth < TREE_DEPTH_MAX ? depth : TREE_DEPTH_MAX);
    view_text(v, V_label, u->name);
    view_text(v, V_note,
              u->closed != DAY_NONE ? req_t(rq, "page.unit_merged", NULL)
              : below               ? req_t(rq, "page.units_below", &n, NULL)
                                    : S(""));
    view_url(v, V_href, page_unit_href(rq, unit_ix, ""));
    view_bool(v, V_is_on, unit_ix == chosen);
}

/* What is above it, itself, its neighbours where it has nothing below, what is right below. */
static void put_tree(Req *rq, int chosen)
{
    const Tree *t = rq->reader.tree;
    int path[LIMIT_UNIT_DEPTH + 1], n = 0, depth = 0;
    bool is_leaf = t->units[chosen].end_ix == chosen + 1;
    for (int u = chosen; u >= 0 && n <= LIMIT_UNIT_DEPTH; u = t->units[u].parent_ix)
        if (page_unit_reaches(rq, u))
            path[n++] = u;
    for (int i = n - 1; i > (is_leaf && n > 1 ? 0 : -1); i--)
        put_branch(rq, path[i], depth++, chosen);
    int over = is_leaf && n > 1 ? path[1] : chosen;
    for (int u = over + 1; u < t->units[over].end_ix; u = t->units[u].end_ix)
        put_branch(rq, u, depth, chosen);
}

/* ---- seats ---- */

static void put_act(Req *rq, View *seat, const char *key, int unit_ix, const char *what,
                    Str account)
{
    Str tail = str_fmt(rq->arena, "/%s/%.*s", what, STR_ARG(url_encode(rq->arena, account)));
    View *v = view_item(seat, V_acts);
    view_text(v, V_label, req_t(rq, key, NULL));
    view_bool(v, V_is_post, true);
    view_url(v, V_action, page_unit_href(rq, unit_ix, str_z(rq->arena, tail)));
    view_text(v, V_value, str_of(what));
}

static void put_seat_state(Req *rq, View *seat, const SeatLine *s)
{
    const char *key = s->is_disabled    ? "page.disabled"
                      : s->has_password ? NULL
                      : s->is_invited   ? "page.invited"
                                        : "page.no_password";
    if (!key || !s->posting)
        return;
    View *o = view_object(seat, V_state);
    view_text(o, V_label, req_t(rq, key, NULL));
    view_text(o, V_look, s->is_disabled ? S("late") : S("wait"));
}

/* Who stands in for the holder, from when to when; ended before its time with one press. */
static void put_deputies(Req *rq, View *seat, const SeatLine *s)
{
    for (int i = 0; i < s->deputy_n; i++) {
        const struct DeputyLine *d = &s->deputies[i];
        View *v = view_item(seat, V_deputies);
        Str from = page_day(rq, d->starts), to = page_day(rq, d->ends);
        Str days = str_fmt(rq->arena, "%.*s — %.*s", STR_ARG(from), STR_ARG(to));
        view_text(v, V_text, req_t(rq, "page.deputy_line", &days, &d->person, NULL));
    }
}

static void put_deputy_acts(Req *rq, View *seat, const SeatLine *s)
{
    page_link(seat, V_links, req_t(rq, "page.leave_short", NULL),
              page_leave_href(rq, s->unit_ix, s->posting, false));
    for (int i = 0; i < s->deputy_n; i++) {
        View *v = view_item(seat, V_acts);
        view_text(v, V_label, req_t(rq, "page.leave_end", &s->deputies[i].person, NULL));
        view_bool(v, V_is_post, true);
        view_url(v, V_action,
                 page_leave_end_href(rq, s->unit_ix, s->posting, s->deputies[i].id, false));
        view_text(v, V_value, S("end"));
    }
}

static void put_seat(Req *rq, const SeatLine *s)
{
    View *v = view_item(rq->view, V_seats);
    view_text(v, V_post, page_role(rq, s->role));
    view_text(v, V_person, s->posting ? s->person : S(""));
    view_text(v, V_dates, s->posting ? page_span(rq, s->starts, s->ends) : S(""));
    view_bool(v, V_is_empty, !s->posting);
    put_seat_state(rq, v, s);
    put_deputies(rq, v, s);
    if (s->falls_unit_ix >= 0 && !(s->falls_unit_ix == s->unit_ix && s->falls_role == s->role)) {
        Str office = page_office(rq, s->falls_role, s->falls_unit_ix);
        view_text(v, V_falls_text, req_t(rq, "page.falls_to", &office, NULL));
    }
    if (rq->reader.viewer || rq->reader.admin != ADMIN_NONE ||
        rq->reader.tree->units[s->unit_ix].closed != DAY_NONE ||
        !access_may_staff(&rq->reader, s->unit_ix, s->role))
        return;
    Str role = rq->app->model->roles[s->role].name;
    Str tail = str_fmt(rq->arena, "/staff?role=%.*s", STR_ARG(role));
    page_link(v, V_links, req_t(rq, s->posting ? "page.staff_more" : "page.staff", NULL),
              page_unit_href(rq, s->unit_ix, str_z(rq->arena, tail)));
    if (!s->posting)
        return;
    if (s->ends != DAY_NONE) {
        tail = str_fmt(rq->arena, "/heir?posting=%lld", (long long)s->posting);
        page_link(v, V_links, req_t(rq, "page.heir", NULL),
                  page_unit_href(rq, s->unit_ix, str_z(rq->arena, tail)));
    }
    tail = str_fmt(rq->arena, "/end?posting=%lld", (long long)s->posting);
    page_link(v, V_links, req_t(rq, "page.end", NULL),
              page_unit_href(rq, s->unit_ix, str_z(rq->arena, tail)));
    put_deputy_acts(rq, v, s);
    if (!str_has(s->account) || s->is_disabled)
        return;
    put_act(rq, v,
            s->is_invited     ? "page.invite_again"
            : s->has_password ? "page.renew"
                              : "page.invite",
            s->unit_ix, "invite", s->account);
    if (s->is_invited)
        put_act(rq, v, "page.withdraw", s->unit_ix, "withdraw", s->account);
}

/* ---- an invitation, shown once ---- */

typedef struct Invited {
    Str code, account, person, post;
    UnixMs ends_ms;
} Invited;

/* The path with a quiet zone: every "Mx y" moved. */
Str page_qr_moved(Req *rq, Str path)
{
    Buf b = {.arena = rq->arena};
    while (path.n) {
        Str part, x, y;
        size_t n = 0, end = 1;
        CHECK(path.p[0] == 'M');
        while (end < path.n && path.p[end] != 'M')
            end++;
        part = str_sub(path, 1, end - 1);
        path = str_sub(path, end, path.n);
        str_cut(part, ' ', &x, &part);
        while (n < part.n && part.p[n] >= '0' && part.p[n] <= '9')
            n++;
        y = str_sub(part, 0, n);
        int64_t left = 0, top = 0;
        bool ok = x.n <= QR_MARK_DIGITS_MAX && str_i64(x, &left) && str_i64(y, &top);
        CHECK(ok);
        buf_fmt(&b, "M%lld %lld", (long long)left + PAGE_QR_QUIET, (long long)top + PAGE_QR_QUIET);
        buf_str(&b, str_sub(part, n, part.n));
    }
    return buf_view(&b);
}

/* "4827 3910" as the address has it. */
static Str digits_of(Arena *a, Str code)
{
    Buf b = {.arena = a};
    for (size_t i = 0; i < code.n; i++)
        if (code.p[i] >= '0' && code.p[i] <= '9')
            buf_byte(&b, code.p[i]);
    return buf_view(&b);
}

static Str code_text(Arena *a, Str digits)
{
    size_t half = digits.n / 2;
    return str_fmt(a, "%.*s %.*s", STR_ARG(str_sub(digits, 0, half)),
                   STR_ARG(str_sub(digits, half, digits.n)));
}

int page_put_invitation(Req *rq, Str person, Str post, Str account, Str code, UnixMs ends_ms,
                        Err *e)
{
    Arena *a = rq->arena;
    View *v = view_object(rq->view, V_invitation);
    Str host = http_header(rq->http, "host"), path, digits = digits_of(a, code);
    Str url = str_fmt(a, "%s://%.*s/i/%.*s", rq->app->is_secure ? "https" : "http", STR_ARG(host),
                      STR_ARG(digits));
    int modules;
    TRY(qr_path(a, url, &path, &modules, e));
    Str day = page_day_due(rq, day_of_ms(ends_ms)), clock = ms_clock(a, ends_ms);
    view_text(v, V_person, person);
    view_text(v, V_post, post);
    view_text(v, V_account, account);
    view_text(v, V_code, code_text(a, digits));
    view_text(v, V_expires, str_fmt(a, "%.*s %.*s", STR_ARG(day), STR_ARG(clock)));
    view_text(v, V_by_text, rq->reader.person_name);
    view_text(v, V_url_text, url);
    view_text(v, V_qr_path, page_qr_moved(rq, path));
    view_i64(v, V_qr_size, modules + 2 * PAGE_QR_QUIET);
    return 0;
}

static int put_invitation(Req *rq, int unit_ix, const Invited *inv, Err *e)
{
    TRY(page_put_invitation(rq, inv->person, inv->post, inv->account, inv->code, inv->ends_ms, e));
    View *v = view_object(rq->view, V_invitation);
    put_act(rq, v, "page.invite_again", unit_ix, "invite", inv->account);
    put_act(rq, v, "page.withdraw", unit_ix, "withdraw", inv->account);
    return 0;
}

/* ---- the page ---- */

static int units_page(Req *rq, int unit_ix, const Invited *inv, Err *e)
{
    View *v = rq->view;
    const Tree *t = rq->reader.tree;
    const Unit *u = &t->units[unit_ix];
    SeatLine *seats;
    int n;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(access_seats(rq->app->access, rq->arena, tx, t, unit_ix, &seats, &n, e));
    for (int i = u->depth, at; i > 0; i--) {
        at = unit_ix;
        for (int k = 0; k < i; k++)
            at = t->units[at].parent_ix;
        page_crumb(rq, t->units[at].name,
                   page_unit_reaches(rq, at) ? page_unit_href(rq, at, "") : STR_NONE);
    }
    Str kind = label_text(&rq->app->model->kinds[u->kind].label, rq->lang);
    view_text(v, V_title, req_t(rq, "page.units", NULL));
    view_text(v, V_unit_name, u->name);
    view_text(v, V_unit_note, str_fmt(rq->arena, "%.*s · %.*s", STR_ARG(kind), STR_ARG(u->code)));
    if (u->closed != DAY_NONE && u->successor_ix >= 0) {
        Str day = page_day(rq, u->closed), into = page_unit(rq, u->successor_ix);
        view_text(v, V_closed_text, req_t(rq, "page.unit_closed_into", &day, &into, NULL));
        if (page_unit_reaches(rq, u->successor_ix))
            view_url(v, V_closed_href, page_unit_href(rq, u->successor_ix, ""));
    }
    TRY(page_put_over(rq, u, e));
    if (gate_may_import(rq) && !rq->reader.viewer)
        view_url(v, V_import_href, S("/import"));
    put_tree(rq, unit_ix);
    for (int i = 0; i < n; i++)
        put_seat(rq, &seats[i]);
    if (inv)
        TRY(put_invitation(rq, unit_ix, inv, e));
    page_done(rq, TPL_UNITS, 200);
    return REQ_DONE;
}

int page_unit_home(Req *rq, Err *e)
{
    const Reader *r = &rq->reader;
    if (r->tree->unit_n)
        return units_page(rq, r->post_n ? r->posts[0].unit_ix : 0, NULL, e);
    view_text(rq->view, V_title, req_t(rq, "page.units", NULL));
    view_text(rq->view, V_empty_text, req_t(rq, "page.no_units", NULL));
    if (gate_may_import(rq))
        view_url(rq->view, V_import_href, S("/import"));
    page_done(rq, TPL_UNITS, 200);
    return REQ_DONE;
}

int page_unit_show(Req *rq, Err *e)
{
    int unit_ix;
    TRY(unit_of_path(rq, &unit_ix, e));
    return units_page(rq, unit_ix, NULL, e);
}

/* ---- posting somebody ---- */

static Str staff_label(Req *rq, Str field)
{
    return str_eq(field, S("account"))  ? req_t(rq, "ui.account", NULL)
           : str_eq(field, S("name"))   ? req_t(rq, "page.person_name", NULL)
           : str_eq(field, S("starts")) ? req_t(rq, "page.starts", NULL)
           : str_eq(field, S("ends"))   ? req_t(rq, "page.ends", NULL)
                                        : S("");
}

static View *put_input(Req *rq, const char *name, const Err *faults)
{
    View *v = view_item(rq->view, V_fields);
    const ErrField *fault = page_fault_of(faults, str_of(name));
    Str typed = req_param(rq, name);
    view_text(v, V_name, str_of(name));
    view_text(v, V_label, staff_label(rq, str_of(name)));
    view_text(v, V_value, typed.n ? typed : S(""));
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    return v;
}

static int staff_page(Req *rq, int unit_ix, const Role *role, const Err *faults, int status)
{
    View *v = rq->view;
    Str post = page_post(rq, role->ix, unit_ix), today = day_text(rq->arena, rq->reader.today);
    page_crumb(rq, page_unit(rq, unit_ix), page_unit_href(rq, unit_ix, ""));
    view_text(v, V_title, req_t(rq, "page.staff_title", &post, NULL));
    view_url(v, V_action, page_unit_href(rq, unit_ix, "/staff"));
    view_url(v, V_cancel_href, page_unit_href(rq, unit_ix, ""));
    view_bool(v, V_has_bar, true);
    page_hidden(v, S("role"), role->name);
    page_fact(v, V_known, req_t(rq, "page.unit", NULL), page_unit(rq, unit_ix));
    page_fact(v, V_known, req_t(rq, "ui.post", NULL), page_role(rq, role->ix));
    View *f = put_input(rq, "name", faults);
    view_bool(f, V_is_line, true);
    view_text(f, V_hint, req_t(rq, "page.name_hint", NULL));
    f = put_input(rq, "account", faults);
    view_bool(f, V_is_line, true);
    view_bool(f, V_is_required, true);
    view_text(f, V_hint, req_t(rq, "page.account_hint", NULL));
    f = put_input(rq, "starts", faults);
    view_bool(f, V_is_date, true);
    if (!str_has(req_param(rq, "starts")))
        view_text(f, V_value, today);
    f = put_input(rq, "ends", faults);
    view_bool(f, V_is_date, true);
    view_bool(f, V_is_optional, true);
    page_button(v, req_t(rq, "page.staff_do", NULL), S("staff"), true);
    page_faults(rq, faults, staff_label);
    page_done(rq, TPL_FORM, status);
    return REQ_DONE;
}

static int role_of_param(Req *rq, int unit_ix, const Role **ret, Err *e)
{
    const Role *role = model_role(rq->app->model, req_param(rq, "role"));
    if (!role || !(role->at >> rq->reader.tree->units[unit_ix].kind & 1))
        return err_set(e, ERR_MISSING, "web.missing");
    if (rq->reader.is_admin || !access_may_staff(&rq->reader, unit_ix, role->ix))
        return err_set(e, ERR_DENIED,
                       rq->reader.is_admin ? "access.admin_no_staff" : "access.not_your_seat");
    *ret = role;
    return 0;
}

int page_staff_form(Req *rq, Err *e)
{
    int unit_ix;
    const Role *role;
    TRY(unit_of_path(rq, &unit_ix, e));
    TRY(role_of_param(rq, unit_ix, &role, e));
    return staff_page(rq, unit_ix, role, NULL, 200);
}

/* A day as typed; empty is none. */
static Day typed_day(Req *rq, const char *name, Err *e)
{
    Day d = DAY_NONE;
    Str text = str_trim(req_param(rq, name));
    if (text.n && !day_parse(text, &d))
        (void)err_field(e, str_of(name), "field.not_date");
    return d;
}

typedef struct Staffing {
    Staff in;
    RecordStaff with;
    int unit_ix;
    const Role *role;
} Staffing;

static int staffed(Req *rq, int rc, Err *e)
{
    const Staffing *s = rq->state;
    if (rc == ERR_INVALID)
        return staff_page(rq, s->unit_ix, s->role, e, 422);
    if (rc < 0)
        return rc;
    if (!str_has(s->in.code) || s->in.has_password) {
        req_said(rq, "page.said_staffed");
        req_redirect(rq, page_unit_href(rq, s->unit_ix, ""));
        return REQ_DONE;
    }
    Invited inv = {.code = s->in.code,
                   .account = s->in.account,
                   .ends_ms = s->in.ends_ms,
                   .person = s->in.name.n ? s->in.name : s->in.account,
                   .post = page_post(rq, s->role->ix, s->unit_ix)};
    return units_page(rq, s->unit_ix, &inv, e);
}

int page_staff(Req *rq, Err *e)
{
    App *app = rq->app;
    Staffing *s = NEW(rq->arena, Staffing);
    TRY(unit_of_path(rq, &s->unit_ix, e));
    TRY(role_of_param(rq, s->unit_ix, &s->role, e));
    Err days = err_on(rq->arena);
    s->in = (Staff){.account = req_param(rq, "account"),
                    .name = req_param(rq, "name"),
                    .role = s->role->name,
                    .unit_code = rq->reader.tree->units[s->unit_ix].code,
                    .starts = typed_day(rq, "starts", &days),
                    .ends = typed_day(rq, "ends", &days)};
    if (days.cls)
        return staff_page(rq, s->unit_ix, s->role, &days, 422);
    int rc = access_prepare_staff(app->access, rq->arena, rq->tx, &rq->reader, &s->in, e);
    if (rc == ERR_INVALID)
        return staff_page(rq, s->unit_ix, s->role, e, 422);
    TRY(rc);
    rq->state = s;
    s->with = (RecordStaff){.rs = app->records,
                            .tree = rq->reader.tree,
                            .calendar = rq->own->calendar,
                            .staff = &s->in};
    return req_submit(rq, app->store, record_apply_staff, &s->with, staffed);
}

/* ---- ending a posting ---- */

typedef struct Ending {
    EndPosting in;
    RecordEnd with;
    int unit_ix;
    SeatLine seat;
} Ending;

static int end_page(Req *rq, const Ending *x, const Err *faults, int status)
{
    View *v = rq->view;
    Str post = page_post(rq, x->seat.role, x->unit_ix), who = x->seat.person;
    page_crumb(rq, page_unit(rq, x->unit_ix), page_unit_href(rq, x->unit_ix, ""));
    view_text(v, V_title, req_t(rq, "page.end", NULL));
    view_url(v, V_action, page_unit_href(rq, x->unit_ix, "/end"));
    view_url(v, V_cancel_href, page_unit_href(rq, x->unit_ix, ""));
    view_bool(v, V_has_bar, true);
    view_text(v, V_act_text, req_t(rq, "page.end_text", &who, &post, NULL));
    view_text(v, V_act_note, req_t(rq, "page.end_note", NULL));
    view_text(v, V_look, S("soon"));
    page_hidden(v, S("posting"), str_fmt(rq->arena, "%lld", (long long)x->in.posting));
    View *f = put_input(rq, "ends", faults);
    view_bool(f, V_is_date, true);
    view_text(f, V_hint, req_t(rq, "page.end_hint", NULL));
    if (!str_has(req_param(rq, "ends")))
        view_text(f, V_value, day_text(rq->arena, rq->reader.today));
    page_button(v, req_t(rq, "page.end_do", &who, NULL), S("end"), true);
    page_faults(rq, faults, staff_label);
    page_done(rq, TPL_ACT, status);
    return REQ_DONE;
}

/* The posting of the address, at the unit of the address, and his to end. */
static int ending_of(Req *rq, Ending *x, Err *e)
{
    SeatLine *seats;
    int n;
    int64_t posting = 0;
    TRY(unit_of_path(rq, &x->unit_ix, e));
    TRY(access_seats(rq->app->access, rq->arena, rq->tx, rq->reader.tree, x->unit_ix, &seats, &n,
                     e));
    bool is_number = str_i64(req_param(rq, "posting"), &posting);
    for (int i = 0; i < n && is_number && posting > 0; i++)
        if (seats[i].posting == posting) {
            x->seat = seats[i];
            x->in.posting = posting;
        }
    if (!x->in.posting)
        return err_set(e, ERR_MISSING, "access.no_posting");
    if (rq->reader.is_admin || !access_may_staff(&rq->reader, x->unit_ix, x->seat.role))
        return err_set(e, ERR_DENIED,
                       rq->reader.is_admin ? "access.admin_no_staff" : "access.not_your_seat");
    return 0;
}

int page_end_form(Req *rq, Err *e)
{
    Ending x = {0};
    TRY(ending_of(rq, &x, e));
    return end_page(rq, &x, NULL, 200);
}

static int ended(Req *rq, int rc, Err *e)
{
    const Ending *x = rq->state;
    if (rc == ERR_INVALID)
        return end_page(rq, x, e, 422);
    if (rc < 0)
        return rc;
    req_said(rq, "page.said_ended");
    Str tail = str_fmt(rq->arena, "/heir?posting=%lld", (long long)x->in.posting);
    req_redirect(rq, page_unit_href(rq, x->unit_ix, str_z(rq->arena, tail)));
    return REQ_DONE;
}

int page_end(Req *rq, Err *e)
{
    Ending *x = NEW(rq->arena, Ending);
    TRY(ending_of(rq, x, e));
    Err days = err_on(rq->arena);
    x->in.ends = typed_day(rq, "ends", &days);
    if (days.cls)
        return end_page(rq, x, &days, 422);
    int rc = access_prepare_end(rq->app->access, rq->arena, rq->tx, &rq->reader, &x->in, e);
    if (rc == ERR_INVALID)
        return end_page(rq, x, e, 422);
    TRY(rc);
    rq->state = x;
    x->with = (RecordEnd){.rs = rq->app->records, .end = &x->in};
    return req_submit(rq, rq->app->store, record_apply_end, &x->with, ended);
}

/* ---- inviting again, taking back ---- */

typedef struct Inviting {
    Invite in;
    int unit_ix;
    SeatLine seat;
} Inviting;

static int invited(Req *rq, int rc, Err *e)
{
    const Inviting *x = rq->state;
    if (rc < 0)
        return rc;
    if (x->in.withdraw) {
        req_said(rq, "page.said_withdrawn");
        req_redirect(rq, page_unit_href(rq, x->unit_ix, ""));
        return REQ_DONE;
    }
    Invited inv = {.code = x->in.code,
                   .account = x->in.account,
                   .ends_ms = x->in.ends_ms,
                   .person = x->seat.person,
                   .post = page_post(rq, x->seat.role, x->unit_ix)};
    return units_page(rq, x->unit_ix, &inv, e);
}

static int invite(Req *rq, bool withdraw, Err *e)
{
    SeatLine *seats;
    int n;
    Str account = req_path(rq, "account");
    Inviting *x = NEW(rq->arena, Inviting);
    TRY(unit_of_path(rq, &x->unit_ix, e));
    TRY(access_seats(rq->app->access, rq->arena, rq->tx, rq->reader.tree, x->unit_ix, &seats, &n,
                     e));
    for (int i = 0; i < n; i++)
        if (seats[i].posting && str_has(seats[i].account) && str_eq(seats[i].account, account))
            x->seat = seats[i];
    if (!x->seat.posting)
        return err_set(e, ERR_MISSING, "web.missing");
    x->in = (Invite){.account = account, .withdraw = withdraw};
    TRY(access_prepare_invite(rq->app->access, rq->arena, rq->tx, &rq->reader, &x->in, e));
    rq->state = x;
    return req_submit(rq, rq->app->store, access_apply_invite, &x->in, invited);
}

int page_invite(Req *rq, Err *e)
{
    return invite(rq, false, e);
}

int page_withdraw(Req *rq, Err *e)
{
    return invite(rq, true, e);
}
