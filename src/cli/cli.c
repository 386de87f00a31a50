/* cli.c: what all commands share: arguments, output, reading, writing. */
#include "cli/cli.h"

bool cli_has(const Cli *c, const char *option)
{
    return str_has(cli_option(c, option));
}

Str cli_option(const Cli *c, const char *option)
{
    for (int i = 0; i < c->option_n; i++)
        if (str_eq(c->options[i].name, str_of(option)))
            return c->options[i].value;
    return STR_NONE;
}

/* On stderr one line each: what comes out of names and cells may hold line ends. */
static void write_text(Cli *c, int fd, Str text)
{
    char *p = fd == 2 ? str_z(c->arena, text) : NULL;
    for (size_t i = 0; p && i < text.n; i++)
        if ((unsigned char)p[i] < ' ' || p[i] == 127)
            p[i] = ' ';
    c->write(c, fd, p ? (Str){p, text.n} : text);
}

static void write_va(Cli *c, int fd, const char *end, const char *fmt, va_list ap)
{
    char small[1024];
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    CHECK(n >= 0);
    char *p = small;
    if ((size_t)n >= sizeof small) {
        p = arena_alloc(c->arena, (size_t)n + 1);
        (void)vsnprintf(p, (size_t)n + 1, fmt, again); /* measured above */
    }
    va_end(again);
    write_text(c, fd, (Str){p, (size_t)n});
    if (*end)
        c->write(c, fd, str_of(end));
}

void cli_out(Cli *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    write_va(c, 1, "", fmt, ap);
    va_end(ap);
}

void cli_err(Cli *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    write_va(c, 2, "\n", fmt, ap);
    va_end(ap);
}

void cli_say(Cli *c, int fd, const char *key, ...)
{
    Str args[ERR_ARGS_MAX];
    size_t n = 0;
    va_list ap;
    va_start(ap, key);
    for (const Str *s; n < ERR_ARGS_MAX && (s = va_arg(ap, const Str *)) != NULL;)
        args[n++] = *s;
    va_end(ap);
    Str text = i18n_text(c->arena, c->lang, str_of(key), args, n);
    write_text(c, fd, text);
    c->write(c, fd, S("\n"));
}

Str cli_spaced_code(Cli *c, Str code)
{
    return code.n == 8 ? str_fmt(c->arena, "%.4s %.4s", code.p, code.p + 4) : code;
}

int cli_fail(Cli *c, const Err *e)
{
    Str text = err_text(c->arena, c->lang, e);
    if (!e->field_n)
        cli_err(c, "%.*s", STR_ARG(text));
    for (size_t i = 0; i < e->field_n; i++) {
        Str why = err_field_text(c->arena, c->lang, &e->fields[i]);
        cli_err(c, "%.*s: %.*s", STR_ARG(e->fields[i].field), STR_ARG(why));
    }
    if (e->cls == ERR_BUG) /* the sentence says it all, but for ours to mend */
        log_line("error", "at=%s:%d class=%d", e->file ? e->file : "?", e->line, e->cls);
    return EXIT_FAULT;
}

int cli_file(Cli *c, int arg, size_t max, Str *ret, Err *e)
{
    CHECK(arg >= 1 && arg <= c->arg_n);
    if (c->has_file) {
        *ret = c->file;
        return 0;
    }
    return c->env->fns->read_file(c->env->self, c->arena, c->args[arg - 1], max, ret, e);
}

int cli_write(Cli *c, int (*apply)(Tx *, void *, Err *), void *arg, Err *e)
{
    return store_write(c->app->store, NULL, apply, arg, e);
}

/* The records' snapshot is taken before that of the files, which are on disk before what names
 * them. */
static int open_read(Cli *c, int (*conn)(Store *, Conn **, Err *), CliRead *ret, Err *e)
{
    App *app = c->app;
    *ret = (CliRead){0};
    int rc = conn(app->store, &ret->conn, e);
    if (!rc)
        rc = tx_read(ret->conn, &ret->tx, e);
    if (!rc)
        rc = access_tree_refresh(app->access, ret->tx, e);
    if (!rc && app->files != app->store) {
        rc = conn(app->files, &ret->files_conn, e);
        if (!rc)
            rc = tx_read(ret->files_conn, &ret->files_tx, e);
    } else if (!rc)
        ret->files_tx = ret->tx;
    if (rc < 0) {
        cli_read_end(c, ret);
        return rc;
    }
    ret->tree = access_tree_hold(app->access);
    return 0;
}

int cli_read(Cli *c, CliRead *ret, Err *e)
{
    return open_read(c, store_conn, ret, e);
}

int cli_read_whole(Cli *c, CliRead *ret, Err *e)
{
    return open_read(c, store_conn_whole, ret, e);
}

void cli_read_end(Cli *c, CliRead *r)
{
    if (r->tree)
        access_tree_drop(c->app->access, r->tree);
    if (r->files_tx && r->files_tx != r->tx)
        tx_end(r->files_tx);
    tx_end(r->tx);
    conn_close(r->files_conn);
    conn_close(r->conn);
    *r = (CliRead){0};
}

/* ---- arguments ---- */

static int usage(Cli *c, const char *key, Str what)
{
    cli_say(c, 2, key, &what, NULL);
    if (c->command)
        cli_err(c, "  %s", c->command->usage);
    return EXIT_USAGE;
}

/* The longest command name the first words make. */
static const Command *find_command(int argc, const Str *argv, int *ret_words)
{
    for (int words = 2; words >= 1; words--)
        for (int i = 0; i < command_n; i++) {
            Str head, tail, name = str_of(commands[i].name);
            bool has_two = str_cut(name, ' ', &head, &tail);
            if (has_two != (words == 2) || argc < words || !str_eq(argv[0], head))
                continue;
            if (words == 1 || str_eq(argv[1], tail)) {
                *ret_words = words;
                return &commands[i];
            }
        }
    return NULL;
}

/* 0: unknown. 1: known, no value. 2: takes a value. */
int cli_option_kind(const Command *cmd, Str name)
{
    Str rest = str_of(cmd->options), word;
    while (rest.n) {
        (void)str_cut(rest, ' ', &word, &rest); /* the last word has no blank behind it */
        if (word.n && word.p[word.n - 1] == '=' && str_eq(str_sub(word, 0, word.n - 1), name))
            return 2;
        if (str_eq(word, name))
            return 1;
    }
    return 0;
}

static int take_option(Cli *c, int argc, const Str *argv, int *at)
{
    Str name = argv[*at], value = S("yes"), head, tail;
    bool has_value = str_cut(name, '=', &head, &tail);
    if (has_value) {
        name = head;
        value = tail;
    }
    int known = cli_option_kind(c->command, name);
    if (!known || (known == 1 && has_value))
        return usage(c, "cli.unknown_option", argv[*at]);
    if (known == 2 && !has_value) {
        if (*at + 1 >= argc)
            return usage(c, "cli.option_needs_value", name);
        value = argv[++*at];
    }
    if (cli_has(c, str_z(c->arena, name)) || c->option_n == CLI_ARGS_MAX)
        return usage(c, "cli.option_twice", name);
    c->options[c->option_n].name = name;
    c->options[c->option_n++].value = value;
    return EXIT_DONE;
}

int cli_parse(Cli *c, int argc, const Str *argv)
{
    if (argc < 1 || str_eq(argv[0], S("--help")) || str_eq(argv[0], S("-h"))) {
        c->command = &commands[command_n - 1];
        CHECK(c->command->run == cmd_help);
        return argc < 1 ? (cmd_help(c), c->command = NULL, EXIT_USAGE) : EXIT_DONE;
    }
    int words = 0;
    c->command = find_command(argc, argv, &words);
    if (!c->command)
        return usage(c, "cli.unknown_command", argv[0]);
    for (int i = words; i < argc; i++) {
        if (str_starts(argv[i], S("--"))) {
            int code = take_option(c, argc, argv, &i);
            if (code)
                return code;
        } else if (c->arg_n == c->command->arg_max)
            return usage(c, "cli.too_many_args", argv[i]);
        else
            c->args[c->arg_n++] = argv[i];
    }
    if (c->arg_n < c->command->arg_min)
        return usage(c, "cli.too_few_args", str_of(c->command->name));
    return EXIT_DONE;
}

int cmd_help(Cli *c)
{
    Str head = c->arg_n ? c->args[0] : STR_NONE;
    bool any = false;
    for (int i = 0; i < command_n; i++) {
        const Command *cmd = &commands[i];
        Str name = str_of(cmd->name);
        if (c->arg_n && !str_eq(name, head) &&
            !str_starts(name, str_fmt(c->arena, "%.*s ", STR_ARG(head))))
            continue;
        any = true;
        Str text = i18n_get(c->lang, str_of(cmd->help));
        cli_out(c, "%s\n    %.*s\n", cmd->usage, STR_ARG(text));
    }
    return any ? EXIT_DONE : usage(c, "cli.unknown_command", head);
}
