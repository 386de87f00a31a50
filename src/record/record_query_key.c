/* record_query_key.c: finds a record by what names it: its type's `unique`, or fields an import
 * points at.                                                                          SPEC: P7 */
#include "record/record_import.h"

Str query_by_key(Arena *a, const RecordImport *im)
{
    const Type *t = im->type;
    Buf b = {.arena = a};
    int at = 0;
    buf_fmt(&b, "SELECT id, county, version FROM r_%.*s WHERE ", STR_ARG(t->name));
    for (int i = 0; i < im->key_n; i++)
        buf_fmt(&b, "%s\"%.*s\" = ?%d", i ? " AND " : "", STR_ARG(im->keys[i]->name), ++at);
    if (im->key_has_unit)
        buf_fmt(&b, "%sunit = ?%d", at ? " AND " : "", at + 1);
    at += im->key_has_unit;
    if (im->key_has_author)
        buf_fmt(&b, "%sauthor = ?%d", at ? " AND " : "", at + 1);
    bool first = true;
    for (int i = 0; i < t->state_n; i++)
        if (t->void_states >> i & 1) {
            buf_fmt(&b, "%s%lld", first ? " AND state NOT IN (" : ", ",
                    (long long)t->states[i].number);
            first = false;
        }
    buf_z(&b, first ? " ORDER BY id LIMIT 2" : ") ORDER BY id LIMIT 2");
    return buf_view(&b);
}
