/* base_arena.c: a chain of blocks, bumped. A mark is the number of bytes handed out so far: each
 * block knows at which number it starts, so a rewind finds its block by walking back. */
#include "base/base_int.h"

#include <stdalign.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP = 16 }; /* poisoned bytes behind each allocation */
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { ARENA_GAP = 0 };
#endif

enum {
    ARENA_ALIGN = 16,
    ARENA_BLOCK_MIN = 1024,
    ARENA_BLOCK_MAX = 1024 * 1024,  /* blocks double up to this; a larger request gets its own */
    ARENA_CALLOC_FROM = 128 * 1024, /* from here on the kernel's zero pages beat memset */
};

typedef struct Block {
    struct Block *prev;
    size_t start; /* bytes handed out before this block */
    size_t used;
    size_t high;  /* bytes before this may be dirty, those behind it are zero */
    size_t cap;
    alignas(ARENA_ALIGN) char data[];
} Block;

struct Arena {
    Block *cur;
    Block *spare; /* one block kept by a rewind, so that a loop over a border does not malloc */
};

/* Bytes an allocation takes, rounded and with its gap. */
static size_t arena_span(size_t bytes)
{
    CHECK(bytes <= PTRDIFF_MAX / 2);
    size_t span = (bytes + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
    return (span ? span : ARENA_ALIGN) + ARENA_GAP;
}

static Block *block_new(size_t cap)
{
    Block *b;
    if (cap >= ARENA_CALLOC_FROM) {
        b = calloc(1, sizeof *b + cap);
        CHECK(b != NULL);
        b->high = 0;
    } else {
        b = malloc(sizeof *b + cap);
        CHECK(b != NULL);
        b->high = cap;
    }
    b->prev = NULL;
    b->start = b->used = 0;
    b->cap = cap;
    ASAN_POISON_MEMORY_REGION(b->data, cap);
    return b;
}

static void block_free(Block *b)
{
    if (!b)
        return;
    ASAN_UNPOISON_MEMORY_REGION(b->data, b->cap);
    free(b);
}

/* Gives back what lies behind `used` of a block. */
static void block_cut(Block *b, size_t used)
{
    DCHECK(used <= b->used);
    if (b->used > b->high)
        b->high = b->used;
    ASAN_POISON_MEMORY_REGION(b->data + used, b->used - used);
    b->used = used;
}

static Block *arena_push(Arena *a, size_t span)
{
    Block *b = a->spare;
    if (b && b->cap >= span) {
        a->spare = NULL;
    } else {
        size_t cap = a->cur->cap * 2;
        if (cap > ARENA_BLOCK_MAX)
            cap = ARENA_BLOCK_MAX;
        b = block_new(cap < span ? span : cap);
    }
    b->start = a->cur->start + a->cur->used;
    b->prev = a->cur;
    a->cur = b;
    return b;
}

/* Takes the last block off the chain; the larger of it and the spare is kept. */
static void arena_pop(Arena *a)
{
    Block *b = a->cur;
    a->cur = b->prev;
    block_cut(b, 0);
    if (b->cap <= ARENA_BLOCK_MAX && (!a->spare || a->spare->cap < b->cap)) {
        block_free(a->spare);
        a->spare = b;
    } else {
        block_free(b);
    }
}

Arena *arena_new(size_t first_bytes)
{
    Arena *a = calloc(1, sizeof *a);
    CHECK(a != NULL);
    a->cur = block_new(first_bytes < ARENA_BLOCK_MIN ? ARENA_BLOCK_MIN : first_bytes);
    return a;
}

void arena_free(Arena *a)
{
    if (!a)
        return;
    while (a->cur) {
        Block *prev = a->cur->prev;
        block_free(a->cur);
        a->cur = prev;
    }
    block_free(a->spare);
    free(a);
}

void arena_reset(Arena *a)
{
    while (a->cur->prev)
        arena_pop(a);
    block_cut(a->cur, 0);
    if (a->cur->cap > ARENA_KEEP_BYTES) {
        block_free(a->cur);
        a->cur = block_new(ARENA_BLOCK_MIN);
    }
    if (a->spare && a->spare->cap + a->cur->cap > ARENA_KEEP_BYTES) {
        block_free(a->spare);
        a->spare = NULL;
    }
}

void *arena_alloc(Arena *a, size_t bytes)
{
    size_t span = arena_span(bytes);
    Block *b = a->cur;
    if (span > b->cap - b->used)
        b = arena_push(a, span);
    char *p = b->data + b->used;
    ASAN_UNPOISON_MEMORY_REGION(p, span);
    if (b->used < b->high)
        memset(p, 0, b->high - b->used < span ? b->high - b->used : span);
    b->used += span;
    ASAN_POISON_MEMORY_REGION(p + bytes, span - bytes);
    return p;
}

bool arena_extend(Arena *a, void *p, size_t old_bytes, size_t new_bytes)
{
    Block *b = a->cur;
    size_t old_span = arena_span(old_bytes), new_span = arena_span(new_bytes);
    char *top = b->data + b->used;
    if ((char *)p + old_span != top || new_span < old_span ||
        new_span - old_span > b->cap - b->used)
        return false;
    size_t more = new_span - old_span;
    ASAN_UNPOISON_MEMORY_REGION(p, new_span);
    if (b->used < b->high)
        memset(top, 0, b->high - b->used < more ? b->high - b->used : more);
    b->used += more;
    ASAN_POISON_MEMORY_REGION((char *)p + new_bytes, new_span - new_bytes);
    return true;
}

void *arena_alloc_n(Arena *a, size_t n, size_t bytes_each)
{
    size_t bytes = 0;
    CHECK(!__builtin_mul_overflow(n, bytes_each, &bytes));
    return arena_alloc(a, bytes);
}

void *arena_copy(Arena *a, const void *p, size_t bytes)
{
    void *copy = arena_alloc(a, bytes);
    if (bytes)
        memcpy(copy, p, bytes);
    return copy;
}

size_t arena_mark(Arena *a)
{
    return a->cur->start + a->cur->used;
}

void arena_rewind(Arena *a, size_t mark)
{
    CHECK(mark <= arena_bytes(a));
    /* a mark at a border belongs to the block before it, which then is just full */
    while (a->cur->prev && a->cur->start >= mark)
        arena_pop(a);
    block_cut(a->cur, mark - a->cur->start);
}

size_t arena_bytes(const Arena *a)
{
    return a->cur->start + a->cur->used;
}
