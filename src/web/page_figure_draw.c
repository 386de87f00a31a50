/* page_figure_draw.c: a figure drawn by the server, each drawing with a table of the same numbers:
 * bars of units below in the tree's order, a line over twelve months, a share in two parts.
 *                                                                    UX: Charts  SPEC: P5 */
#include "web/page_figure_int.h"

enum { MONTHS = 12, TOP = 20, FOOT = 180, BARS_MAX = 120, SPLIT_MAX = 24, GRID = 4 };

static Str width_of(Req *rq, int64_t n, int64_t most)
{
    int64_t x10 = most > 0 && n > 0 ? (n * 1000 + most / 2) / most : 0;
    return str_fmt(rq->arena, "%lld.%lld%%", (long long)(x10 / 10), (long long)(x10 % 10));
}

static View *put_bar(Req *rq, View *bars, Str label, Str text, Str href, int64_t n, int64_t most)
{
    View *v = view_item(bars, V_bars);
    view_text(v, V_label, label);
    view_text(v, V_text, text);
    if (href.n)
        view_url(v, V_href, href);
    view_text(v, V_width, width_of(rq, n, most));
    return v;
}

static void put_under(Req *rq, View *bar, const Figure *under, int64_t n, int64_t most)
{
    view_text(bar, V_text2, page_figure_number(rq, under, n));
    view_text(bar, V_width2, width_of(rq, n, most));
}

static View *new_bars(Req *rq, ObjectKey key, const FigShown *x, const char *label)
{
    View *v = view_object(rq->view, key);
    const Figure *f = x->figure;
    Str what = label_text(&f->label, rq->lang), by = req_t(rq, label, NULL);
    view_text(v, V_label, by);
    view_text(v, V_unit, page_figure_unit(rq, f));
    view_text(v, V_desc, req_t(rq, "page.fig_desc", &what, &by, NULL));
    if (f->kind == FIG_SHARE) {
        view_bool(v, V_is_share, true);
        view_text(v, V_col1, req_t(rq, "page.fig_over", NULL));
        view_text(v, V_col2, req_t(rq, "page.fig_under", NULL));
    }
    return v;
}

int page_draw_share(Req *rq, const FigShown *x, Err *e)
{
    const Figure *f = x->figure;
    (void)e;
    if (f->kind != FIG_SHARE)
        return 0;
    View *bars = new_bars(rq, V_share, x, "page.fig_parts");
    View *bar = put_bar(rq, bars, rq->reader.tree->units[x->ask.unit_ix].name,
                        page_figure_number(rq, f->over, x->value.n), S("#list"), x->value.n,
                        x->under.n);
    put_under(rq, bar, f->under, x->under.n, x->under.n);
    return 0;
}

/* ---- units below ---- */

static int read_below(Req *rq, const FigShown *x, const Figure *f, FigValue **ret, Err *e)
{
    FigQuery q = {.figure = f, .unit_ix = x->ask.unit_ix, .period = x->ask.period, .dim = x->dim};
    int n = record_figure_wide(rq->reader.tree, x->ask.unit_ix);
    *ret = NEW_N(rq->arena, FigValue, (size_t)n + 1);
    return record_figure_below(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, *ret, e);
}

/* What sits at the unit itself, so that the bars add up. NULL: nothing does. */
static View *put_own(Req *rq, const FigShown *x, const FigValue *over, const FigValue *under, int n,
                     int64_t *most)
{
    int64_t own = x->value.n, own_under = x->under.n;
    for (int i = 0; i < n; i++) {
        own -= over[i].n;
        own_under -= under ? under[i].n : 0;
    }
    if (!own && !own_under)
        return NULL;
    int64_t of = under ? own_under : own;
    *most = of > *most ? of : *most;
    View *bars = new_bars(rq, V_below, x, "page.fig_units");
    Str name = rq->reader.tree->units[x->ask.unit_ix].name;
    View *bar = put_bar(rq, bars, req_t(rq, "page.fig_own", &name, NULL),
                        page_figure_number(rq, x->base, own), S(""), own, *most);
    if (under)
        put_under(rq, bar, x->figure->under, own_under, *most);
    return bars;
}

int page_draw_below(Req *rq, const FigShown *x, Err *e)
{
    const Tree *t = rq->reader.tree;
    const Unit *u = &t->units[x->ask.unit_ix];
    FigValue *over, *under = NULL;
    int64_t most = 0;
    int n = record_figure_wide(t, u->ix), at = 0, put = 0;
    if (!n)
        return 0;
    TRY(read_below(rq, x, x->base, &over, e));
    if (x->figure->kind == FIG_SHARE)
        TRY(read_below(rq, x, x->figure->under, &under, e));
    for (int i = 0; i < n; i++) {
        int64_t of = under ? under[i].n : over[i].n;
        most = of > most ? of : most;
    }
    View *bars = NULL;
    if (x->base->kind != FIG_DISTINCT)
        bars = put_own(rq, x, over, under, n, &most);
    for (int i = u->ix + 1; i < u->end_ix && put < BARS_MAX; i = t->units[i].end_ix, at++) {
        if (!web_figure_reaches(rq, i))
            continue;
        if (!bars)
            bars = new_bars(rq, V_below, x, "page.fig_units");
        View *bar = put_bar(rq, bars, t->units[i].name,
                            page_figure_number(rq, x->base, over[at].n),
                            page_figure_href(rq, x->figure->name, i, x->ask.period, x->by),
                            over[at].n, most);
        if (under)
            put_under(rq, bar, x->figure->under, under[at].n, most);
        put++;
    }
    return 0;
}

/* ---- what it is split by ---- */

int page_draw_split(Req *rq, const FigShown *x, Err *e)
{
    const Figure *f = x->figure;
    FigQuery q = {.figure = f, .unit_ix = x->ask.unit_ix, .period = x->ask.period,
                  .is_split = true};
    FigValue *list;
    FigSight sight;
    int64_t most = 0;
    int n;
    if (f->kind == FIG_SHARE || !f->by || x->dim)
        return 0;
    TRY(record_figure(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, &n, &sight, e));
    if (!n)
        return 0;
    View *bars = new_bars(rq, V_split, x, "page.fig_split");
    view_text(bars, V_label, label_text(&f->by->label, rq->lang));
    for (int i = 0; i < n; i++)
        most = list[i].n > most ? list[i].n : most;
    for (int i = 0; i < n && i < SPLIT_MAX; i++)
        put_bar(rq, bars, page_dim_label(rq, f->by, list[i].dim),
                page_figure_number(rq, f, list[i].n),
                page_figure_href(rq, f->name, x->ask.unit_ix, x->ask.period,
                                 page_dim_text(rq, f->by, list[i].dim)),
                list[i].n, most);
    return 0;
}

/* ---- months ---- */

typedef struct Months {
    Day first[MONTHS + 1];
    int64_t over[MONTHS], under[MONTHS], top;
    bool is_share;
} Months;

static void set_days(Months *m, Day to)
{
    int y, month, day;
    day_to_ymd(to, &y, &month, &day);
    int at = y * 12 + month - 1 - (MONTHS - 1);
    for (int i = 0; i <= MONTHS; i++, at++)
        CHECK(day_from_ymd(at / 12, at % 12 + 1, 1, &m->first[i]));
}

static int read_months(Req *rq, const FigShown *x, const Figure *f, Day first, int64_t *ret,
                       bool *can, Err *e)
{
    FigQuery q = {.figure = f, .unit_ix = x->ask.unit_ix, .period = x->ask.period, .dim = x->dim};
    bool ok;
    TRY(record_figure_months(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, first, MONTHS,
                             ret, &ok, e));
    *can = *can && ok;
    return 0;
}

/* The least of 1, 2, 5, 10 ... times four that holds them all. */
static int64_t top_of(const Months *m)
{
    static const int steps[] = {1, 2, 5};
    int64_t most = 0, unit = 1;
    for (int i = 0; i < MONTHS; i++) {
        most = m->over[i] > most ? m->over[i] : most;
        most = m->is_share && m->under[i] > most ? m->under[i] : most;
    }
    for (;; unit *= 10)
        for (size_t i = 0; i < LEN(steps); i++)
            if (unit * steps[i] * GRID >= most)
                return unit * steps[i] * GRID;
}

static Str y_of(Req *rq, const Months *m, int64_t n)
{
    int64_t at10 = (int64_t)FOOT * 10 - (n > 0 ? n : 0) * (FOOT - TOP) * 10 / m->top;
    return str_fmt(rq->arena, "%lld.%lld", (long long)(at10 / 10), (long long)(at10 % 10));
}

static Str x_of(Req *rq, int i, const char *tail)
{
    int x100 = (2 * i + 1) * 10000 / (2 * MONTHS);
    return str_fmt(rq->arena, "%d.%02d%s", x100 / 100, x100 % 100, tail);
}

static void put_grid(Req *rq, View *chart, const Figure *f, const Months *m)
{
    for (int i = 0; i <= GRID; i++) {
        View *g = view_item(chart, V_grid);
        int y = FOOT - (FOOT - TOP) * i / GRID;
        view_text(g, V_y, str_fmt(rq->arena, "%d", y));
        view_text(g, V_y_text, str_fmt(rq->arena, "%d", y - 4));
        view_bool(g, V_is_axis, i == 0);
        if (i)
            view_text(g, V_text, page_figure_number(rq, f, m->top * i / GRID));
    }
}

static void put_points(Req *rq, View *chart, TextKey key, const Months *m, const int64_t *values)
{
    Buf b = {.arena = rq->arena};
    for (int i = 0; i < MONTHS; i++)
        buf_fmt(&b, "%s%.*s,%.*s", i ? " " : "", STR_ARG(x_of(rq, i, "")),
                STR_ARG(y_of(rq, m, values[i])));
    view_text(chart, key, buf_view(&b));
}

/* Months of the English stand in three letters there. */
static Str axis_text(Req *rq, int month)
{
    Str name = page_z(rq, "month", month);
    return rq->lang == LANG_EN ? str_sub(name, 0, 3) : name;
}

/* Every second one has its name at the axis: twelve do not fit a phone. */
static void put_month(Req *rq, View *chart, const FigShown *x, const Months *m, int i)
{
    View *v = view_item(chart, V_months);
    int y, month, day;
    Day last = m->first[i + 1] - 1 < rq->reader.today ? m->first[i + 1] - 1 : rq->reader.today;
    day_to_ymd(m->first[i], &y, &month, &day);
    Str label = str_fmt(rq->arena, "%04d-%02d", y, month), until = day_text(rq->arena, last);
    if (last < m->first[i + 1] - 1) /* not over yet */
        label = req_t(rq, "page.fig_month_until", &label, &until, NULL);
    view_text(v, V_label, label);
    if ((MONTHS - 1 - i) % 2 == 0)
        view_text(v, V_axis, axis_text(rq, month));
    view_text(v, V_x, x_of(rq, i, "%"));
    view_text(v, V_y, y_of(rq, m, m->over[i]));
    view_text(v, V_text, page_figure_number(rq, x->base, m->over[i]));
    if (m->over[i] || (m->is_share && m->under[i]))
        view_url(v, V_href,
                 page_figure_href(rq, x->figure->name, x->ask.unit_ix,
                                  (FigPeriod){m->first[i], last}, x->by));
    if (m->is_share) {
        view_text(v, V_y2, y_of(rq, m, m->under[i]));
        view_text(v, V_text2, page_figure_number(rq, x->figure->under, m->under[i]));
    }
}

static Str months_desc(Req *rq, const FigShown *x, const Months *m)
{
    Str what = label_text(&x->figure->label, rq->lang);
    Str from = page_figure_number(rq, x->base, m->over[0]),
        to = page_figure_number(rq, x->base, m->over[MONTHS - 1]);
    return req_t(rq, "page.fig_months_desc", &what, &from, &to, NULL);
}

int page_draw_months(Req *rq, const FigShown *x, Err *e)
{
    Months m = {.is_share = x->figure->kind == FIG_SHARE};
    bool can = true;
    set_days(&m, x->ask.period.to < rq->reader.today ? x->ask.period.to : rq->reader.today);
    TRY(read_months(rq, x, x->base, m.first[0], m.over, &can, e));
    if (m.is_share)
        TRY(read_months(rq, x, x->figure->under, m.first[0], m.under, &can, e));
    if (!can)
        return 0;
    m.top = top_of(&m);
    View *v = view_object(rq->view, V_chart);
    view_text(v, V_label, req_t(rq, "page.fig_by_month", NULL));
    view_text(v, V_unit, page_figure_unit(rq, x->base));
    view_text(v, V_desc, months_desc(rq, x, &m));
    view_text(v, V_col1, m.is_share ? req_t(rq, "page.fig_over", NULL)
                                    : label_text(&x->figure->label, rq->lang));
    view_text(v, V_col2, req_t(rq, "page.fig_under", NULL));
    view_bool(v, V_is_share, m.is_share);
    put_grid(rq, v, x->base, &m);
    put_points(rq, v, V_points, &m, m.over);
    if (m.is_share)
        put_points(rq, v, V_points2, &m, m.under);
    for (int i = 0; i < MONTHS; i++)
        put_month(rq, v, x, &m, i);
    return 0;
}
