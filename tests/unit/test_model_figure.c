/* test_model_figure.c: every refusal of a figure, with its place; in which states one counts; what
 * it is made of.                                              SPEC: P5, No burden 1, 7 */
#include "test.h"

#include "model/model.h"

static Arena *arena;
static Err failure;

static const char tree[] = "tree:\n"
                           "  kinds:\n"
                           "    county: {label: {zh: 县, en: County}}\n"
                           "    town: {in: county}\n"
                           "  roles:\n"
                           "    office: {at: county, falls_to: office}\n"
                           "    clerk: {at: town, falls_to: office}\n";

/* The figure under test stands in line 32. */
static const char call[] = "type: call\n"
                           "at: town\n"
                           "dated: day\n"
                           "fields:\n"
                           "  day: {is: date, required: yes}\n"
                           "  kind: {is: choice, of: {advice: 咨询, help: 求助}}\n"
                           "  text: {is: text, max: 60}\n"
                           "  grain: {is: weight, unit: jin}\n"
                           "  whole: {is: link, to: call}\n"
                           "  others: {is: links, to: [call]}\n"
                           "  people: {is: rows, max: 20, of: {who: {is: person}, "
                           "came: {is: choice, of: {in_time: 准时, late: 迟到}}, "
                           "share: {is: area}}}\n"
                           "  parcels: {is: rows, max: 20, of: {sort: {is: choice, "
                           "of: {dry: 旱地, wet: 水田}}, size: {is: area}}}\n"
                           "states:\n"
                           "  draft: {draft: yes, see: author}\n"
                           "  mine: {see: author}\n"
                           "  sent: {see: [author, office]}\n"
                           "  seen: {see: [author, office]}\n"
                           "  over: {end: done, see: [author, office]}\n"
                           "  off: {end: void, see: [author, office]}\n"
                           "actions:\n"
                           "  create: {to: draft, by: clerk here}\n"
                           "  change: {from: draft, by: author}\n"
                           "  keep: {from: draft, to: mine, by: author}\n"
                           "  send: {from: [draft, mine], to: sent, by: author}\n"
                           "  look: {from: sent, to: seen, by: office}\n"
                           "  finish: {from: [sent, seen], to: over, by: office}\n"
                           "  cancel: {from: [sent, seen], to: off, by: office}\n"
                           "duties:\n"
                           "  look: {while: sent, owed_by: office, within: 7 workdays}\n"
                           "figures:\n"
                           "  good: {count: record}\n"
                           "  bad: {%s}\n";

static const Model *load(const char *figure, ModelError **ret, size_t *ret_n)
{
    Str text = str_fmt(arena, call, figure);
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree)},
                         {.path = S("town/call.yaml"), .text = text}};
    const Model *m = NULL;
    failure = err_on(arena);
    *ret_n = 0;
    int rc = model_load(arena, src, LEN(src), LANG_EN, &m, ret, ret_n, &failure);
    return rc < 0 ? NULL : m;
}

typedef struct Line {
    const char *figure; /* what stands between its brackets */
    int column;
    const char *says;
} Line;

static void expect_fault(const Line *row)
{
    ModelError *errors = NULL;
    size_t n = 0;
    const Model *m = load(row->figure, &errors, &n);
    bool is_so = !m && n == 1 && errors[0].line == 32 && errors[0].column == row->column &&
                 str_find(errors[0].message, str_of(row->says)) >= 0;
    if (is_so)
        return;
    test_fail(__FILE__, __LINE__, "%s: want 32:%d %s, got %zu", row->figure, row->column, row->says,
              n);
    for (size_t i = 0; i < n; i++)
        test_note("%d:%d: %.*s", errors[i].line, errors[i].column, STR_ARG(errors[i].message));
}

static const Figure *figure(const char *text)
{
    ModelError *errors = NULL;
    size_t n = 0;
    const Model *m = load(text, &errors, &n);
    for (size_t i = 0; i < n; i++)
        test_note("%d:%d: %.*s", errors[i].line, errors[i].column, STR_ARG(errors[i].message));
    REQUIRE(m);
    const Figure *f = model_figure(m, S("bad"));
    REQUIRE(f);
    return f;
}

TEST(what_cannot_be_counted_is_refused_at_its_place)
{
    static const Line rows[] = {
        {"by: kind", 3, "A figure says one of"},
        {"count: record, sum: grain", 3, "A figure says one of"},
        {"count: grain", 16, "grain cannot stand in `count`"},
        {"sum: text", 14, "text cannot stand in `sum`"},
        {"sum: people", 14, "people cannot stand in `sum`"},
        {"level: kind", 16, "kind cannot stand in `level`"},
        {"distinct: text", 19, "text cannot stand in `distinct`"},
        {"distinct: people", 19, "people cannot stand in `distinct`"},
        {"count: record, by: text", 28, "text cannot stand in `by`"},
        {"count: record, by: people.came", 28, "came stands in other rows"},
        {"count: people, by: parcels.sort", 28, "stands in other rows"},
        {"count: record, per: month", 29, ""},
        {"count: record, when: day < today", 30, "looks at the record alone"},
        {"count: record, when: state = mine", 3, "Only its author sees the state mine"},
        {"count: record, when: state = draft", 3, "Only its author sees the state draft"},
        {"count: record, when: state != over", 3, "Only its author sees the state draft"},
        {"count: record, when: not state = sent", 3, "Only its author sees the state draft"},
        {"count: record, when: state = off", 3, "bad would count nothing"},
        {"count: record, when: state = nowhere", 38, "nowhere"},
        {"share: record when kind = help", 16, "Write a share as a / b"},
        {"share: kind / record", 16, "kind: each half of a share"},
        {"share: record if kind = help / record", 16, "each half of a share"},
        {"share: record / record, when: kind = help", 39, "stand in its halves"},
        {"share: record / record, by: kind", 37, "stand in its halves"},
        {"share: duty look at once / duty look due", 16, "write `NAME in time`"},
        {"share: duty listen in time / duty look due", 16, "no duty called listen"},
    };
    arena = arena_new(64 * 1024);
    for (size_t i = 0; i < LEN(rows); i++)
        expect_fault(&rows[i]);
    arena_free(arena);
}

/* No burden 1, 7: nobody is judged by how he uses the program. */
TEST(no_figure_counts_use)
{
    static const char *const words[] = {"author",  "posting", "seat",    "version", "made_ms",
                                        "session", "comment", "history", "account", "access_log"};
    arena = arena_new(64 * 1024);
    for (size_t i = 0; i < LEN(words); i++) {
        Line row = {str_z(arena, str_fmt(arena, "count: %s", words[i])), 16,
                    "is about how the program is used"};
        expect_fault(&row);
        row.figure = str_z(arena, str_fmt(arena, "distinct: %s", words[i]));
        row.column = 19;
        expect_fault(&row);
    }
    arena_free(arena);
}

static void expect_states(const char *text, const char *states, const char *later)
{
    const Figure *f = figure(text);
    Buf is = {.arena = arena}, then = {.arena = arena};
    for (int i = 0; i < f->type->state_n; i++) {
        if (f->states >> i & 1)
            buf_fmt(&is, "%.*s ", STR_ARG(f->type->states[i].name));
        if (f->later >> i & 1)
            buf_fmt(&then, "%.*s ", STR_ARG(f->type->states[i].name));
    }
    if (!str_eq(buf_view(&is), str_of(states)) || !str_eq(buf_view(&then), str_of(later)))
        test_fail(__FILE__, __LINE__, "%s: in %.*s later %.*s", text, STR_ARG(buf_view(&is)),
                  STR_ARG(buf_view(&then)));
}

TEST(a_figure_counts_in_the_states_its_condition_can_hold_in)
{
    arena = arena_new(64 * 1024);
    expect_states("count: record", "sent seen over ", "sent seen over off ");
    expect_states("count: record, when: state = over", "over ", "over ");
    expect_states("count: record, when: 'state in (seen, over)'", "seen over ", "seen over off ");
    expect_states("count: record, when: kind = help", "sent seen over ", "sent seen over off ");
    expect_states("count: record, when: state = seen and kind = help", "seen ",
                  "seen over off ");
    expect_states("count: record, when: state = seen or state = over", "seen over ",
                  "seen over off ");
    expect_states("count: record, when: state = seen or kind = help", "sent seen over ",
                  "sent seen over off ");
    expect_states("share: 'record when state = over / record when state in (seen, over)'",
                  "seen over ", "seen over off ");
    arena_free(arena);
}

TEST(every_kind_of_figure_is_read)
{
    arena = arena_new(64 * 1024);
    const Figure *f = figure("count: people, when: came = late, by: people.came");
    EXPECT(f->kind == FIG_COUNT && f->rows && str_eq(f->rows->name, S("people")) && !f->amount);
    EXPECT(f->by && str_eq(f->by->name, S("came")) && f->by->rows == f->rows && f->when);
    f = figure("sum: parcels.size, by: kind");
    EXPECT(f->kind == FIG_SUM && str_eq(f->amount->name, S("size")) && f->rows == f->amount->rows);
    EXPECT(str_eq(f->by->name, S("kind")));
    f = figure("level: parcels.size, when: state = sent");
    EXPECT(f->kind == FIG_LEVEL && f->amount && !f->by);
    f = figure("level: record");
    EXPECT(f->kind == FIG_LEVEL && !f->amount && !f->rows);
    f = figure("distinct: people.who, per: year");
    EXPECT(f->kind == FIG_DISTINCT && f->is_yearly && str_eq(f->thing->name, S("who")));
    f = figure("distinct: others, per: while");
    EXPECT(f->kind == FIG_DISTINCT && !f->is_yearly && !f->rows);
    f = figure("share: people when came = in_time / people, least: 10");
    EXPECT(f->kind == FIG_SHARE && f->least == 10 && f->over && f->under);
    EXPECT_STR(f->over->name, "bad.over");
    EXPECT(f->over->rows && f->over->when && !f->under->when && f->under->half_of == f);
    f = figure("share: duty look in time / duty look due");
    EXPECT(f->over->duty && f->over->is_in_time && f->under->duty && !f->under->is_in_time);
    arena_free(arena);
}

TEST(what_a_figure_is_made_of_tells_other_numbers_from_other_words)
{
    arena = arena_new(64 * 1024);
    Str was = figure("count: record, when: state = over")->made_of;
    EXPECT(str_eq(figure("count: record, label: 完, when: state = over")->made_of, was));
    static const char *const others[] = {
        "count: record",
        "level: record, when: state = over",
        "count: record, when: state = seen",
        "count: record, when: state = over and kind = help",
        "count: record, by: kind, when: state = over",
        "count: people, when: state = over",
    };
    for (size_t i = 0; i < LEN(others); i++)
        EXPECT(!str_eq(figure(others[i])->made_of, was));
    EXPECT(!str_eq(figure("distinct: whole, per: year")->made_of,
                   figure("distinct: whole")->made_of));
    arena_free(arena);
}

TEST(each_role_has_a_figure_whole_in_part_or_not_at_all)
{
    arena = arena_new(64 * 1024);
    ModelError *errors = NULL;
    size_t n = 0;
    const Model *m = load("count: record, when: state = sent", &errors, &n);
    REQUIRE(m);
    const Figure *f = model_figure(m, S("bad"));
    EXPECT(model_figure_sight(m, f, model_role(m, S("office"))->ix) == SIGHT_WHOLE);
    EXPECT(model_figure_sight(m, f, model_role(m, S("clerk"))->ix) == SIGHT_PART); /* his own */
    Str told = model_show_sights(arena, m, NULL, LANG_EN);
    EXPECT(str_find(told, S("bad")) >= 0 && str_find(told, S("whole: office")) >= 0);
    EXPECT(str_find(told, S("may see: clerk; not shown: -")) >= 0);
    arena_free(arena);
}
