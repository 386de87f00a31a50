/* test_web_input.c: forms of records as browsers send them: fields, photos, remarks; nothing typed
 * is lost.                                                                         SPEC: B3 P8 */
#include "test_web_util.h"

#define BOUNDARY "----line"

typedef struct Form {
    Site *s;
    Buf b;
} Form;

static void part(Form *f, const char *name, const char *file, Str value)
{
    buf_fmt(&f->b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file)
        buf_fmt(&f->b, "; filename=\"%s\"\r\nContent-Type: image/jpeg", file);
    buf_z(&f->b, "\r\n\r\n");
    buf_str(&f->b, value);
    buf_z(&f->b, "\r\n");
}

static Answer send_form(Form *f, const char *target, Str cookie)
{
    buf_z(&f->b, "--" BOUNDARY "--\r\n");
    Str head = str_fmt(f->s->a,
                       "Cookie: stave=%.*s\r\nContent-Type: multipart/form-data; boundary=" BOUNDARY
                       "\r\n",
                       STR_ARG(cookie));
    return site_ask(f->s, "POST", str_of(target), head, buf_view(&f->b));
}

static Answer post(Site *s, Str target, Str cookie, Str form)
{
    Str head =
        str_fmt(s->a, "Cookie: stave=%.*s\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                STR_ARG(cookie));
    return site_ask(s, "POST", target, head, form);
}

static bool has(Str text, const char *what)
{
    return str_find(text, str_of(what)) >= 0;
}

/* How often a photo of the form is shown again. */
static int kept_photos(Str body)
{
    int n = 0;
    for (ptrdiff_t at; (at = str_find(body, S("name=\"photos\" value=\""))) >= 0; n++)
        body = str_sub(body, (size_t)at + 10, body.n);
    return n;
}

BOTH_SITES(a_form_brings_photos)
{
    Str cookie, csrf, id = site_id(s);
    site_session(s, "fs111", &cookie, &csrf);
    Form f = {s, {.arena = s->a}};
    part(&f, "csrf", NULL, csrf);
    part(&f, "id", NULL, id);
    part(&f, "day", NULL, S("2026-11-20"));
    part(&f, "body", NULL, S("看了两户。"));
    part(&f, "file.photos", "a.jpg", site_jpeg());
    part(&f, "file.photos", "b.jpg", site_jpeg());
    part(&f, "do", NULL, S("save"));
    Answer a = send_form(&f, "/diary", cookie);
    EXPECT_EQ_I64(a.status, 303);
    a = site_api(s, "fs111", "GET", site_z(s, "/api/v1/diary/%s", id.p).p, "");
    EXPECT_EQ_I64(a.status, 200);
    EXPECT_STR(answer_text(&a, "body"), "看了两户。");
    const Json *photos = json_get(&a.json, S("photos"));
    EXPECT(photos && photos->tag == JSON_LIST && photos->n == 2);
    EXPECT_EQ_I64(county_verify(&s->w), 0);
}

BOTH_SITES(a_bad_photo_loses_nothing_else)
{
    Str cookie, csrf, id = site_id(s);
    site_session(s, "fs111", &cookie, &csrf);
    Form f = {s, {.arena = s->a}};
    part(&f, "csrf", NULL, csrf);
    part(&f, "id", NULL, id);
    part(&f, "day", NULL, S("2026-11-20"));
    part(&f, "body", NULL, S("写了很久的一段话"));
    part(&f, "file.photos", "good.jpg", site_jpeg());
    part(&f, "file.photos", "bad.jpg", S("GIF89a is none"));
    part(&f, "do", NULL, S("save"));
    Answer a = send_form(&f, "/diary", cookie);
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(has(a.body, "写了很久的一段话"));
    EXPECT_EQ_I64(kept_photos(a.body),
                  1); /* the good one is on disk and comes back with the form */
    EXPECT_EQ_I64(site_api(s, "fs111", "GET", site_z(s, "/api/v1/diary/%s", id.p).p, "").status,
                  404);
}

BOTH_SITES(a_form_at_fault_comes_back_filled)
{
    Str cookie, csrf, id = site_id(s);
    site_session(s, "fs111", &cookie, &csrf);
    Answer a =
        post(s, S("/diary"), cookie,
             str_fmt(s->a, "csrf=%.*s&id=%.*s&day=2026-02-31&body=a+%%3Cb%%3E+long+day&do=submit",
                     STR_ARG(csrf), STR_ARG(id)));
    EXPECT_EQ_I64(a.status, 422);
    EXPECT(has(a.body, "a &lt;b&gt; long day"));
    EXPECT(has(a.body, "2026-02-31"));
    EXPECT(has(a.body, str_z(s->a, id))); /* the same id once it is mended: written once */
}

BOTH_SITES(a_form_sent_twice_writes_once)
{
    Str cookie, csrf, id = site_id(s);
    site_session(s, "fs111", &cookie, &csrf);
    Str form = str_fmt(s->a, "csrf=%.*s&id=%.*s&day=2026-11-20&body=once&do=save", STR_ARG(csrf),
                       STR_ARG(id));
    EXPECT_EQ_I64(post(s, S("/diary"), cookie, form).status, 303);
    EXPECT_EQ_I64(post(s, S("/diary"), cookie, form).status, 303);
    Answer a = site_api(s, "fs111", "GET", "/api/v1/diary", "");
    EXPECT_EQ_I64(json_get(&a.json, S("items"))->n, 1);
}

BOTH_SITES(a_remark_is_put_together)
{
    Str cookie, csrf;
    Uuid diary = county_diary(&s->w, "fs111", "2026-11-20", "修了水渠。去了三户。", "submit");
    Str id = uuid_text(s->a, diary), at = str_fmt(s->a, "/diary/%.*s/return", STR_ARG(id));
    site_session(s, "town1", &cookie, &csrf);
    Answer a = post(
        s, at, cookie,
        str_fmt(
            s->a,
            "csrf=%.*s&version=2&do=return&remark.at=%%E4%%BF%%AE%%E4%%BA%%86%%E6%%B0%%B4%%E6%%B8"
            "%%A0%%E3%%80%%82&remark=which%%0D%%0Apart&remark.so_far=%%3E+%%E5%%8E%%BB%%0Awho",
            STR_ARG(csrf)));
    EXPECT_EQ_I64(a.status, 303);
    a = site_api(s, "county", "GET", str_z(s->a, str_fmt(s->a, "/api/v1/diary/%.*s", STR_ARG(id))),
                 "");
    EXPECT_EQ_I64(a.status, 404); /* back with its author and the town */
    a = site_api(s, "fs111", "GET", str_z(s->a, str_fmt(s->a, "/api/v1/diary/%.*s", STR_ARG(id))),
                 "");
    EXPECT_STR(answer_text(&a, "state"), "returned");
    EXPECT_STR(answer_text(&a, "remark"), "> 去\nwho\n> 修了水渠。\nwhich\npart");
}
