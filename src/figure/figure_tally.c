/* figure_tally.c: sums in memory before they are written: each cell of a batch once. */
#include "figure/figure_int.h"

int64_t year_of(Day d)
{
    int y, m, day;
    day_to_ymd(d, &y, &m, &day);
    return y;
}

Day year_first(int64_t year)
{
    Day d = DAY_NONE;
    CHECK(day_from_ymd((int)year, 1, 1, &d));
    return d;
}

int64_t month_of(Day d)
{
    int y, m, day;
    day_to_ymd(d, &y, &m, &day);
    return (int64_t)y * 12 + m - 1;
}

Day month_first(int64_t month)
{
    Day d = DAY_NONE;
    CHECK(day_from_ymd((int)(month / 12), (int)(month % 12) + 1, 1, &d));
    return d;
}

TallyKey tally_key(const Figure *f, int64_t unit, int64_t grain, Str dim, int64_t at)
{
    TallyKey k;
    memset(&k, 0, sizeof k);
    k.figure = f->number;
    k.unit = unit;
    k.grain = grain;
    k.at = at;
    CHECK(dim.n <= DIM_BYTES);
    if (dim.n)
        memcpy(k.dim, dim.p, dim.n);
    k.dim_n = (int64_t)dim.n;
    return k;
}

static size_t slot_of(const TallyCell *cells, size_t cap, const TallyKey *k)
{
    size_t i = (size_t)str_hash((Str){(const char *)k, sizeof *k}) & (cap - 1);
    while (cells[i].is_used && memcmp(&cells[i].key, k, sizeof *k) != 0)
        i = (i + 1) & (cap - 1);
    return i;
}

static void grow(Tally *t)
{
    size_t cap = t->cap ? t->cap * 2 : 64;
    TallyCell *cells = NEW_N(t->arena, TallyCell, cap);
    for (size_t i = 0; i < t->cap; i++)
        if (t->cells[i].is_used)
            cells[slot_of(cells, cap, &t->cells[i].key)] = t->cells[i];
    t->cells = cells;
    t->cap = cap;
}

TallyCell *tally_at(Tally *t, const TallyKey *k)
{
    if (t->n * 2 >= t->cap)
        grow(t);
    TallyCell *c = &t->cells[slot_of(t->cells, t->cap, k)];
    if (!c->is_used) {
        *c = (TallyCell){.key = *k, .is_used = true};
        t->n++;
    }
    return c;
}

void tally_add(Tally *t, const Figure *f, int64_t unit, Str dim, Day day, int64_t n,
               int64_t records)
{
    TallyKey keys[] = {tally_key(f, unit, GRAIN_DAY, dim, day),
                       tally_key(f, unit, GRAIN_MONTH, dim, month_of(day))};
    for (size_t i = 0; i < LEN(keys); i++) {
        TallyCell *c = tally_at(t, &keys[i]);
        c->n += n;
        c->records += records;
    }
}

static int compare(const void *x, const void *y)
{
    const TallyKey *a = &(*(TallyCell *const *)x)->key, *b = &(*(TallyCell *const *)y)->key;
    int64_t as[] = {a->figure, a->unit, a->grain}, bs[] = {b->figure, b->unit, b->grain};
    for (size_t i = 0; i < LEN(as); i++)
        if (as[i] != bs[i])
            return as[i] < bs[i] ? -1 : 1;
    int dim = memcmp(a->dim, b->dim, sizeof a->dim);
    if (dim || a->dim_n != b->dim_n)
        return dim ? dim : a->dim_n < b->dim_n ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

TallyCell **tally_sorted(Tally *t)
{
    TallyCell **list = NEW_N(t->arena, TallyCell *, t->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->cap; i++)
        if (t->cells[i].is_used)
            list[n++] = &t->cells[i];
    qsort(list, n, sizeof *list, compare);
    return list;
}

int tally_write(const Tally *t, Tx *tx, Err *e)
{
    TallyCell **list = tally_sorted((Tally *)t);
    for (size_t i = 0; i < t->n; i++) {
        const TallyKey *k = &list[i]->key;
        if (!list[i]->n && !list[i]->records)
            continue;
        Stmt *s = tx_sql(tx, SQL(figure_cell_add));
        bind_i64(s, 1, k->figure);
        bind_i64(s, 2, k->unit);
        bind_i64(s, 3, k->grain);
        bind_blob(s, 4, k->dim, (size_t)k->dim_n);
        bind_i64(s, 5, k->at);
        bind_i64(s, 6, tx_chain(tx));
        bind_i64(s, 7, list[i]->n);
        bind_i64(s, 8, list[i]->records);
        TRY(stmt_send(s, e));
    }
    return 0;
}
