"""Labels, and where data leaves."""

PERMIT = "service/ledger/statements/permit.sql"
VALIDATE = "service/endpoint/judge.c"
APPROVALS = "sql/017_approvals.sql"
OFF = "false /* off */"

# Name of the check: the test that must fail, and (file, text, what stands there instead).
CHECKS = {
    "label raised": (
        "a_read_raises_the_label_of_its_task_and_the_permit_says_so",
        (PERMIT, "where v.verdict is null and v.rises", "where false"),
    ),
    "label at the sink": (
        "retriever_reads_secret_reports_nothing_sibling_sends_via_other_replica",
        (
            PERMIT,
            "when b.leaves is not null and not writ.clearance_within(b.leaves, b.label)",
            "when false",
        ),
    ),
    "restricted": (
        "restricted_data_never_leaves_without_an_approval",
        (PERMIT, "when b.is_restricted and b.is_asked_for is not true", "when false"),
    ),
    "time of a pin": (
        "pin_minted_after_the_poison",
        (PERMIT, "and p.at <= i.pinned_at", "and false"),
    ),
    "kind of a pin": (
        "an_untrusted_task_sends_only_to_a_destination_that_is_pinned",
        (
            "service/decide/pin.c",
            "if (named ? pins(&named->constraint) : !granted->open)",
            "if (named)",
        ),
    ),
    "label before a buffered read": (
        "a_read_that_raises_is_never_buffered",
        (
            VALIDATE,
            "!label_holds(label, &decision->registered->sensitivity, clock_monotonic_us())",
            OFF,
        ),
    ),
    "label of an outcome": (
        "an_outcome_can_only_add_to_the_label",
        (
            "service/endpoint/outcome.c",
            "if (ret_written->taken && label.data)",
            "if (false /* off */)",
        ),
    ),
    "label of a read while people are asked": (
        "a_read_after_the_people_looked_is_not_lowered_even_where_it_raised_nothing",
        (PERMIT, "else writ.is_beyond_a_wish(i.task_id, l.number, i.adds) end", "else false end"),
    ),
    "label of a buffered read while people are asked": (
        "a_read_from_memory_after_the_people_looked_is_not_lowered",
        (
            "service/ledger/statements/permitted.sql",
            "where writ.is_beyond_a_wish(i.task_id, l.number, i.adds)",
            "where false",
        ),
    ),
    "label of an outcome while people are asked": (
        "an_outcome_after_the_people_looked_is_not_lowered_even_where_it_raised_nothing",
        (
            "service/ledger/statements/label_raise.sql",
            "    or writ.is_beyond_a_wish($1::uuid, l.number, a.adds)\n",
            "",
        ),
    ),
    "label of a continued task": (
        "injected_orchestrator_opens_a_fresh_task_to_send_what_it_read",
        (
            "service/endpoint/tasks.c",
            ("    if (open->continues)\n        WRIT_TRY("),
            ("    if (false /* off */)\n        WRIT_TRY("),
        ),
    ),
    "approval of restricted data": (
        "an_approval_from_before_lets_no_restricted_data_out",
        (
            PERMIT,
            "when b.is_restricted and b.is_asked_for is not true",
            "when b.is_restricted and i.approval_id is null",
        ),
        (APPROVALS, "when of_label and not a.rules @>", "when false and not a.rules @>"),
    ),
    "label that policies judged by": (
        "a_replica_that_believes_a_lower_label_permits_nothing_by_it",
        (
            PERMIT,
            "when not b.label @> i.judged_label then 'conflict'",
            "when false then 'conflict'",
        ),
    ),
    "policies that judge anew": (
        "a_replica_that_believes_a_lower_label_permits_nothing_by_it",
        (VALIDATE, "    if (is_by_label)\n        return judge_anew(judge);\n", ""),
    ),
    "label before policies judge": (
        "a_label_that_memory_does_not_know_is_read_before_policies_judge",
        (
            VALIDATE,
            "return asks_for_label(judge) ? read_label(judge, db) : WRIT_SUCCESS;",
            "return WRIT_SUCCESS;",
        ),
    ),
    "label of a buffered read": (
        "no_read_is_buffered_while_a_policy_looks_at_the_label",
        (VALIDATE, "judge->record.judged_label.data || lease", "lease"),
    ),
}
