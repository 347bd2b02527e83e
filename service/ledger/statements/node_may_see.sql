-- Who opened task $1, and whether agent $2 holds a delegation of it.
select t.opened_by,
       exists (select from writ.delegation d
                where d.task_id = $1::uuid and d.agent = $2::text and d.attributed) as holds
  from writ.task t
 where t.task_id = $1::uuid
