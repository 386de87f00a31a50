/* test_access_oracle.c: permission against a naive model of it. Units, postings, deputies, heirs,
 * loans, merges, disabled accounts and records are thrown; what a reader may is worked out by
 * walking terms x posts x dates, without arms, slices or SQL, and must be the same answer.
 *                                                                                    SPEC: P1 P2 */
#include "access/access_int.h"
#include "test_access_util.h"

enum {
    WORLDS = 6,
    UNITS = 14,
    PERSONS = 12,
    POSTINGS = 26,
    DEPUTIES = 9,
    LOANS = 8,
    STATES = 3,
    TYPES = 4,
    RECORDS = 30,
    CHAIN = 4, /* deputies of deputies are followed so far */
    F_N = 0,   /* fields of the type */
    F_UNIT,
    F_PERSON,
    F_LINK,
    F_AUDIENCE,
    F_ROWS,
    FIELDS,
    G_UNIT = 0, /* fields of a row */
    G_PERSON,
    GS,
};

typedef struct NUnit {
    int parent, kind, successor; /* -1: none; kinds: 0 city .. 3 village */
    int64_t id;
} NUnit;
typedef struct NPosting {
    int person, unit, role;
    Day starts, ends; /* DAY_NONE: open */
    int heir;         /* -1 */
    int64_t id;
    bool is_gone; /* a merge took it back before it began */
} NPosting;
typedef struct NDeputy {
    int posting, person;
    Day starts, ends;
} NDeputy;
typedef struct NLoan {
    int unit, target, role;
    Day starts, ends;
} NLoan;

typedef struct Naive {
    World *w;
    const Model *m;
    Day today;
    int kind_ix[4];
    NUnit units[UNITS];
    NPosting postings[POSTINGS];
    int posting_n;
    NDeputy deputies[DEPUTIES];
    int deputy_n;
    NLoan loans[LOANS];
    int loan_n;
    bool disabled[PERSONS];
    Uuid persons[PERSONS];
    Type dummy; /* of `me.dummy` */
    Field fields[FIELDS], subs[GS];
    Type type;
    State states[STATES];
    const Expr *when[4]; /* 0: none */
} Naive;

static int below(int n)
{
    return (int)test_below((uint64_t)n);
}

static void put_sql(Naive *x, Str text)
{
    world_sql(x->w, str_z(x->w->a, text));
}

static Str day_sql(Arena *a, Day d)
{
    return d == DAY_NONE ? S("NULL") : str_fmt(a, "%d", d);
}

/* ---- throwing a world ---- */

static void throw_units(Naive *x)
{
    static const char *const levels[] = {"city", "county", "town", "village"};
    Buf csv = {.arena = x->w->a};
    for (int i = 0; i < 4; i++)
        x->kind_ix[i] = model_unit_kind(x->m, str_of(levels[i]))->ix;
    for (int i = 0; i < UNITS; i++) {
        NUnit *u = &x->units[i];
        *u = (NUnit){.parent = -1, .kind = i ? 1 + below(3) : 0, .successor = -1};
        while (i && (u->parent < 0 || x->units[u->parent].kind >= u->kind)) {
            u->parent = below(i);
            if (x->units[u->parent].kind == 3)
                u->parent = -1;
            else if (x->units[u->parent].kind >= u->kind)
                u->kind = x->units[u->parent].kind + 1;
        }
        buf_fmt(&csv, "u%d,Unit %d,%s,", i, i, levels[u->kind]);
        if (i)
            buf_fmt(&csv, "u%d", u->parent);
        buf_byte(&csv, '\n');
    }
    buf_byte(&csv, '\0');
    world_import(x->w, csv.p);
    Look l = world_look(x->w);
    for (int i = 0; i < UNITS; i++)
        x->units[i].id = tree_unit_coded(l.tree, str_fmt(x->w->a, "u%d", i))->id;
    world_close(x->w, &l);
}

static int role_at(Naive *x, int kind)
{
    int role;
    do {
        role = below(x->m->role_n);
    } while (!(x->m->roles[role].at >> x->kind_ix[kind] & 1));
    return role;
}

static bool overlaps(const Naive *x, const NPosting *p)
{
    for (int i = 0; i < x->posting_n; i++) {
        const NPosting *o = &x->postings[i];
        if (o->person == p->person && o->unit == p->unit && o->role == p->role)
            return true;
    }
    return false;
}

static void throw_postings(Naive *x)
{
    Arena *a = x->w->a;
    for (int i = 0; i < POSTINGS; i++) {
        NPosting p = {.person = i ? below(PERSONS) : 0, .unit = i ? below(UNITS) : 0, .heir = -1};
        p.role = i ? role_at(x, x->units[p.unit].kind) : access_root_role(x->m, x->kind_ix[0]);
        int kind = i ? below(6) : 5; /* over, future, from a day to a day, open */
        p.starts = x->today - 20 + (kind == 1 ? 21 + below(5) : below(15));
        p.ends = kind == 0 ? p.starts + below(5) : kind == 2 ? x->today + below(4) : DAY_NONE;
        if (overlaps(x, &p))
            continue;
        Staff in = {.starts = p.starts, .ends = p.ends};
        REQUIRE_OK(world_staff_by(x->w, NULL, str_z(a, str_fmt(a, "p%02d", p.person)),
                                  str_z(a, x->m->roles[p.role].name),
                                  str_z(a, str_fmt(a, "u%d", p.unit)), &in),
                   x->w->e);
        p.id = world_ask(x->w, "SELECT max(id) FROM posting");
        x->postings[x->posting_n++] = p;
    }
    for (int i = 0; i < x->posting_n; i++)
        if (below(3) == 0 && i + 1 < x->posting_n) { /* later ones only: no circle */
            x->postings[i].heir = i + 1 + below(x->posting_n - i - 1);
            put_sql(x, str_fmt(a, "UPDATE posting SET heir = %lld WHERE id = %lld",
                               (long long)x->postings[x->postings[i].heir].id,
                               (long long)x->postings[i].id));
        }
}

static void throw_rest(Naive *x)
{
    Arena *a = x->w->a;
    for (int i = 0; i < DEPUTIES; i++) { /* circles, too: they are bounded */
        NDeputy d = {below(x->posting_n), below(PERSONS), x->today - 3 + below(5), 0};
        d.ends = d.starts + below(6);
        Str by = str_fmt(a, "p%02d", d.person);
        if (x->postings[d.posting].person == d.person ||
            !world_ask(x->w, str_z(a, str_fmt(a, "SELECT count(*) FROM account WHERE name = '%.*s'",
                                              STR_ARG(by)))))
            continue;
        put_sql(x, str_fmt(a,
                           "INSERT INTO deputy(id, posting, person, starts, ends, by_account) "
                           "SELECT %d, %lld, person, %d, %d, 0 FROM account WHERE name = '%.*s'",
                           i + 1, (long long)x->postings[d.posting].id, d.starts, d.ends,
                           STR_ARG(by)));
        x->deputies[x->deputy_n++] = d;
    }
    for (int i = 0; i < LOANS; i++) {
        NLoan n = {below(UNITS), below(UNITS), 0, x->today - 2 + below(4), DAY_NONE};
        n.role = role_at(x, x->units[n.unit].kind);
        n.ends = below(2) ? DAY_NONE : n.starts + below(3);
        put_sql(x,
                str_fmt(a,
                        "INSERT INTO reach(id, unit, target, role, starts, ends) "
                        "VALUES (%d, %lld, %lld, '%.*s', %d, %.*s)",
                        i + 1, (long long)x->units[n.unit].id, (long long)x->units[n.target].id,
                        STR_ARG(x->m->roles[n.role].name), n.starts, STR_ARG(day_sql(a, n.ends))));
        x->loans[x->loan_n++] = n;
    }
    for (int i = 1; i < PERSONS; i++)
        if (below(5) == 0) {
            x->disabled[i] = true;
            put_sql(x, str_fmt(a, "UPDATE account SET disabled = 1 WHERE name = 'p%02d'", i));
        }
}

static bool is_over(const Naive *x, int unit, int above)
{
    for (int u = unit; u >= 0; u = x->units[u].parent)
        if (u == above)
            return true;
    return false;
}

static void merge(Naive *x, int from, int into)
{
    Arena *a = x->w->a;
    Merge in = {.from_code = str_fmt(a, "u%d", from), .into_code = str_fmt(a, "u%d", into)};
    Look l = world_look(x->w);
    REQUIRE_OK(access_prepare_merge(x->w->access, a, l.tx, NULL, &in, x->w->e), x->w->e);
    world_close(x->w, &l);
    REQUIRE_OK(world_do(x->w, access_apply_merge, &in), x->w->e);
    x->units[from].parent = x->units[from].successor = into;
    for (int i = 0; i < x->posting_n; i++) {
        NPosting *p = &x->postings[i];
        if (p->unit != from)
            continue;
        if (p->starts > x->today)
            p->is_gone = true;
        else if (p->ends == DAY_NONE || p->ends > x->today)
            p->ends = x->today;
    }
    for (int i = 0; i < x->loan_n; i++)
        if (x->loans[i].unit == from &&
            (x->loans[i].ends == DAY_NONE || x->loans[i].ends >= x->today))
            x->loans[i].unit = into;
    for (int i = 0; i < x->posting_n; i++)
        if (x->postings[i].heir >= 0 && x->postings[x->postings[i].heir].is_gone)
            x->postings[i].heir = -1;
    for (int i = 0; i < x->deputy_n; i++)
        if (x->postings[x->deputies[i].posting].is_gone)
            x->deputies[i--] = x->deputies[--x->deputy_n];
}

static int throw_merges(Naive *x)
{
    int done = 0;
    for (int i = 0; i < 40 && done < 4; i++) {
        int from = 1 + below(UNITS - 1), into = 1 + below(UNITS - 1);
        if (from == into || x->units[from].kind != x->units[into].kind ||
            x->units[from].successor >= 0 || x->units[into].successor >= 0 ||
            is_over(x, into, from))
            continue;
        merge(x, from, into);
        done++;
    }
    return done;
}

/* ---- the naive model ---- */

static bool on_days(const Naive *x, Day starts, Day ends)
{
    return starts <= x->today && (ends == DAY_NONE || ends >= x->today);
}

static bool is_dated(const Naive *x, int p)
{
    return !x->postings[p].is_gone && on_days(x, x->postings[p].starts, x->postings[p].ends);
}

static bool is_live(const Naive *x, int p)
{
    return is_dated(x, p) && !x->disabled[x->postings[p].person];
}

/* Does he act for a posting, at `depth` deputies' distance or less. */
static bool acts_for(const Naive *x, int person, int p, int depth)
{
    if (depth == 0 || !is_live(x, p))
        return false;
    for (int i = 0; i < x->deputy_n; i++) {
        const NDeputy *d = &x->deputies[i];
        if (d->posting != p || !on_days(x, d->starts, d->ends))
            continue;
        if (d->person == person)
            return true;
        for (int q = 0; q < x->posting_n; q++) /* the deputy is away himself */
            if (x->postings[q].person == d->person && acts_for(x, person, q, depth - 1))
                return true;
    }
    return false;
}

static bool has_post(const Naive *x, int person, int p)
{
    const NPosting *n = &x->postings[p];
    if (n->person == person)
        return is_dated(x, p);
    return acts_for(x, person, p, CHAIN);
}

static bool sits_at(const Naive *x, int role, int unit)
{
    return x->m->roles[role].at >> x->kind_ix[x->units[unit].kind] & 1;
}

static void falls(const Naive *x, int *unit, int *role)
{
    const NUnit *u = &x->units[*unit];
    if (u->successor >= 0) { /* the same role where it was merged into, in the end */
        while (x->units[*unit].successor >= 0)
            *unit = x->units[*unit].successor;
        return;
    }
    for (int ro = x->m->roles[*role].falls_to, i = 0; i <= x->m->role_n && u->parent >= 0;
         ro = x->m->roles[ro].falls_to, i++)
        for (int up = u->parent; up >= 0; up = x->units[up].parent)
            if (x->units[up].successor < 0 && sits_at(x, ro, up)) {
                *unit = up;
                *role = ro;
                return;
            }
    *unit = 0;
    *role = access_root_role(x->m, x->kind_ix[0]);
}

/* Which postings answer for one: a set by index. */
static uint32_t answers(const Naive *x, int p)
{
    while (!is_live(x, p) && x->postings[p].heir >= 0)
        p = x->postings[p].heir;
    if (is_live(x, p))
        return UINT32_C(1) << p;
    int unit = x->postings[p].unit, role = x->postings[p].role;
    for (int i = 0; i < 40; i++) {
        uint32_t set = 0;
        for (int q = 0; q < x->posting_n; q++)
            if (is_live(x, q) && x->postings[q].unit == unit && x->postings[q].role == role)
                set |= UINT32_C(1) << q;
        if (set)
            return set;
        falls(x, &unit, &role);
    }
    return 0;
}

static bool merged_into(const Naive *x, int unit, int into)
{
    for (int u = unit; u >= 0; u = x->units[u].successor)
        if (u == into)
            return true;
    return false;
}

typedef struct NRecord {
    int unit, state, author, posting;                                         /* author: person */
    int via_unit, via_person, row_unit, row_person, aud_role[2], aud_unit[2]; /* -1: none */
    int64_t n;                                                                /* -1: absent */
    Uuid link;
    bool is_odd; /* its author never held its posting */
    Value values[FIELDS], row_values[GS];
    Row row;
} NRecord;

static bool stands(const Naive *x, int person, const NRecord *r)
{
    bool wrote = x->postings[r->posting].person == r->author;
    for (int i = 0; i < x->deputy_n; i++)
        wrote =
            wrote || (x->deputies[i].posting == r->posting && x->deputies[i].person == r->author);
    if (!wrote)
        return false; /* nobody answers for what nobody wrote there */
    uint32_t set = answers(x, r->posting);
    for (int p = 0; p < x->posting_n; p++)
        if ((set >> p & 1) && has_post(x, person, p))
            return true;
    return false;
}

static bool condition(const Naive *x, const Who *w, const NRecord *r)
{
    return w->when == NULL         ? true
           : w->when == x->when[1] ? r->n > 2
           : w->when == x->when[2] ? !(r->n > 2)
                                   : r->n < 0;
}

static bool by_post(const Naive *x, const Who *w, const NRecord *r, int p)
{
    const NPosting *n = &x->postings[p];
    if (w->kind == WHO_AUDIENCE) {
        for (int i = 0; i < 2; i++)
            if (r->aud_unit[i] >= 0 && r->aud_role[i] == n->role &&
                (is_over(x, n->unit, r->aud_unit[i]) || merged_into(x, r->aud_unit[i], n->unit)))
                return true;
        return false;
    }
    if (n->role != w->role)
        return false;
    int named = w->via && w->via->rows ? r->row_unit : r->via_unit;
    switch (w->kind) {
    case WHO_ROLE:
        return is_over(x, r->unit, n->unit);
    case WHO_ROLE_HERE:
        return merged_into(x, r->unit, n->unit);
    case WHO_ROLE_BELOW:
        return is_over(x, n->unit, r->unit);
    case WHO_ROLE_VIA:
        return named >= 0 && merged_into(x, named, n->unit);
    case WHO_ROLE_REACH:
        for (int i = 0; i < x->loan_n; i++)
            if (x->loans[i].unit == n->unit && x->loans[i].role == n->role &&
                on_days(x, x->loans[i].starts, x->loans[i].ends) &&
                merged_into(x, r->unit, x->loans[i].target))
                return true;
        return false;
    default:
        return false;
    }
}

static bool naive_may(const Naive *x, int person, Uuid mine, const Who *terms, int n,
                      const NRecord *r)
{
    for (int i = 0; i < n; i++) {
        const Who *w = &terms[i];
        if (!condition(x, w, r))
            continue;
        if (w->kind == WHO_PUBLIC || (w->kind == WHO_AUTHOR && stands(x, person, r)))
            return true;
        for (int p = 0; p < x->posting_n; p++) {
            if (!has_post(x, person, p))
                continue;
            int named = w->via && w->via->rows ? r->row_person : r->via_person;
            if (by_post(x, w, r, p) || (w->kind == WHO_ME_VIA && named == person) ||
                (w->kind == WHO_ME_TYPE_VIA && uuid_eq(r->link, mine)))
                return true;
        }
    }
    return false;
}

/* ---- types, terms, records ---- */

static void make_type(Naive *x)
{
    static const KindId kinds[] = {KIND_INT,  KIND_UNIT,     KIND_PERSON,
                                   KIND_LINK, KIND_AUDIENCE, KIND_ROWS};
    static const char *const names[] = {"n", "place", "who", "house", "invited", "lines"};
    for (int i = 0; i < FIELDS; i++)
        x->fields[i] = (Field){.name = str_of(names[i]), .kind = kinds[i], .ix = i, .many = 1};
    x->subs[G_UNIT] = (Field){.name = S("row_place"), .kind = KIND_UNIT, .ix = G_UNIT};
    x->subs[G_PERSON] = (Field){.name = S("row_who"), .kind = KIND_PERSON, .ix = G_PERSON};
    for (int i = 0; i < GS; i++)
        x->subs[i].rows = &x->fields[F_ROWS];
    x->fields[F_ROWS].fields = x->subs;
    x->fields[F_ROWS].field_n = GS;
    x->type = (Type){.name = S("thing"),
                     .fields = x->fields,
                     .field_n = FIELDS,
                     .states = x->states,
                     .state_n = STATES,
                     .at = 15};
    for (int i = 0; i < STATES; i++)
        x->states[i] = (State){.ix = i, .name = str_fmt(x->w->a, "s%d", i)};
    static const char *const texts[] = {NULL, "n > 2", "not n > 2", "n is empty"};
    for (int i = 1; i < 4; i++)
        REQUIRE_OK(
            expr_parse(x->w->a, x->m, &x->type, NULL, str_of(texts[i]), &x->when[i], x->w->e),
            x->w->e);
}

static int role_in_use(Naive *x)
{
    return x->postings[below(x->posting_n)].role;
}

static Who throw_term(Naive *x)
{
    Who w = {.kind = (WhoKind)below(WHO_PUBLIC + 1), .role = -1};
    if (w.kind == WHO_PUBLIC && below(4))
        w.kind = WHO_ROLE; /* seldom: it hides all else */
    bool is_row = below(2);
    switch (w.kind) {
    case WHO_ROLE:
    case WHO_ROLE_HERE:
    case WHO_ROLE_BELOW:
    case WHO_ROLE_REACH:
        w.role = role_in_use(x);
        break;
    case WHO_ROLE_VIA:
        w.role = role_in_use(x);
        w.via = is_row ? &x->subs[G_UNIT] : &x->fields[F_UNIT];
        break;
    case WHO_ME_VIA:
        w.via = is_row ? &x->subs[G_PERSON] : &x->fields[F_PERSON];
        break;
    case WHO_ME_TYPE_VIA:
        w.via = &x->fields[F_LINK];
        w.me_type = &x->dummy;
        break;
    case WHO_AUDIENCE:
        w.via = &x->fields[F_AUDIENCE];
        break;
    default:
        break;
    }
    w.when = below(3) ? NULL : x->when[1 + below(3)];
    return w;
}

static const Who *throw_terms(Naive *x, int *ret_n)
{
    int n = below(5);
    Who *list = NEW_N(x->w->a, Who, 5);
    for (int i = 0; i < n; i++)
        list[i] = throw_term(x);
    *ret_n = n;
    return list;
}

static Uuid mine_of(int person)
{
    return (Uuid){{9, (uint8_t)person}};
}

static Value id_value(Arena *a, Uuid id)
{
    return (Value){.tag = VALUE_BLOB, .s = {arena_copy(a, id.b, 16), 16}};
}

static void throw_record(Naive *x, NRecord *r)
{
    Arena *a = x->w->a;
    *r = (NRecord){.unit = below(UNITS),
                   .state = below(STATES),
                   .posting = below(x->posting_n),
                   .via_unit = below(UNITS + 2) - 2,
                   .via_person = below(PERSONS + 2) - 2,
                   .row_unit = below(UNITS + 2) - 2,
                   .row_person = below(PERSONS + 2) - 2,
                   .n = below(6) - 1,
                   .aud_unit = {below(UNITS + 1) - 1, below(UNITS + 1) - 1},
                   .aud_role = {role_in_use(x), role_in_use(x)},
                   .link = mine_of(below(PERSONS))};
    r->author = x->postings[r->posting].person;
    if (below(3) == 0 && x->deputy_n) { /* as a deputy wrote it */
        const NDeputy *d = &x->deputies[below(x->deputy_n)];
        r->posting = d->posting;
        r->author = d->person;
    } else if (below(6) == 0) {
        r->author = below(PERSONS); /* as nobody could: then nobody is its author */
        r->is_odd = true;
    }
    while (x->postings[r->posting].is_gone) {
        r->posting = below(x->posting_n);
        r->author = x->postings[r->posting].person;
        r->is_odd = false;
    }
    Value *v = r->values;
    if (r->n >= 0)
        v[F_N] = (Value){.tag = VALUE_INT, .i = r->n};
    if (r->via_unit >= 0)
        v[F_UNIT] = (Value){.tag = VALUE_INT, .i = x->units[r->via_unit].id};
    if (r->via_person >= 0)
        v[F_PERSON] = id_value(a, x->persons[r->via_person]);
    v[F_LINK] = id_value(a, r->link);
    Buf b = {.arena = a};
    for (int i = 0; i < 2; i++)
        if (r->aud_unit[i] >= 0)
            buf_fmt(&b, "%s%.*s@%lld", b.n ? " " : "", STR_ARG(x->m->roles[r->aud_role[i]].name),
                    (long long)x->units[r->aud_unit[i]].id);
    if (b.n)
        v[F_AUDIENCE] = (Value){.tag = VALUE_TEXT, .s = buf_view(&b)};
    if (r->row_unit >= 0)
        r->row_values[G_UNIT] = (Value){.tag = VALUE_INT, .i = x->units[r->row_unit].id};
    if (r->row_person >= 0)
        r->row_values[G_PERSON] = id_value(a, x->persons[r->row_person]);
    r->row = (Row){.values = r->row_values, .value_n = GS};
    v[F_ROWS] = (Value){.tag = VALUE_ROWS, .i = 1, .rows = &r->row};
}

static Subject subject(const Naive *x, const Tree *t, const NRecord *r)
{
    return (Subject){.type = &x->type,
                     .state = r->state,
                     .values = r->values,
                     .unit_ix = tree_unit(t, x->units[r->unit].id)->ix,
                     .author = x->persons[r->author],
                     .posting = x->postings[r->posting].id};
}

/* ---- the comparison ---- */

typedef struct Count {
    int yes, no, told;
} Count;

static void ask_all(Naive *x, Look *l, Reader *readers, const bool *is_reader,
                    const NRecord *records, Count *c)
{
    Arena *a = x->w->a;
    Action act = {.kind = ACTION_OTHER, .from = (uint32_t)(1 + below(7))};
    act.by = throw_terms(x, &act.by_n);
    Action make = {.kind = ACTION_CREATE, .by = act.by, .by_n = act.by_n};
    for (int p = 0; p < PERSONS; p++) {
        if (!is_reader[p])
            continue;
        Arms see = access_see(a, &readers[p], &x->type);
        Arms may = access_do(a, &readers[p], &x->type, &act);
        Arms new = access_do(a, &readers[p], &x->type, &make);
        for (int i = 0; i < RECORDS; i++) {
            const NRecord *r = &records[i];
            Subject s = subject(x, l->tree, r);
            const State *st = &x->states[r->state];
            bool sees = access_may(&readers[p], see, &s) != NULL;
            bool does = access_may(&readers[p], may, &s) != NULL;
            bool news = access_may(&readers[p], new, &s) != NULL;
            bool by = naive_may(x, p, mine_of(p), act.by, act.by_n, r);
            if (sees != naive_may(x, p, mine_of(p), st->see, st->see_n, r)) {
                const Arm *arm = access_may(&readers[p], see, &s);
                test_note("record %d of posting %d (unit u%d, state %d) by p%02d, for p%02d", i,
                          r->posting, r->unit, r->state, r->author, p);
                if (arm)
                    test_note("arm: column %d, kind %d", arm->column, arm->rule->kind);
                for (int k = 0; k < st->see_n; k++)
                    if (naive_may(x, p, mine_of(p), &st->see[k], 1, r))
                        test_note("naive: kind %d", st->see[k].kind);
            }
            REQUIRE(sees == naive_may(x, p, mine_of(p), st->see, st->see_n, r));
            REQUIRE(does == ((act.from >> r->state & 1) && by));
            REQUIRE(news == (x->units[r->unit].successor < 0 && by));
            *(sees ? &c->yes : &c->no) += 1;
        }
    }
}

/* Who is told to see it may; who may is told, by name or by the rule (but authors' and `me.TYPE`
 * terms name one of those who answer, or the rule alone). */
static void ask_sights(Naive *x, Look *l, Reader *readers, const bool *is_reader,
                       const NRecord *records, Count *c)
{
    for (int i = 0; i < RECORDS; i++) {
        if (records[i].is_odd)
            continue;
        Subject s = subject(x, l->tree, &records[i]);
        bool is_exact = true;
        const State *st = &x->states[s.state];
        for (int k = 0; k < st->see_n; k++)
            is_exact =
                is_exact && st->see[k].kind != WHO_AUTHOR && st->see[k].kind != WHO_ME_TYPE_VIA;
        for (int p = 0; p < PERSONS; p++) {
            if (!is_reader[p])
                continue;
            Sight *list;
            int n;
            bool is_told = false;
            REQUIRE_OK(access_who_sees(x->w->access, x->w->a, l->tx, &readers[p], &s, S("A"), &list,
                                       &n, x->w->e),
                       x->w->e);
            for (int k = 0; k < n; k++)
                is_told = is_told || list[k].is_me;
            bool may = access_may(&readers[p], access_see(x->w->a, &readers[p], &x->type), &s);
            if (is_told)
                EXPECT(may);
            if (is_exact)
                EXPECT(is_told == may);
            c->told += is_told;
        }
    }
}

static void ask_owners(Naive *x, Look *l)
{
    for (int p = 0; p < x->posting_n; p++) {
        if (x->postings[p].is_gone)
            continue;
        Member m;
        uint32_t set = answers(x, p);
        int rc = access_owner(x->w->a, l->tx, l->tree, x->m, x->postings[p].id, 0, x->today, &m,
                              x->w->e);
        if (!set) {
            EXPECT_ERR(rc, ERR_STATE, x->w->e);
            continue;
        }
        REQUIRE_OK(rc, x->w->e);
        bool is_one = false;
        for (int q = 0; q < x->posting_n; q++)
            is_one =
                is_one || ((set >> q & 1) && uuid_eq(m.person, x->persons[x->postings[q].person]) &&
                           l->tree->units[m.unit_ix].id == x->units[x->postings[q].unit].id);
        if (!is_one)
            test_note("posting %lld of u%d, role %d, heir %d; told: %.*s at %.*s, set %x",
                      (long long)x->postings[p].id, x->postings[p].unit, x->postings[p].role,
                      x->postings[p].heir, STR_ARG(m.name), STR_ARG(l->tree->units[m.unit_ix].code),
                      (unsigned)set);
        for (int q = 0; q < x->posting_n && !is_one; q++)
            if (set >> q & 1)
                test_note("q %d: %lld p%02d u%d role %d", q, (long long)x->postings[q].id,
                          x->postings[q].person, x->postings[q].unit, x->postings[q].role);
        REQUIRE(is_one);
    }
}

static void throw_world(Naive *x)
{
    throw_units(x);
    throw_postings(x);
    throw_rest(x);
    (void)throw_merges(x);
    make_type(x);
}

static void one_world(Naive *x, Count *c)
{
    Arena *a = x->w->a;
    throw_world(x);
    Reader readers[PERSONS];
    bool is_reader[PERSONS] = {false};
    Look l = world_look(x->w);
    for (int p = 0; p < PERSONS; p++) {
        Account acc;
        REQUIRE_OK(access_find_account(a, l.tx, str_fmt(a, "p%02d", p), &acc, x->w->e), x->w->e);
        x->persons[p] = acc.id ? acc.person : (Uuid){{77, (uint8_t)p}};
        is_reader[p] = acc.id && !x->disabled[p];
        if (!is_reader[p])
            continue;
        REQUIRE_OK(
            access_reader_account(x->w->access, a, l.tx, l.tree, acc.name, &readers[p], x->w->e),
            x->w->e);
        Mine *mine = NEW(a, Mine);
        *mine = (Mine){&x->dummy, mine_of(p)};
        readers[p].mine = mine;
        readers[p].mine_n = 1;
    }
    NRecord *records = NEW_N(a, NRecord, RECORDS);
    for (int i = 0; i < RECORDS; i++)
        throw_record(x, &records[i]);
    for (int t = 0; t < TYPES; t++) {
        for (int i = 0; i < STATES; i++)
            x->states[i].see = throw_terms(x, &x->states[i].see_n);
        ask_all(x, &l, readers, is_reader, records, c);
        if (t == 0)
            ask_sights(x, &l, readers, is_reader, records, c);
    }
    ask_owners(x, &l);
    world_close(x->w, &l);
}

static void worlds(Engine engine)
{
    Count c = {0};
    for (int i = 0; i < WORLDS; i++) {
        World w;
        Naive *x = calloc(1, sizeof *x);
        world_begin(&w, engine);
        x->w = &w;
        x->m = w.model;
        x->today = env_today(w.t.env);
        one_world(x, &c);
        world_end(&w);
        free(x);
    }
    test_note("%d may, %d may not, %d told; STAVE_SEED=%" PRIu64, c.yes, c.no, c.told, test_seed());
    EXPECT(c.yes > 100 && c.no > 1000 && c.told > 5);
}

TEST(who_may_is_what_the_naive_model_says_sqlite)
{
    worlds(ENGINE_SQLITE);
}

TEST(who_may_is_what_the_naive_model_says_pg)
{
    worlds(ENGINE_PG);
}
