/* openapi.c: the API described in OpenAPI 3.1, made from the route tables and the model, so that
 * it cannot speak of anything else: a new route or a new type is in it by itself.
 *                                                                        SPEC: P7  STYLE: R43 */
#include "web/web_int.h"

typedef struct Doc {
    Buf b;
    const Model *model;
    Lang lang;
    Arena *arena;
} Doc;

/* ---- pieces ---- */

static void put(Doc *d, const char *z)
{
    buf_z(&d->b, z);
}

static void put_text(Doc *d, Str s)
{
    json_text(&d->b, s);
}

static Str sentence(const Doc *d, const char *key)
{
    return i18n_get(d->lang, str_of(key));
}

static void put_ref(Doc *d, Str type, const char *tail)
{
    buf_fmt(&d->b, "{\"$ref\":\"#/components/schemas/%.*s%s\"}", STR_ARG(type), tail);
}

static void put_enum_null(Doc *d, const Choice *c, int n)
{
    put(d, "\"type\":[\"string\",\"null\"],\"enum\":[");
    for (int i = 0; i < n; i++) {
        put_text(d, c[i].name);
        put(d, ",");
    }
    put(d, "null]");
}

/* ---- fields ---- */

static void put_number(Doc *d, const Field *f)
{
    put(d, "\"type\":[\"integer\",\"null\"]");
    if (f->min != INT64_MIN)
        buf_fmt(&d->b, ",\"minimum\":%lld", (long long)f->min);
    if (f->max != INT64_MAX)
        buf_fmt(&d->b, ",\"maximum\":%lld", (long long)f->max);
}

static void put_field(Doc *d, const Field *f);

static void put_ids_type(Doc *d, int most)
{
    buf_fmt(&d->b,
            "\"type\":[\"array\",\"null\"],\"maxItems\":%d,\"items\":{\"type\":\"string\","
            "\"format\":\"uuid\"}",
            most);
}

static void put_choices_type(Doc *d, const Field *f)
{
    put(d, "\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\",\"enum\":[");
    for (int i = 0; i < f->choice_n; i++) {
        put(d, i ? "," : "");
        put_text(d, f->choices[i].name);
    }
    put(d, "]}");
}

static void put_audience_type(Doc *d)
{
    buf_fmt(&d->b,
            "\"type\":[\"array\",\"null\"],\"maxItems\":%d,\"items\":{\"type\":\"object\","
            "\"additionalProperties\":false,\"required\":[\"role\",\"unit\"],\"properties\":{"
            "\"role\":{\"type\":\"string\",\"enum\":[",
            LIMIT_AUDIENCE);
    for (int i = 0; i < d->model->role_n; i++) {
        put(d, i ? "," : "");
        put_text(d, d->model->roles[i].name);
    }
    put(d, "]},\"unit\":{\"type\":\"string\"}}}");
}

/* A new row may leave its id out. What is computed is shown, not taken. */
static void put_rows_type(Doc *d, const Field *f)
{
    int64_t most = f->max < LIMIT_ROWS ? f->max : LIMIT_ROWS;
    buf_fmt(&d->b,
            "\"type\":[\"array\",\"null\"],\"maxItems\":%lld,\"items\":{\"type\":\"object\","
            "\"additionalProperties\":false,\"properties\":{\"id\":{\"type\":[\"string\",\"null\"],"
            "\"format\":\"uuid\"}",
            (long long)most);
    for (int i = 0; i < f->field_n; i++) {
        put(d, ",");
        put_field(d, &f->fields[i]);
    }
    put(d, "}}");
}

static void put_text_type(Doc *d, const Field *f)
{
    const Kind *k = model_kind(f->kind);
    const char *format = f->kind == KIND_DATE                              ? "date"
                         : k->json_utc                                     ? "date-time"
                         : f->kind == KIND_LINK || f->kind == KIND_PERSON ? "uuid"
                                                                           : NULL;
    put(d, "\"type\":[\"string\",\"null\"]");
    if (format)
        buf_fmt(&d->b, ",\"format\":\"%s\"", format);
    else if (f->max != INT64_MAX && (f->kind == KIND_TEXT || f->kind == KIND_NOTE))
        buf_fmt(&d->b, ",\"maxLength\":%lld", (long long)f->max);
}

static void put_field_type(Doc *d, const Field *f)
{
    const Kind *k = model_kind(f->kind);
    if (f->kind == KIND_CHOICE)
        put_enum_null(d, f->choices, f->choice_n);
    else if (f->kind == KIND_CHOICES)
        put_choices_type(d, f);
    else if (f->kind == KIND_ROWS)
        put_rows_type(d, f);
    else if (f->kind == KIND_AUDIENCE)
        put_audience_type(d);
    else if (k->json_list)
        put_ids_type(d, f->kind == KIND_LINKS ? LIMIT_LINKS : f->many);
    else if (k->json_bool)
        put(d, "\"type\":[\"boolean\",\"null\"]");
    else if (k->json_number)
        put_number(d, f);
    else
        put_text_type(d, f);
}

/* Its label, unit, and what is particular about it. */
static void put_field(Doc *d, const Field *f)
{
    Str unit = field_unit(d->arena, f, d->lang), label = label_text(&f->label, d->lang);
    const char *note = f->kind == KIND_ROWS ? "form.api_rows"
                       : f->computed        ? "form.api_computed"
                       : f->copy_of         ? "form.api_copy"
                                            : NULL;
    Buf b = {.arena = d->arena};
    buf_str(&b, label);
    if (unit.n)
        buf_fmt(&b, " (%.*s)", STR_ARG(unit));
    if (note)
        buf_fmt(&b, ". %.*s", STR_ARG(sentence(d, note)));
    put_text(d, f->name);
    put(d, ":{");
    put_field_type(d, f);
    put(d, ",\"description\":");
    put_text(d, buf_view(&b));
    put(d, "}");
}

static bool is_asked(const Field *f, const Action *act)
{
    for (int i = 0; act && i < act->ask_n; i++)
        if (act->asks[i] == f)
            return true;
    return false;
}

/* The fields an action takes; NULL: all, as a record shows them. */
static void put_fields(Doc *d, const Type *t, const Action *act, bool is_first)
{
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        bool is_taken = !act || is_asked(f, act) || (!f->is_asked && act->kind != ACTION_OTHER);
        if (!is_taken || (act && f->computed))
            continue;
        put(d, is_first ? "" : ",");
        put_field(d, f);
        is_first = false;
    }
}

/* ---- schemas of a type ---- */

static void put_record_schema(Doc *d, const Type *t)
{
    put_text(d, t->name);
    put(d, ":{\"type\":\"object\",\"additionalProperties\":false,\"title\":");
    put_text(d, label_text(&t->label, d->lang));
    put(d,
        ",\"required\":[\"id\",\"version\",\"unit\",\"state\"],\"properties\":{"
        "\"id\":{\"type\":\"string\",\"format\":\"uuid\"},\"version\":{\"type\":\"integer\","
        "\"minimum\":1},\"unit\":{\"type\":\"string\"},\"state\":{\"type\":\"string\",\"enum\":[");
    for (int i = 0; i < t->state_n; i++) {
        put(d, i ? "," : "");
        put_text(d, t->states[i].name);
    }
    put(d, "]}");
    put_fields(d, t, NULL, false);
    put(d, "}},");
}

static void put_input_schema(Doc *d, const Type *t, const Action *act, const char *tail)
{
    if (!act)
        return;
    buf_fmt(&d->b, "\"%.*s%s", STR_ARG(t->name), tail);
    if (act->kind == ACTION_OTHER)
        buf_str(&d->b, act->name);
    put(d, "\":{\"type\":\"object\",\"additionalProperties\":false,\"title\":");
    put_text(d, label_text(&act->label, d->lang));
    bool has_must = false;
    for (int i = 0; act->kind == ACTION_OTHER && i < act->ask_n; i++)
        if (act->asks[i]->is_required) {
            put(d, has_must ? "," : ",\"required\":[");
            put_text(d, act->asks[i]->name);
            has_must = true;
        }
    put(d, has_must ? "],\"properties\":{" : ",\"properties\":{");
    if (act->kind == ACTION_CREATE)
        put(d, "\"unit\":{\"type\":[\"string\",\"null\"]}");
    put_fields(d, t, act, act->kind != ACTION_CREATE);
    put(d, "}},");
}

static void put_list_schemas(Doc *d, const Type *t)
{
    buf_fmt(&d->b,
            "\"%.*s_list\":{\"type\":\"object\",\"additionalProperties\":false,"
            "\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\","
            "\"maxItems\":%d,\"items\":",
            STR_ARG(t->name), LIMIT_LIST_PAGE);
    put_ref(d, t->name, "");
    put(d, "},\"next\":{\"type\":[\"string\",\"null\"]}}},");
    buf_fmt(&d->b,
            "\"%.*s_conflict\":{\"allOf\":[{\"$ref\":\"#/components/schemas/problem\"},"
            "{\"type\":\"object\",\"required\":[\"current\",\"mine\"],\"properties\":{\"current\":",
            STR_ARG(t->name));
    put_ref(d, t->name, "");
    put(d, ",\"mine\":{\"type\":\"object\"}}}]},");
}

#define TEXT      "{\"type\":\"string\"}"
#define TEXT_NULL "{\"type\":[\"string\",\"null\"]}"
#define INT       "{\"type\":\"integer\"}"
#define UUID      "{\"type\":\"string\",\"format\":\"uuid\"}"
#define DATE      "{\"type\":\"string\",\"format\":\"date\"}"
#define DATE_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date\"}"
#define OBJECT    "{\"type\":\"object\",\"additionalProperties\":false,"

static const char common_schemas[] =
    "\"problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\","
    "\"code\","
    "\"fields\"],\"properties\":{\"type\":" TEXT ",\"title\":" TEXT ",\"status\":" INT
    ",\"detail\":" TEXT ",\"code\":" TEXT ",\"fields\":{\"type\":\"array\",\"items\":" OBJECT
    "\"required\":[\"field\",\"code\",\"message\"],\"properties\":{\"field\":" TEXT
    ",\"code\":" TEXT ",\"message\":" TEXT "}}}}},"
    "\"me\":" OBJECT
    "\"required\":[\"account\",\"name\",\"person\",\"is_admin\",\"lang\",\"today\","
    "\"access_no\",\"postings\"],\"properties\":{\"account\":" TEXT ",\"name\":" TEXT_NULL
    ",\"person\":{\"type\":[\"string\",\"null\"],\"format\":\"uuid\"},\"is_admin\":{\"type\":"
    "\"boolean\"},"
    "\"lang\":{\"type\":\"string\",\"enum\":[\"zh\",\"en\"]},\"today\":{\"type\":\"string\","
    "\"format\":"
    "\"date\"},\"access_no\":" INT ",\"postings\":{\"type\":\"array\",\"items\":" OBJECT
    "\"required\":[\"role\",\"unit\",\"unit_name\",\"starts\",\"ends\"],\"properties\":{"
    "\"role\":" TEXT ",\"unit\":" TEXT ",\"unit_name\":" TEXT ",\"starts\":" DATE_NULL
    ",\"ends\":" DATE_NULL "}}}}},"
    "\"figures\":{\"type\":\"array\",\"items\":" OBJECT
    "\"required\":[\"figure\",\"unit\",\"from\",\"to\",\"value\",\"records\"],\"properties\":{"
    "\"figure\":" TEXT ",\"unit\":" TEXT ",\"from\":" DATE ",\"to\":" DATE ",\"by\":" TEXT
    ",\"value\":{\"type\":[\"integer\",\"number\",\"null\"]},\"records\":" INT ",\"of\":" INT "}}},"
    "\"owed_item\":" OBJECT
    "\"required\":[\"duty\",\"name\",\"type\",\"id\",\"unit\",\"due\",\"late\",\"taken_by\"],"
    "\"properties\":{\"duty\":" UUID ",\"name\":" TEXT ",\"type\":" TEXT ",\"id\":" UUID
    ",\"unit\":" TEXT ",\"due\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},"
    "\"late\":{\"type\":\"boolean\"},\"taken_by\":{\"type\":[\"string\",\"null\"],"
    "\"format\":\"uuid\"}}},"
    "\"owed\":" OBJECT "\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{"
    "\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/owed_item\"}},"
    "\"next\":" TEXT_NULL "}},"
    "\"notice_item\":" OBJECT
    "\"required\":[\"notice\",\"at\",\"what\",\"type\",\"id\",\"act\",\"actor\",\"unread\"],"
    "\"properties\":{\"notice\":" UUID ",\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"what\":{\"type\":\"string\",\"enum\":[\"remind\",\"late\",\"escalated\",\"act\",\"owed\","
    "\"ended\",\"comment\"]},\"type\":" TEXT ",\"id\":" UUID ",\"act\":" TEXT_NULL
    ",\"actor\":{\"type\":[\"string\",\"null\"],\"format\":\"uuid\"},\"unread\":{\"type\":"
    "\"boolean\"}}},"
    "\"notices\":" OBJECT "\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{"
    "\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/notice_item\"}},"
    "\"next\":" TEXT_NULL "}},"
    "\"file\":" OBJECT "\"required\":[\"id\"],\"properties\":{\"id\":" UUID "}},"
    "\"history\":" OBJECT
    "\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":" OBJECT
    "\"required\":[\"version\",\"chain\",\"seq\",\"at\",\"act\",\"actor\",\"actor_name\",\"role\","
    "\"unit\",\"state_from\",\"state_to\",\"changes\"],\"properties\":{\"version\":" INT
    ",\"chain\":" INT ",\"seq\":" INT
    ",\"at\":{\"type\":\"string\",\"format\":\"date-time\"},\"act\":" TEXT_NULL ",\"actor\":" UUID
    ",\"actor_name\":" TEXT_NULL ",\"role\":" TEXT_NULL ",\"unit\":" TEXT_NULL
    ",\"state_from\":" TEXT_NULL ",\"state_to\":" TEXT_NULL ",\"changes\":{\"type\":\"object\","
    "\"additionalProperties\":" OBJECT "\"required\":[\"from\",\"to\"],\"properties\":{\"from\":{},"
    "\"to\":{}}}}}}}}}";

static void put_schemas(Doc *d)
{
    put(d, "\"schemas\":{");
    for (int i = 0; i < d->model->type_n; i++) {
        const Type *t = &d->model->types[i];
        put_record_schema(d, t);
        put_input_schema(d, t, t->create, "_new");
        put_input_schema(d, t, t->change, "_change");
        for (int k = 0; k < t->action_n; k++)
            if (t->actions[k].kind == ACTION_OTHER)
                put_input_schema(d, t, &t->actions[k], "_act_");
        put_list_schemas(d, t);
    }
    put(d, common_schemas);
    put(d, "}");
}

/* ---- answers ---- */

static void put_answer(Doc *d, int status, const char *mime, Str type, const char *tail)
{
    buf_fmt(&d->b, "\"%d\":{\"description\":\"%s\",\"content\":{\"%s\":{\"schema\":", status,
            status_phrase(status), mime);
    if (!tail)
        put(d, "{}");
    else
        put_ref(d, type, tail);
    put(d, "}}},");
}

static void put_problems(Doc *d, const int *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_answer(d, list[i], "application/problem+json", S("problem"), "");
    buf_z(&d->b,
          "\"default\":{\"description\":\"Problem\",\"content\":{\"application/problem+json\":"
          "{\"schema\":");
    put_ref(d, S("problem"), "");
    put(d, "}}}");
}

static bool ends_with(const Route *r, const char *tail)
{
    return str_ends(str_of(r->path), str_of(tail));
}

static void put_answers(Doc *d, const Route *r, const Type *t)
{
    static const int reading[] = {400, 401, 404, 422},
                     writing[] = {400, 401, 403, 404, 409, 413, 422},
                     changing[] = {400, 401, 403, 404, 409, 413, 422, 428};
    const char *json = "application/json";
    put(d, "\"responses\":{");
    if (!t && r->is_raw) {
        put_answer(d, 200, json, S("file"), "");
        put_answer(d, 201, json, S("file"), "");
    } else if (!t && ends_with(r, "/:id")) {
        put_answer(d, 200, "image/jpeg\":{\"schema\":{}},\"*/*", S(""), NULL);
    } else if (!t && ends_with(r, "/figures")) {
        put_answer(d, 200, json, S("figures"), "");
    } else if (!t && ends_with(r, "/owed")) {
        put_answer(d, 200, json, S("owed"), "");
    } else if (!t && ends_with(r, "/notices")) {
        put_answer(d, 200, json, S("notices"), "");
    } else if (!t && ends_with(r, "/take")) {
        put_answer(d, 200, json, S("owed_item"), "");
    } else if (!t) {
        put_answer(d, 200, json, S("me"), ends_with(r, "/me") ? "" : NULL);
    } else if (ends_with(r, "/history")) {
        put_answer(d, 200, json, S("history"), "");
    } else {
        put_answer(d, 200, json, t->name, ends_with(r, "/:type") ? "_list" : "");
    }
    if (t && r->method == PUT)
        put_answer(d, 201, json, t->name, "");
    if (t && (r->method == PATCH || r->method == POST))
        put_answer(d, 412, "application/problem+json", t->name, "_conflict");
    if (r->method == GET)
        put_problems(d, reading, LEN(reading));
    else if (r->method == PATCH)
        put_problems(d, changing, LEN(changing));
    else
        put_problems(d, writing, LEN(writing));
    put(d, "}");
}

/* ---- operations ---- */

static void put_param(Doc *d, Str name, const char *in, bool is_first)
{
    put(d, is_first ? "{\"name\":" : ",{\"name\":");
    put_text(d, name);
    buf_fmt(&d->b, ",\"in\":\"%s\",\"required\":%s,\"schema\":{\"type\":\"string\"}}", in,
            strcmp(in, "path") ? "false" : "true");
}

static bool is_filter(const Field *f)
{
    return f->kind == KIND_CHOICE || f->kind == KIND_DATE || f->kind == KIND_INT ||
           f->kind == KIND_YESNO;
}

static void put_params(Doc *d, const Route *r, const Type *t)
{
    bool is_first = true;
    put(d, "\"parameters\":[");
    if (str_find(str_of(r->path), S("/:id")) >= 0) {
        put_param(d, S("id"), "path", is_first);
        is_first = false;
    }
    for (const ParamSpec *p = r->params; p && p->name; p++) {
        put_param(d, str_of(p->name), "query", is_first);
        is_first = false;
    }
    for (int i = 0; t && r->takes_model && r->method == GET && i < t->field_n; i++) {
        if (!is_filter(&t->fields[i]))
            continue;
        put_param(d, t->fields[i].name, "query", is_first);
        is_first = false;
    }
    if (r->method == PATCH || r->method == POST)
        put_param(d, S("If-Match"), "header", is_first);
    put(d, "],");
}

static void put_body(Doc *d, const Route *r, const Type *t, const Action *act)
{
    if (!r->body_max)
        return;
    put(d, "\"requestBody\":{\"content\":{");
    if (r->is_raw || !t) {
        put(d, "\"image/jpeg\":{\"schema\":{}},\"image/png\":{\"schema\":{}},"
               "\"application/octet-stream\":{\"schema\":{}}}},");
        return;
    }
    put(d, "\"application/json\":{\"schema\":");
    if (act)
        put_ref(d, t->name, str_z(d->arena, str_fmt(d->arena, "_act_%.*s", STR_ARG(act->name))));
    else
        put_ref(d, t->name, r->method == PUT ? "_new" : "_change");
    put(d, "}}},");
}

static void put_operation(Doc *d, const Route *r, const Type *t, const Action *act)
{
    static const char *const names[METHOD_MAX] = {"get", "head", "post", "put", "patch", "delete"};
    buf_fmt(&d->b, "\"%s\":{\"summary\":", names[r->method]);
    Str help = sentence(d, r->help), of = act ? label_text(&act->label, d->lang)
                                          : t ? label_text(&t->label, d->lang)
                                              : STR_NONE;
    put_text(d, str_has(of) ? str_fmt(d->arena, "%.*s: %.*s", STR_ARG(of), STR_ARG(help)) : help);
    put(d, r->may == MAY_ANYONE ? ",\"security\":[]," : ",");
    put_params(d, r, t);
    put_body(d, r, t, act);
    put_answers(d, r, t);
    put(d, "}");
}

/* ---- paths ---- */

/* "/api/v1/:type/:id" as "/api/v1/diary/{id}". */
static Str path_text(const Doc *d, const char *pattern, const Type *t, const Action *act)
{
    Buf b = {.arena = d->arena};
    Str rest = str_of(pattern + 1), seg;
    for (bool is_more = true; is_more;) {
        is_more = str_cut(rest, '/', &seg, &rest);
        buf_byte(&b, '/');
        if (str_eq(seg, S(":type")) && t)
            buf_str(&b, t->name);
        else if (str_eq(seg, S(":action")) && act)
            buf_str(&b, act->name);
        else if (seg.n && seg.p[0] == ':')
            buf_fmt(&b, "{%.*s}", (int)seg.n - 1, seg.p + 1);
        else
            buf_str(&b, seg);
    }
    return buf_view(&b);
}

/* All API routes, one after the other; NULL behind the last. */
static const Route *route_at(size_t ix)
{
    for (size_t t = 0; t < route_table_n; t++)
        for (size_t i = 0; i < route_tables[t]->n; i++)
            if (route_tables[t]->list[i].is_api && ix-- == 0)
                return &route_tables[t]->list[i];
    return NULL;
}

static bool is_earlier(const Route *r, size_t ix)
{
    for (size_t i = 0; i < ix; i++)
        if (!strcmp(route_at(i)->path, r->path))
            return true;
    return false;
}

static void put_path(Doc *d, const Route *r, const Type *t, const Action *act, bool *is_first)
{
    put(d, *is_first ? "" : ",");
    *is_first = false;
    put_text(d, path_text(d, r->path, t, act));
    put(d, ":{");
    bool is_first_op = true;
    const Route *other;
    for (size_t i = 0; (other = route_at(i)); i++) {
        if (strcmp(other->path, r->path) != 0)
            continue;
        put(d, is_first_op ? "" : ",");
        is_first_op = false;
        put_operation(d, other, t, act);
    }
    put(d, "}");
}

static void put_type_paths(Doc *d, const Route *r, const Type *t, bool *is_first)
{
    if (str_find(str_of(r->path), S(":action")) < 0) {
        put_path(d, r, t, NULL, is_first);
        return;
    }
    for (int k = 0; k < t->action_n; k++)
        if (t->actions[k].kind == ACTION_OTHER)
            put_path(d, r, t, &t->actions[k], is_first);
}

static void put_paths(Doc *d)
{
    bool is_first = true;
    const Route *r;
    put(d, "\"paths\":{");
    for (size_t i = 0; (r = route_at(i)); i++) {
        if (is_earlier(r, i))
            continue;
        if (str_find(str_of(r->path), S(":type")) < 0)
            put_path(d, r, NULL, NULL, &is_first);
        for (int k = 0; str_find(str_of(r->path), S(":type")) >= 0 && k < d->model->type_n; k++)
            put_type_paths(d, r, &d->model->types[k], &is_first);
    }
    put(d, "}");
}

Str web_openapi(Arena *a, const App *app, Lang lang)
{
    Doc d = {.b = {.arena = a}, .model = app->model, .lang = lang, .arena = a};
    put(&d,
        "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Stave\",\"version\":\"1\",\"description\":");
    put_text(&d, sentence(&d, "web.api_about"));
    put(&d, "},\"security\":[{\"bearer\":[]}],");
    put_paths(&d);
    put(&d, ",\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":"
            "\"bearer\"}},");
    put_schemas(&d);
    put(&d, "}}");
    return buf_view(&d.b);
}
