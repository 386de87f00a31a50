/* json_in.c: strict JSON into plain values in the caller's arena.
 *
 * One pass over the bytes comes before the parser: it refuses what the parser would take
 * (fractions), tell without a place, or pay for (a million open brackets). Then jansson, with
 * double names refused.
 *                                                                                       STACK: 5 */
#include "exchange/exchange_int.h"

/* jansson's names for kinds of values are ours as well; its macros with them are not used here. */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_TRUE   JANSSON_TRUE
#define JSON_FALSE  JANSSON_FALSE
#define JSON_NULL   JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

static int json_fail_at(Str text, size_t at, const char *key, Err *e)
{
    int64_t line = 1;
    size_t line_at = 0;
    for (size_t i = 0; i < at; i++) {
        if (text.p[i] != '\n')
            continue;
        line++;
        line_at = i + 1;
    }
    int64_t column = (int64_t)utf8_count(str_sub(text, line_at, at - line_at)) + 1;
    return err_set(e, ERR_SYNTAX, key, err_int(e, line), err_int(e, column));
}

/* The offset after a string that begins at `at`; text.n when it does not end. */
static size_t json_skip_string(Str text, size_t at)
{
    for (at++; at < text.n && text.p[at] != '"'; at++)
        if (text.p[at] == '\\')
            at++;
    return at < text.n ? at + 1 : text.n;
}

static bool json_in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static int json_check(Str text, Err *e)
{
    const char *nul = text.n ? memchr(text.p, 0, text.n) : NULL;
    if (nul)
        return json_fail_at(text, (size_t)(nul - text.p), "json.nul", e);
    size_t bad = exchange_utf8_bad(text);
    if (bad < text.n)
        return json_fail_at(text, bad, "json.encoding", e);
    int depth = 0;
    for (size_t i = 0; i < text.n;) {
        char c = text.p[i];
        if (c == '"') {
            i = json_skip_string(text, i);
            continue;
        }
        if ((c == '[' || c == '{') && ++depth > LIMIT_JSON_DEPTH)
            return json_fail_at(text, i, "json.deep", e);
        if ((c == ']' || c == '}') && depth > 0)
            depth--;
        size_t from = i++;
        if (c != '-' && (c < '0' || c > '9'))
            continue;
        bool is_fraction = false;
        for (; i < text.n && json_in_number(text.p[i]); i++)
            is_fraction = is_fraction || text.p[i] == '.' || text.p[i] == 'e' || text.p[i] == 'E';
        if (is_fraction)
            return json_fail_at(text, from, "json.fraction", e);
    }
    return 0;
}

static int json_fail(const json_error_t *error, Err *e)
{
    const char *key = "json.syntax";
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        key = "json.double_name";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        key = "json.nul";
        break;
    case json_error_invalid_utf8:
        key = "json.encoding";
        break;
    case json_error_numeric_overflow:
        key = "json.big";
        break;
    case json_error_end_of_input_expected:
        key = "json.trailing";
        break;
    case json_error_premature_end_of_input:
        key = "json.cut";
        break;
    default:
        break;
    }
    return err_set(e, ERR_SYNTAX, key, err_int(e, error->line), err_int(e, error->column));
}

static Json json_convert(Arena *a, json_t *from);

static void json_convert_object(Arena *a, json_t *from, Json *ret)
{
    ret->tag = JSON_OBJECT;
    ret->n = json_object_size(from);
    ret->names = NEW_N(a, Str, ret->n);
    ret->items = NEW_N(a, Json, ret->n);
    size_t i = 0;
    for (void *it = json_object_iter(from); it; it = json_object_iter_next(from, it), i++) {
        CHECK(i < ret->n);
        ret->names[i] = str_copy(a, str_of(json_object_iter_key(it)));
        ret->items[i] = json_convert(a, json_object_iter_value(it));
    }
    CHECK(i == ret->n);
}

/* Recurses at most LIMIT_JSON_DEPTH deep: json_check has seen to it. */
static Json json_convert(Arena *a, json_t *from)
{
    Json to = {.tag = JSON_NULL};
    switch (json_typeof(from)) {
    case JANSSON_OBJECT:
        json_convert_object(a, from, &to);
        break;
    case JSON_ARRAY:
        to.tag = JSON_LIST;
        to.n = json_array_size(from);
        to.items = NEW_N(a, Json, to.n);
        for (size_t i = 0; i < to.n; i++)
            to.items[i] = json_convert(a, json_array_get(from, i));
        break;
    case JSON_STRING:
        to.tag = JSON_TEXT;
        to.s = str_copy(a, (Str){json_string_value(from), json_string_length(from)});
        break;
    case JSON_INTEGER:
        to.tag = JSON_INT;
        to.i = json_integer_value(from);
        break;
    case JANSSON_TRUE:
        to.tag = JSON_TRUE;
        break;
    case JANSSON_FALSE:
        to.tag = JSON_FALSE;
        break;
    case JANSSON_NULL:
        break;
    case JSON_REAL:
        CHECK(json_typeof(from) != JSON_REAL);
        break; /* json_check refused it */
    }
    return to;
}

int json_parse(Arena *a, Str text, Json *ret, Err *e)
{
    if (text.n > LIMIT_JSON_BYTES)
        return err_set(e, ERR_LIMIT, "json.large", err_int(e, LIMIT_JSON_BYTES / 1024));
    TRY(json_check(text, e));
    json_error_t error;
    json_t *root =
        json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root)
        return json_fail(&error, e);
    *ret = json_convert(a, root);
    json_decref(root);
    return 0;
}

const Json *json_get(const Json *object, Str name)
{
    if (object->tag != JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->n; i++)
        if (str_eq(object->names[i], name))
            return &object->items[i];
    return NULL;
}
