/* The requests of plans: whole, as they go over the wire, signed where it takes a signature. */
#ifndef WRIT_TESTS_BENCH_REQUEST_H
#define WRIT_TESTS_BENCH_REQUEST_H

#include "bench/play.h"

/* The credentials of a client, for the header; and a request with them. */
const char *request_basic(const struct client *client);
struct writ_slice request_post(struct writ_arena *arena, const char *path, const char *basic,
                               const char *body);

/* What all requests of a plan share. */
void request_prepare(struct plan *plan);
request_maker request_use;           /* POST /v1/validate */
request_maker request_child;         /* POST /v1/delegations, signed by the parent's holder */
request_maker request_managed_child; /* the same, to be signed by the service */
request_maker request_get;           /* plan->path, as administrator */

#endif
