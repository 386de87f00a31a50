/* test_zip_util.c: packages by hand. */
#include "test_zip_util.h"

#include <zlib.h>

void zip_put16(Buf *b, uint32_t v)
{
    buf_byte(b, (char)(v & 255));
    buf_byte(b, (char)(v >> 8 & 255));
}

void zip_put32(Buf *b, uint32_t v)
{
    zip_put16(b, v & 0xFFFF);
    zip_put16(b, v >> 16);
}

Str zip_deflated(Arena *a, Str text)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text.p, .avail_in = (uInt)text.n};
    REQUIRE(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&z, (uLong)text.n);
    z.next_out = arena_alloc(a, room);
    char *p = (char *)z.next_out;
    z.avail_out = (uInt)room;
    REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
    size_t n = room - z.avail_out;
    REQUIRE(deflateEnd(&z) == Z_OK);
    return (Str){p, n};
}

void zip_raw(Zip *z, Str name, int method, Str packed, uint64_t whole, uint32_t crc)
{
    uint32_t at = (uint32_t)z->out.n;
    Str head_name = z->head_name ? str_of(z->head_name) : name;
    whole += (uint64_t)z->lie_whole;
    crc ^= z->lie_crc;
    for (int i = 0; i < 2; i++) { /* the head, then the entry of the list */
        Buf *b = i ? &z->list : &z->out;
        buf_mem(b, i ? "PK\x01\x02" : "PK\x03\x04", 4);
        if (i)
            zip_put16(b, 20);
        zip_put16(b, 20);
        zip_put16(b, z->flags);
        zip_put16(b, (uint32_t)method);
        zip_put32(b, 0);
        zip_put32(b, crc);
        zip_put32(b, (uint32_t)packed.n);
        zip_put32(b, (uint32_t)whole);
        zip_put16(b, (uint32_t)(i ? name : head_name).n);
        zip_put16(b, 0);
        if (i) {
            zip_put16(b, 0);
            zip_put16(b, 0);
            zip_put16(b, 0);
            zip_put32(b, 0);
            zip_put32(b, at);
        }
        buf_str(b, i ? name : head_name);
    }
    buf_str(&z->out, packed);
    z->n++;
}

void zip_part(Zip *z, const char *name, Str text)
{
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)text.p, (uInt)text.n);
    zip_raw(z, str_of(name), 8, zip_deflated(z->a, text), text.n, crc);
}

Str zip_end(Zip *z)
{
    uint32_t at = (uint32_t)z->out.n;
    if (z->list.n)
        buf_str(&z->out, buf_view(&z->list));
    buf_mem(&z->out, "PK\x05\x06", 4);
    zip_put16(&z->out, 0);
    zip_put16(&z->out, 0);
    zip_put16(&z->out, (uint32_t)z->n);
    zip_put16(&z->out, (uint32_t)z->n);
    zip_put32(&z->out, (uint32_t)z->list.n);
    zip_put32(&z->out, at);
    zip_put16(&z->out, 0);
    return buf_view(&z->out);
}

Zip zip_begin(Arena *a)
{
    return (Zip){.a = a, .out = {.arena = a}, .list = {.arena = a}};
}
