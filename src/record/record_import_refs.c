/* record_import_refs.c: what a cell says of a unit, a person, a record: code, name or initials,
 * where a form has a picker. Asked once for each text.                              SPEC: P7 */
#include "record/record_import.h"

enum { SEEN_FIRST = 256, CANDIDATES = 3 };

static size_t place_of(const SeenSet *s, Str key)
{
    size_t at = (size_t)str_hash(key) & (s->cap - 1);
    while (str_has(s->slots[at].key) && !str_eq(s->slots[at].key, key))
        at = (at + 1) & (s->cap - 1);
    return at;
}

Seen *seen_at(SeenSet *s, Str key, bool *ret_is_new)
{
    if ((s->n + 1) * 2 > s->cap) {
        SeenSet more = {.arena = s->arena, .n = s->n, .cap = s->cap ? s->cap * 2 : SEEN_FIRST};
        more.slots = NEW_N(s->arena, Seen, more.cap);
        for (size_t i = 0; i < s->cap; i++)
            if (str_has(s->slots[i].key))
                more.slots[place_of(&more, s->slots[i].key)] = s->slots[i];
        *s = more;
    }
    Seen *x = &s->slots[place_of(s, key)];
    *ret_is_new = !str_has(x->key);
    if (*ret_is_new) {
        x->key = str_copy(s->arena, key);
        x->value = STR_NONE;
        s->n++;
    }
    return x;
}

/* ---- units ---- */

static bool is_below_own(const Reader *r, const Unit *u)
{
    for (int i = 0; i < r->post_n; i++)
        if (tree_is_within(r->tree, u->ix, r->posts[i].unit_ix))
            return true;
    return false;
}

static Str with_place(Arena *a, Str so_far, Str label, Str place)
{
    return str_fmt(a, "%.*s%s%.*s（%.*s）", STR_ARG(so_far), so_far.n ? "、" : "", STR_ARG(label),
                   STR_ARG(place));
}

/* By name among open units; of several, the one below his own posts. */
static int unit_named(Arena *a, const Reader *r, Str typed, const char **ret_fault, Str *ret_arg)
{
    const Tree *t = r->tree;
    Str folded = text_fold(a, typed), told = S("");
    int all = 0, near = 0, found = -1, nearest = -1;
    for (int i = 0; i < t->unit_n; i++) {
        const Unit *u = &t->units[i];
        if (u->closed != DAY_NONE || !str_eq(text_fold(a, u->name), folded))
            continue;
        if (all++ < CANDIDATES)
            told = with_place(a, told, u->name,
                              u->parent_ix >= 0 ? t->units[u->parent_ix].name : u->code);
        found = i;
        if (is_below_own(r, u)) {
            near++;
            nearest = i;
        }
    }
    if (near == 1 || all == 1)
        return near == 1 ? nearest : found;
    *ret_fault = all ? "import.several" : "field.no_such_unit";
    *ret_arg = all ? told : typed;
    return -1;
}

/* 上栗村（990121100201）: as an export writes names that several have. */
static const Unit *unit_in_brackets(const Tree *t, Str typed)
{
    size_t tail = str_ends(typed, S("）")) ? S("）").n : str_ends(typed, S(")")) ? 1 : 0;
    for (size_t i = typed.n - tail; tail && i > 0; i--) {
        bool is_wide = str_starts(str_sub(typed, i - 1, typed.n), S("（"));
        if (is_wide || typed.p[i - 1] == '(') {
            size_t from = i - 1 + (is_wide ? S("（").n : 1);
            return tree_unit_coded(t, str_sub(typed, from, typed.n - tail - from));
        }
    }
    return NULL;
}

int import_unit(Arena *a, const Reader *r, RecordImport *im, Str typed, const char **ret_fault,
                Str *ret_arg)
{
    const Unit *u = tree_unit_coded(r->tree, typed);
    if (!u)
        u = unit_in_brackets(r->tree, typed);
    if (u)
        return u->ix;
    bool is_new;
    Seen *x = seen_at(&im->own->names, str_fmt(a, "unit\n%.*s", STR_ARG(typed)), &is_new);
    if (is_new) {
        Arena *keep = im->arena;
        const char *fault = NULL;
        Str arg = STR_NONE;
        x->n = unit_named(a, r, typed, &fault, &arg);
        x->fault = fault;
        x->arg = fault ? str_copy(keep, arg) : STR_NONE;
    }
    if (x->fault) {
        *ret_fault = x->fault;
        *ret_arg = x->arg;
    }
    return (int)x->n;
}

/* ---- records and people ---- */

static int look_up(Records *rs, Arena *a, Tx *tx, const Reader *r, const Field *f, int unit_ix,
                   Str typed, Seen *x, Arena *keep, Err *e)
{
    Pick *list;
    int n, own = 0, at = 0;
    TRY(pick_exact(rs, a, tx, r, f, typed, &list, &n, e));
    for (int i = 0; i < n && unit_ix >= 0 && f->kind != KIND_PERSON; i++)
        if (list[i].unit == r->tree->units[unit_ix].id) {
            own++;
            at = i;
        }
    if (n == 1 || own == 1) {
        x->value = uuid_text(keep, list[n == 1 ? 0 : at].id);
        return 0;
    }
    Str told = S("");
    for (int i = 0; i < n && i < CANDIDATES; i++)
        told = with_place(a, told, list[i].label, list[i].place);
    x->fault = n ? "import.several" : "import.nobody";
    x->arg = str_copy(keep, n ? told : typed);
    return 0;
}

static int one_reference(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                         const Field *f, int unit_ix, Str typed, Str *ret, const char **ret_fault,
                         Str *ret_arg, Err *e)
{
    Uuid id;
    bool is_new;
    if (uuid_parse(typed, &id)) {
        *ret = typed;
        return 0;
    }
    Str key = str_fmt(a, "%d\n%d\n%.*s", f->ix, unit_ix, STR_ARG(typed));
    Seen *x = seen_at(&im->own->names, key, &is_new);
    if (is_new) {
        Seen found = *x;
        TRY(look_up(rs, a, tx, r, f, unit_ix, typed, &found, im->arena, e));
        *x = found;
    }
    *ret = x->value;
    *ret_fault = x->fault;
    *ret_arg = x->arg;
    return 0;
}

/* "甲、乙；丙" with commas. */
static Str with_commas(Arena *a, Str s)
{
    static const char *const marks[] = {"、", "，", "；", ";", "\n"};
    Buf b = {.arena = a};
    while (s.n) {
        size_t cut = 0;
        for (size_t i = 0; i < LEN(marks) && !cut; i++)
            if (str_starts(s, str_of(marks[i])))
                cut = str_of(marks[i]).n;
        buf_byte(&b, cut ? ',' : s.p[0]);
        s = str_sub(s, cut ? cut : 1, s.n);
    }
    return buf_view(&b);
}

int import_reference(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                     const Field *f, int unit_ix, Str typed, Str *ret, const char **ret_fault,
                     Str *ret_arg, Err *e)
{
    *ret = typed;
    *ret_fault = NULL;
    if (f->kind == KIND_CHOICES || f->kind == KIND_AUDIENCE)
        *ret = with_commas(a, typed);
    if (f->kind == KIND_UNIT) {
        int ix = import_unit(a, r, im, typed, ret_fault, ret_arg);
        *ret = ix >= 0 ? r->tree->units[ix].code : typed;
    }
    if (f->kind == KIND_LINK || f->kind == KIND_PERSON)
        return one_reference(rs, a, tx, r, im, f, unit_ix, typed, ret, ret_fault, ret_arg, e);
    if (f->kind != KIND_LINKS)
        return 0;
    Str rest = with_commas(a, typed), word, id;
    Buf b = {.arena = a};
    while (rest.n && !*ret_fault) {
        (void)str_cut(rest, ',', &word, &rest); /* the last one has no comma behind it */
        word = str_trim(word);
        if (!word.n)
            continue;
        TRY(one_reference(rs, a, tx, r, im, f, unit_ix, word, &id, ret_fault, ret_arg, e));
        buf_fmt(&b, "%s%.*s", b.n ? "," : "", STR_ARG(id));
    }
    *ret = buf_view(&b);
    return 0;
}
