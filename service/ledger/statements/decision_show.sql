-- One decision, and what its call was reported to have done. $1 task  $2 decision
select c.task_id, c.id, c.at, c.delegation_id, c.client_id, c.audience, c.tool, c.verdict,
       c.outcome, c.hop, c.field, c.detail, c.arguments, c.arguments_sha256, c.agent, c.holder,
       c.start_by, c.recorded, c.policy_version, c.policy_engines,
       o.success, o.reference, o.label, o.amount, o.at as reported_at, o.unit
  from writ.decision c
  left join writ.decision_outcome o on o.task_id = $1::uuid and o.decision_id = $2::uuid
 where c.task_id = $1::uuid and c.id = $2::uuid
