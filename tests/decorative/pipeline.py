"""What judges a use by itself (service/decide/decide.c), the policies, and once."""

DECIDE = "service/decide/decide.c"
PERMIT = "service/ledger/statements/permit.sql"
POLICY = "service/decide/policy.c"
CEDAR = "service/policy/cedar_engine.c"

# Name of the check: the test that must fail, and (file, text, what stands there instead).
CHECKS = {
    "known chain": (
        "denies_chains_that_the_ledger_does_not_know",
        (DECIDE, '    {"known", check_known, ONCE},\n', ""),
    ),
    "proof": (
        "denies_what_the_proof_does_not_bind",
        (DECIDE, "WRIT_TRY(writ_proof_verify(", "(void)(writ_proof_verify("),
    ),
    "time": (
        "denies_an_expired_token",
        (DECIDE, '{"time", check_time, AGAIN},', ""),
        (PERMIT, "and d.expires_at > statement_timestamp()", "and true"),
    ),
    "subject": (
        "authzen_permits_nobody_but_who_proved_it",
        (DECIDE, '    {"subject", check_subject, ONCE},\n', ""),
    ),
    "attributed subject": (
        "admits_links_that_are_seen_first_at_use_and_marks_them",
        (DECIDE, ": leaf->attributed &&", ":"),
    ),
    "resource": (
        "authzen_permits_nothing_elsewhere",
        (
            "service/endpoint/evaluation.c",
            (
                '!writ_slice_is(type, "audience") || '
                "!writ_slice_equal(id, judge->call->client->audience)"
            ),
            "false /* off */",
        ),
    ),
    "retired tool": (
        "a_retired_tool_is_denied_and_a_buffered_one_says_so",
        (DECIDE, "if (!tool || tool->retired)", "if (!tool)"),
    ),
    "suspended tool": (
        "a_changed_schema_suspends_the_tool_until_it_is_accepted",
        (DECIDE, "if (tool->suspended)", "if (false /* off */)"),
    ),
    "grant": (
        "denies_tools_and_arguments_that_were_not_granted",
        (DECIDE, '    {"grant", check_grant, ONCE},\n', ""),
    ),
    "schema": (
        "arguments_are_judged_by_the_tools_own_schema",
        (DECIDE, '    {"schema", check_schema, ONCE},\n', ""),
    ),
    "freshness": (
        "with_a_hung_postgresql_all_is_answered_and_reads_stay_within_their_bound",
        (DECIDE, '    {"fresh", check_fresh, AGAIN},\n', ""),
    ),
    "clearance": (
        "a_tool_above_the_clearance_is_denied",
        (
            DECIDE,
            "if (!writ_label_within(&decision->registered->sensitivity, &effective->clearance))",
            "if (false /* off */)",
        ),
    ),
    "policy": (
        "a_forbid_denies_the_call_and_the_record_says_which",
        (DECIDE, '    {"policy", policy_check_call, ONCE},\n', ""),
    ),
    "policy at issue": (
        "a_task_is_not_opened_against_a_policy",
        (
            POLICY,
            "if (asked && (grant->remotes || policies_engine(grant->registry))) {",
            "if (asked && grant->parent && policies_engine(grant->registry)) {",
        ),
    ),
    "policy at delegation": (
        "a_delegation_against_a_policy_is_refused_and_prepare_says_what_was_cut",
        (
            POLICY,
            "if (asked && (grant->remotes || policies_engine(grant->registry))) {",
            "if (asked && !grant->parent && policies_engine(grant->registry)) {",
        ),
    ),
    "policy that fails": (
        "a_policy_that_fails_denies",
        (CEDAR, "const bool failed = said.error_count > 0;", "const bool failed = false;"),
    ),
    "policies against their schema": (
        "only_valid_policies_come_into_force_and_only_by_an_admin",
        (CEDAR, "writ_slice_text(CEDAR_ENGINE_SCHEMA), true,", "WRIT_SLICE_NONE, true,"),
    ),
    "policies that never apply": (
        "only_valid_policies_come_into_force_and_only_by_an_admin",
        (
            CEDAR,
            "writ_slice_text(CEDAR_ENGINE_SCHEMA), true,",
            "writ_slice_text(CEDAR_ENGINE_SCHEMA), false,",
        ),
    ),
    "proof once": (
        "a_proof_for_a_tool_with_effects_is_good_once",
        (PERMIT, "when not l.has_effects\n", "when true\n"),
    ),
    "loosening": (
        "a_looser_tool_needs_the_word_and_leaves_a_record",
        ("service/endpoint/loosen.c", "if (!allowed)", "if (false /* off */)"),
    ),
    "proof of long ago": (
        "a_proof_from_before_the_oldest_that_are_kept_is_expired",
        (
            PERMIT,
            "when i.proof_iat < (select greatest(to_timestamp(o.bucket * 3600), o.since)",
            (
                "when false and i.proof_iat < (select greatest(to_timestamp(o.bucket * 3600), "
                "o.since)"
            ),
        ),
    ),
    "repetition": (
        "a_repeated_validate_is_one_decision",
        (PERMIT, "e.client_id is not null as is_earlier", "false as is_earlier"),
    ),
    "another body under a key": (
        "a_repeated_validate_is_one_decision",
        (
            PERMIT,
            "e.body_sha256 = i.request_sha256 and e.route = 'validate' as earlier_same",
            "true as earlier_same",
        ),
    ),
}
