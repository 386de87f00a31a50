/* input_json.c: a field's value as JSON gives it, to what the record room takes: ids in lists,
 * choices by name, audiences as pairs, rows as objects. A shape no field takes is told with its
 * place, FIELD.N.NAME.                                DESIGN: Interfaces that stay  STYLE: R44 */
#include "web/web_int.h"

static Str place(Arena *a, Str head, size_t n, Str tail)
{
    return tail.n ? str_fmt(a, "%.*s.%zu.%.*s", STR_ARG(head), n, STR_ARG(tail))
                  : str_fmt(a, "%.*s.%zu", STR_ARG(head), n);
}

/* Texts of a list with commas between; one that holds a comma itself names nothing. */
static Str join_texts(Arena *a, const Json *list, bool *ret_ok)
{
    Buf b = {.arena = a};
    for (size_t i = 0; i < list->n; i++) {
        const Json *j = &list->items[i];
        if (j->tag != JSON_TEXT || !str_trim(j->s).n || memchr(j->s.p, ',', j->s.n)) {
            *ret_ok = false;
            return S("");
        }
        buf_z(&b, i ? "," : "");
        buf_str(&b, j->s);
    }
    return b.n ? buf_view(&b) : S("");
}

/* An instant comes in UTC; the kind reads what a person in China types. */
static Str instant_typed(Arena *a, const Field *f, Str text)
{
    Value v = {.tag = VALUE_INT};
    return ms_parse(text, &v.i) ? model_kind(f->kind)->typed(a, f, &v) : text;
}

/* [{"role": "first_secretary", "unit": "410922103007"}] as "role@code, role@code". */
static Str join_pairs(Req *rq, Str path, const Json *list, Err *e)
{
    Buf b = {.arena = rq->arena};
    for (size_t i = 0; i < list->n; i++) {
        const Json *o = &list->items[i];
        const Json *role = json_get(o, S("role")), *unit = json_get(o, S("unit"));
        bool ok = o->tag == JSON_OBJECT && o->n == 2 && role && unit && role->tag == JSON_TEXT &&
                  unit->tag == JSON_TEXT && role->s.n && unit->s.n &&
                  str_find(role->s, S("@")) < 0 && str_find(role->s, S(",")) < 0 &&
                  str_find(unit->s, S("@")) < 0 && str_find(unit->s, S(",")) < 0;
        if (!ok) {
            (void)err_field(e, place(rq->arena, path, i, STR_NONE), "form.pair");
            continue;
        }
        buf_z(&b, b.n ? ", " : "");
        buf_str(&b, role->s);
        buf_byte(&b, '@');
        buf_str(&b, unit->s);
    }
    return b.n ? buf_view(&b) : S("");
}

static bool takes_list(const Field *f)
{
    return f && (model_kind(f->kind)->json_list || f->kind == KIND_AUDIENCE);
}

static Str list_text(Req *rq, const Field *f, Str path, const Json *j, bool *ok, Err *e)
{
    if (f->kind == KIND_AUDIENCE)
        return join_pairs(rq, path, j, e);
    return join_texts(rq->arena, j, ok);
}

static RowInput json_row(Req *rq, const Field *rows, Str path, size_t n, const Json *o, Err *e)
{
    Arena *a = rq->arena;
    RowInput row = {0};
    FieldInput *list = NEW_N(a, FieldInput, o->n + 1);
    for (size_t i = 0; i < o->n; i++) {
        Str name = o->names[i];
        const Json *v = &o->items[i];
        if (!str_eq(name, S("id"))) {
            list[row.field_n++] = input_of_json(rq, field_sub(rows, name), name,
                                                place(a, path, n, name), v, e);
            continue;
        }
        bool ok = v->tag == JSON_NULL || (v->tag == JSON_TEXT && uuid_parse(v->s, &row.id) &&
                                          !uuid_is_zero(row.id));
        if (!ok)
            (void)err_field(e, place(a, path, n, name), "field.not_id");
    }
    row.fields = list;
    return row;
}

static FieldInput json_rows(Req *rq, const Field *f, Str path, const Json *j, Err *e)
{
    FieldInput x = {.name = f->name, .text = S(""), .is_json = true, .is_rows = true};
    RowInput *list = NEW_N(rq->arena, RowInput, j->n + 1);
    if (j->n > LIMIT_ROWS) {
        (void)err_field(e, path, "form.many_rows", err_int(e, LIMIT_ROWS),
                        err_int(e, (int64_t)j->n));
        return x;
    }
    for (size_t i = 0; i < j->n; i++) {
        if (j->items[i].tag == JSON_OBJECT)
            list[x.row_n++] = json_row(rq, f, path, i, &j->items[i], e);
        else
            (void)err_field(e, place(rq->arena, path, i, STR_NONE), "form.row");
    }
    x.rows = list;
    return x;
}

FieldInput input_of_json(Req *rq, const Field *f, Str name, Str path, const Json *j, Err *e)
{
    FieldInput x = {.name = name, .text = S(""), .is_json = true};
    const Kind *k = f ? model_kind(f->kind) : NULL;
    bool ok = true;
    if (f && f->kind == KIND_ROWS && (j->tag == JSON_LIST || j->tag == JSON_NULL))
        return json_rows(rq, f, path, j, e);
    switch (j->tag) {
    case JSON_NULL:
        break;
    case JSON_TEXT:
        x.text = k && k->json_utc ? instant_typed(rq->arena, f, j->s) : j->s;
        ok = !takes_list(f);
        break;
    case JSON_INT:
        x.is_int = true;
        x.i = j->i;
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        x.is_bool = true;
        x.i = j->tag == JSON_TRUE;
        break;
    case JSON_LIST:
        ok = takes_list(f);
        if (ok)
            x.text = list_text(rq, f, path, j, &ok, e);
        break;
    case JSON_OBJECT:
        ok = false;
        break;
    }
    x.wrong_type = !ok || (f && f->kind == KIND_ROWS);
    return x;
}
