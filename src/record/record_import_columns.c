/* record_import_columns.c: what the headings of a table mean for a type.             SPEC: P7 */
#include "record/record_import.h"

/* Folded, without blanks, stars and what stands in brackets: 面积（亩）* is 面积. */
Str import_folded(Arena *a, Str heading)
{
    Str s = text_fold(a, heading);
    Buf b = {.arena = a};
    int depth = 0;
    while (s.n) {
        char out[4];
        uint32_t cp = utf8_next(&s);
        if (cp == '(' || cp == '[' || cp == 0x3010)
            depth++;
        else if (cp == ')' || cp == ']' || cp == 0x3011)
            depth -= depth > 0;
        else if (!depth && cp > ' ' && cp != '*' && cp != ':' && cp != '_' && cp != 0x3000)
            buf_mem(&b, out, utf8_put(cp, out));
    }
    return b.n ? buf_view(&b) : str_trim(text_fold(a, heading));
}

static bool is_called(Arena *a, Str folded, Str name)
{
    return str_eq(folded, import_folded(a, name));
}

const Field *import_field(Arena *a, const Type *t, Str heading)
{
    Str folded = import_folded(a, heading);
    if (!folded.n)
        return NULL;
    for (int i = 0; i < t->field_n; i++)
        if (is_called(a, folded, t->fields[i].name))
            return &t->fields[i];
    for (int i = 0; i < t->field_n; i++)
        for (int lang = 0; lang < LANG_MAX; lang++)
            if (is_called(a, folded, t->fields[i].label.text[lang]))
                return &t->fields[i];
    return NULL;
}

const Field *record_import_field(Arena *a, const Type *t, Str heading)
{
    return import_field(a, t, heading);
}

const State *import_state(Arena *a, const Type *t, Str text)
{
    Str folded = import_folded(a, text);
    for (int i = 0; i < t->state_n; i++)
        if (str_eq(folded, import_folded(a, t->states[i].name)) ||
            str_eq(folded, import_folded(a, t->states[i].label.text[LANG_ZH])) ||
            str_eq(folded, import_folded(a, t->states[i].label.text[LANG_EN])))
            return &t->states[i];
    return NULL;
}

Str record_import_state_text(Arena *a, const Type *t, int state, Lang lang)
{
    Str label = label_text(&t->states[state].label, lang);
    const State *meant = import_state(a, t, label);
    return meant && meant->ix == state ? label : t->states[state].name;
}

static bool is_of(Arena *a, Str folded, const char *const *words)
{
    for (; *words; words++)
        if (is_called(a, folded, str_of(*words)))
            return true;
    return false;
}

/* Rows, photos and documents do not fit into a cell; what is computed is nobody's to write. */
static bool is_for_cells(const Field *f)
{
    return f->kind != KIND_ROWS && !field_has_files(f) && !f->computed;
}

/* What the engine itself calls so: what an export writes, and a running number. */
static ImportAim engine_aim(Arena *a, Str folded)
{
    static const char *const units[] = {"unit",     "单位",   "单位代码", "单位编码",
                                        "unitcode", "所在村", "村",       NULL};
    static const char *const states[] = {"state", "状态", "status", NULL};
    static const char *const ids[] = {"id", "记录编号", NULL};
    static const char *const none[] = {"unit_name", "author", "day",    "version", "made_ms",
                                       "at_day",    "序号",   "no.",    "no",      "单位名称",
                                       "county",    "seat",   "posting", "原因",     "reason",
                                       "填写人",    "登记日期", "made on", NULL};
    if (is_of(a, folded, units))
        return AIM_UNIT;
    if (is_of(a, folded, states))
        return AIM_STATE;
    if (is_of(a, folded, ids))
        return AIM_ID;
    return is_of(a, folded, none) ? AIM_NONE : AIM_UNKNOWN;
}

static ImportColumn aim_at(Arena *a, const Type *t, Str heading)
{
    ImportColumn c = {.heading = heading, .field = import_field(a, t, heading)};
    if (!str_trim(heading).n)
        c.aim = AIM_NONE;
    else if (c.field)
        c.aim = is_for_cells(c.field) ? AIM_FIELD : AIM_NONE;
    else
        c.aim = engine_aim(a, import_folded(a, heading));
    if (c.aim != AIM_FIELD)
        c.field = NULL;
    return c;
}

int record_import_known(Arena *a, const Type *t, const ImportRow *head)
{
    int n = 0;
    for (int i = 0; i < head->cell_n; i++) {
        bool is_double = false;
        for (int k = 0; k < i && !is_double; k++)
            is_double = str_eq(head->cells[k].text, head->cells[i].text);
        Str text = head->cells[i].text;
        if (!is_double && str_trim(text).n && aim_at(a, t, text).aim != AIM_UNKNOWN)
            n++;
    }
    return n;
}

/* ---- pointed at ---- */

Str import_heads(Arena *a, const ImportRow *head)
{
    Buf b = {.arena = a};
    for (int i = 0; i < head->cell_n; i++) {
        buf_str(&b, import_folded(a, head->cells[i].text));
        buf_byte(&b, '\n');
    }
    uint8_t *hash = arena_alloc(a, SM3_BYTES);
    sm3_of(b.p, b.n, hash);
    return (Str){(char *)hash, SM3_BYTES};
}

/* false: there is nothing called so. */
static bool point_at(Arena *a, const Type *t, Str to, ImportColumn *c)
{
    Str heading = c->heading;
    to = str_trim(to);
    if (!to.n || str_eq(to, S("-"))) {
        *c = (ImportColumn){.heading = heading, .aim = AIM_NONE, .is_pointed = true};
        return true;
    }
    ImportColumn found = aim_at(a, t, to);
    if (found.aim == AIM_UNKNOWN || found.aim == AIM_NONE)
        return false;
    *c = found;
    c->heading = heading;
    c->is_pointed = true;
    return true;
}

static int take_remembered(Arena *a, Tx *tx, const Reader *r, const Type *t, Str heads,
                           ImportColumn *list, int n, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(record_import_map_of));
    bind_i64(s, 1, r->account);
    bind_str(s, 2, t->name);
    bind_blob(s, 3, heads.p, heads.n);
    int rc;
    while ((rc = stmt_step(s, e)) > 0)
        for (int i = 0; i < n; i++)
            if (str_eq(import_folded(a, list[i].heading), col_str(s, 0)) &&
                point_at(a, t, str_copy(a, col_str(s, 1)), &list[i]))
                list[i].is_remembered = true;
    return rc;
}

static void take_points(Arena *a, const Type *t, const ImportPoint *points, int point_n,
                        ImportColumn *list, int n, Err *e)
{
    for (int p = 0; p < point_n; p++) {
        bool found = false;
        for (int i = 0; i < n; i++) {
            if (!str_eq(import_folded(a, list[i].heading), import_folded(a, points[p].heading)))
                continue;
            found = true;
            if (!point_at(a, t, points[p].to, &list[i]))
                err_field(e, points[p].heading, "import.no_aim", points[p].to);
        }
        if (!found)
            err_field(e, points[p].heading, "import.no_heading");
    }
}

/* ---- what is wrong with them ---- */

static Str nearest(Arena *a, const Type *t, Lang lang, Str heading)
{
    Str folded = import_folded(a, heading), best = STR_NONE;
    size_t least = folded.n / 2 + 1;
    for (int i = 0; i < t->field_n; i++) {
        const Field *f = &t->fields[i];
        for (int l = 0; is_for_cells(f) && l <= LANG_MAX; l++) {
            Str name = l < LANG_MAX ? f->label.text[l] : f->name;
            size_t d = str_distance(folded, import_folded(a, name));
            if (d < least || str_find(folded, import_folded(a, name)) >= 0) {
                least = d < least ? d : least;
                best = label_text(&f->label, lang);
            }
        }
    }
    return best;
}

static Str all_names(Arena *a, const Type *t, Lang lang)
{
    Buf b = {.arena = a};
    for (int i = 0; i < t->field_n; i++)
        if (is_for_cells(&t->fields[i]) && !t->fields[i].is_asked)
            buf_fmt(&b, "%s%.*s", b.n ? (lang == LANG_ZH ? "、" : ", ") : "",
                    STR_ARG(label_text(&t->fields[i].label, lang)));
    return buf_view(&b);
}

static bool is_double(const ImportColumn *list, int i)
{
    for (int k = 0; k < i; k++)
        if (list[k].aim == list[i].aim && list[k].field == list[i].field)
            return list[i].aim > AIM_NONE;
    return false;
}

static bool has_aim(const ImportColumn *list, int n, ImportAim aim, const Field *f)
{
    for (int i = 0; i < n; i++)
        if (list[i].aim == aim && list[i].field == f)
            return true;
    return false;
}

static void check_columns(Arena *a, const Reader *r, const Type *t, const ImportColumn *list, int n,
                          Err *e)
{
    for (int i = 0; i < n; i++) {
        if (list[i].aim == AIM_UNKNOWN) {
            Str near = nearest(a, t, r->lang, list[i].heading);
            if (near.n)
                err_field(e, list[i].heading, "import.unknown_near", near);
            else
                err_field(e, list[i].heading, "import.unknown", all_names(a, t, r->lang));
        } else if (is_double(list, i))
            err_field(e, list[i].heading, "sheet.column_twice");
    }
    bool is_draft = t->create && t->draft_states >> t->create->to & 1;
    for (int i = 0; i < t->field_n && !is_draft; i++) {
        const Field *f = &t->fields[i];
        if (f->is_required && is_for_cells(f) && !f->is_asked && f->preset.tag == VALUE_NONE &&
            !has_aim(list, n, AIM_ID, NULL) && !has_aim(list, n, AIM_FIELD, f))
            err_field(e, label_text(&f->label, r->lang), "sheet.no_column");
    }
}

int record_import_columns(Arena *a, Tx *tx, const Reader *r, const Type *t, const ImportRow *head,
                          const ImportPoint *points, int point_n, ImportColumn **ret,
                          int *ret_n, Err *e)
{
    int n = head->cell_n;
    ImportColumn *list = NEW_N(a, ImportColumn, (size_t)n + 1);
    *ret = list;
    *ret_n = n;
    for (int i = 0; i < n; i++)
        list[i] = aim_at(a, t, str_copy(a, head->cells[i].text));
    TRY(take_remembered(a, tx, r, t, import_heads(a, head), list, n, e));
    take_points(a, t, points, point_n, list, n, e);
    check_columns(a, r, t, list, n, e);
    return e->cls;
}

int import_column_of(const RecordImport *im, const Field *f)
{
    for (int i = 0; i < im->column_n; i++)
        if (im->columns[i].aim == AIM_FIELD && im->columns[i].field == f)
            return i;
    return -1;
}

/* ---- by what a record is found ---- */

static int add_key(RecordImport *im, const Field *f)
{
    if (im->key_n == (int)LEN(im->keys))
        return ERR_LIMIT;
    im->keys[im->key_n++] = f;
    return 0;
}

/* The type's own: only when the table says all of it. */
static void take_unique(RecordImport *im)
{
    const Type *t = im->type;
    bool fits = t->unique_n > 0;
    for (int i = 0; i < t->unique_n && fits; i++) {
        const Field *f = type_field(t, t->unique[i]);
        if (f)
            fits = import_column_of(im, f) >= 0 && add_key(im, f) == 0;
        else if (str_eq(t->unique[i], S("unit")))
            im->key_has_unit = true;
        else if (str_eq(t->unique[i], S("author")))
            im->key_has_author = true;
        else
            fits = false;
    }
    if (!fits) {
        im->key_n = 0;
        im->key_has_unit = im->key_has_author = false;
    }
}

int record_import_begin(RecordImport *im, Lang lang, Str keys, Err *e)
{
    const Type *t = im->type;
    Arena *a = im->arena;
    im->own = NEW(a, struct ImportState);
    im->own->names.arena = im->own->keys.arena = a;
    im->faults = NEW_N(a, ImportFault, LIMIT_IMPORT_FAULTS);
    im->notes = NEW_N(a, ImportNote, LIMIT_IMPORT_NOTES);
    for (int i = 0; i < im->column_n; i++)
        im->key_is_id |= im->columns[i].aim == AIM_ID;
    if (im->key_is_id)
        return 0;
    if (!keys.n) {
        take_unique(im);
        return 0;
    }
    Str word;
    while (keys.n) {
        (void)str_cut(keys, ',', &word, &keys); /* the last one has no comma behind it */
        const Field *f = import_field(a, t, word);
        bool fits = f && query_has_column(f) && import_column_of(im, f) >= 0;
        if (!fits || add_key(im, f) < 0)
            return err_field(e, S("key"), "import.no_key", str_trim(word),
                             all_names(a, t, lang));
    }
    if (!t->part_of)
        im->key_has_unit = true;
    else if (import_column_of(im, t->part_of) >= 0)
        return add_key(im, t->part_of) < 0 ? err_field(e, S("key"), "import.no_key", S(""), S(""))
                                           : 0;
    return 0;
}
