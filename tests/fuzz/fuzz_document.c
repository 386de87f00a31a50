// uses: src/base/*.c src/exchange/document*.c src/exchange/photo.c
/* fuzz_document.c: any bytes are a document or a refusal; the first byte picks the name. */
#include "exchange/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const char *const names[] = {
        "", "a.pdf", "a.docx", "a.doc", "../x/\xE5\x90\x8D.txt", "csv.csv", "..", "a"};
    Arena *a = arena_new(64 * 1024);
    Err e = err_on(a);
    Str mime = STR_NONE, name = STR_NONE, bytes = {(const char *)p, n};
    for (size_t i = 0; i < LEN(names); i++) {
        err_clear(&e);
        int rc = document_check(a, str_of(names[i]), bytes, &mime, &name, &e);
        if (rc == 0)
            CHECK(mime.n > 0 && name.n > 0 && utf8_valid(name) && utf8_count(name) <= 100 &&
                  str_find(name, S("/")) < 0);
        else
            CHECK(rc == e.cls && (rc == ERR_INVALID || rc == ERR_LIMIT) && str_has(e.key));
    }
    /* the bytes as a name */
    if (n < 2000 && document_check(a, bytes, S("text"), &mime, &name, &e) == 0)
        CHECK(utf8_valid(name) && utf8_count(name) <= 100 && str_find(name, S("\n")) < 0);
    arena_free(a);
    return 0;
}
