"""Denials that stay, and circuits."""

DECIDE = "service/decide/decide.c"
PERMIT = "service/ledger/statements/permit.sql"
ADMIT = "service/ledger/statements/admit.sql"
FRICTION = "service/decide/friction.c"
POLICY = "service/decide/policy.c"
OFF = "false /* off */"

# Name of the check: the test that must fail, and (file, text, what stands there instead).
CHECKS = {
    "denial remembered": (
        "the_same_refused_call_has_the_same_answer_and_costs_a_counter",
        (DECIDE, '    {"denied", friction_check_denied, AGAIN},\n', ""),
    ),
    "denial of an open destination": (
        "a_refused_destination_stays_open_to_the_link_that_pins_it",
        (FRICTION, 'strcmp(denial->field, "destination") == 0', OFF),
    ),
    "denial of who may only pass on": (
        "what_is_pass_only_is_not_called_by_that_agent_or_key",
        (FRICTION, 'strcmp(denial->field, "writ_terms.pass_only") == 0', OFF),
    ),
    "denial of the presenter": (
        "a_fault_of_the_presenter_is_remembered_of_it_alone",
        (FRICTION, ": chain_leaf(chain)->id;", ": chain->links[0].id;"),
    ),
    "denial by a policy of the presenter": (
        "a_denial_of_one_agent_is_not_anothers",
        (POLICY, "decision->policy.is_of_the_presenter", OFF),
    ),
    "denial of the hour": (
        "a_denial_that_hangs_on_the_hour_is_not_remembered",
        (FRICTION, "decision->policy.is_of_the_hour", OFF),
    ),
    "denial that does not stay": (
        "faults_of_chain_proof_time_and_status_are_never_remembered",
        (
            FRICTION,
            "if (STAYS[i].outcome != denial->outcome || is_its_own || is_of_the_hour)",
            "if (is_its_own || is_of_the_hour)",
        ),
    ),
    "circuit": (
        "who_is_refused_five_times_in_a_minute_is_stopped_with_all_below",
        (DECIDE, '    {"circuit", friction_check_circuit, AGAIN},\n', ""),
        (
            PERMIT,
            (
                "and c.until > statement_timestamp() and c.closed_at is null\n"
                "                               offset 0)"
            ),
            "and false offset 0)",
        ),
    ),
    "circuit at admission": (
        "nothing_is_admitted_under_an_open_circuit",
        (
            "service/endpoint/delegations.c",
            "    return circuits_check(service->circuits, child->parent, ret_denial);",
            "    return WRIT_SUCCESS;",
        ),
        (
            ADMIT,
            (
                "and c.until > statement_timestamp() and c.closed_at is null\n"
                "                           offset 0)"
            ),
            "and false offset 0)",
        ),
    ),
    "refusals in a minute": (
        "who_is_refused_five_times_in_a_minute_is_stopped_with_all_below",
        (
            "service/ledger/statements/denial_heat.sql",
            "     where heat.first > statement_timestamp() - interval '1 minute'",
            "     where false",
        ),
    ),
    "refusals that were forgiven": (
        "an_operator_closes_a_circuit_and_old_refusals_do_not_count_again",
        (
            "service/ledger/statements/denial_heat.sql",
            "(c.opened_at >= heat.first or c.closed_at >= heat.first\n",
            "(false\n",
        ),
    ),
    "five stopped children": (
        "of_five_stopped_children_the_parent_is_stopped_too",
        (
            "service/ledger/statements/circuits_spread.sql",
            "having count(distinct d.id) >= 5",
            "having count(distinct d.id) >= 50",
        ),
    ),
}
