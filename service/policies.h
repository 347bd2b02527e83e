/*
 * The policies in force, as part of the registry's snapshot: parsed when they change, shared by the
 * snapshots between. A configured policy file is another way to set them: what it says at start and
 * at SIGHUP becomes a version in the ledger like any other, so that all replicas follow.
 */
#ifndef WRIT_SERVICE_POLICIES_H
#define WRIT_SERVICE_POLICIES_H

#include "ledger/registry.h"
#include "policy/cedar_engine.h"

struct db_result;
struct service;

extern const struct registry_policy_reader POLICIES_READER;

/* The engine of a snapshot; NULL where no policy is in force. Lives as long as the snapshot. */
const struct policy_engine *policies_engine(const struct registry *registry);

/* Whether a text may come into force; one in which nothing is said sets no policy. MALFORMED with
 * the message. */
struct writ_result
policies_check(struct writ_slice text,
               char ret_message[static CEDAR_ENGINE_MESSAGE_MAX]) WRIT_MUST_CHECK;

struct policies_change {
    struct writ_slice client;
    struct writ_slice name;
    struct writ_slice text;
    const struct writ_json *before; /* what was in force, without its text; NULL: nothing ever */
    const struct writ_json *after;
};
/* A checked text as the version in force, in the caller's transaction and under the lock of
 * registry changes; fills before and after, which are the same where the text is in force already.
 */
struct writ_result policies_put(struct db *db, struct writ_arena *arena,
                                struct policies_change *change) WRIT_MUST_CHECK;
/* Versions newest first: below one, or only one (then with its text); 0 where neither is meant. */
struct writ_result policies_list(struct db *db, int64_t below, int64_t limit, int64_t only,
                                 struct db_result **ret_rows) WRIT_MUST_CHECK;
/* A row of it as PolicyVersion of api/openapi.yaml; NULL when out of memory. */
struct writ_json *policies_version_json(struct writ_arena *arena, const struct db_result *rows,
                                        size_t row);

/*
 * The policy file into the ledger, where it differs from what is in force. Without a configured
 * file: nothing. What is wrong with it is logged; MALFORMED then, and what was in force stays.
 */
struct writ_result policies_take_file(struct service *service, struct db *db) WRIT_MUST_CHECK;
/* The same in a session of its own: at SIGHUP. */
void policies_reread_file(struct service *service);

#endif
