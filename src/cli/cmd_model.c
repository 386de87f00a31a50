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
    c->write(c, 1, model_show_sights(c->arena, m, NULL, c->lang));
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

/* ---- a deployment's model: what would change, and do it ---- */

static void put_step(Cli *c, const PlanStep *s)
{
    static const char marks[] = {
        [PLAN_ADD] = '+', [PLAN_RENAME] = '~', [PLAN_HIDE] = '-',
        [PLAN_SHOW] = '+', [PLAN_NOTE] = '*', [PLAN_REFUSE] = '!',
    };
    cli_out(c, "%c %.*s\n", marks[s->kind], STR_ARG(s->text));
}

static void put_json(Cli *c, const ModelPlan *plan)
{
    static const char *const kinds[] = {
        [PLAN_ADD] = "add",   [PLAN_RENAME] = "rename", [PLAN_HIDE] = "hide",
        [PLAN_SHOW] = "show", [PLAN_NOTE] = "note",     [PLAN_REFUSE] = "refuse",
    };
    Buf b = {.arena = c->arena};
    buf_z(&b, "[");
    for (int i = 0; i < plan->n; i++) {
        const PlanStep *s = &plan->steps[i];
        buf_fmt(&b, "%s\n{\"kind\":\"%s\",\"what\":", i ? "," : "", kinds[s->kind]);
        json_text(&b, s->what);
        buf_z(&b, ",\"path\":");
        json_text(&b, s->path);
        buf_z(&b, ",\"old\":");
        if (str_has(s->old))
            json_text(&b, s->old);
        else
            buf_z(&b, "null");
        buf_fmt(&b, ",\"n\":%lld,\"text\":", (long long)s->n);
        json_text(&b, s->text);
        buf_z(&b, "}");
    }
    buf_z(&b, plan->n ? "\n]\n" : "]\n");
    c->write(c, 1, buf_view(&b));
}

/* What is to be done next is said by `plan`; `apply` does it. */
static int say_plan(Cli *c, const ModelPlan *plan, bool is_json, bool is_applied)
{
    if (is_json)
        put_json(c, plan);
    for (int i = 0; i < plan->n && !is_json; i++)
        put_step(c, &plan->steps[i]);
    Str n = str_fmt(c->arena, "%d", plan->refused_n);
    if (plan->refused_n)
        cli_say(c, 2, "cli.plan_refused", &n, NULL);
    else if (!is_json && (plan->is_same || !is_applied))
        cli_say(c, 1,
                plan->is_same ? "cli.plan_same"
                : plan->n     ? "cli.plan_ready"
                              : "cli.plan_words",
                NULL);
    return plan->refused_n ? EXIT_FAULT : EXIT_DONE;
}

static int make_plan(Cli *c, App *app, const Model *m, ModelPlan *ret, Err *e)
{
    Conn *conn;
    Tx *tx;
    TRY(store_conn_whole(app->store, &conn, e));
    int rc = tx_read(conn, &tx, e);
    if (!rc) {
        rc = record_plan(c->env, c->arena, tx, m, c->lang, ret, e);
        tx_end(tx);
    }
    conn_close(conn);
    return rc;
}

int cmd_model_plan(Cli *c)
{
    Err e = err_on(c->arena);
    Deployment *d;
    ModelPlan plan;
    if (deployment_open(c->env, c->args[0], STR_NONE, OPEN_PLAN, c->lang, &d, &e) < 0)
        return cli_fail(c, &e);
    int rc = make_plan(c, &d->app, d->app.model, &plan, &e);
    int code = rc < 0 ? cli_fail(c, &e) : say_plan(c, &plan, cli_has(c, "--json"), false);
    deployment_close(d);
    return code;
}

static void say_progress(void *ctx, int done, int n)
{
    Cli *c = ctx;
    Str a = str_fmt(c->arena, "%d", done), b = str_fmt(c->arena, "%d", n);
    cli_say(c, 1, "cli.apply_progress", &a, &b, NULL);
}

/* Beside a server it runs inside it: c->app is the server's, whose model is the one before. */
int cmd_model_apply(Cli *c)
{
    Err e = err_on(c->arena);
    const Model *m;
    ModelPlan plan;
    int code = load(c, c->args[0], &m);
    if (code)
        return code;
    if (make_plan(c, c->app, m, &plan, &e) < 0)
        return cli_fail(c, &e);
    code = say_plan(c, &plan, false, true);
    if (code || plan.is_same)
        return code;
    if (record_apply_model(c->env, c->app->store, m, say_progress, c, &e) < 0 ||
        (c->app->records && (app_turn(c->app, c->lang, &e) < 0 || app_pay(c->app, &e) < 0)))
        return cli_fail(c, &e);
    cli_say(c, 1, "cli.apply_done", NULL);
    return EXIT_DONE;
}
