/* page_list.c: records of one type, newest day first, 20 a page, with filters kept in the
 * address. UX: list  SPEC: B3 */
#include "web/page_int.h"

enum { UNIT_OPTIONS_MAX = 120, COUNT_STOP = 1000, OPENING_CHARS = 36, COLUMNS_MAX = 4 };

/* ---- the address ---- */

/* The filters as they are, each with & in front; `cursor` is NULL, "after" or "before". */
static Str query_of(Req *rq, const char *path, const char *cursor, Str at)
{
    Buf b = {.arena = rq->arena};
    char mark = '?';
    buf_str(&b, page_type_href(rq, rq->type, path));
    for (size_t i = 0; i < rq->params.n; i++) {
        const Param *p = &rq->params.list[i];
        bool moves = str_eq(p->name, S("after")) || str_eq(p->name, S("before"));
        if (moves || !p->value.n)
            continue;
        buf_fmt(&b, "%c%.*s=%.*s", mark, STR_ARG(p->name),
                STR_ARG(url_encode(rq->arena, p->value)));
        mark = '&';
    }
    if (cursor)
        buf_fmt(&b, "%c%s=%.*s", mark, cursor, STR_ARG(url_encode(rq->arena, at)));
    return buf_view(&b);
}

/* ---- filters ---- */

static void put_option(View *v, Str value, Str label, bool is_on)
{
    View *o = view_item(v, V_options);
    view_text(o, V_value, value);
    view_text(o, V_label, label);
    view_bool(o, V_is_on, is_on);
}

static View *put_filter(Req *rq, const char *name, Str label, int *count)
{
    View *v = view_item(rq->view, V_filters);
    view_text(v, V_label, label);
    view_text(v, V_name, str_of(name));
    view_text(v, V_value, req_param(rq, name).n ? req_param(rq, name) : S(""));
    *count += req_param(rq, name).n > 0;
    return v;
}

/* An author's arm counts only for who may write: nobody else has anything of his own here. */
static bool is_used(Req *rq, const Arm *arm)
{
    int *posts;
    return arm->column != ARM_AUTHOR ||
           (rq->type->create &&
            access_create_posts(rq->arena, &rq->reader, rq->type, STR_NONE, &posts) > 0);
}

/* Is there a unit where such records sit, at it or below. */
static bool has_place(const Req *rq, int unit_ix)
{
    const Tree *t = rq->reader.tree;
    for (int u = unit_ix; u < t->units[unit_ix].end_ix; u++)
        if (rq->type->at >> t->units[u].kind & 1)
            return true;
    return false;
}

/* Units he sees records of. *ret_n are marked. */
static bool *units_seen(Req *rq, Arms see, uint64_t but_kinds, int *ret_n)
{
    const Reader *r = &rq->reader;
    bool *mark = NEW_N(rq->arena, bool, (size_t)r->tree->unit_n + 1);
    int n = 0;
    for (int i = 0; i < see.n; i++) {
        const Arm *arm = &see.list[i];
        for (int u = arm->from_ix; arm->column == ARM_UNIT && u < arm->to_ix; u++)
            mark[u] = true;
        for (int p = 0; arm->column == ARM_AUTHOR && is_used(rq, arm) && p < r->post_n; p++)
            mark[r->posts[p].unit_ix] = true;
    }
    for (int u = 0; u < r->tree->unit_n; u++) {
        mark[u] = mark[u] && !(but_kinds >> r->tree->units[u].kind & 1) && has_place(rq, u);
        n += mark[u];
    }
    *ret_n = n;
    return mark;
}

/* All units while they are few; else those above the records' own. */
static void filter_unit(Req *rq, Arms see, int *count)
{
    const Tree *t = rq->reader.tree;
    int n, least = INT32_MAX;
    bool *mark = units_seen(rq, see, 0, &n);
    if (n > UNIT_OPTIONS_MAX)
        mark = units_seen(rq, see, rq->type->at, &n);
    if (n < 2 || n > UNIT_OPTIONS_MAX)
        return;
    View *v = put_filter(rq, "unit", req_t(rq, "page.unit", NULL), count);
    view_bool(v, V_is_select, true);
    put_option(v, S(""), req_t(rq, "page.all", NULL), false);
    for (int u = 0; u < t->unit_n; u++)
        least = mark[u] && t->units[u].depth < least ? t->units[u].depth : least;
    for (int u = 0; u < t->unit_n; u++) {
        Buf b = {.arena = rq->arena};
        for (int d = least; mark[u] && d < t->units[u].depth; d++)
            buf_z(&b, "\u3000");
        buf_str(&b, t->units[u].name);
        if (mark[u])
            put_option(v, t->units[u].code, buf_view(&b),
                       str_eq(req_param(rq, "unit"), t->units[u].code));
    }
}

static void filter_state(Req *rq, Arms see, int *count)
{
    const Type *t = rq->type;
    uint32_t states = 0;
    for (int i = 0; i < see.n; i++)
        states |= is_used(rq, &see.list[i]) ? see.list[i].states : 0;
    View *v = put_filter(rq, "state", req_t(rq, "page.state", NULL), count);
    view_bool(v, V_is_select, true);
    put_option(v, S(""), req_t(rq, "page.all", NULL), false);
    for (int i = 0; i < t->state_n; i++)
        if (states >> i & 1)
            put_option(v, t->states[i].name, label_text(&t->states[i].label, rq->lang),
                       str_eq(req_param(rq, "state"), t->states[i].name));
}

static void filter_mine(Req *rq, Arms see, int *count)
{
    bool author = false, others = false;
    for (int i = 0; i < see.n; i++) {
        author = author || (see.list[i].column == ARM_AUTHOR && is_used(rq, &see.list[i]));
        others = others || see.list[i].column != ARM_AUTHOR;
    }
    bool is_on = req_param(rq, "mine").n > 0;
    if (!(author && others) && !is_on)
        return;
    View *v = put_filter(rq, "mine", req_t(rq, "page.author", NULL), count);
    view_bool(v, V_is_select, true);
    put_option(v, S(""), req_t(rq, "page.everybody", NULL), false);
    put_option(v, S("1"), req_t(rq, "page.mine", NULL), is_on);
}

/* The day, and every choice: a list takes one of them at a time. */
static void filter_fields(Req *rq, int *count)
{
    const Type *t = rq->type;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        bool is_day = f == t->dated && f->kind == KIND_DATE;
        if (!is_day && f->kind != KIND_CHOICE)
            continue;
        const char *name = str_z(rq->arena, f->name);
        View *v = put_filter(rq, name, label_text(&f->label, rq->lang), count);
        view_bool(v, is_day ? V_is_date : V_is_select, true);
        if (is_day)
            continue;
        put_option(v, S(""), req_t(rq, "page.all", NULL), false);
        for (int k = 0; k < f->choice_n; k++)
            if (!f->choices[k].is_retired || str_eq(req_param(rq, name), f->choices[k].name))
                put_option(v, f->choices[k].name, label_text(&f->choices[k].label, rq->lang),
                           str_eq(req_param(rq, name), f->choices[k].name));
    }
}

/* Those that name one record: which, in a sentence; carried along by the other filters. */
static void filter_link(Req *rq, const ListQuery *q, int *count)
{
    if (!q->link)
        return;
    uint8_t id[sizeof(Uuid)];
    memcpy(id, q->link_to.b, sizeof id);
    Value at = {.tag = VALUE_BLOB, .s = {(const char *)id, sizeof id}};
    Str label = label_text(&q->link->label, rq->lang), title = page_value(rq, q->link, &at);
    const char *name = str_z(rq->arena, q->link->name);
    View *v = put_filter(rq, name, label, count);
    view_bool(v, V_is_hidden, true);
    if (title.n)
        view_text(rq->view, V_intro, req_t(rq, "page.only_linked", &label, &title, NULL));
}

/* ---- the table ---- */

static void put_column(Req *rq, Str label)
{
    view_text(view_item(rq->view, V_columns), V_label, label);
}

/* What has a name of its own is listed by it; anything else by its day. */
static bool is_named(const Type *t)
{
    return !t->dated && t->title && t->title->kind == KIND_TEXT && !t->title->is_asked;
}

static bool is_column(const Type *t, const Field *f)
{
    bool is_long = f->kind == KIND_NOTE || f->kind == KIND_PHOTO || f->kind == KIND_FILE ||
                   f->kind == KIND_ROWS || f->kind == KIND_LINKS || f->kind == KIND_AUDIENCE;
    return f != t->dated && f != t->title && !is_long && !f->is_asked &&
           model_kind(f->kind)->in_lists;
}

/* The first few that fit. Returns how many; ret holds their places. */
static int columns_of(const Type *t, int ret[COLUMNS_MAX])
{
    int n = 0;
    for (int i = 0; i < t->field_n && n < COLUMNS_MAX; i++)
        if (is_column(t, &t->fields[i]))
            ret[n++] = i;
    return n;
}

/* What the day of a row is called. */
static Str day_label(Req *rq)
{
    const Type *t = rq->type;
    return t->dated ? label_text(&t->dated->label, rq->lang) : req_t(rq, "page.day_made", NULL);
}

static void put_columns(Req *rq)
{
    const Type *t = rq->type;
    int cols[COLUMNS_MAX], n = columns_of(t, cols);
    Str day = day_label(rq);
    put_column(rq, is_named(t) ? label_text(&t->title->label, rq->lang) : day);
    put_column(rq, req_t(rq, "page.unit", NULL));
    put_column(rq, req_t(rq, "page.author", NULL));
    if (is_named(t))
        put_column(rq, day);
    else if (t->title)
        put_column(rq, label_text(&t->title->label, rq->lang));
    for (int i = 0; i < n; i++)
        put_column(rq, label_text(&t->fields[cols[i]].label, rq->lang));
    put_column(rq, req_t(rq, "page.state", NULL));
}

static View *put_cell(View *row, Str label, Str text)
{
    View *c = view_item(row, V_cells);
    view_text(c, V_label, label);
    view_text(c, V_text, text);
    view_bool(c, V_is_nil, !text.n);
    return c;
}

static void put_row(Req *rq, const Record *rec, Str author)
{
    const Type *t = rec->type;
    int cols[COLUMNS_MAX], n = columns_of(t, cols);
    View *row = view_item(rq->view, V_items);
    Str day = day_text(rq->arena, rec->at_day), title = page_opening(rq, rec, OPENING_CHARS);
    View *c = put_cell(row, S(""), is_named(t) && title.n ? title : day);
    view_url(c, V_href, page_href(rq, rec, NULL));
    view_bool(c, V_is_title, true);
    view_bool(c, V_is_nowrap, !is_named(t));
    put_cell(row, req_t(rq, "page.unit", NULL), page_unit(rq, rec->unit_ix));
    view_bool(put_cell(row, req_t(rq, "page.author", NULL), author), V_is_nowrap, true);
    if (is_named(t))
        view_bool(put_cell(row, day_label(rq), day), V_is_nowrap, true);
    else if (t->title)
        view_bool(put_cell(row, S(""), title), V_is_wide, true);
    for (int i = 0; i < n; i++)
        put_cell(row, label_text(&t->fields[cols[i]].label, rq->lang),
                 page_value(rq, &t->fields[cols[i]], &rec->values[cols[i]]));
    c = view_item(row, V_cells);
    page_state(rq, c, t, rec->state);
    view_bool(c, V_is_state, true);
}

static void put_rows(Req *rq, const RecordList *list)
{
    Str *names = NEW_N(rq->arena, Str, (size_t)list->n + 1);
    for (int i = 0; i < list->n; i++) {
        int k = 0;
        while (k < i && !uuid_eq(list->items[k].author, list->items[i].author))
            k++;
        names[i] = k < i ? names[k] : page_person(rq, list->items[i].author);
        put_row(rq, &list->items[i], names[i]);
    }
}

static int put_count(Req *rq, const ListQuery *q, const RecordList *list, Err *e)
{
    int n = list->n;
    bool is_all = !str_has(list->next) && !str_has(list->prev) && !list->is_cut;
    if (!is_all && str_has(q->after))
        return 0; /* said on the first page */
    if (!is_all)
        TRY(record_count(rq->app->records, rq->arena, rq->tx, &rq->reader, q, COUNT_STOP, &n, e));
    Str text = page_n(rq, n);
    view_text(rq->view, V_count_text,
              req_t(rq, n >= COUNT_STOP ? "page.count_more" : "page.count", &text, NULL));
    return 0;
}

static void put_head(Req *rq, const ListQuery *q)
{
    View *v = rq->view;
    const Type *t = rq->type;
    Arms see = access_see(rq->arena, &rq->reader, t);
    int *posts, filters = 0;
    page_crumbs(rq, t);
    view_text(v, V_title, label_text(&t->label, rq->lang));
    if (access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts) > 0) {
        view_url(v, V_new_href, page_type_href(rq, t, "/new"));
        view_url(v, V_import_href, page_type_href(rq, t, "/import"));
        view_text(v, V_new_label, label_text(&t->create->label, rq->lang));
    }
    const Action *many = page_many_action(rq, t);
    if (many) {
        Str act = label_text(&many->label, rq->lang);
        view_url(v, V_many_href, page_many_href(rq, t, many));
        view_text(v, V_many_label, req_t(rq, "page.many", &act, NULL));
    }
    filter_state(rq, see, &filters);
    filter_unit(rq, see, &filters);
    filter_mine(rq, see, &filters);
    filter_fields(rq, &filters);
    filter_link(rq, q, &filters);
    view_i64(v, V_filter_n, filters);
    view_url(v, V_action, page_type_href(rq, t, NULL));
    if (filters)
        view_url(v, V_clear_href, page_type_href(rq, t, NULL));
    put_columns(rq);
}

/* Nothing is asked for: all there is. */
static bool is_whole(const Req *rq)
{
    for (size_t i = 0; i < rq->params.n; i++)
        if (rq->params.list[i].value.n)
            return false;
    return true;
}

int page_list(Req *rq, Err *e)
{
    View *v = rq->view;
    ListQuery q;
    RecordList list = {0};
    TRY(web_list_query(rq, &q, e));
    put_head(rq, &q);
    TRY(page_put_saved(rq, e));
    Err sub = err_on(rq->arena);
    int rc = record_list(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, &sub);
    if (rc == ERR_LIMIT) { /* too many units at once: the filter above is the way on */
        view_text(v, V_empty_text, err_text(rq->arena, rq->lang, &sub));
        page_done(rq, TPL_LIST, 200);
        return REQ_DONE;
    }
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    put_rows(rq, &list);
    Str name = label_text(&rq->type->label, rq->lang);
    if (!list.n && is_whole(rq))
        view_text(v, V_empty_text, req_t(rq, "page.none_yet", &name, NULL));
    TRY(put_count(rq, &q, &list, e));
    if (list.n) {
        view_url(v, V_export_href, query_of(rq, "/export", NULL, STR_NONE));
        view_url(v, V_book_href, query_of(rq, "/export.xlsx", NULL, STR_NONE));
    }
    if (str_has(list.prev))
        view_url(v, V_newer_href, query_of(rq, NULL, "before", list.prev));
    if (str_has(list.next))
        view_url(v, V_older_href, query_of(rq, NULL, "after", list.next));
    view_bool(v, V_is_cut, list.is_cut);
    page_done(rq, TPL_LIST, 200);
    return REQ_DONE;
}
