/* zip_out.c: a package written as it comes: each part is packed on its way, its size and sum stand
 * behind it. The same content gives the same bytes: all parts bear the first day there is. */
#include "exchange/xlsx_int.h"

#include <zlib.h>

enum {
    STEP = 64 * 1024,
    FLAG_BEHIND = 1 << 3, /* sizes stand behind the part */
    FLAG_UTF8 = 1 << 11,
    FIRST_DAY = 0x21,
    LEVEL = 3,
    PARTS_MAX = 65000,
};

struct ZipOut {
    TableSink sink;
    uint64_t at;
    Buf list, head;
    int n;
    z_stream z;
    bool is_open; /* z is in use */
    uint8_t *step;
    ZipEntry part;
    uint64_t whole, packed;
    uLong crc;
};

static void put16(Buf *b, uint32_t v)
{
    buf_byte(b, (char)(v & 255));
    buf_byte(b, (char)(v >> 8 & 255));
}

static void put32(Buf *b, uint32_t v)
{
    put16(b, v & 0xFFFF);
    put16(b, v >> 16);
}

ZipOut *zip_out_new(Arena *a, TableSink sink)
{
    ZipOut *z = NEW(a, ZipOut);
    z->sink = sink;
    z->list = z->head = (Buf){.arena = a};
    z->step = arena_alloc(a, STEP);
    return z;
}

void zip_out_close(ZipOut *z)
{
    if (z && z->is_open)
        (void)deflateEnd(&z->z); /* says Z_DATA_ERROR of a part left in the middle */
    if (z)
        z->is_open = false;
}

static int give(ZipOut *z, Str bytes, Err *e)
{
    z->at += bytes.n;
    if (z->at > UINT32_MAX)
        return err_set(e, ERR_LIMIT, "xlsx.out_large");
    return bytes.n ? z->sink.write(z->sink.ctx, bytes, e) : 0;
}

/* Method, sizes and sum as both heads have them. */
static void put_facts(Buf *b, const ZipEntry *p)
{
    put16(b, 20);
    put16(b, p->flags);
    put16(b, p->method);
    put16(b, 0);
    put16(b, FIRST_DAY);
    put32(b, p->crc);
    put32(b, p->packed);
    put32(b, p->whole);
    put16(b, (uint32_t)p->name.n);
    put16(b, 0);
}

static int put_head(ZipOut *z, Err *e)
{
    if (z->n == PARTS_MAX)
        return err_set(e, ERR_LIMIT, "xlsx.out_large");
    z->part.at = (uint32_t)z->at;
    z->head.n = 0;
    buf_mem(&z->head, "PK\x03\x04", 4);
    put_facts(&z->head, &z->part);
    buf_str(&z->head, z->part.name);
    return give(z, buf_view(&z->head), e);
}

static void put_entry(ZipOut *z)
{
    buf_mem(&z->list, "PK\x01\x02", 4);
    put16(&z->list, 20);
    put_facts(&z->list, &z->part);
    put16(&z->list, 0);
    put16(&z->list, 0);
    put16(&z->list, 0);
    put32(&z->list, 0);
    put32(&z->list, z->part.at);
    buf_str(&z->list, z->part.name);
    z->n++;
}

int zip_out_begin(ZipOut *z, Str name, Err *e)
{
    CHECK(!z->is_open);
    z->part = (ZipEntry){.name = name, .flags = FLAG_BEHIND | FLAG_UTF8, .method = Z_DEFLATED};
    z->whole = z->packed = 0;
    z->crc = crc32(0, NULL, 0);
    TRY(put_head(z, e));
    z->z = (z_stream){.next_in = NULL};
    if (deflateInit2(&z->z, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(e, ERR_IO, "document.no_memory");
    z->is_open = true;
    return 0;
}

static int pack(ZipOut *z, int flush, Err *e)
{
    int rc;
    do {
        z->z.next_out = z->step;
        z->z.avail_out = STEP;
        rc = deflate(&z->z, flush);
        CHECK(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
        size_t n = STEP - z->z.avail_out;
        z->packed += n;
        TRY(give(z, (Str){(const char *)z->step, n}, e));
    } while (z->z.avail_out == 0);
    return 0;
}

int zip_out_add(ZipOut *z, Str bytes, Err *e)
{
    CHECK(z->is_open);
    while (bytes.n > 0) {
        Str part = str_sub(bytes, 0, 1U << 30);
        z->z.next_in = (Bytef *)(uintptr_t)part.p; /* read only, whatever its kind says */
        z->z.avail_in = (uInt)part.n;
        z->crc = crc32(z->crc, (const Bytef *)part.p, (uInt)part.n);
        z->whole += part.n;
        if (z->whole > UINT32_MAX)
            return err_set(e, ERR_LIMIT, "xlsx.out_large");
        TRY(pack(z, Z_NO_FLUSH, e));
        bytes = str_sub(bytes, part.n, bytes.n);
    }
    return 0;
}

int zip_out_end(ZipOut *z, Err *e)
{
    CHECK(z->is_open);
    z->z.avail_in = 0;
    TRY(pack(z, Z_FINISH, e));
    CHECK(deflateEnd(&z->z) == Z_OK);
    z->is_open = false;
    z->part.crc = (uint32_t)z->crc;
    z->part.packed = (uint32_t)z->packed;
    z->part.whole = (uint32_t)z->whole;
    z->head.n = 0;
    buf_mem(&z->head, "PK\x07\x08", 4);
    put32(&z->head, z->part.crc);
    put32(&z->head, z->part.packed);
    put32(&z->head, z->part.whole);
    TRY(give(z, buf_view(&z->head), e));
    put_entry(z);
    return 0;
}

int zip_out_raw(ZipOut *z, const ZipEntry *part, Err *e)
{
    z->part = *part;
    z->part.flags &= FLAG_UTF8;
    TRY(put_head(z, e));
    TRY(give(z, part->bytes, e));
    put_entry(z);
    return 0;
}

int zip_out_finish(ZipOut *z, Err *e)
{
    uint32_t from = (uint32_t)z->at, bytes = (uint32_t)z->list.n;
    CHECK(!z->is_open && z->n > 0);
    buf_mem(&z->list, "PK\x05\x06", 4);
    put32(&z->list, 0);
    put16(&z->list, (uint32_t)z->n);
    put16(&z->list, (uint32_t)z->n);
    put32(&z->list, bytes);
    put32(&z->list, from);
    put16(&z->list, 0);
    return give(z, buf_view(&z->list), e);
}
