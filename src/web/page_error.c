/* page_error.c: what happened, what is safe, what to do, and a code for the phone call.     UX:
 * 3 Wording */
#include "web/page_int.h"

enum { REF_CHARS = 6 };

/* Statuses with words of their own; any other is told as 500. */
static int told_as(int status)
{
    static const int known[] = {400, 401, 403, 404, 409, 413, 422, 429, 503};
    for (size_t i = 0; i < LEN(known); i++)
        if (known[i] == status)
            return status;
    return status == 412 ? 409 : status == 405 || status == 428 ? 400 : 500;
}

/* The log's line and the page share it. Letters and digits that sound different on the phone. */
static Str make_ref(Req *rq, int status, const Err *e)
{
    static const char letters[] = "23456789ACEFHJKMNPRTUWXY";
    uint8_t dice[REF_CHARS];
    char ref[REF_CHARS + 1];
    env_random(rq->app->env, dice, sizeof dice);
    for (int i = 0, at = 0; i < REF_CHARS; i++) {
        if (i == 2)
            ref[at++] = '-';
        ref[at++] = letters[dice[i] % (sizeof letters - 1)];
    }
    log_line("info", "web: ref=%.*s status=%d route=%s key=%.*s", REF_CHARS + 1, ref, status,
             rq->route ? rq->route->path : "-", STR_ARG(e->key));
    return str_copy(rq->arena, (Str){ref, sizeof ref});
}

/* Whose step it is. STR_NONE: the failure is another. */
static Str whose_step(Req *rq, int shown, const Err *e)
{
    Str name = req_path(rq, "action");
    const Action *act = rq->type && str_has(name) ? type_action(rq->type, name) : NULL;
    if (rq->type && !str_has(req_path(rq, "id")))
        act = rq->type->create;
    if (shown != 403 || !act || !str_eq(e->key, S("record.may_not")))
        return STR_NONE;
    Str *list = NEW_N(rq->arena, Str, (size_t)act->by_n + 1);
    for (int i = 0; i < act->by_n; i++)
        list[i] = who_text(rq->arena, rq->app->model, &act->by[i], rq->lang);
    Str label = label_text(&act->label, rq->lang), all = page_join(rq, list, act->by_n);
    return req_t(rq, "page.not_your_step", &label, &all, NULL);
}

static Str what_happened(Req *rq, int shown, const Err *e)
{
    Str whose = whose_step(rq, shown, e);
    if (str_has(whose))
        return whose;
    if (shown == 401 && rq->own->may_give_back)
        return req_t(rq, "web.signed_out", NULL);
    bool is_fixed = shown == 404 || shown == 500 || shown == 503;
    if (!is_fixed && e->key.n && !e->field_n)
        return err_text(rq->arena, rq->lang, e);
    if (!is_fixed && e->field_n) {
        Buf b = {.arena = rq->arena};
        for (size_t i = 0; i < e->field_n; i++) {
            Str name = e->fields[i].field, why = err_field_text(rq->arena, rq->lang, &e->fields[i]);
            const Field *f = rq->type ? type_field(rq->type, name) : NULL;
            Str label = f ? label_text(&f->label, rq->lang) : name;
            buf_str(&b, label.n ? req_t(rq, "page.fault", &label, &why, NULL) : why);
            buf_byte(&b, ' ');
        }
        return buf_view(&b);
    }
    return page_z(rq, "err_text_", shown);
}

static void put_links(Req *rq, int status)
{
    View *v = rq->view;
    Uuid id;
    if (status == 401) {
        view_bool(page_link(v, V_links, req_t(rq, "ui.sign_in", NULL), S("/signin")), V_is_main,
                  true);
        view_bool(v, V_signs_in, rq->own->may_give_back);
        return;
    }
    bool has_record = rq->type && req_uuid(rq, "id", &id) && status != 404;
    if (has_record) {
        Record rec = {.id = id, .type = rq->type};
        page_link(v, V_links, req_t(rq, "page.to_record", NULL), page_href(rq, &rec, NULL));
    }
    if (rq->type && !str_has(req_path(rq, "id")) && status != 404)
        page_link(v, V_links, label_text(&rq->type->label, rq->lang),
                  page_type_href(rq, rq->type, NULL));
    bool is_in = rq->reader.account != 0;
    View *home = page_link(v, V_links, req_t(rq, is_in ? "page.to_today" : "ui.sign_in", NULL),
                           is_in ? S("/") : S("/signin"));
    view_bool(home, V_is_main, status == 404);
}

void page_error(Req *rq, int status, const Err *e)
{
    View *v = rq->view;
    int shown = told_as(status);
    bool is_kept = rq->own->may_give_back && (status == 401 || status == 403 || status == 409 ||
                                              status == 429 || status >= 500);
    view_i64(v, V_status, status);
    bool is_old_form = str_eq(e->key, S("web.csrf"));
    view_text(v, V_title,
              is_old_form ? req_t(rq, "page.old_form", NULL) : page_z(rq, "err_title_", shown));
    Str number =
        is_old_form ? req_t(rq, "page.old_form_kind", NULL) : page_z(rq, "err_kind_", shown);
    view_text(v, V_kind_text, str_fmt(rq->arena, "%d · %.*s", status, STR_ARG(number)));
    view_text(v, V_text, what_happened(rq, shown, e));
    if (is_kept && status != 401 && !is_old_form) /* those two say so themselves */
        view_text(v, V_safe_text, req_t(rq, "page.err_safe", NULL));
    if (shown == 404 || shown == 409)
        view_text(v, V_todo, page_z(rq, "err_todo_", shown));
    put_links(rq, status);
    if (status != 404 && status != 401)
        view_text(v, V_ref, make_ref(rq, status, e));
    rq->tpl = TPL_ERROR;
}
