#include "recover.h"

#include "command.h"
#include "ledger/position.h"
#include "ledger/sql.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recovery {
    struct config config;
    bool confirmed; /* --yes */
    bool anyway;    /* --anyway */

    struct mark *mark;
    bool has_mark;
    struct mark_position seen;
    struct mark_position found;
    bool is_behind;
    int64_t open_tasks;
};

static const char HELP[] =
    "writd recover opens a new epoch on a database that is behind the mark: one that was restored\n"
    "from a backup, or a standby that was promoted before it had everything.\n\n"
    "usage: writd recover [--yes] [--anyway] [--OPTION VALUE]...\n\n"
    "  --yes      do it; without, it is only said what was found and what would be done\n"
    "  --anyway   also when the database is not behind: after a restore that lost no revocation\n"
    "  --help\n\n"
    "The options of writd say which database; see writd --help. Of use here are --config,\n"
    "--data-dir and --database. Run it as the user of the service, on a data directory that has "
    "its\n"
    "mark. Services may run meanwhile; the private cluster is started if none does.\n\n"
    "Afterwards every task that was open is cancelled, and every proof made before is expired.\n";

static const char PLAN[] =
    "`writd recover --yes` will, at once or not at all,\n"
    "  open a new epoch, so that every service on this database reads it anew\n"
    "  cancel the %lld open tasks, whose tokens are dead then\n"
    "  expire every proof that was made before\n"
    "It can not bring back what the database has lost. Before you go on, do again what was done\n"
    "since: revoke keys, disable clients, retire agents and tools.\n";

/* ---- What is there ------------------------------------------------------------------------ */

static struct writ_result count_tasks(struct db *db, int64_t *ret_count)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(
        db_to_result(db_query(db,
                              "select count(*) from writ.task t where t.deadline > now() and not"
                              " exists (select from writ.task_end e where e.task_id = t.task_id)",
                              NULL, 0, &rows)));
    *ret_count = db_get_int8(rows, 0, 0);
    return WRIT_SUCCESS;
}

static struct writ_result look(struct recovery *recovery, struct db *db)
{
    recovery->has_mark = mark_get(recovery->mark, &recovery->seen);
    WRIT_TRY(position_ask(db, recovery->has_mark ? &recovery->seen : NULL, &recovery->found,
                          &recovery->is_behind));
    return count_tasks(db, &recovery->open_tasks);
}

static void show_position(const char *name, const struct mark_position *position, const char *more)
{
    char epoch[UUID_TEXT_SIZE];
    uuid_text(&position->epoch, epoch);
    printf("%-10s epoch %s  feed %lld%s\n", name, epoch, (long long)position->head, more);
}

static void show(const struct recovery *recovery)
{
    if (recovery->has_mark)
        show_position("mark", &recovery->seen, "");
    else
        printf("mark       none in %s: whether the database is behind can not be told\n",
               recovery->config.data_dir);
    show_position("database", &recovery->found, recovery->is_behind ? "  (behind)" : "");
    printf("tasks      %lld open\n", (long long)recovery->open_tasks);
}

/* ---- Doing it ----------------------------------------------------------------------------- */

/* Columns of writ.open_epoch. */
enum { EPOCH, HEAD, ENDED };

static struct writ_result open_epoch(struct recovery *recovery, struct db *db)
{
    SQL_RESULT rows = NULL;
    struct mark_position opened = {.log_size = recovery->seen.log_size};
    const struct db_param lost = db_uuid(recovery->has_mark ? recovery->seen.epoch.bytes : NULL);
    WRIT_TRY(db_to_result(
        db_query(db, "select epoch, head, ended from writ.open_epoch($1::uuid)", &lost, 1, &rows)));
    WRIT_ENSURE(db_rows(rows) == 1 && db_get_uuid(rows, 0, EPOCH, opened.epoch.bytes), INTERNAL);
    opened.head = db_get_int8(rows, 0, HEAD);
    show_position("opened", &opened, "");
    printf("tasks      %lld cancelled\n", (long long)db_get_int8(rows, 0, ENDED));
    return mark_follow(recovery->mark, &opened);
}

static struct writ_result decide(struct recovery *recovery, struct db *db)
{
    WRIT_TRY(look(recovery, db));
    show(recovery);
    if (recovery->has_mark && !recovery->is_behind && !recovery->anyway) {
        puts("There is nothing to recover.");
        return WRIT_SUCCESS;
    }
    if (!recovery->confirmed) {
        printf(PLAN, (long long)recovery->open_tasks);
        return WRIT_FAILURE(CONFLICT);
    }
    WRIT_TRY(open_epoch(recovery, db));
    puts("Recovered. Services that run are ready again within a second.");
    return WRIT_SUCCESS;
}

static struct writ_result on_database(struct db *db, void *context)
{
    const struct writ_result result = decide(context, db);
    if (!writ_is_ok(result) && result.status != WRIT_CONFLICT)
        log_error("not_recovered", LOG_TEXT("error", db_message(db)));
    return result;
}

static struct writ_result run(struct recovery *recovery)
{
    WRIT_TRY(mark_open(recovery->config.data_dir, &recovery->mark));
    const struct writ_result result = command_on_database(&recovery->config, on_database, recovery);
    mark_free(recovery->mark);
    return result;
}

int recover_main(int argc, char *argv[])
{
    struct recovery recovery = {.confirmed = false};
    const struct command_flag flags[] = {
        {"--yes", &recovery.confirmed},
        {"--anyway", &recovery.anyway},
        {NULL, NULL},
    };
    int status = EXIT_FAILURE;
    if (command_read(&recovery.config, argc, argv, HELP, flags, &status))
        status = writ_is_ok(run(&recovery)) ? EXIT_SUCCESS : EXIT_FAILURE;
    config_done(&recovery.config);
    return status;
}
