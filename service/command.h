/*
 * What `writd recover` and `writd maintain` share: they read the options of the service beside
 * their own flags, and act on its database as the owner of the schema, as the service itself never
 * can.
 */
#ifndef WRIT_SERVICE_COMMAND_H
#define WRIT_SERVICE_COMMAND_H

#include "base/status.h"
#include "config.h"

struct db;

struct command_flag {
    const char *name; /* NULL ends */
    bool *set;
};

/* argv[1] is the command. False: refused, or help was shown; *ret_status is what main returns.
 * config_done is due whatever the outcome. */
bool command_read(struct config *ret_config, int argc, char *argv[], const char *help,
                  const struct command_flag *flags, int *ret_status);
/* Starts the private cluster unless a running writd has it or --database names another, migrates,
 * and gives `job` a session as the owner. */
struct writ_result command_on_database(const struct config *config,
                                       struct writ_result (*job)(struct db *db, void *context),
                                       void *context) WRIT_MUST_CHECK;

#endif
