"""Budgets: what is asked, taken, given back and conserved."""

DECIDE = "service/decide/decide.c"
PERMIT = "service/ledger/statements/permit.sql"
REPORT = "service/ledger/statements/decision_report.sql"
ACCOUNT = "service/ledger/account.c"
SWEEP = "service/ledger/sweep.c"

# Name of the check: the test that must fail, and (file, text, what stands there instead).
CHECKS = {
    "budget": (
        "a_call_debits_the_nearest_account_and_says_what_remains",
        (DECIDE, '    {"budget", check_budget, ONCE},\n', ""),
    ),
    "conserved account": (
        "children_admitted_at_once_are_carved_out_of_what_is_there",
        (
            "sql/016_accounts.sql",
            "check ((spent + reserved + carved + withheld <= granted) is true)",
            "check (true)",
        ),
    ),
    "what is left": (
        "a_call_debits_the_nearest_account_and_says_what_remains",
        (PERMIT, "bool_or(d.amount > d.remaining) as is_over,", "false as is_over,"),
    ),
    "repetition that takes nothing": (
        "a_repeated_validate_is_debited_once",
        (
            PERMIT,
            "case when v.verdict is null and not v.is_earlier then v.id end order",
            "case when v.verdict is null then v.id end order",
        ),
        (PERMIT, "case when l.is_earlier then 0 else k.amount::numeric end", "k.amount::numeric"),
    ),
    "frozen account": (
        "overspending_freezes_the_account",
        (
            PERMIT,
            (
                "case when a.frozen_at is null and a.closed_at is null then coalesce(a.remaining, "
                "-1)"
            ),
            "case when true then coalesce(a.remaining, -1)",
        ),
    ),
    "bound of one call": (
        "one_call_may_not_ask_for_more_than_per_call",
        (
            ACCOUNT,
            "per_call && !writ_decimal_at_most(debit.amount, per_call->text)",
            "false /* off */ && per_call",
        ),
    ),
    "amount of 0 or more": (
        "budget_refilled_by_negative_amounts_and_false_outcomes",
        (
            ACCOUNT,
            "!debit->amount.data || !writ_decimal_is_valid(debit->amount)",
            "!debit->amount.data",
        ),
    ),
    "amount at all": (
        "a_budgeted_argument_is_required_and_an_exact_amount",
        (
            ACCOUNT,
            "!debit->amount.data || !writ_decimal_is_valid(debit->amount)",
            "debit->amount.data && !writ_decimal_is_valid(debit->amount)",
        ),
    ),
    "carving": (
        "a_child_is_carved_out_of_its_parents_account",
        (ACCOUNT, "    opening->is_carved = true;", ""),
    ),
    "release once": (
        "budget_refilled_by_negative_amounts_and_false_outcomes",
        (
            REPORT,
            (
                "      from reported o\n"
                "      join writ.reservation r on r.task_id = $1::uuid and r.decision_id = "
                "o.decision_id"
            ),
            (
                "      from writ.decision o\n"
                "      join writ.reservation r on r.task_id = $1::uuid and r.decision_id = o.id\n"
                "                             and o.task_id = $1::uuid and o.id = $2::uuid"
            ),
        ),
    ),
    "unit of an outcome": (
        "budget_refilled_by_negative_amounts_and_false_outcomes",
        (REPORT, "and (a.unit = $6::text", "and (true"),
    ),
    "overspending": (
        "overspending_freezes_the_account",
        (REPORT, "frozen_at = case when h.used > h.amount", "frozen_at = case when false"),
    ),
    "late report": (
        "what_a_dead_child_left_returns_to_its_parent_once",
        (
            REPORT,
            "reserved = a.reserved - case when a.closed_at is null then h.amount else 0 end",
            "reserved = a.reserved - h.amount",
        ),
    ),
    "return of what is dead": (
        "what_a_dead_child_left_returns_to_its_parent_once",
        (SWEEP, "        result = settle_ended(sweep);", ""),
    ),
    "return of what lapsed": (
        "what_a_lapsed_child_left_returns_to_its_parent",
        (SWEEP, "        result = settle_lapsed(sweep);", "        (void)settle_lapsed;"),
    ),
}
