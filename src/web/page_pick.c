/* page_pick.c: what was typed for a person, a unit, a record is looked up; one exact fit is taken.
 * Several, or none, come back as a page of their own on which everything else is kept.
 *                                                                     UX: picker  SPEC: P8 */
#include "web/page_int.h"

/* What is asked: the first that is not settled. */
typedef struct Ask {
    const Field *f;
    Str name, text; /* of its input; what was typed */
    Pick *picks;
    int n;
    const FieldInput *in; /* the top field it stands in */
} Ask;

static Str pick_text(Req *rq, const Field *f, const Pick *p)
{
    const Unit *u = f->kind == KIND_UNIT ? tree_unit(rq->reader.tree, p->unit) : NULL;
    if (f->kind == KIND_UNIT)
        return u ? u->code : S("");
    return uuid_text(rq->arena, p->id);
}

static bool is_settled(Req *rq, const Field *f, Str text)
{
    Uuid id;
    return !text.n ||
           (f->kind == KIND_UNIT ? tree_unit_coded(rq->reader.tree, text) != NULL
                                 : uuid_parse(text, &id));
}

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

/* The one meant, if there is no doubt: the only one of this name, or of these initials or code. */
static const Pick *only_fit(const Pick *list, int n, Str typed)
{
    const Pick *found = NULL;
    for (int i = 0; i < n; i++)
        if (str_eq(list[i].label, typed)) {
            if (found)
                return NULL;
            found = &list[i];
        }
    return found ? found : n == 1 && is_ascii(typed) ? &list[0] : NULL;
}

/* 1: it is to be asked. */
static int settle_text(Req *rq, const Field *f, Str name, Str *text, Ask *ask, Err *e)
{
    Pick *picks;
    int n;
    Str typed = str_trim(*text);
    if (is_settled(rq, f, typed)) {
        *text = typed;
        return 0;
    }
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(record_pick(rq->app->records, rq->arena, tx, &rq->reader, rq->type, f, typed, LIMIT_PICKS,
                    &picks, &n, e));
    const Pick *one = only_fit(picks, n, typed);
    if (one) {
        *text = pick_text(rq, f, one);
        return 0;
    }
    *ask = (Ask){.f = f, .name = name, .text = typed, .picks = picks, .n = n};
    return 1;
}

/* Ids and names with commas between; what comes behind the one that is asked stays as typed. */
static int settle_list(Req *rq, const Field *f, Str name, Str *text, Ask *ask, Err *e)
{
    Buf b = {.arena = rq->arena};
    Str rest = *text, one;
    int asked = 0;
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        if (!asked)
            TRY(asked = settle_text(rq, f, name, &one, ask, e));
        bool is_asked_one = asked && ask->n >= 0 && str_eq(str_trim(one), ask->text);
        if (one.n && !is_asked_one)
            buf_fmt(&b, "%s%.*s", b.n ? "," : "", STR_ARG(str_trim(one)));
    }
    *text = b.n ? buf_view(&b) : S("");
    return asked;
}

static int settle_field(Req *rq, const Field *f, Str name, FieldInput *x, Ask *ask, Err *e)
{
    if (f->kind == KIND_LINK || f->kind == KIND_PERSON || f->kind == KIND_UNIT)
        return settle_text(rq, f, name, &x->text, ask, e);
    return f->kind == KIND_LINKS ? settle_list(rq, f, name, &x->text, ask, e) : 0;
}

static FieldInput *own_fields(const RowInput *row)
{
    return (FieldInput *)(uintptr_t)row->fields; /* made for this request */
}

static int settle_rows(Req *rq, const Field *f, const FieldInput *x, Ask *ask, Err *e)
{
    for (int r = 0; r < x->row_n; r++)
        for (int i = 0; i < x->rows[r].field_n; i++) {
            FieldInput *cell = own_fields(&x->rows[r]) + i;
            const Field *sub = field_sub(f, cell->name);
            if (!sub || !model_kind(sub->kind)->is_reference)
                continue;
            Str name = str_fmt(rq->arena, "%.*s.%d.%.*s", STR_ARG(f->name), r, STR_ARG(sub->name));
            int rc = settle_field(rq, sub, name, cell, ask, e);
            if (rc)
                return rc;
        }
    return 0;
}

static int settle_all(Req *rq, RecordInput *in, Ask *ask, Err *e)
{
    for (int i = 0; i < in->field_n; i++) {
        FieldInput *x = (FieldInput *)(uintptr_t)&in->fields[i]; /* made for this request */
        const Field *f = type_field(in->type, x->name);
        if (!f)
            continue;
        int rc = f->kind == KIND_ROWS ? settle_rows(rq, f, x, ask, e)
                                      : settle_field(rq, f, f->name, x, ask, e);
        if (rc > 0)
            ask->in = x;
        if (rc)
            return rc;
    }
    return 0;
}

/* ---- everything else, kept ---- */

static bool is_told_anew(const Field *f)
{
    switch (f->kind) {
    case KIND_ROWS:
    case KIND_AUDIENCE:
    case KIND_LINK:
    case KIND_LINKS:
    case KIND_PERSON:
    case KIND_UNIT:
    case KIND_CHOICES:
    case KIND_PHOTO:
    case KIND_FILE:
        return true;
    default:
        return false;
    }
}

static const FieldInput *input_of(const RecordInput *in, Str name)
{
    for (int i = 0; i < in->field_n; i++)
        if (str_eq(in->fields[i].name, name))
            return &in->fields[i];
    return NULL;
}

static void keep_param(Req *rq, const RecordInput *in, const Param *p)
{
    static const char *const gone[] = {"do", "drop", "csrf"};
    Str head, tail;
    for (size_t i = 0; i < LEN(gone); i++)
        if (str_eq(p->name, str_of(gone[i])))
            return;
    if (!str_cut(p->name, '.', &head, &tail))
        head = p->name;
    const Field *f = type_field(in->type, head);
    if (!f || !is_told_anew(f) || !input_of(in, head))
        page_hidden(rq->view, p->name, p->value);
}

static void keep_list(Req *rq, Str name, Str text)
{
    Str one;
    Uuid id;
    page_hidden(rq->view, name, S(""));
    while (text.n) {
        str_cut(text, ',', &one, &text);
        const Field *f = type_field(rq->type, name);
        bool is_name = f && f->kind == KIND_LINKS && !uuid_parse(one, &id);
        page_hidden(rq->view, is_name ? str_fmt(rq->arena, "%.*s.add", STR_ARG(name)) : name, one);
    }
}

static void keep_rows(Req *rq, const FieldInput *x, const Ask *ask)
{
    page_hidden(rq->view, x->name, S("rows"));
    for (int r = 0; r < x->row_n; r++) {
        Str line = str_fmt(rq->arena, "%.*s.%d", STR_ARG(x->name), r);
        if (!uuid_is_zero(x->rows[r].id))
            page_hidden(rq->view, str_fmt(rq->arena, "%.*s.id", STR_ARG(line)),
                        uuid_text(rq->arena, x->rows[r].id));
        for (int i = 0; i < x->rows[r].field_n; i++) {
            const FieldInput *cell = &x->rows[r].fields[i];
            Str name = str_fmt(rq->arena, "%.*s.%.*s", STR_ARG(line), STR_ARG(cell->name));
            if (!str_eq(name, ask->name))
                page_hidden(rq->view, name, cell->text);
        }
    }
}

static void keep_pairs(Req *rq, const Field *f)
{
    FormPairs pairs = input_pairs(rq, f);
    page_hidden(rq->view, f->name, S("pairs"));
    for (int i = 0; i < pairs.n; i++) {
        Str line = str_fmt(rq->arena, "%.*s.%d", STR_ARG(f->name), i);
        page_hidden(rq->view, str_fmt(rq->arena, "%.*s.role", STR_ARG(line)), pairs.list[i].role);
        page_hidden(rq->view, str_fmt(rq->arena, "%.*s.unit", STR_ARG(line)), pairs.list[i].unit);
    }
}

static void keep_field(Req *rq, const FieldInput *x, const Ask *ask)
{
    const Field *f = type_field(rq->type, x->name);
    if (!f || (ask->f && !is_told_anew(f)))
        return;
    if (f->kind == KIND_ROWS)
        keep_rows(rq, x, ask);
    else if (f->kind == KIND_AUDIENCE)
        keep_pairs(rq, f);
    else if (model_kind(f->kind)->json_list)
        keep_list(rq, x->name, x->text);
    else if (!str_eq(x->name, ask->name))
        page_hidden(rq->view, x->name, x->text);
}

void page_keep_input(Req *rq, const RecordInput *in)
{
    Ask none = {.name = S("")};
    for (int i = 0; i < in->field_n; i++)
        keep_field(rq, &in->fields[i], &none);
}

/* ---- the page ---- */

static Str effective_do(const Req *rq)
{
    Str s = req_do(rq), head, rest;
    return str_starts(s, S("find:")) && str_cut(s, ':', &head, &rest) ? rest : s;
}

Str page_do(const Req *rq)
{
    return effective_do(rq);
}

static void put_picks(Req *rq, const Ask *ask)
{
    for (int i = 0; i < ask->n; i++) {
        View *o = view_item(rq->view, V_options);
        view_text(o, V_value, pick_text(rq, ask->f, &ask->picks[i]));
        view_text(o, V_label, ask->picks[i].label);
        view_text(o, V_note, ask->picks[i].place);
    }
}

static void put_page(Req *rq, const RecordInput *in, const Ask *ask, Str action, Str cancel)
{
    View *v = rq->view;
    Str n = page_n(rq, ask->n), label = label_text(&ask->f->label, rq->lang), where = label;
    const Field *rows = ask->f->rows;
    if (rows) {
        Str of = label_text(&rows->label, rq->lang);
        where = req_t(rq, "form.line_field", &of, &label, NULL);
    }
    page_crumbs(rq, rq->type);
    view_text(v, V_title, ask->n == LIMIT_PICKS ? req_t(rq, "form.pick_many", &ask->text, NULL)
                          : ask->n ? req_t(rq, "form.pick_some", &n, &ask->text, NULL)
                                   : req_t(rq, "form.pick_none", &ask->text, NULL));
    view_text(v, V_intro,
              req_t(rq, ask->n ? "form.pick_intro" : "form.pick_intro_none", &where, NULL));
    view_bool(v, V_has_bar, true);
    view_url(v, V_action, action);
    view_url(v, V_cancel_href, cancel);
    view_text(v, V_name, ask->name);
    view_text(v, V_label, label);
    view_text(v, V_value, ask->text);
    view_text(v, V_do_text, effective_do(rq));
    for (size_t i = 0; i < rq->params.n; i++)
        keep_param(rq, in, &rq->params.list[i]);
    for (int i = 0; i < in->field_n; i++)
        keep_field(rq, &in->fields[i], ask);
    put_picks(rq, ask);
    page_done(rq, TPL_PICK, 422);
}

int page_settle(Req *rq, RecordInput *in, Str action, Str cancel, bool *ret_asked, Err *e)
{
    Ask ask = {0};
    int rc = settle_all(rq, in, &ask, e);
    if (rc < 0)
        return rc;
    *ret_asked = rc > 0;
    if (rc > 0)
        put_page(rq, in, &ask, action, cancel);
    return 0;
}
