/* test_store_util.c: see the header. */
#define _GNU_SOURCE
#include <dirent.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_store_util.h"

static const UnixMs START_MS = 1795161600000; /* 2026-11-20T08:00:00Z */

static void pg_do(const char *sql)
{
    const char *url = getenv("STAVE_TEST_PG");
    if (!url || !*url) {
        test_fail(__FILE__, __LINE__,
                  "STAVE_TEST_PG is not set: run by `make test` or tests/pg.sh");
        test_end();
    }
    PGconn *c = PQconnectdb(url);
    PGresult *r = PQstatus(c) == CONNECTION_OK ? PQexec(c, sql) : NULL;
    if (!r || PQresultStatus(r) != PGRES_COMMAND_OK) {
        test_fail(__FILE__, __LINE__, "%s: %s", sql, PQerrorMessage(c));
        test_end();
    }
    PQclear(r);
    PQfinish(c);
}

/* STAVE_TEST_PG is postgresql://USER@/postgres?host=DIR; the same with another database. */
static Str pg_url(TestStore *t, const char *db)
{
    const char *url = getenv("STAVE_TEST_PG"), *at = strstr(url, "@/"), *query = strchr(url, '?');
    REQUIRE(at && query);
    return str_fmt(t->arena, "%.*s%s%s", (int)(at + 2 - url), url, db, query);
}

Str test_store_more(TestStore *t, const char *suffix)
{
    if (t->engine == ENGINE_SQLITE)
        return str_fmt(t->arena, "%.*s/stave%s.db", STR_ARG(t->dir), suffix);
    char db[128];
    Arena *a = t->arena;
    snprintf(db, sizeof db, "%s%s", t->db, suffix);
    pg_do(str_z(a, str_fmt(a,
                           "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' "
                           "LC_CTYPE 'C.UTF-8'",
                           db)));
    return pg_url(t, db);
}

static _Atomic int serial;

void test_store_begin(TestStore *t, Engine engine)
{
    memset(t, 0, sizeof *t);
    t->engine = engine;
    t->arena = arena_new(16 * 1024);
    t->env = env_test_new(START_MS, test_seed());
    t->e = NEW(t->arena, Err);
    *t->e = err_on(t->arena);
    char dir[] = "/tmp/stave-test-XXXXXX";
    REQUIRE(mkdtemp(dir));
    t->dir = str_copy(t->arena, str_of(dir));
    snprintf(t->db, sizeof t->db, "t%ld_%d", (long)getpid(), ++serial);
    t->opt = (StoreOptions){.engine = engine, .is_writer = true};
    t->opt.path = test_store_more(t, "");
    t->files_path = engine == ENGINE_SQLITE
                        ? str_fmt(t->arena, "%.*s/files.db", STR_ARG(t->dir))
                        : t->opt.path;
}

static void remove_tree(const char *path)
{
    DIR *d = opendir(path);
    if (!d) {
        EXPECT(unlink(path) == 0);
        return;
    }
    for (struct dirent *f; (f = readdir(d));) {
        char sub[4096];
        if (!strcmp(f->d_name, ".") || !strcmp(f->d_name, ".."))
            continue;
        int n = snprintf(sub, sizeof sub, "%s/%s", path, f->d_name);
        struct stat st;
        if (!EXPECT(n < (int)sizeof sub && lstat(sub, &st) == 0))
            continue;
        if (S_ISDIR(st.st_mode))
            remove_tree(sub);
        else
            EXPECT(unlink(sub) == 0);
    }
    closedir(d);
    EXPECT(rmdir(path) == 0);
}

/* Drops t->db and those test_store_more made, which begin with it. */
static void pg_drop_all(TestStore *t)
{
    PGconn *c = PQconnectdb(getenv("STAVE_TEST_PG"));
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT datname FROM pg_database WHERE starts_with(datname, '%s')",
             t->db);
    PGresult *r = PQexec(c, sql);
    if (!EXPECT(PQresultStatus(r) == PGRES_TUPLES_OK))
        test_note("%s", PQerrorMessage(c));
    for (int i = 0; i < PQntuples(r); i++) {
        snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", PQgetvalue(r, i, 0));
        pg_do(sql);
    }
    PQclear(r);
    PQfinish(c);
}

void test_store_end(TestStore *t)
{
    if (t->engine == ENGINE_PG)
        pg_drop_all(t);
    char dir[64];
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(t->dir));
    remove_tree(dir);
    env_test_free(t->env);
    arena_free(t->arena);
}
