/* page_act.c: one action on a record: what is about to happen, what it asks, doing it. UX: act
 * page  SPEC: B3 P2 */
#include "web/page_int.h"

enum { LONG_TEXT_BYTES = 4500, SENTENCE_CHARS = 24 };

static Str part_param(Req *rq, const Field *f, const char *tail)
{
    Str s = params_get(&rq->params, str_fmt(rq->arena, "%.*s%s", STR_ARG(f->name), tail));
    return str_has(s) ? s : S("");
}

static bool is_posted(const Req *rq)
{
    return rq->http->method == POST;
}

static bool is_adding(const Req *rq)
{
    return is_posted(rq) && str_eq(req_param(rq, "do"), S("add"));
}

/* The sentences to choose from. Of a long text they are shown shortened, so that the page stays
 * one. */
static void put_sentences(Req *rq, View *v, Str text, Str chosen)
{
    Str *list;
    int n = remark_sentences(rq->arena, text, &list);
    for (int i = 0; i < n; i++) {
        View *o = view_item(v, V_sentences);
        view_text(o, V_value, list[i]);
        view_text(o, V_label,
                  text.n > LONG_TEXT_BYTES ? page_cut(rq, list[i], SENTENCE_CHARS) : list[i]);
        view_bool(o, V_is_on, str_eq(list[i], chosen));
    }
    view_bool(v, V_is_whole, str_eq(chosen, S("all")));
}

static void put_asked_remark(Req *rq, View *v, const Field *f, const Record *rec)
{
    bool adds = is_adding(rq);
    const Value *of = &rec->values[f->of->ix];
    Str so_far = adds ? web_remark(rq, f) : part_param(rq, f, ".so_far");
    view_text(v, V_so_far, so_far);
    put_sentences(rq, v, of->tag == VALUE_TEXT ? of->s : S(""),
                  adds ? S("") : part_param(rq, f, ".at"));
    if (so_far.n)
        view_bool(v, V_is_required, false); /* there is one already */
}

static Str asked_text(Req *rq, const Field *f)
{
    if (!is_posted(rq))
        return f->preset.tag != VALUE_NONE ? page_typed(rq, f, &f->preset) : S("");
    if (f->kind == KIND_REMARK)
        return is_adding(rq) ? S("") : part_param(rq, f, "");
    return input_form_text(rq, f);
}

static void put_asked(Req *rq, const Field *f, const Record *rec, const Err *faults)
{
    View *v = view_item(rq->view, V_fields);
    Form form = {.is_posted = is_posted(rq), .faults = faults};
    if (f->kind == KIND_ROWS)
        page_rows_field(rq, v, &form, f);
    else if (f->kind == KIND_AUDIENCE)
        page_pairs_field(rq, v, &form, f);
    else
        page_field(rq, v, f, asked_text(rq, f), faults);
    if (f->kind == KIND_REMARK && f->of)
        put_asked_remark(rq, v, f, rec);
    if (f->kind == KIND_PHOTO || f->kind == KIND_FILE)
        view_bool(rq->view, V_is_multipart, true);
}

static Str fault_label(Req *rq, Str field)
{
    const Field *f = type_field(rq->type, field);
    return f ? label_text(&f->label, rq->lang) : page_line_label(rq, field);
}

static bool counts_parts(const Expr *x)
{
    return x && (x->part || counts_parts(x->a) || counts_parts(x->b) || counts_parts(x->next));
}

/* May it be done as the record stands. What parts have to say, the record room knows. */
static bool is_due(Req *rq, const Action *act, const Record *rec)
{
    bool is = true;
    Err sink = err_on(rq->arena); /* what cannot be worked out is told on pressing */
    Subject on = record_subject(rec);
    ExprWorld w = {.subject = &on,
                   .today = rq->reader.today,
                   .me = rq->reader.person,
                   .workdays = rq->reader.workdays};
    if (!act->when || counts_parts(act->when))
        return true;
    return expr_holds(act->when, &w, &is, &sink) < 0 || is;
}

/* One sentence with names; the button says the same. */
static void put_what(Req *rq, const Action *act, const Record *rec)
{
    View *v = rq->view;
    Str label = label_text(&act->label, rq->lang), title = page_record_title(rq, rec);
    Str who = page_person(rq, rec->author), unit = page_unit(rq, rec->unit_ix);
    bool is_back = act->to >= 0 && page_is_back(rec->type, act->to) &&
                   !uuid_eq(rec->author, rq->reader.person);
    view_text(v, V_act_text,
              is_back ? req_t(rq, "page.act_back", &who, &unit, NULL)
                      : req_t(rq, "page.act_plain", &label, &title, NULL));
    view_text(v, V_look, is_back ? S("back") : S("go"));
    bool may_now = is_due(rq, act, rec);
    page_button(v, is_back ? req_t(rq, "page.give_back", &label, &who, NULL) : label, act->name,
                may_now);
    if (!may_now) {
        Str when = expr_text(rq->arena, act->when, rq->lang);
        view_text(v, V_look, S("soon"));
        view_text(v, V_act_note, req_t(rq, "form.not_yet", &when, NULL));
    }
    page_fact(v, V_known, req_t(rq, "page.author", NULL), who);
    page_fact(v, V_known, req_t(rq, "page.unit", NULL), unit);
    page_state(rq, page_fact(v, V_known, req_t(rq, "page.state", NULL), S("")), rec->type,
               rec->state);
    if (!act->ask_n && page_opening(rq, rec, 60).n) /* a remark shows the sentences themselves */
        page_fact(v, V_known, label_text(&rec->type->title->label, rq->lang),
                  page_opening(rq, rec, 60));
}

static Str change_href(Req *rq, const Record *rec)
{
    const Action *change = rec->type->change;
    bool may = change && change->from >> rec->state & 1 &&
               record_may(&rq->reader, access_do(rq->arena, &rq->reader, rec->type, change), rec);
    return may ? page_href(rq, rec, "change") : STR_NONE;
}

int page_act_form(Req *rq, const Action *act, const Record *rec, const Err *faults, int status,
                  Str note, Err *e)
{
    View *v = rq->view;
    Arena *a = rq->arena;
    Str title = page_record_title(rq, rec), version = req_param(rq, "version");
    bool may = record_may(&rq->reader, access_do(a, &rq->reader, rq->type, act), rec);
    if (!may)
        return act->from >> rec->state & 1 ? err_set(e, ERR_DENIED, "record.may_not")
                                           : err_set(e, ERR_STATE, "record.not_from_here");
    page_crumbs(rq, rq->type);
    page_crumb(rq, title, page_href(rq, rec, NULL));
    view_text(v, V_title, label_text(&act->label, rq->lang));
    view_bool(v, V_has_bar, true);
    view_url(v, V_action, page_href(rq, rec, str_z(a, act->name)));
    view_url(v, V_cancel_href, page_href(rq, rec, NULL));
    view_text(v, V_enter_do, act->name);
    view_text(v, V_version,
              is_posted(rq) && version.n && status != 412
                  ? version
                  : str_fmt(a, "%lld", (long long)rec->version));
    view_bool(v, V_is_returned, is_posted(rq));
    view_text(v, V_draft_key,
              str_fmt(a, "%.*s %.*s %.*s", STR_ARG(rq->reader.account_name), STR_ARG(act->name),
                      STR_ARG(uuid_text(a, rec->id))));
    put_what(rq, act, rec);
    for (int i = 0; i < act->ask_n; i++)
        put_asked(rq, act->asks[i], rec, faults);
    page_act_faults(rq, faults, fault_label, act, change_href(rq, rec));
    if (note.n)
        view_text(v, V_error_text, note);
    if (act->to >= 0)
        page_who_line(rq, rq->type, act->to, rec->unit_ix, uuid_eq(rec->author, rq->reader.person),
                      "page.who_after");
    page_done(rq, TPL_ACT, status);
    return REQ_DONE;
}

static int action_of(Req *rq, const Action **ret, Err *e)
{
    const Action *act = type_action(rq->type, req_path(rq, "action"));
    if (!act || act->kind == ACTION_CREATE)
        return err_set(e, ERR_MISSING, "web.missing");
    *ret = act;
    return 0;
}

int page_act_get(Req *rq, Err *e)
{
    const Action *act;
    Record *rec;
    TRY(action_of(rq, &act, e));
    if (act->kind == ACTION_CHANGE)
        return page_change_form(rq, e);
    TRY(page_get_record(rq, &rec, NULL, e));
    return page_act_form(rq, act, rec, NULL, 200, STR_NONE, e);
}

static int act_stored(Req *rq, Err *e)
{
    const Action *act;
    Record *rec;
    bool is_asked;
    TRY(action_of(rq, &act, e));
    TRY(page_get_record(rq, &rec, NULL, e));
    if (is_adding(rq) || input_is_reshaping(rq) || req_param(rq, "drop").n)
        return page_act_form(rq, act, rec, NULL, 200, STR_NONE, e);
    Write *w = NEW(rq->arena, Write);
    TRY(web_record_input(rq, act, &w->in, e));
    w->in.id = rec->id;
    Str here = page_href(rq, rec, str_z(rq->arena, act->name));
    TRY(page_settle(rq, &w->in, here, page_href(rq, rec, NULL), &is_asked, e));
    return is_asked ? REQ_DONE : page_write(rq, w, e);
}

int page_act_post(Req *rq, Err *e)
{
    const Action *act;
    TRY(action_of(rq, &act, e));
    return act->kind == ACTION_CHANGE ? page_change(rq, e) : web_store_photos(rq, act_stored, e);
}
