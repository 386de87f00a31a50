/* page_suggest.c: what scripts need of forms: names to choose from while they are typed, and `when`
 * in words a script can follow. Both only help: the server looks names up and decides again.
 *                                                                     UX: picker  SPEC: P8 */
#include "exchange/exchange.h"
#include "web/page_int.h"

enum { SUGGESTED = 8 };

/* ---- suggestions ---- */

static bool is_picked(const Field *f)
{
    return f->kind == KIND_LINK || f->kind == KIND_LINKS || f->kind == KIND_PERSON ||
           f->kind == KIND_UNIT || f->kind == KIND_AUDIENCE;
}

void page_put_pick(Req *rq, View *v, const Field *f)
{
    if (!rq->type || !is_picked(f))
        return;
    Str rows = f->rows ? f->rows->name : S("");
    view_url(v, V_pick,
             str_fmt(rq->arena, "/pick?type=%.*s&field=%.*s%s%.*s", STR_ARG(rq->type->name),
                     STR_ARG(rows), rows.n ? "." : "", STR_ARG(f->name)));
}

/* FIELD or ROWS.FIELD; NULL: none that is looked up. */
static const Field *picked_field(const Type *t, Str path)
{
    Str head, tail;
    const Field *f = type_field(t, path);
    if (!f && str_cut(path, '.', &head, &tail) && (f = type_field(t, head)))
        f = f->kind == KIND_ROWS ? field_sub(f, tail) : NULL;
    return f && is_picked(f) ? f : NULL;
}

static Str picks_json(Req *rq, const Field *f, const Pick *list, int n)
{
    Buf b = {.arena = rq->arena};
    buf_byte(&b, '[');
    for (int i = 0; i < n; i++) {
        const Unit *u = f->kind == KIND_UNIT ? tree_unit(rq->reader.tree, list[i].unit) : NULL;
        buf_str(&b, i ? S(",{\"id\":") : S("{\"id\":"));
        json_text(&b, u ? u->code : uuid_text(rq->arena, list[i].id));
        buf_str(&b, S(",\"label\":"));
        json_text(&b, list[i].label);
        buf_str(&b, S(",\"place\":"));
        json_text(&b, list[i].place);
        buf_byte(&b, '}');
    }
    buf_byte(&b, ']');
    return buf_view(&b);
}

/* Of a type he may write or see: any other is not there for him. */
static int page_suggest(Req *rq, Err *e)
{
    const Type *t = model_type(rq->app->model, req_param(rq, "type"));
    const Field *f = t && page_concerns(rq, t) ? picked_field(t, req_param(rq, "field")) : NULL;
    Str typed = str_trim(req_param(rq, "q"));
    Field unit = {.kind = KIND_UNIT};
    Pick *list = NULL;
    int n = 0;
    if (!f)
        return err_set(e, ERR_MISSING, "web.missing");
    TRY(rates_count(rq->app->web->rates, "pick", S(""), rq->reader.account_name,
                    env_now_ms(rq->app->env), e));
    if (f->kind == KIND_AUDIENCE) {
        unit.name = f->name;
        f = &unit;
    }
    if (typed.n)
        TRY(record_pick(rq->app->records, rq->arena, rq->tx, &rq->reader, t, f, typed, SUGGESTED,
                        &list, &n, e));
    req_json(rq, 200, picks_json(rq, f, list, n));
    return REQ_DONE;
}

/* ---- `when`, for scripts ---- */

static bool put_choice(Buf *b, const Field *f, const Expr *x)
{
    if (x->op != EXPR_VALUE)
        return false;
    if (f->kind == KIND_CHOICE && x->choice)
        buf_str(b, x->choice->name);
    else if (f->kind == KIND_YESNO && x->value.tag == VALUE_INT)
        buf_str(b, x->value.i ? S("yes") : S("no"));
    else
        return false;
    return true;
}

/* INPUT=a|b, with & between; false: beyond what a script follows. */
static bool put_when(Buf *b, const Expr *x, Str line)
{
    if (x->op == EXPR_AND)
        return put_when(b, x->a, line) && (buf_byte(b, '&'), put_when(b, x->b, line));
    bool is_bare = x->op == EXPR_FIELD && x->kind == KIND_YESNO;
    const Expr *of = is_bare ? x : x->a;
    if ((!is_bare && x->op != EXPR_EQ && x->op != EXPR_IN) || !of || of->op != EXPR_FIELD)
        return false;
    const Field *f = of->field;
    if (f->is_asked || (f->rows && !line.n))
        return false;
    if (f->rows)
        buf_fmt(b, "%.*s.", STR_ARG(line));
    buf_fmt(b, "%.*s=%s", STR_ARG(f->name), is_bare ? "yes" : "");
    for (const Expr *v = is_bare ? NULL : x->b; v; v = x->op == EXPR_IN ? v->next : NULL) {
        if (!put_choice(b, f, v))
            return false;
        if (x->op == EXPR_IN && v->next)
            buf_byte(b, '|');
    }
    return true;
}

bool page_put_when(Req *rq, View *v, TextKey key, const Expr *x, Str line)
{
    Buf b = {.arena = rq->arena};
    if (!x || !put_when(&b, x, line))
        return false;
    view_text(v, key, buf_view(&b));
    return true;
}

static const ParamSpec pick_params[] = {
    {.name = "type", .max_bytes = 64},
    {.name = "field", .max_bytes = 129},
    {.name = "q", .max_bytes = LIMIT_SEARCH_CHARS * 8},
    {.name = NULL},
};
static const Route pick_routes[] = {
    {.path = "/pick",
     .method = GET,
     .run = page_suggest,
     .may = MAY_SIGNED_IN,
     .params = pick_params,
     .help = "page.help_pick",
     .spec = "P8"},
};
const RouteTable page_suggest_routes = {pick_routes, LEN(pick_routes)};
