/* page_field.c: one input of a form, of every kind but rows and audiences; ids get their names
 * here.                                                                            UX: 6 */
#include "web/page_int.h"

void page_option(View *v, Str value, Str label, bool is_on)
{
    View *o = view_item(v, V_options);
    view_text(o, V_value, value);
    view_text(o, V_label, label);
    view_bool(o, V_is_on, is_on);
}

/* Is `one` among a text with commas. */
static bool is_among(Str list, Str one)
{
    Str head;
    while (list.n) {
        str_cut(list, ',', &head, &list);
        if (str_eq(str_trim(head), one))
            return true;
    }
    return false;
}

static void put_choice(Req *rq, View *v, const Field *f, Str text, bool is_short)
{
    enum { RADIO_MAX = 5 };
    bool is_radio = !is_short && f->choice_n <= RADIO_MAX;
    view_bool(v, is_radio ? V_is_radio : V_is_select, true);
    if (!is_radio)
        page_option(v, S(""), req_t(rq, "page.choose", NULL), !text.n);
    for (int i = 0; i < f->choice_n; i++) {
        const Choice *c = &f->choices[i];
        bool is_on = str_eq(text, c->name);
        if (is_on || !c->is_retired)
            page_option(v, c->name, label_text(&c->label, rq->lang), is_on);
    }
}

static void put_choices(Req *rq, View *v, const Field *f, Str text)
{
    view_bool(v, V_is_ticks, true);
    for (int i = 0; i < f->choice_n; i++) {
        const Choice *c = &f->choices[i];
        bool is_on = is_among(text, c->name);
        if (is_on || !c->is_retired)
            page_option(v, c->name, label_text(&c->label, rq->lang), is_on);
    }
}

static void put_yesno(Req *rq, View *v, Str text, bool is_short)
{
    view_bool(v, is_short ? V_is_select : V_is_radio, true);
    if (is_short)
        page_option(v, S(""), req_t(rq, "page.choose", NULL), !text.n);
    page_option(v, S("yes"), req_t(rq, "page.yes", NULL), str_eq(text, S("yes")));
    page_option(v, S("no"), req_t(rq, "page.no", NULL), str_eq(text, S("no")));
}

/* What a document is called, where he may know: it is his own, or he sees a record that shows it.
 * Anything may stand in a form that was sent. "": by its place. */
static Str file_name(Req *rq, Str id_text)
{
    Err sub = err_on(rq->arena);
    FileLine line;
    Uuid id;
    Tx *files = uuid_parse(id_text, &id) && rq->tx ? req_files_tx(rq, &sub) : NULL;
    int rc = !files ? sub.cls
                    : record_file_line(rq->app->records, rq->arena, rq->tx, files, &rq->reader, id,
                                       &line, &sub);
    if (rc < 0 && rc != ERR_MISSING)
        log_line("error", "page: name of a file: key=%.*s at=%s:%d", STR_ARG(sub.key), sub.file,
                 sub.line);
    return files && !rc && str_has(line.name) ? line.name : S("");
}

/* Photos and documents that are there already, and whether more may come. */
static void put_uploads(Req *rq, View *v, const Field *f, Str ids)
{
    bool is_photo = f->kind == KIND_PHOTO;
    int n = 0;
    Str one, most = page_n(rq, f->many);
    while (ids.n) {
        str_cut(ids, ',', &one, &ids);
        one = str_trim(one);
        if (!one.n)
            continue;
        Str i = page_n(rq, ++n), name = is_photo ? S("") : file_name(rq, one);
        View *p = view_item(v, V_photos);
        view_text(p, V_id, one);
        view_url(p, V_href, str_fmt(rq->arena, "/file/%.*s", STR_ARG(url_encode(rq->arena, one))));
        view_text(p, V_label,
                  name.n ? name : req_t(rq, is_photo ? "page.photo_n" : "page.file_n", &i, NULL));
    }
    view_bool(v, is_photo ? V_is_photo : V_is_file, true);
    view_bool(v, V_may_add, n < f->many);
    view_text(v, V_hint, req_t(rq, is_photo ? "page.photo_hint" : "form.file_hint", &most, NULL));
}

/* ---- references ---- */

/* The label of what `text` names already; "": it is something typed. */
static Str chosen_label(Req *rq, const Field *f, Str text)
{
    Uuid id;
    if (f->kind == KIND_UNIT) {
        const Unit *u = tree_unit_coded(rq->reader.tree, text);
        return u ? u->name : S("");
    }
    if (!uuid_parse(text, &id))
        return S("");
    Value v = {.tag = VALUE_BLOB, .s = {(const char *)id.b, sizeof id.b}};
    return page_value(rq, f, &v);
}

static void put_ref(Req *rq, View *v, const Field *f, Str text)
{
    Str label = text.n ? chosen_label(rq, f, text) : S("");
    view_bool(v, V_is_ref, true);
    view_text(v, V_hint,
              req_t(rq, f->kind == KIND_UNIT ? "form.unit_hint" : "form.ref_hint", NULL));
    if (label.n) {
        view_text(v, V_value, label);
        view_text(v, V_chosen,
                  str_fmt(rq->arena, "%.*s %.*s", STR_ARG(text), STR_ARG(label)));
    }
}

static void put_links(Req *rq, View *v, const Field *f, Str text)
{
    Buf more = {.arena = rq->arena};
    Str one;
    view_bool(v, V_is_links, true);
    view_text(v, V_hint, req_t(rq, "form.ref_hint", NULL));
    while (text.n) {
        str_cut(text, ',', &one, &text);
        one = str_trim(one);
        Str label = one.n ? chosen_label(rq, f, one) : S("");
        if (label.n)
            page_option(v, one, label, true);
        else if (one.n)
            buf_fmt(&more, "%s%.*s", more.n ? ", " : "", STR_ARG(one));
    }
    view_text(v, V_value, more.n ? buf_view(&more) : S(""));
}

/* ---- one input ---- */

static void put_day(Req *rq, View *v, const Field *f)
{
    view_bool(v, V_is_date, true);
    if (f->max_today)
        view_text(v, V_max_text, day_text(rq->arena, rq->reader.today));
    if (f->min_today)
        view_text(v, V_min_text, day_text(rq->arena, rq->reader.today));
}

static void put_kind(Req *rq, View *v, const Field *f, Str text, bool is_short)
{
    switch (f->kind) {
    case KIND_NOTE:
        view_bool(v, V_is_note, true);
        if (is_short)
            view_i64(v, V_rows, 2);
        break;
    case KIND_DATE:
        put_day(rq, v, f);
        break;
    case KIND_CHOICE:
        put_choice(rq, v, f, text, is_short);
        break;
    case KIND_CHOICES:
        put_choices(rq, v, f, text);
        break;
    case KIND_YESNO:
        put_yesno(rq, v, text, is_short);
        break;
    case KIND_PHOTO:
    case KIND_FILE:
        put_uploads(rq, v, f, text);
        break;
    case KIND_LINK:
    case KIND_PERSON:
    case KIND_UNIT:
        put_ref(rq, v, f, text);
        break;
    case KIND_LINKS:
        put_links(rq, v, f, text);
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
        if (f->kind == KIND_MONTH_DAY)
            view_text(v, V_hint, req_t(rq, "form.month_day_hint", NULL));
        break;
    }
}

void page_input(Req *rq, View *v, const Field *f, Str name, Str text, const Err *faults)
{
    const ErrField *fault = page_fault_of(faults, name);
    view_text(v, V_name, name);
    view_text(v, V_label, label_text(&f->label, rq->lang));
    view_text(v, V_value, text);
    view_bool(v, V_is_required, f->is_required);
    view_bool(v, V_is_optional, !f->is_required);
    view_text(v, V_unit, field_unit(rq->arena, f, rq->lang));
    if (fault)
        view_text(v, V_error, err_field_text(rq->arena, rq->lang, fault));
    page_put_pick(rq, v, f);
    put_kind(rq, v, f, text, f->rows != NULL);
}

void page_field(Req *rq, View *v, const Field *f, Str text, const Err *faults)
{
    page_input(rq, v, f, f->name, text, faults);
}
