/* Children: propose the bytes of one (prepare), admit one (self-held or managed). */
#include "base/base64url.h"
#include "clock.h"
#include "decide/decide.h"
#include "decide/policy.h"
#include "endpoint/endpoints.h"
#include "endpoint/grant.h"
#include "endpoint/holder_act.h"
#include "endpoint/holders.h"
#include "endpoint/idempotency.h"
#include "ledger/admission.h"
#include "ledger/caps.h"
#include "ledger/circuits.h"
#include "ledger/sql.h"
#include "ledger/view.h"

#include <string.h>

enum { SECOND_US = 1000000 };

struct child {
    struct call *call;
    struct admission admission;
    struct uuid task;
    struct uuid parent_id;
    struct writ_slice compact; /* self-held: as signed by the parent's holder */
    struct writ_slice handle;  /* managed */
    struct grant grant;
    bool narrow;
    struct chain *parent;
    struct grant_holder holder;
    struct writ_token token;
    struct writ_slice answer;
};

/* Every way out passes here. */
static void deny(struct child *child, const struct writ_denial *denial)
{
    child->parent = chain_release(child->parent);
    call_deny(child->call, denial, NULL);
}

static void fail(struct child *child, enum writ_status status, const char *field,
                 const char *detail)
{
    child->parent = chain_release(child->parent);
    call_fail(child->call, status, field, "%s", detail);
}

/* ---- The child's bytes -------------------------------------------------------------------- */

/* The meet of what was asked and what the parent may pass on: what `narrow` and prepare give. */
static struct writ_result narrow_to_parent(struct child *child,
                                           const struct writ_authority **ret_given)
{
    const struct writ_token *parent = chain_leaf_token(child->parent);
    const struct writ_authority *passable = NULL;
    WRIT_ENSURE(parent->authority, SCOPE_NOT_GRANTED);
    WRIT_TRY(writ_effective_passable(child->call->arena, &parent->effective, parent->authority,
                                     &passable));
    return writ_authority_meet(child->call->arena, passable, child->grant.authority, ret_given);
}

/* What policies let pass to the child. Its clearance is what it asks for, or all of its parent's.
 */
static struct writ_result check_policy(struct child *child, const struct writ_authority *asked,
                                       const struct writ_authority **ret_given,
                                       struct writ_json **ret_cut, struct writ_denial *ret_denial)
{
    struct call *call = child->call;
    const struct writ_token *parent = chain_leaf_token(child->parent);
    const struct policy_grant grant = {
        .registry = call->registry,
        .remotes = call->service->remotes,
        .now_us = clock_unix_us(),
        .client = call->client,
        .parent = child->parent,
        .agent = child->grant.agent,
        .audience = child->grant.audience ? child->grant.audience : parent->audience,
        .clearance = child->grant.terms.has_clearance ? child->grant.terms.clearance
                                                      : parent->effective.clearance,
    };
    return policy_check_grant(call->arena, &grant, asked, ret_given, ret_cut, ret_denial);
}

static struct writ_result child_input(struct child *child, const struct writ_authority *given,
                                      int64_t now_us, struct writ_slice *ret_input)
{
    struct call *call = child->call;
    const struct writ_token *parent = chain_leaf_token(child->parent);
    const struct grant *asked = &child->grant;
    const int64_t now_s = now_us / SECOND_US;
    struct writ_grant grant = {
        .iat_unix_s = now_s > parent->iat_unix_s ? now_s : parent->iat_unix_s,
        .exp_unix_s = asked->expires_in_s > 0 ? now_s + asked->expires_in_s : parent->exp_unix_s,
        .max_depth = asked->max_depth >= 0 ? (int)asked->max_depth : (int)parent->max_depth,
        .holder = child->holder.key,
        .tools = writ_authority_json(call->arena, given),
        .txn = parent->txn,
        .sub = parent->sub,
        .client_id = asked->agent,
    };
    if (asked->audience)
        grant.audience = writ_json_canonical(call->arena, asked->audience);
    if (asked->terms_json)
        grant.terms = writ_json_canonical(call->arena, asked->terms_json);
    writ_random(grant.random, sizeof grant.random);
    return writ_child_input(call->arena, parent->compact, &grant, ret_input);
}

/* The rules that judge every link, on the bytes that will be recorded. */
static struct writ_result verify_child(struct child *child, struct writ_slice compact,
                                       struct writ_denial *ret_denial)
{
    struct call *call = child->call;
    const struct writ_verifier verifier = decide_verifier(call->service, WRIT_SLICE_NONE,
                                                          clock_unix_us());
    return writ_child_verify(call->arena, &verifier, chain_leaf_token(child->parent), compact,
                             &child->token, ret_denial);
}

/* As far as memory knows; the recording transaction looks again. */
static struct writ_result check_parent(const struct child *child, struct writ_denial *ret_denial)
{
    struct service *service = child->call->service;
    WRIT_TRY(view_check(service->view, child->parent, ret_denial));
    return circuits_check(service->circuits, child->parent, ret_denial);
}

/* ---- Managed and self-held ---------------------------------------------------------------- */

static struct writ_result sign_managed(struct child *child, struct db *db,
                                       struct writ_denial *ret_denial)
{
    struct call *call = child->call;
    const struct chain_link *link = chain_leaf(child->parent);
    const struct writ_authority *given = child->grant.authority;
    WRIT_TRY(holder_is_managed_by(call, link, chain_leaf_token(child->parent), child->handle,
                                  ret_denial));
    WRIT_TRY(check_parent(child, ret_denial));
    if (child->narrow) {
        WRIT_TRY(narrow_to_parent(child, &given));
        if (given->tool_count == 0) {
            writ_denial_set(ret_denial, WRIT_NOT_NARROWER, "", "authority",
                            "the parent has nothing of what was asked");
            return WRIT_FAILURE(NOT_NARROWER);
        }
    }
    struct writ_json *cut = NULL;
    WRIT_TRY(check_policy(child, given, &given, child->narrow ? &cut : NULL, ret_denial));
    WRIT_TRY(grant_take_holder(call, db, &child->grant, true, &child->holder, ret_denial));
    struct writ_slice input;
    WRIT_TRY(child_input(child, given, clock_unix_us(), &input));
    uint8_t seed[32];
    WRIT_TRY(holder_seed(call, db, link->thumbprint, seed));
    struct writ_slice compact;
    const struct writ_result signed_input = writ_sign_input(call->arena, input, seed, &compact);
    writ_wipe(seed, sizeof seed);
    WRIT_TRY(signed_input);
    return verify_child(child, compact, ret_denial);
}

static struct writ_result find_parent(struct child *child, struct db *db,
                                      struct writ_denial *ret_denial)
{
    struct call *call = child->call;
    const struct writ_json *claims = NULL;
    uint8_t hash[32];
    if (child->compact.size > WRIT_TOKEN_SIZE_MAX) {
        writ_denial_set(ret_denial, WRIT_MALFORMED, "2a", "token", "a token is over 64 KiB");
        return WRIT_FAILURE(MALFORMED);
    }
    /* Where to look; the signature and the hash itself are verified against what is found. */
    struct writ_result peeked = writ_jws_peek(call->arena, child->compact, &claims);
    if (writ_is_ok(peeked))
        peeked = writ_base64url_decode_exact(writ_json_text(writ_json_get(claims, "par_hash")),
                                             hash, sizeof hash);
    if (!writ_is_ok(peeked)) {
        writ_denial_set(ret_denial, peeked.status, "4b", "token", "not a token with a par_hash");
        return peeked;
    }
    child->parent = chain_find(call->service->chains, &child->task, hash);
    if (child->parent)
        return WRIT_SUCCESS;
    return chain_load(call->service->chains, db, &child->task, hash, &child->parent);
}

static struct writ_result check_self_held(struct child *child, struct db *db,
                                          struct writ_denial *ret_denial)
{
    struct call *call = child->call;
    WRIT_TRY(find_parent(child, db, ret_denial));
    WRIT_TRY(verify_child(child, child->compact, ret_denial));
    WRIT_TRY(check_parent(child, ret_denial));
    /* Whether this agent enrolled this key is the ledger's to say, in the same transaction. */
    char thumbprint[44];
    writ_key_thumbprint(&child->token.holder, thumbprint);
    child->grant.agent = child->token.agent;
    child->grant.audience = child->token.audience;
    child->grant.terms.has_clearance = true;
    child->grant.terms.clearance = child->token.effective.clearance;
    const struct writ_authority *given = NULL;
    WRIT_TRY(check_policy(child, child->token.authority, &given, NULL, ret_denial));
    child->grant.holder = writ_slice_text(
        writ_arena_text(call->arena, writ_slice_text(thumbprint)));
    WRIT_ENSURE(child->grant.holder.data, OUT_OF_MEMORY);
    return grant_take_holder(call, db, &child->grant, true, &child->holder, ret_denial);
}

/* ---- Into the ledger ---------------------------------------------------------------------- */

/* W4: the CHECK of the account says no more. */
static void say_overdrawn(const struct child *child, struct writ_denial *denial)
{
    denial->hop = (int)child->token.depth;
    writ_denial_set(denial, WRIT_BUDGET_EXCEEDED, "", "writ_terms.budget.limit",
                    "the account that this is carved from has not so much left");
}

static void deny_used_before(struct child *child)
{
    struct writ_denial denial = {.step = "", .hop = -1};
    writ_denial_set(&denial, WRIT_CONFLICT, "", "token",
                    "this token, or this key, was used before");
    deny(child, &denial);
}

/* The same request came twice at the same time, here or at another service, and the other one was
 * faster: what it was answered is there now. */
static void answer_as_the_other(struct call *call, struct db *db)
{
    bool answered = false;
    if (idempotency_repeat(call, db, "delegations", &answered))
        deny_used_before(*http_user(call->request));
}

static void on_admitted(struct admission *admission)
{
    struct child *child = admission->context;
    const struct writ_denial *denial = &admission->item.denial;
    if (denial->outcome == WRIT_CONFLICT && admission->idempotency_key.size > 0) {
        child->parent = chain_release(child->parent);
        call_read(child->call, answer_as_the_other);
        return;
    }
    if (denial->outcome == WRIT_CONFLICT) {
        deny_used_before(child);
        return;
    }
    if (denial->outcome != WRIT_OK) {
        struct writ_denial said = *denial;
        if (said.outcome == WRIT_BUDGET_EXCEEDED)
            say_overdrawn(child, &said);
        deny(child, &said);
        return;
    }
    child->parent = chain_release(child->parent);
    call_answer_bytes(child->call, 201, HTTP_JSON, child->answer);
}

static struct writ_result fill_admission(struct child *child)
{
    struct call *call = child->call;
    struct admission *admission = &child->admission;
    const struct writ_token *token = &child->token;
    admission_init(admission, &child->task);
    WRIT_TRY(admission_fill(admission, call->arena, child->parent, token));
    admission->attributed = true;
    admission->has_handle = child->holder.managed;
    memcpy(admission->handle_sha256, child->holder.handle_sha256, 32);
    admission->admitted_by = (const char *)call->client->id.data;
    admission->lease_s = call->service->config->lease_s;
    admission->body_sha256 = call->body_sha256;
    admission->done = on_admitted;
    admission->context = child;

    struct writ_json *node = grant_node(call, &child->task, &admission->id,
                                        &chain_leaf(child->parent)->id, token,
                                        child->holder.managed);
    struct writ_json *answer = grant_answer(call, node, token, &child->holder,
                                            child->narrow ? child->grant.authority : NULL);
    child->answer = answer ? writ_json_canonical(call->arena, answer) : WRIT_SLICE_NONE;
    WRIT_ENSURE(child->answer.data, OUT_OF_MEMORY);
    const struct writ_slice key = http_header_in(call->request, "Idempotency-Key");
    if (!key.data)
        return WRIT_SUCCESS;
    admission->idempotency_key = key;
    admission->answer_sealed = idempotency_seal(call, key, child->answer);
    WRIT_ENSURE(admission->answer_sealed.data, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result may_grow(struct child *child, struct db *db,
                                   struct writ_denial *ret_denial)
{
    return caps_admit(child->call->service->caps, db, &child->task, &chain_leaf(child->parent)->id,
                      ret_denial);
}

/* A managed child makes a key, so what it may not be is asked first. */
static struct writ_result make_child(struct child *child, struct db *db,
                                     struct writ_denial *ret_denial)
{
    if (child->compact.size > 0) {
        WRIT_TRY(check_self_held(child, db, ret_denial));
        WRIT_TRY(may_grow(child, db, ret_denial));
    } else {
        WRIT_TRY(chain_load_id(child->call->service->chains, db, &child->task, &child->parent_id,
                               &child->parent));
        WRIT_TRY(may_grow(child, db, ret_denial));
        WRIT_TRY(sign_managed(child, db, ret_denial));
    }
    WRIT_TRY(fill_admission(child));
    return account_check_openings(db, child->admission.openings, child->admission.opening_count,
                                  (int)child->token.depth, ret_denial);
}

static void admit_job(struct call *call, struct db *db)
{
    struct child *child = *http_user(call->request);
    bool answered = false;
    if (!idempotency_repeat(call, db, "delegations", &answered))
        return;
    struct writ_denial denial = {.step = "", .hop = -1};
    struct writ_result result = make_child(child, db, &denial);
    if (!writ_is_ok(result)) {
        denial.outcome = result.status;
        if (result.status == WRIT_UNREGISTERED && denial.field[0] == '\0')
            writ_denial_set(&denial, WRIT_UNREGISTERED, "", "parent",
                            "the ledger has no such parent in this task");
        if (result.status == WRIT_BUDGET_EXCEEDED && denial.field[0] == '\0')
            say_overdrawn(child, &denial);
        deny(child, &denial);
        return;
    }
    result = admission_submit(&child->admission, call->service->writer);
    if (!writ_is_ok(result))
        fail(child, result.status, "", "the admission could not be recorded");
}

/* ---- Reading the request ------------------------------------------------------------------ */

static bool read_managed(struct call *call, struct child *child, bool with_handle)
{
    return call_uuid(call, "parent", true, &child->parent_id, NULL) &&
           (!with_handle || call_text(call, "handle", 64, true, &child->handle)) &&
           grant_read(call, &child->grant) && call_boolean(call, "narrow", false, &child->narrow);
}

static struct child *new_child(struct call *call)
{
    struct child *child = writ_arena_alloc(call->arena, sizeof *child);
    if (!child) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return NULL;
    }
    child->call = call;
    *http_user(call->request) = child;
    return child;
}

void delegations_admit(struct call *call)
{
    static const char *const MANAGED[] = {
        "task",  "parent", "handle",   "narrow",     "authority", "grant", "terms",
        "agent", "holder", "audience", "expires_in", "max_depth", NULL};
    static const char *const SELF[] = {"task", "token", NULL};
    struct child *child = new_child(call);
    if (!child)
        return;
    const struct writ_json *token = writ_json_get(call->body, "token");
    if (!call_only_members(call, token ? SELF : MANAGED) ||
        !call_uuid(call, "task", true, &child->task, NULL))
        return;
    if (token) {
        child->compact = writ_json_text(token);
        if (child->compact.size == 0) {
            fail(child, WRIT_MALFORMED, "token", "token: a compact JWS");
            return;
        }
    } else if (!read_managed(call, child, true)) {
        return;
    }
    call_read(call, admit_job);
}

/* ---- Prepare ------------------------------------------------------------------------------ */

static struct writ_result prepare(struct child *child, struct db *db,
                                  const struct writ_authority **ret_given,
                                  struct writ_json **ret_cut, struct writ_slice *ret_input,
                                  struct writ_denial *ret_denial)
{
    struct call *call = child->call;
    WRIT_TRY(
        chain_load_id(call->service->chains, db, &child->task, &child->parent_id, &child->parent));
    if (!writ_slice_equal(call->client->agent, chain_leaf_token(child->parent)->agent)) {
        writ_denial_set(ret_denial, WRIT_FORBIDDEN, "", "parent", "another agent holds the parent");
        return WRIT_FAILURE(FORBIDDEN);
    }
    WRIT_TRY(check_parent(child, ret_denial));
    WRIT_TRY(narrow_to_parent(child, ret_given));
    WRIT_TRY(check_policy(child, *ret_given, ret_given, ret_cut, ret_denial));
    WRIT_TRY(grant_take_holder(call, db, &child->grant, false, &child->holder, ret_denial));
    return child_input(child, *ret_given, clock_unix_us(), ret_input);
}

static void prepare_job(struct call *call, struct db *db)
{
    struct child *child = *http_user(call->request);
    const struct writ_authority *given = NULL;
    struct writ_json *by_policy = NULL;
    struct writ_slice input;
    struct writ_denial denial = {.step = "", .hop = -1};
    const struct writ_result result = prepare(child, db, &given, &by_policy, &input, &denial);
    if (!writ_is_ok(result)) {
        denial.outcome = result.status;
        deny(child, &denial);
        return;
    }
    struct writ_arena *arena = call->arena;
    struct writ_json *answer = writ_json_new_object(arena);
    struct writ_json *cut = grant_cut(call, child->grant.authority, given);
    const struct writ_slice notation = writ_authority_notation(arena, given);
    writ_json_put_text(arena, answer, "input", input);
    writ_json_put_text(arena, answer, "notation", notation);
    if (cut)
        cut = writ_json_put(arena, answer, "cut", cut);
    if (cut && by_policy->count > 0)
        cut = writ_json_put(arena, answer, "cut_by_policy", by_policy);
    struct writ_json *last = writ_json_put(arena, answer, "authority",
                                           writ_authority_node(arena, given));
    child->parent = chain_release(child->parent);
    call_answer(call, 200, last && cut && notation.data ? answer : NULL);
}

void delegations_prepare(struct call *call)
{
    static const char *const MEMBERS[] = {"task",       "parent",    "authority", "grant",
                                          "terms",      "agent",     "holder",    "audience",
                                          "expires_in", "max_depth", NULL};
    struct child *child = new_child(call);
    if (!child)
        return;
    if (!call_only_members(call, MEMBERS) || !call_uuid(call, "task", true, &child->task, NULL) ||
        !read_managed(call, child, false))
        return;
    call_read(call, prepare_job);
}
