/* What an enforcement point is given as JSON: trust anchors, presentations, calls. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "fixture.h"
#include "suites.h"
#include "token/received.h"

#define JWK                                                                                        \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w\"}"
#define KID_JWK(kid)                                                                               \
    "{\"kid\":" kid ",\"kty\":\"OKP\",\"crv\":\"Ed25519\","                                        \
    "\"x\":\"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w\"}"
#define WEAK                                                                                       \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"

static struct writ_verifier verifier;
static struct writ_call call;

static void setup(void)
{
    setup_chain();
    memset(&verifier, 0, sizeof verifier);
    memset(&call, 0, sizeof call);
}

static enum writ_status trust(const char *anchors)
{
    return writ_verifier_trust(&arena, writ_slice_text(anchors), &verifier, &denial).status;
}

/* The sealed chain as {"aat_chain", "aat_pop"}. */
static const char *presentation_text(void)
{
    const char *links = "";
    for (size_t i = 0; i < chain.count; i++)
        links = writ_arena_printf(&arena, "%s%s\"%.*s\"", links, i == 0 ? "" : ",",
                                  WRIT_SLICE_ARGS(chain.links[i]));
    return writ_arena_printf(&arena, "{\"aat_chain\":[%s],\"aat_pop\":\"%.*s\"}", links,
                             WRIT_SLICE_ARGS(chain.proof_compact));
}

static const char *call_text(const char *tool, const char *args)
{
    return writ_arena_printf(&arena, "{\"presentation\":%s,\"tool\":%s,\"arguments\":%s}",
                             presentation_text(), tool, args);
}

static struct writ_verdict judge(const char *text)
{
    return writ_verify_call(&arena, &chain.verifier, writ_slice_text(text), &call);
}

START_TEST(reads_trust_anchors_alone_and_within_a_file)
{
    ck_assert_int_eq(trust("[{\"iss\":\"https://a.test\",\"jwk\":" JWK "}]"), WRIT_OK);
    ck_assert_uint_eq(verifier.anchor_count, 1);
    ck_assert(writ_slice_is(verifier.anchors[0].issuer, "https://a.test"));
    ck_assert_uint_eq(verifier.anchors[0].kid.size, 0);
    ck_assert_uint_eq(verifier.anchors[0].key.bytes[0], 0x8a);
    ck_assert_int_eq(trust("{\"params\":{},\"trust_anchors\":["
                           "{\"iss\":\"https://a.test\",\"jwk\":" JWK "},"
                           "{\"iss\":\"https://b.test\",\"kid\":\"k1\",\"jwk\":" JWK "}]}"),
                     WRIT_OK);
    ck_assert_uint_eq(verifier.anchor_count, 2);
    ck_assert(writ_slice_is(verifier.anchors[1].kid, "k1"));
    ck_assert_int_eq(trust("[]"), WRIT_OK);
    ck_assert_uint_eq(verifier.anchor_count, 0);
}
END_TEST

START_TEST(takes_the_kid_of_the_key_where_the_anchor_has_none)
{
    ck_assert_int_eq(trust("[{\"iss\":\"a\",\"jwk\":" KID_JWK(
                         "\"inner\"") "},"
                                      "{\"iss\":\"a\",\"kid\":\"b\",\"jwk\":" KID_JWK("7") "}]"),
                     WRIT_OK);
    ck_assert(writ_slice_is(verifier.anchors[0].kid, "inner"));
    ck_assert(writ_slice_is(verifier.anchors[1].kid, "b"));
}
END_TEST

START_TEST(refuses_anchors_that_it_can_not_trust_and_names_the_one)
{
    static const struct {
        const char *json;
        enum writ_status outcome;
        const char *field;
    } CASES[] = {
        {"", WRIT_MALFORMED, ""},
        {"[", WRIT_MALFORMED, ""},
        {"7", WRIT_MALFORMED, "trust_anchors"},
        {"{}", WRIT_MALFORMED, "trust_anchors"},
        {"{\"trust_anchors\":{}}", WRIT_MALFORMED, "trust_anchors"},
        {"[7]", WRIT_MALFORMED, "trust_anchors[0]"},
        {"[{\"iss\":\"https://a.test\"}]", WRIT_MALFORMED, "trust_anchors[0]"},
        {"[{\"jwk\":" JWK "}]", WRIT_MALFORMED, "trust_anchors[0]"},
        {"[{\"iss\":\"\",\"jwk\":" JWK "}]", WRIT_MALFORMED, "trust_anchors[0]"},
        {"[{\"iss\":\"a\",\"kid\":\"\",\"jwk\":" KID_JWK("\"inner\"") "}]", WRIT_MALFORMED,
         "trust_anchors[0]"},
        {"[{\"iss\":\"a\",\"kid\":7,\"jwk\":" JWK "}]", WRIT_MALFORMED, "trust_anchors[0]"},
        {"[{\"iss\":\"a\",\"jwk\":" KID_JWK("7") "}]", WRIT_MALFORMED, "trust_anchors[0]"},
        {"[{\"iss\":\"https://a.test\",\"jwk\":" JWK "},{\"iss\":\"https://a.test\",\"jwk\":" WEAK
         "}]",
         WRIT_WEAK_KEY, "trust_anchors[1]"},
        {"[{\"iss\":\"https://a.test\",\"iss\":\"https://b.test\",\"jwk\":" JWK "}]",
         WRIT_DUPLICATE_MEMBER, ""},
    };
    ck_assert_int_eq(trust("[{\"iss\":\"https://a.test\",\"jwk\":" JWK "}]"), WRIT_OK);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        denial = (struct writ_denial){.hop = 99};
        ck_assert_msg(trust(CASES[i].json) == CASES[i].outcome, "%s", CASES[i].json);
        ck_assert_int_eq(denial.outcome, CASES[i].outcome);
        ck_assert_int_eq(denial.hop, -1);
        ck_assert_str_eq(denial.step, "");
        ck_assert_str_eq(denial.field, CASES[i].field);
        ck_assert_str_ne(denial.detail, "");
        ck_assert_uint_eq(verifier.anchor_count, 1); /* as it was */
    }
}
END_TEST

START_TEST(reads_a_presentation_and_refuses_one_by_reference)
{
    struct writ_presentation presentation = {0};
    forge_seal(&chain);
    ck_assert(writ_is_ok(writ_presentation_parse(&arena, writ_slice_text(presentation_text()),
                                                 &presentation, &denial)));
    ck_assert_uint_eq(presentation.chain_count, 2);
    ck_assert(writ_slice_equal(presentation.chain[1], chain.links[1]));
    ck_assert(writ_slice_equal(presentation.proof, chain.proof_compact));
    static const struct {
        const char *json;
        enum writ_status outcome;
        const char *field;
    } OTHERS[] = {
        {"", WRIT_MALFORMED, ""},
        {"{\"aat_pop\":1,\"aat_pop\":1}", WRIT_DUPLICATE_MEMBER, ""},
        {"[]", WRIT_MALFORMED, "aat_chain"},
        {"{\"aat_pop\":\"a.b.c\"}", WRIT_MALFORMED, "aat_chain"},
        {"{\"aat_chain\":\"a.b.c\",\"aat_pop\":\"a.b.c\"}", WRIT_MALFORMED, "aat_chain"},
        {"{\"aat_chain\":[1],\"aat_pop\":\"a.b.c\"}", WRIT_MALFORMED, "aat_chain"},
        {"{\"txn\":\"01a20abf-13b8-7cc8-99ca-de0f1a31e767\",\"aat_leaf\":\"x\",\"aat_pop\":\"y\"}",
         WRIT_MALFORMED, "aat_chain"},
    };
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        denial = (struct writ_denial){.hop = 99};
        const struct writ_result result = writ_presentation_parse(
            &arena, writ_slice_text(OTHERS[i].json), &presentation, &denial);
        ck_assert_msg(result.status == OTHERS[i].outcome, "%s", OTHERS[i].json);
        ck_assert_int_eq(denial.outcome, OTHERS[i].outcome);
        ck_assert_int_eq(denial.hop, -1);
        ck_assert_str_eq(denial.step, "");
        ck_assert_str_eq(denial.field, OTHERS[i].field);
        ck_assert_uint_eq(presentation.chain_count, 2); /* as it was */
    }
}
END_TEST

/* What was parsed before, by whoever asks: the service, or another format around it. */
START_TEST(reads_what_was_parsed_before)
{
    struct writ_presentation presentation = {0};
    denial.hop = 99;
    ck_assert(!writ_is_ok(writ_anchors_read(&arena, parse("7"), &verifier, &denial)));
    ck_assert_int_eq(denial.hop, -1);
    denial.hop = 99;
    ck_assert(!writ_is_ok(writ_presentation_read(&arena, parse("7"), &presentation, &denial)));
    ck_assert_int_eq(denial.hop, -1);

    /* Two links stand there, and one is counted. */
    struct writ_json links[] = {*parse("\"a\""), *parse("\"b\"")};
    const struct writ_json list = {.type = WRIT_JSON_ARRAY, .count = 1, .items = links};
    struct writ_json *json = writ_json_new_object(&arena);
    writ_json_put(&arena, json, "aat_chain", &list);
    ck_assert(writ_is_ok(writ_presentation_read(&arena, json, &presentation, &denial)));
    ck_assert_uint_eq(presentation.chain_count, 1);
    ck_assert(writ_slice_is(presentation.chain[0], "a"));
    ck_assert_ptr_nonnull(writ_arena_alloc(&arena, 1));
}
END_TEST

START_TEST(reads_all_that_is_given_or_says_out_of_memory)
{
    struct writ_arena none;
    struct writ_presentation presentation = {0};
    writ_arena_init(&none, 1);
    const struct writ_json *anchors = parse("[{\"iss\":\"a\",\"jwk\":" JWK "}]");
    ck_assert_int_eq(writ_anchors_read(&none, anchors, &verifier, &denial).status,
                     WRIT_OUT_OF_MEMORY);
    ck_assert_int_eq(
        writ_presentation_read(&none, parse("{\"aat_chain\":[\"a\"]}"), &presentation, &denial)
            .status,
        WRIT_OUT_OF_MEMORY);
    const struct writ_slice text = WRIT_SLICE_LITERAL(
        "{\"presentation\":{\"aat_chain\":[\"a\"]},\"tool\":\"t\",\"arguments\":{\"a\":[1,2,3,4]}"
        "}");
    enum writ_status status = WRIT_OUT_OF_MEMORY;
    for (size_t limit = 16; status != WRIT_OK; limit += 16) {
        struct writ_arena small;
        writ_arena_init(&small, limit);
        status = writ_call_parse(&small, text, &presentation, &call, &denial).status;
        ck_assert(status == WRIT_OUT_OF_MEMORY || status == WRIT_OK);
        ck_assert(status != WRIT_OK || writ_slice_is(call.args, "{\"a\":[1,2,3,4]}"));
        writ_arena_done(&small);
    }
}
END_TEST

START_TEST(permits_a_call_and_hands_out_the_bytes_that_were_judged)
{
    forge_seal(&chain);
    const struct writ_verdict verdict = judge(
        call_text("\"read_file\"", "{ \"path\" : \"\\u002fa\" }"));
    ck_assert_msg(verdict.permit, "%s %s", verdict.denial.field, verdict.denial.detail);
    ck_assert(writ_slice_is(call.tool, "read_file"));
    ck_assert(writ_slice_is(call.args, "{\"path\":\"/a\"}"));

    const char *args = "{\"to\":[1.50,{\"b\":1,\"a\":2}]}";
    forge_set(&chain.proof, "aat_tool", "\"send_email\"");
    forge_set(&chain.proof, "hta", args);
    forge_seal(&chain);
    ck_assert(judge(call_text("\"send_email\"", args)).permit);
    ck_assert(writ_slice_is(call.args, "{\"to\":[1.5,{\"a\":2,\"b\":1}]}"));
}
END_TEST

START_TEST(hands_out_nothing_of_a_call_that_is_denied)
{
    forge_seal(&chain);
    const struct writ_verdict verdict = judge(call_text("\"read_file\"", "{\"path\":\"/z\"}"));
    ck_assert(!verdict.permit);
    ck_assert_int_eq(verdict.denial.outcome, WRIT_ARGUMENT_NOT_GRANTED);
    ck_assert_ptr_null(call.tool.data);
    ck_assert_ptr_null(call.args.data);
}
END_TEST

START_TEST(denies_what_is_no_call)
{
    forge_seal(&chain);
    const char *presentation = presentation_text();
    const struct {
        const char *text;
        enum writ_status outcome;
    } cases[] = {
        {"", WRIT_MALFORMED},
        {"rubbish", WRIT_MALFORMED},
        {"[]", WRIT_MALFORMED},
        {"{}", WRIT_MALFORMED},
        {presentation, WRIT_MALFORMED},
        {call_text("7", "{\"path\":\"/a\"}"), WRIT_MALFORMED},
        {call_text("\"\"", "{\"path\":\"/a\"}"), WRIT_SCOPE_NOT_GRANTED},
        {call_text("\"read_file\"", "[]"), WRIT_MALFORMED},
        {call_text("\"read_file\"", "null"), WRIT_MALFORMED},
        {call_text("\"read_file\"", "{\"path\":\"/a\"},\"context\":{}"), WRIT_MALFORMED},
        {call_text("\"read_file\"", "{\"path\":\"/a\"},\"tool\":\"rm\""), WRIT_DUPLICATE_MEMBER},
        {call_text("\"read_file\"", "{\"path\":\"/z\",\"path\":\"/a\"}"), WRIT_DUPLICATE_MEMBER},
        {call_text("\"read_file\"", "{\"path\":9007199254740993}"), WRIT_NON_CANONICAL},
        {call_text("\"read_file\"", "{\"path\":1e999}"), WRIT_NON_CANONICAL},
        {writ_arena_printf(&arena, "{\"presentation\":%s,\"tool\":\"read_file\"}", presentation),
         WRIT_MALFORMED},
        {"{\"presentation\":{\"aat_chain\":[]},\"tool\":\"t\",\"arguments\":{}}", WRIT_MALFORMED},
        {"{\"presentation\":{\"txn\":\"t\"},\"tool\":\"t\",\"arguments\":{}}", WRIT_MALFORMED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct writ_verdict verdict = judge(cases[i].text);
        ck_assert_msg(!verdict.permit && verdict.denial.outcome == cases[i].outcome, "%s: %s",
                      cases[i].text, writ_status_code(verdict.denial.outcome));
        ck_assert_str_ne(verdict.denial.detail, "");
        ck_assert_ptr_nonnull(strstr(verdict.not_checked_text, "(W1)"));
    }
    ck_assert_str_eq(judge("{}").denial.step, "");
    const char *reference = "{\"presentation\":{\"txn\":\"t\"},\"tool\":\"t\",\"arguments\":{}}";
    ck_assert_str_eq(judge(reference).denial.step, "");
    ck_assert_str_eq(judge(reference).denial.field, "aat_chain");
}
END_TEST

static bool remember(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                     int64_t iat_unix_s)
{
    char *known = context;
    char id[44];
    writ_proof_id(leaf_hash, jti, id);
    ck_assert_int_eq(iat_unix_s, FORGE_NOW);
    if (strcmp(known, id) == 0)
        return true;
    memcpy(known, id, sizeof id);
    return false;
}

START_TEST(a_proof_that_is_remembered_by_its_id_counts_once)
{
    char known[44] = "";
    chain.verifier.replayed = remember;
    chain.verifier.replayed_context = known;
    forge_seal(&chain);
    const char *text = call_text("\"read_file\"", "{\"path\":\"/a\"}");
    ck_assert(judge(text).permit);
    const struct writ_verdict verdict = judge(text);
    ck_assert(!verdict.permit);
    ck_assert_int_eq(verdict.denial.outcome, WRIT_REPLAYED);
    ck_assert_ptr_null(strstr(verdict.not_checked_text, "(W3)"));
    forge_set(&chain.proof, "jti", "\"another\"");
    forge_seal(&chain);
    ck_assert(judge(call_text("\"read_file\"", "{\"path\":\"/a\"}")).permit);
}
END_TEST

START_TEST(the_id_of_a_proof_is_of_its_leaf_and_its_jti)
{
    static const char *const PAIRS[][2] = {
        {"leaf", "jti"}, {"leaf", "jtj"}, {"leag", "jti"}, {"leafj", "ti"}, {"jti", "leaf"}};
    char ids[COUNT(PAIRS)][44], again[44];
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        writ_proof_id(writ_slice_text(PAIRS[i][0]), writ_slice_text(PAIRS[i][1]), ids[i]);
        writ_proof_id(writ_slice_text(PAIRS[i][0]), writ_slice_text(PAIRS[i][1]), again);
        ck_assert_str_eq(ids[i], again);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(ids[i], ids[k]);
    }
}
END_TEST

START_TEST(names_in_words_what_it_names_in_short)
{
    forge_seal(&chain);
    for (int tracked = 0; tracked < 2; tracked++) {
        chain.verifier.replayed = tracked ? remember : NULL;
        const struct writ_verdict verdict = judge("{}");
        for (int w = 1; w <= 7; w++) {
            const char *name = writ_arena_printf(&arena, "W%d", w);
            const char *words = writ_arena_printf(&arena, "(W%d)", w);
            ck_assert_msg(!strstr(verdict.not_checked, name) ==
                              !strstr(verdict.not_checked_text, words),
                          "%s", name);
            ck_assert_msg(!strstr(verdict.not_checked, name) == (tracked && w == 3), "%s", name);
        }
    }
}
END_TEST

START_TEST(denies_a_call_wherever_memory_runs_out)
{
    forge_seal(&chain);
    const char *text = call_text("\"read_file\"", "{\"path\":\"/a\"}");
    bool permit = false;
    size_t limit = 16;
    for (; !permit && limit < 1 << 20; limit += 64) {
        struct writ_arena small;
        writ_arena_init(&small, limit);
        const struct writ_verdict verdict = writ_verify_call(&small, &chain.verifier,
                                                             writ_slice_text(text), &call);
        permit = verdict.permit;
        ck_assert_int_eq(verdict.denial.outcome, permit ? WRIT_OK : WRIT_OUT_OF_MEMORY);
        writ_arena_done(&small);
    }
    ck_assert(permit);
    ck_assert_uint_gt(limit, 1024);
}
END_TEST

START_TEST(the_version_is_one_in_all_its_forms)
{
    ck_assert_str_eq(writ_version(), WRIT_VERSION);
    ck_assert_str_eq(writ_version(), writ_arena_printf(&arena, "%d.%d.%d", WRIT_VERSION_MAJOR,
                                                       WRIT_VERSION_MINOR, WRIT_VERSION_PATCH));
}
END_TEST

Suite *suite_received(void)
{
    TCase *tests = tcase_create("received");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, reads_trust_anchors_alone_and_within_a_file);
    tcase_add_test(tests, refuses_anchors_that_it_can_not_trust_and_names_the_one);
    tcase_add_test(tests, reads_a_presentation_and_refuses_one_by_reference);
    tcase_add_test(tests, takes_the_kid_of_the_key_where_the_anchor_has_none);
    tcase_add_test(tests, reads_what_was_parsed_before);
    tcase_add_test(tests, reads_all_that_is_given_or_says_out_of_memory);
    tcase_add_test(tests, the_id_of_a_proof_is_of_its_leaf_and_its_jti);
    tcase_add_test(tests, permits_a_call_and_hands_out_the_bytes_that_were_judged);
    tcase_add_test(tests, hands_out_nothing_of_a_call_that_is_denied);
    tcase_add_test(tests, denies_what_is_no_call);
    tcase_add_test(tests, a_proof_that_is_remembered_by_its_id_counts_once);
    tcase_add_test(tests, names_in_words_what_it_names_in_short);
    tcase_add_test(tests, denies_a_call_wherever_memory_runs_out);
    tcase_add_test(tests, the_version_is_one_in_all_its_forms);
    return suite_of("received", tests);
}
