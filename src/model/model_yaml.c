/* model_yaml.c: text of a model file to nodes, over libyaml's events. Anchors, aliases, tags,
 * directives and second documents are refused; so are files too long, too deep or of too many
 * nodes. After a mistake of syntax a file cannot be read on; the other refusals are told together.
 * STACK: 5 */
#include "model/model_int.h"

#include <yaml.h>

typedef struct Build {
    Reader *r;
    Node *stack[LIMIT_MODEL_DEPTH + 1];         /* open lists and maps; [0] holds the root */
    const Node *pending[LIMIT_MODEL_DEPTH + 1]; /* a map's key waiting for its value */
    int depth;
    size_t node_n;
    bool is_bad;
} Build;

static int place_of(size_t v)
{
    return (int)(v < INT32_MAX - 1 ? v + 1 : INT32_MAX);
}

static void fault_mark(Build *b, yaml_mark_t mark, const char *key, Str arg)
{
    fault_place(b->r, place_of(mark.line), place_of(mark.column), STR_NONE, key,
                (Str[]){arg, STR_NONE});
}

/* Line and column of a byte, for what is found before libyaml counts. */
static void fault_byte(Reader *r, Str text, size_t at, const char *key)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text.p[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    fault_place(r, line, column, STR_NONE, key, (Str[]){STR_NONE});
}

/* The first byte that is no UTF-8, or a control character; text.n when all is well. */
static size_t first_bad_byte(Str text, bool *ret_is_control)
{
    Str rest = text;
    while (rest.n > 0) {
        size_t at = text.n - rest.n;
        unsigned char c = (unsigned char)rest.p[0];
        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') {
            *ret_is_control = true;
            return at;
        }
        if (c < 0x80) {
            rest = str_sub(rest, 1, rest.n);
            continue;
        }
        Str before = rest;
        uint32_t cp = utf8_next(&rest);
        if (!utf8_valid(str_sub(before, 0, before.n - rest.n)) || cp == 0xFFFE || cp == 0xFFFF) {
            *ret_is_control = false;
            return at;
        }
    }
    return text.n;
}

static const char *syntax_key(const yaml_parser_t *p)
{
    static const struct {
        const char *problem, *key;
    } known[] = {
        {"found character that cannot start any token", "model.syntax_character"},
        {"found a tab character", "model.syntax_character"},
        {"did not find expected ',' or '}'", "model.syntax_bracket"},
        {"did not find expected ',' or ']'", "model.syntax_bracket"},
        {"did not find expected node content", "model.syntax_bracket"},
        {"could not find expected ':'", "model.syntax_colon"},
        {"mapping values are not allowed in this context", "model.syntax_mapping"},
        {"found unexpected end of stream", "model.syntax_quote"},
        {"did not find expected key", "model.syntax_indent"},
        {"did not find expected '-' indicator", "model.syntax_indent"},
        {"found unexpected document indicator", "model.syntax_quote"},
    };
    const char *said = p->problem ? p->problem : "";
    for (size_t i = 0; i < LEN(known); i++)
        if (strncmp(said, known[i].problem, strlen(known[i].problem)) == 0)
            return known[i].key;
    return "model.syntax";
}

/* What is found missing at the very end began where its quote or bracket stands. */
static void fault_syntax(Build *b, const yaml_parser_t *p, Str text)
{
    const char *key = syntax_key(p);
    bool is_end = p->problem_mark.index >= utf8_count(text);
    yaml_mark_t mark = is_end && p->context ? p->context_mark : p->problem_mark;
    Str why = str_of(p->problem ? p->problem : "");
    if (is_end && b->depth > 0 && strcmp(key, "model.syntax_bracket") == 0)
        fault(b->r, b->stack[b->depth], STR_NONE, key, why);
    else
        fault_mark(b, mark, key, why);
}

/* Puts a node where it belongs; false when the file has too many. */
static bool put(Build *b, Node *n)
{
    if (++b->node_n > LIMIT_MODEL_NODES) {
        b->is_bad = true;
        fault(b->r, n, STR_NONE, "model.too_many_nodes",
              str_fmt(b->r->scratch, "%d", LIMIT_MODEL_NODES));
        return false;
    }
    Node *in = b->stack[b->depth];
    if (in->shape == NODE_MAP) {
        const Node **key = &b->pending[b->depth];
        if (!*key) {
            *key = n;
            return true;
        }
        n->key = *key;
        *key = NULL;
    }
    if (in->last)
        in->last->next = n;
    else
        in->first = n;
    in->last = n;
    in->n++;
    return true;
}

static Node *node_new(Build *b, NodeShape shape, yaml_mark_t mark)
{
    Node *n = NEW(b->r->scratch, Node);
    n->shape = shape;
    n->file = b->r->file;
    n->line = place_of(mark.line);
    n->column = place_of(mark.column);
    return n;
}

static bool open_node(Build *b, Node *n)
{
    if (b->stack[b->depth]->shape == NODE_MAP && !b->pending[b->depth]) {
        b->is_bad = true;
        fault(b->r, n, STR_NONE, "model.key_not_text");
        return false; /* what follows would be read in the wrong place */
    }
    if (!put(b, n))
        return false;
    if (b->depth >= LIMIT_MODEL_DEPTH) {
        b->is_bad = true;
        fault(b->r, n, STR_NONE, "model.too_deep", str_fmt(b->r->scratch, "%d", LIMIT_MODEL_DEPTH));
        return false;
    }
    b->stack[++b->depth] = n;
    b->pending[b->depth] = NULL;
    return true;
}

static void refuse_extras(Build *b, const yaml_event_t *ev, const yaml_char_t *anchor,
                          const yaml_char_t *tag)
{
    if (anchor)
        fault_mark(b, ev->start_mark, "model.anchor", STR_NONE);
    if (tag)
        fault_mark(b, ev->start_mark, "model.tag", STR_NONE);
}

static bool take_scalar(Build *b, const yaml_event_t *ev)
{
    refuse_extras(b, ev, ev->data.scalar.anchor, ev->data.scalar.tag);
    Node *n = node_new(b, NODE_TEXT, ev->start_mark);
    n->is_quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    n->text =
        str_copy(b->r->scratch, (Str){(const char *)ev->data.scalar.value, ev->data.scalar.length});
    return put(b, n);
}

/* False: stop reading. */
static bool take_event(Build *b, const yaml_event_t *ev, int *document_n)
{
    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (ev->data.document_start.version_directive ||
            ev->data.document_start.tag_directives.start !=
                ev->data.document_start.tag_directives.end)
            fault_mark(b, ev->start_mark, "model.directive", STR_NONE);
        if (++*document_n > 1) {
            fault_mark(b, ev->start_mark, "model.documents", STR_NONE);
            return false; /* the first is read all the same */
        }
        return true;
    case YAML_ALIAS_EVENT:
        fault_mark(b, ev->start_mark, "model.alias", STR_NONE);
        b->is_bad = true; /* what should stand here is not known */
        return put(b, node_new(b, NODE_TEXT, ev->start_mark));
    case YAML_SCALAR_EVENT:
        return take_scalar(b, ev);
    case YAML_SEQUENCE_START_EVENT:
        refuse_extras(b, ev, ev->data.sequence_start.anchor, ev->data.sequence_start.tag);
        return open_node(b, node_new(b, NODE_LIST, ev->start_mark));
    case YAML_MAPPING_START_EVENT:
        refuse_extras(b, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
        return open_node(b, node_new(b, NODE_MAP, ev->start_mark));
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        CHECK(b->depth > 0);
        b->depth--;
        return true;
    default:
        return true;
    }
}

/* Reports a key that stands twice; the second is taken out so that it is told once. */
static void drop_doubles(Build *b, Node *map)
{
    if (map->shape == NODE_MAP && map->n > LIMIT_MODEL_KEYS) {
        b->is_bad = true;
        fault(b->r, map, STR_NONE, "model.too_many",
              str_fmt(b->r->scratch, "%d", LIMIT_MODEL_KEYS));
        return;
    }
    Node *before = NULL;
    for (Node *n = map->first; n; n = n->next) {
        bool is_double = false;
        for (const Node *o = map->first; map->shape == NODE_MAP && o != n && !is_double;
             o = o->next)
            if (str_eq(o->key->text, n->key->text)) {
                is_double = true;
                fault(b->r, n->key, STR_NONE, "model.double_key", n->key->text,
                      str_fmt(b->r->scratch, "%d", o->key->line));
            }
        if (is_double && before) {
            before->next = n->next;
            map->n--;
            continue;
        }
        before = n;
        if (n->shape != NODE_TEXT)
            drop_doubles(b, n); /* at most LIMIT_MODEL_DEPTH deep */
    }
}

static void read_events(Build *b, Str text)
{
    yaml_parser_t parser;
    CHECK(yaml_parser_initialize(&parser)); /* fails only without memory */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    int document_n = 0;
    bool goes_on = true;
    while (goes_on) {
        yaml_event_t ev;
        if (!yaml_parser_parse(&parser, &ev)) {
            CHECK(parser.error != YAML_MEMORY_ERROR);
            b->is_bad = true;
            if (parser.error == YAML_READER_ERROR) {
                fault_byte(b->r, text, parser.problem_offset, "model.control");
            } else {
                fault_syntax(b, &parser, text);
            }
            break;
        }
        goes_on = take_event(b, &ev, &document_n) && ev.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&ev);
    }
    yaml_parser_delete(&parser);
}

Node *yaml_read(Reader *r, const ModelSource *src)
{
    r->file = keep(r, src->path);
    if (src->text.n > LIMIT_MODEL_FILE_BYTES) {
        fault(r, NULL, STR_NONE, "model.too_big",
              str_fmt(r->scratch, "%d", LIMIT_MODEL_FILE_BYTES / 1024));
        return NULL;
    }
    bool is_control = false;
    size_t bad = first_bad_byte(src->text, &is_control);
    if (bad < src->text.n) {
        fault_byte(r, src->text, bad, is_control ? "model.control" : "model.not_utf8");
        return NULL;
    }
    Node top = {.shape = NODE_LIST, .line = 1, .column = 1};
    Build b = {.r = r};
    b.stack[0] = &top;
    read_events(&b, src->text);
    if (b.is_bad)
        return NULL;
    if (!top.first || (top.first->shape == NODE_TEXT && top.first->text.n == 0)) {
        fault(r, NULL, STR_NONE, "model.empty");
        return NULL;
    }
    drop_doubles(&b, &top);
    return b.is_bad ? NULL : top.first;
}
