/* store_pg_list.c: many values in one parameter: the binary form of a PostgreSQL array of one
 * dimension. Five words (dimensions, is there a null, type of the elements, how many, number of the
 * first), then each value behind its length; big-endian.                              STACK: 4 */
#include "store/store_int.h"

#include <endian.h>
#include <limits.h>

enum { LEAD_WORDS = 5, LENGTH_NULL = -1 };

static uint32_t type_of(char kind)
{
    switch (kind) { /* of pg_type.h; never change */
    case 'i':
        return 20;
    case 't':
        return 25;
    case 'b':
        return 17;
    default:
        CHECK(kind == 'u');
        return 2950;
    }
}

static void put_word(BindList *l, uint32_t v)
{
    uint32_t big = htobe32(v);
    buf_mem(&l->bytes, &big, sizeof big);
}

BindList bind_list_new(Arena *a, char kind)
{
    BindList l = {.bytes = {.arena = a}, .kind = kind};
    for (int i = 0; i < LEAD_WORDS; i++)
        put_word(&l, 0); /* filled in when it is bound */
    return l;
}

void bind_list_i64(BindList *l, int64_t v)
{
    CHECK(l->kind == 'i');
    uint64_t big = htobe64((uint64_t)v);
    put_word(l, sizeof big);
    buf_mem(&l->bytes, &big, sizeof big);
    l->n++;
}

void bind_list_bytes(BindList *l, Str v)
{
    CHECK(l->kind != 'i' && (l->kind != 'u' || v.n == sizeof(Uuid)) && v.n <= INT_MAX);
    put_word(l, (uint32_t)v.n);
    buf_mem(&l->bytes, v.p, v.n);
    l->n++;
}

void bind_list_null(BindList *l)
{
    put_word(l, (uint32_t)LENGTH_NULL);
    l->has_null = true;
    l->n++;
}

void bind_list(Stmt *s, int ix, BindList *l)
{
    CHECK(s->c->s->engine == ENGINE_PG && l->n > 0);
    const uint32_t lead[LEAD_WORDS] = {1, l->has_null, type_of(l->kind), l->n, 1};
    for (size_t i = 0; i < LEAD_WORDS; i++) {
        uint32_t big = htobe32(lead[i]);
        memcpy(l->bytes.p + i * sizeof big, &big, sizeof big);
    }
    bind_blob(s, ix, l->bytes.p, l->bytes.n);
}
