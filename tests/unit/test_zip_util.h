/* test_zip_util.h: packages by hand, also such as no program would write. */
#ifndef STAVE_TEST_ZIP_UTIL_H
#define STAVE_TEST_ZIP_UTIL_H

#include "test.h"

typedef struct Zip {
    Arena *a;
    Buf out, list;
    int n;
    unsigned flags;    /* of the next parts */
    int64_t lie_whole; /* added to what the next parts say they unpack to */
    uint32_t lie_crc;
    const char *head_name; /* the name in front of the part, when it is another */
} Zip;

void zip_put16(Buf *b, uint32_t v);
void zip_put32(Buf *b, uint32_t v);
Str zip_deflated(Arena *a, Str text);
void zip_raw(Zip *z, Str name, int method, Str packed, uint64_t whole, uint32_t crc);
void zip_part(Zip *z, const char *name, Str text);
Str zip_end(Zip *z);
Zip zip_begin(Arena *a);

#endif
