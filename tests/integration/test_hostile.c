/* Input made to hurt: sizes, depth, garbage, bursts, and HTTP that a proxy may read another way. */
#include "actors.h"
#include "raw.h"
#include "suites.h"

#include "base/crypto.h"
#include "unit/forge.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char PLACE[] = "{'path': '/notes/a'}";

/* The service goes on after whatever a test did to it. */
static void expect_alive(void)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct answer permit = chain_call(&chain, "read_file", PLACE);
    expect_status(permit, 200);
}

static char *filled(size_t size, char with)
{
    char *text = writ_arena_alloc(scratch(), size + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, with, size);
    return text;
}

START_TEST(refuses_a_token_over_64_kib)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    struct writ_json *claims = child_claims(&chain, &cast.executor);
    claim(claims, "padding", plain("'%s'", filled(60000, 'x')));
    const char *token = token_sign(claims, &cast.planner);
    ck_assert_uint_gt(strlen(token), 65536);
    const struct answer admitted = chain_admit(&chain, token);
    ck_assert_msg(admitted.status == 400 || admitted.status == 413, "%s", shown(&admitted));
    struct chain long_one = chain;
    long_one.tokens[1] = token;
    long_one.holders[1] = cast.executor;
    long_one.count = 2;
    const char *proof = proof_sign(proof_claims(&long_one, "read_file", PLACE), &cast.executor);
    const struct answer used = post(&cast.enforcer, "/v1/validate",
                                    use_body_whole(&long_one, proof, "read_file", PLACE));
    expect_code(used, "malformed");
    /* Just beneath the limit it is a token like any other. */
    claim(claims, "padding", plain("'%s'", filled(47000, 'x')));
    const char *fits = token_sign(claims, &cast.planner);
    ck_assert_uint_le(strlen(fits), 65536);
    const struct answer good = chain_admit(&chain, fits);
    expect_status(good, 201);
    expect_alive();
}
END_TEST

START_TEST(refuses_a_chain_over_256_kib)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (int i = 0; i < 5; i++) {
        struct writ_json *claims = child_claims(&chain, &cast.executor);
        claim(claims, "padding", plain("'%s'", filled(46000, 'x')));
        const char *token = token_sign(claims, &chain.holders[chain.count - 1]);
        chain.tokens[chain.count] = token;
        chain.holders[chain.count++] = cast.executor;
    }
    const char *proof = proof_sign(proof_claims(&chain, "read_file", PLACE), &cast.executor);
    const struct answer used = post(&cast.enforcer, "/v1/validate",
                                    use_body_whole(&chain, proof, "read_file", PLACE));
    expect_code(used, "malformed");
    expect_alive();
}
END_TEST

START_TEST(refuses_a_body_over_the_limit)
{
    char *body = filled(1200000, ' ');
    body[0] = '{';
    body[1199999] = '}';
    const struct answer answer = client_send(&cast.enforcer, "POST", "/v1/validate", NULL,
                                             writ_slice_of(body, 1200000));
    expect_code(answer, "too_large");
    expect_alive();
}
END_TEST

START_TEST(refuses_json_nested_10000_deep)
{
    enum { DEPTH = 10000 };
    char *arrays = filled((size_t)DEPTH * 2, '[');
    memset(arrays + DEPTH, ']', DEPTH);
    char *objects = filled((size_t)DEPTH * 6, ' ');
    for (int i = 0; i < DEPTH; i++)
        memcpy(objects + i * 5, "{\"a\":", 5);
    memset(objects + (size_t)DEPTH * 5, '}', DEPTH);
    const char *const bodies[] = {
        plain("{\"presentation\":%s,\"tool\":\"x\",\"arguments\":{}}", arrays),
        plain("{\"presentation\":{},\"tool\":\"x\",\"arguments\":{\"a\":%s}}", arrays),
        arrays,
        plain("{\"tool\":\"x\",\"arguments\":%s", objects),
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const struct answer answer = post(&cast.enforcer, "/v1/validate", bodies[i]);
        expect_code(answer, "malformed");
    }
    /* Within a token, where only the holder's signature stands before it. */
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct writ_slice claims = writ_json_canonical(scratch(),
                                                         child_claims(&chain, &cast.executor));
    const char *payload = plain("%.*s,\"deep\":%s}", (int)claims.size - 1,
                                (const char *)claims.data, arrays);
    const struct writ_slice token = forge_sign_by(scratch(), FORGE_HEADER, payload,
                                                  cast.planner.seed);
    const struct answer admitted = chain_admit(&chain, plain("%.*s", WRIT_SLICE_ARGS(token)));
    expect_code(admitted, "malformed");
    expect_alive();
}
END_TEST

START_TEST(refuses_tokens_with_duplicate_members_or_a_foreign_frame)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct writ_slice claims = writ_json_canonical(scratch(),
                                                         child_claims(&chain, &cast.executor));
    const char *good = plain("%.*s", WRIT_SLICE_ARGS(claims));
    const char *twice = plain("%.*s,\"del_depth\":1}", (int)claims.size - 1,
                              (const char *)claims.data);
    const struct {
        const char *header, *payload, *code;
    } cases[] = {
        {FORGE_HEADER, twice, "duplicate_member"},
        {FORGE_HEADER, "[]", "malformed"},
        {FORGE_HEADER, "", "malformed"},
        {FORGE_HEADER, "{\"a\":\"\\u0000\"}", "malformed"},
        {"{\"alg\":\"none\",\"typ\":\"aat+jwt\"}", good, "malformed"},
        {"{\"alg\":\"EdDSA\",\"typ\":\"aat+jwt\"}", good, "malformed"},
        {"{\"alg\":\"HS256\",\"typ\":\"aat+jwt\"}", good, "malformed"},
        {"{\"alg\":\"Ed25519\",\"typ\":\"aat-pop+jwt\"}", good, "malformed"},
        {"{\"alg\":\"Ed25519\",\"typ\":\"writ-enrol+jwt\"}", good, "malformed"},
        {"{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"crit\":[\"x\"]}", good, "malformed"},
        {"{\"alg\":\"Ed25519\"}", good, "malformed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct writ_slice token = forge_sign_by(scratch(), cases[i].header, cases[i].payload,
                                                      cast.planner.seed);
        const struct answer answer = chain_admit(&chain, plain("%.*s", WRIT_SLICE_ARGS(token)));
        /* Which parent it names is read before the signature: there, twice is malformed. */
        const struct writ_json *code = at(answer.json, "code");
        ck_assert_msg(code && (writ_slice_is(writ_json_text(code), cases[i].code) ||
                               writ_slice_is(writ_json_text(code), "malformed")),
                      "case %zu: %s", i, shown(&answer));
    }
    expect_alive();
}
END_TEST

START_TEST(goes_on_after_a_child_without_tools_and_a_proof_with_an_endless_id)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    struct writ_json *claims = child_claims(&chain, &cast.executor);
    claim(claims, "authorization_details", "[]");
    const char *token = token_sign(claims, &cast.planner);
    const struct answer admitted = chain_admit(&chain, token);
    expect_status(admitted, 201); /* the empty set: valid, and good for nothing */
    expect_text(admitted, "delegation.notation", "");
    chain_push(&chain, &admitted, token, &cast.executor);
    const struct answer used = chain_call(&chain, "read_file", PLACE);
    expect_code(used, "scope_not_granted");

    struct writ_json *proof = proof_claims(&chain, "read_file", PLACE);
    char *id = writ_arena_alloc(scratch(), 20000);
    memset(id, 'x', 16384);
    claim(proof, "jti", plain("'%s'", id));
    const struct answer endless = post(
        &cast.enforcer, "/v1/validate",
        use_body(&chain, proof_sign(proof, &cast.executor), "read_file", PLACE));
    expect_code(endless, "malformed");
    expect_alive();
}
END_TEST

START_TEST(answers_truncated_bodies_with_a_refusal)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *proof = proof_sign(proof_claims(&chain, "read_file", PLACE), &cast.planner);
    const char *body = use_body_whole(&chain, proof, "read_file", PLACE);
    const size_t size = strlen(body);
    const size_t step = run_is_fast() ? 41 : 7;
    for (size_t cut = 0; cut < size; cut += cut < 40 ? 1 : step) {
        const struct answer answer = client_send(&cast.enforcer, "POST", "/v1/validate", NULL,
                                                 writ_slice_of(body, cut));
        ck_assert_msg(answer.status == 400, "cut at %zu: %s", cut, shown(&answer));
    }
    expect_alive();
}
END_TEST

START_TEST(answers_random_bodies_with_a_refusal)
{
    struct {
        struct client *client;
        const char *method, *path;
    } const targets[] = {
        {&cast.enforcer, "POST", "/v1/validate"},    {&cast.issuer, "POST", "/v1/tasks"},
        {&cast.planning, "POST", "/v1/delegations"}, {&cast.planning, "POST", "/v1/holders"},
        {&cast.planning, "POST", "/v1/proofs"},      {&cast.admin, "PUT", "/v1/clients/random"},
        {&cast.admin, "PUT", "/v1/agents/random"},
    };
    enum { TARGETS = sizeof targets / sizeof targets[0] };
    const int rounds = run_is_fast() ? 150 : 2000;
    static const char PIECES[] = "{}[]\",:0123456789truefalsnu\\\x80\xff \n\t-.eE";
    uint8_t random[256];
    for (int i = 0; i < rounds; i++) {
        writ_random(random, sizeof random);
        const size_t size = 1 + random[0] % 200;
        if (i % 2)
            for (size_t j = 1; j <= size; j++)
                random[j] = (uint8_t)PIECES[random[j] % (sizeof PIECES - 1)];
        const struct answer answer = client_send(
            targets[i % TARGETS].client, targets[i % TARGETS].method, targets[i % TARGETS].path,
            NULL, writ_slice_of(random + 1, size));
        ck_assert_msg(answer.status >= 400 && answer.status < 500, "%s: %s",
                      targets[i % TARGETS].path, shown(&answer));
    }
    expect_alive();
}
END_TEST

START_TEST(answers_spoiled_tokens_with_a_refusal)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *token = token_sign(child_claims(&chain, &cast.executor), &cast.planner);
    const size_t size = strlen(token);
    const int rounds = run_is_fast() ? 150 : 1500;
    uint8_t random[8];
    for (int i = 0; i < rounds; i++) {
        writ_random(random, sizeof random);
        char *spoiled = writ_arena_text(scratch(), writ_slice_text(token));
        const size_t place = ((size_t)random[0] * 256 + random[1]) % size;
        const char with = "ABCxyz019-_.~ "[random[2] % 14];
        if (spoiled[place] == with)
            continue;
        spoiled[place] = with;
        const struct answer answer = chain_admit(&chain, spoiled);
        ck_assert_msg(answer.status >= 400 && answer.status < 500, "%s", shown(&answer));
    }
    expect_alive();
}
END_TEST

/* ---- Raw HTTP -------------------------------------------------------------------------------- */

START_TEST(refuses_requests_that_two_parsers_could_read_two_ways)
{
    static const char *const REQUESTS[] = {
        "POST /v1/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: "
        "3\r\n\r\n{} ",
        "POST /v1/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/validate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /v1/validate HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}",
        "GET /healthz HTTP/1.9\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /v1/clients/self HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\n"
        "Authorization: Basic YTpj\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof REQUESTS / sizeof REQUESTS[0]; i++) {
        bool closed = false;
        const int descriptor = raw_dial(&first_server);
        raw_send(descriptor, REQUESTS[i], strlen(REQUESTS[i]));
        const int status = raw_status(descriptor, 3, &closed);
        ck_assert_msg(status == 400 || status == 505 || status == 501, "request %zu: %d", i,
                      status);
        ck_assert_msg(closed, "request %zu leaves the connection open", i);
        close(descriptor);
    }
    expect_alive();
}
END_TEST

/* Every connection is open before the first byte is sent, then all are ready at once. */
static void burst(size_t count, const char *request)
{
    int *descriptors = calloc(count, sizeof *descriptors);
    size_t answered = 0;
    ck_assert_ptr_nonnull(descriptors);
    for (size_t i = 0; i < count; i++)
        descriptors[i] = raw_dial(&first_server);
    sleep_s(0.3);
    for (size_t i = 0; i < count; i++)
        raw_send(descriptors[i], request, strlen(request));
    const double end = seconds_now() + 4;
    while (answered < count && seconds_now() < end) {
        answered = 0;
        for (size_t i = 0; i < count; i++) {
            char first[16];
            const ssize_t got = recv(descriptors[i], first, sizeof first, MSG_PEEK | MSG_DONTWAIT);
            answered += got > 9 && strncmp(first, "HTTP/1.1 200", (size_t)got < 12 ? 9 : 12) == 0;
        }
        sleep_s(0.01);
    }
    for (size_t i = 0; i < count; i++)
        close(descriptors[i]);
    free(descriptors);
    ck_assert_msg(answered == count, "%zu of %zu were answered within 4 s", answered, count);
}

START_TEST(answers_bursts_of_128_and_256_connections)
{
    static const size_t COUNTS[] = {127, 128, 129, 256};
    for (size_t i = 0; i < 4; i++)
        burst(COUNTS[i], "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_alive();
}
END_TEST

START_TEST(answers_bursts_that_wait_for_the_database)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *request = plain("GET /v1/graph?task=%s HTTP/1.1\r\nHost: a\r\n"
                                "Authorization: Basic %s\r\n\r\n",
                                chain.task, raw_credentials(&cast.auditor));
    burst(128, request);
    burst(256, request);
    expect_alive();
}
END_TEST

START_TEST(slow_and_silent_clients_hold_up_nobody)
{
    enum { IDLE = 300 };
    int idle[IDLE];
    for (int i = 0; i < IDLE; i++) {
        idle[i] = raw_dial(&first_server);
        raw_send(idle[i], "POST /v1/validate HTTP/1.1\r\nHost: a\r\nContent-Le", 46);
    }
    const double start = seconds_now();
    expect_alive();
    ck_assert_msg(seconds_now() - start < 2, "%f s", seconds_now() - start);
    for (int i = 0; i < IDLE; i++)
        close(idle[i]);
}
END_TEST

Suite *suite_hostile(void)
{
    Suite *suite = suite_create("hostile");
    ADD(suite, refuses_a_token_over_64_kib);
    ADD(suite, refuses_a_chain_over_256_kib);
    ADD(suite, refuses_a_body_over_the_limit);
    ADD(suite, refuses_json_nested_10000_deep);
    ADD(suite, refuses_tokens_with_duplicate_members_or_a_foreign_frame);
    ADD(suite, goes_on_after_a_child_without_tools_and_a_proof_with_an_endless_id);
    ADD(suite, answers_truncated_bodies_with_a_refusal);
    ADD(suite, answers_random_bodies_with_a_refusal);
    ADD(suite, answers_spoiled_tokens_with_a_refusal);
    ADD(suite, refuses_requests_that_two_parsers_could_read_two_ways);
    ADD(suite, answers_bursts_of_128_and_256_connections);
    ADD(suite, answers_bursts_that_wait_for_the_database);
    ADD(suite, slow_and_silent_clients_hold_up_nobody);
    return suite;
}
