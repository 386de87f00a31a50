/* cmd_figures.c: `stave figures`: every figure of a unit, for who runs the deployment, or as one
 * account has them; `--recount` makes them anew from the records. */
#include "cli/cli.h"
#include "exchange/sheet.h"

static void put_text(Cli *c, const FigLine *l)
{
    cli_out(c, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%lld\n", STR_ARG(l->figure->name),
            STR_ARG(label_text(&l->figure->label, c->lang)), STR_ARG(day_text(c->arena, l->from)),
            STR_ARG(day_text(c->arena, l->to)), STR_ARG(str_has(l->by) ? l->by : S("")),
            STR_ARG(sheet_figure_value(c->arena, l)), (long long)l->records);
}

static int take_day(Cli *c, const char *option, Day *ret, Err *e)
{
    if (!cli_has(c, option))
        return 0;
    Str s = cli_option(c, option);
    return day_parse(s, ret) ? 0 : err_set(e, ERR_INVALID, "cli.not_a_day", str_of(option), s);
}

static int tell(Cli *c, const CliRead *r, Err *e)
{
    const Tree *tree = r->tree;
    FigPeriod p = {.from = DAY_NONE, .to = env_today(c->env)};
    Reader reader, *as = NULL;
    int unit_ix = 0;
    TRY(take_day(c, "--from", &p.from, e));
    TRY(take_day(c, "--to", &p.to, e));
    if (p.from != DAY_NONE && p.from > p.to)
        return err_set(e, ERR_INVALID, "cli.days_turned");
    if (cli_has(c, "--unit")) {
        const Unit *u = tree_unit_coded(tree, cli_option(c, "--unit"));
        if (!u)
            return err_set(e, ERR_MISSING, "cli.no_unit", cli_option(c, "--unit"));
        unit_ix = u->ix;
    }
    if (cli_has(c, "--as")) {
        as = &reader;
        TRY(access_reader_account(c->app->access, c->arena, r->tx, tree, cli_option(c, "--as"), as,
                                  e));
        TRY(record_fill_mine(c->app->records, c->arena, r->tx, as, e));
    }
    Buf b = {.arena = c->arena};
    buf_byte(&b, '[');
    const Model *m = c->app->model;
    for (int i = 0; tree->unit_n && i < m->figure_n; i++) {
        FigLine *list;
        int n;
        if (m->figures[i]->half_of)
            continue;
        TRY(record_figure_lines(c->app->records, c->arena, r->tx, tree, as, m->figures[i], unit_ix,
                                p, &list, &n, e));
        for (int k = 0; k < n; k++) {
            if (cli_has(c, "--json")) {
                buf_z(&b, b.n > 1 ? ",\n " : "\n ");
                sheet_figure_json(&b, c->arena, &list[k], tree->units[unit_ix].code);
            } else {
                put_text(c, &list[k]);
            }
        }
    }
    buf_z(&b, b.n > 1 ? "\n]\n" : "]\n");
    if (cli_has(c, "--json"))
        c->write(c, 1, buf_view(&b));
    return 0;
}

int cmd_figures(Cli *c)
{
    Err e = err_on(c->arena);
    CliRead r;
    if (cli_read_whole(c, &r, &e) < 0)
        return cli_fail(c, &e);
    int rc = tell(c, &r, &e);
    cli_read_end(c, &r);
    return rc < 0 ? cli_fail(c, &e) : EXIT_DONE;
}

typedef struct Recount {
    Cli *c;
    const Tree *tree;
    const Type *type;
} Recount;

static int recount(Tx *tx, void *arg, Err *e)
{
    const Recount *x = arg;
    return record_recount(x->c->app->records, tx, x->tree, x->type, NULL, 0, e);
}

int cmd_figures_recount(Cli *c)
{
    Err e = err_on(c->arena);
    CliRead r;
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    int rc = 0, n = 0;
    for (int i = 0; i < c->app->model->type_n && !rc; i++) {
        Recount x = {.c = c, .tree = r.tree, .type = &c->app->model->types[i]};
        if (!x.type->figure_n)
            continue;
        rc = cli_write(c, recount, &x, &e);
        n++;
    }
    cli_read_end(c, &r);
    Str types = str_fmt(c->arena, "%d", n);
    if (rc >= 0)
        cli_say(c, 1, "cli.recounted", &types, NULL);
    return rc < 0 ? cli_fail(c, &e) : EXIT_DONE;
}
