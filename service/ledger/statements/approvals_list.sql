-- Approvals, newest first. $1 task or null  $2 only of this state, or null  $3 below this id, or null
-- $4 at most so many  $5 above this id, or null
select a.task_id, a.id, a.requested_at, a.expires_at, a.delegation_id, a.audience, a.tool,
       writ.approval_state(a.task_id, a.id) as state,
       case when a.declassification_id is not null then 'declassify' end as act
  from writ.approval a
 where ($1::uuid is null or a.task_id = $1::uuid)
   and ($3::uuid is null or a.id < $3::uuid)
   and ($5::uuid is null or a.id > $5::uuid)
   and ($2::text is null or writ.approval_state(a.task_id, a.id) = $2::text)
 order by a.id desc
 limit $4::bigint
