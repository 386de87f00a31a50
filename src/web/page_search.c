/* page_search.c: words in what one may see: a section for each type, the place marked.
 *                                                                       UX: search  SPEC: P10 */
#include "web/page_int.h"

enum { PER_TYPE = 5, PER_ONE = LIMIT_PICKS, WORDS_MAX = 8 };

/* The words as typed, without blanks between. */
static int words_of(Str q, Str ret[WORDS_MAX])
{
    int n = 0;
    while (q.n && n < WORDS_MAX) {
        size_t at = 0;
        while (at < q.n && q.p[at] != ' ')
            at++;
        if (at)
            ret[n++] = str_sub(q, 0, at);
        q = str_sub(q, at < q.n ? at + 1 : at, q.n);
    }
    return n;
}

static void put_piece(View *v, ListKey list, Str text, bool is_marked)
{
    if (!text.n)
        return;
    View *p = view_item(v, list);
    view_text(p, V_text, text);
    view_bool(p, V_is_marked, is_marked);
}

/* A text with every word that stands in it as it was typed marked. */
static void put_marked(View *v, ListKey list, Str text, const Str *words, int n)
{
    while (text.n) {
        ptrdiff_t best = -1;
        size_t len = 0;
        for (int i = 0; i < n; i++) {
            ptrdiff_t at = str_find(text, words[i]);
            if (at >= 0 && (best < 0 || at < best || (at == best && words[i].n > len))) {
                best = at;
                len = words[i].n;
            }
        }
        size_t head = best < 0 ? text.n : (size_t)best;
        put_piece(v, list, str_sub(text, 0, head), false);
        put_piece(v, list, str_sub(text, head, best < 0 ? 0 : len), true);
        text = str_sub(text, head + (best < 0 ? 0 : len), text.n);
    }
}

static void put_passage(View *v, const Hit *h)
{
    size_t at = (size_t)h->mark_at, end = at + (size_t)h->mark_n;
    if (h->mark_at < 0 || h->mark_n <= 0 || end > h->passage.n) {
        put_piece(v, V_passages, h->passage, false);
        return;
    }
    put_piece(v, V_passages, str_sub(h->passage, 0, at), false);
    put_piece(v, V_passages, str_sub(h->passage, at, (size_t)h->mark_n), true);
    put_piece(v, V_passages, str_sub(h->passage, end, h->passage.n), false);
}

static void put_hit(Req *rq, View *group, const Hit *h, const Str *words, int n)
{
    View *v = view_item(group, V_hits);
    const Type *t = h->rec.type;
    Str title = page_record_title(rq, &h->rec);
    view_url(v, V_href, page_href(rq, &h->rec, NULL));
    view_i64(v, V_mark, page_mark(t));
    view_text(v, V_line_name, page_line_name(rq, page_mark(t)));
    put_marked(v, V_titles, title, words, n);
    page_state(rq, v, t, h->rec.state);
    if (!str_eq(str_trim(h->passage), title))
        put_passage(v, h);
    if (!t->dated) /* the title does not say where */
        view_text(view_item(v, V_notes), V_text,
                  record_tell_apart(rq->arena, &rq->reader, &h->rec));
}

static Str more_href(Req *rq, const Type *t, Str q)
{
    return str_fmt(rq->arena, "/search?q=%.*s&type=%.*s", STR_ARG(url_encode(rq->arena, q)),
                   STR_ARG(t->name));
}

static int put_groups(Req *rq, const HitGroup *list, int n, Str q, bool is_one)
{
    Str words[WORDS_MAX];
    int word_n = words_of(q, words), all = 0;
    for (int i = 0; i < n; i++) {
        const HitGroup *g = &list[i];
        View *v = view_item(rq->view, V_groups);
        Str count = page_n(rq, g->n);
        view_text(v, V_label, label_text(&g->type->label, rq->lang));
        bool is_full = g->has_more && g->n >= (is_one ? PER_ONE : PER_TYPE);
        view_text(v, V_count_text,
                  req_t(rq, is_full ? "page.count_more" : "page.count_plain", &count, NULL));
        for (int k = 0; k < g->n; k++)
            put_hit(rq, v, &g->hits[k], words, word_n);
        if (is_full && !is_one) {
            view_url(v, V_all_href, more_href(rq, g->type, q));
            view_text(v, V_all_text, req_t(rq, "page.search_more", NULL));
        }
        all += g->n;
    }
    return all;
}

static bool has_more(const HitGroup *list, int n)
{
    for (int i = 0; i < n; i++)
        if (list[i].has_more)
            return true;
    return false;
}

int page_search(Req *rq, Err *e)
{
    View *v = rq->view;
    Str q = str_trim(req_param(rq, "q"));
    const Type *type = model_type(rq->app->model, req_param(rq, "type"));
    HitGroup *list = NULL;
    int n = 0;
    view_text(v, V_title, req_t(rq, "page.search", NULL));
    view_bool(v, V_is_search, true);
    view_text(v, V_q, q.n ? q : S(""));
    if (q.n) {
        Err sub = err_on(rq->arena);
        int rc = record_search(rq->app->records, rq->arena, rq->tx, &rq->reader, q, type,
                               type ? PER_ONE : PER_TYPE, &list, &n, &sub);
        const ErrField *fault = page_fault_of(&sub, S("q"));
        if (rc == ERR_INVALID && fault) {
            view_text(v, V_problem, err_field_text(rq->arena, rq->lang, fault));
            page_done(rq, TPL_SEARCH, 200);
            return REQ_DONE;
        }
        if (rc < 0) {
            *e = sub;
            return rc;
        }
        int all = put_groups(rq, list, n, q, type != NULL);
        Str count = page_n(rq, all);
        if (all)
            view_text(v, V_count_text,
                      req_t(rq, has_more(list, n) ? "page.search_n_more" : "page.search_n", &q,
                            &count, NULL));
        else
            view_text(v, V_empty_text, req_t(rq, "page.search_none", &q, NULL));
        if (type)
            view_url(v, V_all_href,
                     str_fmt(rq->arena, "/search?q=%.*s", STR_ARG(url_encode(rq->arena, q))));
    }
    page_done(rq, TPL_SEARCH, 200);
    return REQ_DONE;
}

static const ParamSpec search_params[] = {
    {.name = "q", .max_bytes = LIMIT_SEARCH_CHARS * 8},
    {.name = "type", .max_bytes = 64},
    {.name = NULL},
};
static const Route search_routes[] = {
    {.path = "/search",
     .method = GET,
     .run = page_search,
     .may = MAY_SIGNED_IN,
     .params = search_params,
     .help = "page.help_search",
     .spec = "P10"},
};
const RouteTable page_search_routes = {search_routes, LEN(search_routes)};
