/* page_admin.c: the three offices of a deployment, none of which sees records by it: accounts
 * (system), locks and sessions (security), what was done with accounts and posts (audit).
 *                                                                             SPEC: P2 P11 */
#include "web/page_int.h"

enum { USERS_SHOWN = 500, LOG_SHOWN = 50 };

static Str office_name(Req *rq, Admin admin)
{
    return req_t(rq, admin == ADMIN_SECURITY ? "page.office_security"
                     : admin == ADMIN_AUDIT  ? "page.office_audit"
                                             : "web.administrator",
                 NULL);
}

Str page_admin_name(Req *rq)
{
    return office_name(rq, rq->reader.admin);
}

/* ---- tables ---- */

static void put_column(Req *rq, const char *key)
{
    view_text(view_item(rq->view, V_columns), V_label, req_t(rq, key, NULL));
}

static View *put_cell(View *row, Str label, Str text, bool is_title)
{
    View *c = view_item(row, V_cells);
    view_text(c, V_label, label);
    view_text(c, V_text, text);
    view_bool(c, V_is_title, is_title);
    view_bool(c, V_is_nil, !text.n);
    return c;
}

static void put_press(View *row, Str label, Str account, Str what)
{
    View *b = view_item(row, V_presses);
    view_text(b, V_label, label);
    view_text(b, V_id, account);
    view_text(b, V_value, what);
}

/* ---- accounts ---- */

static int put_users(Req *rq, Err *e)
{
    UserLine *list;
    int n;
    TRY(access_users(rq->app->access, rq->arena, rq->tx, &list, &n, e));
    put_column(rq, "ui.account");
    put_column(rq, "page.person_name");
    put_column(rq, "ui.post");
    put_column(rq, "page.unit");
    for (int i = 0; i < n && i < USERS_SHOWN; i++) {
        const UserLine *u = &list[i];
        const Role *role = model_role(rq->app->model, u->role);
        View *row = view_item(rq->view, V_items);
        put_cell(row, S(""), u->account, true);
        put_cell(row, S(""), u->name, false);
        put_cell(row, S(""),
                 u->admin != ADMIN_NONE ? office_name(rq, u->admin)
                 : role                 ? label_text(&role->label, rq->lang)
                                        : S(""),
                 false);
        put_cell(row, S(""), str_has(u->unit_name) ? u->unit_name : S(""), false);
    }
    Str count = page_n(rq, n), shown = page_n(rq, USERS_SHOWN);
    view_text(rq->view, V_count_text,
              n > USERS_SHOWN ? req_t(rq, "page.users_cut", &count, &shown, NULL)
                              : req_t(rq, "page.count", &count, NULL));
    return 0;
}

static int put_locked(Req *rq, Err *e)
{
    LockedLine *list;
    int n;
    UnixMs now = env_now_ms(rq->app->env);
    TRY(access_locked(rq->app->access, rq->arena, rq->tx, &rq->reader, &list, &n, e));
    for (int i = 0; i < n; i++) {
        const LockedLine *l = &list[i];
        View *row = view_item(rq->view, V_locked);
        Str until = page_when(rq, l->locked_ms), fails = page_n(rq, l->fails);
        view_text(row, V_label, l->account);
        view_text(row, V_person, l->name);
        view_text(row, V_text,
                  l->is_disabled         ? req_t(rq, "page.disabled", NULL)
                  : l->locked_ms > now ? req_t(rq, "page.locked_until", &fails, &until, NULL)
                                         : S(""));
        if (l->is_disabled)
            put_press(row, req_t(rq, "page.enable", NULL), l->account, S("enable"));
        else
            put_press(row, req_t(rq, "page.unlock", NULL), l->account, S("sessions"));
    }
    return 0;
}

/* ---- the log ---- */

static Str log_word(Req *rq, Str what)
{
    Str key = str_fmt(rq->arena, "page.log_%.*s", STR_ARG(what));
    Str text = i18n_get(rq->lang, key);
    return str_eq(text, key) ? what : text;
}

/* One word of what was logged, as it is called on screen: ROLE@CODE, a code of the tree,
 * FROM..TO, the
 * office of an administrator. Anything else, and what is there no more, stands as it was written.
 * */
static Str told_word(Req *rq, Str word)
{
    const Model *m = rq->app->model;
    const Tree *t = rq->reader.tree;
    Str a, b;
    if (str_cut(word, '@', &a, &b)) {
        const Role *role = model_role(m, a);
        const Unit *u = tree_unit_coded(t, b);
        return role && u ? page_post(rq, (int)(role - m->roles), u->ix) : word;
    }
    ptrdiff_t at = str_find(word, S(".."));
    Day from, to = DAY_NONE;
    if (at >= 0 && day_parse(str_sub(word, 0, (size_t)at), &from) &&
        ((size_t)at + 2 == word.n || day_parse(str_sub(word, (size_t)at + 2, word.n), &to)))
        return page_span(rq, from, to);
    if (str_eq(word, S("security")) || str_eq(word, S("audit")))
        return office_name(rq, word.n == 5 ? ADMIN_AUDIT : ADMIN_SECURITY);
    const Unit *u = tree_unit_coded(t, word);
    return u ? u->name : str_eq(word, S("->")) ? S("→") : word;
}

static Str told_text(Req *rq, Str text)
{
    Buf b = {.arena = rq->arena};
    Str word;
    while (text.n) {
        str_cut(text, ' ', &word, &text);
        buf_fmt(&b, "%s%.*s", b.n ? " " : "", STR_ARG(told_word(rq, word)));
    }
    return b.n ? buf_view(&b) : S("");
}

static int put_log(Req *rq, Err *e)
{
    LogLine *list;
    int n;
    int64_t before = 0;
    Str asked = req_param(rq, "before");
    if (asked.n && (!str_i64(asked, &before) || before <= 0))
        return err_set(e, ERR_MISSING, "web.missing");
    TRY(access_log(rq->arena, rq->tx, &rq->reader, before, LOG_SHOWN, &list, &n, e));
    put_column(rq, "page.log_when");
    put_column(rq, "page.log_who");
    put_column(rq, "page.log_what");
    put_column(rq, "page.log_about");
    put_column(rq, "page.log_detail");
    for (int i = 0; i < n; i++) {
        View *row = view_item(rq->view, V_items);
        view_bool(put_cell(row, S(""), page_when(rq, list[i].at_ms), true), V_is_nowrap, true);
        put_cell(row, S(""),
                 str_has(list[i].actor) ? list[i].actor : req_t(rq, "page.log_command", NULL),
                 false);
        put_cell(row, S(""), log_word(rq, list[i].what), false);
        bool is_said = str_eq(list[i].what, S("view_as")); /* the reason, in somebody's own words */
        put_cell(row, S(""), told_text(rq, list[i].about), false);
        put_cell(row, S(""), is_said ? list[i].detail : told_text(rq, list[i].detail), false);
    }
    if (before > 0)
        view_url(rq->view, V_newer_href, S("/admin"));
    if (n == LOG_SHOWN)
        view_url(rq->view, V_older_href,
                 str_fmt(rq->arena, "/admin?before=%lld", (long long)list[n - 1].at_ms));
    return 0;
}

/* ---- the page ---- */

static int admin_page(Req *rq, int status, Str problem, Err *e)
{
    View *v = rq->view;
    Admin admin = rq->reader.admin;
    if (!req_tx(rq, e))
        return e->cls;
    view_text(v, V_title, office_name(rq, admin));
    view_text(v, V_problem, problem);
    view_text(v, V_intro, req_t(rq, admin == ADMIN_AUDIT      ? "page.audit_intro"
                                    : admin == ADMIN_SECURITY ? "page.security_intro"
                                                              : "page.system_intro",
                                NULL));
    if (admin == ADMIN_AUDIT)
        TRY(put_log(rq, e));
    if (admin == ADMIN_SYSTEM) {
        TRY(put_users(rq, e));
        view_url(v, V_add_href, S("/admin/add"));
    }
    if (admin != ADMIN_AUDIT) {
        TRY(put_locked(rq, e));
        Str account = req_param(rq, "account");
        view_url(v, V_action, S("/admin/account"));
        view_text(v, V_account, status != 200 && account.n ? account : S(""));
    }
    page_done(rq, TPL_ADMIN, status);
    return REQ_DONE;
}

static int admin_home(Req *rq, Err *e)
{
    return admin_page(rq, 200, S(""), e);
}

/* ---- one account: let in again, kept out, signed out everywhere ---- */

typedef struct Guard {
    Disable disable;
    EndSessions sessions;
    const char *said;
} Guard;

static int guarded(Req *rq, int rc, Err *e)
{
    const Guard *g = rq->state;
    if (rc == ERR_STATE || rc == ERR_MISSING || rc == ERR_DENIED) {
        Str why = err_text(rq->arena, rq->lang, e);
        err_clear(e);
        return admin_page(rq, web_status(rc), why, e);
    }
    if (rc < 0)
        return rc;
    req_said(rq, g->said);
    req_redirect(rq, S("/admin"));
    return REQ_DONE;
}

static int admin_account(Req *rq, Err *e)
{
    Guard *g = NEW(rq->arena, Guard);
    Str what = req_param(rq, "do"), account = str_trim(req_param(rq, "account"));
    Err sub = err_on(rq->arena);
    int rc;
    if (rq->reader.admin == ADMIN_AUDIT)
        return err_set(e, ERR_DENIED, "access.guard_only");
    if (!account.n)
        return admin_page(rq, 422, req_t(rq, "page.account_needed", NULL), e);
    rq->state = g;
    if (str_eq(what, S("sessions"))) {
        g->sessions = (EndSessions){.account = account};
        g->said = "page.said_sessions";
        rc = access_prepare_end_sessions(rq->app->access, rq->arena, rq->tx, &rq->reader,
                                         &g->sessions, &sub);
        return rc < 0 ? guarded(rq, rc, &sub)
                      : req_submit(rq, rq->app->store, access_apply_end_sessions, &g->sessions,
                                   guarded);
    }
    if (!str_eq(what, S("enable")) && !str_eq(what, S("disable")))
        return err_set(e, ERR_MISSING, "web.missing");
    g->disable = (Disable){.account = account, .enable = str_eq(what, S("enable"))};
    g->said = g->disable.enable ? "page.said_enabled" : "page.said_disabled";
    rc = access_prepare_disable(rq->app->access, rq->arena, rq->tx, &rq->reader, &g->disable, &sub);
    return rc < 0 ? guarded(rq, rc, &sub)
                  : req_submit(rq, rq->app->store, access_apply_disable, &g->disable, guarded);
}

/* ---- one more office ---- */

static Str label_of(Req *rq, Str field)
{
    return str_eq(field, S("account")) ? req_t(rq, "ui.account", NULL)
           : str_eq(field, S("name"))  ? req_t(rq, "page.person_name", NULL)
                                       : S("");
}

static View *put_field(Req *rq, const char *name, Str label, const Err *faults)
{
    View *v = view_item(rq->view, V_fields);
    const ErrField *fault = page_fault_of(faults, str_of(name));
    Str typed = req_param(rq, name);
    view_text(v, V_name, str_of(name));
    view_text(v, V_label, label);
    view_text(v, V_value, typed.n ? typed : S(""));
    view_bool(v, V_is_required, true);
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    return v;
}

static int add_page(Req *rq, const Err *faults, int status)
{
    View *v = rq->view;
    static const char *const values[] = {"security", "audit"};
    page_crumb(rq, office_name(rq, ADMIN_SYSTEM), S("/admin"));
    view_text(v, V_title, req_t(rq, "page.admin_add", NULL));
    view_text(v, V_intro, req_t(rq, "page.admin_add_intro", NULL));
    view_url(v, V_action, S("/admin/add"));
    view_url(v, V_cancel_href, S("/admin"));
    view_bool(v, V_has_bar, true);
    View *f = put_field(rq, "office", req_t(rq, "ui.post", NULL), faults);
    view_bool(f, V_is_radio, true);
    for (int i = 0; i < 2; i++) {
        View *o = view_item(f, V_options);
        view_text(o, V_value, str_of(values[i]));
        view_text(o, V_label, office_name(rq, i ? ADMIN_AUDIT : ADMIN_SECURITY));
        view_bool(o, V_is_on, str_has(req_param(rq, "office"))
                                  ? str_eq(req_param(rq, "office"), str_of(values[i]))
                                  : i == 0);
    }
    view_bool(put_field(rq, "name", req_t(rq, "page.person_name", NULL), faults), V_is_line, true);
    f = put_field(rq, "account", req_t(rq, "ui.account", NULL), faults);
    view_bool(f, V_is_line, true);
    view_text(f, V_hint, req_t(rq, "page.account_hint", NULL));
    page_button(v, req_t(rq, "page.admin_add_do", NULL), S("add"), true);
    page_faults(rq, faults, label_of);
    page_done(rq, TPL_FORM, status);
    return REQ_DONE;
}

static int add_form(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    return add_page(rq, NULL, 200);
}

static int added(Req *rq, int rc, Err *e)
{
    const AddAdmin *in = rq->state;
    if (rc == ERR_INVALID)
        return add_page(rq, e, 422);
    if (rc < 0)
        return rc;
    TRY(page_put_invitation(rq, in->name, office_name(rq, in->admin), in->account, in->code,
                            in->ends_ms, e));
    return admin_page(rq, 200, S(""), e);
}

static int add_post(Req *rq, Err *e)
{
    AddAdmin *in = NEW(rq->arena, AddAdmin);
    Str office = req_param(rq, "office");
    Err faults = err_on(rq->arena);
    *in = (AddAdmin){.account = req_param(rq, "account").n ? req_param(rq, "account") : S(""),
                     .name = req_param(rq, "name").n ? req_param(rq, "name") : S(""),
                     .admin = str_eq(office, S("security")) ? ADMIN_SECURITY
                              : str_eq(office, S("audit"))  ? ADMIN_AUDIT
                                                            : ADMIN_NONE,
                     .by = {.account = rq->reader.account, .access_no = rq->reader.access_no}};
    if (in->admin == ADMIN_NONE)
        (void)err_field(&faults, S("office"), "field.required");
    int rc = access_prepare_admin(rq->app->access, rq->arena, in, &faults);
    if (rc == ERR_INVALID)
        return add_page(rq, &faults, 422);
    if (rc < 0) {
        *e = faults;
        return rc;
    }
    rq->state = in;
    return req_submit(rq, rq->app->store, access_apply_admin, in, added);
}

static const ParamSpec admin_params[] = {
    {.name = "before", .max_bytes = 32},
    {.name = "account", .max_bytes = 256},
    {.name = "name", .max_bytes = LIMIT_NAME_CHARS * 8},
    {.name = "office", .max_bytes = 32},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const Route admin_routes[] = {
    {.path = "/admin",
     .method = GET,
     .run = admin_home,
     .may = MAY_OFFICE,
     .params = admin_params,
     .help = "page.help_admin",
     .spec = "P2 P11"},
    {.path = "/admin/account",
     .method = POST,
     .run = admin_account,
     .may = MAY_OFFICE,
     .params = admin_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_admin_account",
     .spec = "P2"},
    {.path = "/admin/add",
     .method = GET,
     .run = add_form,
     .may = MAY_ADMIN,
     .params = admin_params,
     .help = "page.help_admin_add",
     .spec = "P2"},
    {.path = "/admin/add",
     .method = POST,
     .run = add_post,
     .may = MAY_ADMIN,
     .params = admin_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_admin_add",
     .spec = "P2"},
};
const RouteTable page_admin_routes = {admin_routes, LEN(admin_routes)};
