/* test_exchange_document.c: what may be attached, by its bytes; each refusal. */
#include <zlib.h>

#include "exchange/document_int.h"
#include "test.h"
#include "test_zip_util.h"

/* ---- packages ---- */

#define WORD_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
static Zip office_begin(Arena *a, const char *type)
{
    Zip z = zip_begin(a);
    zip_part(&z, "[Content_Types].xml",
             str_fmt(a, "<Types><Override PartName=\"/x\" ContentType=\"%s\"/></Types>", type));
    zip_part(&z, "word/document.xml", S("<w:document/>"));
    return z;
}

static Str docx(Arena *a)
{
    Zip z = office_begin(a, WORD_TYPE);
    return zip_end(&z);
}

static Str odt(Arena *a, const char *mime, const char *manifest, const char *more)
{
    Zip z = zip_begin(a);
    Str text = str_of(mime);
    zip_raw(&z, S("mimetype"), 0, text, text.n,
            (uint32_t)crc32(0, (const Bytef *)text.p, (uInt)text.n));
    zip_part(&z, "content.xml", S("<office:document-content/>"));
    zip_part(&z, "META-INF/manifest.xml", str_of(manifest));
    if (more)
        zip_part(&z, more, S("Sub Main"));
    return zip_end(&z);
}

/* ---- compound files ---- */

enum { SECTOR = 512 };

static void set16(char *p, uint32_t v)
{
    p[0] = (char)(v & 255);
    p[1] = (char)(v >> 8 & 255);
}

static void set32(char *p, uint32_t v)
{
    set16(p, v & 0xFFFF);
    set16(p + 2, v >> 16);
}

/* Sector 0 the table, 1 the contents, 2.. the main stream; `main` begins it. */
static Str ole(Arena *a, const char *const *names, size_t n, Str main)
{
    enum { STREAM = 4096, SECTORS = 2 + STREAM / SECTOR };
    char *p = arena_alloc(a, (SECTORS + 1) * SECTOR), *table = p + SECTOR, *dir = p + 2 * SECTOR;
    memcpy(p, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
    set16(p + 30, 9);
    set32(p + 44, 1);
    set32(p + 48, 1);
    set32(p + 68, 0xFFFFFFFE);
    for (int i = 1; i < 109; i++)
        set32(p + 76 + 4 * i, 0xFFFFFFFF);
    memset(table, 0xFF, SECTOR);
    set32(table, 0xFFFFFFFD);
    set32(table + 4, 0xFFFFFFFE);
    for (int i = 2; i < SECTORS; i++)
        set32(table + 4 * i, i + 1 < SECTORS ? (uint32_t)i + 1 : 0xFFFFFFFE);
    REQUIRE(n <= 4);
    for (size_t i = 0; i < n; i++) {
        char *en = dir + 128 * i;
        size_t len = strlen(names[i]);
        for (size_t k = 0; k < len; k++)
            set16(en + 2 * k, (uint8_t)names[i][k]);
        set16(en + 64, (uint32_t)(2 * len + 2));
        en[66] = 2;
        set32(en + 116, 2);
        set32(en + 120, STREAM);
    }
    memcpy(p + 3 * SECTOR, main.p, main.n);
    return (Str){p, (SECTORS + 1) * SECTOR};
}

static Str ole_of(Arena *a, const char *one, const char *two, Str main)
{
    const char *names[] = {one, two};
    return ole(a, names, two ? 2 : 1, main);
}

/* ---- asking ---- */

typedef struct Ask {
    Arena *a;
    Err e;
    Str mime, name;
} Ask;

static void ask_begin(Ask *q)
{
    *q = (Ask){.a = arena_new(64 * 1024)};
    q->e = err_on(q->a);
}

static void takes(Ask *q, const char *name, Str bytes, const char *mime, const char *want)
{
    err_clear(&q->e);
    q->mime = q->name = STR_NONE;
    if (!EXPECT_OK(document_check(q->a, str_of(name), bytes, &q->mime, &q->name, &q->e), &q->e)) {
        test_note("%s", name ? name : "(none)");
        return;
    }
    EXPECT_STR(q->mime, mime);
    EXPECT_STR(q->name, want);
}

static void refuses(Ask *q, const char *name, Str bytes, int cls, const char *key)
{
    err_clear(&q->e);
    q->mime = S("untouched");
    EXPECT_EQ_I64(document_check(q->a, str_of(name), bytes, &q->mime, &q->name, &q->e), cls);
    if (!EXPECT_STR(q->e.key, key))
        test_note("%s", name ? name : "(none)");
    EXPECT_STR(q->mime, "untouched");
    for (int lang = 0; lang < LANG_MAX; lang++)
        EXPECT(!str_eq(err_text(q->a, (Lang)lang, &q->e), q->e.key));
}

#define DOCX_MIME "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define PDF       S("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n")

TEST(kinds_are_found_in_the_bytes)
{
    Ask q;
    ask_begin(&q);
    takes(&q, "a.pdf", PDF, "application/pdf", "a.pdf");
    takes(&q, NULL, PDF, "application/pdf", "document.pdf");
    takes(&q, "说明", S("今天去了三户。\n"), "text/plain", "说明.txt");
    takes(&q, "a.csv", S("code,name\r\n1,a\r\n"), "text/csv", "a.csv");
    takes(&q, "gb.TXT", S("\xC4\xE3\xBA\xC3"), "text/plain", "gb.txt");
    takes(&q, "a.docx", docx(q.a), DOCX_MIME, "a.docx");
    Zip z = office_begin(q.a, "application/x.spreadsheetml.sheet.main+xml");
    takes(&q, "表.xlsx", zip_end(&z),
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "表.xlsx");
    z = office_begin(q.a, "application/x.presentationml.presentation.main+xml");
    takes(&q, "a.pptx", zip_end(&z),
          "application/vnd.openxmlformats-officedocument.presentationml.presentation", "a.pptx");
    takes(&q, "a.odt", odt(q.a, "application/vnd.oasis.opendocument.text", "<m/>", NULL),
          "application/vnd.oasis.opendocument.text", "a.odt");
    z = zip_begin(q.a);
    zip_part(&z, "OFD.xml", S("<ofd:OFD/>"));
    zip_part(&z, "Doc_0/Document.xml", S("<ofd:Document/>"));
    takes(&q, "公文.ofd", zip_end(&z), "application/ofd", "公文.ofd");
    takes(&q, "a.doc", ole_of(q.a, "WordDocument", "1Table", S("")), "application/msword", "a.doc");
    takes(&q, "a.WPS", ole_of(q.a, "WordDocument", NULL, S("")), "application/msword", "a.wps");
    takes(&q, "a.et", ole_of(q.a, "Workbook", NULL, S("\x09\x08\x04\x00\x00\x06\x05\x00")),
          "application/vnd.ms-excel", "a.et");
    takes(&q, "a.dps", ole_of(q.a, "PowerPoint Document", NULL, S("")),
          "application/vnd.ms-powerpoint", "a.dps");
    takes(&q, "a.jpeg", S("\xFF\xD8\xFF\xE0 ..."), "image/jpeg", "a.jpg");
    takes(&q, "a.png", S("\x89PNG\r\n\x1A\n..."), "image/jpeg", "a.jpg");
    arena_free(q.a);
}

TEST(a_name_that_claims_another_kind_is_refused)
{
    Ask q;
    ask_begin(&q);
    refuses(&q, "报告.pdf", docx(q.a), ERR_INVALID, "document.wrong_extension");
    EXPECT_STR(q.e.args[0], "pdf");
    EXPECT_STR(q.e.args[1], "docx");
    refuses(&q, "a.docx", PDF, ERR_INVALID, "document.wrong_extension");
    refuses(&q, "a.exe", S("plain text"), ERR_INVALID, "document.wrong_extension");
    refuses(&q, "a.bat", S("del *.*"), ERR_INVALID, "document.wrong_extension");
    refuses(&q, "a.js", S("alert(1)"), ERR_INVALID, "document.wrong_extension");
    refuses(&q, "a.jpg", S("not a photo"), ERR_INVALID, "document.wrong_extension");
    refuses(&q, "a.pdf.exe", PDF, ERR_INVALID, "document.wrong_extension");
    refuses(&q, "a.doc", docx(q.a), ERR_INVALID, "document.wrong_extension");
    arena_free(q.a);
}

TEST(names_are_for_people_and_no_paths)
{
    Ask q;
    ask_begin(&q);
    Buf ha = {.arena = q.a};
    for (int i = 0; i < 300; i++)
        buf_z(&ha, "长");
    static const char *const list[][2] = {{"C:\\Users\\a\\报告.pdf", "报告.pdf"},
                                          {"../../etc/passwd.pdf", "passwd.pdf"},
                                          {"a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"},
                                          {"\xE2\x80\xAE"
                                           "fdp.exe.pdf",
                                           "fdp.exe.pdf"},
                                          {"..", "document.pdf"},
                                          {".pdf", "pdf.pdf"},
                                          {"a.PDF", "a.pdf"},
                                          {"a/", "document.pdf"},
                                          {"第3.5次 会议", "第3.5次 会议.pdf"},
                                          {"\xFF\xFE.pdf", "document.pdf"},
                                          {"a.pdf. . ", "a.pdf"},
                                          {"a<b>\"c\".pdf", "a_b__c_.pdf"}};
    for (size_t i = 0; i < LEN(list); i++)
        takes(&q, list[i][0], PDF, "application/pdf", list[i][1]);
    takes(&q, str_z(q.a, str_fmt(q.a, "%.*s.pdf", STR_ARG(buf_view(&ha)))), PDF, "application/pdf",
          str_z(q.a, str_fmt(q.a, "%.*s.pdf", STR_ARG(utf8_prefix(buf_view(&ha), 96)))));
    arena_free(q.a);
}

TEST(what_runs_or_hides_things_is_refused)
{
    Ask q;
    ask_begin(&q);
    static const struct {
        Str bytes;
        const char *key;
    } list[] = {
        {S("MZ\x90\0\x03"), "document.program"},
        {S("\x7F"
           "ELF\x02"),
         "document.program"},
        {S("#!/bin/sh\necho"), "document.program"},
        {S("<!DOCTYPE html><p>"), "document.markup"},
        {S("\xEF\xBB\xBF \n<svg xmlns='x'>"), "document.markup"},
        {S("<?xml version='1.0'?><x/>"), "document.markup"},
        {S("Rar!\x1A\x07\x01"), "document.archive"},
        {S("7z\xBC\xAF\x27\x1C"), "document.archive"},
        {S("\x1F\x8B\x08"), "document.archive"},
        {S("{\\rtf1}"), "document.rtf"},
        {S("\xFF\xFE"
           "a\0"),
         "document.utf16"},
        {S("a\0b"), "document.unknown"},
        {S("\x80\x81\xFF\xFF"), "document.unknown"},
        {S("%PDF-1.7\n"), "document.broken"},
        {S("%PDF-1.7\n/OpenAction /JavaScript %%EOF"), "document.active_pdf"},
        {S(""), "document.empty"},
        {S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "document.broken"},
        {S("PK\x03\x04"), "document.broken"},
        {S("GIF89a\x01\0\0"), "photo.gif"},
    };
    for (size_t i = 0; i < LEN(list); i++)
        refuses(&q, "a", list[i].bytes, ERR_INVALID, list[i].key);
    char *large = arena_alloc(q.a, LIMIT_FILE_BYTES + 1);
    refuses(&q, "a", (Str){large, LIMIT_FILE_BYTES + 1}, ERR_LIMIT, "document.large");
    char *tar = arena_alloc(q.a, 600);
    memset(tar, 'a', 600);
    memcpy(tar + 257, "ustar", 5);
    refuses(&q, "a", (Str){tar, 600}, ERR_INVALID, "document.archive");
    arena_free(q.a);
}

/* A PDF whose objects are packed away in a stream. */
static Str pdf_packed(Arena *a, const char *dict, Str objects)
{
    uLongf n = compressBound((uLong)objects.n);
    Bytef *packed = arena_alloc(a, n);
    REQUIRE(compress(packed, &n, (const Bytef *)objects.p, (uLong)objects.n) == Z_OK);
    Buf b = {.arena = a};
    buf_fmt(&b, "%%PDF-1.7\n1 0 obj\n<<%s/Length %d>>\nstream\r\n", dict, (int)n);
    buf_mem(&b, packed, n);
    buf_z(&b, "\nendstream\nendobj\n%%EOF");
    return buf_view(&b);
}

TEST(what_a_pdf_packs_away_is_seen)
{
    Ask q;
    ask_begin(&q);
    Buf late = {.arena = q.a};
    for (int i = 0; i < 30000; i++)
        buf_fmt(&late, "%d 0 obj <</A %d>> ", i, i);
    buf_z(&late, "<</S/Java#53cript/J#53(x)>>");
    const char *objstm = "/Type/ObjStm/Filter/FlateDecode";
    takes(&q, "a.pdf", pdf_packed(q.a, objstm, S("<</Type/Page>>")), "application/pdf", "a.pdf");
    takes(&q, "a.pdf", pdf_packed(q.a, "/Filter/FlateDecode", S("(/JavaScript) Tj")),
          "application/pdf", "a.pdf");
    const struct {
        Str bytes;
        const char *key;
    } list[] = {
        {pdf_packed(q.a, objstm, S("<</S/JavaScript/JS(x)>>")), "document.active_pdf"},
        {pdf_packed(q.a, objstm, S("<</J#53 5 0 R>>")), "document.active_pdf"},
        {pdf_packed(q.a, "/Type/Obj#53tm/Filter[/FlateDecode]", S("<</S/Launch>>")),
         "document.active_pdf"},
        {pdf_packed(q.a, objstm, buf_view(&late)), "document.active_pdf"},
        {pdf_packed(q.a, "/Type/ObjStm/Filter[/ASCII85Decode/FlateDecode]", S("<<>>")),
         "document.active_pdf"},
        {S("%PDF-1.7\n1 0 obj<</S/J#61vaScript>>endobj\n%%EOF"), "document.active_pdf"},
        {S("%PDF-1.7\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\nxx\nendstream %%EOF"),
         "document.broken"},
        {S("%PDF-1.7\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\nxx\nendstream"
           " trailer<</Encrypt 2 0 R>> %%EOF"),
         "document.locked"},
    };
    for (size_t i = 0; i < LEN(list); i++)
        refuses(&q, "a.pdf", list[i].bytes, ERR_INVALID, list[i].key);
    Str zeros = {arena_alloc(q.a, 16 << 20), 16 << 20};
    refuses(&q, "a.pdf", pdf_packed(q.a, objstm, zeros), ERR_LIMIT, "document.bomb");
    arena_free(q.a);
}

TEST(packages_with_macros_locks_or_others_inside_are_refused)
{
    Ask q;
    ask_begin(&q);
    Zip z = office_begin(q.a, WORD_TYPE);
    zip_part(&z, "word/vbaProject.bin", S("\xCC\x61"));
    refuses(&q, "a.docx", zip_end(&z), ERR_INVALID, "document.macro");
    z = office_begin(q.a, "application/vnd.ms-word.document.macroEnabled.main+xml");
    refuses(&q, "a.docm", zip_end(&z), ERR_INVALID, "document.macro");
    refuses(&q, "a.odt", odt(q.a, "application/vnd.oasis.opendocument.text", "<m/>", "Basic/x.xml"),
            ERR_INVALID, "document.macro");
    refuses(&q, "a.odt",
            odt(q.a, "application/vnd.oasis.opendocument.text", "<encryption-data/>", NULL),
            ERR_INVALID, "document.locked");
    z = office_begin(q.a, WORD_TYPE);
    z.flags = 1;
    zip_part(&z, "word/x.xml", S("x"));
    refuses(&q, "a.docx", zip_end(&z), ERR_INVALID, "document.locked");
    z = office_begin(q.a, WORD_TYPE);
    zip_part(&z, "word/embeddings/a.xlsx", docx(q.a));
    refuses(&q, "a.docx", zip_end(&z), ERR_INVALID, "document.nested");
    EXPECT_STR(q.e.args[0], "word/embeddings/a.xlsx");
    z = office_begin(q.a, WORD_TYPE);
    zip_part(&z, "word/media/a.png", S("MZ\x90"));
    refuses(&q, "a.docx", zip_end(&z), ERR_INVALID, "document.program");
    z = office_begin(q.a, WORD_TYPE);
    zip_part(&z, "word/media/a.emz", S("\x1F\x8B\x08"));
    takes(&q, "a.docx", zip_end(&z), DOCX_MIME, "a.docx");
    z = zip_begin(q.a);
    zip_part(&z, "a.txt", S("x"));
    refuses(&q, "a.docx", zip_end(&z), ERR_INVALID, "document.archive");
    refuses(&q, "a.doc", ole_of(q.a, "WordDocument", "Macros", S("")), ERR_INVALID,
            "document.macro");
    refuses(&q, "a.xls", ole_of(q.a, "Workbook", "_VBA_PROJECT_CUR", S("")), ERR_INVALID,
            "document.macro");
    refuses(&q, "a.docx", ole_of(q.a, "EncryptionInfo", "EncryptedPackage", S("")), ERR_INVALID,
            "document.locked");
    refuses(&q, "a.doc", ole_of(q.a, "WordDocument", NULL, S("\xEC\xA5\0\0\0\0\0\0\0\0\0\x01")),
            ERR_INVALID, "document.locked");
    refuses(&q, "a.xls", ole_of(q.a, "Workbook", NULL, S("\x09\x08\x02\0\0\x06\x2F\0\x02\0\0\0")),
            ERR_INVALID, "document.locked");
    refuses(&q, "a.msi", ole_of(q.a, "Something", NULL, S("")), ERR_INVALID, "document.unknown");
    arena_free(q.a);
}

/* ---- bombs ---- */

TEST(a_bomb_is_refused_before_it_bursts)
{
    Ask q;
    ask_begin(&q);
    enum { MB = 1024 * 1024 };
    Str zeros = {arena_alloc(q.a, 64 * MB), 64 * MB};
    Str packed = zip_deflated(q.a, zeros);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)zeros.p, (uInt)zeros.n);
    Zip z = office_begin(q.a, WORD_TYPE);
    zip_raw(&z, S("word/a.xml"), 8, packed, zeros.n, crc); /* 64 KB into 64 MB */
    Str bomb = zip_end(&z);
    EXPECT(bomb.n < 100 * 1024);
    refuses(&q, "a.docx", bomb, ERR_LIMIT, "document.bomb");
    z = office_begin(q.a, WORD_TYPE); /* it says it is small */
    zip_raw(&z, S("word/a.xml"), 8, packed, 1000, crc);
    refuses(&q, "a.docx", zip_end(&z), ERR_LIMIT, "document.bomb");
    z = office_begin(q.a, WORD_TYPE); /* no ratio gives it away: in all too large */
    Buf noise = {.arena = q.a};
    for (int i = 0; i < MB * 2 / 8; i++) {
        uint64_t v = test_random();
        buf_mem(&noise, &v, sizeof v);
    }
    Str noise_text = buf_view(&noise);
    zip_raw(&z, S("word/noise"), 0, noise_text, noise_text.n,
            (uint32_t)crc32(0, (const Bytef *)noise_text.p, (uInt)noise_text.n));
    for (int i = 0; i < 4; i++)
        zip_raw(&z, str_fmt(q.a, "word/%d.xml", i), 8, packed, zeros.n, crc);
    refuses(&q, "a.docx", zip_end(&z), ERR_LIMIT, "document.bomb");
    z = office_begin(q.a, WORD_TYPE);
    for (int i = 0; i < LIMIT_FILE_PARTS; i++)
        zip_part(&z, "a", S(""));
    refuses(&q, "a.docx", zip_end(&z), ERR_LIMIT, "document.many_parts");
    arena_free(q.a);
}

TEST(packages_that_contradict_themselves_are_broken)
{
    Ask q;
    ask_begin(&q);
    for (int way = 0; way < 6; way++) {
        Zip z = office_begin(q.a, WORD_TYPE);
        z.lie_whole = way == 0 ? 5 : way == 1 ? -5 : 0;
        z.lie_crc = way == 2;
        z.head_name = way == 3 ? "word/b.xml" : NULL;
        if (way == 4) /* a method nobody declared */
            zip_raw(&z, S("x"), 12, S("abc"), 3, 0);
        else
            zip_part(&z, "word/a.xml", S("some text of a part"));
        Str whole = zip_end(&z);
        if (way == 5) { /* the list says one part lies where another one does */
            char *p = str_z(q.a, S(""));
            p = arena_copy(q.a, whole.p, whole.n);
            ptrdiff_t list = str_find(whole, S("PK\x01\x02"));
            REQUIRE(list > 0);
            set32(p + list + 42, 999999);
            whole.p = p;
        }
        refuses(&q, "a.docx", whole, ERR_INVALID, "document.broken");
    }
    Str good = docx(q.a);
    for (size_t cut = 4; cut < good.n; cut++) /* wherever it is cut */
        refuses(&q, "a.docx", str_sub(good, 0, cut), ERR_INVALID, "document.broken");
    Str glued = str_fmt(q.a, "%.*sMZ", STR_ARG(S("")));
    Buf b = {.arena = q.a};
    buf_str(&b, good);
    buf_str(&b, glued);
    refuses(&q, "a.docx", buf_view(&b), ERR_INVALID, "document.broken");
    arena_free(q.a);
}

/* Any byte changed: an answer, never a crash. */
TEST(damaged_documents_are_answered)
{
    Ask q;
    ask_begin(&q);
    Str list[] = {docx(q.a), ole_of(q.a, "WordDocument", "x", S("")), PDF};
    for (size_t i = 0; i < LEN(list); i++)
        for (int n = 0; n < 3000; n++) {
            size_t mark = arena_mark(q.a);
            char *p = arena_copy(q.a, list[i].p, list[i].n);
            for (uint64_t k = 0; k <= test_below(4); k++)
                p[test_below(i == 1 ? 1600 : list[i].n)] = (char)test_below(256);
            Err e = err_on(q.a);
            int rc = document_check(q.a, S("a"), (Str){p, list[i].n}, &q.mime, &q.name, &e);
            EXPECT(rc == 0 || rc == ERR_INVALID || rc == ERR_LIMIT);
            arena_rewind(q.a, mark);
        }
    arena_free(q.a);
}
