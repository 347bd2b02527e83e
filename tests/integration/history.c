#include "history.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void history_add(struct history *history, const struct event *event)
{
    if (history->count == history->capacity) {
        history->capacity = history->capacity ? 2 * history->capacity : 1024;
        history->events = realloc(history->events, history->capacity * sizeof *history->events);
        ck_assert_ptr_nonnull(history->events);
    }
    history->events[history->count++] = *event;
}

void history_join(struct history *history, struct history *other)
{
    for (size_t i = 0; i < other->count; i++)
        history_add(history, &other->events[i]);
    history_done(other);
}

void history_done(struct history *history)
{
    free(history->events);
    *history = (struct history){0};
}

/* ---- Counts ---------------------------------------------------------------------------------- */

void history_print(const struct history *history)
{
    static const char *const KINDS[] = {"admit", "use", "revoke", "complete", "end", "renew"};
    printf("history: %zu requests;", history->count);
    for (size_t k = 0; k < sizeof KINDS / sizeof KINDS[0]; k++) {
        size_t good = 0, refused = 0, unanswered = 0;
        for (size_t i = 0; i < history->count; i++) {
            const struct event *event = &history->events[i];
            if (strcmp(event->kind, KINDS[k]) != 0)
                continue;
            good += event->status / 100 == 2;
            unanswered += event->status == 0 || event->status == 503;
            refused += event->status != 0 && event->status != 503 && event->status / 100 != 2;
        }
        printf(" %s %zu done, %zu refused, %zu unknown%s", KINDS[k], good, refused, unanswered,
               k + 1 < sizeof KINDS / sizeof KINDS[0] ? ";" : "\n");
    }
    fflush(stdout);
}

/* ---- The judge ------------------------------------------------------------------------------- */

/* In the order of the table in check.sql. No text has a tab: ids, hashes and words of ours. */
static void write_events(const struct history *history, const char *path)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < history->count; i++) {
        const struct event *e = &history->events[i];
        fprintf(file,
                "%zu\t%s\t%d\t%d\t%.9f\t%.9f\t%ld\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t"
                "%s\n",
                i, e->kind, e->worker, e->server, e->begun_s, e->ended_s, e->status, e->code,
                e->client, e->key, e->body, e->task, e->delegation, e->leaf, e->jti, e->tool,
                e->arguments, e->said, e->made, e->buffered ? "t" : "f");
    }
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0644), 0);
}

const char *history_complaints(const struct history *history, const struct postgres *postgres,
                               const struct history_bounds *bounds)
{
    static char output[8192];
    char dir[PATH_CAP], journal[PATH_CAP + 32], bound[64], from[64], until[64];
    run_directory("history", dir);
    snprintf(journal, sizeof journal, "journal=%s/events", dir);
    write_events(history, journal + strlen("journal="));
    snprintf(bound, sizeof bound, "bound=%.3f", bounds->staleness_s);
    snprintf(from, sizeof from, "lost_from=%.9f", bounds->lost_from_s);
    snprintf(until, sizeof until, "lost_until=%.9f", bounds->lost_until_s);
    const char *const arguments[] = {"psql", "-XAtq",
                                     "-v",   "ON_ERROR_STOP=1",
                                     "-v",   journal,
                                     "-v",   bound,
                                     "-v",   from,
                                     "-v",   until,
                                     "-f",   TESTS_DIR "/history/check.sql",
                                     "-d",   postgres->url,
                                     NULL};
    const int status = run_program(output, sizeof output, arguments);
    ck_assert_msg(status == 0, "check.sql: %s", output);
    return output;
}
