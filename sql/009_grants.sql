-- Who may do what. Nobody deletes, nobody but the owner has DDL, and what was recorded is never
-- updated: writ_service has UPDATE on eight small tables and on nothing that proves anything.

set local role writ_owner;

grant usage on schema writ to writ_service;
grant select on
    writ.migration, writ.epoch, writ.feed, writ.feed_entry, writ.proof_floor,
    writ.agent, writ.client, writ.tool, writ.holder, writ.registry_change,
    writ.task, writ.task_end, writ.delegation, writ.lease,
    writ.revocation, writ.holder_revocation, writ.beat,
    writ.decision, writ.decision_outcome, writ.refusal_count, writ.proof_used, writ.idempotency
    to writ_service;
grant insert on
    writ.agent, writ.client, writ.tool, writ.holder, writ.registry_change,
    writ.task, writ.task_end, writ.delegation, writ.lease,
    writ.revocation, writ.holder_revocation, writ.beat,
    writ.decision, writ.decision_outcome, writ.refusal_count, writ.proof_used, writ.idempotency
    to writ_service;
grant update on writ.lease, writ.beat, writ.refusal_count, writ.agent, writ.client, writ.tool
    to writ_service;
grant update (head) on writ.feed to writ_service;
grant update (status, response_sealed, decision_id, task_id) on writ.idempotency to writ_service;
-- A new epoch is opened by `writd recover`, as the owner; never by a request.

-- The functions of CHECKs and generated columns run with the rights of whoever inserts.
grant execute on all functions in schema writ to writ_service;
revoke execute on function writ.ensure_day_partitions(regclass, timestamptz, timestamptz)
    from writ_service;

-- The auditor reads the views of `audit` and has not even USAGE on `writ`.
grant usage on schema audit to writ_auditor;
grant select on all tables in schema audit to writ_auditor;

-- writ_log is for the log's sequencer, which drains an outbox that does not exist yet. It can look
-- names up and read nothing; the migration that makes the outbox grants that and no more.
grant usage on schema writ to writ_log;
