#include "bench/request.h"

#include "base/base64url.h"
#include "base/crypto.h"

#include <string.h>
#include <time.h>

/* ---- What they share ------------------------------------------------------------------------ */

const char *request_basic(const struct client *client)
{
    const char *pair = plain("%s:%s", client->id, client->secret);
    char *text = writ_base64url_encode(scratch(), writ_slice_text(pair));
    for (char *c = text; *c; c++) /* to the alphabet of RFC 7617 */
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    static const char *const PADDING[] = {"", "", "==", "="};
    return plain("%s%s", text, PADDING[strlen(text) % 4]);
}

struct writ_slice request_post(struct writ_arena *arena, const char *path, const char *basic,
                               const char *body)
{
    return writ_slice_text(
        writ_arena_printf(arena,
                          "POST %s HTTP/1.1\r\nHost: writ.test\r\nAuthorization: Basic %s\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                          path, basic, strlen(body), body));
}

static const struct client *caller_of(const struct plan *plan)
{
    const struct cast *callers = &plan->house->cast;
    if (plan->make == request_use)
        return &callers->enforcer;
    if (plan->make == request_get)
        return &callers->admin;
    if (plan->make == request_managed_child)
        return &callers->planning;
    return plan->house->chains[0].holders[plan->depth].client;
}

void request_prepare(struct plan *plan)
{
    plan->basic = request_basic(caller_of(plan));
    for (size_t i = 0; plan->make == request_use && i < plan->tasks; i++) {
        const struct chain *chain = &plan->house->chains[i];
        plan->leaf[i] = token_hash(chain->tokens[plan->depth]);
        plan->tokens[i] = "";
        for (size_t k = 0; plan->by_value && k <= plan->depth; k++)
            plan->tokens[i] = plain("%s%s\"%s\"", plan->tokens[i], k > 0 ? "," : "",
                                    chain->tokens[k]);
    }
}

/* ---- Uses ----------------------------------------------------------------------------------- */

static const char *make_proof(struct writ_arena *arena, const struct plan *plan,
                              const struct chain *chain)
{
    struct writ_proof_request asked = {
        .iat_unix_s = time(NULL),
        .leaf = writ_slice_text(chain->tokens[plan->depth]),
        .tool = writ_slice_text(plan->tool),
        .args = writ_slice_text(plan->args),
        .audience = WRIT_SLICE_LITERAL(AUDIENCE),
    };
    struct writ_slice input, proof;
    writ_random(asked.random, sizeof asked.random);
    ck_assert(writ_is_ok(writ_proof_input(arena, &asked, &input)));
    ck_assert(writ_is_ok(writ_sign_input(arena, input, chain->holders[plan->depth].seed, &proof)));
    return (const char *)proof.data;
}

struct writ_slice request_use(const struct plan *plan, struct writ_arena *arena, size_t index)
{
    const size_t task = index % plan->tasks;
    const struct chain *chain = &plan->house->chains[task];
    const char *proof = make_proof(arena, plan, chain);
    const char *body =
        plan->by_value
            ? writ_arena_printf(arena,
                                "{\"presentation\":{\"aat_chain\":[%s],\"aat_pop\":\"%s\"},"
                                "\"tool\":\"%s\",\"arguments\":%s}",
                                plan->tokens[task], proof, plan->tool, plan->args)
            : writ_arena_printf(arena,
                                "{\"presentation\":{\"txn\":\"%s\",\"aat_leaf\":\"%s\","
                                "\"aat_pop\":\"%s\"},\"tool\":\"%s\",\"arguments\":%s}",
                                chain->task, plan->leaf[task], proof, plan->tool, plan->args);
    return request_post(arena, "/v1/validate", plan->basic, body);
}

/* ---- Admissions ----------------------------------------------------------------------------- */

/* Below the root's /notes; one of its own for each, or the same for all. */
static const char *root_of(const struct plan *plan, struct writ_arena *arena, size_t index)
{
    return plan->distinct ? writ_arena_printf(arena, "/notes/%zu", index) : "/notes/2026";
}

struct writ_slice request_child(const struct plan *plan, struct writ_arena *arena, size_t index)
{
    const struct chain *chain = &plan->house->chains[index % plan->tasks];
    const struct actor *child = &plan->house->cast.executor;
    struct writ_grant grant = {
        .iat_unix_s = time(NULL),
        .exp_unix_s = time(NULL) + 600,
        .max_depth = CHAIN_DEPTH,
        .holder = child->key,
        .tools = writ_slice_text(writ_arena_printf(
            arena,
            "{\"read_file\":{\"path\":{\"constraint_type\":\"path_containment\",\"root\":\"%s\"}}}",
            root_of(plan, arena, index))),
        .client_id = writ_slice_text(child->agent),
    };
    struct writ_slice input, token;
    writ_random(grant.random, sizeof grant.random);
    ck_assert(writ_is_ok(
        writ_child_input(arena, writ_slice_text(chain->tokens[plan->depth]), &grant, &input)));
    ck_assert(writ_is_ok(writ_sign_input(arena, input, chain->holders[plan->depth].seed, &token)));
    return request_post(arena, "/v1/delegations", plan->basic,
                        writ_arena_printf(arena, "{\"task\":\"%s\",\"token\":\"%.*s\"}",
                                          chain->task, WRIT_SLICE_ARGS(token)));
}

struct writ_slice request_managed_child(const struct plan *plan, struct writ_arena *arena,
                                        size_t index)
{
    const struct house *house = plan->house;
    const size_t task = index % plan->tasks;
    const char *holder = plan->new_key ? ""
                                       : writ_arena_printf(arena, "\"holder\":\"%s\",",
                                                           house->managed_holder);
    return request_post(arena, "/v1/delegations", plan->basic,
                        writ_arena_printf(arena,
                                          "{\"task\":\"%s\",\"parent\":\"%s\",\"handle\":\"%s\",%s"
                                          "\"agent\":\"executor\","
                                          "\"grant\":\"read_file(path under %s)\"}",
                                          house->managed[task].task, house->managed[task].root,
                                          house->managed[task].handle, holder,
                                          root_of(plan, arena, index)));
}

/* ---- Reads ---------------------------------------------------------------------------------- */

struct writ_slice request_get(const struct plan *plan, struct writ_arena *arena, size_t index)
{
    (void)index;
    return writ_slice_text(writ_arena_printf(
        arena, "GET %s HTTP/1.1\r\nHost: writ.test\r\nAuthorization: Basic %s\r\n\r\n", plan->path,
        plan->basic));
}
