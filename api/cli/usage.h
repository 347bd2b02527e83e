/* --help. */
#ifndef WRIT_CLI_USAGE_H
#define WRIT_CLI_USAGE_H

#include "cli.h"

struct cli_family {
    const char *title; /* "": goes on under the title before; NULL ends */
    const struct cli_command *commands;
};

void usage_command(const struct cli_command *command, const struct cli_option *global, FILE *to);
/* All commands, or those whose name begins with the word `prefix` if there are any. */
void usage_all(const struct cli_family *families, const char *prefix, FILE *to);

#endif
