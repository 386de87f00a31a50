/* api_file.c: photos and documents in and out. The bytes are cleaned or checked before anything is
 * kept, and come out only through a record the reader may see, a document never to be shown in
 * place.                                     SPEC: P8 P9  STACK: 7 */
#include "web/web_int.h"

/* ---- out: pages and API alike ---- */

/* RFC 6266: a name of ASCII for old programs, the whole one as RFC 5987 writes it. */
static Str attachment(Arena *a, Str name)
{
    static const char hex[] = "0123456789ABCDEF";
    Buf plain = {.arena = a}, whole = {.arena = a};
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = (uint8_t)name.p[i];
        bool is_letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter || c == '.' || c == '-' || c == '_')
            buf_byte(&whole, (char)c);
        else
            buf_fmt(&whole, "%%%c%c", hex[c >> 4], hex[c & 15]);
        if (c < 0x80 || (c & 0xC0) == 0xC0) /* one sign for each character */
            buf_byte(&plain, is_letter || strchr(".-_ ()", c) ? (char)c : '_');
    }
    return str_fmt(a, "attachment; filename=\"%.*s\"; filename*=UTF-8''%.*s",
                   STR_ARG(buf_view(&plain)), STR_ARG(buf_view(&whole)));
}

static int show_file(Req *rq, Err *e)
{
    App *app = rq->app;
    Uuid id;
    Str mime, file_name, bytes;
    if (!req_uuid(rq, "id", &id))
        return err_set(e, ERR_MISSING, "web.missing");
    Tx *files = req_files_tx(rq, e);
    if (!files)
        return e->cls;
    TRY(record_file(app->records, rq->arena, rq->tx, files, &rq->reader, id, &mime, &file_name,
                    &bytes, e));
    Str name = uuid_text(rq->arena, id), tag = str_fmt(rq->arena, "\"%.*s\"", STR_ARG(name));
    HttpReq *h = rq->http;
    http_set_header(h, S("Content-Disposition"),
                    str_has(file_name)
                        ? attachment(rq->arena, file_name)
                        : str_fmt(rq->arena, "inline; filename=\"%.*s.jpg\"", STR_ARG(name)));
    http_set_header(h, S("Content-Security-Policy"), S("default-src 'none'; sandbox"));
    http_set_header(h, S("X-Content-Type-Options"), S("nosniff"));
    http_set_header(h, S("Cache-Control"), S("private, max-age=600"));
    http_set_header(h, S("ETag"), tag);
    if (str_eq(http_header(h, "if-none-match"), tag))
        req_bytes(rq, 304, STR_NONE, STR_NONE);
    else
        req_bytes(rq, 200, mime, bytes);
    return REQ_DONE;
}

/* ---- in ---- */

static int answer_file(Req *rq, int status, Uuid id)
{
    Str text = uuid_text(rq->arena, id);
    if (status == 201)
        http_set_header(rq->http, S("Location"),
                        str_fmt(rq->arena, "/api/v1/file/%.*s", STR_ARG(text)));
    req_json(rq, status, str_fmt(rq->arena, "{\"id\":\"%.*s\"}", STR_ARG(text)));
    return REQ_DONE;
}

static int file_stored(Req *rq, int rc, Err *e)
{
    (void)e;
    const FileInput *in = rq->state;
    if (rc < 0)
        return rc;
    return answer_file(rq, in->existed ? 200 : 201, in->id);
}

int web_take_file(Arena *a, Str name, Str bytes, FileInput *in, Err *e)
{
    int w, h;
    Str mime = STR_NONE, cleaned = STR_NONE;
    TRY(document_check(a, name, bytes, &mime, &cleaned, e));
    in->mime = mime;
    in->name = name.n ? cleaned : STR_NONE;
    if (str_eq(mime, S("image/jpeg")))
        return photo_clean(a, bytes, &in->bytes, &w, &h, e);
    in->name = cleaned;
    in->bytes = bytes;
    return 0;
}

static int put_file(Req *rq, Err *e)
{
    App *app = rq->app;
    FileInput *in = NEW(rq->arena, FileInput);
    *in = (FileInput){.owner = rq->reader.person, .now_ms = env_now_ms(app->env)};
    if (!req_uuid(rq, "id", &in->id))
        return err_set(e, ERR_MISSING, "record.id_not_usable");
    sm3_of(rq->http->body.p, rq->http->body.n, in->source);
    Tx *files = req_files_tx(rq, e);
    if (!files)
        return e->cls;
    int rc = record_prepare_file(app->records, files, &rq->reader, in, e);
    if (rc == ERR_EXISTS) {
        err_clear(e);
        return answer_file(rq, 200, in->id);
    }
    if (rc < 0)
        return rc;
    gate_close(rq); /* decoding takes long: no snapshot is held over it */
    if (str_starts(http_header(rq->http, "content-type"), S("image/"))) {
        int w, h;
        in->mime = S("image/jpeg"); /* he says it is a photo, so nothing else will do */
        TRY(photo_clean(rq->arena, rq->http->body, &in->bytes, &w, &h, e));
    } else
        TRY(web_take_file(rq->arena, req_param(rq, "name"), rq->http->body, in, e));
    rq->state = in;
    return req_submit(rq, app->files, record_apply_file, in, file_stored);
}

static const ParamSpec put_params[] = {{.name = "name", .max_bytes = 1024}, {0}};

static const Route list[] = {
    {.path = "/file/:id",
     .method = GET,
     .run = show_file,
     .may = MAY_SIGNED_IN,
     .help = "web.help_file",
     .spec = "P9"},
    {.path = "/api/v1/file/:id",
     .method = GET,
     .run = show_file,
     .may = MAY_SIGNED_IN,
     .is_api = true,
     .help = "web.help_file",
     .spec = "P9"},
    {.path = "/api/v1/file/:id",
     .method = PUT,
     .run = put_file,
     .may = MAY_SIGNED_IN,
     .is_api = true,
     .is_raw = true,
     .params = put_params,
     .body_max = LIMIT_FILE_BYTES,
     .help = "web.help_put_file",
     .spec = "P8"},
};
const RouteTable api_file_routes = {list, LEN(list)};
