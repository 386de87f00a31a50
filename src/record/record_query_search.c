/* record_query_search.c: what search asks the types' tables and the engine's inverted index.
 * Identifiers come from the compiled model, tokens are ASCII letters and digits of our own making.
 *                                                                              STYLE: R32 */
#include "record/record_find_int.h"

static int put_fields(Buf *b, const FindType *ft, const Field *rows)
{
    int n = 0;
    for (int i = 0; i < ft->field_n; i++)
        if (ft->fields[i].rows == rows) {
            buf_fmt(b, "%s\"%.*s\"", b->n && b->p[b->n - 1] != ' ' ? ", " : "",
                    STR_ARG(ft->fields[i].field->name));
            n++;
        }
    return n;
}

Str query_find_get(Arena *a, const Type *t, const FindType *ft)
{
    Buf b = {.arena = a};
    buf_z(&b, "SELECT unit, posting, at_day");
    (void)put_fields(&b, ft, NULL); /* there may be none */
    buf_fmt(&b, " FROM r_%.*s WHERE county = ?1 AND id = ?2", STR_ARG(t->name));
    return buf_view(&b);
}

Str query_find_rows(Arena *a, const Type *t, const FindType *ft, const Field *rows)
{
    Buf b = {.arena = a};
    buf_z(&b, "SELECT ");
    if (!put_fields(&b, ft, rows))
        return STR_NONE;
    buf_fmt(&b, " FROM r_%.*s__%.*s WHERE record = ?1 ORDER BY ix", STR_ARG(t->name),
            STR_ARG(rows->name));
    return buf_view(&b);
}

Str query_find_match(Arena *a, Engine g, const Type *t, const Str *scopes, int scope_n,
                     const Term *terms, int term_n)
{
    const char *also = g == ENGINE_PG ? " & " : " AND ";
    const char *either = g == ENGINE_PG ? " | " : " OR ";
    Buf b = {.arena = a};
    buf_fmt(&b, "t%lld", (long long)t->number);
    for (int i = 0; i < scope_n; i++) {
        buf_fmt(&b, "%s%.*s", i ? either : also, i ? 0 : 1, "(");
        buf_str(&b, scopes[i]);
    }
    if (scope_n)
        buf_byte(&b, ')');
    for (int i = 0; i < term_n; i++) {
        if (!terms[i].has_token)
            continue;
        if (!terms[i].is_letters) {
            (void)find_term_tokens(&b, terms[i].text, also); /* has_token: there are some */
            continue;
        }
        Buf word = {.arena = a}, initials = {.arena = a};
        (void)find_term_tokens(&word, terms[i].text, ""); /* one word, one token */
        if (find_initials_tokens(&initials, terms[i].text, also))
            buf_fmt(&b, "%s(%.*s%s(%.*s))", also, STR_ARG(buf_view(&word)), either,
                    (int)(initials.n - strlen(also)), initials.p + strlen(also));
        else
            buf_fmt(&b, "%s%.*s", also, STR_ARG(buf_view(&word)));
    }
    return buf_view(&b);
}

Str query_find_all(Arena *a, Engine g, Str tokens)
{
    const char *also = g == ENGINE_PG ? " & " : " AND ";
    Buf b = {.arena = a};
    Str token;
    while (tokens.n) {
        (void)str_cut(tokens, ' ', &token, &tokens); /* the last has no blank behind it */
        if (token.n)
            buf_fmt(&b, "%s%.*s", b.n ? also : "", STR_ARG(token));
    }
    return buf_view(&b);
}
