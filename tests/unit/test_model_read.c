/* test_model_read.c: every refusal of a model file, one a row: what is changed in a good file,
 * where the mistake is told, in which words, with which nearest word, and that nothing else is
 * said. SPEC: P12 */
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

static const char call[] =
    "type: call\n"
    "at: town\n"
    "dated: day\n"
    "fields:\n"
    "  day: {is: date, required: yes}\n"
    "  kind: {is: choice, of: {advice: 咨询, help: 求助}}\n"
    "  text: {is: text, max: 60}\n"
    "  body: {is: note}\n"
    "  grain: {is: weight, unit: jin}\n"
    "  whole: {is: link, to: call}\n"
    "unique: [unit, day]\n"
    "states:\n"
    "  draft: {draft: yes, see: author}\n"
    "  sent: {see: [author, office]}\n"
    "  over: {end: done, see: [author, office]}\n"
    "actions:\n"
    "  create: {to: draft, by: clerk here}\n"
    "  change: {from: draft, by: author}\n"
    "  send: {from: draft, to: sent, by: author}\n"
    "  finish: {from: sent, to: over, by: office, asks: {answer: {is: remark, of: body}}}\n"
    "duties:\n"
    "  look: {while: sent, owed_by: office, within: 7 workdays}\n"
    "offline: yes\n";

typedef struct Line {
    const char *from, *to; /* what is changed; to == NULL: the whole text is `from` */
    int line, column;
    const char *says; /* part of the message */
    const char *hint; /* "" none */
} Line;

static Str changed(const char *text, const Line *row)
{
    if (!row->to)
        return str_of(row->from);
    Str s = str_of(text), from = str_of(row->from);
    ptrdiff_t at = str_find(s, from);
    if (at < 0) {
        test_fail(__FILE__, __LINE__, "the good file has no: %s", row->from);
        return s;
    }
    return str_fmt(arena, "%.*s%s%s", (int)at, text, row->to, text + (size_t)at + from.n);
}

static void expect_one(const char *file, Str type_text, Str tree_text, const Line *row)
{
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = tree_text},
                         {.path = S("town/call.yaml"), .text = type_text}};
    const Model *m = NULL;
    ModelError *errors = NULL;
    size_t n = 0;
    Err e = err_on(arena);
    int rc = model_load(arena, src, LEN(src), LANG_EN, &m, &errors, &n, &e);
    bool is_so = rc == ERR_INVALID && n == 1 && str_eq(errors[0].file, str_of(file)) &&
                 errors[0].line == row->line && errors[0].column == row->column &&
                 str_find(errors[0].message, str_of(row->says)) >= 0 &&
                 str_eq(str_has(errors[0].hint) ? errors[0].hint : S(""), str_of(row->hint));
    if (is_so)
        return;
    test_fail(__FILE__, __LINE__, "%.60s -> %.60s: want %d:%d %s [%s], got %zu", row->from,
              row->to ? row->to : "", row->line, row->column, row->says, row->hint, n);
    for (size_t i = 0; i < n; i++)
        test_note("%.*s:%d:%d: %.*s [%.*s]", STR_ARG(errors[i].file), errors[i].line,
                  errors[i].column, STR_ARG(errors[i].message), STR_ARG(errors[i].hint));
}

static void expect_rows(const Line *rows, size_t n)
{
    arena = arena_new(64 * 1024);
    for (size_t i = 0; i < n; i++)
        expect_one("town/call.yaml", changed(call, &rows[i]), str_of(tree), &rows[i]);
    arena_free(arena);
}

TEST(the_good_file_is_good)
{
    arena = arena_new(4096);
    failure = err_on(arena);
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree)},
                         {.path = S("town/call.yaml"), .text = str_of(call)}};
    const Model *m = NULL;
    ModelError *errors = NULL;
    size_t n = 0;
    REQUIRE_OK(model_load(arena, src, LEN(src), LANG_EN, &m, &errors, &n, &failure), &failure);
    EXPECT_EQ_I64(m->type_n, 1);
    arena_free(arena);
}

TEST(yaml_beyond_the_subset_is_refused)
{
    static const Line rows[] = {
        {"is: note", "is: &n note", 8, 14, "Anchors (&) are not used", ""},
        {"fields:\n", "fields: &f\n", 4, 9, "Anchors (&) are not used", ""},
        {"is: note", "is: *n", 8, 14, "Aliases (*) are not used", ""},
        {"is: note", "is: !!str note", 8, 14, "Tags (!) are not used", ""},
        {"is: note", "is: ! note", 8, 14, "Tags (!) are not used", ""},
        {"unique: [unit, day]", "unique: !!seq [unit, day]", 11, 9, "Tags (!) are not used", ""},
        {"type: call\n", "%YAML 1.1\n---\ntype: call\n", 1, 1, "Directives (%) are not used", ""},
        {"offline: yes\n", "offline: yes\n---\ntype: other\n", 24, 1, "One type a file", ""},
        {"", NULL, 1, 1, "The file is empty", ""},
        {"# only this\n", NULL, 1, 1, "The file is empty", ""},
        {"at: town\n", "at: town\nat: town\n", 3, 1, "`at` stands twice, first in line 2", ""},
        {"is: note", "is: note, is: text", 8, 20, "`is` stands twice, first in line 8", ""},
        {"unit: jin", "\"unit\": \"jin\", unit: kg", 9, 38, "`unit` stands twice", ""},
        {"  body:", "  [a, b]:", 8, 3, "What stands before a colon", ""},
        {"  body:", "\tbody:", 8, 1, "Indent with blanks, not tabs", ""},
        {"{is: note}", "{is: note", 9, 8, "A comma is missing between brackets", ""},
        {"is: note", "is: \"note", 8, 14, "A quote or bracket is not closed", ""},
        {"at: town\n", "at\n", 3, 1, "A colon is missing", ""},
        {"at: town\n", "at: town: x\n", 2, 9, "Two colons on one line", ""},
        {"at: town\n", "at: town\n at: x\n", 3, 4, "Two colons", ""},
        {"at: town\n", "at: \xff\xfe\n", 2, 5, "not UTF-8", ""},
        {"咨询", "咨\xe8\xaf", 6, 36, "not UTF-8", ""},
        {"咨询", "咨\x01", 6, 36, "invisible control character", ""},
        {"咨询", "咨\x7f", 6, 36, "invisible control character", ""},
        {"[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", NULL, 1, 17, "at most 16 levels", ""},
    };
    expect_rows(rows, LEN(rows));
}

TEST(sections_and_values_are_checked)
{
    static const Line rows[] = {
        {"just text", NULL, 1, 1,
         "a type is written as `word: value` pairs. Known here: type label", ""},
        {"- a\n- b\n", NULL, 1, 1, "a type is written as `word: value` pairs", ""},
        {"dated: day", "datd: day", 3, 1,
         "`datd` is not a word of a type. Known here: type label at", "dated"},
        {"offline: yes", "chain: {}", 23, 1, "`chain` is not a word of a type", ""},
        {"type: call\n", "type: Call\n", 1, 7, "`Call` cannot be a name", ""},
        {"type: call\n", "type: [call]\n", 1, 7, "Expected here: a name", ""},
        {"type: call\n", "", 1, 1, "`type` is missing in a type", ""},
        {"at: town\n", "", 1, 1, "`at` is missing in a type", ""},
        {"at: town\n", "at:\n", 2, 4, "Expected here: a kind of unit", ""},
        {"at: town", "at: []", 2, 5, "Expected here: a kind of unit", ""},
        {"at: town", "at: town\nline: polcy", 3, 7, "Expected here: one of policy, village", ""},
        {"at: town", "at: twon", 2, 5, "There is no kind of unit `twon`", "town"},
        {"at: town", "at: [town, town]", 2, 12, "`town` stands twice in this list", ""},
        {"at: town", "at: [town, [county]]", 2, 12, "Each item of the list is one word", ""},
        {"at: town\n", "at: town\nlabel: {en: Call}\n", 3, 8, "`zh` is missing in a label", ""},
        {"at: town\n", "at: town\nlabel: {zh: 来电, de: Anruf}\n", 3, 17,
         "`de` is not a word of a label", ""},
        {"at: town\n", "at: town\nlabel: [来电]\n", 3, 8, "Expected here: a text, or {zh:", ""},
        {"at: town\n", "at: town\nlabel: \" \"\n", 3, 8, "A label has 1 to 60 characters", ""},
        {"at: town\n", "at: town\nlabel: \"a\\nb\"\n", 3, 8, "A label has 1 to 60 characters", ""},
        {"offline: yes", "offline: on", 23, 10, "Expected here: yes or no", ""},
        {"offline: yes", "offline: true", 23, 10, "Expected here: yes or no", ""},
        {"required: yes", "required: maybe", 5, 29, "Expected here: yes, no, or when EXPR", ""},
    };
    expect_rows(rows, LEN(rows));
}

TEST(types_fields_and_what_they_name)
{
    static const Line rows[] = {
        {"dated: day", "dated: dya", 3, 8, "This type has no field `dya`", "day"},
        {"dated: day", "dated: text", 3, 8, "`dated` names a field of kind date", ""},
        {"{is: date, required: yes}", "{is: date}", 3, 8, "that is `required: yes`", ""},
        {"unique: [unit, day]", "unique: [unti, day]", 11, 10, "This type has no field `unti`", ""},
        {"unique: [unit, day]", "unique: [unit, body]", 11, 16,
         "body is long or holds several things", ""},
        {"unique: [unit, day]", "unique: [county]", 11, 10, "This type has no field `county`", ""},
        {"is: note", "is: notes", 8, 14, "There is no kind of field `notes`. Known: text note int",
         "note"},
        {"is: link, to: call", "is: linc, to: call", 10, 15, "There is no kind of field `linc`",
         "link"},
        {"is: note", "iss: note", 8, 10, "`iss` is not a word of a field", "is"},
        {"  whole: {is: link, to: call}", "  whole: {to: call}", 10, 3,
         "`is` is missing in a field", ""},
        {"  whole: {is: link, to: call}", "  whole: link", 10, 10,
         "a field is written as `word: value` pairs", ""},
        {"  text:", "  Text:", 7, 3, "`Text` cannot be a name", ""},
        {"  text:", "  文字:", 7, 3, "`文字` cannot be a name", ""},
        {"  text:", "  a23456789012345678901234567890123456789012:", 7, 3, "at most 40", ""},
        {"  text:", "  county:", 7, 3, "A field cannot be called `county`", ""},
        {"  text:", "  made_ms:", 7, 3, "A field cannot be called `made_ms`", ""},
        {"  text:", "  ctid:", 7, 3, "A field cannot be called `ctid`", ""},
        {"answer: {is", "text: {is", 20, 53, "There is a field `text` already", ""},
        {"max: 60", "max: many", 7, 25, "a whole number from 1 to 8000", ""},
        {"max: 60", "max: 8001", 7, 25, "a whole number from 1 to 8000", ""},
        {"max: 60", "max: 1_000", 7, 25, "a whole number from 1 to 8000", ""},
        {"max: 60", "min: 6", 7, 20,
         "`min` does not belong to a field of kind text. It is for: int", ""},
        {"max: 60", "many: 6", 7, 20,
         "`many` does not belong to a field of kind text. It is for: photo", ""},
        {"max: 60", "of: body", 7, 20, "It is for: choice remark", ""},
        {"max: 60", "to: call", 7, 20, "It is for: link", ""},
        {"max: 60", "max: 2, default: abc", 7, 37,
         "This is no text: At most 2 characters; there are 3", ""},
        {"is: text, max: 60", "is: photo, many: 10", 7, 27, "a whole number from 1 to 9", ""},
        {"is: text, max: 60", "is: int, max: 1.5", 7, 24,
         "This is no int: Please write a whole number", ""},
        {"is: text, max: 60", "is: int, max: today", 7, 24, "This is no int", ""},
        {"is: text, max: 60", "is: int, max: 3, min: 4", 7, 32, "`min` is more than `max`", ""},
        {"is: text, max: 60", "is: area, max: 3, default: 3.01", 7, 37,
         "This is no area: It cannot be more than 3.00", ""},
        {"is: text, max: 60", "is: date, max: 2026-02-30", 7, 25, "This is no date", ""},
        {"is: text, max: 60", "is: money, per: acre", 7, 26, "one of: mu jin kg", ""},
        {"is: text, max: 60", "is: choice", 7, 3, "A field of kind choice needs `of`", ""},
        {"is: text, max: 60", "is: link", 7, 3, "A field of kind link needs `to`", ""},
        {"unit: jin", "unit: jni", 9, 29, "one of: jin kg g", "jin"},
        {"of: {advice: 咨询, help: 求助}", "of: help", 6, 26,
         "The `of` of a choice lists its choices", ""},
        {"of: {advice: 咨询, help: 求助}", "of: {}", 6, 26, "There is nothing in it", ""},
        {"advice: 咨询", "Advice: 咨询", 6, 27, "`Advice` cannot be a name", ""},
        {"help: 求助}", "help: 求助}, default: hepl", 6, 59, "There is no choice `hepl`", "help"},
        {"help: 求助", "help: [求助]", 6, 45, "Expected here: a text, or {zh:", ""},
        {"to: call", "to: cal", 10, 25, "There is no type `cal`", "call"},
        {"to: call", "to: unit", 10, 25, "There is no type `unit`", ""},
        {"of: body}", "of: day}", 20, 78,
         "A remark is on a field of kind text or note, which day is not", ""},
        {"of: body}", "of: boddy}", 20, 78, "This type has no field `boddy`", "body"},
        {"of: body}", "of: {body: x}}", 20, 78, "Expected here: a name", ""},
        {", of: body}", "}", 20, 53, "A field of kind remark needs `of`", ""},
    };
    expect_rows(rows, LEN(rows));
}

TEST(states_actions_and_duties_fit_together)
{
    static const Line rows[] = {
        {"  sent: {see: [author, office]}", "  sent: {}", 14, 3,
         "Nobody is said to see the state sent", ""},
        {"  sent: {see: [author, office]}", "  sent: {see: []}", 14, 15,
         "Expected here: who (author, ROLE", ""},
        {"see: [author, office]}\n  over", "see: [author, ofice]}\n  over", 14, 24,
         "There is no role `ofice`", "office"},
        {"see: [author, office]}\n  over", "see: [autor, office]}\n  over", 14, 16,
         "There is no role `autor`", "author"},
        {"see: [author, office]}\n  over", "see: [author, office there]}\n  over", 14, 24,
         "`office there` is not understood", ""},
        {"see: [author, office]}\n  over", "see: [author here, office]}\n  over", 14, 16,
         "`author here` is not understood", ""},
        {"see: [author, office]}\n  over", "see: [author, office, office here]}\n  over", 14, 32,
         "office does not sit at a unit where call is kept", ""},
        {"at: town", "at: county", 17, 27, "clerk does not sit at a unit where call is kept", ""},
        {"end: done", "end: finished", 15, 15, "Expected here: done or void", ""},
        {"draft: yes,", "draft: yes, end: void,", 13, 3, "The state draft is a draft and an end",
         ""},
        {"{draft: yes, see: author}", "{draft: yes, see: [author, office]}", 13, 28,
         "The draft draft is for its author and his own unit", ""},
        {"{draft: yes, see: author}", "{draft: yes, color: red, see: author}", 13, 23,
         "`color` is not a word of a state", ""},
        {"states:\n", "states:\n  \"*\": {end: done, see: office}\n", 13, 9,
         "`end` is not a word of all other states", ""},
        {"states:\n", "states:\n  \"*\": {}\n", 13, 3, "`see` is missing in all other states", ""},
        {"states:\n", "states:\n  lost: {see: office}\n", 13, 3, "The state lost is never reached",
         ""},
        {"  create: {to: draft, by: clerk here}\n", "", 16, 1, "The action `create` is missing",
         ""},
        {"create: {to: draft,", "create: {from: sent, to: draft,", 17, 12,
         "`from` does not belong to the action create", ""},
        {"create: {to: draft,", "create: {", 17, 3, "`to` is missing in an action", ""},
        {"create: {to: draft,", "create: {to: drfat,", 17, 16, "There is no state `drfat`",
         "draft"},
        {"create: {to: draft,", "create: {to: draft, many: yes,", 17, 23,
         "`many` does not belong to the action create", ""},
        {"by: clerk here}", "by: [clerk here, author]}", 17, 27,
         "There is no author yet at `create`", ""},
        {"by: clerk here}", "by: clerk there}", 17, 27, "`clerk there` is not understood", ""},
        {"change: {from: draft,", "change: {", 18, 3, "`from` is missing in an action", ""},
        {"change: {from: draft,", "change: {from: draft, to: sent,", 18, 25,
         "`to` does not belong to the action change", ""},
        {"change: {from: draft, by: author}", "change: {from: draft, by: office}", 18, 29,
         "office does not see the state draft", ""},
        {"change: {from: draft, by: author}", "change: {from: draft}", 18, 3,
         "`by` is missing in an action", ""},
        {"change: {from: draft, by: author}", "change: {from: [draft, snt], by: author}", 18, 26,
         "There is no state `snt`", "sent"},
        {"send: {from: draft, to: sent,", "send: {from: draft,", 19, 3,
         "`to` is missing in an action", ""},
        {"  send: {", "  history: {", 19, 3, "An action cannot be called `history`", ""},
        {"  send: {", "  Send: {", 19, 3, "`Send` cannot be a name", ""},
        {"to: over, by: office,", "to: over, by: office, when: x,", 20, 52,
         "Column 52: there is no field or word \"x\"", ""},
        {"asks: {answer: {is: remark, of: body}}", "asks: {}", 20, 52, "There is nothing in it",
         ""},
        {"asks: {answer: {is: remark, of: body}}", "asks: answer", 20, 52,
         "Expected here: {field: …}", ""},
        {"while: sent", "while: over", 22, 17, "The state over is an end, so nothing is owed in it",
         ""},
        {"while: sent", "while: snet", 22, 17, "There is no state `snet`", "sent"},
        {"owed_by: office", "owed_by: clerk", 22, 32, "clerk does not see the state sent", ""},
        {"owed_by: office", "owed_by: [office]", 22, 32,
         "Expected here: who (author, ROLE, ROLE here …), one", ""},
        {"within: 7 workdays", "within: 7", 22, 48, "Expected here: a time such as 7 workdays", ""},
        {"within: 7 workdays", "within: 0 days", 22, 48, "Expected here: a time such as 7 workdays",
         ""},
        {"within: 7 workdays", "within: 367 days", 22, 48,
         "Expected here: a time such as 7 workdays", ""},
        {"within: 7 workdays", "within: 7 workdays, due: day", 22, 60,
         "Write `within` or `due`, not both", ""},
    };
    expect_rows(rows, LEN(rows));
}

TEST(the_tree_is_checked)
{
    static const Line rows[] = {
        {"    town: {in: county}", "    town: {in: conty}", 4, 16,
         "There is no kind of unit `conty`", "county"},
        {"en: County}}", "en: County}, in: town}", 3, 46, "county comes to lie under itself", ""},
        {"town: {in: county}", "town: {under: county}", 4, 12,
         "`under` is not a word of a kind of unit", ""},
        {"clerk: {at: town,", "clerk: {", 7, 5, "`at` is missing in a role", ""},
        {"town, falls_to: office}", "town}", 7, 5, "`falls_to` is missing in a role", ""},
        {"town, falls_to: office}", "town, falls_to: offic}", 7, 33, "There is no role `offic`",
         "office"},
        {"county, falls_to: office}", "county, falls_to: clerk}", 6, 36,
         "clerk sits at no unit above office", ""},
        {"  roles:", "  people: {}\n  roles:", 5, 3, "`people` is not a word of the tree", ""},
    };
    arena = arena_new(64 * 1024);
    for (size_t i = 0; i < LEN(rows); i++)
        expect_one("base/tree.yaml", str_of(call), changed(tree, &rows[i]), &rows[i]);
    static const Line missing = {"", "", 1, 1, "There is no tree of units", ""};
    Line other = {"", "", 1, 1, "The tree stands once only; it is in base/tree.yaml already", ""};
    expect_one("base/tree.yaml", str_of(call),
               S("type: extra\nat: town\nfields: {a: {is: text}}\n"
                 "states: {open: {see: clerk}}\n"
                 "actions: {create: {to: open, by: clerk here}}\n"),
               &missing);
    expect_one("town/call.yaml", str_of(tree), str_of(tree), &other);
    arena_free(arena);
}

static size_t load(const ModelSource *src, size_t n, Lang lang, ModelError **ret)
{
    const Model *m = NULL;
    size_t error_n = 0;
    failure = err_on(arena);
    EXPECT_ERR(model_load(arena, src, n, lang, &m, ret, &error_n, &failure), ERR_INVALID, &failure);
    return error_n;
}

TEST(all_mistakes_of_all_files_are_told_in_order)
{
    arena = arena_new(64 * 1024);
    ModelError *errors = NULL;
    ModelSource src[] = {
        {.path = S("village/b.yaml"),
         .text = S("type: b\nat: twn\nfilds: {}\nfields: {a: {is: txt}}\nstates: {open: {}}\n"
                   "actions: {create: {to: opn, by: clrk}}\n")},
        {.path = S("town/call.yaml"), .text = str_of(call)},
        {.path = S("base/tree.yaml"), .text = str_of(tree)},
        {.path = S("nowhere/a.yaml"), .text = S("type: call\nat: [")},
    };
    size_t n = load(src, LEN(src), LANG_EN, &errors);
    static const struct {
        const char *file;
        int line, column;
        const char *hint;
    } want[] = {
        {"nowhere/a.yaml", 2, 5, ""},       {"village/b.yaml", 2, 5, "town"},
        {"village/b.yaml", 3, 1, "fields"}, {"village/b.yaml", 4, 18, "text"},
        {"village/b.yaml", 5, 10, ""},      {"village/b.yaml", 6, 24, "open"},
        {"village/b.yaml", 6, 33, "clerk"},
    };
    EXPECT_EQ_I64(n, LEN(want));
    for (size_t i = 0; i < n && i < LEN(want); i++) {
        EXPECT_STR(errors[i].file, want[i].file);
        EXPECT_EQ_I64(errors[i].line, want[i].line);
        EXPECT_EQ_I64(errors[i].column, want[i].column);
        EXPECT_STR(str_has(errors[i].hint) ? errors[i].hint : S(""), want[i].hint);
    }
    arena_free(arena);
}

TEST(a_path_is_no_name_of_a_type)
{
    arena = arena_new(64 * 1024);
    static const char *const taken[] = {"me",      "figures", "file", "api",    "login",
                                        "logout",  "healthz", "unit", "units",  "person",
                                        "account", "who",     "new",  "static", "import"};
    for (size_t i = 0; i < LEN(taken); i++) {
        Str text =
            str_fmt(arena,
                    "type: %s\nat: town\nfields: {a: {is: int}}\nstates: {open: {see: clerk}}\n"
                    "actions: {create: {to: open, by: clerk here}}\n",
                    taken[i]);
        Line want = {taken[i], "", 1, 7, "A type cannot be called", ""};
        expect_one("town/call.yaml", text, str_of(tree), &want);
    }
    arena_free(arena);
}

TEST(the_same_in_chinese)
{
    arena = arena_new(64 * 1024);
    ModelError *errors = NULL;
    Line row = {"dated: day", "datd: day", 0, 0, "", ""};
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree)},
                         {.path = S("town/call.yaml"), .text = changed(call, &row)}};
    REQUIRE(load(src, LEN(src), LANG_ZH, &errors) == 1);
    EXPECT_STR(errors[0].message,
               "类型里没有“datd”这个词。可以写：type label at dated part_of me fields unique "
               "checks states actions duties figures runs offline operator line keep receipts "
               "was removed");
    EXPECT_STR(errors[0].hint, "dated");
    arena_free(arena);
}

TEST(types_of_one_name_and_folders)
{
    arena = arena_new(64 * 1024);
    ModelError *errors = NULL;
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree)},
                         {.path = S("town/call.yaml"), .text = str_of(call)},
                         {.path = S("twon/other.yaml"), .text = str_of(call)}};
    REQUIRE(load(src, LEN(src), LANG_EN, &errors) == 2);
    EXPECT(str_find(errors[0].message, S("There is no folder `twon`")) >= 0);
    EXPECT_STR(errors[0].hint, "town");
    EXPECT(str_find(errors[1].message, S("The type `call` is in town/call.yaml already")) >= 0);
    arena_free(arena);
}

/* A map of n like entries. */
static Str many(size_t n, const char *head, const char *entry, const char *tail)
{
    Buf b = {.arena = arena};
    buf_z(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%sn%zu: %s", i ? ", " : "", i, entry);
    buf_z(&b, tail);
    return buf_view(&b);
}

TEST(limits_are_kept)
{
    arena = arena_new(64 * 1024);
    const char *flow =
        "states: {open: {see: clerk}}\nactions: {create: {to: open, by: clerk here}}\n";
    const struct {
        Str text;
        Line want;
    } cases[] = {
        {many(LIMIT_FIELDS + 1, "type: call\nat: town\nfields: {", "{is: int}",
              str_z(arena, str_fmt(arena, "}\n%s", flow))),
         {"fields", "", 3, 1, "There are too many: at most 120", ""}},
        {many(LIMIT_CHOICES + 1, "type: call\nat: town\nfields: {a: {is: choice, of: {", "x",
              str_z(arena, str_fmt(arena, "}}}\n%s", flow))),
         {"choices", "", 3, 26, "There are too many: at most 200", ""}},
        {many(LIMIT_STATES + 1, "type: call\nat: town\nfields: {a: {is: int}}\nstates: {",
              "{see: clerk}", "}\nactions: {create: {to: n0, by: clerk here}}\n"),
         {"states", "", 4, 1, "There are too many: at most 32", ""}},
        {many(LIMIT_MODEL_KEYS + 1, "type: call\nx: {", "y", "}\n"),
         {"keys", "", 2, 4, "There are too many: at most 512", ""}},
        {many(LIMIT_MODEL_NODES, "type: call\nx: {", "y", "}\n"),
         {"nodes", "", 2, 0, "at most 50000 items", ""}},
        {many(200000, "type: call\nx: {", "y", "}\n"), {"bytes", "", 1, 1, "at most 1024 KB", ""}},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree)},
                             {.path = S("town/call.yaml"), .text = cases[i].text}};
        ModelError *errors = NULL;
        size_t n = load(src, LEN(src), LANG_EN, &errors);
        if (n != 1 || errors[0].line != cases[i].want.line ||
            (cases[i].want.column && errors[0].column != cases[i].want.column) ||
            str_find(errors[0].message, str_of(cases[i].want.says)) < 0) {
            test_fail(__FILE__, __LINE__, "%s: %zu mistakes", cases[i].want.from, n);
            for (size_t k = 0; k < n; k++)
                test_note("%d:%d %.*s", errors[k].line, errors[k].column,
                          STR_ARG(errors[k].message));
        }
    }
    Buf bad = {.arena = arena};
    for (int i = 0; i < 400; i++)
        buf_fmt(&bad, "w%d: x\n", i);
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree)},
                         {.path = S("town/call.yaml"), .text = buf_view(&bad)}};
    ModelError *errors = NULL;
    EXPECT_EQ_I64(load(src, LEN(src), LANG_EN, &errors), LIMIT_MODEL_ERRORS);
    arena_free(arena);
}

/* Files cut, doubled and with bytes changed are read or refused, never more. */
TEST(broken_bytes_never_crash)
{
    arena = arena_new(64 * 1024);
    static const char spice[] = "{}[]:,&*!%#'\"|>-\n\t  ay\xe5\x92\xa8";
    size_t refused = 0;
    for (int turn = 0; turn < 3000; turn++) {
        size_t mark = arena_mark(arena);
        Str from = turn % 3 ? str_of(call) : str_of(tree);
        Buf b = {.arena = arena};
        buf_str(&b, from);
        for (uint64_t k = test_below(6); k > 0; k--)
            b.p[test_below(b.n)] = spice[test_below(sizeof spice - 1)];
        Str text = buf_view(&b);
        if (test_below(4) == 0)
            text = str_sub(text, 0, test_below(text.n));
        ModelSource src[] = {{.path = S("base/tree.yaml"), .text = turn % 3 ? str_of(tree) : text},
                             {.path = S("town/call.yaml"), .text = turn % 3 ? text : str_of(call)}};
        const Model *m = NULL;
        ModelError *errors = NULL;
        size_t n = 0;
        Err e = err_on(arena);
        int rc =
            model_load(arena, src, LEN(src), turn % 2 ? LANG_ZH : LANG_EN, &m, &errors, &n, &e);
        EXPECT((rc == 0 && m && n == 0) || (rc == ERR_INVALID && !m && n > 0));
        refused += rc < 0;
        for (size_t i = 0; i < n; i++)
            if (errors[i].line < 1 || errors[i].column < 1 || errors[i].message.n == 0)
                test_fail(__FILE__, __LINE__, "turn %d: a mistake without its place", turn);
        arena_rewind(arena, mark);
    }
    EXPECT(refused > 1000);
    arena_free(arena);
}
