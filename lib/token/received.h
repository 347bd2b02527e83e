/*
 * What an enforcement point is given as JSON, read into the structs of writ.h: trust anchors, a
 * presentation, a call. Only shapes are judged here; steps 1 to 8 judge what is in them.
 */
#ifndef WRIT_TOKEN_RECEIVED_H
#define WRIT_TOKEN_RECEIVED_H

#include "writ.h"
#include "json/json.h"

/* writ_verifier_trust and writ_presentation_parse of a value that was parsed before; it may have
 * other members. Texts are borrowed from it. */
struct writ_result writ_anchors_read(struct writ_arena *arena, const struct writ_json *json,
                                     struct writ_verifier *verifier,
                                     struct writ_denial *ret_denial) WRIT_MUST_CHECK;
struct writ_result writ_presentation_read(struct writ_arena *arena, const struct writ_json *json,
                                          struct writ_presentation *ret_presentation,
                                          struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* The body of writ_verify_call. */
struct writ_result writ_call_parse(struct writ_arena *arena, struct writ_slice json,
                                   struct writ_presentation *ret_presentation,
                                   struct writ_call *ret_call,
                                   struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
