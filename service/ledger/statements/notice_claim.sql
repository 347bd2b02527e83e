-- Takes a message to send it: for a while nobody else does. No row: another service was faster.
-- $1 task  $2 approval  $3 event  $4 seconds
with due as (
    select n.task_id, n.approval_id, n.event
      from writ.approval_notice n
     where n.task_id = $1::uuid and n.approval_id = $2::uuid and n.event = $3::text
       and n.settled_at is null and n.next_at <= statement_timestamp()
       for update skip locked
)
update writ.approval_notice n
   set attempts = n.attempts + 1,
       next_at = statement_timestamp() + make_interval(secs => $4::integer)
  from due, writ.approval a
 where n.task_id = $1::uuid and n.approval_id = due.approval_id and n.event = due.event
   and a.task_id = $1::uuid and a.id = due.approval_id
returning n.attempts, n.at, a.expires_at, writ.approval_state($1::uuid, a.id) as state
