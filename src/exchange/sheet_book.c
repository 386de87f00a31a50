/* sheet_book.c: records as a workbook a clerk can read: headings, choices, states and units in
 * words; numbers and dates as such. What the import would not read back as the same value stands
 * there by its key instead.                                                       SPEC: P7 */
#include "exchange/sheet.h"

enum { FIXED_MAX = 7 };

typedef enum Part { PART_ID, PART_CODE, PART_UNIT, PART_AUTHOR, PART_DAY, PART_STATE } Part;

struct SheetBook {
    Xlsx *out;
    const Type *type;
    Lang lang;
    uint64_t *shared; /* hashes of names that several units have */
    size_t shared_n;
    Part parts[FIXED_MAX];
    int part_n;
    XlsxCell *cells;
};

/* ---- names that several units have ---- */

static int by_hash(const void *x, const void *y)
{
    const uint64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* Hashes of names that stand in the tree more than once, in order. */
static uint64_t *shared_names(Arena *a, const Tree *t, size_t *ret_n)
{
    size_t all = (size_t)t->unit_n, n = 0;
    uint64_t *list = NEW_N(a, uint64_t, all + 1);
    for (size_t i = 0; i < all; i++)
        list[i] = str_hash(t->units[i].name);
    qsort(list, all, sizeof *list, by_hash);
    for (size_t i = 1; i < all; i++)
        if (list[i - 1] == list[i] && (!n || list[n - 1] != list[i]))
            list[n++] = list[i];
    *ret_n = n;
    return list;
}

/* ---- columns ---- */

/* The heading, unless the import would take it for something else. */
static Str fixed_head(Arena *a, const Type *t, const char *key, const char *name, Lang lang)
{
    Str said = i18n_get(lang, str_of(key));
    return record_import_field(a, t, said) ? str_of(name) : said;
}

static Str field_head(Arena *a, const Type *t, const Field *f, Lang lang)
{
    Str label = label_text(&f->label, lang), unit = field_unit(a, f, lang);
    Str said = unit.n ? str_fmt(a, lang == LANG_ZH ? "%.*s（%.*s）" : "%.*s (%.*s)",
                                STR_ARG(label), STR_ARG(unit))
                      : label;
    return record_import_field(a, t, said) == f ? said : f->name;
}

static XlsxColumn field_column(Arena *a, const Type *t, const Field *f, Lang lang)
{
    XlsxColumn c = {.head = field_head(a, t, f, lang)};
    if (f->kind == KIND_INT)
        c.kind = XLSX_INT;
    else if (f->kind == KIND_DATE)
        c.kind = XLSX_DATE;
    else if (f->kind == KIND_MONEY || f->kind == KIND_AREA || f->kind == KIND_PERCENT) {
        c.kind = XLSX_DECIMAL;
        c.scale = 2;
    } else if (f->kind == KIND_PRICE) {
        c.kind = XLSX_DECIMAL;
        c.scale = 4;
    }
    if (f->kind == KIND_NOTE || f->kind == KIND_REMARK)
        c.width = 40;
    return c;
}

static size_t put_columns(SheetBook *b, Arena *a, XlsxColumn *list)
{
    static const struct {
        const char *key, *name;
        int width;
    } fixed[] = {[PART_ID] = {"sheet.id", "id", 38},
                 [PART_CODE] = {"sheet.unit_code", "unit", 14},
                 [PART_UNIT] = {"sheet.unit_name", "unit_name", 16},
                 [PART_AUTHOR] = {"sheet.author", "author", 10},
                 [PART_DAY] = {"sheet.day", "day", 12},
                 [PART_STATE] = {"sheet.state", "state", 10}};
    size_t n = 0;
    for (int i = 0; i <= PART_STATE; i++) {
        if (i == PART_DAY && b->type->dated)
            continue; /* its own column says it */
        b->parts[b->part_n++] = (Part)i;
        list[n++] = (XlsxColumn){
            .head = fixed_head(a, b->type, fixed[i].key, fixed[i].name, b->lang),
            .kind = i == PART_DAY ? XLSX_DATE : XLSX_TEXT,
            .width = fixed[i].width};
    }
    for (int i = 0; i < b->type->field_n; i++)
        if (b->type->fields[i].kind != KIND_ROWS)
            list[n++] = field_column(a, b->type, &b->type->fields[i], b->lang);
    return n;
}

int sheet_book_new(Arena *a, TableSink sink, const Type *t, const Tree *tree, Lang lang,
                   SheetBook **ret, Err *e)
{
    size_t most = (size_t)t->field_n + FIXED_MAX;
    SheetBook *b = NEW(a, SheetBook);
    XlsxColumn *columns = NEW_N(a, XlsxColumn, most);
    *b = (SheetBook){.type = t, .lang = lang};
    *ret = b; /* to be closed, also if it goes wrong */
    b->shared = shared_names(a, tree, &b->shared_n);
    b->cells = NEW_N(a, XlsxCell, most);
    size_t n = put_columns(b, a, columns);
    return xlsx_new(a, sink, label_text(&t->label, lang), columns, n, lang, &b->out, e);
}

/* ---- a row ---- */

static Str unit_text(const SheetBook *b, Arena *a, const Unit *u)
{
    uint64_t hash = str_hash(u->name);
    return bsearch(&hash, b->shared, b->shared_n, sizeof hash, by_hash)
               ? str_fmt(a, "%.*s（%.*s）", STR_ARG(u->name), STR_ARG(u->code))
               : u->name;
}

/* In words, if they would be read as the same value; else as a form's input holds it. */
static Str words_of(Arena *a, const Field *f, const Value *v, Lang lang)
{
    const Kind *k = model_kind(f->kind);
    ParseCtx ctx = {.arena = a, .today = DAY_NONE};
    Err sub = err_on(a);
    Value again;
    Str said = k->show(a, f, v, lang);
    return k->parse(&ctx, f, said, &again, &sub) == 0 && value_eq(&again, v) ? said
                                                                           : k->typed(a, f, v);
}

static int field_cell(const SheetBook *b, Arena *a, const Tree *tree, const Field *f,
                      const Value *v, SheetNames names, XlsxCell *ret, Err *e)
{
    const Unit *u;
    Uuid id;
    *ret = (XlsxCell){.is_absent = v->tag == VALUE_NONE};
    if (ret->is_absent)
        return 0;
    switch (f->kind) {
    case KIND_INT:
    case KIND_DATE:
    case KIND_MONEY:
    case KIND_AREA:
    case KIND_PERCENT:
    case KIND_PRICE:
        ret->i = v->i;
        return 0;
    case KIND_YESNO:
    case KIND_CHOICE:
    case KIND_CHOICES:
        ret->s = words_of(a, f, v, b->lang);
        return 0;
    case KIND_UNIT:
        u = tree_unit(tree, v->i);
        ret->s = u ? unit_text(b, a, u) : S("");
        return 0;
    case KIND_PERSON:
        if (v->tag != VALUE_BLOB || v->s.n != sizeof id)
            return 0;
        memcpy(id.b, v->s.p, sizeof id.b);
        return names.person(names.ctx, id, &ret->s, e);
    case KIND_AUDIENCE:
        ret->s = sheet_audience(a, tree, v->s);
        return 0;
    default:
        ret->s = model_kind(f->kind)->typed(a, f, v);
        return 0;
    }
}

static int part_cell(const SheetBook *b, Arena *a, const Unit *u, const Record *rec, Part part,
                     SheetNames names, XlsxCell *ret, Err *e)
{
    *ret = (XlsxCell){0};
    switch (part) {
    case PART_ID:
        ret->s = uuid_text(a, rec->id);
        return 0;
    case PART_CODE:
        ret->s = u->code;
        return 0;
    case PART_UNIT:
        ret->s = u->name;
        return 0;
    case PART_DAY:
        ret->i = rec->at_day;
        return 0;
    case PART_STATE:
        ret->s = record_import_state_text(a, b->type, rec->state, b->lang);
        return 0;
    case PART_AUTHOR:
        break;
    }
    return names.person(names.ctx, rec->author, &ret->s, e);
}

int sheet_book_row(SheetBook *b, Arena *scratch, const Tree *tree, const Record *rec,
                   SheetNames names, Err *e)
{
    size_t mark = arena_mark(scratch), n = 0;
    for (int i = 0; i < b->part_n; i++) {
        XlsxCell *c = &b->cells[n++];
        TRY(part_cell(b, scratch, &tree->units[rec->unit_ix], rec, b->parts[i], names, c, e));
        if (b->parts[i] == PART_AUTHOR)
            c->s = str_copy(scratch, c->s); /* a name stands until the next is asked for */
    }
    for (int i = 0; i < b->type->field_n; i++) {
        const Field *f = &b->type->fields[i];
        if (f->kind == KIND_ROWS)
            continue;
        XlsxCell *c = &b->cells[n++];
        TRY(field_cell(b, scratch, tree, f, &rec->values[i], names, c, e));
        if (f->kind == KIND_PERSON && str_has(c->s))
            c->s = str_copy(scratch, c->s);
    }
    TRY(xlsx_row(b->out, b->cells, e));
    arena_rewind(scratch, mark);
    return 0;
}

int sheet_book_end(SheetBook *b, Err *e)
{
    return xlsx_end(b->out, e);
}

void sheet_book_close(SheetBook *b)
{
    if (b)
        xlsx_close(b->out);
}

/* ---- units ---- */

int sheet_book_units(Arena *a, TableSink sink, const Model *m, const Tree *t, int unit_ix,
                     Lang lang, Err *e)
{
    static const XlsxColumn columns[] = {{.head = {"code", 4}, .width = 16},
                                         {.head = {"name", 4}, .width = 24},
                                         {.head = {"level", 5}},
                                         {.head = {"parent", 6}, .width = 16}};
    Xlsx *x = NULL;
    int from = unit_ix < 0 ? 0 : unit_ix, to = unit_ix < 0 ? t->unit_n : t->units[unit_ix].end_ix;
    int rc = xlsx_new(a, sink, S("units"), columns, LEN(columns), lang, &x, e);
    for (int i = from; i < to && rc >= 0; i++) {
        const Unit *u = &t->units[i];
        XlsxCell cells[] = {{.s = u->code},
                            {.s = u->name},
                            {.s = m->kinds[u->kind].name},
                            {.s = u->parent_ix < 0 ? S("") : t->units[u->parent_ix].code}};
        rc = xlsx_row(x, cells, e);
    }
    if (rc >= 0)
        rc = xlsx_end(x, e);
    xlsx_close(x);
    return rc;
}
