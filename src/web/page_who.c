/* page_who.c: who can see a record, and by which rule: why I do, and every post that does. The same
 * arms that decide are told in words.                              UX: who sees this  SPEC: P2 */
#include "web/page_int.h"

/* ---- one sentence ---- */

static int offices_of(Req *rq, const Who *w, int unit_ix, Str *ret)
{
    const Tree *tree = rq->reader.tree;
    uint64_t at = rq->app->model->roles[w->role].at;
    int n = 0;
    for (int u = unit_ix; u >= 0; u = w->kind == WHO_ROLE ? tree->units[u].parent_ix : -1)
        if (at >> tree->units[u].kind & 1)
            ret[n++] = page_office(rq, w->role, u);
    return n;
}

void page_who_line(Req *rq, const Type *t, int state, int unit_ix, bool is_mine, const char *key)
{
    const State *s = &t->states[state];
    Str *list = NEW_N(rq->arena, Str, (size_t)s->see_n * (LIMIT_UNIT_DEPTH + 1) + 2);
    int n = 0;
    for (int i = 0; i < s->see_n; i++) {
        const Who *w = &s->see[i];
        if (w->kind == WHO_CLOCK)
            continue;
        if (w->kind == WHO_AUTHOR)
            list[n++] = req_t(rq, is_mine ? "page.you" : "page.the_author", NULL);
        else if ((w->kind == WHO_ROLE || w->kind == WHO_ROLE_HERE) && !w->when)
            n += offices_of(rq, w, unit_ix, list + n);
        else
            list[n++] = who_text(rq->arena, rq->app->model, w, rq->lang);
    }
    if (t->part_of) {
        Str whole = label_text(&t->part_of->label, rq->lang);
        list[n++] = req_t(rq, "page.who_of_whole", &whole, NULL);
    }
    Str all = page_join(rq, list, n);
    view_text(rq->view, V_who_text, req_t(rq, key, &all, NULL));
}

/* ---- why I see it ---- */

/* The rule may be the whole's: then the record is seen because the whole is. */
static bool is_own_rule(const Record *rec, const Arm *by)
{
    const State *s = &rec->type->states[rec->state];
    for (int i = 0; i < s->see_n; i++)
        if (&s->see[i] == by->rule)
            return true;
    return !rec->type->part_of;
}

static Str author_reason(Req *rq, const Record *rec, const Post *p)
{
    if (p && !uuid_is_zero(p->deputy_for))
        return req_t(rq, "page.why_deputy_author", &p->deputy_for_name, NULL);
    return req_t(rq, uuid_eq(rec->author, rq->reader.person) ? "page.why_author" : "page.why_heir",
                 NULL);
}

static Str unit_reason(Req *rq, const Record *rec, const Arm *by, const Post *p)
{
    Str office = page_office(rq, p->role, p->unit_ix), unit = page_unit(rq, rec->unit_ix);
    Str mine = page_unit(rq, p->unit_ix), since = page_day(rq, p->starts);
    if (by->rule && by->rule->kind == WHO_ROLE_BELOW)
        return req_t(rq, "page.why_below", &office, &mine, &unit, NULL);
    if (by->rule && by->rule->kind == WHO_ROLE_REACH)
        return req_t(rq, "page.why_reach", &office, &unit, NULL);
    if (p->unit_ix == rec->unit_ix)
        return req_t(rq, "page.why_here", &office, &since, NULL);
    return req_t(rq, "page.why_above", &office, &unit, &mine, &since, NULL);
}

static Str field_reason(Req *rq, const Arm *by, const Post *p)
{
    Str name = by->via ? label_text(&by->via->label, rq->lang) : S("");
    if (by->via && by->via->rows) {
        Str line = label_text(&by->via->rows->label, rq->lang);
        name = req_t(rq, "page.line_of", &line, &name, NULL);
    }
    Str office = p ? page_office(rq, p->role, p->unit_ix) : S("");
    if (by->column == ARM_UNIT_VIA)
        return req_t(rq, "page.why_unit_via", &office, &name, NULL);
    if (by->column == ARM_AUDIENCE)
        return req_t(rq, "page.why_audience", &office, &name, NULL);
    if (by->rule && by->rule->kind == WHO_ME_TYPE_VIA && by->rule->me_type) {
        Str type = label_text(&by->rule->me_type->label, rq->lang);
        return req_t(rq, "page.why_mine_via", &name, &type, NULL);
    }
    return req_t(rq, "page.why_me_via", &name, NULL);
}

static Str reason(Req *rq, const Record *rec, const Arm *by)
{
    if (!by || !is_own_rule(rec, by)) {
        Str whole = rec->type->part_of ? label_text(&rec->type->part_of->label, rq->lang) : S("");
        return req_t(rq, "page.why_whole", &whole, NULL);
    }
    const Post *p = by->post_ix >= 0 ? &rq->reader.posts[by->post_ix] : NULL;
    Str text = by->column == ARM_AUTHOR      ? author_reason(rq, rec, p)
               : by->column == ARM_UNIT && p ? unit_reason(rq, rec, by, p)
                                             : field_reason(rq, by, p);
    if (by->when) {
        Str when = who_text(rq->arena, rq->app->model, by->rule, rq->lang);
        text = req_t(rq, "page.why_when", &text, &when, NULL);
    }
    if (p && !uuid_is_zero(p->deputy_for) && by->column != ARM_AUTHOR)
        text = req_t(rq, "page.why_deputy", &text, &p->deputy_for_name, NULL);
    return text;
}

/* ---- everybody who does ---- */

static Str rule_text(Req *rq, const Sight *s, int unit_ix)
{
    const Who *w = s->rule;
    if (!w)
        return req_t(rq, "page.rule_whole", NULL);
    Str text = who_text(rq->arena, rq->app->model, w, rq->lang);
    bool is_plain = !w->when;
    if (w->kind == WHO_AUTHOR && is_plain)
        return req_t(rq, "page.rule_author", NULL);
    if ((w->kind == WHO_ROLE_HERE || (w->kind == WHO_ROLE && s->unit_ix == unit_ix)) && is_plain)
        return req_t(rq, "page.rule_here", NULL);
    if (w->kind == WHO_ROLE && is_plain)
        return req_t(rq, "page.rule_above", NULL);
    return text;
}

static int role_of(const Sight *s, int author_role)
{
    return s->role < 0 && s->rule && s->rule->kind == WHO_AUTHOR ? author_role : s->role;
}

static void put_seer(Req *rq, const Record *rec, const Sight *s, int author_role, Str back)
{
    View *x = view_item(rq->view, V_seers);
    int role = role_of(s, author_role);
    Str post = role < 0 ? page_unit(rq, s->unit_ix) : page_post(rq, role, s->unit_ix);
    if (s->is_group && role >= 0) {
        Str unit = page_unit(rq, s->unit_ix), name = page_role(rq, role);
        post = req_t(rq, "page.audience_below", &unit, &name, NULL);
    }
    bool is_named = s->rule && (s->rule->kind == WHO_ME_VIA || s->rule->kind == WHO_ME_TYPE_VIA);
    if (is_named)
        post = req_t(rq, "page.himself", NULL);
    view_text(x, V_post, post.n || !s->rule ? post : rule_text(rq, s, rec->unit_ix));
    Str person = str_has(s->person) ? s->person : S("");
    view_text(x, V_person,
              str_has(s->deputy_for) ? req_t(rq, "page.by_for", &person, &s->deputy_for, NULL)
                                     : person);
    view_text(x, V_dates, page_span(rq, s->starts, s->ends));
    view_text(x, V_sees, req_t(rq, "page.sees_all", NULL));
    view_text(x, V_rule, rule_text(rq, s, rec->unit_ix));
    view_bool(x, V_is_me, s->is_me);
    view_bool(x, V_is_group, s->is_group);
    if (page_may_view_as(rq, s->role, s->unit_ix) && !s->is_group)
        view_url(x, V_view_href, page_view_as_href(rq, s->role, s->unit_ix, back));
}

/* The author sees it by his seat, too: one line says both. */
static bool is_said(const Sight *list, int i, int author_role)
{
    const Sight *s = &list[i];
    for (int k = 0; k < i; k++) {
        const Sight *a = &list[k];
        if (a->rule && a->rule->kind == WHO_AUTHOR && role_of(a, author_role) == s->role &&
            a->unit_ix == s->unit_ix && str_eq(a->person, s->person) && !s->is_group &&
            !str_has(a->deputy_for) && !str_has(s->deputy_for))
            return true;
    }
    return false;
}

int page_who(Req *rq, Err *e)
{
    Record *rec;
    const Arm *by = NULL;
    Sight *list;
    HistoryItem *items;
    int n, item_n;
    View *v = rq->view;
    TRY(page_get_record(rq, &rec, &by, e));
    TRY(record_history(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &items, &item_n, e));
    Subject on = record_subject(rec);
    TRY(access_who_sees(rq->app->access, rq->arena, rq->tx, &rq->reader, &on,
                        page_person(rq, rec->author), &list, &n, e));
    page_crumbs(rq, rec->type);
    page_crumb(rq, page_record_title(rq, rec), page_href(rq, rec, NULL));
    view_text(v, V_title, req_t(rq, "page.who_title", NULL));
    view_text(v, V_reason, reason(rq, rec, by));
    int author_role = item_n ? items[0].role : -1, shown = 0;
    for (int i = 0; i < n; i++) {
        if (is_said(list, i, author_role))
            continue;
        put_seer(rq, rec, &list[i], author_role, page_href(rq, rec, NULL));
        shown++;
    }
    Str rules = page_n(rq, rec->type->states[rec->state].see_n), posts = page_n(rq, shown);
    view_text(v, V_seer_text, req_t(rq, "page.seers_n", &rules, &posts, NULL));
    view_url(v, V_back_href, page_href(rq, rec, NULL));
    page_done(rq, TPL_WHO, 200);
    return REQ_DONE;
}
