/* page_sign.c: signing in and out, redeeming an invitation; the addresses of accounts and units.
 * SPEC: P1 P2 */
#include "web/page_int.h"

/* ---- signing in ---- */

static int sign_page(Req *rq, int status, Str problem)
{
    View *v = rq->view;
    Str account = req_param(rq, "account"), back = req_param(rq, "back");
    view_text(v, V_title, req_t(rq, "ui.sign_in", NULL));
    view_url(v, V_action, S("/signin"));
    view_text(v, V_account, account.n ? account : S(""));
    view_text(v, V_back, back.n ? back : S(""));
    view_text(v, V_problem, problem);
    view_bool(v, V_is_bad, problem.n > 0);
    page_done(rq, TPL_SIGNIN, status);
    return REQ_DONE;
}

static void go_back(Req *rq)
{
    Str back = req_param(rq, "back");
    req_redirect(rq, back.n && !str_starts(back, S("/signin")) ? back : S("/"));
}

static int sign_in_form(Req *rq, Err *e)
{
    (void)e; /* nothing is read */
    if (!rq->reader.account)
        return sign_page(rq, 200, S(""));
    go_back(rq);
    return REQ_DONE;
}

static int signed_in(Req *rq, int rc, Err *e)
{
    const SignIn *in = rq->state;
    if (rc == ERR_RATE || rc == ERR_AUTH)
        return sign_page(rq, web_status(rc), err_text(rq->arena, rq->lang, e));
    if (rc < 0)
        return rc;
    if (!in->is_right)
        return sign_page(rq, 401, req_t(rq, "access.wrong_password", NULL));
    req_session_cookie(rq, in->cookie);
    go_back(rq);
    return REQ_DONE;
}

static int sign_in(Req *rq, Err *e)
{
    SignIn *in = NEW(rq->arena, SignIn);
    *in = (SignIn){.account = req_param(rq, "account"), .password = req_param(rq, "password")};
    int rc = access_prepare_sign_in(rq->app->access, rq->arena, rq->tx, in, e);
    if (rc == ERR_RATE)
        return sign_page(rq, 429, err_text(rq->arena, rq->lang, e));
    TRY(rc);
    rq->state = in;
    return req_submit(rq, rq->app->store, access_apply_sign_in, in, signed_in);
}

static int signed_out(Req *rq, int rc, Err *e)
{
    (void)e; /* rc tells */
    if (rc < 0)
        return rc;
    req_session_cookie(rq, STR_NONE);
    req_redirect(rq, S("/signin"));
    return REQ_DONE;
}

static int sign_out(Req *rq, Err *e)
{
    (void)e; /* cannot fail before the write */
    SessionRef *ref = NEW(rq->arena, SessionRef);
    access_session_ref(rq->app->access, req_session(rq), ref);
    return req_submit(rq, rq->app->store, access_apply_sign_out, ref, signed_out);
}

/* ---- an invitation ---- */

static Str fault_text(Req *rq, const Err *faults, Str field)
{
    const ErrField *f = page_fault_of(faults, field);
    return f ? err_field_text(rq->arena, rq->lang, f) : S("");
}

static int redeem_page(Req *rq, int status, const Err *faults)
{
    View *v = rq->view;
    Str code = str_has(req_path(rq, "code")) ? req_path(rq, "code") : req_param(rq, "code");
    Str password = fault_text(rq, faults, S("password"));
    view_text(v, V_title, req_t(rq, "page.redeem", NULL));
    view_url(v, V_action, S("/i"));
    view_text(v, V_code, code.n ? code : S(""));
    view_text(v, V_code_error, fault_text(rq, faults, S("code")));
    view_text(v, V_password_error, password.n ? password : fault_text(rq, faults, S("again")));
    view_bool(v, V_is_bad, faults != NULL);
    page_done(rq, TPL_INVITE, status);
    return REQ_DONE;
}

static int redeem_form(Req *rq, Err *e)
{
    (void)e; /* nothing is read: a code is looked up only together with a password */
    return redeem_page(rq, 200, NULL);
}

static int redeemed(Req *rq, int rc, Err *e)
{
    const Redeem *in = rq->state;
    if (rc == ERR_INVALID)
        return redeem_page(rq, 422, e);
    if (rc < 0)
        return rc;
    req_session_cookie(rq, in->session.cookie);
    req_said(rq, "page.said_redeemed");
    req_redirect(rq, S("/"));
    return REQ_DONE;
}

static int redeem(Req *rq, Err *e)
{
    Redeem *in = NEW(rq->arena, Redeem);
    *in = (Redeem){.code = req_param(rq, "code"),
                   .password = req_param(rq, "password"),
                   .again = req_param(rq, "again")};
    int rc = access_prepare_redeem(rq->app->access, rq->arena, rq->tx, in, e);
    if (rc == ERR_INVALID)
        return redeem_page(rq, 422, e);
    TRY(rc);
    rq->state = in;
    return req_submit(rq, rq->app->store, access_apply_redeem, in, redeemed);
}

/* ---- addresses ---- */

static const ParamSpec sign_params[] = {
    {.name = "account", .max_bytes = 256},
    {.name = "password", .max_bytes = LIMIT_PASSWORD_MAX * 4},
    {.name = "back", .max_bytes = LIMIT_URL_BYTES},
    {.name = NULL},
};
static const ParamSpec redeem_params[] = {
    {.name = "code", .max_bytes = 64},
    {.name = "password", .max_bytes = LIMIT_PASSWORD_MAX * 4},
    {.name = "again", .max_bytes = LIMIT_PASSWORD_MAX * 4},
    {.name = NULL},
};
static const ParamSpec staff_params[] = {
    {.name = "role", .max_bytes = 64},
    {.name = "account", .max_bytes = 256},
    {.name = "name", .max_bytes = LIMIT_NAME_CHARS * 8},
    {.name = "starts", .max_bytes = 32},
    {.name = "ends", .max_bytes = 32},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const ParamSpec end_params[] = {
    {.name = "posting", .max_bytes = 32},
    {.name = "ends", .max_bytes = 32},
    {.name = "do", .max_bytes = 32},
    {.name = NULL},
};
static const ParamSpec do_params[] = {{.name = "do", .max_bytes = 32}, {.name = NULL}};

static const Route access_routes[] = {
    {.path = "/signin",
     .method = GET,
     .run = sign_in_form,
     .may = MAY_ANYONE,
     .params = sign_params,
     .help = "page.help_signin",
     .spec = "P2"},
    {.path = "/signin",
     .method = POST,
     .run = sign_in,
     .may = MAY_ANYONE,
     .params = sign_params,
     .rate = "signin",
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_signin",
     .spec = "P2"},
    {.path = "/signout",
     .method = POST,
     .run = sign_out,
     .may = MAY_SIGNED_IN,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_signout",
     .spec = "P2"},
    {.path = "/i",
     .method = GET,
     .run = redeem_form,
     .may = MAY_ANYONE,
     .help = "page.help_redeem",
     .spec = "P2"},
    {.path = "/i/:code",
     .method = GET,
     .run = redeem_form,
     .may = MAY_ANYONE,
     .help = "page.help_redeem",
     .spec = "P2"},
    {.path = "/i",
     .method = POST,
     .run = redeem,
     .may = MAY_ANYONE,
     .params = redeem_params,
     .rate = "code",
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_redeem",
     .spec = "P2"},
    {.path = "/unit",
     .method = GET,
     .run = page_unit_home,
     .may = MAY_STAFF,
     .help = "page.help_unit",
     .spec = "P1"},
    {.path = "/unit/:code",
     .method = GET,
     .run = page_unit_show,
     .may = MAY_STAFF,
     .help = "page.help_unit",
     .spec = "P1"},
    {.path = "/unit/:code/staff",
     .method = GET,
     .run = page_staff_form,
     .may = MAY_STAFF,
     .params = staff_params,
     .help = "page.help_staff",
     .spec = "P1"},
    {.path = "/unit/:code/staff",
     .method = POST,
     .run = page_staff,
     .may = MAY_STAFF,
     .params = staff_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_staff",
     .spec = "P1"},
    {.path = "/unit/:code/end",
     .method = GET,
     .run = page_end_form,
     .may = MAY_STAFF,
     .params = end_params,
     .help = "page.help_end",
     .spec = "P1"},
    {.path = "/unit/:code/end",
     .method = POST,
     .run = page_end,
     .may = MAY_STAFF,
     .params = end_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_end",
     .spec = "P1"},
    {.path = "/unit/:code/invite/:account",
     .method = POST,
     .run = page_invite,
     .may = MAY_STAFF,
     .params = do_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_invite",
     .spec = "P2"},
    {.path = "/unit/:code/withdraw/:account",
     .method = POST,
     .run = page_withdraw,
     .may = MAY_STAFF,
     .params = do_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_withdraw",
     .spec = "P2"},
};
const RouteTable page_access_routes = {access_routes, LEN(access_routes)};
