/* routes.c: the tables, matching a path, and the checks without which the server does not start. */
#include "web/web_int.h"

const RouteTable *const route_tables[] = {
    &system_routes,      &api_routes,         &api_file_routes,    &export_routes,
    &page_record_routes, &page_home_routes,   &page_access_routes, &page_import_routes,
    &page_import_record_routes, &page_import_job_routes,
    &page_search_routes, &page_deputy_routes, &page_view_routes,   &page_merge_routes,
    &page_admin_routes,  &page_suggest_routes, &api_figure_routes,  &page_figure_routes,
    &page_duty_routes,   &api_duty_routes,    &page_holiday_routes, &page_office_routes,
    &page_notice_routes, &api_notice_routes,  &page_feed_routes,
};
const size_t route_table_n = LEN(route_tables);

/* ---- matching ---- */

/* Cuts one segment off *path, which begins with '/'. */
static Str next_segment(Str *path)
{
    Str rest = str_sub(*path, 1, path->n);
    size_t n = 0;
    while (n < rest.n && rest.p[n] != '/')
        n++;
    *path = str_sub(rest, n, rest.n);
    return str_sub(rest, 0, n);
}

static int split(Str path, Str ret[ROUTE_SEGMENTS_MAX])
{
    int n = 0;
    if (str_eq(path, S("/")))
        return 0;
    while (path.n) {
        if (n == ROUTE_SEGMENTS_MAX)
            return -1;
        ret[n++] = next_segment(&path);
    }
    return n;
}

/* Set of the segments matched literally, the first one highest; -1: it does not match. A ':type'
 * is the name of a type of the model, so that any other word is no path at all. */
static int match_one(const Model *m, const char *pattern, const Str *seg, int n)
{
    Str rest = str_of(pattern);
    int literal = 0;
    if (n == 0)
        return str_eq(rest, S("/")) ? 0 : -1;
    if (str_eq(rest, S("/")))
        return -1;
    for (int i = 0; i < n; i++) {
        if (!rest.n)
            return -1;
        Str want = next_segment(&rest);
        bool is_param = want.n && want.p[0] == ':';
        if (!is_param && !str_eq(want, seg[i]))
            return -1;
        if (is_param && (!seg[i].n || (str_eq(want, S(":type")) && !model_type(m, seg[i]))))
            return -1;
        literal |= is_param ? 0 : 1 << (ROUTE_SEGMENTS_MAX - i);
    }
    return rest.n ? -1 : literal;
}

static void take_params(const char *pattern, const Str *seg, int n, RouteMatch *ret)
{
    Str rest = str_of(pattern);
    size_t k = 0;
    for (int i = 0; i < n && k < LEN(ret->param); i++) {
        Str want = next_segment(&rest);
        if (!want.n || want.p[0] != ':')
            continue;
        ret->name[k] = str_sub(want, 1, want.n);
        ret->param[k++] = seg[i];
    }
}

/* The path is chosen first, by literal parts; then the method. HEAD is GET without a body. */
void routes_match(const Model *m, Method method, Str path, RouteMatch *ret)
{
    Str seg[ROUTE_SEGMENTS_MAX];
    int n = split(path, seg), best = -1;
    *ret = (RouteMatch){0};
    if (method == HEAD)
        method = GET;
    for (size_t t = 0; n >= 0 && t < route_table_n; t++)
        for (size_t i = 0; i < route_tables[t]->n; i++) {
            const Route *r = &route_tables[t]->list[i];
            int literal = match_one(m, r->path, seg, n);
            if (literal < 0 || literal < best)
                continue;
            if (literal > best)
                *ret = (RouteMatch){0};
            best = literal;
            ret->methods |= 1u << r->method | (r->method == GET ? 1u << HEAD : 0);
            ret->other = r;
            if (r->method == method)
                ret->route = r;
        }
    if (ret->other)
        take_params((ret->route ? ret->route : ret->other)->path, seg, n, ret);
}

/* ---- checks at start ---- */

static bool same_shape(const char *a, const char *b)
{
    Str x = str_of(a), y = str_of(b);
    while (x.n && y.n) {
        Str p = next_segment(&x), q = next_segment(&y);
        bool is_p = p.n && p.p[0] == ':', is_q = q.n && q.p[0] == ':';
        if (is_p != is_q || (!is_p && !str_eq(p, q)))
            return false;
    }
    return !x.n && !y.n;
}

static bool has_type(const char *path)
{
    Str rest = str_of(path);
    while (rest.n)
        if (str_eq(next_segment(&rest), S(":type")))
            return true;
    return false;
}

static const char *fault_of(const Route *r)
{
    Str help = str_of(r->help);
    Str seg[ROUTE_SEGMENTS_MAX];
    if (!r->path || r->path[0] != '/' || split(str_of(r->path), seg) < 0)
        return "path";
    if (r->may <= MAY_UNSAID || r->may > MAY_IMPORT)
        return "may";
    if (!r->run)
        return "run";
    if (!help.n || str_eq(i18n_get(LANG_ZH, help), help))
        return "help";
    if ((r->may == MAY_TYPE || r->takes_model) && !has_type(r->path))
        return "type";
    if (r->may == MAY_ANYONE && r->takes_multipart)
        return "multipart"; /* a stranger brings no files */
    if (r->is_bare && r->may != MAY_ANYONE)
        return "bare";
    if (r->is_api != str_starts(str_of(r->path), S("/api/")))
        return "api";
    if ((r->method == GET || r->method == HEAD) && r->body_max)
        return "body";
    return NULL;
}

int web_check_routes(const RouteTable *const *tables, size_t n, Err *e)
{
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < tables[t]->n; i++) {
            const Route *r = &tables[t]->list[i];
            const char *fault = fault_of(r);
            for (size_t u = 0; !fault && u <= t; u++)
                for (size_t k = 0; k < (u == t ? i : tables[u]->n); k++)
                    if (tables[u]->list[k].method == r->method &&
                        same_shape(tables[u]->list[k].path, r->path))
                        fault = "twice";
            if (fault)
                return err_set(e, ERR_BUG, "web.route_bad", str_of(r->path), str_of(fault));
        }
    return 0;
}
