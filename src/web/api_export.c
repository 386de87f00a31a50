/* api_export.c: exactly the list on the screen as CSV or XLSX: the same filters, the same arms.
 * Read in keyset steps, each in a snapshot of its own, so that a long export holds nothing up.
 *                                                                                       SPEC: P7 */
#include "exchange/sheet.h"
#include "web/web_int.h"

enum { NAMES_MAX = 64 };

typedef struct Export {
    Req *rq;
    Buf out;
    SheetBook *book; /* NULL: CSV */
    struct {
        Uuid id;
        Str name;
    } names[NAMES_MAX]; /* of authors, the latest ones */
    int name_n;
} Export;

static int person_name(void *export, Uuid person, Str *ret, Err *e)
{
    Export *x = export;
    for (int i = 0; i < x->name_n && i < NAMES_MAX; i++)
        if (uuid_eq(x->names[i].id, person)) {
            *ret = x->names[i].name;
            return 0;
        }
    Str name;
    TRY(access_person_name(x->rq->arena, x->rq->tx, person, &name, e));
    int at = x->name_n++ % NAMES_MAX;
    x->names[at].id = person;
    x->names[at].name = name;
    *ret = name;
    return 0;
}

/* One step; *ret_next is where the next begins, in the request's arena. */
static int export_step(Export *x, ListQuery *q, int *n, Err *e)
{
    Req *rq = x->rq;
    Arena *a = req_scratch(rq);
    RecordList list;
    size_t mark = arena_mark(a);
    Tx *tx = req_tx(rq, e);
    if (!tx)
        return e->cls;
    TRY(record_list(rq->app->records, a, tx, &rq->reader, q, &list, e));
    SheetNames names = {person_name, x};
    for (int i = 0; i < list.n; i++)
        TRY(x->book ? sheet_book_row(x->book, a, rq->reader.tree, &list.items[i], names, e)
                    : sheet_record_row(&x->out, a, rq->reader.tree, &list.items[i], names, e));
    *n += list.n;
    q->after = str_has(list.next) ? str_copy(rq->arena, list.next) : STR_NONE;
    arena_rewind(a, mark);
    gate_close(rq);
    return 0;
}

static int export_rows(Export *x, Err *e)
{
    ListQuery q;
    int n = 0;
    TRY(web_list_query(x->rq, &q, e));
    q.limit = LIMIT_LIST_PAGE;
    q.after = STR_NONE;
    q.backwards = false;
    do {
        TRY(export_step(x, &q, &n, e));
        if (n > LIMIT_EXPORT_RECORDS || x->out.n > LIMIT_EXPORT_BYTES)
            return err_set(e, ERR_LIMIT, "web.export_large", err_int(e, LIMIT_EXPORT_RECORDS),
                           err_int(e, LIMIT_EXPORT_BYTES / (1024 * 1024)));
    } while (str_has(q.after));
    return 0;
}

static int send(Export *x, const char *ending, Str mime)
{
    Req *rq = x->rq;
    Str day = day_text(rq->arena, rq->reader.today);
    http_set_header(rq->http, S("Content-Disposition"),
                    str_fmt(rq->arena, "attachment; filename=\"%.*s-%.*s.%s\"",
                            STR_ARG(rq->type->name), STR_ARG(day), ending));
    http_set_header(rq->http, S("Cache-Control"), S("no-store"));
    req_bytes(rq, 200, mime, buf_view(&x->out));
    return REQ_DONE;
}

static int export_csv(Req *rq, Err *e)
{
    Export *x = NEW(rq->arena, Export);
    *x = (Export){.rq = rq, .out = {.arena = rq->arena}};
    sheet_record_head(&x->out, rq->type);
    TRY(export_rows(x, e));
    return send(x, "csv", S("text/csv; charset=utf-8"));
}

static int into_out(void *ctx, Str bytes, Err *e)
{
    Export *x = ctx;
    (void)e; /* memory alone */
    buf_str(&x->out, bytes);
    return 0;
}

static int export_book(Req *rq, Err *e)
{
    Export *x = NEW(rq->arena, Export);
    Arena *a = arena_new(128 * 1024); /* grows on its own, beside what is sent */
    *x = (Export){.rq = rq, .out = {.arena = rq->arena}};
    int rc = sheet_book_new(a, (TableSink){into_out, x}, rq->type, rq->reader.tree, rq->lang,
                            &x->book, e);
    if (rc >= 0)
        rc = export_rows(x, e);
    if (rc >= 0)
        rc = sheet_book_end(x->book, e);
    sheet_book_close(x->book);
    arena_free(a);
    TRY(rc);
    return send(x, "xlsx",
                S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
}

static const ParamSpec export_params[] = {
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "state", .max_bytes = 1024},
    {.name = "mine", .max_bytes = 8},
    {.name = NULL},
};
static const Route list[] = {
    {.path = "/:type/export",
     .method = GET,
     .run = export_csv,
     .may = MAY_TYPE,
     .takes_model = true,
     .params = export_params,
     .help = "web.help_export",
     .spec = "P7"},
    {.path = "/:type/export.xlsx",
     .method = GET,
     .run = export_book,
     .may = MAY_TYPE,
     .takes_model = true,
     .params = export_params,
     .help = "web.help_export_book",
     .spec = "P7"},
};
const RouteTable export_routes = {list, LEN(list)};
