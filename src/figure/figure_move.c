/* figure_move.c: what becomes of cells when units come to hang elsewhere.
 *
 * First every moved unit leaves those above it, the lowest first, so that each then counts only
 * what moves with it; then each comes to those above it now, the highest first. One file may move a
 * unit and what was below it to different places. */
#include "figure/figure_int.h"

/* What stands at the unit is taken from, or comes to, those above it. */
static int hang_cells(Tx *tx, const Figure *f, const UnitMove *m, bool is_to, Err *e)
{
    Tally moved = {.arena = tx_arena(tx)};
    int rc, n = is_to ? m->is_n : m->was_n;
    Stmt *s = tx_sql(tx, SQL(figure_cell_of));
    bind_i64(s, 1, f->number);
    bind_i64(s, 2, m->unit);
    while ((rc = stmt_step(s, e)) > 0)
        for (int i = 0; i < n; i++) {
            TallyKey k = tally_key(f, is_to ? m->is[i] : m->was[i], col_i64(s, 0), col_blob(s, 1),
                                   col_i64(s, 2));
            TallyCell *c = tally_at(&moved, &k);
            c->n += is_to ? col_i64(s, 3) : -col_i64(s, 3);
            c->records += is_to ? col_i64(s, 4) : -col_i64(s, 4);
        }
    return rc < 0 ? rc : tally_write(&moved, tx, e);
}

static int rehang_cells(Tx *tx, const Figure *f, UnitMove *const *out, UnitMove *const *in, int n,
                        Err *e)
{
    for (int i = 0; i < n; i++)
        TRY(hang_cells(tx, f, out[i], false, e));
    for (int i = 0; i < n; i++)
        TRY(hang_cells(tx, f, in[i], true, e));
    return 0;
}

static int by_old_depth(const void *x, const void *y)
{
    return (*(UnitMove *const *)y)->was_n - (*(UnitMove *const *)x)->was_n;
}

static int by_new_depth(const void *x, const void *y)
{
    return (*(UnitMove *const *)x)->is_n - (*(UnitMove *const *)y)->is_n;
}

int figure_rehang(Tx *tx, const Model *m, const Tree *after, const UnitMove *moves, int n, Err *e)
{
    Arena *a = tx_arena(tx);
    UnitMove **out = NEW_N(a, UnitMove *, (size_t)n + 1);
    UnitMove **in = NEW_N(a, UnitMove *, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        out[i] = in[i] = (UnitMove *)&moves[i];
    qsort(out, (size_t)n, sizeof *out, by_old_depth);
    qsort(in, (size_t)n, sizeof *in, by_new_depth);
    for (int i = 0; i < m->figure_n; i++) {
        const Figure *f = m->figures[i];
        if (f->kind == FIG_SHARE)
            continue;
        TRY(is_distinct(f) ? rehang_things(tx, f, after, out, in, n, e)
                           : rehang_cells(tx, f, out, in, n, e));
    }
    return 0;
}
