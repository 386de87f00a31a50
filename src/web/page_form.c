/* page_form.c: the form of a record, and saving it: what was typed comes back whenever it does
 * not go through.   UX: 6  SPEC: B3 P8 */
#include "web/page_int.h"

/* ---- what stands in a field ---- */

/* Dates and files are of their day: they are not taken over from last time. */
static bool is_like(const Field *f)
{
    return f->kind != KIND_DATE && f->kind != KIND_INSTANT && f->kind != KIND_PHOTO &&
           f->kind != KIND_FILE && f->kind != KIND_REMARK;
}

static Str text_of(Req *rq, const Form *form, const Field *f)
{
    if (form->is_posted || (!form->rec && str_has(params_get(&rq->params, f->name))))
        return input_form_text(rq, f);
    if (form->rec)
        return page_typed(rq, f, &form->rec->values[f->ix]);
    if (form->like && is_like(f))
        return page_typed(rq, f, &form->like->values[f->ix]);
    if (f->preset.tag != VALUE_NONE)
        return page_typed(rq, f, &f->preset);
    return f == rq->type->dated && f->kind == KIND_DATE ? day_text(rq->arena, rq->reader.today)
                                                        : S("");
}

/* The value as far as it can be read; what cannot is absent. */
static Value value_of(Req *rq, const Form *form, const Field *f)
{
    Err sink = err_on(rq->arena);
    ParseCtx ctx = {.arena = rq->arena, .today = DAY_NONE};
    Value v = {.tag = VALUE_NONE};
    Uuid id;
    if (form->rec && (f->is_asked || f->computed || f->copy_of || f->kind == KIND_ROWS ||
                      f->kind == KIND_AUDIENCE || f->kind == KIND_LINKS))
        return form->rec->values[f->ix];
    Str text = f->kind == KIND_ROWS || f->kind == KIND_AUDIENCE ? S("") : text_of(rq, form, f);
    const Unit *u = f->kind == KIND_UNIT ? tree_unit_coded(rq->reader.tree, text) : NULL;
    if (model_kind(f->kind)->parse)
        return text.n && model_kind(f->kind)->parse(&ctx, f, text, &v, &sink) < 0
                   ? (Value){.tag = VALUE_NONE}
                   : v;
    if (u)
        return (Value){.tag = VALUE_INT, .i = u->id};
    if ((f->kind == KIND_LINK || f->kind == KIND_PERSON) && uuid_parse(text, &id))
        return (Value){.tag = VALUE_BLOB,
                       .s = str_copy(rq->arena, (Str){(const char *)id.b, sizeof id.b})};
    return v;
}

/* The record as the form has it now: what `when` is asked of. */
static const Subject *subject_of(Req *rq, const Form *form)
{
    const Type *t = rq->type;
    Subject *s = NEW(rq->arena, Subject);
    Value *values = NEW_N(rq->arena, Value, (size_t)t->field_n + 1);
    *s = form->rec ? record_subject(form->rec)
                   : (Subject){.type = t, .state = t->create ? t->create->to : 0,
                               .author = rq->reader.person, .unit_ix = -1};
    for (int i = 0; i < t->field_n; i++)
        values[i] = value_of(rq, form, &t->fields[i]);
    s->values = values;
    return s;
}

/* Is it said to hold now; what cannot be worked out does not. */
static bool holds(Req *rq, const Subject *s, const Expr *x)
{
    bool is = false;
    Err sink = err_on(rq->arena);
    ExprWorld w = {.subject = s,
                   .today = rq->reader.today,
                   .me = rq->reader.person,
                   .workdays = rq->reader.workdays};
    return x && expr_holds(x, &w, &is, &sink) == 0 && is;
}

static bool has_fault(const Err *e, Str field)
{
    for (size_t i = 0; e && i < e->field_n; i++) {
        Str at = e->fields[i].field;
        if (str_starts(at, field) && (at.n == field.n || at.p[field.n] == '.'))
            return true;
    }
    return false;
}

/* ---- parts of the form ---- */

static void put_known(Req *rq, const Form *form, const int *posts, int post_n)
{
    View *v = rq->view;
    const Reader *r = &rq->reader;
    Str unit = req_t(rq, "page.unit", NULL);
    if (form->rec) {
        page_fact(v, V_known, unit, page_unit(rq, form->rec->unit_ix));
        View *f = page_fact(v, V_known, req_t(rq, "page.state", NULL), S(""));
        page_state(rq, f, form->rec->type, form->rec->state);
    } else if (post_n == 1) {
        page_fact(v, V_known, unit, page_unit(rq, r->posts[posts[0]].unit_ix));
        page_fact(v, V_known, req_t(rq, "page.as", NULL), page_role(rq, r->posts[posts[0]].role));
    }
}

/* Several posts would fit: which role, which unit, as far as they differ. */
static void put_posts(Req *rq, const int *posts, int n)
{
    const Reader *r = &rq->reader;
    bool roles = false, units = false; /* a part stands where its whole does */
    for (int i = 1; i < n; i++) {
        roles = roles || r->posts[posts[i]].role != r->posts[posts[0]].role;
        units = !rq->type->part_of &&
                (units || r->posts[posts[i]].unit_ix != r->posts[posts[0]].unit_ix);
    }
    Str as = req_param(rq, "as"), unit = req_param(rq, "unit");
    for (int i = 0; roles && i < n; i++) {
        bool is_new = true;
        for (int k = 0; k < i; k++)
            is_new = is_new && r->posts[posts[k]].role != r->posts[posts[i]].role;
        const Role *role = &r->model->roles[r->posts[posts[i]].role];
        if (!is_new)
            continue;
        View *o = view_item(rq->view, V_posts);
        view_text(o, V_value, role->name);
        view_text(o, V_label, label_text(&role->label, rq->lang));
        view_bool(o, V_is_on, str_eq(as, role->name));
    }
    View *f = units ? view_item(rq->view, V_fields) : NULL;
    for (int i = 0; units && i < n; i++) {
        bool is_new = true;
        for (int k = 0; k < i; k++)
            is_new = is_new && r->posts[posts[k]].unit_ix != r->posts[posts[i]].unit_ix;
        const Unit *u = &r->tree->units[r->posts[posts[i]].unit_ix];
        if (is_new)
            page_option(f, u->code, u->name, str_eq(unit, u->code));
    }
    if (units) {
        view_text(f, V_name, S("unit"));
        view_text(f, V_label, req_t(rq, "page.unit", NULL));
        view_bool(f, V_is_select, true);
        view_bool(f, V_is_required, true);
    }
}

static int read_history(Req *rq, const Form *form, HistoryItem **ret, int *ret_n, Err *e)
{
    *ret_n = 0;
    if (!form->rec)
        return 0;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    return record_history(rq->app->records, rq->arena, tx, &rq->reader, form->rec, ret, ret_n, e);
}

/* What nobody types: computed, copied, the whole it is a part of. */
static bool put_given(Req *rq, const Form *form, const Field *f)
{
    const Value *v = form->rec ? &form->rec->values[f->ix] : NULL;
    bool is_given = f->computed || (f->copy_of && !has_fault(form->faults, f->name));
    Str label = label_text(&f->label, rq->lang);
    if (is_given && v && v->tag != VALUE_NONE)
        page_fact(rq->view, V_known, label, page_value(rq, f, v));
    if (f != rq->type->part_of || has_fault(form->faults, f->name))
        return is_given;
    Value of = value_of(rq, form, f);
    Str title = of.tag == VALUE_BLOB ? page_value(rq, f, &of) : S("");
    if (!title.n)
        return false;
    page_fact(rq->view, V_known, label, title);
    page_hidden(rq->view, f->name, text_of(rq, form, f));
    return true;
}

static int put_one(Req *rq, const Form *form, const Subject *now, const Field *f, View *v, Err *e)
{
    if (f->kind == KIND_ROWS && page_is_attend(form, f))
        return page_attend_field(rq, v, form, f, e);
    if (f->kind == KIND_ROWS)
        page_rows_field(rq, v, form, f);
    else if (f->kind == KIND_AUDIENCE)
        page_pairs_field(rq, v, form, f);
    else
        page_field(rq, v, f, text_of(rq, form, f), form->faults);
    (void)page_put_when(rq, v, V_shown, f->shown_when, S(""));
    (void)page_put_when(rq, v, V_need, f->required_when, S(""));
    if (f->required_when && holds(rq, now, f->required_when)) {
        view_bool(v, V_is_required, true);
        view_bool(v, V_is_optional, false);
    }
    return 0;
}

/* Rows filled in from who was invited have nobody yet while the record is new. What a script can
 * show and hide is there; without one it stays in sight and the server decides. */
static bool is_shown(Req *rq, const Form *form, const Subject *now, const Field *f)
{
    if (f->is_asked || (!form->rec && input_presence(f)))
        return false;
    return !f->shown_when || has_fault(form->faults, f->name) || holds(rq, now, f->shown_when) ||
           page_put_when(rq, view_new(rq->arena), V_shown, f->shown_when, S(""));
}

typedef struct Story { /* of the record: what was said about its fields */
    HistoryItem *items;
    int n;
} Story;

static int put_shown(Req *rq, const Form *form, const Subject *now, const Field *f, Story story,
                     Err *e)
{
    if (!is_shown(rq, form, now, f) || put_given(rq, form, f))
        return 0;
    View *v = view_item(rq->view, V_fields);
    TRY(put_one(rq, form, now, f, v, e));
    if (f->kind == KIND_PHOTO || f->kind == KIND_FILE)
        view_bool(rq->view, V_is_multipart, true);
    Remarks all = form->rec ? remarks_of(rq, form->rec, f, story.items, story.n) : (Remarks){0};
    for (int k = 0; k < all.n; k++)
        remark_view(rq, v, &all, k, true);
    return 0;
}

/* Who came stands in front: that is what the page is opened for. */
static int put_fields(Req *rq, const Form *form, Err *e)
{
    const Type *t = rq->type;
    const Subject *now = subject_of(rq, form);
    Story story = {0};
    TRY(read_history(rq, form, &story.items, &story.n, e));
    for (int first = 1; first >= 0; first--)
        for (int i = 0; i < t->field_n; i++) {
            const Field *f = &t->fields[i];
            if (page_is_attend(form, f) == (bool)first)
                TRY(put_shown(rq, form, now, f, story, e));
        }
    return 0;
}

/* ---- the page ---- */

/* Of a record whose rows are filled in at one go: what ends it, asking nothing. */
static const Action *ending(Req *rq, const Record *rec)
{
    const Type *t = rq->type;
    bool is_attend = false;
    for (int i = 0; i < t->field_n; i++)
        is_attend = is_attend || input_presence(&t->fields[i]);
    for (int i = 0; is_attend && i < t->action_n; i++) {
        const Action *act = &t->actions[i];
        bool is_it = act->kind == ACTION_OTHER && !act->ask_n && act->to >= 0 &&
                     t->states[act->to].end == END_DONE && (act->from >> rec->state & 1);
        if (is_it && record_may(&rq->reader, access_do(rq->arena, &rq->reader, t, act), rec))
            return act;
    }
    return NULL;
}

/* What leads on from where the form leaves the record: by the first of his posts for a new one. */
static const Action *forward(Req *rq, const Record *rec)
{
    const Type *t = rq->type;
    int *posts;
    if (rec) {
        const Action *fwd = page_forward_of(rq, rec);
        return fwd ? fwd : ending(rq, rec);
    }
    if (access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts) < 1)
        return NULL;
    const Post *p = &rq->reader.posts[posts[0]];
    return page_forward(rq, t, t->create->to, p->unit_ix, rq->reader.person, p->posting);
}

/* Nobody is on the list yet: filling it in is what is to be done, not ending it. */
static bool is_to_be_filled(const Form *form)
{
    for (int i = 0; form->rec && !form->is_posted && i < form->rec->type->field_n; i++) {
        const Field *f = &form->rec->type->fields[i];
        if (page_is_attend(form, f) && form->rec->values[f->ix].tag == VALUE_NONE)
            return true;
    }
    return false;
}

static void put_buttons(Req *rq, const Form *form)
{
    View *v = rq->view;
    const Type *t = rq->type;
    const Action *fwd = forward(rq, form->rec);
    page_button(v, req_t(rq, fwd ? "page.save" : "page.save_all", NULL), S("save"), !fwd);
    if (fwd)
        page_button(v, label_text(&fwd->label, rq->lang), fwd->name, !is_to_be_filled(form));
    view_text(v, V_enter_do, S("save"));
    int *posts, n = access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts);
    int unit_ix = form->rec ? form->rec->unit_ix : n ? rq->reader.posts[posts[0]].unit_ix : -1;
    int state = fwd ? fwd->to : form->rec ? form->rec->state : t->create->to;
    if (unit_ix >= 0)
        page_who_line(rq, t, state, unit_ix, true, fwd ? "page.who_then" : "page.who");
}

static Str fault_label(Req *rq, Str field)
{
    const Field *f = type_field(rq->type, field);
    if (f)
        return label_text(&f->label, rq->lang);
    return str_eq(field, S("unit")) ? req_t(rq, "page.unit", NULL) : page_line_label(rq, field);
}

static void put_head(Req *rq, const Form *form)
{
    View *v = rq->view;
    const Type *t = rq->type;
    Arena *a = rq->arena;
    page_crumbs(rq, t);
    view_bool(v, V_has_bar, true);
    view_text(v, V_intro, form->intro);
    if (form->rec) {
        Str title = page_record_title(rq, form->rec), version = req_param(rq, "version");
        Str change = label_text(&t->change->label, rq->lang);
        view_text(v, V_title, req_t(rq, "page.act_plain", &change, &title, NULL));
        view_url(v, V_action, page_href(rq, form->rec, "change"));
        view_url(v, V_cancel_href, page_href(rq, form->rec, NULL));
        view_text(v, V_version,
                  form->is_posted && version.n ? version
                                               : str_fmt(a, "%lld", (long long)form->rec->version));
    } else {
        view_text(v, V_title, label_text(&t->create->label, rq->lang));
        view_url(v, V_action, page_type_href(rq, t, NULL));
        view_url(v, V_cancel_href, page_type_href(rq, t, NULL));
        view_text(v, V_id, uuid_text(a, form->id));
    }
    view_bool(v, V_is_returned, form->is_posted);
    view_text(v, V_draft_key,
              str_fmt(a, "%.*s %.*s %.*s", STR_ARG(rq->reader.account_name), STR_ARG(t->name),
                      STR_ARG(form->rec ? uuid_text(a, form->rec->id) : S("new"))));
}

int page_form(Req *rq, const Form *form, Err *e)
{
    int *posts = NULL, post_n = 0;
    put_head(rq, form);
    if (!form->rec)
        post_n = access_create_posts(rq->arena, &rq->reader, rq->type, STR_NONE, &posts);
    put_known(rq, form, posts, post_n);
    if (post_n > 1)
        put_posts(rq, posts, post_n);
    TRY(put_fields(rq, form, e));
    put_buttons(rq, form);
    page_faults(rq, form->faults, fault_label);
    page_done(rq, TPL_FORM, form->status);
    return REQ_DONE;
}

/* ---- saving ---- */

static int write_after(Req *rq, int rc, Err *e)
{
    Write *w = rq->state;
    return rc < 0 ? page_refused(rq, w, rc, e) : page_saved(rq, w);
}

/* Nothing is different: no version is made of it. What was to follow is done alone. */
static bool is_same(Req *rq, const Write *w)
{
    const Record *after = change_result(rq->arena, w->change);
    for (int i = 0; i < after->type->field_n; i++)
        if (!value_eq(&after->values[i], &w->before->values[i]))
            return false;
    return true;
}

static int write_nothing(Req *rq, Write *w, Err *e)
{
    RecordInput in = {.type = w->in.type,
                      .id = w->in.id,
                      .action = w->in.then,
                      .unit_ix = w->in.unit_ix,
                      .as_role = STR_NONE,
                      .if_version = w->in.if_version};
    if (!in.action) {
        req_said(rq, "page.said_same");
        req_redirect(rq, page_href(rq, w->before, NULL));
        return REQ_DONE;
    }
    w->in = in;
    w->before = NULL;
    return page_write(rq, w, e);
}

int page_write(Req *rq, Write *w, Err *e)
{
    App *app = rq->app;
    int rc = record_prepare(app->records, rq->arena, rq->tx, &rq->reader, &w->in, &w->change, e);
    if (rc < 0)
        return page_refused(rq, w, rc, e);
    if (w->before && is_same(rq, w))
        return write_nothing(rq, w, e);
    rq->state = w;
    return req_submit(rq, app->store, record_apply, w->change, write_after);
}

/* A page in answer to a failure; its own failure takes the other's place. */
static int answer(int rc, Err *sub, Err *e)
{
    if (rc < 0)
        *e = *sub;
    return rc;
}

static int get_again(Req *rq, const Write *w, Record **ret, Err *e)
{
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    return record_get(rq->app->records, rq->arena, tx, &rq->reader, rq->type, w->in.id, ret, NULL,
                      e);
}

/* Fields at fault: the form again; of an act that asks nothing, the record's own form. */
static int refused_fields(Req *rq, const Write *w, const Err *faults, Err *e)
{
    const Action *act = w->in.action;
    Form form = {.act = act, .id = w->in.id, .faults = faults, .is_posted = true, .status = 422};
    Record *rec = NULL;
    if (act->kind == ACTION_CREATE)
        return page_form(rq, &form, e);
    TRY(get_again(rq, w, &rec, e));
    if (act->kind == ACTION_OTHER && act->ask_n)
        return page_act_form(rq, act, rec, faults, 422, STR_NONE, e);
    form.rec = rec;
    if (act->kind == ACTION_OTHER) {
        form.act = rq->type->change;
        form.is_posted = false;
        Arms arms = form.act ? access_do(rq->arena, &rq->reader, rq->type, form.act) : (Arms){0};
        if (!record_may(&rq->reader, arms, rec))
            return page_act_form(rq, act, rec, faults, 422, STR_NONE, e);
    }
    return page_form(rq, &form, e);
}

/* Somebody moved the record on between looking and pressing: says who, and asks once more. */
static int refused_stale(Req *rq, Write *w, Err *e)
{
    Record *rec;
    HistoryItem *items;
    int n;
    TRY(get_again(rq, w, &rec, e));
    TRY(record_history(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &items, &n, e));
    Str who = n ? items[n - 1].actor_name : S(""),
        when = n ? page_when(rq, items[n - 1].at_ms) : S("");
    Str note = req_t(rq, "page.stale", &who, &when, NULL);
    return page_act_form(rq, w->in.action, rec, NULL, 412, note, e);
}

int page_refused(Req *rq, Write *w, int rc, Err *e)
{
    Err sub = err_on(rq->arena);
    bool is_act = w->in.action->kind == ACTION_OTHER;
    if (rc == ERR_EXISTS) {
        Record rec = {.id = w->in.id, .type = rq->type};
        req_said(rq, "page.said_before");
        req_redirect(rq, page_href(rq, &rec, NULL));
        return REQ_DONE;
    }
    if (rc == ERR_MISSING &&
        str_eq(e->key, S("record.id_not_usable"))) { /* the text is kept under a new id */
        w->in.id = env_uuid7(rq->app->env);
        Form form = {
            .act = w->in.action, .id = w->in.id, .faults = e, .is_posted = true, .status = 404};
        return answer(page_form(rq, &form, &sub), &sub, e);
    }
    if (rc == ERR_INVALID && e->field_n)
        return answer(refused_fields(rq, w, e, &sub), &sub, e);
    if (rc == ERR_CONFLICT && is_act)
        return answer(refused_stale(rq, w, &sub), &sub, e);
    if (rc == ERR_CONFLICT || rc == ERR_DIFFERS)
        return answer(page_conflict(rq, w, &sub), &sub, e);
    return rc;
}

int page_saved(Req *rq, const Write *w)
{
    const Record *rec = change_result(rq->arena, w->change);
    const Type *t = rq->type;
    Arms see = access_see(rq->arena, &rq->reader, t);
    bool sees = record_may(&rq->reader, see, rec);
    bool is_on = w->in.then || w->in.action->kind == ACTION_OTHER; /* one step further */
    bool is_sent = is_on && t->states[rec->state].end == END_OPEN &&
                   (w->in.then || uuid_eq(rec->author, rq->reader.person));
    bool is_back = w->in.action->kind == ACTION_OTHER && !w->in.then &&
                   t->states[rec->state].is_draft;
    req_said(rq, is_back                          ? "page.said_taken"
                 : is_sent                        ? "page.said_sent"
                 : is_on                          ? "page.said_done"
                 : t->states[rec->state].is_draft ? "page.said_draft"
                 : page_forward_of(rq, rec)       ? "page.said_kept"
                                                  : "page.said_saved");
    req_redirect(rq, sees ? page_href(rq, rec, NULL) : page_type_href(rq, t, NULL));
    return REQ_DONE;
}

/* ---- new ---- */

/* His newest of this type, if there is one. */
static int newest_own(Req *rq, bool is_whole, Record **ret, Err *e)
{
    ListQuery q = {.type = rq->type, .unit_ix = -1, .mine = true, .limit = 1, .after = STR_NONE};
    RecordList list;
    TRY(record_list(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, e));
    if (!list.n)
        return 0;
    *ret = &list.items[0];
    if (!is_whole) /* a list has no rows */
        return 0;
    return record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, rq->type, list.items[0].id,
                      ret, NULL, e);
}

int page_new_form(Req *rq, Err *e)
{
    int *posts;
    bool is_like = str_eq(req_param(rq, "like"), S("last"));
    Record *last = NULL;
    if (!rq->type->create ||
        access_create_posts(rq->arena, &rq->reader, rq->type, STR_NONE, &posts) < 1)
        return err_set(e, ERR_DENIED, "record.may_not");
    TRY(newest_own(rq, is_like, &last, e));
    Form form = {.act = rq->type->create, .id = env_uuid7(rq->app->env), .status = 200};
    if (is_like)
        form.like = last;
    else if (last)
        view_url(rq->view, V_like_href, page_type_href(rq, rq->type, "/new?like=last"));
    return page_form(rq, &form, e);
}

/* A button that changes the form and saves nothing. */
static bool is_dropping(const Req *rq)
{
    return req_param(rq, "drop").n > 0 || input_is_reshaping(rq);
}

static void choose_then(Req *rq, Write *w, const Record *rec)
{
    const Action *fwd = forward(rq, rec);
    w->in.then = fwd && str_eq(page_do(rq), fwd->name) ? fwd : NULL;
}

static const Err *photo_faults(const Req *rq)
{
    return rq->own->photo_err.cls ? &rq->own->photo_err : NULL;
}

static int create_stored(Req *rq, Err *e)
{
    Write *w = NEW(rq->arena, Write);
    Uuid id;
    if (!uuid_parse(req_param(rq, "id"), &id))
        id = env_uuid7(rq->app->env);
    if (is_dropping(rq)) {
        Form form = {.act = rq->type->create,
                     .id = id,
                     .is_posted = true,
                     .faults = photo_faults(rq),
                     .status = 200};
        return page_form(rq, &form, e);
    }
    choose_then(rq, w, NULL);
    bool is_asked;
    TRY(web_record_input(rq, rq->type->create, &w->in, e));
    w->in.id = id;
    Str here = page_type_href(rq, rq->type, NULL);
    TRY(page_settle(rq, &w->in, here, here, &is_asked, e));
    return is_asked ? REQ_DONE : page_write(rq, w, e);
}

int page_create(Req *rq, Err *e)
{
    if (!rq->type->create)
        return err_set(e, ERR_DENIED, "record.may_not");
    return web_store_photos(rq, create_stored, e);
}

/* ---- change ---- */

int page_get_record(Req *rq, Record **ret, const Arm **ret_by, Err *e)
{
    Uuid id;
    if (!req_uuid(rq, "id", &id))
        return err_set(e, ERR_MISSING, "web.missing");
    return record_get(rq->app->records, rq->arena, rq->tx, &rq->reader, rq->type, id, ret, ret_by,
                      e);
}

int page_change_form(Req *rq, Err *e)
{
    Record *rec;
    const Action *act = rq->type->change;
    TRY(page_get_record(rq, &rec, NULL, e));
    if (!act)
        return err_set(e, ERR_DENIED, "record.may_not");
    Arms arms = access_do(rq->arena, &rq->reader, rq->type, act);
    if (!record_may(&rq->reader, arms, rec))
        return err_set(e, act->from >> rec->state & 1 ? ERR_DENIED : ERR_STATE,
                       act->from >> rec->state & 1 ? "record.may_not" : "record.not_from_here");
    Form form = {.act = act, .rec = rec, .status = 200};
    return page_form(rq, &form, e);
}

static int change_stored(Req *rq, Err *e)
{
    Record *rec;
    Write *w = NEW(rq->arena, Write);
    TRY(page_get_record(rq, &rec, NULL, e));
    if (is_dropping(rq)) {
        Form form = {.act = rq->type->change,
                     .rec = rec,
                     .is_posted = true,
                     .faults = photo_faults(rq),
                     .status = 200};
        return page_form(rq, &form, e);
    }
    choose_then(rq, w, rec);
    TRY(web_record_input(rq, rq->type->change, &w->in, e));
    w->in.id = rec->id;
    bool is_asked, is_chosen = !page_is_choice(rq, rq->type) || page_take_choice(rq, &w->in);
    TRY(page_settle(rq, &w->in, page_href(rq, rec, "change"), page_href(rq, rec, NULL), &is_asked,
                    e));
    if (is_asked)
        return REQ_DONE;
    if (!is_chosen)
        return page_conflict(rq, w, e);
    w->before = rec;
    return page_write(rq, w, e);
}

int page_change(Req *rq, Err *e)
{
    if (!rq->type->change)
        return err_set(e, ERR_DENIED, "record.may_not");
    return web_store_photos(rq, change_stored, e);
}
