/* model_words.c: every word of a model file, once. The parser checks files against these tables and
 * the help is printed from them; a word that is not here is unknown.                     STYLE: R40
 */
#include "model/model_int.h"

#define BIT(k) (UINT32_C(1) << (k))
#define TEXTS  (BIT(KIND_TEXT) | BIT(KIND_NOTE) | BIT(KIND_REMARK))
#define AMOUNTS                                                                                    \
    (BIT(KIND_INT) | BIT(KIND_MONEY) | BIT(KIND_PRICE) | BIT(KIND_AREA) | BIT(KIND_WEIGHT) |       \
     BIT(KIND_PERCENT))
#define TIMES (BIT(KIND_DATE) | BIT(KIND_INSTANT))
#define CODES (BIT(KIND_CREDIT_CODE) | BIT(KIND_PLATE) | BIT(KIND_PARCEL_CODE))
#define SORTED                                                                                     \
    (AMOUNTS | TIMES | CODES | BIT(KIND_TEXT) | BIT(KIND_YESNO) | BIT(KIND_CHOICE) |               \
     BIT(KIND_LINK) | BIT(KIND_UNIT) | BIT(KIND_PERSON) | BIT(KIND_MONTH_DAY))
#define PRESET                                                                                     \
    (AMOUNTS | TIMES | CODES | BIT(KIND_TEXT) | BIT(KIND_NOTE) | BIT(KIND_YESNO) |                 \
     BIT(KIND_CHOICE) | BIT(KIND_MONTH_DAY))
#define LINKS (BIT(KIND_LINK) | BIT(KIND_LINKS))
#define COMPUTED                                                                                   \
    (AMOUNTS | BIT(KIND_DATE) | BIT(KIND_MONTH_DAY) | BIT(KIND_YESNO) | BIT(KIND_CHOICE))
#define COPIED                                                                                     \
    (AMOUNTS | TIMES | CODES | BIT(KIND_TEXT) | BIT(KIND_NOTE) | BIT(KIND_YESNO) |                 \
     BIT(KIND_CHOICE) | BIT(KIND_CHOICES) | BIT(KIND_LINK) | BIT(KIND_UNIT) | BIT(KIND_PERSON) |   \
     BIT(KIND_POINT) | BIT(KIND_MONTH_DAY))

const TakesDef takes_defs[TAKES_MAX] = {
    [TAKES_NAME] = {NODE_TEXT, "model.takes_name"},
    [TAKES_LABEL] = {NODE_TEXT | NODE_MAP, "model.takes_label"},
    [TAKES_YES] = {NODE_TEXT, "model.takes_yes"},
    [TAKES_NAME_LIST] = {NODE_TEXT | NODE_LIST, "model.takes_unit_kinds"},
    [TAKES_COLUMNS] = {NODE_TEXT | NODE_LIST, "model.takes_columns"},
    [TAKES_STATES] = {NODE_TEXT | NODE_LIST, "model.takes_states"},
    [TAKES_WHO] = {NODE_TEXT | NODE_LIST, "model.takes_who"},
    [TAKES_ONE_WHO] = {NODE_TEXT, "model.takes_one_who"},
    [TAKES_KIND] = {NODE_TEXT, "model.takes_kind"},
    [TAKES_COUNT] = {NODE_TEXT, "model.takes_count"},
    [TAKES_BOUND] = {NODE_TEXT, "model.takes_bound"},
    [TAKES_VALUE] = {NODE_TEXT, "model.takes_value"},
    [TAKES_OF] = {NODE_TEXT | NODE_MAP, "model.takes_of"},
    [TAKES_END] = {NODE_TEXT, "model.takes_end"},
    [TAKES_WITHIN] = {NODE_TEXT, "model.takes_within"},
    [TAKES_UNIT] = {NODE_TEXT, "model.takes_unit"},
    [TAKES_PER] = {NODE_TEXT, "model.takes_per"},
    [TAKES_TREE_MAP] = {NODE_MAP, "model.takes_tree_map"},
    [TAKES_KIND_MAP] = {NODE_MAP, "model.takes_kind_map"},
    [TAKES_ROLE_MAP] = {NODE_MAP, "model.takes_role_map"},
    [TAKES_FIELD_MAP] = {NODE_MAP, "model.takes_field_map"},
    [TAKES_STATE_MAP] = {NODE_MAP, "model.takes_state_map"},
    [TAKES_ACTION_MAP] = {NODE_MAP, "model.takes_action_map"},
    [TAKES_DUTY_MAP] = {NODE_MAP, "model.takes_duty_map"},
    [TAKES_TEXT] = {NODE_TEXT, "model.takes_text"},
    [TAKES_YES_WHEN] = {NODE_TEXT, "model.takes_yes_when"},
    [TAKES_WHEN] = {NODE_TEXT, "model.takes_when"},
    [TAKES_EXPR] = {NODE_TEXT, "model.takes_expr"},
    [TAKES_FIND] = {NODE_TEXT, "model.takes_find"},
    [TAKES_TYPES] = {NODE_TEXT | NODE_LIST, "model.takes_types"},
    [TAKES_FIELDS] = {NODE_TEXT | NODE_LIST, "model.takes_fields"},
    [TAKES_COPY] = {NODE_TEXT, "model.takes_copy"},
    [TAKES_SPAN] = {NODE_TEXT, "model.takes_span"},
    [TAKES_CHECK_MAP] = {NODE_MAP, "model.takes_check_map"},
    [TAKES_FIGURE_MAP] = {NODE_MAP, "model.takes_figure_map"},
    [TAKES_RUN_MAP] = {NODE_MAP, "model.takes_run_map"},
    [TAKES_MAKES_MAP] = {NODE_MAP, "model.takes_makes_map"},
    [TAKES_WAS] = {NODE_TEXT | NODE_LIST, "model.takes_was"},
    [TAKES_REMOVED] = {NODE_TEXT, "model.takes_yes"},
    [TAKES_REMOVED_NAMES] = {NODE_TEXT | NODE_LIST, "model.takes_removed"},
    [TAKES_CODE] = {NODE_TEXT, "model.takes_code"},
    [TAKES_LINE] = {NODE_TEXT, "model.takes_line"},
    [TAKES_RECEIPTS] = {NODE_TEXT, "model.takes_receipts"},
    [TAKES_UPON] = {NODE_TEXT, "model.takes_upon"},
    [TAKES_COUNTED] = {NODE_TEXT, "model.takes_counted"},
    [TAKES_GRAIN] = {NODE_TEXT, "model.takes_grain"},
};

/* name, takes, required, kinds, help. The order is that of the enums in model_int.h. */
static const Word tree_file_words[] = {
    {"tree", TAKES_TREE_MAP, true, 0, "model.help_tree"},
};
static const Word tree_words[] = {
    {"kinds", TAKES_KIND_MAP, true, 0, "model.help_tree_kinds"},
    {"roles", TAKES_ROLE_MAP, true, 0, "model.help_tree_roles"},
};
static const Word unit_kind_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"in", TAKES_NAME_LIST, false, 0, "model.help_kind_in"},
};
static const Word role_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"at", TAKES_NAME_LIST, true, 0, "model.help_role_at"},
    {"falls_to", TAKES_NAME, true, 0, "model.help_role_falls_to"},
};
static const Word type_words[] = {
    {"type", TAKES_NAME, true, 0, "model.help_type_type"},
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"at", TAKES_NAME_LIST, false, 0, "model.help_type_at"},
    {"dated", TAKES_NAME, false, 0, "model.help_type_dated"},
    {"part_of", TAKES_NAME, false, 0, "model.help_type_part_of"},
    {"me", TAKES_NAME, false, 0, "model.help_type_me"},
    {"fields", TAKES_FIELD_MAP, true, 0, "model.help_type_fields"},
    {"unique", TAKES_COLUMNS, false, 0, "model.help_type_unique"},
    {"checks", TAKES_CHECK_MAP, false, 0, "model.help_type_checks"},
    {"states", TAKES_STATE_MAP, true, 0, "model.help_type_states"},
    {"actions", TAKES_ACTION_MAP, true, 0, "model.help_type_actions"},
    {"duties", TAKES_DUTY_MAP, false, 0, "model.help_type_duties"},
    {"figures", TAKES_FIGURE_MAP, false, 0, "model.help_type_figures"},
    {"runs", TAKES_RUN_MAP, false, 0, "model.help_type_runs"},
    {"offline", TAKES_YES, false, 0, "model.help_type_offline"},
    {"operator", TAKES_TEXT, false, 0, "model.help_type_operator"},
    {"line", TAKES_LINE, false, 0, "model.help_type_line"},
    {"keep", TAKES_TEXT, false, 0, "model.help_type_keep"},
    {"receipts", TAKES_RECEIPTS, false, 0, "model.help_type_receipts"},
    {"was", TAKES_WAS, false, 0, "model.help_was"},
    {"removed", TAKES_REMOVED_NAMES, false, 0, "model.help_type_removed"},
};
static const Word field_words[] = {
    {"is", TAKES_KIND, true, 0, "model.help_field_is"},
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"required", TAKES_YES_WHEN, false, 0, "model.help_field_required"},
    {"shown", TAKES_WHEN, false, 0, "model.help_field_shown"},
    {"computed", TAKES_EXPR, false, COMPUTED, "model.help_field_computed"},
    {"copy", TAKES_COPY, false, COPIED, "model.help_field_copy"},
    {"max", TAKES_BOUND, false, TEXTS | AMOUNTS | TIMES | BIT(KIND_ROWS), "model.help_field_max"},
    {"min", TAKES_BOUND, false, AMOUNTS | TIMES, "model.help_field_min"},
    {"many", TAKES_COUNT, false, BIT(KIND_PHOTO) | BIT(KIND_FILE) | BIT(KIND_LINKS),
     "model.help_field_many"},
    {"find", TAKES_FIND, false, TEXTS | CODES, "model.help_field_find"},
    {"index", TAKES_YES, false, SORTED, "model.help_field_index"},
    {"default", TAKES_VALUE, false, PRESET, "model.help_field_default"},
    {"of", TAKES_OF, false,
     BIT(KIND_CHOICE) | BIT(KIND_CHOICES) | BIT(KIND_REMARK) | BIT(KIND_ROWS),
     "model.help_field_of"},
    {"to", TAKES_TYPES, false, LINKS, "model.help_field_to"},
    {"unit", TAKES_UNIT, false, BIT(KIND_WEIGHT), "model.help_field_unit"},
    {"per", TAKES_PER, false, BIT(KIND_MONEY) | BIT(KIND_PRICE) | BIT(KIND_WEIGHT),
     "model.help_field_per"},
    {"party", TAKES_YES, false, LINKS | BIT(KIND_PERSON) | BIT(KIND_TEXT),
     "model.help_field_party"},
    {"personal", TAKES_YES, false, 0, "model.help_field_personal"},
    {"purpose", TAKES_TEXT, false, 0, "model.help_field_purpose"},
    {"start", TAKES_NAME, false, BIT(KIND_ROWS), "model.help_field_start"},
    {"unique", TAKES_FIELDS, false, BIT(KIND_ROWS), "model.help_field_unique"},
    {"exclusive", TAKES_SPAN, false, BIT(KIND_LINK), "model.help_field_exclusive"},
    {"was", TAKES_WAS, false, 0, "model.help_was"},
    {"removed", TAKES_REMOVED, false, 0, "model.help_removed"},
};
static const Word state_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"draft", TAKES_YES, false, 0, "model.help_state_draft"},
    {"end", TAKES_END, false, 0, "model.help_state_end"},
    {"see", TAKES_WHO, false, 0, "model.help_state_see"},
    {"was", TAKES_WAS, false, 0, "model.help_was"},
    {"removed", TAKES_REMOVED, false, 0, "model.help_removed"},
};
static const Word state_rest_words[] = {
    {"see", TAKES_WHO, true, 0, "model.help_state_rest_see"},
};
static const Word action_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"from", TAKES_STATES, false, 0, "model.help_action_from"},
    {"to", TAKES_NAME, false, 0, "model.help_action_to"},
    {"by", TAKES_WHO, true, 0, "model.help_action_by"},
    {"when", TAKES_EXPR, false, 0, "model.help_action_when"},
    {"many", TAKES_YES, false, 0, "model.help_action_many"},
    {"due", TAKES_EXPR, false, 0, "model.help_action_due"},
    {"asks", TAKES_FIELD_MAP, false, 0, "model.help_action_asks"},
    {"makes", TAKES_MAKES_MAP, false, 0, "model.help_action_makes"},
    {"code", TAKES_CODE, false, 0, "model.help_action_code"},
    {"was", TAKES_WAS, false, 0, "model.help_was"},
    {"removed", TAKES_REMOVED, false, 0, "model.help_removed"},
};
static const Word duty_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"while", TAKES_NAME, false, 0, "model.help_duty_while"},
    {"upon", TAKES_UPON, false, 0, "model.help_duty_upon"},
    {"owed_by", TAKES_ONE_WHO, false, 0, "model.help_duty_owed_by"},
    {"within", TAKES_WITHIN, false, 0, "model.help_duty_within"},
    {"due", TAKES_EXPR, false, 0, "model.help_duty_due"},
    {"met_by", TAKES_NAME, false, 0, "model.help_duty_met_by"},
    {"removed", TAKES_REMOVED, false, 0, "model.help_duty_removed"},
};
static const Word choice_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"was", TAKES_WAS, false, 0, "model.help_was"},
    {"removed", TAKES_REMOVED, false, 0, "model.help_choice_removed"},
};
static const Word check_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_check_label"},
    {"that", TAKES_EXPR, true, 0, "model.help_check_that"},
    {"law", TAKES_TEXT, false, 0, "model.help_check_law"},
    {"removed", TAKES_REMOVED, false, 0, "model.help_removed"},
};
static const Word figure_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"count", TAKES_COUNTED, false, 0, "model.help_figure_count"},
    {"sum", TAKES_COUNTED, false, 0, "model.help_figure_sum"},
    {"level", TAKES_COUNTED, false, 0, "model.help_figure_level"},
    {"distinct", TAKES_COUNTED, false, 0, "model.help_figure_distinct"},
    {"share", TAKES_TEXT, false, 0, "model.help_figure_share"},
    {"when", TAKES_EXPR, false, 0, "model.help_figure_when"},
    {"by", TAKES_COUNTED, false, 0, "model.help_figure_by"},
    {"per", TAKES_GRAIN, false, 0, "model.help_figure_per"},
    {"least", TAKES_COUNT, false, 0, "model.help_figure_least"},
    {"was", TAKES_WAS, false, 0, "model.help_was"},
    {"removed", TAKES_REMOVED, false, 0, "model.help_removed"},
};
static const Word run_words[] = {
    {"label", TAKES_LABEL, false, 0, "model.help_label"},
    {"by", TAKES_ONE_WHO, true, 0, "model.help_run_by"},
    {"code", TAKES_CODE, true, 0, "model.help_run_code"},
    {"makes", TAKES_NAME, false, 0, "model.help_run_makes"},
};
static const Word label_words[] = {
    {"zh", TAKES_TEXT, true, 0, "model.help_label_zh"},
    {"en", TAKES_TEXT, false, 0, "model.help_label_en"},
};

#define WORDS(table) (table), (int)LEN(table)
const Section sections[SECTION_MAX] = {
    [SECTION_TREE_FILE] = {"tree_file", "model.in_tree_file", "model.about_tree_file",
                           WORDS(tree_file_words)},
    [SECTION_TREE] = {"tree", "model.in_tree", "model.about_tree", WORDS(tree_words)},
    [SECTION_UNIT_KIND] = {"kind", "model.in_kind", "model.about_kind", WORDS(unit_kind_words)},
    [SECTION_ROLE] = {"role", "model.in_role", "model.about_role", WORDS(role_words)},
    [SECTION_TYPE] = {"type", "model.in_type", "model.about_type", WORDS(type_words)},
    [SECTION_FIELD] = {"field", "model.in_field", "model.about_field", WORDS(field_words)},
    [SECTION_STATE] = {"state", "model.in_state", "model.about_state", WORDS(state_words)},
    [SECTION_STATE_REST] = {"\"*\"", "model.in_state_rest", "model.about_state_rest",
                            WORDS(state_rest_words)},
    [SECTION_ACTION] = {"action", "model.in_action", "model.about_action", WORDS(action_words)},
    [SECTION_DUTY] = {"duty", "model.in_duty", "model.about_duty", WORDS(duty_words)},
    [SECTION_CHOICE] = {"choice_of", "model.in_choice", "model.about_choice", WORDS(choice_words)},
    [SECTION_CHECK] = {"check", "model.in_check", "model.about_check", WORDS(check_words)},
    [SECTION_FIGURE] = {"figure", "model.in_figure", "model.about_figure", WORDS(figure_words)},
    [SECTION_RUN] = {"run", "model.in_run", "model.about_run", WORDS(run_words)},
    [SECTION_LABEL] = {"label", "model.in_label", "model.about_label", WORDS(label_words)},
};

const char *kind_help(KindId id)
{
    static const char *const help[KIND_MAX] = {
        [KIND_TEXT] = "model.kind_text",         [KIND_NOTE] = "model.kind_note",
        [KIND_INT] = "model.kind_int",           [KIND_YESNO] = "model.kind_yesno",
        [KIND_DATE] = "model.kind_date",         [KIND_INSTANT] = "model.kind_instant",
        [KIND_CHOICE] = "model.kind_choice",     [KIND_LINK] = "model.kind_link",
        [KIND_PHOTO] = "model.kind_photo",       [KIND_REMARK] = "model.kind_remark",
        [KIND_MONEY] = "model.kind_money",       [KIND_PRICE] = "model.kind_price",
        [KIND_AREA] = "model.kind_area",         [KIND_WEIGHT] = "model.kind_weight",
        [KIND_PERCENT] = "model.kind_percent",   [KIND_CREDIT_CODE] = "model.kind_credit_code",
        [KIND_PLATE] = "model.kind_plate",       [KIND_PARCEL_CODE] = "model.kind_parcel_code",
        [KIND_CHOICES] = "model.kind_choices",   [KIND_LINKS] = "model.kind_links",
        [KIND_UNIT] = "model.kind_unit",         [KIND_PERSON] = "model.kind_person",
        [KIND_AUDIENCE] = "model.kind_audience", [KIND_FILE] = "model.kind_file",
        [KIND_POINT] = "model.kind_point",       [KIND_MONTH_DAY] = "model.kind_month_day",
        [KIND_ROWS] = "model.kind_rows",
    };
    CHECK(id >= 0 && id < KIND_MAX);
    return help[id];
}

/* ---- help ---- */

typedef struct Help {
    Buf out;
    Arena *arena;
    Lang lang;
    Str word; /* empty: everything */
    bool is_markdown;
    bool has_any;
} Help;

static Str tell(Help *h, const char *key)
{
    return i18n_text(h->arena, h->lang, str_of(key), NULL, 0);
}

static void help_kinds_of(Help *h, uint32_t kinds)
{
    buf_z(&h->out, h->lang == LANG_ZH ? "（" : " (");
    bool is_first = true;
    for (int k = 0; k < KIND_MAX; k++)
        if (kinds & BIT(k)) {
            buf_z(&h->out, is_first ? "" : " ");
            buf_z(&h->out, model_kind((KindId)k)->name);
            is_first = false;
        }
    buf_z(&h->out, h->lang == LANG_ZH ? "）" : ")");
}

static void help_heading(Help *h, Str name, Str about)
{
    if (h->has_any)
        buf_byte(&h->out, '\n');
    if (h->is_markdown)
        buf_fmt(&h->out, "## %.*s\n\n%.*s\n\n", STR_ARG(name), STR_ARG(about));
    else
        buf_fmt(&h->out, "%.*s: %.*s\n", STR_ARG(name), STR_ARG(about));
    h->has_any = true;
}

static void help_word(Help *h, const Word *w)
{
    Str takes = tell(h, takes_defs[w->takes].says), help = tell(h, w->help);
    if (h->is_markdown) {
        buf_fmt(&h->out, "| `%s` | %.*s | ", w->name, STR_ARG(takes));
        buf_str(&h->out, w->is_required ? tell(h, "model.yes") : S(""));
        buf_fmt(&h->out, " | %.*s", STR_ARG(help));
    } else {
        buf_fmt(&h->out, "  %-9s %.*s", w->name, STR_ARG(help));
        buf_z(&h->out, h->lang == LANG_ZH ? "写：" : " Write: ");
        buf_str(&h->out, takes);
        buf_z(&h->out, h->lang == LANG_ZH ? "。" : ".");
        if (w->is_required)
            buf_fmt(&h->out, " %.*s", STR_ARG(tell(h, "model.is_required")));
    }
    if (w->kinds)
        help_kinds_of(h, w->kinds);
    buf_z(&h->out, h->is_markdown ? " |\n" : "\n");
}

static void help_table_head(Help *h, const char *const *keys, size_t n)
{
    if (!h->is_markdown)
        return;
    for (size_t i = 0; i < n; i++)
        buf_fmt(&h->out, "| %.*s ", STR_ARG(tell(h, keys[i])));
    buf_z(&h->out, "|\n");
    for (size_t i = 0; i < n; i++)
        buf_z(&h->out, "|---");
    buf_z(&h->out, "|\n");
}

static void help_section(Help *h, const Section *s)
{
    static const char *const head[] = {"model.head_word", "model.head_takes", "model.head_required",
                                       "model.head_means"};
    bool is_whole = h->word.n == 0 || str_eq(h->word, str_of(s->name));
    bool has_word = false;
    for (int i = 0; i < s->word_n; i++)
        has_word |= str_eq(h->word, str_of(s->words[i].name));
    if (!is_whole && !has_word)
        return;
    help_heading(h, str_of(s->name), tell(h, s->help));
    help_table_head(h, head, LEN(head));
    for (int i = 0; i < s->word_n; i++)
        if (is_whole || str_eq(h->word, str_of(s->words[i].name)))
            help_word(h, &s->words[i]);
}

static void help_field_kinds(Help *h)
{
    static const char *const head[] = {"model.head_kind", "model.head_means"};
    bool is_whole = h->word.n == 0 || str_eq(h->word, S("is"));
    bool has_head = false;
    for (int k = 0; k < KIND_MAX; k++) {
        const char *name = model_kind((KindId)k)->name;
        if (!is_whole && !str_eq(h->word, str_of(name)))
            continue;
        if (!has_head) {
            help_heading(h, tell(h, "model.head_kinds"), tell(h, "model.about_kinds"));
            help_table_head(h, head, LEN(head));
            has_head = true;
        }
        Str means = tell(h, kind_help((KindId)k));
        if (h->is_markdown)
            buf_fmt(&h->out, "| `%s` | %.*s |\n", name, STR_ARG(means));
        else
            buf_fmt(&h->out, "  %-12s %.*s\n", name, STR_ARG(means));
    }
}

static void help_who(Help *h)
{
    static const struct {
        const char *name, *help;
    } terms[] = {
        {"author", "model.who_help_author"},      {"ROLE", "model.who_help_role"},
        {"ROLE here", "model.who_help_here"},     {"ROLE below", "model.who_help_below"},
        {"ROLE via FIELD", "model.who_help_via"}, {"ROLE reach", "model.who_help_reach"},
        {"me via FIELD", "model.who_help_me"},    {"me.TYPE via FIELD", "model.who_help_me_type"},
        {"audience", "model.who_help_audience"},  {"clock", "model.who_help_clock"},
        {"public", "model.who_help_public"},      {"… when EXPR", "model.who_help_when"},
    };
    static const char *const head[] = {"model.head_word", "model.head_means"};
    bool is_whole = h->word.n == 0 || str_eq(h->word, S("who"));
    static const char *const own[] = {"author", "here",     "below", "via",
                                      "reach",  "audience", "clock", "public"};
    for (size_t i = 0; i < LEN(own); i++)
        is_whole |= str_eq(h->word, str_of(own[i]));
    if (!is_whole)
        return;
    help_heading(h, S("who"), tell(h, "model.about_who"));
    help_table_head(h, head, LEN(head));
    for (size_t i = 0; i < LEN(terms); i++) {
        Str means = tell(h, terms[i].help);
        if (h->is_markdown)
            buf_fmt(&h->out, "| `%s` | %.*s |\n", terms[i].name, STR_ARG(means));
        else
            buf_fmt(&h->out, "  %-9s %.*s\n", terms[i].name, STR_ARG(means));
    }
}

/* What stands behind `computed`, `when`, `that` ..., and what a county's own file may say. */
static void help_about(Help *h, const char *name, const char *const *words, size_t word_n,
                       const char *about)
{
    bool is_asked = h->word.n == 0 || str_eq(h->word, str_of(name));
    for (size_t i = 0; i < word_n; i++)
        is_asked |= str_eq(h->word, str_of(words[i]));
    if (!is_asked)
        return;
    if (h->has_any)
        buf_byte(&h->out, '\n');
    if (h->is_markdown)
        buf_fmt(&h->out, "## %s\n\n", name);
    buf_fmt(&h->out, "%.*s\n", STR_ARG(tell(h, about)));
    h->has_any = true;
}

static void help_more(Help *h)
{
    static const char *const exprs[] = {"computed", "when", "that", "due", "shown"};
    static const char *const overlays[] = {"was", "removed"};
    help_about(h, "expression", exprs, LEN(exprs), "model.about_expr");
    help_about(h, "overlay", overlays, LEN(overlays), "model.about_overlay");
}

static void help_all(Help *h)
{
    static const SectionId order[] = {
        SECTION_TYPE,   SECTION_FIELD,     SECTION_CHOICE, SECTION_STATE,     SECTION_STATE_REST,
        SECTION_ACTION, SECTION_CHECK,     SECTION_DUTY,   SECTION_FIGURE,    SECTION_RUN,
        SECTION_LABEL,  SECTION_TREE_FILE, SECTION_TREE,   SECTION_UNIT_KIND, SECTION_ROLE,
    };
    if (h->word.n == 0) {
        if (h->has_any)
            buf_byte(&h->out, '\n');
        if (h->is_markdown)
            buf_fmt(&h->out, "# %.*s\n\n", STR_ARG(tell(h, "model.help_title")));
        buf_fmt(&h->out, "%.*s\n", STR_ARG(tell(h, "model.help_intro")));
        h->has_any = true;
    }
    for (size_t i = 0; i < LEN(order); i++) {
        help_section(h, &sections[order[i]]);
        if (order[i] == SECTION_FIELD)
            help_field_kinds(h);
        if (order[i] == SECTION_ACTION)
            help_who(h);
    }
    help_more(h);
}

Str model_help(Arena *a, Lang lang, Str word, bool markdown)
{
    Help h = {.out = {.arena = a}, .arena = a, .lang = lang, .word = word, .is_markdown = markdown};
    if (markdown && word.n == 0) { /* a page for all readers: the same wherever it is made */
        for (int l = 0; l < LANG_MAX; l++) {
            h.lang = (Lang)l;
            help_all(&h);
        }
    } else {
        help_all(&h);
    }
    return h.has_any ? buf_view(&h.out) : STR_NONE;
}
