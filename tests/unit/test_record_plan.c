/* test_record_plan.c: what a database goes through to come under another model, and that it does.
 * */
#include "test_record_util.h"

#include "embed.h"
#include "sql.h"

static const char tree_text[] = "tree:\n"
                                "  kinds:\n"
                                "    county:  {label: 县}\n"
                                "    village: {label: 村, in: county}\n"
                                "  roles:\n"
                                "    office: {label: 办公室, at: county, falls_to: office}\n"
                                "    writer: {label: 书记员, at: village, falls_to: office}\n";

/* A type with a field, a choice, two states; the parts a test changes are put in. */
static const char note_text[] = "type: note\n"
                                "label: 便条\n"
                                "at: village\n"
                                "fields:\n"
                                "  title: {is: text, label: 题目, required: yes}\n"
                                "  kind:  {is: choice, label: 哪种, of: {red: 红, blue: 蓝}}\n"
                                "  body:  {is: text, label: 正文}\n"
                                "states:\n"
                                "  open: {label: 开, see: [author, office]}\n"
                                "  late: {label: 晚, see: [author, office]}\n"
                                "  done: {label: 完, end: done, see: [author, office]}\n"
                                "actions:\n"
                                "  create: {label: 写, to: open, by: writer here}\n"
                                "  change: {label: 改, from: open, by: author}\n"
                                "  delay:  {label: 拖, from: open, to: late, by: author}\n"
                                "  finish: {label: 完, from: [open, late], to: done, by: author}\n";

typedef struct World {
    TestStore *t;
    Arena *a;
    Err *e;
    Store *store;
} World;

static void world_begin(World *w, TestStore *t)
{
    bool is_pg = t->opt.engine == ENGINE_PG;
    *w = (World){.t = t, .a = t->arena, .e = t->e};
    t->opt.sql = is_pg ? sql_defs : SQL_MAIN;
    t->opt.sql_n = is_pg ? SQL_MAX : SQL_MAIN_N;
    t->opt.sql_later = true;
    t->opt.seal = record_seal;
    REQUIRE_OK(store_open(t->env, &t->opt, &w->store, w->e), w->e);
    REQUIRE_OK(store_migrate(w->store, embed_core_sql, w->e), w->e);
    if (is_pg)
        REQUIRE_OK(store_migrate(w->store, embed_files_sql, w->e), w->e);
    REQUIRE_OK(store_check_sql(w->store, w->e), w->e);
}

/* `from` replaced by `to` in a text, once for each pair; a NULL ends the pairs. */
static Str changed(World *w, const char *text, const char *const *pairs)
{
    Str s = str_of(text);
    for (; pairs && pairs[0]; pairs += 2) {
        Str from = str_of(pairs[0]);
        size_t at = 0;
        while (at + from.n <= s.n && !str_starts(str_sub(s, at, s.n), from))
            at++;
        REQUIRE(at + from.n <= s.n);
        s = str_fmt(w->a, "%.*s%s%.*s", STR_ARG(str_sub(s, 0, at)), pairs[1],
                    STR_ARG(str_sub(s, at + from.n, s.n)));
    }
    return s;
}

static const Model *model_of(World *w, Str note)
{
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree_text)},
                         {.path = S("village/note.yaml"), .text = note}};
    const Model *m = NULL;
    ModelError *errors;
    size_t n;
    int rc = model_load(w->a, src, LEN(src), LANG_EN, &m, &errors, &n, w->e);
    for (size_t i = 0; rc && i < n; i++)
        printf("# %.*s:%d: %.*s\n", STR_ARG(errors[i].file), errors[i].line,
               STR_ARG(errors[i].message));
    REQUIRE_OK(rc, w->e);
    return m;
}

static ModelPlan plan_of(World *w, const Model *m)
{
    ModelPlan p;
    Conn *c;
    Tx *tx;
    REQUIRE_OK(store_conn(w->store, &c, w->e), w->e);
    REQUIRE_OK(tx_read(c, &tx, w->e), w->e);
    REQUIRE_OK(record_plan(w->t->env, w->a, tx, m, LANG_EN, &p, w->e), w->e);
    tx_end(tx);
    conn_close(c);
    return p;
}

static int apply(World *w, const Model *m)
{
    Err e = err_on(w->a);
    return record_apply_model(w->t->env, w->store, m, NULL, NULL, &e);
}

/* A deployment that is under note_text. */
static const Model *world_of_notes(World *w, TestStore *t)
{
    world_begin(w, t);
    const Model *m = model_of(w, str_of(note_text));
    REQUIRE(apply(w, m) == 0);
    return m;
}

static const PlanStep *step_of(const ModelPlan *p, PlanKind kind, const char *path)
{
    for (int i = 0; i < p->n; i++)
        if (p->steps[i].kind == kind && str_eq(p->steps[i].path, str_of(path)))
            return &p->steps[i];
    return NULL;
}

static int run_sql(Tx *tx, void *arg, Err *e)
{
    return tx_script(tx, *(Str *)arg, e);
}

/* A record written past the engine: a plan asks the tables only. */
static void put_note(World *w, int n, const char *title, int64_t state, bool is_open)
{
    bool is_pg = w->t->opt.engine == ENGINE_PG;
    const char *zero = is_pg ? "'00000000-0000-0000-0000-%012d'" : "x'00000000000000000000%012d'";
    Str id = str_fmt(w->a, zero, n), who = str_fmt(w->a, zero, 0);
    Str sql = str_fmt(
        w->a,
        "INSERT INTO person(id, name, made_ms) VALUES (%.*s, '甲', 0) ON CONFLICT DO NOTHING;\n"
        "INSERT INTO unit(id, parent, kind, code, name, opened, county, ord) VALUES (1, NULL, "
        "'county', '1', '县', 0, 1, 0) ON CONFLICT DO NOTHING;\n"
        "INSERT INTO seat(id, unit, role, falls_to) VALUES (1, 1, 'office', 1) ON CONFLICT DO "
        "NOTHING;\n"
        "INSERT INTO posting(id, person, seat, starts) VALUES (1, %.*s, 1, 0) ON CONFLICT DO "
        "NOTHING;\n"
        "INSERT INTO r_note(id, county, unit, seat, posting, author, at_day, state, is_open, "
        "version, made_ms, title) VALUES (%.*s, 1, 1, 1, 1, %.*s, 1, %lld, %d, 1, 0, '%s');",
        STR_ARG(who), STR_ARG(who), STR_ARG(id), STR_ARG(who), (long long)state, is_open, title);
    REQUIRE_OK(store_write(w->store, NULL, run_sql, &sql, w->e), w->e);
}

static int64_t ask(World *w, const char *sql)
{
    Conn *c;
    Tx *tx;
    int64_t n;
    REQUIRE_OK(store_conn(w->store, &c, w->e), w->e);
    REQUIRE_OK(tx_read(c, &tx, w->e), w->e);
    REQUIRE_OK(tx_ask_i64(tx, str_of(sql), &n, w->e), w->e);
    tx_end(tx);
    conn_close(c);
    return n;
}

BOTH_ENGINES(a_new_deployment_is_made_at_once_and_then_is_the_same)
{
    World w;
    world_begin(&w, t);
    const Model *m = model_of(&w, str_of(note_text));
    EXPECT(!plan_of(&w, m).is_same);
    EXPECT_EQ_I64(apply(&w, m), 0);
    ModelPlan p = plan_of(&w, m);
    EXPECT(p.is_same);
    EXPECT_EQ_I64(p.n, 0);
    EXPECT_EQ_I64(apply(&w, m), 0);
    store_close(w.store);
}

BOTH_ENGINES(what_comes_is_added_and_what_is_there_keeps_its_number_and_values)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    int64_t title = type_field(&m->types[0], S("title"))->number;
    put_note(&w, 1, "旧的", m->types[0].states[0].number, true);
    static const char *const to[] = {
        "  body:",   "  due:   {is: date, label: 期限, required: yes, index: yes}\n  body:",
        "blue: 蓝",  "blue: 蓝, green: 绿",
        "  done: {", "  lost: {label: 丢, end: void, see: office}\n  done: {",
        "  finish:", "  lose: {label: 丢, from: open, to: lost, by: office}\n  finish:",
        NULL};
    const Model *n = model_of(&w, changed(&w, note_text, to));
    ModelPlan p = plan_of(&w, n);
    EXPECT_EQ_I64(p.refused_n, 0);
    EXPECT(step_of(&p, PLAN_ADD, "note.due") && step_of(&p, PLAN_ADD, "note.kind.green"));
    EXPECT(step_of(&p, PLAN_ADD, "note.lost") && step_of(&p, PLAN_ADD, "note.lose"));
    const PlanStep *asked = step_of(&p, PLAN_NOTE, "note.due");
    EXPECT(asked && asked->n == 1);
    EXPECT_EQ_I64(apply(&w, n), 0);
    EXPECT_EQ_I64(type_field(&n->types[0], S("title"))->number, title);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_note WHERE due IS NULL AND title = '旧的'"), 1);
    EXPECT(plan_of(&w, n).is_same);
    store_close(w.store);
}

BOTH_ENGINES(what_is_renamed_keeps_its_number_and_its_data)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    int64_t number = type_field(&m->types[0], S("title"))->number,
            red = m->types[0].fields[1].choices[0].number;
    put_note(&w, 1, "旧的", m->types[0].states[0].number, true);
    static const char *const to[] = {
        "type: note", "type: slip\nwas: [note]",       "title: {", "head: {was: [title], ",
        "red: 红",    "pink: {label: 粉, was: [red]}", NULL};
    const Model *n = model_of(&w, changed(&w, note_text, to));
    ModelPlan p = plan_of(&w, n);
    EXPECT_EQ_I64(p.refused_n, 0);
    const PlanStep *s = step_of(&p, PLAN_RENAME, "slip.head");
    EXPECT(s && str_eq(s->old, S("note.title")));
    EXPECT_EQ_I64(apply(&w, n), 0);
    EXPECT_EQ_I64(type_field(&n->types[0], S("head"))->number, number);
    EXPECT_EQ_I64(n->types[0].fields[1].choices[0].number, red);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_slip WHERE head = '旧的'"), 1);
    EXPECT(plan_of(&w, n).is_same);
    p = plan_of(&w, m); /* and back under the old names, without a word: refused */
    EXPECT(p.refused_n > 0);
    EXPECT_EQ_I64(apply(&w, m), ERR_STATE);
    store_close(w.store);
}

BOTH_ENGINES(what_vanishes_without_a_word_is_refused_and_what_is_removed_is_hidden)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    put_note(&w, 1, "旧的", m->types[0].states[0].number, true);
    static const char *const gone[] = {"  body:  {is: text, label: 正文}\n", "", NULL};
    const Model *n = model_of(&w, changed(&w, note_text, gone));
    ModelPlan p = plan_of(&w, n);
    EXPECT(step_of(&p, PLAN_REFUSE, "note.body"));
    EXPECT_EQ_I64(apply(&w, n), ERR_STATE);
    static const char *const said[] = {"  body:  {is: text, label: 正文}",
                                       "  body:  {is: text, label: 正文, removed: yes}", NULL};
    n = model_of(&w, changed(&w, note_text, said));
    p = plan_of(&w, n);
    EXPECT(step_of(&p, PLAN_HIDE, "note.body"));
    EXPECT_EQ_I64(apply(&w, n), 0);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_note WHERE body IS NULL"), 1); /* still there */
    p = plan_of(&w, m);
    EXPECT(step_of(&p, PLAN_SHOW, "note.body"));
    EXPECT_EQ_I64(apply(&w, m), 0);
    store_close(w.store);
}

BOTH_ENGINES(a_state_that_holds_records_cannot_go)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    put_note(&w, 1, "晚了", type_state(&m->types[0], S("late"))->number, true);
    static const char *const to[] = {
        "  late: {label: 晚, see: [author, office]}",
        "  late: {label: 晚, removed: yes, see: [author, office]}",
        "  delay:  {label: 拖, from: open, to: late, by: author}",
        "  delay:  {label: 拖, from: open, to: late, by: author, removed: yes}",
        "from: [open, late]",
        "from: open",
        NULL};
    const Model *n = model_of(&w, changed(&w, note_text, to));
    ModelPlan p = plan_of(&w, n);
    const PlanStep *s = step_of(&p, PLAN_REFUSE, "note.late");
    EXPECT(s && s->n == 1);
    EXPECT(step_of(&p, PLAN_HIDE, "note.delay") != NULL);
    store_close(w.store);
}

BOTH_ENGINES(a_state_that_now_ends_closes_its_records)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    int64_t late = type_state(&m->types[0], S("late"))->number;
    for (int i = 1; i <= 450; i++) /* three steps */
        put_note(&w, i, "晚了", late, true);
    static const char *const to[] = {"  late: {label: 晚,", "  late: {label: 晚, end: done,",
                                     "from: [open, late]", "from: open", NULL};
    const Model *n = model_of(&w, changed(&w, note_text, to));
    ModelPlan p = plan_of(&w, n);
    const PlanStep *s = step_of(&p, PLAN_NOTE, "note.late");
    EXPECT(s && s->n == 450);
    EXPECT_EQ_I64(apply(&w, n), 0);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_note WHERE is_open = 1"), 0);
    store_close(w.store);
}

BOTH_ENGINES(doubles_are_told_before_they_are_forbidden)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    put_note(&w, 1, "一样", m->types[0].states[0].number, true);
    put_note(&w, 2, "一样", m->types[0].states[0].number, true);
    static const char *const to[] = {"states:", "unique: [unit, title]\nstates:", NULL};
    const Model *n = model_of(&w, changed(&w, note_text, to));
    ModelPlan p = plan_of(&w, n);
    const PlanStep *s = step_of(&p, PLAN_REFUSE, "note");
    EXPECT(s && s->n == 1);
    Str mend = S("UPDATE r_note SET title = '不一样' WHERE made_ms = 0 AND version = 1 AND id = "
                 "(SELECT max(id) FROM r_note)");
    if (t->opt.engine == ENGINE_PG)
        mend = S("UPDATE r_note SET title = '不一样' WHERE id = (SELECT id FROM r_note ORDER BY id "
                 "DESC LIMIT 1)");
    REQUIRE_OK(store_write(w.store, NULL, run_sql, &mend, w.e), w.e);
    EXPECT_EQ_I64(plan_of(&w, n).refused_n, 0);
    EXPECT_EQ_I64(apply(&w, n), 0);
    Err e = err_on(w.a);
    Str same = S("UPDATE r_note SET title = '一样'");
    EXPECT(store_write(w.store, NULL, run_sql, &same, &e) < 0);
    store_close(w.store);
}

BOTH_ENGINES(another_kind_of_field_is_refused_a_wider_one_is_not)
{
    World w;
    world_begin(&w, t);
    REQUIRE(apply(&w, model_of(&w, str_of(note_text))) == 0);
    static const char *const number[] = {"body:  {is: text", "body:  {is: int", NULL};
    ModelPlan p = plan_of(&w, model_of(&w, changed(&w, note_text, number)));
    EXPECT(step_of(&p, PLAN_REFUSE, "note.body"));
    static const char *const wide[] = {"body:  {is: text", "body:  {is: note", NULL};
    p = plan_of(&w, model_of(&w, changed(&w, note_text, wide)));
    EXPECT(!p.refused_n && step_of(&p, PLAN_NOTE, "note.body"));
    store_close(w.store);
}

BOTH_ENGINES(a_second_type_comes_with_its_table_and_a_whole_type_goes)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    put_note(&w, 1, "开着", m->types[0].states[0].number, true);
    static const char *const gone[] = {"label: 便条", "label: 便条\nremoved: yes", NULL};
    static const char *const other[] = {"type: note", "type: card", NULL};
    ModelSource src[] = {{.path = S("base/tree.yaml"), .text = str_of(tree_text)},
                         {.path = S("village/card.yaml"), .text = changed(&w, note_text, other)},
                         {.path = S("village/note.yaml"), .text = changed(&w, note_text, gone)}};
    const Model *n;
    ModelError *errors;
    size_t error_n;
    REQUIRE_OK(model_load(w.a, src, LEN(src), LANG_EN, &n, &errors, &error_n, w.e), w.e);
    ModelPlan p = plan_of(&w, n);
    EXPECT(step_of(&p, PLAN_ADD, "card") && step_of(&p, PLAN_REFUSE, "note"));
    Str close = S("UPDATE r_note SET is_open = 0");
    REQUIRE_OK(store_write(w.store, NULL, run_sql, &close, w.e), w.e);
    p = plan_of(&w, n);
    EXPECT(step_of(&p, PLAN_HIDE, "note") && !p.refused_n);
    EXPECT_EQ_I64(apply(&w, n), 0);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_card"), 0);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM r_note"), 1);
    store_close(w.store);
}

BOTH_ENGINES(a_field_that_is_now_looked_up_by_gets_its_index)
{
    World w;
    const Model *m = world_of_notes(&w, t);
    put_note(&w, 1, "有", m->types[0].states[0].number, true);
    const char *has = t->opt.engine == ENGINE_PG
                          ? "SELECT COUNT(*) FROM pg_indexes WHERE indexdef LIKE '%(kind, at_day,%'"
                          : "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND sql LIKE "
                            "'%(\"kind\", at_day,%'";
    EXPECT_EQ_I64(ask(&w, has), 0);
    static const char *const index[] = {"kind:  {is: choice,", "kind:  {is: choice, index: yes,",
                                        NULL};
    Str with = changed(&w, note_text, index);
    ModelPlan p = plan_of(&w, model_of(&w, with));
    EXPECT(!p.refused_n && step_of(&p, PLAN_NOTE, "note.kind"));
    EXPECT_EQ_I64(apply(&w, model_of(&w, with)), 0);
    EXPECT_EQ_I64(ask(&w, has), 1);
    EXPECT(plan_of(&w, model_of(&w, with)).n == 0);
    static const char *const old[] = {"body:  {is: text,",
                                      "text:  {is: text, index: yes, was: body,", NULL};
    EXPECT_EQ_I64(apply(&w, model_of(&w, changed(&w, with.p, old))), 0);
    EXPECT_EQ_I64(
        ask(&w, t->opt.engine == ENGINE_PG
                    ? "SELECT COUNT(*) FROM pg_indexes WHERE indexdef LIKE '%(text, at_day,%'"
                    : "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND sql "
                      "LIKE '%(\"text\", at_day,%'"),
        1);
    store_close(w.store);
}

/* What a run that was cut off had made is found, and the rest follows. */
BOTH_ENGINES(a_run_that_was_cut_off_is_begun_anew)
{
    World w;
    world_begin(&w, t);
    REQUIRE(apply(&w, model_of(&w, str_of(note_text))) == 0);
    Str half = S("ALTER TABLE r_note ADD COLUMN \"more\" text");
    REQUIRE_OK(store_write(w.store, NULL, run_sql, &half, w.e), w.e);
    static const char *const more[] = {
        "states:", "  more:  {is: text, label: 还有, index: yes}\nstates:", NULL};
    EXPECT_EQ_I64(apply(&w, model_of(&w, changed(&w, note_text, more))), 0);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(more) FROM r_note"), 0);
    store_close(w.store);
}

/* ---- figures ---- */

static int64_t counted(World *w)
{
    return ask(w, w->t->engine == ENGINE_PG
                      ? "SELECT coalesce(sum(n), 0)::bigint FROM cell WHERE grain = 0"
                      : "SELECT coalesce(sum(n), 0) FROM cell WHERE grain = 0");
}

/* The good file with a figure of these words at its end, come into force. */
static const Model *with_figures(World *w, const char *figures, ModelPlan *ret)
{
    const Model *m =
        model_of(w, str_fmt(w->a, "%sfigures:\n  %s\n  none: {level: record, when: state = late}\n",
                            note_text, figures));
    *ret = plan_of(w, m);
    EXPECT_EQ_I64(ret->refused_n, 0);
    EXPECT_EQ_I64(apply(w, m), 0);
    return m;
}

BOTH_ENGINES(a_figure_that_comes_or_is_made_of_other_things_is_counted_anew)
{
    World w;
    ModelPlan p;
    world_begin(&w, t);
    const Model *m = model_of(&w, str_of(note_text));
    REQUIRE(apply(&w, m) == 0);
    for (int i = 0; i < 3; i++)
        put_note(&w, i + 1, "旧的", m->types[0].states[i ? 0 : 2].number, i > 0);
    with_figures(&w, "notes: {count: record, when: state = open}", &p);
    const PlanStep *s = step_of(&p, PLAN_NOTE, "note.notes");
    EXPECT(s && s->n == 3 && str_find(s->text, S("counted anew from 3 records")) >= 0);
    EXPECT_EQ_I64(counted(&w), 2);
    with_figures(&w, "notes: {count: record, when: 'state in (open, done)'}", &p);
    EXPECT(step_of(&p, PLAN_NOTE, "note.notes"));
    EXPECT_EQ_I64(counted(&w), 3);
    /* another label, another name: what was counted stands, be it wrong */
    Str wrong = S("UPDATE cell SET n = 40");
    REQUIRE_OK(store_write(w.store, NULL, run_sql, &wrong, w.e), w.e);
    with_figures(&w,
                 "papers: {count: record, label: 纸, was: [notes], when: 'state in (open, done)'}",
                 &p);
    EXPECT(step_of(&p, PLAN_RENAME, "note.papers") && !step_of(&p, PLAN_NOTE, "note.papers"));
    EXPECT_EQ_I64(counted(&w), 40);
    with_figures(&w, "papers: {count: record, removed: yes, when: 'state in (open, done)'}", &p);
    EXPECT(step_of(&p, PLAN_HIDE, "note.papers"));
    EXPECT_EQ_I64(counted(&w), 0);
    with_figures(&w, "papers: {count: record, when: 'state in (open, done)'}", &p);
    EXPECT(step_of(&p, PLAN_SHOW, "note.papers") && step_of(&p, PLAN_NOTE, "note.papers"));
    EXPECT_EQ_I64(counted(&w), 3);
    store_close(w.store);
}

/* An open duty of the office on a note, due on 1970-01-02 or never late. */
static void put_duty(World *w, int n, int64_t type, bool is_late)
{
    bool is_pg = w->t->opt.engine == ENGINE_PG;
    const char *zero = is_pg ? "'00000000-0000-0000-0000-%012d'" : "x'00000000000000000000%012d'";
    Str id = str_fmt(w->a, zero, n);
    Str sql = str_fmt(w->a,
                      "INSERT INTO record(id, type, unit, county) VALUES (%.*s, %lld, 1, 1);\n"
                      "INSERT INTO duty(id, record, type, name, unit, seat, opened_ms, due_ms, "
                      "counted, late_ms) VALUES (%.*s, %.*s, %lld, 'see_to', 1, 1, 1, %s, '', %s);",
                      STR_ARG(id), (long long)type, STR_ARG(id), STR_ARG(id), (long long)type,
                      is_late ? "86400000" : "9000000000000", is_late ? "86400001" : "NULL");
    REQUIRE_OK(store_write(w->store, NULL, run_sql, &sql, w->e), w->e);
}

BOTH_ENGINES(open_duties_end_with_the_duty_that_is_removed_and_it_is_said_before)
{
    World w;
    world_begin(&w, t);
    Str duties = str_fmt(w.a, "%sduties:\n  see_to: {label: 看, while: open, owed_by: office, "
                         "within: 7 workdays}\n",
                         note_text);
    const Model *m = model_of(&w, duties);
    REQUIRE(apply(&w, m) == 0);
    int64_t type = m->types[0].number;
    put_note(&w, 1, "一", m->types[0].states[0].number, true);
    put_note(&w, 2, "二", m->types[0].states[0].number, true);
    put_duty(&w, 1, type, false);
    put_duty(&w, 2, type, true);

    const Model *n = model_of(&w, str_of(note_text)); /* gone without a word */
    ModelPlan p = plan_of(&w, n);
    EXPECT(step_of(&p, PLAN_REFUSE, "note.see_to"));
    EXPECT_EQ_I64(apply(&w, n), ERR_STATE);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM duty WHERE done_ms IS NULL"), 2);

    n = model_of(&w, str_fmt(w.a, "%sduties:\n  see_to: {removed: yes}\n", note_text));
    p = plan_of(&w, n);
    EXPECT_EQ_I64(p.refused_n, 0);
    const PlanStep *s = step_of(&p, PLAN_HIDE, "note.see_to");
    EXPECT(s && s->n == 2 && str_find(s->text, S("2 open ones end")) >= 0);
    EXPECT_EQ_I64(apply(&w, n), 0);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM duty WHERE done_ms IS NULL"), 0);
    /* late stays late, the other was never due */
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM duty WHERE due_ms IS NOT NULL AND late_ms IS NOT "
                          "NULL"),
                  1);
    EXPECT_EQ_I64(ask(&w, "SELECT COUNT(*) FROM duty WHERE due_ms IS NULL"), 1);
    EXPECT(plan_of(&w, n).is_same);
    store_close(w.store);
}
