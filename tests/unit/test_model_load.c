/* test_model_load.c: the built-in model is read as it was written, overlays take a file's place,
 * numbers are given once to every named thing. SPEC: P12 */
#include "test.h"

#include "model/model.h"

static Arena *arena;
static Err failure;

static void begin(void)
{
    arena = arena_new(16 * 1024);
    failure = err_on(arena);
}

static void end(void)
{
    arena_free(arena);
}

static const Model *builtin(void)
{
    const ModelSource *src;
    size_t n;
    const Model *m = NULL;
    ModelError *errors = NULL;
    size_t error_n = 0;
    model_builtin(arena, &src, &n);
    int rc = model_load(arena, src, n, LANG_EN, &m, &errors, &error_n, &failure);
    for (size_t i = 0; i < error_n; i++)
        test_note("%.*s:%d:%d: %.*s", STR_ARG(errors[i].file), errors[i].line, errors[i].column,
                  STR_ARG(errors[i].message));
    REQUIRE_OK(rc, &failure);
    return m;
}

TEST(the_tree_is_read)
{
    begin();
    const Model *m = builtin();
    const UnitKind *city = model_unit_kind(m, S("city")),
                   *village = model_unit_kind(m, S("village"));
    REQUIRE(city && village);
    EXPECT_EQ_I64(m->kind_n, 4);
    EXPECT_EQ_I64(city->under, 0);
    EXPECT(city->may_be_root);
    EXPECT(model_unit_kind(m, S("county"))->may_be_root);
    EXPECT(!village->may_be_root);
    EXPECT_EQ_I64(village->under, 7); /* a town, or with levels skipped a county or a city */
    EXPECT_STR(village->label.text[LANG_ZH], "村");
    const Role *office = model_role(m, S("county_office")),
               *secretary = model_role(m, S("first_secretary"));
    REQUIRE(office && secretary);
    EXPECT_EQ_I64(office->falls_to, office->ix);
    EXPECT_EQ_I64(office->at, 3);
    EXPECT_EQ_I64(secretary->falls_to, model_role(m, S("town_office"))->ix);
    EXPECT_EQ_I64(secretary->at, UINT64_C(1) << village->ix);
    EXPECT(model_role(m, S("nobody")) == NULL);
    end();
}

/* A type says which of the five lines it belongs to; else the folder does; else it is of none. */
TEST(a_type_is_of_one_of_five_lines)
{
    static const struct {
        const char *type;
        int line;
    } rows[] = {{"course", 1}, {"session", 1},   {"diary", 2}, {"plan_point", 3},
                {"study_trip", 4}, {"lease", 0}, {"parcel", 0}};
    begin();
    const Model *m = builtin();
    for (size_t i = 0; i < LEN(rows); i++) {
        const Type *t = model_type(m, str_of(rows[i].type));
        REQUIRE(t);
        EXPECT_EQ_I64(t->line, rows[i].line);
    }
    end();
}

TEST(the_diary_is_read)
{
    begin();
    const Model *m = builtin();
    const Type *t = model_type(m, S("diary"));
    REQUIRE(t);
    EXPECT_STR(t->folder, "village");
    EXPECT_STR(t->file, "village/diary.yaml");
    EXPECT(t->is_offline);
    EXPECT_EQ_I64(t->field_n, 5);
    const Field *day = type_field(t, S("day")), *body = type_field(t, S("body"));
    const Field *photos = type_field(t, S("photos")), *remark = type_field(t, S("remark"));
    REQUIRE(day && body && photos && remark);
    EXPECT(t->dated == day && day->kind == KIND_DATE && day->max_today && day->is_required);
    EXPECT(body->kind == KIND_NOTE && body->is_found && body->max == 8000 && t->title == body);
    EXPECT(photos->many == 9 && !photos->is_required);
    EXPECT(remark->is_asked && remark->of == body && remark->is_required && remark->ix == 4);
    EXPECT_EQ_I64(t->unique_n, 3);
    EXPECT_STR(t->unique[1], "author");
    EXPECT_EQ_I64(t->state_n, 4);
    EXPECT_EQ_I64(t->draft_states, 1);
    EXPECT_EQ_I64(t->open_states, 7);
    EXPECT_EQ_I64(t->void_states, 0);
    EXPECT_EQ_I64(type_state(t, S("accepted"))->end, END_DONE);
    EXPECT_EQ_I64(type_state(t, S("submitted"))->see_n, 3);
    REQUIRE(t->create && t->change);
    EXPECT(t->create->by_n == 2 && t->create->by[0].kind == WHO_ROLE_HERE && t->create->from == 0);
    EXPECT(t->change->from == 5 && t->change->to == -1);
    const Action *back = type_action(t, S("return"));
    REQUIRE(back);
    EXPECT(back->from == 2 && back->to == 2 && back->ask_n == 1 && back->asks[0] == remark);
    EXPECT(back->by[0].kind == WHO_ROLE && back->by[0].role == model_role(m, S("town_office"))->ix);
    EXPECT(type_action(t, S("accept"))->is_many);
    EXPECT_EQ_I64(t->duty_n, 2);
    EXPECT_EQ_I64(t->duties[0].within, 7);
    EXPECT_STR(t->duties[0].within_unit, "workdays");
    EXPECT(t->duties[1].owed_by.kind == WHO_AUTHOR && t->duties[1].while_state == 2);
    end();
}

static void expect_both(const Label *l, Str name)
{
    bool is_zh = false;
    for (size_t i = 0; i < l->text[LANG_ZH].n; i++)
        is_zh |= (unsigned char)l->text[LANG_ZH].p[i] >= 0x80;
    bool is_en = l->text[LANG_EN].n > 0 && !str_eq(l->text[LANG_EN], name);
    for (size_t i = 0; i < l->text[LANG_EN].n; i++)
        is_en &= (unsigned char)l->text[LANG_EN].p[i] < 0x80;
    if (!is_zh || !is_en)
        test_fail(__FILE__, __LINE__, "%.*s: the built-in model has both labels", STR_ARG(name));
}

static void expect_field(const Field *f)
{
    expect_both(&f->label, f->name);
    for (int c = 0; c < f->choice_n; c++)
        expect_both(&f->choices[c].label, f->choices[c].name);
}

TEST(every_label_of_the_built_in_model_is_in_both_languages)
{
    begin();
    const Model *m = builtin();
    for (int i = 0; i < m->kind_n; i++)
        expect_both(&m->kinds[i].label, m->kinds[i].name);
    for (int i = 0; i < m->role_n; i++)
        expect_both(&m->roles[i].label, m->roles[i].name);
    for (int t = 0; t < m->type_n; t++) {
        const Type *type = &m->types[t];
        expect_both(&type->label, type->name);
        for (int i = 0; i < type->field_n; i++) {
            expect_field(&type->fields[i]);
            for (int k = 0; k < type->fields[i].field_n; k++)
                expect_field(&type->fields[i].fields[k]);
        }
        for (int i = 0; i < type->check_n; i++)
            if (label_text(&type->checks[i].label, LANG_ZH).n)
                expect_both(&type->checks[i].label, type->checks[i].name);
        for (int i = 0; i < type->state_n; i++)
            expect_both(&type->states[i].label, type->states[i].name);
        for (int i = 0; i < type->action_n; i++)
            expect_both(&type->actions[i].label, type->actions[i].name);
        for (int i = 0; i < type->duty_n; i++)
            expect_both(&type->duties[i].label, type->duties[i].name);
    }
    end();
}

static const char tree[] = "tree: {kinds: {county: {}, town: {in: county}}, roles: {office: {at: "
                           "county, falls_to: office},\n"
                           "  clerk: {at: town, falls_to: office}}}\n";
static const char call[] =
    "type: call\n"
    "at: town\n"
    "fields:\n"
    "  kind: {is: choice, of: {advice: 咨询, help: {zh: 求助, en: Help}}, default: help, index: "
    "yes}\n"
    "  price: {is: money, per: mu, max: 1000.50, min: 0, default: \"1,2.0\"}\n"
    "states: {\"*\": {see: [clerk, office]}, open: {}, 'closed': {end: done, see: office}}\n"
    "actions: {create: {to: open, by: clerk here}, close: {from: open, to: closed, by: office}}\n";

static int load_two(const char *type_text, const Model **ret, ModelError **errors, size_t *n)
{
    ModelSource src[] = {{.path = S("town/call.yaml"), .text = str_of(type_text)},
                         {.path = S("base/tree.yaml"), .text = str_of(tree)}};
    return model_load(arena, src, LEN(src), LANG_EN, ret, errors, n, &failure);
}

TEST(labels_choices_bounds_and_presets)
{
    begin();
    const Model *m = NULL;
    ModelError *errors = NULL;
    size_t n = 0;
    EXPECT_ERR(load_two(call, &m, &errors, &n), ERR_INVALID, &failure); /* 1,2.0 is no number */
    REQUIRE(n == 1);
    EXPECT_EQ_I64(errors[0].line, 5);
    Buf good = {.arena = arena};
    for (const char *p = call; *p; p++)
        if (strncmp(p, "\"1,2.0\"", 7) == 0) {
            buf_z(&good, "\"1,000.5\"");
            p += 6;
        } else {
            buf_byte(&good, *p);
        }
    buf_byte(&good, 0);
    REQUIRE_OK(load_two(good.p, &m, &errors, &n), &failure);
    const Type *t = model_type(m, S("call"));
    REQUIRE(t);
    EXPECT_STR(t->label.text[LANG_ZH], "call"); /* without a label the name stands */
    const Field *kind = type_field(t, S("kind")), *price = type_field(t, S("price"));
    EXPECT_EQ_I64(kind->choice_n, 2);
    EXPECT_STR(label_text(&kind->choices[0].label, LANG_EN),
               "咨询"); /* a bare text stands for both */
    EXPECT_STR(label_text(&kind->choices[1].label, LANG_EN), "Help");
    EXPECT_EQ_I64(price->max, 100050);
    EXPECT_EQ_I64(price->min, 0);
    EXPECT_EQ_I64(price->preset.i, 100050);
    EXPECT_STR(field_unit(arena, price, LANG_ZH), "元/亩");
    EXPECT_EQ_I64(type_state(t, S("open"))->see_n, 2);
    EXPECT_EQ_I64(type_state(t, S("closed"))->see_n, 1);
    EXPECT(t->title == NULL && t->dated == NULL && t->change == NULL);
    end();
}

typedef struct Catalogue {
    Buf told;
    int64_t last;
    int fails_at;
} Catalogue;

static int give(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e)
{
    Catalogue *c = ctx;
    if (c->last + 1 == c->fails_at)
        return err_set(e, ERR_IO, "base.file_io", S("catalogue"), S("full"));
    buf_fmt(&c->told, "%.*s %.*s %.*s\n", STR_ARG(kind), STR_ARG(path), STR_ARG(shape));
    *ret = ++c->last;
    return 0;
}

TEST(everything_named_gets_a_number)
{
    begin();
    const Model *m = NULL;
    ModelError *errors = NULL;
    size_t n = 0;
    REQUIRE_OK(
        load_two("type: call\nat: town\n"
                 "fields: {kind: {is: choice, of: {advice: 咨询, help: 求助}, default: help}}\n"
                 "states: {open: {see: clerk}}\n"
                 "actions: {create: {to: open, by: clerk here}}\n",
                 &m, &errors, &n),
        &failure);
    Catalogue c = {.told = {.arena = arena}};
    REQUIRE_OK(model_number(m, give, &c, &failure), &failure);
    EXPECT_STR(buf_view(&c.told), "type call \n"
                                  "field call.kind choice\n"
                                  "choice call.kind.advice \n"
                                  "choice call.kind.help \n"
                                  "state call.open \n"
                                  "action call.create \n");
    const Type *t = model_type_numbered(m, 1);
    REQUIRE(t);
    const Field *kind = type_field(t, S("kind"));
    EXPECT_EQ_I64(kind->number, 2);
    EXPECT_STR(field_choice_numbered(kind, 4)->name, "help");
    EXPECT_EQ_I64(kind->preset.i, 4); /* known by name before */
    EXPECT(type_state_numbered(t, 5) == type_state(t, S("open")));
    EXPECT(type_action_numbered(t, 6) == t->create);
    EXPECT(model_type_numbered(m, 2) == NULL);
    c.fails_at = (int)c.last + 3;
    EXPECT_ERR(model_number(m, give, &c, &failure), ERR_IO, &failure);
    end();
}

TEST(the_hash_tells_sources_apart_and_not_their_order)
{
    begin();
    const Model *m[4] = {0};
    ModelError *errors = NULL;
    size_t n = 0;
    const char *type_text =
        "type: call\nat: town\nfields: {a: {is: text}}\nstates: {open: {see: clerk}}\n"
        "actions: {create: {to: open, by: clerk here}}\n";
    ModelSource a[] = {{.path = S("base/tree.yaml"), .text = str_of(tree)},
                       {.path = S("town/call.yaml"), .text = str_of(type_text)}};
    ModelSource b[] = {a[1], a[0]};
    ModelSource c[] = {a[0], {.path = S("town/calls.yaml"), .text = str_of(type_text)}};
    ModelSource d[] = {a[0],
                       {.path = S("town/call.yaml"), .text = str_fmt(arena, "%s\n", type_text)}};
    const ModelSource *sets[] = {a, b, c, d};
    for (size_t i = 0; i < LEN(sets); i++)
        REQUIRE_OK(model_load(arena, sets[i], 2, LANG_ZH, &m[i], &errors, &n, &failure), &failure);
    EXPECT(memcmp(m[0]->hash, m[1]->hash, SM3_BYTES) == 0);
    EXPECT(memcmp(m[0]->hash, m[2]->hash, SM3_BYTES) != 0);
    EXPECT(memcmp(m[0]->hash, m[3]->hash, SM3_BYTES) != 0);
    end();
}

TEST(a_countys_own_files_stand_beside_the_built_in_ones)
{
    begin();
    Env *env = env_test_new(1764000000000, 1);
    char dir[] = "/tmp/stave_model_XXXXXX";
    REQUIRE(mkdtemp(dir));
    const ModelSource *src;
    size_t n, builtin_n;
    model_builtin(arena, &src, &builtin_n);
    REQUIRE_OK(model_sources(arena, env, str_of(dir), &src, &n, &failure), &failure);
    EXPECT_EQ_I64(n, (int64_t)builtin_n); /* no folder of one's own */
    static const char *const folders[] = {"model", "model/village", "model/.git"};
    for (size_t i = 0; i < LEN(folders); i++)
        REQUIRE_OK(
            env->fns->make_dir(env->self, str_fmt(arena, "%s/%s", dir, folders[i]), &failure),
            &failure);
    static const struct {
        const char *path, *text;
    } files[] = {
        {"model/village/diary.yaml", "type: diary\n"},
        {"model/village/visit.yaml", "type: visit\n"},
        {"model/village/notes.txt", "not read"},
        {"model/README", "not read"},
        {"model/.git/x.yaml", "not read"},
    };
    for (size_t i = 0; i < LEN(files); i++)
        REQUIRE_OK(env->fns->write_file(env->self, str_fmt(arena, "%s/%s", dir, files[i].path),
                                        str_of(files[i].text), 0600, &failure),
                   &failure);
    REQUIRE_OK(model_sources(arena, env, str_of(dir), &src, &n, &failure), &failure);
    EXPECT_EQ_I64(n, (int64_t)builtin_n + 2);
    size_t own = 0;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(src[i].path, S("model/village/diary.yaml")))
            EXPECT_STR(src[i].text, "type: diary\n");
        own += src[i].is_overlay;
        EXPECT(src[i].is_overlay == str_starts(src[i].path, S("model/")));
        EXPECT(i == 0 || str_cmp(src[i - 1].path, src[i].path) < 0);
    }
    EXPECT_EQ_I64(own, 2);
    REQUIRE_OK(env->fns->write_file(env->self, str_fmt(arena, "%s/model/visit", dir), S("x"), 0600,
                                    &failure),
               &failure);
    EXPECT_ERR(model_sources(arena, env, str_of(dir), &src, &n, &failure), ERR_INVALID, &failure);
    static const char *const gone[] = {"model/village/diary.yaml",
                                       "model/village/visit.yaml",
                                       "model/village/notes.txt",
                                       "model/README",
                                       "model/.git/x.yaml",
                                       "model/visit",
                                       "model/village",
                                       "model/.git",
                                       "model",
                                       "."};
    for (size_t i = 0; i + 1 < LEN(gone); i++)
        REQUIRE_OK(env->fns->remove(env->self, str_fmt(arena, "%s/%s", dir, gone[i]), &failure),
                   &failure);
    REQUIRE_OK(env->fns->remove(env->self, str_of(dir), &failure), &failure);
    env_test_free(env);
    end();
}

TEST(a_type_in_words)
{
    begin();
    const Model *m = builtin();
    Str en = model_show(arena, m, model_type(m, S("diary")), LANG_EN);
    Str zh = model_show(arena, m, NULL, LANG_ZH);
    EXPECT(str_find(en, S("remark  Remark (remark); required; at most 8000; on: Text\n")) > 0);
    EXPECT(str_find(en, S("submitted  Waiting for review; seen by the author, Town Party office, "
                          "Organisation office\n")) > 0);
    EXPECT(str_find(en, S("return  Return: submitted → returned; by Town Party office; "
                          "asks for: Remark\n")) > 0);
    EXPECT(
        str_find(en, S("create  Write a diary: → draft; by First secretary of the unit itself, ")) >
        0);
    EXPECT(str_find(zh, S("draft  草稿；草稿；谁能看：写的人\n")) > 0);
    EXPECT(str_find(zh, S("在 submitted 时，党建办要在 7 个工作日里办\n")) > 0);
    EXPECT(str_find(zh, S("first_secretary  第一书记；空着时：党建办\n")) >= 0);
    end();
}
