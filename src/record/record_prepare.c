/* record_prepare.c: from what somebody typed to a Change, or to everything that is wrong with it.
 *
 * Order of refusal, tested: the id, then whether he may, then the state, then the version, then all
 * fields in the type's order, unknown names last.  DESIGN: One way in, one way out */
#include "record/record_flow.h"

static int refuse(Err *e)
{
    return err_set(e, ERR_MISSING, "web.missing");
}

static int unusable(Err *e)
{
    return err_set(e, ERR_MISSING, "record.id_not_usable");
}

static void salt_entries(Records *rs, Arena *a, Entry *entries, int n)
{
    uint8_t *salts = arena_alloc(a, (size_t)n * SALT_BYTES + 1);
    env_random(rs->env, salts, (size_t)n * SALT_BYTES);
    for (int i = 0; i < n; i++)
        memcpy(entries[i].salt, salts + (size_t)i * SALT_BYTES, SALT_BYTES);
}

static int64_t row_count(const Value *v)
{
    return v->tag == VALUE_ROWS ? v->i : 0;
}

/* Lines of the changed rows fields: what becomes of each. */
static void make_ops(Arena *a, Change *c)
{
    const Type *t = c->type;
    const Value none = {.tag = VALUE_NONE};
    int64_t room = 0;
    for (int i = 0; i < t->field_n; i++)
        if (t->fields[i].kind == KIND_ROWS)
            room += row_count(&c->after->values[i]) + (c->base ? row_count(&c->base[i]) : 0);
    c->ops = NEW_N(a, RowOp, (size_t)room + 1);
    for (int i = 0; i < t->field_n; i++)
        if (t->fields[i].kind == KIND_ROWS && set_has(c->changed, i))
            c->op_n += rows_diff(a, &t->fields[i], c->base ? &c->base[i] : &none,
                                 &c->after->values[i], c->ops + c->op_n);
}

int change_figures(Change *c, Arena *a, const Record *before, Err *e)
{
    Subject is = record_subject(c->after), was = {0};
    FigSide from = {0}, to = {.subject = &is, .at_day = c->after->at_day};
    if (before) {
        was = record_subject(before);
        from = (FigSide){.subject = &was, .at_day = before->at_day};
    }
    return figure_moves(a, c->reader->tree, from, to, c->today, &c->moves, &c->move_n, e);
}

void change_body(Change *c, Arena *a, const Record *before)
{
    const Type *t = c->type;
    make_ops(a, c);
    Entry *list = NEW_N(a, Entry, (size_t)(t->field_n + 3 + c->op_n));
    int n = 0;
    if (!before || before->state != c->after->state)
        list[n++] = (Entry){.number = ENTRY_STATE,
                            .value = {.tag = VALUE_INT, .i = t->states[c->after->state].number}};
    if (!before) {
        list[n++] = (Entry){.number = ENTRY_UNIT, .value = {.tag = VALUE_INT, .i = c->after->unit}};
        list[n++] =
            (Entry){.number = ENTRY_POSTING, .value = {.tag = VALUE_INT, .i = c->after->posting}};
    }
    for (int i = 0, op = 0; i < t->field_n; i++) {
        if (!set_has(c->changed, i))
            continue;
        if (t->fields[i].kind != KIND_ROWS)
            list[n++] = (Entry){.number = t->fields[i].number, .value = c->after->values[i]};
        for (; op < c->op_n && c->ops[op].field == &t->fields[i]; op++)
            list[n++] = (Entry){.number = t->fields[i].number,
                                .value = {.tag = VALUE_BLOB, .s = row_encode(a, &c->ops[op])}};
    }
    CHECK(n <= LIMIT_CHANGE_ENTRIES);
    salt_entries(c->rs, a, list, n);
    c->body = body_encode(a, list, n, c->body_hash);
}

Day record_day(const Type *t, const Value *values, UnixMs made_ms)
{
    if (t->dated && values[t->dated->ix].tag == VALUE_INT)
        return (Day)values[t->dated->ix].i;
    return day_of_ms(made_ms);
}

Change *change_new(Records *rs, Arena *a, const Reader *r, const Type *t, const Action *act,
                   UnixMs now_ms)
{
    Change *c = NEW(a, Change);
    *c = (Change){.rs = rs,
                  .reader = r,
                  .type = t,
                  .action = act,
                  .is_create = act->kind == ACTION_CREATE,
                  .account = r->account,
                  .access_no = r->access_no,
                  .tree_no = r->tree->number,
                  .today = r->today,
                  .now_ms = now_ms};
    return c;
}

/* Under which post somebody acts by an arm; whom he stands in for. */
static void act_under(const Reader *r, const Arm *by, const Record *on, Change *c)
{
    if (by->post_ix >= 0) {
        c->seat = r->posts[by->post_ix].seat;
        c->deputy_for = r->posts[by->post_ix].deputy_for;
    } else if (by->column == ARM_AUTHOR)
        c->seat = on->seat;
    else /* named in it: any post he holds, or none */
        c->seat = r->post_n ? r->posts[0].seat : 0;
}

/* The second half of "keep and send": the action on the record as the first half leaves it. */
static int add_then(Flow *x, const RecordInput *in, Change *c, Err *e)
{
    const Action *act = in->then;
    const Record *first = c->after;
    if (!act)
        return 0;
    CHECK(act->kind == ACTION_OTHER && act->to >= 0);
    if (!(act->from >> first->state & 1))
        return err_set(e, ERR_STATE, "record.not_from_here", in->type->states[first->state].name);
    Arms arms = access_do(x->a, x->r, in->type, act);
    const Arm *by = record_may(x->r, arms, first);
    if (!by)
        return err_set(e, ERR_DENIED, "record.may_not", act->name);
    TRY(flow_when(x, act, first, e));
    Change *n = change_new(x->rs, x->a, x->r, in->type, act, c->now_ms);
    n->after = arena_copy(x->a, first, sizeof *first);
    n->after->state = act->to;
    n->after->version++;
    n->base_version = first->version;
    n->base = c->base;
    n->base_day = first->at_day;
    act_under(x->r, by, first, n);
    for (int i = 0; i < act->ask_n; i++)
        if (set_has(c->changed, act->asks[i]->ix)) {
            set_add(n->changed, act->asks[i]->ix);
            c->changed[act->asks[i]->ix >> 6] &= ~((uint64_t)1 << (act->asks[i]->ix & 63));
        }
    change_body(n, x->a, first);
    TRY(change_figures(n, x->a, first, e));
    TRY(change_duties(n, x->a, first, e));
    c->then = n;
    return makes_prepare(x, act, n->after, by->post_ix, n, e);
}

static void note_changed(const Flow *x, Change *c)
{
    for (int i = 0; i < x->t->field_n; i++) {
        const Value *v = &x->after->values[i];
        bool given = set_has(x->taken->given, i);
        bool differs = x->before ? !value_eq(v, &x->before->values[i]) : v->tag != VALUE_NONE;
        if (differs || (given && (!x->before || x->t->fields[i].is_asked)))
            set_add(c->changed, i);
    }
}

/* What follows from what was taken into c->after. */
static int finish(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in, Change *c,
                  const Record *before, const Taken *taken, int post_ix, Change **ret, Err *e)
{
    int state = c->after->state;
    Flow x = {.rs = rs,
              .a = a,
              .tx = tx,
              .r = r,
              .t = in->type,
              .action = in->action,
              .then = in->then,
              .before = before,
              .after = c->after,
              .taken = taken};
    c->after->values = taken->values;
    if (in->then && in->then->to >= 0)
        c->after->state = in->then->to;
    TRY(flow_derive(&x, e));
    TRY(flow_ask(&x, e));
    c->after->at_day = record_day(in->type, c->after->values, c->after->made_ms);
    c->after->state = before ? before->state : state;
    TRY(flow_when(&x, in->action, c->after, e));
    c->after->state = state;
    note_changed(&x, c);
    TRY(add_then(&x, in, c, e));
    change_body(c, a, before);
    TRY(change_figures(c, a, before, e));
    TRY(change_duties(c, a, before, e));
    TRY(makes_prepare(&x, in->action, c->after, post_ix, c, e));
    *ret = c;
    return 0;
}

/* What comes now, worked out as it was worked out then. */
static int take_again(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                      const Past *p, Taken *ret, Err *e)
{
    const Action *last = in->then ? in->then : in->action;
    TRY(input_take(rs, a, tx, r, in, p->values, true, ret, e));
    Record as = {.id = in->id, .type = in->type, .values = ret->values};
    as.state = last->to >= 0 ? last->to : p->state;
    Flow x = {.rs = rs,
              .a = a,
              .tx = tx,
              .r = r,
              .t = in->type,
              .action = in->action,
              .then = in->then,
              .after = &as,
              .taken = ret,
              .past = p->values};
    TRY(flow_derive(&x, e));
    return e->cls;
}

/* Adds a fault for each field that now comes otherwise than it stood then. */
static int compare_past(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                        const Past *p, Err *e)
{
    const Type *t = in->type;
    Taken now;
    TRY(take_again(rs, a, tx, r, in, p, &now, e));
    for (int i = 0; i < t->field_n; i++)
        if (!p->is_blanked[i] && !value_eq(&p->values[i], &now.values[i]))
            err_field(e, t->fields[i].name, "record.differs");
    if (in->unit_ix >= 0 && p->unit != r->tree->units[in->unit_ix].id)
        err_field(e, S("unit"), "record.differs");
    if (!e->cls)
        return 0;
    e->cls = ERR_DIFFERS;
    e->key = S("record.exists_differs");
    return ERR_DIFFERS;
}

/* The fields of an input that an action itself writes, or all but these. */
static RecordInput part_of(Arena *a, const RecordInput *in, const Action *act, bool is_own)
{
    RecordInput part = *in;
    FieldInput *list = NEW_N(a, FieldInput, (size_t)in->field_n + 1);
    part.then = NULL;
    part.field_n = 0;
    for (int i = 0; i < in->field_n; i++) {
        const Field *f = type_field(in->type, in->fields[i].name);
        bool is_asked = f && f->is_asked && input_writes(f, act);
        if (is_asked == is_own)
            list[part.field_n++] = in->fields[i];
    }
    part.fields = list;
    return part;
}

static int prepare_act(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                       Change **ret, Err *e);

/* What first came in under this id, against what comes now: *ret stays NULL and it is the same
 * (ERR_EXISTS), differs, or is not his. "Keep and send" of what was only kept yet sends it. */
static int compare_first(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                         Change **ret, Err *e)
{
    Past p;
    TRY(record_past(a, tx, in->type, in->id, in->then ? 2 : 1, &p, e));
    bool was_sent = in->then && p.version == 2 && p.last.act == in->then->number &&
                    uuid_eq(p.last.actor, r->person);
    Uuid author = p.version == 2 ? p.before.actor : p.last.actor;
    if (!p.version || !uuid_eq(author, r->person))
        return unusable(e);
    if (!in->then || was_sent) {
        TRY(compare_past(rs, a, tx, r, in, &p, e));
        return err_set(e, ERR_EXISTS, "record.exists");
    }
    bool is_kept_only = p.version == 1;
    TRY(record_past(a, tx, in->type, in->id, 1, &p, e));
    RecordInput kept = part_of(a, in, in->then, false), sent = part_of(a, in, in->then, true);
    TRY(compare_past(rs, a, tx, r, &kept, &p, e));
    if (!is_kept_only)
        return err_set(e, ERR_EXISTS, "record.exists");
    sent.action = in->then;
    sent.if_version = 1;
    return prepare_act(rs, a, tx, r, &sent, ret, e);
}

/* 0 with *ret NULL: the id is free. */
static int check_id(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                    Change **ret, Err *e)
{
    UnixMs now = env_now_ms(rs->env), made = uuid_ms(in->id), day = 86400000;
    if (!uuid_is_v7(in->id) || made < now - LIMIT_ID_AGE_DAYS * day ||
        made > now + LIMIT_ID_AHEAD_DAYS * day)
        return unusable(e);
    int64_t type, county;
    int rc = record_registered(tx, in->id, &type, &county, e);
    if (rc <= 0)
        return rc;
    return type == in->type->number ? compare_first(rs, a, tx, r, in, ret, e) : unusable(e);
}

/* Does he see anything of the type at this unit: then a refusal to create may say so (403). */
static bool sees_unit(Arena *a, const Reader *r, const Type *t, int unit_ix)
{
    Arms see = access_see(a, r, t);
    for (int i = 0; i < see.n; i++)
        if (see.list[i].column == ARM_UNIT && unit_ix >= see.list[i].from_ix &&
            unit_ix < see.list[i].to_ix)
            return true;
    return false;
}

/* By its terms for `create`, may this post write one in this unit? */
static bool reaches(const Reader *r, Arms arms, const Type *t, int post_ix, int unit_ix)
{
    if (!(t->at >> r->tree->units[unit_ix].kind & 1))
        return false;
    if (r->posts[post_ix].unit_ix == unit_ix)
        return true;
    for (int i = 0; i < arms.n; i++)
        if (arms.list[i].column == ARM_UNIT && arms.list[i].post_ix == post_ix &&
            unit_ix >= arms.list[i].from_ix && unit_ix < arms.list[i].to_ix)
            return true;
    return false;
}

/* Where a new record sits and under which post it is written. */
typedef struct Place {
    int post_ix, unit_ix;
} Place;

static int choose_post(Arena *a, const Reader *r, const RecordInput *in, Place *ret, Err *e)
{
    int *posts;
    int n = access_create_posts(a, r, in->type, in->as_role, &posts), found = -1, fits = 0;
    Arms arms = access_do(a, r, in->type, in->action);
    for (int i = 0; i < n; i++) {
        int unit_ix = in->unit_ix < 0 ? r->posts[posts[i]].unit_ix : in->unit_ix;
        if (reaches(r, arms, in->type, posts[i], unit_ix)) {
            found = posts[i];
            fits++;
        }
    }
    if (!fits && n && in->unit_ix < 0)
        return err_field(e, S("unit"), "record.choose_unit");
    if (!fits && in->unit_ix >= 0)
        return sees_unit(a, r, in->type, in->unit_ix)
                   ? err_set(e, ERR_DENIED, "record.may_not", in->action->name)
                   : refuse(e);
    if (!fits)
        return access_see(a, r, in->type).n
                   ? err_set(e, ERR_DENIED, "record.may_not", in->action->name)
                   : refuse(e);
    if (fits > 1)
        return err_field(e, S("unit"), "record.which_post");
    *ret = (Place){found, in->unit_ix < 0 ? r->posts[found].unit_ix : in->unit_ix};
    return 0;
}

/* The record a new part is to belong to: he sees it, and it is not void. */
static int find_whole(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                      Record **ret, Err *e)
{
    const Field *f = in->type->part_of;
    const FieldInput *x = input_named(in->fields, in->field_n, f->name);
    const Type *t = model_type(rs->model, f->to);
    Uuid id;
    if (!x || !x->text.n)
        return err_field(e, f->name, "field.required");
    if (!uuid_parse(str_trim(x->text), &id))
        return err_field(e, f->name, "field.not_id");
    Err sub = err_on(e->arena);
    int rc = t ? record_get(rs, a, tx, r, t, id, ret, NULL, &sub) : ERR_MISSING;
    if (rc == ERR_MISSING)
        return err_field(e, f->name, "field.no_such_record");
    if (rc < 0)
        return err_set(e, rc, "record.link_unread");
    if (t->states[(*ret)->state].end == END_VOID)
        return err_field(e, f->name, "record.whole_void");
    return 0;
}

/* A part sits where its whole does; of several posts that may write it there, his own comes before
 * one he stands in for. */
static int place_part(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                      Place *ret, Err *e)
{
    const Type *t = in->type;
    Record *whole;
    TRY(find_whole(rs, a, tx, r, in, &whole, e));
    if (in->unit_ix >= 0 && in->unit_ix != whole->unit_ix)
        return err_field(e, S("unit"), "record.part_unit");
    Value *values = NEW_N(a, Value, (size_t)t->field_n + 1);
    values[t->part_of->ix] = (Value){.tag = VALUE_BLOB, .s = {(char *)whole->id.b, sizeof(Uuid)}};
    Subject s = {.type = t,
                 .id = in->id,
                 .state = in->action->to,
                 .values = values,
                 .unit_ix = whole->unit_ix,
                 .author = r->person};
    Arms arms = access_do(a, r, t, in->action);
    int found = -1;
    for (int i = 0; i < arms.n; i++) {
        int p = arms.list[i].post_ix < 0 && r->post_n ? 0 : arms.list[i].post_ix;
        if (p < 0 || !access_covers(r, &arms.list[i], &s))
            continue;
        if (str_has(in->as_role) && !str_eq(in->as_role, r->model->roles[r->posts[p].role].name))
            continue;
        if (found < 0 || (!uuid_is_zero(r->posts[found].deputy_for) &&
                          uuid_is_zero(r->posts[p].deputy_for)))
            found = p;
    }
    if (found < 0)
        return err_set(e, ERR_DENIED, "record.may_not", in->action->name);
    *ret = (Place){found, whole->unit_ix};
    return 0;
}

static int prepare_create(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                          Change **ret, Err *e)
{
    const Type *t = in->type;
    Change *sent = NULL;
    TRY(check_id(rs, a, tx, r, in, &sent, e));
    if (sent) {
        *ret = sent;
        return 0;
    }
    Place at = {-1, -1};
    TRY(t->part_of ? place_part(rs, a, tx, r, in, &at, e) : choose_post(a, r, in, &at, e));
    const Post *post = &r->posts[at.post_ix];
    const Unit *unit = &r->tree->units[at.unit_ix];
    if (unit->closed != DAY_NONE && unit->closed <= r->today)
        return err_set(e, ERR_STATE, "record.unit_closed", unit->name);
    Change *c = change_new(rs, a, r, t, in->action, env_now_ms(rs->env));
    c->after = NEW(a, Record);
    *c->after = (Record){.id = in->id,
                         .type = t,
                         .unit_ix = unit->ix,
                         .unit = unit->id,
                         .county = unit->county,
                         .seat = post->seat,
                         .posting = post->posting,
                         .author = uuid_is_zero(post->deputy_for) ? r->person : post->deputy_for,
                         .state = in->action->to,
                         .version = 1,
                         .made_ms = c->now_ms};
    c->seat = post->seat;
    c->deputy_for = post->deputy_for;
    Taken taken;
    int rc = input_take(rs, a, tx, r, in, NULL, false, &taken, e);
    if (rc < 0 && rc != ERR_INVALID)
        return rc;
    return finish(rs, a, tx, r, in, c, NULL, &taken, at.post_ix, ret, e);
}

/* The same thing sent twice: what made the next version of the one he names was his own same act
 * with the same values. Then it is done, whatever has become of the record since. */
static int check_repeat(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                        const Record *now, Err *e)
{
    const Action *last = in->then ? in->then : in->action;
    int64_t version = in->if_version + (in->then ? 2 : 1);
    Past p;
    if (now->version < version)
        return 0;
    TRY(record_past(a, tx, in->type, now->id, version, &p, e));
    if (p.version != version || p.last.act != last->number || !uuid_eq(p.last.actor, r->person) ||
        (in->then && (p.before.act != in->action->number || !uuid_eq(p.before.actor, r->person))))
        return 0;
    Taken again;
    Err sub = err_on(e->arena);
    int rc = take_again(rs, a, tx, r, in, &p, &again, &sub);
    if (rc < 0 && rc != ERR_INVALID)
        return err_set(e, rc, "record.link_unread");
    for (int i = 0; i < in->type->field_n && !rc; i++)
        if (!p.is_blanked[i] && !value_eq(&again.values[i], &p.values[i]))
            return 0;
    return rc < 0 ? 0
                  : err_set(e, ERR_EXISTS, "record.exists"); /* at fault: told the ordinary way */
}

static int check_act(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                     const Record *now, const Arm **ret_by, Err *e)
{
    const Action *act = in->action;
    if (in->if_version > 0 && in->if_version != now->version)
        TRY(check_repeat(rs, a, tx, r, in, now, e));
    Arms arms = access_do(a, r, in->type, act);
    bool could = false;
    Subject on = record_subject(now);
    for (on.state = 0; on.state < in->type->state_n && !could; on.state++)
        could = act->from >> on.state & 1 && access_may(r, arms, &on);
    if (!could)
        return err_set(e, ERR_DENIED, "record.may_not", act->name);
    if (in->if_version > 0 && in->if_version != now->version)
        return err_set(e, ERR_CONFLICT, "record.stale");
    if (!(act->from >> now->state & 1))
        return err_set(e, ERR_STATE, "record.not_from_here", in->type->states[now->state].name);
    *ret_by = record_may(r, arms, now);
    return *ret_by ? 0 : err_set(e, ERR_DENIED, "record.may_not", act->name);
}

static int prepare_act(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                       Change **ret, Err *e)
{
    const Type *t = in->type;
    Record *now;
    const Arm *by;
    TRY(record_get(rs, a, tx, r, t, in->id, &now, NULL, e));
    if (r->viewer)
        return err_set(e, ERR_DENIED, "record.only_looking");
    TRY(check_act(rs, a, tx, r, in, now, &by, e));
    Change *c = change_new(rs, a, r, t, in->action, env_now_ms(rs->env));
    c->after = arena_copy(a, now, sizeof *now);
    c->base_version = now->version;
    c->base = now->values;
    c->base_day = now->at_day;
    c->after->version = now->version + 1;
    if (in->action->to >= 0)
        c->after->state = in->action->to;
    act_under(r, by, now, c);
    Taken taken;
    int rc = input_take(rs, a, tx, r, in, now->values, false, &taken, e);
    if (rc < 0 && rc != ERR_INVALID)
        return rc;
    if (t->part_of && !value_eq(&taken.values[t->part_of->ix], &now->values[t->part_of->ix]))
        err_field(e, t->part_of->name, "record.part_stays");
    return finish(rs, a, tx, r, in, c, now, &taken, by->post_ix, ret, e);
}

int record_prepare(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                   Change **ret, Err *e)
{
    CHECK(rs && tx && r && in->type && in->action && !tx_is_write(tx));
    if (in->field_n > LIMIT_FIELDS)
        return err_set(e, ERR_LIMIT, "record.too_many_fields", err_int(e, LIMIT_FIELDS));
    if (in->action->kind == ACTION_CREATE && r->viewer)
        return err_set(e, ERR_DENIED, "record.only_looking");
    if (in->action->kind == ACTION_CREATE)
        return prepare_create(rs, a, tx, r, in, ret, e);
    return prepare_act(rs, a, tx, r, in, ret, e);
}

/* Lines that came without ids are compared by what they say. */
static bool is_same(Arena *a, const Value *mine, const Value *theirs)
{
    if (mine->tag != VALUE_ROWS || theirs->tag != VALUE_ROWS || mine->i != theirs->i)
        return value_eq(mine, theirs);
    Row *rows = arena_copy(a, mine->rows, (size_t)mine->i * sizeof *rows);
    for (int64_t i = 0; i < mine->i; i++)
        if (uuid_is_zero(rows[i].id))
            rows[i].id = theirs->rows[i].id;
    Value v = {.tag = VALUE_ROWS, .i = mine->i, .rows = rows};
    return value_eq(&v, theirs);
}

int record_conflicts(Records *rs, Arena *a, const Record *now, const RecordInput *in,
                     const Reader *r, Conflict **ret, Err *e)
{
    (void)e; /* what cannot be read is shown as it was typed */
    const Type *t = in->type;
    Conflict *list = NEW_N(a, Conflict, (size_t)t->field_n + 1);
    int n = 0;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        const FieldInput *x = input_named(in->fields, in->field_n, f->name);
        if (!x || f->is_asked || f->computed)
            continue;
        Value mine = input_as_typed(rs, a, r, f, x);
        if (!is_same(a, &mine, &now->values[i]))
            list[n++] = (Conflict){.field = f, .mine = mine, .theirs = now->values[i]};
    }
    *ret = list;
    return n;
}
