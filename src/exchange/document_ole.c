/* document_ole.c: compound files (.doc .xls .ppt .wps .et .dps): only their table of contents and
 * the first bytes of the main stream are read, to tell the kind, a lock, macros. Every sector
 * number
 * is checked, every chain is at most as long as the file. */
#include "exchange/document_int.h"

enum {
    HEADER_BYTES = 512,
    ENTRY_BYTES = 128,
    NAME_BYTES = 64,
    IN_HEADER = 109,         /* sectors of the allocation table that the header names */
    SECTOR_END = 0xFFFFFFFA, /* this and above: no sector */
    SMALL_BYTES = 4096,      /* shorter streams lie elsewhere */
    DOC_LOCKED = 0x0100,
    XLS_LOCKED = 0x2F,
    ENTRIES_MAX = 10000,
};

typedef struct Compound {
    Str bytes;
    size_t sector; /* bytes of one */
    uint32_t sector_n;
    const uint8_t *header;
    uint32_t table_sector, table_of; /* the one read last: which part of the table */
    bool has_table;
    Err *e;
} Compound;

static int broken(Compound *c)
{
    return err_set(c->e, ERR_INVALID, "document.broken");
}

static const uint8_t *sector(const Compound *c, uint32_t n) /* NULL: none such, or cut */
{
    if (n >= c->sector_n)
        return NULL;
    return (const uint8_t *)c->bytes.p + ((size_t)n + 1) * c->sector;
}

/* The sector that holds part `k` of the allocation table. */
static const uint8_t *table_part(Compound *c, uint32_t k)
{
    if (c->has_table && c->table_of == k)
        return sector(c, c->table_sector);
    uint32_t n;
    if (k < IN_HEADER)
        n = le32(c->header + 76 + 4 * (size_t)k);
    else {
        uint32_t per = (uint32_t)(c->sector / 4 - 1), skip = (k - IN_HEADER) / per;
        n = le32(c->header + 68);
        for (uint32_t i = 0; i < skip; i++) {
            const uint8_t *q = sector(c, n);
            if (!q)
                return NULL;
            n = le32(q + c->sector - 4);
        }
        const uint8_t *q = sector(c, n);
        if (!q)
            return NULL;
        n = le32(q + 4 * ((k - IN_HEADER) % per));
    }
    c->has_table = true;
    c->table_of = k;
    c->table_sector = n;
    return sector(c, n);
}

/* The next sector of a chain; false: the table is cut. */
static bool next_sector(Compound *c, uint32_t n, uint32_t *ret)
{
    uint32_t per = (uint32_t)(c->sector / 4);
    const uint8_t *q = table_part(c, n / per);
    if (!q)
        return false;
    *ret = le32(q + 4 * (n % per));
    return true;
}

typedef struct Contents {
    bool has_word, has_sheet, has_slides, is_locked, has_macro;
    uint32_t word_at, sheet_at; /* first sectors, or SECTOR_END */
} Contents;

static bool is_called(const uint8_t *entry, const char *name)
{
    size_t n = strlen(name);
    if (le16(entry + NAME_BYTES) != 2 * (n + 1) || n >= NAME_BYTES / 2)
        return false;
    for (size_t i = 0; i < n; i++)
        if (le16(entry + 2 * i) != (uint8_t)name[i])
            return false;
    return true;
}

static uint32_t stream_at(const uint8_t *entry)
{
    return le32(entry + 120) >= SMALL_BYTES ? le32(entry + 116) : (uint32_t)SECTOR_END;
}

static void look_at(const uint8_t *en, Contents *t)
{
    if (is_called(en, "WordDocument")) {
        t->has_word = true;
        t->word_at = stream_at(en);
    } else if (is_called(en, "Workbook") || is_called(en, "Book")) {
        t->has_sheet = true;
        t->sheet_at = stream_at(en);
    } else if (is_called(en, "PowerPoint Document"))
        t->has_slides = true;
    t->is_locked = t->is_locked || is_called(en, "EncryptedPackage") ||
                   is_called(en, "EncryptionInfo") || is_called(en, "EncryptedSummary");
    t->has_macro = t->has_macro || is_called(en, "_VBA_PROJECT") || is_called(en, "VBA") ||
                   is_called(en, "Macros") || is_called(en, "_VBA_PROJECT_CUR");
}

static int read_contents(Compound *c, Contents *ret)
{
    uint32_t n = le32(c->header + 48);
    *ret = (Contents){.word_at = SECTOR_END, .sheet_at = SECTOR_END};
    for (size_t seen = 0; n < SECTOR_END; seen += c->sector / ENTRY_BYTES) {
        const uint8_t *q = sector(c, n);
        if (!q || seen > ENTRIES_MAX)
            return broken(c);
        for (size_t i = 0; i + ENTRY_BYTES <= c->sector; i += ENTRY_BYTES)
            look_at(q + i, ret);
        if (!next_sector(c, n, &n))
            return broken(c);
    }
    return 0;
}

/* A sheet's first records say whether it is locked. */
static bool is_sheet_locked(const uint8_t *q, size_t n)
{
    for (size_t i = 0; i + 4 <= n; i += 4 + le16(q + i + 2))
        if (le16(q + i) == XLS_LOCKED)
            return true;
    return false;
}

int document_ole(Arena *a, Str bytes, DocumentKind *ret, Err *e)
{
    Compound c = {.bytes = bytes, .header = (const uint8_t *)bytes.p, .e = e};
    Contents t;
    (void)a; /* nothing is copied */
    if (bytes.n < HEADER_BYTES)
        return broken(&c);
    uint32_t shift = le16(c.header + 30);
    if (shift != 9 && shift != 12)
        return broken(&c);
    c.sector = (size_t)1 << shift;
    c.sector_n = bytes.n / c.sector > 1 ? (uint32_t)(bytes.n / c.sector - 1) : 0;
    TRY(read_contents(&c, &t));
    const uint8_t *word = sector(&c, t.word_at), *sheet = sector(&c, t.sheet_at);
    if (t.is_locked || (word && (le16(word + 10) & DOC_LOCKED)) ||
        (sheet && is_sheet_locked(sheet, c.sector)))
        return err_set(e, ERR_INVALID, "document.locked");
    if (t.has_macro)
        return err_set(e, ERR_INVALID, "document.macro");
    if (t.has_word + t.has_sheet + t.has_slides != 1)
        return err_set(e, ERR_INVALID, "document.unknown");
    *ret = t.has_word ? DOC_DOC : t.has_sheet ? DOC_XLS : DOC_PPT;
    return 0;
}
