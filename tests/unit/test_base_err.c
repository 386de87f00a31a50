/* err_*, i18n_* */
#include "base/base.h"
#include "test.h"

TEST(the_first_failure_stays)
{
    Arena *a = arena_new(0);
    Err e = err_on(a);
    char name[] = "a.csv";
    EXPECT_EQ_I64(e.cls, 0);
    EXPECT_EQ_I64(err_set(&e, ERR_MISSING, "base.file_missing", str_of(name)), ERR_MISSING);
    name[0] = 'x'; /* arguments are copied */
    EXPECT_EQ_I64(err_set(&e, ERR_BUG, "base.path_bad"), ERR_MISSING);
    EXPECT_STR_EQ(e.key, S("base.file_missing"));
    EXPECT_STR_EQ(e.args[0], S("a.csv"));
    EXPECT(!str_has(e.args[1]));
    EXPECT(str_ends(str_of(e.file), S("test_base_err.c")));
    EXPECT(e.line > 0);
    err_clear(&e);
    EXPECT(e.cls == 0 && e.arena == a && !str_has(e.key));
    EXPECT_EQ_I64(err_set(&e, ERR_BUG, "base.path_bad"), ERR_BUG);
    arena_free(a);
}

TEST(all_fields_in_order)
{
    Arena *a = arena_new(0);
    Err e = err_on(a);
    for (int i = 0; i < 100; i++)
        EXPECT_EQ_I64(err_field(&e, str_fmt(a, "f%d", i), "x.too_long", err_int(&e, i)),
                      ERR_INVALID);
    EXPECT_EQ_I64(e.field_n, 100);
    EXPECT_STR_EQ(e.fields[0].field, S("f0"));
    EXPECT_STR_EQ(e.fields[99].field, S("f99"));
    EXPECT_STR_EQ(e.fields[99].args[0], S("99"));
    EXPECT_STR_EQ(e.key, S("base.invalid"));
    arena_free(a);
}

TEST(a_class_set_before_the_fields_stays)
{
    Arena *a = arena_new(0);
    Err e = err_on(a);
    (void)err_set(&e, ERR_DIFFERS, "base.invalid");
    EXPECT_EQ_I64(err_field(&e, STR_NONE, "x.differs"), ERR_DIFFERS);
    EXPECT(str_has(e.fields[0].field));
    EXPECT_EQ_I64(e.fields[0].field.n, 0);
    EXPECT(!str_has(e.fields[0].args[0]));
    arena_free(a);
}

static int fails(Err *e)
{
    return err_set(e, ERR_STATE, "base.path_bad");
}

static int tries(Err *e, bool *ret_came_through)
{
    TRY(0);
    TRY(fails(e));
    *ret_came_through = true;
    return 0;
}

TEST(try_returns_the_class)
{
    Arena *a = arena_new(0);
    Err e = err_on(a);
    bool came_through = false;
    EXPECT_EQ_I64(tries(&e, &came_through), ERR_STATE);
    EXPECT(!came_through);
    arena_free(a);
}

TEST(sentences_are_filled_in_both_languages)
{
    Arena *a = arena_new(0);
    Err e = err_on(a);
    (void)err_set(&e, ERR_LIMIT, "base.file_too_large", S("a{1}.csv"), err_int(&e, 1048576));
    EXPECT_STR_EQ(err_text(a, LANG_ZH, &e),
               S("文件 a{1}.csv 太大，最多 1048576 字节，请缩小或拆分后再试。"));
    EXPECT_STR_EQ(err_text(a, LANG_EN, &e),
               S("The file a{1}.csv is too large: at most 1048576 bytes. Make it smaller or split "
                 "it, then try again."));
    ErrField f = {.key = S("base.dir_exists"), .args = {S("<d>")}};
    EXPECT_STR_EQ(err_field_text(a, LANG_EN, &f), S("The folder <d> is already there."));
    arena_free(a);
}

TEST(missing_arguments_and_keys_show)
{
    Arena *a = arena_new(0);
    EXPECT_STR_EQ(i18n_text(a, LANG_EN, S("base.dir_exists"), NULL, 0),
               S("The folder {0} is already there."));
    EXPECT_STR_EQ(i18n_get(LANG_EN, S("base.dir_exists")), S("The folder {0} is already there."));
    EXPECT_STR_EQ(i18n_get(LANG_ZH, S("no.such_key")), S("no.such_key"));
    EXPECT_STR_EQ(i18n_text(a, LANG_ZH, S("no.such_{0}"), (Str[]){S("x")}, 1), S("no.such_x"));
    EXPECT_STR_EQ(i18n_get(LANG_ZH, S("")), S(""));
    arena_free(a);
}

TEST(every_sentence_of_base_is_there_twice)
{
    static const char *keys[] = {"base.invalid",       "base.file_missing", "base.file_too_large",
                                 "base.file_io",       "base.path_bad",     "base.dir_exists",
                                 "base.dir_too_large"};
    for (size_t i = 0; i < LEN(keys); i++) {
        Str key = str_of(keys[i]);
        EXPECT(!str_eq(i18n_get(LANG_ZH, key), key));
        EXPECT(!str_eq(i18n_get(LANG_EN, key), key));
        EXPECT(!str_eq(i18n_get(LANG_ZH, key), i18n_get(LANG_EN, key)));
    }
}
