/* base_i18n.c: sentences by key. The table is generated and sorted; {0}..{9} are filled here. */
#include "base/base_int.h"

static const struct I18nRow *i18n_find(Str key)
{
    size_t lo = 0, hi = i18n_row_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = str_cmp(key, str_of(i18n_rows[mid].key));
        if (c == 0)
            return &i18n_rows[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

Str i18n_get(Lang lang, Str key)
{
    CHECK(lang >= 0 && lang < LANG_MAX);
    const struct I18nRow *row = i18n_find(key);
    return row && row->text[lang] ? str_of(row->text[lang]) : key;
}

Str i18n_text(Arena *a, Lang lang, Str key, const Str *args, size_t arg_n)
{
    Str s = i18n_get(lang, key);
    if (!s.n || !memchr(s.p, '{', s.n))
        return str_copy(a, s);
    Buf out = {.arena = a};
    for (size_t i = 0; i < s.n; i++) {
        if (s.n - i >= 3 && s.p[i] == '{' && s.p[i + 2] == '}') {
            unsigned ix = (unsigned)s.p[i + 1] - '0';
            if (ix < arg_n && ix <= 9) {
                buf_str(&out, args[ix]);
                i += 2;
                continue;
            }
        }
        buf_byte(&out, s.p[i]); /* a hole without an argument stays visible */
    }
    return buf_view(&out);
}

static size_t args_count(const Str args[ERR_ARGS_MAX])
{
    size_t n = 0;
    while (n < ERR_ARGS_MAX && str_has(args[n]))
        n++;
    return n;
}

Str err_text(Arena *a, Lang lang, const Err *e)
{
    return i18n_text(a, lang, e->key, e->args, args_count(e->args));
}

Str err_field_text(Arena *a, Lang lang, const ErrField *f)
{
    return i18n_text(a, lang, f->key, f->args, args_count(f->args));
}
