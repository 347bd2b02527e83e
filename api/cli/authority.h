/* An authority as a person writes it. */
#ifndef WRIT_CLI_AUTHORITY_H
#define WRIT_CLI_AUTHORITY_H

#include "cli.h"

/* One-line notation, a JSON `tools` object, or @FILE with either. */
enum cli_exit authority_from_text(struct cli *cli, const char *text,
                                  const struct writ_authority **ret_authority);
enum cli_exit authority_from_json(struct cli *cli, const struct writ_json *tools,
                                  const struct writ_authority **ret_authority);

#endif
