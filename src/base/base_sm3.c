/* base_sm3.c: SM3 (GB/T 32905) by OpenSSL. Fetching the algorithm and making a context cost as much
 * as a short digest: one is done once per process, the other once per thread for sm3_of. */
#include "base/base_int.h"
#include "base/ossl.h"

#include <pthread.h>

struct Sm3 {
    EVP_MD_CTX *ctx;
};

static pthread_once_t sm3_once = PTHREAD_ONCE_INIT;
static EVP_MD *sm3_md;         /* set once, then read only */
static pthread_key_t sm3_slot; /* the thread's own Sm3, freed when the thread ends */

static void sm3_drop(void *s)
{
    sm3_free(s);
}

static void sm3_start(void)
{
    sm3_md = EVP_MD_fetch(NULL, "SM3", NULL);
    CHECK(sm3_md != NULL);
    CHECK(EVP_MD_get_size(sm3_md) == SM3_BYTES);
    CHECK(pthread_key_create(&sm3_slot, sm3_drop) == 0);
}

static void sm3_ready(void)
{
    CHECK(pthread_once(&sm3_once, sm3_start) == 0);
}

Sm3 *sm3_new(void)
{
    sm3_ready();
    Sm3 *s = calloc(1, sizeof *s);
    CHECK(s != NULL);
    s->ctx = EVP_MD_CTX_new();
    CHECK(s->ctx != NULL);
    return s;
}

void sm3_free(Sm3 *s)
{
    if (!s)
        return;
    EVP_MD_CTX_free(s->ctx);
    free(s);
}

void sm3_begin(Sm3 *s)
{
    CHECK(EVP_DigestInit_ex(s->ctx, sm3_md, NULL) == 1);
}

void sm3_add(Sm3 *s, const void *p, size_t n)
{
    if (n)
        CHECK(EVP_DigestUpdate(s->ctx, p, n) == 1);
}

void sm3_end(Sm3 *s, uint8_t ret[SM3_BYTES])
{
    unsigned n = 0;
    CHECK(EVP_DigestFinal_ex(s->ctx, ret, &n) == 1);
    CHECK(n == SM3_BYTES);
}

void sm3_of(const void *p, size_t n, uint8_t ret[SM3_BYTES])
{
    sm3_ready();
    Sm3 *s = pthread_getspecific(sm3_slot);
    if (!s) {
        s = sm3_new();
        CHECK(pthread_setspecific(sm3_slot, s) == 0);
    }
    sm3_begin(s);
    sm3_add(s, p, n);
    sm3_end(s, ret);
}

bool bytes_eq_secret(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}
