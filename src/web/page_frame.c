/* page_frame.c: what stands around every page of somebody signed in: the directory, of what
 * concerns him alone, and the tabs.
 * UX: 2 */
#include "web/page_int.h"

static bool may_write(Req *rq, const Type *t)
{
    int *posts;
    return t->create && access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts) > 0;
}

/* Under a post of his own, not as a deputy. */
static bool may_write_own(Req *rq, const Type *t)
{
    int *posts, n = 0;
    if (t->create)
        n = access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts);
    for (int i = 0; i < n; i++)
        if (uuid_is_zero(rq->reader.posts[posts[i]].deputy_for))
            return true;
    return false;
}

bool page_concerns(Req *rq, const Type *t)
{
    return access_see(rq->arena, &rq->reader, t).n > 0 || may_write(rq, t);
}

/* Whom he stands in for where he sees a type only as deputy; STR_NONE: it is his own to see. */
static Str only_for(Req *rq, const Type *t)
{
    const Reader *r = &rq->reader;
    Arms see = access_see(rq->arena, r, t);
    Str name = STR_NONE;
    for (int i = 0; i < see.n; i++) {
        const Post *p = see.list[i].post_ix >= 0 ? &r->posts[see.list[i].post_ix] : NULL;
        bool is_own = !p || uuid_is_zero(p->deputy_for);
        if (is_own && !(see.list[i].column == ARM_AUTHOR && !may_write_own(rq, t)))
            return STR_NONE;
        if (!is_own)
            name = p->deputy_for_name;
    }
    return name;
}

/* The section is made with its first entry, so that none stands empty. */
static View *section(Req *rq, View **made, const char *key)
{
    if (!*made) {
        *made = view_item(rq->view, V_nav);
        view_text(*made, V_label, req_t(rq, key, NULL));
    }
    return *made;
}

static void put_types(Req *rq, View **made, bool is_line)
{
    const Model *m = rq->app->model;
    for (int i = 0; i < m->type_n; i++) {
        const Type *t = &m->types[i];
        int mark = page_mark(t);
        if ((mark > 0) != is_line || !page_concerns(rq, t))
            continue;
        View *s = section(rq, made, is_line ? "page.five_lines" : "page.others");
        view_bool(s, V_is_lines, is_line);
        Str label = label_text(&t->label, rq->lang), name = only_for(rq, t);
        if (str_has(name))
            label = req_t(rq, "page.by_for", &label, &name, NULL);
        View *l = page_link(s, V_links, label, page_type_href(rq, t, NULL));
        view_i64(l, V_mark, mark);
        view_text(l, V_note, page_line_name(rq, mark));
        view_bool(l, V_is_on, rq->type == t && !req_param(rq, "mine").n);
    }
}

static void put_link(Req *rq, View *s, const char *key, Str href)
{
    View *l = page_link(s, V_links, req_t(rq, key, NULL), href);
    Str path = rq->http->path;
    view_bool(l, V_is_on, str_eq(path, href) || (str_starts(path, href) && path.p[href.n] == '/'));
}

static void put_mine(Req *rq, View *s)
{
    const Model *m = rq->app->model;
    for (int i = 0; i < m->type_n; i++) {
        const Type *t = &m->types[i];
        Str label = label_text(&t->label, rq->lang), href = page_type_href(rq, t, NULL);
        if (!may_write(rq, t))
            continue;
        View *l = page_link(s, V_links, req_t(rq, "page.nav_mine", &label, NULL),
                            str_fmt(rq->arena, "%.*s?mine=1", STR_ARG(href)));
        view_bool(l, V_is_on, rq->type == t && req_param(rq, "mine").n);
    }
}

void page_frame(Req *rq)
{
    View *lines = NULL, *others = NULL, *mine = NULL;
    bool may_new = false;
    const Model *m = rq->app->model;
    put_types(rq, &lines, true);
    put_types(rq, &others, false);
    int ix = 0;
    if (web_figure_next(rq, &ix)) {
        View *s = section(rq, &others, "page.others");
        view_bool(page_link(s, V_links, req_t(rq, "page.figures", NULL), S("/figures")), V_is_on,
                  str_starts(rq->http->path, S("/figure")));
    }
    if (gate_may_staff(rq))
        put_link(rq, section(rq, &others, "page.others"), "page.units", S("/unit"));
    if (gate_may_import(rq))
        put_link(rq, section(rq, &others, "page.others"), "page.import", S("/import"));
    if (rq->reader.admin != ADMIN_NONE) {
        View *s = section(rq, &others, "page.others");
        view_bool(page_link(s, V_links, page_admin_name(rq), S("/admin")), V_is_on,
                  str_starts(rq->http->path, S("/admin")));
    }
    put_mine(rq, section(rq, &mine, "page.my_own"));
    put_link(rq, mine, "page.notices", S("/notices"));
    put_link(rq, mine, "page.settings", S("/settings"));
    for (int i = 0; i < m->type_n; i++)
        may_new = may_new || may_write(rq, &m->types[i]);
    view_bool(rq->view, V_may_new, may_new);
    page_band(rq);
    page_bell(rq);
    if (rq->reader.is_stands_cut) {
        Str most = str_fmt(rq->arena, "%d", LIMIT_STANDS);
        view_text(rq->view, V_stands_note, req_t(rq, "page.stands_cut", &most, NULL));
    }
    view_bool(rq->view, V_may_search, rq->reader.post_n > 0 || rq->reader.mine_n > 0);
}
