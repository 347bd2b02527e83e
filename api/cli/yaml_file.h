/*
 * YAML, the one door to libyaml (rule of one), as far as it is JSON with fewer marks: no aliases,
 * tags, anchors or second documents, no name twice. A plain scalar is null (~ too), true, false or
 * a number where JSON would read it so, and a text otherwise; a quoted one is a text.
 */
#ifndef WRIT_CLI_YAML_FILE_H
#define WRIT_CLI_YAML_FILE_H

#include "cli.h"

enum cli_exit yaml_read(struct cli *cli, const char *path, const struct writ_json **ret_json);

#endif
