/* figures.c: which figures somebody has, of which unit and period he asks: shared by pages and API,
 * so that the two cannot differ.                                   SPEC: P5  DESIGN: Figures */
#include "exchange/sheet.h"
#include "web/web_int.h"

/* He sees records of this type other than as their author, or he writes them. A part is seen
 * through its whole as well. */
static bool has_type(Req *rq, const Type *t, int depth)
{
    int *posts;
    Arms see = access_see(rq->arena, &rq->reader, t);
    for (int i = 0; i < see.n; i++)
        if (see.list[i].column != ARM_AUTHOR)
            return true;
    if (t->create && access_create_posts(rq->arena, &rq->reader, t, STR_NONE, &posts) > 0)
        return true;
    const Type *whole = t->part_of ? model_type(rq->app->model, t->part_of->to) : NULL;
    return whole && depth < LIMIT_TYPES && has_type(rq, whole, depth + 1);
}

static FigSight sight_of(Req *rq, const Figure *f, int unit_ix, FigPeriod p)
{
    if (f->kind == FIG_SHARE) {
        FigSight over = sight_of(rq, f->over, unit_ix, p),
                 under = sight_of(rq, f->under, unit_ix, p);
        return over < under ? over : under;
    }
    FigQuery q = {.figure = f, .unit_ix = unit_ix, .period = p};
    if (!has_type(rq, f->type, 0))
        return FIGURE_HIDDEN;
    return record_figure_sight(rq->arena, &rq->reader, &q);
}

FigSight web_figure_sight(Req *rq, const Figure *f, int unit_ix, FigPeriod p)
{
    return rq->reader.tree->unit_n ? sight_of(rq, f, unit_ix, p) : FIGURE_HIDDEN;
}

static bool is_open(Req *rq, const Figure *f)
{
    return web_figure_sight(rq, f, 0, (FigPeriod){DAY_NONE, rq->reader.today}) != FIGURE_HIDDEN;
}

const Figure *web_figure_named(Req *rq, Str name)
{
    const Model *m = rq->app->model;
    for (int i = 0; i < m->figure_n; i++)
        if (str_eq(m->figures[i]->name, name))
            return is_open(rq, m->figures[i]) ? m->figures[i] : NULL;
    return NULL;
}

const Figure *web_figure_next(Req *rq, int *ix)
{
    const Model *m = rq->app->model;
    while (*ix < m->figure_n) {
        const Figure *f = m->figures[(*ix)++];
        if (!f->half_of && is_open(rq, f))
            return f;
    }
    return NULL;
}

bool web_figure_reaches(const Req *rq, int unit_ix)
{
    const Reader *r = &rq->reader;
    for (int i = 0; i < r->post_n; i++)
        if (tree_is_within(r->tree, unit_ix, r->posts[i].unit_ix) ||
            tree_is_within(r->tree, r->posts[i].unit_ix, unit_ix))
            return true;
    return unit_ix == 0;
}

static void ask_unit(Req *rq, FigAsk *ask, Err *e)
{
    const Reader *r = &rq->reader;
    Str code = str_trim(req_param(rq, "unit"));
    ask->unit_ix = r->post_n ? r->posts[0].unit_ix : 0;
    if (!code.n)
        return;
    const Unit *u = tree_unit_coded(r->tree, code);
    if (u && web_figure_reaches(rq, u->ix))
        ask->unit_ix = u->ix;
    else /* none, and none of his, are one answer */
        (void)err_field(e, S("unit"), "web.no_such_unit");
}

static Day ask_day(Req *rq, const char *name, Day otherwise, Err *e)
{
    Day d = otherwise;
    Str text = str_trim(req_param(rq, name));
    if (text.n && !day_parse(text, &d))
        (void)err_field(e, str_of(name), "field.not_date");
    return d;
}

Day web_year_first(Day of)
{
    int y, m, day;
    Day first = of;
    day_to_ymd(of, &y, &m, &day);
    CHECK(day_from_ymd(y, 1, 1, &first));
    return first;
}

int web_figure_ask(Req *rq, FigAsk *ret, Err *e)
{
    FigAsk ask = {.unit_ix = 0};
    ask_unit(rq, &ask, e);
    ask.period.from = ask_day(rq, "from", DAY_NONE, e);
    ask.period.to = ask_day(rq, "to", rq->reader.today, e);
    bool no_from = !str_trim(req_param(rq, "from")).n, no_to = !str_trim(req_param(rq, "to")).n;
    if (!rq->is_api && no_from && no_to)
        ask.period.from = web_year_first(rq->reader.today);
    if (!e->cls && ask.period.from != DAY_NONE && ask.period.from > ask.period.to)
        (void)err_field(e, S("from"), "web.days_turned");
    if (e->cls)
        return e->cls;
    *ret = ask;
    return 0;
}

/* ---- the API ---- */

static int put_figure(Req *rq, Buf *b, const Figure *f, const FigAsk *ask, Err *e)
{
    FigLine *list;
    int n;
    const Tree *t = rq->reader.tree;
    TRY(record_figure_lines(rq->app->records, rq->arena, rq->tx, t, &rq->reader, f, ask->unit_ix,
                            ask->period, &list, &n, e));
    for (int i = 0; i < n; i++) {
        buf_z(b, b->n > 1 ? "," : "");
        sheet_figure_json(b, rq->arena, &list[i], t->units[ask->unit_ix].code);
    }
    return 0;
}

static int api_figures(Req *rq, Err *e)
{
    FigAsk ask;
    Buf b = {.arena = rq->arena};
    Str name = str_trim(req_param(rq, "figure"));
    const Figure *one = name.n ? web_figure_named(rq, name) : NULL, *f;
    if (name.n && !one)
        (void)err_field(e, S("figure"), "web.no_such_figure");
    TRY(web_figure_ask(rq, &ask, e));
    buf_byte(&b, '[');
    if (one)
        TRY(put_figure(rq, &b, one, &ask, e));
    for (int ix = 0; !one && (f = web_figure_next(rq, &ix));)
        TRY(put_figure(rq, &b, f, &ask, e));
    buf_byte(&b, ']');
    req_json(rq, 200, buf_view(&b));
    return REQ_DONE;
}

static const ParamSpec params[] = {
    {.name = "figure", .max_bytes = 128},
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "from", .max_bytes = 16},
    {.name = "to", .max_bytes = 16},
    {.name = NULL},
};
static const Route list[] = {
    {.path = "/api/v1/figures",
     .method = GET,
     .run = api_figures,
     .may = MAY_SIGNED_IN,
     .is_api = true,
     .params = params,
     .help = "web.help_figures",
     .spec = "P5"},
};
const RouteTable api_figure_routes = {list, LEN(list)};
