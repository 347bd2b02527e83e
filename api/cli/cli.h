/*
 * The writ command. It may use lib and, over HTTP, the service; it knows no room of the service.
 *
 * Each family of commands is one file, ends in a table of struct cli_command, and is listed in
 * main.c. A command reads its options and arguments from struct cli, prints its answer on stdout
 * (with -o json: one JSON text) and what a person wants to know besides on stderr, and returns
 * how it ended. Everything it makes lives in the arena and goes with it.
 */
#ifndef WRIT_CLI_H
#define WRIT_CLI_H

#include <stdio.h>

#include "writ.h"
#include "json/json.h"

enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1, /* usage, or something did not work */
    CLI_DENIED = 3, /* judged, and refused */
};

enum cli_format { CLI_TABLE, CLI_JSON };

struct cli;

struct cli_option {
    const char *name;  /* NULL ends a list */
    const char *value; /* what it takes, for the help; NULL: it is a switch */
    const char *help;
};

struct cli_command {
    const char *name;      /* "keygen", "task open"; NULL ends a table */
    const char *arguments; /* for the help */
    const char *summary;
    const struct cli_option *options; /* NULL: none of its own */
    size_t arguments_min;
    size_t arguments_max;
    enum cli_exit (*run)(struct cli *cli);
};

enum { CLI_OPTIONS_MAX = 24, CLI_ARGUMENTS_ANY = 1024 };

struct http;
struct context;
struct credential;

struct cli {
    struct writ_arena arena;
    const struct cli_command *command;
    const char *values[CLI_OPTIONS_MAX]; /* beside command->options */
    char **arguments;
    size_t argument_count;
    enum cli_format format;
    const char *output;  /* -o as it was given, or NULL */
    const char *context; /* --context */
    const char *as;      /* --as */
    bool colour_out;
    bool colour_err;
    struct http *http;           /* made by api.c at the first call */
    struct context *configured;  /* made by context.c at the first use */
    struct credential *speakers; /* made by speaker.c at the first use */
};

#define CLI_TRY(call)                                                                              \
    do {                                                                                           \
        const enum cli_exit cli_try_exit = (call);                                                 \
        if (cli_try_exit != CLI_DONE)                                                              \
            return cli_try_exit;                                                                   \
    } while (0)

/* The value of an option of this command, "" for a switch that was set, NULL when it is absent. */
const char *cli_option(const struct cli *cli, const char *name);
/* The same, or a message and CLI_FAILED. */
enum cli_exit cli_required(const struct cli *cli, const char *name, const char **ret_value);
/* An integer option; `otherwise` when it is absent. */
enum cli_exit cli_integer(const struct cli *cli, const char *name, int64_t otherwise,
                          int64_t *ret_integer);

/* "writ: message" on stderr; CLI_FAILED, so that callers can return it. */
enum cli_exit cli_fail(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A detail for people, on stderr; nothing with -o json. */
void cli_note(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The command cannot go on without memory: it says so and ends. */
void *cli_must(const void *pointer);

/* The families, one file each. */
extern const struct cli_command CLI_KEY_COMMANDS[];
extern const struct cli_command CLI_INSPECT_COMMANDS[];
extern const struct cli_command CLI_VERIFY_COMMANDS[];
extern const struct cli_command CLI_DIFF_COMMANDS[];
extern const struct cli_command CLI_LOGIN_COMMANDS[];
extern const struct cli_command CLI_REGISTRY_COMMANDS[];
extern const struct cli_command CLI_APPLY_COMMANDS[];
extern const struct cli_command CLI_TASK_COMMANDS[];
extern const struct cli_command CLI_DELEGATE_COMMANDS[];
extern const struct cli_command CLI_USE_COMMANDS[];
extern const struct cli_command CLI_REVOKE_COMMANDS[];
extern const struct cli_command CLI_CIRCUIT_COMMANDS[];
extern const struct cli_command CLI_GRAPH_COMMANDS[];
extern const struct cli_command CLI_WHY_COMMANDS[];
extern const struct cli_command CLI_DOCTOR_COMMANDS[];

#endif
