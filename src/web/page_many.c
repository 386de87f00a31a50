/* page_many.c: many at once: what may be acted on, oldest first, ticked and done, one change each.
 * What could not be done is told with its reason; nothing else is held up by it.
 *                                                       UX: many at once  SPEC: P3  PEERS: 3 */
#include "web/page_int.h"

enum { SHOWN = 20, GATHER_PAGES = 10, OPENING_CHARS = 40, VERSION_DIGITS_MAX = 12 };

/* ---- which action, which records ---- */

const Action *page_many_action(Req *rq, const Type *t)
{
    for (int i = 0; i < t->action_n; i++) {
        const Action *act = &t->actions[i];
        if (act->is_many && act->kind == ACTION_OTHER && !act->ask_n &&
            access_do(rq->arena, &rq->reader, t, act).n > 0)
            return act;
    }
    return NULL;
}

Str page_many_href(Req *rq, const Type *t, const Action *act)
{
    return page_type_href(rq, t,
                          str_z(rq->arena, str_fmt(rq->arena, "/many/%.*s", STR_ARG(act->name))));
}

static int action_of(Req *rq, const Action **ret, Err *e)
{
    const Action *act = type_action(rq->type, req_path(rq, "action"));
    if (!act || !act->is_many || act->kind != ACTION_OTHER || act->ask_n)
        return err_set(e, ERR_MISSING, "web.missing");
    if (!access_do(rq->arena, &rq->reader, rq->type, act).n)
        return err_set(e, ERR_DENIED, "record.may_not");
    *ret = act;
    return 0;
}

typedef struct Heap { /* of records found, each once */
    Record *items;
    int n, cap;
} Heap;

static bool holds(const Heap *h, Uuid id)
{
    for (int i = 0; i < h->n; i++)
        if (uuid_eq(h->items[i].id, id))
            return true;
    return false;
}

static void heap_add(Arena *a, Heap *h, const Record *rec)
{
    if (holds(h, rec->id))
        return;
    if (h->n == h->cap) {
        int cap = h->cap ? h->cap * 2 : 64;
        Record *items = NEW_N(a, Record, (size_t)cap);
        for (int i = 0; i < h->n; i++)
            items[i] = h->items[i];
        h->items = items;
        h->cap = cap;
    }
    h->items[h->n++] = *rec;
}

/* Pages run from the newest back, so the oldest are at the end of the last one. */
static int gather_in(Req *rq, const Action *act, Arms arms, int unit_ix, Heap *h, Err *e)
{
    ListQuery q = {.type = rq->type,
                   .unit_ix = unit_ix,
                   .states = act->from,
                   .limit = LIMIT_LIST_PAGE,
                   .after = STR_NONE};
    for (int page = 0; page < GATHER_PAGES; page++) {
        RecordList list;
        TRY(record_list(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, e));
        for (int i = 0; i < list.n; i++)
            if (record_may(&rq->reader, arms, &list.items[i]))
                heap_add(rq->arena, h, &list.items[i]);
        if (!str_has(list.next))
            break;
        q.after = list.next;
    }
    return 0;
}

static int by_age(const void *a, const void *b)
{
    const Record *x = a, *y = b;
    return x->at_day != y->at_day ? (x->at_day < y->at_day ? -1 : 1) : uuid_cmp(x->id, y->id);
}

static int gather(Req *rq, const Action *act, Heap *ret, Err *e)
{
    const Tree *t = rq->reader.tree;
    Arms arms = access_do(rq->arena, &rq->reader, rq->type, act);
    int done[LIMIT_POSTINGS], done_n = 0;
    bool elsewhere = false;
    for (int i = 0; i < arms.n; i++) {
        bool is_new = arms.list[i].column == ARM_UNIT && done_n < LIMIT_POSTINGS;
        elsewhere = elsewhere || !is_new;
        for (int d = 0; is_new && d < done_n; d++)
            is_new = !tree_is_within(t, arms.list[i].from_ix, done[d]);
        if (is_new) {
            done[done_n++] = arms.list[i].from_ix;
            TRY(gather_in(rq, act, arms, arms.list[i].from_ix, ret, e));
        }
    }
    if (elsewhere)
        TRY(gather_in(rq, act, arms, -1, ret, e));
    if (ret->n)
        qsort(ret->items, (size_t)ret->n, sizeof *ret->items, by_age);
    return 0;
}

/* ---- what became of the ticked ones ---- */

typedef struct Ticked {
    Uuid id;
    int64_t version;
    int rc;
    Err err;
    Change *change;
} Ticked;
typedef struct Many {
    const Action *act;
    Ticked *list;
    WriteJob *jobs;
    int n, job_n, done_n;
    bool is_done; /* something was sent off */
} Many;

static bool is_ticked(const Many *m, Uuid id)
{
    for (int i = 0; m && i < m->n; i++)
        if (uuid_eq(m->list[i].id, id))
            return true;
    return false;
}

/* Why this one was not done, in words that say how it stands now. */
static Str reason_of(Req *rq, const Ticked *x, const Record *now)
{
    if (!now)
        return req_t(rq, "page.many_gone", NULL);
    Str state = label_text(&now->type->states[now->state].label, rq->lang);
    if (x->rc == ERR_CONFLICT)
        return req_t(rq, "page.many_stale", &state, NULL);
    if (x->rc == ERR_STATE || x->rc == ERR_MISSING)
        return req_t(rq, "page.many_state", &state, NULL);
    return err_text(rq->arena, rq->lang, &x->err);
}

static int put_fail(Req *rq, const Ticked *x, Err *e)
{
    Record *now = NULL;
    Err sub = err_on(rq->arena);
    int rc = record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, rq->type, x->id, &now,
                        NULL, &sub);
    if (rc < 0 && rc != ERR_MISSING) {
        *e = sub;
        return rc;
    }
    View *v = view_item(rq->view, V_fails);
    view_text(v, V_title,
              now ? page_record_title(rq, now) : label_text(&rq->type->label, rq->lang));
    if (now)
        view_url(v, V_href, page_href(rq, now, NULL));
    view_text(v, V_text, reason_of(rq, x, now));
    return 0;
}

static int put_result(Req *rq, const Many *m, Err *e)
{
    Str n = page_n(rq, m->done_n), label = label_text(&m->act->label, rq->lang);
    view_text(rq->view, V_done_text,
              m->done_n ? req_t(rq, "page.many_done", &label, &n, NULL)
                        : req_t(rq, "page.many_none_done", NULL));
    for (int i = 0; i < m->n; i++)
        if (m->list[i].rc < 0)
            TRY(put_fail(rq, &m->list[i], e));
    return 0;
}

/* ---- the page ---- */

static Str place_of(Req *rq, const Record *rec) /* where the next page begins */
{
    return str_fmt(rq->arena, "%.*s.%.*s", STR_ARG(day_text(rq->arena, rec->at_day)),
                   STR_ARG(uuid_text(rq->arena, rec->id)));
}

/* Index of the first record behind `from`. */
static int first_of(Req *rq, const Heap *h, Str from)
{
    Str day, id;
    Record at = {0};
    if (!str_cut(from, '.', &day, &id) || !day_parse(day, &at.at_day) || !uuid_parse(id, &at.id))
        return 0;
    int i = 0;
    while (i < h->n && by_age(&h->items[i], &at) <= 0)
        i++;
    (void)rq;
    return i < h->n ? i : 0; /* all behind it are done: from the oldest again */
}

static void put_pick(Req *rq, const Record *rec, bool is_on)
{
    View *v = view_item(rq->view, V_picks);
    Str author = page_person(rq, rec->author), day = day_text(rq->arena, rec->at_day);
    Str opening = page_opening(rq, rec, OPENING_CHARS), id = uuid_text(rq->arena, rec->id);
    view_text(v, V_value, str_fmt(rq->arena, "%.*s.%lld", STR_ARG(id), (long long)rec->version));
    view_text(v, V_id, id);
    view_text(v, V_label, str_fmt(rq->arena, "%.*s %.*s", STR_ARG(author), STR_ARG(day)));
    view_url(v, V_href, page_href(rq, rec, NULL));
    view_text(v, V_at_text, day);
    view_text(v, V_person, author);
    view_text(v, V_unit_name, page_unit(rq, rec->unit_ix));
    view_text(v, V_text, opening);
    view_bool(v, V_is_on, is_on);
    page_state(rq, v, rec->type, rec->state);
}

static int many_page(Req *rq, const Action *act, const Many *m, bool all_on, Err *e)
{
    View *v = rq->view;
    Heap h = {0};
    if (!req_tx(rq, e))
        return e->cls;
    TRY(gather(rq, act, &h, e));
    bool acted = m && m->is_done;
    int from = first_of(rq, &h, req_param(rq, "from"));
    int to = from + SHOWN < h.n ? from + SHOWN : h.n;
    Str label = label_text(&act->label, rq->lang), n = page_n(rq, h.n);
    Str type = label_text(&rq->type->label, rq->lang), href = page_many_href(rq, rq->type, act);
    page_crumbs(rq, rq->type);
    view_text(v, V_title, req_t(rq, "page.many_title", &type, &label, NULL));
    view_url(v, V_action, href);
    view_text(v, V_act_label, req_t(rq, "page.many_do", &label, NULL));
    view_text(v, V_act_value, act->name);
    Str from_text = req_param(rq, "from");
    page_hidden(v, S("from"), from_text.n ? from_text : S(""));
    for (int i = from; i < to; i++)
        put_pick(rq, &h.items[i], all_on || (!acted && is_ticked(m, h.items[i].id)));
    if (h.n)
        view_text(v, V_count_text, req_t(rq, "page.count", &n, NULL));
    if (to < h.n)
        view_url(v, V_newer_href,
                 str_fmt(rq->arena, "%.*s?from=%.*s", STR_ARG(href),
                         STR_ARG(place_of(rq, &h.items[to - 1]))));
    if (from > 0)
        view_url(v, V_older_href, href);
    view_url(v, V_back_href, page_type_href(rq, rq->type, NULL));
    if (acted)
        TRY(put_result(rq, m, e));
    else if (m && !m->n && rq->http->method == POST && str_eq(req_param(rq, "do"), act->name))
        view_text(v, V_problem, req_t(rq, "page.many_nothing", NULL));
    page_done(rq, TPL_MANY, 200);
    return REQ_DONE;
}

/* ---- doing it ---- */

static int take_ticks(Req *rq, Many *m, Err *e)
{
    size_t n;
    const Str *list = req_params(rq, "pick", &n);
    if (n > LIMIT_MANY)
        return err_set(e, ERR_LIMIT, "page.many_too_many", err_int(e, LIMIT_MANY));
    m->list = NEW_N(rq->arena, Ticked, n + 1);
    for (size_t i = 0; i < n; i++) {
        Str id, version;
        Ticked *x = &m->list[m->n];
        bool ok = str_cut(list[i], '.', &id, &version) && version.n <= VERSION_DIGITS_MAX &&
                  uuid_parse(id, &x->id) && str_i64(version, &x->version) && x->version > 0;
        if (!ok)
            return err_set(e, ERR_SYNTAX, "web.version");
        if (is_ticked(&(Many){.list = m->list, .n = m->n}, x->id))
            continue; /* twice the same is once */
        x->err = err_on(rq->arena);
        m->n++;
    }
    return 0;
}

static void prepare_one(Req *rq, const Many *m, Ticked *x)
{
    RecordInput in = {.type = rq->type,
                      .id = x->id,
                      .action = m->act,
                      .unit_ix = -1,
                      .as_role = STR_NONE,
                      .if_version = x->version};
    x->rc = record_prepare(rq->app->records, rq->arena, rq->tx, &rq->reader, &in, &x->change,
                           &x->err);
}

/* One he could not act on when it was prepared has no job; the others answer in their order. */
static int many_done(Req *rq, int rc, Err *e)
{
    Many *m = rq->state;
    int k = 0;
    (void)rc; /* of all together: each has its own */
    for (int i = 0; i < m->n; i++) {
        Ticked *x = &m->list[i];
        if (x->rc < 0)
            continue;
        const WriteJob *job = &m->jobs[k++];
        x->rc = job->rc;
        x->err = job->err;
        m->done_n += job->rc == 0;
    }
    CHECK(k == m->job_n);
    m->is_done = true;
    return many_page(rq, m->act, m, false, e);
}

int page_many(Req *rq, Err *e)
{
    const Action *act;
    TRY(action_of(rq, &act, e));
    return many_page(rq, act, NULL, false, e);
}

int page_many_post(Req *rq, Err *e)
{
    Many *m = NEW(rq->arena, Many);
    TRY(action_of(rq, &m->act, e));
    Str what = req_param(rq, "do");
    if (str_eq(what, S("none")))
        return many_page(rq, m->act, NULL, false, e);
    if (str_eq(what, S("all")))
        return many_page(rq, m->act, NULL, true, e);
    TRY(take_ticks(rq, m, e));
    if (!m->n || !str_eq(what, m->act->name))
        return many_page(rq, m->act, m, false, e);
    m->jobs = NEW_N(rq->arena, WriteJob, (size_t)m->n);
    for (int i = 0; i < m->n; i++) {
        prepare_one(rq, m, &m->list[i]);
        if (m->list[i].rc == 0)
            m->jobs[m->job_n++] = (WriteJob){.apply = record_apply,
                                             .arg = m->list[i].change,
                                             .err = err_on(rq->arena)};
    }
    rq->state = m;
    if (!m->job_n)
        return many_done(rq, 0, e);
    return req_submit_many(rq, rq->app->store, m->jobs, m->job_n, many_done);
}
