/* base_uuid.c: ids as 16 bytes and as text; making them is env.c's. */
#include "base/base_int.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_dash_place(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_parse(Str s, Uuid *ret)
{
    Uuid u = {{0}};
    size_t half = 0;
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (is_dash_place(i)) {
            if (s.p[i] != '-')
                return false;
            continue;
        }
        int v = hex_value(s.p[i]);
        if (v < 0)
            return false;
        u.b[half / 2] = (uint8_t)(u.b[half / 2] << 4 | v);
        half++;
    }
    *ret = u;
    return true;
}

Str uuid_text(Arena *a, Uuid u)
{
    static const char digits[] = "0123456789abcdef";
    char *p = arena_alloc(a, 36);
    size_t half = 0;
    for (size_t i = 0; i < 36; i++) {
        if (is_dash_place(i)) {
            p[i] = '-';
            continue;
        }
        uint8_t byte = u.b[half / 2];
        p[i] = digits[half % 2 ? byte & 15 : byte >> 4];
        half++;
    }
    return (Str){p, 36};
}

bool uuid_eq(Uuid a, Uuid b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

int uuid_cmp(Uuid a, Uuid b)
{
    int c = memcmp(a.b, b.b, sizeof a.b);
    return c < 0 ? -1 : c > 0;
}

bool uuid_is_v7(Uuid u)
{
    return u.b[6] >> 4 == 7 && u.b[8] >> 6 == 2;
}

UnixMs uuid_ms(Uuid u)
{
    UnixMs ms = 0;
    for (size_t i = 0; i < 6; i++)
        ms = ms << 8 | u.b[i];
    return ms;
}

bool uuid_is_zero(Uuid u)
{
    return uuid_eq(u, (Uuid){{0}});
}
