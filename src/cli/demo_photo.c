/* demo_photo.c: small landscapes drawn in memory: sky, sun, hills, fields in rows, a house or a
 * canal. */
#include <turbojpeg.h>

#include "cli/demo.h"

enum { WIDE = 800, HIGH = 600, HILLS = 3 };

typedef struct Rgb {
    int r, g, b;
} Rgb;
typedef struct Scene {
    Rgb sky_top, sky_low, sun, field, field_dark, hill[HILLS];
    int sun_x, sun_y, sun_r, horizon, canal_x, house_x;
    double phase[HILLS], pitch[HILLS];
    bool has_house, has_canal;
} Scene;

static Rgb mix(Rgb a, Rgb b, int t, int of)
{
    return (Rgb){a.r + (b.r - a.r) * t / of, a.g + (b.g - a.g) * t / of,
                 a.b + (b.b - a.b) * t / of};
}

static void set_scene(Dice *d, Scene *s)
{
    static const Rgb skies[][2] = {{{92, 148, 206}, {214, 232, 244}},
                                   {{120, 140, 160}, {220, 222, 220}},
                                   {{236, 150, 96}, {250, 226, 180}},
                                   {{70, 110, 170}, {240, 200, 170}}};
    static const Rgb fields[][2] = {{{116, 150, 70}, {88, 122, 52}},
                                    {{206, 176, 92}, {178, 146, 66}},
                                    {{150, 112, 74}, {124, 90, 58}},
                                    {{92, 160, 96}, {66, 128, 72}}};
    const Rgb *sky = skies[dice_below(d, (int)LEN(skies))],
              *field = fields[dice_below(d, (int)LEN(fields))];
    *s = (Scene){.sky_top = sky[0],
                 .sky_low = sky[1],
                 .sun = {255, 244, 214},
                 .field = field[0],
                 .field_dark = field[1],
                 .sun_x = 80 + dice_below(d, WIDE - 160),
                 .sun_y = 70 + dice_below(d, 90),
                 .sun_r = 26 + dice_below(d, 22),
                 .horizon = 300 + dice_below(d, 60),
                 .canal_x = 160 + dice_below(d, WIDE - 320),
                 .house_x = 60 + dice_below(d, WIDE - 260),
                 .has_house = dice_chance(d, 55),
                 .has_canal = dice_chance(d, 50)};
    for (int i = 0; i < HILLS; i++) {
        s->hill[i] = mix(s->sky_low, (Rgb){56, 92, 78}, i + 1, HILLS);
        s->phase[i] = dice_below(d, 628) / 100.0;
        s->pitch[i] = 90 + dice_below(d, 140);
    }
}

static Rgb back_at(const Scene *s, const int *tops, int x, int y)
{
    for (int i = HILLS - 1; i >= 0; i--)
        if (y >= tops[i])
            return s->hill[i];
    int dx = x - s->sun_x, dy = y - s->sun_y;
    if (dx * dx + dy * dy < s->sun_r * s->sun_r)
        return s->sun;
    return mix(s->sky_top, s->sky_low, y, s->horizon);
}

static Rgb front_at(const Scene *s, int x, int y)
{
    int depth = y - s->horizon, half = 3 + depth / 6, bend = s->canal_x + depth / 3;
    if (s->has_canal && x > bend - half && x < bend + half)
        return mix(s->sky_low, s->sky_top, depth, HIGH - s->horizon);
    int row = (x - WIDE / 2) * 220 / (60 + depth); /* rows run towards the horizon */
    bool is_dark = ((row / 22) & 1) != 0;
    return mix(is_dark ? s->field_dark : s->field, s->sky_low, HIGH - s->horizon - depth,
               3 * (HIGH - s->horizon));
}

static bool house_at(const Scene *s, int x, int y, Rgb *ret)
{
    int left = s->house_x, top = s->horizon - 20, w = 150, h = 80;
    int dx = x - left, dy = y - top;
    if (!s->has_house || dx < -16 || dx > w + 16 || dy < -46 || dy > h)
        return false;
    if (dy < 0) {
        bool is_roof = dx >= -16 - dy / 2 - 8 && dx <= w + 16 + dy / 2 + 8;
        *ret = (Rgb){96, 84, 80};
        return is_roof;
    }
    bool is_door = dx > 62 && dx < 92 && dy > 26,
         is_pane = (dx > 18 && dx < 46 && dy > 22 && dy < 48) ||
                   (dx > 108 && dx < 136 && dy > 22 && dy < 48);
    *ret = is_door ? (Rgb){110, 60, 44} : is_pane ? (Rgb){176, 198, 206} : (Rgb){232, 224, 208};
    return dx >= 0 && dx <= w;
}

static void paint(const Scene *s, Dice *d, uint8_t *rgb)
{
    for (int x = 0; x < WIDE; x++) {
        int tops[HILLS];
        for (int i = 0; i < HILLS; i++)
            tops[i] = s->horizon - 30 * (HILLS - i) -
                      (int)(22 * sin(x / s->pitch[i] + s->phase[i]) +
                            9 * sin(x / 31.0 + 2 * s->phase[i]));
        for (int y = 0; y < HIGH; y++) {
            Rgb c = y < s->horizon ? back_at(s, tops, x, y) : front_at(s, x, y), house;
            if (house_at(s, x, y, &house))
                c = house;
            int grain = (int)(dice_next(d) & 7) - 3; /* as a sensor has */
            uint8_t *p = rgb + (size_t)(y * WIDE + x) * 3;
            const int v[3] = {c.r + grain, c.g + grain, c.b + grain};
            for (int k = 0; k < 3; k++)
                p[k] = (uint8_t)(v[k] < 0 ? 0 : v[k] > 255 ? 255 : v[k]);
        }
    }
}

Str demo_photo(Arena *a, Dice *d)
{
    Scene s;
    uint8_t *rgb = NEW_N(a, uint8_t, (size_t)WIDE * HIGH * 3);
    set_scene(d, &s);
    paint(&s, d, rgb);
    tjhandle tj = tjInitCompress();
    unsigned char *out = NULL;
    unsigned long n = 0;
    CHECK(tj && tjCompress2(tj, rgb, WIDE, 0, HIGH, TJPF_RGB, &out, &n, TJSAMP_420, 85, 0) == 0);
    Str jpeg = str_copy(a, (Str){(const char *)out, n});
    tjFree(out);
    (void)tjDestroy(tj); /* nothing to lose any more */
    return jpeg;
}
