/* Enrolment and requests: each is accepted only as itself, for its subject, in its window. */
#include "token/statement.h"

#include <string.h>

#include "fixture.h"
#include "suites.h"

#define ENROL_HEADER "{\"alg\":\"Ed25519\",\"typ\":\"writ-enrol+jwt\"}"
#define APPROVAL_HEADER "{\"alg\":\"Ed25519\",\"typ\":\"writ-approval+jwt\"}"
#define REQUEST_HEADER "{\"alg\":\"Ed25519\",\"typ\":\"writ-request+jwt\"}"

static const uint8_t RANDOM[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const struct writ_slice ISSUER = WRIT_SLICE_LITERAL(FORGE_ISSUER);

static enum writ_status enrol(struct writ_slice compact, uint8_t signer, int64_t now_unix_s)
{
    const struct writ_key key = forge_key(signer);
    return writ_enrol_verify(&arena, &key, compact, ISSUER, writ_slice_text("n-1"), now_unix_s, 30,
                             &denial)
        .status;
}

static enum writ_status request(struct writ_slice compact, struct writ_act *act, int64_t now_unix_s)
{
    const struct writ_key key = forge_key(1);
    return writ_request_verify(&arena, &key, compact, ISSUER, now_unix_s, 30, act, &denial).status;
}

static struct writ_act act_of(const char *act)
{
    return (struct writ_act){
        .act = writ_slice_text(act),
        .task = writ_slice_text("task-1"),
        .delegation = writ_slice_text("node-1"),
        .iat_unix_s = FORGE_NOW,
    };
}

START_TEST(accepts_an_enrolment_in_its_window)
{
    struct writ_slice input;
    struct writ_slice compact;
    ck_assert(writ_is_ok(
        writ_enrol_input(&arena, ISSUER, writ_slice_text("n-1"), FORGE_NOW, RANDOM, &input)));
    ck_assert(writ_is_ok(writ_sign_input(&arena, input, forge_seed(1), &compact)));
    ck_assert_int_eq(enrol(compact, 1, FORGE_NOW), WRIT_OK);
    ck_assert_int_eq(enrol(compact, 1, FORGE_NOW + 30), WRIT_OK);
    ck_assert_int_eq(enrol(compact, 1, FORGE_NOW - 30), WRIT_OK);
    ck_assert_int_eq(enrol(compact, 1, FORGE_NOW + 31), WRIT_EXPIRED);
    ck_assert_str_eq(denial.field, "iat");
    ck_assert_str_eq(denial.step, "");
    ck_assert_int_eq(enrol(compact, 1, FORGE_NOW - 31), WRIT_NOT_YET_VALID);
    ck_assert_str_eq(denial.field, "iat");
    ck_assert_str_eq(denial.step, "");
    ck_assert_int_eq(enrol(compact, 2, FORGE_NOW), WRIT_SIGNATURE_INVALID);
    ck_assert_str_eq(denial.step, "");
}
END_TEST

START_TEST(refuses_enrolments_that_say_something_else)
{
    static const struct {
        const char *header;
        const char *payload;
        enum writ_status outcome;
        const char *field;
    } CASES[] = {
        {ENROL_HEADER,
         "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-1\"}",
         WRIT_OK, ""},
        {REQUEST_HEADER,
         "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-1\"}",
         WRIT_MALFORMED, ""},
        {FORGE_HEADER,
         "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-1\"}",
         WRIT_MALFORMED, ""},
        {ENROL_HEADER,
         "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-2\"}",
         WRIT_HOLDER_BINDING_FAILED, "nonce"},
        {ENROL_HEADER, "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"j\"}",
         WRIT_HOLDER_BINDING_FAILED, "nonce"},
        {ENROL_HEADER,
         "{\"aud\":\"https://else.test\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-1\"}",
         WRIT_AUDIENCE_MISMATCH, "aud"},
        {ENROL_HEADER,
         "{\"aud\":[\"" FORGE_ISSUER "\"],\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-1\"}",
         WRIT_AUDIENCE_MISMATCH, "aud"},
        {ENROL_HEADER, "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"nonce\":\"n-1\"}",
         WRIT_MALFORMED, "jti"},
        {ENROL_HEADER, "{\"aud\":\"" FORGE_ISSUER "\",\"jti\":\"j\",\"nonce\":\"n-1\"}",
         WRIT_MALFORMED, "iat"},
        {ENROL_HEADER,
         "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":18e8,\"jti\":\"j\",\"nonce\":\"n-1\"}",
         WRIT_MALFORMED, "iat"},
        {ENROL_HEADER,
         "{\"aud\":\"" FORGE_ISSUER
         "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-1\",\"x\":1}",
         WRIT_MALFORMED, ""},
        {ENROL_HEADER,
         "{\"aud\":\"" FORGE_ISSUER
         "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-2\",\"nonce\":\"n-1\"}",
         WRIT_MALFORMED, ""},
        {ENROL_HEADER, "[]", WRIT_MALFORMED, ""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        denial = (struct writ_denial){.hop = 7};
        ck_assert_msg(enrol(forge_sign(&arena, CASES[i].header, CASES[i].payload, 1), 1,
                            FORGE_NOW) == CASES[i].outcome,
                      "%s: %s", CASES[i].payload, denial.detail);
        ck_assert_int_eq(denial.outcome, CASES[i].outcome);
        ck_assert_str_eq(denial.field, CASES[i].field);
        ck_assert_str_eq(denial.step, "");
        ck_assert_int_eq(denial.hop, -1);
    }
    ck_assert_int_eq(enrol(WRIT_SLICE_NONE, 1, FORGE_NOW), WRIT_MALFORMED);
}
END_TEST

START_TEST(accepts_a_request_for_its_act_and_node_only)
{
    static const char *const ACTS[] = {"renew", "complete", "revoke"};
    for (size_t i = 0; i < COUNT(ACTS); i++) {
        struct writ_act act = act_of(ACTS[i]);
        struct writ_slice input, compact, forged;
        ck_assert(writ_is_ok(writ_request_input(&arena, &act, ISSUER, RANDOM, &input)));
        ck_assert(writ_is_ok(writ_sign_input(&arena, input, forge_seed(1), &compact)));
        act.iat_unix_s = 0;
        ck_assert_int_eq(request(compact, &act, FORGE_NOW + 1), WRIT_OK);
        ck_assert_int_eq(act.iat_unix_s, FORGE_NOW);
        ck_assert_uint_eq(act.jti.size, 36);

        struct writ_act other = act_of(i == 0 ? "revoke" : "renew");
        ck_assert_int_eq(request(compact, &other, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
        other = act_of(ACTS[i]);
        other.task = writ_slice_text("task-2");
        ck_assert_int_eq(request(compact, &other, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
        other = act_of(ACTS[i]);
        other.delegation = writ_slice_text("node-2");
        ck_assert_int_eq(request(compact, &other, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
        ck_assert_str_eq(denial.field, "delegation");
        ck_assert_int_eq(denial.hop, -1);
        ck_assert_uint_eq(other.jti.size, 0);
        ck_assert_int_eq(request(compact, &act, FORGE_NOW + 31), WRIT_EXPIRED);
        ck_assert(writ_is_ok(writ_sign_input(&arena, input, forge_seed(2), &forged)));
        ck_assert_int_eq(request(forged, &act, FORGE_NOW), WRIT_SIGNATURE_INVALID);
        ck_assert_int_eq(enrol(compact, 1, FORGE_NOW), WRIT_MALFORMED);
    }
}
END_TEST

/* Nothing was asked for, so nothing that is said can be it. */
START_TEST(refuses_a_statement_about_nothing)
{
    const struct writ_key key = forge_key(1);
    struct writ_slice compact = forge_sign(
        &arena, ENROL_HEADER,
        "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"\"}", 1);
    ck_assert_int_eq(
        writ_enrol_verify(&arena, &key, compact, ISSUER, WRIT_SLICE_NONE, FORGE_NOW, 30, &denial)
            .status,
        WRIT_HOLDER_BINDING_FAILED);
    struct writ_act act = {.act = WRIT_SLICE_LITERAL("renew"), .task = WRIT_SLICE_LITERAL("t")};
    compact = forge_sign(&arena, REQUEST_HEADER,
                         "{\"act\":\"renew\",\"aud\":\"" FORGE_ISSUER "\",\"delegation\":\"\","
                         "\"iat\":1800000000,\"jti\":\"j\",\"txn\":\"t\"}",
                         1);
    ck_assert_int_eq(request(compact, &act, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
    /* A nonce that only begins like the one that was given. */
    compact = forge_sign(
        &arena, ENROL_HEADER,
        "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"j\",\"nonce\":\"n-12\"}", 1);
    ck_assert_int_eq(enrol(compact, 1, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
}
END_TEST

static enum writ_status approve(struct writ_slice compact, struct writ_approval *approval,
                                int64_t now_unix_s)
{
    const struct writ_key key = forge_key(1);
    return writ_approval_verify(&arena, &key, compact, ISSUER, now_unix_s, 30, approval, &denial)
        .status;
}

static struct writ_approval approval_of(const char *decision)
{
    return (struct writ_approval){
        .id = writ_slice_text("a-1"),
        .decision = writ_slice_text(decision),
        .digest = writ_slice_text("d-1"),
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 20,
    };
}

START_TEST(accepts_an_approval_of_what_was_asked_until_it_ends)
{
    struct writ_approval approval = approval_of("approve");
    struct writ_slice input, compact, forged;
    ck_assert(writ_is_ok(writ_approval_input(&arena, &approval, ISSUER, RANDOM, &input)));
    ck_assert(writ_is_ok(writ_sign_input(&arena, input, forge_seed(1), &compact)));
    approval.iat_unix_s = approval.exp_unix_s = 0;
    ck_assert_int_eq(approve(compact, &approval, FORGE_NOW + 19), WRIT_OK);
    ck_assert_int_eq(approval.iat_unix_s, FORGE_NOW);
    ck_assert_int_eq(approval.exp_unix_s, FORGE_NOW + 20);
    ck_assert_int_eq(approve(compact, &approval, FORGE_NOW + 20), WRIT_EXPIRED);
    ck_assert_str_eq(denial.field, "exp");
    ck_assert_int_eq(denial.hop, -1);
    ck_assert_int_eq(approve(compact, &approval, FORGE_NOW - 31), WRIT_NOT_YET_VALID);
    struct writ_approval other = approval_of("reject");
    ck_assert_int_eq(approve(compact, &other, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
    ck_assert_str_eq(denial.field, "decision");
    other = approval_of("approve");
    other.id = writ_slice_text("a-2");
    ck_assert_int_eq(approve(compact, &other, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
    ck_assert_str_eq(denial.field, "approval");
    other = approval_of("approve");
    other.digest = writ_slice_text("d-2");
    ck_assert_int_eq(approve(compact, &other, FORGE_NOW), WRIT_HOLDER_BINDING_FAILED);
    ck_assert_str_eq(denial.field, "digest");
    ck_assert(writ_is_ok(writ_sign_input(&arena, input, forge_seed(2), &forged)));
    ck_assert_int_eq(approve(forged, &approval, FORGE_NOW), WRIT_SIGNATURE_INVALID);
    struct writ_act act = act_of("renew");
    ck_assert_int_eq(request(compact, &act, FORGE_NOW), WRIT_MALFORMED);
}
END_TEST

START_TEST(refuses_an_approval_without_an_end_or_with_more)
{
    static const struct {
        const char *end;
        enum writ_status outcome;
        const char *field;
    } CASES[] = {
        {"\"exp\":1800000020,", WRIT_OK, ""},
        {"", WRIT_MALFORMED, "exp"},
        {"\"exp\":18e8,", WRIT_MALFORMED, "exp"},
        {"\"exp\":1800000020,\"x\":1,", WRIT_MALFORMED, ""},
        {"\"exp\":1799999999,", WRIT_EXPIRED, "exp"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct writ_approval approval = approval_of("approve");
        const char *payload = writ_arena_printf(
            &arena,
            "{\"approval\":\"a-1\",\"aud\":\"" FORGE_ISSUER
            "\",\"decision\":\"approve\",\"digest\":\"d-1\",%s\"iat\":1800000000,\"jti\":\"j\"}",
            CASES[i].end);
        ck_assert_msg(approve(forge_sign(&arena, APPROVAL_HEADER, payload, 1), &approval,
                              FORGE_NOW) == CASES[i].outcome,
                      "%s: %s", payload, denial.detail);
        ck_assert_str_eq(denial.field, CASES[i].field);
    }
}
END_TEST

/* A header may have blanks at its end, so a statement can be good and as long as one likes. */
START_TEST(bounds_a_statement_to_the_byte)
{
    bool is_exact = false, is_one_over = false;
    for (int i = 0; i < 16 * 3; i++) {
        const char *payload = writ_arena_printf(
            &arena,
            "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":1800000000,\"jti\":\"%.*s\",\"nonce\":\"n-1\"}",
            1 + i % 3, "jjj");
        const size_t rest = 2 + 86 + (strlen(payload) * 4 + 2) / 3;
        const int room = (int)((WRIT_TOKEN_SIZE_MAX - rest) / 4 * 3);
        const char *header = writ_arena_printf(&arena, "%-*s", room - 8 + i / 3, ENROL_HEADER);
        const struct writ_slice compact = forge_sign(&arena, header, payload, 1);
        const bool fits = compact.size <= WRIT_TOKEN_SIZE_MAX;
        is_exact |= compact.size == WRIT_TOKEN_SIZE_MAX;
        is_one_over |= compact.size == WRIT_TOKEN_SIZE_MAX + 1;
        ck_assert_msg(enrol(compact, 1, FORGE_NOW) == (fits ? WRIT_OK : WRIT_MALFORMED), "%zu",
                      compact.size);
    }
    ck_assert(is_exact && is_one_over);
}
END_TEST

Suite *suite_statement(void)
{
    TCase *tests = tcase_create("statement");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, accepts_an_enrolment_in_its_window);
    tcase_add_test(tests, refuses_enrolments_that_say_something_else);
    tcase_add_test(tests, accepts_an_approval_of_what_was_asked_until_it_ends);
    tcase_add_test(tests, refuses_an_approval_without_an_end_or_with_more);
    tcase_add_test(tests, refuses_a_statement_about_nothing);
    tcase_add_test(tests, bounds_a_statement_to_the_byte);
    tcase_add_test(tests, accepts_a_request_for_its_act_and_node_only);
    return suite_of("statement", tests);
}
