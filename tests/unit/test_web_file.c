/* test_web_file.c: documents through the API and forms: checked by their bytes, kept whole, named
 * for people, read only through a record one may see.                               SPEC: P8 P9 */
#include "record/record_int.h"
#include "test_web_util.h"

static const char paper[] =
    "type: paper\n"
    "label: {zh: 材料, en: Paper}\n"
    "at: village\n"
    "fields:\n"
    "  title:  {is: text, label: {zh: 标题, en: Title}, required: yes}\n"
    "  files:  {is: file, label: {zh: 附件, en: Documents}, many: 3}\n"
    "  photos: {is: photo, label: {zh: 照片, en: Photos}, many: 3}\n"
    "states: {open: {label: {zh: 在办, en: Open}, see: [author, town_office]}}\n"
    "actions:\n"
    "  create: {label: {zh: 新建, en: Create}, to: open, by: first_secretary here}\n"
    "  change: {label: {zh: 修改, en: Edit}, from: open, by: author}\n";

#define BOTH_PAPERS(NAME)                                                                          \
    static void paper_##NAME(Site *s);                                                             \
    static void paper_site_##NAME(Engine g)                                                        \
    {                                                                                              \
        Site s;                                                                                    \
        ModelSource more = {.path = S("village/paper.yaml"), .text = str_of(paper)};               \
        site_begin_model(&s, g, &more, 1);                                                         \
        paper_##NAME(&s);                                                                          \
        site_end(&s);                                                                              \
    }                                                                                              \
    TEST(NAME##_sqlite)                                                                            \
    {                                                                                              \
        paper_site_##NAME(ENGINE_SQLITE);                                                          \
    }                                                                                              \
    TEST(NAME##_pg)                                                                                \
    {                                                                                              \
        paper_site_##NAME(ENGINE_PG);                                                              \
    }                                                                                              \
    static void paper_##NAME(Site *s)

static Answer put_file(Site *s, const char *who, Str id, const char *query, const char *type,
                       Str bytes)
{
    Str head = str_fmt(s->a, "Authorization: Bearer %.*s\r\nContent-Type: %s\r\n",
                       STR_ARG(site_token(s, who)), type);
    return site_ask(s, "PUT", str_fmt(s->a, "/api/v1/file/%.*s%s", STR_ARG(id), query), head,
                    bytes);
}

static Answer put_paper(Site *s, Str id, const char *field, Str file)
{
    return site_api(s, "fs111", "PUT", site_z(s, "/api/v1/paper/%.*s", STR_ARG(id)).p,
                    site_z(s, "{\"title\":\"x\",\"%s\":[\"%.*s\"]}", field, STR_ARG(file)).p);
}

/* Larger than one chunk, and every byte of it comes back. */
static Str large_pdf(Arena *a)
{
    Buf b = {.arena = a};
    buf_z(&b, "%PDF-1.7\n");
    for (int i = 0; i < LIMIT_FILE_CHUNK / 4; i++)
        buf_fmt(&b, "%d\n", i * 7919);
    buf_z(&b, "%%EOF\n");
    return buf_view(&b);
}

BOTH_PAPERS(a_document_comes_back_as_it_was)
{
    Str doc = site_id(s), id = site_id(s), bytes = large_pdf(s->a);
    const char *name = "?name=%E6%8A%A5%E5%91%8A%20(1).pdf";
    Str at = site_z(s, "/api/v1/file/%s", doc.p);
    EXPECT_EQ_I64(put_file(s, "fs111", doc, name, "application/pdf", bytes).status, 201);
    EXPECT_EQ_I64(put_file(s, "fs111", doc, name, "application/pdf", bytes).status, 200);
    EXPECT_EQ_I64(put_file(s, "fs111", doc, name, "application/pdf", S("other")).status, 409);
    EXPECT_EQ_I64(put_file(s, "fs112", doc, name, "application/pdf", bytes).status, 404);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", at.p, "").status, 404); /* no record shows it yet */
    EXPECT_EQ_I64(put_paper(s, id, "files", doc).status, 201);
    Answer a = site_api(s, "fs111", "GET", at.p, "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT(str_eq(a.body, bytes));
    EXPECT_STR(answer_header(&a, "Content-Type"), "application/pdf");
    EXPECT_STR(answer_header(&a, "Content-Disposition"),
               "attachment; filename=\"__ (1).pdf\"; "
               "filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%281%29.pdf");
    EXPECT_STR(answer_header(&a, "X-Content-Type-Options"), "nosniff");
    EXPECT(str_find(answer_header(&a, "Content-Security-Policy"), S("sandbox")) >= 0);
    EXPECT_EQ_I64(site_api(s, "town1", "GET", at.p, "").status, 200);
    EXPECT_EQ_I64(site_api(s, "fs112", "GET", at.p, "").status, 404);
    EXPECT_EQ_I64(site_api(s, "town2", "GET", site_z(s, "/file/%s", doc.p).p, "").status, 404);
    Str cookie, csrf; /* its page names it */
    site_session(s, "fs111", &cookie, &csrf);
    a = site_ask(s, "GET", str_fmt(s->a, "/paper/%.*s", STR_ARG(id)),
                 str_fmt(s->a, "Cookie: stave=%.*s\r\n", STR_ARG(cookie)), S(""));
    EXPECT_EQ_I64(a.status, 200);
    EXPECT(str_find(a.body, S("报告 (1).pdf</a>")) >= 0 && str_find(a.body, S(" KB</small>")) >= 0);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_PAPERS(what_is_no_document_is_refused_with_a_reason)
{
    static const struct {
        const char *query, *type;
        Str bytes;
        int status;
    } list[] = {
        {"?name=a.pdf", "application/pdf", S("MZ\x90\0"), 422},
        {"?name=a.pdf", "application/pdf", S("just text"), 422},
        {"?name=a.html", "text/html", S("<html>"), 422},
        {"", "application/octet-stream", S("PK\x03\x04"), 422},
        {"", "application/octet-stream", S(""), 422},
        {"", "image/png", S("just text"), 422},
        {"?nome=a.pdf", "application/pdf", S("%PDF-1.4\n%%EOF"), 422},
        {"?name=a.txt", "text/plain", S("just text"), 201},
    };
    for (size_t i = 0; i < LEN(list); i++) {
        Answer a = put_file(s, "fs111", site_id(s), list[i].query, list[i].type, list[i].bytes);
        if (!EXPECT_EQ_I64(a.status, list[i].status))
            test_note("%s %s", list[i].query, list[i].type);
    }
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_PAPERS(a_photo_field_takes_photos_alone)
{
    Str text = site_id(s), photo = site_id(s);
    EXPECT_EQ_I64(put_file(s, "fs111", text, "", "text/plain", S("words")).status, 201);
    EXPECT_EQ_I64(put_file(s, "fs111", photo, "?name=a.jpg", "image/jpeg", site_jpeg()).status,
                  201);
    Answer a = put_paper(s, site_id(s), "photos", text);
    EXPECT(answer_has_fault(&a, "photos", "field.not_photo"));
    EXPECT_EQ_I64(put_paper(s, site_id(s), "photos", photo).status, 201);
    EXPECT_EQ_I64(put_paper(s, site_id(s), "files", photo).status, 201);
    a = put_paper(s, site_id(s), "files", site_id(s));
    EXPECT(answer_has_fault(&a, "files", "field.no_such_file"));
}

/* ---- forms ---- */

#define LINE "----line"
static void part(Site *s, Buf *b, const char *name, const char *file, Str value)
{
    (void)s;
    buf_fmt(b, "--" LINE "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file)
        buf_fmt(b, "; filename=\"%s\"\r\nContent-Type: application/octet-stream", file);
    buf_z(b, "\r\n\r\n");
    buf_str(b, value);
    buf_z(b, "\r\n");
}

static Answer send_paper(Site *s, Str cookie, Str csrf, Str id, const char *file_name, Str bytes)
{
    Buf b = {.arena = s->a};
    part(s, &b, "csrf", NULL, csrf);
    part(s, &b, "id", NULL, id);
    part(s, &b, "title", NULL, S("材料"));
    part(s, &b, "file.files", file_name, bytes);
    part(s, &b, "do", NULL, S("save"));
    buf_z(&b, "--" LINE "--\r\n");
    Str head = str_fmt(
        s->a, "Cookie: stave=%.*s\r\nContent-Type: multipart/form-data; boundary=" LINE "\r\n",
        STR_ARG(cookie));
    return site_ask(s, "POST", S("/paper"), head, buf_view(&b));
}

/* A form of his own that says it has this document, and comes back for its missing title. */
static bool names_it(Site *s, Str cookie, Str csrf, Str file)
{
    Answer a = site_ask(
        s, "POST", S("/paper"),
        str_fmt(s->a,
                "Cookie: stave=%.*s\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                STR_ARG(cookie)),
        str_fmt(s->a, "csrf=%.*s&id=%.*s&title=&files=%.*s&do=save", STR_ARG(csrf),
                STR_ARG(site_id(s)), STR_ARG(file)));
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(str_find(a.body, file) > 0);
    return str_find(a.body, S("会议.pdf")) > 0;
}

BOTH_PAPERS(a_form_brings_documents)
{
    Str cookie, csrf, id = site_id(s);
    site_session(s, "fs111", &cookie, &csrf);
    EXPECT_EQ_I64(
        send_paper(s, cookie, csrf, id, "C:\\\\docs\\\\会议.pdf", S("%PDF-1.4\n%%EOF")).status,
        303);
    Answer a = site_api(s, "fs111", "GET", site_z(s, "/api/v1/paper/%s", id.p).p, "");
    const Json *files = json_get(&a.json, S("files"));
    REQUIRE(files && files->tag == JSON_LIST && files->n == 1);
    a = site_api(s, "fs111", "GET", site_z(s, "/api/v1/file/%.*s", STR_ARG(files->items[0].s)).p,
                 "");
    EXPECT_STR(a.body, "%PDF-1.4\n%%EOF");
    EXPECT(str_find(answer_header(&a, "Content-Disposition"), S("''%E4%BC%9A%E8%AE%AE.pdf")) > 0);
    a = site_ask(s, "GET", site_z(s, "/paper/%s", id.p),
                 str_fmt(s->a, "Cookie: stave=%.*s\r\n", STR_ARG(cookie)), S(""));
    EXPECT(str_find(a.body, S(">会议.pdf</a>")) > 0);
    a = site_ask(s, "GET", site_z(s, "/paper/%s/change", id.p),
                 str_fmt(s->a, "Cookie: stave=%.*s\r\n", STR_ARG(cookie)), S(""));
    EXPECT(str_find(a.body, S("会议.pdf")) > 0);
    Str other_cookie, other_csrf; /* who may not see it learns no name */
    site_session(s, "fs121", &other_cookie, &other_csrf);
    EXPECT(!names_it(s, other_cookie, other_csrf, files->items[0].s));
    EXPECT(names_it(s, cookie, csrf, files->items[0].s));
    Value v = {.tag = VALUE_BLOB};
    Uuid file;
    FileLine *lines;
    int n = 0;
    REQUIRE(uuid_parse(files->items[0].s, &file));
    v.s = (Str){(const char *)file.b, sizeof file.b};
    Tx *tx = county_files_tx(&s->w);
    REQUIRE_OK(record_file_lines(s->a, tx, &v, &lines, &n, s->w.e), s->w.e);
    tx_end(tx);
    REQUIRE(n == 1);
    EXPECT_STR(lines[0].name, "会议.pdf");
    EXPECT_STR(lines[0].mime, "application/pdf");
    EXPECT_EQ_I64(lines[0].bytes, 14);
    Str other = site_id(s); /* a bad one: told on the form, nothing is kept */
    a = send_paper(s, cookie, csrf, other, "a.pdf", S("MZ\x90"));
    EXPECT_EQ_I64(a.status, 422);
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", site_z(s, "/api/v1/paper/%s", other.p).p, "").status,
                  404);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

/* A damaged document is found by verify. */
static int spoil(Tx *tx, void *arg, Err *e)
{
    (void)arg;
    return tx_script(tx,
                     S("UPDATE file_chunk SET data = (SELECT data FROM file_chunk WHERE ix = 0) "
                       "WHERE ix = 2;"),
                     e);
}

BOTH_PAPERS(verify_finds_a_damaged_document)
{
    Str doc = site_id(s);
    EXPECT_EQ_I64(put_file(s, "fs111", doc, "", "", large_pdf(s->a)).status, 201);
    EXPECT_EQ_I64(put_paper(s, site_id(s), "files", doc).status, 201);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
    REQUIRE_OK(store_write(s->w.files, NULL, spoil, NULL, s->w.e), s->w.e);
    EXPECT(county_verify(&s->w) > 0);
    Answer a = site_api(s, "fs111", "GET", site_z(s, "/api/v1/file/%s", doc.p).p, "");
    EXPECT_EQ_I64(a.status, 500);
}
