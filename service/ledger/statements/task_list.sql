-- Tasks newest first: in state $1, of principal $2, opened by $3, before id $4; at most $5.
select t.task_id
  from writ.task t
  left join writ.task_end e on e.task_id = t.task_id
 where ($1::text is null
        or $1::text = coalesce(e.state, case when t.deadline > statement_timestamp() then 'open'
                                             else 'expired' end))
   and ($2::text is null or t.principal = $2::text)
   and ($3::text is null or t.opened_by = $3::text)
   and ($4::uuid is null or t.task_id < $4::uuid)
 order by t.task_id desc
 limit $5::bigint
