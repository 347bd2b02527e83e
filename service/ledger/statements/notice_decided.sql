-- To be told: what people have decided, of what was told that they are asked. $1 task  $2 approval
insert into writ.approval_notice (task_id, approval_id, event, at, next_at)
select n.task_id, n.approval_id, s.state, statement_timestamp(), statement_timestamp()
  from writ.approval_notice n
 cross join lateral (select writ.approval_state($1::uuid, n.approval_id)) as s (state)
 where n.task_id = $1::uuid and n.approval_id = $2::uuid and n.event = 'requested'
   and s.state in ('approved', 'rejected')
on conflict do nothing
