/* base_int.h: what only base's own files share. */
#ifndef STAVE_BASE_INT_H
#define STAVE_BASE_INT_H

#include "base/base.h"

/* Makes the allocation p larger where it lies: true when it is the arena's last one and its block
 * has room. What is added is zeroed. */
bool arena_extend(Arena *a, void *p, size_t old_bytes, size_t new_bytes);

/* The sentences, sorted by key in byte order; build/gen/i18n.c is made from ui/i18n. */
struct I18nRow {
    const char *key;
    const char *text[LANG_MAX];
};
extern const struct I18nRow i18n_rows[];
extern const size_t i18n_row_n;

/* Sets of initials (bits 0..25) by character, made by tools/mkpinyin: an index into pinyin_sets. */
extern const uint16_t pinyin_basic[], pinyin_a[]; /* U+4E00.., U+3400.. */
struct PinyinRare {
    uint32_t cp, set;
};
extern const struct PinyinRare pinyin_rare[]; /* beyond the basic plane, sorted */
extern const size_t pinyin_rare_n;
extern const uint32_t pinyin_sets[];

/* The disk behind EnvFns, used by the real Env and the one for tests; `self` is not looked at. */
int file_read(void *self, Arena *a, Str path, size_t max, Str *ret, Err *e);
int file_write(void *self, Str path, Str data, int mode, Err *e);
int file_make_dir(void *self, Str path, Err *e);
int file_list_dir(void *self, Arena *a, Str path, Str **ret, size_t *ret_n, Err *e);
int file_remove(void *self, Str path, Err *e);

#endif
