// uses: src/base/*.c src/model/*.c gen/embed.c
/* fuzz_expr.c: any bytes as an expression over the diary's fields and rows of every kind; what
 * parses is evaluated, said in words and never fails but by overflow. */
#include "model/model_expr.h"

enum { KINDS = KIND_ROWS, ROWS_AT = KIND_ROWS, EXPR_ROWS = 3 };

static const char *const names[KIND_MAX] = {
    "text",   "note",  "n",       "fine",   "day",   "moment", "level",  "link",   "photo",
    "remark", "money", "price",   "area",   "grain", "share",  "credit", "plate",  "parcel",
    "levels", "links", "place",   "person", "whom",  "file",   "point",  "season", "rows"};
static const Choice choices[] = {{.name = {"low", 3}, .number = 201},
                                 {.name = {"high", 4}, .number = 202}};
static const State states[] = {{.name = {"draft", 5}, .ix = 0, .number = 301},
                               {.name = {"done", 4}, .ix = 1, .number = 302}};

static void make_fields(Field *f, int n, const Field *row_fields)
{
    for (int i = 0; i < n; i++) {
        f[i] = (Field){.name = str_of(names[i]), .kind = (KindId)i, .ix = i, .max = INT64_MAX,
                       .min = INT64_MIN, .unit = S(""), .per = S(""), .to = S("thing"),
                       .choices = choices, .choice_n = LEN(choices)};
        f[i].label = (Label){{f[i].name, f[i].name}};
    }
    f[KIND_PRICE].per = S("jin");
    f[KIND_MONEY].per = S("mu");
    f[KIND_WEIGHT].unit = S("jin");
    if (row_fields) {
        f[ROWS_AT].fields = row_fields;
        f[ROWS_AT].field_n = KINDS;
    }
}

/* Values from the input's own bytes; one in four is absent. */
static void make_values(Value *v, int n, const uint8_t *data, size_t size, size_t at)
{
    static const int64_t numbers[] = {0, 1, -1, 20000, 201, 301, INT64_MAX, INT64_MIN};
    static const char id[16] = "0123456789abcdef";
    for (int i = 0; i < n; i++) {
        unsigned byte = size ? data[(at + (size_t)i) % size] : 0;
        char column = model_kind((KindId)i)->column;
        if (byte % 4 == 0)
            v[i] = (Value){.tag = VALUE_NONE};
        else if (column == 'i')
            v[i] = (Value){.tag = VALUE_INT, .i = numbers[byte / 4 % LEN(numbers)]};
        else if (column == 't')
            v[i] = (Value){.tag = VALUE_TEXT, .s = str_of(names[i])};
        else
            v[i] = (Value){.tag = VALUE_BLOB, .s = {id, sizeof id}};
    }
}

static void run(Arena *a, const Type *t, const Expr *x, const uint8_t *data, size_t n)
{
    Value values[KIND_MAX], cells[EXPR_ROWS][KIND_MAX], v = {.tag = VALUE_NONE};
    Row rows[EXPR_ROWS];
    make_values(values, KINDS, data, n, 0);
    for (int i = 0; i < EXPR_ROWS; i++) {
        make_values(cells[i], KINDS, data, n, (size_t)i + 1);
        rows[i] = (Row){.values = cells[i]};
    }
    values[ROWS_AT] = (Value){.tag = VALUE_ROWS, .i = EXPR_ROWS, .rows = rows};
    Subject s = {.type = t, .values = values, .state = 1};
    ExprWorld w = {.subject = &s, .today = 20777, .me = {{1}}};
    Err e = err_on(a);
    bool is_so = false, is_ready = false;
    int rc = expr_eval(x, &w, &v, &e);
    CHECK(rc == 0 || (rc == ERR_LIMIT && str_eq(e.key, S("expr.overflow"))));
    CHECK(x->kind != KIND_YESNO || rc || v.tag == VALUE_NONE || v.i == 0 || v.i == 1 ||
          x->op == EXPR_FIELD);
    CHECK(rc || x->kind != KIND_YESNO || expr_holds(x, &w, &is_so, &e) == 0);
    (void)expr_is_ready(x, &w, &is_ready, &e); /* may overflow */
    (void)expr_is_see(x);
    CHECK(utf8_valid(expr_text(a, x, LANG_ZH)) && utf8_valid(expr_text(a, x, LANG_EN)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_new(64 * 1024);
    Field *row_fields = NEW_N(a, Field, KIND_MAX), *fields = NEW_N(a, Field, KIND_MAX);
    make_fields(row_fields, KINDS, NULL);
    make_fields(fields, KIND_MAX, row_fields);
    Type t = {.name = S("thing"), .fields = fields, .field_n = KIND_MAX, .states = states,
              .state_n = LEN(states)};
    Str text = {(const char *)data, n};
    for (int in_row = 0; in_row < 2; in_row++) {
        const Expr *x = NULL;
        Err e = err_on(a);
        int rc = expr_parse(a, NULL, &t, in_row ? &fields[ROWS_AT] : NULL, text, &x, &e);
        CHECK(rc == 0 ? x && e.field_n == 0 : rc == ERR_INVALID && !x && e.field_n == 1);
        if (rc)
            CHECK(utf8_valid(err_field_text(a, LANG_ZH, &e.fields[0])));
        else
            run(a, &t, x, data, n);
    }
    arena_free(a);
    return 0;
}
