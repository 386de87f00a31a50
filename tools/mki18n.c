/* mki18n.c: makes the sorted table of sentences (i18n_rows, base_int.h) from ui/i18n/{zh,en}.
 *
 *   mki18n OUT.c ui/i18n/LANG/ROOM.txt...
 *
 * A file's lines are `key = sentence`, `# comment` or empty; {0}..{3} stand for arguments. The
 * language is the name of the file's folder. A key without one of the languages, a key given twice,
 * or places for arguments that differ between the languages are errors, told with file and line.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { ZH, EN, LANG_N };
static const char *const lang_names[LANG_N] = {"zh", "en"};

typedef struct Entry {
    const char *key, *text[LANG_N], *file[LANG_N];
    int line[LANG_N];
} Entry;

static Entry *entries;
static size_t entry_n;

static Entry *entry_of(const char *key)
{
    for (size_t i = 0; i < entry_n; i++)
        if (!strcmp(entries[i].key, key))
            return &entries[i];
    entries = tool_grow(entries, (entry_n + 1) * sizeof *entries);
    entries[entry_n] = (Entry){.key = key};
    return &entries[entry_n++];
}

static int lang_of(const char *path)
{
    for (int l = 0; l < LANG_N; l++) {
        char part[8];
        snprintf(part, sizeof part, "/%s/", lang_names[l]);
        if (strstr(path, part))
            return l;
    }
    tool_die("%s: lies in no folder of a language (zh, en)", path);
}

static bool is_key(const char *key)
{
    if (!isalpha((unsigned char)key[0]))
        return false;
    for (const char *p = key; *p; p++)
        if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_' && *p != '.')
            return false;
    return true;
}

/* One bit per place {0}..{9}. */
static unsigned places(const char *text)
{
    unsigned bits = 0;
    for (const char *p = text; (p = strchr(p, '{')); p++)
        if (isdigit((unsigned char)p[1]) && p[2] == '}')
            bits |= 1u << (p[1] - '0');
    return bits;
}

static void read_line(const char *path, int line_no, char *line, int lang)
{
    line[strcspn(line, "\r\n")] = 0;
    line += strspn(line, " \t");
    if (!*line || *line == '#')
        return;
    char *eq = strchr(line, '=');
    if (!eq) {
        tool_error(path, line_no, "expected `key = sentence`");
        return;
    }
    char *key_end = eq, *text = eq + 1;
    while (key_end > line && isspace((unsigned char)key_end[-1]))
        key_end--;
    text += strspn(text, " \t");
    size_t text_n = strlen(text);
    while (text_n && isspace((unsigned char)text[text_n - 1]))
        text_n--;
    char *key = tool_copy(line, (size_t)(key_end - line));
    if (!is_key(key))
        tool_error(path, line_no, "`%s` is not a key: a-z, 0-9, _ and .", key);
    if (!text_n)
        tool_error(path, line_no, "%s has no sentence", key);
    Entry *e = entry_of(key);
    if (e->text[lang])
        tool_error(path, line_no, "%s stands at %s:%d already", key, e->file[lang], e->line[lang]);
    e->text[lang] = tool_copy(text, text_n);
    e->file[lang] = path;
    e->line[lang] = line_no;
}

static void read_file(const char *path)
{
    Text t = tool_read(path);
    int lang = lang_of(path), line_no = 0;
    for (char *line = t.p, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = 0;
        read_line(path, ++line_no, line, lang);
    }
}

static void check_entry(const Entry *e)
{
    for (int l = 0; l < LANG_N; l++) {
        int other = !l;
        if (!e->text[l]) {
            tool_error(e->file[other], e->line[other], "%s is missing in %s", e->key,
                       lang_names[l]);
            return;
        }
    }
    if (places(e->text[ZH]) != places(e->text[EN]))
        tool_error(e->file[EN], e->line[EN], "%s has other {n} than at %s:%d", e->key, e->file[ZH],
                   e->line[ZH]);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const Entry *)a)->key, ((const Entry *)b)->key);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        tool_die("usage: mki18n OUT.c ui/i18n/LANG/ROOM.txt...");
    for (int i = 2; i < argc; i++)
        read_file(argv[i]);
    for (size_t i = 0; i < entry_n; i++)
        check_entry(&entries[i]);
    if (tool_errors())
        return 1;
    if (entry_n)
        qsort(entries, entry_n, sizeof *entries, by_key);
    Text out = {0};
    text_z(&out, "/* Made by tools/mki18n from ui/i18n. */\n#include \"base/base_int.h\"\n\n"
                 "const struct I18nRow i18n_rows[] = {\n");
    for (size_t i = 0; i < entry_n; i++) {
        text_z(&out, "    {");
        text_c_string(&out, entries[i].key, strlen(entries[i].key));
        text_z(&out, ", {");
        text_c_string(&out, entries[i].text[ZH], strlen(entries[i].text[ZH]));
        text_z(&out, ", ");
        text_c_string(&out, entries[i].text[EN], strlen(entries[i].text[EN]));
        text_z(&out, "}},\n");
    }
    text_fmt(&out, "    {\"\", {\"\", \"\"}}, /* not counted: an array must not be empty */\n};\n"
                   "const size_t i18n_row_n = %zu;\n", entry_n);
    tool_write(argv[1], &out);
    return 0;
}
