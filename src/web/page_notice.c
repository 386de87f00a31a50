/* page_notice.c: what somebody was told: by day, each with one sentence on top; the last days on
 * my day; how many are unread, in the head. Opening one marks it as read.  SPEC: P3  UX: Notices */
#include "web/page_int.h"

enum { NOTICES_PAGE = 50, CHANGES_SHOWN = 7, BELL_MOST = LIMIT_BELL - 1 };

/* ---- one notice in words ---- */

static Str by_text(Req *rq, const FlowNotice *n)
{
    if (uuid_is_zero(n->actor))
        return S("");
    const Role *role = model_role(rq->app->model, n->actor_role);
    const Unit *u = tree_unit(rq->reader.tree, n->actor_unit);
    Str name = page_person(rq, n->actor);
    Str other = uuid_is_zero(n->deputy_for) ? STR_NONE : page_person(rq, n->deputy_for);
    return page_by_for(rq, name, other, role && u ? role->ix : -1, role && u ? u->ix : -1);
}

/* 审阅日记 · 11月27日（周五）17:30 前 */
static int duty_text(Req *rq, const FlowNotice *n, const Type *t, Str *ret, Err *e)
{
    FlowDuty d;
    const char *key = str_eq(n->what, S("remind")) ? "page.told_remind"
                      : str_eq(n->what, S("late")) ? "page.told_late"
                                                   : "page.told_escalated";
    TRY(flow_duty_get(rq->arena, rq->tx, n->about, &d, e));
    Str label = page_duty_label(rq, t, &d), day = page_day_due(rq, day_of_ms(n->nth));
    Str clock = ms_clock(rq->arena, n->nth);
    *ret = req_t(rq, key, &label, &day, &clock, NULL);
    return 0;
}

static int told_text(Req *rq, const FlowNotice *n, const Type *t, Str *ret, Err *e)
{
    if (uuid_is_zero(n->actor))
        return duty_text(rq, n, t, ret, e);
    const Action *act = t ? type_action_numbered(t, n->act) : NULL;
    Str by = by_text(rq, n), label = act ? label_text(&act->label, rq->lang) : S("");
    const char *key = str_eq(n->what, S("comment")) ? "page.told_comment"
                      : str_eq(n->what, S("owed"))  ? "page.told_owed"
                      : str_eq(n->what, S("ended")) ? "page.told_ended"
                                                    : "page.told_act";
    *ret = req_t(rq, key, &label, &by, NULL);
    return 0;
}

/* The record if he may see it now; NULL: not. */
static int find_record(Req *rq, const FlowNotice *n, const Type *t, Record **ret, Err *e)
{
    Err sub = err_on(rq->arena);
    *ret = NULL;
    int rc = t ? record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, t, n->record, ret,
                            NULL, &sub)
               : ERR_MISSING;
    if (rc < 0 && rc != ERR_MISSING) {
        *e = sub;
        return rc;
    }
    return 0;
}

static int put_notice(Req *rq, View *day, const FlowNotice *n, bool is_fresh, Err *e)
{
    View *v = view_item(day, V_tellings);
    const Type *t = model_type_numbered(rq->app->model, n->type);
    Record *rec;
    Str text;
    TRY(find_record(rq, n, t, &rec, e));
    TRY(told_text(rq, n, t, &text, e));
    view_text(v, V_title,
              rec ? page_record_title(rq, rec)
              : t ? label_text(&t->label, rq->lang)
                  : S(""));
    int mark = t ? page_mark(t) : 0;
    view_i64(v, V_mark, mark);
    view_text(v, V_line_name, page_line_name(rq, mark));
    view_text(v, V_text, text);
    view_text(v, V_when_text, ms_clock(rq->arena, n->at_ms));
    view_bool(v, V_is_fresh, is_fresh);
    Str id = uuid_text(rq->arena, n->id);
    if (rec && rq->reader.viewer)
        view_url(v, V_href, page_href(rq, rec, NULL));
    else if (rec)
        view_url(v, V_href, str_fmt(rq->arena, "/notice/%.*s", STR_ARG(id)));
    return 0;
}

/* ---- a day in one sentence ---- */

static const char *const sorts[] = {"late", "remind", "escalated", "owed",
                                    "act",  "ended",  "comment"};

/* 退回 1 件: acts of the same name count together, whatever they were done to. */
static Str tally_part(Req *rq, const FlowTally *list, int n, int at)
{
    const Type *t = model_type_numbered(rq->app->model, list[at].type);
    const Action *act = t ? type_action_numbered(t, list[at].act) : NULL;
    bool is_act = str_eq(list[at].what, S("act"));
    Str label = act ? label_text(&act->label, rq->lang) : S("");
    int64_t sum = 0;
    for (int i = 0; i < n; i++) {
        const Type *u = model_type_numbered(rq->app->model, list[i].type);
        const Action *same = u ? type_action_numbered(u, list[i].act) : NULL;
        Str other = same ? label_text(&same->label, rq->lang) : S("");
        if (!str_eq(list[i].what, list[at].what) || (is_act && !str_eq(other, label)))
            continue;
        if (i < at)
            return S(""); /* told already */
        sum += list[i].n;
    }
    Str count = page_n(rq, sum);
    Str key = str_fmt(rq->arena, "page.day_%.*s", STR_ARG(list[at].what));
    Str args[] = {count, label};
    return i18n_text(rq->arena, rq->lang, key, args, LEN(args));
}

static int day_digest(Req *rq, const FlowWhose *w, Day day, Str *ret, Err *e)
{
    FlowTally *list;
    int n, part_n = 0;
    TRY(flow_tally(rq->arena, rq->tx, w, web_day_ms(day), web_day_ms(day + 1), &list, &n, e));
    Str parts[LIMIT_TALLIES];
    for (size_t k = 0; k < LEN(sorts); k++)
        for (int i = 0; i < n; i++) {
            Str part = str_eq(list[i].what, str_of(sorts[k])) ? tally_part(rq, list, n, i) : S("");
            if (part.n)
                parts[part_n++] = part;
        }
    Str all = S("");
    for (int i = 0; i < part_n; i++)
        all = i ? req_t(rq, "page.day_and", &all, &parts[i], NULL) : parts[i];
    *ret = req_t(rq, day == rq->reader.today ? "page.day_today" : "page.day_then", &all, NULL);
    return 0;
}

/* Grouped by day: list is newest first. */
static int put_days(Req *rq, ListKey days, const FlowWhose *w, UnixMs upto, const FlowNotice *list,
                    int n, Err *e)
{
    View *v = NULL;
    Day at = DAY_NONE;
    for (int i = 0; i < n; i++) {
        Day day = day_of_ms(list[i].at_ms);
        if (!v || day != at) {
            Str digest;
            v = view_item(rq->view, days);
            at = day;
            TRY(day_digest(rq, w, day, &digest, e));
            view_text(v, V_label, page_day_due(rq, day));
            view_text(v, V_digest, digest);
        }
        bool is_fresh = w->account && !list[i].is_read && list[i].at_ms > upto;
        TRY(put_notice(rq, v, &list[i], is_fresh, e));
    }
    return 0;
}

/* ---- the page ---- */

static int page_notices(Req *rq, Err *e)
{
    FlowWhose w;
    FlowNotice *list, at;
    const FlowNotice *before;
    UnixMs upto;
    int n, unread = 0;
    View *v = rq->view;
    TRY(web_whose(rq, &w, e));
    TRY(web_read_upto(rq, &upto, e));
    TRY(web_notice_before(rq, req_param(rq, "before"), &w, &at, &before, e));
    TRY(flow_notices(rq->arena, rq->tx, &w, 0, before, NOTICES_PAGE, &list, &n, e));
    TRY(put_days(rq, V_days, &w, upto, list, n, e));
    if (w.account)
        TRY(flow_unread(rq->arena, rq->tx, &w, upto, 1, &unread, e));
    view_text(v, V_title, req_t(rq, "page.notices", NULL));
    view_bool(v, V_is_none, !n);
    if (unread && n && !before) {
        view_url(v, V_read_action, S("/notices/read"));
        view_text(v, V_upto_text, str_fmt(rq->arena, "%lld", (long long)list[0].at_ms));
    }
    if (n == NOTICES_PAGE) {
        Str id = uuid_text(rq->arena, list[n - 1].id);
        view_url(v, V_more_href, str_fmt(rq->arena, "/notices?before=%.*s", STR_ARG(id)));
    }
    view_text(v, V_who_text, page_only_him(rq));
    page_done(rq, TPL_NOTICES, 200);
    return REQ_DONE;
}

static int marked(Req *rq, int rc, Err *e)
{
    (void)rq; /* where to was said before */
    (void)e;  /* told by rc */
    return rc < 0 ? rc : REQ_DONE;
}

static int page_read_all(Req *rq, Err *e)
{
    int64_t upto;
    Str typed = req_param(rq, "upto");
    if (!str_has(typed) || !str_i64(typed, &upto))
        return err_set(e, ERR_SYNTAX, "record.id_not_usable");
    req_said(rq, "page.said_all_read");
    req_redirect(rq, S("/notices"));
    return web_read(rq, (Uuid){{0}}, upto, marked, e);
}

/* Marks it as read and goes on to what it is about. */
static int page_open(Req *rq, Err *e)
{
    FlowWhose w;
    FlowNotice n;
    Record *rec;
    Uuid id;
    if (!req_uuid(rq, "id", &id))
        return err_set(e, ERR_MISSING, "flow.no_notice");
    TRY(web_whose(rq, &w, e));
    TRY(flow_notice_get(rq->arena, rq->tx, &w, id, &n, e));
    TRY(find_record(rq, &n, model_type_numbered(rq->app->model, n.type), &rec, e));
    req_redirect(rq, rec ? page_href(rq, rec, NULL) : S("/notices"));
    return w.account ? web_read(rq, id, 0, marked, e) : REQ_DONE;
}

/* ---- on other pages ---- */

int page_put_changes(Req *rq, Err *e)
{
    FlowWhose w;
    FlowNotice *list;
    UnixMs upto;
    int n;
    const FlowCalendar *c = rq->own->calendar;
    Day today = rq->reader.today, from = c ? flow_add_workdays(c, today, -1) : today - 1;
    TRY(web_whose(rq, &w, e));
    TRY(web_read_upto(rq, &upto, e));
    TRY(flow_notices(rq->arena, rq->tx, &w, web_day_ms(from), NULL, CHANGES_SHOWN, &list, &n, e));
    TRY(put_days(rq, V_changes_day, &w, upto, list, n, e));
    view_url(rq->view, V_changes_href, S("/notices"));
    view_text(rq->view, V_changes_text, req_t(rq, "page.all_notices", NULL));
    return 0;
}

void page_bell(Req *rq)
{
    FlowWhose w;
    UnixMs upto;
    int n = 0;
    Err sub = err_on(rq->arena);
    if (!rq->reader.post_n || rq->reader.admin != ADMIN_NONE)
        return; /* nobody tells him anything */
    if (!rq->reader.viewer &&
        (web_whose(rq, &w, &sub) < 0 || web_read_upto(rq, &upto, &sub) < 0 ||
         flow_unread(rq->arena, req_tx(rq, &sub), &w, upto, LIMIT_BELL, &n, &sub) < 0))
        log_line("error", "page: bell: key=%.*s at=%s:%d", STR_ARG(sub.key),
                 sub.file ? sub.file : "-", sub.line);
    Str count = n > BELL_MOST ? str_fmt(rq->arena, "%d+", BELL_MOST) : page_n(rq, n);
    view_url(rq->view, V_bell_href, S("/notices"));
    view_text(rq->view, V_bell_text, req_t(rq, n ? "page.bell_n" : "page.notices", &count, NULL));
    if (n)
        view_text(rq->view, V_bell_n, count);
}

static const ParamSpec list_params[] = {{.name = "before", .max_bytes = 64}, {.name = NULL}};
static const ParamSpec read_params[] = {{.name = "upto", .max_bytes = 24}, {.name = NULL}};

static const Route notice_routes[] = {
    {.path = "/notices",
     .method = GET,
     .run = page_notices,
     .may = MAY_SIGNED_IN,
     .params = list_params,
     .help = "page.help_notices",
     .spec = "P3"},
    {.path = "/notices/read",
     .method = POST,
     .run = page_read_all,
     .may = MAY_SIGNED_IN,
     .params = read_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_read_all",
     .spec = "P3"},
    {.path = "/notice/:id",
     .method = GET,
     .run = page_open,
     .may = MAY_SIGNED_IN,
     .help = "page.help_notice",
     .spec = "P3"},
};
const RouteTable page_notice_routes = {notice_routes, LEN(notice_routes)};
