/* demo_weeks.c: six weeks of diaries, day by day, and between them what else is done
 * (demo_work.c): in the morning what came back is mended, in the
 * afternoon towns review, in the evening people write. Each third of a day is one batch, in the
 * order of its minutes. */
#include <pthread.h>

#include "cli/demo.h"

enum {
    WEEK_DAYS = 42,
    ENTRIES_MAX = 6000,
    STEPS_MAX = 600,   /* of one third of a day */
    TOUR_DAYS_AGO = 5, /* the entry of the tour: written then, returned yesterday */
    RETURNED_PERCENT = 9,
    PHOTO_PERCENT = 3,
};

typedef enum Stage { STAGE_DRAFT, STAGE_SENT, STAGE_BACK, STAGE_DONE } Stage;
typedef struct Entry {
    Uuid id;
    int writer;    /* index into people */
    Day day, next; /* next: when its author takes it up again */
    Stage stage;
    bool was_back;
    bool is_tour; /* of the village every tour begins with: one returned, one still a draft */
    DemoText text;
} Entry;
typedef struct Step {
    int minute, person;
    Entry *entry;
    const char *action, *then;
    Str body, remark;
    Stage stage; /* after it */
    bool has_photo;
    Uuid photo;
} Step;
typedef struct Weeks {
    Demo *demo;
    const Type *diary;
    Day starts[DEMO_PEOPLE_MAX], ends[DEMO_PEOPLE_MAX];
    Entry entries[ENTRIES_MAX];
    int entry_n;
    Step steps[STEPS_MAX];
    int step_n;
    Day day;
    DemoWork *work;
} Weeks;

/* ---- one batch ---- */

typedef struct Batch {
    pthread_mutex_t lock;
    pthread_cond_t done;
    int left;
} Batch;

static void job_done(WriteJob *job)
{
    Batch *b = job->done_ctx;
    CHECK(pthread_mutex_lock(&b->lock) == 0);
    if (--b->left == 0)
        CHECK(pthread_cond_signal(&b->done) == 0);
    CHECK(pthread_mutex_unlock(&b->lock) == 0);
}

/* Many changes in one job: on PostgreSQL each job is a commit of its own. */
typedef struct Many {
    int (*apply)(Tx *, void *, Err *);
    void *const *args;
    int n;
} Many;

static int apply_many(Tx *tx, void *arg, Err *e)
{
    const Many *m = arg;
    for (int i = 0; i < m->n; i++)
        TRY(m->apply(tx, m->args[i], e));
    return 0;
}

int demo_apply(Demo *d, bool is_files, int (*apply)(Tx *, void *, Err *), void *const *args, int n,
               Err *e)
{
    enum { TOGETHER = 50 };
    Arena *a = arena_new(4096); /* the writer's, until all is done */
    int job_n = (n + TOGETHER - 1) / TOGETHER;
    WriteJob *jobs = NEW_N(a, WriteJob, (size_t)job_n + 1);
    Many *many = NEW_N(a, Many, (size_t)job_n + 1);
    Batch b = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, job_n};
    for (int i = 0; i < job_n; i++) {
        int from = i * TOGETHER;
        many[i] = (Many){apply, args + from, n - from < TOGETHER ? n - from : TOGETHER};
        jobs[i] = (WriteJob){.apply = apply_many,
                             .arg = &many[i],
                             .done = job_done,
                             .done_ctx = &b,
                             .err = err_on(a)};
    }
    for (int i = 0; i < job_n; i++)
        store_submit(is_files ? d->app->files : d->app->store, is_files ? d->files_conn : d->conn,
                     &jobs[i]);
    CHECK(pthread_mutex_lock(&b.lock) == 0);
    while (b.left > 0)
        CHECK(pthread_cond_wait(&b.done, &b.lock) == 0);
    CHECK(pthread_mutex_unlock(&b.lock) == 0);
    int rc = 0;
    for (int i = 0; i < job_n && rc == 0; i++)
        if (jobs[i].rc < 0) {
            const Err *why = &jobs[i].err;
            rc = why->field_n ? err_field(e, str_copy(e->arena, why->fields[0].field),
                                          str_z(e->arena, why->fields[0].key))
                              : err_set(e, jobs[i].rc, str_z(e->arena, why->key));
        }
    (void)pthread_cond_destroy(&b.done); /* nobody waits any more */
    (void)pthread_mutex_destroy(&b.lock);
    arena_free(a);
    return rc;
}

/* ---- planning ---- */

static Step *add_step(Weeks *w, Entry *en, int person, int minute, const char *action,
                      const char *then)
{
    CHECK(w->step_n < STEPS_MAX);
    Step *s = &w->steps[w->step_n++];
    *s = (Step){.minute = minute, .person = person, .entry = en, .action = action, .then = then};
    return s;
}

static Str first_sentence(Str body)
{
    ptrdiff_t at = str_find(body, S("。"));
    return at < 0 ? body : str_sub(body, 0, (size_t)at + 3);
}

static void plan_morning(Weeks *w)
{
    Dice *d = &w->demo->dice;
    for (int i = 0; i < w->entry_n; i++) {
        Entry *en = &w->entries[i];
        bool is_gone = w->ends[en->writer] != DAY_NONE && w->day > w->ends[en->writer];
        if ((en->stage != STAGE_DRAFT && en->stage != STAGE_BACK) || en->next != w->day || is_gone)
            continue;
        Step *s = add_step(w, en, en->writer, 7 * 60 + dice_below(d, 240), "change", "submit");
        s->body = en->stage == STAGE_BACK ? en->text.mended : en->text.body;
        s->stage = STAGE_SENT;
    }
}

static int town_of(const DemoPerson *p)
{
    return demo_units[p->unit].parent;
}

static void plan_review(Weeks *w, int officer, Entry *en)
{
    Dice *d = &w->demo->dice;
    bool is_back = en->is_tour || (!en->was_back && dice_chance(d, RETURNED_PERCENT));
    int minute = en->is_tour ? 9 * 60 + 12 : 14 * 60 + dice_below(d, 170);
    Step *s = add_step(w, en, officer, minute, is_back ? "return" : "accept", NULL);
    s->stage = is_back ? STAGE_BACK : STAGE_DONE;
    if (is_back)
        s->remark = en->text.remark;
}

static bool is_office(const DemoPerson *p)
{
    return !strcmp(p->role, "town_office") && !strcmp(p->account, "to");
}

/* Yesterday morning the tour's entry came back. */
static void plan_tour_back(Weeks *w)
{
    for (int i = 0; i < w->entry_n && w->day == w->demo->today - 1; i++)
        for (int o = 0; o < w->demo->person_n && w->entries[i].is_tour; o++)
            if (is_office(&w->demo->people[o]) &&
                town_of(&w->demo->people[w->entries[i].writer]) == w->demo->people[o].unit)
                plan_review(w, o, &w->entries[i]);
}

static void plan_afternoon(Weeks *w)
{
    Dice *d = &w->demo->dice;
    for (int o = 0; o < w->demo->person_n; o++) {
        const DemoPerson *officer = &w->demo->people[o];
        if (!is_office(officer))
            continue;
        int weekday = day_weekday(w->day),
            first = 1 + officer->unit % 2; /* Monday and Thursday, or Tuesday and Friday */
        bool is_his_day = weekday == first || weekday == first + 3;
        for (int i = 0; i < w->entry_n && is_his_day; i++) {
            Entry *en = &w->entries[i];
            bool is_his = town_of(&w->demo->people[en->writer]) == officer->unit;
            if (is_his && en->stage == STAGE_SENT && !en->is_tour && en->day < w->day &&
                dice_chance(d, 92))
                plan_review(w, o, en);
        }
    }
}

static bool is_tour(const DemoPerson *p)
{
    return !strcmp(p->account, "fs") && !strcmp(demo_units[p->unit].key, "shangli");
}

static void plan_entry(Weeks *w, int writer)
{
    Demo *demo = w->demo;
    Dice *d = &demo->dice;
    const DemoPerson *p = &demo->people[writer];
    CHECK(w->entry_n < ENTRIES_MAX);
    Entry *en = &w->entries[w->entry_n++];
    bool is_last = w->day >= demo->today - 2;
    *en = (Entry){.writer = writer,
                  .day = w->day,
                  .next = DAY_NONE,
                  .is_tour = is_tour(p) && w->day == demo->today - TOUR_DAYS_AGO};
    if (en->is_tour)
        demo_text_first(demo->arena, &en->text);
    else
        demo_text(demo->arena, d, w->day, &en->text);
    bool is_kept = !en->is_tour && (dice_chance(d, is_last ? 30 : 14) || (is_tour(p) && is_last));
    bool is_plain = !en->is_tour && dice_chance(d, 55); /* most know how the town wants it */
    if (is_plain)
        en->text.body = en->text.mended;
    Step *s = add_step(w, en, writer, 17 * 60 + 30 + dice_below(d, 285), "create",
                       is_kept ? NULL : "submit");
    s->body = is_kept ? first_sentence(en->text.body) : en->text.body;
    s->stage = is_kept ? STAGE_DRAFT : STAGE_SENT;
    s->has_photo = en->is_tour || (!is_kept && dice_chance(d, PHOTO_PERCENT));
    if (is_kept && !(is_tour(p) && is_last))
        en->next = w->day + 1 + dice_below(d, 3);
}

static void plan_evening(Weeks *w)
{
    Dice *d = &w->demo->dice;
    static const int odds[2][7] = {{38, 38, 38, 38, 40, 10, 8},
                                   {60, 60, 60, 60, 62, 25, 15}}; /* Monday first */
    int weekday = day_weekday(w->day);
    for (int i = 0; i < w->demo->person_n; i++) {
        const DemoPerson *p = &w->demo->people[i];
        bool is_first = !strcmp(p->role, "first_secretary");
        if ((!is_first && strcmp(p->role, "team_member") != 0) || w->day < w->starts[i] ||
            (w->ends[i] != DAY_NONE && w->day > w->ends[i]))
            continue;
        bool is_sure = is_tour(p) &&
                       (w->day == w->demo->today - TOUR_DAYS_AGO || w->day == w->demo->today - 1);
        if (dice_chance(d, odds[is_first][weekday - 1]) || is_sure)
            plan_entry(w, i);
    }
}

/* ---- doing ---- */

static int by_minute(const void *a, const void *b)
{
    const Step *x = a, *y = b;
    return x->minute != y->minute ? x->minute - y->minute : x->person - y->person;
}

static int reader_of(Weeks *w, Arena *a, Tx *tx, int person, Reader **ret, Err *e)
{
    Demo *d = w->demo;
    *ret = NEW(a, Reader);
    TRY(access_reader_account(d->app->access, a, tx, d->tree, demo_account(a, &d->people[person]),
                              *ret, e));
    (*ret)->workdays = flow_workdays(d->calendar);
    return 0;
}

static int make_photo(Weeks *w, Arena *a, Tx *tx, Tx *files_tx, Step *s, FileInput **ret, Err *e)
{
    Demo *d = w->demo;
    Reader *r;
    int wide, high;
    FileInput *in = *ret = NEW(a, FileInput);
    demo_clock_set(d->clock, w->day, s->minute);
    TRY(reader_of(w, a, tx, s->person, &r, e));
    Str drawn = demo_photo(a, &d->dice);
    TRY(photo_clean(a, drawn, &in->bytes, &wide, &high, e));
    in->id = s->photo = env_uuid7(demo_clock_env(d->clock));
    in->owner = r->person;
    in->mime = S("image/jpeg");
    in->now_ms = env_now_ms(demo_clock_env(d->clock));
    sm3_of(drawn.p, drawn.n, in->source);
    return record_prepare_file(d->app->records, files_tx, r, in, e);
}

static int begin(Demo *d, Tx **ret_tx, Tx **ret_files_tx, Err *e)
{
    TRY(tx_read(d->conn, ret_tx, e));
    if (d->files_conn == d->conn) {
        *ret_files_tx = *ret_tx;
        return 0;
    }
    int rc = tx_read(d->files_conn, ret_files_tx, e);
    if (rc < 0)
        tx_end(*ret_tx);
    return rc;
}

static void end(Tx *tx, Tx *files_tx)
{
    if (files_tx != tx)
        tx_end(files_tx);
    tx_end(tx);
}

/* Files are on disk before the record that names them. */
static int do_photos(Weeks *w, Arena *a, Err *e)
{
    void *args[STEPS_MAX];
    int n = 0, rc = 0;
    Tx *tx, *files_tx;
    TRY(begin(w->demo, &tx, &files_tx, e));
    for (int i = 0; i < w->step_n && rc == 0; i++)
        if (w->steps[i].has_photo)
            rc = make_photo(w, a, tx, files_tx, &w->steps[i], (FileInput **)&args[n++], e);
    end(tx, files_tx);
    return rc == 0 && n ? demo_apply(w->demo, true, record_apply_file, args, n, e) : rc;
}

static int prepare(Weeks *w, Arena *a, Tx *tx, Tx *files_tx, Step *s, Change **ret, Err *e)
{
    Demo *d = w->demo;
    FieldInput *fields = NEW_N(a, FieldInput, 4);
    Reader *r;
    int n = 0;
    bool is_new = !strcmp(s->action, "create");
    demo_clock_set(d->clock, w->day, s->minute);
    TRY(reader_of(w, a, tx, s->person, &r, e));
    if (is_new) {
        s->entry->id = env_uuid7(demo_clock_env(d->clock));
        fields[n++] = (FieldInput){.name = S("day"), .text = day_text(a, s->entry->day)};
    }
    if (str_has(s->body))
        fields[n++] = (FieldInput){.name = S("body"), .text = s->body};
    if (str_has(s->remark))
        fields[n++] = (FieldInput){.name = S("remark"), .text = s->remark};
    if (s->has_photo)
        fields[n++] = (FieldInput){.name = S("photos"), .text = uuid_text(a, s->photo)};
    RecordInput *in = NEW(a, RecordInput);
    *in = (RecordInput){.type = w->diary,
                        .id = s->entry->id,
                        .action = type_action(w->diary, str_of(s->action)),
                        .then = s->then ? type_action(w->diary, str_of(s->then)) : NULL,
                        .unit_ix = -1,
                        .as_role = is_new ? str_of(d->people[s->person].role) : STR_NONE,
                        .fields = fields,
                        .field_n = n,
                        .files_tx = files_tx};
    return record_prepare(d->app->records, a, tx, r, in, ret, e);
}

static void settle(Weeks *w, const Step *s)
{
    Entry *en = s->entry;
    en->stage = s->stage;
    if (s->stage != STAGE_BACK)
        return;
    en->was_back = true;
    en->next = en->is_tour ? DAY_NONE : w->day + 1 + dice_below(&w->demo->dice, 4);
}

static int do_steps(Weeks *w, Err *e)
{
    void *args[STEPS_MAX];
    Tx *tx, *files_tx;
    if (!w->step_n)
        return 0;
    qsort(w->steps, (size_t)w->step_n, sizeof w->steps[0], by_minute);
    Arena *a = arena_new(64 * 1024);
    int rc = do_photos(w, a, e);
    if (rc == 0)
        rc = begin(w->demo, &tx, &files_tx, e);
    if (rc == 0) {
        for (int i = 0; i < w->step_n && rc == 0; i++)
            rc = prepare(w, a, tx, files_tx, &w->steps[i], (Change **)&args[i], e);
        end(tx, files_tx);
    }
    if (rc == 0)
        rc = demo_apply(w->demo, false, record_apply, args, w->step_n, e);
    for (int i = 0; i < w->step_n && rc == 0; i++)
        settle(w, &w->steps[i]);
    w->step_n = 0;
    arena_free(a);
    return rc;
}

static int do_day(Weeks *w, Err *e)
{
    enum { NOON = 12 * 60, EVENING = 17 * 60 + 20, NIGHT = 24 * 60 };
    if (w->day < w->demo->today - WEEK_DAYS)
        return demo_work_until(w->work, w->day, NIGHT, e);
    plan_tour_back(w);
    plan_morning(w);
    TRY(do_steps(w, e));
    TRY(demo_work_until(w->work, w->day, NOON, e));
    plan_afternoon(w);
    TRY(do_steps(w, e));
    TRY(demo_work_until(w->work, w->day, EVENING, e));
    plan_evening(w);
    TRY(do_steps(w, e));
    return demo_work_until(w->work, w->day, NIGHT, e);
}

int demo_weeks(Demo *d, Err *e)
{
    Weeks *w = NEW(d->arena, Weeks);
    w->demo = d;
    w->diary = model_type(d->app->model, S("diary"));
    CHECK(w->diary);
    for (int i = 0; i < d->person_n; i++)
        demo_term(d, &d->people[i], &w->starts[i], &w->ends[i]);
    Day from;
    DemoWork *work = demo_work_new(d, &from);
    int rc = 0;
    if (from > d->today - WEEK_DAYS)
        from = d->today - WEEK_DAYS;
    for (w->day = from; w->day < d->today && rc == 0; w->day++) {
        w->work = work;
        rc = do_day(w, e);
    }
    demo_work_free(work);
    return rc;
}
