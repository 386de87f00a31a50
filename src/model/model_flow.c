/* model_flow.c: states, actions, duties of a type, and that they fit together: every state can be
 * reached, whoever acts sees what he acts on, a draft stays with the one who writes it. Their names
 * are read first; who may, once all types are known. */
#include "model/model_int.h"

/* ---- who sees ---- */

static bool covers_one(const State *s, const Who *w)
{
    for (int i = 0; i < s->see_n; i++)
        if (who_covers(&s->see[i], w))
            return true;
    return false;
}

/* By the state's own `see`; of a part, also whoever sees its whole (in any state of it). */
static bool sees_role(const TypeDraft *d, const Model *m, const State *s, const Who *w)
{
    if (covers_one(s, w) || w->kind == WHO_CLOCK)
        return true;
    if (is_said(&d->got, TYPE_PART_OF) && !d->type->part_of)
        return true; /* told */
    const Type *whole = d->type->part_of ? model_type(m, d->type->part_of->to) : NULL;
    for (int i = 0; whole && i < whole->state_n; i++) {
        const State *of = &whole->states[i];
        if (covers_one(of, w) || (of->see_n == 0 && !whole->part_of)) /* at fault: told */
            return true;
    }
    return false;
}

/* The author sees as such, or because all who may create see by their post. */
static bool sees(const TypeDraft *d, const Model *m, const State *s, const Who *w)
{
    const Type *t = d->type;
    if (sees_role(d, m, s, w))
        return true;
    if (w->kind != WHO_AUTHOR)
        return false;
    if (!t->create)
        return true; /* told */
    for (int i = 0; i < t->create->by_n; i++)
        if (!sees_role(d, m, s, &t->create->by[i]))
            return false;
    return true; /* also when `by` was at fault: told */
}

/* Its `see` was at fault: told. A part may have none of its own. */
static bool is_unknown(const Type *t, const State *s)
{
    return s->see_n == 0 && !t->part_of;
}

/* ---- states ---- */

int find_state(const TypeDraft *d, Str name)
{
    for (int i = 0; i < d->type->state_n; i++)
        if (str_eq(d->states[i].name, name))
            return i;
    return -1;
}

static int read_state_name(Reader *r, const TypeDraft *d, const Node *n)
{
    int ix = find_state(d, n->text);
    if (ix >= 0 || d->type->state_n == 0) /* no states: told already */
        return ix;
    Near near = near_start(n->text);
    for (int i = 0; i < d->type->state_n; i++)
        near_try(&near, d->states[i].name);
    fault(r, n, near_best(&near), "model.unknown_state", utf8_prefix(n->text, LIMIT_NAME_CHARS));
    return -1;
}

static bool is_removed_state(Reader *r, const TypeDraft *d, Str name)
{
    return is_removed(r, str_fmt(r->scratch, "%.*s.%.*s", STR_ARG(d->type->name), STR_ARG(name)));
}

static StateEnd read_end(Reader *r, const Node *n)
{
    if (!n)
        return END_OPEN;
    if (str_eq(n->text, S("done")))
        return END_DONE;
    if (str_eq(n->text, S("void")))
        return END_VOID;
    fault(r, n, STR_NONE, "model.expected", say(r, "model.takes_end"));
    return END_OPEN;
}

/* A draft is nobody's business but the writer's own unit's. */
static void check_draft(Reader *r, const State *s, const Node *key, const Node *see)
{
    if (s->end != END_OPEN)
        fault(r, key, STR_NONE, "model.draft_end", s->name);
    for (int i = 0; i < s->see_n; i++) {
        const Who *w = &s->see[i];
        if (w->kind == WHO_AUTHOR || w->kind == WHO_ROLE_HERE || w->kind == WHO_ME_VIA)
            continue;
        if (w->kind == WHO_ROLE)
            fault(r, see, STR_NONE, "model.draft_see", s->name, r->model->roles[w->role].name);
        else
            fault(r, see, STR_NONE, "model.draft_wide", s->name,
                  who_text(r->scratch, r->model, w, r->lang));
        return;
    }
}

static void add_state(Reader *r, TypeDraft *d, const Node *n)
{
    Type *t = d->type;
    Got got = {0};
    Str name = read_name(r, n->key);
    if (!read_words(r, SECTION_STATE, n, n->key, &got) || !str_has(name))
        return;
    int ix = t->state_n++;
    State *s = &d->states[ix];
    *s = (State){.name = name, .ix = ix, .label = read_label(r, got.of[STATE_LABEL], name)};
    s->is_draft = read_yes(r, got.of[STATE_DRAFT]);
    s->end = read_end(r, got.of[STATE_END]);
    read_was(r, got.of[STATE_WAS], &s->was, &s->was_n);
    d->state_keys[ix] = n->key;
    d->state_gots[ix] = got;
    uint32_t bit = UINT32_C(1) << ix;
    t->open_states |= s->end == END_OPEN ? bit : 0;
    t->void_states |= s->end == END_VOID ? bit : 0;
    t->draft_states |= s->is_draft ? bit : 0;
}

static void read_states(Reader *r, TypeDraft *d)
{
    const Node *map = d->got.of[TYPE_STATES];
    Type *t = d->type;
    if (!map)
        return;
    const Node *child = read_map_children(r, map, LIMIT_STATES + 1); /* and "*" */
    d->states = NEW_N(r->out, State, map->n + 1);
    d->state_keys = NEW_N(r->scratch, const Node *, map->n + 1);
    d->state_gots = NEW_N(r->scratch, Got, map->n + 1);
    t->states = d->states;
    if (child && map->n == LIMIT_STATES + 1 && !map_get(map, "*")) {
        fault(r, map->key, STR_NONE, "model.too_many", str_fmt(r->scratch, "%d", LIMIT_STATES));
        return;
    }
    for (; child; child = child->next) {
        if (!str_eq(child->key->text, S("*")))
            add_state(r, d, child);
        else if (!read_words(r, SECTION_STATE_REST, child, child->key, &d->rest))
            d->rest.bad |= 1u; /* told: not missing */
    }
}

static void finish_states(Reader *r, TypeDraft *d)
{
    Type *t = d->type;
    const Who *rest_see = NULL;
    int rest_n = 0;
    read_who(r, d, d->rest.of[0], WHO_SEES, &rest_see, &rest_n);
    for (int i = 0; i < t->state_n; i++) {
        State *s = &d->states[i];
        const Node *see = d->state_gots[i].of[STATE_SEE];
        read_who(r, d, see, WHO_SEES, &s->see, &s->see_n);
        if (!is_said(&d->state_gots[i], STATE_SEE)) {
            s->see = rest_see;
            s->see_n = rest_n;
            if (!is_said(&d->rest, 0) && !is_said(&d->got, TYPE_PART_OF))
                fault(r, d->state_keys[i], STR_NONE, "model.state_unseen", s->name);
        }
        if (s->is_draft)
            check_draft(r, s, d->state_keys[i], see ? see : d->state_keys[i]);
    }
}

/* ---- actions ---- */

static ActionKind action_kind(Str name)
{
    if (str_eq(name, S("create")))
        return ACTION_CREATE;
    return str_eq(name, S("change")) ? ACTION_CHANGE : ACTION_OTHER;
}

/* Which words an action must and must not have, by its kind. */
static void check_action_words(Reader *r, const Action *a, const Node *key, const Got *got)
{
    static const struct {
        int word;
        bool must[3], may[3]; /* create, change, other */
    } rules[] = {
        {ACTION_FROM, {false, true, true}, {false, true, true}},
        {ACTION_TO, {true, false, true}, {true, false, true}},
        {ACTION_MANY, {false, false, false}, {false, false, true}},
        {ACTION_ASKS, {false, false, false}, {false, false, true}},
        {ACTION_MAKES, {false, false, false}, {false, false, true}},
        {ACTION_DUE, {false, false, false}, {false, false, true}},
        {ACTION_CODE, {false, false, false}, {true, true, true}},
    };
    for (size_t i = 0; i < LEN(rules); i++) {
        const Node *n = got->of[rules[i].word];
        Str word = str_of(sections[SECTION_ACTION].words[rules[i].word].name);
        if (n && !rules[i].may[a->kind])
            fault(r, n->key, STR_NONE, "model.not_for_action", word, a->name);
        else if (!is_said(got, rules[i].word) && rules[i].must[a->kind])
            fault(r, key, STR_NONE, "model.missing_word", word, say(r, "model.in_action"));
    }
}

static void read_from(Reader *r, const TypeDraft *d, const Node *n, Action *a)
{
    const Node **items;
    if (!n)
        return;
    size_t item_n = read_items(r, n, &items);
    for (size_t i = 0; i < item_n; i++) {
        if (find_state(d, items[i]->text) < 0 && is_removed_state(r, d, items[i]->text))
            continue; /* the others are left */
        int ix = read_state_name(r, d, items[i]);
        if (ix >= 0)
            a->from |= UINT32_C(1) << ix;
    }
}

static void read_asks(Reader *r, TypeDraft *d, const Node *n, Action *a)
{
    if (!n || n->shape != NODE_MAP)
        return;
    if (n->n == 0)
        fault(r, n, STR_NONE, "model.nothing_in_it");
    const Field **asks = NEW_N(r->out, const Field *, n->n + 1);
    for (const Node *f = n->first; f; f = f->next) {
        for (int i = 0; i < d->type->field_n; i++)
            if (d->field_drafts[i].key == f->key)
                asks[a->ask_n++] = &d->fields[i];
    }
    a->asks = asks;
}

static void add_action(Reader *r, TypeDraft *d, const Node *n)
{
    static const char *const taken[] = {"who",      "history", "edit",   "new",
                                        "conflict", "comment", "delete", "rows"}; /* pages */
    Type *t = d->type;
    Got got = {0};
    Str name = read_name(r, n->key);
    for (size_t i = 0; i < LEN(taken); i++)
        if (str_eq(n->key->text, str_of(taken[i])))
            fault(r, n->key, STR_NONE, "model.reserved_action", n->key->text);
    if (!read_words(r, SECTION_ACTION, n, n->key, &got) || !str_has(name))
        return;
    int ix = t->action_n++;
    Action *a = &d->actions[ix];
    *a = (Action){.name = name,
                  .ix = ix,
                  .kind = action_kind(name),
                  .to = -1,
                  .label = read_label(r, got.of[ACTION_LABEL], name)};
    d->action_keys[ix] = n->key;
    d->action_gots[ix] = got;
    check_action_words(r, a, n->key, &got);
    read_from(r, d, got.of[ACTION_FROM], a);
    if (got.of[ACTION_TO] && a->kind != ACTION_CHANGE)
        a->to = read_state_name(r, d, got.of[ACTION_TO]);
    a->is_many = read_yes(r, got.of[ACTION_MANY]);
    read_asks(r, d, got.of[ACTION_ASKS], a);
    read_was(r, got.of[ACTION_WAS], &a->was, &a->was_n);
    if (a->kind == ACTION_CREATE)
        t->create = a;
    if (a->kind == ACTION_CHANGE)
        t->change = a;
}

static void read_actions(Reader *r, TypeDraft *d)
{
    const Node *map = d->got.of[TYPE_ACTIONS];
    Type *t = d->type;
    if (!map)
        return;
    const Node *child = read_map_children(r, map, LIMIT_ACTIONS);
    d->actions = NEW_N(r->out, Action, map->n + 1);
    d->action_keys = NEW_N(r->scratch, const Node *, map->n + 1);
    d->action_gots = NEW_N(r->scratch, Got, map->n + 1);
    t->actions = d->actions;
    for (; child; child = child->next)
        add_action(r, d, child);
    bool has_create = false; /* written, if perhaps wrongly */
    for (const Node *n = map->first; n; n = n->next)
        has_create |= str_eq(n->key->text, S("create"));
    if (!has_create && map->n > 0 && map->n <= LIMIT_ACTIONS)
        fault(r, map->key, STR_NONE, "model.missing_create");
}

/* ---- duties ---- */

static bool read_within(Duty *duty, Str text)
{
    static const char *const units[] = {"workdays", "days", "workhours"};
    Str count, unit;
    int64_t v;
    (void)str_cut(text, ' ', &count, &unit); /* without a blank: the unit is empty, refused below */
    if (!str_i64(count, &v) || v < 1 || v > LIMIT_DUTY_DAYS)
        return false;
    for (size_t i = 0; i < LEN(units); i++) {
        Str many = str_of(units[i]), one = str_sub(many, 0, many.n - 1);
        if (!str_eq(unit, many) && !(v == 1 && str_eq(unit, one)))
            continue;
        duty->within_unit = many;
        duty->within = (int)v;
        return true;
    }
    return false;
}

/* `posting ROLE here`, or another term. */
static void read_upon(Reader *r, TypeDraft *d, const Node *n, Duty *duty)
{
    Str word, term;
    Who who;
    if (!str_cut(n->text, ' ', &word, &term) || !str_eq(word, S("posting"))) {
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_UPON].says));
        return;
    }
    Node at = *n;
    at.text = str_trim(term);
    if (!read_term(r, d, &at, WHO_OWES, &who))
        return; /* told */
    if (who.kind != WHO_ROLE && who.kind != WHO_ROLE_HERE) {
        fault(r, n, STR_NONE, "model.expected", say(r, takes_defs[TAKES_UPON].says));
        return;
    }
    duty->upon = keep(r, at.text);
    duty->owed_by = who;
}

/* Either of two words, not both and not none. */
static void check_either(Reader *r, const Node *key, const Got *got, int a, int b)
{
    const Word *words = sections[SECTION_DUTY].words;
    if (is_said(got, a) && is_said(got, b))
        fault(r, got->of[b] ? got->of[b]->key : key, STR_NONE, "model.not_both",
              str_of(words[a].name), str_of(words[b].name));
    else if (!is_said(got, a) && !is_said(got, b))
        fault(r, key, STR_NONE, "model.either", str_of(words[a].name), str_of(words[b].name));
}

static void read_owed(Reader *r, TypeDraft *d, const Node *n, const Got *got, Duty *duty)
{
    const Type *t = d->type;
    const Node *who = got->of[DUTY_OWED_BY];
    const State *s = duty->while_state >= 0 ? &t->states[duty->while_state] : NULL;
    if (got->of[DUTY_WHILE] && !is_said(got, DUTY_OWED_BY))
        fault(r, n->key, STR_NONE, "model.missing_word", S("owed_by"), say(r, "model.in_duty"));
    if (who && read_term(r, d, who, WHO_OWES, &duty->owed_by) && s && !is_unknown(t, s) &&
        !sees(d, r->model, s, &duty->owed_by))
        fault(r, who, STR_NONE, "model.owes_unseen", who->text, s->name);
}

static void add_duty(Reader *r, TypeDraft *d, const Node *n, Duty *duties)
{
    Type *t = d->type;
    Got got = {0};
    Str name = read_name(r, n->key);
    if (!read_words(r, SECTION_DUTY, n, n->key, &got) || !str_has(name))
        return;
    const Node *open = got.of[DUTY_WHILE];
    if (open && find_state(d, open->text) < 0 && is_removed_state(r, d, open->text))
        return; /* gone with its state */
    Duty *duty = &duties[t->duty_n++];
    *duty =
        (Duty){.name = name, .label = read_label(r, got.of[DUTY_LABEL], name), .while_state = -1};
    check_either(r, n->key, &got, DUTY_WHILE, DUTY_UPON);
    check_either(r, n->key, &got, DUTY_WITHIN, DUTY_DUE);
    if (got.of[DUTY_WHILE])
        duty->while_state = read_state_name(r, d, got.of[DUTY_WHILE]);
    const State *s = duty->while_state >= 0 ? &t->states[duty->while_state] : NULL;
    if (s && s->end != END_OPEN)
        fault(r, got.of[DUTY_WHILE], STR_NONE, "model.duty_closed", s->name);
    if (got.of[DUTY_UPON])
        read_upon(r, d, got.of[DUTY_UPON], duty);
    read_owed(r, d, n, &got, duty);
    const Node *within = got.of[DUTY_WITHIN], *met = got.of[DUTY_MET_BY];
    if (within && !read_within(duty, within->text))
        fault(r, within, STR_NONE, "model.expected", say(r, "model.takes_within"));
    if (got.of[DUTY_DUE])
        duty->due = read_expr(r, d, NULL, got.of[DUTY_DUE], 0, EXPR_USE_DATE, NULL);
    if (met && find_type(r, met, met->text))
        duty->met_by = keep(r, met->text);
}

static void read_duties(Reader *r, TypeDraft *d)
{
    const Node *map = d->got.of[TYPE_DUTIES];
    if (!map)
        return;
    const Node *child = read_map_children(r, map, LIMIT_DUTIES);
    Duty *duties = NEW_N(r->out, Duty, map->n + 1);
    d->type->duties = duties;
    for (; child; child = child->next)
        add_duty(r, d, child, duties);
}

/* ---- together ---- */

static void check_create(Reader *r, const TypeDraft *d, const Action *a)
{
    const Type *t = d->type;
    const Node *by = d->action_gots[a->ix].of[ACTION_BY];
    const State *to = a->to >= 0 ? &t->states[a->to] : NULL;
    const Who author = {.kind = WHO_AUTHOR, .role = -1};
    for (int i = 0; i < a->by_n; i++) {
        if (a->by[i].kind == WHO_AUTHOR)
            fault(r, by, STR_NONE, "model.create_by_author");
        else if (to && !is_unknown(t, to) && !sees_role(d, r->model, to, &author) &&
                 !sees_role(d, r->model, to, &a->by[i]))
            fault(r, by, STR_NONE, "model.create_unseen",
                  who_text(r->scratch, r->model, &a->by[i], r->lang), to->name);
    }
}

/* Whoever acts sees at least one of the states it starts from; in the others it is not his. */
static void check_action(Reader *r, const TypeDraft *d, const Action *a)
{
    const Type *t = d->type;
    const Node *by = d->action_gots[a->ix].of[ACTION_BY];
    for (int w = 0; w < a->by_n; w++) {
        const State *unseen = NULL;
        bool is_seen = false;
        for (int s = 0; s < t->state_n; s++) {
            const State *state = &t->states[s];
            if (!(a->from & (UINT32_C(1) << s)))
                continue;
            if (is_unknown(t, state) || sees(d, r->model, state, &a->by[w]))
                is_seen = true;
            else if (!unseen)
                unseen = state;
        }
        if (unseen && !is_seen)
            fault(r, by, STR_NONE, "model.acts_unseen",
                  who_text(r->scratch, r->model, &a->by[w], r->lang), unseen->name);
    }
}

static void check_reach(Reader *r, const TypeDraft *d)
{
    const Type *t = d->type;
    if (!t->create || t->create->to < 0 || (size_t)t->action_n < d->got.of[TYPE_ACTIONS]->n)
        return;
    for (int i = 0; i < t->action_n; i++)
        if (t->actions[i].kind == ACTION_OTHER && (t->actions[i].to < 0 || !t->actions[i].from))
            return; /* told; what it would reach is not known */
    uint32_t reached = UINT32_C(1) << t->create->to, before = 0;
    while (reached != before) {
        before = reached;
        for (int i = 0; i < t->action_n; i++)
            if (t->actions[i].to >= 0 && (t->actions[i].from & reached))
                reached |= UINT32_C(1) << t->actions[i].to;
    }
    for (int i = 0; i < t->state_n; i++)
        if (!(reached & (UINT32_C(1) << i)))
            fault(r, d->state_keys[i], STR_NONE, "model.unreached", t->states[i].name);
}

static void check_from(Reader *r, const TypeDraft *d, const Action *a)
{
    const Got *got = &d->action_gots[a->ix];
    if (a->kind != ACTION_CREATE && got->of[ACTION_FROM] && !a->from && r->removed)
        fault(r, got->of[ACTION_FROM], STR_NONE, "model.from_removed", a->name);
}

void read_flow(Reader *r, TypeDraft *d)
{
    read_states(r, d);
    read_actions(r, d);
}

void see_flow(Reader *r, TypeDraft *d)
{
    finish_states(r, d);
}

void finish_flow(Reader *r, TypeDraft *d)
{
    const Type *t = d->type;
    for (int i = 0; i < t->action_n; i++) {
        Action *a = &d->actions[i];
        read_who(r, d, d->action_gots[i].of[ACTION_BY],
                 a->kind == ACTION_CREATE ? WHO_CREATES : WHO_ACTS, &a->by, &a->by_n);
    }
    read_duties(r, d);
    for (int i = 0; i < t->action_n; i++) {
        const Action *a = &t->actions[i];
        if (a->kind == ACTION_CREATE)
            check_create(r, d, a);
        else
            check_action(r, d, a);
        check_from(r, d, a);
    }
    check_reach(r, d);
}
