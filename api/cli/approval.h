/*
 * What a person is asked to approve, as the service shows it, and checked here: the digest is of
 * what is bound, what is bound is of these arguments, and the lines that a person reads are these
 * arguments, so that a service that lies gets no signature.
 */
#ifndef WRIT_CLI_APPROVAL_H
#define WRIT_CLI_APPROVAL_H

#include "cli.h"

/* A message and CLI_FAILED unless all of it belongs together. */
enum cli_exit approval_check(struct cli *cli, const struct writ_json *approval);
/* All of it, for people. */
void approval_print(struct cli *cli, const struct writ_json *approval);

#endif
