/* page_figure.c: all figures of a unit, and one of them: its number, drawn, and the list it opens
 * to. Units stand in the tree's order, never by value: nobody is ranked.
 *                                                       UX: figure, county sheet  SPEC: P5 */
#include "web/page_figure_int.h"

enum { UNITS_MAX = 60, LINES_MAX = 12 };

/* ---- words ---- */

static const Field *amount_of(const Figure *f)
{
    return f->kind == FIG_SUM || f->kind == FIG_LEVEL ? f->amount : NULL;
}

Str page_figure_number(Req *rq, const Figure *f, int64_t n)
{
    const Field *amount = amount_of(f);
    Value v = {.tag = VALUE_INT, .i = n};
    return amount ? model_kind(amount->kind)->show(rq->arena, amount, &v, rq->lang)
                  : page_n(rq, n);
}

Str page_figure_unit(Req *rq, const Figure *f)
{
    const Field *amount = amount_of(f);
    if (f->kind == FIG_SHARE)
        return S("");
    if (amount)
        return field_unit(rq->arena, amount, rq->lang);
    return req_t(rq,
                 f->kind == FIG_DISTINCT ? "page.fig_things"
                 : f->duty               ? "page.fig_duties"
                 : f->rows               ? "page.fig_lines"
                                         : "page.fig_records",
                 NULL);
}

Str page_figure_percent(Req *rq, int64_t over, int64_t under)
{
    int64_t x10 = under > 0 ? (over * 2000 + under) / (2 * under) : 0; /* half up */
    return str_fmt(rq->arena, "%lld.%lld%%", (long long)(x10 / 10), (long long)(x10 % 10));
}

Str page_figure_href(Req *rq, Str name, int unit_ix, FigPeriod p, Str by)
{
    Buf b = {.arena = rq->arena};
    const Unit *u = &rq->reader.tree->units[unit_ix];
    buf_fmt(&b, name.n ? "/figure/%.*s?unit=" : "/figures%.*s?unit=", STR_ARG(name));
    buf_str(&b, url_encode(rq->arena, u->code));
    if (p.from != DAY_NONE)
        buf_fmt(&b, "&from=%.*s", STR_ARG(day_text(rq->arena, p.from)));
    buf_fmt(&b, "&to=%.*s", STR_ARG(day_text(rq->arena, p.to)));
    if (by.n)
        buf_fmt(&b, "&by=%.*s", STR_ARG(url_encode(rq->arena, by)));
    return buf_view(&b);
}

Str page_dim_text(Req *rq, const Field *by, Str dim)
{
    Uuid id;
    if (by->kind == KIND_CHOICE && dim.n == 8) {
        const Choice *c = field_choice_numbered(by, figure_dim_number(dim));
        return c ? c->name : S("");
    }
    if (dim.n != sizeof id.b)
        return S("");
    memcpy(id.b, dim.p, sizeof id.b);
    return uuid_text(rq->arena, id);
}

Str page_dim_label(Req *rq, const Field *by, Str dim)
{
    if (by->kind == KIND_CHOICE && dim.n == 8) {
        const Choice *c = field_choice_numbered(by, figure_dim_number(dim));
        return c ? label_text(&c->label, rq->lang) : req_t(rq, "page.fig_unnamed", NULL);
    }
    Value v = {.tag = VALUE_BLOB, .s = dim};
    Str name = dim.n == sizeof(Uuid) ? page_value(rq, by, &v) : S("");
    return name.n ? name : req_t(rq, dim.n ? "page.fig_unnamed" : "page.fig_unsaid", NULL);
}

/* ---- unit and period ---- */

static void put_period(Req *rq, Str name, const FigAsk *ask, Str by, const char *key, FigPeriod p)
{
    View *l = page_link(rq->view, V_periods, req_t(rq, key, NULL),
                        page_figure_href(rq, name, ask->unit_ix, p, by));
    view_bool(l, V_is_on, p.from == ask->period.from && p.to == ask->period.to);
}

static Day month_first(Day of)
{
    int y, m, day;
    Day first = of;
    day_to_ymd(of, &y, &m, &day);
    CHECK(day_from_ymd(y, m, 1, &first));
    return first;
}

static void put_hidden_pick(Req *rq, const FigAsk *ask, Str by)
{
    page_hidden(rq->view, S("unit"), rq->reader.tree->units[ask->unit_ix].code);
    if (by.n)
        page_hidden(rq->view, S("by"), by);
}

/* `lasts`: it is read at a day, so that periods would all be one. */
static void put_pick(Req *rq, Str name, const FigAsk *ask, Str by, bool lasts)
{
    View *v = rq->view;
    const Tree *t = rq->reader.tree;
    const Unit *u = &t->units[ask->unit_ix], *path[LIMIT_UNIT_DEPTH];
    Day today = rq->reader.today;
    int n = 0, k = 0;
    if (!lasts) {
        put_period(rq, name, ask, by, "page.fig_year", (FigPeriod){web_year_first(today), today});
        put_period(rq, name, ask, by, "page.fig_month", (FigPeriod){month_first(today), today});
        put_period(rq, name, ask, by, "page.fig_ever", (FigPeriod){DAY_NONE, today});
    }
    view_url(v, V_action,
             name.n ? str_fmt(rq->arena, "/figure/%.*s", STR_ARG(name)) : S("/figures"));
    put_hidden_pick(rq, ask, by);
    if (ask->period.from != DAY_NONE)
        view_text(v, V_from_value, day_text(rq->arena, ask->period.from));
    view_text(v, V_to_value, day_text(rq->arena, ask->period.to));
    view_text(v, V_pick_unit, u->name);
    for (int i = u->ix + 1; i < u->end_ix && k < UNITS_MAX; i = t->units[i].end_ix) {
        if (!web_figure_reaches(rq, i))
            continue;
        page_link(v, V_units, t->units[i].name,
                  page_figure_href(rq, name, i, ask->period, by));
        k++;
    }
    for (int i = u->ix; i >= 0 && n < LIMIT_UNIT_DEPTH; i = t->units[i].parent_ix)
        if (web_figure_reaches(rq, i))
            path[n++] = &t->units[i];
    while (n-- > 0)
        page_crumb(rq, path[n]->name,
                   n ? page_figure_href(rq, name, path[n]->ix, ask->period, by) : STR_NONE);
}

static Str period_text(Req *rq, FigPeriod p)
{
    Str to = day_text(rq->arena, p.to);
    if (p.from == DAY_NONE)
        return req_t(rq, "page.fig_until", &to, NULL);
    Str from = day_text(rq->arena, p.from);
    return req_t(rq, "page.fig_span", &from, &to, NULL);
}

/* ---- all of them ---- */

static void put_line(Req *rq, View *group, const FigLine *l, const FigAsk *ask, bool is_part)
{
    const Figure *f = l->figure;
    Str label = label_text(&f->label, rq->lang), note = S("");
    View *v = view_item(group, V_figs);
    FigPeriod p = f->is_yearly ? (FigPeriod){l->from, l->to} : ask->period;
    if (str_has(l->by)) {
        Value id = {.tag = VALUE_BLOB};
        Uuid uuid;
        Str name = l->by_label;
        if (!name.n && uuid_parse(l->by, &uuid)) {
            id.s = (Str){(const char *)uuid.b, sizeof uuid.b};
            name = page_dim_label(rq, f->by, id.s);
        }
        note = name.n ? name : req_t(rq, "page.fig_unsaid", NULL);
    }
    if (f->is_yearly)
        note = str_fmt(rq->arena, "%.*s%s%.4s", STR_ARG(note), note.n ? " · " : "",
                       day_text(rq->arena, l->from).p);
    view_text(v, V_label, label);
    view_url(v, V_href,
             page_figure_href(rq, f->name, ask->unit_ix, p, str_has(l->by) ? l->by : S("")));
    if (f->kind == FIG_SHARE) {
        Str over = page_figure_number(rq, f->over, l->value), under = page_n(rq, l->of);
        view_text(v, V_text,
                  l->percent_x100 < 0 ? S("—")
                                      : page_figure_percent(rq, l->percent_x100, 10000));
        note = req_t(rq, "page.fig_of", &over, &under, NULL);
    } else {
        view_text(v, V_text, page_figure_number(rq, f, l->value));
        view_text(v, V_unit, page_figure_unit(rq, f));
    }
    view_text(v, V_note, note);
    view_bool(v, V_is_part, is_part);
}

static View *group_of(Req *rq, const Type *t)
{
    View *g = view_item(rq->view, V_figgroups);
    int mark = page_mark(t);
    view_text(g, V_label, label_text(&t->label, rq->lang));
    view_i64(g, V_mark, mark);
    view_text(g, V_line_name, page_line_name(rq, mark));
    return g;
}

static int page_figures(Req *rq, Err *e)
{
    FigAsk ask;
    View *group = NULL;
    const Type *of = NULL;
    const Figure *f;
    TRY(web_figure_ask(rq, &ask, e));
    view_text(rq->view, V_title, req_t(rq, "page.figures", NULL));
    view_text(rq->view, V_period_text, period_text(rq, ask.period));
    put_pick(rq, S(""), &ask, S(""), false);
    for (int ix = 0; (f = web_figure_next(rq, &ix));) {
        FigLine *list;
        int n;
        bool is_part = web_figure_sight(rq, f, ask.unit_ix, ask.period) != FIGURE_WHOLE;
        TRY(record_figure_lines(rq->app->records, rq->arena, rq->tx, rq->reader.tree, &rq->reader,
                                f, ask.unit_ix, ask.period, &list, &n, e));
        if (n && f->type != of)
            group = group_of(rq, of = f->type);
        int first = f->is_yearly && n > LINES_MAX ? n - LINES_MAX : 0;
        for (int i = first; i < n && i - first < LINES_MAX; i++)
            put_line(rq, group, &list[i], &ask, is_part);
    }
    if (!of)
        view_text(rq->view, V_empty_text, req_t(rq, "page.fig_none", NULL));
    page_done(rq, TPL_FIGURES, 200);
    return REQ_DONE;
}

/* ---- one ---- */

/* The dim that `by` names; false: none such. */
static bool dim_of(Req *rq, FigShown *x)
{
    const Field *by = x->base->by;
    Str text = str_trim(req_param(rq, "by"));
    Value v = {.tag = VALUE_INT};
    Uuid id;
    x->by = S("");
    if (!text.n)
        return true;
    if (!by || x->figure->kind == FIG_SHARE)
        return false;
    if (by->kind == KIND_CHOICE) {
        const Choice *c = NULL;
        for (int i = 0; i < by->choice_n && !c; i++)
            if (str_eq(by->choices[i].name, text))
                c = &by->choices[i];
        if (!c)
            return false;
        v.i = c->number;
    } else {
        if (!uuid_parse(text, &id))
            return false;
        v = (Value){.tag = VALUE_BLOB, .s = {(const char *)id.b, sizeof id.b}};
    }
    Str *dim = NEW(rq->arena, Str);
    *dim = figure_dim(rq->arena, &v);
    x->dim = dim;
    x->by = text;
    return true;
}

static int read_value(Req *rq, const FigShown *x, const Figure *f, FigValue *ret, Err *e)
{
    FigQuery q = {.figure = f, .unit_ix = x->ask.unit_ix, .period = x->ask.period,
                  .is_split = x->dim != NULL};
    FigValue *list;
    FigSight sight;
    int n;
    TRY(record_figure(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, &n, &sight, e));
    *ret = (FigValue){.dim = S("")};
    for (int i = 0; i < n; i++)
        if (!x->dim || str_eq(*x->dim, list[i].dim))
            *ret = list[i];
    return 0;
}

static View *put_number(Req *rq, Str label, Str text, Str unit, Str href)
{
    View *v = view_item(rq->view, V_figs);
    view_text(v, V_label, label);
    view_text(v, V_text, text);
    view_text(v, V_unit, unit);
    if (href.n)
        view_url(v, V_href, href);
    return v;
}

/* 29 February has 28 February before it. */
static Day year_before(Day d)
{
    int y, m, day;
    Day ret = d;
    day_to_ymd(d, &y, &m, &day);
    CHECK(day_from_ymd(y - 1, m, m == 2 && day == 29 ? 28 : day, &ret));
    return ret;
}

static View *put_half(Req *rq, const FigShown *x, const Figure *half, const char *key, int64_t n)
{
    return put_number(rq, req_t(rq, key, NULL), page_figure_number(rq, half, n),
                      page_figure_unit(rq, half),
                      page_figure_href(rq, half->name, x->ask.unit_ix, x->ask.period, S("")));
}

static void put_numbers(Req *rq, const FigShown *x)
{
    const Figure *f = x->figure;
    View *v;
    if (f->kind != FIG_SHARE) {
        Str label = x->dim ? page_dim_label(rq, f->by, *x->dim)
                           : rq->reader.tree->units[x->ask.unit_ix].name;
        v = put_number(rq, label, page_figure_number(rq, f, x->value.n), page_figure_unit(rq, f),
                       S("#list"));
        view_bool(v, V_is_part, x->sight != FIGURE_WHOLE);
        return;
    }
    bool is_enough = x->under.n > 0 && x->under.records >= f->least;
    Str least = page_n(rq, f->least);
    v = put_number(rq, rq->reader.tree->units[x->ask.unit_ix].name,
                   is_enough ? page_figure_percent(rq, x->value.n, x->under.n) : S("—"), S(""),
                   S(""));
    if (!is_enough)
        view_text(v, V_note, req_t(rq, "page.fig_few", &least, NULL));
    view_bool(v, V_is_part, x->sight != FIGURE_WHOLE);
    put_half(rq, x, f->over, "page.fig_over", x->value.n);
    put_half(rq, x, f->under, "page.fig_under", x->under.n);
}

/* The same days a year before, of what is counted by day. */
static int put_before(Req *rq, const FigShown *x, Err *e)
{
    FigShown old = *x;
    FigPeriod *p = &old.ask.period;
    if (x->figure->kind == FIG_SHARE || figure_lasts(x->base) || p->from == DAY_NONE)
        return 0;
    p->from = year_before(p->from);
    p->to = year_before(p->to);
    TRY(read_value(rq, &old, x->base, &old.value, e));
    View *v = put_number(rq, req_t(rq, "page.fig_before", NULL),
                         page_figure_number(rq, x->figure, old.value.n),
                         page_figure_unit(rq, x->figure),
                         page_figure_href(rq, x->figure->name, x->ask.unit_ix, *p, x->by));
    view_text(v, V_note, page_span(rq, p->from, p->to));
    return 0;
}

static void put_chips(Req *rq, const FigShown *x)
{
    const Figure *f = x->figure;
    if (x->dim)
        page_link(rq->view, V_chips, page_dim_label(rq, f->by, *x->dim),
                  page_figure_href(rq, f->name, x->ask.unit_ix, x->ask.period, S("")));
}

static int show_figure(Req *rq, FigShown *x, Err *e)
{
    const Figure *f = x->figure;
    TRY(read_value(rq, x, x->base, &x->value, e));
    if (f->kind == FIG_SHARE)
        TRY(read_value(rq, x, f->under, &x->under, e));
    view_i64(rq->view, V_line, page_mark(f->type));
    page_crumb(rq, req_t(rq, "page.figures", NULL),
               page_figure_href(rq, S(""), x->ask.unit_ix, x->ask.period, S("")));
    view_text(rq->view, V_title, label_text(&f->label, rq->lang));
    Str at = day_text(rq->arena, x->ask.period.to);
    view_text(rq->view, V_period_text,
              figure_lasts(x->base) ? req_t(rq, "page.fig_as_of", &at, NULL)
                                    : period_text(rq, x->ask.period));
    put_pick(rq, f->name, &x->ask, x->by, figure_lasts(x->base));
    put_numbers(rq, x);
    TRY(put_before(rq, x, e));
    put_chips(rq, x);
    TRY(page_draw_share(rq, x, e));
    if (x->sight == FIGURE_WHOLE || x->value.records + x->under.records <= LIMIT_FIGURE_DRAWN) {
        TRY(page_draw_months(rq, x, e));
        TRY(page_draw_split(rq, x, e));
        TRY(page_draw_below(rq, x, e));
    }
    TRY(page_figure_items(rq, x, e));
    page_figure_how(rq, x);
    page_done(rq, TPL_FIGURE, 200);
    return REQ_DONE;
}

/* /figure/NAME, and /figure/NAME.csv: its list. */
static int page_figure(Req *rq, Err *e)
{
    FigShown x = {.figure = NULL};
    Str name = req_path(rq, "name");
    bool is_csv = str_ends(name, S(".csv"));
    if (is_csv)
        name = str_sub(name, 0, name.n - 4);
    x.figure = web_figure_named(rq, name);
    if (!x.figure)
        return err_set(e, ERR_MISSING, "web.missing");
    x.base = x.figure->kind == FIG_SHARE ? x.figure->over : x.figure;
    TRY(web_figure_ask(rq, &x.ask, e));
    if (!dim_of(rq, &x))
        return err_set(e, ERR_MISSING, "web.missing");
    if (x.figure->is_yearly) { /* anew each January: one year at a time */
        Day first = web_year_first(x.ask.period.to), next = web_year_first(first + 370);
        x.ask.period = (FigPeriod){first, next - 1};
    }
    x.sight = web_figure_sight(rq, x.figure, x.ask.unit_ix, x.ask.period);
    return is_csv ? page_figure_csv(rq, &x, e) : show_figure(rq, &x, e);
}

static const ParamSpec params[] = {
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "from", .max_bytes = 16},
    {.name = "to", .max_bytes = 16},
    {.name = "by", .max_bytes = 128},
    {.name = "after", .max_bytes = 160},
    {.name = NULL},
};
static const Route list[] = {
    {.path = "/figures",
     .method = GET,
     .run = page_figures,
     .may = MAY_SIGNED_IN,
     .params = params,
     .help = "page.help_figures",
     .spec = "P5"},
    {.path = "/figure/:name",
     .method = GET,
     .run = page_figure,
     .may = MAY_SIGNED_IN,
     .params = params,
     .help = "page.help_figure",
     .spec = "P5"},
};
const RouteTable page_figure_routes = {list, LEN(list)};
