/* page_text.c: dates, names, states in words, and the small parts every page is made of.   UX: 5 */
#include "web/page_int.h"

enum { ENTRY_CHARS = 24 };

/* ---- numbers and dates ---- */

Str page_z(Req *rq, const char *stem, int n)
{
    return i18n_text(rq->arena, rq->lang, str_fmt(rq->arena, "page.%s%d", stem, n), NULL, 0);
}

Str page_n(Req *rq, int64_t n)
{
    Str digits = str_fmt(rq->arena, "%lld", (long long)(n < 0 ? -n : n));
    Buf b = {.arena = rq->arena};
    buf_z(&b, n < 0 ? "-" : "");
    for (size_t i = 0; i < digits.n; i++) {
        if (i && (digits.n - i) % 3 == 0)
            buf_byte(&b, ',');
        buf_byte(&b, digits.p[i]);
    }
    return buf_view(&b);
}

Str page_day(Req *rq, Day d)
{
    int year, month, day, this_year, unused;
    if (d == DAY_NONE)
        return S("");
    day_to_ymd(d, &year, &month, &day);
    day_to_ymd(rq->reader.today, &this_year, &unused, &unused);
    Str m = page_z(rq, "month", month), n = page_n(rq, day);
    Str y = str_fmt(rq->arena, "%d", year);
    return year == this_year ? req_t(rq, "page.day", &m, &n, NULL)
                             : req_t(rq, "page.day_year", &m, &n, &y, NULL);
}

Str page_day_due(Req *rq, Day d)
{
    Str day = page_day(rq, d), week = page_z(rq, "weekday", day_weekday(d));
    return req_t(rq, "page.day_due", &day, &week, NULL);
}

Str page_today(Req *rq)
{
    Day d = rq->reader.today;
    Str day = page_day(rq, d), week = page_z(rq, "weekday_long", day_weekday(d));
    return req_t(rq, "page.today", &day, &week, NULL);
}

Str page_when(Req *rq, UnixMs t)
{
    Str clock = ms_clock(rq->arena, t);
    if (day_of_ms(t) == rq->reader.today)
        return req_t(rq, "page.today_at", &clock, NULL);
    return str_fmt(rq->arena, "%.*s %.*s", STR_ARG(page_day(rq, day_of_ms(t))), STR_ARG(clock));
}

Str page_span(Req *rq, Day from, Day to)
{
    if (from == DAY_NONE)
        return S("");
    Str a = day_text(rq->arena, from);
    if (to == DAY_NONE)
        return req_t(rq, "page.since", &a, NULL);
    Str b = day_text(rq->arena, to);
    return str_fmt(rq->arena, "%.*s — %.*s", STR_ARG(a), STR_ARG(b));
}

/* ---- names ---- */

Str page_role(Req *rq, int role)
{
    return role < 0 ? S("") : label_text(&rq->app->model->roles[role].label, rq->lang);
}

Str page_unit(Req *rq, int unit_ix)
{
    return unit_ix < 0 ? S("") : rq->reader.tree->units[unit_ix].name;
}

Str page_post(Req *rq, int role, int unit_ix)
{
    Str r = page_role(rq, role), u = page_unit(rq, unit_ix);
    return str_fmt(rq->arena, "%.*s · %.*s", STR_ARG(r), STR_ARG(u));
}

Str page_office(Req *rq, int role, int unit_ix)
{
    Str r = page_role(rq, role), u = page_unit(rq, unit_ix);
    Str first = utf8_prefix(r, 1); /* 上栗村 + 村集体公司: the sign they share once */
    if (first.n > 1 && first.n < r.n && str_ends(u, first))
        r = str_sub(r, first.n, r.n);
    return req_t(rq, "page.office", &u, &r, NULL);
}

Str page_by(Req *rq, Str name, int role, int unit_ix)
{
    if (unit_ix < 0 || role < 0)
        return name;
    Str office = page_office(rq, role, unit_ix);
    return req_t(rq, "page.by", &name, &office, NULL);
}

Str page_by_for(Req *rq, Str name, Str deputy_for, int role, int unit_ix)
{
    if (!str_has(deputy_for))
        return page_by(rq, name, role, unit_ix);
    if (unit_ix < 0 || role < 0)
        return req_t(rq, "page.by_for", &name, &deputy_for, NULL);
    Str office = page_office(rq, role, unit_ix);
    return req_t(rq, "page.by_for_office", &name, &deputy_for, &office, NULL);
}

Str page_join(Req *rq, const Str *list, int n)
{
    Str all = n ? list[0] : S("");
    for (int i = 1; i < n; i++)
        all = req_t(rq, "page.and", &all, &list[i], NULL);
    return all;
}

Str page_person(Req *rq, Uuid person)
{
    Str name = S("");
    Err sub = err_on(rq->arena);
    Tx *tx = req_tx(rq, &sub);
    if (!tx || access_person_name(rq->arena, tx, person, &name, &sub) < 0)
        return S(""); /* a name that cannot be read keeps no page back */
    return name;
}

Str page_cut(Req *rq, Str s, size_t chars)
{
    if (utf8_count(s) <= chars)
        return s;
    Str head = utf8_prefix(s, chars);
    return str_fmt(rq->arena, "%.*s…", STR_ARG(head));
}

Str page_opening(Req *rq, const Record *rec, size_t chars)
{
    const Field *f = rec->type->title;
    if (!f || rec->values[f->ix].tag != VALUE_TEXT)
        return S("");
    Str text = rec->values[f->ix].s;
    ptrdiff_t end = str_find(text, S("\n"));
    return page_cut(rq, str_trim(end > 0 ? str_sub(text, 0, (size_t)end) : text), chars);
}

int page_mark(const Type *t)
{
    return t->line;
}

Str page_line_name(Req *rq, int mark)
{
    return mark ? i18n_text(rq->arena, rq->lang, str_fmt(rq->arena, "ui.line%d", mark), NULL, 0)
                : S("");
}

/* ---- states ---- */

static bool is_authors(const Action *act)
{
    for (int i = 0; act && i < act->by_n; i++)
        if (act->by[i].kind == WHO_AUTHOR)
            return true;
    return false;
}

bool page_is_back(const Type *t, int state)
{
    const State *s = &t->states[state];
    if (s->is_draft || s->end != END_OPEN || !t->change || !(t->change->from >> state & 1))
        return false;
    for (int i = 0; i < t->change->by_n; i++)
        if (t->change->by[i].kind != WHO_AUTHOR)
            return false;
    for (int i = 0; i < t->action_n; i++) /* somebody else sent it there */
        if (t->actions[i].to == state && t->actions[i].kind == ACTION_OTHER &&
            !is_authors(&t->actions[i]))
            return true;
    return false;
}

void page_state(Req *rq, View *v, const Type *t, int state)
{
    const State *s = &t->states[state];
    View *o = view_object(v, V_state);
    view_text(o, V_label, label_text(&s->label, rq->lang));
    view_text(o, V_look,
              s->is_draft              ? S("draft")
              : s->end != END_OPEN     ? S("done")
              : page_is_back(t, state) ? S("back")
                                       : S("wait"));
}

const Action *page_forward(Req *rq, const Type *t, int state, int unit_ix, Uuid author,
                           int64_t posting)
{
    Subject on = {.type = t, .state = state, .unit_ix = unit_ix, .author = author,
                  .posting = posting};
    for (int i = 0; i < t->action_n; i++) {
        const Action *act = &t->actions[i];
        bool leads_on = act->kind == ACTION_OTHER && !act->ask_n && act->to >= 0 &&
                        act->to != state && !t->states[act->to].is_draft &&
                        (act->from >> state & 1);
        if (leads_on && is_authors(act) &&
            access_may(&rq->reader, access_do(rq->arena, &rq->reader, t, act), &on))
            return act;
    }
    return NULL;
}

const Action *page_forward_of(Req *rq, const Record *rec)
{
    return page_forward(rq, rec->type, rec->state, rec->unit_ix, rec->author, rec->posting);
}

/* ---- addresses ---- */

Str page_href(Req *rq, const Record *rec, const char *tail)
{
    Str id = uuid_text(rq->arena, rec->id);
    return str_fmt(rq->arena, "/%.*s/%.*s%s%s", STR_ARG(rec->type->name), STR_ARG(id),
                   tail ? "/" : "", tail ? tail : "");
}

Str page_type_href(Req *rq, const Type *t, const char *tail)
{
    return str_fmt(rq->arena, "/%.*s%s", STR_ARG(t->name), tail ? tail : "");
}

/* ---- parts of views ---- */

void page_crumb(Req *rq, Str label, Str href)
{
    View *c = view_item(rq->view, V_crumbs);
    view_text(c, V_label, label);
    if (href.n)
        view_url(c, V_href, href);
}

void page_crumbs(Req *rq, const Type *t)
{
    int mark = page_mark(t);
    view_i64(rq->view, V_line, mark);
    if (mark)
        page_crumb(rq, page_line_name(rq, mark), STR_NONE);
    page_crumb(rq, label_text(&t->label, rq->lang), page_type_href(rq, t, NULL));
}

View *page_entry(Req *rq, View *section, const Record *rec)
{
    View *v = view_item(section, V_entries);
    int mark = page_mark(rec->type);
    Str title = page_record_title(rq, rec), opening = page_opening(rq, rec, ENTRY_CHARS);
    view_url(v, V_href, page_href(rq, rec, NULL));
    view_text(v, V_title, title);
    view_i64(v, V_mark, mark);
    view_text(v, V_line_name, page_line_name(rq, mark));
    page_state(rq, v, rec->type, rec->state);
    if (!uuid_eq(rec->author, rq->reader.person))
        view_text(view_item(v, V_notes), V_text, page_person(rq, rec->author));
    if (str_eq(opening, title)) /* it is called so: where and when instead */
        opening = str_fmt(rq->arena, "%.*s %.*s", STR_ARG(page_unit(rq, rec->unit_ix)),
                          STR_ARG(page_day(rq, rec->at_day)));
    if (opening.n)
        view_text(view_item(v, V_notes), V_text, opening);
    return v;
}

View *page_fact(View *v, ListKey list, Str label, Str text)
{
    View *f = view_item(v, list);
    view_text(f, V_label, label);
    view_text(f, V_text, text);
    return f;
}

void page_hidden(View *v, Str name, Str value)
{
    View *h = view_item(v, V_hiddens);
    view_text(h, V_name, name);
    view_text(h, V_value, value);
}

void page_button(View *v, Str label, Str value, bool is_main)
{
    View *b = view_item(v, V_buttons);
    view_text(b, V_label, label);
    view_text(b, V_value, value);
    view_bool(b, V_is_main, is_main);
}

View *page_link(View *v, ListKey list, Str label, Str href)
{
    View *l = view_item(v, list);
    view_text(l, V_label, label);
    view_url(l, V_href, href);
    return l;
}

/* Papers and sheets: what they need stands in a sheet of its own, which others print with. */
static bool is_paper(TplId tpl)
{
    return tpl == TPL_UNITS || tpl == TPL_ADMIN || tpl == TPL_START || tpl == TPL_IMPORT ||
           tpl == TPL_HOLIDAYS || tpl == TPL_CONFLICT || tpl == TPL_FIGURES || tpl == TPL_FIGURE ||
           tpl == TPL_HISTORY;
}

void page_done(Req *rq, TplId tpl, int status)
{
    if (is_paper(tpl))
        view_bool(rq->view, V_is_paper, true);
    rq->tpl = (int)tpl;
    rq->http->status = status;
}

const ErrField *page_fault_of(const Err *e, Str field)
{
    for (size_t i = 0; e && i < e->field_n; i++)
        if (str_eq(e->fields[i].field, field))
            return &e->fields[i];
    return NULL;
}

/* Where a field at fault stands; STR_NONE: nowhere he could mend it. */
static Str fault_href(Req *rq, Str field, const Action *act, Str change_href)
{
    Str name, rest, here = str_fmt(rq->arena, "#f-%.*s", STR_ARG(field));
    (void)str_cut(field, '.', &name, &rest); /* a line's field: of its rows */
    bool is_here = !act;
    for (int i = 0; act && i < act->ask_n; i++)
        is_here |= str_eq(act->asks[i]->name, name);
    if (is_here)
        return here;
    if (!str_has(change_href))
        return STR_NONE;
    return str_fmt(rq->arena, "%.*s%.*s", STR_ARG(change_href), STR_ARG(here));
}

void page_faults(Req *rq, const Err *e, Str (*label_of)(Req *rq, Str field))
{
    page_act_faults(rq, e, label_of, NULL, STR_NONE);
}

void page_act_faults(Req *rq, const Err *e, Str (*label_of)(Req *rq, Str field), const Action *act,
                     Str change_href)
{
    if (!e || !e->cls)
        return;
    View *v = rq->view;
    size_t empty = 0;
    for (size_t i = 0; i < e->field_n; i++)
        empty += str_eq(e->fields[i].key, S("field.required"));
    Str n = page_n(rq, (int64_t)e->field_n);
    view_bool(v, V_is_bad, true);
    view_text(v, V_error_text,
              !e->field_n           ? err_text(rq->arena, rq->lang, e)
              : empty == e->field_n ? req_t(rq, "page.some_empty", &n, NULL)
                                    : req_t(rq, "page.some_wrong", &n, NULL));
    for (size_t i = 0; i < e->field_n; i++) {
        const ErrField *x = &e->fields[i];
        Str why = err_field_text(rq->arena, rq->lang, x),
            label = x->field.n ? label_of(rq, x->field) : S("");
        View *item = view_item(v, V_errors);
        view_text(item, V_text, label.n ? req_t(rq, "page.fault", &label, &why, NULL) : why);
        Str href = label.n ? fault_href(rq, x->field, act, change_href) : STR_NONE;
        if (str_has(href))
            view_url(item, V_href, href);
    }
}
