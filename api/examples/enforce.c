/*
 * An enforcement point that asks nobody: it judges a call by its trust anchors alone.
 *
 *     cc enforce.c -o enforce $(pkg-config --cflags --libs writ)
 *     mkdir used
 *     ./enforce "$(writ anchors)" https://files.example used < call
 *
 * `call` is the body of a POST /v1/validate, with the chain by value:
 * {"presentation": {"aat_chain": [...], "aat_pop": "..."}, "tool": "...", "arguments": {...}}
 * The answer is permit, with the arguments to forward, or deny, with the reason; and what could
 * not be checked. Exit status: 0 permit, 3 deny, 1 usage or anchors that cannot be read.
 *
 * A proof is for one call. was_used remembers it as a file in the directory `used`, which fopen
 * makes or finds in one step, for all processes of this machine. What cannot be made counts as
 * used: when in doubt, deny. A file may be removed when the time in it is over by the window.
 */
#include <err.h>
#include <stdio.h>
#include <time.h>
#include <writ/writ.h>

static bool was_used(void *used, struct writ_slice leaf, struct writ_slice jti, int64_t iat_unix_s)
{
    char id[44], path[4096];
    writ_proof_id(leaf, jti, id);
    snprintf(path, sizeof path, "%s/%s", (const char *)used, id);
    FILE *made = fopen(path, "wx");
    return !made || fprintf(made, "%lld\n", (long long)iat_unix_s) < 0 || fclose(made) != 0;
}

int main(int argc, char **argv)
{
    static char body[1 << 20];
    struct writ_verifier verifier = {.profile = WRIT_PROFILE_AAT_02_WRIT, .replayed = was_used};
    struct writ_arena arena;
    struct writ_denial why = {.detail = "usage: enforce ANCHORS AUDIENCE USED < CALL"};
    struct writ_call call;
    writ_arena_init(&arena, 0);
    if (argc != 4 || !writ_is_ok(writ_start()) ||
        !writ_is_ok(writ_verifier_trust(&arena, writ_slice_text(argv[1]), &verifier, &why)))
        errx(1, "%s %s", why.detail, why.field);
    verifier.limits = writ_limits_default();
    verifier.now_unix_s = time(NULL);
    verifier.audience = writ_slice_text(argv[2]);
    verifier.replayed_context = argv[3];
    const struct writ_slice text = writ_slice_of(body, fread(body, 1, sizeof body, stdin));
    const struct writ_verdict answer = writ_verify_call(&arena, &verifier, text, &call);
    if (answer.permit)
        printf("permit %.*s\n", WRIT_SLICE_ARGS(call.args));
    else
        printf("deny %s, step %s, hop %d, %s: %s\n", writ_status_code(answer.denial.outcome),
               answer.denial.step, answer.denial.hop, answer.denial.field, answer.denial.detail);
    printf("not checked: %s\n", answer.not_checked_text);
    writ_arena_done(&arena);
    return answer.permit ? 0 : 3;
}
