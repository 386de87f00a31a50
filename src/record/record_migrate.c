/* record_migrate.c: carries a plan out while people read.
 *
 * New tables and columns come first, each in a moment; then indexes, which may take long but keep
 * nobody from reading; then records of states that now end, 200 at a time; the last change renames
 * what is renamed, writes the catalogue and the model's hash. Until then the old model is in force;
 * a run that was cut off is begun anew and finds done what is done.                     SPEC: P12
 * */
#include "record/record_catalogue.h"

typedef struct Migration {
    Env *env;
    Store *store;
    const Planner *plan;
    const Move *move;
    Str hash_before; /* meta 'model' when it was planned */
    int changed;     /* rows of a step */
} Migration;

static int check_same(Tx *tx, const Migration *m, Err *e)
{
    Str hash;
    TRY(record_meta(tx_arena(tx), tx, S("model"), &hash, e));
    bool is_same = str_has(hash) == str_has(m->hash_before) &&
                   (!str_has(hash) || str_eq(hash, m->hash_before));
    return is_same ? 0 : err_set(e, ERR_BUSY, "record.model_moved");
}

static int set_meta(Tx *tx, Str key, Str value, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_meta_set));
    bind_str(s, 1, key);
    bind_str(s, 2, value);
    int rc = stmt_run(s, e);
    return rc < 0 ? rc : 0;
}

static int run_script(Tx *tx, void *arg, Err *e)
{
    Migration *m = arg;
    const Move *mv = m->move;
    TRY(check_same(tx, m, e));
    bool is_done = mv->kind == MOVE_INDEX  ? store_has_index(tx, mv->table)
                   : str_has(mv->column)   ? store_has_column(tx, mv->table, mv->column)
                                           : store_has_table(tx, mv->table);
    return is_done ? 0 : tx_script(tx, mv->sql, e);
}

static int run_open(Tx *tx, void *arg, Err *e)
{
    Migration *m = arg;
    const Move *mv = m->move;
    Stmt *s;
    TRY(check_same(tx, m, e));
    TRY(tx_prepare(tx, query_step_open(tx_arena(tx), mv->type), &s, e));
    bind_bool(s, 1, mv->is_open);
    bind_i64(s, 2, mv->state);
    int rc = stmt_run(s, e);
    m->changed = rc;
    return rc < 0 ? rc : 0;
}

static int write_catalogue(Tx *tx, const Catalogue *c, Err *e)
{
    for (int i = 0; i < c->n; i++) {
        const Known *k = &c->list[i];
        Stmt *s = tx_sql(tx, SQL(record_catalogue_set));
        bind_i64(s, 1, k->number);
        bind_str(s, 2, k->kind);
        bind_str(s, 3, k->path);
        bind_str(s, 4, k->shape);
        bind_bool(s, 5, k->is_removed);
        TRY(stmt_send(s, e));
    }
    return 0;
}

/* ---- figures, with the switch: no change can come in between ---- */

/* The figures to be counted of one type: its moves stand together. */
static int count_type(Tx *tx, Records *rs, const Tree *tree, const Planner *p, int *at, Err *e)
{
    const Type *t = p->moves[*at].type;
    const Figure **list = NEW_N(p->arena, const Figure *, (size_t)t->figure_n);
    int n = 0;
    for (; *at < p->move_n && p->moves[*at].kind == MOVE_COUNT && p->moves[*at].type == t; (*at)++)
        list[n++] = p->moves[*at].figure;
    return record_recount(rs, tx, tree, t, list, n, e);
}

static int count_all(Tx *tx, Records *rs, const Tree *tree, const Planner *p, Err *e)
{
    for (int i = 0; i < p->move_n;) {
        if (p->moves[i].kind == MOVE_COUNT)
            TRY(count_type(tx, rs, tree, p, &i, e));
        else
            i++;
    }
    return 0;
}

static int run_figures(Tx *tx, const Migration *m, Err *e)
{
    const Planner *p = m->plan;
    bool has_any = false;
    for (int i = 0; i < p->move_n; i++) {
        has_any |= p->moves[i].kind == MOVE_COUNT;
        if (p->moves[i].kind == MOVE_FORGET)
            TRY(figure_forget(tx, p->moves[i].number, e));
    }
    if (!has_any)
        return 0;
    Records *rs = NULL;
    Access *access = NULL;
    int rc = records_open(m->env, m->store, m->store, p->model, &rs, e);
    if (rc >= 0)
        rc = access_open(m->env, m->store, p->model, &access, e);
    if (rc >= 0)
        rc = access_tree_refresh(access, tx, e);
    if (rc >= 0) {
        const Tree *tree = access_tree_hold(access);
        rc = count_all(tx, rs, tree, p, e);
        access_tree_drop(access, tree);
    }
    access_close(access);
    records_close(rs);
    return rc < 0 ? rc : 0;
}

/* PostgreSQL: who writes records that are about to be counted waits, before the snapshot is taken;
 * who reads goes on. SQLite has one writer. */
static int hold_writers(Tx *tx, const Planner *p, Err *e)
{
    Buf b = {.arena = tx_arena(tx)};
    for (int i = 0; i < p->move_n; i++)
        if (p->moves[i].kind == MOVE_COUNT && (!i || p->moves[i - 1].type != p->moves[i].type))
            query_hold(&b, p->moves[i].table);
    return b.n && tx_engine(tx) == ENGINE_PG ? tx_script(tx, buf_view(&b), e) : 0;
}

static int run_last(Tx *tx, void *arg, Err *e)
{
    Migration *m = arg;
    const Planner *p = m->plan;
    TRY(hold_writers(tx, p, e));
    TRY(check_same(tx, m, e));
    for (int i = 0; i < p->move_n; i++)
        if (p->moves[i].kind == MOVE_LAST && p->moves[i].sql.n)
            TRY(tx_script(tx, p->moves[i].sql, e));
    TRY(write_catalogue(tx, &p->catalogue, e));
    TRY(set_meta(tx, S("model"), record_hash_text(tx_arena(tx), p->model), e));
    for (int i = 0; i < p->move_n; i++)
        if (p->moves[i].kind == MOVE_LAPSE)
            TRY(flow_lapse_all(tx, p->moves[i].number, p->moves[i].name, env_now_ms(m->env), e));
    return run_figures(tx, m, e);
}

static int refuse(const Planner *p, Err *e)
{
    for (int i = 0; i < p->step_n; i++)
        if (p->steps[i].kind == PLAN_REFUSE)
            return err_set(e, ERR_STATE, "record.plan_refused", p->steps[i].text);
    return 0;
}

static int run_moves(Store *store, Planner *p, Migration *m,
                     void (*progress)(void *ctx, int done, int n), void *ctx, Err *e)
{
    static const MoveKind order[] = {MOVE_COLUMN, MOVE_INDEX, MOVE_OPEN};
    int done = 0;
    for (size_t k = 0; k < LEN(order); k++)
        for (int i = 0; i < p->move_n; i++) {
            m->move = &p->moves[i];
            if (m->move->kind != order[k])
                continue;
            do {
                m->changed = 0;
                TRY(store_write(store, NULL, order[k] == MOVE_OPEN ? run_open : run_script, m, e));
            } while (m->changed > 0);
            if (progress)
                progress(ctx, ++done, p->move_n + 1);
        }
    TRY(store_write(store, NULL, run_last, m, e));
    if (progress)
        progress(ctx, p->move_n + 1, p->move_n + 1);
    return 0;
}

static int plan_for(Store *store, Planner *p, Migration *m, Err *e)
{
    Conn *conn;
    TRY(store_conn_whole(store, &conn, e));
    int rc = tx_read(conn, &p->tx, e);
    if (!rc) {
        rc = record_meta(p->arena, p->tx, S("model"), &m->hash_before, e);
        if (!rc)
            rc = plan_make(p, e);
        tx_end(p->tx);
        p->tx = NULL;
    }
    conn_close(conn);
    return rc < 0 ? rc : refuse(p, e);
}

/* A deployment of its own, before anybody reads: all of it as one change. */
static int run_all(Tx *tx, void *arg, Err *e)
{
    Migration *m = arg;
    for (int i = 0; i < m->plan->move_n; i++)
        if (m->plan->moves[i].kind == MOVE_COLUMN || m->plan->moves[i].kind == MOVE_INDEX) {
            m->move = &m->plan->moves[i];
            TRY(run_script(tx, m, e));
        }
    return run_last(tx, m, e);
}

int record_apply_model(Env *env, Store *store, const Model *model,
                       void (*progress)(void *ctx, int done, int n), void *ctx, Err *e)
{
    Arena *a = arena_new(64 * 1024);
    Planner p = {.arena = a, .model = model, .lang = LANG_ZH};
    Migration m = {.env = env, .store = store, .plan = &p};
    int rc = plan_for(store, &p, &m, e);
    if (!rc)
        rc = p.is_new ? store_write(store, NULL, run_all, &m, e)
                      : run_moves(store, &p, &m, progress, ctx, e);
    arena_free(a);
    return rc;
}
