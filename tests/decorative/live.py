"""What has ended is dead: revocations, ends, leases and deadlines, in memory and in the ledger."""

DECIDE = "service/decide/decide.c"
PERMIT = "service/ledger/statements/permit.sql"
ADMIT = "service/ledger/statements/admit.sql"
REPORT = "service/ledger/statements/decision_report.sql"
SWEEP = "service/ledger/sweep.c"
VIEW = "service/ledger/view.c"
VALIDATE = "service/endpoint/judge.c"

# Name of the check: the test that must fail, and (file, text, what stands there instead).
CHECKS = {
    "revocation in memory": (
        "a_read_from_memory_obeys_a_revocation",
        (DECIDE, '{"live", check_live, AGAIN},', ""),
    ),
    "revoked link": (
        "a_revocation_is_obeyed_by_the_other_process_at_once_for_writes",
        (VIEW, "WRIT_ENSURE(!keyset_has(&view->delegations, key), REVOKED);", ""),
        (
            PERMIT,
            (
                "exists (select from writ.revocation r\n"
                "                                where r.task_id = k.task_id and r.delegation_id = "
                "k.delegation_id\n"
                "                               offset 0)"
            ),
            "false",
        ),
    ),
    "revoked key": (
        "a_revoked_key_kills_what_it_holds_and_all_below",
        (
            VIEW,
            "WRIT_ENSURE(!keyset_has(&view->keys, chain->links[i].holder_sha256), REVOKED);",
            "",
        ),
        (PERMIT, "or t.has_revoked_holders\n", "or false\n"),
    ),
    "end of the task": (
        "a_closed_task_kills_every_token",
        (VIEW, "WRIT_ENSURE(!keyset_has(&view->tasks, key), TASK_CLOSED);", ""),
        (
            PERMIT,
            "or exists (select from writ.task_end e where e.task_id = i.task_id offset 0)",
            "",
        ),
    ),
    "revoked link at admission": (
        "refuses_a_child_of_a_revoked_ancestor",
        (VIEW, "WRIT_ENSURE(!keyset_has(&view->delegations, key), REVOKED);", ""),
        (
            ADMIT,
            (
                "exists (select from writ.revocation r\n"
                "                            where r.task_id = l.task_id and r.delegation_id = "
                "l.delegation_id\n"
                "                           offset 0)"
            ),
            "false",
        ),
    ),
    "revoked key at admission": (
        "a_revoked_key_kills_what_it_holds_and_all_below",
        (
            VIEW,
            "WRIT_ENSURE(!keyset_has(&view->keys, chain->links[i].holder_sha256), REVOKED);",
            "",
        ),
        (
            ADMIT,
            (
                "or exists (select from writ.holder_revocation h where h.thumbprint = l.holder\n"
                "                              offset 0)"
            ),
            "",
        ),
    ),
    "end of the task at admission": (
        "a_closed_task_kills_every_token",
        (VIEW, "WRIT_ENSURE(!keyset_has(&view->tasks, key), TASK_CLOSED);", ""),
        (ADMIT, "or exists (select from writ.task_end e where e.task_id = i.task_id offset 0)", ""),
    ),
    "lapsed lease": (
        "a_lease_that_is_not_renewed_lapses_and_takes_all_below",
        (PERMIT, "when f.lapsed_hop is not null then", "when false then"),
    ),
    "lapsed lease for long": (
        "a_run_survives_its_orchestrators_restart_and_a_killed_agent_lapses",
        (PERMIT, "when f.lapsed_hop is not null then", "when false then"),
    ),
    "lapsed lease in memory": (
        "a_lease_that_was_renewed_at_one_service_has_not_lapsed_at_the_other",
        (VALIDATE, " lease <= clock_monotonic_us() ||", ""),
    ),
    "lapsed lease at admission": (
        "a_lease_that_is_not_renewed_lapses_and_takes_all_below",
        (ADMIT, "when f.is_lapsed then 'lapsed'", "when false then 'lapsed'"),
        (ADMIT, "when f.n is not null then 'circuit_open'", "when false then 'circuit_open'"),
    ),
    "lapsed lease above a new link": (
        "a_child_admitted_late_in_its_parents_lease_dies_with_it",
        (ADMIT, "(select least(s.line_until, e.expires_at) from", "(select e.expires_at from"),
    ),
    "lapsed lease above a link in use": (
        "a_use_notes_how_long_its_line_lasts_when_nothing_is_due",
        (PERMIT, "then min(l.expires_at) over above", "then max(l.expires_at) over above"),
    ),
    "lapsed lease above a link that is read by": (
        "a_read_from_memory_renews_and_notes_and_revives_nothing",
        (
            "service/ledger/statements/permitted.sql",
            "then min(l.expires_at) over above",
            "then max(l.expires_at) over above",
        ),
    ),
    "lapsed lease that a read from memory meets": (
        "a_read_from_memory_renews_and_notes_and_revives_nothing",
        (
            "service/ledger/statements/permitted.sql",
            "             where d.expires_at > statement_timestamp()\n",
            "",
        ),
    ),
    "lapsed lease that is renewed": (
        "a_lease_that_is_not_renewed_lapses_and_takes_all_below",
        (
            "service/ledger/statements/renew.sql",
            (
                "       and (select count(*) from line where expires_at > statement_timestamp())\n"
                "           = cardinality($2::uuid[])"
            ),
            "       and (select count(*) from line) = cardinality($2::uuid[])",
        ),
    ),
    "ledger's clock": (
        "a_clock_set_back_brings_no_link_and_no_proof_back",
        (PERMIT, "and d.expires_at > statement_timestamp()", "and true"),
    ),
    "ledger's clock at admission": (
        "a_clock_set_back_brings_no_link_and_no_proof_back",
        (
            ADMIT,
            "when p.expires_at <= statement_timestamp() then 'expired'",
            "when false then 'expired'",
        ),
    ),
    "deadline": (
        "a_token_is_dead_at_the_deadline_whatever_has_been_recorded",
        (
            DECIDE,
            ("        decision->chain->deadline_us <= decision->now_us)\n        return"),
            (
                "        decision->chain->deadline_us <= decision->now_us)\n"
                "        if (false) return"
            ),
        ),
    ),
    "deadline in the record": (
        "a_task_past_its_deadline_is_ended_once_by_whichever_service",
        (
            SWEEP,
            "struct writ_result result = end_due(sweep);",
            "(void)end_due; struct writ_result result = WRIT_SUCCESS;",
        ),
    ),
    "seal of a task": (
        "a_record_is_sealed_when_the_grace_behind_its_end_is_over",
        (
            REPORT,
            "and e.at <= statement_timestamp() - make_interval(secs => $9::integer))",
            "and false)",
        ),
    ),
    "seal of a branch": (
        "a_record_is_sealed_when_the_grace_behind_its_end_is_over",
        (
            REPORT,
            "and r.at <= statement_timestamp() - make_interval(secs => $9::integer))",
            "and false)",
        ),
    ),
    "who ends a task": (
        "only_the_opener_the_roots_holder_and_an_admin_end_a_task",
        (
            "service/endpoint/task_end.c",
            "        result = holder_act_check(call, db, task, &root, act, &denial);\n",
            "        (void)act;\n",
        ),
    ),
    "who ends or renews a delegation": (
        "revoking_and_renewing_need_the_holder_or_someone_above",
        (
            "service/endpoint/endings.c",
            (
                "        result = holder_act_check(call, db, &ending->task, &ending->delegation, "
                "act, &denial);\n"
            ),
            "        (void)act;\n",
        ),
    ),
}
