/* test_exchange_photo.c: photos in, small JPEGs without a past out. All pictures are made here. */
#include "test.h"

#include "exchange/exchange.h"

#include <png.h>
#include <setjmp.h>
#include <turbojpeg.h>

static Arena *arena;
static Err failure;

static void begin(void)
{
    arena = arena_new(4096);
    failure = err_on(arena);
}

static void end(void)
{
    arena_free(arena);
}

/* ---- making pictures ------------------------------------------------------------------------- */

enum { RED, GREEN, BLUE, WHITE, BLACK };
static const uint8_t paints[][3] = {
    {220, 30, 30}, {30, 200, 30}, {30, 30, 220}, {255, 255, 255}, {0, 0, 0}};

/* Four fields: red green over blue white. */
static uint8_t *four_fields(int w, int h)
{
    uint8_t *rgb = arena_alloc(arena, (size_t)w * (size_t)h * 3);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            memcpy(rgb + ((size_t)y * (size_t)w + (size_t)x) * 3,
                   paints[(y >= h / 2) * 2 + (x >= w / 2)], 3);
    return rgb;
}

static Str make_jpeg(int w, int h, int flags)
{
    unsigned char *out = NULL;
    unsigned long bytes = 0;
    tjhandle tj = tjInitCompress();
    size_t mark = arena_mark(arena);
    REQUIRE(tjCompress2(tj, four_fields(w, h), w, 0, h, TJPF_RGB, &out, &bytes, TJSAMP_444, 90,
                        flags) == 0);
    arena_rewind(arena, mark);
    Str jpeg = {arena_copy(arena, out, bytes), bytes};
    tjFree(out);
    tjDestroy(tj);
    return jpeg;
}

static void put_uint(Buf *b, uint32_t v, int n, bool is_little)
{
    for (int i = 0; i < n; i++)
        buf_byte(b, (char)(v >> 8 * (is_little ? i : n - 1 - i)));
}

static void put_tag(Buf *b, uint32_t tag, uint32_t kind, uint32_t count, uint32_t v, bool is_little)
{
    put_uint(b, tag, 2, is_little);
    put_uint(b, kind, 2, is_little);
    put_uint(b, count, 4, is_little);
    if (kind == 3) {
        put_uint(b, v, 2, is_little);
        put_uint(b, 0, 2, is_little);
    } else {
        put_uint(b, v, 4, is_little);
    }
}

/* A TIFF structure: maker, orientation, and a position in a directory of its own. */
static Str make_exif(int orientation, bool is_little)
{
    Buf b = {.arena = arena};
    buf_str(&b, is_little ? S("II*\0") : S("MM\0*"));
    put_uint(&b, 8, 4, is_little);
    put_uint(&b, 3, 2, is_little);
    put_tag(&b, 0x010F, 2, 8, 50, is_little);
    put_tag(&b, 0x0112, 3, 1, (uint32_t)orientation, is_little);
    put_tag(&b, 0x8825, 4, 1, 58, is_little);
    put_uint(&b, 0, 4, is_little);
    buf_str(&b, S("PHONE-7\0"));
    put_uint(&b, 1, 2, is_little);
    put_tag(&b, 0x001D, 2, 11, 76, is_little);
    put_uint(&b, 0, 4, is_little);
    buf_str(&b, S("GPS-35.08N\0"));
    return buf_view(&b);
}

/* The JPEG with one more segment right behind its first two bytes, and something after its end. */
static Str with_segment(Str jpeg, uint8_t marker, Str head, Str body)
{
    Buf b = {.arena = arena};
    buf_str(&b, str_sub(jpeg, 0, 2));
    put_uint(&b, 0xFF00u | marker, 2, false);
    put_uint(&b, (uint32_t)(2 + head.n + body.n), 2, false);
    buf_str(&b, head);
    buf_str(&b, body);
    buf_str(&b, str_sub(jpeg, 2, jpeg.n));
    buf_str(&b, S("TRAILING-DATA"));
    return buf_view(&b);
}

static void png_keep(png_structp png, png_bytep p, size_t n)
{
    buf_mem(png_get_io_ptr(png), p, n);
}

static void png_flushed(png_structp png)
{
    (void)png;
}

/* A picture of any PNG kind whose rows come from `row` (bytes as they are stored). */
static Str make_png_exif(int w, int h, int depth, int colour, int interlace,
                         void (*row)(int y, int w, uint8_t *to), Str exif)
{
    Buf *b = NEW(arena, Buf);
    b->arena = arena;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    uint8_t *bytes = arena_alloc(arena, (size_t)w * 8);
    png_color palette[2] = {{220, 30, 30}, {30, 30, 220}};
    png_byte clear[1] = {0};
    REQUIRE(png && info && setjmp(png_jmpbuf(png)) == 0);
    png_set_write_fn(png, b, png_keep, png_flushed);
    png_set_IHDR(png, info, (png_uint_32)w, (png_uint_32)h, depth, colour, interlace,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (colour == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 2);
        png_set_tRNS(png, info, clear, 1, NULL);
    }
    png_text text = {.compression = PNG_TEXT_COMPRESSION_NONE, .key = "Comment", .text = "SECRET"};
    png_set_text(png, info, &text, 1);
    if (str_has(exif))
        png_set_eXIf_1(png, info, (png_uint_32)exif.n, arena_copy(arena, exif.p, exif.n));
    png_write_info(png, info);
    int pass_n = png_set_interlace_handling(png);
    for (int pass = 0; pass < pass_n; pass++)
        for (int y = 0; y < h; y++) {
            row(y, w, bytes);
            png_write_row(png, bytes);
        }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return buf_view(b);
}

static Str make_png(int w, int h, int depth, int colour, int interlace,
                    void (*row)(int y, int w, uint8_t *to))
{
    return make_png_exif(w, h, depth, colour, interlace, row, STR_NONE);
}

static void row_rgba(int y, int w, uint8_t *to) /* left clear, right half-clear red */
{
    (void)y;
    for (int x = 0; x < w; x++) {
        uint8_t clear[4] = {0, 0, 255, 0}, half[4] = {255, 0, 0, 128};
        memcpy(to + x * 4, x < w / 2 ? clear : half, 4);
    }
}

static void row_rgb(int y, int w, uint8_t *to) /* red, and blue below row 50 */
{
    for (int x = 0; x < w; x++)
        memcpy(to + x * 3, paints[y < 50 ? RED : BLUE], 3);
}

static void row_gray16(int y, int w, uint8_t *to)
{
    (void)y;
    for (int x = 0; x < w; x++)
        memcpy(to + x * 2, x < w / 2 ? "\x80\x01" : "\xFF\xFF", 2);
}

static void row_bits(int y, int w, uint8_t *to) /* one bit a pixel: left 0, right 1 */
{
    (void)y;
    memset(to, 0, (size_t)(w + 7) / 8);
    for (int x = w / 2; x < w; x++)
        to[x / 8] |= (uint8_t)(0x80 >> x % 8);
}

/* ---- looking at what comes out --------------------------------------------------------------- */

typedef struct Seen {
    uint8_t *rgb;
    int w, h;
    Str jpeg;
} Seen;

static Seen clean(Str bytes)
{
    Seen s;
    int w, h, subsampling, colours;
    REQUIRE_OK(photo_clean(arena, bytes, &s.jpeg, &s.w, &s.h, &failure), &failure);
    tjhandle tj = tjInitDecompress();
    const unsigned char *p = (const unsigned char *)s.jpeg.p;
    REQUIRE(tjDecompressHeader3(tj, p, s.jpeg.n, &w, &h, &subsampling, &colours) == 0);
    EXPECT_EQ_I64(w, s.w);
    EXPECT_EQ_I64(h, s.h);
    s.rgb = arena_alloc(arena, (size_t)w * (size_t)h * 3);
    REQUIRE(tjDecompress2(tj, p, s.jpeg.n, s.rgb, w, 0, h, TJPF_RGB, TJFLAG_STOPONWARNING) == 0);
    tjDestroy(tj);
    return s;
}

static bool is_near(const Seen *s, int x, int y, int r, int g, int b)
{
    const uint8_t *p = s->rgb + ((size_t)y * (size_t)s->w + (size_t)x) * 3;
    bool is_so = abs(p[0] - r) < 12 && abs(p[1] - g) < 12 && abs(p[2] - b) < 12;
    if (!is_so)
        test_note("(%d,%d) is %d %d %d, not %d %d %d", x, y, p[0], p[1], p[2], r, g, b);
    return is_so;
}

static bool is_paint(const Seen *s, int x, int y, int paint)
{
    return is_near(s, x, y, paints[paint][0], paints[paint][1], paints[paint][2]);
}

/* The colours of the four corners: upper left, upper right, lower left, lower right. */
static void expect_corners(const Seen *s, const int paint[4])
{
    for (int i = 0; i < 4; i++)
        EXPECT(is_paint(s, i & 1 ? s->w - 4 : 3, i & 2 ? s->h - 4 : 3, paint[i]));
}

static void refused(Str bytes, int cls, const char *key)
{
    Str jpeg = S("as before");
    int w = -7, h = -7;
    size_t held = arena_bytes(arena);
    EXPECT_EQ_I64(photo_clean(arena, bytes, &jpeg, &w, &h, &failure), cls);
    EXPECT_EQ_I64(failure.cls, cls);
    EXPECT_STR(failure.key, key);
    EXPECT_STR(jpeg, "as before");
    EXPECT(w == -7 && h == -7);
    if (cls == ERR_LIMIT)
        EXPECT(arena_bytes(arena) - held < 4096);
    err_clear(&failure);
}

/* ---- tests ----------------------------------------------------------------------------------- */

TEST(photo_jpeg_is_kept_small_and_progressive)
{
    begin();
    Seen s = clean(make_jpeg(640, 480, 0));
    EXPECT_EQ_I64(s.w, 640);
    EXPECT_EQ_I64(s.h, 480);
    expect_corners(&s, (int[]){RED, GREEN, BLUE, WHITE});
    EXPECT(str_find(s.jpeg, S("\xFF\xC2")) > 0);
    EXPECT(str_ends(s.jpeg, S("\xFF\xD9")));
    s = clean(make_jpeg(1, 1, 0));
    EXPECT(s.w == 1 && s.h == 1);
    s = clean(make_jpeg(64, 48, TJFLAG_PROGRESSIVE));
    expect_corners(&s, (int[]){RED, GREEN, BLUE, WHITE});
    end();
}

TEST(photo_orientation_is_applied)
{
    static const int corners[8][4] = {{RED, GREEN, BLUE, WHITE}, {GREEN, RED, WHITE, BLUE},
                                      {WHITE, BLUE, GREEN, RED}, {BLUE, WHITE, RED, GREEN},
                                      {RED, BLUE, GREEN, WHITE}, {BLUE, RED, WHITE, GREEN},
                                      {WHITE, GREEN, BLUE, RED}, {GREEN, WHITE, RED, BLUE}};
    for (int o = 1; o <= 8; o++)
        for (int little = 0; little < 2; little++) {
            begin();
            Str exif = make_exif(o, little);
            Seen s = clean(with_segment(make_jpeg(96, 64, 0), 0xE1, S("Exif\0\0"), exif));
            EXPECT_EQ_I64(s.w, o < 5 ? 96 : 64);
            EXPECT_EQ_I64(s.h, o < 5 ? 64 : 96);
            expect_corners(&s, corners[o - 1]);
            end();
        }
}

TEST(photo_keeps_no_metadata)
{
    static const char *const secrets[] = {"Exif", "GPS", "PHONE", "TRAILING", "SECRET", "ICC"};
    begin();
    Str exif = make_exif(6, false);
    Str jpeg = with_segment(make_jpeg(96, 64, 0), 0xE1, S("Exif\0\0"), exif);
    jpeg = with_segment(jpeg, 0xFE, S("SECRET"), S(" note"));
    jpeg = with_segment(jpeg, 0xE2, S("ICC_PROFILE\0"), S("\1\1profile"));
    EXPECT(str_find(jpeg, S("GPS-35.08N")) > 0);
    Str out[] = {clean(jpeg).jpeg, clean(make_png(60, 40, 8, PNG_COLOR_TYPE_RGB, 0, row_rgb)).jpeg};
    for (size_t i = 0; i < LEN(secrets) * LEN(out); i++)
        EXPECT(str_find(out[i % LEN(out)], str_of(secrets[i / LEN(out)])) < 0);
    for (size_t at = 2; at + 4 < out[0].n && (uint8_t)out[0].p[at + 1] != 0xDA;) { /* segments */
        uint8_t marker = (uint8_t)out[0].p[at + 1];
        EXPECT((marker & 0xF0) != 0xE0 || marker == 0xE0); /* no APP1 and above */
        EXPECT(marker != 0xFE);
        at += 2 + (size_t)((uint8_t)out[0].p[at + 2] << 8 | (uint8_t)out[0].p[at + 3]);
    }
    end();
}

TEST(photo_odd_exif_is_no_harm)
{
    begin();
    Str jpeg = make_jpeg(96, 64, 0), exif = make_exif(6, true);
    for (size_t n = 0; n < exif.n; n++) { /* cut anywhere: never broken */
        Seen s = clean(with_segment(jpeg, 0xE1, S("Exif\0\0"), str_sub(exif, 0, n)));
        EXPECT_EQ_I64(s.w, n < 34 ? 96 : 64);
    }
    EXPECT_EQ_I64(clean(with_segment(jpeg, 0xE1, S("Exif\0\0"), make_exif(9, true))).w, 96);
    EXPECT_EQ_I64(clean(with_segment(jpeg, 0xE1, S("Exif\0\0"), make_exif(0, true))).w, 96);
    EXPECT_EQ_I64(clean(with_segment(jpeg, 0xE1, S("Exif\0\0"), S("II*\0\xFF\xFF\xFF\xFF"))).w, 96);
    EXPECT_EQ_I64(clean(with_segment(jpeg, 0xE1, S("http://ns"), exif)).w, 96);
    for (int round = 0; round < 500; round++) {
        Buf b = {.arena = arena};
        buf_str(&b, exif);
        for (int i = 0; i < 3; i++)
            b.p[test_below(b.n)] = (char)test_below(256);
        Seen s = clean(with_segment(jpeg, 0xE1, S("Exif\0\0"), buf_view(&b)));
        EXPECT(s.w + s.h == 96 + 64);
    }
    end();
}

TEST(photo_is_shrunk_to_its_longest_edge)
{
    static const struct {
        int w, h, to_w, to_h;
    } cases[] = {{4000, 3000, 1500, 1125}, {1501, 1500, 1500, 1499}, {1500, 1500, 1500, 1500},
                 {100, 3001, 50, 1500},    {1700, 30, 1500, 26},     {65000, 40, 1500, 1}};
    for (size_t i = 0; i < LEN(cases); i++) {
        begin();
        Seen s = clean(make_jpeg(cases[i].w, cases[i].h, 0));
        EXPECT_EQ_I64(s.w, cases[i].to_w);
        EXPECT_EQ_I64(s.h, cases[i].to_h);
        if (s.h > 8)
            expect_corners(&s, (int[]){RED, GREEN, BLUE, WHITE});
        end();
    }
}

TEST(photo_largest_takes_little_memory_and_time)
{
    begin();
    Str jpeg = make_jpeg(7300, 5470, 0);
    size_t held = arena_bytes(arena);
    int64_t from = env_mono_us(env_real());
    Str out;
    int w, h;
    REQUIRE_OK(photo_clean(arena, jpeg, &out, &w, &h, &failure), &failure);
    test_note("40 megapixels: %d ms", (int)((env_mono_us(env_real()) - from) / 1000));
    EXPECT(w == 1500 && h == 1124);
    EXPECT(arena_bytes(arena) - held < 1024 * 1024);
    end();
}

TEST(photo_png_kinds)
{
    begin();
    for (int interlace = 0; interlace < 2; interlace++) {
        Seen s = clean(make_png(60, 40, 8, PNG_COLOR_TYPE_RGB_ALPHA, interlace, row_rgba));
        EXPECT(s.w == 60 && s.h == 40);
        EXPECT(is_near(&s, 5, 5, 255, 255, 255));
        EXPECT(is_near(&s, 50, 30, 255, 127, 127));
        s = clean(make_png(60, 100, 8, PNG_COLOR_TYPE_RGB, interlace, row_rgb));
        expect_corners(&s, (int[]){RED, RED, BLUE, BLUE});
        s = clean(make_png(60, 40, 16, PNG_COLOR_TYPE_GRAY, interlace, row_gray16));
        EXPECT(is_near(&s, 5, 5, 128, 128, 128));
        EXPECT(is_near(&s, 50, 30, 255, 255, 255));
        s = clean(make_png(60, 40, 1, PNG_COLOR_TYPE_GRAY, interlace, row_bits));
        EXPECT(is_near(&s, 5, 5, 0, 0, 0));
        EXPECT(is_near(&s, 50, 30, 255, 255, 255));
        s = clean(make_png(60, 40, 1, PNG_COLOR_TYPE_PALETTE, interlace, row_bits));
        EXPECT(is_near(&s, 5, 5, 255, 255, 255)); /* its first colour is clear */
        EXPECT(is_paint(&s, 50, 30, BLUE));
    }
    Seen s = clean(make_png_exif(60, 100, 8, PNG_COLOR_TYPE_RGB, 0, row_rgb, make_exif(6, false)));
    EXPECT(s.w == 100 && s.h == 60);
    expect_corners(&s, (int[]){BLUE, RED, BLUE, RED});
    EXPECT(str_find(s.jpeg, S("GPS")) < 0);
    s = clean(make_png(3200, 100, 8, PNG_COLOR_TYPE_RGB, 0, row_rgb));
    EXPECT(s.w == 1500 && s.h == 47);
    expect_corners(&s, (int[]){RED, RED, BLUE, BLUE});
    end();
}

/* The mean of what a pixel covers: black and white columns in turn become grey, not one of both. */
static void row_stripes(int y, int w, uint8_t *to)
{
    (void)y;
    for (int x = 0; x < w; x++)
        memset(to + x * 3, x % 2 ? 255 : 0, 3);
}

TEST(photo_shrinks_by_the_mean)
{
    begin();
    Seen s = clean(make_png(9000, 60, 8, PNG_COLOR_TYPE_RGB, 0, row_stripes));
    EXPECT(s.w == 1500 && s.h == 10);
    for (int x = 10; x < 1490; x += 37)
        EXPECT(is_near(&s, x, 5, 128, 128, 128));
    end();
}

/* Writes a chunk's or frame's size into a copy. */
static Str with_size(Str bytes, size_t at, int n, uint32_t first, uint32_t second)
{
    char *p = arena_copy(arena, bytes.p, bytes.n);
    Buf b = {.arena = arena};
    put_uint(&b, first, n, false);
    put_uint(&b, second, n, false);
    memcpy(p + at, b.p, b.n);
    return (Str){p, bytes.n};
}

TEST(photo_giant_headers_are_refused_at_once)
{
    begin();
    Str jpeg = make_jpeg(64, 48, 0), passes = make_jpeg(64, 48, TJFLAG_PROGRESSIVE);
    size_t frame = (size_t)str_find(jpeg, S("\xFF\xC0")) + 5;
    size_t frame_passes = (size_t)str_find(passes, S("\xFF\xC2")) + 5;
    Str png = make_png(64, 48, 8, PNG_COLOR_TYPE_RGB, 0, row_rgb);
    Str laced = make_png(64, 48, 8, PNG_COLOR_TYPE_RGB, 1, row_rgb);
    int64_t from = env_mono_us(env_real());
    refused(with_size(jpeg, frame, 2, 30000, 30000), ERR_LIMIT, "photo.pixels");
    refused(with_size(jpeg, frame, 2, 6325, 6325), ERR_LIMIT, "photo.pixels");
    refused(with_size(passes, frame_passes, 2, 4001, 4000), ERR_LIMIT, "photo.pixels");
    refused(with_size(png, 16, 4, 30000, 30000), ERR_LIMIT, "photo.pixels");
    refused(with_size(png, 16, 4, 0x7FFFFFFF, 0x7FFFFFFF), ERR_LIMIT, "photo.pixels");
    refused(with_size(png, 16, 4, 0xFFFFFFFF, 0xFFFFFFFF), ERR_LIMIT, "photo.pixels");
    refused(with_size(png, 16, 4, 65536, 1), ERR_LIMIT, "photo.pixels");
    refused(with_size(laced, 16, 4, 4001, 4000), ERR_LIMIT, "photo.pixels");
    refused(str_sub(with_size(jpeg, frame, 2, 30000, 30000), 0, frame + 20), ERR_LIMIT,
            "photo.pixels");
    refused(with_size(jpeg, frame, 2, 0, 100), ERR_INVALID, "photo.broken");
    refused(with_size(png, 16, 4, 0, 100), ERR_INVALID, "photo.broken");
    EXPECT(env_mono_us(env_real()) - from < 500 * 1000);
    Str big = {arena_alloc(arena, LIMIT_PHOTO_BYTES + 1), LIMIT_PHOTO_BYTES + 1};
    refused(big, ERR_LIMIT, "photo.large");
    end();
}

TEST(photo_many_scans_are_refused)
{
    begin();
    Str jpeg = make_jpeg(64, 48, TJFLAG_PROGRESSIVE);
    size_t scan = (size_t)str_find(jpeg, S("\xFF\xDA"));
    Str rest = str_sub(jpeg, scan + 2, jpeg.n);
    size_t scan_bytes = 2 + (size_t)str_find(rest, S("\xFF\xC4"));
    REQUIRE(scan_bytes > 8 && scan_bytes < 2000);
    Buf b = {.arena = arena};
    buf_str(&b, str_sub(jpeg, 0, scan));
    for (int i = 0; i < LIMIT_PHOTO_SCANS + 1; i++)
        buf_str(&b, str_sub(jpeg, scan, scan_bytes));
    buf_str(&b, str_sub(jpeg, scan, jpeg.n));
    refused(buf_view(&b), ERR_INVALID, "photo.passes");
    end();
}

TEST(photo_cut_files_are_refused)
{
    begin();
    Str whole[] = {make_jpeg(96, 64, 0), make_jpeg(96, 64, TJFLAG_PROGRESSIVE),
                   make_png(60, 40, 8, PNG_COLOR_TYPE_RGB_ALPHA, 0, row_rgba),
                   make_png(60, 40, 8, PNG_COLOR_TYPE_RGB, 1, row_rgb)};
    for (size_t i = 0; i < LEN(whole); i++) {
        clean(whole[i]);
        for (size_t n = 8; n < whole[i].n; n += 1 + n / 64)
            refused(str_sub(whole[i], 0, n), ERR_INVALID, "photo.broken");
        refused(str_sub(whole[i], 0, whole[i].n - 1), ERR_INVALID, "photo.broken");
    }
    /* The end mark is there, the middle is not. */
    size_t half = whole[0].n / 2;
    refused(str_fmt(arena, "%.*s", 0, ""), ERR_INVALID, "photo.empty");
    Buf b = {.arena = arena};
    buf_str(&b, str_sub(whole[0], 0, half));
    buf_str(&b, S("\xFF\xD9"));
    refused(buf_view(&b), ERR_INVALID, "photo.broken");
    end();
}

/* Any bytes changed: a photo or a refusal, and the answer is always one of the two. */
TEST(photo_damaged_files_are_survived)
{
    begin();
    Str whole[] = {make_jpeg(96, 64, 0), make_jpeg(96, 64, TJFLAG_PROGRESSIVE),
                   make_png(60, 40, 8, PNG_COLOR_TYPE_RGB_ALPHA, 0, row_rgba),
                   make_png(60, 40, 8, PNG_COLOR_TYPE_RGB, 1, row_rgb)};
    size_t mark = arena_mark(arena);
    int good_n = 0, bad_n = 0;
    for (int round = 0; round < 800; round++) {
        Str from = whole[round % 4], jpeg = STR_NONE;
        char *p = arena_copy(arena, from.p, from.n);
        int w = 0, h = 0;
        for (size_t n = 1 + test_below(4); n > 0; n--)
            p[test_below(from.n)] = (char)test_below(256);
        int rc = photo_clean(arena, (Str){p, from.n}, &jpeg, &w, &h, &failure);
        EXPECT(rc == 0 || rc == ERR_INVALID || rc == ERR_LIMIT);
        EXPECT((rc == 0) == (jpeg.n > 0 && w > 0 && h > 0));
        good_n += rc == 0;
        bad_n += rc < 0;
        err_clear(&failure);
        arena_rewind(arena, mark);
    }
    EXPECT(good_n > 0 && bad_n > 0);
    end();
}

TEST(photo_other_formats_get_advice)
{
    begin();
    refused(S("RIFF\x24\0\0\0WEBPVP8 "), ERR_INVALID, "photo.webp");
    refused(S("RIFF\x24\0\0\0WAVEfmt "), ERR_INVALID, "photo.not_one");
    refused(S("\0\0\0\x18"
              "ftypheic\0\0\0\0mif1heic"),
            ERR_INVALID, "photo.heic");
    refused(S("\0\0\0\x18"
              "ftypmif1\0\0\0\0"),
            ERR_INVALID, "photo.heic");
    refused(S("\0\0\0\x18"
              "ftypmp42\0\0\0\0"),
            ERR_INVALID, "photo.not_one");
    refused(S("GIF89a\1\0\1\0"), ERR_INVALID, "photo.gif");
    refused(S("\xEF\xBB\xBF <?xml version=\"1.0\"?>\n<svg xmlns=\"x\"/>"), ERR_INVALID,
            "photo.svg");
    refused(S("<svg onload=alert(1)>"), ERR_INVALID, "photo.svg");
    refused(S("<html>"), ERR_INVALID, "photo.not_one");
    refused(S("%PDF-1.7"), ERR_INVALID, "photo.not_one");
    refused(S("BM6\0\0\0"), ERR_INVALID, "photo.not_one");
    refused(S("\xFF\xD8"), ERR_INVALID, "photo.not_one");
    refused(S("x"), ERR_INVALID, "photo.not_one");
    refused(S(""), ERR_INVALID, "photo.empty");
    end();
}

TEST(photo_printing_colours_are_refused)
{
    begin();
    unsigned char *out = NULL;
    unsigned long bytes = 0;
    tjhandle tj = tjInitCompress();
    uint8_t *cmyk = arena_alloc(arena, 32 * 32 * 4);
    REQUIRE(tjCompress2(tj, cmyk, 32, 0, 32, TJPF_CMYK, &out, &bytes, TJSAMP_444, 90, 0) == 0);
    refused((Str){(char *)out, bytes}, ERR_INVALID, "photo.print_colours");
    tjFree(out);
    tjDestroy(tj);
    end();
}

static void row_white64(int y, int w, uint8_t *to) /* compresses to next to nothing */
{
    (void)y;
    memset(to, 0xFF, (size_t)w * 8);
}

/* 320 MB of pixels in a third of a megabyte: the most there can be, and little of it held. */
TEST(photo_png_bombs_are_bounded)
{
    begin();
    Str png = make_png(6300, 6300, 16, PNG_COLOR_TYPE_RGB_ALPHA, 0, row_white64);
    test_note("%d bytes", (int)png.n);
    size_t held = arena_bytes(arena);
    int64_t from = env_mono_us(env_real());
    Str jpeg;
    int w, h;
    REQUIRE_OK(photo_clean(arena, png, &jpeg, &w, &h, &failure), &failure);
    test_note("%d ms", (int)((env_mono_us(env_real()) - from) / 1000));
    EXPECT(w == 1500 && h == 1500);
    EXPECT(arena_bytes(arena) - held < 1024 * 1024);
    end();
}
