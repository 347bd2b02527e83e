/* Offline: what anybody can check with the trust anchors alone, and what nobody can. */
#include <string.h>
#include <time.h>

#include "files.h"
#include "output.h"
#include "verdict.h"

static enum cli_exit read_profile(struct cli *cli, enum writ_profile *ret_profile)
{
    const char *profile = cli_option(cli, "profile");
    if (!profile || strcmp(profile, "aat-02+writ") == 0)
        *ret_profile = WRIT_PROFILE_AAT_02_WRIT;
    else if (strcmp(profile, "aat-02") == 0)
        *ret_profile = WRIT_PROFILE_AAT_02;
    else
        return cli_fail(cli, "--profile %s: aat-02 or aat-02+writ", profile);
    return CLI_DONE;
}

static enum cli_exit read_verification(struct cli *cli, struct verification *v)
{
    const char *anchors = NULL, *presentation = NULL, *tool = NULL, *args = NULL;
    const struct writ_json *json = NULL;
    CLI_TRY(cli_required(cli, "anchors", &anchors));
    CLI_TRY(cli_required(cli, "presentation", &presentation));
    CLI_TRY(cli_required(cli, "tool", &tool));
    CLI_TRY(cli_required(cli, "args", &args));
    v->verifier = (struct writ_verifier){
        .limits = writ_limits_default(),
        .audience = writ_slice_text(cli_option(cli, "audience")),
        .nonce = writ_slice_text(cli_option(cli, "nonce")),
        .require_chain_audience = cli_option(cli, "require-chain-audience") != NULL,
        .require_proof_audience = cli_option(cli, "require-proof-audience") != NULL,
    };
    CLI_TRY(read_profile(cli, &v->verifier.profile));
    CLI_TRY(cli_integer(cli, "at", (int64_t)time(NULL), &v->verifier.now_unix_s));
    CLI_TRY(files_read_json(cli, anchors, &json));
    CLI_TRY(verdict_read_anchors(cli, json, &v->verifier));
    CLI_TRY(files_read_json(cli, presentation, &json));
    CLI_TRY(verdict_read_presentation(cli, json, &v->presentation));
    v->tool = writ_slice_text(tool);
    return files_read_text(cli, args, &v->args);
}

static void print_verdict(struct cli *cli, const struct writ_verdict *verdict)
{
    const struct writ_denial *denial = &verdict->denial;
    const char *end = ink_out(cli, INK_NONE);
    if (verdict->permit) {
        printf("%sPERMIT%s\n", ink_out(cli, INK_GREEN), end);
    } else {
        printf("%sDENY%s    %s", ink_out(cli, INK_RED), end, writ_status_code(denial->outcome));
        if (denial->step && *denial->step)
            printf("   step %s", denial->step);
        if (denial->hop >= 0)
            printf("   hop %d", denial->hop);
        if (denial->field[0])
            printf("   %s", output_safe(cli, writ_slice_text(denial->field)));
        if (denial->detail[0])
            printf("\n        %s", output_safe(cli, writ_slice_text(denial->detail)));
        putchar('\n');
    }
    cli_note(cli, "not checked, as only the service can know: %s", verdict->not_checked);
}

static enum cli_exit verify(struct cli *cli)
{
    const char *cases = cli_option(cli, "cases");
    struct verification v;
    if (cases)
        return verdict_of_cases(cli, cases);
    CLI_TRY(read_verification(cli, &v));
    const struct writ_verdict verdict = writ_verify(&cli->arena, &v.verifier, &v.presentation,
                                                    v.tool, v.args);
    if (cli->format == CLI_JSON)
        CLI_TRY(output_json(cli, verdict_json(&cli->arena, &verdict, WRIT_SLICE_NONE)));
    else
        print_verdict(cli, &verdict);
    return verdict.permit ? CLI_DONE : CLI_DENIED;
}

static const struct cli_option VERIFY_OPTIONS[] = {
    {"anchors", "FILE",
     "trust anchors: [{\"iss\", \"jwk\", \"kid\"?}]; `writ anchors` prints them"},
    {"presentation", "FILE", "{\"aat_chain\": [...], \"aat_pop\": \"...\"}; - is stdin"},
    {"tool", "NAME", "the tool that is to be called"},
    {"args", "JSON|@FILE", "its arguments, a JSON object"},
    {"at", "UNIX", "judge as of this second; now by default"},
    {"audience", "URI", "who judges: the enforcement point"},
    {"nonce", "TEXT", "the nonce that the proof must carry"},
    {"profile", "NAME", "aat-02 (strict) or aat-02+writ, the default"},
    {"require-chain-audience", NULL, "refuse a chain without `aud`"},
    {"require-proof-audience", NULL, "refuse a proof without `aat_aud`"},
    {"cases", "FILE", "judge a file of vectors under the strict profile, one JSON line each"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_VERIFY_COMMANDS[] = {
    {"verify", "", "Verify a presentation offline; says what only the service can know",
     VERIFY_OPTIONS, 0, 0, verify},
    {0},
};
