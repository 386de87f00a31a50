/* test_model_words.c: the help tells every word the parser knows, in both languages; the tables are
 * in step with their indexes; docs/model.md is what the help prints (STAVE_UPDATE=1 writes it). */
#include "test.h"

#include "model/model_int.h"

static Arena *arena;

static void expect_told(Str help, const char *word)
{
    Str cell = str_fmt(arena, "| `%s` |", word);
    if (str_find(help, cell) < 0)
        test_fail(__FILE__, __LINE__, "the help does not tell `%s`", word);
}

TEST(the_help_tells_every_word_and_kind)
{
    arena = arena_new(64 * 1024);
    for (int lang = 0; lang < LANG_MAX; lang++) {
        Str help = model_help(arena, (Lang)lang, STR_NONE, true);
        for (int s = 0; s < SECTION_MAX; s++)
            for (int w = 0; w < sections[s].word_n; w++)
                expect_told(help, sections[s].words[w].name);
        for (int k = 0; k < KIND_MAX; k++)
            expect_told(help, model_kind((KindId)k)->name);
        EXPECT(str_find(help, S("| `ROLE here` |")) > 0);
        EXPECT(str_find(help, S("model.")) < 0); /* no key without its sentence */
        Str plain = model_help(arena, (Lang)lang, STR_NONE, false);
        for (int w = 0; w < SECTION_MAX * WORDS_IN_SECTION; w++) {
            const Section *of = &sections[w / WORDS_IN_SECTION];
            if (w % WORDS_IN_SECTION < of->word_n)
                EXPECT(str_find(plain, str_fmt(arena, "\n  %s ",
                                               of->words[w % WORDS_IN_SECTION].name)) > 0);
        }
    }
    arena_free(arena);
}

TEST(a_word_narrows_the_help)
{
    arena = arena_new(64 * 1024);
    Str all = model_help(arena, LANG_EN, S("required"), false);
    EXPECT(str_find(all, S("required")) > 0 && str_find(all, S("falls_to")) < 0);
    EXPECT(str_find(model_help(arena, LANG_EN, S("photo"), false), S("photo")) > 0);
    EXPECT(str_find(model_help(arena, LANG_EN, S("here"), false), S("ROLE here")) > 0);
    EXPECT(str_find(model_help(arena, LANG_EN, S("action"), false), S("asks")) > 0);
    EXPECT(str_find(model_help(arena, LANG_EN, S("below"), false), S("ROLE below")) > 0);
    EXPECT(str_find(model_help(arena, LANG_EN, S("computed"), false), S("count(ROWS where")) > 0);
    EXPECT(str_find(model_help(arena, LANG_ZH, S("overlay"), false), S("stave model plan")) > 0);
    EXPECT(!str_has(model_help(arena, LANG_EN, S("chain"), false)));
    arena_free(arena);
}

TEST(the_tables_are_in_step_with_their_indexes)
{
    static const struct {
        SectionId section;
        int index;
        const char *word;
    } at[] = {
        {SECTION_TREE_FILE, TREE_FILE_TREE, "tree"},
        {SECTION_TREE, TREE_ROLES, "roles"},
        {SECTION_UNIT_KIND, UNIT_IN, "in"},
        {SECTION_ROLE, ROLE_LABEL, "label"},
        {SECTION_ROLE, ROLE_AT, "at"},
        {SECTION_ROLE, ROLE_FALLS_TO, "falls_to"},
        {SECTION_TYPE, TYPE_TYPE, "type"},
        {SECTION_TYPE, TYPE_LABEL, "label"},
        {SECTION_TYPE, TYPE_AT, "at"},
        {SECTION_TYPE, TYPE_DATED, "dated"},
        {SECTION_TYPE, TYPE_PART_OF, "part_of"},
        {SECTION_TYPE, TYPE_ME, "me"},
        {SECTION_TYPE, TYPE_FIELDS, "fields"},
        {SECTION_TYPE, TYPE_UNIQUE, "unique"},
        {SECTION_TYPE, TYPE_CHECKS, "checks"},
        {SECTION_TYPE, TYPE_STATES, "states"},
        {SECTION_TYPE, TYPE_ACTIONS, "actions"},
        {SECTION_TYPE, TYPE_DUTIES, "duties"},
        {SECTION_TYPE, TYPE_FIGURES, "figures"},
        {SECTION_TYPE, TYPE_RUNS, "runs"},
        {SECTION_TYPE, TYPE_OFFLINE, "offline"},
        {SECTION_TYPE, TYPE_OPERATOR, "operator"},
        {SECTION_TYPE, TYPE_LINE, "line"},
        {SECTION_TYPE, TYPE_KEEP, "keep"},
        {SECTION_TYPE, TYPE_RECEIPTS, "receipts"},
        {SECTION_TYPE, TYPE_WAS, "was"},
        {SECTION_TYPE, TYPE_REMOVED, "removed"},
        {SECTION_FIELD, FIELD_IS, "is"},
        {SECTION_FIELD, FIELD_LABEL, "label"},
        {SECTION_FIELD, FIELD_REQUIRED, "required"},
        {SECTION_FIELD, FIELD_SHOWN, "shown"},
        {SECTION_FIELD, FIELD_COMPUTED, "computed"},
        {SECTION_FIELD, FIELD_COPY, "copy"},
        {SECTION_FIELD, FIELD_MAX, "max"},
        {SECTION_FIELD, FIELD_MIN, "min"},
        {SECTION_FIELD, FIELD_MANY, "many"},
        {SECTION_FIELD, FIELD_FIND, "find"},
        {SECTION_FIELD, FIELD_INDEX, "index"},
        {SECTION_FIELD, FIELD_DEFAULT, "default"},
        {SECTION_FIELD, FIELD_OF, "of"},
        {SECTION_FIELD, FIELD_TO, "to"},
        {SECTION_FIELD, FIELD_UNIT, "unit"},
        {SECTION_FIELD, FIELD_PER, "per"},
        {SECTION_FIELD, FIELD_PARTY, "party"},
        {SECTION_FIELD, FIELD_PERSONAL, "personal"},
        {SECTION_FIELD, FIELD_PURPOSE, "purpose"},
        {SECTION_FIELD, FIELD_START, "start"},
        {SECTION_FIELD, FIELD_UNIQUE, "unique"},
        {SECTION_FIELD, FIELD_EXCLUSIVE, "exclusive"},
        {SECTION_FIELD, FIELD_WAS, "was"},
        {SECTION_FIELD, FIELD_REMOVED, "removed"},
        {SECTION_STATE, STATE_LABEL, "label"},
        {SECTION_STATE, STATE_DRAFT, "draft"},
        {SECTION_STATE, STATE_END, "end"},
        {SECTION_STATE, STATE_SEE, "see"},
        {SECTION_STATE, STATE_WAS, "was"},
        {SECTION_STATE, STATE_REMOVED, "removed"},
        {SECTION_STATE_REST, 0, "see"},
        {SECTION_ACTION, ACTION_LABEL, "label"},
        {SECTION_ACTION, ACTION_FROM, "from"},
        {SECTION_ACTION, ACTION_TO, "to"},
        {SECTION_ACTION, ACTION_BY, "by"},
        {SECTION_ACTION, ACTION_WHEN, "when"},
        {SECTION_ACTION, ACTION_MANY, "many"},
        {SECTION_ACTION, ACTION_DUE, "due"},
        {SECTION_ACTION, ACTION_ASKS, "asks"},
        {SECTION_ACTION, ACTION_MAKES, "makes"},
        {SECTION_ACTION, ACTION_CODE, "code"},
        {SECTION_ACTION, ACTION_WAS, "was"},
        {SECTION_ACTION, ACTION_REMOVED, "removed"},
        {SECTION_DUTY, DUTY_LABEL, "label"},
        {SECTION_DUTY, DUTY_WHILE, "while"},
        {SECTION_DUTY, DUTY_UPON, "upon"},
        {SECTION_DUTY, DUTY_OWED_BY, "owed_by"},
        {SECTION_DUTY, DUTY_WITHIN, "within"},
        {SECTION_DUTY, DUTY_DUE, "due"},
        {SECTION_DUTY, DUTY_MET_BY, "met_by"},
        {SECTION_DUTY, DUTY_REMOVED, "removed"},
        {SECTION_CHOICE, CHOICE_LABEL, "label"},
        {SECTION_CHOICE, CHOICE_WAS, "was"},
        {SECTION_CHOICE, CHOICE_REMOVED, "removed"},
        {SECTION_CHECK, CHECK_LABEL, "label"},
        {SECTION_CHECK, CHECK_THAT, "that"},
        {SECTION_CHECK, CHECK_LAW, "law"},
        {SECTION_CHECK, CHECK_REMOVED, "removed"},
        {SECTION_FIGURE, FIGURE_LABEL, "label"},
        {SECTION_FIGURE, FIGURE_COUNT, "count"},
        {SECTION_FIGURE, FIGURE_SUM, "sum"},
        {SECTION_FIGURE, FIGURE_LEVEL, "level"},
        {SECTION_FIGURE, FIGURE_DISTINCT, "distinct"},
        {SECTION_FIGURE, FIGURE_SHARE, "share"},
        {SECTION_FIGURE, FIGURE_WHEN, "when"},
        {SECTION_FIGURE, FIGURE_BY, "by"},
        {SECTION_FIGURE, FIGURE_PER, "per"},
        {SECTION_FIGURE, FIGURE_LEAST, "least"},
        {SECTION_FIGURE, FIGURE_WAS, "was"},
        {SECTION_FIGURE, FIGURE_REMOVED, "removed"},
        {SECTION_RUN, RUN_LABEL, "label"},
        {SECTION_RUN, RUN_BY, "by"},
        {SECTION_RUN, RUN_CODE, "code"},
        {SECTION_RUN, RUN_MAKES, "makes"},
        {SECTION_LABEL, LABEL_ZH, "zh"},
        {SECTION_LABEL, LABEL_EN, "en"},
        {SECTION_UNIT_KIND, UNIT_LABEL, "label"},
        {SECTION_TREE, TREE_KINDS, "kinds"},
    };
    size_t words = 0;
    for (int s = 0; s < SECTION_MAX; s++) {
        EXPECT(sections[s].word_n <= WORDS_IN_SECTION);
        words += (size_t)sections[s].word_n;
    }
    EXPECT_EQ_I64(LEN(at), (int64_t)words);
    for (size_t i = 0; i < LEN(at); i++) {
        REQUIRE(at[i].index < sections[at[i].section].word_n);
        EXPECT_STR(str_of(sections[at[i].section].words[at[i].index].name), at[i].word);
    }
}

TEST(the_page_in_docs_is_what_the_help_prints)
{
    arena = arena_new(64 * 1024);
    Err e = err_on(arena);
    Env *env = env_real();
    Str text, help = model_help(arena, LANG_EN, STR_NONE, true);
    if (getenv("STAVE_UPDATE"))
        REQUIRE_OK(env->fns->write_file(env->self, S("docs/model.md"), help, 0644, &e), &e);
    REQUIRE_OK(env->fns->read_file(env->self, arena, S("docs/model.md"), 1 << 20, &text, &e), &e);
    EXPECT(str_eq(text, help));
    arena_free(arena);
}
