/* page_show.c: one record: the page, its history side by side, who can see it.   SPEC: B3 P2 P11 */
#include "web/page_int.h"

/* ---- the page ---- */

static void put_acts(Req *rq, const Record *rec)
{
    const Action **list;
    int n = record_actions(rq->app->records, rq->arena, &rq->reader, rec, &list);
    const Action *main = NULL;
    for (int i = 0; i < n; i++) { /* his to mend: mending; else the first that leads on */
        bool mends = list[i]->kind == ACTION_CHANGE && page_is_back(rec->type, rec->state);
        if (mends || (!main && list[i]->kind == ACTION_OTHER))
            main = list[i];
    }
    for (int i = 0; i < n; i++) {
        const Action *act = list[i];
        bool asks = act->kind == ACTION_CHANGE || act->ask_n > 0;
        View *v = view_item(rq->view, V_acts);
        Str href =
            page_href(rq, rec, act->kind == ACTION_CHANGE ? "change" : str_z(rq->arena, act->name));
        view_text(v, V_label, label_text(&act->label, rq->lang));
        view_bool(v, V_is_main, act == main || (!main && i == 0));
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

static void put_photos(Req *rq, View *part, const Value *v)
{
    for (size_t at = 0; v->tag == VALUE_BLOB && at + sizeof(Uuid) <= v->s.n; at += sizeof(Uuid)) {
        Uuid id;
        memcpy(id.b, v->s.p + at, sizeof id.b);
        Str text = uuid_text(rq->arena, id), n = page_n(rq, (int64_t)(at / sizeof(Uuid)) + 1);
        View *p = view_item(part, V_photos);
        view_text(p, V_id, text);
        view_url(p, V_href, str_fmt(rq->arena, "/file/%.*s", STR_ARG(text)));
        view_text(p, V_label, req_t(rq, "page.photo_n", &n, NULL));
    }
}

/* The record a link points at by its title; one he may not see is not hinted at. */
static int put_link(Req *rq, View *part, const Field *f, const Value *v, Err *e)
{
    const Type *to = model_type(rq->app->model, f->to);
    Record *target;
    Uuid id;
    Err sub = err_on(rq->arena);
    if (v->tag != VALUE_BLOB || v->s.n != sizeof id.b || !to)
        return 0;
    memcpy(id.b, v->s.p, sizeof id.b);
    int rc =
        record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, to, id, &target, NULL, &sub);
    if (rc == ERR_MISSING)
        return 0;
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    view_text(part, V_text, page_record_title(rq, target));
    view_url(part, V_href, page_href(rq, target, NULL));
    return 0;
}

static int put_parts(Req *rq, const Record *rec, const HistoryItem *items, int n, Err *e)
{
    const Type *t = rec->type;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        const Value *v = &rec->values[i];
        bool has_own_place = f == t->dated || (f->kind == KIND_REMARK && f->of);
        if (has_own_place || (v->tag == VALUE_NONE && f->kind != KIND_NOTE))
            continue;
        View *part = view_item(rq->view, V_parts);
        view_text(part, V_label, label_text(&f->label, rq->lang));
        if (f->kind == KIND_NOTE)
            put_note(rq, part, rec, f, items, n);
        else if (f->kind == KIND_PHOTO)
            put_photos(rq, part, v);
        else if (f->kind == KIND_LINK)
            TRY(put_link(rq, part, f, v, e));
        else
            view_text(part, V_text, page_value(rq, f, v));
    }
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
    view_text(v, V_by_text, page_by(rq, x->actor_name, x->role, x->unit_ix));
    view_text(v, V_text, step_text(rq, x));
    return v;
}

static void put_facts(Req *rq, const Record *rec, Str author)
{
    View *v = rq->view;
    const Type *t = rec->type;
    page_fact(v, V_facts, req_t(rq, "page.unit", NULL), page_unit(rq, rec->unit_ix));
    page_fact(v, V_facts, req_t(rq, "page.author", NULL), author);
    Str day = t->dated ? label_text(&t->dated->label, rq->lang) : req_t(rq, "page.day_made", NULL);
    page_fact(v, V_facts, day, page_day_due(rq, rec->at_day));
    page_fact(v, V_facts, req_t(rq, "page.made", NULL), page_when(rq, rec->made_ms));
}

int page_show(Req *rq, Err *e)
{
    Record *rec;
    HistoryItem *items;
    int n;
    View *v = rq->view;
    TRY(page_get_record(rq, &rec, NULL, e));
    TRY(record_history(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &items, &n, e));
    page_crumbs(rq, rec->type);
    view_text(v, V_title, page_record_title(rq, rec));
    page_state(rq, v, rec->type, rec->state);
    put_acts(rq, rec);
    TRY(put_parts(rq, rec, items, n, e));
    put_facts(rq, rec, page_person(rq, rec->author));
    enum { STEPS_SHOWN = 12 };
    for (int i = n - 1; i >= 0 && i >= n - STEPS_SHOWN; i--)
        (void)put_step(rq, &items[i], i == n - 1); /* the step's own view is complete */
    view_i64(v, V_step_n, n);
    view_url(v, V_history_href, page_href(rq, rec, "history"));
    page_who_line(rq, rec->type, rec->state, rec->unit_ix, uuid_eq(rec->author, rq->reader.person),
                  "page.who");
    view_url(v, V_who_href, page_href(rq, rec, "who"));
    page_done(rq, TPL_SHOW, 200);
    return REQ_DONE;
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

/* ---- who can see this ---- */

static Str reason(Req *rq, const Record *rec, const Arm *by)
{
    if (by->column == ARM_AUTHOR)
        return req_t(rq, "page.why_author", NULL);
    const Post *p = &rq->reader.posts[by->post_ix];
    Str office = page_office(rq, p->role, p->unit_ix), unit = page_unit(rq, rec->unit_ix);
    Str above = page_unit(rq, p->unit_ix), since = page_day(rq, p->starts);
    return p->unit_ix == rec->unit_ix
               ? req_t(rq, "page.why_here", &office, &since, NULL)
               : req_t(rq, "page.why_above", &office, &unit, &above, &since, NULL);
}

static Str rule_text(Req *rq, const Sight *s, int unit_ix)
{
    return req_t(rq,
                 s->rule->kind == WHO_AUTHOR                               ? "page.rule_author"
                 : s->rule->kind == WHO_ROLE_HERE || s->unit_ix == unit_ix ? "page.rule_here"
                                                                     : "page.rule_above",
                 NULL);
}

int page_who(Req *rq, Err *e)
{
    Record *rec;
    const Arm *by;
    Sight *list;
    HistoryItem *items;
    int n, item_n;
    View *v = rq->view;
    TRY(page_get_record(rq, &rec, &by, e));
    TRY(record_history(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &items, &item_n, e));
    Subject on = record_subject(rec);
    TRY(access_who_sees(rq->app->access, rq->arena, rq->tx, &rq->reader, &on,
                        page_person(rq, rec->author), &list, &n, e));
    page_crumbs(rq, rec->type);
    page_crumb(rq, page_record_title(rq, rec), page_href(rq, rec, NULL));
    view_text(v, V_title, req_t(rq, "page.who_title", NULL));
    view_text(v, V_reason, reason(rq, rec, by));
    for (int i = 0; i < n; i++) {
        const Sight *s = &list[i];
        View *x = view_item(v, V_seers);
        int role =
            s->role < 0 && item_n ? items[0].role : s->role; /* the author's: as he wrote it */
        view_text(x, V_post,
                  role < 0 ? page_unit(rq, s->unit_ix) : page_post(rq, role, s->unit_ix));
        view_text(x, V_person, str_has(s->person) ? s->person : S(""));
        view_text(x, V_dates, page_span(rq, s->starts, s->ends));
        view_text(x, V_sees, req_t(rq, "page.sees_all", NULL));
        view_text(x, V_rule, rule_text(rq, s, rec->unit_ix));
        view_bool(x, V_is_me, s->is_me);
    }
    Str rules = page_n(rq, rec->type->states[rec->state].see_n), posts = page_n(rq, n);
    view_text(v, V_seer_text, req_t(rq, "page.seers_n", &rules, &posts, NULL));
    view_url(v, V_back_href, page_href(rq, rec, NULL));
    page_done(rq, TPL_WHO, 200);
    return REQ_DONE;
}
