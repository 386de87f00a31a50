/* photo.c: whatever a phone gives becomes a small JPEG that says nothing but its pixels.
 *
 * The headers are read first and by hand, so size, number of scans and kind of storage are known
 * before a decoder takes memory. Rows then run through a shrinker, so only pictures stored in
 * passes (progressive JPEG, interlaced PNG) are ever held whole, and those have a lower limit.
 *                                                                                       STACK: 7 */
#include "exchange/exchange_int.h"

#include <png.h>
#include <setjmp.h>
#include <turbojpeg.h>

enum {
    PHOTO_QUALITY = 80,
    EXIF_ORIENTATION = 0x0112,
    EXIF_SHORT = 3,
};

typedef struct Picture {
    uint8_t *rgb; /* rows of 3 * w bytes */
    int w, h;
    int turn; /* EXIF orientation, 1 to 8: how the stored rows are to be looked at */
} Picture;

static int photo_too_many_pixels(int64_t limit, Err *e)
{
    return err_set(e, ERR_LIMIT, "photo.pixels", err_int(e, limit / 1000000),
                   err_int(e, LIMIT_PHOTO_SIDE));
}

/* Sizes from a header against the limits; is_whole: stored in passes. */
static int photo_check_size(int64_t w, int64_t h, bool is_whole, Err *e)
{
    int64_t limit = is_whole ? LIMIT_PHOTO_WHOLE_PIXELS : LIMIT_PHOTO_PIXELS;
    if (w < 1 || h < 1)
        return err_set(e, ERR_INVALID, "photo.broken");
    if (w > LIMIT_PHOTO_SIDE || h > LIMIT_PHOTO_SIDE || w * h > limit)
        return photo_too_many_pixels(limit, e);
    return 0;
}

/* ---- EXIF: one tag of it --------------------------------------------------------------------- */

static uint32_t bytes_uint(Str s, size_t at, size_t n, bool is_little)
{
    uint32_t v = 0;
    CHECK(n <= 4 && at + n <= s.n);
    for (size_t i = 0; i < n; i++)
        v = v << 8 | (uint8_t)s.p[is_little ? at + n - 1 - i : at + i];
    return v;
}

/* The orientation in a TIFF structure, 1 if it has none or makes no sense. */
static int exif_orientation(Str tiff)
{
    bool is_little = str_starts(tiff, S("II*\0"));
    if (!is_little && !str_starts(tiff, S("MM\0*")))
        return 1;
    if (tiff.n < 8)
        return 1;
    size_t at = bytes_uint(tiff, 4, 4, is_little);
    if (at > tiff.n || tiff.n - at < 2)
        return 1;
    size_t entry_n = bytes_uint(tiff, at, 2, is_little);
    for (at += 2; entry_n > 0 && tiff.n - at >= 12; entry_n--, at += 12) {
        if (bytes_uint(tiff, at, 2, is_little) != EXIF_ORIENTATION)
            continue;
        if (bytes_uint(tiff, at + 2, 2, is_little) != EXIF_SHORT)
            return 1;
        uint32_t v = bytes_uint(tiff, at + 8, 2, is_little);
        return v >= 1 && v <= 8 ? (int)v : 1;
    }
    return 1;
}

/* ---- shrinking: every output pixel is the mean of the area it covers ------------------------- */

typedef struct Shrink {
    int64_t in_w, in_h, out_w, out_h;
    int64_t in_y, out_y;
    uint32_t *row; /* one input row, shrunk across: sums of value * width covered */
    uint64_t *sum; /* the output row being gathered: row * height covered */
    uint8_t *out;
} Shrink;

static Shrink shrink_new(Arena *a, int64_t w, int64_t h)
{
    int64_t edge = w > h ? w : h;
    Shrink s = {.in_w = w, .in_h = h, .out_w = w, .out_h = h};
    CHECK(w >= 1 && h >= 1 && edge <= LIMIT_PHOTO_SIDE && w * h <= LIMIT_PHOTO_PIXELS);
    if (edge > LIMIT_PHOTO_EDGE) {
        s.out_w = (w * LIMIT_PHOTO_EDGE + edge / 2) / edge;
        s.out_h = (h * LIMIT_PHOTO_EDGE + edge / 2) / edge;
        if (s.out_w < 1)
            s.out_w = 1;
        if (s.out_h < 1)
            s.out_h = 1;
    }
    s.row = NEW_N(a, uint32_t, (size_t)s.out_w * 3);
    s.sum = NEW_N(a, uint64_t, (size_t)s.out_w * 3);
    s.out = NEW_N(a, uint8_t, (size_t)(s.out_w * s.out_h) * 3);
    return s;
}

static void shrink_across(Shrink *s, const uint8_t *rgb)
{
    memset(s->row, 0, (size_t)s->out_w * 3 * sizeof *s->row);
    uint32_t *to = s->row;
    int64_t edge = s->in_w; /* where the output pixel ends; an input pixel is out_w wide */
    for (int64_t x = 0, end = s->out_w; x < s->in_w; x++, end += s->out_w, rgb += 3) {
        int64_t over = end > edge ? end - edge : 0;
        uint32_t in = (uint32_t)(s->out_w - over);
        for (int i = 0; i < 3; i++)
            to[i] += in * rgb[i];
        if (end < edge || x == s->in_w - 1)
            continue;
        to += 3;
        edge += s->in_w;
        for (int i = 0; i < 3; i++)
            to[i] += (uint32_t)over * rgb[i];
    }
}

static void shrink_add_sum(Shrink *s, int64_t weight)
{
    for (int64_t i = 0; i < s->out_w * 3; i++)
        s->sum[i] += (uint64_t)weight * s->row[i];
}

static void shrink_end_row(Shrink *s)
{
    uint64_t area = (uint64_t)(s->in_w * s->in_h);
    uint8_t *to = s->out + s->out_y * s->out_w * 3;
    CHECK(s->out_y < s->out_h);
    for (int64_t i = 0; i < s->out_w * 3; i++) {
        to[i] = (uint8_t)((s->sum[i] + area / 2) / area);
        s->sum[i] = 0;
    }
    s->out_y++;
}

static void shrink_take_row(Shrink *s, const uint8_t *rgb)
{
    CHECK(s->in_y < s->in_h);
    if (s->out_w == s->in_w && s->out_h == s->in_h) {
        memcpy(s->out + s->out_y++ * s->out_w * 3, rgb, (size_t)s->out_w * 3);
        s->in_y++;
        return;
    }
    shrink_across(s, rgb);
    int64_t end = ++s->in_y * s->out_h, edge = (s->out_y + 1) * s->in_h;
    int64_t over = end > edge ? end - edge : 0;
    shrink_add_sum(s, s->out_h - over);
    if (end < edge)
        return;
    shrink_end_row(s);
    if (over > 0)
        shrink_add_sum(s, over);
}

static Picture shrink_done(const Shrink *s, int turn)
{
    CHECK(s->in_y == s->in_h && s->out_y == s->out_h);
    return (Picture){.rgb = s->out, .w = (int)s->out_w, .h = (int)s->out_h, .turn = turn};
}

/* ---- JPEG ------------------------------------------------------------------------------------ */

typedef struct JpegFacts {
    int64_t w, h;
    int turn;
    int part_n; /* colour parts of the frame */
    int scan_n;
    bool is_whole; /* progressive, or its colours in separate scans */
    bool has_end;
} JpegFacts;

static bool jpeg_is_frame(uint8_t marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static void jpeg_read_segment(uint8_t marker, Str body, JpegFacts *f)
{
    static const uint8_t progressive[] = {0xC2, 0xC6, 0xCA, 0xCE};
    if (jpeg_is_frame(marker) && body.n >= 6 && f->part_n == 0) {
        f->h = bytes_uint(body, 1, 2, false);
        f->w = bytes_uint(body, 3, 2, false);
        f->part_n = (uint8_t)body.p[5];
        f->is_whole = memchr(progressive, marker, sizeof progressive) != NULL;
    } else if (marker == 0xE1 && f->scan_n == 0 && str_starts(body, S("Exif\0\0"))) {
        f->turn = exif_orientation(str_sub(body, 6, body.n));
    } else if (marker == 0xDA && body.n >= 1) {
        f->scan_n++;
        f->is_whole = f->is_whole || (uint8_t)body.p[0] != f->part_n;
    }
}

/* Coded pixels end at the first FF that neither stands for itself nor restarts the coder. */
static size_t jpeg_skip_pixels(Str s, size_t at)
{
    while (at + 1 < s.n) {
        const char *ff = memchr(s.p + at, 0xFF, s.n - at - 1);
        if (!ff)
            return s.n;
        at = (size_t)(ff - s.p);
        uint8_t next = (uint8_t)ff[1];
        if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7))
            return at;
        at += next == 0xFF ? 1 : 2;
    }
    return s.n;
}

/* Walks the segments up to the end mark; what follows it is never looked at. */
static JpegFacts jpeg_read_facts(Str s)
{
    JpegFacts f = {.turn = 1};
    size_t at = 2;
    while (at + 1 < s.n) {
        uint8_t marker = (uint8_t)s.p[at + 1];
        if ((uint8_t)s.p[at] != 0xFF || marker == 0xFF || marker == 0) {
            at++;
            continue;
        }
        at += 2;
        if (marker == 0xD9) {
            f.has_end = true;
            break;
        }
        if (marker == 1 || (marker >= 0xD0 && marker <= 0xD8))
            continue;
        if (s.n - at < 2)
            break;
        size_t bytes = bytes_uint(s, at, 2, false);
        if (bytes < 2 || bytes > s.n - at)
            break;
        jpeg_read_segment(marker, str_sub(s, at + 2, bytes - 2), &f);
        at += bytes;
        if (marker == 0xDA)
            at = jpeg_skip_pixels(s, at);
    }
    return f;
}

/* The smallest scale the decoder offers that still leaves LIMIT_PHOTO_EDGE; never above 1. */
static tjscalingfactor jpeg_find_scale(int w, int h)
{
    int factor_n = 0;
    tjscalingfactor best = {1, 1};
    const tjscalingfactor *factors = tjGetScalingFactors(&factor_n);
    CHECK(factors && factor_n > 0);
    int edge = w > h ? w : h;
    for (int i = 0; i < factor_n; i++)
        if (factors[i].num * best.denom < best.num * factors[i].denom &&
            TJSCALED(edge, factors[i]) >= LIMIT_PHOTO_EDGE)
            best = factors[i];
    return best;
}

static int jpeg_decode_with(tjhandle tj, Arena *a, Str bytes, const JpegFacts *f, Picture *ret,
                            Err *e)
{
    int w, h, subsampling, colours;
    const unsigned char *in = (const unsigned char *)bytes.p;
    if (tjDecompressHeader3(tj, in, bytes.n, &w, &h, &subsampling, &colours) != 0)
        return err_set(e, ERR_INVALID, "photo.broken");
    TRY(photo_check_size(w, h, f->is_whole, e));
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return err_set(e, ERR_INVALID, "photo.print_colours");
    tjscalingfactor scale = jpeg_find_scale(w, h);
    int to_w = TJSCALED(w, scale), to_h = TJSCALED(h, scale);
    uint8_t *rgb = NEW_N(a, uint8_t, (size_t)to_w * (size_t)to_h * 3);
    if (tjDecompress2(tj, in, bytes.n, rgb, to_w, 0, to_h, TJPF_RGB,
                      TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0)
        return err_set(e, ERR_INVALID, "photo.broken");
    Shrink s = shrink_new(a, to_w, to_h);
    for (int y = 0; y < to_h; y++)
        shrink_take_row(&s, rgb + (ptrdiff_t)y * to_w * 3);
    *ret = shrink_done(&s, f->turn);
    return 0;
}

static int photo_jpeg_decode(Arena *a, Str bytes, Picture *ret, Err *e)
{
    JpegFacts f = jpeg_read_facts(bytes);
    if (f.part_n == 0 || f.scan_n == 0 || !f.has_end) {
        if (f.part_n > 0)
            TRY(photo_check_size(f.w, f.h, f.is_whole, e));
        return err_set(e, ERR_INVALID, "photo.broken");
    }
    TRY(photo_check_size(f.w, f.h, f.is_whole, e));
    if (f.scan_n > LIMIT_PHOTO_SCANS)
        return err_set(e, ERR_INVALID, "photo.passes");
    tjhandle tj = tjInitDecompress();
    CHECK(tj);
    int rc = jpeg_decode_with(tj, a, bytes, &f, ret, e);
    CHECK(tjDestroy(tj) == 0);
    return rc;
}

/* ---- PNG ------------------------------------------------------------------------------------- */

typedef struct PngJob {
    png_structp png;
    png_infop info;
    Arena *arena;
    Str rest; /* not read yet */
    int64_t w, h;
    bool is_whole;
    bool is_good; /* it came to the end */
    Shrink shrink;
} PngJob;

static void photo_png_give(png_structp png, png_bytep to, size_t n)
{
    PngJob *job = png_get_io_ptr(png);
    if (n > job->rest.n)
        png_error(png, "cut");
    memcpy(to, job->rest.p, n);
    job->rest = str_sub(job->rest, n, job->rest.n);
}

static _Noreturn void photo_png_fail(png_structp png, png_const_charp what)
{
    (void)what;
    png_longjmp(png, 1);
}

static void photo_png_hush(png_structp png, png_const_charp what)
{
    (void)png; /* warnings concern chunks that are not kept */
    (void)what;
}

/* One row as decoded, on white where it is transparent. */
static void photo_png_on_white(const uint8_t *from, int channels, int64_t w, uint8_t *rgb)
{
    for (int64_t x = 0; x < w; x++, from += channels, rgb += 3) {
        unsigned alpha = channels == 4 ? from[3] : 255;
        memcpy(rgb, from, 3);
        for (int i = 0; alpha != 255 && i < 3; i++)
            rgb[i] = (uint8_t)((from[i] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

static void photo_png_prepare(PngJob *job)
{
    static const char unwanted[] = "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0"
                                   "sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
    png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep)unwanted,
                                (int)(sizeof unwanted / 5));
    png_set_user_limits(job->png, (png_uint_32)job->w, (png_uint_32)job->h);
    png_set_chunk_malloc_max(job->png, LIMIT_PHOTO_BYTES);
    png_set_read_fn(job->png, job, photo_png_give);
    png_read_info(job->png, job->info);
    png_set_expand(job->png);
    png_set_scale_16(job->png);
    png_set_gray_to_rgb(job->png);
}

/* Leaves by longjmp when the data is bad. */
static void photo_png_rows(PngJob *job)
{
    photo_png_prepare(job);
    int pass_n = png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    int channels = png_get_channels(job->png, job->info);
    size_t row_bytes = (size_t)job->w * (size_t)channels;
    CHECK(channels == 3 || channels == 4);
    CHECK(png_get_rowbytes(job->png, job->info) == row_bytes && (pass_n > 1) == job->is_whole);
    size_t held_n = job->is_whole ? (size_t)job->h : 1;
    uint8_t *held = NEW_N(job->arena, uint8_t, row_bytes * held_n);
    uint8_t *rgb = NEW_N(job->arena, uint8_t, (size_t)job->w * 3);
    for (int pass = 0; pass + 1 < pass_n; pass++)
        for (size_t y = 0; y < held_n; y++)
            png_read_row(job->png, held + y * row_bytes, NULL);
    job->shrink = shrink_new(job->arena, job->w, job->h);
    for (int64_t y = 0; y < job->h; y++) {
        uint8_t *row = job->is_whole ? held + (size_t)y * row_bytes : held;
        png_read_row(job->png, row, NULL);
        photo_png_on_white(row, channels, job->w, rgb);
        shrink_take_row(&job->shrink, rgb);
    }
    png_read_end(job->png, NULL);
}

/* PNG may carry EXIF as well, in a chunk before the pixels. */
static int photo_png_turn(Str s)
{
    for (size_t at = 8; s.n - at >= 12;) {
        size_t bytes = bytes_uint(s, at, 4, false);
        Str name = str_sub(s, at + 4, 4);
        if (bytes > s.n - at - 12 || str_eq(name, S("IDAT")))
            return 1;
        if (str_eq(name, S("eXIf")))
            return exif_orientation(str_sub(s, at + 8, bytes));
        at += 12 + bytes;
    }
    return 1;
}

static int photo_png_decode(Arena *a, Str bytes, Picture *ret, Err *e)
{
    if (bytes.n < 33 || !str_eq(str_sub(bytes, 12, 4), S("IHDR")))
        return err_set(e, ERR_INVALID, "photo.broken");
    PngJob *job = NEW(a, PngJob);
    *job = (PngJob){.arena = a, .rest = bytes};
    job->w = bytes_uint(bytes, 16, 4, false);
    job->h = bytes_uint(bytes, 20, 4, false);
    job->is_whole = bytes.p[28] != 0;
    TRY(photo_check_size(job->w, job->h, job->is_whole, e));
    job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, photo_png_fail, photo_png_hush);
    CHECK(job->png);
    job->info = png_create_info_struct(job->png);
    CHECK(job->info);
    if (setjmp(png_jmpbuf(job->png)) == 0) {
        photo_png_rows(job);
        job->is_good = true;
    }
    png_destroy_read_struct(&job->png, &job->info, NULL);
    if (!job->is_good)
        return err_set(e, ERR_INVALID, "photo.broken");
    *ret = shrink_done(&job->shrink, photo_png_turn(bytes));
    return 0;
}

/* ---- all together ---------------------------------------------------------------------------- */

/* Turned so that it stands upright. Orientations 5 to 8 exchange width and height. */
static Picture photo_turn(Arena *a, Picture from)
{
    if (from.turn == 1)
        return from;
    bool is_swapped = from.turn >= 5;
    Picture to = {.w = is_swapped ? from.h : from.w, .h = is_swapped ? from.w : from.h, .turn = 1};
    bool from_right = from.turn == 2 || from.turn == 3 || from.turn == 7 || from.turn == 8;
    bool from_below = from.turn == 3 || from.turn == 4 || from.turn == 6 || from.turn == 7;
    to.rgb = NEW_N(a, uint8_t, (size_t)to.w * (size_t)to.h * 3);
    for (int y = 0; y < to.h; y++) {
        for (int x = 0; x < to.w; x++) {
            int from_x = is_swapped ? y : x, from_y = is_swapped ? x : y;
            if (from_right)
                from_x = from.w - 1 - from_x;
            if (from_below)
                from_y = from.h - 1 - from_y;
            memcpy(to.rgb + ((ptrdiff_t)y * to.w + x) * 3,
                   from.rgb + ((ptrdiff_t)from_y * from.w + from_x) * 3, 3);
        }
    }
    return to;
}

/* In the encoder's memory, to be given back by tjFree. */
static unsigned char *photo_encode(const Picture *p, unsigned long *ret_bytes)
{
    unsigned char *jpeg = NULL;
    tjhandle tj = tjInitCompress();
    CHECK(tj);
    CHECK(tjCompress2(tj, p->rgb, p->w, 0, p->h, TJPF_RGB, &jpeg, ret_bytes, TJSAMP_420,
                      PHOTO_QUALITY, TJFLAG_PROGRESSIVE) == 0);
    CHECK(tjDestroy(tj) == 0);
    return jpeg;
}

static bool photo_is_heic(Str bytes)
{
    static const char brands[] = "heicheixhevcheimheisheifmif1msf1avifavis";
    Str brand = str_sub(bytes, 8, 4);
    if (!str_eq(str_sub(bytes, 4, 4), S("ftyp")) || brand.n != 4)
        return false;
    for (size_t i = 0; i + 4 < sizeof brands; i += 4)
        if (memcmp(brands + i, brand.p, 4) == 0)
            return true;
    return false;
}

static int photo_refuse(Str bytes, Err *e)
{
    const char *key = "photo.not_one";
    Str head = str_sub(bytes, 0, 512);
    Str text = str_trim(str_starts(head, S("\xEF\xBB\xBF")) ? str_sub(head, 3, head.n) : head);
    if (bytes.n == 0)
        key = "photo.empty";
    else if (photo_is_heic(bytes))
        key = "photo.heic";
    else if (str_starts(head, S("GIF8")))
        key = "photo.gif";
    else if (str_starts(head, S("RIFF")) && str_eq(str_sub(head, 8, 4), S("WEBP")))
        key = "photo.webp";
    else if (str_starts(text, S("<")) && str_find(text, S("<svg")) >= 0)
        key = "photo.svg";
    return err_set(e, ERR_INVALID, key);
}

int photo_clean(Arena *a, Str bytes, Str *ret_jpeg, int *ret_w, int *ret_h, Err *e)
{
    if (bytes.n > LIMIT_PHOTO_BYTES)
        return err_set(e, ERR_LIMIT, "photo.large", err_int(e, LIMIT_PHOTO_BYTES / 1024 / 1024));
    Picture picture;
    size_t mark = arena_mark(a);
    if (str_starts(bytes, S("\xFF\xD8\xFF")))
        TRY(photo_jpeg_decode(a, bytes, &picture, e));
    else if (str_starts(bytes, S("\x89PNG\r\n\x1A\n")))
        TRY(photo_png_decode(a, bytes, &picture, e));
    else
        return photo_refuse(bytes, e);
    picture = photo_turn(a, picture);
    unsigned long jpeg_bytes = 0;
    unsigned char *jpeg = photo_encode(&picture, &jpeg_bytes);
    arena_rewind(a, mark); /* the pixels; an Err in the same arena is untouched on success */
    *ret_jpeg = (Str){arena_copy(a, jpeg, jpeg_bytes), jpeg_bytes};
    tjFree(jpeg);
    *ret_w = picture.w;
    *ret_h = picture.h;
    return 0;
}
