/* test_xlsx_util.c: small workbooks by hand. */
#include "test_xlsx_util.h"

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

void book_parts(Zip *z, Parts p)
{
    Arena *a = z->a;
    const char *x = or_empty(p.prefix);
    zip_part(z, "[Content_Types].xml",
             S("<Types><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/"
               "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>"));
    zip_part(z, "_rels/.rels",
             S("<Relationships><Relationship Id=\"r\" Type=\"" OFFICE "officeDocument\" "
               "Target=\"xl/workbook.xml\"/></Relationships>"));
    const char *hidden = "<sheet name=\"藏\" sheetId=\"9\" state=\"hidden\" r:id=\"r9\"/>";
    zip_part(z, "xl/workbook.xml",
             str_fmt(a, "<workbook>%s<sheets>%s%s</sheets></workbook>", or_empty(p.book_pr),
                     p.hidden_first ? hidden : "",
                     p.sheets ? p.sheets : "<sheet name=\"表1\" sheetId=\"1\" r:id=\"r1\"/>"));
    zip_part(z, "xl/_rels/workbook.xml.rels",
             str_fmt(a,
                     "<Relationships><Relationship Id=\"r1\" Type=\"" OFFICE "worksheet\" "
                     "Target=\"%s\"/><Relationship Id=\"r9\" Type=\"" OFFICE "worksheet\" "
                     "Target=\"worksheets/s.xml\"/><Relationship Id=\"r2\" Type=\"" OFFICE
                     "sharedStrings\" Target=\"strings.xml\"/><Relationship Id=\"r3\" "
                     "Type=\"" OFFICE "styles\" Target=\"styles.xml\"/></Relationships>",
                     p.target ? p.target : "worksheets/s.xml"));
    if (p.strings)
        zip_part(z, "xl/strings.xml", str_fmt(a, "<sst>%s</sst>", p.strings));
    if (p.styles)
        zip_part(z, "xl/styles.xml", str_fmt(a, "<styleSheet>%s</styleSheet>", p.styles));
    zip_part(z, "xl/worksheets/s.xml",
             p.sheet_xml
                 ? str_of(p.sheet_xml)
                 : str_fmt(a,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%sworksheet>%s"
                           "<%ssheetData>%s</%ssheetData>%s</%sworksheet>",
                           x, or_empty(p.cols), x, or_empty(p.rows), x, or_empty(p.after), x));
}

Read open_bytes(Arena *a_take, Str bytes, const char *sheet)
{
    Read b = {.arena = a_take, .e = err_on(a_take), .bytes = bytes};
    b.rc = table_open(a_take, bytes, sheet ? str_of(sheet) : STR_NONE, &b.table, &b.facts, &b.e);
    EXPECT(b.rc == b.e.cls);
    return b;
}

Read open_book_as(Parts p)
{
    Arena *a = arena_new(4096);
    Zip z = zip_begin(a);
    book_parts(&z, p);
    return open_bytes(a, zip_end(&z), p.sheet);
}

Read read_book(Parts p)
{
    Read b = open_book_as(p);
    REQUIRE_OK(b.rc, &b.e);
    return b;
}

bool next_row(Read *b)
{
    int rc = table_next(b->table, &b->row, &b->e);
    REQUIRE_OK(rc, &b->e);
    return rc > 0;
}

void close_book(Read *b)
{
    table_close(b->table);
    arena_free(b->arena);
}
