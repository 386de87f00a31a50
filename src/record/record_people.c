/* record_people.c: people where a record asks for them: a picker's, and those a rows field begins
 * with.                                                              SPEC: P3 */
#include "record/record_int.h"

int pick_people(Arena *a, Tx *tx, const Reader *r, Str typed, int max, Pick **ret, int *ret_n,
                Err *e)
{
    Member *list;
    int n;
    TRY(access_pick_person(a, tx, r, typed, max, &list, &n, e));
    Pick *picks = NEW_N(a, Pick, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        Buf place = {.arena = a};
        if (list[i].unit_ix >= 0)
            buf_str(&place, r->tree->units[list[i].unit_ix].name);
        if (list[i].role >= 0)
            buf_fmt(&place, " %.*s",
                    STR_ARG(label_text(&r->model->roles[list[i].role].label, r->lang)));
        picks[i] = (Pick){.id = list[i].person, .label = list[i].name, .place = buf_view(&place)};
    }
    *ret = picks;
    *ret_n = n;
    return 0;
}

int record_start_rows(Records *rs, Arena *a, Tx *tx, const Reader *r, const Record *rec,
                      const Field *rows, Member **ret, int *ret_n, bool *ret_is_cut, Err *e)
{
    CHECK(rows->kind == KIND_ROWS && rows->start && rows->start->kind == KIND_AUDIENCE);
    const Value *audience = &rec->values[rows->start->ix];
    if (audience->tag != VALUE_TEXT) {
        *ret = NULL;
        *ret_n = 0;
        *ret_is_cut = false;
        return 0;
    }
    const Field *dated = rec->type->dated;
    Day day =
        dated && rec->values[dated->ix].tag == VALUE_INT ? (Day)rec->values[dated->ix].i : r->today;
    int max = rows->many > 0 && rows->many < LIMIT_ROWS ? rows->many : LIMIT_ROWS;
    return access_audience(a, tx, r->tree, rs->model, audience->s, day, max, ret, ret_n, ret_is_cut,
                           e);
}
