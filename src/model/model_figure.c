/* model_figure.c: figures of a type, and that each of them can be counted: a pure function of one
 * record and its own rows, over states that somebody beside the author sees, about the work and
 * never about the use of the program. Runs are read and checked; nothing of them is kept yet.
 *                                                              SPEC: P5  DESIGN: Figures */
#include "model/model_int.h"

/* ---- states in which an expression can hold ---- */

typedef struct Hold {
    uint32_t may, must; /* sets of states: it may hold there; it does, whatever else is so */
} Hold;

static Hold holds_for(uint32_t states)
{
    return (Hold){.may = states, .must = states};
}

static uint32_t named_states(const Expr *x)
{
    uint32_t set = 0;
    for (const Expr *item = x; item; item = item->next)
        if (item->state)
            set |= UINT32_C(1) << item->state->ix;
    return set;
}

static Hold hold_of(const Expr *x)
{
    static const Hold anywhere = {.may = UINT32_MAX, .must = 0};
    if (!x)
        return holds_for(UINT32_MAX);
    bool is_state = x->a && x->a->op == EXPR_STATE;
    switch (x->op) {
    case EXPR_AND: {
        Hold a = hold_of(x->a), b = hold_of(x->b); /* LIMIT_EXPR_DEPTH */
        return (Hold){.may = a.may & b.may, .must = a.must & b.must};
    }
    case EXPR_OR: {
        Hold a = hold_of(x->a), b = hold_of(x->b);
        return (Hold){.may = a.may | b.may, .must = a.must | b.must};
    }
    case EXPR_NOT: {
        Hold a = hold_of(x->a);
        return (Hold){.may = ~a.must, .must = ~a.may};
    }
    case EXPR_EQ:
        return is_state && x->b->state ? holds_for(named_states(x->b)) : anywhere;
    case EXPR_NE:
        return is_state && x->b->state ? holds_for(~named_states(x->b)) : anywhere;
    case EXPR_IN:
        return is_state ? holds_for(named_states(x->b)) : anywhere;
    default:
        return anywhere;
    }
}

static uint32_t states_after(const Type *t, uint32_t states)
{
    for (uint32_t before = 0; before != states;) {
        before = states;
        for (int i = 0; i < t->action_n; i++)
            if (t->actions[i].to >= 0 && t->actions[i].from & states)
                states |= UINT32_C(1) << t->actions[i].to;
    }
    return states;
}

/* ---- what is counted ---- */

/* What the program keeps of its use: nobody is judged by that.        SPEC: No burden 1, 7 */
static bool is_about_use(Str name)
{
    static const char *const words[] = {"author",  "posting", "seat",    "version", "made_ms",
                                        "session", "comment", "history", "account", "access_log"};
    for (size_t i = 0; i < LEN(words); i++)
        if (str_eq(name, str_of(words[i])))
            return true;
    return false;
}

/* Takes `record`, a rows field, FIELD or ROWS.FIELD into the figure; false: told. */
static bool take_counted(Reader *r, TypeDraft *d, const Node *n, int word, Figure *fig)
{
    Str said = n->text;
    if ((word == FIGURE_COUNT || word == FIGURE_LEVEL) && str_eq(said, S("record")))
        return true;
    if (is_about_use(said) && !draft_field(d, said)) {
        fault(r, n, STR_NONE, "model.figure_of_use", said);
        return false;
    }
    const Field *f = find_path(r, d, n, said);
    if (!f)
        return false; /* told */
    bool is_rows = f->kind == KIND_ROWS, is_amount = model_kind(f->kind)->json_number;
    bool is_thing = f->kind == KIND_LINK || f->kind == KIND_LINKS || f->kind == KIND_PERSON ||
                    f->kind == KIND_UNIT;
    bool fits = word == FIGURE_COUNT      ? is_rows
                : word == FIGURE_SUM      ? is_amount
                : word == FIGURE_LEVEL    ? is_rows || is_amount
                : word == FIGURE_DISTINCT ? is_thing
                                          : f->kind == KIND_LINK || f->kind == KIND_CHOICE;
    if (!fits) {
        fault(r, n, STR_NONE, "model.not_counted", f->name,
              str_of(sections[SECTION_FIGURE].words[word].name));
        return false;
    }
    const Field *in = is_rows ? f : f->rows;
    if (word == FIGURE_BY && f->rows && f->rows != fig->rows) {
        fault(r, n, STR_NONE, "model.figure_by_line", f->name);
        return false;
    }
    if (word == FIGURE_BY)
        fig->by = f;
    else
        fig->rows = in;
    if (is_amount)
        fig->amount = f;
    if (word == FIGURE_DISTINCT)
        fig->thing = f;
    return true;
}

static bool is_pure(const Expr *x)
{
    return !x || (x->op != EXPR_TODAY && x->op != EXPR_ME && is_pure(x->a) && is_pure(x->b) &&
                  is_pure(x->next));
}

static bool is_author_alone(const State *s)
{
    for (int i = 0; i < s->see_n; i++)
        if (s->see[i].kind != WHO_AUTHOR)
            return false;
    return s->see_n > 0;
}

/* Sets `when` and the states it can hold in; NULL node: always. */
static void take_when(Reader *r, TypeDraft *d, const Node *at, const Node *n, size_t skip,
                      Figure *fig)
{
    const Type *t = d->type;
    if (n)
        fig->when = read_expr(r, d, fig->rows, n, skip, EXPR_USE_CONDITION, NULL);
    if (n && !fig->when)
        return; /* told */
    if (!is_pure(fig->when))
        fault(r, n, STR_NONE, "model.figure_moves");
    uint32_t all = (uint32_t)((UINT64_C(1) << t->state_n) - 1), hidden = t->void_states;
    for (int i = 0; i < t->state_n; i++)
        if (t->states[i].is_draft || is_author_alone(&t->states[i]))
            hidden |= UINT32_C(1) << i;
    Hold hold = hold_of(fig->when);
    fig->states = hold.may & all & ~hidden;
    fig->later = states_after(t, fig->states);
    uint32_t named = (hold.may & all) == all ? 0 : hold.may & hidden & ~t->void_states;
    for (int i = 0; i < t->state_n; i++)
        if (named >> i & 1 && hold.must >> i & 1) {
            fault(r, at, STR_NONE, "model.figure_private", t->states[i].name);
            return;
        }
    if (!fig->states && t->state_n && !d->has_faults)
        fault(r, at, STR_NONE, "model.figure_of_none", fig->name);
}

/* ---- shares ---- */

/* Where the second half begins: after a ` / ` that `record`, `duty` or rows follow. */
static size_t second_half(const TypeDraft *d, Str text)
{
    for (size_t i = 0; i + 3 < text.n; i++) {
        if (memcmp(text.p + i, " / ", 3) != 0)
            continue;
        Str rest = str_sub(text, i + 3, text.n), word = rest, tail;
        (void)str_cut(rest, ' ', &word, &tail);
        const Field *f = draft_field(d, word);
        if (str_eq(word, S("record")) || str_eq(word, S("duty")) || (f && f->kind == KIND_ROWS))
            return i + 3;
    }
    return 0;
}

/* States in which a record with such a duty, open or done, counts: where its duty may stand, and
 * what a record comes to from there. */
static void take_duty_states(Reader *r, const TypeDraft *d, const Node *n, Figure *fig)
{
    const Type *t = d->type;
    uint32_t all = (uint32_t)((UINT64_C(1) << t->state_n) - 1), hidden = t->void_states;
    for (int i = 0; i < t->state_n; i++)
        if (t->states[i].is_draft || is_author_alone(&t->states[i]))
            hidden |= UINT32_C(1) << i;
    int at = fig->duty->while_state;
    uint32_t open = at >= 0 ? UINT32_C(1) << at : all & ~hidden;
    if (at >= 0 && hidden >> at & 1)
        fault(r, n, STR_NONE, "model.figure_private", t->states[at].name);
    fig->states = fig->later = states_after(t, open) & ~hidden;
}

static void take_duty(Reader *r, TypeDraft *d, const Node *n, Str said, Figure *fig)
{
    Str name = said, how;
    bool has_how = str_cut(said, ' ', &name, &how);
    fig->is_in_time = has_how && str_eq(how, S("in time"));
    if (!has_how || (!fig->is_in_time && !str_eq(how, S("due")))) {
        fault(r, n, STR_NONE, "model.figure_duty", shown(r, said));
        return;
    }
    Near near = near_start(name);
    for (int i = 0; i < d->type->duty_n; i++) {
        near_try(&near, d->type->duties[i].name);
        if (str_eq(d->type->duties[i].name, name))
            fig->duty = &d->type->duties[i];
    }
    if (!fig->duty)
        fault(r, n, near_best(&near), "model.unknown_duty", shown(r, name));
    else
        take_duty_states(r, d, n, fig);
}

/* One half: `record when EXPR`, `ROWS when EXPR`, `duty NAME in time`, `duty NAME due`. */
static void read_half(Reader *r, TypeDraft *d, const Node *n, size_t from, size_t to, Figure *half)
{
    Node cut = *n;
    cut.text = str_sub(n->text, 0, to);
    Str text = str_sub(n->text, from, to), word = text, rest = STR_NONE;
    bool has_rest = str_cut(text, ' ', &word, &rest);
    half->kind = FIG_COUNT;
    if (str_eq(word, S("duty"))) {
        take_duty(r, d, n, rest, half);
        return;
    }
    if (!str_eq(word, S("record"))) {
        half->rows = draft_field(d, word);
        if (!half->rows || half->rows->kind != KIND_ROWS) {
            fault(r, n, STR_NONE, "model.share_of_what", shown(r, word));
            return;
        }
    }
    size_t skip = from + word.n + 1 + strlen("when ");
    if (has_rest && !str_starts(rest, S("when "))) {
        fault(r, n, STR_NONE, "model.share_of_what", shown(r, rest));
        return;
    }
    take_when(r, d, n, has_rest ? &cut : NULL, skip, half);
}

static Figure *add_figure(TypeDraft *d, Figure *list, Str name, const Label *label)
{
    Figure *fig = &list[d->type->figure_n++];
    *fig = (Figure){.name = name, .label = *label, .type = d->type};
    return fig;
}

static void read_share(Reader *r, TypeDraft *d, const Node *n, Figure *list, Figure *fig)
{
    size_t at = second_half(d, n->text);
    if (!at) {
        fault(r, n, STR_NONE, "model.share_halves");
        return;
    }
    Str names[] = {str_fmt(r->out, "%.*s.over", STR_ARG(fig->name)),
                   str_fmt(r->out, "%.*s.under", STR_ARG(fig->name))};
    Figure *over = add_figure(d, list, names[0], &fig->label);
    Figure *under = add_figure(d, list, names[1], &fig->label);
    read_half(r, d, n, 0, at - 3, over);
    read_half(r, d, n, at, n->text.n, under);
    over->half_of = under->half_of = fig;
    fig->over = over;
    fig->under = under;
    fig->states = over->states | under->states;
    fig->later = over->later | under->later;
}

/* ---- one figure ---- */

static const char *const kind_words[] = {[FIG_COUNT] = "count",
                                         [FIG_SUM] = "sum",
                                         [FIG_LEVEL] = "level",
                                         [FIG_DISTINCT] = "distinct",
                                         [FIG_SHARE] = "share"};

static Str path_text(Reader *r, const Field *f)
{
    return !f ? S("-")
           : f->rows ? str_fmt(r->out, "%.*s.%.*s", STR_ARG(f->rows->name), STR_ARG(f->name))
                     : f->name;
}

/* States by name: their places may move without a number changing. */
static void finish_figure(Reader *r, Figure *fig)
{
    Buf b = {.arena = r->out};
    buf_fmt(&b, "%s %.*s %.*s %.*s %.*s %d%d%.*s|", kind_words[fig->kind],
            STR_ARG(fig->rows ? fig->rows->name : S("record")), STR_ARG(path_text(r, fig->amount)),
            STR_ARG(path_text(r, fig->thing)), STR_ARG(path_text(r, fig->by)), fig->is_yearly,
            fig->is_in_time, STR_ARG(fig->duty ? fig->duty->name : S("")));
    for (int i = 0; i < fig->type->state_n; i++)
        if (fig->states >> i & 1)
            buf_fmt(&b, "%.*s ", STR_ARG(fig->type->states[i].name));
    buf_byte(&b, '|');
    if (fig->when)
        buf_str(&b, expr_text(r->out, fig->when, LANG_EN));
    fig->made_of = buf_view(&b);
}

static void read_figure(Reader *r, TypeDraft *d, const Node *n, Figure *list)
{
    static const int kinds[] = {[FIG_COUNT] = FIGURE_COUNT,
                                [FIG_SUM] = FIGURE_SUM,
                                [FIG_LEVEL] = FIGURE_LEVEL,
                                [FIG_DISTINCT] = FIGURE_DISTINCT,
                                [FIG_SHARE] = FIGURE_SHARE};
    Got got = {0};
    Str name = read_name(r, n->key);
    if (!read_words(r, SECTION_FIGURE, n, n->key, &got) || !str_has(name))
        return;
    int said = 0, kind = 0;
    for (int i = 0; i < (int)LEN(kinds); i++)
        if (is_said(&got, kinds[i])) {
            said++;
            kind = i;
        }
    if (said != 1) {
        fault(r, n->key, STR_NONE, "model.one_figure");
        return;
    }
    Label label = read_label(r, got.of[FIGURE_LABEL], name);
    const Node *what = got.of[kinds[kind]], *by = got.of[FIGURE_BY], *per = got.of[FIGURE_PER];
    if (!what)
        return; /* at fault: told */
    Figure *fig = add_figure(d, list, name, &label);
    fig->kind = (FigKind)kind;
    read_was(r, got.of[FIGURE_WAS], &fig->was, &fig->was_n);
    fig->least = read_count(r, got.of[FIGURE_LEAST], INT32_MAX, 0);
    if (per && !str_eq(per->text, S("year")) && !str_eq(per->text, S("while")))
        fault(r, per, STR_NONE, "model.expected", say(r, takes_defs[TAKES_GRAIN].says));
    fig->is_yearly = per && str_eq(per->text, S("year"));
    if (kind == FIG_SHARE) {
        if (got.of[FIGURE_WHEN] || by)
            fault(r, got.of[FIGURE_WHEN] ? got.of[FIGURE_WHEN] : by, STR_NONE, "model.share_alone");
        read_share(r, d, what, list, fig);
        return;
    }
    if (take_counted(r, d, what, kinds[kind], fig) &&
        (!by || take_counted(r, d, by, FIGURE_BY, fig)))
        take_when(r, d, n->key, got.of[FIGURE_WHEN], 0, fig);
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
    if (figures) {
        const Node *first = read_map_children(r, figures, LIMIT_FIGURES);
        Figure *list = NEW_N(r->out, Figure, (figures->n + 1) * 3); /* a share is three */
        d->type->figures = list;
        for (const Node *n = first; n; n = n->next)
            read_figure(r, d, n, list);
        for (int i = 0; i < d->type->figure_n; i++)
            finish_figure(r, &list[i]);
    }
    if (runs)
        for (const Node *n = read_map_children(r, runs, LIMIT_RUNS); n; n = n->next)
            read_run(r, d, n);
}

void collect_figures(Reader *r)
{
    Model *m = r->model;
    int n = 0;
    for (int i = 0; i < m->type_n; i++)
        n += m->types[i].figure_n;
    const Figure **all = NEW_N(r->out, const Figure *, (size_t)n + 1);
    m->figures = all;
    for (TypeDraft *d = r->types; d; d = d->next)
        for (int i = 0; i < d->type->figure_n; i++) {
            Figure *fig = (Figure *)&d->type->figures[i];
            r->file = d->file;
            const Figure *same = model_figure(m, fig->name);
            if (same)
                fault(r, map_find(d->got.of[TYPE_FIGURES], fig->name), STR_NONE,
                      "model.figure_twice", fig->name, same->type->name);
            fig->ix = m->figure_n;
            all[m->figure_n++] = fig;
        }
}
