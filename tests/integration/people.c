#include "people.h"

#include "base/crypto.h"
#include "jose/jwk.h"
#include "token/statement.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char ISSUER[] = "http://writ.test";

struct client approving;

struct answer person_enrol(const struct person *person, const char *groups)
{
    const struct writ_slice jwk = writ_json_canonical(scratch(),
                                                      writ_jwk_json(scratch(), &person->key));
    return put(
        &cast.admin, plain("/v1/approvers/%s", person->name),
        plain("{\"groups\": %s, \"jwk\": %.*s}", quoted("%s", groups), WRIT_SLICE_ARGS(jwk)));
}

struct person person_named(const char *name, const char *groups)
{
    struct person person = {.name = "", .seed = {0}, .key = {{0}}};
    snprintf(person.name, sizeof person.name, "%s", name);
    writ_random(person.seed, sizeof person.seed);
    ck_assert(writ_is_ok(writ_key_from_seed(person.seed, &person.key)));
    const struct answer enrolled = person_enrol(&person, groups);
    expect_status(enrolled, 200);
    return person;
}

struct person person_new(const char *name, const char *groups)
{
    uint8_t random[3];
    writ_random(random, sizeof random);
    return person_named(plain("%s-%02x%02x%02x", name, random[0], random[1], random[2]), groups);
}

void people_start(void)
{
    approving = client_new("approving", "{'role': 'approver', 'rotate': true}");
}

void people_open(struct chain *chain, const char *rules)
{
    const struct answer opened = task_open(&cast.issuer, &cast.planner,
                                           rules ? plain("'terms': {'approval': %s}", rules) : "");
    chain_take(chain, &opened, &cast.planner);
    chain_extend(chain, &cast.executor, NULL);
}

const char *body_approved(const char *body, const char *approval)
{
    return plain("%.*s, \"approval_id\": \"%s\"}", (int)strlen(body) - 1, body, approval);
}

struct answer call_tool_with(const struct chain *chain, const char *tool, const char *args,
                             const char *approval)
{
    const char *body = use_body(chain, chain_prove(chain, tool, args), tool, args);
    return post(chain->enforcer, "/v1/validate", approval ? body_approved(body, approval) : body);
}

struct answer call_with(const struct chain *chain, const char *args, const char *approval)
{
    return call_tool_with(chain, "write_note", args, approval);
}

const char *people_asked(const struct answer *refused)
{
    expect_code(*refused, "approval_required");
    ck_assert_int_eq(refused->status, 409);
    expect_text(*refused, "approval.state", "pending");
    return text_at(refused, "approval.id");
}

const char *people_ask(const struct chain *chain, const char *args)
{
    const struct answer refused = call_with(chain, args, NULL);
    return people_asked(&refused);
}

const char *person_sign(const struct person *person, const char *id, const char *digest,
                        const char *decision)
{
    uint8_t random[16];
    struct writ_slice input;
    struct writ_slice compact;
    const struct writ_approval said = {
        .id = writ_slice_text(id),
        .decision = writ_slice_text(decision),
        .digest = writ_slice_text(digest),
        .iat_unix_s = time(NULL),
        .exp_unix_s = time(NULL) + 600,
    };
    writ_random(random, sizeof random);
    ck_assert(
        writ_is_ok(writ_approval_input(scratch(), &said, writ_slice_text(ISSUER), random, &input)));
    ck_assert(writ_is_ok(writ_sign_input(scratch(), input, person->seed, &compact)));
    return plain("%.*s", WRIT_SLICE_ARGS(compact));
}

struct answer person_vote_by(const struct person *person, const char *id, const char *act,
                             const char *statement)
{
    return post(&approving, plain("/v1/approvals/%s/%s", id, act),
                quoted("{'approver': '%s', 'statement': '%s'}", person->name, statement));
}

struct answer person_vote(const struct person *person, const char *id, const char *act)
{
    const struct answer page = get(&approving, plain("/v1/approvals/%s", id));
    expect_status(page, 200);
    return person_vote_by(person, id, act, person_sign(person, id, text_at(&page, "digest"), act));
}

void expect_vote(const struct person *person, const char *id, const char *state)
{
    const struct answer voted = person_vote(person, id, "approve");
    expect_status(voted, 200);
    expect_text(voted, "state", state);
}
