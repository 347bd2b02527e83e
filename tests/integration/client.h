/*
 * An HTTP client with the credentials of one API client. JSON is written in format strings with
 * single quotes in place of double ones. Answers live in the thread's arena until scratch_reset.
 */
#ifndef WRIT_TESTS_CLIENT_H
#define WRIT_TESTS_CLIENT_H

#include "harness.h"
#include "json/json.h"

#include <check.h>

struct client {
    char url[URL_CAP];
    char id[SECRET_CAP]; /* empty: sends no credentials */
    char secret[SECRET_CAP];
    void *curl; /* kept, and with it the connection; one thread at a time */
};

struct answer {
    long status; /* 0: no answer */
    double took_s;
    const char *content_type;
    struct writ_slice body;
    const struct writ_json *json; /* NULL when the body is no JSON */
};

/* Of this thread. */
struct writ_arena *scratch(void);
void scratch_reset(void);
/* Terminated, in the scratch; a single quote becomes a double one in `quoted`. */
const char *plain(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *quoted(const char *format, ...) __attribute__((format(printf, 1, 2)));

void client_init(struct client *client, const char *url, const char *id, const char *secret);
void client_done(struct client *client);
/* The same credentials at another server. */
struct client client_at(const struct client *client, const struct server *server);

/* `idempotency` may be NULL. */
struct answer client_send(struct client *client, const char *method, const char *path,
                          const char *idempotency, struct writ_slice body);
struct answer get(struct client *client, const char *path);
struct answer put(struct client *client, const char *path, const char *body);
struct answer post(struct client *client, const char *path, const char *body);
struct answer post_once(struct client *client, const char *path, const char *idempotency,
                        const char *body);
struct answer del(struct client *client, const char *path);

/* A member by its path, "task.state" or "nodes.0.id"; NULL when it is not there. */
const struct writ_json *at(const struct writ_json *json, const char *path);
/* Its text, terminated; fails the test when it is no text. */
const char *text_at(const struct answer *answer, const char *path);
bool has_at(const struct answer *answer, const char *path);
const char *shown(const struct answer *answer);

#define expect_status(answer, wanted)                                                              \
    ck_assert_msg((answer).status == (wanted), "wanted %d: %s", (wanted), shown(&(answer)))
/* A problem with this code, whatever its status. */
#define expect_code(answer, wanted) expect_code_at(&(answer), (wanted), __FILE__, __LINE__)
void expect_code_at(const struct answer *answer, const char *wanted, const char *file, int line);
#define expect_text(answer, path, wanted) ck_assert_str_eq(text_at(&(answer), (path)), (wanted))

#endif
