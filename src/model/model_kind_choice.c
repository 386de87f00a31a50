/* model_kind_choice.c: one of a list, several of a list. Kept as numbers, so that names and labels
 * may change. */
#include "model/model_int.h"

/* ---- choices ---- */

/* By its name or one of its labels. What is retired stands where it stands: it is still read. */
static const Choice *choice_meant(const Field *f, Str s)
{
    const Choice *choice = field_choice(f, s);
    for (int i = 0; !choice && i < f->choice_n; i++)
        for (int lang = 0; lang < LANG_MAX; lang++)
            if (str_eq(f->choices[i].label.text[lang], s))
                choice = &f->choices[i];
    return choice;
}

int kind_parse_choice(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_choice");
    Str s = str_trim(text_normal(c->arena, typed));
    if (s.n == 0)
        return kind_absent(ret);
    const Choice *choice = choice_meant(f, s);
    if (!choice)
        return kind_refuse(e, f, "field.not_choice");
    *ret = (Value){.tag = VALUE_INT, .i = choice->number};
    return 0;
}

Str kind_show_choice(Arena *a, const Field *f, const Value *v, Lang lang)
{
    if (v->tag != VALUE_INT)
        return kind_none(v);
    const Choice *c = field_choice_numbered(f, v->i);
    return c ? label_text(&c->label, lang) : str_fmt(a, "#%lld", (long long)v->i);
}

Str kind_typed_choice(Arena *a, const Field *f, const Value *v)
{
    if (v->tag != VALUE_INT)
        return kind_none(v);
    const Choice *c = field_choice_numbered(f, v->i);
    return c ? c->name : str_fmt(a, "#%lld", (long long)v->i);
}

/* ---- several choices: ",3,17," ---- */

static bool is_between(uint32_t cp)
{
    return cp == ',' || cp == 0xFF0C || cp == 0x3001 || cp == ';' || cp == 0xFF1B || cp == '\n';
}

/* The next number of a kept value; 0: no more. */
static int64_t next_number(Str *s)
{
    Str head;
    int64_t n = 0;
    while (s->n > 0) {
        (void)str_cut(*s, ',', &head, s); /* without a comma: the rest */
        if (head.n > 0)
            return str_i64(head, &n) && n > 0 ? n : 0;
    }
    return 0;
}

/* Puts a number in its place among `list`; false: there already. */
static bool put_number(int64_t *list, int *n, int64_t number)
{
    int at = 0;
    while (at < *n && list[at] < number)
        at++;
    if (at < *n && list[at] == number)
        return false;
    memmove(list + at + 1, list + at, (size_t)(*n - at) * sizeof *list);
    list[at] = number;
    (*n)++;
    return true;
}

int kind_parse_choices(const ParseCtx *c, const Field *f, Str typed, Value *ret, Err *e)
{
    int64_t list[LIMIT_CHOICES + 1];
    int n = 0;
    if (!utf8_valid(typed))
        return kind_refuse(e, f, "field.not_choice");
    for (Str rest = text_normal(c->arena, typed); rest.n > 0;) {
        Str from = rest, word;
        size_t used = 0;
        while (rest.n > 0) {
            used = from.n - rest.n;
            if (is_between(utf8_next(&rest)))
                break;
            used = from.n - rest.n;
        }
        word = str_trim(str_sub(from, 0, used));
        if (word.n == 0)
            continue;
        const Choice *choice = choice_meant(f, word);
        if (!choice)
            return kind_refuse(e, f, "field.not_choice");
        CHECK(n <= f->choice_n && n < LIMIT_CHOICES + 1);
        (void)put_number(list, &n, choice->number); /* the same twice is one */
    }
    if (n == 0)
        return kind_absent(ret);
    Buf b = {.arena = c->arena};
    for (int i = 0; i < n; i++)
        buf_fmt(&b, ",%lld", (long long)list[i]);
    buf_byte(&b, ',');
    *ret = (Value){.tag = VALUE_TEXT, .s = buf_view(&b)};
    return 0;
}

static Str choices_text(Arena *a, const Field *f, const Value *v, Lang lang, const char *between,
                        bool is_name)
{
    if (v->tag != VALUE_TEXT)
        return kind_none(v);
    Buf b = {.arena = a};
    Str rest = v->s;
    for (int64_t n = next_number(&rest); n > 0; n = next_number(&rest)) {
        const Choice *c = field_choice_numbered(f, n);
        buf_z(&b, b.n ? between : "");
        if (!c)
            buf_fmt(&b, "#%lld", (long long)n);
        else
            buf_str(&b, is_name ? c->name : label_text(&c->label, lang));
    }
    return b.n ? buf_view(&b) : S("");
}

Str kind_show_choices(Arena *a, const Field *f, const Value *v, Lang lang)
{
    return choices_text(a, f, v, lang, lang == LANG_ZH ? "、" : ", ", false);
}

Str kind_typed_choices(Arena *a, const Field *f, const Value *v)
{
    return choices_text(a, f, v, LANG_ZH, ",", true);
}
