/* mkembed.c: puts the model, the engine's tables, the days of the notices and the assets of the
 * pages into the binary.
 *
 *   mkembed OUTDIR core.sql files.sql migrate.sql holidays.csv MODEL.yaml... -- ASSET...
 *
 * Writes OUTDIR/embed.c and embed.h. An asset is found under its file's name and takes FILE.gz and
 * FILE.br beside it when they are smaller. Hashes are FNV-1a of the content: names for caches, not
 * for trust.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

static const char header[] =
    "/* Made by tools/mkembed: files that travel in the binary. All of it is static and immutable. "
    "*/\n"
    "#ifndef STAVE_EMBED_H\n#define STAVE_EMBED_H\n\n#include \"base/base.h\"\n\n"
    "typedef struct EmbedFile {\n"
    "    Str name;         /* model: the path, \"model/base/tree.yaml\"; asset: the file, "
    "\"stave.css\" */\n"
    "    const char *mime; /* asset: Content-Type */\n"
    "    const char *hash; /* 16 hex digits of the content */\n"
    "    Str body;\n"
    "    Str gzip, brotli; /* asset: STR_NONE where not smaller */\n"
    "} EmbedFile;\n\n"
    "extern const EmbedFile embed_models[]; /* in the order of their names */\n"
    "extern const size_t embed_model_n;\n"
    "extern const EmbedFile embed_assets[];\n"
    "extern const size_t embed_asset_n;\n"
    "extern const char embed_assets_hash[17]; /* of all assets together: a folder's name for "
    "caches */\n"
    "extern const Str embed_core_sql, embed_files_sql, embed_migrate_sql, "
    "embed_holidays_csv;\n\n"
    "const EmbedFile *embed_find_asset(Str name); /* NULL: none of that name */\n\n#endif\n";

static const char finder[] =
    "const EmbedFile *embed_find_asset(Str name)\n{\n"
    "    for (size_t i = 0; i < embed_asset_n; i++)\n"
    "        if (str_eq(embed_assets[i].name, name))\n            return &embed_assets[i];\n"
    "    return NULL;\n}\n";

static const struct {
    const char *end, *mime;
} mimes[] = {
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".ico", "image/x-icon"},
    {".txt", "text/plain; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
};

static Text out, rows;
static int array_n;

static uint64_t fnv(uint64_t h, const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const uint8_t *)p)[i]) * 0x100000001b3u;
    return h;
}
static const uint64_t FNV_START = 0xcbf29ce484222325u;

static const char *mime_of(const char *path)
{
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof mimes / sizeof *mimes; i++) {
        size_t e = strlen(mimes[i].end);
        if (n > e && !strcmp(path + n - e, mimes[i].end))
            return mimes[i].mime;
    }
    tool_die("%s: no Content-Type is known for it; add one to tools/mkembed.c", path);
}

/* Adds an array to the output and returns its number. */
static int add_bytes(const Text *t)
{
    text_fmt(&out, "static const char b%d[] = {", array_n);
    for (size_t i = 0; i < t->n; i++)
        text_fmt(&out, "%s%d,", i % 32 ? "" : "\n", (signed char)t->p[i]);
    text_z(&out, t->n ? "\n};\n" : "0};\n");
    return array_n++;
}

static void add_view(const char *name, const char *path, const Text *plain)
{
    Text t = tool_read(path);
    if (t.n + 32 < plain->n)
        text_fmt(&rows, "     .%s = {b%d, %zu},\n", name, add_bytes(&t), t.n);
}

static uint64_t add_file(const char *path, const char *name, bool is_asset)
{
    Text t = tool_read(path);
    uint64_t hash = fnv(FNV_START, t.p, t.n);
    text_z(&rows, "    {.name = {");
    text_c_string(&rows, name, strlen(name));
    text_fmt(&rows, ", %zu},\n     .mime = \"%s\",\n     .hash = \"%016llx\",\n", strlen(name),
             is_asset ? mime_of(path) : "text/plain", (unsigned long long)hash);
    text_fmt(&rows, "     .body = {b%d, %zu},\n", add_bytes(&t), t.n);
    if (is_asset) {
        Text gz = {0}, br = {0};
        text_fmt(&gz, "%s.gz", path);
        text_fmt(&br, "%s.br", path);
        add_view("gzip", gz.p, &t);
        add_view("brotli", br.p, &t);
    }
    text_z(&rows, "    },\n");
    return hash;
}

static void add_table(const char *what, int n)
{
    text_fmt(&out, "const EmbedFile embed_%ss[] = {\n%s    {.hash = NULL},\n};\n", what,
             rows.n ? rows.p : "");
    text_fmt(&out, "const size_t embed_%s_n = %d;\n\n", what, n);
    rows.n = 0;
}

int main(int argc, char **argv)
{
    static const char *const texts[] = {"core_sql", "files_sql", "migrate_sql", "holidays_csv"};
    if (argc < 7)
        tool_die("usage: mkembed OUTDIR core.sql files.sql migrate.sql holidays.csv MODEL.yaml... "
                 "-- ASSET...");
    text_z(&out, "/* Made by tools/mkembed. */\n#include \"embed.h\"\n\n");
    for (int i = 0; i < 4; i++) {
        Text t = tool_read(argv[2 + i]);
        int b = add_bytes(&t);
        text_fmt(&out, "const Str embed_%s = {b%d, %zu};\n\n", texts[i], b, t.n);
    }
    int i = 6, n = 0;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++, n++)
        add_file(argv[i], argv[i], false);
    add_table("model", n);
    uint64_t all = FNV_START;
    n = 0;
    for (i++; i < argc; i++, n++) {
        const char *slash = strrchr(argv[i], '/'), *name = slash ? slash + 1 : argv[i];
        uint64_t hash = add_file(argv[i], name, true);
        all = fnv(fnv(all, name, strlen(name)), &hash, sizeof hash);
    }
    add_table("asset", n);
    text_fmt(&out, "const char embed_assets_hash[17] = \"%016llx\";\n\n%s", (unsigned long long)all,
             finder);
    Text path = {0}, head = {0};
    text_fmt(&path, "%s/embed.c", argv[1]);
    tool_write(path.p, &out);
    path.n = 0;
    text_fmt(&path, "%s/embed.h", argv[1]);
    text_z(&head, header);
    tool_write(path.p, &head);
    return 0;
}
