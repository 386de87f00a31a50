/* model_kind_ref.c: kinds that hold ids of something else: links, people, units, files, rows. What
 * is typed for most of them is looked up by record, which knows the tree and the records. */
#include "model/model_int.h"

/* ---- ids of 16 bytes, one after the other ---- */

static bool is_between(char c)
{
    return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ';';
}

int kind_parse_ids(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_id");
    Str s = kind_fold(c->arena, typed);
    Buf ids = {.arena = c->arena};
    size_t i = 0;
    while (i < s.n) {
        size_t from = i;
        while (i < s.n && !is_between(s.p[i]))
            i++;
        Str word = str_sub(s, from, i - from);
        Uuid id;
        i++;
        if (word.n == 0)
            continue;
        if (!uuid_parse(word, &id))
            return kind_refuse(e, f, "field.not_id");
        bool is_double = false;
        for (size_t at = 0; at < ids.n && !is_double; at += sizeof id.b)
            is_double = memcmp(ids.p + at, id.b, sizeof id.b) == 0;
        if (is_double)
            continue; /* the same picture twice is one */
        if (ids.n / sizeof id.b >= (size_t)f->many)
            return kind_refuse_with(e, f, "field.too_many", err_int(e, f->many));
        buf_mem(&ids, id.b, sizeof id.b);
    }
    if (ids.n == 0)
        return kind_absent(ret);
    *ret = (Value){.tag = VALUE_BLOB, .s = buf_view(&ids)};
    return 0;
}

Str kind_typed_ids(Arena *a, const Field *f, const Value *v)
{
    (void)f; /* all alike */
    if (v->tag != VALUE_BLOB)
        return kind_none(v);
    Buf b = {.arena = a};
    for (size_t at = 0; at + sizeof(Uuid) <= v->s.n; at += sizeof(Uuid)) {
        Uuid id;
        memcpy(id.b, v->s.p + at, sizeof id.b);
        buf_z(&b, at ? "," : "");
        buf_str(&b, uuid_text(a, id));
    }
    return b.n ? buf_view(&b) : S("");
}

Str kind_show_ids(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)lang; /* an id */
    return kind_typed_ids(a, f, v);
}

static Str count_text(Arena *a, int64_t n, Lang lang, Str one, Str many)
{
    Str count = str_fmt(a, "%lld", (long long)n);
    return i18n_text(a, lang, n == 1 ? one : many, &count, 1);
}

Str kind_show_photo(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)f; /* all alike */
    if (v->tag != VALUE_BLOB)
        return kind_none(v);
    return count_text(a, (int64_t)(v->s.n / sizeof(Uuid)), lang, S("model.photo_one"),
                      S("model.photo_many"));
}

Str kind_show_file(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)f; /* all alike */
    if (v->tag != VALUE_BLOB)
        return kind_none(v);
    return count_text(a, (int64_t)(v->s.n / sizeof(Uuid)), lang, S("model.file_one"),
                      S("model.file_many"));
}

/* ---- a unit: its number; record and pages know its code and name ---- */

Str kind_typed_unit(Arena *a, const Field *f, const Value *v)
{
    (void)f; /* all alike */
    return v->tag == VALUE_INT ? str_fmt(a, "%lld", (long long)v->i) : kind_none(v);
}

Str kind_show_unit(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)lang; /* digits */
    return kind_typed_unit(a, f, v);
}

/* ---- rows: their ids; how many ---- */

Str kind_typed_rows(Arena *a, const Field *f, const Value *v)
{
    (void)f; /* all alike */
    if (v->tag != VALUE_ROWS)
        return kind_none(v);
    Buf b = {.arena = a};
    for (int64_t i = 0; i < v->i; i++) {
        buf_z(&b, i ? "," : "");
        buf_str(&b, uuid_text(a, v->rows[i].id));
    }
    return b.n ? buf_view(&b) : S("");
}

Str kind_show_rows(Arena *a, const Field *f, const Value *v, Lang lang)
{
    (void)f; /* all alike */
    if (v->tag != VALUE_ROWS)
        return kind_none(v);
    return count_text(a, v->i, lang, S("model.row_one"), S("model.row_many"));
}
