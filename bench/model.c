/* model.c: how long a model of 100 types takes to load.
 *
 *   model make DIR [N]      writes copies of the types that are built in, under other names, into
 *                           DIR/model, all of them again and again until there are N (100) types
 *   model load DIR [TIMES]  reads and loads the model of DIR, TIMES (50); beside, the floor: the
 *                           same files read and taken apart by libyaml, nothing kept of them;
 *                           prints medians: model_load_ms, model_load_floor_ms */
#include "bench.h" /* first: it says which libc */

#include <sys/stat.h>
#include <yaml.h>

#include "cli/cli.h"

enum { TIMES_MAX = 1000 };

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Figures have names of the whole model, each once: copies go without. */
static Str without_figures(Arena *a, Str text)
{
    Buf b = {.arena = a};
    Str line;
    bool is_figures = false, more = true;
    while (more) {
        more = str_cut(text, '\n', &line, &text);
        if (line.n && line.p[0] != ' ')
            is_figures = str_starts(line, S("figures:"));
        if (is_figures || (!more && !line.n))
            continue;
        buf_str(&b, line);
        buf_byte(&b, '\n');
    }
    return buf_view(&b);
}

/* A type that is a role as well (household) is named by it: there is one of it. */
static bool is_copied(const Model *m, Str name)
{
    return model_type(m, name) && !model_role(m, name);
}

/* The name it declares; STR_NONE: it declares no type. */
static Str type_name(Str text)
{
    const char *at = memmem(text.p, text.n, "\ntype: ", 7);
    if (!at)
        return STR_NONE;
    size_t from = (size_t)(at - text.p) + 7, to = from;
    while (to < text.n && is_letter(text.p[to]))
        to++;
    return str_sub(text, from, to - from);
}

/* The text with every name of a type made that of the copy, so that copies name each other. */
static Str renamed(Arena *a, const Model *m, Str text, int round)
{
    Buf b = {.arena = a};
    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        while (i < text.n && is_letter(text.p[i]))
            i++;
        i += i == from;
        Str word = {text.p + from, i - from};
        buf_str(&b, word);
        if (is_copied(m, word))
            buf_fmt(&b, "_%d", round);
    }
    return buf_view(&b);
}

static void make(Arena *a, const char *dir, int want)
{
    const ModelSource *src;
    const Model *m;
    ModelError *errors;
    size_t n, error_n;
    char path[4096];
    Err e = err_on(a);
    model_builtin(a, &src, &n);
    if (model_load(a, src, n, LANG_EN, &m, &errors, &error_n, &e) < 0)
        die("model: what is built in does not load");
    (void)snprintf(path, sizeof path, "%s/model", dir);
    if (mkdir(path, 0755) != 0)
        die("model: cannot make %s", path);
    for (int round = 1, made = m->type_n; made < want; round++)
        for (size_t i = 0; i < n; i++) {
            Str name = type_name(src[i].text);
            if (!str_has(name) || !is_copied(m, name))
                continue;
            Str text = renamed(a, m, without_figures(a, src[i].text), round);
            (void)snprintf(path, sizeof path, "%s/model/t%d_%zu.yaml", dir, round, i);
            FILE *f = fopen(path, "w");
            if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
                die("model: cannot write %s", path);
            made++;
        }
}

static void read_sources(Arena *a, const char *dir, const ModelSource **ret, size_t *ret_n)
{
    Err e = err_on(a);
    if (model_sources(a, env_real(), str_of(dir), ret, ret_n, &e) < 0)
        die("model: %.*s", STR_ARG(err_text(a, LANG_EN, &e)));
}

static int load(Arena *a, const char *dir)
{
    const ModelSource *src;
    const Model *m;
    ModelError *errors;
    size_t n, error_n = 0;
    Err e = err_on(a);
    read_sources(a, dir, &src, &n);
    if (model_load(a, src, n, LANG_EN, &m, &errors, &error_n, &e) < 0) {
        for (size_t i = 0; i < error_n; i++)
            (void)fprintf(stderr, "%.*s: %.*s\n", STR_ARG(model_error_place(a, &errors[i])),
                          STR_ARG(model_error_text(a, LANG_EN, &errors[i])));
        die("model: it does not load");
    }
    return m->type_n;
}

static size_t take_apart(Arena *a, const char *dir)
{
    const ModelSource *src;
    size_t n, events = 0;
    read_sources(a, dir, &src, &n);
    for (size_t i = 0; i < n; i++) {
        yaml_parser_t parser;
        yaml_event_t ev;
        bool is_end = false;
        if (!yaml_parser_initialize(&parser))
            die("model: no memory");
        yaml_parser_set_input_string(&parser, (const unsigned char *)src[i].text.p, src[i].text.n);
        for (; !is_end; events++) {
            if (!yaml_parser_parse(&parser, &ev))
                die("model: libyaml does not read %.*s", STR_ARG(src[i].path));
            is_end = ev.type == YAML_STREAM_END_EVENT;
            yaml_event_delete(&ev);
        }
        yaml_parser_delete(&parser);
    }
    return events;
}

static double median_ms(int64_t *times, int n)
{
    qsort(times, (size_t)n, sizeof *times, by_time);
    return (double)times[n / 2] / 1000;
}

int main(int argc, char **argv)
{
    static int64_t loads[TIMES_MAX], floors[TIMES_MAX];
    bool is_make = argc > 2 && !strcmp(argv[1], "make");
    int n = argc == 4 ? (int)strtol(argv[3], NULL, 10) : is_make ? 100 : 50;
    if (argc < 3 || argc > 4 || (!is_make && strcmp(argv[1], "load") != 0) || n < 1 ||
        n > TIMES_MAX)
        die("usage: model make DIR [N] | load DIR [TIMES]");
    Arena *a = arena_new(1024 * 1024);
    if (is_make) {
        make(a, argv[2], n);
        return 0;
    }
    int type_n = 0;
    size_t events = 0;
    for (int i = 0; i < n; i++) { /* in turns: what else the machine does weighs on both */
        int64_t from = now_us();
        type_n = load(a, argv[2]);
        loads[i] = now_us() - from;
        arena_reset(a);
        from = now_us();
        events = take_apart(a, argv[2]);
        floors[i] = now_us() - from;
        arena_reset(a);
    }
    (void)fprintf(stderr, "model: %d types, %zu events of libyaml\n", type_n, events);
    printf("model_load_ms %.2f ms\nmodel_load_floor_ms %.2f ms\n", median_ms(loads, n),
           median_ms(floors, n));
    arena_free(a);
    return 0;
}
