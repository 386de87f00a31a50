/* page_comment.c: what was said about a record, and saying something. Whoever sees the record reads
 * it; nothing said is ever changed.                                                    SPEC: P3 */
#include "web/page_int.h"

static void put_comment(Req *rq, const Comment *c)
{
    View *v = view_item(rq->view, V_comments);
    view_text(v, V_by_text, page_by_for(rq, c->author_name, c->deputy_for, c->role, c->unit_ix));
    view_text(v, V_at_text, page_when(rq, c->at_ms));
    view_text(v, V_text, c->body);
    view_text(v, V_id, uuid_text(rq->arena, c->id));
}

int page_put_comments(Req *rq, const Record *rec, const Err *faults, Err *e)
{
    Comment *list;
    int n;
    View *v = rq->view;
    TRY(record_comments(rq->app->records, rq->arena, rq->tx, &rq->reader, rec, &list, &n, e));
    for (int i = 0; i < n; i++)
        put_comment(rq, &list[i]);
    view_i64(v, V_comment_n, n);
    view_bool(v, V_has_comments, n > 0 || !rq->reader.viewer);
    if (rq->reader.viewer)
        return 0; /* he only looks */
    Str typed = req_param(rq, "body");
    const ErrField *fault = page_fault_of(faults, S("body"));
    Uuid id;
    if (!faults || !uuid_parse(req_param(rq, "id"), &id))
        id = env_uuid7(rq->app->env);
    view_url(v, V_comment_action, page_href(rq, rec, "comment"));
    view_text(v, V_comment_id, uuid_text(rq->arena, id));
    view_text(v, V_comment_text, faults && typed.n ? typed : S(""));
    if (fault)
        view_text(v, V_comment_error, err_field_text(rq->arena, rq->lang, fault));
    return 0;
}

static int commented(Req *rq, int rc, Err *e)
{
    const CommentInput *in = rq->state;
    (void)e; /* told by rc */
    if (rc < 0 && rc != ERR_EXISTS)
        return rc;
    if (rc == 0)
        req_said(rq, "page.said_comment");
    Str href = page_href(rq, in->rec, NULL), id = uuid_text(rq->arena, in->id);
    req_redirect(rq, str_fmt(rq->arena, "%.*s#c-%.*s", STR_ARG(href), STR_ARG(id)));
    return REQ_DONE;
}

int page_comment(Req *rq, Err *e)
{
    Record *rec;
    CommentInput *in = NEW(rq->arena, CommentInput);
    TRY(page_get_record(rq, &rec, NULL, e));
    *in = (CommentInput){.body = req_param(rq, "body"), .rec = rec};
    if (!uuid_parse(req_param(rq, "id"), &in->id))
        return err_set(e, ERR_SYNTAX, "record.id_not_usable");
    Err sub = err_on(rq->arena);
    int rc = record_prepare_comment(rq->app->records, rq->arena, rq->tx, &rq->reader, in, &sub);
    rq->state = in;
    if (rc == ERR_INVALID)
        return page_show_again(rq, rec, &sub, 422, e);
    if (rc == ERR_EXISTS) /* sent twice: it is there */
        return commented(rq, rc, e);
    if (rc < 0) {
        *e = sub;
        return rc;
    }
    return req_submit(rq, rq->app->store, record_apply_comment, in, commented);
}
