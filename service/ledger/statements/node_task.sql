-- A task as it is, or was at $2 (null: now); before it was opened there was none. Task $1.
select t.principal, t.purpose, t.deadline, t.opened_by, t.opened_at,
       coalesce(e.state, case when t.deadline <= coalesce($2::timestamptz, statement_timestamp())
                              then 'expired' else 'open' end) as state,
       e.at as ended_at,
       (select d.id from writ.delegation d
         where d.task_id = $1::uuid and d.parent_id is null) as root
  from writ.task t
  left join writ.task_end e
    on e.task_id = $1::uuid and e.at <= coalesce($2::timestamptz, statement_timestamp())
 where t.task_id = $1::uuid and ($2::timestamptz is null or t.opened_at <= $2::timestamptz)
