/* base.h: what every room stands on: text, memory, errors, time, ids, digests, and the one door to
 * the outside (Env).
 *
 * Three lifetimes only: request (or job), model generation, process; each is an Arena. Nothing here
 * does I/O but through an Env. Out of memory aborts, so a size from outside is compared with a
 * limit of limits.h before anything is allocated.
 * Threads: everything is per thread or immutable unless said otherwise.            STYLE: R17-R29
 */
#ifndef STAVE_BASE_H
#define STAVE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* ---- checks -------------------------------------------------------------------------------- */

/* A programmer's error: always on, prints place and backtrace, aborts. Never for input. */
#define CHECK(cond) ((cond) ? (void)0 : check_failed(__FILE__, __LINE__, #cond))
#ifdef STAVE_DEBUG
#define DCHECK(cond) CHECK(cond)
#else
#define DCHECK(cond) ((void)sizeof(cond))
#endif
_Noreturn void check_failed(const char *file, int line, const char *what);

/* ---- text ---------------------------------------------------------------------------------- */

/* Borrowed bytes, not NUL-terminated, valid UTF-8 once past a parser. {NULL,0} is "absent" where a
 * contract says so; str_has() tells it from the empty text. */
typedef struct Str {
    const char *p;
    size_t n;
} Str;

#define S(literal) ((Str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((Str){NULL, 0})
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

typedef struct Arena Arena;

Str str_of(const char *nul_terminated); /* NULL gives STR_NONE */
static inline bool str_has(Str s) { return s.p != NULL; }
bool str_eq(Str a, Str b);
int str_cmp(Str a, Str b); /* by bytes, so by code point */
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
Str str_sub(Str s, size_t from, size_t n);              /* clamped to s */
Str str_trim(Str s);                                    /* ASCII blanks and U+3000 at both ends */
/* false: no `at`, head = s, tail empty */
bool str_cut(Str s, char at, Str *ret_head, Str *ret_tail);
ptrdiff_t str_find(Str s, Str needle);                  /* -1: not in it */
bool str_i64(Str s, int64_t *ret);                      /* whole text, optional '-', no overflow */
uint64_t str_hash(Str s);                               /* FNV-1a, for tables in memory only */
Str str_copy(Arena *a, Str s);
char *str_z(Arena *a, Str s);                           /* NUL-terminated copy, for libc edges */
Str str_fmt(Arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Edits (insert, drop, replace, swap), for "did you mean"; O(n*m). A text over 64 bytes: the longer
 * length. */
size_t str_distance(Str a, Str b);

bool utf8_valid(Str s);            /* strict: no surrogates, no overlong forms, no NUL */
size_t utf8_count(Str s);          /* code points */
uint32_t utf8_next(Str *s);        /* takes one off s, not empty; 0xFFFD for a bad byte */
size_t utf8_put(uint32_t cp, char out[4]);
Str utf8_prefix(Str s, size_t code_points); /* at most that many code points */
Str text_normal(Arena *a, Str s);  /* NFC; CRLF and CR to LF; what text is stored as */
/* NFKC with cases folded and invisible signs gone: what is compared when somebody searches. Full
 * width matches half. */
Str text_fold(Arena *a, Str s);
/* How search cuts text: scripts written without blanks sign by sign, all others into words. */
typedef enum TextClass { TEXT_APART, TEXT_WORD, TEXT_SIGN } TextClass;
TextClass text_class(uint32_t cp);

/* ---- pinyin initials ------------------------------------------------------------------------ */

/* Are the letters `typed` the initials of a stretch of the name that starts where the name or a
 * word in it starts (after a blank, a sign, a change between letters and ideographs). Case and
 * width
 * are no matter, every reading of a polyphone counts, surnames' too; a word of letters or digits
 * counts as its first. Nothing typed, or anything but letters and digits: false. */
bool text_initials_match(Str name, Str typed);
typedef struct Initials {
    uint64_t letters; /* set: bits 0..25 a..z, 26..35 digits; 0: no reading is known */
    bool starts_word;
} Initials;
typedef struct InitialsAt { /* {0} at a name's start */
    bool is_within, is_latin;
} InitialsAt;
/* Takes the next character (or word of letters) off a name; false: there is none. */
bool text_initials_next(Str *name, InitialsAt *at, Initials *ret);
/* What was typed as letters and digits in lower case; false: something else is in it, or nothing.
 * */
bool text_initials_key(Arena *a, Str typed, Str *ret);

/* ---- memory -------------------------------------------------------------------------------- */

/* Bump allocator; blocks are kept on reset. Memory is zeroed and aligned to 16. */
Arena *arena_new(size_t first_bytes);
void arena_free(Arena *a); /* takes NULL */
void arena_reset(Arena *a); /* everything given out is gone; keeps at most ARENA_KEEP_BYTES */
void *arena_alloc(Arena *a, size_t bytes);
void *arena_copy(Arena *a, const void *p, size_t bytes);
size_t arena_mark(Arena *a);
void arena_rewind(Arena *a, size_t mark); /* rewound bytes are poisoned under ASan */
size_t arena_bytes(const Arena *a);       /* handed out and still held */
#define NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define NEW_N(arena, Type, n) ((Type *)arena_alloc_n((arena), (n), sizeof(Type)))
void *arena_alloc_n(Arena *a, size_t n, size_t bytes_each); /* CHECKs the product */

/* Growable output in an arena. {.arena = a} is an empty one. b.p is valid until the next append. */
typedef struct Buf {
    Arena *arena;
    char *p;
    size_t n, cap;
} Buf;
void buf_byte(Buf *b, char c);
void buf_mem(Buf *b, const void *p, size_t n);
void buf_str(Buf *b, Str s);
void buf_z(Buf *b, const char *z);
void buf_i64(Buf *b, int64_t v);
void buf_fmt(Buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_hex(Buf *b, const void *p, size_t n);
Str buf_view(const Buf *b); /* borrowed */

/* ---- errors -------------------------------------------------------------------------------- */

/* Functions return 0 or one of these. One function, web_status(), makes an HTTP status of them. */
enum {
    ERR_INVALID = -1,  /* input at fault; field list            422 */
    ERR_DENIED = -2,   /* may see it, may not do this           403 */
    ERR_MISSING = -3,  /* absent or not yours, one answer       404 */
    ERR_CONFLICT = -4, /* stale version                         412 */
    ERR_STATE = -5,    /* not from this state                   409 */
    ERR_EXISTS = -6,   /* came before, is equal: a success      200 */
    ERR_DIFFERS = -7,  /* came before, differs; field list      409 */
    ERR_BUSY = -8,     /* try again                             503 */
    ERR_LIMIT = -9,    /* too large, too many                   413 */
    ERR_SYNTAX = -10,  /* unreadable                            400 */
    ERR_AUTH = -11,    /* no or dead session, token, password   401 */
    ERR_RATE = -12,    /* too many tries                        429 */
    ERR_IO = -13,      /* disk, network                         500 */
    ERR_CORRUPT = -14, /* stored data contradicts itself        500 */
    ERR_BUG = -15,     /*                                       500 */
    ERR_NEED_MATCH = -16, /* no If-Match                        428 */
};

enum { ERR_ARGS_MAX = 4 };

typedef struct ErrField {
    Str field;            /* name or path of the field; empty: the whole input */
    Str key;              /* message key "room.code", e.g. "field.required" */
    Str args[ERR_ARGS_MAX];
} ErrField;

/* Where a failure is told. Untouched on success. `key` names a sentence of ui/i18n, translated
 * late; args fill its {0} {1} .... The first failure stays: a later err_set on a failed Err changes
 * nothing and returns the first one's class.
 * Texts are copied into `arena`, which the caller gives: Err e = err_on(arena); */
typedef struct Err {
    Arena *arena;
    int cls;              /* 0: none yet */
    Str key;
    Str args[ERR_ARGS_MAX];
    ErrField *fields;     /* for ERR_INVALID, ERR_DIFFERS: all of them, in the input's order */
    size_t field_n, field_cap;
    const char *file;     /* where it was first set, for the log */
    int line;
} Err;

Err err_on(Arena *a);
void err_clear(Err *e);
#define ERR_ARGS(...) ((Str[]){__VA_ARGS__ __VA_OPT__(, ) STR_NONE})
#define err_set(e, cls, key, ...)                                                                  \
    err_set_at((e), (cls), (key), __FILE__, __LINE__, ERR_ARGS(__VA_ARGS__))
/* args end with STR_NONE, so an absent one ends them; returns e->cls */
int err_set_at(Err *e, int cls, const char *key, const char *file, int line, const Str *args);
/* Adds a field at fault and makes the class ERR_INVALID if none is set; returns e->cls. */
#define err_field(e, field, key, ...)                                                              \
    err_field_at((e), (field), (key), __FILE__, __LINE__, ERR_ARGS(__VA_ARGS__))
int err_field_at(Err *e, Str field, const char *key, const char *file, int line, const Str *args);
Str err_int(Err *e, int64_t v); /* an argument */
#define TRY(call) do { int try_rc_ = (call); if (try_rc_ < 0) return try_rc_; } while (0)

/* ---- sentences ----------------------------------------------------------------------------- */

typedef enum Lang { LANG_ZH, LANG_EN, LANG_MAX } Lang;
/* The sentence for a key with {0}.. filled; the tables come from ui/i18n at build time (i18n.c is
 * generated). An unknown key gives the key itself, and tools/tidy fails. Never escapes. */
Str i18n_text(Arena *a, Lang lang, Str key, const Str *args, size_t arg_n);
Str i18n_get(Lang lang, Str key);         /* as written, {0} unfilled; static */
Str err_text(Arena *a, Lang lang, const Err *e);
Str err_field_text(Arena *a, Lang lang, const ErrField *f);

/* ---- time ---------------------------------------------------------------------------------- */

/* Days since 1970-01-01, proleptic Gregorian; DAY_NONE is absent. Instants in ms UTC. */
typedef int32_t Day;
typedef int64_t UnixMs;
#define DAY_NONE INT32_MIN
/* false: no such date; 1 <= year <= 9999 */
bool day_from_ymd(int year, int month, int day, Day *ret);
void day_to_ymd(Day d, int *y, int *m, int *day);
int day_weekday(Day d); /* 1 Monday .. 7 Sunday */
bool day_parse(Str s, Day *ret);  /* exactly 2026-11-20 */
Str day_text(Arena *a, Day d);    /* 2026-11-20 */
Day day_of_ms(UnixMs t);          /* in China, UTC+8, no summer time */
Str ms_rfc3339(Arena *a, UnixMs t); /* 2026-11-20T08:03:00.123Z */
bool ms_parse(Str s, UnixMs *ret);
Str ms_clock(Arena *a, UnixMs t); /* 15:20 in China */

/* ---- ids ----------------------------------------------------------------------------------- */

typedef struct Uuid {
    uint8_t b[16];
} Uuid;
bool uuid_parse(Str s, Uuid *ret); /* 36 characters, either case */
Str uuid_text(Arena *a, Uuid u);   /* lower case */
bool uuid_eq(Uuid a, Uuid b);
int uuid_cmp(Uuid a, Uuid b);
bool uuid_is_v7(Uuid u);
UnixMs uuid_ms(Uuid u);
bool uuid_is_zero(Uuid u);

/* ---- digests ------------------------------------------------------------------------------- */

enum { SM3_BYTES = 32 };
typedef struct Sm3 Sm3; /* streaming; one per thread or job */
Sm3 *sm3_new(void);
void sm3_free(Sm3 *s);
void sm3_begin(Sm3 *s);
void sm3_add(Sm3 *s, const void *p, size_t n);
void sm3_end(Sm3 *s, uint8_t ret[SM3_BYTES]);
void sm3_of(const void *p, size_t n, uint8_t ret[SM3_BYTES]); /* one call, thread-local context */
bool bytes_eq_secret(const void *a, const void *b, size_t n); /* constant time */

/* ---- the outside --------------------------------------------------------------------------- */

/* Clock, randomness, disk: handed in, so a test can hold the clock, repeat the dice, fail the disk.
 * Threads: all functions may be called from any thread. */
typedef struct Env Env;
typedef struct EnvFns {
    UnixMs (*now_ms)(void *self);            /* wall clock */
    int64_t (*mono_us)(void *self);          /* never goes back; for durations and timeouts */
    void (*random)(void *self, void *p, size_t n); /* cryptographic in the real one */
    /* All of the disk: ERR_MISSING not there, ERR_IO; ERR_INVALID for an empty path or a NUL in it.
     *   read_file   ERR_LIMIT longer than max
     *   write_file  temporary file, fsync, rename, fsync of the folder: whole or not at all
     *   make_dir    0700; ERR_EXISTS when there
     *   list_dir    names, sorted by bytes; ERR_LIMIT over LIMIT_DIR_ENTRIES
     *   remove      a file or an empty folder */
    int (*read_file)(void *self, Arena *a, Str path, size_t max, Str *ret, Err *e);
    int (*write_file)(void *self, Str path, Str data, int mode, Err *e);
    int (*make_dir)(void *self, Str path, Err *e);
    int (*list_dir)(void *self, Arena *a, Str path, Str **ret, size_t *ret_n, Err *e);
    int (*remove)(void *self, Str path, Err *e);
    /* Where the calling thread's last UUIDv7 stands; NULL: one for all threads, in the Env. */
    _Atomic uint64_t *(*last_id)(void *self);
} EnvFns;
struct Env {
    const EnvFns *fns;
    void *self;
    _Atomic uint64_t last_id; /* ms and counter of the last UUIDv7, 0 at first; env_uuid7's own */
};
Env *env_real(void); /* process-wide */
static inline UnixMs env_now_ms(Env *env) { return env->fns->now_ms(env->self); }
static inline int64_t env_mono_us(Env *env) { return env->fns->mono_us(env->self); }
static inline void env_random(Env *env, void *p, size_t n) { env->fns->random(env->self, p, n); }
Uuid env_uuid7(Env *env);  /* rising within an Env, so within a process for the real one */
Day env_today(Env *env);   /* in China */

/* An Env for tests: the clock stands at `now_ms` until moved, randomness from a seed, a real disk.
 */
Env *env_test_new(UnixMs now_ms, uint64_t seed);
void env_test_move(Env *env, int64_t ms);
void env_test_free(Env *env);

/* ---- check digits, numbers of papers ------------------------------------------------------- */

bool credit_code_ok(Str s);  /* GB 32100-2015, outer check digit; DOMAIN 1.2 */
bool plate_ok(Str s);        /* GA 36; DOMAIN 1.5 */
bool parcel_code_ok(Str s);  /* GB/T 35958: 19 digits; DOMAIN 1.4 */

/* ---- log ----------------------------------------------------------------------------------- */

/* One line an event on stderr, key=value, no personal data. Only cli, web and jobs call this. */
void log_line(const char *level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
