/* cmd_import.c: `stave import DIR unit FILE`: the tree of units, with a dry run. */
#include "cli/cli.h"
#include "exchange/sheet.h"

static void tell_fault(Cli *c, const UnitFault *f)
{
    size_t n = 0;
    while (n < ERR_ARGS_MAX && str_has(f->args[n]))
        n++;
    Str why = i18n_text(c->arena, c->lang, f->key, f->args, n);
    Str row = str_fmt(c->arena, "%lld", (long long)f->row);
    cli_say(c, 2, "cli.import_fault", &row, &f->column, &f->value, &why, NULL);
}

int cmd_import(Cli *c)
{
    Err e = err_on(c->arena);
    if (!str_eq(c->args[1], S("unit"))) {
        cli_say(c, 2, "cli.import_only_units", &c->args[1], NULL);
        return EXIT_FAULT;
    }
    Str bytes;
    UnitImport in = {0};
    CsvFacts facts;
    if (cli_file(c, 3, LIMIT_IMPORT_BYTES, &bytes, &e) < 0 ||
        sheet_read_units(c->arena, bytes, &in, &facts, &e) < 0)
        return cli_fail(c, &e);
    CliRead r;
    if (cli_read(c, &r, &e) < 0)
        return cli_fail(c, &e);
    int rc = access_prepare_units(c->app->access, c->arena, r.tx, &in, &e);
    cli_read_end(c, &r);
    if (rc < 0)
        return cli_fail(c, &e);
    for (int i = 0; i < in.fault_n; i++)
        tell_fault(c, &in.faults[i]);
    Str added = str_fmt(c->arena, "%d", in.new_n), changed = str_fmt(c->arena, "%d", in.changed_n);
    Str same = str_fmt(c->arena, "%d", in.same_n);
    if (in.fault_n)
        return EXIT_FAULT;
    bool dry = cli_has(c, "--dry-run");
    if (!dry && cli_write(c, access_apply_units, &in, &e) < 0)
        return cli_fail(c, &e);
    cli_say(c, 1, dry ? "cli.import_would" : "cli.import_done", &added, &changed, &same, NULL);
    return EXIT_DONE;
}
