/* test_access_import.c: units from a file: every fault, importing again, moving, a real city. SPEC:
 * P1 P7 */
#include "access/access_int.h"
#include "test_access_util.h"

static UnitImport try_rows(World *w, Str csv)
{
    UnitImport in = {0};
    in.rows = world_rows(w, csv, &in.row_n);
    Look l = world_look(w);
    REQUIRE_OK(access_prepare_units(w->access, w->a, l.tx, &in, w->e), w->e);
    world_close(w, &l);
    return in;
}

/* "3 parent import.circle", one fault a word group, in order; and each has a sentence. */
static void expect_faults(World *w, const char *csv, const char *want)
{
    UnitImport in = try_rows(w, str_of(csv));
    Buf b = {.arena = w->a};
    for (int i = 0; i < in.fault_n; i++) {
        const UnitFault *f = &in.faults[i];
        buf_fmt(&b, "%s%d %.*s %.*s", i ? "; " : "", (int)f->row, STR_ARG(f->column),
                STR_ARG(f->key));
        EXPECT(str_has(f->value));
    }
    EXPECT_STR(buf_view(&b), want);
    EXPECT((in.plan == NULL) == (in.fault_n > 0));
}

#define TOP "c,City,city,0\nc1,One,county,c\n" /* lines 2 and 3 */

BOTH_WORLDS(every_fault_has_row_column_and_reason)
{
    static const char *const cases[][2] = {
        {TOP ",Town,town,c1\n", "4 code import.code_empty"},
        {TOP "t 1,Town,town,c1\n", "4 code import.code_form"},
        {TOP "镇,Town,town,c1\n", "4 code import.code_form"},
        {TOP "t23456789012345678901234567890123,Town,town,c1\n", "4 code import.code_long"},
        {TOP "c1,Again,county,c\n", "4 code import.code_twice"},
        {TOP "t1,,town,c1\n", "4 name import.name_empty"},
        {TOP "t1,To\twn,town,c1\n", "4 name import.name_form"},
        {TOP "t1,"
             "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二"
             "三四五六七八九十"
             "一二三四五六七八九十多,town,c1\n",
         "4 name import.name_long"},
        {TOP "t1,Town,,c1\n", "4 level import.level_empty"},
        {TOP "t1,Town,street,c1\n", "4 level import.level_unknown"},
        {TOP "t1,Town,town,c9\n", "4 parent import.parent_unknown"},
        {TOP "t1,Town,town,\n", "4 parent import.parent_empty"},
        {TOP "t1,Town,town,t1\n", "4 parent import.parent_self"},
        {TOP "v1,V,village,c1\nt1,Town,town,v1\n", "5 level import.level_under"},
        {TOP "t1,Town,town,t2\nt2,Town,town,t1\n",
         "4 parent import.circle; 5 parent import.circle"},
        {TOP "d,Other City,city,0\n", "4 parent import.parent_unknown"},
        {"t1,Town,town,c1\n", "2 level import.root_kind"},
        {"t1,Town,town,c1\nt2,Town,town,c1\n",
         "2 parent import.parent_unknown; 3 parent import.parent_unknown"},
        {TOP "!,,street,nix\nt1,Town,town,nix\n",
         "4 code import.code_form; 4 name import.name_empty; 4 level import.level_unknown; "
         "5 parent import.parent_unknown"},
        {"k,County,county,zz\n"
         "t1,Town,town,k\n",
         ""},                                     /* a county as the root */
        {"c1,One,county,c\nc,City,city,0\n", ""}, /* children first */
    };
    for (size_t i = 0; i < LEN(cases); i++)
        expect_faults(w, cases[i][0], cases[i][1]);
    UnitImport none = {0};
    Look l = world_look(w);
    EXPECT_ERR(access_prepare_units(w->access, w->a, l.tx, &none, w->e), ERR_INVALID, w->e);
    none.row_n = LIMIT_IMPORT_UNITS + 1;
    EXPECT_ERR(access_prepare_units(w->access, w->a, l.tx, &none, w->e), ERR_LIMIT, w->e);
    world_close(w, &l);
    EXPECT_EQ_I64(world_ask(w, "SELECT count(*) FROM unit"), 0);
}

BOTH_WORLDS(faults_against_the_tree_there_is)
{
    world_tree(w);
    world_staff(w, "first1", "first_secretary", "v1");
    static const char *const cases[][2] = {
        {"d,Other,city,0\n", "2 parent import.parent_unknown"},
        {"c,City,city,c1\n", "2 parent import.root_moves"},
        {"c,City,town,0\n", "2 level import.root_kind"},
        {"t1,Town One,village,c1\n", "2 level import.level_children"},
        {"v1,Village One,town,c1\n", "2 level import.level_seats"},
        {"v2,Village Two,town,c1\n", ""},
        {"t1,Town,town,v1\n", "2 parent import.circle"},
    };
    for (size_t i = 0; i < LEN(cases); i++)
        expect_faults(w, cases[i][0], cases[i][1]);
}

static Str outline(World *w)
{
    Buf b = {.arena = w->a};
    Look l = world_look(w);
    for (int i = 0; i < l.tree->unit_n; i++) {
        const Unit *u = &l.tree->units[i];
        buf_fmt(&b, "%d%.*s ", u->depth, STR_ARG(u->code));
        const Unit *county = tree_unit(l.tree, u->county);
        int above =
            tree_above_at(l.tree, i, UINT64_C(1) << model_unit_kind(w->model, S("county"))->ix);
        EXPECT(county && county->ix == (above < 0 ? 0 : above));
    }
    world_close(w, &l);
    return buf_view(&b);
}

static void say(void *ctx, Str finding)
{
    (void)ctx;
    test_fail(__FILE__, __LINE__, "%.*s", STR_ARG(finding));
}

static void expect_sound(World *w)
{
    Look l = world_look(w);
    REQUIRE_OK(access_verify(w->access, w->a, l.tx, LANG_EN, say, NULL, w->e), w->e);
    world_close(w, &l);
}

BOTH_WORLDS(importing_again_updates)
{
    world_tree(w);
    EXPECT_STR(outline(w), "0c 1c1 2t1 3v1 3v2 2t2 3v3 1c2 2t3 3v4 ");
    UnitImport in = try_rows(
        w, S("c,City,city,0\nt1,Town One,town,c1\nv1,Renamed,village,t1\nn,New,village,t2\n"));
    EXPECT(in.new_n == 1 && in.changed_n == 1 && in.same_n == 2);
    int64_t number = world_ask(w, "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'tree'");
    REQUIRE_OK(world_do(w, access_apply_units, &in), w->e);
    EXPECT_STR(outline(w), "0c 1c1 2t1 3v1 3v2 2t2 3v3 3n 1c2 2t3 3v4 ");
    EXPECT_EQ_I64(world_ask(w, "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'tree'"),
                  number + 1);
    EXPECT_ERR(world_do(w, access_apply_units, &in), ERR_BUSY,
               w->e); /* planned against the old tree */
    in = try_rows(w, S("v1,Renamed,village,t1\n"));
    EXPECT(in.same_n == 1 && in.changed_n == 0);
    REQUIRE_OK(world_do(w, access_apply_units, &in), w->e);
    EXPECT_EQ_I64(world_ask(w, "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'tree'"),
                  number + 1);
    world_import(
        w,
        "v2,Village Two,village,t1\nv1,Renamed,village,t1\n"); /* all children: the file's order */
    EXPECT_STR(outline(w), "0c 1c1 2t1 3v2 3v1 2t2 3v3 3n 1c2 2t3 3v4 ");
    expect_sound(w);
}

BOTH_WORLDS(a_moved_unit_takes_its_seats_along)
{
    world_tree(w);
    world_staff(w, "town1", "town_office", "t1");
    world_staff(w, "town2", "town_office", "t2");
    world_staff(w, "first1", "first_secretary", "v1");
    Look l = world_look(w);
    Reader r = world_reader(w, &l, "town1");
    int64_t before = r.access_no;
    const Unit *v1 = tree_unit_coded(l.tree, S("v1"));
    EXPECT(access_may_staff(&r, v1->ix, model_role(w->model, S("first_secretary"))->ix));
    const Tree *old = access_tree_hold(w->access);
    world_close(w, &l);
    world_import(
        w, "v1,Village One,village,t3\nt2,Town Two,town,c2\n"); /* while the old tree is held */
    EXPECT_STR(outline(w), "0c 1c1 2t1 3v2 1c2 2t3 3v4 3v1 2t2 3v3 ");
    EXPECT(tree_unit_coded(old, S("v1")) == v1 && v1->depth == 3);
    access_tree_drop(w->access, old);
    l = world_look(w);
    r = world_reader(w, &l, "town1");
    EXPECT(r.access_no > before);
    EXPECT(!access_may_staff(&r, tree_unit_coded(l.tree, S("v1"))->ix,
                             model_role(w->model, S("first_secretary"))->ix));
    world_close(w, &l);
    EXPECT_EQ_I64(world_ask(w,
                            "SELECT count(*) FROM seat s JOIN unit u ON u.id = s.unit JOIN seat f "
                            "ON f.id = s.falls_to"
                            " JOIN unit v ON v.id = f.unit WHERE u.code = 'v1' AND v.code = 't3'"),
                  1);
    expect_sound(w);
}

/* Mostly what goes: towns below c1, c2, u0..u2, villages below t1..t3, u3..u5; at times anything.
 */
static void random_row(Buf *b, const char *const *kinds, const char *const *ups)
{
    int level = (int)test_below(3), wild = (int)test_below(20);
    int unit = level * 3 + (int)test_below(3);
    if (wild == 0)
        level = (int)test_below(3);
    buf_fmt(b, "u%d,Name \"%d\\,%s,", unit, (int)test_below(3), kinds[level]);
    if (level == 0)
        buf_z(b, "c");
    else if (test_below(3) == 0)
        buf_fmt(b, "u%d", (level - 1) * 3 + (int)test_below(3));
    else
        buf_fmt(b, "%s%d", ups[level], 1 + (int)test_below(2));
    buf_byte(b, '\n');
}

BOTH_WORLDS(random_imports_keep_the_tree_sound)
{
    world_tree(w);
    static const char *const kinds[] = {"county", "town", "village"}, *const ups[] = {"c", "c",
                                                                                      "t"};
    int done = 0;
    for (int round = 0; round < 40; round++) {
        Buf b = {.arena = w->a};
        int n = 1 + (int)test_below(4);
        for (int i = 0; i < n; i++)
            random_row(&b, kinds, ups);
        UnitImport in = try_rows(w, buf_view(&b));
        if (in.fault_n)
            continue;
        REQUIRE_OK(world_do(w, access_apply_units, &in), w->e);
        (void)outline(w);
        expect_sound(w);
        done++;
    }
    EXPECT(done > 3);
}

BOTH_WORLDS(a_real_city_goes_in)
{
    Str csv, head;
    REQUIRE_OK(env_real()->fns->read_file(env_real()->self, w->a,
                                          S("tests/data/divisions_jiaozuo.csv"), 1 << 20, &csv,
                                          w->e),
               w->e);
    REQUIRE(str_cut(csv, '\n', &head, &csv));
    UnitImport in = try_rows(w, csv);
    EXPECT(in.row_n == 166 && in.fault_n == 0 && in.new_n == 166);
    REQUIRE_OK(world_do(w, access_apply_units, &in), w->e);
    Look l = world_look(w);
    EXPECT_STR(l.tree->name, "焦作市");
    EXPECT_EQ_I64(l.tree->unit_n, 166);
    world_close(w, &l);
    in = try_rows(w, csv);
    EXPECT(in.same_n == 166 && in.new_n + in.changed_n == 0);
    expect_sound(w);
}

BOTH_WORLDS(twenty_thousand_rows_in_well_under_a_second)
{
    Buf b = {.arena = w->a};
    int n = 0;
    buf_z(&b, "c,City,city,0\n");
    n++;
    for (int k = 0; k < 10; k++)
        for (int t = -1; t < 20; t++)
            for (int v = -1; v < (t < 0 ? 0 : 98); v++, n++)
                if (t < 0)
                    buf_fmt(&b, "k%d,County %d,county,c\n", k, k);
                else if (v < 0)
                    buf_fmt(&b, "k%dt%d,Town %d,town,k%d\n", k, t, t, k);
                else
                    buf_fmt(&b, "k%dt%dv%d,村%d,village,k%dt%d\n", k, t, v, v, k, t);
    REQUIRE(n <= LIMIT_IMPORT_UNITS && n > 19500);
    Env *real = env_real();
    int64_t start_us = env_mono_us(real);
    UnitImport in = try_rows(w, buf_view(&b));
    int64_t planned_us = env_mono_us(real);
    EXPECT_EQ_I64(in.new_n, n);
    REQUIRE_OK(world_do(w, access_apply_units, &in), w->e);
    int64_t applied_us = env_mono_us(real);
    Look l = world_look(w);
    int64_t loaded_us = env_mono_us(real);
    EXPECT_EQ_I64(l.tree->unit_n, n);
    world_close(w, &l);
    test_note("%d rows: plan %d ms, apply %d ms, load %d ms", n,
              (int)((planned_us - start_us) / 1000), (int)((applied_us - planned_us) / 1000),
              (int)((loaded_us - applied_us) / 1000));
    EXPECT(planned_us - start_us <
           3000000); /* a slow machine under sanitizers; quadratic would be minutes */
}
