/* cmd_model.c: `stave model check|show|help`. Needs no running deployment. */
#include "cli/cli.h"

static int load(Cli *c, Str dir, const Model **ret)
{
    Err e = err_on(c->arena);
    const ModelSource *src;
    size_t n, error_n;
    ModelError *errors;
    Str *names; /* a folder mistyped has no model/ either, and would be called good */
    if (str_has(dir) && c->env->fns->list_dir(c->env->self, c->arena, dir, &names, &n, &e) < 0)
        return cli_fail(c, &e);
    if (str_has(dir) ? model_sources(c->arena, c->env, dir, &src, &n, &e) < 0
                     : (model_builtin(c->arena, &src, &n), false))
        return cli_fail(c, &e);
    if (!model_load(c->arena, src, n, c->lang, ret, &errors, &error_n, &e))
        return EXIT_DONE;
    for (size_t i = 0; i < error_n; i++) {
        Str place = model_error_place(c->arena, &errors[i]);
        Str text = model_error_text(c->arena, c->lang, &errors[i]);
        cli_err(c, "%.*s: %.*s", STR_ARG(place), STR_ARG(text));
    }
    return error_n ? EXIT_FAULT : cli_fail(c, &e);
}

int cmd_model_check(Cli *c)
{
    const Model *m;
    int code = load(c, c->arg_n ? c->args[0] : STR_NONE, &m);
    if (code)
        return code;
    Str types = str_fmt(c->arena, "%d", m->type_n);
    cli_say(c, 1, "cli.model_ok", &types, NULL);
    return EXIT_DONE;
}

int cmd_model_show(Cli *c)
{
    const Model *m;
    int code = load(c, STR_NONE, &m);
    if (code)
        return code;
    const Type *t = c->arg_n ? model_type(m, c->args[0]) : NULL;
    if (c->arg_n && !t) {
        cli_say(c, 2, "cli.no_type", &c->args[0], NULL);
        return EXIT_FAULT;
    }
    c->write(c, 1, model_show(c->arena, m, t, c->lang));
    return EXIT_DONE;
}

int cmd_model_help(Cli *c)
{
    Str text =
        model_help(c->arena, c->lang, c->arg_n ? c->args[0] : STR_NONE, cli_has(c, "--markdown"));
    if (!text.n) {
        cli_say(c, 2, "cli.no_word", &c->args[0], NULL);
        return EXIT_FAULT;
    }
    c->write(c, 1, text);
    return EXIT_DONE;
}
