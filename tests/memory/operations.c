#include "operations.h"

#include "base/base64url.h"
#include "inputs.h"
#include "token/claims.h"
#include "token/statement.h"

/* ---- What an operation made, as text --------------------------------------------------------- */

static struct writ_result show(struct writ_slice text, struct writ_slice *ret_shown)
{
    WRIT_ENSURE(text.data, OUT_OF_MEMORY);
    *ret_shown = text;
    return WRIT_SUCCESS;
}

static struct writ_result show_json(struct writ_arena *arena, const struct writ_json *json,
                                    struct writ_slice *ret_shown)
{
    return show(writ_json_canonical(arena, json), ret_shown);
}

/* ---- JSON and keys ----------------------------------------------------------------------------
 */

static struct writ_result json_both_ways(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    static const char TEXT[] = "{\"b\":[1,2.5,-3e2,\"\\u20ac\\n\",true,false,null,[],{}],\"a\":{}}";
    const struct writ_json *json = NULL;
    WRIT_TRY(writ_json_parse(arena, writ_slice_text(TEXT), &json));
    WRIT_ENSURE(writ_json_verbatim(arena, json).data, OUT_OF_MEMORY);
    return show_json(arena, json, ret_shown);
}

/* More members than the first room for them, of each kind. */
static struct writ_result json_built(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_json *json = writ_json_new_object(arena);
    writ_json_put_text(arena, json, "text", writ_slice_text("t"));
    writ_json_put_string(arena, json, "string", "s");
    writ_json_put_integer(arena, json, "integer", -7);
    writ_json_put_boolean(arena, json, "boolean", true);
    writ_json_put_null(arena, json, "null");
    for (char name[] = "a"; name[0] < 'j'; name[0]++) {
        struct writ_json *array = writ_json_put_array(arena, json, name);
        for (size_t i = 0; i < 9; i++)
            writ_json_add_text(arena, array, writ_slice_text(name));
        writ_json_add_object(arena, array);
        WRIT_ENSURE(writ_json_canonical(arena, array).data, OUT_OF_MEMORY);
    }
    writ_json_put_object(arena, json, "object");
    return show_json(arena, json, ret_shown);
}

static struct writ_result key_parsed(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_key key;
    WRIT_TRY(writ_key_parse(arena, inputs.jwk, &key));
    WRIT_ENSURE(writ_jwk_json(arena, &key), OUT_OF_MEMORY);
    return show(writ_slice_text(writ_jwk_thumbprint_uri(arena, &key)), ret_shown);
}

static struct writ_result base64url_both_ways(struct writ_arena *arena,
                                              struct writ_slice *ret_shown)
{
    struct writ_slice bytes;
    const char *text = writ_base64url_encode(arena, inputs.args);
    WRIT_ENSURE(text, OUT_OF_MEMORY);
    WRIT_TRY(writ_base64url_decode(arena, writ_slice_text(text), &bytes));
    return show(bytes, ret_shown);
}

/* ---- Authorities -------------------------------------------------------------------------------
 */

static struct writ_result authority_parsed(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    WRIT_TRY(writ_authority_parse(arena, inputs.tools[0], OURS, &authority, &denial));
    return show(writ_authority_json(arena, authority), ret_shown);
}

static struct writ_result notation_both_ways(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    WRIT_TRY(writ_authority_from_notation(arena, inputs.notation, &authority, &denial));
    return show(writ_authority_notation(arena, authority), ret_shown);
}

static struct writ_result authorities_met(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    const struct writ_authority *meet = NULL;
    WRIT_TRY(writ_authority_meet(arena, inputs.parent, inputs.child, &meet));
    return show(writ_authority_json(arena, meet), ret_shown);
}

/* Pairs whose meets need new sets and new clauses. */
static struct writ_result constraints_met(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    static const char *const NOTATIONS[] = {
        "t(a subset [a, b], b not in [a], c contains [a], d in [1, 2], e any of(in [1, 2]; in [a]),"
        " f all of(in [a, b]; subset [c]), g >1)",
        "t(a subset [b, c], b not in [b], c contains [b], d in [2, 3], e any of(>1; in [a]), "
        "f all of(in [a, b]; contains [d]), g <9)",
    };
    const struct writ_authority *sides[2] = {NULL, NULL}, *meet = NULL;
    struct writ_denial denial;
    for (size_t i = 0; i < 2; i++)
        WRIT_TRY(
            writ_authority_from_notation(arena, writ_slice_text(NOTATIONS[i]), &sides[i], &denial));
    WRIT_TRY(writ_authority_meet(arena, sides[0], sides[1], &meet));
    return show(writ_authority_notation(arena, meet), ret_shown);
}

static struct writ_result differences_listed(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    const struct writ_change *changes = NULL;
    size_t count = 0;
    const char *text = "";
    WRIT_TRY(writ_authority_diff(arena, inputs.wider, inputs.parent, &changes, &count));
    WRIT_TRY(writ_authority_diff(arena, inputs.parent, inputs.child, &changes, &count));
    for (size_t i = 0; i < count && text; i++)
        text = writ_arena_printf(arena, "%s%s > %s;", text, (const char *)changes[i].before.data,
                                 (const char *)changes[i].after.data);
    return show(writ_slice_text(text), ret_shown);
}

static struct writ_result child_compared(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    const struct writ_authority *child = NULL; /* comparing alone allocates nothing */
    struct writ_denial denial;
    WRIT_TRY(writ_authority_parse(arena, inputs.tools[1], OURS, &child, &denial));
    WRIT_TRY(writ_authority_narrower(arena, inputs.parent, child, &denial));
    return show(writ_slice_text("narrower"), ret_shown);
}

static struct writ_result wider_child_refused(struct writ_arena *arena,
                                              struct writ_slice *ret_shown)
{
    struct writ_denial denial;
    WRIT_TRY(writ_authority_narrower(arena, inputs.child, inputs.parent, &denial));
    return show(writ_slice_text("narrower"), ret_shown);
}

static struct writ_result call_checked(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_denial denial;
    WRIT_TRY(writ_authority_check(arena, inputs.child, OURS, inputs.tool, inputs.args, &denial));
    return show(writ_slice_text("allowed"), ret_shown);
}

static struct writ_result call_refused(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_denial denial;
    WRIT_TRY(writ_authority_check(arena, inputs.child, OURS, inputs.tool,
                                  writ_slice_text("{\"path\":\"/etc\"}"), &denial));
    return show(writ_slice_text("allowed"), ret_shown);
}

/* ---- Chains -------------------------------------------------------------------------------------
 */

static struct writ_result verify(struct writ_arena *arena, struct writ_slice args,
                                 struct writ_slice *ret_shown)
{
    inputs.replay_asked = 0;
    const struct writ_verdict verdict = writ_verify(arena, &inputs.chain.verifier,
                                                    &inputs.presentation, inputs.tool, args);
    /* Nobody may be asked to remember a proof that is then refused. */
    WRIT_ENSURE(verdict.permit == (inputs.replay_asked == 1), INTERNAL);
    WRIT_ENSURE(verdict.permit == (verdict.denial.outcome == WRIT_OK), INTERNAL);
    if (!verdict.permit)
        return (struct writ_result){verdict.denial.outcome};
    return show(writ_slice_text(verdict.not_checked), ret_shown);
}

static struct writ_result chain_verified(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    return verify(arena, inputs.args, ret_shown);
}

static struct writ_result chain_refused(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    return verify(arena, writ_slice_text("{\"path\":\"/notes/b\",\"data\":[1]}"), ret_shown);
}

/* The root, its terms as the ledger keeps them, and what is asked of those. */
static struct writ_result terms_kept(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_token root;
    struct writ_effective again;
    const struct writ_authority *passable = NULL;
    WRIT_TRY(writ_token_read_trusted(arena, OURS, inputs.chain.links[0], &root));
    const struct writ_json *json = writ_effective_json(arena, &root.effective);
    WRIT_ENSURE(json, OUT_OF_MEMORY);
    WRIT_TRY(writ_effective_read(arena, json, &again));
    WRIT_TRY(writ_effective_passable(arena, &again, root.authority, &passable));
    const struct writ_slice tools = writ_authority_json(arena, passable);
    const struct writ_slice rules = writ_json_canonical(
        arena, writ_effective_approvals(arena, &again, writ_slice_text("send_email")));
    const struct writ_slice terms = writ_json_canonical(arena, writ_effective_json(arena, &again));
    WRIT_ENSURE(tools.data && rules.data && terms.data, OUT_OF_MEMORY);
    return show(
        writ_slice_text(writ_arena_printf(arena, "%s %s %s", (const char *)tools.data,
                                          (const char *)rules.data, (const char *)terms.data)),
        ret_shown);
}

/* ---- Making -------------------------------------------------------------------------------------
 */

static struct writ_result root_made(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_grant grant = inputs.grant;
    grant.txn = writ_slice_text(TASK);
    grant.sub = writ_slice_text("alice");
    struct writ_slice input, compact;
    WRIT_TRY(writ_root_input(arena, writ_slice_text(FORGE_ISSUER), writ_slice_text("kid-1"), &grant,
                             &input));
    WRIT_TRY(writ_sign_input(arena, input, forge_seed(FORGE_ISSUER_SEED), &compact));
    return show(compact, ret_shown);
}

static struct writ_result child_made(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_slice input;
    WRIT_TRY(writ_child_input(arena, inputs.chain.links[1], &inputs.grant, &input));
    return show(input, ret_shown);
}

static struct writ_result check_proposal(struct writ_arena *arena, struct writ_slice input,
                                         struct writ_slice *ret_shown)
{
    struct writ_denial denial;
    WRIT_TRY(writ_derive_check(arena, OURS, inputs.chain.links[1], input, &inputs.holder,
                               writ_slice_text(AGENT), inputs.tools[1], &denial));
    return show(writ_slice_text("may be signed"), ret_shown);
}

static struct writ_result proposal_checked(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    return check_proposal(arena, inputs.proposal, ret_shown);
}

static struct writ_result wide_proposal_refused(struct writ_arena *arena,
                                                struct writ_slice *ret_shown)
{
    return check_proposal(arena, inputs.proposal_too_wide, ret_shown);
}

static struct writ_result proof_made(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    const struct writ_proof_request request = {
        .iat_unix_s = FORGE_NOW,
        .leaf = inputs.chain.links[2],
        .tool = inputs.tool,
        .args = inputs.args,
        .audience = writ_slice_text(FORGE_AUDIENCE),
        .nonce = writ_slice_text(NONCE),
    };
    struct writ_slice input;
    WRIT_TRY(writ_proof_input(arena, &request, &input));
    return show(input, ret_shown);
}

static struct writ_result enrolment_made(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    static const uint8_t RANDOM[16] = {1};
    struct writ_slice input;
    WRIT_TRY(writ_enrol_input(arena, writ_slice_text(FORGE_ISSUER), writ_slice_text(NONCE),
                              FORGE_NOW, RANDOM, &input));
    return show(input, ret_shown);
}

static struct writ_result enrolment_verified(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_denial denial;
    WRIT_TRY(writ_enrol_verify(arena, &inputs.holder, inputs.enrolment,
                               writ_slice_text(FORGE_ISSUER), writ_slice_text(NONCE), FORGE_NOW, 30,
                               &denial));
    return show(writ_slice_text("enrolled"), ret_shown);
}

static struct writ_act expected_act(void)
{
    return (struct writ_act){
        .act = writ_slice_text("renew"),
        .task = writ_slice_text(TASK),
        .delegation = writ_slice_text("link-2"),
        .iat_unix_s = FORGE_NOW,
    };
}

static struct writ_result request_made(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    static const uint8_t RANDOM[16] = {2};
    const struct writ_act act = expected_act();
    struct writ_slice input;
    WRIT_TRY(writ_request_input(arena, &act, writ_slice_text(FORGE_ISSUER), RANDOM, &input));
    return show(input, ret_shown);
}

static struct writ_result request_verified(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_act act = expected_act();
    struct writ_denial denial;
    WRIT_TRY(writ_request_verify(arena, &inputs.holder, inputs.request,
                                 writ_slice_text(FORGE_ISSUER), FORGE_NOW, 30, &act, &denial));
    return show(act.jti, ret_shown);
}

static struct writ_approval expected_approval(void)
{
    return (struct writ_approval){
        .id = writ_slice_text(APPROVAL),
        .decision = writ_slice_text("approve"),
        .digest = writ_slice_text(DIGEST),
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 60,
    };
}

static struct writ_result approval_made(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    static const uint8_t RANDOM[16] = {3};
    const struct writ_approval approval = expected_approval();
    struct writ_slice input;
    WRIT_TRY(writ_approval_input(arena, &approval, writ_slice_text(FORGE_ISSUER), RANDOM, &input));
    return show(input, ret_shown);
}

static struct writ_result approval_verified(struct writ_arena *arena, struct writ_slice *ret_shown)
{
    struct writ_approval approval = expected_approval();
    struct writ_denial denial;
    WRIT_TRY(writ_approval_verify(arena, &inputs.holder, inputs.approval,
                                  writ_slice_text(FORGE_ISSUER), FORGE_NOW, 30, &approval,
                                  &denial));
    return show(writ_slice_text("approved"), ret_shown);
}

const struct operation OPERATIONS[] = {
    {"JSON both ways", json_both_ways},
    {"JSON built", json_built},
    {"key parsed", key_parsed},
    {"base64url both ways", base64url_both_ways},
    {"authority parsed and written", authority_parsed},
    {"notation both ways", notation_both_ways},
    {"authorities met", authorities_met},
    {"constraints met", constraints_met},
    {"differences listed", differences_listed},
    {"child parsed and compared", child_compared},
    {"wider child refused", wider_child_refused},
    {"call checked", call_checked},
    {"call refused", call_refused},
    {"chain of three verified", chain_verified},
    {"chain of three refused", chain_refused},
    {"terms kept", terms_kept},
    {"root made and signed", root_made},
    {"child made", child_made},
    {"proposal checked", proposal_checked},
    {"wide proposal refused", wide_proposal_refused},
    {"proof made", proof_made},
    {"enrolment made", enrolment_made},
    {"enrolment verified", enrolment_verified},
    {"request made", request_made},
    {"request verified", request_verified},
    {"approval made", approval_made},
    {"approval verified", approval_verified},
};
const int OPERATION_COUNT = sizeof OPERATIONS / sizeof OPERATIONS[0];

void operations_start(void)
{
    inputs_start();
}

void operations_end(void)
{
    inputs_end();
}
