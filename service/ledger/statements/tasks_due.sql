-- Tasks whose deadline passed after $1 and whose end nobody recorded; at most $2.
select t.task_id
  from writ.task t
 where t.deadline > $1::timestamptz and t.deadline <= statement_timestamp()
   and not exists (select from writ.task_end e where e.task_id = t.task_id)
 order by t.deadline
 limit $2::bigint
