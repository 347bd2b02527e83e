/* Files: read whole, written at once and for the owner alone. */
#ifndef WRIT_CLI_FILES_H
#define WRIT_CLI_FILES_H

#include "cli.h"

enum { FILES_SIZE_MAX = 16 * 1024 * 1024 };

/* "-" is stdin. */
enum cli_exit files_read(struct cli *cli, const char *path, struct writ_slice *ret_bytes);
/* `text` itself, or with @PATH (@- for stdin) what is there, without white space at its end. */
enum cli_exit files_read_text(struct cli *cli, const char *text, struct writ_slice *ret_bytes);
enum cli_exit files_read_json(struct cli *cli, const char *path, const struct writ_json **ret_json);
bool files_exists(const char *path);
/* Mode 0600, whole or not at all; `fresh` refuses to replace. Directories on the way: 0700. */
enum cli_exit files_write(struct cli *cli, const char *path, struct writ_slice bytes, bool fresh);
/* Parses text that a person gave; a failure names it as `what`. */
enum cli_exit files_parse(struct cli *cli, struct writ_slice text, const char *what,
                          const struct writ_json **ret_json);

#endif
