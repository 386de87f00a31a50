/* mksql.c: makes the table of fixed SQL statements from the rooms' .sql files.
 *
 *   mksql OUTDIR src/ROOM/ROOM.sql...
 *
 *     -- name: access_find_unit      writes: nothing
 *     -- out: id i64, kind text
 *     SELECT id, kind FROM unit WHERE code = :code;
 *     -- engine: pg
 *     ... the same for PostgreSQL, with the same parameters ...
 *
 * What several statements of a file say alike stands once, above them, and is put in where they
 * say `@name` (a part may name parts above it):
 *
 *     -- part: lasts
 *     p.starts <= :today AND (p.ends IS NULL OR p.ends >= :today)
 *
 * `:name` becomes ?1..?N in the order of first appearance, `::` (a cast) stays. Comments go, blanks
 * are folded, one statement a block. Writes OUTDIR/sql.h (enum, SQL(name), constants for the
 * parameters and columns) and sql.c. Columns come from `-- out:`, else from a plain SELECT or
 * RETURNING list; a list with `*` has none (0). Statements of ROOM_file.sql are for the store of
 * attachments; they stand last, and each store is opened with its part. Mistakes are told with file
 * and line.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

enum { PARAMS_MAX = 100, COLS_MAX = 100 };

typedef struct Block {
    const char *name, *file;
    int line;
    bool is_files;
    Text raw[2];            /* SQL as written; [1] for PostgreSQL */
    int raw_line[2];
    Text sql[2];            /* numbered and folded */
    char *param[PARAMS_MAX], *col[COLS_MAX];
    int param_n, col_n;
} Block;

typedef struct Part {
    const char *name, *file;
    Text sql;
} Part;

static Block *blocks;
static size_t block_n;
static Part *parts;
static size_t part_n;

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_same(const char *p, size_t n, const char *z)
{
    return strlen(z) == n && !strncasecmp(p, z, n);
}

static char *word_at(const char *p)
{
    size_t n = 0;
    while (is_word(p[n]))
        n++;
    return tool_copy(p, n);
}

/* "-- word: rest" gives the rest, else NULL. */
static const char *after_mark(const char *line, const char *word)
{
    line += strspn(line, " \t");
    if (strncmp(line, "--", 2) != 0)
        return NULL;
    line += 2;
    line += strspn(line, " \t");
    size_t n = strlen(word);
    if (strncmp(line, word, n) != 0 || line[n] != ':')
        return NULL;
    line += n + 1;
    return line + strspn(line, " \t");
}

static int find_param(const Block *b, const char *p, size_t n)
{
    for (int i = 0; i < b->param_n; i++)
        if (strlen(b->param[i]) == n && !memcmp(b->param[i], p, n))
            return i + 1;
    return 0;
}

/* p stands on ':'; gives the parameter's number and moves past it. */
static int take_param(Block *b, int engine, const char **p, bool used[PARAMS_MAX])
{
    const char *name = *p + 1;
    size_t n = 0;
    while (is_word(name[n]))
        n++;
    int ix = find_param(b, name, n);
    if (!ix && engine == 0) {
        if (b->param_n == PARAMS_MAX)
            tool_die("%s:%d: %s has over %d parameters", b->file, b->line, b->name, PARAMS_MAX);
        b->param[b->param_n++] = tool_copy(name, n);
        ix = b->param_n;
    }
    if (!ix)
        tool_error(b->file, b->raw_line[1], "%s: :%.*s is not a parameter of the other text",
                   b->name, (int)n, name);
    else
        used[ix - 1] = true;
    *p = name + n;
    return ix;
}

static const char *add_quoted(Text *to, const char *p)
{
    char q = *p;
    const char *end = strchr(p + 1, q);
    end = end ? end + 1 : p + strlen(p);
    text_add(to, p, (size_t)(end - p));
    return end;
}

static void add_blank(Text *to)
{
    if (to->n && to->p[to->n - 1] != ' ')
        text_z(to, " ");
}

static void number_params(Block *b, int engine)
{
    Text *to = &b->sql[engine];
    bool used[PARAMS_MAX] = {false};
    const char *p = b->raw[engine].p;
    bool is_ended = false;
    while (*p) {
        if (*p == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
        } else if (isspace((unsigned char)*p)) {
            add_blank(to);
            p++;
        } else if (*p == ';') {
            is_ended = true;
            p++;
        } else {
            if (is_ended) {
                tool_error(b->file, b->raw_line[engine],
                           "%s has text after its `;`: one statement a block", b->name);
                return;
            }
            if (*p == '\'' || *p == '"') {
                p = add_quoted(to, p);
            } else if (*p == ':' && p[1] == ':') {
                text_z(to, "::");
                p += 2;
            } else if (*p == ':' && islower((unsigned char)p[1])) {
                text_fmt(to, "?%d", take_param(b, engine, &p, used));
            } else if (*p == '?' || *p == '$') {
                tool_error(b->file, b->raw_line[engine], "%s: write parameters as :name", b->name);
                p++;
            } else {
                text_add(to, p++, 1);
            }
        }
    }
    while (to->n && to->p[to->n - 1] == ' ')
        to->p[--to->n] = 0;
    if (!to->n)
        tool_error(b->file, b->raw_line[engine], "%s is empty", b->name);
    for (int i = 0; i < b->param_n; i++)
        if (engine && !used[i])
            tool_error(b->file, b->raw_line[1], "%s: the other text's :%s is missing", b->name,
                       b->param[i]);
}

static void add_col(Block *b, char *name)
{
    if (b->col_n == COLS_MAX)
        tool_die("%s:%d: %s has over %d columns", b->file, b->line, b->name, COLS_MAX);
    b->col[b->col_n++] = name;
}

/* "id i64, kind text" */
static void read_out_mark(Block *b, const char *p)
{
    while (*p && strncmp(p, "none", 4) != 0) {
        p += strspn(p, " \t,");
        if (!*p)
            return;
        add_col(b, word_at(p));
        p += strcspn(p, ",");
    }
}

/* The last word of a column's text is its name: "u.id", "count(*) AS n"; none: "". */
static char *col_name(const char *p, const char *end)
{
    while (end > p && isspace((unsigned char)end[-1]))
        end--;
    const char *from = end;
    while (from > p && is_word(from[-1]))
        from--;
    return tool_copy(from, (size_t)(end - from));
}

static bool ends_list(const char *p)
{
    static const char *const words[] = {"FROM", "WHERE", "UNION", "ORDER", "LIMIT", "FOR"};
    size_t n = 0;
    while (is_word(p[n]))
        n++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_same(p, n, words[i]))
            return true;
    return false;
}

/* Reads the columns of a list that begins at p. */
static void read_list(Block *b, const char *p)
{
    int depth = 0;
    const char *from = p;
    for (;; p++) {
        bool is_start = p > from && !is_word(p[-1]) && is_word(*p);
        bool is_end = !*p || (depth == 0 && is_start && ends_list(p));
        if (*p == '\'' || *p == '"') {
            const char *q = strchr(p + 1, *p);
            p = q ? q : p;
        } else if (*p == '(') {
            depth++;
        } else if (*p == ')') {
            depth--;
        } else if (*p == '*' && depth == 0 && (p == from || p[-1] == ' ' || p[-1] == '.')) {
            b->col_n = 0;
            return;
        }
        if (is_end || (depth == 0 && *p == ',')) {
            add_col(b, col_name(from, p));
            from = p + 1;
        }
        if (is_end)
            return;
    }
}

static void read_columns(Block *b)
{
    const char *sql = b->sql[0].n ? b->sql[0].p : "";
    if (b->col_n)
        return;
    if (!strncasecmp(sql, "SELECT DISTINCT ", 16)) {
        read_list(b, sql + 16);
    } else if (!strncasecmp(sql, "SELECT ", 7)) {
        read_list(b, sql + 7);
    } else {
        const char *last = NULL;
        for (const char *p = sql; (p = strcasestr(p, " RETURNING ")); p++)
            last = p;
        if (last)
            read_list(b, last + 11);
    }
}

static bool has_prefix(const char *name, const char *room)
{
    size_t n = strlen(room);
    return !strncmp(name, room, n) && name[n] == '_';
}

/* ROOM_file.sql speaks to the store of attachments. */
static bool is_files_sql(const char *path)
{
    const char *end = "_file.sql";
    size_t n = strlen(path), m = strlen(end);
    return n > m && !strcmp(path + n - m, end);
}

static void begin_block(const char *path, int line_no, const char *rest)
{
    char *name = word_at(rest);
    const char *slash = strrchr(path, '/'), *dir = slash;
    while (dir && dir > path && dir[-1] != '/')
        dir--;
    char *room = dir ? tool_copy(dir, (size_t)(slash - dir)) : tool_copy("", 0);
    for (size_t i = 0; i < block_n; i++)
        if (!strcmp(blocks[i].name, name))
            tool_error(path, line_no, "%s stands at %s:%d already", name, blocks[i].file,
                       blocks[i].line);
    bool is_files = is_files_sql(path);
    if (!has_prefix(name, room) && !(is_files && has_prefix(name, "file")))
        tool_error(path, line_no, "the name `%s` does not begin with its room: %s_", name, room);
    blocks = tool_grow(blocks, (block_n + 1) * sizeof *blocks);
    blocks[block_n++] = (Block){.name = name, .file = path, .line = line_no, .is_files = is_files,
                                .raw_line = {line_no, line_no}};
}

/* ---- parts ---- */

enum { IN_PART = -1 }; /* instead of an engine */

static const Part *find_part(const char *path, const char *name)
{
    for (size_t i = 0; i < part_n; i++)
        if (parts[i].file == path && !strcmp(parts[i].name, name))
            return &parts[i];
    return NULL;
}

static void begin_part(const char *path, int line_no, const char *rest)
{
    char *name = word_at(rest);
    if (find_part(path, name))
        tool_error(path, line_no, "the part %s stands above already", name);
    parts = tool_grow(parts, (part_n + 1) * sizeof *parts);
    parts[part_n++] = (Part){.name = name, .file = path};
}

static void add_line(Text *to, const char *path, int line_no, const char *line)
{
    for (const char *p = line; *p;) {
        if (*p != '@' || !islower((unsigned char)p[1]) || (p > line && p[-1] == '@')) {
            text_add(to, p++, 1);
            continue;
        }
        char *name = word_at(p + 1);
        const Part *part = find_part(path, name);
        if (!part || !part->sql.n)
            tool_error(path, line_no, "no part %s stands above", name);
        else
            text_add(to, part->sql.p, part->sql.n);
        p += 1 + strlen(name);
    }
    text_z(to, "\n");
}

static void read_line(const char *path, int line_no, const char *line, int *engine)
{
    const char *rest;
    Block *b = block_n && blocks[block_n - 1].file == path ? &blocks[block_n - 1] : NULL;
    if ((rest = after_mark(line, "name"))) {
        begin_block(path, line_no, rest);
        *engine = 0;
    } else if ((rest = after_mark(line, "part"))) {
        begin_part(path, line_no, rest);
        *engine = IN_PART;
    } else if (*engine == IN_PART) {
        if (line[strspn(line, " \t")]) {
            Text sql = {0}; /* what it names may be itself: not there yet */
            add_line(&sql, path, line_no, line);
            text_add(&parts[part_n - 1].sql, sql.p, sql.n);
        }
    } else if ((rest = after_mark(line, "engine"))) {
        if (!b || strncmp(rest, "pg", 2) != 0 || b->raw[1].n)
            tool_error(path, line_no, "`-- engine: pg` stands once, inside a block");
        else
            b->raw_line[1] = line_no;
        *engine = 1;
    } else if (b) {
        if ((rest = strstr(line, "out:")) && !strncmp(line, "--", 2))
            read_out_mark(b, rest + 4 + strspn(rest + 4, " \t"));
        add_line(&b->raw[*engine], path, line_no, line);
    } else if (strncmp(line, "--", 2) != 0 && line[strspn(line, " \t")]) {
        tool_error(path, line_no, "text before the first `-- name:`");
    }
}

static void read_file(const char *path)
{
    Text t = tool_read(path);
    int line_no = 0, engine = 0;
    for (char *line = t.p, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = 0;
        read_line(path, ++line_no, line, &engine);
    }
}

static bool is_first(char *const *names, int ix)
{
    for (int i = 0; i < ix; i++)
        if (!strcmp(names[i], names[ix]))
            return false;
    return names[ix][0] != 0;
}

static void write_header(const char *dir)
{
    Text h = {0}, path = {0};
    text_z(
        &h,
        "/* Made by tools/mksql from the rooms' .sql files. */\n#ifndef STAVE_SQL_H\n"
        "#define STAVE_SQL_H\n\n#include \"store/store.h\"\n\n"
        "/* SQL(access_find_unit): the statement; SQL_IN(access_find_unit, code): a parameter's\n"
        " * number from 1; SQL_OUT(access_find_unit, id): a column's number from 0.\n"
        " * The main store is opened with SQL_MAIN, SQL_MAIN_N; that of attachments (*_file.sql)\n"
        " * with SQL_FILES, SQL_FILES_N. */\n"
        "#define SQL(name) (&sql_defs[SQL_##name])\n"
        "#define SQL_IN(name, param) SQL_IN_##name##_##param\n"
        "#define SQL_OUT(name, col) SQL_OUT_##name##_##col\n"
        "#define SQL_MAIN (&sql_defs[0])\n#define SQL_FILES (&sql_defs[SQL_MAIN_N])\n\nenum {\n");
    int files_n = 0;
    for (size_t i = 0; i < block_n; i++)
        text_fmt(&h, "    SQL_%s,\n", blocks[i].name), files_n += blocks[i].is_files;
    text_fmt(&h,
             "    SQL_MAX,\n    SQL_FILES_N = %d,\n    SQL_MAIN_N = SQL_MAX - SQL_FILES_N\n};\n\n",
             files_n);
    for (size_t i = 0; i < block_n; i++) {
        const Block *b = &blocks[i];
        Text c = {0};
        for (int k = 0; k < b->param_n; k++)
            text_fmt(&c, " SQL_IN_%s_%s = %d,", b->name, b->param[k], k + 1);
        for (int k = 0; k < b->col_n; k++)
            if (is_first(b->col, k))
                text_fmt(&c, " SQL_OUT_%s_%s = %d,", b->name, b->col[k], k);
        if (c.n)
            text_fmt(&h, "enum {%.*s };\n", (int)c.n - 1, c.p);
    }
    text_z(&h,
           "\nextern const SqlDef sql_defs[SQL_MAX + 1]; /* the last one is empty */\n\n#endif\n");
    text_fmt(&path, "%s/sql.h", dir);
    tool_write(path.p, &h);
}

static void write_source(const char *dir)
{
    Text c = {0}, path = {0};
    text_z(&c, "/* Made by tools/mksql. */\n#include \"sql.h\"\n\n"
               "const SqlDef sql_defs[SQL_MAX + 1] = {\n");
    for (size_t i = 0; i < block_n; i++) {
        const Block *b = &blocks[i];
        text_fmt(&c, "    /* %s:%d */\n    {.name = \"%s\",\n     .text = ", b->file, b->line,
                 b->name);
        text_c_string(&c, b->sql[0].p, b->sql[0].n);
        if (b->raw[1].n) {
            text_z(&c, ",\n     .pg = ");
            text_c_string(&c, b->sql[1].p, b->sql[1].n);
        }
        text_fmt(&c, ",\n     .param_n = %d,\n     .col_n = %d},\n", b->param_n, b->col_n);
    }
    text_z(&c, "    {.name = NULL},\n};\n");
    text_fmt(&path, "%s/sql.c", dir);
    tool_write(path.p, &c);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        tool_die("usage: mksql OUTDIR src/ROOM/ROOM.sql...");
    for (int files = 0; files < 2; files++)
        for (int i = 2; i < argc; i++)
            if (is_files_sql(argv[i]) == files)
                read_file(argv[i]);
    for (size_t i = 0; i < block_n; i++) {
        Block *b = &blocks[i];
        text_z(&b->raw[0], "");
        number_params(b, 0);
        if (b->raw[1].n)
            number_params(b, 1);
        read_columns(b);
    }
    if (tool_errors())
        return 1;
    write_header(argv[1]);
    write_source(argv[1]);
    return 0;
}
