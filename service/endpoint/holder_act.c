#include "endpoint/holder_act.h"

#include "authority/authority.h"
#include "clock.h"
#include "endpoint/grant.h"
#include "postgres/db.h"
#include "token/statement.h"

#include <string.h>

static struct writ_result forbid(struct writ_denial *denial, const char *field, const char *detail)
{
    writ_denial_set(denial, WRIT_FORBIDDEN, "", field, "%s", detail);
    return WRIT_FAILURE(FORBIDDEN);
}

bool holder_act_read_holder(struct call *call)
{
    struct writ_slice text;
    struct uuid as;
    bool present = false;
    return call_uuid(call, "as", false, &as, &present) &&
           call_text(call, "handle", 64, false, &text) &&
           call_text(call, "request", WRIT_TOKEN_SIZE_MAX, false, &text);
}

bool holder_act_read(struct call *call)
{
    static const char *const MEMBERS[] = {"as", "handle", "request", "reason", NULL};
    struct writ_slice text;
    return call_only_members(call, MEMBERS) && holder_act_read_holder(call) &&
           call_text(call, "reason", 500, false, &text);
}

struct writ_result holder_is_managed_by(struct call *call, const struct chain_link *link,
                                        const struct writ_token *token, struct writ_slice handle,
                                        struct writ_denial *ret_denial)
{
    if (!link->managed || !link->has_handle)
        return forbid(ret_denial, "handle", "the holder keeps its key itself");
    if (!writ_slice_equal(call->client->agent, token->agent))
        return forbid(ret_denial, "handle", "the handle belongs to another agent");
    if (!grant_handle_fits(handle, link->handle_sha256))
        return forbid(ret_denial, "handle", "not the handle that was returned at admission");
    return WRIT_SUCCESS;
}

static struct writ_result check_request(struct call *call, const struct chain *chain,
                                        const struct writ_token *signer,
                                        const struct uuid *delegation, const char *act,
                                        struct writ_slice request, struct writ_denial *ret_denial)
{
    const struct config *config = call->service->config;
    char task_text[UUID_TEXT_SIZE];
    char delegation_text[UUID_TEXT_SIZE];
    uuid_text(&chain->task, task_text);
    uuid_text(delegation, delegation_text);
    struct writ_act expected = {
        .act = writ_slice_text(act),
        .task = writ_slice_text(task_text),
        .delegation = writ_slice_text(delegation_text),
    };
    return writ_request_verify(call->arena, &signer->holder, request,
                               writ_slice_text(config->issuer_url), clock_unix_us() / 1000000,
                               config->pop_window_s, &expected, ret_denial);
}

static struct writ_result check_holder(struct call *call, const struct chain *chain,
                                       const struct uuid *delegation, const char *act,
                                       struct writ_denial *ret_denial)
{
    struct uuid as = *delegation;
    const struct writ_json *named = writ_json_get(call->body, "as");
    if (named && !uuid_parse(writ_json_text(named), &as))
        return forbid(ret_denial, "as", "as: not a UUID");
    if (strcmp(act, "renew") == 0 && !uuid_equal(&as, delegation))
        return forbid(ret_denial, "as", "only the holder itself renews");
    for (size_t i = 0; i < chain->count; i++) {
        if (!uuid_equal(&chain->links[i].id, &as))
            continue;
        const struct writ_json *request = writ_json_get(call->body, "request");
        if (request && !chain->links[i].managed)
            return check_request(call, chain, &chain->tokens[i], delegation, act,
                                 writ_json_text(request), ret_denial);
        return holder_is_managed_by(call, &chain->links[i], &chain->tokens[i],
                                    writ_json_text(writ_json_get(call->body, "handle")),
                                    ret_denial);
    }
    return forbid(ret_denial, "as", "as: neither the delegation nor an ancestor of it");
}

static struct writ_result check(struct call *call, const struct chain *chain,
                                const struct uuid *delegation, const char *act,
                                struct writ_denial *ret_denial)
{
    if (strcmp(act, "renew") != 0) {
        if (call->client->role == ROLE_ADMIN)
            return WRIT_SUCCESS;
        if (call->client->role == ROLE_ISSUER)
            return writ_slice_equal(call->client->id, chain->opened_by)
                       ? WRIT_SUCCESS
                       : forbid(ret_denial, "", "another client opened this task");
    }
    return check_holder(call, chain, delegation, act, ret_denial);
}

struct writ_result holder_act_check(struct call *call, struct db *db, const struct uuid *task,
                                    const struct uuid *delegation, const char *act,
                                    struct writ_denial *ret_denial)
{
    struct chain *chain = NULL;
    const struct writ_result loaded = chain_load_id(call->service->chains, db, task, delegation,
                                                    &chain);
    if (loaded.status == WRIT_UNREGISTERED)
        return WRIT_FAILURE(NOT_FOUND);
    WRIT_TRY(loaded);
    const struct writ_result result = check(call, chain, delegation, act, ret_denial);
    /* What is about to end is not asked about again, but to be refused: it need not be known. */
    if (writ_is_ok(result) && strcmp(act, "renew") != 0)
        chain_forget(chain);
    chain_release(chain);
    return result;
}
