-- What became of an attempt, unless another one has begun: settled with this fate, or null and to be
-- tried again. $1 task  $2 approval  $3 event  $4 attempt  $5 fate or null  $6 seconds until then
update writ.approval_notice n
   set settled_at = case when $5::text is not null then statement_timestamp() end,
       fate = $5::text,
       next_at = statement_timestamp() + make_interval(secs => $6::integer)
 where n.task_id = $1::uuid and n.approval_id = $2::uuid and n.event = $3::text
   and n.attempts = $4::integer and n.settled_at is null
