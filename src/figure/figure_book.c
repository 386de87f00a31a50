/* figure_book.c: a change's moves on disk: spans with the change, cells once a batch. */
#include "figure/figure_int.h"

static void bind_place(Stmt *s, const FigMove *m)
{
    bind_i64(s, 1, m->share.figure->number);
    bind_uuid(s, 2, m->record);
    bind_uuid(s, 3, m->share.row);
    bind_bytes(s, 4, m->share.key);
}

/* What opened today and closes today never lasted. */
static int close_span(Tx *tx, const FigMove *m, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(figure_span_drop));
    bind_place(s, m);
    bind_day(s, 5, m->day);
    int rc = stmt_run(s, e);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    s = tx_sql(tx, SQL(figure_span_close));
    bind_day(s, 1, m->day);
    bind_i64(s, 2, m->share.figure->number);
    bind_uuid(s, 3, m->record);
    bind_uuid(s, 4, m->share.row);
    bind_bytes(s, 5, m->share.key);
    return stmt_send(s, e);
}

static int open_span(Tx *tx, const FigMove *m, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(figure_span_open));
    bind_place(s, m);
    bind_day(s, 5, m->day);
    bind_i64(s, 6, m->above[0]);
    bind_bytes(s, 7, m->share.dim);
    bind_i64(s, 8, m->share.n);
    return stmt_send(s, e);
}

int figure_apply(Tx *tx, const FigMove *moves, int n, Err *e)
{
    for (int i = 0; i < n; i++) /* what goes first: the same place may open again */
        if (moves[i].what == FIG_CLOSE)
            TRY(close_span(tx, &moves[i], e));
    for (int i = 0; i < n; i++)
        if (moves[i].what == FIG_OPEN)
            TRY(open_span(tx, &moves[i], e));
    return 0;
}

/* What is distinct: seen once more or less, at each unit; its cell moves where that begins or
 * ends. */
static int book_seen(Tally *cells, Tally *seen, Tx *tx, Err *e)
{
    TallyCell **list = tally_sorted(seen);
    for (size_t i = 0; i < seen->n; i++) {
        const TallyCell *c = list[i];
        if (!c->n)
            continue;
        Stmt *s = tx_sql(tx, SQL(figure_seen_add));
        bind_i64(s, 1, c->key.figure);
        bind_i64(s, 2, c->key.unit);
        bind_i64(s, 3, c->key.at);
        bind_blob(s, 4, c->key.dim, (size_t)c->key.dim_n);
        bind_i64(s, 5, c->n);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        CHECK(rc == 1);
        int64_t now = col_i64(s, 0), was = now - c->n;
        stmt_reset(s);
        int moved = (now > 0) - (was > 0);
        Figure f = {.number = c->key.figure};
        Day day = (Day)c->key.grain; /* where the cell of it stands: see figure_book */
        if (moved)
            tally_add(cells, &f, c->key.unit, S(""), day, moved, moved);
    }
    return 0;
}

int figure_book(Tx *tx, FigMove *const *moves, const int *ns, size_t list_n, Err *e)
{
    Arena *a = tx_arena(tx);
    Tally cells = {.arena = a}, seen = {.arena = a};
    for (size_t l = 0; l < list_n; l++)
        for (int i = 0; i < ns[l]; i++) {
            const FigMove *m = &moves[l][i];
            const Figure *f = m->share.figure;
            int64_t sign = m->what == FIG_ADD || m->what == FIG_OPEN ? 1 : -1;
            for (int u = 0; u < m->above_n; u++) {
                if (!is_distinct(f)) {
                    tally_add(&cells, f, m->above[u], m->share.dim, m->day, sign * m->share.n,
                              sign);
                    continue;
                }
                int64_t year = year_of(m->day);
                Day day = f->is_yearly ? year_first(year) : m->day;
                TallyKey k = tally_key(f, m->above[u], day, m->share.key,
                                       f->is_yearly ? year : PERIOD_WHILE);
                tally_at(&seen, &k)->n += sign;
            }
        }
    TRY(book_seen(&cells, &seen, tx, e));
    return tally_write(&cells, tx, e);
}
