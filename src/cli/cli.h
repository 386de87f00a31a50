/* cli.h: the commands. One file per command; each is a function on a Cli that main.c has filled.
 *
 * Model: a command names what it needs of the deployment (NEEDS_*). With SQLite one process may
 *        write: whoever holds DIR/lock. A command that writes while a server holds it is handed
 *        to the server through DIR/stave.sock with its arguments and its file, runs there on the
 *        same code, and its output comes back. Reading commands open the database beside it.
 *        PostgreSQL needs neither.
 * Exit: 0 done, 1 the input or the data was at fault, 2 wrong usage. Errors on stderr, one line
 *       each. DESIGN: Interfaces that stay
 */
#ifndef STAVE_CLI_H
#define STAVE_CLI_H

#include "web/web.h"

enum { EXIT_DONE = 0, EXIT_FAULT = 1, EXIT_USAGE = 2 };
enum { CLI_ARGS_MAX = 32 };

typedef enum Needs {
    NEEDS_NOTHING,
    NEEDS_TO_READ,
    NEEDS_TO_WRITE,  /* handed to a running server */
    NEEDS_TO_CHANGE, /* the stores alone: the model in force may be another; handed on as well */
    NEEDS_ALONE,     /* refuses beside a running server: serve, restore */
} Needs;

typedef struct Cli Cli;
typedef struct Command {
    const char *name;      /* "user add": two words where there is a second one */
    int (*run)(Cli *c);
    Needs needs;
    int arg_min, arg_max;  /* positional arguments after the name, DIR included */
    const char *options;   /* "--db= --dry-run": the ones it knows; = takes a value */
    const char *help;      /* i18n key: one sentence; usage comes from `usage` */
    const char *usage;     /* stave init DIR [--db URL] */
    int file_arg;          /* which positional argument is a file to read, 0 none: sent along */
} Command;

struct Cli {
    Env *env;
    Arena *arena;
    Lang lang;
    const Command *command;
    Str args[CLI_ARGS_MAX]; /* positional: args[0] is DIR for most */
    int arg_n;
    struct { Str name, value; } options[CLI_ARGS_MAX];
    int option_n;
    Str file;              /* bytes of the file argument, STR_NONE: read it yourself (cli_file) */
    bool has_file;
    App *app;              /* as `needs` says; NULL with NEEDS_NOTHING */
    /* where output goes: the terminal, or frames to whoever sent the command */
    void (*write)(Cli *c, int fd, Str text);
    void *write_ctx;
};

bool cli_has(const Cli *c, const char *option);      /* "--json" */
Str cli_option(const Cli *c, const char *option);    /* STR_NONE: not given */
void cli_out(Cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cli_err(Cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3); /* one line, newline added */
void cli_say(Cli *c, int fd, const char *key, ...)
    __attribute__((sentinel));      /* a sentence; Str* args, NULL */
int cli_fail(Cli *c, const Err *e); /* tells it (and its fields), returns EXIT_FAULT */
Str cli_spaced_code(Cli *c, Str code);               /* 48273910 as "4827 3910", for the eye */
int cli_file(Cli *c, int arg, size_t max, Str *ret, Err *e);
/* Applies one change and waits. */
int cli_write(Cli *c, int (*apply)(Tx *, void *, Err *), void *arg, Err *e);
/* Opens a read of its own; end with cli_read_end. */
typedef struct CliRead { Conn *conn, *files_conn; Tx *tx, *files_tx; const Tree *tree; } CliRead;
int cli_read(Cli *c, CliRead *ret, Err *e);
int cli_read_whole(Cli *c, CliRead *ret, Err *e); /* without a deadline: the whole database */
void cli_read_end(Cli *c, CliRead *r);

/* ---- a deployment (open.c) ---- */
typedef struct Deployment {
    App app;
    Str db;                /* empty: stave.db in the folder */
    Str listen, hosts;
    int lock_fd;
    Arena *arena;
} Deployment;
/* OPEN_PLAN, OPEN_CHANGE: the model is loaded, but the database may be under another: no access, no
 * records. */
typedef enum OpenAs { OPEN_READ, OPEN_WRITE, OPEN_MAKE, OPEN_PLAN, OPEN_CHANGE } OpenAs;
/* OPEN_WRITE and OPEN_MAKE take DIR/lock (SQLite): ERR_BUSY when somebody holds it. OPEN_MAKE:
 * makes folder,
 * settings, database, tables, catalogue; ERR_EXISTS when there is a deployment already. `db`:
 * --db, or
 * STR_NONE for what the settings say. */
int deployment_open(Env *env, Str dir, Str db, OpenAs as, Lang lang, Deployment **ret, Err *e);
void deployment_close(Deployment *d);
/* After an older database was brought up, or a type got a figure: the days of the notices are put
 * in
 * and the figures counted. Nothing where nothing is owed. */
int app_pay(App *app, Err *e);
Str model_error_place(Arena *a, const ModelError *m); /* file:line:column */
Str model_error_text(Arena *a, Lang lang, const ModelError *m);
int settings_write(Env *env, Str dir, Str db, bool is_demo, Err *e);

/* ---- the socket (socket.c) ---- */
typedef struct Socket Socket;
int socket_serve(Env *env, App *app, Socket **ret, Err *e);  /* a thread of its own */
void socket_stop(Socket *s);
/* Hands the command over; returns its exit code, or -1 when nobody listens there. */
int socket_send(Cli *c, Str dir);

/* ---- commands ---- */
extern const Command commands[];
extern const int command_n;
/* Parses and runs one command with an app already open (socket) or NULL (main). */
int cli_parse(Cli *c, int argc, const Str *argv);
int cli_option_kind(const Command *cmd, Str name); /* 0 unknown, 1 a flag, 2 takes a value */
int cmd_init(Cli *c);
int cmd_demo(Cli *c);
int cmd_serve(Cli *c);
int cmd_user_list(Cli *c);
int cmd_user_add(Cli *c);
int cmd_user_invite(Cli *c);
int cmd_user_disable(Cli *c);
int cmd_token(Cli *c);
int cmd_model_check(Cli *c);
int cmd_model_show(Cli *c);
int cmd_model_help(Cli *c);
int cmd_model_plan(Cli *c);
int cmd_model_apply(Cli *c);
int cmd_import(Cli *c);
int cmd_import_undo(Cli *c);
int import_records(Cli *c, const Type *t, Str bytes, Err *e); /* cmd_import_record.c */
int cmd_export(Cli *c);
int cmd_office(Cli *c);
int cmd_figures(Cli *c);
int cmd_figures_recount(Cli *c);
int cmd_digest(Cli *c);
int cmd_verify(Cli *c);
int cmd_search_rebuild(Cli *c);
int cmd_backup(Cli *c);
int cmd_restore(Cli *c);
int cmd_help(Cli *c);

#endif
