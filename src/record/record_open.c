/* record_open.c: open work: how much of it a unit has, and that none of it is without an owner.
 *                                                  SPEC: P2  DESIGN: Ownerless is impossible */
#include "record/record_int.h"

int record_open_of(Records *rs, Tx *tx, const Tree *tree, int unit_ix, int stop, int *ret, Err *e)
{
    CHECK(unit_ix >= 0 && unit_ix < tree->unit_n && stop > 0);
    int n = 0;
    for (int i = 0; i < rs->model->type_n && n < stop; i++) {
        const Type *t = &rs->model->types[i];
        if (!t->open_states)
            continue;
        Stmt *s;
        TRY(tx_prepare(tx, query_count(tx_arena(tx), t, COUNT_UNIT, t->open_states), &s, e));
        bind_i64(s, 1, stop - n);
        bind_i64(s, 2, tree->units[unit_ix].id);
        int rc = stmt_step(s, e);
        if (rc < 0)
            return rc;
        if (rc) {
            n += (int)col_i64(s, 0);
            stmt_reset(s);
        }
    }
    *ret = n;
    return 0;
}

typedef struct Answering {
    int64_t posting, seat;
} Answering;

static int read_answering(Arena *a, Tx *tx, const Type *t, Answering **ret, int *ret_n, Err *e)
{
    int n = 0, cap = 64, rc;
    Answering *list = NEW_N(a, Answering, (size_t)cap);
    Stmt *s;
    TRY(tx_prepare(tx, query_open_posts(a, t), &s, e));
    while ((rc = stmt_step(s, e)) > 0) {
        if (n == cap) {
            Answering *more = NEW_N(a, Answering, (size_t)cap * 2);
            memcpy(more, list, (size_t)n * sizeof *more);
            list = more;
            cap *= 2;
        }
        list[n++] = (Answering){col_i64(s, 0), col_i64(s, 1)};
    }
    *ret = list;
    *ret_n = n;
    return rc;
}

int record_verify_owners(Records *rs, Arena *a, Tx *tx, const Tree *tree, Day today, Lang lang,
                         void (*say)(void *ctx, Str finding), void *ctx, int64_t *ret, Err *e)
{
    int64_t found = 0;
    for (int i = 0; i < rs->model->type_n; i++) {
        const Type *t = &rs->model->types[i];
        Answering *list;
        int n;
        TRY(read_answering(a, tx, t, &list, &n, e));
        for (int k = 0; k < n; k++) {
            Member owner;
            size_t mark = arena_mark(a);
            Err sub = err_on(e->arena);
            int rc = access_owner(a, tx, tree, rs->model, list[k].posting, list[k].seat, today,
                                  &owner, &sub);
            if (rc < 0 && rc != ERR_STATE) {
                *e = sub;
                return rc;
            }
            if (rc == ERR_STATE) {
                Str args[] = {label_text(&t->label, lang),
                              str_fmt(a, "%lld", (long long)list[k].posting)};
                found++;
                say(ctx, i18n_text(a, lang, S("verify.ownerless"), args, LEN(args)));
            }
            if (e->arena != a)
                arena_rewind(a, mark);
        }
    }
    *ret = found;
    return 0;
}
