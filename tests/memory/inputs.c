#include "inputs.h"

#include <check.h>
#include <string.h>

#include "token/statement.h"

struct inputs inputs;

enum { LEAF_SEED = 3, LARGE_BYTES = 5000 };

/* An argument over 4 KiB stands in the proof as a digest, if "*" lets it pass. */
static const char *const NOTATIONS[] = {
    "read_file(limit? >=1 <=1000, path under /notes, *), "
    "send_email(body all of(any of(in [a, b, {\"k\":[1,2]}]; any); not in [x]), tags contains [t], "
    "to subset [a@x.org, b@x.org, c@x.org], when any, why = plan), pay(amount < 20)",
    "read_file(limit? >=1 <=10, path under /notes/a, *), "
    "send_email(body all of(any of(in [a]; in [b]); not in [x, y]), tags contains [t, u], "
    "to subset [a@x.org, b@x.org], when in [now, later], why = plan)",
};

#define CLEARANCE "\"clearance\":{\"confidentiality\":\"internal\",\"categories\":[\"pii\",\"hr\"]}"
#define RULE "{\"tools\":[\"send_email\"],\"approvers\":[\"finance\"],\"quorum\":2}"
#define ANOTHER_RULE "{\"tools\":[\"read_file\"],\"approvers\":[\"legal\"],\"quorum\":1}"
#define CALLS "{\"unit\":\"calls\",\"limit\":\"20\"}"
#define MONEY "{\"unit\":\"usd\",\"tool\":\"pay\",\"argument\":\"amount\",\"limit\":\"100.00\""

static const char *const TERMS[] = {
    "{" CLEARANCE ",\"approval\":[" RULE "],\"call_only\":[\"pay\"],\"pass_only\":[\"send_email\"],"
    "\"budget\":[" CALLS "," MONEY ",\"per_call\":\"50.00\"}]}",
    "{" CLEARANCE ",\"approval\":[" RULE "," ANOTHER_RULE "],\"call_only\":[\"fax\"],"
    "\"pass_only\":[\"send_email\",\"fax\"],\"budget\":[" MONEY "}]}",
    "{" CLEARANCE "}",
};

static struct writ_slice json_of(const char *notation)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    ck_assert_msg(writ_is_ok(writ_authority_from_notation(&inputs.arena, writ_slice_text(notation),
                                                          &authority, &denial)),
                  "%s: %s", notation, denial.detail);
    return writ_authority_json(&inputs.arena, authority);
}

static const struct writ_authority *authority_of(struct writ_slice json)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    ck_assert(writ_is_ok(writ_authority_parse(&inputs.arena, json, OURS, &authority, &denial)));
    return authority;
}

static bool never_replayed(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                           int64_t iat_unix_s)
{
    (void)leaf_hash, (void)jti, (void)iat_unix_s;
    size_t *asked = context;
    (*asked)++;
    return false;
}

static void make_chain(void)
{
    struct forge_chain *chain = &inputs.chain;
    forge_chain_init(chain, &inputs.arena, 3);
    for (size_t i = 0; i < chain->count; i++)
        forge_set(&chain->claims[i], "authorization_details",
                  forge_details(&inputs.arena, (const char *)inputs.tools[i > 0].data, TERMS[i]));
    forge_set(&chain->claims[0], "aud", "[\"https://else.test\",\"" FORGE_AUDIENCE "\"]");
    forge_seal(chain);
    chain->verifier.replayed = never_replayed;
    chain->verifier.replayed_context = &inputs.replay_asked;
}

static struct writ_slice sign(struct writ_slice input)
{
    struct writ_slice compact;
    ck_assert(writ_is_ok(writ_sign_input(&inputs.arena, input, forge_seed(LEAF_SEED), &compact)));
    return compact;
}

static void make_presentation(void)
{
    char large[LARGE_BYTES + 1] = "";
    memset(large, 'x', LARGE_BYTES);
    inputs.tool = writ_slice_text("read_file");
    inputs.args = writ_slice_text(writ_arena_printf(
        &inputs.arena, "{\"path\":\"/notes/a/b\",\"limit\":5,\"data\":\"%s\"}", large));
    const struct writ_proof_request request = {
        .iat_unix_s = FORGE_NOW,
        .leaf = inputs.chain.links[2],
        .tool = inputs.tool,
        .args = inputs.args,
        .audience = writ_slice_text(FORGE_AUDIENCE),
    };
    struct writ_slice input;
    ck_assert(writ_is_ok(writ_proof_input(&inputs.arena, &request, &input)));
    inputs.presentation = (struct writ_presentation){inputs.chain.links, 3, sign(input)};
}

static struct writ_slice propose(struct writ_slice tools)
{
    struct writ_grant grant = inputs.grant;
    struct writ_slice input;
    grant.tools = tools;
    ck_assert(writ_is_ok(writ_child_input(&inputs.arena, inputs.chain.links[1], &grant, &input)));
    return input;
}

static void make_proposals(void)
{
    inputs.grant = (struct writ_grant){
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 100,
        .max_depth = 4,
        .holder = inputs.holder,
        .audience = writ_slice_text("[\"" FORGE_AUDIENCE "\"]"),
        .tools = inputs.tools[1],
        .terms = writ_slice_text(TERMS[2]),
        .client_id = writ_slice_text(AGENT),
    };
    inputs.proposal = propose(inputs.tools[1]);
    inputs.proposal_too_wide = propose(json_of(WIDER));
}

static void make_statements(void)
{
    static const uint8_t RANDOM[16] = {0};
    const struct writ_act act = {
        .act = writ_slice_text("renew"),
        .task = writ_slice_text(TASK),
        .delegation = writ_slice_text("link-2"),
        .iat_unix_s = FORGE_NOW,
    };
    const struct writ_approval approval = {
        .id = writ_slice_text(APPROVAL),
        .decision = writ_slice_text("approve"),
        .digest = writ_slice_text(DIGEST),
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 60,
    };
    const struct writ_slice audience = writ_slice_text(FORGE_ISSUER);
    struct writ_slice input;
    ck_assert(writ_is_ok(writ_enrol_input(&inputs.arena, audience, writ_slice_text(NONCE),
                                          FORGE_NOW, RANDOM, &input)));
    inputs.enrolment = sign(input);
    ck_assert(writ_is_ok(writ_request_input(&inputs.arena, &act, audience, RANDOM, &input)));
    inputs.request = sign(input);
    ck_assert(writ_is_ok(writ_approval_input(&inputs.arena, &approval, audience, RANDOM, &input)));
    inputs.approval = sign(input);
}

void inputs_start(void)
{
    memset(&inputs, 0, sizeof inputs);
    writ_arena_init(&inputs.arena, 0);
    for (size_t i = 0; i < 2; i++)
        inputs.tools[i] = json_of(NOTATIONS[i]);
    inputs.parent = authority_of(inputs.tools[0]);
    inputs.child = authority_of(inputs.tools[1]);
    inputs.wider = authority_of(json_of(WIDER));
    inputs.notation = writ_authority_notation(&inputs.arena, inputs.parent);
    inputs.holder = forge_key(LEAF_SEED);
    const char *cnf = forge_cnf(&inputs.arena, LEAF_SEED);
    inputs.jwk = writ_slice_of(cnf + strlen("{\"jwk\":"), strlen(cnf) - strlen("{\"jwk\":}"));
    make_chain();
    make_presentation();
    make_proposals();
    make_statements();
}

void inputs_end(void)
{
    writ_arena_done(&inputs.arena);
}
