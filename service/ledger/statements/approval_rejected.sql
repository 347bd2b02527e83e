-- The call that a person rejected stays refused for the whole task; a declassification is found by
-- its approval. $1 task  $2 approval
insert into writ.denial (task_id, digest, delegation_id, slot, outcome, decision_id)
select a.task_id, a.asked_sha256, d.id, n.taken + 1, 'approval_invalid', a.decision_id
  from writ.approval a
  join writ.delegation d on d.task_id = $1::uuid and d.parent_id is null
 cross join (select count(*)::smallint as taken from writ.denial where task_id = $1::uuid) n
 where a.task_id = $1::uuid and a.id = $2::uuid and n.taken < 1024
   and a.declassification_id is null
   and exists (select from writ.approval_vote v
                where v.task_id = $1::uuid and v.approval_id = $2::uuid
                  and v.decision = 'reject')
on conflict do nothing
