/* GET /.well-known/…: the root issuer's metadata (RFC 8414, AAT-02 section 6.1.1) and its keys, and
 * where AuthZEN is served. */
#include "endpoint/endpoints.h"

/* Public, and the same for minutes; a new key is published before it signs. */
static void answer_cacheable(struct call *call, const struct writ_json *value)
{
    http_header(call->request, "Cache-Control", "public, max-age=300");
    call_answer(call, 200, value);
}

void metadata_issuer(struct call *call)
{
    const char *issuer = call->service->config->issuer_url;
    struct writ_json *answer = writ_json_new_object(call->arena);
    if (!call_only_queries(call, NULL))
        return;
    writ_json_put_string(call->arena, answer, "issuer", issuer);
    writ_json_put_string(call->arena, answer, "jwks_uri",
                         writ_arena_printf(call->arena, "%s/.well-known/jwks.json", issuer));
    writ_json_put_boolean(call->arena, answer, "aat_issuer", true);
    answer_cacheable(call, answer);
}

void metadata_keys(struct call *call)
{
    const struct writ_json *key = NULL;
    const char *jwk = keys_issuer_jwk(call->service->keys);
    struct writ_json *answer = writ_json_new_object(call->arena);
    struct writ_json *keys = writ_json_new_array(call->arena);
    if (!call_only_queries(call, NULL))
        return;
    const struct writ_result result = writ_json_parse(call->arena, writ_slice_text(jwk), &key);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the issuer's key could not be written");
        return;
    }
    writ_json_add(call->arena, keys, key);
    writ_json_put(call->arena, answer, "keys", keys);
    answer_cacheable(call, answer);
}

/* AuthZEN 1.0, section 9.1. Nothing is said of search: the ledger's graph is for auditors. */
void metadata_authzen(struct call *call)
{
    const char *issuer = call->service->config->issuer_url;
    struct writ_json *answer = writ_json_new_object(call->arena);
    if (!call_only_queries(call, NULL))
        return;
    writ_json_put_string(call->arena, answer, "policy_decision_point", issuer);
    writ_json_put_string(call->arena, answer, "access_evaluation_endpoint",
                         writ_arena_printf(call->arena, "%s/access/v1/evaluation", issuer));
    writ_json_put_string(call->arena, answer, "access_evaluations_endpoint",
                         writ_arena_printf(call->arena, "%s/access/v1/evaluations", issuer));
    answer_cacheable(call, answer);
}
