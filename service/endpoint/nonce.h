/*
 * Nonces for the enrolment of a key, without state: whoever asked, the key and the end are under a
 * MAC, so that any replica can check one, and one that was asked for cannot serve another.
 *
 *   base64url(end in unix seconds, 8 bytes big-endian ‖ 16 random bytes ‖
 *             MAC(client id ‖ public key ‖ end ‖ random), 32 bytes)
 */
#ifndef WRIT_ENDPOINT_NONCE_H
#define WRIT_ENDPOINT_NONCE_H

#include "endpoint/call.h"

enum { NONCE_LIFE_S = 120 };

/* Terminated, in the call's arena; NULL when out of memory. */
char *nonce_new(struct call *call, const struct writ_key *key, int64_t now_unix_s);
/* MALFORMED for one that this client was not given for this key; EXPIRED. */
struct writ_result nonce_check(struct call *call, const struct writ_key *key,
                               struct writ_slice nonce, int64_t now_unix_s) WRIT_MUST_CHECK;

#endif
