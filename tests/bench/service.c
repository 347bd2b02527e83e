/*
 * The service under load: writd over a PostgreSQL of its own, and this program, on one machine.
 * Proofs and tokens are made and signed just ahead of use, outside of the clock; what that costs is
 * printed beside it. Figures are of this machine at this hour: ratios within one run hold.
 */
#include "base/base64url.h"
#include "base/crypto.h"
#include "bench/drive.h"
#include "bench/table.h"
#include "integration/actors.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TASKS = 64,  /* so many chains share the load */
    WAVE = 2048, /* requests that are made ahead */
    VERIFICATIONS = 2000,
    SYNCS = 100,
    DEPTH_MAX = 8,
};

static const char READ_ARGS[] = "{\"path\":\"/notes/2026/a.md\"}";
static const char WRITE_ARGS[] = "{\"path\":\"/notes/2026/a.md\",\"text\":\"x\"}";

/* One run: how long, over what, and the chains that were opened for it. */
static struct {
    struct postgres postgres;
    struct server server;
    pid_t postmaster;
    const char *json; /* where the figures go */
    double seconds;   /* of each scenario */
    struct chain chains[TASKS];
    size_t depth; /* of each of their leaves */
} bench;

/* ---- Requests ------------------------------------------------------------------------------- */

static const char *basic(const struct client *client)
{
    const char *pair = plain("%s:%s", client->id, client->secret);
    char *text = writ_base64url_encode(scratch(), writ_slice_text(pair));
    for (char *c = text; *c; c++) /* to the alphabet of RFC 7617 */
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    static const char *const PADDING[] = {"", "", "==", "="};
    return plain("%s%s", text, PADDING[strlen(text) % 4]);
}

static struct writ_slice request_of(struct writ_arena *arena, const char *path, const char *basic,
                                    const char *body)
{
    const char *request = writ_arena_printf(
        arena,
        "POST %s HTTP/1.1\r\nHost: writ.test\r\nAuthorization: Basic %s\r\n"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        path, basic, strlen(body), body);
    return writ_slice_text(request);
}

static const char *make_proof(struct writ_arena *arena, const struct chain *chain, const char *tool,
                              const char *args)
{
    struct writ_proof_request asked = {
        .iat_unix_s = time(NULL),
        .leaf = writ_slice_text(chain->tokens[chain->count - 1]),
        .tool = writ_slice_text(tool),
        .args = writ_slice_text(args),
        .audience = WRIT_SLICE_LITERAL(AUDIENCE),
    };
    struct writ_slice input, proof;
    writ_random(asked.random, sizeof asked.random);
    ck_assert(writ_is_ok(writ_proof_input(arena, &asked, &input)));
    ck_assert(
        writ_is_ok(writ_sign_input(arena, input, chain->holders[chain->count - 1].seed, &proof)));
    return (const char *)proof.data;
}

struct plan {
    const char *name;
    const char *tool; /* NULL: an admission */
    const char *args;
    bool whole; /* the chain by value */
    size_t clients;
    const char *basic;
    const char *leaf[TASKS];   /* hash of each leaf */
    const char *tokens[TASKS]; /* the chain as a JSON array */
    const struct actor *child; /* of admissions */
};

static struct writ_slice make_use(const struct plan *plan, struct writ_arena *arena, size_t index)
{
    const size_t task = index % TASKS;
    const struct chain *chain = &bench.chains[task];
    const char *proof = make_proof(arena, chain, plan->tool, plan->args);
    const char *body =
        plan->whole
            ? writ_arena_printf(arena,
                                "{\"presentation\":{\"aat_chain\":[%s],\"aat_pop\":\"%s\"},"
                                "\"tool\":\"%s\",\"arguments\":%s}",
                                plan->tokens[task], proof, plan->tool, plan->args)
            : writ_arena_printf(arena,
                                "{\"presentation\":{\"txn\":\"%s\",\"aat_leaf\":\"%s\","
                                "\"aat_pop\":\"%s\"},\"tool\":\"%s\",\"arguments\":%s}",
                                chain->task, plan->leaf[task], proof, plan->tool, plan->args);
    return request_of(arena, "/v1/validate", plan->basic, body);
}

static struct writ_slice make_admission(const struct plan *plan, struct writ_arena *arena,
                                        size_t index)
{
    const struct chain *chain = &bench.chains[index % TASKS];
    const struct writ_slice parent = writ_slice_text(chain->tokens[chain->count - 1]);
    struct writ_grant grant = {
        .iat_unix_s = time(NULL),
        .exp_unix_s = time(NULL) + 600,
        .max_depth = DEPTH_MAX,
        .holder = plan->child->key,
        .tools = WRIT_SLICE_LITERAL(
            "{\"read_file\":{\"path\":{\"constraint_type\":\"path_containment\","
            "\"root\":\"/notes/2026\"}}}"),
        .client_id = writ_slice_text(plan->child->agent),
    };
    struct writ_slice input, token;
    writ_random(grant.random, sizeof grant.random);
    ck_assert(writ_is_ok(writ_child_input(arena, parent, &grant, &input)));
    ck_assert(
        writ_is_ok(writ_sign_input(arena, input, chain->holders[chain->count - 1].seed, &token)));
    return request_of(arena, "/v1/delegations", plan->basic,
                      writ_arena_printf(arena, "{\"task\":\"%s\",\"token\":\"%.*s\"}", chain->task,
                                        WRIT_SLICE_ARGS(token)));
}

/* ---- Scenarios ------------------------------------------------------------------------------ */

static void open_chains(size_t depth)
{
    for (size_t i = 0; i < TASKS; i++) {
        const struct answer opened = task_open(&cast.issuer, &cast.planner, "");
        chain_take(&bench.chains[i], &opened, &cast.planner);
        for (size_t k = 0; k < depth; k++)
            chain_extend(&bench.chains[i], k % 2 ? &cast.planner : &cast.executor, NULL);
    }
    bench.depth = depth;
}

static void prepare(struct plan *plan)
{
    plan->basic = basic(plan->tool ? &cast.enforcer
                                   : bench.chains[0].holders[bench.chains[0].count - 1].client);
    for (size_t i = 0; i < TASKS; i++) {
        const struct chain *chain = &bench.chains[i];
        plan->leaf[i] = token_hash(chain->tokens[chain->count - 1]);
        plan->tokens[i] = "";
        for (size_t k = 0; k < chain->count; k++)
            plan->tokens[i] = plain("%s%s\"%s\"", plan->tokens[i], k > 0 ? "," : "",
                                    chain->tokens[k]);
    }
}

/* Waves of requests until they took the time of a scenario; the first wave warms up. */
static void play(struct plan *plan)
{
    struct table_row row = {.name = plan->name, .clients = plan->clients};
    struct writ_arena made, kept;
    struct writ_slice requests[WAVE];
    struct drive_result warm = {0};
    const int wanted = plan->tool ? 200 : 201;
    const size_t wave = plan->clients < 8 ? WAVE / 8 : WAVE;
    prepare(plan);
    writ_arena_init(&made, (size_t)1 << 30);
    writ_arena_init(&kept, (size_t)1 << 30);
    struct drive *drive = drive_open(bench.server.port, plan->clients);
    for (size_t turn = 0, next = 0; turn == 0 || row.result.took_s < bench.seconds; turn++) {
        const double before_making_s = cpu_own_s();
        for (size_t i = 0; i < wave; i++)
            requests[i] = plan->tool ? make_use(plan, &made, next++)
                                     : make_admission(plan, &made, next++);
        const double making_s = cpu_own_s() - before_making_s;
        const double service_s = cpu_of_process_s(bench.server.pid);
        const double database_s = cpu_of_family_s(bench.postmaster);
        drive_run(drive, requests, wave, wanted, &kept, turn == 0 ? &warm : &row.result);
        if (turn > 0) {
            row.making_cpu_s += making_s;
            row.service_cpu_s += cpu_of_process_s(bench.server.pid) - service_s;
            row.database_cpu_s += cpu_of_family_s(bench.postmaster) - database_s;
        }
        writ_arena_reset(&made);
    }
    table_add(&row);
    drive_close(drive);
    writ_arena_done(&made);
    writ_arena_done(&kept);
}

static void measure_validate(void)
{
    static const size_t DEPTHS[] = {1, 3, 5, 8};
    static const size_t CLIENTS[] = {1, 8, 64, 256};
    for (size_t i = 0; i < sizeof DEPTHS / sizeof DEPTHS[0]; i++) {
        open_chains(DEPTHS[i]);
        struct plan plan = {.tool = "read_file", .args = READ_ARGS, .clients = 64};
        plan.name = plain("validate, read, by reference, depth %zu", DEPTHS[i]);
        play(&plan);
        plan.name = plain("validate, read, whole chain, depth %zu", DEPTHS[i]);
        plan.whole = true;
        play(&plan);
    }
    for (size_t i = 0; i < sizeof CLIENTS / sizeof CLIENTS[0]; i++) {
        struct plan plan = {.name = "validate, read, by reference, depth 8",
                            .tool = "read_file",
                            .args = READ_ARGS,
                            .clients = CLIENTS[i]};
        if (CLIENTS[i] != 64)
            play(&plan);
        plan.name = "validate, write, by reference, depth 8";
        plan.tool = "write_note";
        plan.args = WRITE_ARGS;
        play(&plan);
    }
}

static void measure_admit(const char *name)
{
    static const size_t CLIENTS[] = {1, 8, 64, 256};
    open_chains(0);
    for (size_t i = 0; i < sizeof CLIENTS / sizeof CLIENTS[0]; i++) {
        struct plan plan = {.name = name, .clients = CLIENTS[i], .child = &cast.executor};
        play(&plan);
    }
}

/* W8's own cost: the same admissions into a ledger whose rules were dropped. The last scenario. */
static void drop_rules(void)
{
    postgres_ask(&bench.postgres, NULL,
                 "alter table writ.delegation drop constraint narrower, "
                 "drop constraint terms_narrower, drop constraint call_only_is_not_passed_on, "
                 "drop constraint copy_is_the_parents",
                 NULL);
}

static void measure_revoke(size_t below)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.planner, NULL);
    /* Rows like any other, so that what hangs below is as large as it is said to be. */
    postgres_ask(&bench.postgres, NULL,
                 plain("insert into writ.delegation (task_id, id, parent_id, depth, max_depth, "
                       "issued_at, expires_at, authority, terms, token_hash, holder, parent_depth, "
                       "parent_max_depth, parent_issued_at, parent_expires_at, parent_authority, "
                       "parent_terms, parent_hash, parent_holder, token, jti, agent, attributed, "
                       "admitted_by) select p.task_id, gen_random_uuid(), p.id, p.depth + 1, "
                       "p.max_depth, p.issued_at, p.expires_at, p.authority, p.terms, "
                       "sha256(i::text::bytea), p.holder, p.depth, p.max_depth, p.issued_at, "
                       "p.expires_at, p.authority, p.terms, p.token_hash, p.holder, p.token, "
                       "i::text, p.agent, false, 'bench' from writ.delegation p, "
                       "generate_series(1, %zu) i where p.task_id = '%s' and p.id = '%s'",
                       below, chain.task, chain.ids[1]),
                 NULL);
    postgres_ask(&bench.postgres, NULL, "analyze", NULL);
    const struct answer revoked = chain_act(&chain, &cast.admin, "revoke", 1, "{}");
    expect_status(revoked, 200);
    table_note(plain("revoke, %zu below", below), revoked.took_s * 1e3, "ms");
}

/* ---- The machine ---------------------------------------------------------------------------- */

static double verification_s(void)
{
    uint8_t seed[32] = {1}, key[32], message[400] = {0}, signature[64];
    writ_public_key_from_seed(seed, key);
    writ_sign(seed, writ_slice_of(message, sizeof message), signature);
    const double before_s = cpu_own_s();
    for (int i = 0; i < VERIFICATIONS; i++)
        ck_assert(writ_signature_verify(key, writ_slice_of(message, sizeof message), signature));
    return (cpu_own_s() - before_s) / VERIFICATIONS;
}

static double fdatasync_ms(void)
{
    char path[PATH_CAP + 8];
    const char page[8192] = {0};
    snprintf(path, sizeof path, "%s/sync", bench.server.dir);
    const int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const double before_s = seconds_now();
    for (int i = 0; i < SYNCS; i++)
        ck_assert(pwrite(file, page, sizeof page, 0) == sizeof page && fdatasync(file) == 0);
    const double each_ms = (seconds_now() - before_s) / SYNCS * 1e3;
    close(file);
    return each_ms;
}

static void start(void)
{
    char path[PATH_CAP + 32];
    char line[32] = "";
    postgres_start(&bench.postgres, "bench");
    static const char *const NO_LIMITS[] = {
        "--client-rate", "0", "--task-children", "0", "--task-nodes", "0", "--default-budget-calls",
        "1000000000",    NULL};
    server_start(&bench.server, "writd", &bench.postgres, NO_LIMITS);
    cast_register(&cast, &bench.server);
    const struct answer fast = put(
        &cast.admin, "/v1/tools/read_file?audience=https%3A%2F%2Ftools.test",
        quoted("{'effect': 'read', 'sensitivity': {}, 'record': 'buffered'}"));
    expect_status(fast, 200);
    snprintf(path, sizeof path, "%s/data/postmaster.pid", bench.postgres.dir);
    FILE *file = fopen(path, "r");
    ck_assert(file && fgets(line, sizeof line, file));
    fclose(file);
    bench.postmaster = (pid_t)strtol(line, NULL, 10);
}

/* The actors speak through check, so the bench is a test to it, and what goes wrong shows as one.
 */
START_TEST(bench_of_the_service)
{
    start();
    table_open(bench.json, verification_s());
    table_note("fdatasync of 8 KiB", fdatasync_ms(), "ms");
    measure_validate();
    measure_admit("admit, self-held");
    measure_revoke(1);
    measure_revoke(1000);
    measure_revoke(100000);
    table_note("resident memory of writd", resident_mib(bench.server.pid), "MiB");
    drop_rules();
    measure_admit("admit, self-held, without the rules of W8");
    table_close();
}
END_TEST

int main(int argc, char **argv)
{
    bench.json = argc > 1 ? argv[1] : "bench.json";
    bench.seconds = argc > 2 ? strtod(argv[2], NULL) : 3;
    if (!writ_is_ok(writ_start()))
        return EXIT_FAILURE;
    run_start();
    TCase *tests = tcase_create("service");
    tcase_add_test(tests, bench_of_the_service);
    Suite *suite = suite_create("bench");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    const int failed = srunner_ntests_failed(runner);
    srunner_print(runner, failed == 0 ? CK_SILENT : CK_NORMAL);
    srunner_free(runner);
    if (bench.server.pid > 0)
        server_stop(&bench.server);
    if (bench.postmaster > 0)
        postgres_stop(&bench.postgres);
    run_end();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
