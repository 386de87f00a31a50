/* record_figure_line.c: a figure told in lines: per year, split by what it is split by, a share
 * with
 * both its numbers.                                     SPEC: P5, "The page's figures" */
#include "record/record_int.h"

typedef struct Lines {
    Records *rs;
    Arena *arena;
    Tx *tx;
    const Tree *tree;
    const Reader *reader; /* NULL: everything */
    const Figure *figure;
    int unit_ix;
    FigLine *list;
    int n, cap;
    bool is_hidden;
} Lines;

static void add_line(Lines *x, FigLine line)
{
    if (x->n == x->cap) {
        int cap = x->cap ? x->cap * 2 : 8;
        FigLine *more = NEW_N(x->arena, FigLine, (size_t)cap);
        if (x->n)
            memcpy(more, x->list, (size_t)x->n * sizeof *more);
        x->list = more;
        x->cap = cap;
    }
    x->list[x->n++] = line;
}

static int values_of(Lines *x, const Figure *f, FigPeriod p, bool is_split, FigValue **ret,
                     int *ret_n, Err *e)
{
    if (x->reader) {
        FigQuery q = {.figure = f, .unit_ix = x->unit_ix, .period = p, .is_split = is_split};
        FigSight sight;
        TRY(record_figure(x->rs, x->arena, x->tx, x->reader, &q, ret, ret_n, &sight, e));
        x->is_hidden |= sight == FIGURE_HIDDEN;
        return 0;
    }
    int64_t unit = x->tree->units[x->unit_ix].id;
    if (is_split)
        return figure_read_by(x->arena, x->tx, f, unit, p, ret, ret_n, e);
    *ret = NEW(x->arena, FigValue);
    *ret_n = 1;
    return figure_read(x->tx, f, unit, p, *ret, e);
}

/* What a dim says: the choice; of a link its id, the page knows its title. */
static void name_dim(Lines *x, Str dim, FigLine *line)
{
    const Field *by = x->figure->by;
    line->by = line->by_label = S("");
    if (by->kind == KIND_CHOICE && dim.n == 8) {
        const Choice *c = field_choice_numbered(by, (int64_t)get_be(dim.p, 8));
        Lang lang = x->reader ? x->reader->lang : LANG_ZH;
        if (c) {
            line->by = c->name;
            line->by_label = label_text(&c->label, lang);
        }
    } else if (dim.n == sizeof(Uuid)) {
        Uuid id;
        memcpy(id.b, dim.p, sizeof id.b);
        line->by = uuid_text(x->arena, id);
    }
}

static int share_line(Lines *x, FigPeriod p, Err *e)
{
    const Figure *f = x->figure;
    FigValue *over, *under;
    int over_n, under_n;
    TRY(values_of(x, f->over, p, false, &over, &over_n, e));
    TRY(values_of(x, f->under, p, false, &under, &under_n, e));
    if (x->is_hidden || !over_n || !under_n)
        return 0;
    FigLine line = {.figure = f,
                    .from = p.from,
                    .to = p.to,
                    .by = STR_NONE,
                    .value = over->n,
                    .records = over->records,
                    .of = under->records,
                    .percent_x100 = -1};
    if (under->n > 0 && under->records >= f->least)
        line.percent_x100 = (over->n * 20000 + under->n) / (2 * under->n); /* half up */
    add_line(x, line);
    return 0;
}

static int plain_lines(Lines *x, FigPeriod p, Err *e)
{
    const Figure *f = x->figure;
    FigValue *list;
    int n;
    if (f->kind == FIG_SHARE)
        return share_line(x, p, e);
    TRY(values_of(x, f, p, f->by != NULL, &list, &n, e));
    for (int i = 0; i < n && !x->is_hidden; i++) {
        FigLine line = {.figure = f,
                        .from = p.from,
                        .to = p.to,
                        .by = STR_NONE,
                        .value = list[i].n,
                        .records = list[i].records,
                        .percent_x100 = -1};
        if (f->by)
            name_dim(x, list[i].dim, &line);
        add_line(x, line);
    }
    return 0;
}

static int year_lines(Lines *x, FigPeriod p, Day last, Err *e)
{
    int from, to, month, day;
    day_to_ymd(p.from, &from, &month, &day);
    day_to_ymd(p.to > last ? p.to : last, &to, &month, &day);
    int stop;
    day_to_ymd(p.to, &stop, &month, &day);
    for (int y = from; y <= to && y <= stop; y++) {
        FigPeriod year = {0};
        CHECK(day_from_ymd(y, 1, 1, &year.from) && day_from_ymd(y, 12, 31, &year.to));
        TRY(plain_lines(x, year, e));
    }
    return 0;
}

int record_figure_lines(Records *rs, Arena *a, Tx *tx, const Tree *tree, const Reader *r,
                        const Figure *f, int unit_ix, FigPeriod p, FigLine **ret, int *ret_n,
                        Err *e)
{
    Lines x = {.rs = rs, .arena = a, .tx = tx, .tree = tree, .reader = r, .figure = f,
               .unit_ix = unit_ix};
    Day first = DAY_NONE, last = DAY_NONE;
    *ret = NULL;
    *ret_n = 0;
    if (p.from == DAY_NONE) {
        const Figure *of = f->kind == FIG_SHARE ? f->under : f;
        TRY(figure_days(tx, of, tree->units[unit_ix].id, &first, &last, e));
        p.from = first == DAY_NONE || first > p.to ? p.to : first;
    }
    TRY(f->is_yearly ? year_lines(&x, p, last == DAY_NONE ? p.to : last, e)
                     : plain_lines(&x, p, e));
    *ret = x.list;
    *ret_n = x.is_hidden ? 0 : x.n;
    return 0;
}
