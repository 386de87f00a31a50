/* page_figure_list.c: the list a figure opens to: its records, or the lines of them that count,
 * twenty at a time; the same as CSV.                               UX: figure  SPEC: P5 P7 */
#include "exchange/sheet.h"
#include "web/page_figure_int.h"

enum {
    ITEMS_MAX = 20,
    RECORDS_AT_ONCE = 20,
    STEPS_MAX = 40, /* of records that do not count, before it is left to 更早的 */
    NAMES_MAX = 64
};

/* ---- one page of it ---- */

typedef struct Items {
    FigItem list[ITEMS_MAX];
    int n;
    Str next; /* where the step begins, then ~ and how many of it were shown; STR_NONE: the end */
} Items;

static int cursor_of(Req *rq, Str *ret_after, int *ret_skip, Err *e)
{
    Str from = str_trim(req_param(rq, "after")), skip = S("0");
    int64_t n = 0;
    str_cut(from, '~', &from, &skip);
    if (skip.n && (!str_i64(skip, &n) || n < 0 || n > INT32_MAX))
        return err_field(e, S("after"), "field.not_cursor");
    *ret_after = from.n ? from : STR_NONE;
    *ret_skip = (int)n;
    return 0;
}

/* Lines of one record may be more than a page: it goes on in the midst of them. */
static int read_items(Req *rq, const FigShown *x, Items *ret, Err *e)
{
    FigQuery q = {.figure = x->base, .unit_ix = x->ask.unit_ix, .period = x->ask.period,
                  .dim = x->dim};
    Str after;
    int skip = 0;
    ret->n = 0;
    TRY(cursor_of(rq, &after, &skip, e));
    for (int step = 0; step < STEPS_MAX; step++) {
        FigPage page;
        TRY(record_figure_list(rq->app->records, rq->arena, rq->tx, &rq->reader, &q,
                               RECORDS_AT_ONCE, after, &page, e));
        int i = skip;
        while (i < page.n && ret->n < ITEMS_MAX)
            ret->list[ret->n++] = page.items[i++];
        ret->next = page.next;
        if (i < page.n) {
            ret->next = str_fmt(rq->arena, "%.*s~%d", STR_ARG(str_has(after) ? after : S("")), i);
            return 0;
        }
        if (!str_has(page.next) || ret->n == ITEMS_MAX)
            return 0;
        after = page.next;
        skip = 0;
    }
    return 0;
}

/* ---- the table ---- */

static void put_column(Req *rq, Str label, bool is_num)
{
    View *v = view_item(rq->view, V_columns);
    view_text(v, V_label, label);
    view_bool(v, V_is_num, is_num);
}

static View *put_cell(View *row, Str label, Str text)
{
    View *c = view_item(row, V_cells);
    view_text(c, V_label, label);
    view_text(c, V_text, text);
    view_bool(c, V_is_nil, !text.n);
    return c;
}

static bool has_amount(const Figure *f)
{
    return f->amount && (f->kind == FIG_SUM || f->kind == FIG_LEVEL);
}

/* What names a line: the first of its fields that says who or what. */
static Str line_text(Req *rq, const FigItem *item)
{
    const Field *rows = item->share.figure->rows;
    for (int i = 0; item->row && i < rows->field_n; i++) {
        const Field *f = &rows->fields[i];
        bool names = f->kind == KIND_PERSON || f->kind == KIND_LINK || f->kind == KIND_TEXT;
        Str text = names ? page_value(rq, f, &item->row->values[i]) : S("");
        if (text.n)
            return text;
    }
    return req_t(rq, "page.fig_line", NULL);
}

static Str thing_text(Req *rq, const FigItem *item)
{
    const Field *thing = item->share.figure->thing;
    Value v = {.tag = VALUE_BLOB, .s = item->share.key};
    if (thing->kind == KIND_UNIT) {
        const Unit *u = item->share.key.n == 8
                            ? tree_unit(rq->reader.tree, figure_dim_number(item->share.key))
                            : NULL;
        return u ? u->name : S("");
    }
    Str name = page_value(rq, thing, &v);
    return name.n ? name : req_t(rq, "page.fig_unnamed", NULL);
}

static void put_item(Req *rq, const FigShown *x, const FigItem *item)
{
    const Figure *f = x->base;
    View *row = view_item(rq->view, V_items), *c;
    Str title = page_record_title(rq, item->rec);
    bool is_thing = f->kind == FIG_DISTINCT;
    c = put_cell(row, S(""), is_thing ? thing_text(rq, item)
                             : f->rows ? line_text(rq, item)
                                       : title);
    view_url(c, V_href, page_href(rq, item->rec, NULL));
    view_bool(c, V_is_title, true);
    if (is_thing || f->rows)
        put_cell(row, label_text(&f->type->label, rq->lang), title);
    put_cell(row, req_t(rq, "page.unit", NULL), page_unit(rq, item->rec->unit_ix));
    view_bool(put_cell(row, req_t(rq, "page.fig_day", NULL),
                       day_text(rq->arena, item->day)),
              V_is_nowrap, true);
    if (has_amount(f))
        view_bool(put_cell(row, label_text(&f->amount->label, rq->lang),
                           page_figure_number(rq, f, item->share.n)),
                  V_is_num, true);
}

static void put_columns(Req *rq, const FigShown *x)
{
    const Figure *f = x->base;
    Str type = label_text(&f->type->label, rq->lang);
    if (f->kind == FIG_DISTINCT)
        put_column(rq, label_text(&f->thing->label, rq->lang), false);
    else if (f->rows)
        put_column(rq, label_text(&f->rows->label, rq->lang), false);
    put_column(rq, type, false);
    put_column(rq, req_t(rq, "page.unit", NULL), false);
    put_column(rq, req_t(rq, "page.fig_day", NULL), false);
    if (has_amount(f))
        put_column(rq, label_text(&f->amount->label, rq->lang), true);
}

static Str list_href(Req *rq, const FigShown *x, const char *tail, Str after)
{
    Str name = str_fmt(rq->arena, "%.*s%s", STR_ARG(x->figure->name), tail);
    Str href = page_figure_href(rq, name, x->ask.unit_ix, x->ask.period, x->by);
    return str_has(after) ? str_fmt(rq->arena, "%.*s&after=%.*s#list", STR_ARG(href),
                                    STR_ARG(url_encode(rq->arena, after)))
                          : href;
}

int page_figure_items(Req *rq, const FigShown *x, Err *e)
{
    Items items;
    View *v = rq->view;
    const Figure *f = x->base;
    TRY(read_items(rq, x, &items, e));
    Str count = page_n(rq, x->value.records);
    view_text(v, V_list_label,
              x->figure->kind == FIG_SHARE ? req_t(rq, "page.fig_over_list", NULL)
                                           : req_t(rq, "page.fig_list", NULL));
    view_text(v, V_count_text,
              req_t(rq, f->kind == FIG_DISTINCT ? "page.fig_count_things" : "page.count", &count,
                    NULL));
    if (has_amount(f)) {
        Str sum = page_figure_number(rq, f, x->value.n), unit = page_figure_unit(rq, f);
        view_text(v, V_total_text, req_t(rq, "page.fig_total", &sum, &unit, NULL));
    }
    put_columns(rq, x);
    for (int i = 0; i < items.n; i++)
        put_item(rq, x, &items.list[i]);
    if (!items.n && !str_has(items.next))
        view_text(v, V_empty_text, req_t(rq, "page.fig_empty", NULL));
    if (str_has(items.next))
        view_url(v, V_older_href, list_href(rq, x, "", items.next));
    if (str_trim(req_param(rq, "after")).n)
        view_url(v, V_newest_href, list_href(rq, x, "", STR_NONE));
    if (items.n)
        view_url(v, V_export_href, list_href(rq, x, ".csv", STR_NONE));
    return 0;
}

/* ---- the same as CSV ---- */

typedef struct Export {
    Req *rq;
    Buf out;
    struct {
        Uuid id;
        Str name;
    } names[NAMES_MAX]; /* of persons, the latest ones */
    int name_n;
} Export;

static int person_name(void *export, Uuid person, Str *ret, Err *e)
{
    Export *x = export;
    for (int i = 0; i < x->name_n && i < NAMES_MAX; i++)
        if (uuid_eq(x->names[i].id, person)) {
            *ret = x->names[i].name;
            return 0;
        }
    Tx *tx = req_tx(x->rq, e);
    if (!tx)
        return e->cls;
    TRY(access_person_name(x->rq->arena, tx, person, ret, e));
    int at = x->name_n++ % NAMES_MAX;
    x->names[at].id = person;
    x->names[at].name = *ret;
    return 0;
}

/* One step in a snapshot of its own, so that a long export holds nothing up. */
static int export_step(Export *x, const FigQuery *q, Str *after, int *n, Err *e)
{
    Req *rq = x->rq;
    Arena *a = req_scratch(rq);
    FigPage page;
    size_t mark = arena_mark(a);
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(record_figure_list(rq->app->records, a, tx, &rq->reader, q, LIMIT_LIST_PAGE, *after, &page,
                           e));
    for (int i = 0; i < page.n; i++)
        TRY(sheet_figure_row(&x->out, a, rq->reader.tree, &page.items[i],
                             (SheetNames){person_name, x}, e));
    *n += page.n;
    *after = str_has(page.next) ? str_copy(rq->arena, page.next) : STR_NONE;
    arena_rewind(a, mark);
    gate_close(rq);
    return 0;
}

int page_figure_csv(Req *rq, const FigShown *shown, Err *e)
{
    FigQuery q = {.figure = shown->base, .unit_ix = shown->ask.unit_ix,
                  .period = shown->ask.period, .dim = shown->dim};
    Export *x = NEW(rq->arena, Export);
    Str after = STR_NONE;
    int n = 0;
    *x = (Export){.rq = rq, .out = {.arena = rq->arena}};
    sheet_figure_head(&x->out, shown->base);
    do {
        TRY(export_step(x, &q, &after, &n, e));
        if (n > LIMIT_EXPORT_RECORDS || x->out.n > LIMIT_EXPORT_BYTES)
            return err_set(e, ERR_LIMIT, "web.export_large", err_int(e, LIMIT_EXPORT_RECORDS),
                           err_int(e, LIMIT_EXPORT_BYTES / (1024 * 1024)));
    } while (str_has(after));
    http_set_header(rq->http, S("Content-Disposition"),
                    str_fmt(rq->arena, "attachment; filename=\"%.*s-%.*s.csv\"",
                            STR_ARG(shown->figure->name),
                            STR_ARG(day_text(rq->arena, rq->reader.today))));
    http_set_header(rq->http, S("Cache-Control"), S("no-store"));
    req_bytes(rq, 200, S("text/csv; charset=utf-8"), buf_view(&x->out));
    return REQ_DONE;
}
