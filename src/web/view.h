/* view.h: what a page says, as a tree of named values, and the templates that show it.
 *
 * Model: a handler fills a View and never prints; ui/views.txt declares for each template and each
 *        shape (an item of a list, an object) the names it holds, their types and meaning.
 * tools/mktpl makes one enum of keys for each type out of it, so that a name nobody declared, or a
 * text given where a list is wanted, does not compile; and C code out of ui/tpl, so that a template
 *        using an undeclared name or sentence fails the build at its own file and line.
 * Invariants: everything is escaped for the place where it stands; only type html passes as it is,
 * and only the server makes that. A name may be left out: text, html, url are then empty, numbers
 * 0, lists empty, bools false. Giving a name twice keeps the later value; lists grow. The innermost
 * shape that declares a name gives its value, even when it left it out. Owns: the tree lives in the
 * arena of view_new; texts are borrowed and must live as long. Threads: a View belongs to one
 * thread; templates are constant.                 STYLE: R44 R45
 */
#ifndef STAVE_VIEW_H
#define STAVE_VIEW_H

#include "base/base.h"
#include "tpl.h" /* generated: TextKey, UrlKey, HtmlKey, IntKey, BoolKey, ListKey, ..., TplId */

typedef struct View View;

View *view_new(Arena *a);
void view_text(View *v, TextKey key, Str text);
/* An address within this server: begins with '/' (not "//"), '#' or '?'. Anything else is shown as
 * "#", so that no address from outside can become a link. */
void view_url(View *v, UrlKey key, Str url);
void view_html(View *v, HtmlKey key,
               Str html); /* passes unescaped: never with anything typed in it */
void view_i64(View *v, IntKey key, int64_t n); /* shown 1,234 in text, 1234 in attributes */
void view_bool(View *v, BoolKey key, bool is);
View *view_item(View *v, ListKey key);     /* one more at the end of the list */
View *view_object(View *v, ObjectKey key); /* the same one when asked again */
/* Old and new of a field into an item of `changes`: what they share at both ends is cut to some 40
 * characters a side, so that a history of long texts stays a page. Allocates in the View's arena.
 */
void view_change(View *change, Str before, Str after);

/* Writes the page. Cost: about 1 us a KB, no I/O, allocates in out->arena only. Always returns 0.
 */
int tpl_render(TplId tpl, const View *v, Lang lang, Buf *out);
Str tpl_name(TplId tpl); /* "list" */

/* ---- for the generated code only ---- */
typedef struct ViewSlot ViewSlot;
const ViewSlot *view_find(const View *v, int key); /* NULL: left out */
bool view_is(const View *v, int key);              /* what {{#if}} asks */
const View *view_first(const View *v, int key);    /* of a list, or the object; NULL none */
const View *view_next(const View *v);
void view_put_text(Buf *b, const View *v, int key); /* escaped for text and quoted attributes */
void view_put_part(Buf *b, const View *v, int key); /* percent-encoded: a part of an address */
void view_put_html(Buf *b, const View *v, int key);
void view_put_int(Buf *b, const View *v, int key);   /* 1234 */
void view_put_count(Buf *b, const View *v, int key); /* 1,234 */

#endif
