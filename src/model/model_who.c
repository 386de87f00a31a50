/* model_who.c: who is meant, as DESIGN "Who terms" words it: `author`, `ROLE below`, `me via
 * attendance.person`, `town_office when level = public` ... */
#include "model/model_int.h"

typedef struct TermText {
    Str head, word, via; /* ROLE, here or via, FIELD */
    size_t when;         /* where its condition begins; 0: none */
} TermText;

/* False: too many words. */
static bool split_term(Str text, TermText *ret)
{
    *ret = (TermText){0};
    ptrdiff_t when = str_find(text, S(" when "));
    if (when >= 0) {
        ret->when = (size_t)when + strlen(" when ");
        text = str_sub(text, 0, (size_t)when);
    }
    Str *words[] = {&ret->head, &ret->word, &ret->via};
    Str rest = str_trim(text);
    for (size_t i = 0; i < LEN(words) && rest.n > 0; i++) {
        Str head = rest, tail = STR_NONE;
        (void)str_cut(rest, ' ', &head, &tail); /* without a blank: the last word */
        *words[i] = head;
        rest = str_trim(tail);
    }
    return rest.n == 0 && ret->head.n > 0;
}

static void fault_role(Reader *r, const Node *at, Str name)
{
    Near near = near_start(name);
    near_try(&near, S("author"));
    near_try(&near, S("audience"));
    for (int i = 0; i < r->model->role_n; i++)
        near_try(&near, r->model->roles[i].name);
    fault(r, at, near_best(&near), "model.unknown_role", shown(r, name));
}

static bool fault_who(Reader *r, const Node *at)
{
    fault(r, at, STR_NONE, "model.bad_who", shown(r, at->text));
    return false;
}

static uint64_t kinds_below(const Model *m, uint64_t kinds)
{
    uint64_t below = 0;
    for (int i = 0; i < m->kind_n; i++)
        if (m->kinds[i].under & kinds)
            below |= UINT64_C(1) << i;
    return below;
}

/* The field a term goes over, of one of `kinds`; it gets an index. */
static const Field *read_via(Reader *r, const TypeDraft *d, const Node *at, Str path,
                             uint32_t kinds, const char *key)
{
    const Field *f = find_path(r, d, at, path);
    if (!f)
        return NULL;
    if (!(kinds & (UINT32_C(1) << f->kind))) {
        fault(r, at, STR_NONE, key, f->name, str_of(model_kind(f->kind)->name));
        return NULL;
    }
    draft_of(d, f)->field->is_indexed = true;
    return f;
}

/* ---- the forms ---- */

static bool read_role(Reader *r, const TypeDraft *d, const Node *at, const TermText *t, Who *ret)
{
    const Type *type = d->type;
    if (!r->has_tree)
        return false;
    int role = find_role(r, t->head);
    if (role < 0) {
        fault_role(r, at, t->head);
        return false;
    }
    const Role *is = &r->model->roles[role];
    *ret = (Who){.kind = WHO_ROLE, .role = role};
    uint64_t reach = type->at | kinds_above(r->model, type->at);
    const char *key = "model.role_not_above";
    if (str_eq(t->word, S("here"))) {
        ret->kind = WHO_ROLE_HERE;
        reach = type->at;
        key = "model.role_not_here";
    } else if (str_eq(t->word, S("below"))) {
        ret->kind = WHO_ROLE_BELOW;
        reach = type->at | kinds_below(r->model, type->at);
        key = "model.role_not_below";
    } else if (str_eq(t->word, S("reach"))) {
        ret->kind = WHO_ROLE_REACH;
        reach = UINT64_MAX; /* whatever is assigned */
    }
    if (!r->is_tree_bad && type->at && is->at && !(is->at & reach)) {
        fault(r, at, STR_NONE, key, is->name, type->name);
        return false;
    }
    return true;
}

static bool read_role_via(Reader *r, const TypeDraft *d, const Node *at, const TermText *t,
                          Who *ret)
{
    if (!r->has_tree)
        return false;
    int role = find_role(r, t->head);
    if (role < 0) {
        fault_role(r, at, t->head);
        return false;
    }
    const Field *via = read_via(r, d, at, t->via, UINT32_C(1) << KIND_UNIT, "model.via_unit");
    *ret = (Who){.kind = WHO_ROLE_VIA, .role = role, .via = via};
    return via != NULL;
}

static bool read_me(Reader *r, const TypeDraft *d, const Node *at, const TermText *t, Who *ret)
{
    const Field *via = read_via(r, d, at, t->via, UINT32_C(1) << KIND_PERSON, "model.via_person");
    *ret = (Who){.kind = WHO_ME_VIA, .role = -1, .via = via};
    return via != NULL;
}

static bool leads_to(const Field *f, Str type)
{
    for (int i = 0; i < f->to_n; i++)
        if (str_eq(f->tos[i], type))
            return true;
    return false;
}

/* `me.household via household` */
static bool read_mine(Reader *r, const TypeDraft *d, const Node *at, const TermText *t, Who *ret)
{
    Str name = str_sub(t->head, strlen("me."), t->head.n);
    const TypeDraft *mine = find_type(r, at, name);
    if (!mine)
        return false;
    if (!mine->got.of[TYPE_ME]) {
        fault(r, at, STR_NONE, "model.no_me", name);
        return false;
    }
    const Field *via = read_via(
        r, d, at, t->via, UINT32_C(1) << KIND_LINK | UINT32_C(1) << KIND_LINKS, "model.via_link");
    if (via && !leads_to(via, name)) {
        fault(r, at, STR_NONE, "model.via_other", via->name, name);
        return false;
    }
    *ret = (Who){.kind = WHO_ME_TYPE_VIA, .role = -1, .via = via, .me_type = mine->type};
    return via != NULL;
}

static bool read_audience(Reader *r, const TypeDraft *d, const Node *at, Who *ret)
{
    const Field *found = NULL;
    bool is_sure = !d->is_cut;
    for (int i = 0; i < d->type->field_n; i++) {
        const Field *f = &d->fields[i];
        is_sure &= !draft_of(d, f)->is_bad;
        if (f->kind != KIND_AUDIENCE || draft_of(d, f)->is_bad)
            continue;
        if (found) {
            fault(r, at, STR_NONE, "model.two_audiences", found->name, f->name);
            return false;
        }
        found = f;
    }
    if (!found && is_sure)
        fault(r, at, STR_NONE, "model.no_audience");
    d->type->audience = found;
    *ret = (Who){.kind = WHO_AUDIENCE, .role = -1, .via = found};
    return found != NULL;
}

static bool read_head(Reader *r, const TypeDraft *d, const Node *at, const TermText *t, Who *ret)
{
    static const struct {
        const char *name;
        WhoKind kind;
    } alone[] = {
        {"author", WHO_AUTHOR}, {"audience", WHO_AUDIENCE}, {"clock", WHO_CLOCK},
        {"public", WHO_PUBLIC}, {"me", WHO_ME_VIA},
    };
    bool is_me = str_eq(t->head, S("me")) || str_starts(t->head, S("me."));
    for (size_t i = 0; i < LEN(alone) && !is_me; i++) {
        if (!str_eq(t->head, str_of(alone[i].name)))
            continue;
        if (t->word.n > 0)
            return fault_who(r, at);
        if (alone[i].kind == WHO_AUDIENCE)
            return read_audience(r, d, at, ret);
        *ret = (Who){.kind = alone[i].kind, .role = -1};
        return true;
    }
    bool is_via = str_eq(t->word, S("via")) && t->via.n > 0;
    bool is_plain = t->word.n == 0 || str_eq(t->word, S("here")) || str_eq(t->word, S("below")) ||
                    str_eq(t->word, S("reach"));
    if (is_me && is_via)
        return str_eq(t->head, S("me")) ? read_me(r, d, at, t, ret) : read_mine(r, d, at, t, ret);
    if (is_me || (!is_via && (!is_plain || t->via.n > 0)))
        return fault_who(r, at);
    return is_via ? read_role_via(r, d, at, t, ret) : read_role(r, d, at, t, ret);
}

/* What stands where it can mean nothing. */
static bool check_use(Reader *r, const Node *at, WhoUse use, const Who *w)
{
    bool fits = true;
    const char *key = "model.who_not_here";
    switch (use) {
    case WHO_SEES:
        fits = w->kind != WHO_CLOCK;
        break;
    case WHO_CREATES:
        key = "model.who_not_create";
        fits = w->kind != WHO_CLOCK && w->kind != WHO_PUBLIC && w->kind != WHO_AUDIENCE;
        break;
    case WHO_ACTS:
        fits = w->kind != WHO_PUBLIC;
        break;
    case WHO_OWES:
        fits = w->kind != WHO_CLOCK && w->kind != WHO_PUBLIC && w->kind != WHO_AUDIENCE;
        break;
    }
    if (!fits)
        fault(r, at, STR_NONE, key, shown(r, at->text));
    return fits;
}

bool read_term(Reader *r, const TypeDraft *d, const Node *at, WhoUse use, Who *ret)
{
    TermText t;
    if (!split_term(at->text, &t))
        return fault_who(r, at);
    if (!read_head(r, d, at, &t, ret) || !check_use(r, at, use, ret))
        return false;
    if (t.when == 0)
        return true;
    size_t before = r->told;
    ret->when = read_expr(r, d, NULL, at, t.when,
                          use == WHO_SEES ? EXPR_USE_SEE : EXPR_USE_CONDITION, NULL);
    return r->told == before;
}

void read_who(Reader *r, const TypeDraft *d, const Node *n, WhoUse use, const Who **ret, int *ret_n)
{
    const Node **items;
    if (!n)
        return;
    size_t item_n = read_items(r, n, &items);
    if (item_n > LIMIT_WHO_TERMS) {
        fault(r, n, STR_NONE, "model.too_many", str_fmt(r->scratch, "%d", LIMIT_WHO_TERMS));
        return;
    }
    Who *who = NEW_N(r->out, Who, item_n + 1);
    int got = 0;
    for (size_t i = 0; i < item_n; i++)
        if (read_term(r, d, items[i], use, &who[got]))
            got++;
    *ret = who;
    *ret_n = got == (int)item_n ? got : 0; /* a bad term was told: no more about this list */
}

/* ---- comparing ---- */

static bool expr_same(const Expr *a, const Expr *b)
{
    if (!a || !b)
        return a == b;
    return a->op == b->op && a->kind == b->kind && value_eq(&a->value, &b->value) &&
           a->field == b->field && a->rows == b->rows && a->part == b->part &&
           a->choice == b->choice && a->state == b->state && a->unit == b->unit &&
           a->mul == b->mul && a->div == b->div && expr_same(a->a, b->a) && expr_same(a->b, b->b) &&
           expr_same(a->next, b->next); /* LIMIT_EXPR_DEPTH */
}

bool who_covers(const Who *a, const Who *b)
{
    if (a->when && !expr_same(a->when, b->when))
        return false;
    if (a->kind == WHO_PUBLIC)
        return true;
    if (b->kind == WHO_ROLE_HERE)
        return a->role == b->role &&
               (a->kind == WHO_ROLE_HERE || a->kind == WHO_ROLE || a->kind == WHO_ROLE_BELOW);
    return a->kind == b->kind && a->role == b->role && a->via == b->via && a->me_type == b->me_type;
}
