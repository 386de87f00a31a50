/* gate_rate.c: how often somebody may try to sign in or to use a code: fixed windows, in memory.
 * Lost at a restart, which is as good as waiting; the lock of an account itself is in the database
 * (access).                                                                          SPEC: P2 */
#include <pthread.h>

#include "web/web_int.h"

typedef struct RateRule {
    const char *kind;
    int64_t window_ms;
    int per_address, per_account, in_all; /* tries that failed; 0: not counted */
} RateRule;

static const RateRule rules[] = {
    {"signin", 5 * 60 * 1000, 30, 10, 0},
    {"code", 15 * 60 * 1000, 20, 0,
     500}, /* eight digits: 500 tries find one of 1,000 codes in 200 windows */
    {"feed", 5 * 60 * 1000, 30, 0, 0},
    {"pick", 60 * 1000, 0, 120, 0}, /* all tries: what somebody types who types fast */
};

enum { SETS = 1024, WAYS = 4 };

typedef struct Slot {
    uint64_t key; /* 0: free */
    UnixMs since_ms;
    int n;
} Slot;

struct Rates {
    pthread_mutex_t lock;
    Arena *arena;
    Slot slots[SETS][WAYS];
};

Rates *rates_new(void)
{
    Arena *a = arena_new(sizeof(Rates) + 64);
    Rates *r = NEW(a, Rates);
    r->arena = a;
    CHECK(pthread_mutex_init(&r->lock, NULL) == 0);
    return r;
}

void rates_free(Rates *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    arena_free(r->arena);
}

static const RateRule *rule_of(const char *kind)
{
    const RateRule *found = NULL;
    for (size_t i = 0; i < LEN(rules); i++)
        if (!strcmp(rules[i].kind, kind))
            found = &rules[i];
    CHECK(found != NULL); /* a kind nobody declared */
    return found;
}

/* One household has a /64 of IPv6 addresses: they count as one. */
static Str network_of(Str address)
{
    if (str_find(address, S(":")) < 0)
        return address;
    int colons = 0;
    for (size_t i = 0; i < address.n; i++)
        if (address.p[i] == ':' && (++colons == 4 || (i && address.p[i - 1] == ':')))
            return str_sub(address, 0, i);
    return address;
}

static uint64_t key_of(const RateRule *rule, char what, Str who)
{
    uint64_t h = str_hash(who) * 31 + (uint64_t)(unsigned char)what;
    h = (h ^ str_hash(str_of(rule->kind))) * 0x9e3779b97f4a7c15u;
    return h ? h : 1;
}

/* Its slot, or the one that gives way: free, run out, or the least tried of the set. */
static Slot *slot_of(Rates *r, uint64_t key, const RateRule *rule, UnixMs now_ms)
{
    Slot *set = r->slots[key >> 32 & (SETS - 1)], *give_way = NULL;
    for (int i = 0; i < WAYS; i++) {
        Slot *s = &set[i];
        bool is_over = !s->key || now_ms - s->since_ms >= rule->window_ms || now_ms < s->since_ms;
        if (is_over)
            *s = (Slot){.key = s->key == key ? key : 0, .since_ms = now_ms};
        if (s->key == key)
            return s;
        if (!give_way || (give_way->key && (!s->key || s->n < give_way->n)))
            give_way = s;
    }
    *give_way = (Slot){.key = key, .since_ms = now_ms};
    return give_way;
}

/* The minutes to wait; 0: counted (by +1 or -1). */
static int64_t count_one(Rates *r, const RateRule *rule, char what, Str who, int max, int by,
                         UnixMs now_ms)
{
    if (!max)
        return 0;
    Slot *s = slot_of(r, key_of(rule, what, who), rule, now_ms);
    if (by > 0 && s->n >= max)
        return (s->since_ms + rule->window_ms - now_ms + 59999) / 60000;
    s->n = s->n + by > 0 ? s->n + by : 0;
    return 0;
}

static int64_t count_all(Rates *r, const RateRule *rule, Str address, Str account, int by,
                         UnixMs now_ms)
{
    char low[64];
    size_t n = account.n < sizeof low ? account.n : sizeof low;
    for (size_t i = 0; i < n; i++)
        low[i] =
            account.p[i] >= 'A' && account.p[i] <= 'Z' ? (char)(account.p[i] + 32) : account.p[i];
    pthread_mutex_lock(&r->lock);
    /* who has to wait uses up nothing of the others' */
    int64_t wait = count_one(r, rule, 'a', network_of(address), rule->per_address, by, now_ms);
    if (!wait && account.n)
        wait = count_one(r, rule, 'n', (Str){low, n}, rule->per_account, by, now_ms);
    if (!wait)
        wait = count_one(r, rule, '*', S(""), rule->in_all, by, now_ms);
    pthread_mutex_unlock(&r->lock);
    return wait;
}

int rates_count(Rates *r, const char *kind, Str address, Str account, UnixMs now_ms, Err *e)
{
    int64_t wait = count_all(r, rule_of(kind), address, account, 1, now_ms);
    return wait ? err_set(e, ERR_RATE, "web.rate", err_int(e, wait)) : 0;
}

void rates_uncount(Rates *r, const char *kind, Str address, Str account, UnixMs now_ms)
{
    (void)count_all(r, rule_of(kind), address, account, -1, now_ms); /* taking back never waits */
}
