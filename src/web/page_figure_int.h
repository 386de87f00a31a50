/* page_figure_int.h: what the files of the figure's pages share. */
#ifndef STAVE_PAGE_FIGURE_INT_H
#define STAVE_PAGE_FIGURE_INT_H

#include "web/page_int.h"

typedef struct FigShown {
    const Figure *figure; /* asked for */
    const Figure *base;   /* whose list it opens to: of a share its numerator; else itself */
    FigAsk ask;           /* of what is counted anew each year: one year */
    const Str *dim;       /* NULL: all */
    Str by;               /* as the address has it; "" */
    FigValue value, under; /* under: of a share */
    FigSight sight;
} FigShown;

Str page_figure_number(Req *rq, const Figure *f, int64_t n); /* 1,234.50 */
Str page_figure_unit(Req *rq, const Figure *f);              /* 元, 亩, 条 */
Str page_figure_percent(Req *rq, int64_t over, int64_t under);
/* /figure/NAME?unit=..&from=..&to=..&by=..; name empty: /figures. from DAY_NONE: since ever. `by`
 * "": not split. */
Str page_figure_href(Req *rq, Str name, int unit_ix, FigPeriod p, Str by);
Str page_dim_label(Req *rq, const Field *by, Str dim); /* what people read */
Str page_dim_text(Req *rq, const Field *by, Str dim);  /* as addresses have it */

/* ---- page_figure_draw.c ---- */
int page_draw_share(Req *rq, const FigShown *x, Err *e);
int page_draw_months(Req *rq, const FigShown *x, Err *e);
int page_draw_below(Req *rq, const FigShown *x, Err *e);
int page_draw_split(Req *rq, const FigShown *x, Err *e);

/* ---- page_figure_how.c ---- */
void page_figure_how(Req *rq, const FigShown *x); /* how it is counted, in words */

/* ---- page_figure_list.c ---- */
int page_figure_items(Req *rq, const FigShown *x, Err *e);
int page_figure_csv(Req *rq, const FigShown *x, Err *e);

#endif
