/*
 * Calls of the service (api/openapi.yaml). A refusal is printed once, on stderr, in one line:
 *   refused not_narrower: child allows path = /etc; parent allows path under /notes. retry: never
 */
#ifndef WRIT_CLI_API_H
#define WRIT_CLI_API_H

#include "context.h"

struct api_answer {
    long status;
    const char *type;
    struct writ_slice body;
    const struct writ_json *json; /* NULL when the body is no JSON */
    int64_t date_unix_s;
    double seconds;
};

/* Any answer at all is CLI_DONE. `speaker` NULL: not authenticated. body NULL: none. POST calls
 * carry a fresh Idempotency-Key. */
enum cli_exit api_ask(struct cli *cli, const struct credential *speaker, const char *method,
                      const char *path, const struct writ_json *body,
                      struct api_answer *ret_answer);
/* Only 2xx with JSON is CLI_DONE; else the refusal is printed and CLI_DENIED or CLI_FAILED. */
enum cli_exit api_call(struct cli *cli, const struct credential *speaker, const char *method,
                       const char *path, const struct writ_json *body,
                       const struct writ_json **ret_json);
/* Follows cursors and gathers the lists of member `list` of every page, up to `limit` entries. */
enum cli_exit api_list(struct cli *cli, const struct credential *speaker, const char *path,
                       const char *list, size_t limit, const struct writ_json **ret_list);
/* Prints the refusal on `to`, as `word` and its reason; tells how the command ends. */
enum cli_exit api_refused(struct cli *cli, const struct api_answer *answer, const char *word,
                          FILE *to);

/* How a command ends that got this answer and no 2xx: an outcome is CLI_DENIED. */
enum cli_exit api_ending(const struct api_answer *answer);

/* Percent-encoded for one segment of a path or a value of a query. */
const char *api_encode(struct cli *cli, const char *text);
/* The path with those of the command's options that were given, as its query. NULL ends names. */
const char *api_filtered(struct cli *cli, const char *path, const char *const *names);
/* A fresh UUIDv4. */
void api_uuid(char ret_text[static 37]);
/* Looks like an id of the service. */
bool api_is_id(const char *text);

#endif
