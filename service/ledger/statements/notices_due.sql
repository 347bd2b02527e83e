-- Messages that may be sent now, the oldest first. $1 at most so many
select n.task_id, n.approval_id, n.event
  from writ.approval_notice n
 where n.settled_at is null and n.next_at <= statement_timestamp()
 order by n.next_at
 limit $1::bigint
