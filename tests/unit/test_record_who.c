/* test_record_who.c: every list is exactly what one may see, for every kind of who-term.
 *
 * Types of the test's own use all terms: author (deputies too), role, here, below, reach, via a
 * unit
 * field, me via a person field, me.TYPE via a link and via links, all of these through rows,
 * audience, conditions, parts. Records, states and readers are drawn from the printed seed. Four
 * things must agree: a naive rule written here anew that runs over everything, record_get one by
 * one, the lists page by page both ways with their counts, and what search finds. "Absent" and
 * "not yours" are one
 * answer. */
#include "test_record_util.h"

static const char model_text[] =
    "type: plot\n"
    "label: {zh: 地块, en: Plot}\n"
    "at: village\n"
    "fields:\n"
    "  name:  {is: text, label: {zh: 名称, en: Name}, required: yes, max: 20, find: name}\n"
    "  born:  {is: int, label: {zh: 出生年, en: Born}, index: yes}\n"
    "  owner: {is: person, label: {zh: 主人, en: Owner}}\n"
    "me: owner\n"
    "states:\n"
    "  kept: {label: {zh: 在册, en: Kept}, see: [first_secretary here, public]}\n"
    "  gone: {label: {zh: 作废, en: Gone}, end: void, see: [public]}\n"
    "actions:\n"
    "  create: {label: {zh: 登记, en: Enter}, to: kept, by: [first_secretary here]}\n"
    "  drop:   {label: {zh: 作废, en: Drop}, from: kept, to: gone, by: [first_secretary here]}\n";
static const char matter_text[] =
    "type: matter\n"
    "label: {zh: 事项, en: Matter}\n"
    "at: [town, village]\n"
    "dated: day\n"
    "fields:\n"
    "  day:   {is: date, label: {zh: 日期, en: Day}, required: yes}\n"
    "  level: {is: choice, label: {zh: 范围, en: Level}, of: {open: 公开, quiet: 不公开}}\n"
    "  dept:  {is: unit, label: {zh: 部门, en: Department}}\n"
    "  who:   {is: person, label: {zh: 经办, en: Who}}\n"
    "  plot:  {is: link, label: {zh: 地块, en: Plot}, to: plot}\n"
    "  seen:  {is: links, label: {zh: 涉及, en: Seen}, to: plot}\n"
    "  invited: {is: audience, label: {zh: 范围, en: Invited}}\n"
    "  about:   {is: text, label: {zh: 说明, en: About}, max: 40, find: yes}\n"
    "  lines:\n"
    "    is: rows\n"
    "    label: {zh: 明细, en: Lines}\n"
    "    of:\n"
    "      helper: {is: person, label: {zh: 帮手, en: Helper}}\n"
    "      place:  {is: unit, label: {zh: 地方, en: Place}}\n"
    "      plot:   {is: link, label: {zh: 地块, en: Plot}, to: plot}\n"
    "      word:   {is: text, label: {zh: 词, en: Word}, max: 40, find: yes}\n"
    "states:\n"
    "  one:   {label: {zh: 一, en: One}, see: [author, town_office when level = open]}\n"
    "  two:   {label: {zh: 二, en: Two}, see: [author, town_office, me via who, me via "
    "lines.helper]}\n"
    "  three: {label: {zh: 三, en: Three}, see: [county_office, audience, me.plot via plot, "
    "team_member via lines.place]}\n"
    "  four:  {label: {zh: 四, en: Four}, end: done, see: [first_secretary below, team_member "
    "reach, "
    "town_office via dept, me.plot via seen, me.plot via lines.plot]}\n"
    "  five:  {label: {zh: 五, en: Five}, end: void, see: [author when level = quiet, audience, "
    "first_secretary here]}\n"
    "actions:\n"
    "  create: {label: {zh: 新建, en: Create}, to: one, by: [town_office here, first_secretary "
    "here, "
    "team_member here]}\n"
    "  two:   {label: {zh: 到二, en: To two}, from: one, to: two, by: author}\n"
    "  three: {label: {zh: 到三, en: To three}, from: one, to: three, by: author}\n"
    "  four:  {label: {zh: 到四, en: To four}, from: one, to: four, by: author}\n"
    "  five:  {label: {zh: 到五, en: To five}, from: one, to: five, by: author}\n";
static const char step_text[] =
    "type: step\n"
    "label: {zh: 步骤, en: Step}\n"
    "part_of: matter\n"
    "fields:\n"
    "  note: {is: text, label: {zh: 内容, en: Note}, max: 40, find: yes}\n"
    "  doer: {is: person, label: {zh: 谁做, en: Doer}}\n"
    "states:\n"
    "  todo: {label: {zh: 要做, en: To do}, see: [me via doer]}\n"
    "  done: {label: {zh: 做完, en: Done}, end: done, see: [author]}\n"
    "actions:\n"
    "  create: {label: {zh: 加一步, en: Add}, to: todo, by: [town_office, first_secretary here, "
    "team_member here, county_office]}\n"
    "  finish: {label: {zh: 做完, en: Finish}, from: todo, to: done, by: author}\n";

enum { READERS = 10, ALL_MAX = 400 };
static const char *const names[READERS] = {"county", "town1", "town2", "fs111", "tm111",
                                           "fs112",  "fs121", "five",  "aide",  "looker"};
static const char *const codes[] = {"100", "110", "111", "112", "120", "121", "122"};

typedef struct Case {
    County w;
    const Type *plot, *matter, *step;
    Uuid persons[READERS];
    Record *all; /* of the type asked about, newest first */
    int n;
    Record *matters; /* wholes of steps */
    int matter_n;
    int found; /* by search, all told */
} Case;

/* ---- making ---- */

static int run_script(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, *(Str *)arg, e);
}

static Reader *reader_of(Case *c, Tx *tx, const char *name)
{
    County *w = &c->w;
    Reader *r = NEW(w->a, Reader);
    *r = county_reader(w, tx, name);
    REQUIRE_OK(record_fill_mine(w->records, w->a, tx, r, w->e), w->e);
    return r;
}

static int write_one(Case *c, const char *who, const RecordInput *given, Err *e)
{
    County *w = &c->w;
    Tx *tx = county_tx(w);
    Reader *r = reader_of(c, tx, who);
    RecordInput in = *given;
    Change *change;
    int rc = record_prepare(w->records, w->a, tx, r, &in, &change, e);
    tx_end(tx);
    return rc < 0 ? rc : store_write(w->store, NULL, record_apply, change, e);
}

static Str id_text(Case *c, Uuid id)
{
    return uuid_text(c->w.a, id);
}

static Str some_person(Case *c)
{
    return id_text(c, c->persons[test_below(READERS)]);
}

static Str some_code(void)
{
    return str_of(codes[test_below(LEN(codes))]);
}

static Str some_plots(Case *c, const Uuid *plots, int n, int most)
{
    Buf b = {.arena = c->w.a};
    int first = (int)test_below((uint64_t)n);
    for (int i = 0; i < most; i++)
        buf_fmt(&b, "%s%.*s", i ? "," : "", STR_ARG(id_text(c, plots[(first + i) % n])));
    return buf_view(&b);
}

static int make_plots(Case *c, Uuid *ids)
{
    static const char *const who[] = {"fs111", "fs112", "fs121", "five"};
    int n = 0;
    for (int i = 0; i < 16; i++) {
        FieldInput f[] = {{.name = S("name"), .text = str_fmt(c->w.a, "单家%d", i)},
                          {.name = S("born"), .text = str_fmt(c->w.a, "%d", 1950 + i)},
                          {.name = S("owner"), .text = some_person(c)}};
        ids[n] = county_new_id(&c->w);
        RecordInput in = {.type = c->plot,
                          .id = ids[n++],
                          .action = c->plot->create,
                          .unit_ix = -1,
                          .as_role = S("first_secretary"),
                          .fields = f,
                          .field_n = LEN(f)};
        Err e = err_on(c->w.a);
        const char *by = who[test_below(LEN(who))];
        if (!strcmp(by, "five"))
            in.unit_ix = tree_unit_coded(c->w.tree, S("122"))->ix;
        REQUIRE_OK(write_one(c, by, &in, &e), &e);
    }
    return n;
}

static Str some_words(void)
{
    static const char *const words[] = {"看水渠", "收玉米", "玉米地边的水渠", "去看看"};
    return str_of(words[test_below(LEN(words))]);
}

static Str some_audience(Case *c)
{
    static const char *const roles[] = {"town_office", "first_secretary", "team_member"};
    Buf b = {.arena = c->w.a};
    for (uint64_t i = 0, n = 1 + test_below(2); i < n; i++)
        buf_fmt(&b, "%s%s@%s", i ? ", " : "", roles[(i + test_below(2)) % 3],
                codes[test_below(LEN(codes))]);
    return buf_view(&b);
}

static void make_matter(Case *c, const Uuid *plots, int plot_n)
{
    static const char *const writers[] = {"town1", "town2", "fs111", "tm111",
                                          "fs112", "fs121", "five",  "aide"};
    static const char *const moves[] = {"two", "three", "four", "five"};
    Arena *a = c->w.a;
    Day day = env_today(c->w.env) - (Day)test_below(30);
    FieldInput sub[3][4];
    RowInput rows[3];
    int row_n = (int)test_below(4), n = 0;
    for (int i = 0; i < row_n; i++) {
        sub[i][0] = (FieldInput){.name = S("helper"), .text = some_person(c)};
        sub[i][1] = (FieldInput){.name = S("place"), .text = some_code()};
        sub[i][2] = (FieldInput){.name = S("plot"), .text = some_plots(c, plots, plot_n, 1)};
        sub[i][3] = (FieldInput){.name = S("word"), .text = some_words()};
        rows[i] = (RowInput){.fields = sub[i], .field_n = 1 + (int)test_below(4)};
    }
    FieldInput f[9];
    f[n++] = (FieldInput){.name = S("day"), .text = day_text(a, day)};
    if (test_below(4))
        f[n++] = (FieldInput){.name = S("level"), .text = test_below(2) ? S("open") : S("quiet")};
    if (test_below(3))
        f[n++] = (FieldInput){.name = S("dept"), .text = some_code()};
    if (test_below(3))
        f[n++] = (FieldInput){.name = S("who"), .text = some_person(c)};
    if (test_below(3))
        f[n++] = (FieldInput){.name = S("plot"), .text = some_plots(c, plots, plot_n, 1)};
    if (test_below(3))
        f[n++] = (FieldInput){.name = S("seen"),
                              .text = some_plots(c, plots, plot_n, 1 + (int)test_below(3))};
    if (test_below(2))
        f[n++] = (FieldInput){.name = S("invited"), .text = some_audience(c)};
    if (test_below(3))
        f[n++] = (FieldInput){.name = S("about"), .text = some_words()};
    if (row_n)
        f[n++] = (FieldInput){.name = S("lines"), .rows = rows, .row_n = row_n, .is_rows = true};
    const char *by = writers[test_below(LEN(writers))];
    RecordInput in = {.type = c->matter,
                      .id = county_new_id(&c->w),
                      .action = c->matter->create,
                      .unit_ix = -1,
                      .fields = f,
                      .field_n = n};
    if (!strcmp(by, "five")) {
        static const char *const his[] = {"112", "120", "121", "122"};
        const char *at = his[test_below(LEN(his))];
        in.unit_ix = tree_unit_coded(c->w.tree, str_of(at))->ix;
        if (!strcmp(at, "122")) /* two posts of his would fit */
            in.as_role = test_below(2) ? S("first_secretary") : S("team_member");
    }
    if (test_below(6))
        in.then = type_action(c->matter, str_of(moves[test_below(LEN(moves))]));
    Err e = err_on(a);
    REQUIRE_OK(write_one(c, by, &in, &e), &e);
}

static void make_step(Case *c)
{
    static const char *const writers[] = {"county", "town1", "town2", "fs111", "fs121", "tm111"};
    const Record *whole = &c->matters[test_below((uint64_t)c->matter_n)];
    FieldInput f[] = {{.name = S("matter"), .text = id_text(c, whole->id)},
                      {.name = S("note"), .text = some_words()},
                      {.name = S("doer"), .text = some_person(c)}};
    RecordInput in = {.type = c->step,
                      .id = county_new_id(&c->w),
                      .action = c->step->create,
                      .then = test_below(2) ? type_action(c->step, S("finish")) : NULL,
                      .unit_ix = -1,
                      .fields = f,
                      .field_n = 2 + (int)test_below(2)};
    Err e = err_on(c->w.a);
    int rc = write_one(c, writers[test_below(LEN(writers))], &in, &e);
    EXPECT(!rc || rc == ERR_INVALID || rc == ERR_DENIED || rc == ERR_MISSING); /* not his to see */
}

static int take(void *ctx, const Record *rec, Err *e)
{
    (void)e;
    Case *c = ctx;
    REQUIRE(c->n < ALL_MAX);
    Record *to = &c->all[c->n++];
    *to = *rec;
    Value *values = arena_copy(c->w.a, rec->values, ((size_t)rec->type->field_n) * sizeof(Value));
    for (int i = 0; i < rec->type->field_n; i++) {
        if (values[i].tag == VALUE_TEXT || values[i].tag == VALUE_BLOB)
            values[i].s = str_copy(c->w.a, values[i].s);
        if (values[i].tag != VALUE_ROWS)
            continue;
        Row *rows = arena_copy(c->w.a, values[i].rows, (size_t)values[i].i * sizeof(Row));
        for (int64_t k = 0; k < values[i].i; k++) {
            Value *v = arena_copy(c->w.a, rows[k].values, (size_t)rows[k].value_n * sizeof(Value));
            for (int j = 0; j < rows[k].value_n; j++)
                if (v[j].tag == VALUE_BLOB || v[j].tag == VALUE_TEXT)
                    v[j].s = str_copy(c->w.a, v[j].s);
            rows[k].values = v;
        }
        values[i].rows = rows;
    }
    to->values = values;
    return 0;
}

static int by_newest(const void *x, const void *y)
{
    const Record *a = x, *b = y;
    if (a->at_day != b->at_day)
        return a->at_day > b->at_day ? -1 : 1;
    return -uuid_cmp(a->id, b->id);
}

static void read_all(Case *c, const Type *t)
{
    c->all = NEW_N(c->w.a, Record, ALL_MAX);
    c->n = 0;
    Tx *tx = county_tx(&c->w);
    REQUIRE_OK(record_each(c->w.records, tx, c->w.tree, t, -1, take, c, c->w.e), c->w.e);
    tx_end(tx);
    qsort(c->all, (size_t)c->n, sizeof(Record), by_newest);
}

/* ---- the naive rule ---- */

static bool value_has(const Value *v, const void *id)
{
    for (size_t at = 0; v->tag == VALUE_BLOB && at + 16 <= v->s.n; at += 16)
        if (!memcmp(v->s.p + at, id, 16))
            return true;
    return false;
}

/* Any value of a field: its own, or one a row. */
static int values_of(const Record *rec, const Field *f, const Value **ret, int max)
{
    int n = 0;
    if (!f->rows) {
        ret[n++] = &rec->values[f->ix];
        return n;
    }
    const Value *rows = &rec->values[f->rows->ix];
    for (int64_t i = 0; rows->tag == VALUE_ROWS && i < rows->i && n < max; i++)
        ret[n++] = &rows->rows[i].values[f->ix];
    return n;
}

static bool is_above(const Tree *t, int above, int unit)
{
    for (int u = unit; u >= 0; u = t->units[u].parent_ix)
        if (u == above)
            return true;
    return false;
}

static bool when_holds(const Record *rec, const Who *who)
{
    if (!who->when)
        return true; /* the test's conditions are `level = X` alone */
    const Field *level = type_field(rec->type, S("level"));
    const Value *v = &rec->values[level->ix];
    const Choice *c = field_choice(level, who->kind == WHO_AUTHOR ? S("quiet") : S("open"));
    return v->tag == VALUE_INT && v->i == c->number;
}

static bool is_invited(const Reader *r, const Record *rec, const Field *f)
{
    const Value *v = &rec->values[f->ix];
    Str rest = v->tag == VALUE_TEXT ? v->s : S(""), pair, role, unit;
    while (rest.n) {
        (void)str_cut(rest, ' ', &pair, &rest);
        int64_t id = 0;
        EXPECT(str_cut(pair, '@', &role, &unit) && str_i64(unit, &id));
        for (int p = 0; p < r->post_n; p++)
            if (str_eq(r->model->roles[r->posts[p].role].name, role) &&
                is_above(r->tree, tree_unit(r->tree, id)->ix, r->posts[p].unit_ix))
                return true;
    }
    return false;
}

static bool names_his(const Reader *r, const Record *rec, const Who *who)
{
    const Value *list[64];
    int n = values_of(rec, who->via, list, 64);
    for (int i = 0; i < n; i++) {
        if (who->kind == WHO_ME_VIA && value_has(list[i], r->person.b))
            return true;
        for (int m = 0; who->kind == WHO_ME_TYPE_VIA && m < r->mine_n; m++)
            if (r->mine[m].type == who->me_type && value_has(list[i], r->mine[m].id.b))
                return true;
        for (int p = 0; who->kind == WHO_ROLE_VIA && p < r->post_n; p++)
            if (r->posts[p].role == who->role && list[i]->tag == VALUE_INT &&
                list[i]->i == r->tree->units[r->posts[p].unit_ix].id)
                return true;
    }
    return false;
}

static bool post_sees(const Reader *r, const Record *rec, const Who *who, int p)
{
    int at = r->posts[p].unit_ix;
    if (r->posts[p].role != who->role)
        return false;
    switch (who->kind) {
    case WHO_ROLE:
        return is_above(r->tree, at, rec->unit_ix);
    case WHO_ROLE_HERE:
        return at == rec->unit_ix;
    case WHO_ROLE_BELOW:
        return is_above(r->tree, rec->unit_ix, at);
    case WHO_ROLE_REACH: /* the one loan: team_member at 111 reaches 121 */
        return str_eq(r->tree->units[at].code, S("111")) &&
               str_eq(r->tree->units[rec->unit_ix].code, S("121"));
    default:
        return false;
    }
}

static bool term_sees(const Reader *r, const Record *rec, const Who *who)
{
    bool is = who->kind == WHO_PUBLIC;
    for (int i = 0; who->kind == WHO_AUTHOR && i < r->stand_n; i++)
        is = is || (uuid_eq(r->stands[i].author, rec->author) &&
                    r->stands[i].posting == rec->posting);
    for (int p = 0; p < r->post_n; p++)
        is = is || post_sees(r, rec, who, p);
    if (who->kind == WHO_AUDIENCE)
        is = is_invited(r, rec, type_field(rec->type, S("invited")));
    if (who->via && who->kind != WHO_AUDIENCE)
        is = is || names_his(r, rec, who);
    return is && when_holds(rec, who);
}

static bool alone_sees(const Case *c, const Reader *r, const Record *rec)
{
    const State *st = &rec->type->states[rec->state];
    for (int i = 0; i < st->see_n; i++)
        if (term_sees(r, rec, &st->see[i]))
            return true;
    for (int i = 0; rec->type == c->step && i < c->matter_n; i++)
        if (value_has(&rec->values[c->step->part_of->ix], c->matters[i].id.b))
            return alone_sees(c, r, &c->matters[i]);
    return false;
}

static bool naive_sees(const Case *c, const Reader *r, const Record *rec)
{
    return alone_sees(c, r, rec) && (!r->viewer || alone_sees(c, r->viewer, rec));
}

/* ---- comparing ---- */

static bool pages_are(Case *c, Tx *tx, const Reader *r, ListQuery q, const Record *want, int want_n)
{
    County *w = &c->w;
    int at = 0, last_n;
    bool is = true;
    RecordList page;
    do {
        REQUIRE_OK(record_list(w->records, w->a, tx, r, &q, &page, w->e), w->e);
        is = is && !page.is_cut && page.n <= q.limit && at + page.n <= want_n;
        for (int i = 0; is && i < page.n; i++)
            is = uuid_eq(page.items[i].id, want[at + i].id);
        at += page.n;
        q.after = page.next;
    } while (is && str_has(page.next));
    is = is && at == want_n;
    at -= last_n = page.n;
    while (is && str_has(page.prev)) {
        q.after = page.prev;
        q.backwards = true;
        REQUIRE_OK(record_list(w->records, w->a, tx, r, &q, &page, w->e), w->e);
        at -= page.n;
        is = at >= 0;
        for (int i = 0; is && i < page.n; i++)
            is = uuid_eq(page.items[i].id, want[at + i].id);
    }
    return is && at == 0;
}

static bool fits(const Reader *r, const ListQuery *q, const Record *rec)
{
    const Value *list[64];
    int n = q->link ? values_of(rec, q->link, list, 64) : 0;
    bool links = !q->link;
    for (int i = 0; i < n; i++)
        links = links || value_has(list[i], q->link_to.b);
    bool is_of = !q->filter || value_eq(&rec->values[q->filter->ix], &q->filter_value);
    return links && is_of && (!q->states || q->states >> rec->state & 1) &&
           (q->unit_ix < 0 || is_above(r->tree, q->unit_ix, rec->unit_ix)) &&
           (!q->mine || uuid_eq(rec->author, r->person));
}

static ListQuery some_query(Case *c, const Type *t, const Uuid *plots, int plot_n)
{
    ListQuery q = {.type = t,
                   .unit_ix = test_below(2) ? -1 : tree_unit_coded(c->w.tree, some_code())->ix,
                   .states = test_below(2) ? 0 : (uint32_t)test_below(UINT64_C(1) << t->state_n),
                   .mine = !test_below(4),
                   .limit = 1 + (int)test_below(9),
                   .after = STR_NONE};
    const Field *links[] = {type_field(t, S("plot")), type_field(t, S("seen")), NULL};
    if (t == c->matter)
        links[2] = field_sub(type_field(t, S("lines")), S("plot"));
    const Field *link = links[test_below(3)];
    if (t == c->step && !test_below(3)) {
        q.link = t->part_of;
        q.link_to = c->matters[test_below((uint64_t)c->matter_n)].id;
    } else if (link && !test_below(3)) {
        q.link = link;
        q.link_to = plots[test_below((uint64_t)plot_n)];
    }
    if (t == c->matter && !test_below(4)) {
        q.filter = type_field(t, S("level"));
        q.filter_value = (Value){.tag = VALUE_INT, .i = q.filter->choices[test_below(2)].number};
    }
    return q;
}

static bool field_holds(const Record *rec, const char *rows, const char *name, const char *word)
{
    const Field *f = type_field(rec->type, str_of(rows ? rows : name));
    if (f && rows)
        f = field_sub(f, str_of(name));
    const Value *list[64];
    int n = f ? values_of(rec, f, list, 64) : 0;
    for (int i = 0; i < n; i++)
        if (list[i]->tag == VALUE_TEXT && str_find(list[i]->s, str_of(word)) >= 0)
            return true;
    return false;
}

static bool has_word(const Record *rec, const char *word)
{
    /* the initials of every plot's name, in another reading than 单 alone */
    if (!strcmp(word, "sj"))
        return str_eq(rec->type->name, S("plot"));
    return field_holds(rec, NULL, "about", word) || field_holds(rec, NULL, "note", word) ||
           field_holds(rec, NULL, "name", word) || field_holds(rec, "lines", "word", word);
}

static void check_search(Case *c, Tx *tx, const Reader *r, const char *name, const Type *t,
                         const char *first, const char *second)
{
    County *w = &c->w;
    size_t mark = arena_mark(w->a);
    HitGroup *list;
    int n = 0, at = 0, group_n;
    Str q = str_fmt(w->a, "%s %s", first, second);
    REQUIRE_OK(record_search(w->records, w->a, tx, r, q, t, LIMIT_SEARCH_HITS, &list, &group_n,
                             w->e),
               w->e);
    bool is = true;
    for (int i = 0; i < c->n; i++)
        if (naive_sees(c, r, &c->all[i]) && has_word(&c->all[i], first) &&
            has_word(&c->all[i], second) && ++n <= LIMIT_SEARCH_HITS)
            is =
                is && group_n && at < list[0].n && uuid_eq(list[0].hits[at++].rec.id, c->all[i].id);
    c->found += at;
    is = is && (group_n ? list[0].n : 0) == at && (!group_n || list[0].has_more == (n > at));
    if (!EXPECT(is))
        test_note("%s%s searched %.*s for %.*s: %d wanted, %d found", name,
                  r->viewer ? " looked at" : "", STR_ARG(t->name), STR_ARG(q), n,
                  group_n ? list[0].n : 0);
    arena_rewind(w->a, mark);
}

static void check_reader(Case *c, Tx *tx, const Reader *r, const char *name, const Type *t,
                         const Uuid *plots, int plot_n)
{
    County *w = &c->w;
    int seen = 0;
    for (int i = 0; i < c->n; i++) {
        Record *rec;
        Err e = err_on(w->a);
        bool sees = naive_sees(c, r, &c->all[i]);
        int rc = record_get(w->records, w->a, tx, r, t, c->all[i].id, &rec, NULL, &e);
        seen += sees;
        if (!EXPECT_EQ_I64(rc, sees ? 0 : ERR_MISSING))
            test_note("%s %.*s in %.*s", name, STR_ARG(t->name),
                      STR_ARG(t->states[c->all[i].state].name));
        if (!sees)
            EXPECT_STR(e.key, "web.missing");
    }
    check_search(c, tx, r, name, t, "水渠", "");
    check_search(c, tx, r, name, t, "玉米", "水渠");
    check_search(c, tx, r, name, t, "去看看", "");
    check_search(c, tx, r, name, t, "sj", "单家");
    int rounds = w->t->opt.engine == ENGINE_PG ? 8 : 40; /* a round trip a candidate */
    for (int round = 0; round < rounds; round++) {
        ListQuery q = some_query(c, t, plots, plot_n);
        size_t mark = arena_mark(w->a);
        Record *want = NEW_N(w->a, Record, (size_t)c->n + 1);
        int n = 0, count = -1, stop = 1 + (int)test_below(60);
        for (int i = 0; i < c->n; i++)
            if (naive_sees(c, r, &c->all[i]) && fits(r, &q, &c->all[i]))
                want[n++] = c->all[i];
        REQUIRE_OK(record_count(w->records, w->a, tx, r, &q, stop, &count, w->e), w->e);
        if (!EXPECT(pages_are(c, tx, r, q, want, n)) |
            !EXPECT_EQ_I64(count, n < stop ? n : stop))
            test_note("%s%s %.*s states %x unit %d mine %d link %.*s filter %d: %d wanted", name,
                      r->viewer ? " looked at" : "", STR_ARG(t->name), q.states, q.unit_ix, q.mine,
                      STR_ARG(q.link ? q.link->name : S("-")), q.filter != NULL, n);
        arena_rewind(w->a, mark);
    }
    test_note("%s sees %d of %d %.*s", name, seen, c->n, STR_ARG(t->name));
}

static void post_more(Case *c)
{
    County *w = &c->w;
    Day today = env_today(w->env);
    county_post(w, "five", "first_secretary", "112", DAY_NONE, DAY_NONE);
    county_post(w, "five", "town_office", "120", DAY_NONE, DAY_NONE);
    county_post(w, "five", "team_member", "121", DAY_NONE, DAY_NONE);
    county_post(w, "five", "first_secretary", "122", DAY_NONE, DAY_NONE);
    county_post(w, "five", "team_member", "122", DAY_NONE, DAY_NONE);
    county_post(w, "aide", "team_member", "112", DAY_NONE, DAY_NONE);
    county_post(w, "looker", "team_member", "122", DAY_NONE, DAY_NONE);
    Str sql = str_fmt(
        w->a,
        "INSERT INTO deputy(id, posting, person, starts, ends, by_account) "
        "SELECT 1, p.id, b.person, %d, %d, a.id FROM account a, account b, posting p "
        "WHERE a.name = 'fs121' AND b.name = 'looker' AND p.person = a.person; "
        "INSERT INTO reach(id, unit, target, role, starts, ends) "
        "SELECT 1, u.id, v.id, 'team_member', %d, NULL FROM unit u, unit v "
        "WHERE u.code = '111' AND v.code = '121'; UPDATE account SET access_no = access_no + 1",
        (int)today, (int)today + 3, (int)today);
    REQUIRE_OK(store_write(w->store, NULL, run_script, &sql, w->e), w->e);
    Tx *tx = county_tx(w);
    for (int i = 0; i < READERS; i++)
        c->persons[i] = county_reader(w, tx, names[i]).person;
    tx_end(tx);
}

BOTH_ENGINES(peers_9_lists_are_what_one_may_see_whoever_it_is)
{
    Case c = {0};
    ModelSource more[] = {{S("village/plot.yaml"), str_of(model_text), false},
                          {S("village/matter.yaml"), str_of(matter_text), false},
                          {S("village/step.yaml"), str_of(step_text), false}};
    county_begin_model(&c.w, t, more, LEN(more));
    c.plot = model_type(c.w.model, S("plot"));
    c.matter = model_type(c.w.model, S("matter"));
    c.step = model_type(c.w.model, S("step"));
    post_more(&c);
    Uuid plots[16];
    int plot_n = make_plots(&c, plots);
    for (int i = 0; i < 90; i++)
        make_matter(&c, plots, plot_n);
    read_all(&c, c.matter);
    c.matters = c.all;
    c.matter_n = c.n;
    for (int i = 0; i < 120; i++) {
        make_step(&c);
        if (i == 60) /* some are in the index, some behind it */
            REQUIRE_OK(record_search_all(c.w.records, c.w.store, c.w.conn, c.w.e), c.w.e);
    }
    const Type *types[] = {c.matter, c.step, c.plot};
    for (size_t k = 0; k < LEN(types); k++) {
        read_all(&c, types[k]);
        Tx *tx = county_tx(&c.w);
        for (int i = 0; i < READERS; i++) {
            Reader *r = reader_of(&c, tx, names[i]);
            check_reader(&c, tx, r, names[i], types[k], plots, plot_n);
            r->viewer = reader_of(&c, tx, names[test_below(3)]);
            check_reader(&c, tx, r, names[i], types[k], plots, plot_n);
        }
        tx_end(tx);
    }
    EXPECT(c.found > 500);
    EXPECT_EQ_I64(county_verify(&c.w), 0);
    county_end(&c.w);
}
