/* test_exchange_qr.c: the path draws the code's modules, and the code is a QR code. */
#include "test.h"

#include "exchange/exchange.h"

enum { SIDE_MAX = 177 };

/* Paints the bars of "Mx yhWv1h-Wz..." and gives how many there are; other text fails the test. */
static int paint(Str path, int side, uint8_t grid[SIDE_MAX][SIDE_MAX])
{
    int bar_n = 0;
    char *z = NULL;
    Arena *a = arena_new(4096);
    z = str_z(a, path);
    for (char *p = z; *p; bar_n++) {
        int x, y, w, back, taken = 0;
        REQUIRE(sscanf(p, "M%d %dh%dv1h-%dz%n", &x, &y, &w, &back, &taken) == 4 && taken > 0);
        REQUIRE(w > 0 && w == back && x >= 0 && y >= 0 && x + w <= side && y < side);
        for (int i = 0; i < w; i++) {
            EXPECT(!grid[y][x + i]);
            grid[y][x + i] = 1;
        }
        p += taken;
    }
    arena_free(a);
    return bar_n;
}

/* A finder: dark ring of 7, light ring of 5, dark square of 3. */
static bool has_finder(uint8_t grid[SIDE_MAX][SIDE_MAX], int x0, int y0)
{
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++) {
            int dx = abs(x - 3), dy = abs(y - 3), ring = dx > dy ? dx : dy;
            if (grid[y0 + y][x0 + x] != (ring != 2))
                return false;
        }
    return true;
}

/* The two format bits that name the level, unmasked: 00 is M. */
static int level_bits(uint8_t grid[SIDE_MAX][SIDE_MAX])
{
    return (grid[8][0] << 1 | grid[8][1]) ^ 2; /* the mask 101010000010010 begins with 10 */
}

TEST(qr_is_one_of_level_m)
{
    static uint8_t grid[SIDE_MAX][SIDE_MAX];
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Str path;
    int side;
    REQUIRE_OK(qr_path(a, S("https://stave.example/invite/7Q3F"), &path, &side, &e), &e);
    EXPECT_EQ_I64(side, 29); /* 33 bytes at level M: version 3 */
    EXPECT(str_starts(path, S("M0 0h7v1h-7z")));
    EXPECT(paint(path, side, grid) > 100);
    EXPECT(has_finder(grid, 0, 0));
    EXPECT(has_finder(grid, side - 7, 0));
    EXPECT(has_finder(grid, 0, side - 7));
    EXPECT(!has_finder(grid, side - 7, side - 7));
    for (int i = 8; i < side - 8; i++) { /* the timing lines */
        EXPECT_EQ_I64(grid[6][i], i % 2 == 0);
        EXPECT_EQ_I64(grid[i][6], i % 2 == 0);
    }
    EXPECT_EQ_I64(level_bits(grid), 0);
    arena_free(a);
}

TEST(qr_limits)
{
    Arena *a = arena_new(4096);
    Err e = err_on(a);
    Str path, text = {arena_alloc(a, 2332), 2331};
    memset((char *)(uintptr_t)text.p, 'x', 2332);
    int side;
    REQUIRE_OK(qr_path(a, text, &path, &side, &e), &e);
    EXPECT_EQ_I64(side, SIDE_MAX);
    text.n++;
    EXPECT_ERR(qr_path(a, text, &path, &side, &e), ERR_LIMIT, &e);
    EXPECT_ERR(qr_path(a, S(""), &path, &side, &e), ERR_INVALID, &e);
    REQUIRE_OK(qr_path(a, S("邀请码：西向镇\0x"), &path, &side, &e), &e);
    EXPECT_EQ_I64(side, 25);
    arena_free(a);
}
