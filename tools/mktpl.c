/* mktpl.c: compiles the templates of the pages to C.
 *
 *   mktpl OUTDIR ui/tpl/NAME.tpl...
 *
 * Writes OUTDIR/tpl.c and tpl.h. Beside ui/tpl it reads ui/views.txt (what each template is given)
 * and ui/i18n/{zh,en}/ui.txt (its sentences). Every mistake is told with file and line.
 *
 * A template is HTML with
 *   {{name}}                            the value, escaped for the place where it stands
 *   {{{name}}}                          as it is, of type html alone
 *   {{#if name}} {{else}} {{/if}}       is there: true, not empty, not 0
 *   {{#each name}} {{/each}}            for each of a list; its names first, then the outer ones
 *   {{#with name}} {{/with}}            into an object, if there is one
 *   {{t key name...}}                   a sentence of ui.txt (key without "ui."), its {0}.. filled
 *   {{>part}}                           another file, as if it stood here
 *   {{icons}}                           the symbols of icons.tpl which this page uses
 *   {{! remark }}
 * A line break and the blanks around it vanish; inside a tag they are one blank. Nothing may stand
 * in <script>, <style>, on..., style=, nor outside quotes. An address (href, src, action) is one
 * name of type url, or begins with / # ? and holds names as parts of it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { LANG_N = 2, DEPTH_MAX = 16, NAME_BYTES = 48, ARGS_MAX = 4 };
static const char *const lang_names[LANG_N] = {"zh", "en"};

/* ---- names: views.txt ---------------------------------------------------------------------- */

typedef enum Kind { K_TEXT, K_URL, K_HTML, K_INT, K_BOOL, K_LIST, K_OBJECT, K_MAX } Kind;
static const char *const kind_enums[K_MAX] = {"TextKey", "UrlKey",  "HtmlKey",  "IntKey",
                                              "BoolKey", "ListKey", "ObjectKey"};

typedef struct Name {
    char text[NAME_BYTES], shape[NAME_BYTES]; /* shape: of a list or object */
    Kind kind;
    int line;
    bool is_used;
} Name;

typedef struct Shape {
    char text[NAME_BYTES];
    Name **names;
    size_t name_n;
    int line;
    bool is_template;
} Shape;

static const char *views_path;
static Name **names; /* all, each once */
static size_t name_n;
static Shape **shapes;
static size_t shape_n;

static Name *name_find(const char *text)
{
    for (size_t i = 0; i < name_n; i++)
        if (!strcmp(names[i]->text, text))
            return names[i];
    return NULL;
}

static Shape *shape_find(const char *text, bool is_template)
{
    for (size_t i = 0; i < shape_n; i++)
        if (shapes[i]->is_template == is_template && !strcmp(shapes[i]->text, text))
            return shapes[i];
    return NULL;
}

static Name *shape_name(const Shape *s, const char *text)
{
    for (size_t i = 0; i < s->name_n; i++)
        if (!strcmp(s->names[i]->text, text))
            return s->names[i];
    return NULL;
}

static void shape_add(Shape *s, Name *n)
{
    s->names = tool_grow(s->names, (s->name_n + 1) * sizeof(Name *));
    s->names[s->name_n++] = n;
}

static bool kind_parse(const char *word, Kind *ret_kind, char *ret_shape)
{
    static const char *const plain[] = {"text", "url", "html", "int", "bool"};
    ret_shape[0] = '\0';
    for (int k = 0; k < 5; k++)
        if (!strcmp(word, plain[k])) {
            *ret_kind = (Kind)k;
            return true;
        }
    size_t n = strlen(word);
    bool is_list = n > 2 && word[0] == '[' && word[n - 1] == ']';
    bool is_object = n > 2 && word[0] == '{' && word[n - 1] == '}';
    if (!is_list && !is_object)
        return false;
    memcpy(ret_shape, word + 1, n - 2);
    ret_shape[n - 2] = '\0';
    *ret_kind = is_list ? K_LIST : K_OBJECT;
    return true;
}

static bool is_name(const char *p)
{
    if (!islower((unsigned char)*p))
        return false;
    for (; *p; p++)
        if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
            return false;
    return true;
}

static void views_name(Shape *s, const char *word, const char *kind_word, int line)
{
    Kind kind;
    char shape[NAME_BYTES];
    if (!is_name(word)) {
        tool_error(views_path, line, "'%s' is no name: small letters, digits, _", word);
        return;
    }
    if (!kind_parse(kind_word, &kind, shape)) {
        tool_error(views_path, line, "'%s' is no type: text url html int bool [shape] {shape}",
                   kind_word);
        return;
    }
    Name *n = name_find(word);
    if (n && (n->kind != kind || strcmp(n->shape, shape))) {
        tool_error(views_path, line, "'%s' has another type on line %d", word, n->line);
        return;
    }
    if (!n) {
        n = tool_alloc(sizeof *n);
        strcpy(n->text, word);
        strcpy(n->shape, shape);
        n->kind = kind;
        n->line = line;
        names = tool_grow(names, (name_n + 1) * sizeof(Name *));
        names[name_n++] = n;
    }
    if (shape_name(s, word))
        tool_error(views_path, line, "'%s' is here twice", word);
    else
        shape_add(s, n);
}

static Shape *views_shape(bool is_template, const char *word, const char *base, int line)
{
    if (shape_find(word, is_template))
        tool_error(views_path, line, "'%s' is declared twice", word);
    Shape *s = tool_alloc(sizeof *s);
    strcpy(s->text, word);
    s->is_template = is_template;
    s->line = line;
    shapes = tool_grow(shapes, (shape_n + 1) * sizeof(Shape *));
    shapes[shape_n++] = s;
    const Shape *b = base[0] ? shape_find(base, false) : NULL;
    if (base[0] && !b)
        tool_error(views_path, line, "no shape '%s' above", base);
    for (size_t i = 0; b && i < b->name_n; i++)
        shape_add(s, b->names[i]);
    return s;
}

static void views_read(void)
{
    Text t = tool_read(views_path);
    Shape *s = NULL;
    int line = 0;
    for (char *p = t.p; p && *p;) {
        char *end = strchr(p, '\n');
        if (end)
            *end = '\0';
        line++;
        char a[NAME_BYTES] = "", b[NAME_BYTES] = "", c[NAME_BYTES] = "", d[NAME_BYTES] = "";
        if (*p != '#' && sscanf(p, "%47s %47s %47s %47s", a, b, c, d) > 0) {
            if (!strcmp(a, "shape") || !strcmp(a, "template"))
                s = views_shape(a[0] == 't', b, strcmp(c, ":") ? "" : d, line);
            else if (!s)
                tool_error(views_path, line, "expected 'shape NAME' or 'template NAME' first");
            else
                views_name(s, a, b, line);
        }
        p = end ? end + 1 : NULL;
    }
    for (size_t i = 0; i < name_n; i++)
        if (names[i]->shape[0] && !shape_find(names[i]->shape, false))
            tool_error(views_path, names[i]->line, "no shape '%s'", names[i]->shape);
}

/* ---- sentences: ui.txt ---------------------------------------------------------------------- */

typedef struct Say {
    char *key, *text[LANG_N];
    int line[LANG_N];
    bool is_used;
} Say;
static Say *says;
static size_t say_n;
static char *say_paths[LANG_N];

static Say *say_find(const char *key)
{
    for (size_t i = 0; i < say_n; i++)
        if (!strcmp(says[i].key, key))
            return &says[i];
    return NULL;
}

static void says_read(int lang)
{
    Text t = tool_read(say_paths[lang]);
    int line = 0;
    for (char *p = t.p; p && *p;) {
        char *end = strchr(p, '\n');
        if (end)
            *end = '\0';
        line++;
        char *eq = strstr(p, " = ");
        if (*p != '#' && eq) {
            *eq = '\0';
            Say *s = say_find(p);
            if (!s) {
                says = tool_grow(says, (say_n + 1) * sizeof(Say));
                s = &says[say_n++];
                *s = (Say){.key = tool_copy(p, strlen(p))};
            }
            s->text[lang] = tool_copy(eq + 3, strlen(eq + 3));
            s->line[lang] = line;
        }
        p = end ? end + 1 : NULL;
    }
}

/* ---- the tree of one page ------------------------------------------------------------------- */

typedef enum Ctx { C_DATA, C_TAG, C_VALUE, C_RAW } Ctx; /* C_RAW: script and style */
typedef enum Lead { L_NONE, L_PATH, L_URL } Lead;       /* what an address begins with */
typedef struct Where {
    Ctx ctx;
    Lead lead;
    char tag[16], attr[24];
    bool is_url, is_closing;
} Where;

typedef enum Op { OP_TEXT, OP_PUT, OP_SAY, OP_IF, OP_EACH, OP_ICONS } Op;
typedef struct Node Node;
struct Node {
    Op op;
    const char *file;
    int line;
    Text text;
    const Name *name;
    int depth;      /* whose View holds it */
    const char *fn; /* OP_PUT: view_put_... */
    const Say *say;
    const Name *args[ARGS_MAX];
    int arg_depth[ARGS_MAX], arg_n;
    bool in_value;
    Node *body, *other, *next;
};

typedef struct Src {
    const char *file;
    char *p;
    int line;
} Src;

static char **tpl_paths;
static size_t tpl_n;
static bool *tpl_used;
static const Shape *scopes[DEPTH_MAX];
static int scope_n;
static Where where;
static int include_n;

static const char *stem(const char *path, size_t *ret_n)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash ? slash + 1 : path;
    const char *dot = strrchr(from, '.');
    *ret_n = dot ? (size_t)(dot - from) : strlen(from);
    return from;
}

static int tpl_find(const char *name)
{
    for (size_t i = 0; i < tpl_n; i++) {
        size_t n;
        const char *s = stem(tpl_paths[i], &n);
        if (n == strlen(name) && !memcmp(s, name, n))
            return (int)i;
    }
    return -1;
}

static Name *scope_find(const Src *src, const char *text, int *ret_depth)
{
    for (int d = scope_n - 1; d >= 0; d--) {
        Name *n = shape_name(scopes[d], text);
        if (n) {
            *ret_depth = d;
            n->is_used = true;
            return n;
        }
    }
    tool_error(src->file, src->line, "'%s' is not declared for '%s' in %s", text,
               scopes[scope_n - 1]->text, views_path);
    return NULL;
}

static bool is_one_of(const char *word, const char *list)
{
    size_t n = strlen(word);
    for (const char *p = n ? strstr(list, word) : NULL; p; p = strstr(p + 1, word))
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
            return true;
    return false;
}

/* ---- HTML's places ----------------------------------------------------------------------------
 */

static void see_attr_start(const Src *src)
{
    where.ctx = C_VALUE;
    where.lead = L_NONE;
    where.is_url = is_one_of(where.attr, "href src action formaction poster cite data");
    if (!strncmp(where.attr, "on", 2) || is_one_of(where.attr, "style srcdoc srcset"))
        tool_error(src->file, src->line, "attribute '%s' is not allowed", where.attr);
}

/* A word inside a tag: the tag's name or an attribute's. */
static size_t see_word(const char *p, char *to, size_t cap)
{
    size_t n = 0;
    while (isalnum((unsigned char)p[n]) || p[n] == '-' || p[n] == ':')
        n++;
    size_t keep = n < cap ? n : cap - 1;
    memcpy(to, p, keep);
    to[keep] = '\0';
    return n;
}

static size_t see_tag(const Src *src, const char *p)
{
    if (isalpha((unsigned char)*p)) {
        size_t n = see_word(p, where.attr, sizeof where.attr);
        if (p[n] == '=' && p[n + 1] != '"')
            tool_error(src->file, src->line, "value of '%s' has no \"", where.attr);
        if (p[n] == '=' && p[n + 1] == '"') {
            see_attr_start(src);
            return n + 2;
        }
        return n ? n : 1;
    }
    if (*p == '>') {
        bool is_raw = !where.is_closing && is_one_of(where.tag, "script style");
        where.ctx = is_raw ? C_RAW : C_DATA;
    }
    return 1;
}

/* Follows static text: which place stands after it. */
static void see_text(const Src *src, const char *p, size_t n)
{
    const char *end = p + n;
    while (p < end) {
        size_t step = 1;
        if (where.ctx == C_TAG) {
            step = see_tag(src, p);
        } else if (where.ctx == C_VALUE) {
            if (*p == '"')
                where.ctx = C_TAG;
            else if (where.lead == L_NONE)
                where.lead = strchr("/#?", *p) ? L_PATH : L_URL;
        } else if (*p == '<' && (where.ctx == C_DATA || !strncmp(p, "</s", 3))) {
            where.is_closing = p[1] == '/';
            const char *word = p + 1 + where.is_closing;
            step = (size_t)(word - p) + see_word(word, where.tag, sizeof where.tag);
            where.ctx = C_TAG;
            if (*word == '!' && strncmp(word, "!doctype", 8))
                tool_error(src->file, src->line, "remarks are written {{! }}");
        }
        p += step;
    }
}

static const char *put_fn(const Src *src, const Name *n)
{
    if (n->kind > K_INT) {
        tool_error(src->file, src->line, "'%s' is no text: #if, #each or #with", n->text);
    } else if (n->kind == K_HTML) {
        tool_error(src->file, src->line, "'%s' is html: {{{%s}}}", n->text, n->text);
    } else if (where.ctx == C_TAG || where.ctx == C_RAW) {
        tool_error(src->file, src->line, "nothing can be put here: %s",
                   where.ctx == C_TAG ? "in a tag outside quotes" : "in a script or style");
    } else if (where.ctx == C_VALUE && where.is_url) {
        if (n->kind == K_URL && where.lead == L_NONE)
            where.lead = L_URL;
        else if (n->kind == K_URL || where.lead != L_PATH)
            tool_error(src->file, src->line, "an address is a url, or begins with / # or ?");
        return n->kind == K_URL   ? "view_put_text"
               : n->kind == K_INT ? "view_put_int"
                                  : "view_put_part";
    } else if (n->kind == K_INT) {
        return where.ctx == C_VALUE ? "view_put_int" : "view_put_count";
    }
    return "view_put_text";
}

/* ---- reading a template -----------------------------------------------------------------------
 */

static Node *parse_block(Src *src, const char *until, char *ret_word);

static Node *node_new(const Src *src, Op op)
{
    Node *n = tool_alloc(sizeof *n);
    n->op = op;
    n->file = src->file;
    n->line = src->line;
    return n;
}

/* Static text up to the next {{, its line breaks taken out. */
static Node *parse_text(Src *src)
{
    Node *node = node_new(src, OP_TEXT);
    while (*src->p && strncmp(src->p, "{{", 2)) {
        if (*src->p != '\n') {
            see_text(src, src->p, 1 + strcspn(src->p + 1, "\n{"));
            size_t n = 1 + strcspn(src->p + 1, "\n{");
            text_add(&node->text, src->p, n);
            src->p += n;
            continue;
        }
        while (node->text.n && strchr(" \t", node->text.p[node->text.n - 1]))
            node->text.n--;
        while (*src->p && strchr(" \t\r\n", *src->p))
            src->line += *src->p++ == '\n';
        if (where.ctx == C_TAG && *src->p != '>')
            text_add(&node->text, " ", 1);
    }
    return node;
}

static bool where_eq(const Where *a, const Where *b)
{
    if (a->ctx != b->ctx || a->ctx != C_VALUE)
        return a->ctx == b->ctx;
    return a->is_url == b->is_url && (!a->is_url || a->lead == b->lead);
}

static Node *parse_if(Src *src, const char *word)
{
    Node *node = node_new(src, OP_IF);
    node->name = scope_find(src, word, &node->depth);
    Where before = where;
    char end[NAME_BYTES];
    node->body = parse_block(src, "/if", end);
    Where after = where;
    where = before;
    if (!strcmp(end, "else"))
        node->other = parse_block(src, "/if", end);
    if (!where_eq(&where, &after) || strcmp(end, "/if"))
        tool_error(node->file, node->line, "the two ways of this #if end in different places");
    return node;
}

static Node *parse_each(Src *src, const char *word, Kind want)
{
    Node *node = node_new(src, OP_EACH);
    node->name = scope_find(src, word, &node->depth);
    const Shape *s = node->name ? shape_find(node->name->shape, false) : NULL;
    if (node->name && node->name->kind != want)
        tool_error(src->file, src->line, "'%s' is no %s", word, want == K_LIST ? "list" : "object");
    if (!s || scope_n == DEPTH_MAX)
        tool_die("%s:%d: error: cannot go into '%s'", src->file, src->line, word);
    scopes[scope_n++] = s;
    Where before = where;
    char end[NAME_BYTES];
    node->body = parse_block(src, want == K_LIST ? "/each" : "/with", end);
    if (!where_eq(&before, &where) || !strcmp(end, "else"))
        tool_error(node->file, node->line, "this block does not end where it began");
    scope_n--;
    return node;
}

static void say_check(const Src *src, const Say *s, int arg_n)
{
    for (int l = 0; l < LANG_N; l++) {
        if (!s->text[l]) {
            tool_error(src->file, src->line, "'%s' has no sentence in %s", s->key, say_paths[l]);
            continue;
        }
        for (const char *p = strchr(s->text[l], '{'); p; p = strchr(p + 1, '{'))
            if (isdigit((unsigned char)p[1]) && p[1] - '0' >= arg_n)
                tool_error(src->file, src->line, "'%s' wants more than %d names", s->key, arg_n);
    }
}

static Node *parse_say(Src *src, char *tag)
{
    Node *node = node_new(src, OP_SAY);
    char key[NAME_BYTES + 4] = "ui.";
    char *word = strtok(tag, " ");
    snprintf(key + 3, NAME_BYTES, "%s", word ? word : "");
    Say *s = say_find(key);
    if (!s)
        tool_error(src->file, src->line, "no sentence '%s' in %s", key, say_paths[0]);
    while ((word = strtok(NULL, " ")) && node->arg_n < ARGS_MAX) {
        const Name *n = scope_find(src, word, &node->arg_depth[node->arg_n]);
        if (n && n->kind != K_TEXT && n->kind != K_INT)
            tool_error(src->file, src->line, "'%s' is neither text nor int", word);
        node->args[node->arg_n++] = n;
    }
    if (where.ctx == C_TAG || where.ctx == C_RAW || (where.ctx == C_VALUE && where.is_url))
        tool_error(src->file, src->line, "no sentence can stand here");
    node->in_value = where.ctx == C_VALUE;
    if (s) {
        s->is_used = true;
        say_check(src, s, node->arg_n);
    }
    node->say = s;
    return node;
}

static Node *parse_part(Src *src, const char *name)
{
    int ix = tpl_find(name);
    if (ix < 0 || include_n >= 8)
        tool_die("%s:%d: error: cannot take in '%s'", src->file, src->line, name);
    tpl_used[ix] = true;
    Text t = tool_read(tpl_paths[ix]);
    Src part = {tpl_paths[ix], t.p ? t.p : tool_copy("", 0), 1};
    char end[NAME_BYTES];
    include_n++;
    Node *first = parse_block(&part, "", end);
    include_n--;
    return first;
}

static Node *parse_put(Src *src, const char *word, bool is_html)
{
    Node *node = node_new(src, OP_PUT);
    node->name = scope_find(src, word, &node->depth);
    if (!node->name)
        return node;
    if (!is_html) {
        node->fn = put_fn(src, node->name);
    } else {
        node->fn = "view_put_html";
        if (node->name->kind != K_HTML || where.ctx != C_DATA)
            tool_error(src->file, src->line, "{{{ }}} is for html, between tags");
    }
    return node;
}

static char *parse_tag(Src *src, bool *ret_html)
{
    *ret_html = !strncmp(src->p, "{{{", 3);
    const char *close = *ret_html ? "}}}" : "}}";
    char *from = src->p + strlen(close);
    char *to = strstr(from, close);
    if (!to)
        tool_die("%s:%d: error: {{ is never closed", src->file, src->line);
    for (char *q = from; q < to; q++)
        src->line += *q == '\n';
    src->p = to + strlen(close);
    while (from < to && isspace((unsigned char)*from))
        from++;
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return tool_copy(from, (size_t)(to - from));
}

static Node *parse_node(Src *src, char *tag, bool is_html)
{
    if (!strncmp(tag, "#if ", 4))
        return parse_if(src, tag + 4);
    if (!strncmp(tag, "#each ", 6))
        return parse_each(src, tag + 6, K_LIST);
    if (!strncmp(tag, "#with ", 6))
        return parse_each(src, tag + 6, K_OBJECT);
    if (!strncmp(tag, "t ", 2))
        return parse_say(src, tag + 2);
    if (tag[0] == '>')
        return parse_part(src, tag + 1);
    if (!strcmp(tag, "icons"))
        return node_new(src, OP_ICONS);
    if (!is_name(tag))
        tool_error(src->file, src->line, "'{{%s}}' is nothing known", tag);
    return parse_put(src, tag, is_html);
}

/* Up to {{until}} or {{else}}; `until` "" is the end of the file. */
static Node *parse_block(Src *src, const char *until, char *ret_word)
{
    Node *first = NULL, **tail = &first;
    ret_word[0] = '\0';
    while (*src->p) {
        Node *node;
        if (strncmp(src->p, "{{", 2)) {
            node = parse_text(src);
        } else {
            bool is_html;
            char *tag = parse_tag(src, &is_html);
            if (tag[0] == '!')
                continue;
            if (tag[0] == '/' || !strcmp(tag, "else")) {
                if (!*until || (tag[0] == '/' && strcmp(tag, until)))
                    tool_die("%s:%d: error: {{%s}} closes nothing", src->file, src->line, tag);
                snprintf(ret_word, NAME_BYTES, "%s", tag);
                return first;
            }
            node = parse_node(src, tag, is_html);
        }
        *tail = node;
        while (*tail)
            tail = &(*tail)->next;
    }
    if (*until)
        tool_die("%s:%d: error: {{%s}} is missing", src->file, src->line, until);
    return first;
}

/* ---- symbols ----------------------------------------------------------------------------------
 */

static void icons_used(const Node *n, Text *used)
{
    for (; n; n = n->next) {
        for (const char *p = n->text.p; p && (p = strstr(p, "href=\"#")) != NULL; p += 7)
            if (!strncmp(p + 7, "i-", 2) || !strncmp(p + 7, "s-", 2)) {
                size_t len = strcspn(p + 7, "\"");
                text_z(used, " ");
                text_add(used, p + 7, len);
                text_z(used, p[7 + len] ? " " : "* "); /* "s-" before a name: all of them */
            }
        icons_used(n->body, used);
        icons_used(n->other, used);
    }
}

static Text icons_text(const char *used)
{
    Text out = {0};
    int ix = tpl_find("icons");
    if (ix < 0)
        tool_die("icons.tpl is missing");
    tpl_used[ix] = true;
    Text all = tool_read(tpl_paths[ix]);
    for (char *p = all.p; p && (p = strstr(p, "<symbol id=\"")) != NULL;) {
        char *end = strstr(p, "</symbol>");
        char word[NAME_BYTES];
        snprintf(word, sizeof word, " %.*s ", (int)strcspn(p + 12, "\""), p + 12);
        bool is_state = !strncmp(word, " s-", 3) && strstr(used, " s-* ");
        if (!end)
            break;
        if (is_state || strstr(used, word))
            text_add(&out, p, (size_t)(end - p) + 9);
        p = end;
    }
    return out;
}

static void icons_fill(Node *n, const char *used)
{
    for (; n; n = n->next) {
        if (n->op == OP_ICONS) {
            n->op = OP_TEXT;
            n->text = icons_text(used);
        }
        icons_fill(n->body, used);
        icons_fill(n->other, used);
    }
}

/* ---- writing C --------------------------------------------------------------------------------
 */

static Text c;

static void c_static(const char *p, size_t n)
{
    text_z(&c, "buf_mem(b, ");
    text_c_string(&c, p, n);
    text_fmt(&c, ", %zu);", n);
}

static void escape(Text *to, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *e = p[i] == '&'   ? "&amp;"
                        : p[i] == '<' ? "&lt;"
                        : p[i] == '>' ? "&gt;"
                        : p[i] == '"' ? "&quot;"
                                      : NULL;
        if (e)
            text_z(to, e);
        else
            text_add(to, p + i, 1);
    }
}

static void c_sentence(const Node *n, const char *p)
{
    Text piece = {0};
    while (*p) {
        if (*p == '{' && isdigit((unsigned char)p[1]) && p[2] == '}') {
            int a = p[1] - '0';
            if (piece.n)
                c_static(piece.p, piece.n);
            piece.n = 0;
            bool is_int = n->args[a]->kind == K_INT;
            text_fmt(&c, " %s(b, v%d, V_%s); ",
                     !is_int       ? "view_put_text"
                     : n->in_value ? "view_put_int"
                                   : "view_put_count",
                     n->arg_depth[a], n->args[a]->text);
            p += 3;
            continue;
        }
        size_t len = 1 + strcspn(p + 1, "{");
        escape(&piece, p, len);
        p += len;
    }
    if (piece.n)
        c_static(piece.p, piece.n);
}

static void c_nodes(const Node *n, int depth)
{
    for (; n; n = n->next) {
        if (n->op == OP_TEXT && !n->text.n)
            continue;
        text_fmt(&c, "#line %d \"%s\"\n", n->line, n->file);
        if (n->op == OP_TEXT) {
            c_static(n->text.p, n->text.n);
        } else if (n->op == OP_PUT) {
            text_fmt(&c, "%s(b, v%d, V_%s);", n->fn, n->depth, n->name->text);
        } else if (n->op == OP_SAY) {
            text_z(&c, "if (l == LANG_EN) { ");
            c_sentence(n, n->say->text[1]);
            text_z(&c, " } else { ");
            c_sentence(n, n->say->text[0]);
            text_z(&c, " }");
        } else if (n->op == OP_IF) {
            text_fmt(&c, "if (view_is(v%d, V_%s)) {\n", n->depth, n->name->text);
            c_nodes(n->body, depth);
            if (n->other) {
                text_z(&c, "} else {\n");
                c_nodes(n->other, depth);
            }
            text_z(&c, "}");
        } else {
            text_fmt(&c,
                     "for (const View *v%d = view_first(v%d, V_%s); v%d; v%d = view_next(v%d)) {\n",
                     depth + 1, n->depth, n->name->text, depth + 1, depth + 1, depth + 1);
            c_nodes(n->body, depth + 1);
            text_z(&c, "}");
        }
        text_z(&c, "\n");
    }
}

static void c_template(const Shape *s)
{
    int ix = tpl_find(s->text);
    if (ix < 0) {
        tool_error(views_path, s->line, "there is no template '%s'", s->text);
        return;
    }
    scopes[0] = s;
    scope_n = 1;
    where = (Where){.ctx = C_DATA};
    Src at = {tpl_paths[ix], NULL, 1};
    Node *root = parse_part(&at, s->text);
    if (where.ctx != C_DATA)
        tool_error(tpl_paths[ix], 1, "this page ends inside a tag");
    if (tool_errors())
        return; /* the tree may have holes */
    Text used = {0};
    text_z(&used, "");
    icons_used(root, &used);
    icons_fill(root, used.p ? used.p : "");
    text_fmt(&c, "\nstatic void tpl_%s(const View *v0, Lang l, Buf *b)\n{\n(void)l;\n", s->text);
    c_nodes(root, 0);
    text_z(&c, "}\n");
}

static Text header_text(void)
{
    Text h = {0};
    text_z(&h, "/* Made by tools/mktpl from ui/views.txt: the names pages are made of. */\n"
               "#ifndef STAVE_TPL_H\n#define STAVE_TPL_H\n");
    int number = 1;
    for (int k = 0; k < K_MAX; k++) {
        text_fmt(&h, "\ntypedef enum %s {\n", kind_enums[k]);
        for (size_t i = 0; i < name_n; i++)
            if ((int)names[i]->kind == k)
                text_fmt(&h, "    V_%s = %d,\n", names[i]->text, number++);
        text_fmt(&h, "    %s_MAX = %d\n} %s;\n", kind_enums[k], number, kind_enums[k]);
    }
    text_z(&h, "\ntypedef enum TplId {\n");
    for (size_t i = 0; i < shape_n; i++)
        if (shapes[i]->is_template) {
            text_z(&h, "    TPL_");
            for (const char *p = shapes[i]->text; *p; p++) {
                char up = (char)toupper((unsigned char)*p);
                text_add(&h, &up, 1);
            }
            text_z(&h, ",\n");
        }
    text_z(&h, "    TPL_MAX\n} TplId;\n\n#endif\n");
    return h;
}

static void c_table(void)
{
    text_z(&c, "\n#line 1 \"tpl.c\"\nstatic const struct {\n    Str name;\n"
               "    void (*run)(const View *v, Lang l, Buf *b);\n} tpls[TPL_MAX] = {\n");
    for (size_t i = 0; i < shape_n; i++)
        if (shapes[i]->is_template)
            text_fmt(&c, "    {{\"%s\", %zu}, tpl_%s},\n", shapes[i]->text, strlen(shapes[i]->text),
                     shapes[i]->text);
    text_z(&c, "};\n\nint tpl_render(TplId tpl, const View *v, Lang lang, Buf *out)\n{\n"
               "    CHECK(tpl < TPL_MAX && v && out);\n    tpls[tpl].run(v, lang, out);\n"
               "    return 0;\n}\n\nStr tpl_name(TplId tpl)\n{\n    CHECK(tpl < TPL_MAX);\n"
               "    return tpls[tpl].name;\n}\n");
}

/* What nobody uses is a mistake somewhere else. */
static void check_unused(void)
{
    for (size_t i = 0; i < name_n; i++)
        if (!names[i]->is_used)
            tool_error(views_path, names[i]->line, "no template shows '%s'", names[i]->text);
    for (size_t i = 0; i < say_n; i++)
        if (!says[i].is_used)
            tool_error(say_paths[0], says[i].line[0], "no template says '%s'", says[i].key);
    for (size_t i = 0; i < tpl_n; i++)
        if (!tpl_used[i])
            tool_error(tpl_paths[i], 1, "this template is neither declared nor taken in");
}

int main(int argc, char **argv)
{
    if (argc < 3)
        tool_die("usage: mktpl OUTDIR ui/tpl/NAME.tpl...");
    tpl_paths = argv + 2;
    tpl_n = (size_t)(argc - 2);
    tpl_used = tool_alloc(tpl_n * sizeof *tpl_used);
    const char *slash = strrchr(tpl_paths[0], '/');
    size_t dir_n = slash ? (size_t)(slash - tpl_paths[0]) : 0;
    char path[4096];
    snprintf(path, sizeof path, "%.*s/../views.txt", (int)dir_n, tpl_paths[0]);
    if (dir_n >= 4 && !memcmp(tpl_paths[0] + dir_n - 4, "/tpl", 4))
        snprintf(path, sizeof path, "%.*s/views.txt", (int)dir_n - 4, tpl_paths[0]);
    views_path = tool_copy(path, strlen(path));
    views_read();
    for (int l = 0; l < LANG_N; l++) {
        snprintf(path, sizeof path, "%.*s/i18n/%s/ui.txt", (int)(strlen(views_path) - 10),
                 views_path, lang_names[l]);
        say_paths[l] = tool_copy(path, strlen(path));
        says_read(l);
    }
    text_z(&c, "/* Made by tools/mktpl from ui/tpl. */\n#include \"web/view.h\"\n");
    for (size_t i = 0; i < shape_n && !tool_errors(); i++)
        if (shapes[i]->is_template)
            c_template(shapes[i]);
    if (!tool_errors())
        check_unused();
    c_table();
    if (tool_errors())
        return 1;
    Text h = header_text();
    snprintf(path, sizeof path, "%s/tpl.c", argv[1]);
    tool_write(path, &c);
    snprintf(path, sizeof path, "%s/tpl.h", argv[1]);
    tool_write(path, &h);
    return 0;
}
