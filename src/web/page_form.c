/* page_form.c: the form of a record, and saving it: what was typed comes back whenever it does
 * not go through.   UX: 6  SPEC: B3 P8 */
#include "web/page_int.h"

/* ---- one input ---- */

static void put_option(View *v, Str value, Str label, bool is_on)
{
    View *o = view_item(v, V_options);
    view_text(o, V_value, value);
    view_text(o, V_label, label);
    view_bool(o, V_is_on, is_on);
}

static void put_choices(Req *rq, View *v, const Field *f, Str text)
{
    enum { RADIO_MAX = 5 };
    bool is_radio = f->choice_n <= RADIO_MAX;
    view_bool(v, is_radio ? V_is_radio : V_is_select, true);
    if (!is_radio)
        put_option(v, S(""), req_t(rq, "page.choose", NULL), !text.n);
    for (int i = 0; i < f->choice_n; i++)
        put_option(v, f->choices[i].name, label_text(&f->choices[i].label, rq->lang),
                   str_eq(text, f->choices[i].name));
}

static void put_yesno(Req *rq, View *v, Str text)
{
    view_bool(v, V_is_radio, true);
    put_option(v, S("yes"), req_t(rq, "page.yes", NULL), str_eq(text, S("yes")));
    put_option(v, S("no"), req_t(rq, "page.no", NULL), str_eq(text, S("no")));
}

static void put_photos(Req *rq, View *v, const Field *f, Str ids)
{
    int n = 0;
    Str one;
    while (ids.n) {
        str_cut(ids, ',', &one, &ids);
        one = str_trim(one);
        if (!one.n)
            continue;
        Str i = page_n(rq, ++n);
        View *p = view_item(v, V_photos);
        view_text(p, V_id, one);
        view_url(p, V_href, str_fmt(rq->arena, "/file/%.*s", STR_ARG(url_encode(rq->arena, one))));
        view_text(p, V_label, req_t(rq, "page.photo_n", &i, NULL));
    }
    Str most = page_n(rq, f->many);
    view_bool(v, V_is_photo, true);
    view_bool(v, V_may_add, n < f->many);
    view_text(v, V_hint, req_t(rq, "page.photo_hint", &most, NULL));
}

static void put_day(Req *rq, View *v, const Field *f)
{
    view_bool(v, V_is_date, true);
    if (f->max_today)
        view_text(v, V_max_text, day_text(rq->arena, rq->reader.today));
    if (f->min_today)
        view_text(v, V_min_text, day_text(rq->arena, rq->reader.today));
}

void page_field(Req *rq, View *v, const Field *f, Str text, const Err *faults)
{
    const ErrField *fault = page_fault_of(faults, f->name);
    view_text(v, V_name, f->name);
    view_text(v, V_label, label_text(&f->label, rq->lang));
    view_text(v, V_value, text);
    view_bool(v, V_is_required, f->is_required);
    view_bool(v, V_is_optional, !f->is_required);
    view_text(v, V_unit, field_unit(rq->arena, f, rq->lang));
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    switch (f->kind) {
    case KIND_NOTE:
        view_bool(v, V_is_note, true);
        break;
    case KIND_DATE:
        put_day(rq, v, f);
        break;
    case KIND_CHOICE:
        put_choices(rq, v, f, text);
        break;
    case KIND_YESNO:
        put_yesno(rq, v, text);
        break;
    case KIND_PHOTO:
        put_photos(rq, v, f, text);
        break;
    case KIND_REMARK:
        view_bool(v, V_is_remark, true);
        break;
    case KIND_INT:
    case KIND_MONEY:
    case KIND_PRICE:
    case KIND_AREA:
    case KIND_WEIGHT:
    case KIND_PERCENT:
        view_bool(v, V_is_number, true);
        break;
    default:
        view_bool(v, V_is_line, true);
        break;
    }
}

/* ---- parts of the form ---- */

static Str text_of(Req *rq, const Form *form, const Field *f)
{
    const Kind *k = model_kind(f->kind);
    if (form->is_posted && f->kind == KIND_PHOTO)
        return web_photo_ids(rq, f);
    if (form->is_posted) {
        Str typed = params_get(&rq->params, f->name);
        return str_has(typed) ? typed : S("");
    }
    if (form->rec)
        return k->typed(rq->arena, f, &form->rec->values[f->ix]);
    if (f->preset.tag != VALUE_NONE)
        return k->typed(rq->arena, f, &f->preset);
    return f == rq->type->dated && f->kind == KIND_DATE ? day_text(rq->arena, rq->reader.today)
                                                        : S("");
}

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
    bool roles = false, units = false;
    for (int i = 1; i < n; i++) {
        roles = roles || r->posts[posts[i]].role != r->posts[posts[0]].role;
        units = units || r->posts[posts[i]].unit_ix != r->posts[posts[0]].unit_ix;
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
            put_option(f, u->code, u->name, str_eq(unit, u->code));
    }
    if (units) {
        view_text(f, V_name, S("unit"));
        view_text(f, V_label, req_t(rq, "page.unit", NULL));
        view_bool(f, V_is_select, true);
        view_bool(f, V_is_required, true);
    }
}

static int put_fields(Req *rq, const Form *form, Err *e)
{
    const Type *t = rq->type;
    HistoryItem *items = NULL;
    int item_n = 0;
    if (form->rec) {
        Tx *tx = req_tx(rq, e);
        if (!tx)
            return e->cls;
        TRY(record_history(rq->app->records, rq->arena, tx, &rq->reader, form->rec, &items, &item_n,
                           e));
    }
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (f->is_asked)
            continue;
        View *v = view_item(rq->view, V_fields);
        page_field(rq, v, f, text_of(rq, form, f), form->faults);
        if (f->kind == KIND_PHOTO)
            view_bool(rq->view, V_is_multipart, true);
        Remarks all = form->rec ? remarks_of(rq, form->rec, f, items, item_n) : (Remarks){0};
        for (int k = 0; k < all.n; k++)
            remark_view(rq, v, &all, k, true);
    }
    return 0;
}

/* ---- the page ---- */

/* What leads on from where the form leaves the record: by the first of his posts for a new one. */
static const Action *forward(Req *rq, const Record *rec)
{
    const Type *t = rq->type;
    int *posts;
    if (rec)
        return page_forward_of(rq, rec);
    if (access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts) < 1)
        return NULL;
    const Post *p = &rq->reader.posts[posts[0]];
    return page_forward(rq, t, t->create->to, p->unit_ix, rq->reader.person, p->posting);
}

static void put_buttons(Req *rq, const Form *form)
{
    View *v = rq->view;
    const Type *t = rq->type;
    const Action *fwd = forward(rq, form->rec);
    page_button(v, req_t(rq, fwd ? "page.save" : "page.save_all", NULL), S("save"), !fwd);
    if (fwd)
        page_button(v, label_text(&fwd->label, rq->lang), fwd->name, true);
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
    return str_eq(field, S("unit")) ? req_t(rq, "page.unit", NULL) : S("");
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
    const Action *act = w->in.action;
    bool is_sent =
        w->in.then || (act->kind == ACTION_OTHER && uuid_eq(rec->author, rq->reader.person));
    req_said(rq, is_sent                              ? "page.said_sent"
                 : w->in.action->kind == ACTION_OTHER ? "page.said_done"
                 : t->states[rec->state].is_draft     ? "page.said_draft"
                 : page_forward_of(rq, rec)           ? "page.said_kept"
                                                      : "page.said_saved");
    req_redirect(rq, sees ? page_href(rq, rec, NULL) : page_type_href(rq, t, NULL));
    return REQ_DONE;
}

/* ---- new ---- */

int page_new_form(Req *rq, Err *e)
{
    int *posts;
    if (!rq->type->create ||
        access_create_posts(rq->arena, &rq->reader, rq->type, STR_NONE, &posts) < 1)
        return err_set(e, ERR_DENIED, "record.may_not");
    Form form = {.act = rq->type->create, .id = env_uuid7(rq->app->env), .status = 200};
    return page_form(rq, &form, e);
}

static bool is_dropping(const Req *rq)
{
    return req_param(rq, "drop").n > 0;
}

static void choose_then(Req *rq, Write *w, const Record *rec)
{
    const Action *fwd = forward(rq, rec);
    w->in.then = fwd && str_eq(req_param(rq, "do"), fwd->name) ? fwd : NULL;
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
    TRY(web_record_input(rq, rq->type->create, &w->in, e));
    w->in.id = id;
    return page_write(rq, w, e);
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
    if (page_is_choice(rq, rq->type) && !page_take_choice(rq, &w->in))
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
