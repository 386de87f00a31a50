/* record_schema.c: the catalogue of permanent numbers: read, looked up, handed to the model.
 *
 * What a model would change is found in record_plan.c and done in record_migrate.c. */
#include "record/record_catalogue.h"

#include <stdlib.h>

static uint64_t hash_of(Str kind, Str path)
{
    uint64_t h = 1469598103934665603u; /* FNV-1a */
    for (size_t i = 0; i < kind.n; i++)
        h = (h ^ (uint8_t)kind.p[i]) * 1099511628211u;
    h = (h ^ '/') * 1099511628211u;
    for (size_t i = 0; i < path.n; i++)
        h = (h ^ (uint8_t)path.p[i]) * 1099511628211u;
    return h;
}

static void index_all(Catalogue *c)
{
    size_t size = 64;
    while (size < (size_t)c->n * 2 + 2)
        size *= 2;
    c->slots = NEW_N(c->arena, int, size);
    c->mask = size - 1;
    for (int i = 0; i < c->n; i++) {
        size_t at = hash_of(c->list[i].kind, c->list[i].path) & c->mask;
        while (c->slots[at])
            at = (at + 1) & c->mask;
        c->slots[at] = i + 1;
    }
}

Known *catalogue_find(Catalogue *c, Str kind, Str path)
{
    if (!c->slots)
        index_all(c);
    for (size_t at = hash_of(kind, path) & c->mask; c->slots[at]; at = (at + 1) & c->mask) {
        Known *k = &c->list[c->slots[at] - 1];
        if (str_eq(k->kind, kind) && str_eq(k->path, path))
            return k;
    }
    return NULL;
}

const Known *catalogue_numbered(const Catalogue *c, int64_t type)
{
    for (int i = 0; i < c->n; i++)
        if (c->list[i].number == type && str_eq(c->list[i].kind, S("type")))
            return &c->list[i];
    return NULL;
}

Known *catalogue_add(Catalogue *c, Known row)
{
    if (c->n == c->cap) {
        int cap = c->cap ? c->cap * 2 : 256;
        Known *more = NEW_N(c->arena, Known, (size_t)cap);
        if (c->n)
            memcpy(more, c->list, (size_t)c->n * sizeof *more);
        c->list = more;
        c->cap = cap;
    }
    c->list[c->n++] = row;
    if (c->slots && (size_t)c->n * 2 < c->mask) {
        size_t at = hash_of(row.kind, row.path) & c->mask;
        while (c->slots[at])
            at = (at + 1) & c->mask;
        c->slots[at] = c->n;
    } else
        c->slots = NULL; /* made anew at the next look */
    return &c->list[c->n - 1];
}

void catalogue_renamed(Catalogue *c)
{
    c->slots = NULL;
}

int catalogue_read(Catalogue *c, Tx *tx, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_catalogue_all));
    int rc;
    c->next = CATALOGUE_FIRST;
    while ((rc = stmt_step(s, e)) > 0) {
        Known row = {.number = col_i64(s, 0),
                     .kind = str_copy(c->arena, col_str(s, 1)),
                     .path = str_copy(c->arena, col_str(s, 2)),
                     .shape = str_copy(c->arena, col_str(s, 3)),
                     .is_removed = col_i64(s, 4) != 0};
        row.old = row.path;
        row.was_removed = row.is_removed;
        (void)catalogue_add(c, row);
        c->next = row.number + 1;
    }
    return rc;
}

/* For a model that must be the one in force: every name is known, in the same shape. */
static int give_known(void *ctx, Str kind, Str path, Str shape, int64_t *ret, Err *e)
{
    Known *k = catalogue_find(ctx, kind, path);
    if (!k || k->is_removed)
        return err_set(e, ERR_STATE, "record.model_has_more", path);
    if (!str_eq(k->shape, shape))
        return err_set(e, ERR_STATE, "record.shape_differs", path, k->shape, shape);
    k->is_met = true;
    *ret = k->number;
    return 0;
}

Str record_hash_text(Arena *a, const Model *m)
{
    Buf b = {.arena = a};
    buf_hex(&b, m->hash, sizeof m->hash);
    return buf_view(&b);
}

int record_meta(Arena *a, Tx *tx, Str key, Str *ret, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_meta_get));
    bind_str(s, 1, key);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    *ret = rc ? str_copy(a, col_str(s, 0)) : STR_NONE;
    stmt_reset(s);
    return 0;
}

int record_is_current(Records *rs, Tx *tx, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_meta_get));
    bind_str(s, 1, S("model"));
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    bool is_same = rc && str_eq(col_str(s, 0), rs->model_hash);
    stmt_reset(s);
    return is_same ? 0 : err_set(e, ERR_BUSY, "record.model_moved");
}

static int number_from(Tx *tx, const Model *m, Err *e)
{
    Catalogue c = {.arena = tx_arena(tx)};
    Str hash;
    TRY(record_meta(c.arena, tx, S("model"), &hash, e));
    if (!str_has(hash) || !str_eq(hash, record_hash_text(c.arena, m)))
        return err_set(e, ERR_STATE, "record.model_differs");
    TRY(catalogue_read(&c, tx, e));
    return model_number(m, give_known, &c, e);
}

int record_install(Env *env, Store *store, const Model *m, bool may_change, Err *e)
{
    if (may_change)
        TRY(record_apply_model(env, store, m, NULL, NULL, e));
    Conn *conn;
    Tx *tx;
    TRY(store_conn(store, &conn, e));
    int rc = tx_read(conn, &tx, e);
    if (!rc) {
        rc = number_from(tx, m, e);
        tx_end(tx);
    }
    conn_close(conn);
    return rc;
}
