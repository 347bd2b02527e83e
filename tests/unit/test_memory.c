/* Terms, links, proofs and statements where memory is scarce. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "scarce.h"
#include "suites.h"
#include "token/link.h"
#include "token/proof.h"
#include "token/sets.h"
#include "token/statement.h"

#define TERMS                                                                                      \
    "{\"approval\":[{\"approvers\":[\"finance\"],\"quorum\":1,\"tools\":[\"send_email\"]}],"       \
    "\"budget\":[{\"limit\":\"20\",\"per_call\":\"2\",\"unit\":\"calls\"}],"                       \
    "\"call_only\":[\"t\",\"s\"],\"clearance\":{\"categories\":[\"pii\",\"hr\"]},"                 \
    "\"pass_only\":[\"read_file\",\"send_email\"]}"

/* What the operations work on; made once for each test, with plenty of memory. */
static const struct writ_authority *four, *none;
static struct writ_slice root;
static struct writ_effective effective, names_only;
static struct writ_grant grant;
static const char *long_args; /* one of them over the size from which a proof has its digest */
static const uint8_t RANDOM[16] = {1, 2, 3};

static void setup(void)
{
    setup_chain();
    none = authority_of("");
    four = authority_of("s, t, u, v(x any)");
    forge_set_terms(&chain, 0, TERMS);
    forge_seal(&chain);
    root = chain.links[0];
    struct writ_token token;
    ck_assert(writ_is_ok(writ_root_verify(&arena, &chain.verifier, root, &token, &denial)));
    effective = token.effective;
    names_only = effective;
    names_only.budget = &writ_empty_array;
    names_only.approval = &writ_empty_array;
    grant = (struct writ_grant){
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 60,
        .max_depth = 4,
        .holder = forge_key(7),
        .audience = writ_slice_text("[\"" FORGE_AUDIENCE "\"]"),
        .tools = writ_slice_text(FORGE_TOOLS),
        .terms = writ_slice_text(TERMS),
        .txn = writ_slice_text("task-1"),
        .sub = writ_slice_text("alice"),
        .client_id = writ_slice_text("planner"),
    };
    char text[5000] = "";
    memset(text, 'a', sizeof text - 1);
    long_args = writ_arena_printf(&arena, "{\"a\":1,\"long\":\"%s\"}", text);
}

/* ---- Terms ------------------------------------------------------------------------------------
 */

static struct writ_result read_said(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    static const char SAID[] =
        "{\"clearance\":{\"categories\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"h\"]}}";
    const struct writ_json *said = NULL;
    struct writ_terms terms;
    ck_assert(writ_is_ok(writ_json_parse(&results, WRIT_SLICE_LITERAL(SAID), &said)));
    WRIT_TRY(writ_terms_read(scratch, said, &terms, &denial));
    *ret_made = scarce_canonical(writ_label_json(&results, &terms.clearance));
    return WRIT_SUCCESS;
}

/* What comes last must not be what is lost. */
static struct writ_result fold_said(struct writ_arena *scratch, const struct writ_effective *above,
                                    const char *text, struct writ_slice *ret_made)
{
    const struct writ_json *said = NULL;
    struct writ_terms terms;
    struct writ_effective folded;
    const struct writ_key key = forge_key(9);
    ck_assert(writ_is_ok(writ_json_parse(&results, writ_slice_text(text), &said)));
    ck_assert(writ_is_ok(writ_terms_read(&results, said, &terms, &denial)));
    WRIT_TRY(writ_terms_fold(scratch, above, &terms, NULL, writ_slice_text("reader"), &key, &folded,
                             &denial));
    *ret_made = scarce_canonical(writ_effective_json(&results, &folded));
    return WRIT_SUCCESS;
}

static struct writ_result fold_terms(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return fold_said(
        scratch, &effective,
        "{\"approval\":[{\"approvers\":[\"finance\"],\"quorum\":1,\"tools\":[\"send_email\"]}],"
        "\"budget\":[{\"limit\":\"19\",\"unit\":\"calls\"},{\"limit\":\"1\",\"unit\":\"usd\"}],"
        "\"call_only\":[\"u\"],\"clearance\":{\"categories\":[\"hr\",\"hr\"]},"
        "\"pass_only\":[\"send_email\",\"x\"]}",
        ret_made);
}

static struct writ_result keep_budget(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return fold_said(scratch, &effective,
                     "{\"approval\":[{\"approvers\":[\"finance\"],\"quorum\":1,"
                     "\"tools\":[\"send_email\"]}]}",
                     ret_made);
}

static struct writ_result bar_tools(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return fold_said(scratch, NULL, "{\"pass_only\":[\"x\",\"y\"]}", ret_made);
}

static struct writ_result write_terms(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_json *json = writ_effective_json(scratch, &effective);
    WRIT_ENSURE(json, OUT_OF_MEMORY);
    *ret_made = scarce_canonical(json);
    return WRIT_SUCCESS;
}

static struct writ_result read_terms(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_effective again;
    WRIT_TRY(writ_effective_read(scratch, writ_effective_json(&results, &effective), &again));
    *ret_made = scarce_canonical(writ_effective_json(&results, &again));
    return WRIT_SUCCESS;
}

static struct writ_result take_passable(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_authority *passable = NULL;
    WRIT_TRY(writ_effective_passable(scratch, &effective, four, &passable));
    *ret_made = writ_authority_notation(&results, passable);
    return WRIT_SUCCESS;
}

static struct writ_result find_approvals(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_json *rules = writ_effective_approvals(scratch, &effective,
                                                             writ_slice_text("send_email"));
    WRIT_ENSURE(rules, OUT_OF_MEMORY);
    *ret_made = scarce_canonical(rules);
    return WRIT_SUCCESS;
}

/* ---- Links, proofs and statements ------------------------------------------------------------ */

static struct writ_result make_root(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_slice input;
    WRIT_TRY(writ_root_input(scratch, writ_slice_text(FORGE_ISSUER), writ_slice_text("k1"), &grant,
                             &input));
    return scarce_taken(input, ret_made);
}

static struct writ_result make_child(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_slice input;
    WRIT_TRY(writ_child_input(scratch, root, &grant, &input));
    return scarce_taken(input, ret_made);
}

static struct writ_result sign(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_slice compact;
    WRIT_TRY(writ_sign_input(scratch, writ_slice_text("a.b"), forge_seed(1), &compact));
    return scarce_taken(compact, ret_made);
}

static struct writ_result check_child(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_slice input;
    const struct writ_key holder = forge_key(7);
    grant.tools = writ_slice_text(FORGE_TOOLS);
    ck_assert(writ_is_ok(writ_child_input(&results, root, &grant, &input)));
    WRIT_TRY(writ_derive_check(scratch, OURS, root, input, &holder, grant.client_id, grant.tools,
                               &denial));
    *ret_made = WRIT_SLICE_LITERAL("accepted");
    return WRIT_SUCCESS;
}

static struct writ_result read_trusted(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_token token;
    WRIT_TRY(writ_token_read_trusted(scratch, OURS, root, &token));
    *ret_made = scarce_canonical(writ_effective_json(&results, &token.effective));
    return WRIT_SUCCESS;
}

static struct writ_result make_proof(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_proof_request request = {
        .iat_unix_s = FORGE_NOW,
        .leaf = root,
        .tool = WRIT_SLICE_LITERAL("send_email"),
        .args = writ_slice_text(long_args),
        .audience = WRIT_SLICE_LITERAL(FORGE_AUDIENCE),
        .nonce = WRIT_SLICE_LITERAL("n-1"),
    };
    struct writ_slice input;
    WRIT_TRY(writ_proof_input(scratch, &request, &input));
    return scarce_taken(input, ret_made);
}

static struct writ_result make_enrolment(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_slice input;
    WRIT_TRY(writ_enrol_input(scratch, writ_slice_text(FORGE_ISSUER), writ_slice_text("n-1"),
                              FORGE_NOW, RANDOM, &input));
    return scarce_taken(input, ret_made);
}

static struct writ_result make_request(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_act act = {
        .act = WRIT_SLICE_LITERAL("renew"),
        .task = WRIT_SLICE_LITERAL("task-1"),
        .delegation = WRIT_SLICE_LITERAL("node-1"),
        .iat_unix_s = FORGE_NOW,
    };
    struct writ_slice input;
    WRIT_TRY(writ_request_input(scratch, &act, writ_slice_text(FORGE_ISSUER), RANDOM, &input));
    return scarce_taken(input, ret_made);
}

static struct writ_result make_approval(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_approval approval = {
        .id = WRIT_SLICE_LITERAL("a-1"),
        .decision = WRIT_SLICE_LITERAL("approve"),
        .digest = WRIT_SLICE_LITERAL("d-1"),
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 60,
    };
    struct writ_slice input;
    WRIT_TRY(
        writ_approval_input(scratch, &approval, writ_slice_text(FORGE_ISSUER), RANDOM, &input));
    return scarce_taken(input, ret_made);
}

static struct writ_result verify_enrolment(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_slice input, compact;
    const struct writ_key key = forge_key(1);
    ck_assert(writ_is_ok(make_enrolment(&results, &input)));
    ck_assert(writ_is_ok(writ_sign_input(&results, input, forge_seed(1), &compact)));
    WRIT_TRY(writ_enrol_verify(scratch, &key, compact, writ_slice_text(FORGE_ISSUER),
                               writ_slice_text("n-1"), FORGE_NOW, 30, &denial));
    *ret_made = WRIT_SLICE_LITERAL("accepted");
    return WRIT_SUCCESS;
}

static struct writ_result keep_names(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return fold_said(scratch, &names_only, "{}", ret_made);
}

static struct writ_result write_label(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_json *json = writ_label_json(scratch, &effective.clearance);
    WRIT_ENSURE(json, OUT_OF_MEMORY);
    *ret_made = scarce_canonical(json);
    return WRIT_SUCCESS;
}

static struct writ_result take_nothing(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_authority *passable = NULL;
    WRIT_TRY(writ_effective_passable(scratch, &effective, none, &passable));
    *ret_made = writ_authority_json(&results, passable);
    return WRIT_SUCCESS;
}

/* A proof by digest, which the verifier makes once more. */
static struct writ_result verify_proof(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    struct writ_token token;
    struct writ_proof proof;
    struct writ_slice input, compact;
    const struct writ_json *args = NULL;
    ck_assert(writ_is_ok(make_proof(&results, &input)));
    ck_assert(writ_is_ok(writ_sign_input(&results, input, forge_seed(1), &compact)));
    ck_assert(writ_is_ok(writ_token_read_trusted(&results, OURS, root, &token)));
    ck_assert(writ_is_ok(writ_json_parse(&results, writ_slice_text(long_args), &args)));
    WRIT_TRY(writ_proof_verify(scratch, &chain.verifier, &token, compact,
                               writ_slice_text("send_email"), args, &proof, &denial));
    *ret_made = WRIT_SLICE_LITERAL("accepted");
    return WRIT_SUCCESS;
}

static const struct scarce_operation OPERATIONS[] = {
    {"read said terms", read_said},
    {"fold terms", fold_terms},
    {"keep budget", keep_budget},
    {"bar tools", bar_tools},
    {"write terms", write_terms},
    {"read terms", read_terms},
    {"take passable", take_passable},
    {"find approvals", find_approvals},
    {"make root", make_root},
    {"make child", make_child},
    {"sign", sign},
    {"check child", check_child},
    {"read trusted", read_trusted},
    {"make proof", make_proof},
    {"make enrolment", make_enrolment},
    {"make request", make_request},
    {"make approval", make_approval},
    {"verify enrolment", verify_enrolment},
    {"keep names", keep_names},
    {"write a label", write_label},
    {"take nothing", take_nothing},
    {"verify a proof", verify_proof},
};

START_TEST(makes_all_of_it_or_says_out_of_memory)
{
    scarce_try(&OPERATIONS[_i]);
}
END_TEST

Suite *suite_memory(void)
{
    TCase *tests = tcase_create("memory");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, makes_all_of_it_or_says_out_of_memory, 0, COUNT(OPERATIONS));
    return suite_of("memory", tests);
}
