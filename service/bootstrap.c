#include "bootstrap.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "ledger/registry.h"
#include "ledger/sql.h"
#include "log.h"
#include "postgres/cluster.h"
#include "postgres/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OTHER_SESSIONS = 2 }; /* the writer's and the follower's */

struct writ_result bootstrap_database(const struct config *config, bool joins,
                                      struct cluster **ret_cluster, const char **ret_conninfo)
{
    *ret_cluster = NULL;
    *ret_conninfo = config->database;
    if (!config->database) {
        const struct cluster_options options = {
            .data_dir = config->data_dir,
            .bin_dir = config->postgres_bin,
            .user = config->postgres_user,
            .sessions = config->readers + OTHER_SESSIONS,
            .joins = joins,
        };
        WRIT_TRY(cluster_start(&options, ret_cluster));
        *ret_conninfo = cluster_conninfo(*ret_cluster);
    }
    return migrate_run(*ret_conninfo, MIGRATIONS, MIGRATION_COUNT);
}

struct writ_result bootstrap_issuer(const struct service *service, struct db *db)
{
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        db_cstr(keys_issuer_id(service->keys)),
        db_bytea(writ_slice_of(keys_issuer_public(service->keys), 32)),
        db_cstr(service->config->issuer_url),
    };
    WRIT_TRY(sql_run(db, STATEMENT_ISSUER, params, 3, &rows));
    if (db_rows(rows) == 1 && db_get_bool(rows, 0, 0))
        return WRIT_SUCCESS;
    log_error("another_issuer", LOG_TEXT("kid", keys_issuer_id(service->keys)),
              LOG_TEXT("issuer_url", service->config->issuer_url),
              LOG_TEXT("help", "services on one database share --issuer-url, master.key and "
                               "issuer.key"));
    return WRIT_FAILURE(CONFLICT);
}

static struct writ_result write_file(const struct service *service, const char *path,
                                     const char *secret)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        log_error("admin_not_written", LOG_TEXT("path", path), LOG_INT("errno", errno));
        return WRIT_FAILURE(INTERNAL);
    }
    const struct config *config = service->config;
    const int put = dprintf(fd,
                            "{\"client_id\":\"admin\",\"client_secret\":\"%s\","
                            "\"url\":\"%s://%s\"}\n",
                            secret, config->tls_cert ? "https" : "http", config->listen);
    const bool kept = fchmod(fd, 0600) == 0 && fsync(fd) == 0;
    close(fd);
    WRIT_ENSURE(put > 0 && kept, INTERNAL);
    return WRIT_SUCCESS;
}

/* The file comes first: a secret that is in the ledger and nowhere else would be lost. */
struct writ_result bootstrap_admin(const struct service *service, struct db *db)
{
    struct registry *registry = registry_hold(service->registries);
    const bool has_client = registry && registry->client_count > 0;
    registry_release(registry);
    if (has_client)
        return WRIT_SUCCESS;

    uint8_t bytes[32];
    char secret[44];
    uint8_t digest[32];
    char path[4096];
    writ_random(bytes, sizeof bytes);
    writ_base64url_hash(bytes, secret);
    writ_sha256(writ_slice_text(secret), digest);
    snprintf(path, sizeof path, "%s/admin.json", service->config->data_dir);
    struct writ_result result = write_file(service, path, secret);
    writ_wipe(bytes, sizeof bytes);
    writ_wipe(secret, sizeof secret);
    WRIT_TRY(result);

    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_bytea(writ_slice_of(digest, sizeof digest))};
    result = sql_run(db, STATEMENT_BOOTSTRAP_ADMIN, params, 1, &rows);
    if (!writ_is_ok(result) || db_affected(rows) != 1) {
        /* Another replica was first: its file has the secret. */
        unlink(path);
        return result;
    }
    log_info("admin_created", LOG_TEXT("path", path));
    return registry_reload(service->registries, db, true);
}
