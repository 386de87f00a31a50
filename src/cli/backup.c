/* backup.c: the one file: entries in one zstd stream with a digest at its end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "cli/backup.h"
#include "cli/cli.h"

enum { BLOCK = 256 * 1024, NAME_MAX_BYTES = 200, ENTRIES_MAX = 4096, LEVEL = 3 };

static const char magic[8] = "STAVEBK1";

typedef struct Pack {
    int fd;
    ZSTD_CCtx *z;
    Sm3 *sum;
    char *out;
    int entry_n;
    bool is_bad;
} Pack;

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        p += w;
        n -= (size_t)w;
    }
    return true;
}

static void pack_raw(Pack *k, const void *p, size_t n, ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {p, n, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {k->out, BLOCK, 0};
        left = ZSTD_compressStream2(k->z, &out, &in, end);
        if (ZSTD_isError(left) || !write_all(k->fd, k->out, out.pos)) {
            k->is_bad = true;
            return;
        }
    } while (in.pos < in.size || (end == ZSTD_e_end && left));
}

static void pack(Pack *k, const void *p, size_t n)
{
    sm3_add(k->sum, p, n);
    pack_raw(k, p, n, ZSTD_e_continue);
}

static void put_head(uint8_t *head, Str name, uint64_t size, size_t *ret_n)
{
    head[0] = (uint8_t)(name.n >> 8);
    head[1] = (uint8_t)name.n;
    memcpy(head + 2, name.p, name.n);
    for (int i = 0; i < 8; i++)
        head[2 + name.n + (size_t)i] = (uint8_t)(size >> (56 - 8 * i));
    *ret_n = name.n + 10;
}

static void pack_text(Pack *k, Str name, Str text)
{
    uint8_t head[NAME_MAX_BYTES + 10];
    size_t n;
    CHECK(name.n <= NAME_MAX_BYTES);
    put_head(head, name, text.n, &n);
    pack(k, head, n);
    pack(k, text.p, text.n);
    k->entry_n++;
}

static int pack_file(Pack *k, Arena *a, Str name, Str path, Err *e)
{
    int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            (void)close(fd);
        return err_set(e, ERR_IO, "backup.unreadable", path);
    }
    if (++k->entry_n >= ENTRIES_MAX) {
        (void)close(fd); /* only read */
        return err_set(e, ERR_LIMIT, "backup.too_many_files", err_int(e, ENTRIES_MAX));
    }
    uint8_t head[NAME_MAX_BYTES + 10];
    size_t n;
    put_head(head, name, (uint64_t)st.st_size, &n);
    pack(k, head, n);
    char *block = arena_alloc(a, BLOCK);
    off_t left = st.st_size;
    while (left > 0 && !k->is_bad) {
        ssize_t r = read(fd, block, left < BLOCK ? (size_t)left : BLOCK);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        pack(k, block, (size_t)r);
        left -= r;
    }
    (void)close(fd);
    return left ? err_set(e, ERR_IO, "backup.unreadable", path) : 0;
}

static int pack_copy(Pack *k, Arena *a, Store *s, Str dir, const char *name, Err *e)
{
    Str copy = str_fmt(a, "%.*s/%s.backup", STR_ARG(dir), name);
    (void)unlink(str_z(a, copy)); /* left by a backup that was killed */
    TRY(store_copy_to(s, copy, e));
    int rc = pack_file(k, a, str_of(name), copy, e);
    if (unlink(str_z(a, copy)) != 0 && !rc)
        rc = err_set(e, ERR_IO, "backup.unreadable", copy);
    return rc;
}

static const char *const wanted[] = {"manifest", "settings", "stave.db", "files.db"};

/* A file of ours, or one anywhere below model/ that stays there. */
static bool name_ok(Str name)
{
    if (name.n > NAME_MAX_BYTES || !utf8_valid(name))
        return false;
    for (size_t i = 0; i < LEN(wanted); i++)
        if (str_eq(name, str_of(wanted[i])))
            return true;
    Str part, rest = name;
    for (bool more = true; more;) {
        more = str_cut(rest, '/', &part, &rest);
        if (!part.n || str_eq(part, S(".")) || str_eq(part, S("..")))
            return false;
        for (size_t i = 0; i < part.n; i++)
            if ((unsigned char)part.p[i] < ' ' || part.p[i] == 127)
                return false;
    }
    return str_starts(name, S("model/"));
}

static int pack_models(Pack *k, Env *env, Arena *a, Str dir, Str below, Err *e)
{
    Str *names, folder = str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(below));
    size_t n;
    int rc = env->fns->list_dir(env->self, a, folder, &names, &n, e);
    if (rc == ERR_MISSING) {
        err_clear(e);
        return 0;
    }
    TRY(rc);
    for (size_t i = 0; i < n; i++) {
        Str name = str_fmt(a, "%.*s/%.*s", STR_ARG(below), STR_ARG(names[i]));
        Str path = str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name));
        struct stat st;
        if (stat(str_z(a, path), &st) != 0)
            return err_set(e, ERR_IO, "backup.unreadable", path);
        if (!S_ISDIR(st.st_mode) && !str_ends(name, S(".yaml")))
            continue;
        if (!name_ok(name)) /* what could not be restored is no backup */
            return err_set(e, ERR_LIMIT, "backup.name_bad", path);
        TRY(S_ISDIR(st.st_mode) ? pack_models(k, env, a, dir, name, e)
                                : pack_file(k, a, name, path, e));
    }
    return 0;
}

static int pack_all(Pack *k, Env *env, Arena *a, Str dir, App *app, Err *e)
{
    Buf manifest = {.arena = a};
    buf_fmt(&manifest, "format = 1\nmade_ms = %lld\nmodel = ", (long long)env_now_ms(env));
    buf_hex(&manifest, app->model->hash, SM3_BYTES);
    buf_byte(&manifest, '\n');
    pack_text(k, S("manifest"), buf_view(&manifest));
    TRY(pack_file(k, a, S("settings"), str_fmt(a, "%.*s/settings", STR_ARG(dir)), e));
    TRY(pack_models(k, env, a, dir, S("model"), e));
    /* Records first, files after: a record never names a file that is not there; a file more does
     * no harm. */
    TRY(pack_copy(k, a, app->store, dir, "stave.db", e));
    TRY(pack_copy(k, a, app->files, dir, "files.db", e));
    uint8_t sum[SM3_BYTES], head[16];
    size_t n;
    sm3_end(k->sum, sum);
    put_head(head, S("sum"), SM3_BYTES, &n);
    pack_raw(k, head, n, ZSTD_e_continue);
    pack_raw(k, sum, sizeof sum, ZSTD_e_end);
    return 0;
}

static int write_locked(Env *env, Arena *a, Str dir, App *app, Str file, Err *e)
{
    char *path = str_z(a, file), *part = str_z(a, str_fmt(a, "%.*s.part", STR_ARG(file)));
    if (access(path, F_OK) == 0)
        return err_set(e, ERR_EXISTS, "backup.exists", file);
    Pack k = {.fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
              .z = ZSTD_createCCtx(),
              .sum = sm3_new(),
              .out = arena_alloc(a, BLOCK)};
    if (k.fd < 0 || !k.z) {
        sm3_free(k.sum);
        ZSTD_freeCCtx(k.z);
        return err_set(e, ERR_IO, "backup.unwritable", file);
    }
    sm3_begin(k.sum);
    k.is_bad = ZSTD_isError(ZSTD_CCtx_setParameter(k.z, ZSTD_c_compressionLevel, LEVEL)) ||
               !write_all(k.fd, magic, sizeof magic);
    int rc = pack_all(&k, env, a, dir, app, e);
    k.is_bad = k.is_bad || fsync(k.fd) != 0;
    k.is_bad = close(k.fd) != 0 || k.is_bad;
    ZSTD_freeCCtx(k.z);
    sm3_free(k.sum);
    if (!rc && (k.is_bad || rename(part, path) != 0))
        rc = err_set(e, ERR_IO, "backup.unwritable", file);
    if (rc < 0)
        (void)unlink(part); /* half a backup is none */
    return rc;
}

/* One backup of a deployment at a time: two would take each other's copies away. The folder itself
 * is the lock, so nothing is left of it. */
int backup_write(Env *env, Arena *a, Str dir, void *app_any, Str file, Err *e)
{
    App *app = app_any;
    if (store_engine(app->store) == ENGINE_PG)
        return err_set(e, ERR_DENIED, "backup.pg");
    int fd = open(str_z(a, dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, "backup.unreadable", dir);
    int rc = flock(fd, LOCK_EX | LOCK_NB) == 0 ? write_locked(env, a, dir, app, file, e)
                                               : err_set(e, ERR_BUSY, "backup.running", dir);
    (void)close(fd); /* the lock goes with it */
    return rc;
}

/* ---- unpacking ---- */

typedef struct Unpack {
    int fd;
    ZSTD_DCtx *z;
    Sm3 *sum;
    char *in;
    ZSTD_inBuffer have;
    size_t wants; /* more bytes until the stream is whole */
    bool is_io, is_at_end;
    unsigned seen; /* of `wanted` */
} Unpack;

/* Exactly n bytes of the stream. */
static bool unpack(Unpack *u, void *p, size_t n)
{
    ZSTD_outBuffer out = {p, n, 0};
    while (out.pos < out.size) {
        if (u->have.pos == u->have.size) {
            ssize_t r = read(u->fd, u->in, BLOCK);
            if (r <= 0) {
                u->is_io = r < 0;
                u->is_at_end = r == 0;
                return false;
            }
            u->have = (ZSTD_inBuffer){u->in, (size_t)r, 0};
        }
        u->wants = ZSTD_decompressStream(u->z, &out, &u->have);
        if (ZSTD_isError(u->wants))
            return false;
    }
    return true;
}

/* Nothing stands behind: the stream and the file end here. */
static bool unpack_end(Unpack *u)
{
    char more;
    return !unpack(u, &more, 1) && u->is_at_end && !u->wants;
}

static int make_parents(Env *env, Arena *a, Str dir, Str name, Err *e)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '/') {
            int rc = env->fns->make_dir(env->self,
                                        str_fmt(a, "%.*s/%.*s", STR_ARG(dir), (int)i, name.p), e);
            if (rc < 0 && rc != ERR_EXISTS)
                return rc;
            err_clear(e);
        }
    return 0;
}

static int unpack_entry(Unpack *u, Env *env, Arena *a, Str dir, Str name, uint64_t size, Err *e)
{
    TRY(make_parents(env, a, dir, name, e));
    char *path = str_z(a, str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)));
    char *block = arena_alloc(a, BLOCK);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc = 0;
    if (fd < 0) /* a name that came before, or one below a file */
        return errno == EEXIST || errno == ENOTDIR || errno == EISDIR
                   ? err_set(e, ERR_CORRUPT, "backup.broken")
                   : err_set(e, ERR_IO, "backup.unwritable", dir);
    while (size && !rc) {
        size_t n = size < BLOCK ? (size_t)size : BLOCK;
        if (!unpack(u, block, n))
            rc = err_set(e, ERR_CORRUPT, "backup.broken");
        else if (!write_all(fd, block, n))
            rc = err_set(e, ERR_IO, "backup.unwritable", dir);
        else
            sm3_add(u->sum, block, n);
        size -= n;
    }
    if ((fsync(fd) != 0 || close(fd) != 0) && !rc)
        rc = err_set(e, ERR_IO, "backup.unwritable", dir);
    return rc;
}

/* One entry; *ret_end after the sum, which must fit. */
static int unpack_one(Unpack *u, Env *env, Arena *a, Str dir, bool *ret_end, Err *e)
{
    uint8_t n[2], size8[8], sum[SM3_BYTES], want[SM3_BYTES];
    char name[NAME_MAX_BYTES];
    if (!unpack(u, n, 2))
        return err_set(e, ERR_CORRUPT, "backup.broken");
    size_t name_n = (size_t)n[0] << 8 | n[1];
    if (name_n > NAME_MAX_BYTES || !unpack(u, name, name_n) || !unpack(u, size8, 8))
        return err_set(e, ERR_CORRUPT, "backup.broken");
    Str s = {name, name_n};
    uint64_t size = 0;
    for (int i = 0; i < 8; i++)
        size = size << 8 | size8[i];
    if (str_eq(s, S("sum"))) {
        sm3_end(u->sum, want);
        *ret_end = true;
        return size == SM3_BYTES && unpack(u, sum, sizeof sum) && !memcmp(sum, want, sizeof sum)
                   ? 0
                   : err_set(e, ERR_CORRUPT, "backup.broken");
    }
    if (!name_ok(s))
        return err_set(e, ERR_CORRUPT, "backup.broken");
    for (size_t i = 0; i < LEN(wanted); i++)
        if (str_eq(s, str_of(wanted[i])))
            u->seen |= 1u << i;
    sm3_add(u->sum, n, 2);
    sm3_add(u->sum, name, name_n);
    sm3_add(u->sum, size8, 8);
    return unpack_entry(u, env, a, dir, s, size, e);
}

static int unpack_all(Unpack *u, Env *env, Arena *a, Str dir, Err *e)
{
    bool is_end = false;
    for (int i = 0; i <= ENTRIES_MAX && !is_end; i++) {
        size_t mark = arena_mark(a);
        TRY(unpack_one(u, env, a, dir, &is_end, e)); /* what went wrong is told from this arena */
        arena_rewind(a, mark);
    }
    bool is_all = u->seen == (1u << LEN(wanted)) - 1;
    return is_end && is_all && unpack_end(u) ? 0 : err_set(e, ERR_CORRUPT, "backup.broken");
}

int backup_unpack(Env *env, Arena *a, Str file, Str dir, Err *e)
{
    char head[sizeof magic];
    Unpack u = {.fd = open(str_z(a, file), O_RDONLY | O_CLOEXEC)};
    if (u.fd < 0)
        return err_set(e, ERR_MISSING, "backup.no_file", file);
    u.z = ZSTD_createDCtx();
    u.sum = sm3_new();
    u.in = arena_alloc(a, BLOCK);
    sm3_begin(u.sum);
    int rc = 0;
    if (read(u.fd, head, sizeof head) != (ssize_t)sizeof head ||
        memcmp(head, magic, sizeof magic) != 0)
        rc = err_set(e, ERR_CORRUPT, "backup.not_one", file);
    if (!rc)
        rc = env->fns->make_dir(env->self, dir, e);
    bool is_ours = !rc;
    if (!rc)
        rc = unpack_all(&u, env, a, dir, e);
    (void)close(u.fd);
    ZSTD_freeDCtx(u.z);
    sm3_free(u.sum);
    if (rc < 0 && is_ours) {
        Err sub = err_on(a);
        if (backup_remove_temp(env, a, dir, &sub) < 0)
            log_line("warn", "restore=left_behind"); /* the first failure is the one to tell */
    }
    return rc;
}

int backup_unpack_temp(Env *env, Arena *a, Str file, Str *ret_dir, Err *e)
{
    const char *base = getenv("TMPDIR");
    Str dir = str_fmt(a, "%s/stave-verify-%.*s", base && *base ? base : "/tmp",
                      STR_ARG(uuid_text(a, env_uuid7(env))));
    TRY(backup_unpack(env, a, file, dir, e));
    *ret_dir = dir;
    return 0;
}

static int remove_tree(Env *env, Arena *a, Str path, int depth, Err *e)
{
    struct stat st;
    if (lstat(str_z(a, path), &st) != 0 || depth > LIMIT_MODEL_DEPTH)
        return err_set(e, ERR_IO, "backup.unwritable", path);
    if (S_ISDIR(st.st_mode)) {
        Str *names;
        size_t n;
        TRY(env->fns->list_dir(env->self, a, path, &names, &n, e));
        for (size_t i = 0; i < n; i++)
            TRY(remove_tree(env, a, str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(names[i])),
                            depth + 1, e));
    }
    return env->fns->remove(env->self, path, e);
}

int backup_remove_temp(Env *env, Arena *a, Str dir, Err *e)
{
    return remove_tree(env, a, dir, 0, e);
}

/* ---- the commands ---- */

int cmd_backup(Cli *c)
{
    Err e = err_on(c->arena);
    Str file = c->args[1];
    if (backup_write(c->env, c->arena, c->app->dir, c->app, file, &e) < 0)
        return cli_fail(c, &e);
    cli_say(c, 1, "backup.done", &file, NULL);
    return EXIT_DONE;
}

int cmd_restore(Cli *c)
{
    Err e = err_on(c->arena);
    Str file = c->args[0], dir = c->args[1];
    int rc = backup_unpack(c->env, c->arena, file, dir, &e);
    static const char *const folders[] = {"model", "fonts", "keys"};
    for (size_t i = 0; i < LEN(folders) && !rc; i++) {
        rc = c->env->fns->make_dir(c->env->self,
                                   str_fmt(c->arena, "%.*s/%s", STR_ARG(dir), folders[i]), &e);
        if (rc == ERR_EXISTS) {
            err_clear(&e);
            rc = 0;
        }
    }
    if (rc < 0)
        return cli_fail(c, &e);
    cli_say(c, 1, "backup.restored", &dir, NULL);
    return EXIT_DONE;
}
