// uses: src/base/*.c src/exchange/csv.c src/exchange/json_in.c src/exchange/json_out.c
/* fuzz_json.c: any bytes are values or a refusal with a place; values written come back alike. */
#include "exchange/exchange.h"

static void write_json(Buf *b, const Json *j)
{
    bool is_first = true;
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
        buf_byte(b, '[');
        for (size_t i = 0; i < j->n; i++) {
            if (i > 0)
                buf_byte(b, ',');
            write_json(b, &j->items[i]);
        }
        buf_byte(b, ']');
        break;
    case JSON_OBJECT:
        buf_byte(b, '{');
        for (size_t i = 0; i < j->n; i++) {
            json_name(b, j->names[i], &is_first);
            CHECK(json_get(j, j->names[i]) == &j->items[i]);
            write_json(b, &j->items[i]);
        }
        buf_byte(b, '}');
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    Arena *a = arena_new(64 * 1024);
    Err e = err_on(a);
    Json j;
    int rc = json_parse(a, (Str){(const char *)p, n}, &j, &e);
    if (rc == 0) {
        Buf first = {.arena = a}, second = {.arena = a};
        write_json(&first, &j);
        CHECK(utf8_valid(buf_view(&first)));
        if (first.n <= LIMIT_JSON_BYTES) { /* escapes may make it longer than the input */
            CHECK(json_parse(a, buf_view(&first), &j, &e) == 0);
            write_json(&second, &j);
            CHECK(str_eq(buf_view(&first), buf_view(&second)));
        }
    } else {
        CHECK(rc == e.cls && (rc == ERR_LIMIT || (rc == ERR_SYNTAX && str_has(e.args[1]))));
    }
    arena_free(a);
    return 0;
}
