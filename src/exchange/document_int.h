/* document_int.h: what the files document*.c share: the kinds of documents. */
#ifndef STAVE_DOCUMENT_INT_H
#define STAVE_DOCUMENT_INT_H

#include "exchange/exchange_int.h"

typedef enum DocumentKind {
    DOC_PDF,
    DOC_JPEG,
    DOC_PNG,
    DOC_TEXT,
    DOC_DOCX,
    DOC_XLSX,
    DOC_PPTX,
    DOC_OFD,
    DOC_ODT,
    DOC_ODS,
    DOC_ODP,
    DOC_DOC,
    DOC_XLS,
    DOC_PPT,
    DOC_KINDS
} DocumentKind;

/* document_zip.c: a package: every part is unpacked and counted, nothing is believed. What parts
 * hold is looked at: macros, programs, packages within packages. */
int document_zip(Arena *a, Str bytes, DocumentKind *ret, Err *e) MUST_USE;
typedef struct ZipEntry {
    Str name;
    uint32_t flags, method, crc, packed, whole, at;
    Str bytes; /* packed, as they stand in the file */
} ZipEntry;
/* What a package that document_zip took holds, in the list's order. Owns: in `a`, borrows bytes. */
int document_zip_list(Arena *a, Str bytes, ZipEntry **ret, size_t *ret_n, Err *e) MUST_USE;
/* document.c: what document_check finds in the bytes, whatever they are called. */
int document_kind(Arena *a, Str bytes, DocumentKind *ret, Err *e) MUST_USE;
/* document_ole.c: a compound file of Office 97-2003 and WPS. */
int document_ole(Arena *a, Str bytes, DocumentKind *ret, Err *e) MUST_USE;

/* document_pdf.c: whole, and without what runs or opens by itself, packed objects included. */
int document_pdf(Arena *a, Str bytes, Err *e) MUST_USE;

/* document.c: bytes that no document may begin with or hold; the key of the refusal, NULL: none. */
const char *document_refused(Str head);

static inline uint32_t le16(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8);
}
static inline uint32_t le32(const uint8_t *p)
{
    return le16(p) | le16(p + 2) << 16;
}
#endif
