/* page_conflict.c: two people changed the same record. What only one side touched is put
 * together by itself; where both did, both texts stand side by side and nothing is chosen
 * beforehand. DESIGN: Pages  SPEC: P8 */
#include "web/page_int.h"

static Str part_param(Req *rq, const Field *f, const char *tail)
{
    return params_get(&rq->params, str_fmt(rq->arena, "%.*s.%s", STR_ARG(f->name), tail));
}

bool page_is_choice(Req *rq, const Type *t)
{
    for (int i = 0; i < t->field_n; i++)
        if (str_has(part_param(rq, &t->fields[i], "mine")))
            return true;
    return false;
}

static bool is_picked(Req *rq, const Field *f)
{
    Str pick = part_param(rq, f, "pick");
    return str_eq(pick, S("mine")) || str_eq(pick, S("theirs")) || str_eq(pick, S("own"));
}

/* Lines and pairs are taken as a whole: this list or that one. */
static bool is_whole(const Field *f)
{
    return f->kind == KIND_ROWS || f->kind == KIND_AUDIENCE;
}

static const FieldInput *sent_field(const RecordInput *in, const Field *f)
{
    for (int i = 0; i < in->field_n; i++)
        if (str_eq(in->fields[i].name, f->name))
            return &in->fields[i];
    return NULL;
}

bool page_take_choice(Req *rq, RecordInput *in)
{
    const Type *t = in->type;
    FieldInput *list = NEW_N(rq->arena, FieldInput, (size_t)(in->field_n + t->field_n));
    int n = 0;
    bool all = true;
    for (int i = 0; i < in->field_n; i++)
        if (!str_has(part_param(rq, type_field(t, in->fields[i].name), "mine")))
            list[n++] = in->fields[i];
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (!str_has(part_param(rq, f, "mine")))
            continue;
        bool picked = is_picked(rq, f);
        all = all && picked;
        if (is_whole(f)) { /* theirs stands; mine came along in hidden fields */
            const FieldInput *mine = str_eq(part_param(rq, f, "pick"), S("theirs"))
                                         ? NULL : sent_field(in, f);
            if (mine)
                list[n++] = *mine;
            continue;
        }
        Str text = part_param(rq, f, picked ? str_z(rq->arena, part_param(rq, f, "pick")) : "mine");
        list[n++] = (FieldInput){.name = f->name, .text = str_has(text) ? text : S("")};
    }
    in->fields = list;
    in->field_n = n;
    return all;
}

/* ---- which side changed what ---- */

typedef struct Clash {
    Write *w;
    const Record *now;
    Conflict *list;
    int n;
    bool *is_clash; /* by the list's index; else it is put together */
    bool is_choice;
    HistoryItem *items;
    int item_n;
} Clash;

/* The value of a field in the version he began from. */
static Value base_value(const Clash *c, const Field *f, int64_t version)
{
    Value v = {.tag = VALUE_NONE};
    for (int i = 0; i < c->item_n && c->items[i].version <= version; i++)
        for (int k = 0; k < c->items[i].field_n; k++)
            if (c->items[i].fields[k].field == f)
                v = c->items[i].fields[k].after;
    return v;
}

static const FieldInput *input_of(const Write *w, const Field *f)
{
    return sent_field(&w->in, f);
}

/* Theirs stands: it is not written again. */
static void leave_out(Req *rq, Write *w, const Field *f)
{
    FieldInput *list = NEW_N(rq->arena, FieldInput, (size_t)w->in.field_n + 1);
    int n = 0;
    for (int i = 0; i < w->in.field_n; i++)
        if (!str_eq(w->in.fields[i].name, f->name))
            list[n++] = w->in.fields[i];
    w->in.fields = list;
    w->in.field_n = n;
}

/* Sorts the differences; where only they changed, theirs goes into the input. Returns the
 * clashes. */
static int sort_out(Req *rq, Clash *c)
{
    int clashes = 0;
    c->is_clash = NEW_N(rq->arena, bool, (size_t)c->n + 1);
    for (int i = 0; i < c->n; i++) {
        const Conflict *x = &c->list[i];
        Value base = base_value(c, x->field, c->w->in.if_version);
        bool i_did = !value_eq(&base, &x->mine), they_did = !value_eq(&base, &x->theirs);
        bool is_new = c->w->in.action->kind == ACTION_CREATE;
        c->is_clash[i] = c->is_choice
                             ? str_has(part_param(rq, x->field, "mine")) && !is_picked(rq, x->field)
                             : is_new || (i_did && they_did);
        clashes += c->is_clash[i];
        if (!c->is_choice && !is_new && !i_did)
            leave_out(rq, c->w, x->field);
    }
    return clashes;
}

/* ---- the page ---- */

static Str shown(Req *rq, const Field *f, const Value *v)
{
    bool is_raw = f->kind == KIND_NOTE || f->kind == KIND_TEXT || f->kind == KIND_REMARK;
    return is_raw && v->tag == VALUE_TEXT ? v->s : page_value(rq, f, v);
}

static void put_clash(Req *rq, const Clash *c, const Conflict *x)
{
    const Field *f = x->field;
    View *v = view_item(rq->view, V_clashes);
    const FieldInput *in = input_of(c->w, f);
    Str theirs_by = S(""), pick = part_param(rq, f, "pick");
    for (int i = 0; i < c->item_n; i++)
        for (int k = 0; k < c->items[i].field_n; k++)
            if (c->items[i].fields[k].field == f) {
                Str when = page_when(rq, c->items[i].at_ms);
                theirs_by =
                    str_fmt(rq->arena, "%.*s %.*s", STR_ARG(c->items[i].actor_name), STR_ARG(when));
            }
    view_text(v, V_name, f->name);
    view_text(v, V_label, label_text(&f->label, rq->lang));
    view_text(v, V_mine, shown(rq, f, &x->mine));
    view_text(v, V_theirs, shown(rq, f, &x->theirs));
    view_text(v, V_mine_typed, is_whole(f) ? S("mine") : in ? in->text : S(""));
    view_text(v, V_theirs_typed, is_whole(f) ? S("theirs") : page_typed(rq, f, &x->theirs));
    view_text(v, V_theirs_by, theirs_by);
    view_text(v, V_own, part_param(rq, f, "own"));
    view_bool(v, V_is_note, f->kind == KIND_NOTE);
    view_bool(v, V_is_list, is_whole(f));
    view_bool(v, V_pick_mine, str_eq(pick, S("mine")));
    view_bool(v, V_pick_theirs, str_eq(pick, S("theirs")));
    view_bool(v, V_pick_own, str_eq(pick, S("own")));
    if (c->is_choice)
        view_text(v, V_error, req_t(rq, "page.choose_one", NULL));
}

static bool is_clashing(const Clash *c, Str name)
{
    for (int i = 0; i < c->n; i++)
        if (c->is_clash[i] && str_eq(c->list[i].field->name, name))
            return true;
    return false;
}

/* What is not asked goes along; of what is, lines and pairs, which have no one text. */
static void keep_rest(Req *rq, const Clash *c)
{
    RecordInput kept = c->w->in;
    FieldInput *list = NEW_N(rq->arena, FieldInput, (size_t)kept.field_n + 1);
    kept.field_n = 0;
    for (int i = 0; i < c->w->in.field_n; i++) {
        const FieldInput *x = &c->w->in.fields[i];
        const Field *f = type_field(kept.type, x->name);
        if (f && (!is_clashing(c, x->name) || is_whole(f)))
            list[kept.field_n++] = *x;
    }
    kept.fields = list;
    page_keep_input(rq, &kept);
}

static int put_page(Req *rq, const Clash *c)
{
    View *v = rq->view;
    const Record *now = c->now;
    const HistoryItem *last = c->item_n ? &c->items[c->item_n - 1] : NULL;
    Str who = last ? last->actor_name : S(""), when = last ? page_when(rq, last->at_ms) : S("");
    page_crumbs(rq, now->type);
    page_crumb(rq, page_record_title(rq, now), page_href(rq, now, NULL));
    view_text(v, V_title, req_t(rq, "page.conflict", NULL));
    view_text(v, V_intro, req_t(rq, "page.stale", &who, &when, NULL));
    view_bool(v, V_has_bar, true);
    view_url(v, V_action, page_href(rq, now, "change"));
    view_url(v, V_cancel_href, page_href(rq, now, NULL));
    view_text(v, V_id, uuid_text(rq->arena, now->id));
    view_text(v, V_version, str_fmt(rq->arena, "%lld", (long long)now->version));
    keep_rest(rq, c);
    for (int i = 0; i < c->n; i++)
        if (c->is_clash[i])
            put_clash(rq, c, &c->list[i]);
        else
            page_fact(v, V_merged, label_text(&c->list[i].field->label, rq->lang),
                      page_value(rq, c->list[i].field,
                                 input_of(c->w, c->list[i].field) ? &c->list[i].mine
                                                                  : &c->list[i].theirs));
    if (c->is_choice)
        view_text(v, V_error_text, req_t(rq, "page.choose_each", NULL));
    page_done(rq, TPL_CONFLICT,
              c->is_choice                             ? 422
              : c->w->in.action->kind == ACTION_CREATE ? 409
                                                       : 412);
    return REQ_DONE;
}

static bool may_change(Req *rq, const Record *rec)
{
    const Action *act = rq->type->change;
    Arms arms = act ? access_do(rq->arena, &rq->reader, rq->type, act) : (Arms){0};
    return record_may(&rq->reader, arms, rec);
}

int page_conflict(Req *rq, Write *w, Err *e)
{
    enum { MERGES_MAX = 2 };
    App *app = rq->app;
    Record *now;
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(record_get(app->records, rq->arena, tx, &rq->reader, rq->type, w->in.id, &now, NULL, e));
    if (!may_change(rq, now))
        return err_set(e, ERR_STATE, "record.not_from_here");
    Clash c = {.w = w,
               .now = now,
               .is_choice = page_is_choice(rq, rq->type) && w->in.if_version == now->version};
    TRY(record_history(app->records, rq->arena, tx, &rq->reader, now, &c.items, &c.item_n, e));
    c.n = record_conflicts(app->records, rq->arena, now, &w->in, &rq->reader, &c.list, e);
    TRY(c.n);
    bool is_clean = !sort_out(rq, &c) && w->in.action->kind == ACTION_CHANGE;
    if (!is_clean || w->merges == MERGES_MAX)
        return put_page(rq, &c);
    w->merges++;
    w->in.if_version = now->version;
    if (w->in.then && !(w->in.then->from >> now->state & 1))
        w->in.then = NULL;
    return page_write(rq, w, e);
}
