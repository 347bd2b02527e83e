#include "command.h"

#include "base/crypto.h"
#include "bootstrap.h"
#include "ledger/sql.h"
#include "postgres/cluster.h"

#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 128 };

static bool take_flag(const struct command_flag *flags, const char *argument)
{
    for (; flags->name; flags++)
        if (strcmp(flags->name, argument) == 0) {
            *flags->set = true;
            return true;
        }
    return false;
}

bool command_read(struct config *ret_config, int argc, char *argv[], const char *help,
                  const struct command_flag *flags, int *ret_status)
{
    char *rest[ARGUMENTS_MAX];
    int count = 0;
    rest[count++] = argv[0];
    *ret_config = (struct config){0};
    *ret_status = EXIT_FAILURE;
    if (!writ_is_ok(writ_crypto_start()))
        return false;
    for (int i = 2; i < argc && count < ARGUMENTS_MAX; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            *ret_status = EXIT_SUCCESS;
            return false;
        }
        if (!take_flag(flags, argv[i]))
            rest[count++] = argv[i];
    }
    const enum config_outcome outcome = config_read(ret_config, count, rest, stdout, stderr);
    *ret_status = outcome == CONFIG_REFUSED ? EXIT_FAILURE : EXIT_SUCCESS;
    if (outcome == CONFIG_SERVE)
        log_set_level(ret_config->log_level);
    return outcome == CONFIG_SERVE;
}

static struct writ_result as_owner(const char *conninfo,
                                   struct writ_result (*job)(struct db *db, void *context),
                                   void *context)
{
    const struct db_options options = {
        .conninfo = conninfo,
        .role = "writ_owner",
        .statements = STATEMENTS,
        .statement_count = STATEMENT_COUNT,
    };
    struct db *db = NULL;
    WRIT_TRY(db_to_result(db_open(&options, &db)));
    const struct writ_result result = job(db, context);
    db_close(db);
    return result;
}

struct writ_result command_on_database(const struct config *config,
                                       struct writ_result (*job)(struct db *db, void *context),
                                       void *context)
{
    struct cluster *cluster = NULL;
    const char *conninfo = NULL;
    struct writ_result result = bootstrap_database(config, true, &cluster, &conninfo);
    if (writ_is_ok(result))
        result = as_owner(conninfo, job, context);
    cluster_stop(cluster);
    return result;
}
