/* bench.h: what the measuring programs share: dice, clock, the text of a diary, the file of
 * accounts.
 *
 * The county measured on: one county, 20 towns of 15 villages, two authors in each village.
 * Author i sits in village i / 2. `seed` writes the file `who` beside the deployment; the others
 * read it. */
#ifndef STAVE_BENCH_H
#define STAVE_BENCH_H

#include "base/banned.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BENCH_TOWNS = 20,
    BENCH_VILLAGES = 300,
    BENCH_PER_TOWN = BENCH_VILLAGES / BENCH_TOWNS,
    BENCH_AUTHORS = 2 * BENCH_VILLAGES,
    BENCH_BODY_BYTES = 300,
    BENCH_FLAT_OUT_DAYS =
        2500,         /* creates flat out write days from so long ago backwards: none is taken */
    BENCH_IDS = 8192, /* ids of records noted for reading */
};
static const char BENCH_PASSWORD[] = "stave-demo-2026";

__attribute__((noreturn, unused, format(printf, 1, 2))) static void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    exit(1);
}

__attribute__((unused)) static int64_t now_us(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
        die("no clock");
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

__attribute__((unused)) static int64_t wall_ms(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0)
        die("no clock");
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((unused)) static uint64_t roll(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* About BENCH_BODY_BYTES of Chinese text, sentences in changing order; returns its length. */
__attribute__((unused)) static size_t bench_body(uint64_t *dice, char *out, size_t cap)
{
    static const char *const parts[] = {
        "上午和会计对了一遍账，缺的票让他去补。", "下午走访三户，老人腿脚不便，药下次捎去。",
        "东渠闸口渗水，拍了照，已报镇水利站。",   "晚上开院坝会，问得最多的是医保怎么交。",
        "玉米还剩二十多亩没进仓，联系了收割机。", "低保复核还差一张单据，答应周一去取。",
        "路灯坏了两盏，先修学校门口那一盏。",     "看了冷库的地基，有一处要返工，写了单子。",
    };
    size_t n = 0;
    uint64_t at = roll(dice);
    while (n < BENCH_BODY_BYTES - 30) {
        const char *p = parts[at++ % 8];
        size_t len = strlen(p);
        if (n + len + 24 > cap)
            break;
        memcpy(out + n, p, len);
        n += len;
    }
    int tail =
        snprintf(out + n, cap - n, "第%06llu条。", (unsigned long long)(roll(dice) % 1000000));
    return n + (size_t)tail;
}

/* UUIDv7 of `ms`; `counter` keeps ids of one ms apart and rising. */
__attribute__((unused)) static void bench_uuid(int64_t ms, uint32_t counter, uint64_t *dice,
                                               uint8_t out[16])
{
    uint64_t v = roll(dice);
    for (int i = 0; i < 6; i++)
        out[i] = (uint8_t)(ms >> (40 - 8 * i));
    out[6] = (uint8_t)(0x70 | (counter >> 8 & 0x0f));
    out[7] = (uint8_t)counter;
    memcpy(out + 8, &v, 8);
    out[8] = (uint8_t)(0x80 | (out[8] & 0x3f));
}

__attribute__((unused)) static void hex_uuid(const uint8_t u[16], char out[37])
{
    static const char hex[] = "0123456789abcdef";
    for (int i = 0, at = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[u[i] >> 4];
        out[at++] = hex[u[i] & 15];
    }
    out[36] = 0;
}

/* ---- the file `who` ---- */

typedef struct Login {
    char kind; /* c county, t town, v village: author */
    int place; /* town or village index, 0 for the county */
    char unit[16], token[72], cookie[72];
} Login;
typedef struct People {
    Login county, towns[BENCH_TOWNS], authors[BENCH_AUTHORS];
    int id_n;
    struct {
        char id[37];
        int author;
    } ids[BENCH_IDS];
} People;

__attribute__((unused)) static People *read_people(const char *path)
{
    FILE *f = fopen(path, "r");
    People *p = calloc(1, sizeof *p);
    char line[512];
    int town_n = 0, author_n = 0;
    if (!f || !p)
        die("cannot read %s", path);
    while (fgets(line, sizeof line, f)) {
        Login w = {0};
        if (line[0] == 'i') {
            if (p->id_n < BENCH_IDS &&
                sscanf(line, "i %36s %d", p->ids[p->id_n].id, &p->ids[p->id_n].author) == 2)
                p->id_n++;
            continue;
        }
        if (sscanf(line, "%c %d %15s %71s %71s", &w.kind, &w.place, w.unit, w.token, w.cookie) != 5)
            die("%s: a line is not understood: %s", path, line);
        if (w.kind == 'c')
            p->county = w;
        else if (w.kind == 't' && town_n < BENCH_TOWNS)
            p->towns[town_n++] = w;
        else if (w.kind == 'v' && author_n < BENCH_AUTHORS)
            p->authors[author_n++] = w;
    }
    (void)fclose(f);
    if (town_n != BENCH_TOWNS || author_n != BENCH_AUTHORS)
        die("%s: not whole", path);
    return p;
}
#endif
