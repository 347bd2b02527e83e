"""Approval by people: who counts, for what, and how often it serves."""

DECIDE = "service/decide/decide.c"
PERMIT = "service/ledger/statements/permit.sql"
JUDGE = "service/endpoint/judge.c"
LOOSEN = "service/endpoint/loosen.c"
APPROVALS = "sql/017_approvals.sql"
APPROVAL = "service/decide/approval.c"
GIVEN = "service/ledger/statements/approval_given.sql"
DECLASSIFICATION = "sql/020_declassification.sql"
VOTE = "service/endpoint/approval_vote.c"

# Name of the check: the test that must fail, and (file, text, what stands there instead).
CHECKS = {
    "approval rule": (
        "a_child_that_drops_an_approval_rule_keeps_it",
        (DECIDE, '    {"approval", approval_check, ONCE},\n', ""),
    ),
    "each rule of the fold": (
        "child_drops_its_parents_approval_rule",
        (
            APPROVAL,
            "for (size_t i = 0; rules && i < rules->count; i++)",
            "for (size_t i = 0; rules && i < rules->count && i < 1; i++)",
        ),
    ),
    "rule of a policy": (
        "an_obligation_asks_for_an_approval",
        (
            APPROVAL,
            "approval_put_policies(decision->arena, decision->approval.rules, &decision->policy),",
            "true,",
        ),
    ),
    "rule of the tool": (
        "what_can_not_be_taken_back_asks_a_person_where_nobody_says_otherwise",
        (APPROVAL, "return quorum == 0 ||", "return true || quorum == 0 ||"),
    ),
    "people by effect": (
        "what_can_not_be_taken_back_asks_a_person_where_nobody_says_otherwise",
        ("service/endpoint/tools.c", '"write") ? 0 : 1;', '"write") ? 0 : 0;'),
    ),
    "tool that was approved": (
        "an_approval_is_of_the_tool_as_it_was_registered",
        (
            APPROVAL,
            (
                'approval_put_hash(arena, bound, "tool_sha256", '
                "decision->registered->registered_sha256);"
            ),
            "",
        ),
    ),
    "fewer people than before": (
        "to_ask_fewer_people_than_before_needs_the_word_and_more_needs_nothing",
        (
            LOOSEN,
            "(new < old || new < tool_approval_of_effect(effect))",
            "new < tool_approval_of_effect(effect)",
        ),
    ),
    "fewer people than the effect asks for": (
        "to_ask_fewer_people_than_the_effect_does_needs_the_word",
        (
            LOOSEN,
            "(new < old || new < tool_approval_of_effect(effect))",
            "(effect.size > 0 && new < old)",
        ),
    ),
    "loosening of a new tool": (
        "to_ask_fewer_people_than_the_effect_does_needs_the_word",
        (LOOSEN, "if ((!before && RULES[i].tool == CHANGED) ||", "if (!before ||"),
    ),
    "policies that decided": (
        "an_approval_is_of_the_policies_that_decided",
        (
            APPROVAL,
            'whole = approval_put_hash(arena, policy, "sha256", answer->rules[i]->sha256) != NULL;',
            "whole = true;",
        ),
    ),
    "who approved": (
        "whoever_else_approved_the_policy_forbids_until_the_right_one_does",
        (
            JUDGE,
            (
                "    if (asks_who_approved(judge))\n"
                "        WRIT_TRY(approvals_read_given(db, decision));\n"
            ),
            "",
        ),
    ),
    "who approved this very call": (
        "the_approval_of_another_call_is_nobodys_yes_to_this_one",
        (GIVEN, "   and a.audience", "   or a.audience"),
    ),
    "who approved is still to be spent": (
        "the_approval_of_another_call_is_nobodys_yes_to_this_one",
        (GIVEN, "(s.state in ('pending', 'approved')", "(true"),
    ),
    "no rule asks those whom policies want": (
        "a_policy_that_looks_at_approvals_asks_nobody",
        (APPROVAL, "if (decision->approval.is_a_must && !is_asked_for)", "if (false)"),
    ),
    "the wrong people approved": (
        "an_approval_by_others_than_a_policy_wants_permits_nothing",
        (
            "service/decide/policy.c",
            "(!approval->presented || approval->waits);",
            "true;",
        ),
        (
            APPROVAL,
            "const bool is_to_wait = decision->approval.is_a_must || ",
            "const bool is_to_wait = ",
        ),
    ),
    "policy that permits what is approved": (
        "an_approval_binds_a_policy_that_permits_only_once_it_is_given",
        (
            "service/decide/policy.c",
            "if (now.verdict != POLICY_PERMITTED && !approval->is_a_must)",
            "if (now.verdict != POLICY_PERMITTED && approval->is_a_must)\n"
            "        decision->policy.rule_count = 0;\n"
            "    else if (now.verdict != POLICY_PERMITTED)",
        ),
    ),
    "who approved changes": (
        "whoever_else_approved_the_policy_forbids_until_the_right_one_does",
        (
            "service/policy/cedar_engine.c",
            'OF_HOUR[] = {"now", "approvals", "label", NULL}',
            'OF_HOUR[] = {"now", "label", NULL}',
        ),
    ),
    "approval in the ledger": (
        "a_call_is_permitted_once_with_the_approval_of_its_rule",
        (PERMIT, "case when i.approval_id is not null and e.client_id is null", "case when false"),
    ),
    "digest": (
        "approval_reused_swapped_and_asked_until_tired",
        (
            APPROVALS,
            "when a.digest <> bound_sha256 then 'approval_invalid'",
            "when false then 'approval_invalid'",
        ),
    ),
    "approval spent": (
        "a_call_is_permitted_once_with_the_approval_of_its_rule",
        (PERMIT, "and not v.is_earlier and v.approval_id is not null\n", "and false\n"),
    ),
    "approval spent once": (
        "an_approval_is_spent_once_over_replicas",
        (
            APPROVALS,
            (
                "    at           timestamptz not null default now(),\n"
                "    primary key (task_id, approval_id),"
            ),
            (
                "    at           timestamptz not null default now(),\n"
                "    unique (task_id, approval_id, decision_id),"
            ),
        ),
        ("service/ledger/statements/lock_accounts.sql", "         for no key update", ""),
    ),
    "quorum": (
        "a_quorum_is_of_distinct_people_who_own_nothing_in_the_chain",
        (APPROVALS, ">= (rule ->> 'quorum')::integer", ">= 1"),
    ),
    "distinct people": (
        "a_quorum_is_of_distinct_people_who_own_nothing_in_the_chain",
        (
            APPROVALS,
            "    primary key (task_id, approval_id, approver),",
            "    primary key (task_id, approval_id, approver, at),",
        ),
    ),
    "owner of an agent": (
        "a_quorum_is_of_distinct_people_who_own_nothing_in_the_chain",
        (
            VOTE,
            (
                "WRIT_ENSURE(!has_text(call, db_get_jsonb(approval, 0, APPROVAL_OWNERS), "
                "vote->approver),\n"
                "                FORBIDDEN);"
            ),
            "(void)has_text;",
        ),
        (APPROVALS, "and v.approver <> all (a.owners) and", "and"),
    ),
    "holder of a key": (
        "who_holds_a_key_of_the_chain_does_not_count",
        (DECLASSIFICATION, "and v.thumbprint <> all (a.holders)", ""),
    ),
    "part in a task": (
        "who_owns_an_agent_of_the_task_has_no_word_in_it_whenever_it_came",
        (
            DECLASSIFICATION,
            (
                "       and (a.declassification_id is null\n"
                "            or not writ.has_part_in(task, v.approver, v.thumbprint))\n"
            ),
            "",
        ),
    ),
    "part in a task before": (
        "who_owns_an_agent_of_a_task_that_this_one_goes_on_from_has_no_word_in_it",
        (DECLASSIFICATION, "where l.task_id = line.id and l.cause = 'continued'", "where false"),
    ),
    "last votes at once": (
        "the_last_two_votes_at_once_are_told_as_the_end_of_it",
        (VOTE, "    WRIT_TRY(sql_run(db, STATEMENT_LOCK_TASK_ALONE, params, 1, NULL));\n", ""),
    ),
    "who is asked": (
        "a_quorum_is_of_distinct_people_who_own_nothing_in_the_chain",
        (
            APPROVALS,
            "    select rule -> 'approvers' ? '*' or",
            "    select true or rule -> 'approvers' ? '*' or",
        ),
    ),
    "signature of a person": (
        "a_vote_is_signed_by_its_approver_over_this_answer_to_this_question",
        (
            VOTE,
            "WRIT_TRY(writ_approval_verify(",
            "(void)(writ_approval_verify(",
        ),
    ),
    "time of an approval": (
        "an_approval_dies_with_its_delegation_and_its_time",
        (
            APPROVALS,
            "when a.expires_at <= statement_timestamp() then 'expired'",
            "when false then 'expired'",
        ),
    ),
    "rejection": (
        "approval_reused_swapped_and_asked_until_tired",
        (
            VOTE,
            "WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_REJECTED, params, 2, NULL));",
            "",
        ),
    ),
    "rejection in the ledger": (
        "a_no_outweighs_the_yes_to_a_sibling_at_every_replica",
        (PERMIT, "and d.delegation_id = ($21::uuid[])[i.line_at])", "and false)"),
    ),
    "questions at once": (
        "approval_reused_swapped_and_asked_until_tired",
        (
            "service/ledger/statements/approval_open.sql",
            "= 'pending') < $15::integer",
            "= 'pending') < $15::integer + 1000",
        ),
    ),
    "approval of a buffered read": (
        "no_buffered_read_passes_by_an_approval",
        (
            JUDGE,
            "if (decision->approval.presented || decision->idempotency_key",
            "if (decision->idempotency_key",
        ),
    ),
}
