/* base_err.c: how a failure is told, and the checks that stop the program. */
#include "base/base_int.h"

#include <execinfo.h>
#include <unistd.h>

enum { ERR_FIELDS_FIRST = 8, TRACE_MAX = 48 };

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    void *frames[TRACE_MAX];
    /* no arena here: memory may be what failed */
    (void)fprintf(stderr, "level=fatal check failed at %s:%d: %s\n", file, line, what);
    backtrace_symbols_fd(frames, backtrace(frames, TRACE_MAX), STDERR_FILENO);
    abort();
}

Err err_on(Arena *a)
{
    CHECK(a != NULL);
    return (Err){.arena = a};
}

void err_clear(Err *e)
{
    *e = err_on(e->arena);
}

static void err_copy_args(Err *e, Str to[ERR_ARGS_MAX], const Str *args)
{
    for (size_t i = 0; str_has(args[i]); i++) {
        CHECK(i < ERR_ARGS_MAX);
        to[i] = str_copy(e->arena, args[i]);
    }
}

int err_set_at(Err *e, int cls, const char *key, const char *file, int line, const Str *args)
{
    CHECK(e != NULL && e->arena != NULL);
    CHECK(cls < 0);
    if (e->cls)
        return e->cls;
    e->cls = cls;
    e->key = str_copy(e->arena, str_of(key));
    err_copy_args(e, e->args, args);
    e->file = file;
    e->line = line;
    return cls;
}

int err_field_at(Err *e, Str field, const char *key, const char *file, int line, const Str *args)
{
    CHECK(e != NULL && e->arena != NULL);
    if (e->field_n == e->field_cap) {
        size_t cap = e->field_cap ? e->field_cap * 2 : ERR_FIELDS_FIRST;
        ErrField *more = NEW_N(e->arena, ErrField, cap);
        if (e->field_n)
            memcpy(more, e->fields, e->field_n * sizeof *more);
        e->fields = more;
        e->field_cap = cap;
    }
    ErrField *f = &e->fields[e->field_n++];
    f->field = str_copy(e->arena, str_has(field) ? field : S(""));
    f->key = str_copy(e->arena, str_of(key));
    err_copy_args(e, f->args, args);
    if (!e->cls)
        (void)err_set_at(e, ERR_INVALID, "base.invalid", file, line, (Str[]){STR_NONE});
    return e->cls;
}

Str err_int(Err *e, int64_t v)
{
    return str_fmt(e->arena, "%lld", (long long)v);
}
