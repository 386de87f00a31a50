/* record_file.c: photos and other files: chunked rows beside the records, on disk before the record
 * that names them, read only through a record one may see.                     DESIGN: Data */
#include "record/record_int.h"

static int usable_id(Records *rs, Uuid id, Err *e)
{
    UnixMs now = env_now_ms(rs->env), made = uuid_ms(id), day = 86400000;
    if (!uuid_is_v7(id) || made < now - LIMIT_ID_AGE_DAYS * day ||
        made > now + LIMIT_ID_AHEAD_DAYS * day)
        return err_set(e, ERR_MISSING, "record.id_not_usable");
    return 0;
}

/* 0: no such file. 1: his, the same bytes. < 0: somebody else's or other bytes. */
static int meet_file(Tx *tx, const FileInput *in, Err *e)
{
    Stmt *s = tx_sql(tx, SQL(file_get));
    bind_uuid(s, 1, in->id);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    bool is_his = uuid_eq(col_uuid(s, 0), in->owner);
    Str source = col_blob(s, 4);
    bool is_same = source.n == SM3_BYTES && !memcmp(source.p, in->source, SM3_BYTES);
    stmt_reset(s);
    if (!is_his)
        return err_set(e, ERR_MISSING, "record.id_not_usable");
    return is_same ? 1 : err_set(e, ERR_DIFFERS, "record.file_differs");
}

int record_prepare_file(Records *rs, Tx *files_tx, const Reader *r, const FileInput *in, Err *e)
{
    CHECK(uuid_eq(r->person, in->owner));
    if (!r->post_n)
        return err_set(e, ERR_DENIED, "record.no_post");
    TRY(usable_id(rs, in->id, e));
    int rc = meet_file(files_tx, in, e);
    return rc == 1 ? err_set(e, ERR_EXISTS, "record.exists") : rc;
}

/* Chunks without their file: nothing was written, so it must not pass for "came before". */
static int chunk_failed(const FileInput *in, int rc, Err *e)
{
    if (rc != ERR_EXISTS && rc != ERR_MISSING)
        return rc;
    *e = err_on(e->arena);
    return err_set(e, ERR_CORRUPT, "record.file_lost", uuid_text(e->arena, in->id));
}

int record_apply_file(Tx *tx, void *file_input, Err *e)
{
    FileInput *in = file_input;
    uint8_t sm3[SM3_BYTES];
    sm3_of(in->bytes.p, in->bytes.n, sm3);
    Stmt *s = tx_sql(tx, SQL(file_add));
    bind_uuid(s, 1, in->id);
    bind_uuid(s, 2, in->owner);
    bind_str(s, 3, in->mime);
    bind_i64(s, 4, (int64_t)in->bytes.n);
    bind_blob(s, 5, sm3, sizeof sm3);
    bind_blob(s, 6, in->source, SM3_BYTES);
    bind_i64(s, 7, in->now_ms);
    bind_str(s, 8, in->name);
    int rc = stmt_run(s, e);
    if (rc < 0)
        return rc;
    in->existed = !rc;
    if (in->existed) {
        rc = meet_file(tx, in, e);
        return rc < 0 ? rc : 0;
    }
    int64_t ix = 0;
    for (size_t at = 0; at < in->bytes.n; at += LIMIT_FILE_CHUNK) {
        Str part = str_sub(in->bytes, at, LIMIT_FILE_CHUNK);
        s = tx_sql(tx, SQL(file_chunk_add));
        bind_uuid(s, 1, in->id);
        bind_i64(s, 2, ix++);
        bind_blob(s, 3, part.p, part.n);
        rc = at + part.n < in->bytes.n ? stmt_send(s, e)
                                       : stmt_run(s, e); /* the last waits for all */
        if (rc < 0)
            return chunk_failed(in, rc, e);
    }
    return 0;
}

/* 1: he may see this record. */
static int is_in_sight(Records *rs, Arena *a, Tx *tx, const Reader *r, Uuid record, Err *e)
{
    int64_t type, county;
    int rc = record_registered(tx, record, &type, &county, e);
    if (rc < 0)
        return rc;
    const Type *t = rc ? model_type_numbered(rs->model, type) : NULL;
    Record *rec;
    Err sub = err_on(e->arena);
    size_t mark = arena_mark(a);
    rc = t ? record_get(rs, a, tx, r, t, record, &rec, NULL, &sub) : ERR_MISSING;
    arena_rewind(a, mark);
    if (rc < 0 && rc != ERR_MISSING)
        return err_set(e, rc, "record.file_unread");
    return rc == 0;
}

/* Some record that shows the file and that he may see. */
static int find_sight(Records *rs, Arena *a, Tx *tx, const Reader *r, Uuid file, Err *e)
{
    enum { STEP = 20 }; /* as the statement's LIMIT */
    Uuid users[STEP] = {0}, last = {{0}};
    for (int n = STEP, rc; n == STEP; last = users[STEP - 1]) {
        Stmt *s = tx_sql(tx, SQL(record_file_used));
        bind_uuid(s, 1, file);
        bind_uuid(s, 2, last);
        for (n = 0; (rc = stmt_step(s, e)) > 0; n++)
            users[n] = col_uuid(s, 0);
        if (rc < 0)
            return rc;
        for (int i = 0; i < n; i++) {
            rc = is_in_sight(rs, a, tx, r, users[i], e);
            if (rc)
                return rc < 0 ? rc : 0;
        }
    }
    return err_set(e, ERR_MISSING, "web.missing");
}

static int read_file(Arena *a, Tx *tx, Uuid id, Str *ret_mime, Str *ret_name, Str *ret_bytes,
                     Err *e)
{
    Stmt *s = tx_sql(tx, SQL(file_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc < 0)
        return rc;
    if (!rc)
        return err_set(e, ERR_CORRUPT, "record.file_lost", uuid_text(e->arena, id));
    Str mime = str_copy(a, col_str(s, 1));
    size_t want = (size_t)col_i64(s, 2);
    Str name = col_null(s, 5) ? STR_NONE : str_copy(a, col_str(s, 5));
    stmt_reset(s);
    if (want > LIMIT_FILE_BYTES)
        return err_set(e, ERR_CORRUPT, "record.file_lost", uuid_text(e->arena, id));
    Buf b = {.arena = a};
    s = tx_sql(tx, SQL(file_chunks));
    bind_uuid(s, 1, id);
    while ((rc = stmt_step(s, e)) > 0)
        buf_str(&b, col_blob(s, 1));
    if (rc < 0)
        return rc;
    if (b.n != want)
        return err_set(e, ERR_CORRUPT, "record.file_lost", uuid_text(e->arena, id));
    *ret_mime = mime;
    *ret_name = name;
    *ret_bytes = buf_view(&b);
    return 0;
}

int record_file(Records *rs, Arena *a, Tx *tx, Tx *files_tx, const Reader *r, Uuid id,
                Str *ret_mime, Str *ret_name, Str *ret_bytes, Err *e)
{
    TRY(find_sight(rs, a, tx, r, id, e));
    return read_file(a, files_tx, id, ret_mime, ret_name, ret_bytes, e);
}

/* 1 it is there. */
static int read_line(Arena *a, Tx *files_tx, Uuid id, FileLine *ret, Err *e)
{
    Stmt *s = tx_sql(files_tx, SQL(file_get));
    bind_uuid(s, 1, id);
    int rc = stmt_step(s, e);
    if (rc <= 0)
        return rc;
    *ret = (FileLine){.id = id,
                      .owner = col_uuid(s, 0),
                      .mime = str_copy(a, col_str(s, 1)),
                      .bytes = col_i64(s, 2),
                      .name = col_null(s, 5) ? STR_NONE : str_copy(a, col_str(s, 5))};
    stmt_reset(s);
    return 1;
}

int record_file_lines(Arena *a, Tx *files_tx, const Value *v, FileLine **ret, int *ret_n, Err *e)
{
    size_t most = v->tag == VALUE_BLOB ? v->s.n / sizeof(Uuid) : 0;
    FileLine *list = NEW_N(a, FileLine, most + 1);
    for (size_t i = 0; i < most; i++) {
        Uuid id;
        memcpy(id.b, v->s.p + i * sizeof(Uuid), sizeof id.b);
        int rc = read_line(a, files_tx, id, &list[i], e);
        TRY(rc);
        if (!rc)
            return err_set(e, ERR_CORRUPT, "record.file_lost", uuid_text(e->arena, id));
    }
    *ret = list;
    *ret_n = (int)most;
    return 0;
}

int record_file_line(Records *rs, Arena *a, Tx *tx, Tx *files_tx, const Reader *r, Uuid id,
                     FileLine *ret, Err *e)
{
    FileLine line;
    int rc = read_line(a, files_tx, id, &line, e);
    TRY(rc);
    if (!rc)
        return err_set(e, ERR_MISSING, "web.missing");
    if (!uuid_eq(line.owner, r->person))
        TRY(find_sight(rs, a, tx, r, id, e));
    *ret = line;
    return 0;
}
