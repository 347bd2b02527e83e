-- What a declassification starts from, and what became of its approval. One row; its first column is
-- null where the task has no label. $1 task  $2 approval or null
-- ended: the task has. fault: nothing where the approval may be spent. early: replicas may still
-- believe the label from before the wish, as task_label's CHECK will say.
select l.number, l.label,
       exists (select from writ.task_end e where e.task_id = $1::uuid)
       or not exists (select from writ.task t
                       where t.task_id = $1::uuid and t.deadline > statement_timestamp()) as ended,
       w.id, w.from_number,
       w.requested_at + interval '90 seconds' > statement_timestamp() as early,
       a.digest,
       case writ.approval_state($1::uuid, $2::uuid)
           when 'approved' then '' when 'pending' then 'approval_required'
           else 'approval_invalid' end as fault
  from (select) one
  left join lateral (select t.number, t.label from writ.task_label t
                      where t.task_id = $1::uuid
                      order by t.number desc limit 1) l on true
  left join writ.approval a on a.task_id = $1::uuid and a.id = $2::uuid
                           and a.declassification_id is not null
  left join writ.declassification w on w.task_id = $1::uuid and w.id = a.declassification_id
