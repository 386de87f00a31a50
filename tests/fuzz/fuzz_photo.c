// uses: src/base/*.c src/exchange/photo.c
/* fuzz_photo.c: any bytes are a photo or a refusal; what comes out is bare and goes in again. */
#include "exchange/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    Arena *a = arena_new(64 * 1024);
    Err e = err_on(a);
    Str jpeg, again;
    int w, h, again_w, again_h;
    int rc = photo_clean(a, (Str){(const char *)p, n}, &jpeg, &w, &h, &e);
    if (rc == 0) {
        CHECK(w >= 1 && w <= LIMIT_PHOTO_EDGE && h >= 1 && h <= LIMIT_PHOTO_EDGE);
        CHECK(str_starts(jpeg, S("\xFF\xD8\xFF\xE0")) && str_ends(jpeg, S("\xFF\xD9")));
        CHECK(str_find(jpeg, S("\xFF\xE1")) < 0);
        CHECK(photo_clean(a, jpeg, &again, &again_w, &again_h, &e) == 0);
        CHECK(again_w == w && again_h == h);
    } else {
        CHECK(rc == e.cls && (rc == ERR_INVALID || rc == ERR_LIMIT) && str_has(e.key));
    }
    arena_free(a);
    return 0;
}
