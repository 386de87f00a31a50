/* record.c: opening the room, reading one record. */
#include "record/record_catalogue.h"
#include "record/record_find_int.h"

int records_open(Env *env, Store *s, Store *files, const Model *m, Records **ret, Err *e)
{
    CHECK(env && s && files && m);
    (void)e; /* cannot fail yet; the contract keeps the way open */
    Arena *a = arena_new(64 * 1024);
    Records *rs = NEW(a, Records);
    *rs = (Records){
        .env = env, .store = s, .files = files, .model = m, .arena = a, .engine = store_engine(s)};
    rs->model_hash = record_hash_text(a, m);
    rs->sql = NEW_N(a, TypeSql, (size_t)m->type_n);
    for (int i = 0; i < m->type_n; i++) {
        CHECK(m->types[i].number >= CATALOGUE_FIRST && m->types[i].field_n <= 128);
        query_compile(a, rs->engine, &m->types[i], &rs->sql[i]);
    }
    FlowOffice office = flow_office_default();
    rs->calendar = flow_calendar_new(a, &office, NULL, 0, 0);
    find_compile(a, m, &rs->find, &rs->find_made_of);
    if (rs->engine == ENGINE_SQLITE && store_is_writer(s))
        rs->newest = newest_new(m->type_n);
    *ret = rs;
    return 0;
}

void records_close(Records *rs)
{
    if (!rs)
        return;
    newest_free(rs->newest);
    arena_free(rs->arena);
}

int record_from_row(Arena *a, Stmt *s, const Tree *tree, const Type *t, Record *ret, Err *e)
{
    const State *state = type_state_numbered(t, col_i64(s, COL_STATE));
    const Unit *unit = tree_unit(tree, col_i64(s, COL_UNIT));
    Uuid id = col_uuid(s, COL_ID);
    if (!state || !unit)
        return err_set(e, ERR_CORRUPT, "record.bad_row", uuid_text(e->arena, id));
    *ret = (Record){.id = id,
                    .type = t,
                    .unit_ix = unit->ix,
                    .unit = unit->id,
                    .county = col_i64(s, COL_COUNTY),
                    .seat = col_i64(s, COL_SEAT),
                    .posting = col_i64(s, COL_POSTING),
                    .author = col_uuid(s, COL_AUTHOR),
                    .at_day = col_day(s, COL_AT_DAY),
                    .state = state->ix,
                    .version = col_i64(s, COL_VERSION),
                    .made_ms = col_i64(s, COL_MADE_MS)};
    ret->values = NEW_N(a, Value, (size_t)t->field_n);
    for (int i = 0; i < t->field_n; i++)
        ret->values[i] = query_value(a, s, COL_FIELDS + i, &t->fields[i]);
    return 0;
}

int record_read_row(Records *rs, Arena *a, Tx *tx, const Tree *tree, const Type *t, int64_t county,
                    Uuid id, Record **ret, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(tx, rs->sql[t->ix].get, &s, e));
    bind_i64(s, 1, county);
    bind_uuid(s, 2, id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (!rc)
        return err_set(e, ERR_MISSING, "web.missing");
    Record *rec = NEW(a, Record);
    rc = record_from_row(a, s, tree, t, rec, e);
    stmt_reset(s);
    if (rc < 0)
        return rc;
    TRY(rows_read(rs, a, tx, rec, e));
    *ret = rec;
    return 0;
}

int record_registered(Tx *tx, Uuid id, int64_t *ret_type, int64_t *ret_county, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_register_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    *ret_type = col_i64(s, 0);
    *ret_county = col_i64(s, 2);
    stmt_reset(s);
    return 1;
}

/* The whole a part belongs to, as it stands; ERR_MISSING. */
static int read_whole(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *part,
                      Record **ret, Err *e)
{
    const Value *v = &part->values[part->type->part_of->ix];
    int64_t number, county;
    Uuid id;
    if (v->tag != VALUE_BLOB || v->s.n != sizeof id.b)
        return err_set(e, ERR_MISSING, "web.missing");
    memcpy(id.b, v->s.p, sizeof id.b);
    int rc = record_registered(tx, id, &number, &county, e);
    if (rc < 0)
        return rc;
    const Type *t = rc ? model_type_numbered(rs->model, number) : NULL;
    if (!t)
        return err_set(e, ERR_MISSING, "web.missing");
    return record_read_row(rs, a, tx, r->tree, t, county, id, ret, e);
}

/* By his own arms, else, of a part, by those on its whole. */
static int may_see(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *rec,
                   const Arm **ret, Err *e)
{
    for (int depth = 0;; depth++) {
        *ret = record_may(r, access_see(a, r, rec->type), rec);
        if (*ret)
            return 0;
        if (!rec->type->part_of || depth == LIMIT_PART_DEPTH)
            return err_set(e, ERR_MISSING, "web.missing");
        Record *whole;
        TRY(read_whole(rs, a, tx, r, rec, &whole, e));
        rec = whole;
    }
}

int record_get(Records *rs, Arena *a, Tx *tx, const Reader *r, const Type *t, Uuid id, Record **ret,
               const Arm **ret_by, Err *e)
{
    CHECK(rs && r && t);
    if (!t->part_of && !access_see(a, r, t).n)
        return err_set(e, ERR_MISSING, "web.missing");
    int64_t type, county;
    int rc = record_registered(tx, id, &type, &county, e);
    if (rc < 0)
        return rc;
    if (!rc || type != t->number)
        return err_set(e, ERR_MISSING, "web.missing");
    Record *rec;
    const Arm *by, *looks;
    TRY(record_read_row(rs, a, tx, r->tree, t, county, id, &rec, e));
    TRY(may_see(rs, a, tx, r, rec, &by, e));
    if (r->viewer) /* looks as another: what both may see */
        TRY(may_see(rs, a, tx, r->viewer, rec, &looks, e));
    *ret = rec;
    if (ret_by)
        *ret_by = by;
    return 0;
}

int record_fill_mine(Records *rs, Arena *a, Tx *tx, Reader *r, Err *e)
{
    Mine *list = NEW_N(a, Mine, LIMIT_MINE + 1);
    int n = 0;
    for (int i = 0; i < rs->model->type_n && n < LIMIT_MINE; i++) {
        const Type *t = &rs->model->types[i];
        int rc;
        Stmt *s;
        if (!t->me || uuid_is_zero(r->person))
            continue;
        TRY(tx_prepare(tx, rs->sql[i].mine, &s, e));
        bind_uuid(s, 1, r->person);
        bind_i64(s, 2, LIMIT_MINE - n);
        while ((rc = stmt_step(s, e)) > 0) {
            const State *st = type_state_numbered(t, col_i64(s, 1));
            if (st && st->end != END_VOID)
                list[n++] = (Mine){.type = t, .id = col_uuid(s, 0)};
        }
        if (rc < 0)
            return rc;
    }
    r->mine = list;
    r->mine_n = n;
    return 0;
}

Subject record_subject(const Record *rec)
{
    return (Subject){.type = rec->type,
                     .id = rec->id,
                     .state = rec->state,
                     .values = rec->values,
                     .unit_ix = rec->unit_ix,
                     .author = rec->author,
                     .posting = rec->posting};
}

const Arm *record_may(const Reader *r, Arms arms, const Record *rec)
{
    Subject s = record_subject(rec);
    return access_may(r, arms, &s);
}

static bool counts_parts(const Expr *x)
{
    for (; x; x = x->next)
        if (x->part || counts_parts(x->a) || counts_parts(x->b))
            return true;
    return false;
}

/* Does its condition hold? One that counts parts is tried when it is done. */
static bool is_time(Arena *a, const Reader *r, const Record *rec, const Action *act)
{
    bool ok = true;
    Subject s = record_subject(rec);
    ExprWorld w = {
        .subject = &s, .today = r->today, .me = r->person, .workdays = r->workdays};
    Err e = err_on(a);
    return !act->when || counts_parts(act->when) || expr_holds(act->when, &w, &ok, &e) < 0 || ok;
}

int record_actions(Records *rs, Arena *a, const Reader *r, const Record *rec, const Action ***ret)
{
    (void)rs;
    const Type *t = rec->type;
    const Action **list = NEW_N(a, const Action *, (size_t)t->action_n + 1);
    int n = 0;
    for (int i = 0; i < t->action_n; i++) {
        const Action *act = &t->actions[i];
        if (act->kind == ACTION_CREATE || !(act->from >> rec->state & 1))
            continue;
        Arms arms = access_do(a, r, t, act);
        if (record_may(r, arms, rec) && is_time(a, r, rec, act))
            list[n++] = act;
    }
    *ret = list;
    return n;
}

static int each_step(Records *rs, Arena *a, Tx *tx, const Tree *tree, const Type *t, int64_t county,
                     Uuid id, Record *ret, int64_t *ret_county, Err *e)
{
    Stmt *s;
    TRY(tx_prepare(tx, rs->sql[t->ix].all, &s, e));
    bind_i64(s, 1, county);
    bind_uuid(s, 2, id);
    int n = 0, rc;
    while ((rc = stmt_step(s, e)) > 0) {
        *ret_county = col_i64(s, COL_COUNTY);
        TRY(record_from_row(a, s, tree, t, &ret[n++], e));
    }
    return rc < 0 ? rc : n;
}

int record_each(Records *rs, Tx *tx, const Tree *tree, const Type *t, int unit_ix,
                int (*each)(void *ctx, const Record *rec, Err *e), void *ctx, Err *e)
{
    enum { STEP = 500 }; /* as the statement's LIMIT */
    Arena *a = arena_new(64 * 1024);
    int64_t county = INT64_MIN;
    Uuid id = {{0}};
    int from = unit_ix < 0 ? 0 : unit_ix,
        to = unit_ix < 0 ? tree->unit_n : tree->units[unit_ix].end_ix;
    int rc = 0, n = STEP;
    while (n > 0 && !rc) {
        Record *rows = NEW_N(a, Record, STEP);
        n = rc = each_step(rs, a, tx, tree, t, county, id, rows, &county, e);
        for (int i = 0; i < n; i++) {
            id = rows[i].id;
            if (rows[i].unit_ix < from || rows[i].unit_ix >= to)
                continue;
            rc = rows_read(rs, a, tx, &rows[i], e);
            if (!rc)
                rc = each(ctx, &rows[i], e);
            if (rc < 0)
                break;
        }
        rc = rc < 0 ? rc : 0;
        arena_reset(a);
    }
    arena_free(a);
    return rc;
}
