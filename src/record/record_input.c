/* record_input.c: from what somebody typed to values: every given field of a record and of its
 * lines, references resolved, or everything that is wrong with them. Faults in lines are named
 * FIELD.N.NAME, N as they came.                                      DESIGN: One way in, one way
 * out */
#include "record/record_int.h"

/* What is being taken. */
typedef struct Taking {
    Records *rs;
    Arena *a;
    Tx *tx;
    const Reader *r;
    const RecordInput *in;
    const Value *before; /* by field ix; NULL: nothing stood there */
    bool is_compared;    /* lines without an id count as the ones that stood in their place */
    ParseCtx ctx;
    Taken *taken;
    Err *e;
} Taking;

bool input_writes(const Field *f, const Action *act)
{
    for (int i = 0; i < act->ask_n; i++)
        if (act->asks[i] == f)
            return true;
    return !f->is_asked && !f->computed && act->kind != ACTION_OTHER;
}

const FieldInput *input_named(const FieldInput *list, int n, Str name)
{
    for (int i = 0; i < n; i++)
        if (str_eq(list[i].name, name))
            return &list[i];
    return NULL;
}

static int row_limit(const Field *f)
{
    return f->many > 0 && f->many < LIMIT_ROWS ? f->many : LIMIT_ROWS;
}

/* ---- one value ---- */

static int take_plain(const ParseCtx *ctx, const Field *f, const FieldInput *x, Value *ret, Err *e)
{
    const Kind *k = model_kind(f->kind);
    if (x->wrong_type || x->is_rows || !k->parse)
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
    return k->parse(ctx, f, x->text, ret, e);
}

/* Ids as the kinds with ids have them, at most `many`. */
static int take_ids(const ParseCtx *ctx, const Field *f, int many, const FieldInput *x, Value *ret,
                    Err *e)
{
    Field g = *f;
    g.many = many;
    if (x->wrong_type || x->is_rows || x->is_bool || x->is_int)
        return err_field(e, f->name, "field.wrong_type");
    return model_kind(KIND_PHOTO)->parse(ctx, &g, x->text, ret, e);
}

static bool holds_id(const Value *v, Str id)
{
    for (size_t at = 0; v && v->tag == VALUE_BLOB && at < v->s.n; at += sizeof(Uuid))
        if (str_eq(id, str_sub(v->s, at, sizeof(Uuid))))
            return true;
    return false;
}

/* Every file must be one he sent, or one the record shows already. */
static int check_file(const Taking *k, const Field *f, Uuid id, Err *e)
{
    Uuid owner = {{0}};
    bool is_photo = false;
    if (!k->in->files_tx)
        return err_field(e, f->name, "field.no_such_file");
    Stmt *s = tx_sql(k->in->files_tx, SQL(file_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (rc) {
        owner = col_uuid(s, 0);
        is_photo = str_eq(col_str(s, 1), S("image/jpeg"));
        stmt_reset(s);
    }
    if (!uuid_eq(owner, k->r->person))
        return err_field(e, f->name, "field.no_such_file");
    return f->kind == KIND_PHOTO && !is_photo ? err_field(e, f->name, "field.not_photo") : 0;
}

static int check_person(const Taking *k, const Field *f, Uuid id, Err *e)
{
    Stmt *s = tx_sql(k->tx, SQL(record_person_is));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    stmt_reset(s);
    return rc ? 0 : err_field(e, f->name, "field.no_such_person");
}

static bool leads_to(const Field *f, const Type *t)
{
    for (int i = 0; i < f->to_n; i++)
        if (str_eq(f->tos[i], t->name))
            return true;
    return !f->to_n && str_eq(f->to, t->name);
}

static int check_link(const Taking *k, const Field *f, Uuid id, Err *e)
{
    int64_t number, county;
    int rc = record_registered(k->tx, id, &number, &county, e);
    if (rc < 0)
        return rc;
    const Type *to = rc ? model_type_numbered(k->rs->model, number) : NULL;
    Record *target;
    Err sub = err_on(e->arena);
    rc = to && leads_to(f, to) ? record_get(k->rs, k->a, k->tx, k->r, to, id, &target, NULL, &sub)
                               : ERR_MISSING;
    if (rc == ERR_MISSING)
        return err_field(e, f->name, "field.no_such_record");
    return rc < 0 ? err_set(e, rc, "record.link_unread") : 0;
}

/* Those that stood there already are not looked at again: he may have lost sight of them since. */
static int check_ids(const Taking *k, const Field *f, const Value *v, const Value *before, Err *e)
{
    for (size_t at = 0; v->tag == VALUE_BLOB && at < v->s.n; at += sizeof(Uuid)) {
        Str one = str_sub(v->s, at, sizeof(Uuid));
        Uuid id;
        if (holds_id(before, one))
            continue;
        memcpy(id.b, one.p, sizeof id.b);
        if (field_has_files(f))
            TRY(check_file(k, f, id, e));
        else if (f->kind == KIND_PERSON)
            TRY(check_person(k, f, id, e));
        else
            TRY(check_link(k, f, id, e));
    }
    return 0;
}

static int take_unit(const Taking *k, const Field *f, const FieldInput *x, const Value *before,
                     Value *ret, Err *e)
{
    Str code = str_trim(x->text);
    *ret = (Value){.tag = VALUE_NONE};
    if (x->wrong_type || x->is_rows || x->is_bool || x->is_int)
        return err_field(e, f->name, "field.wrong_type");
    if (!code.n)
        return 0;
    const Unit *u = tree_unit_coded(k->r->tree, code);
    if (!u)
        return err_field(e, f->name, "field.no_such_unit", code);
    bool stands = before && before->tag == VALUE_INT && before->i == u->id;
    if (!stands && u->closed != DAY_NONE && u->closed <= k->r->today)
        return err_field(e, f->name, "field.unit_closed", u->name);
    *ret = (Value){.tag = VALUE_INT, .i = u->id};
    return 0;
}

static int take_audience(const Taking *k, const Field *f, const FieldInput *x, Value *ret, Err *e)
{
    Str value = S(""), arg = STR_NONE;
    const char *key = NULL;
    *ret = (Value){.tag = VALUE_NONE};
    if (x->wrong_type || x->is_rows || x->is_bool || x->is_int)
        return err_field(e, f->name, "field.wrong_type");
    if (!str_trim(x->text).n)
        return 0;
    if (access_audience_parse(k->a, k->r->tree, k->rs->model, x->text, &value, &key, &arg) < 0)
        return err_field(e, f->name, key, arg);
    if (value.n)
        *ret = (Value){.tag = VALUE_TEXT, .s = value};
    return 0;
}

static int take_value(const Taking *k, const Field *f, const FieldInput *x, const Value *before,
                      Value *ret, Err *e)
{
    int links = f->many > 1 && f->many < LIMIT_LINKS ? f->many : LIMIT_LINKS;
    switch (f->kind) {
    case KIND_UNIT:
        return take_unit(k, f, x, before, ret, e);
    case KIND_AUDIENCE:
        return take_audience(k, f, x, ret, e);
    case KIND_LINK:
    case KIND_PERSON:
        TRY(take_ids(&k->ctx, f, 1, x, ret, e));
        return check_ids(k, f, ret, before, e);
    case KIND_LINKS:
        TRY(take_ids(&k->ctx, f, links, x, ret, e));
        return check_ids(k, f, ret, before, e);
    case KIND_PHOTO:
    case KIND_FILE:
        TRY(take_plain(&k->ctx, f, x, ret, e));
        return check_ids(k, f, ret, before, e);
    default:
        return take_plain(&k->ctx, f, x, ret, e);
    }
}

/* ---- lines ---- */

Str input_path(Arena *a, const Field *rows, int at, Str name)
{
    return str_fmt(a, "%.*s.%d.%.*s", STR_ARG(rows->name), at, STR_ARG(name));
}

static int fail_at(const Taking *k, Str path, const Err *sub)
{
    for (size_t i = 0; i < sub->field_n; i++) {
        const ErrField *f = &sub->fields[i];
        Str args[ERR_ARGS_MAX + 1] = {f->args[0], f->args[1], f->args[2], f->args[3], STR_NONE};
        (void)err_field_at(k->e, path, str_z(k->a, f->key), sub->file, sub->line, args);
    }
    return ERR_INVALID;
}

static bool is_blank(const RowInput *row)
{
    for (int i = 0; i < row->field_n; i++) {
        const FieldInput *x = &row->fields[i];
        if (x->text.n || x->is_int || x->is_bool || x->wrong_type || x->is_rows)
            return false;
    }
    return uuid_is_zero(row->id);
}

static const Row *row_of(const Value *v, Uuid id)
{
    for (int64_t i = 0; v && v->tag == VALUE_ROWS && i < v->i; i++)
        if (uuid_eq(v->rows[i].id, id))
            return &v->rows[i];
    return NULL;
}

static void check_row_names(const Taking *k, const Field *f, const RowInput *row, int at)
{
    for (int i = 0; i < row->field_n; i++) {
        Str name = row->fields[i].name;
        const Field *sub = field_sub(f, name);
        if (!sub || sub->computed)
            (void)err_field(k->e, input_path(k->a, f, at, name), "field.unknown");
        else if (input_named(row->fields, row->field_n, name) != &row->fields[i])
            (void)err_field(k->e, input_path(k->a, f, at, name), "field.twice");
    }
}

/* One line: what came, over what stood there; *ret_given: its fields that came with a value. */
static int take_row(const Taking *k, const Field *f, const RowInput *in, int at, const Row *was,
                    Row *ret, uint64_t *ret_given)
{
    Value *values = NEW_N(k->a, Value, (size_t)f->field_n + 1);
    for (int i = 0; i < f->field_n; i++) {
        const Field *sub = &f->fields[i];
        const FieldInput *x =
            sub->computed ? NULL : input_named(in->fields, in->field_n, sub->name);
        values[i] = was ? was->values[i] : sub->preset;
        if (!x)
            continue;
        Err err = err_on(k->a);
        Value v = {.tag = VALUE_NONE};
        int rc = take_value(k, sub, x, was ? &was->values[i] : NULL, &v, &err);
        if (rc == ERR_INVALID)
            fail_at(k, input_path(k->a, f, at, sub->name), &err);
        else if (rc < 0)
            return err_set(k->e, rc, "record.link_unread");
        values[i] = v;
        if (v.tag != VALUE_NONE)
            *ret_given |= UINT64_C(1) << i;
    }
    check_row_names(k, f, in, at);
    *ret = (Row){.id = in->id, .values = values, .value_n = f->field_n};
    return 0;
}

/* The line that stood there, and its id or a new one. false: there is no such line. */
static bool find_line(const Taking *k, const Field *f, Uuid *id, int64_t place, const Row **ret)
{
    const Value *before = k->before ? &k->before[f->ix] : NULL;
    *ret = NULL;
    if (!uuid_is_zero(*id)) {
        *ret = row_of(before, *id);
        return *ret != NULL;
    }
    if (!k->is_compared)
        *id = env_uuid7(k->rs->env);
    else if (before && before->tag == VALUE_ROWS && place < before->i)
        *id = before->rows[place].id; /* its values are what came alone */
    return true;
}

static bool came_before(const Row *rows, int64_t n, Uuid id)
{
    for (int64_t i = 0; i < n; i++)
        if (uuid_eq(rows[i].id, id))
            return true;
    return false;
}

static int take_rows(const Taking *k, const Field *f, const FieldInput *x, Value *ret)
{
    *ret = (Value){.tag = VALUE_NONE};
    if (x->wrong_type || x->is_int || x->is_bool || (!x->is_rows && x->text.n))
        return err_field(k->e, f->name, "field.wrong_type");
    int64_t n = 0, came = 0;
    for (int i = 0; x->is_rows && i < x->row_n; i++)
        came += !is_blank(&x->rows[i]);
    if (came > row_limit(f))
        return err_field(k->e, f->name, "field.too_many_rows", err_int(k->e, row_limit(f)));
    Row *rows = NEW_N(k->a, Row, (size_t)came + 1);
    TakenRows *taken = &k->taken->rows[f->ix];
    taken->given = NEW_N(k->a, uint64_t, (size_t)came + 1);
    taken->at = NEW_N(k->a, int, (size_t)came + 1);
    for (int i = 0; x->is_rows && i < x->row_n; i++) {
        RowInput in = x->rows[i];
        const Row *was;
        if (is_blank(&in))
            continue;
        if (!find_line(k, f, &in.id, n, &was))
            (void)err_field(k->e, input_path(k->a, f, i, S("id")), "field.no_such_row");
        else if (!uuid_is_zero(in.id) && came_before(rows, n, in.id))
            (void)err_field(k->e, input_path(k->a, f, i, S("id")), "field.twice");
        TRY(take_row(k, f, &in, i, was, &rows[n], &taken->given[n]));
        taken->at[n++] = i;
    }
    if (n)
        *ret = (Value){.tag = VALUE_ROWS, .i = n, .rows = rows};
    return k->e->cls == 0 || k->e->cls == ERR_INVALID ? 0 : k->e->cls;
}

/* ---- all of them ---- */

static void check_names(const RecordInput *in, Err *e)
{
    for (int i = 0; i < in->field_n; i++) {
        const Field *f = type_field(in->type, in->fields[i].name);
        bool is_then = f && in->then && input_writes(f, in->then);
        if (!f || (!input_writes(f, in->action) && !is_then))
            (void)err_field(e, in->fields[i].name, "field.unknown");
        else if (input_named(in->fields, in->field_n, in->fields[i].name) != &in->fields[i])
            (void)err_field(e, in->fields[i].name, "field.twice");
    }
}

static int take_field(Taking *k, const Field *f, const FieldInput *x)
{
    Value v = {.tag = VALUE_NONE};
    int rc = f->kind == KIND_ROWS
                 ? take_rows(k, f, x, &v)
                 : take_value(k, f, x, k->before ? &k->before[f->ix] : NULL, &v, k->e);
    if (rc == ERR_INVALID)
        return 0; /* told in e */
    if (rc < 0)
        return rc;
    k->taken->values[f->ix] = v;
    set_add(k->taken->given, f->ix);
    if (v.tag != VALUE_NONE)
        set_add(k->taken->filled, f->ix);
    return 0;
}

/* Takes every given field over `before`, noting which were given. All faults are collected; e->cls
 * is ERR_INVALID when there is one. */
int input_take(Records *rs, Arena *a, Tx *tx, const Reader *r, const RecordInput *in,
               const Value *before, bool is_compared, Taken *ret, Err *e)
{
    const Type *t = in->type;
    size_t n = (size_t)t->field_n + 1;
    *ret = (Taken){.values = NEW_N(a, Value, n), .rows = NEW_N(a, TakenRows, n)};
    bool is_new = in->action->kind == ACTION_CREATE;
    if (before && !is_new)
        memcpy(ret->values, before, (size_t)t->field_n * sizeof(Value));
    Taking k = {.rs = rs,
                .a = a,
                .tx = tx,
                .r = r,
                .in = in,
                .before = before,
                .is_compared = is_compared,
                .ctx = {.arena = a, .today = r->today},
                .taken = ret,
                .e = e};
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        const FieldInput *x = input_named(in->fields, in->field_n, f->name);
        if (x && (input_writes(f, in->action) || (in->then && input_writes(f, in->then))))
            TRY(take_field(&k, f, x));
        else if (is_new && !x && f->preset.tag != VALUE_NONE) {
            ret->values[i] = f->preset;
            set_add(ret->given, i);
        }
    }
    check_names(in, e);
    return e->cls;
}

/* ---- shown back ---- */

static Value typed_rows(const Taking *k, const Field *f, const FieldInput *x)
{
    int64_t n = 0;
    Row *rows = NEW_N(k->a, Row, (size_t)x->row_n + 1);
    for (int i = 0; i < x->row_n; i++) {
        if (is_blank(&x->rows[i]))
            continue;
        Value *values = NEW_N(k->a, Value, (size_t)f->field_n + 1);
        for (int s = 0; s < f->field_n; s++) {
            const FieldInput *y =
                input_named(x->rows[i].fields, x->rows[i].field_n, f->fields[s].name);
            if (y)
                values[s] = input_as_typed(k->rs, k->a, k->r, &f->fields[s], y);
        }
        rows[n++] = (Row){.id = x->rows[i].id, .values = values, .value_n = f->field_n};
    }
    return n ? (Value){.tag = VALUE_ROWS, .i = n, .rows = rows} : (Value){.tag = VALUE_NONE};
}

/* What came, without asking whether it may stand: what cannot be read stays as text, so nothing is
 * lost. */
Value input_as_typed(Records *rs, Arena *a, const Reader *r, const Field *f, const FieldInput *x)
{
    Taking k = {.rs = rs, .a = a, .r = r, .ctx = {.arena = a, .today = r->today}};
    Value v = {.tag = VALUE_NONE};
    Err e = err_on(a);
    int rc;
    switch (f->kind) {
    case KIND_ROWS:
        return x->is_rows ? typed_rows(&k, f, x) : v;
    case KIND_UNIT:
        rc = take_unit(&k, f, x, NULL, &v, &e);
        break;
    case KIND_AUDIENCE:
        rc = take_audience(&k, f, x, &v, &e);
        break;
    case KIND_LINK:
    case KIND_PERSON:
    case KIND_LINKS:
        rc = take_ids(&k.ctx, f, LIMIT_LINKS, x, &v, &e);
        break;
    default:
        rc = take_plain(&k.ctx, f, x, &v, &e);
    }
    return rc < 0 ? (Value){.tag = VALUE_TEXT, .s = x->text} : v;
}
