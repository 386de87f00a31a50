/* page_show.c: one record: the page with what hangs on it, its history side by side.
 *                                                                          SPEC: B3 P2 P11 */
#include "web/page_int.h"

enum { KIN_SHOWN = 5, KIN_STOP = 1000 };

/* ---- the page ---- */

static void put_acts(Req *rq, const Record *rec)
{
    const Action **list;
    int n = record_actions(rq->app->records, rq->arena, &rq->reader, rec, &list);
    const Action *main = NULL;
    bool is_owed = rec->type->states[rec->state].is_draft;
    for (int i = 0; i < rec->type->duty_n; i++) /* somebody has to move it on */
        is_owed = is_owed || rec->type->duties[i].while_state == rec->state;
    for (int i = 0; i < n; i++) { /* his to mend: mending; else the first that leads on */
        bool mends = list[i]->kind == ACTION_CHANGE && page_is_back(rec->type, rec->state);
        const State *to = list[i]->to >= 0 ? &rec->type->states[list[i]->to] : NULL;
        bool is_off = to && (to->is_draft || to->end == END_VOID);
        bool leads_on = list[i]->kind == ACTION_OTHER && !is_off;
        if (mends || (!main && (leads_on || (!is_owed && list[i]->kind == ACTION_CHANGE))))
            main = list[i]; /* taking back and calling off stay quiet */
    }
    for (int i = 0; i < n; i++) {
        const Action *act = list[i];
        bool asks = act->kind == ACTION_CHANGE || act->ask_n > 0;
        View *v = view_item(rq->view, V_acts);
        Str href =
            page_href(rq, rec, act->kind == ACTION_CHANGE ? "change" : str_z(rq->arena, act->name));
        view_text(v, V_label, label_text(&act->label, rq->lang));
        view_bool(v, V_is_main, act == main);
        view_bool(v, V_is_post, !asks);
        view_url(v, asks ? V_href : V_action, href);
        view_text(v, V_version, str_fmt(rq->arena, "%lld", (long long)rec->version));
        view_text(v, V_value, act->name);
    }
    view_bool(rq->view, V_has_bar, n > 0);
}

static void put_note(Req *rq, View *part, const Record *rec, const Field *f,
                     const HistoryItem *items, int n)
{
    Passage *list;
    int *order, *top, top_n;
    Str text = rec->values[f->ix].tag == VALUE_TEXT ? rec->values[f->ix].s : S("");
    Remarks all = remarks_of(rq, rec, f, items, n);
    int m = remark_place(rq->arena, text, all.list, all.n, &list, &order, &top, &top_n);
    for (int i = 0; i < top_n; i++)
        remark_view(rq, rq->view, &all, top[i], true);
    view_bool(part, V_is_note, text.n > 0);
    for (int i = 0; i < m; i++) {
        View *p = view_item(part, V_passages);
        bool is_under_remark =
            i && list[i - 1].n && str_starts(list[i].text, S("\n")); /* a new line anyway */
        view_text(p, V_text,
                  is_under_remark ? str_sub(list[i].text, 1, list[i].text.n) : list[i].text);
        view_bool(p, V_is_marked, list[i].is_marked);
        for (int k = 0; k < list[i].n; k++)
            remark_view(rq, p, &all, order[list[i].from + k], false);
    }
}

static void put_parts(Req *rq, const Record *rec, const HistoryItem *items, int n)
{
    const Type *t = rec->type;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        const Value *v = &rec->values[i];
        bool has_own_place =
            f == t->dated || f == t->part_of || (f->kind == KIND_REMARK && f->of);
        bool is_asked_for = f->kind == KIND_NOTE && !f->is_asked && !f->shown_when;
        bool is_name = f == t->title && str_eq(page_opening(rq, rec, v->s.n + 1),
                                                page_record_title(rq, rec));
        if (has_own_place || is_name || (v->tag == VALUE_NONE && !is_asked_for))
            continue;
        View *part = view_item(rq->view, V_parts);
        view_text(part, V_label, label_text(&f->label, rq->lang));
        bool is_long = f->kind == KIND_NOTE || f->kind == KIND_ROWS || f->kind == KIND_PHOTO;
        view_bool(part, V_is_short, !is_long);
        if (f->kind == KIND_NOTE)
            put_note(rq, part, rec, f, items, n);
        else
            page_put_value(rq, part, f, v);
    }
}

/* ---- what hangs on it: its parts, and whatever links here ---- */

static bool points_here(Req *rq, const Record *rec, const Field *f)
{
    const Type *list[LIMIT_TYPES];
    bool is_link = f->kind == KIND_LINK || f->kind == KIND_LINKS;
    int n = is_link ? page_targets(rq, f, list) : 0;
    for (int i = 0; i < n; i++)
        if (list[i] == rec->type)
            return true;
    return false;
}

static Str kin_label(Req *rq, const Record *rec, const Type *t, const Field *f)
{
    Str label = label_text(&t->label, rq->lang), field = label_text(&f->label, rq->lang);
    int n = 0;
    for (int i = 0; i < t->field_n; i++)
        n += points_here(rq, rec, &t->fields[i]);
    if (f == t->part_of || n < 2 || str_eq(field, label_text(&rec->type->label, rq->lang)))
        return label;
    return req_t(rq, "page.kin_by", &label, &field, NULL);
}

/* The newest of a type whose field names this record. Nothing there and nothing to add: nothing. */
static int put_kin(Req *rq, const Record *rec, const Type *t, const Field *f, Err *e)
{
    RecordList list;
    int *posts, n;
    ListQuery q = {.type = t,
                   .unit_ix = -1,
                   .limit = KIN_SHOWN,
                   .after = STR_NONE,
                   .link = f,
                   .link_to = rec->id};
    bool may_add = t->create && !f->rows && !f->is_asked && !rq->reader.viewer &&
                   rec->type->states[rec->state].end != END_VOID && f->kind == KIND_LINK &&
                   access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts) > 0;
    TRY(record_list(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, e));
    if (!list.n && !(may_add && f == t->part_of))
        return 0;
    n = list.n;
    if (str_has(list.next))
        TRY(record_count(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, KIN_STOP, &n, e));
    View *s = view_item(rq->view, V_kins);
    Str count = page_n(rq, n);
    view_text(s, V_label, kin_label(rq, rec, t, f));
    if (n)
        view_text(s, V_count_text,
                  req_t(rq, n >= KIN_STOP ? "page.things_more" : "page.things", &count, NULL));
    for (int i = 0; i < list.n; i++)
        page_entry(rq, s, &list.items[i]);
    Str id = uuid_text(rq->arena, rec->id);
    if (n > list.n) {
        view_url(s, V_all_href,
                 str_fmt(rq->arena, "/%.*s?%.*s=%.*s", STR_ARG(t->name), STR_ARG(f->name),
                         STR_ARG(id)));
        view_text(s, V_all_text,
                  req_t(rq, n >= KIN_STOP ? "page.all_more" : "page.all_n", &count, NULL));
    }
    if (may_add) {
        view_url(s, V_add_href,
                 str_fmt(rq->arena, "/%.*s/new?%.*s=%.*s", STR_ARG(t->name), STR_ARG(f->name),
                         STR_ARG(id)));
        view_text(s, V_add_label, label_text(&t->create->label, rq->lang));
    }
    return 0;
}

static int put_kins_of(Req *rq, const Record *rec, const Type *t, bool parts, Err *e)
{
    if (!access_see(rq->arena, &rq->reader, t).n)
        return 0;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (points_here(rq, rec, f) && (f == t->part_of) == parts)
            TRY(put_kin(rq, rec, t, f, e));
        for (int k = 0; k < f->field_n; k++)
            if (!parts && points_here(rq, rec, &f->fields[k]))
                TRY(put_kin(rq, rec, t, &f->fields[k], e));
    }
    return 0;
}

static int put_kins(Req *rq, const Record *rec, Err *e)
{
    const Model *m = rq->app->model;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < m->type_n; i++)
            TRY(put_kins_of(rq, rec, &m->types[i], pass == 0, e));
    return 0;
}

/* What one step was, in a few words. */
static Str step_text(Req *rq, const HistoryItem *x)
{
    Str label = label_text(&x->action->label, rq->lang);
    int remarks = 0;
    Remark *unused;
    for (int i = 0; i < x->field_n; i++)
        if (x->fields[i].field->kind == KIND_REMARK && x->fields[i].after.tag == VALUE_TEXT)
            remarks += remark_parse(rq->arena, x->fields[i].after.s, &unused);
    Str n = page_n(rq, remarks ? remarks : x->field_n);
    if (remarks)
        return req_t(rq, "page.step_remarks", &label, &n, NULL);
    return x->action->kind == ACTION_CHANGE ? req_t(rq, "page.step_fields", &label, &n, NULL)
                                            : label;
}

static View *put_step(Req *rq, const HistoryItem *x, bool is_now)
{
    View *v = view_item(rq->view, V_steps);
    view_bool(v, V_is_now, is_now);
    view_text(v, V_at_text, page_when(rq, x->at_ms));
    view_text(v, V_by_text, page_by_for(rq, x->actor_name, x->deputy_for, x->role, x->unit_ix));
    view_text(v, V_text, step_text(rq, x));
    return v;
}

static void put_facts(Req *rq, const Record *rec, Str author)
{
    View *v = rq->view;
    const Type *t = rec->type;
    const Field *part = t->part_of;
    if (part && rec->values[part->ix].tag == VALUE_BLOB) {
        page_link_fact(rq, v, part, &rec->values[part->ix]);
    }
    page_fact(v, V_facts, req_t(rq, "page.unit", NULL), page_unit(rq, rec->unit_ix));
    page_fact(v, V_facts, req_t(rq, "page.author", NULL), author);
    if (t->dated) /* else it is the day it was made, which follows */
        page_fact(v, V_facts, label_text(&t->dated->label, rq->lang),
                  page_day_due(rq, rec->at_day));
    page_fact(v, V_facts, req_t(rq, "page.made", NULL), page_when(rq, rec->made_ms));
}

int page_show_again(Req *rq, const Record *rec, const Err *faults, int status, Err *e)
{
    HistoryItem *items;
    int n;
    View *v = rq->view;
    TRY(record_history(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &items, &n, e));
    page_crumbs(rq, rec->type);
    view_text(v, V_title, page_record_title(rq, rec));
    page_state(rq, v, rec->type, rec->state);
    put_acts(rq, rec);
    TRY(page_put_duties(rq, rec, e));
    put_parts(rq, rec, items, n);
    TRY(put_kins(rq, rec, e));
    TRY(page_put_comments(rq, rec, faults, e));
    put_facts(rq, rec, page_person(rq, rec->author));
    enum { STEPS_SHOWN = 12 };
    for (int i = n - 1; i >= 0 && i >= n - STEPS_SHOWN; i--)
        (void)put_step(rq, &items[i], i == n - 1); /* the step's own view is complete */
    view_i64(v, V_step_n, n);
    view_url(v, V_history_href, page_href(rq, rec, "history"));
    page_who_line(rq, rec->type, rec->state, rec->unit_ix, uuid_eq(rec->author, rq->reader.person),
                  "page.who");
    view_url(v, V_who_href, page_href(rq, rec, "who"));
    page_done(rq, TPL_SHOW, status);
    return REQ_DONE;
}

int page_show(Req *rq, Err *e)
{
    Record *rec;
    TRY(page_get_record(rq, &rec, NULL, e));
    return page_show_again(rq, rec, NULL, 200, e);
}

/* ---- history ---- */

/* Versions without gap, and the last values told are those that stand. Returns the version from
 * which it does not fit; 0: it fits. */
static int64_t misfit(Req *rq, const Record *rec, const HistoryItem *items, int n)
{
    const Type *t = rec->type;
    Value *told = NEW_N(rq->arena, Value, (size_t)t->field_n + 1);
    int64_t *since = NEW_N(rq->arena, int64_t, (size_t)t->field_n + 1);
    int state = -1;
    for (int i = 0; i < n; i++) {
        if (items[i].version != i + 1)
            return i + 1;
        state = items[i].state_to >= 0 ? items[i].state_to : state;
        for (int k = 0; k < items[i].field_n; k++) {
            told[items[i].fields[k].field->ix] = items[i].fields[k].after;
            since[items[i].fields[k].field->ix] = items[i].version;
        }
    }
    if (n != rec->version || state != rec->state)
        return n ? n : 1;
    for (int i = 0; i < t->field_n; i++)
        if (!value_eq(&told[i], &rec->values[i]))
            return since[i] ? since[i] : 1;
    return 0;
}

static void put_changes(Req *rq, View *step, const Type *t, const HistoryItem *x)
{
    if (x->state_to >= 0 && x->state_to != x->state_from) {
        View *c = view_item(step, V_changes);
        view_text(c, V_label, req_t(rq, "page.state", NULL));
        view_change(
            c, x->state_from >= 0 ? label_text(&t->states[x->state_from].label, rq->lang) : S(""),
            label_text(&t->states[x->state_to].label, rq->lang));
    }
    for (int i = 0; i < x->field_n; i++) {
        const Field *f = x->fields[i].field;
        if (value_eq(&x->fields[i].before, &x->fields[i].after))
            continue; /* empty from the start */
        if (f->kind == KIND_ROWS) {
            page_put_row_changes(rq, step, f, &x->fields[i].before, &x->fields[i].after);
            continue;
        }
        View *c = view_item(step, V_changes);
        view_text(c, V_label, label_text(&f->label, rq->lang));
        view_change(c, page_value(rq, f, &x->fields[i].before),
                    page_value(rq, f, &x->fields[i].after));
    }
}

int page_history(Req *rq, Err *e)
{
    Record *rec;
    HistoryItem *items;
    int n;
    View *v = rq->view;
    TRY(page_get_record(rq, &rec, NULL, e));
    TRY(record_history(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &items, &n, e));
    Str title = page_record_title(rq, rec), count = page_n(rq, n);
    page_crumbs(rq, rec->type);
    page_crumb(rq, title, page_href(rq, rec, NULL));
    view_text(v, V_title, req_t(rq, "page.history_of", &title, NULL));
    int64_t bad = misfit(rq, rec, items, n);
    Str at = page_n(rq, bad);
    if (bad)
        view_text(v, V_chain_bad, req_t(rq, "page.chain_bad", &at, NULL));
    else
        view_text(v, V_chain_ok, req_t(rq, "page.chain_ok", &count, NULL));
    for (int i = n - 1; i >= 0; i--) {
        Str no = page_n(rq, items[i].seq), version = page_n(rq, items[i].version);
        View *step = put_step(rq, &items[i], i == n - 1);
        view_text(step, V_no_text, req_t(rq, "page.entry_no", &no, &version, NULL));
        put_changes(rq, step, rec->type, &items[i]);
    }
    view_i64(v, V_step_n, n);
    view_url(v, V_back_href, page_href(rq, rec, NULL));
    page_who_line(rq, rec->type, rec->state, rec->unit_ix, uuid_eq(rec->author, rq->reader.person),
                  "page.who");
    view_url(v, V_who_href, page_href(rq, rec, "who"));
    page_done(rq, TPL_HISTORY, 200);
    return REQ_DONE;
}
