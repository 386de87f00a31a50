/* base_file.c: the disk behind Env. A written file is whole or not there: temporary file beside it,
 * fsync, rename, fsync of the folder. */
#include "base/base_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Only a write loop that is cut into pieces keeps a huge write interruptible. */
enum { FILE_PIECE = 1024 * 1024 };

static int fail_io(Err *e, Str path, int code)
{
    const char *why = strerrordesc_np(code);
    return err_set(e, ERR_IO, "base.file_io", path, str_of(why ? why : "unknown error"));
}

static int fail_open(Err *e, Str path, int code)
{
    if (code == ENOENT || code == ENOTDIR)
        return err_set(e, ERR_MISSING, "base.file_missing", path);
    return fail_io(e, path, code);
}

/* The path for libc; a NUL inside would name another file than the one checked. */
static int path_z(Str path, const char **ret, Err *e)
{
    if (path.n == 0 || memchr(path.p, 0, path.n))
        return err_set(e, ERR_INVALID, "base.path_bad");
    *ret = str_z(e->arena, path);
    return 0;
}

static int read_some(int fd, void *p, size_t n, size_t *ret_n)
{
    for (;;) {
        ssize_t got = read(fd, p, n);
        if (got >= 0) {
            *ret_n = (size_t)got;
            return 0;
        }
        if (errno != EINTR)
            return errno;
    }
}

/* Reads to the end, however long the file says it is: it may be a pipe, or grow meanwhile. */
static int read_all(int fd, Arena *a, Str path, size_t max, Str *ret, Err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail_io(e, path, errno);
    if (S_ISDIR(st.st_mode))
        return fail_io(e, path, EISDIR);
    if (S_ISREG(st.st_mode) && st.st_size > 0 && (uint64_t)st.st_size > max)
        return err_set(e, ERR_LIMIT, "base.file_too_large", path, err_int(e, (int64_t)max));
    size_t cap = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size + 1 : 4096;
    char *p = arena_alloc(a, cap);
    size_t n = 0;
    for (;;) {
        size_t got = 0;
        int code = read_some(fd, p + n, cap - n, &got);
        if (code)
            return fail_io(e, path, code);
        if (got == 0)
            break;
        n += got;
        if (n > max)
            return err_set(e, ERR_LIMIT, "base.file_too_large", path, err_int(e, (int64_t)max));
        if (n == cap) {
            char *more = arena_alloc(a, cap * 2);
            memcpy(more, p, n);
            p = more;
            cap *= 2;
        }
    }
    *ret = (Str){p, n};
    return 0;
}

int file_read(void *self, Arena *a, Str path, size_t max, Str *ret, Err *e)
{
    const char *z = NULL;
    (void)self;
    TRY(path_z(path, &z, e));
    int fd = open(z, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_open(e, path, errno);
    int rc = read_all(fd, a, path, max, ret, e);
    (void)close(fd); /* nothing was written, so nothing is lost */
    return rc;
}

static Str path_folder(Str path)
{
    const char *slash = memrchr(path.p, '/', path.n);
    if (!slash)
        return S(".");
    return slash == path.p ? S("/") : (Str){path.p, (size_t)(slash - path.p)};
}

/* A rename or a new folder lasts only once the folder it stands in is on disk. */
static int sync_folder(Str path, Err *e)
{
    const char *z = NULL;
    Str folder = path_folder(path);
    int code = 0;
    TRY(path_z(folder, &z, e));
    int fd = open(z, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_open(e, folder, errno);
    if (fsync(fd) != 0)
        code = errno;
    (void)close(fd); /* a folder opened for reading has nothing to lose */
    return code ? fail_io(e, folder, code) : 0;
}

/* 0 or an errno. */
static int write_all(int fd, Str data, int mode)
{
    if (fchmod(fd, (mode_t)mode) != 0)
        return errno;
    while (data.n) {
        ssize_t put = write(fd, data.p, data.n < FILE_PIECE ? data.n : FILE_PIECE);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        data = str_sub(data, (size_t)put, data.n);
    }
    return fsync(fd) == 0 ? 0 : errno;
}

int file_write(void *self, Str path, Str data, int mode, Err *e)
{
    const char *z = NULL;
    (void)self;
    TRY(path_z(path, &z, e));
    char *tmp = str_z(e->arena, str_fmt(e->arena, "%s.XXXXXX", z));
    int fd = mkostemp(tmp, O_CLOEXEC);
    if (fd < 0)
        return fail_open(e, path, errno);
    int code = write_all(fd, data, mode);
    if (close(fd) != 0 && !code)
        code = errno;
    if (!code && rename(tmp, z) != 0)
        code = errno;
    if (code) {
        (void)unlink(tmp); /* the first error is the one to tell */
        return fail_io(e, path, code);
    }
    return sync_folder(path, e);
}

int file_make_dir(void *self, Str path, Err *e)
{
    const char *z = NULL;
    struct stat st;
    (void)self;
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    TRY(path_z(path, &z, e));
    if (mkdir(z, 0700) == 0)
        return sync_folder(path, e);
    int code = errno;
    if (code != EEXIST)
        return fail_open(e, path, code);
    if (stat(z, &st) == 0 && !S_ISDIR(st.st_mode))
        return fail_io(e, path, ENOTDIR);
    return err_set(e, ERR_EXISTS, "base.dir_exists", path);
}

static int name_cmp(const void *a, const void *b)
{
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

static int list_names(DIR *dir, Arena *a, Str path, Str **ret, size_t *ret_n, Err *e)
{
    size_t n = 0, cap = 16;
    Str *names = NEW_N(a, Str, cap);
    for (;;) {
        errno = 0;
        struct dirent *d = readdir(dir);
        if (!d && errno)
            return fail_io(e, path, errno);
        if (!d)
            break;
        Str name = str_of(d->d_name);
        if (str_eq(name, S(".")) || str_eq(name, S("..")))
            continue;
        if (n == LIMIT_DIR_ENTRIES)
            return err_set(e, ERR_LIMIT, "base.dir_too_large", path, err_int(e, LIMIT_DIR_ENTRIES));
        if (n == cap) {
            Str *more = NEW_N(a, Str, cap * 2);
            memcpy(more, names, n * sizeof *names);
            names = more;
            cap *= 2;
        }
        names[n++] = str_copy(a, name);
    }
    qsort(names, n, sizeof *names, name_cmp);
    *ret = names;
    *ret_n = n;
    return 0;
}

int file_list_dir(void *self, Arena *a, Str path, Str **ret, size_t *ret_n, Err *e)
{
    const char *z = NULL;
    (void)self;
    TRY(path_z(path, &z, e));
    DIR *dir = opendir(z);
    if (!dir)
        return fail_open(e, path, errno);
    int rc = list_names(dir, a, path, ret, ret_n, e);
    (void)closedir(dir); /* nothing was written */
    return rc;
}

int file_remove(void *self, Str path, Err *e)
{
    const char *z = NULL;
    (void)self;
    TRY(path_z(path, &z, e));
    if (remove(z) != 0)
        return fail_open(e, path, errno);
    return 0;
}
