/* backup.h: one file with everything in it (not sealed yet), made while others write.
 *
 * Format: "STAVEBK1", then one zstd stream of entries: u16 name length, name, u64 size, bytes
 * (integers
 * big-endian); the last entry is named "sum" and holds the SM3 of all bytes of the stream before
 * it.
 * Entries: manifest (text: version, model hash, sizes), settings, model/ (all below), stave.db,
 * files.db. Keys and
 * lock stay outside.                                              SPEC: P14  STACK: 5 Backup */
#ifndef STAVE_BACKUP_H
#define STAVE_BACKUP_H

#include "base/base.h"

/* Writes to FILE.part, syncs, renames. ERR_EXISTS when FILE is there. SQLite only (PostgreSQL:
 * pg_dump). */
int backup_write(Env *env, Arena *a, Str dir, void *app, Str file, Err *e) MUST_USE;
/* Unpacks into a new folder; ERR_CORRUPT when the sum or the form is wrong (nothing is left
 * behind). */
int backup_unpack(Env *env, Arena *a, Str file, Str dir, Err *e) MUST_USE;
int backup_unpack_temp(Env *env, Arena *a, Str file, Str *ret_dir, Err *e) MUST_USE;
int backup_remove_temp(Env *env, Arena *a, Str dir, Err *e) MUST_USE;

#endif
