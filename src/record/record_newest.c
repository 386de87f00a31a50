/* record_newest.c: for each unit a bound on its newest record, so that a list's first page asks
 * only the units that can be on it, not all of a county's 300.
 *
 * Invariant: no record of the unit that any snapshot can show is newer than its bound. Apply raises
 * it before the commit, whoever learns it from an older snapshot keeps the greater one; a change
 * that was rolled back leaves it too high, which costs a look and hides nothing. Held only by the
 * one process that writes an SQLite store. Threads: any; one short lock.      docs/decisions/006 */
#include <pthread.h>
#include <stdlib.h>

#include "record/record_int.h"

typedef struct Slot {
    Day day;      /* INT32_MIN: nothing heard yet */
    bool is_known;
    Uuid id;
} Slot;

typedef struct Units {
    Slot *slots;  /* by unit id */
    int64_t n;
} Units;

struct Newest {
    pthread_mutex_t lock;
    int type_n;
    Units types[]; /* by type ix */
};

Newest *newest_new(int type_n)
{
    Newest *nw = calloc(1, sizeof *nw + (size_t)type_n * sizeof(Units));
    CHECK(nw && pthread_mutex_init(&nw->lock, NULL) == 0);
    nw->type_n = type_n;
    return nw;
}

void newest_free(Newest *nw)
{
    if (!nw)
        return;
    for (int i = 0; i < nw->type_n; i++)
        free(nw->types[i].slots);
    (void)pthread_mutex_destroy(&nw->lock); /* nobody holds it any more */
    free(nw);
}

/* With the lock held. NULL: an id too far out to keep a slot for; such a unit is always asked. */
static Slot *slot_of(Newest *nw, int type_ix, int64_t unit)
{
    Units *u = &nw->types[type_ix];
    if (unit < 0 || unit >= NEWEST_UNITS_MAX)
        return NULL;
    if (unit >= u->n) {
        int64_t n = unit + 64;
        u->slots = realloc(u->slots, (size_t)n * sizeof(Slot));
        CHECK(u->slots);
        for (int64_t i = u->n; i < n; i++)
            u->slots[i] = (Slot){.day = INT32_MIN};
        u->n = n;
    }
    return &u->slots[unit];
}

static void raise(Slot *s, Day day, Uuid id)
{
    if (day > s->day || (day == s->day && uuid_cmp(id, s->id) > 0)) {
        s->day = day;
        s->id = id;
    }
}

void newest_raise(Newest *nw, int type_ix, int64_t unit, Day day, Uuid id)
{
    if (!nw)
        return;
    (void)pthread_mutex_lock(&nw->lock); /* cannot fail: not recursive, never destroyed in use */
    Slot *s = slot_of(nw, type_ix, unit);
    if (s)
        raise(s, day, id);
    (void)pthread_mutex_unlock(&nw->lock);
}

void newest_learn(Newest *nw, int type_ix, int64_t unit, Day day, Uuid id)
{
    (void)pthread_mutex_lock(&nw->lock);
    Slot *s = slot_of(nw, type_ix, unit);
    if (s) {
        raise(s, day, id);
        s->is_known = true;
    }
    (void)pthread_mutex_unlock(&nw->lock);
}

void newest_get(Newest *nw, int type_ix, Bound *list, int n)
{
    (void)pthread_mutex_lock(&nw->lock);
    for (int i = 0; i < n; i++) {
        const Slot *s = slot_of(nw, type_ix, list[i].unit);
        list[i].is_known = s && s->is_known;
        if (list[i].is_known) {
            list[i].day = s->day;
            list[i].id = s->id;
        }
    }
    (void)pthread_mutex_unlock(&nw->lock);
}
