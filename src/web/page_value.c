/* page_value.c: what a value is in words: names for ids, lines of rows, titles of records. A record
 * he may not see has no title and is not hinted at.                      UX: record  SPEC: P2 */
#include "web/page_int.h"

enum { OPENING = 30 };

/* ---- ids ---- */

int page_ids(Arena *a, const Value *v, Uuid **ret)
{
    size_t n = v->tag == VALUE_BLOB ? v->s.n / sizeof(Uuid) : 0;
    *ret = NEW_N(a, Uuid, n + 1);
    for (size_t i = 0; i < n; i++)
        memcpy((*ret)[i].b, v->s.p + i * sizeof(Uuid), sizeof(Uuid));
    return (int)n;
}

int page_targets(Req *rq, const Field *f, const Type **ret)
{
    int n = 0;
    for (int i = 0; i < f->to_n && n < LIMIT_TYPES; i++) {
        const Type *t = model_type(rq->app->model, f->tos[i]);
        if (t)
            ret[n++] = t;
    }
    if (!n && str_has(f->to) && model_type(rq->app->model, f->to))
        ret[n++] = model_type(rq->app->model, f->to);
    return n;
}

/* ---- what names a record ---- */

/* By a text of one line of its own; else "". */
static Str own_name(Req *rq, const Record *rec)
{
    const Field *f = rec->type->title;
    bool is_name = !rec->type->dated && f && f->kind == KIND_TEXT && !f->is_asked;
    return is_name ? page_opening(rq, rec, OPENING) : S("");
}

static const Field *party_of(const Type *t)
{
    for (int i = 0; i < t->field_n; i++)
        if (t->fields[i].is_party && t->fields[i].kind == KIND_LINK)
            return &t->fields[i];
    for (int i = 0; i < t->field_n; i++) /* a session's course */
        if (t->fields[i].kind == KIND_LINK && t->fields[i].is_required)
            return &t->fields[i];
    return NULL;
}

/* The record of a link, if he may see it; NULL otherwise, and when it cannot be read. */
static Record *linked(Req *rq, const Field *f, Uuid id)
{
    Record *rec;
    Err sub = err_on(rq->arena);
    Tx *tx = req_tx(rq, &sub);
    const Type *list[LIMIT_TYPES];
    int n = page_targets(rq, f, list);
    for (int i = 0; tx && i < n; i++) {
        if (record_get(rq->app->records, rq->arena, tx, &rq->reader, list[i], id, &rec,
                       NULL, &sub) == 0)
            return rec;
        if (sub.cls && sub.cls != ERR_MISSING)
            return NULL; /* a title that cannot be read keeps no page back */
        err_clear(&sub);
    }
    return NULL;
}

Str page_record_title(Req *rq, const Record *rec)
{
    Str name = own_name(rq, rec);
    if (name.n)
        return name;
    Str label = label_text(&rec->type->label, rq->lang), day = page_day(rq, rec->at_day);
    Str unit = page_unit(rq, rec->unit_ix);
    const Field *party = party_of(rec->type);
    Uuid *ids;
    if (party && rec->values && page_ids(rq->arena, &rec->values[party->ix], &ids) == 1) {
        const Record *of = linked(rq, party, ids[0]);
        Str who = of ? own_name(rq, of) : S("");
        if (who.n)
            return req_t(rq, "page.record_of", &label, &who, &day, NULL);
    }
    return req_t(rq, "page.record", &label, &day, &unit, NULL);
}

/* ---- values ---- */

static Str joined(Req *rq, Str *list, int n)
{
    int k = 0;
    for (int i = 0; i < n; i++)
        if (list[i].n)
            list[k++] = list[i];
    return page_join(rq, list, k);
}

Str page_audience(Req *rq, Str value)
{
    Str rest = value, one, role, unit;
    Str *list = NEW_N(rq->arena, Str, LIMIT_AUDIENCE + 1);
    int n = 0;
    while (rest.n && n < LIMIT_AUDIENCE) {
        int64_t id;
        str_cut(rest, ' ', &one, &rest);
        if (!str_cut(one, '@', &role, &unit) || !str_i64(unit, &id))
            continue;
        const Role *r = model_role(rq->app->model, role);
        const Unit *u = tree_unit(rq->reader.tree, id);
        if (!r || !u)
            continue;
        Str who = label_text(&r->label, rq->lang);
        list[n++] = req_t(rq, u->end_ix > u->ix + 1 ? "page.audience_below" : "page.audience_at",
                          &u->name, &who, NULL);
    }
    return page_join(rq, list, n);
}

static Str refs_text(Req *rq, const Field *f, const Value *v)
{
    Uuid *ids;
    int n = page_ids(rq->arena, v, &ids);
    Str *list = NEW_N(rq->arena, Str, (size_t)n + 1), count = page_n(rq, n);
    if (f->kind == KIND_FILE || f->kind == KIND_PHOTO)
        return n ? req_t(rq, f->kind == KIND_FILE ? "page.files_n" : "page.photos_n", &count, NULL)
                 : S("");
    for (int i = 0; i < n; i++) {
        const Record *rec = f->kind == KIND_PERSON ? NULL : linked(rq, f, ids[i]);
        list[i] = f->kind == KIND_PERSON ? page_person(rq, ids[i])
                  : rec                  ? page_record_title(rq, rec)
                                         : S("");
    }
    return joined(rq, list, n);
}

/* Each passage in quotation marks, what is asked below it. */
static Str remark_text(Req *rq, Str stored)
{
    Remark *list;
    Buf b = {.arena = rq->arena};
    int n = remark_parse(rq->arena, stored, &list);
    for (int i = 0; i < n; i++) {
        buf_z(&b, i ? "\n" : "");
        if (list[i].quote.n)
            buf_fmt(&b, "“%.*s”\n", STR_ARG(list[i].quote));
        buf_str(&b, list[i].text);
    }
    return b.n ? buf_view(&b) : S("");
}

Str page_value(Req *rq, const Field *f, const Value *v)
{
    if (v->tag == VALUE_NONE)
        return S("");
    if (f->kind == KIND_DATE)
        return page_day_due(rq, (Day)v->i);
    if (f->kind == KIND_REMARK && v->tag == VALUE_TEXT)
        return remark_text(rq, v->s);
    if (f->kind == KIND_AUDIENCE)
        return page_audience(rq, v->s);
    if (f->kind == KIND_UNIT) {
        const Unit *u = tree_unit(rq->reader.tree, v->i);
        return u ? u->name : S("");
    }
    if (f->kind == KIND_ROWS) {
        Str n = page_n(rq, v->i);
        return req_t(rq, "page.rows_n", &n, NULL);
    }
    if (v->tag == VALUE_BLOB)
        return refs_text(rq, f, v);
    Str text = model_kind(f->kind)->show(rq->arena, f, v, rq->lang),
        unit = field_unit(rq->arena, f, rq->lang);
    return unit.n ? str_fmt(rq->arena, "%.*s %.*s", STR_ARG(text), STR_ARG(unit)) : text;
}

/* ---- the value on its record's page: with links ---- */

static void put_refs(Req *rq, View *part, const Field *f, const Value *v)
{
    Uuid *ids;
    int n = page_ids(rq->arena, v, &ids);
    for (int i = 0; i < n; i++) {
        const Record *rec = linked(rq, f, ids[i]);
        if (rec)
            page_link(part, V_links, page_record_title(rq, rec), page_href(rq, rec, NULL));
    }
}

void page_link_fact(Req *rq, View *v, const Field *f, const Value *value)
{
    Uuid *ids;
    const Record *rec = page_ids(rq->arena, value, &ids) == 1 ? linked(rq, f, ids[0]) : NULL;
    if (rec)
        view_url(page_fact(v, V_facts, label_text(&f->label, rq->lang), page_record_title(rq, rec)),
                 V_href, page_href(rq, rec, NULL));
}

static void put_photos(Req *rq, View *part, const Value *v)
{
    Uuid *ids;
    int n = page_ids(rq->arena, v, &ids);
    for (int i = 0; i < n; i++) {
        Str text = uuid_text(rq->arena, ids[i]), no = page_n(rq, i + 1);
        View *p = view_item(part, V_photos);
        view_text(p, V_id, text);
        view_url(p, V_href, str_fmt(rq->arena, "/file/%.*s", STR_ARG(text)));
        view_text(p, V_label, req_t(rq, "page.photo_n", &no, NULL));
    }
}

/* "4 KB", "2.3 MB" */
static Str size_text(Req *rq, int64_t bytes)
{
    const int64_t kb = 1024, mb = 1024 * 1024;
    if (bytes < mb)
        return str_fmt(rq->arena, "%lld KB", (long long)((bytes + kb - 1) / kb));
    return str_fmt(rq->arena, "%lld.%lld MB", (long long)(bytes / mb),
                   (long long)(bytes % mb * 10 / mb));
}

/* Documents by their names; a photo among them, or one that cannot be read now, by its place. */
static void put_files(Req *rq, View *part, const Value *v)
{
    Uuid *ids;
    FileLine *lines = NULL;
    Err sub = err_on(rq->arena);
    int n = page_ids(rq->arena, v, &ids), line_n = 0;
    Tx *files = n ? req_files_tx(rq, &sub) : NULL;
    if (n && (!files || record_file_lines(rq->arena, files, v, &lines, &line_n, &sub) < 0))
        log_line("error", "page: names of files: key=%.*s at=%s:%d", STR_ARG(sub.key), sub.file,
                 sub.line);
    for (int i = 0; i < n; i++) {
        Str text = uuid_text(rq->arena, ids[i]), no = page_n(rq, i + 1);
        const FileLine *line = NULL;
        for (int k = 0; k < line_n; k++)
            line = uuid_eq(lines[k].id, ids[i]) ? &lines[k] : line;
        bool is_named = line && str_has(line->name);
        View *l = page_link(part, V_links,
                            is_named ? line->name : req_t(rq, "page.file_n", &no, NULL),
                            str_fmt(rq->arena, "/file/%.*s", STR_ARG(text)));
        if (line)
            view_text(l, V_note, size_text(rq, line->bytes));
    }
}

/* ---- rows ---- */

/* In a list that an audience fills in, the first choice is as expected; the others are marked. */
static bool is_exception(const Field *rows, const Field *f, const Value *v, Str *ret_look)
{
    if (!rows->start || f->kind != KIND_CHOICE || !f->is_required || v->tag != VALUE_INT)
        return false;
    int k = 0;
    while (k < f->choice_n && f->choices[k].number != v->i)
        k++;
    *ret_look = k < 2 ? S("soon") : S("late");
    return k > 0;
}

static bool is_used(const Field *f, const Value *v) /* does any line say something here */
{
    for (int64_t i = 0; i < v->i; i++)
        if (v->rows[i].values[f->ix].tag != VALUE_NONE)
            return true;
    return false;
}

static void put_cell(Req *rq, View *row, const Field *rows, const Field *f, const Row *line,
                     bool is_first)
{
    const Value *v = &line->values[f->ix];
    View *c = view_item(row, V_cells);
    Str text = page_value(rq, f, v), look = S("");
    Uuid *ids;
    view_text(c, V_label, is_first ? S("") : label_text(&f->label, rq->lang));
    view_text(c, V_text, text);
    view_bool(c, V_is_nil, !text.n);
    view_bool(c, V_is_title, is_first);
    view_bool(c, V_is_num, model_kind(f->kind)->json_number && f->kind != KIND_MONTH_DAY);
    if (is_exception(rows, f, v, &look)) {
        View *s = view_object(c, V_state);
        view_text(s, V_label, text);
        view_text(s, V_look, look);
    }
    if (f->kind == KIND_LINK && text.n && page_ids(rq->arena, v, &ids) == 1) {
        const Record *rec = linked(rq, f, ids[0]);
        if (rec)
            view_url(c, V_href, page_href(rq, rec, NULL));
    }
}

/* "到 36 · 请假 1": how often each choice stands, where an audience was filled in. */
static Str tally(Req *rq, const Field *rows, const Value *v)
{
    Buf b = {.arena = rq->arena};
    for (int i = 0; rows->start && i < rows->field_n; i++) {
        const Field *f = &rows->fields[i];
        for (int k = 0; f->kind == KIND_CHOICE && f->is_required && k < f->choice_n; k++) {
            int n = 0;
            for (int64_t r = 0; r < v->i; r++) {
                const Value *at = &v->rows[r].values[f->ix];
                n += at->tag == VALUE_INT && at->i == f->choices[k].number;
            }
            if (n)
                buf_fmt(&b, "%s%.*s %d", b.n ? " · " : "",
                        STR_ARG(label_text(&f->choices[k].label, rq->lang)), n);
        }
    }
    return b.n ? buf_view(&b) : page_value(rq, rows, v);
}

static void put_rows(Req *rq, View *part, const Field *rows, const Value *v)
{
    view_text(part, V_count_text, tally(rq, rows, v));
    for (int i = 0; i < rows->field_n; i++)
        if (is_used(&rows->fields[i], v))
            view_text(view_item(part, V_columns), V_label,
                      label_text(&rows->fields[i].label, rq->lang));
    for (int64_t r = 0; r < v->i; r++) {
        View *row = view_item(part, V_items);
        bool is_first = true;
        for (int i = 0; i < rows->field_n; i++)
            if (is_used(&rows->fields[i], v)) {
                put_cell(rq, row, rows, &rows->fields[i], &v->rows[r], is_first);
                is_first = false;
            }
    }
}

void page_put_value(Req *rq, View *part, const Field *f, const Value *v)
{
    if (f->kind == KIND_PHOTO)
        put_photos(rq, part, v);
    else if (f->kind == KIND_FILE)
        put_files(rq, part, v);
    else if (f->kind == KIND_ROWS)
        put_rows(rq, part, f, v);
    else if (f->kind == KIND_LINK || f->kind == KIND_LINKS)
        put_refs(rq, part, f, v);
    else
        view_text(part, V_text, page_value(rq, f, v));
}

/* ---- lines of a history ---- */

static const Row *row_of(const Value *v, Uuid id)
{
    for (int64_t i = 0; v->tag == VALUE_ROWS && i < v->i; i++)
        if (uuid_eq(v->rows[i].id, id))
            return &v->rows[i];
    return NULL;
}

/* What names a line: its first value that says something. */
static Str row_name(Req *rq, const Field *rows, const Row *r)
{
    for (int i = 0; i < rows->field_n; i++) {
        Str text = page_value(rq, &rows->fields[i], &r->values[i]);
        if (text.n)
            return page_cut(rq, text, OPENING);
    }
    return S("");
}

/* Its values in a line; of a changed one only those that differ from `other`. */
static Str row_text(Req *rq, const Field *rows, const Row *r, const Row *other)
{
    Buf b = {.arena = rq->arena};
    for (int i = 0; r && i < rows->field_n; i++) {
        const Field *f = &rows->fields[i];
        Str label = label_text(&f->label, rq->lang), text = page_value(rq, f, &r->values[i]);
        if (!text.n || (other && value_eq(&r->values[i], &other->values[i])))
            continue;
        buf_z(&b, b.n ? "\n" : "");
        buf_str(&b, req_t(rq, "page.fault", &label, &text, NULL));
    }
    return b.n ? buf_view(&b) : S("");
}

static void put_line_change(Req *rq, View *step, const Field *rows, const Row *before,
                            const Row *after)
{
    Str label = label_text(&rows->label, rq->lang);
    Str name = row_name(rq, rows, after ? after : before);
    View *c = view_item(step, V_changes);
    view_text(c, V_label, name.n ? req_t(rq, "page.line_of", &label, &name, NULL) : label);
    view_change(c, row_text(rq, rows, before, after), row_text(rq, rows, after, before));
}

void page_put_row_changes(Req *rq, View *step, const Field *rows, const Value *before,
                          const Value *after)
{
    for (int64_t i = 0; before->tag == VALUE_ROWS && i < before->i; i++) {
        const Row *old = &before->rows[i], *now = row_of(after, old->id);
        bool is_same = now != NULL;
        for (int k = 0; is_same && k < rows->field_n; k++)
            is_same = value_eq(&old->values[k], &now->values[k]);
        if (!is_same)
            put_line_change(rq, step, rows, old, now);
    }
    for (int64_t i = 0; after->tag == VALUE_ROWS && i < after->i; i++)
        if (!row_of(before, after->rows[i].id))
            put_line_change(rq, step, rows, NULL, &after->rows[i]);
}
