/* page_feed.c: a calendar for the phone: GET /calendar/SECRET.ics without signing in, what its
 * account owes and is invited to; in the settings its address is made, shown once, withdrawn. What
 * it says leaves the house: no names of people, no personal titles.               SPEC: P3 P9 */
#include "web/page_int.h"

enum { REFRESH_MIN = 60, SCAN_MOST = 4 * LIMIT_FEED_ITEMS };

/* ---- the address ---- */

static Str address_of(Req *rq, Str tail)
{
    Str host = http_header(rq->http, "host");
    return str_fmt(rq->arena, "%s://%.*s%.*s", rq->app->is_secure ? "https" : "http", STR_ARG(host),
                   STR_ARG(tail));
}

int page_put_feed(Req *rq, Err *e)
{
    UnixMs made;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    if (rq->reader.viewer || rq->reader.admin != ADMIN_NONE)
        return 0;
    TRY(access_feed(tx, rq->reader.account, &made, e));
    View *v = view_object(rq->view, V_feed);
    Str day = made ? page_day(rq, day_of_ms(made)) : S("");
    view_text(v, V_text, req_t(rq, made ? "page.feed_since" : "page.feed_none", &day, NULL));
    view_url(v, V_action, S("/settings/calendar"));
    view_text(v, V_acts_make, req_t(rq, made ? "page.feed_again" : "page.feed_make", NULL));
    if (made)
        view_text(v, V_acts_end, req_t(rq, "page.feed_end", NULL));
    return 0;
}

/* Shown on the answer itself, kept nowhere. */
static int feed_made(Req *rq, int rc, Err *e)
{
    const NewFeed *f = rq->state;
    Str path;
    int modules;
    if (rc < 0)
        return rc;
    if (f->ends) {
        req_said(rq, "page.said_feed_ended");
        req_redirect(rq, S("/settings"));
        return REQ_DONE;
    }
    TRY(page_settings(rq, e));
    View *v = view_object(rq->view, V_feed);
    Str here = str_fmt(rq->arena, "/calendar/%.*s.ics", STR_ARG(f->secret));
    Str url = address_of(rq, here);
    view_url(v, V_href, here);
    TRY(qr_path(rq->arena, url, &path, &modules, e));
    view_text(v, V_url_text, url);
    view_text(v, V_qr_path, page_qr_moved(rq, path));
    view_i64(v, V_qr_size, modules + 2 * PAGE_QR_QUIET);
    return REQ_DONE;
}

static int page_feed_set(Req *rq, Err *e)
{
    NewFeed *f = NEW(rq->arena, NewFeed);
    f->ends = str_eq(req_param(rq, "do"), S("end"));
    TRY(access_prepare_feed(rq->app->access, rq->arena, &rq->reader, f, e));
    rq->state = f;
    return req_submit(rq, rq->app->store, access_apply_feed, f, feed_made);
}

/* ---- what stands in it ---- */

typedef struct Feed {
    Req *rq;
    Buf *b;
    Str at; /* behind the "@" of each uid: the same for ever */
    int n;
} Feed;

/* Of a record about somebody only what it is and where. */
static Str title_of(Req *rq, const Record *rec)
{
    const Type *t = rec->type;
    bool is_about = t->title && t->title->is_personal;
    for (int i = 0; i < t->field_n; i++)
        is_about = is_about || t->fields[i].is_party;
    Str label = label_text(&t->label, rq->lang), unit = page_unit(rq, rec->unit_ix);
    return is_about ? req_t(rq, "page.group", &label, &unit, NULL) : page_record_title(rq, rec);
}

static Str uid_of(Feed *x, Uuid id, const char *what)
{
    Str text = uuid_text(x->rq->arena, id);
    return str_fmt(x->rq->arena, "%.*s%s@%.*s", STR_ARG(text), what, STR_ARG(x->at));
}

static int put_duty(Feed *x, const FlowDuty *d, Err *e)
{
    Req *rq = x->rq;
    const Type *t = model_type_numbered(rq->app->model, d->type);
    Record *rec = NULL;
    Err sub = err_on(rq->arena);
    int rc = t ? record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, t, d->record, &rec,
                            NULL, &sub)
               : ERR_MISSING;
    if (rc < 0 && rc != ERR_MISSING) {
        *e = sub;
        return rc;
    }
    const Unit *u = tree_unit(rq->reader.tree, d->unit);
    Str label = page_duty_label(rq, t, d), clock = ms_clock(rq->arena, d->due_ms);
    Str about = rec ? title_of(rq, rec) : u ? u->name : S("");
    Day due = day_of_ms(d->due_ms);
    IcalItem it = {.kind = ICAL_DAY,
                   .uid = uid_of(x, d->id, ""),
                   .summary = req_t(rq, "page.feed_due", &label, &about, NULL),
                   .description = req_t(rq, "page.feed_due_how", &clock, NULL),
                   .location = STR_NONE,
                   .category = t ? label_text(&t->label, rq->lang) : STR_NONE,
                   .url = rec ? address_of(rq, page_href(rq, rec, NULL)) : STR_NONE,
                   .from_day = due,
                   .to_day = due,
                   .changed_ms = d->opened_ms,
                   .version = 1};
    ical_item(x->b, &it);
    x->n++;
    return 0;
}

static int put_owed(Feed *x, Err *e)
{
    Req *rq = x->rq;
    Owing o;
    FlowDuty *list, after;
    int n = LIMIT_DUTIES_SHOWN, taken = 0;
    UnixMs ends = web_day_ms(rq->reader.today + LIMIT_FEED_AHEAD_DAYS);
    TRY(web_owing_of(rq->arena, rq->tx, &rq->reader, &o, e));
    while (n == LIMIT_DUTIES_SHOWN && taken < LIMIT_FEED_ITEMS) {
        TRY(flow_owed(rq->arena, rq->tx, o.seats, o.seat_n, o.postings, o.posting_n,
                      taken ? &after : NULL, LIMIT_DUTIES_SHOWN, &list, &n, e));
        for (int i = 0; i < n && taken < LIMIT_FEED_ITEMS; i++, taken++) {
            after = list[i];
            if (list[i].due_ms == FLOW_NO_DUE || list[i].due_ms >= ends)
                return 0; /* the rest falls due later, or never */
            if (!list[i].stopped_ms)
                TRY(put_duty(x, &list[i], e));
        }
    }
    return 0;
}

/* The arms by which he is meant himself: a rule that invites him, or his name in it. */
static Arms meant(Req *rq, const Type *t)
{
    Arms all = access_see(rq->arena, &rq->reader, t);
    Arm *list = NEW_N(rq->arena, Arm, (size_t)all.n + 1);
    int n = 0;
    for (int i = 0; i < all.n; i++) {
        const Arm *a = &all.list[i];
        bool is_him = a->column == ARM_ID_VIA && a->via->kind == KIND_PERSON &&
                      uuid_eq(a->key, rq->reader.person);
        if (a->column == ARM_AUDIENCE || is_him)
            list[n++] = *a;
    }
    return (Arms){.list = list, .n = n};
}

/* By what the list read, else (a line names him) by the whole record. */
static int is_meant(Req *rq, Arms arms, const Record *rec, bool *ret, Err *e)
{
    Record *whole;
    *ret = record_may(&rq->reader, arms, rec) != NULL;
    bool in_rows = false;
    for (int i = 0; i < arms.n; i++)
        in_rows = in_rows || arms.list[i].via->rows;
    if (*ret || !in_rows)
        return 0;
    TRY(record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, rec->type, rec->id, &whole,
                   NULL, e));
    *ret = record_may(&rq->reader, arms, whole) != NULL;
    return 0;
}

static void put_event(Feed *x, const Record *rec)
{
    Req *rq = x->rq;
    IcalItem it = {.kind = ICAL_DAY,
                   .uid = uid_of(x, rec->id, "-on"),
                   .summary = title_of(rq, rec),
                   .description = page_unit(rq, rec->unit_ix),
                   .location = STR_NONE,
                   .category = label_text(&rec->type->label, rq->lang),
                   .url = address_of(rq, page_href(rq, rec, NULL)),
                   .from_day = rec->at_day,
                   .to_day = rec->at_day,
                   .changed_ms = rec->made_ms,
                   .version = rec->version};
    ical_item(x->b, &it);
    x->n++;
}

static int put_attended(Feed *x, const Type *t, Err *e)
{
    Req *rq = x->rq;
    Arms arms = meant(rq, t);
    Day today = rq->reader.today;
    if (!t->dated || !arms.n)
        return 0;
    ListQuery q = {.type = t,
                   .unit_ix = -1,
                   .states = (t->state_n < LIMIT_STATES ? (1u << t->state_n) - 1 : ~0u) &
                             ~(t->void_states | t->draft_states),
                   .limit = LIMIT_LIST_PAGE,
                   .after = STR_NONE};
    for (int seen = 0, put = 0; seen < SCAN_MOST && put < LIMIT_FEED_ITEMS;) {
        RecordList list;
        TRY(record_list(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, e));
        for (int i = 0; i < list.n && put < LIMIT_FEED_ITEMS; i++, seen++) {
            const Record *rec = &list.items[i];
            bool is;
            if (rec->at_day < today - LIMIT_FEED_BACK_DAYS)
                return 0;
            if (rec->at_day > today + LIMIT_FEED_AHEAD_DAYS)
                continue;
            TRY(is_meant(rq, arms, rec, &is, e));
            if (is)
                put_event(x, rec);
            put += is;
        }
        q.after = list.next;
        if (!str_has(list.next))
            return 0;
    }
    return 0;
}

static int put_calendar(Req *rq, Buf *b, Err *e)
{
    const Tree *tree = rq->reader.tree;
    Feed x = {.rq = rq, .b = b, .at = tree->unit_n ? tree->units[0].code : S("stave")};
    Str name = rq->reader.person_name;
    ical_begin(b, req_t(rq, "page.feed_name", &name, NULL), REFRESH_MIN);
    TRY(put_owed(&x, e));
    for (int i = 0; i < rq->app->model->type_n; i++)
        TRY(put_attended(&x, &rq->app->model->types[i], e));
    ical_end(b);
    return 0;
}

/* Absent, withdrawn, never made, of a closed account: one answer. */
static int page_calendar(Req *rq, Err *e)
{
    App *app = rq->app;
    Reader r, nobody = rq->reader;
    Str typed = req_path(rq, "secret");
    if (!str_ends(typed, S(".ics")))
        return err_set(e, ERR_MISSING, "access.feed_gone");
    TRY(access_reader_feed(app->access, rq->arena, rq->tx, nobody.tree,
                           str_sub(typed, 0, typed.n - 4), &r, e));
    r.workdays = nobody.workdays;
    TRY(record_fill_mine(app->records, rq->arena, rq->tx, &r, e));
    Buf b = {.arena = rq->arena};
    rq->reader = r;
    rq->lang = r.lang;
    int rc = put_calendar(rq, &b, e);
    rq->reader = nobody; /* whatever page follows is nobody's */
    if (rc < 0)
        return rc;
    req_bytes(rq, 200, S("text/calendar; charset=utf-8"), buf_view(&b));
    http_set_header(rq->http, S("Cache-Control"), S("private, max-age=900"));
    return REQ_DONE;
}

static const ParamSpec set_params[] = {{.name = "do", .max_bytes = 16}, {.name = NULL}};

static const Route feed_routes[] = {
    {.path = "/calendar/:secret",
     .method = GET,
     .run = page_calendar,
     .may = MAY_ANYONE,
     .rate = "feed",
     .help = "page.help_calendar",
     .spec = "P3 P9"},
    {.path = "/settings/calendar",
     .method = POST,
     .run = page_feed_set,
     .may = MAY_SIGNED_IN,
     .params = set_params,
     .body_max = LIMIT_FORM_BYTES,
     .help = "page.help_feed",
     .spec = "P3"},
};
const RouteTable page_feed_routes = {feed_routes, LEN(feed_routes)};
