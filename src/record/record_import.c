/* record_import.c: one row of a table to a change, or to everything that is wrong with it.
 *
 * A row goes the way of a form: its cells are texts of fields, record_prepare decides. What a form
 * has a picker for is looked up by name; what a workbook has lost is a fault, never a value.
 *                                                                SPEC: P7  DESIGN: One way in */
#include "record/record_import.h"

/* ---- faults and notes ---- */

void import_fault(RecordImport *im, int64_t row, Str column, Str value, Str key, const Str *args)
{
    if (im->fault_n == LIMIT_IMPORT_FAULTS)
        return; /* counted in bad_n */
    for (int i = im->fault_n - 1; i >= 0 && im->faults[i].row == row; i--)
        if (column.n && str_eq(im->faults[i].column, column))
            return; /* told already */
    Arena *a = im->arena;
    ImportFault *f = &im->faults[im->fault_n++];
    *f = (ImportFault){.row = row,
                       .column = str_copy(a, column),
                       .value = str_copy(a, utf8_prefix(value, LIMIT_NAME_CHARS)),
                       .key = str_copy(a, key)};
    for (int i = 0; i < ERR_ARGS_MAX; i++)
        f->args[i] = args && str_has(args[i]) ? str_copy(a, args[i]) : STR_NONE;
}

static void fault(RecordImport *im, const ImportRow *row, int column, const char *key, Str arg)
{
    Str args[ERR_ARGS_MAX] = {arg};
    Str heading = column >= 0 ? im->columns[column].heading : S("");
    Str value = column >= 0 && column < row->cell_n ? row->cells[column].raw : S("");
    import_fault(im, row->row, heading, value, str_of(key), args);
}

static void note(RecordImport *im, int64_t row, Str column, const char *key, Str sample)
{
    for (int i = 0; i < im->note_n; i++)
        if (str_eq(im->notes[i].column, column) && str_eq(im->notes[i].key, str_of(key))) {
            im->notes[i].n++;
            return;
        }
    if (im->note_n == LIMIT_IMPORT_NOTES)
        return;
    im->notes[im->note_n++] =
        (ImportNote){.column = str_copy(im->arena, column),
                     .key = str_of(key),
                     .sample = str_copy(im->arena, utf8_prefix(sample, LIMIT_NAME_CHARS)),
                     .row = row,
                     .n = 1};
}

/* Where a fault of record_prepare stands in the table. */
static int column_named(const RecordImport *im, Str name)
{
    const Field *f = type_field(im->type, name);
    if (f)
        return import_column_of(im, f);
    for (int i = 0; i < im->column_n; i++)
        if ((im->columns[i].aim == AIM_UNIT && str_eq(name, S("unit"))) ||
            (im->columns[i].aim == AIM_STATE && str_eq(name, S("state"))))
            return i;
    return -1;
}

int import_error(RecordImport *im, int64_t row, const ImportRow *cells, const Err *sub)
{
    int cls = sub->cls;
    if (cls == ERR_IO || cls == ERR_CORRUPT || cls == ERR_BUG || cls == ERR_BUSY)
        return cls;
    if (!sub->field_n)
        import_fault(im, row, S(""), S(""), sub->key, sub->args);
    for (size_t i = 0; i < sub->field_n; i++) {
        const ErrField *x = &sub->fields[i];
        int at = column_named(im, x->field);
        const Field *f = type_field(im->type, x->field);
        Str column = at >= 0 ? im->columns[at].heading
                     : f     ? f->label.text[LANG_ZH]
                             : x->field;
        bool has = cells && at >= 0 && at < cells->cell_n;
        import_fault(im, row, column, has ? cells->cells[at].raw : S(""), x->key, x->args);
    }
    return 0;
}

/* ---- cells ---- */

Uuid import_row_id(Uuid batch, int64_t row)
{
    uint8_t in[sizeof batch.b + 8], hash[SM3_BYTES];
    Uuid u;
    memcpy(in, batch.b, sizeof batch.b);
    (void)put_be(in + sizeof batch.b, (uint64_t)row, 8);
    sm3_of(in, sizeof in, hash);
    memcpy(u.b, batch.b, 6); /* its instant; then 24 bits of the row, so that they come in order */
    memcpy(u.b + 6, hash, 10);
    u.b[6] = (uint8_t)(0x70 | (row >> 20 & 15));
    u.b[7] = (uint8_t)(row >> 12);
    u.b[8] = (uint8_t)(0x80 | (row >> 6 & 63));
    u.b[9] = (uint8_t)((row & 63) << 2 | (u.b[9] & 3));
    return u;
}

/* What a row says, before it is known whether it is new. */
typedef struct CellSays {
    int column;
    Str said, raw;     /* as read, and as it was found */
    const char *fault; /* not found by this name: wrong, unless it is what stands there already */
    Str arg;
} CellSays;
typedef struct RowSays {
    FieldInput *fields; /* only cells that hold something */
    CellSays *cells;    /* beside them */
    int field_n;
    int unit_ix; /* -1: not said */
    const State *state;
    Str id;
    bool is_bad, is_empty;
} RowSays;

/* 45992 where a date belongs is the day Excel counts so. */
static Str mend_date(RecordImport *im, Arena *a, const ImportRow *row, const ImportCell *c,
                     const ImportColumn *col)
{
    int64_t n;
    Day day, first = 0;
    if (!c->is_number || !str_i64(c->text, &n) || n < 61 || n > 2958465 ||
        !day_from_ymd(1899, 12, 30, &first))
        return c->text;
    day = (Day)(first + n);
    Str text = day_text(a, day);
    note(im, row->row, col->heading, "import.note_number_date",
         str_fmt(a, "%.*s → %.*s", STR_ARG(c->raw), STR_ARG(text)));
    return text;
}

static void take_place(Arena *a, const Reader *r, RecordImport *im, const ImportRow *row, int i,
                       Str text, RowSays *ret)
{
    const char *key = NULL;
    Str arg = text;
    if (im->columns[i].aim == AIM_UNIT)
        ret->unit_ix = import_unit(a, r, im, text, &key, &arg);
    else if (im->columns[i].aim == AIM_STATE) {
        ret->state = import_state(a, im->type, text);
        key = ret->state ? NULL : "import.no_state";
    } else
        ret->id = text;
    if (key) {
        fault(im, row, i, key, arg);
        ret->is_bad = true;
    }
}

/* The word that empties a field: an empty cell leaves it as it is. */
static bool is_clearing(Arena *a, Str text)
{
    Str folded = import_folded(a, text);
    return str_eq(folded, S("清空")) || str_eq(folded, S("clear"));
}

static int take_field(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                      const ImportRow *row, int i, Str text, RowSays *ret, Err *e)
{
    const ImportColumn *col = &im->columns[i];
    const Field *f = col->field;
    FieldInput *in = &ret->fields[ret->field_n];
    CellSays *says = &ret->cells[ret->field_n++];
    *in = (FieldInput){.name = f->name, .text = S("")};
    *says = (CellSays){.column = i, .said = S(""), .raw = S(""), .arg = STR_NONE};
    if (is_clearing(a, text)) {
        note(im, row->row, col->heading, "import.note_cleared", text);
        return 0;
    }
    if (f->kind == KIND_DATE)
        text = mend_date(im, a, row, &row->cells[i], col);
    says->said = in->text = str_copy(a, text);
    says->raw = str_copy(a, row->cells[i].raw);
    return import_reference(rs, a, tx, r, im, f, ret->unit_ix, in->text, &in->text, &says->fault,
                            &says->arg, e);
}

/* Units first: names are looked for there first. */
static int take_cells(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                      const ImportRow *row, bool is_field, RowSays *ret, Err *e)
{
    for (int i = 0; i < im->column_n && i < row->cell_n; i++) {
        const ImportColumn *col = &im->columns[i];
        const ImportCell *c = &row->cells[i];
        if (col->aim < AIM_FIELD || (col->aim == AIM_FIELD) != is_field)
            continue;
        if (c->fault) {
            fault(im, row, i, c->fault, c->text);
            ret->is_bad = true;
            continue;
        }
        Str text = str_trim(c->text);
        if (!text.n)
            continue;
        ret->is_empty = false;
        if (c->note)
            note(im, row->row, col->heading, c->note, text);
        if (!is_field) {
            take_place(a, r, im, row, i, str_copy(a, text), ret);
            continue;
        }
        TRY(take_field(rs, a, tx, r, im, row, i, text, ret, e));
    }
    return 0;
}

static int take_row(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                    const ImportRow *row, RowSays *ret, Err *e)
{
    *ret = (RowSays){.fields = NEW_N(a, FieldInput, (size_t)im->column_n + 1),
                     .cells = NEW_N(a, CellSays, (size_t)im->column_n + 1),
                     .unit_ix = -1,
                     .is_empty = true};
    TRY(take_cells(rs, a, tx, r, im, row, false, ret, e));
    if (ret->unit_ix < 0 && !im->type->part_of) {
        int *posts;
        if (access_create_posts(a, r, im->type, STR_NONE, &posts) == 1)
            ret->unit_ix = r->posts[posts[0]].unit_ix;
    }
    TRY(take_cells(rs, a, tx, r, im, row, true, ret, e));
    if (im->column_n < row->cell_n)
        for (int i = im->column_n; i < row->cell_n; i++)
            if (str_trim(row->cells[i].text).n) {
                import_fault(im, row->row, S(""), row->cells[i].raw, S("import.beyond"), NULL);
                ret->is_bad = true;
                break;
            }
    return 0;
}

/* ---- which record it is ---- */

typedef struct Found {
    Uuid id;
    int n; /* 0, 1, 2: several */
    bool is_there; /* the key is whole */
} Found;

static int bind_key(Records *rs, Arena *a, const Reader *r, const RecordImport *im,
                    const RowSays *x, Stmt *s, Buf *ret_text, bool *ret_is_whole)
{
    int at = 0;
    for (int i = 0; i < im->key_n; i++) {
        const Field *f = im->keys[i];
        const FieldInput *in = input_named(x->fields, x->field_n, f->name);
        Value v = in ? input_as_typed(rs, a, r, f, in) : (Value){.tag = VALUE_NONE};
        char column = model_kind(f->kind)->column;
        bool fits = v.tag == VALUE_INT    ? column == 'i'
                    : v.tag == VALUE_TEXT ? column == 't'
                    : v.tag == VALUE_BLOB ? column == 'u' || column == 'b'
                                          : false;
        if (!fits) {
            *ret_is_whole = false;
            return 0;
        }
        if (s)
            query_bind_value(s, ++at, f, &v);
        buf_fmt(ret_text, "%lld|%.*s\n", (long long)v.i, STR_ARG(v.s));
    }
    *ret_is_whole = !im->key_has_unit || x->unit_ix >= 0;
    if (!*ret_is_whole)
        return 0;
    if (im->key_has_unit && s)
        bind_i64(s, ++at, r->tree->units[x->unit_ix].id);
    if (im->key_has_unit)
        buf_fmt(ret_text, "@%d", x->unit_ix);
    if (im->key_has_author && s)
        bind_uuid(s, ++at, r->person);
    return 0;
}

static int find_by_key(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                       const RowSays *x, Buf *ret_text, Found *ret, Err *e)
{
    Stmt *s;
    *ret = (Found){0};
    if (!im->key_n && !im->key_has_unit && !im->key_has_author)
        return 0;
    TRY(tx_prepare(tx, query_by_key(a, im), &s, e));
    TRY(bind_key(rs, a, r, im, x, s, ret_text, &ret->is_there));
    if (!ret->is_there) {
        stmt_reset(s);
        return 0;
    }
    int rc;
    while ((rc = stmt_step(s, e)) > 0) {
        if (!ret->n++)
            ret->id = col_uuid(s, 0);
    }
    return rc;
}

/* The same record twice in one file. */
static bool is_repeated(RecordImport *im, const ImportRow *row, Str key, bool is_counted)
{
    bool is_new;
    Seen *x = seen_at(&im->own->keys, key, &is_new);
    if (is_new && is_counted)
        x->n = row->row;
    if (x->n == 0 || x->n == row->row)
        return false;
    Str args[ERR_ARGS_MAX] = {str_fmt(im->arena, "%lld", (long long)x->n)};
    import_fault(im, row->row, S(""), S(""), S("import.twice"), args);
    return true;
}

/* ---- the change ---- */

static const Action *action_to(const Type *t, int from, const State *to)
{
    for (int i = 0; i < t->action_n; i++) {
        const Action *act = &t->actions[i];
        if (act->kind == ACTION_OTHER && act->to == to->ix && act->from >> from & 1)
            return act;
    }
    return NULL;
}

static int no_way(RecordImport *im, const ImportRow *row, const RowSays *x)
{
    int at = -1;
    for (int i = 0; i < im->column_n; i++)
        if (im->columns[i].aim == AIM_STATE)
            at = i;
    fault(im, row, at, "import.no_way_to_state", x->state->label.text[LANG_ZH]);
    return 0;
}

/* A CSV export puts ' before what a spreadsheet would run. */
static Str without_guard(Str raw)
{
    bool is_guarded = raw.n > 1 && raw.p[0] == '\'' && memchr("=+-@\t\r", raw.p[1], 6);
    return is_guarded ? str_sub(raw, 1, raw.n) : raw;
}

/* Does the cell say what stands there: as a value, as it was found, or by the name it is shown by,
 * which others may have, too. */
static int says_value(Records *rs, Arena *a, Tx *tx, const Reader *r, const Field *f,
                      const FieldInput *in, const CellSays *says, const Value *now, bool *ret,
                      Err *e)
{
    Value v = {.tag = VALUE_NONE};
    if (!says->fault)
        v = input_as_typed(rs, a, r, f, in);
    *ret = !says->fault && value_eq(&v, now);
    if (*ret || now->tag == VALUE_NONE)
        return 0;
    if (f->kind == KIND_UNIT) {
        const Unit *u = tree_unit(r->tree, now->i);
        *ret = u && str_eq(u->name, says->said);
    } else if (f->kind == KIND_PERSON && now->tag == VALUE_BLOB && now->s.n == sizeof(Uuid)) {
        Uuid id;
        Str name;
        memcpy(id.b, now->s.p, sizeof id.b);
        TRY(access_person_name(a, tx, id, &name, e));
        *ret = str_eq(name, says->said);
    } else if (!model_kind(f->kind)->is_reference && says->raw.n) {
        FieldInput raw = {.name = in->name, .text = without_guard(says->raw)};
        v = input_as_typed(rs, a, r, f, &raw);
        *ret = value_eq(&v, now);
    }
    return 0;
}

/* Leaves out what says what stands there already; names what was not found. */
static int settle(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                  const ImportRow *row, const Record *rec, RowSays *x, Err *e)
{
    int n = 0;
    for (int i = 0; i < x->field_n; i++) {
        const Field *f = im->columns[x->cells[i].column].field;
        bool is_same = false;
        if (rec)
            TRY(says_value(rs, a, tx, r, f, &x->fields[i], &x->cells[i], &rec->values[f->ix],
                           &is_same, e));
        if (is_same)
            continue;
        if (x->cells[i].fault) {
            fault(im, row, x->cells[i].column, x->cells[i].fault, x->cells[i].arg);
            x->is_bad = true;
            continue;
        }
        x->fields[n] = x->fields[i];
        x->cells[n++] = x->cells[i];
    }
    x->field_n = n;
    return 0;
}

static int change_row(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                      const ImportRow *row, const RowSays *x, const Record *rec, ImportDone *ret,
                      Err *e)
{
    const Type *t = im->type;
    if (x->unit_ix >= 0 && im->key_is_id && x->unit_ix != rec->unit_ix) {
        fault(im, row, column_named(im, S("unit")), "import.unit_stays",
              r->tree->units[rec->unit_ix].name);
        return 0;
    }
    if (!x->field_n && (!x->state || x->state->ix == rec->state)) {
        ret->is = ROW_IS_SAME;
        return 0;
    }
    RecordInput in = {.type = t,
                      .id = rec->id,
                      .action = t->change,
                      .unit_ix = -1,
                      .as_role = STR_NONE,
                      .fields = x->fields,
                      .field_n = x->field_n};
    if (!in.action) {
        fault(im, row, -1, "import.never_changed", S(""));
        return 0;
    }
    if (x->state && x->state->ix != rec->state) {
        in.then = action_to(t, rec->state, x->state);
        if (!in.then)
            return no_way(im, row, x);
    }
    Err sub = err_on(a);
    int rc = record_prepare(rs, a, tx, r, &in, &ret->change, &sub);
    if (rc < 0) {
        ret->change = NULL;
        rc = import_error(im, row->row, row, &sub);
        return rc < 0 ? err_set(e, rc, "import.unread") : 0;
    }
    bool moved = ret->change->changed[0] || ret->change->changed[1] || ret->change->then;
    ret->is = moved ? ROW_IS_CHANGED : ROW_IS_SAME;
    ret->version_before = rec->version;
    if (!moved)
        ret->change = NULL;
    return 0;
}

static int create_row(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                      const ImportRow *row, const RowSays *x, ImportDone *ret, Err *e)
{
    const Type *t = im->type;
    RecordInput in = {.type = t,
                      .id = import_row_id(im->batch, row->row),
                      .action = t->create,
                      .unit_ix = t->part_of ? -1 : x->unit_ix,
                      .as_role = STR_NONE,
                      .fields = x->fields,
                      .field_n = x->field_n};
    if (!in.action) {
        fault(im, row, -1, "import.never_made", S(""));
        return 0;
    }
    if (x->state && x->state->ix != in.action->to) {
        in.then = action_to(t, in.action->to, x->state);
        if (!in.then)
            return no_way(im, row, x);
    }
    Err sub = err_on(a);
    int rc = record_prepare(rs, a, tx, r, &in, &ret->change, &sub);
    ret->is = ROW_IS_NEW;
    if (rc >= 0)
        return 0;
    ret->change = NULL;
    ret->is = rc == ERR_EXISTS ? ROW_IS_SAME : ROW_IS_BAD; /* a step that is repeated */
    rc = rc == ERR_EXISTS ? 0 : import_error(im, row->row, row, &sub);
    return rc < 0 ? err_set(e, rc, "import.unread") : 0;
}

/* By a column id: his own record, or one that is not there yet. */
static int find_row(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
                    const ImportRow *row, const RowSays *x, bool is_counted, Record **ret,
                    bool *ret_is_bad, Err *e)
{
    Found found = {0};
    Buf key = {.arena = a};
    *ret = NULL;
    if (im->key_is_id && x->id.n) {
        if (!uuid_parse(x->id, &found.id)) {
            import_fault(im, row->row, S("id"), x->id, S("field.not_id"), NULL);
            *ret_is_bad = true;
            return 0;
        }
        found.n = 1;
        found.is_there = true;
        buf_str(&key, x->id);
    } else
        TRY(find_by_key(rs, a, tx, r, im, x, &key, &found, e));
    if (found.is_there && is_repeated(im, row, buf_view(&key), is_counted)) {
        *ret_is_bad = true;
        return 0;
    }
    if (found.n > 1) {
        import_fault(im, row->row, S(""), S(""), S("import.key_several"), NULL);
        *ret_is_bad = true;
    }
    if (found.n != 1)
        return 0;
    Err sub = err_on(a);
    int rc = record_get(rs, a, tx, r, im->type, found.id, ret, NULL, &sub);
    if (rc == ERR_MISSING && im->key_is_id && x->id.n) {
        import_fault(im, row->row, S("id"), x->id, S("field.no_such_record"), NULL);
        *ret_is_bad = true;
        return 0;
    }
    return rc < 0 && rc != ERR_MISSING ? err_set(e, rc, "import.unread") : 0;
}

int import_row(Records *rs, Arena *a, Tx *tx, const Reader *r, RecordImport *im,
               const ImportRow *row, bool is_counted, ImportDone *ret, Err *e)
{
    RowSays x;
    Record *rec;
    *ret = (ImportDone){.is = ROW_IS_BAD, .row = row->row};
    TRY(take_row(rs, a, tx, r, im, row, &x, e));
    if (x.is_empty && !x.is_bad) {
        ret->is = ROW_IS_SAME;
        ret->row = 0; /* nothing in any column that is taken */
        return 0;
    }
    if (row->is_hidden)
        note(im, row->row, S(""), "import.note_hidden_row", S(""));
    bool is_bad = x.is_bad;
    TRY(find_row(rs, a, tx, r, im, row, &x, is_counted, &rec, &is_bad, e));
    TRY(settle(rs, a, tx, r, im, row, rec, &x, e));
    is_bad = is_bad || x.is_bad;
    int faults = im->fault_n;
    if (rec)
        TRY(change_row(rs, a, tx, r, im, row, &x, rec, ret, e));
    else
        TRY(create_row(rs, a, tx, r, im, row, &x, ret, e));
    if (is_bad || im->fault_n > faults) {
        ret->is = ROW_IS_BAD;
        ret->change = NULL;
    }
    return 0;
}

static void count(RecordImport *im, const ImportDone *d)
{
    im->row_n++;
    im->bad_n += d->is == ROW_IS_BAD;
    im->new_n += d->is == ROW_IS_NEW;
    im->changed_n += d->is == ROW_IS_CHANGED;
    im->same_n += d->is == ROW_IS_SAME;
}

int record_import_try(Records *rs, Tx *tx, const Reader *r, RecordImport *im, ImportSource rows,
                      Err *e)
{
    Arena *a = arena_new(64 * 1024);
    ImportRow row;
    int rc;
    while ((rc = rows.next(rows.ctx, &row, e)) > 0) {
        ImportDone done;
        rc = import_row(rs, a, tx, r, im, &row, true, &done, e);
        if (rc < 0)
            break;
        if (done.row)
            count(im, &done);
        arena_reset(a);
    }
    arena_free(a);
    return rc;
}
