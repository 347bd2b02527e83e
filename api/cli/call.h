/* The call of a tool as a person writes it: TOOL NAME=VALUE ... */
#ifndef WRIT_CLI_CALL_H
#define WRIT_CLI_CALL_H

#include "cli.h"

/* --args JSON|@FILE, or the words from `first` on. A value is what it reads as in JSON (5, true,
 * "5", [1,2]), and a text where it is no JSON, as in the notation of authorities. */
enum cli_exit call_arguments(struct cli *cli, size_t first, const struct writ_json **ret_arguments);

#endif
