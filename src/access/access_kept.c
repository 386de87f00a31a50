/* access_kept.c: what a reader's posts bring along, kept from one request to the next.
 *
 * Model: one slot per account (its number modulo the slots), one block of memory a slot; the block
 * is valid for one access number, day and tree. The three are compared with what the request's own
 * snapshot says, so a block that is too old, or too new for an old snapshot, is never used, on
 * however many nodes. The model needs no key: an Access has one. Invariants: a block is immutable
 * once it lies in its slot; nobody holds one outside the lock (a find copies); bytes are bounded.
 *                                                                       SPEC: P2  STYLE: R27 */
#include <stdlib.h>

#include "access/access_int.h"

typedef struct Kept {
    int64_t account, access_no, tree;
    Day today;
    bool is_stands_cut;
    int post_n, stand_n, lent_n;
    size_t bytes;
    /* posts, stands, loans, names of those he stands in for, in this order */
    max_align_t body[];
} Kept;

static size_t names_bytes(const Reader *r)
{
    size_t n = 0;
    for (int i = 0; i < r->post_n; i++)
        n += r->posts[i].deputy_for_name.n;
    return n;
}

static void copy_bytes(void *to, const void *from, size_t n)
{
    if (n)
        memcpy(to, from, n);
}

static Kept *make_kept(const Reader *r)
{
    size_t posts = sizeof(Post) * (size_t)r->post_n, stands = sizeof(Stand) * (size_t)r->stand_n;
    size_t lents = sizeof(Lent) * (size_t)r->lent_n;
    size_t bytes = sizeof(Kept) + posts + stands + lents + names_bytes(r);
    if (bytes > LIMIT_READER_BYTES)
        return NULL; /* worked out anew each time */
    Kept *k = malloc(bytes);
    CHECK(k);
    *k = (Kept){.account = r->account,
                .access_no = r->access_no,
                .tree = r->tree->number,
                .today = r->today,
                .is_stands_cut = r->is_stands_cut,
                .post_n = r->post_n,
                .stand_n = r->stand_n,
                .lent_n = r->lent_n,
                .bytes = bytes};
    char *at = (char *)k->body;
    Post *own = (Post *)(void *)at;
    copy_bytes(at, r->posts, posts);
    copy_bytes(at + posts, r->stands, stands);
    copy_bytes(at + posts + stands, r->lents, lents);
    at += posts + stands + lents;
    for (int i = 0; i < r->post_n; i++) {
        Str name = own[i].deputy_for_name;
        copy_bytes(at, name.p, name.n);
        own[i].deputy_for_name.p = str_has(name) ? at : NULL;
        at += name.n;
    }
    return k;
}

static void give_out(Arena *a, const Kept *k, Reader *r)
{
    const char *at = (const char *)k->body;
    size_t posts = sizeof(Post) * (size_t)k->post_n, stands = sizeof(Stand) * (size_t)k->stand_n;
    Post *own = k->post_n ? arena_copy(a, at, posts) : NULL;
    for (int i = 0; i < k->post_n; i++)
        if (str_has(own[i].deputy_for_name))
            own[i].deputy_for_name = str_copy(a, own[i].deputy_for_name);
    r->posts = own;
    r->stands = k->stand_n ? arena_copy(a, at + posts, stands) : NULL;
    r->lents =
        k->lent_n ? arena_copy(a, at + posts + stands, sizeof(Lent) * (size_t)k->lent_n) : NULL;
    r->post_n = k->post_n;
    r->stand_n = k->stand_n;
    r->lent_n = k->lent_n;
    r->is_stands_cut = k->is_stands_cut;
}

static Kept **slot_of(Access *ac, int64_t account)
{
    return &ac->kept[(uint64_t)account % LIMIT_READERS_KEPT];
}

bool access_kept_find(Access *ac, Arena *a, Reader *r)
{
    pthread_mutex_lock(&ac->lock);
    const Kept *k = *slot_of(ac, r->account);
    bool is_same = k && k->account == r->account && k->access_no == r->access_no &&
                   k->tree == r->tree->number && k->today == r->today;
    if (is_same)
        give_out(a, k, r);
    pthread_mutex_unlock(&ac->lock);
    return is_same;
}

static void empty_all(Access *ac) /* under the lock */
{
    for (int i = 0; i < LIMIT_READERS_KEPT; i++) {
        free(ac->kept[i]);
        ac->kept[i] = NULL;
    }
    ac->kept_bytes = 0;
}

void access_kept_add(Access *ac, const Reader *r)
{
    Kept *k = make_kept(r);
    if (!k)
        return;
    pthread_mutex_lock(&ac->lock);
    if (ac->kept_bytes + k->bytes > LIMIT_READERS_BYTES)
        empty_all(ac); /* rare, and each comes back with its next request */
    Kept **slot = slot_of(ac, r->account), *old = *slot;
    if (old && old->account == k->account && old->access_no > k->access_no) {
        old = k; /* an older snapshot's: the newer one stays */
    } else {
        ac->kept_bytes += k->bytes - (old ? old->bytes : 0);
        *slot = k;
    }
    pthread_mutex_unlock(&ac->lock);
    free(old);
}

void access_kept_drop(Access *ac)
{
    pthread_mutex_lock(&ac->lock);
    empty_all(ac);
    pthread_mutex_unlock(&ac->lock);
}
