/* input.c: from parameters, or JSON, to what the record room takes. Shared by pages and API, so
 * that the two cannot differ.                                                         STYLE: R44 */
#include "web/web_int.h"

/* ---- lists ---- */

static int list_unit(Req *rq, ListQuery *q, Err *e)
{
    Str code = str_trim(req_param(rq, "unit"));
    const Unit *u = code.n ? tree_unit_coded(rq->reader.tree, code) : NULL;
    if (code.n && !u)
        return err_field(e, S("unit"), "web.no_such_unit");
    q->unit_ix = u ? u->ix : -1;
    return 0;
}

static void list_states(Req *rq, ListQuery *q, Err *e)
{
    Str rest = str_trim(req_param(rq, "state")), one;
    while (rest.n) { /* several with commas between */
        str_cut(rest, ',', &one, &rest);
        const State *st = type_state(rq->type, str_trim(one));
        if (!st) {
            (void)err_field(e, S("state"), "web.no_such_state");
            return;
        }
        q->states |= 1u << st->ix;
    }
}

static void list_filter(Req *rq, ListQuery *q, Err *e)
{
    ParseCtx ctx = {.arena = rq->arena, .today = DAY_NONE};
    for (size_t i = 0; i < rq->params.n; i++) {
        const Param *p = &rq->params.list[i];
        const Field *f = type_field(rq->type, p->name);
        if (!f || !p->value.n)
            continue;
        if (q->filter) {
            (void)err_field(e, p->name, "web.one_filter");
            continue;
        }
        if (f->kind == KIND_LINK || f->kind == KIND_LINKS) { /* the records that name this one */
            if (uuid_parse(str_trim(p->value), &q->link_to))
                q->link = f;
            else
                (void)err_field(e, p->name, "web.no_filter");
            continue;
        }
        bool ok = f->kind == KIND_CHOICE || f->kind == KIND_DATE || f->kind == KIND_INT ||
                  f->kind == KIND_YESNO;
        if (!ok)
            (void)err_field(e, p->name, "web.no_filter");
        else if (model_kind(f->kind)->parse(&ctx, f, p->value, &q->filter_value, e) == 0)
            q->filter = f;
    }
}

static void list_limit(Req *rq, ListQuery *q, Err *e)
{
    Str text = str_trim(req_param(rq, "limit"));
    int64_t n = 20;
    if (text.n && (!str_i64(text, &n) || n < 1 || n > LIMIT_LIST_PAGE)) {
        (void)err_field(e, S("limit"), "web.limit", err_int(e, LIMIT_LIST_PAGE));
        return;
    }
    q->limit = (int)n;
}

int web_list_query(Req *rq, ListQuery *ret, Err *e)
{
    CHECK(rq->type != NULL);
    ListQuery q = {
        .type = rq->type, .unit_ix = -1, .limit = 20, .after = STR_NONE};
    Str mine = req_param(rq, "mine"), before = str_trim(req_param(rq, "before"));
    Str after = str_trim(req_param(rq, "after"));
    (void)list_unit(rq, &q, e); /* faults are gathered in e */
    list_states(rq, &q, e);
    list_limit(rq, &q, e);
    list_filter(rq, &q, e);
    q.mine = str_eq(mine, S("1")) || str_eq(mine, S("yes")) || str_eq(mine, S("true"));
    q.backwards = before.n > 0;
    if (before.n || after.n)
        q.after = before.n ? before : after;
    if (e->cls)
        return e->cls;
    *ret = q;
    return 0;
}

/* ---- one record ---- */

/* A code nobody knows and a unit that is not his are one answer. */
static int unit_of_code(Req *rq, Str code, int *ret_ix, Err *e)
{
    const Unit *u = tree_unit_coded(rq->reader.tree, code);
    if (!u)
        return err_set(e, ERR_MISSING, "web.missing");
    *ret_ix = u->ix;
    return 0;
}

static int input_json(Req *rq, const Action *act, RecordInput *in, Err *e)
{
    const Json *j = &rq->json;
    FieldInput *list = NEW_N(rq->arena, FieldInput, j->n + 1);
    int n = 0;
    for (size_t i = 0; i < j->n; i++) {
        const Json *v = &j->items[i];
        Str name = j->names[i];
        if (act->kind == ACTION_CREATE && str_eq(name, S("unit")) && v->tag == JSON_TEXT)
            TRY(unit_of_code(rq, v->s, &in->unit_ix, e));
        else if (act->kind == ACTION_CREATE && str_eq(name, S("unit")) && v->tag == JSON_NULL)
            continue;
        else if (act->kind == ACTION_CREATE && str_eq(name, S("unit")))
            (void)err_field(e, name, "field.wrong_type");
        else
            list[n++] = input_of_json(rq, type_field(in->type, name), name, name, v, e);
    }
    in->fields = list;
    in->field_n = n;
    return 0;
}

static bool is_asked_by(const Field *f, const Action *act)
{
    for (int i = 0; act && i < act->ask_n; i++)
        if (act->asks[i] == f)
            return true;
    return false;
}

static bool has_param(const Req *rq, Str name)
{
    return str_has(params_get(&rq->params, name));
}

/* Did the form hold this field at all: a photo field without any photo sends nothing but
 * `file.NAME`. */
static bool is_sent(Req *rq, const Field *f)
{
    Str file = str_fmt(rq->arena, "file.%.*s", STR_ARG(f->name));
    if (input_part(rq, f->name, "pick").n || input_part(rq, f->name, "find").n)
        return true; /* it was asked which one is meant */
    if (f->kind == KIND_PHOTO || f->kind == KIND_FILE)
        return has_param(rq, f->name) || req_file(rq, str_z(rq->arena, file), 0);
    return has_param(rq, f->name);
}

/* Several of one name: ticked choices, ids kept, then the names just typed (NAME.add). */
static Str joined_text(Req *rq, const Field *f)
{
    size_t n;
    const Str *list = req_params(rq, str_z(rq->arena, f->name), &n);
    Buf b = {.arena = rq->arena};
    for (size_t i = 0; i < n; i++) {
        if (!list[i].n)
            continue;
        buf_z(&b, b.n ? "," : "");
        buf_str(&b, list[i]);
    }
    Str more[] = {input_reference(rq, S(""), S(""), input_part(rq, f->name, "pick"),
                                  input_part(rq, f->name, "find")),
                  input_part(rq, f->name, "add")};
    for (size_t i = 0; f->kind == KIND_LINKS && i < LEN(more); i++)
        if (more[i].n)
            buf_fmt(&b, "%s%.*s", b.n ? "," : "", STR_ARG(more[i]));
    return b.n ? buf_view(&b) : S("");
}

static Str reference_text(Req *rq, const Field *f)
{
    return input_reference(rq, params_get(&rq->params, f->name), input_part(rq, f->name, "id"),
                           input_part(rq, f->name, "pick"), input_part(rq, f->name, "find"));
}

Str input_part(Req *rq, Str name, const char *tail)
{
    Str s = params_get(&rq->params, str_fmt(rq->arena, "%.*s.%s", STR_ARG(name), tail));
    return str_has(s) ? str_trim(s) : S("");
}

Str input_form_text(Req *rq, const Field *f)
{
    Str s;
    switch (f->kind) {
    case KIND_PHOTO:
    case KIND_FILE:
        return web_photo_ids(rq, f);
    case KIND_REMARK:
        return web_remark(rq, f);
    case KIND_CHOICES:
    case KIND_LINKS:
        return joined_text(rq, f);
    case KIND_LINK:
    case KIND_PERSON:
    case KIND_UNIT:
        return reference_text(rq, f);
    default:
        s = params_get(&rq->params, f->name);
        return str_has(s) ? s : S("");
    }
}

/* False: the form does not hold it. */
static bool form_field(Req *rq, const Field *f, FieldInput *ret, Err *e)
{
    if (f->computed)
        return false;
    if (f->kind == KIND_ROWS) {
        FormRows rows = input_rows(rq, f);
        *ret = input_of_rows(rq, f, &rows);
        return rows.is_sent;
    }
    if (f->kind == KIND_AUDIENCE) {
        FormPairs pairs = input_pairs(rq, f);
        if (pairs.is_sent)
            *ret = input_of_pairs(rq, f, &pairs, e);
        return pairs.is_sent;
    }
    if (!is_sent(rq, f))
        return false;
    *ret = (FieldInput){.name = f->name, .text = input_form_text(rq, f)};
    return true;
}

static int input_form(Req *rq, const Action *act, RecordInput *in, Err *e)
{
    const Type *t = in->type;
    FieldInput *list = NEW_N(rq->arena, FieldInput, (size_t)t->field_n + 1);
    Str unit = req_param(rq, "unit");
    int n = 0;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        bool is_own = act->kind != ACTION_OTHER && !f->is_asked;
        if (is_own || is_asked_by(f, act) || is_asked_by(f, in->then))
            n += form_field(rq, f, &list[n], e);
    }
    in->fields = list;
    in->field_n = n;
    if (act->kind == ACTION_CREATE && unit.n)
        TRY(unit_of_code(rq, unit, &in->unit_ix, e));
    return 0;
}

/* "7", W/"7" is none of ours; * is whatever there is. */
static int read_if_match(Req *rq, int64_t *ret, Err *e)
{
    Str text = http_header(rq->http, "if-match");
    if (!text.n || str_eq(text, S("*")))
        return 0;
    bool ok = text.n > 2 && text.p[0] == '"' && text.p[text.n - 1] == '"' &&
              str_i64(str_sub(text, 1, text.n - 2), ret) && *ret > 0;
    return ok ? 0 : err_set(e, ERR_SYNTAX, "web.if_match");
}

static int read_version(Req *rq, const Action *act, RecordInput *in, Err *e)
{
    if (act->kind == ACTION_CREATE)
        return 0;
    if (rq->is_api)
        return read_if_match(rq, &in->if_version, e);
    Str text = req_param(rq, "version");
    if (text.n && (!str_i64(text, &in->if_version) || in->if_version < 1))
        return err_set(e, ERR_SYNTAX, "web.version");
    return 0;
}

static void add_photo_faults(Req *rq, Err *e)
{
    const Err *from = &rq->own->photo_err;
    for (size_t i = 0; i < from->field_n; i++) {
        const ErrField *f = &from->fields[i];
        Str args[ERR_ARGS_MAX + 1] = {f->args[0], f->args[1], f->args[2], f->args[3], STR_NONE};
        (void)err_field_at(e, f->field, str_z(rq->arena, f->key), from->file, from->line, args);
    }
}

static bool has_photo(const RecordInput *in)
{
    for (int i = 0; i < in->field_n; i++) {
        const Field *f = type_field(in->type, in->fields[i].name);
        if (f && (f->kind == KIND_PHOTO || f->kind == KIND_FILE) && in->fields[i].text.n)
            return true;
    }
    return false;
}

int web_record_input(Req *rq, const Action *act, RecordInput *ret, Err *e)
{
    CHECK(rq->type && act);
    RecordInput in = {.type = rq->type,
                      .action = act,
                      .then = ret->then,
                      .unit_ix = -1,
                      .id = ret->id,
                      .as_role = str_trim(req_param(rq, "as"))};
    if (!in.as_role.n)
        in.as_role = STR_NONE;
    if (!rq->is_api)
        (void)uuid_parse(req_param(rq, "id"),
                         &in.id); /* of a new record; a path's id is the handler's */
    TRY(read_version(rq, act, &in, e));
    TRY(rq->is_api ? input_json(rq, act, &in, e) : input_form(rq, act, &in, e));
    if (has_photo(&in)) {
        in.files_tx = req_files_tx(rq, e);
        if (!in.files_tx)
            return e->cls;
    }
    add_photo_faults(rq, e); /* e then holds them; record_prepare adds its own and fails once */
    *ret = in;
    return 0;
}

/* ---- remarks ---- */

/* Each line of the passage with its mark, so that a text holds several. */
static void put_passage(Buf *b, Str passage)
{
    Str line;
    while (passage.n) {
        str_cut(passage, '\n', &line, &passage);
        buf_z(b, "> ");
        buf_str(b, str_trim(line));
        buf_byte(b, '\n');
    }
}

/* A remark on the whole text stands in front of any passage, else it would belong to the last one.
 */
Str web_remark(Req *rq, const Field *f)
{
    Arena *a = rq->arena;
    Str at = params_get(&rq->params, str_fmt(a, "%.*s.at", STR_ARG(f->name)));
    Str so_far = params_get(&rq->params, str_fmt(a, "%.*s.so_far", STR_ARG(f->name)));
    Str text = str_trim(text_normal(a, params_get(&rq->params, f->name)));
    so_far = str_trim(text_normal(a, so_far));
    bool is_whole = !at.n || str_eq(at, S("all"));
    Buf b = {.arena = a};
    if (text.n && is_whole) {
        buf_str(&b, text);
        buf_z(&b, so_far.n ? "\n" : "");
    }
    buf_str(&b, so_far);
    if (text.n && !is_whole) {
        buf_z(&b, so_far.n ? "\n" : "");
        put_passage(&b, str_trim(text_normal(a, at)));
        buf_str(&b, text);
    }
    return b.n ? buf_view(&b) : S("");
}

/* ---- photos of a form ---- */

static bool is_dropped(Req *rq, Str id)
{
    size_t n;
    const Str *drop = req_params(rq, "drop", &n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(drop[i], id))
            return true;
    return false;
}

Str web_photo_ids(Req *rq, const Field *f)
{
    size_t n;
    const Str *kept = req_params(rq, str_z(rq->arena, f->name), &n);
    Buf b = {.arena = rq->arena};
    for (size_t i = 0; i < n; i++) {
        if (!kept[i].n || is_dropped(rq, kept[i]))
            continue;
        buf_z(&b, b.n ? "," : "");
        buf_str(&b, kept[i]);
    }
    const ReqOwn *own = rq->own;
    for (int i = 0; i < own->photo_n; i++) {
        if (!str_eq(own->photos[i].field, f->name) || !own->photos[i].is_stored)
            continue;
        buf_z(&b, b.n ? "," : "");
        buf_str(&b, uuid_text(rq->arena, own->photos[i].file->id));
    }
    return b.n ? buf_view(&b) : S("");
}

static void photo_fault(Req *rq, Str field, const Err *why)
{
    Err *to = &rq->own->photo_err;
    const Str *s = why->args;
    Str args[ERR_ARGS_MAX + 1] = {s[0], s[1], s[2], s[3], STR_NONE};
    (void)err_field_at(to, field, str_z(rq->arena, why->key), why->file, why->line, args);
}

/* A photo field takes pictures alone, another any document; what is neither becomes a fault of its
 * field. */
static int take_file(Req *rq, Str field, const Param *p, FileInput *ret, Err *e)
{
    const Field *f = type_field(rq->type, field);
    int w, h;
    if (f && f->kind == KIND_FILE)
        return web_take_file(rq->arena, p->filename, p->value, ret, e);
    ret->mime = S("image/jpeg");
    return photo_clean(rq->arena, p->value, &ret->bytes, &w, &h, e);
}

static int clean_photos(Req *rq, Err *e)
{
    ReqOwn *own = rq->own;
    for (size_t i = 0; i < own->files.n; i++) {
        const Param *p = &own->files.list[i];
        if (!p->value.n && !p->filename.n)
            continue; /* an input left empty */
        if (!str_starts(p->name, S("file.")))
            continue;
        Str field = str_sub(p->name, 5, p->name.n);
        if (own->photo_n == PHOTOS_AT_ONCE)
            return err_field(e, field, "web.many_photos", err_int(e, PHOTOS_AT_ONCE));
        FileInput *file = NEW(rq->arena, FileInput);
        Err sub = err_on(rq->arena);
        *file = (FileInput){.owner = rq->reader.person, .now_ms = env_now_ms(rq->app->env)};
        sm3_of(p->value.p, p->value.n, file->source);
        if (take_file(rq, field, p, file, &sub) < 0) {
            photo_fault(rq, field, &sub);
            continue;
        }
        file->id = env_uuid7(rq->app->env);
        own->photos[own->photo_n++] = (struct StoredPhoto){.field = field, .file = file};
    }
    return 0;
}

static int store_next(Req *rq, Err *e);

static int photo_stored(Req *rq, int rc, Err *e)
{
    ReqOwn *own = rq->own;
    if (rc < 0)
        return rc;
    own->photos[own->photo_ix++].is_stored = true;
    return store_next(rq, e);
}

static int store_next(Req *rq, Err *e)
{
    ReqOwn *own = rq->own;
    if (own->photo_ix < own->photo_n) {
        struct StoredPhoto *p = &own->photos[own->photo_ix];
        if (own->photo_ix == 0) {
            Tx *tx = req_files_tx(rq, e);
            if (!tx)
                return e->cls;
            TRY(record_prepare_file(rq->app->records, tx, &rq->reader, p->file, e));
        }
        return req_submit(rq, rq->app->files, record_apply_file, p->file, photo_stored);
    }
    own->has_photos = true;
    if (!req_tx(rq, e))
        return e->cls;
    return own->next(rq, e);
}

int web_store_photos(Req *rq, int (*next)(Req *rq, Err *e), Err *e)
{
    ReqOwn *own = rq->own;
    own->next = next;
    if (own->has_photos)
        return next(rq, e);
    TRY(clean_photos(rq, e));
    return store_next(rq, e);
}
