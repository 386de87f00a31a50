/* page_figure_how.c: how a figure is counted, in words, made from its declaration: what of, under
 * which condition, on which day, of which units.                  UX: figure  SPEC: P5 */
#include "web/page_figure_int.h"

/* What one of it is: of a share, of one half. */
static Str what_of(Req *rq, const Figure *f)
{
    Str type = label_text(&f->type->label, rq->lang);
    Str rows = f->rows ? label_text(&f->rows->label, rq->lang) : S("");
    Str amount = f->amount ? label_text(&f->amount->label, rq->lang) : S("");
    if (f->duty) {
        Str duty = label_text(&f->duty->label, rq->lang);
        return req_t(rq, f->is_in_time ? "page.how_duty_in_time" : "page.how_duty_due", &type,
                     &duty, NULL);
    }
    if (f->kind == FIG_DISTINCT) {
        Str thing = label_text(&f->thing->label, rq->lang);
        return req_t(rq, "page.how_distinct", &type, &thing, NULL);
    }
    if (f->amount)
        return f->rows ? req_t(rq, "page.how_sum_rows", &type, &rows, &amount, NULL)
                       : req_t(rq, "page.how_sum", &type, &amount, NULL);
    return f->rows ? req_t(rq, "page.how_rows", &type, &rows, NULL)
                   : req_t(rq, "page.how_records", &type, NULL);
}

static Str states_of(Req *rq, const Figure *f)
{
    const Type *t = f->type;
    Str *list = NEW_N(rq->arena, Str, (size_t)t->state_n + 1);
    int n = 0;
    for (int i = 0; i < t->state_n; i++)
        if (f->states >> i & 1)
            list[n++] = label_text(&t->states[i].label, rq->lang);
    Str states = page_join(rq, list, n);
    return req_t(rq, "page.how_states", &states, NULL);
}

static Str day_of(Req *rq, const Figure *f)
{
    const Figure *of = f->kind == FIG_SHARE ? f->over : f;
    if (f->is_yearly)
        return req_t(rq, "page.how_year", NULL);
    if (figure_lasts(of))
        return req_t(rq, "page.how_lasts", NULL);
    if (of->duty)
        return req_t(rq, "page.how_duty_day", NULL);
    if (!of->type->dated)
        return req_t(rq, "page.how_made_day", NULL);
    Str dated = label_text(&of->type->dated->label, rq->lang);
    return req_t(rq, "page.how_day", &dated, NULL);
}

static void put(Req *rq, const char *key, Str text)
{
    page_fact(rq->view, V_how, req_t(rq, key, NULL), text);
}

static void put_half(Req *rq, const char *key, const Figure *f)
{
    put(rq, key, what_of(rq, f));
    if (f->when)
        put(rq, "page.how_only", expr_text(rq->arena, f->when, rq->lang));
}

void page_figure_how(Req *rq, const FigShown *x)
{
    const Figure *f = x->figure;
    if (f->kind == FIG_SHARE) {
        put_half(rq, "page.fig_over", f->over);
        put_half(rq, "page.fig_under", f->under);
        Str least = page_n(rq, f->least);
        if (f->least)
            put(rq, "page.how_rate", req_t(rq, "page.how_least", &least, NULL));
    } else {
        put_half(rq, "page.how_what", f);
    }
    put(rq, "page.how_state", states_of(rq, f));
    put(rq, "page.how_when", day_of(rq, f));
    if (f->by) {
        Str by = label_text(&f->by->label, rq->lang);
        put(rq, "page.how_split", req_t(rq, "page.how_by", &by, NULL));
    }
    put(rq, "page.how_units", req_t(rq, "page.how_subtree", NULL));
    put(rq, "page.how_yours",
        req_t(rq, x->sight == FIGURE_WHOLE ? "page.how_whole" : "page.how_part", NULL));
}
