/* test_record_figure_util.c: the type, changes thrown at it, and the naive numbers. */
#include "test_record_figure_util.h"

static const ModelSource sources[] = {
    {.path = S("base/field_plot.yaml"),
     .text = S("type: field_plot\n"
               "label: {zh: 地块, en: Plot}\n"
               "at: village\n"
               "fields:\n"
               "  name: {is: text, label: {zh: 名, en: Name}, required: yes, max: 30}\n"
               "states:\n"
               "  held: {label: {zh: 有效, en: Held}, see: public}\n"
               "actions:\n"
               "  create: {label: {zh: 登记, en: Register}, to: held, by: first_secretary here}\n")},
    {.path = S("base/work.yaml"),
     .text =
         S("type: work\n"
           "label: {zh: 活, en: Work}\n"
           "at: village\n"
           "dated: day\n"
           "fields:\n"
           "  day: {is: date, label: {zh: 日, en: Day}, required: yes}\n"
           "  kind: {is: choice, label: {zh: 类, en: Kind}, required: yes, "
           "of: {a: 甲, b: 乙, c: 丙}}\n"
           "  plot: {is: link, to: field_plot, label: {zh: 地块, en: Plot}}\n"
           "  also: {is: links, to: [field_plot], label: {zh: 又, en: Also}}\n"
           "  size: {is: int, label: {zh: 量, en: Size}, min: -1000000, max: 1000000}\n"
           "  invited: {is: audience, label: {zh: 请, en: Invited}}\n"
           "  lines: {is: rows, label: {zh: 行, en: Lines}, max: 20, of: {"
           "person: {is: person, label: {zh: 人, en: Person}}, "
           "came: {is: choice, label: {zh: 到否, en: Came}, of: {present: 到, away: 未到}, "
           "required: yes}, "
           "plot: {is: link, to: field_plot, label: {zh: 地块, en: Plot}}, "
           "acre: {is: area, label: {zh: 面积, en: Acre}}}}\n"
           "states:\n"
           "  draft: {label: {zh: 草稿, en: Draft}, draft: yes, see: author}\n"
           "  open: {label: {zh: 在办, en: Open}, see: [author, first_secretary here, "
           "town_office, county_office, audience, me via lines.person]}\n"
           "  held: {label: {zh: 办结, en: Held}, end: done, see: [author, first_secretary here, "
           "town_office, county_office, me via lines.person]}\n"
           "  kept: {label: {zh: 存着, en: Kept}, see: [author, town_office, "
           "county_office when kind = a]}\n"
           "  off: {label: {zh: 作废, en: Off}, end: void, see: [first_secretary here, "
           "town_office, county_office]}\n"
           "actions:\n"
           "  create: {label: {zh: 记, en: Write}, to: draft, "
           "by: [first_secretary here, team_member here]}\n"
           "  change: {label: {zh: 改, en: Edit}, from: [draft, open, held, kept], "
           "by: [author, town_office]}\n"
           "  send: {label: {zh: 报, en: Send}, from: draft, to: open, by: author}\n"
           "  keep: {label: {zh: 存, en: Keep}, from: draft, to: kept, by: author}\n"
           "  redo: {label: {zh: 重做, en: Redo}, from: kept, to: draft, "
           "by: [author, town_office]}\n"
           "  hold: {label: {zh: 办结, en: Hold}, from: open, to: held, "
           "by: [author, first_secretary here, town_office]}\n"
           "  reopen: {label: {zh: 再办, en: Open again}, from: held, to: open, "
           "by: [author, town_office]}\n"
           "  cancel: {label: {zh: 作废, en: Off}, from: [draft, open, held, kept], to: off, "
           "by: [author, town_office]}\n"
           "figures:\n"
           "  works: {count: record}\n"
           "  works_done: {count: record, when: 'state in (open, held)', by: kind}\n"
           "  came: {count: lines, when: came = present}\n"
           "  came_held: {count: lines, when: state = held and came = present, by: kind}\n"
           "  lines_by: {count: lines, when: 'state in (open, held)', by: lines.plot}\n"
           "  size: {sum: size, when: 'state in (open, held)', by: plot}\n"
           "  acres: {sum: lines.acre, when: kind != b}\n"
           "  running: {level: record, when: state = open, by: kind}\n"
           "  running_size: {level: size, when: 'state in (open, held)'}\n"
           "  kept_now: {level: record, when: state = kept}\n"
           "  running_acres: {level: lines.acre, when: state = open and came = present, "
           "by: lines.plot}\n"
           "  plots_now: {distinct: plot, when: state = open}\n"
           "  also_now: {distinct: also, per: while, when: 'state in (open, held)'}\n"
           "  persons_year: {distinct: lines.person, per: year, when: 'state in (open, held)'}\n"
           "  plots_year: {distinct: plot, per: year}\n"
           "  rate: {share: 'lines when came = present / lines when came in (present, "
           "away)', least: 3}\n")},
};

static const char *const accounts[] = {"county", "town1", "town2", "fs111", "fs112",
                                       "fs121",  "fs122", "tm111", "tm121", NULL};

const char *works_account(int i)
{
    return accounts[i];
}

Day works_today(const Works *x)
{
    return day_of_ms(env_now_ms(x->w.env));
}

void works_begin(Works *x, TestStore *t)
{
    static const char *const named[] = {"tm111", "tm121", "fs111", "fs122", "town2"};
    Err e;
    County *w = &x->w;
    memset(x, 0, sizeof *x);
    x->is_pg = t->engine == ENGINE_PG;
    county_begin_model(w, t, sources, LEN(sources));
    county_post(w, "fs122", "first_secretary", "122", DAY_NONE, DAY_NONE);
    county_post(w, "tm121", "team_member", "121", DAY_NONE, DAY_NONE);
    x->type = model_type(w->model, S("work"));
    for (int i = 0; i < PLOTS; i++) {
        FieldInput fields[] = {TEXT("name", str_fmt(w->a, "p%d", i))};
        x->plots[i] = county_new_id(w);
        REQUIRE_OK(house_write(w, "fs111", "field_plot", x->plots[i], "create", NULL, 0, fields, 1,
                               &e),
                   &e);
    }
    for (int i = 0; i < PERSONS; i++)
        REQUIRE(uuid_parse(house_person(w, named[i]), &x->persons[i]));
}

const Model *works_model(Works *x, const char *more_figures)
{
    ModelSource mine[LEN(sources)];
    memcpy(mine, sources, sizeof mine);
    mine[1].text = str_fmt(x->w.a, "%.*s%s", STR_ARG(sources[1].text), more_figures);
    return county_model(&x->w, mine, LEN(mine));
}

void works_end(Works *x)
{
    for (int i = 0; i < x->snap_n; i++)
        free(x->snaps[i].works);
    county_end(&x->w);
}

void works_next_day(Works *x, int days)
{
    REQUIRE(x->snap_n < SNAPS);
    Snap *s = &x->snaps[x->snap_n++];
    *s = (Snap){.day = works_today(x), .n = x->n, .works = malloc(sizeof x->list)};
    REQUIRE(s->works);
    memcpy(s->works, x->list, sizeof x->list);
    env_test_move(x->w.env, INT64_C(86400000) * days);
}

/* ---- throwing ---- */

static int below(int n)
{
    return (int)test_below((uint64_t)n);
}

static Str id_text(Works *x, Uuid id)
{
    return uuid_text(x->w.a, id);
}

static Str throw_day(Works *x)
{
    int y, m, d;
    day_to_ymd(works_today(x) - below(below(3) ? 40 : 500), &y, &m, &d);
    return str_fmt(x->w.a, "%04d-%02d-%02d", y, m, d);
}

static Str throw_links(Works *x)
{
    Buf b = {.arena = x->w.a};
    for (int i = 0; i < PLOTS; i++)
        if (!below(2))
            buf_fmt(&b, "%s%.*s", b.n ? "," : "", STR_ARG(id_text(x, x->plots[i])));
    return b.n ? buf_view(&b) : S("");
}

static Str throw_plot(Works *x)
{
    return below(4) ? id_text(x, x->plots[below(PLOTS)]) : S("");
}

static void throw_line(Works *x, RowInput *row)
{
    FieldInput fields[] = {
        TEXT("person", below(3) ? id_text(x, x->persons[below(PERSONS)]) : S("")),
        TEXT("came", below(3) ? S("present") : S("away")),
        TEXT("plot", throw_plot(x)),
        TEXT("acre", below(4) ? str_fmt(x->w.a, "%d.%02d", below(90), below(100)) : S("")),
    };
    row->fields = arena_copy(x->w.a, fields, sizeof fields);
    row->field_n = LEN(fields);
}

static FieldInput throw_lines(Works *x, const Work *old)
{
    RowInput *rows = NEW_N(x->w.a, RowInput, LINES);
    int n = 0;
    for (int i = 0; old && i < old->line_n; i++) {
        if (!below(4))
            continue; /* taken out */
        rows[n] = (RowInput){.id = old->lines[i].id};
        if (!below(3))
            throw_line(x, &rows[n]);
        n++;
    }
    while (n < LINES && below(3))
        throw_line(x, &rows[n++]);
    if (n > 1 && !below(4)) {
        RowInput first = rows[0];
        rows[0] = rows[n - 1];
        rows[n - 1] = first;
    }
    return (FieldInput){.name = S("lines"), .is_rows = true, .rows = rows, .row_n = n};
}

static int throw_fields(Works *x, const Work *old, FieldInput *ret)
{
    static const char *const kinds[] = {"a", "b", "c"};
    static const char *const invited[] = {"", "team_member@111", "team_member@121, town_office@120",
                                          "first_secretary@111"};
    int n = 0;
    if (!old || !below(3))
        ret[n++] = (FieldInput)TEXT("day", throw_day(x));
    if (!old || !below(3))
        ret[n++] = (FieldInput)TEXT("kind", str_of(kinds[below(3)]));
    if (!below(2))
        ret[n++] = (FieldInput)TEXT("plot", throw_plot(x));
    if (!below(3))
        ret[n++] = (FieldInput)TEXT("also", throw_links(x));
    if (!below(2))
        ret[n++] = (FieldInput)TEXT("size", below(4) ? str_fmt(x->w.a, "%d", below(5000) - 500)
                                                     : S(""));
    if (!below(4))
        ret[n++] = (FieldInput)TEXT("invited", str_of(invited[below(4)]));
    if (!n || below(2))
        ret[n++] = throw_lines(x, old);
    return n;
}

/* ---- the copy ---- */

static int place_of(const Uuid *list, int n, const Value *v)
{
    for (int i = 0; i < n && v->tag == VALUE_BLOB; i++)
        if (!memcmp(v->s.p, list[i].b, sizeof list[i].b))
            return i;
    return -1;
}

static int choice_of(const Field *f, const Value *v)
{
    for (int i = 0; i < f->choice_n; i++)
        if (f->choices[i].number == v->i)
            return i;
    return -1;
}

static void copy_lines(Works *x, const Value *v, const Field *rows, Work *ret)
{
    ret->line_n = v->tag == VALUE_ROWS ? (int)v->i : 0;
    for (int i = 0; i < ret->line_n; i++) {
        const Value *of = v->rows[i].values;
        ret->lines[i] = (Line){.id = v->rows[i].id,
                               .person = place_of(x->persons, PERSONS, &of[0]),
                               .came = choice_of(&rows->fields[1], &of[1]) == 0,
                               .plot = place_of(x->plots, PLOTS, &of[2]),
                               .acre = of[3].tag == VALUE_INT ? of[3].i : -1};
    }
}

static void copy_work(Works *x, const Change *c, Work *ret)
{
    const Record *rec = change_result(x->w.a, c);
    const Value *v = rec->values;
    *ret = (Work){.id = rec->id,
                  .unit = rec->unit,
                  .version = rec->version,
                  .state = rec->state,
                  .day = rec->at_day,
                  .kind = choice_of(type_field(x->type, S("kind")), &v[1]),
                  .plot = place_of(x->plots, PLOTS, &v[2]),
                  .size = v[4].tag == VALUE_INT ? v[4].i : INT64_MIN};
    for (size_t at = 0; v[3].tag == VALUE_BLOB && at < v[3].s.n; at += sizeof(Uuid)) {
        Value one = {.tag = VALUE_BLOB, .s = str_sub(v[3].s, at, sizeof(Uuid))};
        ret->also |= UINT32_C(1) << place_of(x->plots, PLOTS, &one);
    }
    copy_lines(x, &v[6], type_field(x->type, S("lines")), ret);
}

void works_change(Works *x)
{
    static const char *const acts[5][5] = {{"send", "keep", "change", "send", "cancel"},
                                           {"change", "change", "hold", "hold", "cancel"},
                                           {"change", "change", "reopen", "reopen", "cancel"},
                                           {"change", "change", "redo", "redo", "cancel"},
                                           {"change", "send", "hold", "redo", "cancel"}};
    County *w = &x->w;
    Err e;
    FieldInput fields[8];
    Change *c = NULL;
    bool is_new = x->n < WORKS && !below(x->n < 40 ? 2 : 6);
    Work *old = is_new ? NULL : &x->list[below(x->n ? x->n : 1)];
    if (old && old->state == 4 && x->n && below(4))
        old = &x->list[below(x->n)]; /* fewer of what is void */
    if (!is_new && !x->n)
        return;
    const char *action = is_new ? "create" : acts[old->state][below(4) + !below(12)];
    bool has_fields = is_new || !strcmp(action, "change");
    int n = has_fields ? throw_fields(x, old, fields) : 0;
    int who = is_new ? 3 + below(6) : below(3) ? old->author : 1 + below(8);
    const char *account = accounts[who];
    int rc = house_prepare(w, account, "work", old ? old->id : county_new_id(w), action,
                           is_new && below(4) ? (below(4) ? "send" : "keep") : NULL,
                           old ? old->version : 0, fields, n, &c, &e);
    if (rc >= 0)
        rc = store_write(w->store, NULL, record_apply, c, &e);
    if (rc < 0) {
        x->refused++;
        EXPECT(rc == ERR_DENIED || rc == ERR_MISSING || rc == ERR_STATE);
        if (rc != ERR_DENIED && rc != ERR_MISSING && rc != ERR_STATE)
            for (size_t i = 0; i < e.field_n; i++)
                printf("# %s %.*s: %.*s\n", action, STR_ARG(e.fields[i].field),
                       STR_ARG(e.fields[i].key));
        return;
    }
    x->done++;
    int author = old ? old->author : who;
    Work *now = old ? old : &x->list[x->n++];
    copy_work(x, c, now);
    now->author = author;
}

/* ---- naive numbers ---- */

typedef struct Share {
    Str dim;
    int key; /* distinct */
    int64_t n;
} Share;

static bool is_in(const Works *x, const Work *k, const char *states)
{
    return strstr(states, str_z(x->w.a, x->type->states[k->state].name)) != NULL;
}

static Str dim_plot(const Works *x, int plot)
{
    return plot < 0 ? S("") : (Str){(const char *)x->plots[plot].b, sizeof(Uuid)};
}

static Str dim_kind(const Works *x, const Work *k)
{
    int64_t number = type_field(x->type, S("kind"))->choices[k->kind].number;
    char *p = arena_alloc(x->w.a, 8);
    for (int i = 0; i < 8; i++)
        p[i] = (char)((uint64_t)number >> (56 - 8 * i));
    return (Str){p, 8};
}

static int line_shares(const Works *x, Str f, const Work *k, Share *ret)
{
    bool is_shown = is_in(x, k, "open held"), is_counted = is_shown || is_in(x, k, "kept");
    int n = 0;
    for (int i = 0; i < k->line_n; i++) {
        const Line *l = &k->lines[i];
        if ((str_eq(f, S("came")) || str_eq(f, S("rate.over"))) && is_counted && l->came)
            ret[n++] = (Share){.dim = S(""), .n = 1};
        if (str_eq(f, S("rate.under")) && is_counted)
            ret[n++] = (Share){.dim = S(""), .n = 1};
        if (str_eq(f, S("came_held")) && is_in(x, k, "held") && l->came)
            ret[n++] = (Share){.dim = dim_kind(x, k), .n = 1};
        if (str_eq(f, S("lines_by")) && is_shown)
            ret[n++] = (Share){.dim = dim_plot(x, l->plot), .n = 1};
        if (str_eq(f, S("acres")) && is_counted && k->kind != 1 && l->acre >= 0)
            ret[n++] = (Share){.dim = S(""), .n = l->acre};
        if (str_eq(f, S("running_acres")) && is_in(x, k, "open") && l->came && l->acre >= 0)
            ret[n++] = (Share){.dim = dim_plot(x, l->plot), .n = l->acre};
        if (str_eq(f, S("persons_year")) && is_shown && l->person >= 0)
            ret[n++] = (Share){.dim = S(""), .key = l->person, .n = 1};
    }
    return n;
}

static int work_shares(const Works *x, Str f, const Work *k, Share *ret)
{
    bool is_shown = is_in(x, k, "open held"), is_counted = is_shown || is_in(x, k, "kept");
    int n = line_shares(x, f, k, ret);
    if (str_eq(f, S("works")) && is_counted)
        ret[n++] = (Share){.dim = S(""), .n = 1};
    if (str_eq(f, S("works_done")) && is_shown)
        ret[n++] = (Share){.dim = dim_kind(x, k), .n = 1};
    if (str_eq(f, S("size")) && is_shown && k->size != INT64_MIN)
        ret[n++] = (Share){.dim = dim_plot(x, k->plot), .n = k->size};
    if (str_eq(f, S("running")) && is_in(x, k, "open"))
        ret[n++] = (Share){.dim = dim_kind(x, k), .n = 1};
    if (str_eq(f, S("running_size")) && is_shown && k->size != INT64_MIN)
        ret[n++] = (Share){.dim = S(""), .n = k->size};
    if (str_eq(f, S("kept_now")) && is_in(x, k, "kept"))
        ret[n++] = (Share){.dim = S(""), .n = 1};
    if (k->plot >= 0 && ((str_eq(f, S("plots_now")) && is_in(x, k, "open")) ||
                         (str_eq(f, S("plots_year")) && is_counted)))
        ret[n++] = (Share){.dim = S(""), .key = k->plot, .n = 1};
    for (int i = 0; i < PLOTS && is_shown && str_eq(f, S("also_now")); i++)
        if (k->also >> i & 1)
            ret[n++] = (Share){.dim = S(""), .key = i, .n = 1};
    return n;
}

static bool is_below(const Works *x, int64_t unit, int64_t above)
{
    const Unit *u = tree_unit(x->w.tree, unit);
    while (u && u->id != above)
        u = u->parent_ix >= 0 ? &x->w.tree->units[u->parent_ix] : NULL;
    return u != NULL;
}

int64_t works_naive(const Works *x, const Wanted *q)
{
    const Figure *f = q->figure;
    bool lasts = figure_lasts(f), seen[PLOTS + PERSONS] = {0};
    const Work *list = x->list;
    int n = x->n;
    int64_t sum = 0;
    for (int i = 0; lasts && i < x->snap_n; i++)
        if (x->snaps[i].day <= q->to && q->to < works_today(x)) {
            list = x->snaps[i].works; /* the last one that had ended by then */
            n = x->snaps[i].n;
        }
    if (lasts && q->to < works_today(x) && list == x->list)
        return 0; /* before there was any */
    for (int i = 0; i < n; i++) {
        Share shares[LINES + PLOTS + 2];
        if ((q->may_see && !q->may_see[i]) || !is_below(x, list[i].unit, q->unit))
            continue;
        if (!lasts && (list[i].day > q->to || (q->from != DAY_NONE && list[i].day < q->from)))
            continue;
        int share_n = work_shares(x, f->name, &list[i], shares);
        for (int k = 0; k < share_n; k++) {
            bool is_one = f->kind == FIG_DISTINCT;
            if ((q->dim && !str_eq(shares[k].dim, *q->dim)) || (is_one && seen[shares[k].key]))
                continue;
            seen[shares[k].key] = true;
            sum += shares[k].n;
        }
    }
    return sum;
}
