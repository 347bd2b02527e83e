/*
 * What people see. Text that came from a token or from the service may hold anything an agent
 * chose, so it passes output_safe before it reaches a terminal.
 */
#ifndef WRIT_CLI_OUTPUT_H
#define WRIT_CLI_OUTPUT_H

#include "cli.h"

enum ink { INK_NONE, INK_BOLD, INK_DIM, INK_RED, INK_GREEN, INK_YELLOW, INK_CYAN };

/* The escape sequence that begins an ink, or "" where there is no colour. INK_NONE ends all. */
const char *ink_out(const struct cli *cli, enum ink ink);
const char *ink_err(const struct cli *cli, enum ink ink);
/* Terminated; control characters and marks that turn the direction of text become U+FFFD. */
const char *output_safe(struct cli *cli, struct writ_slice text);
/* The text of a member, made safe; "" when it is absent or no text. */
const char *output_text(struct cli *cli, const struct writ_json *object, const char *name);
/* One JSON text and a newline on stdout. */
enum cli_exit output_json(struct cli *cli, const struct writ_json *value);
/* "2026-01-31T12:00:00Z", in the arena. */
const char *output_time(struct cli *cli, int64_t unix_s);

/* A table: columns as wide as their widest cell. */
enum { TABLE_COLUMNS_MAX = 8 };
struct table {
    struct cli *cli;
    size_t columns;
    size_t rows;
    size_t capacity;
    const char **cells; /* the first row are the titles */
};
void table_begin(struct table *table, struct cli *cli, const char *const *titles);
/* As many texts as there are titles. */
void table_row(struct table *table, ...);
/* One row: what `cell` makes of each member of `names`. */
void table_cells(struct table *table, const struct writ_json *object, const char *const *names,
                 const char *(*cell)(struct cli *cli, const struct writ_json *object,
                                     const char *name));
void table_print(const struct table *table);
/* A list as a table of these members, or as JSON. */
enum cli_exit output_list(struct cli *cli, const struct writ_json *list, const char *const *names,
                          const char *(*cell)(struct cli *cli, const struct writ_json *object,
                                              const char *name));

#endif
