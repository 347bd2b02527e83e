-- Tasks with accounts to be given back of delegations whose lease or time is over; at most $1.
select distinct a.task_id
  from writ.account a
  join writ.delegation d on d.task_id = a.task_id and d.id = a.delegation_id
  left join writ.lease l on l.task_id = a.task_id and l.delegation_id = a.delegation_id
 where a.closed_at is null and a.from_id is not null
   and (d.expires_at <= statement_timestamp() or l.expires_at is null
        or l.expires_at <= statement_timestamp())
 limit $1::bigint
