/*
 * A question to policies, as a person writes it in `*.cases.json` (writ(1), POLICY CASES), and as a
 * recorded decision is asked again. What a case leaves out has a plain default.
 */
#ifndef WRIT_CLI_POLICY_CASE_H
#define WRIT_CLI_POLICY_CASE_H

#include "cli.h"
#include "policy/policy.h"

struct policy_case {
    struct writ_slice name;
    struct policy_request request;
    struct writ_slice expect;   /* permit, approval, deny or error; empty: nothing is expected */
    const struct writ_json *by; /* ids of the policies that decide; NULL: any */
};

enum cli_exit policy_case_read(struct cli *cli, const struct writ_json *json,
                               struct policy_case *ret_case);
/* As the service judges a call that comes without an approval, or with those of the case: a policy
 * that wants people to approve, and forbids as long as they did not, asks them. */
struct writ_result policy_case_judge(struct cli *cli, const struct policy_engine *engine,
                                     const struct policy_case *asked,
                                     struct policy_answer *ret_answer,
                                     struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* How the policies answered, in the words of `expect`. */
const char *policy_case_word(const struct policy_answer *answer);
/* {"outcome", "by", "detail"?} */
struct writ_json *policy_case_json(struct cli *cli, const struct policy_answer *answer,
                                   const struct writ_denial *denial);

#endif
