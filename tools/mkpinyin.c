/* mkpinyin.c: makes the table of pinyin initials (base_pinyin.c) from Unihan_Readings.
 *
 *   bzip2 -dc /usr/share/unicode/Unihan_Readings.txt.bz2 | mkpinyin OUT.c
 *
 * A character's initials are the first letters of all its readings in today's use: kMandarin,
 * kTGHZ2013, kXHC1983, kHanyuPinlu; those of kHanyuPinyin, which has many long dead, only where
 * neither dictionary knows the character. Surnames read otherwise than all of these stand below.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { A_FROM = 0x3400, A_TO = 0x4DC0, BASIC_FROM = 0x4E00, BASIC_TO = 0xA000, CP_MAX = 0x40000 };
enum { KIND_MANDARIN, KIND_TGHZ, KIND_XHC, KIND_PINLU, KIND_OLD, KIND_N };
static const char *const kinds[KIND_N] = {"kMandarin", "kTGHZ2013", "kXHC1983", "kHanyuPinlu",
                                          "kHanyuPinyin"};

/* Surnames whose reading is not the character's usual one, by initial; most are among the readings
 * above already, and stay here so that a newer table of Unihan cannot lose them. */
static const struct {
    char initial;
    const char *characters;
} surnames[] = {
    {'a', "敖盎"},
    {'b', "卜薄柏秘费贲逄朴繁伯"},
    {'c', "晁种重褚丑乘谌啜"},
    {'d', "都单笪翟邸得"},
    {'e', "恶"},
    {'f', "冯费逢缝"},
    {'g', "句过盖干炅呙观缑勾谷"},
    {'h', "郝华还洪回哈纥"},
    {'j', "纪贾解隽那俱缴靳矫𠮷"},
    {'k', "阚隗可剀蒯"},
    {'l', "令娄六逯郦乐陆相闾"},
    {'m', "万缪牟墨么宓"},
    {'n', "乜那粘佴难能宁"},
    {'o', "区欧瓯"},
    {'p', "朴皮片逄繁番"},
    {'q', "仇覃亓卻麹曲黔钱戚鲜祁邱"},
    {'r', "冉任阮芮"},
    {'s', "单召折冼舍盛莘谌帅厍"},
    {'t', "覃澹佟仝"},
    {'w', "尉尾万隗完兀危员"},
    {'x', "解洗冼冼吁许行相鲜莘郗先"},
    {'y', "尉员乐应於燕幺么阴於鄢郓"},
    {'z', "曾查祭翟长仉种中訾占昝祝笮迮召郑宰"},
};

static unsigned masks[CP_MAX], old_masks[CP_MAX];
static bool is_known[CP_MAX], is_standard[CP_MAX];

static size_t utf8_one(const char *p, unsigned *ret)
{
    const unsigned char *b = (const unsigned char *)p;
    size_t n = b[0] < 0x80 ? 1 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    static const unsigned char head[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned cp = b[0] & head[n];
    for (size_t i = 1; i < n; i++)
        cp = cp << 6 | (b[i] & 0x3Fu);
    *ret = cp;
    return n;
}

/* The letter a syllable begins with, its tone taken off; 0: none. */
static char letter_of(unsigned cp)
{
    static const struct {
        char letter;
        const char *forms;
    } toned[] = {{'a', "āáǎà"}, {'e', "ēéěèêếề"}, {'o', "ōóǒò"}, {'n', "ńňǹ"}, {'m', "ḿ"}};
    if (cp >= 'a' && cp <= 'z')
        return (char)cp;
    for (size_t i = 0; i < sizeof toned / sizeof *toned; i++)
        for (const char *p = toned[i].forms; *p;) {
            unsigned form;
            p += utf8_one(p, &form);
            if (form == cp)
                return toned[i].letter;
        }
    return 0;
}

/* Items stand between blanks; a dictionary's are PAGE,PAGE:syllable,syllable. */
static void take_readings(int line, unsigned cp, int kind, char *value)
{
    unsigned *into = kind == KIND_OLD ? old_masks : masks;
    for (char *item = strtok(value, " \n"); item; item = strtok(NULL, " \n")) {
        const char *colon = strchr(item, ':');
        for (const char *p = colon ? colon + 1 : item; p; p = strchr(p, ',')) {
            unsigned c;
            p += *p == ',';
            (void)utf8_one(p, &c); /* only the letter matters */
            char letter = letter_of(c);
            if (letter)
                into[cp] |= 1u << (letter - 'a');
            else
                tool_error("Unihan_Readings.txt", line, "unknown beginning of a reading: %s", p);
        }
    }
}

static void read_all(FILE *in)
{
    static char text[65536];
    for (int line = 1; fgets(text, sizeof text, in); line++) {
        if (strncmp(text, "U+", 2) != 0)
            continue;
        char *end;
        unsigned long cp = strtoul(text + 2, &end, 16);
        if (*end != '\t' || cp >= CP_MAX)
            continue;
        char *key = end + 1, *tab = strchr(key, '\t');
        if (!tab)
            continue;
        *tab = 0;
        for (int k = 0; k < KIND_N; k++)
            if (!strcmp(key, kinds[k])) {
                take_readings(line, (unsigned)cp, k, tab + 1);
                is_known[cp] = is_known[cp] || k == KIND_TGHZ || k == KIND_XHC;
                is_standard[cp] = is_standard[cp] || k == KIND_TGHZ;
            }
    }
    for (size_t cp = 0; cp < CP_MAX; cp++)
        if (!is_known[cp])
            masks[cp] |= old_masks[cp];
}

static void take_surnames(void)
{
    for (size_t i = 0; i < sizeof surnames / sizeof *surnames; i++)
        for (const char *p = surnames[i].characters; *p;) {
            unsigned cp;
            p += utf8_one(p, &cp);
            masks[cp] |= 1u << (surnames[i].initial - 'a');
            is_standard[cp] = true;
        }
}

static unsigned sets[1024];
static size_t set_n;

static size_t set_of(unsigned mask)
{
    for (size_t i = 0; i < set_n; i++)
        if (sets[i] == mask)
            return i;
    if (set_n == sizeof sets / sizeof *sets)
        tool_die("mkpinyin: more sets of initials than there is room for");
    sets[set_n] = mask;
    return set_n++;
}

static void put_range(Text *out, const char *name, unsigned from, unsigned to)
{
    text_fmt(out, "const uint16_t %s[%u] = {", name, to - from);
    for (unsigned cp = from; cp < to; cp++)
        text_fmt(out, "%s%zu,", (cp - from) % 32 ? "" : "\n", set_of(masks[cp]));
    text_z(out, "\n};\n");
}

int main(int argc, char **argv)
{
    if (argc != 2)
        tool_die("usage: mkpinyin OUT.c < Unihan_Readings.txt");
    read_all(stdin);
    if (!masks[0x4E2D] || !masks[0x3400])
        tool_die("mkpinyin: what came in is no Unihan_Readings.txt");
    take_surnames();
    Text out = {0};
    text_z(&out,
           "/* Made by tools/mkpinyin from Unihan_Readings. */\n#include \"base/base_int.h\"\n\n");
    (void)set_of(0); /* no reading known */
    put_range(&out, "pinyin_basic", BASIC_FROM, BASIC_TO);
    put_range(&out, "pinyin_a", A_FROM, A_TO);
    text_z(&out, "const struct PinyinRare pinyin_rare[] = {");
    size_t n = 0;
    for (unsigned cp = 0x20000; cp < CP_MAX; cp++)
        if (masks[cp] && is_standard[cp]) /* those that names may have */
            text_fmt(&out, "%s{%u,%zu},", n++ % 16 ? "" : "\n", cp, set_of(masks[cp]));
    text_fmt(&out, "\n};\nconst size_t pinyin_rare_n = %zu;\n", n);
    text_z(&out, "const uint32_t pinyin_sets[] = {");
    for (size_t i = 0; i < set_n; i++)
        text_fmt(&out, "%s%u,", i % 16 ? "" : "\n", sets[i]);
    text_z(&out, "\n};\n");
    if (tool_errors())
        return 1;
    tool_write(argv[1], &out);
    return 0;
}
