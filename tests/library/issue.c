/*
 * An issuer, a holder and calls, by the public interface of an installed libwrit alone. Prints the
 * trust anchors and then calls, each behind the outcome that it must have:
 *
 *     anchors TAB [{"iss", "jwk"}]
 *     permit TAB {"presentation", "tool", "arguments"}
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <writ/writ.h>

#define ISSUER "https://auth.test"
#define AUDIENCE "https://files.test"
#define NOTES                                                                                      \
    "{\"read_file\":{\"path\":{\"constraint_type\":\"path_containment\",\"root\":\"/n\"}}}"
#define WIDER "{\"read_file\":{\"path\":{\"constraint_type\":\"path_containment\",\"root\":\"/\"}}}"
#define ALLOWED "{\"path\":\"/n/a\"}"

static struct writ_arena arena;

/* What a call is made of; each case is the permitted one but for one thing. */
struct plan {
    const char *outcome;
    uint8_t issuer;     /* first byte of the seed that signs the root */
    const char *tools;  /* of the child */
    const char *tool;   /* of call and proof */
    const char *args;   /* of the call */
    const char *proved; /* of the proof */
    const char *audience;
    int age_s; /* of the proof */
};

static const struct plan PLANS[] = {
    {"permit", 1, NOTES, "read_file", ALLOWED, ALLOWED, AUDIENCE, 0},
    {"signature_invalid", 9, NOTES, "read_file", ALLOWED, ALLOWED, AUDIENCE, 0},
    {"not_narrower", 1, WIDER, "read_file", ALLOWED, ALLOWED, AUDIENCE, 0},
    {"scope_not_granted", 1, NOTES, "rm", ALLOWED, ALLOWED, AUDIENCE, 0},
    {"argument_not_granted", 1, NOTES, "read_file", "{\"path\":\"/etc\"}", "{\"path\":\"/etc\"}",
     AUDIENCE, 0},
    {"holder_binding_failed", 1, NOTES, "read_file", ALLOWED, "{\"path\":\"/n/b\"}", AUDIENCE, 0},
    {"audience_mismatch", 1, NOTES, "read_file", ALLOWED, ALLOWED, "https://mail.test", 0},
    {"expired", 1, NOTES, "read_file", ALLOWED, ALLOWED, AUDIENCE, 120},
};

static void must(struct writ_result result, const char *what)
{
    if (writ_is_ok(result))
        return;
    fprintf(stderr, "issue: %s: %s\n", what, writ_status_code(result.status));
    exit(1);
}

static void fill(uint8_t random[16])
{
    if (getrandom(random, 16, 0) != 16)
        exit(1);
}

static struct writ_slice sign(struct writ_slice input, uint8_t seed)
{
    const uint8_t bytes[32] = {seed};
    struct writ_slice compact;
    must(writ_sign_input(&arena, input, bytes, &compact), "sign");
    return compact;
}

static struct writ_key key_of(uint8_t seed)
{
    const uint8_t bytes[32] = {seed};
    struct writ_key key;
    must(writ_key_from_seed(bytes, &key), "key");
    return key;
}

static struct writ_grant grant_of(const char *tools, uint8_t holder, int64_t now_unix_s)
{
    struct writ_grant grant = {
        .iat_unix_s = now_unix_s,
        .exp_unix_s = now_unix_s + 600,
        .max_depth = 1,
        .holder = key_of(holder),
        .tools = writ_slice_text(tools),
        .txn = writ_slice_text("task"),
        .sub = writ_slice_text("emma"),
        .client_id = writ_slice_text("reader"),
    };
    fill(grant.random);
    return grant;
}

static void print_call(const struct plan *plan)
{
    const int64_t now_unix_s = time(NULL);
    struct writ_slice input;
    struct writ_grant grant = grant_of(NOTES, 2, now_unix_s);
    must(writ_root_input(&arena, writ_slice_text(ISSUER), WRIT_SLICE_NONE, &grant, &input), "root");
    const struct writ_slice root = sign(input, plan->issuer);

    grant = grant_of(plan->tools, 3, now_unix_s);
    must(writ_child_input(&arena, root, &grant, &input), "child");
    const struct writ_slice child = sign(input, 2);

    struct writ_proof_request request = {
        .iat_unix_s = now_unix_s - plan->age_s,
        .leaf = child,
        .tool = writ_slice_text(plan->tool),
        .args = writ_slice_text(plan->proved),
        .audience = writ_slice_text(plan->audience),
    };
    fill(request.random);
    must(writ_proof_input(&arena, &request, &input), "proof");
    const struct writ_slice proof = sign(input, 3);

    printf("%s\t{\"presentation\":{\"aat_chain\":[\"%.*s\",\"%.*s\"],\"aat_pop\":\"%.*s\"},"
           "\"tool\":\"%s\",\"arguments\":%s}\n",
           plan->outcome, WRIT_SLICE_ARGS(root), WRIT_SLICE_ARGS(child), WRIT_SLICE_ARGS(proof),
           plan->tool, plan->args);
}

int main(void)
{
    must(writ_start(), "start");
    writ_arena_init(&arena, 0);
    const struct writ_key issuer = key_of(1);
    printf("anchors\t[{\"iss\":\"" ISSUER "\",\"jwk\":%.*s}]\n",
           WRIT_SLICE_ARGS(writ_key_json(&arena, &issuer)));
    for (size_t i = 0; i < sizeof PLANS / sizeof PLANS[0]; i++)
        print_call(&PLANS[i]);
    writ_arena_done(&arena);
    return 0;
}
