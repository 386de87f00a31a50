/* record_schema.c: keeps the catalogue of permanent numbers and the types' tables in line with the
 * model. */
#include "record/record_int.h"

typedef struct Known {
    int64_t number;
    Str kind, path, shape;
    bool is_removed, is_met;
} Known;

typedef struct Keeper {
    Arena *arena;
    Tx *tx;
    const Model *model;
    bool may_change;
    Known *list;
    int n, cap;
    int64_t next;
} Keeper;

static void keep(Keeper *k, Known row)
{
    if (k->n == k->cap) {
        int cap = k->cap ? k->cap * 2 : 64;
        Known *more = NEW_N(k->arena, Known, (size_t)cap);
        if (k->n)
            memcpy(more, k->list, (size_t)k->n * sizeof *more);
        k->list = more;
        k->cap = cap;
    }
    k->list[k->n++] = row;
}

static int read_catalogue(Keeper *k, Err *e)
{
    Stmt *s = tx_sql(k->tx, SQL(record_catalogue_all));
    int rc;
    k->next = CATALOGUE_FIRST;
    while ((rc = stmt_step(s, e)) > 0) {
        keep(k, (Known){.number = col_i64(s, 0),
                        .kind = str_copy(k->arena, col_str(s, 1)),
                        .path = str_copy(k->arena, col_str(s, 2)),
                        .shape = str_copy(k->arena, col_str(s, 3)),
                        .is_removed = col_i64(s, 4) != 0});
        k->next = k->list[k->n - 1].number + 1;
    }
    return rc;
}

static int give(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e)
{
    Keeper *k = ctx;
    for (int i = 0; i < k->n; i++) {
        Known *row = &k->list[i];
        if (!str_eq(row->kind, kind) || !str_eq(row->path, path))
            continue;
        if (!str_eq(row->shape, shape))
            return err_set(e, ERR_STATE, "record.shape_differs", path, row->shape, shape);
        row->is_met = true;
        *ret = row->number;
        return 0;
    }
    if (!k->may_change)
        return err_set(e, ERR_STATE, "record.model_has_more", path);
    int64_t number = k->next++;
    Stmt *s = tx_sql(k->tx, SQL(record_catalogue_add));
    bind_i64(s, 1, number);
    bind_str(s, 2, kind);
    bind_str(s, 3, path);
    bind_str(s, 4, shape);
    TRY(stmt_run(s, e));
    keep(k, (Known){.number = number,
                    .kind = str_copy(k->arena, kind),
                    .path = str_copy(k->arena, path),
                    .shape = str_copy(k->arena, shape),
                    .is_met = true});
    *ret = number;
    return 0;
}

static Str hash_text(Arena *a, const Model *m)
{
    Buf b = {.arena = a};
    buf_hex(&b, m->hash, sizeof m->hash);
    return buf_view(&b);
}

static int check_hash(Keeper *k, Err *e)
{
    Stmt *s = tx_sql(k->tx, SQL(record_meta_get));
    bind_str(s, 1, S("model"));
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    bool is_same = rc && str_eq(col_str(s, 0), hash_text(k->arena, k->model));
    stmt_reset(s);
    return is_same ? 0 : err_set(e, ERR_STATE, "record.model_differs");
}

static int compare(Keeper *k, Err *e)
{
    TRY(read_catalogue(k, e));
    TRY(model_number(k->model, give, k, e));
    for (int i = 0; i < k->n; i++)
        if (!k->list[i].is_met && !k->list[i].is_removed)
            return err_set(e, ERR_STATE, "record.model_has_less", k->list[i].path);
    return 0;
}

static int install(Tx *tx, void *arg, Err *e)
{
    Keeper *given = arg;
    Keeper k = {.arena = tx_arena(tx), .tx = tx, .model = given->model, .may_change = true};
    TRY(compare(&k, e));
    for (int i = 0; i < k.model->type_n; i++) {
        const Type *t = &k.model->types[i];
        if (store_has_table(tx, str_fmt(k.arena, "r_%.*s", STR_ARG(t->name))))
            continue;
        Buf ddl = {.arena = k.arena};
        query_table_ddl(&ddl, tx_engine(tx), t);
        TRY(tx_script(tx, buf_view(&ddl), e));
    }
    Stmt *s = tx_sql(tx, SQL(record_meta_set));
    bind_str(s, 1, S("model"));
    bind_str(s, 2, hash_text(k.arena, k.model));
    return stmt_run(s, e) < 0 ? e->cls : 0;
}

int record_install(Env *env, Store *store, const Model *m, bool may_change, Err *e)
{
    (void)env; /* the clock is not asked yet; `apply` of a changed model will */
    Keeper k = {.model = m};
    if (may_change)
        return store_write(store, NULL, install, &k, e);
    Conn *conn;
    TRY(store_conn(store, &conn, e));
    int rc = tx_read(conn, &k.tx, e);
    if (!rc) {
        k.arena = tx_arena(k.tx);
        rc = check_hash(&k, e);
        if (!rc)
            rc = compare(&k, e);
        tx_end(k.tx);
    }
    conn_close(conn);
    return rc;
}
