/* model_figure.c: figures and runs: read and checked, nothing of them is kept yet. */
#include "model/model_int.h"

/* `record`, a rows field, FIELD or ROWS.FIELD; of a kind that can be counted so. */
static void check_counted(Reader *r, TypeDraft *d, const Node *n, int word)
{
    if ((word == FIGURE_COUNT || word == FIGURE_LEVEL) && str_eq(n->text, S("record")))
        return;
    const Field *f = find_path(r, d, n, n->text);
    if (!f)
        return; /* told */
    bool is_rows = f->kind == KIND_ROWS, is_amount = model_kind(f->kind)->json_number;
    bool is_thing = f->kind == KIND_LINK || f->kind == KIND_LINKS || f->kind == KIND_PERSON ||
                    f->kind == KIND_UNIT;
    bool fits = word == FIGURE_COUNT      ? is_rows
                : word == FIGURE_SUM      ? is_amount
                : word == FIGURE_LEVEL    ? is_rows || is_amount
                : word == FIGURE_DISTINCT ? is_thing
                                          : is_thing || f->kind == KIND_CHOICE;
    if (!fits)
        fault(r, n, STR_NONE, "model.not_counted", f->name,
              str_of(sections[SECTION_FIGURE].words[word].name));
}

static void read_figure(Reader *r, TypeDraft *d, const Node *n)
{
    static const int kinds[] = {FIGURE_COUNT, FIGURE_SUM, FIGURE_LEVEL, FIGURE_DISTINCT,
                                FIGURE_SHARE};
    Got got = {0};
    int said = 0;
    (void)read_name(r, n->key); /* told; nothing is kept */
    if (!read_words(r, SECTION_FIGURE, n, n->key, &got))
        return;
    for (size_t i = 0; i < LEN(kinds); i++)
        said += is_said(&got, kinds[i]);
    if (said != 1)
        fault(r, n->key, STR_NONE, "model.one_figure");
    (void)read_label(r, got.of[FIGURE_LABEL], S("figure")); /* checked */
    static const int counted[] = {FIGURE_COUNT, FIGURE_SUM, FIGURE_LEVEL, FIGURE_DISTINCT,
                                  FIGURE_BY};
    for (size_t i = 0; i < LEN(counted); i++)
        if (got.of[counted[i]])
            check_counted(r, d, got.of[counted[i]], counted[i]);
    if (got.of[FIGURE_WHEN])
        (void)read_expr(r, d, NULL, got.of[FIGURE_WHEN], 0, EXPR_USE_CONDITION, NULL);
    const Node *per = got.of[FIGURE_PER];
    if (per && !str_eq(per->text, S("year")) && !str_eq(per->text, S("while")))
        fault(r, per, STR_NONE, "model.expected", say(r, takes_defs[TAKES_GRAIN].says));
    (void)read_count(r, got.of[FIGURE_LEAST], INT32_MAX, 0); /* checked */
}

static void read_run(Reader *r, TypeDraft *d, const Node *n)
{
    Got got = {0};
    Who who;
    (void)read_name(r, n->key); /* told; nothing is kept */
    if (!read_words(r, SECTION_RUN, n, n->key, &got))
        return;
    (void)read_label(r, got.of[RUN_LABEL], S("run")); /* checked */
    if (got.of[RUN_BY])
        (void)read_term(r, d, got.of[RUN_BY], WHO_OWES, &who); /* checked */
    (void)read_code(r, got.of[RUN_CODE]);
    if (got.of[RUN_MAKES])
        (void)read_name(r, got.of[RUN_MAKES]); /* its type comes with the module */
}

void read_figures(Reader *r, TypeDraft *d)
{
    const Node *figures = d->got.of[TYPE_FIGURES], *runs = d->got.of[TYPE_RUNS];
    if (figures)
        for (const Node *n = read_map_children(r, figures, LIMIT_FIGURES); n; n = n->next)
            read_figure(r, d, n);
    if (runs)
        for (const Node *n = read_map_children(r, runs, LIMIT_RUNS); n; n = n->next)
            read_run(r, d, n);
}
