#include "maintain.h"

#include "command.h"
#include "ledger/sql.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    /* Far longer than the longest pop-window: what is dropped behind the floor would be expired. */
    PROOFS_DAYS = 2,
    ANSWERS_AT_ONCE = 1000,
    DAY_S = 86400,
    /* Each try holds writers off for lock_timeout (sql/014) at most; so the rest is theirs. */
    TRIES = 60,
    PAUSE_MS = 500,
};

struct maintenance {
    struct config config;
    bool dry_run;
    struct db *db;
    bool is_whole; /* nothing had to be left for the next run */
};

static const char HELP[] =
    "writd maintain makes partitions ahead, and lets go of what is past retention.\n\n"
    "usage: writd maintain [--dry-run] [--OPTION VALUE]...\n\n"
    "  --dry-run  say what would be done, and do nothing\n"
    "  --help\n\n"
    "Decisions older than retain-decisions are moved to the schema kept, a table a day; nothing\n"
    "drops them. Spent proofs are dropped behind a floor below which every proof is expired.\n"
    "Idempotency keys older than retain-idempotency are forgotten when their task is over.\n\n"
    "The options of writd say which database; see writd --help. Of use here are --config,\n"
    "--data-dir, --database and those of retention. Run it once a day as the user of the service.\n"
    "Services may run meanwhile; the private cluster is started if none does.\n";

/* ---- Asking ------------------------------------------------------------------------------- */

/* Says what could not be done; the next step is tried all the same. */
static void leave(struct maintenance *maintenance, const char *what)
{
    log_error("not_maintained", LOG_TEXT("what", what),
              LOG_TEXT("error", db_message(maintenance->db)));
    maintenance->is_whole = false;
}

/* The query, again and again while another transaction has what it needs. One row. */
static bool ask(struct maintenance *maintenance, const char *what, const char *sql,
                const struct db_param *params, size_t count, struct db_result **ret_row)
{
    enum db_error error = DB_RETRY;
    for (int i = 0; i < TRIES && error == DB_RETRY; i++) {
        if (i > 0)
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
        error = db_query(maintenance->db, sql, params, count, ret_row);
    }
    if (error != DB_OK)
        leave(maintenance, what);
    return error == DB_OK;
}

/* ---- Partitions --------------------------------------------------------------------------- */

static void make_ahead(struct maintenance *maintenance)
{
    static const char UNTIL[] = "select to_char(writ.partitions_until(now()) at time zone 'UTC',"
                                " 'YYYY-MM-DD')";
    SQL_RESULT row = NULL;
    if (!maintenance->dry_run &&
        !ask(maintenance, "partitions", STATEMENTS[STATEMENT_PARTITIONS].sql, NULL, 0, &row))
        return;
    const long long made = row ? (long long)db_get_int8(row, 0, 0) : 0;
    SQL_RESULT until = NULL;
    if (ask(maintenance, "partitions", UNTIL, NULL, 0, &until))
        printf("partitions  %lld made; there are some until %.*s\n", made,
               WRIT_SLICE_ARGS(db_get_text(until, 0, 0)));
}

/* ---- Days --------------------------------------------------------------------------------- */

/* A kind of record that goes a day at a time. */
struct days {
    const char *name;
    const char *done;
    const char *list; /* the first and last day that would go, and how many */
    const char *go;   /* lets one day go: which, or null */
};

#define LIST(table)                                                                                \
    "select to_char(min(day), 'YYYY-MM-DD'), to_char(max(day), 'YYYY-MM-DD'), count(*)"            \
    "  from writ.past_days('writ." table "', make_interval(days => $1::integer))"
#define GO(function)                                                                               \
    "select to_char(writ." function "(make_interval(days => $1::integer)), 'YYYY-MM-DD')"

static const struct days DECISIONS = {
    .name = "decisions",
    .done = "moved to schema kept",
    .list = LIST("decision"),
    .go = GO("keep_day"),
};
static const struct days PROOFS = {
    .name = "proofs",
    .done = "dropped",
    .list = LIST("proof_used"),
    .go = GO("drop_proofs"),
};

static void list_days(struct maintenance *maintenance, const struct days *days,
                      const struct db_param *keep)
{
    SQL_RESULT row = NULL;
    if (!ask(maintenance, days->name, days->list, keep, 1, &row))
        return;
    const long long count = (long long)db_get_int8(row, 0, 2);
    printf("%-11s %lld days would be %s", days->name, count, days->done);
    if (count > 0)
        printf(": %.*s to %.*s", WRIT_SLICE_ARGS(db_get_text(row, 0, 0)),
               WRIT_SLICE_ARGS(db_get_text(row, 0, 1)));
    putchar('\n');
}

static void let_days_go(struct maintenance *maintenance, const struct days *days,
                        uint32_t keep_days)
{
    const struct db_param keep = db_int8(keep_days);
    long long count = 0;
    if (keep_days == 0) {
        printf("%-11s kept for ever\n", days->name);
        return;
    }
    if (maintenance->dry_run) {
        list_days(maintenance, days, &keep);
        return;
    }
    for (;;) {
        SQL_RESULT row = NULL;
        if (!ask(maintenance, days->name, days->go, &keep, 1, &row) || db_is_null(row, 0, 0))
            break;
        const struct writ_slice day = db_get_text(row, 0, 0);
        char text[16];
        snprintf(text, sizeof text, "%.*s", WRIT_SLICE_ARGS(day));
        log_info("let_go", LOG_TEXT("what", days->name), LOG_TEXT("day", text));
        count++;
    }
    printf("%-11s %lld days %s\n", days->name, count, days->done);
}

/* ---- Rows --------------------------------------------------------------------------------- */

/* Never shorter than a task may live: a repetition of what opened it would open another one. */
static int64_t answers_keep_s(const struct config *config)
{
    const int64_t keep_s = (int64_t)config->retain_idempotency * DAY_S;
    return keep_s > config->max_lifetime_s ? keep_s : config->max_lifetime_s;
}

static void forget_answers(struct maintenance *maintenance)
{
    const bool dry_run = maintenance->dry_run;
    const char *sql =
        dry_run ? "select count(*) from writ.past_answers(make_interval(secs => $1::bigint))"
                : "select writ.forget_answers(make_interval(secs => $1::bigint), $2::bigint)";
    const struct db_param params[] = {db_int8(answers_keep_s(&maintenance->config)),
                                      db_int8(ANSWERS_AT_ONCE)};
    long long count = 0, last = ANSWERS_AT_ONCE;
    if (maintenance->config.retain_idempotency == 0) {
        puts("answers     kept for ever");
        return;
    }
    while (last == ANSWERS_AT_ONCE) {
        SQL_RESULT row = NULL;
        if (!ask(maintenance, "answers", sql, params, dry_run ? 1 : 2, &row))
            break;
        last = db_get_int8(row, 0, 0);
        count += last;
        if (dry_run)
            break;
    }
    printf("answers     %lld idempotency keys %s\n", count,
           dry_run ? "would be forgotten" : "forgotten");
}

static void forget_beats(struct maintenance *maintenance)
{
    SQL_RESULT row = NULL;
    if (!maintenance->dry_run &&
        ask(maintenance, "beats", "select writ.forget_beats()", NULL, 0, &row))
        printf("beats       %lld of replicas that are gone forgotten\n",
               (long long)db_get_int8(row, 0, 0));
}

/* ---- The command -------------------------------------------------------------------------- */

static struct writ_result run(struct db *db, void *context)
{
    struct maintenance *maintenance = context;
    maintenance->db = db;
    maintenance->is_whole = true;
    make_ahead(maintenance);
    let_days_go(maintenance, &DECISIONS, maintenance->config.retain_decisions);
    let_days_go(maintenance, &PROOFS, PROOFS_DAYS);
    forget_answers(maintenance);
    forget_beats(maintenance);
    if (!maintenance->is_whole)
        puts("Not all was done; what was is whole. Run it again.");
    WRIT_ENSURE(maintenance->is_whole, STATUS_UNKNOWN);
    return WRIT_SUCCESS;
}

int maintain_main(int argc, char *argv[])
{
    struct maintenance maintenance = {.is_whole = false};
    const struct command_flag flags[] = {{"--dry-run", &maintenance.dry_run}, {NULL, NULL}};
    int status = EXIT_FAILURE;
    if (command_read(&maintenance.config, argc, argv, HELP, flags, &status))
        status = writ_is_ok(command_on_database(&maintenance.config, run, &maintenance))
                     ? EXIT_SUCCESS
                     : EXIT_FAILURE;
    config_done(&maintenance.config);
    return status;
}
