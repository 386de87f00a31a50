/* test_model_overlay.c: a county changes the model in text: what is merged, what is taken out, and
 * what it may not do. SPEC: P12 */
#include "test.h"

#include "model/model.h"

static Arena *arena;
static Err failure;

static const char tree[] =
    "tree:\n"
    "  kinds: {county: {}, town: {in: county}}\n"
    "  roles:\n"
    "    office: {label: {zh: 办公室, en: Office}, at: county, falls_to: office}\n"
    "    clerk:  {at: town, falls_to: office}\n"
    "    guest:  {at: town, falls_to: office}\n";
static const char deal[] =
    "type: deal\n"
    "label: {zh: 合同, en: Deal}\n"
    "at: town\n"
    "fields:\n"
    "  kind:   {is: choice, of: {rent: 租, sale: {zh: 卖, en: Sale}}, required: yes}\n"
    "  starts: {is: date, required: yes}\n"
    "  ends:   {is: date, required: yes}\n"
    "  note:   {is: text, max: 60, label: {zh: 备注, en: Note}}\n"
    "  group:  {is: audience}\n"
    "  level:  {is: int}\n"
    "  lines:  {is: rows, max: 9, of: {what: {is: text, required: yes}, size: {is: int}}}\n"
    "checks:\n"
    "  term: {that: ends <= starts + 20 years, law: 某法第1条, label: 最长二十年}\n"
    "  order: {that: starts < ends}\n"
    "states:\n"
    "  \"*\":  {see: [author, clerk, office when level > 3]}\n"
    "  draft: {draft: yes, see: author}\n"
    "  open:  {}\n"
    "  done:  {end: done, see: [author, clerk, office]}\n"
    "actions:\n"
    "  create: {to: draft, by: clerk here}\n"
    "  change: {from: [draft, open], by: author}\n"
    "  send:   {from: draft, to: open, by: author}\n"
    "  finish: {from: open, to: done, by: clerk}\n"
    "duties: {see_to: {while: open, owed_by: clerk, within: 7 workdays}}\n";

typedef struct Loaded {
    const Model *m;
    const Type *deal;
    ModelError *errors;
    size_t n;
} Loaded;

/* `own`: the county's file on `deal`; `more`: another one of its files, or NULL. */
static Loaded load(const char *own, const char *more)
{
    Loaded l = {0};
    failure = err_on(arena);
    ModelSource src[] = {
        {.path = S("base/tree.yaml"), .text = str_of(tree)},
        {.path = S("town/deal.yaml"), .text = str_of(deal)},
        {.path = S("model/town/own.yaml"), .text = str_of(own), .is_overlay = true},
        {.path = S("model/town/own2.yaml"), .text = str_of(more), .is_overlay = true},
    };
    int rc = model_load(arena, src, more ? 4 : 3, LANG_EN, &l.m, &l.errors, &l.n, &failure);
    EXPECT(rc == 0 ? l.n == 0 : rc == ERR_INVALID && l.n > 0 && !l.m);
    l.deal = rc == 0 ? model_type(l.m, S("deal")) : NULL;
    return l;
}

static Loaded load_good(const char *own, const char *more)
{
    Loaded l = load(own, more);
    for (size_t i = 0; i < l.n; i++)
        test_note("%.*s:%d:%d: %.*s", STR_ARG(l.errors[i].file), l.errors[i].line,
                  l.errors[i].column, STR_ARG(l.errors[i].message));
    REQUIRE(l.m);
    return l;
}

TEST(a_county_adds_relabels_and_tightens)
{
    arena = arena_new(64 * 1024);
    Loaded l = load_good("type: deal\n"
                         "label: 协议\n"
                         "fields:\n"
                         "  note: {required: yes, max: 30}\n"
                         "  kind: {of: {rent: {zh: 出租, en: Rent}, gift: 赠}}\n"
                         "  lines: {of: {size: {required: yes}, why: {is: text}}}\n"
                         "  place: {is: text, label: {zh: 地点}}\n"
                         "states:\n"
                         "  checked: {see: [author, office when level > 3]}\n"
                         "  open: {see: clerk}\n"
                         "actions:\n"
                         "  check: {from: open, to: checked, by: author}\n"
                         "  close: {from: checked, to: done, by: author}\n"
                         "  change: {from: draft}\n"
                         "duties: {see_to: {within: 3 workdays}}\n"
                         "checks: {later: {that: ends <= starts + 5 years}}\n",
                         "type: bonus\nat: town\nfields: {a: {is: int}}\n"
                         "states: {open: {see: [guest, office]}}\n"
                         "actions: {create: {to: open, by: guest here}}\n");
    const Type *t = l.deal;
    EXPECT_STR(label_text(&t->label, LANG_EN), "协议");
    EXPECT_STR(t->file, "town/deal.yaml");
    const Field *note = type_field(t, S("note")), *kind = type_field(t, S("kind"));
    const Field *lines = type_field(t, S("lines"));
    REQUIRE(note && kind && lines);
    EXPECT(note->is_required && note->max == 30);
    EXPECT_STR(label_text(&note->label, LANG_ZH), "备注");
    EXPECT(kind->is_required && kind->choice_n == 3);
    EXPECT_STR(label_text(&kind->choices[0].label, LANG_ZH), "出租");
    EXPECT_STR(kind->choices[2].name, "gift");
    EXPECT(lines->field_n == 3 && field_sub(lines, S("size"))->is_required && lines->max == 9);
    EXPECT(type_field(t, S("place"))->ix == 7);
    EXPECT(t->state_n == 4 && type_state(t, S("open"))->see_n == 1 && t->change->from == 1);
    EXPECT(t->check_n == 3 && t->duties[0].within == 3);
    EXPECT_STR(t->checks[0].law, "某法第1条");
    EXPECT(model_type(l.m, S("bonus")) != NULL && l.m->removed_n == 0);
    arena_free(arena);
}

TEST(what_is_removed_is_taken_out_and_listed)
{
    arena = arena_new(64 * 1024);
    Loaded l = load_good("type: deal\n"
                         "fields:\n"
                         "  note: {removed: yes}\n"
                         "  kind: {of: {sale: {removed: yes}}}\n"
                         "  lines: {of: {size: {removed: yes}}}\n"
                         "  comment: {is: text, was: [remark_, hint]}\n"
                         "actions:\n"
                         "  change: {removed: yes}\n"
                         "checks: {order: {removed: yes}}\n"
                         "removed: [colour, colour.red]\n",
                         "type: gone\nremoved: yes\nfields: {x: {is: int}}\n");
    const Type *t = l.deal;
    EXPECT(!type_field(t, S("note")) && !t->change && t->check_n == 1);
    const Field *kind = type_field(t, S("kind")), *lines = type_field(t, S("lines"));
    EXPECT(kind->choice_n == 2 && kind->choices[1].is_retired && !kind->choices[0].is_retired);
    EXPECT_STR(label_text(&kind->choices[1].label, LANG_EN), "Sale");
    EXPECT(lines->field_n == 1);
    EXPECT(!model_type(l.m, S("gone")));
    const Field *comment = type_field(t, S("comment"));
    REQUIRE(comment && comment->was_n == 2);
    EXPECT_STR(comment->was[1], "hint");
    static const char *const gone[] = {"deal.note",   "deal.lines.size", "deal.kind.sale",
                                       "deal.change", "deal.colour",     "deal.colour.red",
                                       "gone",        "gone.x"};
    EXPECT_EQ_I64(l.m->removed_n, LEN(gone));
    for (size_t g = 0; g < LEN(gone); g++) {
        bool is_listed = false;
        for (int i = 0; i < l.m->removed_n; i++)
            is_listed |= str_eq(l.m->removed[i], str_of(gone[g]));
        if (!is_listed)
            test_fail(__FILE__, __LINE__, "%s is not listed", gone[g]);
    }
    l = load_good("type: deal\nstates: {open: {removed: yes}}\n"
                  "actions: {send: {to: done}, finish: {removed: yes}}\n"
                  "fields: {level: {default: 1}}\n",
                  NULL);
    EXPECT(l.deal->state_n == 2 && l.deal->change->from == 1 && l.deal->duty_n == 0);
    arena_free(arena);
}

typedef struct Refusal {
    const char *own;
    int line, column; /* in the county's file */
    const char *says;
} Refusal;

static void expect_refused(const Refusal *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Loaded l = load(rows[i].own, NULL);
        bool is_so = l.n == 1 && str_eq(l.errors[0].file, S("model/town/own.yaml")) &&
                     l.errors[0].line == rows[i].line && l.errors[0].column == rows[i].column &&
                     str_find(l.errors[0].message, str_of(rows[i].says)) >= 0;
        if (is_so)
            continue;
        test_fail(__FILE__, __LINE__, "%s: want %d:%d %s, got %zu", rows[i].own, rows[i].line,
                  rows[i].column, rows[i].says, l.n);
        for (size_t k = 0; k < l.n; k++)
            test_note("%.*s:%d:%d: %.*s", STR_ARG(l.errors[k].file), l.errors[k].line,
                      l.errors[k].column, STR_ARG(l.errors[k].message));
    }
}

TEST(a_county_may_not_let_more_people_see)
{
    arena = arena_new(64 * 1024);
    static const Refusal rows[] = {
        {"type: deal\nstates: {open: {see: [author, clerk, guest]}}\n", 2, 22,
         "State open: guest could not see it before"},
        {"type: deal\nstates: {open: {see: [author, clerk, office]}}\n", 2, 22,
         "State open: Office could not see it before"}, /* only when level > 3 */
        {"type: deal\nstates: {open: {see: [author, clerk, office when level > 2]}}\n", 2, 22,
         "Office, when level is more than 2 could not see it before"},
        {"type: deal\nstates: {\"*\": {see: [author, clerk, audience]}}\n", 2, 21,
         "could not see it before"},
        {"type: deal\nstates: {open: {see: [author, clerk, public]}}\n", 2, 22,
         "everybody could not see it before"},
        {"type: deal\nstates: {draft: {see: [author, clerk here]}}\n", 2, 23,
         "State draft: clerk of the unit itself could not see it before"},
        {"type: deal\nstates: {open: {see: [author, clerk, guest reach]}}\n", 2, 22,
         "could not see it before"},
        {"type: deal\nstates: {more: {see: [author, guest]}}\n"
         "actions: {go: {from: open, to: more, by: author}}\n",
         2, 22, "New state more: guest sees this type in none of its states"},
        {"type: deal\nfields: {who: {is: person}}\nme: who\n", 3, 1,
         "`me` decides who sees, so a county's own file cannot change it"},
        {"type: deal\nfields: {level: {computed: count(lines) + 4}}\n", 2, 28,
         "Who sees goes by level, so its `computed` cannot be changed"},
    };
    expect_refused(rows, LEN(rows));
    Loaded part =
        load("type: deal\npart_of: bonus\n",
             "type: bonus\nat: town\nfields: {a: {is: int}}\nstates: {open: {see: guest}}\n"
             "actions: {create: {to: open, by: guest here}}\n");
    REQUIRE(part.n == 1);
    EXPECT(str_find(part.errors[0].message, S("`part_of` decides who sees")) >= 0);
    (void)load_good("type: deal\nstates: {more: {see: [author, office, clerk here]}}\n"
                    "actions: {go: {from: open, to: more, by: author}}\n",
                    NULL); /* office sees `done` without condition */
    arena_free(arena);
}

TEST(a_county_may_not_loosen_what_a_law_asks)
{
    arena = arena_new(64 * 1024);
    static const Refusal rows[] = {
        {"type: deal\nchecks: {term: {that: ends <= starts + 30 years}}\n", 2, 23,
         "The check term is asked by law"},
        {"type: deal\nchecks: {term: {that: ends <= starts + 10 years}}\n", 2, 23,
         "To be stricter, add another check"},
        {"type: deal\nchecks: {term: {law: 另一法}}\n", 2, 22, "The check term is asked by law"},
        {"type: deal\nfields: {ends: {required: no}}\n", 2, 27,
         "A check asked by law needs ends, so its `required` cannot be changed here"},
        {"type: deal\nfields: {starts: {shown: when level > 3}}\n", 2, 26,
         "A check asked by law needs starts, so its `shown`"},
        {"type: deal\nstates: {open: {draft: yes, see: author}}\n"
         "actions: {finish: {by: author}}\nduties: {see_to: {owed_by: author}}\n",
         2, 24, "the state open cannot become a draft"},
    };
    expect_refused(rows, LEN(rows));
    Loaded l = load("type: deal\nchecks: {term: {removed: yes}}\n", NULL);
    REQUIRE(l.n == 1);
    EXPECT(str_find(l.errors[0].message, S("The check term is asked by law")) >= 0);
    (void)load_good("type: deal\nchecks: {term: {label: 不能超过二十年}}\n"
                    "fields: {ends: {required: yes, label: 到期}}\n",
                    NULL);
    arena_free(arena);
}

TEST(a_duty_goes_when_it_is_said_a_role_does_not)
{
    arena = arena_new(64 * 1024);
    Loaded l = load_good("type: deal\nduties: {see_to: {removed: yes}}\n", NULL);
    REQUIRE(l.m);
    EXPECT_EQ_I64(l.deal->duty_n, 0);
    bool is_listed = false;
    for (int i = 0; i < l.m->removed_n; i++)
        is_listed |= str_eq(l.m->removed[i], S("deal.see_to"));
    EXPECT(is_listed);
    l = load("tree:\n  roles: {guest: {removed: yes}}\n", NULL);
    EXPECT(!l.m);
    EXPECT_EQ_I64((int64_t)l.n, 1);
    EXPECT(l.n && str_eq(l.errors[0].file, S("model/town/own.yaml")) && l.errors[0].line == 2);
    EXPECT(l.n && str_find(l.errors[0].message, S("put nobody on it")) >= 0);
    arena_free(arena);
}

TEST(mistakes_of_a_county_are_told_in_its_own_file)
{
    arena = arena_new(64 * 1024);
    static const Refusal rows[] = {
        {"type: deal\nfields: {note: {max: 9000}}\n", 2, 22, "a whole number from 1 to 8000"},
        {"type: deal\nfields: {note: {colour: red}}\n", 2, 17, "`colour` is not a word of a field"},
        {"type: deal\nfields: {note: 备注}\n", 2, 16, "a field is written as"},
        {"type: deal\nfields: {note: {removed: yes, was: [x]}}\n", 2, 26,
         "cannot both be removed and have a former name"},
        {"type: deal\nfields: {more: {is: text, was: [note]}}\n", 2, 33, "`note` still stands"},
        {"type: deal\nremoved: [note]\n", 2, 11, "`note` still stands in this type"},
        {"type: deal\nremoved: [No]\n", 2, 11, "`No` cannot be a name"},
        {"type: deal\nstates: {fresh: {see: author, was: [open]}}\n"
         "actions: {go: {from: open, to: fresh, by: author}}\n",
         2, 37, "`open` still stands"},
        {"type: deal\nactions: {send: {by: nobody}}\n", 2, 22, "There is no role `nobody`"},
    };
    expect_refused(rows, LEN(rows));
    Loaded l = load("type: dael\n", NULL); /* a type of its own, and nothing in it */
    EXPECT_EQ_I64(l.n, 4);                 /* at, fields, states, actions */
    l = load("type: deal\nlabel: a\n", "type: deal\nlabel: b\n");
    REQUIRE(l.n == 1);
    EXPECT_STR(l.errors[0].file, "model/town/own2.yaml");
    EXPECT(str_find(l.errors[0].message, S("deal is changed in model/town/own.yaml already")) >= 0);
    l = load("tree: {roles: {guest: {label: 来客}, driver: {at: town, falls_to: office}}}\n", NULL);
    REQUIRE(l.m);
    EXPECT(model_role(l.m, S("driver")) && l.m->role_n == 4);
    EXPECT_STR(label_text(&model_role(l.m, S("guest"))->label, LANG_ZH), "来客");
    l = load("\ttype: [}\n", NULL);
    REQUIRE(l.n == 1);
    EXPECT_STR(l.errors[0].file, "model/town/own.yaml");
    arena_free(arena);
}
