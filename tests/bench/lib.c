/*
 * What libwrit costs, in operations a CPU-second and in units of one libsodium Ed25519
 * verification of a signing input of the same size, measured in the same run: absolutes drift
 * with the machine, ratios hold. Each figure is the median of five rounds. Nothing here passes or
 * fails; tests/bench/lib builds it and prints its table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "token/proof.h"

enum { ROUNDS = 5, LINKS_MAX = 9, NOW = 1800000000, ISSUER_SEED = 0x70 };

#define ISSUER WRIT_SLICE_LITERAL("https://writ.example")
#define AUDIENCE WRIT_SLICE_LITERAL("https://tools.example")

/* What a planner and its retriever are given in the recorded runs. */
static const char ROOT_GRANT[] =
    "search_files_by_filename(filename any), "
    "read_file(path under /minutes, limit? <= 65536), "
    "send_email(recipients subset [john.mitchell@gmail.com, sarah.baker@example.com], "
    "subject any, body any, priority? in [low, normal, high])";
static const char CHILD_GRANT[] =
    "search_files_by_filename(filename any), "
    "read_file(path under /minutes/2026, limit? <= 4096), "
    "send_email(recipients subset [john.mitchell@gmail.com], subject any, body any)";
static const char TERMS[] =
    "{\"clearance\":{\"confidentiality\":\"internal\",\"integrity\":\"untrusted\"},"
    "\"budget\":[{\"unit\":\"calls\",\"limit\":\"20\"}]}";
#define TOOL WRIT_SLICE_LITERAL("read_file")
#define ARGUMENTS WRIT_SLICE_LITERAL("{\"limit\":4096,\"path\":\"/minutes/2026/05/client.md\"}")

/* A bench has nobody to answer to: what goes wrong ends it, and says where. */
static void must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(EXIT_FAILURE);
}
#define MUST(condition) must(condition, #condition)

/* ---- What is measured ----------------------------------------------------------------------- */

struct bench {
    struct writ_arena lasting; /* what all operations read */
    struct writ_arena arena;   /* of one operation */
    struct writ_anchor anchor;
    struct writ_verifier verifier;
    struct writ_known *known;
    size_t depth; /* of the leaf */
    struct writ_slice links[LINKS_MAX];
    struct writ_slice proof, bad_proof;
    struct writ_token leaf;
    const struct writ_json *arguments;
    struct writ_slice child_tools;
    const struct writ_authority *root_authority, *child_authority;
    struct writ_key signer;
    struct writ_slice message;
    uint8_t signature[64];
};

static void seed_of(size_t link, uint8_t ret_seed[static 32])
{
    memset(ret_seed, (int)link + 1, 32);
}

static struct writ_key key_of(size_t link)
{
    uint8_t seed[32];
    struct writ_key key;
    seed_of(link, seed);
    MUST(writ_is_ok(writ_key_from_seed(seed, &key)));
    return key;
}

static struct writ_slice tools_of(struct bench *bench, const char *notation)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    MUST(writ_is_ok(writ_authority_from_notation(&bench->lasting, writ_slice_text(notation),
                                                 &authority, &denial)));
    return writ_authority_json(&bench->lasting, authority);
}

static struct writ_grant grant_of(struct bench *bench, size_t link)
{
    struct writ_grant grant = {
        .iat_unix_s = NOW,
        .exp_unix_s = NOW + 3600,
        .max_depth = LINKS_MAX - 1,
        .holder = key_of(link),
        .tools = link == 0 ? tools_of(bench, ROOT_GRANT) : bench->child_tools,
        .terms = WRIT_SLICE_LITERAL(TERMS),
        .txn = WRIT_SLICE_LITERAL("01981f4a-6a00-7000-8000-000000000001"),
        .sub = WRIT_SLICE_LITERAL("emma.johnson@bluesparrowtech.com"),
        .client_id = WRIT_SLICE_LITERAL("retriever"),
    };
    memset(grant.random, (int)link, sizeof grant.random);
    return grant;
}

static void make_chain(struct bench *bench)
{
    for (size_t i = 0; i <= bench->depth; i++) {
        const struct writ_grant grant = grant_of(bench, i);
        struct writ_slice input;
        uint8_t seed[32];
        if (i == 0)
            MUST(writ_is_ok(
                writ_root_input(&bench->lasting, ISSUER, WRIT_SLICE_NONE, &grant, &input)));
        else
            MUST(
                writ_is_ok(writ_child_input(&bench->lasting, bench->links[i - 1], &grant, &input)));
        seed_of(i == 0 ? ISSUER_SEED : i - 1, seed);
        MUST(writ_is_ok(writ_sign_input(&bench->lasting, input, seed, &bench->links[i])));
    }
}

static struct writ_slice make_proof(struct bench *bench, size_t signer)
{
    const struct writ_proof_request request = {
        .iat_unix_s = NOW,
        .leaf = bench->links[bench->depth],
        .tool = TOOL,
        .args = ARGUMENTS,
        .audience = AUDIENCE,
    };
    struct writ_slice input, proof;
    uint8_t seed[32];
    seed_of(signer, seed);
    MUST(writ_is_ok(writ_proof_input(&bench->lasting, &request, &input)));
    MUST(writ_is_ok(writ_sign_input(&bench->lasting, input, seed, &proof)));
    return proof;
}

/* ---- Operations ----------------------------------------------------------------------------- */

static bool verify_signature(struct bench *bench)
{
    return writ_signature_verify(bench->signer.bytes, bench->message, bench->signature);
}

static bool verify_whole(struct bench *bench)
{
    const struct writ_presentation presentation = {bench->links, bench->depth + 1, bench->proof};
    return writ_verify(&bench->arena, &bench->verifier, &presentation, TOOL, ARGUMENTS).permit;
}

static bool verify_chain(struct bench *bench)
{
    struct writ_token tokens[LINKS_MAX];
    struct writ_denial denial;
    return writ_is_ok(writ_chain_verify(&bench->arena, &bench->verifier, bench->links,
                                        bench->depth + 1, tokens, &denial));
}

/* With a memory that has them all. */
static bool verify_known(struct bench *bench)
{
    bench->verifier.known = bench->known;
    const bool done = verify_chain(bench);
    bench->verifier.known = NULL;
    return done;
}

static bool verify_known_whole(struct bench *bench)
{
    bench->verifier.known = bench->known;
    const bool done = verify_whole(bench);
    bench->verifier.known = NULL;
    return done;
}

static bool check_proof(struct bench *bench)
{
    struct writ_proof proof;
    struct writ_denial denial;
    return writ_is_ok(writ_proof_verify(&bench->arena, &bench->verifier, &bench->leaf, bench->proof,
                                        TOOL, bench->arguments, &proof, &denial));
}

static bool refuse_proof(struct bench *bench)
{
    struct writ_proof proof;
    struct writ_denial denial;
    return !writ_is_ok(writ_proof_verify(&bench->arena, &bench->verifier, &bench->leaf,
                                         bench->bad_proof, TOOL, bench->arguments, &proof,
                                         &denial));
}

static bool parse_link(struct bench *bench)
{
    struct writ_token token;
    return writ_is_ok(writ_token_read_trusted(&bench->arena, WRIT_PROFILE_AAT_02_WRIT,
                                              bench->links[bench->depth], &token));
}

static bool parse_authority(struct bench *bench)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    return writ_is_ok(writ_authority_parse(&bench->arena, bench->child_tools,
                                           WRIT_PROFILE_AAT_02_WRIT, &authority, &denial));
}

static bool compare_authorities(struct bench *bench)
{
    struct writ_denial denial;
    return writ_is_ok(writ_authority_narrower(&bench->arena, bench->root_authority,
                                              bench->child_authority, &denial));
}

static bool derive(struct bench *bench)
{
    const struct writ_grant grant = {
        .iat_unix_s = NOW,
        .exp_unix_s = NOW + 3600,
        .max_depth = LINKS_MAX - 1,
        .holder = bench->signer,
        .tools = bench->child_tools,
        .txn = bench->leaf.txn,
        .sub = bench->leaf.sub,
        .client_id = WRIT_SLICE_LITERAL("helper"),
    };
    uint8_t seed[32];
    struct writ_slice input, compact;
    seed_of(bench->depth, seed);
    return writ_is_ok(
               writ_child_input(&bench->arena, bench->links[bench->depth], &grant, &input)) &&
           writ_is_ok(writ_sign_input(&bench->arena, input, seed, &compact));
}

/* ---- Set-up ---------------------------------------------------------------------------------- */

static void bench_init(struct bench *bench, size_t depth)
{
    struct writ_token tokens[LINKS_MAX];
    struct writ_denial denial;
    *bench = (struct bench){.depth = depth};
    writ_arena_init(&bench->lasting, 0);
    writ_arena_init(&bench->arena, 0);
    bench->anchor = (struct writ_anchor){.issuer = ISSUER, .key = key_of(ISSUER_SEED)};
    bench->verifier = (struct writ_verifier){
        .profile = WRIT_PROFILE_AAT_02_WRIT,
        .limits = writ_limits_default(),
        .now_unix_s = NOW,
        .anchors = &bench->anchor,
        .anchor_count = 1,
        .audience = AUDIENCE,
    };
    bench->child_tools = tools_of(bench, CHILD_GRANT);
    make_chain(bench);
    bench->proof = make_proof(bench, depth);
    bench->bad_proof = make_proof(bench, depth + 1);
    MUST(writ_is_ok(writ_chain_verify(&bench->lasting, &bench->verifier, bench->links, depth + 1,
                                      tokens, &denial)));
    bench->leaf = tokens[depth];
    bench->root_authority = tokens[0].authority;
    bench->child_authority = tokens[depth].authority;
    MUST(writ_is_ok(writ_json_parse(&bench->lasting, ARGUMENTS, &bench->arguments)));
    bench->signer = key_of(0);
    bench->message = writ_slice_of(bench->links[depth].data, bench->links[depth].size - 87);
    uint8_t seed[32];
    seed_of(0, seed);
    writ_sign(seed, bench->message, bench->signature);
    bench->known = writ_known_new(&bench->lasting, 64, (const uint8_t[16]){0});
    MUST(bench->known && verify_known_whole(bench));
}

static void bench_done(struct bench *bench)
{
    writ_known_done(bench->known);
    writ_arena_done(&bench->lasting);
    writ_arena_done(&bench->arena);
}

/* ---- Measuring ------------------------------------------------------------------------------ */

static double cpu_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int order(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* CPU seconds of one operation: the median of five rounds of a tenth of a second or more. */
static double measure(struct bench *bench, bool (*operation)(struct bench *bench))
{
    const double round_s = 0.1;
    double rounds[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        const double begin = cpu_s();
        double spent = 0;
        size_t count = 0;
        for (; spent < round_s; spent = cpu_s() - begin)
            for (size_t k = 0; k < 16; k++, count++) {
                MUST(operation(bench));
                writ_arena_reset(&bench->arena);
            }
        rounds[i] = spent / (double)count;
    }
    qsort(rounds, ROUNDS, sizeof rounds[0], order);
    return rounds[ROUNDS / 2];
}

static void show(const char *what, double each_s, double verification_s)
{
    printf("%-44s %10.0f/s %8.2f us %8.3f\n", what, 1 / each_s, each_s * 1e6,
           each_s / verification_s);
}

int main(void)
{
    static const struct {
        const char *name;
        bool (*operation)(struct bench *bench);
    } OPERATIONS[] = {
        {"proof, good", check_proof},
        {"proof, signed by another key", refuse_proof},
        {"link, parsed without its signature", parse_link},
        {"authority, parsed", parse_authority},
        {"authority, child against parent", compare_authorities},
        {"child, derived and signed", derive},
    };
    static const size_t DEPTHS[] = {1, 3, 5, 8};
    struct bench bench;
    MUST(writ_is_ok(writ_start()));
    bench_init(&bench, 3);
    printf("link: %zu bytes; proof: %zu bytes\n", bench.links[3].size, bench.proof.size);
    printf("%-44s %12s %11s %8s\n", "operation", "a CPU-second", "each", "ratio");
    const double verification_s = measure(&bench, verify_signature);
    show("Ed25519 verification (libsodium)", verification_s, verification_s);
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof OPERATIONS[0]; i++)
        show(OPERATIONS[i].name, measure(&bench, OPERATIONS[i].operation), verification_s);
    bench_done(&bench);
    for (size_t i = 0; i < sizeof DEPTHS / sizeof DEPTHS[0]; i++) {
        char name[64];
        bench_init(&bench, DEPTHS[i]);
        const double chain_s = measure(&bench, verify_chain);
        snprintf(name, sizeof name, "chain of depth %zu, cold", DEPTHS[i]);
        show(name, chain_s, verification_s);
        const double links = (double)(DEPTHS[i] + 1);
        show("  each of its links", chain_s / links, verification_s);
        show("  with call and proof", measure(&bench, verify_whole), verification_s);
        show("  known: each of its links", measure(&bench, verify_known) / links, verification_s);
        show("  known: with call and proof", measure(&bench, verify_known_whole), verification_s);
        bench_done(&bench);
    }
    return EXIT_SUCCESS;
}
