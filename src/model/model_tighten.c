/* model_tighten.c: a county may add, relabel, tighten; it may not let more people see, nor loosen
 * what a law asks.                                             SPEC: P12  DESIGN: The model */
#include "model/model_int.h"

/* ---- nobody sees more ---- */

/* What is built in of a state's `see`, read over the type as it is now; what no longer fits (a
 * field that is gone) covers nothing. */
static int base_see(Reader *r, const TypeDraft *d, const Node *states, Str state, const Who **ret)
{
    const Node *s = map_find(states, state), *rest = map_get(states, "*");
    const Node *see = map_get(s, "see"), **items;
    if (!see)
        see = map_get(rest, "see");
    if (!s || !see || see->shape == NODE_MAP)
        return 0;
    size_t told = r->told;
    int n = 0;
    r->is_quiet = true;
    size_t item_n = read_items(r, see, &items);
    Who *who = NEW_N(r->scratch, Who, item_n + 1);
    for (size_t i = 0; i < item_n; i++)
        n += read_term(r, d, items[i], WHO_SEES, &who[n]);
    r->is_quiet = false;
    r->told = told;
    *ret = who;
    return n;
}

static bool is_covered(const Who *w, const Who *by, int by_n)
{
    for (int i = 0; i < by_n; i++)
        if (who_covers(&by[i], w))
            return true;
    return false;
}

static bool is_covered_by_any(Reader *r, const TypeDraft *d, const Node *states, const Who *w)
{
    for (const Node *s = states && states->shape == NODE_MAP ? states->first : NULL; s;
         s = s->next) {
        const Who *by = NULL;
        int n = base_see(r, d, states, s->key->text, &by);
        if (is_covered(w, by, n))
            return true;
    }
    return false;
}

static void check_see(Reader *r, const TypeDraft *d, const State *s)
{
    const Node *states = map_get(d->base, "states");
    const Node *see = d->state_gots[s->ix].of[STATE_SEE];
    const Node *at = see ? see : d->rest.of[0] ? d->rest.of[0] : d->state_keys[s->ix];
    const Who *by = NULL;
    bool is_new = !map_find(states, s->name);
    int n = is_new ? 0 : base_see(r, d, states, s->name, &by);
    for (int i = 0; i < s->see_n; i++) {
        if (is_new ? is_covered_by_any(r, d, states, &s->see[i]) : is_covered(&s->see[i], by, n))
            continue;
        fault(r, at, STR_NONE, is_new ? "model.see_new_state" : "model.see_widened", s->name,
              who_text(r->scratch, r->model, &s->see[i], r->lang));
        return;
    }
}

/* ---- no law is loosened ---- */

static bool is_same_text(const Node *a, const Node *b)
{
    return a && b && a->shape == NODE_TEXT && b->shape == NODE_TEXT && str_eq(a->text, b->text);
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_word(Str text, Str word)
{
    for (size_t from = 0; from + word.n <= text.n; from++) {
        size_t end = from + word.n;
        if (memcmp(text.p + from, word.p, word.n) == 0 &&
            (from == 0 || !is_word_char(text.p[from - 1])) &&
            (end == text.n || !is_word_char(text.p[end])))
            return true;
    }
    return false;
}

/* A field `text` names keeps what `fixed` says of it, but for `required: yes`. */
static void check_field(Reader *r, const Node *over, Str text, const char *const *fixed,
                        size_t fixed_n, const char *key)
{
    for (const Node *f = over && over->shape == NODE_MAP ? over->first : NULL; f; f = f->next) {
        check_field(r, map_get(f, "of"), text, fixed, fixed_n, key); /* rows: LIMIT_MODEL_DEPTH */
        if (!has_word(text, f->key->text))
            continue;
        for (size_t i = 0; i < fixed_n; i++) {
            const Node *n = map_get(f, fixed[i]);
            bool is_tighter = strcmp(fixed[i], "required") == 0 && n && n->shape == NODE_TEXT &&
                              str_eq(n->text, S("yes"));
            if (n && !is_tighter)
                fault(r, n, STR_NONE, key, f->key->text, str_of(fixed[i]));
        }
    }
}

/* A check is asked when its fields are there: a field that a law's check names stays asked for. */
static void check_law_field(Reader *r, const Node *over, Str law)
{
    static const char *const fixed[] = {"is", "removed", "computed", "copy", "shown", "required"};
    check_field(r, over, law, fixed, LEN(fixed), "model.law_field");
}

/* Who sees goes by these fields (`via FIELD`, `when level > 3`): what they hold stays. */
static void check_see_fields(Reader *r, const TypeDraft *d)
{
    static const char *const fixed[] = {"is", "computed", "copy", "to"};
    Buf named = {.arena = r->scratch}; /* all that stands behind `via` and `when` */
    const Node *states = map_get(d->base, "states");
    for (const Node *s = states && states->shape == NODE_MAP ? states->first : NULL; s;
         s = s->next) {
        const Node *see = map_get(s, "see");
        const Node *item = see && see->shape == NODE_LIST ? see->first : see;
        for (; item && item->shape == NODE_TEXT; item = item == see ? NULL : item->next) {
            ptrdiff_t via = str_find(item->text, S(" via ")),
                      when = str_find(item->text, S(" when "));
            ptrdiff_t at = via >= 0 ? via : when;
            if (at >= 0)
                buf_str(&named, str_sub(item->text, (size_t)at, item->text.n));
        }
    }
    if (named.n)
        check_field(r, map_get(d->over, "fields"), buf_view(&named), fixed, LEN(fixed),
                    "model.see_field");
}

static void check_law(Reader *r, const TypeDraft *d, const Node *base)
{
    const Node *over = map_find(map_get(d->over, "checks"), base->key->text);
    const Node *that = map_get(base, "that");
    for (const Node *w = over && over->shape == NODE_MAP ? over->first : NULL; w; w = w->next) {
        bool is_same = is_same_text(w, map_find(base, w->key->text));
        if (!is_same && !str_eq(w->key->text, S("label")))
            fault(r, w, STR_NONE, "model.law_loosened", base->key->text);
    }
    if (that && that->shape == NODE_TEXT)
        check_law_field(r, map_get(d->over, "fields"), that->text);
    const Node *states = map_get(d->over, "states");
    for (const Node *s = states && states->shape == NODE_MAP ? states->first : NULL; s;
         s = s->next) {
        const Node *draft = map_get(s, "draft");
        const Node *was = map_get(map_find(map_get(d->base, "states"), s->key->text), "draft");
        if (draft && draft->shape == NODE_TEXT && str_eq(draft->text, S("yes")) &&
            map_find(map_get(d->base, "states"), s->key->text) && !is_same_text(draft, was))
            fault(r, draft, STR_NONE, "model.law_draft", s->key->text);
    }
}

/* ---- together ---- */

/* Who a record is his, and what it is a part of, decide who sees it. */
static void check_fixed(Reader *r, const TypeDraft *d)
{
    static const char *const fixed[] = {"me", "part_of"};
    for (size_t i = 0; i < LEN(fixed); i++) {
        const Node *over = map_get(d->over, fixed[i]);
        if (over && !is_same_text(over, map_get(d->base, fixed[i])))
            fault(r, over->key, STR_NONE, "model.overlay_fixed", str_of(fixed[i]));
    }
}

void check_overlay(Reader *r, const TypeDraft *d)
{
    if (!d->base)
        return;
    r->file = d->file;
    check_fixed(r, d);
    check_see_fields(r, d);
    const Node *checks = map_get(d->base, "checks");
    for (const Node *c = checks && checks->shape == NODE_MAP ? checks->first : NULL; c; c = c->next)
        if (map_get(c, "law"))
            check_law(r, d, c);
    for (int i = 0; i < d->type->state_n; i++)
        check_see(r, d, &d->states[i]);
}
