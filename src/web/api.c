/* api.c: records as JSON under /api/v1: the same input, the same record room as the pages;
 * described by openapi.c from the same tables.     DESIGN: Interfaces that stay  SPEC: P2 P8 P11 */
#include "web/web_int.h"

/* ---- values out ---- */

static void put_ids(Buf *b, Arena *a, Str blob)
{
    buf_byte(b, '[');
    for (size_t at = 0; at + sizeof(Uuid) <= blob.n; at += sizeof(Uuid)) {
        Uuid id;
        memcpy(id.b, blob.p + at, sizeof id.b);
        buf_z(b, at ? ",\"" : "\"");
        buf_str(b, uuid_text(a, id));
        buf_byte(b, '"');
    }
    buf_byte(b, ']');
}

static void put_choices(Buf *b, const Field *f, Str numbers)
{
    Str one;
    bool is_first = true;
    buf_byte(b, '[');
    while (numbers.n) {
        int64_t n;
        str_cut(numbers, ',', &one, &numbers);
        const Choice *c = str_i64(one, &n) ? field_choice_numbered(f, n) : NULL;
        if (!c)
            continue; /* the commas at both ends */
        buf_z(b, is_first ? "" : ",");
        json_text(b, c->name);
        is_first = false;
    }
    buf_byte(b, ']');
}

/* "first_secretary@12 town_office@3": unit ids to codes. */
static void put_audience(Req *rq, Buf *b, Str value)
{
    Str one, role, id;
    bool is_first = true;
    buf_byte(b, '[');
    while (value.n) {
        int64_t n;
        str_cut(value, ' ', &one, &value);
        const Unit *u = str_cut(one, '@', &role, &id) && str_i64(id, &n)
                            ? tree_unit(rq->reader.tree, n)
                            : NULL;
        if (!u)
            continue;
        buf_z(b, is_first ? "{\"role\":" : ",{\"role\":");
        json_text(b, role);
        buf_z(b, ",\"unit\":");
        json_text(b, u->code);
        buf_byte(b, '}');
        is_first = false;
    }
    buf_byte(b, ']');
}

static void put_fields(Req *rq, Buf *b, const Field *fields, int n, const Value *values,
                       bool with_rows)
{
    for (int i = 0; i < n; i++) {
        if (fields[i].kind == KIND_ROWS && !with_rows)
            continue;
        buf_z(b, ",\"");
        buf_str(b, fields[i].name); /* an identifier: nothing to escape */
        buf_z(b, "\":");
        api_value(rq, b, &fields[i], &values[i]);
    }
}

static void put_rows(Req *rq, Buf *b, const Field *f, const Value *v)
{
    buf_byte(b, '[');
    for (int64_t i = 0; i < v->i; i++) {
        buf_z(b, i ? ",{\"id\":\"" : "{\"id\":\"");
        buf_str(b, uuid_text(rq->arena, v->rows[i].id));
        buf_byte(b, '"');
        put_fields(rq, b, f->fields, f->field_n, v->rows[i].values, true);
        buf_byte(b, '}');
    }
    buf_byte(b, ']');
}

static void put_unit(Req *rq, Buf *b, int64_t id)
{
    const Unit *u = tree_unit(rq->reader.tree, id);
    if (u)
        json_text(b, u->code);
    else
        buf_z(b, "null");
}

void api_value(Req *rq, Buf *b, const Field *f, const Value *v)
{
    const Kind *k = model_kind(f->kind);
    if (v->tag == VALUE_NONE)
        buf_z(b, "null");
    else if (f->kind == KIND_ROWS)
        put_rows(rq, b, f, v);
    else if (f->kind == KIND_CHOICES)
        put_choices(b, f, v->s);
    else if (f->kind == KIND_AUDIENCE)
        put_audience(rq, b, v->s);
    else if (f->kind == KIND_UNIT)
        put_unit(rq, b, v->i);
    else if (k->json_list)
        put_ids(b, rq->arena, v->s);
    else if (k->json_bool)
        buf_z(b, v->i ? "true" : "false");
    else if (k->json_number)
        buf_i64(b, v->i);
    else if (k->json_utc)
        json_text(b, ms_rfc3339(rq->arena, v->i));
    else
        json_text(b, k->typed(rq->arena, f, v));
}

static void put_name(Buf *b, const char *name, Str value, bool is_first)
{
    buf_z(b, is_first ? "\"" : ",\"");
    buf_z(b, name);
    buf_z(b, "\":");
    if (str_has(value))
        json_text(b, value);
    else
        buf_z(b, "null");
}

static void put_head(Req *rq, Buf *b, const Record *rec)
{
    const Tree *t = rq->reader.tree;
    put_name(b, "id", uuid_text(rq->arena, rec->id), true);
    buf_fmt(b, ",\"version\":%lld", (long long)rec->version);
    put_name(b, "unit", t->units[rec->unit_ix].code, false);
    put_name(b, "state", rec->type->states[rec->state].name, false);
}

static void put_record(Req *rq, Buf *b, const Record *rec, bool with_rows)
{
    buf_byte(b, '{');
    put_head(rq, b, rec);
    put_fields(rq, b, rec->type->fields, rec->type->field_n, rec->values, with_rows);
    buf_byte(b, '}');
}

void api_record(Req *rq, Buf *b, const Record *rec)
{
    put_record(rq, b, rec, true);
}

Str api_tag(Req *rq, int64_t version)
{
    return str_fmt(rq->arena, "\"%lld\"", (long long)version);
}

/* What he may see of it; a change may have moved it out of his sight: then its head alone. */
static void answer_record(Req *rq, int status, const Record *rec)
{
    Buf b = {.arena = rq->arena};
    Arms see = access_see(rq->arena, &rq->reader, rec->type);
    if (record_may(&rq->reader, see, rec)) {
        api_record(rq, &b, rec);
    } else {
        buf_byte(&b, '{');
        put_head(rq, &b, rec);
        buf_byte(&b, '}');
    }
    http_set_header(rq->http, S("ETag"), api_tag(rq, rec->version));
    if (status == 201)
        http_set_header(rq->http, S("Location"),
                        str_fmt(rq->arena, "/api/v1/%.*s/%.*s", STR_ARG(rec->type->name),
                                STR_ARG(uuid_text(rq->arena, rec->id))));
    req_json(rq, status, buf_view(&b));
}

static int path_id(const Req *rq, Uuid *ret, Err *e)
{
    return req_uuid(rq, "id", ret) ? 0 : err_set(e, ERR_MISSING, "web.missing");
}

static int get_record(Req *rq, Record **ret, Err *e)
{
    Uuid id;
    TRY(path_id(rq, &id, e));
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    return record_get(rq->app->records, rq->arena, tx, &rq->reader, rq->type, id, ret, NULL, e);
}

/* ---- who am I ---- */

static void put_day(Req *rq, Buf *b, const char *name, Day d)
{
    put_name(b, name, d == DAY_NONE ? STR_NONE : day_text(rq->arena, d), false);
}

static int api_me(Req *rq, Err *e)
{
    (void)e;
    const Reader *r = &rq->reader;
    Buf b = {.arena = rq->arena};
    buf_byte(&b, '{');
    put_name(&b, "account", r->account_name, true);
    put_name(&b, "name", r->person_name, false);
    put_name(&b, "person", uuid_is_zero(r->person) ? STR_NONE : uuid_text(rq->arena, r->person),
             false);
    buf_z(&b, r->is_admin ? ",\"is_admin\":true" : ",\"is_admin\":false");
    put_name(&b, "lang", r->lang == LANG_EN ? S("en") : S("zh"), false);
    put_day(rq, &b, "today", r->today);
    buf_fmt(&b, ",\"access_no\":%lld,\"postings\":[", (long long)r->access_no);
    for (int i = 0; i < r->post_n; i++) {
        const Post *p = &r->posts[i];
        buf_z(&b, i ? ",{" : "{");
        put_name(&b, "role", r->model->roles[p->role].name, true);
        put_name(&b, "unit", r->tree->units[p->unit_ix].code, false);
        put_name(&b, "unit_name", r->tree->units[p->unit_ix].name, false);
        put_day(rq, &b, "starts", p->starts);
        put_day(rq, &b, "ends", p->ends);
        buf_byte(&b, '}');
    }
    buf_z(&b, "]}");
    req_json(rq, 200, buf_view(&b));
    return REQ_DONE;
}

/* ---- reading ---- */

static int api_list(Req *rq, Err *e)
{
    ListQuery q;
    RecordList list;
    TRY(web_list_query(rq, &q, e));
    TRY(record_list(rq->app->records, rq->arena, rq->tx, &rq->reader, &q, &list, e));
    Buf b = {.arena = rq->arena};
    buf_z(&b, "{\"items\":[");
    for (int i = 0; i < list.n; i++) {
        buf_z(&b, i ? "," : "");
        put_record(rq, &b, &list.items[i], false); /* lists do not read rows */
    }
    buf_byte(&b, ']');
    put_name(&b, "next", list.next, false);
    buf_byte(&b, '}');
    req_json(rq, 200, buf_view(&b));
    return REQ_DONE;
}

static int api_show(Req *rq, Err *e)
{
    Record *rec;
    TRY(get_record(rq, &rec, e));
    answer_record(rq, 200, rec);
    return REQ_DONE;
}

static void put_change(Req *rq, Buf *b, const struct HistoryField *c, bool is_first)
{
    buf_z(b, is_first ? "\"" : ",\"");
    buf_str(b, c->field->name);
    buf_z(b, "\":{\"from\":");
    api_value(rq, b, c->field, &c->before);
    buf_z(b, ",\"to\":");
    api_value(rq, b, c->field, &c->after);
    buf_byte(b, '}');
}

static Str state_name(const Type *t, int state)
{
    return state >= 0 ? t->states[state].name : STR_NONE;
}

static void put_history(Req *rq, Buf *b, const HistoryItem *h)
{
    const Reader *r = &rq->reader;
    const Type *t = rq->type;
    buf_fmt(b, "{\"version\":%lld,\"chain\":%lld,\"seq\":%lld", (long long)h->version,
            (long long)h->chain, (long long)h->seq);
    put_name(b, "at", ms_rfc3339(rq->arena, h->at_ms), false);
    put_name(b, "act", h->action ? h->action->name : STR_NONE, false);
    put_name(b, "actor", uuid_text(rq->arena, h->actor), false);
    put_name(b, "actor_name", h->actor_name, false);
    put_name(b, "role", h->role >= 0 ? r->model->roles[h->role].name : STR_NONE, false);
    put_name(b, "unit", h->unit_ix >= 0 ? r->tree->units[h->unit_ix].code : STR_NONE, false);
    put_name(b, "state_from", state_name(t, h->state_from), false);
    put_name(b, "state_to", state_name(t, h->state_to), false);
    buf_z(b, ",\"changes\":{");
    for (int i = 0; i < h->field_n; i++)
        put_change(rq, b, &h->fields[i], i == 0);
    buf_z(b, "}}");
}

static int api_history(Req *rq, Err *e)
{
    Record *rec;
    HistoryItem *items;
    int n;
    TRY(get_record(rq, &rec, e));
    TRY(record_history(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &items, &n, e));
    Buf b = {.arena = rq->arena};
    buf_z(&b, "{\"items\":[");
    for (int i = 0; i < n; i++) {
        buf_z(&b, i ? "," : "");
        put_history(rq, &b, &items[i]);
    }
    buf_z(&b, "]}");
    req_json(rq, 200, buf_view(&b));
    return REQ_DONE;
}

/* ---- writing ---- */

static void put_json(Buf *b, const Json *j)
{
    switch (j->tag) {
    case JSON_NULL:
        buf_z(b, "null");
        break;
    case JSON_TRUE:
        buf_z(b, "true");
        break;
    case JSON_FALSE:
        buf_z(b, "false");
        break;
    case JSON_INT:
        buf_i64(b, j->i);
        break;
    case JSON_TEXT:
        json_text(b, j->s);
        break;
    case JSON_LIST:
    case JSON_OBJECT:
        buf_byte(b, j->tag == JSON_LIST ? '[' : '{');
        for (size_t i = 0; i < j->n; i++) {
            buf_z(b, i ? "," : "");
            if (j->tag == JSON_OBJECT) {
                json_text(b, j->names[i]);
                buf_byte(b, ':');
            }
            put_json(b, &j->items[i]);
        }
        buf_byte(b, j->tag == JSON_LIST ? ']' : '}');
        break;
    }
}

/* 412: what is stored now, and what was sent. */
static int answer_conflict(Req *rq, Err *e)
{
    Record *now;
    Err why = *e, sub = err_on(rq->arena);
    if (get_record(rq, &now, &sub) < 0) {
        *e = sub;
        return sub.cls;
    }
    Buf b = {.arena = rq->arena};
    buf_z(&b, ",\"current\":");
    api_record(rq, &b, now);
    buf_z(&b, ",\"mine\":");
    if (rq->json.tag == JSON_NULL)
        buf_z(&b, "{}"); /* nothing was sent */
    else
        put_json(&b, &rq->json);
    http_set_header(rq->http, S("ETag"), api_tag(rq, now->version));
    api_problem(rq, 412, &why, buf_view(&b));
    return REQ_DONE;
}

/* The same thing came before: it stands, whatever has become of it since. */
static int answer_exists(Req *rq, Err *e)
{
    Record *now;
    err_clear(e);
    TRY(get_record(rq, &now, e));
    answer_record(rq, 200, now);
    return REQ_DONE;
}

static int api_written(Req *rq, int rc, Err *e)
{
    const Change *c = rq->state;
    if (rc == ERR_CONFLICT)
        return answer_conflict(rq, e);
    if (rc == ERR_EXISTS)
        return answer_exists(rq, e);
    if (rc < 0)
        return rc;
    answer_record(rq, rq->http->method == PUT ? 201 : 200, change_result(rq->arena, c));
    return REQ_DONE;
}

static int write_record(Req *rq, const Action *act, Uuid id, Err *e)
{
    App *app = rq->app;
    RecordInput in = {.id = id};
    Change *c;
    TRY(web_record_input(rq, act, &in, e));
    int rc = record_prepare(app->records, rq->arena, rq->tx, &rq->reader, &in, &c, e);
    if (rc == ERR_CONFLICT)
        return answer_conflict(rq, e);
    if (rc == ERR_EXISTS)
        return answer_exists(rq, e);
    if (rc < 0)
        return rc;
    rq->state = c;
    return req_submit(rq, app->store, record_apply, c, api_written);
}

static int api_create(Req *rq, Err *e)
{
    Uuid id;
    if (!req_uuid(rq, "id", &id))
        return err_set(e, ERR_MISSING, "record.id_not_usable");
    if (!rq->type->create)
        return err_set(e, ERR_DENIED, "record.may_not", S("create"));
    return write_record(rq, rq->type->create, id, e);
}

static int api_change(Req *rq, Err *e)
{
    Uuid id;
    TRY(path_id(rq, &id, e));
    bool has_match = str_has(http_header(rq->http, "if-match"));
    if (!has_match || !rq->type->change) {
        Record *rec;
        TRY(get_record(rq, &rec, e)); /* not his: 404 before anything else is said */
        return rq->type->change ? err_set(e, ERR_NEED_MATCH, "web.need_match")
                                : err_set(e, ERR_DENIED, "record.may_not", S("change"));
    }
    return write_record(rq, rq->type->change, id, e);
}

static int api_act(Req *rq, Err *e)
{
    Uuid id;
    TRY(path_id(rq, &id, e));
    const Action *act = type_action(rq->type, req_path(rq, "action"));
    if (!act || act->kind != ACTION_OTHER)
        return err_set(e, ERR_MISSING, "web.missing");
    return write_record(rq, act, id, e);
}

/* ---- routes ---- */

static const ParamSpec list_params[] = {
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "state", .max_bytes = 1024},
    {.name = "limit", .max_bytes = 8},
    {.name = "after", .max_bytes = 64},
    {.name = "before", .max_bytes = 64},
    {.name = "mine", .max_bytes = 8},
    {.name = NULL},
};
static const ParamSpec create_params[] = {{.name = "as", .max_bytes = 64}, {.name = NULL}};

static const Route list[] = {
    {.path = "/api/v1/me",
     .method = GET,
     .run = api_me,
     .may = MAY_SIGNED_IN,
     .is_api = true,
     .help = "web.help_me",
     .spec = "P2"},
    {.path = "/api/v1/:type",
     .method = GET,
     .run = api_list,
     .may = MAY_TYPE,
     .is_api = true,
     .takes_model = true,
     .params = list_params,
     .help = "web.help_list",
     .spec = "P2"},
    {.path = "/api/v1/:type/:id",
     .method = GET,
     .run = api_show,
     .may = MAY_TYPE,
     .is_api = true,
     .help = "web.help_show",
     .spec = "P2"},
    {.path = "/api/v1/:type/:id",
     .method = PUT,
     .run = api_create,
     .may = MAY_TYPE,
     .is_api = true,
     .takes_model = true,
     .params = create_params,
     .body_max = LIMIT_JSON_BYTES,
     .help = "web.help_create",
     .spec = "P8"},
    {.path = "/api/v1/:type/:id",
     .method = PATCH,
     .run = api_change,
     .may = MAY_TYPE,
     .is_api = true,
     .takes_model = true,
     .body_max = LIMIT_JSON_BYTES,
     .help = "web.help_change",
     .spec = "P8"},
    {.path = "/api/v1/:type/:id/history",
     .method = GET,
     .run = api_history,
     .may = MAY_TYPE,
     .is_api = true,
     .help = "web.help_history",
     .spec = "P11"},
    {.path = "/api/v1/:type/:id/:action",
     .method = POST,
     .run = api_act,
     .may = MAY_TYPE,
     .is_api = true,
     .takes_model = true,
     .body_max = LIMIT_JSON_BYTES,
     .help = "web.help_act",
     .spec = "P2"},
};
const RouteTable api_routes = {list, LEN(list)};
