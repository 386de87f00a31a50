/* record_pick.c: what a picker offers.
 *
 * A picker is a text field: the exact name, code or id first, then beginnings, then what stands
 * within, then pinyin initials; the newest among equals. Of records it looks through the newest
 * PICK_SCAN he may see, and asks the index for older ones.
 *     SPEC: P3  DESIGN: Pages, phones */
#include "record/record_int.h"

enum { PICK_SCAN = 1000, TITLE_CHARS = 40 };

typedef enum Rank { RANK_EXACT, RANK_START, RANK_WITHIN, RANK_INITIALS, RANK_MAX } Rank;

typedef struct Picks {
    Arena *arena;
    const Reader *reader;
    Str typed; /* as typed, trimmed; folded */
    Str folded;
    Pick *list; /* best rank first, as they came among equals */
    Rank *ranks;
    int n, max;
} Picks;

static Picks picks_new(Arena *a, const Reader *r, Str typed, int max)
{
    Picks p = {.arena = a, .reader = r, .typed = str_trim(typed)};
    p.max = max < 1 ? 1 : max > LIMIT_PICKS ? LIMIT_PICKS : max;
    p.list = NEW_N(a, Pick, (size_t)p.max + 1);
    p.ranks = NEW_N(a, Rank, (size_t)p.max + 1);
    p.folded = text_fold(a, p.typed);
    return p;
}

/* Would one of that rank still find room. */
static bool has_room(const Picks *p, Rank rank)
{
    return rank < RANK_MAX && (p->n < p->max || p->ranks[p->n - 1] > rank);
}

static void picks_add(Picks *p, Rank rank, Pick pick)
{
    int at = p->n;
    while (at > 0 && p->ranks[at - 1] > rank)
        at--;
    int move = (p->n == p->max ? p->n - 1 : p->n) - at;
    memmove(&p->list[at + 1], &p->list[at], (size_t)move * sizeof *p->list);
    memmove(&p->ranks[at + 1], &p->ranks[at], (size_t)move * sizeof *p->ranks);
    p->list[at] = pick;
    p->ranks[at] = rank;
    if (p->n < p->max)
        p->n++;
}

static Rank rank_of(const Picks *p, Str name, bool by_initials)
{
    if (!p->typed.n)
        return RANK_EXACT; /* nothing typed: all alike */
    size_t mark = arena_mark(p->arena);
    Str folded = text_fold(p->arena, name);
    Rank rank = str_eq(folded, p->folded)             ? RANK_EXACT
                : str_starts(folded, p->folded)       ? RANK_START
                : str_find(folded, p->folded) >= 0    ? RANK_WITHIN
                : by_initials && text_initials_match(name, p->typed) ? RANK_INITIALS
                                                                     : RANK_MAX;
    arena_rewind(p->arena, mark);
    return rank;
}

/* ---- units ---- */

static Str unit_place(Arena *a, const Tree *t, const Unit *u)
{
    (void)a;
    return u->parent_ix >= 0 ? t->units[u->parent_ix].name : u->code;
}

static bool is_near(const Reader *r, const Unit *u)
{
    for (int i = 0; i < r->post_n; i++)
        if (tree_is_within(r->tree, u->ix, r->posts[i].unit_ix))
            return true;
    return false;
}

/* Open units, those below one's own posts first. */
static void pick_units(Picks *p)
{
    const Tree *t = p->reader->tree;
    for (int near = 1; near >= 0; near--)
        for (int i = 0; i < t->unit_n; i++) {
            const Unit *u = &t->units[i];
            if (u->closed != DAY_NONE || is_near(p->reader, u) != near)
                continue;
            if (!has_room(p, RANK_EXACT))
                return;
            Rank rank = rank_of(p, u->name, true), by_code = rank_of(p, u->code, false);
            if (by_code < rank)
                rank = by_code;
            if (has_room(p, rank))
                picks_add(p, rank,
                          (Pick){.unit = u->id,
                                 .label = u->name,
                                 .place = unit_place(p->arena, t, u)});
        }
}

/* ---- records ---- */

static Str short_text(Arena *a, Str s)
{
    Str line, rest;
    (void)str_cut(str_trim(s), '\n', &line, &rest);
    Str cut = utf8_prefix(line, TITLE_CHARS);
    return cut.n < line.n ? str_fmt(a, "%.*s…", STR_ARG(cut)) : str_copy(a, cut);
}

static bool is_day_of(const Record *rec)
{
    const Field *dated = rec->type->dated;
    return dated && rec->values[dated->ix].tag == VALUE_INT;
}

/* Its own name; where it has none, its type and day. */
Str record_title(Arena *a, const Record *rec, Lang lang)
{
    const Field *f = rec->type->title;
    const Value *v = f && !f->rows ? &rec->values[f->ix] : NULL;
    if (v && v->tag == VALUE_TEXT && str_trim(v->s).n)
        return short_text(a, v->s);
    return str_fmt(a, "%.*s %.*s", STR_ARG(label_text(&rec->type->label, lang)),
                   STR_ARG(day_text(a, rec->at_day)));
}

/* What tells two of one name apart: unit and the unit above, the day that dates it, numbers and
 * days that are indexed for it (a year of birth); sealed and other texts never. */
Str record_tell_apart(Arena *a, const Reader *r, const Record *rec)
{
    const Unit *u = &r->tree->units[rec->unit_ix];
    Buf b = {.arena = a};
    if (u->parent_ix >= 0)
        buf_fmt(&b, "%.*s ", STR_ARG(r->tree->units[u->parent_ix].name));
    buf_str(&b, u->name);
    if (is_day_of(rec))
        buf_fmt(&b, " · %.*s", STR_ARG(day_text(a, rec->at_day)));
    for (int i = 0; i < rec->type->field_n; i++) {
        const Field *f = &rec->type->fields[i];
        bool is_mark = f->is_indexed && f != rec->type->dated &&
                       (f->kind == KIND_INT || f->kind == KIND_DATE || f->kind == KIND_CHOICE ||
                        f->kind == KIND_PARCEL_CODE || f->kind == KIND_PLATE);
        if (is_mark && rec->values[i].tag != VALUE_NONE)
            buf_fmt(&b, " · %.*s %.*s", STR_ARG(label_text(&f->label, r->lang)),
                    STR_ARG(model_kind(f->kind)->show(a, f, &rec->values[i], r->lang)));
    }
    return buf_view(&b);
}

static bool is_name(const Type *t, const Field *f)
{
    return f == t->title || f->is_found || f->is_found_by_name || f->kind == KIND_CREDIT_CODE ||
           f->kind == KIND_PLATE || f->kind == KIND_PARCEL_CODE;
}

static Rank rank_record(const Picks *p, const Record *rec)
{
    Rank best = p->typed.n ? RANK_MAX : RANK_EXACT;
    for (int i = 0; i < rec->type->field_n; i++) {
        const Field *f = &rec->type->fields[i];
        if (!is_name(rec->type, f) || rec->values[i].tag != VALUE_TEXT)
            continue;
        Rank rank = rank_of(p, rec->values[i].s, f == rec->type->title || f->is_found_by_name);
        best = rank < best ? rank : best;
    }
    return best;
}

static void pick_one(Picks *p, Rank rank, const Record *rec)
{
    for (int i = 0; i < p->n; i++)
        if (uuid_eq(p->list[i].id, rec->id))
            return;
    if (has_room(p, rank))
        picks_add(p, rank,
                  (Pick){.id = rec->id,
                         .unit = rec->unit,
                         .label = record_title(p->arena, rec, p->reader->lang),
                         .place = record_tell_apart(p->arena, p->reader, rec)});
}

static int pick_by_id(Records *rs, Picks *p, Tx *tx, const Type *to, Err *e)
{
    Uuid id;
    Record *rec;
    if (!uuid_parse(p->typed, &id))
        return 0;
    Err sub = err_on(e->arena);
    int rc = record_get(rs, p->arena, tx, p->reader, to, id, &rec, NULL, &sub);
    if (!rc && !(to->void_states >> rec->state & 1))
        pick_one(p, RANK_EXACT, rec);
    if (!rc || rc == ERR_MISSING)
        return 0;
    *e = sub;
    return rc;
}

/* What the index finds beyond the newest. */
static int pick_found(Records *rs, Picks *p, Tx *tx, const Type *to, Err *e)
{
    HitGroup *groups;
    int n;
    if (utf8_count(p->typed) < 2)
        return 0;
    Err sub = err_on(e->arena);
    int rc =
        record_search(rs, p->arena, tx, p->reader, p->typed, to, LIMIT_PICKS, &groups, &n, &sub);
    if (rc == ERR_INVALID)
        return 0; /* nothing one could look for */
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    for (int g = 0; g < n; g++)
        for (int i = 0; i < groups[g].n; i++) {
            const Record *rec = &groups[g].hits[i].rec;
            if (!(to->void_states >> rec->state & 1))
                pick_one(p, rank_record(p, rec), rec);
        }
    return 0;
}

static int pick_records(Records *rs, Picks *p, Tx *tx, const Type *to, Err *e)
{
    if (!to)
        return 0;
    TRY(pick_by_id(rs, p, tx, to, e));
    Arena *pages = arena_new(64 * 1024);
    uint32_t all = (uint32_t)((UINT64_C(1) << to->state_n) - 1);
    ListQuery q = {.type = to,
                   .unit_ix = -1,
                   .states = all & ~to->void_states,
                   .limit = p->typed.n ? LIMIT_LIST_PAGE : p->max,
                   .after = STR_NONE};
    int rc = 0;
    for (int read = 0; !rc && read < PICK_SCAN && has_room(p, RANK_START); read += q.limit) {
        RecordList page = {0};
        rc = record_list(rs, pages, tx, p->reader, &q, &page, e);
        for (int i = 0; !rc && i < page.n; i++)
            pick_one(p, rank_record(p, &page.items[i]), &page.items[i]);
        if (!p->typed.n || !str_has(page.next))
            break;
        q.after = page.next;
    }
    arena_free(pages);
    return rc < 0 ? rc : pick_found(rs, p, tx, to, e);
}

int record_pick(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t, const Field *f,
                Str typed, int max, Pick **ret, int *ret_n, Err *e)
{
    (void)t; /* a field knows what it links to */
    if (f->kind == KIND_PERSON)
        return pick_people(a, tx, r, typed, max, ret, ret_n, e);
    Picks p = picks_new(a, r, utf8_prefix(typed, LIMIT_SEARCH_CHARS), max);
    if (f->kind == KIND_UNIT)
        pick_units(&p);
    for (int i = 0; f->kind == KIND_LINKS && i < f->to_n; i++)
        TRY(pick_records(rs, &p, tx, model_type(rs->model, f->tos[i]), e));
    if (f->kind == KIND_LINK)
        TRY(pick_records(rs, &p, tx, model_type(rs->model, f->to), e));
    *ret = p.list;
    *ret_n = p.n;
    return 0;
}

int pick_exact(Records *rs, Arena *a, Tx *tx, const Reader *r, const Field *f, Str typed,
               Pick **ret, int *ret_n, Err *e)
{
    Picks p = picks_new(a, r, utf8_prefix(typed, LIMIT_SEARCH_CHARS), LIMIT_PICKS);
    if (f->kind == KIND_PERSON) {
        Pick *list;
        int n;
        TRY(pick_people(a, tx, r, p.typed, LIMIT_PICKS, &list, &n, e));
        for (int i = 0; i < n; i++) {
            Rank rank = rank_of(&p, list[i].label, true);
            if (has_room(&p, rank))
                picks_add(&p, rank, list[i]);
        }
    }
    for (int i = 0; f->kind == KIND_LINKS && i < f->to_n; i++)
        TRY(pick_records(rs, &p, tx, model_type(rs->model, f->tos[i]), e));
    if (f->kind == KIND_LINK)
        TRY(pick_records(rs, &p, tx, model_type(rs->model, f->to), e));
    int n = 0;
    Rank best = p.n && p.ranks[0] != RANK_EXACT ? RANK_INITIALS : RANK_EXACT;
    for (int i = 0; i < p.n; i++)
        if (p.ranks[i] == best)
            p.list[n++] = p.list[i];
    *ret = p.list;
    *ret_n = n;
    return 0;
}
