/* What policies were told of a recorded call, that is not in its decision. */
#ifndef WRIT_CLI_POLICY_KNOWN_H
#define WRIT_CLI_POLICY_KNOWN_H

#include "cli.h"
#include "speaker.h"
#include "writ.h"

/* Into the case that is made of it: the label of its task when the call came, and, where it was
 * permitted with an approval, who gave that, in the groups that they are in now. */
enum cli_exit policy_known_put(struct cli *cli, const struct credential *speaker,
                               const struct writ_json *decision, const struct writ_json *task,
                               struct writ_json *into);

#endif
