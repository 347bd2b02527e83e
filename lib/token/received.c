#include "token/received.h"

#include <stdio.h>

#include "jose/jwk.h"
#include "token/steps.h"

/* ---- Trust anchors ------------------------------------------------------------------------ */

static struct writ_result read_anchor(const struct writ_json *json, size_t index,
                                      struct writ_anchor *ret_anchor,
                                      struct writ_denial *ret_denial)
{
    const struct writ_json *jwk = writ_json_get(json, "jwk");
    const struct writ_json *kid = writ_json_get(json, "kid");
    if (!kid)
        kid = writ_json_get(jwk, "kid");
    char field[64];
    *ret_anchor = (struct writ_anchor){
        .issuer = writ_json_text(writ_json_get(json, "iss")),
        .kid = writ_json_text(kid),
    };
    const struct writ_result read = writ_jwk_read(jwk, &ret_anchor->key);
    /* One that is no text must not read as none, which would be any. */
    if (ret_anchor->issuer.size > 0 && (!kid || ret_anchor->kid.size > 0) && writ_is_ok(read))
        return WRIT_SUCCESS;
    snprintf(field, sizeof field, "trust_anchors[%zu]", index);
    return writ_refuse(
        ret_denial, read.status == WRIT_WEAK_KEY ? WRIT_RULE_ANCHOR_WEAK : WRIT_RULE_ANCHOR, field);
}

struct writ_result writ_anchors_read(struct writ_arena *arena, const struct writ_json *json,
                                     struct writ_verifier *verifier, struct writ_denial *ret_denial)
{
    const struct writ_json *list = writ_json_is(json, WRIT_JSON_ARRAY)
                                       ? json
                                       : writ_json_get(json, "trust_anchors");
    *ret_denial = writ_denial_at(-1);
    if (!writ_json_is(list, WRIT_JSON_ARRAY))
        return writ_refuse(ret_denial, WRIT_RULE_ANCHORS, "trust_anchors");
    struct writ_anchor *anchors = writ_arena_array(arena, list->count, sizeof *anchors);
    WRIT_ENSURE(anchors, OUT_OF_MEMORY);
    for (size_t i = 0; i < list->count; i++)
        WRIT_TRY(read_anchor(&list->items[i], i, &anchors[i], ret_denial));
    verifier->anchors = anchors;
    verifier->anchor_count = list->count;
    return WRIT_SUCCESS;
}

/* ---- Presentations and calls -------------------------------------------------------------- */

/* A missing or mistyped proof is an empty one, which step 7a refuses in its turn. */
struct writ_result writ_presentation_read(struct writ_arena *arena, const struct writ_json *json,
                                          struct writ_presentation *ret_presentation,
                                          struct writ_denial *ret_denial)
{
    const struct writ_json *chain = writ_json_get(json, "aat_chain");
    *ret_denial = writ_denial_at(-1);
    if (!writ_json_is_texts(chain))
        return writ_refuse(ret_denial, WRIT_RULE_PRESENTATION, "aat_chain");
    struct writ_slice *links = writ_arena_array(arena, chain->count, sizeof *links);
    WRIT_ENSURE(links, OUT_OF_MEMORY);
    for (size_t i = 0; i < chain->count; i++)
        links[i] = chain->items[i].text;
    *ret_presentation = (struct writ_presentation){
        .chain = links,
        .chain_count = chain->count,
        .proof = writ_json_text(writ_json_get(json, "aat_pop")),
    };
    return WRIT_SUCCESS;
}

/* The arguments in canonical form, so that what is forwarded are the bytes that were judged. One
 * with a number that would be changed by it stays as it is, and step 6b refuses it. */
static struct writ_slice args_text(struct writ_arena *arena, const struct writ_json *args)
{
    return writ_json_all_admissible(args) ? writ_json_canonical(arena, args)
                                          : writ_json_verbatim(arena, args);
}

static struct writ_result parse(struct writ_arena *arena, struct writ_slice text,
                                enum writ_rule otherwise, const struct writ_json **ret_json,
                                struct writ_denial *ret_denial)
{
    const struct writ_result parsed = writ_json_parse(arena, text, ret_json);
    *ret_denial = writ_denial_at(-1);
    if (parsed.status == WRIT_DUPLICATE_MEMBER)
        return writ_refuse(ret_denial, WRIT_RULE_RECEIVED_DUPLICATE, "");
    if (parsed.status == WRIT_MALFORMED)
        return writ_refuse(ret_denial, otherwise, "");
    return parsed;
}

struct writ_result writ_call_parse(struct writ_arena *arena, struct writ_slice json,
                                   struct writ_presentation *ret_presentation,
                                   struct writ_call *ret_call, struct writ_denial *ret_denial)
{
    static const char *const MEMBERS[] = {"presentation", "tool", "arguments", NULL};
    const struct writ_json *call = NULL;
    WRIT_TRY(parse(arena, json, WRIT_RULE_CALL, &call, ret_denial));
    const struct writ_json *tool = writ_json_get(call, "tool");
    const struct writ_json *args = writ_json_get(call, "arguments");
    if (!writ_json_only(call, MEMBERS) || !writ_json_is(tool, WRIT_JSON_STRING) || !args)
        return writ_refuse(ret_denial, WRIT_RULE_CALL, "");
    WRIT_TRY(writ_presentation_read(arena, writ_json_get(call, "presentation"), ret_presentation,
                                    ret_denial));
    *ret_call = (struct writ_call){.tool = tool->text, .args = args_text(arena, args)};
    WRIT_ENSURE(ret_call->args.data, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

struct writ_result writ_verifier_trust(struct writ_arena *arena, struct writ_slice anchors,
                                       struct writ_verifier *verifier,
                                       struct writ_denial *ret_denial)
{
    const struct writ_json *parsed = NULL;
    WRIT_TRY(parse(arena, anchors, WRIT_RULE_ANCHORS, &parsed, ret_denial));
    return writ_anchors_read(arena, parsed, verifier, ret_denial);
}

struct writ_result writ_presentation_parse(struct writ_arena *arena, struct writ_slice json,
                                           struct writ_presentation *ret_presentation,
                                           struct writ_denial *ret_denial)
{
    const struct writ_json *parsed = NULL;
    WRIT_TRY(parse(arena, json, WRIT_RULE_PRESENTATION, &parsed, ret_denial));
    return writ_presentation_read(arena, parsed, ret_presentation, ret_denial);
}
