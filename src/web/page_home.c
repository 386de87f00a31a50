/* page_home.c: my day, what I may write, settings.   UX: my day  SPEC: B3 */
#include "web/page_int.h"

enum { DAY_ENTRIES = 7, COUNT_STOP = 1000 };

/* ---- my day ---- */

/* Who looks as another post is not the only one who sees it. */
Str page_only_him(Req *rq)
{
    return req_t(rq, rq->reader.viewer ? "page.only_looked_at" : "page.only_you", NULL);
}

typedef struct Group {
    ListKey side; /* V_sections or V_asides */
    ListQuery q;
} Group;

static Str all_href(Req *rq, const Group *g)
{
    const Type *t = g->q.type;
    int state = 0;
    while (!(g->q.states >> state & 1))
        state++;
    Str name = t->states[state].name, href = page_type_href(rq, t, NULL);
    return str_fmt(rq->arena, "%.*s?state=%.*s&mine=1", STR_ARG(href), STR_ARG(name));
}

static int put_group(Req *rq, const Group *g, Str label, Err *e)
{
    const App *app = rq->app;
    RecordList list;
    TRY(record_list(app->records, rq->arena, rq->tx, &rq->reader, &g->q, &list, e));
    if (!list.n)
        return 0;
    int n = list.n;
    if (str_has(list.next))
        TRY(record_count(app->records, rq->arena, rq->tx, &rq->reader, &g->q, COUNT_STOP, &n, e));
    View *v = view_item(rq->view, g->side);
    Str count = page_n(rq, n);
    view_text(v, V_label, label);
    view_text(v, V_count_text,
              req_t(rq, n >= COUNT_STOP ? "page.things_more" : "page.things", &count, NULL));
    for (int i = 0; i < list.n; i++)
        page_entry(rq, v, &list.items[i]);
    if (n > list.n) {
        view_url(v, V_all_href, all_href(rq, g));
        view_text(v, V_all_text,
                  req_t(rq, n >= COUNT_STOP ? "page.all_more" : "page.all_n", &count, NULL));
    }
    return 1;
}

/* The author owes something about it while it is so: it stands among what he owes. */
static bool is_owed_by_author(const Type *t, int state)
{
    for (int i = 0; i < t->duty_n; i++)
        if (t->duties[i].while_state == state && t->duties[i].owed_by.kind == WHO_AUTHOR)
            return true;
    return false;
}

/* His own that nobody waits for: drafts, and what he has back without owing anything. */
static int put_own(Req *rq, const Type *t, int state, Err *e)
{
    const State *s = &t->states[state];
    bool is_back = page_is_back(t, state);
    if ((!s->is_draft && !is_back) || is_owed_by_author(t, state))
        return 0;
    Group g = {.side = is_back ? V_sections : V_asides,
               .q = {.type = t,
                     .unit_ix = -1,
                     .states = 1u << state,
                     .mine = true,
                     .limit = DAY_ENTRIES,
                     .after = STR_NONE}};
    Str label = label_text(&s->label, rq->lang), name = label_text(&t->label, rq->lang);
    int rc = put_group(rq, &g, req_t(rq, "page.group", &name, &label, NULL), e);
    return rc > 0 && s->is_draft ? 0 : rc;
}

/* How many groups want something of him. */
static int put_type(Req *rq, const Type *t, Err *e)
{
    int due = 0;
    Arms see = access_see(rq->arena, &rq->reader, t);
    bool is_author = false;
    for (int i = 0; i < see.n; i++)
        is_author = is_author || see.list[i].column == ARM_AUTHOR;
    for (int s = 0; s < t->state_n && is_author; s++) {
        int rc = put_own(rq, t, s, e);
        TRY(rc);
        due += rc;
    }
    return due;
}

static Str post_of(Req *rq, const Post *p)
{
    Str post = page_post(rq, p->role, p->unit_ix);
    return uuid_is_zero(p->deputy_for) ? post
                                       : req_t(rq, "page.by_for", &post, &p->deputy_for_name, NULL);
}

static Str my_posts(Req *rq)
{
    const Reader *r = &rq->reader;
    Str *list = NEW_N(rq->arena, Str, (size_t)r->post_n + 1);
    for (int i = 0; i < r->post_n; i++)
        list[i] = post_of(rq, &r->posts[i]);
    Str posts = page_join(rq, list, r->post_n), name = r->person_name;
    return posts.n ? str_fmt(rq->arena, "%.*s  %.*s", STR_ARG(name), STR_ARG(posts)) : name;
}

static int page_my_day(Req *rq, Err *e)
{
    const Model *m = rq->app->model;
    int due = 0;
    if (rq->reader.admin == ADMIN_SECURITY || rq->reader.admin == ADMIN_AUDIT) {
        req_redirect(rq, S("/admin"));
        return REQ_DONE;
    }
    if (rq->reader.is_admin) { /* he sees no records: his is the tree */
        req_redirect(rq, rq->reader.tree->unit_n ? S("/unit") : S("/start"));
        return REQ_DONE;
    }
    TRY(page_put_owed(rq, &due, e));
    TRY(page_put_changes(rq, e));
    for (int i = 0; i < m->type_n; i++) {
        int rc = put_type(rq, &m->types[i], e);
        TRY(rc);
        due += rc;
    }
    view_text(rq->view, V_title, page_today(rq));
    view_text(rq->view, V_day_note, my_posts(rq));
    view_bool(rq->view, V_is_free, !due);
    view_bool(rq->view, V_is_today, true);
    view_text(rq->view, V_who_text, page_only_him(rq));
    page_done(rq, TPL_MYDAY, 200);
    return REQ_DONE;
}

/* ---- what I may write ---- */

static int page_new(Req *rq, Err *e)
{
    (void)e; /* everything is in memory */
    const Model *m = rq->app->model;
    View *v = rq->view;
    for (int i = 0; i < m->type_n; i++) {
        const Type *t = &m->types[i];
        int *posts,
            n = t->create ? access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts) : 0;
        if (n < 1)
            continue;
        View *k =
            page_link(v, V_kinds, label_text(&t->label, rq->lang), page_type_href(rq, t, "/new"));
        view_text(k, V_note, n == 1 ? page_unit(rq, rq->reader.posts[posts[0]].unit_ix) : S(""));
        view_i64(k, V_mark, page_mark(t));
        view_text(k, V_line_name, page_line_name(rq, page_mark(t)));
    }
    view_text(v, V_title, req_t(rq, "ui.new", NULL));
    view_bool(v, V_is_new, true);
    page_done(rq, TPL_NEW, 200);
    return REQ_DONE;
}

/* ---- settings ---- */

/* Who stands in for him at this post, now or later. */
static int put_stand_ins(Req *rq, View *f, const Post *p, Err *e)
{
    SeatLine *seats;
    int n;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(access_seats(rq->app->access, rq->arena, tx, rq->reader.tree, p->unit_ix, &seats, &n, e));
    for (int i = 0; i < n; i++)
        for (int k = 0; seats[i].posting == p->posting && k < seats[i].deputy_n; k++) {
            const struct DeputyLine *d = &seats[i].deputies[k];
            Str from = page_day(rq, d->starts), to = page_day(rq, d->ends);
            Str days = str_fmt(rq->arena, "%.*s — %.*s", STR_ARG(from), STR_ARG(to));
            View *v = view_item(f, V_deputies);
            view_text(v, V_text, req_t(rq, "page.deputy_line", &days, &d->person, NULL));
            view_text(v, V_label, req_t(rq, "page.leave_end", &d->person, NULL));
            view_url(v, V_action, page_leave_end_href(rq, p->unit_ix, p->posting, d->id, true));
        }
    return 0;
}

/* A post of his own, with leave to arrange; or one he stands in for. */
static int put_post(Req *rq, const Post *p, Err *e)
{
    View *f = page_fact(rq->view, V_posts_held, post_of(rq, p), page_span(rq, p->starts, p->ends));
    if (!uuid_is_zero(p->deputy_for) || rq->reader.viewer)
        return 0;
    page_link(f, V_links, req_t(rq, "page.leave", NULL),
              page_leave_href(rq, p->unit_ix, p->posting, true));
    return put_stand_ins(rq, f, p, e);
}

int page_settings(Req *rq, Err *e)
{
    const Reader *r = &rq->reader;
    View *v = rq->view;
    bool keys = !str_eq(http_cookie(rq->http, S("keys")), S("0"));
    view_text(v, V_title, req_t(rq, "page.settings", NULL));
    view_text(v, V_account, r->account_name);
    for (int i = 0; i < r->post_n; i++)
        TRY(put_post(rq, &r->posts[i], e));
    TRY(page_put_feed(rq, e));
    view_url(v, V_out_action, S("/signout"));
    view_url(v, V_keys_href,
             keys ? S("/look?keys=0&back=/settings") : S("/look?keys=1&back=/settings"));
    page_done(rq, TPL_SETTINGS, 200);
    return REQ_DONE;
}

static const Route home_routes[] = {
    {.path = "/",
     .method = GET,
     .run = page_my_day,
     .may = MAY_SIGNED_IN,
     .help = "page.help_my_day",
     .spec = "B3"},
    {.path = "/new",
     .method = GET,
     .run = page_new,
     .may = MAY_SIGNED_IN,
     .help = "page.help_write",
     .spec = "B3"},
    {.path = "/settings",
     .method = GET,
     .run = page_settings,
     .may = MAY_SIGNED_IN,
     .help = "page.help_settings",
     .spec = "P2"},
};
const RouteTable page_home_routes = {home_routes, LEN(home_routes)};
