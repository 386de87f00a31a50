/* page_duty.c: duties in words: until when, how that was counted, who owes it, who is at it; on my
 * day, on the page of what is owed, and on a record's.                    SPEC: P3 P4  UX: my day
 * */
#include "web/page_int.h"

enum { OWED_SHOWN = 20, OWED_PAGE = 50, COUNT_STOP = 1000 };

/* ---- until when ---- */

Str page_due(Req *rq, const FlowDuty *d)
{
    if (d->due_ms == FLOW_NO_DUE)
        return req_t(rq, "page.due_none", NULL);
    Day due = day_of_ms(d->due_ms), today = rq->reader.today;
    Str day = page_day_due(rq, due), clock = ms_clock(rq->arena, d->due_ms);
    if (d->stopped_ms)
        return req_t(rq, "page.due_stopped", &day, NULL);
    if (web_is_late(rq, d)) {
        int64_t days = rq->own->calendar ? flow_workdays_between(rq->own->calendar, due, today)
                                         : today - due;
        Str n = page_n(rq, days);
        return req_t(rq, days > 0 ? "page.due_late" : "page.due_late_today", &day, &n, &clock,
                     NULL);
    }
    return req_t(rq,
                 due == today       ? "page.due_today"
                 : due == today + 1 ? "page.due_tomorrow"
                                    : "page.due_by",
                 &day, &clock, NULL);
}

/* ---- how it was counted ---- */

static Str skipped(Req *rq, const FlowSkip *s)
{
    Str n = page_n(rq, s->days);
    return s->why == FLOW_WEEKEND   ? req_t(rq, "page.count_weekend", &n, NULL)
           : s->why == FLOW_HOLIDAY ? req_t(rq, "page.count_holiday", &n, &s->name, NULL)
                                    : req_t(rq, "page.count_made_up", &n, &s->name, NULL);
}

Str page_counted(Req *rq, const FlowDuty *d)
{
    static const char *const starts[FLOW_UNIT_MAX] = {
        "page.count_workdays", "page.count_workhours", "page.count_days", "page.count_months",
        "page.count_years",    "page.count_on",        "page.count_left"};
    FlowCount k;
    Err sub = err_on(rq->arena);
    if (!d->counted.n || flow_count_parse(rq->arena, d->counted, &k, &sub) < 0)
        return S(""); /* nothing to be said of it; verify tells what cannot be read */
    Str from = page_day_due(rq, k.from), n = page_n(rq, k.term.n);
    Str said = req_t(rq, starts[k.term.unit], &from, &n, NULL);
    for (int i = 0; i < k.skip_n; i++) {
        Str more = skipped(rq, &k.skips[i]);
        said = req_t(rq, "page.count_and", &said, &more, NULL);
    }
    Str due = page_day_due(rq, k.due), clock = ms_clock(rq->arena, d->due_ms);
    if (k.is_moved)
        said = req_t(rq, "page.count_moved", &said, NULL);
    said = req_t(rq, "page.count_to", &said, &due, &clock, NULL);
    return k.is_assumed ? req_t(rq, "page.count_assumed", &said, NULL) : said;
}

/* ---- one duty ---- */

/* What leads on from where it is owed, if he may do it. */
static const Action *act_of(Req *rq, const Record *rec)
{
    const Action **list, *found = NULL;
    int n = record_actions(rq->app->records, rq->arena, &rq->reader, rec, &list);
    for (int i = 0; i < n && !found; i++) {
        const State *to = list[i]->to >= 0 ? &rec->type->states[list[i]->to] : NULL;
        bool mends = list[i]->kind == ACTION_CHANGE && page_is_back(rec->type, rec->state);
        bool leads_on = list[i]->kind == ACTION_OTHER && to && !to->is_draft &&
                        to->end != END_VOID && list[i]->to != rec->state;
        found = mends || leads_on ? list[i] : NULL;
    }
    return found;
}

static void put_taking(Req *rq, View *v, const FlowDuty *d, bool owes)
{
    bool is_taken = !uuid_is_zero(d->taken_by);
    bool is_mine = is_taken && uuid_eq(d->taken_by, rq->reader.person);
    if (is_taken && !is_mine) {
        Str name = page_person(rq, d->taken_by);
        view_text(v, V_taken_text, req_t(rq, "page.taken_by", &name, NULL));
    } else if (is_mine) {
        view_text(v, V_taken_text, req_t(rq, "page.taken_mine", NULL));
    }
    if (!owes || d->done_ms || rq->reader.viewer)
        return;
    Str id = uuid_text(rq->arena, d->id);
    view_url(v, V_take_action, str_fmt(rq->arena, "/duty/%.*s/take", STR_ARG(id)));
    view_text(v, V_take_value, is_mine ? S("let_go") : is_taken ? S("take_over") : S("take"));
    view_text(v, V_take_label,
              req_t(rq,
                    is_mine    ? "page.let_go"
                    : is_taken ? "page.take_over"
                               : "page.take",
                    NULL));
}

Str page_duty_label(Req *rq, const Type *t, const FlowDuty *d)
{
    const Duty *of = web_duty_named(t, d->name);
    return of ? label_text(&of->label, rq->lang) : d->name;
}

static void put_duty(Req *rq, View *v, const FlowDuty *d, bool owes)
{
    view_text(v, V_due_text, page_due(rq, d));
    view_bool(v, V_is_late, web_is_late(rq, d));
    view_text(v, V_counted_text, page_counted(rq, d));
    put_taking(rq, v, d, owes);
}

/* Of a list: with its record, where he sees it. */
static int put_owed_item(Req *rq, View *g, const FlowDuty *d, const Type *t, const char *back,
                         Err *e)
{
    View *v = view_item(g, V_duties);
    Record *rec = NULL;
    const Unit *u = tree_unit(rq->reader.tree, d->unit);
    Err sub = err_on(rq->arena);
    put_duty(rq, v, d, true);
    view_text(v, V_back, str_of(back));
    view_text(v, V_unit_text, u ? u->name : S(""));
    int rc = t ? record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, t, d->record, &rec,
                            NULL, &sub)
               : ERR_MISSING;
    if (rc < 0 && rc != ERR_MISSING) {
        *e = sub;
        return rc;
    }
    if (!rec) { /* owed by his seat, though not for him to see: that much he is told */
        view_text(v, V_title, t ? label_text(&t->label, rq->lang) : S(""));
        return 0;
    }
    view_text(v, V_title, page_record_title(rq, rec));
    view_url(v, V_href, page_href(rq, rec, NULL));
    if (!uuid_eq(rec->author, rq->reader.person))
        view_text(v, V_by_text, page_person(rq, rec->author));
    const Action *act = act_of(rq, rec);
    if (act && !rq->reader.viewer) {
        Str tail = act->kind == ACTION_CHANGE ? S("change") : act->name;
        view_text(v, V_act_label, label_text(&act->label, rq->lang));
        view_url(v, V_act_href, page_href(rq, rec, str_z(rq->arena, tail)));
    }
    return 0;
}

/* ---- what he owes ---- */

typedef struct Sort { /* duties of one sort stand together, in the order of the first of each */
    int64_t type;
    Str name;
    View *view;
    int n;
} Sort;

static Sort *sort_of(Req *rq, Sort *kinds, int *n, const FlowDuty *d, const Type *t)
{
    for (int i = 0; i < *n; i++)
        if (kinds[i].type == d->type && str_eq(kinds[i].name, d->name))
            return &kinds[i];
    Sort *k = &kinds[(*n)++];
    *k = (Sort){.type = d->type, .name = d->name, .view = view_item(rq->view, V_owed)};
    Str label = t ? label_text(&t->label, rq->lang) : S(""), duty = page_duty_label(rq, t, d);
    int mark = t ? page_mark(t) : 0;
    view_text(k->view, V_label, req_t(rq, "page.group", &label, &duty, NULL));
    view_i64(k->view, V_mark, mark);
    view_text(k->view, V_line_name, page_line_name(rq, mark));
    return k;
}

static void put_many(Req *rq, const Sort *k)
{
    const Type *t = model_type_numbered(rq->app->model, k->type);
    const Duty *d = web_duty_named(t, k->name);
    const Action *act = t ? page_many_action(rq, t) : NULL;
    if (!act || !d || k->n < 2 || d->while_state < 0 || !(act->from >> d->while_state & 1))
        return;
    Str label = label_text(&act->label, rq->lang);
    view_url(k->view, V_many_href, page_many_href(rq, t, act));
    view_text(k->view, V_many_label, req_t(rq, "page.many", &label, NULL));
}

static int put_owed(Req *rq, const FlowDuty *list, int n, const char *back, bool has_all, Err *e)
{
    Sort *kinds = NEW_N(rq->arena, Sort, (size_t)n + 1);
    int kind_n = 0;
    for (int i = 0; i < n; i++) {
        const Type *t = model_type_numbered(rq->app->model, list[i].type);
        Sort *k = sort_of(rq, kinds, &kind_n, &list[i], t);
        k->n++;
        TRY(put_owed_item(rq, k->view, &list[i], t, back, e));
    }
    for (int i = 0; i < kind_n; i++) {
        Str count = page_n(rq, kinds[i].n);
        if (has_all) /* else it would be the number of those shown */
            view_text(kinds[i].view, V_count_text, req_t(rq, "page.things", &count, NULL));
        put_many(rq, &kinds[i]);
    }
    return 0;
}

int page_put_owed(Req *rq, int *ret_n, Err *e)
{
    Owing o;
    FlowDuty *list;
    int n, all;
    TRY(web_owing_of(rq->arena, rq->tx, &rq->reader, &o, e));
    TRY(flow_owed(rq->arena, rq->tx, o.seats, o.seat_n, o.postings, o.posting_n, NULL, OWED_SHOWN,
                  &list, &n, e));
    all = n;
    if (n == OWED_SHOWN)
        TRY(flow_owed_count(rq->tx, o.seats, o.seat_n, o.postings, o.posting_n, COUNT_STOP, &all,
                            e));
    TRY(put_owed(rq, list, n, "day", all == n, e));
    Str count = page_n(rq, all);
    if (all > n) {
        view_url(rq->view, V_owed_href, S("/owed"));
        view_text(rq->view, V_owed_text,
                  req_t(rq, all >= COUNT_STOP ? "page.all_more" : "page.all_n", &count, NULL));
    }
    *ret_n = n;
    return 0;
}

static int page_owed(Req *rq, Err *e)
{
    Owing o;
    FlowDuty *list, at;
    const FlowDuty *after;
    int n;
    View *v = rq->view;
    TRY(web_duty_after(rq, req_param(rq, "after"), &at, &after, e));
    TRY(web_owing_of(rq->arena, rq->tx, &rq->reader, &o, e));
    TRY(flow_owed(rq->arena, rq->tx, o.seats, o.seat_n, o.postings, o.posting_n, after, OWED_PAGE,
                  &list, &n, e));
    TRY(put_owed(rq, list, n, "owed", !after && n < OWED_PAGE, e));
    view_text(v, V_title, req_t(rq, "page.owed", NULL));
    view_bool(v, V_is_free, !n);
    view_bool(v, V_is_today, true);
    if (n == OWED_PAGE) {
        view_url(v, V_owed_href, str_fmt(rq->arena, "/owed?after=%.*s",
                                         STR_ARG(web_duty_cursor(rq, &list[n - 1]))));
        view_text(v, V_owed_text, req_t(rq, "page.owed_more", NULL));
    }
    view_text(v, V_who_text, page_only_him(rq));
    page_done(rq, TPL_MYDAY, 200);
    return REQ_DONE;
}

/* ---- on a record's page: what is open, who owes it ---- */

static Str deputies_of(Req *rq, const FlowDuty *d, const Member *m, Err *e)
{
    SeatLine *seats;
    int n;
    Str all = S("");
    (void)d;
    if (m->unit_ix < 0 ||
        access_seats(rq->app->access, rq->arena, rq->tx, rq->reader.tree, m->unit_ix, &seats, &n,
                     e) < 0)
        return all;
    for (int i = 0; i < n; i++)
        for (int k = 0; seats[i].role == m->role && k < seats[i].deputy_n; k++) {
            const struct DeputyLine *x = &seats[i].deputies[k];
            bool is_now = x->starts <= rq->reader.today &&
                          (x->ends == DAY_NONE || x->ends >= rq->reader.today);
            if (is_now)
                all = all.n ? req_t(rq, "page.and", &all, &x->person, NULL) : x->person;
        }
    return all;
}

static int put_ower(Req *rq, View *v, const FlowDuty *d, Err *e)
{
    Member m;
    Err sub = err_on(rq->arena);
    int rc = access_owner(rq->arena, rq->tx, rq->reader.tree, rq->app->model, d->posting, d->seat,
                          rq->reader.today, &m, &sub);
    if (rc == ERR_STATE) {
        view_text(v, V_by_text, req_t(rq, "page.owed_by_nobody", NULL));
        return 0;
    }
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    Str who = page_by(rq, m.name, m.role, m.unit_ix), deputies = deputies_of(rq, d, &m, e);
    view_text(v, V_by_text,
              deputies.n ? req_t(rq, "page.owed_by_deputy", &who, &deputies, NULL)
                         : req_t(rq, "page.owed_by", &who, NULL));
    return 0;
}

int page_put_duties(Req *rq, const Record *rec, Err *e)
{
    Owing o;
    FlowDuty *list;
    int n;
    TRY(flow_duties_of(rq->arena, rq->tx, rec->id, &list, &n, e));
    if (!n || list[0].done_ms)
        return 0;
    TRY(web_owing_of(rq->arena, rq->tx, &rq->reader, &o, e));
    for (int i = 0; i < n && !list[i].done_ms; i++) {
        View *v = view_item(rq->view, V_duties);
        view_text(v, V_title, page_duty_label(rq, rec->type, &list[i]));
        view_text(v, V_back, S("record"));
        put_duty(rq, v, &list[i], web_owes(&o, &list[i]));
        TRY(put_ower(rq, v, &list[i], e));
    }
    return 0;
}

/* ---- taking one ---- */

static int taken(Req *rq, int rc, Err *e)
{
    const FlowDuty *d = rq->state;
    const Type *t = model_type_numbered(rq->app->model, d->type);
    (void)e; /* told by rc */
    if (rc < 0)
        return rc;
    Str back = req_param(rq, "back"), how = req_param(rq, "do");
    req_said(rq, str_eq(how, S("let_go")) ? "page.said_let_go" : "page.said_at_it");
    if (str_eq(back, S("record")) && t) {
        Str id = uuid_text(rq->arena, d->record);
        req_redirect(rq, str_fmt(rq->arena, "/%.*s/%.*s", STR_ARG(t->name), STR_ARG(id)));
    } else {
        req_redirect(rq, str_eq(back, S("owed")) ? S("/owed") : S("/"));
    }
    return REQ_DONE;
}

static int page_take(Req *rq, Err *e)
{
    Str how = req_param(rq, "do");
    return web_take(rq, str_has(how) ? how : S("take"), taken, e);
}

static const ParamSpec owed_params[] = {{.name = "after", .max_bytes = 64}, {.name = NULL}};
static const ParamSpec take_params[] = {
    {.name = "do", .max_bytes = 16}, {.name = "back", .max_bytes = 16}, {.name = NULL}};

static const Route duty_routes[] = {
    {.path = "/owed",
     .method = GET,
     .run = page_owed,
     .may = MAY_SIGNED_IN,
     .params = owed_params,
     .help = "page.help_owed",
     .spec = "P3"},
    {.path = "/duty/:id/take",
     .method = POST,
     .run = page_take,
     .may = MAY_SIGNED_IN,
     .params = take_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_take",
     .spec = "P3"},
};
const RouteTable page_duty_routes = {duty_routes, LEN(duty_routes)};
