/* record_prepare.c: from what somebody typed to a Change, or to everything that is wrong with it.
 *
 * Order of refusal, tested: the id, then whether he may, then the state, then the version, then all
 * fields in the type's order, unknown names last.  DESIGN: One way in, one way out */
#include "record/record_int.h"

static int refuse(Err *e)
{
    return err_set(e, ERR_MISSING, "web.missing");
}

static int unusable(Err *e)
{
    return err_set(e, ERR_MISSING, "record.id_not_usable");
}

static const FieldInput *input_of(const RecordInput *in, Str name)
{
    for (int i = 0; i < in->field_n; i++)
        if (str_eq(in->fields[i].name, name))
            return &in->fields[i];
    return NULL;
}

/* May this action write this field: asked ones by their action alone, the others by create and
 * change. */
static bool is_writable(const Field *f, const Action *act)
{
    for (int i = 0; i < act->ask_n; i++)
        if (act->asks[i] == f)
            return true;
    return !f->is_asked && act->kind != ACTION_OTHER;
}

static int parse_one(const ParseCtx *ctx, const Field *f, const FieldInput *x, Value *ret, Err *e)
{
    const Kind *k = model_kind(f->kind);
    if (x->wrong_type)
        return err_field(e, f->name, "field.wrong_type");
    if (x->is_bool || (x->is_json && k->json_bool && x->text.n)) {
        if (!k->json_bool || !x->is_bool)
            return err_field(e, f->name, "field.wrong_type");
        *ret = (Value){.tag = VALUE_INT, .i = x->i};
        return 0;
    }
    if (x->is_int) {
        if (!k->json_number)
            return err_field(e, f->name, "field.wrong_type");
        return field_take_int(ctx, f, x->i, ret, e);
    }
    if (x->is_json && k->json_number && x->text.n)
        return err_field(e, f->name, "field.wrong_type");
    if (!k->parse)
        return err_field(e, f->name, "field.wrong_type");
    return k->parse(ctx, f, x->text, ret, e);
}

/* Photos: every id must be a file he sent, or one the record shows already. */
static int check_files(Tx *files_tx, const Reader *r, const Field *f, const Value *v,
                       const Value *before, Err *e)
{
    for (size_t at = 0; at + sizeof(Uuid) <= v->s.n; at += sizeof(Uuid)) {
        Str one = str_sub(v->s, at, sizeof(Uuid));
        bool is_known = false;
        for (size_t b = 0; before && before->tag == VALUE_BLOB && b < before->s.n;
             b += sizeof(Uuid))
            is_known = is_known || str_eq(one, str_sub(before->s, b, sizeof(Uuid)));
        if (is_known)
            continue;
        Uuid id, owner = {{0}};
        memcpy(id.b, one.p, sizeof id.b);
        CHECK(files_tx);
        Stmt *s = tx_sql(files_tx, SQL(file_get));
        bind_uuid(s, 1, id);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        if (rc) {
            owner = col_uuid(s, 0);
            stmt_reset(s);
        }
        if (!uuid_eq(owner, r->person))
            return err_field(e, f->name, "field.no_such_file");
    }
    return 0;
}

static int check_link(Records *rs, Arena *a, Tx *tx, const Reader *r, const Field *f,
                      const Value *v, Err *e)
{
    const Type *to = model_type(rs->model, f->to);
    Uuid id;
    memcpy(id.b, v->s.p, sizeof id.b);
    Record *target;
    Err sub = err_on(e->arena);
    int rc = to ? record_get(rs, a, tx, r, to, id, &target, NULL, &sub) : ERR_MISSING;
    if (rc == ERR_MISSING)
        return err_field(e, f->name, "field.no_such_record");
    if (rc < 0)
        return err_set(e, rc, "record.link_unread");
    return 0;
}

static int check_value(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                       const Field *f, const Value *v, const Value *before, Err *e)
{
    if (v->tag == VALUE_NONE)
        return 0;
    if (f->kind == KIND_PHOTO)
        return check_files(in->files_tx, r, f, v, before, e);
    if (f->kind == KIND_LINK)
        return check_link(rs, a, tx, r, f, v, e);
    return 0;
}

static void check_unknown(const RecordInput *in, Err *e)
{
    for (int i = 0; i < in->field_n; i++) {
        const Field *f = type_field(in->type, in->fields[i].name);
        bool is_then = f && in->then && is_writable(f, in->then);
        if (!f || (!is_writable(f, in->action) && !is_then))
            err_field(e, in->fields[i].name, "field.unknown");
        else if (input_of(in, in->fields[i].name) != &in->fields[i])
            err_field(e, in->fields[i].name, "field.twice");
    }
}

/* Types every given field into `values` (which holds what stood before), noting which were given.
 * All faults are collected; e->cls is ERR_INVALID when there is one. */
int prepare_values(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                   const Record *now, Value *values, uint64_t given[2], Err *e)
{
    const Type *t = in->type;
    ParseCtx ctx = {.arena = a, .today = r->today};
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        const FieldInput *x = input_of(in, f->name);
        bool writable = is_writable(f, in->action) || (in->then && is_writable(f, in->then));
        if (x && writable) {
            Value v = {.tag = VALUE_NONE};
            int rc = parse_one(&ctx, f, x, &v, e);
            if (!rc)
                rc = check_value(rs, a, tx, r, in, f, &v, now ? &now->values[i] : NULL, e);
            if (rc < 0 && rc != ERR_INVALID)
                return rc;
            if (rc < 0)
                continue;
            values[i] = v;
            set_add(given, i);
        } else if (in->action->kind == ACTION_CREATE && !x && f->preset.tag != VALUE_NONE) {
            values[i] = f->preset;
            set_add(given, i);
        }
    }
    check_unknown(in, e);
    return e->cls;
}

static bool has_fault(const Err *e, Str field)
{
    for (size_t i = 0; i < e->field_n; i++)
        if (str_eq(e->fields[i].field, field))
            return true;
    return false;
}

/* Required fields are asked once the record stands in a state that is no draft, an action's own
 * always. */
static void check_required(const Type *t, const RecordInput *in, int state, const Value *values,
                           Err *e)
{
    bool is_draft = t->states[state].is_draft;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        if (!f->is_required || values[i].tag != VALUE_NONE || has_fault(e, f->name))
            continue;
        bool is_asked_now =
            f->is_asked && (is_writable(f, in->action) || (in->then && is_writable(f, in->then)));
        if (is_asked_now || (!f->is_asked && !is_draft))
            err_field(e, f->name, "field.required");
    }
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

static void make_body(Records *rs, Arena *a, Change *c, const Record *before)
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
    salt_entries(rs, a, list, n);
    c->body = body_encode(a, list, n, c->body_hash);
}

static Day day_of(const Type *t, const Record *rec)
{
    if (t->dated && rec->values[t->dated->ix].tag == VALUE_INT)
        return (Day)rec->values[t->dated->ix].i;
    return day_of_ms(rec->made_ms);
}

static Change *new_change(Records *rs, Arena *a, const Reader *r, const RecordInput *in,
                          UnixMs now_ms)
{
    Change *c = NEW(a, Change);
    *c = (Change){.rs = rs,
                  .reader = r,
                  .type = in->type,
                  .action = in->action,
                  .is_create = in->action->kind == ACTION_CREATE,
                  .account = r->account,
                  .access_no = r->access_no,
                  .tree_no = r->tree->number,
                  .today = r->today,
                  .now_ms = now_ms};
    return c;
}

/* The second half of "keep and send": the action on the record as the first half leaves it. */
static int add_then(Records *rs, Arena *a, const Reader *r, const RecordInput *in, Change *c,
                    Err *e)
{
    const Action *act = in->then;
    const Record *first = c->after;
    if (!act)
        return 0;
    CHECK(act->kind == ACTION_OTHER && act->to >= 0);
    if (!(act->from >> first->state & 1))
        return err_set(e, ERR_STATE, "record.not_from_here", in->type->states[first->state].name);
    Arms arms = access_do(a, r, in->type, act);
    const Arm *by =
        record_may(r, arms, first);
    if (!by)
        return err_set(e, ERR_DENIED, "record.may_not", act->name);
    Change *n = new_change(rs, a, r, in, c->now_ms);
    n->action = act;
    n->is_create = false;
    n->after = arena_copy(a, first, sizeof *first);
    n->after->state = act->to;
    n->after->version++;
    n->base_version = first->version;
    n->base = c->base;
    n->base_day = first->at_day;
    n->seat = by->post_ix >= 0 ? r->posts[by->post_ix].seat : first->seat;
    for (int i = 0; i < act->ask_n; i++)
        if (set_has(c->changed, act->asks[i]->ix)) {
            set_add(n->changed, act->asks[i]->ix);
            c->changed[act->asks[i]->ix >> 6] &= ~((uint64_t)1 << (act->asks[i]->ix & 63));
        }
    make_body(rs, a, n, first);
    c->then = n;
    return 0;
}

static int finish(Records *rs, Arena *a, const Reader *r, const RecordInput *in, Change *c,
                  const Record *before, Change **ret, Err *e)
{
    c->after->at_day = day_of(in->type, c->after);
    int state = in->then && in->then->to >= 0 ? in->then->to : c->after->state;
    check_required(in->type, in, state, c->after->values, e);
    if (e->cls)
        return e->cls;
    TRY(add_then(rs, a, r, in, c, e));
    make_body(rs, a, c, before);
    *ret = c;
    return 0;
}

/* Adds a fault for each field that now comes otherwise than it stood then. */
static int compare_past(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                        const Past *p, Err *e)
{
    const Type *t = in->type;
    Value *values = NEW_N(a, Value, (size_t)t->field_n + 1);
    uint64_t given[2] = {0};
    TRY(prepare_values(rs, a, tx, r, in, NULL, values, given, e));
    for (int i = 0; i < t->field_n; i++)
        if (!p->is_blanked[i] && !value_eq(&p->values[i], &values[i]))
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
        bool is_asked = f && f->is_asked && is_writable(f, act);
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

static int choose_post(Arena *a, const Reader *r, const RecordInput *in, int *ret_post, Err *e)
{
    int *posts;
    int n = access_create_posts(a, r, in->type, in->as_role, &posts), found = -1, fits = 0;
    for (int i = 0; i < n; i++)
        if (in->unit_ix < 0 || r->posts[posts[i]].unit_ix == in->unit_ix) {
            found = posts[i];
            fits++;
        }
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
    *ret_post = found;
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
    int post_ix = -1;
    TRY(choose_post(a, r, in, &post_ix, e));
    const Post *post = &r->posts[post_ix];
    const Unit *unit = &r->tree->units[post->unit_ix];
    Change *c = new_change(rs, a, r, in, env_now_ms(rs->env));
    c->after = NEW(a, Record);
    *c->after = (Record){.id = in->id,
                         .type = t,
                         .unit_ix = unit->ix,
                         .unit = unit->id,
                         .county = unit->county,
                         .seat = post->seat,
                         .posting = post->posting,
                         .author = r->person,
                         .state = in->action->to,
                         .version = 1,
                         .made_ms = c->now_ms,
                         .values = NEW_N(a, Value, (size_t)t->field_n + 1)};
    c->seat = post->seat;
    int rc = prepare_values(rs, a, tx, r, in, NULL, c->after->values, c->changed, e);
    if (rc < 0 && rc != ERR_INVALID)
        return rc;
    return finish(rs, a, r, in, c, NULL, ret, e);
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
    Value *values = arena_copy(a, p.values, (size_t)in->type->field_n * sizeof *values);
    uint64_t given[2] = {0};
    Err sub = err_on(e->arena);
    int rc = prepare_values(rs, a, tx, r, in, now, values, given, &sub);
    if (rc < 0 && rc != ERR_INVALID)
        return err_set(e, rc, "record.link_unread");
    for (int i = 0; i < in->type->field_n && !rc; i++)
        if (!p.is_blanked[i] && !value_eq(&values[i], &p.values[i]))
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
    TRY(check_act(rs, a, tx, r, in, now, &by, e));
    Change *c = new_change(rs, a, r, in, env_now_ms(rs->env));
    c->after = arena_copy(a, now, sizeof *now);
    c->after->values = arena_copy(a, now->values, (size_t)t->field_n * sizeof(Value));
    c->base_version = now->version;
    c->base = now->values;
    c->base_day = now->at_day;
    c->after->version = now->version + 1;
    if (in->action->to >= 0)
        c->after->state = in->action->to;
    c->seat = by->post_ix >= 0 ? r->posts[by->post_ix].seat : now->seat;
    uint64_t given[2] = {0};
    int rc = prepare_values(rs, a, tx, r, in, now, c->after->values, given, e);
    if (rc < 0 && rc != ERR_INVALID)
        return rc;
    for (int i = 0; i < t->field_n; i++)
        if (set_has(given, i) &&
            (t->fields[i].is_asked || !value_eq(&c->after->values[i], &now->values[i])))
            set_add(c->changed, i);
    return finish(rs, a, r, in, c, now, ret, e);
}

int record_prepare(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
                   Change **ret, Err *e)
{
    CHECK(rs && tx && r && in->type && in->action && !tx_is_write(tx));
    if (in->field_n > LIMIT_FIELDS)
        return err_set(e, ERR_LIMIT, "record.too_many_fields", err_int(e, LIMIT_FIELDS));
    if (in->action->kind == ACTION_CREATE)
        return prepare_create(rs, a, tx, r, in, ret, e);
    return prepare_act(rs, a, tx, r, in, ret, e);
}

int record_conflicts(Records *rs, Arena *a, const Record *now, const RecordInput *in, Day today,
                     Conflict **ret, Err *e)
{
    (void)rs; /* the record carries its type */
    const Type *t = in->type;
    ParseCtx ctx = {.arena = a, .today = today};
    Conflict *list = NEW_N(a, Conflict, (size_t)t->field_n + 1);
    int n = 0;
    for (int i = 0; i < t->field_n; i++) {
        const FieldInput *x = input_of(in, t->fields[i].name);
        if (!x || t->fields[i].is_asked)
            continue;
        Value mine = {.tag = VALUE_NONE};
        Err sub = err_on(e->arena);
        if (parse_one(&ctx, &t->fields[i], x, &mine, &sub) < 0)
            mine = (Value){.tag = VALUE_TEXT, .s = x->text}; /* shown as typed: nothing is lost */
        if (!value_eq(&mine, &now->values[i]))
            list[n++] = (Conflict){.field = &t->fields[i], .mine = mine, .theirs = now->values[i]};
    }
    *ret = list;
    return n;
}
