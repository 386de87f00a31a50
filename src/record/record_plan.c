/* record_plan.c: what a database goes through to come under a model: every name that is new,
 * renamed, hidden or back, and what of it would lose data. Reads only.                  SPEC: P12
 *
 * Renames come first, from the whole to its parts, on the paths in memory; then every name the
 * model
 * has is looked up; what nobody named is either said to be removed or a mistake. Beside the names
 * the catalogue keeps how some things were, so that a change of them is seen: `end` of a state,
 * `unique` and `dated` of a type, what a figure is made of (`counted`). */
#include "record/record_catalogue.h"

#include "flow/flow.h"

/* ---- steps and moves ---- */

static void add_step(Planner *p, PlanStep step)
{
    if (p->step_n == p->step_cap) {
        int cap = p->step_cap ? p->step_cap * 2 : 64;
        PlanStep *more = NEW_N(p->arena, PlanStep, (size_t)cap);
        if (p->step_n)
            memcpy(more, p->steps, (size_t)p->step_n * sizeof *more);
        p->steps = more;
        p->step_cap = cap;
    }
    p->refused_n += step.kind == PLAN_REFUSE;
    p->steps[p->step_n++] = step;
}

static void add_move(Planner *p, Move move)
{
    if (p->move_n == p->move_cap) {
        int cap = p->move_cap ? p->move_cap * 2 : 64;
        Move *more = NEW_N(p->arena, Move, (size_t)cap);
        if (p->move_n)
            memcpy(more, p->moves, (size_t)p->move_n * sizeof *more);
        p->moves = more;
        p->move_cap = cap;
    }
    p->moves[p->move_n++] = move;
}

static void tell(Planner *p, PlanKind kind, const Known *k, int64_t n, const char *key)
{
    Str count = str_fmt(p->arena, "%lld", (long long)n);
    Str args[] = {k->path, k->old, count, i18n_text(p->arena, p->lang,
                                                    str_fmt(p->arena, "record.plan_%.*s",
                                                            STR_ARG(k->kind)), NULL, 0)};
    Str text = i18n_text(p->arena, p->lang, str_of(key), args, LEN(args));
    add_step(p, (PlanStep){.kind = kind,
                           .what = k->kind,
                           .path = k->path,
                           .old = str_eq(k->old, k->path) ? STR_NONE : k->old,
                           .n = n,
                           .text = text});
}

/* ---- paths ---- */

static bool is_below(Str path, Str above)
{
    return path.n > above.n && str_starts(path, above) && path.p[above.n] == '.';
}

static Str parent_path(Str path)
{
    size_t n = path.n;
    while (n && path.p[n - 1] != '.')
        n--;
    return n ? str_sub(path, 0, n - 1) : S("");
}

static Str head_of(Str path)
{
    Str head, tail;
    (void)str_cut(path, '.', &head, &tail); /* without a point: all of it */
    return head;
}

static Str joined(Planner *p, Str whole, Str part)
{
    return str_fmt(p->arena, "%.*s.%.*s", STR_ARG(whole), STR_ARG(part));
}

static bool belongs(const Known *k, Str kind, Str path)
{
    if (str_eq(k->kind, kind) && str_eq(k->path, path))
        return true;
    bool is_field = str_eq(kind, S("field"));
    bool may = str_eq(kind, S("type")) ||
               (is_field && (str_eq(k->kind, S("field")) || str_eq(k->kind, S("choice")))) ||
               (str_eq(kind, S("state")) && str_eq(k->kind, S("end")) && str_eq(k->path, path)) ||
               (str_eq(kind, S("figure")) && str_eq(k->kind, S("counted")));
    return may && (is_below(k->path, path) || (!is_field && str_eq(k->path, path)));
}

/* One of its former names stands in the catalogue, and the present one does not: it was renamed. */
static bool rename_one(Planner *p, Str kind, Str above, Str name, const Str *was, int was_n)
{
    Catalogue *c = &p->catalogue;
    Str now = above.n ? joined(p, above, name) : name;
    if (catalogue_find(c, kind, now))
        return false;
    for (int w = 0; w < was_n; w++) {
        Str before = above.n ? joined(p, above, was[w]) : was[w];
        if (!catalogue_find(c, kind, before))
            continue;
        for (int i = 0; i < c->n; i++) {
            Known *k = &c->list[i];
            if (belongs(k, kind, before))
                k->path = str_fmt(p->arena, "%.*s%.*s", STR_ARG(now),
                                  STR_ARG(str_sub(k->path, before.n, k->path.n)));
        }
        catalogue_renamed(c);
        tell(p, PLAN_RENAME, catalogue_find(c, kind, now), -1, "record.plan_rename");
        return true;
    }
    return false;
}

/* ---- renames ---- */

static void rename_choices(Planner *p, Str field, const Field *f)
{
    for (int i = 0; i < f->choice_n; i++)
        (void)rename_one(p, S("choice"), field, f->choices[i].name, f->choices[i].was,
                         f->choices[i].was_n);
}

static void rename_fields(Planner *p, Str above, const Type *t, const Field *rows,
                          const Field *fields, int n)
{
    for (int i = 0; i < n; i++) {
        const Field *f = &fields[i];
        Str path = joined(p, above, f->name);
        if (rename_one(p, S("field"), above, f->name, f->was, f->was_n)) {
            Known *k = catalogue_find(&p->catalogue, S("field"), path);
            Str old_name = str_sub(k->old, parent_path(k->old).n + 1, k->old.n);
            Buf b = {.arena = p->arena};
            query_rename_field(&b, t, rows, f, old_name);
            add_move(p, (Move){.kind = MOVE_LAST, .sql = buf_view(&b)});
        }
        rename_choices(p, path, f);
        if (f->kind == KIND_ROWS)
            rename_fields(p, path, t, f, f->fields, f->field_n);
    }
}

static void rename_type(Planner *p, const Type *t)
{
    if (rename_one(p, S("type"), S(""), t->name, t->was, t->was_n)) {
        Known *k = catalogue_find(&p->catalogue, S("type"), t->name);
        Buf b = {.arena = p->arena};
        query_rename_type(&b, p->tx, k->old, t);
        add_move(p, (Move){.kind = MOVE_LAST, .sql = buf_view(&b)});
    }
    rename_fields(p, t->name, t, NULL, t->fields, t->field_n);
    for (int i = 0; i < t->state_n; i++)
        (void)rename_one(p, S("state"), t->name, t->states[i].name, t->states[i].was,
                         t->states[i].was_n);
    for (int i = 0; i < t->action_n; i++)
        (void)rename_one(p, S("action"), t->name, t->actions[i].name, t->actions[i].was,
                         t->actions[i].was_n);
    for (int i = 0; i < t->figure_n; i++)
        (void)rename_one(p, S("figure"), t->name, t->figures[i].name, t->figures[i].was,
                         t->figures[i].was_n);
}

/* ---- what the model names ---- */

/* A field's way of being kept: what may become what without touching a value. */
static bool may_widen(Str from, Str to)
{
    return str_eq(from, S("text")) && str_eq(to, S("note"));
}

static bool is_new_above(Planner *p, Str path)
{
    for (Str up = parent_path(path); up.n; up = parent_path(up)) {
        Known *t = catalogue_find(&p->catalogue, S("type"), up);
        Known *f = catalogue_find(&p->catalogue, S("field"), up);
        if ((t && t->is_new) || (f && f->is_new))
            return true;
    }
    return false;
}

static int give(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e)
{
    Planner *p = ctx;
    (void)e; /* what is wrong becomes a step */
    Known *k = catalogue_find(&p->catalogue, kind, path);
    if (!k) {
        Known row = {.kind = kind,
                     .path = str_copy(p->arena, path),
                     .shape = str_copy(p->arena, shape),
                     .number = p->catalogue.next++,
                     .is_new = true,
                     .is_met = true};
        row.old = row.path;
        bool is_part = is_new_above(p, row.path);
        k = catalogue_add(&p->catalogue, row);
        if (!is_part && !p->is_new)
            tell(p, PLAN_ADD, k, -1, "record.plan_add");
        *ret = row.number;
        return 0;
    }
    if (!str_eq(k->shape, shape)) {
        bool may = may_widen(k->shape, shape);
        tell(p, may ? PLAN_NOTE : PLAN_REFUSE, k, -1,
             may ? "record.plan_widened" : "record.plan_shape");
        k->shape = str_copy(p->arena, shape);
    }
    if (k->is_removed)
        tell(p, PLAN_SHOW, k, -1, "record.plan_show");
    k->is_removed = false;
    k->is_met = true;
    *ret = k->number;
    return 0;
}

/* ---- how things were ---- */

static Str end_text(const State *s)
{
    return s->end == END_DONE ? S("done") : s->end == END_VOID ? S("void") : S("open");
}

static Str unique_text(Planner *p, const Type *t)
{
    Buf b = {.arena = p->arena};
    for (int i = 0; i < t->unique_n; i++)
        buf_fmt(&b, "%s%.*s", i ? "," : "", STR_ARG(t->unique[i]));
    for (int i = 0; t->unique_n && i < t->state_n; i++)
        if (t->void_states >> i & 1)
            buf_fmt(&b, "/%.*s", STR_ARG(t->states[i].name));
    return b.n ? buf_view(&b) : S("");
}

/* The row that keeps how a thing was; *ret_was is STR_NONE when it is new. */
static Known *keep_how(Planner *p, Str kind, Str path, Str how, Str *ret_was)
{
    Known *k = catalogue_find(&p->catalogue, kind, path);
    *ret_was = k && !k->is_new ? k->shape : STR_NONE;
    if (!k)
        k = catalogue_add(&p->catalogue, (Known){.kind = kind,
                                                 .path = path,
                                                 .old = path,
                                                 .number = p->catalogue.next++,
                                                 .is_new = true});
    k->shape = how;
    k->is_met = true;
    return k;
}

static int count(Planner *p, Str sql, int64_t *ret, Err *e)
{
    return tx_ask_i64(p->tx, sql, ret, e);
}

static bool is_old(Planner *p, Str kind, Str path)
{
    const Known *k = catalogue_find(&p->catalogue, kind, path);
    return k && !k->is_new;
}

static Str old_table(Planner *p, const Type *t)
{
    return catalogue_find(&p->catalogue, S("type"), t->name)->old;
}

static int look_at_states(Planner *p, const Type *t, Err *e)
{
    for (int i = 0; i < t->state_n; i++) {
        const State *s = &t->states[i];
        Str path = joined(p, t->name, s->name), was;
        const Known *of = catalogue_find(&p->catalogue, S("state"), path);
        Known *k = keep_how(p, S("end"), path, end_text(s), &was);
        if (!str_has(was) || str_eq(was, k->shape) || of->is_new)
            continue;
        int64_t n;
        TRY(count(p, query_count_state(p->arena, old_table(p, t), of->number), &n, e));
        tell(p, PLAN_NOTE, of, n, "record.plan_end_moved");
        if (str_eq(was, S("open")) != str_eq(k->shape, S("open")))
            add_move(p, (Move){.kind = MOVE_OPEN,
                               .type = t,
                               .state = of->number,
                               .is_open = s->end == END_OPEN});
    }
    return 0;
}

static int look_at_unique(Planner *p, const Type *t, Err *e)
{
    Str was, old = old_table(p, t);
    const Known *k = keep_how(p, S("unique"), t->name, unique_text(p, t), &was);
    if (!is_old(p, S("type"), t->name) || (str_has(was) && str_eq(was, k->shape)))
        return 0;
    if (!str_has(was) && !t->unique_n)
        return 0;
    int64_t n = 0;
    if (t->unique_n && str_eq(old, t->name))
        TRY(count(p, query_count_doubles(p->arena, t), &n, e));
    tell(p, n ? PLAN_REFUSE : PLAN_NOTE, k, n,
         n ? "record.plan_doubles" : "record.plan_unique_new");
    Buf b = {.arena = p->arena};
    query_drop_unique(&b, t);
    query_unique_ddl(&b, t);
    add_move(p, (Move){.kind = MOVE_LAST, .sql = buf_view(&b)});
    return 0;
}

static int look_at_dated(Planner *p, const Type *t, Err *e)
{
    Str was;
    const Known *k =
        keep_how(p, S("dated"), t->name, t->dated ? t->dated->name : S(""), &was);
    if (!str_has(was) || str_eq(was, k->shape))
        return 0;
    const Known *f = catalogue_find(&p->catalogue, S("field"), joined(p, t->name, k->shape));
    if (f && str_eq(f->old, joined(p, f->old.n ? head_of(f->old) : t->name, was)))
        return 0; /* the field itself was renamed */
    int64_t n;
    TRY(count(p, query_count_all(p->arena, old_table(p, t)), &n, e));
    if (n)
        tell(p, PLAN_REFUSE, k, n, "record.plan_dated_used");
    return 0;
}

/* A figure that comes to records that are there, or is made of other things than it was. */
static int look_at_figures(Planner *p, const Type *t, Err *e)
{
    int64_t n = -1;
    for (int i = 0; i < t->figure_n; i++) {
        const Figure *f = &t->figures[i];
        Str path = joined(p, t->name, f->name), was;
        const Known *k = keep_how(p, S("counted"), path, f->made_of, &was);
        bool is_kept = f->kind != FIG_SHARE;
        if (!is_kept || !is_old(p, S("type"), t->name) || (str_has(was) && str_eq(was, f->made_of)))
            continue;
        if (n < 0)
            TRY(count(p, query_count_all(p->arena, old_table(p, t)), &n, e));
        if (n)
            tell(p, PLAN_NOTE, k, n, "record.plan_count");
        add_move(p, (Move){.kind = MOVE_COUNT,
                           .type = t,
                           .figure = f,
                           .table = old_table(p, t)});
    }
    return 0;
}

/* ---- what comes ---- */

static void add_script(Planner *p, Str sql, Str column)
{
    Ddl one;
    while (query_next_ddl(&sql, &one)) {
        Move m = {.kind = one.kind == DDL_INDEX ? MOVE_INDEX : MOVE_COLUMN,
                  .sql = one.sql,
                  .table = one.name,
                  .column = one.kind == DDL_COLUMN ? column : STR_NONE};
        add_move(p, m);
    }
}

/* A field that was there may be looked up by now (`index: yes`, a `via` that names it): what its
 * indexes lack is made, last of all where names change with it. */
static void add_indexes(Planner *p, const Type *t, const Field *f, const Known *k, bool is_renamed)
{
    Buf b = {.arena = p->arena};
    Ddl one;
    bool any = false;
    query_child_ddl(&b, tx_engine(p->tx), t, f);
    Str sql = buf_view(&b);
    while (query_next_ddl(&sql, &one)) {
        if (one.kind != DDL_INDEX || store_has_index(p->tx, one.name))
            continue;
        bool is_last = is_renamed || !str_eq(k->old, k->path);
        add_move(p, (Move){.kind = is_last ? MOVE_LAST : MOVE_INDEX,
                           .sql = one.sql,
                           .table = one.name});
        any = true;
    }
    if (any)
        tell(p, PLAN_NOTE, k, -1, "record.plan_index");
}

static int look_at_field(Planner *p, const Type *t, Str above, const Field *f, bool is_renamed,
                         Err *e)
{
    Str path = joined(p, above, f->name);
    const Known *k = catalogue_find(&p->catalogue, S("field"), path);
    if (k->is_new) {
        Buf b = {.arena = p->arena};
        query_field_ddl(&b, tx_engine(p->tx), t, f);
        if (is_renamed)
            add_move(p, (Move){.kind = MOVE_LAST, .sql = buf_view(&b)});
        else
            add_script(p, buf_view(&b), f->name);
        if (f->is_required && !f->rows && !f->is_asked) {
            int64_t n;
            TRY(count(p, query_count_open(p->arena, old_table(p, t)), &n, e));
            if (n)
                tell(p, PLAN_NOTE, k, n, "record.plan_required");
        }
        return 0; /* its rows' fields came with it */
    }
    if (!f->rows)
        add_indexes(p, t, f, k, is_renamed);
    for (int i = 0; f->kind == KIND_ROWS && i < f->field_n; i++)
        TRY(look_at_field(p, t, path, &f->fields[i], is_renamed, e));
    return 0;
}

static int look_at_type(Planner *p, const Type *t, Err *e)
{
    bool is_new = !is_old(p, S("type"), t->name);
    if (is_new) {
        Buf b = {.arena = p->arena};
        query_table_ddl(&b, tx_engine(p->tx), t);
        add_script(p, buf_view(&b), STR_NONE);
    }
    bool is_renamed = !is_new && !str_eq(old_table(p, t), t->name);
    for (int i = 0; !is_new && i < t->field_n; i++)
        TRY(look_at_field(p, t, t->name, &t->fields[i], is_renamed, e));
    if (is_renamed) {
        Buf b = {.arena = p->arena};
        query_index_type(&b, p->tx, t);
        add_move(p, (Move){.kind = MOVE_LAST, .sql = buf_view(&b)});
    }
    TRY(look_at_states(p, t, e));
    TRY(look_at_unique(p, t, e));
    TRY(look_at_figures(p, t, e));
    return look_at_dated(p, t, e);
}

/* ---- what goes ---- */

static bool is_said(const Planner *p, Str path)
{
    for (int i = 0; i < p->model->removed_n; i++)
        if (str_eq(p->model->removed[i], path) || is_below(path, p->model->removed[i]))
            return true;
    return false;
}

static int hide(Planner *p, Known *k, Err *e)
{
    Str type = head_of(k->old), name = str_sub(k->old, parent_path(k->old).n + 1, k->old.n);
    int64_t n = -1;
    bool is_lost = false;
    if (str_eq(k->kind, S("type"))) {
        TRY(count(p, query_count_open(p->arena, type), &n, e));
        is_lost = n > 0;
    } else if (str_eq(k->kind, S("state"))) {
        TRY(count(p, query_count_state(p->arena, type, k->number), &n, e));
        is_lost = n > 0;
    } else if (str_eq(k->kind, S("field")) && str_eq(parent_path(k->old), type) &&
               !str_eq(k->shape, S("rows")))
        TRY(count(p, query_count_filled(p->arena, type, name), &n, e));
    tell(p, is_lost ? PLAN_REFUSE : PLAN_HIDE, k, n,
         !is_lost                      ? n > 0 ? "record.plan_hide_kept" : "record.plan_hide"
         : str_eq(k->kind, S("state")) ? "record.plan_state_used"
                                       : "record.plan_type_open");
    k->is_removed = true;
    return 0;
}

static bool is_name(const Known *k)
{
    return str_eq(k->kind, S("type")) || str_eq(k->kind, S("field")) ||
           str_eq(k->kind, S("choice")) || str_eq(k->kind, S("state")) ||
           str_eq(k->kind, S("action")) || str_eq(k->kind, S("figure"));
}

/* Should it come back it is counted anew. */
static void forget_figure(Planner *p, const Known *k)
{
    Known *how = catalogue_find(&p->catalogue, S("counted"), k->path);
    if (how)
        how->shape = S("");
    add_move(p, (Move){.kind = MOVE_FORGET, .number = k->number});
}

/* What the model names no more. Parts of what goes go with it, untold. */
static int look_at_gone(Planner *p, Err *e)
{
    Catalogue *c = &p->catalogue;
    for (int i = 0; i < c->n; i++) {
        Known *k = &c->list[i];
        if (k->is_met || k->is_removed || !is_name(k))
            continue;
        bool is_part = false;
        for (Str up = parent_path(k->path); up.n && !is_part; up = parent_path(up)) {
            const Known *t = catalogue_find(c, S("type"), up),
                        *f = catalogue_find(c, S("field"), up);
            is_part = (t && !t->is_met) || (f && !f->is_met);
        }
        if (is_part)
            k->is_removed = true;
        else if (is_said(p, k->path))
            TRY(hide(p, k, e));
        else
            tell(p, PLAN_REFUSE, k, -1, "record.plan_vanished");
        if (k->is_removed && str_eq(k->kind, S("figure")))
            forget_figure(p, k);
    }
    return 0;
}

/* ---- duties: the catalogue has none, what is open names them ---- */

static bool has_duty(const Type *t, Str name)
{
    for (int i = 0; t && i < t->duty_n; i++)
        if (str_eq(t->duties[i].name, name))
            return true;
    return false;
}

/* Open duties that the model names no more end with the switch, or nobody said so. */
static int look_at_duties(Planner *p, Err *e)
{
    FlowOpen *list;
    int n;
    TRY(flow_open_names(p->arena, p->tx, &list, &n, e));
    for (int i = 0; i < n; i++) {
        const Known *of = catalogue_numbered(&p->catalogue, list[i].type);
        if (!of || !of->is_met || has_duty(model_type(p->model, of->path), list[i].name))
            continue; /* a type with open records does not go */
        Str path = joined(p, of->path, list[i].name);
        Known duty = {.kind = S("duty"), .path = path, .old = path};
        bool is_ok = is_said(p, path);
        tell(p, is_ok ? PLAN_HIDE : PLAN_REFUSE, &duty, list[i].n,
             is_ok ? "record.plan_duty_ends" : "record.plan_duty_vanished");
        add_move(p, (Move){.kind = MOVE_LAPSE, .number = list[i].type, .name = list[i].name});
    }
    return 0;
}

int plan_make(Planner *p, Err *e)
{
    const Model *m = p->model;
    p->catalogue = (Catalogue){.arena = p->arena};
    TRY(catalogue_read(&p->catalogue, p->tx, e));
    p->is_new = p->catalogue.n == 0;
    for (int i = 0; i < m->type_n; i++)
        rename_type(p, &m->types[i]);
    TRY(model_number(m, give, p, e));
    for (int i = 0; i < m->type_n; i++)
        TRY(look_at_type(p, &m->types[i], e));
    TRY(look_at_gone(p, e));
    return p->is_new ? 0 : look_at_duties(p, e);
}

int record_plan(Env *env, Arena *a, Tx *tx, const Model *m, Lang lang, ModelPlan *ret, Err *e)
{
    (void)env; /* nothing of a plan depends on the clock */
    Planner p = {.arena = a, .tx = tx, .model = m, .lang = lang};
    Str hash;
    TRY(record_meta(a, tx, S("model"), &hash, e));
    TRY(plan_make(&p, e));
    *ret = (ModelPlan){.steps = p.steps,
                       .n = p.step_n,
                       .refused_n = p.refused_n,
                       .is_same = str_has(hash) && str_eq(hash, record_hash_text(a, m))};
    return 0;
}
