"""What tests/sql/purity asks of each statement of service/ledger/statements: the parameters that it
runs with, and what it may touch."""

import re
import time

TASKS = 48

# ---- Names: of the rows of tasks.sql, and of those that a run adds ------------------------------

NOW_MS = f"{int(time.time() * 1000):012x}"
BORN = f"{NOW_MS[:8]}-{NOW_MS[8:]}"
AUTHORITY = '{"read_file": {"path": {"constraint_type": "path_containment", "root": "/notes"}}}'
CLEARANCE = '{"confidentiality": "internal", "integrity": "untrusted", "categories": []}'
READ = '{"confidentiality": "internal", "integrity": "trusted", "categories": []}'
BOTTOM = '{"confidentiality": "public", "integrity": "trusted", "categories": []}'
LABEL = f"array['{CLEARANCE}'::jsonb]"
TERMS = f'{{"clearance": {CLEARANCE}, "approval": [], "call_only": [], "barred": [], "budget": []}}'
TERMS_BYTES = f"convert_to('{TERMS}', 'UTF8')"


def name_of(kind, number):
    return f"{BORN}-7000-8000-{kind:04}{number:08}"


def digest(byte):
    return f"decode(repeat('{byte}', 32), 'hex')"


N = 7  # the task that is asked for
TASK, ROOT, CHILD, DECISION = (name_of(kind, N) for kind in range(4))
NEW_TASK, NEW = name_of(0, TASKS), name_of(9, N)
LINE = f"array['{ROOT}', '{CHILD}']::uuid[]"
HOLDERS = "array['root-key', 'child-key']"
TASKS_OF_LINE = f"array['{TASK}', '{TASK}']::uuid[]"
HOUR = "floor(extract(epoch from now()) / 3600)::bigint"


def arrays(values):
    """Each value of a row as an array of one; no comma stands within a value but in parentheses."""
    return ", ".join(f"array[{value}]" for value in re.split(r", (?![^(]*\))", values))


# ---- The table: every statement, and what it may touch ------------------------------------------

# What a decision records, as permit.sql, permitted.sql and deny.sql have it.
CALL = "'files', 'https://files.example', 'read_file'"
ARGUMENTS = f"'{{}}'::bytea, sha256('{{}}'), {digest('b1')}"

# Names its task; the parameters of one run.
OF_ONE_TASK = {
    "accounts_of": f"'{TASK}', '{CHILD}'",
    "accounts_short": f"'{TASK}', array['{ROOT}']::uuid[], '{{0}}', '{{5000}}'",
    "chain": f"'{TASK}', {digest('a2')}, null",
    "approval_open": (
        f"'{TASK}', '{NEW}', now() + interval '1 hour', '{CHILD}', '{DECISION}', {CALL},"
        f" '{{}}', '{{}}', '[{{\"approvers\": [\"*\"], \"quorum\": 1}}]', '{{}}', '{{}}',"
        f" {digest('d1')}, 20, true"
    ),
    "approval_given": (
        f"'{TASK}', '{DECISION}', '{CHILD}', 'https://files.example', 'read_file', '{{}}', 'files',"
        " 'key'"
    ),
    "approval_rejected": f"'{TASK}', '{DECISION}'",
    "approval_show": f"'{TASK}', '{DECISION}'",
    "approval_vote": (
        f"'{TASK}', '{DECISION}', 'ann', 'ann-key', 'reject', now() + interval '1 hour', '\\x05'"
    ),
    "circuit_close": f"'{TASK}', '{ROOT}', 'admin', ''",
    "count_children": f"'{TASK}', 10, '{ROOT}'",
    "count_nodes": f"'{TASK}', 10",
    "decision_report": f"'{TASK}', '{DECISION}', 'files', true, null, 'usd', '3', null, 300",
    "decision_show": f"'{TASK}', '{DECISION}'",
    "decisions_of_task": f"'{TASK}', null, 10" + ", null" * 8,
    "declassification_find": f"'{TASK}', '{ROOT}'",
    "declassification_open": (
        f"'{TASK}', '{NEW}', 'admin', 1, '{READ}', '{BOTTOM}', 'test', '{NEW}',"
        f" now() + interval '1 hour', '{ROOT}', '{{}}', '\\x08',"
        ' \'[{"approvers": ["*"], "quorum": 1}]\', 20, true'
    ),
    "declassify": f"'{TASK}', '{ROOT}', '{ROOT}', 'admin'",
    "denial_heat": f"'{TASK}', '{ROOT}', 1, 60",
    "denial_remember": f"'{TASK}', {digest('d1')}, '{ROOT}', 'policy_denied', '{NEW}'",
    "denial_repeat": f"'{TASK}', {digest('d0')}, '{ROOT}'",
    "deny": (
        f"'{TASK}', '{NEW}', now(), '{CHILD}', {CALL}, 'revoked', 1, null, null, {ARGUMENTS},"
        " 'retriever', 'child-key', 'p', null, 1, '[]'"
    ),
    "end_task": f"'{TASK}', 'completed', 'client'",
    "label_now": f"'{TASK}'",
    "label_history": f"'{TASK}', null",
    "label_raise": f"'{TASK}', 'outcome', '{DECISION}', null, '{CLEARANCE}'",
    "node_below": f"'{TASK}', '{ROOT}', null, '{ROOT}', 10",
    "node_line": f"'{TASK}', '{CHILD}', null, false",
    "node_may_see": f"'{TASK}', 'retriever'",
    "node_task": f"'{TASK}', null",
    "notice_claim": f"'{TASK}', '{DECISION}', 'requested', 30",
    "notice_decided": f"'{TASK}', '{DECISION}'",
    "notice_settle": f"'{TASK}', '{DECISION}', 'requested', 0, 'delivered', 0",
    "open_root": (
        f"'{NEW_TASK}', '{NEW}', 3, now(), now() + interval '10 minutes', '{AUTHORITY}',"
        f" '{TERMS}', {digest('a3')}, 'new-key', '\\x03', 'n', 'planner', null, null, 'client', 300"
    ),
    "renew": f"'{TASK}', {LINE}, 300",
    "revoke": f"'{TASK}', '{CHILD}', 'revoked', 'client', ''",
    "root_of_task": f"'{TASK}'",
    "settle": f"'{TASK}'",
    "task_insert": (
        f"'{NEW_TASK}', 'ann', 'test', '{{}}', now() + interval '1 hour', 'issuer', now()"
    ),
}

# Names a task in each of its rows; the parameters of one row, as arrays.
OF_MANY_TASKS = {
    "admit": arrays(
        f"'{TASK}'::uuid, '{NEW}'::uuid, '{CHILD}'::uuid, 2, 3, now(), now() + '9 min'::interval,"
        f" sha256(sha256('{{}}') || sha256({TERMS_BYTES})), '{{}}'::bytea, {TERMS_BYTES},"
        f" {digest('a2')}, {digest('a3')}, 'new-key', '\\x03'::bytea, 'n', 'helper', null::jsonb,"
        f" null::bytea, 'client', false, 'key', {digest('b1')}, '\\x01'::bytea"
    )
    + f", '{{1,1}}', {TASKS_OF_LINE}, {LINE}, {HOLDERS}, 300",
    "lock_accounts": arrays(f"'{TASK}'::uuid, '{CHILD}'::uuid, 1"),
    "open_accounts": arrays(
        f"'{TASK}'::uuid, '{CHILD}'::uuid, 2, 'calls', null::text, null::text, '5',"
        f" '{ROOT}'::uuid, 0"
    ),
    "permit": arrays(
        f"'{TASK}'::uuid, '{NEW}'::uuid, '{CHILD}'::uuid, {CALL}, {ARGUMENTS}, 'retriever',"
        f" 'child-key', 'p', now(), {digest('a2')}, now(), true, 'key', now()"
    )
    + f", '{{2}}', '{{1}}', {LINE}, {HOLDERS}, 300, array[{digest('d1')}], 30"
    f", array[0], array['{DECISION}']::uuid[], array[sha256('\\x06')], {LABEL}, '{{true}}',"
    f" {LABEL}, {LABEL}, array[now()], "
    + arrays(
        f"1, '{TASK}'::uuid, '{CHILD}'::uuid, 1, '3', true, 1, 'usd', '[]'::jsonb, null::jsonb"
    )
    + f", {HOUR} - 1, {HOUR} + 1",
    "permitted": arrays(
        f"'{TASK}'::uuid, '{NEW}'::uuid, now(), '{CHILD}'::uuid, {CALL}, {ARGUMENTS},"
        " 'retriever', 'child-key', 'p', now()"
    )
    + ", '{2}', '{1}', 300, array[0], "
    + arrays(f"'{TASK}'::uuid, '{ROOT}'::uuid, 0, '[]'::jsonb")
    + f", {LABEL}, {LINE}",
}
# Runs after another one, in its transaction.
AFTER = {
    "open_root": "task_insert",
    "circuit_close": "denial_heat",
    "approval_rejected": "approval_vote",
}

# Asks all shards, and why it may; parameters that do not prune.
PEOPLE = "a look-up by bare id or a search; asked by people"
CEILING = "W12 counts over all tasks of a client; once a root, never for a call or a child"
SWEEP = "what is due; once a second by a thread of its own, whatever the load"
OF_ALL_TASKS = {
    "approval_find_task": (PEOPLE, f"'{DECISION}'"),
    "approvals_list": (PEOPLE, "null, null, null, 10, null"),
    "circuits_list": (PEOPLE, "null, true, null, null, 10"),
    "circuits_open": ("followers read what is open; once a beat, whatever the load", "100"),
    "circuits_spread": ("followers stop the parents of what is stopped; once a beat", "60"),
    "client_budget_today": (CEILING, "'issuer', 'usd', array['1'], '9'"),
    "client_open_tasks": (CEILING, "'issuer'"),
    "decision_find_task": (PEOPLE, f"'{DECISION}'"),
    "decisions_of_all": (PEOPLE, f"'{name_of(0, 0)}', '{NEW}', 10" + ", null" * 8),
    "ends_to_settle": (SWEEP, "0, 10"),
    "feed": (
        "followers read by number over all tasks; once a beat, whatever the load",
        "0, null, null, null, 5000",
    ),
    "lapsed_accounts": (SWEEP, "10"),
    "node_find_task": (PEOPLE, f"'{CHILD}'"),
    "notices_due": (SWEEP, "10"),
    "task_list": (PEOPLE, "null, null, null, null, 10"),
    "tasks_due": (SWEEP, "'-infinity', 10"),
}

# Touches no table that is keyed by task_id.
LOCKS = "advisory locks; no table"
REGISTRY = "what administrators declare: reference tables on Citus"
CLIENT = "keyed by client, as a request may name no task yet"
OF_NO_TASK = {
    LOCKS: "client_issues_alone holder_lock lock_task_alone lock_tasks registry_lock",
    REGISTRY: (
        "agent_put agent_retire agents_list approver_put approver_retire approvers_list"
        " bootstrap_admin client_disable client_put"
        " clients_admins clients_list holder_enrol holder_find holder_revoke holder_sealed"
        " holders_list issuer policies_list policy_put registry_agents registry_clients"
        " registry_policy registry_record registry_tools registry_version tool_put tool_retire"
        " tool_schema tools_list"
    ),
    CLIENT: "count_refusals idempotency_claim idempotency_find idempotency_keep idempotency_settle",
    "one row a replica": "beat probe",
    "calls functions that make partitions": "partitions",
    "the ledger's epoch, head and floor, and what others saw": "decision_floor mark_tell position",
}

# Tables that are not keyed by task_id. The two that a statement of one task may write: the counter
# of the feed, and the answers kept for a client's repeated request.
OF_ALL_SHARDS = set(
    "agent approver beat client epoch feed holder holder_revocation idempotency issuer migration"
    " proof_floor decision_floor mark policy_version refusal_count registry_change tool".split()
)
WRITTEN_BESIDE = {"feed", "idempotency"}
# Indexes that do not begin with task_id: for people, and for followers.
BY_ANOTHER_COLUMN = {
    "approval_by_id",
    "approval_notice_due",
    "circuit_until",
    "decision_by_id",
    "delegation_by_id",
    "revocation_by_feed_no",
    "task_by_deadline",
    "task_label_by_feed_no",
    "task_end_by_feed_no",
}
