-- Circuits, newest first. $1 task or null  $2 open ones only
-- $3 after one that was opened then  $4 of this delegation (null: from the first)  $5 at most so many
select task_id, delegation_id, opened_at, until, cause, closed_at, closed_by, reason,
       until > statement_timestamp() and closed_at is null as is_open
  from writ.circuit
 where ($1::uuid is null or task_id = $1::uuid)
   and (not $2::boolean or (until > statement_timestamp() and closed_at is null))
   and ($3::timestamptz is null or (opened_at, delegation_id) < ($3::timestamptz, $4::uuid))
 order by opened_at desc, delegation_id desc
 limit $5::bigint
