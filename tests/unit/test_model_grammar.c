/* test_model_grammar.c: composed types: the examples of the design load as printed, with what they
 * point at; every word is kept as it was meant, and its mistakes are told where they stand.
 * SPEC: P12 */
#include "test.h"

#include "model/model.h"

static Arena *arena;
static Err failure;

/* The types of tests/data/model: lease, session and diary are the design's own. */
static const char *const names[] = {"course", "diary",  "household",    "issue",
                                    "lease",  "parcel", "price_series", "session",
                                    "step",   "tree",   "visit"};
static ModelSource good[LEN(names)];

static void begin(void)
{
    arena = arena_new(64 * 1024);
    failure = err_on(arena);
    Env *env = env_real();
    for (size_t i = 0; i < LEN(names); i++) {
        Str path = str_fmt(arena, "tests/data/model/%s.yaml", names[i]);
        good[i] = (ModelSource){.path = str_fmt(arena, "town/%s.yaml", names[i])};
        REQUIRE_OK(env->fns->read_file(env->self, arena, path, 1 << 20, &good[i].text, &failure),
                   &failure);
    }
}

static void end(void)
{
    arena_free(arena);
}

static const Model *load_good(void)
{
    const Model *m = NULL;
    ModelError *errors = NULL;
    size_t n = 0;
    int rc = model_load(arena, good, LEN(good), LANG_EN, &m, &errors, &n, &failure);
    for (size_t i = 0; i < n; i++)
        test_note("%.*s:%d:%d: %.*s", STR_ARG(errors[i].file), errors[i].line, errors[i].column,
                  STR_ARG(errors[i].message));
    REQUIRE_OK(rc, &failure);
    return m;
}

/* The first `from` in a file becomes `to`: one mistake, at the place of `at` in what comes out. */
typedef struct Mistake {
    const char *file, *from, *to;
    const char *at; /* the mistake stands where this begins; first after the change */
    const char *says, *hint;
} Mistake;

static Str change(Str text, const char *from, const char *to, size_t *ret_at)
{
    ptrdiff_t at = str_find(text, str_of(from));
    if (at < 0) {
        test_fail(__FILE__, __LINE__, "`%s` is not in the file", from);
        return text;
    }
    *ret_at = (size_t)at;
    Buf b = {.arena = arena};
    buf_str(&b, str_sub(text, 0, (size_t)at));
    buf_z(&b, to);
    buf_str(&b, str_sub(text, (size_t)at + strlen(from), text.n));
    return buf_view(&b);
}

static void expect_place(const Mistake *w, Str text, size_t changed, const ModelError *x)
{
    ptrdiff_t at = str_find(str_sub(text, changed, text.n), str_of(w->at));
    int line = 1, column = 1;
    if (at < 0) {
        test_fail(__FILE__, __LINE__, "%s: no `%s` after the change", w->to, w->at);
        return;
    }
    Str head = str_sub(text, 0, changed + (size_t)at);
    for (size_t i = 0; i < head.n; i++)
        if (head.p[i] == '\n')
            line++;
    size_t from = head.n;
    while (from > 0 && head.p[from - 1] != '\n')
        from--;
    column += (int)utf8_count(str_sub(head, from, head.n));
    bool is_so = x->line == line && x->column == column &&
                 str_find(x->message, str_of(w->says)) >= 0 &&
                 str_eq(str_has(x->hint) ? x->hint : S(""), str_of(w->hint));
    if (!is_so)
        test_fail(__FILE__, __LINE__, "%s: `%s`: want %d:%d %s [%s], got %d:%d %.*s [%.*s]",
                  w->file, w->to, line, column, w->says, w->hint, x->line, x->column,
                  STR_ARG(x->message), STR_ARG(str_has(x->hint) ? x->hint : S("")));
}

static void expect_mistakes(const Mistake *rows, size_t row_n)
{
    for (size_t r = 0; r < row_n; r++) {
        ModelSource src[LEN(good)];
        memcpy(src, good, sizeof good);
        ModelSource *x = NULL;
        for (size_t i = 0; i < LEN(names); i++)
            if (strcmp(names[i], rows[r].file) == 0)
                x = &src[i];
        REQUIRE(x);
        size_t at = 0, n = 0;
        x->text = change(x->text, rows[r].from, rows[r].to, &at);
        const Model *m = NULL;
        ModelError *errors = NULL;
        Err e = err_on(arena);
        int rc = model_load(arena, src, LEN(src), LANG_EN, &m, &errors, &n, &e);
        if (rc != ERR_INVALID || n != 1 || !str_eq(errors[0].file, x->path)) {
            test_fail(__FILE__, __LINE__, "%s: `%s`: %zu mistakes", rows[r].file, rows[r].to, n);
            for (size_t i = 0; i < n; i++)
                test_note("%.*s:%d:%d: %.*s", STR_ARG(errors[i].file), errors[i].line,
                          errors[i].column, STR_ARG(errors[i].message));
            continue;
        }
        expect_place(&rows[r], x->text, at, &errors[0]);
    }
}

TEST(the_session_of_the_design)
{
    begin();
    const Model *m = load_good();
    const Type *t = model_type(m, S("session")), *course = model_type(m, S("course"));
    REQUIRE(t && course);
    const Field *line = type_field(t, S("line")), *rows = type_field(t, S("attendance"));
    REQUIRE(line && rows && rows->field_n == 3);
    EXPECT(line->copy_link == type_field(t, S("course")));
    EXPECT(line->copy_of == type_field(course, S("line")));
    EXPECT(line->choices == line->copy_of->choices && line->choice_n == 2);
    const Field *person = field_sub(rows, S("person")), *reason = field_sub(rows, S("reason"));
    REQUIRE(person && reason);
    EXPECT(rows->kind == KIND_ROWS && rows->max == 500 && rows->many == 500);
    EXPECT(rows->start == type_field(t, S("invited")) && rows->start_person == person);
    EXPECT(rows->unique_n == 1 && rows->unique[0] == person && person->rows == rows);
    EXPECT(person->ix == 0 && reason->ix == 2 && reason->max == 60 && !reason->is_required);
    REQUIRE(reason->required_when);
    EXPECT(reason->required_when->op == EXPR_EQ);
    EXPECT_EQ_I64(reason->required_when->line, 13);
    EXPECT_EQ_I64(reason->required_when->column, 55);
    const Field *present = type_field(t, S("present"));
    REQUIRE(present && present->computed);
    EXPECT(present->computed->op == EXPR_COUNT && present->computed->rows == rows);
    EXPECT(t->audience == type_field(t, S("invited")));
    EXPECT(t->states[0].see_n == 3 && t->states[0].see[2].kind == WHO_AUDIENCE &&
           t->states[0].see[2].via == t->audience);
    EXPECT(type_action(t, S("hold"))->when != NULL);
    EXPECT(t->duty_n == 1 && t->duties[0].due != NULL && t->duties[0].within == 0);
    EXPECT(type_state(t, S("cancelled"))->end == END_VOID);
    end();
}

TEST(the_lease_of_the_design)
{
    begin();
    const Model *m = load_good();
    const Type *t = model_type(m, S("lease")), *household = model_type(m, S("household"));
    REQUIRE(t && household);
    const Field *parcels = type_field(t, S("parcels"));
    REQUIRE(parcels);
    const Field *parcel = field_sub(parcels, S("parcel")), *area = field_sub(parcels, S("area"));
    REQUIRE(parcel && area);
    EXPECT(parcel->exclusive_from == type_field(t, S("starts")));
    EXPECT(parcel->exclusive_to == type_field(t, S("ends")));
    EXPECT(area->copy_link == parcel && area->is_required);
    EXPECT(type_field(t, S("area"))->computed->op == EXPR_SUM);
    EXPECT(type_field(t, S("household"))->is_party && type_field(t, S("household"))->is_indexed);
    EXPECT(type_field(t, S("cash"))->required_when && !type_field(t, S("cash"))->is_required);
    REQUIRE(t->check_n == 1);
    EXPECT_STR(t->checks[0].law, "农村土地承包法第38条、民法典第705条");
    EXPECT(t->checks[0].field == type_field(t, S("ends")));
    EXPECT_STR(label_text(&t->checks[0].label, LANG_ZH), "");
    const Who *mine = &type_state(t, S("active"))->see[3];
    EXPECT(mine->kind == WHO_ME_TYPE_VIA && mine->me_type == household &&
           mine->via == type_field(t, S("household")));
    EXPECT(household->me == type_field(household, S("person")) && household->me->is_indexed);
    const Action *over = type_action(t, S("end"));
    EXPECT(over->by_n == 2 && over->by[1].kind == WHO_CLOCK && over->due != NULL);
    EXPECT(type_state(t, S("draft"))->is_draft && type_state(t, S("draft"))->see_n == 1);
    end();
}

TEST(parts_links_makes_and_who)
{
    begin();
    const Model *m = load_good();
    const Type *step = model_type(m, S("step")), *issue = model_type(m, S("issue"));
    const Type *visit = model_type(m, S("visit")), *diary = model_type(m, S("diary"));
    REQUIRE(step && issue && visit && diary);
    EXPECT(step->part_of == &step->fields[0] && step->fields[0].is_required);
    EXPECT_STR(step->part_of->to, "issue");
    EXPECT(step->part_of->is_indexed && step->at == issue->at);
    EXPECT(type_field(step, S("who"))->is_personal);
    EXPECT_STR(type_field(step, S("who"))->purpose, "谁来办");
    const Field *mentions = type_field(diary, S("mentions"));
    EXPECT(mentions->kind == KIND_LINKS && mentions->to_n == 3 && mentions->many == LIMIT_LINKS);
    EXPECT_STR(mentions->tos[1], "issue");
    const Action *raise = type_action(visit, S("raise"));
    REQUIRE(raise && raise->make_n == 1 && raise->makes[0].type == issue);
    EXPECT_EQ_I64(raise->makes[0].field_n, 2);
    EXPECT(raise->makes[0].fields[1].value->op == EXPR_THIS);
    const State *open = type_state(issue, S("open"));
    REQUIRE(open->see_n == 4);
    EXPECT(open->see[2].kind == WHO_ROLE && open->see[2].when && open->see[2].when->op == EXPR_OR);
    EXPECT(open->see[3].kind == WHO_ROLE_REACH && !open->see[3].when);
    EXPECT(visit->states[0].see[3].kind == WHO_ROLE_VIA);
    EXPECT(visit->states[0].see[3].via == type_field(visit, S("helped_by")));
    EXPECT(type_field(visit, S("helped_by"))->is_indexed);
    const Action *finish = type_action(issue, S("finish"));
    EXPECT_STR(finish->code, "settle.nothing");
    EXPECT(finish->when->a->op == EXPR_COUNT && finish->when->a->part == step);
    const Field *kind = type_field(issue, S("kind")), *ill = type_field(issue, S("ill"));
    EXPECT(kind->choice_n == 3 && kind->choices[2].was_n == 1);
    EXPECT_STR(kind->choices[2].was[0], "fault");
    EXPECT(ill->choices[1].is_retired && !ill->choices[0].is_retired);
    EXPECT(m->removed_n == 1);
    EXPECT_STR(m->removed[0], "issue.ill.lung");
    EXPECT(type_field(model_type(m, S("household")), S("name"))->is_found_by_name);
    end();
}

static int give(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e)
{
    (void)e;
    Buf *told = ctx;
    buf_fmt(told, "%.*s %.*s %.*s\n", STR_ARG(kind), STR_ARG(path), STR_ARG(shape));
    *ret = (int64_t)told->n; /* any number, given once */
    return 0;
}

TEST(rows_and_their_choices_are_numbered_and_copied_choices_are_not_numbered_twice)
{
    begin();
    const Model *m = load_good();
    Buf told = {.arena = arena};
    REQUIRE_OK(model_number(m, give, &told, &failure), &failure);
    Str all = buf_view(&told);
    EXPECT(str_find(all, S("field session.attendance rows\n"
                           "field session.attendance.person person\n"
                           "field session.attendance.came choice\n"
                           "choice session.attendance.came.present \n")) >= 0);
    EXPECT(str_find(all, S("choice session.line")) < 0);
    EXPECT(str_find(all, S("choice course.line.policy")) >= 0);
    EXPECT(str_find(all, S("field step.issue link\n")) >= 0);
    const Type *t = model_type(m, S("session"));
    const Field *came = field_sub(type_field(t, S("attendance")), S("came"));
    EXPECT(type_sub_numbered(t, came->number) == came && came->choices[0].number > 0);
    EXPECT(type_sub_numbered(t, 1) == NULL);
    end();
}

TEST(fields_rows_and_links)
{
    static const Mistake rows[] = {
        {"session", "person: {is: person,", "person: {is: rows, of: {a: {is: int}},", "rows",
         "Rows nest once", ""},
        {"session", "reason: {is: text, max: 60,", "reason: {is: photo,", "photo",
         "A line of rows holds no field of kind photo", ""},
        {"session", "max: 500", "max: 501", "501", "a whole number from 1 to 500", ""},
        {"session", "start: invited", "start: day", "day", "`start` names a field of kind audience",
         ""},
        {"session", "start: invited", "start: invitd", "invitd", "no field `invitd`", "invited"},
        {"session", "unique: [person]", "unique: [persn]", "persn",
         "The rows attendance have no field `persn`", "person"},
        {"session", "reason: {is: text", "record: {is: text", "record",
         "A field cannot be called `record`", ""},
        {"session", "copy: course.line", "copy: course", "course", "Expected here: LINK.FIELD", ""},
        {"session", "copy: course.line", "copy: day.line", "day.line", "day is no link", ""},
        {"session", "copy: course.line", "copy: course.lin", "course.lin", "no field `lin`",
         "line"},
        {"session", "copy: course.line", "copy: course.title", "course.title",
         "title is of kind text and cannot be copied into a field of kind choice", ""},
        {"session", "copy: course.line}", "copy: course.line, of: {a: b}}",
         "of:", "Take out `of` or `copy`", ""},
        {"session", "invited: {is: audience}", "invited: {is: phone}", "phone",
         "Sealed fields such as phone come later", ""},
        {"diary", "to: [household, issue, visit]", "to: [household, isue, visit]", "isue",
         "There is no type `isue`", "issue"},
        {"session", "to: course,", "to: [course, visit],", "[course", "A link leads to one type",
         ""},
        {"diary", "mentions: {is: links, to: [household, issue, visit]", "mentions: {is: links",
         "mentions", "A field of kind links needs `to`", ""},
        {"lease", "exclusive: starts..ends", "exclusive: starts", "starts",
         "Expected here: two date fields", ""},
        {"lease", "exclusive: starts..ends", "exclusive: starts..cash", "starts..cash",
         "two fields of kind date, as starts..ends; cash is not", ""},
        {"lease", "required: when rent = cash", "required: when rent = cush", "cush", "Column 56",
         "cash"},
        {"lease", "required: when rent = cash", "required: maybe", "maybe",
         "Expected here: yes, no, or when EXPR", ""},
        {"lease", "computed: sum(parcels.area)", "computed: sum(parcels.area), required: yes",
         "required", "Nobody fills in what is computed. Take `required` out", ""},
        {"session", "computed: count(attendance where came = present)",
         "computed: count(attendance where came = present) + present", "count",
         "and what is computed above it", ""},
        {"session", "is: text, max: 60,", "is: text, max: 60, shown: came = leave,", "came = leave",
         "Expected here: when EXPR", ""},
        {"step", "who:  {is: person, personal: yes, purpose: 谁来办}",
         "who:  {is: person, personal: yes}", "who:", "needs `purpose`", ""},
        {"step", "part_of: issue", "part_of: isue", "isue", "There is no type `isue`", "issue"},
        {"step", "part_of: issue", "part_of: step", "step", "A type cannot be a part of itself",
         ""},
        {"step", "part_of: issue\nfields:", "part_of: issue\nfields:\n  issue: {is: text}", "issue",
         "must be a link to what `part_of` names", ""},
        {"household", "me: person", "me: name", "name", "`me` names a field of kind person", ""},
        {"household", "find: name", "find: nme", "nme",
         "Expected here: yes, no; for text also name", ""},
        {"issue", "was: [fault]", "was: [wish]", "wish", "`wish` still stands", ""},
        {"issue", "is: month_day}", "is: month_day, was: [title]}", "title", "`title` still stands",
         ""},
        {"issue", "is: month_day}", "is: month_day, was: [Old]}", "Old", "`Old` cannot be a name",
         ""},
        {"issue", "point: {is: point}", "point: {is: point, removed: yes, was: [at_]}", "yes",
         "cannot both be removed and have a former name", ""},
    };
    begin();
    expect_mistakes(rows, LEN(rows));
    end();
}

TEST(who_is_meant)
{
    static const Mistake rows[] = {
        {"session", "town_office, audience]", "town_office, audiance]", "audiance",
         "There is no role `audiance`", "audience"},
        {"visit", "helper via helped_by", "helper via helped", "helper via", "no field `helped`",
         ""},
        {"visit", "helper via helped_by", "helper via hard", "helper via",
         "After `ROLE via` stands a field of kind unit; hard is of kind note", ""},
        {"visit", "helper via helped_by", "helpr via helped_by", "helpr",
         "There is no role `helpr`", "helper"},
        {"visit", "helper via helped_by", "helper by helped_by", "helper by",
         "`helper by helped_by` is not understood", ""},
        {"visit", "helper via helped_by", "audience", "audience",
         "This type has no field of kind audience", ""},
        {"visit", "helper via helped_by", "clock", "clock", "`clock` can mean nothing here", ""},
        {"visit", "helper via helped_by", "me.visit via household", "me.visit",
         "The type visit does not say `me`", ""},
        {"visit", "helper via helped_by", "me.houshold via household", "me.houshold",
         "There is no type `houshold`", "household"},
        {"visit", "helper via helped_by", "me via household", "me via",
         "After `me via` stands a field of kind person; household is of kind link", ""},
        {"visit", "helper via helped_by", "me", "me]", "`me` is not understood", ""},
        {"visit", "helper via helped_by", "me.household via helped_by", "me.household",
         "After `me.TYPE via` stands a field of kind link or links", ""},
        {"visit", "helper via helped_by", "team_member when hard", "hard]", "Column 83", ""},
        {"visit", "helper via helped_by", "team_member when hard is empty and day > 1", "day > 1",
         "Column 101", ""},
        {"session", "town_office, audience]", "town_office when count(attendance) > 1, audience]",
         "town_office when", "A condition in `see` uses compare", ""},
        {"visit", "by: [first_secretary here, team_member here]",
         "by: [first_secretary here, public]", "public", "`public` cannot stand in `create`", ""},
        {"session", "invited: {is: audience}", "invited: {is: audience}\n  more: {is: audience}",
         "audience]", "two fields of kind audience, invited and more", ""},
        {"price_series", "company below", "company above", "company above",
         "`company above` is not understood", ""},
        {"lease", "agriculture_office, me", "helper below, me", "helper below",
         "helper sits neither at a unit where lease is kept nor below it", ""},
        {"lease", "see: company here}", "see: [company here, agriculture_office below]}",
         "agriculture_office below", "agriculture_office sits neither", ""},
    };
    begin();
    expect_mistakes(rows, LEN(rows));
    end();
}

TEST(checks_actions_duties_and_figures)
{
    static const Mistake rows[] = {
        {"lease", "that: ends <=", "this: ends <=", "this", "`this` is not a word of a check",
         "that"},
        {"lease", "that: ends <= min", "that: ends >< min", "< min", "Column", ""},
        {"session", "when: present > 0 and day <= today", "when: present > 0 and", "}",
         "ends at column 92", ""},
        {"session", "when: present > 0 and day <= today", "when: present + 1", "present + 1",
         "Column", ""},
        {"visit", "title: subject, visit: this", "title: subject, vist: this", "vist",
         "no field `vist`", "visit"},
        {"visit", "issue: {title: subject, visit: this", "issue: {visit: this",
         "issue:", "The issue it makes lacks title, which is required", ""},
        {"visit", "title: subject, visit: this", "title: subject, level: town", "level",
         "level cannot be filled by `makes`", ""},
        {"visit", "makes: {issue:", "makes: {isue:", "isue", "There is no type `isue`", "issue"},
        {"visit", "title: subject, visit: this", "title: household, visit: this", "household",
         "Column", ""},
        {"issue", "code: settle.nothing", "code: settle", "settle",
         "Expected here: MODULE.FUNCTION", ""},
        {"issue", "count(step where state = open) = 0", "count(stp where state = open) = 0", "stp",
         "Column 81: there is no rows field", ""},
        {"session", "due: day + 3 workdays", "due: present", "present", "This must come to a date",
         ""},
        {"session", "due: day + 3 workdays", "due: day + 3 workdays, within: 3 days", "due",
         "Write `within` or `due`, not both", ""},
        {"session", "record: {while: planned,", "record: {",
         "record:", "`while` or `upon` is missing", ""},
        {"session", "while: planned,", "upon: posting nobody here,", "posting",
         "There is no role `nobody`", ""},
        {"session", "due: day + 3 workdays", "due: day + 3 workdays, met_by: vist", "vist",
         "There is no type `vist`", "visit"},
        {"session", "policy_trainings_held: {count: record,",
         "policy_trainings_held: {count: record, sum: present,", "policy_trainings_held",
         "A figure says one of", ""},
        {"session", "count: record,", "sum: line,", "line", "line cannot stand in `sum`", ""},
        {"session", "state = held and line", "state = hold and line", "hold", "Column", "held"},
        {"lease", "code: settle.rent", "code: settle", "settle", "Expected here: MODULE.FUNCTION",
         ""},
        {"lease", "level: parcels.area", "level: parcels.are", "parcels.are",
         "The rows parcels have no field `are`", "area"},
        {"issue", "level is not empty", "levl is not empty", "levl", "Column", "level"},
    };
    begin();
    expect_mistakes(rows, LEN(rows));
    end();
}
